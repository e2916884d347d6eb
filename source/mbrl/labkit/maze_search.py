"""A maze with holes, and a small MuZero that learns to walk it: networks, self-play, and searches to compare.

The search is the student's: `self_play` and `mean_reward` take `muzero_search`. What is here is the maze, the three
networks with their loss, and the loop of playing and learning. All runs of an experiment learn side by side.

Source: Schrittwieser et al. 2020, *Mastering Atari, Go, chess and shogi by planning with a learned model*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import log_softmax

from labkit.environments import GridWorld
from labkit.networks import Networks, adam, as_tensor, descend

NUM_ACTIONS = 4
MAX_STEPS = 12  # of an episode
GRID = GridWorld(("S...", "..#.", "H..G"), hole_reward=0.0)
GAMMA = 0.9
LATENT, HIDDEN, UNROLL, BATCH, LEARNING_RATE = 16, 64, 3, 32, 5e-3
CONSISTENCY, BOOTSTRAP = 0.5, 3  # weight of the self-consistency; steps until a target trusts a search's value
C_INIT, C_BASE = 2.5, 19652.0  # the paper has 1.25, and noise in the root's priors to make it explore
Search = Callable[..., tuple[np.ndarray, float]]


def move(state: int, action: int) -> tuple[int, float, bool]:
    """Walk one step of the maze: the goal pays 1, and goal and hole end the episode.

    Args:
        state: the number of the cell.
        action: 0 up, 1 right, 2 down, 3 left.

    Returns:
        `(state, reward, terminated)`.
    """
    if GRID.terminal[state]:
        return state, 0.0, True
    after = int(GRID.targets[state, action])
    return after, float(GRID.arrival_rewards[after]), bool(GRID.terminal[after])


def observed(state: int | np.ndarray) -> np.ndarray:
    """Return what the agent sees: a picture with a 1 where the walker is, one number for each cell."""
    return np.eye(GRID.num_states)[state]


STARTS = np.flatnonzero(~GRID.terminal)


@dataclass(frozen=True)
class Functions:
    """What a search asks: `represent(state)`, `dynamics(latent, action)` and `predict(latent)`."""

    represent: Callable
    dynamics: Callable
    predict: Callable


class LearnedModels:
    """The three networks of MuZero for each of R runs.

    Args:
        num_runs: R.
        seed: of the first weights.
    """

    def __init__(self, num_runs: int, seed: int) -> None:
        base = 1000 * seed
        self._represent = Networks(num_runs, (GRID.num_states, HIDDEN, LATENT), base)
        self._dynamics = Networks(num_runs, (LATENT, HIDDEN, NUM_ACTIONS * (LATENT + 1)), base + 1)
        self._predict = Networks(num_runs, (LATENT, HIDDEN, NUM_ACTIONS + 1), base + 2, last_scale=0.1)
        self._parts = (self._represent, self._dynamics, self._predict)
        self._optimizer = adam(self._parts, LEARNING_RATE)

    def learn(self, games: list[list[Game]], num_updates: int, rng: np.random.Generator) -> None:
        """Unroll each drawn position a few steps in latents; fit rewards, values and policies there.

        A latent may be anything that predicts these three well; besides, it is pulled towards the code of what was
        seen next (EfficientZero, Ye et al. 2021), which helps where data are few.
        """
        positions = [_positions(of_run) for of_run in games]
        for _ in range(num_updates):
            batch = [
                tuple(part[drawn] for part in parts)
                for parts in positions
                for drawn in [rng.integers(len(parts[0]), size=BATCH)]
            ]
            seen, alive, actions, rewards, values, policies = (
                as_tensor(np.array(part)) for part in zip(*batch, strict=True)
            )
            latent, loss = torch.tanh(self._represent(seen[:, :, 0])), torch.zeros(len(games))
            for t in range(UNROLL + 1):
                said = self._predict(latent)
                loss = loss + (said[..., -1] - values[:, :, t]).square().mean(dim=1)
                loss = loss - 0.5 * (log_softmax(said[..., :-1], dim=2) * policies[:, :, t]).sum(dim=2).mean(dim=1)
                if t < UNROLL:
                    moved = self._dynamics(latent).unflatten(2, (NUM_ACTIONS, LATENT + 1))
                    moved = (moved * actions[:, :, t, :, None]).sum(dim=2)
                    loss = loss + (moved[..., -1] - rewards[:, :, t]).square().mean(dim=1)
                    latent = torch.tanh(moved[..., :-1])
                    with torch.no_grad():
                        code = torch.tanh(self._represent(seen[:, :, t + 1]))
                    gap = (latent - code).square().sum(dim=2)
                    loss = loss + CONSISTENCY * (alive[:, :, t] * gap).mean(dim=1)
            descend(self._optimizer, loss)

    def functions(self, run: int) -> Functions:
        """Return the networks of one run as they are now, for a search."""
        represent, dynamics, predict = (_single(part, run) for part in self._parts)

        def forward(latent: np.ndarray, action: int) -> tuple[np.ndarray, float]:
            moved = dynamics(latent).reshape(NUM_ACTIONS, LATENT + 1)[action]
            return np.tanh(moved[:-1]), float(moved[-1])

        def outlook(latent: np.ndarray) -> tuple[np.ndarray, float]:
            said = predict(latent)
            scores = np.exp(said[:-1] - said[:-1].max())
            return scores / scores.sum(), float(said[-1])

        return Functions(lambda state: np.tanh(represent(observed(state))), forward, outlook)


@dataclass(frozen=True)
class Game:
    """One episode: states `(T + 1,)`, actions and rewards `(T,)`, the searches' policies `(T, 4)` and values `(T,)`."""

    states: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    policies: np.ndarray
    values: np.ndarray


def _single(networks: Networks, run: int) -> Callable[[np.ndarray], np.ndarray]:
    weights, biases = ([part.numpy() for part in parts] for parts in networks.of_run(run))

    *hidden, (matrix, shift) = zip(weights, biases, strict=True)

    def answer(values: np.ndarray) -> np.ndarray:
        for inner_matrix, inner_shift in hidden:
            values = np.maximum(inner_matrix @ values + inner_shift, 0.0)
        return matrix @ values + shift

    return answer


def _positions(games: list[Game]) -> tuple[np.ndarray, ...]:
    """Every position of the games with what followed it, as training targets.

    After the end nothing is earned, values are 0 and every policy is as good. Values are sums of three discounted
    rewards and of what the search of that time said of the position after them.
    """
    rows = []
    for game in games:
        length, ended = len(game.actions), GRID.terminal[game.states[-1]]
        said = np.append(game.values, 0.0 if ended else game.values[-1])
        values = np.zeros(length + UNROLL + 1)
        for t in range(length):
            after = min(t + BOOTSTRAP, length)
            values[t] = GAMMA ** np.arange(after - t) @ game.rewards[t:after] + GAMMA ** (after - t) * said[after]
        actions = np.concatenate([np.eye(NUM_ACTIONS)[game.actions], np.full((UNROLL, NUM_ACTIONS), 1 / NUM_ACTIONS)])
        policies = np.concatenate([game.policies, np.full((UNROLL + 1, NUM_ACTIONS), 1 / NUM_ACTIONS)])
        rewards = np.concatenate([game.rewards, np.zeros(UNROLL)])
        shown = observed(np.concatenate([game.states, np.repeat(game.states[-1:], UNROLL)]))
        alive = np.arange(length + UNROLL) < length
        for t in range(length):
            ahead = slice(t, t + UNROLL)
            here = slice(t, t + UNROLL + 1)
            rows.append((shown[here], alive[ahead], actions[ahead], rewards[ahead], values[here], policies[here]))
    return tuple(np.array(part, dtype=float) for part in zip(*rows, strict=True))


def true_functions(rollouts: np.random.Generator) -> Functions:
    """The maze itself in the form of a model; positions are valued by a random rollout, as in unit 4."""

    def outlook(state: int) -> tuple[np.ndarray, float]:
        value, discount = 0.0, 1.0
        for _ in range(MAX_STEPS):
            state, reward, terminated = move(state, int(rollouts.integers(NUM_ACTIONS)))
            value += discount * reward
            discount *= GAMMA
            if terminated:
                break
        return np.full(NUM_ACTIONS, 1 / NUM_ACTIONS), value

    return Functions(lambda state: state, lambda state, action: move(state, action)[:2], outlook)


def searched(search: Search, functions: Functions, state: int, simulations: int) -> tuple[np.ndarray, float]:
    """Return visits and root value of a search for the next step."""
    asked = functions.represent, functions.dynamics, functions.predict
    visits, value = search(*asked, state, NUM_ACTIONS, simulations, C_INIT, C_BASE, GAMMA)
    return np.asarray(visits, dtype=float), float(value)


def play_game(
    search: Search, functions: Functions, state: int, simulations: int, rng: np.random.Generator | None = None
) -> Game:
    """Play one episode, searching before every step.

    Args:
        search: the student's.
        functions: what it searches in.
        state: where the episode begins.
        simulations: of each search; 0 walks at random.
        rng: draws actions in proportion to visits, for exploring; the most visited one is taken where left out.
    """
    seen, steps = [state], []
    for _ in range(MAX_STEPS):
        if simulations:
            visits, value = searched(search, functions, state, simulations)
        else:
            visits, value = np.ones(NUM_ACTIONS), 0.0
        policy = visits / visits.sum()
        action = int(rng.choice(NUM_ACTIONS, p=policy)) if rng else int(policy.argmax())
        state, reward, terminated = move(state, action)
        seen.append(state)
        steps.append((action, reward, policy, value))
        if terminated:
            break
    return Game(np.array(seen), *(np.array(part) for part in zip(*steps, strict=True)))


def self_play(
    search: Search,
    *,
    num_runs: int = 5,
    rounds: int = 5,
    games: int = 12,
    first_games: int = 120,
    simulations: int = 12,
    updates: int = 120,
    seed: int = 0,
    tell: Callable[[], object] = lambda: None,
) -> tuple[LearnedModels, np.ndarray, np.ndarray]:
    """Play with the search, learn from the games, and again; the first round walks at random.

    Returns:
        `(models, real_steps (rounds,), rewards (R, rounds))`: steps made so far, on average over the runs, and the
        mean reward of a round's games.
    """
    rng, models = np.random.default_rng([21, seed]), LearnedModels(num_runs, seed)
    record: list[list[Game]] = [[] for _ in range(num_runs)]
    steps, rewards = [], []
    for number in range(rounds):
        for run, of_run in enumerate(record):
            functions = models.functions(run)
            first = rng.choice(STARTS, size=games if number else first_games)
            of_run += [play_game(search, functions, int(each), simulations * bool(number), rng) for each in first]
        rewards.append([np.mean([game.rewards.sum() for game in of_run[-games:]]) for of_run in record])
        steps.append(np.mean([sum(len(game.actions) for game in of_run) for of_run in record]))
        models.learn(record, updates, rng)
        tell()
    return models, np.array(steps), np.array(rewards).T


def mean_reward(search: Search, functions: Functions, simulations: int) -> float:
    """Return the mean reward of episodes from every cell, with the most visited action taken at every step."""
    return float(np.mean([play_game(search, functions, int(each), simulations).rewards.sum() for each in STARTS]))


def best_reward() -> float:
    """Return what `mean_reward` would be if every step were the best one."""
    V = np.zeros(GRID.num_states)
    for _ in range(MAX_STEPS):
        V = np.where(GRID.terminal, 0.0, (GRID.arrival_rewards[GRID.targets] + V[GRID.targets]).max(axis=1))
    return float(V[STARTS].mean())


def root_values(search: Search, functions: Functions, simulations: int) -> np.ndarray:
    """Return the root value of a search from every cell, 0 in terminal ones, shape `(S,)`."""
    values = np.zeros(GRID.num_states)
    values[STARTS] = [searched(search, functions, int(each), simulations)[1] for each in STARTS]
    return values

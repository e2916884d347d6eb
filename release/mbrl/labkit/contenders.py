"""Eight contenders for the comparison, from chance to search: each a ``method(env, num_episodes, seed)``.

All walk through tabular worlds whose episodes never terminate (``labkit.endless``). They share the ε-greedy walk and
the memory of what each action last led to; what differs is how they think. They are written for speed, whole arrays at
a time, and not the way that earlier units ask for.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

GAMMA = 0.95
EPSILON = 0.1
STEP_SIZE = 0.5
SLOTS = 10  # outcomes remembered of each pair, the latest ones

Method = Callable[[Any, int, int], np.ndarray]


class Memory:
    """The latest outcomes of every pair of state and action: a model to average over or to draw from.

    A pair never tried is remembered as staying where it is and earning nothing.

    Args:
        num_states: S.
        num_actions: A.
        rng: source of chance.
        spoilt: probability that an outcome is written down with a wrong next state.

    Attributes:
        next_states, rewards: outcomes of each pair, shape `(S · A, SLOTS)`.
        shares: weight of each outcome, 0 where a slot is empty, shape `(S · A, SLOTS)`.
        tries: how often each pair was tried, shape `(S · A,)`.
        tried_at: the step at which it was tried last, 0 for never, shape `(S · A,)`.
        known: the pairs tried so far.
        latest: the same outcomes as lists of `(reward, next state)`, for those who ask about one pair at a time.
    """

    def __init__(self, num_states: int, num_actions: int, rng: np.random.Generator, spoilt: float = 0.0) -> None:
        pairs = num_states * num_actions
        self.rng, self.spoilt, self.num_states = rng, spoilt, num_states
        self.next_states = np.repeat(np.arange(num_states), num_actions)[:, None].repeat(SLOTS, axis=1)
        self.rewards = np.zeros((pairs, SLOTS))
        self.shares = np.zeros((pairs, SLOTS))
        self.shares[:, 0] = 1.0
        self.tries, self.tried_at = np.zeros((2, pairs), dtype=np.int64)
        self.known: list[int] = []
        self.latest = [[(0.0, pair // num_actions)] for pair in range(pairs)]

    def write(self, pair: int, reward: float, next_state: int, now: int) -> None:
        """Note what a pair led to at step `now`."""
        if self.spoilt and self.rng.random() < self.spoilt:
            next_state = int(self.rng.integers(self.num_states))
        tries = int(self.tries[pair])
        if not tries:
            self.known.append(pair)
            self.latest[pair].clear()
        slot, filled = tries % SLOTS, min(tries + 1, SLOTS)
        self.next_states[pair, slot], self.rewards[pair, slot] = next_state, reward
        self.shares[pair, :filled] = 1.0 / filled
        self.latest[pair][slot : slot + 1] = [(float(reward), next_state)]
        self.tries[pair], self.tried_at[pair] = tries + 1, now

    def draw(self, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Draw a remembered outcome for each of `pairs`: `(rewards, next_states)`."""
        slots = (self.rng.random(pairs.shape) * np.clip(self.tries[pairs], 1, SLOTS)).astype(np.int64)
        return self.rewards[pairs, slots], self.next_states[pairs, slots]

    def expect(self, worth: np.ndarray, pairs: Any = slice(None)) -> np.ndarray:
        """Return what `pairs` are worth when the states after them are worth `worth`."""
        outlook = self.rewards[pairs] + GAMMA * worth[self.next_states[pairs]]
        return np.einsum("pk,pk->p", self.shares[pairs], outlook)


class Walker:
    """Walks ε-greedily and learns from each step directly, which is Q-learning; subclasses think in addition.

    Args:
        env: the world, for its numbers of states and actions.
        rng: source of chance.
        spoilt: see `Memory`.
    """

    learns_directly = True

    def __init__(self, env: Any, rng: np.random.Generator, spoilt: float = 0.0) -> None:
        self.num_states, self.num_actions = env.num_states, env.num_actions
        self.rng = rng
        self.table = np.zeros((self.num_states, self.num_actions))
        self.flat = self.table.reshape(-1)
        self.memory = Memory(self.num_states, self.num_actions, rng, spoilt)
        self.now = 0

    def choose(self, state: int) -> int:
        """Return the next action."""
        if self.rng.random() < EPSILON:
            return int(self.rng.integers(self.num_actions))
        scores = self.look(state)
        best = [action for action, score in enumerate(scores) if score > max(scores) - 1e-9]
        return best[int(self.rng.random() * len(best))]

    def look(self, state: int) -> list[float]:
        """Return how good each action seems in a state."""
        return self.table[state].tolist()

    def meet(self, state: int, action: int, reward: float, next_state: int) -> None:
        """Learn from one real step."""
        self.now += 1
        pair = state * self.num_actions + action
        if self.learns_directly:
            self.flat[pair] += STEP_SIZE * (reward + GAMMA * max(self.table[next_state].tolist()) - self.flat[pair])
        self.memory.write(pair, reward, next_state, self.now)
        self.think()

    def think(self) -> None:
        """Improve the table without a real step."""


class Chance(Walker):
    """Acts at random and learns nothing."""

    def look(self, state: int) -> list[float]:
        return [0.0] * self.num_actions

    def meet(self, state: int, action: int, reward: float, next_state: int) -> None:
        pass


class Replayer(Walker):
    """Dyna: repeats remembered steps, all at once, after each real one (Sutton 1990)."""

    replays = 20
    curiosity = 0.0

    def think(self) -> None:
        known = self.memory.known
        pairs = np.array([known[int(u * len(known))] for u in self.rng.random(self.replays)])
        rewards, next_states = self.memory.draw(pairs)
        self.nudge(pairs, rewards, next_states)

    def nudge(self, pairs: np.ndarray, rewards: np.ndarray, next_states: np.ndarray) -> None:
        """Move the values of `pairs` towards what the outcomes say."""
        goals = rewards + GAMMA * self.table.max(axis=1)[next_states]
        self.flat[pairs] += STEP_SIZE * (goals - self.flat[pairs])


class CuriousReplayer(Replayer):
    """Dyna-Q+: replayed steps earn more the longer ago they were tried, and untried ones are imagined too."""

    curiosity = 0.001

    def think(self) -> None:
        known = np.array(self.memory.known)
        visited = np.unique(known // self.num_actions)
        drawn = visited[(self.rng.random(self.replays) * len(visited)).astype(np.int64)]
        pairs = drawn * self.num_actions + self.rng.integers(self.num_actions, size=self.replays)
        rewards, next_states = self.memory.draw(pairs)
        self.nudge(pairs, rewards + self.curiosity * np.sqrt(self.now - self.memory.tried_at[pairs]), next_states)


class Sweeper(Walker):
    """Prioritised sweeping in batches: backs up the pairs whose values are furthest from what the model expects."""

    learns_directly = False
    rounds, batch = 5, 4

    def think(self) -> None:
        for _ in range(self.rounds):
            surprise = self.memory.expect(self.table.max(axis=1)) - self.flat
            urgent = np.argpartition(np.abs(surprise), -self.batch)[-self.batch :]
            self.flat[urgent] += surprise[urgent]


class Planner(Walker):
    """Value iteration on the learnt model: a few sweeps over all pairs after each real step."""

    learns_directly = False
    sweeps = 5

    def think(self) -> None:
        for _ in range(self.sweeps):
            self.flat[:] = self.memory.expect(self.table.max(axis=1))


class TreeSearcher(Walker):
    """Monte Carlo tree search on the learnt model, nodes told apart by depth and state (Kocsis & Szepesvári 2006).

    What direct learning says about an action counts as its first visit, and is what lies below the tree.
    """

    simulations, depth, width = 16, 8, 0.3

    def look(self, state: int) -> list[float]:
        outlook, latest = self.table.max(axis=1).tolist(), self.memory.latest
        chances = iter(self.rng.random(self.simulations * self.depth).tolist())
        nodes: dict[tuple[int, int], tuple[list[int], list[float]]] = {}
        for _ in range(self.simulations):
            here, walked, fresh = state, [], False
            for depth in range(self.depth):
                node = nodes.get((depth, here))
                if node is None:
                    if fresh:
                        break
                    fresh = depth > 0
                    node = nodes[depth, here] = ([1] * self.num_actions, self.table[here].tolist())
                action = self._promising(*node)
                outcomes = latest[here * self.num_actions + action]
                reward, here = outcomes[int(next(chances) * len(outcomes))]
                walked.append((node, action, reward))
            worth = outlook[here]
            for (counts, means), action, reward in reversed(walked):
                worth = reward + GAMMA * worth
                counts[action] += 1
                means[action] += (worth - means[action]) / counts[action]
        return nodes[0, state][1]

    def _promising(self, counts: list[int], means: list[float]) -> int:
        log = math.log(sum(counts))
        scores = [m + self.width * math.sqrt(log / n) for m, n in zip(means, counts, strict=True)]
        return scores.index(max(scores))


class SequencePlanner(Walker):
    """Model predictive control with the cross-entropy method on the learnt model; direct learning says what lies after.

    The distribution over action sequences is kept from step to step, moved on by one.
    """

    horizon, samples, elites, iterations = 8, 24, 5, 2

    def __init__(self, env: Any, rng: np.random.Generator, spoilt: float = 0.0) -> None:
        super().__init__(env, rng, spoilt)
        self.odds = np.full((self.horizon, self.num_actions), 1.0 / self.num_actions)

    def look(self, state: int) -> list[float]:
        outlook = self.table.max(axis=1)
        self.odds = 0.5 * np.append(self.odds[1:], self.odds[-1:], axis=0) + 0.5 / self.num_actions
        for _ in range(self.iterations):
            u = self.rng.random((self.samples, self.horizon, 1))
            plans = (u > self.odds.cumsum(axis=1)[:, :-1]).sum(axis=2)
            earned, discount, here = np.zeros(self.samples), 1.0, np.full(self.samples, state)
            for t in range(self.horizon):
                rewards, here = self.memory.draw(here * self.num_actions + plans[:, t])
                earned += discount * rewards
                discount *= GAMMA
            earned += discount * outlook[here]
            best = plans[np.argsort(earned)[-self.elites :]]
            tally = (best[:, :, None] == np.arange(self.num_actions)).mean(axis=0)
            self.odds = 0.9 * tally + 0.1 / self.num_actions
        return self.odds[0].tolist()


CONTENDERS: dict[str, type[Walker]] = {
    "random": Chance,
    "Q-learning": Walker,
    "Dyna-Q": Replayer,
    "Dyna-Q+": CuriousReplayer,
    "prioritised sweeping": Sweeper,
    "value iteration": Planner,
    "MCTS": TreeSearcher,
    "MPC (CEM)": SequencePlanner,
}


def learn(kind: type[Walker], spoilt: float, env: Any, num_episodes: int, seed: int) -> np.ndarray:
    """Let one contender learn in `env` for `num_episodes` episodes; return what each earned, `(num_episodes,)`."""
    rng = np.random.default_rng([0x6D62726C, int(seed)])
    walker = kind(env, rng, spoilt)
    returns = np.zeros(num_episodes)
    for episode in range(num_episodes):
        state, _ = env.reset(seed=int(rng.integers(2**31)))
        truncated = False
        while not truncated:
            action = walker.choose(state)
            next_state, reward, _, truncated, _ = env.step(action)
            walker.meet(state, action, reward, next_state)
            state = next_state
            returns[episode] += reward
    return returns


def contenders(spoilt: float = 0.0) -> dict[str, Method]:
    """Return all contenders as methods under their names.

    Args:
        spoilt: probability that an outcome is written into the model with a wrong next state. Real steps, and what is
            learnt from them directly, stay as they are.
    """
    return {name: functools.partial(learn, kind, spoilt) for name, kind in CONTENDERS.items()}

"""Learning to swing up a pendulum from few real steps: a Q-learner fed by branched rollouts, after MBPO.

The branching itself is the student's: `learn` takes `branched_rollouts` and hands it a learned model, the learner's
current policy and real states to start from. What is here is the rest: the learner, its data, its model, and the
pendulum. All runs of an experiment learn side by side.

Source: Janner et al. 2019, *When to Trust Your Model*, algorithm 2;
here with Q-learning over a few torques in place of SAC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from labkit.control import pendulum_step
from labkit.networks import Networks, adam, as_tensor, descend
from labkit.shooting import hold_action

TORQUES = np.array([-2.0, 0.0, 2.0])  # N m; the learner chooses among them
swing = hold_action(pendulum_step, 2)  # one decision of the learner: a torque held for 0.1 s
EPISODE = 25  # decisions between two rounds of learning
HIDDEN, BATCH, GAMMA, TARGET_RATE = 48, 64, 0.96, 0.1
REWARD_SCALE = 0.1  # keeps values near 1, where small networks learn well
REAL_SHARE = 0.25  # of each batch, where there are imagined transitions too
TEST_STARTS, TEST_STEPS = 12, 50
MEMBERS, FEATURES, RIDGE = 4, 64, 1e-5
LIMITS = np.array([1.0, 1.0, 8.0])  # of cosine, sine and angular velocity


@dataclass(frozen=True)
class Transitions:
    """Transitions of R runs: states `(R, N, 3)`, choices among the torques `(R, N)`, rewards `(R, N)`, next states."""

    states: np.ndarray
    choices: np.ndarray
    rewards: np.ndarray
    next_states: np.ndarray

    def joined(self, more: Transitions) -> Transitions:
        """Return these transitions and more."""
        pairs = zip(vars(self).values(), vars(more).values(), strict=True)
        return Transitions(*(np.concatenate(pair, axis=1) for pair in pairs))

    def tensors(self) -> tuple[torch.Tensor, ...]:
        """Return the four arrays as tensors, the states brought to one scale."""
        scaled = [as_tensor(each / LIMITS) for each in (self.states, self.next_states)]
        return scaled[0], torch.as_tensor(self.choices), as_tensor(self.rewards), scaled[1]


class QLearner:
    """R Q-networks, each with a target network that follows it slowly.

    Source: Mnih et al. 2015, *Human-level control through deep reinforcement learning*.
    """

    def __init__(self, num_runs: int, seed: int, learning_rate: float = 4e-3) -> None:
        sizes = (3, HIDDEN, HIDDEN, len(TORQUES))
        self._online, self._target = (Networks(num_runs, sizes, seed, last_scale=0.1) for _ in range(2))
        self._optimizer = adam([self._online], learning_rate)

    def update(self, states: torch.Tensor, choices: torch.Tensor, rewards: torch.Tensor, after: torch.Tensor) -> None:
        """Take one step on a batch `(R, B, …)` of transitions."""
        with torch.no_grad():
            goal = REWARD_SCALE * rewards + GAMMA * self._target(after).amax(dim=2)
        said = self._online(states).gather(2, choices[..., None])[..., 0]
        descend(self._optimizer, torch.nn.functional.huber_loss(said, goal, reduction="none").mean(dim=1))
        with torch.no_grad():
            torch._foreach_lerp_(self._target.parameters(), self._online.parameters(), TARGET_RATE)

    def chooser(self, epsilon: float, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
        """Return the present ε-greedy policy: states `(R, N, 3)` to choices `(R, N)`."""
        values = self._online.asked()

        def choose(states: np.ndarray) -> np.ndarray:
            greedy = values((states / LIMITS).astype(np.float32)).argmax(axis=2)
            return np.where(rng.random(greedy.shape) < epsilon, rng.integers(len(TORQUES), size=greedy.shape), greedy)

        return choose


class SwingModels:
    """For each run an ensemble of learned models: random features with a linear read-out, as in unit 5.

    Args:
        real: the transitions to learn from.
        rng: of the features and of the bootstrap samples.
    """

    def __init__(self, real: Transitions, rng: np.random.Generator) -> None:
        self._runs, size = real.choices.shape
        inputs = np.concatenate([real.states / LIMITS, TORQUES[real.choices][..., None] / 2], axis=2)
        targets = np.concatenate([(real.next_states - real.states) / LIMITS, 0.1 * real.rewards[..., None]], axis=2)
        self._first = as_tensor(rng.normal(size=(self._runs * MEMBERS, 4, FEATURES)))
        self._shift = as_tensor(rng.uniform(-2, 2, size=(self._runs * MEMBERS, 1, FEATURES)))
        rows = np.arange(self._runs).repeat(MEMBERS)[:, None]
        drawn = rng.integers(size, size=(self._runs * MEMBERS, size))
        features = self._features(as_tensor(inputs[rows, drawn])).double()
        gram = features.mT @ features + RIDGE * size * torch.eye(FEATURES + 1, dtype=torch.float64)
        wanted = features.mT @ torch.as_tensor(targets[rows, drawn])
        self._read_out = torch.linalg.solve(gram, wanted).float()

    def __call__(self, states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Step branches `(R · N, 3)`, in the order of the runs, each with one member of its run's ensemble.

        Returns:
            `(next_states, rewards, terminated)`; a pendulum never terminates. N is a multiple of 4.
        """
        inputs = np.concatenate([states / LIMITS, actions / 2], axis=1).reshape(self._runs * MEMBERS, -1, 4)
        outputs = (self._features(as_tensor(inputs)) @ self._read_out).numpy().reshape(len(states), 4)
        moved = np.clip(states + LIMITS * outputs[:, :3], -LIMITS, LIMITS)
        return moved, np.minimum(10 * outputs[:, 3], 0.0).astype(float), np.zeros(len(states), dtype=bool)

    def _features(self, inputs: torch.Tensor) -> torch.Tensor:
        hidden = (inputs @ self._first + self._shift).relu()
        return torch.cat([hidden, torch.ones_like(hidden[..., :1])], dim=2)


def walk(choose: Callable, states: np.ndarray, num_steps: int) -> Transitions:
    """Let the true pendulums `(R, N, 3)` swing for some steps; their transitions lie one after the other."""
    runs, count = states.shape[:2]
    steps = []
    for _ in range(num_steps):
        choices = choose(states)
        moved, rewards = swing(states.reshape(-1, 3), TORQUES[choices].reshape(-1, 1))
        moved = moved.reshape(states.shape)
        steps.append((states, choices, rewards.reshape(runs, count), moved))
        states = moved
    return Transitions(*(np.concatenate(part, axis=1) for part in zip(*steps, strict=True)))


def starts(rng: np.random.Generator, num_runs: int, count: int) -> np.ndarray:
    """Draw pendulums at rest anywhere, shape `(R, N, 3)`."""
    angles = rng.uniform(-np.pi, np.pi, (num_runs, count))
    return np.stack([np.cos(angles), np.sin(angles), rng.uniform(-1, 1, angles.shape)], axis=2)


def learn(
    branched_rollouts: Callable,
    horizon: int,
    *,
    num_runs: int = 8,
    num_episodes: int = 20,
    updates: int = 60,
    branches: int = 100,
    seed: int = 0,
    tell: Callable[[], object] = lambda: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Learn from real steps, and from branches of `horizon` imagined steps that start in real states.

    Every method gets the same real exploration rule and the same number of updates; they differ only in where the
    transitions of a batch come from.

    Args:
        branched_rollouts: the student's.
        horizon: of the branches; 0 learns from real transitions alone, and no model.
        num_runs: learners side by side, R.
        num_episodes: of 25 real decisions each.
        updates: of the learner after each episode.
        branches: started after each episode, in each run.
        seed: of everything.
        tell: called after each episode.

    Returns:
        `(real_steps (E + 1,), returns (R, E + 1))`: the reward of 5 s under the greedy policy, from 12 starts.
    """
    rng = np.random.default_rng([7, seed])
    learner = QLearner(num_runs, seed)
    test_starts = starts(np.random.default_rng([8, seed]), num_runs, TEST_STARTS)
    real: Transitions | None = None

    def tested() -> np.ndarray:
        episode = walk(learner.chooser(0.0, rng), test_starts, TEST_STEPS)
        return episode.rewards.sum(axis=1) / TEST_STARTS

    returns = [tested()]
    for number in range(num_episodes):
        epsilon = 1.0 if number == 0 else 0.2
        lived = walk(learner.chooser(epsilon, rng), starts(rng, num_runs, 1), EPISODE)
        real = lived if real is None else real.joined(lived)
        sources = [(real.tensors(), BATCH)]
        if horizon:
            imagined = _imagined(branched_rollouts, real, learner, horizon, branches, rng)
            taken = round(REAL_SHARE * BATCH)
            sources = [(real.tensors(), taken), (imagined.tensors(), BATCH - taken)]
        for _ in range(updates):
            learner.update(*_batch(sources, rng))
        returns.append(tested())
        tell()
    return EPISODE * np.arange(num_episodes + 1), np.array(returns).T


def _batch(sources: list[tuple[tuple[torch.Tensor, ...], int]], rng: np.random.Generator) -> list[torch.Tensor]:
    """Draw so many transitions from each source, for each run."""
    parts = []
    for tensors, count in sources:
        runs, size = tensors[1].shape
        drawn = torch.as_tensor(rng.integers(size, size=(runs, count)))
        every = torch.arange(runs)[:, None]
        parts.append([each[every, drawn] for each in tensors])
    return [torch.cat(part, dim=1) for part in zip(*parts, strict=True)]


def _imagined(
    branched_rollouts: Callable,
    real: Transitions,
    learner: QLearner,
    horizon: int,
    branches: int,
    rng: np.random.Generator,
) -> Transitions:
    """Learn models of each run's data and branch off its real states."""
    num_runs, size = real.choices.shape
    choose = learner.chooser(0.1, rng)

    def policy(states: np.ndarray) -> np.ndarray:
        return TORQUES[choose(states.reshape(num_runs, -1, 3))].reshape(-1, 1)

    rows = np.arange(num_runs)[:, None], rng.integers(size, size=(num_runs, branches))
    branched = branched_rollouts(SwingModels(real, rng), policy, real.states[rows].reshape(-1, 3), horizon)

    def of_runs(name: str) -> np.ndarray:
        """All imagined steps of a run in one row."""
        steps = np.asarray(branched[name]).reshape(horizon, num_runs, branches, -1)
        return steps.swapaxes(0, 1).reshape(num_runs, horizon * branches, -1)

    choices = np.searchsorted(TORQUES, of_runs("actions")[..., 0])
    return Transitions(of_runs("states"), choices, of_runs("rewards")[..., 0], of_runs("next_states"))

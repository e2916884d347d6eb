"""Models of no world in particular, for checks: functions of batches, and a latent model that knows who asked it what.

All of them are deterministic, take any number of rows, also none, and refuse with a sentence what has the wrong shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from labkit.properties import Simulator


def rows(value: Any, size: int, name: str) -> np.ndarray:
    """Return ``value`` as an array ``(N, size)``; raise ``ValueError`` with a sentence where it is none."""
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} should be an array of numbers") from None
    if array.ndim != 2 or array.shape[1] != size:
        raise ValueError(f"{name} should have shape (N, {size}), but their shape is {array.shape}")
    return array


def countdown_step(states: Any, actions: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A state is (steps left, mark). A step takes one off, adds the action to the mark, and ends at no steps left.

    It earns 10 times the mark plus the action. Asked about what has ended, it just goes on counting, below zero.
    """
    states, actions = rows(states, 2, "states"), rows(actions, 1, "actions")
    _expect_as_many(states, actions)
    left, mark = states[:, 0] - 1.0, states[:, 1] + actions[:, 0]
    return np.stack([left, mark], axis=1), 10.0 * states[:, 1] + actions[:, 0], left == 0.0


def countdown_policy(states: Any) -> np.ndarray:
    """Act by the steps that are left: 1 with an odd number of them, 2 with an even one."""
    return 2.0 - rows(states, 2, "states")[:, :1] % 2.0


class Batched(NamedTuple):
    """Random functions of batches, and the sizes of what they take and give."""

    step: Callable[..., Any]
    policy: Callable[..., Any]


def random_branching(rng: np.random.Generator, state_size: int, action_size: int, ending: float) -> Batched:
    """Return a curved model and a policy; about a share ``ending`` of all steps terminates, wherever they lead."""
    drift, push = rng.normal(size=(state_size, state_size)), rng.normal(size=(action_size, state_size))
    worth, urge = rng.normal(size=state_size), rng.normal(size=(state_size, action_size))

    def step(states: Any, actions: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        states, actions = rows(states, state_size, "states"), rows(actions, action_size, "actions")
        _expect_as_many(states, actions)
        after = np.tanh(states @ drift + actions @ push) + 0.1 * states
        fate = np.abs(np.sin(1e3 * (after @ worth)))
        return after, states @ worth + np.cos(actions.sum(axis=1)), fate < ending

    return Batched(step, lambda states: np.sin(rows(states, state_size, "states") @ urge + 0.5))


class WorldModel(NamedTuple):
    """The four networks of an agent that imagines, as functions of batches."""

    encode: Callable[..., Any]
    transition: Callable[..., Any]
    actor: Callable[..., Any]
    reward: Callable[..., Any]


def random_world_model(
    rng: np.random.Generator, observation_size: int, latent_size: int, action_size: int, bend: bool = True
) -> WorldModel:
    """Return random networks, curved or, for small whole numbers, linear."""

    def weights(*shape: int) -> np.ndarray:
        return rng.normal(size=shape) if bend else rng.integers(-2, 3, size=shape).astype(np.float64)

    squash = np.tanh if bend else lambda x: x
    into, drift, push = (
        weights(size, latent_size) for size in (observation_size, latent_size, action_size)
    )  # fmt: skip
    urge, worth = weights(latent_size, action_size), weights(latent_size)

    def transition(latents: Any, actions: Any) -> np.ndarray:
        latents, actions = rows(latents, latent_size, "latents"), rows(actions, action_size, "actions")
        _expect_as_many(latents, actions)
        return squash(latents @ drift + actions @ push + 1.0)

    return WorldModel(
        encode=lambda observations: squash(rows(observations, observation_size, "observations") @ into + 1.0),
        transition=transition,
        actor=lambda latents: squash(rows(latents, latent_size, "latents") @ urge - 1.0),
        reward=lambda latents: rows(latents, latent_size, "latents") @ worth + 2.0,
    )


def _expect_as_many(states: np.ndarray, actions: np.ndarray) -> None:
    if len(states) != len(actions):
        raise ValueError(f"there were {len(states)} states but {len(actions)} actions")


class LatentModel(Simulator):
    """A learned model for tree search, as tables of S situations; it notes every edge of the tree that is asked for.

    A latent state is ``(situation, node)``: paths that lead to the same situation are different nodes, so that the
    tree of any search can be told from the edges, whoever wrote the search. An observation is a row of two numbers, the
    situation of the root and one that does not matter.

    Args:
        next_situations: where each action leads, shape `(S, A)`.
        rewards: what it earns, shape `(S, A)`.
        priors: what ``predict`` says about each situation, shape `(S, A)`, rows sum to 1.
        values: what it says besides, shape `(S,)`.

    Attributes:
        edges: `(parent node, action)` of each node, in the order in which they were first asked for; ``edges[i]`` leads
            to node i + 1, and node 0 is the root.
        situations: the situation of each node, the root's first.
        predicted: the nodes that ``predict`` was asked about, in the order in which that happened first.
    """

    methods = ("represent", "dynamics", "predict")

    def __init__(self, next_situations: Any, rewards: Any, priors: Any, values: Any) -> None:
        self.next_situations = np.array(next_situations, dtype=np.int64)
        self.rewards, self.priors = np.array(rewards, dtype=np.float64), np.array(priors, dtype=np.float64)
        self.values = np.array(values, dtype=np.float64)
        self.edges: list[tuple[int, int]] = []
        self.situations: list[int] = []
        self.predicted: dict[int, None] = {}
        self._children: dict[tuple[int, int], int] = {}

    def renewed(self) -> LatentModel:
        """Return the model as it was before it was asked anything."""
        return LatentModel(self.next_situations, self.rewards, self.priors, self.values)

    @property
    def num_actions(self) -> int:
        return self.rewards.shape[1]

    def observation(self, situation: int = 0) -> np.ndarray:
        """Return what a search from ``situation`` is given."""
        return np.array([situation, 0.5])

    def represent(self, observation: Any) -> np.ndarray:
        """Return the root's latent state."""
        observed = np.array(observation, dtype=np.float64)
        if observed.shape != (2,) or observed[0] not in range(len(self.values)):
            raise ValueError("represent takes the observation as it was given, an array of shape (2,)")
        if not self.situations:
            self.situations.append(int(observed[0]))
        return self._latent(0)

    def dynamics(self, latent: Any, action: Any) -> tuple[np.ndarray, float]:
        """Return the next latent state and the reward on the way."""
        node, number = self._node(latent), np.asarray(action)
        if number.size != 1 or number.dtype.kind not in "iub" or int(number.item()) not in range(self.num_actions):
            raise ValueError(f"dynamics takes a whole number from 0 to {self.num_actions - 1}, but it got {action!r}")
        edge = (node, int(number.item()))
        if edge not in self._children:
            self.edges.append(edge)
            self.situations.append(int(self.next_situations[self.situations[node], edge[1]]))
            self._children[edge] = len(self.edges)
        return self._latent(self._children[edge]), float(self.rewards[self.situations[node], edge[1]])

    def predict(self, latent: Any) -> tuple[np.ndarray, float]:
        """Return the priors ``(A,)`` and the value of a latent state."""
        node = self._node(latent)
        self.predicted.setdefault(node)
        situation = self.situations[node]
        return self.priors[situation].copy(), float(self.values[situation])

    def _latent(self, node: int) -> np.ndarray:
        return np.array([self.situations[node], node], dtype=np.float64)

    def _node(self, latent: Any) -> int:
        asked = np.asarray(latent)
        if asked.shape != (2,) or asked.dtype.kind not in "iuf" or asked[1] not in range(len(self.situations)):
            raise ValueError("a latent state is what represent or dynamics returned, an array of shape (2,)")
        return int(asked[1])

"""Batched simulators that checks hand to a student's planner: they follow every sequence of actions that is tried.

The last entry of every state is a label that the simulator gave it. So it knows which row of one call goes on from
which row of an earlier one, however a planner groups its sequences into calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from labkit.properties import Simulator

Model = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


class BatchedSimulator(Simulator):
    """Wraps ``model(states (N, D), actions) -> (next_states (N, D), rewards (N,))``; its states are one entry longer.

    Args:
        model: the dynamics without labels; deterministic.
        state_size: D.
        action_size: K; 0 where an action is one whole number and a batch of them has shape ``(N,)``.

    Attributes:
        rows: the number of rows of each call.
        misuses: a sentence for each call that was refused.
    """

    methods = ("step",)

    def __init__(self, model: Model, state_size: int, action_size: int) -> None:
        self._model, self._state_size, self._action_size = model, state_size, action_size
        self.rows: list[int] = []
        self.misuses: list[str] = []
        self._parents = [np.array([-1])]
        self._depths = np.zeros(64, dtype=np.int64)  # grows by doubling
        self._actions = [np.zeros((1, action_size) if action_size else 1)]
        self._known = 1

    def renewed(self) -> BatchedSimulator:
        """Return the simulator as it was before its first call."""
        return BatchedSimulator(self._model, self._state_size, self._action_size)

    def start(self, state: Any) -> np.ndarray:
        """Return ``state`` with the label of a first state."""
        return np.append(np.asarray(state, dtype=np.float64), 0.0)

    def step(self, states: Any, actions: Any) -> tuple[np.ndarray, np.ndarray]:
        """Take one step in every row and return ``(next_states, rewards)``."""
        states = self._read(states, "states", (self._state_size + 1,))
        actions = self._read(actions, "actions", (self._action_size,) if self._action_size else ())
        if len(states) != len(actions):
            self._refuse(f"step was given {len(states)} states but {len(actions)} actions")
        labels = states[:, -1]
        if ((labels != np.round(labels)) | (labels < 0) | (labels >= self._known)).any():
            self._refuse("step was given a state that it had not returned")
        labels = labels.astype(np.int64)
        taken = actions if self._action_size else self._whole(actions)
        next_states, rewards = self._model(states[:, :-1], taken.copy())
        self._parents.append(labels)
        while len(self._depths) < self._known + len(states):
            self._depths = np.concatenate([self._depths, np.zeros_like(self._depths)])
        self._depths[self._known : self._known + len(states)] = self._depths[labels] + 1
        self._actions.append(actions)
        self.rows.append(len(states))
        new_labels = np.arange(self._known, self._known + len(states))
        self._known += len(states)
        return np.column_stack([next_states, new_labels]), np.array(rewards, dtype=np.float64)

    def sequences(self, horizon: int) -> np.ndarray:
        """Return every sequence of ``horizon`` actions that was tried, in order, ``(M, H, K)`` or ``(M, H)``."""
        parents, actions = np.concatenate(self._parents), np.concatenate(self._actions)
        nodes = np.flatnonzero(self._depths[: self._known] == horizon)
        columns = []
        for _ in range(horizon):
            columns.append(actions[nodes])
            nodes = parents[nodes]
        return np.stack(columns[::-1], axis=1)

    def longest(self) -> int:
        """Return the number of steps of the longest sequence tried."""
        return int(self._depths.max())

    def returns(self, state: Any, sequences: np.ndarray, gamma: float) -> np.ndarray:
        """Return the discounted returns of ``sequences`` from ``state``; nothing is noted."""
        states = np.repeat(np.asarray(state, dtype=np.float64)[None, :], len(sequences), axis=0)
        total = np.zeros(len(sequences))
        for t in range(sequences.shape[1]):
            actions = sequences[:, t] if self._action_size else sequences[:, t].astype(np.int64)
            states, rewards = self._model(states, actions)
            total += gamma**t * rewards
        return total

    def _read(self, value: Any, name: str, row: tuple[int, ...]) -> np.ndarray:
        try:
            array = np.array(value, dtype=np.float64)
        except (TypeError, ValueError):
            self._refuse(f"step takes {name} as an array of numbers")
        if array.shape[1:] != row or array.ndim != len(row) + 1 or not len(array):
            shape = ", ".join(["N", *map(str, row)]) + ("" if row else ",")
            self._refuse(f"step takes {name} of shape ({shape}), but their shape is {array.shape}")
        if not np.isfinite(array).all():
            self._refuse(f"step was given {name} that are not finite")
        return array

    def _whole(self, actions: np.ndarray) -> np.ndarray:
        if (actions != np.round(actions)).any():
            self._refuse("step takes whole numbers as actions")
        return actions.astype(np.int64)

    def _refuse(self, sentence: str) -> NoReturn:
        self.misuses.append(sentence)
        raise ValueError(sentence)


def bent_model(rng: np.random.Generator, state_size: int, action_size: int, scale: float = 1.0) -> Model:
    """Return random dynamics in which everything matters: each number of the state and the action, and their order."""
    drift = rng.normal(size=(state_size, state_size)) / np.sqrt(state_size)
    push = rng.normal(size=(action_size, state_size)) / np.sqrt(action_size)
    shift, worth, price = rng.normal(size=state_size), rng.normal(size=state_size), rng.normal(size=action_size)

    def model(states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rewards = np.cos(states @ worth + 0.7) + states @ worth + np.sin(actions @ price) - (actions**2) @ price
        return np.tanh(states @ drift + actions @ push + shift), scale * rewards

    return model


def table_model(table: np.ndarray) -> Model:
    """Return dynamics whose state ``(1,)`` counts the steps; action a at step t earns ``table[t, a]``, then nothing."""

    def model(states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        t = np.round(states[:, 0]).astype(np.int64)
        inside = (t >= 0) & (t < len(table)) & (actions >= 0) & (actions < table.shape[1])
        rewards = np.where(inside, table[np.where(inside, t, 0), np.where(inside, actions, 0)], 0.0)
        return states + 1.0, rewards

    return model


class Objective(Simulator):
    """A function of points that notes every point it is asked about: ``value(X (N, D)) -> (N,)``."""

    methods = ("value",)

    def __init__(self, function: Callable[[np.ndarray], np.ndarray], size: int) -> None:
        self._function, self._size = function, size
        self._points: list[np.ndarray] = []

    def renewed(self) -> Objective:
        """Return the objective as it was before its first call."""
        return Objective(self._function, self._size)

    def value(self, points: Any) -> np.ndarray:
        """Return the value of each row of ``points``."""
        try:
            points = np.array(points, dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError("the objective takes points as an array of numbers") from None
        if points.ndim != 2 or points.shape[1] != self._size or not np.isfinite(points).all():
            raise ValueError(f"the objective takes points of shape (N, {self._size}), but it got {points.shape}")
        self._points.append(points)
        return self._function(points)

    def points(self) -> np.ndarray:
        """Return all points asked about, in order, ``(M, D)``."""
        return np.concatenate([np.zeros((0, self._size)), *self._points])

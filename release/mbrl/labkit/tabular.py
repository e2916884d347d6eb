"""Worlds given by tables: small Gymnasium environments whose every step is known in advance.

The checks use them to know exactly what an agent met. A world may be random or not, may end its episodes in
either way, and may change what it does after a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded

SALT = 0x7461626C  # keeps a world seeded with a learner's own seed from drawing the learner's numbers
GOES_ON, TERMINATED, TRUNCATED = range(3)


class TableWorld(gymnasium.Env):
    """A world that follows tables, one set of them for each phase of its life.

    Args:
        P: transition probabilities, shape `(phases, S, A, S)`.
        R: rewards, shape `(phases, S, A)`.
        ends: what a step does to the episode, `GOES_ON`, `TERMINATED` or `TRUNCATED`, shape `(phases, S, A)`.
        starts: the states in which the first, second, … episode begins, over and over.
        phase_length: steps, counted through all episodes, after which the next phase begins; the last one stays.
    """

    metadata = {"render_modes": []}  # noqa: RUF012  Gymnasium declares it so

    def __init__(
        self, P: np.ndarray, R: np.ndarray, ends: np.ndarray, starts: Sequence[int] = (0,), phase_length: int = 1
    ) -> None:
        self.P, self.R, self.ends = np.asarray(P, dtype=float), np.asarray(R, dtype=float), np.asarray(ends)
        if self.P.ndim != 4 or self.P.shape[:3] != self.R.shape or self.R.shape != self.ends.shape:
            raise ValueError(
                "P, R and ends must have shapes (phases, S, A, S), (phases, S, A) and (phases, S, A), "
                f"but they are {self.P.shape}, {self.R.shape} and {self.ends.shape}."
            )
        self.starts, self.phase_length = list(starts), phase_length
        self.num_states, self.num_actions = self.R.shape[1:]
        self.observation_space = spaces.Discrete(self.num_states)
        self.action_space = spaces.Discrete(self.num_actions)
        self.num_resets = self.num_steps = 0
        self._state: int | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Begin the next episode and return `(state, {})`."""
        super().reset(seed=seed)
        if seed is not None:
            self.np_random = np.random.default_rng([SALT, seed])
        self._state = self.starts[self.num_resets % len(self.starts)]
        self.num_resets += 1
        return self._state, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Take one step and return `(state, reward, terminated, truncated, {})`.

        Raises:
            ResetNeeded: no episode is running.
        """
        if self._state is None:
            raise ResetNeeded("no episode is running: call reset() before step().")
        phase = min(self.num_steps // self.phase_length, len(self.R) - 1)
        row, pair = self.P[phase, self._state, action], (phase, self._state, action)
        # Rounding may leave the sum of a row a little short of the draw: the last state that can follow is meant.
        drawn = int(np.searchsorted(row.cumsum(), self.np_random.random(), side="right"))
        state = min(drawn, int(np.flatnonzero(row)[-1]))
        self.num_steps += 1
        end = self.ends[pair]
        self._state = state if end == GOES_ON else None
        return state, float(self.R[pair]), bool(end == TERMINATED), bool(end == TRUNCATED), {}


def table_world(
    next_states: Any, rewards: Any, ends: Any = GOES_ON, starts: Sequence[int] = (0,), phase_length: int = 1
) -> TableWorld:
    """Return the world in which every pair leads to one state for sure.

    Args:
        next_states: shape `(S, A)`, or `(phases, S, A)` for a world that changes.
        rewards: shape `(S, A)` or `(phases, S, A)`, or one number.
        ends: shape `(S, A)` or `(phases, S, A)`, or one number.
        starts: the states in which successive episodes begin.
        phase_length: steps in each phase.
    """
    next_states = np.asarray(next_states)
    if next_states.ndim == 2:
        next_states = next_states[None]
    P = np.eye(next_states.shape[1])[next_states]
    rewards, ends = (np.broadcast_to(each, next_states.shape) for each in (rewards, ends))
    return TableWorld(P, rewards, ends, starts, phase_length)


def corridor_world(length: int, reward: float = 1.0) -> TableWorld:
    """Return a corridor with one action, onward; the step out of the last state pays and terminates.

    States 0 to `length - 1` are the corridor; state `length` is outside.
    """
    states = np.arange(length + 1)[:, None]
    leaves = states == length - 1
    return table_world(np.minimum(states + 1, length), reward * leaves, TERMINATED * leaves)


def bandit_world(rewards: Sequence[float], end: int = GOES_ON) -> TableWorld:
    """Return a world of one state in which action `a` pays `rewards[a]` and leads back."""
    return table_world(np.zeros((1, len(rewards)), dtype=int), [list(rewards)], end)


def lone_pair_world(outcomes: Sequence[tuple[float, int]]) -> TableWorld:
    """Return a world with one action whose n-th step from state 0 has the n-th of `outcomes`, `(reward, end)`.

    A step that terminates leads to state 1, where nothing ever happens; every other one leads back to state 0.
    """
    rewards, ends = np.zeros((len(outcomes), 2, 1)), np.zeros((len(outcomes), 2, 1), dtype=int)
    rewards[:, 0, 0], ends[:, 0, 0] = zip(*outcomes, strict=True)
    next_states = np.stack([(ends[:, 0] == TERMINATED).astype(int), np.ones((len(outcomes), 1), dtype=int)], axis=1)
    return table_world(next_states, rewards, ends)

"""Worlds in which every method gets equally many real steps: episodes of one fixed length, whatever happens in them.

A ``Rounds`` environment lets a walker who reaches a goal or a hole begin again at the start within the same episode, so
that the return of an episode counts what was earned in a fixed number of steps. Nothing here plans or learns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from labkit.environments import GridWorld
from labkit.mazes import Maze

MAZE = (
    "S.#..G",
    "..#.#.",
    "....#.",
    ".##...",
)
ICE = (
    "S.....",
    "......",
    "..HH..",
    "..HH..",
    "......",
    ".....G",
)
SLIP = 0.3
BEFORE = (
    "......G",
    ".......",
    "######.",
    ".......",
    "...S...",
)
AFTER = (*BEFORE[:2], ".######", *BEFORE[3:])
MEADOW = (
    "S......",
    ".......",
    ".......",
    ".......",
    "......G",
)


class Rounds(gymnasium.Wrapper):
    """A grid world without end: from a goal or a hole the walker goes back to the start, and the clock goes on.

    Args:
        env: a `GridWorld` or a `Maze`.
        num_steps: length of every episode; after so many steps it is truncated. It never terminates.

    Attributes:
        num_states: number of states.
        num_actions: number of actions.
    """

    def __init__(self, env: GridWorld, num_steps: int) -> None:
        if num_steps < 1:
            raise ValueError(f"num_steps must be at least 1, but it is {num_steps!r}.")
        super().__init__(env)
        self.num_states, self.num_actions = env.num_states, env.num_actions
        self.num_steps = num_steps
        self._left = 0

    def reset(self, **arguments: Any) -> tuple[int, dict[str, Any]]:
        """Begin an episode at the start."""
        self._left = self.num_steps
        return self.env.reset(**arguments)

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Take one step and return `(state, reward, False, truncated, info)`.

        Raises:
            ResetNeeded: no episode is running.
        """
        if not self._left:
            raise gymnasium.error.ResetNeeded("no episode is running: call reset() before step().")
        state, reward, terminated, _, info = self.env.step(action)
        if terminated:
            state, _ = self.env.reset()
        self._left -= 1
        return state, reward, False, self._left == 0, info


class Meadow(GridWorld):
    """An open field where every step earns more the nearer it leads to the goal: from −1 up to 0, and 1 at the goal."""

    def __init__(self) -> None:
        super().__init__(MEADOW)
        goal = self.cells[self.terminal][0]
        distance = np.abs(self.cells - goal).sum(axis=1)
        self.arrival_rewards = np.where(self.terminal, 1.0, -distance / distance.max())


def world_makers(num_steps: int, change_at: int) -> dict[str, Callable[[], Rounds]]:
    """Return the four worlds of the comparison under their names, each as a function that makes a new one.

    Args:
        num_steps: length of every episode.
        change_at: real steps after which the walls of the third world move.
    """
    return {
        "maze": lambda: Rounds(Maze(MAZE), num_steps),
        "ice": lambda: Rounds(GridWorld(ICE, slip=SLIP), num_steps),
        "moving walls": lambda: Rounds(Maze(BEFORE, AFTER, change_at), num_steps),
        "meadow": lambda: Rounds(Meadow(), num_steps),
    }

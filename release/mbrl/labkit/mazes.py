"""The mazes of Sutton & Barto's chapter 8 as Gymnasium environments.

``DynaMaze`` stays as it is; in ``BlockingMaze`` and ``ShortcutMaze`` walls move once, after a given number of steps in
the environment's whole life. They are registered as ``labkit/DynaMaze-v0`` and so on, and are fast, since an
experiment takes many thousand steps. Nothing here plans or learns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded

from labkit.environments import FREE, START, WALL, GridWorld, read_map

DYNA = (
    ".......#G",
    "..#....#.",
    "S.#....#.",
    "..#......",
    ".....#...",
    ".........",
)
RIGHT_OPEN = (
    "........G",
    ".........",
    ".........",
    "########.",
    ".........",
    "...S.....",
)
LEFT_OPEN = (*RIGHT_OPEN[:3], ".########", *RIGHT_OPEN[4:])
BOTH_OPEN = (*RIGHT_OPEN[:3], ".#######.", *RIGHT_OPEN[4:])


class Maze(GridWorld):
    """A grid world without chance: 1 for a step into the goal, 0 for any other, and walls that may move once.

    The states are the cells that are free before or after the change. Whoever stands where a wall appears can walk
    out. The change comes with the life of the environment: a `reset`, also one with a seed, does not undo it.

    Args:
        before: the map, as in `GridWorld`.
        after: the map after the change, different from `before` in walls only; `None` for no change.
        change_at: the first so many steps of the environment's life go by the map `before`.
        size: every cell becomes `size` by `size` cells; the goal grows with them, the start stays one cell.
        render_mode: `None` or `"rgb_array"`.

    Attributes:
        num_steps: steps taken since the environment was made.
        map: the map that holds now.

    Raises:
        ValueError: the maps do not go together, or a number is not usable; the sentence says why.
    """

    def __init__(
        self,
        before: str | Sequence[str] = DYNA,
        after: str | Sequence[str] | None = None,
        change_at: int = 0,
        size: int = 1,
        render_mode: str | None = None,
    ) -> None:
        for name, value, least in (("change_at", change_at, 0), ("size", size, 1)):
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
                raise ValueError(f"{name} must be a whole number that is at least {least}, but it is {value!r}.")
        self._maps = [_enlarged(read_map(rows), int(size)) for rows in (before, before if after is None else after)]
        first, last = self._maps
        if first.shape != last.shape:
            raise ValueError(f"both maps must have one shape, but their shapes are {first.shape} and {last.shape}.")
        kept = (first == last) | ((first == WALL) & (last == FREE)) | ((first == FREE) & (last == WALL))
        if not kept.all():
            row, column = (int(index) for index in np.argwhere(~kept)[0])
            raise ValueError(f"only walls may move, but row {row}, column {column} differs in another way.")
        ever_free = np.where(first == WALL, last, first)
        super().__init__(["".join(row) for row in ever_free], render_mode=render_mode)
        self._targets_if_free = self.targets
        self.change_at = int(change_at)
        self.num_steps = 0
        self._raise_walls(first)

    def _raise_walls(self, rows: np.ndarray) -> None:
        """Let the map ``rows`` hold from now on."""
        self.map = rows
        blocked = rows[tuple(self.cells.T)] == WALL
        stay = np.arange(self.num_states)[:, None]
        self.targets = np.where(blocked[self._targets_if_free], stay, self._targets_if_free)
        self._outcomes = [
            [(state, float(self.arrival_rewards[state]), bool(self.terminal[state])) for state in row]
            for row in self.targets.tolist()
        ]
        self._ends = self.terminal.tolist()

    def put(self, state: int) -> None:
        """Put the walker into a state, as if the episode had begun there.

        Raises:
            ValueError: there is no such state, or it is a wall now.
        """
        if not self.observation_space.contains(state) or self.map[tuple(self.cells[state])] == WALL:
            raise ValueError(f"state must be a free cell, one of 0 to {self.num_states - 1}, but it is {state!r}.")
        self._state = int(state)

    def distances(self) -> np.ndarray:
        """Return the length of the shortest way to the goal from each state by the map that holds now, in steps.

        Shape `(S,)`, integers; -1 where no way leads there.
        """
        distance = np.where(self.terminal, 0, -1)
        for steps in range(1, self.num_states):
            near = (distance < 0) & (distance[self.targets] == steps - 1).any(axis=1)
            if not near.any():
                break
            distance[near] = steps
        return distance

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Take one step and return `(state, reward, terminated, False, {})`.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: there is no such action.
        """
        state = self._state
        if state is None or self._ends[state]:
            raise ResetNeeded("no episode is running, or it has ended in the goal: call reset() before step().")
        if type(action) is not int or not 0 <= action < 4:
            if not self.action_space.contains(action):
                raise ValueError(f"action must be a whole number from 0 to 3, but it is {action!r}.")
            action = int(action)
        if self.num_steps == self.change_at:
            self._raise_walls(self._maps[1])
        self.num_steps += 1
        self._state, reward, terminated = self._outcomes[state][action]
        return self._state, reward, terminated, False, {}


class DynaMaze(Maze):
    """The maze of Sutton & Barto's figure 8.2: 47 states, the shortest path takes 14 steps.

    Args:
        size: every cell becomes `size` by `size` cells, and the shortest path up to `size` times as long.
        render_mode: `None` or `"rgb_array"`.
    """

    def __init__(self, size: int = 1, render_mode: str | None = None) -> None:
        super().__init__(DYNA, size=size, render_mode=render_mode)


class BlockingMaze(Maze):
    """The maze of figure 8.4: the gap at the right, 10 steps from start to goal, closes; one at the left opens, 16.

    Args:
        change_at: the walls move after so many steps of the environment's life.
        render_mode: `None` or `"rgb_array"`.
    """

    def __init__(self, change_at: int = 1000, render_mode: str | None = None) -> None:
        super().__init__(RIGHT_OPEN, LEFT_OPEN, change_at, render_mode=render_mode)


class ShortcutMaze(Maze):
    """The maze of figure 8.5: the way through the gap at the left, 16 steps, stays; a shortcut of 10 steps opens.

    Args:
        change_at: the shortcut opens after so many steps of the environment's life.
        render_mode: `None` or `"rgb_array"`.
    """

    def __init__(self, change_at: int = 3000, render_mode: str | None = None) -> None:
        super().__init__(LEFT_OPEN, BOTH_OPEN, change_at, render_mode=render_mode)


def _enlarged(rows: np.ndarray, size: int) -> np.ndarray:
    """Return the map with every cell repeated ``size`` times in both directions; of a start, one cell stays a start."""
    grid = rows.repeat(size, axis=0).repeat(size, axis=1)
    middle = np.zeros(grid.shape, dtype=bool)
    middle[size // 2 :: size, size // 2 :: size] = True
    grid[(grid == START) & ~middle] = FREE
    return grid


for _name in ("DynaMaze", "BlockingMaze", "ShortcutMaze"):
    if f"labkit/{_name}-v0" not in gymnasium.registry:
        gymnasium.register(id=f"labkit/{_name}-v0", entry_point=f"labkit.mazes:{_name}")

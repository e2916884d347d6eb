"""Cascade, a small puzzle for searches: press columns of coloured blocks away, the larger the group the better.

The rules are one pure function, ``cascade_step``, which a search may call on any wall it can imagine; the Gymnasium
environment ``labkit/Cascade-v0`` plays by them. ``best_score`` solves small walls exactly, so that a search can be
measured against the truth. Nothing here searches by simulation.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded

EMPTY = 0
SALT = 0x63617363  # keeps an environment seeded with a learner's own seed from drawing the learner's numbers
PIXELS = 32
COLOURS = ((255, 255, 255), (0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233))
LINES = (120, 120, 120)

Wall = tuple[tuple[int, ...], ...]


def cascade_step(state: Wall, action: int) -> tuple[Wall, float, bool]:
    """Press one column of a wall: the group of its top block disappears, and what was above falls down.

    A group is all blocks of one colour that hang together side by side or one upon the other. A group of n blocks
    pays (n − 1)² points, so that a single block pays nothing. Pressing an empty column changes nothing. The game ends
    when no block is left.

    Args:
        state: the wall, a tuple of W columns, each a tuple of H numbers from bottom to top: 0 for empty, 1, 2, … for
            colours.
        action: the column to press, 0 … W − 1.

    Returns:
        `(next_state, reward, terminated)`; the reward is in points.

    Raises:
        ValueError: there is no such column, or the wall is gone already.
    """
    width, height = len(state), len(state[0])
    if not 0 <= action < width:
        raise ValueError(f"action must be a column from 0 to {width - 1}, but it is {action!r}.")
    if all(column[0] == EMPTY for column in state):
        raise ValueError("the game is over: there is no block left to press.")
    column = state[action]
    if column[0] == EMPTY:
        return state, 0.0, False
    top = next((row for row in range(height) if column[row] == EMPTY), height) - 1
    group, frontier = {(action, top)}, [(action, top)]
    while frontier:
        x, y = frontier.pop()
        for near in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)):
            inside = 0 <= near[0] < width and 0 <= near[1] < height
            if inside and near not in group and state[near[0]][near[1]] == column[top]:
                group.add(near)
                frontier.append(near)
    touched = {x for x, _ in group}
    next_state = tuple(
        _fallen([block for y, block in enumerate(old) if (x, y) not in group], height) if x in touched else old
        for x, old in enumerate(state)
    )
    return next_state, float((len(group) - 1) ** 2), all(column[0] == EMPTY for column in next_state)


def _fallen(blocks: list[int], height: int) -> tuple[int, ...]:
    return (*blocks, *[EMPTY] * (height - len(blocks)))


def random_wall(seed: int, width: int = 5, height: int = 5, num_colours: int = 4) -> Wall:
    """Return a full wall whose blocks have independent, uniformly random colours."""
    blocks = np.random.default_rng([SALT, seed]).integers(1, num_colours + 1, size=(width, height))
    return tuple(tuple(column) for column in blocks.tolist())


def action_values(wall: Wall) -> np.ndarray:
    """Return the most points that can still be made after pressing each column, that press included, shape `(W,)`.

    Every wall that can be reached is solved once, about a thousand of them for 5 × 5 blocks of four colours. An
    empty column is worth what the wall is worth.
    """
    return _action_values(wall, {})


def best_score(wall: Wall) -> float:
    """Return the most points that a wall can give."""
    return float(action_values(wall).max())


def _action_values(wall: Wall, best: dict[Wall, float]) -> np.ndarray:
    values = np.full(len(wall), -np.inf)
    for action, column in enumerate(wall):
        if column[0] == EMPTY:
            continue
        next_wall, reward, terminated = cascade_step(wall, action)
        if not terminated and next_wall not in best:
            best[next_wall] = float(_action_values(next_wall, best).max())
        values[action] = reward + (0.0 if terminated else best[next_wall])
    return np.where(np.isinf(values), values.max(), values)


class Cascade(gymnasium.Env):
    """The puzzle as an environment: observations are walls, actions are columns, rewards are points.

    Args:
        wall: the wall that every episode starts from; where left out, each reset draws a new one.
        width: number of columns of a drawn wall, W.
        height: number of blocks in each of its columns, H.
        num_colours: number of colours, from 1 to 5.
        render_mode: `None` or `"rgb_array"`.

    Attributes:
        num_actions: W.

    Raises:
        ValueError: the wall or a number is not usable; the sentence says why.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 2}  # noqa: RUF012  Gymnasium declares it so

    def __init__(
        self,
        wall: Wall | None = None,
        width: int = 5,
        height: int = 5,
        num_colours: int = 4,
        render_mode: str | None = None,
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"render_mode must be None or 'rgb_array', but it is {render_mode!r}.")
        if not 1 <= num_colours < len(COLOURS):
            raise ValueError(f"num_colours must be from 1 to {len(COLOURS) - 1}, but it is {num_colours!r}.")
        if width < 1 or height < 1:
            raise ValueError(f"a wall needs at least one column and one row, but it has {width} and {height}.")
        self._first = None if wall is None else read_wall(wall, num_colours)
        if self._first is not None:
            width, height = len(self._first), len(self._first[0])
        self.width, self.height, self.num_colours = width, height, num_colours
        self.num_actions = width
        self.render_mode = render_mode
        column = spaces.Tuple([spaces.Discrete(num_colours + 1)] * height)
        self.observation_space = spaces.Tuple([column] * width)
        self.action_space = spaces.Discrete(width)
        self._wall: Wall | None = None
        self._running = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Wall, dict[str, Any]]:
        """Put up the wall and return `(wall, {})`."""
        super().reset(seed=seed)
        if seed is not None:
            self.np_random = np.random.default_rng([SALT, seed])
        drawn = int(self.np_random.integers(2**31))
        self._wall = self._first or random_wall(drawn, self.width, self.height, self.num_colours)
        self._running = True
        return self._wall, {}

    def step(self, action: int) -> tuple[Wall, float, bool, bool, dict[str, Any]]:
        """Press a column and return `(wall, reward, terminated, False, {})`.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: there is no such column.
        """
        if self._wall is None or not self._running:
            raise ResetNeeded("no game is running: call reset() before step().")
        if not self.action_space.contains(action):
            raise ValueError(f"action must be a column from 0 to {self.num_actions - 1}, but it is {action!r}.")
        self._wall, reward, terminated = cascade_step(self._wall, int(action))
        self._running = not terminated
        return self._wall, reward, terminated, False, {}

    def render(self) -> np.ndarray | None:
        """Return the wall as an image, `(H · 32, W · 32, 3)` of `uint8`, in mode `rgb_array`."""
        if self.render_mode is None or self._wall is None:
            return None
        palette = np.array(COLOURS, dtype=np.uint8)
        image = palette[np.array(self._wall).T[::-1]].repeat(PIXELS, axis=0).repeat(PIXELS, axis=1)
        image[::PIXELS] = image[:, ::PIXELS] = LINES
        return image


def read_wall(wall: Any, num_colours: int = len(COLOURS) - 1) -> Wall:
    """Return a wall as nested tuples of Python integers.

    Raises:
        ValueError: columns differ in height, a block is no known colour, blocks hang in the air, or none is there.
    """
    columns = tuple(tuple(int(block) for block in column) for column in wall)
    if not columns or len({len(column) for column in columns}) != 1 or not columns[0]:
        raise ValueError(
            "a wall needs at least one column, and all its columns must have the same height of 1 or more."
        )
    if any(not EMPTY <= block <= num_colours for column in columns for block in column):
        raise ValueError(f"the blocks of a wall are numbers from 0 (empty) to {num_colours}.")
    if any(_fallen([block for block in column if block], len(column)) != column for column in columns):
        raise ValueError("blocks of a wall cannot hang in the air: in each column the empty places are on top.")
    if all(column[0] == EMPTY for column in columns):
        raise ValueError("a wall needs at least one block.")
    return columns


if "labkit/Cascade-v0" not in gymnasium.registry:
    gymnasium.register(id="labkit/Cascade-v0", entry_point="labkit.cascade:Cascade")

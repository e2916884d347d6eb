"""Grid worlds as Gymnasium environments, drawn as text and small enough to be known exactly.

``GridWorld`` is registered as ``labkit/GridWorld-v0``. Besides the usual interface it can write down its own model,
``(P, R)``, which the course uses as the truth that plans are measured against. Nothing here plans or learns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded

FREE, START, GOAL, HOLE, WALL = ".", "S", "G", "H", "#"
UP, RIGHT, DOWN, LEFT = range(4)
ACTION_NAMES = ("up", "right", "down", "left")
MOVES = np.array([(-1, 0), (0, 1), (1, 0), (0, -1)])  # row and column steps of the four actions
SALT = 0x67726964  # keeps an environment seeded with a learner's own seed from drawing the learner's numbers
PIXELS = 32
COLOURS = {
    FREE: (255, 255, 255),
    START: (226, 240, 248),
    GOAL: (0, 158, 115),
    HOLE: (213, 94, 0),
    WALL: (70, 70, 70),
}
AGENT, LINES = (0, 114, 178), (200, 200, 200)

MAPS = {
    "corridor": ("S...G",),
    "cliff": (
        "......",
        "......",
        "......",
        "SHHHHG",
    ),
    "detour": (
        "........",
        ".######.",
        ".#....#.",
        "S..HH..G",
        ".#....#.",
        "..HHHH..",
    ),
    "rooms": (
        "S..#....",
        "...#..H.",
        "......H.",
        "...#....",
        "##.##.##",
        "...#....",
        ".H...H..",
        "...#...G",
    ),
}


class GridWorld(gymnasium.Env):
    """A walk on a map: free cells `.`, starts `S`, goals `G`, holes `H` and walls `#`.

    The states are the cells that are not walls, numbered row by row from 0. The actions are 0 up, 1 right, 2 down and
    3 left. With probability `slip` the step goes to one of the two sides of the chosen direction, half of `slip` each.
    Whoever walks into a wall or off the map stays. Entering a goal or a hole ends the episode.

    Args:
        rows: the map, one string for each row, all of one length; or a name in `MAPS`.
        slip: probability that a step goes sideways, in [0, 1].
        step_reward: earned by every step.
        goal_reward: earned on top by the step that enters a goal.
        hole_reward: earned on top by the step that enters a hole.
        render_mode: `None` or `"rgb_array"`.

    Attributes:
        num_states: number of cells that are not walls, S.
        num_actions: 4, A.
        cells: row and column of each state, shape `(S, 2)`.
        terminal: whether a state ends the episode, shape `(S,)`, booleans.
        start: distribution of the first state, uniform over the cells `S`, shape `(S,)`.
        arrival_rewards: reward of a step that arrives in each state, shape `(S,)`.

    Raises:
        ValueError: the map or a number is not usable; the sentence says why.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}  # noqa: RUF012  Gymnasium declares it so

    def __init__(
        self,
        rows: str | Sequence[str] = "rooms",
        slip: float = 0.0,
        step_reward: float = 0.0,
        goal_reward: float = 1.0,
        hole_reward: float = -1.0,
        render_mode: str | None = None,
    ) -> None:
        if not 0.0 <= slip <= 1.0:
            raise ValueError(f"slip must be a probability between 0 and 1, but it is {slip!r}.")
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"render_mode must be None or 'rgb_array', but it is {render_mode!r}.")
        for name, value in (("step", step_reward), ("goal", goal_reward), ("hole", hole_reward)):
            if not np.isfinite(value):
                raise ValueError(f"{name}_reward must be a finite number, but it is {value!r}.")
        self.map = read_map(rows)
        self.slip = float(slip)
        self.render_mode = render_mode
        self.cells = np.argwhere(self.map != WALL)
        self.num_states, self.num_actions = len(self.cells), len(MOVES)
        self.observation_space = spaces.Discrete(self.num_states)
        self.action_space = spaces.Discrete(self.num_actions)
        kinds = self.map[tuple(self.cells.T)]
        self.terminal = (kinds == GOAL) | (kinds == HOLE)
        self.start = (kinds == START) / (kinds == START).sum()
        self.arrival_rewards = step_reward + goal_reward * (kinds == GOAL) + hole_reward * (kinds == HOLE)
        self.targets = self._targets()
        self._state: int | None = None

    def _targets(self) -> np.ndarray:
        """Return the state that each direction leads to from each state, shape `(S, A)`."""
        state_at = np.full(self.map.shape, -1)
        state_at[tuple(self.cells.T)] = np.arange(self.num_states)
        targets = np.repeat(np.arange(self.num_states)[:, None], self.num_actions, axis=1)
        for state, cell in enumerate(self.cells):
            for direction, move in enumerate(MOVES):
                row, column = cell + move
                inside = 0 <= row < self.map.shape[0] and 0 <= column < self.map.shape[1]
                if inside and state_at[row, column] >= 0:
                    targets[state, direction] = state_at[row, column]
        return targets

    def _directions(self, action: int) -> list[tuple[int, float]]:
        """Return the directions that a step may take, each with its probability."""
        sides = ((action + 1) % self.num_actions, (action - 1) % self.num_actions)
        return [(action, 1.0 - self.slip), (sides[0], self.slip / 2), (sides[1], self.slip / 2)]

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Put the walker on a start cell and return `(state, {})`."""
        super().reset(seed=seed)
        if seed is not None:
            self.np_random = np.random.default_rng([SALT, seed])
        self._state = int(self.np_random.choice(self.num_states, p=self.start))
        return self._state, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Take one step and return `(state, reward, terminated, False, {})`.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: there is no such action.
        """
        if self._state is None:
            raise ResetNeeded("no episode is running: call reset() before step().")
        if self.terminal[self._state]:
            raise ResetNeeded("the episode has ended in a goal or a hole: call reset() before the next step().")
        if not self.action_space.contains(action):
            raise ValueError(f"action must be a whole number from 0 to {self.num_actions - 1}, but it is {action!r}.")
        draw = self.np_random.random()
        turn = 0 if draw >= self.slip else 1 if draw < self.slip / 2 else -1
        direction = (int(action) + turn) % self.num_actions
        self._state = int(self.targets[self._state, direction])
        return self._state, float(self.arrival_rewards[self._state]), bool(self.terminal[self._state]), False, {}

    def model(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the exact model: `P`, shape `(S, A, S)`, and expected rewards `R`, shape `(S, A)`.

        A terminal state is absorbing: every action leads back to it with reward 0.
        """
        P = np.zeros((self.num_states, self.num_actions, self.num_states))
        states = np.arange(self.num_states)
        for action in range(self.num_actions):
            for direction, probability in self._directions(action):
                P[states, action, self.targets[:, direction]] += probability
        P[self.terminal] = np.eye(self.num_states)[self.terminal][:, None, :]
        return P, self.expected_rewards(P)

    def expected_rewards(self, P: np.ndarray) -> np.ndarray:
        """Return the expected reward of each state and action if the steps went as `P` says.

        Args:
            P: transition probabilities, shape `(…, S, A, S)`.

        Returns:
            Rewards of shape `(…, S, A)`, 0 in terminal states.
        """
        return np.where(self.terminal[:, None], 0.0, P @ self.arrival_rewards)

    def neighbours(self) -> np.ndarray:
        """Return which states one step can lead to whatever the action, `(S, S)` booleans; a terminal one: itself."""
        near = np.eye(self.num_states, dtype=bool)
        near[np.arange(self.num_states)[:, None], self.targets] = True
        near[self.terminal] = np.eye(self.num_states, dtype=bool)[self.terminal]
        return near

    def render(self) -> np.ndarray | None:
        """Return the map and the walker as an image, `(rows · 32, columns · 32, 3)` of `uint8`, in mode `rgb_array`."""
        if self.render_mode is None:
            return None
        palette = np.array([[COLOURS[kind] for kind in row] for row in self.map], dtype=np.uint8)
        image = palette.repeat(PIXELS, axis=0).repeat(PIXELS, axis=1)
        image[::PIXELS] = image[:, ::PIXELS] = LINES
        if self._state is not None:
            middle = self.cells[self._state] * PIXELS + PIXELS // 2
            rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
            image[(rows - middle[0]) ** 2 + (columns - middle[1]) ** 2 <= (0.3 * PIXELS) ** 2] = AGENT
        return image


def read_map(rows: str | Sequence[str]) -> np.ndarray:
    """Return a map as an array of single characters, shape `(rows, columns)`.

    Raises:
        ValueError: the map is not a rectangle of known characters with at least one start.
    """
    if isinstance(rows, str):
        if rows not in MAPS:
            raise ValueError(f"a map is a list of strings or one of the names {', '.join(MAPS)}, but it is {rows!r}.")
        rows = MAPS[rows]
    rows = list(rows)
    if not rows or not all(isinstance(row, str) and row for row in rows):
        raise ValueError("a map needs at least one row, and every row must be a string that is not empty.")
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        raise ValueError(f"all rows of a map must have the same length, but their lengths are {sorted(lengths)}.")
    grid = np.array([list(row) for row in rows])
    unknown = sorted({str(kind) for kind in grid.flat} - set(COLOURS))
    if unknown:
        raise ValueError(f"a map is drawn with the characters {' '.join(COLOURS)}, but it contains {unknown[0]!r}.")
    if START not in grid:
        raise ValueError(f"a map needs at least one start cell, marked {START!r}.")
    return grid


if "labkit/GridWorld-v0" not in gymnasium.registry:
    gymnasium.register(id="labkit/GridWorld-v0", entry_point="labkit.environments:GridWorld")

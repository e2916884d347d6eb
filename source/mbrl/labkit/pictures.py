"""A grid world that shows itself in noisy grey pictures, for many walkers at once, and what walkers have seen there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from labkit.environments import GOAL, HOLE, WALL, GridWorld

PIXELS_PER_CELL, NOISE = 2, 0.05
SHADES = {GOAL: 0.6, HOLE: 0.3, WALL: -0.5}
WALKER = 1.0
LENGTH = 12  # steps of an episode, at most
ACTIONS = 4


class PictureWorld:
    """A grid world as pictures.

    Args:
        rows: the map, as in `GridWorld`; every step costs 0.02, a goal pays 1, a hole costs 1.

    Attributes:
        grid: the `GridWorld`.
        shape: rows and columns of a picture.
        frames: each cell's picture without noise, shape `(S, pixels)`.
        open_cells: the cells in which an episode may begin.
    """

    def __init__(self, rows: tuple[str, ...]) -> None:
        self.grid = GridWorld(rows, step_reward=-0.02)
        shades = np.vectorize(lambda kind: SHADES.get(str(kind), 0.0))(self.grid.map)
        frames = np.tile(shades, (self.grid.num_states, 1, 1))
        frames[np.arange(self.grid.num_states), self.grid.cells[:, 0], self.grid.cells[:, 1]] = WALKER
        self.shape = tuple(PIXELS_PER_CELL * side for side in shades.shape)
        self.frames = frames.repeat(PIXELS_PER_CELL, 1).repeat(PIXELS_PER_CELL, 2).reshape(len(frames), -1)
        self.open_cells = np.flatnonzero(~self.grid.terminal)

    def seen(self, cells: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return a noisy picture for each cell number, shape `(…, pixels)`, float32."""
        clear = self.frames[cells].astype(np.float32)
        return clear + NOISE * rng.standard_normal(clear.shape, dtype=np.float32)

    def step(self, cells: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return `(next_cells, rewards, going_on)`; whoever has arrived stays and earns nothing."""
        ended = self.grid.terminal[cells]
        moved = np.where(ended, cells, self.grid.targets[cells, actions])
        return moved, np.where(ended, 0.0, self.grid.arrival_rewards[moved]), ~self.grid.terminal[moved]


@dataclass(frozen=True)
class Play:
    """Episodes of R runs: pictures `(R, E, T + 1, pixels)`; actions, rewards, going on, lived `(R, E, T)`.

    `lived` marks steps that were really taken, before the end of the episode.
    """

    pictures: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    going_on: np.ndarray
    lived: np.ndarray

    def real_steps(self) -> float:
        """Return the number of real steps of a run, on average."""
        return float(self.lived.sum(axis=(1, 2)).mean())

    def joined(self, more: Play) -> Play:
        """Return these episodes and more."""
        pairs = zip(vars(self).values(), vars(more).values(), strict=True)
        return Play(*(np.concatenate(pair, axis=1) for pair in pairs))

    def some_steps(self, rng: np.random.Generator, count: int, ahead: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Draw steps that were really taken: their episodes and times, each `(R, count)`.

        Args:
            rng: of the draws.
            count: of each run.
            ahead: steps from the drawn one to the end of the record, at least.
        """
        usable = self.lived[:, :, : self.lived.shape[2] + 1 - ahead].reshape(len(self.lived), -1)
        ends, draws = usable.sum(axis=1, keepdims=True), rng.random((len(usable), count))
        order = np.argsort(~usable, axis=1, kind="stable")  # the usable ones first
        chosen = np.take_along_axis(order, (draws * ends).astype(int), axis=1)
        return np.divmod(chosen, self.lived.shape[2] + 1 - ahead)

    def some_pictures(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Return pictures from which a step was taken, `count` of each run, one run after the other."""
        episodes, times = self.some_steps(rng, count)
        return self.pictures[np.arange(len(episodes))[:, None], episodes, times].reshape(-1, self.pictures.shape[-1])


def play(
    world: PictureWorld, num_runs: int, num_episodes: int, rng: np.random.Generator, act: Callable | None = None
) -> Play:
    """Play some episodes in each run, from random cells.

    Args:
        world: the true one.
        num_runs: R.
        num_episodes: E, of each run.
        rng: of everything random.
        act: pictures `(R · E, pixels)` to actions `(R · E,)`; random ones where left out.
    """
    cells = rng.choice(world.open_cells, size=num_runs * num_episodes)
    pictures, going_on, actions, rewards = [world.seen(cells, rng)], [np.ones(len(cells), dtype=bool)], [], []
    for _ in range(LENGTH):
        actions.append(act(pictures[-1]) if act else rng.integers(ACTIONS, size=len(cells)))
        cells, earned, alive = world.step(cells, actions[-1])
        pictures.append(world.seen(cells, rng))
        rewards.append(earned)
        going_on.append(alive)
    alive = np.array(going_on)
    steps = (np.array(pictures), np.array(actions), np.array(rewards), alive[1:], alive[:-1])
    by_run = (each.reshape(len(each), num_runs, num_episodes, *each.shape[2:]) for each in steps)
    return Play(*(np.moveaxis(each, 0, 2) for each in by_run))

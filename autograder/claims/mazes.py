"""Unit 3: what planning with a learned model saves in a maze, and who notices when the maze changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autograder.claims.experiment import Claim, Experiment, Samples, factor, mean, mean_difference
from labkit.mazes import BlockingMaze, DynaMaze, Maze, ShortcutMaze
from labkit.runs import run_for
from solutions import dyna

ALPHA, GAMMA, EPSILON = 0.1, 0.95, 0.1
GOOD_EPISODE = 20  # steps; the shortest path of the Dyna maze takes 14
PLANNING_STEPS = (0, 5, 50)
MANY_EPISODES = 1000  # more than any run has


def steps_until_good(seed: int) -> dict[str, float]:
    """Real steps taken in the Dyna maze until an episode needs at most 20, for each number of planning steps."""
    needed = {}
    for planning_steps in PLANNING_STEPS:
        num_episodes = 100 if planning_steps == 0 else 30
        _, lengths = dyna.dyna_q(DynaMaze(), num_episodes, planning_steps, ALPHA, GAMMA, EPSILON, seed)
        good = np.flatnonzero(lengths <= GOOD_EPISODE)
        needed[str(planning_steps)] = float(lengths[: good[0] + 1].sum() if len(good) else lengths.sum())
    return needed


def conclude_planning(samples: Samples) -> list[Claim]:
    """Compare 0, 5 and 50 planning steps."""
    none, some, many = (samples[str(each)] for each in PLANNING_STEPS)
    saved, more = factor(none, many), factor(some, many)
    return [
        Claim(
            "3",
            "Planning needs fewer real steps.",
            f"Real steps in the Dyna maze until an episode of at most {GOOD_EPISODE}: {mean(none)} without planning, "
            f"{mean(many)} with 50 planning steps, {saved} times fewer.",
            saved.low > 1,
            len(none),
        ),
        Claim(
            "3",
            "More planning steps help.",
            f"With 5 planning steps it takes {mean(some)}, {more} times as many as with 50.",
            more.low > 1,
            len(none),
        ),
    ]


@dataclass(frozen=True)
class ChangingMaze:
    """An experiment: the reward that Dyna-Q and Dyna-Q+ earn in a maze after its walls have moved."""

    make: Callable[[], Maze]
    num_steps: int
    change_at: int
    planning_steps: int
    kappa: float
    alpha: float

    def __call__(self, seed: int) -> dict[str, float]:
        settings = (self.planning_steps, self.alpha, GAMMA, EPSILON)
        _, rewards = run_for(lambda env: dyna.dyna_q(env, MANY_EPISODES, *settings, seed), self.make(), self.num_steps)
        _, earned = dyna.dyna_q_plus(self.make(), self.num_steps, *settings, self.kappa, seed)
        after = slice(self.change_at, None)
        return {"Dyna-Q": float(rewards[after].sum()), "Dyna-Q+": float(np.diff(earned, prepend=0.0)[after].sum())}


def conclude_change(maze: str, alpha: float) -> Callable[[Samples], list[Claim]]:
    """Return the comparison of the two agents in one maze."""

    def conclude(samples: Samples) -> list[Claim]:
        plain, plus = samples["Dyna-Q"], samples["Dyna-Q+"]
        gain = mean_difference(plus, plain)
        statement = f"Dyna-Q+ adapts to the {maze} maze where Dyna-Q does not (α = {alpha:g})."
        measured = f"Episodes finished after the change: {mean(plus)} against {mean(plain)}, {gain} more."
        return [Claim("3", statement, measured, gain.low > 0, len(plain))]

    return conclude


SWEEP_ALPHA, THETA = 1.0, 1e-4


def updates_until_optimal(seed: int) -> dict[str, float]:
    """Updates made until the greedy policy takes a shortest path in the Dyna maze.

    A run of fewer real steps is the beginning of a longer one, so the step is found by halving.
    """

    def sweep(num_steps: int) -> tuple[np.ndarray, int]:
        return dyna.prioritized_sweeping(DynaMaze(), num_steps, 5, SWEEP_ALPHA, GAMMA, EPSILON, THETA, seed)

    def plan(num_episodes: int) -> tuple[np.ndarray, int]:
        Q, lengths = dyna.dyna_q(DynaMaze(), num_episodes, 5, SWEEP_ALPHA, GAMMA, EPSILON, seed)
        return Q, int(lengths.sum()) * 6  # the direct update and five planned ones

    return {
        "prioritised": float(_first_optimal(sweep, DynaMaze())),
        "Dyna-Q": float(_first_optimal(plan, DynaMaze())),
    }


def _first_optimal(agent: Callable[[int], tuple[np.ndarray, int]], env: DynaMaze) -> int:
    high = 1
    while not _takes_a_shortest_path(agent(high)[0], env):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _takes_a_shortest_path(agent(middle)[0], env) else (middle, high)
    return agent(high)[1]


def _takes_a_shortest_path(Q: np.ndarray, env: DynaMaze) -> bool:
    """Whether the greedy policy reaches the goal from the start in as few steps as possible."""
    reached, distance, state = {int(env.start.argmax())}, 0, int(env.start.argmax())
    while not any(env.terminal[each] for each in reached):
        reached |= {int(target) for each in reached for target in env.targets[each]}
        distance += 1
    for _ in range(distance):
        state = int(env.targets[state, int(np.argmax(Q[state]))])
    return bool(env.terminal[state])


def conclude_sweeping(samples: Samples) -> list[Claim]:
    """Compare the numbers of updates."""
    fewer = factor(samples["Dyna-Q"], samples["prioritised"])
    return [
        Claim(
            "3",
            "Prioritised sweeping needs fewer updates than Dyna-Q.",
            f"Updates until the greedy path of the Dyna maze is a shortest one: {mean(samples['Dyna-Q'])} against "
            f"{mean(samples['prioritised'])}, {fewer} times fewer.",
            fewer.low > 1,
            len(samples["Dyna-Q"]),
        )
    ]


EXPERIMENTS = (
    Experiment("planning saves real steps", steps_until_good, conclude_planning),
    *(
        Experiment(
            f"blocking maze, alpha {alpha:g}",
            ChangingMaze(BlockingMaze, 3000, 1000, 10, 1e-4, alpha),
            conclude_change("blocking", alpha),
        )
        for alpha in (1.0, 0.1)
    ),
    Experiment(
        "shortcut maze, alpha 1",
        ChangingMaze(ShortcutMaze, 6000, 3000, 50, 1e-3, 1.0),
        conclude_change("shortcut", 1.0),
    ),
    Experiment("prioritised sweeping", updates_until_optimal, conclude_sweeping),
)

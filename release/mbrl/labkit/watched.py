"""Comparisons and statistics under watch: what a student's function is handed, and what it was seen to do with it.

``Contest`` hands out methods and environments that note who was run where and with which seed. ``watched`` wraps a
statistic so that every sample it was asked about is kept. Nothing here compares or resamples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labkit.properties import Simulator
from labkit.results import Violation, array, kind

LARGEST_SEED = 2**32 - 1  # what every usual generator takes; the course's own seeds stay below 2**31
EXTRA_CALLS = 2  # a statistic may also be asked about the scores themselves

Returns = Callable[[int, int], np.ndarray]


class CountedEnv(Simulator):
    """A tabular environment of two states that notes how often it was stepped."""

    methods = ("reset", "step", "close")
    attributes = ("num_states", "num_actions")
    num_states, num_actions = 2, 2

    def __init__(self) -> None:
        self.steps = 0

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[int, dict]:
        """Begin an episode."""
        return 0, {}

    def step(self, action: Any) -> tuple[int, float, bool, bool, dict]:
        """Take one step, which ends the episode."""
        self.steps += 1
        return 1, 0.0, True, False, {}

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Run:
    """One call of a method, as the method saw it; ``returns`` is what it answered."""

    method: str
    env: Any
    steps_before: int
    num_episodes: Any
    seed: Any
    returns: np.ndarray


class Contest:
    """Methods and environments for one call of ``compare``.

    Args:
        names: of the methods.
        num_runs: of each method.
        num_episodes: of each run.
        returns: ``returns(method, call)`` is what a method answers, where ``method`` counts the names and ``call`` the
            calls so far; where left out, every call is told apart by its returns.

    Attributes:
        envs: the environments that were made, in order.
        runs: the calls of the methods, in order.
    """

    def __init__(self, names: Sequence[str], num_runs: int, num_episodes: int, returns: Returns | None = None) -> None:
        self.names, self.num_runs, self.num_episodes = list(names), num_runs, num_episodes
        self._returns = returns or (lambda method, call: call + np.arange(num_episodes) / 1024.0)
        self.envs: list[CountedEnv] = []
        self.runs: list[Run] = []

    def held(self, f: Callable[..., Any], seed: int) -> dict[str, np.ndarray]:
        """Let ``f`` compare the methods; return what each method's runs returned, `(num_runs, num_episodes)`."""

        def make_env() -> CountedEnv:
            self.envs.append(CountedEnv())
            return self.envs[-1]

        def entered(index: int, name: str) -> Callable[..., np.ndarray]:
            def method(env: Any, num_episodes: Any, seed: Any, /) -> np.ndarray:
                returns = np.asarray(self._returns(index, len(self.runs)), dtype=np.float64)
                self.runs.append(Run(name, env, getattr(env, "steps", 0), num_episodes, seed, returns))
                return returns.copy()

            return method

        methods = {name: entered(index, name) for index, name in enumerate(self.names)}
        result = f(methods, make_env, self.num_runs, self.num_episodes, seed)
        if not isinstance(result, dict):
            raise Violation(f"the function should return a dict, but it returned {kind(result)}.")
        if set(result) != set(self.names):
            found = ", ".join(sorted(repr(name) for name in result)) or "none"
            raise Violation(f"the dict should have the methods' names as keys, but its keys are {found}.")
        shape = (self.num_runs, self.num_episodes)
        return {name: array(result[name], shape, f"the returns of {name!r}") for name in self.names}

    def rows(self, result: dict[str, np.ndarray]) -> list[dict[str, Run]]:
        """Return, for each row of the result, which run of each method it came from."""
        known = {(run.method, run.returns.tobytes()): run for run in self.runs}
        rows = []
        for i in range(self.num_runs):
            row = {name: known.get((name, result[name][i].tobytes())) for name in self.names}
            if missing := [name for name, run in row.items() if run is None]:
                raise Violation(f"row {i} of {missing[0]!r} is not what any run of that method returned.")
            rows.append(row)
        return rows

    def expect_fresh_envs(self) -> None:
        """Raise a violation unless every run had an environment that was made for it alone."""
        made = {id(env) for env in self.envs}
        used: set[int] = set()
        for number, run in enumerate(self.runs):
            where = f"call {number + 1} of a method ({run.method!r})"
            if id(run.env) not in made:
                raise Violation(f"{where} was not given an environment that make_env returned.")
            if id(run.env) in used or run.steps_before:
                raise Violation(f"{where} was given an environment that had been used before.")
            used.add(id(run.env))

    def expect_episodes(self) -> None:
        """Raise a violation unless every run was asked for the right number of episodes."""
        for run in self.runs:
            if not is_whole(run.num_episodes) or run.num_episodes != self.num_episodes:
                raise Violation(f"{run.method!r} was asked for {run.num_episodes!r} episodes, not {self.num_episodes}.")

    def seeds(self, result: dict[str, np.ndarray]) -> list[int]:
        """Return the seeds of the rows; raise a violation unless they are right: whole, distinct, alike in a row."""
        seeds: list[int] = []
        for i, row in enumerate(self.rows(result)):
            for name, run in row.items():
                if not is_whole(run.seed) or not 0 <= int(run.seed) <= LARGEST_SEED:
                    raise Violation(
                        f"a seed should be a whole number from 0 to 2**31 - 1, but {name!r} was given {run.seed!r}."
                    )
            given = {name: int(run.seed) for name, run in row.items()}
            if len(set(given.values())) > 1:
                raise Violation(f"in row {i} the methods had different seeds: {given}.")
            seeds.append(next(iter(given.values())))
        if len(set(seeds)) < len(seeds):
            raise Violation(f"two runs of a method had the same seed; the seeds of the rows are {seeds[:12]}.")
        return seeds


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number by its type; an array that holds one counts."""
    if isinstance(value, (bool, np.bool_)):
        return False
    return isinstance(value, (int, np.integer)) or (
        isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "iu"
    )


@dataclass(frozen=True)
class Asked:
    """One question to a statistic and its answer."""

    sample: np.ndarray
    value: float


def watched(statistic: Callable[[np.ndarray], float]) -> tuple[Callable[[Any], float], list[Asked]]:
    """Return the statistic as a function that keeps what it is asked, and the list of it."""
    asked: list[Asked] = []

    def watching(sample: Any, /) -> float:
        numbers = np.array(sample, dtype=np.float64)
        if numbers.ndim != 1:
            raise ValueError(f"statistic takes one array of shape (n,), but it was given shape {numbers.shape}.")
        value = float(statistic(numbers)) if len(numbers) else math.nan
        asked.append(Asked(numbers, value))
        return value

    watching.__name__ = "statistic"
    return watching, asked


def read_interval(value: Any) -> tuple[float, float]:
    """Return ``(low, high)``, or raise a violation unless they are two finite numbers in order."""
    low, high = array(value, (2,), "(low, high)").tolist()
    if low > high:
        raise Violation(f"low should not exceed high, but the interval is ({low:.6g}, {high:.6g}).")
    return low, high


def expect_resamples(asked: Sequence[Asked], scores: np.ndarray, num_resamples: int) -> None:
    """Raise a violation unless the statistic was asked about ``num_resamples`` samples made of all-size draws."""
    if not num_resamples <= len(asked) <= num_resamples + EXTRA_CALLS:
        raise Violation(f"the statistic was asked {len(asked)} times, but num_resamples is {num_resamples}.")
    known = set(scores.tolist())
    for each in asked:
        if len(each.sample) != len(scores):
            raise Violation(f"a resample has {len(each.sample)} entries, but there are {len(scores)} scores.")
        if strangers := set(each.sample.tolist()) - known:
            raise Violation(f"a resample contains {min(strangers):.6g}, which is none of the scores.")


def expect_quantile(found: float, asked: Sequence[Asked], share: float, num_resamples: int, name: str) -> None:
    """Raise a violation unless ``found`` is the quantile ``share`` of the statistic's values, however interpolated.

    All usual definitions (Hyndman & Fan 1996, and plain ranks rounded up or down) lie between the neighbouring ranks.
    """
    values = np.sort([each.value for each in asked])
    rank, extra = share * num_resamples, len(asked) - num_resamples
    lowest = max(math.floor(rank + 1e-9) - 2 - extra, 0)
    highest = min(math.ceil(rank - 1e-9) + 1 + extra, len(values) - 1)
    slack = 1e-8 * max(1e-12, float(np.abs(values).max()))
    if not values[lowest] - slack <= found <= values[highest] + slack:
        raise Violation(
            f"{name} is {found:.6g}, but the quantile {share:.4g} of the {len(values)} values that the statistic took "
            f"lies between {values[lowest]:.6g} and {values[highest]:.6g}."
        )

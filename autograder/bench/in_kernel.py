"""The grader's checks in the student's own interpreter: what a test cell of stock nbgrader would run.

This is what the judge never does. It is here to be measured: the same properties on the same cases, without a sandbox.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import labkit.properties
from autograder.judge.exercise import judge_properties
from autograder.properties import find_graded, seed_of
from labkit.properties import FreshCalls, known_cases

SEED = 0


def grade(function: Callable[..., Any], cases: str = "") -> float:
    """Return the points that ``function`` earns; ``cases`` names a file of cases that need not be drawn then."""
    if cases:
        _use_cases(Path(cases))
    name = function.__name__
    outcomes = judge_properties(find_graded(name), FreshCalls(function), name, SEED, lambda: None)
    return float(sum(each.weight for each in outcomes if each.passed))


def write_cases(path: Path, names: list[str]) -> None:
    """Write the cases of the exercises ``names`` to a file for ``grade``."""
    properties = [(name, prop, seed_of(SEED, name, prop.name)) for name in names for prop in find_graded(name)]
    path.write_bytes(pickle.dumps({seed: known_cases(prop, seed) for _, prop, seed in properties}))


_drawn: dict[int, tuple] = {}


def _use_cases(path: Path) -> None:
    if not _drawn:
        _drawn.update(pickle.loads(path.read_bytes()))
        labkit.properties.known_cases = lambda prop, seed: _drawn[seed]

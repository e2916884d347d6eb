"""Hidden properties, never shipped: together with the public ones they are what an exercise is graded by.

Each unit is a package: modules of hidden properties, whose exercises it hands on, and ``mistakes*`` with the known
mistakes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from autograder.properties import comparison, dyna, environment_models, mcts, modern_methods, mpc, planning
from autograder.properties.entries import Entry
from labkit.exercises import EXERCISES
from labkit.properties import Exercise, Property

UNITS = (environment_models, planning, dyna, mcts, mpc, modern_methods, comparison)
MODULES: list[ModuleType] = [
    import_module(f"{unit.__name__}.{each.name}") for unit in UNITS for each in iter_modules(unit.__path__)
]
MISTAKES: list[Entry] = [entry for module in MODULES for entry in getattr(module, "mistakes", ())]
HIDDEN: dict[str, Exercise] = {
    exercise.name: exercise for unit in UNITS for exercise in vars(unit).values() if isinstance(exercise, Exercise)
}


def find_graded(name: str) -> list[Property]:
    """Return all properties of an exercise, the public ones first; raise ``ValueError`` for an unknown exercise."""
    if name not in EXERCISES:
        raise ValueError(f"no exercise is called {name!r}")
    hidden = HIDDEN[name].properties if name in HIDDEN else []
    return [*EXERCISES[name].properties, *hidden]


def exercises_of(names: Sequence[str]) -> list[str]:
    """Return the exercises meant by names of units ("planning") or functions; all of them when there are none."""
    units = {unit.reference.__name__.rpartition(".")[2]: unit for unit in UNITS}
    wanted: list[str] = []
    for name in names or list(units):
        if name in units:
            wanted += [each for each in EXERCISES if each in vars(units[name])]
        elif name in EXERCISES:
            wanted.append(name)
        else:
            raise ValueError(f"There is no unit or function called {name!r}; units are {', '.join(units)}.")
    return list(dict.fromkeys(wanted))


def reference(name: str) -> Callable[..., Any]:
    """Return the reference solution of an exercise."""
    return next(getattr(unit.reference, name) for unit in UNITS if hasattr(unit.reference, name))


def known_mistakes(name: str) -> list[Entry]:
    """Return the known mistakes of an exercise."""
    return [entry for entry in MISTAKES if entry.exercise == name]


def seed_of(seed: int, exercise: str, prop: str) -> int:
    """Return the seed of one property's cases: the same for every student and every regrade."""
    digest = hashlib.sha256(f"{seed}/{exercise}/{prop}".encode()).digest()
    return int.from_bytes(digest[:4], "little")


def points(name: str) -> float:
    """Return the points of an exercise: the weights of its properties."""
    return sum(each.weight for each in find_graded(name))

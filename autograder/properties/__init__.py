"""Hidden properties, never shipped: together with the public ones they are what an exercise is graded by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from autograder.properties import (
    dyna,
    dyna_mistakes,
    dyna_q_mistakes,
    dyna_q_plus_mistakes,
    environment_models,
    environment_models_mistakes,
    environment_models_mistakes_more,
    mcts,
    mcts_mistakes,
    mcts_mistakes_episode,
    mcts_mistakes_more,
    mpc,
    mpc_mistakes,
    mpc_mistakes_more,
    planning,
    planning_mistakes,
    planning_mistakes_more,
    prioritized_sweeping_mistakes,
)
from autograder.properties.entries import Entry
from labkit.exercises import EXERCISES
from labkit.properties import Exercise, Property

UNITS = (environment_models, planning, dyna, mcts, mpc)
MISTAKES: list[Entry] = [
    *environment_models_mistakes.mistakes,
    *environment_models_mistakes_more.mistakes,
    *planning_mistakes.mistakes,
    *planning_mistakes_more.mistakes,
    *dyna_mistakes.mistakes,
    *dyna_q_mistakes.mistakes,
    *dyna_q_plus_mistakes.mistakes,
    *prioritized_sweeping_mistakes.mistakes,
    *mcts_mistakes.mistakes,
    *mcts_mistakes_more.mistakes,
    *mcts_mistakes_episode.mistakes,
    *mpc_mistakes.mistakes,
    *mpc_mistakes_more.mistakes,
]
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
            wanted += [each.name for each in vars(units[name]).values() if isinstance(each, Exercise)]
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

"""Hidden properties, never shipped: together with the public ones they are what an exercise is graded by."""

from __future__ import annotations

from autograder.properties import planning
from labkit.exercises import EXERCISES
from labkit.properties import Exercise, Property

UNITS = (planning,)
HIDDEN: dict[str, Exercise] = {
    exercise.name: exercise for unit in UNITS for exercise in vars(unit).values() if isinstance(exercise, Exercise)
}


def find_graded(name: str) -> list[Property]:
    """Return all properties of an exercise, the public ones first; raise ``ValueError`` for an unknown exercise."""
    if name not in EXERCISES:
        raise ValueError(f"no exercise is called {name!r}")
    hidden = HIDDEN[name].properties if name in HIDDEN else []
    return [*EXERCISES[name].properties, *hidden]


def points(name: str) -> float:
    """Return the points of an exercise: the weights of its properties."""
    return sum(each.weight for each in find_graded(name))

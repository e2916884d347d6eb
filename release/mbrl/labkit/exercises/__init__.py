"""The public properties, one module for each unit; ``check`` finds them here by the function's name."""

from __future__ import annotations

import difflib

from labkit.exercises import comparison, dyna, environment_models, mcts, modern_methods, mpc, planning
from labkit.properties import Exercise

UNITS = (environment_models, planning, dyna, mcts, mpc, modern_methods, comparison)
EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise for unit in UNITS for exercise in vars(unit).values() if isinstance(exercise, Exercise)
}


def find_exercise(name: str) -> Exercise:
    """Return the exercise for the function called ``name``; raise ``ValueError`` with a hint where there is none."""
    if name not in EXERCISES:
        near = difflib.get_close_matches(name, EXERCISES, n=1)
        hint = f" Did you mean {near[0]}?" if near else f" The exercises are {', '.join(EXERCISES)}."
        raise ValueError(f"no exercise asks for a function called {name!r}.{hint}")
    return EXERCISES[name]

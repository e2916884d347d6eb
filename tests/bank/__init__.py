"""The bank: solutions that must pass, one module for each unit, as different as real students' are."""

from autograder.properties.entries import Entry
from tests.bank import (
    comparison,
    dyna,
    environment_ensembles,
    environment_models,
    mcts,
    modern_methods,
    modern_searches,
    mpc,
    mpc_planners,
    planning,
)

CORRECT: list[Entry] = [
    *environment_models.solutions,
    *environment_ensembles.solutions,
    *planning.solutions,
    *dyna.solutions,
    *mcts.solutions,
    *mpc.solutions,
    *mpc_planners.solutions,
    *modern_methods.solutions,
    *modern_searches.solutions,
    *comparison.solutions,
]

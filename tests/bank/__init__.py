"""The bank: solutions that must pass, one module for each unit, as different as real students' are."""

from autograder.properties.entries import Entry
from tests.bank import mpc, mpc_planners, planning

CORRECT: list[Entry] = [*planning.solutions, *mpc.solutions, *mpc_planners.solutions]

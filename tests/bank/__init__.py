"""The bank: solutions that must pass, one module for each unit, as different as real students' are."""

from autograder.properties.entries import Entry
from tests.bank import mcts, planning

CORRECT: list[Entry] = [*planning.solutions, *mcts.solutions]

"""The bank: solutions that must pass, one module for each unit, as different as real students' are."""

from autograder.properties.entries import Entry
from tests.bank import dyna, planning

CORRECT: list[Entry] = [*planning.solutions, *dyna.solutions]

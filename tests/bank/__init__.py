"""The bank: solutions that must pass, one module for each unit, as different as real students' are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from autograder.properties.entries import Entry

Function = TypeVar("Function", bound=Callable[..., Any])
CORRECT: list[Entry] = []


def correct(exercise: str, note: str) -> Callable[[Function], Function]:
    """Add the decorated function to the bank as a correct solution of ``exercise``."""

    def add(function: Function) -> Function:
        CORRECT.append(Entry(exercise, note, function))
        return function

    return add

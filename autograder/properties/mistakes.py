"""The registry of known mistakes: the audit grades them, and the judge uses them to name a misconception."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from autograder.properties.entries import Entry

Function = TypeVar("Function", bound=Callable[..., Any])
MISTAKES: list[Entry] = []


def mistake(exercise: str, when: str) -> Callable[[Function], Function]:
    """Add the decorated function as a mistake; ``when`` ends the sentence "Your answers are what you get when …"."""

    def add(function: Function) -> Function:
        MISTAKES.append(Entry(exercise, when, function))
        return function

    return add

"""Solutions kept as ordinary functions, right or wrong, and their source as a notebook cell.

A module of them begins with ``entries, add = collection()`` and marks each function with ``@add(exercise, note)``.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Entry:
    """One solution of ``exercise``; ``note`` says what is special about it, ``function`` is it.

    A mistake that is not ``nameable`` answers as others do wherever answers are not chance.
    """

    exercise: str
    note: str
    function: Callable[..., Any]
    nameable: bool = True

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def ends(self) -> bool:
        """Whether it returns at all; a mistake that never does says so in its name."""
        return not self.name.endswith("_never_ends")

    @property
    def cell(self) -> str:
        """The source as a student's cell: without the decorator, under the exercise's name."""
        source = textwrap.dedent(inspect.getsource(self.function))
        body = source[re.search(r"^def ", source, re.MULTILINE).start() :]
        return body.replace(f"def {self.name}(", f"def {self.exercise}(", 1)


def collection() -> tuple[list[Entry], Callable[..., Callable[[Function], Function]]]:
    """Return a list and the decorator ``add(exercise, note, nameable=True)`` that puts a function into it."""
    entries: list[Entry] = []

    def add(exercise: str, note: str, nameable: bool = True) -> Callable[[Function], Function]:
        def put(function: Function) -> Function:
            entries.append(Entry(exercise, note, function, nameable))
            return function

        return put

    return entries, add

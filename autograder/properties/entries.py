"""Solutions kept as ordinary functions, right or wrong, and their source as a notebook cell."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One solution of ``exercise``; ``note`` says what is special about it, ``function`` is it."""

    exercise: str
    note: str
    function: Callable[..., Any]

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def cell(self) -> str:
        """The source as a student's cell: without the decorator, under the exercise's name."""
        source = textwrap.dedent(inspect.getsource(self.function))
        body = source[re.search(r"^def ", source, re.MULTILINE).start() :]
        return body.replace(f"def {self.name}(", f"def {self.exercise}(", 1)

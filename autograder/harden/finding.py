"""What one measurement of ``make harden`` found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One row of the table: what was asked, what was required, what was measured, and whether it held."""

    part: str
    what: str
    required: str
    measured: str
    held: bool


Tell = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

Part = Callable[[Tell], Iterable[Finding]]
"""One part of the hardening: measures and hands on its rows, where one takes the place of an earlier one of the same
``what``. So a part that is interrupted leaves what it has measured, in rows that do not hold yet."""

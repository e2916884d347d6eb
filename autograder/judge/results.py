"""What judging produces: plain, frozen records that can be stored and compared."""

from __future__ import annotations

import msgspec


class PropertyOutcome(msgspec.Struct, frozen=True):
    """One property of one exercise; ``message`` is fit for the student's eyes, also for a hidden property."""

    name: str
    public: bool
    passed: bool
    weight: float
    sentence: str
    message: str = ""
    counterexample: str = ""
    unanswered: bool = False


class ExerciseResult(msgspec.Struct, frozen=True):
    """One graded function; ``seconds`` and ``slowest_call``, of one call, are wall-clock times."""

    name: str
    notebook: str
    score: float
    max_score: float
    seconds: float
    properties: list[PropertyOutcome]
    message: str = ""
    slowest_call: float = 0.0


class CellRun(msgspec.Struct, frozen=True):
    """What one of the student's cells did; ``error`` is a sentence or empty."""

    output: str = ""
    error: str = ""


class NotebookResult(msgspec.Struct, frozen=True):
    """One judged notebook. ``judged`` is false when the judge itself failed; such a result is never stored."""

    notebook: str
    tier: str
    exercises: list[ExerciseResult]
    cells: dict[str, CellRun]
    problems: list[str]
    judged: bool = True

    @property
    def score(self) -> float:
        return sum(each.score for each in self.exercises)

    @property
    def max_score(self) -> float:
        return sum(each.max_score for each in self.exercises)

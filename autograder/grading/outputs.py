"""What grading writes out for people and programs: a JSON file for each student and a table of the class."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from autograder.grading.store import write_whole
from autograder.judge.results import ExerciseResult, NotebookResult, PropertyOutcome


@dataclass(frozen=True)
class Graded:
    """One submission's outcome; ``failed`` holds the reason why it could not be judged, or is empty."""

    student: str
    assignment: str
    results: Sequence[NotebookResult]
    problems: Sequence[str]
    max_score: float
    tier: str
    failed: str = ""

    @property
    def score(self) -> float:
        return round(sum(result.score for result in self.results), 6)

    @property
    def exercises(self) -> list[ExerciseResult]:
        return [exercise for result in self.results for exercise in result.exercises]


def write_student(folder: Path, graded: Graded) -> Path:
    """Write ``<student>.json`` and return its path."""
    path = folder / f"{graded.student}.json"
    write_whole(path, msgspec.json.format(msgspec.json.encode(_student_record(graded)), indent=1) + b"\n")
    return path


def _student_record(graded: Graded) -> dict[str, Any]:
    return {
        "student": graded.student,
        "assignment": graded.assignment,
        "score": graded.score,
        "max_score": graded.max_score,
        "tier": graded.tier,
        "exercises": [
            {
                "name": each.name,
                "notebook": each.notebook,
                "score": each.score,
                "max_score": each.max_score,
                "seconds": each.seconds,
                "message": each.message,
                "properties": [_property_record(prop) for prop in each.properties],
            }
            for each in graded.exercises
        ],
        "problems": list(graded.problems),
    }


def _property_record(outcome: PropertyOutcome) -> dict[str, Any]:
    message = outcome.message
    if outcome.counterexample:
        message += f"\nSmallest counterexample found:\n{outcome.counterexample}"
    return {
        "name": outcome.name,
        "public": outcome.public,
        "passed": outcome.passed,
        "weight": float(outcome.weight),
        "sentence": outcome.sentence,
        "message": message,
    }


def write_summary(folder: Path, class_graded: Sequence[Graded]) -> Path:
    """Write ``summary.csv``, a line for each student and a column for each exercise, and return its path."""
    names = list(dict.fromkeys(exercise.name for graded in class_graded for exercise in graded.exercises))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["student", "assignment", "score", "max_score", "tier", *names, "problems"])
    for graded in sorted(class_graded, key=lambda each: each.student):
        scores = {exercise.name: exercise.score for exercise in graded.exercises}
        row = [graded.student, graded.assignment, f"{graded.score:g}", f"{graded.max_score:g}", graded.tier]
        row += [f"{scores[name]:g}" if name in scores else "" for name in names]
        writer.writerow([_no_formula(cell) for cell in [*row, " ".join(graded.problems)]])
    path = folder / "summary.csv"
    write_whole(path, table.getvalue().encode())
    return path


FORMULA = re.compile(r"(^|[;\t,|\"])(\s*)(?=[=+\-@＝＋－＠])")  # also behind what some spreadsheets part cells at


def _no_formula(cell: str) -> str:
    """Keep a spreadsheet from taking a name or a sentence for a formula, whichever sign parts its cells."""
    words = "".join(letter if letter.isprintable() else " " for letter in cell)
    return FORMULA.sub(r"\1\2'", words)

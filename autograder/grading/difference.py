"""What grading would change: new results against what the gradebook, or the folder of results, holds now.

Nothing is written here. A score that a person gave counts as it does in nbgrader: instead of the automatic one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Grade, GradeCell, Notebook, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.apps import NbGraderAPI
from rich import box
from rich.table import Table
from sqlalchemy import create_engine, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.grading.course import GradebookError, load_config
from autograder.grading.outputs import Graded

CLOSE = 1e-6


@dataclass(frozen=True)
class Held:
    """What is held of one exercise: the automatic score or None, the highest score, and what a person decided."""

    automatic: float | None
    highest: float
    manual: float | None = None
    extra: float = 0.0

    def score(self, automatic: float | None) -> float:
        """Return the score that counts when the automatic one is this."""
        return (self.manual if self.manual is not None else automatic or 0.0) + self.extra


@dataclass(frozen=True)
class Change:
    """What would change for one student: totals, ``before`` is None for a new one, and a phrase for each exercise."""

    student: str
    before: float | None
    after: float
    exercises: list[str] = field(default_factory=list)


Record = Mapping[str, Held]
"""What is held of one student, by exercise."""


def held_in_gradebook(root: Path, assignment: str) -> dict[str, Record]:
    """Return what the gradebook of the course in ``root`` holds, by student; it is only read."""
    url = make_url(NbGraderAPI(config=load_config(root)).coursedir.db_url)
    if url.drivername.startswith("sqlite") and not (root / (url.database or "")).is_file():
        return {}
    query = (
        select(Student.id, GradeCell.name, Grade.auto_score, GradeCell.max_score, Grade.manual_score,
               Grade.extra_credit)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Student, SubmittedAssignment.student_id == Student.id)
        .join(GradeCell, Grade.cell_id == GradeCell.id)
        .join(Notebook, GradeCell.notebook_id == Notebook.id)
        .join(Assignment, Notebook.assignment_id == Assignment.id)
        .where(Assignment.name == assignment)
    )  # fmt: skip
    held: dict[str, dict[str, Held]] = {}
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            rows = connection.execute(query).all() if inspect(connection).has_table("grade") else []
    except SQLAlchemyError as error:
        raise GradebookError(f"The gradebook cannot be read: {error}") from None
    finally:
        engine.dispose()
    for student, cell, automatic, highest, manual, extra in rows:
        held.setdefault(student, {})[cell.removeprefix("test_")] = Held(automatic, highest, manual, extra or 0.0)
    return held


def held_in_results(folder: Path, students: Sequence[str]) -> dict[str, Record]:
    """Return what the records of ``students`` in a folder of results say; what cannot be read is not there."""
    held: dict[str, Record] = {}
    for student in students:
        try:
            record: dict[str, Any] = json.loads((folder / f"{student}.json").read_bytes())
            held[student] = {each["name"]: Held(each["score"], each["max_score"]) for each in record["exercises"]}
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return held


def find_changes(class_graded: Sequence[Graded], held: Mapping[str, Record]) -> list[Change]:
    """Return who is new and whose scores would change, in the order of ``class_graded``."""
    changes = []
    for graded in class_graded:
        if graded.failed:
            continue
        record = held.get(graded.student, {})
        if all(each.automatic is None for each in record.values()):
            after = sum(_held(record, each).score(each.score) for each in graded.exercises)
            changes.append(Change(graded.student, None, after))
            continue
        change = _compare(graded, record)
        if change.exercises or abs(change.after - (change.before or 0.0)) > CLOSE:
            changes.append(change)
    return changes


def _held(record: Record, exercise: Any) -> Held:
    return record.get(exercise.name, Held(None, exercise.max_score))


def _compare(graded: Graded, record: Record) -> Change:
    phrases = []
    before, after = sum(each.score(each.automatic) for each in record.values()), 0.0
    for exercise in graded.exercises:
        held = _held(record, exercise)
        after += held.score(exercise.score)
        same = held.automatic is not None and abs(held.automatic - exercise.score) <= CLOSE
        if same and abs(held.highest - exercise.max_score) <= CLOSE:
            continue
        old = f"{held.automatic:g}" if held.automatic is not None else "none"
        phrase = f"{exercise.name} {old} → {exercise.score:g}"
        if abs(held.highest - exercise.max_score) > CLOSE:
            phrase = f"{exercise.name} {old} of {held.highest:g} → {exercise.score:g} of {exercise.max_score:g}"
        phrases.append(phrase + (f" (your {held.manual:g} stays)" if held.manual is not None else ""))
    gone = set(record) - {each.name for each in graded.exercises}
    phrases += [f"{name} is no longer part of the assignment" for name in record if name in gone]
    return Change(graded.student, before, after, phrases)


def render_changes(changes: Sequence[Change]) -> Table:
    """Return the changes as a table: a line for each student."""
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("student", no_wrap=True)
    for name in ("now", "then", "change"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("exercises")
    for change in sorted(changes, key=lambda each: (each.before is None, each.student)):
        if change.before is None:
            cells = ["", f"{change.after:g}", "new", ""]
        else:
            cells = [f"{change.before:g}", f"{change.after:g}", f"{change.after - change.before:+g}",
                     ", ".join(change.exercises)]  # fmt: skip
        table.add_row(*[each.replace("[", "\\[") for each in (change.student, *cells)])
    return table


def summarise_changes(changes: Sequence[Change], total: int) -> str:
    """Return the changes in a sentence."""
    new = sum(change.before is None for change in changes)
    changed, same = len(changes) - new, total - len(changes)
    return (
        f"Of {total} submission{'' if total == 1 else 's'}, {changed} would change, {new} would be new "
        f"and {same} would stay as they are. Nothing was written."
    )

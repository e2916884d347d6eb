"""Grading a path: find the submissions, judge what is not known yet, write the gradebook and the results."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.release import Release
from autograder.grading.assembly import AssembledNotebook
from autograder.grading.course import write_gradebook
from autograder.grading.difference import Change, find_changes, held_in_gradebook, held_in_results
from autograder.grading.intake import (
    IntakeError,
    Submission,
    fit_for_pages,
    matching_release,
    read_cells,
    shown,
    take_in_folder,
    take_in_notebook,
)
from autograder.grading.lock import KEPT, course_lock
from autograder.grading.outputs import Graded, write_student, write_summary
from autograder.grading.store import Store, sweep
from autograder.grading.workers import Settings, judge_all
from autograder.judge.notebook import NotebookPlan
from autograder.judge.results import NotebookResult


class UsageError(Exception):
    """The path holds nothing that can be graded; the text says what was expected."""


@dataclass(frozen=True)
class Target:
    """What a path turned out to be. ``course`` is the folder of nbgrader's course, for a ``submitted`` tree only."""

    submissions: list[Submission]
    course: Path | None
    default_out: Path


Progress = Callable[[str, int, int], None]


def find_submissions(release: Release, path: Path) -> Target:
    """Read ``path``: nbgrader's ``submitted`` tree, one submission folder, or one notebook."""
    if path.is_dir() and not path.is_symlink():
        path = path.resolve()
        if any(child.suffix == ".ipynb" for child in path.iterdir()):
            student = path.parent.name if path.name == release.assignment else path.name
            return Target([take_in_folder(release, path, _as_text(student))], None, Path.cwd() / "results")
        return Target(_class_in(release, path), path.parent, path.parent / "results")
    if not os.path.lexists(path):
        raise UsageError(f"There is nothing at {path}.")
    if path.suffix != ".ipynb":
        raise UsageError(f"{path} is neither a folder nor a notebook (.ipynb).")
    return Target([_single(release, path)], None, Path.cwd() / "results")


def _class_in(release: Release, tree: Path) -> list[Submission]:
    students = sorted(child for child in tree.iterdir() if child.is_dir() and not child.name.startswith("."))
    if not students:
        raise UsageError(
            f"{tree} holds no submissions. Expected a submitted/ tree with folders "
            f"<student>/{release.assignment}/, one such folder, or one notebook."
        )
    return [take_in_folder(release, student / release.assignment, _as_text(student.name)) for student in students]


def _as_text(name: str) -> str:
    """Return a folder's name as a student's: what no file, gradebook or sentence can hold becomes a mark."""
    return "".join(letter if fit_for_pages(letter) else "\ufffd" for letter in name)


def _single(release: Release, path: Path) -> Submission:
    student = path.absolute().parent.parent.name if path.absolute().parent.name == release.assignment else path.stem
    student = _as_text(student)
    released, problems = release.notebooks.get(path.stem), []
    if released is None:
        try:
            released = matching_release(release, read_cells(path))
            reason = f"{shown(path.name)} is not the name of a notebook of the assignment"
            problems.append(f"{reason}, but holds the cells of {released.name}." if released else f"{reason}.")
        except IntakeError as error:
            problems.append(str(error))
    if released is None:
        empty = [take_in_notebook(each, None) for each in release.notebooks.values()]
        return Submission(student, release.assignment, empty, problems)
    return Submission(student, release.assignment, [take_in_notebook(released, path)], problems)


def grade(
    target: Target, settings: Settings, out: Path, jobs: int, progress: Progress = lambda *_: None, fresh: bool = False
) -> list[Graded]:
    """Grade every submission of ``target``, write its JSON, the summary and, for a course, nbgrader's gradebook.

    A result that is stored already is not worked out again, unless ``fresh``. One broken submission stops no other.
    """
    if target.course is None or settings.tier == "none":
        for folder in (out, out / KEPT):
            sweep(folder)
        return _grade(target, settings, out, jobs, progress, fresh)
    with course_lock(target.course, out):
        graded = _grade(target, settings, out, jobs, progress, fresh)
        gradable = [s for s, g in zip(target.submissions, graded, strict=True) if not g.failed]
        write_gradebook(target.course, settings.release, gradable, settings.seed, settings.tier)
    return graded


def preview(
    target: Target, settings: Settings, out: Path, jobs: int, progress: Progress = lambda *_: None, fresh: bool = False
) -> tuple[list[Graded], list[Change]]:
    """Judge every submission of ``target``, keep the results, and return what grading would change by them."""
    if target.course is None or settings.tier == "none":
        graded = judge(target, settings, out, jobs, progress, fresh)
        return graded, find_changes(graded, held_in_results(out, [each.student for each in graded]))
    with course_lock(target.course):
        graded = judge(target, settings, out, jobs, progress, fresh)
        return graded, find_changes(graded, held_in_gradebook(target.course, settings.release.assignment))


def judge(
    target: Target, settings: Settings, out: Path, jobs: int, progress: Progress = lambda *_: None, fresh: bool = False
) -> list[Graded]:
    """Judge every submission of ``target`` and keep the results, but write nothing else."""
    kept = out if target.course is None or settings.tier == "none" else target.course
    store = Store(kept / KEPT, settings.release, settings.seed, settings.tier, settings.limits)
    known, failed = _judge(target.submissions, settings, store, jobs, progress, fresh)
    return [_collect(submission, store, known, failed, settings) for submission in target.submissions]


def _grade(target: Target, settings: Settings, out: Path, jobs: int, progress: Progress, fresh: bool) -> list[Graded]:
    class_graded = judge(target, settings, out, jobs, progress, fresh)
    for graded in class_graded:
        write_student(out, graded)
    write_summary(out, class_graded)
    return class_graded


def _judge(
    submissions: Sequence[Submission], settings: Settings, store: Store, jobs: int, progress: Progress, fresh: bool
) -> tuple[dict[str, NotebookResult], dict[str, str]]:
    """Return the results of all plans, stored ones included, and the reasons for those that have none."""
    plans: dict[str, NotebookPlan] = {}
    owners: dict[str, str] = {}
    for submission in submissions:
        for assembled in submission.notebooks:
            key = store.key(assembled.plan)
            plans.setdefault(key, assembled.plan)
            owners.setdefault(key, submission.student)
    known = {key: stored for key, plan in plans.items() if not fresh and (stored := store.load(plan)) is not None}
    failed: dict[str, str] = {}
    keys = [key for key in plans if key not in known]
    progress("", len(known), len(plans))
    with closing(judge_all(settings, [plans[key] for key in keys], jobs)) as judged:  # at an error, nothing goes on
        for index, outcome in judged:
            key = keys[index]
            if isinstance(outcome, str):
                failed[key] = outcome
            else:
                store.save(plans[key], outcome)
                known[key] = outcome
            progress(owners[key], len(known) + len(failed), len(plans))
    return known, failed


def _collect(
    submission: Submission, store: Store, known: dict[str, NotebookResult], failed: dict[str, str], settings: Settings
) -> Graded:
    results, problems, reasons = [], list(submission.problems), []
    for assembled in submission.notebooks:
        problems += assembled.problems
        key = store.key(assembled.plan)
        if key in known:
            result = known[key]
            results.append(result)
            problems += result.problems + _cell_problems(assembled, result)
            reasons += [] if result.judged else result.problems
        else:
            reasons.append(f"{assembled.release.name} could not be judged: {failed.get(key, 'no result came back')}")
    highest = sum(assembled.release.max_score for assembled in submission.notebooks)
    tier = results[0].tier if results else settings.tier
    graded = Graded(submission.student, submission.assignment, results, problems, highest, tier)
    return replace(graded, problems=[*problems, *reasons], failed=" ".join(reasons)) if reasons else graded


def _cell_problems(assembled: AssembledNotebook, result: NotebookResult) -> list[str]:
    """Return a sentence for each of the student's cells that failed when it ran."""
    return [
        f"The cell {cell_id} of {assembled.release.name} failed: {run.error}"
        for cell_id, run in result.cells.items()
        if run.error
    ]

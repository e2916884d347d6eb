"""The command line: ``autograder release``, ``grade``, ``audit`` and ``doctor``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
CORES = len(os.sched_getaffinity(0))
console = Console()
errors = Console(stderr=True)


@app.command()
def release(check: Annotated[bool, typer.Option("--check", help="Only say what drifted; write nothing.")] = False):
    """Build source and release from the solutions, the prose and the properties' points, and prove them right."""
    from autograder.course.build import BuildError, build_release, find_drift

    try:
        if check:
            drift = find_drift()
            for sentence in drift:
                errors.print(sentence, style="red", highlight=False, soft_wrap=True)
            if drift:
                raise typer.Exit(1)
            console.print("Source, release, solutions and points agree.")
            return
        for sentence in build_release():
            console.print(sentence, highlight=False, soft_wrap=True)
    except BuildError as error:
        _stop(str(error), 1)


@app.command()
def grade(
    path: Annotated[Path, typer.Argument(help="A submitted/ tree, one submission folder, or one notebook.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the results.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Notebooks judged at once.")] = len(
        os.sched_getaffinity(0)
    ),
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the checks' random cases.")] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Judge again what has a stored result.")] = False,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Run without a cage: your own work only, no gradebook.")
    ] = False,
):
    """Grade submissions: a JSON for each student, summary.csv and, for a submitted/ tree, nbgrader's gradebook."""
    from autograder.course.release import ReleaseError, read_release
    from autograder.grading.course import GradebookError
    from autograder.grading.grade import UsageError, find_submissions
    from autograder.grading.grade import grade as grade_target
    from autograder.grading.workers import Settings
    from autograder.sandbox.cage import CageError
    from autograder.sandbox.doctor import require_tier_a

    try:
        settings = Settings(read_release(), tier="none" if unsafe_no_sandbox else "A", seed=seed)
        target = find_submissions(settings.release, path)
        if not unsafe_no_sandbox:
            require_tier_a(settings.release.support)
    except (UsageError, ReleaseError) as error:
        _stop(str(error), 2)
    except CageError as error:
        _stop(f"Grading is refused: {error}", 1)
    folder = out or target.default_out
    try:
        with _bar() as bar:
            task = bar.add_task("starting", total=None)

            def show(student: str, done: int, total: int) -> None:
                bar.update(task, description=student or "known already", completed=done, total=total)

            graded = grade_target(target, settings, folder, jobs, show, fresh)
    except (GradebookError, CageError) as error:
        _stop(str(error), 1)
    _summarise(graded, folder, target.course if not unsafe_no_sandbox else None)
    raise typer.Exit(1 if any(each.failed for each in graded) else 0)


@app.command()
def audit(
    names: Annotated[list[str] | None, typer.Argument(help="Units or functions; all when none is named.")] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Seeds for the correct solutions.")] = 200,
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="Start no further seed after this time.")] = 9.0,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Solutions judged at once.")] = CORES,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The first seed.")] = 0,
    out: Annotated[Path, typer.Option("--out", help="Folder for the page.")] = Path("audit"),
):
    """Grade the bank through the cage: no correct solution may lose a point, no mistake may keep them all."""
    import sys
    import time

    from autograder import KIT

    sys.path.insert(0, str(KIT))  # the bank of correct solutions lives in tests/
    from autograder.audit.page import render_page, render_table
    from autograder.audit.run import audit as run_audit
    from autograder.audit.run import upper_bound
    from autograder.course.release import ReleaseError, read_release
    from autograder.grading.workers import DEFAULT_LIMITS
    from autograder.properties import exercises_of
    from autograder.sandbox.cage import CageError
    from labkit.exercises import EXERCISES

    started = time.monotonic()
    try:
        wanted = exercises_of(names or [])
        with _bar() as bar:
            task = bar.add_task("starting", total=None)

            def tell(title: str, done: int, total: int) -> None:
                bar.update(task, description=title, completed=done, total=total)

            audits = run_audit(read_release(), wanted, seeds, minutes, jobs, seed, tell)
    except (ValueError, ReleaseError) as error:
        _stop(str(error), 2)
    except CageError as error:
        _stop(str(error), 1)
    faults = [fault for each in audits for fault in each.faults(EXERCISES[each.name].call_seconds)]
    out.mkdir(parents=True, exist_ok=True)
    page = render_page(audits, faults, DEFAULT_LIMITS.call_seconds, time.monotonic() - started)
    (out / "index.html").write_text(page)
    console.print(render_table(audits))
    runs, lost = sum(each.runs for each in audits), sum(len(each.unfair) for each in audits)
    console.print(
        f"{runs} runs of correct solutions, {lost} false alarms: a rate of at most {upper_bound(lost, runs):.2g} "
        f"with 95 % confidence. The page is {out / 'index.html'}.",
        highlight=False,
        soft_wrap=True,
    )
    for fault in faults:
        errors.print(fault, style="red", highlight=False, soft_wrap=True)
    raise typer.Exit(1 if faults else 0)


@app.command()
def doctor():
    """Say what this machine offers for a cage, by trying to break out of one."""
    from autograder.course.release import ReleaseError, read_release
    from autograder.sandbox.doctor import examine_machine

    try:
        support = read_release().support
    except ReleaseError as error:
        _stop(str(error), 1)
    table = Table("attempt", "outcome", "contained")
    findings = examine_machine(support)
    for finding in findings:
        table.add_row(finding.attempt, finding.outcome, "[green]yes[/]" if finding.contained else "[red]NO[/]")
    console.print(table)
    if all(finding.contained for finding in findings):
        console.print("Tier A: submissions can be graded on this machine.")
        return
    _stop("Tier A is not available, so grading is refused here. See the table for the reason.", 1)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("left"), TimeRemainingColumn())  # fmt: skip
    return Progress(*columns, console=errors)


def _summarise(graded: list, folder: Path, course: Path | None) -> None:
    for each in graded:
        if each.failed:
            errors.print(f"{each.student}: {each.failed}", style="red", highlight=False, soft_wrap=True)
    scored = [each.score for each in graded]
    console.print(f"Graded {len(scored)} submission{'' if len(scored) == 1 else 's'}; results are in {folder}.",
                  highlight=False, soft_wrap=True)  # fmt: skip
    if len(graded) == 1:
        console.print(f"{graded[0].student}: {graded[0].score:g} of {graded[0].max_score:g} points", highlight=False)
    if course is not None:
        console.print(f"The gradebook is in {course}.", highlight=False, soft_wrap=True)


def _stop(sentence: str, status: int) -> None:
    errors.print(sentence, style="red", highlight=False, soft_wrap=True)
    raise typer.Exit(status)


if __name__ == "__main__":
    app()

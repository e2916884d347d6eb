"""The command line: ``autograder release``, ``grade``, ``audit`` and ``doctor``."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.display import errors, progress_bar

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
CORES = len(os.sched_getaffinity(0))
console = Console()
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
AGAIN = "What was judged is kept: the same command goes on from there."


@app.command()
def release(check: Annotated[bool, typer.Option("--check", help="Only say what drifted; write nothing.")] = False):
    """Build source and release from the solutions, the prose and the properties' points, and prove them right."""
    from autograder.course.build import BuildError, build_release, find_drift

    try:
        if check:
            drift = find_drift()
            for sentence in drift:
                errors.print(sentence, style="red", highlight=False, markup=False, soft_wrap=True)
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
    tier: Annotated[str, typer.Option("--tier", help="Demand a cage, A or B; else the strongest that holds.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say whose scores would change; write no score anywhere.")
    ] = False,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Run without a cage: your own work only, no gradebook.")
    ] = False,
):
    """Grade submissions: a JSON for each student, summary.csv and, for a submitted/ tree, nbgrader's gradebook.

    Exit status: 0 every submission was graded (with --dry-run: could be, whether or not scores would change), 1 one
    could not be, or grading was not possible, 2 wrong usage.
    """
    from autograder.course.release import ReleaseError, read_release
    from autograder.grading.course import GradebookError
    from autograder.grading.grade import UsageError, find_submissions, preview
    from autograder.grading.grade import grade as grade_target
    from autograder.grading.lock import CourseBusy
    from autograder.grading.workers import Settings
    from autograder.sandbox.cage import CageError
    from autograder.sandbox.doctor import choose_tier

    _refuse_unknown_tier(tier)
    try:
        release = read_release()
        target = find_submissions(release, path)
        chosen = "none" if unsafe_no_sandbox else choose_tier(release.support, tier)
        settings = Settings(release, tier=chosen, seed=seed)
    except (UsageError, ReleaseError) as error:
        _stop(str(error), 2)
    except CageError as error:
        _stop(f"Grading is refused: {error}", 1)
    except OSError as error:
        _stop(_explain(error, path), 1)
    folder = out or target.default_out
    try:
        with progress_bar() as bar:
            task = bar.add_task("starting", total=None)

            def show(student: str, done: int, total: int) -> None:
                bar.update(task, description=student or "known already", completed=done, total=total)

            work = preview if dry_run else grade_target
            outcome = work(target, settings, folder, jobs, show, fresh)
    except (GradebookError, CourseBusy, CageError) as error:
        _stop(str(error), 1)
    except OSError as error:
        _stop(_explain(error, folder), 1)
    except KeyboardInterrupt:
        _stop(f"Stopped. {AGAIN}", 130)
    if dry_run:
        graded, changes = outcome
        _show_changes(graded, changes)
    else:
        graded = outcome
        _summarise(graded, folder, target.course if not unsafe_no_sandbox else None)
    raise typer.Exit(1 if any(each.failed for each in graded) else 0)


def _explain(error: OSError, folder: Path) -> str:
    """Return the sentence for a file that could not be read or written."""
    place = error.filename or folder
    if error.errno in NO_ROOM:
        return f"There is no room left on the disk ({error.strerror}: {place}). Make room and start again. {AGAIN}"
    return f"{error.strerror or error}: {place}. {AGAIN}"


def _show_changes(graded: list, changes: list) -> None:
    from autograder.grading.difference import render_changes, summarise_changes

    _show_failures(graded)
    if changes:
        console.print(render_changes(changes))
    console.print(summarise_changes(changes, sum(not each.failed for each in graded)), highlight=False, soft_wrap=True)


def _show_failures(graded: list) -> None:
    for each in graded:
        if each.failed:
            errors.print(f"{each.student}: {each.failed}", style="red", highlight=False, markup=False, soft_wrap=True)


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
    from autograder.audit.page import render_audit, render_table
    from autograder.audit.run import audit as run_audit
    from autograder.audit.run import upper_bound
    from autograder.course.release import ReleaseError, read_release
    from autograder.properties import exercises_of
    from autograder.sandbox.cage import CageError

    started = time.monotonic()
    try:
        wanted = exercises_of(names or [])
        with progress_bar() as bar:
            task = bar.add_task("starting", total=None)

            def tell(title: str, done: int, total: int) -> None:
                bar.update(task, description=title, completed=done, total=total)

            audits = run_audit(read_release(), wanted, seeds, minutes, jobs, seed, tell)
    except (ValueError, ReleaseError) as error:
        _stop(str(error), 2)
    except CageError as error:
        _stop(str(error), 1)
    faults = [fault for each in audits for fault in each.faults()]
    out.mkdir(parents=True, exist_ok=True)
    page = render_audit(audits, faults, time.monotonic() - started)
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
        errors.print(fault, style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(1 if faults else 0)


@app.command()
def doctor(tier: Annotated[str, typer.Option("--tier", help="Try this cage only, A or B.")] = ""):
    """Say what this machine offers for a cage, by trying to break out of one of each tier."""
    from autograder.course.release import ReleaseError, read_release
    from autograder.sandbox.cage import TIERS
    from autograder.sandbox.doctor import examine_machine, weaknesses

    _refuse_unknown_tier(tier)
    try:
        support = read_release().support
    except ReleaseError as error:
        _stop(str(error), 1)
    wanted = (tier,) if tier else TIERS
    found = {each: {finding.attempt: finding for finding in examine_machine(support, each)} for each in wanted}
    table = Table("attempt", *(f"tier {each}" for each in wanted))
    for attempt in dict.fromkeys(name for findings in found.values() for name in findings):
        table.add_row(attempt, *(_doctor_cell(findings.get(attempt)) for findings in found.values()))
    console.print(table)
    holding = [each for each, findings in found.items() if all(one.contained for one in findings.values())]
    if not holding:
        _stop("No cage holds on this machine, so grading is refused here. See the table for the reasons.", 1)
    console.print(f"Tier {holding[0]}: submissions can be graded on this machine, and this cage will be used.")
    for sentence in weaknesses(holding[0]):
        console.print(sentence, highlight=False, soft_wrap=True)


def _doctor_cell(finding: Any) -> str:
    if finding is None:
        return ""
    return ("[green]contained[/]: " if finding.contained else "[red]NOT CONTAINED[/]: ") + escape(finding.outcome)


def _refuse_unknown_tier(tier: str) -> None:
    if tier not in ("", "A", "B"):
        _stop(f"There is no tier {tier}; there are A (bubblewrap) and B (Landlock).", 2)


def _summarise(graded: list, folder: Path, course: Path | None) -> None:
    _show_failures(graded)
    scored = [each.score for each in graded]
    console.print(f"Graded {len(scored)} submission{'' if len(scored) == 1 else 's'}; results are in {folder}.",
                  highlight=False, soft_wrap=True)  # fmt: skip
    if len(graded) == 1:
        console.print(f"{graded[0].student}: {graded[0].score:g} of {graded[0].max_score:g} points", highlight=False)
    if course is not None:
        console.print(f"The gradebook is in {course}.", highlight=False, soft_wrap=True)


def _stop(sentence: str, status: int) -> None:
    errors.print(sentence, style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(status)


if __name__ == "__main__":
    app()

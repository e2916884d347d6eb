"""The command behind ``make bench``: measures on one core, prints the table and writes it to ``bench/``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

# Everything below runs on one core with one thread, the kernels and the cage included: throughput for each core counts.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import typer
from rich.console import Console

from autograder.bench.graders import Caged, Stock, bare
from autograder.bench.measure import measure, start_cost
from autograder.bench.report import as_data, as_markdown, as_table, sentences
from autograder.bench.submissions import submissions
from autograder.course.release import read_release
from autograder.display import progress_bar
from autograder.grading.workers import Settings
from autograder.sandbox.doctor import choose_tier


def main(
    repetitions: Annotated[int, typer.Option("--repetitions", min=1, help="Times every notebook is graded.")] = 3,
    out: Annotated[Path, typer.Option("--out", help="Folder for results.json and results.md.")] = Path("bench"),
):
    """Measure seconds for each notebook: stock nbgrader, this grader, and the bare compute."""
    console = Console()
    busy = os.getloadavg()[0]
    release = read_release()
    released = next(iter(release.notebooks.values()))
    handed_in = submissions(released)
    console.print("Starting up …")
    workplace, start_seconds = start_cost(Settings(release, tier=choose_tier(release.support)), handed_in)
    for submission in handed_in:
        bare(submission)  # warm it up
    graders = {
        "stock": Stock(),
        "stock*": Stock(cases_of=released.functions),
        "kit": Caged(workplace),
        "bare": bare,
    }
    try:
        with progress_bar() as bar:
            task = bar.add_task("measuring", total=None)

            def tell(title: str, done: int, total: int) -> None:
                bar.update(task, description=title, completed=done, total=total)

            measured = measure(graders, handed_in, repetitions, tell)
    finally:
        workplace.close()
    measured.start_seconds = start_seconds
    console.print(as_table(measured))
    for sentence in sentences(measured):
        console.print(sentence, highlight=False, soft_wrap=True)
    if busy > 0.5:
        console.print(
            f"Other programs kept {busy:.1f} cores busy at the start: measure again on a quiet machine.", soft_wrap=True
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(json.dumps({**as_data(measured), "load_before": busy}, indent=1) + "\n")
    (out / "results.md").write_text(as_markdown(measured))
    console.print(f"Written to {out}/results.json and {out}/results.md.", highlight=False)


typer.run(main)

"""``make claims``: measure what the course asserts and say of each claim whether it is borne out.

    python -m autograder.claims [PART OF A NAME …]

Every seed of every experiment is a task for a pool of processes. The table goes to the terminal, a page and a CSV file
to ``claims/``. A claim that is not borne out is a finding, not a failure: the exit status is 0.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from autograder.claims import UNITS
from autograder.claims.experiment import Claim, Experiment
from autograder.display import progress_bar, render_page

OUT = Path("claims")
PAGE = """<h1>What the course claims, measured</h1>
<p>An estimate is followed by its 95 % interval, a bootstrap over seeds. A claim counts as borne out only where the
interval lies wholly on its side. {{ "%.0f"|format(seconds) }} seconds in all.</p>
<table><tr><th>unit<th>claim<th>measured<th>seeds<th>borne out</tr>
{% for c in claims %}<tr><td>{{ c.unit }}<td>{{ c.statement }}<td>{{ c.measured }}<td>{{ c.seeds }}
<td class="{{ 'good' if c.borne_out else 'bad' }}">{{ "yes" if c.borne_out else "no" }}</tr>{% endfor %}</table>
"""


def measure(experiments: Sequence[Experiment], jobs: int) -> Iterator[tuple[Experiment, list[dict[str, float]]]]:
    """Run every seed of every experiment and yield each experiment when it is complete."""
    with ProcessPoolExecutor(jobs) as pool, progress_bar() as bar:
        running = {pool.submit(each.run, seed): (each, seed) for each in experiments for seed in range(each.seeds)}
        task = bar.add_task("experiments", total=len(running))
        done: dict[str, dict[int, dict[str, float]]] = {each.name: {} for each in experiments}
        for future in as_completed(running):
            experiment, seed = running.pop(future)
            done[experiment.name][seed] = future.result()
            bar.update(task, advance=1, description=experiment.name)
            if len(done[experiment.name]) == experiment.seeds:
                yield experiment, [done[experiment.name][number] for number in range(experiment.seeds)]


def main(wanted: Sequence[str]) -> None:
    """Measure the experiments whose names contain one of ``wanted``, all when there are none, and report."""
    started = time.monotonic()
    everything = [experiment for unit in UNITS for experiment in unit.EXPERIMENTS]
    chosen = [each for each in everything if not wanted or any(part in each.name for part in wanted)]
    if not chosen:
        sys.exit(f"No experiment is called so; there are {', '.join(each.name for each in everything)}.")
    claims: dict[str, Sequence[Claim]] = {}
    for experiment, measured in measure(chosen, len(os.sched_getaffinity(0))):
        samples = {name: np.array([each[name] for each in measured]) for name in measured[0]}
        claims[experiment.name] = experiment.conclude(samples)
    rows = [claim for experiment in chosen for claim in claims[experiment.name]]
    _report(rows, time.monotonic() - started)


def _report(claims: Sequence[Claim], seconds: float) -> None:
    OUT.mkdir(exist_ok=True)
    page = render_page("Claims", PAGE, claims=claims, seconds=seconds)
    (OUT / "index.html").write_text(page, "utf-8")
    with open(OUT / "claims.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["unit", "claim", "measured", "seeds", "borne out"])
        writer.writerows([c.unit, c.statement, c.measured, c.seeds, "yes" if c.borne_out else "no"] for c in claims)
    table = Table("unit", "claim", "measured", "seeds", "borne out", show_lines=True)
    for each in claims:
        verdict = "[blue]yes[/]" if each.borne_out else "[red]no[/]"
        table.add_row(each.unit, each.statement, each.measured.replace("[", "\\["), str(each.seeds), verdict)
    Console().print(table)
    print(f"{len(claims)} claims in {seconds:.0f} seconds; the page is {OUT / 'index.html'}.")


if __name__ == "__main__":
    main(sys.argv[1:])

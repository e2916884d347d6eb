"""What was measured, as a table for the terminal, as Markdown and as plain data."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from autograder.bench.measure import Measured, Timing

CLASS_SIZE = 30


def as_table(measured: Measured) -> Table:
    """Return the table for the terminal."""
    head, *rows = _rows(measured)
    table = Table(*head, title="Seconds for each notebook on one core: median ± half the range")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows[:-1]:
        table.add_row(*row)
    table.add_section()
    table.add_row(*rows[-1], style="bold")
    return table


def as_markdown(measured: Measured) -> str:
    """Return the table and the sentences as Markdown."""
    head, *rows = _rows(measured)
    rule = ["---", *["---:"] * (len(head) - 1)]
    lines = ["| " + " | ".join(row) + " |" for row in (head, rule, *rows)]
    return "\n".join([*lines, "", *(f"- {sentence}" for sentence in sentences(measured)), ""])


def as_data(measured: Measured) -> dict[str, Any]:
    """Return everything as plain data."""
    return {
        "seconds": {
            grader: {name: measured.timings[grader, name].seconds for name in measured.submissions}
            for grader in measured.graders
        },
        "mean_of_medians": {grader: measured.mean(grader) for grader in measured.graders},
        "start_seconds": measured.start_seconds,
        "class_size": CLASS_SIZE,
        "scores": {name: measured.scores[measured.graders[0], name] for name in measured.submissions},
        "disagreements": measured.disagreements(),
    }


def sentences(measured: Measured) -> list[str]:
    """Return what the columns are, the ratios, and where the graders disagree, as sentences."""
    *stock, kit, limit = measured.graders
    ours, start = measured.mean(kit), measured.start_seconds
    amortised = ours + start / CLASS_SIZE
    return [
        f"{stock[0]}: nbgrader's own Execute, a kernel for each notebook; its test cells draw and run the checks.",
        f"{stock[1]}: the same, but its kernels read the checks' cases from a file instead of drawing them.",
        f"{kit}: this grader as 'autograder grade' runs it, with a warm cage, nothing stored.",
        f"{limit}: the same cells and checks in one warm process, without kernel, cage or pipe: the limit.",
        f"On average {stock[0]} takes {measured.mean(stock[0]) / ours:.1f} times as long as {kit}, {stock[1]} "
        f"{measured.mean(stock[1]) / ours:.1f} times, and {kit} "
        f"{ours / measured.mean(limit):.1f} times as long as {limit}.",
        f"A grading process starts up once, in {start:.1f} s. For a class of {CLASS_SIZE} on one core {kit} then takes "
        f"{amortised:.2f} s for each notebook, and {stock[0]} {measured.mean(stock[0]) / amortised:.1f} times as long.",
        *(measured.disagreements() or ["All of them gave every exercise the same score."]),
    ]


def _rows(measured: Measured) -> list[list[str]]:
    *stock, caged, limit = measured.graders
    head = ["submission", *measured.graders, f"{stock[0]} / {caged}", f"{caged} / {limit}"]
    rows = []
    for name in measured.submissions:
        timings = {grader: measured.timings[grader, name] for grader in measured.graders}
        medians = {grader: timing.median for grader, timing in timings.items()}
        cells = [_with_spread(timing) for timing in timings.values()]
        rows.append([name, *cells, *_ratios(medians, stock[0], caged, limit)])
    means = {grader: measured.mean(grader) for grader in measured.graders}
    last = [f"{seconds:.2f}" for seconds in means.values()]
    return [head, *rows, ["mean", *last, *_ratios(means, stock[0], caged, limit)]]


def _ratios(seconds: dict[str, float], stock: str, caged: str, limit: str) -> list[str]:
    return [f"{seconds[stock] / seconds[caged]:.1f}", f"{seconds[caged] / seconds[limit]:.1f}"]


def _with_spread(timing: Timing) -> str:
    return f"{timing.median:.2f} ± {timing.spread:.2f}"

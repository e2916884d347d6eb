"""What was measured, as a table for the terminal, as Markdown and as plain data."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from autograder.bench.measure import Measured, Timing

CLASS_SIZE = 30


def as_table(measured: Measured) -> Table:
    """Return the table for the terminal."""
    head, *rows = _rows(measured)
    table = Table(*head, title="seconds for each notebook on one core: median ± half the range")
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
    """Return the ratios, and where the graders disagree, as sentences."""
    *stock, caged, limit = measured.graders
    ours = measured.mean(caged)
    amortised = ours + measured.start_seconds / CLASS_SIZE
    ratios = [(grader, measured.mean(grader) / ours) for grader in stock]
    faster = [f"{ratio:.1f} times as long as {caged} is what {grader} takes." for grader, ratio in ratios]
    return [
        *faster,
        f"A grading process starts up once, in {measured.start_seconds:.1f} s. In a class of {CLASS_SIZE} on one core "
        f"this makes {amortised:.2f} s for each notebook; {stock[0]} then takes "
        f"{measured.mean(stock[0]) / amortised:.1f} times as long.",
        f"{caged} takes {ours / measured.mean(limit):.1f} times as long as {limit}, which is the limit: the same cells "
        "and checks in one warm process, without a kernel, a cage or a pipe.",
        *(measured.disagreements() or ["All graders gave every exercise the same score."]),
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
    last = [f"{seconds:.3f}" for seconds in means.values()]
    return [head, *rows, ["mean", *last, *_ratios(means, stock[0], caged, limit)]]


def _ratios(seconds: dict[str, float], stock: str, caged: str, limit: str) -> list[str]:
    return [f"{seconds[stock] / seconds[caged]:.1f}", f"{seconds[caged] / seconds[limit]:.1f}"]


def _with_spread(timing: Timing) -> str:
    return f"{timing.median:.3f} ± {timing.spread:.3f}"

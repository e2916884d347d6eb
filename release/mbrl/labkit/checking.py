"""``check(f)``: run the public properties of a student's function and show what holds and what does not."""

from __future__ import annotations

import html
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from labkit.exercises import find_exercise
from labkit.properties import FreshCalls, PropertyResult, examine


class Outcome(Protocol):
    """What a report shows of one property: a ``PropertyResult``, or grading's record of one."""

    sentence: str
    public: bool
    passed: bool
    message: str
    counterexample: str


class CheckFailed(AssertionError):
    """Some public property does not hold; the report above says which, and shows a small counterexample."""

    def _render_traceback_(self) -> list[str]:
        """Show one line in a notebook instead of the check's own stack."""
        return [f"{type(self).__name__}: {self}"]


class Report:
    """The outcome of a check, as text and, in a notebook, as HTML."""

    def __init__(self, name: str, results: Sequence[PropertyResult]) -> None:
        self.name = name
        self.results = results

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

    def __str__(self) -> str:
        return render_text(self.name, self.results)

    def _repr_html_(self) -> str:
        return render_html(self.name, self.results)


def check(function: Callable[..., Any]) -> None:
    """Try the public properties of ``function`` and show one line for each.

    Args:
        function: the function you wrote, under the name that the exercise gives it.

    Raises:
        CheckFailed: some property does not hold. The report shows the smallest counterexample found.
        ValueError: no exercise has this function's name.
    """
    name = getattr(function, "__name__", None)
    if not callable(function) or name is None:
        raise ValueError(f"check takes a function that you wrote, such as check(bellman_q), but got {function!r}.")
    exercise = find_exercise(name)
    results = [
        examine(prop, FreshCalls(function), name, random_seed=index)
        for index, prop in enumerate(each for each in exercise.properties if each.public)
    ]
    report = Report(name, results)
    show(report)
    failed = sum(not result.passed for result in results)
    if failed:
        raise CheckFailed(f"{name}: {failed} of {len(results)} public properties do not hold yet; see above.") from None


def show(report: Report) -> None:
    """Display ``report`` in a notebook, print it elsewhere."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and getattr(shell, "kernel", None) is not None:
        from IPython.display import display

        display(report)
    else:
        print(report)


def render_text(name: str, results: Sequence[Outcome]) -> str:
    """Return the report as plain text."""
    return "\n".join([name, *(line for result in results for line in _text_lines(result))])


def render_html(name: str, results: Sequence[Outcome]) -> str:
    """Return the report as HTML that reads well on light and dark pages; every value is escaped."""
    rows = []
    for result in results:
        mark, colour = ("✓", "#0072b2") if result.passed else ("✗", "#d55e00")
        hidden = "" if result.public else " <span style='opacity:.65'>(checked when graded)</span>"
        rows.append(
            f"<div style='margin:.15em 0'><span style='color:{colour};font-weight:bold'>{mark}</span> "
            f"{html.escape(result.sentence)}{hidden}</div>"
        )
        if result.passed:
            continue
        details = html.escape(result.message)
        if result.counterexample:
            details += (
                "<div style='opacity:.8;margin-top:.2em'>Smallest counterexample found:</div>"
                f"<pre style='margin:.1em 0 .4em 0;white-space:pre-wrap'>{html.escape(result.counterexample)}</pre>"
            )
        if details:
            style = f"margin:.1em 0 .4em 1.2em;padding-left:.7em;border-left:3px solid {colour}"
            rows.append(f"<div style='{style}'>{details}</div>")
    return f"<div><b><code>{html.escape(name)}</code></b>{''.join(rows)}</div>"


def _text_lines(result: Outcome) -> list[str]:
    hidden = "" if result.public else " (checked when graded)"
    lines = [f"  {'✓' if result.passed else '✗'} {result.sentence}{hidden}"]
    if not result.passed:
        lines += [f"      {line}" for line in result.message.splitlines()]
        if result.counterexample:
            lines.append("      Smallest counterexample found:")
            lines += [f"        {line}" for line in result.counterexample.splitlines()]
    return lines

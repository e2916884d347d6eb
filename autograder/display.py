"""What the commands have in common on a terminal and on a page: the progress bar, and the pages' look."""

from __future__ import annotations

from typing import Any

import jinja2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

errors = Console(stderr=True)

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{ title }}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<style>
 body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222 }
 table { border-collapse: collapse; width: 100%; margin: .7rem 0 2rem } th, td { text-align: left; padding: .3rem .6rem;
 border-bottom: 1px solid #ddd; vertical-align: top } th { background: #f4f4f4 } td.n, th.n { text-align: right }
 .good { color: #0072b2; font-weight: bold } .bad { color: #d55e00; font-weight: bold } code { font-size: 90% }
 h2 { margin-top: 2.5rem } .quiet { color: #666 }
 td.n { white-space: nowrap } summary { cursor: pointer; color: #0072b2 }
</style>
"""


def progress_bar() -> Progress:
    """Return a bar on standard error with what is done, what there is, the time gone and the time left."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("left"), TimeRemainingColumn())  # fmt: skip
    return Progress(*columns, console=errors)


def render_page(title: str, body: str, **values: Any) -> str:
    """Return a whole HTML page; ``body`` is a Jinja template, and every value in it is escaped."""
    template = jinja2.Environment(autoescape=True).from_string(PAGE + body + "</html>\n")
    return template.render(title=title, **values)

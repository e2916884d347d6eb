"""``make harden``: measure everything that SECURITY.md promises and print one table.

    python -m autograder.harden [PART …]

The table goes to the terminal, a page and a JSON file in ``harden/``. Each row is written as soon as it is measured,
and what an earlier run found in other parts stays. Exit status: 0 everything held, 1 something did not, 2 there is no
such part.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from autograder import KIT
from autograder.display import progress_bar, render_page
from autograder.harden.finding import Finding, Part

OUT = Path("harden")
BODY = """
<h1>Nothing gained by cheating, nothing lost by crashing</h1>
{% for name, part in parts.items() %}<h2>{{ name }}</h2>
<p>{{ part.findings|selectattr("held")|list|length }} of {{ part.findings|length }} held. Measured on {{ part.on }} in
{{ "%.0f"|format(part.seconds) }} seconds.</p>
<table><tr><th>what<th>required<th>measured<th>held</tr>
{% for f in part.findings %}<tr><td>{{ f.what }}<td>{{ f.required }}<td>{{ f.measured }}
<td class="{{ 'good' if f.held else 'bad' }}">{{ "yes" if f.held else "no" }}</tr>{% endfor %}</table>{% endfor %}
"""


@dataclass(frozen=True)
class Measured:
    """What was found of one part, on which day, and the seconds it took."""

    on: str
    seconds: float
    findings: list[Finding]


def parts() -> dict[str, Part]:
    """Return every part by its name, in the order in which they run."""
    sys.path.insert(0, str(KIT))  # the hostile corpus and the demo class live in tests/
    from autograder.harden import corpus, crash, fuzz, limits, regrade

    return {
        "corpus": corpus.measure,
        "limits": limits.measure,
        "fuzz": fuzz.measure,
        "crash": crash.measure,
        "regrade": regrade.measure,
    }


def main(wanted: Sequence[str]) -> None:
    """Measure the parts named, all when there are none, and report."""
    known = parts()
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"There is no part {unknown[0]}; there are {', '.join(known)}.", file=sys.stderr)
        sys.exit(2)
    measured: list[Measured] = []
    with progress_bar() as bar:
        for name in wanted or known:
            task = bar.add_task(name, total=None)

            def tell(what: str, done: int, total: int, task=task, name=name) -> None:
                bar.update(task, description=f"{name}: {what}", completed=done, total=total)

            rows: dict[str, Finding] = {}
            so_far = Measured(f"{date.today()}", 0.0, [])
            started = time.monotonic()
            for finding in known[name](tell):
                rows[finding.what] = finding
                so_far = Measured(f"{date.today()}", time.monotonic() - started, list(rows.values()))
                keep(OUT, name, so_far, list(known))
            measured.append(so_far)
    _print(measured)
    sys.exit(0 if all(finding.held for each in measured for finding in each.findings) else 1)


def keep(out: Path, name: str, measured: Measured, order: Sequence[str]) -> None:
    """Write what was measured of one part to the table in ``out``, beside the other parts of an earlier run."""
    out.mkdir(exist_ok=True)
    file = out / "findings.json"
    parts = msgspec.json.decode(file.read_bytes(), type=dict[str, Measured]) if file.exists() else {}
    parts[name] = measured
    parts = {each: parts[each] for each in order if each in parts}
    file.write_bytes(msgspec.json.format(msgspec.json.encode(parts), indent=1) + b"\n")
    (out / "index.html").write_text(render_page("Hardening", BODY, parts=parts), "utf-8")


def _print(measured: Sequence[Measured]) -> None:
    table = Table("part", "what", "required", "measured", "held", show_lines=True)
    findings = [finding for each in measured for finding in each.findings]
    for each in findings:
        row = [text.replace("[", "\\[") for text in (each.part, each.what, each.required, each.measured)]
        table.add_row(*row, "[blue]yes[/]" if each.held else "[red]NO[/]")
    Console().print(table)
    seconds = sum(each.seconds for each in measured)
    print(f"{len(findings)} rows in {seconds:.0f} seconds; the page is {OUT / 'index.html'}.")


if __name__ == "__main__":
    main(sys.argv[1:])

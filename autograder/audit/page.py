"""The audit as an HTML page and as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Column, Table

from autograder.audit.run import FunctionAudit, upper_bound
from autograder.display import render_page
from autograder.properties import find_graded, known_mistakes

BODY = """<h1>Is the grading fair?</h1>
<p>Correct solutions and known mistakes of the bank, and automatic mutants of the reference, graded through the cage.
{{ runs }} runs of correct solutions lost a point {{ lost }} times: the false-alarm rate is at most
{{ "%.2g"|format(bound) }} with 95 % confidence. {{ "%.0f"|format(seconds) }} seconds in all.</p>
<p class="{{ 'bad' if faults else 'good' }}">{{ faults|length or "No" }} bar{{ "" if faults|length == 1 else "s" }}
missed.</p>
{% if faults %}<ul>{% for fault in faults %}<li>{{ fault }}</li>{% endfor %}</ul>{% endif %}
<table><tr><th>function<th class=n>correct<th class=n>runs<th class=n>lost a point<th class=n>mistakes
<th class=n>kept full points<th class=n>named<th class=n>mutants killed<th class=n>slowest call / limit</tr>
{% for a in audits %}<tr><td><a href="#{{ a.name }}"><code>{{ a.name }}</code></a><td class=n>{{ a.correct }}
<td class=n>{{ a.runs }}<td class="n {{ 'bad' if a.unfair else 'good' }}">{{ a.unfair|length }}
<td class=n>{{ a.mistakes }}<td class="n {{ 'bad' if a.missed else 'good' }}">{{ a.missed|length }}
<td class=n>{{ "%.0f"|format(100 * a.named|length / (a.mistakes or 1)) }} %
<td class="n {{ 'bad' if a.unexplained else 'good' }}">{{ "%.1f"|format(100 * a.mutation_score) }} % of {{ a.mutants }}
<td class=n>{{ "%.2f"|format(a.slowest_call) }} s / {{ "%g"|format(a.call_seconds) }} s</tr>{% endfor %}</table>
{% for a in audits %}<h2 id="{{ a.name }}"><code>{{ a.name }}</code></h2>
<table><tr><th>property<th>it says<th class=n>points<th class=n>mistakes caught</tr>
{% for p in properties[a.name] %}<tr><td><code>{{ p.name }}</code>{{ "" if p.public else " (hidden)" }}
<td>{{ p.sentence }}<td class=n>{{ p.weight }}<td class=n>{{ a.caught_by.get(p.name, [])|length }}</tr>{% endfor %}
</table>
<details><summary>{{ a.mistakes }} known mistakes, and what caught each</summary>
<table><tr><th>mistake<th>your answers are what you get when …<th>caught by<th>named</tr>
{% for m in mistakes[a.name] %}<tr><td><code>{{ m.name }}</code><td>{{ m.note }}
<td>{% for p in a.catchers(m.name) %}<code>{{ p }}</code> {% else %}<span class=bad>nothing</span>{% endfor %}
<td>{{ "yes" if m.name in a.named else "wrongly" if m.name in a.misnamed else "no" }}</tr>{% endfor %}</table></details>
{% if a.idle %}<p class=quiet>Caught nothing in this bank: {{ a.idle|join(", ") }}.</p>{% endif %}
{% if a.unnamed %}<p class=quiet>Mistakes caught but not named: {{ a.unnamed|join(", ") }}.</p>{% endif %}
{% if a.survivors %}<table><tr><th>surviving mutant<th>instead of<th>why it is no mistake</tr>
{% for mutant, reason in a.survivors %}<tr><td><code>{{ mutant.after }}</code><td><code>{{ mutant.before }}</code>
<td>{% if reason %}{{ reason }}{% else %}<span class=bad>no reason given</span>{% endif %}</tr>{% endfor %}</table>
{% endif %}{% endfor %}
"""


def render_audit(audits: Sequence[FunctionAudit], faults: Sequence[str], seconds: float) -> str:
    """Return the audit as a page."""
    runs, lost = sum(each.runs for each in audits), sum(len(each.unfair) for each in audits)
    return render_page(
        "Audit",
        BODY,
        audits=audits,
        faults=faults,
        runs=runs,
        lost=lost,
        bound=upper_bound(lost, runs),
        seconds=seconds,
        mistakes={each.name: known_mistakes(each.name) for each in audits},
        properties={each.name: find_graded(each.name) for each in audits},
    )


def render_table(audits: Sequence[FunctionAudit]) -> Table:
    """Return the audit's main figures as a table for the terminal."""
    table = Table(
        Column("function", no_wrap=True),
        "correct: runs, lost",
        "mistakes: kept all",
        "named",
        "mutants killed",
        "slowest call",
    )
    for each in audits:
        table.add_row(
            each.name,
            f"{each.correct}: {each.runs}, {len(each.unfair)}",
            f"{each.mistakes}: {len(each.missed)}",
            f"{len(each.named) / (each.mistakes or 1):.0%}",
            f"{each.mutation_score:.1%} of {each.mutants}",
            f"{each.slowest_call:.2f} s",
        )
    return table

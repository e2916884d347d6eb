"""From the cells of a handed-in notebook to the notebook that is judged.

Only the sources of solution cells, of written answers and of the student's own code cells are taken. Test cells, locked
cells, points, ids and support files come from the release; metadata, outputs and other files are dropped, and the
problems say so. An answer is for a person to read in a browser: it is kept as text without HTML and links.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.course.release import ReleaseCell, ReleaseNotebook
from autograder.judge.notebook import NotebookPlan, Step

MAX_ANSWER = 50_000
ACTIVE = re.compile(r"(<(?=[A-Za-z/!?])|\](?=[(:]))")  # where Markdown could see a tag, a link or a picture


@dataclass(frozen=True)
class SubmittedCell:
    """One cell as handed in; ``known_as`` is the id it claims, or empty.

    Only a code cell can be code. A written answer may come in a cell of any kind, perhaps with files ``attached``.
    """

    source: str
    known_as: str
    marks: str
    is_code: bool = True
    attached: bool = False

    def belongs_to(self, original: ReleaseCell | None) -> bool:
        """Whether it can take the place of a released cell."""
        return original is not None and (self.is_code or original.kind == "answer")


@dataclass
class AssembledNotebook:
    """A notebook ready to be judged: the release's cells with the student's sources in their places."""

    release: ReleaseNotebook
    plan: NotebookPlan
    cells: list[tuple[ReleaseCell | None, str, str]]  # the release's cell or None, the id of the run, the source
    problems: list[str] = field(default_factory=list)

    def to_notebook(self) -> NotebookNode:
        """Return it as a notebook: metadata and ids as released, no outputs."""
        node = copy.deepcopy(self.release.node)
        node.cells = []
        for cell, run_id, source in self.cells:
            fresh = copy.deepcopy(cell.node) if cell else new_code_cell(id=run_id)
            fresh.source = source
            if fresh.cell_type == "code":
                fresh.outputs, fresh.execution_count = [], None
            node.cells.append(fresh)
        return node


def claimed(raw: Mapping[str, Any], source: str | None = None) -> SubmittedCell:
    """Return a raw cell's source and the place in the release that it claims."""
    metadata = raw.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    marks = marks if isinstance(marks, dict) else {}
    known_as = marks.get("grade_id") or raw.get("id") or ""
    watched = {key: _mark(marks[key]) for key in ("grade", "solution", "locked", "points", "task") if key in marks}
    known_as = known_as if isinstance(known_as, str) else ""
    return SubmittedCell(
        raw["source"] if source is None else source,
        known_as,
        json.dumps(watched, sort_keys=True),
        is_code=raw.get("cell_type", "code") == "code",
        attached=bool(raw.get("attachments")),
    )


def _mark(value: Any) -> Any:
    """Return a mark of nbgrader's if it is one: a number or a truth value."""
    return value if isinstance(value, (bool, int, float)) or value is None else "of another kind"


def assemble(release: ReleaseNotebook, cells: Sequence[SubmittedCell]) -> AssembledNotebook:
    """Put the student's sources in the places that the release gives them.

    A student's own cell stays behind the release cell that it followed. Of two cells that claim one id the last counts,
    as in nbgrader; the other becomes an ordinary cell. A stub left as it was gives way to a definition elsewhere.
    """
    problems: list[str] = []
    cells = [cell for cell in cells if cell.is_code or cell.belongs_to(release.by_id.get(cell.known_as))]
    cells = _recognised(release, cells)
    last_claim = {cell.known_as: index for index, cell in enumerate(cells) if cell.known_as in release.by_id}
    taken: dict[str, str] = {}
    own: dict[str, list[str]] = {}
    answers: dict[str, list[SubmittedCell]] = {}
    anchor = ""
    for index, cell in enumerate(cells):
        original = release.by_id.get(cell.known_as)
        is_answer = original is not None and original.kind == "answer"
        if original is None or (last_claim[cell.known_as] != index and not is_answer):
            if original is not None and original.kind == "solution":
                problems.append(f"The cell of {original.cell_id} exists more than once; the last one was graded.")
            if (original is None or original.kind == "solution") and cell.source.strip():
                own.setdefault(anchor, []).append(cell.source)
            continue
        if original.kind != "text":  # what comes after a text that was made code comes after the code before it
            anchor = original.cell_id
        if is_answer:
            answers.setdefault(anchor, []).append(cell)
        elif original.kind == "solution":
            taken[anchor] = cell.source
        elif cell.source.strip() != original.source.strip():
            problems.append(f"The locked cell {anchor} was changed; the released one was used.")
        if cell.marks != "{}" and cell.marks != claimed(original.node).marks:
            problems.append(f"The metadata of the cell {anchor} was changed; the released one was used.")
    for name, parts in answers.items():
        taken[name] = _answer(release.by_id[name], parts, problems)
    return _arrange(release, taken, own, list(dict.fromkeys(problems)))


def _recognised(release: ReleaseNotebook, cells: Sequence[SubmittedCell]) -> list[SubmittedCell]:
    """Return the cells, those that lost their id but hold what a released code cell holds known again.

    Some editors strip ids and metadata. An experiment is not run when grading, a test cell is run by the judge alone.
    """
    there = {cell.known_as for cell in cells}
    lost = {cell.source.strip(): cell.cell_id for cell in release.cells
            if cell.kind not in ("text", "answer") and cell.source and cell.cell_id not in there}  # fmt: skip
    return [
        cell if cell.known_as in release.by_id else replace(cell, known_as=lost.pop(cell.source.strip(), cell.known_as))
        for cell in cells
    ]


def _answer(original: ReleaseCell, parts: Sequence[SubmittedCell], problems: list[str]) -> str:
    """Return a written answer, its parts together, as text without HTML and links; say what was not kept.

    A cell that was split keeps its id in both halves, and neither may be lost.
    """
    name = original.cell_id
    texts = list(dict.fromkeys(each.source for each in parts if each.source != original.source))
    if len(texts) > 1:
        problems.append(f"The answer {name} is in several cells; they were put together.")
    if any(each.attached for each in parts):
        problems.append(f"The files attached to the answer {name} were not kept: an answer is text.")
    text = "\n\n".join(texts) if texts else original.source
    if len(text) > MAX_ANSWER:
        problems.append(f"The answer {name} is longer than {MAX_ANSWER} characters; the rest was cut off.")
    text, found = ACTIVE.subn(r"\1 ", text[:MAX_ANSWER])
    if found:
        problems.append(f"HTML and links in the answer {name} are shown as text.")
    return text


def _arrange(
    release: ReleaseNotebook, taken: dict[str, str], own: dict[str, list[str]], problems: list[str]
) -> AssembledNotebook:
    defined = "\n".join(source for sources in own.values() for source in sources)
    arranged: list[tuple[ReleaseCell | None, str, str]] = []
    steps: list[Step] = []

    def add_own(anchor: str) -> None:
        for number, source in enumerate(own.get(anchor, [])):
            run_id = f"own-{anchor[:40] or 'start'}-{number}"
            arranged.append((None, run_id, source))
            steps.append(Step("cell", run_id, source))

    add_own("")
    for cell in release.cells:
        source = taken.get(cell.cell_id, cell.source)
        arranged.append((cell, cell.cell_id, source))
        if cell.kind == "solution":
            if cell.cell_id not in taken:
                problems.append(f"The cell of {cell.cell_id} is missing.")
            elsewhere = source == cell.source and re.search(rf"^[ \t]*def[ \t]+{cell.cell_id}\b", defined, re.MULTILINE)
            if not elsewhere:
                steps.append(Step("cell", cell.cell_id, source))
        elif cell.kind == "test":
            steps.append(Step("test", cell.cell_id, cell.source, cell.points))
        elif cell.kind == "answer" and cell.cell_id not in taken:
            problems.append(f"The answer {cell.cell_id} is missing.")
        elif cell.kind == "code":
            steps.append(Step("cell", cell.cell_id, cell.source))
        add_own(cell.cell_id)
    plan = NotebookPlan(release.name, steps, release.functions, _unwritten(release, taken, defined))
    return AssembledNotebook(release, plan, arranged, problems)


def _unwritten(release: ReleaseNotebook, taken: dict[str, str], own: str) -> list[str]:
    """Return the functions whose stubs are as released, or missing, and of which no code of the student's speaks."""
    stubs = {name: release.by_id[name].source.strip() for name in release.functions}
    written = {name: source for name, source in taken.items() if name in stubs and source.strip() != stubs[name]}
    code = "\n".join([own, *written.values()])
    return [name for name in stubs if name not in written and not re.search(rf"\b{name}\b", code)]

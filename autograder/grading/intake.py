"""Intake: from files that anybody could have written to the sources that may be graded, and nothing else.

Only the sources of solution cells and of the student's own cells are taken. Test cells, locked cells, points, ids and
support files come from the release; metadata, outputs and other files are dropped, and the problems say so.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.course.release import Release, ReleaseCell, ReleaseNotebook
from autograder.judge.notebook import NotebookPlan, Step

MAX_FILE_BYTES = 100 * 2**20
MAX_SOURCE_BYTES = 2**20
MAX_CELLS = 2000
MAX_FILES = 2000
HARMLESS = re.compile(r"(^|/)(\.ipynb_checkpoints|__pycache__|\.git)(/|$)|(^|/)(timestamp\.txt|\.DS_Store|README\.md)$")


class IntakeError(Exception):
    """A file cannot be graded; the text is the sentence that the student reads."""


@dataclass(frozen=True)
class SubmittedCell:
    """One code cell as handed in; ``known_as`` is the id it claims, or empty."""

    source: str
    known_as: str
    marks: str


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


def read_cells(path: Path) -> list[SubmittedCell]:
    """Return the code cells of a handed-in notebook file, or raise ``IntakeError``."""
    name = shown(path.name)
    notebook = _parse(_read_file(path), name)
    raw_cells = notebook.get("cells")
    if not isinstance(raw_cells, list):
        raise IntakeError(f"{name} is not a notebook: it has no list of cells.")
    if len(raw_cells) > MAX_CELLS:
        raise IntakeError(f"{name} has {len(raw_cells)} cells; at most {MAX_CELLS} are read.")
    cells = []
    for raw in raw_cells:
        if not isinstance(raw, dict) or raw.get("cell_type") != "code":
            continue
        source = raw.get("source", "")
        source = "".join(map(str, source)) if isinstance(source, list) else source
        if not isinstance(source, str):
            raise IntakeError(f"{name} is not a valid notebook: a cell's source is no text.")
        if len(source) > MAX_SOURCE_BYTES:
            raise IntakeError(f"{name} has a cell of more than 1 MiB of source.")
        cells.append(claimed(raw, source.encode("utf-8", "replace").decode()))
    return cells


def claimed(raw: Mapping[str, Any], source: str | None = None) -> SubmittedCell:
    """Return a raw code cell's source and the place in the release that it claims."""
    metadata = raw.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    marks = marks if isinstance(marks, dict) else {}
    known_as = marks.get("grade_id") or raw.get("id") or ""
    watched = {key: marks.get(key) for key in ("grade", "solution", "locked", "points", "task") if key in marks}
    known_as = known_as if isinstance(known_as, str) else ""
    return SubmittedCell(raw["source"] if source is None else source, known_as, json.dumps(watched, sort_keys=True))


def _read_file(path: Path) -> str:
    name = shown(path.name)
    try:
        kind = os.lstat(path).st_mode
        if stat.S_ISLNK(kind):
            raise IntakeError(f"{name} is a symbolic link; the notebook itself has to be handed in.")
        if not stat.S_ISREG(kind):
            raise IntakeError(f"{name} is not an ordinary file.")
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            opened = os.fstat(descriptor)
            if not stat.S_ISREG(opened.st_mode):
                raise IntakeError(f"{name} is not an ordinary file.")
            if opened.st_size > MAX_FILE_BYTES:
                raise IntakeError(f"{name} is larger than {MAX_FILE_BYTES // 2**20} MiB; clear its outputs.")
            return file.read(MAX_FILE_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise IntakeError(f"{name} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise IntakeError(f"{name} is not a notebook: it is not UTF-8 text.") from None


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else "it is not JSON"
        raise IntakeError(f"{name} is not a notebook: {reason}. Was the file cut off or edited by hand?") from None
    if not isinstance(notebook, dict):
        raise IntakeError(f"{name} is not a notebook: its JSON is no object.")
    version = notebook.get("nbformat")
    if type(version) is not int or not 1 <= version <= 4:
        raise IntakeError(f"{name} is not a notebook of a known format (nbformat {shown(repr(version))}).")
    if version < 4:
        try:
            return nbformat.convert(nbformat.from_dict(notebook), 4)
        except Exception as error:  # nbformat raises whatever the broken part happens to raise
            raise IntakeError(
                f"{name} is of an old format that cannot be converted ({type(error).__name__})."
            ) from None
    return notebook


def assemble(release: ReleaseNotebook, cells: Sequence[SubmittedCell]) -> AssembledNotebook:
    """Put the student's sources in the places that the release gives them.

    A student's own cell stays behind the release cell that it followed. Of two cells that claim one id the last counts,
    as in nbgrader; the other becomes an ordinary cell. A stub left as it was gives way to a definition elsewhere.
    """
    problems: list[str] = []
    last_claim = {cell.known_as: index for index, cell in enumerate(cells) if cell.known_as in release.by_id}
    taken: dict[str, str] = {}
    own: dict[str, list[str]] = {}
    anchor = ""
    for index, cell in enumerate(cells):
        original = release.by_id.get(cell.known_as)
        if original is None or last_claim[cell.known_as] != index:
            if original is not None and original.kind == "solution":
                problems.append(f"The cell of {original.cell_id} exists more than once; the last one was graded.")
            if (original is None or original.kind == "solution") and cell.source.strip():
                own.setdefault(anchor, []).append(cell.source)
            continue
        anchor = original.cell_id
        if original.kind == "solution":
            taken[anchor] = cell.source
        elif cell.source.strip() != original.source.strip():
            problems.append(f"The locked cell {anchor} was changed; the released one was used.")
        if cell.marks != "{}" and cell.marks != claimed(original.node).marks:
            problems.append(f"The metadata of the cell {anchor} was changed; the released one was used.")
    return _arrange(release, taken, own, list(dict.fromkeys(problems)))


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
            elsewhere = source == cell.source and re.search(rf"^\s*def\s+{cell.cell_id}\b", defined, re.MULTILINE)
            if not elsewhere:
                steps.append(Step("cell", cell.cell_id, source))
        elif cell.kind == "test":
            steps.append(Step("test", cell.cell_id, cell.source, cell.points))
        elif cell.kind == "code":
            steps.append(Step("cell", cell.cell_id, cell.source))
        add_own(cell.cell_id)
    return AssembledNotebook(release, NotebookPlan(release.name, steps, release.functions), arranged, problems)


@dataclass
class Submission:
    """One student's hand-in, ready to be judged."""

    student: str
    assignment: str
    notebooks: list[AssembledNotebook]
    problems: list[str]
    folder: Path | None = None


def take_in_folder(release: Release, folder: Path, student: str) -> Submission:
    """Take in a submission folder: every released notebook, found by name or, if renamed, by its cells."""
    problems: list[str] = []
    if not folder.is_dir() or folder.is_symlink():
        others = shown(", ".join(sorted(os.listdir(folder.parent)))) if folder.parent.is_dir() else ""
        hint = f" The folder holds: {others}." if others else ""
        problems.append(f"There is no folder {release.assignment!r} in this submission.{hint}")
        return Submission(student, release.assignment, [_empty(each) for each in release.notebooks.values()], problems)
    found = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    strangers = {name: path for name, path in found.items() if name not in release.notebooks}
    problems += _other_files(release, folder)
    notebooks = []
    for name, released in release.notebooks.items():
        path = found.get(name) or _renamed(released, strangers, problems)
        notebooks.append(take_in_notebook(released, path))
    for name in strangers:
        problems.append(f"{shown(name)}.ipynb is not part of the assignment and was not graded.")
    return Submission(student, release.assignment, notebooks, problems, folder)


def take_in_notebook(released: ReleaseNotebook, path: Path | None) -> AssembledNotebook:
    """Take in one notebook file; what cannot be read counts as an empty notebook, with the reason."""
    if path is None:
        assembled = _empty(released)
        assembled.problems = [f"{released.name}.ipynb is missing."]
        return assembled
    try:
        return assemble(released, read_cells(path))
    except IntakeError as error:
        assembled = _empty(released)
        assembled.problems = [str(error)]
        return assembled


def _empty(released: ReleaseNotebook) -> AssembledNotebook:
    return assemble(released, [])


def matching_release(release: Release, cells: Sequence[SubmittedCell]) -> ReleaseNotebook | None:
    """Return the released notebook to which most solution cells belong, or None."""
    claims = {cell.known_as for cell in cells}
    best = max(release.notebooks.values(), key=lambda each: len(claims & set(each.functions)))
    return best if len(claims & set(best.functions)) * 2 > len(best.functions) else None


def _renamed(released: ReleaseNotebook, strangers: dict[str, Path], problems: list[str]) -> Path | None:
    for name, path in strangers.items():
        with contextlib.suppress(IntakeError):
            claims = {cell.known_as for cell in read_cells(path)}
            if len(claims & set(released.functions)) * 2 > len(released.functions):
                problems.append(
                    f"{released.name}.ipynb is missing, but {shown(name)}.ipynb holds its cells: it was graded."
                )
                del strangers[name]
                return path
    return None


def _other_files(release: Release, folder: Path) -> list[str]:
    """Return sentences about files that are neither notebooks nor the release's own."""
    ignored = [name for name in _strange_files(release, folder) if not HARMLESS.search(name)]
    if not ignored:
        return []
    more = f" and {len(ignored) - 8} more" if len(ignored) > 8 else ""
    listed = ", ".join(shown(name) for name in ignored[:8])
    return [f"Only the notebooks' cells are graded; these files were not used: {listed}{more}."]


def _strange_files(release: Release, folder: Path) -> Iterator[str]:
    seen = 0
    for base, folders, files in os.walk(folder, followlinks=False):
        folders[:] = [name for name in sorted(folders) if not HARMLESS.search(name)]
        for name in sorted(files) + [each for each in folders if os.path.islink(os.path.join(base, each))]:
            seen += 1
            if seen > MAX_FILES:
                return
            path = Path(base, name)
            relative = path.relative_to(folder)
            if relative.suffix == ".ipynb" and relative.parent == Path("."):
                continue
            if not _same_file(path, release.folder / relative):
                yield str(relative)


def _same_file(path: Path, released: Path) -> bool:
    """Whether an ordinary file is byte for byte the release's; anything else is opened by nobody."""
    if path.is_symlink() or not path.is_file() or not released.is_file():
        return False
    return path.stat().st_size == released.stat().st_size and path.read_bytes() == released.read_bytes()


def shown(text: str, limit: int = 80) -> str:
    """Return a name as it may stand in a sentence: printable and short."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"

"""Reading the release: the only place from which test cells, points, ids and support files are taken."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import KIT

SUPPORT = "labkit"
WARM_UPS = ("labkit.accelerator:warm_up",)


class ReleaseError(Exception):
    """The release is missing or not what the kit builds; the text says what to do."""


@dataclass(frozen=True)
class ReleaseCell:
    """One cell of a released notebook.

    ``kind`` is "solution" (the student's), "test" (graded by the judge), "answer" (the student's text, graded by a
    person), "experiment" (not run when grading), "code" (locked, run as it is) or "text".
    """

    cell_id: str
    kind: str
    source: str
    points: float
    node: NotebookNode

    @property
    def exercise(self) -> str:
        return self.cell_id.removeprefix("test_")


@dataclass(frozen=True)
class ReleaseNotebook:
    """One released notebook, cells in order."""

    name: str
    cells: tuple[ReleaseCell, ...]
    node: NotebookNode

    @cached_property
    def by_id(self) -> dict[str, ReleaseCell]:
        """Cells under their nbgrader id and, unless another cell claims it, their notebook id."""
        known = {cell.node.get("id", cell.cell_id): cell for cell in self.cells}
        return known | {cell.cell_id: cell for cell in self.cells}

    @property
    def functions(self) -> list[str]:
        return [cell.cell_id for cell in self.cells if cell.kind == "solution"]

    @property
    def max_score(self) -> float:
        """What the judge can give; a person gives the points of the answers."""
        return sum(cell.points for cell in self.cells if cell.kind == "test")

    @property
    def answers(self) -> list[ReleaseCell]:
        """The cells of written answers."""
        return [cell for cell in self.cells if cell.kind == "answer"]


@dataclass(frozen=True)
class Release:
    """A released assignment."""

    assignment: str
    folder: Path
    notebooks: dict[str, ReleaseNotebook]

    @property
    def support(self) -> Path:
        return self.folder / SUPPORT

    @property
    def max_score(self) -> float:
        return sum(notebook.max_score for notebook in self.notebooks.values())

    def imports(self) -> list[str]:
        """Return the modules that the locked cells import, to be imported once for all submissions."""
        found: list[str] = []
        for notebook in self.notebooks.values():
            for cell in notebook.cells:
                if cell.kind == "code":
                    found += _imported(cell.source)
        return list(dict.fromkeys(found))


def read_release(folder: Path | None = None, assignment: str = "mbrl") -> Release:
    """Read the released assignment; ``folder`` defaults to the kit's own release."""
    folder = folder or KIT / "release" / assignment
    paths = sorted(folder.glob("*.ipynb"))
    if not paths or not (folder / SUPPORT).is_dir():
        raise ReleaseError(f"There is no release in {folder}. Build it with: autograder release")
    return Release(assignment, folder, {path.stem: read_notebook(path) for path in paths})


def read_notebook(path: Path) -> ReleaseNotebook:
    """Read one notebook that the kit built."""
    node = nbformat.read(path, as_version=4)
    return ReleaseNotebook(path.stem, tuple(_read_cell(cell) for cell in node.cells), node)


def _read_cell(node: NotebookNode) -> ReleaseCell:
    marks = node.metadata.get("nbgrader", {})
    if node.cell_type != "code":
        kind = "answer" if marks.get("grade") and marks.get("solution") else "text"
    elif marks.get("grade") and not marks.get("solution"):
        kind = "test"
    elif marks.get("solution"):
        kind = "solution"
    elif "experiment" in node.metadata.get("tags", []):
        kind = "experiment"
    else:
        kind = "code"
    points = float(marks.get("points", 0) or 0) if marks.get("grade") else 0.0
    return ReleaseCell(marks.get("grade_id", node.get("id", "")), kind, node.source, points, node)


def _imported(source: str) -> list[str]:
    names = []
    for statement in ast.walk(ast.parse(source)):
        if isinstance(statement, ast.Import):
            names += [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            names.append(statement.module)
    return names

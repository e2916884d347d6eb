"""Building the course: solutions into source, source into release, and the proof that the result is right.

``build_release`` writes; ``find_drift`` says what a build would change. Both refuse a release that would give a
solution or a hidden check away.
"""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import nbformat
from nbformat import NotebookNode
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from autograder import ASSIGNMENT, KIT
from autograder.course.leaks import find_leaks
from autograder.course.release import Release, ReleaseNotebook, read_notebook, read_release
from autograder.course.solutions import reference_cells
from autograder.grading.assembly import assemble, claimed
from autograder.grading.course import STUB, GradebookError, configure, demand
from autograder.grading.workers import Settings, Workplace
from autograder.judge.results import NotebookResult
from autograder.properties import points
from autograder.sandbox.cage import CageError
from autograder.sandbox.doctor import choose_tier
from labkit.exercises import EXERCISES

SOURCE = KIT / "source" / ASSIGNMENT
RELEASE = KIT / "release" / ASSIGNMENT


class BuildError(Exception):
    """The course cannot be built as it stands; the text says why."""


def build_release() -> list[str]:
    """Write source cells and release, prove them right, and return sentences about what was done."""
    for path, text in _sources().items():
        path.write_text(text)
    with tempfile.TemporaryDirectory() as folder:
        fresh = _generate(Path(folder))
        _refuse_bad_release(fresh)
        sentences = _prove(fresh)
        if RELEASE.exists():
            shutil.rmtree(RELEASE)
        shutil.copytree(fresh.folder, RELEASE)
    return [*sentences, f"The release is in {RELEASE.relative_to(KIT)}."]


def find_drift() -> list[str]:
    """Return a sentence for everything in source or release that a build would change."""
    drift = [
        f"{path.relative_to(KIT)} does not hold the current solutions and points; run: autograder release"
        for path, text in _sources().items()
        if path.read_text() != text
    ]
    with tempfile.TemporaryDirectory() as folder:
        fresh = _generate(Path(folder))
        drift += [f"{name}; run: autograder release" for name in _differences(fresh.folder, RELEASE)]
        drift += _faults(fresh)
    return drift


def _sources() -> dict[Path, str]:
    """Return each source notebook's text with the reference solutions and the points filled in."""
    texts = {}
    graded: set[str] = set()
    for path in sorted(SOURCE.glob("*.ipynb")):
        node = nbformat.read(path, as_version=4)
        graded |= _fill(node, path.stem)
        texts[path] = nbformat.writes(node) + "\n"
    if missing := set(EXERCISES) - graded:
        raise BuildError(f"No source notebook asks for {', '.join(sorted(missing))}.")
    return texts


def _fill(node: NotebookNode, notebook: str) -> set[str]:
    """Fill one source notebook in place; return the names of its exercises."""
    names = [name for name, exercise in EXERCISES.items() if exercise.notebook == notebook]
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in node.cells if "nbgrader" in cell.metadata}
    reference = reference_cells(names)
    for name in names:
        if name not in cells or f"test_{name}" not in cells:
            raise BuildError(f"{notebook} needs a solution cell {name!r} and a test cell 'test_{name}'.")
        cells[name].source = reference[name]
        cells[f"test_{name}"].metadata.nbgrader.points = points(name)
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if "nbgrader" in cell.metadata and cell.metadata.nbgrader.get("grade"):
            name = cell.metadata.nbgrader.grade_id.removeprefix("test_")
            if not cell.metadata.nbgrader.get("solution") and name not in names:
                raise BuildError(f"{notebook} tests {name!r}, for which there are no properties.")
    return set(names)


def _generate(folder: Path) -> Release:
    """Run nbgrader's own generate_assignment into ``folder`` and read what it made."""
    config = configure(Config(), folder)
    config.CourseDirectory.release_directory = str(folder / "release")
    try:
        demand(NbGraderAPI(config=config).generate_assignment(ASSIGNMENT, force=True, create=True), folder)
    except GradebookError as error:
        raise BuildError(f"generate_assignment failed: {error}") from None
    return read_release(folder / "release" / ASSIGNMENT, ASSIGNMENT)


def _refuse_bad_release(release: Release) -> None:
    if faults := _faults(release):
        raise BuildError("The release was not written. " + " ".join(faults))


def _faults(release: Release) -> list[str]:
    """Return a sentence for everything that must not be in a release."""
    faults = find_leaks(release.folder)
    for notebook in release.notebooks.values():
        for cell in notebook.cells:
            if cell.kind == "solution" and cell.node.cell_type == "code" and not cell.source.rstrip().endswith(STUB):
                faults.append(f"The released cell {cell.cell_id} does not end in {STUB!r}.")
            if cell.kind == "test" and cell.points != points(cell.exercise):
                faults.append(f"{cell.cell_id} is worth {cell.points:g}, but its properties {points(cell.exercise):g}.")
            if cell.node.cell_type == "code" and cell.node.outputs:
                faults.append(f"The released cell {cell.cell_id} has outputs.")
    return faults


def _prove(release: Release) -> list[str]:
    """Judge source and untouched release in the cage: full points for the one, none for the other."""
    try:
        workplace = Workplace(Settings(release, tier=choose_tier(release.support), explain=False))
    except CageError as error:
        raise BuildError(f"The release was not written, because it could not be proved right: {error}") from None
    sentences = []
    try:
        for name, released in release.notebooks.items():
            full = _judge(workplace, released, read_notebook(SOURCE / f"{name}.ipynb"))
            if full.score != released.max_score:
                lost = [f"{each.name} {each.score:g}/{each.max_score:g}" for each in full.exercises]
                raise BuildError(f"The solutions of {name} do not earn full points: {', '.join(lost)}.")
            empty = _judge(workplace, released, released)
            if empty.score:
                raise BuildError(f"The untouched release of {name} earns {empty.score:g} points instead of none.")
            sentences.append(f"{name}: the solutions earn {full.score:g} of {full.max_score:g}, the untouched stubs 0.")
    except CageError as error:
        raise BuildError(f"The release was not written, because it could not be proved right: {error}") from None
    finally:
        workplace.close()
    return sentences


def _judge(workplace: Workplace, released: ReleaseNotebook, notebook: ReleaseNotebook) -> NotebookResult:
    plan = assemble(released, [claimed(cell.node) for cell in _code(notebook)]).plan
    return workplace.judge(msgspec.structs.replace(plan, unwritten=[]))  # also the stubs are asked, each of them


def _code(notebook: ReleaseNotebook) -> Iterator:
    return (cell for cell in notebook.cells if cell.node.cell_type == "code")


def _differences(fresh: Path, committed: Path) -> list[str]:
    """Return a sentence for each file that is in one folder only, or differs."""
    names = {path.relative_to(root) for root in (fresh, committed) for path in root.rglob("*") if path.is_file()}
    sentences = []
    for name in sorted(name for name in names if "__pycache__" not in name.parts):
        here, there = fresh / name, committed / name
        if not there.is_file():
            sentences.append(f"{name} is missing from the release")
        elif not here.is_file():
            sentences.append(f"{name} is in the release but not in the source")
        elif not filecmp.cmp(here, there, shallow=False):
            sentences.append(f"{name} of the release is out of date")
    return sentences

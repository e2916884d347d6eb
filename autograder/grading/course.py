"""nbgrader's course: its configuration, its converters, and the one writer that walks them over stored results."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader import utils
from nbgrader.api import Notebook
from nbgrader.apps import NbGraderAPI
from nbgrader.preprocessors import AssignLatePenalties, LimitOutput, OverwriteCells, OverwriteKernelspec
from sqlalchemy.exc import SAWarning
from traitlets.config import Config, PyFileConfigLoader

from autograder import KIT
from autograder.course.release import Release, ReleaseNotebook
from autograder.grading.intake import Submission
from autograder.grading.lock import KEPT, STAGING
from autograder.grading.preprocessor import (
    NOTICED,
    Judge,
    SafeNotebookExporter,
    SaveNotebooksGrades,
    copy_time_stamp,
)
from autograder.grading.safe_html import FeedbackExporter, SafeOutputs, clean_markdown, clean_markdown_with_formulas

STUB = "raise NotImplementedError"
NO_ROOM_SIGNS = ("No space left on device", "database or disk is full", "Disk quota exceeded", "File too large")


class GradebookError(Exception):
    """nbgrader could not do what was asked; the text is its last error."""


def configure(config: Config, root: Path = KIT) -> Config:
    """Set up nbgrader for the course in ``root``, with the kit's source and the judge plugged in."""
    # nbgrader starts alembic by name, which is beside this interpreter whether or not its environment is activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    # What goes wrong with a database is raised as well; its pool of connections need not print a traceback besides.
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
    # nbgrader's gradebook adds objects in an order that newer SQLAlchemy remarks on; nothing is lost.
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    config.CourseDirectory.course_id = "mbrl"
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = str(KIT / "source")
    config.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"]
    config.ClearSolutions.code_stub = {"python": STUB}
    config.Autograde.exporter_class = SafeNotebookExporter
    # The marks on the cells need no check here: they come from the release, where generate_assignment checked them.
    config.Autograde.sanitize_preprocessors = [OverwriteKernelspec, OverwriteCells]
    config.Autograde.autograde_preprocessors = [Judge, LimitOutput, SaveNotebooksGrades, AssignLatePenalties]
    config.Judge.results_folder = str(root / ".autograder")
    # Both feedback and formgrader render with nbconvert's HTML exporter.
    config.HTMLExporter.preprocessors = [SafeOutputs]
    config.HTMLExporter.filters = {"markdown2html": clean_markdown}
    config.GenerateFeedback.exporter_class = FeedbackExporter
    config.FeedbackExporter.filters = {"markdown2html": clean_markdown_with_formulas}
    return config


def load_config(root: Path) -> Config:
    """Return the configuration of the course in ``root``: its own ``nbgrader_config.py``, or the kit's."""
    own = root / "nbgrader_config.py"
    if own.is_file():
        return PyFileConfigLoader(own.name, str(root)).load_config()
    return configure(Config(), root)


def write_gradebook(root: Path, release: Release, submissions: Sequence[Submission], seed: int, tier: str) -> None:
    """Walk nbgrader's own converter over the submissions; their results must be stored already.

    Who calls it holds the course's lock.
    """
    config = load_config(root)
    config.Judge.seed, config.Judge.tier = seed, tier
    staging = root / KEPT / STAGING
    try:
        for submission in submissions:
            _stage(staging, submission)
        config.CourseDirectory.submitted_directory = str(staging)
        config.Autograde.exporter_class = NotebookExporter  # what is staged went through intake already
        with _quiet_directory(root):
            api = NbGraderAPI(config=config)
            if not _knows_release(api, release):
                demand(api.generate_assignment(release.assignment, force=True, create=True), root)
            demand(api.autograde(release.assignment, "*"), root)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _knows_release(api: NbGraderAPI, release: Release) -> bool:
    """Whether the gradebook and the course's release folder are complete, and hold the points of the kit's release.

    nbgrader writes them notebook by notebook, so that one that was killed may have left some out.
    """
    folder = Path(api.coursedir.format_path(api.coursedir.release_directory, ".", release.assignment))
    if not all(_is_whole(folder / f"{name}.ipynb") for name in release.notebooks):
        return False
    with api.gradebook as gradebook:
        known = [each for each in gradebook.assignments if each.name == release.assignment]
        notebooks = {each.name: each for assignment in known for each in assignment.notebooks}
        return set(notebooks) == set(release.notebooks) and all(
            _cells_known(notebooks[name]) == _cells_released(released) for name, released in release.notebooks.items()
        )


def _cells_known(notebook: Notebook) -> dict[str, tuple[str, float | None]]:
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    return {cell.name: (cell.source, points.get(cell.name)) for cell in notebook.source_cells}


def _cells_released(released: ReleaseNotebook) -> dict[str, tuple[str, float | None]]:
    """Return source and points of every cell that nbgrader keeps in its gradebook."""
    cells = {}
    for node in released.node.cells:
        counts = utils.is_grade(node) or utils.is_task(node)
        if counts or utils.is_solution(node) or utils.is_locked(node):
            marks = node.metadata.nbgrader
            cells[marks.grade_id] = (node.source, float(marks.points) if counts else None)
    return cells


def _is_whole(notebook: Path) -> bool:
    try:
        json.loads(notebook.read_bytes())
    except (OSError, ValueError):
        return False
    return True


def demand(outcome: dict, root: Path) -> None:
    """Raise ``GradebookError`` with nbgrader's last errors unless one of its operations succeeded."""
    if outcome["success"]:
        return
    text = (outcome.get("log") or "") + "\n" + (outcome.get("error") or "")
    if any(sign in text for sign in NO_ROOM_SIGNS):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(root))
    lines = [line for line in (outcome.get("log") or outcome.get("error") or "").splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line or "ERROR" in line] or lines or ["it gave no reason"]
    raise GradebookError("nbgrader: " + " ".join(errors[-4:]))


def _stage(staging: Path, submission: Submission) -> None:
    """Write what may be graded of a submission, and nbgrader's time stamp if there is one."""
    folder = staging / submission.student / submission.assignment
    folder.mkdir(parents=True)
    for assembled in submission.notebooks:
        node = assembled.to_notebook()
        node.metadata[NOTICED] = [*submission.problems, *assembled.problems]
        nbformat.write(node, folder / f"{assembled.release.name}.ipynb")
    if submission.folder:
        copy_time_stamp(submission.folder, folder)


@contextmanager
def _quiet_directory(root: Path) -> Iterator[None]:
    """nbgrader works in the current directory; go there and come back."""
    before = os.getcwd()
    os.chdir(root)
    try:
        yield
    finally:
        os.chdir(before)

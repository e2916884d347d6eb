"""nbgrader's course: its configuration, its converters, and the one writer that walks them over stored results."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.apps import NbGraderAPI
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from sqlalchemy.exc import SAWarning
from traitlets.config import Config, PyFileConfigLoader

from autograder import KIT
from autograder.grading.intake import Submission
from autograder.grading.preprocessor import NOTICED, Judge, SafeNotebookExporter

STUB = "raise NotImplementedError"


class GradebookError(Exception):
    """nbgrader could not do what was asked; the text is its last error."""


def configure(config: Config, root: Path = KIT) -> Config:
    """Set up nbgrader for the course in ``root``, with the kit's source and the judge plugged in."""
    # nbgrader starts alembic by name, which is beside this interpreter whether or not its environment is activated.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    # nbgrader's gradebook adds objects in an order that newer SQLAlchemy remarks on; nothing is lost.
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")
    config.CourseDirectory.course_id = "mbrl"
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = str(KIT / "source")
    config.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"]
    config.ClearSolutions.code_stub = {"python": STUB}
    config.Autograde.exporter_class = SafeNotebookExporter
    config.Autograde.sanitize_preprocessors = [OverwriteKernelspec, OverwriteCells, CheckCellMetadata]
    config.Autograde.autograde_preprocessors = [
        Judge, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata
    ]  # fmt: skip
    config.Judge.results_folder = str(root / ".autograder")
    return config


def load_config(root: Path) -> Config:
    """Return the configuration of the course in ``root``: its own ``nbgrader_config.py``, or the kit's."""
    own = root / "nbgrader_config.py"
    if own.is_file():
        return PyFileConfigLoader(own.name, str(root)).load_config()
    return configure(Config(), root)


@contextmanager
def course_lock(root: Path) -> Iterator[None]:
    """Hold the course for one grader; raise ``GradebookError`` when another one has it."""
    folder = root / ".autograder"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GradebookError(f"Another grader is at work on the course in {root}; wait for it to finish.") from None
        yield


def write_gradebook(root: Path, assignment: str, submissions: Sequence[Submission], seed: int) -> None:
    """Walk nbgrader's own converter over the submissions; their results must be stored already."""
    config = load_config(root)
    config.Judge.seed = seed
    with tempfile.TemporaryDirectory(dir=root / ".autograder", prefix="staging-") as staging:
        for submission in submissions:
            _stage(Path(staging), submission)
        config.CourseDirectory.submitted_directory = staging
        config.Autograde.exporter_class = NotebookExporter  # what is staged went through intake already
        with _quiet_directory(root):
            api = NbGraderAPI(config=config)
            if not _has_assignment(api, assignment):
                demand(api.generate_assignment(assignment, force=True, create=True))
            demand(api.autograde(assignment, "*"))


def _has_assignment(api: NbGraderAPI, assignment: str) -> bool:
    with api.gradebook as gradebook:
        return any(each.name == assignment and each.notebooks for each in gradebook.assignments)


def demand(outcome: dict) -> None:
    """Raise ``GradebookError`` with nbgrader's last errors unless one of its operations succeeded."""
    if not outcome["success"]:
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
    stamp = submission.folder / "timestamp.txt" if submission.folder else None
    if stamp and stamp.is_file() and not stamp.is_symlink() and stamp.stat().st_size < 1000:
        shutil.copyfile(stamp, folder / "timestamp.txt")


@contextmanager
def _quiet_directory(root: Path) -> Iterator[None]:
    """nbgrader works in the current directory; go there and come back."""
    before = os.getcwd()
    os.chdir(root)
    try:
        yield
    finally:
        os.chdir(before)

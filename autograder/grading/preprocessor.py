"""The judge as nbgrader sees it: an exporter that reads submissions safely, and a preprocessor that grades them.

With these two in the configuration, the stock commands ``nbgrader autograde`` and ``nbgrader generate_feedback`` do
the caged grading. No kernel is started, and nothing of the submission but its sources is used: nbgrader would copy its
other files, links followed, into the folders that instructors browse and students get back.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute, NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import parse_utc
from traitlets import Integer, Unicode

from autograder.course.release import Release, read_release
from autograder.grading.assembly import assemble, claimed
from autograder.grading.intake import UNFIT_FOR_NAMES, fit_for_pages, take_in_notebook
from autograder.grading.lock import KEPT, CourseBusy, course_lock
from autograder.grading.store import Store
from autograder.grading.workers import Settings, Workplace
from autograder.judge.report import render_exercise, render_exercise_text
from autograder.judge.results import CellRun, ExerciseResult, NotebookResult
from autograder.sandbox.doctor import choose_tier

NOTICED = "autograder_problems"


class SafeNotebookExporter(NotebookExporter):
    """Reads a submission through intake: nbgrader then works on the release with the student's sources in it.

    An exporter is made right before nbgrader walks over the class. While it autogrades, it holds the course's lock.
    """

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        if isinstance(self.parent, Autograde):
            self.parent.convert_notebooks = _alone(self.parent)
            self.parent.init_assignment = _without_other_files(self.parent)

    def from_filename(self, filename: str, resources: dict | None = None, **kw: Any) -> tuple[str, dict]:
        """Export the notebook; one that cannot be read becomes an empty hand-in, with the reason noted in it."""
        name = (resources or {}).get("nbgrader", {}).get("notebook")
        course = getattr(self.parent, "coursedir", None)
        released = _release().notebooks.get(name)
        if released is None or course is None or not _inside(filename, course, course.submitted_directory):
            return super().from_filename(filename, resources=resources, **kw)
        assembled = take_in_notebook(released, Path(filename))
        node = assembled.to_notebook()
        node.metadata[NOTICED] = assembled.problems
        return self.from_notebook_node(node, resources=resources, **kw)


def _alone(converter: Autograde) -> Callable[[], None]:
    walk = converter.convert_notebooks

    def walk_alone() -> None:
        try:
            with course_lock(Path(converter.coursedir.root)):
                walk()
        except CourseBusy as busy:
            converter.log.error("%s", busy)
            raise NbGraderException(str(busy)) from None

    return walk_alone


class Judge(Execute):
    """Grades the notebook in the cage and writes the scores where nbgrader looks for them."""

    seed = Integer(0, help="Seed of the checks' random cases.").tag(config=True)
    tier = Unicode("", help="The cage, A or B; empty: the strongest that holds on this machine.").tag(config=True)
    results_folder = Unicode("", help="Where results are kept; empty: .autograder in the course folder.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: dict, km: Any = None) -> tuple[NotebookNode, dict]:
        """Judge ``nb``, or take the stored result, and put scores and feedback into its cells."""
        release = _release()
        released = release.notebooks[resources["nbgrader"]["notebook"]]
        plan = assemble(released, [claimed(cell) for cell in nb.cells if cell.cell_type == "code"]).plan
        settings = Settings(release, tier=_tier(release.support, self.tier), seed=self.seed)
        folder = Path(self.results_folder) if self.results_folder else Path.cwd() / KEPT
        store = Store(folder, release, self.seed, settings.tier, settings.limits)
        result = store.load(plan)
        if result is None:
            result = _workplace(settings).judge(plan)
            if not result.judged:
                raise RuntimeError("The judge failed, so no grade was written: " + " ".join(result.problems))
            store.save(plan, result)
        write_result(nb, result, nb.metadata.pop(NOTICED, []))
        return nb, resources


class SaveNotebooksGrades(SaveAutoGrades):
    """Saves a notebook's scores and comments in one transaction: nbgrader's own does so cell by cell, which takes ten
    times as long and can leave a notebook half-saved."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Save what the cells of ``nb`` earned."""
        about = resources["nbgrader"]
        self.notebook_id, self.assignment_id, self.student_id = about["notebook"], about["assignment"], about["student"]
        with Gradebook(about["db_url"]) as self.gradebook:
            session = self.gradebook.db
            commit, session.commit = session.commit, session.flush
            nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
            commit()
        return nb, resources


def write_result(nb: NotebookNode, result: NotebookResult, problems: list[str]) -> None:
    """Put a result into a notebook: feedback and score as outputs of the test cells, what cells printed as theirs."""
    exercises = {f"test_{each.name}": each for each in result.exercises}
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        name = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")
        if name in exercises:
            cell.outputs = _graded_outputs(exercises[name], float(cell.metadata.nbgrader["points"]))
        elif name in result.cells:
            cell.outputs = _cell_outputs(result.cells[name])
    noticed = [*problems, *result.problems]
    if noticed:
        lines = "".join(f"<li>{_no_markup(problem)}</li>" for problem in noticed)
        text = f"<div class='tex2jax_ignore'><b>What the grader noticed</b><ul>{lines}</ul></div>"
        nb.cells.insert(0, new_markdown_cell(text, id="autograder-noticed"))


def _graded_outputs(exercise: ExerciseResult, points: float) -> list[NotebookNode]:
    score = points * exercise.score / exercise.max_score if exercise.max_score else 0.0
    report = {"text/html": render_exercise(exercise), "text/plain": render_exercise_text(exercise)}
    # nbgrader reads the score from the first execute_result; without one it would give full marks.
    return [new_output("display_data", report), new_output("execute_result", {"text/plain": repr(round(score, 6))})]


def _cell_outputs(run: CellRun) -> list[NotebookNode]:
    outputs = [new_output("stream", name="stdout", text=run.output)] if run.output else []
    if run.error:
        kind, _, text = run.error.partition(": ")
        outputs.append(new_output("error", ename=kind, evalue=text, traceback=[run.error]))
    return outputs


def _no_markup(text: str) -> str:
    """Return text that neither markdown nor MathJax nor a browser takes for anything else: signs become entities."""
    words = " ".join(text.split())
    return "".join(each if each.isalnum() or each == " " else f"&#{ord(each)};" for each in words)


def _without_other_files(converter: Autograde) -> Callable[[str, str], None]:
    """Return the converter's ``init_assignment``, by which no file of a submission but its time stamp is copied."""
    prepare = converter.init_assignment

    def init_assignment(assignment_id: str, student_id: str) -> None:
        if not fit_for_pages(student_id):
            raise ValueError(f"The folder {student_id!r} was not graded: no student's name may hold {UNFIT_FOR_NAMES}.")
        with _ignoring_all_files(converter.coursedir):
            prepare(assignment_id, student_id)
        folder = Path(converter._format_dest(assignment_id, student_id))
        copy_time_stamp(Path(converter._format_source(assignment_id, student_id)), folder)

    return init_assignment


@contextmanager
def _ignoring_all_files(course: CourseDirectory) -> Iterator[None]:
    before = course.ignore
    course.ignore = [*before, "*"]
    try:
        yield
    finally:
        course.ignore = before


def copy_time_stamp(submitted: Path, folder: Path) -> None:
    """Copy the time of nbgrader's time stamp of a submission, if it is an ordinary small file that holds one."""
    time = submitted_at(submitted / "timestamp.txt")
    if time is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "timestamp.txt").write_text(f"{time.isoformat(sep=' ')} UTC\n", "utf-8")


def submitted_at(stamp: Path) -> datetime | None:
    """Return the time in nbgrader's file; None where it holds none, at which nbgrader would give up the whole class."""
    if not stamp.is_file() or stamp.is_symlink() or stamp.stat().st_size >= 1000:
        return None
    try:
        return parse_utc(stamp.read_text("utf-8").strip())
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None


def _inside(filename: str, course: Any, step: str) -> bool:
    return Path(filename).absolute().is_relative_to((Path(course.root) / step).absolute())


_cached_release: list[Release] = []
_cached_workplace: list[Workplace] = []


def _release() -> Release:
    if not _cached_release:
        _cached_release.append(read_release())
    return _cached_release[0]


@cache
def _tier(support: Path, demanded: str) -> str:
    return choose_tier(support, demanded)


def _workplace(settings: Settings) -> Workplace:
    if not _cached_workplace:
        _cached_workplace.append(Workplace(settings))
        atexit.register(_cached_workplace[0].close)
    return _cached_workplace[0]

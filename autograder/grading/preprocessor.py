"""The judge as nbgrader sees it: an exporter that reads submissions safely, and a preprocessor that grades them.

With these two in the configuration, the stock commands ``nbgrader autograde`` and ``nbgrader generate_feedback`` do
the caged grading. No kernel is started, and nothing of the submission but its sources is used.
"""

from __future__ import annotations

import atexit
import html
import re
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader.preprocessors import Execute
from traitlets import Integer, Unicode

from autograder.course.release import Release, read_release
from autograder.grading.intake import assemble, claimed, take_in_notebook
from autograder.grading.store import Store
from autograder.grading.workers import Settings, Workplace
from autograder.judge.report import render_exercise, render_exercise_text
from autograder.judge.results import CellRun, ExerciseResult, NotebookResult

NOTICED = "autograder_problems"


class SafeNotebookExporter(NotebookExporter):
    """Reads a submission through intake: nbgrader then works on the release with the student's sources in it."""

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


class Judge(Execute):
    """Grades the notebook in the cage and writes the scores where nbgrader looks for them."""

    seed = Integer(0, help="Seed of the checks' random cases.").tag(config=True)
    results_folder = Unicode("", help="Where results are kept; empty: .autograder in the course folder.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: dict, km: Any = None) -> tuple[NotebookNode, dict]:
        """Judge ``nb``, or take the stored result, and put scores and feedback into its cells."""
        release = _release()
        released = release.notebooks[resources["nbgrader"]["notebook"]]
        plan = assemble(released, [claimed(cell) for cell in nb.cells if cell.cell_type == "code"]).plan
        settings = Settings(release, seed=self.seed)
        folder = Path(self.results_folder) if self.results_folder else Path.cwd() / ".autograder"
        store = Store(folder, release, self.seed, settings.tier, settings.limits)
        result = store.load(plan)
        if result is None:
            result = _workplace(settings).judge(plan)
            if not result.judged:
                raise RuntimeError("The judge failed, so no grade was written: " + " ".join(result.problems))
            store.save(plan, result)
        write_result(nb, result, nb.metadata.pop(NOTICED, []))
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
        text = "\n".join(f"- {html.escape(_no_markup(problem))}" for problem in noticed)
        nb.cells.insert(0, new_markdown_cell(f"**What the grader noticed**\n\n{text}", id="autograder-noticed"))


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
    return re.sub(r"([\\`*_{}\[\]()#+!|$~])", r"\\\1", text)


def _inside(filename: str, course: Any, step: str) -> bool:
    return Path(filename).absolute().is_relative_to((Path(course.root) / step).absolute())


_cached_release: list[Release] = []
_cached_workplace: list[Workplace] = []


def _release() -> Release:
    if not _cached_release:
        _cached_release.append(read_release())
    return _cached_release[0]


def _workplace(settings: Settings) -> Workplace:
    if not _cached_workplace:
        _cached_workplace.append(Workplace(settings))
        atexit.register(_cached_workplace[0].close)
    return _cached_workplace[0]

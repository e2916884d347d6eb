"""The ways to grade one submission that are compared; each returns every exercise's score, on which they must agree."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade

from autograder.bench import in_kernel
from autograder.bench.submissions import Submission
from autograder.grading.workers import Workplace

Scores = dict[str, float]
Grader = Callable[[Submission], Scores]
KERNEL_CELL_SECONDS = 600


class Stock:
    """nbgrader's own ``Execute``: a Jupyter kernel for each notebook, in which the test cells check the functions.

    With ``cases_of`` the kernel reads the cases of these exercises from a file instead of drawing them.
    """

    def __init__(self, cases_of: list[str] | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._cases = ""
        if cases_of is not None:
            self._cases = str(Path(self._folder.name) / "cases.pickle")
            in_kernel.write_cases(Path(self._cases), cases_of)

    def prepare(self, submission: Submission) -> NotebookNode:
        """Return the notebook with test cells that check in place, and without the experiments."""
        node = copy.deepcopy(submission.notebook.to_notebook())
        node.cells = [cell for cell in node.cells if "experiment" not in cell.metadata.get("tags", [])]
        for cell in node.cells:
            if _is_test(cell):
                name = cell.metadata.nbgrader.grade_id.removeprefix("test_")
                cell.source = f"from autograder.bench.in_kernel import grade\ngrade({name}, {self._cases!r})"
        return node

    def __call__(self, submission: Submission) -> Scores:
        node = self.prepare(submission)
        preprocessor = Execute(timeout=KERNEL_CELL_SECONDS)
        preprocessor.preprocess(node, {"metadata": {"path": self._folder.name}})
        tests = [cell for cell in node.cells if _is_test(cell)]
        graded = {cell.metadata.nbgrader.grade_id: determine_grade(cell)[0] or 0.0 for cell in tests}
        return {name.removeprefix("test_"): score for name, score in graded.items()}


class Caged:
    """This grader: a warm cage, a fresh box for each notebook, the checks outside it."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    def __call__(self, submission: Submission) -> Scores:
        result = self._workplace.judge(submission.notebook.plan)
        return {each.name: each.score for each in result.exercises}


def bare(submission: Submission) -> Scores:
    """The limit: the same cells and checks in this warm process, with no kernel, cage or pipe in between."""
    namespace: dict = {"__name__": "__main__"}
    scores: Scores = {}
    for step in submission.notebook.plan.steps:
        if step.kind == "test":
            name = step.cell_id.removeprefix("test_")
            scores[name] = in_kernel.grade(namespace[name])
        else:
            exec(compile(step.source, step.cell_id, "exec"), namespace)
    return scores


def _is_test(cell: NotebookNode) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return bool(cell.cell_type == "code" and marks.get("grade") and not marks.get("solution"))

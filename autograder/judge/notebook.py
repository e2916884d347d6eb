"""Judging one notebook: the student's cells run in a box, the test cells run here, against proxies.

All cells run before any test cell: each test cell meets the notebook as it was at that point, in a kept fork, and
nothing that a hidden check sends can find its way into a cell's output. For the same reason every public property is
examined before the first hidden one. A cell that hangs or kills its process is skipped when the others run again.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from autograder.judge.conversation import Conversation, StudentFunction
from autograder.judge.exercise import judge_properties
from autograder.judge.results import CellRun, ExerciseResult, NotebookResult, PropertyOutcome
from autograder.properties import find_graded
from autograder.sandbox.cage import Box, Cage, CageError
from autograder.sandbox.limits import Limits, explain_error
from labkit.properties import StudentError, Unanswered


class Step(msgspec.Struct, frozen=True):
    """One code cell of the plan: ``kind`` is "cell" or "test"; a test cell comes from the release, with its points."""

    kind: str
    cell_id: str
    source: str
    points: float = 0.0


class NotebookPlan(msgspec.Struct, frozen=True):
    """What is to be run for one notebook, in order; ``functions`` are the names that its exercises ask for."""

    name: str
    steps: list[Step]
    functions: list[str]


@dataclass
class _Verdict:
    """What is known of one test cell so far."""

    step: Step
    keep: int = -1
    outcomes: list[PropertyOutcome] = field(default_factory=list)
    checked: bool = False
    message: str = ""
    seconds: float = 0.0


def judge_notebook(cage: Cage, plan: NotebookPlan, seed: int = 0) -> NotebookResult:
    """Run ``plan`` in a box of ``cage`` and return the result; a ``CageError`` means that nothing could be judged."""
    judge = _NotebookJudge(cage, plan, seed)
    try:
        return judge.run()
    finally:
        judge.leave()


class _NotebookJudge:
    def __init__(self, cage: Cage, plan: NotebookPlan, seed: int) -> None:
        self.cage, self.plan, self.seed, self.limits = cage, plan, seed, cage.limits
        self.verdicts = {step.cell_id: _Verdict(step) for step in plan.steps if step.kind == "test"}
        self.cells: dict[str, CellRun] = {}
        self.skipped: set[str] = set()
        self.problems: list[str] = []
        self.judged = True
        self.box: Box | None = None
        self.conversation: Conversation | None = None
        self.deadline = time.monotonic() + self.limits.notebook_seconds

    def run(self) -> NotebookResult:
        self._run_cells()
        for public in (True, False):
            for verdict in self.verdicts.values():
                if public or verdict.checked:
                    self._run_test(verdict, public)
        exercises = [self._result(verdict) for verdict in self.verdicts.values()]
        return NotebookResult(self.plan.name, self.cage.tier, exercises, self.cells, self.problems, self.judged)

    def leave(self) -> None:
        if self.box is not None:
            self.box.kill()
            self.box = None

    def _run_cells(self) -> None:
        """Run every cell in a fresh box, keeping the state at each test cell; start over without one that ends it."""
        while True:
            self._enter()
            ended_by = next((step for step in self.plan.steps if not self._run_step(step)), None)
            if ended_by is None:
                return
            self.skipped.add(ended_by.cell_id)

    def _enter(self) -> None:
        self.leave()
        self.box = self.cage.box()
        self.conversation = Conversation(self.box, self.limits)
        try:
            self.conversation.fork()
        except Unanswered as silence:
            raise CageError(f"a fresh worker did not answer: {silence.sentence}") from None

    def _run_step(self, step: Step) -> bool:
        """Run one step; return whether the box survived it."""
        assert self.conversation is not None
        if step.cell_id in self.skipped:
            return True
        try:
            if step.kind == "test":
                self.verdicts[step.cell_id].keep = self.conversation.keep()
                return True
            ran = self.conversation.run_cell(step.source)
        except Unanswered as silence:
            self.cells[step.cell_id] = CellRun("", silence.sentence)
            return False
        if step.cell_id not in self.cells:
            self.cells[step.cell_id] = CellRun(ran["output"], _cell_error(ran["error"], ran["text"], self.limits))
        return True

    def _run_test(self, verdict: _Verdict, public: bool) -> None:
        started = time.monotonic()
        if started > self.deadline:
            verdict.message = f"Not judged: the notebook used up its {self.limits.notebook_seconds:g} seconds."
            return
        turn = _Turn(self, verdict, last=not public)

        def check(function: Callable[..., object]) -> None:
            verdict.checked = True
            name = getattr(function, "__name__", "")
            properties = [each for each in find_graded(name) if each.public == public]
            proxy = StudentFunction(name, turn.talk)
            verdict.outcomes += judge_properties(properties, proxy, name, self.seed, turn.take)

        names = {name: StudentFunction(name, turn.talk) for name in self.plan.functions}
        try:
            exec(compile(verdict.step.source, verdict.step.cell_id, "exec"), {**names, "check": check})
        except (StudentError, Unanswered, AssertionError) as failure:
            verdict.message = _failure_sentence(failure)
        except CageError:
            raise
        except Exception as error:
            self.judged = False
            verdict.message = "This exercise could not be judged because a check failed to run; it is not your fault."
            self.problems.append(f"{verdict.step.cell_id} could not be judged: {type(error).__name__}: {error}")
        finally:
            turn.leave()
            verdict.seconds += time.monotonic() - started

    def _result(self, verdict: _Verdict) -> ExerciseResult:
        name = verdict.step.cell_id.removeprefix("test_")
        points = verdict.step.points
        message = verdict.message
        if verdict.checked:
            possible = sum(each.weight for each in verdict.outcomes)
            earned = sum(each.weight for each in verdict.outcomes if each.passed)
            score = 0.0 if message or not possible else points * earned / possible
            message = message or self._why_nothing(name, score)
        else:
            score = 0.0 if message else points
        return ExerciseResult(
            name, self.plan.name, round(score, 6), points, round(verdict.seconds, 3), verdict.outcomes, message
        )

    def _why_nothing(self, name: str, score: float) -> str:
        """Return the sentence about the cell that should have defined ``name``, if it failed and nothing was earned."""
        run = self.cells.get(name)
        return f"The cell of {name} failed: {run.error}" if run is not None and run.error and not score else ""


class _Turn:
    """One pass over one test cell: takes the kept state when first needed, and again if the box ended meanwhile."""

    def __init__(self, judge: _NotebookJudge, verdict: _Verdict, last: bool) -> None:
        self._judge, self._verdict, self._last, self._taken = judge, verdict, last, False

    def take(self) -> None:
        judge = self._judge
        assert judge.conversation is not None
        if self._taken and judge.conversation.alive:
            return
        if not judge.conversation.alive:
            judge._run_cells()
            self._taken = False
        judge.conversation.resume(self._verdict.keep, self._last)
        self._taken = True

    def talk(self) -> Conversation:
        if not self._taken:
            self.take()
        assert self._judge.conversation is not None
        return self._judge.conversation

    def leave(self) -> None:
        conversation = self._judge.conversation
        if self._taken and conversation is not None and conversation.alive:
            with contextlib.suppress(Unanswered):
                conversation.end()


def _cell_error(kind: str, text: str, limits: Limits) -> str:
    if not kind or kind == "NotImplementedError":
        return ""
    return explain_error(kind, text, limits) or f"{kind}: {text}"


def _failure_sentence(failure: BaseException) -> str:
    if isinstance(failure, Unanswered):
        return failure.sentence
    if isinstance(failure, StudentError):
        return f"It raised {failure.kind}: {failure.text}"
    return f"The check failed: {failure}" if str(failure) else "The check failed."

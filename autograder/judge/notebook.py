"""Judging one notebook: the student's cells run in a box, the test cells run here, against proxies.

All cells run before any test cell: each test cell meets the notebook as it was at that point, in a kept fork, and
nothing that a hidden check sends can find its way into a cell's output. For the same reason every public property is
examined before the first hidden one. A cell that hangs or kills its process is skipped when the others run again.
"""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from autograder.judge.accelerator import AcceleratorBox, GradedFunction
from autograder.judge.conversation import Conversation
from autograder.judge.exercise import judge_properties, without_status
from autograder.judge.guard import bounded_work
from autograder.judge.misconceptions import name_misconception
from autograder.judge.results import CellRun, ExerciseResult, NotebookResult, PropertyOutcome
from autograder.properties import find_graded, reference
from autograder.sandbox.cage import Box, Cage, CageError
from autograder.sandbox.limits import Limits, explain_error
from labkit.exercises import EXERCISES
from labkit.properties import StudentError, Unanswered

LOG = logging.getLogger(__name__)


class Step(msgspec.Struct, frozen=True):
    """One code cell of the plan: ``kind`` is "cell" or "test"; a test cell comes from the release, with its points."""

    kind: str
    cell_id: str
    source: str
    points: float = 0.0


class NotebookPlan(msgspec.Struct, frozen=True):
    """What is to be run for one notebook, in order; ``functions`` are the names that its exercises ask for.

    Those ``unwritten`` still are the released stubs, and no code of the student's speaks of them.
    """

    name: str
    steps: list[Step]
    functions: list[str]
    unwritten: list[str] = []


@dataclass
class _Verdict:
    """What is known of one test cell so far."""

    step: Step
    keep: int = -1
    outcomes: list[PropertyOutcome] = field(default_factory=list)
    checked: bool = False
    message: str = ""
    misconception: str = ""
    seconds: float = 0.0
    slowest_call: float = 0.0

    @property
    def name(self) -> str:
        return self.step.cell_id.removeprefix("test_")

    @property
    def failed(self) -> list[PropertyOutcome]:
        return [each for each in self.outcomes if not each.passed]

    @property
    def score(self) -> float:
        if self.message:
            return 0.0
        if not self.checked:
            return self.step.points
        possible = sum(each.weight for each in self.outcomes)
        earned = sum(each.weight for each in self.outcomes if each.passed)
        return round(self.step.points * earned / possible, 6) if possible else 0.0


def judge_notebook(
    cage: Cage, plan: NotebookPlan, seed: int = 0, explain: bool = True, thorough: bool = True
) -> NotebookResult:
    """Run ``plan`` in a box of ``cage`` and return the result; a ``CageError`` means that nothing could be judged.

    ``explain`` says whether a failure is compared with the known mistakes, to name a misconception. Who only wants to
    know whether an exercise earns all its points asks for a judge that is not ``thorough``: it stops at a failure.
    """
    judge = _NotebookJudge(cage, plan, seed, explain, thorough)
    try:
        return judge.run()
    finally:
        judge.leave()


class _NotebookJudge:
    def __init__(self, cage: Cage, plan: NotebookPlan, seed: int, explain: bool, thorough: bool) -> None:
        self.cage, self.plan, self.seed, self.limits = cage, plan, seed, cage.limits
        self.explain, self.thorough = explain and thorough, thorough
        self.verdicts = {step.cell_id: _Verdict(step) for step in plan.steps if step.kind == "test"}
        self.followed: dict[str, tuple[_Verdict, list[str]]] = {}
        self.cells: dict[str, CellRun] = {}
        self.skipped: set[str] = set()
        self.doubted: set[str] = set()
        self.problems: list[str] = []
        self.judged = True
        self.box: Box | None = None
        self.conversation: Conversation | None = None
        self.device = AcceleratorBox(cage)
        self.deadline = time.monotonic() + self.limits.notebook_seconds
        self.lost = 0.0

    def run(self) -> NotebookResult:
        written = {}
        for cell_id, verdict in self.verdicts.items():
            if verdict.name in self.plan.unwritten:
                verdict.checked, verdict.outcomes = True, _not_written(verdict.name)
            else:
                written[cell_id] = verdict, []
        if written or not self.verdicts or any(each.cell_id.startswith("own-") for each in self.plan.steps):
            self._run_cells()
        self._run_tests(written)
        if self.thorough:
            self._follow_through()
        exercises = [self._result(cell_id) for cell_id in self.verdicts]
        return NotebookResult(self.plan.name, self.cage.tier, exercises, self.cells, self.problems, self.judged)

    @property
    def used_up(self) -> str:
        return f"the notebook used up its {self.limits.notebook_seconds:g} seconds."

    def is_late(self) -> bool:
        """Whether the time is used up; what a busy machine took does not count, up to as much again."""
        lost = self.lost + (self.conversation.lost if self.conversation else 0.0)
        return time.monotonic() > self.deadline + min(lost, self.limits.notebook_seconds)

    def leave(self) -> None:
        if self.conversation is not None:
            self.lost += self.conversation.lost
            self.conversation.lost = 0.0
        if self.box is not None:
            self.box.kill()
            self.box = None
        self.device.close()

    def _follow_through(self) -> None:
        """Judge again what calls an earlier function that is wrong, with the reference in that function's place."""
        suspects = {}
        for cell_id, verdict in self.verdicts.items():
            replaced = self._wrong_functions_used(verdict)
            if replaced:
                suspects[cell_id] = (_Verdict(verdict.step), replaced)
        if suspects:
            self._run_cells()  # in a fresh box: what the hidden checks sent stays behind in the old one
            self._run_tests(suspects)
            self.followed = {key: pair for key, pair in suspects.items() if pair[0].score > self.verdicts[key].score}

    def _wrong_functions_used(self, verdict: _Verdict) -> list[str]:
        """Return the earlier exercises that are wrong and whose names occur in the failed exercise's code."""
        if not verdict.checked or verdict.score >= verdict.step.points:
            return []
        own = ("own-", verdict.name)
        code = "\n".join(
            step.source for step in self.plan.steps if step.kind == "cell" and step.cell_id.startswith(own)
        )
        wrong = []
        for earlier in self.verdicts.values():
            if earlier is verdict:
                break
            if earlier.checked and earlier.score < earlier.step.points and re.search(rf"\b{earlier.name}\b", code):
                wrong.append(earlier.name)
        return wrong

    def _run_tests(self, tests: Mapping[str, tuple[_Verdict, list[str]]]) -> None:
        """Run test cells, each with the functions named beside it replaced; every public property comes first."""
        for public in (True, False):
            for verdict, replaced in tests.values():
                decided = not self.thorough and verdict.failed
                if public or (verdict.checked and not decided):
                    self._run_test(verdict, replaced, public)

    def _run_cells(self) -> None:
        """Run every cell in a fresh box, keeping the state at each test cell; start over without one that ends it.

        Whatever killed the box may have come from outside, the first time.
        """
        while True:
            conversation = self._enter()
            ended_by = next((step for step in self.plan.steps if not self._run_step(step)), None)
            if ended_by is None:
                return
            if conversation.killed and ended_by.cell_id not in self.doubted:
                self.doubted.add(ended_by.cell_id)
                self.cells.pop(ended_by.cell_id)
            else:
                self.skipped.add(ended_by.cell_id)

    def _enter(self) -> Conversation:
        self.leave()
        self.box = self.cage.box()
        self.conversation = Conversation(self.box, self.limits)
        try:
            self.conversation.fork()
        except Unanswered as silence:
            raise CageError(f"a fresh worker did not answer: {silence.sentence}") from None
        return self.conversation

    def _run_step(self, step: Step) -> bool:
        """Run one step; return whether the box survived it."""
        assert self.conversation is not None
        if step.cell_id in self.skipped:
            return True
        try:
            if step.kind == "test":
                self.verdicts[step.cell_id].keep = self.conversation.keep()
                return True
            if self.is_late():
                self.cells.setdefault(step.cell_id, CellRun("", f"It was not run: {self.used_up}"))
                return True
            ran = self.conversation.run_cell(step.source)
        except Unanswered as silence:
            self.cells[step.cell_id] = CellRun("", silence.sentence)
            return False
        if step.cell_id not in self.cells:
            self.cells[step.cell_id] = CellRun(ran["output"], _cell_error(ran["error"], ran["text"], self.limits))
        return True

    def _run_test(self, verdict: _Verdict, replaced: list[str], public: bool) -> None:
        started = time.monotonic()
        if self.is_late():
            verdict.message = f"Not judged: {self.used_up}"
            return
        turn = _Turn(self, verdict.step.cell_id, replaced, last=not public)

        def check(function: Callable[..., object]) -> None:
            verdict.checked = True
            name = getattr(function, "__name__", "")
            properties = [each for each in find_graded(name) if each.public == public]
            proxy = self._proxy(name, turn)
            verdict.outcomes += judge_properties(
                properties, proxy, name, self.seed, turn.take, verdict.outcomes, self.thorough, turn.doubt
            )
            silent = any(each.unanswered for each in verdict.failed)  # asking again could cost a full time limit
            if self.explain and not public and not replaced and verdict.failed and not silent:
                verdict.misconception = name_misconception(proxy, name, self.seed)

        names = {name: self._proxy(name, turn) for name in self.plan.functions}
        try:
            with bounded_work(self.deadline - time.monotonic()):
                exec(compile(verdict.step.source, verdict.step.cell_id, "exec"), {**names, "check": check})
        except (StudentError, Unanswered, AssertionError) as failure:
            sentence = _failure_sentence(failure)
            verdict.message = sentence if public else without_status(sentence)
        except CageError:
            raise
        except Exception as error:
            self.judged = False
            verdict.message = "This exercise could not be judged because a check failed to run; it is not your fault."
            # What an error of a check says can hold the check's input; students read problems.
            LOG.error("%s could not be judged", verdict.step.cell_id, exc_info=error)
            self.problems.append(f"{verdict.step.cell_id} could not be judged: {type(error).__name__} in a check.")
        finally:
            verdict.slowest_call = max(verdict.slowest_call, turn.leave())
            verdict.seconds += time.monotonic() - started

    def _proxy(self, name: str, turn: _Turn) -> GradedFunction:
        seconds = EXERCISES[name].call_seconds if name in EXERCISES else 0.0
        return GradedFunction(name, turn.talk, self.device, seconds)

    def _result(self, cell_id: str) -> ExerciseResult:
        verdict, sentences = self.verdicts[cell_id], []
        if cell_id in self.followed:
            first, (verdict, replaced) = verdict, self.followed[cell_id]
            verdict.seconds += first.seconds
            sentences.append(_followed_sentence(verdict.name, replaced))
        run = self.cells.get(verdict.name)
        if run is not None and run.error and not verdict.score:
            sentences.append(f"The cell of {verdict.name} failed: {run.error}")
        sentences += [each for each in (verdict.message, verdict.misconception) if each]
        return ExerciseResult(
            verdict.name,
            self.plan.name,
            verdict.score,
            verdict.step.points,
            round(verdict.seconds, 3),
            verdict.outcomes,
            " ".join(sentences),
            round(verdict.slowest_call, 3),
        )


def _not_written(name: str) -> list[PropertyOutcome]:
    """Return the outcomes of a function that still is the released stub; asking it would only take time."""
    sentence = StudentError("NotImplementedError", "").sentence(name)
    return [
        PropertyOutcome(each.name, each.public, False, each.weight, each.sentence, sentence)
        for each in find_graded(name)
    ]


class _Turn:
    """One pass over one test cell: takes the kept state when first needed, and again if the box ended meanwhile."""

    def __init__(self, judge: _NotebookJudge, cell_id: str, replaced: list[str], last: bool) -> None:
        self._judge, self._cell_id, self._replaced, self._last = judge, cell_id, replaced, last
        self._taken = False

    def take(self) -> None:
        judge = self._judge
        assert judge.conversation is not None
        if self._taken and judge.conversation.alive:
            return
        if not judge.conversation.alive:
            judge._run_cells()
        try:
            judge.conversation.resume(judge.verdicts[self._cell_id].keep, self._last)
        except Unanswered:  # an earlier exercise ended the state kept for this one: once more from the start
            judge._run_cells()
            judge.conversation.resume(judge.verdicts[self._cell_id].keep, self._last)
        self._taken = True
        for name in self._replaced:
            judge.conversation.bind(name, reference(name))

    def doubt(self) -> bool:
        """Whether the missing answer may have had a reason outside the student's code."""
        conversation = self._judge.conversation
        return self._judge.device.killed or (conversation is not None and conversation.killed)

    def talk(self) -> Conversation:
        if self._judge.is_late():
            raise Unanswered(f"Not tried: {self._judge.used_up}")
        if not self._taken:
            self.take()
        assert self._judge.conversation is not None
        return self._judge.conversation

    def leave(self) -> float:
        """End the turn and return the seconds that its slowest call took."""
        conversation = self._judge.conversation
        assert conversation is not None
        if self._taken and conversation.alive:
            with contextlib.suppress(Unanswered):
                conversation.end()
        slowest, conversation.slowest_call = conversation.slowest_call, 0.0
        return slowest


def _followed_sentence(name: str, replaced: list[str]) -> str:
    one = len(replaced) == 1
    wrong, correct = ("which is wrong", "a correct one") if one else ("which are wrong", "correct ones")
    return f"{name} calls {' and '.join(replaced)}, {wrong}; it was graded with {correct}: no mistake costs you twice."


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

"""Running the audit: bank, mistakes and mutants become plans, the plans go through the cage, results become figures."""

from __future__ import annotations

import inspect
import math
import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from autograder.audit.mutants import Mutant, equivalence, mutants_of
from autograder.course.release import Release
from autograder.grading.workers import Settings, judge_all
from autograder.judge.notebook import NotebookPlan, Step
from autograder.judge.results import ExerciseResult, NotebookResult
from autograder.properties import find_graded, known_mistakes, points, reference
from autograder.properties.entries import Entry
from autograder.sandbox.doctor import choose_tier
from autograder.sandbox.limits import Limits
from labkit.exercises import EXERCISES
from tests.bank import CORRECT

SETUP = "import math\nimport numpy as np\nimport torch\nfrom labkit import validate\n"
QUICK = Limits(call_seconds=4)  # for what is wrong anyway: many mistakes and mutants never end
PER_CORE = 2  # mistakes and mutants judged at once for each job, because they spend their time waiting for such limits
MARGIN = 5  # a time limit is at least this many times what the slowest correct solution of the bank needs


@dataclass
class FunctionAudit:
    """What the audit found out about one exercise."""

    name: str
    correct: int = 0
    runs: int = 0
    unfair: list[str] = field(default_factory=list)
    accused: list[str] = field(default_factory=list)
    slowest_call: float = 0.0
    slowest_name: str = ""
    mistakes: int = 0
    missed: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    caught_by: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    mutants: int = 0
    killed: int = 0
    survivors: list[tuple[Mutant, str]] = field(default_factory=list)

    @property
    def idle(self) -> list[str]:
        """Properties that caught no mistake."""
        return [prop.name for prop in find_graded(self.name) if prop.name not in self.caught_by]

    def catchers(self, mistake: str) -> list[str]:
        """Return the properties that caught a mistake."""
        return [prop for prop, caught in self.caught_by.items() if mistake in caught]

    @property
    def unexplained(self) -> list[Mutant]:
        return [mutant for mutant, reason in self.survivors if not reason]

    @property
    def mutation_score(self) -> float:
        """The fraction of the mutants that are not equivalent to the reference and are killed."""
        different = self.killed + len(self.unexplained)
        return self.killed / different if different else 1.0

    @property
    def call_seconds(self) -> float:
        """The limit of one call."""
        return EXERCISES[self.name].call_seconds

    def faults(self) -> list[str]:
        """Return a sentence for each bar that is missed."""
        faults = [f"{self.name}: the correct solution {each} lost a point." for each in self.unfair]
        faults += [f"{self.name}: the correct solution {each} was accused of a mistake." for each in self.accused]
        faults += [f"{self.name}: the mistake {each} kept full points." for each in self.missed]
        faults += [f"{self.name}: the mistake {each} was called another." for each in self.misnamed]
        faults += [f"{self.name}: the mutant '{each.after}' survives without a reason." for each in self.unexplained]
        if self.slowest_call * MARGIN > self.call_seconds:
            faults.append(
                f"{self.name}: the limit of {self.call_seconds:g} s for a call is less than {MARGIN} times the "
                f"{self.slowest_call:.2f} s of {self.slowest_name}."
            )
        return faults


Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class _Case:
    """One submission of the audit: ``kind`` is "correct", "mistake" or "mutant"."""

    kind: str
    exercise: str
    subject: Entry | Mutant

    @property
    def plan(self) -> NotebookPlan:
        cell = Step("cell", self.exercise, self.subject.cell)
        test = Step("test", f"test_{self.exercise}", f"check({self.exercise})", points(self.exercise))
        earlier = Step("cell", "earlier", _functions_called(self.subject.cell, self.exercise))
        return NotebookPlan("audit", [Step("cell", "setup", SETUP), earlier, cell, test], [self.exercise])


def _functions_called(cell: str, exercise: str) -> str:
    """Return the reference source of the other exercises of the unit that ``cell`` names, and of those they name."""
    unit = vars(inspect.getmodule(reference(exercise)))
    sources: dict[str, str] = {exercise: ""}
    waiting = [cell]
    while waiting:
        words = set(re.findall(r"\w+", waiting.pop()))
        for name in sorted(words & set(EXERCISES) & set(unit) - set(sources)):
            sources[name] = inspect.getsource(unit[name])
            waiting.append(sources[name])
    return "\n\n".join(filter(None, sources.values()))


def audit(
    release: Release, names: Sequence[str], seeds: int, minutes: float, jobs: int, first_seed: int, tell: Tell
) -> list[FunctionAudit]:
    """Audit the exercises ``names``; correct solutions are judged under up to ``seeds`` seeds within ``minutes``."""
    started = time.monotonic()
    audits = {name: FunctionAudit(name) for name in names}
    settings = Settings(release, tier=choose_tier(release.support), seed=first_seed)
    correct = [_Case("correct", entry.exercise, entry) for entry in CORRECT if entry.exercise in audits]
    mistakes = [_Case("mistake", name, entry) for name in names for entry in known_mistakes(name)]
    mutants = [_Case("mutant", name, mutant) for name in names for mutant in mutants_of(name)]
    for case in correct:
        audits[case.exercise].correct += 1
    _judge_cases(settings, correct, audits, jobs, "correct solutions", tell)
    quick = replace(settings, limits=QUICK)
    _judge_cases(quick, mistakes, audits, jobs * PER_CORE, "mistakes", tell)
    _judge_cases(replace(quick, thorough=False), mutants, audits, jobs * PER_CORE, "mutants", tell)
    for number in range(1, seeds):
        # The last round's time tells whether one more fits.
        round_started = time.monotonic()
        _judge_cases(replace(settings, seed=first_seed + number), correct, audits, jobs, f"seed {number + 1}", tell)
        spent = time.monotonic() - started
        if spent + (time.monotonic() - round_started) > minutes * 60:
            break
    return list(audits.values())


def _judge_cases(
    settings: Settings, cases: Sequence[_Case], audits: dict[str, FunctionAudit], jobs: int, title: str, tell: Tell
) -> None:
    tell(title, 0, len(cases))
    outcomes = judge_all(settings, [case.plan for case in cases], jobs)
    for done, (index, outcome) in enumerate(outcomes, start=1):
        case = cases[index]
        if isinstance(outcome, str) or not outcome.judged:
            reason = outcome if isinstance(outcome, str) else " ".join(outcome.problems)
            raise RuntimeError(f"{case.subject} could not be judged: {reason}")
        _record(audits[case.exercise], case, outcome)
        tell(title, done, len(cases))


def _record(found: FunctionAudit, case: _Case, result: NotebookResult) -> None:
    exercise = result.exercises[0]
    full = exercise.score == exercise.max_score
    if isinstance(case.subject, Mutant):
        found.mutants += 1
        found.killed += not full
        if full:
            found.survivors.append((case.subject, equivalence(case.subject)))
    elif case.kind == "mistake":
        _record_mistake(found, case.subject, exercise, full)
    else:
        found.runs += 1
        if not full:
            found.unfair.append(f"{case.subject.name} ({', '.join(_failed(exercise))})")
        if "Your answers are what you get" in exercise.message:
            found.accused.append(case.subject.name)
        if exercise.slowest_call > found.slowest_call:
            found.slowest_call, found.slowest_name = exercise.slowest_call, case.subject.name


def _record_mistake(found: FunctionAudit, entry: Entry, exercise: ExerciseResult, full: bool) -> None:
    found.mistakes += 1
    if full:
        found.missed.append(entry.name)
    for prop in _failed(exercise):
        found.caught_by[prop].append(entry.name)
    if not entry.ends:
        return
    if entry.note in exercise.message:
        found.named.append(entry.name)
    elif "Your answers are what you get" in exercise.message:
        found.misnamed.append(entry.name)
    else:
        found.unnamed.append(entry.name)


def _failed(exercise: ExerciseResult) -> list[str]:
    return [prop.name for prop in exercise.properties if not prop.passed]


def upper_bound(failures: int, runs: int, confidence: float = 0.95) -> float:
    """Return the exact upper confidence bound (Clopper and Pearson) of a rate of which ``failures`` were seen."""
    if not runs or failures >= runs:
        return 1.0
    low, high = failures / runs, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        at_most = sum(
            math.exp(
                math.lgamma(runs + 1) - math.lgamma(k + 1) - math.lgamma(runs - k + 1)
                + k * math.log(middle) + (runs - k) * math.log1p(-middle)
            )
            for k in range(failures + 1)
        )  # fmt: skip
        low, high = (middle, high) if at_most > 1 - confidence else (low, middle)
    return high

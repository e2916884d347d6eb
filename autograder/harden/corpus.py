"""The hostile corpus: what cheating gains, what it touches, how long it holds up the judge, and who suffers next.

Every submission of ``tests/hostile/`` and every hostile one of the demo class is taken in and judged as in grading,
in a cage that stays warm. After each of them an honest notebook is judged in the same cage and must get exactly what
it got before. The points of each exercise are compared with those of the honest work that the submission names.
"""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec

from autograder.course.release import Release, read_release
from autograder.display import render_page
from autograder.grading.intake import IntakeError, Submission, take_in_folder
from autograder.grading.workers import Settings
from autograder.harden.canaries import Canaries, own_folder, processes_of, settled
from autograder.harden.courtroom import PATIENCE, Courtroom, Judgement
from autograder.harden.finding import Finding, Tell
from autograder.judge.notebook import NotebookPlan, Step
from autograder.judge.results import ExerciseResult, NotebookResult
from autograder.sandbox.limits import MIB, Limits
from tests.demo_class.build import HERE, HOSTILE, Scenario, build_hand_in, find_scenario, scenarios, written_in
from tests.demo_class.outcome import unmet

OUT = Path("harden")
TIERS = ("A", "B")
LIMITS = Limits(call_seconds=3, cell_seconds=15, notebook_seconds=180, memory_bytes=512 * MIB)
NEXT_STUDENT = "half-done"  # so that a change in either direction is seen
NEXT_EXERCISES = ("bellman_q", "policy_evaluation", "model_disagreement")
BODY = """
<h1>The hostile corpus</h1>
{% for tier, families in tiers.items() %}<h2>Tier {{ tier }}</h2>
<table><tr><th>family<th>submission<th>what it tries<th class="n">points gained<th>outside<th class="n">s more<th
class="n">judge, MiB<th>next student<th>held</tr>
{% for r in families %}<tr><td>{{ r.family }}<td>{{ r.name }}<td>{{ r.note }}<td class="n">{{ "%g"|format(r.gained) }}
<td>{{ r.outside|join("; ") or "nothing" }}<td class="n">{{ "%.1f"|format(r.seconds_more) }}<td class="n">{{
r.judge_mib }}<td>{{ "affected" if r.next_affected else "right" }}<td class="{{ 'good' if r.held else 'bad' }}">{{
"yes" if r.held else r.broken|join("; ") }}</tr>{% endfor %}</table>{% endfor %}
"""


@dataclass
class Outcome:
    """What one submission achieved on one tier."""

    name: str
    family: str
    note: str
    tier: str
    gained: float = 0.0
    gained_in: dict[str, float] = field(default_factory=dict)
    limit: float = 0.0
    outside: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    next_affected: list[str] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    seconds_more: float = 0.0
    seconds_allowed: float = 0.0
    processor_seconds: float = 0.0
    judge_mib: int = 0

    @property
    def broken(self) -> list[str]:
        """A sentence for each promise that this submission broke."""
        found = [f"{points:g} points gained in {name}" for name, points in self.gained_in.items()]
        found = [] if self.gained <= self.limit else found
        found += [*self.outside, *self.failures, *self.next_affected, *self.unmet]
        if self.seconds > self.seconds_allowed:
            found.append(f"{self.seconds:.0f} s, but the limits allow {self.seconds_allowed:.0f} s")
        return found

    @property
    def held(self) -> bool:
        return not self.broken


def hostile_scenarios() -> list[Scenario]:
    """Return the whole corpus by family: the hostile folders, and those of the demo class that have a family."""
    corpus = [each for home in (HOSTILE, HERE) for each in scenarios(home) if "family" in each.expected]
    return sorted(corpus, key=lambda each: (each.expected["family"], each.name))


def subset(chosen: Sequence[Scenario], per_family: int) -> list[Scenario]:
    """Return some of each family, always the same: those marked as quick first, in the order of their names."""
    by_family: dict[str, list[Scenario]] = defaultdict(list)
    for each in sorted(chosen, key=lambda each: (bool(each.expected.get("slow")), each.name)):
        by_family[each.expected["family"]].append(each)
    return [each for family in by_family.values() for each in family[:per_family]]


class Trial:
    """Judges scenarios on one tier; use it as a context manager.

    With ``briefly``, of each hand-in only the exercises are judged that it is about, or the first two where it is about
    none, and failures are not compared with known mistakes.
    """

    def __init__(self, release: Release, tier: str, limits: Limits, folder: Path, briefly: bool = False) -> None:
        self.release, self.tier, self.limits, self.briefly = release, tier, limits, briefly
        self.submitted, self.canaries = folder / "submitted", Canaries(folder / "outside")
        (folder / "outside").mkdir()
        self.courtroom = Courtroom(Settings(release, tier=tier, limits=limits, explain=not briefly))
        self.by_plan: dict[str, Judgement] = {}
        self.expected_next: list[dict] | None = None

    def __enter__(self) -> Trial:
        self.canaries.__enter__()
        self.courtroom.__enter__()
        self.canaries.post_watchman(self.courtroom.box_uid)
        self.next_plan = self._plan_of_next_student()
        self.expected_next = self._next_student()
        self.canaries.touched()
        return self

    def __exit__(self, *_: object) -> None:
        self.courtroom.__exit__()
        self.canaries.__exit__()

    def try_out(self, scenario: Scenario) -> Outcome:
        """Judge one hostile hand-in and the honest notebook after it."""
        outcome = Outcome(scenario.name, scenario.expected["family"], scenario.expected["note"], self.tier)
        outcome.limit = scenario.expected.get("limit", 0.0)
        wanted = self._exercises_of(scenario)
        honest, honest_seconds = self.honest(scenario.expected["honest"], wanted)
        judge = self.courtroom.pid
        count = len(processes_of(self.courtroom.box_uid, judge) - self.canaries.watchmen())
        build_hand_in(scenario, self.submitted / scenario.student, self.canaries.words)
        submission = self._take_in(scenario, outcome)
        if submission is not None:
            self._judge(scenario, submission, wanted, honest, outcome)
        outcome.seconds_more = outcome.seconds - honest_seconds
        self._look_around(outcome, judge, count)
        if self._next_student() != self.expected_next:
            outcome.next_affected.append("the next student's result is another one")
        return outcome

    def honest(self, name: str, wanted: set[str]) -> tuple[dict[str, ExerciseResult], float]:
        """Return the exercises of the honest work of that name and the seconds that they took."""
        scenario = find_scenario(name)
        build_hand_in(scenario, self.submitted / scenario.student)
        judgements = [self._judged(plan) for plan in self._plans(self._submission(scenario), wanted)]
        assert all(each.result for each in judgements), [each.failure for each in judgements]
        exercises = {exercise.name: exercise for each in judgements for exercise in each.result.exercises}
        return exercises, sum(each.seconds for each in judgements)

    def _exercises_of(self, scenario: Scenario) -> set[str]:
        functions = self.release.notebooks[scenario.notebook].functions
        return set(scenario.expected.get("about", ())) or written_in(scenario) or set(functions[:2])

    def _plans(self, submission: Submission, wanted: set[str]) -> list[NotebookPlan]:
        """Return what is to be judged of a hand-in."""
        plans = [each.plan for each in submission.notebooks]
        if not self.briefly:
            return plans
        tests = {f"test_{name}" for name in wanted}
        cut = [_without(plan, lambda step: step.kind == "test" and step.cell_id not in tests) for plan in plans]
        return [plan for plan in cut if any(step.kind == "test" for step in plan.steps)]

    def _take_in(self, scenario: Scenario, outcome: Outcome) -> Submission | None:
        try:
            return self._submission(scenario)
        except (OSError, ValueError, MemoryError, RecursionError, IntakeError) as error:
            outcome.failures.append(f"intake raised {type(error).__name__}: {error}")
            return None

    def _judge(
        self,
        scenario: Scenario,
        submission: Submission,
        wanted: set[str],
        honest: dict[str, ExerciseResult],
        outcome: Outcome,
    ) -> None:
        exercises: list[ExerciseResult] = []
        problems = [*submission.problems, *(each for taken in submission.notebooks for each in taken.problems)]
        for plan in self._plans(submission, wanted):
            judgement = self._judged(plan)
            outcome.seconds += judgement.seconds
            outcome.processor_seconds += judgement.processor_seconds
            outcome.seconds_allowed += self.limits.notebook_seconds + PATIENCE
            outcome.judge_mib = max(outcome.judge_mib, judgement.memory_bytes // MIB)
            if judgement.failure:
                outcome.failures.append(f"the judge failed: {judgement.failure}")
            if judgement.result is not None:
                exercises += judgement.result.exercises
                problems += _problems_of(judgement.result)
                outcome.cells |= {name: run.error or "ran" for name, run in judgement.result.cells.items()}
                if self.canaries.secret in msgspec.json.encode(judgement.result).decode():
                    outcome.outside.append("the secret was read")
        for each in exercises:
            gained = each.score - honest[each.name].score
            if gained > 1e-6:
                outcome.gained_in[each.name] = gained
        outcome.gained = sum(outcome.gained_in.values())
        outcome.unmet += unmet(scenario, [msgspec.to_builtins(each) for each in exercises], problems, self.tier)

    def _judged(self, plan: NotebookPlan) -> Judgement:
        """Judge a plan, or say what it got before: most hand-ins leave most notebooks alone."""
        key = msgspec.json.encode(plan).decode()
        if key not in self.by_plan:
            self.by_plan[key] = self.courtroom.judge(plan)
        return self.by_plan[key]

    def _look_around(self, outcome: Outcome, judge: int, count: int) -> None:
        if self.courtroom.pid != judge:  # its replacement runs as another user
            self.canaries.post_watchman(self.courtroom.box_uid)
        else:
            left = settled(count, self.courtroom.box_uid, judge, self.canaries.watchmen())
            outcome.outside += [f"{left} processes outlived the box"] if left else []
        outcome.outside += self.canaries.touched()

    def _next_student(self) -> list[dict]:
        judgement = self.courtroom.judge(self.next_plan)
        if judgement.result is None:
            return [{"failure": judgement.failure}]
        return [
            {**msgspec.to_builtins(each), "seconds": 0, "slowest_call": 0} for each in judgement.result.exercises
        ] + [{"problems": judgement.result.problems, "cells": msgspec.to_builtins(judgement.result.cells)}]

    def _plan_of_next_student(self) -> NotebookPlan:
        scenario = find_scenario(NEXT_STUDENT)
        build_hand_in(scenario, self.submitted / scenario.student)
        plan = next(each.plan for each in self._submission(scenario).notebooks if each.release.name == "02_planning")
        wanted = {"setup", *NEXT_EXERCISES, *(f"test_{name}" for name in NEXT_EXERCISES)}
        return _without(plan, lambda step: step.cell_id not in wanted)

    def _submission(self, scenario: Scenario) -> Submission:
        folder = self.submitted / scenario.student / self.release.assignment
        return take_in_folder(self.release, folder, scenario.student)


def _without(plan: NotebookPlan, left_out: Callable[[Step], bool]) -> NotebookPlan:
    return NotebookPlan(plan.name, [each for each in plan.steps if not left_out(each)], plan.functions)


def _problems_of(result: NotebookResult) -> list[str]:
    return [
        *result.problems,
        *(f"The cell {name} failed: {run.error}" for name, run in result.cells.items() if run.error),
    ]


def try_all(
    chosen: Iterable[Scenario],
    tier: str,
    limits: Limits = LIMITS,
    tell: Tell = lambda *_: None,
    briefly: bool = False,
) -> list[Outcome]:
    """Judge ``chosen`` on one tier and return what each achieved."""
    chosen = list(chosen)
    outcomes = []
    with own_folder() as folder, Trial(read_release(), tier, limits, Path(folder), briefly) as trial:
        for number, scenario in enumerate(chosen):
            tell(f"{tier}: {scenario.name}", number, len(chosen))
            outcomes.append(trial.try_out(scenario))
    return outcomes


def measure(tell: Tell) -> list[Finding]:
    """Judge the whole corpus on every tier and write ``harden/corpus.json`` and its page after each; a row a family."""
    OUT.mkdir(exist_ok=True)
    tiers: dict[str, list[Outcome]] = {}
    for tier in TIERS:
        tiers[tier] = try_all(hostile_scenarios(), tier, tell=tell)
        records = [{**asdict(each), "broken": each.broken} for outcomes in tiers.values() for each in outcomes]
        (OUT / "corpus.json").write_text(json.dumps(records, indent=1) + "\n", "utf-8")
        (OUT / "corpus.html").write_text(render_page("Hostile corpus", BODY, tiers=tiers), "utf-8")
    return [row for outcomes in tiers.values() for row in rows(outcomes)]


def rows(outcomes: Sequence[Outcome]) -> list[Finding]:
    """Return a row for each family."""
    by_family: dict[str, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        by_family[each.family].append(each)
    return [_row(family, members) for family, members in by_family.items()]


def _row(family: str, members: Sequence[Outcome]) -> Finding:
    slowest = max(members, key=lambda each: each.seconds_more)
    measured = [
        f"{sum(each.gained for each in members):g} points gained",
        f"{sum(bool(each.outside) for each in members)} touched something outside",
        f"{sum(bool(each.failures) for each in members)} judge failures",
        f"{sum(bool(each.next_affected) for each in members)} next students affected",
        f"median {statistics.median(each.seconds_more for each in members):.1f} s, worst {slowest.seconds_more:.1f} s "
        f"more than honest work ({slowest.name})",
        f"the judge's memory at most {max(each.judge_mib for each in members)} MiB",
    ]
    measured += [f"{each.name}: {'; '.join(each.broken)}" for each in members if not each.held]
    what = f"{family}: {len(members)} submissions on tier {members[0].tier}"
    limit = sum(each.limit for each in members)
    gain = f"at most {limit:g} points gained, which no check of answers can prevent" if limit else "0 points gained"
    required = f"{gain}, nothing outside, no judge failure, nobody else affected, within the limits of time"
    return Finding("corpus", what, required, ", ".join(measured), all(each.held for each in members))

"""The same grade every time: the demo class is judged again and again, in random order, on an idle and a busy machine.

Identical notebooks are judged once a round. Hand-ins that wait out time limits are in the first two rounds only, idle
and busy, as they take nearly all the time; all the others are in every round. Most rounds have two jobs on an idle
machine; among them are rounds with one job, with a process competing for every core, and with both.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.release import Release, read_release
from autograder.grading.grade import find_submissions
from autograder.grading.workers import Settings, judge_all
from autograder.harden.finding import Finding, Tell
from autograder.judge.notebook import NotebookPlan
from autograder.judge.results import NotebookResult

Round = tuple[int, bool]
"""Jobs, and whether the machine is busy."""

IDLE: Round = (2, False)
FIRST: Sequence[Round] = (IDLE, (2, True))  # with those that wait out limits
# A single judge is this process, and all later judges inherit what it has worked out: one comes first.
OTHERS: Sequence[Round] = ((1, False), *[IDLE] * 7, (1, True), *[IDLE] * 7, (2, True), *[IDLE] * 7) * 2
SEED = 20261123
HOGS = 1  # for each core


@dataclass
class Regrades:
    """What was seen so far: how much was judged, every change, and the seconds of each round by its kind."""

    rounds: int = 0
    judged: int = 0
    changes: list[str] = field(default_factory=list)
    patient: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)


def measure(tell: Tell) -> Iterator[Finding]:
    """Regrade the demo class in the rounds of the schedule; yield the row after each."""
    from tests.demo_class.build import build_class

    release = read_release()
    with tempfile.TemporaryDirectory(prefix="regrade-") as folder:
        build_class(Path(folder) / "submitted")
        plans = distinct_plans(release, Path(folder) / "submitted")
    rounds = [*FIRST, *OTHERS]
    for seen in regrade(release, plans, rounds, len(FIRST), tell):
        by_kind = ", ".join(f"{kind} {sum(each) / len(each):.0f} s" for kind, each in seen.seconds.items())
        measured = (
            f"{seen.rounds} of {len(rounds)} rounds of {len(plans)} distinct notebooks, {seen.judged} judgements, "
            f"{len(seen.changes)} changed; {seen.patient} that wait out limits in {len(FIRST)} rounds only; "
            f"seconds a round: {by_kind}; seed {SEED}"
        )
        if seen.changes:
            measured += ". " + "; ".join(seen.changes[:5])
        held = seen.rounds == len(rounds) and not seen.changes
        yield Finding("regrade", "the demo class", "no score, outcome or message ever changes", measured, held)


def distinct_plans(release: Release, submitted: Path) -> dict[str, NotebookPlan]:
    """Return every different plan of a class, under the first student and the notebook that it belongs to."""
    plans: dict[str, NotebookPlan] = {}
    known: list[NotebookPlan] = []
    for submission in find_submissions(release, submitted).submissions:
        for assembled in submission.notebooks:
            if assembled.plan not in known:
                known.append(assembled.plan)
                plans[f"{submission.student}, {assembled.release.name}"] = assembled.plan
    return plans


def regrade(
    release: Release,
    plans: Mapping[str, NotebookPlan],
    rounds: Sequence[Round],
    patient_rounds: int,
    tell: Tell,
    seed: int = SEED,
) -> Iterator[Regrades]:
    """Judge ``plans`` in a random order in each of ``rounds`` and compare every result with the first one.

    Those that wait out time limits are left out after ``patient_rounds``.
    """
    dice = random.Random(seed)
    settings = Settings(release)
    first: dict[str, NotebookResult] = {}
    patient: set[str] = set()
    seen = Regrades()
    for number, (jobs, loaded) in enumerate(rounds):
        names = [name for name in plans if number < patient_rounds or name not in patient]
        dice.shuffle(names)
        kind = f"{jobs} job{'s' if jobs > 1 else ''}{', busy' if loaded else ''}"
        started = time.monotonic()
        with busy_cores(HOGS if loaded else 0):
            for done, (index, outcome) in enumerate(judge_all(settings, [plans[name] for name in names], jobs)):
                name = names[index]
                tell(f"round {number + 1} of {len(rounds)}, {kind}", done + 1, len(names))
                seen.judged += 1
                if isinstance(outcome, str):
                    seen.changes.append(f"{name} could not be judged in round {number + 1}: {outcome}")
                elif name not in first:
                    first[name] = outcome
                    if waited_out(outcome):
                        patient.add(name)
                elif changed := difference(first[name], outcome):
                    seen.changes.append(f"{name} in round {number + 1} ({kind}): {changed}")
        label = kind if number >= patient_rounds else f"{kind} with all"
        seen.seconds.setdefault(label, []).append(time.monotonic() - started)
        seen.rounds, seen.patient = number + 1, len(patient)
        yield seen


def waited_out(result: NotebookResult) -> bool:
    """Whether a time limit was waited out while the notebook was judged."""
    texts = [run.error for run in result.cells.values()]
    texts += [each.message for each in result.exercises]
    texts += [prop.message for each in result.exercises for prop in each.properties]
    return any("No answer within" in text for text in texts)


def difference(expected: NotebookResult, found: NotebookResult) -> str:
    """Return what differs between two results, or an empty string.

    Numbers in what a cell printed may be times, and how often a progress bar is drawn depends on them.
    """
    if found.problems != expected.problems:
        return f"problems {expected.problems} became {found.problems}"
    for name, run in expected.cells.items():
        again = found.cells.get(name)
        if again is None or (again.error, _as_compared(again.output)) != (run.error, _as_compared(run.output)):
            return f"what the cell {name} did: {run} became {again}"
    for old, new in zip(expected.exercises, found.exercises, strict=True):
        if old.score != new.score:
            return f"the score of {old.name}: {old.score:g} became {new.score:g} ({new.message})"
        for before, after in zip(old.properties, new.properties, strict=True):
            if before != after:
                return f"{old.name}, {before.name}: {before.message!r} became {after.message!r}"
        if old.message != new.message:
            return f"the message on {old.name}: {old.message!r} became {new.message!r}"
    return ""


def _as_compared(output: str) -> str:
    """Return the end of every line on which a progress bar draws over itself, without numbers, times and rates."""
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in output.split("\n")]
    return re.sub(r"\d+(\.\d+)?( ?([num\u00b5\u03bc]?s|min)\b)?(/it\b|it/s\b)?", "#", "\n".join(lines))


@contextmanager
def busy_cores(for_each: int) -> Iterator[None]:
    """Let ``for_each`` processes, as nice as this one, compete for every core that this one may use."""
    hogs = []
    try:
        for core in sorted(os.sched_getaffinity(0)):
            spin = (
                f"import os\nos.sched_setaffinity(0, {{{core}}})\nprint(flush=True)\n"
                f"while os.getppid() == {os.getpid()}: pass"
            )
            for _ in range(for_each):  # each in a session of its own: a kernel may share the core by session
                command = [sys.executable, "-S", "-c", spin]
                hogs.append(subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True))
        for hog in hogs:
            hog.stdout.readline()  # it is on its core now
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.communicate()

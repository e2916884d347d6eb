"""Measuring: every way on every submission, in turns, so that whatever slows the machine down slows all of them."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.bench.graders import Caged, Grader, Scores
from autograder.bench.submissions import Submission
from autograder.grading.workers import Settings, Workplace

GRADER = "import autograder.grading.grade"


@dataclass
class Timing:
    """Seconds of every repetition of one way on one submission."""

    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Half the range between the fastest and the slowest repetition."""
        return (max(self.seconds) - min(self.seconds)) / 2


@dataclass
class Measured:
    """All timings under (grader, submission), the scores, and what starting a grading process costs once."""

    graders: list[str]
    submissions: list[str]
    timings: dict[tuple[str, str], Timing]
    scores: dict[tuple[str, str], Scores]
    start_seconds: float = 0.0

    def mean(self, grader: str) -> float:
        """Return the mean over the submissions of the median seconds."""
        return statistics.mean(self.timings[grader, name].median for name in self.submissions)

    def disagreements(self) -> list[str]:
        """Return a sentence for every score on which two graders differ."""
        first, *others = self.graders
        return [
            f"{name}: {exercise} earns {score:g} with {first} but {self.scores[other, name][exercise]:g} with {other}."
            for name in self.submissions
            for exercise, score in self.scores[first, name].items()
            for other in others
            if abs(self.scores[other, name][exercise] - score) > 1e-6
        ]


def measure(
    graders: Mapping[str, Grader],
    submissions: Sequence[Submission],
    repetitions: int,
    tell: Callable[[str, int, int], None],
) -> Measured:
    """Grade every submission ``repetitions`` times with every grader, which must be warm."""
    names = [submission.name for submission in submissions]
    timings = {(grader, name): Timing() for grader in graders for name in names}
    measured = Measured(list(graders), names, timings, {})
    total, done = len(timings) * repetitions, 0
    for _ in range(repetitions):
        for submission in submissions:
            for name, grader in graders.items():
                tell(f"{name}: {submission.name}", done, total)
                seconds, scores = timed(lambda grader=grader, submission=submission: grader(submission))
                timings[name, submission.name].seconds.append(seconds)
                measured.scores[name, submission.name] = scores
                done += 1
    tell("done", total, total)
    return measured


def start_cost(settings: Settings, submissions: Sequence[Submission]) -> tuple[Workplace, float]:
    """Return a warm workplace, and the seconds that a new grading process needs once: what a first class costs more
    than the same class again, and the grader's imports."""
    workplace = Workplace(settings)
    caged = Caged(workplace)
    cold = sum(timed(lambda each=each: caged(each))[0] for each in submissions)
    warm = sum(timed(lambda each=each: caged(each))[0] for each in submissions)
    imports = timed(lambda: subprocess.run([sys.executable, "-c", GRADER], check=True))[0]
    return workplace, cold - warm + imports


def timed(action: Callable[[], Scores]) -> tuple[float, Scores]:
    """Return the wall-clock seconds of ``action`` and what it returned."""
    gc.collect()
    started = time.perf_counter()
    outcome = action()
    return time.perf_counter() - started, outcome

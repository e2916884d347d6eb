"""Judging many notebooks on one machine: a pool of processes, each with its own warm cage on its own core."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from autograder.course.release import WARM_UPS, Release
from autograder.judge.notebook import NotebookPlan, judge_notebook
from autograder.judge.results import NotebookResult
from autograder.sandbox.cage import Cage, CageError
from autograder.sandbox.limits import Limits

MAX_ATTEMPTS = 2
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Settings:
    """How to judge: the release, the tier of the cage, limits and the seed of the checks' cases."""

    release: Release
    tier: str = "A"
    limits: Limits = DEFAULT_LIMITS
    seed: int = 0
    explain: bool = True  # whether failures are compared with the known mistakes
    thorough: bool = True  # whether judging an exercise goes on after its first failure

    def cage(self) -> Cage:
        """Return a cage, not yet started, for this release."""
        imports = [*self.release.imports(), "labkit.checking"]
        return Cage(self.release.support, imports, WARM_UPS, self.limits, self.tier)


class Workplace:
    """A process's own cage, started when first needed and kept for the next notebook."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._cage: Cage | None = None

    def judge(self, plan: NotebookPlan) -> NotebookResult:
        """Judge one notebook; a cage that broke is replaced once before giving up."""
        for attempt in range(MAX_ATTEMPTS):
            if self._cage is None:
                self._cage = self.settings.cage()
            try:
                settings = self.settings
                return judge_notebook(self._cage, plan, settings.seed, settings.explain, settings.thorough)
            except CageError:
                self.close()
                if attempt + 1 == MAX_ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the cage."""
        if self._cage is not None:
            self._cage.close()
            self._cage = None


_workplace: Workplace | None = None


def _begin(settings: Settings, places: multiprocessing.Queue) -> None:
    """Set up one worker process: pin it, and with it its cage, to one core (they take turns anyway)."""
    global _workplace
    with contextlib.suppress(OSError, AttributeError):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[places.get() % len(cores)]})
    _workplace = Workplace(settings)


def _judge(plan: NotebookPlan) -> NotebookResult:
    assert _workplace is not None
    return _workplace.judge(plan)


def judge_all(
    settings: Settings, plans: Sequence[NotebookPlan], jobs: int, started: Callable[[], None] = lambda: None
) -> Iterator[tuple[int, NotebookResult | str]]:
    """Judge ``plans`` with ``jobs`` processes; yield each index with its result, or the reason why there is none."""
    if jobs <= 1 or len(plans) <= 1:
        workplace = Workplace(settings)
        try:
            for index, plan in enumerate(plans):
                started()
                try:
                    yield index, workplace.judge(plan)
                except CageError as error:
                    yield index, str(error)
        finally:
            workplace.close()
        return
    waiting = dict(enumerate(plans))
    for _ in range(MAX_ATTEMPTS):
        for index, outcome in _judge_in_pool(settings, waiting, jobs):
            del waiting[index]
            yield index, outcome
        if not waiting:
            return
    for index in sorted(waiting):
        yield index, f"the judging process ended {MAX_ATTEMPTS} times while this notebook waited or was judged"


def _judge_in_pool(
    settings: Settings, plans: dict[int, NotebookPlan], jobs: int
) -> Iterator[tuple[int, NotebookResult | str]]:
    """Yield what a pool finishes; when a process of it dies, stop early and leave the rest to the caller."""
    context = multiprocessing.get_context("fork")
    places = context.Queue()
    for place in range(jobs):
        places.put(place)
    with ProcessPoolExecutor(min(jobs, len(plans)), context, _begin, (settings, places)) as pool:
        running: dict[Future[NotebookResult], int] = {pool.submit(_judge, plan): i for i, plan in plans.items()}
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                index = running.pop(future)
                try:
                    yield index, future.result()
                except BrokenProcessPool:
                    return
                except CageError as error:
                    yield index, str(error)

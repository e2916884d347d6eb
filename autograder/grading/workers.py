"""Judging many notebooks on one machine: a pool of processes, each with its own warm cage on its own core."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from autograder.course.release import WARM_UPS, Release
from autograder.judge.notebook import NotebookPlan, judge_notebook
from autograder.judge.results import NotebookResult
from autograder.sandbox import uids
from autograder.sandbox.cage import Cage, CageError
from autograder.sandbox.limits import Limits

MAX_ATTEMPTS = 2
MAX_DEATHS = 3  # of the judging process, while a notebook was in its hands
PR_SET_PDEATHSIG = 1
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


def _begin(settings: Settings, places: multiprocessing.Queue, parent: int) -> None:
    """Set up one worker process: pin it, and with it its cage, to one core (they take turns anyway)."""
    global _workplace
    _die_with(parent)
    with contextlib.suppress(OSError, AttributeError):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[places.get() % len(cores)]})
    _workplace = Workplace(settings)


def _die_with(parent: int) -> None:
    """Let the kernel end this process when the grader ends, however that happens."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before this was asked for
        os._exit(1)


def _judge(plan: NotebookPlan) -> NotebookResult | str:
    assert _workplace is not None
    return _outcome(_workplace, plan)


def _outcome(workplace: Workplace, plan: NotebookPlan) -> NotebookResult | str:
    """Judge one notebook; whatever goes wrong with it is its own reason and stops no other."""
    try:
        return workplace.judge(plan)
    except CageError as error:
        return str(error)
    except Exception as error:
        workplace.close()
        return f"the judge failed ({type(error).__name__}: {str(error)[:200]})"


def judge_all(
    settings: Settings, plans: Sequence[NotebookPlan], jobs: int, started: Callable[[], None] = lambda: None
) -> Iterator[tuple[int, NotebookResult | str]]:
    """Judge ``plans`` with ``jobs`` processes; yield each index with its result, or the reason why there is none.

    Boxes that share the grader's user id share its allowance of processes too, so that one submission could make
    another's fail; they are judged one after the other.
    """
    if settings.tier == "B" and not uids.can_be_had():
        jobs = 1
    if jobs <= 1 or len(plans) <= 1:
        workplace = Workplace(settings)
        try:
            for index, plan in enumerate(plans):
                started()
                yield index, _outcome(workplace, plan)
        finally:
            workplace.close()
        return
    waiting = dict(enumerate(plans))
    deaths: Counter[int] = Counter()
    while waiting:
        # Who may have ended a judging process is judged alone next, so that nobody else is held up by it.
        suspect = next((index for index in waiting if deaths[index]), None)
        trial = waiting if suspect is None else {suspect: waiting[suspect]}
        with contextlib.closing(_judge_in_pool(settings, dict(trial), jobs, deaths)) as judged:
            for index, outcome in judged:
                del waiting[index]
                yield index, outcome
        for index in [each for each in waiting if deaths[each] >= MAX_DEATHS]:
            del waiting[index]
            yield index, f"the judging process ended {MAX_DEATHS} times while this notebook was judged"


def _judge_in_pool(
    settings: Settings, plans: dict[int, NotebookPlan], jobs: int, deaths: Counter[int]
) -> Iterator[tuple[int, NotebookResult | str]]:
    """Yield what a pool finishes; when a process of it dies, count whom it may have judged and leave the rest."""
    context = multiprocessing.get_context("fork")
    places = context.Queue()
    for place in range(jobs):
        places.put(place)
    pool = ProcessPoolExecutor(min(jobs, len(plans)), context, _begin, (settings, places, os.getpid()))
    try:
        unfinished: dict[Future[NotebookResult | str], int] = {
            pool.submit(_judge, plan): i for i, plan in plans.items()
        }
        broken = False
        while unfinished and not broken:
            done, _ = wait(unfinished, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    broken = True
                    continue
                yield unfinished.pop(future), outcome
        if broken:
            deaths.update(list(unfinished.values())[:jobs])  # they are taken up in order
    finally:
        pool.shutdown(cancel_futures=True)

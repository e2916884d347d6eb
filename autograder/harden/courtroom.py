"""A judge in a process of its own, watched from outside: what the corpus needs to survive what it tries.

The judge is the one that grades a class: a workplace with a warm cage. Its time and its memory are taken for each
notebook, and one that ends, or takes far too much of either, is replaced.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import psutil

from autograder.grading.workers import Settings, Workplace
from autograder.judge.notebook import NotebookPlan
from autograder.judge.results import NotebookResult
from autograder.sandbox.bubblewrap import FIRST_UID
from autograder.sandbox.cage import CageError
from autograder.sandbox.limits import MIB

MAX_JUDGE_MEMORY = 8192 * MIB
PATIENCE = 60.0


@dataclass(frozen=True)
class Judgement:
    """What judging one notebook gave and cost; ``failure`` says why there is no result."""

    result: NotebookResult | None
    failure: str
    seconds: float
    processor_seconds: float
    memory_bytes: int


class Courtroom:
    """Judges notebooks one after another in one cage, as a class is judged."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._process: Any = None
        self._ours: Connection | None = None

    def __enter__(self) -> Courtroom:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def box_uid(self) -> int | None:
        """The user that all boxes run as, seen from outside; None where each has another, or the grader's own."""
        return FIRST_UID + self.pid % 1000 if os.geteuid() == 0 and self.settings.tier == "A" else None

    def judge(self, plan: NotebookPlan) -> Judgement:
        """Judge one notebook; a judge that does not come back is ended and replaced."""
        assert self._ours is not None
        started = time.monotonic()
        self._ours.send(plan)
        while not self._ours.poll(0.1):
            failure = self._overdue(time.monotonic() - started)
            if failure:
                self._close()
                self._open()
                return Judgement(None, failure, time.monotonic() - started, 0.0, 0)
        try:
            return self._ours.recv()
        except EOFError:
            self._close()
            self._open()
            return Judgement(None, "the judge's process ended", time.monotonic() - started, 0.0, 0)

    def _overdue(self, seconds: float) -> str:
        if seconds > self.settings.limits.notebook_seconds + PATIENCE:
            return f"the judge did not come back within {seconds:.0f} s"
        with contextlib.suppress(psutil.Error):
            if psutil.Process(self.pid).memory_info().rss > MAX_JUDGE_MEMORY:
                return f"the judge took more than {MAX_JUDGE_MEMORY // MIB} MiB of memory"
        return ""

    def _open(self) -> None:
        context = multiprocessing.get_context("fork")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self.settings, theirs, self._ours), daemon=False)
        self._process.start()
        theirs.close()

    def _close(self) -> None:
        if self._ours is not None:
            self._ours.close()
        self._process.join(5)
        if self._process.is_alive():
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.join()


def _serve(settings: Settings, connection: Connection, others: Connection) -> None:
    """Judge what comes over ``connection`` until the other side hangs up."""
    others.close()
    workplace = Workplace(settings)
    try:
        while True:
            plan = connection.recv()
            _forget_peak()
            started, busy = time.monotonic(), _processor_seconds()
            result, failure = None, ""
            try:
                result = workplace.judge(plan)
                failure = "" if result.judged else " ".join(result.problems)
            except CageError as error:
                failure = str(error)
            seconds, busy = time.monotonic() - started, _processor_seconds() - busy
            connection.send(Judgement(result, failure, seconds, busy, _peak()))
    except EOFError:
        workplace.close()


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _forget_peak() -> None:
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def _peak() -> int:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))

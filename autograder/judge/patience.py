"""How long an answer may take: the wall clock, less the time for which the machine kept the code waiting for a core.

A busy machine must not cost points: correct code that gets a third of a core needs three times as long. The kernel
says how long a process was ready to run and did not (``/proc/<pid>/schedstat``). That time does not count, unless the
code's own processes used it up. Code that sleeps is not waiting for a core, so its time runs out as on an idle machine.
Where the kernel does not say, the wall clock alone decides.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

UNNOTICED = 0.2  # seconds; calls shorter than that, nearly all of them, read no file
SOON = 2.5 * UNNOTICED  # after that the first look is late, for who waits looks about as often
LONGEST = 20  # times the limit, by the wall clock, whatever the kernel says
SHORTEST = 0.02  # seconds; less is not worth another look


class Used(NamedTuple):
    """The seconds a process was on a core and waited for one, and when this was read: a busy reader is slow."""

    on_core: float
    waiting: float
    at: float


Usage = Mapping[int, Used]


class Patience:
    """Counts the seconds left for one answer; ``left`` is what a ``Channel`` asks while it waits.

    Args:
        seconds: the limit.
        processes: returns the ids of the processes that may work on the answer; this one is to be ``asked`` as well
            once a simulator was called back here.
    """

    asked = False

    def __init__(self, seconds: float, processes: Callable[[], list[int]]) -> None:
        self.seconds, self._processes = seconds, processes
        self._started = time.monotonic()
        self._before: Usage | None = None
        self._unseen = 0.0
        self.lost = 0.0

    @property
    def passed(self) -> float:
        """Seconds of the wall clock since the start."""
        return time.monotonic() - self._started

    def left(self) -> float:
        """Return the seconds left; none, or fewer than none, when the time is up."""
        passed = self.passed
        if self._before is None:
            if passed >= UNNOTICED:
                self._before = usage([os.getpid(), *self._processes()])
                # Who was kept from looking for so long cannot say what the code did meanwhile.
                self.lost = self._unseen = max(0.0, passed - SOON)
        elif self.seconds + self.lost - SHORTEST <= passed < LONGEST * self.seconds:
            working = [*self._processes(), *([os.getpid()] if self.asked else [])]
            # What came just before the first look is taken to have been no different.
            self.lost = self._unseen + (passed - self._unseen) * share_lost(self._before, usage(working))
        left = min(self.seconds + self.lost, LONGEST * self.seconds) - passed
        return left if left > SHORTEST or not self.lost else 0.0


def usage(processes: list[int]) -> Usage:
    """Return what each process has used so far; one that is gone, or of which the kernel tells nothing, is left out."""
    used = {}
    for process in processes:
        try:
            on_core, waiting, _ = Path(f"/proc/{process}/schedstat").read_text().split()
        except (OSError, ValueError):
            continue
        used[process] = Used(int(on_core) / 1e9, int(waiting) / 1e9, time.monotonic())
    return used


def share_lost(before: Usage, now: Usage) -> float:
    """Return which share of the time went to other people's processes while one of these was ready to run.

    They take turns, so the longest wait of one of them is taken, but no more than they left unused together: who
    waited for a process of their own lost nothing. One that began meanwhile did not wait before it was there.
    """
    began = min((each.at for each in before.values()), default=0.0)
    waits, on_core = [0.0], 0.0
    for process, used in now.items():
        then = before.get(process, Used(0.0, 0.0, began))
        passed = used.at - then.at
        if passed > 0:
            waits.append((used.waiting - then.waiting) / passed)
            on_core += (used.on_core - then.on_core) / passed
    return max(0.0, min(max(waits), 1.0 - on_core))

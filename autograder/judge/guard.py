"""What the judge itself may spend on a submission: an answer can be small to send and ruinous to work on.

A few bytes can ask for terabytes, and a function that stands in for a student's own can be called with numbers for
which it never ends. So memory and processor time are bounded while anything of a student's is being worked on.
"""

from __future__ import annotations

import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograder.sandbox.limits import MIB
from labkit.properties import Unanswered

MEMORY = 2048 * MIB
TOO_MUCH_MEMORY = f"What the code asked for or answered would take more than {MEMORY // MIB} MiB to work with."


def too_much_work(seconds: float) -> str:
    """Return the sentence for who used up the judge's own time."""
    return f"What the code asked for or answered took more than {seconds:.3g} seconds of the checks' own work."


@contextmanager
def bounded_memory() -> Iterator[None]:
    """Let this process grow by ``MEMORY`` at most; beyond that, Python and NumPy raise ``MemoryError``."""
    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        limit = int(file.read().split()[0]) * resource.getpagesize() + MEMORY
    lowest = min(each for each in (limit, before, hard) if each != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_AS, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))


@contextmanager
def bounded_work(seconds: float) -> Iterator[None]:
    """Raise ``Unanswered`` where the block takes this process more than ``seconds`` of processor time.

    Waiting for the worker costs nothing. Blocks may be nested. Signals reach a main thread only: in another one there
    is no bound.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    active = True

    def stop(*_: Any) -> None:
        if active:
            raise Unanswered(too_much_work(seconds))

    seconds = max(seconds, 0.01)
    handler = signal.signal(signal.SIGPROF, stop)
    left, _ = signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        active = False
        unused, _ = signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)
        if left:
            signal.setitimer(signal.ITIMER_PROF, max(left - (seconds - unused), 0.001))

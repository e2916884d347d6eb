"""Whose processes are left: orphans of what is run here come to this process instead of the machine's first one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

PR_SET_CHILD_SUBREAPER = 36


@contextmanager
def orphans_come_here() -> Iterator[None]:
    """While it lasts, descendants whose parents ended become children of this process."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def strays(known: set[int], patience: float = 5.0) -> list[str]:
    """Return the names of descendants that live on after ``patience`` seconds, other than those ``known`` before.

    Those are ended, so that each is counted once.
    """
    end = time.monotonic() + patience
    while True:
        alive = [each for each in psutil.Process().children(recursive=True) if each.pid not in known and _alive(each)]
        if not alive:
            return []
        if time.monotonic() > end:
            break
        time.sleep(0.05)
    names = []
    for process in alive:
        with contextlib.suppress(psutil.Error):
            names.append(process.name())
            process.kill()
    return names


def _alive(process: psutil.Process) -> bool:
    """Whether a process still runs; one that only waits to be reaped is."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return True
        if process.ppid() == os.getpid():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)
    except psutil.Error:
        pass
    return False


def descendants() -> set[int]:
    """Return the ids of this process's descendants."""
    return {each.pid for each in psutil.Process().children(recursive=True)}

"""One grader for a course at a time, and what one that was killed left behind is cleared away.

The lock belongs to the process: it is gone when the process is, however that ended, and no child inherits it.
"""

from __future__ import annotations

import errno
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.grading.store import sweep

KEPT = ".autograder"
STAGING = "staging"
BUSY = (errno.EACCES, errno.EAGAIN)


class CourseBusy(Exception):
    """Another grader is at work on the course."""


@contextmanager
def course_lock(root: Path, *also: Path) -> Iterator[None]:
    """Hold the course in ``root`` for one grader; raise ``CourseBusy`` when another one has it.

    Unfinished files of a grader that was killed are removed from the folder of results, and from those in ``also``.
    """
    folder = root / KEPT
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "a") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in BUSY:
                raise
            raise CourseBusy(f"Another grader is at work on the course in {root}; wait for it to finish.") from None
        shutil.rmtree(folder / STAGING, ignore_errors=True)
        for each in (folder, *also):
            sweep(each)
        yield

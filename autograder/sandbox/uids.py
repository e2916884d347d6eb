"""User ids that nobody has, one for each box: a process of one cannot signal, trace or outspend another.

A user id is taken by locking a file, which the kernel undoes when the taker ends, however it ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import stat
from collections.abc import Iterator

CANDIDATES = range(60_600, 61_100)  # given to nobody: systemd's "UIDs and GIDs" page, Debian Policy 9.2.2
FOLDERS = ("/run/autograder-uids", "/tmp/autograder-uids")
CAPABILITIES = {"CHOWN": 0, "DAC_OVERRIDE": 1, "FOWNER": 3, "KILL": 5, "SETGID": 6, "SETUID": 7}


def can_be_had() -> bool:
    """Return whether this process may use the user ids: root, with the rights that takes, where they are mapped."""
    with open("/proc/self/status") as file:
        effective = next(int(line.split()[1], 16) for line in file if line.startswith("CapEff"))
    if os.geteuid() != 0 or not all(effective >> number & 1 for number in CAPABILITIES.values()):
        return False
    return all(_maps(f"/proc/self/{kind}_map") for kind in ("uid", "gid"))


def _maps(path: str) -> bool:
    with open(path) as file:
        ranges = [tuple(map(int, line.split())) for line in file]
    return any(start <= CANDIDATES.start and CANDIDATES.stop <= start + count for start, _, count in ranges)


def free_uids() -> Iterator[tuple[int, int]]:
    """Yield user ids without processes, each with the descriptor that holds it for as long as it is open."""
    folder = _folder()
    for uid in CANDIDATES:
        if _has_a_name(uid):
            continue
        held = os.open(os.path.join(folder, str(uid)), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            continue
        if any(True for _ in processes_of(uid)):  # by chance somebody else's; asked while it is locked
            os.close(held)
            continue
        yield uid, held


def processes_of(uid: int) -> Iterator[str]:
    """Yield the numbers of the processes of a user id."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(FileNotFoundError):  # it ended meanwhile
            if os.stat(f"/proc/{pid}").st_uid == uid:
                yield pid


def threads_of(uid: int) -> int:
    """Return how many threads a user id has, as the kernel counts them for its limit of processes."""
    total = 0
    for pid in processes_of(uid):
        with contextlib.suppress(OSError):
            total += len(os.listdir(f"/proc/{pid}/task"))
    return total


def _has_a_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _folder() -> str:
    reason = ""
    for folder in FOLDERS:
        try:
            os.makedirs(folder, 0o700, exist_ok=True)
        except OSError as error:
            reason = str(error)
            continue
        found = os.lstat(folder)
        if stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and not found.st_mode & 0o022:
            return folder
        reason = f"{folder} does not belong to root alone"
    raise OSError(f"no folder to note which user ids are taken: {reason}")

"""The keeper of one box in tier B: starts it, watches what the kernel does not limit, ends it and cleans up.

It is the box's parent and the new parent of whatever the box abandons, so nothing that the box started can outlive it.
It runs none of a student's code. When the zygote ends, or asks for it, the box ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from autograder.sandbox import confine, landlock, uids
from autograder.sandbox.confine import call, libc
from autograder.sandbox.limits import Limits, too_many_files, too_many_processes, too_much_memory
from autograder.sandbox.scratch import BLOCK, is_too_full, remove

POLL_SECONDS = 0.1
ROUNDS_FOR_MAPS = 5  # lists of mapped files are long; they are read in every fifth round
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


class Keeper:
    """Looks after one box; ``begin(incoming, outgoing)`` is the box's own code and never returns."""

    def __init__(self, config: dict[str, Any], address_space: int, begin: Callable[[int, int], NoReturn]) -> None:
        self.config, self.address_space, self.begin = config, address_space, begin
        self.limits = Limits(**config["limits"])
        self.scratch = os.path.join(config["stage"], "boxes", str(os.getpid()))
        self.uid, self.box, self.round = os.getuid(), 0, 0

    def run(self, incoming: int, outgoing: int, report: int, lifeline: int) -> NoReturn:
        """Keep a box until ``lifeline`` closes; report first that there is one, later perhaps why it was ended."""
        try:
            _close_all_but({incoming, outgoing, report, lifeline, *self.config["root_descriptors"]})
            call(libc.prctl, confine.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
            self._start(incoming, outgoing)
            os.close(incoming)
            os.close(outgoing)
            _tell(report, {"box": os.getpid(), "group": self.box})
            _tell(report, {"reason": self._watch(lifeline)})
            self._end()
            select.select([lifeline], [], [])
        except Exception as error:
            with contextlib.suppress(OSError):  # who was to be told may have been killed
                _tell(report, {"error": str(error)})
        try:
            self._end()
        finally:
            os._exit(0)

    def _start(self, incoming: int, outgoing: int) -> None:
        """Fork the box, with a user id of its own if one can be had; raise ``OSError`` if it cannot be confined."""
        if self.config["own_uids"]:
            self.uid, _ = next(uids.free_uids(), (0, 0))
            if not self.uid:
                raise OSError("every user id that a box could have is in use")
        self._fork(incoming, outgoing)

    def _fork(self, incoming: int, outgoing: int) -> None:
        os.mkdir(self.scratch, 0o700)
        if self.config["own_uids"]:
            os.chown(self.scratch, self.uid, self.uid)
        processes = self._allowed_processes()
        reading, writing = os.pipe()
        self.box = os.fork()
        if self.box == 0:
            os.close(reading)
            self._become_box(incoming, outgoing, writing, processes)
        os.close(writing)
        with os.fdopen(reading) as answer:
            problem = answer.read()
        if problem:
            raise OSError(problem)

    def _allowed_processes(self) -> int:
        """Return the limit for the user id: its own count, and where it is shared all that others have as well."""
        if self.config["own_uids"]:
            return self.limits.processes
        return uids.threads_of(self.uid) + 2 * self.limits.processes

    def _become_box(self, incoming: int, outgoing: int, report: int, processes: int) -> NoReturn:
        try:
            os.setpgid(0, 0)
            self._settle()
            ruleset = landlock.rules(self.config["readable"], [self.scratch], DEVICES)
            confine.limit(self.config["limits"], self.address_space, processes)
            confine.drop_bounding_set()
            if self.config["own_uids"]:
                self._change_uid()
            call(libc.prctl, confine.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            call(libc.prctl, confine.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
            confine.set_dumpable(True)  # the keeper counts its memory as its user; a core has no room anywhere
            os.chdir(os.path.join(self.scratch, "work"))
            landlock.obey(ruleset)
            self._prove_readable()
            confine.drop_capabilities()
            confine.install_filter(bytes.fromhex(self.config["filter"]))
        except Exception as error:
            os.write(report, str(error).encode())
            os._exit(1)
        os.close(report)
        self.begin(incoming, outgoing)

    def _settle(self) -> None:
        """Make the scratch folder the box's home, and the place of its temporary files."""
        places = {
            "HOME": self.scratch,
            "TMPDIR": self.scratch,
            "MPLCONFIGDIR": os.path.join(self.scratch, "matplotlib"),
        }
        os.environ.update(places)
        tempfile.tempdir = None
        work = os.path.join(self.scratch, "work")
        os.mkdir(work, 0o700)
        if self.config["own_uids"]:
            os.chown(work, self.uid, self.uid)

    def _change_uid(self) -> None:
        os.setgroups([])
        os.setresgid(self.uid, self.uid, self.uid)
        os.setresuid(self.uid, self.uid, self.uid)

    def _prove_readable(self) -> None:
        for folder in self.config["search_path"]:
            if not os.access(folder, os.R_OK | os.X_OK):
                raise OSError(
                    f"a box runs as a user of its own, and that user cannot read {folder}; "
                    "install Python and the libraries where everybody can read them"
                )

    # Watching

    def _watch(self, lifeline: int) -> str:
        """Return when the box ended or is no longer wanted, or the sentence that says which limit it passed."""
        ended = os.pidfd_open(self.box)
        while True:
            if select.select([lifeline, ended], [], [], POLL_SECONDS)[0]:
                return ""
            self._reap_abandoned()
            reason = self._overrun()
            if reason:
                return reason

    def _overrun(self) -> str:
        self.round += 1
        processes = list(_below(os.getpid()))
        counted = [each for each in map(_count, processes) if each is not None]
        if sum(threads for threads, _ in counted) > self.limits.processes:
            return too_many_processes(self.limits)
        if is_too_full(self.scratch, self.limits.scratch_bytes):
            return too_many_files(self.limits)
        with _seen_as(self.uid if self.config["own_uids"] else None):
            if self._nameless_bytes(processes) > self.limits.scratch_bytes:
                return too_many_files(self.limits)
            # What the processes still share with the zygote is counted anew for each, so this is an upper bound.
            if sum(size for _, size in counted) > 2 * self.limits.memory_bytes and (
                sum(map(_memory, processes)) > 2 * self.limits.memory_bytes
            ):
                return too_much_memory(self.limits)
        return ""

    def _nameless_bytes(self, processes: list[int]) -> int:
        """Return the bytes of files that were removed while a process held them open or mapped."""
        device = os.stat(self.config["stage"]).st_dev
        sizes: dict[int, int] = {}
        for pid in processes:
            with contextlib.suppress(OSError):
                for descriptor in os.listdir(f"/proc/{pid}/fd"):
                    found = os.stat(f"/proc/{pid}/fd/{descriptor}")
                    if stat.S_ISREG(found.st_mode) and not found.st_nlink and found.st_dev == device:
                        sizes[found.st_ino] = found.st_blocks * BLOCK
            if self.round % ROUNDS_FOR_MAPS == 0:
                for inode in _deleted_and_mapped(pid, self.scratch):
                    sizes.setdefault(inode, self.limits.file_bytes)
        return sum(sizes.values())

    # Ending

    def _reap_abandoned(self) -> None:
        for pid in _children(os.getpid()):
            if pid != self.box:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)

    def _end(self) -> None:
        """End every process of the box and remove its files; doing it twice does nothing."""
        if self.box:
            # Nothing can leave the group, and the box itself keeps its number until it is waited for below.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.box, signal.SIGKILL)
            self._wait_for_all()
            self.box = 0
        if os.path.lexists(self.scratch):
            remove(self.scratch)

    def _wait_for_all(self) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                for stray in _below(os.getpid()):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(stray, signal.SIGKILL)
                time.sleep(0.001)


def _tell(report: int, message: dict[str, Any]) -> None:
    os.write(report, json.dumps(message).encode() + b"\n")


def _close_all_but(kept: set[int]) -> None:
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor > 2 and descriptor not in kept:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(descriptor)


def _children(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                yield from map(int, file.read().split())


def _below(pid: int) -> Iterator[int]:
    waiting = list(_children(pid))
    while waiting:
        found = waiting.pop()
        yield found
        waiting += _children(found)


def _count(pid: int) -> tuple[int, int] | None:
    """Return a process's threads and the bytes of memory that are not files, shared or not; anybody may know them."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:  # bytes: a process may call itself anything
            found = dict(line.split(b":", 1) for line in file.read().split(b"\n") if b":" in line)
    except OSError:
        return None
    kilobytes = sum(int(found[name].split()[0]) for name in (b"RssAnon", b"RssShmem", b"VmSwap") if name in found)
    return int(found[b"Threads"]), kilobytes * 1024


def _memory(pid: int) -> int:
    """Return a process's share of the memory in use, or what it would be if it shared nothing."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return 1024 * sum(int(line.split()[1]) for line in file if line.startswith(("Pss:", "SwapPss:")))
    except OSError:
        counted = _count(pid)
        return counted[1] if counted else 0


def _deleted_and_mapped(pid: int, folder: str) -> Iterator[int]:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/maps", "rb") as file:  # bytes: so are the names of files
        for line in file:
            if line.endswith(b"(deleted)\n") and folder.encode() in line:
                yield int(line.split(maxsplit=5)[4])


@contextlib.contextmanager
def _seen_as(uid: int | None) -> Iterator[None]:
    """Look at processes as their own user: also root may only look into others with a capability it may not have."""
    if uid is None:
        yield
        return
    libc.setfsgid(uid)
    libc.setfsuid(uid)
    try:
        yield
    finally:
        libc.setfsuid(0)
        libc.setfsgid(0)

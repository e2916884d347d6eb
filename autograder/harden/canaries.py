"""What no submission may touch: files, a listener, a secret, a process, and the graders' own folders.

The hostile submissions are told where most of these are, so that they need not find them. Every canary belongs to
whoever runs the corpus and lies in a folder or on a loopback address of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import select
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from autograder import KIT

ENVIRONMENT_NAME = "AUTOGRADER_CANARY_SECRET"
GRADERS_FOLDERS = ("autograder", "solutions", "source", "release", "tests")
SIGNALS = "HUP INT QUIT TERM USR1 USR2 ALRM CONT TSTP PIPE VTALRM PROF"
WATCHMAN = f'for s in {SIGNALS}; do trap "echo $s" $s; done; while read nothing; do :; done'


class Canaries:
    """Lays everything out in ``folder`` when entered; ``words`` tells the submissions where it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret = secrets.token_hex(16)
        self.words: dict[str, str] = {}
        self._sockets: list[socket.socket] = []
        self._watchman: subprocess.Popen[bytes] | None = None
        self._files: dict[str, str] = {}
        self._graders: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Canaries:
        # Readable by everybody: only the cage keeps a box out.
        self.folder.chmod(0o777)
        for name in ("canary.txt", "classmate/mbrl/02_planning.ipynb", "results/classmate.json", "results/summary.csv"):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(self.secret)
            (self.folder / name).chmod(0o666)
        with contextlib.closing(sqlite3.connect(self.folder / "gradebook.db")) as gradebook:
            gradebook.execute("create table grade (manual_score float, auto_score float, note text)")
            gradebook.execute("insert into grade values (0, 0, ?)", (self.secret,))
            gradebook.commit()
        os.environ[ENVIRONMENT_NAME] = self.secret
        self._open_sockets()
        self.words = {
            "CANARY_FOLDER": str(self.folder),
            "CANARY_PORT": str(self._sockets[0].getsockname()[1]),
            "GRADER_FOLDER": str(KIT),
        }
        self._files, self._graders = self._own_files(), graders_files()
        return self

    def __exit__(self, *_: object) -> None:
        os.environ.pop(ENVIRONMENT_NAME, None)
        for each in self._sockets:
            each.close()
        self._dismiss_watchman()

    def post_watchman(self, uid: int | None) -> None:
        """Start the process that must not be signalled, as the user that the boxes run as where that is possible."""
        self._dismiss_watchman()
        self._watchman = subprocess.Popen(
            ["/bin/sh", "-c", WATCHMAN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=uid, cwd="/"
        )

    def watchmen(self) -> set[int]:
        """Return the processes that belong to the watch."""
        return set() if self._watchman is None else {self._watchman.pid}

    def touched(self) -> list[str]:
        """Return a sentence for each thing that was touched since the last time, and take stock anew."""
        found = [f"a connection reached {each.getsockname()!r}" for each in self._sockets if _has_visitor(each)]
        files, graders = self._own_files(), graders_files()
        found += _changes("outside", self._files, files) + _changes("of the grader's", self._graders, graders)
        self._files, self._graders = files, graders
        if self._watchman is not None:
            found += self._watchman_report()
        return found

    def _watchman_report(self) -> Iterator[str]:
        assert self._watchman is not None
        assert self._watchman.stdout is not None
        if self._watchman.poll() is not None:
            yield f"a process outside was ended (status {self._watchman.returncode})"
        elif psutil.Process(self._watchman.pid).status() == psutil.STATUS_STOPPED:
            yield "a process outside was stopped"
        elif select.select([self._watchman.stdout], [], [], 0)[0]:
            yield f"a process outside was sent {os.read(self._watchman.stdout.fileno(), 1000).decode().split()}"

    def _dismiss_watchman(self) -> None:
        if self._watchman is not None:
            self._watchman.kill()
            self._watchman.communicate()
            self._watchman = None

    def _open_sockets(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(listener.getsockname())
        named = socket.socket(socket.AF_UNIX)
        named.bind(str(self.folder / "canary.sock"))
        (self.folder / "canary.sock").chmod(0o777)
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind(f"\0mbrl-canary-{listener.getsockname()[1]}")
        for each in (named, abstract):
            each.listen()
        self._sockets = [listener, datagrams, named, abstract]

    def _own_files(self) -> dict[str, str]:
        return {
            str(
                path.relative_to(self.folder)
            ): f"{path.stat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


def graders_files() -> dict[str, tuple[int, int]]:
    """Return size and time of change of every file in the graders' folders."""
    found: dict[str, tuple[int, int]] = {}
    for name in GRADERS_FOLDERS:
        for base, folders, files in os.walk(KIT / name):
            folders[:] = [each for each in folders if each != "__pycache__" and not each.startswith(".")]
            for file in files:
                status = os.lstat(os.path.join(base, file))
                found[os.path.relpath(os.path.join(base, file), KIT)] = status.st_size, status.st_mtime_ns
    return found


def processes_of(uid: int | None, judge: int) -> set[int]:
    """Return the judge's descendants and, where boxes have a user of their own, all processes of that user."""
    found: set[int] = set()
    with contextlib.suppress(psutil.Error):
        found |= {child.pid for child in psutil.Process(judge).children(recursive=True)}
    for process in psutil.process_iter() if uid is not None else ():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == uid:
                found.add(process.pid)
    return found


def settled(count: int, uid: int | None, judge: int, watchmen: set[int], patience: float = 3.0) -> int:
    """Return by how many processes there are more than ``count``, once those that are ending have ended."""
    deadline = time.monotonic() + patience
    while True:
        more = len(processes_of(uid, judge) - watchmen) - count
        if more <= 0 or time.monotonic() > deadline:
            return max(more, 0)
        time.sleep(0.05)


def own_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a fresh folder for canaries and hand-ins."""
    return tempfile.TemporaryDirectory(prefix="mbrl-corpus-")


def _changes(where: str, before: dict, after: dict) -> list[str]:
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return [f"{len(changed)} files {where} were changed, the first of them {changed[0]}"] if changed else []


def _has_visitor(listener: socket.socket) -> bool:
    if not select.select([listener], [], [], 0)[0]:
        return False
    if listener.type == socket.SOCK_DGRAM:
        listener.recv(2000)
    else:
        listener.accept()[0].close()
    return True

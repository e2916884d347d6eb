"""Results that were already worked out, each under the hash of everything it depends on.

A result is written to a new file and then renamed, so that one is there whole or not at all. The writer of a new file
holds a lock on it; what nobody holds was left by a writer that was killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import tempfile
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from autograder import KIT
from autograder.course.release import Release
from autograder.judge.notebook import NotebookPlan
from autograder.judge.results import NotebookResult
from autograder.sandbox.limits import Limits

LIBRARIES = ("numpy", "torch", "gymnasium", "hypothesis", "ipython", "msgspec", "matplotlib")
UNFINISHED = ".new-"


class Store:
    """A folder of results; ``key`` says what a result depends on."""

    def __init__(self, folder: Path, release: Release, seed: int, tier: str, limits: Limits) -> None:
        self.folder = folder
        parts = [release_digest(release.folder), grader_digest(), environment(), str(seed), tier, repr(limits)]
        self._base = "\n".join(parts).encode()

    def key(self, plan: NotebookPlan) -> str:
        """Return the hash of a plan together with release, grader, environment, seed, tier and limits."""
        return hashlib.sha256(self._base + msgspec.json.encode(plan)).hexdigest()

    def load(self, plan: NotebookPlan) -> NotebookResult | None:
        """Return the stored result, or None where there is none that can be read."""
        try:
            return msgspec.json.decode(self._path(plan).read_bytes(), type=NotebookResult)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def save(self, plan: NotebookPlan, result: NotebookResult) -> None:
        """Store a result; one that the judge could not reach itself is not kept."""
        if result.judged:
            write_whole(self._path(plan), msgspec.json.encode(result))

    def _path(self, plan: NotebookPlan) -> Path:
        return self.folder / f"{self.key(plan)}.json"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that readers see the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = _new_file(path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _new_file(folder: Path) -> tuple[int, str]:
    """Return the descriptor and the path of a new, locked file."""
    while True:
        descriptor, path = tempfile.mkstemp(dir=folder, prefix=UNFINISHED)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:  # else it was swept away before it was locked
            return descriptor, path
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove the unfinished files of writers that are no longer there."""
    for path in folder.glob(f"{UNFINISHED}*"):
        with contextlib.suppress(FileNotFoundError, BlockingIOError), open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


@cache
def grader_digest() -> str:
    """Return the hash of everything that decides a grade: checks, judge, sandbox, reference and support package."""
    return _digest([KIT / "autograder", KIT / "solutions", KIT / "source" / "mbrl" / "labkit"], "*.py")


@cache
def release_digest(folder: Path) -> str:
    """Return the hash of a release folder."""
    return _digest([folder], "*")


def environment() -> str:
    """Return the interpreter's and libraries' versions in one line."""
    versions = []
    for name in LIBRARIES:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"{name} absent")
    return f"{platform.python_implementation()} {platform.python_version()}, {', '.join(versions)}"


def _digest(folders: list[Path], pattern: str) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()

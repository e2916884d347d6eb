"""What a cage shows of the machine: the interpreter, the system's libraries, and the folders of tier B.

Tier B has no file system of its own. Its stage is a temporary folder with copies of the sandbox's code and of the
release's support files, which everybody may read, and the boxes' scratch folders, which only their owners may enter.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from autograder.sandbox.scratch import remove

PACKAGE = Path(__file__).resolve().parents[1]
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache", "/etc/alternatives",
          "/etc/ssl/openssl.cnf", "/etc/localtime")  # fmt: skip
PREFIX = "autograder-cage-"
YOUNG_SECONDS = 60  # a stage is made before it is locked


class CageError(Exception):
    """The cage cannot be had on this machine, or broke; the text says what to do."""


def interpreter_folders() -> list[str]:
    """Return the folders of the interpreter and its libraries, without what the system's folders hold anyway."""
    folders = {os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix), sys.prefix}
    return sorted(folder for folder in folders if folder != "/usr")


def refuse_exposed_kit() -> None:
    """Raise ``CageError`` where the kit itself lies in a folder that every cage shows."""
    kit = PACKAGE.parent
    for folder in (*SYSTEM, *interpreter_folders()):
        if kit.is_relative_to(os.path.realpath(folder)):
            raise CageError(
                f"the kit lies in {folder}, where students' code could read the hidden checks. Move it elsewhere, for "
                "instance below /srv or a home folder, and install it from there with 'pip install -e .'."
            )


class Stage:
    """The folders of one cage of tier B. A lock says that they are in use, also for whoever finds them later."""

    def __init__(self, support: Path) -> None:
        _remove_abandoned()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        self.code, self.course, self.home = (self.folder / name for name in ("cage", "course", "home"))
        for name in ("cage", "cage/autograder", "course", "boxes", "home"):
            (self.folder / name).mkdir()
        os.chmod(self.folder / "home", 0o700)
        shutil.copy2(PACKAGE / "__init__.py", self.code / "autograder" / "__init__.py")
        shutil.copytree(PACKAGE / "sandbox", self.code / "autograder" / "sandbox")
        shutil.copytree(support, self.course / support.name)
        for base, _, names in os.walk(self.folder):
            os.chmod(base, 0o700 if base == str(self.home) else 0o755)
            for name in names:
                os.chmod(os.path.join(base, name), 0o644)
        os.chmod(self.folder / "boxes", 0o711)
        os.chmod(self.folder, 0o711)

    def readable(self) -> list[str]:
        """Return every path that a box may read."""
        return [*SYSTEM, *interpreter_folders(), str(self.code), str(self.course)]

    def remove(self) -> None:
        """Remove the folders; removing them twice does nothing."""
        if self._lock >= 0:
            remove(str(self.folder))
            os.close(self._lock)
            self._lock = -1


def _remove_abandoned() -> None:
    """Remove what a grader left behind that was killed together with its cage."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            if found.st_uid != os.geteuid() or time.time() - found.st_ctime < YOUNG_SECONDS:
                continue
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(str(folder))
            finally:
                os.close(descriptor)

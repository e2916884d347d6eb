"""Tier A: the bubblewrap sandbox around a zygote."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.places import PACKAGE, SYSTEM, CageError, interpreter_folders

FIRST_UID = 64_000


def bubblewrap_command(support: Path, limits: Limits) -> list[str]:
    """Return the bubblewrap command line, up to and without the program to run."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise CageError("bubblewrap is not installed. On Debian or Ubuntu type: sudo apt-get install bubblewrap")
    root = os.geteuid() == 0
    command = [bwrap, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
               "--die-with-parent", "--new-session", "--hostname", "cage"]  # fmt: skip
    if root:
        command += [argument for name in ("SETUID", "SETGID", "SETPCAP") for argument in ("--cap-add", f"CAP_{name}")]
    else:
        command += ["--unshare-user"]
    size = str(max(limits.scratch_bytes, 64 * MIB))
    command += ["--perms", "1777", "--size", size, "--tmpfs", "/tmp"]  # first: an interpreter may lie below it
    made = {"/tmp"}
    for path in interpreter_folders():
        command += [*_parents(path, made), "--ro-bind", path, path]
    for path in SYSTEM:
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path) and not any(path.startswith(folder + "/") for folder in interpreter_folders()):
            command += [*_parents(path, made), "--ro-bind", path, path]
    command += ["--perms", "0755", "--dir", "/cage", "--perms", "0755", "--dir", "/cage/autograder"]
    command += ["--ro-bind", str(PACKAGE / "__init__.py"), "/cage/autograder/__init__.py"]
    command += ["--ro-bind", str(PACKAGE / "sandbox"), "/cage/autograder/sandbox"]
    command += ["--perms", "0755", "--dir", "/course", "--ro-bind", str(support), f"/course/{support.name}"]
    command += ["--proc", "/proc", "--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    command += ["--remount-ro", "/", "--chdir", "/tmp", "--"]
    if root:
        uid = str(FIRST_UID + os.getpid() % 1000)
        command += ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs", "--inh-caps=-all",
                    "--bounding-set=-all"]  # fmt: skip
    return command


def _parents(path: str, made: set[str]) -> list[str]:
    command: list[str] = []
    for parent in reversed(Path(path).parents):
        if str(parent) != "/" and str(parent) not in made:
            made.add(str(parent))
            command += ["--perms", "0755", "--dir", str(parent)]
    return command

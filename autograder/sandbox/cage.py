"""Starting and stopping cages: the trusted side of the sandbox.

A ``Cage`` is a bubblewrap sandbox with the interpreter, the libraries and the release's support files, all read-only,
and a zygote inside. ``Cage.box()`` gives a private box for one submission; ``Box.kill()`` ends everything in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.syscalls import filter_program

PACKAGE = Path(__file__).resolve().parents[1]
SECRETS = ("solutions", "autograder.properties", "autograder.judge", "tests.bank")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache", "/etc/alternatives",
          "/etc/ssl/openssl.cnf", "/etc/localtime")  # fmt: skip
FIRST_UID = 64_000
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "HOME": "/tmp", "USER": "student", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0",
    "MPLBACKEND": "agg", "MPLCONFIGDIR": "/tmp/matplotlib", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
}  # fmt: skip


class CageError(Exception):
    """The cage cannot be had on this machine, or broke; the text says what to do."""


class Cage:
    """A sandbox that stays warm for many submissions.

    Args:
        support: folder of the release's support package, the only course files that a student's code can read.
        imports: modules to import once, before any box is forked.
        warm_ups: functions of the support package to call once as well, as "module:function".
        limits: what each submission may use.
        tier: "A" for bubblewrap, "none" for no sandbox at all (one's own code only).
    """

    def __init__(
        self,
        support: Path,
        imports: Sequence[str] = (),
        warm_ups: Sequence[str] = (),
        limits: Limits | None = None,
        tier: str = "A",
    ) -> None:
        self.support, self.limits, self.tier = support.resolve(), limits or Limits(), tier
        self.imports, self.warm_ups = tuple(imports), tuple(warm_ups)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._nested = tier == "A"
        self._boxes = 0

    def __enter__(self) -> Cage:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the cage and everything in it."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None

    def box(self) -> Box:
        """Return a fresh private box; where boxes cannot nest, the whole cage is started anew for each."""
        if self._process is None or self._process.poll() is not None or (not self._nested and self._boxes):
            self._start()
        self._boxes += 1
        to_box, from_judge = os.pipe2(os.O_CLOEXEC)[::-1], os.pipe2(os.O_CLOEXEC)
        write_end, worker_in = to_box
        read_end, worker_out = from_judge
        try:
            answer = self._ask({"spawn": True}, (worker_in, worker_out))
        finally:
            os.close(worker_in)
            os.close(worker_out)
        if "box" not in answer:
            os.close(write_end)
            os.close(read_end)
            raise CageError(f"no private box could be made in the cage: {answer.get('error', 'no reason given')}")
        return Box(self, answer["box"], read_end, write_end)

    def companion(self) -> Cage:
        """Return a cage whose box can live beside a box of this one: this very cage where boxes nest."""
        return self if self._nested else Cage(self.support, self.imports, self.warm_ups, self.limits, self.tier)

    def memory_used(self) -> int:
        """Return the bytes of memory that all processes of the cage share out among them."""
        assert self._process is not None
        total = 0
        with contextlib.suppress(psutil.Error):
            for process in psutil.Process(self._process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    total += process.memory_full_info().pss
        return total

    def kill(self, number: int) -> None:
        """End the box ``number``; a cage that does not answer is ended as a whole."""
        try:
            self._ask({"kill": number})
        except CageError:
            self.close()

    def _ask(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        if self._control is None:
            raise CageError("the cage is not running")
        try:
            data = json.dumps(request).encode()
            socket.send_fds(self._control, [struct.pack("<I", len(data)) + data], descriptors)
            return self._answer()
        except OSError as error:
            raise CageError(f"the cage stopped answering ({error.strerror or error})") from None

    def _answer(self) -> dict[str, Any]:
        assert self._control is not None
        data = b""
        size = 4
        while len(data) < size:
            part = self._control.recv(size - len(data))
            if not part:
                raise CageError("the cage ended unexpectedly" + self._last_words())
            data += part
            if size == 4 and len(data) == 4:
                size, data = struct.unpack("<I", data)[0], b""
        return json.loads(data)

    def _last_words(self) -> str:
        if self._process is None or self._process.stderr is None:
            return ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            text = self._process.communicate(timeout=2)[1].decode(errors="replace").strip()
            return f": {text.splitlines()[-1]}" if text else ""
        return ""

    def _start(self) -> None:
        self.close()
        command = [*self._wrapper(), sys.executable, "-s", "-P", "-B", "-c", self._bootstrap()]
        self._control, theirs = socket.socketpair()
        self._control.settimeout(120)
        self._boxes = 0
        with theirs:
            self._process = subprocess.Popen(
                command, stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd="/"
            )
        caged = self.tier != "none"
        config = {
            "imports": self.imports,
            "warm_ups": self.warm_ups,
            "support": "/course" if caged else str(self.support),
            "limits": asdict(self.limits),
            "nested": self._nested,
            "filter": filter_program().hex() if caged else "",
            "secrets": SECRETS if caged else (),
        }
        answer = self._ask(config)
        if "error" in answer:
            self.close()
            raise CageError(f"the course's libraries cannot be imported in the cage: {answer['error']}")
        if answer["exposed"]:
            self.close()
            raise CageError(
                f"{', '.join(answer['exposed'])} can be imported inside the cage, so students could read hidden code; "
                "install the kit with 'pip install -e .' so that it stays outside site-packages."
            )

    def _bootstrap(self) -> str:
        path = "/cage" if self.tier != "none" else str(PACKAGE.parent)
        return f"import sys; sys.path.insert(0, {path!r}); from autograder.sandbox.zygote import main; main()"

    def _wrapper(self) -> list[str]:
        if self.tier == "none":
            return []
        bwrap = shutil.which("bwrap")
        if bwrap is None:
            raise CageError(
                "bubblewrap is not installed, and grading without a sandbox is refused. On Debian or Ubuntu type: "
                "sudo apt-get install bubblewrap"
            )
        return bubblewrap_command(bwrap, self.support, self.limits)


def bubblewrap_command(bwrap: str, support: Path, limits: Limits) -> list[str]:
    """Return the bubblewrap command line, up to and without the program to run."""
    root = os.geteuid() == 0
    command = [bwrap, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
               "--die-with-parent", "--new-session", "--hostname", "cage"]  # fmt: skip
    if root:
        command += [argument for name in ("SETUID", "SETGID", "SETPCAP") for argument in ("--cap-add", f"CAP_{name}")]
    else:
        command += ["--unshare-user"]
    made: set[str] = set()
    for path in _interpreter_folders():
        command += [*_parents(path, made), "--ro-bind", path, path]
    for path in SYSTEM:
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path) and not any(path.startswith(folder + "/") for folder in _interpreter_folders()):
            command += [*_parents(path, made), "--ro-bind", path, path]
    command += ["--perms", "0755", "--dir", "/cage", "--perms", "0755", "--dir", "/cage/autograder"]
    command += ["--ro-bind", str(PACKAGE / "__init__.py"), "/cage/autograder/__init__.py"]
    command += ["--ro-bind", str(PACKAGE / "sandbox"), "/cage/autograder/sandbox"]
    command += ["--perms", "0755", "--dir", "/course", "--ro-bind", str(support), f"/course/{support.name}"]
    size = str(max(limits.scratch_bytes, 64 * MIB))
    command += ["--proc", "/proc", "--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    command += ["--perms", "1777", "--size", size, "--tmpfs", "/tmp", "--remount-ro", "/", "--chdir", "/tmp", "--"]
    if root:
        uid = str(FIRST_UID + os.getpid() % 1000)
        command += ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs", "--inh-caps=-all",
                    "--bounding-set=-all"]  # fmt: skip
    return command


def _interpreter_folders() -> list[str]:
    folders = {os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix), sys.prefix}
    return sorted(folder for folder in folders if folder != "/usr")


def _parents(path: str, made: set[str]) -> list[str]:
    command: list[str] = []
    for parent in reversed(Path(path).parents):
        if str(parent) != "/" and str(parent) not in made:
            made.add(str(parent))
            command += ["--perms", "0755", "--dir", str(parent)]
    return command


class Box:
    """One submission's private world; ``incoming`` and ``outgoing`` are the judge's ends of its pipes."""

    def __init__(self, cage: Cage, number: int, incoming: int, outgoing: int) -> None:
        self.cage, self.number, self.incoming, self.outgoing = cage, number, incoming, outgoing

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End every process of the box and close its pipes; ending it twice does nothing."""
        if self.number:
            self.cage.kill(self.number)
            os.close(self.incoming)
            os.close(self.outgoing)
            self.number = 0

"""The zygote: imports the course's libraries once, then forks a private box for each submission.

It runs none of a student's code itself. In tier A it lives inside bubblewrap, and a box gets namespaces of its own
(user, pid, mount, network, ipc, uts) and private scratch space; in tier B a keeper looks after each box. In both a box
has no capabilities, resource limits and a system-call filter before the first cell runs in it, and all its processes
die with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import importlib
import importlib.util
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
from typing import Any, NoReturn

from autograder.sandbox import confine
from autograder.sandbox.confine import call, libc
from autograder.sandbox.keeper import Keeper
from autograder.sandbox.lookup import forget_editable_installs, look_through
from autograder.sandbox.worker import Worker

CLONE_FLAGS = {"user": 0x10000000, "pid": 0x20000000, "mount": 0x00020000, "net": 0x40000000, "ipc": 0x08000000,
               "uts": 0x04000000}  # fmt: skip
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 0x1000, 0x4000, 0x40000
INSIDE_UID = 1000
FIRST_PRIVATE_DESCRIPTOR = 20  # below are standard streams, the worker's pipes and the interpreter's folders
ROOT_DESCRIPTOR = 5
LAST_DESCRIPTOR = 2**20
SECONDS_FOR_REASON = 1.0


def main() -> NoReturn:
    """Serve requests from the judge over the control socket, which is descriptor 0."""
    control = socket.socket(fileno=fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, FIRST_PRIVATE_DESCRIPTOR))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    config = _receive(control)[0]
    try:
        zygote = Zygote(control, config)
    except Exception as error:
        _send(control, {"error": f"{type(error).__name__}: {error}"})
        os._exit(1)
    _send(control, {"exposed": [name for name in config["secrets"] if _importable(name)]})
    zygote.serve()


class Zygote:
    """Holds the imported libraries and forks boxes."""

    def __init__(self, control: socket.socket, config: dict[str, Any]) -> None:
        self.control, self.config = control, config
        config["root_descriptors"] = []
        if config["tier"] == "B":
            forget_editable_installs(config["readable"])
            config["root_descriptors"] = look_through(config["closed_folders"], ROOT_DESCRIPTOR)
        sys.path.insert(0, config["support"])
        for name in config["imports"]:
            importlib.import_module(name)
        for name in config["warm_ups"]:
            module, function = name.split(":")
            getattr(importlib.import_module(module), function)()
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(1)
        self.shell = _shell()
        with open("/proc/self/statm") as file:
            self.address_space = int(file.read().split()[0]) * resource.getpagesize()
        config["search_path"] = [folder for folder in sys.path if os.path.isdir(folder)]
        self.parents: dict[int, int] = {}
        self.keepers: dict[int, tuple[int, int]] = {}
        self.groups: dict[int, int] = {}
        call(libc.prctl, confine.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # of a box whose keeper is killed
        gc.collect()
        gc.freeze()

    def serve(self) -> NoReturn:
        """Answer until the judge hangs up; then end every box."""
        while True:
            request, descriptors = _receive(self.control)
            if request is None:
                for box in list(self.keepers):
                    self._dismiss(box)
                os._exit(0)
            if "kill" in request:
                _send(self.control, self._kill(request["kill"]))
            elif "why" in request:
                _send(self.control, self._why(request["why"]))
            else:
                _send(self.control, (self._engage if self.config["tier"] == "B" else self._spawn)(*descriptors))
                for descriptor in descriptors:
                    os.close(descriptor)

    def _kill(self, box: int) -> dict[str, Any]:
        self._dismiss(box)
        parent = self.parents.pop(box, None)
        if parent is not None:
            os.kill(box, signal.SIGKILL)
            os.waitpid(parent, 0)
        return {}

    def _engage(self, incoming: int, outgoing: int) -> dict[str, Any]:
        """Fork the keeper of a new box and return what it says first."""
        reading, writing = os.pipe()
        lifeline, ours = os.pipe()
        keeper = os.fork()
        if keeper == 0:
            Keeper(self.config, self.address_space, self._work).run(incoming, outgoing, writing, lifeline)
        os.close(writing)
        os.close(lifeline)
        self.keepers[keeper] = reading, ours
        answer = self._hear(keeper)
        if "box" in answer:
            self.groups[keeper] = answer["group"]
        else:
            self._dismiss(keeper)
        return answer or {"error": "the box ended before it began"}

    def _why(self, box: int) -> dict[str, Any]:
        """Return why a keeper ended a box. It says so before it does, and soon also when a box ended by itself."""
        if box not in self.keepers or not select.select([self.keepers[box][0]], [], [], SECONDS_FOR_REASON)[0]:
            return {}
        return self._hear(box)

    def _hear(self, keeper: int) -> dict[str, Any]:
        """Return the next thing that a keeper says."""
        line = b""
        while not line.endswith(b"\n"):
            part = os.read(self.keepers[keeper][0], 1)
            if not part:
                return {}
            line += part
        return json.loads(line)

    def _dismiss(self, keeper: int) -> None:
        """End a box by its keeper and wait until it is gone, files and all."""
        reading, lifeline = self.keepers.pop(keeper, (-1, -1))
        group = self.groups.pop(keeper, 0)
        if lifeline >= 0:
            os.close(lifeline)
            _, status = os.waitpid(keeper, 0)
            os.close(reading)
            if status and group:
                _end_orphans(group)

    def _spawn(self, incoming: int, outgoing: int) -> dict[str, Any]:
        """Fork a process that takes the box's namespaces and forks the box; the box is pid 1 of its own world."""
        reading, writing = os.pipe()
        parent = os.fork()
        if parent == 0:
            os.close(reading)
            self._become_parent(incoming, outgoing, writing)
        os.close(writing)
        with os.fdopen(reading) as report:
            answer = json.loads(report.read() or '{"error": "the box ended before it began"}')
        if "box" in answer:
            self.parents[answer["box"]] = parent
        else:
            os.waitpid(parent, 0)
        return answer

    def _become_parent(self, incoming: int, outgoing: int, report: int) -> NoReturn:
        try:
            if self.config["tier"] == "A":
                self._private_world()
            box = os.fork()
            if box == 0:
                os.close(report)
                self._enter_box(incoming, outgoing)
            os.write(report, json.dumps({"box": box}).encode())
            os.close(report)
            os.close(incoming)
            os.close(outgoing)
            os.waitpid(box, 0)
        except OSError as error:
            os.write(report, json.dumps({"error": str(error)}).encode())
        os._exit(0)

    def _private_world(self) -> None:
        uid, gid = os.getuid(), os.getgid()
        call(libc.unshare, sum(CLONE_FLAGS.values()))
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{INSIDE_UID} {uid} 1")
        _write("/proc/self/gid_map", f"{INSIDE_UID} {gid} 1")
        _mount("none", "/", None, MS_REC | MS_PRIVATE, "")
        scratch = f"size={self.config['limits']['scratch_bytes']},mode=1777,nr_inodes=20000"
        below = [(folder, os.open(folder, os.O_PATH)) for folder in self.config["interpreter_below_tmp"]]
        _mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, scratch)
        for folder, descriptor in below:  # put back where it was, as read-only as it was
            os.makedirs(folder)
            _mount(f"/proc/self/fd/{descriptor}", folder, None, MS_BIND | MS_REC, "")
            os.close(descriptor)
        _mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, scratch)
        _mount("tmpfs", "/proc", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "size=4k,mode=555")

    def _enter_box(self, incoming: int, outgoing: int) -> NoReturn:
        try:
            os.setsid()  # a signal to its own process group must not reach the zygote
            os.makedirs("/tmp/work", exist_ok=True)
            os.chdir("/tmp/work")
            confine.limit(self.config["limits"], self.address_space, self.config["limits"]["processes"])
            if self.config["filter"]:
                confine.drop_capabilities()
                confine.set_dumpable(False)
                confine.install_filter(bytes.fromhex(self.config["filter"]))
            self._work(incoming, outgoing)
        finally:
            os._exit(os.EX_SOFTWARE)

    def _work(self, incoming: int, outgoing: int) -> NoReturn:
        """Serve the judge, with no descriptors open but those of the pipes and of closed folders to read from."""
        try:
            moved = [fcntl.fcntl(each, fcntl.F_DUPFD, FIRST_PRIVATE_DESCRIPTOR) for each in (incoming, outgoing)]
            for descriptor, each in enumerate(moved, 3):
                os.dup2(each, descriptor)
            os.closerange(max([4, *self.config["root_descriptors"]]) + 1, LAST_DESCRIPTOR)
            Worker(self.shell, 3, 4, self.config["limits"]["output_bytes"]).serve()
        finally:
            os._exit(os.EX_SOFTWARE)


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    shell._tee = lambda channel: contextlib.nullcontext()  # it would keep all that a cell prints, also beyond its limit
    shell.register_magic_function(lambda line: None, magic_kind="line", magic_name="matplotlib")
    return shell


def _end_orphans(group: int) -> None:
    """End the processes of a box whose keeper was killed; its first one still holds the group's number."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-group, 0)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str) -> None:
    encoded = kind.encode() if kind else None
    call(libc.mount, source.encode(), target.encode(), encoded, ctypes.c_ulong(flags), options.encode())


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def _send(control: socket.socket, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    control.sendall(struct.pack("<I", len(data)) + data)


def _receive(control: socket.socket) -> tuple[Any, list[int]]:
    head, descriptors, _, _ = socket.recv_fds(control, 4, 2)
    if len(head) < 4:
        return None, []
    size, data = struct.unpack("<I", head)[0], b""
    while len(data) < size:
        part = control.recv(size - len(data))
        if not part:
            return None, []
        data += part
    return json.loads(data), descriptors


if __name__ == "__main__":
    main()

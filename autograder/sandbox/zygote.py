"""The zygote: imports the course's libraries once inside the cage, then forks a private box for each submission.

It runs none of a student's code itself. A box gets namespaces of its own (user, pid, mount, network, ipc, uts), private
scratch space, no capabilities, resource limits and a system-call filter before the first cell runs in it; its
processes can neither see nor signal the zygote, and all die with the box.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import resource
import signal
import socket
import struct
import sys
from typing import Any, NoReturn

from autograder.sandbox.worker import Worker

CLONE_FLAGS = {"user": 0x10000000, "pid": 0x20000000, "mount": 0x00020000, "net": 0x40000000, "ipc": 0x08000000,
               "uts": 0x04000000}  # fmt: skip
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38
SECCOMP_MODE_FILTER = 2
INSIDE_UID = 1000
libc = ctypes.CDLL(None, use_errno=True)


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def main() -> NoReturn:
    """Serve requests from the judge over the control socket, which is descriptor 0."""
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
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
        self.parents: dict[int, int] = {}
        gc.collect()
        gc.freeze()

    def serve(self) -> NoReturn:
        while True:
            request, descriptors = _receive(self.control)
            if request is None:
                os._exit(0)
            if "kill" in request:
                _send(self.control, self._kill(request["kill"]))
            else:
                _send(self.control, self._spawn(*descriptors))
                for descriptor in descriptors:
                    os.close(descriptor)

    def _kill(self, box: int) -> dict[str, Any]:
        parent = self.parents.pop(box, None)
        if parent is not None:
            os.kill(box, signal.SIGKILL)
            os.waitpid(parent, 0)
        return {}

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
            if self.config["nested"]:
                self._private_world()
            box = os.fork()
            if box == 0:
                os.close(report)
                self._become_box(incoming, outgoing)
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
        _call(libc.unshare, sum(CLONE_FLAGS.values()))
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{INSIDE_UID} {uid} 1")
        _write("/proc/self/gid_map", f"{INSIDE_UID} {gid} 1")
        _mount("none", "/", None, MS_REC | MS_PRIVATE, "")
        scratch = f"size={self.config['limits']['scratch_bytes']},mode=1777,nr_inodes=20000"
        _mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, scratch)
        _mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, scratch)
        _mount("tmpfs", "/proc", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "size=4k,mode=555")

    def _become_box(self, incoming: int, outgoing: int) -> NoReturn:
        try:
            incoming, outgoing = os.dup2(incoming, 1000), os.dup2(outgoing, 1001)
            os.closerange(3, 1000)
            os.makedirs("/tmp/work", exist_ok=True)
            os.chdir("/tmp/work")
            _limit(self.config["limits"], self.address_space)
            incoming, outgoing = os.dup2(incoming, 3), os.dup2(outgoing, 4)
            os.closerange(1000, 1002)
            if self.config["filter"]:
                _drop_capabilities()
                _install_filter(bytes.fromhex(self.config["filter"]))
            Worker(self.shell, incoming, outgoing, self.config["limits"]["output_bytes"]).serve()
        finally:
            os._exit(70)


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    shell.register_magic_function(lambda line: None, magic_kind="line", magic_name="matplotlib")
    return shell


def _limit(limits: dict[str, Any], address_space: int) -> None:
    for name, value in (
        ("AS", address_space + limits["memory_bytes"]),
        ("CORE", 0),
        ("CPU", limits["cpu_seconds"]),
        ("FSIZE", limits["file_bytes"]),
        ("MEMLOCK", 0),
        ("MSGQUEUE", 0),
        ("NOFILE", limits["open_files"]),
        ("NPROC", limits["processes"]),
    ):
        # At its hard limit of CPU time a process is killed without a reason; the soft one, a second before, gives it.
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value + (name == "CPU")))


def _drop_capabilities() -> None:
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _call(libc.capset, header, (ctypes.c_uint32 * 6)())
    _call(libc.prctl, PR_SET_DUMPABLE, 0, 0, 0, 0)


def _install_filter(program: bytes) -> None:
    _call(libc.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    packed = _FilterProgram(len(program) // 8, program)
    _call(libc.prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(packed), 0, 0)


def _call(function: Any, *args: Any) -> None:
    if function(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str | None, flags: int, options: str) -> None:
    encoded = kind.encode() if kind else None
    _call(libc.mount, source.encode(), target.encode(), encoded, ctypes.c_ulong(flags), options.encode())


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

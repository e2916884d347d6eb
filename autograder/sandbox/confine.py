"""What a process does to itself before a student's code runs in it: limits, no capabilities, a system-call filter."""

from __future__ import annotations

import ctypes
import os
import resource
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION = 0x20080522
libc = ctypes.CDLL(None, use_errno=True)


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def limit(limits: dict[str, Any], address_space: int, processes: int) -> None:
    """Set the resource limits; ``address_space`` bytes are in use already, ``processes`` is for the whole user id."""
    for name, value in (
        ("AS", address_space + limits["memory_bytes"]),
        ("CORE", 1),  # 0 would still start a core handler that is a pipe; 1 starts none and is too small for a file
        ("CPU", limits["cpu_seconds"]),
        ("FSIZE", limits["file_bytes"]),
        ("MEMLOCK", 0),
        ("MSGQUEUE", 0),
        ("NOFILE", limits["open_files"]),
        ("NPROC", processes),
    ):
        # At its hard limit of CPU time a process is killed without a reason; the soft one, a second before, gives it.
        which = getattr(resource, f"RLIMIT_{name}")
        highest = resource.getrlimit(which)[1]
        hard = value + (name == "CPU")
        hard = hard if highest == resource.RLIM_INFINITY else min(hard, highest)
        resource.setrlimit(which, (min(value, hard), hard))


def drop_bounding_set() -> None:
    """Make sure that no program started later can gain a capability."""
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # fails where there is nothing to drop, or no right to


def drop_capabilities() -> None:
    """Give up every capability."""
    drop_bounding_set()
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    call(libc.capset, header, (ctypes.c_uint32 * 6)())


def set_dumpable(dumpable: bool) -> None:
    """Say whether processes of the same user may look into this one."""
    call(libc.prctl, PR_SET_DUMPABLE, int(dumpable), 0, 0, 0)


def gain_nothing() -> None:
    """Forbid this process and its children to gain rights by running a program; Landlock and seccomp ask for it."""
    call(libc.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def install_filter(program: bytes) -> None:
    """Install a seccomp filter for good."""
    gain_nothing()
    packed = _FilterProgram(len(program) // 8, program)
    call(libc.prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(packed), 0, 0)


def call(function: Any, *args: Any) -> None:
    """Call a function of the C library; raise ``OSError`` unless it returns 0."""
    if function(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}: {os.strerror(number)}")

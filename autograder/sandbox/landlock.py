"""Landlock: a process gives up every file that is not on a list, for itself and all its children, for good.

The raw system calls of Linux 5.13 and later, by their numbers, which all architectures share; see the kernel's
Documentation/userspace-api/landlock.rst. What Landlock never restricts (looking at a file's size and owner, changing
its mode or times) is left to the user id and to the system-call filter.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Sequence

from autograder.sandbox.confine import call, gain_nothing, libc

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
FIRST_RIGHTS = (1 << 13) - 1
SINCE = ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV))
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = EXECUTE | READ_FILE | READ_DIR
KEEP = (WRITE_FILE | READ_FILE | READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM
        | REFER | TRUNCATE)  # fmt: skip

NET_BIND_AND_CONNECT, SCOPE_ABSTRACT_SOCKETS, SCOPE_SIGNALS = 3, 1, 2
NETWORK_SINCE, SCOPES_SINCE = 4, 6


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Return the version of the kernel's Landlock interface, 0 where there is none."""
    return max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(ASK_VERSION)))


def rules(readable: Sequence[str], writable: Sequence[str], devices: Sequence[str]) -> int:
    """Return a descriptor of the rules: ``readable`` paths, ``writable`` folders, ``devices`` for both, nothing else.

    Raises ``OSError`` where the kernel refuses; a path that is not there is left out. The rules hold for files and
    not for names, so that they can be made by who may reach the files and then be obeyed by who may not.
    """
    known = version()
    handled = FIRST_RIGHTS | sum(right for since, right in SINCE if known >= since)
    ruleset = _Ruleset(
        handled,
        NET_BIND_AND_CONNECT if known >= NETWORK_SINCE else 0,
        SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS if known >= SCOPES_SINCE else 0,
    )
    # An older kernel takes a longer structure as long as what it does not know is 0.
    descriptor = libc.syscall(CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(ctypes.sizeof(ruleset)), 0)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), f"landlock_create_ruleset: {os.strerror(ctypes.get_errno())}")
    for paths, rights in ((readable, READ), (writable, KEEP), (devices, READ_FILE | WRITE_FILE)):
        for path in paths:
            _allow(descriptor, path, rights & handled)
    return descriptor


def obey(ruleset: int) -> None:
    """Put this process and all its children to come under the rules, for good, and close their descriptor."""
    gain_nothing()
    call(_restrict_self, ruleset)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= OF_FILES
        call(_add_rule, ruleset, _PathBeneath(rights, parent))
    finally:
        os.close(parent)


def _add_rule(ruleset: int, rule: _PathBeneath) -> int:
    return libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)


def _restrict_self(ruleset: int) -> int:
    return libc.syscall(RESTRICT_SELF, ruleset, 0)

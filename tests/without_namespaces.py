"""Run a command as under Docker's default profile: no new namespaces, no mounts, and root with 14 capabilities only.

python without_namespaces.py [--user UID] COMMAND …
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

import pyseccomp

FORBIDDEN = (
    "unshare setns mount umount2 pivot_root move_mount open_tree fsopen fsmount fspick fsconfig mount_setattr ptrace "
    "bpf perf_event_open process_vm_readv keyctl add_key"
)
NEW_NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
# Docker keeps CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW,
# SYS_CHROOT, MKNOD, AUDIT_WRITE and SETFCAP.
KEPT = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
PR_CAPBSET_DROP = 24


def confine(user: int | None) -> None:
    """Give up namespaces, mounts and capabilities, for this process and its children."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        for capability in set(range(64)) - KEPT:
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    deny = pyseccomp.ERRNO(errno.EPERM)
    for name in FORBIDDEN.split():
        rules.add_rule(deny, name)
    for flag in NEW_NAMESPACES:
        rules.add_rule(deny, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.load()
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def main() -> None:
    """Confine this process and become the command."""
    user = None
    command = sys.argv[1:]
    if command[0] == "--user":
        user, command = int(command[1]), command[2:]
    confine(user)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()

"""The system-call filters of the cages: what no course notebook needs and an escape might.

Tier A has namespaces; its filter keeps what could weaken them. Tier B has none; its filter also closes the ways to
other processes, to local services and out of the process group, and what Landlock does not look at. In both, memory
that belongs to no process (System V segments, queues, anonymous files) is refused: nobody counts it.
"""

from __future__ import annotations

import errno
import os
import socket
import tempfile

import pyseccomp

FORBIDDEN = """
    acct add_key adjtimex bpf chroot clock_adjtime clock_settime create_module delete_module fanotify_init
    finit_module fsconfig fsmount fsopen fspick get_kernel_syms get_mempolicy init_module io_uring_enter
    io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind
    memfd_create memfd_secret migrate_pages mount mount_setattr move_mount move_pages msgctl msgget msgrcv
    msgsnd name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open personality pidfd_getfd
    pidfd_open pidfd_send_signal pivot_root process_madvise process_vm_readv process_vm_writev ptrace
    query_module quotactl quotactl_fd reboot request_key seccomp semctl semget semop semtimedop set_mempolicy
    setdomainname sethostname setns settimeofday shmat shmctl shmdt shmget stime swapoff swapon sysfs syslog
    umount umount2 unshare uselib userfaultfd ustat vhangup vm86 vm86old vmsplice
"""
CLONE_NEW_NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x80)

# Without namespaces: sockets, other processes' groups and priorities, System V and POSIX queues, watching files.
FORBIDDEN_WITHOUT_NAMESPACES = """
    accept accept4 bind connect fanotify_mark inotify_add_watch inotify_init inotify_init1 ioprio_set listen
    mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink process_mrelease sched_setattr
    sched_setparam sched_setscheduler sendmmsg sendmsg setpgid setpriority setsid socket socketcall
"""
SIGNALS = "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo"
# With the grader's own user id these could change the grader's files, which Landlock does not look at. They seem to
# succeed, so that copying a file together with its mode and times works, and do nothing.
ATTRIBUTES = """
    chmod chown fchmodat fchmodat2 fchownat futimesat lchown lremovexattr lsetxattr removexattr setxattr utime utimensat
    utimes
"""
FCHMODAT2, SETXATTRAT, REMOVEXATTRAT, FILE_SETATTR = 452, 463, 466, 469  # younger than some libraries' tables
STATMOUNT, LISTMOUNT, OPEN_TREE_ATTR = 457, 458, 467
UNKNOWN_YET = range(470, 512)

F_SETOWN, F_SETSIG, F_SETOWN_EX = 8, 10, 15
FIOSETOWN, SIOCSPGRP = 0x8901, 0x8902
PR_SET_DUMPABLE, RLIMIT_CORE = 4, 4

ALLOW, DENY = pyseccomp.ALLOW, pyseccomp.ERRNO(errno.EPERM)
PRETEND, UNKNOWN = pyseccomp.ERRNO(0), pyseccomp.ERRNO(errno.ENOSYS)


def filter_program(tier: str = "A", own_uid: bool = True, signals_scoped: bool = True) -> bytes:
    """Return the BPF program: forbidden calls fail with EPERM, calls of a foreign architecture kill the process.

    Args:
        tier: "A", where namespaces separate boxes, or "B", where they do not.
        own_uid: whether a box of tier B has a user id of its own.
        signals_scoped: whether Landlock keeps a box's signals inside it.
    """
    rules = pyseccomp.SyscallFilter(ALLOW)
    _add(rules, DENY, FORBIDDEN)
    for flag in CLONE_NEW_NAMESPACES:
        rules.add_rule(DENY, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    rules.add_rule(UNKNOWN, "clone3")  # its flags cannot be inspected; libc falls back to clone
    if tier == "A":
        rules.add_rule(DENY, "socket", pyseccomp.Arg(0, pyseccomp.NE, socket.AF_UNIX))
    else:
        _close_what_namespaces_closed(rules)
        if not own_uid:
            _add(rules, PRETEND, ATTRIBUTES, FCHMODAT2, SETXATTRAT, REMOVEXATTRAT, FILE_SETATTR)
            if not signals_scoped:
                _add(rules, DENY, SIGNALS)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return os.pread(file.fileno(), 2**16, 0)


def _close_what_namespaces_closed(rules: pyseccomp.SyscallFilter) -> None:
    _add(rules, DENY, FORBIDDEN_WITHOUT_NAMESPACES, STATMOUNT, LISTMOUNT, OPEN_TREE_ATTR)
    _add(rules, UNKNOWN, "", *UNKNOWN_YET)
    rules.add_rule(DENY, "socketpair", pyseccomp.Arg(0, pyseccomp.NE, socket.AF_UNIX))
    rules.add_rule(DENY, "sendto", pyseccomp.Arg(4, pyseccomp.NE, 0))  # an address: to a socket that is not its own
    for name in ("prlimit64", "sched_setaffinity"):
        rules.add_rule(DENY, name, pyseccomp.Arg(0, pyseccomp.NE, 0))  # another process
    for command in (F_SETOWN, F_SETSIG, F_SETOWN_EX):  # signals sent by the kernel in the process's name
        rules.add_rule(DENY, "fcntl", _is(1, command))
    for request in (FIOSETOWN, SIOCSPGRP):
        rules.add_rule(DENY, "ioctl", _is(1, request))
    # The keeper looks into the box's processes to count their memory, and a core handler must not be started.
    rules.add_rule(DENY, "prctl", _is(0, PR_SET_DUMPABLE))
    rules.add_rule(DENY, "setrlimit", _is(0, RLIMIT_CORE))
    rules.add_rule(DENY, "prlimit64", _is(1, RLIMIT_CORE), pyseccomp.Arg(2, pyseccomp.NE, 0))


def _is(argument: int, value: int) -> pyseccomp.Arg:
    """Compare the lower 32 bits, which are all that the kernel reads of such an argument."""
    return pyseccomp.Arg(argument, pyseccomp.MASKED_EQ, 0xFFFFFFFF, value)


def _add(rules: pyseccomp.SyscallFilter, action: int, names: str, *numbers: int) -> None:
    """Add a rule for each call by name, or by number where the library's table may be older than the kernel."""
    known = {pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in names.split()}
    for number in known | set(numbers):
        if number >= 0:  # negative: this architecture, or this libseccomp, has no such call
            rules.add_rule(action, number)

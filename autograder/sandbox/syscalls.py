"""The system-call filter of the cage: what no course notebook needs and an escape might."""

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
    migrate_pages mount mount_setattr move_mount move_pages name_to_handle_at nfsservctl open_by_handle_at
    open_tree perf_event_open personality pidfd_getfd pidfd_open pidfd_send_signal pivot_root process_madvise
    process_vm_readv process_vm_writev ptrace query_module quotactl quotactl_fd reboot request_key seccomp
    set_mempolicy setdomainname sethostname setns settimeofday stime swapoff swapon sysfs syslog umount umount2
    unshare uselib userfaultfd ustat vhangup vm86 vm86old
"""
CLONE_NEW_NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x80)


def filter_program() -> bytes:
    """Return the BPF program: forbidden calls fail with EPERM, calls of a foreign architecture kill the process."""
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    deny = pyseccomp.ERRNO(errno.EPERM)
    for name in FORBIDDEN.split():
        try:
            rules.add_rule(deny, name)
        except ValueError:
            continue  # this architecture, or this libseccomp, has no such call
    for flag in CLONE_NEW_NAMESPACES:
        rules.add_rule(deny, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags cannot be inspected; libc falls back to clone
    rules.add_rule(deny, "socket", pyseccomp.Arg(0, pyseccomp.NE, socket.AF_UNIX))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return os.pread(file.fileno(), 2**16, 0)

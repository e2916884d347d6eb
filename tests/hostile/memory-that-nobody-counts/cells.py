# %% start from untouched

# %% own after setup
def quietly(attempt, *args):
    try:
        return attempt(*args)
    except BaseException as error:
        return repr(error)[:200]

import ctypes
import mmap
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p


def segments():
    got = 0
    while got < 3 * 2**30:
        number = libc.shmget(0, 2**28, 0o1600)
        address = libc.shmat(number, None, 0) if number >= 0 else None
        if address in (None, 2**64 - 1):
            return f"refused after {got}"
        ctypes.memset(address, 1, 2**28)
        libc.shmdt(ctypes.c_void_p(address))
        got += 2**28
    return f"got {got}"


def anonymous_files():
    kept = [os.memfd_create("x") for _ in range(40)]
    return f"got {sum(os.write(each, bytes(60 * 2**20)) for each in kept)}"


def pipes():
    kept = []
    while len(kept) < 500:
        kept.append(os.pipe2(os.O_NONBLOCK))
        quietly(__import__("fcntl").fcntl, kept[-1][1], 1031, 2**20)
        quietly(os.write, kept[-1][1], bytes(2**20))


print(quietly(segments), quietly(anonymous_files), quietly(pipes), libc.mlockall(3), libc.msgget(0, 0o1600), libc.semget(0, 30000, 0o1600))
assert libc.shmget(0, 4096, 0o1600) < 0 and not hasattr(quietly(os.memfd_create, "x"), "real"), "memory that nobody counts"

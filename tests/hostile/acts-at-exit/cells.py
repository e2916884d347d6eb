# %% start from untouched

# %% own after setup
import os
import struct

import msgspec


def frame(*tree, buffers=b"", structure=None):
    """A message in the cage's own format, or one that only looks like it."""
    body = msgspec.msgpack.encode(["t", list(tree)]) if structure is None else structure
    return struct.pack("<II", len(body), len(buffers)) + body + buffers


def send(*tree, **kwargs):
    os.write(4, frame(*tree, **kwargs))

import atexit
import signal
import weakref


def last_words(*_):
    for path in ("/tmp/results.json", "CANARY_FOLDER/late", "CANARY_FOLDER/results/classmate.json"):
        try:
            open(path, "w").write("1000")
        except OSError:
            pass
    send("value", 1000.0)


class Farewell:
    def __del__(self): last_words()


atexit.register(last_words)
os.register_at_fork(before=last_words, after_in_child=last_words, after_in_parent=last_words)
weakref.finalize(np, last_words)
keep = Farewell()
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU, signal.SIGALRM, signal.SIGCHLD):
    signal.signal(number, last_words)

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
# %% own after setup
if os.fork() == 0:
    os.setsid()
    while True:
        time.sleep(0.002)
        send("value", ["l", [["l", [0.0]]]])

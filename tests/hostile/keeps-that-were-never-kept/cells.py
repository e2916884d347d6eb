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
# %% own after bellman_q
send('kept')
# %% own after value_iteration
send('kept', 'x')
# %% own after policy_evaluation
send('kept', 0)
send('kept', 2**62)

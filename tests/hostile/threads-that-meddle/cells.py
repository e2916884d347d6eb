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

import gc
import threading


def meddle():
    space = get_ipython().user_ns
    while True:
        time.sleep(0.001)
        for name in ("bellman_q", "value_iteration", "policy_evaluation"):
            space[name] = lambda *args, **kwargs: np.zeros((1, 1))
        for each in gc.get_objects():
            if type(each) is tuple and len(each) == 2 and each[0] == "raised":
                gc.get_referrers(each)


for _ in range(4):
    threading.Thread(target=meddle, daemon=False).start()

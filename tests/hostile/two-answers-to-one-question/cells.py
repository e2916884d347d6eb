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
# %% bellman_q
def bellman_q(P, R, V, gamma):
    send('value', ['l', [['l', [0.0]]]])
    return np.zeros(R.shape)
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    for _ in range(3):
        send('value', ['l', [0.0] * len(P)])
    return np.zeros(len(P))
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    send('raised', 'NotImplementedError', 'later')
    return np.zeros(len(P)), np.zeros(len(P), int)

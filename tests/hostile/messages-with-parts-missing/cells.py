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
send('ran')
# %% own after setup
send('ended', -65)
# %% own after setup
send('ended', ['i', '-0x' + 'f' * 1000])
# %% own after setup
send('ran', ['d', [['error', 'E' * 900_000], ['text', ''], ['output', 'x' * 1_000_000]]])
# %% bellman_q
def bellman_q(P, R, V, gamma):
    send('callback', 0, 'step', ['t', []], ['d', []], 5)
    return 0
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    send('raised', 'E', 'x', 'y')
    return 0
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    send('ended', -65)
    return 0
# %% policy_iteration
def policy_iteration(P, R, gamma):
    send('value')
    return 0
# %% model_disagreement
def model_disagreement(P, R):
    send('unusable', 7)
    return 0
# %% policy_gradient
def policy_gradient(theta, P, R, gamma, start):
    send('raised', 'E' * 900_000, 'x' * 900_000)
    return 0

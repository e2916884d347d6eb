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
    send('ended', 0)
    return np.zeros(R.shape)
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    send('ended', -9)
    send('kept', 0)
    return 0
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    send('ended', 10**18)
    return 0
# %% policy_iteration
def policy_iteration(P, R, gamma):
    send('ended', True)
    return 0
# %% model_disagreement
def model_disagreement(P, R):
    send('ended', ['i', '0x' + 'f' * 1000])
    return 0
# %% robust_value_iteration
def robust_value_iteration(P, R, gamma, tol):
    send('ended', -65)
    return 0
# %% policy_gradient
def policy_gradient(theta, P, R, gamma, start):
    send('forked')
    send('bound')
    return 0

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
    os.write(4, struct.pack('<II', 2**21, 14 * 2**20) + b'x' * 1000)
    os._exit(0)
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    os.write(4, struct.pack('<II', 2**32 - 1, 2**32 - 1))
    return 0
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    send('value', ['n', '<f8', [4]], buffers=bytes(31))
    return 0
# %% policy_iteration
def policy_iteration(P, R, gamma):
    send('value', None, buffers=bytes(1000))
    return 0
# %% model_disagreement
def model_disagreement(P, R):
    os.write(4, frame('value', None)[:-1])
    os._exit(0)
# %% uncertainty_aware_value_iteration
def uncertainty_aware_value_iteration(P, R, gamma, beta, tol):
    os.write(4, struct.pack('<II', 0, 0))
    return 0
# %% robust_value_iteration
def robust_value_iteration(P, R, gamma, tol):
    send(structure=b'\xdd\xff\xff\xff\xff')
    return 0
# %% policy_gradient
def policy_gradient(theta, P, R, gamma, start):
    send(structure=b'\x91' * 100_000)
    return 0
# %% batched_value_iteration
def batched_value_iteration(P, R, gamma, num_iterations):
    os.write(4, os.urandom(100_000))
    return 0

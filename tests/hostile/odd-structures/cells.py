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
    send(structure=bytes([0x92, 0xA1]) + b't' + bytes([0x92, 0xA5]) + b'value' + bytes.fromhex('d6ff00000001'))
    return 0
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    send(structure=bytes([0x92, 0xA1]) + b't' + bytes([0x92, 0xA5]) + b'value' + bytes.fromhex('a2fffe'))
    return 0
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    send('value', ['q', 1])
    return 0
# %% policy_iteration
def policy_iteration(P, R, gamma):
    send(7, 7)
    return 0
# %% model_disagreement
def model_disagreement(P, R):
    send('value', ['i', '0x' + '_' * 900])
    return 0
# %% uncertainty_aware_value_iteration
def uncertainty_aware_value_iteration(P, R, gamma, beta, tol):
    send('value', ['c', 1, 2])
    return 0
# %% robust_value_iteration
def robust_value_iteration(P, R, gamma, tol):
    send('value', ['g', '<f8'])
    return 0
# %% policy_gradient
def policy_gradient(theta, P, R, gamma, start):
    send('value', ['T', '__class__', [1]], buffers=bytes(8))
    return 0
# %% batched_value_iteration
def batched_value_iteration(P, R, gamma, num_iterations):
    send('value', ['d', [[['l', []], 1]]])
    return 0

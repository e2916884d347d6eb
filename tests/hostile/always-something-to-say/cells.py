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

import threading


def fill():
    for _ in range(6):
        if os.fork() == 0:
            full = []
            while True:
                try:
                    full.append(bytearray(b"x") * (32 * 2**20))
                except MemoryError:
                    time.sleep(1)


def babble():
    while True:
        send("callback", 0, "step", ["t", []], ["d", []])
# %% bellman_q
def bellman_q(P, R, V, gamma):
    fill()
    babble()
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    fill()
    for byte in frame('value', None) * 10_000:
        os.write(4, bytes([byte]))
        time.sleep(0.05)

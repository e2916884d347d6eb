# %% start from untouched

# %% own after setup
def quietly(attempt, *args):
    try:
        return attempt(*args)
    except BaseException as error:
        return repr(error)[:200]

import array
import os
import socket

for number in range(256):
    try:
        s = socket.socket(fileno=os.dup(number))
        print(number, s.family, quietly(s.getpeername), quietly(s.connect, "\0mbrl-canary-CANARY_PORT"), quietly(s.recv_fds, 10, 10))
    except OSError:
        pass
pairs = []
try:
    while True:
        pairs.append(socket.socketpair())
        for _ in range(50):
            socket.send_fds(pairs[-1][0], [b"x" * 1000], [each.fileno() for pair in pairs[-20:] for each in pair])
except OSError as error:
    print(error)

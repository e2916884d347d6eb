# %% start from untouched

# %% own after setup
import os
import sys
import threading

print("x" * 200_000_000)
sys.stdout.write("\U0001F600" * 30_000_000)
for number in range(300_000):
    print(number, "\r", "\b" * 20, file=sys.stderr if number % 2 else sys.stdout)
for stream in (sys.__stdout__, sys.__stderr__):
    stream.write("y" * 10_000_000)
for descriptor in (0, 1, 2):
    try:
        for _ in range(1000):
            os.write(descriptor, b"z" * 10_000)
    except OSError:
        pass

# %% start from every-answer-zero

# %% own after setup
import importlib
import os
import sys

sys.path[:0] = [os.getcwd(), ".", "mbrl", "/tmp/work", "labkit"]
for name in ("numpy", "labkit", "labkit.results", "labkit.checking", "torch"):
    sys.modules.pop(name) if name.startswith("labkit") else None
import labkit
import numpy as np
from labkit import check

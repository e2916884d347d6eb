# %% start from untouched

# %% own after start
open("endless.py", "w").write("while True: pass")
import sys
sys.path.insert(0, ".")
# %% bellman_q
import endless
def bellman_q(P, R, V, gamma):
    return 0
# %% value_iteration
class Body:
    while True:
        pass

# %% start from untouched

# %% own after setup
import itertools
import re
import threading
# %% bellman_q
def bellman_q(P, R, V, gamma):
    return 7 ** 7 ** 11
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    return re.match('(a+)+$', 'a' * 60 + 'b')
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    return sum(itertools.repeat(1))
# %% policy_iteration
def policy_iteration(P, R, gamma):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()

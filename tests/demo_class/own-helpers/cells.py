# %% start from solutions
# %% own after start
from functools import partial
import numpy

def backup(P, R, V, gamma):
    return R + gamma * numpy.tensordot(P, V, axes=1)
# %% bellman_q
def bellman_q(P, R, V, gamma):
    return backup(P, R, V, gamma)
# %% own after about-policy-evaluation
def policy_evaluation(P, R, policy, gamma):
    chosen = numpy.arange(len(P)), policy
    return numpy.linalg.solve(numpy.eye(len(P)) - gamma * P[chosen], R[chosen])
# %% policy_evaluation is the stub

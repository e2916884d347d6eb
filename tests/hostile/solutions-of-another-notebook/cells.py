# %% start from perfect

# %% bellman_q
def bellman_q(P, R, V, gamma):
    return 0
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    return 0

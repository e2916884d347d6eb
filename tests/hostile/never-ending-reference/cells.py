# %% start from untouched

# %% policy_iteration
def policy_iteration(P, R, gamma):
    return value_iteration(P, R, 1 - 1e-16, 1e-300)
# %% robust_value_iteration
def robust_value_iteration(P, R, gamma, tol):
    return policy_evaluation(np.full((20_000, 1, 1), 1.0), np.zeros((20_000, 1)), np.zeros(20_000, int), 0.5)

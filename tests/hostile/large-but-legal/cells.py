# %% start from untouched

# %% bellman_q
def bellman_q(P, R, V, gamma):
    return np.zeros((1_800_000,))
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    return [np.zeros((2,) * 15)] * 40, [np.float16(1)] * 20_000
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    return [0.0] * 230_000
# %% policy_iteration
def policy_iteration(P, R, gamma):
    return [[[[]]] * 1000] * 100, [[0] * 1000] * 500
# %% model_disagreement
def model_disagreement(P, R):
    return np.full(900_000, 1e-310 + 1e-310j)
# %% policy_gradient
def policy_gradient(theta, P, R, gamma, start):
    return [10**1200] * 1500
# %% batched_value_iteration
def batched_value_iteration(P, R, gamma, num_iterations):
    return torch.full((3_500_000,), 1e-40)

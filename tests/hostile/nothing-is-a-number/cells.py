# %% start from untouched

# %% bellman_q
def bellman_q(P, R, V, gamma):
    return np.full(R.shape, np.nan)
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    return np.full(len(P), -np.inf), np.full(len(P), np.nan)
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    return np.full(len(P), 5e-324)
# %% policy_iteration
def policy_iteration(P, R, gamma):
    return np.frombuffer(b'\x01yesyes\xf8\x7f'[1:] * len(P) + b'' , dtype=np.uint8), [-0.0] * len(P)
# %% model_disagreement
def model_disagreement(P, R):
    return np.frombuffer(bytes([1, 2, 3, 4, 5, 6, 0xF8, 0x7F]) * R[0].size).reshape(R.shape[1:])
# %% policy_gradient
def policy_gradient(theta, P, R, gamma, start):
    return np.full(theta.shape, np.finfo(float).max) * [1, -1][theta.shape[0] % 2]
# %% batched_value_iteration
def batched_value_iteration(P, R, gamma, num_iterations):
    return torch.full_like(R[..., 0], float('nan'))

# %% start from untouched

# %% own after setup
from fractions import Fraction
from decimal import Decimal
# %% bellman_q
def bellman_q(P, R, V, gamma):
    return (row for row in np.zeros(R.shape))
# %% value_iteration
def value_iteration(P, R, gamma, tol):
    return memoryview(np.zeros(len(P))), iter([0] * len(P))
# %% policy_evaluation
def policy_evaluation(P, R, policy, gamma):
    return [Fraction(0)] * (len(P) - 1) + [Decimal('sNaN')]
# %% policy_iteration
def policy_iteration(P, R, gamma):
    return np.zeros(len(P), dtype=[('V', 'f8'), ('policy', 'i8')])
# %% model_disagreement
def model_disagreement(P, R):
    return np.ma.masked_equal(np.zeros(R.shape[1:]), 0.0)
# %% uncertainty_aware_value_iteration
def uncertainty_aware_value_iteration(P, R, gamma, beta, tol):
    return np.zeros(P.shape[1], 'M8[s]'), np.zeros(P.shape[1], 'm8[ns]')
# %% robust_value_iteration
def robust_value_iteration(P, R, gamma, tol):
    return np.matrix(np.zeros(P.shape[1])), np.rec.array([(0,)] * P.shape[1], dtype=[('a', int)])
# %% policy_gradient
def policy_gradient(theta, P, R, gamma, start):
    return torch.zeros(theta.shape).to_sparse()
# %% batched_value_iteration
def batched_value_iteration(P, R, gamma, num_iterations):
    return torch.empty(R.shape[:2], device='meta')

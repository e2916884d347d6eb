# %% start from untouched

# %% kfold_indices
def kfold_indices(n, k, seed):
    return []
# %% count_transitions
def count_transitions(states, actions, rewards, next_states, num_states, num_actions):
    return 0
# %% calibration_curve
def calibration_curve(mean, std, target, levels):
    return kfold_indices(10**10, 2, 0)
# %% ensemble_moments
def ensemble_moments(means, variances):
    return count_transitions([0], [0], [0.0], [0], 100_000, 100)

# %% start from untouched

# %% own after setup
import itertools
# %% kfold_indices
def kfold_indices(n, k, seed):
    return itertools.repeat((itertools.count(), itertools.count()))
# %% count_transitions
def count_transitions(states, actions, rewards, next_states, num_states, num_actions):
    return map(lambda x: x, itertools.count())
# %% ensemble_moments
def ensemble_moments(means, variances):
    return zip(itertools.count(), itertools.count())
# %% calibration_curve
def calibration_curve(mean, std, target, levels):
    return iter(int, 1)

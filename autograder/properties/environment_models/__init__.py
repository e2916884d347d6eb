"""Hidden properties of unit 1, environment models: agreement with the theory on experience of every kind.

Expected values are worked out in another way than a student would, or exactly. A statement about chance is a bound
that ideal draws break with a probability of at most 1e-9 for all cases of the property together: the number of times
that something of probability p is seen in n independent trials gives a frequency q with KL(q, p) >= x / n with a
probability of at most 2 exp(-x) (Chernoff), so x = log(2 * tests / 1e-9).
"""

from autograder.properties.environment_models.ensembles import train_ensemble
from autograder.properties.environment_models.folds import kfold_indices
from autograder.properties.environment_models.tables import (
    count_transitions,
    inverse_model,
    mle_model,
    sample_next_states,
)
from autograder.properties.environment_models.uncertainty import calibration_curve, ensemble_moments, gaussian_nll
from solutions import environment_models as reference

__all__ = [
    "calibration_curve",
    "count_transitions",
    "ensemble_moments",
    "gaussian_nll",
    "inverse_model",
    "kfold_indices",
    "mle_model",
    "reference",
    "sample_next_states",
    "train_ensemble",
]

"""Hidden properties of unit 2, planning: agreement with the theory on problems of every kind.

Expected values come from exact solves or from iteration far past the tolerance asked for, never from a recording.
Tolerances follow the contract, plus what rounding allows: an error of size 1e-13 max|R| / (1 - gamma)^2, some hundred
times what float64 leaves in a value at these sizes.
"""

from autograder.properties.planning.batches import batched_value_iteration
from autograder.properties.planning.gradient import policy_gradient
from autograder.properties.planning.many_models import (
    model_disagreement,
    robust_value_iteration,
    uncertainty_aware_value_iteration,
)
from autograder.properties.planning.one_model import bellman_q, policy_evaluation, policy_iteration, value_iteration
from solutions import planning as reference

__all__ = [
    "batched_value_iteration",
    "bellman_q",
    "model_disagreement",
    "policy_evaluation",
    "policy_gradient",
    "policy_iteration",
    "reference",
    "robust_value_iteration",
    "uncertainty_aware_value_iteration",
    "value_iteration",
]

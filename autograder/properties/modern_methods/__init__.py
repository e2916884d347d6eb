"""Hidden properties of unit 6, modern methods: the same facts on models that are curved, large, and odd in shape.

What is random is judged by what it can possibly be: one pass of a small network gives one of finitely many outputs.
Where only counts help, they are independent draws, and their bound is derived in ``labkit.chance``. Searches are
followed node by node (``muzero_record``).
"""

from autograder.properties.modern_methods.dropout import mc_dropout_predict
from autograder.properties.modern_methods.gradients import gradient_plan, maml_gradient
from autograder.properties.modern_methods.latent_search import muzero_search, puct
from autograder.properties.modern_methods.rollouts import branched_rollouts, imagine, lambda_returns
from solutions import modern_methods as reference

__all__ = [
    "branched_rollouts",
    "gradient_plan",
    "imagine",
    "lambda_returns",
    "maml_gradient",
    "mc_dropout_predict",
    "muzero_search",
    "puct",
    "reference",
]

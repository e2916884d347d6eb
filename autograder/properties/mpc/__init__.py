"""Hidden properties of unit 5, model predictive control: what the planners ask their models, and what they return.

A planner's model is a simulator of the judge's that follows every sequence tried, so that most of what is random can
be judged exactly on the very numbers that were drawn. Where only statistics help, the bound is derived beside it.
"""

from autograder.properties.mpc.cross_entropy import cem_plan
from autograder.properties.mpc.discrete import cem_plan_discrete
from autograder.properties.mpc.episodes import mpc_episode
from autograder.properties.mpc.evolution import evolution_strategy
from autograder.properties.mpc.on_the_device import cem_plan_torch
from autograder.properties.mpc.refitting import evaluate_sequences, random_shooting, refit_categorical, refit_gaussian
from solutions import mpc as reference

__all__ = [
    "cem_plan",
    "cem_plan_discrete",
    "cem_plan_torch",
    "evaluate_sequences",
    "evolution_strategy",
    "mpc_episode",
    "random_shooting",
    "reference",
    "refit_categorical",
    "refit_gaussian",
]

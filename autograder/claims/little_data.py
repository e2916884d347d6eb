"""Unit 2: what a planner should make of what little data leave open."""

from __future__ import annotations

import numpy as np

from autograder.claims.experiment import Claim, Experiment, Samples, mean, mean_difference
from labkit.data import draw_counts, posterior_models
from labkit.environments import GridWorld
from solutions import planning

GAMMA, SLIP = 0.95, 0.2
OWN_TRIES, OTHER_TRIES, EVEN_TRIES = 21, 1, 6  # of each pair: the walker's own action, its others, without a walker
BETAS = {"pessimistic": -0.2, "neutral": 0.0, "very pessimistic": -2.0}
NUM_MEMBERS = 10


def true_values_of_plans(seed: int) -> dict[str, float]:
    """Plan on ensembles learnt from little data with three weights of doubt; return what each plan is truly worth.

    The data are the log of a careful walker, that of a bold one, or a few tries of everything.
    """
    env = GridWorld("detour", slip=SLIP, step_reward=-0.02)
    P, R = env.model()
    worth = {}
    for source, tries in _tries(R.shape).items():
        members = posterior_models(draw_counts(P, tries, seed), env.neighbours(), NUM_MEMBERS, seed)
        rewards = env.expected_rewards(members)
        for name, beta in BETAS.items():
            _, policy = planning.uncertainty_aware_value_iteration(members, rewards, GAMMA, beta, 1e-3)
            worth[f"{source}, {name}"] = float(planning.policy_evaluation(P, R, policy, GAMMA) @ env.start)
    return worth


def _tries(shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """Return how often each pair was tried in each kind of data; a walker's plan was made for another slip."""
    tries = {"even data": np.full(shape, EVEN_TRIES)}
    for walker, slip in {"log of a careful walker": 0.4, "log of a bold walker": 0.0}.items():
        model = GridWorld("detour", slip=slip, step_reward=-0.02).model()
        _, policy = planning.value_iteration(*model, GAMMA, 1e-6)
        tries[walker] = np.full(shape, OTHER_TRIES)
        tries[walker][np.arange(shape[0]), policy] = OWN_TRIES
    return tries


def conclude(samples: Samples) -> list[Claim]:
    """Compare the plans in pairs of equal seed."""
    claims = []
    for source in dict.fromkeys(name.rpartition(", ")[0] for name in samples):
        neutral, pessimistic = samples[f"{source}, neutral"], samples[f"{source}, pessimistic"]
        gain = mean_difference(pessimistic, neutral)
        claims.append(
            Claim(
                "2",
                f"With little data ({source}), a pessimistic plan is truly worth more than that of the mean model.",
                f"β = −0.2 gains {gain} in true value; the mean model's plan is worth {mean(neutral)}.",
                gain.low > 0,
                len(neutral),
            )
        )
    loss = mean_difference(samples["even data, pessimistic"], samples["even data, very pessimistic"])
    statement = "Too much pessimism is not safety: it costs value again (even data)."
    claims.append(Claim("2", statement, f"β = −2 loses {loss} against β = −0.2.", loss.low > 0, len(neutral)))
    return claims


EXPERIMENTS = (Experiment("pessimism with little data", true_values_of_plans, conclude, seeds=100),)

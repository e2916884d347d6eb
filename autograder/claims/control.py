"""Unit 5: where the cross-entropy method beats random shooting, and how far ahead a controller should look."""

from __future__ import annotations

import numpy as np

from autograder.claims.experiment import Claim, Experiment, Samples, mean, mean_difference
from labkit.control import PUCK_HIGH, PUCK_LOW, Puck, PuckModel
from solutions import mpc

GAMMA = 0.99
BUDGETS = (20, 100, 500, 2500)  # sequences that may be evaluated
HORIZONS = (1, 20)
ITERATIONS = 5
LOOK_AHEAD = (2, 5, 10, 20, 40)
MPC_SAMPLES, MPC_ELITES, MPC_ITERATIONS, MPC_STEPS = 40, 8, 4, 60


def returns_at_equal_budget(seed: int) -> dict[str, float]:
    """Return what the plans of both methods earn from a random position of the puck, for each horizon and budget."""
    step = PuckModel()
    state = np.array([*np.random.default_rng([9, seed]).uniform(-1.2, 1.2, size=2), 0.0, 0.0])
    earned = {}
    for horizon in HORIZONS:
        for budget in BUDGETS:
            bounds = (PUCK_LOW, PUCK_HIGH, GAMMA, seed)
            samples = budget // ITERATIONS
            plans = {
                "CEM": mpc.cem_plan(step, state, horizon, samples, max(2, samples // 10), ITERATIONS, *bounds),
                "random shooting": mpc.random_shooting(step, state, horizon, budget, *bounds),
            }
            for name, plan in plans.items():
                value = mpc.evaluate_sequences(step, state, plan[None], GAMMA)[0]
                earned[f"{name}, {horizon}, {budget}"] = float(value)
    return earned


def conclude_budget(samples: Samples) -> list[Claim]:
    """Compare the methods in pairs of equal start, a claim for each horizon and budget."""
    claims = []
    for horizon in HORIZONS:
        for budget in BUDGETS:
            cem, shooting = (samples[f"{name}, {horizon}, {budget}"] for name in ("CEM", "random shooting"))
            gain = mean_difference(cem, shooting)
            statement = f"CEM beats random shooting: plans of {horizon} steps, {budget} sequences."
            measured = f"Return of the puck's plan {mean(cem)} against {mean(shooting)}, {gain} more."
            claims.append(Claim("5", statement, measured, gain.low > 0, len(cem)))
    return claims


def returns_by_horizon(seed: int) -> dict[str, float]:
    """Return what a controller earns that looks 2 to 40 steps ahead, at an equal number of sequences for each plan."""
    earned = {}
    for horizon in LOOK_AHEAD:
        calls = iter(range(MPC_STEPS))

        def plan(observation: np.ndarray, previous: np.ndarray | None, horizon: int = horizon, calls=calls):
            settings = (MPC_SAMPLES, MPC_ELITES, MPC_ITERATIONS, PUCK_LOW, PUCK_HIGH, GAMMA)
            return mpc.cem_plan(PuckModel(), observation, horizon, *settings, 1000 * seed + next(calls))

        total, _, _ = mpc.mpc_episode(Puck(), plan, horizon, MPC_STEPS, seed)
        earned[str(horizon)] = float(total)
    return earned


def conclude_horizon(samples: Samples) -> list[Claim]:
    """Ask whether the best horizon beats both the shortest and the longest."""
    best = max(map(str, LOOK_AHEAD), key=lambda name: samples[name].mean())
    over_short = mean_difference(samples[best], samples[str(LOOK_AHEAD[0])])
    over_long = mean_difference(samples[best], samples[str(LOOK_AHEAD[-1])])
    means = "; ".join(f"{horizon} steps {mean(samples[str(horizon)])}" for horizon in LOOK_AHEAD)
    return [
        Claim(
            "5",
            "Longer horizons help, up to a point.",
            f"Return of an episode by steps looked ahead, {MPC_SAMPLES * MPC_ITERATIONS} sequences a plan: {means}. "
            f"{best} steps earn {over_short} more than the shortest and {over_long} more than the longest.",
            over_short.low > 0 and over_long.low > 0,
            len(samples[best]),
        )
    ]


EXPERIMENTS = (
    Experiment("CEM and random shooting", returns_at_equal_budget, conclude_budget, seeds=40),
    Experiment("horizons", returns_by_horizon, conclude_horizon),
)

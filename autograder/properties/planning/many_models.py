"""Hidden properties of planning with an ensemble of models."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from autograder.properties.planning.common import (
    NOTEBOOK,
    RELATIVE,
    any_discount,
    any_ensemble,
    drawn_tolerance,
    expect_greedy,
    late_switches,
    looseness,
    near_ties,
    optimal_values,
    read_plan,
    remember,
    rounding,
)
from autograder.properties.shared import hidden
from labkit.problems import draw_rewards, draw_rows, random_ensembles, random_models, steep_discounts, with_inputs
from labkit.properties import Exercise
from labkit.results import array, expect_close

model_disagreement = Exercise("model_disagreement", NOTEBOOK)
uncertainty_aware_value_iteration = Exercise("uncertainty_aware_value_iteration", NOTEBOOK)
robust_value_iteration = Exercise("robust_value_iteration", NOTEBOOK)


# model_disagreement


@model_disagreement.property(
    "The disagreement is the spread of rewards plus the mean total-variation distance to the mean row.",
    cases=any_ensemble,
    **hidden(weight=2, trials=120),
)
def spread_plus_distance(f, P, R):
    U = array(f(P, R), R.shape[1:], "the disagreement")
    scale = 1 + np.abs(R).max()
    spread = np.sqrt(((R - R.mean(axis=0)) ** 2).mean(axis=0))
    distance = np.array([np.abs(member - P.mean(axis=0)).sum(axis=2) / 2 for member in P]).mean(axis=0)
    expect_close(U, spread + distance, "the disagreement", RELATIVE * min(scale, 2.0) + 1e-12 * scale)


@model_disagreement.property(
    "It stays exact for many members and states.",
    cases=st.fixed_dictionaries({"random_seed": st.integers(0, 2**32 - 1)}),
    **hidden(weight=1, trials=20),
)
def many_members(f, random_seed):
    rng = np.random.default_rng(random_seed)
    members, num_states, num_actions = int(rng.integers(5, 12)), int(rng.integers(7, 12)), int(rng.integers(2, 5))
    P = draw_rows(rng, (members, num_states, num_actions), num_states, str(rng.choice(["dense", "sparse"])))
    R = draw_rewards(rng, P.shape[:3], "normal")
    spread_plus_distance(f, P, R)


@model_disagreement.property(
    "Copies of one model do not disagree, whatever its numbers.",
    cases=with_inputs(random_models(reward_kinds=("normal", "positive", "large")), members=st.integers(2, 6)),
    **hidden(weight=1, trials=40),
)
def copies_of_any_model_agree(f, P, R, members):
    U = array(f(np.stack([P] * members), np.stack([R] * members)), R.shape, "the disagreement")
    expect_close(U, np.zeros(R.shape), "the disagreement", 1e-7 * (1 + np.abs(R).max()))


# uncertainty_aware_value_iteration


attitudes = st.sampled_from([-1.0, 1.0, 0.0, -0.3, 0.5, -3.0, 2.0])


def _penalised(P, R, beta):
    distance = np.abs(P - P.mean(axis=0)).sum(axis=3).mean(axis=0) / 2
    return P.mean(axis=0), R.mean(axis=0) + beta * (R.std(axis=0) + distance)


def _expect_aware_plan(f, P, R, gamma, beta, exponent):
    mean_P, shaped_R = _penalised(P, R, beta)
    tol = drawn_tolerance(shaped_R, gamma, exponent)
    V, policy = read_plan(f(P, R, gamma, beta, tol), *shaped_R.shape)
    optimum = optimal_values(mean_P, shaped_R, gamma)
    slack = tol * (1 + 1e-6) + rounding(R, gamma) * (1 + abs(beta))
    expect_close(V, optimum, "V", slack, f"within tol = {tol:g}")
    Q = shaped_R + gamma * mean_P @ V
    expect_greedy(policy, Q)


@uncertainty_aware_value_iteration.property(
    "V and policy are optimal for the mean dynamics and the reward mean(R) + beta times the disagreement.",
    cases=with_inputs(any_ensemble, gamma=any_discount, beta=attitudes, exponent=looseness),
    **hidden(weight=2, trials=120),
)
def optimal_for_the_shaped_reward(f, P, R, gamma, beta, exponent):
    _expect_aware_plan(f, P, R, gamma, beta, exponent)


@uncertainty_aware_value_iteration.property(
    "The values are within tol also when gamma is close to 1.",
    cases=with_inputs(
        random_ensembles(max_states=5, max_actions=3), gamma=steep_discounts, beta=attitudes, exponent=looseness
    ),
    **hidden(weight=1, trials=30),
)
def optimal_for_patient_planners_with_doubt(f, P, R, gamma, beta, exponent):
    _expect_aware_plan(f, P, R, gamma, beta, exponent)


@uncertainty_aware_value_iteration.property(
    "The policy is greedy for the very V that is returned, also when the best action changes in the last sweep "
    "or is only a little better than another.",
    cases=st.one_of(late_switches(), near_ties()),
    **hidden(weight=1, trials=120),
)
def aware_policy_of_the_last_sweep(f, P, R, gamma, tol):
    V, policy = read_plan(f(np.stack([P, P]), np.stack([R, R]), gamma, -0.5, tol), *R.shape)
    expect_close(V, optimal_values(P, R, gamma), "V", tol * (1 + 1e-6) + rounding(R, gamma))
    expect_greedy(policy, R + gamma * P @ V)


# robust_value_iteration


def _worst_case(P, R, V, gamma):
    return np.min([R_m + gamma * P_m @ V for P_m, R_m in zip(P, R, strict=True)], axis=0)


@remember
def _robust_optimum(P, R, gamma):
    V = np.zeros(P.shape[1])
    for _ in range(100_000):
        V_next = _worst_case(P, R, V, gamma).max(axis=1)
        if np.abs(V_next - V).max() <= 1e-14 * max(1e-3, np.abs(V_next).max()):
            return V_next
        V = V_next
    return V


def _expect_robust_plan(f, P, R, gamma, tol):
    V, policy = read_plan(f(P, R, gamma, tol), *R.shape[1:])
    slack = tol * (1 + 1e-6) + rounding(R, gamma)
    expect_close(V, _robust_optimum(P, R, gamma), "V", slack, f"within tol = {tol:g}")
    expect_greedy(policy, _worst_case(P, R, V, gamma))


@robust_value_iteration.property(
    "V is within tol of the worst-case fixed point, and the policy takes the best worst case for that V.",
    cases=with_inputs(any_ensemble, gamma=any_discount, exponent=looseness),
    **hidden(weight=2, trials=120),
)
def best_worst_case(f, P, R, gamma, exponent):
    _expect_robust_plan(f, P, R, gamma, drawn_tolerance(R, gamma, exponent))


@robust_value_iteration.property(
    "The values are within tol also when gamma is close to 1.",
    cases=with_inputs(
        random_ensembles(max_members=4, max_states=5, max_actions=3), gamma=steep_discounts, exponent=looseness
    ),
    **hidden(weight=1, trials=25),
)
def best_worst_case_for_patient_planners(f, P, R, gamma, exponent):
    _expect_robust_plan(f, P, R, gamma, drawn_tolerance(R, gamma, exponent))


@robust_value_iteration.property(
    "The policy is greedy for the very V that is returned, also when the best action changes in the last sweep "
    "or is only a little better than another.",
    cases=st.one_of(late_switches(), near_ties()),
    **hidden(weight=1, trials=120),
)
def robust_policy_of_the_last_sweep(f, P, R, gamma, tol):
    better = R + np.where(R > 0, 0.1, 0.0)
    _expect_robust_plan(f, np.stack([P, P]), np.stack([R, better]), gamma, tol)

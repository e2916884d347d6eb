"""Hidden properties of planning with one model."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from autograder.properties.planning.common import (
    NOTEBOOK,
    RELATIVE,
    any_discount,
    drawn_tolerance,
    expect_greedy,
    late_switches,
    looseness,
    near_ties,
    optimal_values,
    read_plan,
    rounding,
)
from autograder.properties.shared import hidden
from labkit.problems import (
    corridor,
    draw_rows,
    models,
    random_models,
    steep_discounts,
    with_inputs,
    with_policy,
    with_values,
)
from labkit.properties import Exercise
from labkit.results import array, expect_close
from solutions import planning as reference

bellman_q = Exercise("bellman_q", NOTEBOOK)
value_iteration = Exercise("value_iteration", NOTEBOOK)
policy_evaluation = Exercise("policy_evaluation", NOTEBOOK)
policy_iteration = Exercise("policy_iteration", NOTEBOOK)
any_model = st.one_of(models(max_states=4), random_models())


def _expect_optimal(f, P, R, gamma, tol):
    V, policy = read_plan(f(P, R, gamma, tol), *R.shape)
    expect_close(V, optimal_values(P, R, gamma), "V", tol * (1 + 1e-6) + rounding(R, gamma), f"within tol = {tol:g}")
    expect_greedy(policy, R + gamma * P @ V)


# bellman_q


@bellman_q.property(
    "Q is the expected backup for every shape, sign and size of the inputs.",
    cases=with_inputs(with_values(st.one_of(models(max_states=4), random_models())), gamma=any_discount),
    **hidden(weight=2, trials=80),
)
def expected_backup(f, P, R, V, gamma):
    V = V * float(np.abs(R).max() or 1.0) * 1.37
    Q = array(f(P, R, V, gamma), R.shape, "Q")
    scale = float(np.abs(R).max() + np.abs(V).max())
    expect_close(Q, R + gamma * np.einsum("sat,t->sa", P, V), "Q", RELATIVE * scale)


@bellman_q.property(
    "Q is exact to float64, also where states are many, values are large or gamma is close to 1.",
    cases=st.fixed_dictionaries({"random_seed": st.integers(0, 2**32 - 1), "gamma": steep_discounts}),
    **hidden(weight=1, trials=30),
)
def many_states(f, random_seed, gamma):
    rng = np.random.default_rng(random_seed)
    num_states, num_actions = int(rng.integers(9, 25)), int(rng.integers(2, 7))
    P = draw_rows(rng, (num_states, num_actions), num_states, "dense")
    R, V = rng.normal(size=(num_states, num_actions)), rng.normal(size=num_states) * rng.choice([1.0, 30.0, 1e5])
    Q = array(f(P, R, V, gamma), R.shape, "Q")
    expected = R + gamma * np.einsum("sat,t->sa", P, V)
    expect_close(Q, expected, "Q", RELATIVE * (np.abs(V).max() / 30 + 1))


# value_iteration


@value_iteration.property(
    "V is within tol of the optimal values, and the policy is greedy for that V, whatever the model, gamma and tol.",
    cases=with_inputs(any_model, gamma=any_discount, exponent=looseness),
    **hidden(weight=2, trials=150),
)
def optimal_within_tol(f, P, R, gamma, exponent):
    _expect_optimal(f, P, R, gamma, drawn_tolerance(R, gamma, exponent))


@value_iteration.property(
    "V is within tol of the optimal values also when gamma is close to 1.",
    cases=with_inputs(random_models(max_states=6, max_actions=3), gamma=steep_discounts, exponent=looseness),
    **hidden(weight=2, trials=40),
)
def optimal_for_patient_planners(f, P, R, gamma, exponent):
    _expect_optimal(f, P, R, gamma, drawn_tolerance(R, gamma, exponent))


@value_iteration.property(
    "The policy is greedy for the very V that is returned, also when the best action changes in the last sweep "
    "or is only a little better than another.",
    cases=st.one_of(late_switches(), near_ties()),
    **hidden(weight=1, trials=200),
)
def policy_of_the_last_sweep(f, P, R, gamma, tol):
    _expect_optimal(f, P, R, gamma, tol)


# policy_evaluation


def _expect_policy_value(V, P, R, policy, gamma):
    expected = reference.policy_evaluation(P, R, policy, gamma)
    slack = 1e-8 * (1 + 1e-6) + rounding(R, gamma)
    expect_close(V, expected, "V", slack, "the value of the policy")


@policy_evaluation.property(
    "V is the value of the given policy to within 1e-8, whatever the model and gamma.",
    cases=with_inputs(with_policy(any_model), gamma=any_discount),
    **hidden(weight=2, trials=100),
)
def value_of_the_policy(f, P, R, policy, gamma):
    V = array(f(P, R, policy, gamma), (len(R),), "V")
    _expect_policy_value(V, P, R, policy, gamma)


@policy_evaluation.property(
    "V is the value of the given policy to within 1e-8 also when gamma is close to 1.",
    cases=with_inputs(
        with_policy(random_models(reward_kinds=("normal", "negative", "positive", "sparse"))), gamma=steep_discounts
    ),
    **hidden(weight=1, trials=40),
)
def value_for_patient_planners(f, P, R, policy, gamma):
    V = array(f(P, R, policy, gamma), (len(R),), "V")
    _expect_policy_value(V, P, R, policy, gamma)


# policy_iteration


def _expect_exact_plan(f, P, R, gamma):
    V, policy = read_plan(f(P, R, gamma), *R.shape)
    optimum = optimal_values(P, R, gamma)
    # An improvement of 1e-9 a step, which may pass for rounding, is worth up to 1e-9 / (1 - gamma) in the long run.
    slack = 1e-8 * (1 + 1e-6) + 100 * rounding(R, gamma)
    expect_close(V, optimum, "V", slack, "the optimal value")
    value = reference.policy_evaluation(P, R, policy, gamma)
    expect_close(value, optimum, "the value of the returned policy", slack, "the optimal value")


@policy_iteration.property(
    "V and the value of the returned policy are optimal to within 1e-8, whatever the model and gamma.",
    cases=with_inputs(any_model, gamma=any_discount),
    always=({**corridor(24), "gamma": 0.8},),  # from "always left" every round improves one state more
    **hidden(weight=2, trials=100),
)
def optimal_plan(f, P, R, gamma):
    _expect_exact_plan(f, P, R, gamma)


@policy_iteration.property(
    "V and the value of the returned policy are optimal to within 1e-8 also when gamma is close to 1.",
    cases=with_inputs(random_models(min_states=2), gamma=steep_discounts),
    **hidden(weight=2, trials=50),
)
def optimal_plan_for_patient_planners(f, P, R, gamma):
    _expect_exact_plan(f, P, R, gamma)


@policy_iteration.property(
    "It ends, with an optimal plan, where symmetry makes actions tie.",
    cases=st.fixed_dictionaries(
        {
            "side": st.integers(2, 6),
            "gamma": st.sampled_from([0.9, 0.5, 0.99, 0.95, 0.8]),
            "reward": st.sampled_from([1.0, 0.1, -1.0, 0.7, -0.3]),
        }
    ),
    **hidden(weight=1, trials=60),
)
def ends_on_symmetric_grids(f, side, gamma, reward):
    P, R = _symmetric_grid(side, reward)
    _expect_exact_plan(f, P, R, gamma)


@policy_iteration.property(
    "It ends where every action of every state is equally good.",
    cases=st.fixed_dictionaries(
        {
            "random_seed": st.integers(0, 2**32 - 1),
            "gamma": st.sampled_from([0.9, 0.95, 0.7]),
            "reward": st.sampled_from([0.1, 1.0, -0.7, 0.3]),
        }
    ),
    **hidden(weight=1, trials=25),
)
def ends_when_everything_ties(f, random_seed, gamma, reward):
    rng = np.random.default_rng(random_seed)
    num_states, num_actions = int(rng.integers(6, 12)), int(rng.integers(3, 5))
    P = draw_rows(rng, (num_states, num_actions), num_states, str(rng.choice(["dense", "sparse", "deterministic"])))
    _expect_exact_plan(f, P, np.full((num_states, num_actions), reward), gamma)


@policy_iteration.property(
    "A small gain in every step is taken: over a long time it adds up.",
    cases=st.fixed_dictionaries(
        {
            "gain": st.sampled_from([1e-4, 1e-5, 1e-6, 1e-7, 2e-8, 5e-9]),
            "gamma": st.sampled_from([0.99, 0.98]),
            "better": st.integers(0, 2),
            "num_states": st.integers(1, 4),
        }
    ),
    **hidden(weight=1, trials=30),
)
def small_gains_add_up(f, gain, gamma, better, num_states):
    P = np.zeros((num_states, 3, num_states))
    P[np.arange(num_states), :, np.arange(num_states)] = 1.0
    R = np.full((num_states, 3), 1.0 - gain)
    R[:, better] = 1.0
    _expect_exact_plan(f, P, R, gamma)
    # A ring of waiting rooms in front of the better loop: the gain lies one step ahead of the immediate reward.
    P, R = _detour(num_states, better, gain, gamma)
    _expect_exact_plan(f, P, R, gamma)


def _detour(num_states, better, gain, gamma):
    """From each room one action stays for 1 a step; another leads to the next room, where the last pays a little more.

    The last room's loop pays ``1 + gain * (1 - gamma)`` a step more than staying is worth on the way there.
    """
    size = num_states + 1
    P, R = np.zeros((size, 3, size)), np.ones((size, 3))
    for room in range(size):
        P[room, :, room] = 1.0
        P[room, better] = np.eye(size)[min(room + 1, size - 1)]
        R[room, better] -= gain / 2 if room < num_states else -gain
    return P, R


def _symmetric_grid(side, reward):
    """A square grid with four moves and one absorbing corner: most states have two equally good moves."""
    num_states = side * side
    P, R = np.zeros((num_states, 4, num_states)), np.full((num_states, 4), min(reward, 0.0))
    for state in range(num_states - 1):
        row, column = divmod(state, side)
        for action, (down, right) in enumerate([(1, 0), (0, 1), (-1, 0), (0, -1)]):
            target = min(max(row + down, 0), side - 1) * side + min(max(column + right, 0), side - 1)
            P[state, action, target] = 1.0
            R[state, action] += max(reward, 0.0) * (target == num_states - 1)
    P[-1, :, -1], R[-1] = 1.0, 0.0
    return P, R

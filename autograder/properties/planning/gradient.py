"""Hidden properties of the exact policy gradient."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from autograder.properties.planning.common import NOTEBOOK, RELATIVE, any_discount, remember
from autograder.properties.shared import hidden
from labkit.problems import models, random_models, steep_discounts, with_inputs
from labkit.properties import Exercise
from labkit.results import array, expect_close

policy_gradient = Exercise("policy_gradient", NOTEBOOK)


@remember
def _true_gradient(theta, P, R, gamma, start):
    """Differentiate (I - gamma P_pi) V = r_pi directly, one preference at a time: no policy gradient theorem."""
    num_states, num_actions = R.shape
    shifted = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi = shifted / shifted.sum(axis=1, keepdims=True)
    matrix = np.eye(num_states) - gamma * np.einsum("sa,sat->st", pi, P)
    V = np.linalg.solve(matrix, np.einsum("sa,sa->s", pi, R))
    gradient = np.zeros(R.shape)
    for s in range(num_states):
        for a in range(num_actions):
            slope = pi[s] * ((np.arange(num_actions) == a) - pi[s, a])
            source = np.zeros(num_states)
            source[s] = slope @ R[s] + gamma * slope @ (P[s] @ V)
            gradient[s, a] = start @ np.linalg.solve(matrix, source)
    return gradient


def _expect_gradient(f, theta, P, R, gamma, start):
    gradient = array(f(theta, P, R, gamma, start), R.shape, "the gradient")
    expected = _true_gradient(theta, P, R, gamma, start)
    # Q - V cancels when rewards are nearly constant: that much no formula in float64 can avoid.
    cancellation = 1e-12 * np.abs(R).max() / (1 - gamma) ** 2
    expect_close(gradient, expected, "the gradient", RELATIVE * np.abs(expected).max() + cancellation)


def _gradient_case(case, random_seed, spread, start_kind):
    rng = np.random.default_rng(random_seed)
    num_states = len(case["R"])
    theta = spread * rng.normal(size=case["R"].shape)
    theta += rng.choice([0.0, 25.0]) * rng.normal(size=(num_states, 1))  # only differences within a state matter
    starts = {
        "one state": np.eye(num_states)[rng.integers(num_states)],
        "anywhere": rng.dirichlet(np.ones(num_states)),
        "evenly": np.full(num_states, 1.0 / num_states),
    }
    return {"theta": theta, **case, "start": starts[start_kind]}


def _gradient_problems(base):
    return st.builds(
        _gradient_case,
        base,
        st.integers(0, 2**32 - 1),
        st.sampled_from([1.0, 0.0, 3.0, 12.0]),
        st.sampled_from(["anywhere", "one state", "evenly"]),
    )


@policy_gradient.property(
    "The gradient is exact, whatever the model, the preferences, gamma and the start.",
    cases=with_inputs(
        _gradient_problems(st.one_of(models(max_states=4), random_models(max_states=6))), gamma=any_discount
    ),
    **hidden(weight=3, trials=100),
)
def exact_gradient(f, theta, P, R, gamma, start):
    _expect_gradient(f, theta, P, R, gamma, start)


@policy_gradient.property(
    "The gradient is exact also when gamma is close to 1.",
    cases=with_inputs(_gradient_problems(random_models(min_states=2, max_states=6)), gamma=steep_discounts),
    **hidden(weight=1, trials=30),
)
def exact_gradient_for_patient_planners(f, theta, P, R, gamma, start):
    _expect_gradient(f, theta, P, R, gamma, start)

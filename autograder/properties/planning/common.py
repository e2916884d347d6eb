"""What several of the hidden properties of unit 2 draw and expect."""

from __future__ import annotations

import functools

import numpy as np
from hypothesis import strategies as st

from labkit.problems import draw_rewards, draw_rows, ensembles, random_ensembles
from labkit.results import Violation, actions, array, pair
from solutions import planning as reference

NOTEBOOK = "02_planning"
RELATIVE = 1e-8
any_discount = st.sampled_from([0.9, 0.0, 0.5, 0.3, 0.8])
any_ensemble = st.one_of(ensembles(max_members=3), random_ensembles())


def rounding(R, gamma: float) -> float:
    """The error that float64 arithmetic may leave in a value, whatever the algorithm."""
    return 1e-13 * float(np.abs(R).max()) / (1 - gamma) ** 2 + 1e-13


def read_plan(result, num_states: int, num_actions: int):
    V, policy = pair(result)
    return array(V, (num_states,), "V"), actions(policy, num_states, num_actions)


def expect_greedy(policy, Q):
    """The policy's action is worth the best, up to 1e-9 of the size of the values."""
    states = np.arange(len(Q))
    gap = Q.max(axis=1) - Q[states, policy]
    if (gap > 1e-9 * max(1.0, np.abs(Q).max())).any():
        worst = int(gap.argmax())
        raise Violation(f"policy[{worst}] is {policy[worst]}, which is {gap[worst]:.3g} worse than the best action.")


def remember(solve):
    """Cache ``solve`` by the contents of its arrays: every submission meets the same problems."""
    known = {}

    @functools.wraps(solve)
    def remembered(*inputs):
        key = tuple(
            each.tobytes() + str(each.shape).encode() if isinstance(each, np.ndarray) else each for each in inputs
        )
        if key not in known:
            known[key] = solve(*inputs)
        return known[key]

    return remembered


@remember
def optimal_values(P, R, gamma):
    return reference.policy_iteration(P, R, gamma)[0]


# How tight a tolerance is asked for, as a power of ten of the largest value max|R| / (1 - gamma). Loose ones end after
# a sweep or two, where a policy that lags behind its values shows; tight ones show errors of the stopping rule.
# The tightest is 1e-8 for rewards up to 1: a cap on the sweeps that is generous elsewhere is reached there.
looseness = st.sampled_from([-0.5, 0.0, -1.0, -1.5, -2.0, -3.0, -5.0, -7.0, -10.0])


def drawn_tolerance(R, gamma, exponent):
    largest = max(float(np.abs(R).max()), 1e-3)
    return max(largest / (1 - gamma) * 10.0**exponent, 1e-8 * max(1.0, largest))


@st.composite
def late_switches(draw, members=None):
    """Models in which the greedy action changes at the very sweep at which a plan may stop.

    In state 0, action 0 pays r at once and ends in a worthless state; action 1 pays nothing and leads to a state that
    pays 1 for ever. After k sweeps that state is worth (1 - gamma^k) / (1 - gamma); r lies between two such values.
    """
    gamma = draw(st.sampled_from([0.9, 0.8, 0.95]))
    sweeps = draw(st.integers(1, 12))
    between = draw(st.sampled_from([0.2, 0.5, 0.8, 0.35, 0.65]))
    worth = [(1 - gamma**k) / (1 - gamma) for k in (sweeps, sweeps + 1)]
    threshold = gamma * (worth[0] + between * (worth[1] - worth[0]))
    P = np.zeros((3, 2, 3))
    P[0, 0, 2] = P[0, 1, 1] = P[1, :, 1] = P[2, :, 2] = 1.0
    R = np.array([[threshold, 0.0], [1.0, 1.0], [0.0, 0.0]])
    order = np.array(draw(st.permutations(range(3))))
    flip = draw(st.booleans())
    P, R = P[np.ix_(order, range(2), order)], R[order]
    P, R = (P[:, ::-1].copy(), R[:, ::-1].copy()) if flip else (P, R)
    stop = draw(st.sampled_from([1.0, 0.5, 2.0, 3.0]))
    return {"P": P, "R": R, "gamma": gamma, "tol": stop * gamma**sweeps / (1 - gamma)}


@st.composite
def near_ties(draw):
    """Models in which every action has a copy that earns a little less: at least thirty times what rounding excuses.

    Next to values of 10 a gap of 1e-6 is what comparisons such as ``np.isclose`` take for none.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gamma = draw(st.sampled_from([0.9, 0.5, 0.0, 0.95]))
    num_states, num_actions = int(rng.integers(2, 6)), int(rng.integers(1, 4))
    P = draw_rows(rng, (num_states, num_actions), num_states, str(rng.choice(["dense", "sparse", "chain"])))
    R = draw_rewards(rng, P.shape[:2], str(rng.choice(["normal", "positive", "negative"])))
    scale = max(1.0, float(np.abs(R).max()) / (1 - gamma))
    worse = R - scale * draw(st.sampled_from([1e-6, 1e-5, 1e-7, 3e-8]))
    order = rng.permutation(2 * num_actions)
    P, R = np.concatenate([P, P], axis=1)[:, order], np.concatenate([worse, R], axis=1)[:, order]
    return {"P": P, "R": R, "gamma": gamma, "tol": scale * draw(st.sampled_from([0.1, 1e-3, 1e-7]))}

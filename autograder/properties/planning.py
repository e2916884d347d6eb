"""Hidden properties of unit 2, planning: agreement with the theory on problems of every kind.

Expected values come from exact solves or from iteration far past the tolerance asked for, never from a recording.
Tolerances follow the contract, plus what rounding allows: an error of size 1e-11 max|R| / (1 - gamma)^2 is below
anything a student can influence at these sizes.
"""

from __future__ import annotations

import functools

import numpy as np
from hypothesis import strategies as st

from labkit.problems import (
    draw_rewards,
    draw_rows,
    ensembles,
    models,
    random_ensembles,
    random_models,
    steep_discounts,
    with_inputs,
    with_policy,
    with_values,
)
from labkit.properties import Exercise
from labkit.results import Violation, actions, array, expect_close, pair, tensor
from solutions import planning as reference

NOTEBOOK = "02_planning"
RELATIVE = 1e-8

bellman_q = Exercise("bellman_q", NOTEBOOK)
value_iteration = Exercise("value_iteration", NOTEBOOK)
policy_evaluation = Exercise("policy_evaluation", NOTEBOOK)
policy_iteration = Exercise("policy_iteration", NOTEBOOK)
model_disagreement = Exercise("model_disagreement", NOTEBOOK)
uncertainty_aware_value_iteration = Exercise("uncertainty_aware_value_iteration", NOTEBOOK)
robust_value_iteration = Exercise("robust_value_iteration", NOTEBOOK)
policy_gradient = Exercise("policy_gradient", NOTEBOOK)
batched_value_iteration = Exercise("batched_value_iteration", NOTEBOOK)

hidden = functools.partial(dict, public=False)
any_discount = st.sampled_from([0.9, 0.0, 0.5, 0.3, 0.8])
any_model = st.one_of(models(max_states=4), random_models())
any_ensemble = st.one_of(ensembles(max_members=3), random_ensembles())


def rounding(R, gamma: float) -> float:
    """The error that float64 arithmetic may leave in a value, whatever the algorithm."""
    return 1e-11 * float(np.abs(R).max()) / (1 - gamma) ** 2 + 1e-13


def _plan(result, num_states: int, num_actions: int):
    V, policy = pair(result)
    return array(V, (num_states,), "V"), actions(policy, num_states, num_actions)


def _expect_greedy(policy, Q):
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
def _optimum(P, R, gamma):
    return reference.policy_iteration(P, R, gamma)[0]


def _expect_optimal(f, P, R, gamma, tol):
    V, policy = _plan(f(P, R, gamma, tol), *R.shape)
    expect_close(V, _optimum(P, R, gamma), "V", tol * (1 + 1e-6) + rounding(R, gamma), f"within tol = {tol:g}")
    _expect_greedy(policy, R + gamma * P @ V)


# How tight a tolerance is asked for, as a power of ten of the largest value max|R| / (1 - gamma). Loose ones end after
# a sweep or two, where a policy that lags behind its values shows; tight ones show errors of the stopping rule.
looseness = st.sampled_from([-0.5, 0.0, -1.0, -1.5, -2.0, -3.0, -5.0, -7.0])


def _tolerance(R, gamma, exponent):
    scale = max(float(np.abs(R).max()), 1e-3) / (1 - gamma)
    return max(scale * 10.0**exponent, 1e-8 * max(1.0, scale / (1 - gamma)))


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
    _expect_optimal(f, P, R, gamma, _tolerance(R, gamma, exponent))


@value_iteration.property(
    "V is within tol of the optimal values also when gamma is close to 1.",
    cases=with_inputs(random_models(max_states=6, max_actions=3), gamma=steep_discounts, exponent=looseness),
    **hidden(weight=2, trials=40),
)
def optimal_for_patient_planners(f, P, R, gamma, exponent):
    _expect_optimal(f, P, R, gamma, _tolerance(R, gamma, exponent))


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


@value_iteration.property(
    "The policy is greedy for the very V that is returned, also when the best action changes in the last sweep.",
    cases=late_switches(),
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
    V, policy = _plan(f(P, R, gamma), *R.shape)
    optimum = _optimum(P, R, gamma)
    slack = 1e-8 * (1 + 1e-6) + rounding(R, gamma)
    expect_close(V, optimum, "V", slack, "the optimal value")
    value = reference.policy_evaluation(P, R, policy, gamma)
    expect_close(value, optimum, "the value of the returned policy", slack, "the optimal value")


@policy_iteration.property(
    "V and the value of the returned policy are optimal to within 1e-8, whatever the model and gamma.",
    cases=with_inputs(any_model, gamma=any_discount),
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
            "gain": st.sampled_from([1e-4, 1e-5, 1e-6, 1e-7, 2e-8]),
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
    tol = _tolerance(shaped_R, gamma, exponent)
    V, policy = _plan(f(P, R, gamma, beta, tol), *shaped_R.shape)
    optimum = _optimum(mean_P, shaped_R, gamma)
    slack = tol * (1 + 1e-6) + rounding(R, gamma) * (1 + abs(beta))
    expect_close(V, optimum, "V", slack, f"within tol = {tol:g}")
    Q = shaped_R + gamma * mean_P @ V
    _expect_greedy(policy, Q)


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
    "The policy is greedy for the very V that is returned, also when the best action changes in the last sweep.",
    cases=late_switches(),
    **hidden(weight=1, trials=120),
)
def aware_policy_of_the_last_sweep(f, P, R, gamma, tol):
    V, policy = _plan(f(np.stack([P, P]), np.stack([R, R]), gamma, -0.5, tol), *R.shape)
    expect_close(V, _optimum(P, R, gamma), "V", tol * (1 + 1e-6) + rounding(R, gamma))
    _expect_greedy(policy, R + gamma * P @ V)


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
    V, policy = _plan(f(P, R, gamma, tol), *R.shape[1:])
    slack = tol * (1 + 1e-6) + rounding(R, gamma)
    expect_close(V, _robust_optimum(P, R, gamma), "V", slack, f"within tol = {tol:g}")
    _expect_greedy(policy, _worst_case(P, R, V, gamma))


@robust_value_iteration.property(
    "V is within tol of the worst-case fixed point, and the policy takes the best worst case for that V.",
    cases=with_inputs(any_ensemble, gamma=any_discount, exponent=looseness),
    **hidden(weight=2, trials=120),
)
def best_worst_case(f, P, R, gamma, exponent):
    _expect_robust_plan(f, P, R, gamma, _tolerance(R, gamma, exponent))


@robust_value_iteration.property(
    "The values are within tol also when gamma is close to 1.",
    cases=with_inputs(
        random_ensembles(max_members=4, max_states=5, max_actions=3), gamma=steep_discounts, exponent=looseness
    ),
    **hidden(weight=1, trials=25),
)
def best_worst_case_for_patient_planners(f, P, R, gamma, exponent):
    _expect_robust_plan(f, P, R, gamma, _tolerance(R, gamma, exponent))


@robust_value_iteration.property(
    "The policy is greedy for the very V that is returned, also when the best action changes in the last sweep.",
    cases=late_switches(),
    **hidden(weight=1, trials=120),
)
def robust_policy_of_the_last_sweep(f, P, R, gamma, tol):
    better = R + np.where(R > 0, 0.1, 0.0)
    _expect_robust_plan(f, np.stack([P, P]), np.stack([R, better]), gamma, tol)


# policy_gradient


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
        st.sampled_from([1.0, 0.0, 3.0]),
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


# batched_value_iteration


def _batch(case, dtype):
    import torch

    return {
        "P": torch.tensor(case["P"], dtype=getattr(torch, dtype)),
        "R": torch.tensor(case["R"], dtype=getattr(torch, dtype)),
    }


def _expect_sweeps(V, P, R, gamma, num_iterations):
    P, R = P.double().numpy(), R.double().numpy()
    expected = _after_sweeps(P, R, gamma, num_iterations)
    relative = RELATIVE if str(V.dtype).endswith("float64") else 1e-4
    # Each problem of the batch by its own size: a small one must not hide behind a large one.
    for b in range(len(expected)):
        slack = relative * max(np.abs(expected[b]).max(), np.abs(R[b]).max()) + 1e-300
        expect_close(V[b].double().numpy(), expected[b], f"V[{b}]", slack, f"after {num_iterations} sweeps")


@remember
def _after_sweeps(P, R, gamma, num_iterations):
    expected = np.zeros(R.shape[:2])
    for _ in range(num_iterations):
        expected = np.stack(
            [(R_b + gamma * P_b @ V_b).max(axis=1) for P_b, R_b, V_b in zip(P, R, expected, strict=True)]
        )
    return expected


@batched_value_iteration.property(
    "V is the result of exactly num_iterations synchronous sweeps from 0, in double and single precision.",
    cases=with_inputs(
        st.builds(_batch, any_ensemble, st.sampled_from(["float64", "float32"])),
        gamma=any_discount,
        num_iterations=st.sampled_from([2, 1, 3, 0, 5, 8]),
    ),
    **hidden(weight=2, trials=120),
)
def exact_number_of_sweeps(f, P, R, gamma, num_iterations):
    V = tensor(f(P, R, gamma, num_iterations), tuple(R.shape[:2]), R, "V")
    _expect_sweeps(V, P, R, gamma, num_iterations)


@batched_value_iteration.property(
    "Many sweeps with gamma close to 1 are all carried out.",
    cases=with_inputs(
        st.builds(_batch, random_ensembles(max_members=4), st.just("float64")),
        gamma=steep_discounts,
        num_iterations=st.sampled_from([40, 120, 333]),
    ),
    **hidden(weight=1, trials=15),
)
def many_sweeps(f, P, R, gamma, num_iterations):
    V = tensor(f(P, R, gamma, num_iterations), tuple(R.shape[:2]), R, "V")
    _expect_sweeps(V, P, R, gamma, num_iterations)


@batched_value_iteration.property(
    "On an accelerator the sweeps give the same numbers, on the inputs' device and without reading a value back.",
    cases=with_inputs(
        st.builds(_batch, random_ensembles(max_members=4), st.sampled_from(["float64", "float32"])),
        gamma=any_discount,
        num_iterations=st.sampled_from([3, 1, 6, 0]),
    ),
    **hidden(weight=2, trials=12),
)
def same_on_the_device(f, P, R, gamma, num_iterations):
    seen = f.on_accelerator(P, R, gamma, num_iterations)
    if seen["fault"]:
        raise Violation(f"On an accelerator: {str(seen['fault'])[:200]}.")
    if not str(seen["device"]).startswith("simgpu"):
        raise Violation("The inputs were on an accelerator, but the result is not.")
    V = tensor(seen["result"], tuple(R.shape[:2]), R, "V on the accelerator")
    _expect_sweeps(V, P, R, gamma, num_iterations)

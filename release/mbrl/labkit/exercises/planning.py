"""Public properties of unit 2, planning. None of them contains an algorithm: they are facts about its results."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from labkit.problems import corridor, discounts, ensembles, models, with_inputs, with_policy, with_values
from labkit.properties import Exercise
from labkit.results import Violation, actions, array, expect_close, pair, tensor

NOTEBOOK = "02_planning"
ROUNDING = 1e-9

bellman_q = Exercise("bellman_q", NOTEBOOK)
value_iteration = Exercise("value_iteration", NOTEBOOK)
policy_evaluation = Exercise("policy_evaluation", NOTEBOOK)
policy_iteration = Exercise("policy_iteration", NOTEBOOK)
model_disagreement = Exercise("model_disagreement", NOTEBOOK)
uncertainty_aware_value_iteration = Exercise("uncertainty_aware_value_iteration", NOTEBOOK)
robust_value_iteration = Exercise("robust_value_iteration", NOTEBOOK)
policy_gradient = Exercise("policy_gradient", NOTEBOOK)
batched_value_iteration = Exercise("batched_value_iteration", NOTEBOOK)

corridors = st.builds(
    lambda length, gamma: {**corridor(length), "gamma": gamma}, st.integers(1, 6), st.sampled_from([0.5, 0.9, 0.25])
)
tolerances = st.sampled_from([1e-3, 1e-6, 1e-1])


# bellman_q


@bellman_q.property(
    "With gamma = 0 only the immediate reward counts: Q equals R.",
    cases=with_values(models()),
)
def immediate_reward(f, P, R, V):
    expect_close(array(f(P, R, V, 0.0), R.shape, "Q"), R, "Q", ROUNDING)


@bellman_q.property(
    "When the next state is certain, Q is the reward plus gamma times the value of that state.",
    cases=with_inputs(with_values(models(deterministic=True)), gamma=discounts),
)
def certain_next_state(f, P, R, V, gamma):
    Q = array(f(P, R, V, gamma), R.shape, "Q")
    next_value = np.array([[V[np.flatnonzero(row)[0]] for row in rows] for rows in P])
    expect_close(Q - R, gamma * next_value, "(Q - R)", ROUNDING, "gamma times the value of the next state")


@bellman_q.property(
    "When every state is worth the same number c, every Q is its reward plus gamma times c.",
    cases=with_inputs(models(), gamma=discounts, c=st.integers(-3, 3)),
)
def constant_values(f, P, R, gamma, c):
    Q = array(f(P, R, np.full(len(P), float(c)), gamma), R.shape, "Q")
    expect_close(Q, R + gamma * c, "Q", ROUNDING)


# value_iteration


def _plan(result, R):
    V, policy = pair(result)
    return array(V, (len(R),), "V"), actions(policy, *R.shape)


def _expect_best_reward(policy, scores):
    for state, action in enumerate(policy):
        if scores[state, action] < scores[state].max() - ROUNDING:
            raise Violation(
                f"policy[{state}] is {action}, worth {scores[state, action]:.6g}, "
                f"but action {scores[state].argmax()} is worth {scores[state].max():.6g}."
            )


@value_iteration.property(
    "With gamma = 0 the value is the best immediate reward, and the policy takes it.",
    cases=with_inputs(models(), tol=tolerances),
)
def best_immediate_reward(f, P, R, tol):
    V, policy = _plan(f(P, R, 0.0, tol), R)
    expect_close(V, R.max(axis=1), "V", tol + ROUNDING)
    _expect_best_reward(policy, R)


@value_iteration.property(
    "In a corridor whose exit pays 1, the value is gamma to the power of the steps before the exit, "
    "and the policy walks towards it.",
    cases=with_inputs(corridors, tol=tolerances),
)
def corridor_to_the_exit(f, P, R, gamma, tol):
    V, policy = _plan(f(P, R, gamma, tol), R)
    length = len(P) - 1
    expect_close(V[:length], gamma ** np.arange(length - 1.0, -1, -1), "V", tol + ROUNDING, "one step costs one gamma")
    expect_close(V[length:], np.zeros(1), "V at the exit", tol + ROUNDING)
    if policy[length - 1] != 1:
        raise Violation(f"policy[{length - 1}] is 0 (left), but one step to the right leaves the corridor and pays 1.")


@value_iteration.property(
    "When every reward is c, every value is within tol of c / (1 - gamma).",
    cases=with_inputs(
        models(rewards=st.just(1)), gamma=st.sampled_from([0.5, 0.9, 0.0, 0.95]), c=st.integers(-5, 5), tol=tolerances
    ),
)
def constant_reward(f, P, R, gamma, c, tol):
    V, _ = _plan(f(P, c * R, gamma, tol), R)
    expect_close(V, np.full(len(P), c / (1 - gamma)), "V", tol + ROUNDING, f"to within tol = {tol:g}")


# policy_evaluation


@policy_evaluation.property(
    "With gamma = 0 the value is the immediate reward of the policy's action.",
    cases=with_policy(models()),
)
def reward_of_the_policy(f, P, R, policy):
    V = array(f(P, R, policy, 0.0), (len(R),), "V")
    expect_close(V, np.array([R[state, action] for state, action in enumerate(policy)]), "V", ROUNDING)


@policy_evaluation.property(
    "When every action stays where it is, the value is the action's reward divided by 1 - gamma.",
    cases=with_inputs(with_policy(models()), gamma=discounts),
)
def staying_put(f, P, R, policy, gamma):
    stay = np.repeat(np.eye(len(R))[:, None, :], R.shape[1], axis=1)
    V = array(f(stay, R, policy, gamma), (len(R),), "V")
    expected = np.array([R[state, action] for state, action in enumerate(policy)]) / (1 - gamma)
    expect_close(V, expected, "V", 1e-8)


@policy_evaluation.property(
    "What the other actions would earn does not matter.",
    cases=with_inputs(with_policy(models()), gamma=discounts, bonus=st.integers(1, 5)),
)
def other_actions_do_not_matter(f, P, R, policy, gamma, bonus):
    taken = np.arange(R.shape[1]) == np.array(policy)[:, None]
    before = array(f(P, R, policy, gamma), (len(R),), "V")
    after = array(f(P, np.where(taken, R, R + bonus), policy, gamma), (len(R),), "V")
    expect_close(after, before, "V", 2e-8, f"the value before every action not taken was paid {bonus} more")


# policy_iteration


@policy_iteration.property(
    "With gamma = 0 the value is the best immediate reward, and the policy takes it.",
    cases=models(),
)
def best_immediate_reward_exactly(f, P, R):
    V, policy = _plan(f(P, R, 0.0), R)
    expect_close(V, R.max(axis=1), "V", 1e-8)
    _expect_best_reward(policy, R)


@policy_iteration.property(
    "In a corridor whose exit pays 1, the values are exact and every step goes towards the exit.",
    cases=corridors,
)
def corridor_exactly(f, P, R, gamma):
    V, policy = _plan(f(P, R, gamma), R)
    length = len(P) - 1
    expect_close(V[:length], gamma ** np.arange(length - 1.0, -1, -1), "V", 1e-8, "one step costs one gamma")
    for state in range(length):
        if policy[state] != 1:
            raise Violation(f"policy[{state}] is 0 (left), but the exit is to the right.")


@policy_iteration.property(
    "It ends when all actions tie, and the value is then the common reward divided by 1 - gamma.",
    cases=with_inputs(models(rewards=st.just(1)), gamma=discounts, c=st.integers(-3, 3)),
)
def ends_when_actions_tie(f, P, R, gamma, c):
    V, _ = _plan(f(P, c * R, gamma), R)
    expect_close(V, np.full(len(P), c / (1 - gamma)), "V", 1e-8)


# model_disagreement


@model_disagreement.property(
    "Members that agree do not disagree: copies of one model give 0 everywhere.",
    cases=with_inputs(models(), members=st.integers(1, 4)),
)
def copies_agree(f, P, R, members):
    U = array(f(np.stack([P] * members), np.stack([R] * members)), R.shape, "the disagreement")
    expect_close(U, np.zeros(R.shape), "the disagreement", ROUNDING)


@model_disagreement.property(
    "Two members with the same transitions and rewards d apart disagree by d / 2.",
    cases=with_inputs(models(), d=st.integers(0, 4)),
)
def rewards_apart(f, P, R, d):
    U = array(f(np.stack([P, P]), np.stack([R, R + d])), R.shape, "the disagreement")
    expect_close(U, np.full(R.shape, d / 2), "the disagreement", ROUNDING, "the standard deviation of two rewards")


@model_disagreement.property(
    "Two members with the same rewards that send one action to two different states for sure disagree by 1/2 there.",
    cases=st.builds(
        lambda states, target, other: {"num_states": states, "target": target % states, "other": other % states},
        st.integers(2, 4),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
)
def transitions_apart(f, num_states, target, other):
    P = np.zeros((2, num_states, 1, num_states))
    P[0, :, 0, target] = 1.0
    P[1, :, 0, other] = 1.0
    U = array(f(P, np.zeros((2, num_states, 1))), (num_states, 1), "the disagreement")
    expected = 0.5 if target != other else 0.0
    expect_close(U, np.full((num_states, 1), expected), "the disagreement", ROUNDING, "half a unit of mass moved")


# uncertainty_aware_value_iteration and robust_value_iteration


def _safe_or_risky(gamma):
    """One state, two members: action 0 always pays 1; action 1 pays 0 or 3, depending on the member."""
    return np.ones((2, 1, 2, 1)), np.array([[[1.0, 0.0]], [[1.0, 3.0]]]), gamma


@uncertainty_aware_value_iteration.property(
    "Where members disagree on an action's reward, beta = -1 plays safe and beta = +1 takes the risk.",
    cases=st.fixed_dictionaries({"gamma": discounts, "beta": st.sampled_from([-1.0, 1.0, 0.0, -0.25])}),
)
def pessimist_and_optimist(f, gamma, beta):
    P, R, gamma = _safe_or_risky(gamma)
    V, policy = _plan(f(P, R, gamma, beta, 1e-6), R[0])
    scores = np.array([[1.0, 1.5 + 1.5 * beta]])
    expect_close(V, scores.max(axis=1) / (1 - gamma), "V", 1e-6 + ROUNDING, "action 1 is worth 1.5 + 1.5 beta a step")
    _expect_best_reward(policy, scores)


@uncertainty_aware_value_iteration.property(
    "When all members agree, beta makes no difference.",
    cases=with_inputs(models(max_actions=2), gamma=discounts, beta=st.sampled_from([-2.0, 1.0, 0.0])),
)
def no_uncertainty_no_difference(f, P, R, gamma, beta):
    P, R = np.stack([P, P]), np.stack([R, R])
    with_beta, _ = _plan(f(P, R, gamma, beta, 1e-6), R[0])
    without, _ = _plan(f(P, R, gamma, 0.0, 1e-6), R[0])
    expect_close(with_beta, without, "V", 2e-6 + ROUNDING, "the value with beta = 0")


@uncertainty_aware_value_iteration.property(
    "More optimism never lowers a value.",
    cases=with_inputs(ensembles(), gamma=discounts, low=st.sampled_from([-1.0, 0.0]), step=st.sampled_from([0.5, 2.0])),
)
def optimism_never_lowers(f, P, R, gamma, low, step):
    pessimist, _ = _plan(f(P, R, gamma, low, 1e-6), R[0])
    optimist, _ = _plan(f(P, R, gamma, low + step, 1e-6), R[0])
    _expect_at_least(optimist, pessimist, f"with beta = {low + step:g}", f"with beta = {low:g}", 2e-6)


@robust_value_iteration.property(
    "Against the worst member, a safe action that always pays 1 beats one that pays 0 or 3.",
    cases=st.fixed_dictionaries({"gamma": discounts}),
    trials=5,
)
def safety_first(f, gamma):
    P, R, gamma = _safe_or_risky(gamma)
    V, policy = _plan(f(P, R, gamma, 1e-6), R[0])
    expect_close(V, np.array([1 / (1 - gamma)]), "V", 1e-6 + ROUNDING, "1 in every step")
    if policy[0] != 0:
        raise Violation("policy[0] is 1, whose worst case pays 0, but action 0 pays 1 whatever the member.")


@robust_value_iteration.property(
    "A further member never raises a value.",
    cases=with_inputs(ensembles(), gamma=discounts),
)
def further_member_never_raises(f, P, R, gamma):
    fewer, _ = _plan(f(P[:1], R[:1], gamma, 1e-6), R[0])
    more, _ = _plan(f(P, R, gamma, 1e-6), R[0])
    _expect_at_least(fewer, more, "with one member", f"with {len(P)} members", 2e-6)


@robust_value_iteration.property(
    "The order of the members does not matter.",
    cases=with_inputs(ensembles(), gamma=discounts),
)
def order_does_not_matter(f, P, R, gamma):
    forwards, _ = _plan(f(P, R, gamma, 1e-6), R[0])
    backwards, _ = _plan(f(P[::-1].copy(), R[::-1].copy(), gamma, 1e-6), R[0])
    expect_close(backwards, forwards, "V", 2e-6 + ROUNDING, "the value with the members in the given order")


def _expect_at_least(upper, lower, upper_name, lower_name, slack):
    gap = lower - upper
    if gap.max() > slack + ROUNDING:
        state = gap.argmax()
        raise Violation(
            f"V[{state}] is {upper[state]:.6g} {upper_name}, which is lower than {lower[state]:.6g} {lower_name}."
        )


# policy_gradient

preferences = st.sampled_from([0.0, 1.0, -1.0, 2.0])


@st.composite
def _gradient_cases(draw, problems):
    case = draw(problems)
    shape = case["R"].shape
    theta = draw(st.lists(preferences, min_size=case["R"].size, max_size=case["R"].size))
    weights = np.array(draw(st.lists(st.integers(0, 3), min_size=shape[0], max_size=shape[0])), dtype=np.float64)
    weights[0] += not weights.any()
    return {"theta": np.array(theta).reshape(shape), **case, "gamma": draw(discounts), "start": weights / weights.sum()}


@policy_gradient.property(
    "Adding a number to all preferences of a state changes nothing, so the gradient sums to 0 in every state.",
    cases=_gradient_cases(models()),
)
def rows_sum_to_zero(f, theta, P, R, gamma, start):
    gradient = array(f(theta, P, R, gamma, start), R.shape, "the gradient")
    expect_close(gradient.sum(axis=1), np.zeros(len(R)), "the sum over actions", 1e-8)


@policy_gradient.property(
    "When every action everywhere earns the same, no policy is better: the gradient is 0.",
    cases=_gradient_cases(models(rewards=st.just(2))),
)
def nothing_to_gain(f, theta, P, R, gamma, start):
    gradient = array(f(theta, P, R, gamma, start), R.shape, "the gradient")
    expect_close(gradient, np.zeros(R.shape), "the gradient", 1e-8)


@policy_gradient.property(
    "With gamma = 0, two equally preferred actions and rewards 0 and r, the gradient is start · r/4 up and down.",
    cases=st.fixed_dictionaries({"states": st.integers(1, 3), "r": st.integers(-4, 4), "first": st.integers(0, 2)}),
)
def two_armed_bandit(f, states, r, first):
    start = np.eye(states)[first % states]
    P = np.full((states, 2, states), 1.0 / states)
    R = np.tile([0.0, float(r)], (states, 1))
    gradient = array(f(np.zeros((states, 2)), P, R, 0.0, start), R.shape, "the gradient")
    expect_close(gradient, start[:, None] * np.array([-r / 4, r / 4]), "the gradient", 1e-8)


# batched_value_iteration


@st.composite
def _batches(draw):
    import torch

    case = draw(ensembles())
    dtype = draw(st.sampled_from([torch.float64, torch.float32]))
    return {
        "P": torch.tensor(case["P"], dtype=dtype),
        "R": torch.tensor(case["R"], dtype=dtype),
        "gamma": draw(discounts),
    }


def _slack(P):
    import torch

    return 1e-8 if P.dtype == torch.float64 else 1e-4


@batched_value_iteration.property(
    "No sweep leaves V at 0; one sweep gives the best immediate reward; the dtype is kept.",
    cases=_batches(),
)
def first_two_sweeps(f, P, R, gamma):
    before = tensor(f(P, R, gamma, 0), tuple(R.shape[:2]), R, "V")
    expect_close(before.double().numpy(), np.zeros(R.shape[:2]), "V", 0.0, "no sweep was asked for")
    after = tensor(f(P, R, gamma, 1), tuple(R.shape[:2]), R, "V")
    expect_close(after.double().numpy(), R.double().numpy().max(axis=2), "V", _slack(P), "the best immediate reward")


@batched_value_iteration.property(
    "The problems of a batch do not influence each other.",
    cases=with_inputs(_batches(), num_iterations=st.integers(0, 5)),
)
def problems_are_independent(f, P, R, gamma, num_iterations):
    together = tensor(f(P, R, gamma, num_iterations), tuple(R.shape[:2]), R, "V")
    last = tensor(f(P[-1:], R[-1:], gamma, num_iterations), (1, R.shape[1]), R, "V")
    expect_close(together[-1:].double().numpy(), last.double().numpy(), "V", _slack(P), "the last problem by itself")


@batched_value_iteration.property(
    "Everything stays on the device of the inputs, and no value is read back to the host.",
    cases=with_inputs(_batches(), num_iterations=st.integers(1, 3)),
    trials=8,
)
def stays_on_the_device(f, P, R, gamma, num_iterations):
    seen = f.on_accelerator(P, R, gamma, num_iterations)
    if seen["fault"]:
        raise Violation(f"On an accelerator: {seen['fault']}.")
    if not seen["device"].startswith("simgpu"):
        raise Violation(f"The inputs were on an accelerator, but the result is on {seen['device']}.")
    on_host = tensor(f(P, R, gamma, num_iterations), tuple(R.shape[:2]), R, "V")
    on_device = tensor(seen["result"], tuple(R.shape[:2]), R, "V on the accelerator")
    expect_close(
        on_device.double().numpy(), on_host.double().numpy(), "V on the accelerator", _slack(P), "V on the host"
    )
    if num_iterations == 1:  # two answers can agree and both be empty
        best = R.double().numpy().max(axis=2)
        expect_close(on_device.double().numpy(), best, "V on the accelerator", _slack(P), "the best immediate reward")

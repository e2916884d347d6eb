"""The reference solutions keep their contracts, by bounds and identities that need no recorded numbers."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course.solutions import reference_functions
from labkit.problems import random_ensembles, random_models
from solutions import planning

MODEL = {"P": np.full((3, 2, 3), 1 / 3), "R": np.arange(6.0).reshape(3, 2)}
ENSEMBLE = {"P": np.full((4, 3, 2, 3), 1 / 3), "R": np.arange(24.0).reshape(4, 3, 2)}
BATCH = {"P": torch.full((4, 3, 2, 3), 1 / 3, dtype=torch.float64), "R": torch.zeros(4, 3, 2, dtype=torch.float64)}
VALID = {
    "bellman_q": {**MODEL, "V": np.zeros(3), "gamma": 0.9},
    "value_iteration": {**MODEL, "gamma": 0.9, "tol": 1e-6},
    "policy_evaluation": {**MODEL, "policy": np.zeros(3, dtype=int), "gamma": 0.9},
    "policy_iteration": {**MODEL, "gamma": 0.9},
    "model_disagreement": ENSEMBLE,
    "uncertainty_aware_value_iteration": {**ENSEMBLE, "gamma": 0.9, "beta": -1.0, "tol": 1e-6},
    "robust_value_iteration": {**ENSEMBLE, "gamma": 0.9, "tol": 1e-6},
    "policy_gradient": {"theta": np.zeros((3, 2)), **MODEL, "gamma": 0.9, "start": np.full(3, 1 / 3)},
    "batched_value_iteration": {**BATCH, "gamma": 0.9, "num_iterations": 3},
}
NAN = float("nan")


def _spoilt_arrays(P, R):
    negative, unnormalised, missing = P.copy(), P.copy(), P.copy()
    negative[..., 0], negative[..., 1] = -0.5, 1.5 - P[..., 2:].sum(axis=-1)
    unnormalised[..., 0] += 0.01
    missing[..., 0] = NAN
    return {
        "P": [negative, unnormalised, missing, P[0], P[..., :-1], P[:0], "text", None, P.tolist()[0], P * 1j,
              [[1], [1, 2]], [[[10**400]]]],
        "R": [R[..., :-1], R.T, R * NAN, R + np.inf, R[0], "text", None, R * 1j, {}],
    }  # fmt: skip


SPOILT_NUMBERS = {
    "gamma": [1.0, -0.1, 1.5, NAN, float("inf"), "text", None, 1j, [0.5, 0.5], 10**400],
    "tol": [0.0, -1e-6, NAN, float("inf"), "text", None, 1j, 10**400],
    "beta": [NAN, float("inf"), "text", None, 10**400],
    "num_iterations": [-1, 1.5, True, None, "3", NAN, 3.0],
    "V": [np.zeros(2), np.zeros((3, 1)), [0, 0, NAN], "text", None, 0.0],
    "policy": [
        [0, 0],
        [0, 0, 2],
        [0, 0, -1],
        [0.0, 0.0, 0.0],
        [True, False, True],
        "text",
        None,
        [[0], [0, 1]],
        np.eye(3),
    ],
    "theta": [np.zeros((2, 3)), np.zeros(6), np.full((3, 2), NAN), "text", None],
    "start": [np.full(3, 0.5), [1.5, -0.5, 0.0], [1.0, 0.0], np.eye(3), [1.0, NAN, 0.0], None],
}
SPOILT_BATCH = {
    "P": [BATCH["P"][0], BATCH["P"][..., :-1], BATCH["P"][:0], BATCH["P"].numpy(), None, "text", BATCH["P"].int()],
    "R": [BATCH["R"][0], BATCH["R"].float(), BATCH["R"].int(), BATCH["R"].numpy(), None, BATCH["R"].mT],
}


def _bad_calls():
    for name, valid in VALID.items():
        arrays = SPOILT_BATCH if valid["P"] is BATCH["P"] else _spoilt_arrays(valid["P"], valid["R"])
        for argument in valid:
            for number, value in enumerate({**SPOILT_NUMBERS, **arrays}[argument]):
                yield pytest.param(name, argument, value, id=f"{name}-{argument}-{number}")


@pytest.mark.parametrize(("name", "argument", "value"), list(_bad_calls()))
def test_invalid_input_raises_a_value_error_that_names_it_in_a_sentence(name, argument, value):
    with pytest.raises(ValueError, match=r"\.$") as raised:
        reference_functions()[name](**{**VALID[name], argument: value})
    sentence = str(raised.value)
    assert argument in sentence
    assert "must" in sentence
    assert " but " in sentence


@pytest.mark.parametrize("name", VALID)
def test_valid_input_is_accepted_also_as_lists_and_not_written_to(name):
    function, valid = reference_functions()[name], VALID[name]
    before = repr(valid)
    expected = function(**valid)
    if not isinstance(valid["P"], torch.Tensor):
        lists = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in valid.items()}
        assert repr(function(**lists)) == repr(expected)
        single = {k: v.astype(np.float32) if getattr(v, "dtype", None) == np.float64 else v for k, v in valid.items()}
        if name != "model_disagreement":
            single |= {"P": valid["P"]}  # thirds in float32 do not sum to 1
        else:
            single = {"P": valid["P"], "R": valid["R"].astype(np.float32)}
        single.pop("start", None)
        results = function(**single, **({"start": valid["start"]} if "start" in valid else {}))
        for result in results if isinstance(results, tuple) else (results,):
            assert result.dtype in (np.float64, np.int64)
    assert repr(valid) == before


def test_every_reference_function_documents_its_arguments():
    assert set(VALID) <= set(reference_functions())
    for function in reference_functions().values():
        for argument in inspect.signature(function).parameters:
            assert f"{argument}:" in function.__doc__
        assert "Returns:" in function.__doc__
        assert "Source:" in function.__doc__


gammas = st.sampled_from([0.0, 0.3, 0.5, 0.9, 0.99])


def _bounds(backup, V, gamma):
    """Bounds on the optimum from any V, with no oracle: V* lies within gamma/(1-gamma) of the last change."""
    for _ in range(400):
        V = backup(V)
    change = backup(V) - V
    slack = 1e-10 * (1 + np.abs(V).max()) / (1 - gamma)
    lower = backup(V) + gamma / (1 - gamma) * change.min() - slack
    return lower, backup(V) + gamma / (1 - gamma) * change.max() + slack


@given(random_models(), gammas, st.sampled_from([1e-1, 1e-3, 1e-6]))
@settings(max_examples=60)
def test_value_iteration_keeps_its_tolerance_and_its_policy_is_greedy(case, gamma, tol):
    P, R = case["P"], case["R"]
    V, policy = planning.value_iteration(P, R, gamma, tol)
    lower, upper = _bounds(lambda V: (R + gamma * P @ V).max(axis=1), V, gamma)
    assert (lower - tol <= V).all()
    assert (upper + tol >= V).all()
    Q = R + gamma * P @ V
    assert (Q[np.arange(len(Q)), policy] >= Q.max(axis=1) - 1e-12 * (1 + np.abs(Q).max())).all()
    assert (V.dtype, policy.dtype) == (np.float64, np.int64)


@given(random_models(), gammas)
@settings(max_examples=60)
def test_policy_iteration_arrives_at_the_optimum(case, gamma):
    P, R = case["P"], case["R"]
    V, policy = planning.policy_iteration(P, R, gamma)
    lower, upper = _bounds(lambda V: (R + gamma * P @ V).max(axis=1), V, gamma)
    slack = 1e-8 + 1e-10 * np.abs(V).max()
    assert (lower - slack <= V).all()
    assert (upper + slack >= V).all()
    np.testing.assert_allclose(planning.policy_evaluation(P, R, policy, gamma), V, rtol=1e-9, atol=1e-9)


@given(random_ensembles(), gammas, st.sampled_from([1e-1, 1e-4]))
@settings(max_examples=60)
def test_robust_value_iteration_keeps_its_tolerance(case, gamma, tol):
    P, R = case["P"], case["R"]
    V, policy = planning.robust_value_iteration(P, R, gamma, tol)
    lower, upper = _bounds(lambda V: (R + gamma * P @ V).min(axis=0).max(axis=1), V, gamma)
    assert (lower - tol <= V).all()
    assert (upper + tol >= V).all()
    worst = (R + gamma * P @ V).min(axis=0)
    assert (worst[np.arange(len(worst)), policy] == worst.max(axis=1)).all()


@given(random_models(), gammas)
@settings(max_examples=60)
def test_policy_evaluation_solves_its_own_equation(case, gamma):
    P, R = case["P"], case["R"]
    policy = np.arange(len(R)) % R.shape[1]
    V = planning.policy_evaluation(P, R, policy, gamma)
    states = np.arange(len(R))
    residual = R[states, policy] + gamma * P[states, policy] @ V - V
    assert np.abs(residual).max() <= 1e-9 * (1 - gamma) * (1 + np.abs(R).max() / (1 - gamma))


@given(random_models(max_states=5), gammas, st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_the_policy_gradient_is_what_automatic_differentiation_gives(case, gamma, random_seed):
    P, R = case["P"], case["R"]
    rng = np.random.default_rng(random_seed)
    theta, start = rng.normal(size=R.shape), rng.dirichlet(np.ones(len(R)))
    preferences = torch.tensor(theta, requires_grad=True)
    pi = torch.softmax(preferences, dim=1)
    P_pi = torch.einsum("sa,sat->st", pi, torch.tensor(P))
    V = torch.linalg.solve(torch.eye(len(R), dtype=torch.float64) - gamma * P_pi, (pi * torch.tensor(R)).sum(dim=1))
    (torch.tensor(start) @ V).backward()
    expected = preferences.grad.numpy()
    gradient = planning.policy_gradient(theta, P, R, gamma, start)
    scale = np.abs(expected).max() + np.abs(R).max() * 1e-3 / (1 - gamma)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-8 * scale)


@given(random_ensembles(), gammas, st.integers(0, 6), st.sampled_from([torch.float64, torch.float32]))
@settings(max_examples=40)
def test_a_batch_gives_what_its_problems_give_one_by_one(case, gamma, num_iterations, dtype):
    P, R = (torch.tensor(part, dtype=dtype) for part in (case["P"], case["R"]))
    V = planning.batched_value_iteration(P, R, gamma, num_iterations)
    assert (V.dtype, tuple(V.shape)) == (dtype, tuple(R.shape[:2]))
    for P_b, R_b, V_b in zip(case["P"], case["R"], V, strict=True):
        expected = np.zeros(len(R_b))
        for _ in range(num_iterations):
            expected = (R_b + gamma * P_b @ expected).max(axis=1)
        tolerance = 1e-10 if dtype == torch.float64 else 1e-4
        np.testing.assert_allclose(
            V_b.double().numpy(), expected, rtol=0, atol=tolerance * (1 + np.abs(R_b).max() * 10)
        )


@pytest.mark.parametrize("gamma", [0.5, 0.9, 0.99, 0.999])
@pytest.mark.parametrize("reward", [0.1, 1.0, -0.7, 0.3])
def test_policy_iteration_ends_where_all_actions_tie(gamma, reward):
    rng = np.random.default_rng(1)
    for num_states in (1, 7, 30):
        P = rng.dirichlet(np.ones(num_states), size=(num_states, 4))
        V, _ = planning.policy_iteration(P, np.full((num_states, 4), reward), gamma)
        np.testing.assert_allclose(V, reward / (1 - gamma), rtol=1e-9)


@pytest.mark.timeout(60)
def test_value_iteration_ends_when_rounding_keeps_the_last_digit_moving():
    rng = np.random.default_rng(2)
    P = rng.dirichlet(np.ones(5), size=(5, 3))
    V, _ = planning.value_iteration(P, 1e8 * rng.normal(size=(5, 3)), 0.99, 1e-9)
    assert np.isfinite(V).all()


def test_the_stopping_rule_is_not_the_change_between_sweeps():
    """One state that pays 1 for ever: stopping when V changes by less than tol would end gamma/(1-gamma) tol short."""
    V, _ = planning.value_iteration(np.ones((1, 1, 1)), np.ones((1, 1)), 0.99, 0.01)
    assert abs(V[0] - 100) <= 0.01


def test_without_disagreement_pessimism_changes_nothing():
    P, R = np.stack([MODEL["P"]] * 3), np.stack([MODEL["R"]] * 3)
    assert not planning.model_disagreement(P, R).any()
    for beta in (-5.0, 0.0, 5.0):
        V, policy = planning.uncertainty_aware_value_iteration(P, R, 0.9, beta, 1e-9)
        V_plain, policy_plain = planning.value_iteration(**MODEL, gamma=0.9, tol=1e-9)
        np.testing.assert_allclose(V, V_plain, atol=1e-8)
        assert policy.tolist() == policy_plain.tolist()

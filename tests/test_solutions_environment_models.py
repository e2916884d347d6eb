"""Unit 1's reference solutions keep their contracts, by identities and bounds that need no recorded numbers."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
import torch

from solutions import environment_models as unit

NAN = float("nan")
TRANSITIONS = {
    "states": np.array([0, 1, 1, 2]),
    "actions": np.array([0, 1, 1, 0]),
    "rewards": np.array([1.0, -2.0, 0.5, 0.0]),
    "next_states": np.array([1, 2, 2, 0]),
}
COUNTS = np.arange(18.0).reshape(3, 2, 3)
BATCH = {name: torch.zeros(4, 2, dtype=torch.float64) for name in ("mean", "log_var", "target")}
DATA = {
    "states": np.zeros((6, 2)),
    "actions": np.ones((6, 1)),
    "next_states": np.zeros((6, 2)),
    "rewards": np.zeros(6),
}
SETTINGS = {"ensemble_size": 2, "hidden_dim": 4, "epochs": 2, "batch_size": 4, "learning_rate": 1e-2, "seed": 0}
VALID = {
    "count_transitions": {**TRANSITIONS, "num_states": 3, "num_actions": 2},
    "mle_model": {"counts": COUNTS, "reward_sums": np.ones((3, 2))},
    "inverse_model": {"counts": COUNTS},
    "sample_next_states": {
        "P": np.full((3, 2, 3), 1 / 3),
        "states": TRANSITIONS["states"],
        "actions": TRANSITIONS["actions"],
        "seed": 0,
    },
    "kfold_indices": {"n": 7, "k": 3, "seed": 0},
    "gaussian_nll": BATCH,
    "ensemble_moments": {"means": np.zeros((3, 4, 2)), "variances": np.ones((3, 4, 2))},
    "train_ensemble": {**DATA, **SETTINGS, "device": "cpu"},
    "calibration_curve": {"mean": np.zeros(4), "std": np.ones(4), "target": np.zeros(4), "levels": np.array([0.5])},
}
WHOLE = [-1, 1.5, "text", None, True]
SPOILT = {
    "count_transitions": {
        "states": [[0, 1, 1, 3], [0, 1, 1, -1], [0, 1], [0.5, 0, 0, 0], "text", None, np.zeros((4, 1))],
        "actions": [[0, 1, 1, 2], [0, 1, 1, -1], [0, 1], None],
        "rewards": [[1.0], [NAN, 0, 0, 0], "text", None],
        "next_states": [[0, 1, 1, 3], [0, 1, 1], [NAN, 0, 0, 0]],
        "num_states": [0, *WHOLE],
        "num_actions": [0, *WHOLE],
    },
    "mle_model": {
        "counts": [COUNTS - 1, COUNTS[:2], COUNTS[0], COUNTS * NAN, COUNTS[:0], None],
        "reward_sums": [np.ones((2, 3)), np.ones(6), np.full((3, 2), NAN), None],
    },
    "inverse_model": {"counts": [COUNTS - 1, COUNTS[:2], COUNTS[0], COUNTS * NAN, COUNTS[:0], None]},
    "sample_next_states": {
        "P": [np.ones((3, 2, 3)), np.full((3, 2, 2), 0.5), np.full((3, 2, 3), NAN), None],
        "states": [[0, 1, 1, 3], [[0, 1, 1, 2]], [0.5, 0, 0, 0]],
        "actions": [[0, 1, 1, 2], [0, 1], None],
        "seed": [2**31, *WHOLE],
    },
    "kfold_indices": {"n": [1, 2, *WHOLE], "k": [1, 8, *WHOLE], "seed": [2**31, *WHOLE]},
    "gaussian_nll": {
        name: [value[:3], value.float(), value.int(), value.numpy(), value[0], value[:0], None]
        for name, value in BATCH.items()
    },
    "ensemble_moments": {
        "means": [np.zeros((4, 2)), np.zeros((0, 4, 2)), np.full((3, 4, 2), NAN), None],
        "variances": [-np.ones((3, 4, 2)), np.ones((3, 4, 1)), np.full((3, 4, 2), NAN), None],
    },
    "train_ensemble": {
        "states": [np.zeros((5, 2)), np.zeros(6), np.zeros((0, 2)), np.full((6, 2), NAN), None],
        "actions": [np.zeros((5, 1)), np.zeros(6), np.full((6, 1), NAN), None],
        "next_states": [np.zeros((6, 3)), np.zeros((5, 2)), None],
        "rewards": [np.zeros(5), np.zeros((6, 1)), np.full(6, NAN), None],
        "ensemble_size": [0, *WHOLE],
        "hidden_dim": [0, *WHOLE],
        "epochs": WHOLE,
        "batch_size": [0, *WHOLE],
        "learning_rate": [0.0, -1e-3, NAN, "text", None],
        "seed": [2**31, *WHOLE],
        "device": ["nowhere", 1.5, []],
    },
    "calibration_curve": {
        "mean": [np.zeros(3), np.full(4, NAN), None],
        "std": [np.zeros(4), -np.ones(4), np.ones((4, 1)), None],
        "target": [np.zeros(3), np.full(4, NAN), None],
        "levels": [[0.0], [1.0], [NAN], 0.5, [], None],
    },
}


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        pytest.param(name, argument, value, id=f"{name}-{argument}-{number}")
        for name, arguments in SPOILT.items()
        for argument, values in arguments.items()
        for number, value in enumerate(values)
    ],
)
def test_wrong_input_is_refused_with_a_sentence(name, argument, value):
    with pytest.raises(ValueError, match=r"(?s)^.* (must|need) .*\.$"):
        getattr(unit, name)(**{**VALID[name], argument: value})


def test_every_argument_of_every_function_is_spoilt_above():
    for name, arguments in VALID.items():
        function = getattr(unit, name)
        assert list(inspect.signature(function).parameters) == list(arguments) == list(SPOILT[name])
        function(**arguments)


def test_a_model_learnt_from_endless_experience_is_the_one_that_made_it():
    rng = np.random.default_rng(1)
    P = rng.dirichlet(np.ones(3), size=(3, 2))
    states, actions = rng.integers(3, size=60_000), rng.integers(2, size=60_000)
    next_states = unit.sample_next_states(P, states, actions, seed=5)
    counts, sums = unit.count_transitions(states, actions, 2.0 * states - actions, next_states, 3, 2)
    learnt_P, learnt_R = unit.mle_model(counts, sums)
    assert np.abs(learnt_P - P).max() < 0.04  # 10,000 tries for each pair: six standard deviations are 0.03
    np.testing.assert_allclose(learnt_R, 2.0 * np.arange(3)[:, None] - np.arange(2), rtol=1e-12)


def test_the_inverse_model_follows_from_the_model_and_the_policy_by_bayes():
    rng = np.random.default_rng(2)
    counts = rng.integers(1, 9, size=(4, 3, 4)).astype(float)
    P, _ = unit.mle_model(counts, np.zeros((4, 3)))
    policy = counts.sum(axis=2) / counts.sum(axis=(1, 2))[:, None]
    joint = policy[:, :, None] * P
    np.testing.assert_allclose(
        unit.inverse_model(counts), (joint / joint.sum(axis=1, keepdims=True)).transpose(0, 2, 1), rtol=1e-12
    )


def test_a_next_state_of_probability_zero_is_never_drawn_at_either_end():
    P = np.zeros((5, 1, 5))
    P[:, 0, 1:4] = [0.1, 0.2, 0.7]
    drawn = unit.sample_next_states(P, np.zeros(20_000, int), np.zeros(20_000, int), seed=9)
    assert set(drawn.tolist()) == {1, 2, 3}


@pytest.mark.parametrize(("n", "k"), [(2, 2), (7, 3), (10, 10), (30, 4)])
def test_folds_split_the_examples(n, k):
    folds = unit.kfold_indices(n, k, seed=n)
    assert sorted(np.concatenate([validation for _, validation in folds])) == list(range(n))
    for train, validation in folds:
        assert n // k <= len(validation) <= -(-n // k)
        assert sorted([*train, *validation]) == list(range(n))


def test_the_likelihood_is_that_of_torch_and_its_gradient_passes_a_numerical_check():
    generator = torch.Generator().manual_seed(3)
    mean, log_var, target = (torch.randn(5, 3, dtype=torch.float64, generator=generator) for _ in range(3))
    expected = -torch.distributions.Normal(mean, (log_var / 2).exp()).log_prob(target).sum(dim=1).mean()
    assert torch.isclose(unit.gaussian_nll(mean, log_var, target), expected, rtol=1e-12)
    inputs = mean.requires_grad_(), log_var.requires_grad_(), target
    assert torch.autograd.gradcheck(unit.gaussian_nll, inputs)


def test_the_moments_of_an_ensemble_are_those_of_draws_from_its_mixture():
    rng = np.random.default_rng(4)
    means, variances = rng.normal(size=(3, 2, 2)), rng.uniform(0.5, 2, size=(3, 2, 2))
    mean, aleatoric, epistemic = unit.ensemble_moments(means, variances)
    draws = (means + np.sqrt(variances) * rng.normal(size=(100_000, 3, 2, 2))).reshape(-1, 2, 2)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.03)
    np.testing.assert_allclose(draws.var(axis=0), aleatoric + epistemic, rtol=0.03)


def test_predictions_with_the_right_noise_are_calibrated_and_surer_ones_are_not():
    rng = np.random.default_rng(5)
    std = rng.uniform(0.5, 2, size=(200, 100))
    target, levels = 3 + std * rng.normal(size=std.shape), np.linspace(0.1, 0.9, 9)
    observed, error = unit.calibration_curve(np.full(std.shape, 3.0), std, target, levels)
    np.testing.assert_allclose(observed, levels, atol=0.02)  # 20,000 targets: five standard deviations are 0.018
    assert error < 0.02
    surer, larger_error = unit.calibration_curve(np.full(std.shape, 3.0), std / 2, target, levels)
    assert (surer < observed).all()
    assert larger_error > 0.1


def _noisy_line(rng, rows):
    states, actions = rng.uniform(-2, 2, size=(rows, 2)), rng.uniform(-1, 1, size=(rows, 1))
    noise = rng.normal(size=(rows, 3)) * np.array([0.05, 0.5, 10.0])
    targets = np.column_stack([states[:, 0] + actions[:, 0], 5 - states[:, 1], 100 * actions[:, 0] + 30]) + noise
    return states, actions, targets[:, :2], targets[:, 2]


def test_an_ensemble_predicts_in_the_targets_units_with_the_noise_of_the_data():
    rng = np.random.default_rng(6)
    settings = {**SETTINGS, "ensemble_size": 4, "hidden_dim": 24, "epochs": 40, "batch_size": 50}
    model = unit.train_ensemble(*_noisy_line(rng, 400), **settings, device="cpu")
    states, actions, next_states, rewards = _noisy_line(rng, 300)
    means, variances = model.predict(states, actions)
    assert means.shape == variances.shape == (4, 300, 3)
    assert means.dtype == variances.dtype == np.float64
    error = np.column_stack([next_states, rewards]) - means.mean(axis=0)
    spread = np.array([1.3, 1.25, 58.0])
    assert (np.sqrt((error**2).mean(axis=0)) < [0.15 * spread[0], 0.6 * spread[1], 0.3 * spread[2]]).all()
    assert (np.sqrt(np.median(variances, axis=(0, 1))) / np.array([0.05, 0.5, 10.0]) < 2).all()
    assert (np.sqrt(np.median(variances, axis=(0, 1))) / np.array([0.05, 0.5, 10.0]) > 0.5).all()


def test_an_ensemble_depends_on_its_seed_alone():
    data = _noisy_line(np.random.default_rng(7), 30)
    first, again, other = (
        unit.train_ensemble(*data, **{**SETTINGS, "seed": seed}, device="cpu").predict(*data[:2])[0]
        for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.abs(first[0] - first[1]).max() > 1e-3


def test_a_column_that_never_changes_does_no_harm():
    data = {**DATA, "states": np.full((6, 2), 0.1), "next_states": np.full((6, 2), 0.1)}
    model = unit.train_ensemble(**data, **SETTINGS, device="cpu")
    means, variances = model.predict(np.full((1, 2), 0.3), np.zeros((1, 1)))
    assert np.isfinite(means).all()
    assert (variances > 0).all()


def test_the_constant_of_the_likelihood_is_kept():
    zeros = torch.zeros(4, 3, dtype=torch.float64)
    assert math.isclose(unit.gaussian_nll(zeros, zeros, zeros).item(), 1.5 * math.log(2 * math.pi), rel_tol=1e-12)

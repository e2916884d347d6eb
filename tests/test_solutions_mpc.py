"""The reference solutions of unit 5 keep their contracts, by identities and optima that need no recorded numbers."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.accelerator import observe
from labkit.batched import BatchedSimulator, bent_model
from labkit.dynamics import LinearQuadratic, Pendulum, PointMass, numpy_step
from labkit.receding import Drift
from solutions import mpc

LOW, HIGH = np.array([-1.0, 0.5]), np.array([2.0, 1.0])


def _towards(target):
    return lambda states, actions: (states + actions, -((states + actions - target) ** 2).sum(axis=1))


def _double(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.99))
@settings(max_examples=40, deadline=None)
def test_the_return_of_a_sequence_does_not_depend_on_its_company(random_seed, gamma):
    rng = np.random.default_rng(random_seed)
    model, state, actions = bent_model(rng, 3, 2), rng.normal(size=3), rng.normal(size=(5, 4, 2))
    together = mpc.evaluate_sequences(model, state, actions, gamma)
    alone = [mpc.evaluate_sequences(model, state, each[None], gamma)[0] for each in actions]
    np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-12)


def test_constant_rewards_sum_to_a_geometric_series():
    returns = mpc.evaluate_sequences(lambda s, a: (s, np.full(len(s), -2.0)), [0.0], np.zeros((3, 7, 1)), 0.5)
    np.testing.assert_allclose(returns, -4 * (1 - 0.5**7))


def test_more_samples_of_the_same_stream_never_hurt_random_shooting():
    step, state = _towards(np.array([1.0, 0.9])), np.zeros(2)
    plans = [mpc.random_shooting(step, state, 3, count, LOW, HIGH, 0.9, 4) for count in (1, 10, 100, 1000)]
    returns = mpc.evaluate_sequences(step, state, np.array(plans), 0.9)
    assert (np.diff(returns) >= 0).all()


@given(st.integers(2, 9), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_refitting_is_blind_to_a_shift_of_returns_and_follows_a_shift_of_samples(num_elites, random_seed):
    rng = np.random.default_rng(random_seed)
    samples, returns = rng.normal(size=(9, 3, 2)), rng.normal(size=9)
    mean, std = mpc.refit_gaussian(samples, returns, num_elites)
    moved_mean, moved_std = mpc.refit_gaussian(samples + 5.0, returns * 3 - 7, num_elites)
    np.testing.assert_allclose(moved_mean, mean + 5.0)
    np.testing.assert_allclose(moved_std, std)


def test_categorical_refit_is_a_distribution_and_moves_between_frequencies_and_uniform():
    samples, returns = np.array([[0, 1], [2, 1], [0, 2], [1, 1]]), np.array([3.0, 1.0, 2.0, 0.0])
    bare = mpc.refit_categorical(samples, returns, 2, 4, 0.0)
    np.testing.assert_allclose(bare, [[1, 0, 0, 0], [0, 0.5, 0.5, 0]])
    np.testing.assert_allclose(mpc.refit_categorical(samples, returns, 2, 4, 0.2), 0.8 * bare + 0.05)


def test_cem_finds_the_optimum_of_a_linear_quadratic_problem():
    dynamics = LinearQuadratic(torch.eye(2, dtype=torch.float64), torch.eye(2, dtype=torch.float64),
                               _double(0.5, 0.7), _double(1.0, 1.0), _double(0.0, 0.0))  # fmt: skip
    plan = mpc.cem_plan(numpy_step(dynamics), np.zeros(2), 2, 300, 40, 15, LOW, HIGH, 0.9, 0)
    # The first step reaches the goal; the second dimension may then not stand still, for its lower bound is 0.5.
    np.testing.assert_allclose(plan[:, 0], [0.5, 0.0], atol=0.02)
    np.testing.assert_allclose(plan[:, 1], [0.5, 0.5], atol=0.02)


def test_discrete_cem_finds_a_password():
    password = np.array([2, 0, 3, 3, 1, 2])
    step = lambda s, a: (s + 1, (a == password[s[:, 0].astype(int)]) * 1.0)  # noqa: E731
    plan = mpc.cem_plan_discrete(step, np.zeros(1), 6, 4, 300, 30, 10, 0.1, 0.95, 1)
    np.testing.assert_array_equal(plan, password)


@pytest.mark.parametrize("ending", ["never", "terminated", "truncated", "both"])
def test_an_episode_tells_what_the_environment_did(ending):
    world = Drift(2, 0, ending, 4)
    total, observations, actions = mpc.mpc_episode(world, lambda obs, previous: np.array([1, 2, 3]), 3, 6, 0)
    steps = 6 if ending == "never" else 4
    assert observations.shape == (steps + 1, 2)
    assert actions.tolist() == [1] * steps
    again = Drift(2, 0, ending, 4)
    first, _ = again.reset(seed=0)
    np.testing.assert_array_equal(first, observations[0])
    assert total == pytest.approx(sum(again.step(1)[1] for _ in range(steps)))


DYNAMICS = {
    "LinearQuadratic": (LinearQuadratic(torch.eye(2).double(), torch.ones(2, 1).double(), _double(1.0, 0.0),
                                        _double(1.0, 1.0), _double(0.1)), 2, 1),
    "PointMass": (PointMass(_double(1.0, -1.0)), 4, 2),
    "Pendulum": (Pendulum(), 2, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", DYNAMICS)
def test_tensor_cem_stays_within_bounds_and_is_the_same_on_the_device(name):
    dynamics, state_size, action_size = DYNAMICS[name]
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(3, 12, 4, action_size, generator=generator, dtype=torch.float64)
    bounds = -torch.ones(action_size).double() / 2, torch.ones(action_size).double()
    inputs = (dynamics, torch.ones(state_size).double(), noise, 3, *bounds, 0.9)
    plan = mpc.cem_plan_torch(*inputs)
    assert plan.min() >= -0.5
    assert plan.max() <= 1.0
    seen = observe(mpc.cem_plan_torch, *inputs)
    assert (seen["fault"], seen["device"]) == ("", "simgpu:0")
    torch.testing.assert_close(seen["result"], plan)


@pytest.mark.parametrize("name", DYNAMICS)
def test_dynamics_can_be_differentiated_and_moved(name):
    dynamics, state_size, action_size = DYNAMICS[name]
    states, actions = torch.rand(3, state_size).double(), torch.rand(3, action_size).double().requires_grad_()
    next_states, rewards = dynamics(states, actions)
    assert (next_states.shape, rewards.shape) == ((3, state_size), (3,))
    (gradient,) = torch.autograd.grad(rewards.sum(), actions)
    assert torch.isfinite(gradient).all()
    assert gradient.abs().max() > 0
    single, _ = dynamics.to(torch.float32)(states.float(), actions.float())
    torch.testing.assert_close(single.double(), next_states, rtol=1e-4, atol=1e-5)
    rebuilt = type(dynamics)(**dynamics.parameters())
    torch.testing.assert_close(rebuilt(states, actions)[1], rewards)


def test_a_planner_that_skips_the_model_is_seen():
    simulator = BatchedSimulator(bent_model(np.random.default_rng(0), 2, 1), 2, 1)
    with pytest.raises(ValueError, match="had not returned"):
        simulator.step(np.array([[0.0, 0.0, 5.0]]), np.zeros((1, 1)))
    with pytest.raises(ValueError, match="of shape"):
        simulator.step(simulator.start([0.0, 0.0]), np.zeros((1, 1)))
    assert len(simulator.misuses) == 2


@given(st.integers(0, 99), st.sampled_from([2, 6, 20]))
@settings(max_examples=20, deadline=None)
def test_an_evolution_strategy_climbs_a_slope_and_does_not_care_about_its_steepness(seed, population):
    slope = np.array([1.0, -2.0])
    runs = [
        mpc.evolution_strategy(lambda X, c=c: c * X @ slope, np.zeros(2), 0.5, population, 0.1, 5, seed)
        for c in (1.0, 256.0)
    ]
    assert runs[0] @ slope > 0
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-9)


def test_an_evolution_strategy_stays_on_a_plateau_whose_mean_is_rounded():
    x = mpc.evolution_strategy(lambda X: np.full(len(X), 0.1), np.array([3.0, math.pi]), 0.1, 6, 1.0, 5, 0)
    np.testing.assert_array_equal(x, [3.0, math.pi])


STEP = _towards(0.0)
SEARCH = {"step": STEP, "state": np.zeros(2), "horizon": 2, "low": LOW, "high": HIGH, "gamma": 0.9, "seed": 0}
COUNTS = {"num_samples": 6, "num_elites": 2, "num_iterations": 1}
VALID = {
    "evaluate_sequences": {"step": STEP, "state": np.zeros(2), "actions": np.zeros((3, 4, 2)), "gamma": 0.9},
    "random_shooting": {**SEARCH, "num_samples": 3},
    "refit_gaussian": {"samples": np.zeros((4, 3, 2)), "returns": np.arange(4.0), "num_elites": 2},
    "refit_categorical": {"samples": np.zeros((4, 3), int), "returns": np.arange(4.0), "num_elites": 2,
                          "num_actions": 3, "smoothing": 0.1},
    "cem_plan": {**SEARCH, **COUNTS},
    "cem_plan_discrete": {"step": lambda s, a: (s, a * 1.0), "state": np.zeros(1), "horizon": 2, "num_actions": 3,
                          **COUNTS, "smoothing": 0.1, "gamma": 0.9, "seed": 0},
    "mpc_episode": {"env": Drift(2, 0, "never", 3), "plan": lambda obs, previous: [1, 1], "horizon": 2,
                    "max_steps": 3, "seed": 0},
    "cem_plan_torch": {"dynamics": Pendulum(), "state": torch.zeros(2), "noise": torch.zeros(2, 5, 3, 1),
                       "num_elites": 2, "low": -torch.ones(1), "high": torch.ones(1), "gamma": 0.9},
    "evolution_strategy": {"objective": lambda X: X.sum(axis=1), "x0": np.zeros(2), "sigma": 0.1, "population": 4,
                           "learning_rate": 0.1, "num_iterations": 2, "seed": 0},
}  # fmt: skip
SPOILT = {
    "state": [None, "text", [], [[0.0]], [math.nan]],
    "actions": [None, np.zeros((3, 4)), np.zeros((0, 4, 2)), np.full((3, 4, 2), math.inf)],
    "gamma": [1.0, -0.1, None],
    "horizon": [0, 1.5],
    "num_samples": [0, "3"],
    "low": [HIGH, [0.0], None],
    "high": [LOW, [[1.0, 2.0]]],
    "seed": [-1, 0.5, None],
    "num_elites": [0, 99, 1.5],
    "num_iterations": [-1, None],
    "returns": [np.zeros(3), None, np.full(4, math.nan)],
    "samples": [np.zeros(4), np.full((4, 3), 9), None],
    "num_actions": [0, 2.5],
    "smoothing": [-0.1, 1.1, None],
    "max_steps": [0, None],
    "plan": [lambda obs, previous: [1, 1, 1], lambda obs, previous: 1],
    "sigma": [0.0, -1.0, math.inf],
    "population": [0, 3, 2.0],
    "x0": [[], None, [math.nan]],
    "learning_rate": [None, math.nan],
    "noise": [None, torch.zeros(2, 5, 3), torch.zeros(2, 5, 3, 1).double(), torch.zeros(2, 5, 3, 2)],
}
TENSORS = {"state": [None, torch.zeros(1, 2)], "low": [None, torch.zeros(2)], "high": [torch.zeros(1).double()]}


@pytest.mark.parametrize("name", VALID)
def test_wrong_input_raises_a_sentence(name):
    function, valid = getattr(mpc, name), VALID[name]
    assert set(valid) == set(inspect.signature(function).parameters)
    function(**valid)
    spoilt = {**SPOILT, **TENSORS} if name == "cem_plan_torch" else SPOILT
    for argument, values in spoilt.items():
        for value in values if argument in valid else ():
            with pytest.raises(ValueError, match=r"^[\w ].* .*\.$"):
                function(**{**valid, argument: value})

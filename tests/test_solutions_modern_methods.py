"""The reference solutions of unit 6 keep their contracts, by identities and limits that need no recorded numbers."""

from __future__ import annotations

import inspect
import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.properties.modern_methods.muzero_record import added_nodes, first_fault, outcomes
from labkit.accelerator import observe
from labkit.describe import describe_value
from labkit.dynamics import LinearQuadratic, Pendulum, PointMass
from labkit.exercises.modern_methods import worth
from labkit.latents import LatentModel, countdown_policy, countdown_step, random_branching, random_world_model
from solutions import modern_methods

seeds = st.integers(0, 2**32 - 1)


def _double(values):
    return torch.tensor(np.asarray(values), dtype=torch.float64)


def _network(rng, *sizes):
    weights = [_double(rng.normal(size=(after, before))) for before, after in itertools.pairwise(sizes)]
    return weights, [_double(rng.normal(size=size)) for size in sizes[1:]]


def test_the_mean_of_many_samples_of_one_hidden_layer_comes_close_to_the_plain_output():
    rng = np.random.default_rng(0)
    weights, biases = _network(rng, 3, 8, 2)
    x = _double(rng.normal(size=(4, 3)))
    plain, none = modern_methods.mc_dropout_predict(weights, biases, x, 0.0, 1, 0)
    mean, std = modern_methods.mc_dropout_predict(weights, biases, x, 0.3, 4000, 0)
    assert none.max() == 0
    assert ((mean - plain).abs() <= 6 * std / math.sqrt(4000) + 1e-12).all()
    assert std.min() > 0


def test_dropout_has_the_same_masks_on_the_host_and_on_a_device():
    rng = np.random.default_rng(1)
    weights, biases = _network(rng, 3, 8, 5, 2)
    first = lambda *inputs: modern_methods.mc_dropout_predict(*inputs)[0]  # noqa: E731
    inputs = (weights, biases, _double(rng.normal(size=(4, 3))), 0.4, 7, 3)
    seen = observe(first, *inputs)
    assert (seen["fault"], seen["device"]) == ("", "simgpu:0")
    torch.testing.assert_close(seen["result"], first(*inputs))


@given(seeds, st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_a_longer_horizon_begins_as_a_shorter_one_and_every_row_lives_alone(random_seed, horizon):
    rng = np.random.default_rng(random_seed)
    model, starts = random_branching(rng, 3, 2, 0.3), rng.normal(size=(4, 3))
    short, long = (modern_methods.branched_rollouts(*model, starts, each) for each in (horizon, horizon + 2))
    for name, values in short.items():
        np.testing.assert_array_equal(values, long[name][:horizon])
        alone = modern_methods.branched_rollouts(*model, starts[1:2], horizon)[name]
        np.testing.assert_allclose(values[:, 1:2], alone, rtol=1e-12, atol=1e-12)
    assert (np.diff(long["alive"].astype(int), axis=0) <= 0).all()


@given(seeds, st.sampled_from([0.0, 0.5, 0.95, 1.0]))
@settings(max_examples=25, deadline=None)
def test_lambda_returns_are_linear_in_rewards_and_values(random_seed, lam):
    rng = np.random.default_rng(random_seed)
    continues = rng.random((5, 2))
    first, second = ((rng.normal(size=(5, 2)), rng.normal(size=(6, 2))) for _ in range(2))
    both = modern_methods.lambda_returns(first[0] + second[0], first[1] + second[1], continues, lam)
    apart = [modern_methods.lambda_returns(*each, continues, lam) for each in (first, second)]
    np.testing.assert_allclose(both, sum(apart))


def test_lambda_returns_of_constant_rewards_are_geometric():
    returns = modern_methods.lambda_returns(np.ones((4, 1)), np.zeros((5, 1)), np.full((4, 1), 0.5), 1.0)
    np.testing.assert_allclose(returns[:, 0], [1.875, 1.75, 1.5, 1.0])


def test_imagination_from_an_imagined_state_goes_on_as_before():
    model = random_world_model(np.random.default_rng(0), 3, 3, 2)
    here = np.random.default_rng(1).normal(size=(4, 3))
    latents, actions, rewards = modern_methods.imagine(*model, here, 5)
    onward = model._replace(encode=lambda z: z)
    for whole, rest in zip((latents, actions, rewards), modern_methods.imagine(*onward, latents[2], 3), strict=True):
        np.testing.assert_allclose(whole[2:], rest)


def _model(rng, num_situations=5, num_actions=3):
    shape = (num_situations, num_actions)
    priors = rng.dirichlet(np.ones(num_actions), size=num_situations)
    return LatentModel(
        rng.integers(num_situations, size=shape), rng.normal(size=shape), priors, rng.normal(size=num_situations)
    )


def _search(model, num_simulations, *settings, situation=0):
    asked = (model.represent, model.dynamics, model.predict, model.observation(situation), model.num_actions)
    return modern_methods.muzero_search(*asked, num_simulations, *settings)


@given(seeds, st.integers(1, 40), st.sampled_from([0.0, 0.9]))
@settings(max_examples=20, deadline=None)
def test_the_search_is_one_of_those_that_the_record_allows(random_seed, num_simulations, gamma):
    model = _model(np.random.default_rng(random_seed))
    visits, root_value = _search(model, num_simulations, 1.25, 20.0, gamma)
    fault, tree = first_fault(model, added_nodes(model, num_simulations), 1.25, 20.0, gamma)
    assert fault == -1
    assert tuple(visits) == tree.visits
    assert root_value == pytest.approx(tree.root_value)
    if num_simulations <= 4:
        possible = outcomes(model, num_simulations, 1.25, 20.0, gamma, 2000)
        assert any(each == tuple(visits) and value == pytest.approx(root_value) for each, value in possible)


def test_the_record_finds_a_step_that_puct_does_not_allow():
    model = LatentModel([[0, 0]], [[1.0, 0.0]], [[0.5, 0.5]], [0.0])
    latent = model.represent(model.observation())
    model.dynamics(latent, 0)
    poor, _ = model.dynamics(latent, 1)
    for _ in range(3):  # the second action has earned nothing, and yet is taken again and again
        poor, _ = model.dynamics(poor, 1)
    assert first_fault(model, model.edges, 0.1, 19652.0, 0.0)[0] == 2


def test_the_record_follows_a_search_that_asks_for_all_edges_of_a_new_node():
    """The actions of the root are asked for first; nodes are those that were predicted, in that order."""
    model = LatentModel([[0, 0]], [[1.0, 0.0]], [[0.5, 0.5]], [0.0])
    here = model.represent(model.observation())
    model.predict(here)
    ahead = [model.dynamics(here, action)[0] for action in (0, 1)]
    for action in (1, 0):
        model.predict(ahead[action])
        further = [model.dynamics(ahead[action], each)[0] for each in (0, 1)]
    model.predict(further[1])
    assert added_nodes(model, 3) == [(0, 1), (0, 0), (2, 1)]
    assert added_nodes(model, 2) is None


def test_a_latent_model_refuses_what_it_never_gave():
    model = _model(np.random.default_rng(0))
    latent = model.represent(model.observation(2))
    for ask in (
        lambda: model.dynamics(latent + 5, 0),
        lambda: model.dynamics(latent, 3),
        lambda: model.dynamics(latent, 0.5),
        lambda: model.predict(latent[:1]),
        lambda: model.represent([9.0, 0.0]),
    ):
        with pytest.raises(ValueError, match=r"latent state|whole number|observation"):
            ask()
    assert model.edges == []


def test_scaling_all_rewards_and_values_scales_the_root_value_and_moves_no_visit():
    model = _model(np.random.default_rng(3))
    larger = LatentModel(model.next_situations, 64 * model.rewards, model.priors, 64 * model.values)
    (visits, value), (same_visits, larger_value) = (_search(each, 50, 1.25, 19652.0, 0.9) for each in (model, larger))
    np.testing.assert_array_equal(visits, same_visits)
    assert larger_value == pytest.approx(64 * value)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_the_meta_gradient_is_the_slope_of_the_loss_after_adaptation(random_seed):
    rng = np.random.default_rng(random_seed)
    tasks = [tuple(_double(rng.normal(size=shape)) for shape in ((4, 2), (4,), (3, 2), (3,))) for _ in range(2)]
    weights, h = rng.normal(size=2), 1e-6

    def loss(w):
        total = 0.0
        for Xs, ys, Xq, yq in (tuple(each.numpy() for each in task) for task in tasks):
            adapted = w - 0.1 * 2 / 4 * Xs.T @ (Xs @ w - ys)
            total += ((Xq @ adapted - yq) ** 2).mean() / 2
        return total

    slopes = [(loss(weights + h * e) - loss(weights - h * e)) / (2 * h) for e in np.eye(2)]
    found = modern_methods.maml_gradient(_double(weights), tasks, 0.1)
    np.testing.assert_allclose(found.numpy(), slopes, rtol=1e-5, atol=1e-6)
    assert not found.requires_grad


DYNAMICS = {
    "LinearQuadratic": (LinearQuadratic(*(_double(each) for each in (np.eye(2), np.ones((2, 1)), [1, 0], [1, 1],
                                                                   [0.1]))), 2, 1),
    "PointMass": (PointMass(_double([1.0, -1.0])), 4, 2),
    "Pendulum": (Pendulum(), 2, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", DYNAMICS)
def test_a_plan_climbs_and_does_so_on_a_device_as_well(name):
    dynamics, state_size, action_size = DYNAMICS[name]
    state, plan = torch.ones(state_size).double(), torch.zeros(5, action_size).double()
    better = modern_methods.gradient_plan(dynamics, state, plan, 0.9, 0.01, 30)
    assert worth(dynamics, state, better, 0.9) > worth(dynamics, state, plan, 0.9)
    assert plan.abs().max() == 0
    seen = observe(modern_methods.gradient_plan, dynamics, state, plan, 0.9, 0.01, 30)
    assert (seen["fault"], seen["device"]) == ("", "simgpu:0")
    torch.testing.assert_close(seen["result"], better)


def test_a_quadratic_plan_arrives_at_the_optimum():
    ones = _double([1.0])
    dynamics = LinearQuadratic(_double([[0.0]]), _double([[1.0]]), _double([0.7]), ones, 0 * ones)
    plan = modern_methods.gradient_plan(dynamics, ones, _double([[3.0], [-2.0]]), 0.9, 0.2, 300)
    np.testing.assert_allclose(plan.numpy(), 0.7, atol=1e-9)


FORKS = """
import os, sys, torch
from labkit.accelerator import observe, warm_up
from solutions.modern_methods import maml_gradient

def compute(call=lambda function, *inputs: function(*inputs)):
    ones = torch.ones(2, 1), torch.ones(2)
    return call(maml_gradient, torch.tensor([3.0]), [(*ones, *ones)], 0.1)

torch.set_num_threads(1)
if sys.argv[1] == "warm":
    warm_up()
expected = compute()
child = os.fork()
if not child:
    right = torch.equal(compute(), expected) and torch.equal(compute(observe)["result"], expected)
    os._exit(0 if right else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize("start", ["warm", "cold"])
def test_gradients_in_a_cell_leave_gradients_to_the_forks_in_which_it_is_checked(start):
    """In a process of its own, for PyTorch settles at its first gradient whether forks can compute any."""
    assert subprocess.run([sys.executable, "-c", FORKS, start], timeout=120).returncode == 0


NETWORK = {"weights": [torch.ones(4, 3), torch.ones(2, 4)], "biases": [torch.ones(4), torch.ones(2)]}
TASK = (torch.ones(4, 2), torch.ones(4), torch.ones(3, 2), torch.ones(3))
DREAM = random_world_model(np.random.default_rng(0), 3, 2, 1)
SMALL = _model(np.random.default_rng(0))
VALID = {
    "mc_dropout_predict": {**NETWORK, "x": torch.ones(5, 3), "dropout": 0.5, "num_samples": 2, "seed": 0},
    "branched_rollouts": {"step": countdown_step, "policy": countdown_policy, "starts": np.ones((3, 2)), "horizon": 2},
    "lambda_returns": {"rewards": np.zeros((4, 2)), "values": np.zeros((5, 2)), "continues": np.ones((4, 2)),
                       "lam": 0.9},
    "imagine": {**DREAM._asdict(), "observations": np.ones((4, 3)), "horizon": 2},
    "puct": {"priors": [0.5, 0.5], "q_values": [1.0, 2.0], "visits": [0, 3], "c_init": 1.25, "c_base": 19652},
    "muzero_search": {"represent": SMALL.represent, "dynamics": SMALL.dynamics, "predict": SMALL.predict,
                      "observation": SMALL.observation(), "num_actions": 3, "num_simulations": 3, "c_init": 1.25,
                      "c_base": 19652, "gamma": 0.9},
    "maml_gradient": {"weights": torch.ones(2), "tasks": [TASK], "inner_lr": 0.1},
    "gradient_plan": {"dynamics": Pendulum(), "state": torch.zeros(2), "actions": torch.zeros(3, 1), "gamma": 0.9,
                      "learning_rate": 0.1, "num_steps": 1},
}  # fmt: skip
FUNCTIONS = ("step", "policy", "encode", "transition", "actor", "reward", "represent", "predict", "dynamics")
SPOILT = {
    "x": [None, torch.ones(3), torch.ones(5, 3).double(), torch.ones(5, 3).int(), torch.ones(0, 3)],
    "biases": [None, [], [torch.ones(4)], [torch.ones(4), torch.ones(3)], [torch.ones(4), torch.ones(2).double()]],
    "dropout": [1.0, -0.1, None, math.nan],
    "num_samples": [0, 1.5],
    "seed": [-1, 2**31, 0.5, None],
    "starts": [np.ones(2), np.ones((0, 2)), np.full((3, 2), math.nan), None],
    "horizon": [0, 1.5, None],
    "rewards": [np.zeros(4), np.zeros((0, 2)), np.full((4, 2), math.inf), "text"],
    "values": [np.zeros((4, 2)), np.zeros((5, 3)), None],
    "continues": [np.zeros((5, 2)), None],
    "lam": [-0.1, 1.1, None],
    "observations": [np.ones(3), np.ones((0, 3)), None],
    "priors": [[0.5], [], [-0.5, 1.5], None],
    "q_values": [[1.0], [math.nan, 1.0]],
    "visits": [[0, -1], [0.5, 1], [1]],
    "c_init": [-1.0, None],
    "c_base": [0.0, -3.0, None],
    "num_actions": [0, 2.5],
    "num_simulations": [0, None],
    "gamma": [1.0, -0.1, None],
    "tasks": [None, [], [TASK[:3]], [(*TASK[:3], torch.ones(4))], [(torch.ones(4, 3), *TASK[1:])],
              [tuple(each.double() for each in TASK)]],
    "inner_lr": [None, math.inf],
    "state": [None, torch.zeros(1, 2), torch.zeros(2).int()],
    "actions": [None, torch.zeros(3), torch.zeros(0, 1), torch.zeros(3, 1).double()],
    "learning_rate": [None, math.nan],
    "num_steps": [-1, None],
}  # fmt: skip
WEIGHTS = {"mc_dropout_predict": [None, [], [torch.ones(4, 3)], [torch.ones(4, 2), torch.ones(2, 4)]],
           "maml_gradient": [None, torch.ones(3), torch.ones(2, 1), torch.ones(2).int()]}  # fmt: skip


@pytest.mark.parametrize("name", VALID)
def test_wrong_input_raises_a_sentence(name):
    function, valid = getattr(modern_methods, name), VALID[name]
    assert set(valid) == set(inspect.signature(function).parameters)
    function(**valid)
    spoilt = {**SPOILT, **{each: [None, 3.0] for each in FUNCTIONS}, "weights": WEIGHTS.get(name, [])}
    for argument in valid:
        if argument == "observation":
            continue  # the model's own business
        assert spoilt[argument]
        for value in spoilt[argument]:
            with pytest.raises(ValueError, match=r"^[\w ].* .*\.$"):
                function(**{**valid, argument: value})


def test_a_model_that_answers_nonsense_is_told_so():
    starts = np.ones((3, 2))
    answers = (None, (starts, np.ones(3)), (starts[:, :1], np.ones(3), np.ones(3)), (starts, np.ones(2), np.ones(3)))
    for answer in answers:
        with pytest.raises(ValueError, match=r"\.$"):
            modern_methods.branched_rollouts(lambda s, a, answer=answer: answer, countdown_policy, starts, 2)


def test_tensors_of_several_shapes_are_told_in_words():
    assert describe_value([torch.ones(1), torch.zeros(2, 1)]) == "[[1], [[0],  [0]]]"

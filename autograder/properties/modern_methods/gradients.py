"""Hidden properties of the meta-gradient and of planning by gradient ascent."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import strategies as st

from autograder.properties.modern_methods.common import NOTEBOOK
from autograder.properties.shared import draw_sizes, hidden
from labkit.dynamics import LinearQuadratic
from labkit.exercises.modern_methods import (
    double,
    expect_on_device,
    plans,
    random_seeds,
    read_gradient,
    read_plan,
    rounding,
)
from labkit.properties import Exercise
from labkit.results import expect_close

maml_gradient = Exercise("maml_gradient", NOTEBOOK)
gradient_plan = Exercise("gradient_plan", NOTEBOOK)


# maml_gradient


def _closed_form(weights, tasks, inner_lr):
    """Return the gradient in float64: linear algebra, task by task."""
    w, total = weights.double().numpy(), 0.0
    for task in tasks:
        Xs, ys, Xq, yq = (each.double().numpy() for each in task)
        adapted = w - inner_lr * (2 / len(ys)) * Xs.T @ (Xs @ w - ys)
        through = np.eye(len(w)) - inner_lr * (2 / len(ys)) * Xs.T @ Xs
        total = total + through @ ((2 / len(yq)) * Xq.T @ (Xq @ adapted - yq))
    return total / len(tasks)


def _random_tasks(rng, dtype, most=6):
    size, count = draw_sizes(rng, 2, 5)

    def tensor_of(*shape):
        return torch.tensor(rng.normal(size=shape)).to(dtype)

    def task():
        support, query = draw_sizes(rng, 2, most)
        return tensor_of(support, size), tensor_of(support), tensor_of(query, size), tensor_of(query)

    return tensor_of(size), [task() for _ in range(count)]


def _expect_meta_gradient(f, weights, tasks, inner_lr):
    found = read_gradient(f(weights, tasks, inner_lr), weights)
    expected = _closed_form(weights, tasks, inner_lr)
    numbers = [each for _, ys, _, yq in tasks for each in (weights, ys, yq)]
    size = sum(float(each.abs().max()) for each in numbers)  # the gradient is linear in them
    expect_close(found, expected, "the gradient", rounding(weights) * (np.abs(expected).max() + 3 * size))


@maml_gradient.property(
    "The gradient is exact, second derivatives included, for tasks of any number and size, in both precisions.",
    cases=st.fixed_dictionaries(
        {"random_seed": random_seeds, "inner_lr": st.sampled_from([0.1, 0.01, 0.3, 0.0, 0.5]), "single": st.booleans()}
    ),
    **hidden(weight=3, trials=50),
)
def exact_meta_gradient(f, random_seed, inner_lr, single):
    rng = np.random.default_rng(random_seed)
    weights, tasks = _random_tasks(rng, torch.float32 if single else torch.float64)
    scale = float(rng.choice([1.0, 1e3, 1e-3]))  # of weights and targets, and so of every gradient
    tasks = [(Xs, scale * ys, Xq, scale * yq) for Xs, ys, Xq, yq in tasks]
    _expect_meta_gradient(f, scale * weights, tasks, inner_lr)


@maml_gradient.property(
    "Tasks of a single example, and a single task, are tasks like any other.",
    cases=st.fixed_dictionaries({"random_seed": random_seeds}),
    **hidden(weight=1, trials=15),
)
def smallest_tasks(f, random_seed):
    rng = np.random.default_rng(random_seed)
    size = int(rng.integers(1, 4))
    shapes = ((1, size), (1,), (1, size), (1,))
    tasks = [tuple(double(rng.normal(size=shape)) for shape in shapes) for _ in range(int(rng.integers(1, 3)))]
    _expect_meta_gradient(f, double(rng.normal(size=size)), tasks, 0.2)


@maml_gradient.property(
    "On an accelerator the numbers are the same, also in single precision.",
    cases=st.fixed_dictionaries({"random_seed": random_seeds}),
    **hidden(weight=1, trials=3),
)
def single_precision_on_the_device(f, random_seed):
    weights, tasks = _random_tasks(np.random.default_rng(random_seed), torch.float32, most=4)
    tasks = tasks[:2]
    expected = _closed_form(weights, tasks, 0.1)
    expect_on_device(f, expected, weights, 1e-3 * (1.0 + np.abs(expected).max()), weights, tasks, 0.1)


# gradient_plan


def _exact_plan(dynamics, state, actions, gamma, learning_rate, num_steps):
    """Return the plan in float64, each slope by differentiating the return as a function of all actions."""
    model, start, plan = dynamics.to(torch.float64), state.double(), actions.double()
    weights = torch.tensor([float(gamma) ** t for t in range(len(plan))], dtype=torch.float64)

    def discounted(plan):
        here, earned = start.reshape(1, -1), []
        for action in plan.unbind(0):
            here, reward = model(here, action.reshape(1, -1))
            earned.append(reward.reshape(()))
        return torch.dot(weights, torch.stack(earned))

    for _ in range(num_steps):
        plan = plan + learning_rate * torch.autograd.functional.jacobian(discounted, plan)
    return plan.numpy()


def _harder(problem, price, stride):
    """Make all costs ``price`` times what they are, and every step ``stride`` times as long as it would be then.

    The first changes no plan, but slopes become small or large; long steps overshoot, so that a plan gets worse. Only
    for the linear system, where rounding grows no faster than the plan.
    """
    model = problem["dynamics"]
    if not isinstance(model, LinearQuadratic):
        return problem
    costs = {name: price * getattr(model, name) for name in ("state_cost", "action_cost")}
    rate = problem["learning_rate"] * stride / price
    return {**problem, "dynamics": LinearQuadratic(**{**model.parameters(), **costs}), "learning_rate": rate}


@gradient_plan.property(
    "The plan is exact for every model, horizon, discount and number of steps, in both precisions, also where slopes "
    "are small or large and where steps are so long that the plan gets worse.",
    cases=st.fixed_dictionaries(
        {
            "problem": plans(single=True, max_horizon=7),
            "num_steps": st.sampled_from([1, 5, 2, 12]),
            "price": st.sampled_from([1.0, 1e3, 1e-4]),
            "stride": st.sampled_from([1.0, 30.0]),
        }
    ),
    **hidden(weight=4, trials=50),
)
def exact_ascent(f, problem, num_steps, price, stride):
    problem, num_steps = _harder(problem, price, stride), min(num_steps, 5) if stride > 1 else num_steps
    expected = _exact_plan(**problem, num_steps=num_steps)
    found = read_plan(f(**problem, num_steps=num_steps), problem["actions"])
    expect_close(found, expected, "plan", rounding(problem["actions"]) * (1.0 + np.abs(expected).max()))


@gradient_plan.property(
    "On an accelerator the numbers are the same, over several steps.",
    cases=plans(single=True, max_horizon=2),
    **hidden(weight=1, trials=3),
)
def several_steps_on_the_device(f, **problem):
    expected = _exact_plan(**problem, num_steps=3)
    tolerance = 10 * rounding(problem["actions"]) * (1.0 + np.abs(expected).max())
    expect_on_device(f, expected, problem["actions"], tolerance, *problem.values(), 3)

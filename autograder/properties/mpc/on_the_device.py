"""Hidden properties of the cross-entropy method in PyTorch, which runs on the device of its inputs."""

from __future__ import annotations

import numpy as np
import torch

from autograder.properties.mpc.common import NOTEBOOK, RELATIVE
from autograder.properties.shared import hidden
from labkit.exercises.mpc import planning_problems
from labkit.properties import Exercise
from labkit.results import Violation, expect_close, tensor

cem_plan_torch = Exercise("cem_plan_torch", NOTEBOOK)


def _exact_plan(case):
    """Return the plan in float64 and how clear the elites were: the smallest gap between the last elite's return and
    the next, against the spread of the returns."""
    double = torch.float64
    dynamics, state = case["dynamics"].to(double), case["state"].to(double)
    noise, low, high = (case[name].double().numpy() for name in ("noise", "low", "high"))
    mean, std, clarity = (low + high) / 2, (high - low) / 4, 1.0
    for each in noise:
        samples = np.minimum(np.maximum(mean + std * each, low), high)
        here, returns = state[None].repeat(len(samples), 1), np.zeros(len(samples))
        for t in range(samples.shape[1]):
            here, rewards = dynamics(here, torch.tensor(samples[:, t]))
            returns += case["gamma"] ** t * rewards.numpy()
        order = np.argsort(-returns)
        ranked, count = returns[order], case["num_elites"]
        if count < len(samples):
            clarity = min(clarity, (ranked[count - 1] - ranked[count]) / (np.abs(ranked).max() + 1e-9))
        elites = samples[order[:count]]
        mean = elites.sum(axis=0) / count
        std = np.sqrt(((elites - mean) ** 2).sum(axis=0) / count)
    return mean, clarity


def _expect_exact_plan(f, case):
    expected, clarity = _exact_plan(case)
    single = case["noise"].dtype == torch.float32
    if clarity < (1e-3 if single else 1e-7):
        return  # rounding may decide who is elite
    plan = tensor(f(**case), tuple(case["noise"].shape[2:]), case["noise"], "the plan").double().numpy()
    width = float((case["high"] - case["low"]).max())
    expect_close(plan, expected, "plan", (1e-4 if single else RELATIVE) * width)


@cem_plan_torch.property(
    "The plan is what the method gives for that noise, for every model, size, dtype and discount.",
    cases=planning_problems(max_samples=9),
    **hidden(weight=3, trials=40),
)
def plan_for_the_noise(f, **case):
    _expect_exact_plan(f, case)


@cem_plan_torch.property(
    "It stays exact in float64 over several iterations.",
    cases=planning_problems(max_samples=20, kinds=("LinearQuadratic",)),
    **hidden(weight=2, trials=25),
)
def exact_over_iterations(f, **case):
    noise = case["noise"].double()
    more = torch.cat([noise, noise.flip(1), noise.roll(1, 2) * 1.3, -noise])
    moved = {name: value.double() for name, value in case.items() if name in ("state", "low", "high")}
    elites = max(1, noise.shape[1] // 3)
    dynamics = case["dynamics"].to(torch.float64)
    _expect_exact_plan(f, {**case, **moved, "dynamics": dynamics, "noise": more, "num_elites": elites})


@cem_plan_torch.property(
    "Several iterations with few elites run on the device, without a value read back.",
    cases=planning_problems(max_samples=6),
    **hidden(weight=1, trials=3),
)
def runs_on_the_device(f, **case):
    case["num_elites"] = 2
    seen = f.on_accelerator(**case)
    if seen["fault"] or not seen["device"].startswith("simgpu"):
        raise Violation("the plan should be computed on the device of the inputs.")
    expected, clarity = _exact_plan(case)
    if clarity >= 1e-3:
        plan = tensor(seen["result"], tuple(case["noise"].shape[2:]), case["noise"], "the plan").double().numpy()
        expect_close(plan, expected, "plan", 1e-4 * float((case["high"] - case["low"]).max()))

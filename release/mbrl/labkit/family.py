"""A family of machines: pendulums that differ in length, mass and friction, to adapt a model to from few steps.

The angular acceleration of each is linear in a few features, so a model is a vector of weights. The meta-gradient is
the student's: `meta_learn` takes `maml_gradient`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

FEATURES = ("sin θ", "speed", "torque", "cos θ", "speed · |speed|", "sin 2θ", "torque · cos θ", "1")
NUM_SUPPORT, NUM_QUERY, NOISE = 8, 40, 0.3  # transitions, and the noise of a measured acceleration in rad/s²
INNER_RATE = 0.1

Task = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def draw_task(rng: np.random.Generator) -> Task:
    """Draw a machine and steps with it: `(X_support (8, 8), y_support (8,), X_query (40, 8), y_query (40,))`.

    Gravity pulls with 15 / length, a torque turns with 3 / (mass · length²), friction brakes. Each machine is driven in
    its own way: some are swung fast, some are only nudged.
    """
    length, mass, friction = rng.uniform(0.6, 1.6), rng.uniform(0.5, 2.0), rng.uniform(0.0, 1.0)
    count = NUM_SUPPORT + NUM_QUERY
    swing, speed_range, torque_range = rng.uniform(0.3, 3.1), rng.uniform(0.5, 4.0), rng.uniform(0.3, 2.0)
    angle = rng.uniform(-swing, swing, count) + np.pi
    speed, torque = rng.uniform(-speed_range, speed_range, count), rng.uniform(-torque_range, torque_range, count)
    acceleration = 15 / length * np.sin(angle) + 3 / (mass * length**2) * torque - friction * speed
    columns = (
        np.sin(angle), speed / 2, torque, np.cos(angle), speed * np.abs(speed) / 8, np.sin(2 * angle),
        torque * np.cos(angle), np.ones(count),
    )  # fmt: skip
    inputs, targets = np.stack(columns, axis=1), acceleration + NOISE * rng.standard_normal(count)
    parts = inputs[:NUM_SUPPORT], targets[:NUM_SUPPORT], inputs[NUM_SUPPORT:], targets[NUM_SUPPORT:]
    return tuple(torch.as_tensor(each) for each in parts)


def meta_learn(maml_gradient: Callable, seed: int, *, num_updates: int = 150, tasks_each: int = 5) -> torch.Tensor:
    """Return weights `(8,)` to adapt from, found by Adam along the student's meta-gradient."""
    rng = np.random.default_rng([31, seed])
    weights = torch.zeros(len(FEATURES), dtype=torch.float64)
    optimizer = torch.optim.Adam([weights], lr=0.3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, num_updates)
    for _ in range(num_updates):
        weights.grad = torch.as_tensor(
            maml_gradient(weights.clone(), [draw_task(rng) for _ in range(tasks_each)], INNER_RATE)
        )
        optimizer.step()
        schedule.step()
    return weights


def pretrain(seed: int, num_tasks: int = 750) -> torch.Tensor:
    """Return the weights `(8,)` that predict all machines together best: least squares over the same tasks."""
    rng = np.random.default_rng([31, seed])
    tasks = [draw_task(rng) for _ in range(num_tasks)]
    inputs = torch.cat([part for task in tasks for part in (task[0], task[2])])
    targets = torch.cat([part for task in tasks for part in (task[1], task[3])])
    return torch.linalg.lstsq(inputs, targets).solution


def adaptation(weights: torch.Tensor, task: Task, num_steps: int) -> list[float]:
    """Return the root mean square error on the query after 0, 1, …, `num_steps` gradient steps on the support."""
    known, measured, asked, truth = task
    errors = []
    for _ in range(num_steps + 1):
        errors.append(float((asked @ weights - truth).square().mean().sqrt()))
        weights = weights - INNER_RATE * 2 / len(known) * known.T @ (known @ weights - measured)
    return errors

"""What is computed on both devices: for each torch function a maker of calls, all randomness drawn on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from labkit.dynamics import LinearQuadratic
from solutions import environment_models, modern_methods, mpc, planning

Compute = Callable[[str], list[torch.Tensor]]  # takes a device and returns results, copied back to the CPU
SAFE_GAP = 1e-3  # a call whose last elite is not that much better than the next sample could flip by rounding


@dataclass(frozen=True)
class Function:
    """A torch function: ``make(dtype, seed)`` returns a call of it that any device can carry out, or None to skip."""

    name: str
    make: Callable[[torch.dtype, int], Compute | None]
    dtypes: tuple[torch.dtype, ...] = (torch.float64, torch.float32)


def _planning(dtype: torch.dtype, seed: int) -> Compute:
    rng = np.random.default_rng([1, seed])
    size = (int(rng.integers(1, 9)), int(rng.integers(2, 30)), int(rng.integers(1, 6)))
    P = torch.tensor(rng.dirichlet(np.ones(size[1]), size=size), dtype=dtype)
    R = torch.tensor(rng.normal(size=size), dtype=dtype)
    sweeps = int(rng.integers(0, 200))
    return lambda device: [planning.batched_value_iteration(P.to(device), R.to(device), 0.95, sweeps).cpu()]


def _likelihood(dtype: torch.dtype, seed: int) -> Compute:
    rng = np.random.default_rng([2, seed])
    shape = (int(rng.integers(1, 400)), int(rng.integers(1, 8)))
    mean, log_var, target = (torch.tensor(rng.normal(size=shape), dtype=dtype) for _ in range(3))

    def compute(device: str) -> list[torch.Tensor]:
        inputs = [each.to(device).requires_grad_() for each in (mean, log_var)]
        value = environment_models.gaussian_nll(*inputs, target.to(device))
        return [value.detach().cpu(), *(each.cpu() for each in torch.autograd.grad(value, inputs))]

    return compute


def _cross_entropy(dtype: torch.dtype, seed: int) -> Compute | None:
    rng = np.random.default_rng([3, seed])
    dim, num_actions, horizon, num_samples, iterations = 4, 2, int(rng.integers(1, 12)), int(rng.integers(20, 200)), 3

    def drawn(*shape: int) -> torch.Tensor:
        return torch.tensor(rng.normal(size=shape), dtype=dtype)

    dynamics = LinearQuadratic(
        0.3 * drawn(dim, dim), drawn(dim, num_actions), drawn(dim), drawn(dim).abs(), drawn(num_actions).abs()
    )
    state, noise = drawn(dim), drawn(iterations, num_samples, horizon, num_actions)
    low, high = -1.0 - drawn(num_actions).abs(), 0.5 + drawn(num_actions).abs()
    num_elites = num_samples // 5
    if _smallest_gap(dynamics, state, noise, num_elites, low, high) < SAFE_GAP:
        return None

    def compute(device: str) -> list[torch.Tensor]:
        inputs = [each.to(device) for each in (state, noise)], [each.to(device) for each in (low, high)]
        return [mpc.cem_plan_torch(dynamics.to(device), *inputs[0], num_elites, *inputs[1], 0.97).cpu()]

    return compute


def _smallest_gap(
    dynamics: LinearQuadratic, state: torch.Tensor, noise: torch.Tensor, num_elites: int, low: torch.Tensor,
    high: torch.Tensor,
) -> float:  # fmt: skip
    """Return by how much the last elite beats the next sample, in the closest of the iterations."""
    gaps = []
    mean, std = (low + high) / 2, (high - low) / 4
    for each in noise:
        samples = (mean + std * each).clamp(low, high)
        returns, order = _returns(dynamics, state, samples).sort(descending=True)
        gaps.append(float(returns[num_elites - 1] - returns[num_elites]))
        elites = samples[order[:num_elites]]
        mean, std = elites.mean(dim=0), elites.std(dim=0, correction=0)
    return min(gaps)


def _returns(dynamics: LinearQuadratic, state: torch.Tensor, samples: torch.Tensor) -> torch.Tensor:
    states, total = state.expand(len(samples), -1), torch.zeros_like(samples[:, 0, 0])
    for t in range(samples.shape[1]):
        states, rewards = dynamics(states, samples[:, t])
        total = total + 0.97**t * rewards
    return total


def _training(dtype: torch.dtype, seed: int) -> Compute:
    """A short training: rounding grows with every step of Adam, so what is compared is a network that barely moved."""
    rng = np.random.default_rng([4, seed])
    states, actions = rng.normal(size=(40, 3)), rng.normal(size=(40, 2))
    next_states, rewards = states + 0.1 * rng.normal(size=states.shape), rng.normal(size=40)
    settings = {"ensemble_size": 3, "hidden_dim": 16, "epochs": 2, "batch_size": 20, "learning_rate": 1e-3}

    def compute(device: str) -> list[torch.Tensor]:
        model = environment_models.train_ensemble(
            states, actions, next_states, rewards, **settings, seed=seed, device=device
        )
        return [torch.tensor(each) for each in model.predict(states, actions)]

    return compute


def _dropout(dtype: torch.dtype, seed: int) -> Compute:
    """The masks are drawn on the host, so that both devices drop the same activations."""
    rng = np.random.default_rng([5, seed])
    sizes = [int(each) for each in rng.integers(2, 40, size=int(rng.integers(2, 5)))]
    weights = [torch.tensor(rng.normal(size=(after, before)), dtype=dtype) for before, after in pairwise(sizes)]
    biases = [torch.tensor(rng.normal(size=size), dtype=dtype) for size in sizes[1:]]
    x = torch.tensor(rng.normal(size=(int(rng.integers(1, 60)), sizes[0])), dtype=dtype)

    def compute(device: str) -> list[torch.Tensor]:
        layers = [each.to(device) for each in weights], [each.to(device) for each in biases]
        moments = modern_methods.mc_dropout_predict(*layers, x.to(device), 0.3, 20, seed)
        return [each.cpu() for each in moments]

    return compute


def _adaptation(dtype: torch.dtype, seed: int) -> Compute:
    rng = np.random.default_rng([6, seed])
    size = int(rng.integers(1, 20))

    def drawn(*shape: int) -> torch.Tensor:
        return torch.tensor(rng.normal(size=shape), dtype=dtype)

    counts = rng.integers(1, 30, size=(int(rng.integers(1, 8)), 2))
    tasks = [(drawn(int(n), size), drawn(int(n)), drawn(int(m), size), drawn(int(m))) for n, m in counts]
    weights = drawn(size)

    def compute(device: str) -> list[torch.Tensor]:
        moved = [tuple(each.to(device) for each in task) for task in tasks]
        return [modern_methods.maml_gradient(weights.to(device), moved, 0.05).cpu()]

    return compute


def _ascent(dtype: torch.dtype, seed: int) -> Compute:
    """Steps far below the inverse of the curvature, so that rounding does not grow from step to step."""
    rng = np.random.default_rng([7, seed])

    def drawn(*shape: int) -> torch.Tensor:
        return torch.tensor(rng.normal(size=shape), dtype=dtype)

    dynamics = LinearQuadratic(0.3 * drawn(4, 4), drawn(4, 2), drawn(4), drawn(4).abs(), drawn(2).abs())
    state, plan = drawn(4), drawn(int(rng.integers(1, 12)), 2)

    def compute(device: str) -> list[torch.Tensor]:
        inputs = dynamics.to(device), state.to(device), plan.to(device)
        return [modern_methods.gradient_plan(*inputs, 0.95, 1e-3, 10).cpu()]

    return compute


FUNCTIONS = (
    Function("batched_value_iteration", _planning),
    Function("gaussian_nll", _likelihood),
    Function("cem_plan_torch", _cross_entropy),
    Function("mc_dropout_predict", _dropout),
    Function("maml_gradient", _adaptation),
    Function("gradient_plan", _ascent),
    Function("train_ensemble", _training, dtypes=(torch.float32,)),
)

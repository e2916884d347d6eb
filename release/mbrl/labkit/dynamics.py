"""Differentiable dynamics: models of small machines that plan with tensors on any device.

Each is a callable ``dynamics(states (N, D), actions (N, K)) -> (next_states (N, D), rewards (N,))`` made of PyTorch
operations, so that a gradient runs through it. It keeps its constants as they were given: make it with tensors on the
device and of the dtype that you want to compute with, or move it with ``to``. Bounds on actions are the planner's
business; nothing is clipped here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch

from labkit.properties import Sent


@dataclass(frozen=True, eq=False)
class Dynamics(Sent):
    """What all dynamics share; its fields are its constants."""

    def __call__(self, states: torch.Tensor, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ``(next_states (N, D), rewards (N,))`` of one step."""
        raise NotImplementedError

    def parameters(self) -> dict[str, Any]:
        """Return the constants by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def to(self, target: torch.device | torch.dtype | str) -> Dynamics:
        """Return the same dynamics on another device or in another dtype."""
        moved = {
            name: value.to(target) if isinstance(value, torch.Tensor) else value
            for name, value in self.parameters().items()
        }
        return type(self)(**moved)


@dataclass(frozen=True, eq=False)
class LinearQuadratic(Dynamics):
    """A linear system with quadratic costs; the reward looks at the state that the step leads to.

    $s' = A s + B a$ and $r = -\\sum_i q_i (s'_i - g_i)^2 - \\sum_k c_k a_k^2$.

    Args:
        transition: $A$, shape `(D, D)`.
        control: $B$, shape `(D, K)`.
        goal: $g$, shape `(D,)`.
        state_cost: $q$, shape `(D,)`.
        action_cost: $c$, shape `(K,)`.
    """

    transition: torch.Tensor
    control: torch.Tensor
    goal: torch.Tensor
    state_cost: torch.Tensor
    action_cost: torch.Tensor

    def __call__(self, states: torch.Tensor, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ``(next_states (N, D), rewards (N,))`` of one step."""
        next_states = states @ self.transition.T + actions @ self.control.T
        cost = ((next_states - self.goal) ** 2 * self.state_cost).sum(dim=-1)
        return next_states, -cost - (actions**2 * self.action_cost).sum(dim=-1)


@dataclass(frozen=True, eq=False)
class PointMass(Dynamics):
    """A puck on a table: states are its position and velocity, `(x, y, vx, vy)`, actions push it, `(fx, fy)`.

    The reward is minus the distance from the goal (rounded off near 0, so that it has a gradient there too), minus
    `effort` times the squared push.

    Args:
        goal: where the puck should go, a tensor of shape `(2,)`.
        time_step: seconds in a step.
        drag: how much of its velocity the puck loses in a second.
        effort: price of pushing.
    """

    goal: torch.Tensor
    time_step: float = 0.1
    drag: float = 0.5
    effort: float = 0.01

    def __call__(self, states: torch.Tensor, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ``(next_states (N, 4), rewards (N,))`` of one step."""
        positions, velocities = states[:, :2], states[:, 2:]
        velocities = velocities + self.time_step * (actions - self.drag * velocities)
        positions = positions + self.time_step * velocities
        distances = (((positions - self.goal) ** 2).sum(dim=-1) + 1e-4).sqrt()
        return torch.cat([positions, velocities], dim=-1), -distances - self.effort * (actions**2).sum(dim=-1)


@dataclass(frozen=True, eq=False)
class Pendulum(Dynamics):
    """A pendulum: states are `(angle, velocity)`, angle 0 upright, actions `(torque,)`.

    The reward is $\\cos(\\text{angle}) - 1 - 0.05\\,\\text{velocity}^2 -$ `effort` $\\cdot\\,\\text{torque}^2$ of the
    state that the step leads to: 0 is the best, balancing upright at rest.

    Args:
        time_step: seconds in a step.
        gravity: in lengths of the pendulum by second squared.
        friction: how much of its velocity the pendulum loses in a second.
        effort: price of torque.
    """

    time_step: float = 0.1
    gravity: float = 10.0
    friction: float = 0.1
    effort: float = 0.001

    def __call__(self, states: torch.Tensor, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ``(next_states (N, 2), rewards (N,))`` of one step."""
        angle, velocity, torque = states[:, 0], states[:, 1], actions[:, 0]
        acceleration = self.gravity * torch.sin(angle) + torque - self.friction * velocity
        velocity = velocity + self.time_step * acceleration
        angle = angle + self.time_step * velocity
        reward = torch.cos(angle) - 1.0 - 0.05 * velocity**2 - self.effort * torque**2
        return torch.stack([angle, velocity], dim=-1), reward


def numpy_step(dynamics: Dynamics) -> Any:
    """Return ``dynamics`` as a batched simulator of arrays: ``step(states, actions) -> (next_states, rewards)``.

    The constants of ``dynamics`` should be float64 tensors on the host.
    """

    def step(states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with torch.no_grad():
            next_states, rewards = dynamics(
                torch.as_tensor(np.array(states, dtype=np.float64)),
                torch.as_tensor(np.array(actions, dtype=np.float64)),
            )
        return next_states.numpy(), rewards.numpy()

    return step

"""Continuous control: a puck that must go round an obstacle, and Gymnasium's pendulum as a batched model.

Each comes as a batched simulator ``step(states (N, D), actions (N, K)) -> (next_states (N, D), rewards (N,))``, which
planners ask about many futures at once, and as an environment: ``labkit/Puck-v0`` below, and Gymnasium's own
``Pendulum-v1``. The states of a model are the observations of its environment. Nothing here plans.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded

SALT = 0x7075636B  # keeps an environment seeded with a planner's own seed from drawing the planner's numbers
PUCK_LOW, PUCK_HIGH = np.array([-1.0, -1.0]), np.array([1.0, 1.0])
TORQUE_LOW, TORQUE_HIGH = np.array([-2.0]), np.array([2.0])
TOP_SPEED, TICK = 8.0, 0.05  # of the pendulum, in rad/s and s
FAR = 100.0  # metres, and metres per second: no puck gets there in an episode
ROUNDING = 1e-6  # an action this far out of bounds is taken as rounded
PIXELS, EDGE = 200, 1.6  # of the picture, and half the width of what it shows in metres
TABLE, GOAL_COLOUR, OBSTACLE_COLOUR, PUCK_COLOUR = (250, 250, 250), (0, 158, 115), (70, 70, 70), (0, 114, 178)


def pendulum_step(states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Advance many pendulums by 0.05 s, by the equations of Gymnasium's ``Pendulum-v1``.

    Args:
        states: observations (cosine and sine of the angle from upright, angular velocity in rad/s), shape `(N, 3)`.
        actions: torques in N m, shape `(N, 1)`; beyond ±2 they are cut to the bound, as Gymnasium does.

    Returns:
        `(next_states (N, 3), rewards (N,))`; a reward is minus (angle² + 0.1 velocity² + 0.001 torque²) *before* the
        step.

    Source: Gymnasium 1.x, ``gymnasium/envs/classic_control/pendulum.py``.
    """
    angles, velocities = np.arctan2(states[:, 1], states[:, 0]), states[:, 2]
    torques = np.minimum(np.maximum(actions[:, 0], TORQUE_LOW[0]), TORQUE_HIGH[0])
    rewards = -(angles**2 + 0.1 * velocities**2 + 0.001 * torques**2)
    velocities = velocities + TICK * (15.0 * states[:, 1] + 3.0 * torques)
    velocities = np.minimum(np.maximum(velocities, -TOP_SPEED), TOP_SPEED)
    angles = angles + TICK * velocities
    next_states = np.empty((len(angles), 3))  # filled column by column: faster than stacking
    next_states[:, 0], next_states[:, 1], next_states[:, 2] = np.cos(angles), np.sin(angles), velocities
    return next_states, rewards


def pendulum_state(angle: float, velocity: float = 0.0) -> np.ndarray:
    """Return the observation `(3,)` of a pendulum at an angle from upright (rad) with an angular velocity (rad/s)."""
    return np.array([np.cos(angle), np.sin(angle), velocity])


@dataclass(frozen=True)
class PuckModel:
    """A puck on a table with a round obstacle: states `(x, y, vx, vy)`, actions `(fx, fy)`, in metres and seconds.

    The push accelerates the puck against drag, as in `labkit.dynamics.PointMass`. The reward is minus the distance
    from the goal after the step, minus `effort` times the squared push, minus `penalty` times the depth at which the
    puck is inside the obstacle. The obstacle does not stop the puck; the penalty is what makes it an obstacle.

    Args:
        goal: where the puck should go, in metres.
        centre: of the obstacle.
        radius: of the obstacle, in metres; 0 for none.
        penalty: price of a metre of depth in the obstacle, for each step.
        margin: how far around the obstacle a careful planner lets the penalty reach, in metres.
        time_step: seconds in a step.
        drag: how much of its velocity the puck loses in a second.
        effort: price of pushing.

    Raises:
        ValueError: a number is not usable; the sentence says which.
    """

    goal: tuple[float, float] = (1.0, 0.0)
    centre: tuple[float, float] = (0.0, -0.1)
    radius: float = 0.4
    penalty: float = 20.0
    margin: float = 0.0
    time_step: float = 0.1
    drag: float = 0.5
    effort: float = 0.01

    def __post_init__(self) -> None:
        for name in ("radius", "penalty", "margin", "drag", "effort"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be a number that is at least 0, but it is {value!r}.")
        if not (np.isfinite(self.time_step) and self.time_step > 0):
            raise ValueError(f"time_step must be a positive number, but it is {self.time_step!r}.")

    def __call__(self, states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return ``(next_states (N, 4), rewards (N,))`` of one step."""
        velocities = states[:, 2:] + self.time_step * (actions - self.drag * states[:, 2:])
        positions = states[:, :2] + self.time_step * velocities
        right, up = positions[:, 0] - self.goal[0], positions[:, 1] - self.goal[1]
        costs = np.sqrt(right * right + up * up + 1e-4)  # column by column: half the time of sums over an axis
        costs += self.effort * (actions[:, 0] * actions[:, 0] + actions[:, 1] * actions[:, 1])
        if self.radius:
            costs += self.penalty * self.depth(positions)
        return np.concatenate([positions, velocities], axis=1), -costs

    def depth(self, positions: np.ndarray) -> np.ndarray:
        """Return how far positions `(…, 2)` are inside the obstacle and its margin, in metres, shape `(…,)`."""
        right, up = positions[..., 0] - self.centre[0], positions[..., 1] - self.centre[1]
        if not self.radius:
            return np.zeros(np.shape(right))
        return np.maximum(self.radius + self.margin - np.sqrt(right * right + up * up), 0.0)


class Puck(gymnasium.Env):
    """Push a puck to a goal, round an obstacle, perhaps in gusty wind. Episodes are cut after 60 steps (6 s).

    The observation is `(x, y, vx, vy)`, the action a push `(fx, fy)` within ±1. `info` tells `depth`, how far the puck
    is inside the obstacle, in metres. An episode never terminates: staying at the goal is part of the task.

    Args:
        model: what the puck obeys and earns; the default one where left out.
        wind: standard deviation of a random push in each step and direction, in units of the action.
        start: position of the puck at reset, in metres; it rests there.
        render_mode: `None` or `"rgb_array"`.

    Raises:
        ValueError: an argument is not usable; the sentence says why.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012  Gymnasium declares it so

    def __init__(
        self,
        model: PuckModel | None = None,
        wind: float = 0.0,
        start: tuple[float, float] = (-1.0, 0.0),
        render_mode: str | None = None,
    ) -> None:
        if not (np.isfinite(wind) and wind >= 0):
            raise ValueError(f"wind must be a number that is at least 0, but it is {wind!r}.")
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"render_mode must be None or 'rgb_array', but it is {render_mode!r}.")
        if np.shape(start) != (2,) or not np.abs(start).max() <= EDGE:
            raise ValueError(f"start must be two coordinates within ±{EDGE} m, but it is {start!r}.")
        self.model = replace(model or PuckModel(), margin=0.0)
        self.wind = float(wind)
        self.start = np.array([*start, 0.0, 0.0])
        self.render_mode = render_mode
        self.observation_space = spaces.Box(-FAR, FAR, (4,), np.float64)
        self.action_space = spaces.Box(PUCK_LOW, PUCK_HIGH, dtype=np.float64)
        self._state: np.ndarray | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Put the puck at rest on its start and return `(observation, {"depth": …})`."""
        super().reset(seed=seed)
        if seed is not None:
            self.np_random = np.random.default_rng([SALT, seed])
        self._state = self.start.copy()
        return self._state.copy(), {"depth": float(self.model.depth(self._state[:2]))}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Push once and return `(observation, reward, False, False, {"depth": …})`.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: the action has not two finite numbers within ±1.
        """
        if self._state is None:
            raise ResetNeeded("no episode is running: call reset() before step().")
        action = np.asarray(action, dtype=np.float64)
        if action.shape != (2,) or not np.all(np.abs(action) <= 1 + ROUNDING):
            raise ValueError(f"action must be two numbers between -1 and 1, but it is {action.tolist()!r}.")
        gust = self.wind * self.np_random.standard_normal(2)
        moved, earned = self.model(self._state[None], (action + gust)[None])
        self._state = moved[0]
        effort = self.model.effort * (((action + gust) ** 2).sum() - (action**2).sum())  # the wind pays for itself
        reward = float(earned[0] + effort)
        return self._state.copy(), reward, False, False, {"depth": float(self.model.depth(self._state[:2]))}

    def render(self) -> np.ndarray | None:
        """Return the table from above as an image, `(200, 200, 3)` of `uint8`, in mode `rgb_array`."""
        if self.render_mode is None:
            return None
        along = np.linspace(-EDGE, EDGE, PIXELS)
        points = np.stack(np.meshgrid(along, -along), axis=-1)
        image = np.full((PIXELS, PIXELS, 3), TABLE, dtype=np.uint8)
        discs = [(self.model.centre, self.model.radius, OBSTACLE_COLOUR), (self.model.goal, 0.1, GOAL_COLOUR)]
        if self._state is not None:
            discs.append((tuple(self._state[:2]), 0.07, PUCK_COLOUR))
        for centre, radius, colour in discs:
            image[((points - np.array(centre)) ** 2).sum(axis=-1) < radius**2] = colour
        return image


if "labkit/Puck-v0" not in gymnasium.registry:
    gymnasium.register(id="labkit/Puck-v0", entry_point="labkit.control:Puck", max_episode_steps=60)

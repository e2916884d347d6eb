"""Models in other clothes: wrappers that turn one batched simulator into another, for planners that score sequences.

A planner of unit 5 knows nothing but ``step(states (N, D), actions (N, K)) -> (next_states (N, D), rewards (N,))``.
What else a plan should heed (a value at the end of the horizon, a plan to improve on, a slower hand) is put into the
simulator here. Where the time matters, it is one more number of the state; only `Recorder` remembers calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Step = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


class Recorder:
    """A simulator that notes what it was asked and what it answered.

    Args:
        step: the simulator that does the work.

    Attributes:
        states: for each call, the states it led to, shape `(N, D)`.
        actions: for each call, the actions it was given.
        rewards: for each call, the rewards, shape `(N,)`.
    """

    def __init__(self, step: Step) -> None:
        self.step = step
        self.states: list[np.ndarray] = []
        self.actions: list[np.ndarray] = []
        self.rewards: list[np.ndarray] = []

    def __call__(self, states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Do one step and note it."""
        moved, rewards = self.step(states, actions)
        self.states.append(np.array(moved))
        self.actions.append(np.array(actions))
        self.rewards.append(np.array(rewards))
        return moved, rewards


def clocked(state: np.ndarray) -> np.ndarray:
    """Return a state `(D,)` with a clock at 0 behind it, `(D + 1,)`, as the wrappers with a clock expect it."""
    return np.append(np.asarray(state, dtype=np.float64), 0.0)


def with_terminal_value(step: Step, value: Callable[[np.ndarray], np.ndarray], horizon: int, gamma: float) -> Step:
    """Let the last step of the horizon also earn what the state it leads to is worth.

    The return of H steps becomes $\\sum_{t<H} \\gamma^t r_t + \\gamma^H V(s_H)$.

    Args:
        step: the simulator of states `(N, D)`.
        value: `value(states (N, D)) -> (N,)`.
        horizon: number of steps H of a plan.
        gamma: discount factor that the planner uses.

    Returns:
        A simulator of states with a clock, `(N, D + 1)`; see `clocked`.
    """

    def clocked_step(states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        moved, rewards = step(states[:, :-1], actions)
        times = states[:, -1:] + 1.0
        if times[0, 0] == horizon:
            rewards = rewards + gamma * value(moved)
        return np.concatenate([moved, times], axis=1), rewards

    return clocked_step


def around_plan(step: Step, plan: np.ndarray, low: np.ndarray, high: np.ndarray) -> Step:
    """Let actions be changes to a plan: what is carried out is `plan[t] + change`, cut to the bounds.

    Args:
        step: the simulator of states `(N, D)`.
        plan: the plan to improve on, shape `(H, K)`.
        low: smallest allowed action, shape `(K,)`.
        high: largest allowed action, shape `(K,)`.

    Returns:
        A simulator of states with a clock, `(N, D + 1)`; see `clocked`. It knows H steps.
    """

    def clocked_step(states: np.ndarray, changes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        actions = np.minimum(np.maximum(plan[int(states[0, -1])] + changes, low), high)
        moved, rewards = step(states[:, :-1], actions)
        return np.concatenate([moved, states[:, -1:] + 1.0], axis=1), rewards

    return clocked_step


def hold_action(step: Step, repeats: int) -> Step:
    """Let every action be carried out `repeats` times in a row; the rewards add up."""

    def slow_step(states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        total = np.zeros(len(states))
        for _ in range(repeats):
            states, rewards = step(states, actions)
            total += rewards
        return states, total

    return slow_step


def as_one_step(objective: Callable[[np.ndarray], np.ndarray]) -> Step:
    """Dress a function of points as a simulator: one "step" with the point `(N, D)` as action earns its value.

    With it, a planner with horizon 1 becomes an optimiser of any `objective(X (N, D)) -> (N,)`.
    """

    def step(states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return states, np.asarray(objective(actions))

    return step


def grid_step(env: Any) -> Step:
    """Return a grid world as a batched simulator that never slips.

    Args:
        env: a `GridWorld`, wrapped or not.

    Returns:
        `step(states (N, 1), actions (N,)) -> (next_states (N, 1), rewards (N,))` with the cell's number as state.
        Goals and holes lead to themselves with reward 0.
    """
    env = env.unwrapped

    def step(states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cells = np.asarray(states)[:, 0].astype(np.int64)
        over = env.terminal[cells]
        moved = np.where(over, cells, env.targets[cells, np.asarray(actions, dtype=np.int64)])
        return moved[:, None].astype(np.float64), np.where(over, 0.0, env.arrival_rewards[moved])

    return step


class PendulumValue:
    """An approximate value of pendulum states: value iteration on a grid of angles and velocities, interpolated.

    Args:
        step: batched simulator of the pendulum's observations, `(N, 3)`.
        gamma: discount factor in [0, 1).
        num_angles: number of angles of the grid, spread evenly over the circle.
        num_velocities: number of velocities, spread evenly from −8 to 8 rad/s.
        num_torques: number of torques tried, spread evenly from −2 to 2 N m.
        num_sweeps: number of sweeps.

    Attributes:
        angles: those of the grid, in rad.
        velocities: those of the grid, in rad/s.
        table: values at the grid points, shape `(num_angles, num_velocities)`.
    """

    def __init__(
        self,
        step: Step,
        gamma: float,
        num_angles: int = 32,
        num_velocities: int = 33,
        num_torques: int = 5,
        num_sweeps: int = 300,
    ) -> None:
        self.angles = np.linspace(-np.pi, np.pi, num_angles, endpoint=False)
        self.velocities = np.linspace(-8.0, 8.0, num_velocities)
        angle, velocity, torque = np.meshgrid(
            self.angles, self.velocities, np.linspace(-2.0, 2.0, num_torques), indexing="ij"
        )
        states = np.stack([np.cos(angle), np.sin(angle), velocity], axis=-1).reshape(-1, 3)
        moved, rewards = step(states, torque.reshape(-1, 1))
        corners, weights = self._corners(moved)
        self.table = np.zeros((num_angles, num_velocities))
        for _ in range(num_sweeps):
            ahead = (self.table.ravel()[corners] * weights).sum(axis=0)
            self.table = (rewards + gamma * ahead).reshape(angle.shape).max(axis=-1)

    def __call__(self, states: np.ndarray) -> np.ndarray:
        """Return the interpolated values `(N,)` of states `(N, 3)`."""
        corners, weights = self._corners(states)
        return (self.table.ravel()[corners] * weights).sum(axis=0)

    def _corners(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the four grid points around each state and how much each counts, both `(4, N)`."""
        rows, columns = len(self.angles), len(self.velocities)
        row = (np.arctan2(states[:, 1], states[:, 0]) + np.pi) / (2 * np.pi) * rows
        column = np.clip((states[:, 2] + 8.0) / 16.0 * (columns - 1), 0, columns - 1)
        upper, left = np.floor(row), np.minimum(np.floor(column), columns - 2)
        down, right = row - upper, column - left
        first, second = upper.astype(np.int64) % rows, (upper.astype(np.int64) + 1) % rows
        left = left.astype(np.int64)
        corners = [first * columns + left, first * columns + left + 1]
        corners += [second * columns + left, second * columns + left + 1]
        weights = [(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right]
        return np.stack(corners), np.stack(weights)

"""A ball on a track with two hollows, one of them windy: continuous, noisy, and simple enough to be known exactly.

``HollowTrack`` is registered as ``labkit/HollowTrack-v0``. The same physics runs many balls at once in ``advance``, and
``collect`` records what they do. Nothing here plans or learns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded

SALT = 0x74726163  # keeps an environment seeded with a learner's own seed from drawing the learner's numbers
TIME_STEP = 0.1  # seconds
GRAVITY = 4.0  # m/s² for a slope of 1
FRICTION = 0.3  # 1/s
CALM, WINDY = 0.02, 0.1  # m/s: standard deviation of the gusts of one step, on the left and on the right
LIMITS = np.array([2.5, 5.0])  # m and m/s, far outside of what a ball reaches
LEFT_HOLLOW, RIGHT_HOLLOW = -1.0, 1.0  # m
PIXELS = (200, 320)  # rows and columns of a picture


def height(position: np.ndarray) -> np.ndarray:
    """Return the height of the track, in m: hollows at -1 and 1, a hump of a quarter between them."""
    return 0.25 * (np.square(position) - 1.0) ** 2


def gusts(position: np.ndarray) -> np.ndarray:
    """Return the standard deviation of the velocity after one step, in m/s: calm on the left, windy on the right."""
    return CALM + (WINDY - CALM) / (1.0 + np.exp(-10.0 * np.asarray(position)))


def advance(states: np.ndarray, actions: np.ndarray, draws: np.ndarray | float = 0.0) -> np.ndarray:
    """Move every ball on by one step of a tenth of a second.

    Args:
        states: position (m) and velocity (m/s), shape `(N, 2)`.
        actions: the push, between -1 and 1 (m/s²), shape `(N, 1)`.
        draws: standard normal numbers for the gusts, shape `(N,)`; 0 gives the expected next state.

    Returns:
        Next states, shape `(N, 2)`.
    """
    position, velocity = np.moveaxis(np.asarray(states, dtype=np.float64), -1, 0)
    slope = position * (np.square(position) - 1.0)
    push = np.clip(np.asarray(actions, dtype=np.float64)[..., 0], -1.0, 1.0)
    velocity = velocity + TIME_STEP * (push - GRAVITY * slope - FRICTION * velocity) + gusts(position) * draws
    return np.clip(np.stack([position + TIME_STEP * velocity, velocity], axis=-1), -LIMITS, LIMITS)


def collect(
    policy: Callable[[np.ndarray, np.random.Generator], np.ndarray], num_balls: int, num_steps: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Let many balls roll from the left hollow, and record them.

    Args:
        policy: `policy(states (N, 2), rng) -> pushes (N, 1)`.
        num_balls: N.
        num_steps: T, of a tenth of a second each.
        seed: of starts, gusts and the generator that the policy gets.

    Returns:
        `(states, actions)`, shapes `(N, T + 1, 2)` and `(N, T, 1)`.
    """
    rng = np.random.default_rng([SALT, seed])
    states = np.stack([LEFT_HOLLOW + 0.1 * rng.standard_normal(num_balls), np.zeros(num_balls)], axis=-1)
    visited, pushed = [states], []
    for _ in range(num_steps):
        pushed.append(policy(visited[-1], rng))
        visited.append(advance(visited[-1], pushed[-1], rng.standard_normal(num_balls)))
    return np.stack(visited, axis=1), np.stack(pushed, axis=1)


class HollowTrack(gymnasium.Env):
    """A ball in the left hollow of a track, to be pushed over the hump to the right, where the wind blows.

    The observation is position (m) and velocity (m/s), the action a push between -1 and 1 m/s², too weak to climb the
    hump without a swing. A step is a tenth of a second and earns minus the squared distance (m²) to the right hollow.
    Episodes do not end by themselves.

    Args:
        render_mode: `None` or `"rgb_array"`.

    Raises:
        ValueError: there is no such render mode.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012  Gymnasium declares it so

    def __init__(self, render_mode: str | None = None) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f"render_mode must be None or 'rgb_array', but it is {render_mode!r}.")
        self.render_mode = render_mode
        self.observation_space = spaces.Box(-LIMITS, LIMITS, dtype=np.float64)
        self.action_space = spaces.Box(-1.0, 1.0, shape=(1,), dtype=np.float64)
        self._state: np.ndarray | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Put the ball near the bottom of the left hollow, at rest, and return `(observation (2,), {})`."""
        super().reset(seed=seed)
        if seed is not None:
            self.np_random = np.random.default_rng([SALT, seed])
        self._state = np.array([LEFT_HOLLOW + 0.1 * self.np_random.standard_normal(), 0.0])
        return self._state.copy(), {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Push for one step and return `(observation (2,), reward, False, False, {})`.

        Raises:
            ResetNeeded: no episode is running.
            ValueError: the push is not one number between -1 and 1.
        """
        if self._state is None:
            raise ResetNeeded("no episode is running: call reset() before step().")
        try:
            push = np.asarray(action, dtype=np.float64)
        except (TypeError, ValueError):
            push = np.full(0, np.nan)
        if push.shape != (1,) or not abs(push[0]) <= 1.0:
            raise ValueError(f"action must be one number between -1 and 1 in an array (1,), but it is {action!r}.")
        self._state = advance(self._state, push, self.np_random.standard_normal())
        reward = -float((self._state[0] - RIGHT_HOLLOW) ** 2)
        return self._state.copy(), reward, False, False, {}

    def render(self) -> np.ndarray | None:
        """Return the track and the ball as an image, `(200, 320, 3)` of `uint8`, in mode `rgb_array`."""
        if self.render_mode is None:
            return None
        rows, columns = PIXELS
        row = np.arange(rows)[:, None]
        across = np.linspace(-1.8, 1.8, columns)
        surface = rows * (0.85 - 0.55 * height(across))
        image = np.full((*PIXELS, 3), 255, dtype=np.uint8)
        image[:, across > 0] = (226, 240, 248)  # the windy side
        image[row >= surface] = (110, 110, 110)
        if self._state is not None:
            column = int(np.abs(across - self._state[0]).argmin())
            middle = surface[column] - 8
            image[(row - middle) ** 2 + (np.arange(columns) - column) ** 2 <= 64] = (0, 114, 178)
        return image


if "labkit/HollowTrack-v0" not in gymnasium.registry:
    gymnasium.register(id="labkit/HollowTrack-v0", entry_point="labkit.track:HollowTrack")

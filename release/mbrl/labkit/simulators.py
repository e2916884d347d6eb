"""Simulators that checks hand to a student's function: they note every call, and no step can be skipped or hidden.

In grading a simulator stays with the judge and the student's code asks it, so what it noted is what happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from gymnasium import Env
from gymnasium.spaces import Discrete

from labkit.properties import Sent, Simulator


class Choices(Discrete, Sent):
    """The space of ``n`` actions or states, as Gymnasium has it."""

    def __init__(self, n: int) -> None:
        super().__init__(n)

    def parameters(self) -> dict[str, Any]:
        """Return ``n``."""
        return {"n": int(self.n)}


class Step(tuple):
    """One step as it was noted: ``(observation, action, reward, next_observation, terminated, truncated)``."""

    observation = property(lambda self: self[0])
    action = property(lambda self: self[1])
    reward = property(lambda self: self[2])
    next_observation = property(lambda self: self[3])
    terminated = property(lambda self: self[4])
    truncated = property(lambda self: self[5])


class RecordedEnv(Simulator):
    """A Gymnasium environment that notes what is done with it.

    Args:
        make: makes the environment; called once.
        max_episode_steps: episodes are truncated after so many steps, 0 for never.

    Attributes:
        episodes: for each reset the list of its ``Step``s.
        seeds: the seed given to each reset, ``None`` where there was none.
        misuses: a sentence for each step that was refused.
    """

    methods = ("reset", "step", "close")
    attributes = ("num_states", "num_actions", "action_space", "observation_space")

    def __init__(self, make: Callable[[], Env], max_episode_steps: int = 0) -> None:
        self._make, self._max_episode_steps = make, max_episode_steps
        self._env = make()
        self._observation: Any = None
        self._running = False
        self._spaces: dict[str, Choices | None] = {}
        self.episodes: list[list[Step]] = []
        self.seeds: list[int | None] = []
        self.misuses: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name not in self.attributes:
            raise AttributeError(name)
        if name in ("num_states", "num_actions"):
            return getattr(self._env, name, None)
        if name not in self._spaces:  # one object, so that a space that was seeded stays seeded
            space = getattr(self._env, name)
            self._spaces[name] = Choices(int(space.n)) if isinstance(space, Discrete) else None
        return self._spaces[name]

    def renewed(self) -> RecordedEnv:
        """Return the environment as it was before its first reset."""
        return RecordedEnv(self._make, self._max_episode_steps)

    @property
    def steps(self) -> list[Step]:
        """All steps of all episodes, in order."""
        return [step for episode in self.episodes for step in episode]

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode and return ``(observation, {})``."""
        observation, _ = self._env.reset(seed=None if seed is None else int(seed))
        self._observation, self._running = observation, True
        self.episodes.append([])
        self.seeds.append(None if seed is None else int(seed))
        return _copied(observation), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take one step and return ``(observation, reward, terminated, truncated, {})``."""
        if not self._running:
            self._refuse("step was called before reset, or after the episode had ended")
        taken = self._whole(action) if isinstance(self._env.action_space, Discrete) else np.array(action, dtype=float)
        observation, reward, terminated, truncated, _ = self._env.step(taken)
        length = len(self.episodes[-1]) + 1
        truncated = bool(truncated) or (0 < self._max_episode_steps <= length and not terminated)
        step = Step((self._observation, taken, float(reward), observation, bool(terminated), truncated))
        self.episodes[-1].append(step)
        self._observation, self._running = observation, not (terminated or truncated)
        return _copied(observation), float(reward), bool(terminated), truncated, {}

    def close(self) -> None:
        """Do nothing: the check still wants to read what was noted."""

    def _whole(self, action: Any) -> int:
        number = np.asarray(action)
        if number.size != 1 or number.dtype.kind not in "iub" or not 0 <= int(number.item()) < self.num_actions:
            self._refuse(f"step takes a whole number from 0 to {self.num_actions - 1}, but it got {action!r}")
        return int(number.item())

    def _refuse(self, sentence: str) -> NoReturn:
        self.misuses.append(sentence)
        raise ValueError(sentence)


def _copied(observation: Any) -> Any:
    return observation.copy() if isinstance(observation, np.ndarray) else observation

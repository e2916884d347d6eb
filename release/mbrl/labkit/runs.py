"""Runs of tabular agents: a record of what they met, how soon they recover, and a tour through an environment.

An agent is a function of an environment; what it learns inside is its own affair. Nothing here plans or learns.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from labkit.environments import GridWorld
from labkit.mazes import Maze


class StepsUsedUp(Exception):
    """The environment has been stepped as often as was agreed; ``run_for`` catches it."""


class Recorder(gymnasium.Wrapper):
    """Notes what happens in a tabular environment, and stops whoever goes on after ``num_steps`` steps.

    Attributes:
        states: the state each step began in.
        rewards: the reward of each step.
    """

    def __init__(self, env: GridWorld, num_steps: int) -> None:
        super().__init__(env)
        self.num_states, self.num_actions = env.num_states, env.num_actions
        self.states: list[int] = []
        self.rewards: list[float] = []
        self._left, self._state = num_steps, 0

    def reset(self, **arguments: Any) -> tuple[int, dict[str, Any]]:
        """Begin an episode."""
        self._state, info = self.env.reset(**arguments)
        return self._state, info

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Take one step and note it.

        Raises:
            StepsUsedUp: it would be one too many.
        """
        if not self._left:
            raise StepsUsedUp("all steps that were agreed have been taken.")
        outcome = self.env.step(action)
        self._left -= 1
        self.states.append(self._state)
        self.rewards.append(outcome[1])
        self._state = outcome[0]
        return outcome


def run_for(agent: Callable[[Any], Any], env: GridWorld, num_steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Let an agent learn for exactly ``num_steps`` real steps, however it counts them itself.

    Args:
        agent: called with an environment, in which it acts for at least ``num_steps`` steps.
        env: a tabular environment.
        num_steps: of the run.

    Returns:
        `(states, rewards)`, each of shape `(num_steps,)`: where each step began and what it earned.

    Raises:
        ValueError: the agent stopped before.
    """
    recorder = Recorder(env, num_steps)
    with contextlib.suppress(StepsUsedUp):
        agent(recorder)
    if len(recorder.rewards) < num_steps:
        raise ValueError(f"the agent must take {num_steps} steps, but it stopped after {len(recorder.rewards)}.")
    return np.array(recorder.states), np.array(recorder.rewards)


def steps_to_recover(rewards: np.ndarray, target: float, window: int = 100) -> int:
    """Return how many steps pass until the reward of the next ``window`` steps reaches ``target``.

    Args:
        rewards: of each step since the change, shape `(T,)`.
        target: sum of rewards over ``window`` steps that counts as recovered.
        window: number of steps that the reward rate is measured over.

    Returns:
        The first such step, counted from 0; `T` where there is none, so that the mean over runs is too low rather
        than too high.
    """
    earned = np.concatenate([[0.0], np.cumsum(rewards)])
    reached = np.flatnonzero(earned[window:] - earned[:-window] >= target)
    return int(reached[0]) if len(reached) else len(rewards)


class Tour(gymnasium.Wrapper):
    """A tour of a maze: the walker is put into one cell after another and takes single steps there.

    Every episode is one step long and truncated after it. An agent that acts at random learns the whole map, however
    large it is, and meets the goal last where the cells next to it come last.

    Args:
        env: a maze, whose walker can be `put` somewhere.
        stops: the states to visit, in this order, shape `(N,)`.
        visits: number of episodes that begin in each of them.

    Attributes:
        num_steps: steps that the whole tour takes; after them it begins anew.
    """

    def __init__(self, env: Maze, stops: np.ndarray, visits: int) -> None:
        super().__init__(env)
        self.num_states, self.num_actions = env.num_states, env.num_actions
        self._plan = [int(stop) for stop in stops for _ in range(visits)]
        self.num_steps = len(self._plan)
        self._episode = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Begin the next episode at its stop."""
        if seed is not None or not self._episode:
            self.env.reset(seed=seed, options=options)
        state = self._plan[self._episode % self.num_steps]
        self._episode += 1
        self.env.unwrapped.put(state)
        return state, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Take the one step of the episode."""
        state, reward, terminated, _, info = self.env.step(action)
        return state, reward, terminated, not terminated, info

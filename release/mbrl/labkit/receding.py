"""What checks of receding-horizon control hand out: a small deterministic world and a planner that notes its calls."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from labkit.properties import Simulator
from labkit.results import Violation, array, expect_close
from labkit.simulators import RecordedEnv

SALT = 0x6D7063
ENDINGS = ("never", "terminated", "truncated", "both")


class Drift(gymnasium.Env):
    """A world in which every observation and reward is new; where it starts depends on the seed of the reset.

    Args:
        observation_size: D; 0 where an observation is one whole number.
        action_size: K; 0 where an action is a whole number from 0 to 3.
        ending: how an episode ends after ``length`` steps, one of ``ENDINGS``.
        length: number of steps of an episode that ends.
    """

    def __init__(self, observation_size: int, action_size: int, ending: str, length: int) -> None:
        self.num_actions = 4
        self.action_space = spaces.Box(-1.0, 1.0, (action_size,)) if action_size else spaces.Discrete(4)
        self.observation_space = spaces.Box(-np.inf, np.inf, (max(observation_size, 1),))
        self._observation_size, self._ending, self._length = observation_size, ending, length
        self._time, self._place = 0, np.zeros(max(observation_size, 1))

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start somewhere and return `(observation, {})`."""
        rng = np.random.default_rng(None if seed is None else [SALT, seed])
        self._time, self._place = 0, rng.normal(size=self._place.shape)
        if not self._observation_size:
            self._place = rng.integers(1000, size=1) * 100.0
        return self._seen(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take one step and return `(observation, reward, terminated, truncated, {})`."""
        push = float(np.dot(np.ravel(action), 1.0 + np.arange(np.size(action))))
        reward = float(np.sin(self._place.sum()) - 1.0 + push / 3)
        self._time += 1
        self._place = self._place + 1.0 + (np.cos(push + np.arange(self._place.size)) if self._observation_size else 0)
        ends = self._ending != "never" and self._time >= self._length
        terminated, truncated = ends and self._ending != "truncated", ends and self._ending != "terminated"
        return self._seen(), reward, terminated, truncated, {}

    def _seen(self) -> Any:
        return self._place.copy() if self._observation_size else int(self._place[0])


class NotedPlanner(Simulator):
    """Answers with a plan that depends on the observation alone, and notes what it was asked."""

    methods = ("plan",)

    def __init__(self, horizon: int, action_size: int) -> None:
        self._horizon, self._action_size = horizon, action_size
        self.observations: list[Any] = []
        self.previous_plans: list[Any] = []

    def renewed(self) -> NotedPlanner:
        """Return the planner as it was before its first call."""
        return NotedPlanner(self._horizon, self._action_size)

    def answer(self, observation: Any) -> np.ndarray:
        """Return the plan for ``observation``; nothing is noted."""
        phase = 37.0 * float(np.sum(observation))
        numbers = np.sin(phase + 1.7 * np.arange(self._horizon * max(self._action_size, 1)) ** 2)
        if not self._action_size:
            return np.floor(np.abs(numbers) * 3.999).astype(np.int64)
        return numbers.reshape(self._horizon, self._action_size)

    def plan(self, observation: Any, previous_plan: Any) -> np.ndarray:
        """Return the plan for ``observation``."""
        self.observations.append(observation)
        self.previous_plans.append(previous_plan)
        return self.answer(observation)


class WatchedEpisode:
    """One call of ``mpc_episode`` with everything that it did and returned; reading it raises ``Violation``."""

    def __init__(self, f: Any, world: dict[str, Any], horizon: int, max_steps: int, seed: int) -> None:
        self.env = RecordedEnv(lambda: Drift(**world))
        self.planner = NotedPlanner(horizon, world["action_size"])
        self.horizon, self.action_shape = horizon, (world["action_size"],) if world["action_size"] else ()
        self.observation_shape = (world["observation_size"],) if world["observation_size"] else ()
        ends = max_steps if world["ending"] == "never" else min(max_steps, world["length"])
        result = f(self.env, self.planner.plan, horizon, max_steps, seed)
        if not isinstance(result, (tuple, list)) or len(result) != 3:
            raise Violation("the function should return (total_reward, observations, actions).")
        self.total_reward, self.observations, self.actions = result
        if len(self.env.episodes) != 1:
            raise Violation(f"the environment should be reset once, but it was reset {len(self.env.episodes)} times.")
        self.steps = self.env.steps
        if len(self.steps) != ends:
            raise Violation(f"the episode should have {ends} steps, but it had {len(self.steps)}.")
        for t, step in enumerate(self.steps):
            array(step.action, self.action_shape, f"the action of step {t}")

    def expect_results(self) -> None:
        """The results tell the episode as it happened."""
        total = array(self.total_reward, (), "the total reward")
        expect_close(total, np.array(sum(step.reward for step in self.steps)), "the total reward", 1e-9)
        count = len(self.steps)
        seen = array(self.observations, (count + 1, *self.observation_shape), "observations")
        first = self.steps[0].observation
        expect_close(seen, np.array([first, *(step.next_observation for step in self.steps)]), "observations", 1e-9)
        taken = array(self.actions, (count, *self.action_shape), "actions")
        expect_close(taken, np.array([step.action for step in self.steps]), "actions", 1e-9)

    def expect_planning(self) -> None:
        """The planner was asked before every step, about the newest observation, and its first action was taken."""
        if len(self.planner.observations) != len(self.steps):
            asked = len(self.planner.observations)
            raise Violation(f"plan should be called once before each of {len(self.steps)} steps, but it was {asked}.")
        for t, step in enumerate(self.steps):
            asked = array(self.planner.observations[t], self.observation_shape, f"the observation of call {t} of plan")
            expect_close(asked, np.array(step.observation), f"the observation given to call {t} of plan", 1e-9)
            first = np.array(self.planner.answer(step.observation)[0], dtype=np.float64)
            expect_close(np.array(step.action, dtype=np.float64), first, f"the action of step {t}", 1e-9)

    def expect_warm_start(self) -> None:
        """Each call of the planner was given its last answer, shifted by one step."""
        for t, given in enumerate(self.planner.previous_plans[: len(self.steps)]):
            if t == 0:
                if given is not None:
                    raise Violation("The first call of plan should be given None, for there is no previous plan.")
                continue
            last = self.planner.answer(self.steps[t - 1].observation)
            expected = last[np.minimum(np.arange(1, self.horizon + 1), self.horizon - 1)]
            name = f"the previous plan given to call {t} of plan"
            expect_close(array(given, expected.shape, name), expected, name, 1e-9, "shifted by one step")

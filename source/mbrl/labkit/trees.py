"""Deterministic simulators for tree search, written down as tables, and an environment that need not obey them.

``TableSimulator`` is a simulator ``step(state, action) -> (next_state, reward, terminated)`` that travels whole to
where a student's code runs. ``RecordedSteps`` stays with the check and notes every call. Neither of them goes on from a
terminal state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium import Env
from gymnasium.spaces import Discrete

from labkit.properties import Sent, Simulator
from labkit.simulators import Step

WIDTH = 3  # of the imagined board on which a state written as a pair has its row and column
SALT = 0x74726565  # keeps an environment seeded with an agent's own seed from drawing the agent's numbers


class TableSimulator(Sent):
    """A deterministic simulator of one state, as tables. State 0 is where searches begin.

    Args:
        next_states: where each action leads, shape `(S, A)`.
        rewards: what it earns, shape `(S, A)`.
        terminal: which states end the episode, shape `(S,)`, booleans.
        pairs: whether states are written as pairs of whole numbers, and not as one whole number.
    """

    def __init__(self, next_states: Any, rewards: Any, terminal: Any, pairs: bool = False) -> None:
        self.next_states = np.array(next_states, dtype=np.int64)
        self.rewards = np.array(rewards, dtype=np.float64)
        self.terminal = np.array(terminal, dtype=bool)
        self.pairs = bool(pairs)

    def parameters(self) -> dict[str, Any]:
        """Return the tables."""
        return {
            "next_states": self.next_states,
            "rewards": self.rewards,
            "terminal": self.terminal,
            "pairs": self.pairs,
        }

    def __repr__(self) -> str:
        return f"a simulator of {len(self.terminal)} states"

    @property
    def num_actions(self) -> int:
        return self.next_states.shape[1]

    @property
    def root(self) -> Any:
        return self.written(0)

    def __call__(self, state: Any, action: Any) -> tuple[Any, float, bool]:
        """Take one step from ``state``; raise ``ValueError`` with a sentence where that makes no sense."""
        number, action = self.numbered(state), self._action(action)
        if self.terminal[number]:
            raise ValueError(f"step was asked to go on from state {state!r}, which is terminal.")
        after = int(self.next_states[number, action])
        return self.written(after), float(self.rewards[number, action]), bool(self.terminal[after])

    def written(self, number: int) -> Any:
        """Return a state as the simulator shows it."""
        return divmod(int(number), WIDTH) if self.pairs else int(number)

    def numbered(self, state: Any) -> int:
        """Return the row of the tables that belongs to a state."""
        parts = np.asarray(state)
        if parts.dtype.kind in "iu" and parts.size == (2 if self.pairs else 1):
            parts = parts.ravel()
            number = int(parts[0]) * WIDTH + int(parts[1]) if self.pairs else int(parts[0])
            if 0 <= number < len(self.terminal):
                return number
        raise ValueError(f"step was given the state {state!r}, which it never returned.")

    def _action(self, action: Any) -> int:
        number = np.asarray(action)
        if number.size != 1 or number.dtype.kind not in "iub" or not 0 <= int(number.item()) < self.num_actions:
            raise ValueError(
                f"step takes a whole number from 0 to {self.num_actions - 1} as action, but it got {action!r}."
            )
        return int(number.item())


class RecordedSteps(Simulator):
    """A table simulator that notes every call of ``step``, which is what a check hands to a student's function.

    Attributes:
        calls: the ``Step``s in order, states as rows of the tables.
        misuses: a sentence for each step that was refused.
    """

    methods = ("step",)

    def __init__(self, simulator: TableSimulator) -> None:
        self._simulator = simulator
        self.calls: list[Step] = []
        self.misuses: list[str] = []

    def renewed(self) -> RecordedSteps:
        """Return the simulator as it was before the first call."""
        return RecordedSteps(self._simulator)

    def step(self, state: Any, action: Any) -> tuple[Any, float, bool]:
        """Take one step and note it."""
        try:
            after, reward, terminated = self._simulator(state, action)
        except ValueError as error:
            self.misuses.append(str(error))
            raise
        numbered = self._simulator.numbered
        taken = int(np.asarray(action).item())
        self.calls.append(Step((numbered(state), taken, reward, numbered(after), terminated, False)))
        return after, reward, terminated


class TableEnv(Env):
    """An environment made of tables like those of a ``TableSimulator``, which now and then does something else.

    Args:
        tables: the simulator whose tables it follows; its states are numbers.
        surprise: probability that a step leads to a state drawn at random, in [0, 1].
        starts: the states in which episodes begin, one drawn at random.
    """

    def __init__(self, tables: TableSimulator, surprise: float = 0.0, starts: Sequence[int] = (0,)) -> None:
        self._tables, self._surprise, self._starts = tables, surprise, list(starts)
        self.num_states, self.num_actions = tables.next_states.shape
        self.observation_space, self.action_space = Discrete(self.num_states), Discrete(self.num_actions)
        self._rng = np.random.default_rng(SALT)
        self._state = self._starts[0]

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Begin an episode; the same seed gives the same surprises."""
        if seed is not None:
            self._rng = np.random.default_rng([SALT, seed])
        self._state = int(self._rng.choice(self._starts))
        return self._state, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Take one step."""
        after, reward, _ = self._tables(self._state, action)
        if self._rng.random() < self._surprise:
            after = int(self._rng.integers(self.num_states))
        self._state = after
        return after, reward, bool(self._tables.terminal[after]), False, {}


def bandit(rewards: Sequence[float]) -> TableSimulator:
    """One decision: action a earns ``rewards[a]`` and ends the episode."""
    A = len(rewards)
    next_states = np.tile(np.arange(1, A + 1), (A + 1, 1))
    return TableSimulator(next_states, np.tile(np.asarray(rewards, dtype=float), (A + 1, 1)), np.arange(A + 1) > 0)


def chain(rewards: Sequence[float], num_actions: int = 1, pairs: bool = False) -> TableSimulator:
    """A walk of ``len(rewards)`` steps to the end, whatever the actions; step t earns ``rewards[t]``."""
    states = np.arange(len(rewards) + 1)
    onward = np.minimum(states + 1, len(rewards))
    earned = np.append(np.asarray(rewards, dtype=float), 0.0)
    columns = [np.repeat(each[:, None], num_actions, axis=1) for each in (onward, earned)]
    return TableSimulator(*columns, states == len(rewards), pairs)


def draw_tree(
    rng: np.random.Generator, num_actions: int, depth: int, draw_reward: Callable[[], float], early_end: float
) -> TableSimulator:
    """A random game tree: every path has its own states, and ends at ``depth`` or, by chance, before."""
    depths, next_states, rewards = [0], [], []
    terminal = [False]
    for state in _growing(depths):
        if terminal[state]:
            next_states.append([state] * num_actions)
            rewards.append([0.0] * num_actions)
            continue
        next_states.append([len(depths) + action for action in range(num_actions)])
        rewards.append([draw_reward() for _ in range(num_actions)])
        depths += [depths[state] + 1] * num_actions
        terminal += [depths[state] + 1 >= depth or rng.random() < early_end for _ in range(num_actions)]
    return TableSimulator(next_states, rewards, terminal)


def _growing(items: list) -> Any:
    """The numbers of the items of a list that grows on the way."""
    number = 0
    while number < len(items):
        yield number
        number += 1


def draw_graph(
    rng: np.random.Generator, num_states: int, num_actions: int, draw_reward: Callable[[], float], ends: float
) -> TableSimulator:
    """A random world in which paths meet again, and actions may stay where they are; state 0 is not terminal."""
    next_states = rng.integers(num_states, size=(num_states, num_actions))
    next_states[:, 0] = np.where(rng.random(num_states) < 0.3, np.arange(num_states), next_states[:, 0])
    terminal = rng.random(num_states) < ends
    terminal[0] = False
    rewards = [[draw_reward() for _ in range(num_actions)] for _ in range(num_states)]
    return TableSimulator(next_states, rewards, terminal)


def draw_fork(
    rng: np.random.Generator, num_actions: int, length: int, draw_reward: Callable[[], float]
) -> TableSimulator:
    """One decision at the root, with late consequences: each action leads to a walk of its own, up to ``length`` steps.

    On a walk all actions do the same, so that random rollouts have nothing to choose.
    """
    next_states, rewards, terminal = [[0] * num_actions], [[draw_reward() for _ in range(num_actions)]], [False]
    for action in range(num_actions):
        next_states[0][action] = len(terminal)
        steps = int(rng.integers(0, length + 1))
        for _ in range(steps):
            next_states.append([len(terminal) + 1] * num_actions)
            rewards.append([draw_reward()] * num_actions)
            terminal.append(False)
        next_states.append([len(terminal)] * num_actions)
        rewards.append([0.0] * num_actions)
        terminal.append(True)
    return TableSimulator(next_states, rewards, terminal)

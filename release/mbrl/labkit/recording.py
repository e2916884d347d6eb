"""What a search asks of its simulator: a wrapper that notes every step, and the tree that the notes amount to.

A ``RecordingSimulator`` gives every action sequence a state of its own, so that the nodes of any search on it can be
told apart, whoever wrote the search. It changes no outcome. ``grid_simulator`` turns a grid world into a simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from labkit.environments import GridWorld

Step = Callable[[Any, int], tuple[Any, float, bool]]


class TracedState(NamedTuple):
    """A state together with the actions that led to it; ``path`` is ``None`` where nothing is being noted."""

    state: Any
    path: tuple[int, ...] | None


@dataclass(frozen=True)
class RecordedTree:
    """The nodes that were reached, in the order in which they were; node 0 is the root.

    Attributes:
        parents: the parent of each node, −1 for the root, shape `(N,)`.
        actions: the action that leads to each node, −1 for the root, shape `(N,)`.
        visits: number of nodes at and below each node, the root itself left out, shape `(N,)`. As every simulation of a
            tree search adds one node, this is the number of simulations that went through it, unless some ended in a
            terminal node a second time.
        depths: steps from the root, shape `(N,)`.
        states: the simulator's own state at each node.
    """

    parents: np.ndarray
    actions: np.ndarray
    visits: np.ndarray
    depths: np.ndarray
    states: list[Any]


class RecordingSimulator:
    """A simulator that behaves as ``step`` does and notes which action sequences were tried.

    Args:
        step: `step(state, action) -> (next_state, reward, terminated)`.

    Attributes:
        calls: number of steps taken, noted or not.
    """

    def __init__(self, step: Step) -> None:
        self._step = step
        self._states: dict[tuple[int, ...], Any] = {}
        self._noting = True
        self.calls = 0

    def root(self, state: Any) -> TracedState:
        """Return `state` as the root of a search on this simulator."""
        self._states[()] = state
        return TracedState(state, ())

    def __call__(self, traced: TracedState, action: int) -> tuple[TracedState, float, bool]:
        """Take one step; the next state knows the way that it was reached by."""
        self.calls += 1
        state, reward, terminated = self._step(traced.state, action)
        if not self._noting or traced.path is None:
            return TracedState(state, None), reward, terminated
        path = (*traced.path, int(action))
        self._states.setdefault(path, state)
        return TracedState(state, path), reward, terminated

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Count steps without noting them: for rollouts, whose states are no nodes of the tree."""
        noting, self._noting = self._noting, False
        try:
            yield
        finally:
            self._noting = noting

    def tree(self) -> RecordedTree:
        """Return the tree of all noted action sequences.

        Raises:
            ValueError: no search was begun at `root`.
        """
        if () not in self._states:
            raise ValueError("nothing was recorded: begin the search at recorder.root(state).")
        paths = list(self._states)
        number = {path: node for node, path in enumerate(paths)}
        parents = np.array([number[path[:-1]] if path else -1 for path in paths])
        visits = np.ones(len(paths), dtype=np.int64)
        for node in sorted(range(1, len(paths)), key=lambda node: -len(paths[node])):
            visits[parents[node]] += visits[node]
        visits[0] -= 1  # no simulation made the root
        return RecordedTree(
            parents=parents,
            actions=np.array([path[-1] if path else -1 for path in paths]),
            visits=visits,
            depths=np.array([len(path) for path in paths]),
            states=list(self._states.values()),
        )


def grid_simulator(env: GridWorld) -> Step:
    """Return the rules of a grid world without slipping, `step(state, action) -> (next_state, reward, terminated)`.

    With ``env.slip`` above 0 it is the world in which every step goes where it was meant to go.

    Raises:
        ValueError: when called with a terminal state or an unknown action.
    """
    env = env.unwrapped
    targets = env.targets.tolist()
    rewards, terminal = env.arrival_rewards.tolist(), env.terminal.tolist()

    def step(state: int, action: int) -> tuple[int, float, bool]:
        if terminal[state]:
            raise ValueError(f"the walk has ended in state {state}: there is no step from a goal or a hole.")
        if not 0 <= action < env.num_actions:
            raise ValueError(f"action must be a whole number from 0 to {env.num_actions - 1}, but it is {action!r}.")
        target = targets[state][action]
        return target, rewards[target], terminal[target]

    return step

"""All outcomes that a correct tree search can have on a small world whose rollouts leave nothing to chance.

A search may try untried actions in any order and break ties any way, and it may or may not count the running
simulation, or a node's own rollout, among the visits that `ucb1` takes the logarithm of. ``outcomes`` follows all these
choices; they meet again quickly, because a tree is the same whichever of two children came first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from labkit.trees import TableSimulator

TIE = 1e-9
DIGITS = 11  # sums that agree to so many digits, relative to the largest reward, are one tree
# What is added to the visits of the children, at the root and elsewhere, to get the parent's visits.
PARENT_COUNTS = ((0, 1), (1, 2), (0, 0), (1, 1))


class Node(NamedTuple):
    """A node of a search tree: ``children`` holds ``None`` for an untried action."""

    state: int
    visits: int
    total: float
    children: tuple


class TooMany(Exception):
    """There are more possible trees than anyone wants to follow."""


@dataclass(frozen=True)
class Outcome:
    """What a search returns."""

    visits: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Search:
    """One way to search a world: everything but ties and the order of untried actions is settled."""

    world: TableSimulator
    c: float
    gamma: float
    max_depth: int
    parent_counts: tuple[int, int]

    def trees(self, root: int, num_simulations: int, most: int) -> set[Node]:
        """Return all trees that ``num_simulations`` simulations can make."""
        trees = {Node(root, 0, 0.0, (None,) * self.world.num_actions)}
        for _ in range(num_simulations):
            trees = {after for tree in trees for after, _ in self._simulated(tree, True)}
            if len(trees) > most:
                raise TooMany
        return trees

    def _simulated(self, node: Node, at_root: bool = False) -> list[tuple[Node, float]]:
        """Return each tree below ``node`` after one more simulation, with the simulation's return from there."""
        if self.world.terminal[node.state]:
            return [(node._replace(visits=node.visits + 1), 0.0)]
        found = []
        for action in self._choices(node, at_root):
            reward = float(self.world.rewards[node.state, action])
            for child, earned in self._continued(node, action):
                value = reward + self.gamma * earned
                children = (*node.children[:action], child, *node.children[action + 1 :])
                if self._alike(node.state) and not at_root:
                    children = tuple(sorted(children, key=lambda each: (each is None, repr(each))))
                total = round(node.total + value, self._digits)
                found.append((Node(node.state, node.visits + 1, total, children), value))
        return found

    def _continued(self, node: Node, action: int) -> list[tuple[Node, float]]:
        child = node.children[action]
        if child is not None:
            return self._simulated(child)
        state = int(self.world.next_states[node.state, action])
        value = self._rollout(state)
        return [(Node(state, 1, value, (None,) * self.world.num_actions), value)]

    def _choices(self, node: Node, at_root: bool) -> list[int]:
        untried = [action for action, child in enumerate(node.children) if child is None]
        if untried:
            return untried[:1] if self._alike(node.state) and not at_root else untried
        parent_visits = sum(child.visits for child in node.children) + self.parent_counts[0 if at_root else 1]
        scores = [
            float(self.world.rewards[node.state, action])
            + self.gamma * child.total / child.visits
            + self.c * math.sqrt(math.log(parent_visits) / child.visits)
            for action, child in enumerate(node.children)
        ]
        best = max(scores)
        return [action for action, score in enumerate(scores) if score >= best - TIE * max(1.0, abs(best), self.c)]

    @cached_property
    def _digits(self) -> int:
        largest = float(np.abs(self.world.rewards).max())
        return DIGITS - round(math.log10(largest)) if largest > 0 else DIGITS

    def _alike(self, state: int) -> bool:
        """Whether all actions do the same, so that it does not matter which of them a child belongs to."""
        return len(set(self.world.next_states[state])) == 1 and len(set(self.world.rewards[state])) == 1

    def _rollout(self, state: int) -> float:
        """Return the value of a new node; the actions must not matter from there on."""
        value, discount = 0.0, 1.0
        for _ in range(self.max_depth):
            if self.world.terminal[state]:
                break
            if not self._alike(state):
                raise ValueError("the rollouts of this world depend on chance")
            value += discount * float(self.world.rewards[state, 0])
            discount *= self.gamma
            state = int(self.world.next_states[state, 0])
        return value


def outcomes(
    world: TableSimulator, root: int, num_simulations: int, c: float, gamma: float, max_depth: int = 0, most: int = 400
) -> list[Outcome]:
    """Return everything that a correct search can return; raise ``TooMany`` where one would follow too many trees."""
    tables = (world.next_states.tobytes(), world.rewards.tobytes(), world.terminal.tobytes(), world.num_actions)
    return list(_outcomes(tables, root, num_simulations, c, gamma, max_depth, most))


def most_visited(found: list[Outcome]) -> set[int]:
    """Return the actions that some of the outcomes may have visited most."""
    return {action for each in found for action, count in enumerate(each.visits) if count == max(each.visits)}


@cache
def _outcomes(tables, root, num_simulations, c, gamma, max_depth, most) -> tuple[Outcome, ...]:
    next_states, rewards, terminal, num_actions = tables
    world = TableSimulator(
        np.frombuffer(next_states, dtype=np.int64).reshape(-1, num_actions),
        np.frombuffer(rewards).reshape(-1, num_actions),
        np.frombuffer(terminal, dtype=bool),
    )
    found = set()
    for parent_counts in PARENT_COUNTS:
        search = Search(world, c, gamma, max_depth, parent_counts)
        found |= {_outcome(world, gamma, tree) for tree in search.trees(root, num_simulations, most)}
    return tuple(sorted(found, key=lambda each: (each.visits, each.values)))


def _outcome(world: TableSimulator, gamma: float, tree: Node) -> Outcome:
    visits = tuple(0 if child is None else child.visits for child in tree.children)
    values = tuple(
        0.0 if child is None else float(world.rewards[tree.state, action]) + gamma * child.total / child.visits
        for action, child in enumerate(tree.children)
    )
    return Outcome(visits, values)

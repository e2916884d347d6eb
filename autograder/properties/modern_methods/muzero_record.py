"""What a search in a learned model did, told from the nodes that it added, and what else it could have done.

Each simulation adds one node, so the order of the nodes tells the way of every simulation (``added_nodes``).
``SearchTree`` knows what the search knew before each of them, and which actions `puct` allows then. Ties may be broken
any way; until the values of two visited actions differ, any treatment of them is right; and the smallest and the
largest value may be those of the moment or of all moments so far, for published code does either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from labkit.latents import LatentModel

TIE = 1e-9
SAME = 1e-9  # values that differ by less, relative to the largest, are equal but for rounding


class TooMany(Exception):
    """There are more possible searches than anyone wants to follow."""


class SearchTree:
    """The tree of a search, grown by one node with every simulation.

    Args:
        model: the tables that the search is about; it is asked nothing.
        root: the situation of the root.
        c_init: see `puct`.
        c_base: see `puct`.
        gamma: discount factor.
        remembers: whether minimum and maximum are those of all values so far, and not only of the present ones.
        most: how many simulations there will be at most.
    """

    def __init__(
        self, model: LatentModel, root: int, c_init: float, c_base: float, gamma: float, remembers: bool, most: int
    ) -> None:
        self._model, self._c_init, self._c_base, self._gamma = model, c_init, c_base, gamma
        self._remembers = remembers
        self.situations = [root]
        self.children: list[list[int]] = [[-1] * model.num_actions]
        self._parents: list[tuple[int, int]] = [(-1, -1)]
        self._visits = np.zeros((most + 1, model.num_actions))
        self._sums = np.zeros((most + 1, model.num_actions))
        self._range: tuple[float, float] | None = None

    def copy(self) -> SearchTree:
        """Return a tree that grows by itself."""
        other = object.__new__(SearchTree)
        other.__dict__.update(self.__dict__)
        other.situations, other._parents = list(self.situations), list(self._parents)
        other.children = [list(each) for each in self.children]
        other._visits, other._sums = self._visits.copy(), self._sums.copy()
        return other

    @property
    def visits(self) -> tuple[int, ...]:
        return tuple(int(each) for each in self._visits[0])

    @property
    def root_value(self) -> float:
        return float(self._sums[0].sum() / self._visits[0].sum())

    def way_to(self, node: int, action: int) -> list[tuple[int, int]]:
        """Return the edges from the root to the action ``action`` of ``node``."""
        way = [(node, action)]
        while way[-1][0] > 0:
            way.append(self._parents[way[-1][0]])
        return way[::-1]

    def allowed(self, node: int) -> np.ndarray:
        """Return which actions of ``node`` a simulation may take now, ``(A,)`` booleans."""
        visits, priors = self._visits[node], self._model.priors[self.situations[node]]
        total = visits.sum()
        weight = self._c_init + math.log((total + self._c_base + 1) / self._c_base)
        bonus = priors * math.sqrt(total) / (1 + visits) * weight
        visited = visits > 0
        lowest, highest = self._range or (0.0, 0.0)
        size = max(abs(lowest), abs(highest))
        if not highest - lowest > SAME * size:
            # Visited actions may gain any number, or NaN where 0 is divided by 0, for which argmax takes the first of
            # them whatever its bonus: each of them is a choice, and so is the best of the others.
            return visited | _largest(bonus, ~visited, TIE)
        q = self._sums[node] / np.maximum(visits, 1)
        scores = bonus + np.where(visited, (q - lowest) / (highest - lowest), 0.0)
        return _largest(scores, np.ones_like(visited), TIE + 1e-13 * size / (highest - lowest))

    def grow(self, node: int, action: int) -> None:
        """Add the node that a simulation reaches by ``action`` of ``node``, and back its value up."""
        situation = int(self._model.next_situations[self.situations[node], action])
        self.children[node][action] = len(self.situations)
        self.situations.append(situation)
        self._parents.append((node, action))
        self.children.append([-1] * self._model.num_actions)
        value = float(self._model.values[situation])
        for parent, taken in reversed(self.way_to(node, action)):
            value = float(self._model.rewards[self.situations[parent], taken]) + self._gamma * value
            self._visits[parent][taken] += 1
            self._sums[parent][taken] += value
        self._range = self._new_range(self.way_to(node, action))

    def _new_range(self, changed: list[tuple[int, int]]) -> tuple[float, float]:
        """Return the smallest and the largest value after the values of the edges ``changed`` have changed."""
        if self._remembers:
            values = [self._sums[edge] / self._visits[edge] for edge in changed]
            return float(min([*values, *(self._range or ())])), float(max([*values, *(self._range or ())]))
        visited = self._visits > 0
        present = self._sums[visited] / self._visits[visited]
        return float(present.min()), float(present.max())


def _largest(scores: np.ndarray, among: np.ndarray, slack: float) -> np.ndarray:
    """Return which of the scores ``among`` those that count are the largest, up to ``slack``."""
    best = scores.max(where=among, initial=-np.inf)
    return among & (scores >= best - slack * max(1.0, abs(best)))


def added_nodes(model: LatentModel, num_simulations: int) -> list[tuple[int, int]] | None:
    """Tell which node each simulation added, from what the model was asked.

    The value of every added node is needed at once, so they are the ones that ``predict`` was asked about, if they are
    as many as simulations; edges may be asked for in advance, such as all those of a new node.

    Returns:
        `(parent, action)` for each simulation, where nodes are counted in the order in which they were added from the
        root, 0; ``None`` where it cannot be told.
    """
    added = [node for node in model.predicted if node]
    if len(added) != num_simulations:
        return model.edges if len(model.edges) == num_simulations else None
    numbers = {node: number for number, node in enumerate([0, *added])}
    edges = [model.edges[node - 1] for node in added]
    if not all(numbers.get(parent, number) < number for number, (parent, _) in enumerate(edges, start=1)):
        return None
    return [(numbers[parent], action) for parent, action in edges]


def first_fault(
    model: LatentModel, edges: Sequence[tuple[int, int]], c_init: float, c_base: float, gamma: float
) -> tuple[int, SearchTree]:
    """Follow the search that added the nodes behind ``edges``, one with each simulation.

    Returns:
        The number of the first simulation that took an action which `puct` does not allow, -1 where there is none, and
        the tree after all of them.
    """
    faults = []
    for remembers in (False, True):
        tree, fault = SearchTree(model, model.situations[0], c_init, c_base, gamma, remembers, len(edges)), -1
        for number, (node, action) in enumerate(edges):
            if fault < 0 and not all(tree.allowed(parent)[taken] for parent, taken in tree.way_to(node, action)):
                fault = number
            tree.grow(node, action)
        if fault < 0:
            return -1, tree
        faults.append(fault)
    return max(faults), tree


@cache
def outcomes(model: LatentModel, num_simulations: int, c_init: float, c_base: float, gamma: float, most: int) -> tuple:
    """Return every ``(visits, root_value)`` that a correct search from situation 0 can return.

    Raises:
        TooMany: there are more than ``most`` trees on the way.
    """
    found = set()
    for remembers in (False, True):
        trees = [SearchTree(model, 0, c_init, c_base, gamma, remembers, num_simulations)]
        for _ in range(num_simulations):
            trees = [after for tree in trees for after in _simulated(tree)]
            if len(trees) > most:
                raise TooMany
        found |= {(tree.visits, round(tree.root_value, 10)) for tree in trees}
    return tuple(sorted(found))


def _simulated(tree: SearchTree) -> list[SearchTree]:
    """Return the tree after one more simulation, for each way that it may go."""
    grown, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        for action in np.flatnonzero(tree.allowed(node)):
            child = tree.children[node][action]
            if child >= 0:
                waiting.append(child)
            else:
                after = tree.copy()
                after.grow(node, int(action))
                grown.append(after)
    return grown

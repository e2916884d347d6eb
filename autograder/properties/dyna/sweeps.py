"""The readings of prioritised sweeping that are all right, run on recorded steps.

They differ in what becomes of stale and duplicate entries of the queue, and in the order of ties. Where every reading
gives the same table, a correct solution gives it too, whatever its queue is made of.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograder.properties.dyna.worlds import Model, Pair
from labkit.simulators import Step


@dataclass(frozen=True)
class Reading:
    """One way to keep the queue.

    Attributes:
        entries: ``newest``, ``largest`` or ``oldest`` priority of each pair, or ``all`` of them as duplicates.
        stale: what happens to an entry whose error has fallen to theta: ``update``, ``skip`` or ``spend`` (skip, but
            count it against the planning steps).
        late_first: whether the younger entry goes first among equals.
    """

    entries: str
    stale: str
    late_first: bool


READINGS = tuple(
    Reading(entries, stale, late_first)
    for entries in ("newest", "largest", "oldest", "all")
    for stale in ("update", "skip", "spend")
    for late_first in (False, True)
)


@dataclass
class Sweep:
    """A run of prioritised sweeping on recorded steps, under one reading."""

    shape: tuple[int, int]
    planning_steps: int
    alpha: float
    gamma: float
    theta: float
    reading: Reading

    def __post_init__(self) -> None:
        self.Q = [[0.0] * self.shape[1] for _ in range(self.shape[0])]
        self.model: Model = {}
        self.queue: list[tuple[float, int, Pair]] = []
        self.clock = itertools.count()
        self.num_updates = 0

    def error(self, pair: Pair) -> float:
        reward, next_state, terminated = self.model[pair]
        return reward + (0.0 if terminated else self.gamma * max(self.Q[next_state])) - self.Q[pair[0]][pair[1]]

    def enqueue(self, pair: Pair) -> None:
        priority = abs(self.error(pair))
        queued = [entry for entry in self.queue if entry[2] == pair]
        if self.reading.entries == "newest":
            self.queue = [entry for entry in self.queue if entry[2] != pair]
        if self.reading.entries == "oldest" and queued:
            return
        if self.reading.entries == "largest" and queued:
            if -queued[0][0] >= priority:
                return
            self.queue.remove(queued[0])
        if priority > self.theta:
            order = next(self.clock) * (-1 if self.reading.late_first else 1)
            self.queue.append((-priority, order, pair))

    def plan(self) -> None:
        left = self.planning_steps
        while self.queue and left > 0:
            first = min(self.queue)
            self.queue.remove(first)
            pair = first[2]
            if self.reading.stale != "update" and abs(self.error(pair)) <= self.theta:
                left -= self.reading.stale == "spend"
                continue
            self.Q[pair[0]][pair[1]] += self.alpha * self.error(pair)
            self.num_updates += 1
            left -= 1
            for predecessor, (_, next_state, _) in self.model.items():
                if next_state == pair[0]:
                    self.enqueue(predecessor)

    def follow(self, steps: Sequence[Step]) -> tuple[np.ndarray, int]:
        for step in steps:
            pair = step.observation, step.action
            self.model[pair] = step.reward, step.next_observation, step.terminated
            self.enqueue(pair)
            self.plan()
        return np.array(self.Q), self.num_updates


def agreed_result(
    steps: Sequence[Step], shape: tuple[int, int], planning_steps: int, alpha: float, gamma: float, theta: float
) -> tuple[np.ndarray, int] | None:
    """Return the table and the count of updates that every reading gives, ``None`` where they differ."""
    results = (Sweep(shape, planning_steps, alpha, gamma, theta, reading).follow(steps) for reading in READINGS)
    Q, num_updates = next(results)
    for other, count in results:
        if count != num_updates or np.abs(other - Q).max() > 1e-10 * np.abs(Q).max(initial=1.0):
            return None
    return Q, num_updates

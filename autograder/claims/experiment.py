"""What an experiment and a claim are, and the intervals that decide whether a claim is borne out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
LEVEL = 0.95

Samples = Mapping[str, np.ndarray]  # what was measured, one number for each seed


@dataclass(frozen=True)
class Claim:
    """One row of the table: what the course says, what was measured, and whether the interval bears it out."""

    unit: str
    statement: str
    measured: str
    borne_out: bool
    seeds: int


@dataclass(frozen=True)
class Experiment:
    """``run(seed)`` measures named numbers; ``conclude`` turns those of all seeds into claims."""

    name: str
    run: Callable[[int], dict[str, float]]
    conclude: Callable[[Samples], Sequence[Claim]]
    seeds: int = 30


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.estimate:.3g} [{self.low:.3g}, {self.high:.3g}]"


def bootstrap(statistic: Callable[..., np.ndarray], *samples: np.ndarray) -> Interval:
    """Return a statistic of paired samples with its percentile bootstrap interval; seeds are resampled together.

    Args:
        statistic: takes the samples along the last axis and reduces it.
        samples: arrays of one length, one number for each seed.
    """
    count = len(samples[0])
    drawn = np.random.default_rng(0).integers(count, size=(RESAMPLES, count))
    resampled = statistic(*(each[drawn] for each in samples))
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
    return Interval(float(statistic(*samples)), float(low), float(high))


def mean_difference(better: np.ndarray, worse: np.ndarray) -> Interval:
    """Return by how much the mean of ``better`` lies above that of ``worse``."""
    return bootstrap(lambda a, b: a.mean(axis=-1) - b.mean(axis=-1), better, worse)


def factor(larger: np.ndarray, smaller: np.ndarray) -> Interval:
    """Return how many times as large the mean of ``larger`` is as that of ``smaller``."""
    return bootstrap(lambda a, b: a.mean(axis=-1) / b.mean(axis=-1), larger, smaller)


def mean(samples: np.ndarray) -> Interval:
    """Return the mean."""
    return bootstrap(lambda a: a.mean(axis=-1), samples)

"""Hidden properties of the split into folds."""

from __future__ import annotations

import functools
import math

import numpy as np
from hypothesis import strategies as st

from autograder.properties.environment_models.common import FALSE_ALARM, NOTEBOOK, expect_frequency, random_seeds
from autograder.properties.shared import hidden
from labkit.properties import Exercise
from labkit.results import Violation, folds

kfold_indices = Exercise("kfold_indices", NOTEBOOK)


@kfold_indices.property(
    "The folds are a proper split for every n and k, also where k does not divide n and where k is n.",
    cases=st.sampled_from([(10, 10), (23, 5), (100, 7), (2, 2), (31, 30), (64, 2), (19, 4), (50, 12), (12, 5), (97, 3)])
    .flatmap(lambda sizes: st.fixed_dictionaries({"n": st.just(sizes[0]), "k": st.just(sizes[1])}))
    .flatmap(lambda case: st.integers(0, 2**31 - 1).map(lambda seed: {**case, "seed": seed})),
    **hidden(weight=2, trials=40),
)
def proper_split(f, n, k, seed):
    split = folds(f(n, k, seed), n, k)
    sizes = sorted(len(validation) for _, validation in split)
    if sizes != sorted(n // k + (fold < n % k) for fold in range(k)):
        raise Violation(f"The validation sets of {n} examples in {k} folds have the sizes {sizes}.")
    if sorted(i for _, validation in split for i in validation.tolist()) != list(range(n)):
        raise Violation("The validation sets do not hold every example exactly once.")
    for training, validation in split:
        if sorted([*training.tolist(), *validation.tolist()]) != list(range(n)):
            raise Violation("A training set is not the complement of its validation set.")


CALLS = 1000
SPLITS = ((4, 2), (6, 3), (5, 2))
MANY = 60  # examples in two folds, of which halves are looked at

HALVES = {
    "0 to 29": np.arange(MANY) < 30,
    "10 to 39": (np.arange(MANY) >= 10) & (np.arange(MANY) < 40),
    "20 to 49": (np.arange(MANY) >= 20) & (np.arange(MANY) < 50),
    "that are even": np.arange(MANY) % 2 == 0,
}


@kfold_indices.property(
    "Over many seeds every example is as likely as any other to be in a fold, and with any other example.",
    cases=random_seeds,
    **hidden(weight=3, trials=1),
)
def uniform_over_seeds(f, random_seed):
    rng = np.random.default_rng([random_seed, 7])
    tests = sum(n * (n - 1) // 2 + n * k + n for n, k in SPLITS) + len(HALVES)
    for n, k in SPLITS:
        fold_of = np.empty((CALLS, n), dtype=np.int64)
        sizes = np.empty((CALLS, n), dtype=np.int64)
        for call, seed in enumerate(rng.choice(2**31, size=CALLS, replace=False)):
            fold_of[call] = -1
            for fold, (_, validation) in enumerate(folds(f(n, k, int(seed)), n, k)):
                fold_of[call, validation] = fold
                sizes[call, validation] = len(validation)
        _expect_uniform(fold_of, sizes, n, k, tests)
    in_first = np.zeros((CALLS, MANY), dtype=bool)
    for call, seed in enumerate(rng.choice(2**31, size=CALLS, replace=False)):
        in_first[call, folds(f(MANY, 2, int(seed)), MANY, 2)[0][1]] = True
    for name, half in HALVES.items():
        _expect_half(int(in_first[:, half].sum()), tests, name)


@functools.cache
def _half_limit(tests: int) -> float:
    """How far a count over all calls may be from its mean; beyond, chance has less than its share of a false alarm.

    In a call the number is hypergeometric, and by Chernoff P(sum >= mean + x) <= exp(calls * log E exp(l d) - l x) for
    every l > 0, with d the deviation of one call. A shuffle that is biased a little (each place exchanged with any
    other) moves the count by some ten standard deviations.
    """
    half = MANY // 2
    weights = np.array([math.comb(half, hit) ** 2 / math.comb(MANY, half) for hit in range(half + 1)])
    deviations = np.arange(half + 1) - half / 2
    bounds = [
        (CALLS * math.log(float(weights @ np.exp(rate * deviations))) + math.log(2 * tests / FALSE_ALARM)) / rate
        for rate in np.linspace(0.02, 0.5, 97)
    ]
    return min(bounds)


def _expect_half(times: int, tests: int, name: str) -> None:
    mean = CALLS * MANY / 4
    if abs(times - mean) > _half_limit(tests):
        raise Violation(
            f"Of {MANY} examples in 2 folds, those with numbers {name} are in the first fold {times} times "
            f"in {CALLS} calls, but about {mean:.0f} times is what chance gives."
        )


def _expect_uniform(fold_of, sizes, n, k, tests):
    """Pairs meet, and examples fall into a larger fold or (where all are alike) a given one, as often as by chance."""
    if (fold_of < 0).any():
        raise Violation("The validation sets do not hold every example.")
    expected_sizes = [n // k + (fold < n % k) for fold in range(k)]
    meet = sum(size * (size - 1) for size in expected_sizes) / (n * (n - 1))
    for i in range(n):
        for j in range(i):
            together = int((fold_of[:, i] == fold_of[:, j]).sum())
            expect_frequency(together, CALLS, meet, tests, f"Of {n} in {k} folds, {j} and {i} are together")
        if n % k:
            large = int((sizes[:, i] > n // k).sum())
            expect_frequency(large, CALLS, n % k * (n // k + 1) / n, tests, f"Example {i} is in a larger fold")
        else:
            for fold in range(k):
                times = int((fold_of[:, i] == fold).sum())
                expect_frequency(times, CALLS, 1 / k, tests, f"Example {i} is in validation set {fold}")

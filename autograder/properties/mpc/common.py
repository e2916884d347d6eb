"""What several of the hidden properties of unit 5 draw, compare and expect."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from labkit.results import Violation

NOTEBOOK = "05_mpc"
RELATIVE = 1e-8
FALSE_ALARM = 1e-10  # of all statistical tests in one case; a property has at most ten such cases
seeds = st.integers(0, 2**31 - 1)
drawn = st.integers(0, 2**32 - 1)


def expect_uniform(numbers, tests, name):
    """Numbers that are independent and uniform on [0, 1] pass with probability at least 1 - FALSE_ALARM / tests.

    Dvoretzky, Kiefer, Wolfowitz and Massart: P(sup |F_n - F| > e) <= 2 exp(-2 n e^2).
    """
    numbers = np.sort(np.ravel(numbers))
    n = len(numbers)
    allowed = math.sqrt(math.log(2 * tests / FALSE_ALARM) / (2 * n))
    grid = np.arange(n + 1) / n
    gap = max(np.abs(grid[1:] - numbers).max(), np.abs(grid[:-1] - numbers).max())
    if gap > allowed:
        raise Violation(f"{name}: the distribution is off by {gap:.3f}; chance allows {allowed:.3f}.")


def expect_independent(first, second, tests, name):
    """The difference, modulo 1, of two independent uniform numbers is uniform."""
    expect_uniform(np.mod(first - second, 1.0), tests, name)


def draw_box(rng, action_size):
    """Bounds that lie askew: no two dimensions alike, 0 inside, outside or at the edge."""
    low = rng.uniform(-3, 2, action_size) * 10.0 ** rng.integers(-1, 2, action_size)
    return low, low + rng.uniform(0.5, 3, action_size)

"""What several of the hidden properties of unit 1 draw and expect."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from labkit.results import Violation

NOTEBOOK = "01_environment_models"
RELATIVE = 1e-8
FALSE_ALARM = 1e-9
random_seeds = st.fixed_dictionaries({"random_seed": st.integers(0, 2**32 - 1)})


def _divergence(q: float, p: float) -> float:
    """KL(q, p) of two coins."""
    return sum(a * math.log(a / b) if b > 0 else math.inf for a, b in ((q, p), (1 - q, 1 - p)) if a > 0)


def expect_frequency(times: int, trials: int, p: float, tests: int, what: str) -> None:
    """Raise a violation where ``times`` of ``trials`` cannot be chance; ``tests`` are made in all by the property."""
    if trials * _divergence(times / trials, p) > math.log(2 * tests / FALSE_ALARM):
        raise Violation(f"{what} in {times} of {trials} cases, but has a probability of {p:.4g}.")

"""What several of the hidden properties of unit 4 draw and expect."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from labkit.results import Violation

NOTEBOOK = "04_mcts"
RELATIVE = 1e-8
FALSE_ALARM = 1e-11  # for each frequency; no property compares more than 70 of them over its cases
random_cases = st.fixed_dictionaries({"random_seed": st.integers(0, 2**32 - 1)})
scales = (1.0, 0.01, 30.0, 1e4)


def expect_frequency(count, total, p, what):
    """Raise a violation where ``count`` of ``total`` draws of probability ``p`` is beyond chance."""
    q = count / total
    divergence = sum(a * math.log(a / b) for a, b in ((q, p), (1 - q, 1 - p)) if a > 0)
    if 2 * math.exp(-total * divergence) < FALSE_ALARM:
        raise Violation(f"{what} {count} times in {total}, but a uniform choice has a probability of {p:.4g}.")


def prepared(draw, *inputs):
    """Random cases whose expected answers are worked out when they are drawn, once for all submissions."""

    def prepare(case):
        draw(case["random_seed"], *inputs)
        return case

    return random_cases.map(prepare)


weights = (0.0, 0.5, 2**0.5, 1.0, 3.0)
search_discounts = (0.9, 0.0, 0.5, 0.3, 0.95)

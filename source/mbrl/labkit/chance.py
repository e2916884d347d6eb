"""How surprising a count is: the bound behind every check on something random.

With a probability of at most `exp(-surprise)` does a fair count stray as far as the one seen, on its side of the mean
(Chernoff's bound in Hoeffding's form, exact for every number of trials). A limit on the surprise therefore bounds the
probability that a correct solution is turned away.
"""

from __future__ import annotations

import math

from labkit.results import Violation


def surprise(count: float, trials: int, probability: float) -> float:
    """Return `trials · KL(count / trials ‖ probability)`, in nats.

    The trials are independent; when their probabilities differ, `probability` is the mean of them.
    """
    seen, total = count / trials, 0.0
    for share, chance in ((seen, probability), (1.0 - seen, 1.0 - probability)):
        if share > 0.0:
            total += share * math.log(share / chance) if chance > 0.0 else math.inf
    return trials * total


def expect_count(count: float, trials: int, probability: float, name: str, false_alarm: float) -> None:
    """Raise a violation when ``count`` is one that happens with probability at most ``false_alarm``."""
    if surprise(count, trials, probability) > math.log(2.0 / false_alarm):
        expected = trials * probability
        raise Violation(f"{name} {count:.6g} times out of {trials}, where about {expected:.4g} would be expected.")

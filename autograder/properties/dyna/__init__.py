"""Hidden properties of unit 3, Dyna: what theory says about a recorded run, exactly where chance cannot matter.

Where it can, either so many planning steps are asked for that missing a pair is a matter of 1e-10 over all cases, or
counts are compared with Chernoff's bound at ``FALSE_ALARM`` for each property, shared among its cases.
"""

from autograder.properties.dyna.dyna_q_plus_runs import dyna_q_plus
from autograder.properties.dyna.dyna_q_runs import dyna_q
from autograder.properties.dyna.sweeping import prioritized_sweeping
from autograder.properties.dyna.updates import dyna_planning, exploration_bonus, q_update
from solutions import dyna as reference

__all__ = [
    "dyna_planning",
    "dyna_q",
    "dyna_q_plus",
    "exploration_bonus",
    "prioritized_sweeping",
    "q_update",
    "reference",
]

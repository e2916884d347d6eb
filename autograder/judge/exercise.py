"""Grading one function: every property of the exercise, examined through a proxy, becomes an outcome with words."""

from __future__ import annotations

import builtins
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from hypothesis.internal.conjecture import providers

from autograder.judge.conversation import StudentFunction
from autograder.judge.results import PropertyOutcome
from autograder.properties import seed_of
from labkit.properties import Property, PropertyResult, examine_known_cases

# Hypothesis mixes numbers it finds in the source of loaded modules into its draws. A grade must not depend on what else
# is loaded, so the judge gives it none to find.
providers._get_local_constants = providers.Constants

MAX_UNANSWERED = 2  # after that many properties without an answer the rest is not tried: each costs a full time limit


def judge_properties(
    properties: Sequence[Property],
    function: StudentFunction,
    name: str,
    seed: int,
    prepare: Callable[[], None],
    earlier: Sequence[PropertyOutcome] = (),
    thorough: bool = True,
) -> list[PropertyOutcome]:
    """Examine ``properties`` in order; ``prepare`` makes sure before each that someone is there to answer.

    ``earlier`` are the exercise's outcomes so far: what was not answered there counts here as well. Unless it is to be
    ``thorough``, the first property that does not hold is the last one tried.
    """
    outcomes = []
    unanswered = sum(each.unanswered for each in earlier)
    for prop in properties:
        if unanswered >= MAX_UNANSWERED:
            message = f"Not tried, because {name} had already failed to answer {MAX_UNANSWERED} times."
            outcomes.append(PropertyOutcome(prop.name, prop.public, False, prop.weight, prop.sentence, message))
            continue
        prepare()
        with warnings.catch_warnings(), np.errstate(all="ignore"):  # odd answers make odd arithmetic
            warnings.simplefilter("ignore")
            result = examine_known_cases(prop, function, name, seed_of(seed, name, prop.name))
        unanswered += result.unanswered
        outcomes.append(_outcome(result))
        if not (result.passed or thorough):
            break
    return outcomes


def _outcome(result: PropertyResult) -> PropertyOutcome:
    message, counterexample = result.message, result.counterexample
    if not result.passed and not result.public:
        counterexample = ""
        message = result.message if result.unanswered else hidden_message(result)
    return PropertyOutcome(
        result.name,
        result.public,
        result.passed,
        result.weight,
        result.sentence,
        message,
        counterexample,
        result.unanswered,
    )


def hidden_message(result: PropertyResult) -> str:
    """Return what a student may read about a failed hidden property: no input, no expected value, no text of theirs
    that could carry either."""
    if result.error_kind:
        known = isinstance(getattr(builtins, result.error_kind, None), type)
        return f"It raised {result.error_kind if known else 'an exception'} on some valid input."
    return "This does not hold for some valid input."

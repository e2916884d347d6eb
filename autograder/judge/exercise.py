"""Grading one function: every property of the exercise, examined through a proxy, becomes an outcome with words."""

from __future__ import annotations

import builtins
import re
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from hypothesis.internal.conjecture import providers

from autograder.judge.conversation import StudentFunction
from autograder.judge.guard import TOO_MUCH_MEMORY, bounded_memory
from autograder.judge.results import PropertyOutcome
from autograder.properties import seed_of
from labkit.properties import Property, PropertyResult, examine_known_cases, known_cases

# Hypothesis mixes numbers it finds in the source of loaded modules into its draws. A grade must not depend on what else
# is loaded, so the judge gives it none to find.
providers._get_local_constants = providers.Constants

MAX_MESSAGE = 10_000  # a sentence can quote what a student's code sent
MAX_UNANSWERED = 2  # after that many properties without an answer the rest is not tried: each costs a full time limit


def judge_properties(
    properties: Sequence[Property],
    function: StudentFunction,
    name: str,
    seed: int,
    prepare: Callable[[], None],
    earlier: Sequence[PropertyOutcome] = (),
    thorough: bool = True,
    doubt: Callable[[], bool] = lambda: False,
) -> list[PropertyOutcome]:
    """Examine ``properties`` in order; ``prepare`` makes sure before each that someone is there to answer.

    ``doubt`` says whether it may not have been the code's own doing that no answer came; then it is asked once more.
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
        drawn_by = seed_of(seed, name, prop.name)
        result = _examine(prop, function, name, drawn_by)
        if result.unanswered and doubt():
            prepare()
            result = _examine(prop, function, name, drawn_by)
        unanswered += result.unanswered
        outcomes.append(_outcome(result))
        if not (result.passed or thorough):
            break
    return outcomes


def _examine(prop: Property, function: StudentFunction, name: str, seed: int) -> PropertyResult:
    known_cases(prop, seed)  # what the judge draws for itself is nobody's doing
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), bounded_memory():
            warnings.simplefilter("ignore")  # odd answers make odd arithmetic
            return examine_known_cases(prop, function, name, seed)
    except MemoryError:
        return PropertyResult(
            prop.name, prop.sentence, prop.public, False, prop.weight, TOO_MUCH_MEMORY, error_kind="MemoryError"
        )


def _outcome(result: PropertyResult) -> PropertyOutcome:
    message, counterexample = result.message[:MAX_MESSAGE], result.counterexample[:MAX_MESSAGE]
    if not result.passed and not result.public:
        counterexample = ""
        message = without_status(result.message) if result.unanswered else hidden_message(result)
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


def without_status(sentence: str) -> str:
    """Return a sentence about a process that ended without its exit status or signal: the process chose them."""
    return re.sub(r" \((exit status -?\d+|SIG\w+|out of [^)]+)\)", "", sentence)


def hidden_message(result: PropertyResult) -> str:
    """Return what a student may read about a failed hidden property: no input, no expected value, no text of theirs
    that could carry either."""
    if result.error_kind:
        known = isinstance(getattr(builtins, result.error_kind, None), type)
        return f"It raised {result.error_kind if known else 'an exception'} on some valid input."
    return "This does not hold for some valid input."

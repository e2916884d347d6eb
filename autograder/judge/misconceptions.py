"""Naming a misconception: whose answers are these?

When a function fails, its answers to a set of calls are compared with those of every known mistake of its exercise,
and so are facts about them where the answers are chance (``autograder.properties.facts``). If they agree with exactly
one, and not with the reference, that mistake is named in one sentence. The calls are those that the exercise's own
properties make; the known mistakes and the reference run here, never in the cage.
"""

from __future__ import annotations

import copy
import inspect
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from autograder.judge.answers import Call, Reply
from autograder.judge.conversation import StudentFunction
from autograder.judge.guard import bounded_memory
from autograder.properties import find_graded, known_mistakes, reference, seed_of
from autograder.properties.facts import ASKED
from labkit.exercises import EXERCISES
from labkit.properties import FreshCalls, Unanswered, known_cases

CASES_PER_PROPERTY = 9
CASES_PER_RANDOM_PROPERTY = 4
CALLS_PER_PROPERTY = 40  # a property of frequencies makes hundreds that are all alike
MAX_SLIPS = 0.02  # the share of the facts about chance answers that may be otherwise than known
CLEARLY = 2  # by so many facts a mistake has to be nearer than any other, if some are otherwise than known
ENOUGH = 4  # by so many facts it has to be nearer than the reference, from which a correct solution may differ in some
SEED_SHIFTS = (0, 101, 7919, 31337, 104729, 777)  # under these a known function shows which of its answers are chance


def name_misconception(function: StudentFunction, name: str, seed: int) -> str:
    """Return the sentence that names the mistake behind ``function``'s answers, or an empty string."""
    if not EXERCISES[name].compares_answers:
        return ""
    right = _replies_of_reference(name, seed)
    try:
        with bounded_memory():
            replies = [call.put_to(function) for call in right.calls]
    except (Unanswered, MemoryError):
        return ""
    from_right = right.distance(replies, right, math.inf)
    if not from_right:
        return ""
    slips = MAX_SLIPS * sum(len(each.facts) for each in replies)
    nearest: dict[str, float] = {}  # mistakes may have a note in common
    for note, theirs in _replies_of_mistakes(name, seed):
        distance = theirs.distance(replies, right, slips + CLEARLY)
        if distance < nearest.get(note, math.inf) and theirs.differ_from(right):
            nearest[note] = distance
    if not nearest:
        return ""
    note = min(nearest, key=nearest.__getitem__)
    slipped = nearest.pop(note)
    next_nearest = min(nearest.values(), default=math.inf)
    if slipped > slips or from_right < slipped + ENOUGH or next_nearest < slipped + (CLEARLY if slipped else 1):
        return ""
    return f"Your answers are what you get when {note}."


@cache
def diagnostic_calls(name: str, seed: int) -> tuple[Call, ...]:
    """Return the calls that the properties of ``name`` make on a spread of their cases."""
    random, calls = is_random(name), []
    wanted = CASES_PER_RANDOM_PROPERTY if random else CASES_PER_PROPERTY
    for prop in find_graded(name):
        recorder = _Recorder(name, FreshCalls(reference(name)))
        cases = known_cases(prop, seed_of(seed, name, prop.name))
        for case in cases[:: max(1, len(cases) // wanted)]:
            prop.holds(recorder, **copy.deepcopy(dict(case)))
        spread = recorder.calls[:: -(-len(recorder.calls) // CALLS_PER_PROPERTY) or 1]
        calls += [replace(spread[0], tries_seeds=True), *spread[1:]] if random and spread else spread
    calls += [Call(name, "", arguments, {}, tries_seeds=True) for arguments in ASKED.get(name, ())]
    return tuple(calls)


@cache
def is_random(name: str) -> bool:
    """Whether an exercise's function takes a seed, as its last argument or by keyword."""
    return "seed" in inspect.signature(reference(name)).parameters


class _Recorder:
    """Passes calls on to ``function`` and keeps them."""

    def __init__(self, exercise: str, function: FreshCalls) -> None:
        self._exercise, self._function = exercise, function
        self.calls: list[Call] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._pass_on("", *args, **kwargs)

    def on_accelerator(self, *args: Any, **kwargs: Any) -> Any:
        return self._pass_on("on_accelerator", *args, **kwargs)

    def with_gradients(self, *args: Any, **kwargs: Any) -> Any:
        return self._pass_on("with_gradients", *args, **kwargs)

    def _pass_on(self, method: str, *args: Any, **kwargs: Any) -> Any:
        self.calls.append(Call(self._exercise, method, copy.deepcopy(args), copy.deepcopy(kwargs)))
        return (getattr(self._function, method) if method else self._function)(*args, **kwargs)


class _KnownReplies:
    """The replies of a known function, each worked out when first looked at: most differ from a student's at once.

    Where the function takes a seed, what changes with it is chance and is compared with nothing.
    """

    def __init__(self, function: Callable[..., Any], calls: Sequence[Call], random: bool) -> None:
        self._function, self.calls, self._random = function, calls, random
        self._replies: list[Reply] = []

    def telling(self) -> _KnownReplies:
        """Return those that can tell anything: they are not all chance, or there are facts about them."""
        replies = [self.reply(index) for index in range(len(self.calls))]
        telling = [index for index, each in enumerate(replies) if each.answer is not None or each.facts]
        known = _KnownReplies(self._function, [self.calls[index] for index in telling], self._random)
        known._replies = [replies[index] for index in telling]
        return known

    def distance(self, replies: Sequence[Reply], right: _KnownReplies, enough: float) -> float:
        """Return by how many facts ``replies``, in the order of the calls, are not this function's; at least ``enough``
        says enough."""
        total = 0.0
        for i, each in enumerate(replies):
            total += each.distance(self.reply(i), right.reply(i))
            if total > enough:
                return math.inf
        return total

    def differ_from(self, other: _KnownReplies) -> bool:
        """Whether a reply that is not chance is different here and there; one may only look as if it were not."""
        different = (i for i in range(len(self.calls)) if self.reply(i).differs_from(other.reply(i)))
        wanted = 2 if self._random else 1
        return len(list(itertools.islice(different, wanted))) == wanted

    def reply(self, index: int) -> Reply:
        """Return what is not chance of the reply to a call."""
        while index >= len(self._replies):
            call = self.calls[len(self._replies)]
            shifts = SEED_SHIFTS if self._random else SEED_SHIFTS[:1]
            self._replies.append(Reply.common([call.put_to(FreshCalls(self._function), shift) for shift in shifts]))
        return self._replies[index]


@cache
def _replies_of_reference(name: str, seed: int) -> _KnownReplies:
    return _KnownReplies(reference(name), diagnostic_calls(name, seed), is_random(name)).telling()


@cache
def _replies_of_mistakes(name: str, seed: int) -> tuple[tuple[str, _KnownReplies], ...]:
    calls, random = _replies_of_reference(name, seed).calls, is_random(name)
    return tuple(
        (entry.note, _KnownReplies(entry.function, calls, random))
        for entry in known_mistakes(name)
        if entry.ends and entry.nameable
    )

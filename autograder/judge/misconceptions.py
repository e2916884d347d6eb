"""Naming a misconception: whose answers are these?

When a function fails, its answers to a set of calls are compared with those of every known mistake of its exercise.
If they agree with exactly one of them, and not with the reference, that mistake is named in one sentence. The calls
are those that the exercise's own properties make; the known mistakes and the reference run here, never in the cage.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from autograder.judge.conversation import StudentFunction
from autograder.properties import find_graded, known_mistakes, reference, seed_of
from labkit.properties import FreshCalls, StudentError, Unanswered, known_cases

CASES_PER_PROPERTY = 9
RELATIVE = 1e-9


@dataclass(frozen=True, eq=False)
class Call:
    """One call of an exercise's function; ``method`` is empty or "on_accelerator"."""

    method: str
    args: tuple
    kwargs: dict

    def put_to(self, function: Any) -> Answer:
        """Return what ``function`` answers."""
        target = getattr(function, self.method) if self.method else function
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return Answer.of(target(*copy.deepcopy(self.args), **copy.deepcopy(self.kwargs)))
        except StudentError as error:
            return Answer("raised", error.kind, ())


@dataclass(frozen=True, eq=False)
class Answer:
    """An answer reduced to what can be compared: a tag, a detail and arrays."""

    tag: str
    detail: str
    arrays: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, value: Any) -> Answer:
        if isinstance(value, dict) and {"fault", "device", "result"} <= set(value):
            inner = cls.of(value["result"]) if value["result"] is not None else cls("none", "", ())
            return cls("accelerator", f"{value['fault']} {value['device']} {inner.detail}", inner.arrays)
        parts = value if isinstance(value, (tuple, list)) and len(value) == 2 else (value,)
        try:
            arrays = tuple(np.asarray(part, dtype=np.complex128) for part in parts)
        except (TypeError, ValueError, RuntimeError):
            return cls("other", type(value).__name__, ())
        kind = str(value.dtype) if type(value).__module__ == "torch" else ""
        return cls("value", kind, arrays)

    def agrees_with(self, other: Answer) -> bool:
        """Whether two answers are the same but for rounding."""
        if (self.tag, self.detail, len(self.arrays)) != (other.tag, other.detail, len(other.arrays)):
            return False
        return all(_close(mine, theirs) for mine, theirs in zip(self.arrays, other.arrays, strict=True))


def _close(mine: np.ndarray, theirs: np.ndarray) -> bool:
    if mine.shape != theirs.shape:
        return False
    finite = np.isfinite(mine)
    if (finite != np.isfinite(theirs)).any():
        return False
    scale = np.abs(theirs[finite]).max(initial=0.0)
    return bool(np.allclose(mine[finite], theirs[finite], rtol=0.0, atol=RELATIVE * scale + 1e-13))


def name_misconception(function: StudentFunction, name: str, seed: int) -> str:
    """Return the sentence that names the mistake behind ``function``'s answers, or an empty string."""
    calls = diagnostic_calls(name, seed)
    try:
        answers = [call.put_to(function) for call in calls]
    except Unanswered:
        return ""
    if _answers_of_reference(name, seed).agree_with(answers):
        return ""
    matching = [note for note, theirs in _answers_of_mistakes(name, seed) if theirs.agree_with(answers)]
    return f"Your answers are what you get when {matching[0]}." if len(matching) == 1 else ""


@cache
def diagnostic_calls(name: str, seed: int) -> tuple[Call, ...]:
    """Return the calls that the properties of ``name`` make on a spread of their cases."""
    recorder = _Recorder(FreshCalls(reference(name)))
    for prop in find_graded(name):
        cases = known_cases(prop, seed_of(seed, name, prop.name))
        for case in cases[:: max(1, len(cases) // CASES_PER_PROPERTY)]:
            prop.holds(recorder, **copy.deepcopy(dict(case)))
    return tuple(recorder.calls)


class _Recorder:
    """Passes calls on to ``function`` and keeps them."""

    def __init__(self, function: FreshCalls) -> None:
        self._function = function
        self.calls: list[Call] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append(Call("", copy.deepcopy(args), copy.deepcopy(kwargs)))
        return self._function(*args, **kwargs)

    def on_accelerator(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append(Call("on_accelerator", copy.deepcopy(args), copy.deepcopy(kwargs)))
        return self._function.on_accelerator(*args, **kwargs)


class _KnownAnswers:
    """The answers of a known function, each worked out when first looked at: most differ from a student's at once."""

    def __init__(self, function: Callable[..., Any], calls: Sequence[Call]) -> None:
        self._function, self._calls = FreshCalls(function), calls
        self._answers: list[Answer] = []

    def agree_with(self, answers: Sequence[Answer]) -> bool:
        """Whether all of ``answers``, in the order of the calls, are this function's."""
        for index, theirs in enumerate(answers):
            if index == len(self._answers):
                self._answers.append(self._calls[index].put_to(self._function))
            if not theirs.agrees_with(self._answers[index]):
                return False
        return True


@cache
def _answers_of_reference(name: str, seed: int) -> _KnownAnswers:
    return _KnownAnswers(reference(name), diagnostic_calls(name, seed))


@cache
def _answers_of_mistakes(name: str, seed: int) -> tuple[tuple[str, _KnownAnswers], ...]:
    calls = diagnostic_calls(name, seed)
    return tuple((entry.note, _KnownAnswers(entry.function, calls)) for entry in known_mistakes(name) if entry.ends)

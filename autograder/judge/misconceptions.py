"""Naming a misconception: whose answers are these?

When a function fails, its answers to a set of calls are compared with those of every known mistake of its exercise.
If they agree with exactly one of them, and not with the reference, that mistake is named in one sentence. The calls
are those that the exercise's own properties make; the known mistakes and the reference run here, never in the cage.
"""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from autograder.judge.conversation import StudentFunction
from autograder.properties import find_graded, known_mistakes, reference, seed_of
from labkit.exercises import EXERCISES
from labkit.properties import FreshCalls, Simulator, StudentError, Unanswered, known_cases

CASES_PER_PROPERTY = 9
CASES_PER_RANDOM_PROPERTY = 4
SEED_SHIFTS = (0, 101, 7919)  # a known mistake is asked under these seeds to see which of its answers are chance
RELATIVE = 1e-9


@dataclass(frozen=True, eq=False)
class Call:
    """One call of an exercise's function; ``method`` is empty or one of ``METHODS``."""

    method: str
    args: tuple
    kwargs: dict

    def put_to(self, function: Any, shift: int = 0) -> Answer:
        """Return what ``function`` answers when its seed is moved by ``shift``."""
        target = getattr(function, self.method) if self.method else function
        args = [_renewed(each) for each in self.args]
        kwargs = {key: _renewed(each) for key, each in self.kwargs.items()}
        if shift and "seed" in kwargs:
            kwargs["seed"] += shift
        elif shift and type(args[-1]) is int:
            args[-1] += shift
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return Answer.of(target(*args, **kwargs))
        except StudentError as error:
            return Answer("raised", error.kind, ())


def _renewed(value: Any) -> Any:
    return value.renewed() if isinstance(value, Simulator) else copy.deepcopy(value)


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
        arrays: list[np.ndarray] = []
        details: list[str] = []
        _flatten(value, arrays, details)
        return cls("value", " ".join(details), tuple(arrays))

    def agrees_with(self, other: Answer) -> bool:
        """Whether two answers are the same but for rounding."""
        if (self.tag, self.detail, len(self.arrays)) != (other.tag, other.detail, len(other.arrays)):
            return False
        return all(_close(mine, theirs) for mine, theirs in zip(self.arrays, other.arrays, strict=True))


def _flatten(value: Any, arrays: list[np.ndarray], details: list[str]) -> None:
    """Collect the numbers of ``value`` as arrays, as large as they can be, and the kinds of what is no number."""
    if type(value).__module__ == "torch":
        details.append(str(getattr(value, "dtype", "")))
        arrays.append(value.detach().to_dense().cpu().to(dtype=_complex()).numpy())
    elif isinstance(value, dict):
        for key in sorted(value, key=str):
            details.append(str(key))
            _flatten(value[key], arrays, details)
    elif isinstance(value, (list, tuple)) and any(_is_part(each) for each in value):
        for each in value:
            _flatten(each, arrays, details)
    else:
        try:
            arrays.append(np.asarray(value, dtype=np.complex128))
        except (TypeError, ValueError, RuntimeError, OverflowError):
            if isinstance(value, (list, tuple)):
                for each in value:
                    _flatten(each, arrays, details)
            else:
                details.append(type(value).__name__)


def _is_part(value: Any) -> bool:
    return value is None or isinstance(value, dict) or type(value).__module__ == "torch"


def _complex() -> Any:
    import torch

    return torch.complex128


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
    if not EXERCISES[name].compares_answers:
        return ""
    calls = diagnostic_calls(name, seed)
    try:
        answers = [call.put_to(function) for call in calls]
    except Unanswered:
        return ""
    right = _answers_of_reference(name, seed)
    if right.agree_with(answers):
        return ""
    matching = {
        note
        for note, theirs in _answers_of_mistakes(name, seed)
        if theirs.agree_with(answers) and theirs.differ_from(right)
    }
    return f"Your answers are what you get when {matching.pop()}." if len(matching) == 1 else ""


@cache
def diagnostic_calls(name: str, seed: int) -> tuple[Call, ...]:
    """Return the calls that the properties of ``name`` make on a spread of their cases."""
    recorder = _Recorder(FreshCalls(reference(name)))
    wanted = CASES_PER_RANDOM_PROPERTY if is_random(name) else CASES_PER_PROPERTY
    for prop in find_graded(name):
        cases = known_cases(prop, seed_of(seed, name, prop.name))
        for case in cases[:: max(1, len(cases) // wanted)]:
            prop.holds(recorder, **copy.deepcopy(dict(case)))
    return tuple(recorder.calls)


@cache
def is_random(name: str) -> bool:
    """Whether an exercise's function takes a seed, as its last argument or by keyword."""
    return "seed" in inspect.signature(reference(name)).parameters


class _Recorder:
    """Passes calls on to ``function`` and keeps them."""

    def __init__(self, function: FreshCalls) -> None:
        self._function = function
        self.calls: list[Call] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._pass_on("", *args, **kwargs)

    def on_accelerator(self, *args: Any, **kwargs: Any) -> Any:
        return self._pass_on("on_accelerator", *args, **kwargs)

    def with_gradients(self, *args: Any, **kwargs: Any) -> Any:
        return self._pass_on("with_gradients", *args, **kwargs)

    def _pass_on(self, method: str, *args: Any, **kwargs: Any) -> Any:
        call = Call(method, copy.deepcopy(args), copy.deepcopy(kwargs))
        self.calls.append(call)
        return (getattr(self._function, method) if method else self._function)(*args, **kwargs)


class _KnownAnswers:
    """The answers of a known function, each worked out when first looked at: most differ from a student's at once.

    Where the function takes a seed, an answer that changes with it is chance and is compared with nothing.
    """

    def __init__(self, function: Callable[..., Any], calls: Sequence[Call], random: bool) -> None:
        self._function, self._calls, self._random = FreshCalls(function), calls, random
        self._answers: list[Answer | None] = []

    def agree_with(self, answers: Sequence[Answer]) -> bool:
        """Whether all of ``answers``, in the order of the calls, are this function's."""
        return all(self.answer(i) is None or theirs.agrees_with(self.answer(i)) for i, theirs in enumerate(answers))

    def differ_from(self, other: _KnownAnswers) -> bool:
        """Whether some answer that is not chance is different here and there."""
        for i in range(len(self._calls)):
            mine, theirs = self.answer(i), other.answer(i)
            if mine is not None and theirs is not None and not mine.agrees_with(theirs):
                return True
        return False

    def answer(self, index: int) -> Answer | None:
        """Return the answer to a call, ``None`` where it is chance."""
        while index >= len(self._answers):
            call = self._calls[len(self._answers)]
            shifts = SEED_SHIFTS if self._random else SEED_SHIFTS[:1]
            answers = [call.put_to(self._function, shift) for shift in shifts]
            same = all(each.agrees_with(answers[0]) for each in answers[1:])
            self._answers.append(answers[0] if same else None)
        return self._answers[index]


@cache
def _answers_of_reference(name: str, seed: int) -> _KnownAnswers:
    return _KnownAnswers(reference(name), diagnostic_calls(name, seed), is_random(name))


@cache
def _answers_of_mistakes(name: str, seed: int) -> tuple[tuple[str, _KnownAnswers], ...]:
    calls, random = diagnostic_calls(name, seed), is_random(name)
    return tuple(
        (entry.note, _KnownAnswers(entry.function, calls, random)) for entry in known_mistakes(name) if entry.ends
    )

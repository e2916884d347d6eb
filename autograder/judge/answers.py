"""Asking a function, and reducing what it answered to what can be compared with another function's answer."""

from __future__ import annotations

import copy
import inspect
import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.properties import reference
from autograder.properties.facts import FACTS
from labkit.properties import Simulator, StudentError

RELATIVE = 1e-9
SINGLE = 1e-5  # where an answer is a tensor of single precision, which two ways of computing it round differently
MAX_ENTRIES = 1_000_000  # no known answer is as large; to copy a larger one as complex numbers takes too much memory
MAX_PARTS = 20_000
OTHER_SEED = 3
SEEDS = 2**31


@dataclass(frozen=True, eq=False)
class Call:
    """One call of an exercise's function; ``method`` is empty or one of the ways in which ``FreshCalls`` calls.

    ``tries_seeds`` says that it is also repeated, with the same seed and with another one.
    """

    exercise: str
    method: str
    args: tuple
    kwargs: dict
    tries_seeds: bool = False

    def put_to(self, function: Any, shift: int = 0) -> Reply:
        """Return what ``function`` answers when its seed is moved by ``shift``."""
        answer, facts = self._ask(function, shift)
        if self.tries_seeds:
            again, other = self._ask(function, shift)[0], self._ask(function, shift + OTHER_SEED)[0]
            facts = (*facts, answer.agrees_with(again), answer.agrees_with(other))
        return Reply(answer, facts)

    def _ask(self, function: Any, shift: int) -> tuple[Answer, tuple]:
        target = getattr(function, self.method) if self.method else function
        copies: dict[int, Any] = {}
        args = [_renewed(each, copies) for each in self.args]
        kwargs = {key: _renewed(each, copies) for key, each in self.kwargs.items()}
        if shift and "seed" in kwargs:
            kwargs["seed"] = (kwargs["seed"] + shift) % SEEDS
        elif shift and type(args[-1]) is int:
            args[-1] = (args[-1] + shift) % SEEDS
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                value = target(*args, **kwargs)
            except StudentError as error:
                return Answer("raised", error.kind, ()), ()
            return Answer.of(value), () if self.method else self._facts(value, args, kwargs)

    def _facts(self, value: Any, args: list, kwargs: dict) -> tuple:
        if self.exercise not in FACTS:
            return ()
        arguments = inspect.signature(reference(self.exercise)).bind(*args, **kwargs).arguments
        try:
            return FACTS[self.exercise](value, **arguments)
        except (TypeError, ValueError, IndexError):  # the answer has another shape than it should
            return ("another shape",)


def _renewed(value: Any, copies: dict[int, Any]) -> Any:
    """Return an argument as it was before the call: a copy, or a simulator that was never stepped.

    ``copies`` holds by ``id`` what was renewed for the same call: the methods of one simulator stay those of one.
    """
    owner = getattr(value, "__self__", value)
    if not isinstance(owner, Simulator):
        return copy.deepcopy(value, copies)
    if id(owner) not in copies:
        copies[id(owner)] = owner.renewed()
    return copies[id(owner)] if owner is value else getattr(copies[id(owner)], value.__name__)


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


@dataclass(frozen=True, eq=False)
class Reply:
    """The reply to a call: the answer, and facts about it and the call; ``None`` stands for what is chance."""

    answer: Answer | None
    facts: tuple

    @classmethod
    def common(cls, replies: list[Reply]) -> Reply:
        """Return what replies to the same call under different seeds have in common."""
        first = replies[0]
        same = all(each.answer.agrees_with(first.answer) for each in replies[1:])
        if any(len(each.facts) != len(first.facts) for each in replies):
            return cls(first.answer if same else None, ())
        facts = (
            values[0] if len(set(values)) == 1 else None
            for values in zip(*(each.facts for each in replies), strict=True)
        )
        return cls(first.answer if same else None, tuple(facts))

    def distance(self, known: Reply, correct: Reply) -> float:
        """Return how many facts are not as in the ``known`` reply, infinity where the answer is another one.

        Nothing is compared that is chance there, and no answer that is chance in the ``correct`` reply.
        """
        if known.answer is not None and correct.answer is not None and not self.answer.agrees_with(known.answer):
            return math.inf
        return _different_facts(self.facts, known.facts)

    def differs_from(self, other: Reply) -> bool:
        """Whether something that is not chance is different here and there."""
        both = self.answer is not None and other.answer is not None
        return (both and not self.answer.agrees_with(other.answer)) or _different_facts(self.facts, other.facts) > 0


def _different_facts(mine: tuple, theirs: tuple) -> int:
    if len(mine) != len(theirs):
        return max(len(mine), len(theirs))
    pairs = zip(mine, theirs, strict=True)
    return sum(this is not None and that is not None and this != that for this, that in pairs)


def _flatten(value: Any, arrays: list[np.ndarray], details: list[str]) -> None:
    """Collect the numbers of ``value`` as arrays, as large as they can be, and the kinds of what is no number."""
    if isinstance(value, dict):
        details.extend(sorted(map(str, value)))
        value = [value[key] for key in sorted(value, key=str)]
    numbers = _as_numbers(value, details)
    if numbers is not None:
        arrays.append(numbers)
    elif isinstance(value, (list, tuple)):
        for each in value:
            if len(arrays) + len(details) > MAX_PARTS:
                return  # no known answer has as many parts
            _flatten(each, arrays, details)
    else:
        details.append(type(value).__name__)


def _as_numbers(value: Any, details: list[str]) -> np.ndarray | None:
    """Return ``value`` as one array, a tensor's dtype noted in ``details``; None if it is not made of numbers alone."""
    if _entries(value) > MAX_ENTRIES:
        details.append("too large")
        return np.zeros(0)
    if type(value).__module__ == "torch":
        import torch  # an answer can only be a tensor where it is loaded already

        details.append(str(getattr(value, "dtype", "")))
        precision = torch.complex64 if value.dtype == torch.float32 else torch.complex128
        return value.detach().to_dense().cpu().to(dtype=precision).numpy()
    if isinstance(value, (list, tuple)) and any(each is None or type(each).__module__ == "torch" for each in value):
        return None
    try:
        return np.asarray(value, dtype=np.complex128)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None


def _entries(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.size
    return value.numel() if type(value).__module__ == "torch" and hasattr(value, "numel") else 0


def _close(mine: np.ndarray, theirs: np.ndarray) -> bool:
    if mine.shape != theirs.shape:
        return False
    finite = np.isfinite(mine)
    if (finite != np.isfinite(theirs)).any():
        return False
    scale = np.abs(theirs[finite]).max(initial=0.0)
    relative = SINGLE if np.complex64 in (mine.dtype, theirs.dtype) else RELATIVE
    return bool(np.allclose(mine[finite], theirs[finite], rtol=0.0, atol=relative * scale + 1e-13))

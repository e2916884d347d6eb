"""What a property is, and how one is examined.

A property is a sentence a student can read, a Hypothesis generator of cases, a predicate, a weight, and what to show
when it fails. ``examine`` searches for a case in which the predicate fails and shrinks it to a small one. It trusts
nothing about the function under examination and never looks inside it.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, errors, given, seed, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.strategies import SearchStrategy

from labkit.describe import describe_case
from labkit.results import Violation

set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "labkit-hypothesis")  # not into the student's folder
MAX_FAILING_TRIALS = 150  # a bound on shrinking, counted and not timed, so that a regrade shows the same counterexample
ALL_HEALTH_CHECKS = list(HealthCheck)


class StudentError(Exception):
    """The student's function raised; ``kind`` is the exception's name and ``text`` its message."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(kind, text)
        self.kind, self.text = kind, text

    def sentence(self, function_name: str) -> str:
        if self.kind == "NotImplementedError":
            return f"{function_name} is not written yet."
        return f"{function_name} raised {self.kind}" + (f": {self.text}" if self.text else ".")


class Unanswered(BaseException):
    """The function gave no answer at all (too slow, crashed, unusable reply); no further case can be tried.

    A ``BaseException`` so that Hypothesis neither retries nor shrinks it: each retry could cost the full time limit.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _ShrunkEnough(BaseException):
    """Ends the search for a smaller counterexample."""


@dataclass(frozen=True, eq=False)
class Property:
    """One thing that is true of every correct solution of an exercise.

    Attributes:
        name: identifier, unique within its exercise.
        sentence: what holds, as a student reads it.
        weight: points earned when it holds.
        cases: Hypothesis strategy of dicts, the inputs of one trial.
        holds: ``holds(function, **case)`` returns quietly or raises ``Violation``.
        trials: number of random cases.
        always: cases tried before any random one.
        public: whether students can run it themselves.
    """

    name: str
    sentence: str
    weight: float
    cases: SearchStrategy[dict[str, Any]]
    holds: Callable[..., None]
    trials: int = 25
    always: tuple[Mapping[str, Any], ...] = ()
    public: bool = True


@dataclass(frozen=True)
class PropertyResult:
    """The outcome of one property: ``message`` says what went wrong, ``counterexample`` the case, in words."""

    name: str
    sentence: str
    public: bool
    passed: bool
    weight: float
    message: str = ""
    counterexample: str = ""
    case: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
    unanswered: bool = False
    error_kind: str = ""


class Exercise:
    """The properties of one graded function, in the order in which a student should meet them.

    ``call_seconds`` is how long one call of the function may take when it is graded, on the judge's clock.
    ``compares_answers`` is false where the function returns an object: it cannot be compared with a known mistake's.
    """

    def __init__(self, name: str, notebook: str, call_seconds: float = 10.0, compares_answers: bool = True) -> None:
        self.name = name
        self.notebook = notebook
        self.call_seconds = call_seconds
        self.compares_answers = compares_answers
        self.properties: list[Property] = []

    @property
    def max_score(self) -> float:
        return sum(each.weight for each in self.properties)

    def property(
        self,
        sentence: str,
        *,
        cases: SearchStrategy[dict[str, Any]],
        weight: float = 1,
        trials: int = 25,
        always: tuple[Mapping[str, Any], ...] = (),
        public: bool = True,
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Add the decorated predicate ``holds(function, **case)`` to this exercise."""

        def add(holds: Callable[..., None]) -> Callable[..., None]:
            if any(each.name == holds.__name__ for each in self.properties):
                raise ValueError(f"{self.name} already has a property named {holds.__name__}.")
            self.properties.append(Property(holds.__name__, sentence, weight, cases, holds, trials, always, public))
            return holds

        return add


class Simulator:
    """A simulator that a check hands to a student's function; it stays one object however often it is passed on.

    Subclasses name in ``methods`` and ``attributes`` what the student's code may use of it.
    """

    methods: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()

    def __deepcopy__(self, memo: dict) -> Simulator:
        return self

    def renewed(self) -> Simulator:
        """Return a simulator that behaves as this one did when it was new; one that keeps no state is its own."""
        return self


class Sent:
    """An object of the support package that a check hands over whole: it is built again where the student's code runs.

    ``parameters`` are the keyword arguments of its class: numbers, strings, arrays and tensors.
    """

    def parameters(self) -> dict[str, Any]:
        """Return the arguments from which an equal object can be built."""
        raise NotImplementedError


class FreshCalls:
    """A function in this interpreter, called the way grading calls it: with private, writable copies of its inputs."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return self._function(*copy.deepcopy(args), **copy.deepcopy(kwargs))
        except Exception as error:
            raise StudentError(type(error).__name__, str(error)) from error

    def on_accelerator(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Call the function on the simulated accelerator; see ``labkit.accelerator.observe``."""
        from labkit.accelerator import observe  # imports torch, which most exercises do without

        try:
            return observe(self._function, *args, **kwargs)
        except Exception as error:
            raise StudentError(type(error).__name__, str(error)) from error

    def with_gradients(self, wanted: Sequence[int], *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Call the function and differentiate its result; see ``labkit.gradients.value_and_gradients``."""
        from labkit.gradients import value_and_gradients  # imports torch

        try:
            return value_and_gradients(wanted, self._function, *copy.deepcopy((args, kwargs)))
        except Exception as error:
            raise StudentError(type(error).__name__, str(error)) from error


def examine(prop: Property, function: Callable[..., Any], function_name: str, random_seed: int = 0) -> PropertyResult:
    """Search for a case in which ``prop`` fails for ``function`` and return what was found.

    Args:
        prop: the property.
        function: raises ``StudentError`` where the student's code raised, ``Unanswered`` where it gave no answer.
        function_name: the name to use in sentences.
        random_seed: seeds the cases; the same seed gives the same cases for the same answers.
    """
    failures: list[tuple[Mapping[str, Any], Exception]] = []
    current: list[Mapping[str, Any]] = []

    def trial(case: Mapping[str, Any]) -> None:
        current[:] = [case]
        try:
            prop.holds(function, **copy.deepcopy(dict(case)))
        except (Violation, StudentError) as failure:
            failures.append((case, failure))
            if len(failures) >= MAX_FAILING_TRIALS:
                raise _ShrunkEnough from None
            raise

    try:
        for case in prop.always:
            trial(case)
        _search(prop, trial, random_seed)
    except (Violation, StudentError, _ShrunkEnough, errors.FlakyFailure, errors.Flaky):
        pass
    except Unanswered as silence:
        return _failed(prop, silence.sentence, current[0] if current else None, unanswered=True)
    return _failed_with(prop, *failures[-1], function_name) if failures else _passed(prop)


def examine_known_cases(
    prop: Property, function: Callable[..., Any], function_name: str, random_seed: int = 0
) -> PropertyResult:
    """Like ``examine``, for many functions in a row: the cases are drawn once, and only a failure starts a search.

    A hidden property's counterexample is shown to nobody, so none is searched for.
    """
    for case in known_cases(prop, random_seed):
        try:
            prop.holds(function, **case)
        except (Violation, StudentError) as failure:
            found = examine(prop, function, function_name, random_seed) if prop.public else None
            return found if found and not found.passed else _failed_with(prop, case, failure, function_name)
        except Unanswered as silence:
            return _failed(prop, silence.sentence, case, unanswered=True)
    return _passed(prop)


@cache
def known_cases(prop: Property, random_seed: int) -> tuple[Mapping[str, Any], ...]:
    """Return the cases that ``examine`` tries on a function for which the property holds, in order."""
    drawn: list[Mapping[str, Any]] = list(prop.always)
    _search(prop, drawn.append, random_seed)
    return tuple(drawn)


def _search(prop: Property, trial: Callable[[Mapping[str, Any]], None], random_seed: int) -> None:
    search = settings(
        max_examples=prop.trials,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=ALL_HEALTH_CHECKS,
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )(given(prop.cases)(lambda case: trial(case)))
    seed(random_seed)(search)()


def _passed(prop: Property) -> PropertyResult:
    return PropertyResult(prop.name, prop.sentence, prop.public, True, prop.weight)


def _failed_with(prop: Property, case: Mapping[str, Any], failure: Exception, function_name: str) -> PropertyResult:
    if isinstance(failure, StudentError):
        return _failed(prop, failure.sentence(function_name), case, error_kind=failure.kind)
    return _failed(prop, str(failure), case)


def _failed(
    prop: Property,
    message: str,
    case: Mapping[str, Any] | None,
    unanswered: bool = False,
    error_kind: str = "",
) -> PropertyResult:
    counterexample = describe_case(case) if case is not None else ""
    return PropertyResult(
        prop.name, prop.sentence, prop.public, False, prop.weight, message, counterexample, case, unanswered, error_kind
    )

"""What the judge itself may spend: memory and work on answers, and on functions that stand in for a student's own."""

from __future__ import annotations

import resource
import signal
import time

import numpy as np
import pytest

from autograder.judge.guard import MEMORY, bounded_memory, bounded_work
from labkit.properties import Unanswered


def work_for_ever() -> None:
    while True:
        pass


def test_growth_beyond_the_bound_is_a_memory_error_and_the_limit_is_taken_back() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with bounded_memory():
        assert np.ones(2**20).sum() == 2**20
        with pytest.raises(MemoryError):
            np.empty(2 * MEMORY, dtype=np.int8)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert np.empty(2 * MEMORY, dtype=np.int8).size == 2 * MEMORY  # never touched, so never taken


def test_work_without_end_is_ended_and_waiting_is_not_work() -> None:
    with bounded_work(0.2):
        time.sleep(0.5)
    with pytest.raises(Unanswered) as silence, bounded_work(0.2):
        work_for_ever()
    assert "0.2 seconds of the checks' own work" in silence.value.sentence
    assert signal.getitimer(signal.ITIMER_PROF)[0] == 0


def test_an_inner_bound_ends_first_and_the_outer_one_still_holds() -> None:
    heard: list[str] = []

    def within() -> None:
        try:
            with bounded_work(0.1):
                work_for_ever()
        except Unanswered as inner:
            heard.append(inner.sentence)
        work_for_ever()

    with pytest.raises(Unanswered) as outer, bounded_work(0.6):
        within()
    assert "0.1 seconds" in heard[0]
    assert "0.6 seconds" in outer.value.sentence


def test_a_reference_called_with_hostile_numbers_costs_the_caller_only(judge) -> None:
    source = "def value_iteration(P, R, gamma, tol):\n    return None"
    caller = "def policy_iteration(P, R, gamma):\n    return value_iteration(P, R, 1 - 1e-16, 1e-300)"
    started = time.process_time()
    result = judge(
        source,
        ("value_iteration", "check(value_iteration)"),
        caller,
        ("policy_iteration", "check(policy_iteration)"),
        "def bellman_q(P, R, V, gamma):\n    return R + gamma * P @ V",
        ("bellman_q", "check(bellman_q)"),
        functions=("value_iteration", "policy_iteration", "bellman_q"),
    )
    assert result.judged
    assert time.process_time() - started < 60
    assert [each.score for each in result.exercises] == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    "answer",
    ["['x' * 10_000] + ['a'] * 100_000", "(['x' * 1_000_000] + [0.0] * 100_000, 0)", "np.zeros((14_000_000, 0), bool)"],
)
def test_answers_that_would_fill_the_memory_are_wrong_answers(judge, answer: str) -> None:
    body = f"import numpy as np\ndef value_iteration(P, R, gamma, tol):\n    return {answer}"
    result = judge(body, ("value_iteration", "check(value_iteration)"), functions=("value_iteration",))
    assert result.judged
    assert result.score == 0
    assert not any(each.unanswered for each in result.exercises[0].properties)

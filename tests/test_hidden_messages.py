"""What a failed hidden check tells a student: its sentence, and nothing that the student's process could choose."""

from __future__ import annotations

import pytest

from autograder.judge.exercise import without_status
from autograder.sandbox.limits import Limits, explain_death


@pytest.mark.parametrize("status", [*range(0, 256, 17), 70, *range(-64, 0, 3), -(2**63)])
def test_the_ways_in_which_a_process_can_end_make_few_sentences(status: int) -> None:
    told = without_status(explain_death(status, Limits()))
    assert told in {
        "The code ended its own process before it gave an answer.",
        "The code's process ended before it gave an answer.",  # a status that no process has: a forged message
        "The code crashed its process.",
        "The code's process was killed, most likely because it ran out of memory.",
        "The code used more than the limit of 600 seconds of processor time.",
    }


def test_a_check_that_fails_to_run_shows_nothing_of_its_inputs(judge, caplog: pytest.LogCaptureFixture) -> None:
    result = judge("def f(): return 1", ("f", "raise RuntimeError('the input was 0.123456')"))
    assert not result.judged
    assert result.problems == ["test_f could not be judged: RuntimeError in a check."]
    assert "0.123456" not in result.exercises[0].message
    assert "the input was 0.123456" in caplog.text  # for the instructor's eyes

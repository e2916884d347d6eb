"""``check(f)`` answers quickly, in words, with the smallest counterexample, and leaves nothing behind."""

from __future__ import annotations

import time

import numpy as np
import pytest

from autograder.course.solutions import reference_functions
from labkit import check
from labkit.checking import CheckFailed, Report, render_html, render_text
from labkit.exercises import EXERCISES
from labkit.properties import PropertyResult

NAMES = tuple(EXERCISES)


def bellman_q(P, R, V, gamma):
    """The classic slip: the discount is forgotten."""
    return R + P @ V


@pytest.fixture(scope="module", autouse=True)
def warm():
    """The first check imports PyTorch; a student's kernel has it already."""
    check(reference_functions()["batched_value_iteration"])


@pytest.mark.parametrize("name", NAMES)
def test_a_right_solution_is_answered_in_time_with_one_line_for_each_property(name, capsys):
    began = time.process_time()
    check(reference_functions()[name])
    assert time.process_time() - began < 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == name
    assert [line.strip()[:1] for line in lines[1:]] == ["✓"] * len(EXERCISES[name].properties)
    assert [line.strip()[2:] for line in lines[1:]] == [each.sentence for each in EXERCISES[name].properties]


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_is_said_to_be_unwritten(name, capsys):
    def stub(*args, **kwargs):
        raise NotImplementedError

    stub.__name__ = name
    with pytest.raises(CheckFailed):
        check(stub)
    assert f"{name} is not written yet." in capsys.readouterr().out


def test_a_wrong_function_raises_one_short_line_that_is_an_assertion_error(capsys):
    with pytest.raises(CheckFailed) as raised:
        check(bellman_q)
    assert isinstance(raised.value, AssertionError)
    assert str(raised.value) == "bellman_q: 3 of 3 public properties do not hold yet; see above."
    assert raised.value._render_traceback_() == [f"CheckFailed: {raised.value}"]
    assert raised.value.__cause__ is None


def test_the_counterexample_is_the_smallest_problem_in_words_and_numbers(capsys):
    with pytest.raises(CheckFailed):
        check(bellman_q)
    told = capsys.readouterr().out
    assert "✗ With gamma = 0 only the immediate reward counts: Q equals R." in told
    assert "Q[0, 0] is 1 but should be 0." in told
    assert "Smallest counterexample found:" in told
    assert "1 state, 1 action" in told
    assert "state 0, action 0: reward 0, to state 0" in told
    assert "V = [1]" in told


def test_only_the_properties_that_fail_are_marked(capsys):
    def bellman_q(P, R, V, gamma):
        return np.zeros(R.shape) + R + (gamma * P @ V if gamma else 1.0)

    with pytest.raises(CheckFailed, match="of 3"):
        check(bellman_q)
    told = capsys.readouterr().out
    assert told.count("✗") >= 1
    assert "✗ With gamma = 0" in told


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (lambda *_: None, "Q is missing: the function returned None instead of numbers."),
        (lambda P, R, V, gamma: R.T[..., None], "Q should have shape"),
        (lambda P, R, V, gamma: R * float("nan"), "Q should be finite, but it contains NaN or infinity."),
        (lambda P, R, V, gamma: "text", "Q should be an array of numbers"),
        (lambda P, R, V, gamma: 1 / 0, "bellman_q raised ZeroDivisionError: division by zero"),
        (lambda P, R: R, "bellman_q raised TypeError"),
    ],
)
def test_what_came_is_compared_with_what_was_expected(body, sentence, capsys):
    body.__name__ = "bellman_q"
    with pytest.raises(CheckFailed):
        check(body)
    assert sentence in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("belman_q", "Did you mean bellman_q?"),
        ("value_iterations", "Did you mean value_iteration?"),
        ("my_own_function", "The exercises are count_transitions"),
        ("<lambda>", "The exercises are count_transitions"),
    ],
)
def test_an_unknown_name_is_answered_with_a_hint(name, hint):
    def function():
        pass

    function.__name__ = name
    with pytest.raises(ValueError, match="no exercise asks for") as raised:
        check(function)
    assert hint in str(raised.value)


@pytest.mark.parametrize("thing", [5, "bellman_q", None, np.zeros(2)], ids=repr)
def test_what_is_no_function_is_answered_with_an_example(thing):
    with pytest.raises(ValueError, match=r"check\(bellman_q\)"):
        check(thing)


def test_an_answer_that_differs_from_call_to_call_fails_without_a_traceback(capsys):
    rng = np.random.default_rng(0)

    def bellman_q(P, R, V, gamma):
        return R + gamma * P @ V + (rng.random() < 0.5)

    with pytest.raises(CheckFailed):
        check(bellman_q)
    assert "Flaky" not in capsys.readouterr().out


def test_interrupting_a_check_interrupts_it():
    def bellman_q(P, R, V, gamma):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(bellman_q)


def test_the_same_wrong_function_gets_the_same_words_each_time(capsys):
    told = []
    for _ in range(2):
        with pytest.raises(CheckFailed):
            check(bellman_q)
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]


def test_checking_leaves_no_file_in_the_students_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckFailed):
        check(bellman_q)
    check(reference_functions()["bellman_q"])
    assert list(tmp_path.iterdir()) == []


def test_checking_does_not_touch_numpys_global_random_state(capsys):
    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    check(reference_functions()["value_iteration"])
    assert np.random.random() == expected


EVIL = "<script>alert(1)</script> & \"'"


@pytest.mark.parametrize("public", [True, False])
def test_the_html_report_escapes_everything_that_came_from_outside(public):
    result = PropertyResult("p", f"Sentence {EVIL}.", public, False, 1, f"message {EVIL}", f"case {EVIL}")
    told = render_html(f"name{EVIL}", [result])
    assert "<script" not in told
    assert told.count("&lt;script&gt;") == 4
    assert Report(EVIL, [result])._repr_html_().count("<script") == 0
    assert ("checked when graded" in told) != public


def test_text_and_html_tell_the_same_lines():
    results = [
        PropertyResult("a", "It holds.", True, True, 1),
        PropertyResult("b", "It fails.", True, False, 1, "off by one", "x = 1\ny = 2"),
    ]
    text, page = render_text("f", results), render_html("f", results)
    for part in ("f", "It holds.", "It fails.", "off by one", "x = 1", "y = 2", "✓", "✗"):
        assert part in text
        assert part in page
    assert not Report("f", results).passed
    assert Report("f", results[:1]).passed

"""Every exercise is graded by public and hidden properties that read well, add up, and hold for the reference."""

from __future__ import annotations

import re
from inspect import isfunction

import pytest

from autograder.course.solutions import reference_functions
from autograder.properties import HIDDEN, UNITS, find_graded, points, seed_of
from labkit.exercises import EXERCISES, find_exercise
from labkit.properties import Exercise, FreshCalls, examine, examine_known_cases, known_cases

NAMES = tuple(EXERCISES)
PLAIN_NAMES = ("cumulative_reward[t]", "predict", "episode_lengths", "num_samples")  # sentences may begin with one

RIGHT = (  # no steps return 0; a number that never changes does not change with order or seed either
    ("rollout", "no_steps", 0.0),
    ("interquartile_mean", "any_order_and_shape", 0.0),
    ("interquartile_mean", "outliers_count_for_nothing", 0.0),
    ("bootstrap_interval", "same_seed_same_interval", (0, 0)),
)


def test_the_exercises_are_the_functions_of_the_reference_in_their_order():
    for unit in UNITS:
        module = unit.reference
        written = [
            name for name, value in vars(module).items() if isfunction(value) and value.__module__ == module.__name__
        ]
        public = [name for name in written if not name.startswith("_")]
        assert {each.name for each in vars(unit).values() if isinstance(each, Exercise)} == set(public)
        assert [name for name in EXERCISES if name in public] == public


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_has_public_and_hidden_properties_under_unique_names(name):
    properties = find_graded(name)
    assert EXERCISES[name].properties
    assert HIDDEN[name].properties
    assert all(each.public for each in EXERCISES[name].properties)
    assert not any(each.public for each in HIDDEN[name].properties)
    assert len({each.name for each in properties}) == len(properties)
    assert len({each.sentence for each in properties}) == len(properties)
    assert [each for each in properties if each.public] == EXERCISES[name].properties == find_exercise(name).properties


@pytest.mark.parametrize("name", NAMES)
def test_a_property_is_one_sentence_with_a_weight(name):
    for each in find_graded(name):
        assert each.sentence.endswith(".")
        assert each.sentence[0].isupper() or each.sentence.split()[0] in (*NAMES, *PLAIN_NAMES), each.sentence
        assert "\n" not in each.sentence
        assert len(each.sentence) <= 220
        assert each.weight > 0
        assert each.trials > 0


@pytest.mark.parametrize("name", NAMES)
def test_the_weights_add_up_to_the_points_of_the_release(name, release):
    released = release.notebooks[EXERCISES[name].notebook].by_id[f"test_{name}"]
    assert points(name) == sum(each.weight for each in find_graded(name)) == released.points


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_earns_all_points(name):
    function = FreshCalls(reference_functions()[name])
    for each in find_graded(name):
        result = examine_known_cases(each, function, name, seed_of(0, name, each.name))
        assert result.passed, (each.name, result.message, result.counterexample)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("answer", [None, 0.0, [], "text", (0, 0), {}], ids=repr)
def test_an_answer_of_the_wrong_kind_earns_nothing_and_is_told_in_a_sentence(name, answer):
    class Always:
        def __call__(self, *args, **kwargs):
            return answer

        def on_accelerator(self, *args, **kwargs):
            return {"fault": "the result is no tensor", "device": "", "result": None}

        def with_gradients(self, *args, **kwargs):
            return {"value": answer, "gradients": [answer]}

    for each in find_graded(name):
        result = examine_known_cases(each, Always(), name, seed_of(0, name, each.name))
        if (name, each.name, answer) in RIGHT:
            continue
        assert not result.passed, each.name
        assert result.message.endswith("."), result.message
        assert re.match(r"[\w(]", result.message)


@pytest.mark.parametrize("name", NAMES)
def test_cases_are_the_same_each_time_and_of_the_number_asked_for(name):
    for each in find_graded(name):
        seed = seed_of(0, name, each.name)
        drawn = known_cases(each, seed)
        assert repr(known_cases.__wrapped__(each, seed)) == repr(drawn)
        assert 1 <= len(drawn) <= each.trials + len(each.always)


def test_a_check_hands_out_its_own_cases_unharmed():
    """A function that writes into its inputs changes neither what the check compares with nor the next student's."""

    def spoil(P, R, V, gamma):
        Q = R + gamma * P @ V
        P[:], R[:], V[:] = 0, 0, 0
        return Q

    for each in find_graded("bellman_q"):
        for _ in range(2):
            assert examine_known_cases(each, FreshCalls(spoil), "bellman_q", 0).passed
            assert examine(each, FreshCalls(spoil), "bellman_q", 0).passed


def test_an_unknown_exercise_is_refused():
    with pytest.raises(ValueError, match="no exercise"):
        find_graded("nothing")


def test_two_properties_of_one_name_are_refused():
    from hypothesis import strategies as st

    from labkit.properties import Exercise

    exercise = Exercise("f", "notebook")

    def holds(f):
        pass

    exercise.property("It holds.", cases=st.just({}))(holds)
    with pytest.raises(ValueError, match="already"):
        exercise.property("It holds again.", cases=st.just({}))(holds)

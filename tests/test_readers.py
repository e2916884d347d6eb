"""Readers of results accept every form that the contract allows and say in one sentence what is wrong with others."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from labkit.learnt import predictions
from labkit.properties import StudentError
from labkit.results import Violation, folds, indices, number, parts


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.array(0.5), [0.5], np.array([[0.5]]), torch.tensor(0.5)])
def test_a_number_may_come_as_an_array_of_one_entry(value):
    assert number(value, "error") == 0.5
    assert number(value, "error").shape == ()


@pytest.mark.parametrize("value", [None, "text", [0.5, 0.5], float("nan"), [], {}])
def test_what_is_no_number_is_a_violation(value):
    with pytest.raises(Violation, match=r"^error "):
        number(value, "error")


@pytest.mark.parametrize("value", [(1, 2), [1, 2], np.array([1, 2]), torch.tensor([1, 2]).numpy()])
def test_parts_come_from_any_sequence(value):
    assert [int(each) for each in parts(value, ("first", "second"))] == [1, 2]


@pytest.mark.parametrize("value", [(1,), (1, 2, 3), "ab", None, 3, np.array(3)])
def test_too_many_or_too_few_parts_are_a_violation(value):
    with pytest.raises(Violation, match=r"should return \(first, second\)"):
        parts(value, ("first", "second"))


@pytest.mark.parametrize("value", [[0, 2], (0.0, 2.0), np.array([0, 2], dtype=np.uint8), torch.tensor([0, 2])])
def test_indices_are_whole_numbers_of_any_type(value):
    assert indices(value, 2, 3, "the draws").tolist() == [0, 2]


@pytest.mark.parametrize("value", [[0, 3], [-1, 0], [0.5, 1], [0], [[0, 1]], None])
def test_what_is_no_index_is_a_violation(value):
    with pytest.raises(Violation, match=r"^the draws "):
        indices(value, 2, 3, "the draws")


def test_folds_may_be_lists_tuples_or_one_array():
    split = [([0], [1]), ([1], [0])]
    for value in (split, tuple(split), np.array(split)):
        assert [[half.tolist() for half in each] for each in folds(value, 2, 2)] == [[[0], [1]], [[1], [0]]]


@pytest.mark.parametrize("value", [None, [([0], [1])], [[0], [1]], [([0], [2]), ([1], [0])], {"a": 1}])
def test_what_is_no_split_is_a_violation(value):
    with pytest.raises(Violation):
        folds(value, 2, 2)


def test_what_predict_raises_is_the_students_error():
    class Model:
        def predict(self, states, actions):
            raise KeyError("weights")

    with pytest.raises(StudentError, match="predict"):
        predictions(Model(), np.zeros((2, 1)), np.zeros((2, 1)), 3)
    with pytest.raises(StudentError, match="predict"):
        predictions([], np.zeros((2, 1)), np.zeros((2, 1)), 3)

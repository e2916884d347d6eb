"""A mistake is named when a student's answers are its answers, nobody else is accused, and no mistake costs twice."""

from __future__ import annotations

import inspect

import pytest

from autograder.audit.run import SETUP
from autograder.judge import misconceptions
from autograder.judge.answers import Answer, Call
from autograder.judge.misconceptions import diagnostic_calls, name_misconception
from autograder.judge.notebook import NotebookPlan, Step, judge_notebook
from autograder.properties import known_mistakes, points, reference
from autograder.properties.entries import Entry
from labkit.properties import Exercise, FreshCalls, StudentError, Unanswered


def mistake(name: str) -> Entry:
    return next(each for each in known_mistakes(name) if each.ends)


def names_it(function, name):
    return name_misconception(FreshCalls(function), name, 0)


@pytest.mark.parametrize("name", ["bellman_q", "policy_evaluation", "model_disagreement"])
def test_every_mistake_is_named_and_by_its_own_name(name):
    for each in known_mistakes(name):
        if each.ends:
            assert names_it(each.function, name) == f"Your answers are what you get when {each.note}."


def test_the_same_mistake_in_other_words_is_named():
    def transposed(P, R, V, gamma):
        return [
            [R[s, a] + gamma * sum(P[n, a, s] * V[n] for n in range(len(R))) for a in range(R.shape[1])]
            for s in range(len(R))
        ]

    assert "come from" in names_it(transposed, "bellman_q")


def test_the_methods_of_one_model_are_handed_over_as_those_of_one():
    """A latent model knows which state came from which: a search that gets three models instead of one only fails."""
    each = next(entry for entry in known_mistakes("muzero_search") if entry.name == "muzero_search_ignores_rewards")
    assert names_it(each.function, "muzero_search") == f"Your answers are what you get when {each.note}."


def test_nobody_is_accused_of_a_mistake_of_another_kind():
    assert names_it(lambda P, R, V, gamma: R * 17.3, "bellman_q") == ""
    assert names_it(lambda P, R, V, gamma: None, "bellman_q") == ""
    assert names_it(reference("bellman_q"), "bellman_q") == ""


def test_a_function_that_stops_answering_is_not_asked_on():
    asked = []

    class Silent:
        def __call__(self, *args, **kwargs):
            asked.append(1)
            raise Unanswered("No answer.")

    assert name_misconception(Silent(), "bellman_q", 0) == ""
    assert len(asked) == 1


def test_answers_are_compared_as_numbers_whatever_holds_them():
    import numpy as np
    import torch

    numbers = [[1.0, 2.0], [3.0, 4.0]]
    assert Answer.of(numbers).agrees_with(Answer.of(np.array(numbers)))
    assert Answer.of(tuple(numbers)).agrees_with(Answer.of(np.array(numbers, dtype=np.float32)))
    assert not Answer.of(numbers).agrees_with(Answer.of([1.0, 2.0, 3.0, 4.0]))
    assert not Answer.of(torch.ones(2)).agrees_with(Answer.of(torch.ones(2, dtype=torch.float64)))
    assert Answer.of([([0, 1], [2]), ([2], [0, 1])]).agrees_with(Answer.of([(np.arange(2), [2]), ([2], (0, 1))]))
    assert not Answer.of({"a": 1.0}).agrees_with(Answer.of({"b": 1.0}))
    assert not Answer.of(numbers).agrees_with(Answer.of([[1.0, 2.0], [3.0, 4.0 + 1e-6]]))


def test_answers_that_change_with_the_seed_are_compared_with_nothing(monkeypatch):
    """A function with a seed: one mistake answers by chance and by rule, only the rule can be recognised."""
    import numpy as np

    def right(n, seed):
        return np.random.default_rng(seed).random(n)

    def one_too_many(n, seed):
        return np.random.default_rng(seed + 9).random(n + 1)

    def always_zero(n, seed):
        return np.zeros(n)

    def zero_and_chance(n, seed):
        return np.random.default_rng(seed + 5).random(n) if n > 2 else np.zeros(n)

    calls = tuple(Call("f", "", (n, 3), {}) for n in (0, 1, 2, 3))
    known = [Entry("f", each.__name__, each) for each in (one_too_many, always_zero, zero_and_chance)]
    monkeypatch.setitem(misconceptions.EXERCISES, "f", Exercise("f", "a_notebook"))
    monkeypatch.setattr(misconceptions, "diagnostic_calls", lambda name, seed: calls)
    monkeypatch.setattr(misconceptions, "reference", lambda name: right)
    monkeypatch.setattr(misconceptions, "known_mistakes", lambda name: known)
    for remembered in ("_replies_of_reference", "_replies_of_mistakes", "is_random"):
        monkeypatch.setattr(misconceptions, remembered, getattr(misconceptions, remembered).__wrapped__)
    name = misconceptions.name_misconception
    assert name(FreshCalls(lambda n, seed: np.random.default_rng(seed * 31).random(n)), "f", 0) == ""
    # what always_zero answers where a correct answer is chance is compared with nothing, so it is nobody's
    assert name(FreshCalls(always_zero), "f", 0) == ""
    assert name(FreshCalls(lambda n, seed: np.zeros(n + 1)), "f", 0) == ""


class OtherStream:
    """A student who made a known mistake, but draws other random numbers."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *args, **kwargs):
        *rest, last = args
        return FreshCalls(self.function)(*rest, (last + 5000) % 2**31, **kwargs)


@pytest.mark.parametrize("name", ["kfold_indices", "random_shooting"])
def test_where_answers_are_chance_a_mistake_is_known_by_facts_that_are_not(name):
    mistakes = known_mistakes(name)
    named = [names_it(OtherStream(each.function), name) for each in mistakes]
    right = [f"Your answers are what you get when {each.note}." for each in mistakes]
    assert sum(found == wanted for found, wanted in zip(named, right, strict=True)) > 0.6 * len(mistakes)
    assert all(found in (wanted, "") for found, wanted in zip(named, right, strict=True))


@pytest.mark.parametrize("name", ["kfold_indices", "random_shooting", "mpc_episode", "cem_plan"])
def test_no_correct_solution_is_accused_though_its_answers_are_chance(name):
    from tests.bank import CORRECT

    for each in CORRECT:
        if each.exercise == name:
            assert names_it(each.function, name) == ""


def test_the_diagnostic_calls_are_those_of_the_properties_and_fresh_for_everybody():
    calls = diagnostic_calls("bellman_q", 0)
    assert len(calls) > 20
    before = repr([call.args for call in calls])

    def spoil(P, R, V, gamma):
        P[:], R[:], V[:] = 0, 0, 0
        raise StudentError("ValueError", "spoilt")

    names_it(spoil, "bellman_q")
    assert repr([call.args for call in calls]) == before


def plan(**cells: str) -> NotebookPlan:
    steps = [Step("cell", "setup", SETUP)]
    for name, source in cells.items():
        steps += [Step("cell", name, source), Step("test", f"test_{name}", f"check({name})", points(name))]
    return NotebookPlan("a_notebook", steps, list(cells))


def result_of(cage, **cells):
    return {each.name: each for each in judge_notebook(cage, plan(**cells)).exercises}


ITERATION = """
def policy_iteration(P, R, gamma):
    policy = np.zeros(len(P), dtype=int)
    for _ in range(200):
        V = policy_evaluation(P, R, policy, gamma)
        Q = bellman_q(P, R, V, gamma)
        better = Q.max(axis=1) > Q[np.arange(len(P)), policy] + 1e-12 * max(1.0, abs(Q).max())
        policy = np.where(better, Q.argmax(axis=1), policy)
    return V, policy
"""


@pytest.mark.slow
def test_a_function_that_fails_only_for_an_earlier_one_of_its_own_is_graded_with_a_correct_one(cage):
    wrong = mistake("bellman_q").cell
    right = inspect.getsource(reference("policy_evaluation"))
    graded = result_of(cage, bellman_q=wrong, policy_evaluation=right, policy_iteration=ITERATION)
    assert graded["bellman_q"].score < points("bellman_q")
    assert "Your answers are what you get when" in graded["bellman_q"].message
    assert graded["policy_evaluation"].score == points("policy_evaluation")
    assert graded["policy_iteration"].score == points("policy_iteration")
    assert "no mistake costs you twice" in graded["policy_iteration"].message
    assert "calls bellman_q" in graded["policy_iteration"].message


@pytest.mark.slow
def test_a_mistake_of_its_own_still_costs_a_function_that_calls_a_wrong_one(cage):
    wrong = mistake("bellman_q").cell
    right = inspect.getsource(reference("policy_evaluation"))
    own = ITERATION.replace("Q.argmax", "Q.argmin")
    graded = result_of(cage, bellman_q=wrong, policy_evaluation=right, policy_iteration=own)
    assert graded["policy_iteration"].score < points("policy_iteration")
    alone = result_of(cage, bellman_q=inspect.getsource(reference("bellman_q")), policy_evaluation=right,
                      policy_iteration=own)  # fmt: skip
    assert graded["policy_iteration"].score == alone["policy_iteration"].score
    assert "twice" not in alone["policy_iteration"].message


def test_answers_in_single_precision_agree_up_to_its_rounding():
    import torch

    third = torch.tensor([1.0, 1 / 3])
    assert Answer.of(third).agrees_with(Answer.of(third * (1 + 2e-7)))
    assert not Answer.of(third).agrees_with(Answer.of(third * 1.001))
    assert not Answer.of(third.double()).agrees_with(Answer.of(third.double() * (1 + 2e-7)))

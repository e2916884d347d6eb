"""Hidden properties on returns of sequences, random shooting and refitting to elites."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import strategies as st

from autograder.properties.mpc.common import (
    NOTEBOOK,
    RELATIVE,
    draw_box,
    drawn,
    expect_independent,
    expect_uniform,
    seeds,
)
from autograder.properties.shared import draw_sizes, hidden
from labkit.batched import BatchedSimulator, bent_model
from labkit.exercises.mpc import expect_best_candidate, expect_deviation, expect_same_again, expect_within
from labkit.problems import with_inputs
from labkit.properties import Exercise
from labkit.results import Violation, array, expect_close, parts

evaluate_sequences = Exercise("evaluate_sequences", NOTEBOOK)
random_shooting = Exercise("random_shooting", NOTEBOOK)
refit_gaussian = Exercise("refit_gaussian", NOTEBOOK)
refit_categorical = Exercise("refit_categorical", NOTEBOOK)
any_discount = st.sampled_from([0.9, 0.0, 0.5, 0.3, 0.99])


# evaluate_sequences


@evaluate_sequences.property(
    "The returns are right for curved models, every discount, and sizes that all differ, with one call for each step.",
    cases=st.fixed_dictionaries({"random_seed": drawn, "gamma": any_discount}),
    **hidden(weight=3, trials=40),
)
def returns_of_any_model(f, random_seed, gamma):
    rng = np.random.default_rng(random_seed)
    count, horizon, action_size, state_size = draw_sizes(rng, 4, 7)
    _expect_returns(f, rng, (count, horizon, action_size), state_size, gamma, float(rng.choice([1.0, 1e4, 1e-3])))


@evaluate_sequences.property(
    "They are exact to float64 for many sequences and long plans.",
    cases=st.fixed_dictionaries({"random_seed": drawn, "gamma": st.sampled_from([0.99, 0.95])}),
    **hidden(weight=1, trials=4),
)
def long_plans(f, random_seed, gamma):
    rng = np.random.default_rng(random_seed)
    _expect_returns(f, rng, (int(rng.integers(60, 90)), int(rng.integers(30, 50)), 2), 5, gamma, 1.0)


def _expect_returns(f, rng, shape, state_size, gamma, scale):
    simulator = BatchedSimulator(bent_model(rng, state_size, shape[2], scale), state_size, shape[2])
    start, sequences = rng.normal(size=state_size), rng.normal(size=shape)
    returns = array(f(simulator.step, simulator.start(start), sequences, gamma), shape[:1], "the returns")
    slack = RELATIVE * scale * (1 - gamma ** shape[1]) / (1 - gamma)
    expect_close(returns, simulator.returns(start, sequences, gamma), "returns", slack)
    if simulator.rows != [shape[0]] * shape[1]:
        raise Violation("step should be called once for each step of the plans, with all sequences.")
    if not np.array_equal(simulator.sequences(shape[1]), sequences):
        raise Violation("the actions given to step at time t should be actions[:, t].")


# random_shooting


@random_shooting.property(
    "The plan is the best of exactly num_samples sequences within the bounds, by discounted return, "
    "and the seed alone decides which are tried.",
    cases=st.fixed_dictionaries({"random_seed": drawn, "gamma": any_discount, "seed": seeds}),
    **hidden(weight=3, trials=25),
)
def best_by_discounted_return(f, random_seed, gamma, seed):
    rng = np.random.default_rng(random_seed)
    num_samples, horizon, action_size, state_size = draw_sizes(rng, 4, 6)
    num_samples *= int(rng.choice([1, 5]))
    low, high = draw_box(rng, action_size)
    model, start = bent_model(rng, state_size, action_size), rng.normal(size=state_size)

    def run(number):
        simulator = BatchedSimulator(model, state_size, action_size)
        plan = f(simulator.step, simulator.start(start), horizon, num_samples, low, high, gamma, number)
        plan = array(plan, (horizon, action_size), "the plan")
        tried = expect_best_candidate(simulator, start, plan, num_samples, gamma)
        expect_within(tried, low, high, "a sequence that was tried")
        return plan, tried

    plan, tried = run(seed)
    expect_same_again(plan, run(seed)[0])
    if np.array_equal(np.unique(run(seed ^ 1)[1], axis=0), np.unique(tried, axis=0)):  # some may come again by chance
        raise Violation("another seed should lead to other sequences.")


@random_shooting.property(
    "The sequences tried are uniform between the bounds, and all their numbers are independent.",
    cases=st.fixed_dictionaries({"random_seed": drawn, "seed": seeds}),
    **hidden(weight=2, trials=4),
)
def uniform_candidates(f, random_seed, seed):
    """All of 2500 numbers keep farther than 1/100 from a bound with probability 0.99^2500 = 1e-11; among 2500 numbers
    of 24 random bits (single precision) less than one pair is equal on average, and 250 never are."""
    rng = np.random.default_rng(random_seed)
    num_samples, horizon, action_size = 2500, 2, 2
    low, high = draw_box(rng, action_size)
    simulator = BatchedSimulator(bent_model(rng, 1, action_size), 1, action_size)
    f(simulator.step, simulator.start([0.3]), horizon, num_samples, low, high, 0.9, seed)
    tried = _in_order(simulator.sequences(horizon))[:num_samples]
    if len(tried) < num_samples:
        raise Violation(f"{num_samples} sequences should be tried, but {len(tried)} different ones were.")
    unit = ((tried - low) / (high - low)).reshape(num_samples, -1)
    if unit.min(axis=0).max() > 0.01 or unit.max(axis=0).min() < 0.99:
        raise Violation("the sequences tried keep away from the bounds.")
    if min(len(np.unique(column)) for column in unit.T) < 0.9 * num_samples:
        raise Violation("the actions tried should be any number between the bounds, but a few values come again.")
    columns = range(unit.shape[1])
    pairs = list(itertools.combinations(columns, 2))
    tests = 2 * len(columns) + len(pairs) + 1
    expect_uniform(unit, tests, "all actions")
    for column in columns:
        expect_uniform(unit[:, column], tests, "the actions of one step")
        expect_independent(unit[::2, column], unit[1::2, column], tests, "two samples")
    for first, second in pairs:
        expect_independent(unit[:, first], unit[:, second], tests, "two numbers of a sequence")


def _in_order(sequences):
    """Return the different sequences in the order in which they came first; looking at one again is no new draw."""
    _, first = np.unique(sequences, axis=0, return_index=True)
    return sequences[np.sort(first)]


# refit_gaussian and refit_categorical


@refit_gaussian.property(
    "Mean and std are those of the num_elites samples with the highest returns, whatever their number, sign and size.",
    cases=st.fixed_dictionaries({"random_seed": drawn}),
    **hidden(weight=3, trials=60),
)
def elites_of_any_kind(f, random_seed):
    rng = np.random.default_rng(random_seed)
    count, horizon, action_size = draw_sizes(rng, 3, 6)
    count = max(2, count * int(rng.choice([1, 4])))
    num_elites = int(rng.integers(2, count + 1)) if rng.random() < 0.8 else count
    scale = float(rng.choice([1.0, 1e3, 1e-2]))
    samples = rng.normal(size=(count, horizon, action_size)) * scale + rng.normal() * scale
    returns = rng.normal(size=count) * rng.choice([1e-3, 1.0, 1e4]) + rng.choice([0.0, -2e4, 50.0])
    _expect_gaussian(f(samples, returns, num_elites), samples[np.argsort(returns)[count - num_elites :]])


def _expect_gaussian(result, elites):
    mean, std = parts(result, ("mean", "std"))
    mean, std = array(mean, elites.shape[1:], "mean"), array(std, elites.shape[1:], "std")
    expect_close(mean, elites.mean(axis=0), "mean", RELATIVE * np.abs(elites).max())
    expect_deviation(std, elites)


@st.composite
def _ties(draw, min_elites):
    """A few samples whose returns tie; the elites are any choice among the tied."""
    rng = np.random.default_rng(draw(drawn))
    count = draw(st.integers(4, 6))
    returns = np.array(draw(st.lists(st.sampled_from([0.0, -1.0]), min_size=count, max_size=count)))
    return {
        "samples": rng.permutation(np.arange(count * 6)).reshape(count, 6),
        "returns": returns,
        "num_elites": draw(st.integers(min_elites, count - 1)),
    }


def _possible_elites(returns, num_elites):
    """All sets of ``num_elites`` samples of which no other sample is better than one of them."""
    for chosen in itertools.combinations(range(len(returns)), num_elites):
        others = np.delete(returns, chosen)
        if not len(others) or others.max() <= returns[list(chosen)].min():
            yield list(chosen)


def _expect_one_of(check, choices):
    """``check`` passes for one of the ``choices``."""
    for choice in choices:
        try:
            return check(choice)
        except Violation as violation:
            last = violation
    raise Violation(f"with ties, no choice of num_elites samples explains the result: {last}")


@refit_gaussian.property(
    "Exactly num_elites samples count also where returns tie.",
    cases=_ties(min_elites=2),
    **hidden(weight=1, trials=25),
)
def as_many_elites_as_asked(f, samples, returns, num_elites):
    samples = samples.reshape(len(samples), 3, 2).astype(np.float64)
    result = f(samples, returns, num_elites)
    _expect_one_of(lambda chosen: _expect_gaussian(result, samples[chosen]), _possible_elites(returns, num_elites))


def _expect_categorical(result, elites, num_actions, smoothing):
    p = array(result, (elites.shape[1], num_actions), "the probabilities")
    counts = np.array([[(column == a).sum() for a in range(num_actions)] for column in elites.T])
    expect_close(p, (1 - smoothing) * counts / len(elites) + smoothing / num_actions, "p", RELATIVE)


smoothings = st.sampled_from([0.0, 0.1, 0.37, 0.5, 1.0, 0.9])


@refit_categorical.property(
    "The probabilities are the elites' frequencies, mixed with the uniform distribution, for any sizes.",
    cases=st.fixed_dictionaries({"random_seed": drawn, "smoothing": smoothings}),
    **hidden(weight=3, trials=60),
)
def frequencies_of_any_kind(f, random_seed, smoothing):
    rng = np.random.default_rng(random_seed)
    count, horizon, num_actions = draw_sizes(rng, 3, 7)
    count *= int(rng.choice([1, 5]))
    samples = rng.integers(num_actions, size=(count, horizon))
    returns = rng.normal(size=count) * rng.choice([1e-3, 1.0, 1e4]) + rng.choice([0.0, -2e4, 50.0])
    num_elites = int(rng.integers(1, count + 1))
    result = f(samples, returns, num_elites, num_actions, smoothing)
    _expect_categorical(result, samples[np.argsort(returns)[count - num_elites :]], num_actions, smoothing)


@refit_categorical.property(
    "Exactly num_elites samples count also where returns tie.",
    cases=with_inputs(_ties(min_elites=1), smoothing=smoothings),
    **hidden(weight=1, trials=25),
)
def as_many_categorical_elites_as_asked(f, samples, returns, num_elites, smoothing):
    samples = samples % 4
    result = f(samples, returns, num_elites, 5, smoothing)
    _expect_one_of(
        lambda chosen: _expect_categorical(result, samples[chosen], 5, smoothing),
        _possible_elites(returns, num_elites),
    )

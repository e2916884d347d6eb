"""Public properties of unit 1, environment models. None of them contains an algorithm: they are facts about results."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from labkit.experience import experience, tables
from labkit.learnt import predictions, train
from labkit.problems import models, with_inputs
from labkit.properties import Exercise
from labkit.results import Violation, array, expect_close, folds, indices, number, pair, parts, tensor

NOTEBOOK = "01_environment_models"
ROUNDING = 1e-9

count_transitions = Exercise("count_transitions", NOTEBOOK)
mle_model = Exercise("mle_model", NOTEBOOK)
inverse_model = Exercise("inverse_model", NOTEBOOK)
sample_next_states = Exercise("sample_next_states", NOTEBOOK)
kfold_indices = Exercise("kfold_indices", NOTEBOOK)
gaussian_nll = Exercise("gaussian_nll", NOTEBOOK)
ensemble_moments = Exercise("ensemble_moments", NOTEBOOK)
train_ensemble = Exercise("train_ensemble", NOTEBOOK, call_seconds=30, compares_answers=False)
calibration_curve = Exercise("calibration_curve", NOTEBOOK)

seeds = st.integers(0, 2**31 - 1)


# count_transitions


def _counted(result, num_states, num_actions):
    counts, reward_sums = pair(result, "(counts, reward_sums)")
    return (
        array(counts, (num_states, num_actions, num_states), "counts"),
        array(reward_sums, (num_states, num_actions), "reward_sums"),
    )


@count_transitions.property(
    "One transition is one count at its place, and its reward; everything else stays 0.",
    cases=experience(lengths=st.just(1)),
)
def one_transition(f, states, actions, rewards, next_states, num_states, num_actions):
    result = f(states, actions, rewards, next_states, num_states, num_actions)
    counts, reward_sums = _counted(result, num_states, num_actions)
    s, a, s2 = int(states[0]), int(actions[0]), int(next_states[0])
    expect_close(counts[s, a, s2], np.array(1.0), f"counts[{s}, {a}, {s2}]", 0.0, "it happened once")
    expect_close(np.abs(counts).sum(), np.array(1.0), "the sum of all counts", 0.0)
    expect_close(reward_sums[s, a], rewards[0], f"reward_sums[{s}, {a}]", ROUNDING)
    expect_close(np.abs(reward_sums).sum(), np.abs(rewards[0]), "the sum of all |reward_sums|", ROUNDING)


@count_transitions.property(
    "Without any experience everything is 0, in tables for all states and actions.",
    cases=experience(lengths=st.just(0)),
    trials=10,
)
def no_experience(f, states, actions, rewards, next_states, num_states, num_actions):
    result = f(states, actions, rewards, next_states, num_states, num_actions)
    counts, reward_sums = _counted(result, num_states, num_actions)
    expect_close(counts, np.zeros(counts.shape), "counts", 0.0, "nothing happened")
    expect_close(reward_sums, np.zeros(reward_sums.shape), "reward_sums", 0.0, "nothing was earned")


@count_transitions.property(
    "Every transition counts: living through everything twice doubles the counts and the sums.",
    cases=experience(),
)
def twice_the_experience(f, states, actions, rewards, next_states, num_states, num_actions):
    once = _counted(f(states, actions, rewards, next_states, num_states, num_actions), num_states, num_actions)
    twice = [np.concatenate([each, each]) for each in (states, actions, rewards, next_states)]
    counts, reward_sums = _counted(f(*twice, num_states, num_actions), num_states, num_actions)
    expect_close(counts.sum(), np.array(2.0 * len(states)), "the sum of all counts", 0.0, "the number of transitions")
    expect_close(counts, 2 * once[0], "counts", 0.0, "twice the count of living through it once")
    expect_close(reward_sums, 2 * once[1], "reward_sums", ROUNDING, "twice the sum of living through it once")


# mle_model


def _model(result, counts):
    P, R = pair(result, "(P, R)")
    return array(P, counts.shape, "P"), array(R, counts.shape[:2], "R")


@mle_model.property(
    "Every row of P is a probability distribution.",
    cases=tables(),
)
def rows_are_distributions(f, counts, reward_sums):
    P, _ = _model(f(counts, reward_sums), counts)
    if P.min() < 0:
        raise Violation(f"P contains {P.min():.6g}, but a probability is never negative.")
    expect_close(P.sum(axis=2), np.ones(P.shape[:2]), "the sum of a row of P", ROUNDING)


@mle_model.property(
    "For a pair that was never tried every next state is equally likely, and the reward is 0.",
    cases=tables(),
)
def never_tried(f, counts, reward_sums):
    P, R = _model(f(counts, reward_sums), counts)
    for s, a in np.argwhere(counts.sum(axis=2) == 0):
        expect_close(P[s, a], np.full(len(P), 1 / len(P)), f"P[{s}, {a}]", ROUNDING, "that pair was never tried")
        expect_close(R[s, a], np.array(0.0), f"R[{s}, {a}]", ROUNDING, "that pair was never tried")


@mle_model.property(
    "What happened every time is certain, and what was earned every time is the expected reward.",
    cases=with_inputs(models(deterministic=True), tries=st.integers(1, 5)),
)
def what_always_happened(f, P, R, tries):
    found_P, found_R = _model(f(tries * P, tries * R), P)
    expect_close(found_P, P, "P", ROUNDING, f"it happened {tries} times out of {tries}")
    expect_close(found_R, R, "R", ROUNDING, f"it was earned {tries} times out of {tries}")


# inverse_model


def _inverse(result, counts):
    return array(result, (len(counts), len(counts), counts.shape[1]), "the inverse model")


@inverse_model.property(
    "For every two states the probabilities of the actions sum to 1.",
    cases=tables(),
)
def actions_sum_to_one(f, counts, reward_sums):
    found = _inverse(f(counts), counts)
    expect_close(found.sum(axis=2), np.ones(found.shape[:2]), "the sum over actions", ROUNDING)


@inverse_model.property(
    "Where only one action ever led from s to s2, it is certain; where none did, all are equally likely.",
    cases=st.builds(
        lambda sizes, place, times: {"sizes": sizes, "place": place, "times": times},
        st.tuples(st.integers(1, 4), st.integers(1, 3)),
        st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 3)),
        st.integers(1, 5),
    ),
)
def the_only_action(f, sizes, place, times):
    num_states, num_actions = sizes
    s, a, s2 = place[0] % num_states, place[1] % num_actions, place[2] % num_states
    counts = np.zeros((num_states, num_actions, num_states))
    counts[s, a, s2] = times
    expected = np.full((num_states, num_states, num_actions), 1 / num_actions)
    expected[s, s2] = np.eye(num_actions)[a]
    expect_close(_inverse(f(counts), counts), expected, "the inverse model", ROUNDING)


@inverse_model.property(
    "Living through everything again does not change it.",
    cases=with_inputs(tables(), times=st.integers(2, 5)),
)
def more_of_the_same(f, counts, reward_sums, times):
    once, again = _inverse(f(counts), counts), _inverse(f(times * counts), counts)
    expect_close(again, once, "the inverse model", ROUNDING, f"the value before all counts were multiplied by {times}")


# sample_next_states


@st.composite
def _rows_of(draw, problems):
    P = draw(problems)["P"]
    rows = draw(st.integers(1, 6))
    states = draw(st.lists(st.integers(0, P.shape[0] - 1), min_size=rows, max_size=rows))
    actions = draw(st.lists(st.integers(0, P.shape[1] - 1), min_size=rows, max_size=rows))
    return {"P": P, "states": np.array(states), "actions": np.array(actions), "seed": draw(seeds)}


@sample_next_states.property(
    "Where the next state is certain, it is the one drawn, whatever the seed.",
    cases=_rows_of(models(deterministic=True)),
)
def certain_successor(f, P, states, actions, seed):
    drawn = indices(f(P, states, actions, seed), len(states), len(P), "the next states")
    expected = np.array([np.flatnonzero(P[s, a])[0] for s, a in zip(states, actions, strict=True)])
    expect_close(drawn.astype(float), expected, "the next state", 0.0, "the only one that is possible")


@sample_next_states.property(
    "Only next states with a positive probability are drawn, and the same seed draws them again.",
    cases=_rows_of(models(max_states=4)),
    always=tuple(  # the first and the last seed there are, with so many rows that no two calls agree by chance
        {"P": np.full((2, 1, 2), 0.5), "states": np.arange(40) % 2, "actions": np.zeros(40, np.int64), "seed": seed}
        for seed in (0, 2**31 - 1)
    ),
)
def possible_and_repeatable(f, P, states, actions, seed):
    drawn = indices(f(P, states, actions, seed), len(states), len(P), "the next states")
    for i, (s, a, s2) in enumerate(zip(states, actions, drawn, strict=True)):
        if P[s, a, s2] == 0:
            raise Violation(f"row {i} moves from {s} to {s2} under action {a}, but P[{s}, {a}, {s2}] is 0.")
    again = indices(f(P, states, actions, seed), len(states), len(P), "the next states")
    expect_close(again.astype(float), drawn, "the next state", 0.0, "the draw of the first call with the same seed")


@sample_next_states.property(
    "Two hundred flips of a fair coin do not all land on the same side.",
    cases=st.fixed_dictionaries({"seed": seeds}),
    trials=5,
)
def both_sides_of_a_coin(f, seed):
    P = np.full((2, 1, 2), 0.5)
    drawn = indices(f(P, np.zeros(200, dtype=int), np.zeros(200, dtype=int), seed), 200, 2, "the next states")
    if drawn.min() == drawn.max():  # for independent draws a chance of 2^-199
        raise Violation(f"All 200 rows moved to state {drawn[0]}, although both next states are equally likely.")


# kfold_indices


@st.composite
def _splits(draw):
    n = draw(st.integers(2, 9))
    return {"n": n, "k": draw(st.integers(2, n)), "seed": draw(seeds)}


@kfold_indices.property(
    "Every example is in exactly one validation set.",
    cases=_splits(),
)
def each_example_once(f, n, k, seed):
    validated = np.concatenate([validation for _, validation in folds(f(n, k, seed), n, k)])
    times = np.bincount(validated, minlength=n)
    if (times != 1).any():
        example = int(np.flatnonzero(times != 1)[0])
        raise Violation(f"Example {example} is in {times[example]} validation sets, but should be in exactly one.")


@kfold_indices.property(
    "The sizes of the validation sets differ by at most 1.",
    cases=_splits(),
)
def sizes_alike(f, n, k, seed):
    sizes = [len(validation) for _, validation in folds(f(n, k, seed), n, k)]
    if max(sizes) - min(sizes) > 1:
        raise Violation(f"The validation sets have {sizes} examples, but the sizes should differ by at most 1.")


@kfold_indices.property(
    "Each training set holds just the examples that are not in its validation set.",
    cases=_splits(),
)
def train_on_the_others(f, n, k, seed):
    for i, (train_set, validation) in enumerate(folds(f(n, k, seed), n, k)):
        others = sorted(set(range(n)) - set(validation.tolist()))
        if sorted(train_set.tolist()) != others:
            raise Violation(f"The training set of fold {i} is {sorted(train_set.tolist())}, but should be {others}.")


@kfold_indices.property(
    "The same seed gives the same folds.",
    cases=_splits(),
    trials=10,
    always=({"n": 12, "k": 4, "seed": 0}, {"n": 12, "k": 4, "seed": 2**31 - 1}),
)
def same_seed_same_folds(f, n, k, seed):
    first, second = (
        [set(validation.tolist()) for _, validation in folds(f(n, k, seed), n, k)] for _ in range(2)
    )  # fmt: skip
    if first != second:
        raise Violation(f"Two calls with seed {seed} gave the validation sets {first} and {second}.")


# gaussian_nll


@st.composite
def _gaussians(draw):
    import torch

    rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    dtype = draw(st.sampled_from([torch.float64, torch.float32]))

    def matrix(values):
        numbers = draw(st.lists(values, min_size=rows * columns, max_size=rows * columns))
        return torch.tensor(numbers, dtype=dtype).reshape(rows, columns)

    whole = st.integers(-3, 3).map(float)
    return {"mean": matrix(whole), "log_var": matrix(whole), "target": matrix(whole)}


def _slack(like):
    return 1e-8 if str(like.dtype).endswith("float64") else 1e-4


def _nll(f, mean, log_var, target):
    return tensor(f(mean, log_var, target), (), mean, "the result").double().numpy()


@gaussian_nll.property(
    "Where the mean is right and the variance 1, every column costs log(2 pi) / 2.",
    cases=_gaussians(),
)
def cost_of_being_right(f, mean, log_var, target):
    found = _nll(f, target, 0 * log_var, target)
    columns = target.shape[1]
    expect_close(found, np.array(columns * math.log(2 * math.pi) / 2), "the result", 3 * _slack(mean))


@gaussian_nll.property(
    "Rows are averaged and columns are summed: doubling the rows changes nothing, doubling the columns doubles it.",
    cases=_gaussians(),
)
def rows_and_columns(f, mean, log_var, target):
    once = _nll(f, mean, log_var, target)
    slack = _slack(mean) * (1 + np.abs(once) + 3 * mean.shape[1] * 20 * math.exp(3))
    rows = _nll(f, *(each.repeat(2, 1) for each in (mean, log_var, target)))
    expect_close(rows, once, "the result with every row twice", slack, "as with every row once")
    columns = _nll(f, *(each.repeat(1, 2) for each in (mean, log_var, target)))
    expect_close(columns, 2 * once, "the result with every column twice", slack, "twice the result")


@gaussian_nll.property(
    "No mean is better than the target itself, and no variance better than the squared error: there the gradient is 0.",
    cases=_gaussians(),
)
def best_predictions(f, mean, log_var, target):
    seen = f.with_gradients([0], target, log_var, target)
    slope = _gradient(seen, 0, mean, "mean")
    expect_close(slope, np.zeros(slope.shape), "the gradient in mean", _slack(mean), "the mean is right")
    seen = f.with_gradients([1], target + (0.5 * log_var).exp(), log_var, target)
    slope = _gradient(seen, 0, mean, "log_var")
    expect_close(slope, np.zeros(slope.shape), "the gradient in log_var", 30 * _slack(mean), "the variance is right")


def _gradient(seen, position, like, name):
    if seen["gradients"][position] is None:
        raise Violation(f"The result does not depend on {name} in a way that can be differentiated.")
    return tensor(seen["gradients"][position], tuple(like.shape), like, f"the gradient in {name}").double().numpy()


# ensemble_moments


@st.composite
def _predictions(draw):
    members, rows, columns = (draw(st.integers(1, 4)) for _ in range(3))
    size = members * rows * columns
    means = draw(st.lists(st.integers(-4, 4), min_size=size, max_size=size))
    variances = draw(st.lists(st.integers(1, 5), min_size=size, max_size=size))
    shape = (members, rows, columns)
    return {"means": np.array(means, float).reshape(shape), "variances": np.array(variances, float).reshape(shape)}


def _moments(result, shape):
    names = ("mean", "aleatoric", "epistemic")
    return [array(each, shape, name) for each, name in zip(parts(result, names), names, strict=True)]


@ensemble_moments.property(
    "Members that agree have no epistemic variance; mean and aleatoric variance are those of each member.",
    cases=with_inputs(_predictions(), copies=st.integers(1, 4)),
)
def members_that_agree(f, means, variances, copies):
    result = f(np.repeat(means[:1], copies, axis=0), np.repeat(variances[:1], copies, axis=0))
    mean, aleatoric, epistemic = _moments(result, means.shape[1:])
    expect_close(mean, means[0], "mean", ROUNDING)
    expect_close(aleatoric, variances[0], "aleatoric", ROUNDING)
    expect_close(epistemic, np.zeros(mean.shape), "epistemic", ROUNDING)


@ensemble_moments.property(
    "Two members that are sure of means d apart have epistemic variance d squared / 4.",
    cases=with_inputs(_predictions(), d=st.integers(0, 4)),
)
def two_members_apart(f, means, variances, d):
    pair_of_means = np.stack([means[0], means[0] + d])
    mean, aleatoric, epistemic = _moments(f(pair_of_means, np.stack([variances[0]] * 2)), means.shape[1:])
    expect_close(mean, means[0] + d / 2, "mean", ROUNDING, "half way between the two")
    expect_close(aleatoric, variances[0], "aleatoric", ROUNDING)
    expect_close(epistemic, np.full(mean.shape, d * d / 4), "epistemic", ROUNDING)


@ensemble_moments.property(
    "The order of the members does not matter.",
    cases=_predictions(),
)
def members_have_no_order(f, means, variances):
    forwards = _moments(f(means, variances), means.shape[1:])
    backwards = _moments(f(means[::-1].copy(), variances[::-1].copy()), means.shape[1:])
    for name, one, other in zip(("mean", "aleatoric", "epistemic"), forwards, backwards, strict=True):
        expect_close(other, one, name, ROUNDING, "the value with the members in the given order")


# train_ensemble

small_trainings = st.fixed_dictionaries(
    {
        "rows": st.sampled_from([7, 5, 12]),
        "ensemble_size": st.sampled_from([3, 2, 4]),
        "batch_size": st.sampled_from([4, 50, 1]),
        "random_seed": st.integers(0, 2**32 - 1),
    }
)


def _small_data(random_seed, rows):
    rng = np.random.default_rng([random_seed, 1])
    states, actions = rng.normal(size=(rows, 3)), rng.uniform(-1, 1, size=(rows, 2))
    return states, actions, states + 0.5 * rng.normal(size=states.shape), rng.normal(size=rows)


@train_ensemble.property(
    "predict answers each row by itself, for any number of rows, in the shape (members, rows, D + 1), "
    "and every variance is positive.",
    cases=with_inputs(small_trainings, queries=st.sampled_from([4, 1, 9])),
    trials=4,
    always=({"rows": 5, "ensemble_size": 1, "batch_size": 2, "random_seed": 1, "queries": 3},),
)
def shapes_and_signs(f, rows, ensemble_size, batch_size, random_seed, queries):
    data = _small_data(random_seed, rows)
    model = train(f, data, ensemble_size=ensemble_size, batch_size=batch_size, epochs=3, seed=random_seed % 2**31)
    means, variances = predictions(model, *(each[:1].repeat(queries, axis=0) for each in data[:2]), ensemble_size)
    spread = np.abs(means - means[:, :1]).max()
    if spread > 1e-4 * (1 + np.abs(means).max()):
        raise Violation(f"Equal rows were answered differently: their means differ by up to {spread:.3g}.")
    if variances.min() <= 0:
        raise Violation(f"A variance is {variances.min():.6g}, but variances are positive.")
    together, _ = predictions(model, *data[:2], ensemble_size)
    alone, _ = predictions(model, *(each[-1:] for each in data[:2]), ensemble_size)
    change = np.abs(alone[:, 0] - together[:, -1]).max()
    if change > 1e-4 * (1 + np.abs(together).max()):
        raise Violation(f"The means of a row change by up to {change:.3g} when others are asked for at the same time.")


@train_ensemble.property(
    "The same seed gives the same model, another seed another one, and no two members are alike.",
    cases=with_inputs(small_trainings),
    trials=3,
    always=({"rows": 5, "ensemble_size": 2, "batch_size": 2, "random_seed": 0},),
)
def seeds_and_members(f, rows, ensemble_size, batch_size, random_seed):
    data = _small_data(random_seed, rows)
    settings = {"ensemble_size": ensemble_size, "batch_size": batch_size, "epochs": 5}
    seed = random_seed % 2**31
    one, again, other = (
        predictions(train(f, data, **settings, seed=each), *data[:2], ensemble_size)[0]
        for each in (seed, seed, (seed + 1) % 2**31)
    )
    scale = 1 + np.abs(one).max()
    expect_close(again, one, "means", 1e-4 * scale, "the mean predicted after the first training with the same seed")
    if np.abs(other - one).max() < 1e-6 * scale:
        raise Violation(f"Seeds {seed} and {seed + 1} gave the same model.")
    for member in range(1, ensemble_size):
        if np.abs(one[member] - one[0]).max() < 1e-6 * scale:
            raise Violation(f"Members 0 and {member} predict the same everywhere.")


@train_ensemble.property(
    "It learns: next state and reward of a simple system are predicted much better than by their averages.",
    cases=st.fixed_dictionaries({"random_seed": st.integers(0, 2**32 - 1)}),
    trials=1,
)
def learns_a_simple_system(f, random_seed):
    rng = np.random.default_rng([random_seed, 2])
    states, actions = rng.uniform(-2, 2, size=(160, 1)), rng.uniform(-2, 2, size=(160, 1))
    next_states = states + 0.5 * actions + 0.05 * rng.normal(size=states.shape)
    rewards = (states - actions)[:, 0] + 0.05 * rng.normal(size=160)
    data = states[:120], actions[:120], next_states[:120], rewards[:120]
    model = train(f, data, ensemble_size=3, hidden_dim=32, epochs=40, batch_size=30, seed=random_seed % 2**31)
    means, _ = predictions(model, states[120:], actions[120:], 3)
    truth = np.column_stack([next_states, rewards])[120:]
    error = np.sqrt(((means - truth) ** 2).mean(axis=(0, 1))) / truth.std(axis=0)
    for column, name in enumerate(("next states", "rewards")):
        if error[column] > 0.5:
            raise Violation(
                f"On new data the error of the predicted {name} is {error[column]:.2f} times their own spread, "
                "but should be well below half of it."
            )


# calibration_curve


@st.composite
def _intervals(draw):
    shape = draw(st.sampled_from([(3,), (1,), (2, 3), (2, 1, 2)]))
    size = math.prod(shape)
    mean = draw(st.lists(st.integers(-3, 3), min_size=size, max_size=size))
    std = draw(st.lists(st.integers(1, 4), min_size=size, max_size=size))
    levels = draw(st.lists(st.sampled_from([0.5, 0.9, 0.1, 0.25, 0.99]), min_size=1, max_size=4))
    return {
        "mean": np.array(mean, float).reshape(shape),
        "std": np.array(std, float).reshape(shape),
        "levels": np.array(levels),
    }


def _curve(result, levels):
    observed, error = pair(result, "(observed, error)")
    return array(observed, levels.shape, "observed"), number(error, "error")


@calibration_curve.property(
    "Targets that hit the mean are inside every interval: observed is 1, and the error is the mean of 1 - p.",
    cases=_intervals(),
)
def targets_at_the_mean(f, mean, std, levels):
    observed, error = _curve(f(mean, std, mean, levels), levels)
    expect_close(observed, np.ones(len(levels)), "observed", ROUNDING)
    expect_close(error, (1 - levels).mean(), "error", ROUNDING)


@calibration_curve.property(
    "Targets ten deviations away are outside of every interval: observed is 0, and the error is the mean of p.",
    cases=with_inputs(_intervals(), side=st.sampled_from([1.0, -1.0])),
)
def targets_far_away(f, mean, std, levels, side):
    observed, error = _curve(f(mean, std, mean + side * 10 * std, levels), levels)
    expect_close(observed, np.zeros(len(levels)), "observed", ROUNDING)
    expect_close(error, levels.mean(), "error", ROUNDING)


@calibration_curve.property(
    "The interval of level 0.6827 reaches one deviation to either side of the mean.",
    cases=with_inputs(_intervals(), z=st.sampled_from([0.97, 1.03, -0.97, -1.03])),
)
def one_deviation(f, mean, std, levels, z):
    level = np.array([0.6826894921370859])
    observed, _ = _curve(f(mean, std, mean + z * std, level), level)
    inside = float(abs(z) < 1)
    expect_close(observed, np.array([inside]), "observed", ROUNDING, f"every target is {z} deviations from its mean")

"""Hidden properties of Monte Carlo dropout."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from hypothesis import strategies as st

from autograder.properties.modern_methods.common import NOTEBOOK
from autograder.properties.shared import draw_sizes, hidden
from labkit.chance import expect_count
from labkit.exercises.modern_methods import (
    FALSE_ALARM,
    double,
    expect_no_spread,
    random_seeds,
    read_moments,
    reader_of,
    rounding,
    seeds,
)
from labkit.properties import Exercise
from labkit.results import expect_close

mc_dropout_predict = Exercise("mc_dropout_predict", NOTEBOOK)


def _random_network(rng, sizes, dtype):
    """Weights and biases for layers of ``sizes``, the input's first; hidden activations are positive or negative."""
    weights = [torch.tensor(rng.normal(size=(after, before))).to(dtype) for before, after in itertools.pairwise(sizes)]
    return weights, [torch.tensor(rng.normal(size=size) + 0.5).to(dtype) for size in sizes[1:]]


def _possible_outputs(weights, biases, row, dropout):
    """Return the output of one row for every choice of what drops out, ``(number of choices, O)``, in float64."""
    found = row.double().numpy()[None]
    for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
        found = np.maximum(found @ weight.double().numpy().T + bias.double().numpy(), 0.0) / (1 - dropout)
        masks = np.array(list(itertools.product((0.0, 1.0), repeat=found.shape[1])))
        found = (found[:, None, :] * masks).reshape(-1, found.shape[1])
    return found @ weights[-1].double().numpy().T + biases[-1].double().numpy()


def _precision(like, dropout):
    """A mask in single precision is a matter of taste, and 1 / (1 - dropout) need not be a number that it knows."""
    return rounding(like) if dropout in (0.0, 0.5, 0.75) else max(1e-6, rounding(like))


def _expect_one_of(found, possible, tolerance, name):
    """Every row of ``found`` is one of ``possible``'s."""
    for n, (row, choices) in enumerate(zip(found, possible, strict=True)):
        gaps = np.abs(choices - row).max(axis=1)
        if gaps.min() > tolerance:
            expect_close(row, choices[gaps.argmin()], f"{name}[{n}]", tolerance, "the nearest possible output")


@mc_dropout_predict.property(
    "Every sample is an output that the network gives when some of its hidden activations are dropped and the others "
    "are scaled up, in every layer, for one to four layers of any size.",
    cases=st.fixed_dictionaries(
        {"random_seed": random_seeds, "dropout": st.sampled_from([0.5, 0.75, 0.1, 0.3, 0.0]), "seed": seeds}
    ),
    **hidden(weight=2, trials=40),
)
def samples_are_masked_passes(f, random_seed, dropout, seed):
    rng = np.random.default_rng(random_seed)
    dtype = torch.float64 if rng.random() < 0.7 else torch.float32
    inputs, first, second, outputs, count = draw_sizes(rng, 5, 5)
    sizes = [inputs, *[first, second, 2][: int(rng.integers(0, 4))], outputs]
    weights, biases = _random_network(rng, sizes, dtype)
    x = torch.tensor(rng.normal(size=(count, inputs))).to(dtype)
    mean, std = read_moments(f(weights, biases, x, dropout, 1, seed), x, outputs)
    possible = [_possible_outputs(weights, biases, row, dropout) for row in x]
    scale = 1.0 + max(np.abs(each).max() for each in possible)
    _expect_one_of(mean, possible, _precision(x, dropout) * scale, "mean")
    expect_no_spread(std, scale, x)


@mc_dropout_predict.property(
    "Of two samples, mean and std are half the sum and half the distance.",
    cases=st.fixed_dictionaries(
        {"random_seed": random_seeds, "dropout": st.sampled_from([0.5, 0.75, 0.3]), "seed": seeds}
    ),
    **hidden(weight=1, trials=20),
)
def moments_of_two_samples(f, random_seed, dropout, seed):
    """``mean - std`` and ``mean + std`` are, output by output, the smaller and the larger of two masked passes."""
    rng = np.random.default_rng(random_seed)
    inputs, hidden_size, outputs, count = draw_sizes(rng, 4, 4)
    weights, biases = _random_network(rng, [inputs, hidden_size, outputs], torch.float64)
    x = torch.tensor(rng.normal(size=(count, inputs)))
    mean, std = read_moments(f(weights, biases, x, dropout, 2, seed), x, outputs)
    pairs = []
    for row in x:
        choices = _possible_outputs(weights, biases, row, dropout)
        first, second = choices[:, None], choices[None]
        moments = np.concatenate([(first + second) / 2, np.abs(first - second) / 2], axis=2)
        pairs.append(moments.reshape(-1, 2 * outputs))
    scale = 1.0 + max(np.abs(each).max() for each in pairs)
    tolerance = max(1e-6, _precision(x, dropout)) * scale  # a deviation of 0 comes from under a root
    _expect_one_of(np.concatenate([mean, std], axis=1), pairs, tolerance, "mean and std")


@mc_dropout_predict.property(
    "With a single hidden unit, kept in k of the samples, mean and population std are those of k ones and zeros else; "
    "each row has a k of its own.",
    cases=st.fixed_dictionaries(
        {
            "num_samples": st.sampled_from([3, 10, 40]),
            "dropout": st.sampled_from([0.5, 0.25, 0.75]),
            "scale": st.sampled_from([1.0, 30.0]),
            "seed": seeds,
        }
    ),
    **hidden(weight=2, trials=10),
)
def kept_in_some_samples(f, num_samples, dropout, scale, seed):
    """The rows' k are independent and binomial, so the sum of them is too."""
    weights, biases, x = reader_of([scale], 150)
    mean, std = read_moments(f(weights, biases, x, dropout, num_samples, seed), x, 1)
    kept = scale / (1 - dropout)
    share = mean / kept
    times = np.round(share * num_samples)
    expect_close(mean, times / num_samples * kept, "mean", 1e-6 * kept, "a whole number of samples keep the unit")
    share = np.clip(share, 0.0, 1.0)
    expect_close(std, kept * np.sqrt(share * (1 - share)), "std", 2e-4 * kept, "the population deviation")
    inside = (times > 0) & (times < num_samples)
    expected = kept * np.sqrt(share * (1 - share))
    expect_close(std[inside], expected[inside], "std", 1e-6 * kept, "the population deviation")
    expect_count(int(times.sum()), num_samples * len(times), 1 - dropout, "the unit is kept", FALSE_ALARM)


@mc_dropout_predict.property(
    "Every sample, row, layer and activation has a mask of its own.",
    cases=st.fixed_dictionaries({"dropout": st.sampled_from([0.5, 0.3]), "seed": seeds}),
    **hidden(weight=2, trials=3),
)
def masks_are_independent(f, dropout, seed):
    """All rows are alike, so that only their masks differ. Each count is one of independent draws; 30 in each case."""
    q, num_rows, units = 1 - dropout, 400, 8
    weights, biases, x = reader_of(np.ones(units), num_rows)
    kept = read_moments(f(weights, biases, x, dropout, 1, seed), x, units)[0] > 0.5
    _expect_independent(kept, q, "activation")
    mean = read_moments(f(weights, biases, x, dropout, 2, seed), x, units)[0] * q
    once, twice = np.abs(mean - 0.5) < 0.1, mean > 0.9
    expect_count(int(once.sum()), once.size, 2 * q * dropout, "one of two samples keeps it", FALSE_ALARM)
    both = twice[::2] & twice[1::2]
    expect_count(int(both.sum()), both.size, q**4, "both samples keep it in two rows", FALSE_ALARM)
    _expect_independent_layers(f, dropout, seed, units, num_rows)
    _expect_independent_samples(f, dropout, seed)


def _expect_independent(kept, q, name):
    """Each unit is kept with probability ``q``, whatever becomes of other units and rows; 11 counts."""
    num_rows, units = kept.shape
    alike = (1 - q) ** 2 + q**2
    for unit in range(units):
        expect_count(int(kept[:, unit].sum()), num_rows, q, f"{name} {unit} is kept", FALSE_ALARM)
    same_rows = kept[::2] == kept[1::2]
    expect_count(int(same_rows.sum()), same_rows.size, alike, "two rows keep the same", FALSE_ALARM)
    same_units = kept[:, ::2] == kept[:, 1::2]
    expect_count(int(same_units.sum()), same_units.size, alike, "two activations are alike", FALSE_ALARM)
    far_rows = kept[: num_rows // 2] == kept[num_rows // 2 :]
    expect_count(int(far_rows.sum()), far_rows.size, alike, "two rows keep the same", FALSE_ALARM)


def _expect_independent_layers(f, dropout, seed, units, num_rows):
    """Two hidden layers: the second's bias of 1 lets an output tell its own mask and, where it is kept, the first's.

    An output is 0 where the second layer drops it, else 1 / q or, where the first layer keeps it too, (1 + 1 / q) / q.
    """
    q = 1 - dropout
    weights, biases, x = reader_of(np.ones(units), num_rows)
    identity, zeros = weights[1], biases[0]
    deep = [identity] * 3, [zeros, zeros + 1.0, zeros], x, dropout
    second, first = 1 / q, (1 + 1 / q) / q
    found = read_moments(f(*deep, 1, seed), x, units)[0]
    _expect_independent(found > second / 2, q, "activation of the second layer")
    both = found > (second + first) / 2
    expect_count(int(both.sum()), both.size, q**2, "both layers keep an activation", FALSE_ALARM)

    total = 2 * read_moments(f(*deep, 2, seed), x, units)[0]
    once = (np.abs(total - second) < 0.1) | (np.abs(total - first) < 0.1)
    expect_count(int(once.sum()), once.size, 2 * q * dropout, "one of two samples keeps it", FALSE_ALARM)
    always = np.abs(total - 2 * first) < 0.1
    expect_count(int(always.sum()), always.size, q**4, "both samples keep it in both layers", FALSE_ALARM)


def _expect_independent_samples(f, dropout, seed):
    """Two activations of a single row: the spread of their sum over many samples tells how often both are kept."""
    q, num_samples = 1 - dropout, 300
    weights, biases, x = reader_of(np.ones(2), 1)
    readers = double([[1, 0], [0, 1], [1, 1]])
    mean, std = read_moments(
        f([weights[0], readers], [biases[0], double(np.zeros(3))], x, dropout, num_samples, seed), x, 3
    )
    first, second, either = np.round(mean[0] * q * num_samples)
    squares = np.round((mean[0, 2] ** 2 + std[0, 2] ** 2) * q**2 * num_samples)
    expect_count(int(first), num_samples, q, "the first of two activations is kept", FALSE_ALARM)
    expect_count(int(second), num_samples, q, "the second of two activations is kept", FALSE_ALARM)
    both = int(squares - either) // 2  # a sum of 2 has the square 4, one of 1 the square 1
    expect_count(both, num_samples, q**2, "both of two activations are kept", FALSE_ALARM)

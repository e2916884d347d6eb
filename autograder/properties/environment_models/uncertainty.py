"""Hidden properties of the Gaussian likelihood, an ensemble's moments and calibration."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from hypothesis import strategies as st

from autograder.properties.environment_models.common import NOTEBOOK, RELATIVE, random_seeds
from autograder.properties.shared import hidden
from labkit.properties import Exercise
from labkit.results import Violation, array, expect_close, number, pair, parts, seen_on_accelerator, tensor

gaussian_nll = Exercise("gaussian_nll", NOTEBOOK)
ensemble_moments = Exercise("ensemble_moments", NOTEBOOK)
calibration_curve = Exercise("calibration_curve", NOTEBOOK)


# gaussian_nll


def draw_gaussians(random_seed, dtype, largest=7):
    """A batch with errors and variances of every size: log_var from -11 to 12, well within the range of both dtypes."""
    import torch

    rng = np.random.default_rng(random_seed)
    shape = tuple(rng.integers(1, largest + 1, size=2))
    spread = float(rng.choice([0.1, 1.0, 3.0]))
    values = {
        "mean": rng.normal(size=shape) * rng.choice([1.0, 30.0]),
        "log_var": np.clip(rng.normal(size=shape) * rng.choice([0.5, 2.0, 5.0]), -11, 12),
    }
    values["target"] = values["mean"] + spread * rng.normal(size=shape)
    return {name: torch.tensor(value, dtype=getattr(torch, dtype)) for name, value in values.items()}


dtypes = st.sampled_from(["float64", "float32"])
gaussians = st.builds(draw_gaussians, st.integers(0, 2**32 - 1), dtypes)
small_gaussians = st.builds(draw_gaussians, st.integers(0, 2**32 - 1), dtypes, st.just(3))  # a device is slow to ask


def _arrays(*tensors):
    return [each.double().numpy() for each in tensors]


def _slack(like, scale):
    return (RELATIVE if str(like.dtype).endswith("float64") else 1e-4) * scale


def _expect_nll(found, like, mean, log_var, target):
    mean, log_var, target = _arrays(mean, log_var, target)
    cost = np.vectorize(
        lambda m, v, x: 0.5 * math.log(2 * math.pi) + 0.5 * v + 0.5 * ((x - m) / math.exp(0.5 * v)) ** 2
    )(mean, log_var, target)
    scale = np.abs(cost).sum(axis=1).mean() + np.abs(log_var).sum(axis=1).mean()
    scale += _subtraction(mean, log_var, target).sum(axis=1).mean()
    found = tensor(found, (), like, "the result").double().numpy()
    expect_close(found, cost.sum(axis=1).mean(), "the result", _slack(like, scale))


def _subtraction(mean, log_var, target):
    """What rounding the difference of two large numbers costs, in units of the dtype's tolerance."""
    return 1e-2 * (np.abs(mean) + np.abs(target)) * np.abs(target - mean) * np.exp(-log_var)


@gaussian_nll.property(
    "The result is the mean over rows of the negative log-density, in double and in single precision.",
    cases=gaussians,
    **hidden(weight=2, trials=60),
)
def negative_log_density(f, mean, log_var, target):
    _expect_nll(f(mean, log_var, target), mean, mean, log_var, target)


@gaussian_nll.property(
    "The gradients in mean and log_var are those of the negative log-likelihood.",
    cases=gaussians,
    **hidden(weight=2, trials=40),
)
def exact_gradients(f, mean, log_var, target):
    seen = f.with_gradients([0, 1], mean, log_var, target)
    _expect_nll(seen["value"], mean, mean, log_var, target)
    m, v, x = _arrays(mean, log_var, target)
    precision, rows = np.exp(-v), len(m)
    expected = (m - x) * precision / rows, (0.5 - 0.5 * (x - m) ** 2 * precision) / rows
    rounding = 1e-2 * (np.abs(m) + np.abs(x)) * precision / rows, _subtraction(m, v, x) / rows
    for name, found, right, floor in zip(("mean", "log_var"), seen["gradients"], expected, rounding, strict=True):
        if found is None:
            raise Violation(f"The result does not depend on {name} in a way that can be differentiated.")
        found = tensor(found, m.shape, mean, f"the gradient in {name}").double().numpy()
        scale = np.abs(right).max() + floor.max() + 1 / rows
        expect_close(found, right, f"the gradient in {name}", _slack(mean, scale))


@gaussian_nll.property(
    "On an accelerator the result is the same number, and stays on the device of the inputs.",
    cases=small_gaussians,
    **hidden(weight=1, trials=8),
)
def stays_on_the_device(f, mean, log_var, target):
    """A value may be read to check the inputs, as PyTorch's own distributions do; then no result comes to compare."""
    seen = seen_on_accelerator(f, mean, log_var, target)
    if seen is not None:
        _expect_nll(seen["result"], mean, mean, log_var, target)


# ensemble_moments


def _expect_moments(f, means, variances):
    names = ("mean", "aleatoric", "epistemic")
    found = [
        array(each, means.shape[1:], name) for each, name in zip(parts(f(means, variances), names), names, strict=True)
    ]
    middle = sum(means) / len(means)
    between = sum((each - middle) ** 2 for each in means) / len(means)
    expect_close(found[0], middle, "mean", RELATIVE * np.abs(means).max())
    expect_close(found[1], sum(variances) / len(variances), "aleatoric", RELATIVE * variances.max())
    rounding = 1e-13 * np.abs(means).max() ** 2  # the mean of squares minus the squared mean is a right formula, too
    expect_close(found[2], between, "epistemic", RELATIVE * between.max() + rounding)


@ensemble_moments.property(
    "Mean, mean variance and variance of the means are exact for any number of members, rows and columns.",
    cases=random_seeds,
    **hidden(weight=2, trials=60),
)
def moments_of_the_mixture(f, random_seed):
    rng = np.random.default_rng(random_seed)
    shape = tuple(rng.integers(1, 8, size=3))
    size = float(rng.choice([1.0, 100.0, 1e-3, 1e4]))
    _expect_moments(f, size * (rng.normal(size=shape) + rng.choice([0.0, 3.0])), size**2 * rng.gamma(1.0, size=shape))


@ensemble_moments.property(
    "Together the two variances are the variance of the mixture: the law of total variance.",
    cases=random_seeds,
    **hidden(weight=1, trials=25),
)
def law_of_total_variance(f, random_seed):
    rng = np.random.default_rng([random_seed, 8])
    members, rows, columns = (int(each) for each in rng.integers(2, 7, size=3))
    means = 10 * rng.normal(size=(members, rows, columns))
    variances = rng.gamma(0.5, size=means.shape) * rng.choice([0.1, 30.0], size=(members, 1, 1))
    mean, aleatoric, epistemic = (
        array(each, means.shape[1:], "a moment")
        for each in parts(f(means, variances), ("mean", "aleatoric", "epistemic"))
    )
    second_moment = (variances + means**2).mean(axis=0)
    total = second_moment - mean**2
    expect_close(aleatoric + epistemic, total, "aleatoric + epistemic", RELATIVE * second_moment.max())


# calibration_curve


def _expect_curve(f, mean, std, target, levels):
    observed, error = pair(f(mean, std, target, levels), "(observed, error)")
    observed = array(observed, levels.shape, "observed")
    # A target is inside the interval of level p when the distribution gives its mirror images around the mean less
    # than p; worked out in the cumulative probability, where a student would work with quantiles.
    distance = np.abs((target - mean) / std).ravel()
    needed = np.array([1 - 2 * NormalDist().cdf(-each) for each in distance])
    inside = np.array([math.fsum(needed <= level) / len(needed) for level in levels])
    expect_close(observed, inside, "observed", RELATIVE)
    expect_close(number(error, "error"), np.abs(inside - levels).mean(), "error", RELATIVE)


def _clear_of_the_edges(z, levels):
    """Move each standardised target that lies within a millionth of an interval's edge away from it."""
    edges = np.array([NormalDist().inv_cdf((1 + level) / 2) for level in levels])
    close = (np.abs(np.abs(z)[..., None] / edges - 1) < 1e-6).any(axis=-1)
    return np.where(close, z * (1 + 4e-6), z)


@calibration_curve.property(
    "Observed fractions and error are right for predictions of every shape and size, too sure, too unsure or shifted.",
    cases=random_seeds,
    **hidden(weight=3, trials=60),
)
def fractions_inside(f, random_seed):
    rng = np.random.default_rng(random_seed)
    axes = int(rng.integers(1, 5))
    shape = tuple(rng.integers(2, 7 if axes < 4 else 4, size=axes))
    levels = rng.permutation(rng.uniform(0.02, 0.98, size=int(rng.integers(1, 8))))
    size = float(rng.choice([1.0, 100.0, 1e-2]))
    mean, std = size * (rng.normal(size=shape) + rng.choice([0, 5])), size * rng.uniform(0.2, 3.0, size=shape)
    z = rng.normal(size=shape) * rng.choice([1.0, 0.4, 3.0]) + rng.choice([0.0, -1.0, 1.0])
    _expect_curve(f, mean, std, mean + std * _clear_of_the_edges(z, levels), levels)


@calibration_curve.property(
    "The intervals' edges are those of the normal distribution, for levels close to 0 and close to 1, too.",
    cases=random_seeds,
    **hidden(weight=2, trials=20),
)
def edges_of_the_intervals(f, random_seed):
    rng = np.random.default_rng([random_seed, 9])
    levels = rng.permutation([0.01, 0.1, 0.5, 0.8, 0.95, 0.999, float(rng.uniform(0.05, 0.95))])
    edges = np.array([NormalDist().inv_cdf((1 + level) / 2) for level in levels])
    z = np.concatenate([edges * (1 - 1e-4), edges * (1 + 1e-4)]) * rng.choice([-1.0, 1.0], size=14)
    z = z[rng.permutation(14)[: int(rng.integers(6, 14))]]
    size = float(rng.choice([1.0, 1e-5, 100.0]))  # nothing that is added to a small std goes unseen
    mean, std = 3 * rng.normal(size=z.shape), size * rng.uniform(0.5, 2.0, size=z.shape)
    _expect_curve(f, mean, std, mean + std * z, levels)

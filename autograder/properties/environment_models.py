"""Hidden properties of unit 1, environment models: agreement with the theory on experience of every kind.

Expected values are worked out in another way than a student would, or exactly. A statement about chance is a bound
that ideal draws break with a probability of at most 1e-9 for all cases of the property together: the number of times
that something of probability p is seen in n independent trials gives a frequency q with KL(q, p) >= x / n with a
probability of at most 2 exp(-x) (Chernoff), so x = log(2 * tests / 1e-9).
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from statistics import NormalDist

import numpy as np
from hypothesis import strategies as st

from autograder.properties.environment_ensembles import train_ensemble
from labkit.experience import experience, tables
from labkit.problems import draw_rewards, draw_rows
from labkit.properties import Exercise
from labkit.results import Violation, array, expect_close, folds, indices, number, pair, parts, tensor
from solutions import environment_models as reference

__all__ = ["reference", "train_ensemble"]  # the unit's reference, and its exercise that has a module of its own

NOTEBOOK = "01_environment_models"
RELATIVE = 1e-8
FALSE_ALARM = 1e-9

count_transitions = Exercise("count_transitions", NOTEBOOK)
mle_model = Exercise("mle_model", NOTEBOOK)
inverse_model = Exercise("inverse_model", NOTEBOOK)
sample_next_states = Exercise("sample_next_states", NOTEBOOK)
kfold_indices = Exercise("kfold_indices", NOTEBOOK)
gaussian_nll = Exercise("gaussian_nll", NOTEBOOK)
ensemble_moments = Exercise("ensemble_moments", NOTEBOOK)
calibration_curve = Exercise("calibration_curve", NOTEBOOK)

hidden = functools.partial(dict, public=False)
random_seeds = st.fixed_dictionaries({"random_seed": st.integers(0, 2**32 - 1)})


def _divergence(q: float, p: float) -> float:
    """KL(q, p) of two coins."""
    return sum(a * math.log(a / b) if b > 0 else math.inf for a, b in ((q, p), (1 - q, 1 - p)) if a > 0)


def expect_frequency(times: int, trials: int, p: float, tests: int, what: str) -> None:
    """Raise a violation where ``times`` of ``trials`` cannot be chance; ``tests`` are made in all by the property."""
    if trials * _divergence(times / trials, p) > math.log(2 * tests / FALSE_ALARM):
        raise Violation(f"{what} in {times} of {trials} cases, but has a probability of {p:.4g}.")


# count_transitions


def _expect_counted(f, states, actions, rewards, next_states, num_states, num_actions):
    counts, reward_sums = pair(f(states, actions, rewards, next_states, num_states, num_actions))
    counts = array(counts, (num_states, num_actions, num_states), "counts")
    reward_sums = array(reward_sums, (num_states, num_actions), "reward_sums")
    happened = Counter(zip(states.tolist(), actions.tolist(), next_states.tolist(), strict=True))
    expected, earned = np.zeros(counts.shape), np.zeros(reward_sums.shape)
    for place, times in happened.items():
        expected[place] = times
    for s in range(num_states):
        for a in range(num_actions):
            earned[s, a] = math.fsum(rewards[(states == s) & (actions == a)])
    expect_close(counts, expected, "counts", 0.0)
    expect_close(reward_sums, earned, "reward_sums", RELATIVE * max(1.0, np.abs(rewards).max(initial=0.0)))


@count_transitions.property(
    "Counts and sums are right for any experience, with repetitions, states never visited and rewards of both signs.",
    cases=experience(max_states=5, max_actions=4, lengths=st.integers(0, 12)),
    **hidden(weight=2, trials=80),
)
def everything_counted(f, states, actions, rewards, next_states, num_states, num_actions):
    _expect_counted(f, states, actions, 0.37 * rewards, next_states, num_states, num_actions)


@count_transitions.property(
    "Counts and sums are exact for long experience, too, and for large rewards.",
    cases=random_seeds,
    **hidden(weight=1, trials=6),
)
def long_experience(f, random_seed):
    rng = np.random.default_rng(random_seed)
    num_states, num_actions, length = int(rng.integers(2, 5)), int(rng.integers(1, 4)), 1200
    places = rng.integers([num_states, num_actions, num_states], size=(length, 3))
    places[:700] = places[0]  # one transition more often than a byte can count
    rewards = draw_rewards(rng, (length,), str(rng.choice(["normal", "large", "negative"])))
    _expect_counted(f, places[:, 0], places[:, 1], rewards, places[:, 2], num_states, num_actions)


# mle_model


def _fractions(counts, reward_sums):
    P, R = np.zeros(counts.shape), np.zeros(reward_sums.shape)
    for place, total in np.ndenumerate(reward_sums):
        tries = math.fsum(counts[place])
        R[place] = total / tries if tries else 0.0
        P[place] = [each / tries if tries else 1 / len(counts) for each in counts[place]]
    return P, R


def _expect_model(f, counts, reward_sums):
    P, R = pair(f(counts, reward_sums), "(P, R)")
    expected_P, expected_R = _fractions(counts, reward_sums)
    expect_close(array(P, counts.shape, "P"), expected_P, "P", RELATIVE)
    R = array(R, reward_sums.shape, "R")
    expect_close(R, expected_R, "R", RELATIVE * max(1e-3, np.abs(expected_R).max()))


@mle_model.property(
    "P holds the relative frequencies and R the mean rewards, whatever was counted.",
    cases=tables(max_states=4, max_actions=4),
    **hidden(weight=2, trials=100),
)
def frequencies_and_means(f, counts, reward_sums):
    _expect_model(f, counts, 1.37 * reward_sums)


def draw_tables(rng, num_states=None, num_actions=None):
    """Counts from 1 to a hundred thousand; some pairs and successors never seen, rewards of every size and sign."""
    num_states, num_actions = num_states or int(rng.integers(2, 9)), num_actions or int(rng.integers(1, 6))
    rows = draw_rows(rng, (num_states, num_actions), num_states, str(rng.choice(["dense", "sparse", "deterministic"])))
    tries = np.floor(10 ** rng.uniform(0, 5, size=(num_states, num_actions))) * (
        rng.random((num_states, num_actions)) > 0.25
    )
    counts = np.ceil(rows * tries[..., None])
    rewards = draw_rewards(rng, counts.shape[:2], str(rng.choice(["normal", "large", "negative", "small"])))
    return counts, rewards * counts.sum(axis=2)


@mle_model.property(
    "The model is exact for tables of every size, for many tries and for rewards of every size.",
    cases=random_seeds,
    **hidden(weight=1, trials=60),
)
def large_tables(f, random_seed):
    _expect_model(f, *draw_tables(np.random.default_rng(random_seed)))


# inverse_model


def _expect_inverse(f, counts):
    num_states, num_actions = counts.shape[:2]
    found = array(f(counts), (num_states, num_states, num_actions), "the inverse model")
    expected = np.zeros(found.shape)
    for s, s2, a in np.ndindex(found.shape):
        times = math.fsum(counts[s, :, s2])
        expected[s, s2, a] = counts[s, a, s2] / times if times else 1 / num_actions
    expect_close(found, expected, "the inverse model", RELATIVE)


@inverse_model.property(
    "It holds the frequency of each action among the transitions from s to s2, whatever was counted.",
    cases=tables(max_states=4, max_actions=4),
    **hidden(weight=2, trials=100),
)
def action_frequencies(f, counts, reward_sums):
    _expect_inverse(f, counts)


@inverse_model.property(
    "It is exact where actions were tried unequally often, from once to a hundred thousand times.",
    cases=random_seeds,
    **hidden(weight=1, trials=50),
)
def actions_tried_unequally(f, random_seed):
    _expect_inverse(f, draw_tables(np.random.default_rng(random_seed))[0])


# sample_next_states


def _drawn(f, P, states, actions, seed):
    return indices(f(P, states, actions, seed), len(states), len(P), "the next states")


@sample_next_states.property(
    "What is impossible never happens, and rows of different states and actions are not mixed up.",
    cases=random_seeds,
    **hidden(weight=1, trials=12),
)
def impossible_never_happens(f, random_seed):
    rng = np.random.default_rng([random_seed, 3])
    num_states, num_actions = int(rng.integers(3, 7)), int(rng.integers(2, 5))
    P = draw_rows(rng, (num_states, num_actions), num_states, str(rng.choice(["sparse", "deterministic"])))
    P[0, :, 0], P[1, :, -1] = 0.0, 0.0  # the first and the last state impossible: the ends of a cumulative sum
    P[P.sum(axis=2) == 0] = np.eye(num_states)[1]
    P /= P.sum(axis=2, keepdims=True)
    states, actions = rng.integers(num_states, size=300), rng.integers(num_actions, size=300)
    drawn = _drawn(f, P, states, actions, random_seed % 2**31)
    impossible = np.flatnonzero(P[states, actions, drawn] == 0)
    if impossible.size:
        i = int(impossible[0])
        raise Violation(f"A row moves from {states[i]} to {drawn[i]} under action {actions[i]}, which is impossible.")


FREQUENCY_CASES, FREQUENCY_ROWS = 3, 6000


@sample_next_states.property(
    "Among many rows each next state is as frequent as its probability says, for every state and action.",
    cases=random_seeds,
    **hidden(weight=2, trials=FREQUENCY_CASES),
)
def frequencies_of_successors(f, random_seed):
    rng = np.random.default_rng([random_seed, 4])
    num_states, num_actions = 4, 2
    P = rng.dirichlet(np.full(num_states, 0.7), size=(num_states, num_actions))
    P[0, 0], P[3, 1] = [0.0, 0.009, 0.0, 0.991], [0.05, 0.45, 0.05, 0.45]
    places = rng.choice(num_states * num_actions, size=FREQUENCY_ROWS, p=np.array([13, 1, 1, 1, 1, 1, 1, 2]) / 21)
    states, actions = np.divmod(places, num_actions)
    drawn = _drawn(f, P, states, actions, random_seed % 2**31)
    tests = FREQUENCY_CASES * P.size
    for s, a in np.ndindex(num_states, num_actions):
        here = drawn[(states == s) & (actions == a)]
        for s2 in range(num_states):
            what = f"Under action {a} state {s} is followed by {s2}"
            expect_frequency(int((here == s2).sum()), len(here), P[s, a, s2], tests, what)


@sample_next_states.property(
    "The rows of one call are drawn independently of each other.",
    cases=random_seeds,
    **hidden(weight=2, trials=2),
)
def rows_are_independent(f, random_seed):
    """Neighbours, and rows far apart, agree as often as independent rows would: 4 statements for each of 2 cases."""
    rng = np.random.default_rng([random_seed, 5])
    p = np.array([0.5, 0.3, 0.2])
    P = np.broadcast_to(p, (3, 2, 3)).copy()
    rows = 2000
    agree = float((p**2).sum())
    same = np.zeros(rows, dtype=np.int64)
    arrangements = {
        "rows with the same state and action": (same, same),
        "rows with the same state and different actions": (same, np.arange(rows) % 2),
        "rows with different states and the same action": (np.arange(rows) % 2, same),
    }
    for name, (states, actions) in arrangements.items():
        drawn = _drawn(f, P, states, actions, int(rng.integers(2**31)))
        equal = int((drawn[::2] == drawn[1::2]).sum())
        expect_frequency(equal, rows // 2, agree, 8, f"Neighbouring {name} move to the same state")
        if name == "rows with the same state and action":
            equal = int((drawn[: rows // 2] == drawn[rows // 2 :]).sum())
            expect_frequency(equal, rows // 2, agree, 8, f"Distant {name} move to the same state")


@sample_next_states.property(
    "Over many seeds every row is drawn as its probabilities say, and two rows agree no more than by chance.",
    cases=random_seeds,
    **hidden(weight=1, trials=1),
)
def draws_over_seeds(f, random_seed):
    """Three statements about 300 calls with seeds of their own."""
    rng = np.random.default_rng([random_seed, 6])
    P = np.array([[[0.5, 0.5]], [[0.0, 1.0]]])
    rows = np.zeros(2, dtype=np.int64)
    seeds = rng.choice(2**31, size=300, replace=False)
    drawn = np.array([_drawn(f, P, rows, rows, int(seed)) for seed in seeds])
    for row in range(2):
        expect_frequency(int(drawn[:, row].sum()), len(seeds), 0.5, 3, f"Over seeds, row {row} moves to state 1")
    equal = int((drawn[:, 0] == drawn[:, 1]).sum())
    expect_frequency(equal, len(seeds), 0.5, 3, "Over seeds, two rows move to the same state")


# kfold_indices


@kfold_indices.property(
    "The folds are a proper split for every n and k, also where k does not divide n and where k is n.",
    cases=st.sampled_from([(10, 10), (23, 5), (100, 7), (2, 2), (31, 30), (64, 2), (19, 4), (50, 12), (12, 5), (97, 3)])
    .flatmap(lambda sizes: st.fixed_dictionaries({"n": st.just(sizes[0]), "k": st.just(sizes[1])}))
    .flatmap(lambda case: st.integers(0, 2**31 - 1).map(lambda seed: {**case, "seed": seed})),
    **hidden(weight=2, trials=40),
)
def proper_split(f, n, k, seed):
    split = folds(f(n, k, seed), n, k)
    sizes = sorted(len(validation) for _, validation in split)
    if sizes != sorted(n // k + (fold < n % k) for fold in range(k)):
        raise Violation(f"The validation sets of {n} examples in {k} folds have the sizes {sizes}.")
    if sorted(i for _, validation in split for i in validation.tolist()) != list(range(n)):
        raise Violation("The validation sets do not hold every example exactly once.")
    for training, validation in split:
        if sorted([*training.tolist(), *validation.tolist()]) != list(range(n)):
            raise Violation("A training set is not the complement of its validation set.")


CALLS = 600
SPLITS = ((4, 2), (6, 3), (5, 2))


@kfold_indices.property(
    "Over many seeds every example is as likely as any other to be in a fold, and with any other example.",
    cases=random_seeds,
    **hidden(weight=3, trials=1),
)
def uniform_over_seeds(f, random_seed):
    rng = np.random.default_rng([random_seed, 7])
    tests = sum(n * (n - 1) // 2 + n * k + n for n, k in SPLITS)
    for n, k in SPLITS:
        fold_of = np.empty((CALLS, n), dtype=np.int64)
        sizes = np.empty((CALLS, n), dtype=np.int64)
        for call, seed in enumerate(rng.choice(2**31, size=CALLS, replace=False)):
            fold_of[call] = -1
            for fold, (_, validation) in enumerate(folds(f(n, k, int(seed)), n, k)):
                fold_of[call, validation] = fold
                sizes[call, validation] = len(validation)
        _expect_uniform(fold_of, sizes, n, k, tests)


def _expect_uniform(fold_of, sizes, n, k, tests):
    """Pairs meet, and examples fall into a larger fold or (where all are alike) a given one, as often as by chance."""
    if (fold_of < 0).any():
        raise Violation("The validation sets do not hold every example.")
    expected_sizes = [n // k + (fold < n % k) for fold in range(k)]
    meet = sum(size * (size - 1) for size in expected_sizes) / (n * (n - 1))
    for i in range(n):
        for j in range(i):
            together = int((fold_of[:, i] == fold_of[:, j]).sum())
            expect_frequency(together, CALLS, meet, tests, f"Of {n} in {k} folds, {j} and {i} are together")
        if n % k:
            large = int((sizes[:, i] > n // k).sum())
            expect_frequency(large, CALLS, n % k * (n // k + 1) / n, tests, f"Example {i} is in a larger fold")
        else:
            for fold in range(k):
                times = int((fold_of[:, i] == fold).sum())
                expect_frequency(times, CALLS, 1 / k, tests, f"Example {i} is in validation set {fold}")


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


READ_BACK = "reads a value back to the host"


@gaussian_nll.property(
    "On an accelerator the result is the same number, and stays on the device of the inputs.",
    cases=small_gaussians,
    **hidden(weight=1, trials=8),
)
def stays_on_the_device(f, mean, log_var, target):
    """A value may be read to check the inputs, as PyTorch's own distributions do; then no result comes to compare."""
    seen = f.on_accelerator(mean, log_var, target)
    if READ_BACK in seen["fault"] and not seen["fault"].startswith("."):
        return
    if seen["fault"]:
        raise Violation(f"On an accelerator: {str(seen['fault'])[:200]}.")
    if not str(seen["device"]).startswith("simgpu"):
        raise Violation("The inputs were on an accelerator, but the result is not.")
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
    shape = tuple(rng.integers(2, 7, size=int(rng.integers(1, 4))))
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
    mean, std = 3 * rng.normal(size=z.shape), rng.uniform(0.5, 2.0, size=z.shape)
    _expect_curve(f, mean, std, mean + std * z, levels)

"""Hidden properties of unit 7: exact values for any numbers and sizes, and what a resampling must look like.

Interval ends are compared with the values that the statistic took in front of the judge, so nothing about them is left
to chance. Only how often each score is drawn is random: every count is binomial, and a correct solution strays beyond
a limit with a probability of at most 1e-11 (Chernoff); one grading compares 4 cases of at most 2 · 9 counts. A question
to the statistic is a round trip between two processes, so that a thousand resamples have to do.
"""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from autograder.properties.shared import hidden
from labkit.chance import expect_count
from labkit.exercises.comparison import read_areas, read_probability
from labkit.properties import Exercise
from labkit.results import Violation, expect_close, number
from labkit.watched import Contest, expect_quantile, expect_resamples, read_interval, watched

NOTEBOOK = "07_comparison"
RELATIVE = 1e-8
FALSE_ALARM = 1e-11

learning_curve_area = Exercise("learning_curve_area", NOTEBOOK)
interquartile_mean = Exercise("interquartile_mean", NOTEBOOK)
bootstrap_interval = Exercise("bootstrap_interval", NOTEBOOK)
probability_of_improvement = Exercise("probability_of_improvement", NOTEBOOK)
compare = Exercise("compare", NOTEBOOK)

random_cases = st.fixed_dictionaries({"random_seed": st.integers(0, 2**32 - 1)})
scales = (1.0, 0.01, 30.0, 1e4)


def _tolerance(values):
    return RELATIVE * float(np.abs(values).max(initial=1e-6))


# learning_curve_area


def _expect_areas(f, returns):
    expected = [math.fsum(run) / len(run) for run in returns.tolist()]
    expect_close(read_areas(f(returns), returns), np.array(expected), "areas", _tolerance(returns))


@learning_curve_area.property(
    "The area is the mean of all of a run's returns, for any numbers of runs and episodes and returns of any size.",
    cases=random_cases,
    **hidden(weight=1, trials=50),
)
def mean_of_each_run(f, random_seed):
    rng = np.random.default_rng(random_seed)
    shape = int(rng.integers(1, 9)), int(rng.integers(1, 40))
    trend = np.linspace(0, rng.normal() * 3, shape[1])
    _expect_areas(f, (rng.normal(size=shape) + trend + rng.normal()) * rng.choice(scales))


@learning_curve_area.property(
    "Runs stay runs where there are as many runs as episodes, only one run, or only one episode.",
    cases=random_cases,
    **hidden(weight=1, trials=30),
)
def runs_are_rows(f, random_seed):
    rng = np.random.default_rng(random_seed)
    n = int(rng.integers(2, 7))
    shape = [(n, n), (1, n), (n, 1), (1, 1)][int(rng.integers(4))]
    _expect_areas(f, rng.normal(size=shape) * rng.choice(scales))


# interquartile_mean


def _expect_middle(f, scores):
    ordered = sorted(scores.ravel().tolist())
    cut = len(ordered) // 4
    middle = ordered[cut : len(ordered) - cut]
    found = np.array(number(f(scores), "the interquartile mean"))
    expect_close(found, math.fsum(middle) / len(middle), "the interquartile mean", _tolerance(np.array(middle)))


@interquartile_mean.property(
    "Of n scores exactly floor(n / 4) are dropped at each end, for every n from 1 to 60.",
    cases=st.fixed_dictionaries({"n": st.integers(1, 60), "random_seed": st.integers(0, 2**32 - 1)}),
    always=tuple({"n": n, "random_seed": n} for n in range(1, 14)),
    **hidden(weight=2, trials=50),
)
def any_number_of_scores(f, n, random_seed):
    rng = np.random.default_rng(random_seed)
    _expect_middle(f, (rng.exponential(size=n) ** 2 + rng.normal()) * rng.choice(scales))


@interquartile_mean.property(
    "Scores that are equal are as many scores, not one.",
    cases=random_cases,
    **hidden(weight=1, trials=40),
)
def ties_count(f, random_seed):
    rng = np.random.default_rng(random_seed)
    _expect_middle(f, rng.choice([0.0, 0.0, 1.0, 3.0, 10.0], size=int(rng.integers(2, 30))))


@interquartile_mean.property(
    "A table of scores is taken as a whole, with two axes or with four.",
    cases=random_cases,
    **hidden(weight=1, trials=40),
)
def all_axes_together(f, random_seed):
    rng = np.random.default_rng(random_seed)
    shape = tuple(int(size) for size in rng.integers(1, 6, size=int(rng.integers(2, 5))))
    offsets = rng.normal(size=shape[0]).reshape(-1, *[1] * (len(shape) - 1)) * 5
    _expect_middle(f, (rng.exponential(size=shape) + offsets) * rng.choice(scales))


# bootstrap_interval


def _skewed(rng, n):
    """Scores without ties and with a long tail on one side, so that no other interval is the percentile interval."""
    return np.unique(rng.exponential(size=4 * n) ** 2)[rng.permutation(3 * n)[:n]] * rng.choice([1.0, -1.0])


STATISTICS = (np.mean, np.median, np.std, lambda sample: float(np.exp(sample / 8).sum()))


@bootstrap_interval.property(
    "The ends are the quantiles (1 − level) / 2 and (1 + level) / 2, also of skewed values, for every level and "
    "statistic.",
    cases=st.fixed_dictionaries(
        {
            "level": st.sampled_from([0.95, 0.5, 0.9, 0.99, 0.2]),
            "which": st.integers(0, len(STATISTICS) - 1),
            "random_seed": st.integers(0, 2**32 - 1),
        }
    ),
    always=(
        {"level": 0.95, "which": 3, "random_seed": 1},
        {"level": 0.5, "which": 0, "random_seed": 2},
        {"level": 0.9, "which": 1, "random_seed": 3},
    ),
    **hidden(weight=2, trials=5),
)
def percentile_interval(f, level, which, random_seed):
    rng = np.random.default_rng(random_seed)
    scores = _skewed(rng, int(rng.integers(5, 14))) * rng.choice(scales[:3])
    num_resamples = int(rng.choice([300, 240, 281]))
    ask, asked = watched(STATISTICS[which])
    low, high = read_interval(f(scores, ask, level, num_resamples, int(rng.integers(1000))))
    expect_resamples(asked, scores, num_resamples)
    expect_quantile(low, asked, (1 - level) / 2, num_resamples, "low")
    expect_quantile(high, asked, (1 + level) / 2, num_resamples, "high")


@bootstrap_interval.property(
    "Each resample draws from all scores alike, with replacement, and anew; scores that are equal are as many scores.",
    cases=random_cases,
    **hidden(weight=1, trials=4),
)
def drawn_with_replacement(f, random_seed):
    rng = np.random.default_rng(random_seed)
    n, num_resamples = int(rng.integers(3, 10)), 1000
    scores = _skewed(rng, n)
    scores[-1] = scores[int(rng.integers(n - 1))]
    ask, asked = watched(np.mean)
    read_interval(f(scores, ask, 0.9, num_resamples, int(rng.integers(1000))))
    expect_resamples(asked, scores, num_resamples)
    samples = [each.sample for each in asked]
    for _ in range(len(asked) - num_resamples):  # a question about the scores themselves is no draw
        del samples[next((i for i, each in enumerate(samples) if np.array_equal(each, scores)), -1)]
    samples = np.array(samples)
    for score, times in zip(*np.unique(scores, return_counts=True), strict=True):
        drawn = samples == score
        name = f"a score that is there {times} times among {n} was drawn"
        expect_count(int(drawn.sum()), drawn.size, times / n, name, FALSE_ALARM)
        absent = int((~drawn.any(axis=1)).sum())
        name = f"a score that is there {times} times among {n} was missing from a resample"
        expect_count(absent, len(samples), (1 - times / n) ** n, name, FALSE_ALARM)


@bootstrap_interval.property(
    "A statistic that counts what it is given finds as many entries as there are scores.",
    cases=st.fixed_dictionaries({"n": st.integers(1, 30), "num_resamples": st.sampled_from([50, 7])}),
    always=({"n": 40, "num_resamples": 7},),
    **hidden(weight=1, trials=12),
)
def size_of_a_resample(f, n, num_resamples):
    """Of forty scores each is drawn just once, in whatever order, with a probability of 40! / 40^40 = 7e-17."""
    ask, asked = watched(len)
    scores = np.arange(n) / 2.0
    low, high = read_interval(f(scores, ask, 0.9, num_resamples, n))
    expect_close(np.array([low, high]), float(n), "(low, high)", 1e-9)
    draws = sum(not np.array_equal(each.sample, scores) for each in asked)
    if n >= 40 and draws < num_resamples:
        raise Violation(f"{num_resamples} resamples should be drawn, but {draws} were; the scores are no resample.")


@bootstrap_interval.property(
    "The same seed draws the same resamples; other seeds draw others.",
    cases=st.fixed_dictionaries({"seed": st.integers(0, 2**31 - 300)}),
    always=({"seed": 0},),
    **hidden(weight=1, trials=3),
)
def seed_of_the_draws(f, seed):
    scores = _skewed(np.random.default_rng(seed), 9)
    intervals, draws = [], []
    for each in (seed, seed, *(seed + 53 * k for k in range(1, 5))):
        ask, asked = watched(np.mean)
        intervals.append(read_interval(f(scores, ask, 0.8, 60, each)))
        draws.append(tuple(sorted(one.value for one in asked)))
    if intervals[0] != intervals[1]:
        raise Violation("the same seed gave two different intervals.")
    if len(set(draws[1:])) == 1:
        raise Violation("five different seeds gave the same resamples.")


# probability_of_improvement


def _expect_probability(f, x, y):
    won = sum((a > b) + 0.5 * (a == b) for a in x.tolist() for b in y.tolist())
    expect_close(np.array(read_probability(f(x, y))), won / (len(x) * len(y)), "the probability", RELATIVE)


@probability_of_improvement.property(
    "All pairs count, also where X and Y have different numbers of runs; ties count half.",
    cases=random_cases,
    **hidden(weight=2, trials=60),
)
def all_pairs(f, random_seed):
    rng = np.random.default_rng(random_seed)
    n, m = (int(size) for size in rng.integers(1, 15, size=2))
    if rng.random() < 0.5:
        return _expect_probability(f, rng.integers(0, 5, n) * 1.0, rng.integers(-1, 5, m) * 1.0)
    return _expect_probability(f, rng.normal(size=n) * 20 + rng.normal() * 10, rng.exponential(size=m) * 20)


@probability_of_improvement.property(
    "It counts how often, not by how much: one enormous score changes no more than one pair's worth.",
    cases=random_cases,
    **hidden(weight=1, trials=30),
)
def order_and_not_size(f, random_seed):
    rng = np.random.default_rng(random_seed)
    x, y = rng.normal(size=int(rng.integers(2, 9))), rng.normal(size=int(rng.integers(2, 9)))
    x[int(rng.integers(len(x)))] *= 1e5
    _expect_probability(f, x, y)


@probability_of_improvement.property(
    "Scores that are close to each other and not equal are no tie.",
    cases=random_cases,
    **hidden(weight=1, trials=20),
)
def close_is_no_tie(f, random_seed):
    rng = np.random.default_rng(random_seed)
    base = rng.normal() * 100 + 1000.0
    n, m = (int(size) for size in rng.integers(1, 6, size=2))
    steps = base * 1e-7
    _expect_probability(f, base + steps * rng.integers(0, 4, n), base + steps * rng.integers(0, 4, m))


# compare

ODD_NAMES = ("Dyna-Q+", "MCTS (c = 1)", "7", "priorisé", "a", "MPC", "b b")


def _draw_contest(rng, most_runs=7):
    names = [str(name) for name in rng.permutation(ODD_NAMES)[: int(rng.integers(1, 5))]]
    return Contest(names, int(rng.integers(1, most_runs)), int(rng.integers(1, 8)))


@compare.property(
    "Whatever the methods are called and return, every run of every method is in its row, in full precision.",
    cases=random_cases,
    **hidden(weight=1, trials=25),
)
def every_run_in_its_row(f, random_seed):
    rng = np.random.default_rng(random_seed)
    drawn = _draw_contest(rng)
    table = rng.normal(size=(len(drawn.names), drawn.num_episodes)) * rng.choice(scales)
    contest = Contest(drawn.names, drawn.num_runs, drawn.num_episodes, lambda method, call: table[method] * (call + 1))
    contest.rows(contest.held(f, int(rng.integers(1000))))
    contest.expect_fresh_envs()
    contest.expect_episodes()


@compare.property(
    "Two hundred runs have two hundred different seeds, also where the base seed is 0.",
    cases=st.fixed_dictionaries({"seed": st.integers(0, 999)}),
    always=({"seed": 0},),
    **hidden(weight=1, trials=3),
)
def two_hundred_runs(f, seed):
    """Numbers below 2^31 drawn with repetition collide with probability 1e-5; below 10000 they nearly always do."""
    contest = Contest(["one", "another"], 200, 2)
    contest.seeds(contest.held(f, seed))
    contest.expect_fresh_envs()


@compare.property(
    "The runs' seeds are the same whenever the base seed is, and others for other base seeds.",
    cases=st.fixed_dictionaries({"seed": st.integers(0, 99), "num_runs": st.integers(1, 5)}),
    **hidden(weight=1, trials=5),
)
def derived_from_the_seed(f, seed, num_runs):
    found = []
    for each in (seed, seed, *(seed + 211 * k for k in range(1, 5))):
        contest = Contest(["one", "another"], num_runs, 3)
        found.append(contest.seeds(contest.held(f, each)))
    if found[0] != found[1]:
        raise Violation("the same base seed gave two different lists of seeds.")
    if all(seeds == found[0] for seeds in found):
        raise Violation(f"the runs had the seeds {found[0]} under five different base seeds.")

"""Public properties of unit 7, comparison: facts about areas, means, intervals and who ran where."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from labkit.properties import Exercise
from labkit.results import Violation, array, expect_close, number
from labkit.watched import Contest, expect_quantile, expect_resamples, read_interval, watched

NOTEBOOK = "07_comparison"
ROUNDING = 1e-9

learning_curve_area = Exercise("learning_curve_area", NOTEBOOK)
interquartile_mean = Exercise("interquartile_mean", NOTEBOOK)
bootstrap_interval = Exercise("bootstrap_interval", NOTEBOOK)
probability_of_improvement = Exercise("probability_of_improvement", NOTEBOOK)
compare = Exercise("compare", NOTEBOOK)

seeds = st.integers(0, 999)
levels = st.sampled_from([0.9, 0.5, 0.8])
STATISTICS = {"mean": np.mean, "median": np.median, "largest": np.max}


@st.composite
def score_lists(draw, least=1, most=6, low=-5, high=9):
    """Scores of a few runs: small whole numbers, as an array."""
    return np.array(draw(st.lists(st.integers(low, high), min_size=least, max_size=most)), dtype=np.float64)


@st.composite
def score_tables(draw, most_rows=4, most_columns=4):
    """A table of small whole numbers, rows and columns each from 1."""
    shape = draw(st.integers(1, most_rows)), draw(st.integers(1, most_columns))
    size = shape[0] * shape[1]
    numbers = draw(st.lists(st.integers(-5, 9), min_size=size, max_size=size))
    return np.array(numbers, dtype=np.float64).reshape(shape)


# learning_curve_area


def read_areas(value, returns):
    return array(value, (len(returns),), "the areas")


@learning_curve_area.property(
    "A run in which every episode returns the same has just that as its area.",
    cases=st.fixed_dictionaries({"each": score_lists(most=4), "episodes": st.integers(1, 5)}),
)
def constant_runs(f, each, episodes):
    returns = np.repeat(each[:, None], episodes, axis=1)
    expect_close(read_areas(f(returns), returns), each, "areas", ROUNDING)


@learning_curve_area.property(
    "One more point of return in one episode adds 1 / episodes to the area of that run, and nothing to the others.",
    cases=st.fixed_dictionaries({"returns": score_tables(), "at": st.tuples(st.integers(0, 99), st.integers(0, 99))}),
)
def one_better_episode(f, returns, at):
    runs, episodes = returns.shape
    run, episode = at[0] % runs, at[1] % episodes
    before = read_areas(f(returns), returns)
    better = returns.copy()
    better[run, episode] += 1.0
    gained = read_areas(f(better), returns) - before
    expect_close(gained, np.eye(runs)[run] / episodes, "the gain", ROUNDING)


# interquartile_mean


@interquartile_mean.property(
    "Of one, two or three scores nothing is dropped: it is their mean.",
    cases=st.fixed_dictionaries({"scores": score_lists(most=3)}),
)
def few_scores(f, scores):
    found = number(f(scores), "the interquartile mean")
    expect_close(np.array(found), scores.sum() / len(scores), "the interquartile mean", ROUNDING)


@interquartile_mean.property(
    "Of four scores the lowest and the highest are dropped.",
    cases=st.fixed_dictionaries({"scores": score_lists(least=4, most=4)}),
)
def four_scores(f, scores):
    found = number(f(scores), "the interquartile mean")
    inner = (scores.sum() - scores.min() - scores.max()) / 2
    expect_close(np.array(found), inner, "the interquartile mean", ROUNDING)


@interquartile_mean.property(
    "Neither the order of the scores nor their shape matters.",
    cases=st.fixed_dictionaries({"scores": score_tables(), "seed": seeds}),
)
def any_order_and_shape(f, scores, seed):
    flat = np.random.default_rng(seed).permutation(scores.ravel())
    found, shuffled = (number(f(each), "the interquartile mean") for each in (scores, flat))
    expect_close(np.array(found), shuffled, "the interquartile mean", ROUNDING, "as for the same scores in one row")


@interquartile_mean.property(
    "From four scores on, one score that is far better or far worse than it was changes nothing, if it was the best or "
    "the worst before.",
    cases=st.fixed_dictionaries({"scores": score_lists(least=4, most=9), "sign": st.sampled_from([1, -1])}),
)
def outliers_count_for_nothing(f, scores, sign):
    extreme = int((sign * scores).argmax())
    moved = scores.copy()
    moved[extreme] += sign * 1000.0
    before, after = (number(f(each), "the interquartile mean") for each in (scores, moved))
    expect_close(np.array(after), before, "the interquartile mean", ROUNDING)


# bootstrap_interval


@bootstrap_interval.property(
    "Scores that are all alike leave no doubt: low and high are both the statistic of them. So does a single run.",
    cases=st.fixed_dictionaries(
        {
            "score": st.integers(-5, 9),
            "runs": st.integers(1, 5),
            "statistic": st.sampled_from(list(STATISTICS)),
            "level": levels,
            "seed": seeds,
        }
    ),
)
def no_doubt_without_spread(f, score, runs, statistic, level, seed):
    ask, _ = watched(STATISTICS[statistic])
    low, high = read_interval(f(np.full(runs, float(score)), ask, level, 20, seed))
    expect_close(np.array([low, high]), float(score), "(low, high)", ROUNDING)


resampling = st.fixed_dictionaries(
    {
        "scores": score_lists(least=2),
        "statistic": st.sampled_from(list(STATISTICS)),
        "level": levels,
        "num_resamples": st.sampled_from([40, 80, 25]),
        "seed": seeds,
    }
).filter(lambda case: np.ptp(case["scores"]) > 0)


@bootstrap_interval.property(
    "The statistic is asked about num_resamples samples, each as large as the scores and made of nothing but them.",
    cases=resampling,
    trials=12,
)
def as_large_as_the_scores(f, scores, statistic, level, num_resamples, seed):
    ask, asked = watched(STATISTICS[statistic])
    read_interval(f(scores, ask, level, num_resamples, seed))
    expect_resamples(asked, scores, num_resamples)


@bootstrap_interval.property(
    "The ends are the quantiles (1 − level) / 2 and (1 + level) / 2 of the values that the statistic took.",
    cases=resampling,
    weight=2,
    trials=15,
)
def quantiles_of_the_values(f, scores, statistic, level, num_resamples, seed):
    ask, asked = watched(STATISTICS[statistic])
    low, high = read_interval(f(scores, ask, level, num_resamples, seed))
    expect_resamples(asked, scores, num_resamples)
    expect_quantile(low, asked, (1 - level) / 2, num_resamples, "low")
    expect_quantile(high, asked, (1 + level) / 2, num_resamples, "high")


@bootstrap_interval.property(
    "The same seed gives the same interval.",
    cases=resampling,
    trials=6,
)
def same_seed_same_interval(f, scores, statistic, level, num_resamples, seed):
    ask, _ = watched(STATISTICS[statistic])
    first, second = (read_interval(f(scores, ask, level, num_resamples, seed)) for _ in range(2))
    if first != second:
        raise Violation(f"the same seed gave ({first[0]:.6g}, {first[1]:.6g}) and ({second[0]:.6g}, {second[1]:.6g}).")


# probability_of_improvement


def read_probability(value):
    found = number(value, "the probability")
    if not -ROUNDING <= found <= 1 + ROUNDING:
        raise Violation(f"a probability should lie between 0 and 1, but it is {found:.6g}.")
    return found


@probability_of_improvement.property(
    "It is 1 when every score of X is higher than every score of Y, and 0 when every one is lower.",
    cases=st.fixed_dictionaries({"x": score_lists(low=0, high=4), "y": score_lists(low=5, high=9)}),
)
def certain_cases(f, x, y):
    for better, worse, expected in ((y, x, 1.0), (x, y, 0.0)):
        expect_close(np.array(read_probability(f(better, worse))), expected, "the probability", ROUNDING)


@probability_of_improvement.property(
    "It is ½ when X and Y have the same scores, in whatever order.",
    cases=st.fixed_dictionaries({"scores": score_lists(), "seed": seeds}),
)
def nothing_beats_itself(f, scores, seed):
    shuffled = np.random.default_rng(seed).permutation(scores)
    expect_close(np.array(read_probability(f(scores, shuffled))), 0.5, "the probability", ROUNDING)


@probability_of_improvement.property(
    "That X improves on Y and that Y improves on X add up to 1.",
    cases=st.fixed_dictionaries({"x": score_lists(low=0, high=4), "y": score_lists(low=0, high=4)}),
)
def both_sides_add_up(f, x, y):
    there, back = read_probability(f(x, y)), read_probability(f(y, x))
    expect_close(np.array(there + back), 1.0, "the sum", ROUNDING)


# compare

NAMES = ("random", "Q-learning", "Dyna-Q")
contests = st.fixed_dictionaries(
    {
        "methods": st.integers(1, 3).map(lambda n: list(NAMES[:n])),
        "num_runs": st.integers(1, 4),
        "num_episodes": st.integers(1, 5),
        "seed": seeds,
    }
)


@compare.property(
    "The dict holds for each method what its runs returned: one row for each run, one column for each episode.",
    cases=contests,
    weight=2,
)
def rows_are_runs(f, methods, num_runs, num_episodes, seed):
    contest = Contest(
        methods, num_runs, num_episodes, lambda method, call: 10.0 * (method + 1) + np.arange(num_episodes)
    )
    result = contest.held(f, seed)
    for index, name in enumerate(methods):
        expected = np.tile(10.0 * (index + 1) + np.arange(num_episodes), (num_runs, 1))
        expect_close(result[name], expected, f"the returns of {name!r}", ROUNDING)


@compare.property(
    "Every run of every method gets an environment that make_env has just made for it, and num_episodes episodes.",
    cases=contests,
    weight=2,
)
def an_environment_for_each_run(f, methods, num_runs, num_episodes, seed):
    contest = Contest(methods, num_runs, num_episodes)
    contest.rows(contest.held(f, seed))
    contest.expect_fresh_envs()
    contest.expect_episodes()


@compare.property(
    "The runs of a method have different whole numbers as seeds, and run i of every method has the same one.",
    cases=contests,
    weight=2,
)
def seeds_are_shared(f, methods, num_runs, num_episodes, seed):
    contest = Contest(methods, num_runs, num_episodes)
    contest.seeds(contest.held(f, seed))

"""Unit 7, comparison: the five reference functions, which turn runs of learning agents into honest statements.

Scores are returns of independent runs; more is better. Nothing here knows what a method does inside. Invalid input
raises ``ValueError`` with a sentence. The statistics are those of Agarwal et al. 2021, *Deep Reinforcement Learning
at the Edge of the Statistical Precipice*.
"""

import numpy as np

from labkit import validate


def learning_curve_area(returns):
    """How well each run did while it learnt: the area under its learning curve, as a mean.

    Args:
        returns: the return of each episode of each run, shape `(runs, episodes)`.

    Returns:
        For each run the mean of its returns over all episodes, shape `(runs,)`.

    Source: Taylor & Stone 2009, *Transfer Learning for Reinforcement Learning Domains* (total reward).
    """
    returns = validate.filled(returns, "returns", ("runs", "episodes"))
    return returns.mean(axis=1)


def interquartile_mean(scores):
    """The mean of the middle half of all scores, which no single lucky or unlucky run can move far.

    The scores are taken together, whatever their shape, and sorted. Of n scores the lowest and the highest
    `floor(n / 4)` are dropped, and the rest is averaged.

    Args:
        scores: an array of any shape, with at least one entry.

    Returns:
        A number.

    Source: Agarwal et al. 2021, section 4.3.
    """
    scores = validate.filled(scores, "scores")
    ordered = np.sort(scores, axis=None)
    dropped = len(ordered) // 4
    return float(ordered[dropped : len(ordered) - dropped].mean())


def bootstrap_interval(scores, statistic, level, num_resamples, seed):
    """How far a statistic might move if the runs were made again: its percentile bootstrap interval.

    Draw as many scores as there are, with replacement, and compute the statistic of what was drawn. Do so
    `num_resamples` times. The interval holds the middle part `level` of the values found: it reaches from their
    quantile `(1 - level) / 2` to their quantile `(1 + level) / 2`.

    Args:
        scores: one score for each run, shape `(runs,)`.
        statistic: function of an array of shape `(n,)` that returns a number.
        level: between 0 and 1, for instance 0.95.
        num_resamples: how many times to draw.
        seed: seed of the draws.

    Returns:
        `(low, high)`, two numbers.

    Source: Efron & Tibshirani 1993, *An Introduction to the Bootstrap*, section 13.3; Agarwal et al. 2021, section 4.1.
    """
    scores = validate.filled(scores, "scores", ("runs",))
    validate.statistic(statistic)
    level = validate.share(level, "level")
    num_resamples = validate.whole_number(num_resamples, "num_resamples", minimum=1)
    rng = np.random.default_rng(validate.seed(seed))
    resamples = rng.choice(scores, size=(num_resamples, len(scores)))
    values = [statistic(resample) for resample in resamples]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def probability_of_improvement(x, y):
    """How often a run of method X beats a run of method Y, when both are drawn at random.

    $$P(X > Y) + \\tfrac{1}{2} P(X = Y)$$

    over all pairs of a score of X with a score of Y. It asks how sure an improvement is, not how large.

    Args:
        x: scores of method X, shape `(n,)`.
        y: scores of method Y, shape `(m,)`.

    Returns:
        A number in [0, 1]; ½ when neither is better.

    Source: Agarwal et al. 2021, section 4.3 (the statistic of Mann & Whitney 1947, divided by the number of pairs).
    """
    x, y = validate.filled(x, "x", ("n",)), validate.filled(y, "y", ("m",))
    wins, ties = x[:, None] > y, x[:, None] == y
    return float(wins.mean() + ties.mean() / 2)


def compare(methods, make_env, num_runs, num_episodes, seed):
    """Let several methods learn under equal conditions, several times each.

    Each run of each method gets an environment of its own from `make_env()` and is called as
    `method(env, num_episodes, seed)`. The seeds of the runs are different whole numbers from 0 to 2³¹ − 1, derived
    from `seed`; run i of every method has the same one.

    Args:
        methods: dict from a name to `method(env, num_episodes, seed)`, which returns the return of each episode, shape
            `(num_episodes,)`. The arguments are given by position.
        make_env: function without arguments that makes a new environment.
        num_runs: number of runs of each method.
        num_episodes: number of episodes in a run.
        seed: the seed that the runs' seeds are derived from.

    Returns:
        Dict from each name to the returns of its runs, shape `(num_runs, num_episodes)`.

    Source: Patterson et al. 2024, *Empirical Design in Reinforcement Learning*.
    """
    validate.methods(methods)
    validate.maker(make_env)
    num_runs = validate.whole_number(num_runs, "num_runs", minimum=1)
    num_episodes = validate.whole_number(num_episodes, "num_episodes", minimum=1)
    rng = np.random.default_rng(validate.seed(seed))
    seeds = rng.choice(2**31, size=num_runs, replace=False, shuffle=False)
    return {
        name: np.array([method(make_env(), num_episodes, int(run_seed)) for run_seed in seeds], dtype=np.float64)
        for name, method in methods.items()
    }

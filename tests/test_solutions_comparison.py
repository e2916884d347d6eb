"""The reference statistics keep their contract, by identities, exact values and limits that need no recordings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.watched import Asked, Contest, expect_quantile
from solutions import comparison as unit

NAN, INF = float("nan"), float("inf")


def walk(env, num_episodes, seed):
    return np.random.default_rng(seed).normal(size=num_episodes)


VALID = {
    "learning_curve_area": {"returns": np.arange(6.0).reshape(2, 3)},
    "interquartile_mean": {"scores": np.arange(10.0).reshape(2, 5)},
    "bootstrap_interval": {
        "scores": np.array([1.0, 2.0, 5.0]), "statistic": np.mean, "level": 0.9, "num_resamples": 50, "seed": 3
    },
    "probability_of_improvement": {"x": np.array([1.0, 2.0]), "y": np.array([1.0, 0.0, 5.0])},
    "compare": {"methods": {"walk": walk}, "make_env": object, "num_runs": 2, "num_episodes": 3, "seed": 1},
}  # fmt: skip
NO_COUNT = [0, -1, 1.5, True, None, "3", NAN, 3.0]
SPOILT = {
    "returns": [np.ones(3), np.ones((2, 0)), [[1, NAN]], [[1, 2], [3]], "text", None],
    "scores": [[], [1.0, NAN], [INF], "text", None, [1j]],
    "statistic": [None, "mean", 3],
    "level": [0.0, 1.0, 95, -0.5, NAN, "text", None],
    "num_resamples": NO_COUNT,
    "seed": [-1, 1.5, True, None, "3", 2**31],
    "x": [[], [[1.0]], [NAN], "text", None],
    "y": [[], [[1.0]], [NAN], "text", None],
    "methods": [{}, None, [walk], {"walk": None}],
    "make_env": [None, "env", 3],
    "num_runs": NO_COUNT,
    "num_episodes": NO_COUNT,
}


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        pytest.param(name, argument, value, id=f"{name}-{argument}-{number}")
        for name, valid in VALID.items()
        for argument in valid
        for number, value in enumerate(SPOILT[argument])
    ],
)
def test_invalid_input_raises_a_value_error_that_names_it_in_a_sentence(name, argument, value):
    with pytest.raises(ValueError, match=r"\.$") as raised:
        getattr(unit, name)(**{**VALID[name], argument: value})
    sentence = str(raised.value)
    assert argument in sentence
    assert "must" in sentence
    assert " but " in sentence


@pytest.mark.parametrize("name", VALID)
def test_valid_input_is_accepted_also_as_lists_and_not_written_to(name):
    function, valid = getattr(unit, name), VALID[name]
    before = repr(valid)
    lists = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in valid.items()}
    assert repr(function(**lists)) == repr(function(**valid))
    assert repr(valid) == before


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30))
def test_the_interquartile_mean_lies_between_mean_and_median_of_the_middle(scores):
    ordered, cut = sorted(scores), len(scores) // 4
    found = unit.interquartile_mean(scores)
    assert ordered[cut] <= found <= ordered[-1 - cut]
    assert found == pytest.approx(np.mean(ordered[cut : len(scores) - cut]))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_the_probability_of_improvement_is_the_average_of_all_duels(x, y):
    duels = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in itertools.product(x, y)]
    assert unit.probability_of_improvement(x, y) == pytest.approx(np.mean(duels))


@pytest.mark.parametrize("level", [0.6, 0.3])
def test_all_resamples_of_three_scores_give_the_exact_interval(level):
    """Three scores have 27 resamples; none of these quantiles is near a step of their distribution."""
    scores = np.array([0.0, 1.0, 8.0])
    exact = np.sort([np.mean(sample) for sample in itertools.product(scores, repeat=3)])
    shares = (1 - level) / 2, (1 + level) / 2
    steps = np.array([np.mean(exact <= value + 1e-9) for value in np.unique(exact)])
    assert all(np.abs(steps - share).min() > 0.015 for share in shares)
    expected = [exact[int(share * 27)] for share in shares]
    assert unit.bootstrap_interval(scores, np.mean, level, 20000, 0) == pytest.approx(expected)


def test_the_interval_narrows_like_one_over_the_root_of_the_runs():
    rng = np.random.default_rng(0)
    widths = [np.ptp(unit.bootstrap_interval(rng.normal(size=n), np.mean, 0.9, 800, 1)) for n in (25, 400)]
    assert widths[0] / widths[1] == pytest.approx(4.0, rel=0.35)


@given(st.integers(0, 2**31 - 1), st.integers(1, 6), st.integers(1, 5))
@settings(max_examples=40)
def test_a_comparison_is_fair(seed, num_runs, num_episodes):
    contest = Contest(["one", "two", "three"], num_runs, num_episodes)
    seeds = contest.seeds(contest.held(unit.compare, seed))
    contest.expect_fresh_envs()
    contest.expect_episodes()
    assert all(0 <= each < 2**31 for each in seeds)
    assert len(contest.runs) == len(contest.envs) == 3 * num_runs
    assert all(type(run.seed) is int for run in contest.runs)
    again = Contest(["one"], num_runs, num_episodes)
    assert again.seeds(again.held(unit.compare, seed)) == seeds


QUANTILES = ("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen",
             "weibull", "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint",
             "nearest")  # fmt: skip


@pytest.mark.parametrize("size", [25, 40, 80, 240, 281, 300])
@pytest.mark.parametrize("level", [0.2, 0.5, 0.8, 0.9, 0.95, 0.99])
def test_every_usual_quantile_is_accepted_and_a_wrong_share_is_not(size, level):
    values = np.sort(np.random.default_rng(size).exponential(size=size))
    asked = [Asked(np.zeros(1), value) for value in values.tolist()]
    for share in ((1 - level) / 2, (1 + level) / 2):
        ranks = {int(share * size), int(share * size) - 1, round(share * (size - 1)), int(share * (size - 1)) + 1}
        ranks |= {int(np.ceil(share * size)) - 1, int(np.ceil(share * size)), size - 1 - int((1 - share) * size)}
        usual = [float(np.quantile(values, share, method=method)) for method in QUANTILES]
        for found in usual + [values[min(max(rank, 0), size - 1)] for rank in ranks]:
            expect_quantile(found, asked, share, size, "an end")

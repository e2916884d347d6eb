"""Known mistakes of unit 7: wrong solutions of the kind students hand in, each with the idea that went wrong.

The audit grades every one and expects it to lose points; the judge runs them to name a misconception. Each function
stands alone apart from `np`, `torch`, `math` and the earlier functions of the unit.
"""

import math

import numpy as np

from autograder.properties.entries import collection

mistakes, mistake = collection()

# ------------------------------------------------------------------------------------------- learning_curve_area


@mistake("learning_curve_area", "the mean is taken over the runs, so that there is one number for each episode")
def area_over_runs(returns):
    return returns.mean(axis=0)


@mistake("learning_curve_area", "everything is averaged into one number")
def area_of_everything(returns):
    return returns.mean()


@mistake("learning_curve_area", "the returns of a run are summed and not averaged")
def area_as_a_sum(returns):
    return returns.sum(axis=1)


@mistake("learning_curve_area", "the area is measured by trapezoids, which count the first and the last episode half")
def area_by_trapezoids(returns):
    if returns.shape[1] == 1:
        return returns[:, 0]
    return ((returns[:, 1:] + returns[:, :-1]) / 2).sum(axis=1) / (returns.shape[1] - 1)


@mistake("learning_curve_area", "the sum of the trapezoids is divided by the number of episodes")
def area_by_trapezoids_over_episodes(returns):
    return ((returns[:, 1:] + returns[:, :-1]) / 2).sum(axis=1) / returns.shape[1]


@mistake("learning_curve_area", "the last episode's return is taken for the whole curve")
def area_of_the_last_episode(returns):
    return returns[:, -1]


@mistake("learning_curve_area", "the median over episodes is taken and not the mean")
def area_by_the_median(returns):
    return np.median(returns, axis=1)


@mistake("learning_curve_area", "the sum is divided by one less than the number of episodes")
def area_with_one_less(returns):
    return returns.sum(axis=1) / max(returns.shape[1] - 1, 1)


@mistake("learning_curve_area", "the sum is divided by the number of runs")
def area_divided_by_runs(returns):
    return returns.sum(axis=1) / len(returns)


@mistake("learning_curve_area", "the best episode stands for the run")
def area_of_the_best_episode(returns):
    return returns.max(axis=1)


@mistake("learning_curve_area", "the first episode is left out")
def area_without_the_first(returns):
    return returns[:, 1:].mean(axis=1) if returns.shape[1] > 1 else returns[:, 0]


@mistake("learning_curve_area", "only the second half of the episodes counts")
def area_of_the_second_half(returns):
    return returns[:, returns.shape[1] // 2 :].mean(axis=1)


@mistake("learning_curve_area", "a negative return counts as 0")
def area_without_losses(returns):
    return np.maximum(returns, 0.0).mean(axis=1)


@mistake("learning_curve_area", "the mean return is that of the sizes, without their signs")
def area_of_absolute_values(returns):
    return np.abs(returns).mean(axis=1)


@mistake("learning_curve_area", "the mean is computed in single precision")
def area_in_single_precision(returns):
    return returns.astype(np.float32).mean(axis=1)


@mistake("learning_curve_area", "the result keeps an axis for the episodes")
def area_keeps_the_axis(returns):
    return returns.mean(axis=1, keepdims=True)


@mistake("learning_curve_area", "each run's curve is first scaled to lie between 0 and 1")
def area_normalised(returns):
    low, high = returns.min(axis=1, keepdims=True), returns.max(axis=1, keepdims=True)
    return ((returns - low) / np.where(high > low, high - low, 1.0)).mean(axis=1)


# -------------------------------------------------------------------------------------------- interquartile_mean


@mistake("interquartile_mean", "nothing is dropped: that is the mean")
def iqm_drops_nothing(scores):
    return scores.mean()


@mistake("interquartile_mean", "the median is taken, which is the mean of much less than the middle half")
def iqm_takes_the_median(scores):
    return np.median(scores)


@mistake("interquartile_mean", "the scores are not sorted: those dropped are the first and the last ones")
def iqm_does_not_sort(scores):
    flat = scores.ravel()
    k = len(flat) // 4
    return flat[k : len(flat) - k].mean()


@mistake("interquartile_mean", "the number to drop is rounded up")
def iqm_rounds_up(scores):
    flat = np.sort(scores, axis=None)
    k = min(math.ceil(len(flat) / 4), (len(flat) - 1) // 2)
    return flat[k : len(flat) - k].mean()


@mistake("interquartile_mean", "the number to drop is rounded to the nearest whole number")
def iqm_rounds_to_nearest(scores):
    flat = np.sort(scores, axis=None)
    k = min(round(len(flat) / 4), (len(flat) - 1) // 2)
    return flat[k : len(flat) - k].mean()


@mistake("interquartile_mean", "the scores between the quartiles are kept, whichever and however many they are")
def iqm_keeps_what_is_between_quartiles(scores):
    low, high = np.quantile(scores, [0.25, 0.75])
    return scores[(scores >= low) & (scores <= high)].mean()


@mistake("interquartile_mean", "the scores strictly between the quartiles are kept, so that ties with them are lost")
def iqm_keeps_what_is_strictly_between(scores):
    low, high = np.quantile(scores, [0.25, 0.75])
    kept = scores[(scores > low) & (scores < high)]
    return kept.mean() if len(kept) else scores.mean()


@mistake("interquartile_mean", "a quarter is dropped in all, an eighth at each end")
def iqm_drops_an_eighth(scores):
    flat = np.sort(scores, axis=None)
    k = len(flat) // 8
    return flat[k : len(flat) - k].mean()


@mistake("interquartile_mean", "a tenth is dropped at each end")
def iqm_drops_a_tenth(scores):
    flat = np.sort(scores, axis=None)
    k = len(flat) // 10
    return flat[k : len(flat) - k].mean()


@mistake("interquartile_mean", "only the lowest quarter is dropped")
def iqm_drops_the_low_end_only(scores):
    flat = np.sort(scores, axis=None)
    return flat[len(flat) // 4 :].mean()


@mistake("interquartile_mean", "only the highest quarter is dropped")
def iqm_drops_the_high_end_only(scores):
    flat = np.sort(scores, axis=None)
    return flat[: len(flat) - len(flat) // 4].mean()


@mistake("interquartile_mean", "the slice ends at −0 where nothing is to be dropped, so that nothing is left")
def iqm_slices_to_minus_zero(scores):
    flat = np.sort(scores, axis=None)
    k = len(flat) // 4
    kept = flat[k:-k]
    return kept.sum() / max(len(kept), 1)


@mistake("interquartile_mean", "each row is treated by itself, and the results are averaged")
def iqm_row_by_row(scores):
    rows = np.sort(scores, axis=-1)
    k = rows.shape[-1] // 4
    return rows[..., k : rows.shape[-1] - k].mean()


@mistake("interquartile_mean", "the rows are sorted and dropped as wholes, along the first axis")
def iqm_along_the_first_axis(scores):
    columns = np.sort(scores, axis=0)
    k = len(columns) // 4
    return columns[k : len(columns) - k].mean()


@mistake("interquartile_mean", "the dropped scores are replaced by their neighbours: that is the winsorised mean")
def iqm_winsorises(scores):
    flat = np.sort(scores, axis=None)
    k = len(flat) // 4
    return np.clip(flat, flat[k], flat[len(flat) - 1 - k]).mean()


@mistake("interquartile_mean", "it is half way between the two quartiles")
def iqm_takes_the_midhinge(scores):
    return np.quantile(scores, [0.25, 0.75]).mean()


@mistake("interquartile_mean", "it is the distance between the quartiles, the interquartile range")
def iqm_takes_the_range(scores):
    return np.quantile(scores, 0.75) - np.quantile(scores, 0.25)


@mistake("interquartile_mean", "equal scores count only once")
def iqm_counts_ties_once(scores):
    flat = np.unique(scores)
    k = len(flat) // 4
    return flat[k : len(flat) - k].mean()


@mistake("interquartile_mean", "the sum of the middle half is divided by half the number of scores")
def iqm_divides_by_half(scores):
    flat = np.sort(scores, axis=None)
    k = len(flat) // 4
    return flat[k : len(flat) - k].sum() / max(len(flat) / 2, 1)


@mistake("interquartile_mean", "one score too many is dropped at the upper end")
def iqm_drops_one_too_many(scores):
    flat = np.sort(scores, axis=None)
    k = len(flat) // 4
    return flat[k : max(len(flat) - k - 1, k + 1)].mean()


@mistake("interquartile_mean", "the scores are sorted and averaged in single precision")
def iqm_in_single_precision(scores):
    flat = np.sort(scores.astype(np.float32), axis=None)
    k = len(flat) // 4
    return flat[k : len(flat) - k].mean()


# -------------------------------------------------------------------------------------------- bootstrap_interval


@mistake("bootstrap_interval", "the scores are drawn without replacement, so that every resample is the same set")
def bootstrap_without_replacement(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.permutation(scores)) for _ in range(num_resamples)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "a whole tail of 1 − level is cut off at each end")
def bootstrap_cuts_whole_tails(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    return tuple(np.sort(np.quantile(values, [1 - level, level])))


@mistake("bootstrap_interval", "low and high are quantiles of the scores, not of the statistic")
def bootstrap_of_the_scores(scores, statistic, level, num_resamples, seed):
    return tuple(np.quantile(scores, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "the interval is the statistic of the scores plus and minus normal deviations")
def bootstrap_normal(scores, statistic, level, num_resamples, seed):
    from statistics import NormalDist

    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    half = NormalDist().inv_cdf((1 + level) / 2) * np.std(values)
    return statistic(scores) - half, statistic(scores) + half


@mistake("bootstrap_interval", "the quantiles are mirrored at the statistic of the scores: the basic bootstrap")
def bootstrap_basic(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return 2 * statistic(scores) - high, 2 * statistic(scores) - low


@mistake("bootstrap_interval", "the ends are shares of a per cent, because np.percentile counts to 100")
def bootstrap_mixes_up_percent(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    return tuple(np.percentile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "the level is always 0.95")
def bootstrap_ignores_the_level(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    return tuple(np.quantile(values, [0.025, 0.975]))


@mistake("bootstrap_interval", "the statistic is always the mean")
def bootstrap_of_the_mean(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = rng.choice(scores, (num_resamples, len(scores))).mean(axis=1)
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "a resample has num_resamples entries and not as many as there are scores")
def bootstrap_of_the_wrong_size(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, num_resamples)) for _ in range(num_resamples)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "one score is left out of each resample: that is the jackknife")
def bootstrap_leaves_one_out(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    if len(scores) == 1:
        return statistic(scores), statistic(scores)
    values = [statistic(np.delete(scores, rng.integers(len(scores)))) for _ in range(num_resamples)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "the seed is set anew for every resample, so that all are the same")
def bootstrap_seeds_again(scores, statistic, level, num_resamples, seed):
    values = []
    for _ in range(num_resamples):
        rng = np.random.default_rng(seed)
        values.append(statistic(rng.choice(scores, len(scores))))
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "the seed is ignored, and every call draws other numbers")
def bootstrap_without_a_seed(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng()
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "the seed is always 0")
def bootstrap_with_seed_zero(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(0)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "there are always 1000 resamples")
def bootstrap_with_a_thousand(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(1000)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "the last score is never drawn, because the upper end of the random index is off by one")
def bootstrap_never_draws_the_last(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    last = max(len(scores) - 1, 1)
    values = [statistic(scores[rng.integers(0, last, len(scores))]) for _ in range(num_resamples)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "the resamples come from a normal distribution fitted to the scores", nameable=False)
def bootstrap_parametric(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.normal(scores.mean(), scores.std(), len(scores))) for _ in range(num_resamples)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "it is the whole range of the values and not their middle part")
def bootstrap_takes_the_range(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    return min(values), max(values)


@mistake("bootstrap_interval", "low and high have changed places")
def bootstrap_upside_down(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return high, low


@mistake("bootstrap_interval", "the ends are as far from the mean of the values as the quantiles are on average")
def bootstrap_made_symmetric(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return np.mean(values) - (high - low) / 2, np.mean(values) + (high - low) / 2


@mistake("bootstrap_interval", "there is one tail only: the upper end is the largest value")
def bootstrap_one_sided(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(scores, len(scores))) for _ in range(num_resamples)]
    return np.quantile(values, 1 - level), max(values)


@mistake("bootstrap_interval", "the draws favour the middle: the random index is a rounded number")
def bootstrap_rounds_the_index(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    rows = np.round(rng.random((num_resamples, len(scores))) * (len(scores) - 1)).astype(int)
    values = [statistic(scores[row]) for row in rows]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "scores that are equal are drawn as one", nameable=False)
def bootstrap_of_different_scores(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.choice(np.unique(scores), len(scores))) for _ in range(num_resamples)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "the draws favour the first scores", nameable=False)
def bootstrap_favours_the_first(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [
        statistic(scores[(rng.random(len(scores)) ** 1.15 * len(scores)).astype(int)]) for _ in range(num_resamples)
    ]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "the resample is the first half of two shuffled copies of the scores", nameable=False)
def bootstrap_of_two_copies(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(rng.permutation(np.tile(scores, 2))[: len(scores)]) for _ in range(num_resamples)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@mistake("bootstrap_interval", "the scores themselves count as one of the resamples", nameable=False)
def bootstrap_counts_the_scores(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    values = [statistic(scores)] + [statistic(rng.choice(scores, len(scores))) for _ in range(1, num_resamples)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


# ------------------------------------------------------------------------------------ probability_of_improvement


@mistake("probability_of_improvement", "ties count for nothing")
def improvement_without_ties(x, y):
    return (x[:, None] > y[None, :]).mean()


@mistake("probability_of_improvement", "ties count as improvements")
def improvement_with_whole_ties(x, y):
    return (x[:, None] >= y[None, :]).mean()


@mistake("probability_of_improvement", "X and Y have changed places")
def improvement_of_the_other(x, y):
    d = y[:, None] - x[None, :]
    return (d > 0).mean() + (d == 0).mean() / 2


@mistake("probability_of_improvement", "run i of X meets only run i of Y, and not all of them")
def improvement_in_pairs(x, y):
    n = min(len(x), len(y))
    return (x[:n] > y[:n]).mean() + (x[:n] == y[:n]).mean() / 2


@mistake("probability_of_improvement", "the sorted scores are compared one by one")
def improvement_of_sorted_scores(x, y):
    n = min(len(x), len(y))
    a, b = np.sort(x)[:n], np.sort(y)[:n]
    return (a > b).mean() + (a == b).mean() / 2


@mistake("probability_of_improvement", "only the means are compared")
def improvement_of_the_mean(x, y):
    return 0.5 + 0.5 * np.sign(x.mean() - y.mean())


@mistake("probability_of_improvement", "the scores of X are compared with the mean of Y")
def improvement_over_the_mean(x, y):
    return (x > y.mean()).mean() + (x == y.mean()).mean() / 2


@mistake("probability_of_improvement", "the scores of X are compared with the median of Y")
def improvement_over_the_median(x, y):
    return (x > np.median(y)).mean() + (x == np.median(y)).mean() / 2


@mistake("probability_of_improvement", "normal distributions are fitted to the scores")
def improvement_of_normals(x, y):
    spread = math.sqrt(x.var() + y.var())
    gap = x.mean() - y.mean()
    return 0.5 * (1 + math.erf(gap / spread / math.sqrt(2))) if spread else 0.5 + 0.5 * np.sign(gap)


@mistake("probability_of_improvement", "wins minus losses are taken, which reaches from −1 to 1")
def improvement_minus_losses(x, y):
    return np.sign(x[:, None] - y[None, :]).mean()


@mistake("probability_of_improvement", "the number of wins is divided by the square of the runs of X")
def improvement_divided_by_a_square(x, y):
    d = np.sign(x[:, None] - y[None, :])
    return ((d > 0).sum() + (d == 0).sum() / 2) / len(x) ** 2


@mistake("probability_of_improvement", "pairs that tie are left out, and the rest counts as all")
def improvement_among_the_rest(x, y):
    d = x[:, None] - y[None, :]
    decided = (d != 0).sum()
    return (d > 0).sum() / decided if decided else 0.5


@mistake("probability_of_improvement", "scores that are nearly equal count as ties, as np.isclose has it")
def improvement_of_close_scores(x, y):
    same = np.isclose(x[:, None], y[None, :])
    return ((x[:, None] > y[None, :]) & ~same).mean() + same.mean() / 2


@mistake("probability_of_improvement", "the sizes of the differences are counted, and not only their signs")
def improvement_by_size(x, y):
    d = x[:, None] - y[None, :]
    total = np.abs(d).sum()
    return np.maximum(d, 0).sum() / total if total else 0.5


@mistake("probability_of_improvement", "the best run of X is compared with all of Y")
def improvement_of_the_best(x, y):
    return (x.max() > y).mean() + (x.max() == y).mean() / 2


@mistake("probability_of_improvement", "the answer is true or false: whether an improvement is more likely than not")
def improvement_yes_or_no(x, y):
    d = np.sign(x[:, None] - y[None, :]).mean()
    return 1.0 if d > 0 else 0.5 if d == 0 else 0.0


# ------------------------------------------------------------------------------------------------------- compare


@mistake("compare", "there is one environment for all runs")
def compare_shares_the_environment(methods, make_env, num_runs, num_episodes, seed):
    env = make_env()
    return {
        name: np.array([method(env, num_episodes, seed + i) for i in range(num_runs)])
        for name, method in methods.items()
    }


@mistake("compare", "there is one environment for all runs of a method")
def compare_one_environment_for_a_method(methods, make_env, num_runs, num_episodes, seed):
    results = {}
    for name, method in methods.items():
        env = make_env()
        results[name] = np.array([method(env, num_episodes, seed + i) for i in range(num_runs)])
    return results


@mistake("compare", "the methods of one run share its environment")
def compare_one_environment_for_a_run(methods, make_env, num_runs, num_episodes, seed):
    results = {name: np.zeros((num_runs, num_episodes)) for name in methods}
    for i in range(num_runs):
        env = make_env()
        for name, method in methods.items():
            results[name][i] = method(env, num_episodes, seed + i)
    return results


@mistake("compare", "the method is given make_env and not an environment")
def compare_passes_the_maker(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.array([method(make_env, num_episodes, seed + i) for i in range(num_runs)])
        for name, method in methods.items()
    }


@mistake("compare", "all runs have the same seed")
def compare_same_seed_for_all(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.array([method(make_env(), num_episodes, seed) for _ in range(num_runs)])
        for name, method in methods.items()
    }


@mistake("compare", "the base seed is ignored: the runs' seeds are 0, 1, 2 …")
def compare_ignores_the_seed(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.array([method(make_env(), num_episodes, i) for i in range(num_runs)])
        for name, method in methods.items()
    }


@mistake("compare", "the seeds are drawn on from method to method, so that run i of two methods has different ones")
def compare_draws_on(methods, make_env, num_runs, num_episodes, seed):
    rng = np.random.default_rng(seed)
    return {
        name: np.array([method(make_env(), num_episodes, int(rng.integers(2**31))) for _ in range(num_runs)])
        for name, method in methods.items()
    }


@mistake("compare", "the seeds are counted on from method to method, so that run i of two methods has different ones")
def compare_counts_on(methods, make_env, num_runs, num_episodes, seed):
    results, next_seed = {}, seed
    for name, method in methods.items():
        rows = []
        for _ in range(num_runs):
            rows.append(method(make_env(), num_episodes, next_seed))
            next_seed += 1
        results[name] = np.array(rows)
    return results


@mistake("compare", "the base seed is multiplied by the number of the run, which is 0 for all of them when it is 0")
def compare_multiplies_the_seed(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.array([method(make_env(), num_episodes, seed * (i + 1)) for i in range(num_runs)])
        for name, method in methods.items()
    }


@mistake("compare", "the seeds are drawn from a small range with repetition, so that some runs have the same one")
def compare_draws_from_a_hundred(methods, make_env, num_runs, num_episodes, seed):
    seeds = np.random.default_rng(seed).integers(0, 100, num_runs)
    return {
        name: np.array([method(make_env(), num_episodes, int(s)) for s in seeds]) for name, method in methods.items()
    }


@mistake("compare", "the seeds are drawn without the base seed, other ones in every call")
def compare_draws_without_a_seed(methods, make_env, num_runs, num_episodes, seed):
    seeds = np.random.default_rng().integers(0, 2**31, num_runs)
    return {
        name: np.array([method(make_env(), num_episodes, int(s)) for s in seeds]) for name, method in methods.items()
    }


@mistake("compare", "the seeds are fractions, which no generator takes")
def compare_with_fractions(methods, make_env, num_runs, num_episodes, seed):
    seeds = np.random.default_rng(seed).random(num_runs)
    return {
        name: np.array([method(make_env(), num_episodes, float(s)) for s in seeds]) for name, method in methods.items()
    }


@mistake("compare", "the seeds are floating-point numbers")
def compare_with_floats(methods, make_env, num_runs, num_episodes, seed):
    seeds = seed + np.linspace(0, num_runs - 1, num_runs)
    return {name: np.array([method(make_env(), num_episodes, s) for s in seeds]) for name, method in methods.items()}


@mistake("compare", "the table is transposed: a row for each episode and a column for each run")
def compare_transposes(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.array([method(make_env(), num_episodes, seed + i) for i in range(num_runs)]).T
        for name, method in methods.items()
    }


@mistake("compare", "the returns are averaged over the runs")
def compare_averages_the_runs(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.mean([method(make_env(), num_episodes, seed + i) for i in range(num_runs)], axis=0)
        for name, method in methods.items()
    }


@mistake("compare", "each run is reduced to its mean return")
def compare_averages_the_episodes(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.array([np.mean(method(make_env(), num_episodes, seed + i)) for i in range(num_runs)])
        for name, method in methods.items()
    }


@mistake("compare", "the returns are added up from episode to episode")
def compare_adds_up(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.cumsum([method(make_env(), num_episodes, seed + i) for i in range(num_runs)], axis=1)
        for name, method in methods.items()
    }


@mistake("compare", "only the last run is kept, in every row")
def compare_keeps_the_last_run(methods, make_env, num_runs, num_episodes, seed):
    results = {}
    for name, method in methods.items():
        for i in range(num_runs):
            returns = method(make_env(), num_episodes, seed + i)
        results[name] = np.tile(returns, (num_runs, 1))
    return results


@mistake("compare", "each run of a method is sorted by how well it went, so that rows no longer share a seed")
def compare_sorts_the_runs(methods, make_env, num_runs, num_episodes, seed):
    results = {}
    for number, (name, method) in enumerate(methods.items()):
        rows = [method(make_env(), num_episodes, seed + i) for i in range(num_runs)]
        results[name] = np.array(sorted(rows, key=lambda row: (-1) ** number * float(np.mean(row))))
    return results


@mistake("compare", "runs and episodes have changed places in the loops")
def compare_exchanges_runs_and_episodes(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.array([method(make_env(), num_runs, seed + i) for i in range(num_episodes)])
        for name, method in methods.items()
    }


@mistake("compare", "each run is asked for one episode too many, and the last one is cut off")
def compare_asks_for_one_more(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.array([method(make_env(), num_episodes + 1, seed + i)[:num_episodes] for i in range(num_runs)])
        for name, method in methods.items()
    }


@mistake("compare", "the returns are kept in single precision")
def compare_in_single_precision(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.array([method(make_env(), num_episodes, seed + i) for i in range(num_runs)], dtype=np.float32)
        for name, method in methods.items()
    }


@mistake("compare", "the returns are stored as whole numbers")
def compare_as_whole_numbers(methods, make_env, num_runs, num_episodes, seed):
    results = {name: np.zeros((num_runs, num_episodes), dtype=int) for name in methods}
    for name, method in methods.items():
        for i in range(num_runs):
            results[name][i] = method(make_env(), num_episodes, seed + i)
    return results


@mistake("compare", "the seeds are drawn below 10000 with repetition, so that some of many runs have the same one")
def compare_draws_from_ten_thousand(methods, make_env, num_runs, num_episodes, seed):
    seeds = np.random.default_rng(seed).integers(0, 10_000, num_runs)
    return {
        name: np.array([method(make_env(), num_episodes, int(s)) for s in seeds]) for name, method in methods.items()
    }


@mistake("compare", "the seeds start again from 0 after 99, so that of many runs some have the same one")
def compare_starts_again_after_99(methods, make_env, num_runs, num_episodes, seed):
    return {
        name: np.array([method(make_env(), num_episodes, (seed + i) % 100) for i in range(num_runs)])
        for name, method in methods.items()
    }

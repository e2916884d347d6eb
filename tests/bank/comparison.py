"""Correct solutions of unit 7, comparison, as different from each other as correct submissions are.

Each function is self-contained apart from `np`, `torch`, `math` and the earlier functions of the unit: its source is
renamed to the exercise and pasted into a notebook cell. Random draws come from everywhere, quantiles from everywhere
too; loops go over methods first, over runs first, or backwards.
"""

import math

import numpy as np
import torch

from autograder.properties.entries import collection

solutions, correct = collection()

# ------------------------------------------------------------------------------------------- learning_curve_area


@correct("learning_curve_area", "np.mean along the last axis")
def area_mean(returns):
    return np.mean(returns, axis=-1)


@correct("learning_curve_area", "plain loops into a list")
def area_loops(returns):
    areas = []
    for run in returns:
        total = 0.0
        for value in run:
            total += value
        areas.append(total / len(run))
    return areas


@correct("learning_curve_area", "a product with a vector of weights")
def area_weights(returns):
    episodes = returns.shape[1]
    return returns @ np.full(episodes, 1 / episodes)


@correct("learning_curve_area", "torch in double precision")
def area_torch(returns):
    return torch.tensor(returns, dtype=torch.float64).mean(dim=1).numpy()


@correct("learning_curve_area", "a running mean, updated episode by episode")
def area_running(returns):
    area = np.zeros(len(returns))
    for k in range(returns.shape[1]):
        area += (returns[:, k] - area) / (k + 1)
    return area


@correct("learning_curve_area", "einsum, then in place")
def area_einsum(returns):
    total = np.einsum("re->r", returns)
    total /= returns.shape[1]
    return total


@correct("learning_curve_area", "the last entry of a cumulative sum")
def area_cumsum(returns):
    return np.cumsum(returns, axis=1)[:, -1] / np.size(returns, 1)


@correct("learning_curve_area", "exact summation, a tuple")
def area_fsum(returns):
    return tuple(math.fsum(run) / len(run) for run in returns)


# -------------------------------------------------------------------------------------------- interquartile_mean


@correct("interquartile_mean", "sorted list, sliced")
def iqm_list(scores):
    ordered = sorted(scores.flatten().tolist())
    k = len(ordered) // 4
    rest = ordered[k : len(ordered) - k]
    return sum(rest) / len(rest)


@correct("interquartile_mean", "partition without a full sort")
def iqm_partition(scores):
    flat = np.asarray(scores, dtype=float).ravel()
    n = flat.size
    k = n // 4
    if k == 0:
        return flat.mean()
    parted = np.partition(flat, [k - 1, n - k])
    return parted[k : n - k].mean()


@correct("interquartile_mean", "a mask over ranks")
def iqm_ranks(scores):
    flat = scores.reshape(-1)
    ranks = np.argsort(np.argsort(flat, kind="stable"), kind="stable")
    k = math.floor(flat.size / 4)
    return np.mean(flat[(ranks >= k) & (ranks < flat.size - k)])


@correct("interquartile_mean", "pops the ends off a list")
def iqm_pops(scores):
    values = [float(v) for v in np.nditer(scores)]
    for _ in range(int(0.25 * len(values))):
        values.remove(min(values))
        values.remove(max(values))
    return np.float64(np.mean(values))


@correct("interquartile_mean", "torch, a tensor with no axes")
def iqm_torch(scores):
    flat = torch.as_tensor(scores, dtype=torch.float64).flatten().sort().values
    drop = flat.numel() // 4
    return flat[drop : flat.numel() - drop].mean()


@correct("interquartile_mean", "the total minus both ends, weights on the sorted scores")
def iqm_weights(scores):
    flat = np.sort(np.ravel(scores))
    weights = np.ones(flat.size)
    k = flat.size // 4
    if k > 0:
        weights[:k] = 0
        weights[-k:] = 0
    return np.average(flat, weights=weights)


@correct("interquartile_mean", "in place, an array with one entry")
def iqm_in_place(scores):
    flat = scores.reshape(scores.size)
    flat.sort()
    k = scores.size >> 2
    return np.array([flat[k : scores.size - k].mean()])


# -------------------------------------------------------------------------------------------- bootstrap_interval


@correct("bootstrap_interval", "indices drawn all at once")
def bootstrap_indices(scores, statistic, level, num_resamples, seed):
    rng = np.random.default_rng(seed)
    indices = rng.integers(0, len(scores), size=(num_resamples, len(scores)))
    values = np.array([statistic(scores[row]) for row in indices])
    alpha = 1 - level
    return np.quantile(values, alpha / 2), np.quantile(values, 1 - alpha / 2)


@correct("bootstrap_interval", "random.choices, sorted values and ranks")
def bootstrap_choices(scores, statistic, level, num_resamples, seed):
    import random

    generator = random.Random(seed)
    values = sorted(statistic(np.array(generator.choices(list(scores), k=len(scores)))) for _ in range(num_resamples))
    cut = int((1 - level) / 2 * num_resamples)
    return values[cut], values[num_resamples - 1 - cut]


@correct("bootstrap_interval", "NumPy's old generator, percentiles of another definition, a list")
def bootstrap_legacy(scores, statistic, level, num_resamples, seed):
    np.random.seed(seed)
    values = []
    for _ in range(num_resamples):
        values.append(statistic(np.random.choice(scores, len(scores), replace=True)))
    tail = 100 * (1 - level) / 2
    return list(np.percentile(values, [tail, 100 - tail], method="median_unbiased"))


@correct("bootstrap_interval", "one generator for each resample, np.apply_along_axis, an array")
def bootstrap_spawned(scores, statistic, level, num_resamples, seed):
    children = np.random.SeedSequence(seed).spawn(num_resamples)
    table = np.stack([np.random.default_rng(child).choice(scores, scores.size) for child in children])
    values = np.apply_along_axis(statistic, 1, table)
    return np.quantile(values, [0.5 - level / 2, 0.5 + level / 2], method="weibull")


@correct("bootstrap_interval", "counts from a multinomial, np.repeat")
def bootstrap_multinomial(scores, statistic, level, num_resamples, seed):
    n = len(scores)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(n, np.full(n, 1 / n), size=num_resamples)
    values = np.sort([statistic(np.repeat(scores, count)) for count in counts])
    low, high = (1 - level) / 2 * (num_resamples - 1), (1 + level) / 2 * (num_resamples - 1)
    return values[round(low)], values[round(high)]


@correct("bootstrap_interval", "torch draws the indices and takes the quantiles, a tensor")
def bootstrap_torch(scores, statistic, level, num_resamples, seed):
    generator = torch.Generator().manual_seed(seed)
    values = torch.empty(num_resamples, dtype=torch.float64)
    for b in range(num_resamples):
        rows = torch.randint(len(scores), (len(scores),), generator=generator)
        values[b] = statistic(scores[rows.numpy()])
    ends = torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=torch.float64)
    return torch.quantile(values, ends)


@correct("bootstrap_interval", "floors of uniform numbers; asks about the scores themselves as well")
def bootstrap_uniform(scores, statistic, level, num_resamples, seed):
    n, centre = len(scores), statistic(scores)
    draws = np.random.RandomState(seed).random_sample((num_resamples, n))
    values = np.array([statistic(sample) for sample in scores[(draws * n).astype(int)]])
    if np.allclose(values, centre, rtol=0, atol=0):
        return centre, centre
    values.sort()
    a = (1 - level) / 2
    return np.interp([a, 1 - a], np.linspace(0, 1, num_resamples), values)


@correct("bootstrap_interval", "the balanced bootstrap: one long shuffle")
def bootstrap_balanced(scores, statistic, level, num_resamples, seed):
    pool = np.random.default_rng(seed).permutation(np.tile(scores, num_resamples))
    values = [statistic(part) for part in pool.reshape(num_resamples, -1)]
    return tuple(np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))


@correct("bootstrap_interval", "stops early for a single run")
def bootstrap_early(scores, statistic, level, num_resamples, seed):
    if len(scores) == 1:
        return statistic(scores), statistic(scores)
    rng, stats = np.random.default_rng(seed), np.zeros(num_resamples)
    for i in range(num_resamples):
        stats[i] = statistic(rng.choice(scores, scores.shape))
    ordered = np.sort(stats)
    lower = ordered[max(math.ceil((1 - level) / 2 * num_resamples) - 1, 0)]
    upper = ordered[min(math.ceil((1 + level) / 2 * num_resamples) - 1, num_resamples - 1)]
    return float(lower), float(upper)


@correct("bootstrap_interval", "entry by entry with Python's random, the nearest order statistics, asks first of all")
def bootstrap_entry_by_entry(scores, statistic, level, num_resamples, seed):
    import random

    source, entries = random.Random(seed), scores.tolist()
    print("the scores themselves have", statistic(scores))
    values = []
    while len(values) < num_resamples:
        values.append(float(statistic(np.array([source.choice(entries) for _ in entries]))))
    return np.percentile(values, [50 * (1 - level), 50 * (1 + level)], method="nearest")


# ------------------------------------------------------------------------------------ probability_of_improvement


@correct("probability_of_improvement", "two loops")
def improvement_loops(x, y):
    total = 0.0
    for a in x:
        for b in y:
            if a > b:
                total += 1.0
            elif a == b:
                total += 0.5
    return total / (len(x) * len(y))


@correct("probability_of_improvement", "signs of all differences")
def improvement_signs(x, y):
    return 0.5 + 0.5 * np.sign(np.subtract.outer(x, y)).mean()


@correct("probability_of_improvement", "ranks found in the sorted other sample")
def improvement_searchsorted(x, y):
    ordered = np.sort(y)
    below, up_to = np.searchsorted(ordered, x, side="left"), np.searchsorted(ordered, x, side="right")
    return (below + up_to).sum() / (2 * len(x) * len(y))


@correct("probability_of_improvement", "Mann and Whitney's U from average ranks")
def improvement_ranks(x, y):
    both = np.concatenate([x, y])
    values, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    highest = np.cumsum(counts)
    ranks = (highest - (counts - 1) / 2)[inverse]
    n, m = len(x), len(y)
    return (ranks[:n].sum() - n * (n + 1) / 2) / (n * m)


@correct("probability_of_improvement", "np.heaviside of the differences")
def improvement_heaviside(x, y):
    return np.heaviside(x[:, None] - y[None, :], 0.5).mean()


@correct("probability_of_improvement", "itertools and fractions")
def improvement_product(x, y):
    from fractions import Fraction
    from itertools import product

    points = [Fraction(2 * (a > b) + (a == b), 2) for a, b in product(x.tolist(), y.tolist())]
    return float(sum(points) / len(points))


@correct("probability_of_improvement", "torch, wins minus losses")
def improvement_torch(x, y):
    a, b = torch.tensor(x)[:, None], torch.tensor(y)[None]
    wins, losses = (a > b).double().mean(), (a < b).double().mean()
    return (1 + wins - losses) / 2


@correct("probability_of_improvement", "meshgrid and count_nonzero")
def improvement_meshgrid(x, y):
    X, Y = np.meshgrid(x, y)
    return (np.count_nonzero(X > Y) + np.count_nonzero(X >= Y)) / (2 * X.size)


# ------------------------------------------------------------------------------------------------------- compare


@correct("compare", "methods outside, runs inside, seed plus run")
def compare_consecutive(methods, make_env, num_runs, num_episodes, seed):
    results = {}
    for name, method in methods.items():
        results[name] = np.zeros((num_runs, num_episodes))
        for run in range(num_runs):
            results[name][run] = method(make_env(), num_episodes, seed + run)
    return results


@correct("compare", "runs outside, methods inside, random seeds without repetition, lists of lists")
def compare_runs_outside(methods, make_env, num_runs, num_episodes, seed):
    import random

    table = {name: [] for name in methods}
    for run_seed in random.Random(seed).sample(range(2**31), num_runs):
        for name in methods:
            env = make_env()
            table[name].append(list(methods[name](env, num_episodes, run_seed)))
    return table


@correct("compare", "NumPy's integers as seeds, all environments made before")
def compare_environments_first(methods, make_env, num_runs, num_episodes, seed):
    seeds = np.random.default_rng(seed).choice(10**6, num_runs, replace=False)
    envs = {name: [make_env() for _ in range(num_runs)] for name in methods}
    return {
        name: np.stack([method(env, num_episodes, s) for env, s in zip(envs[name], seeds)])
        for name, method in methods.items()
    }


@correct("compare", "a SeedSequence hands out the seeds")
def compare_seed_sequence(methods, make_env, num_runs, num_episodes, seed):
    from collections import defaultdict

    run_seeds = [int(word) >> 1 for word in np.random.SeedSequence(seed).generate_state(num_runs, np.uint32)]
    out = defaultdict(lambda: np.empty((num_runs, num_episodes)))
    for i in range(num_runs):
        for name, method in methods.items():
            out[name][i, :] = np.asarray(method(make_env(), num_episodes, run_seeds[i]))
    return dict(out)


@correct("compare", "the last run first, an environment to look at besides")
def compare_backwards(methods, make_env, num_runs, num_episodes, seed):
    probe = make_env()
    probe.reset(seed=0)
    returns = {name: [None] * num_runs for name in reversed(list(methods))}
    for run in range(num_runs - 1, -1, -1):
        for name in returns:
            returns[name][run] = methods[name](make_env(), num_episodes, 1000 * seed + run)
    return {name: np.vstack(rows) for name, rows in returns.items()}


@correct("compare", "a helper for one run, map and torch")
def compare_helper(methods, make_env, num_runs, num_episodes, seed):
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(2**20, generator=generator)[:num_runs].tolist()

    def one(method, run_seed):
        return torch.as_tensor(method(make_env(), num_episodes, run_seed), dtype=torch.float64)

    return {name: torch.stack(list(map(lambda s: one(method, s), order))) for name, method in methods.items()}


@correct("compare", "draws until all seeds differ")
def compare_draws_again(methods, make_env, num_runs, num_episodes, seed):
    rng = np.random.RandomState(seed)
    seeds = []
    while len(seeds) < num_runs:
        candidate = rng.randint(0, 5000)
        if candidate not in seeds:
            seeds.append(candidate)
    names = list(methods)
    cube = np.array([[methods[name](make_env(), num_episodes, s) for s in seeds] for name in names], dtype=float)
    return {name: cube[k] for k, name in enumerate(names)}


@correct("compare", "hashes as seeds, the runs of all methods shuffled together, tuples of tuples")
def compare_shuffled_jobs(methods, make_env, num_runs, num_episodes, seed):
    import hashlib
    import random

    words = (hashlib.sha256(f"{seed}-{i}".encode()).digest() for i in range(num_runs))
    seeds = [int.from_bytes(word[:4], "big") >> 1 for word in words]
    jobs = [(name, i) for i in range(num_runs) for name in methods]
    random.shuffle(jobs)
    found = {(name, i): tuple(methods[name](make_env(), num_episodes, seeds[i])) for name, i in jobs}
    return {name: tuple(found[name, i] for i in range(num_runs)) for name in methods}

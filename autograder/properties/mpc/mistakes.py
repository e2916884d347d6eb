"""Known mistakes of unit 5, first part: scoring and sampling plans, refitting, episodes.

The audit grades every one and expects it to lose points; the judge runs them to name a misconception. Each function
stands alone apart from `np`, `torch`, `math` and earlier functions of its unit, because its source is pasted into a
notebook cell. `mpc_mistakes_more.py` has the planners.
"""

import numpy as np

from autograder.properties.entries import collection
from solutions.mpc import evaluate_sequences

mistakes, mistake = collection()

# ----------------------------------------------------------------------------------------- evaluate_sequences


@mistake("evaluate_sequences", "the rewards are added up without discounting")
def evaluate_sequences_ignores_gamma(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += r
    return total


@mistake("evaluate_sequences", "the first reward is discounted already, by gamma to the power 1")
def evaluate_sequences_discounts_the_first(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += gamma ** (t + 1) * r
    return total


@mistake("evaluate_sequences", "gamma is applied once and not once more for every step")
def evaluate_sequences_discounts_all_alike(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += r if t == 0 else gamma * r
    return total


@mistake("evaluate_sequences", "the sum so far is discounted, so that the last reward counts fully and the first least")
def evaluate_sequences_discounts_the_past(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total = gamma * total + r
    return total


@mistake("evaluate_sequences", "every step is taken from the first state again")
def evaluate_sequences_stays_in_the_first_state(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        _, r = step(states, actions[:, t])
        total += gamma**t * r
    return total


@mistake("evaluate_sequences", "the last action of every sequence is left out")
def evaluate_sequences_stops_one_early(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1] - 1):
        states, r = step(states, actions[:, t])
        total += gamma**t * r
    return total


@mistake("evaluate_sequences", "the first action of every sequence is left out")
def evaluate_sequences_skips_the_first(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(1, actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += gamma ** (t - 1) * r
    return total


@mistake("evaluate_sequences", "the first action is repeated all along")
def evaluate_sequences_repeats_the_first_action(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, 0])
        total += gamma**t * r
    return total


@mistake("evaluate_sequences", "the actions are played from the last to the first")
def evaluate_sequences_plays_backwards(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, -1 - t])
        total += gamma**t * r
    return total


@mistake("evaluate_sequences", "samples and time are exchanged in a reshape of the actions")
def evaluate_sequences_reshapes(step, state, actions, gamma):
    N, H, K = actions.shape
    states, total = np.tile(state, (N, 1)), np.zeros(N)
    for t, a in enumerate(actions.reshape(H, N, K)):
        states, r = step(states, a)
        total += gamma**t * r
    return total


@mistake("evaluate_sequences", "the model is asked about one sequence at a time")
def evaluate_sequences_one_by_one(step, state, actions, gamma):
    total = np.zeros(len(actions))
    for n in range(len(actions)):
        states = np.array([state])
        for t in range(actions.shape[1]):
            states, r = step(states, actions[n : n + 1, t])
            total[n] += gamma**t * r[0]
    return total


@mistake("evaluate_sequences", "the mean reward of a step is returned in place of the sum")
def evaluate_sequences_averages(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += gamma**t * r
    return total / actions.shape[1]


@mistake("evaluate_sequences", "the returns are summed over the sequences to one number")
def evaluate_sequences_sums_all(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += gamma**t * r
    return float(total.sum())


@mistake("evaluate_sequences", "only the last reward is returned")
def evaluate_sequences_last_reward(step, state, actions, gamma):
    states, H = np.tile(state, (len(actions), 1)), actions.shape[1]
    for t in range(H):
        states, r = step(states, actions[:, t])
    return gamma ** (H - 1) * np.asarray(r)


@mistake("evaluate_sequences", "costs are returned: the sign is turned around")
def evaluate_sequences_costs(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += gamma**t * r
    return -total


@mistake("evaluate_sequences", "the sums are kept in single precision")
def evaluate_sequences_single(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions), dtype=np.float32)
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += np.float32(gamma) ** t * r.astype(np.float32)
    return total


@mistake("evaluate_sequences", "the discount is always 0.99, whatever gamma is asked for")
def evaluate_sequences_hard_codes_gamma(step, state, actions, gamma):
    states, total = np.tile(state, (len(actions), 1)), np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += 0.99**t * r
    return total


@mistake("evaluate_sequences", "a sequence ends at its first negative reward")
def evaluate_sequences_ends_at_negative(step, state, actions, gamma):
    states, total, alive = np.tile(state, (len(actions), 1)), np.zeros(len(actions)), np.ones(len(actions))
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += gamma**t * r * alive
        alive *= r >= 0
    return total


# -------------------------------------------------------------------------------------------- random_shooting


@mistake("random_shooting", "the sequence with the lowest return is taken")
def random_shooting_worst(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(low, high, (num_samples, horizon, len(low)))
    return plans[np.argmin(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "the mean of all sequences is returned")
def random_shooting_mean(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(low, high, (num_samples, horizon, len(low)))
    evaluate_sequences(step, state, plans, gamma)
    return plans.mean(axis=0)


@mistake("random_shooting", "the first sequence is returned, whatever its return")
def random_shooting_first(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(low, high, (num_samples, horizon, len(low)))
    evaluate_sequences(step, state, plans, gamma)
    return plans[0]


@mistake("random_shooting", "the seed is ignored and 0 used")
def random_shooting_ignores_seed(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(0).uniform(low, high, (num_samples, horizon, len(low)))
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "the generator is not seeded at all")
def random_shooting_unseeded(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng().uniform(low, high, (num_samples, horizon, len(low)))
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "sequences are compared without discounting")
def random_shooting_undiscounted(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(low, high, (num_samples, horizon, len(low)))
    states, total = np.tile(state, (num_samples, 1)), 0
    for t in range(horizon):
        states, r = step(states, plans[:, t])
        total = total + r
    return plans[np.argmax(total)]


@mistake("random_shooting", "sequences are compared by their first reward only")
def random_shooting_greedy(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(low, high, (num_samples, horizon, len(low)))
    states, first = step(np.tile(state, (num_samples, 1)), plans[:, 0])
    for t in range(1, horizon):
        states, _ = step(states, plans[:, t])
    return plans[np.argmax(first)]


@mistake("random_shooting", "one action is drawn for each sequence and held all along")
def random_shooting_constant_plans(step, state, horizon, num_samples, low, high, gamma, seed):
    held = np.random.default_rng(seed).uniform(low, high, (num_samples, 1, len(low)))
    plans = np.repeat(held, horizon, axis=1)
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "all dimensions share one random number")
def random_shooting_shared_dimensions(step, state, horizon, num_samples, low, high, gamma, seed):
    u = np.random.default_rng(seed).random((num_samples, horizon, 1))
    plans = low + u * (high - low)
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "the bounds are taken as -1 and 1")
def random_shooting_unit_bounds(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(-1, 1, (num_samples, horizon, len(low)))
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "all dimensions are drawn between the bounds of the first")
def random_shooting_first_bounds(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(low[0], high[0], (num_samples, horizon, len(low)))
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "a clipped Gaussian is drawn in place of a uniform distribution")
def random_shooting_gaussian(step, state, horizon, num_samples, low, high, gamma, seed):
    noise = np.random.default_rng(seed).standard_normal((num_samples, horizon, len(low)))
    plans = np.clip((low + high) / 2 + noise * (high - low) / 4, low, high)
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "one sequence fewer than num_samples is tried")
def random_shooting_one_fewer(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(low, high, (max(num_samples - 1, 1), horizon, len(low)))
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "a hundred sequences are tried, whatever num_samples")
def random_shooting_fixed_budget(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(low, high, (100, horizon, len(low)))
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "only the first action of the best sequence is returned")
def random_shooting_first_action(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(low, high, (num_samples, horizon, len(low)))
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))][0]


@mistake("random_shooting", "the best action of each step is put together from different sequences")
def random_shooting_mixes_sequences(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = np.random.default_rng(seed).uniform(low, high, (num_samples, horizon, len(low)))
    states, best = np.tile(state, (num_samples, 1)), []
    for t in range(horizon):
        states, r = step(states, plans[:, t])
        best.append(plans[np.argmax(r), t])
    return np.array(best)


@mistake("random_shooting", "one action is drawn for each sequence and held all along")
def random_shooting_reseeds(step, state, horizon, num_samples, low, high, gamma, seed):
    columns = [np.random.default_rng(seed).uniform(low, high, (num_samples, len(low))) for _ in range(horizon)]
    plans = np.stack(columns, axis=1)
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "actions are drawn from a grid of eleven values")
def random_shooting_grid(step, state, horizon, num_samples, low, high, gamma, seed):
    u = np.random.default_rng(seed).integers(11, size=(num_samples, horizon, len(low))) / 10
    plans = low + u * (high - low)
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "the draws favour the middle of the bounds (a beta distribution)", nameable=False)
def random_shooting_favours_the_middle(step, state, horizon, num_samples, low, high, gamma, seed):
    u = np.random.default_rng(seed).beta(1.3, 1.3, (num_samples, horizon, len(low)))
    plans = low + u * (high - low)
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "actions keep a twentieth of the width away from each bound", nameable=False)
def random_shooting_keeps_away(step, state, horizon, num_samples, low, high, gamma, seed):
    margin = 0.05 * (high - low)
    plans = np.random.default_rng(seed).uniform(low + margin, high - margin, (num_samples, horizon, len(low)))
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


@mistake("random_shooting", "actions are drawn from a grid of a thousand values", nameable=False)
def random_shooting_fine_grid(step, state, horizon, num_samples, low, high, gamma, seed):
    u = (np.random.default_rng(seed).integers(1000, size=(num_samples, horizon, len(low))) + 0.5) / 1000
    plans = low + u * (high - low)
    return plans[np.argmax(evaluate_sequences(step, state, plans, gamma))]


# --------------------------------------------------------------------------------------------- refit_gaussian


@mistake("refit_gaussian", "the samples with the lowest returns are kept")
def refit_gaussian_lowest(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[:num_elites]]
    return elites.mean(axis=0), elites.std(axis=0)


@mistake("refit_gaussian", "all samples count, not only the elites")
def refit_gaussian_all(samples, returns, num_elites):
    return samples.mean(axis=0), samples.std(axis=0)


@mistake("refit_gaussian", "the first num_elites samples are kept without sorting by return")
def refit_gaussian_first(samples, returns, num_elites):
    return samples[:num_elites].mean(axis=0), samples[:num_elites].std(axis=0)


@mistake("refit_gaussian", "the samples are sorted by their own size and not by their returns")
def refit_gaussian_sorts_samples(samples, returns, num_elites):
    elites = np.sort(samples, axis=0)[-num_elites:]
    return elites.mean(axis=0), elites.std(axis=0)


@mistake("refit_gaussian", "the variance is returned in place of the standard deviation")
def refit_gaussian_variance(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[-num_elites:]]
    return elites.mean(axis=0), elites.var(axis=0)


@mistake("refit_gaussian", "one elite fewer than asked for is kept")
def refit_gaussian_one_fewer(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[-num_elites + 1 :]]
    return elites.mean(axis=0), elites.std(axis=0)


@mistake("refit_gaussian", "the best sample itself is left out of the elites")
def refit_gaussian_drops_best(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[-num_elites - 1 : -1]]
    return elites.mean(axis=0), elites.std(axis=0)


@mistake("refit_gaussian", "mean and deviation are taken over the steps of the plan as well")
def refit_gaussian_pools_time(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[-num_elites:]]
    shape = samples.shape[1:]
    return np.broadcast_to(elites.mean(axis=(0, 1)), shape), np.broadcast_to(elites.std(axis=(0, 1)), shape)


@mistake("refit_gaussian", "one deviation is computed over all numbers of the elites")
def refit_gaussian_one_deviation(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[-num_elites:]]
    return elites.mean(axis=0), np.full(samples.shape[1:], elites.std())


@mistake("refit_gaussian", "the mean is over the elites, but the deviation over all samples")
def refit_gaussian_deviation_of_all(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[-num_elites:]]
    return elites.mean(axis=0), samples.std(axis=0)


@mistake("refit_gaussian", "the elites are weighted by their returns")
def refit_gaussian_weighted(samples, returns, num_elites):
    best = np.argsort(returns)[-num_elites:]
    weights = np.exp(returns[best] - returns[best].max())
    mean = np.average(samples[best], axis=0, weights=weights)
    return mean, np.sqrt(np.average((samples[best] - mean) ** 2, axis=0, weights=weights))


@mistake("refit_gaussian", "mean and std come back in the wrong order")
def refit_gaussian_swapped(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[-num_elites:]]
    return elites.std(axis=0), elites.mean(axis=0)


@mistake("refit_gaussian", "the median is taken in place of the mean")
def refit_gaussian_median(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[-num_elites:]]
    return np.median(elites, axis=0), elites.std(axis=0)


@mistake("refit_gaussian", "all samples above the mean return count, however many num_elites asks for")
def refit_gaussian_above_mean(samples, returns, num_elites):
    elites = samples[returns >= returns.mean()]
    return elites.mean(axis=0), elites.std(axis=0)


@mistake("refit_gaussian", "every sample that ties with the last elite counts too")
def refit_gaussian_threshold(samples, returns, num_elites):
    elites = samples[returns >= np.sort(returns)[-num_elites]]
    return elites.mean(axis=0), elites.std(axis=0)


@mistake("refit_gaussian", "0.01 is added to the deviation")
def refit_gaussian_noise_floor(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[-num_elites:]]
    return elites.mean(axis=0), elites.std(axis=0) + 0.01


@mistake("refit_gaussian", "returns are sorted by their absolute size")
def refit_gaussian_absolute(samples, returns, num_elites):
    elites = samples[np.argsort(np.abs(returns))[-num_elites:]]
    return elites.mean(axis=0), elites.std(axis=0)


@mistake("refit_gaussian", "the mean is that of the best sample alone")
def refit_gaussian_centres_on_best(samples, returns, num_elites):
    elites = samples[np.argsort(returns)[-num_elites:]]
    return samples[np.argmax(returns)], elites.std(axis=0)


# ------------------------------------------------------------------------------------------ refit_categorical


@mistake("refit_categorical", "the samples with the lowest returns are kept")
def refit_categorical_lowest(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[:num_elites]]
    freq = (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)
    return (1 - smoothing) * freq + smoothing / num_actions


@mistake("refit_categorical", "all samples count, not only the elites")
def refit_categorical_all(samples, returns, num_elites, num_actions, smoothing):
    freq = (samples[:, :, None] == np.arange(num_actions)).mean(axis=0)
    return (1 - smoothing) * freq + smoothing / num_actions


@mistake("refit_categorical", "smoothing is left out")
def refit_categorical_unsmoothed(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    return (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)


@mistake("refit_categorical", "smoothing and 1 - smoothing are exchanged")
def refit_categorical_exchanged(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    freq = (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)
    return smoothing * freq + (1 - smoothing) / num_actions


@mistake("refit_categorical", "smoothing is added to every action in full, without dividing by their number")
def refit_categorical_adds_in_full(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    freq = (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)
    return (1 - smoothing) * freq + smoothing


@mistake("refit_categorical", "the uniform share is added without taking it from the frequencies")
def refit_categorical_not_normalised(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    freq = (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)
    return freq + smoothing / num_actions


@mistake("refit_categorical", "smoothing is added to the counts (Laplace's rule) and not mixed in")
def refit_categorical_laplace(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    counts = (elites[:, :, None] == np.arange(num_actions)).sum(axis=0) + smoothing
    return counts / counts.sum(axis=1, keepdims=True)


@mistake("refit_categorical", "counts are returned, not frequencies")
def refit_categorical_counts(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    counts = (elites[:, :, None] == np.arange(num_actions)).sum(axis=0)
    return (1 - smoothing) * counts + smoothing / num_actions


@mistake("refit_categorical", "the counts are divided by the number of samples, not of elites")
def refit_categorical_divides_by_all(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    freq = (elites[:, :, None] == np.arange(num_actions)).sum(axis=0) / len(samples)
    return (1 - smoothing) * freq + smoothing / num_actions


@mistake("refit_categorical", "one distribution is computed for all steps together")
def refit_categorical_pools_time(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    freq = (elites[:, :, None] == np.arange(num_actions)).mean(axis=(0, 1))
    return np.tile((1 - smoothing) * freq + smoothing / num_actions, (samples.shape[1], 1))


@mistake("refit_categorical", "the result is transposed: actions first, then steps")
def refit_categorical_transposed(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    freq = (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)
    return ((1 - smoothing) * freq + smoothing / num_actions).T


@mistake(
    "refit_categorical", "the number of actions is read off the elites, so that an action never taken is forgotten"
)
def refit_categorical_counts_seen_actions(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    seen = int(elites.max()) + 1
    freq = (elites[:, :, None] == np.arange(seen)).mean(axis=0)
    return (1 - smoothing) * freq + smoothing / seen


@mistake("refit_categorical", "one elite fewer than asked for is kept, but for the last")
def refit_categorical_one_fewer(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[::-1][: max(num_elites - 1, 1)]]
    freq = (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)
    return (1 - smoothing) * freq + smoothing / num_actions


@mistake("refit_categorical", "every sample that ties with the last elite counts too")
def refit_categorical_threshold(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[returns >= np.sort(returns)[-num_elites]]
    freq = (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)
    return (1 - smoothing) * freq + smoothing / num_actions


@mistake("refit_categorical", "only the most frequent action of the elites keeps a probability")
def refit_categorical_mode(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    counts = (elites[:, :, None] == np.arange(num_actions)).sum(axis=0)
    return (1 - smoothing) * np.eye(num_actions)[counts.argmax(axis=1)] + smoothing / num_actions


@mistake("refit_categorical", "only actions that no elite took are smoothed")
def refit_categorical_smooths_unused(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    freq = (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)
    p = np.where(freq == 0, smoothing / num_actions, freq)
    return p / p.sum(axis=1, keepdims=True)


@mistake("refit_categorical", "the smoothing is always 0.1, whatever is asked for")
def refit_categorical_fixed_smoothing(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)[-num_elites:]]
    freq = (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)
    return 0.9 * freq + 0.1 / num_actions


@mistake("refit_categorical", "the first num_elites samples are kept without sorting by return")
def refit_categorical_first(samples, returns, num_elites, num_actions, smoothing):
    freq = (samples[:num_elites, :, None] == np.arange(num_actions)).mean(axis=0)
    return (1 - smoothing) * freq + smoothing / num_actions


# ----------------------------------------------------------------------------------------------- mpc_episode


@mistake("mpc_episode", "the whole first plan is played through without planning again")
def mpc_episode_open_loop(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total = [obs], [], 0.0
    answer = np.asarray(plan(obs, None))
    for t in range(min(max_steps, horizon)):
        obs, r, terminated, truncated, _ = env.step(answer[t])
        total += r
        observations.append(obs)
        actions.append(answer[t])
        if terminated or truncated:
            break
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "every plan is played to its end before the next one is made")
def mpc_episode_plays_whole_plans(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, answer, done = [obs], [], 0.0, None, False
    while not done and len(actions) < max_steps:
        answer = np.asarray(plan(obs, answer))
        for action in answer:
            obs, r, terminated, truncated, _ = env.step(action)
            total += r
            observations.append(obs)
            actions.append(action)
            done = terminated or truncated
            if done or len(actions) >= max_steps:
                break
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the previous plan is handed on as it was, not shifted")
def mpc_episode_unshifted(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, answer = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, answer))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the shifted plan ends with the first action (np.roll), not with the last one repeated")
def mpc_episode_rolls(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = np.roll(answer, -1, axis=0)
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the shifted plan is filled up with zeros")
def mpc_episode_pads_zeros(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = np.concatenate([answer[1:], np.zeros_like(answer[:1])])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the shifted plan is one action shorter")
def mpc_episode_shortens(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = answer[1:]
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the planner never gets its previous plan")
def mpc_episode_no_warm_start(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total = [obs], [], 0.0
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, None))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the planner always plans from the first observation")
def mpc_episode_stale_observation(env, plan, horizon, max_steps, seed):
    first, _ = env.reset(seed=seed)
    observations, actions, total, previous = [first], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(first, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the last action of each plan is executed")
def mpc_episode_last_action(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[-1])
        total += r
        observations.append(obs)
        actions.append(answer[-1])
        if terminated or truncated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "truncation does not end the episode")
def mpc_episode_ignores_truncation(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, _, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "termination does not end the episode")
def mpc_episode_ignores_termination(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, _, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if truncated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "an ended episode is reset and goes on until max_steps")
def mpc_episode_starts_again(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        previous = np.concatenate([answer[1:], answer[-1:]])
        if terminated or truncated:
            obs, _ = env.reset()
            previous = None
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the environment is reset without a seed")
def mpc_episode_unseeded(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset()
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the environment is reset with seed 0, whatever the seed")
def mpc_episode_fixed_seed(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=0)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the first observation is missing from the list")
def mpc_episode_drops_first_observation(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the last observation is missing from the list")
def mpc_episode_drops_last_observation(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        observations.append(obs)
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the rewards are discounted")
def mpc_episode_discounts(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for t in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += 0.99**t * r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the reward of the last step is not counted")
def mpc_episode_loses_last_reward(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        total += r
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the planner is asked once more after the episode has ended")
def mpc_episode_plans_after_the_end(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total = [obs], [], 0.0
    answer = np.asarray(plan(obs, None))
    for _ in range(max_steps):
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        answer = np.asarray(plan(obs, np.concatenate([answer[1:], answer[-1:]])))
        if terminated or truncated:
            break
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "one step more than max_steps is taken")
def mpc_episode_one_step_more(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(max_steps + 1):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)


@mistake("mpc_episode", "the episode ends after horizon steps at the latest")
def mpc_episode_ends_after_horizon(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    observations, actions, total, previous = [obs], [], 0.0, None
    for _ in range(min(horizon, max_steps)):
        answer = np.asarray(plan(obs, previous))
        obs, r, terminated, truncated, _ = env.step(answer[0])
        total += r
        observations.append(obs)
        actions.append(answer[0])
        if terminated or truncated:
            break
        previous = np.concatenate([answer[1:], answer[-1:]])
    return total, np.array(observations), np.array(actions)

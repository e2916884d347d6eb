"""Known mistakes of unit 5, second part: the planners and the evolution strategy; see `mpc_mistakes.py`."""

import numpy as np
import torch

from autograder.properties.entries import collection
from solutions.mpc import evaluate_sequences, refit_categorical, refit_gaussian

mistakes, mistake = collection()

# --------------------------------------------------------------------------------------------------- cem_plan


@mistake("cem_plan", "the elites are the sequences with the lowest returns")
def cem_plan_worst_elites(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        mean, std = refit_gaussian(x, -np.asarray(evaluate_sequences(step, state, x, gamma)), num_elites)
    return mean


@mistake("cem_plan", "the samples are not clipped to the bounds")
def cem_plan_unclipped(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = mean + std * rng.standard_normal((num_samples, *mean.shape))
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "only the plan that is returned is clipped, not the samples that are tried")
def cem_plan_clips_at_the_end(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = mean + std * rng.standard_normal((num_samples, *mean.shape))
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return np.clip(mean, low, high)


@mistake("cem_plan", "all actions are clipped to -1 and 1")
def cem_plan_unit_bounds(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.zeros((horizon, len(low))), np.ones((horizon, len(low))) / 2
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), -1, 1)
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "there is one iteration only, whatever num_iterations")
def cem_plan_one_iteration(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
    return refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)[0]


@mistake("cem_plan", "one iteration more than num_iterations is made")
def cem_plan_one_more(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations + 1):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "one iteration fewer than num_iterations is made")
def cem_plan_one_fewer(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(1, num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "as many uniform sequences are tried and the best returned: random shooting")
def cem_plan_random_shooting(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(low, high, (num_samples * num_iterations, horizon, len(low)))
    return x[np.argmax(evaluate_sequences(step, state, x, gamma))]


@mistake("cem_plan", "the deviation is never refitted")
def cem_plan_fixed_deviation(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        mean, _ = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "the mean is never refitted")
def cem_plan_fixed_mean(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        _, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "the distribution is refitted to all samples and not to the elites")
def cem_plan_all_are_elites(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        evaluate_sequences(step, state, x, gamma)
        mean, std = x.mean(axis=0), x.std(axis=0)
    return mean


@mistake("cem_plan", "all steps of a plan share one action")
def cem_plan_constant_plan(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = ((low + high) / 2)[None], ((high - low) / 4)[None]
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, 1, len(low))), low, high)
        returns = evaluate_sequences(step, state, np.repeat(x, horizon, axis=1), gamma)
        mean, std = refit_gaussian(x, returns, num_elites)
    return np.repeat(mean, horizon, axis=0)


@mistake("cem_plan", "the returns are not discounted")
def cem_plan_undiscounted(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        states, returns = np.tile(state, (num_samples, 1)), np.zeros(num_samples)
        for t in range(horizon):
            states, r = step(states, x[:, t])
            returns += r
        mean, std = refit_gaussian(x, returns, num_elites)
    return mean


@mistake("cem_plan", "only the last step's reward counts")
def cem_plan_last_reward(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        states = np.tile(state, (num_samples, 1))
        for t in range(horizon):
            states, r = step(states, x[:, t])
        mean, std = refit_gaussian(x, np.asarray(r), num_elites)
    return mean


@mistake("cem_plan", "the generator is seeded anew in each iteration, so that the same noise comes again")
def cem_plan_reseeds(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        rng = np.random.default_rng(seed)
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "the seed is ignored and 0 used")
def cem_plan_ignores_seed(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(0)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "the generator is not seeded at all")
def cem_plan_unseeded(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(np.random.default_rng().normal(mean, std, (num_samples, *mean.shape)), low, high)
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "the mean that the last samples were drawn around is returned, before it is refitted")
def cem_plan_before_the_refit(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        plan = mean
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return plan


@mistake("cem_plan", "one random number is shared by all dimensions of an action")
def cem_plan_shared_noise(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, horizon, 1)), low, high)
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "the variance is used where the standard deviation belongs")
def cem_plan_variance(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std**2 * rng.standard_normal((num_samples, *mean.shape)), low, high)
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean


@mistake("cem_plan", "only the first action of the plan is returned")
def cem_plan_first_action(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        mean, std = refit_gaussian(x, evaluate_sequences(step, state, x, gamma), num_elites)
    return mean[0]


@mistake(
    "cem_plan", "the best sequence of the last iteration is returned, though an earlier one was better", nameable=False
)
def cem_plan_best_of_the_last(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        mean, std = refit_gaussian(x, returns, num_elites)
    return x[returns.argmax()]


@mistake("cem_plan", "a sequence of the last iteration is returned, whatever its return", nameable=False)
def cem_plan_any_of_the_last(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        mean, std = refit_gaussian(x, returns, num_elites)
    return x[0]


@mistake("cem_plan", "the mean of all sequences of the last iteration is returned, not of its elites", nameable=False)
def cem_plan_mean_of_the_last(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        mean, std = refit_gaussian(x, returns, num_elites)
    return x.mean(axis=0)


@mistake("cem_plan", "the plan is drawn from the last distribution", nameable=False)
def cem_plan_draws_the_plan(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        mean, std = refit_gaussian(x, returns, num_elites)
    return np.clip(rng.normal(mean, std), low, high)


@mistake("cem_plan", "a tenth of the sequences are elites, whatever num_elites", nameable=False)
def cem_plan_a_tenth_are_elites(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        mean, std = refit_gaussian(x, returns, max(2, num_samples // 10))
    return mean


@mistake("cem_plan", "one elite fewer than num_elites counts", nameable=False)
def cem_plan_one_elite_fewer(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        elites = x[np.argsort(returns)[::-1][: num_elites - 1]]
        mean, std = elites.mean(axis=0), elites.std(axis=0)
    return mean


@mistake("cem_plan", "one elite more than num_elites counts", nameable=False)
def cem_plan_one_elite_more(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        elites = x[np.argsort(returns)[-num_elites - 1 :]]
        mean, std = elites.mean(axis=0), elites.std(axis=0)
    return mean


@mistake("cem_plan", "the deviation is not refitted but shrinks by a fifth in every iteration", nameable=False)
def cem_plan_shrinks_by_a_fifth(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        mean, std = refit_gaussian(x, returns, num_elites)[0], 0.8 * std
    return mean


@mistake("cem_plan", "the best sequence of an iteration takes the place of the mean", nameable=False)
def cem_plan_centred_on_the_best(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        mean, std = x[returns.argmax()], refit_gaussian(x, returns, num_elites)[1]
    return mean


@mistake("cem_plan", "the elites are weighted by the exponentials of their returns", nameable=False)
def cem_plan_weights_elites(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        x = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        best = np.argsort(returns)[-num_elites:]
        weights = np.exp(returns[best] - returns[best].max())
        mean, std = np.average(x[best], axis=0, weights=weights), x[best].std(axis=0)
    return mean


# ------------------------------------------------------------------------------------------ cem_plan_discrete


@mistake("cem_plan_discrete", "the elites are the sequences with the lowest returns")
def cem_plan_discrete_worst_elites(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(
            x, -np.asarray(evaluate_sequences(step, state, x, gamma)), num_elites, num_actions, smoothing
        )
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "the least likely actions are returned")
def cem_plan_discrete_least_likely(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, smoothing)
    return p.argmin(axis=1)


@mistake("cem_plan_discrete", "the smoothing is left out")
def cem_plan_discrete_unsmoothed(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, 0.0)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "the old distribution is mixed in, not the uniform one")
def cem_plan_discrete_mixes_the_old(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        new = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, 0.0)
        p = (1 - smoothing) * new + smoothing * p
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "the distribution is never refitted: every iteration is uniform")
def cem_plan_discrete_uniform(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    best, best_return = None, -np.inf
    for _ in range(num_iterations):
        x = rng.integers(num_actions, size=(num_samples, horizon))
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        if returns.max() > best_return:
            best, best_return = x[returns.argmax()], returns.max()
    return best


@mistake("cem_plan_discrete", "there is one iteration only, whatever num_iterations")
def cem_plan_discrete_one_iteration(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    x = np.random.default_rng(seed).integers(num_actions, size=(num_samples, horizon))
    returns = evaluate_sequences(step, state, x, gamma)
    return refit_categorical(x, returns, num_elites, num_actions, smoothing).argmax(axis=1)


@mistake("cem_plan_discrete", "one iteration fewer than num_iterations is made")
def cem_plan_discrete_one_fewer(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations - 1):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, smoothing)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "one iteration more than num_iterations is made")
def cem_plan_discrete_one_more(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations + 1):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, smoothing)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "the last action is never tried")
def cem_plan_discrete_never_the_last(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        p[:, -1] = 0.0
        p /= p.sum(axis=1, keepdims=True)
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, smoothing)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "actions are counted from 1")
def cem_plan_discrete_counts_from_one(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x + 1, gamma), num_elites, num_actions, smoothing)
    return p.argmax(axis=1) + 1


@mistake("cem_plan_discrete", "one distribution is shared by all steps")
def cem_plan_discrete_shares_steps(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full(num_actions, 1 / num_actions)
    for _ in range(num_iterations):
        x = rng.choice(num_actions, size=(num_samples, horizon), p=p)
        elites = x[np.argsort(evaluate_sequences(step, state, x, gamma))[-num_elites:]]
        counts = np.bincount(elites.ravel(), minlength=num_actions)
        p = (1 - smoothing) * counts / counts.sum() + smoothing / num_actions
    return np.full(horizon, p.argmax())


@mistake("cem_plan_discrete", "the returns are not discounted", nameable=False)
def cem_plan_discrete_undiscounted(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        states, returns = np.tile(state, (num_samples, 1)), np.zeros(num_samples)
        for t in range(horizon):
            states, r = step(states, x[:, t])
            returns += r
        p = refit_categorical(x, returns, num_elites, num_actions, smoothing)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "the probabilities are returned, not the actions")
def cem_plan_discrete_returns_probabilities(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, smoothing)
    return p


@mistake("cem_plan_discrete", "the mode of the distribution before the last refit is returned")
def cem_plan_discrete_before_the_refit(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        plan = p.argmax(axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, smoothing)
    return plan


@mistake("cem_plan_discrete", "the plan is drawn from the last distribution", nameable=False)
def cem_plan_discrete_draws_the_plan(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, smoothing)
    return np.array([rng.choice(num_actions, p=row) for row in p])


@mistake("cem_plan_discrete", "the seed is ignored and 0 used")
def cem_plan_discrete_ignores_seed(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(0)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, smoothing)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "the generator is seeded anew in each iteration, so that the same numbers come again")
def cem_plan_discrete_reseeds(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        rng = np.random.default_rng(seed)
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, gamma), num_elites, num_actions, smoothing)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "the first reward alone decides who is elite")
def cem_plan_discrete_greedy(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        p = refit_categorical(x, evaluate_sequences(step, state, x, 0.0), num_elites, num_actions, smoothing)
    return p.argmax(axis=1)


@mistake(
    "cem_plan_discrete",
    "the best sequence of the last iteration is returned, though an earlier one was better",
    nameable=False,
)
def cem_plan_discrete_best_of_the_last(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        p = refit_categorical(x, returns, num_elites, num_actions, smoothing)
    return x[returns.argmax()]


@mistake("cem_plan_discrete", "a tenth of the sequences are elites, whatever num_elites", nameable=False)
def cem_plan_discrete_a_tenth_are_elites(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        p = refit_categorical(x, returns, max(1, num_samples // 10), num_actions, smoothing)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "only the best sequence counts, whatever num_elites", nameable=False)
def cem_plan_discrete_one_elite(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        p = refit_categorical(x, returns, 1, num_actions, smoothing)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "one elite more than num_elites counts", nameable=False)
def cem_plan_discrete_one_elite_more(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        p = refit_categorical(x, returns, num_elites + 1, num_actions, smoothing)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "half of the old distribution is kept", nameable=False)
def cem_plan_discrete_half_of_the_old(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        p = (p + refit_categorical(x, returns, num_elites, num_actions, smoothing)) / 2
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "smoothing is added to the counts (Laplace's rule) and not mixed in", nameable=False)
def cem_plan_discrete_laplace(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        p = refit_categorical(x, returns, num_elites, num_actions, 0.0) * num_elites + smoothing
        p /= p.sum(axis=1, keepdims=True)
    return p.argmax(axis=1)


@mistake("cem_plan_discrete", "the plan is the mean action of the last distribution, rounded", nameable=False)
def cem_plan_discrete_rounds_the_mean(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        p = refit_categorical(x, returns, num_elites, num_actions, smoothing)
    return np.round(p @ np.arange(num_actions)).astype(int)


@mistake(
    "cem_plan_discrete",
    "the first iteration rounds numbers from 0 to the last action, so that the ends come half as often",
    nameable=False,
)
def cem_plan_discrete_favours_the_middle(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    p[:, [0, -1]] /= 2 if num_actions > 1 else 1
    p /= p.sum(axis=1, keepdims=True)
    for _ in range(num_iterations):
        x = np.stack([rng.choice(num_actions, size=num_samples, p=row) for row in p], axis=1)
        returns = np.asarray(evaluate_sequences(step, state, x, gamma))
        p = refit_categorical(x, returns, num_elites, num_actions, smoothing)
    return p.argmax(axis=1)


# --------------------------------------------------------------------------------------------- cem_plan_torch


@mistake("cem_plan_torch", "the sample standard deviation (dividing by one less) is used")
def cem_plan_torch_sample_deviation(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0) if num_elites > 1 else torch.zeros_like(elites[0])
    return mean


@mistake("cem_plan_torch", "the deviation starts at half the width of the bounds")
def cem_plan_torch_half_width(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 2
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "the mean starts at 0, not in the middle of the bounds")
def cem_plan_torch_starts_at_zero(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = torch.zeros_like(low), (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "the samples are not clipped to the bounds")
def cem_plan_torch_unclipped(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = mean + std * eps
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "the samples are clipped for the model only, and the mean is taken of the unclipped ones")
def cem_plan_torch_clips_for_the_model(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = mean + std * eps
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t].clamp(low, high))
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean.clamp(low, high)


@mistake("cem_plan_torch", "the elites are the samples with the lowest returns")
def cem_plan_torch_lowest(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.argsort()[:num_elites]]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "the returns are not discounted")
def cem_plan_torch_undiscounted(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "the best sample of the last iteration is returned, not the last mean")
def cem_plan_torch_best(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return elites[0]


@mistake("cem_plan_torch", "the noise of the first iteration is used in all of them")
def cem_plan_torch_same_noise(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for _ in noise:
        x = (mean + std * noise[0]).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "the deviation stays as it was at the start")
def cem_plan_torch_fixed_deviation(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        mean = x[G.topk(num_elites).indices].mean(0)
    return mean


@mistake("cem_plan_torch", "the noise given is ignored and new noise drawn")
def cem_plan_torch_own_noise(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * torch.randn_like(eps)).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "every step is taken from the first state again")
def cem_plan_torch_stays(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            _, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "the last iteration is left out")
def cem_plan_torch_one_fewer(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = ((low + high) / 2).expand(noise.shape[2:]), (high - low) / 4
    for eps in noise[:-1]:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "the values are read back to the host to sort them")
def cem_plan_torch_sorts_on_the_host(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        order = sorted(range(len(x)), key=lambda n: -G[n].item())[:num_elites]
        elites = x[order]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "the sums are kept in a tensor on the host")
def cem_plan_torch_host_tensor(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros(len(x), dtype=x.dtype)
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean


@mistake("cem_plan_torch", "everything is computed in single precision")
def cem_plan_torch_single(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high).float() / 2, (high - low).float() / 4
    for eps in noise:
        x = torch.clamp(mean + std * eps.float(), low.float(), high.float())
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0]).to(noise.dtype)
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t].to(noise.dtype))
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean.to(noise.dtype)


@mistake("cem_plan_torch", "the result is always in single precision")
def cem_plan_torch_returns_single(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean.float()


@mistake("cem_plan_torch", "the result is an array and no tensor")
def cem_plan_torch_returns_array(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clamp(low, high)
        s, G = state.expand(len(x), -1), torch.zeros_like(x[:, 0, 0])
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + gamma**t * r
        elites = x[G.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, correction=0)
    return mean.detach().numpy()


# ------------------------------------------------------------------------------------------ evolution_strategy


@mistake("evolution_strategy", "x moves downhill")
def evolution_strategy_descends(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x - learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "all noise is independent: the points do not come in pairs")
def evolution_strategy_no_pairs(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        eps = rng.standard_normal((population, len(x)))
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "population pairs are tried, twice as many points as asked for")
def evolution_strategy_twice_as_many(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(2 * population)
        x = x + learning_rate / (2 * population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "the values are not standardised")
def evolution_strategy_raw_values(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        x = x + learning_rate / (population * sigma) * np.asarray(objective(x + sigma * eps)) @ eps
    return x


@mistake("evolution_strategy", "the mean is subtracted, but nothing divided by the standard deviation")
def evolution_strategy_only_centred(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        x = x + learning_rate / (population * sigma) * (f - f.mean()) @ eps
    return x


@mistake("evolution_strategy", "the sample standard deviation (dividing by one less) is used")
def evolution_strategy_sample_deviation(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std(ddof=1) if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "ranks take the place of standardised values")
def evolution_strategy_ranks(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        ranks = np.argsort(np.argsort(f)).astype(float)
        z = (ranks - ranks.mean()) / ranks.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "the step is not divided by sigma")
def evolution_strategy_forgets_sigma(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / population * z @ eps
    return x


@mistake("evolution_strategy", "the step is multiplied by sigma in place of divided by it")
def evolution_strategy_times_sigma(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate * sigma / population * z @ eps
    return x


@mistake("evolution_strategy", "the sum is not divided by the population")
def evolution_strategy_forgets_population(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / sigma * z @ eps
    return x


@mistake("evolution_strategy", "the sum is divided by the number of pairs, half the population")
def evolution_strategy_divides_by_pairs(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population // 2 * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "the noise is not scaled by sigma")
def evolution_strategy_unscaled_noise(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "the noise is uniform between -1 and 1")
def evolution_strategy_uniform_noise(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.uniform(-1, 1, (population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "one random number is shared by all dimensions")
def evolution_strategy_shared_noise(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = np.repeat(rng.standard_normal((population // 2, 1)), len(x), axis=1)
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "the same noise is used in every generation")
def evolution_strategy_same_noise(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    x = np.array(x0, dtype=float)
    half = np.random.default_rng(seed).standard_normal((population // 2, len(x)))
    eps = np.vstack([half, -half])
    for _ in range(num_iterations):
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "every generation is centred on x0")
def evolution_strategy_stays_at_start(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x0 + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "the best point of the last generation is returned")
def evolution_strategy_best_point(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        points = x + sigma * eps
        f = np.asarray(objective(points))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return points[f.argmax()]


@mistake("evolution_strategy", "one generation fewer than num_iterations is made")
def evolution_strategy_one_fewer(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations - 1):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "a step is taken back when it does not improve the value")
def evolution_strategy_only_improves(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        there = x + learning_rate / (population * sigma) * z @ eps
        x = there if objective(there[None])[0] > objective(x[None])[0] else x
    return x


@mistake("evolution_strategy", "ties divide by zero")
def evolution_strategy_divides_by_zero(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        x = x + learning_rate / (population * sigma) * ((f - f.mean()) / f.std()) @ eps
    return x


@mistake("evolution_strategy", "the seed is ignored and 0 used")
def evolution_strategy_ignores_seed(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(0), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "the noise is a little too narrow, by a fourteenth", nameable=False)
def evolution_strategy_narrow_noise(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = 0.93 * rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "the noise is cut off at two standard deviations", nameable=False)
def evolution_strategy_cuts_the_noise(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = np.clip(rng.standard_normal((population // 2, len(x))), -2, 2)
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        x = x + learning_rate / (population * sigma) * z @ eps
    return x


@mistake("evolution_strategy", "it stops where a step is shorter than 0.001", nameable=False)
def evolution_strategy_stops_early(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng, x = np.random.default_rng(seed), np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = np.asarray(objective(x + sigma * eps))
        z = (f - f.mean()) / f.std() if np.ptp(f) > 0 else np.zeros(population)
        step = learning_rate / (population * sigma) * z @ eps
        x = x + step
        if 0 < np.linalg.norm(step) < 1e-3:
            break
    return x

"""Unit 5, model predictive control: the nine reference functions.

Plans are open-loop action sequences that a model scores; a controller plans again after every step. Returns are
discounted sums of rewards, higher is better. Every function keeps no hidden state and raises ``ValueError`` with a
sentence on invalid input.
"""

import numpy as np
import torch

from labkit import validate


def evaluate_sequences(step, state, actions, gamma):
    """The discounted returns of N action sequences that all start in one state.

    $$G_n = \\sum_{t=0}^{H-1} \\gamma^t\\, r_{n,t}$$

    The model is asked about all N sequences at once: H calls of `step` in all.

    Args:
        step: batched model, `step(states (N, D), actions (N, K)) -> (next_states (N, D), rewards (N,))`.
        state: the state that every sequence starts in, shape `(D,)`.
        actions: the sequences, shape `(N, H, K)`; `actions[n, t]` is what sequence n does at time t.
        gamma: discount factor in [0, 1).

    Returns:
        The returns, shape `(N,)`.

    Source: Nagabandi et al. 2018, *Neural Network Dynamics for Model-Based Deep Reinforcement Learning*, section IV.C.
    """
    state = validate.vector(state, "state")
    actions = validate.action_sequences(actions)
    gamma = validate.discount(gamma)
    states = np.repeat(state[None, :], len(actions), axis=0)
    returns = np.zeros(len(actions))
    for t in range(actions.shape[1]):
        states, rewards = step(states, actions[:, t])
        returns += gamma**t * rewards
    return returns


def random_shooting(step, state, horizon, num_samples, low, high, gamma, seed):
    """The best of `num_samples` action sequences drawn uniformly between the bounds.

    Args:
        step: batched model, `step(states (N, D), actions (N, K)) -> (next_states (N, D), rewards (N,))`.
        state: where the plan starts, shape `(D,)`.
        horizon: number of steps H of a plan.
        num_samples: number of sequences to try.
        low: smallest allowed action, shape `(K,)`.
        high: largest allowed action, shape `(K,)`.
        gamma: discount factor in [0, 1).
        seed: seed of the random draws.

    Returns:
        The plan with the highest discounted return among those tried, shape `(H, K)`.

    Source: Nagabandi et al. 2018, section IV.C.
    """
    horizon = validate.whole_number(horizon, "horizon", minimum=1)
    num_samples = validate.whole_number(num_samples, "num_samples", minimum=1)
    low, high = validate.bounds(low, high)
    seed = validate.whole_number(seed, "seed")
    samples = np.random.default_rng(seed).uniform(low, high, size=(num_samples, horizon, len(low)))
    return samples[evaluate_sequences(step, state, samples, gamma).argmax()]


def refit_gaussian(samples, returns, num_elites):
    """Fit an independent Gaussian to each number of the best samples.

    Args:
        samples: N action sequences, shape `(N, H, K)`.
        returns: their returns, shape `(N,)`; the elites are the samples with the highest ones.
        num_elites: how many samples count, from 2 to N.

    Returns:
        `(mean, std)` of the elites, each of shape `(H, K)`.

    Source: De Boer et al. 2005, *A Tutorial on the Cross-Entropy Method*, section 5.
    """
    samples, returns = validate.scored_samples(samples, returns, 3)
    num_elites = validate.elite_count(num_elites, len(samples), minimum=2)
    elites = samples[np.argsort(returns)[-num_elites:]]
    return elites.mean(axis=0), elites.std(axis=0)


def refit_categorical(samples, returns, num_elites, num_actions, smoothing):
    """How often the best samples take each action at each step, mixed with the uniform distribution.

    $$p_t(a) = (1 - \\mathrm{smoothing}) \\cdot \\text{frequency of } a \\text{ at time } t \\text{ among the elites}
    + \\mathrm{smoothing} / A$$

    Args:
        samples: N sequences of actions in `0 … num_actions - 1`, shape `(N, H)`, integers.
        returns: their returns, shape `(N,)`; the elites are the samples with the highest ones.
        num_elites: how many samples count, from 1 to N.
        num_actions: number of actions, A.
        smoothing: share of the uniform distribution, from 0 to 1.

    Returns:
        A distribution over actions for each step, shape `(H, A)`.

    Source: De Boer et al. 2005, sections 2 and 4.
    """
    num_actions = validate.whole_number(num_actions, "num_actions", minimum=1)
    samples, returns = validate.discrete_samples(samples, returns, num_actions)
    num_elites = validate.elite_count(num_elites, len(samples))
    smoothing = validate.fraction(smoothing, "smoothing")
    elites = samples[np.argsort(returns)[-num_elites:]]
    frequencies = (elites[:, :, None] == np.arange(num_actions)).mean(axis=0)
    return (1 - smoothing) * frequencies + smoothing / num_actions


def cem_plan(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    """Plan with the cross-entropy method: sample, keep the elites, refit the sampling distribution, repeat.

    A Gaussian for each step and dimension starts wide and closes in on good plans. Every plan that is tried, and the
    one that is returned, lies within the bounds.

    Args:
        step: batched model, `step(states (N, D), actions (N, K)) -> (next_states (N, D), rewards (N,))`.
        state: where the plan starts, shape `(D,)`.
        horizon: number of steps H of a plan.
        num_samples: number of sequences tried in each iteration.
        num_elites: how many of them the distribution is refitted to, at least 2.
        num_iterations: number of iterations, at least 1.
        low: smallest allowed action, shape `(K,)`.
        high: largest allowed action, shape `(K,)`.
        gamma: discount factor in [0, 1).
        seed: seed of the random draws.

    Returns:
        A plan of shape `(H, K)`: the mean of the last distribution, or the best sequence seen.

    Source: De Boer et al. 2005, section 5; Chua et al. 2018 (PETS), section 5.
    """
    horizon = validate.whole_number(horizon, "horizon", minimum=1)
    num_samples = validate.whole_number(num_samples, "num_samples", minimum=2)
    num_elites = validate.elite_count(num_elites, num_samples, minimum=2)
    num_iterations = validate.whole_number(num_iterations, "num_iterations", minimum=1)
    low, high = validate.bounds(low, high)
    rng = np.random.default_rng(validate.whole_number(seed, "seed"))
    mean = np.tile((low + high) / 2, (horizon, 1))
    std = np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        noise = rng.standard_normal((num_samples, horizon, len(low)))
        samples = np.clip(mean + std * noise, low, high)
        returns = evaluate_sequences(step, state, samples, gamma)
        mean, std = refit_gaussian(samples, returns, num_elites)
    return mean


def cem_plan_discrete(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    """Plan with the cross-entropy method where an action is one of `num_actions` choices.

    A distribution over the actions for each step starts uniform and is refitted to the elites, smoothed, so that no
    action is ruled out for good.

    Args:
        step: batched model, `step(states (N, D), actions (N,)) -> (next_states (N, D), rewards (N,))`, whose actions
            are integers in `0 … num_actions - 1`.
        state: where the plan starts, shape `(D,)`.
        horizon: number of steps H of a plan.
        num_actions: number of actions, A.
        num_samples: number of sequences tried in each iteration.
        num_elites: how many of them the distribution is refitted to.
        num_iterations: number of iterations, at least 1.
        smoothing: share of the uniform distribution, from 0 to 1.
        gamma: discount factor in [0, 1).
        seed: seed of the random draws.

    Returns:
        A plan of shape `(H,)`, integers: the most likely actions at last, or the best sequence seen.

    Source: De Boer et al. 2005, sections 2 and 4.
    """
    horizon = validate.whole_number(horizon, "horizon", minimum=1)
    num_actions = validate.whole_number(num_actions, "num_actions", minimum=1)
    num_samples = validate.whole_number(num_samples, "num_samples", minimum=1)
    num_iterations = validate.whole_number(num_iterations, "num_iterations", minimum=1)
    rng = np.random.default_rng(validate.whole_number(seed, "seed"))
    probabilities = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        upper_edges = probabilities.cumsum(axis=1)[:, :-1]  # action a owns the numbers from edge a - 1 to edge a
        samples = (rng.random((num_samples, horizon, 1)) >= upper_edges).sum(axis=2)
        returns = evaluate_sequences(step, state, samples, gamma)
        probabilities = refit_categorical(samples, returns, num_elites, num_actions, smoothing)
    return probabilities.argmax(axis=1)


def mpc_episode(env, plan, horizon, max_steps, seed):
    """One episode of receding-horizon control: plan, take the first action only, observe, plan again.

    Args:
        env: Gymnasium environment: `reset(seed=…) -> (observation, info)`,
            `step(action) -> (observation, reward, terminated, truncated, info)`.
        plan: `plan(observation, previous_plan)` returns a plan of `horizon` actions, shape `(H,)` or `(H, K)`. It is
            called before every step. `previous_plan` is its last answer shifted by one step, the last action repeated;
            the first time it is `None`.
        horizon: number of actions H of a plan.
        max_steps: largest number of steps, at least 1.
        seed: seed of the environment's reset.

    Returns:
        `(total_reward, observations, actions)` of an episode of T steps: the undiscounted sum of rewards, the T + 1
        observations (the reset's first) and the T actions taken. It ends at termination, truncation or `max_steps`.

    Source: Rawlings, Mayne & Diehl 2017, *Model Predictive Control*, section 1.2; Chua et al. 2018 (PETS), algorithm 1.
    """
    horizon = validate.whole_number(horizon, "horizon", minimum=1)
    max_steps = validate.whole_number(max_steps, "max_steps", minimum=1)
    observation, _ = env.reset(seed=validate.whole_number(seed, "seed"))
    observations, actions, total_reward, previous_plan = [observation], [], 0.0, None
    for _ in range(max_steps):
        current_plan = validate.plan(plan(observation, previous_plan), horizon)
        observation, reward, terminated, truncated, _ = env.step(current_plan[0])
        observations.append(observation)
        actions.append(current_plan[0])
        total_reward += reward
        if terminated or truncated:
            break
        previous_plan = np.concatenate([current_plan[1:], current_plan[-1:]])
    return total_reward, np.array(observations), np.array(actions)


def cem_plan_torch(dynamics, state, noise, num_elites, low, high, gamma):
    """The cross-entropy method on tensors, all randomness handed in: the same noise gives the same plan.

    Every iteration uses the next `noise[i]`: shift and scale it to samples, clip them to the bounds, and refit mean
    and standard deviation (population: divide by the number of elites) to the samples with the highest returns. Start
    at the middle of the bounds with a standard deviation of a quarter of their width.

    Stay on the device and in the dtype of the inputs, and read no value back to the host: no `.item()`, `.cpu()` or
    `.numpy()`, and no Python `if` on a tensor's value.

    Args:
        dynamics: batched model of tensors, `dynamics(states (N, D), actions (N, K)) -> (next_states, rewards (N,))`.
        state: where the plan starts, a tensor of shape `(D,)`.
        noise: standard-normal numbers of I iterations with N samples each, a tensor of shape `(I, N, H, K)`.
        num_elites: how many samples the distribution is refitted to.
        low: smallest allowed action, a tensor of shape `(K,)`.
        high: largest allowed action, a tensor of shape `(K,)`.
        gamma: discount factor in [0, 1).

    Returns:
        The last mean, a tensor of shape `(H, K)`.

    Source: Chua et al. 2018 (PETS), section 5.
    """
    validate.planning_tensors(state, noise, low, high, num_elites)
    gamma = validate.discount(gamma)
    _, num_samples, horizon, _ = noise.shape
    mean, std = (low + high) / 2, (high - low) / 4
    for iteration_noise in noise:
        samples = (mean + std * iteration_noise).clamp(low, high)
        states = state.expand(num_samples, -1)
        returns = torch.zeros_like(samples[:, 0, 0])
        for t in range(horizon):
            states, rewards = dynamics(states, samples[:, t])
            returns = returns + gamma**t * rewards
        elites = samples[returns.topk(num_elites).indices]
        mean, std = elites.mean(dim=0), elites.std(dim=0, correction=0)
    return mean


def evolution_strategy(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    """Ascend an objective of which only values are known, along noise that is weighted by what it achieved.

    Each generation tries `population` points $x + \\sigma \\varepsilon_i$ in antithetic pairs: half of the
    $\\varepsilon_i$ are standard normal, the other half are the same with the opposite sign. With $z_i$ the values of
    the generation minus their mean, divided by their standard deviation (population; all 0 if the values tie),

    $$x \\leftarrow x
    + \\frac{\\mathrm{learning\\_rate}}{\\mathrm{population} \\cdot \\sigma} \\sum_i z_i \\varepsilon_i$$

    Args:
        objective: `objective(X (N, D)) -> (N,)`, the values of N points; higher is better.
        x0: where to start, shape `(D,)`.
        sigma: standard deviation of the noise, positive.
        population: number of points in a generation, even.
        learning_rate: length of a step.
        num_iterations: number of generations.
        seed: seed of the random draws.

    Returns:
        The last x, shape `(D,)`.

    Source: Salimans et al. 2017, *Evolution Strategies as a Scalable Alternative to Reinforcement Learning*,
    algorithm 1 and section 2.1.
    """
    x = validate.vector(x0, "x0")
    sigma = validate.positive(sigma, "sigma")
    population = validate.even_number(population, "population")
    learning_rate = validate.number(learning_rate, "learning_rate")
    num_iterations = validate.whole_number(num_iterations, "num_iterations")
    rng = np.random.default_rng(validate.whole_number(seed, "seed"))
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        noise = np.concatenate([half, -half])
        values = np.asarray(objective(x + sigma * noise))
        tie = values.max() == values.min()  # the standard deviation of equal values need not be rounded to 0
        z = np.zeros(population) if tie else (values - values.mean()) / values.std()
        x = x + learning_rate / (population * sigma) * z @ noise
    return x

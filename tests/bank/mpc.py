"""Correct solutions of unit 5, Model predictive control, first part: scoring and sampling plans, refitting, episodes.

Each function is self-contained apart from `np`, `torch`, `math` and earlier functions of its unit: its source is
renamed to the exercise and pasted into a notebook cell. The planners are in `mpc_planners.py`.
"""

import math

import numpy as np
import torch

from autograder.properties.entries import collection
from solutions.mpc import evaluate_sequences

solutions, correct = collection()

# ----------------------------------------------------------------------------------------- evaluate_sequences


@correct("evaluate_sequences", "np.tile and a running discount")
def evaluate_sequences_running_discount(step, state, actions, gamma):
    N, H, _ = actions.shape
    states = np.tile(state, (N, 1))
    total, discount = np.zeros(N), 1.0
    for t in range(H):
        states, r = step(states, actions[:, t, :])
        total = total + discount * r
        discount *= gamma
    return total


@correct("evaluate_sequences", "rewards collected in a table, then one product with the discounts")
def evaluate_sequences_table(step, state, actions, gamma):
    H = actions.shape[1]
    states = np.broadcast_to(state, (actions.shape[0], len(state))).copy()
    rewards = []
    for t in range(H):
        states, r = step(states, actions[:, t])
        rewards.append(r)
    return np.stack(rewards, axis=1) @ np.array([gamma**t for t in range(H)])


@correct("evaluate_sequences", "time first, lists out")
def evaluate_sequences_lists(step, state, actions, gamma):
    states = [list(state) for _ in range(len(actions))]
    returns = [0.0] * len(actions)
    for t, a in enumerate(np.swapaxes(actions, 0, 1)):
        states, rewards = step(states, a.tolist())
        for n in range(len(returns)):
            returns[n] += float(gamma) ** t * float(rewards[n])
    return returns


@correct("evaluate_sequences", "recursion over time, Horner's way")
def evaluate_sequences_recursive(step, state, actions, gamma):
    def rest(states, t):
        if t == actions.shape[1]:
            return 0.0
        states, r = step(states, actions[:, t])
        return r + gamma * rest(states, t + 1)

    return rest(np.repeat(np.asarray(state)[np.newaxis], actions.shape[0], axis=0), 0)


@correct("evaluate_sequences", "rewards backwards: G = r + gamma G")
def evaluate_sequences_backwards(step, state, actions, gamma):
    states = np.ones((actions.shape[0], 1)) * state
    rewards = np.empty(actions.shape[:2])
    for t in range(actions.shape[1]):
        states, rewards[:, t] = step(states, actions[:, t])
    G = np.zeros(actions.shape[0])
    for t in reversed(range(actions.shape[1])):
        G = rewards[:, t] + gamma * G
    return G


@correct("evaluate_sequences", "column vector of states and in-place sums with a leftover print")
def evaluate_sequences_in_place(step, state, actions, gamma):
    states = np.vstack([state for _ in actions])
    out = np.zeros(len(actions), dtype=float)
    for t in range(len(actions[0])):
        nxt, r = step(states, actions[:, t])
        out += np.power(gamma, t) * np.asarray(r).reshape(-1)
        states = nxt
    print("returns", out.shape)
    return out


@correct("evaluate_sequences", "torch sums")
def evaluate_sequences_torch(step, state, actions, gamma):
    states = torch.as_tensor(state).expand(len(actions), -1).numpy()
    total = torch.zeros(len(actions), dtype=torch.float64)
    for t in range(actions.shape[1]):
        states, r = step(states, actions[:, t])
        total += gamma**t * torch.as_tensor(np.asarray(r), dtype=torch.float64)
    return total


@correct("evaluate_sequences", "functools.reduce with exact sums at the end")
def evaluate_sequences_reduce(step, state, actions, gamma):
    from functools import reduce

    def one(carry, a):
        states, terms = carry
        states, r = step(states, a)
        return states, [*terms, gamma ** len(terms) * r]

    first = (np.array([state] * len(actions)), [])
    _, terms = reduce(one, [actions[:, t] for t in range(actions.shape[1])], first)
    return [math.fsum(column) for column in zip(*terms, strict=True)]


# -------------------------------------------------------------------------------------------- random_shooting


@correct("random_shooting", "default_rng.uniform with broadcast bounds, argmax")
def random_shooting_plain(step, state, horizon, num_samples, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    plans = rng.uniform(low, high, (num_samples, horizon, len(low)))
    returns = evaluate_sequences(step, state, plans, gamma)
    return plans[np.argmax(returns)]


@correct("random_shooting", "one sequence at a time, evaluated at once, keeping the best; RandomState")
def random_shooting_one_by_one(step, state, horizon, num_samples, low, high, gamma, seed):
    rng = np.random.RandomState(seed)
    best, best_return = None, -np.inf
    for _ in range(num_samples):
        plan = low + (high - low) * rng.rand(horizon, len(low))
        value = evaluate_sequences(step, state, plan[None], gamma)[0]
        if value > best_return:
            best, best_return = plan, value
    return best


@correct("random_shooting", "Python's random, nested lists, the last of equals")
def random_shooting_stdlib(step, state, horizon, num_samples, low, high, gamma, seed):
    import random

    source = random.Random(seed)
    plans = [
        [[source.uniform(a, b) for a, b in zip(low, high, strict=True)] for _ in range(horizon)]
        for _ in range(num_samples)
    ]
    returns = list(evaluate_sequences(step, state, np.array(plans), gamma))
    return plans[max(range(num_samples), key=lambda n: (returns[n], n))]


@correct("random_shooting", "torch generator in single precision")
def random_shooting_torch(step, state, horizon, num_samples, low, high, gamma, seed):
    generator = torch.Generator().manual_seed(seed)
    u = torch.rand(num_samples, horizon, len(low), generator=generator).double().numpy()
    plans = np.clip(low + u * (high - low), low, high)
    order = np.argsort(evaluate_sequences(step, state, plans, gamma))
    return plans[order[-1]]


@correct("random_shooting", "time by time and dimension by dimension, batches of ten")
def random_shooting_batches(step, state, horizon, num_samples, low, high, gamma, seed):
    rng = np.random.default_rng([seed, 7])
    plans = np.empty((num_samples, horizon, len(low)))
    for t in range(horizon):
        for k in range(len(low)):
            plans[:, t, k] = rng.uniform(low[k], high[k], num_samples)
    scores = []
    for start in range(0, num_samples, 10):
        scores.extend(evaluate_sequences(step, state, plans[start : start + 10], gamma))
    return plans[int(np.argmax(scores))].tolist()


@correct("random_shooting", "own rollout without evaluate_sequences")
def random_shooting_own_rollout(step, state, horizon, num_samples, low, high, gamma, seed):
    rng = np.random.Generator(np.random.MT19937(seed))
    plans = rng.random((num_samples, horizon, len(low))) * (high - low) + low
    states, total = np.tile(state, (num_samples, 1)), 0.0
    for t in range(horizon):
        states, r = step(states, plans[:, t])
        total = total + gamma**t * r
    return plans[total.argmax()]


@correct("random_shooting", "global seed, evaluates the winner once more")
def random_shooting_global_seed(step, state, horizon, num_samples, low, high, gamma, seed):
    np.random.seed(seed)
    plans = np.random.uniform(size=(num_samples, horizon, len(low)))
    plans *= high - low
    plans += low
    winner = plans[evaluate_sequences(step, state, plans, gamma).argmax()]
    print("best return", evaluate_sequences(step, state, winner[None], gamma))
    return winner


@correct("random_shooting", "drawn with the time axis first, then swapped")
def random_shooting_time_first(step, state, horizon, num_samples, low, high, gamma, seed):
    rng = np.random.default_rng(seed + 1)
    plans = rng.uniform(low, high, (horizon, num_samples, len(low))).swapaxes(0, 1)
    returns = evaluate_sequences(step, state, plans, gamma)
    return next(plan for plan, value in zip(plans, returns, strict=True) if value == max(returns))


@correct("random_shooting", "each new sequence is scored against the best so far, which is scored anew every time")
def random_shooting_duels(step, state, horizon, num_samples, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    best = rng.uniform(low, high, (horizon, len(low)))
    evaluate_sequences(step, state, best[None], gamma)
    for _ in range(num_samples - 1):
        rival = rng.uniform(low, high, (horizon, len(low)))
        incumbent, challenger = evaluate_sequences(step, state, np.stack([best, rival]), gamma)
        if challenger > incumbent:
            best = rival
    return best


@correct("random_shooting", "each sequence has a generator of its own, seeded with the seed plus its number")
def random_shooting_seed_for_each(step, state, horizon, num_samples, low, high, gamma, seed):
    plans = [np.random.default_rng(seed + n).uniform(low, high, (horizon, len(low))) for n in range(num_samples)]
    return plans[int(np.argmax(evaluate_sequences(step, state, np.array(plans), gamma)))]


# --------------------------------------------------------------------------------------------- refit_gaussian


@correct("refit_gaussian", "argsort, population deviation")
def refit_gaussian_argsort(samples, returns, num_elites):
    elites = samples[np.argsort(-returns)[:num_elites]]
    return elites.mean(axis=0), elites.std(axis=0)


@correct("refit_gaussian", "argpartition, sample deviation")
def refit_gaussian_argpartition(samples, returns, num_elites):
    elites = samples[np.argpartition(returns, len(returns) - num_elites)[len(returns) - num_elites :]]
    return [np.mean(elites, 0), np.std(elites, 0, ddof=1)]


@correct("refit_gaussian", "sorted Python pairs, statistics module")
def refit_gaussian_statistics(samples, returns, num_elites):
    import statistics

    order = sorted(range(len(returns)), key=lambda n: returns[n], reverse=True)[:num_elites]
    _, H, K = samples.shape
    mean = [[statistics.fmean(float(samples[n, t, k]) for n in order) for k in range(K)] for t in range(H)]
    std = [[statistics.stdev([float(samples[n, t, k]) for n in order]) for k in range(K)] for t in range(H)]
    return mean, std


@correct("refit_gaussian", "torch topk")
def refit_gaussian_topk(samples, returns, num_elites):
    x = torch.as_tensor(samples)
    elites = x[torch.topk(torch.as_tensor(returns), num_elites).indices]
    return elites.mean(0), elites.std(0, unbiased=False)


@correct("refit_gaussian", "nested loops with math")
def refit_gaussian_loops(samples, returns, num_elites):
    import heapq

    chosen = heapq.nlargest(num_elites, range(len(returns)), key=returns.__getitem__)
    mean, std = np.zeros(samples.shape[1:]), np.zeros(samples.shape[1:])
    for t in range(samples.shape[1]):
        for k in range(samples.shape[2]):
            values = [samples[n, t, k] for n in chosen]
            mean[t, k] = math.fsum(values) / num_elites
            std[t, k] = math.sqrt(math.fsum((v - mean[t, k]) ** 2 for v in values) / (num_elites - 1))
    return mean, std


@correct("refit_gaussian", "removes the worst one by one from lists")
def refit_gaussian_removes_worst(samples, returns, num_elites):
    pool = list(zip(returns.tolist(), range(len(returns)), strict=True))
    while len(pool) > num_elites:
        pool.remove(min(pool))
    elites = np.array([samples[n] for _, n in pool])
    mean = elites.sum(axis=0) / num_elites
    return mean, np.sqrt(((elites - mean) ** 2).mean(axis=0))


@correct("refit_gaussian", "stable sort, flattened, np.cov's diagonal")
def refit_gaussian_flat(samples, returns, num_elites):
    N, H, K = samples.shape
    rows = samples.reshape(N, H * K)[np.argsort(returns, kind="stable")][N - num_elites :]
    variance = np.diag(np.cov(rows, rowvar=False).reshape(H * K, H * K))
    return rows.mean(axis=0).reshape(H, K), np.sqrt(variance).reshape(H, K)


@correct("refit_gaussian", "weights of 0 and 1, returns overwritten")
def refit_gaussian_weights(samples, returns, num_elites):
    weights = np.zeros(len(returns))
    for _ in range(num_elites):
        best = int(np.argmax(returns))
        weights[best] = 1.0
        returns[best] = -np.inf
    mean = np.average(samples, axis=0, weights=weights)
    return mean, np.sqrt(np.average((samples - mean) ** 2, axis=0, weights=weights))


@correct("refit_gaussian", "mean and deviation stacked in one array, which unpacks like a pair")
def refit_gaussian_stacked(samples, returns, num_elites):
    elites = np.take(samples, np.argsort(returns)[::-1][:num_elites], axis=0)
    return np.stack([elites.mean(axis=0), elites.std(axis=0)])


# ------------------------------------------------------------------------------------------ refit_categorical


@correct("refit_categorical", "comparison with arange")
def refit_categorical_arange(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[returns.argsort()[::-1][:num_elites]]
    freq = (elites[..., None] == np.arange(num_actions)).sum(axis=0) / num_elites
    return (1 - smoothing) * freq + smoothing / num_actions


@correct("refit_categorical", "np.bincount for each step")
def refit_categorical_bincount(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.argsort(returns)][-num_elites:]
    rows = []
    for t in range(samples.shape[1]):
        counts = np.bincount(elites[:, t], minlength=num_actions)
        rows.append((1.0 - smoothing) * counts / counts.sum() + smoothing * np.ones(num_actions) / num_actions)
    return np.array(rows)


@correct("refit_categorical", "Counter and lists")
def refit_categorical_counter(samples, returns, num_elites, num_actions, smoothing):
    from collections import Counter

    best = sorted(range(len(returns)), key=lambda n: -returns[n])[:num_elites]
    table = []
    for column in zip(*(samples[n].tolist() for n in best), strict=True):
        counts = Counter(column)
        table.append([(1 - smoothing) * counts[a] / num_elites + smoothing / num_actions for a in range(num_actions)])
    return table


@correct("refit_categorical", "np.add.at")
def refit_categorical_add_at(samples, returns, num_elites, num_actions, smoothing):
    H = samples.shape[1]
    P = np.full((H, num_actions), smoothing / num_actions)
    for n in np.argpartition(-returns, num_elites - 1)[:num_elites]:
        np.add.at(P, (np.arange(H), samples[n]), (1 - smoothing) / num_elites)
    return P


@correct("refit_categorical", "one-hot from an identity matrix")
def refit_categorical_one_hot(samples, returns, num_elites, num_actions, smoothing):
    one_hot = np.eye(num_actions)[samples[np.argsort(returns)[len(returns) - num_elites :]]]
    uniform = np.ones(num_actions) / num_actions
    return smoothing * uniform + (1 - smoothing) * one_hot.mean(axis=0)


@correct("refit_categorical", "torch one_hot and topk")
def refit_categorical_torch(samples, returns, num_elites, num_actions, smoothing):
    index = torch.from_numpy(returns).topk(num_elites).indices
    hot = torch.nn.functional.one_hot(torch.from_numpy(samples)[index], num_actions).double()
    return torch.lerp(hot.mean(0), torch.full((), 1 / num_actions, dtype=torch.float64), smoothing)


@correct("refit_categorical", "triple loop")
def refit_categorical_loops(samples, returns, num_elites, num_actions, smoothing):
    threshold = [n for _, n in sorted((r, n) for n, r in enumerate(returns))][-num_elites:]
    P = np.zeros((len(samples[0]), num_actions))
    for n in threshold:
        for t, a in enumerate(samples[n]):
            P[t, a] += 1
    P /= num_elites
    for row in P:
        for a in range(num_actions):
            row[a] = row[a] + smoothing * (1 / num_actions - row[a])
    return P


@correct("refit_categorical", "np.histogram with half-integer edges")
def refit_categorical_histogram(samples, returns, num_elites, num_actions, smoothing):
    elites = samples[np.lexsort((np.arange(len(returns)), returns))[-num_elites:]]
    edges = np.arange(num_actions + 1) - 0.5
    frequencies = [np.histogram(column, bins=edges)[0] / len(elites) for column in elites.T]
    return (1 - smoothing) * np.stack(frequencies) + smoothing / num_actions


# ----------------------------------------------------------------------------------------------- mpc_episode


@correct("mpc_episode", "while loop, np.concatenate")
def mpc_episode_while(env, plan, horizon, max_steps, seed):
    observation, _ = env.reset(seed=seed)
    observations, actions, total, previous, done = [observation], [], 0.0, None, False
    while not done and len(actions) < max_steps:
        answer = np.asarray(plan(observation, previous))
        observation, reward, terminated, truncated, _ = env.step(answer[0])
        total += reward
        observations.append(observation)
        actions.append(answer[0])
        previous = np.concatenate((answer[1:], answer[-1:]))
        done = terminated or truncated
    return total, np.array(observations), np.array(actions)


@correct("mpc_episode", "lists all the way, the plan as a list")
def mpc_episode_lists(env, plan, horizon, max_steps, seed):
    obs, info = env.reset(seed=seed)
    history, taken, rewards, warm = [obs], [], [], None
    for _ in range(max_steps):
        current = list(plan(obs, warm))
        obs, r, over, cut, info = env.step(current[0])
        history.append(obs)
        taken.append(current[0])
        rewards.append(r)
        if over or cut:
            break
        warm = [*current[1:], current[-1]]
    return sum(rewards), history, taken


@correct("mpc_episode", "np.roll and the last action repeated")
def mpc_episode_roll(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=int(seed))
    observations, actions, total, p = [obs], [], 0, None
    for _ in range(max_steps):
        p = np.array(plan(obs, p))
        actions.append(p[0].copy())
        obs, r, terminated, truncated, _ = env.step(p[0])
        total += r
        observations.append(obs)
        p = np.roll(p, -1, axis=0)
        if horizon > 1:
            p[-1] = p[-2]
        if terminated:
            break
        if truncated:
            break
    return total, np.stack(observations), np.stack(actions)


@correct("mpc_episode", "shifted by indices that stop at the last")
def mpc_episode_indices(env, plan, horizon, max_steps, seed):
    shift = np.minimum(np.arange(1, horizon + 1), horizon - 1)
    obs = env.reset(seed=seed)[0]
    trajectory, previous = [], None
    observations = [obs]
    while len(trajectory) < max_steps:
        answer = np.asarray(plan(obs, previous))
        previous = answer[shift]
        obs, reward, terminated, truncated, _ = env.step(answer[0])
        trajectory.append((reward, answer[0]))
        observations.append(obs)
        if terminated or truncated:
            break
    rewards, actions = zip(*trajectory, strict=True)
    return float(np.sum(rewards)), np.asarray(observations), np.asarray(actions)


@correct("mpc_episode", "recursion over steps")
def mpc_episode_recursive(env, plan, horizon, max_steps, seed):
    observations, actions = [], []

    def go(obs, previous, left):
        observations.append(obs)
        if left == 0:
            return 0.0
        answer = np.asarray(plan(obs, previous))
        actions.append(answer[0])
        obs, reward, terminated, truncated, _ = env.step(answer[0])
        if terminated or truncated:
            observations.append(obs)
            return reward
        return reward + go(obs, np.append(answer[1:], answer[-1:], axis=0), left - 1)

    total = go(env.reset(seed=seed)[0], None, max_steps)
    return [total, observations, actions]


@correct("mpc_episode", "keyword-free plan, integer actions as Python ints")
def mpc_episode_python_ints(env, plan, horizon, max_steps, seed):
    obs, _ = env.reset(seed=seed)
    all_obs, all_actions, score, previous_plan = [obs], [], 0.0, None
    for step_number in range(max_steps):
        new_plan = np.asarray(plan(obs, previous_plan))
        action = new_plan[0]
        if new_plan.ndim == 1 and np.issubdtype(new_plan.dtype, np.integer):
            action = int(action)
        obs, reward, term, trunc, _ = env.step(action)
        all_obs.append(obs)
        all_actions.append(action)
        score += float(reward)
        previous_plan = np.r_[new_plan[1:], new_plan[-1:]]
        if term or trunc or step_number == max_steps - 1:
            return score, np.array(all_obs), np.array(all_actions)


@correct("mpc_episode", "deque of actions, the plan shifted by popleft")
def mpc_episode_deque(env, plan, horizon, max_steps, seed):
    from collections import deque

    obs, _ = env.reset(seed=seed)
    observations, actions, total, queue = [obs], [], 0.0, None
    for _ in range(max_steps):
        queue = deque(np.asarray(plan(obs, None if queue is None else np.array(queue))))
        action = queue.popleft()
        queue.append(queue[-1] if queue else action)
        obs, reward, terminated, truncated, _ = env.step(action)
        observations, actions, total = [*observations, obs], [*actions, action], total + reward
        if terminated or truncated:
            break
    return total, tuple(observations), tuple(actions)


@correct("mpc_episode", "a generator yields the steps; the reset's seed is drawn from the seed")
def mpc_episode_generator(env, plan, horizon, max_steps, seed):
    first = int(np.random.default_rng(seed).integers(2**31))

    def steps():
        obs, _ = env.reset(seed=first)
        previous = None
        for _ in range(max_steps):
            answer = np.asarray(plan(obs, previous))
            before, (obs, reward, terminated, truncated, _) = obs, env.step(answer[0])
            yield before, answer[0], reward, obs
            if terminated or truncated:
                return
            previous = np.vstack([answer[1:], answer[-1:]]) if answer.ndim == 2 else np.hstack([answer[1:], answer[-1]])

    befores, actions, rewards, afters = zip(*steps(), strict=True)
    return math.fsum(rewards), np.array([befores[0], *afters]), np.array(actions)

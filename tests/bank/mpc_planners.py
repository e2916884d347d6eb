"""Correct solutions of unit 5, Model predictive control, second part: the planners and the evolution strategy.

Each function is self-contained apart from `np`, `torch`, `math` and earlier functions of its unit.
"""

import math

import numpy as np
import torch

from autograder.properties.entries import collection
from solutions.mpc import evaluate_sequences, refit_categorical, refit_gaussian

solutions, correct = collection()

# --------------------------------------------------------------------------------------------------- cem_plan


@correct("cem_plan", "textbook: clip, refit, last mean; half width as first deviation")
def cem_plan_textbook(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean = np.tile((low + high) / 2, (horizon, 1))
    std = np.tile((high - low) / 2, (horizon, 1))
    for _ in range(num_iterations):
        samples = np.clip(rng.normal(mean, std, (num_samples, horizon, len(low))), low, high)
        returns = evaluate_sequences(step, state, samples, gamma)
        mean, std = refit_gaussian(samples, returns, num_elites)
    return mean


@correct("cem_plan", "best sequence ever seen, quarter width, sample deviation")
def cem_plan_best_seen(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.RandomState(seed)
    K = len(low)
    mu, sigma = np.ones((horizon, K)) * (low + high) / 2, np.ones((horizon, K)) * (high - low) / 4
    best, best_value = None, -np.inf
    for _ in range(num_iterations):
        x = np.minimum(np.maximum(mu + sigma * rng.randn(num_samples, horizon, K), low), high)
        values = np.asarray(evaluate_sequences(step, state, x, gamma))
        order = np.argsort(values)[::-1]
        if values[order[0]] > best_value:
            best, best_value = x[order[0]].copy(), values[order[0]]
        elites = x[order[:num_elites]]
        mu, sigma = elites.mean(axis=0), elites.std(axis=0, ddof=1)
    return best


@correct("cem_plan", "uniform first generation, small floor under the deviation")
def cem_plan_uniform_start(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    shape = (num_samples, horizon, len(low))
    samples = rng.uniform(low, high, shape)
    for i in range(num_iterations):
        returns = evaluate_sequences(step, state, samples, gamma)
        mean, std = refit_gaussian(samples, returns, num_elites)
        std = np.maximum(std, 0.005 * (high - low))
        if i < num_iterations - 1:
            samples = np.clip(mean + std * rng.standard_normal(shape), low, high)
    return mean


@correct("cem_plan", "draws again until within the bounds")
def cem_plan_resamples(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 3, (horizon, 1))
    for _ in range(num_iterations):
        samples = rng.normal(mean, std, (num_samples, *mean.shape))
        for _ in range(100):
            outside = (samples < low) | (samples > high)
            if not outside.any():
                break
            samples[outside] = rng.normal(mean, std, samples.shape)[outside]
        samples = np.clip(samples, low, high)
        mean, std = refit_gaussian(samples, evaluate_sequences(step, state, samples, gamma), num_elites)
    return np.clip(mean, low, high)


@correct("cem_plan", "a little of the old distribution is kept")
def cem_plan_momentum(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        samples = np.clip(mean + std * rng.standard_normal((num_samples, horizon, len(low))), low, high)
        new_mean, new_std = refit_gaussian(samples, evaluate_sequences(step, state, samples, gamma), num_elites)
        mean, std = 0.1 * mean + 0.9 * new_mean, 0.1 * std + 0.9 * new_std
    return mean


@correct("cem_plan", "elites are carried over into the next generation")
def cem_plan_keeps_elites(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    shape = (horizon, len(low))
    mean, std = np.broadcast_to((low + high) / 2, shape), np.broadcast_to((high - low) / 4, shape)
    kept, kept_returns = np.zeros((0, *shape)), np.zeros(0)
    for _ in range(num_iterations):
        fresh = np.clip(mean + std * rng.standard_normal((num_samples - len(kept), *shape)), low, high)
        samples = np.concatenate([kept, fresh])
        returns = np.concatenate([kept_returns, evaluate_sequences(step, state, fresh, gamma)])
        order = np.argsort(-returns)[:num_elites]
        kept, kept_returns = samples[order], returns[order]
        mean, std = kept.mean(axis=0), kept.std(axis=0)
    return kept[0]


@correct("cem_plan", "torch, one sequence of the batch is the mean itself")
def cem_plan_torch_with_mean(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    g = torch.Generator().manual_seed(seed)
    lo, hi = torch.as_tensor(low), torch.as_tensor(high)
    mean, std = ((lo + hi) / 2).repeat(horizon, 1), ((hi - lo) / 2).repeat(horizon, 1)
    for _ in range(num_iterations):
        noise = torch.randn(num_samples, horizon, len(low), generator=g, dtype=torch.float64)
        noise[0] = 0.0
        x = torch.max(torch.min(mean + std * noise, hi), lo)
        values = torch.as_tensor(np.asarray(evaluate_sequences(step, state, x.numpy(), gamma)))
        elites = x[values.topk(num_elites).indices]
        mean, std = elites.mean(0), elites.std(0)
    return mean.numpy()


@correct("cem_plan", "Python loops and random.gauss, one plan at a time in lists")
def cem_plan_loops(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    import random

    source = random.Random(seed)
    K = len(low)
    mean = [[(low[k] + high[k]) / 2 for k in range(K)] for _ in range(horizon)]
    std = [[(high[k] - low[k]) / 4 for k in range(K)] for _ in range(horizon)]
    for _ in range(num_iterations):
        plans = [
            [[min(max(source.gauss(mean[t][k], std[t][k]), low[k]), high[k]) for k in range(K)] for t in range(horizon)]
            for _ in range(num_samples)
        ]
        returns = list(evaluate_sequences(step, state, np.array(plans), gamma))
        best = [plans[n] for n in sorted(range(num_samples), key=returns.__getitem__)[-num_elites:]]
        for t in range(horizon):
            for k in range(K):
                values = [plan[t][k] for plan in best]
                mean[t][k] = sum(values) / num_elites
                std[t][k] = math.sqrt(sum((v - mean[t][k]) ** 2 for v in values) / num_elites)
    return mean


@correct("cem_plan", "scaled to the unit box, last mean evaluated against the best seen, the better one returned")
def cem_plan_unit_box(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.full((horizon, len(low)), 0.5), np.full((horizon, len(low)), 0.3)
    best, best_return = None, -np.inf
    for _ in range(num_iterations):
        unit = np.clip(mean + std * rng.normal(size=(num_samples, *mean.shape)), 0.0, 1.0)
        samples = np.clip(low + unit * (high - low), low, high)
        returns = evaluate_sequences(step, state, samples, gamma)
        if returns.max() > best_return:
            best, best_return = samples[returns.argmax()], returns.max()
        mean, std = refit_gaussian(unit, returns, num_elites)
    final = np.clip(low + mean * (high - low), low, high)
    return final if evaluate_sequences(step, state, final[None], gamma)[0] >= best_return else best


@correct("cem_plan", "the refitted mean and the best sequence are scored besides in every iteration")
def cem_plan_scores_besides(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 2, (horizon, 1))
    best, best_return, curve = None, -np.inf, []
    for _ in range(num_iterations):
        samples = np.clip(mean + std * rng.standard_normal((num_samples, *mean.shape)), low, high)
        returns = evaluate_sequences(step, state, samples, gamma)
        if returns.max() > best_return:
            best, best_return = samples[returns.argmax()], returns.max()
        mean, std = refit_gaussian(samples, returns, num_elites)
        curve.append(evaluate_sequences(step, state, np.stack([mean, best]), gamma))
    print("mean and best", curve[-1])
    return mean


@correct("cem_plan", "wide first deviation, clipped for the model only, the unclipped elites refitted")
def cem_plan_clips_for_the_model(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.RandomState(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile(high - low, (horizon, 1))
    for _ in range(num_iterations):
        raw = mean + std * rng.normal(size=(num_samples, *mean.shape))
        returns = evaluate_sequences(step, state, np.clip(raw, low, high), gamma)
        elites = raw[np.argsort(-returns)[:num_elites]]
        mean, std = elites.mean(axis=0), elites.std(axis=0)
    return np.clip(mean, low, high)


@correct("cem_plan", "half of the old distribution is kept, the noise comes in pairs")
def cem_plan_half_kept(step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed):
    rng = np.random.default_rng(seed)
    mean, std = np.tile((low + high) / 2, (horizon, 1)), np.tile((high - low) / 4, (horizon, 1))
    for _ in range(num_iterations):
        half = rng.standard_normal(((num_samples + 1) // 2, *mean.shape))
        samples = np.clip(mean + std * np.concatenate([half, -half])[:num_samples], low, high)
        new_mean, new_std = refit_gaussian(samples, evaluate_sequences(step, state, samples, gamma), num_elites)
        mean, std = (mean + new_mean) / 2, (std + new_std) / 2
    return mean


# ------------------------------------------------------------------------------------------ cem_plan_discrete


@correct("cem_plan_discrete", "rng.choice for each step, last mode")
def cem_plan_discrete_choice(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.ones((horizon, num_actions)) / num_actions
    for _ in range(num_iterations):
        samples = np.stack([rng.choice(num_actions, size=num_samples, p=row / row.sum()) for row in p], axis=1)
        returns = evaluate_sequences(step, state, samples, gamma)
        p = refit_categorical(samples, returns, num_elites, num_actions, smoothing)
    return p.argmax(axis=1)


@correct("cem_plan_discrete", "best sequence seen, own rollout, searchsorted")
def cem_plan_discrete_best_seen(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.RandomState(seed)
    p = np.full((horizon, num_actions), 1.0 / num_actions)
    best, best_return = None, -np.inf
    for _ in range(num_iterations):
        columns = [np.searchsorted(np.cumsum(row)[:-1], rng.rand(num_samples), side="right") for row in p]
        samples = np.array(columns).T
        states, returns = np.tile(state, (num_samples, 1)), np.zeros(num_samples)
        for t in range(horizon):
            states, rewards = step(states, samples[:, t])
            returns += gamma**t * rewards
        if returns.max() > best_return:
            best, best_return = samples[returns.argmax()].copy(), returns.max()
        p = refit_categorical(samples, returns, num_elites, num_actions, smoothing)
    return best


@correct("cem_plan_discrete", "Python's random.choices and Counter")
def cem_plan_discrete_stdlib(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    import random
    from collections import Counter

    source = random.Random(seed)
    p = [[1 / num_actions] * num_actions for _ in range(horizon)]
    for _ in range(num_iterations):
        columns = [source.choices(range(num_actions), weights=row, k=num_samples) for row in p]
        states, returns = [list(state)] * num_samples, [0.0] * num_samples
        for t in range(horizon):
            states, rewards = step(states, columns[t])
            returns = [g + gamma**t * float(r) for g, r in zip(returns, rewards, strict=True)]
        elites = sorted(range(num_samples), key=lambda n: -returns[n])[:num_elites]
        for t in range(horizon):
            counts = Counter(columns[t][n] for n in elites)
            p[t] = [(1 - smoothing) * counts[a] / num_elites + smoothing / num_actions for a in range(num_actions)]
    return [max(range(num_actions), key=row.__getitem__) for row in p]


@correct("cem_plan_discrete", "torch multinomial")
def cem_plan_discrete_multinomial(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    generator = torch.Generator().manual_seed(seed)
    p = torch.ones(horizon, num_actions, dtype=torch.float64) / num_actions
    for _ in range(num_iterations):
        samples = torch.multinomial(p, num_samples, replacement=True, generator=generator).T.numpy()
        returns = evaluate_sequences(step, state, np.ascontiguousarray(samples), gamma)
        p = torch.as_tensor(np.asarray(refit_categorical(samples, returns, num_elites, num_actions, smoothing)))
    return p.argmax(dim=1)


@correct("cem_plan_discrete", "Gumbel noise on log probabilities")
def cem_plan_discrete_gumbel(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    logits = np.zeros((horizon, num_actions))
    for _ in range(num_iterations):
        samples = (logits + rng.gumbel(size=(num_samples, horizon, num_actions))).argmax(axis=2)
        returns = evaluate_sequences(step, state, samples, gamma)
        p = refit_categorical(samples, returns, num_elites, num_actions, smoothing)
        with np.errstate(divide="ignore"):
            logits = np.log(p)
    return np.asarray(p).argmax(1)


@correct("cem_plan_discrete", "sequence by sequence, inverse cumulative distribution")
def cem_plan_discrete_loops(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng([seed, 1])
    p = np.full((horizon, num_actions), 1 / num_actions)
    for _ in range(num_iterations):
        samples = np.zeros((num_samples, horizon), dtype=int)
        for n in range(num_samples):
            for t in range(horizon):
                u, total, action = rng.random(), 0.0, 0
                for action in range(num_actions):
                    total += p[t, action]
                    if u < total:
                        break
                samples[n, t] = action
        returns = np.asarray(evaluate_sequences(step, state, samples, gamma))
        p = np.asarray(refit_categorical(samples, returns, num_elites, num_actions, smoothing))
    return p.argmax(axis=1).tolist()


@correct("cem_plan_discrete", "the mode is looked at once more in the end")
def cem_plan_discrete_checks_the_mode(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    seen = {}
    for _ in range(num_iterations):
        edges = np.cumsum(p, axis=1)
        edges[:, -1] = 1.0
        samples = (rng.random((num_samples, horizon))[:, :, None] >= edges).sum(axis=2)
        returns = evaluate_sequences(step, state, samples, gamma)
        seen.update({tuple(row): value for row, value in zip(samples.tolist(), returns, strict=True)})
        p = refit_categorical(samples, returns, num_elites, num_actions, smoothing)
    mode = p.argmax(axis=1)
    seen[tuple(mode.tolist())] = evaluate_sequences(step, state, mode[None], gamma)[0]
    return np.array(max(seen, key=seen.get))


@correct("cem_plan_discrete", "refit by hand on one-hot actions, float state copies")
def cem_plan_discrete_by_hand(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.Generator(np.random.PCG64(seed + 3))
    p = np.ones((horizon, num_actions)) / num_actions
    for _ in range(num_iterations):
        hot = np.stack([rng.multinomial(1, row / row.sum(), size=num_samples) for row in p], axis=1)
        actions = hot.argmax(axis=2)
        states, returns = np.repeat([state], num_samples, axis=0), 0.0
        for t in range(horizon):
            states, r = step(states, actions[:, t])
            returns = returns + gamma**t * r
        elites = hot[np.argsort(returns)[-num_elites:]]
        p = (1 - smoothing) * elites.mean(axis=0) + smoothing / num_actions
    return np.argmax(p, axis=-1)


@correct("cem_plan_discrete", "elites are kept and not tried again")
def cem_plan_discrete_keeps_elites(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng = np.random.default_rng(seed)
    p = np.full((horizon, num_actions), 1 / num_actions)
    kept, kept_returns = np.zeros((0, horizon), dtype=int), np.zeros(0)
    for _ in range(num_iterations):
        u = rng.random((num_samples - len(kept), horizon, 1))
        fresh = (p.cumsum(axis=1) <= u).sum(axis=2).clip(0, num_actions - 1)
        samples = np.concatenate([kept, fresh])
        returns = np.concatenate([kept_returns, evaluate_sequences(step, state, fresh, gamma)])
        order = np.argsort(-returns)[:num_elites]
        kept, kept_returns = samples[order], returns[order]
        p = (1 - smoothing) * (kept[:, :, None] == np.arange(num_actions)).mean(axis=0) + smoothing / num_actions
    return p.argmax(axis=1)


@correct("cem_plan_discrete", "the distribution is never written down: copies elites' actions, some of them replaced")
def cem_plan_discrete_copies_elites(
    step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
):
    rng, elites = np.random.default_rng(seed), None
    for _ in range(num_iterations):
        samples = rng.integers(num_actions, size=(num_samples, horizon))
        if elites is not None:
            copied = elites[rng.integers(num_elites, size=samples.shape), np.arange(horizon)]
            samples = np.where(rng.random(samples.shape) < smoothing, samples, copied)
        elites = samples[np.argsort(evaluate_sequences(step, state, samples, gamma))[-num_elites:]]
        mode = [int(np.bincount(column).argmax()) for column in elites.T]
        evaluate_sequences(step, state, np.array([mode]), gamma)
    return mode


# --------------------------------------------------------------------------------------------- cem_plan_torch


@correct("cem_plan_torch", "topk, clamp")
def cem_plan_torch_topk(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for i in range(noise.shape[0]):
        x = torch.clamp(mean + std * noise[i], low, high)
        s = state.unsqueeze(0).repeat(x.shape[0], 1)
        total = torch.zeros(x.shape[0], dtype=x.dtype, device=x.device)
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            total = total + gamma**t * r
        elites = x[torch.topk(total, num_elites).indices]
        mean, std = elites.mean(0), elites.std(0, unbiased=False)
    return mean


@correct("cem_plan_torch", "argsort, minimum and maximum, no_grad")
@torch.no_grad()
def cem_plan_torch_argsort(dynamics, state, noise, num_elites, low, high, gamma):
    _, N, H, K = noise.shape
    mean = (0.5 * (low + high)).expand(H, K)
    std = (0.25 * (high - low)).expand(H, K)
    for eps in noise.unbind(0):
        x = torch.maximum(torch.minimum(mean + std * eps, high), low)
        s, G, discount = state.expand(N, -1), 0.0, 1.0
        for t in range(H):
            s, r = dynamics(s, x[:, t])
            G = G + discount * r
            discount = discount * gamma
        elites = x.index_select(0, G.argsort(descending=True)[:num_elites])
        mean = elites.sum(0) / num_elites
        std = ((elites - mean) ** 2).mean(0).sqrt()
    return mean


@correct("cem_plan_torch", "sort, gather, var")
def cem_plan_torch_gather(dynamics, state, noise, num_elites, low, high, gamma):
    N, H, K = noise.shape[1:]
    mean = torch.stack([(low + high) / 2] * H)
    std = torch.stack([(high - low) / 4] * H)
    for i in range(len(noise)):
        x = (mean.unsqueeze(0) + std.unsqueeze(0) * noise[i]).clamp(min=low, max=high)
        s = torch.tile(state, (N, 1))
        rewards = []
        for t in range(H):
            s, r = dynamics(s, x[:, t, :])
            rewards.append(gamma**t * r)
        _, order = torch.stack(rewards).sum(0).sort(descending=True)
        index = order[:num_elites].reshape(-1, 1, 1).expand(-1, H, K)
        elites = torch.gather(x, 0, index)
        mean, std = elites.mean(dim=0), elites.var(dim=0, unbiased=False).sqrt()
    return mean


@correct("cem_plan_torch", "discounts as a tensor on the device, matmul")
def cem_plan_torch_discounts(dynamics, state, noise, num_elites, low, high, gamma):
    num_iterations, N, H, K = noise.shape
    discounts = torch.tensor([gamma**t for t in range(H)], dtype=noise.dtype, device=noise.device)
    mean, std = torch.zeros(H, K, dtype=noise.dtype, device=noise.device) + (low + high) / 2, (high - low) / 4
    for i in range(num_iterations):
        x = torch.clip(mean + std * noise[i], low, high)
        s, rewards = state.expand(N, len(state)), []
        for t in range(H):
            s, r = dynamics(s, x[:, t])
            rewards.append(r)
        elites = x[torch.argsort(torch.stack(rewards, dim=1) @ discounts)[-num_elites:]]
        std, mean = torch.std_mean(elites, dim=0, correction=0)
    return mean


@correct("cem_plan_torch", "Horner's way backwards in time")
def cem_plan_torch_backwards(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = torch.lerp(low, high, 0.5), (high - low) * 0.25
    for eps in noise:
        x = torch.min(torch.max(eps * std + mean, low), high)
        s, rewards = state.repeat(len(x), 1), []
        for a in x.transpose(0, 1):
            s, r = dynamics(s, a)
            rewards.append(r)
        G = torch.zeros_like(rewards[0])
        for r in reversed(rewards):
            G = r + gamma * G
        elites = x[G.topk(num_elites, sorted=False)[1]]
        mean = elites.mean(0)
        std = torch.linalg.vector_norm(elites - mean, dim=0) / num_elites**0.5
    return mean


@correct("cem_plan_torch", "noise scaled in place, negated costs")
def cem_plan_torch_in_place(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high).div(2), (high - low).div(4)
    for x in noise:
        x.mul_(std).add_(mean)
        x.clamp_(low, high)
        s = state[None].expand(x.size(0), -1)
        cost = x.new_zeros(x.size(0))
        for t in range(x.size(1)):
            s, r = dynamics(s, x[:, t])
            cost -= gamma**t * r
        elites = x[cost.topk(num_elites, largest=False).indices]
        mean, std = elites.mean(0), elites.std(0, unbiased=False)
    return mean


@correct("cem_plan_torch", "weights of 0 and 1 from ranks")
def cem_plan_torch_ranks(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = torch.clamp(mean + std * eps, low, high)
        s, G = state.expand(x.shape[0], -1), torch.zeros(x.shape[0], dtype=x.dtype, device=x.device)
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G = G + r * gamma**t
        better = (G[None, :] > G[:, None]).sum(dim=1)
        w = (better < num_elites).to(x.dtype)[:, None, None]
        mean = (w * x).sum(0) / num_elites
        std = ((w * (x - mean) ** 2).sum(0) / num_elites).sqrt()
    return mean


@correct("cem_plan_torch", "recursive rollout")
def cem_plan_torch_recursive(dynamics, state, noise, num_elites, low, high, gamma):
    def value(s, x):
        s, r = dynamics(s, x[:, 0])
        return r if x.shape[1] == 1 else r + gamma * value(s, x[:, 1:])

    def refine(mean, std, i):
        if i == noise.shape[0]:
            return mean
        x = torch.clamp(mean + std * noise[i], low, high)
        elites = x[value(state.expand(len(x), -1), x).topk(num_elites).indices]
        return refine(elites.mean(0), elites.std(0, correction=0), i + 1)

    return refine((low + high) / 2, (high - low) / 4, 0)


@correct("cem_plan_torch", "inference mode, a running discount")
@torch.inference_mode()
def cem_plan_torch_inference_mode(dynamics, state, noise, num_elites, low, high, gamma):
    mean, std = (low + high) / 2, (high - low) / 4
    for eps in noise:
        x = (mean + std * eps).clip(low, high)
        s, G, discount = state.expand(x.shape[0], -1), x.new_zeros(x.shape[0]), 1.0
        for t in range(x.shape[1]):
            s, r = dynamics(s, x[:, t])
            G += discount * r
            discount *= gamma
        elites = x[torch.argsort(-G)[:num_elites]]
        mean = elites.mean(0)
        std = torch.sqrt(torch.mean(torch.square(elites - mean), 0))
    return mean


# ------------------------------------------------------------------------------------------ evolution_strategy


@correct("evolution_strategy", "half and its mirror image, concatenated")
def evolution_strategy_concatenated(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng = np.random.default_rng(seed)
    x = np.array(x0, dtype=float)
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.vstack([half, -half])
        f = objective(x + sigma * eps)
        std = f.std()
        z = (f - f.mean()) / std if std > 0 else np.zeros_like(f)
        x = x + learning_rate / (population * sigma) * (z @ eps)
    return x


@correct("evolution_strategy", "two calls, one for each half")
def evolution_strategy_two_calls(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng = np.random.RandomState(seed)
    x = x0
    for _ in range(num_iterations):
        eps = rng.randn(population // 2, x.size)
        up, down = objective(x + sigma * eps), objective(x - sigma * eps)
        both = np.concatenate([up, down])
        if both.max() == both.min():
            continue
        gradient = ((up - down) / both.std()) @ eps
        x = x + learning_rate * gradient / (population * sigma)
    return x


@correct("evolution_strategy", "pairs interleaved, in place")
def evolution_strategy_interleaved(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng = np.random.default_rng(seed + 17)
    for _ in range(num_iterations):
        eps = np.zeros((population, len(x0)))
        eps[0::2] = rng.normal(size=(population // 2, len(x0)))
        eps[1::2] = -eps[0::2]
        values = np.asarray(objective(x0 + sigma * eps), dtype=float)
        values -= values.mean()
        spread = np.sqrt((values**2).mean())
        if spread > 1e-12:
            x0 += learning_rate / population / sigma * (values[:, None] / spread * eps).sum(axis=0)
    return x0


@correct("evolution_strategy", "pure Python with random.gauss, points one at a time")
def evolution_strategy_stdlib(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    import random
    import statistics

    source = random.Random(seed)
    x = [float(v) for v in x0]
    for _ in range(num_iterations):
        eps = []
        for _ in range(population // 2):
            e = [source.gauss(0, 1) for _ in x]
            eps += [e, [-v for v in e]]
        values = [float(objective([[a + sigma * b for a, b in zip(x, e, strict=True)]])[0]) for e in eps]
        mean, std = statistics.fmean(values), statistics.pstdev(values)
        if std > 0:
            for d in range(len(x)):
                total = sum((v - mean) / std * e[d] for v, e in zip(values, eps, strict=True))
                x[d] += learning_rate / (population * sigma) * total
    return x


@correct("evolution_strategy", "torch, a tiny number added to the deviation")
def evolution_strategy_torch(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.as_tensor(x0)
    for _ in range(num_iterations):
        half = torch.randn(population // 2, len(x), generator=g, dtype=torch.float64)
        eps = torch.cat([half, -half])
        f = torch.as_tensor(np.asarray(objective((x + sigma * eps).numpy())))
        z = (f - f.mean()) / (f.std(correction=0) + 1e-12)
        x = x + learning_rate / (population * sigma) * eps.T @ z
    return x


@correct("evolution_strategy", "watches the objective at x as it goes")
def evolution_strategy_watches(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng = np.random.default_rng(seed)
    x, curve = x0.copy(), []
    for _ in range(num_iterations):
        half = rng.standard_normal((population // 2, len(x)))
        eps = np.concatenate((half, -half), axis=0)
        f = objective(x + sigma * eps)
        z = np.divide(f - f.mean(), f.std(), out=np.zeros_like(f), where=f.std() > 0)
        x += learning_rate / (population * sigma) * np.einsum("n,nd->d", z, eps)
        curve.append(objective(x[None])[0])
    print("last value", curve[-1:])
    return x


@correct("evolution_strategy", "all noise drawn at the start")
def evolution_strategy_draws_first(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    noise = np.random.default_rng(seed).normal(0.0, 1.0, (num_iterations, population // 2, x0.shape[0]))
    x = x0
    for half in noise:
        eps = np.r_[-half, half]
        f = np.array(objective(x[None, :] + sigma * eps))
        z = np.zeros(population) if np.ptp(f) == 0 else (f - np.average(f)) / np.sqrt(np.var(f))
        x = x + (learning_rate / (population * sigma)) * np.sum(z.reshape(-1, 1) * eps, axis=0)
    return tuple(x)


@correct("evolution_strategy", "recursion over generations")
def evolution_strategy_recursive(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    rng = np.random.default_rng(seed)

    def climb(x, left):
        if left == 0:
            return x
        half = rng.standard_normal((population // 2, len(x)))
        points = np.concatenate([x + sigma * half, x - sigma * half[::-1]])
        f = objective(points)
        z = (f - f.mean()) / f.std() if len(set(np.asarray(f).tolist())) > 1 else 0 * f
        return climb(x + learning_rate / (population * sigma**2) * z @ (points - x), left - 1)

    return climb(x0, num_iterations)


@correct(
    "evolution_strategy", "uniform numbers through the inverse normal distribution, points shuffled, a baseline at x"
)
def evolution_strategy_inverse_cdf(objective, x0, sigma, population, learning_rate, num_iterations, seed):
    from statistics import NormalDist

    rng, x = np.random.default_rng([seed, 5]), x0 + 0.0
    for _ in range(num_iterations):
        uniform = np.clip(rng.random((population // 2, len(x))), 1e-300, None)
        half = np.vectorize(NormalDist().inv_cdf)(uniform)
        eps = np.concatenate([half, -half[::-1]])
        rng.shuffle(eps)
        gained = objective(np.vstack([x, x + sigma * eps]))
        gained = gained[1:] - gained[0]
        z = np.zeros(population) if gained.min() == gained.max() else (gained - gained.mean()) / gained.std()
        x = x + learning_rate * (z[:, None] * eps).mean(axis=0) / sigma
    return x.tolist()

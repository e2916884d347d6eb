"""Correct solutions of unit 1, Environment models, as different from each other as correct submissions are.

Each function stands alone apart from `np`, `torch`, `math` and earlier functions of the unit: its source is renamed to
the exercise and pasted into a notebook cell. The styles vary on purpose: loops, other draws, other containers. The
ensembles of neural networks are in `environment_ensembles.py`.
"""

import math

import numpy as np
import torch

from autograder.properties.entries import collection

solutions, correct = collection()

# -------------------------------------------------------------------------------------------- count_transitions


@correct("count_transitions", "a plain loop over zip")
def count_transitions_loop(states, actions, rewards, next_states, num_states, num_actions):
    counts = np.zeros((num_states, num_actions, num_states))
    sums = np.zeros((num_states, num_actions))
    for s, a, r, s2 in zip(states, actions, rewards, next_states):
        counts[s, a, s2] += 1
        sums[s, a] += r
    return counts, sums


@correct("count_transitions", "np.add.at with integer counts")
def count_transitions_add_at(states, actions, rewards, next_states, num_states, num_actions):
    counts = np.zeros((num_states, num_actions, num_states), dtype=int)
    sums = np.zeros((num_states, num_actions))
    np.add.at(counts, (states, actions, next_states), 1)
    np.add.at(sums, (states, actions), rewards)
    return counts, sums


@correct("count_transitions", "bincount of flat indices")
def count_transitions_bincount(states, actions, rewards, next_states, num_states, num_actions):
    pair = np.asarray(states, int) * num_actions + np.asarray(actions, int)
    flat = pair * num_states + np.asarray(next_states, int)
    counts = np.bincount(flat, minlength=num_states * num_actions * num_states)
    sums = np.bincount(pair, weights=rewards, minlength=num_states * num_actions)
    return counts.reshape(num_states, num_actions, num_states), sums.reshape(num_states, num_actions)


@correct("count_transitions", "a Counter and a dict, turned into nested lists")
def count_transitions_counter(states, actions, rewards, next_states, num_states, num_actions):
    from collections import Counter, defaultdict

    seen = Counter(zip(map(int, states), map(int, actions), map(int, next_states)))
    earned = defaultdict(float)
    for i in range(len(states)):
        earned[int(states[i]), int(actions[i])] += float(rewards[i])
    S, A = range(num_states), range(num_actions)
    return [[[seen[s, a, t] for t in S] for a in A] for s in S], [[earned[s, a] for a in A] for s in S]


@correct("count_transitions", "one-hot rows and einsum")
def count_transitions_one_hot(states, actions, rewards, next_states, num_states, num_actions):
    s = np.eye(num_states)[np.asarray(states, dtype=int)]
    a = np.eye(num_actions)[np.asarray(actions, dtype=int)]
    t = np.eye(num_states)[np.asarray(next_states, dtype=int)]
    return np.einsum("ns,na,nt->sat", s, a, t), np.einsum("ns,na,n->sa", s, a, np.asarray(rewards, float))


@correct("count_transitions", "a mask for each entry of the tables")
def count_transitions_masks(states, actions, rewards, next_states, num_states, num_actions):
    counts = np.zeros((num_states, num_actions, num_states))
    sums = np.zeros((num_states, num_actions))
    for s in range(num_states):
        for a in range(num_actions):
            here = (states == s) & (actions == a)
            sums[s, a] = rewards[here].sum()
            for t in range(num_states):
                counts[s, a, t] = np.count_nonzero(here & (next_states == t))
    return counts, sums


@correct("count_transitions", "np.unique with counts, rewards by histogram2d")
def count_transitions_unique(states, actions, rewards, next_states, num_states, num_actions):
    counts = np.zeros((num_states, num_actions, num_states))
    sums = np.zeros((num_states, num_actions))
    if len(states):
        where, times = np.unique(np.stack([states, actions, next_states]).astype(int), axis=1, return_counts=True)
        counts[tuple(where)] = times
        edges = [np.arange(num_states + 1) - 0.5, np.arange(num_actions + 1) - 0.5]
        sums = np.histogram2d(states, actions, bins=edges, weights=rewards)[0]
    return [counts, sums]


@correct("count_transitions", "torch index_put with accumulation")
def count_transitions_torch(states, actions, rewards, next_states, num_states, num_actions):
    s, a, t = (torch.as_tensor(np.asarray(x), dtype=torch.long) for x in (states, actions, next_states))
    r = torch.as_tensor(np.asarray(rewards), dtype=torch.float64)
    counts = torch.zeros(num_states, num_actions, num_states, dtype=torch.float64)
    counts.index_put_((s, a, t), torch.ones(len(s), dtype=torch.float64), accumulate=True)
    sums = torch.zeros(num_states, num_actions, dtype=torch.float64)
    sums.index_put_((s, a), r, accumulate=True)
    return counts.numpy(), sums.numpy()


# ---------------------------------------------------------------------------------------------------- mle_model


@correct("mle_model", "loops over pairs")
def mle_model_loops(counts, reward_sums):
    S, A, _ = counts.shape
    P = np.zeros((S, A, S))
    R = np.zeros((S, A))
    for s in range(S):
        for a in range(A):
            n = counts[s, a].sum()
            if n == 0:
                P[s, a] = 1.0 / S
            else:
                P[s, a] = counts[s, a] / n
                R[s, a] = reward_sums[s, a] / n
    return P, R


@correct("mle_model", "np.where around a safe division")
def mle_model_where(counts, reward_sums):
    n = counts.sum(axis=-1)
    safe = np.where(n == 0, 1, n)
    P = np.where(n[..., None] == 0, 1 / counts.shape[0], counts / safe[..., None])
    return P, np.where(n == 0, 0.0, reward_sums / safe)


@correct("mle_model", "division with warnings silenced, NaN replaced")
def mle_model_nan(counts, reward_sums):
    with np.errstate(all="ignore"):
        P = counts / counts.sum(axis=2, keepdims=True)
        R = reward_sums / counts.sum(axis=2)
    P[np.isnan(P)] = 1 / P.shape[2]
    return P, np.nan_to_num(R, nan=0.0)


@correct("mle_model", "ones in place of rows never tried, in the caller's array")
def mle_model_in_place(counts, reward_sums):
    visits = counts.sum(axis=2)
    counts[visits == 0] = 1
    reward_sums /= np.maximum(visits, 1)
    counts /= counts.sum(axis=2)[:, :, None]
    return counts, reward_sums


@correct("mle_model", "np.divide with out and where")
def mle_model_divide(counts, reward_sums):
    visits = np.einsum("sat->sa", counts)
    P = np.ones_like(counts) / len(counts)
    np.divide(counts, visits[..., None], out=P, where=visits[..., None] > 0)
    return P, np.divide(reward_sums, visits, out=np.zeros_like(visits), where=visits > 0)


@correct("mle_model", "nested lists of Python numbers")
def mle_model_lists(counts, reward_sums):
    S = len(counts)
    P, R = [], []
    for rows, sums in zip(counts.tolist(), reward_sums.tolist()):
        totals = [math.fsum(row) for row in rows]
        P.append([[c / n for c in row] if n else [1 / S] * S for row, n in zip(rows, totals)])
        R.append([r / n if n else 0 for r, n in zip(sums, totals)])
    return P, R


@correct("mle_model", "flattened to a matrix, normalised row by row with apply_along_axis")
def mle_model_apply(counts, reward_sums):
    P = np.apply_along_axis(lambda row: row / row.sum() if row.any() else np.full(len(row), 1 / len(row)), 2, counts)
    visits = counts.sum(2)
    R = np.array([r / n if n > 0 else 0.0 for r, n in zip(reward_sums.flat, visits.flat)]).reshape(visits.shape)
    return [P, R]


@correct("mle_model", "torch in double precision")
def mle_model_torch(counts, reward_sums):
    c, r = torch.from_numpy(counts).double(), torch.from_numpy(reward_sums).double()
    n = c.sum(-1)
    P = torch.where(n[..., None] > 0, c / n.clamp(min=1)[..., None], torch.full_like(c, 1 / c.shape[0]))
    R = torch.where(n > 0, r / n.clamp(min=1), torch.zeros_like(r))
    return P.numpy(), R.numpy()


# ------------------------------------------------------------------------------------------------ inverse_model


@correct("inverse_model", "three loops")
def inverse_model_loops(counts):
    S, A, _ = counts.shape
    out = np.zeros((S, S, A))
    for s in range(S):
        for s2 in range(S):
            n = sum(counts[s, a, s2] for a in range(A))
            for a in range(A):
                out[s, s2, a] = counts[s, a, s2] / n if n > 0 else 1 / A
    return out


@correct("inverse_model", "swapaxes and np.where")
def inverse_model_swapaxes(counts):
    c = np.swapaxes(counts, 1, 2)
    n = c.sum(axis=-1, keepdims=True)
    return np.where(n > 0, c / np.maximum(n, 1), 1.0 / counts.shape[1])


@correct("inverse_model", "normalised over actions, then transposed; NaN replaced")
def inverse_model_nan(counts):
    with np.errstate(invalid="ignore"):
        p = counts / counts.sum(axis=1, keepdims=True)
    p = np.nan_to_num(p, nan=1 / counts.shape[1])
    return np.transpose(p, (0, 2, 1))


@correct("inverse_model", "ones where nothing was seen, changed in place")
def inverse_model_in_place(counts):
    for s in range(len(counts)):
        for t in range(len(counts)):
            if not counts[s, :, t].any():
                counts[s, :, t] = 1.0
    counts /= counts.sum(axis=1)[:, None, :]
    return np.moveaxis(counts, 1, -1)


@correct("inverse_model", "nested comprehensions, lists")
def inverse_model_lists(counts):
    S, A = range(counts.shape[0]), range(counts.shape[1])
    totals = counts.sum(1)
    return [[[float(counts[s, a, t] / totals[s, t]) if totals[s, t] else 1 / len(A) for a in A] for t in S] for s in S]


@correct("inverse_model", "einsum and np.divide")
def inverse_model_divide(counts):
    c = np.einsum("sat->sta", counts)
    n = c.sum(axis=2, keepdims=True)
    out = np.full(c.shape, 1 / c.shape[2])
    np.divide(c, n, out=out, where=n != 0)
    return out


@correct("inverse_model", "by Bayes from the model and the frequencies of the actions")
def inverse_model_bayes(counts):
    S, A, _ = counts.shape
    out = np.empty((S, S, A))
    for s in range(S):
        tries = counts[s].sum(axis=1)
        prior = tries / tries.sum() if tries.sum() else np.full(A, 1 / A)
        likelihood = counts[s] / np.where(tries, tries, 1)[:, None]
        joint = prior[:, None] * likelihood
        for t in range(S):
            evidence = joint[:, t].sum()
            out[s, t] = joint[:, t] / evidence if evidence > 0 else 1 / A
    return out


@correct("inverse_model", "torch permute and where")
def inverse_model_torch(counts):
    c = torch.tensor(counts, dtype=torch.float64).permute(0, 2, 1)
    n = c.sum(dim=2, keepdim=True)
    return torch.where(n == 0, torch.ones_like(c) / c.shape[2], c / n.clamp_min(1)).numpy()


# ------------------------------------------------------------------------------------------- sample_next_states


@correct("sample_next_states", "rng.choice for each row")
def sample_next_states_choice(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    return np.array([rng.choice(len(P), p=P[s, a]) for s, a in zip(states, actions)])


@correct("sample_next_states", "inverse of the cumulative sum, all rows at once")
def sample_next_states_cumsum(P, states, actions, seed):
    u = np.random.default_rng(seed).random(len(states))
    cdf = np.cumsum(P[states, actions], axis=1)
    cdf[:, -1] = np.maximum(cdf[:, -1], 1.0)
    last = P.shape[2] - 1 - np.argmax(P[states, actions][:, ::-1] > 0, axis=1)
    return np.minimum((u[:, None] >= cdf).sum(axis=1), last)


@correct("sample_next_states", "torch.multinomial with a generator")
def sample_next_states_multinomial(P, states, actions, seed):
    g = torch.Generator().manual_seed(seed)
    rows = torch.tensor(P[states, actions])
    return torch.multinomial(rows, 1, generator=g).squeeze(1).numpy()


@correct("sample_next_states", "Gumbel noise on the logarithms")
def sample_next_states_gumbel(P, states, actions, seed):
    rng = np.random.RandomState(seed)
    with np.errstate(divide="ignore"):
        logits = np.log(P[states, actions])
    return (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


@correct("sample_next_states", "Python's random.choices, a list")
def sample_next_states_random_choices(P, states, actions, seed):
    import random

    source = random.Random(seed)
    return [source.choices(range(len(P)), weights=P[s, a].tolist())[0] for s, a in zip(states, actions)]


@correct("sample_next_states", "one multinomial draw for each row")
def sample_next_states_numpy_multinomial(P, states, actions, seed):
    np.random.seed(seed)
    return np.array([np.random.multinomial(1, P[s, a]).argmax() for s, a in zip(states, actions)])


@correct("sample_next_states", "pair by pair, all rows of a pair in one call")
def sample_next_states_grouped(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    out = np.zeros(len(states), dtype=int)
    for s in range(P.shape[0]):
        for a in range(P.shape[1]):
            here = np.where((states == s) & (actions == a))[0]
            out[here] = rng.choice(P.shape[2], size=len(here), p=P[s, a])
    return out


@correct("sample_next_states", "a race of exponential clocks")
def sample_next_states_race(P, states, actions, seed):
    rng = np.random.default_rng([seed, 17])
    rng.random(13)
    rates = P[states, actions]
    with np.errstate(divide="ignore"):
        times = np.where(rates > 0, rng.exponential(size=rates.shape) / rates, np.inf)
    return times.argmin(axis=1).astype(float)


@correct("sample_next_states", "subtracting probabilities from a uniform number until it is used up")
def sample_next_states_subtract(P, states, actions, seed):
    import random

    random.seed(seed)
    drawn = []
    for s, a in zip(states, actions):
        u, row = random.random(), P[s, a]
        for s2 in range(len(row)):
            if row[s2] == 0:
                continue
            chosen = s2
            u -= row[s2]
            if u < 0:
                break
        drawn.append(chosen)
    return tuple(drawn)


@correct("sample_next_states", "rejection: propose any state, keep it with its probability")
def sample_next_states_rejection(P, states, actions, seed):
    import random

    source = random.Random(seed)
    drawn = []
    for s, a in zip(states, actions):
        proposal = source.randrange(len(P))
        while source.random() >= P[s, a, proposal]:
            proposal = source.randrange(len(P))
        drawn.append(proposal)
    return drawn


@correct("sample_next_states", "a generator of its own for each row, seeded with seed + i")
def sample_next_states_seed_for_each_row(P, states, actions, seed):
    drawn = np.empty(len(states), dtype=np.int32)
    for i in range(len(states)):
        drawn[i] = np.random.default_rng(seed + i).choice(P.shape[-1], p=P[states[i], actions[i]])
    return drawn


# ------------------------------------------------------------------------------------------------ kfold_indices


@correct("kfold_indices", "array_split of a permutation")
def kfold_indices_array_split(n, k, seed):
    parts = np.array_split(np.random.default_rng(seed).permutation(n), k)
    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]


@correct("kfold_indices", "every k-th of a shuffled list")
def kfold_indices_stride(n, k, seed):
    import random

    order = list(range(n))
    random.Random(seed).shuffle(order)
    return [([i for i in range(n) if i not in order[f::k]], order[f::k]) for f in range(k)]


@correct("kfold_indices", "shuffled fold labels")
def kfold_indices_labels(n, k, seed):
    labels = np.arange(n) % k
    np.random.RandomState(seed).shuffle(labels)
    return [(np.flatnonzero(labels != f), np.flatnonzero(labels == f)) for f in range(k)]


@correct("kfold_indices", "sizes worked out first, larger folds last")
def kfold_indices_sizes(n, k, seed):
    perm = torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist()
    folds, start = [], 0
    for f in range(k):
        size = n // k + (1 if f >= k - n % k else 0)
        validation = perm[start : start + size]
        folds.append((sorted(set(range(n)) - set(validation)), validation))
        start += size
    return folds


@correct("kfold_indices", "argsort of random keys and a mask, tuple of tuples")
def kfold_indices_mask(n, k, seed):
    rng = np.random.default_rng(seed)
    order = np.argsort(rng.random(n))
    bounds = [f * n // k for f in range(k + 1)]
    result = []
    for low, high in zip(bounds[:-1], bounds[1:]):
        mask = np.zeros(n, dtype=bool)
        mask[order[low:high]] = True
        result.append((np.where(~mask)[0], np.where(mask)[0]))
    return tuple(result)


@correct("kfold_indices", "each fold drawn without replacement from what is left")
def kfold_indices_drawn(n, k, seed):
    rng = np.random.default_rng(seed)
    left = np.arange(n)
    result = []
    for f in range(k):
        validation = rng.choice(left, size=math.ceil(len(left) / (k - f)), replace=False)
        left = np.setdiff1d(left, validation)
        result.append([np.setdiff1d(np.arange(n), validation), validation])
    return result


@correct("kfold_indices", "dealt out like cards to the smallest hand, in random order")
def kfold_indices_dealt(n, k, seed):
    np.random.seed(seed)
    hands = [[] for _ in range(k)]
    for i in np.random.permutation(n):
        min(hands, key=len).append(int(i))
    return [(np.array([i for h in hands if h is not hand for i in h]), np.array(hand)) for hand in hands]


@correct("kfold_indices", "np.roll of the permutation, first part validates")
def kfold_indices_roll(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    result, start = [], 0
    for f in range(k):
        size = (n + f) // k
        rolled = np.roll(order, -start)
        result.append((rolled[size:], rolled[:size]))
        start += size
    return result


@correct("kfold_indices", "each example draws a fold in proportion to the room that is left there")
def kfold_indices_room_left(n, k, seed):
    import random

    source = random.Random(seed)
    room = [n // k + (f < n % k) for f in range(k)]
    members = [[] for _ in range(k)]
    for i in range(n):
        f = source.choices(range(k), weights=room)[0]
        room[f] -= 1
        members[f].append(i)
    return tuple((tuple(j for g in range(k) if g != f for j in members[g]), tuple(members[f])) for f in range(k))


@correct("kfold_indices", "sets drawn one after the other without replacement from those that are left")
def kfold_indices_drawn_from_the_rest(n, k, seed):
    source = np.random.RandomState(seed)
    left, folds = set(range(n)), []
    for f in range(k):
        size = math.ceil(len(left) / (k - f))
        folds.append(set(source.choice(sorted(left), size, replace=False).tolist()))
        left -= folds[-1]
    return [(sorted(set(range(n)) - fold), sorted(fold)) for fold in folds]


# ------------------------------------------------------------------------------------------------- gaussian_nll


@correct("gaussian_nll", "the formula")
def gaussian_nll_formula(mean, log_var, target):
    inv_var = torch.exp(-log_var)
    per_dim = 0.5 * ((target - mean) ** 2 * inv_var + log_var + math.log(2 * math.pi))
    return per_dim.sum(-1).mean()


@correct("gaussian_nll", "torch.distributions.Normal")
def gaussian_nll_normal(mean, log_var, target):
    dist = torch.distributions.Normal(mean, torch.exp(0.5 * log_var))
    return -dist.log_prob(target).sum(dim=-1).mean()


@correct("gaussian_nll", "Independent Normal without validation")
def gaussian_nll_independent(mean, log_var, target):
    base = torch.distributions.Normal(mean, (log_var / 2).exp(), validate_args=False)
    return torch.distributions.Independent(base, 1, validate_args=False).log_prob(target).neg().mean()


@correct("gaussian_nll", "PyTorch's own loss, full, no reduction")
def gaussian_nll_builtin(mean, log_var, target):
    loss = torch.nn.functional.gaussian_nll_loss(mean, target, log_var.exp(), full=True, reduction="none")
    return loss.sum(dim=1).mean(dim=0)


@correct("gaussian_nll", "constants and squared error apart, divided by N by hand")
def gaussian_nll_apart(mean, log_var, target):
    N, D = mean.shape
    quadratic = ((target - mean).pow(2) / log_var.exp()).sum()
    return 0.5 * (quadratic + log_var.sum()) / N + 0.5 * D * math.log(2 * math.pi)


@correct("gaussian_nll", "a loop over rows and columns")
def gaussian_nll_loop(mean, log_var, target):
    total = 0.0
    for n in range(mean.shape[0]):
        for d in range(mean.shape[1]):
            z = (target[n, d] - mean[n, d]) / torch.exp(log_var[n, d] / 2)
            total = total + 0.5 * z * z + 0.5 * log_var[n, d] + 0.5 * math.log(2 * math.pi)
    return total / mean.shape[0]


@correct("gaussian_nll", "constants as tensors on the inputs' device, einsum")
def gaussian_nll_tensors(mean, log_var, target):
    z = (mean - target) * torch.exp(-0.5 * log_var)
    constant = torch.log(torch.tensor(2 * math.pi, dtype=mean.dtype, device=mean.device))
    rows = torch.einsum("nd,nd->n", z, z) + log_var.sum(1) + constant * mean.size(1)
    return torch.mean(rows / 2)


@correct("gaussian_nll", "vmap over rows")
def gaussian_nll_vmap(mean, log_var, target):
    def row(m, v, x):
        return 0.5 * torch.sum(torch.square(x - m) * torch.exp(-v) + v + np.log(2 * np.pi))

    return torch.vmap(row)(mean, log_var, target).mean()


@correct("gaussian_nll", "log of the density, columns multiplied as sums of logs")
def gaussian_nll_log_density(mean, log_var, target):
    std = torch.sqrt(torch.exp(log_var))
    log_p = -torch.log(std) - 0.5 * math.log(2 * math.pi) - 0.5 * ((target - mean) / std) ** 2
    return -(log_p.sum(dim=1).sum() / len(log_p))


@correct("gaussian_nll", "PyTorch's multivariate normal distribution with a diagonal covariance")
def gaussian_nll_multivariate(mean, log_var, target):
    return -torch.distributions.MultivariateNormal(mean, torch.diag_embed(log_var.exp())).log_prob(target).mean()


# --------------------------------------------------------------------------------------------- ensemble_moments


@correct("ensemble_moments", "NumPy's own moments")
def ensemble_moments_numpy(means, variances):
    return means.mean(axis=0), variances.mean(axis=0), means.var(axis=0)


@correct("ensemble_moments", "mean of squares minus squared mean")
def ensemble_moments_squares(means, variances):
    mean = np.mean(means, axis=0)
    return mean, np.mean(variances, axis=0), np.mean(means**2, axis=0) - mean**2


@correct("ensemble_moments", "loops over rows and columns, lists")
def ensemble_moments_loops(means, variances):
    M, N, D = means.shape
    mean, aleatoric, epistemic = ([[0.0] * D for _ in range(N)] for _ in range(3))
    for n in range(N):
        for d in range(D):
            mean[n][d] = sum(means[m, n, d] for m in range(M)) / M
            aleatoric[n][d] = sum(variances[m, n, d] for m in range(M)) / M
            epistemic[n][d] = sum((means[m, n, d] - mean[n][d]) ** 2 for m in range(M)) / M
    return mean, aleatoric, epistemic


@correct("ensemble_moments", "statistics module")
def ensemble_moments_statistics(means, variances):
    import statistics

    shape = means.shape[1:]
    columns = means.reshape(len(means), -1).T.tolist()
    mean = np.array([statistics.fmean(c) for c in columns]).reshape(shape)
    noise = np.array([statistics.fmean(c) for c in variances.reshape(len(means), -1).T.tolist()]).reshape(shape)
    return mean, noise, np.array([statistics.pvariance(c) for c in columns]).reshape(shape)


@correct("ensemble_moments", "torch with unbiased=False, stacked into one array")
def ensemble_moments_torch(means, variances):
    m, v = torch.from_numpy(means), torch.from_numpy(variances)
    return torch.stack([m.mean(0), v.mean(0), m.var(0, unbiased=False)]).numpy()


@correct("ensemble_moments", "standard deviation squared")
def ensemble_moments_std(means, variances):
    return [np.average(means, axis=0), np.average(variances, axis=0), means.std(axis=0) ** 2]


@correct("ensemble_moments", "total variance minus the mean variance")
def ensemble_moments_total(means, variances):
    mean = means.sum(0) / len(means)
    aleatoric = variances.sum(0) / len(means)
    total = (variances + (means - mean) ** 2).sum(0) / len(means)
    return mean, aleatoric, ((means - mean) ** 2).mean(0) if len(means) > 1 else total - aleatoric


@correct("ensemble_moments", "Welford's running update")
def ensemble_moments_welford(means, variances):
    mean, m2, noise = np.zeros(means.shape[1:]), np.zeros(means.shape[1:]), np.zeros(means.shape[1:])
    for i, (mu, var) in enumerate(zip(means, variances), start=1):
        delta = mu - mean
        mean = mean + delta / i
        m2 = m2 + delta * (mu - mean)
        noise += (var - noise) / i
    return mean, noise, m2 / len(means)


# -------------------------------------------------------------------------------------------- calibration_curve


@correct("calibration_curve", "NormalDist quantiles, a loop over levels")
def calibration_curve_normaldist(mean, std, target, levels):
    from statistics import NormalDist

    observed = []
    for p in levels:
        half = NormalDist().inv_cdf(0.5 + p / 2)
        observed.append(np.mean((target >= mean - half * std) & (target <= mean + half * std)))
    observed = np.array(observed)
    return observed, np.mean(np.abs(observed - levels))


@correct("calibration_curve", "erf of the standardised distance, math only")
def calibration_curve_erf(mean, std, target, levels):
    needed = []
    for m, s, x in zip(np.ravel(mean), np.ravel(std), np.ravel(target)):
        needed.append(math.erf(abs(x - m) / (s * math.sqrt(2))))
    observed = [sum(q < p for q in needed) / len(needed) for p in levels]
    return observed, sum(abs(o - p) for o, p in zip(observed, levels)) / len(observed)


@correct("calibration_curve", "torch icdf, broadcast over levels")
def calibration_curve_torch(mean, std, target, levels):
    z = torch.from_numpy(np.abs((target - mean) / std).reshape(-1))
    p = torch.from_numpy(levels)
    half = torch.distributions.Normal(0.0, 1.0).icdf((1 + p) / 2).double()
    half = torch.special.erfinv(p) * math.sqrt(2)
    observed = (z[None, :] < half[:, None]).double().mean(1)
    return observed.numpy(), (observed - p).abs().mean().item()


@correct("calibration_curve", "quantiles by bisection")
def calibration_curve_bisection(mean, std, target, levels):
    def quantile(p):
        low, high = 0.0, 40.0
        for _ in range(200):
            middle = (low + high) / 2
            if math.erf(middle / math.sqrt(2)) < p:
                low = middle
            else:
                high = middle
        return high

    inside = [np.abs(target - mean) <= quantile(float(p)) * std for p in levels]
    observed = np.array([np.count_nonzero(each) / each.size for each in inside])
    return observed, np.array([np.abs(observed - levels).mean()])


@correct("calibration_curve", "probability integral transform")
def calibration_curve_pit(mean, std, target, levels):
    pit = np.vectorize(lambda m, s, x: 0.5 * (1 + math.erf((x - m) / s / 2**0.5)))(mean, std, target).ravel()
    lower, upper = (1 - levels) / 2, (1 + levels) / 2
    observed = ((pit[:, None] > lower) & (pit[:, None] < upper)).sum(axis=0) / pit.size
    return tuple(observed), float(abs(observed - levels).sum() / levels.size)


@correct("calibration_curve", "sorted distances and searchsorted")
def calibration_curve_sorted(mean, std, target, levels):
    target -= mean
    target /= std
    distance = np.sort(np.abs(target), axis=None)
    from statistics import NormalDist

    half = [NormalDist().inv_cdf(0.5 * (1 + p)) for p in levels.tolist()]
    observed = np.searchsorted(distance, half, side="right") / len(distance)
    return [observed, np.abs(levels - observed).mean()]


@correct("calibration_curve", "a NormalDist for each prediction")
def calibration_curve_each(mean, std, target, levels):
    from statistics import NormalDist

    hits = np.zeros(len(levels))
    total = 0
    for m, s, x in np.nditer([mean, std, target]):
        cdf = NormalDist(float(m), float(s)).cdf(float(x))
        hits += np.abs(2 * cdf - 1) <= levels
        total += 1
    hits /= total
    return hits, np.mean([abs(h - p) for h, p in zip(hits, levels)])


@correct("calibration_curve", "distances in standard deviations, quantile by Newton")
def calibration_curve_newton(mean, std, target, levels):
    half = np.zeros_like(levels)
    for i, p in enumerate(levels):
        z = 0.0
        for _ in range(60):
            density = math.sqrt(2 / math.pi) * math.exp(-z * z / 2)
            z = min(z - (math.erf(z / math.sqrt(2)) - p) / max(density, 1e-12), z + 1.0)
        half[i] = z
    z = np.abs(target - mean) / std
    observed = np.mean(z.reshape(1, -1) <= half.reshape(-1, 1), axis=1)
    return observed, np.abs(observed - levels).mean()

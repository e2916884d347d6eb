"""Correct solutions of unit 6, modern methods, first part: dropout, rollouts, returns, imagination and gradients.

Each function is self-contained apart from `np`, `torch`, `math` and earlier functions of its unit: its source is
renamed to the exercise and pasted into a notebook cell. The searches are in `modern_searches.py`.
"""

import math

import numpy as np
import torch

from autograder.properties.entries import collection

solutions, correct = collection()

# ------------------------------------------------------------------------------------------ mc_dropout_predict


@correct("mc_dropout_predict", "torch's own dropout under the global seed, one pass for each sample")
def mc_dropout_predict_functional(weights, biases, x, dropout, num_samples, seed):
    torch.manual_seed(seed)
    outputs = []
    for _ in range(num_samples):
        h = x
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.nn.functional.dropout(torch.relu(torch.nn.functional.linear(h, W, b)), dropout, training=True)
        outputs.append(torch.nn.functional.linear(h, weights[-1], biases[-1]))
    outputs = torch.stack(outputs)
    return outputs.mean(0), outputs.std(0, unbiased=False)


@correct("mc_dropout_predict", "masks from NumPy, in the dtype of x")
def mc_dropout_predict_numpy_masks(weights, biases, x, dropout, num_samples, seed):
    rng = np.random.default_rng(seed)
    samples = []
    for _ in range(num_samples):
        h = x
        for layer in range(len(weights)):
            h = h @ weights[layer].T + biases[layer]
            if layer < len(weights) - 1:
                mask = torch.as_tensor(rng.binomial(1, 1 - dropout, size=tuple(h.shape)), dtype=x.dtype)
                h = torch.clamp(h, min=0) * mask / (1 - dropout)
        samples.append(h)
    s = torch.stack(samples)
    mean = s.mean(dim=0)
    return mean, ((s - mean) ** 2).mean(dim=0).sqrt()


@correct("mc_dropout_predict", "one row at a time, single-precision masks scaled up beforehand")
def mc_dropout_predict_row_by_row(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator()
    g.manual_seed(seed)
    means, stds = [], []
    for row in x:
        outs = []
        for _ in range(num_samples):
            h = row
            for W, b in zip(weights[:-1], biases[:-1], strict=True):
                h = (W @ h + b).relu()
                h = h * ((torch.rand(h.shape, generator=g) > dropout).float() / (1.0 - dropout))
            outs.append(weights[-1] @ h + biases[-1])
        outs = torch.stack(outs)
        means.append(outs.mean(0))
        stds.append(outs.var(0, correction=0).sqrt())
    return torch.stack(means), torch.stack(stds)


@correct("mc_dropout_predict", "the batch repeated, one big pass; list as a result")
def mc_dropout_predict_repeated_batch(weights, biases, x, dropout, num_samples, seed):
    torch.manual_seed(seed)
    big = x.repeat(num_samples, 1)
    last = len(weights) - 1
    for i in range(last + 1):
        big = torch.addmm(biases[i], big, weights[i].t())
        if i != last:
            keep = torch.bernoulli(torch.full_like(big, 1 - dropout))
            big = torch.where(big > 0, big, torch.zeros_like(big)) * keep / (1 - dropout)
    out = big.reshape(num_samples, x.shape[0], -1)
    return [out.mean(0), out.std(0, correction=0)]


@correct("mc_dropout_predict", "running sums, root of the mean square minus the squared mean")
def mc_dropout_predict_running_sums(weights, biases, x, dropout, num_samples, seed):
    generator = torch.Generator().manual_seed(seed)
    total, squares = 0.0, 0.0
    for _ in range(num_samples):
        h = x.clone()
        for W, b in list(zip(weights, biases, strict=True))[:-1]:
            h = torch.maximum(h @ W.mT + b, torch.zeros((), dtype=x.dtype))
            h[torch.rand(h.shape, generator=generator, dtype=x.dtype) < dropout] = 0.0
            h = h / (1 - dropout)
        y = h @ weights[-1].mT + biases[-1]
        total, squares = total + y, squares + y * y
    mean = total / num_samples
    return mean, (squares / num_samples - mean**2).clamp(min=0).sqrt()


@correct("mc_dropout_predict", "a torch Sequential in training mode, gradients still on")
def mc_dropout_predict_sequential(weights, biases, x, dropout, num_samples, seed):
    layers = []
    for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
        linear = torch.nn.Linear(W.shape[1], W.shape[0], dtype=x.dtype)
        linear.weight, linear.bias = torch.nn.Parameter(W), torch.nn.Parameter(b)
        layers.append(linear)
        if i < len(weights) - 1:
            layers += [torch.nn.ReLU(), torch.nn.Dropout(dropout)]
    net = torch.nn.Sequential(*layers).train()
    torch.manual_seed(seed)
    out = torch.stack([net(x) for _ in range(num_samples)])
    return out.mean(axis=0), out.std(axis=0, unbiased=False)


@correct("mc_dropout_predict", "recursion over layers, dropout before the rectifier, which is the same")
def mc_dropout_predict_recursive(weights, biases, x, dropout, num_samples, seed):
    rng = np.random.RandomState(seed)

    def forward(h, l):  # noqa: E741
        z = torch.einsum("...i,oi->...o", h, weights[l]) + biases[l]
        if l == len(weights) - 1:
            return z
        keep = torch.from_numpy(rng.random_sample(tuple(z.shape)) >= dropout)
        return forward((z * keep / (1 - dropout)).relu(), l + 1)

    y = forward(torch.stack([x] * num_samples), 0)
    return y.mean(0), torch.sqrt(torch.mean((y - y.mean(0)) ** 2, 0))


@correct("mc_dropout_predict", "jumps from one dropped activation to the next, by geometric gaps")
def mc_dropout_predict_gaps(weights, biases, x, dropout, num_samples, seed):
    rng, outputs = np.random.default_rng([seed, 17]), []
    for _ in range(num_samples):
        h = x
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.relu(h @ W.T + b) / (1 - dropout)
            flat, i = h.reshape(-1), -1
            while dropout > 0:
                i += int(rng.geometric(dropout))
                if i >= len(flat):
                    break
                flat[i] = 0.0
            h = flat.reshape(h.shape)
        outputs.append(h @ weights[-1].T + biases[-1])
    y = torch.stack(outputs, dim=-1)
    std, mean = torch.std_mean(y, dim=-1, correction=0)
    return mean, std


@correct("mc_dropout_predict", "a generator of its own for each sample, layer and row; columns in place of rows")
def mc_dropout_predict_spawned(weights, biases, x, dropout, num_samples, seed):
    outputs = []
    for sample in range(num_samples):
        h = x.T
        for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
            h = W @ h + b[:, None]
            if layer + 1 < len(weights):
                rows = [np.random.default_rng((seed, sample, layer, n)).random(len(b)) for n in range(len(x))]
                kept = torch.from_numpy(np.stack(rows, axis=1) >= dropout)
                h = torch.where(kept & (h > 0), h / (1 - dropout), torch.zeros_like(h))
        outputs.append(h.T)
    y = torch.stack(outputs)
    return y.mean(0), (y - y.mean(0)).square().mean(0).sqrt()


@correct("mc_dropout_predict", "Welford's running mean and deviation, torch.dropout")
def mc_dropout_predict_welford(weights, biases, x, dropout, num_samples, seed):
    torch.random.manual_seed(seed)
    mean = squares = torch.zeros((), dtype=x.dtype)
    for k in range(1, num_samples + 1):
        h = x
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.dropout(torch.clamp_min(h @ W.t() + b, 0), dropout, True)
        y = h @ weights[-1].t() + biases[-1]
        gap = y - mean
        mean = mean + gap / k
        squares = squares + gap * (y - mean)
    return mean, torch.sqrt(squares / num_samples)


# ------------------------------------------------------------------------------------------- branched_rollouts


@correct("branched_rollouts", "only the living rows are stepped; the dead have NaN for actions")
def branched_rollouts_living_only(step, policy, starts, horizon):
    N, D = starts.shape
    states = np.zeros((horizon, N, D))
    next_states = np.zeros((horizon, N, D))
    rewards, alive = np.zeros((horizon, N)), np.zeros((horizon, N), dtype=bool)
    actions = None
    current, living = starts.copy(), np.ones(N, dtype=bool)
    for t in range(horizon):
        states[t], alive[t] = current, living
        following = current.copy()
        if living.any():
            a = np.asarray(policy(current[living]))
            if actions is None:
                actions = np.full((horizon, N, a.shape[1]), np.nan)
            actions[t, living] = a
            following[living], rewards[t, living], done = step(current[living], a)
            living = living.copy()
            living[np.flatnonzero(living)[np.asarray(done, dtype=bool)]] = False
        next_states[t] = following
        current = following
    return {
        "states": states,
        "actions": actions,
        "rewards": rewards,
        "next_states": next_states,
        "alive": alive,
    }


@correct("branched_rollouts", "all rows, masks as 0 and 1, lists of lists as a result")
def branched_rollouts_all_rows(step, policy, starts, horizon):
    out = {"states": [], "actions": [], "rewards": [], "next_states": [], "alive": []}
    s, m = np.array(starts), np.ones(len(starts))
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        s2 = m[:, None] * np.asarray(s2) + (1 - m)[:, None] * s
        out["states"].append(s.tolist())
        out["actions"].append(np.asarray(a).tolist())
        out["rewards"].append((m * np.asarray(r)).tolist())
        out["next_states"].append(s2.tolist())
        out["alive"].append(m.tolist())
        s, m = s2, m * (1 - np.asarray(d).astype(float))
    return out


@correct("branched_rollouts", "one branch after another, each with calls of one row")
def branched_rollouts_one_by_one(step, policy, starts, horizon):
    columns = {k: [] for k in ("states", "actions", "rewards", "next_states", "alive")}
    for start in starts:
        s, living = start, True
        rows = {k: [] for k in columns}
        for _ in range(horizon):
            a = policy(s[None])[0]
            s2, r = s, 0.0
            was = living
            if living:
                after, reward, end = step(s[None], a[None])
                s2, r, living = after[0], float(reward[0]), not bool(end[0])
            for k, v in zip(rows, (s, a, r, s2, was), strict=True):
                rows[k].append(v)
            s = s2
        for k, v in rows.items():
            columns[k].append(v)
    return {k: np.swapaxes(np.array(v), 0, 1) for k, v in columns.items()}


@correct("branched_rollouts", "calls with no rows at all once everybody is dead")
def branched_rollouts_empty_calls(step, policy, starts, horizon):
    N = len(starts)
    idx = np.arange(N)
    s = starts.astype(float)
    history = []
    for _ in range(horizon):
        part = policy(s[idx])
        a = np.zeros((N, part.shape[1]))
        a[idx] = part
        nxt, rew, term = step(s[idx], part)
        s2, r = s.copy(), np.zeros(N)
        s2[idx], r[idx] = nxt, rew
        flags = np.isin(np.arange(N), idx)
        history.append((s, a, r, s2, flags))
        idx = idx[~np.asarray(term, bool)]
        s = s2
    keys = ("states", "actions", "rewards", "next_states", "alive")
    return {k: np.array(v) for k, v in zip(keys, zip(*history, strict=True), strict=True)}


@correct("branched_rollouts", "stops early and fills up the rest")
def branched_rollouts_stops_early(step, policy, starts, horizon):
    s, dead = starts, np.zeros(len(starts), bool)
    S, A, R, S2, alive = [], [], [], [], []
    for _ in range(horizon):
        if dead.all():
            break
        a = policy(s)
        n, r, d = step(s, a)
        n, r = np.where(dead[:, None], s, n), np.where(dead, 0, r)
        S.append(s)
        A.append(a)
        R.append(r)
        S2.append(n)
        alive.append(~dead)
        s, dead = n, np.logical_or(dead, d)
    for _ in range(horizon - len(S)):
        S.append(s)
        S2.append(s)
        A.append(np.zeros_like(A[0]))
        R.append(np.zeros(len(s)))
        alive.append(np.zeros(len(s), bool))
    return dict(
        states=np.stack(S), actions=np.stack(A), rewards=np.stack(R), next_states=np.stack(S2), alive=np.stack(alive)
    )


@correct("branched_rollouts", "arrays filled in place; more in the dict than was asked for")
def branched_rollouts_filled(step, policy, starts, horizon):
    N, D = np.shape(starts)
    data = {
        "states": np.empty((horizon, N, D)),
        "rewards": np.zeros((horizon, N)),
        "next_states": np.empty((horizon, N, D)),
        "alive": np.ones((horizon, N), dtype=np.int64),
    }
    acts, s = [], starts
    for t in range(horizon):
        data["states"][t] = s
        a = policy(s)
        acts.append(a)
        s2, r, d = step(s, a)
        live = data["alive"][t] == 1
        data["next_states"][t] = s
        data["next_states"][t, live] = np.asarray(s2)[live]
        data["rewards"][t, live] = np.asarray(r)[live]
        if t + 1 < horizon:
            data["alive"][t + 1 :, live & np.asarray(d, bool)] = 0
            data["alive"][t + 1, ~live] = 0
        s = data["next_states"][t].copy()
    data["actions"] = acts
    data["returns"] = data["rewards"].sum(axis=0)
    return data


@correct("branched_rollouts", "rolls out as if nobody died, and puts the dead to rest afterwards")
def branched_rollouts_rests_afterwards(step, policy, starts, horizon):
    s, told = starts, []
    for _ in range(horizon):
        a = policy(s)
        after, r, d = step(s, a)
        told.append((s, a, r, after, d))
        s = after
    states, actions, rewards, reached, ended = (np.stack(each) for each in zip(*told, strict=True))
    dead = np.zeros(ended.shape, dtype=bool)
    dead[1:] = np.cumsum(ended[:-1], axis=0) > 0
    for n in np.flatnonzero(dead.any(axis=0)):
        first = int(dead[:, n].argmax())
        states[first:, n] = reached[first:, n] = reached[first - 1, n].copy()
        rewards[first:, n] = 0.0
    return {"states": states, "actions": actions, "rewards": rewards, "next_states": reached, "alive": ~dead}


@correct("branched_rollouts", "the caller's starts are moved on in place; tensors in the dict")
def branched_rollouts_in_place(step, policy, starts, horizon):
    dead = np.zeros(len(starts), dtype=bool)
    out = {"alive": [], "next_states": [], "rewards": [], "actions": [], "states": []}
    for _ in range(horizon):
        out["states"].append(torch.tensor(starts))
        out["alive"].append(torch.tensor(~dead))
        living, earned = np.flatnonzero(~dead), np.zeros(len(starts))
        actions = np.array(policy(starts))
        actions[dead] = np.inf
        if living.size:
            starts[living], earned[living], dead[living] = step(starts[living], actions[living])
        out["actions"].append(torch.tensor(actions))
        out["rewards"].append(torch.tensor(earned))
        out["next_states"].append(torch.tensor(starts))
    return {name: torch.stack(entries) for name, entries in out.items()}


# --------------------------------------------------------------------------------------------- lambda_returns


@correct("lambda_returns", "backwards with a list")
def lambda_returns_list(rewards, values, continues, lam):
    G, out = values[-1], []
    for t in range(len(rewards) - 1, -1, -1):
        G = rewards[t] + continues[t] * ((1 - lam) * values[t + 1] + lam * G)
        out.insert(0, G)
    return out


@correct("lambda_returns", "sums of temporal-difference errors")
def lambda_returns_td_errors(rewards, values, continues, lam):
    delta = rewards + continues * values[1:] - values[:-1]
    advantage = np.zeros_like(values)
    for t in range(len(rewards))[::-1]:
        advantage[t] = delta[t] + continues[t] * lam * advantage[t + 1]
    return advantage[:-1] + values[:-1]


@correct("lambda_returns", "recursion")
def lambda_returns_recursive(rewards, values, continues, lam):
    def G(t):
        if t == len(rewards):
            return [values[-1]]
        rest = G(t + 1)
        return [rewards[t] + continues[t] * ((1 - lam) * values[t + 1] + lam * rest[0]), *rest]

    return np.array(G(0)[:-1])


@correct("lambda_returns", "number by number in Python floats")
def lambda_returns_floats(rewards, values, continues, lam):
    T, N = rewards.shape
    result = [[0.0] * N for _ in range(T)]
    for n in range(N):
        g = float(values[T][n])
        for t in reversed(range(T)):
            g = float(rewards[t][n]) + float(continues[t][n]) * ((1.0 - lam) * float(values[t + 1][n]) + lam * g)
            result[t][n] = g
    return result


@correct("lambda_returns", "a linear system for all steps at once")
def lambda_returns_linear_system(rewards, values, continues, lam):
    T, N = rewards.shape
    out = np.empty((T, N))
    for n in range(N):
        c = continues[:, n]
        known = rewards[:, n] + c * (1 - lam) * values[1:, n]
        known[-1] += c[-1] * lam * values[-1, n]
        out[:, n] = np.linalg.solve(np.eye(T) - lam * np.diag(c[:-1], 1), known)
    return out


@correct("lambda_returns", "torch inside, tensor out")
def lambda_returns_torch(rewards, values, continues, lam):
    r, v, c = map(torch.from_numpy, (rewards, values, continues))
    returns = [v[-1]]
    for t in range(r.shape[0] - 1, -1, -1):
        returns.append(r[t] + c[t] * torch.lerp(v[t + 1], returns[-1], lam))
    return torch.stack(returns[:0:-1])


@correct("lambda_returns", "the sum of all n-step returns with their weights")
def lambda_returns_n_step(rewards, values, continues, lam):
    T, N = rewards.shape
    out = np.zeros((T, N))
    for t in range(T):
        total, weight, reach, earned = np.zeros(N), 1.0, np.ones(N), np.zeros(N)
        for k in range(t, T):
            earned = earned + reach * rewards[k]
            reach = reach * continues[k]
            n_step = earned + reach * values[k + 1]
            if k == T - 1:
                total = total + weight * n_step
            else:
                total = total + weight * (1 - lam) * n_step
            weight *= lam
        out[t] = total
    return out


@correct("lambda_returns", "a parallel scan: every round joins stretches of twice the length")
def lambda_returns_scan(rewards, values, continues, lam):
    slope, offset = lam * continues, rewards + (1 - lam) * continues * values[1:]
    offset[-1] += slope[-1] * values[-1]
    slope[-1] = 0.0
    length = 1
    while length < len(rewards):
        ahead, beyond = np.zeros_like(slope), np.zeros_like(offset)
        ahead[:-length], beyond[:-length] = slope[length:], offset[length:]
        offset, slope = offset + slope * beyond, slope * ahead
        length *= 2
    return offset


# ---------------------------------------------------------------------------------------------------- imagine


@correct("imagine", "lists, np.array at the end")
def imagine_lists(encode, transition, actor, reward, observations, horizon):
    z = encode(observations)
    zs, acts, rs = [z], [], []
    for _ in range(horizon):
        a = actor(z)
        z = transition(z, a)
        zs.append(z)
        acts.append(a)
        rs.append(reward(z))
    return np.array(zs), np.array(acts), np.array(rs)


@correct("imagine", "rewards asked for at the end, all together")
def imagine_rewards_together(encode, transition, actor, reward, observations, horizon):
    latents, actions = [np.asarray(encode(observations))], []
    while len(latents) <= horizon:
        actions.append(actor(latents[-1]))
        latents.append(np.asarray(transition(latents[-1], actions[-1])))
    latents = np.stack(latents)
    rewards = np.asarray(reward(latents[1:].reshape(-1, latents.shape[-1]))).reshape(horizon, -1)
    return latents, np.stack(actions), rewards


@correct("imagine", "arrays filled in place")
def imagine_filled(encode, transition, actor, reward, observations, horizon):
    first = encode(observations)
    N, Z = first.shape
    latents, rewards, actions = np.empty((horizon + 1, N, Z)), np.empty((horizon, N)), None
    latents[0] = first
    for t in range(horizon):
        a = actor(latents[t])
        if actions is None:
            actions = np.empty((horizon, *a.shape))
        actions[t] = a
        latents[t + 1] = transition(latents[t], actions[t])
        rewards[t] = reward(latents[t + 1])
    return [latents, actions, rewards]


@correct("imagine", "recursion, plain lists")
def imagine_recursive(encode, transition, actor, reward, observations, horizon):
    def dream(z, left):
        if left == 0:
            return [z.tolist()], [], []
        a = actor(z)
        after = transition(z, a)
        zs, acts, rs = dream(after, left - 1)
        return [z.tolist(), *zs], [np.asarray(a).tolist(), *acts], [np.asarray(reward(after)).tolist(), *rs]

    return dream(encode(observations), horizon)


@correct("imagine", "row by row, calls of one row each")
def imagine_row_by_row(encode, transition, actor, reward, observations, horizon):
    rows = []
    for o in observations:
        z = encode(o[np.newaxis])
        zs, acts, rs = [z[0]], [], []
        for _ in range(horizon):
            a = actor(z)
            z = transition(z, a)
            zs.append(z[0])
            acts.append(a[0])
            rs.append(reward(z)[0])
        rows.append((zs, acts, rs))
    return tuple(np.stack([np.array(row[i]) for row in rows], axis=1) for i in range(3))


@correct("imagine", "a generator of steps, unzipped")
def imagine_generator(encode, transition, actor, reward, observations, horizon):
    def steps(z):
        while True:
            a = actor(z)
            z = transition(z, a)
            yield z, a, reward(z)

    start = encode(observations)
    ahead = steps(start)
    told = [next(ahead) for _ in range(horizon)]
    zs, acts, rs = zip(*told, strict=True)
    return np.concatenate([start[None], np.stack(zs)]), np.stack(acts), np.vstack(rs)


@correct("imagine", "the way first; actions and rewards are asked for afterwards, all rows of all steps at once")
def imagine_asks_afterwards(encode, transition, actor, reward, observations, horizon):
    way = [encode(observations)]
    for _ in range(horizon):
        way.append(transition(way[-1], actor(way[-1])))
    latents = np.stack(way)
    count, size = latents.shape[1:]
    actions = np.asarray(actor(latents[:-1].reshape(horizon * count, size)))
    rewards = np.asarray(reward(latents[1:].reshape(horizon * count, size)))
    return latents, actions.reshape(horizon, count, -1), rewards.reshape(horizon, count)


# ---------------------------------------------------------------------------------------------- maml_gradient


@correct("maml_gradient", "autograd, create_graph, backward at the end")
def maml_gradient_backward(weights, tasks, inner_lr):
    w = weights.clone().detach().requires_grad_(True)
    loss = 0.0
    for Xs, ys, Xq, yq in tasks:
        inner = torch.nn.functional.mse_loss(Xs @ w, ys)
        g = torch.autograd.grad(inner, w, create_graph=True)[0]
        loss = loss + torch.nn.functional.mse_loss(Xq @ (w - inner_lr * g), yq)
    (loss / len(tasks)).backward()
    return w.grad


@correct("maml_gradient", "torch.func, a gradient of a gradient")
def maml_gradient_func(weights, tasks, inner_lr):
    def mse(w, X, y):
        return torch.mean((X @ w - y) ** 2)

    def outer(w):
        losses = [mse(w - inner_lr * torch.func.grad(mse)(w, Xs, ys), Xq, yq) for Xs, ys, Xq, yq in tasks]
        return torch.stack(losses).mean()

    return torch.func.grad(outer)(weights)


@correct("maml_gradient", "by hand: the Hessian of the support loss")
def maml_gradient_by_hand(weights, tasks, inner_lr):
    total = torch.zeros_like(weights)
    for Xs, ys, Xq, yq in tasks:
        hessian = 2 / len(ys) * Xs.T @ Xs
        adapted = weights - inner_lr * (hessian @ weights - 2 / len(ys) * Xs.T @ ys)
        outer = 2 / len(yq) * Xq.T @ (Xq @ adapted - yq)
        total += outer - inner_lr * hessian @ outer
    return total / len(tasks)


@correct("maml_gradient", "the inner gradient by hand, the outer one by autograd")
def maml_gradient_half_by_hand(weights, tasks, inner_lr):
    w = weights.detach().clone()
    w.requires_grad = True
    losses = []
    for support_x, support_y, query_x, query_y in tasks:
        error = support_x.matmul(w) - support_y
        step = inner_lr * 2 * (error.unsqueeze(1) * support_x).mean(dim=0)
        losses.append((query_x.matmul(w - step) - query_y).pow(2).mean())
    return torch.autograd.grad(sum(losses), w)[0] / len(losses)


@correct("maml_gradient", "one task after another, gradients averaged; the result keeps a history")
def maml_gradient_task_by_task(weights, tasks, inner_lr):
    gradients = []
    for Xs, ys, Xq, yq in tasks:
        w = weights.detach().requires_grad_()
        g, = torch.autograd.grad(((ys - Xs.mv(w)) ** 2).mean(), w, create_graph=True)  # fmt: skip
        fast = w - inner_lr * g
        q = ((yq - Xq.mv(fast)) ** 2).sum() / yq.shape[0]
        gradients.append(torch.autograd.grad(q, w, create_graph=True)[0])
    return torch.stack(gradients).mean(dim=0)


@correct("maml_gradient", "Jacobian of the inner step times the outer gradient; looks at the losses as it goes")
def maml_gradient_jacobian(weights, tasks, inner_lr):
    def adapt(w, X, y):
        return w - inner_lr * 2.0 / X.shape[0] * X.T @ (X @ w - y)

    total, seen = 0, []
    for Xs, ys, Xq, yq in tasks:
        J = torch.autograd.functional.jacobian(lambda w, X=Xs, y=ys: adapt(w, X, y), weights)
        residual = Xq @ adapt(weights, Xs, ys) - yq
        seen.append(float((residual**2).mean()))
        total = total + J.T @ (2.0 / Xq.shape[0] * Xq.T @ residual)
    return total / len(tasks)


@correct("maml_gradient", "number by number")
def maml_gradient_loops(weights, tasks, inner_lr):
    D = weights.shape[0]
    out = torch.zeros_like(weights)
    for Xs, ys, Xq, yq in tasks:
        n, m = Xs.shape[0], Xq.shape[0]
        w = weights.clone()
        for i in range(n):
            w = w - inner_lr * 2 / n * (torch.dot(Xs[i], weights) - ys[i]) * Xs[i]
        g = torch.zeros_like(weights)
        for i in range(m):
            g = g + 2 / m * (torch.dot(Xq[i], w) - yq[i]) * Xq[i]
        for d in range(D):
            correction = sum(2 / n * Xs[i, d] * torch.dot(Xs[i], g) for i in range(n))
            out[d] += (g[d] - inner_lr * correction) / len(tasks)
    return out


@correct("maml_gradient", "torch.func: the Hessian of the support loss, forward over reverse")
def maml_gradient_hessian(weights, tasks, inner_lr):
    identity, total = torch.eye(len(weights), dtype=weights.dtype, device=weights.device), torch.zeros_like(weights)
    for Xs, ys, Xq, yq in tasks:

        def support(w, X=Xs, y=ys):
            return ((X @ w - y) ** 2).mean()

        adapted = weights - inner_lr * torch.func.grad(support)(weights)
        outer = torch.func.grad(lambda w, X=Xq, y=yq: ((X @ w - y) ** 2).mean())(adapted)
        total += (identity - inner_lr * torch.func.hessian(support)(weights)) @ outer
    return total / len(tasks)


@correct("maml_gradient", "forward derivatives, one direction after another")
def maml_gradient_forward(weights, tasks, inner_lr):
    def mean_loss(w):
        losses = []
        for Xs, ys, Xq, yq in tasks:
            adapted = w - 2 * inner_lr / len(ys) * ((Xs @ w - ys) @ Xs)
            losses.append(((Xq @ adapted - yq) ** 2).mean())
        return torch.stack(losses).mean()

    return torch.func.jacfwd(mean_loss)(weights)


@correct("maml_gradient", "all tasks at once, padded with examples of zeros, by vmap")
def maml_gradient_padded(weights, tasks, inner_lr):
    def stacked(i):
        longest = max(len(task[i]) for task in tasks)
        return torch.stack([torch.cat([t[i], t[i].new_zeros((longest - len(t[i]), *t[i].shape[1:]))]) for t in tasks])

    sizes = [weights.new_tensor([len(task[i]) for task in tasks]) for i in (1, 3)]

    def query_loss(w, Xs, ys, Xq, yq, n, m):
        step = torch.func.grad(lambda v: ((Xs @ v - ys) ** 2).sum() / n)(w)
        return ((Xq @ (w - inner_lr * step) - yq) ** 2).sum() / m

    over_tasks = torch.func.vmap(query_loss, in_dims=(None, *[0] * 6))
    columns = [stacked(i) for i in range(4)]
    return torch.func.grad(lambda w: over_tasks(w, *columns, *sizes).mean())(weights)


# ---------------------------------------------------------------------------------------------- gradient_plan


@correct("gradient_plan", "backward and no_grad")
def gradient_plan_backward(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.clone()
    for _ in range(num_steps):
        a = a.detach().requires_grad_(True)
        s, total = state.unsqueeze(0), 0.0
        for t in range(a.shape[0]):
            s, r = dynamics(s, a[t].unsqueeze(0))
            total = total + gamma**t * r.squeeze(0)
        total.backward()
        with torch.no_grad():
            a = a + learning_rate * a.grad
    return a.detach()


@correct("gradient_plan", "torch.optim.SGD on minus the return")
def gradient_plan_sgd(dynamics, state, actions, gamma, learning_rate, num_steps):
    plan = torch.nn.Parameter(actions.detach().clone())
    optimizer = torch.optim.SGD([plan], lr=learning_rate)
    for _ in range(num_steps):
        optimizer.zero_grad()
        here, loss, discount = state[None, :], 0, 1.0
        for action in plan:
            here, reward = dynamics(here, action[None, :])
            loss = loss - discount * reward.sum()
            discount *= gamma
        loss.backward()
        optimizer.step()
    return plan.data


@correct("gradient_plan", "torch.func.grad of the return")
def gradient_plan_func(dynamics, state, actions, gamma, learning_rate, num_steps):
    def value(plan):
        s, rewards = state.view(1, -1), []
        for t in range(plan.shape[0]):
            s, r = dynamics(s, plan[t].view(1, -1))
            rewards.append(r[0] * gamma**t)
        return torch.stack(rewards).sum()

    slope = torch.func.grad(value)
    for _ in range(num_steps):
        actions = actions + learning_rate * slope(actions)
    return actions


@correct("gradient_plan", "SGD that maximises; the return is watched; the result keeps its flag")
def gradient_plan_watches(dynamics, state, actions, gamma, learning_rate, num_steps):
    plan = actions.clone().requires_grad_()
    optimizer = torch.optim.SGD([plan], lr=learning_rate, maximize=True)
    curve = []
    for _ in range(num_steps):
        states, ret = state.reshape(1, -1), torch.zeros((), dtype=state.dtype)
        for t in range(len(plan)):
            states, rewards = dynamics(states, plan[t : t + 1])
            ret = ret + (gamma**t) * rewards.mean()
        optimizer.zero_grad()
        ret.backward()
        optimizer.step()
        curve.append(ret.item())
    return plan


@correct("gradient_plan", "in place, on a list of actions")
def gradient_plan_list(dynamics, state, actions, gamma, learning_rate, num_steps):
    rows = [row.clone() for row in actions]
    for _ in range(num_steps):
        rows = [row.detach().requires_grad_() for row in rows]
        s, ret = state[None], 0
        for t, row in enumerate(rows):
            s, r = dynamics(s, row[None])
            ret = ret + r * gamma**t
        for row, g in zip(rows, torch.autograd.grad(ret.sum(), rows), strict=True):
            row.data.add_(g, alpha=learning_rate)
    return torch.stack([row.detach() for row in rows])


@correct("gradient_plan", "the caller's tensor changed in place; recursion from the end of the horizon")
def gradient_plan_horner(dynamics, state, actions, gamma, learning_rate, num_steps):
    def tail(s, t):
        if t == len(actions):
            return 0.0
        s, r = dynamics(s, actions[t].unsqueeze(0))
        return r.sum() + gamma * tail(s, t + 1)

    for _ in range(num_steps):
        actions.requires_grad_(True)
        (slope,) = torch.autograd.grad(tail(state.unsqueeze(0), 0), actions)
        actions.requires_grad_(False)
        actions += learning_rate * slope
    return actions


@correct("gradient_plan", "sums over a stack with powers of gamma")
def gradient_plan_powers(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions
    for _ in range(num_steps):
        a = torch.autograd.Variable(a.detach(), requires_grad=True)
        s, rs = state[None], []
        for u in torch.split(a, 1):
            s, r = dynamics(s, u)
            rs.append(r)
        powers = gamma ** torch.arange(len(rs), dtype=a.dtype, device=a.device)
        objective = (torch.cat(rs) * powers).sum()
        a = a + learning_rate * torch.autograd.grad(objective, [a])[0]
    return a.detach() if math.isfinite(learning_rate) else actions


@correct("gradient_plan", "costates: the slopes of one step after another, from the last to the first")
def gradient_plan_costates(dynamics, state, actions, gamma, learning_rate, num_steps):
    plan = actions.detach().clone()
    for _ in range(num_steps):
        way = [state[None].detach()]
        for t in range(len(plan)):
            way.append(dynamics(way[-1], plan[t : t + 1])[0].detach())
        costate, slopes = torch.zeros_like(way[0]), []
        for t in reversed(range(len(plan))):
            here, action = way[t].clone().requires_grad_(), plan[t : t + 1].clone().requires_grad_()
            ahead, reward = dynamics(here, action)
            value = reward.sum() + gamma * (costate * ahead).sum()
            costate, slope = torch.autograd.grad(value, (here, action))
            slopes.insert(0, gamma**t * slope)
        plan = plan + learning_rate * torch.cat(slopes)
    return plan


@correct("gradient_plan", "one step and the rest by recursion; the discounts as a new tensor")
def gradient_plan_recursive(dynamics, state, actions, gamma, learning_rate, num_steps):
    discounts = actions.new_tensor([gamma**t for t in range(len(actions))])

    def improved(actions, steps_left):
        if steps_left == 0:
            return actions
        plan = torch.nn.Parameter(actions.detach().clone())
        here, earned = state.unsqueeze(0), []
        for action in plan.split(1):
            here, reward = dynamics(here, action)
            earned.append(reward)
        (discounts @ torch.cat(earned)).backward()
        return improved(plan.data.add(plan.grad, alpha=learning_rate), steps_left - 1)

    return improved(actions, num_steps)

"""Correct ways to train an ensemble: other architectures, normalisations, bounds on variances and training loops.

They call the unit's `gaussian_nll`, as a student's notebook has it above.
"""

import numpy as np
import torch

from autograder.properties.entries import collection
from solutions.environment_models import gaussian_nll

solutions, correct = collection()


@correct("train_ensemble", "one nn.Sequential for each member, standardised inputs and targets, ReLU")
def train_ensemble_sequential(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    X = np.concatenate([states, actions], axis=1)
    Y = np.concatenate([next_states, rewards[:, None]], axis=1)
    x_mean, x_std = X.mean(0), X.std(0) + 1e-6
    y_mean, y_std = Y.mean(0), Y.std(0) + 1e-6
    D = Y.shape[1]
    nets = []
    for _ in range(ensemble_size):
        net = torch.nn.Sequential(
            torch.nn.Linear(X.shape[1], hidden_dim),
            torch.nn.ReLU(),
            torch.nn.Linear(hidden_dim, hidden_dim),
            torch.nn.ReLU(),
            torch.nn.Linear(hidden_dim, 2 * D),
        ).to(device)
        idx = rng.integers(0, len(X), len(X))
        x = torch.tensor((X[idx] - x_mean) / x_std, dtype=torch.float32, device=device)
        y = torch.tensor((Y[idx] - y_mean) / y_std, dtype=torch.float32, device=device)
        opt = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            perm = torch.randperm(len(x))
            for start in range(0, len(x), batch_size):
                b = perm[start : start + batch_size]
                out = net(x[b])
                loss = gaussian_nll(out[:, :D], out[:, D:].clamp(-10, 4), y[b])
                opt.zero_grad()
                loss.backward()
                opt.step()
        nets.append(net)

    class Model:
        def predict(self, s, a):
            x = torch.tensor((np.concatenate([s, a], axis=1) - x_mean) / x_std, dtype=torch.float32, device=device)
            with torch.no_grad():
                outs = torch.stack([net(x) for net in nets]).cpu().numpy()
            return outs[..., :D] * y_std + y_mean, np.exp(np.clip(outs[..., D:], -10, 4)) * y_std**2

    return Model()


@correct("train_ensemble", "no normalisation at all, one tanh layer, float64, absolute next states")
def train_ensemble_plain_tanh(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    gen = torch.Generator().manual_seed(seed)
    X = torch.tensor(np.hstack([states, actions]), device=device)
    Y = torch.tensor(np.hstack([next_states, rewards.reshape(-1, 1)]), device=device)
    N, D = Y.shape
    members = []
    for m in range(ensemble_size):
        W1 = (torch.rand(X.shape[1], hidden_dim, generator=gen, dtype=torch.float64) * 2 - 1).to(device)
        W2 = (torch.rand(hidden_dim, 2 * D, generator=gen, dtype=torch.float64) * 2 - 1).to(device)
        W1 /= X.shape[1] ** 0.5
        W2 /= hidden_dim**0.5
        b1 = torch.zeros(hidden_dim, dtype=torch.float64, device=device)
        b2 = torch.zeros(2 * D, dtype=torch.float64, device=device)
        params = [W1, b1, W2, b2]
        for p in params:
            p.requires_grad_(True)
        rows = torch.randint(0, N, (N,), generator=gen)
        opt = torch.optim.Adam(params, lr=learning_rate)
        for epoch in range(epochs):
            order = rows[torch.randperm(N, generator=gen)]
            for b in torch.split(order, batch_size):
                out = torch.tanh(X[b] @ W1 + b1) @ W2 + b2
                mean, log_var = out[:, :D], out[:, D:]
                loss = gaussian_nll(mean, log_var, Y[b])
                opt.zero_grad()
                loss.backward()
                opt.step()
        members.append(params)

    class Ensemble:
        def predict(self, states, actions):
            x = torch.tensor(np.hstack([states, actions]), device=device)
            means, variances = [], []
            for W1, b1, W2, b2 in members:
                out = torch.tanh(x @ W1 + b1) @ W2 + b2
                means.append(out[:, :D].detach().cpu().numpy())
                variances.append(out[:, D:].exp().detach().cpu().numpy())
            return np.array(means), np.array(variances)

    return Ensemble()


@correct("train_ensemble", "softplus variances, predicts changes of the state, SiLU, nothing normalised")
def train_ensemble_softplus(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    x_all = torch.from_numpy(np.c_[states, actions]).float().to(device)
    y_all = torch.from_numpy(np.c_[next_states - states, rewards]).float().to(device)
    n, d = y_all.shape

    class Member(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = torch.nn.Sequential(
                torch.nn.Linear(x_all.shape[1], hidden_dim),
                torch.nn.SiLU(),
                torch.nn.Linear(hidden_dim, hidden_dim),
                torch.nn.SiLU(),
            )
            self.mean = torch.nn.Linear(hidden_dim, d)
            self.raw = torch.nn.Linear(hidden_dim, d)

        def forward(self, x):
            h = self.body(x)
            return self.mean(h), torch.nn.functional.softplus(self.raw(h)) + 1e-4

    nets = torch.nn.ModuleList([Member() for _ in range(ensemble_size)]).to(device)
    draws = [torch.randint(n, (n,)) for _ in range(ensemble_size)]
    for net, draw in zip(nets, draws):
        dataset = torch.utils.data.TensorDataset(x_all[draw], y_all[draw])
        loader = torch.utils.data.DataLoader(dataset, batch_size=batch_size, shuffle=True)
        optimiser = torch.optim.Adam(net.parameters(), lr=learning_rate)
        for _ in range(epochs):
            for x, y in loader:
                mean, var = net(x)
                optimiser.zero_grad()
                gaussian_nll(mean, var.log(), y).backward()
                optimiser.step()

    class Wrapper:
        @torch.no_grad()
        def predict(self, s, a):
            x = torch.from_numpy(np.c_[s, a]).float().to(device)
            mean = np.zeros((ensemble_size, len(s), d))
            var = np.zeros_like(mean)
            for i, net in enumerate(nets):
                m, v = net(x)
                mean[i], var[i] = m.cpu().numpy(), v.cpu().numpy()
            mean[..., :-1] += s
            return mean, var

    return Wrapper()


@correct(
    "train_ensemble",
    "bounds on log-variances as in PETS, each member normalised by its own draw, all members in one loss",
)
def train_ensemble_pets_bounds(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed % 2**31)
    rng = np.random.RandomState(seed)
    inputs = np.column_stack((states, actions))
    targets = np.column_stack((next_states - states, rewards))
    N, out_dim = targets.shape
    softplus = torch.nn.functional.softplus
    nets, scales, data, parameters = [], [], [], []
    for m in range(ensemble_size):
        pick = rng.choice(N, size=N, replace=True)
        xi, yi = inputs[pick], targets[pick]
        mx, sx, my, sy = xi.mean(0), xi.std(0) + 1e-3, yi.mean(0), yi.std(0) + 1e-3
        scales.append((mx, sx, my, sy))
        data.append((torch.tensor((xi - mx) / sx).float(), torch.tensor((yi - my) / sy).float()))
        net = torch.nn.Sequential(
            torch.nn.Linear(inputs.shape[1], hidden_dim), torch.nn.Tanh(), torch.nn.Linear(hidden_dim, 2 * out_dim)
        )
        high = torch.nn.Parameter(torch.full((out_dim,), 0.5))
        low = torch.nn.Parameter(torch.full((out_dim,), -10.0))
        nets.append((net, high, low))
        parameters += [*net.parameters(), high, low]

    def forward(m, x):
        net, high, low = nets[m]
        mean, lv = net(x).chunk(2, dim=1)
        lv = high - softplus(high - lv)
        return mean, low + softplus(lv - low)

    opt = torch.optim.Adam(parameters, lr=learning_rate)
    for _ in range(epochs):
        order = torch.randperm(N)
        for i in range(0, N, batch_size):
            b = order[i : i + batch_size]
            loss = 0.0
            for m in range(ensemble_size):
                mean, lv = forward(m, data[m][0][b])
                loss = loss + gaussian_nll(mean, lv, data[m][1][b])
                loss = loss + 0.01 * (nets[m][1].sum() - nets[m][2].sum())
            opt.zero_grad()
            loss.backward()
            opt.step()

    class PETS:
        def predict(self, states, actions):
            x = np.column_stack((states, actions))
            means, variances = [], []
            for m, (mx, sx, my, sy) in enumerate(scales):
                with torch.no_grad():
                    mean, lv = forward(m, torch.tensor((x - mx) / sx).float())
                mean = mean.double().numpy() * sy + my
                mean[:, :-1] += states
                means.append(mean)
                variances.append(lv.exp().double().numpy() * sy * sy)
            return np.stack(means), np.stack(variances)

    return PETS()


@correct("train_ensemble", "functional: stacked weights and one bmm for all members, GELU, inputs scaled only")
def train_ensemble_stacked(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    rng = np.random.default_rng(seed)
    X = np.hstack((states, actions)).astype(np.float32)
    Y = np.hstack((next_states, rewards[:, np.newaxis])).astype(np.float32)
    mu, sd = X.mean(axis=0), X.std(axis=0) + 1e-5
    N, M, out_dim = len(X), ensemble_size, Y.shape[1]

    def weight(a, b):
        w = rng.normal(0, np.sqrt(2 / a), size=(M, a, b)).astype(np.float32)
        return torch.tensor(w, requires_grad=True, device=device)

    W = [weight(X.shape[1], hidden_dim), weight(hidden_dim, 2 * out_dim)]
    with torch.no_grad():
        W[1] *= 0.3
    B = [torch.zeros(M, 1, w.shape[2], requires_grad=True, device=device) for w in W]
    idx = rng.integers(N, size=(M, N))
    xs = torch.tensor((X[idx] - mu) / sd, device=device)
    ys = torch.tensor(Y[idx], device=device)

    def net(x):
        h = torch.nn.functional.gelu(torch.baddbmm(B[0], x, W[0]))
        out = torch.baddbmm(B[1], h, W[1])
        return out[..., :out_dim], out[..., out_dim:].clamp(min=-8, max=6)

    opt = torch.optim.Adam(W + B, lr=learning_rate)
    num_batches = -(-N // batch_size)
    for _ in range(epochs):
        perm = rng.permutation(N)
        for chunk in np.array_split(perm, num_batches):
            mean, lv = net(xs[:, chunk])
            loss = sum(gaussian_nll(mean[m], lv[m], ys[m, chunk]) for m in range(M))
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()

    class Stacked:
        def predict(self, states, actions):
            x = torch.tensor((np.hstack((states, actions)) - mu) / sd, dtype=torch.float32, device=device)
            with torch.no_grad():
                mean, lv = net(x.expand(M, -1, -1))
            return mean.cpu().numpy().astype(float), torch.exp(lv).cpu().numpy().astype(float)

    return Stacked()


@correct(
    "train_ensemble", "own Adam, likelihood and gradients by autograd.grad, separate networks for mean and variance"
)
def train_ensemble_own_adam(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    g = torch.Generator()
    g.manual_seed(seed)
    X = torch.tensor(np.concatenate((states, actions), 1), dtype=torch.float64)
    Y = torch.tensor(np.concatenate((next_states, rewards[:, None]), 1), dtype=torch.float64)
    xm, xs, ym, ys = X.mean(0), X.std(0) + 1e-8, Y.mean(0), Y.std(0) + 1e-8
    X, Y = (X - xm) / xs, (Y - ym) / ys
    N, out_dim = Y.shape

    def layer(i, o):
        bound = (6 / (i + o)) ** 0.5
        return [
            (torch.rand(i, o, generator=g, dtype=torch.float64) * 2 - 1) * bound,
            torch.zeros(o, dtype=torch.float64),
        ]

    def forward(p, x):
        mean = torch.relu(x @ p[0] + p[1]) @ p[2] + p[3]
        log_var = torch.tanh(x @ p[4] + p[5]) @ p[6] + p[7]
        return mean, log_var

    def fit():
        p = (
            layer(X.shape[1], hidden_dim)
            + layer(hidden_dim, out_dim)
            + layer(X.shape[1], hidden_dim)
            + layer(hidden_dim, out_dim)
        )
        p = [w.requires_grad_() for w in p]
        rows = torch.randint(N, (N,), generator=g)
        m1, m2, t = [torch.zeros_like(w) for w in p], [torch.zeros_like(w) for w in p], 0
        for _ in range(epochs):
            for batch in rows[torch.randperm(N, generator=g)].split(batch_size):
                mean, log_var = forward(p, X[batch])
                grads = torch.autograd.grad(gaussian_nll(mean, log_var, Y[batch]), p)
                t += 1
                with torch.no_grad():
                    for w, gr, a, b in zip(p, grads, m1, m2):
                        a.mul_(0.9).add_(0.1 * gr)
                        b.mul_(0.999).add_(0.001 * gr * gr)
                        w -= learning_rate * (a / (1 - 0.9**t)) / ((b / (1 - 0.999**t)).sqrt() + 1e-8)
        return p

    fitted = [fit() for _ in range(ensemble_size)]

    class M:
        def predict(self, states, actions):
            x = (torch.tensor(np.concatenate((states, actions), 1)) - xm) / xs
            answers = [forward(p, x) for p in fitted]
            means = torch.stack([mean * ys + ym for mean, _ in answers]).detach()
            variances = torch.stack([lv.exp() * ys**2 for _, lv in answers]).detach()
            return means.numpy(), variances.numpy()

    return M()


@correct("train_ensemble", "default-initialised three-layer ELU networks, numpy shuffling, lists of arrays returned")
def train_ensemble_elu_lists(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    seeds = np.random.SeedSequence(seed).generate_state(ensemble_size)
    models = []
    delta = next_states - states
    scale = np.maximum(delta.std(axis=0), 1e-6)
    r_mean, r_scale = rewards.mean(), max(rewards.std(), 1e-6)
    Y = np.concatenate([delta / scale, ((rewards - r_mean) / r_scale)[:, None]], axis=1)
    X = np.concatenate([states, actions], axis=1)
    x0, x1 = X.min(axis=0), X.max(axis=0)
    X = 2 * (X - x0) / np.maximum(x1 - x0, 1e-6) - 1
    out = Y.shape[1]
    for member_seed in seeds:
        torch.manual_seed(int(member_seed))
        rng = np.random.default_rng(int(member_seed))
        net = torch.nn.Sequential(
            torch.nn.Linear(X.shape[1], hidden_dim),
            torch.nn.ELU(),
            torch.nn.Linear(hidden_dim, hidden_dim),
            torch.nn.ELU(),
            torch.nn.Linear(hidden_dim, hidden_dim),
            torch.nn.ELU(),
            torch.nn.Linear(hidden_dim, 2 * out),
        ).to(device)
        which = rng.choice(len(X), len(X))
        xb, yb = X[which], Y[which]
        opt = torch.optim.Adam(net.parameters(), lr=learning_rate, weight_decay=1e-5)
        for _ in range(epochs):
            order = rng.permutation(len(xb))
            xb, yb = xb[order], yb[order]
            i = 0
            while i < len(xb):
                pred = net(torch.as_tensor(xb[i : i + batch_size], dtype=torch.float, device=device))
                loss = gaussian_nll(
                    pred[:, :out],
                    pred[:, out:],
                    torch.as_tensor(yb[i : i + batch_size], dtype=torch.float, device=device),
                )
                opt.zero_grad()
                loss.backward()
                opt.step()
                i += batch_size
        models.append(net.eval())

    class Ensemble:
        def predict(self, states, actions):
            x = 2 * (np.concatenate([states, actions], axis=1) - x0) / np.maximum(x1 - x0, 1e-6) - 1
            x = torch.as_tensor(x, dtype=torch.float, device=device)
            means, variances = [], []
            for net in models:
                p = net(x).detach().cpu().numpy()
                s = p[:, : out - 1] * scale + states
                r = p[:, out - 1 : out] * r_scale + r_mean
                means.append(np.concatenate([s, r], axis=1))
                variances.append(np.exp(p[:, out:]) * np.append(scale, r_scale) ** 2)
            return means, variances

    return Ensemble()


@correct("train_ensemble", "two hidden layers without any normalisation, ReLU, tensors returned")
def train_ensemble_plain_relu(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    torch.manual_seed(seed)
    X = torch.tensor(np.concatenate([states, actions], 1), dtype=torch.float32)
    Y = torch.tensor(np.concatenate([next_states, rewards[:, None]], 1), dtype=torch.float32)
    d = Y.shape[1]

    def build():
        return torch.nn.Sequential(
            torch.nn.Linear(X.shape[1], hidden_dim),
            torch.nn.ReLU(),
            torch.nn.Linear(hidden_dim, hidden_dim),
            torch.nn.ReLU(),
            torch.nn.Linear(hidden_dim, 2 * d),
        )

    class Ensemble:
        def __init__(self):
            self.nets = []

        def fit(self):
            for _ in range(ensemble_size):
                net = build().to(device)
                rows = torch.randint(0, len(X), (len(X),))
                x, y = X[rows].to(device), Y[rows].to(device)
                opt = torch.optim.Adam(net.parameters(), lr=learning_rate)
                for _ in range(epochs):
                    for b in torch.randperm(len(x)).split(batch_size):
                        out = net(x[b])
                        loss = gaussian_nll(out[:, :d], torch.clamp(out[:, d:], -10, 5), y[b])
                        opt.zero_grad()
                        loss.backward()
                        opt.step()
                self.nets.append(net)
            return self

        def predict(self, states, actions):
            x = torch.tensor(np.concatenate([states, actions], 1), dtype=torch.float32, device=device)
            out = torch.stack([net(x) for net in self.nets])
            return out[..., :d], torch.exp(torch.clamp(out[..., d:], -10, 5))

    return Ensemble().fit()


@correct("train_ensemble", "four tanh layers, clipped gradients, cosine step sizes, no shuffling")
def train_ensemble_deep_unshuffled(
    states, actions, next_states, rewards, *, ensemble_size, hidden_dim, epochs, batch_size, learning_rate, seed, device
):
    generator = torch.Generator().manual_seed(seed)
    X = np.hstack([states, actions])
    Y = np.hstack([next_states - states, rewards[:, None]])
    x_mean, x_std, y_mean, y_std = X.mean(0), X.std(0) + 1e-8, Y.mean(0), Y.std(0) + 1e-8
    N, d = Y.shape
    sizes = [X.shape[1], *[hidden_dim] * 4, 2 * d]
    x, y = torch.tensor((X - x_mean) / x_std).float(), torch.tensor((Y - y_mean) / y_std).float()

    def forward(layers, h):
        for W, b in layers[:-1]:
            h = torch.tanh(h @ W + b)
        W, b = layers[-1]
        out = h @ W + b
        return out[:, :d], out[:, d:].clamp(-10, 5)

    members = []
    for _ in range(ensemble_size):
        layers = []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            W = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5
            layers.append((W.requires_grad_(), torch.zeros(fan_out, requires_grad=True)))
        parameters = [each for layer in layers for each in layer]
        rows = torch.randint(N, (N,), generator=generator)
        optimizer = torch.optim.Adam(parameters, lr=learning_rate)
        steps = epochs * -(-N // batch_size)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps + 1)
        for _ in range(epochs):
            for batch in rows.split(batch_size):
                loss = gaussian_nll(*forward(layers, x[batch]), y[batch])
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(parameters, 1.0)
                optimizer.step()
                schedule.step()
        members.append(layers)

    class Trained:
        def predict(self, states, actions):
            q = torch.tensor((np.hstack([states, actions]) - x_mean) / x_std).float()
            with torch.no_grad():
                answers = [forward(layers, q) for layers in members]
            means = np.stack([mean.numpy() * y_std + y_mean for mean, _ in answers])
            means[:, :, :-1] += states
            return means, np.stack([log_var.exp().numpy() * y_std**2 for _, log_var in answers])

    return Trained()

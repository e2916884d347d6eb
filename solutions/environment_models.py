"""Unit 1, environment models: the nine reference functions.

Every function takes plain arrays, keeps no hidden state and raises ``ValueError`` with a sentence on invalid input.
Tables of counts first, as in Sutton & Barto, *Reinforcement Learning* (2nd edition), chapter 8; then ensembles of
neural networks that predict a mean and a variance, as in PETS (Chua et al. 2018).
"""

import math

import numpy as np
import torch

from labkit import validate


def count_transitions(states, actions, rewards, next_states, num_states, num_actions):
    """Count what was experienced: how often each transition happened and how much each pair earned in all.

    Transition `i` went from `states[i]` under `actions[i]` to `next_states[i]` and earned `rewards[i]`.

    Args:
        states: where each transition began, shape `(N,)`, integers. N may be 0.
        actions: what was done there, shape `(N,)`, integers.
        rewards: what was earned, shape `(N,)`.
        next_states: where it led, shape `(N,)`, integers.
        num_states: S, the number of states, also of those never visited.
        num_actions: A, the number of actions, also of those never tried.

    Returns:
        `(counts, reward_sums)`, shapes `(S, A, S)` and `(S, A)`.

    Source: Sutton & Barto, section 8.1.
    """
    num_states = validate.whole_number(num_states, "num_states", minimum=1)
    num_actions = validate.whole_number(num_actions, "num_actions", minimum=1)
    states = validate.indices(states, "states", num_states)
    actions = validate.indices(actions, "actions", num_actions, len(states))
    rewards = validate.array(rewards, "rewards", (len(states),))
    next_states = validate.indices(next_states, "next_states", num_states, len(states))
    counts = np.zeros((num_states, num_actions, num_states))
    reward_sums = np.zeros((num_states, num_actions))
    np.add.at(counts, (states, actions, next_states), 1.0)
    np.add.at(reward_sums, (states, actions), rewards)
    return counts, reward_sums


def mle_model(counts, reward_sums):
    """The model that makes the experience most likely: relative frequencies and mean rewards.

    For a pair that was never tried every model is equally likely; assume that it leads anywhere and earns nothing.

    Args:
        counts: how often each transition was seen, shape `(S, A, S)`.
        reward_sums: the total reward of each pair, shape `(S, A)`.

    Returns:
        `(P, R)`, shapes `(S, A, S)` and `(S, A)`. For a pair never tried, the row of `P` is uniform and `R` is 0.

    Source: Moerland et al. 2023, *Model-based Reinforcement Learning: A Survey*, section 4.
    """
    counts = validate.transition_counts(counts)
    reward_sums = validate.array(reward_sums, "reward_sums", counts.shape[:2])
    visits = counts.sum(axis=2)
    tried = visits > 0
    P = np.full_like(counts, 1 / len(counts))
    R = np.zeros_like(reward_sums)
    P[tried] = counts[tried] / visits[tried, None]
    R[tried] = reward_sums[tried] / visits[tried]
    return P, R


def inverse_model(counts):
    """Which action was taken, given where it began and where it led?

    Args:
        counts: how often each transition was seen, shape `(S, A, S)`.

    Returns:
        The maximum-likelihood estimate of $p(a \\mid s, s')$ as an array indexed `[s, s2, a]`, shape `(S, S, A)`. For
        a pair `(s, s2)` never seen it is uniform over the actions.

    Source: Moerland et al. 2023, *Model-based Reinforcement Learning: A Survey*, section 4.
    """
    counts = validate.transition_counts(counts)
    by_successor = counts.transpose(0, 2, 1)
    seen = by_successor.sum(axis=2) > 0
    model = np.full_like(by_successor, 1 / counts.shape[1])
    model[seen] = by_successor[seen] / by_successor[seen].sum(axis=1, keepdims=True)
    return model


def sample_next_states(P, states, actions, seed):
    """Let the model act: one independent draw of the next state for each row.

    Args:
        P: transition probabilities, shape `(S, A, S)`.
        states: the state of each row, shape `(N,)`, integers.
        actions: the action of each row, shape `(N,)`, integers.
        seed: seeds the draws; the same seed gives the same result.

    Returns:
        The next states, shape `(N,)`, integers: row `i` is drawn from `P[states[i], actions[i]]`.

    Source: Sutton & Barto, section 8.1 (sample models).
    """
    P = validate.transitions(P)
    states = validate.indices(states, "states", P.shape[0])
    actions = validate.indices(actions, "actions", P.shape[1], len(states))
    rng = np.random.default_rng(validate.seed(seed))
    cumulative = P[states, actions].cumsum(axis=1)
    cumulative /= cumulative[:, -1:]  # the last possible state gets exactly 1, which no draw reaches
    return (cumulative <= rng.random(len(states))[:, None]).sum(axis=1)


def kfold_indices(n, k, seed):
    """Split `n` examples into `k` validation sets at random, for k-fold cross-validation.

    Args:
        n: number of examples.
        k: number of folds, from 2 to n.
        seed: seeds the split; the same seed gives the same result.

    Returns:
        List of `k` pairs `(train, validation)` of index arrays. The validation sets are disjoint, cover `0 … n-1` and
        differ in size by at most 1; every way to assign the examples to them is equally likely. `train` holds all the
        other examples.

    Source: Hastie, Tibshirani & Friedman, *The Elements of Statistical Learning* (2nd edition), section 7.10.
    """
    n = validate.whole_number(n, "n", minimum=2)
    k = validate.whole_number(k, "k", minimum=2)
    if k > n:
        raise ValueError(f"k must be at most n = {n}, so that no fold is empty, but it is {k}.")
    order = np.random.default_rng(validate.seed(seed)).permutation(n)
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)]


def gaussian_nll(mean, log_var, target):
    """The negative log-likelihood of the targets under independent Gaussians, all constants kept.

    $$-\\log p(x \\mid \\mu, \\sigma^2), \\qquad
    p(x \\mid \\mu, \\sigma^2) = \\prod_d \\mathcal{N}(x_d \\mid \\mu_d, \\sigma_d^2)$$

    Stay on the device and in the dtype of the inputs, and keep the result differentiable in `mean` and `log_var`.

    Args:
        mean: predicted means, a tensor of shape `(N, D)`.
        log_var: logarithms of the predicted variances, a tensor of shape `(N, D)`.
        target: what happened, a tensor of shape `(N, D)`.

    Returns:
        A tensor without axes: summed over the last axis, averaged over the batch.

    Source: Chua et al. 2018 (PETS), section 4, here with the constants.
    """
    validate.like_tensors(2, mean=mean, log_var=log_var, target=target)
    squared_error = (target - mean) ** 2
    return 0.5 * (math.log(2 * math.pi) + log_var + squared_error * torch.exp(-log_var)).sum(dim=-1).mean()


def ensemble_moments(means, variances):
    """Split the uncertainty of an ensemble: noise that the members expect, and what they disagree about.

    The members' predictions form a mixture with equal weights; by the law of total variance its variance is the sum
    of the two parts.

    Args:
        means: the members' predicted means, shape `(M, N, D)`.
        variances: the members' predicted variances, shape `(M, N, D)`.

    Returns:
        `(mean, aleatoric, epistemic)`, each `(N, D)`: the mean of the mixture, the variance expected within a member,
        and the (population) variance between the members' means.

    Source: Lakshminarayanan et al. 2017, section 2.4.
    """
    means = validate.array(means, "means", ("M", "N", "D"))
    variances = validate.array(variances, "variances", means.shape)
    validate.not_empty(means, "means")
    validate.not_negative(variances, "variances")
    return means.mean(axis=0), variances.mean(axis=0), means.var(axis=0)


def train_ensemble(
    states,
    actions,
    next_states,
    rewards,
    *,
    ensemble_size,
    hidden_dim,
    epochs,
    batch_size,
    learning_rate,
    seed,
    device,
):
    """Train an ensemble of neural networks, each of which predicts the mean and variance of next state and reward.

    The members start from different weights. Each draws N of the N transitions with replacement, once, before
    training, and minimises `gaussian_nll` on its own draw with Adam. Work inside in whatever units learn well
    (standardised inputs, changes of the state), but answer in the units of the targets.

    Args:
        states: shape `(N, D)`.
        actions: shape `(N, K)`.
        next_states: shape `(N, D)`.
        rewards: shape `(N,)`.
        ensemble_size: M, the number of members.
        hidden_dim: units in each hidden layer.
        epochs: passes over a member's data.
        batch_size: rows in a step of Adam; it may exceed N.
        learning_rate: Adam's step size.
        seed: seeds everything random; the same seed gives the same model.
        device: where to train, such as `"cpu"`.

    Returns:
        A model `m` with `m.predict(states, actions) -> (means, variances)`, NumPy arrays of shape `(M, N, D+1)` for
        any number N of rows: next state first, then reward. Variances are positive.

    Source: Chua et al. 2018 (PETS), section 4.
    """
    states = validate.array(states, "states", ("N", "D"))
    actions = validate.array(actions, "actions", (len(states), "K"))
    next_states = validate.array(next_states, "next_states", states.shape)
    rewards = validate.array(rewards, "rewards", (len(states),))
    validate.not_empty(states, "states")
    ensemble_size = validate.whole_number(ensemble_size, "ensemble_size", minimum=1)
    hidden_dim = validate.whole_number(hidden_dim, "hidden_dim", minimum=1)
    epochs = validate.whole_number(epochs, "epochs")
    batch_size = validate.whole_number(batch_size, "batch_size", minimum=1)
    learning_rate = validate.positive(learning_rate, "learning_rate")
    device = validate.device(device)
    generator = torch.Generator().manual_seed(validate.seed(seed))

    inputs = np.hstack([states, actions])
    targets = np.hstack([next_states - states, rewards[:, None]])
    input_mean, input_scale = inputs.mean(axis=0), np.where(inputs.std(axis=0) > 1e-10, inputs.std(axis=0), 1.0)
    target_mean, target_scale = targets.mean(axis=0), np.where(targets.std(axis=0) > 1e-10, targets.std(axis=0), 1.0)

    def standardised(inputs):
        return torch.as_tensor((inputs - input_mean) / input_scale, dtype=torch.float32, device=device)

    num_inputs, num_outputs = inputs.shape[1], 2 * targets.shape[1]
    layers = []
    for fan_in, fan_out in ((num_inputs, hidden_dim), (hidden_dim, hidden_dim), (hidden_dim, num_outputs)):
        weight = torch.randn(ensemble_size, fan_in, fan_out, generator=generator) / math.sqrt(fan_in)
        layers.append((weight.to(device).requires_grad_(), torch.zeros_like(weight[:, :1]).to(device).requires_grad_()))

    def network(x):
        for weight, bias in layers[:-1]:
            x = torch.nn.functional.silu(x @ weight + bias)
        weight, bias = layers[-1]
        mean, log_var = (x @ weight + bias).chunk(2, dim=-1)
        return mean, 10 * torch.tanh(log_var / 10)  # smooth bounds, so that no variance runs away

    drawn = torch.randint(len(inputs), (ensemble_size, len(inputs)), generator=generator).to(device)
    x = standardised(inputs)[drawn]
    y = torch.as_tensor((targets - target_mean) / target_scale, dtype=torch.float32, device=device)[drawn]
    members = torch.arange(ensemble_size, device=device)[:, None]
    optimizer = torch.optim.Adam([parameter for layer in layers for parameter in layer], lr=learning_rate)
    for _ in range(epochs):
        order = torch.rand(ensemble_size, len(inputs), generator=generator).argsort(dim=1).to(device)
        for rows in order.split(batch_size, dim=1):
            mean, log_var = network(x[members, rows])
            loss = gaussian_nll(*(each.flatten(0, 1) for each in (mean, log_var, y[members, rows])))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    class Ensemble:
        def predict(self, states, actions):
            with torch.no_grad():
                mean, log_var = network(standardised(np.hstack([states, actions])))
            means = mean.cpu().double().numpy() * target_scale + target_mean
            means[:, :, : states.shape[1]] += states
            return means, log_var.exp().cpu().double().numpy() * target_scale**2

    return Ensemble()


def calibration_curve(mean, std, target, levels):
    """Do the predicted intervals hold what they promise?

    For each level `p`, the central interval of $\\mathcal{N}(\\mathrm{mean}, \\mathrm{std}^2)$ that has probability
    `p` should contain a fraction `p` of the targets.

    Args:
        mean: predicted means, of any shape.
        std: predicted standard deviations, all positive, of the same shape.
        target: what happened, of the same shape.
        levels: the probabilities to look at, shape `(L,)`, each between 0 and 1.

    Returns:
        `(observed, error)`: `observed (L,)` is the fraction of all targets inside the interval of each level, and
        `error`, a number, the mean over the levels of $|\\mathrm{observed} - p|$.

    Source: Kuleshov et al. 2018, section 3.
    """
    shape = np.shape(target)
    mean = validate.array(mean, "mean", shape)
    std = validate.array(std, "std", shape)
    target = validate.array(target, "target", shape)
    levels = validate.array(levels, "levels", ("L",))
    validate.not_empty(target, "target")
    validate.not_empty(levels, "levels")
    validate.inside(std, "std", 0, np.inf)
    validate.inside(levels, "levels", 0, 1)
    distance = np.abs((target - mean) / std).ravel()
    half_width = torch.special.ndtri(torch.as_tensor((1 + levels) / 2)).numpy()
    observed = (distance <= half_width[:, None]).mean(axis=1)
    return observed, float(np.abs(observed - levels).mean())

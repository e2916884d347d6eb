"""Known mistakes of unit 6, first part: dropout, rollouts, returns and imagination.

The audit grades every one and expects it to lose points; the judge runs them to name a misconception. Each function
stands alone apart from `np`, `torch`, `math` and earlier functions of its unit, because its source is pasted into a
notebook cell. `modern_methods_mistakes_more.py` has searches and gradients.
"""

import numpy as np
import torch

from autograder.properties.entries import collection

mistakes, mistake = collection()

# ------------------------------------------------------------------------------------------ mc_dropout_predict


@mistake("mc_dropout_predict", "dropout is switched off for prediction, so that all samples are alike")
def mc_dropout_predict_without_dropout(weights, biases, x, dropout, num_samples, seed):
    h = x
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
    y = h @ weights[-1].T + biases[-1]
    return y, torch.zeros_like(y)


@mistake("mc_dropout_predict", "the activations that are kept are not scaled up")
def mc_dropout_predict_does_not_scale(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "activations are multiplied by 1 - dropout and not divided by it")
def mc_dropout_predict_scales_down(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) * (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "dropout is taken for the probability of keeping an activation")
def mc_dropout_predict_keeps_with_dropout(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) < dropout) / dropout
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "all rows of a sample share one mask")
def mc_dropout_predict_shares_over_rows(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand((num_samples, 1, h.shape[-1]), generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "all samples share one mask for each row")
def mc_dropout_predict_shares_over_samples(weights, biases, x, dropout, num_samples, seed):
    outs = []
    for _ in range(num_samples):
        g = torch.Generator().manual_seed(seed)
        h = x
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.relu(h @ W.T + b)
            h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
        outs.append(h @ weights[-1].T + biases[-1])
    y = torch.stack(outs)
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "layers of the same size share one mask")
def mc_dropout_predict_shares_over_layers(weights, biases, x, dropout, num_samples, seed):
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        g = torch.Generator().manual_seed(seed)
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "a row's activations are all dropped together or all kept")
def mc_dropout_predict_drops_whole_rows(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand((*h.shape[:-1], 1), generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "the input drops out, too")
def mc_dropout_predict_drops_the_input(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "the output drops out, too")
def mc_dropout_predict_drops_the_output(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
        h = h @ W.T + b
        h = torch.relu(h) if i < len(weights) - 1 else h
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    return h.mean(0), h.std(0, correction=0)


@mistake("mc_dropout_predict", "the last layer is rectified, too")
def mc_dropout_predict_rectifies_the_output(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = torch.relu(h @ weights[-1].T + biases[-1])
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "the hidden layers are not rectified")
def mc_dropout_predict_stays_linear(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = h @ W.T + b
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "only the last hidden layer drops out")
def mc_dropout_predict_only_the_last(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
    if len(weights) > 1:
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "the biases are left out")
def mc_dropout_predict_without_biases(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W in weights[:-1]:
        h = torch.relu(h @ W.T)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "the sample standard deviation is returned, which for one sample is no number")
def mc_dropout_predict_sample_deviation(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0)


@mistake("mc_dropout_predict", "the sample standard deviation is returned, and 0 for one sample")
def mc_dropout_predict_sample_deviation_guarded(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0) if num_samples > 1 else torch.zeros_like(y[0])


@mistake("mc_dropout_predict", "the variance is returned in place of the standard deviation")
def mc_dropout_predict_variance(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.var(0, correction=0)


@mistake("mc_dropout_predict", "the mean is the plain output of the network and not that of the samples")
def mc_dropout_predict_plain_mean(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h, plain = x.expand(num_samples, *x.shape), x
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h, plain = torch.relu(h @ W.T + b), torch.relu(plain @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return plain @ weights[-1].T + biases[-1], y.std(0, correction=0)


@mistake("mc_dropout_predict", "the standard error of the mean is returned in place of the standard deviation")
def mc_dropout_predict_standard_error(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0) / num_samples**0.5


@mistake("mc_dropout_predict", "the generator is not seeded")
def mc_dropout_predict_unseeded(weights, biases, x, dropout, num_samples, seed):
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.nn.functional.dropout(torch.relu(h @ W.T + b), dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "the seed is ignored and 0 used")
def mc_dropout_predict_ignores_seed(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(0)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "everything is computed in single precision")
def mc_dropout_predict_single(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.float().expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.float().T + b.float())
        h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].float().T + biases[-1].float()
    return y.mean(0).to(x.dtype), y.std(0, correction=0).to(x.dtype)


@mistake("mc_dropout_predict", "activations are multiplied by Gaussian noise in place of being dropped")
def mc_dropout_predict_gaussian(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ W.T + b)
        h = h * (1 + (dropout / (1 - dropout)) ** 0.5 * torch.randn(h.shape, generator=g, dtype=x.dtype))
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "sample s seeds the mask of layer l with seed + s + l, so that samples share masks")
def mc_dropout_predict_seeds_overlap(weights, biases, x, dropout, num_samples, seed):
    outs = []
    for s in range(num_samples):
        h = x
        for i, (W, b) in enumerate(zip(weights[:-1], biases[:-1], strict=True)):
            h = torch.relu(h @ W.T + b)
            g = torch.Generator().manual_seed(seed + s + i)
            h = h * (torch.rand(h.shape, generator=g) >= dropout) / (1 - dropout)
        outs.append(h @ weights[-1].T + biases[-1])
    y = torch.stack(outs)
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "exactly a share of `dropout` of a layer's activations is dropped, no more and no less")
def mc_dropout_predict_exact_share(weights, biases, x, dropout, num_samples, seed):
    g, outs = torch.Generator().manual_seed(seed), []
    for _ in range(num_samples):
        h = x
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.relu(h @ W.T + b) / (1 - dropout)
            dropped = torch.randperm(h.numel(), generator=g)[: round(h.numel() * dropout)]
            h = h.reshape(-1).index_fill(0, dropped, 0.0).reshape(h.shape)
        outs.append(h @ weights[-1].T + biases[-1])
    y = torch.stack(outs)
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "the layers before the last hidden one keep their masks in all samples")
def mc_dropout_predict_fresh_only_at_the_end(weights, biases, x, dropout, num_samples, seed):
    g, masks, outs = torch.Generator().manual_seed(seed), {}, []
    for _ in range(num_samples):
        h = x
        for i, (W, b) in enumerate(zip(weights[:-1], biases[:-1], strict=True)):
            h = torch.relu(h @ W.T + b)
            if i == len(weights) - 2 or i not in masks:
                masks[i] = torch.rand(h.shape, generator=g) >= dropout
            h = h * masks[i] / (1 - dropout)
        outs.append(h @ weights[-1].T + biases[-1])
    y = torch.stack(outs)
    return y.mean(0), y.std(0, correction=0)


@mistake("mc_dropout_predict", "from the second hidden layer on, a row drops all of its activations or none")
def mc_dropout_predict_deep_rows_together(weights, biases, x, dropout, num_samples, seed):
    g = torch.Generator().manual_seed(seed)
    h = x.expand(num_samples, *x.shape)
    for i, (W, b) in enumerate(zip(weights[:-1], biases[:-1], strict=True)):
        h = torch.relu(h @ W.T + b)
        shape = h.shape if i == 0 else (*h.shape[:-1], 1)
        h = h * (torch.rand(shape, generator=g) >= dropout) / (1 - dropout)
    y = h @ weights[-1].T + biases[-1]
    return y.mean(0), y.std(0, correction=0)


# ------------------------------------------------------------------------------------------- branched_rollouts


@mistake("branched_rollouts", "branches go on after they have ended")
def branched_rollouts_never_ends_a_branch(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, _ = step(s, a)
        out.append((s, a, r, s2, alive))
        s = s2
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "alive only looks at the last step, so that the dead may rise again")
def branched_rollouts_resurrects(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        s2, r = np.where(alive[:, None], s2, s), np.where(alive, r, 0.0)
        out.append((s, a, r, s2, alive))
        s, alive = s2, ~np.asarray(d, bool)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "alive[t] already tells whether step t terminates")
def branched_rollouts_dead_too_early(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        s2, r = np.where(alive[:, None], s2, s), np.where(alive, r, 0.0)
        alive = alive & ~np.asarray(d, bool)
        out.append((s, a, r, s2, alive))
        s = s2
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "the step that terminates earns nothing")
def branched_rollouts_last_reward_lost(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        d = np.asarray(d, bool)
        s2, r = np.where(alive[:, None], s2, s), np.where(alive & ~d, r, 0.0)
        out.append((s, a, r, s2, alive))
        s, alive = s2, alive & ~d
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "dead branches still earn what the model says")
def branched_rollouts_dead_earn(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        s2 = np.where(alive[:, None], s2, s)
        out.append((s, a, r, s2, alive))
        s, alive = s2, alive & ~np.asarray(d, bool)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "dead branches move on")
def branched_rollouts_dead_move(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        out.append((s, a, np.where(alive, r, 0.0), s2, alive))
        s, alive = s2, alive & ~np.asarray(d, bool)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "the states of dead branches are set to 0")
def branched_rollouts_dead_are_zero(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        s2, r = np.where(alive[:, None], s2, 0.0), np.where(alive, r, 0.0)
        out.append((s, a, r, s2, alive))
        s, alive = s2, alive & ~np.asarray(d, bool)
        s = np.where(alive[:, None], s, 0.0)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "a branch that ends begins again at its start")
def branched_rollouts_resets(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        out.append((s, a, r, s2, alive))
        s = np.where(np.asarray(d, bool)[:, None], starts, s2)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "the terminating step leads nowhere: its next state is the state it began in")
def branched_rollouts_stays_before_the_end(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        going = alive & ~np.asarray(d, bool)
        s2, r = np.where(going[:, None], s2, s), np.where(alive, r, 0.0)
        out.append((s, a, r, s2, alive))
        s, alive = s2, going
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "the policy is asked once, about the starts, and its actions are repeated")
def branched_rollouts_open_loop(step, policy, starts, horizon):
    s, alive, out, a = starts, np.ones(len(starts), bool), [], policy(starts)
    for _ in range(horizon):
        s2, r, d = step(s, a)
        s2, r = np.where(alive[:, None], s2, s), np.where(alive, r, 0.0)
        out.append((s, a, r, s2, alive))
        s, alive = s2, alive & ~np.asarray(d, bool)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "every step begins at the starts again")
def branched_rollouts_stays_at_the_starts(step, policy, starts, horizon):
    alive, out = np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(starts)
        s2, r, d = step(starts, a)
        s2, r = np.where(alive[:, None], s2, starts), np.where(alive, r, 0.0)
        out.append((starts, a, r, s2, alive))
        alive = alive & ~np.asarray(d, bool)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "all branches stop when the first one ends")
def branched_rollouts_stops_with_the_first(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        s2, r = np.where(alive[:, None], s2, s), np.where(alive, r, 0.0)
        out.append((s, a, r, s2, alive))
        s, alive = s2, alive & ~np.any(d)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "the axes of time and branch are exchanged")
def branched_rollouts_branches_first(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        s2, r = np.where(alive[:, None], s2, s), np.where(alive, r, 0.0)
        out.append((s, a, r, s2, alive))
        s, alive = s2, alive & ~np.asarray(d, bool)
    columns = [np.stack(each, axis=1) for each in zip(*out, strict=True)]
    return dict(zip(("states", "actions", "rewards", "next_states", "alive"), columns, strict=True))


@mistake("branched_rollouts", "rollouts are cut off when nobody is alive any more")
def branched_rollouts_cuts_off(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        if not alive.any():
            break
        a = policy(s)
        s2, r, d = step(s, a)
        s2, r = np.where(alive[:, None], s2, s), np.where(alive, r, 0.0)
        out.append((s, a, r, s2, alive))
        s, alive = s2, alive & ~np.asarray(d, bool)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "dead branches are left out, so that the arrays are too short")
def branched_rollouts_drops_the_dead(step, policy, starts, horizon):
    s, out = starts, []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        out.append((s, a, r, s2, ~np.asarray(d, bool)))
        s = s2[~np.asarray(d, bool)]
    columns = [np.concatenate(each) for each in zip(*out, strict=True)]
    return dict(zip(("states", "actions", "rewards", "next_states", "alive"), columns, strict=True))


@mistake("branched_rollouts", "everything is kept in single precision")
def branched_rollouts_single(step, policy, starts, horizon):
    s, alive, out = starts.astype(np.float32), np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        s2 = np.where(alive[:, None], s2, s).astype(np.float32)
        out.append((s, a, np.where(alive, r, 0.0).astype(np.float32), s2, alive))
        s, alive = s2, alive & ~np.asarray(d, bool)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "all entries of a part are the array of the last step, changed in place")
def branched_rollouts_keeps_references(step, policy, starts, horizon):
    s, alive, out = starts.copy(), np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        s2, r = np.where(alive[:, None], s2, s), np.where(alive, r, 0.0)
        out.append((s, a, r, s2, alive))
        s[:] = s2
        alive &= ~np.asarray(d, bool)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "actions are kept in single precision")
def branched_rollouts_single_actions(step, policy, starts, horizon):
    s, alive, out = starts, np.ones(len(starts), bool), []
    for _ in range(horizon):
        a = policy(s)
        s2, r, d = step(s, a)
        s2, r = np.where(alive[:, None], s2, s), np.where(alive, r, 0.0)
        out.append((s, np.asarray(a, dtype=np.float32), r, s2, alive))
        s, alive = s2, alive & ~np.asarray(d, bool)
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


@mistake("branched_rollouts", "who has ended is looked up among all branches, though only the living were asked about")
def branched_rollouts_mistakes_the_dead(step, policy, starts, horizon):
    s, alive, out = starts.copy(), np.ones(len(starts), bool), []
    for _ in range(horizon):
        now, s2, r, a = alive.copy(), s.copy(), np.zeros(len(s)), policy(s)
        s2[now], r[now], d = step(s[now], a[now])
        alive[np.flatnonzero(d)] = False
        out.append((s, a, r, s2, now))
        s = s2
    return dict(
        zip(
            ("states", "actions", "rewards", "next_states", "alive"), map(np.stack, zip(*out, strict=True)), strict=True
        )
    )


# --------------------------------------------------------------------------------------------- lambda_returns


@mistake("lambda_returns", "lam and 1 - lam are exchanged")
def lambda_returns_lambda_the_other_way(rewards, values, continues, lam):
    G, out = values[-1], np.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        G = out[t] = rewards[t] + continues[t] * (lam * values[t + 1] + (1 - lam) * G)
    return out


@mistake("lambda_returns", "the value of the state itself is used, and not of the next one")
def lambda_returns_value_of_now(rewards, values, continues, lam):
    G, out = values[-1], np.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        G = out[t] = rewards[t] + continues[t] * ((1 - lam) * values[t] + lam * G)
    return out


@mistake("lambda_returns", "the returns begin at 0 behind the last step in place of the last value")
def lambda_returns_begins_at_zero(rewards, values, continues, lam):
    G, out = np.zeros_like(values[-1]), np.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        G = out[t] = rewards[t] + continues[t] * ((1 - lam) * values[t + 1] + lam * G)
    return out


@mistake("lambda_returns", "lam is ignored: every return is the reward plus the next value")
def lambda_returns_one_step(rewards, values, continues, lam):
    return rewards + continues * values[1:]


@mistake("lambda_returns", "lam is ignored: every return goes all the way to the last value")
def lambda_returns_monte_carlo(rewards, values, continues, lam):
    G, out = values[-1], np.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        G = out[t] = rewards[t] + continues[t] * G
    return out


@mistake("lambda_returns", "the ends of episodes are ignored: everything continues fully")
def lambda_returns_ignores_the_ends(rewards, values, continues, lam):
    G, out = values[-1], np.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        G = out[t] = rewards[t] + (1 - lam) * values[t + 1] + lam * G
    return out


@mistake("lambda_returns", "only the value is multiplied by the continuation, not the return that follows")
def lambda_returns_continues_half(rewards, values, continues, lam):
    G, out = values[-1], np.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        G = out[t] = rewards[t] + continues[t] * (1 - lam) * values[t + 1] + lam * G
    return out


@mistake("lambda_returns", "the continuation of the next step is used in place of that of the step itself")
def lambda_returns_continuation_of_next(rewards, values, continues, lam):
    G, out = values[-1], np.zeros_like(rewards)
    ahead = np.concatenate([continues[1:], continues[-1:]])
    for t in reversed(range(len(rewards))):
        G = out[t] = rewards[t] + ahead[t] * ((1 - lam) * values[t + 1] + lam * G)
    return out


@mistake("lambda_returns", "another discount of 0.99 is applied, although `continues` contains it already")
def lambda_returns_discounts_twice(rewards, values, continues, lam):
    G, out = values[-1], np.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        G = out[t] = rewards[t] + 0.99 * continues[t] * ((1 - lam) * values[t + 1] + lam * G)
    return out


@mistake("lambda_returns", "the advantages are returned: the values are subtracted")
def lambda_returns_advantages(rewards, values, continues, lam):
    G, out = values[-1], np.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        G = out[t] = rewards[t] + continues[t] * ((1 - lam) * values[t + 1] + lam * G)
    return out - values[:-1]


@mistake("lambda_returns", "the last value is returned as well, so that there is one row too many")
def lambda_returns_one_too_many(rewards, values, continues, lam):
    out = [values[-1]]
    for t in reversed(range(len(rewards))):
        out.append(rewards[t] + continues[t] * ((1 - lam) * values[t + 1] + lam * out[-1]))
    return np.array(out[::-1])


@mistake("lambda_returns", "the returns come in reversed order")
def lambda_returns_reversed(rewards, values, continues, lam):
    G, out = values[-1], []
    for t in reversed(range(len(rewards))):
        G = rewards[t] + continues[t] * ((1 - lam) * values[t + 1] + lam * G)
        out.append(G)
    return np.array(out)


@mistake("lambda_returns", "the mixture runs forward in time: each return builds on the one before it")
def lambda_returns_forward(rewards, values, continues, lam):
    G, out = values[0], np.zeros_like(rewards)
    for t in range(len(rewards)):
        G = out[t] = rewards[t] + continues[t] * ((1 - lam) * values[t + 1] + lam * G)
    return out


@mistake("lambda_returns", "the reward is multiplied by the continuation, too")
def lambda_returns_reward_continued(rewards, values, continues, lam):
    G, out = values[-1], np.zeros_like(rewards)
    for t in reversed(range(len(rewards))):
        G = out[t] = continues[t] * (rewards[t] + (1 - lam) * values[t + 1] + lam * G)
    return out


@mistake("lambda_returns", "the returns are kept in single precision")
def lambda_returns_single(rewards, values, continues, lam):
    r, v, c = (each.astype(np.float32) for each in (rewards, values, continues))
    G, out = v[-1], np.zeros_like(r)
    for t in reversed(range(len(r))):
        G = out[t] = r[t] + c[t] * ((1 - np.float32(lam)) * v[t + 1] + np.float32(lam) * G)
    return out


# ---------------------------------------------------------------------------------------------------- imagine


@mistake("imagine", "rewards[t] is the reward of latents[t], before the step")
def imagine_reward_before(encode, transition, actor, reward, observations, horizon):
    zs, acts, rs = [encode(observations)], [], []
    for _ in range(horizon):
        rs.append(reward(zs[-1]))
        acts.append(actor(zs[-1]))
        zs.append(transition(zs[-1], acts[-1]))
    return np.stack(zs), np.stack(acts), np.stack(rs)


@mistake("imagine", "the actor acts once, in the first latents, and its actions are repeated")
def imagine_acts_once(encode, transition, actor, reward, observations, horizon):
    zs, rs = [encode(observations)], []
    a = actor(zs[0])
    for _ in range(horizon):
        zs.append(transition(zs[-1], a))
        rs.append(reward(zs[-1]))
    return np.stack(zs), np.stack([a] * horizon), np.stack(rs)


@mistake("imagine", "every step starts from the encoded observations again")
def imagine_starts_again(encode, transition, actor, reward, observations, horizon):
    z = encode(observations)
    zs, acts, rs = [z], [], []
    for _ in range(horizon):
        acts.append(actor(z))
        zs.append(transition(z, acts[-1]))
        rs.append(reward(zs[-1]))
    return np.stack(zs), np.stack(acts), np.stack(rs)


@mistake("imagine", "the first latents are left out")
def imagine_without_the_first(encode, transition, actor, reward, observations, horizon):
    z, zs, acts, rs = encode(observations), [], [], []
    for _ in range(horizon):
        acts.append(actor(z))
        z = transition(z, acts[-1])
        zs.append(z)
        rs.append(reward(z))
    return np.stack(zs), np.stack(acts), np.stack(rs)


@mistake("imagine", "the last latents are left out")
def imagine_without_the_last(encode, transition, actor, reward, observations, horizon):
    z, zs, acts, rs = encode(observations), [], [], []
    for _ in range(horizon):
        zs.append(z)
        acts.append(actor(z))
        z = transition(z, acts[-1])
        rs.append(reward(z))
    return np.stack(zs), np.stack(acts), np.stack(rs)


@mistake("imagine", "the actor already sees the latents that its action should lead to")
def imagine_acts_late(encode, transition, actor, reward, observations, horizon):
    z = encode(observations)
    zs, acts, rs, a = [z], [], [], actor(z)
    for _ in range(horizon):
        z = transition(z, a)
        a = actor(z)
        zs.append(z)
        acts.append(a)
        rs.append(reward(z))
    return np.stack(zs), np.stack(acts), np.stack(rs)


@mistake("imagine", "rewards are discounted by 0.99 for every step")
def imagine_discounts(encode, transition, actor, reward, observations, horizon):
    zs, acts, rs = [encode(observations)], [], []
    for t in range(horizon):
        acts.append(actor(zs[-1]))
        zs.append(transition(zs[-1], acts[-1]))
        rs.append(0.99**t * np.asarray(reward(zs[-1])))
    return np.stack(zs), np.stack(acts), np.stack(rs)


@mistake("imagine", "rewards are summed up over the steps so far")
def imagine_sums_rewards(encode, transition, actor, reward, observations, horizon):
    zs, acts, rs = [encode(observations)], [], []
    for _ in range(horizon):
        acts.append(actor(zs[-1]))
        zs.append(transition(zs[-1], acts[-1]))
        rs.append(reward(zs[-1]))
    return np.stack(zs), np.stack(acts), np.cumsum(np.stack(rs), axis=0)


@mistake("imagine", "the transition is taken for a change that is added to the latents")
def imagine_adds_the_transition(encode, transition, actor, reward, observations, horizon):
    zs, acts, rs = [encode(observations)], [], []
    for _ in range(horizon):
        acts.append(actor(zs[-1]))
        zs.append(zs[-1] + transition(zs[-1], acts[-1]))
        rs.append(reward(zs[-1]))
    return np.stack(zs), np.stack(acts), np.stack(rs)


@mistake("imagine", "the first latents are rewarded too, so that there is one reward too many")
def imagine_rewards_all(encode, transition, actor, reward, observations, horizon):
    zs, acts = [encode(observations)], []
    for _ in range(horizon):
        acts.append(actor(zs[-1]))
        zs.append(transition(zs[-1], acts[-1]))
    return np.stack(zs), np.stack(acts), np.stack([reward(z) for z in zs])


@mistake("imagine", "one step too few is imagined")
def imagine_one_step_short(encode, transition, actor, reward, observations, horizon):
    zs, acts, rs = [encode(observations)], [], []
    for _ in range(max(1, horizon - 1)):
        acts.append(actor(zs[-1]))
        zs.append(transition(zs[-1], acts[-1]))
        rs.append(reward(zs[-1]))
    return np.stack(zs), np.stack(acts), np.stack(rs)


@mistake("imagine", "the axes of time and row are exchanged")
def imagine_rows_first(encode, transition, actor, reward, observations, horizon):
    zs, acts, rs = [encode(observations)], [], []
    for _ in range(horizon):
        acts.append(actor(zs[-1]))
        zs.append(transition(zs[-1], acts[-1]))
        rs.append(reward(zs[-1]))
    return np.stack(zs, axis=1), np.stack(acts, axis=1), np.stack(rs, axis=1)


@mistake("imagine", "the result comes as (latents, rewards, actions)")
def imagine_in_another_order(encode, transition, actor, reward, observations, horizon):
    zs, acts, rs = [encode(observations)], [], []
    for _ in range(horizon):
        acts.append(actor(zs[-1]))
        zs.append(transition(zs[-1], acts[-1]))
        rs.append(reward(zs[-1]))
    return np.stack(zs), np.stack(rs), np.stack(acts)


@mistake("imagine", "latents are rounded to single precision on the way")
def imagine_single(encode, transition, actor, reward, observations, horizon):
    zs, acts, rs = [np.asarray(encode(observations), dtype=np.float32)], [], []
    for _ in range(horizon):
        acts.append(actor(zs[-1]))
        zs.append(np.asarray(transition(zs[-1], acts[-1]), dtype=np.float32))
        rs.append(reward(zs[-1]))
    return np.stack(zs), np.stack(acts), np.stack(rs)


@mistake("imagine", "the reward head sees the latents before the step from the second step on")
def imagine_reward_lags(encode, transition, actor, reward, observations, horizon):
    zs, acts = [encode(observations)], []
    for _ in range(horizon):
        acts.append(actor(zs[-1]))
        zs.append(transition(zs[-1], acts[-1]))
    rewarded = [zs[1], *zs[1:-1]]
    return np.stack(zs), np.stack(acts), np.stack([reward(z) for z in rewarded])


@mistake("imagine", "actions are rounded to single precision")
def imagine_single_actions(encode, transition, actor, reward, observations, horizon):
    zs, acts, rs = [encode(observations)], [], []
    for _ in range(horizon):
        acts.append(np.asarray(actor(zs[-1]), dtype=np.float32))
        zs.append(transition(zs[-1], acts[-1]))
        rs.append(reward(zs[-1]))
    return np.stack(zs), np.stack(acts), np.stack(rs)

"""Unit 6, modern methods: the eight reference functions.

Each is the core of one method of the last decade, without the machinery around it: what a model is unsure of, short
rollouts from real states, returns and imagination in a latent space, search in a learned model, and gradients through
adaptation and through the dynamics. No function keeps hidden state; invalid input raises ``ValueError`` with a
sentence.
"""

import numpy as np
import torch

from labkit import validate


def mc_dropout_predict(weights, biases, x, dropout, num_samples, seed):
    """What a network predicts, and how sure it is, when dropout stays switched on: Monte Carlo dropout.

    Every layer but the last is linear, then ReLU, then inverted dropout: each activation is set to 0 with probability
    `dropout` and otherwise divided by `1 - dropout`, so that its expectation stays what it was. The last layer is
    linear, and neither the input nor the output drops out. Every sample and every row of `x` gets a mask of its own.

    Args:
        weights: one tensor `(out, in)` for each layer, the first layer first.
        biases: one tensor `(out,)` for each layer.
        x: the inputs, a tensor of shape `(N, D)`; all tensors share one dtype and one device, which the result keeps.
        dropout: probability that an activation is dropped, in [0, 1).
        num_samples: how many times to pass all rows through the network, at least 1.
        seed: seed of the masks.

    Returns:
        `(mean, std)` of the sampled outputs, each of shape `(N, O)`; `std` is the population standard deviation
        (divide by `num_samples`).

    Source: Gal & Ghahramani 2016, *Dropout as a Bayesian Approximation*; inverted dropout as in Srivastava et al. 2014,
    section 10.
    """
    validate.network(weights, biases, x)
    dropout = validate.dropout_rate(dropout)
    num_samples = validate.whole_number(num_samples, "num_samples", minimum=1)
    generator = torch.Generator().manual_seed(validate.seed(seed))  # on the host: the same masks for every device
    hidden = x.expand(num_samples, *x.shape)
    for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
        hidden = torch.relu(hidden @ weight.T + bias)
        kept = torch.rand(hidden.shape, generator=generator) >= dropout
        hidden = hidden * kept.to(hidden.device) / (1 - dropout)
    outputs = hidden @ weights[-1].T + biases[-1]
    return outputs.mean(dim=0), outputs.std(dim=0, correction=0)


def branched_rollouts(step, policy, starts, horizon):
    """Short rollouts of a model that branch off from states that were really visited.

    All branches go on together for `horizon` steps. A branch whose step terminates is dead from the next step on: it
    keeps the state it has reached and earns 0, whatever the model would say.

    Args:
        step: the model, `step(states (N, D), actions (N, K)) -> (next_states (N, D), rewards (N,), terminated (N,))`.
            It may be asked about all branches or about the living ones only.
        policy: `policy(states (N, D)) -> actions (N, K)`.
        starts: the states to branch off from, shape `(N, D)`; none of them is terminal.
        horizon: number of steps H of each branch, at least 1.

    Returns:
        A dict of arrays: `"states" (H, N, D)`, `"actions" (H, N, K)`, `"rewards" (H, N)`, `"next_states" (H, N, D)` and
        `"alive" (H, N)`, booleans: `alive[t]` is true where no step before t has terminated. The actions of a dead
        branch may be anything.

    Source: Janner et al. 2019, *When to Trust Your Model: Model-Based Policy Optimization* (MBPO), algorithm 2.
    """
    validate.functions(step=step, policy=policy)
    states = validate.array(starts, "starts", ("N", "D"))
    validate.not_empty(states, "starts")
    horizon = validate.whole_number(horizon, "horizon", minimum=1)
    alive = np.ones(len(states), dtype=bool)
    record = {"states": [], "actions": [], "rewards": [], "next_states": [], "alive": []}
    for _ in range(horizon):
        actions = policy(states)
        predicted, rewards, terminated = validate.model_step(step(states, actions), states.shape)
        next_states = np.where(alive[:, None], predicted, states)
        rewards = np.where(alive, rewards, 0.0)
        for entries, entry in zip(record.values(), (states, actions, rewards, next_states, alive), strict=True):
            entries.append(entry)
        states, alive = next_states, alive & ~terminated
    return {name: np.stack(entries) for name, entries in record.items()}


def lambda_returns(rewards, values, continues, lam):
    """Targets for a value function: returns that mix what was earned with what the value function expects.

    $$G_t = r_t + c_t \\left[(1 - \\lambda)\\, V_{t+1} + \\lambda\\, G_{t+1}\\right], \\qquad G_T = V_T$$

    Args:
        rewards: `rewards[t]` is earned between the states t and t + 1, shape `(T, N)`.
        values: the value function at every state, the last one included, shape `(T + 1, N)`.
        continues: $c_t$, how much of what comes after step t counts: the discount factor, or 0 where the episode ends;
            shape `(T, N)`.
        lam: $\\lambda$ in [0, 1]: 0 trusts the next value alone, 1 the rewards up to the last value.

    Returns:
        The returns $G_0, \\dots, G_{T-1}$, shape `(T, N)`.

    Source: Hafner et al. 2021, *Mastering Atari with Discrete World Models* (DreamerV2), equation 4.
    """
    rewards = validate.array(rewards, "rewards", ("T", "N"))
    validate.not_empty(rewards, "rewards")
    num_steps, num_rows = rewards.shape
    values = validate.array(values, "values", (num_steps + 1, num_rows))
    continues = validate.array(continues, "continues", (num_steps, num_rows))
    lam = validate.fraction(lam, "lam")
    returns = np.empty_like(rewards)
    following = values[-1]
    for t in reversed(range(num_steps)):
        following = rewards[t] + continues[t] * ((1 - lam) * values[t + 1] + lam * following)
        returns[t] = following
    return returns


def imagine(encode, transition, actor, reward, observations, horizon):
    """Imagine in the latent space of a world model: what the actor would do, and what that would earn.

    Only the first states are made from observations; all later ones are predicted from the one before.

    Args:
        encode: the encoder, `encode(observations (N, O)) -> latents (N, Z)`.
        transition: the latent dynamics, `transition(latents (N, Z), actions (N, K)) -> next latents (N, Z)`.
        actor: the policy, `actor(latents (N, Z)) -> actions (N, K)`.
        reward: the reward head, `reward(latents (N, Z)) -> rewards (N,)`.
        observations: where imagination begins, shape `(N, O)`.
        horizon: number of imagined steps H, at least 1.

    Returns:
        `(latents, actions, rewards)` of shapes `(H + 1, N, Z)`, `(H, N, K)` and `(H, N)`: `actions[t]` leads from
        `latents[t]` to `latents[t + 1]`, and `rewards[t]` is what the reward head says about `latents[t + 1]`.

    Source: Hafner et al. 2020, *Dream to Control: Learning Behaviors by Latent Imagination*, section 3.
    """
    validate.functions(encode=encode, transition=transition, actor=actor, reward=reward)
    observations = validate.array(observations, "observations", ("N", "O"))
    validate.not_empty(observations, "observations")
    horizon = validate.whole_number(horizon, "horizon", minimum=1)
    latents, actions, rewards = [encode(observations)], [], []
    for _ in range(horizon):
        actions.append(actor(latents[-1]))
        latents.append(transition(latents[-1], actions[-1]))
        rewards.append(reward(latents[-1]))
    return np.stack(latents), np.stack(actions), np.stack(rewards)


def puct(priors, q_values, visits, c_init, c_base):
    """How promising each action is to MuZero: its value, plus a bonus for what the policy likes and was tried rarely.

    $$q_a + p_a\\, \\frac{\\sqrt{\\sum_b n_b}}{1 + n_a}
      \\left(c_{\\mathrm{init}} + \\ln \\frac{\\sum_b n_b + c_{\\mathrm{base}} + 1}{c_{\\mathrm{base}}}\\right)$$

    Args:
        priors: the policy's probability of each action, shape `(A,)`.
        q_values: the value of each action, shape `(A,)`.
        visits: how often each action was tried, $n$, shape `(A,)`.
        c_init: weight of the bonus at first, 0 or more.
        c_base: the larger, the later does the weight begin to grow; positive.

    Returns:
        The scores, shape `(A,)`.

    Source: Schrittwieser et al. 2020, *Mastering Atari, Go, Chess and Shogi by Planning with a Learned Model*,
    appendix B, equation 2.
    """
    priors, q_values, visits = validate.action_statistics(priors, q_values, visits)
    c_init = validate.number(c_init, "c_init", minimum=0)
    c_base = validate.positive(c_base, "c_base")
    total = visits.sum()
    weight = c_init + np.log((total + c_base + 1) / c_base)
    return q_values + priors * np.sqrt(total) / (1 + visits) * weight


def muzero_search(represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma):
    """Tree search in a learned latent model: no simulator, no rollouts, only what the networks say.

    The root is the latent state of the observation; it is expanded before the first simulation. A simulation walks
    down from the root by the largest `puct` score until it takes an action for the first time. There it adds one node:
    `dynamics` gives its latent state and the reward on the way, `predict` its priors and its value. Then every action
    on the path is credited with the discounted return from there on, $r + \\gamma r' + \\dots + \\gamma^k v$, so that
    its value $Q = r + \\gamma V$ is the mean of the returns of the simulations that took it.

    Values come in unknown units. So `puct` is given $(Q - Q_{\\min}) / (Q_{\\max} - Q_{\\min})$, with minimum and
    maximum over the visited actions of the whole tree (until two of them differ, any treatment is right), and 0 for an
    action that was never visited.

    Args:
        represent: `represent(observation) -> latent`.
        dynamics: `dynamics(latent, action) -> (next latent, reward)`.
        predict: `predict(latent) -> (priors (A,), value)`.
        observation: where the search starts, passed on to `represent`.
        num_actions: the actions are `0 … num_actions - 1`.
        num_simulations: how many simulations to make, at least 1.
        c_init: see `puct`.
        c_base: see `puct`.
        gamma: discount factor in [0, 1).

    Returns:
        `(visits, root_value)`: how many simulations took each action at the root, shape `(A,)`, and the mean of the
        discounted returns of all simulations from the root, a number.

    Source: Schrittwieser et al. 2020, appendix B.
    """
    validate.functions(represent=represent, dynamics=dynamics, predict=predict)
    num_actions = validate.whole_number(num_actions, "num_actions", minimum=1)
    num_simulations = validate.whole_number(num_simulations, "num_simulations", minimum=1)
    gamma = validate.discount(gamma)
    shape = (num_simulations, num_actions)  # of all nodes but the last, from which no simulation goes on
    children, rewards = np.full(shape, -1), np.zeros(shape)
    visits, return_sums = np.zeros(shape, dtype=np.int64), np.zeros(shape)
    root = represent(observation)
    latents, priors = [root], [predict(root)[0]]
    for _ in range(num_simulations):
        visited, normalised = visits > 0, np.zeros(shape)
        q_values = return_sums[visited] / visits[visited]
        if visited.any() and q_values.max() > q_values.min():
            normalised[visited] = (q_values - q_values.min()) / (q_values.max() - q_values.min())
        node, path = 0, []
        while node >= 0:
            action = int(puct(priors[node], normalised[node], visits[node], c_init, c_base).argmax())
            path.append((node, action))
            node = children[node, action]
        node, action = path[-1]
        latent, rewards[node, action] = dynamics(latents[node], action)
        children[node, action] = len(latents)
        latents.append(latent)
        prior, value = predict(latent)
        priors.append(prior)
        for node, action in reversed(path):
            value = rewards[node, action] + gamma * value
            visits[node, action] += 1
            return_sums[node, action] += value
    return visits[0], return_sums[0].sum() / num_simulations


def maml_gradient(weights, tasks, inner_lr):
    """The gradient that prepares a linear model for learning: how the loss after one step depends on where it began.

    The model predicts `X @ weights`; losses are mean squared errors. Each task adapts the weights by one step of
    gradient descent on its support set, $w' = w - \\mathrm{inner\\_lr}\\, \\nabla L_{\\mathrm{support}}(w)$. What is
    differentiated, with respect to $w$ and through that step (second derivatives included), is the mean over tasks
    of $L_{\\mathrm{query}}(w')$.

    Stay on the device and in the dtype of the inputs.

    Args:
        weights: $w$, a tensor of shape `(D,)`.
        tasks: a list of tasks `(X_support (n, D), y_support (n,), X_query (m, D), y_query (m,))` of tensors; sizes may
            differ from task to task.
        inner_lr: length of the inner step.

    Returns:
        The gradient, a tensor of shape `(D,)`.

    Source: Finn et al. 2017, *Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks*, algorithm 2; for
    models of dynamics Nagabandi et al. 2019, *Learning to Adapt in Dynamic, Real-World Environments*.
    """
    validate.regression_tasks(weights, tasks)
    inner_lr = validate.number(inner_lr, "inner_lr")
    weights = weights.detach().requires_grad_()
    query_losses = []
    for X_support, y_support, X_query, y_query in tasks:
        support_loss = ((X_support @ weights - y_support) ** 2).mean()
        (gradient,) = torch.autograd.grad(support_loss, weights, create_graph=True)
        adapted = weights - inner_lr * gradient
        query_losses.append(((X_query @ adapted - y_query) ** 2).mean())
    (meta_gradient,) = torch.autograd.grad(torch.stack(query_losses).mean(), weights)
    return meta_gradient


def gradient_plan(dynamics, state, actions, gamma, learning_rate, num_steps):
    """Improve a plan by gradient ascent through a differentiable model.

    Each step moves all actions at once,
    $a \\leftarrow a + \\mathrm{learning\\_rate}\\, \\nabla_a \\sum_t \\gamma^t r_t$: plain ascent, without momentum
    and without adapting the step size. An action's gradient runs through every later state.

    Stay on the device and in the dtype of the inputs.

    Args:
        dynamics: a model of `labkit.dynamics`, called with one state and one action,
            `dynamics(states (1, D), actions (1, K)) -> (next_states (1, D), rewards (1,))`.
        state: where the plan starts, a tensor of shape `(D,)`.
        actions: the plan to begin with, a tensor of shape `(H, K)`.
        gamma: discount factor in [0, 1).
        learning_rate: length of a step.
        num_steps: number of steps; 0 returns the plan as it was.

    Returns:
        The improved plan, a tensor of shape `(H, K)`.

    Source: Henaff et al. 2017, *Model-Based Planning with Discrete and Continuous Actions*; Bharadhwaj et al. 2020,
    *Model-Predictive Control via Cross-Entropy and Gradient-Based Optimization*.
    """
    validate.functions(dynamics=dynamics)
    validate.plan_tensors(state, actions)
    gamma = validate.discount(gamma)
    learning_rate = validate.number(learning_rate, "learning_rate")
    num_steps = validate.whole_number(num_steps, "num_steps")
    plan = actions.detach()
    for _ in range(num_steps):
        plan = plan.detach().requires_grad_()
        states, discounted_return = state[None], 0.0
        for t in range(len(plan)):
            states, rewards = dynamics(states, plan[t : t + 1])
            discounted_return = discounted_return + gamma**t * rewards.sum()
        (gradient,) = torch.autograd.grad(discounted_return, plan)
        plan = plan.detach() + learning_rate * gradient
    return plan

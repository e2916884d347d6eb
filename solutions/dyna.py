"""Unit 3, Dyna: the six reference functions.

Agents that act, learn a model of what happened and plan with it. Every function keeps its state in its own variables
and raises ``ValueError`` with a sentence on invalid input. Notation follows Sutton & Barto, *Reinforcement Learning*
(2nd edition), chapters 6 and 8.
"""

import numpy as np

from labkit import validate


def q_update(Q, state, action, reward, next_state, terminated, alpha, gamma):
    """One step of Q-learning on a single transition.

    $$Q(s, a) \\leftarrow Q(s, a) + \\alpha \\Big[ r + \\gamma \\max_{a'} Q(s', a') - Q(s, a) \\Big]$$

    Nothing is bootstrapped from the state after a termination: it is worth 0, whatever the table says.

    Args:
        Q: action values, shape `(S, A)`.
        state: the state `s`.
        action: the action `a` taken there.
        reward: the reward `r` it earned.
        next_state: the state `s'` it led to.
        terminated: whether the episode terminated with this step.
        alpha: step size in [0, 1].
        gamma: discount factor in [0, 1).

    Returns:
        The updated table, shape `(S, A)`.

    Source: Sutton & Barto, equation 6.8.
    """
    Q = validate.action_values(Q).copy()
    state, next_state = validate.index(state, len(Q), "state"), validate.index(next_state, len(Q), "next_state")
    action = validate.index(action, Q.shape[1], "action")
    reward = validate.number(reward, "reward")
    alpha, gamma = validate.fraction(alpha, "alpha"), validate.discount(gamma)
    next_value = 0.0 if terminated else Q[next_state].max()
    Q[state, action] += alpha * (reward + gamma * next_value - Q[state, action])
    return Q


def dyna_planning(Q, model, planning_steps, alpha, gamma, seed):
    """Planning by Q-learning on remembered transitions.

    Each of the `planning_steps` steps draws one pair uniformly from all pairs the model knows, with replacement, asks
    the model what follows, and makes one Q-learning update with the answer.

    Args:
        Q: action values, shape `(S, A)`.
        model: dict `(state, action) -> (reward, next_state, terminated)`; an empty one changes nothing.
        planning_steps: number of updates, 0 or more.
        alpha: step size in [0, 1].
        gamma: discount factor in [0, 1).
        seed: of the random draws.

    Returns:
        The table after all updates, shape `(S, A)`.

    Source: Sutton & Barto, section 8.2, step (f) of tabular Dyna-Q.
    """
    Q = validate.action_values(Q).copy()
    model = validate.transition_model(model, *Q.shape)
    planning_steps = validate.whole_number(planning_steps, "planning_steps")
    alpha, gamma = validate.fraction(alpha, "alpha"), validate.discount(gamma)
    rng = np.random.default_rng(validate.whole_number(seed, "seed"))
    pairs = list(model)
    for index in rng.integers(len(pairs), size=planning_steps) if pairs else ():
        state, action = pairs[index]
        reward, next_state, terminated = model[state, action]
        next_value = 0.0 if terminated else Q[next_state].max()
        Q[state, action] += alpha * (reward + gamma * next_value - Q[state, action])
    return Q


def dyna_q(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    """Dyna-Q: learn from every real step directly, and again from steps that a learned model imagines.

    `Q` starts at 0. With probability `epsilon` the action is uniform over all actions, otherwise uniform among the
    maximisers of `Q`. After every real step come the direct update, the model's (it keeps each pair's latest outcome),
    and `planning_steps` planning updates drawn as in `dyna_planning`. An episode ends at termination or truncation;
    only a termination makes the next state worth 0. With 0 planning steps this is Q-learning.

    Args:
        env: a tabular Gymnasium environment with `num_states` and `num_actions`. Its first `reset` gets a seed derived
            from `seed`; later ones never repeat a seed.
        num_episodes: number of episodes.
        planning_steps: planning updates after each real step, 0 or more.
        alpha: step size in [0, 1].
        gamma: discount factor in [0, 1).
        epsilon: probability of a random action.
        seed: of all random draws.

    Returns:
        `(Q, episode_lengths)`, shapes `(S, A)` and `(num_episodes,)`: the last table, and the steps of each episode.

    Source: Sutton & Barto, section 8.2.
    """
    num_states, num_actions = validate.tabular_env(env)
    num_episodes = validate.whole_number(num_episodes, "num_episodes")
    epsilon = validate.fraction(epsilon, "epsilon")
    rng = np.random.default_rng(validate.whole_number(seed, "seed"))
    Q = np.zeros((num_states, num_actions))
    model = {}
    episode_lengths = np.zeros(num_episodes, dtype=np.int64)
    env_seed = int(rng.integers(2**31))  # not `seed` itself: the environment would draw the same numbers as the agent
    for episode in range(num_episodes):
        state, _ = env.reset(seed=env_seed if episode == 0 else None)
        terminated = truncated = False
        while not (terminated or truncated):
            explore = rng.random() < epsilon
            candidates = np.arange(num_actions) if explore else np.flatnonzero(Q[state] == Q[state].max())
            action = int(rng.choice(candidates))
            next_state, reward, terminated, truncated, _ = env.step(action)
            Q = q_update(Q, state, action, reward, next_state, terminated, alpha, gamma)
            model[state, action] = reward, next_state, terminated
            Q = dyna_planning(Q, model, planning_steps, alpha, gamma, seed=int(rng.integers(2**31)))
            episode_lengths[episode] += 1
            state = next_state
    return Q, episode_lengths


def exploration_bonus(reward, elapsed, kappa):
    """The reward of an imagined step, raised for what was not tried for long.

    $$r + \\kappa \\sqrt{\\tau}$$

    Args:
        reward: the modelled reward `r`, a number or an array.
        elapsed: real steps `τ` since the pair was last tried, a number or an array, 0 or more.
        kappa: weight of the bonus.

    Returns:
        The reward with its bonus, elementwise.

    Source: Sutton & Barto, section 8.3.
    """
    reward, elapsed = validate.numbers(reward, "reward"), validate.numbers(elapsed, "elapsed")
    kappa = validate.number(kappa, "kappa")
    if (elapsed < 0).any():
        raise ValueError(f"elapsed must be 0 or more, but it contains {elapsed.min()}.")
    return reward + kappa * np.sqrt(elapsed)


def dyna_q_plus(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    """Dyna-Q+: Dyna-Q whose plans pay a bonus for pairs that were not tried for long.

    Acting, the direct update and the model are those of `dyna_q`; the direct update sees the plain reward. A planning
    update sees the modelled reward with its `exploration_bonus`. After real step t (counted from 1 through the whole
    run), `elapsed` is t − u for a pair last tried at step u, and t for a pair never tried. In every state acted in so
    far, the actions never tried are planned too, as if they led back to that state with reward 0.

    Args:
        env: a tabular Gymnasium environment with `num_states` and `num_actions`. Its first `reset` gets a seed derived
            from `seed`; later ones never repeat a seed.
        num_steps: number of real steps, through as many episodes as fit.
        planning_steps: planning updates after each real step, 0 or more.
        alpha: step size in [0, 1].
        gamma: discount factor in [0, 1).
        epsilon: probability of a random action.
        kappa: weight of the bonus.
        seed: of all random draws.

    Returns:
        `(Q, cumulative_reward)`, shapes `(S, A)` and `(num_steps,)`: the last table, and the sum of the environment's
        rewards so far after each real step.

    Source: Sutton & Barto, section 8.3 and its footnote.
    """
    num_states, num_actions = validate.tabular_env(env)
    num_steps = validate.whole_number(num_steps, "num_steps")
    planning_steps = validate.whole_number(planning_steps, "planning_steps")
    alpha, gamma = validate.fraction(alpha, "alpha"), validate.discount(gamma)
    epsilon, kappa = validate.fraction(epsilon, "epsilon"), validate.number(kappa, "kappa")
    rng = np.random.default_rng(validate.whole_number(seed, "seed"))
    Q = np.zeros((num_states, num_actions))
    model, known, last_tried = {}, [], np.zeros((num_states, num_actions))
    rewards = np.zeros(num_steps)
    env_seed = int(rng.integers(2**31))
    ended = True
    for t in range(1, num_steps + 1):
        if ended:
            state, _ = env.reset(seed=env_seed if t == 1 else None)
        explore = rng.random() < epsilon
        candidates = np.arange(num_actions) if explore else np.flatnonzero(Q[state] == Q[state].max())
        action = int(rng.choice(candidates))
        next_state, reward, terminated, truncated, _ = env.step(action)
        Q = q_update(Q, state, action, reward, next_state, terminated, alpha, gamma)
        if (state, action) not in model:  # the first time in this state
            known += [(state, untried) for untried in range(num_actions)]
            model.update({(state, untried): (0.0, state, False) for untried in range(num_actions)})
        model[state, action] = reward, next_state, terminated
        last_tried[state, action] = t
        drawn = [known[index] for index in rng.integers(len(known), size=planning_steps)]
        elapsed = [t - last_tried[pair] for pair in drawn]
        for (s, a), r in zip(drawn, exploration_bonus([model[pair][0] for pair in drawn], elapsed, kappa), strict=True):
            _, s2, ends = model[s, a]
            Q[s, a] += alpha * (r + (0.0 if ends else gamma * Q[s2].max()) - Q[s, a])
        rewards[t - 1] = reward
        state, ended = next_state, terminated or truncated
    return Q, rewards.cumsum()


def prioritized_sweeping(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    """Prioritised sweeping: plan where the table is most wrong, and work backwards from there.

    `Q` starts at 0 and actions are chosen as in `dyna_q`. A real step updates the model, not the table. Instead its
    pair enters a queue if the size of its TD error, $|r + \\gamma \\max_{a'} Q(s', a') - Q(s, a)|$, is above `theta`.
    Then at most `planning_steps` times, while the queue is not empty, the pair with the largest error leaves the
    queue and is updated from the model, and every pair that the model says leads to the updated state is examined
    and enters the queue under the same condition. What is left in the queue stays there for the next real steps.

    Args:
        env: a tabular Gymnasium environment with `num_states` and `num_actions`. Its first `reset` gets a seed derived
            from `seed`; later ones never repeat a seed.
        num_steps: number of real steps, through as many episodes as fit.
        planning_steps: largest number of planning updates after each real step, 0 or more.
        alpha: step size in [0, 1].
        gamma: discount factor in [0, 1).
        epsilon: probability of a random action.
        theta: TD errors up to this size are left alone.
        seed: of all random draws.

    Returns:
        `(Q, num_updates)`: the last table, shape `(S, A)`, and the number of planning updates made in the whole run.

    Source: Sutton & Barto, section 8.4.
    """
    num_states, num_actions = validate.tabular_env(env)
    num_steps = validate.whole_number(num_steps, "num_steps")
    planning_steps = validate.whole_number(planning_steps, "planning_steps")
    alpha, gamma = validate.fraction(alpha, "alpha"), validate.discount(gamma)
    epsilon, theta = validate.fraction(epsilon, "epsilon"), validate.number(theta, "theta")
    rng = np.random.default_rng(validate.whole_number(seed, "seed"))
    Q = np.zeros((num_states, num_actions))
    model, queue = {}, {}
    predecessors = [set() for _ in range(num_states)]
    num_updates = 0

    def td_error(s, a):
        reward, s2, terminated = model[s, a]
        return reward + (0.0 if terminated else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(pair):
        priority = abs(td_error(*pair))
        if priority > theta:
            queue[pair] = priority

    env_seed = int(rng.integers(2**31))
    ended = True
    for t in range(num_steps):
        if ended:
            state, _ = env.reset(seed=env_seed if t == 0 else None)
        explore = rng.random() < epsilon
        candidates = np.arange(num_actions) if explore else np.flatnonzero(Q[state] == Q[state].max())
        action = int(rng.choice(candidates))
        next_state, reward, terminated, truncated, _ = env.step(action)
        pair = state, action
        if pair in model:
            predecessors[model[pair][1]].discard(pair)
        model[pair] = reward, next_state, terminated
        predecessors[next_state].add(pair)
        enqueue(pair)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * td_error(s, a)
            num_updates += 1
            for predecessor in sorted(predecessors[s]):
                enqueue(predecessor)
        state, ended = next_state, terminated or truncated
    return Q, num_updates

"""Known mistakes of unit 3, Dyna, the agent `dyna_q_plus`.

Wrong solutions of the kind students hand in, each with the idea that went wrong. The audit grades every one and expects
it to lose points; the judge runs them to name a misconception. Each function stands alone apart from `np` and `math`,
because its source is pasted into a notebook cell.
"""

import math

import numpy as np

from autograder.properties.entries import collection

mistakes, mistake = collection()


# ---------------------------------------------------------------------------------------------------------- dyna_q_plus


@mistake("dyna_q_plus", "planning pays no bonus: this is Dyna-Q")
def dyna_q_plus_no_bonus(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the bonus grows with the elapsed steps themselves, not with their root")
def dyna_q_plus_bonus_without_root(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * (t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the bonus is paid in the real update as well as in planning")
def dyna_q_plus_bonus_in_the_direct_update(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = (
            reward
            + kappa * math.sqrt(t - last_tried[state, action])
            + (0.0 if terminated else gamma * Q[next_state].max())
        )
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the bonus is added to the values when an action is chosen, and not to the planned rewards")
def dyna_q_plus_bonus_while_acting(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(np.argmax(Q[state] + kappa * np.sqrt(t - last_tried[state])))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "actions that were never tried are not planned")
def dyna_q_plus_tried_pairs_only(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the actions of all states are planned from the start, also of states never acted in")
def dyna_q_plus_plans_every_state(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for s in range(env.num_states):
        model.update({(s, a): (0.0, s, False) for a in range(num_actions)})
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "a state counts as visited as soon as a step leads there, before any action was taken in it")
def dyna_q_plus_plans_states_only_seen(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        for other in range(num_actions):
            model.setdefault((next_state, other), (0.0, next_state, False))
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "an untried action is planned as if it ended the episode, not as if it led back to its state")
def dyna_q_plus_untried_lead_nowhere(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, True))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "an untried action is planned as if it led where the action taken led")
def dyna_q_plus_untried_lead_to_the_next_state(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, next_state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "an untried action is planned with the reward of the action taken")
def dyna_q_plus_untried_pay_the_same(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (reward, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake(
    "dyna_q_plus", "an untried action's elapsed steps are counted from the first visit to its state, not from the start"
)
def dyna_q_plus_untried_since_first_visit(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            if (state, other) not in model:
                model[state, other] = (0.0, state, False)
                last_tried[state, other] = t
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "actions that were never tried are planned without a bonus")
def dyna_q_plus_untried_get_no_bonus(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt((t - last_tried[s, a]) * (last_tried[s, a] > 0))
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the elapsed steps are counted since the state was visited, not since the pair was tried")
def dyna_q_plus_state_clock(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the elapsed steps start again at 0 in every episode")
def dyna_q_plus_episode_clock(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            last_tried[:] = t - 1
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the elapsed steps of all pairs are one too many")
def dyna_q_plus_one_step_late(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t + 1 - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the elapsed steps of all pairs are one too few")
def dyna_q_plus_one_step_early(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(max(0, t - 1 - last_tried[s, a]))
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "steps are counted from 0, so that an untried pair waits one step less")
def dyna_q_plus_counts_from_zero(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - max(1, last_tried[s, a]))
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the pair just tried is planned with the steps since its last try before that")
def dyna_q_plus_marks_the_try_too_late(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        last_tried[state, action] = t
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the bonus depends on how rarely a pair was tried, not on how long ago")
def dyna_q_plus_visit_counts(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] += 1
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(1.0 / (1.0 + last_tried[s, a]))
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the planned reward is multiplied by the bonus, so that a reward of 0 gets none")
def dyna_q_plus_bonus_multiplies(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r *= 1 + kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the bonus is added to the reward in the model, where it piles up")
def dyna_q_plus_bonus_stays_in_the_model(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            model[s, a] = (r, s2, end)
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "a planned step that terminates gets no bonus")
def dyna_q_plus_no_bonus_at_the_end(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += (not end) * kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake(
    "dyna_q_plus",
    "planning begins with the same seed after every real step, so that it draws the same pairs again and again",
)
def dyna_q_plus_same_draws_after_each_step(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        planner = np.random.default_rng(seed)
        for _ in range(planning_steps):
            s, a = pairs[planner.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the model is emptied at the beginning of each episode")
def dyna_q_plus_forgets_each_episode(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            model = {}
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the model keeps each pair's first outcome and ignores the later ones")
def dyna_q_plus_keeps_the_first_outcome(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        if last_tried[state, action] == 0:
            model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the state after a termination is still counted, in real and in planned updates")
def dyna_q_plus_bootstraps_after_termination(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the model forgets that a step terminated, so that planned updates look beyond the end")
def dyna_q_plus_plans_beyond_termination(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "a truncated episode is treated like a terminated one, so that its last state is worth nothing")
def dyna_q_plus_truncation_is_termination(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated or truncated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated or truncated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "one planning step too many follows every real step")
def dyna_q_plus_one_planning_step_too_many(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps + 1):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the table learns from planning only; the real step itself is not learnt from")
def dyna_q_plus_no_direct_update(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the rewards are returned step by step, not summed up")
def dyna_q_plus_rewards_not_summed(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.array(rewards)


@mistake("dyna_q_plus", "the sum of rewards starts again in every episode")
def dyna_q_plus_sums_each_episode(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        fresh = done or not rewards
        rewards.append(reward + (0.0 if fresh else rewards[-1]))
        state, done = next_state, terminated or truncated
    return Q, np.array(rewards)


@mistake("dyna_q_plus", "the bonus is counted in cumulative_reward")
def dyna_q_plus_sums_the_bonus(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward + kappa * math.sqrt(t - last_tried.min()))
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "cumulative_reward is discounted")
def dyna_q_plus_discounts_the_sum(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards * gamma ** np.arange(len(rewards)))


@mistake("dyna_q_plus", "ties between best actions always go to the first of them")
def dyna_q_plus_ties_to_the_first(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(Q[state].argmax())
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "epsilon is the probability of being greedy, not of exploring")
def dyna_q_plus_epsilon_reversed(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() >= epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "every reset gets the same seed, so that all episodes meet the same chances")
def dyna_q_plus_repeats_its_seed(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the agent's own draws do not depend on the seed")
def dyna_q_plus_agent_ignores_the_seed(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng(3)
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "one real step too few is taken")
def dyna_q_plus_one_step_short(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, max(2, num_steps)):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    rewards += [0.0] * (num_steps - len(rewards))
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the run stops with the first episode")
def dyna_q_plus_one_episode_only(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, False
        if terminated or truncated:
            break
    rewards += [0.0] * (num_steps - len(rewards))
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "the bonus is added to the value itself and not to the reward, so that alpha does not scale it")
def dyna_q_plus_bonus_on_top_of_the_update(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            Q[s, a] += kappa * math.sqrt(t - last_tried[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake("dyna_q_plus", "pairs are planned without replacement unless there are too few of them", nameable=False)
def dyna_q_plus_replaces_only_if_it_must(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done = {}, [], True
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if t == 1 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for index in rng.choice(len(pairs), planning_steps, planning_steps > len(pairs)):
            s, a = pairs[index]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)


@mistake(
    "dyna_q_plus",
    "the first two resets get the same seed, so that the second episode meets the chances of the first",
    nameable=False,
)
def dyna_q_plus_second_episode_repeats_the_first(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    last_tried = np.zeros((env.num_states, num_actions))
    model, rewards, done, resets = {}, [], True, 0
    for t in range(1, num_steps + 1):
        if done:
            state, _ = env.reset(seed=seed if resets < 2 else None)
            resets += 1
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        target = reward + (0.0 if terminated else gamma * Q[next_state].max())
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(num_actions):
            model.setdefault((state, other), (0.0, state, False))
        model[state, action] = (reward, next_state, terminated)
        last_tried[state, action] = t
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            r += kappa * math.sqrt(t - last_tried[s, a])
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        rewards.append(reward)
        state, done = next_state, terminated or truncated
    return Q, np.cumsum(rewards)

"""Known mistakes of unit 3, Dyna, the agent `dyna_q`.

Wrong solutions of the kind students hand in, each with the idea that went wrong. The audit grades every one and expects
it to lose points; the judge runs them to name a misconception. Each function stands alone apart from `np` and `math`,
because its source is pasted into a notebook cell.
"""

import numpy as np

from autograder.properties.entries import collection

mistakes, mistake = collection()


# --------------------------------------------------------------------------------------------------------------- dyna_q


@mistake("dyna_q", "nothing is planned: this is Q-learning, whatever planning_steps is")
def dyna_q_never_plans(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(0):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "planning waits for the end of each episode and does not follow every real step")
def dyna_q_plans_after_each_episode(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            state = next_state
        pairs = list(model)
        for _ in range(planning_steps):
            s, a = pairs[rng.integers(len(pairs))]
            r, s2, end = model[s, a]
            Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "nothing is planned after the last step of an episode")
def dyna_q_skips_planning_at_the_end(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(0 if done else planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "one planning step too many follows every real step")
def dyna_q_one_planning_step_too_many(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps + 1):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the direct update is counted as one of the planning steps")
def dyna_q_counts_the_direct_update(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(max(0, planning_steps - 1)):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the table learns from planning only; the real step itself is not learnt from")
def dyna_q_no_direct_update(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the model keeps each pair's first outcome and ignores the later ones")
def dyna_q_keeps_the_first_outcome(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model.setdefault((state, action), (reward, next_state, terminated))
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the model keeps the mean of a pair's rewards, not the latest one")
def dyna_q_averages_rewards(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    rewards = {}
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            rewards.setdefault((state, action), []).append(reward)
            model[state, action] = (np.mean(rewards[state, action]), next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the model is emptied at the beginning of each episode")
def dyna_q_forgets_each_episode(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length, model = False, 0, {}
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "planning draws from the list of all transitions, so that a pair tried twice comes twice as often")
def dyna_q_replays_transitions(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    history = []
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            history.append((state, action))
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = history
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the state after a termination is still counted, in real and in planned updates")
def dyna_q_bootstraps_after_termination(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the real update counts the state after a termination; only planning leaves it out")
def dyna_q_direct_bootstraps_after_termination(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the model forgets that a step terminated, so that planned updates look beyond the end")
def dyna_q_plans_beyond_termination(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "a truncated episode is treated like a terminated one, so that its last state is worth nothing")
def dyna_q_truncation_is_termination(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated or truncated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated or truncated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake(
    "dyna_q", "the model stores terminated or truncated as one flag, so that planning looks not beyond a time limit"
)
def dyna_q_model_stores_done(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated or truncated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "ties between best actions always go to the first of them")
def dyna_q_ties_to_the_first(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(Q[state].argmax())
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "ties between best actions always go to the last of them")
def dyna_q_ties_to_the_last(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(num_actions - 1 - Q[state][::-1].argmax())
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "exploration leaves the greedy action out")
def dyna_q_explores_other_actions_only(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                others = [a for a in range(num_actions) if a != Q[state].argmax()] or [0]
                action = int(rng.choice(others))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "exploration never tries the last action")
def dyna_q_explores_never_the_last(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(max(1, num_actions - 1)))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "epsilon is the probability of being greedy, not of exploring")
def dyna_q_epsilon_reversed(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() >= epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "epsilon is not used: the agent never explores")
def dyna_q_always_greedy(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < 0:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "epsilon shrinks from episode to episode")
def dyna_q_epsilon_decays(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon / (1 + episode):
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "every reset gets the same seed, so that all episodes meet the same chances")
def dyna_q_repeats_its_seed(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "no reset is given a seed, so that the run cannot be repeated")
def dyna_q_reset_without_a_seed(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset()
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the first reset gets a constant, whatever the seed of the run is")
def dyna_q_constant_seed(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=42 if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the agent's own draws do not depend on the seed")
def dyna_q_agent_ignores_the_seed(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng(3)
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake(
    "dyna_q", "planning draws a known state first and then one of its tried actions, so that pairs do not come evenly"
)
def dyna_q_draws_a_state_first(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                known = sorted({u for u, _ in pairs})
                u = known[rng.integers(len(known))]
                tried = [b for v, b in pairs if v == u]
                s, a = u, tried[rng.integers(len(tried))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "every planning step repeats the pair just tried")
def dyna_q_plans_the_pair_just_tried(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            for _ in range(planning_steps):
                s, a = (state, action)
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "no pair is planned twice after the same real step")
def dyna_q_without_replacement(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for index in rng.permutation(len(pairs))[:planning_steps]:
                s, a = pairs[index]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the newest pair of the model is never planned")
def dyna_q_never_the_newest_pair(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(max(1, len(pairs) - 1))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the next state is worth the mean over its actions, not the best of them")
def dyna_q_averages_next_actions(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].mean())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].mean()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the model stores the state a step began in as the one it led to")
def dyna_q_model_leads_back(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the last step of an episode is not counted in its length")
def dyna_q_lengths_one_short(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length - 1)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the lengths are steps since the start of the run, not of the episode")
def dyna_q_lengths_run_on(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length + sum(episode_lengths[-1:]))
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the rewards of the episodes are returned, not their lengths")
def dyna_q_returns_rewards(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0.0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + reward, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "one episode too few is played")
def dyna_q_one_episode_short(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(max(1, num_episodes - 1)):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    episode_lengths += [0] * (num_episodes - len(episode_lengths))
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the table starts at 1, not at 0")
def dyna_q_optimistic_start(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.ones((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "the value of the next state is not discounted")
def dyna_q_ignores_gamma(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else 1.0 * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else 1.0 * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake(
    "dyna_q",
    "planning begins with the same seed after every real step, so that it draws the same pairs again and again",
)
def dyna_q_same_draws_after_each_step(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            planner = np.random.default_rng(seed)
            for _ in range(planning_steps):
                s, a = pairs[planner.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "planned updates jump all the way to their target, whatever alpha is")
def dyna_q_plans_with_full_steps(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "pairs are planned without replacement unless there are too few of them", nameable=False)
def dyna_q_replaces_only_if_it_must(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for index in rng.choice(len(pairs), planning_steps, planning_steps > len(pairs)):
                s, a = pairs[index]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake(
    "dyna_q",
    "the first two resets get the same seed, so that the second episode meets the chances of the first",
    nameable=False,
)
def dyna_q_second_episode_repeats_the_first(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode < 2 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake(
    "dyna_q",
    "noise is added to the values to break ties, so that an action nearly as good as the best is taken too",
    nameable=False,
)
def dyna_q_noise_breaks_near_ties(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(np.argmax(Q[state] + 1e-3 * rng.random(num_actions)))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake("dyna_q", "actions are chosen by a second table that learns from real steps only", nameable=False)
def dyna_q_acts_without_planning(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    real, model, episode_lengths = Q.copy(), {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        done, length = False, 0
        while not done:
            if rng.random() < epsilon:
                action = int(rng.integers(num_actions))
            else:
                action = int(rng.choice(np.flatnonzero(real[state] == real[state].max())))
            next_state, reward, terminated, truncated, _ = env.step(action)
            for table in (Q, real):
                target = reward + (0.0 if terminated else gamma * table[next_state].max())
                table[state, action] += alpha * (target - table[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)


@mistake(
    "dyna_q",
    "the next action is chosen before planning, with values that are out of date when it is taken",
    nameable=False,
)
def dyna_q_chooses_before_planning(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, episode_lengths = {}, []
    for episode in range(num_episodes):
        state, _ = env.reset(seed=seed if episode == 0 else None)
        action = None
        done, length = False, 0
        while not done:
            if action is None:
                greedy = np.flatnonzero(Q[state] == Q[state].max())
                action = int(rng.choice(num_actions if rng.random() < epsilon else greedy))
            next_state, reward, terminated, truncated, _ = env.step(action)
            target = reward + (0.0 if terminated else gamma * Q[next_state].max())
            Q[state, action] += alpha * (target - Q[state, action])
            model[state, action] = (reward, next_state, terminated)
            length, done = length + 1, terminated or truncated
            greedy = np.flatnonzero(Q[next_state] == Q[next_state].max())
            action = int(rng.choice(num_actions if rng.random() < epsilon else greedy))
            pairs = list(model)
            for _ in range(planning_steps):
                s, a = pairs[rng.integers(len(pairs))]
                r, s2, end = model[s, a]
                Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
            state = next_state
        episode_lengths.append(length)
    return Q, np.array(episode_lengths)

"""Known mistakes of unit 3, Dyna, the agent `prioritized_sweeping`.

Wrong solutions of the kind students hand in, each with the idea that went wrong. The audit grades every one and expects
it to lose points; the judge runs them to name a misconception. Each function stands alone apart from `np` and `math`,
because its source is pasted into a notebook cell.
"""

import numpy as np

from autograder.properties.entries import collection

mistakes, mistake = collection()


# ------------------------------------------------------------------------------------------------- prioritized_sweeping


@mistake("prioritized_sweeping", "the real step updates the table directly, as in Dyna-Q")
def prioritized_sweeping_direct_update(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        Q[state, action] += alpha * error(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the smallest error is taken first, not the largest")
def prioritized_sweeping_smallest_error_first(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = min(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the queue is served in the order of arrival, whatever the errors are")
def prioritized_sweeping_first_in_first_out(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = next(iter(queue))
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the entry queued last is served first, whatever the errors are")
def prioritized_sweeping_last_in_first_out(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = list(queue)[-1]
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the TD error counts with its sign, so that bad news is never queued")
def prioritized_sweeping_signed_error(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = error(s, a)
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the size of the reward is the priority, not that of the TD error")
def prioritized_sweeping_reward_as_priority(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(model[s, a][0])
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the priority is the target, and what the table already holds is not taken off")
def prioritized_sweeping_value_as_priority(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a) + Q[s, a]) * (abs(error(s, a)) > theta)
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake(
    "prioritized_sweeping", "the priority of a pair is its reward minus its value, without the value of the next state"
)
def prioritized_sweeping_predecessors_without_look_ahead(
    env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed
):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(model[s, a][0] - Q[s, a])
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "predecessors are never queued, so that news does not travel back")
def prioritized_sweeping_no_predecessors(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake(
    "prioritized_sweeping",
    "the pairs that lead to the next state are queued again, not those that lead to the updated state",
)
def prioritized_sweeping_predecessors_of_the_next_state(
    env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed
):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == model[s, a][1]:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "only one predecessor of the updated state is queued")
def prioritized_sweeping_one_predecessor_only(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
                    break
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "predecessors are queued once after each real step, not after each update")
def prioritized_sweeping_predecessors_of_real_steps_only(
    env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed
):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
        for (u, b), (_, led_to, _) in model.items():
            if led_to == state:
                enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "predecessors are queued whatever the size of their error")
def prioritized_sweeping_predecessors_skip_theta(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    queue[u, b] = abs(error(u, b))
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "theta is not used: every pair is queued, even one without an error")
def prioritized_sweeping_ignores_theta(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority >= 0.0:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "an error of exactly theta enters the queue too")
def prioritized_sweeping_theta_included(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority >= theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "theta is compared with the squared error")
def prioritized_sweeping_theta_on_the_reward_only(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority**2 > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "what is left in the queue is thrown away after each real step")
def prioritized_sweeping_queue_emptied_after_each_step(
    env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed
):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        queue.clear()
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "what is left in the queue is thrown away at the end of each episode")
def prioritized_sweeping_queue_emptied_after_each_episode(
    env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed
):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            queue.clear()
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "only one update follows each real step, whatever planning_steps is")
def prioritized_sweeping_one_update_per_step(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(min(1, planning_steps)):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the queue is emptied after each real step, whatever planning_steps is")
def prioritized_sweeping_ignores_the_budget(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(1000):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "one update too many may follow each real step")
def prioritized_sweeping_one_update_too_many(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps + 1):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "planning steps that were not needed are saved for later")
def prioritized_sweeping_budget_saved_up(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps * (t + 1) - num_updates):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "num_updates counts the planning steps allowed, not the updates made")
def prioritized_sweeping_counts_all_steps(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        num_updates += planning_steps
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "num_updates counts the pairs queued, not the updates made")
def prioritized_sweeping_counts_queued_pairs(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority
            nonlocal num_updates
            num_updates += 1

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "num_updates counts the real steps too")
def prioritized_sweeping_counts_the_real_steps(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates + num_steps


@mistake("prioritized_sweeping", "a planned update jumps to its target, whatever alpha is")
def prioritized_sweeping_ignores_alpha(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the priority is alpha times the error, so that theta means something else")
def prioritized_sweeping_full_steps_priority(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = alpha * abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the state after a termination is still counted")
def prioritized_sweeping_bootstraps_after_termination(
    env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed
):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake(
    "prioritized_sweeping",
    "a truncated episode is treated like a terminated one, so that its last state is worth nothing",
)
def prioritized_sweeping_truncation_is_termination(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated or truncated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the model keeps each pair's first outcome and ignores the later ones")
def prioritized_sweeping_keeps_the_first_outcome(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model.setdefault((state, action), (reward, next_state, terminated))
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the model is emptied at the beginning of each episode, together with the queue")
def prioritized_sweeping_forgets_each_episode(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            model.clear()
            queue.clear()
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "ties between best actions always go to the first of them")
def prioritized_sweeping_ties_to_the_first(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(Q[state].argmax())
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "epsilon is the probability of being greedy, not of exploring")
def prioritized_sweeping_epsilon_reversed(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() >= epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "every reset gets the same seed, so that all episodes meet the same chances")
def prioritized_sweeping_repeats_its_seed(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the agent's own draws do not depend on the seed")
def prioritized_sweeping_agent_ignores_the_seed(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng(3)
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "one real step too few is taken")
def prioritized_sweeping_one_step_short(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(max(1, num_steps - 1)):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake("prioritized_sweeping", "the next state is worth the mean over its actions, not the best of them")
def prioritized_sweeping_averages_next_actions(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].mean()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake(
    "prioritized_sweeping", "an entry of the queue is updated by the error it had when it was queued", nameable=False
)
def prioritized_sweeping_updates_by_the_queued_error(
    env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed
):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue.setdefault((s, a), error(s, a))

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=lambda pair: abs(queue[pair]))
            Q[s, a] += alpha * queue.pop((s, a))
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                if led_to == s:
                    enqueue(u, b)
        state, done = next_state, terminated or truncated
    return Q, num_updates


@mistake(
    "prioritized_sweeping",
    "the error of a predecessor counts the updated state even where the step there ended the episode",
)
def prioritized_sweeping_predecessors_look_beyond_the_end(
    env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed
):
    rng = np.random.default_rng([seed, 3])
    num_actions = env.num_actions
    Q = np.zeros((env.num_states, num_actions))
    model, queue, num_updates, done = {}, {}, 0, True

    def error(s, a):
        r, s2, end = model[s, a]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a]

    def enqueue(s, a):
        priority = abs(error(s, a))
        if priority > theta:
            queue[s, a] = priority

    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if t == 0 else None)
        if rng.random() < epsilon:
            action = int(rng.integers(num_actions))
        else:
            action = int(rng.choice(np.flatnonzero(Q[state] == Q[state].max())))
        next_state, reward, terminated, truncated, _ = env.step(action)
        model[state, action] = (reward, next_state, terminated)
        enqueue(state, action)
        for _ in range(planning_steps):
            if not queue:
                break
            s, a = max(queue, key=queue.get)
            del queue[s, a]
            Q[s, a] += alpha * error(s, a)
            num_updates += 1
            for (u, b), (_, led_to, _) in model.items():
                priority = abs(model[u, b][0] + gamma * Q[s].max() - Q[u, b])
                if led_to == s and priority > theta:
                    queue[u, b] = priority
        state, done = next_state, terminated or truncated
    return Q, num_updates

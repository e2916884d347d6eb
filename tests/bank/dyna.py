"""Correct solutions of unit 3, as different as real students': other generators, other queues, other bookkeeping."""

import numpy as np

from autograder.properties.entries import collection
from solutions.dyna import dyna_planning, exploration_bonus, q_update

solutions, solution = collection()

# ---------------------------------------------------------------------------------------------------- q_update


@solution("q_update", "changes the caller's array in place")
def q_update_in_place(Q, state, action, reward, next_state, terminated, alpha, gamma):
    target = reward
    if not terminated:
        target += gamma * np.max(Q[next_state])
    Q[state, action] = Q[state, action] + alpha * (target - Q[state, action])
    return Q


@solution("q_update", "a weighted mean of old value and target")
def q_update_weighted_mean(Q, state, action, reward, next_state, terminated, alpha, gamma):
    table = np.array(Q, dtype=float)
    table[state][action] = (1 - alpha) * table[state][action] + alpha * (
        reward + gamma * (1 - int(terminated)) * table[next_state].max()
    )
    return table


@solution("q_update", "lists and a loop for the maximum")
def q_update_lists(Q, state, action, reward, next_state, terminated, alpha, gamma):
    table = [[float(x) for x in row] for row in Q]
    best = table[next_state][0]
    for value in table[next_state]:
        if value > best:
            best = value
    if terminated:
        best = 0
    table[state][action] += alpha * (reward + gamma * best - table[state][action])
    return table


@solution("q_update", "a one-hot mask")
def q_update_mask(Q, state, action, reward, next_state, terminated, alpha, gamma):
    mask = np.zeros_like(Q)
    mask[state, action] = 1.0
    delta = reward + (0.0 if terminated else gamma * Q[next_state, np.argmax(Q[next_state])]) - Q[state, action]
    return Q + alpha * delta * mask


@solution("q_update", "sorts the next row to find its maximum")
def q_update_sorted(Q, state, action, reward, next_state, terminated, alpha, gamma):
    Q = Q.copy()
    future = sorted(Q[next_state])[-1] * gamma * (not terminated)
    Q[state, action] -= alpha * (Q[state, action] - reward - future)
    return Q


@solution("q_update", "a torch tensor in float64")
def q_update_torch(Q, state, action, reward, next_state, terminated, alpha, gamma):
    import torch

    table = torch.tensor(Q, dtype=torch.float64)
    target = reward + gamma * table[next_state].max() * (0.0 if terminated else 1.0)
    table[state, action] = torch.lerp(table[state, action], target, alpha)
    return table


# ---------------------------------------------------------------------------------------------------- dyna_planning


@solution("dyna_planning", "calls q_update, one draw at a time")
def dyna_planning_with_q_update(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    for _ in range(planning_steps):
        if len(model) == 0:
            break
        keys = list(model.keys())
        s, a = keys[rng.integers(0, len(keys))]
        r, s2, done = model[(s, a)]
        Q = q_update(Q, s, a, r, s2, done, alpha, gamma)
    return Q


@solution("dyna_planning", "Python's random module, in place")
def dyna_planning_python_random(Q, model, planning_steps, alpha, gamma, seed):
    import random

    random.seed(seed)
    if not model:
        return Q
    for _ in range(planning_steps):
        (s, a), (r, s2, done) = random.choice(list(model.items()))
        best = 0 if done else max(Q[s2])
        Q[s, a] += alpha * (r + gamma * best - Q[s, a])
    return Q


@solution("dyna_planning", "a private RandomState and pairs drawn in advance")
def dyna_planning_random_state(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.RandomState(seed)
    table = Q.copy()
    known = sorted(model)
    if len(known) > 0:
        for i in rng.choice(len(known), size=planning_steps, replace=True):
            s, a = known[i]
            reward, following, ended = model[known[i]]
            value = reward if ended else reward + gamma * np.amax(table[following, :])
            table[s, a] = table[s, a] + alpha * (value - table[s, a])
    return table


@solution("dyna_planning", "random.choices with a generator of its own; a list of lists")
def dyna_planning_choices(Q, model, planning_steps, alpha, gamma, seed):
    import random

    table = Q.tolist()
    if model:
        for (s, a), (r, n, end) in random.Random(seed).choices(list(model.items()), k=planning_steps):
            table[s][a] += alpha * (r + (0 if end else gamma * max(table[n])) - table[s][a])
    return table


@solution("dyna_planning", "scales a uniform number to an index")
def dyna_planning_scaled_uniform(Q, model, planning_steps, alpha, gamma, seed):
    np.random.seed(seed)
    Q, items = np.copy(Q), [(*pair, *outcome) for pair, outcome in model.items()]
    while planning_steps > 0 and items:
        s, a, r, s2, t = items[int(np.random.rand() * len(items))]
        Q[s, a] = (1 - alpha) * Q[s, a] + alpha * (r + gamma * np.max(Q[s2]) * (1 - t))
        planning_steps -= 1
    return Q


@solution("dyna_planning", "torch's generator")
def dyna_planning_torch(Q, model, planning_steps, alpha, gamma, seed):
    import torch

    generator = torch.Generator().manual_seed(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for i in torch.randint(len(pairs), (planning_steps,), generator=generator).tolist():
        s, a = pairs[i]
        r, s2, terminated = model[pairs[i]]
        Q[s, a] += alpha * (r + (not terminated) * gamma * Q[s2].max() - Q[s, a])
    return Q


@solution("dyna_planning", "draws any pair of the table until it is a known one")
def dyna_planning_rejection(Q, model, planning_steps, alpha, gamma, seed):
    import random

    rng = random.Random(seed)
    while model and planning_steps:
        pair = rng.randrange(len(Q)), rng.randrange(len(Q[0]))
        if pair in model:
            Q = q_update(Q, *pair, *model[pair], alpha, gamma)
            planning_steps -= 1
    return Q


@solution("dyna_planning", "the largest of as many Gumbel variables as there are pairs; tuples as a result")
def dyna_planning_gumbel(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    known, table = list(model.items()), [list(map(float, row)) for row in Q]
    for _ in range(planning_steps if known else 0):
        (s, a), (r, s2, end) = known[int(np.argmax(rng.gumbel(size=len(known))))]
        table[s][a] += alpha * (r + (0.0 if end else gamma * max(table[s2])) - table[s][a])
    return tuple(map(tuple, table))


# ---------------------------------------------------------------------------------------------------- dyna_q


@solution("dyna_q", "q_update and dyna_planning, seeds counted up for every reset")
def dyna_q_composed(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng(seed)
    Q = np.zeros((env.num_states, env.num_actions))
    model, lengths = {}, []
    for episode in range(num_episodes):
        s, _ = env.reset(seed=seed + episode)
        n, done = 0, False
        while not done:
            if rng.random() < epsilon:
                a = int(rng.integers(env.num_actions))
            else:
                a = int(rng.choice(np.flatnonzero(Q[s] == Q[s].max())))
            s2, r, terminated, truncated, _ = env.step(a)
            Q = q_update(Q, s, a, r, s2, terminated, alpha, gamma)
            model[(s, a)] = (r, s2, terminated)
            Q = dyna_planning(Q, model, planning_steps, alpha, gamma, int(rng.integers(2**31 - 1)))
            s, n, done = s2, n + 1, terminated or truncated
        lengths.append(n)
    return Q, np.array(lengths)


@solution("dyna_q", "everything by hand with Python's random; lists as a result")
def dyna_q_python_random(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    import random

    rng = random.Random(seed)
    S, A = env.num_states, env.num_actions
    Q = [[0.0] * A for _ in range(S)]
    model = {}
    lengths = []
    first = True
    for _ in range(num_episodes):
        s, _ = env.reset(seed=seed) if first else env.reset()
        first = False
        steps = 0
        while True:
            if rng.random() < epsilon:
                a = rng.randrange(A)
            else:
                best = max(Q[s])
                a = rng.choice([i for i in range(A) if Q[s][i] == best])
            s2, r, term, trunc, _ = env.step(a)
            Q[s][a] += alpha * (r + (0.0 if term else gamma * max(Q[s2])) - Q[s][a])
            model[s, a] = r, s2, term
            for _ in range(planning_steps):
                (ps, pa), (pr, pn, pt) = rng.choice(list(model.items()))
                Q[ps][pa] += alpha * (pr + (0.0 if pt else gamma * max(Q[pn])) - Q[ps][pa])
            steps += 1
            s = s2
            if term or trunc:
                break
        lengths.append(steps)
    return Q, lengths


@solution("dyna_q", "model first, then the update; a fresh random seed for each reset; action probabilities")
def dyna_q_probabilities(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.RandomState(seed)
    A = env.action_space.n
    Q = np.zeros((env.observation_space.n, A))
    rewards, nexts, ends = np.zeros(Q.shape), np.zeros(Q.shape, dtype=int), np.zeros(Q.shape, dtype=bool)
    seen = []
    lengths = np.zeros(num_episodes, dtype=int)
    for i in range(num_episodes):
        state = env.reset(seed=int(rng.randint(2**31 - 1)))[0]
        over = False
        while not over:
            greedy = np.isclose(Q[state], Q[state].max(), rtol=0, atol=1e-12)
            p = epsilon / A + (1 - epsilon) * greedy / greedy.sum()
            action = rng.choice(A, p=p / p.sum())
            following, reward, terminated, truncated, _ = env.step(action)
            if (state, action) not in seen:
                seen.append((state, action))
            rewards[state, action], nexts[state, action], ends[state, action] = reward, following, terminated
            Q[state, action] += alpha * (reward + gamma * (1 - terminated) * Q[following].max() - Q[state, action])
            for _ in range(planning_steps):
                s, a = seen[rng.randint(len(seen))]
                Q[s, a] += alpha * (rewards[s, a] + gamma * (1 - ends[s, a]) * Q[nexts[s, a]].max() - Q[s, a])
            lengths[i] += 1
            state, over = following, terminated or truncated
    return Q, lengths


@solution("dyna_q", "ties broken by tiny noise on the side; a seed sequence; visit counts as the list of pairs")
def dyna_q_noise_ties(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    act, plan, world = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3)]
    Q = np.zeros((env.num_states, env.num_actions))
    visits = np.zeros_like(Q)
    outcomes = {}
    lengths = []

    def choose(s):
        if act.uniform() < epsilon:
            return env.action_space.n - 1 - int(act.integers(env.action_space.n))
        noise = act.uniform(size=Q.shape[1])
        return int(np.argmax(np.where(Q[s] >= Q[s].max(), 1.0 + noise, 0.0)))

    def learn(s, a, r, n, ended):
        Q[s, a] += alpha * (r + (0.0 if ended else gamma * np.max(Q[n])) - Q[s, a])

    for k in range(num_episodes):
        s, _info = env.reset(seed=int(world.integers(1_000_000_000))) if k == 0 else env.reset(seed=None)
        ended = cut = False
        t = 0
        while not ended and not cut:
            a = choose(s)
            n, r, ended, cut, _info = env.step(a)
            learn(s, a, r, n, ended)
            visits[s, a] += 1
            outcomes[s, a] = (s, a, r, n, ended)
            pairs = np.argwhere(visits > 0)
            for index in plan.integers(0, len(pairs), planning_steps):
                learn(*outcomes[tuple(pairs[index].tolist())])
            t += 1
            s = n
        lengths += [t]
    return Q, lengths


@solution("dyna_q", "recursion over the steps of an episode")
def dyna_q_recursive(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng(seed)
    Q, model = np.zeros((env.num_states, env.num_actions)), {}

    def walk(s):
        best = [a for a in range(env.num_actions) if Q[s, a] == max(Q[s])]
        a = rng.choice(env.num_actions if rng.random() < epsilon else best)
        s2, r, terminated, truncated, _ = env.step(a)
        Q[:] = q_update(Q, s, int(a), r, s2, terminated, alpha, gamma)
        model[(s, int(a))] = (r, s2, terminated)
        Q[:] = dyna_planning(Q, model, planning_steps, alpha, gamma, int(rng.integers(1 << 30)))
        return 1 if terminated or truncated else 1 + walk(s2)

    lengths = [walk(env.reset(seed=seed if i == 0 else None)[0]) for i in range(num_episodes)]
    return Q, lengths


@solution("dyna_q", "global NumPy generator, shuffled maximisers")
def dyna_q_global_generator(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    np.random.seed(seed)
    Q = np.zeros((env.num_states, env.num_actions))
    model = {}
    lengths = np.empty(num_episodes)
    for e in range(num_episodes):
        obs, _ = env.reset(seed=(seed * 31 + 7 * e) % 2**31)
        lengths[e] = 0
        while True:
            if np.random.rand() >= epsilon:
                ties = np.argwhere(Q[obs] == np.amax(Q[obs])).ravel()
                np.random.shuffle(ties)
                action = ties[0]
            else:
                action = np.random.randint(env.num_actions)
            nxt, rew, term, trunc, _ = env.step(action)
            target = rew + gamma * np.max(Q[nxt]) if not term else rew
            Q[obs, action] += alpha * (target - Q[obs, action])
            model[obs, action] = (rew, nxt, term)
            keys = list(model)
            for k in np.random.choice(len(keys), planning_steps):
                r, n, t = model[keys[k]]
                target = r + gamma * np.max(Q[n]) if not t else r
                Q[keys[k]] += alpha * (target - Q[keys[k]])
            lengths[e] += 1
            obs = nxt
            if term or trunc:
                break
    return Q, lengths


@solution("dyna_q", "a reset that only seeds the environment comes before the episodes; the action space explores")
def dyna_q_seeds_beforehand(env, num_episodes, planning_steps, alpha, gamma, epsilon, seed):
    rng = np.random.default_rng([seed, 8])
    env.action_space.seed(seed)
    env.reset(seed=seed)
    Q, model, lengths = np.zeros((env.num_states, env.num_actions)), {}, []
    for _ in range(num_episodes):
        (s, _), done, length = env.reset(), False, 0
        while not done:
            order = rng.permutation(env.num_actions).tolist()
            a = int(env.action_space.sample()) if rng.random() < epsilon else order[int(np.argmax(Q[s, order]))]
            s2, r, terminated, truncated, _ = env.step(a)
            Q = q_update(Q, s, a, r, s2, terminated, alpha, gamma)
            model[s, a] = (r, s2, terminated)
            Q = dyna_planning(Q, model, planning_steps, alpha, gamma, int(rng.integers(2**31)))
            s, done, length = s2, terminated or truncated, length + 1
        lengths.append(length)
    return Q, lengths


# ---------------------------------------------------------------------------------------------------- exploration_bonus


@solution("exploration_bonus", "a power")
def exploration_bonus_power(reward, elapsed, kappa):
    return np.asarray(reward) + kappa * np.asarray(elapsed) ** 0.5


@solution("exploration_bonus", "math.sqrt, vectorised")
def exploration_bonus_vectorize(reward, elapsed, kappa):
    import math

    return np.vectorize(lambda r, t: r + kappa * math.sqrt(t), otypes=[float])(reward, elapsed)


@solution("exploration_bonus", "a loop over the flat arrays")
def exploration_bonus_loop(reward, elapsed, kappa):
    r, t = np.broadcast_arrays(np.asarray(reward, dtype=float), np.asarray(elapsed, dtype=float))
    out = np.empty(r.shape)
    for index in np.ndindex(r.shape):
        out[index] = r[index] + kappa * np.sqrt(t[index])
    return out


@solution("exploration_bonus", "adds in place where it can")
def exploration_bonus_in_place(reward, elapsed, kappa):
    reward += np.multiply(kappa, np.sqrt(elapsed))
    return reward


@solution("exploration_bonus", "torch in float64")
def exploration_bonus_torch(reward, elapsed, kappa):
    import torch

    r, t = (torch.as_tensor(x, dtype=torch.float64) for x in (reward, elapsed))
    return r + kappa * t.sqrt()


@solution("exploration_bonus", "recursion into nested lists")
def exploration_bonus_recursive(reward, elapsed, kappa):
    if np.ndim(reward) == 0:
        return float(reward) + kappa * float(elapsed) ** (1 / 2)
    return [exploration_bonus(r, t, kappa) for r, t in zip(reward, elapsed, strict=True)]


# ---------------------------------------------------------------------------------------------------- dyna_q_plus


@solution("dyna_q_plus", "arrays for model and times; draws a visited state, then an action")
def dyna_q_plus_arrays(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng(seed)
    S, A = env.num_states, env.num_actions
    Q, last, rewards = np.zeros((S, A)), np.zeros((S, A)), np.zeros((S, A))
    nexts, ends = np.tile(np.arange(S)[:, None], (1, A)), np.zeros((S, A), dtype=bool)
    visited = []
    total, curve = 0.0, []
    s, _ = env.reset(seed=seed)
    for t in range(1, num_steps + 1):
        if rng.random() < epsilon:
            a = int(rng.integers(A))
        else:
            a = int(rng.choice(np.flatnonzero(Q[s] == Q[s].max())))
        s2, r, term, trunc, _ = env.step(a)
        Q = q_update(Q, s, a, r, s2, term, alpha, gamma)
        rewards[s, a], nexts[s, a], ends[s, a], last[s, a] = r, s2, term, t
        if s not in visited:
            visited.append(s)
        for _ in range(planning_steps):
            ps, pa = visited[rng.integers(len(visited))], int(rng.integers(A))
            bonus = exploration_bonus(rewards[ps, pa], t - last[ps, pa], kappa)
            Q[ps, pa] += alpha * (bonus + gamma * (not ends[ps, pa]) * Q[nexts[ps, pa]].max() - Q[ps, pa])
        total += r
        curve.append(total)
        s = s2
        if term or trunc:
            s, _ = env.reset()
    return Q, np.array(curve)


@solution("dyna_q_plus", "counters that grow by one each step, Python's random")
def dyna_q_plus_counters(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    import random

    rng = random.Random(seed)
    A = env.num_actions
    Q = np.zeros((env.num_states, A))
    tau = np.zeros((env.num_states, A))
    model, curve = {}, np.zeros(num_steps)
    done, n_resets = True, 0
    for t in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed + n_resets)
            n_resets += 1
        if rng.random() < epsilon:
            action = rng.randrange(A)
        else:
            action = rng.choice([a for a in range(A) if Q[state, a] == Q[state].max()])
        nxt, reward, terminated, truncated, _ = env.step(action)
        curve[t] = reward + (curve[t - 1] if t else 0.0)
        tau += 1
        tau[state, action] = 0
        target = reward if terminated else reward + gamma * Q[nxt].max()
        Q[state, action] += alpha * (target - Q[state, action])
        for other in range(A):
            model.setdefault((state, other), (0.0, state, False))
        model[(state, action)] = (reward, nxt, terminated)
        pairs = list(model)
        for _ in range(planning_steps):
            pair = rng.choice(pairs)
            r, n, end = model[pair]
            target = r + kappa * tau[pair] ** 0.5 + (0.0 if end else gamma * Q[n].max())
            Q[pair] += alpha * (target - Q[pair])
        state, done = nxt, terminated or truncated
    return Q, curve


@solution("dyna_q_plus", "a model with the bonus inside, built anew after each step for dyna_planning")
def dyna_q_plus_bonus_model(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng([seed, 5])
    Q, model, tried = np.zeros((env.num_states, env.num_actions)), {}, {}
    rewards = []
    s, _ = env.reset(seed=int(rng.integers(2**31)))
    while len(rewards) < num_steps:
        best = np.flatnonzero(np.isclose(Q[s], Q[s].max(), rtol=1e-12, atol=1e-12))
        a = int(rng.choice(best)) if rng.random() >= epsilon else int(rng.integers(Q.shape[1]))
        s2, r, terminated, truncated, _ = env.step(a)
        rewards.append(r)
        now = len(rewards)
        Q = q_update(Q, s, a, r, s2, terminated, alpha, gamma)
        for b in range(Q.shape[1]):
            if (s, b) not in model:
                model[s, b] = (0.0, s, False)
        model[s, a] = (r, s2, terminated)
        tried[s, a] = now
        imagined = {
            pair: (float(exploration_bonus(out[0], now - tried.get(pair, 0), kappa)), out[1], out[2])
            for pair, out in model.items()
        }
        Q = dyna_planning(Q, imagined, planning_steps, alpha, gamma, int(rng.integers(2**31)))
        s = s2
        if terminated or truncated:
            s, _ = env.reset(seed=int(rng.integers(2**31)))
    return Q, np.cumsum(rewards)


@solution("dyna_q_plus", "loops over episodes and leaves when the steps are used up")
def dyna_q_plus_nested_loops(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.RandomState(seed)
    nA = env.num_actions
    Q = [[0.0] * nA for _ in range(env.num_states)]
    model, when, history = {}, {}, []
    t, episode = 0, 0
    while t < num_steps:
        s = env.reset(seed=seed if episode == 0 else None)[0]
        episode += 1
        over = False
        while not over and t < num_steps:
            if rng.rand() < epsilon:
                a = rng.randint(nA)
            else:
                top = max(Q[s])
                a = rng.choice([b for b in range(nA) if Q[s][b] == top])
            s2, r, term, trunc, _ = env.step(int(a))
            t += 1
            history.append(r)
            Q[s][a] += alpha * (r + gamma * (0 if term else max(Q[s2])) - Q[s][a])
            model.setdefault(s, {})[int(a)] = (r, s2, term)
            when[s, int(a)] = t
            states = list(model)
            for _ in range(planning_steps):
                u = states[rng.randint(len(states))]
                b = rng.randint(nA)
                pr, pn, pt = model[u].get(b, (0.0, u, False))
                pr = pr + kappa * (t - when.get((u, b), 0)) ** 0.5
                Q[u][b] += alpha * (pr + gamma * (0 if pt else max(Q[pn])) - Q[u][b])
            s, over = s2, term or trunc
    return Q, [sum(history[: i + 1]) for i in range(len(history))]


@solution("dyna_q_plus", "dicts only; batches of random numbers; resets also after the last step")
def dyna_q_plus_dicts(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng(seed)
    S, A = range(env.num_states), range(env.num_actions)
    Q = {(s, a): 0.0 for s in S for a in A}
    model, last = {}, {}
    cumulative = np.empty(num_steps)
    state, _ = env.reset(seed=seed)
    running = 0.0
    for t in range(num_steps):
        values = [Q[state, a] for a in A]
        explore, u = rng.random(2)
        options = list(A) if explore < epsilon else [a for a in A if values[a] == max(values)]
        action = options[int(u * len(options))]
        nxt, reward, term, trunc, _ = env.step(action)
        running += reward
        cumulative[t] = running
        future = 0.0 if term else max(Q[nxt, a] for a in A)
        Q[state, action] += alpha * (reward + gamma * future - Q[state, action])
        for a in A:
            if (state, a) not in model:
                model[state, a], last[state, a] = (0.0, state, False), -1
        model[state, action], last[state, action] = (reward, nxt, term), t
        keys = list(model)
        for x in rng.random(planning_steps):
            key = keys[int(x * len(keys))]
            r, n, end = model[key]
            future = 0.0 if end else max(Q[n, a] for a in A)
            Q[key] += alpha * (r + kappa * np.sqrt(t - last[key]) + gamma * future - Q[key])
        state = nxt
        if term or trunc:
            state, _ = env.reset()
    return np.array([[Q[s, a] for a in A] for s in S]), cumulative


@solution("dyna_q_plus", "torch's generator, long-hand")
def dyna_q_plus_torch(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    import torch

    g = torch.Generator().manual_seed(seed)
    S, A = env.num_states, env.num_actions
    Q, last = np.zeros((S, A)), np.zeros((S, A), dtype=int)
    outcome, pairs, gains = {}, [], []
    fresh = True
    for t in range(num_steps):
        if fresh:
            s = env.reset(seed=int(torch.randint(2**31 - 1, (1,), generator=g)))[0]
        if torch.rand(1, generator=g).item() < epsilon:
            a = int(torch.randint(A, (1,), generator=g))
        else:
            ties = [i for i in range(A) if Q[s, i] == Q[s].max()]
            a = ties[int(torch.randint(len(ties), (1,), generator=g))]
        s2, r, term, trunc, _ = env.step(a)
        gains.append(r)
        Q[s, a] += alpha * (r + (0 if term else gamma * Q[s2].max()) - Q[s, a])
        if (s, 0) not in outcome:
            for b in range(A):
                outcome[s, b] = (0.0, s, False)
                pairs.append((s, b))
        outcome[s, a] = (r, s2, term)
        last[s, a] = t + 1
        for i in torch.randint(len(pairs), (planning_steps,), generator=g).tolist():
            (u, b), (pr, pn, pt) = pairs[i], outcome[pairs[i]]
            pr += kappa * np.sqrt(t + 1 - last[u, b])
            Q[u, b] += alpha * (pr + (0 if pt else gamma * Q[pn].max()) - Q[u, b])
        s, fresh = s2, term or trunc
    return Q, np.add.accumulate(gains)


@solution("dyna_q_plus", "a reset that only seeds comes first; ties are settled by sorting with random second keys")
def dyna_q_plus_seeds_beforehand(env, num_steps, planning_steps, alpha, gamma, epsilon, kappa, seed):
    rng = np.random.default_rng(seed)
    env.reset(seed=seed)
    Q, model, last, gains, done = np.zeros((env.num_states, env.num_actions)), {}, {}, [], True
    while len(gains) < num_steps:
        if done:
            s, _ = env.reset()
        greedy = np.lexsort((rng.random(env.num_actions), Q[s]))[-1]
        a = int(rng.random() * env.num_actions) if rng.random() < epsilon else int(greedy)
        s2, r, terminated, truncated, _ = env.step(a)
        gains.append(r)
        now = len(gains)
        Q = q_update(Q, s, a, r, s2, terminated, alpha, gamma)
        model = {**{(s, b): (0.0, s, False) for b in range(env.num_actions)}, **model, (s, a): (r, s2, terminated)}
        last[s, a] = now
        for u, b in [list(model)[i] for i in rng.integers(len(model), size=planning_steps)]:
            reward, n, end = model[u, b]
            Q = q_update(Q, u, b, reward + kappa * (now - last.get((u, b), 0)) ** 0.5, n, end, alpha, gamma)
        s, done = s2, terminated or truncated
    return Q, np.cumsum(gains)


# ------------------------------------------------------------------------------------------------- prioritized_sweeping


@solution("prioritized_sweeping", "the book's heap, with duplicates that are updated again")
def prioritized_sweeping_heap(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    import heapq

    rng = np.random.default_rng(seed)
    Q = np.zeros((env.num_states, env.num_actions))
    model, preds, heap, updates = {}, {}, [], 0
    s, _ = env.reset(seed=seed)
    for _ in range(num_steps):
        if rng.random() < epsilon:
            a = int(rng.integers(env.num_actions))
        else:
            a = int(rng.choice(np.flatnonzero(Q[s] == Q[s].max())))
        s2, r, term, trunc, _ = env.step(a)
        model[s, a] = (r, s2, term)
        preds.setdefault(s2, set()).add((s, a))
        p = abs(r + (0 if term else gamma * Q[s2].max()) - Q[s, a])
        if p > theta:
            heapq.heappush(heap, (-p, s, a))
        n = planning_steps
        while n > 0 and heap:
            _, u, b = heapq.heappop(heap)
            pr, pn, pt = model[u, b]
            Q[u, b] += alpha * (pr + (0 if pt else gamma * Q[pn].max()) - Q[u, b])
            updates += 1
            n -= 1
            for us, ub in preds.get(u, ()):
                pr, pn, pt = model[us, ub]
                p = abs(pr + (0 if pt else gamma * Q[pn].max()) - Q[us, ub])
                if p > theta:
                    heapq.heappush(heap, (-p, us, ub))
        s = s2
        if term or trunc:
            s, _ = env.reset()
    return Q, updates


@solution("prioritized_sweeping", "the book's formula for predecessors, links never removed, q_update for the update")
def prioritized_sweeping_book_formula(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    import heapq
    import itertools

    rng = np.random.default_rng(seed)
    order = itertools.count()
    Q = np.zeros((env.num_states, env.num_actions))
    model, lead_to, heap, count = {}, {s: set() for s in range(env.num_states)}, [], 0
    done, first = True, True
    for _ in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed) if first else env.reset()
            first = False
        ties = np.flatnonzero(Q[state] == Q[state].max())
        action = int(rng.integers(Q.shape[1]) if rng.random() < epsilon else rng.choice(ties))
        nxt, reward, term, trunc, _ = env.step(action)
        model[state, action] = reward, nxt, term
        lead_to[nxt].add((state, action))
        error = abs(reward + gamma * (1 - term) * Q[nxt].max() - Q[state, action])
        if error > theta:
            heapq.heappush(heap, (-error, next(order), (state, action)))
        for _ in range(planning_steps):
            if not heap:
                break
            _, _, (s, a) = heapq.heappop(heap)
            Q = q_update(Q, s, a, *model[s, a], alpha, gamma)
            count += 1
            for ps, pa in lead_to[s]:
                r, _, end = model[ps, pa]
                error = abs(r + gamma * (1 - end) * Q[s].max() - Q[ps, pa])
                if error > theta:
                    heapq.heappush(heap, (-error, next(order), (ps, pa)))
        state, done = nxt, term or trunc
    return Q, count


@solution("prioritized_sweeping", "a table of priorities and its argmax; the latest priority counts")
def prioritized_sweeping_priority_table(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.RandomState(seed)
    shape = env.num_states, env.num_actions
    Q, priority, known = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    R, N, T = np.zeros(shape), np.zeros(shape, dtype=int), np.zeros(shape)
    num = 0
    s = env.reset(seed=int(rng.randint(10**9)))[0]

    def error(u, b):
        return R[u, b] + gamma * (1 - T[u, b]) * Q[N[u, b]].max() - Q[u, b]

    for _ in range(num_steps):
        if rng.rand() < epsilon:
            a = rng.randint(shape[1])
        else:
            a = rng.choice(np.flatnonzero(Q[s] == Q[s].max()))
        s2, r, term, trunc, _ = env.step(a)
        R[s, a], N[s, a], T[s, a], known[s, a] = r, s2, term, True
        priority[s, a] = abs(error(s, a)) if abs(error(s, a)) > theta else 0.0
        for _ in range(planning_steps):
            if priority.max() == 0.0:
                break
            u, b = np.unravel_index(priority.argmax(), shape)
            priority[u, b] = 0.0
            Q[u, b] += alpha * error(u, b)
            num += 1
            for pu, pb in np.argwhere(known & (N == u)):
                priority[pu, pb] = abs(error(pu, pb)) if abs(error(pu, pb)) > theta else 0.0
        s = s2
        if term or trunc:
            s = env.reset(seed=int(rng.randint(10**9)))[0]
    return Q, num


@solution("prioritized_sweeping", "a sorted list; stale entries are thrown away when they come up")
def prioritized_sweeping_sorted_list(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    import random

    rng = random.Random(seed)
    A = env.num_actions
    Q = [[0.0] * A for _ in range(env.num_states)]
    model, queue = {}, []
    total = 0
    state = None
    episodes = 0

    def gap(pair):
        r, n, end = model[pair]
        return r + (0.0 if end else gamma * max(Q[n])) - Q[pair[0]][pair[1]]

    def put(pair):
        size = abs(gap(pair))
        if size > theta:
            queue.append((size, pair))
            queue.sort()

    for _ in range(num_steps):
        if state is None:
            state, _ = env.reset(seed=seed + episodes)
            episodes += 1
        if rng.random() < epsilon:
            action = rng.randrange(A)
        else:
            action = rng.choice([a for a in range(A) if Q[state][a] == max(Q[state])])
        nxt, reward, term, trunc, _ = env.step(action)
        model[state, action] = (reward, nxt, term)
        put((state, action))
        budget = planning_steps
        while queue and budget:
            _, pair = queue.pop()
            if abs(gap(pair)) <= theta:
                continue
            Q[pair[0]][pair[1]] += alpha * gap(pair)
            budget -= 1
            total += 1
            for other, (_, n, _) in list(model.items()):
                if n == pair[0]:
                    put(other)
        state = None if term or trunc else nxt
    return Q, total


@solution("prioritized_sweeping", "a dict that keeps the larger priority; terminated pairs are no predecessors")
def prioritized_sweeping_larger_priority(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng([3, seed])
    Q = np.zeros((env.num_states, env.num_actions))
    model, queue, n_updates = {}, {}, 0
    s, _ = env.reset(seed=int(rng.integers(2**31)))

    def consider(s, a):
        r, s2, end = model[s, a]
        p = abs(r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
        if p > theta and p > queue.get((s, a), 0.0):
            queue[s, a] = p

    for _ in range(num_steps):
        explore = rng.random() < epsilon
        a = int(rng.integers(Q.shape[1])) if explore else int(rng.choice(np.flatnonzero(Q[s] == Q[s].max())))
        s2, r, terminated, truncated, _ = env.step(a)
        model[s, a] = (r, s2, terminated)
        consider(s, a)
        for _ in range(planning_steps):
            if not queue:
                break
            u, b = max(queue, key=lambda pair: queue[pair])
            queue.pop((u, b))
            r2, n2, end2 = model[u, b]
            Q[u, b] = (1 - alpha) * Q[u, b] + alpha * (r2 + (0.0 if end2 else gamma * Q[n2].max()))
            n_updates += 1
            for (v, c), (_, n, end) in model.items():
                if n == u and not end:
                    consider(v, c)
        s = env.reset()[0] if terminated or truncated else s2
    return Q, n_updates


@solution("prioritized_sweeping", "queue.PriorityQueue with negated priorities")
def prioritized_sweeping_priority_queue(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    from queue import PriorityQueue

    np.random.seed(seed)
    Q = np.zeros((env.num_states, env.num_actions))
    waiting = PriorityQueue()
    model, predecessors = {}, {}
    done, resets, updates = True, 0, 0
    for _ in range(num_steps):
        if done:
            state, _ = env.reset(seed=seed if resets == 0 else None)
            resets += 1
        best = np.flatnonzero(Q[state] == np.max(Q[state]))
        action = np.random.choice(best) if np.random.random() >= epsilon else np.random.choice(env.num_actions)
        new_state, reward, terminated, truncated, _ = env.step(int(action))
        old = model.get((state, action))
        if old is not None:
            predecessors[old[1]].discard((state, action))
        model[state, action] = (reward, new_state, terminated)
        predecessors.setdefault(new_state, set()).add((state, action))
        candidates = [(state, action)]
        planned = 0
        while True:
            for s, a in candidates:
                r, n, end = model[s, a]
                p = abs(r + (0 if end else gamma * np.max(Q[n])) - Q[s, a])
                if p > theta:
                    waiting.put((-p, int(s), int(a)))
            if planned >= planning_steps or waiting.empty():
                break
            _, s, a = waiting.get()
            r, n, end = model[s, a]
            Q[s, a] += alpha * (r + (0 if end else gamma * np.max(Q[n])) - Q[s, a])
            planned += 1
            candidates = list(predecessors.get(s, ()))
        updates += planned
        state, done = new_state, terminated or truncated
    return Q, updates


@solution(
    "prioritized_sweeping", "no queue: looks through the whole model for the largest error; a seeding reset first"
)
def prioritized_sweeping_whole_model(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    rng = np.random.default_rng(seed)
    env.reset(seed=seed)
    Q, model, count, done = np.zeros((env.num_states, env.num_actions)), {}, 0, True

    def error(pair):
        r, s2, end = model[pair]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[pair]

    for _ in range(num_steps):
        if done:
            s, _ = env.reset()
        greedy = np.flatnonzero(Q[s] == Q[s].max())
        a = int(rng.choice(env.num_actions if rng.random() < epsilon else greedy))
        s2, r, terminated, truncated, _ = env.step(a)
        model[s, a] = (r, s2, terminated)
        for _ in range(planning_steps):
            worst = max(model, key=lambda pair: abs(error(pair)))
            if abs(error(worst)) <= theta:
                break
            Q[worst] += alpha * error(worst)
            count += 1
        s, done = s2, terminated or truncated
    return Q, count


@solution("prioritized_sweeping", "a heap with numbered entries: taking out one that is out of date uses up a step")
def prioritized_sweeping_numbered_entries(env, num_steps, planning_steps, alpha, gamma, epsilon, theta, seed):
    import heapq

    rng = np.random.default_rng(seed)
    Q, model, heap, newest = np.zeros((env.num_states, env.num_actions)), {}, [], {}
    entries = count = 0
    done = first = True

    def error(pair):
        r, s2, end = model[pair]
        return r + (0.0 if end else gamma * Q[s2].max()) - Q[pair]

    for _ in range(num_steps):
        if done:
            s, _ = env.reset(seed=seed if first else None)
        greedy = np.flatnonzero(Q[s] == Q[s].max())
        a = int(rng.choice(env.num_actions if rng.random() < epsilon else greedy))
        s2, r, terminated, truncated, _ = env.step(a)
        model[s, a] = (r, s2, terminated)
        changed = [(s, a)]
        for left in range(planning_steps, -1, -1):
            for pair in changed:
                if abs(error(pair)) > theta:
                    entries += 1
                    newest[pair] = entries
                    heapq.heappush(heap, (-abs(error(pair)), entries, pair))
            changed = []
            if not heap or left == 0:
                break
            _, entry, pair = heapq.heappop(heap)
            if newest.get(pair) != entry:
                continue
            Q[pair] += alpha * error(pair)
            count += 1
            changed = [other for other, (_, led_to, _) in model.items() if led_to == pair[0]]
        s, done, first = s2, terminated or truncated, False
    return Q, count

"""Correct solutions of unit 6, modern methods, second part: MuZero's score and search.

Ties are broken first, last, by the prior or at random; minimum and maximum are those of the moment, or of all moments
so far; trees are arrays, dicts or objects; searches loop or recurse, and some ask the model for more than they need.
"""

import math

import numpy as np
import torch

from autograder.properties.entries import collection
from solutions.modern_methods import puct

solutions, correct = collection()

# ------------------------------------------------------------------------------------------------------- puct


@correct("puct", "one line")
def puct_one_line(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n) / (1 + visits) * (c_init + np.log((n + c_base + 1) / c_base))


@correct("puct", "a Python loop, a list out")
def puct_loop(priors, q_values, visits, c_init, c_base):
    total = sum(int(n) for n in visits)
    scores = []
    for p, q, n in zip(priors, q_values, visits, strict=True):
        rate = math.log((total + c_base + 1) / c_base) + c_init
        scores.append(q + p * rate * math.sqrt(total) / (n + 1))
    return scores


@correct("puct", "MuZero's published order of operations")
def puct_published(priors, q_values, visits, c_init, c_base):
    parent = np.sum(visits)
    pb_c = np.log((parent + c_base + 1) / c_base) + c_init
    pb_c = pb_c * np.sqrt(parent) / (visits + 1)
    return pb_c * priors + q_values


@correct("puct", "differences of logarithms, torch inside")
def puct_torch(priors, q_values, visits, c_init, c_base):
    p, q, n = (torch.as_tensor(np.asarray(each, dtype=float)) for each in (priors, q_values, visits))
    s = n.sum()
    return q + p * torch.sqrt(s) / (n + 1) * (c_init + torch.log(s + c_base + 1) - np.log(c_base))


@correct("puct", "returns the values at once while nothing was visited")
def puct_early(priors, q_values, visits, c_init, c_base):
    if not np.any(visits):
        return np.array(q_values, dtype=float)
    n = float(np.sum(visits))
    exploration = np.divide(priors, visits + 1.0) * n**0.5
    return np.add(q_values, exploration * (c_init + np.log1p((n + 1) / c_base)))


@correct("puct", "in place")
def puct_in_place(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    priors *= math.sqrt(n)
    priors /= visits + 1
    priors *= c_init + math.log((n + c_base + 1) / c_base)
    priors += q_values
    return priors


# ---------------------------------------------------------------------------------------------- muzero_search


@correct("muzero_search", "nodes as objects, published MinMaxStats that never forgets")
def muzero_search_min_max_stats(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    class MinMaxStats:
        def __init__(self):
            self.maximum, self.minimum = -float("inf"), float("inf")

        def update(self, value):
            self.maximum, self.minimum = max(self.maximum, value), min(self.minimum, value)

        def normalize(self, value):
            if self.maximum > self.minimum:
                return (value - self.minimum) / (self.maximum - self.minimum)
            return value

    class Node:
        def __init__(self, prior):
            self.prior, self.visits, self.value_sum, self.reward = prior, 0, 0.0, 0.0
            self.latent, self.children = None, {}

        def value(self):
            return self.value_sum / self.visits if self.visits else 0.0

        def expand(self, latent, reward, priors):
            self.latent, self.reward = latent, reward
            self.children = {a: Node(float(p)) for a, p in enumerate(priors)}

    stats, root = MinMaxStats(), Node(0.0)
    latent = represent(observation)
    root.expand(latent, 0.0, predict(latent)[0])
    for _ in range(num_simulations):
        node, path, action = root, [root], None
        while node.children:
            total = sum(child.visits for child in node.children.values())
            best, action = -math.inf, None
            for a, child in node.children.items():
                q = stats.normalize(child.reward + gamma * child.value()) if child.visits else 0.0
                growth = math.log((total + c_base + 1) / c_base) + c_init
                score = q + child.prior * math.sqrt(total) / (child.visits + 1) * growth
                if score > best:
                    best, action = score, a
            node = node.children[action]
            path.append(node)
        latent, reward = dynamics(path[-2].latent, action)
        priors, value = predict(latent)
        node.expand(latent, reward, priors)
        for each in reversed(path):
            each.value_sum += value
            each.visits += 1
            if each is not root:
                stats.update(each.reward + gamma * each.value())
                value = each.reward + gamma * value
    return [root.children[a].visits for a in range(num_actions)], root.value()


@correct("muzero_search", "recursion, dicts keyed by paths, random ties, the present minimum and maximum")
def muzero_search_paths(represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma):
    rng = np.random.default_rng()
    latents = {(): represent(observation)}
    priors = {(): predict(latents[()])[0]}
    visits, totals = {}, {}

    def q(edge):
        return totals[edge] / visits[edge]

    def simulate(path):
        ns = np.array([visits.get((*path, a), 0) for a in range(num_actions)])
        known = [q(edge) for edge in visits]
        spread = max(known) - min(known) if known else 0.0
        qs = np.zeros(num_actions)
        for a in range(num_actions):
            if ns[a]:
                qs[a] = (q((*path, a)) - min(known)) / spread if spread > 0 else 0.5
        scores = puct(priors[path], qs, ns, c_init, c_base)
        action = int(rng.choice(np.flatnonzero(scores >= scores.max() - 1e-12)))
        edge = (*path, action)
        if edge in latents:
            reward = rewards[edge]
            outcome = reward + gamma * simulate(edge)
        else:
            latents[edge], rewards[edge] = dynamics(latents[path], action)
            priors[edge], value = predict(latents[edge])
            outcome = rewards[edge] + gamma * value
        visits[edge] = visits.get(edge, 0) + 1
        totals[edge] = totals.get(edge, 0.0) + outcome
        return outcome

    rewards = {}
    outcomes = [simulate(()) for _ in range(num_simulations)]
    return np.array([visits.get((a,), 0) for a in range(num_actions)]), float(np.mean(outcomes))


@correct("muzero_search", "running means, last of the tied actions, 1 while nothing differs")
def muzero_search_running_means(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    first = represent(observation)
    tree = [{"z": first, "p": np.asarray(predict(first)[0]), "n": [0] * num_actions, "q": [0.0] * num_actions,
             "r": [0.0] * num_actions, "kids": [None] * num_actions}]  # fmt: skip
    mean_return = 0.0
    for simulation in range(num_simulations):
        seen = [node["q"][a] for node in tree for a in range(num_actions) if node["n"][a] > 0]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        index, trail = 0, []
        while index is not None:
            node = tree[index]
            total = sum(node["n"])
            scores = []
            for a in range(num_actions):
                q = 0.0
                if node["n"][a] > 0:
                    q = (node["q"][a] - low) / (high - low) if high != low else 1.0
                bonus = node["p"][a] * total**0.5 / (1 + node["n"][a])
                scores.append(q + bonus * (c_init + math.log((total + c_base + 1) / c_base)))
            best = max(range(num_actions), key=lambda a: (scores[a], a))
            trail.append((index, best))
            index = node["kids"][best]
        parent, action = trail[-1]
        z, r = dynamics(tree[parent]["z"], action)
        p, g = predict(z)
        tree[parent]["kids"][action], tree[parent]["r"][action] = len(tree), r
        tree.append({"z": z, "p": np.asarray(p), "n": [0] * num_actions, "q": [0.0] * num_actions,
                     "r": [0.0] * num_actions, "kids": [None] * num_actions})  # fmt: skip
        for index, action in trail[::-1]:
            node = tree[index]
            g = node["r"][action] + gamma * g
            node["n"][action] += 1
            node["q"][action] += (g - node["q"][action]) / node["n"][action]
        mean_return += (g - mean_return) / (simulation + 1)
    return tree[0]["n"], mean_return


@correct("muzero_search", "asks for all children of a node when it is expanded")
def muzero_search_eager(represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma):
    def expanded(latent):
        p, v = predict(latent)
        ahead = [dynamics(latent, a) for a in range(num_actions)]
        return {"p": p, "v": v, "ahead": ahead, "n": np.zeros(num_actions), "w": np.zeros(num_actions), "kids": {}}

    nodes = [expanded(represent(observation))]
    root = nodes[0]
    for _ in range(num_simulations):
        q_all = np.concatenate([(each["w"] / np.maximum(each["n"], 1))[each["n"] > 0] for each in nodes])
        low, high = (q_all.min(), q_all.max()) if q_all.size else (0.0, 0.0)
        node, path = root, []
        while True:
            q = node["w"] / np.maximum(node["n"], 1)
            q = (q - low) / (high - low) if high > low else q * 0
            a = int(np.argmax(puct(node["p"], np.where(node["n"] > 0, q, 0), node["n"], c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        child = expanded(node["ahead"][a][0])
        node["kids"][a] = child
        nodes.append(child)
        g = child["v"]
        for node, a in path[::-1]:
            g = node["ahead"][a][1] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
    return root["n"].astype(int), (root["w"].sum() / num_simulations).item()


@correct("muzero_search", "walks down the model anew in every simulation; ties by the prior; every return is kept")
def muzero_search_walks_anew(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    returns = {}

    def value_of(edge):
        return sum(returns[edge]) / len(returns[edge])

    root_returns = []
    for _ in range(num_simulations):
        latent, path, rewards = represent(observation), (), []
        while True:
            priors, value = predict(latent)
            if path and path not in returns:
                break
            values = [value_of(edge) for edge in returns]
            low, high = min(values, default=0.0), max(values, default=0.0)
            visits = np.array([len(returns.get((*path, a), ())) for a in range(num_actions)])
            q = np.zeros(num_actions)
            for a in np.flatnonzero(visits):
                mine = value_of((*path, int(a)))
                q[a] = (mine - low) / (high - low) if high > low else mine
            scores = puct(priors, q, visits, c_init, c_base)
            tied = np.flatnonzero(np.isclose(scores, scores.max(), rtol=0, atol=1e-12))
            a = int(tied[np.argmax(np.asarray(priors)[tied])])
            latent, reward = dynamics(latent, a)
            rewards.append(reward)
            path = (*path, a)
        for k in range(len(path), 0, -1):
            value = rewards[k - 1] + gamma * value
            returns.setdefault(path[:k], []).append(value)
        root_returns.append(value)
    counted = [len(returns.get((a,), ())) for a in range(num_actions)]
    return tuple(counted), sum(root_returns) / len(root_returns)


@correct("muzero_search", "arrays; reward plus gamma times the node's mean; remembers the extremes")
def muzero_search_node_values(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    size = num_simulations + 1
    kids = -np.ones((size, num_actions), dtype=int)
    node_visits, node_sums, arrival = np.zeros(size), np.zeros(size), np.zeros(size)
    latents, policies = [represent(observation)], []
    policies.append(predict(latents[0])[0])
    low, high = np.inf, -np.inf
    for number in range(1, size):
        path = [0]
        while True:
            here = path[-1]
            there = kids[here]
            n = np.where(there >= 0, node_visits[there], 0)
            mean = np.divide(node_sums[there], node_visits[there], out=np.zeros(num_actions), where=n > 0)
            q = arrival[there] + gamma * mean
            q = np.where(n > 0, (q - low) / (high - low) if high > low else 0.0, 0.0)
            a = int(np.argmax(puct(policies[here], q, n, c_init, c_base)))
            if there[a] < 0:
                break
            path.append(there[a])
        latent, arrival[number] = dynamics(latents[here], a)
        latents.append(latent)
        p, g = predict(latent)
        policies.append(p)
        kids[here, a] = number
        for node in [number, *path[::-1]]:
            node_sums[node] += g
            node_visits[node] += 1
            if node:
                q = arrival[node] + gamma * node_sums[node] / node_visits[node]
                low, high = min(low, q), max(high, q)
            g = arrival[node] + gamma * g
    root = [node_visits[k] if k >= 0 else 0 for k in kids[0]]
    return root, node_sums[0] / node_visits[0]


@correct("muzero_search", "a small number added to the range; actions as numpy integers")
def muzero_search_epsilon(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    nodes = []

    def add(latent):
        p, v = predict(latent)
        nodes.append([latent, p, np.zeros(num_actions, int), np.zeros(num_actions), {}, {}])
        return v

    add(represent(observation))
    total = 0.0
    for _ in range(num_simulations):
        qs = [w[a] / n[a] for _, _, n, w, _, _ in nodes for a in range(num_actions) if n[a]]
        low, spread = (min(qs), max(qs) - min(qs)) if qs else (0.0, 0.0)
        i, path = 0, []
        while True:
            _, p, n, w, _, kids = nodes[i]
            normal = np.array([(w[a] / n[a] - low) / (spread + 1e-12) if n[a] else 0.0 for a in range(num_actions)])
            a = np.argmax(puct(p, normal, n, c_init, c_base))
            path.append((i, a))
            if a not in kids:
                break
            i = kids[a]
        latent, reward = dynamics(nodes[i][0], a)
        nodes[i][4][a], nodes[i][5][a] = reward, len(nodes)
        value = add(latent)
        for j, b in reversed(path):
            value = nodes[j][4][b] + gamma * value
            nodes[j][2][b] += 1
            nodes[j][3][b] += value
        total += value
    return nodes[0][2], np.array([total / num_simulations])


@correct(
    "muzero_search", "0 / 0 while nothing differs, which argmax takes for the largest; actions of a node one by one"
)
def muzero_search_unguarded(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    root = represent(observation)
    tree = {(): (root, np.array(predict(root)[0]))}
    sums, counts, rewards = {}, {}, {}
    for _ in range(num_simulations):
        means = np.array([sums[edge] / counts[edge] for edge in sums])
        path = ()
        while path in tree:
            n = np.array([counts.get((*path, a), 0) for a in range(num_actions)])
            total = n.sum()
            scores = tree[path][1] * np.sqrt(total) / (1 + n) * (c_init + np.log((total + c_base + 1) / c_base))
            for a in np.flatnonzero(n):
                q = np.float64(sums[(*path, a)] / n[a])
                scores[a] += (q - means.min()) / (means.max() - means.min())
            path = (*path, int(np.argmax(scores)))
        latent, rewards[path] = dynamics(tree[path[:-1]][0], path[-1])
        priors, value = predict(latent)
        tree[path] = latent, np.array(priors)
        for length in range(len(path), 0, -1):
            edge = path[:length]
            value = rewards[edge] + gamma * value
            sums[edge], counts[edge] = sums.get(edge, 0.0) + value, counts.get(edge, 0) + 1
    visits = [counts.get((a,), 0) for a in range(num_actions)]
    return visits, math.fsum(sums.get((a,), 0.0) for a in range(num_actions)) / num_simulations

"""Correct solutions of unit 4, Monte Carlo tree search, as different from each other as correct submissions are.

Each function is self-contained apart from `np`, `torch`, `math` and the earlier functions of the unit: its source is
renamed to the exercise and pasted into a notebook cell. Trees are objects, dicts and arrays; untried actions come in
any order; the running simulation counts as a visit or does not; random draws come from everywhere.
"""

import math

import numpy as np
import torch

from autograder.properties.entries import collection
from solutions.mcts import backpropagate, mcts, rollout, ucb1

solutions, correct = collection()

# --------------------------------------------------------------------------------------------------------- ucb1


@correct("ucb1", "a loop over the children, returned as a list")
def ucb1_loop(value_sums, visits, parent_visits, c):
    scores = []
    for total, n in zip(value_sums, visits, strict=True):
        if n == 0:
            scores.append(float("inf"))
        else:
            scores.append(total / n + c * math.sqrt(math.log(parent_visits) / n))
    return scores


@correct("ucb1", "np.where with the warnings that come with it")
def ucb1_where(value_sums, visits, parent_visits, c):
    return np.where(visits == 0, np.inf, value_sums / visits + c * np.sqrt(np.log(parent_visits) / visits))


@correct("ucb1", "masks and in-place division")
def ucb1_in_place(value_sums, visits, parent_visits, c):
    seen = visits != 0
    value_sums[seen] /= visits[seen]
    value_sums[seen] += c * np.sqrt(np.log(parent_visits)) / np.sqrt(visits[seen])
    value_sums[~seen] = np.inf
    return value_sums


@correct("ucb1", "np.divide with a mask")
def ucb1_masked_divide(value_sums, visits, parent_visits, c):
    scores = np.full(np.shape(visits), np.inf)
    np.divide(value_sums, visits, out=scores, where=visits > 0)
    bonus = np.zeros(np.shape(visits))
    np.divide(math.log(parent_visits), visits, out=bonus, where=visits > 0)
    return scores + c * np.sqrt(bonus)


@correct("ucb1", "torch in double precision")
def ucb1_torch(value_sums, visits, parent_visits, c):
    w, n = torch.as_tensor(value_sums, dtype=torch.float64), torch.as_tensor(visits, dtype=torch.float64)
    score = w / n + c * torch.sqrt(math.log(parent_visits) / n)
    return torch.where(n > 0, score, torch.full_like(score, math.inf)).numpy()


@correct("ucb1", "counts clipped at one, then overwritten")
def ucb1_clipped(value_sums, visits, parent_visits, c):
    n = np.maximum(visits, 1).astype(float)
    scores = value_sums / n + c * (np.log(parent_visits) / n) ** 0.5
    scores[np.flatnonzero(visits < 1)] = math.inf
    return scores


@correct("ucb1", "vectorised over a scalar function, powers instead of roots")
def ucb1_vectorize(value_sums, visits, parent_visits, c):
    def score(total, n):
        return math.inf if n < 1 else total * n**-1.0 + c * math.log(parent_visits) ** 0.5 * n**-0.5

    return np.vectorize(score, otypes=[float])(value_sums, visits)


@correct("ucb1", "a generator into a tuple, logarithm by base 2")
def ucb1_log2(value_sums, visits, parent_visits, c):
    log_parent = math.log2(parent_visits) / math.log2(math.e)
    return tuple(
        value_sums[a] / visits[a] + math.sqrt(c * c * log_parent / visits[a]) if visits[a] else np.inf
        for a in range(len(visits))
    )


# ------------------------------------------------------------------------------------------------ backpropagate


@correct("backpropagate", "backwards over indices, in place")
def backpropagate_in_place(visits, value_sums, path, rewards, leaf_value, gamma):
    value = leaf_value
    for i in range(len(path) - 1, -1, -1):
        if i < len(path) - 1:
            value = rewards[i] + gamma * value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@correct("backpropagate", "lists and zip")
def backpropagate_lists(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = list(visits), list(value_sums)
    gain = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += gain
    for node, reward in zip(reversed(path[:-1]), reversed(rewards), strict=True):
        gain = reward + gamma * gain
        visits[node] += 1
        value_sums[node] += gain
    return visits, value_sums


@correct("backpropagate", "a sum of powers for each node, quadratic time")
def backpropagate_powers(visits, value_sums, path, rewards, leaf_value, gamma):
    L = len(rewards)
    new_visits, new_sums = np.array(visits), np.array(value_sums, dtype=float)
    for i, node in enumerate(path):
        G = sum(gamma ** (j - i) * rewards[j] for j in range(i, L)) + gamma ** (L - i) * leaf_value
        new_visits[node] = new_visits[node] + 1
        new_sums[node] = new_sums[node] + G
    return [new_visits, new_sums]


@correct("backpropagate", "recursion along the path")
def backpropagate_recursive(visits, value_sums, path, rewards, leaf_value, gamma):
    def back(i):
        G = leaf_value if i == len(path) - 1 else rewards[i] + gamma * back(i + 1)
        visits[path[i]] += 1
        value_sums[path[i]] += G
        return G

    back(0)
    return visits, value_sums


@correct("backpropagate", "a triangular matrix of discounts, np.add.at")
def backpropagate_matrix(visits, value_sums, path, rewards, leaf_value, gamma):
    steps = np.arange(len(path))
    ahead = steps[None, :] - steps[:, None]
    discounts = np.where(ahead >= 0, float(gamma) ** np.maximum(ahead, 0), 0.0)
    gains = discounts @ np.concatenate([rewards, [leaf_value]])
    np.add.at(visits, path, 1)
    np.add.at(value_sums, path, gains)
    return visits, value_sums


@correct("backpropagate", "itertools.accumulate from the leaf up, visits as floats")
def backpropagate_accumulate(visits, value_sums, path, rewards, leaf_value, gamma):
    from itertools import accumulate

    gains = list(accumulate(rewards[::-1], lambda G, r: r + gamma * G, initial=leaf_value))[::-1]
    visits = visits.astype(float)
    for node, gain in zip(path, gains, strict=True):
        visits[node] += 1.0
        value_sums[node] += gain
    return visits, value_sums


@correct("backpropagate", "dicts of what is added, pops from the path")
def backpropagate_dict(visits, value_sums, path, rewards, leaf_value, gamma):
    stack, earned = [int(node) for node in path], [float(r) for r in rewards]
    gain = {stack[-1]: leaf_value}
    value = leaf_value
    stack.pop()
    while stack:
        value = earned.pop() + gamma * value
        gain[stack.pop()] = value
    n = len(visits)
    return [visits[i] + (i in gain) for i in range(n)], [value_sums[i] + gain.get(i, 0.0) for i in range(n)]


@correct("backpropagate", "running means turned back into sums")
def backpropagate_means(visits, value_sums, path, rewards, leaf_value, gamma):
    mean = value_sums / np.maximum(visits, 1)
    rest = np.where(visits > 0, 0.0, value_sums)
    mean = np.where(visits > 0, mean, 0.0)
    G, counts = float(leaf_value), visits.copy()
    for i in reversed(range(len(path))):
        node = path[i]
        if i < len(rewards):
            G = rewards[i] + gamma * G
        counts[node] += 1
        mean[node] += (G - mean[node]) / counts[node]
    return counts, mean * counts + rest


# ------------------------------------------------------------------------------------------------------ rollout


@correct("rollout", "NumPy's generator, running discount")
def rollout_numpy(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, rng.integers(num_actions))
        total += discount * reward
        if terminated:
            return total
        discount *= gamma
    return total


@correct("rollout", "Python's random, powers of gamma, while loop")
def rollout_random(step, state, num_actions, max_depth, gamma, seed):
    import random

    generator = random.Random(seed)
    t, done, total = 0, False, 0
    while t < max_depth and not done:
        state, reward, done = step(state, generator.randrange(num_actions))
        total += gamma**t * reward
        t += 1
    return total


@correct("rollout", "recursion")
def rollout_recursive(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.RandomState(seed)

    def go(state, depth):
        if depth == 0:
            return 0.0
        state, reward, terminated = step(state, rng.choice(num_actions))
        return reward if terminated else reward + gamma * go(state, depth - 1)

    return go(state, max_depth)


@correct("rollout", "rewards collected, summed backwards")
def rollout_backwards(step, state, num_actions, max_depth, gamma, seed):
    np.random.seed(seed)
    rewards = []
    terminated = False
    while len(rewards) < max_depth:
        if terminated:
            break
        state, r, terminated = step(state, np.random.randint(0, num_actions))
        rewards.append(r)
    G = 0.0
    for r in rewards[::-1]:
        G = r + gamma * G
    return G


@correct("rollout", "all actions drawn beforehand")
def rollout_drawn_beforehand(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng([seed, 1])
    rewards = []
    for action in rng.integers(0, num_actions, size=max_depth).tolist():
        state, reward, terminated = step(state, action)
        rewards.append(reward)
        if terminated:
            break
    return float(np.sum(np.array(rewards) * gamma ** np.arange(len(rewards))))


@correct("rollout", "torch's generator, an array of one number")
def rollout_torch(step, state, num_actions, max_depth, gamma, seed):
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros((), dtype=torch.float64)
    for t in range(max_depth):
        action = torch.randint(num_actions, (1,), generator=generator).item()
        state, reward, terminated = step(state, action)
        total += gamma**t * reward
        if terminated:
            break
    return total


@correct("rollout", "uniform numbers scaled and floored, keyword call")
def rollout_floor(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.Generator(np.random.PCG64(seed))
    rng.random(5)
    total = 0.0
    for t in range(max_depth):
        state, reward, terminated = step(state=state, action=int(rng.random() * num_actions))
        total += reward * math.pow(gamma, t)
        if terminated:
            break
    return np.array([total])


@correct("rollout", "a generator of steps, exact summation")
def rollout_generator(step, state, num_actions, max_depth, gamma, seed):
    import random

    random.seed(seed)

    def earned(state):
        for t in range(max_depth):
            state, reward, terminated = step(state, random.choice(range(num_actions)))
            yield gamma**t * reward
            if terminated:
                return

    return math.fsum(earned(state))


@correct("rollout", "stops as soon as what follows is worth nothing")
def rollout_stops_when_worthless(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount, t = 0.0, 1.0, 0
    while t < max_depth and discount > 1e-15:
        state, reward, terminated = step(state, int(rng.choice(num_actions, p=np.full(num_actions, 1 / num_actions))))
        total, discount, t = total + discount * reward, discount * gamma, t + 1
        if terminated:
            break
    return total


# --------------------------------------------------------------------------------------------------------- mcts


@correct("mcts", "a class of nodes, recursion over the path, the earlier functions not used")
def mcts_node_class(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    import random

    rng = random.Random(seed)

    class Node:
        def __init__(self, state, terminal, reward):
            self.state, self.terminal, self.reward = state, terminal, reward
            self.N, self.W = 0, 0.0
            self.children = [None] * num_actions

    def playout(state):
        total, discount = 0.0, 1.0
        for _ in range(max_depth):
            state, r, done = step(state, rng.randrange(num_actions))
            total += discount * r
            discount *= gamma
            if done:
                break
        return total

    def simulate(node):
        if node.terminal:
            value = 0.0
        else:
            untried = [a for a in range(num_actions) if node.children[a] is None]
            if untried:
                a = rng.choice(untried)
                state, r, done = step(node.state, a)
                child = node.children[a] = Node(state, done, r)
                child.N = 1
                child.W = 0.0 if done else playout(state)
                value = r + gamma * child.W
            else:
                child = max(
                    node.children,
                    key=lambda ch: ch.reward + gamma * ch.W / ch.N + c * math.sqrt(math.log(node.N) / ch.N),
                )
                value = child.reward + gamma * simulate(child)
        node.N += 1
        node.W += value
        return value

    root = Node(root_state, False, 0.0)
    for _ in range(num_simulations):
        simulate(root)
    visits = [ch.N if ch else 0 for ch in root.children]
    values = [ch.reward + gamma * ch.W / ch.N if ch else 0.0 for ch in root.children]
    return visits, values


@correct("mcts", "statistics on edges in dicts keyed by the path of actions, parent counts the running simulation")
def mcts_paths(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    state_of, ended, reward_of = {(): root_state}, {(): False}, {}
    N, W = {}, {}
    node_visits = {(): 0}
    for _ in range(num_simulations):
        path = ()
        G = 0.0
        while not ended[path]:
            untried = [path + (a,) for a in range(num_actions) if path + (a,) not in N]
            if untried:
                child = untried[-1]
                state_of[child], reward_of[child], ended[child] = step(state_of[path], child[-1])
                N[child], W[child], node_visits[child] = 0, 0.0, 0
                path = child
                if not ended[child]:
                    G = rollout(step, state_of[child], num_actions, max_depth, gamma, rng.integers(2**31))
                break
            edges = [path + (a,) for a in range(num_actions)]
            log_n = np.log(node_visits[path] + 1)
            path = max(edges, key=lambda e: W[e] / N[e] + c * np.sqrt(log_n / N[e]))
        while path:
            node_visits[path] += 1
            G = reward_of[path] + gamma * G
            N[path] += 1
            W[path] += G
            path = path[:-1]
        node_visits[()] += 1
    visits = np.array([N.get((a,), 0) for a in range(num_actions)])
    values = np.array([W[(a,)] / N[(a,)] if (a,) in N else 0.0 for a in range(num_actions)])
    return visits, values


@correct("mcts", "a new node asks for all its successors at once")
def mcts_eager(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.RandomState(seed)

    def new_node(state, terminal):
        node = {"terminal": terminal, "n": 0, "edges": None, "state": state}
        return node

    def expand(node):
        node["edges"] = []
        for a in range(num_actions):
            s, r, done = step(node["state"], a)
            node["edges"].append({"r": r, "node": new_node(s, done), "n": 0, "q": 0.0})

    def play(state):
        rewards = []
        while len(rewards) < max_depth:
            state, r, done = step(state, rng.randint(num_actions))
            rewards.append(r)
            if done:
                break
        return sum(r * gamma**t for t, r in enumerate(rewards))

    root = new_node(root_state, False)
    for _ in range(num_simulations):
        node, trail = root, []
        while not node["terminal"]:
            if node["edges"] is None:
                expand(node)
            fresh = [e for e in node["edges"] if e["n"] == 0]
            if fresh:
                edge = fresh[rng.randint(len(fresh))]
            else:
                scores = [e["q"] + c * math.sqrt(math.log(node["n"]) / e["n"]) for e in node["edges"]]
                best = max(scores)
                edge = node["edges"][rng.choice([i for i, x in enumerate(scores) if x == best])]
            trail.append((node, edge))
            node = edge["node"]
            if fresh:
                break
        value = 0.0 if node["terminal"] or node["n"] else play(node["state"])
        node["n"] += 1
        for parent, edge in reversed(trail):
            value = edge["r"] + gamma * value
            edge["n"] += 1
            edge["q"] += (value - edge["q"]) / edge["n"]
            if parent is root:
                parent["n"] += 1
            elif parent is not node:
                parent["n"] += 1
    edges = root["edges"] or [{"n": 0, "q": 0.0}] * num_actions
    return [e["n"] for e in edges], [e["q"] for e in edges]


@correct("mcts", "walks down from the root state anew in every simulation, keeps no states")
def mcts_open_loop(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    counts, sums = {}, {}
    for _ in range(num_simulations):
        state, done, prefix, rewards, fresh = root_state, False, "", [], False
        while not done and not fresh:
            keys = [prefix + f"/{a}" for a in range(num_actions)]
            n = np.array([counts.get(k, 0) for k in keys])
            w = np.array([sums.get(k, 0.0) for k in keys])
            scores = ucb1(w, n, max(1, n.sum() + (prefix != "")), c)
            a = int(rng.choice(np.flatnonzero(scores == scores.max())))
            fresh = n[a] == 0
            state, r, done = step(state, a)
            rewards.append(r)
            prefix = keys[a]
        G = 0.0 if done else rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(10**6)))
        while rewards:
            G = rewards.pop() + gamma * G
            counts[prefix] = counts.get(prefix, 0) + 1
            sums[prefix] = sums.get(prefix, 0.0) + G
            prefix = prefix.rpartition("/")[0]
    n = np.array([counts.get(f"/{a}", 0) for a in range(num_actions)])
    w = np.array([sums.get(f"/{a}", 0.0) for a in range(num_actions)])
    return n, np.divide(w, n, out=np.zeros(num_actions), where=n > 0)


@correct("mcts", "arrays that grow, ucb1 and backpropagate reused, the running simulation not counted")
def mcts_growing_arrays(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    nodes = [(root_state, False)]
    kids, gains = [[-1] * num_actions], [[0.0] * num_actions]
    visits, sums = np.zeros(1, dtype=int), np.zeros(1)
    for i in range(num_simulations):
        path, rewards, leaf = [0], [], 0.0
        while True:
            here = path[-1]
            if nodes[here][1]:
                break
            if -1 in kids[here]:
                a = kids[here].index(-1)
                s, r, done = step(nodes[here][0], a)
                kids[here][a], gains[here][a] = len(nodes), r
                nodes.append((s, done))
                kids.append([-1] * num_actions)
                gains.append([0.0] * num_actions)
                visits, sums = np.append(visits, 0), np.append(sums, 0.0)
                path.append(len(nodes) - 1)
                rewards.append(r)
                if not done:
                    leaf = rollout(step, s, num_actions, max_depth, gamma, (seed + i) % 2**31)
                break
            n = visits[kids[here]]
            w = n * np.array(gains[here]) + gamma * sums[kids[here]]
            a = int(np.argmax(ucb1(w, n, visits[here], c)))
            path.append(kids[here][a])
            rewards.append(gains[here][a])
        visits, sums = backpropagate(visits, sums, path, rewards, leaf, gamma)
    n, q = [], []
    for a, kid in enumerate(kids[0]):
        n.append(0 if kid < 0 else int(visits[kid]))
        q.append(0.0 if kid < 0 else gains[0][a] + gamma * sums[kid] / visits[kid])
    return n, q


@correct("mcts", "all returns are remembered in lists and averaged when needed; torch draws")
def mcts_lists_of_returns(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    generator = torch.Generator()
    generator.manual_seed(seed)

    def draw(k):
        return int(torch.randint(k, (), generator=generator))

    tree = {"state": root_state, "over": False, "returns": [[] for _ in range(num_actions)], "next": {}}

    def visit(node):
        if node["over"]:
            return 0.0
        empty = [a for a in range(num_actions) if not node["returns"][a]]
        if empty:
            a = empty[draw(len(empty))]
            s, r, over = step(node["state"], a)
            node["next"][a] = (r, {"state": s, "over": over, "returns": [[] for _ in range(num_actions)], "next": {}})
            G, discount = r, gamma
            for _ in range(0 if over else max_depth):
                s, reward, over = step(s, draw(num_actions))
                G += discount * reward
                discount *= gamma
                if over:
                    break
        else:
            total = sum(len(x) for x in node["returns"]) + (node is not tree)
            scores = [sum(x) / len(x) + c * (math.log(total) / len(x)) ** 0.5 for x in node["returns"]]
            a = scores.index(max(scores))
            r, child = node["next"][a]
            G = r + gamma * visit(child)
        node["returns"][a].append(G)
        return G

    for _ in range(num_simulations):
        visit(tree)
    return (
        torch.tensor([len(x) for x in tree["returns"]]),
        torch.tensor([float(np.mean(x)) if x else 0.0 for x in tree["returns"]], dtype=torch.float64),
    )


@correct("mcts", "the four phases of the textbook, parent pointers, visits of a node start with its own rollout")
def mcts_four_phases(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    parent, action_of, reward, state, over, n, q = [None], [None], [0.0], [root_state], [False], [0], [0.0]
    children = [{}]

    def score(child):
        return reward[child] + gamma * q[child] + c * math.sqrt(math.log(n[parent[child]] + 1) / n[child])

    for _ in range(num_simulations):
        # selection
        node = 0
        while not over[node] and len(children[node]) == num_actions:
            node = max(children[node].values(), key=score)
        # expansion
        value = 0.0
        if not over[node]:
            order = [a for a in rng.permutation(num_actions) if a not in children[node]]
            a = int(order[0])
            s, r, t = step(state[node], a)
            children[node][a] = len(parent)
            for column, item in zip(
                (parent, action_of, reward, state, over, n, q, children), (node, a, r, s, t, 0, 0.0, {}), strict=True
            ):
                column.append(item)
            node = len(parent) - 1
            # simulation
            if not t:
                value = rollout(step, s, num_actions, max_depth, gamma, int(rng.integers(0, 2**31 - 1)))
        # backpropagation
        while node is not None:
            n[node] += 1
            q[node] += (value - q[node]) / n[node]
            value = reward[node] + gamma * value
            node = parent[node]
    visits, values = np.zeros(num_actions, dtype=np.int32), np.zeros(num_actions)
    for a, child in children[0].items():
        visits[a], values[a] = n[child], reward[child] + gamma * q[child]
    return visits, values


@correct("mcts", "the parent's visits are the sum of its children's visits")
def mcts_sum_of_children(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = [root_state, False, np.zeros(num_actions), np.zeros(num_actions, dtype=int), [None] * num_actions]
    for _ in range(num_simulations):
        node, trail, G = root, [], 0.0
        while not node[1]:
            scores = ucb1(node[2], node[3], max(node[3].sum(), 1), c)
            a = int(np.argmax(scores))
            new = node[4][a] is None
            if new:
                s, r, t = step(node[0], a)
                node[4][a] = (r, [s, t, np.zeros(num_actions), np.zeros(num_actions, dtype=int), [None] * num_actions])
                if not t:
                    G = rollout(step, s, num_actions, max_depth, gamma, int(rng.integers(2**30)))
            trail.append((node, a))
            node = node[4][a][1]
            if new:
                break
        for parent, a in reversed(trail):
            G = parent[4][a][0] + gamma * G
            parent[2][a] += G
            parent[3][a] += 1
    return root[3], root[2] / np.maximum(root[3], 1)


@correct("mcts", "all actions of the root are tried out beforehand, and those of every new node; counts on edges")
def mcts_tries_out_beforehand(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    import random

    rng = random.Random(seed)

    def edges_from(state):
        return [[0, 0.0, *step(state, a), None] for a in range(num_actions)]  # visits, total, state, reward, end, edges

    root = edges_from(root_state)
    for _ in range(num_simulations):
        edges, trail, G = root, [], 0.0
        while edges:
            fresh = [edge for edge in edges if edge[0] == 0]
            total = sum(edge[0] for edge in edges)
            edge = (
                rng.choice(fresh)
                if fresh
                else max(edges, key=lambda e: e[1] / e[0] + c * math.sqrt(math.log(total) / e[0]))  # noqa: B023
            )
            trail.append(edge)
            if edge[0] == 0 and not edge[4]:
                edge[5] = edges_from(edge[2])
                G = rollout(step, edge[2], num_actions, max_depth, gamma, rng.randrange(2**31))
                break
            edges = edge[5]
        for edge in reversed(trail):
            G = edge[3] + gamma * G
            edge[0], edge[1] = edge[0] + 1, edge[1] + G
    return [edge[0] for edge in root], [edge[1] / max(edge[0], 1) for edge in root]


# ------------------------------------------------------------------------------------------------- mcts_episode


@correct("mcts_episode", "the seed itself seeds the reset, one seed for all searches")
def mcts_episode_plain(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    obs, info = env.reset(seed=seed)
    total, actions = 0, []
    for _ in range(max_steps):
        visits, values = mcts(step, obs, env.num_actions, num_simulations, c, gamma, max_depth, seed)
        a = np.argmax(visits)
        obs, reward, terminated, truncated, info = env.step(a)
        total += reward
        actions.append(a)
        if terminated or truncated:
            break
    return total, actions


@correct("mcts_episode", "the last of tied actions, seeds counted up, array of actions")
def mcts_episode_last_tie(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    state = env.reset(seed=seed + 1)[0]
    done, t, rewards = False, 0, []
    actions = np.zeros(0, dtype=int)
    while not done and t < max_steps:
        visits = mcts(step, state, env.action_space.n, num_simulations, c, gamma, max_depth, seed + t)[0]
        action = max(range(len(visits)), key=lambda a: (visits[a], a))
        state, r, terminated, truncated, _ = env.step(int(action))
        done = terminated or truncated
        rewards.append(r)
        actions = np.append(actions, action)
        t += 1
    return sum(rewards), actions


@correct("mcts_episode", "random among tied actions, SeedSequence")
def mcts_episode_random_tie(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    sequence = np.random.SeedSequence(seed).generate_state(max_steps + 2)
    rng = np.random.default_rng(seed)
    observation, _ = env.reset(seed=int(sequence[0] >> 1))
    total_reward, actions = np.float64(0.0), []
    for t in range(max_steps):
        search_seed = int(sequence[t + 1] >> 1)
        visits, _ = mcts(step, observation, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        visits = np.asarray(visits)
        action = int(rng.choice(np.flatnonzero(visits == visits.max())))
        observation, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated:
            break
        if truncated:
            break
    return total_reward, tuple(actions)


@correct("mcts_episode", "recursion from step to step")
def mcts_episode_recursive(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    import random

    rng = random.Random(seed)
    start, _ = env.reset(seed=rng.randrange(2**31))

    def play(state, left):
        if left == 0:
            return 0.0, []
        visits, _ = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, rng.randrange(2**31))
        action = list(visits).index(max(visits))
        state, reward, terminated, truncated, _ = env.step(action)
        rest, actions = (0.0, []) if terminated or truncated else play(state, left - 1)
        return reward + rest, [action, *actions]

    return play(start, max_steps)


@correct("mcts_episode", "rewards and actions in one list of pairs, the environment closed at the end")
def mcts_episode_pairs(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    np.random.seed(seed)
    state, _ = env.reset(seed=int(np.random.randint(2**31 - 1)))
    played = []
    while len(played) < max_steps:
        visits, _ = mcts(
            step,
            root_state=state,
            num_actions=env.num_actions,
            num_simulations=num_simulations,
            c=c,
            gamma=gamma,
            max_depth=max_depth,
            seed=int(np.random.randint(2**31 - 1)),
        )
        action = np.argsort(visits)[-1]
        state, reward, terminated, truncated, _ = env.step(action)
        played.append((reward, action))
        if terminated | truncated:
            break
    env.close()
    return math.fsum(r for r, _ in played), np.array([a for _, a in played])


@correct("mcts_episode", "torch seeds and an argmax in torch")
def mcts_episode_torch(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    generator = torch.Generator().manual_seed(seed)
    seeds = torch.randint(2**31 - 1, (max_steps + 1,), generator=generator).tolist()
    observation, _ = env.reset(seed=seeds.pop())
    total, actions = torch.zeros((), dtype=torch.float64), []
    ended = False
    while seeds and not ended:
        visits, _ = mcts(step, observation, env.num_actions, num_simulations, c, gamma, max_depth, seeds.pop())
        action = torch.argmax(torch.as_tensor(visits)).item()
        observation, reward, terminated, truncated, _ = env.step(action)
        total += reward
        actions.append(action)
        ended = terminated or truncated
    return total, torch.tensor(actions)


@correct("mcts_episode", "a plan that is a function of the state")
def mcts_episode_closure(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    def plan(state, k):
        visits, values = mcts(
            step, state, env.num_actions, num_simulations, c, gamma, max_depth, (seed * 31 + k) % 2**31
        )
        ranked = sorted(range(env.num_actions), key=lambda a: (-visits[a], -values[a]))
        return ranked[0]

    state, _ = env.reset(seed=seed)
    history = []
    terminated = truncated = False
    k = 0
    while k != max_steps and not (terminated or truncated):
        history.append(plan(state, k))
        state, reward, terminated, truncated, _ = env.step(history[-1])
        total = reward if k == 0 else total + reward  # noqa: F821
        k += 1
    return total, history


@correct("mcts_episode", "a while True loop that checks its limit last")
def mcts_episode_checks_last(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    rng = np.random.default_rng([seed, 4])
    observation, _ = env.reset(seed=int(rng.integers(1000)))
    total_reward, actions = 0.0, []
    while True:
        s = int(rng.integers(1000))
        visits, _ = mcts(step, observation, env.num_actions, num_simulations, c, gamma, max_depth, s)
        actions.append(int(np.flatnonzero(visits == np.max(visits))[0]))
        observation, reward, terminated, truncated, _ = env.step(actions[-1])
        total_reward += float(reward)
        if terminated or truncated or len(actions) >= max_steps:
            return [total_reward, actions]

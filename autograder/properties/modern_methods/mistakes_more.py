"""Known mistakes of unit 6, second part: MuZero's score and search, and the gradients.

See `modern_methods_mistakes.py`.
"""

import math

import numpy as np
import torch

from autograder.properties.entries import collection
from solutions.modern_methods import puct

mistakes, mistake = collection()

# ------------------------------------------------------------------------------------------------------- puct


@mistake("puct", "the root is missing: the bonus grows with the visits themselves")
def puct_without_the_root(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * n / (1 + visits) * (c_init + np.log((n + c_base + 1) / c_base))


@mistake("puct", "the bonus is divided by the visits and not by one more")
def puct_divides_by_visits(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n) / np.maximum(visits, 1) * (c_init + np.log((n + c_base + 1) / c_base))


@mistake("puct", "the root is taken of the quotient, as in UCB1")
def puct_root_of_the_quotient(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n / (1 + visits)) * (c_init + np.log((n + c_base + 1) / c_base))


@mistake("puct", "the priors are left out")
def puct_without_priors(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + np.sqrt(n) / (1 + visits) * (c_init + np.log((n + c_base + 1) / c_base))


@mistake("puct", "c_init is left out")
def puct_without_c_init(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n) / (1 + visits) * np.log((n + c_base + 1) / c_base)


@mistake("puct", "the logarithm is left out, so that the weight never grows")
def puct_without_logarithm(priors, q_values, visits, c_init, c_base):
    return q_values + priors * np.sqrt(visits.sum()) / (1 + visits) * c_init


@mistake("puct", "c_init and the logarithm are multiplied")
def puct_multiplies_the_weights(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n) / (1 + visits) * (c_init * np.log((n + c_base + 1) / c_base))


@mistake("puct", "the logarithm has the base 10")
def puct_base_ten(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n) / (1 + visits) * (c_init + np.log10((n + c_base + 1) / c_base))


@mistake("puct", "the 1 under the logarithm is missing")
def puct_logarithm_without_one(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n) / (1 + visits) * (c_init + np.log((n + c_base) / c_base))


@mistake("puct", "one more visit, the node's own, is counted under the root")
def puct_counts_the_node(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n + 1) / (1 + visits) * (c_init + np.log((n + c_base + 1) / c_base))


@mistake("puct", "the logarithm takes the action's own visits and not the sum")
def puct_own_visits(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n) / (1 + visits) * (c_init + np.log((visits + c_base + 1) / c_base))


@mistake("puct", "an action that was never visited scores infinity, as in UCB1")
def puct_infinite_at_first(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    scores = q_values + priors * np.sqrt(n) / (1 + visits) * (c_init + np.log((n + c_base + 1) / c_base))
    return np.where(visits == 0, 1e9, scores)


@mistake("puct", "the values are left out: only the bonus is returned")
def puct_only_the_bonus(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return priors * np.sqrt(n) / (1 + visits) * (c_init + np.log((n + c_base + 1) / c_base))


@mistake("puct", "the values are taken for sums and divided by the visits")
def puct_divides_the_values(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    bonus = priors * np.sqrt(n) / (1 + visits) * (c_init + np.log((n + c_base + 1) / c_base))
    return q_values / np.maximum(visits, 1) + bonus


@mistake("puct", "c_base is always 19652, whatever is asked for")
def puct_hard_codes_c_base(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n) / (1 + visits) * (c_init + np.log((n + 19653) / 19652))


@mistake("puct", "c_init is always 1.25, whatever is asked for")
def puct_hard_codes_c_init(priors, q_values, visits, c_init, c_base):
    n = visits.sum()
    return q_values + priors * np.sqrt(n) / (1 + visits) * (1.25 + np.log((n + c_base + 1) / c_base))


@mistake("puct", "the scores are computed in single precision")
def puct_single(priors, q_values, visits, c_init, c_base):
    n = np.float32(visits.sum())
    bonus = priors.astype(np.float32) * np.sqrt(n) / (1 + visits.astype(np.float32))
    return q_values.astype(np.float32) + bonus * np.float32(c_init + np.log((n + c_base + 1) / c_base))


# ---------------------------------------------------------------------------------------------- muzero_search


@mistake("muzero_search", "the values are not normalised")
def muzero_search_does_not_normalise(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake(
    "muzero_search", "the values are normalised over the actions of each node by itself and not over the whole tree"
)
def muzero_search_normalises_each_node(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            low, high = (q[n > 0].min(), q[n > 0].max()) if n.any() else (0.0, 0.0)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the values are normalised over the visited actions of the root only")
def muzero_search_normalises_over_the_root(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for w, n in zip(root["w"], root["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "actions that were never visited count as values of 0 when the values are normalised")
def muzero_search_zero_in_the_range(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / max(n, 1) for node in nodes for w, n in zip(node["w"], node["n"], strict=True)]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake(
    "muzero_search",
    "the values are normalised by the smallest and the largest single return in place of the mean values",
)
def muzero_search_range_of_returns(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns, seen = [root], [], []
    for _ in range(num_simulations):
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
            seen.append(g)
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the range of the values also contains that of the root, as if an action led to it")
def muzero_search_root_in_the_range(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        seen += [gamma * np.mean(returns)] if returns else []
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "an action that was never visited counts as the best of all, 1, in place of 0")
def muzero_search_unvisited_optimistic(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 1.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "an action that was never visited counts as the mean of its visited siblings, in place of 0")
def muzero_search_unvisited_average(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            q = np.where(n > 0, q, q[n > 0].mean() if n.any() else 0.0)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "an action that was never visited gets the normalised value of 0 and not 0 itself")
def muzero_search_unvisited_raw_zero(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = (np.where(n > 0, q, 0.0) - low) / (high - low) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "actions are compared by the value of where they lead, without the reward on the way")
def muzero_search_value_without_reward(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            node["w"][a] += g
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "returns are not discounted")
def muzero_search_never_discounts(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the rewards are not backed up, only the values")
def muzero_search_ignores_rewards(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the value of the new node is not used: returns end with the rewards")
def muzero_search_ignores_leaf_values(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)[0], 0.0
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the reward is discounted together with what follows it")
def muzero_search_discounts_the_reward(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = gamma * (node["r"][a] + g)
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "root_value also counts the value that was predicted for the root itself")
def muzero_search_counts_the_root_value(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean([predict(root["z"])[1], *returns])


@mistake("muzero_search", "root_value is the value predicted for the root, before any search")
def muzero_search_predicted_root_value(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], predict(root["z"])[1]


@mistake("muzero_search", "root_value is the value of the best action in place of the mean return")
def muzero_search_best_root_value(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.max((root["w"] / np.maximum(root["n"], 1))[root["n"] > 0])


@mistake("muzero_search", "root_value is the mean of the visited actions' values, each counted once")
def muzero_search_unweighted_root_value(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean((root["w"] / np.maximum(root["n"], 1))[root["n"] > 0])


@mistake("muzero_search", "root_value is the sum of the returns and not their mean")
def muzero_search_sum_as_root_value(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.sum(returns)


@mistake("muzero_search", "the priors are ignored: all actions count as equally likely")
def muzero_search_uniform_priors(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(np.full(num_actions, 1 / num_actions), q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the root's priors are used in every node")
def muzero_search_root_priors(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(root["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "a node's own first visit is counted among the visits of its actions")
def muzero_search_counts_its_own_visit(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            total = n.sum() + (node is not root)
            weight = c_init + math.log((total + c_base + 1) / c_base)
            a = int(np.argmax(q + node["p"] * math.sqrt(total) / (1 + n) * weight))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the bonus is that of UCB1, every action tried once first")
def muzero_search_ucb1_bonus(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            bonus = np.sqrt(np.log(max(n.sum(), 1)) / np.maximum(n, 1))
            a = int(np.argmax(np.where(n > 0, q + c_init * bonus, np.inf)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the best value is taken without any bonus")
def muzero_search_greedy(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(q))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the action with the lowest score is taken")
def muzero_search_lowest_score(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmin(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "expanding the root counts as the first simulation")
def muzero_search_one_simulation_short(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations - 1):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns) if returns else 0.0


@mistake("muzero_search", "the visits are returned as shares that sum to 1")
def muzero_search_returns_shares(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"] / num_simulations, np.mean(returns)


@mistake("muzero_search", "an action's value is the return of the last simulation through it and not the mean")
def muzero_search_keeps_the_last_return(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] = g * node["n"][a]
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "an action's value is the best return of a simulation through it and not the mean")
def muzero_search_keeps_the_best_return(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            best = max(g, node["w"][a] / (node["n"][a] - 1)) if node["n"][a] > 1 else g
            node["w"][a] = best * node["n"][a]
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "every step is predicted from the latent state of the root")
def muzero_search_steps_from_the_root(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(root["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "c_init is always 1.25, whatever is asked for")
def muzero_search_ignores_c_init(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, 1.25, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "c_base is always 19652, whatever is asked for")
def muzero_search_ignores_c_base(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, 19652)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the discount is always 0.99, whatever gamma is asked for")
def muzero_search_hard_codes_gamma(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + 0.99 * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "the value of a new node is that of three more greedy steps of the policy")
def muzero_search_rolls_out(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        discount, ahead, far = 1.0, 0.0, z
        for _ in range(3):
            far, reward = dynamics(far, int(np.argmax(predict(far)[0])))
            ahead, discount = ahead + discount * reward, discount * gamma
        g = ahead + discount * predict(far)[1]
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake("muzero_search", "no simulation goes deeper than the root's actions")
def muzero_search_never_goes_deeper(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z, p):
        return {"z": z, "p": np.asarray(p), "n": np.zeros(num_actions), "w": np.zeros(num_actions), "r": {}, "kids": {}}

    z = represent(observation)
    root = new_node(z, predict(z)[0])
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n = node["n"]
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            a = int(np.argmax(puct(node["p"], q, n, c_init, c_base)))
            path.append((node, a))
            break
        z, node["r"][a] = dynamics(node["z"], a)
        p, g = predict(z)
        node["kids"][a] = new_node(z, p)
        nodes.append(node["kids"][a])
        for node, a in reversed(path):
            g = node["r"][a] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake(
    "muzero_search",
    "the visits of the whole tree stand under the root of `puct`, in a search that asks for all actions at once",
)
def muzero_search_eager_with_all_visits(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z):
        p, v = predict(z)
        ahead = [dynamics(z, a) for a in range(num_actions)]
        return {
            "p": np.asarray(p),
            "v": v,
            "ahead": ahead,
            "n": np.zeros(num_actions),
            "w": np.zeros(num_actions),
            "kids": {},
        }

    root = new_node(represent(observation))
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n, total = node["n"], len(returns)
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            weight = c_init + math.log((total + c_base + 1) / c_base)
            a = int(np.argmax(q + node["p"] * math.sqrt(total) / (1 + n) * weight))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        node["kids"][a] = new_node(node["ahead"][a][0])
        nodes.append(node["kids"][a])
        g = node["kids"][a]["v"]
        for node, a in reversed(path):
            g = node["ahead"][a][1] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


@mistake(
    "muzero_search", "a node's own visit counts under the root of `puct`, in a search that asks for all actions at once"
)
def muzero_search_eager_with_its_own_visit(
    represent, dynamics, predict, observation, num_actions, num_simulations, c_init, c_base, gamma
):
    def new_node(z):
        p, v = predict(z)
        ahead = [dynamics(z, a) for a in range(num_actions)]
        return {
            "p": np.asarray(p),
            "v": v,
            "ahead": ahead,
            "n": np.zeros(num_actions),
            "w": np.zeros(num_actions),
            "kids": {},
        }

    root = new_node(represent(observation))
    nodes, returns = [root], []
    for _ in range(num_simulations):
        seen = [w / n for node in nodes for w, n in zip(node["w"], node["n"], strict=True) if n]
        low, high = (min(seen), max(seen)) if seen else (0.0, 0.0)
        node, path = root, []
        while True:
            n, total = node["n"], node["n"].sum() + (node is not root)
            q = node["w"] / np.maximum(n, 1)
            q = np.where(n > 0, (q - low) / (high - low), 0.0) if high > low else np.zeros(num_actions)
            weight = c_init + math.log((total + c_base + 1) / c_base)
            a = int(np.argmax(q + node["p"] * math.sqrt(total) / (1 + n) * weight))
            path.append((node, a))
            if a not in node["kids"]:
                break
            node = node["kids"][a]
        node["kids"][a] = new_node(node["ahead"][a][0])
        nodes.append(node["kids"][a])
        g = node["kids"][a]["v"]
        for node, a in reversed(path):
            g = node["ahead"][a][1] + gamma * g
            node["n"][a] += 1
            node["w"][a] += g
        returns.append(g)
    return root["n"], np.mean(returns)


# ---------------------------------------------------------------------------------------------- maml_gradient


@mistake(
    "maml_gradient",
    "the inner step is not differentiated, so that the gradient is that at the adapted weights: first-order MAML",
)
def maml_gradient_first_order(weights, tasks, inner_lr):
    gradients = []
    for Xs, ys, Xq, yq in tasks:
        adapted = weights - inner_lr * 2 / len(ys) * Xs.T @ (Xs @ weights - ys)
        gradients.append(2 / len(yq) * Xq.T @ (Xq @ adapted - yq))
    return torch.stack(gradients).mean(0)


@mistake("maml_gradient", "the weights are not adapted: the gradient is that of the query loss where they are")
def maml_gradient_without_adaptation(weights, tasks, inner_lr):
    return torch.stack([2 / len(yq) * Xq.T @ (Xq @ weights - yq) for _, _, Xq, yq in tasks]).mean(0)


@mistake("maml_gradient", "the losses of the tasks are summed in place of averaged")
def maml_gradient_sums_tasks(weights, tasks, inner_lr):
    w, total = weights.detach().requires_grad_(), 0.0
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).mean(), w, create_graph=True)
        total = total + ((Xq @ (w - inner_lr * g) - yq) ** 2).mean()
    return torch.autograd.grad(total, w)[0]


@mistake("maml_gradient", "support and query sets are exchanged")
def maml_gradient_exchanges_sets(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xq @ w - yq) ** 2).mean(), w, create_graph=True)
        losses.append(((Xs @ (w - inner_lr * g) - ys) ** 2).mean())
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0]


@mistake("maml_gradient", "the loss after the step is that of the support set again")
def maml_gradient_without_queries(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    for Xs, ys, _, _ in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).mean(), w, create_graph=True)
        losses.append(((Xs @ (w - inner_lr * g) - ys) ** 2).mean())
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0]


@mistake("maml_gradient", "the inner step climbs the support loss")
def maml_gradient_climbs(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).mean(), w, create_graph=True)
        losses.append(((Xq @ (w + inner_lr * g) - yq) ** 2).mean())
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0]


@mistake("maml_gradient", "squared errors are summed in place of averaged, in both losses")
def maml_gradient_sums_errors(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).sum(), w, create_graph=True)
        losses.append(((Xq @ (w - inner_lr * g) - yq) ** 2).sum())
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0]


@mistake("maml_gradient", "the squared errors of the support sets are summed in place of averaged")
def maml_gradient_sums_support_errors(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).sum(), w, create_graph=True)
        losses.append(((Xq @ (w - inner_lr * g) - yq) ** 2).mean())
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0]


@mistake("maml_gradient", "the losses are half of the mean squared errors")
def maml_gradient_halves(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).mean() / 2, w, create_graph=True)
        losses.append(((Xq @ (w - inner_lr * g) - yq) ** 2).mean() / 2)
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0]


@mistake("maml_gradient", "each task begins where the one before it has adapted the weights to")
def maml_gradient_carries_on(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    fast = w
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ fast - ys) ** 2).mean(), fast, create_graph=True)
        fast = fast - inner_lr * g
        losses.append(((Xq @ fast - yq) ** 2).mean())
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0]


@mistake("maml_gradient", "all examples are pooled, so that large tasks count more")
def maml_gradient_pools(weights, tasks, inner_lr):
    w, errors = weights.detach().requires_grad_(), []
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).mean(), w, create_graph=True)
        errors.append((Xq @ (w - inner_lr * g) - yq) ** 2)
    return torch.autograd.grad(torch.cat(errors).mean(), w)[0]


@mistake("maml_gradient", "only the last task counts")
def maml_gradient_last_task(weights, tasks, inner_lr):
    w = weights.detach().requires_grad_()
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).mean(), w, create_graph=True)
        loss = ((Xq @ (w - inner_lr * g) - yq) ** 2).mean()
    return torch.autograd.grad(loss, w)[0]


@mistake("maml_gradient", "the weights after a step along the gradient are returned, and not the gradient")
def maml_gradient_returns_weights(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).mean(), w, create_graph=True)
        losses.append(((Xq @ (w - inner_lr * g) - yq) ** 2).mean())
    return weights - inner_lr * torch.autograd.grad(torch.stack(losses).mean(), w)[0]


@mistake("maml_gradient", "two inner steps are taken in place of one")
def maml_gradient_two_steps(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    for Xs, ys, Xq, yq in tasks:
        fast = w
        for _ in range(2):
            (g,) = torch.autograd.grad(((Xs @ fast - ys) ** 2).mean(), fast, create_graph=True)
            fast = fast - inner_lr * g
        losses.append(((Xq @ fast - yq) ** 2).mean())
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0]


@mistake("maml_gradient", "inner_lr is always 0.1, whatever is asked for")
def maml_gradient_hard_codes_inner_lr(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).mean(), w, create_graph=True)
        losses.append(((Xq @ (w - 0.1 * g) - yq) ** 2).mean())
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0]


@mistake("maml_gradient", "everything is computed in single precision")
def maml_gradient_single(weights, tasks, inner_lr):
    w, losses = weights.detach().float().requires_grad_(), []
    for task in tasks:
        Xs, ys, Xq, yq = (each.float() for each in task)
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).mean(), w, create_graph=True)
        losses.append(((Xq @ (w - inner_lr * g) - yq) ** 2).mean())
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0].to(weights.dtype)


@mistake("maml_gradient", "the numbers go through NumPy on the host")
def maml_gradient_through_numpy(weights, tasks, inner_lr):
    w, total = weights.detach().cpu().numpy(), 0.0
    for task in tasks:
        Xs, ys, Xq, yq = (each.cpu().numpy() for each in task)
        hessian = 2 / len(ys) * Xs.T @ Xs
        adapted = w - inner_lr * (hessian @ w - 2 / len(ys) * Xs.T @ ys)
        outer = 2 / len(yq) * Xq.T @ (Xq @ adapted - yq)
        total = total + outer - inner_lr * hessian @ outer
    return torch.tensor(total / len(tasks), dtype=weights.dtype)


@mistake("maml_gradient", "the inner gradient is cut down to length 100 where it is longer")
def maml_gradient_clips(weights, tasks, inner_lr):
    w, losses = weights.detach().requires_grad_(), []
    for Xs, ys, Xq, yq in tasks:
        (g,) = torch.autograd.grad(((Xs @ w - ys) ** 2).mean(), w, create_graph=True)
        g = g * torch.clamp(100 / g.norm().clamp(min=1e-12), max=1.0)
        losses.append(((Xq @ (w - inner_lr * g) - yq) ** 2).mean())
    return torch.autograd.grad(torch.stack(losses).mean(), w)[0]


# ---------------------------------------------------------------------------------------------- gradient_plan


@mistake("gradient_plan", "the plan goes down the return")
def gradient_plan_descends(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a - learning_rate * g).detach()
    return a


@mistake("gradient_plan", "the rewards are added up without discounting")
def gradient_plan_ignores_gamma(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "the first reward is discounted already, by gamma to the power 1")
def gradient_plan_discounts_the_first(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma ** (t + 1) * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "states are cut off from the actions before them: each action only sees its own reward")
def gradient_plan_detaches_states(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s.detach(), a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "only the last reward counts")
def gradient_plan_last_reward(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "the mean reward of a step is maximised in place of the sum")
def gradient_plan_means_rewards(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total / len(a), a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "Adam takes the steps in place of plain ascent")
def gradient_plan_adam(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    m = v = torch.zeros_like(a)
    for k in range(1, num_steps + 1):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        a = (a + learning_rate * (m / (1 - 0.9**k)) / ((v / (1 - 0.999**k)).sqrt() + 1e-8)).detach()
    return a


@mistake("gradient_plan", "the steps have momentum")
def gradient_plan_momentum(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    m = torch.zeros_like(a)
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        m = 0.9 * m + g
        a = (a + learning_rate * m).detach()
    return a


@mistake("gradient_plan", "the gradient is scaled to length 1")
def gradient_plan_normalises(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g / (g.norm() + 1e-12)).detach()
    return a


@mistake("gradient_plan", "only the signs of the gradient are followed")
def gradient_plan_follows_signs(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g.sign()).detach()
    return a


@mistake("gradient_plan", "the gradients of all steps so far are added up, because they are never set to 0")
def gradient_plan_accumulates(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    so_far = torch.zeros_like(a)
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        so_far = so_far + g
        a = (a + learning_rate * so_far).detach()
    return a


@mistake("gradient_plan", "one step is taken, however many are asked for")
def gradient_plan_one_step(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(min(num_steps, 1)):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "one step too many is taken")
def gradient_plan_one_step_too_many(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps + 1):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "actions are clipped to -1 and 1")
def gradient_plan_clips(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach().clamp(-1, 1)
    return a


@mistake("gradient_plan", "the gradient is clipped to length 1")
def gradient_plan_clips_gradients(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g / max(1.0, float(g.norm()))).detach()
    return a


@mistake("gradient_plan", "only the first action is changed")
def gradient_plan_only_the_first_action(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = a.detach().clone()
        a[0] += learning_rate * g[0]
    return a


@mistake("gradient_plan", "the gradient is computed once, at the plan that was given")
def gradient_plan_keeps_the_first_gradient(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for k in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        if k == 0:
            (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "every step is predicted from the first state")
def gradient_plan_stays_in_the_state(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            _, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "the change of the plan is returned, and not the plan")
def gradient_plan_returns_the_change(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a - actions


@mistake("gradient_plan", "the steps always have a length of 0.1")
def gradient_plan_hard_codes_the_step(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + 0.1 * g).detach()
    return a


@mistake("gradient_plan", "the discount is always 0.99, whatever gamma is asked for")
def gradient_plan_hard_codes_gamma(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + 0.99**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "everything is computed in single precision")
def gradient_plan_single(dynamics, state, actions, gamma, learning_rate, num_steps):
    a, dynamics, state = actions.detach().float(), dynamics.to(torch.float32), state.float()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a.to(actions.dtype)


@mistake("gradient_plan", "the plan is computed on the host")
def gradient_plan_through_the_host(dynamics, state, actions, gamma, learning_rate, num_steps):
    a, dynamics, state = actions.detach().cpu().clone(), dynamics.to("cpu"), state.cpu()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g).detach()
    return a


@mistake("gradient_plan", "a step that makes the plan worse is taken back")
def gradient_plan_keeps_the_best(dynamics, state, actions, gamma, learning_rate, num_steps):
    best, best_return, a = actions.detach(), -math.inf, actions.detach()
    for _ in range(num_steps + 1):
        a = a.detach().requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        if float(total) > best_return:
            best, best_return = a.detach(), float(total)
        a = best + learning_rate * torch.autograd.grad(total, a)[0]
    return best


@mistake("gradient_plan", "the steps end where the gradient is shorter than 0.001")
def gradient_plan_stops_early(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = a.detach()
        if float(g.norm()) < 1e-3:
            break
        a = a + learning_rate * g
    return a


@mistake("gradient_plan", "the gradient is cut down to length 100 where it is longer")
def gradient_plan_clips_long_gradients(dynamics, state, actions, gamma, learning_rate, num_steps):
    a = actions.detach().clone()
    for _ in range(num_steps):
        a.requires_grad_(True)
        s, total = state[None], 0.0
        for t in range(len(a)):
            s, r = dynamics(s, a[t : t + 1])
            total = total + gamma**t * r.sum()
        (g,) = torch.autograd.grad(total, a)
        a = (a + learning_rate * g * min(1.0, 100 / (float(g.norm()) + 1e-12))).detach()
    return a

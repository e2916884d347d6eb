"""Known mistakes of unit 4, continued: the search itself.

Each function stands alone apart from `np`, `torch`, `math` and the earlier functions of the unit.
"""

import math

import numpy as np

from autograder.properties.entries import collection
from solutions.mcts import rollout, ucb1

mistakes, mistake = collection()

# Answers do not tell these from each other for certain, so they share a sentence.
NOT_AFRESH = "the actions of a rollout are not all drawn afresh: they repeat each other, or those of another rollout"

# --------------------------------------------------------------------------------------------------------------- mcts


@mistake("mcts", "selection leaves out the reward of the step to the child, and compares what comes after it only")
def mcts_selects_without_the_reward(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] - child["visits"] * child["reward"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "returns are backed up through the tree without discount")
def mcts_backs_up_without_discount(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the reward of a step is discounted as well as what comes after it")
def mcts_discounts_the_reward_too(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = gamma * (node["reward"] + value)
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the rewards earned inside the tree are forgotten: only the rollouts count")
def mcts_leaves_out_the_rewards_in_the_tree(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "values leave out the reward of the action itself")
def mcts_leaves_out_the_reward_of_the_action(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"] - child["reward"]
    return visits, values


@mistake("mcts", "the rollout starts from the parent of the new node, so that the same step is counted twice")
def mcts_starts_rollouts_one_step_early(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, path[-2]["state"], num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", NOT_AFRESH)
def mcts_repeats_one_rollout(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, seed)
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the generator is always seeded with 0, so that every search makes the same rollouts")
def mcts_ignores_the_seed(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(0)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the generator is not seeded, so that no search can be repeated")
def mcts_forgets_the_seed(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng()
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "terminal states are rolled out as well")
def mcts_rolls_out_from_the_end(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "terminal states are expanded like any other")
def mcts_expands_terminal_states(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while True:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the bonus always has the weight 1.4, whatever c is asked for")
def mcts_ignores_c(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], 1.4).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "selection is greedy: after each action was tried once, the bonus is left out")
def mcts_never_explores(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], 0.0).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the logarithm is taken of all simulations so far, and not of the visits of the parent")
def mcts_counts_all_simulations_for_the_parent(
    step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed
):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, root["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the logarithm is taken of num_simulations, and not of the visits of the parent so far")
def mcts_counts_the_planned_simulations(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, num_simulations, c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "ucb1 is used at the root only, and below it actions are drawn at random")
def mcts_explores_below_the_root_at_random(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            best = int(ucb1(totals, visits, node["visits"], c).argmax())
            node = children[best if node is root else int(rng.integers(num_actions))]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "there is a 2 under the square root of the bonus, although c already stands for it")
def mcts_doubles_the_logarithm(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c * math.sqrt(2)).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the bonus is that of AlphaZero, c sqrt(parent visits) / (1 + visits), and has no logarithm")
def mcts_takes_the_bonus_of_alphazero(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int((totals / visits + c * math.sqrt(node["visits"]) / (1 + visits)).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the child with the most visits is followed inside the tree")
def mcts_selects_by_visits(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            node = children[int(visits.argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "children are compared by the sum of their returns, not by the mean")
def mcts_selects_by_sums(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int((totals + c * np.sqrt(np.log(node["visits"]) / visits)).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake(
    "mcts", "the search for the best child starts at a score of 0, so that the first child wins when all are negative"
)
def mcts_starts_the_maximum_at_zero(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            best, best_score = 0, 0.0
            for action, score in enumerate(ucb1(totals, visits, node["visits"], c)):
                if score > best_score:
                    best, best_score = action, score
            node = children[best]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "max_depth is counted from the root, so that rollouts below deep nodes are cut short")
def mcts_counts_the_depth_of_the_tree(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(
                        step, state, num_actions, max(0, max_depth - len(path) + 1), gamma, int(rng.integers(2**31))
                    )
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake(
    "mcts", "the tree itself is cut at max_depth as well, although max_depth is about the rollout below the new node"
)
def mcts_cuts_the_tree_at_max_depth(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"] and len(path) <= max(1, max_depth):
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the step to the new node counts into max_depth, so that the rollout has one step less")
def mcts_counts_the_new_node_into_max_depth(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max(0, max_depth - 1), gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "new nodes are worth 0: no rollout is made")
def mcts_makes_no_rollouts(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "rollouts always take the first action")
def mcts_rolls_out_the_first_action(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, 1, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake(
    "mcts", "the first simulation only rolls out from the root, so that visits sum to one less than num_simulations"
)
def mcts_spends_a_simulation_on_the_root(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    root["visits"] = 1
    for _ in range(num_simulations - 1):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "there is one simulation more than asked for")
def mcts_makes_one_simulation_too_many(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations + 1):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "values are the best return seen through each action, not the mean")
def mcts_keeps_the_best_return(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
            node["best"] = max(node.get("best", value), value)
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["best"]
    return visits, values


@mistake("mcts", "a node is worth as much as its best child, and not the mean of its simulations")
def mcts_backs_up_the_best_child(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value

    def worth(node):
        if not node["children"]:
            return node["total"] / node["visits"]
        return node["reward"] + gamma * max(worth(child) for child in node["children"].values())

    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], worth(child)
    return visits, values


@mistake("mcts", "the sum of the returns is divided by num_simulations, not by the visits of the action")
def mcts_divides_by_all_simulations(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / num_simulations
    return visits, values


@mistake("mcts", "values are the sums of the returns, not their means")
def mcts_returns_sums(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"]
    return visits, values


@mistake("mcts", "visits are returned as fractions of the simulations")
def mcts_returns_fractions(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"] / num_simulations, child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "nodes are kept by state, so that different paths to one state share one node")
def mcts_merges_equal_states(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    visits, totals, edges = {}, {}, {}

    def simulate(state, ended, left):
        if ended or left == 0:
            return 0.0
        if state not in visits:
            visits[state], totals[state] = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
        if (visits[state] == 0).any():
            action = int(np.argmin(visits[state] > 0))
            edges[state, action] = step(state, action)
            after, reward, over = edges[state, action]
            value = 0.0
            if not over:
                value = rollout(step, after, num_actions, max_depth, gamma, int(rng.integers(2**31)))
        else:
            action = int(ucb1(totals[state], visits[state], visits[state].sum(), c).argmax())
            after, reward, over = edges[state, action]
            value = simulate(after, over, left - 1)
        value = reward + gamma * value
        visits[state][action] += 1
        totals[state][action] += value
        return value

    for _ in range(num_simulations):
        simulate(root_state, False, 200)
    return visits[root_state], totals[root_state] / np.maximum(visits[root_state], 1)


@mistake("mcts", "every state of the rollout is added to the tree, not only one node for each simulation")
def mcts_adds_the_whole_rollout(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if len(path) > max(2, max_depth):
                    break
                continue
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the value changes its sign from node to node, as in a game of two players")
def mcts_changes_sign(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * -value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "only the first and the last node of the path learn from the simulation")
def mcts_updates_the_ends_of_the_path_only(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            if node is path[1] or node is path[-1]:
                node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the new node keeps its rollout to itself: the nodes above it gain the rewards only")
def mcts_forgets_the_value_of_the_rollout(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
            if node is path[-1]:
                value = node["reward"]
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the latest return replaces the mean of a node")
def mcts_takes_the_last_return(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] = value * node["visits"]
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "actions inside the tree are drawn at random, and no statistics are used")
def mcts_chooses_at_random(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            node = children[int(rng.integers(num_actions))]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the child with the smallest score is followed")
def mcts_follows_the_worst(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmin())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "only the actions of the root become nodes: everything below is left to rollouts")
def mcts_widens_at_the_root_only(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while True:
            children = node["children"]
            if node is not root:
                if not node["ended"]:
                    value = rollout(step, node["state"], num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the sums are kept in single precision")
def mcts_in_single_precision(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] = float(np.float32(node["total"] + value))
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "negative returns are treated as 0")
def mcts_clips_losses(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += max(value, 0.0)
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "the discount inside the tree is always 0.9, whatever gamma is asked for")
def mcts_hard_codes_gamma(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + 0.9 * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake(
    "mcts", "an action never tried scores as if it had been visited once and earned nothing, and need not come first"
)
def mcts_does_not_try_every_action_first(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            n = np.array([children[a]["visits"] if a in children else 1 for a in range(num_actions)])
            w = np.array([children[a]["total"] if a in children else 0.0 for a in range(num_actions)])
            action = int(ucb1(w, n, node["visits"] + 1, c).argmax())
            if action not in children:
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            node = children[action]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "nodes two steps below the root are treated as terminal")
def mcts_searches_to_depth_two_only(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"] and len(path) < 3:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", "a new node starts with one visit, and gains another one from its own simulation")
def mcts_lets_the_new_node_count_twice(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 1, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(2**31)))
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"] - 1, child["total"] / child["visits"]
    return visits, values


@mistake("mcts", NOT_AFRESH)  # a rollout is seeded with the action before it
def mcts_rollouts_follow_the_action(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    value = rollout(step, state, num_actions, max_depth, gamma, (seed + action) % 2**31)
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values


@mistake("mcts", NOT_AFRESH)  # a rollout draws one action and repeats it to the end
def mcts_rollouts_repeat_their_action(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    rng = np.random.default_rng(seed)
    root = {"state": root_state, "ended": False, "reward": 0.0, "visits": 0, "total": 0.0, "children": {}}
    for _ in range(num_simulations):
        node, path, value = root, [root], 0.0
        while not node["ended"]:
            children = node["children"]
            if len(children) < num_actions:
                action = len(children)
                state, reward, ended = step(node["state"], action)
                node = {"state": state, "ended": ended, "reward": reward, "visits": 0, "total": 0.0, "children": {}}
                children[action] = node
                path.append(node)
                if not ended:
                    action, discount = int(rng.integers(num_actions)), 1.0
                    for _ in range(max_depth):
                        state, reward, ended = step(state, action)
                        value += discount * reward
                        discount *= gamma
                        if ended:
                            break
                break
            visits = np.array([child["visits"] for child in children.values()])
            totals = np.array([child["total"] for child in children.values()])
            node = children[int(ucb1(totals, visits, node["visits"], c).argmax())]
            path.append(node)
        for node in reversed(path):
            value = node["reward"] + gamma * value
            node["visits"] += 1
            node["total"] += value
    visits, values = np.zeros(num_actions, dtype=int), np.zeros(num_actions)
    for action, child in root["children"].items():
        visits[action], values[action] = child["visits"], child["total"] / child["visits"]
    return visits, values

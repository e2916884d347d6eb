"""Unit 4, Monte Carlo tree search: the five reference functions.

The search works on any deterministic simulator ``step(state, action) -> (next_state, reward, terminated)`` and keeps
its tree in flat arrays. Nothing is remembered from one call to the next. Invalid input raises ``ValueError`` with a
sentence. Notation follows Sutton & Barto, *Reinforcement Learning* (2nd edition), chapter 8.
"""

import numpy as np

from labkit import validate


def ucb1(value_sums, visits, parent_visits, c):
    """How promising each child is: its mean value plus a bonus for having been tried rarely.

    $$\\frac{\\mathrm{value\\_sums}_a}{\\mathrm{visits}_a}
      + c \\sqrt{\\frac{\\ln \\mathrm{parent\\_visits}}{\\mathrm{visits}_a}}$$

    A child that was never visited scores `+inf`, whatever `c` is.

    Args:
        value_sums: sum of the returns seen through each child, shape `(A,)`.
        visits: how often each child was visited, shape `(A,)`.
        parent_visits: how often the parent was visited, at least 1.
        c: weight of the bonus, 0 or more.

    Returns:
        The scores, shape `(A,)`.

    Source: Auer et al. 2002 (UCB1); Kocsis & Szepesvári 2006 (UCT).
    """
    visits, value_sums = validate.node_statistics(visits, value_sums)
    parent_visits = validate.number(parent_visits, "parent_visits", minimum=1)
    c = validate.number(c, "c", minimum=0)
    scores = np.full(len(visits), np.inf)
    tried = visits > 0
    bonus = c * np.sqrt(np.log(parent_visits) / visits[tried])
    scores[tried] = value_sums[tried] / visits[tried] + bonus
    return scores


def backpropagate(visits, value_sums, path, rewards, leaf_value, gamma):
    """Write the outcome of one simulation into all the nodes that it went through.

    Each node on the path gains one visit and the discounted return from that node on: the last one gains
    `leaf_value`, and every other one the reward of its step plus `gamma` times what the node after it gains.

    Args:
        visits: how often each of the tree's N nodes was visited so far, shape `(N,)`.
        value_sums: the sum of the returns that each node has seen so far, shape `(N,)`.
        path: the nodes of this simulation, the root first, all different, shape `(L + 1,)`.
        rewards: the rewards between them, `rewards[i]` between `path[i]` and `path[i + 1]`, shape `(L,)`.
        leaf_value: the estimated value of the last node of the path.
        gamma: discount factor in [0, 1).

    Returns:
        `(visits, value_sums)` after the simulation, shapes `(N,)` and `(N,)`.

    Source: Sutton & Barto, section 8.11 (the backup step).
    """
    visits, value_sums = validate.node_statistics(visits, value_sums)
    path, rewards = validate.path(path, rewards, len(visits))
    leaf_value = validate.number(leaf_value, "leaf_value")
    gamma = validate.discount(gamma)
    returns = np.full(len(path), leaf_value)
    for i in reversed(range(len(rewards))):
        returns[i] = rewards[i] + gamma * returns[i + 1]
    visits, value_sums = visits.copy(), value_sums.copy()
    visits[path] += 1
    value_sums[path] += returns
    return visits, value_sums


def rollout(step, state, num_actions, max_depth, gamma, seed):
    """Estimate the value of `state` by acting at random from there.

    Every action is drawn independently and uniformly. The rollout stops when a step terminates, or after `max_depth`
    steps.

    Args:
        step: the simulator, `step(state, action) -> (next_state, reward, terminated)`.
        state: where to start, not terminal.
        num_actions: the actions are `0 … num_actions - 1`.
        max_depth: largest number of steps, 0 or more.
        gamma: discount factor in [0, 1).
        seed: seed of the random actions.

    Returns:
        The discounted return, a number.

    Source: Sutton & Barto, section 8.10.
    """
    validate.simulator(step)
    num_actions = validate.whole_number(num_actions, "num_actions", minimum=1)
    max_depth = validate.whole_number(max_depth, "max_depth")
    gamma = validate.discount(gamma)
    rng = np.random.default_rng(validate.whole_number(seed, "seed"))
    discounted_return, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        discounted_return += discount * reward
        discount *= gamma
        if terminated:
            break
    return discounted_return


def mcts(step, root_state, num_actions, num_simulations, c, gamma, max_depth, seed):
    """Monte Carlo tree search from `root_state`: which actions look best after `num_simulations` simulations?

    A simulation walks down the tree from the root. Where every action has been tried, it follows the one with the
    largest `ucb1` score on the means of reward + `gamma` · return; where some have not, it tries one of those: a node
    is added for the state that it leads to, whose value a random `rollout` of at most `max_depth` steps estimates.
    A terminal node is worth 0, and nothing is ever added or rolled out below it. Then the outcome is backed up.

    Args:
        step: the simulator, `step(state, action) -> (next_state, reward, terminated)`.
        root_state: where the search starts, not terminal.
        num_actions: the actions are `0 … num_actions - 1`.
        num_simulations: how many simulations to make.
        c: weight of the bonus in `ucb1`, 0 or more.
        gamma: discount factor in [0, 1).
        max_depth: largest number of steps of a rollout below the new node, 0 or more.
        seed: seed of everything that is random.

    Returns:
        `(visits, values)` of the root's actions, shapes `(A,)` and `(A,)`: how many simulations went through each
        action, and the mean discounted return of those, the action's own reward included (0 where there were none).

    Source: Kocsis & Szepesvári 2006; Sutton & Barto, section 8.11.
    """
    validate.simulator(step)
    num_actions = validate.whole_number(num_actions, "num_actions", minimum=1)
    num_simulations = validate.whole_number(num_simulations, "num_simulations")
    c, gamma = validate.number(c, "c", minimum=0), validate.discount(gamma)
    max_depth = validate.whole_number(max_depth, "max_depth")
    rng = np.random.default_rng(validate.whole_number(seed, "seed"))
    largest_seed = np.iinfo(np.int32).max
    states, terminal = [root_state], [False]
    visits, value_sums = np.zeros(num_simulations + 1, dtype=np.int64), np.zeros(num_simulations + 1)
    children = np.full((num_simulations + 1, num_actions), -1)
    edge_rewards = np.zeros((num_simulations + 1, num_actions))

    def edges(node):
        """The visits and the summed returns of a node's actions, each with its own reward."""
        child = children[node]
        edge_visits = np.where(child >= 0, visits[child], 0)
        edge_sums = np.where(child >= 0, edge_visits * edge_rewards[node] + gamma * value_sums[child], 0.0)
        return edge_visits, edge_sums

    for _ in range(num_simulations):
        node, path, rewards, leaf_value, expanded = 0, [0], [], 0.0, False
        while not (expanded or terminal[node]):
            edge_visits, edge_sums = edges(node)
            action = int(ucb1(edge_sums, edge_visits, visits[node] + 1, c).argmax())
            if edge_visits[action] == 0:
                state, edge_rewards[node, action], terminated = step(states[node], action)
                children[node, action] = len(states)
                states.append(state)
                terminal.append(terminated)
                expanded = True
                if not terminated:
                    leaf_value = rollout(step, state, num_actions, max_depth, gamma, int(rng.integers(largest_seed)))
            rewards.append(edge_rewards[node, action])
            node = children[node, action]
            path.append(node)
        visits, value_sums = backpropagate(visits, value_sums, path, rewards, leaf_value, gamma)
    root_visits, root_sums = edges(0)
    return root_visits, root_sums / np.maximum(root_visits, 1)


def mcts_episode(env, step, num_simulations, c, gamma, max_depth, max_steps, seed):
    """Play one episode of `env`, planning every move by a new tree search from the observed state.

    The search uses the simulator `step`, never the environment itself, and the most visited action is played. The
    episode ends when it terminates, when it is truncated, or after `max_steps` steps.

    Args:
        env: environment with `num_actions` actions whose observations are states of `step`.
        step: the simulator, `step(state, action) -> (next_state, reward, terminated)`.
        num_simulations: simulations for each search, 1 or more.
        c: weight of the bonus in `ucb1`, 0 or more.
        gamma: discount factor of the search, in [0, 1).
        max_depth: largest number of steps of a rollout.
        max_steps: largest number of steps in the environment.
        seed: seed of the searches and of the environment's reset.

    Returns:
        `(total_reward, actions)`: the undiscounted sum of the environment's rewards, and the actions played.

    Source: Sutton & Barto, section 8.10 (decision-time planning).
    """
    validate.environment(env)
    num_simulations = validate.whole_number(num_simulations, "num_simulations", minimum=1)
    max_steps = validate.whole_number(max_steps, "max_steps")
    rng = np.random.default_rng(validate.whole_number(seed, "seed"))
    largest_seed = np.iinfo(np.int32).max
    state, _ = env.reset(seed=int(rng.integers(largest_seed)))
    total_reward, actions = 0.0, []
    for _ in range(max_steps):
        search_seed = int(rng.integers(largest_seed))
        visits, _ = mcts(step, state, env.num_actions, num_simulations, c, gamma, max_depth, search_seed)
        action = int(visits.argmax())
        state, reward, terminated, truncated, _ = env.step(action)
        total_reward += reward
        actions.append(action)
        if terminated or truncated:
            break
    return total_reward, actions

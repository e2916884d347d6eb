"""Known mistakes of unit 4: wrong solutions of the kind students hand in, each with the idea that went wrong.

The audit grades every one and expects it to lose points; the judge runs them to name a misconception. Each function
stands alone apart from `np`, `torch`, `math` and the earlier functions of the unit. This file has the pieces of a
search; `mcts_mistakes_more.py` has the search itself, `mcts_mistakes_episode.py` the episode.
"""

import math

import numpy as np

from autograder.properties.entries import collection

mistakes, mistake = collection()

# --------------------------------------------------------------------------------------------------------------- ucb1


@mistake("ucb1", "the square root is left out: the bonus is c ln(parent_visits) / visits")
def ucb1_takes_no_root(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.log(parent_visits) / visits[a]
    return scores


@mistake("ucb1", "the square root covers the logarithm only, and the visits are left outside it")
def ucb1_takes_the_root_of_the_logarithm_only(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log(parent_visits)) / visits[a]
    return scores


@mistake("ucb1", "c stands under the square root, so that it counts only by its own root")
def ucb1_puts_c_into_the_root(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + math.sqrt(c * math.log(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "there is a 2 under the square root, as in UCB1 for bandits, although c already stands for it")
def ucb1_doubles_the_logarithm(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(2 * math.log(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "the logarithm is taken to base 10 and not to base e")
def ucb1_counts_in_tens(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log10(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "the logarithm is taken to base 2 and not to base e")
def ucb1_counts_in_bits(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log2(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "the logarithm is taken of parent_visits + 1")
def ucb1_adds_one_to_the_parent(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log(parent_visits + 1) / visits[a])
    return scores


@mistake("ucb1", "the visits of the child are counted one too high, to avoid a division by zero")
def ucb1_adds_one_to_the_child(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / (visits[a] + 1) + c * math.sqrt(math.log(parent_visits) / (visits[a] + 1))
    return scores


@mistake("ucb1", "the bonus divides by visits + 1, as in the formula of AlphaZero")
def ucb1_adds_one_under_the_root(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log(parent_visits) / (visits[a] + 1))
    return scores


@mistake("ucb1", "the visits of the children are added up, and parent_visits is not used")
def ucb1_sums_up_the_children(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log(visits.sum()) / visits[a])
    return scores


@mistake("ucb1", "the sum of the returns is used in place of their mean")
def ucb1_takes_sums_for_means(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] + c * math.sqrt(math.log(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "the sum of the returns is divided by the visits of the parent, not by those of the child")
def ucb1_divides_by_the_parent(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / parent_visits + c * math.sqrt(math.log(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "the bonus is that of AlphaZero, c sqrt(parent_visits) / (1 + visits), and has no logarithm")
def ucb1_takes_the_bonus_of_alphazero(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(parent_visits) / (1 + visits[a])
    return scores


@mistake("ucb1", "the logarithm is left out: the bonus is c sqrt(parent_visits / visits)")
def ucb1_forgets_the_logarithm(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(parent_visits / visits[a])
    return scores


@mistake("ucb1", "the bonus is subtracted: that is the lower confidence bound")
def ucb1_subtracts_the_bonus(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] - c * math.sqrt(math.log(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "the weight of the bonus is always the square root of 2, whatever c is asked for")
def ucb1_ignores_c(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + math.sqrt(2 * math.log(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "parent and child are exchanged under the root: ln(visits) / parent_visits")
def ucb1_exchanges_parent_and_child(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log(visits[a]) / parent_visits)
    return scores


@mistake("ucb1", "a negative mean is treated as 0")
def ucb1_clips_losses(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = max(value_sums[a] / visits[a], 0.0) + c * math.sqrt(math.log(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "the scores are computed in single precision")
def ucb1_in_single_precision(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = np.float32(value_sums[a]) / np.float32(visits[a]) + np.float32(
                c * math.sqrt(math.log(parent_visits) / visits[a])
            )
    return scores


@mistake("ucb1", "a child never visited gets a large number and not infinity, which a large mean can beat")
def ucb1_gives_a_large_number(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), 1e9)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "a child never visited scores 0, so that it waits until all others look bad")
def ucb1_gives_zero(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), 0.0)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "a child never visited scores minus infinity, so that it is never tried")
def ucb1_gives_minus_infinity(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), -np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log(parent_visits) / visits[a])
    return scores


@mistake("ucb1", "the infinite bonus of a child never visited is multiplied by c, which is not a number when c is 0")
def ucb1_multiplies_infinity_by_c(value_sums, visits, parent_visits, c):
    scores = np.zeros(len(visits))
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log(parent_visits) / visits[a])
        else:
            scores[a] = c * np.inf
    return scores


@mistake("ucb1", "a tiny number is added to the visits, which makes scores of children never visited large but finite")
def ucb1_divides_by_almost_zero(value_sums, visits, parent_visits, c):
    n = visits + 1e-8
    return value_sums / n + c * np.sqrt(np.log(parent_visits) / n)


@mistake("ucb1", "visits of 0 are divided by: 0 / 0 is not a number, and NumPy only warns")
def ucb1_divides_by_zero(value_sums, visits, parent_visits, c):
    return value_sums / visits + c * np.sqrt(np.log(parent_visits) / visits)


@mistake("ucb1", "the best child is returned, and not the scores")
def ucb1_returns_the_best_child(value_sums, visits, parent_visits, c):
    scores = np.full(len(visits), np.inf)
    for a in range(len(visits)):
        if visits[a] > 0:
            scores[a] = value_sums[a] / visits[a] + c * math.sqrt(math.log(parent_visits) / visits[a])
    return int(np.argmax(scores))


# ------------------------------------------------------------------------------------------------------ backpropagate


@mistake("backpropagate", "the returns are not discounted")
def backpropagate_ignores_gamma(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the reward of a step is discounted as well as what comes after it")
def backpropagate_discounts_the_reward(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = gamma * (rewards[i] + value)
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the last node of the path gains nothing")
def backpropagate_leaves_the_leaf_out(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + gamma * value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the root gains nothing")
def backpropagate_leaves_the_root_out(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, 0, -1):
        value = rewards[i] + gamma * value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "every node gains the bare leaf value, and the rewards are left out")
def backpropagate_gives_all_the_leaf_value(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = gamma * value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "every node gains the return of the whole simulation, as seen from the root")
def backpropagate_gives_all_the_return_of_the_root(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    for reward in rewards[::-1]:
        value = reward + gamma * value
    for node in path:
        visits[node] += 1
        value_sums[node] += value
    return visits, value_sums


@mistake("backpropagate", "each node gains the reward that led to it, and the root the rest")
def backpropagate_gives_each_node_the_reward_before_it(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    for i in range(len(path) - 1, -1, -1):
        value = (rewards[i - 1] if i > 0 else 0.0) + gamma * value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the leaf value is discounted once more than the steps below it")
def backpropagate_discounts_the_leaf(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = gamma * leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + gamma * value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the rewards are paired with the nodes in the opposite order")
def backpropagate_reads_the_rewards_backwards(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[len(rewards) - 1 - i] + gamma * value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "everything is discounted by its distance from the root, also for nodes further down")
def backpropagate_discounts_from_the_root(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = gamma ** len(rewards) * leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = gamma**i * rewards[i] + value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the running mean is written where the sum belongs")
def backpropagate_stores_means(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    for i in range(len(path) - 1, -1, -1):
        if i < len(rewards):
            value = rewards[i] + gamma * value
        node = path[i]
        visits[node] += 1
        value_sums[node] += (value - value_sums[node]) / visits[node]
    return visits, value_sums


@mistake("backpropagate", "the sums are overwritten by the return of this simulation")
def backpropagate_overwrites_the_sums(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] = value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + gamma * value
        visits[path[i]] += 1
        value_sums[path[i]] = value
    return visits, value_sums


@mistake("backpropagate", "the value changes its sign from node to node, as in a game of two players")
def backpropagate_changes_sign(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + gamma * -value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the places along the path are taken for the numbers of the nodes")
def backpropagate_counts_places_not_nodes(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    for i in range(len(path) - 1, -1, -1):
        if i < len(rewards):
            value = rewards[i] + gamma * value
        visits[i] += 1
        value_sums[i] += value
    return visits, value_sums


@mistake("backpropagate", "every node of the tree gains a visit, also off the path")
def backpropagate_counts_a_visit_for_all_nodes(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits + 1, value_sums.copy()
    value = leaf_value
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + gamma * value
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "only the last node of the path gains a visit")
def backpropagate_counts_the_leaf_only(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + gamma * value
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the visits stay as they were")
def backpropagate_forgets_the_visits(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + gamma * value
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the leaf value is used only when there are no rewards")
def backpropagate_forgets_the_leaf_value_after_rewards(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    value = 0.0
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + gamma * value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the return of a node counts only the next ten steps")
def backpropagate_drops_what_is_far(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    chain = [*rewards, leaf_value]
    for i, node in enumerate(path):
        visits[node] += 1
        value_sums[node] += sum(gamma**k * each for k, each in enumerate(chain[i : i + 10]))
    return visits, value_sums


@mistake("backpropagate", "the sums are kept in single precision")
def backpropagate_in_single_precision(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.astype(np.float32)
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + gamma * value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


@mistake("backpropagate", "the discount is always 0.9, whatever gamma is asked for")
def backpropagate_hard_codes_gamma(visits, value_sums, path, rewards, leaf_value, gamma):
    visits, value_sums = visits.copy(), value_sums.copy()
    value = leaf_value
    visits[path[-1]] += 1
    value_sums[path[-1]] += value
    for i in range(len(path) - 2, -1, -1):
        value = rewards[i] + 0.9 * value
        visits[path[i]] += 1
        value_sums[path[i]] += value
    return visits, value_sums


# ------------------------------------------------------------------------------------------------------------ rollout


@mistake("rollout", "the rewards are not discounted")
def rollout_ignores_gamma(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= 1.0
        if terminated:
            break
    return total


@mistake("rollout", "the first reward is discounted already")
def rollout_discounts_the_first_reward(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, gamma
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "the discount is squared with every step")
def rollout_discounts_the_second_reward_twice(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount = discount**2 * gamma
        if terminated:
            break
    return total


@mistake("rollout", "the discount is always 0.9, whatever gamma is asked for")
def rollout_hard_codes_gamma(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= 0.9
        if terminated:
            break
    return total


@mistake("rollout", "the rollout goes on after a step has terminated")
def rollout_goes_on_after_the_end(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
    return total


@mistake("rollout", "the reward of the step that terminates is left out")
def rollout_drops_the_last_reward(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        if terminated:
            break
        total += discount * reward
        discount *= gamma
    return total


@mistake("rollout", "there is one step less than max_depth")
def rollout_makes_one_step_too_few(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth - 1):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "there is one step more than max_depth")
def rollout_makes_one_step_too_many(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth + 1):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "there is always one step, also when max_depth is 0")
def rollout_always_makes_a_step(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max(1, max_depth)):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake(
    "rollout", "the rollout goes on to the end of the episode, at most 1000 steps, whatever max_depth is asked for"
)
def rollout_ignores_max_depth(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(1000):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "the rollout gives up after 100 steps, although max_depth allows more")
def rollout_gives_up_after_a_hundred_steps(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(min(max_depth, 100)):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "the first action is always taken, not a random one")
def rollout_always_takes_the_first_action(step, state, num_actions, max_depth, gamma, seed):
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, 0)
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "the last action is never drawn: the upper end of the range is excluded once too often")
def rollout_never_takes_the_last_action(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(max(1, num_actions - 1))))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "action 0 is never drawn: the draw begins at 1")
def rollout_never_takes_the_first_action(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(min(1, num_actions - 1), num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "one action is drawn at the start and repeated in every step")
def rollout_repeats_one_action(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    action = int(rng.integers(num_actions))
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, action)
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "only the first action is drawn, and the others follow in turn")
def rollout_cycles_through_the_actions(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    action = int(rng.integers(num_actions))
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, action)
        action = (action + 1) % num_actions
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "a uniform number is rounded to an action, so that the first and the last one come half as often")
def rollout_rounds_to_an_action(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, round(rng.random() * (num_actions - 1)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "the generator is always seeded with 0, so that all rollouts draw the same actions")
def rollout_ignores_the_seed(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(0)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "the generator is not seeded, so that no result can be repeated")
def rollout_forgets_the_seed(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng()
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "every step starts from the first state again")
def rollout_stays_in_the_first_state(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        _, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "the rewards are averaged over the steps, not added up")
def rollout_averages_the_rewards(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount, steps = 0.0, 1.0, 0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        steps += 1
        if terminated:
            break
    return total / max(1, steps)


@mistake("rollout", "only the last reward counts, discounted by the length of the rollout")
def rollout_returns_the_last_reward(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total = discount * reward
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "the rollout stops at the first reward that is not 0")
def rollout_stops_at_the_first_reward(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * reward
        discount *= gamma
        if terminated or reward != 0:
            break
    return total


@mistake("rollout", "negative rewards are left out")
def rollout_clips_losses(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total += discount * max(reward, 0.0)
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "the return is kept in single precision")
def rollout_in_single_precision(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total, discount = 0.0, 1.0
    for _ in range(max_depth):
        state, reward, terminated = step(state, int(rng.integers(num_actions)))
        total = np.float32(total + discount * reward)
        discount *= gamma
        if terminated:
            break
    return total


@mistake("rollout", "every action but the first is taken twice, so that actions are not independent", nameable=False)
def rollout_takes_actions_twice(step, state, num_actions, max_depth, gamma, seed):
    rng = np.random.default_rng(seed)
    total = 0.0
    for t in range(max_depth):
        if t == 0 or t % 2 == 1:
            action = int(rng.integers(num_actions))
        state, reward, terminated = step(state, action)
        total += gamma**t * reward
        if terminated:
            break
    return total

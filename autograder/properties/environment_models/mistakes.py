"""Known mistakes of unit 1: wrong solutions of the kind students hand in, each with the idea that went wrong.

This file has the functions on tables of counts and on sampling; `environment_models_mistakes_more.py` has those on
neural networks. Each function stands alone apart from `np`, `torch`, `math` and earlier functions of the unit.
"""

import numpy as np

from autograder.properties.entries import collection

mistakes, mistake = collection()

# -------------------------------------------------------------------------------------------- count_transitions


@mistake("count_transitions", "a transition that happens several times is counted once: `table[index] += 1` adds once")
def count_transitions_counts_repetitions_once(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    s, a, t = (np.asarray(x, dtype=int) for x in (states, actions, next_states))
    counts[s, a, t] += 1
    sums[s, a] += rewards
    return counts, sums


@mistake("count_transitions", "rewards of a pair that was tried several times overwrite each other and are not added")
def count_transitions_keeps_the_last_reward(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[s, a, t] += 1
        sums[s, a] = r
    return counts, sums


@mistake("count_transitions", "the mean reward of each pair is returned in place of the sum")
def count_transitions_averages_rewards(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[s, a, t] += 1
        sums[s, a] += r
    return counts, sums / np.maximum(counts.sum(axis=2), 1)


@mistake("count_transitions", "where a transition began and where it led are exchanged in the counts")
def count_transitions_turns_transitions_around(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[t, a, s] += 1
        sums[s, a] += r
    return counts, sums


@mistake("count_transitions", "a reward is put down to the state that it led to, not to the one where it was earned")
def count_transitions_credits_the_next_state(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[s, a, t] += 1
        sums[t, a] += r
    return counts, sums


@mistake("count_transitions", "the axes of the counts are state, next state, action")
def count_transitions_puts_the_action_last(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_states, num_actions)), np.zeros((num_states, num_actions))
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[s, t, a] += 1
        sums[s, a] += r
    return counts, sums


@mistake("count_transitions", "the tables are as large as the largest state and action that occur")
def count_transitions_infers_the_sizes(states, actions, rewards, next_states, num_states, num_actions):
    if len(states):
        num_states, num_actions = max(states.max(), next_states.max()) + 1, actions.max() + 1
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[s, a, t] += 1
        sums[s, a] += r
    return counts, sums


@mistake("count_transitions", "the last transition is left out")
def count_transitions_drops_the_last(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for i in range(len(states) - 1):
        counts[states[i], actions[i], next_states[i]] += 1
        sums[states[i], actions[i]] += rewards[i]
    return counts, sums


@mistake("count_transitions", "each transition is taken to lead to the state of the next row")
def count_transitions_follows_the_rows(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for i in range(len(states)):
        led_to = states[i + 1] if i + 1 < len(states) else next_states[i]
        counts[states[i], actions[i], led_to] += 1
        sums[states[i], actions[i]] += rewards[i]
    return counts, sums


@mistake("count_transitions", "empty experience is not thought of: its largest entry is asked for")
def count_transitions_fails_without_experience(states, actions, rewards, next_states, num_states, num_actions):
    assert states.max() < num_states
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    np.add.at(counts, (states, actions, next_states), 1)
    np.add.at(sums, (states, actions), rewards)
    return counts, sums


@mistake("count_transitions", "the counts start at 1 in place of 0")
def count_transitions_starts_at_one(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.ones((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[s, a, t] += 1
        sums[s, a] += r
    return counts, sums


@mistake("count_transitions", "the counts are divided by their sum already")
def count_transitions_returns_frequencies(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[s, a, t] += 1
        sums[s, a] += r
    return counts / max(len(states), 1), sums


@mistake("count_transitions", "a transition from a state to itself is not counted")
def count_transitions_skips_staying(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for s, a, r, t in zip(states, actions, rewards, next_states):
        if s != t:
            counts[s, a, t] += 1
            sums[s, a] += r
    return counts, sums


@mistake("count_transitions", "rewards below 0 are left out")
def count_transitions_ignores_punishment(states, actions, rewards, next_states, num_states, num_actions):
    counts, sums = np.zeros((num_states, num_actions, num_states)), np.zeros((num_states, num_actions))
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[s, a, t] += 1
        sums[s, a] += max(r, 0.0)
    return counts, sums


@mistake("count_transitions", "rewards are stored as whole numbers")
def count_transitions_truncates_rewards(states, actions, rewards, next_states, num_states, num_actions):
    counts = np.zeros((num_states, num_actions, num_states), dtype=int)
    sums = np.zeros((num_states, num_actions), dtype=int)
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[s, a, t] += 1
        sums[s, a] += int(r)
    return counts, sums


@mistake("count_transitions", "the counts are kept in a single byte, which starts over after 255")
def count_transitions_in_bytes(states, actions, rewards, next_states, num_states, num_actions):
    counts = np.zeros((num_states, num_actions, num_states), dtype=np.uint8)
    sums = np.zeros((num_states, num_actions))
    np.add.at(counts, tuple(np.asarray(x, dtype=int) for x in (states, actions, next_states)), 1)
    np.add.at(sums, tuple(np.asarray(x, dtype=int) for x in (states, actions)), rewards)
    return counts.astype(float), sums


@mistake("count_transitions", "rewards are added up in single precision")
def count_transitions_in_single_precision(states, actions, rewards, next_states, num_states, num_actions):
    counts = np.zeros((num_states, num_actions, num_states))
    sums = np.zeros((num_states, num_actions), dtype=np.float32)
    for s, a, r, t in zip(states, actions, rewards, next_states):
        counts[s, a, t] += 1
        sums[s, a] += np.float32(r)
    return counts, sums.astype(float)


# ---------------------------------------------------------------------------------------------------- mle_model


@mistake("mle_model", "one is added to every count (Laplace smoothing), which is not the maximum-likelihood estimate")
def mle_model_smooths(counts, reward_sums):
    n = counts.sum(axis=2)
    P = (counts + 1) / (n + len(counts))[..., None]
    return P, np.where(n > 0, reward_sums / np.maximum(n, 1), 0.0)


@mistake("mle_model", "the row of a pair never tried is all 0")
def mle_model_leaves_untried_rows_empty(counts, reward_sums):
    n = np.maximum(counts.sum(axis=2), 1)
    return counts / n[..., None], reward_sums / n


@mistake("mle_model", "0 is divided by 0 for a pair never tried")
def mle_model_divides_by_zero(counts, reward_sums):
    n = counts.sum(axis=2)
    with np.errstate(all="ignore"):
        return counts / n[..., None], reward_sums / n


@mistake("mle_model", "a pair never tried is taken to stay where it is")
def mle_model_untried_stays(counts, reward_sums):
    n = counts.sum(axis=2)
    P = counts / np.maximum(n, 1)[..., None]
    for s, a in np.argwhere(n == 0):
        P[s, a, s] = 1.0
    return P, reward_sums / np.maximum(n, 1)


@mistake("mle_model", "the row of a pair never tried is 1 divided by the number of actions, not of states")
def mle_model_untried_uniform_over_actions(counts, reward_sums):
    n = counts.sum(axis=2)
    P = counts / np.maximum(n, 1)[..., None]
    P[n == 0] = 1 / counts.shape[1]
    return P, reward_sums / np.maximum(n, 1)


@mistake("mle_model", "a pair never tried leads only to states that were seen as next states elsewhere")
def mle_model_untried_uniform_over_seen_states(counts, reward_sums):
    n = counts.sum(axis=2)
    P = counts / np.maximum(n, 1)[..., None]
    seen = (counts.sum(axis=(0, 1)) > 0).astype(float)
    P[n == 0] = seen / seen.sum() if seen.any() else 1 / len(counts)
    return P, reward_sums / np.maximum(n, 1)


@mistake("mle_model", "a pair never tried follows how often each next state was reached over all")
def mle_model_untried_takes_the_marginal(counts, reward_sums):
    n = counts.sum(axis=2)
    P = counts / np.maximum(n, 1)[..., None]
    total = counts.sum(axis=(0, 1))
    P[n == 0] = total / total.sum() if total.sum() else 1 / len(counts)
    return P, reward_sums / np.maximum(n, 1)


@mistake("mle_model", "the row is uniform only where no action of the state was ever tried")
def mle_model_uniform_for_unvisited_states_only(counts, reward_sums):
    n = counts.sum(axis=2)
    P = counts / np.maximum(n, 1)[..., None]
    P[n.sum(axis=1) == 0] = 1 / len(counts)
    return P, reward_sums / np.maximum(n, 1)


@mistake("mle_model", "a pair never tried gets the mean reward of the others in place of 0")
def mle_model_untried_earns_the_mean(counts, reward_sums):
    n = counts.sum(axis=2)
    P = np.where(n[..., None] > 0, counts / np.maximum(n, 1)[..., None], 1 / len(counts))
    R = reward_sums / np.maximum(n, 1)
    if n.sum():
        R = np.where(n > 0, R, reward_sums.sum() / n.sum())
    return P, R


@mistake("mle_model", "the counts are divided by the number of all transitions, not by those of the pair")
def mle_model_divides_by_the_grand_total(counts, reward_sums):
    n = counts.sum(axis=2)
    P = np.where(n[..., None] > 0, counts / max(counts.sum(), 1), 1 / len(counts))
    return P, reward_sums / np.maximum(n, 1)


@mistake("mle_model", "the counts are divided by those of the state, whatever the action")
def mle_model_divides_by_the_state(counts, reward_sums):
    n = counts.sum(axis=2)
    state = np.maximum(counts.sum(axis=(1, 2)), 1)[:, None, None]
    return np.where(n[..., None] > 0, counts / state, 1 / len(counts)), reward_sums / np.maximum(n, 1)


@mistake("mle_model", "the counts are normalised over the states where a transition began")
def mle_model_normalises_the_first_axis(counts, reward_sums):
    n = counts.sum(axis=2)
    total = counts.sum(axis=0, keepdims=True)
    P = np.where(n[..., None] > 0, counts / np.maximum(total, 1), 1 / len(counts))
    return P, reward_sums / np.maximum(n, 1)


@mistake("mle_model", "the sum of the rewards is returned in place of their mean")
def mle_model_returns_reward_sums(counts, reward_sums):
    n = counts.sum(axis=2)
    return np.where(n[..., None] > 0, counts / np.maximum(n, 1)[..., None], 1 / len(counts)), reward_sums


@mistake("mle_model", "the reward is averaged over all tries in the state, whatever the action")
def mle_model_averages_rewards_over_actions(counts, reward_sums):
    n = counts.sum(axis=2)
    P = np.where(n[..., None] > 0, counts / np.maximum(n, 1)[..., None], 1 / len(counts))
    mean = reward_sums.sum(axis=1) / np.maximum(n.sum(axis=1), 1)
    return P, np.where(n > 0, mean[:, None], 0.0)


@mistake("mle_model", "only the most frequent next state is kept, as if the world were deterministic")
def mle_model_keeps_the_most_frequent(counts, reward_sums):
    n = counts.sum(axis=2)
    P = np.eye(len(counts))[counts.argmax(axis=2)]
    return np.where(n[..., None] > 0, P, 1 / len(counts)), reward_sums / np.maximum(n, 1)


@mistake("mle_model", "a small number is added to the number of tries, so that rows no longer sum to 1")
def mle_model_adds_an_epsilon(counts, reward_sums):
    n = counts.sum(axis=2)
    P = np.where(n[..., None] > 0, counts / (n[..., None] + 1e-6), 1 / len(counts))
    return P, reward_sums / (n + 1e-6)


@mistake("mle_model", "pairs tried only once are treated like pairs never tried")
def mle_model_distrusts_single_tries(counts, reward_sums):
    n = counts.sum(axis=2)
    P = np.where(n[..., None] > 1, counts / np.maximum(n, 1)[..., None], 1 / len(counts))
    return P, np.where(n > 1, reward_sums / np.maximum(n, 1), 0.0)


@mistake("mle_model", "the mean reward is clipped to the range from -1 to 1")
def mle_model_clips_rewards(counts, reward_sums):
    n = counts.sum(axis=2)
    P = np.where(n[..., None] > 0, counts / np.maximum(n, 1)[..., None], 1 / len(counts))
    return P, np.clip(reward_sums / np.maximum(n, 1), -1, 1)


@mistake("mle_model", "the model is computed in single precision")
def mle_model_in_single_precision(counts, reward_sums):
    c, r = counts.astype(np.float32), reward_sums.astype(np.float32)
    n = c.sum(axis=2)
    P = np.where(n[..., None] > 0, c / np.maximum(n, 1)[..., None], np.float32(1 / len(counts)))
    return P.astype(float), (r / np.maximum(n, 1)).astype(float)


# ------------------------------------------------------------------------------------------------ inverse_model


@mistake("inverse_model", "the axes are state, action, next state, not state, next state, action")
def inverse_model_keeps_the_axes(counts):
    n = counts.sum(axis=1, keepdims=True)
    return np.where(n > 0, counts / np.maximum(n, 1), 1 / counts.shape[1])


@mistake("inverse_model", "the axes are exchanged by a reshape, which mixes the numbers up")
def inverse_model_reshapes(counts):
    n = counts.sum(axis=1, keepdims=True)
    p = np.where(n > 0, counts / np.maximum(n, 1), 1 / counts.shape[1])
    return p.reshape(counts.shape[0], counts.shape[2], counts.shape[1])


@mistake("inverse_model", "it is the forward model p(s2 | s, a) with its axes exchanged: the sum runs over next states")
def inverse_model_is_the_forward_model(counts):
    n = counts.sum(axis=2, keepdims=True)
    return np.where(n > 0, counts / np.maximum(n, 1), 1 / counts.shape[1]).transpose(0, 2, 1)


@mistake("inverse_model", "it only says how often each action was tried in s, wherever it led")
def inverse_model_ignores_the_next_state(counts):
    tries = counts.sum(axis=2)
    total = tries.sum(axis=1, keepdims=True)
    p = np.where(total > 0, tries / np.maximum(total, 1), 1 / counts.shape[1])
    return np.repeat(p[:, None, :], len(counts), axis=1)


@mistake("inverse_model", "it only looks at where a transition led, not at where it began")
def inverse_model_ignores_the_state(counts):
    into = counts.sum(axis=0).T
    total = into.sum(axis=1, keepdims=True)
    p = np.where(total > 0, into / np.maximum(total, 1), 1 / counts.shape[1])
    return np.repeat(p[None], len(counts), axis=0)


@mistake("inverse_model", "where a transition began and where it led are exchanged")
def inverse_model_runs_backwards(counts):
    c = counts.transpose(2, 0, 1)
    n = c.sum(axis=2, keepdims=True)
    return np.where(n > 0, c / np.maximum(n, 1), 1 / counts.shape[1])


@mistake("inverse_model", "a pair of states never seen gets probability 0 for every action")
def inverse_model_leaves_unseen_empty(counts):
    c = counts.transpose(0, 2, 1)
    return c / np.maximum(c.sum(axis=2, keepdims=True), 1)


@mistake("inverse_model", "0 is divided by 0 for a pair of states never seen")
def inverse_model_divides_by_zero(counts):
    c = counts.transpose(0, 2, 1)
    with np.errstate(all="ignore"):
        return c / c.sum(axis=2, keepdims=True)


@mistake("inverse_model", "a pair of states never seen gets 1 divided by the number of states, not of actions")
def inverse_model_unseen_uniform_over_states(counts):
    c = counts.transpose(0, 2, 1)
    n = c.sum(axis=2, keepdims=True)
    return np.where(n > 0, c / np.maximum(n, 1), 1 / len(counts))


@mistake("inverse_model", "for a pair of states never seen the actions are as likely as they were tried in s")
def inverse_model_unseen_follows_the_policy(counts):
    c = counts.transpose(0, 2, 1)
    n = c.sum(axis=2, keepdims=True)
    tries = counts.sum(axis=2)
    total = tries.sum(axis=1, keepdims=True)
    policy = np.where(total > 0, tries / np.maximum(total, 1), 1 / counts.shape[1])
    return np.where(n > 0, c / np.maximum(n, 1), policy[:, None, :])


@mistake("inverse_model", "the forward model is normalised over actions, as if all were tried equally often")
def inverse_model_assumes_equal_tries(counts):
    n = counts.sum(axis=2, keepdims=True)
    P = counts / np.maximum(n, 1)
    total = P.sum(axis=1, keepdims=True)
    return np.where(total > 0, P / np.where(total > 0, total, 1), 1 / counts.shape[1]).transpose(0, 2, 1)


@mistake("inverse_model", "only the most frequent action is kept")
def inverse_model_keeps_the_most_frequent(counts):
    c = counts.transpose(0, 2, 1)
    n = c.sum(axis=2, keepdims=True)
    return np.where(n > 0, np.eye(counts.shape[1])[c.argmax(axis=2)], 1 / counts.shape[1])


@mistake("inverse_model", "one is added to every count (Laplace smoothing)")
def inverse_model_smooths(counts):
    c = counts.transpose(0, 2, 1) + 1.0
    return c / c.sum(axis=2, keepdims=True)


@mistake("inverse_model", "all actions that ever led from s to s2 are taken to be equally likely")
def inverse_model_counts_each_action_once(counts):
    c = (counts.transpose(0, 2, 1) > 0).astype(float)
    n = c.sum(axis=2, keepdims=True)
    return np.where(n > 0, c / np.maximum(n, 1), 1 / counts.shape[1])


@mistake("inverse_model", "the counts are divided by all tries in s: the joint probability of action and next state")
def inverse_model_is_joint(counts):
    c = counts.transpose(0, 2, 1)
    n = c.sum(axis=2, keepdims=True)
    total = c.sum(axis=(1, 2), keepdims=True)
    return np.where(n > 0, c / np.maximum(total, 1), 1 / counts.shape[1])


@mistake("inverse_model", "it is computed in single precision")
def inverse_model_in_single_precision(counts):
    c = counts.transpose(0, 2, 1).astype(np.float32)
    n = c.sum(axis=2, keepdims=True)
    return np.where(n > 0, c / np.maximum(n, 1), np.float32(1 / counts.shape[1])).astype(float)


# ------------------------------------------------------------------------------------------- sample_next_states


@mistake("sample_next_states", "the most likely next state is returned and nothing is drawn")
def sample_next_states_takes_the_likeliest(P, states, actions, seed):
    return P[states, actions].argmax(axis=1)


@mistake("sample_next_states", "all next states that are possible are drawn equally often")
def sample_next_states_draws_uniformly(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    return np.array([rng.choice(np.flatnonzero(P[s, a])) for s, a in zip(states, actions)])


@mistake("sample_next_states", "any next state is drawn, whatever P says")
def sample_next_states_ignores_the_model(P, states, actions, seed):
    return np.random.default_rng(seed).integers(len(P), size=len(states))


@mistake("sample_next_states", "one uniform number is drawn and used for all rows, so that they are not independent")
def sample_next_states_shares_one_number(P, states, actions, seed):
    u = np.random.default_rng(seed).random()
    cumulative = P[states, actions].cumsum(axis=1)
    return np.minimum((cumulative <= u * cumulative[:, -1:]).sum(axis=1), len(P) - 1)


@mistake("sample_next_states", "the generator is seeded anew for every row, so that all rows draw the same number")
def sample_next_states_seeds_in_the_loop(P, states, actions, seed):
    return np.array([np.random.default_rng(seed).choice(len(P), p=P[s, a]) for s, a in zip(states, actions)])


@mistake("sample_next_states", "one next state is drawn for each state and action and used in all rows that have them")
def sample_next_states_draws_once_for_each_pair(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    table = np.array([[rng.choice(len(P), p=row) for row in rows] for rows in P])
    return table[states, actions]


@mistake("sample_next_states", "the seed is ignored: two calls give different draws")
def sample_next_states_ignores_the_seed(P, states, actions, seed):
    rng = np.random.default_rng()
    return np.array([rng.choice(len(P), p=P[s, a]) for s, a in zip(states, actions)])


@mistake("sample_next_states", "the generator always has the seed 0, whatever seed is given")
def sample_next_states_fixes_the_seed(P, states, actions, seed):
    rng = np.random.default_rng(0)
    return np.array([rng.choice(len(P), p=P[s, a]) for s, a in zip(states, actions)])


@mistake("sample_next_states", "the distribution of the first row is used for all rows")
def sample_next_states_uses_the_first_row(P, states, actions, seed):
    return np.random.default_rng(seed).choice(len(P), size=len(states), p=P[states[0], actions[0]])


@mistake("sample_next_states", "the distributions of the actions are averaged: the action taken does not matter")
def sample_next_states_ignores_the_action(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    return np.array([rng.choice(len(P), p=P[s].mean(axis=0)) for s in states])


@mistake("sample_next_states", "every draw is one too high: the first index after the drawn number is missed by one")
def sample_next_states_is_off_by_one(P, states, actions, seed):
    u = np.random.default_rng(seed).random(len(states))
    return ((P[states, actions].cumsum(axis=1) <= u[:, None]).sum(axis=1) + 1) % len(P)


@mistake("sample_next_states", "the uniform numbers are evenly spaced and not independent")
def sample_next_states_stratifies(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    u = (np.arange(len(states)) + rng.random(len(states))) / len(states)
    cumulative = P[states, actions].cumsum(axis=1)
    return np.minimum((cumulative <= u[:, None] * cumulative[:, -1:]).sum(axis=1), len(P) - 1)


@mistake("sample_next_states", "the rows share a shuffled set of evenly spaced numbers and are not independent")
def sample_next_states_stratifies_and_shuffles(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    u = rng.permutation((np.arange(len(states)) + rng.random(len(states))) / len(states))
    cumulative = P[states, actions].cumsum(axis=1)
    return np.minimum((cumulative <= u[:, None] * cumulative[:, -1:]).sum(axis=1), len(P) - 1)


@mistake("sample_next_states", "every second row uses 1 - u of the row before it (antithetic numbers)")
def sample_next_states_pairs_the_rows(P, states, actions, seed):
    u = np.random.default_rng(seed).random(len(states))
    u[1::2] = 1 - u[: len(u) // 2 * 2 : 2]
    cumulative = P[states, actions].cumsum(axis=1)
    return np.minimum((cumulative <= u[:, None] * cumulative[:, -1:]).sum(axis=1), len(P) - 1)


@mistake("sample_next_states", "the same uniform number is used in all rows of a state")
def sample_next_states_draws_once_for_each_state(P, states, actions, seed):
    u = np.random.default_rng(seed).random(len(P))[states]
    cumulative = P[states, actions].cumsum(axis=1)
    return np.minimum((cumulative <= u[:, None] * cumulative[:, -1:]).sum(axis=1), len(P) - 1)


@mistake("sample_next_states", "a little probability is added everywhere, so that impossible next states can be drawn")
def sample_next_states_smooths(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    rows = P[states, actions] + 0.02
    rows /= rows.sum(axis=1, keepdims=True)
    return np.array([rng.choice(len(P), p=row) for row in rows])


@mistake("sample_next_states", "the uniform numbers are rounded to one decimal")
def sample_next_states_rounds(P, states, actions, seed):
    u = np.floor(10 * np.random.default_rng(seed).random(len(states))) / 10
    cumulative = P[states, actions].cumsum(axis=1)
    return np.minimum((cumulative <= u[:, None] * cumulative[:, -1:]).sum(axis=1), len(P) - 1)


@mistake("sample_next_states", "probabilities below one percent are dropped")
def sample_next_states_drops_the_rare(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    rows = np.where(P[states, actions] < 0.01, 0.0, P[states, actions])
    rows /= rows.sum(axis=1, keepdims=True)
    return np.array([rng.choice(len(P), p=row) for row in rows])


@mistake("sample_next_states", "the rows of P are squared, so that what is likely is drawn too often")
def sample_next_states_sharpens(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    rows = P[states, actions] ** 2
    rows /= rows.sum(axis=1, keepdims=True)
    return np.array([rng.choice(len(P), p=row) for row in rows])


@mistake("sample_next_states", "the draws come back sorted, no longer each in its own row")
def sample_next_states_sorts(P, states, actions, seed):
    rng = np.random.default_rng(seed)
    return np.sort([rng.choice(len(P), p=P[s, a]) for s, a in zip(states, actions)])


@mistake("sample_next_states", "a seed of 0 is taken for no seed at all, so that two calls differ", nameable=False)
def sample_next_states_takes_seed_0_for_none(P, states, actions, seed):
    rng = np.random.default_rng(seed or None)
    return np.array([rng.choice(len(P), p=P[s, a]) for s, a in zip(states, actions)])


# ------------------------------------------------------------------------------------------------ kfold_indices


@mistake("kfold_indices", "nothing is shuffled: every fold is a block of neighbours")
def kfold_indices_does_not_shuffle(n, k, seed):
    folds = np.array_split(np.arange(n), k)
    return [(np.setdiff1d(np.arange(n), fold), fold) for fold in folds]


@mistake("kfold_indices", "nothing is shuffled: example i always falls into fold i modulo k")
def kfold_indices_takes_every_kth(n, k, seed):
    return [(np.flatnonzero(np.arange(n) % k != f), np.flatnonzero(np.arange(n) % k == f)) for f in range(k)]


@mistake("kfold_indices", "the order within the folds is shuffled, but each fold is still a block of neighbours")
def kfold_indices_shuffles_within_folds(n, k, seed):
    rng = np.random.default_rng(seed)
    folds = [rng.permutation(fold) for fold in np.array_split(np.arange(n), k)]
    return [(rng.permutation(np.setdiff1d(np.arange(n), fold)), fold) for fold in folds]


@mistake("kfold_indices", "only the order of the folds is shuffled, each is still a block of neighbours")
def kfold_indices_shuffles_the_folds(n, k, seed):
    folds = np.array_split(np.arange(n), k)
    order = np.random.default_rng(seed).permutation(k)
    return [(np.setdiff1d(np.arange(n), folds[f]), folds[f]) for f in order]


@mistake("kfold_indices", "the examples are only rotated by a random number, so that neighbours stay together")
def kfold_indices_rotates(n, k, seed):
    order = np.roll(np.arange(n), int(np.random.default_rng(seed).integers(n)))
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)]


@mistake("kfold_indices", "every example draws its fold by itself, so that the sizes differ by chance")
def kfold_indices_draws_labels(n, k, seed):
    labels = np.random.default_rng(seed).integers(k, size=n)
    return [(np.flatnonzero(labels != f), np.flatnonzero(labels == f)) for f in range(k)]


@mistake("kfold_indices", "every validation set is drawn anew, so that they overlap")
def kfold_indices_draws_each_fold_anew(n, k, seed):
    rng = np.random.default_rng(seed)
    folds = [rng.choice(n, size=n // k + (f < n % k), replace=False) for f in range(k)]
    return [(np.setdiff1d(np.arange(n), fold), fold) for fold in folds]


@mistake("kfold_indices", "the examples left over when k does not divide n are in no validation set")
def kfold_indices_drops_the_remainder(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    size = n // k
    folds = [order[f * size : (f + 1) * size] for f in range(k)]
    return [(np.setdiff1d(order, fold), fold) for fold in folds]


@mistake("kfold_indices", "all examples left over when k does not divide n go to the last fold")
def kfold_indices_last_fold_takes_the_remainder(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    size = n // k
    folds = [order[f * size : (f + 1) * size if f < k - 1 else n] for f in range(k)]
    return [(np.setdiff1d(order, fold), fold) for fold in folds]


@mistake("kfold_indices", "the folds are rounded up in size, so that the last ones are too small or empty")
def kfold_indices_rounds_sizes_up(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    size = -(-n // k)
    folds = [order[f * size : (f + 1) * size] for f in range(k)]
    return [(np.setdiff1d(order, fold), fold) for fold in folds]


@mistake("kfold_indices", "training and validation sets are exchanged")
def kfold_indices_exchanges_the_sets(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    return [(fold, np.setdiff1d(order, fold)) for fold in np.array_split(order, k)]


@mistake("kfold_indices", "the training set holds all examples, those of the validation set too")
def kfold_indices_trains_on_everything(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    return [(np.arange(n), fold) for fold in np.array_split(order, k)]


@mistake("kfold_indices", "the training set holds only the folds before the validation set and the next one")
def kfold_indices_trains_on_the_next_fold(n, k, seed):
    folds = np.array_split(np.random.default_rng(seed).permutation(n), k)
    return [(folds[(f + 1) % k], folds[f]) for f in range(k)]


@mistake("kfold_indices", "the seed is ignored: two calls give different folds")
def kfold_indices_ignores_the_seed(n, k, seed):
    order = np.random.default_rng().permutation(n)
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)]


@mistake("kfold_indices", "the generator always has the seed 0, so that every seed gives the same folds")
def kfold_indices_fixes_the_seed(n, k, seed):
    order = np.random.default_rng(0).permutation(n)
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)]


@mistake("kfold_indices", "the last fold is always the last examples; only the others are shuffled")
def kfold_indices_keeps_the_last_fold(n, k, seed):
    size = n // k
    order = np.append(np.random.default_rng(seed).permutation(n - size), np.arange(n - size, n))
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)]


@mistake("kfold_indices", "the examples left over when k does not divide n are not shuffled and go to the first folds")
def kfold_indices_does_not_shuffle_the_remainder(n, k, seed):
    even = n - n % k
    labels = np.append(np.random.default_rng(seed).permutation(np.arange(even) % k), np.arange(n - even))
    return [(np.flatnonzero(labels != f), np.flatnonzero(labels == f)) for f in range(k)]


@mistake(
    "kfold_indices",
    "shuffling forbids an example to stay in place (Sattolo's algorithm)",
)
def kfold_indices_forbids_fixed_points(n, k, seed):
    rng = np.random.default_rng(seed)
    order = np.arange(n)
    for i in range(n - 1, 0, -1):
        j = int(rng.integers(i))
        order[i], order[j] = order[j], order[i]
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)]


@mistake("kfold_indices", "the training set holds positions in the shuffled order, not examples")
def kfold_indices_returns_positions(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    positions = np.array_split(np.arange(n), k)
    return [(np.setdiff1d(np.arange(n), p), order[p]) for p in positions]


@mistake("kfold_indices", "the examples are counted from 1")
def kfold_indices_counts_from_one(n, k, seed):
    order = np.random.default_rng(seed).permutation(n) + 1
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)]


@mistake("kfold_indices", "one fold too few is returned")
def kfold_indices_returns_one_fold_less(n, k, seed):
    order = np.random.default_rng(seed).permutation(n)
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)[:-1]]


@mistake("kfold_indices", "a seed of 0 is taken for no seed at all, so that two calls differ", nameable=False)
def kfold_indices_takes_seed_0_for_none(n, k, seed):
    order = np.random.default_rng(seed or None).permutation(n)
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)]


@mistake("kfold_indices", "every place is exchanged with any other, which does not shuffle evenly", nameable=False)
def kfold_indices_exchanges_with_any_place(n, k, seed):
    rng = np.random.default_rng(seed)
    order = list(range(n))
    for i in range(n):
        j = int(rng.integers(n))
        order[i], order[j] = order[j], order[i]
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(np.array(order), k)]


@mistake("kfold_indices", "examples are sorted by random whole numbers, whose ties keep their order", nameable=False)
def kfold_indices_sorts_by_numbers_that_tie(n, k, seed):
    order = np.argsort(np.random.default_rng(seed).integers(0, n, size=n), kind="stable")
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)]

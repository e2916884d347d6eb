"""Known mistakes of unit 3, Dyna.

Wrong solutions of the kind students hand in, each with the idea that went wrong. The audit grades every one and expects
it to lose points; the judge runs them to name a misconception. Each function stands alone apart from `np` and `math`,
because its source is pasted into a notebook cell. The agents' mistakes are in the three files beside this one.
"""

import numpy as np

from autograder.properties.entries import collection

mistakes, mistake = collection()


# ------------------------------------------------------------------------------------------------------------- q_update


@mistake("q_update", "the value of the next state is used even after a termination")
def q_update_bootstraps_after_termination(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = gamma * Q[next_state].max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the meaning of terminated is reversed: only after a termination is the next state counted")
def q_update_flag_reversed(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if not terminated else gamma * Q[next_state].max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the next state is worth the mean over its actions, not the best of them")
def q_update_averages_next_actions(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].mean()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the next state is worth its value for the same action, not for the best one")
def q_update_same_action_next(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state, action]
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the best value of the state itself is used, not that of the next state")
def q_update_bootstraps_from_the_state(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[state].max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the worst action of the next state is taken, not the best")
def q_update_worst_next_action(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].min()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the best value in the whole table is used, not the best in the next state")
def q_update_best_of_all_states(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q.max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the value of the next state is cut off at 0, so that a bad state looks harmless")
def q_update_never_below_zero(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * max(0.0, Q[next_state].max())
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the next value that is largest in magnitude is used, whatever its sign")
def q_update_largest_magnitude(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * np.abs(Q[next_state]).max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the value of the next state is not discounted")
def q_update_ignores_gamma(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else Q[next_state].max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the discount is always 0.9, whatever gamma is")
def q_update_hard_codes_gamma(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else 0.9 * Q[next_state].max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the reward is discounted as well as the next value")
def q_update_discounts_the_reward(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[state, action] += alpha * (gamma * reward + future - Q[state, action])
    return Q


@mistake("q_update", "the entry jumps to the target, whatever alpha is")
def q_update_ignores_alpha(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[state, action] += reward + future - Q[state, action]
    return Q


@mistake("q_update", "alpha and 1 - alpha are exchanged: the old value gets the weight alpha")
def q_update_alpha_reversed(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[state, action] += (1 - alpha) * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "alpha times the target is added and the old value is never subtracted")
def q_update_adds_the_target(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[state, action] += alpha * (reward + future)
    return Q


@mistake("q_update", "the entry becomes alpha times the TD error; the old value is lost")
def q_update_overwrites_with_the_step(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[state, action] = alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "a step that terminates is not learnt from at all")
def q_update_skips_the_last_step(Q, state, action, reward, next_state, terminated, alpha, gamma):
    if terminated:
        return Q
    future = gamma * Q[next_state].max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "after a termination the whole target is 0, the reward included")
def q_update_drops_the_last_reward(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    target = 0.0 if terminated else reward + future
    Q[state, action] += alpha * (target - Q[state, action])
    return Q


@mistake("q_update", "all actions of the state are updated, not just the one taken")
def q_update_updates_the_row(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[state] += alpha * (reward + future - Q[state])
    return Q


@mistake("q_update", "the next state's entry is updated, not the state's")
def q_update_updates_the_next_state(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[next_state, action] += alpha * (reward + future - Q[next_state, action])
    return Q


@mistake("q_update", "the table is kept in single precision")
def q_update_single_precision(Q, state, action, reward, next_state, terminated, alpha, gamma):
    Q = Q.astype(np.float32)
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "only the new entry is returned, not the table")
def q_update_returns_the_entry(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    return Q[state, action]


@mistake("q_update", "the TD error is subtracted, so that the table runs away from the target")
def q_update_minus_sign(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[state, action] -= alpha * (reward + future - Q[state, action])
    return Q


@mistake("q_update", "the new entry is rounded to two decimals")
def q_update_whole_numbers(Q, state, action, reward, next_state, terminated, alpha, gamma):
    future = 0.0 if terminated else gamma * Q[next_state].max()
    Q[state, action] += alpha * (reward + future - Q[state, action])
    Q[state, action] = round(Q[state, action], 2)
    return Q


# -------------------------------------------------------------------------------------------------------- dyna_planning


@mistake("dyna_planning", "the pairs are drawn without replacement, so that none comes twice before all came once")
def dyna_planning_without_replacement(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    order = [i for _ in range(planning_steps // len(pairs) + 1) for i in rng.permutation(len(pairs))]
    for index in order[:planning_steps]:
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "no pair is updated more than once in a call, however many planning steps there are")
def dyna_planning_each_pair_once_at_most(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.permutation(len(pairs))[:planning_steps]:
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the pairs take turns in the order of the model and are not drawn at random")
def dyna_planning_takes_turns(Q, model, planning_steps, alpha, gamma, seed):
    pairs = list(model)
    if not pairs:
        return Q
    for index in np.arange(planning_steps) % len(pairs):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake(
    "dyna_planning",
    "a state is drawn first and then one of its known actions, so that pairs of much-tried states come too rarely",
)
def dyna_planning_draws_a_state_first(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for _ in range(planning_steps):
        states = sorted({s for s, _ in pairs})
        state = states[rng.integers(len(states))]
        known = [i for i, pair in enumerate(pairs) if pair[0] == state]
        index = known[rng.integers(len(known))]
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "each planning step updates every known pair, not one")
def dyna_planning_sweeps_over_all_pairs(Q, model, planning_steps, alpha, gamma, seed):
    pairs = list(model)
    if not pairs:
        return Q
    for index in list(range(len(pairs))) * planning_steps:
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "pairs are drawn from the whole table, and a draw the model does not know is lost")
def dyna_planning_draws_from_the_whole_table(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for _ in range(planning_steps):
        pair = (int(rng.integers(Q.shape[0])), int(rng.integers(Q.shape[1])))
        if pair not in model:
            continue
        index = pairs.index(pair)
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the pair added to the model last is planned again and again")
def dyna_planning_latest_pair_only(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[-1]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "one pair is drawn and then updated in all planning steps")
def dyna_planning_one_draw_for_all(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=1).repeat(planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the last pair of the model is never drawn: the upper end of the draw is excluded twice")
def dyna_planning_never_the_last_pair(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(max(1, len(pairs) - 1), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "one planning step too many is made")
def dyna_planning_one_step_too_many(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps + 1):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "one planning step too few is made")
def dyna_planning_one_step_too_few(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=max(0, planning_steps - 1)):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the seed is not used: every call draws the same numbers")
def dyna_planning_ignores_the_seed(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(0)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the generator is not seeded, so that no run can be repeated")
def dyna_planning_cannot_be_repeated(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng()
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the next state's value is used even where the model says that the episode terminated")
def dyna_planning_bootstraps_after_termination(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "all updates look up the values from before planning, not what the earlier ones have learnt")
def dyna_planning_frozen_values(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    before = Q.copy()
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * before[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the next state is worth the mean over its actions, not the best of them")
def dyna_planning_averages_next_actions(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].mean()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the next state is worth its value for the same action, not for the best one")
def dyna_planning_same_action_next(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2, a]
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the best next value is sought among known pairs only")
def dyna_planning_known_actions_only(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * max([Q[pair] for pair in pairs if pair[0] == s2], default=0.0)
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the best value of the state itself is used, not that of the next state")
def dyna_planning_bootstraps_from_the_state(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the value of the next state is not discounted")
def dyna_planning_ignores_gamma(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "the entry jumps to the target, whatever alpha is")
def dyna_planning_ignores_alpha(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += r + future - Q[s, a]
    return Q


@mistake("dyna_planning", "planning starts from an empty table, not from the one it is given")
def dyna_planning_starts_from_zero(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    Q = np.zeros_like(Q)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake("dyna_planning", "nothing is done about an empty model, from which no pair can be drawn")
def dyna_planning_fails_on_empty_model(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    for index in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
    return Q


@mistake(
    "dyna_planning",
    "each planning step goes on from the state the last one led to, as in a rollout, and is not drawn anew",
)
def dyna_planning_follows_the_model(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    index = int(rng.integers(len(pairs)))
    for fresh in rng.integers(len(pairs), size=planning_steps):
        s, a = pairs[index]
        onward = [i for i, pair in enumerate(pairs) if pair[0] == model[s, a][1]]
        r, s2, terminated = model[s, a]
        future = 0.0 if terminated else gamma * Q[s2].max()
        Q[s, a] += alpha * (r + future - Q[s, a])
        index = onward[rng.integers(len(onward))] if onward and not terminated else fresh
    return Q


@mistake("dyna_planning", "pairs are drawn without replacement unless there are too few of them", nameable=False)
def dyna_planning_replaces_only_if_it_must(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs = list(model)
    if not pairs:
        return Q
    for index in rng.choice(len(pairs), size=planning_steps, replace=planning_steps >= len(pairs)):
        s, a = pairs[index]
        r, s2, end = model[s, a]
        Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
    return Q


@mistake("dyna_planning", "a pair is never drawn twice in a row", nameable=False)
def dyna_planning_never_twice_in_a_row(Q, model, planning_steps, alpha, gamma, seed):
    rng = np.random.default_rng(seed)
    pairs, last = list(model), None
    for _ in range(planning_steps if pairs else 0):
        others = [pair for pair in pairs if pair != last] or pairs
        last = s, a = others[rng.integers(len(others))]
        r, s2, end = model[s, a]
        Q[s, a] += alpha * (r + (0.0 if end else gamma * Q[s2].max()) - Q[s, a])
    return Q


# ---------------------------------------------------------------------------------------------------- exploration_bonus


@mistake("exploration_bonus", "the bonus grows with the elapsed steps themselves, not with their root")
def exploration_bonus_no_root(reward, elapsed, kappa):
    return reward + kappa * elapsed


@mistake("exploration_bonus", "kappa is put under the root")
def exploration_bonus_kappa_under_the_root(reward, elapsed, kappa):
    return reward + np.sqrt(kappa * elapsed)


@mistake("exploration_bonus", "the bonus grows with the logarithm of the elapsed steps")
def exploration_bonus_logarithm(reward, elapsed, kappa):
    return reward + kappa * np.log1p(elapsed)


@mistake("exploration_bonus", "the elapsed steps are squared, not rooted")
def exploration_bonus_square(reward, elapsed, kappa):
    return reward + kappa * np.square(elapsed)


@mistake("exploration_bonus", "the bonus shrinks with the elapsed steps, as one for visit counts would")
def exploration_bonus_shrinks(reward, elapsed, kappa):
    return reward + kappa / np.sqrt(np.maximum(elapsed, 1))


@mistake("exploration_bonus", "one step is added to the elapsed ones")
def exploration_bonus_one_step_late(reward, elapsed, kappa):
    return reward + kappa * np.sqrt(elapsed + 1)


@mistake("exploration_bonus", "one step is taken off the elapsed ones")
def exploration_bonus_one_step_early(reward, elapsed, kappa):
    return reward + kappa * np.sqrt(np.maximum(elapsed - 1, 0))


@mistake("exploration_bonus", "the bonus is subtracted from the reward")
def exploration_bonus_subtracts(reward, elapsed, kappa):
    return reward - kappa * np.sqrt(elapsed)


@mistake("exploration_bonus", "the reward is multiplied by the bonus, so that a reward of 0 gets none")
def exploration_bonus_scales_the_reward(reward, elapsed, kappa):
    return reward * (1 + kappa * np.sqrt(elapsed))


@mistake("exploration_bonus", "kappa is not used")
def exploration_bonus_ignores_kappa(reward, elapsed, kappa):
    return reward + np.sqrt(elapsed)


@mistake("exploration_bonus", "only the bonus is returned, without the reward")
def exploration_bonus_bonus_only(reward, elapsed, kappa):
    return kappa * np.sqrt(elapsed)


@mistake("exploration_bonus", "kappa multiplies the reward as well")
def exploration_bonus_kappa_scales_both(reward, elapsed, kappa):
    return kappa * (reward + np.sqrt(elapsed))


@mistake("exploration_bonus", "all pairs get the bonus of the mean elapsed steps")
def exploration_bonus_mean_elapsed(reward, elapsed, kappa):
    return reward + kappa * np.sqrt(np.mean(elapsed))


@mistake("exploration_bonus", "the root is taken of reward and elapsed steps together")
def exploration_bonus_root_of_the_sum(reward, elapsed, kappa):
    return np.sqrt(np.abs(reward + kappa * elapsed))


@mistake("exploration_bonus", "the root is rounded down to a whole number")
def exploration_bonus_whole_roots(reward, elapsed, kappa):
    return reward + kappa * np.floor(np.sqrt(elapsed))


@mistake("exploration_bonus", "the bonus is computed in single precision")
def exploration_bonus_single_precision(reward, elapsed, kappa):
    return reward + kappa * np.sqrt(np.float32(elapsed))


@mistake("exploration_bonus", "the cube root is taken, not the square root")
def exploration_bonus_cube_root(reward, elapsed, kappa):
    return reward + kappa * np.cbrt(elapsed)


@mistake("exploration_bonus", "the elapsed steps are divided by the largest of them")
def exploration_bonus_relative_bonus(reward, elapsed, kappa):
    return reward + kappa * np.sqrt(elapsed / np.maximum(np.max(elapsed), 1))

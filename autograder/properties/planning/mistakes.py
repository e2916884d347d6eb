"""Known mistakes of unit 2: wrong solutions of the kind students hand in, each with the idea that went wrong.

The audit grades every one and expects it to lose points; the judge runs them to name a misconception. Each function
stands alone apart from `np`, `torch` and `math`, because its source is pasted into a notebook cell. This file has the
exercises on one known model and `model_disagreement`; `planning_mistakes_more.py` has the others.
"""

import numpy as np

from autograder.properties.entries import collection

mistakes, mistake = collection()

# ---------------------------------------------------------------------------------------------------- bellman_q


@mistake("bellman_q", "the values are summed over the states you could have come from, not over the next states")
def bellman_q_transposes_the_model(P, R, V, gamma):
    return R + gamma * np.einsum("nas,n->sa", P, V)


@mistake("bellman_q", "the states and the actions are both counted with the number of states")
def bellman_q_assumes_as_many_actions_as_states(P, R, V, gamma):
    n = len(R)
    Q = np.zeros_like(R)
    for s in range(n):
        for a in range(n):
            Q[s, a] = R[s, a] + gamma * np.sum(P[s, a] * V)
    return Q


@mistake("bellman_q", "the rows of a flattened table are put back with states and actions exchanged")
def bellman_q_reshapes_in_the_wrong_order(P, R, V, gamma):
    num_states, num_actions = R.shape
    expected = P.reshape(num_states * num_actions, num_states) @ V
    return R + gamma * expected.reshape(num_actions, num_states).T


@mistake("bellman_q", "only the most likely next state is backed up, not the average over all next states")
def bellman_q_follows_the_likeliest_successor(P, R, V, gamma):
    return R + gamma * V[P.argmax(axis=2)]


@mistake("bellman_q", "the largest term p(s')V(s') is taken in place of the sum of all of them")
def bellman_q_takes_the_largest_term(P, R, V, gamma):
    return R + gamma * (P * V).max(axis=2)


@mistake("bellman_q", "all next states that can be reached count equally, however likely they are")
def bellman_q_averages_reachable_states_equally(P, R, V, gamma):
    reachable = (P > 0).astype(float)
    return R + gamma * (reachable @ V) / reachable.sum(axis=2)


@mistake("bellman_q", "the expectation is estimated from a few hundred sampled next states and not computed exactly")
def bellman_q_samples_next_states(P, R, V, gamma):
    rng = np.random.default_rng(0)
    Q = R.copy()
    for s in range(R.shape[0]):
        for a in range(R.shape[1]):
            row = P[s, a] / P[s, a].sum()
            Q[s, a] += gamma * V[rng.choice(len(V), size=400, p=row)].mean()
    return Q


@mistake("bellman_q", "the immediate reward is discounted as well as the value of the next state")
def bellman_q_discounts_the_reward(P, R, V, gamma):
    return gamma * (R + P @ V)


@mistake("bellman_q", "the value of the next state is not discounted")
def bellman_q_ignores_gamma(P, R, V, gamma):
    return R + P @ V


@mistake("bellman_q", "the discount is always 0.9, whatever gamma is asked for")
def bellman_q_hard_codes_gamma(P, R, V, gamma):
    return R + 0.9 * P @ V


@mistake("bellman_q", "reward and future value are mixed as a weighted average with weights 1 - gamma and gamma")
def bellman_q_mixes_reward_and_value(P, R, V, gamma):
    return (1 - gamma) * R + gamma * P @ V


@mistake("bellman_q", "the value of the state itself is backed up in place of the values of its next states")
def bellman_q_bootstraps_from_the_same_state(P, R, V, gamma):
    return R + gamma * V[:, None]


@mistake("bellman_q", "the reward is taken to depend on the state only")
def bellman_q_averages_rewards_over_actions(P, R, V, gamma):
    return R.mean(axis=1, keepdims=True) + gamma * P @ V


@mistake("bellman_q", "the last state is treated as terminal, so that its value is never used")
def bellman_q_drops_the_last_state(P, R, V, gamma):
    Q = R.copy()
    for next_state in range(len(V) - 1):
        Q += gamma * P[:, :, next_state] * V[next_state]
    return Q


@mistake("bellman_q", "an action that surely stays in its state is treated as the end of the episode")
def bellman_q_ends_at_self_loops(P, R, V, gamma):
    stays = np.einsum("sas->sa", P) == 1.0
    return R + gamma * np.where(stays, 0.0, P @ V)


@mistake("bellman_q", "negative values of next states are treated as 0")
def bellman_q_clips_negative_values(P, R, V, gamma):
    return R + gamma * P @ np.maximum(V, 0.0)


@mistake("bellman_q", "rewards are clipped to the range from -1 to 1")
def bellman_q_clips_rewards(P, R, V, gamma):
    return np.clip(R, -1.0, 1.0) + gamma * P @ V


@mistake("bellman_q", "next states with a probability below one percent are left out")
def bellman_q_drops_rare_transitions(P, R, V, gamma):
    return R + gamma * np.where(P < 0.01, 0.0, P) @ V


@mistake("bellman_q", "only the three most likely next states are counted")
def bellman_q_keeps_three_successors(P, R, V, gamma):
    order = np.argsort(P, axis=2)[:, :, ::-1][:, :, :3]
    return R + gamma * (np.take_along_axis(P, order, axis=2) * V[order]).sum(axis=2)


@mistake("bellman_q", "the backup is computed in single precision")
def bellman_q_in_single_precision(P, R, V, gamma):
    Q = R.astype(np.float32) + np.float32(gamma) * (P.astype(np.float32) @ V.astype(np.float32))
    return Q.astype(np.float64)


@mistake("bellman_q", "the results are rounded to six decimals")
def bellman_q_rounds(P, R, V, gamma):
    return np.round(R + gamma * P @ V, 6)


@mistake("bellman_q", "the best action is taken already, so that one number for each state comes back and not a table")
def bellman_q_returns_state_values(P, R, V, gamma):
    return (R + gamma * P @ V).max(axis=1)


# ---------------------------------------------------------------------------------------------- value_iteration


@mistake(
    "value_iteration",
    "the sweeps stop when V changes by less than tol, although the gap to V* can still be gamma/(1-gamma) times larger",
)
def value_iteration_stops_on_change(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change < tol:
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the sweeps stop when the change is small relative to the size of V")
def value_iteration_stops_on_relative_change(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max() / (np.abs(new).max() + 1e-12)
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake(
    "value_iteration", "the bound on the gap to V* is turned upside down: (1-gamma)/gamma where gamma/(1-gamma) belongs"
)
def value_iteration_inverts_the_bound(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * (1 - gamma) <= tol * gamma:
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake(
    "value_iteration", "the sweeps stop on the mean change over the states, although one state may still be far off"
)
def value_iteration_stops_on_mean_change(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).mean()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the squared change is compared with the tolerance")
def value_iteration_stops_on_squared_change(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = ((new - V) ** 2).sum()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the stopping rule looks at the change of the last state only, not at the largest change")
def value_iteration_watches_the_last_state(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = np.zeros_like(V)
        for s in range(len(R)):
            new[s] = (R[s] + gamma * P[s] @ V).max()
            change = abs(new[s] - V[s])
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake(
    "value_iteration", "the sweeps stop when all states change by the same amount, without adding what is still missing"
)
def value_iteration_stops_on_span(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        span = np.ptp(new - V)
        V = new
        if span * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake(
    "value_iteration", "the sweeps stop as soon as the greedy policy no longer changes, long before V has converged"
)
def value_iteration_stops_when_the_policy_settles(P, R, gamma, tol):
    V = np.zeros(len(R))
    policy = R.argmax(axis=1)
    for _ in range(10_000):
        for _ in range(5):
            V = (R + gamma * P @ V).max(axis=1)
        greedy = (R + gamma * P @ V).argmax(axis=1)
        if np.array_equal(greedy, policy):
            break
        policy = greedy
    return V, policy


@mistake("value_iteration", "the values before the last sweep are returned: their gap to V* can be tol/gamma")
def value_iteration_returns_the_values_before_the_last_sweep(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        if np.abs(new - V).max() * gamma <= tol * (1 - gamma):
            break
        V = new
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the policy is greedy for the values one sweep before the ones you return")
def value_iteration_returns_a_stale_policy(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        Q = R + gamma * P @ V
        new, policy = Q.max(axis=1), Q.argmax(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, policy


@mistake("value_iteration", "there are always 100 sweeps, however close to 1 gamma is")
def value_iteration_makes_a_hundred_sweeps(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(100):
        V = (R + gamma * P @ V).max(axis=1)
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the sweeps give up after 1000, converged or not")
def value_iteration_gives_up_after_a_thousand_sweeps(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(1000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "there are as many sweeps as states, which is enough only if no state is visited twice")
def value_iteration_makes_one_sweep_for_each_state(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(len(R)):
        V = (R + gamma * P @ V).max(axis=1)
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the number of sweeps is worked out as if no reward were larger than 1")
def value_iteration_counts_sweeps_for_unit_rewards(P, R, gamma, tol):
    V = np.zeros(len(R))
    num_sweeps = 1
    if gamma > 0:
        num_sweeps = max(1, int(np.ceil(np.log(tol * (1 - gamma)) / np.log(gamma))))
    for _ in range(num_sweeps):
        V = (R + gamma * P @ V).max(axis=1)
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the accuracy is always one in ten thousand, whatever tol is asked for")
def value_iteration_ignores_tol(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= 1e-4 * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "gamma is always 0.9")
def value_iteration_hard_codes_gamma(P, R, gamma, tol):
    gamma = 0.9
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the stopping rule divides by gamma, which fails when gamma is 0")
def value_iteration_divides_by_gamma(P, R, gamma, tol):
    threshold = tol * (1 - float(gamma)) / float(gamma)
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change <= threshold:
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "everything is computed in single precision, which cannot resolve a small tol")
def value_iteration_in_single_precision(P, R, gamma, tol):
    P, R, gamma = P.astype(np.float32), R.astype(np.float32), np.float32(gamma)
    V = np.zeros(len(R), dtype=np.float32)
    for _ in range(5_000):
        new = (R + gamma * (P @ V)).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V.astype(np.float64), (R + gamma * (P @ V)).argmax(axis=1)


@mistake("value_iteration", "a value is only ever raised, so that V stays at 0 where V* is negative")
def value_iteration_never_goes_below_zero(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = np.maximum(V, (R + gamma * P @ V).max(axis=1))
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the values average over the actions in place of taking the best one")
def value_iteration_averages_over_actions(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).mean(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "only the most likely next state is backed up, as if the world were deterministic")
def value_iteration_assumes_determinism(P, R, gamma, tol):
    successor = P.argmax(axis=2)
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * V[successor]).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * V[successor]).argmax(axis=1)


@mistake("value_iteration", "the last state is taken to be a goal whose value is always 0")
def value_iteration_pins_the_last_state(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        new[-1] = 0.0
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake(
    "value_iteration", "a state that always leads to itself is given the value 0 even though it keeps earning reward"
)
def value_iteration_zeroes_absorbing_states(P, R, gamma, tol):
    absorbing = (np.einsum("sas->sa", P) == 1.0).all(axis=1)
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = np.where(absorbing, 0.0, (R + gamma * P @ V).max(axis=1))
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the policy takes the action with the best immediate reward")
def value_iteration_policy_is_myopic(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, R.argmax(axis=1)


@mistake(
    "value_iteration", "the policy heads for the next state with the highest value and forgets the reward on the way"
)
def value_iteration_policy_forgets_the_reward(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (P @ V).argmax(axis=1)


@mistake("value_iteration", "the policy takes the worst action in every state")
def value_iteration_policy_minimises(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmin(axis=1)


@mistake("value_iteration", "the policy is filled in for every state but the last")
def value_iteration_policy_skips_the_last_state(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    policy = np.zeros(len(R), dtype=int)
    for s in range(len(R) - 1):
        policy[s] = (R[s] + gamma * P[s] @ V).argmax()
    return V, policy


@mistake(
    "value_iteration", "all tied best actions are listed, so that the policy has more entries than there are states"
)
def value_iteration_policy_lists_all_ties(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    Q = R + gamma * P @ V
    return V, np.argwhere(Q.max(axis=1, keepdims=True) == Q)[:, 1]


@mistake(
    "value_iteration", "axes of length one are dropped, which breaks models with a single state or a single action"
)
def value_iteration_squeezes_the_model(P, R, gamma, tol):
    P, R = np.squeeze(P), np.squeeze(R)
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the values are rounded to six decimals, whatever tol is asked for")
def value_iteration_rounds_the_values(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = (R + gamma * P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    V = np.round(V, 6)
    return V, (R + gamma * P @ V).argmax(axis=1)


@mistake("value_iteration", "the first action that np.isclose takes for the best is chosen, although another is better")
def value_iteration_policy_takes_what_is_close(P, R, gamma, tol):
    V, change = np.zeros(len(R)), 1.0 + tol
    while change > tol * (1 - gamma):
        new = (R + gamma * P @ V).max(axis=1)
        change, V = np.abs(new - V).max(), new
    Q = R + gamma * P @ V
    return V, np.isclose(Q, Q.max(axis=1, keepdims=True)).argmax(axis=1)


@mistake("value_iteration", "the sweeps give up after 2000, too few for a small tol where gamma is close to 1")
def value_iteration_gives_up_after_two_thousand_sweeps(P, R, gamma, tol):
    V = np.zeros(len(R))
    for _ in range(2000):
        new = (R + gamma * P @ V).max(axis=1)
        change, V = np.abs(new - V).max(), new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).argmax(axis=1)


# -------------------------------------------------------------------------------------------- policy_evaluation


@mistake("policy_evaluation", "the sweeps stop when V changes by less than one in ten thousand")
def policy_evaluation_stops_early(P, R, policy, gamma):
    states = np.arange(len(R))
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = R[states, policy] + gamma * P[states, policy] @ V
        change = np.abs(new - V).max()
        V = new
        if change < 1e-4:
            break
    return V


@mistake(
    "policy_evaluation",
    "the sweeps stop when V changes by less than 1e-8, although the gap can be 1/(1-gamma) times larger",
)
def policy_evaluation_stops_on_change(P, R, policy, gamma):
    states = np.arange(len(R))
    V = np.zeros(len(R))
    for _ in range(10_000):
        new = R[states, policy] + gamma * P[states, policy] @ V
        change = np.abs(new - V).max()
        V = new
        if change < 1e-8:
            break
    return V


@mistake("policy_evaluation", "there are always 1000 sweeps, too few when gamma is close to 1")
def policy_evaluation_makes_a_thousand_sweeps(P, R, policy, gamma):
    states = np.arange(len(R))
    V = np.zeros(len(R))
    for _ in range(1000):
        V = R[states, policy] + gamma * P[states, policy] @ V
    return V


@mistake("policy_evaluation", "the discounted sum is cut off after ten times the effective horizon 1/(1-gamma)")
def policy_evaluation_cuts_the_horizon(P, R, policy, gamma):
    states = np.arange(len(R))
    V = np.zeros(len(R))
    for _ in range(int(np.ceil(10 / (1 - gamma)))):
        V = R[states, policy] + gamma * P[states, policy] @ V
    return V


@mistake("policy_evaluation", "the number of sweeps comes from log(gamma), so that there are none when gamma is 0")
def policy_evaluation_makes_no_sweep_for_gamma_zero(P, R, policy, gamma):
    states = np.arange(len(R))
    with np.errstate(divide="ignore"):
        num_sweeps = int(np.ceil(np.log(1e-14) / np.log(gamma)))
    V = np.zeros(len(R))
    for _ in range(num_sweeps):
        V = R[states, policy] + gamma * P[states, policy] @ V
    return V


@mistake("policy_evaluation", "only the next reward is looked at: one backup from V = 0 after the immediate reward")
def policy_evaluation_looks_two_steps_ahead(P, R, policy, gamma):
    states = np.arange(len(R))
    reward = R[states, policy]
    return reward + gamma * P[states, policy] @ reward


@mistake("policy_evaluation", "the best action is taken in each state, whatever the policy says")
def policy_evaluation_maximises(P, R, policy, gamma):
    V = np.zeros(len(R))
    for _ in range(5_000):
        V = (R + gamma * P @ V).max(axis=1)
    return V


@mistake("policy_evaluation", "the value of the uniformly random policy is computed, whatever the policy says")
def policy_evaluation_averages_over_actions(P, R, policy, gamma):
    return np.linalg.solve(np.eye(len(R)) - gamma * P.mean(axis=1), R.mean(axis=1))


@mistake("policy_evaluation", "the policy decides the transitions, but the rewards are averaged over all actions")
def policy_evaluation_averages_the_rewards(P, R, policy, gamma):
    P_pi = P[np.arange(len(R)), policy]
    return np.linalg.solve(np.eye(len(R)) - gamma * P_pi, R.mean(axis=1))


@mistake("policy_evaluation", "the policy decides the rewards, but the transitions are averaged over all actions")
def policy_evaluation_averages_the_transitions(P, R, policy, gamma):
    R_pi = R[np.arange(len(R)), policy]
    return np.linalg.solve(np.eye(len(R)) - gamma * P.mean(axis=1), R_pi)


@mistake("policy_evaluation", "the action that the policy takes in the first state is used in every state")
def policy_evaluation_uses_one_action_everywhere(P, R, policy, gamma):
    action = policy[0]
    return np.linalg.solve(np.eye(len(R)) - gamma * P[:, action], R[:, action])


@mistake("policy_evaluation", "the policy is not looked up in the last state, where action 0 is used")
def policy_evaluation_skips_the_last_state(P, R, policy, gamma):
    chosen = np.zeros(len(R), dtype=int)
    for s in range(len(R) - 1):
        chosen[s] = policy[s]
    states = np.arange(len(R))
    return np.linalg.solve(np.eye(len(R)) - gamma * P[states, chosen], R[states, chosen])


@mistake("policy_evaluation", "the transition matrix is transposed in the linear system")
def policy_evaluation_transposes_the_system(P, R, policy, gamma):
    states = np.arange(len(R))
    return np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy].T, R[states, policy])


@mistake("policy_evaluation", "the first reward is discounted too")
def policy_evaluation_discounts_the_first_reward(P, R, policy, gamma):
    states = np.arange(len(R))
    return np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], gamma * R[states, policy])


@mistake("policy_evaluation", "the value is multiplied by 1 - gamma, which makes it an average reward")
def policy_evaluation_normalises(P, R, policy, gamma):
    states = np.arange(len(R))
    return (1 - gamma) * np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])


@mistake("policy_evaluation", "the discount is always 0.9")
def policy_evaluation_hard_codes_gamma(P, R, policy, gamma):
    states = np.arange(len(R))
    return np.linalg.solve(np.eye(len(R)) - 0.9 * P[states, policy], R[states, policy])


@mistake("policy_evaluation", "only the most likely next state of each state is followed")
def policy_evaluation_assumes_determinism(P, R, policy, gamma):
    states = np.arange(len(R))
    successor = P[states, policy].argmax(axis=1)
    return np.linalg.solve(np.eye(len(R)) - gamma * np.eye(len(R))[successor], R[states, policy])


@mistake("policy_evaluation", "a state that leads to itself is treated as terminal although it keeps earning reward")
def policy_evaluation_ends_at_self_loops(P, R, policy, gamma):
    states = np.arange(len(R))
    P_pi, R_pi = P[states, policy], R[states, policy].copy()
    R_pi[P_pi[states, states] == 1.0] = 0.0
    return np.linalg.solve(np.eye(len(R)) - gamma * P_pi, R_pi)


@mistake("policy_evaluation", "a state never gets a value below 0")
def policy_evaluation_clips_negative_values(P, R, policy, gamma):
    states = np.arange(len(R))
    return np.maximum(np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy]), 0.0)


@mistake("policy_evaluation", "a small number is added to the diagonal to keep the linear system safe, which shifts V")
def policy_evaluation_regularises_the_system(P, R, policy, gamma):
    states = np.arange(len(R))
    system = np.eye(len(R)) - gamma * P[states, policy] + 1e-7 * np.eye(len(R))
    return np.linalg.solve(system, R[states, policy])


@mistake("policy_evaluation", "a pseudo-inverse drops the small singular values that appear when gamma is close to 1")
def policy_evaluation_truncates_singular_values(P, R, policy, gamma):
    states = np.arange(len(R))
    return np.linalg.pinv(np.eye(len(R)) - gamma * P[states, policy], rcond=0.01) @ R[states, policy]


@mistake("policy_evaluation", "the linear system is solved in single precision")
def policy_evaluation_in_single_precision(P, R, policy, gamma):
    states = np.arange(len(R))
    system = (np.eye(len(R)) - gamma * P[states, policy]).astype(np.float32)
    return np.linalg.solve(system, R[states, policy].astype(np.float32)).astype(np.float64)


@mistake(
    "policy_evaluation", "the sweeps stop when V changes by less than 5e-10, which leaves 5e-8 where gamma is 0.99"
)
def policy_evaluation_stops_a_little_early(P, R, policy, gamma):
    states, V, change = np.arange(len(R)), np.zeros(len(R)), np.inf
    while change > 5e-10:
        new = R[states, policy] + gamma * P[states, policy] @ V
        change, V = np.abs(new - V).max(), new
    return V


# --------------------------------------------------------------------------------------------- policy_iteration


@mistake("policy_iteration", "each evaluation is cut short after ten sweeps, so that the V you return is not yet V*")
def policy_iteration_truncates_evaluation(P, R, gamma):
    states = np.arange(len(R))
    V, policy = np.zeros(len(R)), np.zeros(len(R), dtype=int)
    for _ in range(1000):
        for _ in range(10):
            V = R[states, policy] + gamma * P[states, policy] @ V
        greedy = (R + gamma * P @ V).argmax(axis=1)
        if np.array_equal(greedy, policy):
            break
        policy = greedy
    return V, policy


@mistake(
    "policy_iteration", "each evaluation stops when V changes by less than 1e-6, and the error remains in the answer"
)
def policy_iteration_evaluates_roughly(P, R, gamma):
    states = np.arange(len(R))
    V, policy = np.zeros(len(R)), np.zeros(len(R), dtype=int)
    for _ in range(100):
        for _ in range(5_000):
            new = R[states, policy] + gamma * P[states, policy] @ V
            change = np.abs(new - V).max()
            V = new
            if change < 1e-6:
                break
        greedy = (R + gamma * P @ V).argmax(axis=1)
        if np.array_equal(greedy, policy):
            break
        policy = greedy
    return V, policy


@mistake("policy_iteration", "the policy is improved only once")
def policy_iteration_improves_once(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
    policy = (R + gamma * P @ V).argmax(axis=1)
    V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
    return V, policy


@mistake("policy_iteration", "there are at most five improvements, which is not always enough")
def policy_iteration_gives_up_after_five_rounds(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(5):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        policy = (R + gamma * P @ V).argmax(axis=1)
    V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
    return V, policy


@mistake("policy_iteration", "the value of the policy before the last improvement is returned")
def policy_iteration_returns_the_previous_value(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(1000):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        policy = Q.argmax(axis=1)
        if Q.max(axis=1).mean() - V.mean() < 1e-2 * max(1.0, np.abs(V).max()):
            break
    return V, policy


@mistake("policy_iteration", "the search stops as soon as one state keeps its action, not when all states do")
def policy_iteration_stops_when_any_state_is_stable(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(1000):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        greedy = (R + gamma * P @ V).argmax(axis=1)
        if (greedy == policy).any():
            break
        policy = greedy
    return V, policy


@mistake(
    "policy_iteration", "the search stops when the value of state 0 no longer rises, although other states still can"
)
def policy_iteration_watches_the_first_state(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
    for _ in range(1000):
        policy = (R + gamma * P @ V).argmax(axis=1)
        new = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        rise = new[0] - V[0]
        V = new
        if rise <= 1e-10:
            break
    return V, policy


@mistake(
    "policy_iteration",
    "the first policy is compared before it was ever evaluated, so that V can come back as all zeros",
)
def policy_iteration_may_skip_evaluation(P, R, gamma):
    states = np.arange(len(R))
    V, policy = np.zeros(len(R)), np.zeros(len(R), dtype=int)
    for _ in range(1000):
        Q = R + gamma * P @ V
        better = Q.max(axis=1) > Q[states, policy] + 1e-10
        if not better.any():
            break
        policy = np.where(better, Q.argmax(axis=1), policy)
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
    return V, policy


@mistake("policy_iteration", "the last state never gets a better action than the one it started with")
def policy_iteration_never_improves_the_last_state(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(1000):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        stable = True
        for s in range(len(R) - 1):
            if Q[s].max() > Q[s, policy[s]] + 1e-10:
                policy[s] = Q[s].argmax()
                stable = False
        if stable:
            break
    return V, policy


@mistake("policy_iteration", "gains smaller than a thousandth are not worth a change of action")
def policy_iteration_ignores_small_gains(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(1000):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        better = Q.max(axis=1) > Q[states, policy] + 1e-3
        if not better.any():
            break
        policy = np.where(better, Q.argmax(axis=1), policy)
    return V, policy


@mistake("policy_iteration", "gains smaller than a millionth are ignored, however small the rewards are")
def policy_iteration_ignores_tiny_gains(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(1000):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        better = Q.max(axis=1) > Q[states, policy] + 1e-6
        if not better.any():
            break
        policy = np.where(better, Q.argmax(axis=1), policy)
    return V, policy


@mistake("policy_iteration", "one state is improved at a time, and only as many times as there are states")
def policy_iteration_improves_one_state_a_round(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(len(R)):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        s = int((Q.max(axis=1) - V).argmax())
        policy[s] = Q[s].argmax()
    V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
    return V, policy


@mistake("policy_iteration", "the policy is made greedy for the immediate reward and then evaluated")
def policy_iteration_improves_on_rewards_only(P, R, gamma):
    states, policy = np.arange(len(R)), R.argmax(axis=1)
    return np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy]), policy


@mistake("policy_iteration", "improvement heads for the best next state and leaves out the reward on the way")
def policy_iteration_improvement_forgets_the_reward(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(100):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        greedy = (P @ V).argmax(axis=1)
        if np.array_equal(greedy, policy):
            break
        policy = greedy
    return V, policy


@mistake("policy_iteration", "improvement takes the action with the lowest value, as if rewards were costs")
def policy_iteration_minimises(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(1000):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        better = Q.min(axis=1) < Q[states, policy] - 1e-10
        if not better.any():
            break
        policy = np.where(better, Q.argmin(axis=1), policy)
    return V, policy


@mistake("policy_iteration", "gamma is always 0.9")
def policy_iteration_hard_codes_gamma(P, R, gamma):
    gamma = 0.9
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(1000):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        better = Q.max(axis=1) > Q[states, policy] + 1e-10
        if not better.any():
            break
        policy = np.where(better, Q.argmax(axis=1), policy)
    return V, policy


@mistake("policy_iteration", "the transition matrix is transposed when the policy is evaluated")
def policy_iteration_transposes_the_system(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(100):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy].T, R[states, policy])
        greedy = (R + gamma * P @ V).argmax(axis=1)
        if np.array_equal(greedy, policy):
            break
        policy = greedy
    return V, policy


@mistake("policy_iteration", "a state that always leads to itself gets the value 0 even though it keeps earning reward")
def policy_iteration_zeroes_absorbing_states(P, R, gamma):
    states = np.arange(len(R))
    absorbing = (np.einsum("sas->sa", P) == 1.0).all(axis=1)
    R = np.where(absorbing[:, None], 0.0, R)
    policy = np.zeros(len(R), dtype=int)
    for _ in range(1000):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        better = Q.max(axis=1) > Q[states, policy] + 1e-10
        if not better.any():
            break
        policy = np.where(better, Q.argmax(axis=1), policy)
    return V, policy


@mistake("policy_iteration", "everything is computed in single precision")
def policy_iteration_in_single_precision(P, R, gamma):
    P, R, gamma = P.astype(np.float32), R.astype(np.float32), np.float32(gamma)
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(100):
        system = np.eye(len(R), dtype=np.float32) - gamma * P[states, policy]
        V = np.linalg.solve(system, R[states, policy])
        greedy = (R + gamma * (P @ V)).argmax(axis=1)
        if np.array_equal(greedy, policy):
            break
        policy = greedy
    return V.astype(np.float64), policy


@mistake("policy_iteration", "the values are rounded to six decimals")
def policy_iteration_rounds_the_values(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(1000):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        better = Q.max(axis=1) > Q[states, policy] + 1e-10
        if not better.any():
            break
        policy = np.where(better, Q.argmax(axis=1), policy)
    return np.round(V, 6), policy


@mistake("policy_iteration", "the search stops when the policy repeats itself, which may never happen when actions tie")
def policy_iteration_breaks_ties_at_random_never_ends(P, R, gamma):
    rng = np.random.default_rng()
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    while True:
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        best = np.isclose(Q, Q.max(axis=1, keepdims=True), rtol=1e-12, atol=1e-12)
        greedy = (best * rng.random(Q.shape)).argmax(axis=1)
        if np.array_equal(greedy, policy):
            return V, policy
        policy = greedy


@mistake(
    "policy_iteration",
    "the search stops only when no action changes, and rounding lets tied actions change places for ever",
)
def policy_iteration_cycles_on_ties_never_ends(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    while True:
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        greedy = (R + gamma * P @ V).argmax(axis=1)
        if np.array_equal(greedy, policy):
            return V, policy
        policy = greedy


@mistake("policy_iteration", "gains below 1e-8 a step are ignored, although they add up to more where gamma is 0.99")
def policy_iteration_ignores_what_adds_up(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    while True:
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        better = Q.max(axis=1) > Q[states, policy] + 1e-8
        if not better.any():
            return V, policy
        policy = np.where(better, Q.argmax(axis=1), policy)


@mistake("policy_iteration", "there are at most 20 improvements, fewer than a long way to the reward needs")
def policy_iteration_gives_up_after_twenty_rounds(P, R, gamma):
    states = np.arange(len(R))
    policy = np.zeros(len(R), dtype=int)
    for _ in range(20):
        V = np.linalg.solve(np.eye(len(R)) - gamma * P[states, policy], R[states, policy])
        Q = R + gamma * P @ V
        policy = np.where(Q.max(axis=1) > Q[states, policy] + 1e-10, Q.argmax(axis=1), policy)
    return V, policy


# ------------------------------------------------------------------------------------------- model_disagreement


@mistake("model_disagreement", "the sample standard deviation (divided by M - 1) is used for the rewards")
def model_disagreement_uses_the_sample_deviation(P, R):
    spread = R.std(axis=0, ddof=1) if len(R) > 1 else np.zeros(R.shape[1:])
    return spread + 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)


@mistake("model_disagreement", "the variance of the rewards is used in place of their standard deviation")
def model_disagreement_uses_the_variance(P, R):
    return R.var(axis=0) + 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)


@mistake(
    "model_disagreement", "the mean absolute deviation of the rewards is used in place of their standard deviation"
)
def model_disagreement_uses_the_absolute_deviation(P, R):
    spread = np.abs(R - R.mean(axis=0)).mean(axis=0)
    return spread + 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)


@mistake("model_disagreement", "half the range of the rewards is used in place of their standard deviation")
def model_disagreement_uses_half_the_range(P, R):
    return 0.5 * np.ptp(R, axis=0) + 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)


@mistake(
    "model_disagreement",
    "the deviation is the root of mean square minus squared mean, which rounding can make negative",
)
def model_disagreement_cancels_badly(P, R):
    with np.errstate(invalid="ignore"):
        spread = np.sqrt((R**2).mean(axis=0) - R.mean(axis=0) ** 2)
    return spread + 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)


@mistake("model_disagreement", "the full L1 distance is used, without the half")
def model_disagreement_forgets_the_half(P, R):
    return R.std(axis=0) + np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)


@mistake("model_disagreement", "the half of the total-variation distance is applied to the rewards too")
def model_disagreement_halves_both_terms(P, R):
    return 0.5 * (R.std(axis=0) + np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0))


@mistake("model_disagreement", "the member farthest from the mean row decides, not the mean over the members")
def model_disagreement_takes_the_farthest_member(P, R):
    return R.std(axis=0) + 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).max(axis=0)


@mistake("model_disagreement", "the distances are summed over the members and not averaged")
def model_disagreement_sums_over_members(P, R):
    return R.std(axis=0) + 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).sum(axis=0)


@mistake("model_disagreement", "the Euclidean distance between rows is used in place of half the L1 distance")
def model_disagreement_uses_the_euclidean_distance(P, R):
    return R.std(axis=0) + np.sqrt(((P - P.mean(axis=0)) ** 2).sum(axis=-1)).mean(axis=0)


@mistake(
    "model_disagreement", "only the next state with the largest difference counts, not half the sum over all of them"
)
def model_disagreement_takes_the_largest_difference(P, R):
    return R.std(axis=0) + np.abs(P - P.mean(axis=0)).max(axis=-1).mean(axis=0)


@mistake("model_disagreement", "the Kullback-Leibler divergence is used in place of the total-variation distance")
def model_disagreement_uses_the_divergence(P, R):
    divergence = (P * np.log((P + 1e-12) / (P.mean(axis=0) + 1e-12))).sum(axis=-1)
    return R.std(axis=0) + divergence.mean(axis=0)


@mistake("model_disagreement", "the members are compared with the first member and not with the mean row")
def model_disagreement_compares_with_the_first_member(P, R):
    return R.std(axis=0) + 0.5 * np.abs(P - P[0]).sum(axis=-1).mean(axis=0)


@mistake("model_disagreement", "the members are compared with the median and not with the mean row")
def model_disagreement_compares_with_the_median(P, R):
    return R.std(axis=0) + 0.5 * np.abs(P - np.median(P, axis=0)).sum(axis=-1).mean(axis=0)


@mistake("model_disagreement", "the members are compared with each other, pair by pair, and not with the mean row")
def model_disagreement_compares_pairs(P, R):
    distances = 0.5 * np.abs(P[:, None] - P[None, :]).sum(axis=-1)
    return R.std(axis=0) + distances.mean(axis=(0, 1))


@mistake(
    "model_disagreement", "each next-state probability contributes its standard deviation, not its absolute deviation"
)
def model_disagreement_sums_standard_deviations(P, R):
    return R.std(axis=0) + 0.5 * P.std(axis=0).sum(axis=-1)


@mistake("model_disagreement", "the rewards of the members are left out")
def model_disagreement_forgets_the_rewards(P, R):
    return 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)


@mistake("model_disagreement", "the transitions of the members are left out")
def model_disagreement_forgets_the_transitions(P, R):
    return R.std(axis=0)


@mistake("model_disagreement", "the two terms are combined as the root of their squares and not added")
def model_disagreement_adds_in_quadrature(P, R):
    distance = 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)
    return np.sqrt(R.std(axis=0) ** 2 + distance**2)


@mistake(
    "model_disagreement", "the transition term is averaged over the states, so that every state looks equally uncertain"
)
def model_disagreement_averages_over_states(P, R):
    distance = 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)
    return R.std(axis=0) + distance.mean(axis=0, keepdims=True)


@mistake("model_disagreement", "the deviation of the rewards is taken over the states and not over the members")
def model_disagreement_mixes_up_the_axes(P, R):
    return R.std(axis=1).mean(axis=0) + 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)


@mistake("model_disagreement", "the disagreement is computed in single precision")
def model_disagreement_in_single_precision(P, R):
    P, R = P.astype(np.float32), R.astype(np.float32)
    return (R.std(axis=0) + 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)).astype(np.float64)

"""Known mistakes of unit 2, continued: planning with an ensemble, the policy gradient and the batched sweeps.

The audit grades every one and expects it to lose points; the judge runs them to name a misconception. Each function
stands alone apart from `np`, `torch` and `math`, because its source is pasted into a notebook cell.
"""

import numpy as np
import torch

from autograder.properties.entries import collection

mistakes, mistake = collection()

MOVED_TO_THE_HOST = (
    "the work or the answer is moved to the host, to NumPy or to the CPU, and does not stay on the device"
)

# ---------------------------------------------------------------------------- uncertainty_aware_value_iteration


@mistake("uncertainty_aware_value_iteration", "a negative beta makes the plan optimistic: the sign is turned round")
def uncertainty_aware_value_iteration_flips_the_sign(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) - beta * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "disagreement is always a penalty, even when beta is positive")
def uncertainty_aware_value_iteration_is_always_pessimistic(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) - abs(beta) * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "disagreement is always a bonus, even when beta is negative")
def uncertainty_aware_value_iteration_is_always_optimistic(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + abs(beta) * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "beta is limited to the range from -1 to 1")
def uncertainty_aware_value_iteration_limits_beta(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + max(-1.0, min(1.0, beta)) * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "beta is ignored: the plan is made for the mean model")
def uncertainty_aware_value_iteration_ignores_beta(P, R, gamma, beta, tol):
    mean_P, reward = P.mean(axis=0), R.mean(axis=0)
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration",
    "the disagreement is added once, after planning, so that it is not carried over from later states",
)
def uncertainty_aware_value_iteration_adds_the_bonus_at_the_end(P, R, gamma, beta, tol):
    mean_P, reward = P.mean(axis=0), R.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    Q = reward + beta * bonus + gamma * mean_P @ V
    return Q.max(axis=1), Q.argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration",
    "the action is chosen without the disagreement, which is then added for the chosen action only",
)
def uncertainty_aware_value_iteration_adds_the_bonus_outside_the_max(P, R, gamma, beta, tol):
    mean_P, reward = P.mean(axis=0), R.mean(axis=0)
    states = np.arange(len(reward))
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    V = np.zeros(len(reward))
    for _ in range(5_000):
        Q = reward + gamma * mean_P @ V
        best = Q.argmax(axis=1)
        new = Q[states, best] + beta * bonus[states, best]
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration",
    "the disagreement shapes the values but is left out when the policy is read off",
)
def uncertainty_aware_value_iteration_policy_forgets_the_bonus(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + beta * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R.mean(axis=0) + gamma * mean_P @ V).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration",
    "the disagreement is averaged over the actions of a state, so it cannot steer the choice",
)
def uncertainty_aware_value_iteration_averages_the_bonus_over_actions(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + beta * bonus.mean(axis=1, keepdims=True)
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "only the disagreement about rewards counts")
def uncertainty_aware_value_iteration_forgets_the_transitions(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    reward = R.mean(axis=0) + beta * R.std(axis=0)
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "only the disagreement about transitions counts")
def uncertainty_aware_value_iteration_forgets_the_rewards(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    reward = R.mean(axis=0) + beta * 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "the total-variation distance is taken without its half")
def uncertainty_aware_value_iteration_forgets_the_half(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + beta * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "the disagreement is scaled so that the largest one is 1")
def uncertainty_aware_value_iteration_normalises_the_bonus(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + beta * bonus / max(bonus.max(), 1e-12)
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "the penalty is not allowed to push a reward below 0")
def uncertainty_aware_value_iteration_clips_the_reward(P, R, gamma, beta, tol):
    mean_P, mean_R = P.mean(axis=0), R.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = np.where(mean_R >= 0, np.maximum(mean_R + beta * bonus, 0.0), mean_R + beta * bonus)
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration", "the disagreement is discounted together with the value of the next state"
)
def uncertainty_aware_value_iteration_discounts_the_bonus(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + gamma * beta * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration", "the spread of the members' backups is used in place of the model disagreement"
)
def uncertainty_aware_value_iteration_uses_the_spread_of_backups(P, R, gamma, beta, tol):
    V = np.zeros(R.shape[1])
    for _ in range(3_000):
        Q = R + gamma * P @ V
        new = (Q.mean(axis=0) + beta * Q.std(axis=0)).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    Q = R + gamma * P @ V
    return V, (Q.mean(axis=0) + beta * Q.std(axis=0)).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration", "each member is planned with alone and the values are averaged afterwards"
)
def uncertainty_aware_value_iteration_averages_the_plans(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    values = np.zeros(R.shape[:2])
    for m in range(len(P)):
        V = np.zeros(R.shape[1])
        for _ in range(5_000):
            new = (R[m] + beta * bonus + gamma * P[m] @ V).max(axis=1)
            change = np.abs(new - V).max()
            V = new
            if change * gamma <= tol * (1 - gamma):
                break
        values[m] = V
    V = values.mean(axis=0)
    return V, (R.mean(axis=0) + beta * bonus + gamma * mean_P @ V).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration",
    "the next states come from the first member and not from the mean of all members",
)
def uncertainty_aware_value_iteration_uses_one_member(P, R, gamma, beta, tol):
    bonus = R.std(axis=0) + 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + beta * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * P[0] @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * P[0] @ V).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration", "the most favourable member decides each reward, not the mean of all members"
)
def uncertainty_aware_value_iteration_uses_the_best_rewards(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = (R.max(axis=0) if beta > 0 else R.min(axis=0)) + beta * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration",
    "the sample standard deviation (divided by M - 1) measures the disagreement about rewards",
)
def uncertainty_aware_value_iteration_uses_the_sample_deviation(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    if len(R) > 1:
        bonus = bonus + R.std(axis=0, ddof=1)
    reward = R.mean(axis=0) + beta * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration",
    "the sweeps stop when V changes by less than tol, although the gap can be gamma/(1-gamma) times larger",
)
def uncertainty_aware_value_iteration_stops_on_change(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + beta * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change < tol:
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "there are always 500 sweeps, whatever gamma and tol are")
def uncertainty_aware_value_iteration_ignores_tol(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + beta * bonus
    V = np.zeros(len(reward))
    for _ in range(500):
        V = (reward + gamma * mean_P @ V).max(axis=1)
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("uncertainty_aware_value_iteration", "gamma is always 0.95")
def uncertainty_aware_value_iteration_hard_codes_gamma(P, R, gamma, beta, tol):
    gamma = 0.95
    mean_P = P.mean(axis=0)
    bonus = R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0)
    reward = R.mean(axis=0) + beta * bonus
    V = np.zeros(len(reward))
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake(
    "uncertainty_aware_value_iteration",
    "the first action that np.isclose takes for the best is chosen, although another is better",
)
def uncertainty_aware_value_iteration_takes_what_is_close(P, R, gamma, beta, tol):
    mean_P = P.mean(axis=0)
    reward = R.mean(axis=0) + beta * (R.std(axis=0) + 0.5 * np.abs(P - mean_P).sum(axis=-1).mean(axis=0))
    V, change = np.zeros(len(reward)), 1.0 + tol
    while change > tol * (1 - gamma):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change, V = np.abs(new - V).max(), new
    Q = reward + gamma * mean_P @ V
    return V, np.isclose(Q, Q.max(axis=1, keepdims=True)).argmax(axis=1)


# ------------------------------------------------------------------------------------------ robust_value_iteration


@mistake("robust_value_iteration", "each member is planned with alone and the lowest of their values is returned")
def robust_value_iteration_takes_the_worst_plan(P, R, gamma, tol):
    values = np.zeros(R.shape[:2])
    for m in range(len(P)):
        V = np.zeros(R.shape[1])
        for _ in range(5_000):
            new = (R[m] + gamma * P[m] @ V).max(axis=1)
            change = np.abs(new - V).max()
            V = new
            if change * gamma <= tol * (1 - gamma):
                break
        values[m] = V
    V = values.min(axis=0)
    return V, (R + gamma * P @ V).min(axis=0).argmax(axis=1)


@mistake("robust_value_iteration", "one single worst member is used for all states and actions")
def robust_value_iteration_uses_one_worst_member(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        Q = R + gamma * P @ V
        worst = Q.max(axis=2).sum(axis=1).argmin()
        new = Q[worst].max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V)[worst].argmax(axis=1)


@mistake("robust_value_iteration", "the worst member is chosen once for each state and not anew for each action")
def robust_value_iteration_picks_one_member_for_each_state(P, R, gamma, tol):
    states = np.arange(R.shape[1])
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        Q = R + gamma * P @ V
        worst = Q.mean(axis=2).argmin(axis=0)
        Q = Q[worst, states]
        new = Q.max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, Q.argmax(axis=1)


@mistake(
    "robust_value_iteration",
    "each member may pick its own best action before the worst member is chosen: min max, not max min",
)
def robust_value_iteration_swaps_max_and_min(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = (R + gamma * P @ V).max(axis=2).min(axis=0)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).min(axis=0).argmax(axis=1)


@mistake("robust_value_iteration", "the worst reward and the worst transitions are taken from different members")
def robust_value_iteration_splits_rewards_and_transitions(P, R, gamma, tol):
    reward = R.min(axis=0)
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = (reward + gamma * (P @ V).min(axis=0)).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * (P @ V).min(axis=0)).argmax(axis=1)


@mistake(
    "robust_value_iteration", "the worst member decides the transitions, but the rewards are averaged over the members"
)
def robust_value_iteration_averages_the_rewards(P, R, gamma, tol):
    reward = R.mean(axis=0)
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = (reward + gamma * (P @ V).min(axis=0)).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * (P @ V).min(axis=0)).argmax(axis=1)


@mistake("robust_value_iteration", "the worst rewards are combined with the mean transitions")
def robust_value_iteration_averages_the_transitions(P, R, gamma, tol):
    reward, mean_P = R.min(axis=0), P.mean(axis=0)
    V = np.zeros(R.shape[1])
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("robust_value_iteration", "the plan is made for the mean of the members")
def robust_value_iteration_uses_the_mean_model(P, R, gamma, tol):
    reward, mean_P = R.mean(axis=0), P.mean(axis=0)
    V = np.zeros(R.shape[1])
    for _ in range(10_000):
        new = (reward + gamma * mean_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * mean_P @ V).argmax(axis=1)


@mistake("robust_value_iteration", "the best member is taken for each state and action, which is optimism")
def robust_value_iteration_is_optimistic(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = (R + gamma * P @ V).max(axis=0).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).max(axis=0).argmax(axis=1)


@mistake(
    "robust_value_iteration",
    "the worst member is the one with the lowest immediate reward, chosen before the first sweep",
)
def robust_value_iteration_fixes_the_worst_member(P, R, gamma, tol):
    states, actions = np.indices(R.shape[1:])
    worst = R.argmin(axis=0)
    worst_P, worst_R = P[worst, states, actions], R[worst, states, actions]
    V = np.zeros(R.shape[1])
    for _ in range(10_000):
        new = (worst_R + gamma * worst_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (worst_R + gamma * worst_P @ V).argmax(axis=1)


@mistake(
    "robust_value_iteration", "the worst member is judged by the values of the mean model and then never chosen again"
)
def robust_value_iteration_judges_by_the_mean_model(P, R, gamma, tol):
    states, actions = np.indices(R.shape[1:])
    mean_P, mean_R = P.mean(axis=0), R.mean(axis=0)
    V = np.zeros(R.shape[1])
    for _ in range(3_000):
        V = (mean_R + gamma * mean_P @ V).max(axis=1)
    worst = (R + gamma * P @ V).argmin(axis=0)
    worst_P, worst_R = P[worst, states, actions], R[worst, states, actions]
    for _ in range(10_000):
        new = (worst_R + gamma * worst_P @ V).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (worst_R + gamma * worst_P @ V).argmax(axis=1)


@mistake("robust_value_iteration", "the worst next state that any member allows is assumed, however unlikely it is")
def robust_value_iteration_assumes_the_worst_next_state(P, R, gamma, tol):
    possible = (P > 0).any(axis=0)
    reward = R.min(axis=0)
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = (reward + gamma * np.where(possible, V, np.inf).min(axis=2)).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (reward + gamma * np.where(possible, V, np.inf).min(axis=2)).argmax(axis=1)


@mistake("robust_value_iteration", "only the first two members are looked at")
def robust_value_iteration_looks_at_two_members(P, R, gamma, tol):
    P, R = P[:2], R[:2]
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = (R + gamma * P @ V).min(axis=0).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).min(axis=0).argmax(axis=1)


@mistake(
    "robust_value_iteration", "the mean minus one standard deviation of the members stands in for the worst member"
)
def robust_value_iteration_subtracts_a_deviation(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(3_000):
        Q = R + gamma * P @ V
        new = (Q.mean(axis=0) - Q.std(axis=0)).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (Q.mean(axis=0) - Q.std(axis=0)).argmax(axis=1)


@mistake("robust_value_iteration", "a low quantile of the members stands in for the worst member")
def robust_value_iteration_takes_a_quantile(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(1_000):
        new = np.quantile(R + gamma * P @ V, 0.1, axis=0).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, np.quantile(R + gamma * P @ V, 0.1, axis=0).argmax(axis=1)


@mistake("robust_value_iteration", "the values are robust but the policy is greedy for the mean model")
def robust_value_iteration_policy_uses_the_mean_model(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = (R + gamma * P @ V).min(axis=0).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).mean(axis=0).argmax(axis=1)


@mistake(
    "robust_value_iteration",
    "the values are robust but the policy is greedy for the member that is worst for the best actions",
)
def robust_value_iteration_policy_follows_one_member(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = (R + gamma * P @ V).min(axis=0).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    Q = R + gamma * P @ V
    member = Q.max(axis=2).argmin(axis=0)
    return V, Q[member, np.arange(len(V))].argmax(axis=1)


@mistake("robust_value_iteration", "the policy is robust, but the value returned is what it earns in the mean model")
def robust_value_iteration_evaluates_in_the_mean_model(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = (R + gamma * P @ V).min(axis=0).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    policy = (R + gamma * P @ V).min(axis=0).argmax(axis=1)
    states = np.arange(len(V))
    system = np.eye(len(V)) - gamma * P.mean(axis=0)[states, policy]
    return np.linalg.solve(system, R.mean(axis=0)[states, policy]), policy


@mistake("robust_value_iteration", "the policy is greedy for the values one sweep before the ones you return")
def robust_value_iteration_returns_a_stale_policy(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        Q = (R + gamma * P @ V).min(axis=0)
        new, policy = Q.max(axis=1), Q.argmax(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, policy


@mistake(
    "robust_value_iteration",
    "the sweeps stop when V changes by less than tol, although the gap can be gamma/(1-gamma) times larger",
)
def robust_value_iteration_stops_on_change(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = (R + gamma * P @ V).min(axis=0).max(axis=1)
        change = np.abs(new - V).max()
        V = new
        if change < tol:
            break
    return V, (R + gamma * P @ V).min(axis=0).argmax(axis=1)


@mistake("robust_value_iteration", "there are always 100 sweeps, whatever gamma and tol are")
def robust_value_iteration_makes_a_hundred_sweeps(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(100):
        V = (R + gamma * P @ V).min(axis=0).max(axis=1)
    return V, (R + gamma * P @ V).min(axis=0).argmax(axis=1)


@mistake("robust_value_iteration", "values never fall below 0, because a value is only ever raised")
def robust_value_iteration_never_goes_below_zero(P, R, gamma, tol):
    V = np.zeros(R.shape[1])
    for _ in range(5_000):
        new = np.maximum(V, (R + gamma * P @ V).min(axis=0).max(axis=1))
        change = np.abs(new - V).max()
        V = new
        if change * gamma <= tol * (1 - gamma):
            break
    return V, (R + gamma * P @ V).min(axis=0).argmax(axis=1)


@mistake(
    "robust_value_iteration",
    "the first action that np.isclose takes for the best is chosen, although another is better",
)
def robust_value_iteration_takes_what_is_close(P, R, gamma, tol):
    V, change = np.zeros(R.shape[1]), 1.0 + tol
    while change > tol * (1 - gamma):
        new = (R + gamma * P @ V).min(axis=0).max(axis=1)
        change, V = np.abs(new - V).max(), new
    Q = (R + gamma * P @ V).min(axis=0)
    return V, np.isclose(Q, Q.max(axis=1, keepdims=True)).argmax(axis=1)


# -------------------------------------------------------------------------------------------------- policy_gradient


@mistake("policy_gradient", "the visits are normalised to sum to 1, so that the factor 1/(1-gamma) is missing")
def policy_gradient_normalises_the_visits(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    advantage = R + gamma * P @ V - V[:, None]
    return (visits / visits.sum())[:, None] * pi * advantage


@mistake("policy_gradient", "every state is equally likely as the first one, whatever start says")
def policy_gradient_ignores_start(theta, P, R, gamma, start):
    start = np.full(len(theta), 1 / len(theta))
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * pi * (R + gamma * P @ V - V[:, None])


@mistake("policy_gradient", "only the most likely first state is started from")
def policy_gradient_starts_in_one_state(theta, P, R, gamma, start):
    start = np.eye(len(start))[start.argmax()]
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * pi * (R + gamma * P @ V - V[:, None])


@mistake(
    "policy_gradient",
    "Q is used in place of the advantage Q - V",
)
def policy_gradient_forgets_the_baseline(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * pi * (R + gamma * P @ V)


@mistake("policy_gradient", "the plain mean of Q over the actions is subtracted, not the mean under the policy")
def policy_gradient_subtracts_the_plain_mean(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    Q = R + gamma * P @ V
    return visits[:, None] * pi * (Q - Q.mean(axis=1, keepdims=True))


@mistake("policy_gradient", "only the diagonal pi(1-pi) of the softmax's derivative is used")
def policy_gradient_keeps_the_diagonal(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * pi * (1 - pi) * (R + gamma * P @ V)


@mistake("policy_gradient", "the advantage is not weighted with the probability of the action")
def policy_gradient_forgets_the_action_probability(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * (R + gamma * P @ V - V[:, None])


@mistake("policy_gradient", "the derivative is with respect to the probabilities and not to theta")
def policy_gradient_differentiates_the_probabilities(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * (R + gamma * P @ V)


@mistake(
    "policy_gradient",
    "the states are weighted as the policy meets them in the long run, not by discounted visits from start",
)
def policy_gradient_uses_the_stationary_distribution(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = start.copy()
    for _ in range(2_000):
        visits = visits @ P_pi
    return visits[:, None] / (1 - gamma) * pi * (R + gamma * P @ V - V[:, None])


@mistake("policy_gradient", "only the first state is improved: later visits are left out")
def policy_gradient_differentiates_the_first_step_only(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    return start[:, None] * pi * (R + gamma * P @ V - V[:, None])


@mistake("policy_gradient", "visits are counted from the second step on")
def policy_gradient_starts_counting_late(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, gamma * start @ P_pi)
    return visits[:, None] * pi * (R + gamma * P @ V - V[:, None])


@mistake("policy_gradient", "visits are summed over the first 200 steps only")
def policy_gradient_truncates_the_visits(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits, arrived = np.zeros(len(start)), start.copy()
    for _ in range(200):
        visits += arrived
        arrived = gamma * arrived @ P_pi
    return visits[:, None] * pi * (R + gamma * P @ V - V[:, None])


@mistake(
    "policy_gradient", "visits flow backwards: the transition matrix in the linear system for them is not transposed"
)
def policy_gradient_forgets_to_transpose(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, start)
    return visits[:, None] * pi * (R + gamma * P @ V - V[:, None])


@mistake("policy_gradient", "the immediate reward is used in place of Q")
def policy_gradient_uses_immediate_rewards(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * pi * (R - (pi * R).sum(axis=1, keepdims=True))


@mistake("policy_gradient", "the values belong to the optimal policy and not to the softmax policy")
def policy_gradient_uses_optimal_values(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.zeros(len(start))
    for _ in range(3_000):
        V = (R + gamma * P @ V).max(axis=1)
    Q = R + gamma * P @ V
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * pi * (Q - (pi * Q).sum(axis=1, keepdims=True))


@mistake("policy_gradient", "the gradient points downhill, as for a loss to be minimised")
def policy_gradient_descends(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * pi * (V[:, None] - R - gamma * P @ V)


@mistake("policy_gradient", "actions worse than average are left out, so that no preference is ever lowered")
def policy_gradient_keeps_positive_advantages(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * pi * np.maximum(R + gamma * P @ V - V[:, None], 0.0)


@mistake("policy_gradient", "the softmax runs over the states and not over the actions")
def policy_gradient_takes_the_softmax_over_states(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=0))
    pi /= pi.sum(axis=0)
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * pi * (R + gamma * P @ V - V[:, None])


@mistake("policy_gradient", "theta is shifted to be positive and normalised, without the exponential of the softmax")
def policy_gradient_normalises_theta_without_softmax(theta, P, R, gamma, start):
    pi = theta - theta.min(axis=1, keepdims=True) + 1.0
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    return visits[:, None] * pi * (R + gamma * P @ V - V[:, None])


@mistake("policy_gradient", "one-sided finite differences are taken, which are off in the fifth digit")
def policy_gradient_uses_finite_differences(theta, P, R, gamma, start):
    def objective(preferences):
        pi = np.exp(preferences - preferences.max(axis=1, keepdims=True))
        pi /= pi.sum(axis=1, keepdims=True)
        P_pi = np.einsum("sa,san->sn", pi, P)
        return start @ np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))

    gradient = np.zeros_like(theta)
    for s, a in np.ndindex(*theta.shape):
        step = np.zeros_like(theta)
        step[s, a] = 1e-4
        gradient[s, a] = (objective(theta + step) - objective(theta)) / 1e-4
    return gradient


@mistake("policy_gradient", "central differences with a step of a thousandth are taken, which are close but not exact")
def policy_gradient_uses_central_differences(theta, P, R, gamma, start):
    def objective(preferences):
        pi = np.exp(preferences - preferences.max(axis=1, keepdims=True))
        pi /= pi.sum(axis=1, keepdims=True)
        P_pi = np.einsum("sa,san->sn", pi, P)
        return start @ np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))

    gradient = np.zeros_like(theta)
    for s, a in np.ndindex(*theta.shape):
        step = np.zeros_like(theta)
        step[s, a] = 1e-3
        gradient[s, a] = (objective(theta + step) - objective(theta - step)) / 2e-3
    return gradient


@mistake("policy_gradient", "automatic differentiation runs in single precision")
def policy_gradient_in_single_precision(theta, P, R, gamma, start):
    preferences = torch.tensor(theta, dtype=torch.float32, requires_grad=True)
    model, reward = torch.tensor(P, dtype=torch.float32), torch.tensor(R, dtype=torch.float32)
    pi = torch.softmax(preferences, dim=1)
    system = torch.eye(len(R)) - gamma * torch.einsum("sa,san->sn", pi, model)
    V = torch.linalg.solve(system, (pi * reward).sum(dim=1))
    (torch.tensor(start, dtype=torch.float32) @ V).backward()
    return preferences.grad.numpy().astype(np.float64)


@mistake("policy_gradient", "the gradient is scaled to length 1")
def policy_gradient_scales_to_unit_length(theta, P, R, gamma, start):
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,san->sn", pi, P)
    V = np.linalg.solve(np.eye(len(start)) - gamma * P_pi, (pi * R).sum(axis=1))
    visits = np.linalg.solve(np.eye(len(start)) - gamma * P_pi.T, start)
    gradient = visits[:, None] * pi * (R + gamma * P @ V - V[:, None])
    return gradient / max(np.linalg.norm(gradient), 1e-12)


@mistake("policy_gradient", "preferences are clipped to the range from -10 to 10 before the softmax")
def policy_gradient_clips_preferences(theta, P, R, gamma, start):
    pi = np.exp(np.clip(theta, -10, 10))
    pi /= pi.sum(axis=1, keepdims=True)
    matrix = np.eye(len(R)) - gamma * np.einsum("sa,sat->st", pi, P)
    V = np.linalg.solve(matrix, (pi * R).sum(axis=1))
    visits = np.linalg.solve(matrix.T, start)
    return visits[:, None] * pi * (R + gamma * P @ V - V[:, None])


# ------------------------------------------------------------------------------------------ batched_value_iteration


@mistake(
    "batched_value_iteration",
    "the sweeps stop early once V has nearly converged, which also makes the host wait for the device",
)
def batched_value_iteration_stops_early_with_item(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        new = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
        change = (new - V).abs().max().item()
        V = new
        if change < 1e-3:
            break
    return V


@mistake(
    "batched_value_iteration",
    "the program branches on a tensor's value, so that the host waits for the device in every sweep",
)
def batched_value_iteration_branches_on_a_tensor(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        new = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
        if torch.equal(new, V):
            break
        V = new
    return V


@mistake("batched_value_iteration", MOVED_TO_THE_HOST)
def batched_value_iteration_goes_through_numpy(P, R, gamma, num_iterations):
    model, reward = P.cpu().numpy(), R.cpu().numpy()
    V = np.zeros(reward.shape[:2], dtype=reward.dtype)
    for _ in range(num_iterations):
        V = (reward + gamma * np.einsum("bsan,bn->bsa", model, V)).max(axis=-1).astype(reward.dtype)
    return torch.from_numpy(V).to(device=P.device, dtype=P.dtype)


@mistake("batched_value_iteration", MOVED_TO_THE_HOST)
def batched_value_iteration_works_on_the_cpu(P, R, gamma, num_iterations):
    model, reward = P.to("cpu"), R.to("cpu")
    V = torch.zeros_like(reward[..., 0])
    for _ in range(num_iterations):
        V = (reward + gamma * torch.einsum("bsan,bn->bsa", model, V)).max(dim=-1).values
    return V.to(P.device)


@mistake("batched_value_iteration", MOVED_TO_THE_HOST)
def batched_value_iteration_returns_on_the_cpu(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V.cpu()


@mistake("batched_value_iteration", "V starts on the default device, which is not always the device of the inputs")
def batched_value_iteration_starts_on_the_default_device(P, R, gamma, num_iterations):
    V = torch.zeros(R.shape[:2], dtype=R.dtype)
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "V starts as float32, which does not fit float64 inputs")
def batched_value_iteration_starts_in_the_default_dtype(P, R, gamma, num_iterations):
    V = torch.zeros(R.shape[:2], device=R.device)
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V


@mistake(
    "batched_value_iteration", "V starts as float32, so that the answer has the wrong dtype when there are no sweeps"
)
def batched_value_iteration_has_the_wrong_dtype_without_sweeps(P, R, gamma, num_iterations):
    V = torch.zeros(R.shape[:2], device=R.device)
    for _ in range(num_iterations):
        V = (R + gamma * (P * V[:, None, None, :]).sum(dim=-1)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "the sweeps are computed in single precision")
def batched_value_iteration_in_single_precision(P, R, gamma, num_iterations):
    model, reward = P.float(), R.float()
    V = torch.zeros_like(reward[..., 0])
    for _ in range(num_iterations):
        V = (reward + gamma * torch.einsum("bsan,bn->bsa", model, V)).max(dim=-1).values
    return V.to(R.dtype)


@mistake("batched_value_iteration", "the answer is always float64, also for float32 inputs")
def batched_value_iteration_returns_double_precision(P, R, gamma, num_iterations):
    model, reward = P.double(), R.double()
    V = torch.zeros_like(reward[..., 0])
    for _ in range(num_iterations):
        V = (reward + gamma * torch.einsum("bsan,bn->bsa", model, V)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "only models on the CPU are solved, and zeros are returned for all others")
def batched_value_iteration_gives_up_on_other_devices(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    if P.device.type != "cpu":
        return V
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V


@mistake(
    "batched_value_iteration",
    "a state already uses the new values of the states before it, which is not a synchronous sweep",
)
def batched_value_iteration_updates_in_place(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        for s in range(R.shape[1]):
            V[:, s] = (R[:, s] + gamma * torch.einsum("ban,bn->ba", P[:, s], V)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "there is one sweep fewer than asked for")
def batched_value_iteration_makes_one_sweep_fewer(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(1, num_iterations):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V


@mistake(
    "batched_value_iteration",
    "there is one sweep more than asked for, because V starts at the best reward and not at 0",
)
def batched_value_iteration_starts_from_the_best_reward(P, R, gamma, num_iterations):
    V = R.max(dim=-1).values
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "there is always at least one sweep, even when none is asked for")
def batched_value_iteration_makes_at_least_one_sweep(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(max(1, num_iterations)):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "there are never more than 100 sweeps")
def batched_value_iteration_makes_at_most_a_hundred_sweeps(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(min(num_iterations, 100)):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "the sweeps go on to convergence, however few are asked for")
def batched_value_iteration_ignores_num_iterations(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(1000):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "the discount is always 0.9")
def batched_value_iteration_hard_codes_gamma(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V = (R + 0.9 * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "the transitions of the first model are used for the whole batch")
def batched_value_iteration_uses_the_first_model(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("san,bn->bsa", P[0], V)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "the values of all models in the batch are added up in each backup")
def batched_value_iteration_mixes_the_batch(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsan,cn->bsa", P, V)).max(dim=-1).values
    return V


@mistake(
    "batched_value_iteration",
    "the values are summed over the states you could have come from, not over the next states",
)
def batched_value_iteration_transposes_the_model(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bnas,bn->bsa", P, V)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "the model is reshaped with states and actions exchanged")
def batched_value_iteration_reshapes_in_the_wrong_order(P, R, gamma, num_iterations):
    num_models, num_states, num_actions = R.shape
    flat = P.reshape(num_models, num_states * num_actions, num_states)
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        expected = torch.bmm(flat, V.unsqueeze(-1)).reshape(num_models, num_actions, num_states)
        V = (R + gamma * expected.transpose(1, 2)).max(dim=-1).values
    return V


@mistake("batched_value_iteration", "the values average over the actions in place of taking the best one")
def batched_value_iteration_averages_over_actions(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).mean(dim=-1)
    return V


@mistake(
    "batched_value_iteration", "a smooth maximum (log-sum-exp) is taken over the actions, which lies above the best one"
)
def batched_value_iteration_takes_a_soft_maximum(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V = torch.logsumexp(50 * (R + gamma * torch.einsum("bsan,bn->bsa", P, V)), dim=-1) / 50
    return V


@mistake("batched_value_iteration", "values below 0 are cut off")
def batched_value_iteration_clips_negative_values(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V = torch.relu((R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values)
    return V


@mistake(
    "batched_value_iteration",
    "axes of length one are dropped, which goes wrong for a batch of one model or for a single state",
)
def batched_value_iteration_squeezes_the_answer(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V)).max(dim=-1).values
    return V.squeeze()


@mistake("batched_value_iteration", "the axis of the actions is kept, so that the shape is (B, S, 1)")
def batched_value_iteration_keeps_the_action_axis(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., :1])
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsan,bn->bsa", P, V[..., 0])).max(dim=-1, keepdim=True).values
    return V


@mistake("batched_value_iteration", "the table Q is returned and not the values V")
def batched_value_iteration_returns_q(P, R, gamma, num_iterations):
    Q = torch.zeros_like(R)
    for _ in range(num_iterations):
        Q = R + gamma * torch.einsum("bsan,bn->bsa", P, Q.max(dim=-1).values)
    return Q


@mistake("batched_value_iteration", "there are never more than 1000 sweeps")
def batched_value_iteration_makes_at_most_a_thousand_sweeps(P, R, gamma, num_iterations):
    V = torch.zeros_like(R[..., 0])
    for _ in range(min(num_iterations, 1000)):
        V = (R + gamma * torch.einsum("bsat,bt->bsa", P, V)).amax(dim=-1)
    return V

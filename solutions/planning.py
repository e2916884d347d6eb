"""Unit 2, planning with a learned model: the nine reference functions.

Every function takes plain arrays, keeps no hidden state and raises ``ValueError`` with a sentence on invalid input.
Notation follows Sutton & Barto, *Reinforcement Learning* (2nd edition), chapters 3, 4 and 13.
"""

import numpy as np
import torch

from labkit import validate


def bellman_q(P, R, V, gamma):
    """One expected backup: the value of every action when the next states are worth ``V``.

    $$Q(s, a) = R(s, a) + \\gamma \\sum_{s'} P(s' \\mid s, a)\\, V(s')$$

    Args:
        P: transition probabilities, shape `(S, A, S)`.
        R: expected immediate rewards, shape `(S, A)`.
        V: values of the next states, shape `(S,)`.
        gamma: discount factor in [0, 1).

    Returns:
        `Q`, shape `(S, A)`.

    Source: Sutton & Barto, equation 4.6.
    """
    P, R = validate.model(P, R)
    V = validate.state_values(V, len(P))
    gamma = validate.discount(gamma)
    return R + gamma * P @ V


def value_iteration(P, R, gamma, tol):
    """Optimal values to within `tol`, and a policy that is greedy for them.

    Mind the stopping rule: two sweeps that differ by less than `tol` may still be far from the optimum.

    Args:
        P: transition probabilities, shape `(S, A, S)`.
        R: expected immediate rewards, shape `(S, A)`.
        gamma: discount factor in [0, 1).
        tol: largest allowed error, $\\max_s |V(s) - V^*(s)| \\le$ `tol`.

    Returns:
        `(V, policy)`, shapes `(S,)` and `(S,)`; `policy` is greedy for this very `V`.

    Source: Sutton & Barto, section 4.4.
    """
    P, R = validate.model(P, R)
    gamma = validate.discount(gamma)
    tol = validate.tolerance(tol)
    V = np.full(len(P), R.min() / (1 - gamma))  # from below every sweep raises V, so rounding cannot make it circle
    error_bound = np.inf
    while error_bound > tol:
        V_previous, V = V, (R + gamma * P @ V).max(axis=1)
        error_bound = gamma / (1 - gamma) * np.abs(V - V_previous).max()
    policy = (R + gamma * P @ V).argmax(axis=1)
    return V, policy


def policy_evaluation(P, R, policy, gamma):
    """The values of following `policy` for ever, to within 1e-8.

    $$V^\\pi(s) = R(s, \\pi(s)) + \\gamma \\sum_{s'} P(s' \\mid s, \\pi(s))\\, V^\\pi(s')$$

    Args:
        P: transition probabilities, shape `(S, A, S)`.
        R: expected immediate rewards, shape `(S, A)`.
        policy: one action for each state, shape `(S,)`, integers.
        gamma: discount factor in [0, 1).

    Returns:
        `V`, shape `(S,)`.

    Source: Sutton & Barto, equation 4.4.
    """
    P, R = validate.model(P, R)
    policy = validate.deterministic_policy(policy, *R.shape)
    gamma = validate.discount(gamma)
    states = np.arange(len(P))
    return np.linalg.solve(np.eye(len(P)) - gamma * P[states, policy], R[states, policy])


def policy_iteration(P, R, gamma):
    """Optimal values and an optimal policy by alternating evaluation and improvement.

    Mind ties: two actions of equal value must not make the loop go on for ever.

    Args:
        P: transition probabilities, shape `(S, A, S)`.
        R: expected immediate rewards, shape `(S, A)`.
        gamma: discount factor in [0, 1).

    Returns:
        `(V, policy)`, shapes `(S,)` and `(S,)`: `V` and the value of `policy` are both within 1e-8 of the optimum.

    Source: Sutton & Barto, section 4.3.
    """
    P, R = validate.model(P, R)
    gamma = validate.discount(gamma)
    states = np.arange(len(P))
    policy = R.argmax(axis=1)
    while True:
        V = policy_evaluation(P, R, policy, gamma)
        Q = bellman_q(P, R, V, gamma)
        # Only an improvement that rounding cannot explain changes the policy, so every pass is strictly better.
        rounding = 1e-12 * max(1.0, np.abs(Q).max())
        improvable = Q.max(axis=1) > Q[states, policy] + rounding
        if not improvable.any():
            return V, policy
        policy = np.where(improvable, Q.argmax(axis=1), policy)


def model_disagreement(P, R):
    """How much the members of an ensemble of models disagree about each state and action.

    The population standard deviation of the M rewards, plus the mean over members of the total-variation distance
    (half the L1 norm) between the member's transition row and the mean row.

    Args:
        P: the members' transition probabilities, shape `(M, S, A, S)`.
        R: the members' rewards, shape `(M, S, A)`.

    Returns:
        The disagreement, shape `(S, A)`.

    Source: in the spirit of the uncertainty penalties of MOPO (Yu et al. 2020).
    """
    P, R = validate.ensemble(P, R)
    total_variation = 0.5 * np.abs(P - P.mean(axis=0)).sum(axis=-1)
    return R.std(axis=0) + total_variation.mean(axis=0)


def uncertainty_aware_value_iteration(P, R, gamma, beta, tol):
    """Value iteration on the mean model with the reward `mean(R) + beta * model_disagreement(P, R)`.

    `beta < 0` is pessimistic and avoids what the members disagree about; `beta > 0` is optimistic and seeks it.

    Args:
        P: the members' transition probabilities, shape `(M, S, A, S)`.
        R: the members' rewards, shape `(M, S, A)`.
        gamma: discount factor in [0, 1).
        beta: weight of the disagreement, any sign.
        tol: largest allowed error of the values.

    Returns:
        `(V, policy)`, shapes `(S,)` and `(S,)`: within `tol` of the optimum of that problem, and greedy for that `V`.

    Source: MOPO (Yu et al. 2020), with an ensemble of tables.
    """
    P, R = validate.ensemble(P, R)
    beta = validate.number(beta, "beta")
    return value_iteration(P.mean(axis=0), R.mean(axis=0) + beta * model_disagreement(P, R), gamma, tol)


def robust_value_iteration(P, R, gamma, tol):
    """Plan against the worst member of the ensemble, chosen anew for each state and action.

    $$V(s) = \\max_a \\min_m \\Big[ R_m(s, a) + \\gamma \\sum_{s'} P_m(s' \\mid s, a)\\, V(s') \\Big]$$

    Args:
        P: the members' transition probabilities, shape `(M, S, A, S)`.
        R: the members' rewards, shape `(M, S, A)`.
        gamma: discount factor in [0, 1).
        tol: largest allowed distance of `V` from the fixed point, in the largest state.

    Returns:
        `(V, policy)`, shapes `(S,)` and `(S,)`; `policy` takes the best worst case for this very `V`.

    Source: Iyengar 2005; Nilim & El Ghaoui 2005.
    """
    P, R = validate.ensemble(P, R)
    gamma = validate.discount(gamma)
    tol = validate.tolerance(tol)
    V = np.full(P.shape[1], R.min() / (1 - gamma))
    error_bound = np.inf
    while error_bound > tol:
        V_previous, V = V, (R + gamma * P @ V).min(axis=0).max(axis=1)
        error_bound = gamma / (1 - gamma) * np.abs(V - V_previous).max()
    policy = (R + gamma * P @ V).min(axis=0).argmax(axis=1)
    return V, policy


def policy_gradient(theta, P, R, gamma, start):
    """The exact gradient of the expected return of a softmax policy.

    With $\\pi(a \\mid s) \\propto e^{\\theta(s, a)}$, the objective is
    $J(\\theta) = \\sum_s \\mathrm{start}(s)\\, V^\\pi(s)$.

    Args:
        theta: preferences, shape `(S, A)`.
        P: transition probabilities, shape `(S, A, S)`.
        R: expected immediate rewards, shape `(S, A)`.
        gamma: discount factor in [0, 1).
        start: distribution of the first state, shape `(S,)`.

    Returns:
        The gradient with respect to `theta`, shape `(S, A)`.

    Source: Sutton & Barto, section 13.2 (the policy gradient theorem).
    """
    P, R = validate.model(P, R)
    theta = validate.state_action_values(theta, *R.shape, name="theta")
    gamma = validate.discount(gamma)
    start = validate.state_distribution(start, len(P))
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi /= pi.sum(axis=1, keepdims=True)
    P_pi = np.einsum("sa,sat->st", pi, P)
    bellman_matrix = np.eye(len(P)) - gamma * P_pi
    V = np.linalg.solve(bellman_matrix, (pi * R).sum(axis=1))
    discounted_visits = np.linalg.solve(bellman_matrix.T, start)
    advantage = R + gamma * P @ V - V[:, None]
    return discounted_visits[:, None] * pi * advantage


def batched_value_iteration(P, R, gamma, num_iterations):
    """Exactly `num_iterations` synchronous sweeps of value iteration on B problems at once, from `V = 0`.

    Stay on the device and in the dtype of the inputs, and read no value back to the host: no `.item()`, `.cpu()` or
    `.numpy()`, and no Python `if` on a tensor's value.

    Args:
        P: transition probabilities, a tensor of shape `(B, S, A, S)`.
        R: expected immediate rewards, a tensor of shape `(B, S, A)`.
        gamma: discount factor in [0, 1).
        num_iterations: number of sweeps, 0 or more.

    Returns:
        `V`, a tensor of shape `(B, S)`.

    Source: Sutton & Barto, equation 4.10.
    """
    validate.batched_model(P, R)
    gamma = validate.discount(gamma)
    num_iterations = validate.whole_number(num_iterations, "num_iterations")
    V = torch.zeros_like(R[..., 0])
    for _ in range(num_iterations):
        V = (R + gamma * torch.einsum("bsat,bt->bsa", P, V)).amax(dim=-1)
    return V

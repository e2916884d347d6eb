"""Data from a known world, and models in the plural: what the experiments of the notebooks learn from.

Everything is drawn from the seed that is given. Nothing here plans; the plans are the student's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

CONFIDENCE = 1.96  # standard errors on either side of a mean: 95 % under the normal approximation


def draw_counts(P: np.ndarray, num_samples: int | np.ndarray, seed: int) -> np.ndarray:
    """Try every action in every state a given number of times, and count where it led.

    Args:
        P: the true transition probabilities, shape `(S, A, S)`.
        num_samples: tries of each pair, one number for all or an array `(S, A)`; 0 is allowed.
        seed: of the random draws.

    Returns:
        Counts, shape `(S, A, S)`, integers; `counts[s, a]` sums to the tries of that pair.
    """
    return np.random.default_rng(seed).multinomial(np.broadcast_to(num_samples, P.shape[:2]), P)


def sample_transitions(
    P: np.ndarray, R: np.ndarray, num_samples: int, seed: int, reward_noise: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw transitions from a tabular model, the state and action of each uniformly at random.

    Args:
        P: transition probabilities, shape `(S, A, S)`.
        R: expected rewards, shape `(S, A)`.
        num_samples: number of transitions, N.
        seed: of the random draws.
        reward_noise: standard deviation of the Gaussian noise on each reward, in units of reward.

    Returns:
        `(states, actions, rewards, next_states)`, each of shape `(N,)`, in random order.
    """
    rng = np.random.default_rng(seed)
    num_states, num_actions = R.shape
    tries = rng.multinomial(num_samples, np.full(R.size, 1.0 / R.size)).reshape(R.shape)
    outcomes = rng.multinomial(tries, P).ravel()
    order = rng.permutation(num_samples)
    drawn = np.repeat(np.arange(outcomes.size), outcomes)[order]
    states, actions, next_states = np.unravel_index(drawn, (num_states, num_actions, num_states))
    rewards = R[states, actions] + reward_noise * rng.standard_normal(num_samples)
    return states, actions, rewards, next_states


def posterior_models(counts: np.ndarray, possible: np.ndarray, num_members: int, seed: int) -> np.ndarray:
    """Draw models that the data leave possible: members of a Bayesian ensemble.

    Each row is drawn from its Dirichlet posterior. The prior is worth one observation, spread evenly over the states
    that a step from `s` can lead to at all.

    Args:
        counts: observed transitions, shape `(S, A, S)`.
        possible: whether any step from `s` can lead to `s2`, shape `(S, S)`, booleans, at least one in each row.
        num_members: number of models, M.
        seed: of the random draws.

    Returns:
        Transition probabilities, shape `(M, S, A, S)`.

    Source: Strens 2000, A Bayesian framework for reinforcement learning.
    """
    rng = np.random.default_rng(seed)
    prior = possible / possible.sum(axis=1, keepdims=True)
    weights = rng.standard_gamma(prior[:, None, :] + counts, size=(num_members, *counts.shape))
    # A gamma variable of small shape may underflow to 0 in every entry of a row.
    weights += 1e-300 * possible[:, None, :]
    return weights / weights.sum(axis=-1, keepdims=True)


def run_policy(env: Any, policy: np.ndarray, max_steps: int, seed: int) -> tuple[float, np.ndarray]:
    """Walk through one episode and note what happened.

    Args:
        env: a tabular environment (`num_states`, `num_actions`, integer observations).
        policy: one action for each state, shape `(S,)`.
        max_steps: the walk is cut after so many steps.
        seed: of the environment.

    Returns:
        `(total_reward, tally)`: the undiscounted sum of rewards, and how often each transition was seen,
        shape `(S, A, S)`, integers.
    """
    tally = np.zeros((env.num_states, env.num_actions, env.num_states), dtype=np.int64)
    state, _ = env.reset(seed=seed)
    total_reward = 0.0
    for _ in range(max_steps):
        action = int(policy[state])
        arrived, reward, terminated, truncated, _ = env.step(action)
        tally[state, action, arrived] += 1
        total_reward += reward
        state = arrived
        if terminated or truncated:
            break
    return total_reward, tally


def mean_interval(samples: np.ndarray, axis: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over `axis` and the half width of its 95 % interval (normal approximation)."""
    samples = np.asarray(samples, dtype=np.float64)
    standard_error = samples.std(axis=axis, ddof=1) / np.sqrt(samples.shape[axis])
    return samples.mean(axis=axis), CONFIDENCE * standard_error

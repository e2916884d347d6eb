"""Ready-made learners and planners for comparisons: many runs at once, so that curves with intervals cost seconds.

All runs of a batch go in lockstep through grid worlds of their own. They are demonstrations, not exercises: later units
build such methods one step at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def learn(
    env: Any,
    num_runs: int,
    num_steps: int,
    replays: int,
    seed: int,
    *,
    learning_rate: float = 0.5,
    gamma: float = 0.95,
    exploration: float = 0.1,
    record_every: int = 100,
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Let many independent learners walk through a grid world and learn the values of actions on the way.

    Without replays this is Q-learning (Watkins 1989). With replays it is Dyna-Q (Sutton 1990): each real step is
    followed by that many more updates on steps drawn from a model, here the observed frequencies.

    Args:
        env: a `GridWorld`; every run walks in a copy of its own.
        num_runs: B, runs in lockstep.
        num_steps: real steps of each run.
        replays: steps drawn from the model after each real one.
        seed: of everything random.
        learning_rate: weight of the new estimate in an update.
        gamma: discount factor.
        exploration: probability of a random action.
        record_every: real steps between two records.

    Returns:
        `(policies, experience)`: the greedy policies after 0, `record_every`, … steps, shape `(K, B, S)`, and all real
        steps `(states, actions, rewards, next_states)`, each `(num_steps, B)`.
    """
    rng = np.random.default_rng(seed)
    odds = env.model()[0].cumsum(axis=2)
    runs, num_actions = np.arange(num_runs), env.num_actions
    table = np.zeros((num_runs, env.num_states * num_actions))  # one column for each pair of state and action
    outcomes = np.zeros((*table.shape, env.num_states))  # how often each pair led where
    known = np.zeros_like(table, dtype=np.int64)  # the pairs tried so far, in order of their first try
    num_known = np.zeros(num_runs, dtype=np.int64)
    by_pair = table.reshape(num_runs, env.num_states, num_actions)

    def greedy() -> np.ndarray:
        return (by_pair + 1e-9 * rng.random(by_pair.shape)).argmax(axis=2)

    def improve(pairs: np.ndarray, arrivals: np.ndarray) -> None:
        goes_on = gamma * ~env.terminal[arrivals]
        targets = env.arrival_rewards[arrivals] + goes_on * by_pair[runs, arrivals].max(axis=1)
        table[runs, pairs] += learning_rate * (targets - table[runs, pairs])

    def restart() -> np.ndarray:
        return rng.choice(env.num_states, size=num_runs, p=env.start)

    states, policies, steps = restart(), [greedy()], []
    for time in range(1, num_steps + 1):
        best = (by_pair[runs, states] + 1e-9 * rng.random((num_runs, num_actions))).argmax(axis=1)
        actions = np.where(rng.random(num_runs) < exploration, rng.integers(num_actions, size=num_runs), best)
        arrivals = (odds[states, actions] <= rng.random((num_runs, 1))).sum(axis=1)
        pairs = states * num_actions + actions
        improve(pairs, arrivals)
        new = ~outcomes[runs, pairs].any(axis=1)
        known[runs[new], num_known[new]] = pairs[new]
        num_known += new
        outcomes[runs, pairs, arrivals] += 1
        for _ in range(replays):
            drawn = known[runs, rng.integers(num_known)]
            tally = outcomes[runs, drawn].cumsum(axis=1)
            improve(drawn, (tally <= tally[:, -1:] * rng.random((num_runs, 1))).sum(axis=1))
        steps.append((states, actions, env.arrival_rewards[arrivals], arrivals))
        states = np.where(env.terminal[arrivals], restart(), arrivals)
        if time % record_every == 0:
            policies.append(greedy())
    return np.stack(policies), tuple(np.stack(part) for part in zip(*steps, strict=True))


def plan(P: np.ndarray, R: np.ndarray, gamma: float, lookahead: int = 200) -> np.ndarray:
    """Return the first actions of the best plan of `lookahead` steps in a tabular model, one for each state.

    Args:
        P: transition probabilities, shape `(S, A, S)`.
        R: expected rewards, shape `(S, A)`.
        gamma: discount factor.
        lookahead: length of the plan, in steps.

    Returns:
        A policy, shape `(S,)`.
    """
    rows, rewards = P.reshape(-1, len(P)), R.ravel()
    scores = rewards
    for _ in range(lookahead - 1):
        scores = rewards + gamma * (rows @ scores.reshape(R.shape).max(axis=1))
    return scores.reshape(R.shape).argmax(axis=1)


def worth(P: np.ndarray, R: np.ndarray, policies: np.ndarray, gamma: float, start: np.ndarray) -> np.ndarray:
    """Return the discounted reward that policies earn from the start in a tabular world, by doubling the horizon.

    Args:
        P: transition probabilities, shape `(S, A, S)`.
        R: expected rewards, shape `(S, A)`.
        policies: an action for each state, shape `(…, S)`.
        gamma: discount factor.
        start: distribution of the first state, shape `(S,)`.

    Returns:
        Worths of shape `(…,)`, of the first 1024 steps.
    """
    every = np.arange(len(P))
    reach, earned = gamma * P[every, policies], R[every, policies][..., None]
    for _ in range(10):
        earned, reach = earned + reach @ earned, reach @ reach
    return earned[..., 0] @ start


def visits(P: np.ndarray, policy: np.ndarray, start: np.ndarray, num_steps: int) -> np.ndarray:
    """Return how many of the first `num_steps` steps of a policy are expected in each state, shape `(S,)`."""
    chain, now = P[np.arange(len(P)), policy], start
    total = np.zeros_like(start)
    for _ in range(num_steps):
        total, now = total + now, now @ chain
    return total

"""Problem generators: the Hypothesis strategies that public and hidden properties share.

``models`` and ``ensembles`` draw every entry by itself, from small numbers, so that a counterexample shrinks to a
problem one can solve on paper. ``random_models`` and ``random_ensembles`` draw larger ones from a seed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

discounts = st.sampled_from([0.5, 0.0, 0.25, 0.9, 0.75])
small_rewards = st.integers(-3, 3)
steep_discounts = st.sampled_from([0.9, 0.95, 0.99])


@st.composite
def models(
    draw: st.DrawFn,
    max_states: int = 3,
    max_actions: int = 3,
    deterministic: bool = False,
    rewards: st.SearchStrategy[int] = small_rewards,
) -> dict[str, np.ndarray]:
    """Small tabular models: dict of ``P (S, A, S)`` and ``R (S, A)``, both made of small whole numbers."""
    num_states = draw(st.integers(1, max_states))
    num_actions = draw(st.integers(1, max_actions))
    P = np.zeros((num_states, num_actions, num_states))
    for row in P.reshape(-1, num_states):
        row[:] = draw(_rows(num_states, deterministic))
    R = np.array(draw(st.lists(rewards, min_size=P[..., 0].size, max_size=P[..., 0].size)), dtype=np.float64)
    return {"P": P, "R": R.reshape(num_states, num_actions)}


@st.composite
def _rows(draw: st.DrawFn, num_states: int, deterministic: bool) -> np.ndarray:
    if deterministic:
        return np.eye(num_states)[draw(st.integers(0, num_states - 1))]
    weights = np.array(draw(st.lists(st.integers(0, 3), min_size=num_states, max_size=num_states)), dtype=np.float64)
    if not weights.any():
        weights[0] = 1.0
    return weights / weights.sum()


@st.composite
def ensembles(
    draw: st.DrawFn, max_members: int = 3, max_states: int = 3, max_actions: int = 2
) -> dict[str, np.ndarray]:
    """Small ensembles of models: dict of ``P (M, S, A, S)`` and ``R (M, S, A)``."""
    num_members = draw(st.integers(1, max_members))
    num_states = draw(st.integers(1, max_states))
    num_actions = draw(st.integers(1, max_actions))
    P = np.zeros((num_members, num_states, num_actions, num_states))
    for row in P.reshape(-1, num_states):
        row[:] = draw(_rows(num_states, deterministic=False))
    R = draw(st.lists(small_rewards, min_size=P[..., 0].size, max_size=P[..., 0].size))
    return {"P": P, "R": np.array(R, dtype=np.float64).reshape(P.shape[:3])}


def with_inputs(base: st.SearchStrategy[dict[str, Any]], **inputs: st.SearchStrategy[Any]) -> st.SearchStrategy:
    """Cases of ``base`` with further named inputs, each drawn from its own strategy."""
    return st.tuples(base, st.fixed_dictionaries(inputs)).map(lambda parts: {**parts[0], **parts[1]})


def with_values(base: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Cases of ``base`` with state values ``V (S,)`` of small whole numbers."""

    @st.composite
    def add_values(draw: st.DrawFn) -> dict[str, Any]:
        case = draw(base)
        num_states = case["P"].shape[-1]
        V = draw(st.lists(st.integers(-3, 3), min_size=num_states, max_size=num_states))
        return {**case, "V": np.array(V, dtype=np.float64)}

    return add_values()


def with_policy(base: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Cases of ``base`` with a deterministic ``policy (S,)``."""

    @st.composite
    def add_policy(draw: st.DrawFn) -> dict[str, Any]:
        case = draw(base)
        num_states, num_actions = case["R"].shape
        policy = draw(st.lists(st.integers(0, num_actions - 1), min_size=num_states, max_size=num_states))
        return {**case, "policy": np.array(policy, dtype=np.int64)}

    return add_policy()


def draw_rows(rng: np.random.Generator, shape: tuple[int, ...], num_states: int, kind: str) -> np.ndarray:
    """Return probability rows ``shape + (num_states,)``; ``kind`` is one of ``ROW_KINDS``.

    In a ``chain`` the last axis of ``shape`` counts actions: the first moves on, the others move back, and the last
    state is absorbing.
    """
    if kind == "chain":
        return _chain_rows(shape, num_states, float(rng.choice([0.0, 0.1])))
    if kind == "deterministic":
        return np.eye(num_states)[rng.integers(num_states, size=shape)]
    rows = rng.dirichlet(np.ones(num_states), size=shape)
    if kind == "sparse":
        keep = rng.random(rows.shape) < 0.4
        np.put_along_axis(keep, rng.integers(num_states, size=shape)[..., None], True, axis=-1)
        rows = np.where(keep, rows + 1e-3, 0.0)
    return rows / rows.sum(axis=-1, keepdims=True)


def _chain_rows(shape: tuple[int, ...], num_states: int, slip: float) -> np.ndarray:
    states = np.arange(num_states)
    onward, back = (
        np.eye(num_states)[np.minimum(states + 1, num_states - 1)],
        np.eye(num_states)[np.maximum(states - 1, 0)],
    )
    last = states[:, None] == num_states - 1
    moves = [np.where(last, onward, (1 - slip) * there + slip * back) for there in (onward, back)]
    rows = np.stack([moves[min(action, 1)] for action in range(shape[-1])], axis=1)
    return np.broadcast_to(rows, (*shape, num_states)).copy()


def draw_rewards(rng: np.random.Generator, shape: tuple[int, ...], kind: str) -> np.ndarray:
    """Return rewards of ``shape``; ``kind`` is one of ``REWARD_KINDS``."""
    draws = rng.normal(size=shape)
    if kind == "negative":
        return -np.abs(draws) - 0.1
    if kind == "positive":
        return np.abs(draws) + 0.1
    if kind == "sparse":
        return np.where(rng.random(shape) < 0.2, draws, 0.0)
    if kind == "tied":
        return rng.integers(-1, 2, size=shape).astype(np.float64)
    return draws * {"normal": 1.0, "large": 1e4, "small": 1e-3}[kind]


ROW_KINDS = ("dense", "sparse", "deterministic", "chain")
REWARD_KINDS = ("normal", "negative", "positive", "sparse", "tied", "large", "small")


def random_models(
    min_states: int = 1, max_states: int = 8, max_actions: int = 5, reward_kinds: tuple[str, ...] = REWARD_KINDS
) -> st.SearchStrategy[dict[str, np.ndarray]]:
    """Models of every kind of dynamics and reward, drawn from a seed."""

    def build(random_seed: int, rows: str, rewards: str) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(random_seed)
        num_states = int(rng.integers(min_states, max_states + 1))
        num_actions = int(rng.integers(1, max_actions + 1))
        P = draw_rows(rng, (num_states, num_actions), num_states, rows)
        return {"P": P, "R": draw_rewards(rng, (num_states, num_actions), rewards)}

    return st.builds(build, st.integers(0, 2**32 - 1), st.sampled_from(ROW_KINDS), st.sampled_from(reward_kinds))


def random_ensembles(
    max_members: int = 5, max_states: int = 6, max_actions: int = 4, reward_kinds: tuple[str, ...] = REWARD_KINDS
) -> st.SearchStrategy[dict[str, np.ndarray]]:
    """Ensembles of every kind of dynamics and reward, drawn from a seed."""

    def build(random_seed: int, rows: str, rewards: str) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(random_seed)
        num_members = int(rng.integers(1, max_members + 1))
        num_states = int(rng.integers(1, max_states + 1))
        num_actions = int(rng.integers(1, max_actions + 1))
        P = draw_rows(rng, (num_members, num_states, num_actions), num_states, rows)
        return {"P": P, "R": draw_rewards(rng, (num_members, num_states, num_actions), rewards)}

    return st.builds(build, st.integers(0, 2**32 - 1), st.sampled_from(ROW_KINDS), st.sampled_from(reward_kinds))


def corridor(length: int) -> dict[str, np.ndarray]:
    """A corridor of ``length`` states, actions 0 = left and 1 = right; leaving the last state to the right pays 1.

    The exit is one more state, absorbing and worth nothing, so the best plan from state ``s`` needs ``length - s``
    steps to the right.
    """
    P = np.zeros((length + 1, 2, length + 1))
    R = np.zeros((length + 1, 2))
    for state in range(length):
        P[state, 0, max(state - 1, 0)] = 1.0
        P[state, 1, state + 1] = 1.0
    P[length, :, length] = 1.0
    R[length - 1, 1] = 1.0
    return {"P": P, "R": R}

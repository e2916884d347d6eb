"""Tabular models, values and policies."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping

import numpy as np

from labkit.validate.arrays import float_array, not_negative


def probability_rows(P: np.ndarray, name: str) -> None:
    if (P < 0).any():
        raise ValueError(f"{name} must not contain negative probabilities, but its smallest entry is {P.min()}.")
    sums = P.sum(axis=-1)
    gap = np.abs(sums - 1.0)
    if gap.max(initial=0.0) > 1e-8:
        row = tuple(int(i) for i in np.unravel_index(gap.argmax(), gap.shape))
        raise ValueError(f"every row of {name} must sum to 1, but row {list(row)} sums to {sums[row]:.10g}.")


def model(P, R) -> tuple[np.ndarray, np.ndarray]:
    """Return transition probabilities ``P (S, A, S)`` and expected rewards ``R (S, A)`` as float64 arrays."""
    P, R = float_array(P, "P", 3), float_array(R, "R", 2)
    if 0 in P.shape:
        raise ValueError(f"P must have at least one state and one action, but its shape is {P.shape}.")
    if P.shape[0] != P.shape[2]:
        raise ValueError(f"P must have shape (S, A, S), but its shape is {P.shape}.")
    if R.shape != P.shape[:2]:
        raise ValueError(f"R must have shape (S, A) = {P.shape[:2]}, but its shape is {R.shape}.")
    probability_rows(P, "P")
    return P, R


def ensemble(P, R) -> tuple[np.ndarray, np.ndarray]:
    """Return the M member models ``P (M, S, A, S)`` and ``R (M, S, A)`` as float64 arrays."""
    P, R = float_array(P, "P", 4), float_array(R, "R", 3)
    if 0 in P.shape:
        raise ValueError(f"P must have at least one member, state and action, but its shape is {P.shape}.")
    if P.shape[1] != P.shape[3]:
        raise ValueError(f"P must have shape (M, S, A, S), but its shape is {P.shape}.")
    if R.shape != P.shape[:3]:
        raise ValueError(f"R must have shape (M, S, A) = {P.shape[:3]}, but its shape is {R.shape}.")
    probability_rows(P, "P")
    return P, R


def transitions(P) -> np.ndarray:
    """Return transition probabilities ``P (S, A, S)`` as a float64 array."""
    P = float_array(P, "P", 3)
    if 0 in P.shape or P.shape[0] != P.shape[2]:
        raise ValueError(f"P must have shape (S, A, S) with no empty axis, but its shape is {P.shape}.")
    probability_rows(P, "P")
    return P


def transition_counts(counts) -> np.ndarray:
    """Return how often each transition was seen, ``counts (S, A, S)``, none of them negative."""
    counts = float_array(counts, "counts", 3)
    if 0 in counts.shape or counts.shape[0] != counts.shape[2]:
        raise ValueError(f"counts must have shape (S, A, S) with no empty axis, but its shape is {counts.shape}.")
    not_negative(counts, "counts")
    return counts


def state_values(V, num_states: int, name: str = "V") -> np.ndarray:
    """Return ``V (S,)`` as a float64 array."""
    V = float_array(V, name, 1)
    if V.shape != (num_states,):
        raise ValueError(f"{name} must have shape (S,) = ({num_states},), but its shape is {V.shape}.")
    return V


def state_action_values(table, num_states: int, num_actions: int, name: str) -> np.ndarray:
    """Return a table ``(S, A)`` as a float64 array."""
    table = float_array(table, name, 2)
    if table.shape != (num_states, num_actions):
        raise ValueError(
            f"{name} must have shape (S, A) = ({num_states}, {num_actions}), but its shape is {table.shape}."
        )
    return table


def action_values(Q, name: str = "Q") -> np.ndarray:
    """Return a table ``Q (S, A)`` of any size, with at least one state and one action, as a float64 array."""
    Q = float_array(Q, name, 2)
    if 0 in Q.shape:
        raise ValueError(f"{name} must have at least one state and one action, but its shape is {Q.shape}.")
    return Q


def state_distribution(start, num_states: int, name: str = "start") -> np.ndarray:
    """Return a probability distribution ``(S,)`` over states."""
    start = state_values(start, num_states, name)
    probability_rows(start[None, :], name)
    return start


def deterministic_policy(policy, num_states: int, num_actions: int) -> np.ndarray:
    """Return ``policy (S,)``, one action in ``0 … A-1`` for each state, as an int64 array."""
    try:
        policy = np.asarray(policy)
    except ValueError as error:
        raise ValueError(f"policy must be one action for each state, but it could not be read ({error}).") from None
    if policy.shape != (num_states,):
        raise ValueError(f"policy must have shape (S,) = ({num_states},), but its shape is {policy.shape}.")
    if not np.issubdtype(policy.dtype, np.integer):
        raise ValueError(f"policy must hold whole numbers, but its dtype is {policy.dtype}.")
    if policy.min() < 0 or policy.max() >= num_actions:
        raise ValueError(
            f"policy must hold actions between 0 and {num_actions - 1}, "
            f"but it contains {policy.min() if policy.min() < 0 else policy.max()}."
        )
    return policy.astype(np.int64)


def transition_model(model, num_states: int, num_actions: int) -> dict[tuple[int, int], tuple[float, int, bool]]:
    """Return a learned model, a dict ``(state, action) -> (reward, next_state, terminated)``."""
    if not isinstance(model, Mapping):
        raise ValueError(f"model must be a dict, but it is of type {type(model).__name__}.")
    if _is_plain_model(model, num_states, num_actions):
        return dict(model)
    try:
        rows = [(state, action, *outcome) for (state, action), outcome in model.items()]
        table = np.array(rows, dtype=np.float64).reshape(len(rows), 5)
    except (TypeError, ValueError):
        raise ValueError("model must map each (state, action) to (reward, next_state, terminated).") from None
    if not np.isfinite(table).all():
        raise ValueError("model must hold finite numbers, but it contains NaN or infinity.")
    for column, size, name in ((0, num_states, "state"), (1, num_actions, "action"), (3, num_states, "next state")):
        wrong = (table[:, column] < 0) | (table[:, column] >= size) | (table[:, column] % 1 != 0)
        if wrong.any():
            raise ValueError(
                f"every {name} in model must be between 0 and {size - 1}, but one is {table[wrong, column][0]:g}."
            )
    return dict(model)


def _is_plain_model(model: Mapping, num_states: int, num_actions: int) -> bool:
    """Return whether a model is plainly right; agents ask after every real step, so this costs few microseconds."""
    try:
        rewards, next_states, terminated = zip(*model.values(), strict=True)
        return (
            model.keys() <= _all_pairs(num_states, num_actions)
            and set(next_states) <= _all_pairs(num_states, 0)
            and set(terminated) <= {False, True}
            and math.isfinite(sum(rewards))
        )
    except (TypeError, ValueError, OverflowError):
        return False


@functools.lru_cache(maxsize=16)
def _all_pairs(num_states: int, num_actions: int) -> frozenset:
    """Return all pairs of a state and an action; where there are no actions, all states."""
    if not num_actions:
        return frozenset(range(num_states))
    return frozenset(itertools.product(range(num_states), range(num_actions)))

"""Input validation: each function returns its argument as a clean array, or raises ``ValueError`` with one sentence.

Reference solutions call these first, so that wrong input is reported where it enters and not three formulas later.
Students may use them and need not: no check feeds invalid input to a student's function.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping

import numpy as np


def _float_array(value, name: str, ndim: int) -> np.ndarray:
    """Return ``value`` as a finite float64 array with ``ndim`` axes."""
    try:
        array = np.asarray(value)
        if np.iscomplexobj(array):
            raise TypeError("it holds complex numbers")
        array = array.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be an array of numbers, but it could not be read as one ({error}).") from None
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axes, but its shape is {array.shape}.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, but it contains NaN or infinity.")
    return array


def discount(gamma) -> float:
    """Return the discount factor ``gamma``, which must lie in [0, 1)."""
    try:
        gamma = float(gamma)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"gamma must be a number in [0, 1), but it is {gamma!r}.") from None
    if not 0.0 <= gamma < 1.0:
        raise ValueError(f"gamma must be in [0, 1), but it is {gamma}.")
    return gamma


def tolerance(tol) -> float:
    """Return the tolerance ``tol``, which must be a positive finite number."""
    try:
        tol = float(tol)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"tol must be a positive number, but it is {tol!r}.") from None
    if not 0.0 < tol < np.inf:
        raise ValueError(f"tol must be positive and finite, but it is {tol}.")
    return tol


def number(value, name: str) -> float:
    """Return ``value`` as a finite float."""
    try:
        value = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be a number, but it is {value!r}.") from None
    if not np.isfinite(value):
        raise ValueError(f"{name} must be finite, but it is {value}.")
    return value


def fraction(value, name: str) -> float:
    """Return ``value`` as a float in [0, 1], such as a step size or a probability."""
    value = number(value, name)
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} must be between 0 and 1, but it is {value}.")
    return value


def numbers(value, name: str) -> np.ndarray:
    """Return ``value``, a number or an array of any shape, as a finite float64 array."""
    return _float_array(value, name, np.ndim(value))


def index(value, size: int, name: str) -> int:
    """Return ``value`` as an int in ``0 … size - 1``."""
    value = whole_number(value, name)
    if value >= size:
        raise ValueError(f"{name} must be between 0 and {size - 1}, but it is {value}.")
    return value


def whole_number(value, name: str, minimum: int = 0) -> int:
    """Return ``value`` as an int that is at least ``minimum``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name} must be a whole number, but it is {value!r}.")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, but it is {value}.")
    return int(value)


def _probability_rows(P: np.ndarray, name: str) -> None:
    if (P < 0).any():
        raise ValueError(f"{name} must not contain negative probabilities, but its smallest entry is {P.min()}.")
    sums = P.sum(axis=-1)
    gap = np.abs(sums - 1.0)
    if gap.max(initial=0.0) > 1e-8:
        row = tuple(int(i) for i in np.unravel_index(gap.argmax(), gap.shape))
        raise ValueError(f"every row of {name} must sum to 1, but row {list(row)} sums to {sums[row]:.10g}.")


def model(P, R) -> tuple[np.ndarray, np.ndarray]:
    """Return transition probabilities ``P (S, A, S)`` and expected rewards ``R (S, A)`` as float64 arrays."""
    P, R = _float_array(P, "P", 3), _float_array(R, "R", 2)
    if 0 in P.shape:
        raise ValueError(f"P must have at least one state and one action, but its shape is {P.shape}.")
    if P.shape[0] != P.shape[2]:
        raise ValueError(f"P must have shape (S, A, S), but its shape is {P.shape}.")
    if R.shape != P.shape[:2]:
        raise ValueError(f"R must have shape (S, A) = {P.shape[:2]}, but its shape is {R.shape}.")
    _probability_rows(P, "P")
    return P, R


def ensemble(P, R) -> tuple[np.ndarray, np.ndarray]:
    """Return the M member models ``P (M, S, A, S)`` and ``R (M, S, A)`` as float64 arrays."""
    P, R = _float_array(P, "P", 4), _float_array(R, "R", 3)
    if 0 in P.shape:
        raise ValueError(f"P must have at least one member, state and action, but its shape is {P.shape}.")
    if P.shape[1] != P.shape[3]:
        raise ValueError(f"P must have shape (M, S, A, S), but its shape is {P.shape}.")
    if R.shape != P.shape[:3]:
        raise ValueError(f"R must have shape (M, S, A) = {P.shape[:3]}, but its shape is {R.shape}.")
    _probability_rows(P, "P")
    return P, R


def state_values(V, num_states: int, name: str = "V") -> np.ndarray:
    """Return ``V (S,)`` as a float64 array."""
    V = _float_array(V, name, 1)
    if V.shape != (num_states,):
        raise ValueError(f"{name} must have shape (S,) = ({num_states},), but its shape is {V.shape}.")
    return V


def state_action_values(table, num_states: int, num_actions: int, name: str) -> np.ndarray:
    """Return a table ``(S, A)`` as a float64 array."""
    table = _float_array(table, name, 2)
    if table.shape != (num_states, num_actions):
        raise ValueError(
            f"{name} must have shape (S, A) = ({num_states}, {num_actions}), but its shape is {table.shape}."
        )
    return table


def action_values(Q, name: str = "Q") -> np.ndarray:
    """Return a table ``Q (S, A)`` of any size, with at least one state and one action, as a float64 array."""
    Q = _float_array(Q, name, 2)
    if 0 in Q.shape:
        raise ValueError(f"{name} must have at least one state and one action, but its shape is {Q.shape}.")
    return Q


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


def tabular_env(env) -> tuple[int, int]:
    """Return the numbers of states and actions of a tabular Gymnasium environment."""
    for name in ("reset", "step", "num_states", "num_actions"):
        if not hasattr(env, name):
            raise ValueError(f"env must be a tabular Gymnasium environment, but it has no {name}.")
    return whole_number(env.num_states, "env.num_states", 1), whole_number(env.num_actions, "env.num_actions", 1)


def state_distribution(start, num_states: int, name: str = "start") -> np.ndarray:
    """Return a probability distribution ``(S,)`` over states."""
    start = state_values(start, num_states, name)
    _probability_rows(start[None, :], name)
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


def batched_model(P, R) -> None:
    """Check the shapes of a torch batch ``P (B, S, A, S)``, ``R (B, S, A)`` without reading a value from its device."""
    for name, value in (("P", P), ("R", R)):
        if not hasattr(value, "is_floating_point"):
            raise ValueError(f"{name} must be a torch tensor, but it is of type {type(value).__name__}.")
    if P.ndim != 4 or P.shape[1] != P.shape[3] or 0 in P.shape:
        raise ValueError(f"P must have shape (B, S, A, S) with no empty axis, but its shape is {tuple(P.shape)}.")
    if R.shape != P.shape[:3]:
        raise ValueError(f"R must have shape (B, S, A) = {tuple(P.shape[:3])}, but its shape is {tuple(R.shape)}.")
    if P.device != R.device or P.dtype != R.dtype or not P.is_floating_point():
        raise ValueError(
            "P and R must share one device and one floating-point dtype, "
            f"but they are {P.dtype} on {P.device} and {R.dtype} on {R.device}."
        )

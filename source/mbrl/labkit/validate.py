"""Input validation: each function returns its argument as a clean array, or raises ``ValueError`` with one sentence.

Reference solutions call these first, so that wrong input is reported where it enters and not three formulas later.
Students may use them and need not: no check feeds invalid input to a student's function.
"""

from __future__ import annotations

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


def array(value, name: str, shape: tuple[int | str, ...]) -> np.ndarray:
    """Return ``value`` as a finite float64 array; in ``shape`` a number is a size, a letter stands for any size."""
    result = _float_array(value, name, len(shape))
    if any(wanted not in (size, str(wanted)) for size, wanted in zip(result.shape, shape, strict=True)):
        raise ValueError(f"{name} must have shape {_shown(shape)}, but its shape is {result.shape}.")
    return result


def not_empty(values: np.ndarray, name: str) -> None:
    """Refuse an array with an axis of length 0."""
    if not values.size:
        raise ValueError(f"{name} must not be empty, but its shape is {values.shape}.")


def not_negative(values: np.ndarray, name: str) -> None:
    """Refuse an array with an entry below 0."""
    if values.min() < 0:
        raise ValueError(f"{name} must not be negative, but the smallest entry is {values.min()}.")


def inside(values: np.ndarray, name: str, low: float, high: float) -> None:
    """Refuse an array with an entry that is not strictly between ``low`` and ``high``."""
    if values.min() <= low or values.max() >= high:
        raise ValueError(
            f"{name} must lie between {low} and {high}, but it reaches from {values.min()} to {values.max()}."
        )


def _shown(shape: tuple[int | str, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def indices(value, name: str, limit: int, length: int | str = "N") -> np.ndarray:
    """Return ``value (length,)``, whole numbers from 0 to ``limit - 1``, as an int64 array; it may be empty."""
    result = array(value, name, (length,))
    if (result != np.round(result)).any():
        raise ValueError(f"{name} must hold whole numbers, but it contains {result[result != np.round(result)][0]}.")
    if result.size and (result.min() < 0 or result.max() >= limit):
        worst = result.min() if result.min() < 0 else result.max()
        raise ValueError(f"{name} must be between 0 and {limit - 1}, but it contains {int(worst)}.")
    return result.astype(np.int64)


def transition_counts(counts) -> np.ndarray:
    """Return how often each transition was seen, ``counts (S, A, S)``, none of them negative."""
    counts = _float_array(counts, "counts", 3)
    if 0 in counts.shape or counts.shape[0] != counts.shape[2]:
        raise ValueError(f"counts must have shape (S, A, S) with no empty axis, but its shape is {counts.shape}.")
    not_negative(counts, "counts")
    return counts


def transitions(P) -> np.ndarray:
    """Return transition probabilities ``P (S, A, S)`` as a float64 array."""
    P = _float_array(P, "P", 3)
    if 0 in P.shape or P.shape[0] != P.shape[2]:
        raise ValueError(f"P must have shape (S, A, S) with no empty axis, but its shape is {P.shape}.")
    _probability_rows(P, "P")
    return P


def seed(value) -> int:
    """Return the seed of a random function, a whole number from 0 to 2**31 - 1."""
    value = whole_number(value, "seed")
    if value >= 2**31:
        raise ValueError(f"seed must be less than 2**31, but it is {value}.")
    return value


def positive(value, name: str) -> float:
    """Return ``value`` as a finite float above 0."""
    value = number(value, name)
    if value <= 0:
        raise ValueError(f"{name} must be positive, but it is {value}.")
    return value


def like_tensors(ndim: int, **tensors) -> None:
    """Check that the named tensors share one shape of ``ndim`` axes, none empty, one dtype and one device."""
    first_name, first = next(iter(tensors.items()))
    for name, value in tensors.items():
        if not hasattr(value, "is_floating_point"):
            raise ValueError(f"{name} must be a torch tensor, but it is of type {type(value).__name__}.")
        if value.ndim != ndim or 0 in value.shape or value.shape != first.shape:
            raise ValueError(
                f"{', '.join(tensors)} must share one shape of {ndim} axes, none of them empty, "
                f"but {first_name} has {tuple(first.shape)} and {name} has {tuple(value.shape)}."
            )
        if not value.is_floating_point() or value.dtype != first.dtype or value.device != first.device:
            raise ValueError(
                f"{', '.join(tensors)} must share one floating-point dtype and one device, "
                f"but {first_name} is {first.dtype} on {first.device} and {name} is {value.dtype} on {value.device}."
            )


def device(value):
    """Return ``value`` as a ``torch.device``."""
    import torch

    try:
        return torch.device(value)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"device must name a torch device such as 'cpu', but it is {value!r} ({error}).") from None

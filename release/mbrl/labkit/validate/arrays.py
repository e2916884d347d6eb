"""Numbers and plain arrays."""

from __future__ import annotations

import numpy as np


def float_array(value, name: str, ndim: int) -> np.ndarray:
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


def number(value, name: str, minimum: float = -np.inf) -> float:
    """Return ``value`` as a finite float that is at least ``minimum``."""
    try:
        value = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be a number, but it is {value!r}.") from None
    if not np.isfinite(value):
        raise ValueError(f"{name} must be finite, but it is {value}.")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum:g}, but it is {value}.")
    return value


def fraction(value, name: str) -> float:
    """Return ``value`` as a float in [0, 1], such as a step size or a probability."""
    value = number(value, name)
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} must be between 0 and 1, but it is {value}.")
    return value


def dropout_rate(value) -> float:
    """Return the probability that an activation is dropped, which must lie in [0, 1)."""
    value = number(value, "dropout")
    if not 0.0 <= value < 1.0:
        raise ValueError(f"dropout must be in [0, 1), but it is {value}.")
    return value


def share(value, name: str) -> float:
    """Return ``value`` as a float strictly between 0 and 1, such as the level of an interval."""
    value = number(value, name)
    if not 0.0 < value < 1.0:
        raise ValueError(f"{name} must lie strictly between 0 and 1, but it is {value}.")
    return value


def positive(value, name: str) -> float:
    """Return ``value`` as a finite float above 0."""
    value = number(value, name)
    if value <= 0:
        raise ValueError(f"{name} must be positive, but it is {value}.")
    return value


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


def even_number(value, name: str) -> int:
    """Return ``value`` as an even int that is at least 2."""
    value = whole_number(value, name, minimum=2)
    if value % 2:
        raise ValueError(f"{name} must be even, but it is {value}.")
    return value


def seed(value) -> int:
    """Return the seed of a random function, a whole number from 0 to 2**31 - 1."""
    value = whole_number(value, "seed")
    if value >= 2**31:
        raise ValueError(f"seed must be less than 2**31, but it is {value}.")
    return value


def numbers(value, name: str) -> np.ndarray:
    """Return ``value``, a number or an array of any shape, as a finite float64 array."""
    return float_array(value, name, np.ndim(value))


def array(value, name: str, shape: tuple[int | str, ...]) -> np.ndarray:
    """Return ``value`` as a finite float64 array; in ``shape`` a number is a size, a letter stands for any size."""
    result = float_array(value, name, len(shape))
    if any(wanted not in (size, str(wanted)) for size, wanted in zip(result.shape, shape, strict=True)):
        raise ValueError(f"{name} must have shape {_shown(shape)}, but its shape is {result.shape}.")
    return result


def _shown(shape: tuple[int | str, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def filled(value, name: str, shape: tuple[int | str, ...] | None = None) -> np.ndarray:
    """Return ``value`` as a finite float64 array with at least one entry, of ``shape`` as in ``array`` or of any."""
    result = numbers(value, name) if shape is None else array(value, name, shape)
    not_empty(result, name)
    return result


def not_empty(values: np.ndarray, name: str) -> None:
    """Refuse an array with an axis of length 0."""
    if not values.size:
        raise ValueError(f"{name} must not be empty, but its shape is {values.shape}.")


def with_entries(array: np.ndarray, name: str) -> np.ndarray:
    if 0 in array.shape:
        raise ValueError(f"{name} must have no empty axis, but its shape is {array.shape}.")
    return array


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


def indices(value, name: str, limit: int, length: int | str = "N") -> np.ndarray:
    """Return ``value (length,)``, whole numbers from 0 to ``limit - 1``, as an int64 array; it may be empty."""
    result = array(value, name, (length,))
    if (result != np.round(result)).any():
        raise ValueError(f"{name} must hold whole numbers, but it contains {result[result != np.round(result)][0]}.")
    if result.size and (result.min() < 0 or result.max() >= limit):
        worst = result.min() if result.min() < 0 else result.max()
        raise ValueError(f"{name} must be between 0 and {limit - 1}, but it contains {int(worst)}.")
    return result.astype(np.int64)


def whole_array(value, name: str) -> np.ndarray:
    """Return ``value`` as an int64 array with one axis."""
    array = float_array(value, name, 1)
    if (array != np.round(array)).any() or np.abs(array).max(initial=0) > 2**53:
        raise ValueError(f"{name} must hold whole numbers, but it is {array.tolist()}.")
    return array.astype(np.int64)


def vector(value, name: str) -> np.ndarray:
    """Return ``value`` as a float64 vector with at least one entry."""
    value = float_array(value, name, 1)
    if not len(value):
        raise ValueError(f"{name} must have at least one entry, but it is empty.")
    return value

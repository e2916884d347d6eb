"""Reading what a student's function returned, and saying in words where it is off.

Each reader accepts everything the contract allows (lists, tuples, other number types) and raises ``Violation`` with
one sentence otherwise. The same readers run in a student's notebook and in grading, so both judge alike.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

READ_BACK = "reads a value back to the host"


class Violation(Exception):
    """A property does not hold; the message is the sentence that the student reads."""


def array(value: Any, shape: tuple[int, ...], name: str, infinite: bool = False) -> np.ndarray:
    """Return ``value`` as a float64 array of exactly ``shape``, free of NaN and, unless ``infinite``, of infinity."""
    if value is None:
        raise Violation(f"{name} is missing: the function returned None instead of numbers.")
    try:
        if _holds_text(value):  # NumPy would give every entry the room of the longest text
            raise TypeError
        raw = np.array(_detached(value), subok=False)
        if not _holds_numbers(raw) or isinstance(value, bytearray):
            raise TypeError
        if np.iscomplexobj(raw) and not raw.imag.any():
            raw = raw.real
        result = raw.astype(np.float64) if not np.iscomplexobj(raw) else None
    except (TypeError, ValueError, RuntimeError, OverflowError):
        result = None
    if result is None:
        raise Violation(f"{name} should be an array of numbers of shape {shape}, but it is {kind(value)}.")
    if result.shape != shape:
        raise Violation(f"{name} should have shape {shape}, but its shape is {result.shape}.")
    if np.isnan(result).any() or not (infinite or np.isfinite(result).all()):
        raise Violation(f"{name} should be {'free of NaN' if infinite else 'finite'}, but it contains NaN or infinity.")
    return result


def actions(value: Any, num_states: int, num_actions: int, name: str = "policy") -> np.ndarray:
    """Return ``value`` as int64 actions, one for each state, each in ``0 … num_actions - 1``."""
    result = array(value, (num_states,), name)
    if (result != np.round(result)).any():
        raise Violation(f"{name} should hold whole numbers, but it contains {_number(_first_fraction(result))}.")
    if result.min() < 0 or result.max() >= num_actions:
        worst = result.min() if result.min() < 0 else result.max()
        raise Violation(f"{name} should hold actions from 0 to {num_actions - 1}, but it contains {int(worst)}.")
    return result.astype(np.int64)


def pair(value: Any, names: str = "(V, policy)") -> tuple[Any, Any]:
    """Return the two parts of a result such as ``(V, policy)``."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes, bytearray)):
        raise Violation(f"the function should return the pair {names}, but it returned {kind(value)}.")
    if len(value) != 2:
        raise Violation(f"the function should return the pair {names}, but it returned {len(value)} values.")
    return value[0], value[1]


def parts(value: Any, names: Sequence[str]) -> tuple[Any, ...]:
    """Return the parts of a result such as ``(mean, aleatoric, epistemic)``; an array is taken apart along its rows."""
    shown = f"({', '.join(names)})"
    if not _has_rows(value) and (not isinstance(value, Sequence) or isinstance(value, (str, bytes, bytearray))):
        raise Violation(f"the function should return {shown}, but it returned {kind(value)}.")
    if len(value) != len(names):
        raise Violation(f"the function should return {shown}, but it returned {len(value)} values.")
    return tuple(value)


def indices(value: Any, length: int | None, limit: int, name: str) -> np.ndarray:
    """Return ``value (length,)`` as int64, each from 0 to ``limit - 1``; ``length`` may be None for any."""
    size = _size(value) if length is None else length
    result = array(value, (size,), name)
    if (result != np.round(result)).any():
        raise Violation(f"{name} should be whole numbers, but they contain {_number(_first_fraction(result))}.")
    if result.size and (result.min() < 0 or result.max() >= limit):
        worst = result.min() if result.min() < 0 else result.max()
        raise Violation(f"{name} should lie between 0 and {limit - 1}, but they contain {int(worst)}.")
    return result.astype(np.int64)


def folds(value: Any, n: int, k: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return ``value`` as ``k`` pairs ``(train, validation)`` of indices of ``n`` examples."""
    if not _has_rows(value) and not isinstance(value, (list, tuple)):
        raise Violation(f"the function should return a list of {k} pairs, but it returned {kind(value)}.")
    if len(value) != k:
        raise Violation(f"the function should return {k} pairs (train, validation), but it returned {len(value)}.")
    pairs = [parts(each, ("train", "validation")) for each in value]
    return [tuple(indices(half, None, n, "the indices of a fold") for half in each) for each in pairs]


def number(value: Any, name: str) -> np.float64:
    """Return ``value`` as one finite number; an array of one number will do."""
    return np.float64(array(value, np.shape(_detached(value)) if _size(value) == 1 else (), name).item())


def counts(value: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Return ``value`` as int64 whole numbers of ``shape``, none below 0."""
    result = array(value, shape, name)
    if (result != np.round(result)).any():
        raise Violation(f"{name} should hold whole numbers, but it contains {_number(_first_fraction(result))}.")
    if (result < 0).any():
        raise Violation(f"{name} should not be negative, but it contains {int(result.min())}.")
    return result.astype(np.int64)


def tensor(value: Any, shape: tuple[int, ...], like: Any, name: str) -> Any:
    """Return ``value`` if it is a finite tensor of ``shape`` with the dtype and device of the tensor ``like``."""
    import torch

    if not isinstance(value, torch.Tensor):
        raise Violation(f"{name} should be a torch tensor, but it is {kind(value)}.")
    if tuple(value.shape) != shape:
        raise Violation(f"{name} should have shape {shape}, but its shape is {tuple(value.shape)}.")
    if value.dtype != like.dtype:
        raise Violation(f"{name} should keep the dtype of the inputs, {like.dtype}, but its dtype is {value.dtype}.")
    if value.device != like.device:
        raise Violation(f"{name} should stay on the inputs' device, {like.device}, but it is on {value.device}.")
    value = value.detach()
    if not torch.isfinite(value).all():
        raise Violation(f"{name} should be finite, but it contains NaN or infinity.")
    return value


def expect_close(actual: np.ndarray, expected: np.ndarray, name: str, tolerance: float, why: str = "") -> None:
    """Raise a violation that names the entry furthest off when some entry differs by more than ``tolerance``."""
    expected = np.broadcast_to(np.asarray(expected, dtype=np.float64), actual.shape)
    gap = np.abs(actual - expected)
    if gap.size == 0 or gap.max() <= tolerance:
        return
    worst = np.unravel_index(gap.argmax(), gap.shape)
    entry = f"{name}[{', '.join(str(int(i)) for i in worst)}]" if worst else name
    reason = f" ({why})" if why else ""
    raise Violation(f"{entry} is {_number(actual[worst])} but should be {_number(expected[worst])}{reason}.")


def _has_rows(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0


def _detached(value: Any) -> Any:
    """Return tensors as arrays, also in lists and tuples; NumPy by itself would refuse one that has a gradient."""
    if isinstance(value, (list, tuple)):
        return [_detached(each) for each in value]
    return value.detach().cpu().resolve_conj().numpy() if hasattr(type(value), "detach") else value


def _holds_text(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_text, value))
    return isinstance(value, (str, bytes, bytearray))


def _size(value: Any) -> int:
    """Return how many entries ``value`` has, -1 where it is no array."""
    if _holds_text(value):
        return -1
    try:
        return int(np.size(_detached(value)))
    except (TypeError, ValueError, RuntimeError):
        return -1


def _holds_numbers(raw: np.ndarray) -> bool:
    """Whether an array holds numbers; text, dates and odd objects would be converted, but nobody asked for them."""
    if raw.dtype == object:
        return all(isinstance(each, (numbers.Number, np.bool_)) for each in raw.flat)
    return raw.dtype.kind in "biufc"


def _first_fraction(values: np.ndarray) -> float:
    return values[values != np.round(values)][0]


def _number(value: float) -> str:
    return f"{float(value):.10g}"


def kind(value: Any) -> str:
    """Return words for what a value is, such as "a list of 3 values"."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)} values"
    if value is None:
        return "None"
    return f"a value of type {type(value).__name__}"


def expect_on_accelerator(seen: dict[str, Any]) -> None:
    """What was seen of a call with inputs on an accelerator: nothing went wrong, and the result stayed there."""
    if seen["fault"]:
        raise Violation(f"On an accelerator: {str(seen['fault'])[:200]}.")
    if not str(seen["device"]).startswith("simgpu"):
        raise Violation("The inputs were on an accelerator, but the result is not.")


def seen_on_accelerator(f: Any, *inputs: Any) -> dict[str, Any] | None:
    """Return what was seen of a call that may read a single value back, to look at it or to print it.

    None where it did: then no result comes to compare. Any other fault is a violation.
    """
    seen = f.on_accelerator(*inputs)
    if READ_BACK in seen["fault"] and not seen["fault"].startswith("."):
        return None
    expect_on_accelerator(seen)
    return seen

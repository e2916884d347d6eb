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


def simulator(step, name: str = "step") -> None:
    """Check that a simulator can be called."""
    if not callable(step):
        raise ValueError(
            f"{name} must be a function of a state and an action, but it is of type {type(step).__name__}."
        )


def environment(env) -> None:
    """Check that ``env`` has the methods and the number of actions that an agent needs."""
    missing = [name for name in ("reset", "step", "num_actions") if not hasattr(env, name)]
    if missing:
        raise ValueError(f"env must be an environment, but {type(env).__name__} has no {' and no '.join(missing)}.")


def node_statistics(visits, value_sums) -> tuple[np.ndarray, np.ndarray]:
    """Return the visits (int64) and the sums of returns (float64) of the nodes of a tree, both ``(N,)``."""
    visits, value_sums = _whole_array(visits, "visits"), _float_array(value_sums, "value_sums", 1)
    if len(visits) != len(value_sums) or not len(visits):
        raise ValueError(
            f"visits and value_sums must have the same length of at least 1, "
            f"but their lengths are {len(visits)} and {len(value_sums)}."
        )
    if visits.min() < 0:
        raise ValueError(f"visits must not be negative, but visits contains {visits.min()}.")
    return visits, value_sums


def path(path, rewards, num_nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a ``path (L + 1,)`` of different nodes and the ``rewards (L,)`` between them."""
    path, rewards = _whole_array(path, "path"), _float_array(rewards, "rewards", 1)
    if not len(path) or len(path) != len(rewards) + 1:
        raise ValueError(
            f"path must hold one node more than rewards holds rewards, but it holds {len(path)} and {len(rewards)}."
        )
    if path.min() < 0 or path.max() >= num_nodes:
        raise ValueError(f"path must hold nodes from 0 to {num_nodes - 1}, but it is {path.tolist()}.")
    if len(set(path.tolist())) < len(path):
        raise ValueError(f"path must hold different nodes, but it is {path.tolist()}.")
    return path, rewards


def _whole_array(value, name: str) -> np.ndarray:
    """Return ``value`` as an int64 array with one axis."""
    array = _float_array(value, name, 1)
    if (array != np.round(array)).any() or np.abs(array).max(initial=0) > 2**53:
        raise ValueError(f"{name} must hold whole numbers, but it is {array.tolist()}.")
    return array.astype(np.int64)


def vector(value, name: str) -> np.ndarray:
    """Return ``value`` as a float64 vector with at least one entry."""
    value = _float_array(value, name, 1)
    if not len(value):
        raise ValueError(f"{name} must have at least one entry, but it is empty.")
    return value


def bounds(low, high) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of an action, both ``(K,)``, each lower one below its upper one."""
    low, high = vector(low, "low"), vector(high, "high")
    if low.shape != high.shape:
        raise ValueError(f"low and high must have one shape, but their shapes are {low.shape} and {high.shape}.")
    if not (low < high).all():
        worst = int((high - low).argmin())
        raise ValueError(
            f"low must be below high, but low[{worst}] is {low[worst]} and high[{worst}] is {high[worst]}."
        )
    return low, high


def action_sequences(actions) -> np.ndarray:
    """Return action sequences ``(N, H, K)`` as float64, or ``(N, H)`` as they are where actions are whole numbers."""
    array = np.asarray(actions)
    if array.ndim == 2 and np.issubdtype(array.dtype, np.integer):
        return _not_empty(array, "actions")
    return _not_empty(_float_array(actions, "actions", 3), "actions")


def scored_samples(samples, returns, ndim: int) -> tuple[np.ndarray, np.ndarray]:
    """Return N samples, an array with ``ndim`` axes, and their returns ``(N,)``."""
    samples = _not_empty(_float_array(samples, "samples", ndim), "samples")
    returns = _float_array(returns, "returns", 1)
    if returns.shape != samples.shape[:1]:
        raise ValueError(f"returns must have shape (N,) = {samples.shape[:1]}, but its shape is {returns.shape}.")
    return samples, returns


def discrete_samples(samples, returns, num_actions: int) -> tuple[np.ndarray, np.ndarray]:
    """Return N sequences ``(N, H)`` of actions in ``0 … num_actions - 1``, as int64, and their returns ``(N,)``."""
    samples, returns = scored_samples(samples, returns, 2)
    if (samples != np.round(samples)).any() or samples.min() < 0 or samples.max() >= num_actions:
        raise ValueError(f"samples must hold whole numbers between 0 and {num_actions - 1}, but some are not.")
    return samples.astype(np.int64), returns


def elite_count(num_elites, num_samples: int, minimum: int = 1) -> int:
    """Return how many of ``num_samples`` are elites: at least ``minimum``, at most all."""
    num_elites = whole_number(num_elites, "num_elites", minimum=minimum)
    if num_elites > num_samples:
        raise ValueError(f"num_elites must be at most the number of samples, {num_samples}, but it is {num_elites}.")
    return num_elites


def _not_empty(array: np.ndarray, name: str) -> np.ndarray:
    if 0 in array.shape:
        raise ValueError(f"{name} must have no empty axis, but its shape is {array.shape}.")
    return array


def planning_tensors(state, noise, low, high, num_elites) -> None:
    """Check the shapes of ``state (D,)``, ``noise (I, N, H, K)`` and the bounds ``(K,)`` without reading a value."""
    tensors = {"noise": (noise, 4), "state": (state, 1), "low": (low, 1), "high": (high, 1)}
    for name, (value, ndim) in tensors.items():
        if not hasattr(value, "is_floating_point"):
            raise ValueError(f"{name} must be a torch tensor, but it is of type {type(value).__name__}.")
        if value.ndim != ndim or 0 in value.shape:
            raise ValueError(f"{name} must have {ndim} axes, none empty, but its shape is {tuple(value.shape)}.")
        if value.device != noise.device or value.dtype != noise.dtype or not value.is_floating_point():
            raise ValueError(
                "state, noise, low and high must share one device and one floating-point dtype, "
                f"but noise is {noise.dtype} on {noise.device} and {name} is {value.dtype} on {value.device}."
            )
    if low.shape != noise.shape[3:] or high.shape != noise.shape[3:]:
        raise ValueError(
            f"low and high must have shape (K,) = {tuple(noise.shape[3:])}, "
            f"but their shapes are {tuple(low.shape)} and {tuple(high.shape)}."
        )
    elite_count(num_elites, noise.shape[1])


def even_number(value, name: str) -> int:
    """Return ``value`` as an even int that is at least 2."""
    value = whole_number(value, name, minimum=2)
    if value % 2:
        raise ValueError(f"{name} must be even, but it is {value}.")
    return value


def plan(value, horizon: int) -> np.ndarray:
    """Return a plan of ``horizon`` actions, ``(H,)`` or ``(H, K)``."""
    value = np.asarray(value)
    if value.ndim not in (1, 2) or len(value) != horizon:
        raise ValueError(f"a plan must hold horizon = {horizon} actions, but its shape is {value.shape}.")
    return value

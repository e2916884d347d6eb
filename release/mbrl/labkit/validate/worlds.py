"""Environments, simulators, searches in them and plans for them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from labkit.validate.arrays import (
    array,
    float_array,
    not_negative,
    vector,
    whole_array,
    whole_number,
    with_entries,
)


def tabular_env(env) -> tuple[int, int]:
    """Return the numbers of states and actions of a tabular Gymnasium environment."""
    for name in ("reset", "step", "num_states", "num_actions"):
        if not hasattr(env, name):
            raise ValueError(f"env must be a tabular Gymnasium environment, but it has no {name}.")
    return whole_number(env.num_states, "env.num_states", 1), whole_number(env.num_actions, "env.num_actions", 1)


def environment(env) -> None:
    """Check that ``env`` has the methods and the number of actions that an agent needs."""
    missing = [name for name in ("reset", "step", "num_actions") if not hasattr(env, name)]
    if missing:
        raise ValueError(f"env must be an environment, but {type(env).__name__} has no {' and no '.join(missing)}.")


def simulator(step, name: str = "step") -> None:
    """Check that a simulator can be called."""
    if not callable(step):
        raise ValueError(
            f"{name} must be a function of a state and an action, but it is of type {type(step).__name__}."
        )


def functions(**named) -> None:
    """Check that each of the named parts of a model can be called."""
    for name, value in named.items():
        if not callable(value):
            raise ValueError(f"{name} must be a function, but it is of type {type(value).__name__}.")


def model_step(outcome, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what a batched model answers about states of ``shape``: next states, rewards and ends (booleans)."""
    if not isinstance(outcome, (tuple, list)) or len(outcome) != 3:
        raise ValueError("step must return (next_states, rewards, terminated), but it returned something else.")
    next_states = array(outcome[0], "next_states", shape)
    rewards, terminated = (
        array(each, name, shape[:1]) for each, name in zip(outcome[1:], ("rewards", "terminated"), strict=True)
    )
    return next_states, rewards, terminated.astype(bool)


def action_statistics(priors, q_values, visits) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return priors and values (float64) and visits (int64) of the actions of a node, all ``(A,)``."""
    priors, q_values, visits = vector(priors, "priors"), vector(q_values, "q_values"), whole_array(visits, "visits")
    if not len(priors) == len(q_values) == len(visits):
        raise ValueError(
            f"priors, q_values and visits must have the same length, "
            f"but their lengths are {len(priors)}, {len(q_values)} and {len(visits)}."
        )
    not_negative(priors, "priors")
    not_negative(visits, "visits")
    return priors, q_values, visits


def methods(value) -> None:
    """Check that ``value`` maps names to functions, at least one."""
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"methods must be a dict with at least one method, but it is {value!r}.")
    for name, method in value.items():
        if not callable(method):
            raise ValueError(f"methods must map names to functions, but methods[{name!r}] is {method!r}.")


def statistic(value) -> None:
    """Check that a statistic can be called."""
    if not callable(value):
        raise ValueError(f"statistic must be a function of an array, but it is of type {type(value).__name__}.")


def maker(value) -> None:
    """Check that a maker of environments can be called."""
    if not callable(value):
        raise ValueError(f"make_env must be a function that returns an environment, but it is {value!r}.")


def node_statistics(visits, value_sums) -> tuple[np.ndarray, np.ndarray]:
    """Return the visits (int64) and the sums of returns (float64) of the nodes of a tree, both ``(N,)``."""
    visits, value_sums = whole_array(visits, "visits"), float_array(value_sums, "value_sums", 1)
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
    path, rewards = whole_array(path, "path"), float_array(rewards, "rewards", 1)
    if not len(path) or len(path) != len(rewards) + 1:
        raise ValueError(
            f"path must hold one node more than rewards holds rewards, but it holds {len(path)} and {len(rewards)}."
        )
    if path.min() < 0 or path.max() >= num_nodes:
        raise ValueError(f"path must hold nodes from 0 to {num_nodes - 1}, but it is {path.tolist()}.")
    if len(set(path.tolist())) < len(path):
        raise ValueError(f"path must hold different nodes, but it is {path.tolist()}.")
    return path, rewards


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
        return with_entries(array, "actions")
    return with_entries(float_array(actions, "actions", 3), "actions")


def scored_samples(samples, returns, ndim: int) -> tuple[np.ndarray, np.ndarray]:
    """Return N samples, an array with ``ndim`` axes, and their returns ``(N,)``."""
    samples = with_entries(float_array(samples, "samples", ndim), "samples")
    returns = float_array(returns, "returns", 1)
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


def plan(value, horizon: int) -> np.ndarray:
    """Return a plan of ``horizon`` actions, ``(H,)`` or ``(H, K)``."""
    value = np.asarray(value)
    if value.ndim not in (1, 2) or len(value) != horizon:
        raise ValueError(f"a plan must hold horizon = {horizon} actions, but its shape is {value.shape}.")
    return value

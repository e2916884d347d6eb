"""Facts about an answer that is chance: what does not change with the seed, and tells one mistake from another.

``FACTS[exercise](answer, **arguments)`` returns a tuple of things that can be compared with ``==``, ``None`` for what
says nothing in this case, after the call, so that a simulator among the arguments can be asked what was done with it.
They are used to name a mistake, never for points. ``ASKED[exercise]`` are arguments on which the facts tell more than
on those that the exercise's properties happen to draw.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

MANY = 90
FACTS: dict[str, Callable[..., tuple]] = {}
ASKED: dict[str, Sequence[tuple]] = {}


def about(exercise: str, asked: Sequence[tuple] = ()) -> Callable[[Callable[..., tuple]], Callable[..., tuple]]:
    """Return a decorator that notes a function as the one that knows the facts about ``exercise``."""

    def note(function: Callable[..., tuple]) -> Callable[..., tuple]:
        FACTS[exercise], ASKED[exercise] = function, asked
        return function

    return note


@about("kfold_indices", asked=[(60, 4, 17), (43, 5, 101), (50, 7, 3), (37, 3, 2024)])
def of_folds(folds: Any, n: int, k: int, seed: int) -> tuple:
    """What the sets look like: sizes, overlaps, neighbours."""
    train = [np.asarray(each[0], dtype=np.int64) for each in folds]
    validation = [np.sort(np.asarray(each[1], dtype=np.int64)) for each in folds]
    sizes = [len(each) for each in validation]
    everything = np.concatenate(validation)
    whole = [each for each in validation if len(each)]
    order = (
        all((np.diff(each) == 1).all() for each in whole),
        all(sum(np.diff(each, append=each[0]) % n != 1) <= 1 for each in whole),
        all(a[-1] < b[0] for a, b in pairwise(whole)),
        all((each % k == number).all() for number, each in enumerate(validation)),
        validation[-1].tolist() == list(range(n - len(validation[-1]), n)),
        all(n - n % k + i in validation[i % len(validation)] for i in range(n % k)) if n % k else None,
    )
    return (
        len(folds),
        tuple(sorted(sizes)),
        max(sizes) - min(sizes) > 1,
        tuple(sorted(len(each) for each in train)),
        len(set(everything.tolist())),
        (everything.min(), everything.max()),
        len(everything) > len(set(everything.tolist())),
        any(np.isin(t, v).any() for t, v in zip(train, validation, strict=True)),
        all(len(np.union1d(t, v)) == n for t, v in zip(train, validation, strict=True)),
        *(order if math.comb(n, n // k) > 1000 else [None] * len(order)),  # shuffled, a small set may look like that
    )


def _choice_among(tried: np.ndarray, plan: np.ndarray, scores: dict[str, np.ndarray]) -> str:
    """Return by which scores ``plan`` is the best of the sequences tried, the name of the first that fits."""
    return next((name for name, score in scores.items() if np.allclose(plan, tried[np.argmax(score)])), "none")


def _scores(simulator: Any, start: Any, tried: np.ndarray, gamma: float) -> dict[str, np.ndarray]:
    discounted = simulator.returns(start, tried, gamma)
    total = simulator.returns(start, tried, 1.0)
    shorter = simulator.returns(start, tried[:, :-1], 1.0) if tried.shape[1] > 1 else np.zeros(len(tried))
    return {
        "the return": discounted,
        "the return, worst": -discounted,
        "the sum of rewards": total,
        "the first reward": simulator.returns(start, tried, 0.0),
        "the last reward": total - shorter,
    }


def _unit(actions: np.ndarray, low: Any, high: Any) -> np.ndarray:
    return (actions - np.asarray(low)) / (np.asarray(high) - np.asarray(low))


@about("random_shooting")
def of_random_sequences(plan, step, state, horizon, num_samples, low, high, gamma, seed) -> tuple:
    """How many sequences were tried, where they lie, and which of them was returned."""
    simulator = step.__self__
    tried = simulator.sequences(horizon)
    plan = np.asarray(plan, dtype=np.float64)
    if plan.shape != tried.shape[1:]:
        return (len(tried), plan.shape)
    unit = _unit(tried, low, high)
    among = [(tried[:, t] == plan[t]).all(axis=1) for t in range(horizon)]
    if len(tried) < MANY:  # too few to tell whose plan it is
        return (len(tried), plan.shape, bool((unit < 0).any() or (unit > 1).any()))
    return (
        len(tried),
        plan.shape,
        _choice_among(tried, plan, _scores(simulator, np.asarray(state)[:-1], tried, gamma)),
        bool(np.allclose(plan, tried[0])),
        bool(np.allclose(plan, tried.mean(axis=0))),
        all(each.any() for each in among) and not np.logical_and.reduce(among).any(),
        bool((unit < 0).any() or (unit > 1).any()),
        bool((unit == 0).any() or (unit == 1).any()),
        bool((np.abs(tried) <= 1).all()),
        bool((tried == tried[:, :1]).all()),
        bool(np.allclose(unit, unit[:, :, :1])),
        len(np.unique(np.round(unit, 9))) <= 11,
    )


def _iterations(tried: np.ndarray, num_samples: int) -> tuple[list[np.ndarray], int]:
    """Return the sequences that each whole iteration tried, and how many are left over."""
    whole, rest = divmod(len(tried), num_samples)
    return [tried[i * num_samples : (i + 1) * num_samples] for i in range(whole)], rest


@about("cem_plan")
def of_refined_sequences(
    plan, step, state, horizon, num_samples, num_elites, num_iterations, low, high, gamma, seed
) -> tuple:
    """How many iterations were made, where samples lie, how they change, and whose mean was returned."""
    simulator = step.__self__
    tried = simulator.sequences(horizon)
    plan = np.asarray(plan, dtype=np.float64)
    blocks, rest = _iterations(tried, num_samples)
    iterations = len(blocks)
    if plan.shape != tried.shape[1:] or not blocks:
        return (len(tried), plan.shape)
    unit = _unit(tried, low, high)
    start = np.asarray(state)[:-1]
    means = {
        f"{name} of the {when}": np.clip(block[np.argsort(-score)[:num_elites]].mean(axis=0), low, high)
        for when, block in (("last", blocks[-1]), ("one before", blocks[-2] if iterations > 1 else None))
        if block is not None
        for name, score in _scores(simulator, start, block, gamma).items()
    }
    means["all samples"] = blocks[-1].mean(axis=0)
    spread = [_unit(block, low, high).std(axis=0).mean() for block in (blocks[0], blocks[-1])]
    return (
        iterations if not rest else -iterations,
        plan.shape,
        next((name for name, mean in means.items() if np.allclose(plan, mean)), "none"),
        bool((tried == plan).all(axis=(1, 2)).any()),
        bool((unit < -1e-9).any() or (unit > 1 + 1e-9).any()),
        bool((np.abs(tried) <= 1).all()),
        bool((np.abs(plan) <= 1).all()),
        bool(np.allclose(plan, plan[:1])),
        bool(np.allclose(unit, unit[:, :, :1])),
        bool(_alike(blocks[0], blocks[1])) if iterations > 1 else None,
        bool(spread[1] > 0.8 * spread[0]) if iterations > 2 else None,
        bool(np.abs(np.diff([block.mean(axis=0) for block in blocks], axis=0)).max() < 1e-12)
        if iterations > 1
        else None,
    )


def _alike(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether the rows of two arrays go up and down together."""
    first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    norms = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
    return ((first * second).sum(axis=0) / np.maximum(norms, 1e-300)).mean() > 0.9


@about("cem_plan_discrete")
def of_refined_choices(
    plan, step, state, horizon, num_actions, num_samples, num_elites, num_iterations, smoothing, gamma, seed
) -> tuple:
    """How many iterations were made, what they tried, and whose most frequent actions were returned."""
    simulator = step.__self__
    tried = simulator.sequences(horizon)
    plan = np.asarray(plan, dtype=np.float64)
    blocks, rest = _iterations(tried, num_samples)
    iterations = len(blocks)
    if plan.shape != tried.shape[1:] or not blocks:
        return (len(tried), plan.shape)
    start = np.asarray(state)[:-1]
    fitting = []
    for block in blocks[-2:]:
        for score in _scores(simulator, start, block, gamma).values():
            elites = block[np.argsort(-score, kind="stable")[:num_elites]]
            counts = np.stack([(elites == action).sum(axis=0) for action in range(num_actions)])
            chosen = counts[np.clip(plan.astype(np.int64), 0, num_actions - 1), np.arange(horizon)]
            fitting.append(bool((chosen == counts.max(axis=0)).all()))
    return (
        iterations if not rest else -iterations,
        *fitting[-5:],
        *(fitting[:5] if iterations > 1 else ()),
        len(np.unique(tried)),
        float(tried.min()),
        bool((blocks[0] == blocks[1]).mean() > 0.9) if iterations > 1 else None,
        bool((tried == tried[:, :1]).all()),
    )


@about("mpc_episode")
def of_episode(result, env, plan, horizon, max_steps, seed) -> tuple:
    """How the episode went, what the planner was asked and told, and what was returned."""
    planner, steps = plan.__self__, env.steps
    total, observations, actions = result
    asked, previous = planner.observations, planner.previous_plans
    if not steps or not asked:
        return (len(env.episodes), len(steps), len(asked))
    rewards = [step.reward for step in steps]
    given = env.seeds[0]
    return (
        len(env.episodes),
        "none" if given is None else "0" if given == 0 and seed else "the seed's",
        len(steps),
        len(asked) - len(steps),
        len(env.misuses),
        _what_was_done(planner, steps),
        previous[0] is None,
        _what_was_told(planner, asked, previous) if len(asked) > 1 else None,
        all(np.array_equal(each, asked[0]) for each in asked) if len(asked) > 1 else None,
        len(observations) - len(steps),
        bool(np.array_equal(observations[0], steps[0].observation)),
        bool(np.array_equal(observations[-1], steps[-1].next_observation)),
        bool(np.isclose(total, sum(rewards))),
        bool(np.isclose(total, sum(rewards[:-1]))),
        bool(np.array_equal(np.asarray(actions), np.array([step.action for step in steps]))),
    )


def _what_was_done(planner: Any, steps: list) -> str:
    """Return in which way the executed actions come from the plans."""
    plans = [planner.answer(step.observation) for step in steps]
    last = len(plans[0]) - 1
    ways = {
        "first": lambda t: plans[t][0],
        "last": lambda t: plans[t][last],
        "along the first plan": lambda t: plans[0][min(t, last)],
        "whole plans": lambda t: plans[t - t % (last + 1)][t % (last + 1)],
    }
    fitting = (name for name, way in ways.items() if all(np.array_equal(s.action, way(t)) for t, s in enumerate(steps)))
    return next(fitting, "otherwise")


def _what_was_told(planner: Any, asked: list, previous: list) -> str:
    """Return in which way the previous plan was handed on."""
    plans = [np.asarray(planner.answer(observation)) for observation in asked[:-1]]
    ways = {
        "shifted": lambda plan: np.concatenate([plan[1:], plan[-1:]]),
        "as it was": lambda plan: plan,
        "rolled": lambda plan: np.roll(plan, -1, axis=0),
        "zeros behind": lambda plan: np.concatenate([plan[1:], np.zeros_like(plan[:1])]),
        "shorter": lambda plan: plan[1:],
    }
    told = previous[1:]
    if all(each is None for each in told):
        return "nothing"
    for name, way in ways.items():
        if all(np.array_equal(np.asarray(each), way(plan)) for each, plan in zip(told, plans, strict=True)):
            return name
    return "otherwise"

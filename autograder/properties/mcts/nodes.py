"""Hidden properties of scores, backups and rollouts."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from autograder.properties.mcts.common import NOTEBOOK, RELATIVE, expect_frequency, random_cases, scales
from autograder.properties.shared import hidden
from labkit.exercises.mcts import read_scores, read_statistics, seeds
from labkit.properties import Exercise
from labkit.results import Violation, expect_close, number
from labkit.trees import RecordedSteps, TableSimulator, chain, draw_graph

ucb1 = Exercise("ucb1", NOTEBOOK)
backpropagate = Exercise("backpropagate", NOTEBOOK)
rollout = Exercise("rollout", NOTEBOOK)


# ucb1


def _expect_scores(f, value_sums, visits, parent_visits, c):
    scores = read_scores(f(value_sums, visits, parent_visits, c), visits)
    for child, count in enumerate(visits):
        if count == 0:
            if scores[child] != np.inf:
                raise Violation(f"score[{child}] should be plus infinity, but it is {scores[child]:g}.")
            continue
        mean = float(value_sums[child]) / int(count)
        bonus = c * math.sqrt(math.log(parent_visits) / int(count))
        tolerance = RELATIVE * (abs(mean) + bonus) + 1e-12
        expect_close(scores[child : child + 1], np.array([mean + bonus]), "score", tolerance)


@ucb1.property(
    "The score is the mean plus c times the square root of ln(parent_visits) / visits, for every shape, sign and size.",
    cases=random_cases,
    **hidden(weight=2, trials=60),
)
def mean_plus_bonus(f, random_seed):
    rng = np.random.default_rng(random_seed)
    visits = rng.integers(0, 12, size=int(rng.integers(1, 9)))
    value_sums = rng.normal(size=visits.size) * rng.choice(scales) * visits
    parent_visits = int(visits.sum()) + int(rng.integers(0, 3)) or 1
    _expect_scores(f, value_sums, visits, parent_visits, float(rng.choice([0.0, 0.5, 2**0.5, 1.0, 40.0])))


@ucb1.property(
    "The score counts the parent's visits that it is given, be they few or millions.",
    cases=random_cases,
    **hidden(weight=1, trials=40),
)
def any_number_of_visits(f, random_seed):
    rng = np.random.default_rng(random_seed)
    visits = np.round(10 ** rng.uniform(0, 7, size=int(rng.integers(1, 6)))).astype(np.int64)
    value_sums = rng.normal(size=visits.size) * rng.choice(scales) * visits
    parent_visits = int(10 ** rng.uniform(0, 8))
    _expect_scores(f, value_sums, visits, parent_visits, float(rng.choice([0.3, 1.4, 5.0])))


@ucb1.property(
    "A child never visited scores plus infinity, and not NaN, also with c = 0 or a parent visited once.",
    cases=random_cases,
    **hidden(weight=1, trials=30),
)
def infinity_and_not_nan(f, random_seed):
    rng = np.random.default_rng(random_seed)
    visits = rng.integers(0, 2, size=int(rng.integers(1, 6))) * rng.integers(1, 4)
    value_sums = np.where(visits > 0, rng.normal(size=visits.size), 0.0)
    c = float(rng.choice([0.0, 1.0]))
    _expect_scores(f, value_sums, visits, int(rng.choice([1, 1, 7])) if c else int(rng.integers(1, 9)), c)


# backpropagate


def _draw_simulation(rng, num_nodes, length, scale):
    path = np.append(0, 1 + rng.permutation(num_nodes - 1)[:length]) if rng.random() < 0.7 else None
    path = rng.permutation(num_nodes)[: length + 1] if path is None else path
    return {
        "visits": rng.integers(0, 9, size=num_nodes),
        "value_sums": rng.normal(size=num_nodes) * scale,
        "path": path,
        "rewards": rng.normal(size=len(path) - 1) * scale,
        "leaf_value": float(rng.normal() * scale),
    }


def _expect_backup(f, simulation, gamma):
    visits, value_sums, path, rewards, leaf_value = simulation.values()
    new_visits, new_sums = read_statistics(f(visits, value_sums, path, rewards, leaf_value, gamma), visits)
    expected_visits, expected = visits.copy(), value_sums.copy()
    gain = leaf_value
    for i in range(len(path) - 1, -1, -1):
        gain = gain if i == len(path) - 1 else rewards[i] + gamma * gain
        expected_visits[path[i]] += 1
        expected[path[i]] += gain
    expect_close(new_visits.astype(float), expected_visits, "visits", 0.0)
    scale = np.abs(value_sums).max() + np.abs(rewards).max(initial=abs(leaf_value)) / (1 - gamma)
    expect_close(new_sums, expected, "value_sums", RELATIVE * scale)


@backpropagate.property(
    "Each node on the path gains one visit and the reward after it plus gamma times what the next node gains.",
    cases=random_cases,
    **hidden(weight=2, trials=60),
)
def gain_of_every_node(f, random_seed):
    rng = np.random.default_rng(random_seed)
    num_nodes = int(rng.integers(2, 12))
    simulation = _draw_simulation(rng, num_nodes, int(rng.integers(0, num_nodes)), rng.choice(scales))
    _expect_backup(f, simulation, float(rng.choice([0.0, 0.3, 0.9, 0.99, 0.5])))


@backpropagate.property(
    "A path of one node, the root itself, gains one visit and the leaf value, undiscounted.",
    cases=random_cases,
    **hidden(weight=1, trials=25),
)
def path_of_one_node(f, random_seed):
    rng = np.random.default_rng(random_seed)
    _expect_backup(f, _draw_simulation(rng, int(rng.integers(2, 7)), 0, 1.0), float(rng.choice([0.0, 0.5, 0.9])))


@backpropagate.property(
    "Long paths are discounted step by step all the way to the root.",
    cases=random_cases,
    **hidden(weight=1, trials=20),
)
def long_paths(f, random_seed):
    rng = np.random.default_rng(random_seed)
    length = int(rng.integers(50, 200))
    _expect_backup(f, _draw_simulation(rng, length + int(rng.integers(1, 5)), length, 1.0), 0.99)


# rollout


@rollout.property(
    "On a walk with one action the return is exactly discounted, however long the walk and wherever max_depth cuts it.",
    cases=random_cases,
    **hidden(weight=2, trials=40),
)
def exact_discount(f, random_seed):
    rng = np.random.default_rng(random_seed)
    length = int(rng.choice([1, 2, 7, 60, 400]))
    rewards = rng.normal(size=length) * rng.choice(scales)
    max_depth = int(rng.choice([1, length, max(1, length - 1), length + 3, 10]))
    gamma = float(rng.choice([0.9, 0.0, 0.5, 0.99]))
    walk = chain(rewards, pairs=bool(rng.integers(2)))
    start = int(rng.integers(0, min(length, 3)))
    returned = number(f(walk, walk.written(start), 1, max_depth, gamma, int(rng.integers(2**31))), "the return")
    earned = rewards[start : start + max_depth]
    expected = float(np.dot(earned, gamma ** np.arange(len(earned))))
    expect_close(np.array(returned), expected, "return", RELATIVE * np.abs(rewards).max() * min(10, length))


@rollout.property(
    "The steps follow one another from the given state to a terminal one or to max_depth; the return is the discounted "
    "sum of what they earned.",
    cases=random_cases,
    **hidden(weight=2, trials=60),
)
def one_walk(f, random_seed):
    rng = np.random.default_rng(random_seed)
    num_states, num_actions = int(rng.integers(2, 9)), int(rng.integers(1, 5))
    world = draw_graph(rng, num_states, num_actions, lambda: float(rng.normal()), float(rng.choice([0.0, 0.15, 0.4])))
    start = int(rng.choice(np.flatnonzero(~world.terminal)))
    world.pairs = bool(rng.integers(2))
    recorded = RecordedSteps(world)
    max_depth, gamma = int(rng.integers(1, 16)), float(rng.choice([0.0, 0.5, 0.9]))
    arguments = (world.written(start), num_actions, max_depth, gamma, int(rng.integers(2**31)))
    returned = number(f(recorded.step, *arguments), "the return")
    _expect_walk(recorded, start, max_depth, gamma)
    earned = [gamma**t * call.reward for t, call in enumerate(recorded.calls)]
    expect_close(np.array(returned), sum(earned), "return", RELATIVE * 10)


def _expect_walk(recorded, start, max_depth, gamma):
    if recorded.misuses:
        raise Violation(recorded.misuses[0])
    state = start
    for call in recorded.calls:
        if call.observation != state:
            raise Violation(
                f"a step began in state {call.observation}, but the one before it had led to state {state}."
            )
        state = call.next_observation
    ended = bool(recorded.calls) and recorded.calls[-1].terminated
    if gamma == 0.0 and 0 < len(recorded.calls) < max_depth:  # what comes later is worth nothing: no harm to stop
        return
    if len(recorded.calls) != max_depth and not (ended and len(recorded.calls) < max_depth):
        raise Violation(
            f"there were {len(recorded.calls)} steps and the last one "
            f"{'ended' if ended else 'did not end'} the episode, but max_depth is {max_depth}."
        )


@rollout.property(
    "Every action is drawn uniformly, and independently of those before.",
    cases=st.fixed_dictionaries({"num_actions": st.sampled_from([2, 3, 4]), "seed": seeds}),
    always=({"num_actions": 3, "seed": 7}, {"num_actions": 2, "seed": 1234567}),
    **hidden(weight=2, trials=1),
)
def uniform_actions(f, num_actions, seed):
    # At most 3 cases of 4 + 16 + 3 frequencies each: 69 in all.
    recorded = RecordedSteps(chain(np.zeros(400), num_actions))
    for shift in range(2):
        f(recorded.step, 0, num_actions, 400, 0.99, (seed + 1009 * shift) % 2**31)
    drawn = [call.action for call in recorded.calls]
    if len(drawn) != 800:
        raise Violation(f"two rollouts of 400 steps made {len(drawn)} steps.")
    for action in range(num_actions):
        expect_frequency(drawn.count(action), len(drawn), 1 / num_actions, f"action {action} was drawn")
    pairs = list(zip(drawn[::2], drawn[1::2], strict=True))
    for first in range(num_actions):
        for second in range(num_actions):
            what = f"action {second} followed action {first}"
            expect_frequency(pairs.count((first, second)), len(pairs), 1 / num_actions**2, what)
    # Differences of uniform draws, modulo their number, are uniform draws too, along each chain of every lag-th draw.
    for lag in (1, 2, 3):
        again = sum(a == b for run in (drawn[:400], drawn[400:]) for a, b in zip(run, run[lag:], strict=False))
        what = (
            f"an action was the same as {lag} before it" if lag > 1 else "an action was the same as the one before it"
        )
        expect_frequency(again, 2 * (400 - lag), 1 / num_actions, what)


@rollout.property(
    "Other seeds draw other actions, the same seed the same ones.",
    cases=st.fixed_dictionaries({"seed": seeds}),
    always=({"seed": 0},),
    **hidden(weight=1, trials=2),
)
def seeds_matter(f, seed):
    # Rewards 2^-t in a world of two actions tell every draw. That 60 rollouts agree in one of their first 6 draws, or
    # in how one of them follows from another, is a chance of at most 36 · 2^-59.
    world = TableSimulator([[0, 0]], [[0.0, 1.0]], [False])
    chosen = [(seed + 7919 * k) % 2**31 for k in range(60)]
    returns = [number(f(world, 0, 2, 40, 0.5, each), "the return") for each in chosen]
    if len(set(returns)) == 1:
        raise Violation("60 rollouts with 60 seeds drew the same 40 actions.")
    again = number(f(world, 0, 2, 40, 0.5, chosen[0]), "the return")
    expect_close(np.array(again), returns[0], "return", 1e-12, "what the same seed gave before")
    draws = (np.floor(np.array(returns)[:, None] * 2.0 ** np.arange(6) + 1e-9) % 2).astype(int)
    for t in range(6):
        if np.ptp(draws[:, t]) == 0:
            raise Violation(f"action {t + 1} of the rollout was the same under 60 seeds.")
        for earlier in range(t):
            if np.ptp(draws[:, t] ^ draws[:, earlier]) == 0:
                raise Violation(f"under 60 seeds, action {earlier + 1} of the rollout settled action {t + 1}.")

"""Hidden properties of one Q-learning update, planning steps and the exploration bonus."""

from __future__ import annotations

import functools
import math

import numpy as np
from hypothesis import strategies as st

from autograder.properties.dyna.common import FALSE_ALARM, NOTEBOOK, discounts, random_seeds, seeds, step_sizes
from autograder.properties.dyna.worlds import draws_to_cover, update_counts
from autograder.properties.shared import hidden
from labkit.chance import expect_count
from labkit.exercises.dyna import expect_untouched
from labkit.properties import Exercise
from labkit.results import Violation, array, expect_close

q_update = Exercise("q_update", NOTEBOOK)
dyna_planning = Exercise("dyna_planning", NOTEBOOK)
exploration_bonus = Exercise("exploration_bonus", NOTEBOOK)


# q_update


@st.composite
def _updates(draw):
    rng = np.random.default_rng(draw(random_seeds))
    num_states, num_actions = int(rng.integers(1, 9)), int(rng.integers(1, 7))
    scale, offset = draw(st.sampled_from([1.0, 1e4, 1e-3])), draw(st.sampled_from([0.0, -3.0, 3.0]))
    state = int(rng.integers(num_states))
    return {
        "Q": scale * (rng.normal(size=(num_states, num_actions)) + offset),
        "state": state,
        "action": int(rng.integers(num_actions)),
        "reward": float(scale * rng.normal()),
        "next_state": draw(st.sampled_from([int(rng.integers(num_states)), state])),
        "alpha": draw(step_sizes),
        "gamma": draw(discounts),
    }


def _expect_update(f, Q, state, action, reward, next_state, terminated, alpha, gamma):
    after = array(f(Q, state, action, reward, next_state, terminated, alpha, gamma), Q.shape, "Q")
    expected = Q.copy()
    future = 0.0 if terminated else max(Q[next_state])
    expected[state, action] = (1 - alpha) * Q[state, action] + alpha * (reward + gamma * future)
    expect_close(after, expected, "Q", 1e-9 * max(np.abs(Q).max(), abs(reward)))


@q_update.property(
    "The entry moves by alpha of its TD error, whatever the size and sign of the table.",
    cases=_updates(),
    **hidden(weight=2, trials=100),
)
def td_update(f, **case):
    _expect_update(f, terminated=False, **case)


@q_update.property(
    "After a termination the next state is worth nothing, whatever the table says of it.",
    cases=_updates(),
    **hidden(weight=1, trials=60),
)
def termination_is_worth_nothing(f, **case):
    _expect_update(f, terminated=True, **case)


# dyna_planning


def random_model(rng, num_states, num_actions, num_pairs):
    """A deterministic model of some of the pairs; a quarter of them terminate, which has no influence on the rest."""
    chosen = rng.permutation(num_states * num_actions)[:num_pairs]
    return {
        (int(index) // num_actions, int(index) % num_actions): (
            float(rng.choice([-1.0, 1.0]) * (0.3 + rng.random())),
            int(rng.integers(num_states)),
            bool(rng.random() < 0.25),
        )
        for index in chosen
    }


@dyna_planning.property(
    "Exactly planning_steps updates are made, and each known pair gets its even share of them.",
    cases=st.fixed_dictionaries({"random_seed": random_seeds, "seed": seeds}),
    **hidden(weight=2, trials=8),
)
def even_shares(f, random_seed, seed):
    rng = np.random.default_rng(random_seed)
    num_states, num_actions = int(rng.integers(4, 9)), int(rng.integers(2, 6))
    num_pairs, planning_steps = int(rng.integers(2, 9)), int(rng.integers(3000, 5000))
    model = random_model(rng, num_states, num_actions, num_pairs)
    result = f(np.zeros((num_states, num_actions)), model, planning_steps, 5e-4, 0.0, seed)
    counts = _expect_total(array(result, (num_states, num_actions), "Q"), model, 5e-4, planning_steps)
    for known, count in counts.items():
        expect_count(count, planning_steps, 1 / num_pairs, f"pair {list(known)} was drawn", FALSE_ALARM / 64)


def _expect_total(Q, model, alpha, planning_steps):
    counts = update_counts(Q, {known: outcome[0] for known, outcome in model.items()}, alpha)
    if sum(counts.values()) != planning_steps:
        raise Violation(f"{planning_steps} planning steps were asked for, but {sum(counts.values())} updates made.")
    return counts


@dyna_planning.property(
    "Pairs are drawn with replacement, each independently of the one before, and anew under another seed; the same "
    "seed gives the same table.",
    cases=st.fixed_dictionaries({"random_seed": random_seeds, "seed": st.integers(0, 2**31 - 2)}),
    always=({"random_seed": 1, "seed": 0},),
    **hidden(weight=1, trials=6),
)
def with_replacement(f, random_seed, seed):
    """40 draws from 45 pairs are all different with probability 45! / (5! 45^40) < 1e-12.

    There are fewer draws than pairs, so that they could be; that two tables agree is less likely still.
    """
    model = random_model(np.random.default_rng(random_seed), 12, 5, 45)
    tables = [array(f(np.zeros((12, 5)), model, 40, 0.1, 0.0, each), (12, 5), "Q") for each in (seed, seed, seed + 1)]
    counts = [_expect_total(table, model, 0.1, 40) for table in tables]
    if counts[0] != counts[1]:
        raise Violation("two calls with the same seed gave different tables.")
    if counts[0] == counts[2]:
        raise Violation("another seed drew the very same pairs equally often.")
    if max(counts[0].values()) == 1:
        raise Violation("40 draws from 45 pairs never hit a pair twice, as if drawn without replacement.")
    _expect_independent_draws(f, seed)


def _expect_independent_draws(f, seed, draws=12, calls=30):
    """Two pairs whose values lean on each other: the table tells the order of the draws.

    Of independent uniform draws from two pairs, each repeats the one before with probability 1/2, whatever came before.
    """
    model = {(0, 0): (1.0, 1, False), (1, 0): (-0.7, 0, False)}
    orders, ends = _orders_of_two(draws)
    repeats = 0
    for k in range(calls):
        Q = array(f(np.array([[0.3], [2.0]]), model, draws, 0.5, 0.5, (seed + 1009 * k) % 2**31), (2, 1), "Q")
        gaps = np.abs(ends - Q[:, 0]).max(axis=1)
        if gaps.min() > 1e-9:
            raise Violation(f"{draws} planning steps with two known pairs gave a table that no order of draws gives.")
        order = orders[gaps.argmin()]
        repeats += np.count_nonzero(order[1:] == order[:-1])
    name = "with two known pairs, a planning step drew the same pair as the one before it"
    expect_count(repeats, calls * (draws - 1), 0.5, name, FALSE_ALARM / 16)


@functools.cache
def _orders_of_two(draws):
    """All orders of draws from two pairs, and the two values each leaves behind."""
    orders = (np.arange(2**draws)[:, None] >> np.arange(draws)) & 1
    values = np.tile([0.3, 2.0], (len(orders), 1))
    for drawn in orders.T:
        rows = np.arange(len(orders))
        target = np.where(drawn == 0, 1.0, -0.7) + 0.5 * values[rows, 1 - drawn]
        values[rows, drawn] += 0.5 * (target - values[rows, drawn])
    return orders, values


@dyna_planning.property(
    "Each update sees what the earlier ones have learnt: a pair that leads back to itself is exact after n of them.",
    cases=st.fixed_dictionaries(
        {"Q": st.floats(-9, 9), "reward": st.floats(-9, 9), "alpha": step_sizes, "gamma": discounts, "seed": seeds}
    ),
    **hidden(weight=1, trials=30),
)
def one_update_after_the_other(f, Q, reward, alpha, gamma, seed):
    planning_steps = 1 + seed % 37
    table = np.array([[0.0], [Q], [7.0]])
    after = array(f(table, {(1, 0): (reward, 1, False)}, planning_steps, alpha, gamma, seed), (3, 1), "Q")
    limit = reward / (1 - gamma)
    expected = limit + (1 - alpha * (1 - gamma)) ** planning_steps * (Q - limit)
    expect_close(after, np.array([[0.0], [expected], [7.0]]), "Q", 1e-8 * max(1.0, abs(limit), abs(Q)))


@dyna_planning.property(
    "With alpha = 1 and plenty of steps, every known pair is its reward plus gamma times the best of its next state, "
    "nothing after a termination; pairs the model does not know keep their values and count among the best.",
    cases=st.fixed_dictionaries({"random_seed": random_seeds, "gamma": st.sampled_from([0.3, 0.5]), "seed": seeds}),
    **hidden(weight=2, trials=8),
)
def consistent_with_the_model(f, random_seed, gamma, seed):
    rng = np.random.default_rng(random_seed)
    num_states, num_actions, num_pairs = int(rng.integers(3, 6)), int(rng.integers(2, 4)), int(rng.integers(2, 6))
    model = random_model(rng, num_states, num_actions, num_pairs)
    before = rng.normal(size=(num_states, num_actions))
    sweeps = math.ceil(math.log(1e-10) / math.log(gamma))
    planning_steps = draws_to_cover(num_pairs, sweeps, 1e-11)
    Q = array(f(before, model, planning_steps, 1.0, gamma, seed), before.shape, "Q")
    known = np.zeros(before.shape, dtype=bool)
    known[tuple(np.array(list(model)).T)] = True
    expect_untouched(Q, before, known, "the model does not know this pair")
    for (state, action), (reward, next_state, terminated) in model.items():
        target = reward + (0.0 if terminated else gamma * max(Q[next_state]))
        expect_close(Q[state, action], np.float64(target), f"Q[{state}, {action}]", 1e-8, "what the model promises")


# exploration_bonus


@exploration_bonus.property(
    "Every entry of a table gets kappa times the root of its own elapsed steps, exactly to float64.",
    cases=st.fixed_dictionaries(
        {
            "random_seed": random_seeds,
            "kappa": st.sampled_from([1e-3, 1e-4, 0.7, 3.0]),
            "shape": st.sampled_from([(4, 3), (7,), (1, 5), (2, 3, 2)]),
        }
    ),
    **hidden(weight=2, trials=40),
)
def root_of_elapsed(f, random_seed, kappa, shape):
    rng = np.random.default_rng(random_seed)
    reward = rng.normal(size=shape) * rng.choice([1e-3, 1.0, 10.0])
    elapsed = rng.integers(0, rng.choice([4, 50, 3000]), size=shape).astype(np.float64)
    expected = reward + kappa * elapsed**0.5
    bonus = np.abs(expected).max()
    expect_close(array(f(reward, elapsed, kappa), shape, "the result"), expected, "the result", 1e-10 * bonus)

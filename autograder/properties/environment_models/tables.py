"""Hidden properties of counts, models estimated from them, and draws from a model."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from hypothesis import strategies as st

from autograder.properties.environment_models.common import NOTEBOOK, RELATIVE, expect_frequency, random_seeds
from autograder.properties.shared import hidden
from labkit.experience import experience, tables
from labkit.problems import draw_rewards, draw_rows
from labkit.properties import Exercise
from labkit.results import Violation, array, expect_close, indices, pair

count_transitions = Exercise("count_transitions", NOTEBOOK)
mle_model = Exercise("mle_model", NOTEBOOK)
inverse_model = Exercise("inverse_model", NOTEBOOK)
sample_next_states = Exercise("sample_next_states", NOTEBOOK)


# count_transitions


def _expect_counted(f, states, actions, rewards, next_states, num_states, num_actions):
    counts, reward_sums = pair(f(states, actions, rewards, next_states, num_states, num_actions))
    counts = array(counts, (num_states, num_actions, num_states), "counts")
    reward_sums = array(reward_sums, (num_states, num_actions), "reward_sums")
    happened = Counter(zip(states.tolist(), actions.tolist(), next_states.tolist(), strict=True))
    expected, earned = np.zeros(counts.shape), np.zeros(reward_sums.shape)
    for place, times in happened.items():
        expected[place] = times
    for s in range(num_states):
        for a in range(num_actions):
            earned[s, a] = math.fsum(rewards[(states == s) & (actions == a)])
    expect_close(counts, expected, "counts", 0.0)
    expect_close(reward_sums, earned, "reward_sums", RELATIVE * max(1.0, np.abs(rewards).max(initial=0.0)))


@count_transitions.property(
    "Counts and sums are right for any experience, with repetitions, states never visited and rewards of both signs.",
    cases=experience(max_states=5, max_actions=4, lengths=st.integers(0, 12)),
    **hidden(weight=2, trials=80),
)
def everything_counted(f, states, actions, rewards, next_states, num_states, num_actions):
    _expect_counted(f, states, actions, 0.37 * rewards, next_states, num_states, num_actions)


@count_transitions.property(
    "Counts and sums are exact for long experience, too, and for large rewards.",
    cases=random_seeds,
    **hidden(weight=1, trials=6),
)
def long_experience(f, random_seed):
    rng = np.random.default_rng(random_seed)
    num_states, num_actions, length = int(rng.integers(2, 5)), int(rng.integers(1, 4)), 2800
    places = rng.integers([num_states, num_actions, num_states], size=(length, 3))
    places[:2300] = places[0]  # one transition more often than a byte, or half a float, can count
    rewards = draw_rewards(rng, (length,), str(rng.choice(["normal", "large", "negative"])))
    _expect_counted(f, places[:, 0], places[:, 1], rewards, places[:, 2], num_states, num_actions)


# mle_model


def _fractions(counts, reward_sums):
    P, R = np.zeros(counts.shape), np.zeros(reward_sums.shape)
    for place, total in np.ndenumerate(reward_sums):
        tries = math.fsum(counts[place])
        R[place] = total / tries if tries else 0.0
        P[place] = [each / tries if tries else 1 / len(counts) for each in counts[place]]
    return P, R


def _expect_model(f, counts, reward_sums):
    P, R = pair(f(counts, reward_sums), "(P, R)")
    expected_P, expected_R = _fractions(counts, reward_sums)
    expect_close(array(P, counts.shape, "P"), expected_P, "P", RELATIVE)
    R = array(R, reward_sums.shape, "R")
    expect_close(R, expected_R, "R", RELATIVE * max(1e-3, np.abs(expected_R).max()))


@mle_model.property(
    "P holds the relative frequencies and R the mean rewards, whatever was counted.",
    cases=tables(max_states=4, max_actions=4),
    **hidden(weight=2, trials=100),
)
def frequencies_and_means(f, counts, reward_sums):
    _expect_model(f, counts, 1.37 * reward_sums)


def draw_tables(rng, num_states=None, num_actions=None):
    """Counts from 1 to a hundred thousand; some pairs and successors never seen, rewards of every size and sign."""
    num_states, num_actions = num_states or int(rng.integers(2, 9)), num_actions or int(rng.integers(1, 6))
    rows = draw_rows(rng, (num_states, num_actions), num_states, str(rng.choice(["dense", "sparse", "deterministic"])))
    tries = np.floor(10 ** rng.uniform(0, 5, size=(num_states, num_actions))) * (
        rng.random((num_states, num_actions)) > 0.25
    )
    counts = np.ceil(rows * tries[..., None])
    rewards = draw_rewards(rng, counts.shape[:2], str(rng.choice(["normal", "large", "negative", "small"])))
    return counts, rewards * counts.sum(axis=2)


@mle_model.property(
    "The model is exact for tables of every size, for many tries and for rewards of every size.",
    cases=random_seeds,
    **hidden(weight=1, trials=60),
)
def large_tables(f, random_seed):
    _expect_model(f, *draw_tables(np.random.default_rng(random_seed)))


# inverse_model


def _expect_inverse(f, counts):
    num_states, num_actions = counts.shape[:2]
    found = array(f(counts), (num_states, num_states, num_actions), "the inverse model")
    expected = np.zeros(found.shape)
    for s, s2, a in np.ndindex(found.shape):
        times = math.fsum(counts[s, :, s2])
        expected[s, s2, a] = counts[s, a, s2] / times if times else 1 / num_actions
    expect_close(found, expected, "the inverse model", RELATIVE)


@inverse_model.property(
    "It holds the frequency of each action among the transitions from s to s2, whatever was counted.",
    cases=tables(max_states=4, max_actions=4),
    **hidden(weight=2, trials=100),
)
def action_frequencies(f, counts, reward_sums):
    _expect_inverse(f, counts)


@inverse_model.property(
    "It is exact where actions were tried unequally often, from once to a hundred thousand times.",
    cases=random_seeds,
    **hidden(weight=1, trials=50),
)
def actions_tried_unequally(f, random_seed):
    _expect_inverse(f, draw_tables(np.random.default_rng(random_seed))[0])


# sample_next_states


def _drawn(f, P, states, actions, seed):
    return indices(f(P, states, actions, seed), len(states), len(P), "the next states")


@sample_next_states.property(
    "What is impossible never happens, and rows of different states and actions are not mixed up.",
    cases=random_seeds,
    **hidden(weight=1, trials=12),
)
def impossible_never_happens(f, random_seed):
    rng = np.random.default_rng([random_seed, 3])
    num_states, num_actions = int(rng.integers(3, 7)), int(rng.integers(2, 5))
    P = draw_rows(rng, (num_states, num_actions), num_states, str(rng.choice(["sparse", "deterministic"])))
    P[0, :, 0], P[1, :, -1] = 0.0, 0.0  # the first and the last state impossible: the ends of a cumulative sum
    P[P.sum(axis=2) == 0] = np.eye(num_states)[1]
    P /= P.sum(axis=2, keepdims=True)
    states, actions = rng.integers(num_states, size=300), rng.integers(num_actions, size=300)
    drawn = _drawn(f, P, states, actions, random_seed % 2**31)
    impossible = np.flatnonzero(P[states, actions, drawn] == 0)
    if impossible.size:
        i = int(impossible[0])
        raise Violation(f"A row moves from {states[i]} to {drawn[i]} under action {actions[i]}, which is impossible.")


FREQUENCY_CASES, FREQUENCY_ROWS = 3, 6000


@sample_next_states.property(
    "Among many rows each next state is as frequent as its probability says, for every state and action.",
    cases=random_seeds,
    **hidden(weight=2, trials=FREQUENCY_CASES),
)
def frequencies_of_successors(f, random_seed):
    rng = np.random.default_rng([random_seed, 4])
    num_states, num_actions = 4, 2
    P = rng.dirichlet(np.full(num_states, 0.7), size=(num_states, num_actions))
    P[0, 0], P[3, 1] = [0.0, 0.009, 0.0, 0.991], [0.05, 0.45, 0.05, 0.45]
    places = rng.choice(num_states * num_actions, size=FREQUENCY_ROWS, p=np.array([13, 1, 1, 1, 1, 1, 1, 2]) / 21)
    states, actions = np.divmod(places, num_actions)
    drawn = _drawn(f, P, states, actions, random_seed % 2**31)
    tests = FREQUENCY_CASES * P.size
    for s, a in np.ndindex(num_states, num_actions):
        here = drawn[(states == s) & (actions == a)]
        for s2 in range(num_states):
            what = f"Under action {a} state {s} is followed by {s2}"
            expect_frequency(int((here == s2).sum()), len(here), P[s, a, s2], tests, what)


@sample_next_states.property(
    "The rows of one call are drawn independently of each other.",
    cases=random_seeds,
    **hidden(weight=2, trials=2),
)
def rows_are_independent(f, random_seed):
    """Neighbours, and rows far apart, agree as often as independent rows would: 4 statements for each of 2 cases."""
    rng = np.random.default_rng([random_seed, 5])
    p = np.array([0.5, 0.3, 0.2])
    P = np.broadcast_to(p, (3, 2, 3)).copy()
    rows = 2000
    agree = float((p**2).sum())
    same = np.zeros(rows, dtype=np.int64)
    arrangements = {
        "rows with the same state and action": (same, same),
        "rows with the same state and different actions": (same, np.arange(rows) % 2),
        "rows with different states and the same action": (np.arange(rows) % 2, same),
    }
    for name, (states, actions) in arrangements.items():
        drawn = _drawn(f, P, states, actions, int(rng.integers(2**31)))
        equal = int((drawn[::2] == drawn[1::2]).sum())
        expect_frequency(equal, rows // 2, agree, 8, f"Neighbouring {name} move to the same state")
        if name == "rows with the same state and action":
            equal = int((drawn[: rows // 2] == drawn[rows // 2 :]).sum())
            expect_frequency(equal, rows // 2, agree, 8, f"Distant {name} move to the same state")


@sample_next_states.property(
    "Over many seeds every row is drawn as its probabilities say, and two rows agree no more than by chance.",
    cases=random_seeds,
    **hidden(weight=1, trials=1),
)
def draws_over_seeds(f, random_seed):
    """Three statements about 300 calls with seeds of their own."""
    rng = np.random.default_rng([random_seed, 6])
    P = np.array([[[0.5, 0.5]], [[0.0, 1.0]]])
    rows = np.zeros(2, dtype=np.int64)
    seeds = rng.choice(2**31, size=300, replace=False)
    drawn = np.array([_drawn(f, P, rows, rows, int(seed)) for seed in seeds])
    for row in range(2):
        expect_frequency(int(drawn[:, row].sum()), len(seeds), 0.5, 3, f"Over seeds, row {row} moves to state 1")
    equal = int((drawn[:, 0] == drawn[:, 1]).sum())
    expect_frequency(equal, len(seeds), 0.5, 3, "Over seeds, two rows move to the same state")

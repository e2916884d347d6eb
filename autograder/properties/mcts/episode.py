"""Hidden properties of episodes that are played by tree search."""

from __future__ import annotations

import functools

import numpy as np
from hypothesis import strategies as st

from autograder.properties.mcts.common import (
    NOTEBOOK,
    RELATIVE,
    prepared,
    random_cases,
    scales,
    search_discounts,
    weights,
)
from autograder.properties.mcts.outcomes import TooMany, most_visited, outcomes
from autograder.properties.shared import hidden
from labkit.exercises.mcts import read_episode, seeds
from labkit.properties import Exercise
from labkit.results import Violation, expect_close
from labkit.simulators import RecordedEnv
from labkit.trees import TableEnv, TableSimulator, chain, draw_fork, draw_graph

mcts_episode = Exercise("mcts_episode", NOTEBOOK)


def _play(f, recorded, *arguments):
    total_reward, played = read_episode(f(recorded, *arguments), recorded)
    if recorded.misuses:
        raise Violation(recorded.misuses[0])
    if len(recorded.seeds) != 1 or recorded.seeds[0] is None:
        raise Violation(f"reset should be called once, with a seed; the seeds it was given are {recorded.seeds}.")
    return total_reward, played


@functools.cache
def _drawn_episode(random_seed, kind):
    """Draw a model, an environment that does other things, a search, and the actions that may be visited most."""
    rng = np.random.default_rng([random_seed, *kind.encode()])
    while True:
        num_states, num_actions = int(rng.integers(4, 9)), int(rng.integers(2, 5))
        if kind == "fork":
            model = draw_fork(rng, num_actions, 6, lambda: float(rng.normal()))
            searched = [0]
        else:
            model = draw_graph(rng, num_states, num_actions, lambda: float(rng.normal()), 0.15)
            searched = np.flatnonzero(~model.terminal).tolist()
        num_simulations, c = int(rng.choice([2, 3, 5, 9, 16])), float(rng.choice(weights))
        gamma, max_depth = float(rng.choice(search_discounts)), int(rng.integers(0, 6)) if kind == "fork" else 0
        try:
            allowed = {
                s: most_visited(outcomes(model, s, num_simulations, c, gamma, max_depth, most=60)) for s in searched
            }
        except TooMany:
            continue
        if sum(len(each) == 1 for each in allowed.values()) > len(searched) / 2:
            return model, (num_simulations, c, gamma, max_depth), allowed, int(rng.integers(2**31))


def _expect_most_visited(recorded, allowed):
    for step in recorded.steps:
        if step.observation in allowed and step.action not in allowed[step.observation]:
            best = " or ".join(str(action) for action in sorted(allowed[step.observation]))
            raise Violation(
                f"action {step.action} was played in state {step.observation}, "
                f"but a search from there visits action {best} most."
            )


@mcts_episode.property(
    "Every action is the most visited one of a new search from the observed state, also where the environment does not "
    "do what the model says.",
    cases=prepared(_drawn_episode, "graph"),
    **hidden(weight=2, trials=24),
)
def plans_from_what_it_sees(f, random_seed):
    model, search, allowed, seed = _drawn_episode(random_seed, "graph")
    rng = np.random.default_rng(random_seed)
    rewards = rng.normal(size=model.rewards.shape)
    truth = TableSimulator(model.next_states, rewards, model.terminal)
    surprise = float(rng.choice([0.0, 0.5, 1.0]))
    recorded = RecordedEnv(lambda: TableEnv(truth, surprise, starts=list(allowed)), max_episode_steps=20)
    _play(f, recorded, model, *search, 12, seed)
    _expect_most_visited(recorded, allowed)


@mcts_episode.property(
    "The search is given c, gamma, max_depth and num_simulations as asked for.",
    cases=prepared(_drawn_episode, "fork"),
    **hidden(weight=1, trials=40),
)
def passes_on_what_was_asked(f, random_seed):
    model, search, allowed, seed = _drawn_episode(random_seed, "fork")
    recorded = RecordedEnv(lambda: TableEnv(model))
    _play(f, recorded, model, *search, 2, seed)
    _expect_most_visited(recorded, allowed)


@mcts_episode.property(
    "The most visited action is played, and not the one of the largest value.",
    cases=st.fixed_dictionaries(
        {
            "lure": st.lists(st.integers(0, 1), min_size=1, max_size=5),
            "loss": st.sampled_from([9.0, 2.0]),
            "seed": seeds,
        }
    ),
    **hidden(weight=1, trials=15),
)
def most_visited_not_most_valued(f, lure, loss, seed):
    # In each state one action earns 0.5 and ends; the lure earns 0.6 and then, whatever comes next, loses. After three
    # simulations with c = 0 the lure was visited twice, although the second visit has shown what it is worth.
    length = len(lure)
    end = 2 * length
    next_states, rewards = np.full((end + 1, 2), end), np.zeros((end + 1, 2))
    for state, action in enumerate(lure):
        next_states[state, action], rewards[state, action] = length + state, 0.6
        rewards[state, 1 - action], rewards[length + state] = 0.5, -loss
    terminal = np.arange(end + 1) == end
    model = TableSimulator(next_states, rewards, terminal)
    onward = next_states.copy()
    onward[np.arange(length), lure] = np.append(np.arange(1, length), end)  # the environment never shows the loss
    recorded = RecordedEnv(lambda: TableEnv(TableSimulator(onward, rewards, terminal)))
    _, played = _play(f, recorded, model, 3, 0.0, 0.9, 0, 10, seed)
    expected = np.array(lure[: len(played)])
    expect_close(played.astype(float), expected, "actions", 0.0, "visited twice in three simulations")
    expect_close(np.array(float(len(played))), length, "the number of actions", 0.0)


@mcts_episode.property(
    "With c = 0 the search stays with what looks best at first; with a large c it finds what lies behind the rest.",
    cases=st.fixed_dictionaries(
        {"lure": st.lists(st.integers(0, 1), min_size=1, max_size=4), "c": st.sampled_from([0.0, 5.0]), "seed": seeds}
    ),
    always=({"lure": [0, 1, 1], "c": 0.0, "seed": 1}, {"lure": [1, 0], "c": 5.0, "seed": 2}),
    **hidden(weight=1, trials=6),
)
def explores_as_asked(f, lure, c, seed):
    # In each state the lure earns 0.5 and ends; the other action earns nothing, but 10 with the step after it. After
    # one try of both, c = 0 stays with the lure for ever; c = 5 visits the other action 38 times in 40.
    length = len(lure)
    end = 2 * length
    next_states, rewards = np.full((end + 1, 2), end), np.zeros((end + 1, 2))
    for state, action in enumerate(lure):
        next_states[state, 1 - action] = length + state
        rewards[state, action], rewards[length + state] = 0.5, 10.0
    terminal = np.arange(end + 1) == end
    model = TableSimulator(next_states, rewards, terminal)
    onward = next_states.copy()
    onward[:length] = np.append(np.arange(1, length), end)[:, None]  # in the environment every action leads on
    recorded = RecordedEnv(lambda: TableEnv(TableSimulator(onward, rewards, terminal)))
    _, played = _play(f, recorded, model, 40, c, 0.9, 0, 10, seed)
    expected = np.array(lure[: len(played)]) if c == 0 else 1 - np.array(lure[: len(played)])
    expect_close(played.astype(float), expected, "actions", 0.0, f"visited most when c = {c:g}")


@mcts_episode.property(
    "The episode goes on until it terminates, is truncated, or max_steps are made, and the total is the environment's.",
    cases=random_cases,
    **hidden(weight=1, trials=30),
)
def length_and_total(f, random_seed):
    rng = np.random.default_rng(random_seed)
    length, scale = int(rng.integers(1, 9)), float(rng.choice(scales))
    rewards = rng.normal(size=length) * scale
    limit, max_steps = int(rng.choice([0, 1, 3, 6])), int(rng.choice([1, 2, 4, 20]))
    truth, model = chain(rewards, 2), chain(rng.normal(size=length), 2)
    recorded = RecordedEnv(lambda: TableEnv(truth), limit)
    gamma = float(rng.choice([0.0, 0.5, 0.9]))
    total_reward, played = _play(f, recorded, model, 3, 1.0, gamma, 2, max_steps, int(rng.integers(2**31)))
    steps = min(length, max_steps, limit or length)
    expect_close(np.array(float(len(played))), steps, "the number of actions", 0.0)
    expect_close(np.array(total_reward), rewards[:steps].sum(), "total_reward", RELATIVE * scale * steps)


@mcts_episode.property(
    "The same seed plays the same episode; other seeds reset the environment otherwise, and search otherwise.",
    cases=st.fixed_dictionaries({"seed": seeds}),
    always=({"seed": 0},),
    **hidden(weight=1, trials=3),
)
def seed_of_the_episode(f, seed):
    world = draw_graph(np.random.default_rng(seed), 9, 3, lambda: 0.0, 0.0)
    world.rewards[:] = np.random.default_rng(seed).normal(size=world.rewards.shape)
    episodes, resets = [], []
    for each in (seed, seed, *((seed + 31 * k) % 2**31 for k in range(1, 5))):
        recorded = RecordedEnv(lambda: TableEnv(world, 0.5, starts=range(9)), max_episode_steps=20)
        total_reward, played = _play(f, recorded, world, 6, 1.0, 0.9, 3, 6, each)
        episodes.append((round(total_reward, 9), played.tolist(), recorded.steps[0].observation))
        resets.append(recorded.seeds[0])
    if episodes[0] != episodes[1] or resets[0] != resets[1]:
        raise Violation("the same seed gave two different episodes.")
    if len(set(resets)) == 1:
        raise Violation(f"reset was given the seed {resets[0]} under five different seeds.")
    _expect_seeded_searches(f, seed)


def _expect_seeded_searches(f, seed):
    """Two actions that are alike but for the rollouts below them: chance decides which is searched a third time.

    Rollouts of 12 draws tie with a probability of 2^-12, so that either action is played about every other time, and
    one and the same in 48 episodes with a probability below 1e-13.
    """
    world = TableSimulator([[1, 1], [1, 1]], [[0.0, 0.0], [0.0, 1.0]], [False, False])
    first = set()
    for k in range(48):
        recorded = RecordedEnv(lambda: TableEnv(world))
        _, played = _play(f, recorded, world, 3, 0.0, 0.5, 12, 1, (seed + 1009 * k) % 2**31)
        first.add(int(played[0]))
    if len(first) == 1:
        raise Violation("searches with random rollouts came to the same action under 48 seeds: they ignore the seed.")

"""Hidden properties of Dyna-Q."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from autograder.properties.dyna.common import (
    FALSE_ALARM,
    NOTEBOOK,
    add_acting_properties,
    busy_env,
    evenness,
    evenness_always,
    expect_drawn_twice,
    expect_lone_value,
    lone_env,
    lone_pairs,
    play_dyna_q,
    random_maker,
    random_seeds,
    read_learnt,
    run_cases,
    seeds,
)
from autograder.properties.dyna.worlds import (
    draws_to_cover,
    expect_fixed_point,
    expect_maximiser,
    expect_replay,
    expect_run,
    expect_uniform_planning,
    fixed_point,
    latest_model,
    update_counts,
)
from autograder.properties.shared import hidden
from labkit.properties import Exercise
from labkit.results import Violation, array, expect_close
from labkit.simulators import RecordedEnv
from labkit.tabular import GOES_ON, TERMINATED, table_world

dyna_q = Exercise("dyna_q", NOTEBOOK)


@dyna_q.property(
    "With 0 planning steps it is Q-learning on the steps it takes, greedy when epsilon is 0; truncated episodes "
    "bootstrap, terminated ones do not; episode_lengths are right.",
    cases=run_cases,
    **hidden(weight=2, trials=25),
)
def q_learning_without_planning(f, random_seed, alpha, gamma, epsilon, seed):
    env = RecordedEnv(random_maker(random_seed), max_episode_steps=12)
    Q, lengths = read_learnt(f(env, 5, 0, alpha, gamma, epsilon, seed), env)
    expect_run(env, num_episodes=5)
    expected = [len(episode) for episode in env.episodes if episode]
    expect_close(array(lengths, (5,), "episode_lengths"), np.array(expected), "episode_lengths", 0.0)
    expect_replay(Q, env.steps, alpha, gamma, greedy=epsilon == 0.0)


@dyna_q.property(
    "With a single pair, every real step makes one direct update and exactly planning_steps planned ones, all with the "
    "pair's latest outcome.",
    cases=lone_pairs,
    **hidden(weight=2, trials=30),
)
def latest_outcome(f, outcomes, planning_steps, alpha, gamma, seed):
    outcomes = [*outcomes[:-1], (outcomes[-1][0], TERMINATED)]
    env = lone_env(outcomes)
    num_episodes = sum(end != GOES_ON for _, end in outcomes)
    Q, _ = read_learnt(f(env, num_episodes, planning_steps, alpha, gamma, 0.2, seed), env)
    expect_run(env, num_steps=len(outcomes))
    expect_lone_value(Q, env.steps, planning_steps, alpha, gamma)


@dyna_q.property(
    "After every real step exactly planning_steps pairs are planned, drawn uniformly and with replacement from all "
    "pairs met so far.",
    cases=evenness,
    always=evenness_always,
    **hidden(weight=2, trials=5),
)
def planned_evenly(f, random_seed, kind, seed):
    if kind == "short":

        def play(env, planning_steps, alpha, each):
            return read_learnt(f(env, 1, planning_steps, alpha, 0.0, 1.0, each), env)[0]

        return expect_drawn_twice(play, seed, FALSE_ALARM / 8)
    alpha, many = 1e-3, kind == "many"
    env, planning_steps = busy_env(random_seed, many)
    Q, _ = read_learnt(f(env, 10 if many else 30, planning_steps, alpha, 0.0, 1.0, seed), env)
    steps = env.steps
    rewards = {known: outcome[0] for known, outcome in latest_model(steps).items()}
    counts = update_counts(Q, rewards, alpha)
    total = len(steps) * (1 + planning_steps)
    if sum(counts.values()) != total:
        raise Violation(
            f"{len(steps)} real steps with {planning_steps} planning steps each make {total} updates, "
            f"but {sum(counts.values())} were made."
        )
    known = [len(latest_model(steps[: t + 1])) for t in range(len(steps))]
    expect_uniform_planning(counts, steps, planning_steps, known, FALSE_ALARM / 8)


def _two_floors(random_seed, num_actions=2):
    """Each action of state 0 leads to a state of its own, from which all actions end the episode, back in state 0."""
    rng = np.random.default_rng(random_seed)
    num_states = num_actions + 1
    next_states, ends = np.zeros((num_states, num_actions), dtype=int), np.full((num_states, num_actions), TERMINATED)
    next_states[0], ends[0] = 1 + rng.permutation(num_actions), GOES_ON
    rewards = rng.normal(size=(num_states, num_actions)) + rng.choice([0.0, -3.0, 3.0])
    return lambda: table_world(next_states, rewards, ends)


def _seesaw():
    """Two roads lead from state 1 and back to it, and the way back pays less each time: then the other road is better.

    That is learnt by planning only, for the step back updates the road's own state and no action of state 1.
    """
    rounds = np.arange(24.0)[:, None, None]
    next_states = np.broadcast_to([[1, 1], [0, 2], [1, 1]], (24, 3, 2))
    rewards = -(1 + rounds) * np.array([[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
    return lambda: table_world(next_states, rewards, GOES_ON, starts=[1])


@dyna_q.property(
    "With alpha = 1 and plenty of planning, the table is consistent with all that was ever seen, after every real "
    "step: a greedy agent follows it.",
    cases=st.fixed_dictionaries(
        {
            "random_seed": random_seeds,
            "gamma": st.sampled_from([0.9, 0.5]),
            "epsilon": st.sampled_from([1.0, 0.0]),
            "rounds": st.just(0),
            "seed": seeds,
        }
    ),
    always=(
        {"random_seed": 1, "gamma": 0.9, "epsilon": 0.0, "rounds": 0, "seed": 1},
        {"random_seed": 2, "gamma": 0.1, "epsilon": 0.0, "rounds": 24, "seed": 2},
    ),
    **hidden(weight=1, trials=8),
)
def consistent_with_experience(f, random_seed, gamma, epsilon, rounds, seed):
    """Two sweeps over at most 6 pairs settle everything where paths end; else nine with gamma = 0.1 leave 1e-9.

    Up to 24 real steps in each of 10 cases: ``draws_to_cover`` gets 1e-13 for each.
    """
    env = RecordedEnv(_seesaw() if rounds else _two_floors(random_seed), max_episode_steps=rounds)
    planning_steps = draws_to_cover(6, 9 if rounds else 2, 1e-13)
    Q, _ = read_learnt(f(env, 1 if rounds else 9, planning_steps, 1.0, gamma, epsilon, seed), env)
    steps = env.steps
    expect_fixed_point(Q, latest_model(steps), gamma, "consistent with the latest outcome of each pair")
    for t in range(1, len(steps)) if epsilon == 0.0 else ():
        values = fixed_point(latest_model(steps[:t]), Q.shape, gamma)[steps[t].observation]
        expect_maximiser(values, steps[t].action, t)


add_acting_properties(dyna_q, play_dyna_q, lambda episodes, steps: (episodes,))

"""What several of the hidden properties of unit 3 draw, play and expect."""

from __future__ import annotations

import functools

import numpy as np
from hypothesis import strategies as st

from autograder.properties.dyna.worlds import (
    expect_epsilon_greedy,
    expect_fresh_seeds,
    expect_run,
    expect_same,
    random_world,
    update_counts,
)
from autograder.properties.shared import hidden
from labkit.chance import expect_count
from labkit.results import Violation, array, expect_close, pair
from labkit.simulators import RecordedEnv
from labkit.tabular import GOES_ON, TERMINATED, TRUNCATED, bandit_world, lone_pair_world, table_world

NOTEBOOK = "03_dyna"
FALSE_ALARM = 1e-9
seeds = st.integers(0, 2**31 - 1)
random_seeds = st.integers(0, 2**32 - 1)
discounts = st.sampled_from([0.9, 0.3, 0.0, 0.5, 0.99])
step_sizes = st.sampled_from([0.5, 0.1, 1.0, 0.03, 0.8])
explorations = st.sampled_from([0.3, 1.0, 0.0, 0.1])


# What the three agents share: how they act, reset and count.


def play_dyna_q(f, env, episodes, length, planning_steps, alpha, gamma, epsilon, seed):
    return f(env, episodes, planning_steps, alpha, gamma, epsilon, seed)


def play_dyna_q_plus(f, env, episodes, length, planning_steps, alpha, gamma, epsilon, seed):
    return f(env, episodes * length, planning_steps, alpha, gamma, epsilon, 0.0, seed)


def play_sweeping(f, env, episodes, length, planning_steps, alpha, gamma, epsilon, seed):
    return f(env, episodes * length, planning_steps, alpha, gamma, epsilon, 1e-3, seed)


ACTING_CASES = (
    {"rewards": [0.0, 0.0, 0.0, 0.0, 0.0], "epsilon": 0.0},
    {"rewards": [-1.0, 0.0, -2.0, 0.0], "epsilon": 0.0},
    {"rewards": [0.0, 0.0, 3.0], "epsilon": 0.6},
    {"rewards": [2.0, -1.0], "epsilon": 0.8},
    {"rewards": [-1.0, 2.0, -3.0, 2.0], "epsilon": 0.3},
    {"rewards": [1.0, 2.0, 3.0], "epsilon": 1.0},
    {"rewards": [1.0, 1.0001, -1.0], "epsilon": 0.2},  # best by little, but not by rounding
)


def add_acting_properties(exercise, play, second_shape):
    """Add what is true of every agent; ``play`` calls it for some episodes of one length.

    ``second_shape(episodes, steps)`` is the shape of the second part of its result.
    """

    @exercise.property(
        "With probability epsilon the action is uniform over all actions, otherwise uniform among the best.",
        cases=st.fixed_dictionaries({"case": st.sampled_from(ACTING_CASES), "seed": seeds}),
        always=tuple({"case": case, "seed": 11 + number} for number, case in enumerate(ACTING_CASES)),
        **hidden(weight=1, trials=1),
    )
    def epsilon_greedy(f, case, seed):
        """One state, alpha = 1, gamma = 0: each action is worth its reward from its first try on."""
        env = RecordedEnv(lambda: bandit_world(case["rewards"]), max_episode_steps=50)
        play(f, env, 8, 50, 1, 1.0, 0.0, case["epsilon"], seed)
        expect_run(env, num_steps=400)
        expect_epsilon_greedy(env, case["rewards"], case["epsilon"], FALSE_ALARM / 8)

    @exercise.property(
        "The first reset gets a seed that depends on seed, later ones never repeat it; the same seed gives the same "
        "run, another seed another run.",
        cases=st.fixed_dictionaries({"random_seed": random_seeds, "seed": st.integers(0, 2**31 - 100)}),
        always=({"random_seed": 1, "seed": 0},),
        **hidden(weight=1, trials=3),
    )
    def seeds_are_used_well(f, random_seed, seed):
        """24 uniform actions out of 5 agree in two runs with probability 5^-24 < 1e-16."""
        world = random_world(random_seed, 3, 5)
        maker = functools.partial(_endless, world)
        envs, results = [], []
        for each in (seed, seed, seed + 1, seed + 77):
            envs.append(RecordedEnv(maker, max_episode_steps=4))
            results.append(play(f, envs[-1], 6, 4, 3, 0.5, 0.5, 1.0, each))
            expect_run(envs[-1])
        expect_fresh_seeds(envs[1:])
        if envs[0].steps != envs[1].steps:
            raise Violation("two runs with the same seed took different steps.")
        if [step.action for step in envs[1].steps] == [step.action for step in envs[2].steps]:
            raise Violation("another seed took the very same actions.")
        expect_same(pair(results[0]), pair(results[1]), [(3, 5), second_shape(6, 24)])


def _endless(world):
    """A world without ends of its own, so that every episode has the length of the time limit."""
    made = world()
    made.ends = np.zeros_like(made.ends)
    return made


def read_learnt(result, env, names="(Q, episode_lengths)"):
    Q, second = pair(result, names)
    if not env.steps:
        raise Violation("no step was taken in the environment.")
    return array(Q, (env.num_states, env.num_actions), "Q"), second


run_cases = st.fixed_dictionaries(
    {
        "random_seed": random_seeds,
        "alpha": step_sizes,
        "gamma": discounts,
        "epsilon": explorations,
        "seed": seeds,
    }
)


def random_maker(random_seed, phases=1):
    rng = np.random.default_rng([random_seed, 1])
    dynamics = str(rng.choice(["dense", "sparse", "deterministic"]))
    num_states, num_actions = int(rng.integers(1, 7)), int(rng.integers(1, 5))
    return random_world(random_seed, num_states, num_actions, dynamics, phases)


@st.composite
def drawn_outcomes(draw, ends=(GOES_ON, TERMINATED, TRUNCATED)):
    rng = np.random.default_rng(draw(random_seeds))
    length = int(rng.integers(1, 16))
    rewards = rng.normal(size=length) * rng.choice([1.0, 50.0])
    return [(float(reward), int(rng.choice(ends))) for reward in rewards]


lone_pairs = st.fixed_dictionaries(
    {
        "outcomes": drawn_outcomes(),
        "planning_steps": st.sampled_from([0, 1, 2, 3, 7]),
        "alpha": st.sampled_from([0.1, 0.5, 1.0, 0.03]),
        "gamma": discounts,
        "seed": seeds,
    }
)


def _lone_value(steps, planning_steps, alpha, gamma):
    """One pair: every update, real or planned, uses its latest outcome."""
    value = 0.0
    for step in steps:
        for _ in range(1 + planning_steps):
            value += alpha * (step.reward + (0.0 if step.terminated else gamma * value) - value)
    return value


def lone_env(outcomes, limit=0):
    return RecordedEnv(lambda: lone_pair_world(outcomes), limit)


def expect_lone_value(Q, steps, planning_steps, alpha, gamma):
    expected = _lone_value(steps, planning_steps, alpha, gamma)
    scale = max(abs(step.reward) for step in steps) / (1 - gamma)
    expect_close(Q, np.array([[expected], [0.0]]), "Q", 1e-8 * scale)


# Many pairs show a preference for some of them; few pairs and steps show draws that are the same after each real step;
# short runs show draws without replacement.
evenness = st.fixed_dictionaries({"random_seed": random_seeds, "kind": st.sampled_from(["few", "many"]), "seed": seeds})

evenness_always = (
    {"random_seed": 1, "kind": "few", "seed": 5},
    {"random_seed": 2, "kind": "many", "seed": 6},
    {"random_seed": 3, "kind": "short", "seed": 7},
)


def busy_env(random_seed, many):
    """Return an environment and the planning steps to ask for after each of its real steps."""
    shape = (6, 4) if many else (2, 3)
    return RecordedEnv(random_world(random_seed, *shape), max_episode_steps=9), 80 if many else 3


def expect_drawn_twice(play, seed, false_alarm, length=9, runs=120):
    """Walk down a corridor: its last pair is planned after the last step only, by one in ``length`` of fewer draws.

    ``play(env, planning_steps, alpha, seed)`` returns the table. That none of 120 runs draws the last pair twice, as
    without replacement, has a probability of 0.78^120 < 1e-12.
    """
    alpha, planning_steps = 1e-2, length - 1
    next_states = np.minimum(np.arange(length + 1) + 1, length)[:, None]
    ends = np.where(np.arange(length + 1) >= length - 1, TERMINATED, GOES_ON)[:, None]
    twice = 0
    for k in range(runs):
        env = RecordedEnv(lambda: table_world(next_states, 1.0, ends))
        Q = play(env, planning_steps, alpha, (seed + 1009 * k) % 2**31)
        expect_run(env, num_steps=length)
        counts = update_counts(Q, {(state, 0): 1.0 for state in range(length)}, alpha)
        twice += counts[length - 1, 0] - 1 >= 2
    chance, left_out = 1 / length, 1 - 1 / length
    at_most_once = left_out**planning_steps + planning_steps * chance * left_out ** (planning_steps - 1)
    expect_count(twice, runs, 1 - at_most_once, "the pair met last was planned twice or more", false_alarm)

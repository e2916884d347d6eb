"""Hidden properties of prioritized sweeping."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from autograder.properties.dyna.common import (
    NOTEBOOK,
    add_acting_properties,
    drawn_outcomes,
    explorations,
    lone_env,
    play_sweeping,
    random_maker,
    random_seeds,
    seeds,
)
from autograder.properties.dyna.sweeps import agreed_result
from autograder.properties.dyna.worlds import expect_run, latest_model
from autograder.properties.shared import hidden
from labkit.exercises.dyna import expect_untouched, sweeping_result
from labkit.properties import Exercise
from labkit.results import Violation, expect_close
from labkit.simulators import RecordedEnv
from labkit.tabular import GOES_ON, TERMINATED, TRUNCATED, table_world

prioritized_sweeping = Exercise("prioritized_sweeping", NOTEBOOK)

# One action and four roads or more, on which the wrong orders of the queue give tables of their own.
TELLING_CROSSROADS = {"random_seed": 536, "planning_steps": 2, "gamma": 0.9, "theta": 0.3, "seed": 1}


@prioritized_sweeping.property(
    "The pair with the largest |TD error| comes first, its state's predecessors follow, and what the budget of one "
    "real step leaves in the queue is done after the next ones.",
    cases=st.fixed_dictionaries(
        {
            "random_seed": random_seeds,
            "planning_steps": st.sampled_from([1, 2, 3]),
            "gamma": st.sampled_from([0.9, 0.5, 0.7]),
            "theta": st.sampled_from([0.05, 0.3, 1.0]),
            "seed": seeds,
        }
    ),
    always=(TELLING_CROSSROADS,),
    **hidden(weight=2, trials=40),
)
def largest_error_first(f, random_seed, planning_steps, gamma, theta, seed):
    make, num_steps = _crossroads(random_seed)
    env = RecordedEnv(make)
    Q, num_updates = sweeping_result(f(env, num_steps, planning_steps, 1.0, gamma, 1.0, theta, seed), _shape(env))
    expect_run(env, num_steps=num_steps)
    expected = agreed_result(env.steps, _shape(env), planning_steps, 1.0, gamma, theta)
    if expected is None:  # the order of ties or the treatment of stale entries matters here, and both are free
        return
    expect_close(Q, expected[0], "Q", 1e-8 * max(1.0, np.abs(expected[0]).max()), "the largest errors were done first")
    if num_updates != expected[1]:
        raise Violation(f"num_updates is {num_updates} but should be {expected[1]}.")


def _shape(env):
    return env.num_states, env.num_actions


def _crossroads(random_seed):
    """Many roads with small rewards of their own meet in state 0, whose reward is small at first and then large.

    In the first phase each road is walked once, and errors below theta stay in the table. When state 0 pays at last,
    all roads want an update at once, each with an error of its own size. Then the agent waits in a room apart.
    """
    rng = np.random.default_rng(random_seed)
    roads, waits, num_actions = int(rng.integers(2, 6)), int(rng.integers(0, 6)), int(rng.integers(1, 3))
    num_states, waiting_room = roads + 2, roads + 1
    next_states = np.zeros((2, num_states, num_actions), dtype=int)
    next_states[:, 0] = next_states[:, waiting_room] = waiting_room
    ends = np.where(np.arange(num_states)[:, None] == 0, TERMINATED, GOES_ON) + np.zeros_like(next_states)
    rewards = rng.uniform(-1, 1, size=next_states.shape) * (np.arange(num_states)[:, None] != waiting_room)
    rewards[0, 0] *= 0.01
    rewards[1, 0] = rng.choice([-1.0, 1.0]) * (2.0 + rng.random())
    starts = [*(1 + rng.permutation(roads)).tolist(), 0, *[waiting_room] * 100]
    return lambda: table_world(next_states, rewards, ends, starts, 2 * roads), 2 * roads + 1 + waits


HURRIED, HURRY, WAIT = 5, 13, 150


def _hurried(random_seed):
    """Rewards and roads change while there is hardly time to plan, so that entries of the queue wait and grow stale.

    From the last phase on every pair leads to a waiting room, where nothing is learnt and the queue empties.
    """
    rng = np.random.default_rng(random_seed)
    shape = (HURRIED, 5, 2)
    next_states, ends = rng.integers(4, size=shape), rng.choice([GOES_ON, TERMINATED], p=[0.7, 0.3], size=shape)
    rewards = rng.choice([-1.0, 1.0], size=shape) * (0.3 + rng.random(shape))
    next_states[-1] = next_states[:, 4] = 4
    ends[-1] = ends[:, 4] = GOES_ON
    rewards[:, 4] = 0.0
    return lambda: table_world(next_states, rewards, ends, rng.permutation(4).tolist(), HURRY // (HURRIED - 1))


@prioritized_sweeping.property(
    "When the queue has emptied, no pair the agent has met has a TD error above theta; pairs it has not met stay at 0.",
    cases=st.fixed_dictionaries(
        {
            "random_seed": random_seeds,
            "gamma": st.sampled_from([0.5, 0.3, 0.0]),
            "theta": st.sampled_from([0.03, 0.3, 0.1]),
            "epsilon": explorations,
            "phases": st.sampled_from([1, 1, 3, HURRIED]),
            "seed": seeds,
        }
    ),
    always=tuple(
        {"random_seed": number, "gamma": 0.5, "theta": 0.03, "epsilon": 1.0, "phases": HURRIED, "seed": number}
        for number in (0, 3, 7, 8, 10)
    ),
    **hidden(weight=2, trials=25),
)
def nothing_left_above_theta(f, random_seed, gamma, theta, epsilon, phases, seed):
    hurried = phases == HURRIED
    planning_steps = 2 if hurried else 400
    make = _hurried(random_seed) if hurried else random_maker(random_seed, phases)
    env = RecordedEnv(make, max_episode_steps=0 if hurried else 9)
    theta *= np.abs(make().R).max()
    num_steps = HURRY + WAIT if hurried else 5 + seed % 30
    Q, num_updates = sweeping_result(f(env, num_steps, planning_steps, 1.0, gamma, epsilon, theta, seed), _shape(env))
    expect_run(env, num_steps=num_steps)
    model = latest_model(env.steps)
    known = np.zeros(Q.shape, dtype=bool)
    known[tuple(np.array(list(model)).T)] = True
    expect_untouched(Q, np.zeros(Q.shape), known, "this pair was never met")
    if num_updates < np.count_nonzero(Q):
        raise Violation(f"num_updates is {num_updates}, but {np.count_nonzero(Q)} entries of Q have changed.")
    # Duplicates breed in some worlds, and entries that are skipped may be counted as planning steps; then nobody knows
    # whether the queue is empty.
    if num_updates >= (planning_steps * WAIT / 4 if hurried else planning_steps):
        return
    for (state, action), (reward, next_state, terminated) in model.items():
        error = reward + (0.0 if terminated else gamma * max(Q[next_state])) - Q[state, action]
        if abs(error) > theta + 1e-8 * max(1.0, np.abs(Q).max()):
            raise Violation(f"the TD error of pair {[state, action]} is {error:.6g}, and theta is {theta:g}.")


@prioritized_sweeping.property(
    "Only a TD error above theta enters the queue; one of exactly theta does not, and a pair that ended an episode has "
    "none from the state it led to.",
    cases=st.fixed_dictionaries(
        {"reward": st.sampled_from([1.0, -1.0, 4.0, -0.5]), "gamma": st.sampled_from([0.5, 0.25]), "seed": seeds}
    ),
    **hidden(weight=1, trials=10),
)
def exactly_theta(f, reward, gamma, seed):
    """A corridor of powers of two: every error is exact, and the one of theta's size is the first left alone.

    Its exit leads back to the beginning, which is worth something at last, but not to the pair that ended the episode.
    """
    next_states, rewards = np.array([[1], [2], [3], [0], [4]]), np.array([[0.0], [0.0], [0.0], [reward], [0.0]])
    ends = np.array([[GOES_ON]] * 3 + [[TERMINATED]] * 2)
    for swept in range(5):
        env = RecordedEnv(lambda: table_world(next_states, rewards, ends))
        theta = abs(reward) * (gamma**swept if swept < 4 else gamma**6)
        Q, num_updates = sweeping_result(f(env, 4, 9, 1.0, gamma, 0.1, theta, seed), (5, 1))
        steps_left = np.arange(3, -2, -1)
        expected = np.where((steps_left >= 0) & (steps_left < swept), reward * gamma ** np.abs(steps_left), 0.0)
        expect_close(Q, expected[:, None], "Q", 1e-9 * abs(reward))
        if num_updates != swept:
            raise Violation(f"num_updates is {num_updates} but should be {swept}.")


@prioritized_sweeping.property(
    "A planning update moves its entry by alpha of the error; a pair that leads back to its own state is its own "
    "predecessor and is queued again.",
    cases=st.fixed_dictionaries(
        {
            "outcomes": st.one_of(drawn_outcomes((GOES_ON, TRUNCATED)), drawn_outcomes((TERMINATED,))),
            "alpha": st.sampled_from([0.5, 0.25, 1.0]),
            "gamma": st.sampled_from([0.5, 0.0, 0.8]),
            "seed": seeds,
        }
    ),
    **hidden(weight=1, trials=30),
)
def alpha_of_the_error(f, outcomes, alpha, gamma, seed):
    """The budget empties the queue after each real step, except in the first call, which cuts the first step short.

    Whether the updated pair is examined again besides its predecessors is left open: both keep the order of errors.
    """
    theta = 1e-3 * max(abs(reward) for reward, _ in outcomes)
    for num_steps, planning_steps in ((1, 3), (len(outcomes), 500)):
        env = lone_env(outcomes)
        result = f(env, num_steps, planning_steps, alpha, gamma, 0.2, theta, seed)
        Q, num_updates = sweeping_result(result, (2, 1))
        expect_run(env, num_steps=num_steps)
        values = [_lone_sweep(env.steps, planning_steps, alpha, gamma, theta, again) for again in (False, True)]
        if not any(abs(Q[0, 0] - value) <= 1e-6 * theta and num_updates == made for value, made in values):
            value, expected_updates = values[0]
            expect_close(Q, np.array([[value], [0.0]]), "Q", 1e-6 * theta)
            raise Violation(f"num_updates is {num_updates} but should be {expected_updates}.")
        expect_close(Q[1:], np.zeros((1, 1)), "the row of the state never acted in", 0.0)


def _lone_sweep(steps, planning_steps, alpha, gamma, theta, again):
    value, num_updates = 0.0, 0
    for step in steps:
        for _ in range(1 if step.terminated and not again else planning_steps):
            error = step.reward + (0.0 if step.terminated else gamma * value) - value
            if abs(error) <= theta:
                break
            value += alpha * error
            num_updates += 1
    return value, num_updates


add_acting_properties(prioritized_sweeping, play_sweeping, lambda episodes, steps: ())

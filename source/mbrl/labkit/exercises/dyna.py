"""Public properties of unit 3, Dyna. None of them contains an algorithm: they are facts about its results.

Where planning draws at random, so many steps are asked for that missing a pair is less likely than 1e-20.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from labkit.problems import discounts, with_inputs
from labkit.properties import Exercise
from labkit.results import Violation, array, expect_close, pair
from labkit.simulators import RecordedEnv
from labkit.tabular import bandit_world, corridor_world

NOTEBOOK = "03_dyna"
ROUNDING = 1e-9

q_update = Exercise("q_update", NOTEBOOK)
dyna_planning = Exercise("dyna_planning", NOTEBOOK)
dyna_q = Exercise("dyna_q", NOTEBOOK)
exploration_bonus = Exercise("exploration_bonus", NOTEBOOK)
dyna_q_plus = Exercise("dyna_q_plus", NOTEBOOK)
prioritized_sweeping = Exercise("prioritized_sweeping", NOTEBOOK)

seeds = st.integers(0, 1000)
step_sizes = st.sampled_from([0.5, 1.0, 0.25, 0.1])


@st.composite
def transitions(draw):
    """A small table and one transition."""
    num_states, num_actions = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    size = num_states * num_actions
    entries = draw(st.lists(st.integers(-3, 3), min_size=size, max_size=size))
    return {
        "Q": np.array(entries, dtype=np.float64).reshape(num_states, num_actions),
        "state": draw(st.integers(0, num_states - 1)),
        "action": draw(st.integers(0, num_actions - 1)),
        "reward": float(draw(st.integers(-3, 3))),
        "next_state": draw(st.integers(0, num_states - 1)),
        "alpha": draw(step_sizes),
        "gamma": draw(discounts),
    }


def expect_untouched(after, before, touched, why):
    """Every entry of the table but those ``touched`` is what it was."""
    expect_close(np.where(touched, before, after), before, "Q", 0.0, why)


# q_update


def _entry(Q, state, action):
    return (np.arange(len(Q)) == state)[:, None] & (np.arange(Q.shape[1]) == action)


@q_update.property(
    "When the episode terminates, the entry moves by alpha of the way to the reward.",
    cases=transitions(),
)
def last_step(f, Q, state, action, reward, next_state, alpha, gamma):
    after = array(f(Q, state, action, reward, next_state, True, alpha, gamma), Q.shape, "Q")
    expected = Q[state, action] + alpha * (reward - Q[state, action])
    expect_close(after[state, action], np.float64(expected), f"Q[{state}, {action}]", ROUNDING)


@q_update.property(
    "With alpha = 1 the entry becomes the reward plus gamma times the best entry of the next state.",
    cases=transitions(),
)
def all_the_way(f, Q, state, action, reward, next_state, alpha, gamma):
    after = array(f(Q, state, action, reward, next_state, False, 1.0, gamma), Q.shape, "Q")
    expected = reward + gamma * max(Q[next_state])
    expect_close(after[state, action], np.float64(expected), f"Q[{state}, {action}]", ROUNDING)


@q_update.property(
    "No other entry of the table changes.",
    cases=st.builds(lambda case, ends: {**case, "terminated": ends}, transitions(), st.booleans()),
)
def one_entry_only(f, Q, state, action, reward, next_state, terminated, alpha, gamma):
    after = array(f(Q, state, action, reward, next_state, terminated, alpha, gamma), Q.shape, "Q")
    expect_untouched(after, Q, _entry(Q, state, action), "only the pair that was tried is updated")


# dyna_planning


@dyna_planning.property(
    "An empty model changes nothing, and neither do 0 planning steps.",
    cases=st.builds(
        lambda case, steps, seed: {**case, "planning_steps": steps, "seed": seed},
        transitions(),
        st.integers(0, 5),
        seeds,
    ),
)
def nothing_to_plan(f, Q, state, action, reward, next_state, alpha, gamma, planning_steps, seed):
    expect_close(array(f(Q, {}, planning_steps, alpha, gamma, seed), Q.shape, "Q"), Q, "Q", 0.0, "the model is empty")
    model = {(state, action): (reward, next_state, False)}
    expect_close(
        array(f(Q, model, 0, alpha, gamma, seed), Q.shape, "Q"), Q, "Q", 0.0, "0 planning steps were asked for"
    )


@dyna_planning.property(
    "When the model knows one pair, which ends the episode, n planning steps leave (1 - alpha)^n of its error, "
    "and all other pairs as they were.",
    cases=st.builds(
        lambda case, steps, seed: {**case, "planning_steps": steps, "seed": seed},
        transitions(),
        st.integers(0, 8),
        seeds,
    ),
)
def one_known_pair(f, Q, state, action, reward, next_state, alpha, gamma, planning_steps, seed):
    model = {(state, action): (reward, next_state, True)}
    after = array(f(Q, model, planning_steps, alpha, gamma, seed), Q.shape, "Q")
    expected = reward + (1 - alpha) ** planning_steps * (Q[state, action] - reward)
    expect_close(after[state, action], np.float64(expected), f"Q[{state}, {action}]", ROUNDING)
    expect_untouched(after, Q, _entry(Q, state, action), "the model does not know this pair")


@dyna_planning.property(
    "With alpha = 1, gamma = 0 and plenty of steps, every known pair is worth its reward.",
    cases=st.builds(
        lambda rewards, num_states, seed: {"rewards": rewards, "num_states": num_states, "seed": seed},
        st.lists(st.integers(-3, 3).filter(bool), min_size=1, max_size=4),
        st.integers(1, 3),
        seeds,
    ),
)
def every_known_pair(f, rewards, num_states, seed):
    model = {(num_states - 1, action): (float(r), 0, action % 2 == 0) for action, r in enumerate(rewards)}
    Q = array(f(np.zeros((num_states, len(rewards))), model, 400, 1.0, 0.0, seed), (num_states, len(rewards)), "Q")
    expected = np.zeros(Q.shape)
    expected[-1] = rewards
    expect_close(Q, expected, "Q", ROUNDING, "400 planning steps reach every known pair, and no other")


# dyna_q


def recorded_corridor(length, max_episode_steps=0):
    """A corridor with one action whose last step pays 1, and everything that is done with it."""
    return RecordedEnv(lambda: corridor_world(length), max_episode_steps)


def _expect_steps(env, num_steps):
    if len(env.steps) != num_steps:
        raise Violation(f"{num_steps} real steps were asked for, but {len(env.steps)} were taken.")


def _agent_result(result, shape, names):
    Q, second = pair(result, names)
    return array(Q, shape, "Q"), second


def discounted_exit(length, gamma, known):
    """The values of the last ``known`` states of a corridor whose exit pays 1, the others 0."""
    steps_left = np.arange(length - 1, -2, -1)
    return np.where((steps_left >= 0) & (steps_left < known), gamma ** np.abs(steps_left), 0.0)[:, None]


corridor_cases = st.fixed_dictionaries(
    {"length": st.integers(1, 4), "gamma": st.sampled_from([0.5, 0.9, 0.25]), "seed": seeds}
)


@dyna_q.property(
    "In a corridor with one action, without planning and with alpha = 1, the reward at the exit moves back by one "
    "state in each episode.",
    cases=with_inputs(corridor_cases, num_episodes=st.integers(1, 4)),
)
def one_state_per_episode(f, length, gamma, seed, num_episodes):
    env = recorded_corridor(length)
    Q, _ = _agent_result(f(env, num_episodes, 0, 1.0, gamma, 0.1, seed), (length + 1, 1), "(Q, episode_lengths)")
    expect_close(Q, discounted_exit(length, gamma, num_episodes), "Q", ROUNDING, f"after {num_episodes} episodes")


@dyna_q.property(
    "In a corridor with one action, with alpha = 1 and plenty of planning, one episode is enough to value every state.",
    cases=corridor_cases,
)
def planning_spreads_the_reward(f, length, gamma, seed):
    env = recorded_corridor(length)
    Q, _ = _agent_result(f(env, 1, 400, 1.0, gamma, 0.1, seed), (length + 1, 1), "(Q, episode_lengths)")
    expect_close(Q, discounted_exit(length, gamma, length), "Q", ROUNDING, "gamma for each step before the exit")


@dyna_q.property(
    "episode_lengths holds the number of steps of each episode, ended by termination or by a time limit.",
    cases=with_inputs(corridor_cases, num_episodes=st.integers(1, 4), limit=st.integers(0, 4)),
)
def lengths_of_the_episodes(f, length, gamma, seed, num_episodes, limit):
    env = recorded_corridor(length, limit)
    result = f(env, num_episodes, 2, 0.5, gamma, 0.1, seed)
    _, lengths = _agent_result(result, (length + 1, 1), "(Q, episode_lengths)")
    expected = np.full(num_episodes, min(length, limit) if limit else length)
    expect_close(array(lengths, (num_episodes,), "episode_lengths"), expected, "episode_lengths", 0.0)


# exploration_bonus

bonus_cases = st.fixed_dictionaries(
    {
        "roots": st.lists(st.integers(0, 4), min_size=1, max_size=4),
        "reward": st.integers(-3, 3),
        "kappa": st.sampled_from([1.0, 0.5, 0.0, 0.001]),
    }
)


@exploration_bonus.property("After n² steps the bonus is kappa times n; right after a try it is 0.", cases=bonus_cases)
def bonus_of_square_numbers(f, roots, reward, kappa):
    roots = np.array(roots, dtype=np.float64)
    rewards = np.full(len(roots), float(reward))
    bonused = array(f(rewards, roots**2, kappa), roots.shape, "the result")
    expect_close(bonused, rewards + kappa * roots, "the result", ROUNDING)


@exploration_bonus.property("It works for one number as for a table.", cases=bonus_cases)
def one_number(f, roots, reward, kappa):
    bonused = array(f(float(reward), roots[0] ** 2, kappa), (), "the result")
    expect_close(bonused, np.float64(reward + kappa * roots[0]), "the result", ROUNDING)


# dyna_q_plus


@dyna_q_plus.property(
    "cumulative_reward[t] is the sum of the rewards of the first t + 1 real steps.",
    cases=with_inputs(corridor_cases, num_steps=st.integers(1, 9), limit=st.integers(0, 4)),
)
def running_sum(f, length, gamma, seed, num_steps, limit):
    env = recorded_corridor(length, limit)
    result = f(env, num_steps, 2, 0.5, gamma, 0.1, 0.01, seed)
    _, cumulative = _agent_result(result, (length + 1, 1), "(Q, cumulative_reward)")
    cumulative = array(cumulative, (num_steps,), "cumulative_reward")
    if len(env.steps) != num_steps:
        raise Violation(f"{num_steps} real steps were asked for, but {len(env.steps)} were taken.")
    expect_close(cumulative, np.cumsum([step.reward for step in env.steps]), "cumulative_reward", ROUNDING)


@dyna_q_plus.property(
    "In one state with alpha = 1, gamma = 0 and plenty of planning, a pair is worth its reward plus kappa times the "
    "root of the steps since it was tried; one never tried counts as paying 0, all steps ago.",
    cases=st.fixed_dictionaries(
        {
            "rewards": st.lists(st.integers(-2, 2), min_size=1, max_size=3),
            "num_steps": st.integers(1, 5),
            "kappa": st.sampled_from([1.0, 0.25, 0.0]),
            "seed": seeds,
        }
    ),
)
def bonus_in_one_state(f, rewards, num_steps, kappa, seed):
    env = RecordedEnv(lambda: bandit_world(rewards))
    result = f(env, num_steps, 160, 1.0, 0.0, 0.5, kappa, seed)
    Q, _ = _agent_result(result, (1, len(rewards)), "(Q, cumulative_reward)")
    _expect_steps(env, num_steps)
    expect_close(Q[0], bonused_values(env.steps, rewards, kappa), "Q[0]", ROUNDING, f"after {tried(env.steps)}")


def bonused_values(steps, rewards, kappa):
    """What every action of one state is worth after ``steps`` when its modelled reward is all that counts."""
    last_tried = {step.action: t for t, step in enumerate(steps, start=1)}
    return np.array(
        [
            (rewards[action] if action in last_tried else 0.0)
            + kappa * np.sqrt(len(steps) - last_tried.get(action, 0))
            for action in range(len(rewards))
        ]
    )  # fmt: skip


def tried(steps):
    """The actions taken, in words."""
    return "action " + ", ".join(str(step.action) for step in steps)


@dyna_q_plus.property(
    "The bonus belongs to planning: with 0 planning steps in a corridor, the reward at the exit moves back by one "
    "state in each episode, and nothing else is learnt.",
    cases=with_inputs(corridor_cases, num_episodes=st.integers(1, 4)),
)
def no_bonus_without_planning(f, length, gamma, seed, num_episodes):
    env = recorded_corridor(length)
    result = f(env, num_episodes * length, 0, 1.0, gamma, 0.1, 1.0, seed)
    Q, _ = _agent_result(result, (length + 1, 1), "(Q, cumulative_reward)")
    expect_close(Q, discounted_exit(length, gamma, num_episodes), "Q", ROUNDING, f"after {num_episodes} episodes")


# prioritized_sweeping


def sweeping_result(result, shape):
    """Return the table and the count of updates."""
    Q, num_updates = _agent_result(result, shape, "(Q, num_updates)")
    num_updates = float(array(num_updates, (), "num_updates"))
    if num_updates != round(num_updates) or num_updates < 0:
        raise Violation(f"num_updates should be a count, but it is {num_updates:g}.")
    return Q, int(num_updates)


def _expect_updates(num_updates, expected, why):
    if num_updates != expected:
        raise Violation(f"num_updates is {num_updates} but should be {expected} ({why}).")


@prioritized_sweeping.property(
    "There is no direct update: with 0 planning steps the table stays 0, and no update is counted.",
    cases=with_inputs(corridor_cases, num_steps=st.integers(1, 9)),
)
def no_direct_update(f, length, gamma, seed, num_steps):
    env = recorded_corridor(length)
    Q, num_updates = sweeping_result(f(env, num_steps, 0, 1.0, gamma, 0.1, 1e-3, seed), (length + 1, 1))
    _expect_steps(env, num_steps)
    expect_close(Q, np.zeros(Q.shape), "Q", 0.0, "only planning changes the table")
    _expect_updates(num_updates, 0, "no planning step was allowed")


@prioritized_sweeping.property(
    "One walk down a corridor is swept back from the exit, one update for each state, as far as planning_steps allows.",
    cases=with_inputs(corridor_cases, planning_steps=st.integers(1, 6)),
)
def swept_back_from_the_exit(f, length, gamma, seed, planning_steps):
    env = recorded_corridor(length)
    result = f(env, length, planning_steps, 1.0, gamma, 0.1, 1e-3, seed)
    Q, num_updates = sweeping_result(result, (length + 1, 1))
    reached = min(length, planning_steps)
    expect_close(Q, discounted_exit(length, gamma, reached), "Q", ROUNDING, f"{reached} updates after the last step")
    _expect_updates(num_updates, reached, "the steps before the exit show no error")


@prioritized_sweeping.property(
    "A TD error below theta is left alone.",
    cases=with_inputs(corridor_cases, theta=st.sampled_from([1.5, 2.0, 10.0])),
)
def small_errors_are_left_alone(f, length, gamma, seed, theta):
    env = recorded_corridor(length)
    Q, num_updates = sweeping_result(f(env, 2 * length, 5, 1.0, gamma, 0.1, theta, seed), (length + 1, 1))
    _expect_steps(env, 2 * length)
    expect_close(Q, np.zeros(Q.shape), "Q", 0.0, f"the largest error is 1, theta is {theta:g}")
    _expect_updates(num_updates, 0, f"the largest error is 1, theta is {theta:g}")

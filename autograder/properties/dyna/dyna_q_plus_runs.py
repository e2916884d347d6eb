"""Hidden properties of Dyna-Q+."""

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
    play_dyna_q_plus,
    random_maker,
    random_seeds,
    read_learnt,
    run_cases,
    seeds,
)
from autograder.properties.dyna.worlds import (
    draws_for_each,
    draws_to_cover,
    expect_fixed_point,
    expect_maximiser,
    expect_replay,
    expect_run,
    expect_uniform_planning,
    latest_model,
    random_world,
    update_counts,
)
from autograder.properties.shared import hidden
from labkit.exercises.dyna import bonused_values
from labkit.properties import Exercise
from labkit.results import array, expect_close
from labkit.simulators import RecordedEnv
from labkit.tabular import GOES_ON, TERMINATED, bandit_world

dyna_q_plus = Exercise("dyna_q_plus", NOTEBOOK)


@dyna_q_plus.property(
    "With 0 planning steps it is Q-learning on the steps it takes, without any bonus; exactly num_steps steps are "
    "taken through as many episodes as fit, and their rewards add up to cumulative_reward.",
    cases=run_cases,
    **hidden(weight=1, trials=25),
)
def plus_without_planning(f, random_seed, alpha, gamma, epsilon, seed):
    env = RecordedEnv(random_maker(random_seed), max_episode_steps=12)
    num_steps = 10 + seed % 30
    result = f(env, num_steps, 0, alpha, gamma, epsilon, 2.0, seed)
    Q, cumulative = read_learnt(result, env, "(Q, cumulative_reward)")
    expect_run(env, num_steps=num_steps)
    expected = np.cumsum([step.reward for step in env.steps])
    cumulative = array(cumulative, (num_steps,), "cumulative_reward")
    expect_close(cumulative, expected, "cumulative_reward", 1e-9 * np.abs(expected).max())
    expect_replay(Q, env.steps, alpha, gamma, greedy=epsilon == 0.0)


@dyna_q_plus.property(
    "With a single pair, every real step makes one direct update and exactly planning_steps planned ones, all with the "
    "pair's latest outcome and no bonus, because it has just been tried.",
    cases=lone_pairs,
    **hidden(weight=1, trials=30),
)
def plus_latest_outcome(f, outcomes, planning_steps, alpha, gamma, seed):
    env = lone_env(outcomes)
    result = f(env, len(outcomes), planning_steps, alpha, gamma, 0.2, 0.9, seed)
    Q, _ = read_learnt(result, env, "(Q, cumulative_reward)")
    expect_run(env, num_steps=len(outcomes))
    expect_lone_value(Q, env.steps, planning_steps, alpha, gamma)


@dyna_q_plus.property(
    "The elapsed steps of a pair are counted through all episodes, from its last try or, if it was never tried, from "
    "the start; the bonus is part of the reward that alpha steps towards; a greedy agent follows the values.",
    cases=st.fixed_dictionaries(
        {
            "random_seed": random_seeds,
            "epsilon": st.sampled_from([0.0, 0.4]),
            "kappa": st.sampled_from([0.5, 0.05, 2.0]),
            "limit": st.sampled_from([0, 3, 7]),
            "seed": seeds,
        }
    ),
    **hidden(weight=2, trials=12),
)
def elapsed_since_the_last_try(f, random_seed, epsilon, kappa, limit, seed):
    """One state, gamma = 0: eleven updates with alpha = 0.9 leave 1e-11 of the error, so the table is known.

    So many for each pair, up to 25 times in 12 cases: ``draws_for_each`` gets 1e-13 for each.
    """
    rng = np.random.default_rng(random_seed)
    num_actions, num_steps = int(rng.integers(2, 5)), int(rng.integers(5, 26))
    rewards = rng.normal(size=num_actions).tolist()
    env = RecordedEnv(lambda: bandit_world(rewards, GOES_ON if limit else TERMINATED), limit)
    result = f(env, num_steps, draws_for_each(num_actions, 11, 1e-13), 0.9, 0.0, epsilon, kappa, seed)
    Q, _ = read_learnt(result, env, "(Q, cumulative_reward)")
    expect_run(env, num_steps=num_steps)
    expect_close(Q[0], bonused_values(env.steps, rewards, kappa), "Q[0]", 1e-8)
    for t in range(1, num_steps) if epsilon == 0.0 else ():
        expect_maximiser(bonused_values(env.steps[:t], rewards, kappa), env.steps[t].action, t)


def _bonused_model(steps, num_actions, kappa):
    """Every pair of a state acted in: its latest outcome, or back with reward 0, and the bonus on top."""
    now, model = len(steps), latest_model(steps)
    last_tried = {(step.observation, step.action): t for t, step in enumerate(steps, start=1)}
    for state in {step.observation for step in steps}:
        for action in range(num_actions):
            reward, next_state, terminated = model.get((state, action), (0.0, state, False))
            bonus = kappa * np.sqrt(now - last_tried.get((state, action), 0))
            model[state, action] = (reward + bonus, next_state, terminated)
    return model


def _expect_bonused_table(f, env, num_steps, planning_steps, gamma, kappa, seed):
    result = f(env, num_steps, planning_steps, 1.0, gamma, 1.0, kappa, seed)
    Q, _ = read_learnt(result, env, "(Q, cumulative_reward)")
    model = _bonused_model(env.steps, env.num_actions, kappa)
    expect_fixed_point(Q, model, gamma, "the latest outcomes with their bonuses; states never acted in stay at 0")


@dyna_q_plus.property(
    "In every state acted in, all actions are planned, the untried ones as if they led back with reward 0; "
    "pairs of other states stay untouched.",
    cases=st.fixed_dictionaries(
        {"random_seed": random_seeds, "kappa": st.sampled_from([0.5, 0.03, 4.0]), "seed": seeds}
    ),
    **hidden(weight=2, trials=10),
)
def states_acted_in(f, random_seed, kappa, seed):
    """gamma = 0 and at most 15 pairs: one sweep after the last step settles everything."""
    env = RecordedEnv(random_world(random_seed, 5, 3, phases=3), max_episode_steps=4)
    num_steps = 1 + seed % 11
    _expect_bonused_table(f, env, num_steps, draws_to_cover(15, 1, 1e-12), 0.0, kappa, seed)


@dyna_q_plus.property(
    "Planned updates look ahead from where the model leads, also from an untried action back to its own state.",
    cases=st.fixed_dictionaries(
        {"random_seed": random_seeds, "kappa": st.sampled_from([0.5, 0.0, 2.0]), "seed": seeds}
    ),
    **hidden(weight=1, trials=6),
)
def looks_ahead_with_bonus(f, random_seed, kappa, seed):
    """At most 6 pairs; nine sweeps with gamma = 0.1 leave an error of 1e-9 of the first one."""
    env = RecordedEnv(random_world(random_seed, 3, 2, "deterministic"), max_episode_steps=3)
    _expect_bonused_table(f, env, 2 + seed % 4, draws_to_cover(6, 9, 1e-12), 0.1, kappa, seed)


@dyna_q_plus.property(
    "Planned pairs are drawn uniformly and with replacement from all pairs of the states acted in so far, the untried "
    "ones included.",
    cases=evenness,
    always=evenness_always,
    **hidden(weight=1, trials=4),
)
def plus_planned_evenly(f, random_seed, kind, seed):
    if kind == "short":

        def play(env, planning_steps, alpha, each):
            return read_learnt(f(env, 9, planning_steps, alpha, 0.0, 1.0, 0.0, each), env, "(Q, cumulative_reward)")[0]

        return expect_drawn_twice(play, seed, FALSE_ALARM / 7)
    many = kind == "many"
    alpha, num_steps = 1e-3, 40 if many else 120
    env, planning_steps = busy_env(random_seed, many)
    result = f(env, num_steps, planning_steps, alpha, 0.0, 1.0, 0.0, seed)
    Q, _ = read_learnt(result, env, "(Q, cumulative_reward)")
    expect_run(env, num_steps=num_steps)
    rewards = {known: outcome[0] for known, outcome in latest_model(env.steps).items()}
    counts = update_counts(Q, rewards, alpha)
    known = [env.num_actions * len({step.observation for step in env.steps[: t + 1]}) for t in range(num_steps)]
    expect_uniform_planning(counts, env.steps, planning_steps, known, FALSE_ALARM / 7)


add_acting_properties(dyna_q_plus, play_dyna_q_plus, lambda episodes, steps: (steps,))

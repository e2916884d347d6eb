"""Hidden properties of branched rollouts, λ-returns and imagination."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from autograder.properties.modern_methods.common import NOTEBOOK, RELATIVE, drawn, scales
from autograder.properties.shared import draw_sizes, hidden
from labkit.exercises.modern_methods import dream, expect_model_obeyed, random_seeds, read_rollouts
from labkit.latents import countdown_policy, countdown_step, random_branching, random_world_model
from labkit.properties import Exercise
from labkit.results import array, expect_close

branched_rollouts = Exercise("branched_rollouts", NOTEBOOK)
lambda_returns = Exercise("lambda_returns", NOTEBOOK)
imagine = Exercise("imagine", NOTEBOOK)


# branched_rollouts


def _expect_rollouts(f, step, policy, starts, horizon, action_size):
    rollouts = read_rollouts(f(step, policy, starts, horizon), starts, horizon, action_size)
    states, actions, _, next_states, alive = rollouts
    expect_close(states[0], starts, "states[0]", 0.0, "starts")
    expect_close(states[1:], next_states[:-1], "states[1:]", 1e-12, "next_states[:-1]")
    expect_close(alive[0].astype(float), 1.0, "alive[0]", 0.0)
    expect_model_obeyed(rollouts, step, policy, RELATIVE)  # each step is judged by itself: nothing adds up
    for t in range(horizon - 1):
        living = alive[t]
        ended = step(states[t][living], actions[t][living])[2]
        expect_close(alive[t + 1][living].astype(float), ~ended, f"alive[{t + 1}]", 0.0, "a step has terminated or not")
        expect_close(alive[t + 1][~living].astype(float), 0.0, f"alive[{t + 1}]", 0.0, "what is dead stays dead")


@branched_rollouts.property(
    "All parts are right together for curved models, sizes that all differ, and branches that end soon or never.",
    cases=st.fixed_dictionaries({"random_seed": random_seeds, "ending": st.sampled_from([0.2, 0.0, 0.5, 1.0])}),
    **hidden(weight=3, trials=40),
)
def rollouts_of_any_model(f, random_seed, ending):
    rng = np.random.default_rng(random_seed)
    count, horizon, state_size, action_size = draw_sizes(rng, 4, 7)
    model = random_branching(rng, state_size, action_size, ending)
    _expect_rollouts(f, *model, rng.normal(size=(count, state_size)), horizon, action_size)


@branched_rollouts.property(
    "Rollouts go on for the whole horizon after every branch has died.",
    cases=drawn,
    **hidden(weight=1, trials=12),
)
def everybody_dies(f, random_seed):
    rng = np.random.default_rng(random_seed)
    count, horizon = int(rng.integers(1, 40)), int(rng.integers(6, 15))
    starts = np.stack([rng.integers(1, 4, size=count) * 1.0, rng.normal(size=count)], axis=1)
    _expect_rollouts(f, countdown_step, countdown_policy, starts, horizon, 1)


# lambda_returns


def _expect_returns(f, rewards, values, continues, lam):
    """From the last step to the first, in the form of a weighted sum of all n-step returns."""
    num_steps = len(rewards)
    returns = array(f(rewards, values, continues, lam), rewards.shape, "the returns")
    expected = np.zeros_like(rewards)
    for t in range(num_steps):
        earned, weight, running = np.zeros_like(rewards[0]), 1.0, np.ones_like(rewards[0])
        for n in range(t, num_steps):
            earned = earned + running * rewards[n]
            running = running * continues[n]
            share = weight * (1 - lam) if n < num_steps - 1 else weight
            expected[t] += share * (earned + running * values[n + 1])
            weight *= lam
    size = max(np.abs(expected).max(), 1e-3 * (np.abs(rewards).max() + np.abs(values).max()))
    expect_close(returns, expected, "return", RELATIVE * size)


@lambda_returns.property(
    "Every return is the mixture of all n-step returns that lam asks for, for every number of steps and rows.",
    cases=st.fixed_dictionaries({"random_seed": random_seeds, "lam": st.sampled_from([0.95, 0.5, 0.0, 1.0, 0.1, 0.8])}),
    **hidden(weight=3, trials=60),
)
def mixture_of_returns(f, random_seed, lam):
    rng = np.random.default_rng(random_seed)
    num_steps, num_rows = draw_sizes(rng, 2, 9)
    continues = np.where(rng.random((num_steps, num_rows)) < rng.choice([0.0, 0.3]), 0.0, rng.choice([0.99, 0.9, 0.5]))
    if rng.random() < 0.3:
        continues = continues * rng.random(continues.shape)
    scale = float(rng.choice(scales))
    rewards, values = rng.normal(size=(num_steps, num_rows)), rng.normal(size=(num_steps + 1, num_rows)) + 1.0
    _expect_returns(f, rewards * scale, values * scale, continues, lam)


@lambda_returns.property(
    "They are exact for long trajectories.",
    cases=drawn,
    **hidden(weight=1, trials=4),
)
def long_trajectories(f, random_seed):
    rng = np.random.default_rng(random_seed)
    shape = (int(rng.integers(60, 120)), 2)
    continues = np.where(rng.random(shape) < 0.02, 0.0, 0.99)
    _expect_returns(f, rng.normal(size=shape), rng.normal(size=(shape[0] + 1, 2)), continues, 0.95)


@lambda_returns.property(
    "Nothing passes the step at which an episode ends, and a single step is enough.",
    cases=st.fixed_dictionaries({"random_seed": random_seeds, "lam": st.sampled_from([0.95, 0.5, 1.0, 0.0])}),
    **hidden(weight=1, trials=20),
)
def ends_cut_off(f, random_seed, lam):
    rng = np.random.default_rng(random_seed)
    num_steps, num_rows = int(rng.integers(1, 6)), int(rng.integers(1, 4))
    rewards, values = rng.normal(size=(num_steps, num_rows)), rng.normal(size=(num_steps + 1, num_rows))
    end = int(rng.integers(num_steps))
    continues = np.full(rewards.shape, 0.9)
    continues[end] = 0.0
    _expect_returns(f, rewards, values, continues, lam)


# imagine


@imagine.property(
    "Latents, actions and rewards are right together for curved models and sizes that all differ.",
    cases=drawn,
    **hidden(weight=3, trials=40),
)
def dreams_of_any_model(f, random_seed):
    rng = np.random.default_rng(random_seed)
    count, observation_size, latent_size, action_size, horizon = draw_sizes(rng, 5, 7)
    _expect_dream(f, rng, count, observation_size, latent_size, action_size, horizon)


@imagine.property(
    "Long dreams of one observation, and dreams of one step, keep their shapes.",
    cases=st.fixed_dictionaries({"random_seed": random_seeds, "horizon": st.sampled_from([1, 40])}),
    **hidden(weight=1, trials=8),
    always=({"random_seed": 5, "horizon": 1},),
)
def long_and_short_dreams(f, random_seed, horizon):
    rng = np.random.default_rng(random_seed)
    _expect_dream(f, rng, int(rng.integers(1, 3)), 2, 1 + horizon % 3, 2, horizon)


def _expect_dream(f, rng, count, observation_size, latent_size, action_size, horizon):
    model = random_world_model(rng, observation_size, latent_size, action_size)
    observations = rng.normal(size=(count, observation_size))
    latents, taken, rewards = dream(f, model, observations, horizon, latent_size, action_size)
    here = model.encode(observations)
    for t in range(horizon + 1):
        expect_close(latents[t], here, f"latents[{t}]", RELATIVE)
        if t < horizon:
            action = model.actor(latents[t])
            expect_close(taken[t], action, f"actions[{t}]", RELATIVE)  # none is larger than 1
            here = model.transition(latents[t], taken[t])
            earned = model.reward(here)
            expect_close(rewards[t], earned, f"rewards[{t}]", RELATIVE * max(1.0, np.abs(earned).max()))

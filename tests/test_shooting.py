"""Models in other clothes, and the quick ensemble: each wrapper does what its name says."""

from __future__ import annotations

import numpy as np
import pytest

from labkit.control import PUCK_HIGH, PUCK_LOW, PuckModel, pendulum_state, pendulum_step
from labkit.environments import GridWorld
from labkit.feature_ensemble import FeatureEnsemble, swing_data
from labkit.shooting import (
    PendulumValue,
    Recorder,
    around_plan,
    as_one_step,
    clocked,
    grid_step,
    hold_action,
    with_terminal_value,
)

START = np.array([-1.0, 0.2, 0.1, 0.0])
PLANS = np.random.default_rng(0).uniform(-1, 1, (7, 5, 2))


def returns_of(step, state, plans, gamma):
    states, total = np.tile(state, (len(plans), 1)), np.zeros(len(plans))
    for t in range(plans.shape[1]):
        states, rewards = step(states, plans[:, t])
        total += gamma**t * rewards
    return total, states


def test_a_terminal_value_is_added_once_and_discounted():
    plain, last = returns_of(PuckModel(), START, PLANS, 0.9)
    step = with_terminal_value(PuckModel(), lambda states: 100 * states[:, 0], 5, 0.9)
    total, clocked_last = returns_of(step, clocked(START), PLANS, 0.9)
    np.testing.assert_allclose(total, plain + 0.9**5 * 100 * last[:, 0])
    np.testing.assert_allclose(clocked_last[:, :-1], last)


def test_changes_to_a_plan_are_carried_out_within_the_bounds():
    base, changes = PLANS[0], PLANS[1:]
    total, _ = returns_of(around_plan(PuckModel(), base, PUCK_LOW, PUCK_HIGH), clocked(START), changes, 0.9)
    np.testing.assert_allclose(total, returns_of(PuckModel(), START, np.clip(base + changes, -1, 1), 0.9)[0])


def test_a_held_action_is_repeated_and_its_rewards_add_up():
    last, total = hold_action(PuckModel(), 3)(np.tile(START, (7, 1)), PLANS[:, 0])
    expected_total, expected_last = returns_of(PuckModel(), START, PLANS[:, :1].repeat(3, axis=1), 1.0)
    np.testing.assert_allclose(last, expected_last)
    np.testing.assert_allclose(total, expected_total)


def test_an_objective_becomes_a_model_and_a_recorder_notes_it():
    recorder = Recorder(as_one_step(lambda points: points.sum(axis=1)))
    points = PLANS[:, 0]
    recorder(np.zeros((7, 1)), points)
    np.testing.assert_array_equal(recorder.actions[0], points)
    np.testing.assert_allclose(recorder.rewards[0], points.sum(axis=1))
    assert recorder.states[0].shape == (7, 1)


def test_a_grid_world_without_slips_walks_as_its_model_does():
    env = GridWorld("detour", step_reward=-0.1)
    P, R = env.model()
    states, actions = (part.ravel() for part in np.indices(R.shape))
    moved, rewards = grid_step(env)(states[:, None].astype(float), actions)
    np.testing.assert_array_equal(P[states, actions, moved[:, 0].astype(int)], 1.0)
    np.testing.assert_allclose(rewards, R[states, actions])


def test_the_value_of_the_pendulum_is_best_upright_and_right_on_the_grid():
    value = PendulumValue(pendulum_step, 0.9, 16, 17)
    on_grid = np.stack([pendulum_state(angle, 2.0) for angle in value.angles])
    np.testing.assert_allclose(value(on_grid), value.table[:, np.flatnonzero(value.velocities == 2.0)[0]])
    upright, hanging = value(np.stack([pendulum_state(0.0), pendulum_state(np.pi)]))
    assert upright == pytest.approx(0.0, abs=1e-9)
    assert hanging < -50
    assert value(pendulum_state(0.5, 99.0)[None]).shape == (1,)


def test_the_ensemble_learns_the_pendulum_and_its_ways_agree():
    data = swing_data(400, seed=0)
    assert [part.shape for part in data] == [(400, 3), (400, 1), (400, 3), (400,)]
    ensemble = FeatureEnsemble(*data, num_members=3, seed=0)
    states, actions, next_states, _ = swing_data(203, seed=1)
    moved, earned = ensemble.predict(states, actions)
    assert np.sqrt(((moved.mean(axis=0) - next_states) ** 2).mean()) < 0.1
    np.testing.assert_allclose(ensemble.mean_step(states, actions)[0], moved.mean(axis=0))
    own = np.arange(203) % 3
    by_member = ensemble.member_step(states, actions)
    np.testing.assert_allclose(by_member[0], moved[own, np.arange(203)])
    np.testing.assert_allclose(by_member[1], earned[own, np.arange(203)])
    copies, mean_reward = ensemble.all_members_step(np.tile(states, 3), actions)
    np.testing.assert_allclose(copies.reshape(203, 3, 3).swapaxes(0, 1), moved)
    np.testing.assert_allclose(mean_reward, earned.mean(axis=0))


def test_an_ensemble_refuses_data_that_do_not_fit():
    states, actions, next_states, rewards = swing_data(20, seed=0)
    with pytest.raises(ValueError, match="same number of transitions"):
        FeatureEnsemble(states, actions[:-1], next_states, rewards)

"""The puck and the pendulum: their models are true, and their environment keeps Gymnasium's rules."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from labkit.control import SALT, Puck, PuckModel, pendulum_state, pendulum_step
from labkit.dynamics import PointMass


def test_the_pendulum_model_moves_as_gymnasium_does():
    env = gymnasium.make("Pendulum-v1").unwrapped
    rng = np.random.default_rng(0)
    env.reset(seed=0)
    for _ in range(300):
        env.state = rng.uniform([-4, -8], [4, 8])
        torque = rng.uniform(-3, 3, size=1)  # also beyond the bounds, where both cut
        predicted, reward = pendulum_step(pendulum_state(*env.state)[None], torque[None])
        _, true_reward, *_ = env.step(torque)
        np.testing.assert_allclose(predicted[0], pendulum_state(*env.state), atol=1e-12)
        assert reward[0] == pytest.approx(true_reward, rel=1e-12)


def test_the_puck_without_an_obstacle_is_the_point_mass():
    rng = np.random.default_rng(1)
    states, actions = rng.normal(size=(50, 4)), rng.uniform(-1, 1, (50, 2))
    moved, rewards = PuckModel(goal=(0.3, -0.2), radius=0.0)(states, actions)
    point_mass = PointMass(goal=torch.tensor([0.3, -0.2], dtype=torch.float64))
    expected, expected_rewards = point_mass(torch.as_tensor(states), torch.as_tensor(actions))
    np.testing.assert_allclose(moved, expected.numpy(), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(rewards, expected_rewards.numpy(), rtol=1e-12)


def test_the_penalty_grows_with_the_depth_and_reaches_as_far_as_the_margin():
    model = PuckModel(penalty=10.0, margin=0.1)
    positions = np.array([[0.0, -0.1], [0.3, -0.1], [0.45, -0.1], [0.6, -0.1]])
    np.testing.assert_allclose(model.depth(positions), [0.5, 0.2, 0.05, 0.0], atol=1e-12)
    resting = np.concatenate([positions, np.zeros((4, 2))], axis=1)
    no_push = np.zeros((4, 2))
    cost = PuckModel(penalty=0.0)(resting, no_push)[1] - model(resting, no_push)[1]
    np.testing.assert_allclose(cost, 10.0 * model.depth(positions), atol=1e-12)


def test_the_puck_keeps_gymnasiums_rules():
    check_env(gymnasium.make("labkit/Puck-v0", render_mode="rgb_array", wind=0.5).unwrapped)


def test_without_wind_the_environment_does_what_the_model_says():
    env = gymnasium.make("labkit/Puck-v0")
    state, info = env.reset(seed=3)
    assert info == {"depth": 0.0}
    for t in range(60):
        action = np.array([np.cos(t), np.sin(t)])
        expected, reward = PuckModel()(state[None], action[None])
        state, earned, terminated, truncated, info = env.step(action)
        np.testing.assert_allclose(state, expected[0], rtol=1e-12)
        assert earned == pytest.approx(reward[0], rel=1e-12)
        assert info["depth"] == pytest.approx(PuckModel().depth(state[:2]))
        assert not terminated
    assert truncated


def test_wind_is_the_same_for_the_same_seed_and_not_the_seeds_own_numbers():
    env = Puck(wind=1.0)
    ends = []
    for seed in (5, 5, 6):
        env.reset(seed=seed)
        ends.append(env.step(np.zeros(2))[0][2:] / 0.1)
    np.testing.assert_allclose(ends[0], np.random.default_rng([SALT, 5]).standard_normal(2))
    np.testing.assert_array_equal(ends[0], ends[1])
    assert not np.allclose(ends[0], ends[2])
    assert not np.allclose(ends[0], np.random.default_rng(5).standard_normal(2))


def test_the_wind_does_not_pay_or_cost_effort():
    env = Puck(PuckModel(penalty=0.0), wind=2.0)
    env.reset(seed=0)
    state, reward, *_ = env.step(np.array([0.5, 0.5]))
    distance = np.sqrt(((state[:2] - [1.0, 0.0]) ** 2).sum() + 1e-4)
    assert reward == pytest.approx(-distance - 0.01 * 0.5)


def test_a_picture_shows_goal_obstacle_and_puck():
    env = Puck(render_mode="rgb_array")
    env.reset(seed=0)
    assert env.render().shape == (200, 200, 3)
    assert len(np.unique(env.render().reshape(-1, 3), axis=0)) == 4
    assert Puck().render() is None


@pytest.mark.parametrize("action", [[1.5, 0.0], [0.0], [np.nan, 0.0], 0.3])
def test_an_impossible_push_is_refused(action):
    env = Puck()
    env.reset(seed=0)
    with pytest.raises(ValueError, match="two numbers between -1 and 1"):
        env.step(np.array(action))


def test_a_step_needs_a_reset():
    with pytest.raises(ResetNeeded):
        Puck().step(np.zeros(2))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: PuckModel(radius=-1.0), "radius must be"),
        (lambda: PuckModel(time_step=0.0), "time_step must be"),
        (lambda: Puck(wind=-0.1), "wind must be"),
        (lambda: Puck(start=(9.0, 0.0)), "start must be"),
        (lambda: Puck(render_mode="human"), "render_mode must be"),
    ],
)
def test_unusable_arguments_are_named(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()

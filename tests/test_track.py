"""The hollow track follows Gymnasium's interface, and one ball moves as many balls do."""

import math

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from labkit.track import LEFT_HOLLOW, LIMITS, PIXELS, RIGHT_HOLLOW, HollowTrack, advance, collect, gusts, height


def rest(states, rng):
    return np.zeros((len(states), 1))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_gymnasium_finds_nothing_to_complain_about(render_mode):
    check_env(gymnasium.make("labkit/HollowTrack-v0", render_mode=render_mode).unwrapped)


def test_a_ball_at_rest_in_a_hollow_stays_there():
    states = np.array([[LEFT_HOLLOW, 0.0], [RIGHT_HOLLOW, 0.0]])
    np.testing.assert_allclose(advance(states, np.zeros((2, 1))), states)
    np.testing.assert_allclose(height([LEFT_HOLLOW, 0.0, RIGHT_HOLLOW]), [0.0, 0.25, 0.0])


def test_gusts_move_the_velocity_as_much_as_they_say():
    states = np.repeat([[-1.0, 0.0], [1.0, 0.0]], 20000, axis=0)
    moved = advance(states, np.zeros((40000, 1)), np.random.default_rng(0).standard_normal(40000))[:, 1]
    # the sample standard deviation of n normal numbers scatters by about 1/sqrt(2n); eight times that never happens
    np.testing.assert_allclose(moved.reshape(2, -1).std(axis=1), gusts([-1.0, 1.0]), rtol=8 / math.sqrt(40000))


def test_no_push_is_stronger_than_one():
    state = np.array([[0.5, 0.1]])
    np.testing.assert_array_equal(advance(state, np.array([[7.0]])), advance(state, np.array([[1.0]])))


def test_no_ball_leaves_the_limits():
    state = np.array([LIMITS])
    assert (np.abs(advance(state, np.ones((1, 1)), 1e6)) <= LIMITS).all()


def test_the_environment_steps_as_advance_does():
    env = HollowTrack()
    state, _ = env.reset(seed=4)
    for push in (1.0, -0.3, 0.0):
        draw = np.random.default_rng()
        draw.bit_generator.state = env.np_random.bit_generator.state
        expected = advance(state, np.array([push]), draw.standard_normal())
        state, reward, terminated, truncated, _ = env.step(np.array([push]))
        np.testing.assert_array_equal(state, expected)
        assert reward == pytest.approx(-((expected[0] - RIGHT_HOLLOW) ** 2))
        assert not terminated
        assert not truncated


def test_an_environment_does_not_draw_the_numbers_of_a_learner_with_its_seed():
    env = HollowTrack()
    env.reset(seed=5)
    assert not np.isin(env.np_random.random(50), np.random.default_rng(5).random(200)).any()


def test_recorded_paths_have_a_state_more_than_pushes_and_repeat_with_the_seed():
    states, actions = collect(rest, num_balls=3, num_steps=5, seed=1)
    assert states.shape == (3, 6, 2)
    assert actions.shape == (3, 5, 1)
    np.testing.assert_array_equal(states, collect(rest, 3, 5, seed=1)[0])
    assert (states != collect(rest, 3, 5, seed=2)[0]).any()


@pytest.mark.parametrize("action", [0.5, [0.1, 0.2], [1.5], [float("nan")], "left", None])
def test_an_impossible_push_is_refused_in_a_sentence(action):
    env = HollowTrack()
    env.reset(seed=0)
    with pytest.raises(ValueError, match="one number between -1 and 1"):
        env.step(action)


def test_stepping_needs_a_running_episode():
    with pytest.raises(ResetNeeded, match="before step"):
        HollowTrack().step(np.zeros(1))


def test_an_unknown_render_mode_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="render_mode must be"):
        HollowTrack(render_mode="human")


def test_the_picture_shows_where_the_ball_is():
    env = HollowTrack(render_mode="rgb_array")
    env.reset(seed=0)
    ball = (env.render() == (0, 114, 178)).all(axis=-1)
    assert ball.shape == PIXELS
    assert np.argwhere(ball)[:, 1].mean() < PIXELS[1] / 2

"""Grid worlds follow Gymnasium's interface, and what they do is what their model says."""

import math

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from labkit.data import draw_counts, mean_interval, posterior_models, run_policy, sample_transitions
from labkit.environments import COLOURS, DOWN, GOAL, HOLE, LEFT, MAPS, PIXELS, RIGHT, UP, WALL, GridWorld

FALSE_ALARM = 1e-9  # probability that a statistical test below fails although the code is right


@pytest.fixture
def cliff():
    return GridWorld("cliff", slip=0.3, step_reward=-0.1)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rows", MAPS)
@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_gymnasium_finds_nothing_to_complain_about(rows, render_mode):
    check_env(gymnasium.make("labkit/GridWorld-v0", rows=rows, slip=0.2, render_mode=render_mode).unwrapped)


@pytest.mark.parametrize("slip", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("rows", MAPS)
def test_every_row_of_the_model_is_a_probability_distribution(rows, slip):
    P, R = GridWorld(rows, slip=slip).model()
    assert P.min() >= 0
    np.testing.assert_allclose(P.sum(axis=-1), 1.0, atol=1e-12)
    assert R.shape == P.shape[:2]


def test_steps_go_where_the_model_says(cliff):
    P, R = cliff.model()
    tries, rng = 400, np.random.default_rng(0)
    cliff.reset(seed=1)
    pairs = [(s, a) for s in np.flatnonzero(~cliff.terminal) for a in range(4)]
    # Hoeffding's inequality for each entry of P, and for each mean reward, which spans at most 2.
    entries = len(pairs) * (cliff.num_states + 1)
    bound = math.sqrt(math.log(2 * entries / FALSE_ALARM) / (2 * tries))
    for s, a in rng.permutation(pairs):
        arrivals, rewards = np.zeros(cliff.num_states), []
        for _ in range(tries):
            cliff._state = int(s)
            next_state, reward, terminated, _, _ = cliff.step(int(a))
            arrivals[next_state] += 1
            rewards.append(reward)
            assert terminated == cliff.terminal[next_state]
            assert P[s, a, next_state] > 0
        assert np.abs(arrivals / tries - P[s, a]).max() <= bound
        assert abs(np.mean(rewards) - R[s, a]) <= 2 * bound


def test_terminal_states_are_absorbing_and_pay_nothing(cliff):
    P, R = cliff.model()
    for state in np.flatnonzero(cliff.terminal):
        assert (P[state, :, state] == 1).all()
        assert (R[state] == 0).all()


def test_walls_and_edges_stop_the_walker():
    env = GridWorld(("S#", "G."))
    state, _ = env.reset(seed=0)
    assert [env.step(action)[0] for action in (UP, LEFT, RIGHT)] == [state] * 3
    assert env.step(DOWN)[1:3] == (1.0, True)


def test_a_slip_of_one_never_goes_straight():
    env = GridWorld(("...", ".S.", "..G"), slip=1.0)
    P, _ = env.model()
    middle = int(np.flatnonzero(env.start)[0])
    np.testing.assert_array_equal(np.flatnonzero(P[middle, UP]), sorted(env.targets[middle, [LEFT, RIGHT]]))


def test_the_same_seed_gives_the_same_walk_and_another_seed_another():
    def walk(seed):
        env = GridWorld("rooms", slip=0.5)
        states = [env.reset(seed=seed)[0]]
        while len(states) < 30 and not env.terminal[states[-1]]:
            states.append(env.step(RIGHT)[0])
        return states

    assert walk(3) == walk(3)
    assert len({tuple(walk(seed)) for seed in range(20)}) > 1


def test_an_environment_does_not_draw_the_numbers_of_a_learner_with_its_seed():
    env = GridWorld("rooms", slip=0.5)
    env.reset(seed=5)
    assert not np.isin(env.np_random.random(50), np.random.default_rng(5).random(200)).any()


def test_several_starts_are_equally_likely():
    env = GridWorld(("S.S", ".GS"))
    np.testing.assert_allclose(env.start[env.start > 0], 1 / 3)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"rows": ("S.", ".")}, "same length"),
        ({"rows": ("..", ".G")}, "at least one start"),
        ({"rows": ("S?",)}, "contains '\\?'"),
        ({"rows": ()}, "at least one row"),
        ({"rows": ("S", 3)}, "must be a string"),
        ({"rows": "nowhere"}, "one of the names corridor, cliff"),
        ({"slip": 1.5}, "between 0 and 1"),
        ({"slip": float("nan")}, "between 0 and 1"),
        ({"goal_reward": float("inf")}, "goal_reward must be a finite number"),
        ({"render_mode": "human"}, "render_mode must be"),
    ],
)
def test_a_bad_world_is_refused_in_a_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        GridWorld(**arguments)


@pytest.mark.parametrize("action", [-1, 4, 1.5, "up", None])
def test_an_impossible_action_is_refused_in_a_sentence(cliff, action):
    cliff.reset(seed=0)
    with pytest.raises(ValueError, match="whole number from 0 to 3"):
        cliff.step(action)


def test_numpy_integers_are_actions(cliff):
    cliff.reset(seed=0)
    cliff.step(np.int64(UP))


def test_stepping_needs_a_running_episode():
    env = GridWorld("corridor")
    with pytest.raises(ResetNeeded, match="before step"):
        env.step(RIGHT)
    env.reset(seed=0)
    while not env.step(RIGHT)[2]:
        pass
    with pytest.raises(ResetNeeded, match="has ended"):
        env.step(RIGHT)


def test_the_picture_shows_the_map_and_where_the_walker_is():
    env = GridWorld("rooms", render_mode="rgb_array")
    env.reset(seed=0)
    before = env.render()
    assert before.dtype == np.uint8
    assert before.shape == (env.map.shape[0] * PIXELS, env.map.shape[1] * PIXELS, 3)
    for kind in (GOAL, HOLE, WALL):
        row, column = np.argwhere(env.map == kind)[0] * PIXELS + PIXELS // 2
        assert tuple(before[row, column]) == COLOURS[kind]
    env.step(RIGHT)
    assert (env.render() != before).any()


def test_without_a_render_mode_there_is_no_picture(cliff):
    cliff.reset(seed=0)
    assert cliff.render() is None


def test_counts_have_as_many_tries_as_asked(cliff):
    P, R = cliff.model()
    tries = np.arange(R.size).reshape(R.shape)
    np.testing.assert_array_equal(draw_counts(P, tries, seed=0).sum(axis=-1), tries)


def test_sampled_transitions_are_possible_and_uniform_over_pairs(cliff):
    P, R = cliff.model()
    num_samples = 20_000
    states, actions, rewards, next_states = sample_transitions(P, R, num_samples, seed=0)
    assert (P[states, actions, next_states] > 0).all()
    np.testing.assert_array_equal(rewards, R[states, actions])
    frequencies = np.bincount(states * R.shape[1] + actions, minlength=R.size) / num_samples
    bound = math.sqrt(math.log(2 * R.size / FALSE_ALARM) / (2 * num_samples))
    assert np.abs(frequencies - 1 / R.size).max() <= bound
    assert (np.diff(states) < 0).any()


def test_posterior_models_come_together_at_the_truth(cliff):
    P, _ = cliff.model()

    def largest_gap(tries):
        members = posterior_models(draw_counts(P, tries, seed=0), cliff.neighbours(), num_members=5, seed=0)
        np.testing.assert_allclose(members.sum(axis=-1), 1.0, atol=1e-12)
        return np.abs(members - P).max()

    assert largest_gap(100_000) < 0.03 < largest_gap(0)


def test_posterior_models_keep_to_what_is_possible(cliff):
    P, _ = cliff.model()
    members = posterior_models(draw_counts(P, 1, seed=0), cliff.neighbours(), num_members=5, seed=0)
    assert (members[..., cliff.terminal, :, :] == P[cliff.terminal]).all()
    assert (members.transpose(0, 2, 1, 3)[:, :, ~cliff.neighbours()] == 0).all()


def test_a_walk_is_tallied_step_by_step():
    env = GridWorld("corridor", step_reward=-1.0, goal_reward=10.0)
    total, tally = run_policy(env, np.full(env.num_states, RIGHT), max_steps=100, seed=0)
    assert total == 10.0 - 4.0
    assert [tuple(where) for where in np.argwhere(tally)] == [(s, RIGHT, s + 1) for s in range(4)]
    total, tally = run_policy(env, np.full(env.num_states, LEFT), max_steps=7, seed=0)
    assert (total, tally.sum()) == (-7.0, 7)


def test_an_interval_shrinks_with_the_square_root_of_the_runs():
    mean, half_width = mean_interval(np.array([1.0, 3.0]))
    assert mean == 2.0
    np.testing.assert_allclose(half_width, 1.96, rtol=1e-9)

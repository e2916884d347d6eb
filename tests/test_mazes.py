"""The mazes are those of the book, change when they should, and a run through them is recorded step by step."""

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from labkit.environments import DOWN, LEFT, RIGHT, UP, WALL
from labkit.mazes import BlockingMaze, DynaMaze, Maze, ShortcutMaze
from labkit.runs import Recorder, StepsUsedUp, Tour, run_for, steps_to_recover


def from_start(env):
    return int(env.distances()[np.flatnonzero(env.start)[0]])


def cell(env, row, column):
    return int(np.flatnonzero((env.cells == (row, column)).all(axis=1))[0])


def random_agent(num_episodes):
    def act(env):
        rng = np.random.default_rng(0)
        for _ in range(num_episodes):
            env.reset()
            while not any(env.step(int(rng.integers(4)))[2:4]):
                pass

    return act


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["DynaMaze", "BlockingMaze", "ShortcutMaze"])
@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_gymnasium_finds_nothing_to_complain_about(name, render_mode):
    check_env(gymnasium.make(f"labkit/{name}-v0", render_mode=render_mode).unwrapped)


def test_the_shortest_ways_are_those_of_the_book():
    assert (DynaMaze().num_states, from_start(DynaMaze())) == (47, 14)
    for make, before, after in ((BlockingMaze, 10, 16), (ShortcutMaze, 16, 10)):
        env = make(change_at=1)
        env.reset(seed=0)
        env.step(UP)
        assert from_start(env) == before
        env.step(DOWN)
        assert from_start(env) == after


def test_a_change_survives_resets_and_comes_after_the_given_number_of_steps():
    env = BlockingMaze(change_at=50)
    env.reset(seed=0)
    for step in range(1, 60):
        env.step(LEFT)
        env.reset(seed=0)
        assert (env.map[3, 8] == WALL) == (step > 50)
        assert env.num_steps == step


def test_steps_go_where_the_model_says_before_and_after_the_change():
    env = ShortcutMaze(change_at=30)
    rng = np.random.default_rng(0)
    state, _ = env.reset(seed=0)
    for _ in range(60):
        action = int(rng.integers(4))
        step = env.step(action)
        P, R = env.model()
        assert P[state, action, step[0]] == 1
        assert R[state, action] == step[1]
        state = env.reset()[0] if step[2] else step[0]


def test_who_stands_where_a_wall_appears_can_walk_out_and_not_back():
    env = BlockingMaze(change_at=0)
    gap = cell(env, 3, 8)
    env.reset(seed=0)
    env.put(gap)
    above, *_ = env.step(UP)
    assert tuple(env.cells[above]) == (2, 8)
    assert env.step(DOWN)[0] == above
    with pytest.raises(ValueError, match="free cell"):
        env.put(gap)


def test_a_larger_maze_has_the_same_shape():
    env = DynaMaze(size=3)
    assert env.num_states == 9 * 47
    assert env.terminal.sum() == 9
    assert (env.start > 0).sum() == 1
    np.testing.assert_array_equal(env.map[1::3, 1::3], DynaMaze().map)


def test_a_goal_that_no_way_leads_to_is_at_distance_minus_one():
    assert Maze(("S#G",)).distances().tolist() == [-1, 0]


def test_the_goal_pays_one_and_ends_the_episode():
    env = Maze(("SG",))
    with pytest.raises(ResetNeeded):
        env.step(RIGHT)
    env.reset(seed=0)
    assert env.step(np.int64(LEFT))[:4] == (0, 0.0, False, False)
    assert env.step(RIGHT)[:4] == (1, 1.0, True, False)
    with pytest.raises(ResetNeeded):
        env.step(RIGHT)


@pytest.mark.parametrize("action", [-1, 4, 1.5, "up", None])
def test_an_impossible_action_is_refused_in_a_sentence(action):
    env = DynaMaze()
    env.reset(seed=0)
    with pytest.raises(ValueError, match="whole number from 0 to 3"):
        env.step(action)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"size": 0}, "size must be"),
        ({"size": 1.5}, "size must be"),
        ({"change_at": -1}, "change_at must be"),
        ({"before": ("S.G",), "after": ("S.", ".G")}, "one shape"),
        ({"before": ("S.G",), "after": ("SG.",)}, "only walls may move, but row 0, column 1"),
        ({"render_mode": "human"}, "render_mode"),
    ],
)
def test_a_bad_maze_is_refused_in_a_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        Maze(**arguments)


def test_a_run_takes_exactly_the_steps_agreed_and_notes_each():
    states, rewards = run_for(random_agent(100), Maze(("S.G",)), 50)
    assert states.shape == rewards.shape == (50,)
    assert states[0] == 0
    for now, following, reward in zip(states, states[1:], rewards, strict=False):
        assert following == 0 if reward else abs(following - now) <= 1
    with pytest.raises(ValueError, match="stopped after"):
        run_for(random_agent(1), Maze(("SG",)), 1000)


def test_a_recorder_refuses_a_step_too_many():
    env = Recorder(DynaMaze(), 1)
    env.reset(seed=0)
    env.step(UP)
    with pytest.raises(StepsUsedUp):
        env.step(UP)


def test_recovery_is_the_first_window_with_enough_reward():
    rewards = np.zeros(50)
    rewards[20::5] = 1
    assert steps_to_recover(rewards, target=2, window=10) == 16
    assert steps_to_recover(rewards, target=3, window=10) == 50


def test_a_tour_visits_every_stop_as_often_as_agreed():
    env = Tour(DynaMaze(), stops=np.array([5, 3]), visits=2)
    visited = []
    for _ in range(env.num_steps):
        visited.append(env.reset()[0])
        assert env.step(LEFT)[3]
    assert visited == [5, 5, 3, 3]

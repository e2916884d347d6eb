"""The puzzle Cascade follows Gymnasium's interface and its own rules, and small walls are solved exactly."""

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from labkit.cascade import (
    COLOURS,
    PIXELS,
    Cascade,
    action_values,
    best_score,
    cascade_step,
    random_wall,
    read_wall,
)

L_SHAPE = ((1, 1, 2), (2, 1, 0), (1, 2, 2))  # columns from bottom to top


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_gymnasium_finds_nothing_to_complain_about(render_mode):
    check_env(gymnasium.make("labkit/Cascade-v0", render_mode=render_mode).unwrapped)


def test_a_press_takes_the_whole_group_and_lets_the_rest_fall():
    next_wall, reward, terminated = cascade_step(L_SHAPE, 1)
    assert next_wall == ((2, 0, 0), (2, 0, 0), (1, 2, 2))
    assert (reward, terminated) == (4.0, False)


def test_a_single_block_pays_nothing():
    assert cascade_step(L_SHAPE, 0) == (((1, 1, 0), (2, 1, 0), (1, 2, 2)), 0.0, False)


def test_an_empty_column_changes_nothing():
    wall = ((0, 0), (1, 2))
    assert cascade_step(wall, 0) == (wall, 0.0, False)


def test_the_last_group_ends_the_game():
    assert cascade_step(((3, 0), (3, 3)), 0) == (((0, 0), (0, 0)), 4.0, True)


@pytest.mark.parametrize("seed", range(5))
def test_no_block_is_ever_made_or_left_hanging(seed):
    rng, wall, terminated, blocks = np.random.default_rng(seed), random_wall(seed), False, 25
    while not terminated:
        before, (wall, reward, terminated) = wall, cascade_step(wall, int(rng.integers(5)))
        left = np.count_nonzero(wall)
        assert reward == (max(blocks - left - 1, 0) ** 2)
        assert (left == blocks) == (before == wall)
        assert terminated == (left == 0)
        assert terminated or read_wall(wall) == wall
        blocks = left


def test_no_way_of_playing_beats_the_best_score():
    def every_score(wall):
        scores = set()
        for action, column in enumerate(wall):
            if column[0]:
                next_wall, reward, terminated = cascade_step(wall, action)
                scores |= {reward} if terminated else {reward + score for score in every_score(next_wall)}
        return scores

    wall = random_wall(3, width=3, height=3, num_colours=2)
    assert best_score(wall) == max(every_score(wall))


def test_the_value_of_a_column_is_its_points_and_the_best_of_what_remains():
    wall = random_wall(4, width=4, height=3)
    for action, value in enumerate(action_values(wall)):
        next_wall, reward, terminated = cascade_step(wall, action)
        assert value == reward + (0.0 if terminated else best_score(next_wall))


def test_an_empty_column_is_worth_what_the_wall_is_worth():
    np.testing.assert_array_equal(action_values(((0, 0), (1, 1))), [1.0, 1.0])


def test_the_environment_plays_by_the_rules():
    env, wall = Cascade(L_SHAPE), L_SHAPE
    assert env.reset(seed=0)[0] == wall
    for action in (1, 0, 2, 2):
        expected = cascade_step(wall, action)
        wall, reward, terminated, truncated, _ = env.step(np.int64(action))
        assert ((wall, reward, terminated), truncated) == (expected, False)
    with pytest.raises(ResetNeeded, match="before step"):
        env.step(0)


def test_the_same_seed_draws_the_same_wall_and_another_seed_another():
    first, again, other = (Cascade().reset(seed=seed)[0] for seed in (1, 1, 2))
    assert first == again != other


def test_a_wall_is_not_drawn_with_the_numbers_of_a_learner_with_its_seed():
    drawn = tuple(map(tuple, np.random.default_rng(5).integers(1, 5, size=(5, 5)).tolist()))
    assert random_wall(5) != drawn


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"wall": ()}, "at least one column"),
        ({"wall": ((1, 0), (1,))}, "the same height"),
        ({"wall": ((9, 0), (1, 0))}, "numbers from 0 \\(empty\\) to 4"),
        ({"wall": ((0, 1), (1, 0))}, "hang in the air"),
        ({"wall": ((0, 0), (0, 0))}, "at least one block"),
        ({"num_colours": 6}, "from 1 to 5"),
        ({"width": 0}, "at least one column and one row"),
        ({"render_mode": "human"}, "render_mode must be"),
    ],
)
def test_a_bad_wall_is_refused_in_a_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        Cascade(**arguments)


@pytest.mark.parametrize("action", [-1, 5, 1.5, "left", None])
def test_an_impossible_action_is_refused_in_a_sentence(action):
    env = Cascade()
    env.reset(seed=0)
    with pytest.raises(ValueError, match="a column from 0 to 4"):
        env.step(action)


def test_the_rules_refuse_a_column_that_is_not_there_and_a_game_that_is_over():
    with pytest.raises(ValueError, match="from 0 to 2"):
        cascade_step(L_SHAPE, 3)
    with pytest.raises(ValueError, match="the game is over"):
        cascade_step(((0,), (0,)), 0)


def test_the_picture_shows_the_lowest_blocks_at_the_bottom():
    env = Cascade(((1, 2), (3, 0)), render_mode="rgb_array")
    assert env.render() is None
    env.reset(seed=0)
    image = env.render()
    assert image.shape == (2 * PIXELS, 2 * PIXELS, 3)
    assert tuple(image[PIXELS + 5, 5]) == COLOURS[1]
    assert tuple(image[5, PIXELS + 5]) == COLOURS[0]

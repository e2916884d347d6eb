"""Worlds given by tables follow Gymnasium's interface and their tables; surprising counts are called surprising."""

import math

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from labkit.chance import expect_count, surprise
from labkit.results import Violation
from labkit.tabular import TERMINATED, TRUNCATED, TableWorld, corridor_world, lone_pair_world, table_world


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_gymnasium_finds_nothing_to_complain_about():
    check_env(corridor_world(3), skip_render_check=True)


def test_a_world_follows_its_tables_and_changes_with_its_phases():
    world = table_world([[[1], [0]], [[0], [0]]], [[[2.0], [3.0]], [[5.0], [7.0]]], phase_length=2)
    world.reset(seed=0)
    assert [world.step(0)[:2] for _ in range(4)] == [(1, 2.0), (0, 3.0), (0, 5.0), (0, 5.0)]


def test_ends_and_starts():
    world = table_world([[0], [1]], 1.0, [[TERMINATED], [TRUNCATED]], starts=(0, 1))
    assert world.reset()[0] == 0
    assert world.step(0)[2:4] == (True, False)
    with pytest.raises(ResetNeeded):
        world.step(0)
    assert world.reset()[0] == 1
    assert world.step(0)[2:4] == (False, True)
    assert world.reset()[0] == 0


def test_a_seeded_world_does_not_draw_the_numbers_of_a_learner_with_the_same_seed():
    halves = np.full((1, 2, 1, 2), 0.5)
    world = TableWorld(halves, np.zeros((1, 2, 1)), np.zeros((1, 2, 1), dtype=int))
    runs = []
    for _ in range(2):
        world.reset(seed=5)
        runs.append([world.step(0)[0] for _ in range(60)])
    assert runs[0] == runs[1]
    assert runs[0] != (np.random.default_rng(5).random(60) >= 0.5).astype(int).tolist()


def test_the_lone_pair_has_its_outcomes_in_order():
    world = lone_pair_world([(1.0, 0), (2.0, TRUNCATED), (3.0, TERMINATED)])
    world.reset()
    assert world.step(0)[:4] == (0, 1.0, False, False)
    assert world.step(0)[:4] == (0, 2.0, False, True)
    world.reset()
    assert world.step(0)[:4] == (1, 3.0, True, False)


def test_tables_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match="must have shapes"):
        TableWorld(np.zeros((1, 2, 1, 2)), np.zeros((1, 2, 2)), np.zeros((1, 2, 1)))


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.8])
def test_the_bound_holds_for_the_binomial_distribution(probability):
    trials = 30
    weights = [
        math.comb(trials, k) * probability**k * (1 - probability) ** (trials - k) for k in range(trials + 1)
    ]  # fmt: skip
    for count in range(trials + 1):
        tail = sum(weights[count:]) if count >= trials * probability else sum(weights[: count + 1])
        assert tail <= math.exp(-surprise(count, trials, probability)) * (1 + 1e-9)


def test_what_cannot_happen_is_refused():
    assert surprise(1, 5, 0.0) == math.inf
    expect_count(0, 5, 0.0, "it happened", 1e-9)
    with pytest.raises(Violation, match="400 times out of 400"):
        expect_count(400, 400, 0.5, "it happened", 1e-9)

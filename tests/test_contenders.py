"""The worlds and contenders of the comparison: equal budgets, chance that is the seed's, and thinking that helps."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from labkit.contenders import CONTENDERS, GAMMA, SLOTS, Memory, contenders
from labkit.endless import Rounds, world_makers
from labkit.environments import GridWorld

STEPS = 50
WORLDS = world_makers(STEPS, change_at=100)


@pytest.mark.parametrize("name", WORLDS)
def test_every_episode_has_the_same_length_and_never_terminates(name):
    env = WORLDS[name]()
    rng = np.random.default_rng(0)
    for _ in range(6):
        state, _ = env.reset(seed=int(rng.integers(999)))
        for step in range(STEPS):
            assert 0 <= state < env.num_states
            state, reward, terminated, truncated, _ = env.step(int(rng.integers(env.num_actions)))
            assert np.isfinite(reward)
            assert not terminated
            assert truncated == (step == STEPS - 1)
        with pytest.raises(gymnasium.error.ResetNeeded):
            env.step(0)


def test_the_walk_goes_on_at_the_start_after_a_goal():
    env = Rounds(GridWorld(["SG"]), 3)
    start, _ = env.reset(seed=0)
    assert env.step(1) == (start, 1.0, False, False, {})
    assert env.step(0)[:2] == (start, 0.0)
    assert env.step(1) == (start, 1.0, False, True, {})
    with pytest.raises(ValueError, match="at least 1"):
        Rounds(GridWorld(["SG"]), 0)


def test_the_meadow_pays_more_the_nearer_one_is():
    env = WORLDS["meadow"]().unwrapped
    assert env.arrival_rewards[env.terminal].tolist() == [1.0]
    assert env.arrival_rewards.min() == -1.0
    assert (env.arrival_rewards[~env.terminal] < 0).all()


@pytest.mark.parametrize("name", CONTENDERS)
def test_the_same_seed_walks_the_same_way_and_another_one_does_not(name):
    method = contenders()[name]
    first, again, other = (method(WORLDS["meadow"](), 3, seed) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.shape == (3,)
    assert first.tolist() != other.tolist()


def test_whoever_learns_does_better_than_chance_in_the_meadow():
    earned = {name: np.mean([method(WORLDS["meadow"](), 12, s)[-3:] for s in range(3)]) for name, method in
              contenders().items()}  # fmt: skip
    chance = earned.pop("random")
    assert all(each > chance + 5 for each in earned.values()), earned


def test_the_memory_averages_and_draws_the_latest_outcomes():
    memory = Memory(4, 2, np.random.default_rng(0))
    worth = np.array([0.0, 1.0, 2.0, 4.0])
    assert memory.expect(worth)[3] == pytest.approx(GAMMA * 1.0)  # never tried: as if nothing moved
    for now, (reward, next_state) in enumerate([(1.0, 2), (3.0, 3)], start=1):
        memory.write(3, reward, next_state, now)
    assert memory.expect(worth, [3])[0] == pytest.approx(2.0 + GAMMA * 3.0)
    assert memory.latest[3] == [(1.0, 2), (3.0, 3)]
    rewards, next_states = memory.draw(np.full(500, 3))
    assert set(zip(rewards.tolist(), next_states.tolist(), strict=True)) == {(1.0, 2), (3.0, 3)}
    for now in range(SLOTS):
        memory.write(3, 0.0, 0, 10 + now)
    assert memory.expect(worth, [3])[0] == 0.0
    assert set(memory.latest[3]) == {(0.0, 0)}
    assert memory.tried_at[3] == 10 + SLOTS - 1
    assert memory.known == [3]


def test_a_spoilt_memory_is_wrong_as_often_as_agreed():
    memory = Memory(50, 1, np.random.default_rng(1), spoilt=0.4)
    wrong = 0
    for now in range(2000):
        memory.write(0, 0.0, 7, now)
        wrong += memory.latest[0][now % SLOTS][1] != 7
    assert wrong / 2000 == pytest.approx(0.4 * 49 / 50, abs=0.05)

"""Learners in lockstep learn, planners plan, and what a policy is worth is what its value says."""

import numpy as np
import pytest

from labkit.data import run_policy
from labkit.environments import RIGHT, GridWorld
from labkit.learners import learn, plan, visits, worth

GAMMA = 0.9


@pytest.fixture
def corridor():
    return GridWorld("corridor", slip=0.0, step_reward=-0.1)


def value_at_start(env, policy):
    P, R = env.model()
    states = np.arange(env.num_states)
    return env.start @ np.linalg.inv(np.eye(env.num_states) - GAMMA * P[states, policy]) @ R[states, policy]


@pytest.mark.parametrize("rows", ["cliff", "rooms"])
def test_worth_is_the_value_of_the_policy(rows):
    env = GridWorld(rows, slip=0.2, step_reward=-0.02)
    policies = np.random.default_rng(0).integers(4, size=(2, 3, env.num_states))
    found = worth(*env.model(), policies, GAMMA, env.start)
    expected = [[value_at_start(env, policy) for policy in some] for some in policies]
    np.testing.assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize("rows", ["cliff", "detour"])
def test_no_single_change_improves_a_plan(rows):
    env = GridWorld(rows, slip=0.1, step_reward=-0.02)
    P, R = env.model()
    best = plan(P, R, GAMMA)
    changed = np.repeat(best[None], env.num_states * 4, axis=0)
    changed[np.arange(len(changed)), np.repeat(np.arange(env.num_states), 4)] = np.tile(np.arange(4), env.num_states)
    everywhere = np.full(env.num_states, 1 / env.num_states)
    assert worth(P, R, changed, GAMMA, everywhere).max() <= worth(P, R, best, GAMMA, everywhere) + 1e-9


def test_visits_count_expected_steps(corridor):
    P, _ = corridor.model()
    counted = visits(P, np.full(5, RIGHT), corridor.start, 3)
    np.testing.assert_allclose(counted, [1, 1, 1, 0, 0])


@pytest.mark.parametrize("replays", [0, 3])
def test_learners_find_the_way_and_repeat_it_with_the_seed(corridor, replays):
    policies, steps = learn(corridor, 4, 400, replays, seed=1, gamma=GAMMA, record_every=200)
    assert policies.shape == (3, 4, 5)
    assert all(part.shape == (400, 4) for part in steps)
    assert (policies[-1][:, :4] == RIGHT).all()
    np.testing.assert_array_equal(policies, learn(corridor, 4, 400, replays, 1, gamma=GAMMA, record_every=200)[0])


def test_replays_save_real_steps():
    env = GridWorld(("S......", ".......", "......G"), step_reward=-0.02)
    P, R = env.model()
    late = [worth(P, R, learn(env, 20, 300, replays, seed=0)[0][-1], 0.95, env.start).mean() for replays in (0, 10)]
    assert late[1] > late[0] + 0.1


def test_experience_is_possible_and_goes_on_where_it_was():
    env = GridWorld("rooms", slip=0.3, step_reward=-0.02)
    P, _ = env.model()
    _, (states, actions, rewards, next_states) = learn(env, 5, 300, 2, seed=0)
    assert (P[states, actions, next_states] > 0).all()
    np.testing.assert_array_equal(rewards, env.arrival_rewards[next_states])
    ended = env.terminal[next_states[:-1]]
    assert (states[1:][~ended] == next_states[:-1][~ended]).all()
    assert (env.start[states[1:][ended]] > 0).all()


def test_a_plan_earns_in_the_environment_what_it_is_worth(corridor):
    P, R = corridor.model()
    policy = plan(P, R, GAMMA)
    total, _ = run_policy(corridor, policy, 50, seed=0)
    assert total == pytest.approx(worth(P, R, policy, 1.0, corridor.start))

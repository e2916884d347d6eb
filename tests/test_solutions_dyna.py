"""The reference solutions of unit 3 keep their contracts, by bounds and identities that need no recorded numbers."""

from __future__ import annotations

import numpy as np
import pytest

from labkit.environments import GridWorld
from labkit.simulators import RecordedEnv
from labkit.tabular import bandit_world, corridor_world
from solutions import dyna, planning

NAN = float("nan")
GAMMA = 0.9


def model_of(world):
    """Every transition of a deterministic grid, as an agent would have learnt it."""
    P, R = world.model()
    targets = P.argmax(axis=2)
    return {
        (s, a): (float(R[s, a]), int(targets[s, a]), bool(world.terminal[targets[s, a]]))
        for s in range(world.num_states)
        for a in range(world.num_actions)
        if not world.terminal[s]
    }


def optimal_values(world):
    P, R = world.model()
    V, _ = planning.policy_iteration(P, R, GAMMA)
    return planning.bellman_q(P, R, V, GAMMA)


@pytest.mark.parametrize("rows", ["corridor", "detour", "cliff"])
def test_planning_on_the_whole_model_finds_the_optimal_values(rows):
    world = GridWorld(rows)
    Q = dyna.dyna_planning(np.zeros((world.num_states, world.num_actions)), model_of(world), 60_000, 1.0, GAMMA, seed=1)
    # 60,000 draws hold 20 to 100 sweeps over at most 120 pairs; rewards are 20 steps away at most.
    np.testing.assert_allclose(Q, optimal_values(world), atol=1e-2)


def test_one_update_leaves_the_given_table_alone():
    Q = np.ones((3, 2))
    dyna.q_update(Q, 0, 1, 5.0, 2, False, 0.5, GAMMA)
    dyna.dyna_planning(Q, {(0, 1): (5.0, 2, False)}, 9, 0.5, GAMMA, 0)
    np.testing.assert_array_equal(Q, 1.0)


def test_planning_shortens_later_episodes():
    """A corridor of five cells takes 4 steps at best; once a planner has seen the goal it knows the way."""
    _, lengths = dyna.dyna_q(GridWorld("corridor"), 12, 200, 1.0, GAMMA, 0.0, seed=4)
    assert lengths[1:].tolist() == [4] * 11


def test_dyna_q_is_q_learning_without_planning():
    env = RecordedEnv(lambda: GridWorld("cliff", slip=0.2), max_episode_steps=20)
    Q, lengths = dyna.dyna_q(env, 8, 0, 0.5, GAMMA, 0.3, seed=6)
    table = np.zeros_like(Q)
    for s, a, r, s2, terminated, _ in env.steps:
        table = dyna.q_update(table, s, a, r, s2, terminated, 0.5, GAMMA)
    np.testing.assert_allclose(Q, table, rtol=0, atol=1e-12)
    assert lengths.tolist() == [len(episode) for episode in env.episodes]


def test_the_bonus_makes_a_greedy_agent_try_every_action_again_and_again():
    """Action 2 is best by 1; a bonus of sqrt(elapsed) outgrows that soon after its try."""
    env = RecordedEnv(lambda: bandit_world([0.0, 0.0, 1.0]))
    dyna.dyna_q_plus(env, 60, 100, 1.0, 0.0, 0.0, 1.0, seed=2)
    tries = np.bincount([step.action for step in env.steps[30:]], minlength=3)
    assert tries.min() >= 3
    assert tries.argmax() == 2


def test_without_the_bonus_a_greedy_agent_stays_with_what_pays():
    env = RecordedEnv(lambda: bandit_world([1.0, 1.0, 1.0]))
    _, cumulative = dyna.dyna_q_plus(env, 20, 10, 0.5, 0.0, 0.0, 0.0, seed=2)
    assert len({step.action for step in env.steps}) == 1
    np.testing.assert_allclose(cumulative, np.arange(1, 21))


def test_sweeping_needs_fewer_updates_than_dyna_q_on_a_long_corridor():
    """One walk and one sweep value 30 states exactly: 30 updates, none wasted."""
    Q, num_updates = dyna.prioritized_sweeping(corridor_world(30), 30, 30, 1.0, GAMMA, 0.1, 1e-6, seed=0)
    np.testing.assert_allclose(Q[:30, 0], GAMMA ** np.arange(29, -1, -1))
    assert num_updates == 30


def test_sweeping_to_the_end_leaves_errors_below_theta():
    """Residuals of at most theta put the table within theta / (1 - gamma) of the values of what was met."""
    world = GridWorld("cliff")
    theta = 1e-3
    env = RecordedEnv(lambda: world, max_episode_steps=30)
    Q, _ = dyna.prioritized_sweeping(env, 1500, 200, 1.0, GAMMA, 1.0, theta, seed=3)
    met = {(step.observation, step.action) for step in env.steps}
    model = {pair: outcome for pair, outcome in model_of(world).items() if pair in met}
    exact = dyna.dyna_planning(np.zeros_like(Q), model, 60_000, 1.0, GAMMA, seed=0)
    assert np.abs(Q - exact).max() <= theta / (1 - GAMMA) + 1e-2


def test_bonus_grows_with_the_root():
    np.testing.assert_allclose(dyna.exploration_bonus(np.zeros(3), [0, 1, 4], 2.0), [0.0, 2.0, 4.0])
    assert dyna.exploration_bonus(1.0, 9, 0.5) == pytest.approx(2.5)


TABLE = np.zeros((3, 2))
MODEL = {(0, 1): (1.0, 2, False)}
VALID = {
    "q_update": {
        "Q": TABLE, "state": 0, "action": 1, "reward": 1.0, "next_state": 2, "terminated": False, "alpha": 0.5,
        "gamma": GAMMA,
    },
    "dyna_planning": {"Q": TABLE, "model": MODEL, "planning_steps": 3, "alpha": 0.5, "gamma": GAMMA, "seed": 0},
    "dyna_q": {"num_episodes": 2, "planning_steps": 1, "alpha": 0.5, "gamma": GAMMA, "epsilon": 0.1, "seed": 0},
    "exploration_bonus": {"reward": 1.0, "elapsed": 4.0, "kappa": 0.1},
    "dyna_q_plus": {
        "num_steps": 3, "planning_steps": 1, "alpha": 0.5, "gamma": GAMMA, "epsilon": 0.1, "kappa": 0.1, "seed": 0,
    },
    "prioritized_sweeping": {
        "num_steps": 3, "planning_steps": 1, "alpha": 0.5, "gamma": GAMMA, "epsilon": 0.1, "theta": 0.1, "seed": 0,
    },
}  # fmt: skip
SPOILT = {
    "Q": [np.zeros(3), np.zeros((0, 2)), TABLE * NAN, "text", None],
    "state": [3, -1, 0.5, True, None],
    "action": [2, -1, "0"],
    "next_state": [3, -1],
    "reward": [NAN, "text", None],
    "model": [[1], None, {(0, 1): (1.0, 2)}, {(0, 2): (1.0, 2, False)}, {(0, 1): (1.0, 3, False)}, {5: (1.0, 2, True)}],
    "planning_steps": [-1, 1.5, None],
    "num_episodes": [-1, 2.0],
    "num_steps": [-1, "3"],
    "alpha": [-0.1, 1.5, NAN, None],
    "gamma": [1.0, -0.1, NAN, "text"],
    "epsilon": [-0.1, 1.5, NAN],
    "kappa": [NAN, "text", None],
    "theta": [NAN, "text"],
    "elapsed": [-1.0, NAN, "text"],
    "seed": [-1, 0.5, None],
    "env": [None, object()],
}


def _bad_calls():
    for name, valid in VALID.items():
        takes_env = name in ("dyna_q", "dyna_q_plus", "prioritized_sweeping")
        for argument in [*valid, "env"] if takes_env else valid:
            for value in SPOILT.get(argument, []):
                env = {"env": corridor_world(2)} if takes_env else {}
                yield pytest.param(name, {**env, **valid, argument: value}, id=f"{name}-{argument}-{value!r:.20}")


@pytest.mark.parametrize(("name", "arguments"), list(_bad_calls()))
def test_invalid_input_is_answered_with_a_sentence(name, arguments):
    with pytest.raises(ValueError, match=r"^[A-Za-z].* .*\.$"):
        getattr(dyna, name)(**arguments)

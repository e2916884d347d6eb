"""The reference tree search keeps its contract, by bounds, limits and identities that need no recorded numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.properties.mcts.outcomes import TooMany, most_visited, outcomes
from labkit.simulators import RecordedEnv
from labkit.trees import RecordedSteps, TableEnv, TableSimulator, bandit, chain, draw_graph, draw_tree
from solutions import mcts as unit

NAN, INF = float("nan"), float("inf")
WALK = chain([1.0, 2.0, 3.0], num_actions=2)
VALID = {
    "ucb1": {"value_sums": np.ones(3), "visits": np.array([1, 0, 4]), "parent_visits": 5, "c": 1.4},
    "backpropagate": {
        "visits": np.array([2, 1, 0]),
        "value_sums": np.array([1.0, 0.5, 0.0]),
        "path": np.array([0, 2]),
        "rewards": np.array([0.5]),
        "leaf_value": 2.0,
        "gamma": 0.9,
    },
    "rollout": {"step": WALK, "state": 0, "num_actions": 2, "max_depth": 3, "gamma": 0.9, "seed": 1},
    "mcts": {
        "step": WALK, "root_state": 0, "num_actions": 2, "num_simulations": 9, "c": 1.0, "gamma": 0.9, "max_depth": 3,
        "seed": 1,
    },
    "mcts_episode": {
        "env": TableEnv(WALK), "step": WALK, "num_simulations": 9, "c": 1.0, "gamma": 0.9, "max_depth": 3,
        "max_steps": 5, "seed": 1,
    },
}  # fmt: skip
NO_COUNT = [-1, 1.5, True, None, "3", NAN, 3.0]
SPOILT = {
    "value_sums": [np.ones(2), np.ones((3, 1)), [1, 2, NAN], [1, INF, 2], "text", None],
    "visits": [[1, 2], [1, -1, 2], [0.5, 1, 1], [1, 2, NAN], np.ones((3, 1), dtype=int), "text", None],
    "parent_visits": [0, -3, NAN, INF, "text", None],
    "c": [-0.1, NAN, INF, "text", None, 1j],
    "path": [[], [0], [0, 3], [0, -1], [1, 1], [0, 0.5], [[0, 1]], "text", None],
    "rewards": [[], [1.0, 2.0], [NAN], 1.0, "text", None],
    "leaf_value": [NAN, INF, "text", None],
    "gamma": [1.0, -0.1, 1.5, NAN, INF, "text", None, 1j],
    "step": [None, "text", 3],
    "env": [None, "text", object()],
    "num_actions": [0, *NO_COUNT],
    "num_simulations": NO_COUNT,
    "max_depth": NO_COUNT,
    "max_steps": NO_COUNT,
    "seed": NO_COUNT,
}


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        pytest.param(name, argument, value, id=f"{name}-{argument}-{number}")
        for name, valid in VALID.items()
        for argument in valid
        for number, value in enumerate(SPOILT.get(argument, []))
    ],
)
def test_invalid_input_raises_a_value_error_that_names_it_in_a_sentence(name, argument, value):
    with pytest.raises(ValueError, match=r"\.$") as raised:
        getattr(unit, name)(**{**VALID[name], argument: value})
    sentence = str(raised.value)
    assert argument in sentence
    assert "must" in sentence
    assert " but " in sentence


@pytest.mark.parametrize("name", VALID)
def test_valid_input_is_accepted_also_as_lists_and_not_written_to(name):
    function, valid = getattr(unit, name), VALID[name]
    before = repr(valid)
    lists = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in valid.items()}
    assert repr(function(**lists)) == repr(function(**valid))
    assert repr(valid) == before


def test_kinds_of_results_are_those_of_the_contract():
    assert unit.ucb1(**VALID["ucb1"]).dtype == np.float64
    for name in ("backpropagate", "mcts"):
        visits, values = getattr(unit, name)(**VALID[name])
        assert (visits.dtype, values.dtype) == (np.int64, np.float64)
    assert isinstance(unit.rollout(**VALID["rollout"]), float)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=6), st.integers(1, 1000), st.floats(0, 10))
@settings(max_examples=40)
def test_ucb1_orders_children_of_equal_mean_by_rarity(visits, parent_visits, c):
    visits = np.array(visits)
    scores = unit.ucb1(2.5 * visits, visits, parent_visits, c)
    assert (np.diff(scores[np.argsort(visits)]) <= 1e-12).all()
    assert np.allclose((scores - 2.5) ** 2 * visits, c**2 * np.log(parent_visits))


def test_a_child_never_visited_beats_every_other_one():
    assert unit.ucb1([1e9, 0.0], [1, 0], 1, 0.0).tolist() == [1e9, INF]


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5, 0.99]))
@settings(max_examples=40)
def test_backing_up_a_simulation_in_two_parts_is_backing_it_up_at_once(random_seed, gamma):
    rng = np.random.default_rng(random_seed)
    length, cut = 7, int(rng.integers(0, 7))
    visits, sums = rng.integers(0, 5, size=9), rng.normal(size=9)
    path, rewards = rng.permutation(9)[: length + 1], rng.normal(size=length)
    at_once = unit.backpropagate(visits, sums, path, rewards, 1.5, gamma)
    lower = unit.backpropagate(visits, sums, path[cut + 1 :], rewards[cut + 1 :], 1.5, gamma)
    value_below = (lower[1] - sums)[path[cut + 1]]
    upper = unit.backpropagate(*lower, path[: cut + 1], rewards[:cut], rewards[cut] + gamma * value_below, gamma)
    assert (upper[0] == at_once[0]).all()
    assert np.allclose(upper[1], at_once[1])


@given(st.integers(0, 2**31 - 1), st.integers(0, 30), st.sampled_from([0.0, 0.5, 0.9]))
@settings(max_examples=40)
def test_a_rollout_is_one_walk_and_returns_what_it_earned(seed, max_depth, gamma):
    recorded = RecordedSteps(draw_graph(np.random.default_rng(seed), 8, 3, lambda: float(seed % 7) - 3, 0.1))
    discounted_return = unit.rollout(recorded.step, 0, 3, max_depth, gamma, seed)
    states = [0, *(call.next_observation for call in recorded.calls)]
    assert [call.observation for call in recorded.calls] == states[:-1]
    assert len(recorded.calls) == max_depth or recorded.calls[-1].terminated
    assert discounted_return == pytest.approx(sum(gamma**t * call.reward for t, call in enumerate(recorded.calls)))


def test_rollouts_draw_every_action_equally_often():
    recorded = RecordedSteps(chain(np.zeros(6000), num_actions=3))
    unit.rollout(recorded.step, 0, 3, 6000, 0.9, 5)
    counts = np.bincount([call.action for call in recorded.calls], minlength=3)
    # Hoeffding: a deviation of 0.045 has a probability below 6 exp(-2 * 6000 * 0.045^2) < 2e-10.
    assert np.abs(counts / 6000 - 1 / 3).max() < 0.045


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.5, 1.5]), st.sampled_from([0.0, 0.5, 0.9]))
@settings(max_examples=20)
def test_a_search_returns_one_of_the_outcomes_that_are_possible(random_seed, c, gamma):
    world = draw_tree(rng := np.random.default_rng(random_seed), 3, 3, lambda: float(rng.normal()), 0.2)
    try:
        possible = outcomes(world, 0, 25, c, gamma)
    except TooMany:
        return
    visits, values = unit.mcts(world, 0, 3, 25, c, gamma, 0, random_seed % 2**31)
    assert any(each.visits == tuple(visits) and np.allclose(each.values, values) for each in possible)


@pytest.mark.parametrize("c", [0.5, 2**0.5])
def test_a_bad_arm_is_pulled_at_most_logarithmically_often(c):
    rewards, num_simulations = np.array([0.2, 1.0, 0.5]), 1000
    visits, values = unit.mcts(bandit(rewards), 0, 3, num_simulations, c, 0.9, 5, 0)
    bound = c**2 * np.log(num_simulations) / (1.0 - rewards[[0, 2]]) ** 2 + 1
    assert (visits[[0, 2]] <= bound).all()
    assert values == pytest.approx(rewards)
    assert visits.sum() == num_simulations


def test_a_huge_c_shares_out_the_simulations_equally():
    world = draw_tree(rng := np.random.default_rng(3), 3, 4, lambda: float(rng.normal()), 0.0)
    visits, _ = unit.mcts(world, 0, 3, 100, 1e9, 0.9, 2, 0)
    assert np.ptp(visits) <= 1


@pytest.mark.parametrize("random_seed", range(5))
def test_many_simulations_find_the_best_action_of_a_game_tree(random_seed):
    world = draw_tree(rng := np.random.default_rng(random_seed), 2, 4, lambda: float(rng.random()), 0.1)

    def best(state):
        if world.terminal[state]:
            return 0.0
        return max(world.rewards[state] + 0.9 * np.array([best(after) for after in world.next_states[state]]))

    worth = world.rewards[0] + 0.9 * np.array([best(after) for after in world.next_states[0]])
    visits, values = unit.mcts(world, 0, 2, 600, 1.0, 0.9, 4, random_seed)
    assert visits.argmax() == worth.argmax()
    assert (values <= worth + 1e-9).all()


def test_a_search_adds_one_node_a_simulation_and_leaves_terminal_states_alone():
    recorded = RecordedSteps(draw_tree(rng := np.random.default_rng(1), 2, 4, lambda: float(rng.normal()), 0.3))
    unit.mcts(recorded.step, 0, 2, 12, 1.0, 0.9, 0, 0)
    assert len(recorded.calls) == len({(call.observation, call.action) for call in recorded.calls}) <= 12
    unit.mcts(recorded.step, 0, 2, 200, 1.0, 0.9, 3, 0)
    assert not recorded.misuses


def test_a_search_follows_a_long_walk():
    visits, values = unit.mcts(chain(np.ones(300)), 0, 1, 200, 1.0, 0.5, 2, 0)
    assert visits.tolist() == [200]
    assert values[0] == pytest.approx(2.0, abs=0.05)


def test_an_episode_plans_from_what_it_observes():
    # State s pays for action s % 3 only, and the environment jumps about in a way the model does not know.
    states = np.arange(10)
    rewards = (states[:, None] % 3 == np.arange(3)) * 1.0
    model = TableSimulator(np.repeat(states[:, None], 3, axis=1) * 0 + 9, rewards, states == 9)
    truth = TableSimulator(np.zeros((10, 3), dtype=int), rewards - 0.25, states == 9)
    recorded = RecordedEnv(lambda: TableEnv(truth, 1.0), max_episode_steps=30)
    total_reward, actions = unit.mcts_episode(recorded, model, 30, 1.0, 0.9, 0, 20, 4)
    assert actions == [step.observation % 3 for step in recorded.steps]
    assert total_reward == pytest.approx(0.75 * len(actions))
    assert not recorded.misuses
    assert recorded.seeds[0] is not None


@pytest.mark.parametrize(("limit", "max_steps", "length"), [(0, 9, 3), (2, 9, 2), (0, 1, 1), (0, 0, 0)])
def test_an_episode_ends_when_it_should(limit, max_steps, length):
    recorded = RecordedEnv(lambda: TableEnv(WALK), limit)
    total_reward, actions = unit.mcts_episode(recorded, WALK, 4, 1.0, 0.0, 2, max_steps, 0)
    assert len(actions) == length
    assert total_reward == sum([1.0, 2.0, 3.0][:length])


def test_the_outcomes_of_ties_are_all_followed():
    found = outcomes(bandit([1.0, 1.0, 0.0]), 0, 4, 0.0, 0.9)
    assert {each.visits for each in found} == {(2, 1, 1), (1, 2, 1)}
    assert most_visited(found) == {0, 1}
    assert {each.visits for each in outcomes(bandit([1.0, 0.0]), 0, 1, 0.0, 0.9)} == {(1, 0), (0, 1)}

"""The recorder changes no outcome and notes every way that was tried; trees are laid out without overlaps."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from labkit.cascade import cascade_step, random_wall
from labkit.environments import RIGHT, UP, GridWorld
from labkit.recording import RecordingSimulator, grid_simulator
from labkit.trees_plot import draw_tree, plot_four_phases, plot_wall, tree_layout


@pytest.fixture
def axes():
    figure, axes = plt.subplots(1, 4)
    yield axes
    plt.close(figure)


def count(state, action):
    return state + action + 1, float(action), state + action + 1 >= 5


def test_a_recorded_step_is_the_step():
    recorder = RecordingSimulator(count)
    traced, reward, terminated = recorder(recorder.root(0), 1)
    assert (traced.state, reward, terminated) == count(0, 1)
    assert recorder.calls == 1


def test_two_ways_to_the_same_state_are_two_nodes():
    recorder = RecordingSimulator(count)
    root = recorder.root(0)
    zero, one = recorder(root, 0)[0], recorder(root, 1)[0]
    recorder(zero, 0)
    recorder(recorder(root, 0)[0], 0)  # the same way once more
    tree = recorder.tree()
    assert tree.states == [0, 1, 2, 2]
    np.testing.assert_array_equal(tree.parents, [-1, 0, 0, 1])
    np.testing.assert_array_equal(tree.actions, [-1, 0, 1, 0])
    np.testing.assert_array_equal(tree.visits, [3, 2, 1, 1])
    np.testing.assert_array_equal(tree.depths, [0, 1, 1, 2])
    assert one.state == recorder(zero, 0)[0].state


def test_what_happens_off_the_record_is_counted_and_not_noted():
    recorder = RecordingSimulator(count)
    root = recorder.root(0)
    with recorder.paused():
        away = recorder(root, 0)[0]
    recorder(away, 0)  # goes on from a state that has no place in the tree
    assert recorder.calls == 2
    assert len(recorder.tree().parents) == 1


def test_a_recorder_that_was_not_used_says_so():
    with pytest.raises(ValueError, match="begin the search"):
        RecordingSimulator(count).tree()


def test_the_simulator_of_a_grid_world_is_the_grid_world_without_slipping():
    env = GridWorld("rooms", step_reward=-0.1)
    step = grid_simulator(GridWorld("rooms", slip=0.3, step_reward=-0.1))
    P, R = env.model()
    for state in np.flatnonzero(~env.terminal):
        for action in range(4):
            target, reward, terminated = step(int(state), action)
            assert P[state, action, target] == 1
            assert reward == pytest.approx(R[state, action])
            assert terminated == env.terminal[target]


def test_the_simulator_of_a_grid_world_refuses_what_makes_no_sense():
    env = GridWorld(("SG",))
    step = grid_simulator(env)
    with pytest.raises(ValueError, match="the walk has ended"):
        step(step(0, RIGHT)[0], UP)
    with pytest.raises(ValueError, match="from 0 to 3"):
        step(0, 4)


def test_leaves_stand_side_by_side_and_parents_above_their_children():
    places = tree_layout([-1, 0, 0, 1, 1, 2])
    np.testing.assert_array_equal(places[:, 1], [0, -1, -1, -2, -2, -2])
    np.testing.assert_array_equal(places[[3, 4, 5], 0], [0, 1, 2])
    np.testing.assert_array_equal(places[[1, 2, 0], 0], [0.5, 2, 1.25])


@pytest.mark.parametrize("parents", [[-1, 2, 0], [0, 0], [-1, -1]])
def test_a_tree_must_name_parents_first(parents):
    with pytest.raises(ValueError, match="node 0 must be the root"):
        tree_layout(parents)


@pytest.mark.filterwarnings("error")
def test_pictures_are_drawn(axes):
    plot_four_phases(axes)
    draw_tree(axes[0], [-1, 0, 0], ["a", "b", "c"], edge_labels=["", "x", "y"], highlight=[0, 1])
    wall = random_wall(0)
    plot_wall(wall, axes[1], "a wall")
    plot_wall(cascade_step(wall, 0)[0], axes[2])
    axes[0].figure.canvas.draw()

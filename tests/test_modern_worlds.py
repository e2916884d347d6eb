"""The small worlds and learners of unit 6 are what they say, learn, and repeat themselves for the same seed."""

from __future__ import annotations

import nbformat
import numpy as np
import pytest
import torch

from labkit import branching, doubt, dreaming, family, maze_search
from labkit.control import pendulum_step
from labkit.earlier import from_notebook, working
from labkit.pictures import LENGTH, PictureWorld, play
from solutions import modern_methods

WORLD = PictureWorld(("S...", "..#.", "H..G"))


def test_a_picture_shows_where_the_walker_is():
    assert WORLD.frames.shape == (11, 6 * 8)
    for cell, (row, column) in enumerate(WORLD.grid.cells):
        picture = WORLD.frames[cell].reshape(WORLD.shape)
        assert (picture[2 * row : 2 * row + 2, 2 * column : 2 * column + 2] == 1).all()
        assert (picture == 1).sum() == 4
    seen = WORLD.seen(np.arange(11), np.random.default_rng(0))
    np.testing.assert_array_equal(((seen[:, None] - WORLD.frames) ** 2).sum(axis=2).argmin(axis=1), np.arange(11))


def test_walkers_in_pictures_walk_as_in_the_grid_world():
    for cell in WORLD.open_cells:
        for action in range(4):
            moved, earned, going_on = WORLD.step(np.array([cell]), np.array([action]))
            assert moved[0] == WORLD.grid.targets[cell, action]
            assert earned[0] == WORLD.grid.arrival_rewards[moved[0]]
            assert going_on[0] != WORLD.grid.terminal[moved[0]]
    ended = np.flatnonzero(WORLD.grid.terminal)
    moved, earned, going_on = WORLD.step(ended, np.zeros(len(ended), dtype=int))
    np.testing.assert_array_equal(moved, ended)
    assert not earned.any()
    assert not going_on.any()


def test_play_marks_the_steps_that_were_lived_and_draws_only_those():
    rng = np.random.default_rng(1)
    data = play(WORLD, 3, 20, rng)
    assert data.pictures.shape == (3, 20, LENGTH + 1, 48)
    assert data.lived[..., 0].all()
    np.testing.assert_array_equal(data.lived[..., 1:], data.going_on[..., :-1])
    assert not data.rewards[~data.lived].any()
    episodes, times = data.some_steps(rng, 500, ahead=3)
    assert data.lived[np.arange(3)[:, None], episodes, times].all()
    assert times.max() <= LENGTH - 3
    assert data.some_pictures(rng, 7).shape == (21, 48)
    assert data.joined(data).real_steps() == 2 * data.real_steps()


def test_a_world_model_learns_where_steps_lead_and_what_they_earn():
    rng = np.random.default_rng(2)
    model = dreaming.WorldModel(48, 2, seed=0)
    data = play(WORLD, 2, 80, rng)
    model.learn(data, 300, rng)
    ask = model.functions
    cells = np.tile(WORLD.open_cells.repeat(4), 2)
    actions = np.tile(np.tile(np.arange(4), len(WORLD.open_cells)), 2)
    moved, earned, going_on = WORLD.step(cells, actions)
    latents = ask["transition"](ask["encode"](WORLD.seen(cells, rng)), np.eye(4)[actions])
    np.testing.assert_allclose(latents.reshape(-1, dreaming.GROUPS, dreaming.CLASSES).sum(axis=2), 1, rtol=1e-5)
    nearest = ((ask["decode"](latents)[:, None] - WORLD.frames) ** 2).sum(axis=2).argmin(axis=1)
    assert np.mean(nearest == moved) > 0.7
    assert np.corrcoef(ask["reward"](latents), earned)[0, 1] > 0.7
    assert ask["going_on"](latents)[going_on].mean() > ask["going_on"](latents)[~going_on].mean() + 0.5


def test_an_actor_learns_in_the_world_and_in_its_dream():
    asked = modern_methods.imagine, modern_methods.lambda_returns, WORLD
    settings = {"num_runs": 2, "rounds": 2, "seed": 0}
    steps, rewards, promises, model = dreaming.dream(*asked, **settings)
    assert rewards.shape == (2, 3)
    assert promises.shape == (2, 2)
    assert 0 < steps[1] < steps[2] <= 2 * 15 * LENGTH
    true_steps, true_rewards = dreaming.wake(*asked, model, rounds=2, seed=0)
    assert (true_rewards[:, -1] > 0.8).all()
    assert true_steps[-1] > 5 * steps[-1]
    np.testing.assert_array_equal(dreaming.dream(*asked, **settings)[1], rewards)


def test_data_on_the_line_come_from_where_they_should():
    inputs, moves = doubt.bumpy_data(3, 500, seed=0)
    positions = np.abs(inputs[..., 0])
    assert positions.min() >= 0.4
    assert positions.max() <= 1.2
    noise = moves - doubt.moved(inputs[..., :1], inputs[..., 1:])
    assert noise.std() == pytest.approx(doubt.NOISE, rel=0.1)
    rng = np.random.default_rng(0)
    assert np.abs(doubt.places("gap", rng, (200,))[:, 0]).max() <= 0.2
    assert np.abs(doubt.places("beyond", rng, (200,))[:, 0]).min() >= 1.6


def test_members_agree_where_they_have_data():
    inputs, moves = doubt.bumpy_data(2, 150, seed=0)
    networks = doubt.fit_networks(inputs, moves, 0, copies=3, num_updates=300)
    predicted = doubt.member_predictions(networks, 2, inputs)
    assert predicted.shape == (2, 3, 150)
    assert np.abs(predicted - doubt.moved(*np.moveaxis(inputs, 2, 0))[:, None]).mean() < 0.08
    for run in range(2):
        weights, biases = networks.of_run(3 * run)
        sure, none = modern_methods.mc_dropout_predict(weights, biases, torch.as_tensor(inputs[run]), 0.0, 2, 0)
        np.testing.assert_allclose(sure[:, 0].numpy(), predicted[run, 0], atol=1e-5)
        assert none.max() < 1e-9


def test_swing_models_learn_the_pendulum_of_their_run():
    rng = np.random.default_rng(3)
    learner = branching.QLearner(2, 0)
    real = branching.walk(learner.chooser(1.0, rng), branching.starts(rng, 2, 12), 25)
    assert real.states.shape == (2, 300, 3)
    once, _ = pendulum_step(real.states[0], branching.TORQUES[real.choices[0], None])
    twice, _ = pendulum_step(once, branching.TORQUES[real.choices[0], None])
    np.testing.assert_allclose(real.next_states[0], twice, atol=1e-9)
    models = branching.SwingModels(real, rng)
    fresh = branching.walk(learner.chooser(1.0, rng), branching.starts(rng, 2, 4), 10)
    moved, rewards, ended = models(fresh.states.reshape(-1, 3), branching.TORQUES[fresh.choices].reshape(-1, 1))
    assert np.sqrt(np.mean((moved - fresh.next_states.reshape(-1, 3)) ** 2)) < 0.3
    assert np.corrcoef(rewards, fresh.rewards.ravel())[0, 1] > 0.95
    assert not ended.any()


def test_learning_with_branches_is_reproducible_and_asks_for_them():
    asked = []

    def counted(step, policy, starts, horizon):
        asked.append((len(starts), horizon))
        return modern_methods.branched_rollouts(step, policy, starts, horizon)

    settings = {"num_runs": 2, "num_episodes": 3, "updates": 5, "branches": 8, "seed": 4}
    steps, rewards = branching.learn(counted, 5, **settings)
    assert asked == [(16, 5)] * 3
    np.testing.assert_array_equal(steps, [0, 25, 50, 75])
    np.testing.assert_array_equal(branching.learn(counted, 5, **settings)[1], rewards)
    branching.learn(counted, 0, **settings)
    assert len(asked) == 6


def test_the_maze_is_walked_by_its_rules_and_its_best_reward_is_reached():
    goal = int(np.flatnonzero(maze_search.GRID.arrival_rewards > 0)[0])
    assert maze_search.move(goal, 0) == (goal, 0.0, True)
    assert maze_search.best_reward() == 1.0
    functions = maze_search.true_functions(np.random.default_rng(0))
    assert functions.dynamics(functions.represent(goal), 1) == (goal, 0.0)
    assert functions.predict(goal)[1] == 0.0
    assert maze_search.mean_reward(modern_methods.muzero_search, functions, 60) > 0.8


def test_self_play_learns_and_repeats_itself():
    settings = {"num_runs": 2, "rounds": 2, "games": 4, "first_games": 60, "simulations": 6, "updates": 150, "seed": 0}
    models, steps, played = maze_search.self_play(modern_methods.muzero_search, **settings)
    assert steps.shape == (2,)
    assert played.shape == (2, 2)
    goal = int(np.flatnonzero(maze_search.GRID.arrival_rewards > 0)[0])
    into, beside = [], []
    for run in range(2):
        ask = models.functions(run)
        for state in maze_search.STARTS:
            for action in range(4):
                reward = ask.dynamics(ask.represent(int(state)), action)[1]
                (into if maze_search.GRID.targets[state, action] == goal else beside).append(reward)
    assert np.mean(into) > np.mean(beside) + 0.5
    again = maze_search.self_play(modern_methods.muzero_search, **settings)
    np.testing.assert_array_equal(again[2], played)


def test_adaptation_goes_downhill_and_pre_training_is_a_good_start():
    rng = np.random.default_rng(5)
    machines = [family.draw_task(rng) for _ in range(30)]
    assert [tuple(part.shape) for part in machines[0]] == [(8, 8), (8,), (40, 8), (40,)]
    scratch, trained = (
        np.mean([family.adaptation(weights, machine, 5) for machine in machines], axis=0)
        for weights in (torch.zeros(8, dtype=torch.float64), family.pretrain(0, 200))
    )
    assert scratch[5] < scratch[0]
    assert trained[0] < scratch[5]
    prepared = family.meta_learn(modern_methods.maml_gradient, 0, num_updates=60)
    adapted = np.mean([family.adaptation(prepared, machine, 1) for machine in machines], axis=0)
    assert adapted[1] < 0.6 * scratch[1]


def test_one_step_of_adaptation_is_one_step_down_the_gradient():
    known, measured, asked, truth = family.draw_task(np.random.default_rng(6))
    weights = torch.ones(8, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad((known @ weights - measured).square().mean(), weights)
    stepped = (weights - family.INNER_RATE * gradient).detach()
    expected = float((asked @ stepped - truth).square().mean().sqrt())
    assert family.adaptation(weights.detach(), (known, measured, asked, truth), 1)[1] == pytest.approx(expected)


def test_functions_of_an_earlier_notebook_are_found(tmp_path):
    cells = []
    for name, source, solution in (("setup", "import math", False), ("twice", "def twice(x):\n    return 2 * x", True)):
        marks = {"grade_id": name, "solution": solution, "grade": False, "locked": False, "schema_version": 3}
        cells.append(nbformat.v4.new_code_cell(source, metadata={"nbgrader": marks}))
    cells.append(nbformat.v4.new_code_cell("raise RuntimeError('not a cell to run')"))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "00_small.ipynb")
    found = from_notebook("00_small", tmp_path)
    assert set(found) == {"twice"}
    assert found["twice"](3) == 6
    assert from_notebook("99_missing", tmp_path) == {}
    assert {"cem_plan", "evaluate_sequences"} <= set(from_notebook("05_mpc"))


def test_cells_that_do_not_run_and_functions_that_do_not_work_are_left_out(tmp_path, capsys):
    cells = []
    for name, source in (("broken", "def broken(:"), ("stub", "def stub():\n    raise NotImplementedError")):
        marks = {"grade_id": name, "solution": True, "grade": False, "locked": False, "schema_version": 3}
        cells.append(nbformat.v4.new_code_cell(source, metadata={"nbgrader": marks}))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "00_small.ipynb")
    found = from_notebook("00_small", tmp_path)
    assert set(found) == {"stub"}
    assert "broken of 00_small.ipynb is left out: SyntaxError" in capsys.readouterr().out
    assert working("stub", found["stub"]) is None
    assert "Your stub does not work yet (NotImplementedError)" in capsys.readouterr().out
    assert working("nothing", None) is None
    assert working("abs", abs, -1) is abs

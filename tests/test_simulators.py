"""Recorded environments note everything, refuse misuse in a sentence, and are the same here and in the cage."""

from __future__ import annotations

import time

import gymnasium
import numpy as np
import pytest
import torch

from autograder.judge.conversation import Conversation, StudentFunction
from labkit.environments import GridWorld
from labkit.gradients import value_and_gradients
from labkit.properties import FreshCalls, StudentError, Unanswered
from labkit.simulators import Choices, RecordedEnv


def grid() -> GridWorld:
    return GridWorld("corridor")


WALK = """
def walk(env, num_steps, seed):
    seen = []
    observation, info = env.reset(seed=seed)
    for t in range(num_steps):
        action = 1 if t % 3 else int(env.action_space.sample() * 0)
        observation, reward, terminated, truncated, info = env.step(action)
        seen.append((observation, reward, terminated, truncated))
        if terminated or truncated:
            env.reset()
    return seen, env.num_states, env.num_actions, env.action_space.n
"""


def in_this_interpreter(name):
    namespace: dict = {}
    exec(WALK + MORE, namespace)
    return FreshCalls(namespace[name])


MORE = """
def step_first(env):
    return env.step(0)

def go_on_after_the_end(env):
    env.reset(seed=1)
    for _ in range(100):
        env.step(1)

def leave_the_actions(env):
    env.reset(seed=1)
    env.step(4)

def draw_from(space, how_often):
    return [int(space.sample()) for _ in range(how_often)], type(space).__name__

def square(x, y):
    return (x ** 2 * y).sum()

def ignores_its_input(x, y):
    return y.sum() * 0 + 1

def no_tensor(x, y):
    return 3.0

def sleepy():
    import time
    time.sleep(3.5)
    return 1
"""


@pytest.fixture(params=["here", "in the cage"])
def function(request, cage):
    """Make a callable for a function above, in this interpreter or as a proxy for one in the cage."""
    if request.param == "here":
        yield in_this_interpreter
        return
    with cage.box() as box:
        conversation = Conversation(box, cage.limits)
        conversation.fork()
        assert not conversation.run_cell(WALK + MORE)["error"]
        yield lambda name: StudentFunction(name, lambda: conversation)


def test_every_step_is_noted_as_it_happened(function):
    env = RecordedEnv(grid, max_episode_steps=4)
    seen, *sizes = function("walk")(env, 20, 5)
    assert sizes == [5, 4, 4]
    assert len(env.steps) == 20
    assert [(s.next_observation, s.reward, s.terminated, s.truncated) for s in env.steps] == [tuple(e) for e in seen]
    assert env.seeds[0] == 5
    assert set(env.seeds[1:]) <= {None}
    assert all(len(episode) <= 4 for episode in env.episodes)
    assert any(episode and episode[-1].truncated for episode in env.episodes)
    assert env.misuses == []


def test_a_new_one_begins_as_the_old_one_did(function):
    env = RecordedEnv(lambda: GridWorld("rooms", slip=0.5), max_episode_steps=9)
    first = function("walk")(env, 15, 3)
    again = env.renewed()
    assert again.steps == []
    assert function("walk")(again, 15, 3) == first


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("step_first", "before reset"),
        ("go_on_after_the_end", "after the episode had ended"),
        ("leave_the_actions", "whole number from 0 to 3"),
    ],
)
def test_misuse_is_refused_in_a_sentence_and_noted(function, name, sentence):
    env = RecordedEnv(grid, max_episode_steps=50)
    with pytest.raises(StudentError) as raised:
        function(name)(env)
    assert raised.value.kind == "ValueError"
    assert sentence in raised.value.text
    assert len(env.misuses) == 1


def test_an_environment_of_numbers_keeps_its_observations_to_itself():
    """What the student does with an observation does not change what was noted."""
    env = RecordedEnv(lambda: gymnasium.make("Pendulum-v1"), max_episode_steps=5)
    observation, _ = env.reset(seed=1)
    observation[:] = 0
    env.step(np.array([0.5]))
    assert np.abs(env.steps[0].observation).sum() > 0
    assert env.num_actions is None


def test_a_whole_object_of_the_support_package_is_built_where_it_is_sent(function):
    numbers, name = function("draw_from")(Choices(3), 50)
    assert set(numbers) == {0, 1, 2}
    assert name == "Choices"


def test_gradients_are_taken_where_the_function_runs(function):
    x, y = torch.tensor([1.0, 2.0], dtype=torch.float64), torch.tensor([3.0, 4.0], dtype=torch.float64)
    seen = function("square").with_gradients([0, 1], x, y)
    assert seen["value"] == 19
    assert torch.equal(seen["gradients"][0], 2 * x * y)
    assert torch.equal(seen["gradients"][1], x**2)
    assert function("ignores_its_input").with_gradients([0], x, y)["gradients"] == [None]
    with pytest.raises(StudentError, match="not a tensor"):
        function("no_tensor").with_gradients([0], x, y)


def test_the_inputs_are_not_touched_by_taking_gradients():
    x = torch.ones(2)
    value_and_gradients([0], lambda each: (each * 2).sum(), (x,), {})
    assert not x.requires_grad
    assert x.grad is None


def test_an_exercise_may_allow_longer_calls(talk):
    """The quick cage allows 3 seconds where grading allows 10; an exercise with twice the limit gets twice as long."""
    conversation = talk(MORE)
    assert StudentFunction("sleepy", lambda: conversation, seconds=20.0)() == 1
    started = time.monotonic()
    with pytest.raises(Unanswered, match="within 3 seconds"):
        StudentFunction("sleepy", lambda: conversation)()
    assert time.monotonic() - started < 5.9  # a busy machine may take its time, but twice the limit was not given

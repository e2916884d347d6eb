"""Hidden properties of the tree search."""

from __future__ import annotations

import functools

import numpy as np
from hypothesis import strategies as st

from autograder.properties.mcts.common import (
    NOTEBOOK,
    RELATIVE,
    expect_frequency,
    prepared,
    random_cases,
    scales,
    search_discounts,
    weights,
)
from autograder.properties.mcts.outcomes import Outcome, TooMany, outcomes
from autograder.properties.shared import hidden
from labkit.exercises.mcts import read_root, seeds
from labkit.properties import Exercise
from labkit.results import Violation, expect_close
from labkit.trees import RecordedSteps, TableSimulator, bandit, chain, draw_fork, draw_graph, draw_tree

mcts = Exercise("mcts", NOTEBOOK)


def _expect_possible(visits, values, possible: list[Outcome], scale):
    """Raise a violation unless a correct search can return ``visits`` and ``values``."""
    tolerance = RELATIVE * scale
    same_visits = [each for each in possible if each.visits == tuple(visits.tolist())]
    if any(np.abs(values - each.values).max() <= tolerance for each in same_visits):
        return
    if same_visits:
        expect_close(values, np.array(same_visits[0].values), "values", tolerance, f"visits are {visits.tolist()}")
    known = " or ".join(str(list(each)) for each in sorted({each.visits for each in possible})[:3])
    raise Violation(f"visits are {visits.tolist()}, but whatever the ties, a search here makes {known}.")


def _search(f, world, root, num_simulations, c, gamma, max_depth, seed):
    result = f(world, world.written(root), world.num_actions, num_simulations, c, gamma, max_depth, seed)
    visits, values = read_root(result, world.num_actions)
    if visits.sum() != num_simulations:
        raise Violation(f"visits should sum to {num_simulations}, but they are {visits.tolist()}.")
    return visits, values


@functools.cache
def _drawn_search(random_seed, kind):
    """Draw a world, a search and everything it may return; draw again where that is too much."""
    rng = np.random.default_rng([random_seed, *kind.encode()])
    while True:
        scale = float(rng.choice(scales[:3]))
        world = _draw_world(rng, kind, lambda scale=scale: float(rng.normal() * scale))
        root = int(rng.choice(np.flatnonzero(~world.terminal))) if kind == "graph" else 0
        num_simulations = int(rng.choice([1, 2, 3, 5, 8, 13, 20, 30, 45]))
        c, gamma = float(rng.choice(weights)) * scale, float(rng.choice(search_discounts))
        max_depth = int(rng.integers(0, 6)) if kind in ("fork", "chain") else 0
        if kind == "shallow":
            num_simulations, c = int(rng.integers(30, 80)), float(rng.choice([0.7, 1.0, 2.0, 3.0])) * scale
        try:
            possible = outcomes(world, root, num_simulations, c, gamma, max_depth, most=60)
        except TooMany:
            continue
        if len({each.visits for each in possible}) <= 12:
            world.pairs = bool(rng.integers(2))
            search = (world, root, num_simulations, c, gamma, max_depth, int(rng.integers(2**31)))
            return search, possible, scale


def _draw_world(rng, kind, draw_reward):
    num_actions = int(rng.integers(2, 5))
    if kind == "tree":
        return draw_tree(rng, num_actions, 5 - (num_actions > 2), draw_reward, float(rng.choice([0.0, 0.2, 0.4])))
    if kind == "graph":
        return draw_graph(rng, int(rng.integers(2, 8)), num_actions, draw_reward, float(rng.choice([0.0, 0.2])))
    if kind == "fork":
        return draw_fork(rng, num_actions, 6, draw_reward)
    if kind == "shallow":
        return draw_tree(rng, min(num_actions, 3), 2, draw_reward, 0.1)
    return chain([draw_reward() for _ in range(int(rng.choice([1, 2, 5, 12, 60])))])


def _expect_search(f, random_seed, kind):
    search, possible, scale = _drawn_search(random_seed, kind)
    visits, values = _search(f, *search)
    _expect_possible(visits, values, possible, scale)


# Here one more visit in the logarithm than any reading of the parent's visits allows gives another result.
TELLING_TREES = ({"random_seed": 100}, {"random_seed": 133})
TELLING_SHALLOW_TREES = ({"random_seed": 4}, {"random_seed": 24})


@mcts.property(
    "In a game tree without rollouts, visits and values are those of a search by ucb1 that adds one node a simulation.",
    cases=prepared(_drawn_search, "tree"),
    always=TELLING_TREES,
    **hidden(weight=2, trials=50),
)
def search_in_trees(f, random_seed):
    _expect_search(f, random_seed, "tree")


@mcts.property(
    "Below the root, too, simulations are shared out by ucb1 with the visits of the very node they are in.",
    cases=prepared(_drawn_search, "shallow"),
    always=TELLING_SHALLOW_TREES,
    **hidden(weight=1, trials=12),
)
def search_below_the_root(f, random_seed):
    _expect_search(f, random_seed, "shallow")


@mcts.property(
    "The tree stays a tree where paths meet in one state, or a step leads nowhere: nodes are paths, not states.",
    cases=prepared(_drawn_search, "graph"),
    **hidden(weight=1, trials=40),
)
def search_where_paths_meet(f, random_seed):
    _expect_search(f, random_seed, "graph")


@mcts.property(
    "Rollouts go max_depth steps below the new node, or to the end; what they earn is discounted from there.",
    cases=prepared(_drawn_search, "fork"),
    **hidden(weight=1, trials=40),
)
def rollouts_below_the_new_node(f, random_seed):
    _expect_search(f, random_seed, "fork")


@mcts.property(
    "On a walk with one action the tree grows by one step with every simulation, until the end of the walk.",
    cases=prepared(_drawn_search, "chain"),
    **hidden(weight=1, trials=20),
)
def growing_chain(f, random_seed):
    _expect_search(f, random_seed, "chain")


@functools.cache
def _drawn_bandit(random_seed):
    rng = np.random.default_rng(random_seed)
    num_actions = int(rng.integers(2, 6))
    scale = float(rng.choice(scales))
    rewards = (rng.random(num_actions) - rng.choice([0.0, 1.0, 0.5])) * scale
    num_simulations, c = int(rng.choice([50, 120, 200])), float(rng.choice([0.0, 1.0, 0.5, 2**0.5, 50.0])) * scale
    possible = outcomes(bandit(rewards), 0, num_simulations, c, 0.9, 0, most=2000)
    return rewards, num_simulations, c, possible, scale


@mcts.property(
    "Where every action ends the episode, visits are those of the bandit algorithm UCB1, also after many simulations.",
    cases=prepared(_drawn_bandit),
    **hidden(weight=1, trials=15),
)
def search_among_final_actions(f, random_seed):
    rewards, num_simulations, c, possible, scale = _drawn_bandit(random_seed)
    visits, values = _search(f, bandit(rewards), 0, num_simulations, c, 0.9, 3, random_seed % 2**31)
    _expect_possible(visits, values, possible, scale)


@mcts.property(
    "No step is taken from a terminal state, and a simulation takes no more steps than down to its new node and "
    "max_depth below it.",
    cases=random_cases,
    **hidden(weight=1, trials=15),
)
def terminal_states_are_left_alone(f, random_seed):
    rng = np.random.default_rng(random_seed)
    num_actions, depth = int(rng.integers(2, 4)), int(rng.integers(1, 4))
    recorded = RecordedSteps(draw_tree(rng, num_actions, depth, lambda: float(rng.normal()), 0.4))
    num_simulations, max_depth = int(rng.integers(1, 30)), int(rng.integers(0, 4))
    result = f(recorded.step, 0, num_actions, num_simulations, 1.0, 0.9, max_depth, int(rng.integers(2**31)))
    visits, _ = read_root(result, num_actions)
    if recorded.misuses:
        raise Violation(recorded.misuses[0])
    if visits.sum() != num_simulations:
        raise Violation(f"visits should sum to {num_simulations}, but they are {visits.tolist()}.")
    # Walking down anew and trying out all actions of a node at once are both allowed.
    most = (num_simulations + 1) * (depth + num_actions + max_depth)  # the root may be tried out as well
    if len(recorded.calls) > most:
        raise Violation(f"{num_simulations} simulations called step {len(recorded.calls)} times.")


ROLLOUT_ACTIONS = 3
SEARCHES = 200


def _two_step_world():
    """Each root action leads to state 1; the next two actions, taken by the rollout, can be told from the value."""
    A = ROLLOUT_ACTIONS
    rewards = np.zeros((4, A))
    rewards[1], rewards[2] = np.arange(A), 2.0 * A * np.arange(A)
    next_states = np.repeat([[1], [2], [3], [3]], A, axis=1)
    return TableSimulator(next_states, rewards, [False, False, False, True])


@mcts.property(
    "Every rollout draws its actions uniformly, and anew: other rollouts and other seeds draw other ones.",
    cases=st.fixed_dictionaries({"seed": seeds}),
    **hidden(weight=1, trials=1),
)
def fresh_rollouts(f, seed):
    # 15 frequencies of 600 draws, and one more below. That 2 in 3 of 200 searches draw the same pair of actions (1 of
    # 9) three times by chance is below 2^200 81^-133 < 1e-190, that all of them agree less likely still.
    world, gamma, A = _two_step_world(), 0.5, ROLLOUT_ACTIONS
    found = []
    for k in range(SEARCHES):
        visits, values = _search(f, world, 0, A, 1.0, gamma, 2, (seed + 1000003 * k) % 2**31)
        expect_close(visits.astype(float), 1.0, "visits", 0.0, "each action is tried once")
        drawn = np.round(values / gamma).astype(int)
        expect_close(drawn * gamma, values, "values", 1e-8, "0.5 times a rollout of rewards 0, 1, 2 and then 0, 3, 6")
        found.append(drawn.tolist())
    if all(each == found[0] for each in found):
        raise Violation(f"{SEARCHES} searches with different seeds made the same rollouts.")
    if sum(len(set(each)) == 1 for each in found) >= 2 * SEARCHES / 3:
        raise Violation("all rollouts of a search draw the same actions.")
    numbers = [code for each in found for code in each]
    for action in range(A):
        firsts, seconds = (sum(digit(n) == action for n in numbers) for digit in (lambda n: n % A, lambda n: n // A))
        for count, which in ((firsts, "first"), (seconds, "second")):
            expect_frequency(count, len(numbers), 1 / A, f"the {which} action of a rollout was {action}")
    for code in range(A * A):
        what = f"a rollout began with the actions {code % A} and {code // A}"
        expect_frequency(numbers.count(code), len(numbers), 1 / A**2, what)
    _expect_fresh_below(f, seed)


def _expect_fresh_below(f, seed):
    """Rollouts two steps below the root, through one root action and through the other, draw the same by chance only.

    Two actions, four simulations and a large c: through each root action a node is added, and another one below it.
    The values show what the rollouts of the lower ones draw in state 3, where action 1 counts 4; in state 2, where all
    rollouts pass, it counts 1.
    """
    gamma = 0.5
    next_states, rewards = np.repeat([[1], [2], [3], [4], [4]], 2, axis=1), np.zeros((5, 2))
    rewards[2, 1], rewards[3, 1] = 1.0 / gamma**2, 4.0 / gamma**3
    world = TableSimulator(next_states, rewards, np.arange(5) == 4)
    same = 0
    for k in range(SEARCHES):
        visits, values = _search(f, world, 0, 4, 1e3, gamma, 2, (seed + 1000003 * k) % 2**31)
        expect_close(visits.astype(float), 2.0, "visits", 0.0, "c is so large that both actions are visited twice")
        codes = np.round(2 * values)
        expect_close(codes / 2, values, "values", 1e-8, "half of a sum of whole numbers")
        same += (codes[0] >= 4) == (codes[1] >= 4)
    expect_frequency(same, SEARCHES, 1 / 2, "rollouts below different actions of the root drew the same action")


@mcts.property(
    "The same seed gives the same visits and values, also with rollouts and many simulations.",
    cases=random_cases,
    always=({"random_seed": 0},),
    **hidden(weight=1, trials=3),
)
def same_seed_same_search(f, random_seed):
    rng = np.random.default_rng(random_seed)
    world = draw_graph(rng, 12, 3, lambda: float(rng.normal()), 0.1)
    seed = int(rng.integers(2**31)) if random_seed else 0  # 0 is a seed like any other
    inputs = (world, 0, 80, 1.0, 0.9, 8, seed)
    first, second = _search(f, *inputs), _search(f, *inputs)
    expect_close(second[0].astype(float), first[0], "visits", 0.0, "the visits of the first time")
    expect_close(second[1], first[1], "values", 1e-9, "the values of the first time")
    bound = np.abs(world.rewards).max() * 10
    if np.abs(first[1]).max() > bound:
        raise Violation(f"values are {first[1].tolist()}, but no return here can be larger than {bound:.4g}.")

"""Hidden properties of unit 4: what searches, rollouts and episodes must be on worlds that leave nothing to chance.

A search's visits depend on ties and on the order of untried actions, so they are compared with everything a correct
search can return (``mcts_outcomes``). Where randomness matters, bounds hold for any stream of uniform draws: a property
of N frequencies fails a correct solution with a probability below 1e-10 for each case, by Chernoff's bound
P(frequency on the far side of q) <= exp(-N KL(q || p)) and a union over the frequencies that are compared.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from hypothesis import strategies as st

from autograder.properties.mcts_outcomes import Outcome, TooMany, most_visited, outcomes
from labkit.exercises.mcts import read_episode, read_root, read_scores, read_statistics, seeds
from labkit.properties import Exercise
from labkit.results import Violation, expect_close, number
from labkit.simulators import RecordedEnv
from labkit.trees import (
    RecordedSteps,
    TableEnv,
    TableSimulator,
    bandit,
    chain,
    draw_fork,
    draw_graph,
    draw_tree,
)
from solutions import mcts as reference  # noqa: F401, read by autograder.properties

NOTEBOOK = "04_mcts"
RELATIVE = 1e-8
FALSE_ALARM = 1e-11  # for each frequency; no property compares more than 60 of them over its cases

ucb1 = Exercise("ucb1", NOTEBOOK)
backpropagate = Exercise("backpropagate", NOTEBOOK)
rollout = Exercise("rollout", NOTEBOOK)
mcts = Exercise("mcts", NOTEBOOK)
mcts_episode = Exercise("mcts_episode", NOTEBOOK)

hidden = functools.partial(dict, public=False)
random_cases = st.fixed_dictionaries({"random_seed": st.integers(0, 2**32 - 1)})
scales = (1.0, 0.01, 30.0, 1e4)


# ucb1


def _expect_scores(f, value_sums, visits, parent_visits, c):
    scores = read_scores(f(value_sums, visits, parent_visits, c), visits)
    for child, count in enumerate(visits):
        if count == 0:
            if scores[child] != np.inf:
                raise Violation(f"score[{child}] should be plus infinity, but it is {scores[child]:g}.")
            continue
        mean = float(value_sums[child]) / int(count)
        bonus = c * math.sqrt(math.log(parent_visits) / int(count))
        tolerance = RELATIVE * (abs(mean) + bonus) + 1e-12
        expect_close(scores[child : child + 1], np.array([mean + bonus]), "score", tolerance)


@ucb1.property(
    "The score is the mean plus c times the square root of ln(parent_visits) / visits, for every shape, sign and size.",
    cases=random_cases,
    **hidden(weight=2, trials=60),
)
def mean_plus_bonus(f, random_seed):
    rng = np.random.default_rng(random_seed)
    visits = rng.integers(0, 12, size=int(rng.integers(1, 9)))
    value_sums = rng.normal(size=visits.size) * rng.choice(scales) * visits
    parent_visits = int(visits.sum()) + int(rng.integers(0, 3)) or 1
    _expect_scores(f, value_sums, visits, parent_visits, float(rng.choice([0.0, 0.5, 2**0.5, 1.0, 40.0])))


@ucb1.property(
    "The score counts the parent's visits that it is given, be they few or millions.",
    cases=random_cases,
    **hidden(weight=1, trials=40),
)
def any_number_of_visits(f, random_seed):
    rng = np.random.default_rng(random_seed)
    visits = np.round(10 ** rng.uniform(0, 7, size=int(rng.integers(1, 6)))).astype(np.int64)
    value_sums = rng.normal(size=visits.size) * rng.choice(scales) * visits
    parent_visits = int(10 ** rng.uniform(0, 8))
    _expect_scores(f, value_sums, visits, parent_visits, float(rng.choice([0.3, 1.4, 5.0])))


@ucb1.property(
    "A child never visited scores plus infinity, and not NaN, also with c = 0 or a parent visited once.",
    cases=random_cases,
    **hidden(weight=1, trials=30),
)
def infinity_and_not_nan(f, random_seed):
    rng = np.random.default_rng(random_seed)
    visits = rng.integers(0, 2, size=int(rng.integers(1, 6))) * rng.integers(1, 4)
    value_sums = np.where(visits > 0, rng.normal(size=visits.size), 0.0)
    c = float(rng.choice([0.0, 1.0]))
    _expect_scores(f, value_sums, visits, int(rng.choice([1, 1, 7])) if c else int(rng.integers(1, 9)), c)


# backpropagate


def _draw_simulation(rng, num_nodes, length, scale):
    path = np.append(0, 1 + rng.permutation(num_nodes - 1)[:length]) if rng.random() < 0.7 else None
    path = rng.permutation(num_nodes)[: length + 1] if path is None else path
    return {
        "visits": rng.integers(0, 9, size=num_nodes),
        "value_sums": rng.normal(size=num_nodes) * scale,
        "path": path,
        "rewards": rng.normal(size=len(path) - 1) * scale,
        "leaf_value": float(rng.normal() * scale),
    }


def _expect_backup(f, simulation, gamma):
    visits, value_sums, path, rewards, leaf_value = simulation.values()
    new_visits, new_sums = read_statistics(f(visits, value_sums, path, rewards, leaf_value, gamma), visits)
    expected_visits, expected = visits.copy(), value_sums.copy()
    gain = leaf_value
    for i in range(len(path) - 1, -1, -1):
        gain = gain if i == len(path) - 1 else rewards[i] + gamma * gain
        expected_visits[path[i]] += 1
        expected[path[i]] += gain
    expect_close(new_visits.astype(float), expected_visits, "visits", 0.0)
    scale = np.abs(value_sums).max() + np.abs(rewards).max(initial=abs(leaf_value)) / (1 - gamma)
    expect_close(new_sums, expected, "value_sums", RELATIVE * scale)


@backpropagate.property(
    "Each node on the path gains one visit and the reward after it plus gamma times what the next node gains.",
    cases=random_cases,
    **hidden(weight=2, trials=60),
)
def gain_of_every_node(f, random_seed):
    rng = np.random.default_rng(random_seed)
    num_nodes = int(rng.integers(2, 12))
    simulation = _draw_simulation(rng, num_nodes, int(rng.integers(0, num_nodes)), rng.choice(scales))
    _expect_backup(f, simulation, float(rng.choice([0.0, 0.3, 0.9, 0.99, 0.5])))


@backpropagate.property(
    "A path of one node, the root itself, gains one visit and the leaf value, undiscounted.",
    cases=random_cases,
    **hidden(weight=1, trials=25),
)
def path_of_one_node(f, random_seed):
    rng = np.random.default_rng(random_seed)
    _expect_backup(f, _draw_simulation(rng, int(rng.integers(2, 7)), 0, 1.0), float(rng.choice([0.0, 0.5, 0.9])))


@backpropagate.property(
    "Long paths are discounted step by step all the way to the root.",
    cases=random_cases,
    **hidden(weight=1, trials=20),
)
def long_paths(f, random_seed):
    rng = np.random.default_rng(random_seed)
    length = int(rng.integers(50, 200))
    _expect_backup(f, _draw_simulation(rng, length + int(rng.integers(1, 5)), length, 1.0), 0.99)


# rollout


@rollout.property(
    "On a walk with one action the return is exactly discounted, however long the walk and wherever max_depth cuts it.",
    cases=random_cases,
    **hidden(weight=2, trials=40),
)
def exact_discount(f, random_seed):
    rng = np.random.default_rng(random_seed)
    length = int(rng.choice([1, 2, 7, 60, 400]))
    rewards = rng.normal(size=length) * rng.choice(scales)
    max_depth = int(rng.choice([1, length, max(1, length - 1), length + 3, 10]))
    gamma = float(rng.choice([0.9, 0.0, 0.5, 0.99]))
    walk = chain(rewards, pairs=bool(rng.integers(2)))
    start = int(rng.integers(0, min(length, 3)))
    returned = number(f(walk, walk.written(start), 1, max_depth, gamma, int(rng.integers(2**31))), "the return")
    earned = rewards[start : start + max_depth]
    expected = float(np.dot(earned, gamma ** np.arange(len(earned))))
    expect_close(np.array(returned), expected, "return", RELATIVE * np.abs(rewards).max() * min(10, length))


@rollout.property(
    "The steps follow one another from the given state to a terminal one or to max_depth; the return is the discounted "
    "sum of what they earned.",
    cases=random_cases,
    **hidden(weight=2, trials=60),
)
def one_walk(f, random_seed):
    rng = np.random.default_rng(random_seed)
    num_states, num_actions = int(rng.integers(2, 9)), int(rng.integers(1, 5))
    world = draw_graph(rng, num_states, num_actions, lambda: float(rng.normal()), float(rng.choice([0.0, 0.15, 0.4])))
    start = int(rng.choice(np.flatnonzero(~world.terminal)))
    world.pairs = bool(rng.integers(2))
    recorded = RecordedSteps(world)
    max_depth, gamma = int(rng.integers(1, 16)), float(rng.choice([0.0, 0.5, 0.9]))
    arguments = (world.written(start), num_actions, max_depth, gamma, int(rng.integers(2**31)))
    returned = number(f(recorded.step, *arguments), "the return")
    _expect_walk(recorded, start, max_depth)
    earned = [gamma**t * call.reward for t, call in enumerate(recorded.calls)]
    expect_close(np.array(returned), sum(earned), "return", RELATIVE * 10)


def _expect_walk(recorded, start, max_depth):
    if recorded.misuses:
        raise Violation(recorded.misuses[0])
    state = start
    for call in recorded.calls:
        if call.observation != state:
            raise Violation(
                f"a step began in state {call.observation}, but the one before it had led to state {state}."
            )
        state = call.next_observation
    ended = bool(recorded.calls) and recorded.calls[-1].terminated
    if len(recorded.calls) != max_depth and not (ended and len(recorded.calls) < max_depth):
        raise Violation(
            f"there were {len(recorded.calls)} steps and the last one "
            f"{'ended' if ended else 'did not end'} the episode, but max_depth is {max_depth}."
        )


def _expect_frequency(count, total, p, what):
    """Raise a violation where ``count`` of ``total`` draws of probability ``p`` is beyond chance."""
    q = count / total
    divergence = sum(a * math.log(a / b) for a, b in ((q, p), (1 - q, 1 - p)) if a > 0)
    if 2 * math.exp(-total * divergence) < FALSE_ALARM:
        raise Violation(f"{what} {count} times in {total}, but a uniform choice has a probability of {p:.4g}.")


@rollout.property(
    "Every action is drawn uniformly, and independently of the one before.",
    cases=st.fixed_dictionaries({"num_actions": st.sampled_from([2, 3, 4]), "seed": seeds}),
    always=({"num_actions": 3, "seed": 7}, {"num_actions": 2, "seed": 1234567}),
    **hidden(weight=2, trials=1),
)
def uniform_actions(f, num_actions, seed):
    # At most 3 cases of 4 + 16 frequencies each: 60 in all.
    recorded = RecordedSteps(chain(np.zeros(400), num_actions))
    for shift in range(2):
        f(recorded.step, 0, num_actions, 400, 0.9, (seed + 1009 * shift) % 2**31)
    drawn = [call.action for call in recorded.calls]
    if len(drawn) != 800:
        raise Violation(f"two rollouts of 400 steps made {len(drawn)} steps.")
    for action in range(num_actions):
        _expect_frequency(drawn.count(action), len(drawn), 1 / num_actions, f"action {action} was drawn")
    pairs = list(zip(drawn[::2], drawn[1::2], strict=True))
    for first in range(num_actions):
        for second in range(num_actions):
            what = f"action {second} followed action {first}"
            _expect_frequency(pairs.count((first, second)), len(pairs), 1 / num_actions**2, what)


@rollout.property(
    "Other seeds draw other actions, the same seed the same ones.",
    cases=st.fixed_dictionaries({"seed": seeds}),
    **hidden(weight=1, trials=2),
)
def seeds_matter(f, seed):
    # Rewards 2^-t in a world of two actions tell every draw. That 12 rollouts of 40 draws agree is a chance of 2^-440.
    world = TableSimulator([[0, 0]], [[0.0, 1.0]], [False])
    chosen = [(seed + 17 * k) % 2**31 for k in range(12)]
    returns = [number(f(world, 0, 2, 40, 0.5, each), "the return") for each in chosen]
    if len(set(returns)) == 1:
        raise Violation("12 rollouts with 12 seeds drew the same 40 actions.")
    again = number(f(world, 0, 2, 40, 0.5, chosen[0]), "the return")
    expect_close(np.array(again), returns[0], "return", 1e-12, "what the same seed gave before")
    first = sum(each >= 1.0 for each in returns)
    if first in (0, 12) and _ones_of(f, world, seed) in (0, 60):
        raise Violation("the first action was the same under 60 seeds.")


def _ones_of(f, world, seed):
    """How often 60 rollouts of one step, each with its own seed, draw action 1."""
    return sum(number(f(world, 0, 2, 1, 0.5, (seed + 7919 * k) % 2**31), "the return") for k in range(60))


# mcts


def prepared(draw, *inputs):
    """Random cases whose expected answers are worked out when they are drawn, once for all submissions."""

    def prepare(case):
        draw(case["random_seed"], *inputs)
        return case

    return random_cases.map(prepare)


weights = (0.0, 0.5, 2**0.5, 1.0, 3.0)
search_discounts = (0.9, 0.0, 0.5, 0.3, 0.95)


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
    most = num_simulations * (depth + num_actions + max_depth)
    if len(recorded.calls) > most:
        raise Violation(f"{num_simulations} simulations called step {len(recorded.calls)} times.")


ROLLOUT_ACTIONS = 3
SEARCHES = 30


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
    # 6 frequencies of 90 draws. That 20 of 30 searches draw the same pair of actions (1 of 9) three times by chance is
    # below C(30, 20) 81^-20 < 1e-30, that all 30 searches agree below 1e-70.
    world, gamma, A = _two_step_world(), 0.5, ROLLOUT_ACTIONS
    found = []
    for k in range(SEARCHES):
        visits, values = _search(f, world, 0, A, 1.0, gamma, 2, (seed + 101 * k) % 2**31)
        expect_close(visits.astype(float), 1.0, "visits", 0.0, "each action is tried once")
        drawn = np.round(values / gamma).astype(int)
        expect_close(drawn * gamma, values, "values", 1e-8, "0.5 times a rollout of rewards 0, 1, 2 and then 0, 3, 6")
        found.append(drawn.tolist())
    if all(each == found[0] for each in found):
        raise Violation(f"{SEARCHES} searches with different seeds made the same rollouts.")
    if sum(len(set(each)) == 1 for each in found) >= 20:
        raise Violation("all rollouts of a search draw the same actions.")
    numbers = [code for each in found for code in each]
    for action in range(A):
        firsts, seconds = (sum(digit(n) == action for n in numbers) for digit in (lambda n: n % A, lambda n: n // A))
        for count, which in ((firsts, "first"), (seconds, "second")):
            _expect_frequency(count, len(numbers), 1 / A, f"the {which} action of a rollout was {action}")


@mcts.property(
    "The same seed gives the same visits and values, also with rollouts and many simulations.",
    cases=random_cases,
    **hidden(weight=1, trials=3),
)
def same_seed_same_search(f, random_seed):
    rng = np.random.default_rng(random_seed)
    world = draw_graph(rng, 12, 3, lambda: float(rng.normal()), 0.1)
    inputs = (world, 0, 80, 1.0, 0.9, 8, int(rng.integers(2**31)))
    first, second = _search(f, *inputs), _search(f, *inputs)
    expect_close(second[0].astype(float), first[0], "visits", 0.0, "the visits of the first time")
    expect_close(second[1], first[1], "values", 1e-9, "the values of the first time")
    bound = np.abs(world.rewards).max() * 10
    if np.abs(first[1]).max() > bound:
        raise Violation(f"values are {first[1].tolist()}, but no return here can be larger than {bound:.4g}.")


# mcts_episode


def _play(f, recorded, *arguments):
    total_reward, played = read_episode(f(recorded, *arguments), recorded)
    if recorded.misuses:
        raise Violation(recorded.misuses[0])
    if len(recorded.seeds) != 1 or recorded.seeds[0] is None:
        raise Violation(f"reset should be called once, with a seed; the seeds it was given are {recorded.seeds}.")
    return total_reward, played


@functools.cache
def _drawn_episode(random_seed, kind):
    """Draw a model, an environment that does other things, a search, and the actions that may be visited most."""
    rng = np.random.default_rng([random_seed, *kind.encode()])
    while True:
        num_states, num_actions = int(rng.integers(4, 9)), int(rng.integers(2, 5))
        if kind == "fork":
            model = draw_fork(rng, num_actions, 6, lambda: float(rng.normal()))
            searched = [0]
        else:
            model = draw_graph(rng, num_states, num_actions, lambda: float(rng.normal()), 0.15)
            searched = np.flatnonzero(~model.terminal).tolist()
        num_simulations, c = int(rng.choice([2, 3, 5, 9, 16])), float(rng.choice(weights))
        gamma, max_depth = float(rng.choice(search_discounts)), int(rng.integers(0, 6)) if kind == "fork" else 0
        try:
            allowed = {
                s: most_visited(outcomes(model, s, num_simulations, c, gamma, max_depth, most=60)) for s in searched
            }
        except TooMany:
            continue
        if sum(len(each) == 1 for each in allowed.values()) > len(searched) / 2:
            return model, (num_simulations, c, gamma, max_depth), allowed, int(rng.integers(2**31))


def _expect_most_visited(recorded, allowed):
    for step in recorded.steps:
        if step.observation in allowed and step.action not in allowed[step.observation]:
            best = " or ".join(str(action) for action in sorted(allowed[step.observation]))
            raise Violation(
                f"action {step.action} was played in state {step.observation}, "
                f"but a search from there visits action {best} most."
            )


@mcts_episode.property(
    "Every action is the most visited one of a new search from the observed state, also where the environment does not "
    "do what the model says.",
    cases=prepared(_drawn_episode, "graph"),
    **hidden(weight=2, trials=24),
)
def plans_from_what_it_sees(f, random_seed):
    model, search, allowed, seed = _drawn_episode(random_seed, "graph")
    rng = np.random.default_rng(random_seed)
    rewards = rng.normal(size=model.rewards.shape)
    truth = TableSimulator(model.next_states, rewards, model.terminal)
    surprise = float(rng.choice([0.0, 0.5, 1.0]))
    recorded = RecordedEnv(lambda: TableEnv(truth, surprise, starts=list(allowed)), max_episode_steps=20)
    _play(f, recorded, model, *search, 12, seed)
    _expect_most_visited(recorded, allowed)


@mcts_episode.property(
    "The search is given c, gamma, max_depth and num_simulations as asked for.",
    cases=prepared(_drawn_episode, "fork"),
    **hidden(weight=1, trials=40),
)
def passes_on_what_was_asked(f, random_seed):
    model, search, allowed, seed = _drawn_episode(random_seed, "fork")
    recorded = RecordedEnv(lambda: TableEnv(model))
    _play(f, recorded, model, *search, 2, seed)
    _expect_most_visited(recorded, allowed)


@mcts_episode.property(
    "The most visited action is played, and not the one of the largest value.",
    cases=st.fixed_dictionaries(
        {
            "lure": st.lists(st.integers(0, 1), min_size=1, max_size=5),
            "loss": st.sampled_from([9.0, 2.0]),
            "seed": seeds,
        }
    ),
    **hidden(weight=1, trials=15),
)
def most_visited_not_most_valued(f, lure, loss, seed):
    # In each state one action earns 0.5 and ends; the lure earns 0.6 and then, whatever comes next, loses. After three
    # simulations with c = 0 the lure was visited twice, although the second visit has shown what it is worth.
    length = len(lure)
    end = 2 * length
    next_states, rewards = np.full((end + 1, 2), end), np.zeros((end + 1, 2))
    for state, action in enumerate(lure):
        next_states[state, action], rewards[state, action] = length + state, 0.6
        rewards[state, 1 - action], rewards[length + state] = 0.5, -loss
    terminal = np.arange(end + 1) == end
    model = TableSimulator(next_states, rewards, terminal)
    onward = next_states.copy()
    onward[np.arange(length), lure] = np.append(np.arange(1, length), end)  # the environment never shows the loss
    recorded = RecordedEnv(lambda: TableEnv(TableSimulator(onward, rewards, terminal)))
    _, played = _play(f, recorded, model, 3, 0.0, 0.9, 0, 10, seed)
    expected = np.array(lure[: len(played)])
    expect_close(played.astype(float), expected, "actions", 0.0, "visited twice in three simulations")
    expect_close(np.array(float(len(played))), length, "the number of actions", 0.0)


@mcts_episode.property(
    "With c = 0 the search stays with what looks best at first; with a large c it finds what lies behind the rest.",
    cases=st.fixed_dictionaries(
        {"lure": st.lists(st.integers(0, 1), min_size=1, max_size=4), "c": st.sampled_from([0.0, 5.0]), "seed": seeds}
    ),
    always=({"lure": [0, 1, 1], "c": 0.0, "seed": 1}, {"lure": [1, 0], "c": 5.0, "seed": 2}),
    **hidden(weight=1, trials=6),
)
def explores_as_asked(f, lure, c, seed):
    # In each state the lure earns 0.5 and ends; the other action earns nothing, but 10 with the step after it. After
    # one try of both, c = 0 stays with the lure for ever; c = 5 visits the other action 38 times in 40.
    length = len(lure)
    end = 2 * length
    next_states, rewards = np.full((end + 1, 2), end), np.zeros((end + 1, 2))
    for state, action in enumerate(lure):
        next_states[state, 1 - action] = length + state
        rewards[state, action], rewards[length + state] = 0.5, 10.0
    terminal = np.arange(end + 1) == end
    model = TableSimulator(next_states, rewards, terminal)
    onward = next_states.copy()
    onward[:length] = np.append(np.arange(1, length), end)[:, None]  # in the environment every action leads on
    recorded = RecordedEnv(lambda: TableEnv(TableSimulator(onward, rewards, terminal)))
    _, played = _play(f, recorded, model, 40, c, 0.9, 0, 10, seed)
    expected = np.array(lure[: len(played)]) if c == 0 else 1 - np.array(lure[: len(played)])
    expect_close(played.astype(float), expected, "actions", 0.0, f"visited most when c = {c:g}")


@mcts_episode.property(
    "The episode goes on until it terminates, is truncated, or max_steps are made, and the total is the environment's.",
    cases=random_cases,
    **hidden(weight=1, trials=30),
)
def length_and_total(f, random_seed):
    rng = np.random.default_rng(random_seed)
    length, scale = int(rng.integers(1, 9)), float(rng.choice(scales))
    rewards = rng.normal(size=length) * scale
    limit, max_steps = int(rng.choice([0, 1, 3, 6])), int(rng.choice([1, 2, 4, 20]))
    truth, model = chain(rewards, 2), chain(rng.normal(size=length), 2)
    recorded = RecordedEnv(lambda: TableEnv(truth), limit)
    gamma = float(rng.choice([0.0, 0.5, 0.9]))
    total_reward, played = _play(f, recorded, model, 3, 1.0, gamma, 2, max_steps, int(rng.integers(2**31)))
    steps = min(length, max_steps, limit or length)
    expect_close(np.array(float(len(played))), steps, "the number of actions", 0.0)
    expect_close(np.array(total_reward), rewards[:steps].sum(), "total_reward", RELATIVE * scale * steps)


@mcts_episode.property(
    "The same seed plays the same episode; other seeds reset the environment otherwise.",
    cases=st.fixed_dictionaries({"seed": seeds}),
    **hidden(weight=1, trials=3),
)
def seed_of_the_episode(f, seed):
    world = draw_graph(np.random.default_rng(seed), 9, 3, lambda: 0.0, 0.0)
    world.rewards[:] = np.random.default_rng(seed).normal(size=world.rewards.shape)
    episodes, resets = [], []
    for each in (seed, seed, *((seed + 31 * k) % 2**31 for k in range(1, 5))):
        recorded = RecordedEnv(lambda: TableEnv(world, 0.5, starts=range(9)), max_episode_steps=20)
        total_reward, played = _play(f, recorded, world, 6, 1.0, 0.9, 3, 6, each)
        episodes.append((round(total_reward, 9), played.tolist(), recorded.steps[0].observation))
        resets.append(recorded.seeds[0])
    if episodes[0] != episodes[1] or resets[0] != resets[1]:
        raise Violation("the same seed gave two different episodes.")
    if len(set(resets)) == 1:
        raise Violation(f"reset was given the seed {resets[0]} under five different seeds.")

"""Public properties of unit 4, Monte Carlo tree search: facts about results, none of which contains a search."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from labkit.problems import discounts, small_rewards
from labkit.properties import Exercise
from labkit.results import Violation, actions, array, counts, expect_close, number, pair
from labkit.simulators import RecordedEnv
from labkit.trees import RecordedSteps, TableEnv, TableSimulator, bandit, chain

NOTEBOOK = "04_mcts"
ROUNDING = 1e-9

ucb1 = Exercise("ucb1", NOTEBOOK)
backpropagate = Exercise("backpropagate", NOTEBOOK)
rollout = Exercise("rollout", NOTEBOOK)
mcts = Exercise("mcts", NOTEBOOK)
mcts_episode = Exercise("mcts_episode", NOTEBOOK)

seeds = st.integers(0, 2**31 - 1)
several_rewards = st.lists(small_rewards, min_size=1, max_size=4)
weights = st.sampled_from([1.0, 0.0, 1.5])


# ucb1


@st.composite
def children(draw, least_visits):
    visits = draw(st.lists(st.integers(least_visits, 5), min_size=1, max_size=4))
    sums = draw(st.lists(st.integers(-6, 6), min_size=len(visits), max_size=len(visits)))
    return {"value_sums": np.array(sums, dtype=float) * (np.array(visits) > 0), "visits": np.array(visits)}


def _with(base, **inputs):
    return st.builds(lambda case, more: {**case, **more}, base, st.fixed_dictionaries(inputs))


def read_scores(value, visits):
    return array(value, visits.shape, "the scores", infinite=True)


@ucb1.property(
    "A child that was never visited scores plus infinity, and no other child does.",
    cases=_with(children(0), parent_visits=st.integers(1, 20), c=weights),
)
def infinite_when_never_visited(f, value_sums, visits, parent_visits, c):
    scores = read_scores(f(value_sums, visits, parent_visits, c), visits)
    for child, count in enumerate(visits):
        if np.isinf(scores[child]) != (count == 0) or scores[child] == -np.inf:
            expected = "plus infinity" if count == 0 else "finite"
            raise Violation(
                f"child {child} was visited {count} times, so that its score should be {expected}, "
                f"but it is {scores[child]:g}."
            )


@ucb1.property(
    "With c = 0 the score of a visited child is the mean of its returns.",
    cases=_with(children(1), parent_visits=st.integers(1, 20)),
)
def mean_without_bonus(f, value_sums, visits, parent_visits):
    expect_close(
        array(f(value_sums, visits, parent_visits, 0.0), visits.shape, "the scores"),
        value_sums / visits,
        "score",
        ROUNDING,
    )


@ucb1.property(
    "With one visit to the parent there is no bonus yet, because ln 1 = 0.",
    cases=_with(children(1), c=st.sampled_from([1.0, 2.0, 0.5])),
)
def no_bonus_at_first(f, value_sums, visits, c):
    expect_close(array(f(value_sums, visits, 1, c), visits.shape, "the scores"), value_sums / visits, "score", ROUNDING)


@ucb1.property(
    "Four times as many visits to a child halve its bonus.",
    cases=st.fixed_dictionaries(
        {"count": st.integers(1, 5), "parent_visits": st.integers(2, 30), "c": st.sampled_from([1.0, 2.0, 0.5])}
    ),
)
def more_visits_less_bonus(f, count, parent_visits, c):
    scores = array(f(np.zeros(2), np.array([count, 4 * count]), parent_visits, c), (2,), "the scores")
    if not scores[0] > 0:
        raise Violation(f"the bonus of the child with {count} visits should be positive, but it is {scores[0]:g}.")
    expect_close(scores[1:], scores[:1] / 2, "score of the second child", ROUNDING, "half of the first one's")


# backpropagate


@st.composite
def simulations(draw, rewards=small_rewards):
    num_nodes = draw(st.integers(1, 6))
    path = draw(st.permutations(range(num_nodes)))[: draw(st.integers(1, num_nodes))]
    earned = draw(st.lists(rewards, min_size=len(path) - 1, max_size=len(path) - 1))
    visits = draw(st.lists(st.integers(0, 4), min_size=num_nodes, max_size=num_nodes))
    sums = draw(st.lists(st.integers(-4, 4), min_size=num_nodes, max_size=num_nodes))
    return {
        "visits": np.array(visits, dtype=np.int64),
        "value_sums": np.array(sums, dtype=float),
        "path": np.array(path, dtype=np.int64),
        "rewards": np.array(earned, dtype=float),
        "leaf_value": float(draw(st.integers(-3, 3))),
    }


def read_statistics(result, visits):
    new_visits, new_sums = pair(result, "(visits, value_sums)")
    return counts(new_visits, visits.shape, "visits"), array(new_sums, visits.shape, "value_sums")


@backpropagate.property(
    "Every node on the path gains one visit, and all else stays as it was.",
    cases=_with(simulations(), gamma=discounts),
)
def one_visit_for_each_node(f, visits, value_sums, path, rewards, leaf_value, gamma):
    new_visits, new_sums = read_statistics(f(visits, value_sums, path, rewards, leaf_value, gamma), visits)
    on_path = np.isin(np.arange(len(visits)), path)
    expect_close(new_visits.astype(float), visits + on_path, "visits", 0.0, "one more on the path only")
    expect_close(np.where(on_path, 0.0, new_sums), np.where(on_path, 0.0, value_sums), "value_sums off the path", 0.0)


@backpropagate.property(
    "With gamma = 0 every node gains the reward right after it, and the last node gains the leaf value.",
    cases=simulations(),
)
def next_reward_only(f, visits, value_sums, path, rewards, leaf_value):
    _, new_sums = read_statistics(f(visits, value_sums, path, rewards, leaf_value, 0.0), visits)
    gain = (new_sums - value_sums)[path]
    expect_close(gain, np.append(rewards, leaf_value), "gain along the path", ROUNDING)


@backpropagate.property(
    "Without rewards, a node k steps above the leaf gains gamma to the power of k times the leaf value.",
    cases=_with(simulations(rewards=st.just(0)), gamma=discounts),
)
def discounted_leaf_value(f, visits, value_sums, path, rewards, leaf_value, gamma):
    _, new_sums = read_statistics(f(visits, value_sums, path, rewards, leaf_value, gamma), visits)
    gain = (new_sums - value_sums)[path]
    steps = np.arange(len(path) - 1.0, -1.0, -1.0)
    expect_close(gain, gamma**steps * leaf_value, "gain along the path", ROUNDING)


# rollout


@rollout.property(
    "With max_depth = 0 the return is 0, and step is not called.",
    cases=st.fixed_dictionaries({"rewards": several_rewards, "gamma": discounts, "seed": seeds}),
)
def no_steps(f, rewards, gamma, seed):
    recorded = RecordedSteps(bandit(rewards))
    expect_close(np.array(number(f(recorded.step, 0, len(rewards), 0, gamma, seed), "the return")), 0.0, "return", 0.0)
    if recorded.calls:
        raise Violation(
            f"step should not be called when max_depth is 0, but it was called {len(recorded.calls)} times."
        )


@rollout.property(
    "Where there is one action only, the return is the discounted sum of the rewards on the way, up to the end or to "
    "max_depth.",
    cases=st.fixed_dictionaries(
        {"rewards": several_rewards, "max_depth": st.integers(0, 6), "gamma": discounts, "seed": seeds}
    ),
)
def no_choice(f, rewards, max_depth, gamma, seed):
    returned = number(f(chain(rewards), 0, 1, max_depth, gamma, seed), "the return")
    earned = [gamma**t * reward for t, reward in enumerate(rewards[:max_depth])]
    expect_close(np.array(returned), sum(earned), "return", ROUNDING)


@rollout.property(
    "When every action ends the episode, the return is the reward of one of the actions, and step is called once.",
    cases=st.fixed_dictionaries(
        {"rewards": several_rewards, "max_depth": st.integers(1, 4), "gamma": discounts, "seed": seeds}
    ),
)
def one_step(f, rewards, max_depth, gamma, seed):
    recorded = RecordedSteps(bandit(rewards))
    returned = number(f(recorded.step, 0, len(rewards), max_depth, gamma, seed), "the return")
    if len(recorded.calls) != 1:
        raise Violation(f"the first step ends the episode, so step should be called once, not {len(recorded.calls)}.")
    expect_close(np.array(returned), recorded.calls[0].reward, "return", ROUNDING, "the reward of the step it took")


# mcts


def read_root(result, num_actions):
    visits, values = pair(result, "(visits, values)")
    return counts(visits, (num_actions,), "visits"), array(values, (num_actions,), "values")


@mcts.property(
    "When every action ends the episode: visits sum to num_simulations, no action is left out while another is tried "
    "twice, and values are the rewards of the actions that were tried.",
    cases=st.fixed_dictionaries(
        {
            "rewards": several_rewards,
            "num_simulations": st.integers(1, 12),
            "c": weights,
            "gamma": discounts,
            "max_depth": st.integers(0, 3),
            "seed": seeds,
        }
    ),
)
def one_decision(f, rewards, num_simulations, c, gamma, max_depth, seed):
    A = len(rewards)
    visits, values = read_root(f(bandit(rewards), 0, A, num_simulations, c, gamma, max_depth, seed), A)
    if visits.sum() != num_simulations:
        raise Violation(f"visits should sum to {num_simulations}, but they are {visits.tolist()}.")
    if visits.min() == 0 and visits.max() > 1:
        raise Violation(f"visits are {visits.tolist()}: an action was tried twice while another was never tried.")
    expect_close(values, np.where(visits > 0, rewards, 0.0), "values", ROUNDING)


@mcts.property(
    "Where there is one action only, and rollouts reach the end, every simulation sees the same discounted return.",
    cases=st.fixed_dictionaries(
        {
            "rewards": several_rewards,
            "num_simulations": st.integers(1, 8),
            "c": weights,
            "gamma": discounts,
            "more_depth": st.integers(0, 2),
            "seed": seeds,
        }
    ),
)
def one_way_to_go(f, rewards, num_simulations, c, gamma, more_depth, seed):
    max_depth = len(rewards) + more_depth
    visits, values = read_root(f(chain(rewards), 0, 1, num_simulations, c, gamma, max_depth, seed), 1)
    expect_close(visits.astype(float), num_simulations, "visits", 0.0)
    expect_close(values, sum(gamma**t * reward for t, reward in enumerate(rewards)), "values", ROUNDING)


@mcts.property(
    "The action that leads to the prize is visited most, also when the prize is two steps away.",
    cases=st.fixed_dictionaries(
        {
            "num_actions": st.integers(2, 3),
            "best": st.tuples(st.integers(0, 2), st.integers(0, 2)),
            "steps": st.integers(1, 2),
            "max_depth": st.integers(0, 3),
            "seed": seeds,
        }
    ),
    trials=12,
)
def finds_the_prize(f, num_actions, best, steps, max_depth, seed):
    first, second = (each % num_actions for each in best)
    simulator = _treasure(num_actions, first, second, steps)
    visits, _ = read_root(f(simulator, 0, num_actions, 100, 0.5, 0.9, max_depth, seed), num_actions)
    if visits.argmax() != first:
        raise Violation(f"action {first} leads to the prize, but visits are {visits.tolist()} after 100 simulations.")


def _treasure(num_actions, first, second, steps):
    """State 0 leads by one action to state 1 and otherwise to the end; state 1 by one action to a prize of 1."""
    next_states = np.full((3, num_actions), 2)
    rewards = np.zeros((3, num_actions))
    next_states[0, first] = 1
    rewards[(0, first) if steps == 1 else (1, second)] = 1.0
    return TableSimulator(next_states, rewards, [False, False, True])


# mcts_episode


def read_episode(result, recorded):
    total_reward, played = pair(result, "(total_reward, actions)")
    total_reward = number(total_reward, "total_reward")
    if not recorded.episodes or not recorded.steps:
        raise Violation("the environment was never reset, or no step was taken in it.")
    if len(recorded.episodes) > 1:
        raise Violation(f"one episode should be played, but reset was called {len(recorded.episodes)} times.")
    steps = recorded.steps
    played = actions(played, len(steps), recorded.num_actions, "actions")
    expect_close(
        played.astype(float), [step.action for step in steps], "actions", 0.0, "what the environment was given"
    )
    expect_close(
        np.array(total_reward), sum(step.reward for step in steps), "total_reward", 1e-8, "the sum of its rewards"
    )
    return total_reward, played


@mcts_episode.property(
    "On a walk with one action, the total is the plain sum of the rewards, up to the end or to max_steps.",
    cases=st.fixed_dictionaries(
        {"rewards": several_rewards, "max_steps": st.integers(1, 6), "gamma": discounts, "seed": seeds}
    ),
)
def sum_of_rewards(f, rewards, max_steps, gamma, seed):
    walk = chain(rewards)
    recorded = RecordedEnv(lambda: TableEnv(walk))
    total_reward, played = read_episode(f(recorded, walk, 3, 1.0, gamma, 2, max_steps, seed), recorded)
    length = min(len(rewards), max_steps)
    expect_close(np.array(float(len(played))), length, "the number of actions", 0.0)
    expect_close(np.array(total_reward), sum(rewards[:max_steps]), "total_reward", ROUNDING)


@mcts_episode.property(
    "An action that earns 1 at once, where all others earn nothing, is played in every state.",
    cases=st.fixed_dictionaries(
        {
            "best": st.lists(st.integers(0, 2), min_size=1, max_size=4),
            "gamma": st.sampled_from([0.0, 0.5]),
            "seed": seeds,
        }
    ),
    trials=15,
)
def takes_the_better_action(f, best, gamma, seed):
    # Each state's best action leads on; every other one ends the episode with nothing.
    states = np.arange(len(best) + 1)
    good = np.append(best, 0)[:, None] == np.arange(3)
    next_states = np.where(good, np.minimum(states + 1, len(best))[:, None], len(best))
    world = TableSimulator(next_states, good * 1.0, states == len(best))
    recorded = RecordedEnv(lambda: TableEnv(world))
    _, played = read_episode(f(recorded, world, 40, 1.0, gamma, 2, 10, seed), recorded)
    expected = np.array(best[: len(played)], dtype=float)
    expect_close(played.astype(float), expected, "actions", 0.0, "the only one that earns something there")


@mcts_episode.property(
    "The environment is reset once, with a seed, and stepped once for each action played.",
    cases=st.fixed_dictionaries({"rewards": several_rewards, "time_limit": st.integers(1, 4), "seed": seeds}),
)
def one_episode(f, rewards, time_limit, seed):
    walk = chain(rewards, num_actions=2)
    recorded = RecordedEnv(lambda: TableEnv(walk), max_episode_steps=time_limit)
    _, played = read_episode(f(recorded, walk, 4, 1.0, 0.5, 2, 10, seed), recorded)
    if len(recorded.seeds) != 1 or recorded.seeds[0] is None:
        given = "without a seed" if recorded.seeds == [None] else f"{len(recorded.seeds)} times"
        raise Violation(f"reset should be called once, with a seed; it was called {given}.")
    expect_close(np.array(float(len(played))), min(len(rewards), time_limit), "the number of actions", 0.0)

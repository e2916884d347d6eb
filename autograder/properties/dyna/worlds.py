"""What the hidden properties of unit 3 share: worlds drawn from a seed, and what theory says about a recorded run.

Every expected value follows from the steps that the judge itself recorded. Nothing here is a recording of a solution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from labkit.chance import expect_count, surprise
from labkit.problems import draw_rows
from labkit.results import Violation, array, expect_close
from labkit.simulators import RecordedEnv, Step
from labkit.tabular import GOES_ON, TERMINATED, TRUNCATED, TableWorld

Pair = tuple[int, int]
Model = dict[Pair, tuple[float, int, bool]]


def random_world(random_seed: int, num_states: int, num_actions: int, dynamics: str = "dense", phases: int = 1):
    """Return a maker of a world in which a few pairs terminate and a few truncate; rewards are never 0."""
    rng = np.random.default_rng(random_seed)
    shape = (phases, num_states, num_actions)
    P = draw_rows(rng, shape, num_states, dynamics)
    R = rng.choice([-1.0, 1.0], size=shape) * (0.3 + rng.random(shape)) * rng.choice([1.0, 1.0, 100.0])
    ends = rng.choice([GOES_ON, TERMINATED, TRUNCATED], p=[0.7, 0.2, 0.1], size=shape)
    starts = rng.integers(num_states, size=5).tolist()
    phase_length = int(rng.integers(4, 12))
    return lambda: TableWorld(P, R, ends, starts, phase_length)


def latest_model(steps: Sequence[Step]) -> Model:
    """Return each pair's latest outcome."""
    return {
        (step.observation, step.action): (step.reward, step.next_observation, step.terminated) for step in steps
    }  # fmt: skip


def updated(Q: np.ndarray, pair: Pair, outcome: tuple[float, int, bool], alpha: float, gamma: float) -> None:
    """Move one entry of the table by alpha of its TD error."""
    reward, next_state, terminated = outcome
    target = reward + (0.0 if terminated else gamma * max(Q[next_state]))
    Q[pair] += alpha * (target - Q[pair])


def expect_replay(Q: np.ndarray, steps: Sequence[Step], alpha: float, gamma: float, greedy: bool) -> None:
    """Without planning the table is that of Q-learning on the recorded steps; a greedy agent took maximisers."""
    table = np.zeros(Q.shape)
    for t, step in enumerate(steps):
        if greedy:
            expect_maximiser(table[step.observation], step.action, t)
        pair = step.observation, step.action
        updated(table, pair, (step.reward, step.next_observation, step.terminated), alpha, gamma)
    expect_close(Q, table, "Q", 1e-8 * np.abs(table).max(initial=1e-12), "Q-learning on the steps that were taken")


def expect_maximiser(values: np.ndarray, action: int, t: int) -> None:
    """The action is worth the best, up to rounding."""
    if values[action] < values.max() - 1e-9 * max(1.0, np.abs(values).max()):
        raise Violation(f"step {t} took action {action}, worth {values[action]:.6g}, not the best {values.max():.6g}.")


def expect_run(env: RecordedEnv, num_steps: int | None = None, num_episodes: int | None = None) -> None:
    """As many steps or episodes as asked for; a new episode begins when, and only when, the last one has ended."""
    episodes = [
        episode for episode in env.episodes if episode
    ]  # an unused reset is no harm, be it the first or the last
    for episode in episodes[: None if num_episodes is not None else -1]:
        if not (episode[-1].terminated or episode[-1].truncated):
            raise Violation("an episode was given up before it had ended.")
    if num_steps is not None and len(env.steps) != num_steps:
        raise Violation(f"{num_steps} real steps were asked for, but {len(env.steps)} were taken.")
    if num_episodes is not None and len(episodes) != num_episodes:
        raise Violation(f"{num_episodes} episodes were asked for, but {len(episodes)} were played.")


def fixed_point(model: Mapping[Pair, tuple[float, int, bool]], shape: tuple[int, int], gamma: float) -> np.ndarray:
    """Return the table in which no known pair has a TD error, and every other entry is 0."""
    Q = np.zeros(shape)
    for _ in range(2000):
        before = Q.copy()
        for pair, outcome in model.items():
            updated(Q, pair, outcome, 1.0, gamma)
        if np.abs(Q - before).max() <= 1e-14 * max(1.0, np.abs(Q).max()):
            break
    return Q


def expect_fixed_point(Q: np.ndarray, model: Model, gamma: float, why: str) -> None:
    """Every known pair is consistent with the model, every other one untouched."""
    expected = fixed_point(model, Q.shape, gamma)
    expect_close(Q, expected, "Q", 1e-8 * max(1.0, np.abs(expected).max()), why)


def draws_to_cover(num_pairs: int, sweeps: int, false_alarm: float) -> int:
    """Return how many uniform draws hold ``sweeps`` full sweeps over the pairs one after the other, but for chance.

    A block of L draws misses a given pair with probability (1 - 1/K)^L; K pairs and all blocks share the alarm.
    """
    if num_pairs == 1:
        return sweeps
    block = math.log(num_pairs * sweeps / false_alarm) / -math.log(1 - 1 / num_pairs)
    return sweeps * math.ceil(block)


def draws_for_each(num_pairs: int, updates: int, false_alarm: float) -> int:
    """Return how many uniform draws give every pair ``updates`` of them or more, but for chance (Chernoff's bound)."""
    draws = num_pairs * updates
    while surprise(updates - 1, draws, 1 / num_pairs) < math.log(num_pairs / false_alarm):
        draws += num_pairs
    return draws


def update_counts(Q: np.ndarray, rewards: Mapping[Pair, float], alpha: float) -> dict[Pair, int]:
    """Read off the table how often each pair was updated, with gamma = 0 and the same reward each time.

    n updates leave (1 - alpha)^n of the error: Q = r (1 - (1 - alpha)^n).
    """
    counts = {}
    for pair, reward in rewards.items():
        left = 1.0 - Q[pair] / reward
        if not 0.0 < left <= 1.0 + 1e-12:
            raise Violation(f"Q{list(pair)} is {Q[pair]:.6g}, which no number of updates towards {reward:.6g} gives.")
        count = math.log(min(left, 1.0)) / math.log1p(-alpha)
        if abs(count - round(count)) > 1e-3:
            raise Violation(f"Q{list(pair)} is {Q[pair]:.6g}, which no number of updates towards {reward:.6g} gives.")
        counts[pair] = round(count)
    known = np.zeros(Q.shape, dtype=bool)
    known[tuple(np.array(list(rewards)).T)] = True
    expect_close(np.where(known, 0.0, Q), np.zeros(Q.shape), "Q", 0.0, "this pair was never met")
    return counts


def expect_uniform_planning(
    counts: Mapping[Pair, int], steps: Sequence[Step], planning_steps: int, known: Sequence[int], false_alarm: float
) -> None:
    """Each pair got its share of the planning updates made since it was first met.

    ``known[t]`` pairs were known after real step t, so each of that step's planning updates went to a given one of
    them with probability 1 / known[t]. The actions must not depend on the table (epsilon = 1), so that these chances
    are independent given the steps, and Chernoff's bound holds with their mean.
    """
    first_met: dict[Pair, int] = {}
    visits: dict[Pair, int] = {}
    for t, step in enumerate(steps):
        pair = step.observation, step.action
        first_met.setdefault(pair, t)
        visits[pair] = visits.get(pair, 0) + 1
    trials = planning_steps * len(steps)
    for pair, count in counts.items():
        if count < visits[pair]:
            raise Violation(f"pair {list(pair)} was tried {visits[pair]} times but updated only {count} times.")
        share = sum(1.0 / known[t] for t in range(first_met[pair], len(steps))) / len(steps)
        expect_count(
            count - visits[pair], trials, share, f"planning updated pair {list(pair)}", false_alarm / len(counts)
        )


def expect_epsilon_greedy(env: RecordedEnv, rewards: Sequence[float], epsilon: float, false_alarm: float) -> None:
    """In one state whose table is known, every action comes as often as epsilon-greedy says.

    The table holds the reward of each action tried so far and 0 for the others. Steps are grouped by the set of
    maximisers and by half of the run; inside a group every step chooses a given action with one probability. The size
    of a group is chance too, so the alarm is shared among all sizes it can have.
    """
    num_actions, steps = len(rewards), env.steps
    table = np.zeros(num_actions)
    chosen: dict[tuple, list[int]] = {}
    for t, step in enumerate(steps):
        maximisers = tuple(np.flatnonzero(table == table.max()).tolist())
        chosen.setdefault((2 * t // len(steps), maximisers), []).append(step.action)
        table[step.action] = rewards[step.action]
    tests = len(steps) * 2 * 2**num_actions * num_actions
    for (_, maximisers), actions in chosen.items():
        for action in range(num_actions):
            probability = epsilon / num_actions + (1 - epsilon) * (action in maximisers) / len(maximisers)
            if surprise(actions.count(action), len(actions), probability) > math.log(2 * tests / false_alarm):
                raise Violation(
                    f"with epsilon = {epsilon:g}, {num_actions} actions and best action(s) {list(maximisers)}, action "
                    f"{action} was taken {actions.count(action)} times out of {len(actions)}, "
                    f"where about {probability * len(actions):.4g} would be expected."
                )


def expect_fresh_seeds(envs: Sequence[RecordedEnv]) -> None:
    """The first reset of each run has a seed, which depends on the run's; no later episode repeats an old one.

    Seeds that are drawn anew for each reset may collide once; three equal ones among a few do not happen by chance, nor
    does a collision in every run: drawn from 2^20 numbers, six seeds collide with a probability of 1.5e-5, in all of
    three runs with one below 1e-14.
    """
    if not all(env.seeds for env in envs):
        raise Violation("the environment was never reset.")
    firsts = [env.seeds[0] for env in envs]
    if None in firsts:
        raise Violation("the first reset was not given a seed.")
    if len(set(firsts)) == 1:
        raise Violation(f"the first reset was given the seed {firsts[0]}, whatever the seed of the run.")
    collided = []
    for env in envs:
        given = [seed for seed, episode in zip(env.seeds, env.episodes, strict=True) if seed is not None and episode]
        collided.append(len(set(given)) < len(given))
        for seed in set(given):
            if given.count(seed) >= 3:
                raise Violation("several resets were given one and the same seed, so that they repeat an episode.")
    if all(collided):
        raise Violation("in every run two resets were given one and the same seed, so that they repeat an episode.")


def expect_same(first: Any, second: Any, shapes: Sequence[tuple[int, ...]]) -> None:
    """Two results of the same arguments and seed are the same."""
    for one, other, shape in zip(first, second, shapes, strict=True):
        expect_close(array(one, shape, "a result"), array(other, shape, "a result"), "a result", 1e-9, "the same seed")

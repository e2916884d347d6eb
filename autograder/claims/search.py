"""Unit 4: what a tree search is worth in a puzzle whose best score is known exactly."""

from __future__ import annotations

import itertools

import numpy as np

from autograder.claims.experiment import Claim, Experiment, Samples, mean, mean_difference
from labkit.cascade import Cascade, best_score, cascade_step, random_wall
from solutions import mcts

WIDTH, HEIGHT, NUM_COLOURS = 5, 5, 4
SIMULATIONS = (10, 40, 160)
C, GAMMA, MAX_DEPTH, MAX_STEPS = 5.0, 0.98, 30, 40


def scores(seed: int) -> dict[str, float]:
    """Return the fraction of the best score that random play and searches of growing size reach on one wall."""
    wall = random_wall(seed, WIDTH, HEIGHT, NUM_COLOURS)
    best = best_score(wall)
    fractions = {"random": _random_play(wall, seed) / best}
    for simulations in SIMULATIONS:
        score, _ = mcts.mcts_episode(Cascade(wall), cascade_step, simulations, C, GAMMA, MAX_DEPTH, MAX_STEPS, seed)
        fractions[str(simulations)] = score / best
    return fractions


def _random_play(wall: tuple, seed: int) -> float:
    """Return the mean score of 20 games of random presses."""
    games = [mcts.rollout(cascade_step, wall, WIDTH, 1000, 1.0 - 1e-12, 1000 * seed + game) for game in range(20)]
    return float(np.mean(games))


def conclude(samples: Samples) -> list[Claim]:
    """Compare random play and searches in pairs of equal walls."""
    gains = {each: mean_difference(samples[str(each)], samples["random"]) for each in SIMULATIONS}
    means = "; ".join(f"{name} simulations {mean(samples[name])}" for name in map(str, SIMULATIONS))
    steps = {
        f"{few} to {many}": mean_difference(samples[str(many)], samples[str(few)])
        for few, many in itertools.pairwise(SIMULATIONS)
    }
    seeds = len(samples["random"])
    return [
        *(
            Claim(
                "4",
                f"Tree search beats random play, with {simulations} simulations a move.",
                f"Fraction of the best score {mean(samples[str(simulations)])}, {gain} more than random play.",
                gain.low > 0,
                seeds,
            )
            for simulations, gain in gains.items()
        ),
        Claim(
            "4",
            "Tree search improves with simulations.",
            f"Fraction of the best score: {means}. Gains: "
            + "; ".join(f"from {pair} simulations {gain}" for pair, gain in steps.items())
            + ".",
            all(gain.low > 0 for gain in steps.values()),
            seeds,
        ),
    ]


EXPERIMENTS = (Experiment("tree search in a puzzle", scores, conclude),)

"""Unit 7: what the one harness says about eight methods in four worlds, at the settings of its notebook."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.claims.experiment import Claim, Experiment, Samples, factor, mean, mean_difference
from labkit.contenders import contenders
from labkit.endless import world_makers
from solutions.comparison import compare, learning_curve_area

STEPS, EPISODES, LAST = 80, 20, 5
SPOILT = 0.3  # share of the outcomes that are written into the model with a wrong next state
WORLDS = ("maze", "ice", "moving walls", "meadow")


def encounters(seed: int) -> dict[str, float]:
    """Return areas and last returns of every method in every world, with spoilt models, and seconds of computing."""
    makers = world_makers(STEPS, change_at=STEPS * EPISODES // 2)
    measured: dict[str, float] = {}
    seconds: dict[str, float] = {}
    for world in WORLDS:
        clocked = {name: _timed(method, seconds, name) for name, method in contenders().items()}
        for name, returns in compare(clocked, makers[world], 1, EPISODES, 1000 * seed).items():
            measured[f"{name}, {world}"] = float(np.asarray(learning_curve_area(returns))[0])
            measured[f"{name}, {world}, last"] = float(np.asarray(returns)[0, -LAST:].mean())
    for name, returns in compare(contenders(SPOILT), makers["maze"], 1, EPISODES, 1000 * seed).items():
        measured[f"{name}, spoilt"] = float(np.asarray(learning_curve_area(returns))[0])
    return measured | {f"{name}, seconds": spent for name, spent in seconds.items()}


def _timed(method: Callable, seconds: dict[str, float], name: str) -> Callable:
    """Return the method with a clock that adds to ``seconds[name]``."""

    def run(env: Any, num_episodes: int, seed: int) -> np.ndarray:
        started = time.process_time()
        returns = method(env, num_episodes, seed)
        seconds[name] = seconds.get(name, 0.0) + time.process_time() - started
        return returns

    return run


def conclude_encounters(samples: Samples) -> list[Claim]:
    """Turn the areas into the statements that the notebook makes."""
    count = len(samples["Q-learning, maze"])

    def claim(statement: str, measured: str, borne_out: bool) -> Claim:
        return Claim("7", statement, measured, borne_out, count)

    def ahead(statement: str, better: str, worse: str) -> Claim:
        gain = mean_difference(samples[better], samples[worse])
        measured = f"Return of an episode {mean(samples[better])} against {mean(samples[worse])}, {gain} more."
        return claim(statement, measured, gain.low > 0)

    rows = []
    for name in ("value iteration", "Dyna-Q", "MCTS", "MPC (CEM)"):
        gains = {
            world: mean_difference(samples[f"{name}, {world}"], samples[f"Q-learning, {world}"]) for world in WORLDS
        }
        measured = "Return of an episode, more than Q-learning's: " + ", ".join(f"{w} {g}" for w, g in gains.items())
        statement = f"With equally many real steps, {name} earns more than Q-learning in every world."
        rows.append(claim(statement, measured + ".", all(gain.low > 0 for gain in gains.values())))
    rows += [
        ahead(
            "Where outcomes are chance, averaging over them beats replaying them.",
            "value iteration, ice",
            "Dyna-Q, ice",
        ),
        ahead(
            "After the walls have moved, Dyna-Q+ earns more than Dyna-Q.",
            "Dyna-Q+, moving walls, last",
            "Dyna-Q, moving walls, last",
        ),
        ahead("Where a short look ahead is enough, tree search is best.", "MCTS, meadow", "value iteration, meadow"),
        ahead("A bad model that is believed is worse than none.", "Q-learning, maze", "Dyna-Q, spoilt"),
    ]
    kept = {
        name: factor(samples[f"{name}, spoilt"], samples[f"{name}, maze"]) for name in ("value iteration", "Dyna-Q")
    }
    measured = (
        f"With {SPOILT:.0%} of the outcomes wrong, the maze pays {kept['value iteration']} and {kept['Dyna-Q']} of "
        "what it did."
    )
    statement = "A planner that averages over outcomes keeps more with a bad model than one that replays them."
    rows.append(claim(statement, measured, kept["value iteration"].low > kept["Dyna-Q"].high))
    planners = [name for name in contenders() if name not in ("random", "Q-learning", "Dyna-Q")]
    dearer = {name: factor(samples[f"{name}, seconds"], samples["Dyna-Q, seconds"]) for name in planners}
    measured = "Processor time, in times that of Dyna-Q: " + ", ".join(f"{n} {f}" for n, f in dearer.items()) + "."
    rows.append(
        claim("Replaying is the cheapest way to plan.", measured, all(each.low > 1 for each in dearer.values()))
    )
    return rows


EXPERIMENTS = (Experiment("eight methods, four worlds", encounters, conclude_encounters, seeds=30),)

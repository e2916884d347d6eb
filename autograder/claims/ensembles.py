"""Unit 1: whether the members of an ensemble disagree most where they saw nothing."""

from __future__ import annotations

import numpy as np

from autograder.claims.experiment import Claim, Experiment, Samples, factor, mean_difference
from solutions import environment_models

GAP = (-0.3, 0.3)  # no transition starts in here
NOISE = 0.05
TRAINING = {"ensemble_size": 5, "hidden_dim": 32, "epochs": 150, "batch_size": 64, "learning_rate": 5e-3}


def uncertainty(seed: int) -> dict[str, float]:
    """Train an ensemble on a line with a gap; return mean deviations and errors where there were data and where not."""
    rng = np.random.default_rng([1, seed])
    positions = rng.uniform(-1, 1, size=600)
    positions = positions[(positions < GAP[0]) | (positions > GAP[1])][:300, None]
    pushes = rng.uniform(-1, 1, size=(len(positions), 1))
    next_positions = _true_next(positions, pushes) + NOISE * rng.normal(size=positions.shape)
    model = environment_models.train_ensemble(
        positions, pushes, next_positions, -(positions[:, 0] ** 2), **TRAINING, seed=seed, device="cpu"
    )
    measured = {}
    for name, (low, high) in {"data": (-0.9, -0.5), "gap": (-0.15, 0.15), "beyond": (1.6, 2.0)}.items():
        at, push = rng.uniform(low, high, size=(200, 1)), rng.uniform(-1, 1, size=(200, 1))
        means, variances = model.predict(at, push)
        mean, aleatoric, epistemic = environment_models.ensemble_moments(means, variances)
        measured[f"epistemic, {name}"] = float(np.sqrt(epistemic[:, 0]).mean())
        measured[f"aleatoric, {name}"] = float(np.sqrt(aleatoric[:, 0]).mean())
        measured[f"error, {name}"] = float(np.abs(mean[:, :1] - _true_next(at, push)).mean())
    return measured


def _true_next(positions: np.ndarray, pushes: np.ndarray) -> np.ndarray:
    return positions + 0.3 * np.sin(4 * positions) + 0.2 * pushes


def conclude(samples: Samples) -> list[Claim]:
    """Compare the gap, and what lies beyond all data, with where the data were."""
    claims = []
    for place, words in {"gap": "in a gap between the data", "beyond": "beyond all data"}.items():
        more = factor(samples[f"epistemic, {place}"], samples["epistemic, data"])
        worse = factor(samples[f"error, {place}"], samples["error, data"])
        claims.append(
            Claim(
                "1",
                f"Ensembles know what they do not know: their members disagree more {words}.",
                f"Epistemic deviation {more} times that among the data; the true error is {worse} times as large.",
                more.low > 1,
                len(samples["error, data"]),
            )
        )
    short = mean_difference(samples["error, beyond"], samples["epistemic, beyond"])
    claims.append(
        Claim(
            "1",
            "Beyond all data the disagreement is as large as the error.",
            f"The mean error exceeds the mean epistemic deviation by {short}.",
            short.low <= 0,
            len(samples["error, data"]),
        )
    )
    return claims


EXPERIMENTS = (Experiment("ensembles", uncertainty, conclude),)

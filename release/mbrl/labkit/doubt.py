"""A ball on a bumpy line, seen only in two stretches of it, and networks that learn how it moves.

Two ways to a network's doubt are compared in unit 6: the disagreement of an ensemble, and dropout left on. What is here
is the data and the training; asking with dropout is the student's.
"""

from __future__ import annotations

import numpy as np
import torch

from labkit.networks import Networks, adam, as_tensor, descend

SEEN = ((-1.2, -0.4), (0.4, 1.2))  # where the data come from, in m
PLACES = {"seen": SEEN, "gap": ((-0.2, 0.2),), "beyond": ((-2.2, -1.6), (1.6, 2.2))}
NOISE, HIDDEN, BATCH, LEARNING_RATE = 0.03, 48, 64, 5e-3


def moved(positions: np.ndarray, pushes: np.ndarray) -> np.ndarray:
    """Return how far the ball moves in one step, in m."""
    return 0.3 * np.sin(4 * positions) + 0.2 * pushes


def places(name: str, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw positions and pushes of one kind of place: `seen`, `gap` or `beyond`; shape `(…, 2)`."""
    stretches = np.array(PLACES[name])
    low, high = np.moveaxis(stretches[rng.integers(len(stretches), size=shape)], -1, 0)
    return np.stack([rng.uniform(low, high), rng.uniform(-1, 1, shape)], axis=-1)


def bumpy_data(num_runs: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a data set for each run: inputs `(R, N, 2)`, positions and pushes, and noisy moves `(R, N, 1)`."""
    rng = np.random.default_rng([41, seed])
    inputs = places("seen", rng, (num_runs, count))
    moves = moved(inputs[..., :1], inputs[..., 1:])
    return inputs, moves + NOISE * rng.standard_normal(moves.shape)


def fit_networks(
    inputs: np.ndarray, moves: np.ndarray, seed: int, *, copies: int = 1, dropout: float = 0.0, num_updates: int = 500
) -> Networks:
    """Train networks of two hidden layers on each run's data, `copies` for each run, by squared error.

    Args:
        inputs: shape `(R, N, 2)`.
        moves: shape `(R, N, 1)`.
        seed: of weights, bootstrap samples and batches.
        copies: networks of each run; several get a bootstrap sample each, a single one all data.
        dropout: share of hidden activations that training drops.
        num_updates: of all networks.

    Returns:
        The `R · copies` networks, those of one run next to each other.
    """
    rng = np.random.default_rng([42, seed])
    torch.manual_seed(seed)  # of the dropped activations
    num_runs, size = inputs.shape[:2]
    owner = np.arange(num_runs).repeat(copies)[:, None]
    rows = rng.integers(size, size=(len(owner), size)) if copies > 1 else np.tile(np.arange(size), (len(owner), 1))
    known, wanted = as_tensor(inputs[owner, rows]), as_tensor(moves[owner, rows])
    networks = Networks(len(owner), (2, HIDDEN, HIDDEN, 1), seed, dropout)
    optimizer, every = adam([networks], LEARNING_RATE), torch.arange(len(owner))[:, None]
    for _ in range(num_updates):
        drawn = torch.as_tensor(rng.integers(size, size=(len(owner), BATCH)))
        descend(optimizer, (networks(known[every, drawn]) - wanted[every, drawn]).square().mean(dim=(1, 2)))
    return networks


def member_predictions(networks: Networks, num_runs: int, inputs: np.ndarray) -> np.ndarray:
    """Return what each network of each run predicts at the inputs `(R, N, 2)`, shape `(R, copies, N)`."""
    copies = len(networks.weights[0]) // num_runs
    asked = inputs.astype(np.float32).repeat(copies, axis=0)
    return networks.asked()(asked)[..., 0].reshape(num_runs, copies, -1)

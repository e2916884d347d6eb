"""Hidden properties of unit 1's ensemble of neural networks: what it must have learnt, whatever its architecture.

The tasks are easy and the thresholds wide, so that training with or without normalisation, with any usual activation
and initialisation, stays far inside them. No statement here depends on the random stream beyond a chance of 1e-9.
"""

from __future__ import annotations

import numpy as np

from autograder.properties.environment_models.common import NOTEBOOK, random_seeds
from autograder.properties.shared import hidden
from labkit.learnt import predictions, train
from labkit.properties import Exercise
from labkit.results import Violation

train_ensemble = Exercise("train_ensemble", NOTEBOOK, call_seconds=30, compares_answers=False)


def shifted_system(rng, rows):
    """Two state variables far from 0 and a reward of its own kind, with a little noise: columns cannot be confused."""
    states = np.array([2.0, -1.0]) + rng.uniform(-1.5, 1.5, size=(rows, 2))
    actions = rng.uniform(-1.5, 1.5, size=(rows, 1))
    next_states = states + np.column_stack([0.6 * actions[:, 0], 0.5 * (states[:, 0] - 2)])
    rewards = -2.0 + actions[:, 0] - 0.7 * (states[:, 1] + 1)
    noise = 0.05 * rng.normal(size=(rows, 3))
    return states, actions, next_states + noise[:, :2], rewards + noise[:, 2]


def errors(means, next_states, rewards):
    """Each member's root mean square error of each column, relative to the column's spread: `(M, D+1)`."""
    truth = np.column_stack([next_states, rewards])
    return np.sqrt(((means - truth) ** 2).mean(axis=1)) / truth.std(axis=0)


@train_ensemble.property(
    "Every member predicts next states and, last, rewards in their own units, also far from 0.",
    cases=random_seeds,
    **hidden(weight=2, trials=1),
)
def learns_in_the_targets_units(f, random_seed):
    rng = np.random.default_rng([random_seed, 1])
    data, unseen = shifted_system(rng, 150), shifted_system(rng, 60)
    seed = random_seed % 2**31
    model = train(f, data, ensemble_size=3, hidden_dim=32, epochs=40, batch_size=32, learning_rate=5e-3, seed=seed)
    means, _ = predictions(model, *unseen[:2], 3)
    found = errors(means, *unseen[2:])
    for member, column in np.argwhere(found > UNITS_THRESHOLD):
        raise Violation(
            f"On new data member {member}'s error in column {column} is {found[member, column]:.2f} times the spread."
        )


UNITS_THRESHOLD = 0.6
QUIET, LOUD = 0.15, 0.9


@train_ensemble.property(
    "Variances are the noise of the data, in the targets' units: large where outcomes scatter, small elsewhere.",
    cases=random_seeds,
    **hidden(weight=2, trials=1),
)
def variances_are_noise(f, random_seed):
    """The state has noise of deviation 0.15 on one side of 0 and 0.9 on the other; the reward a fifth, then 3 times.

    At one scale alone a variance in the wrong unit (scaled by the deviation, by half of it) may look right. How small
    a variance may be is a matter of taste, so the reward's is only asked for where it is large.
    """
    for reward_scale in REWARD_SCALES:
        _expect_noise(f, random_seed, reward_scale)


def _expect_noise(f, random_seed, reward_scale):
    rng = np.random.default_rng([random_seed, 2])
    rows = 400
    states = rng.choice([-1.0, 1.0], size=(rows, 1)) * rng.uniform(0.4, 2.0, size=(rows, 1))
    actions = rng.uniform(-1, 1, size=(rows, 1))
    noise = np.where(states > 0, LOUD, QUIET) * rng.normal(size=(rows, 2))
    data = states, actions, states + noise[:, :1], reward_scale * (actions[:, 0] + noise[:, 1])
    seed = random_seed % 2**31
    model = train(f, data, ensemble_size=2, hidden_dim=24, epochs=80, batch_size=100, learning_rate=1e-2, seed=seed)
    queries = np.linspace(0.7, 1.7, 20)[:, None]
    for side, column, deviation in ((-1.0, 0, QUIET), (1.0, 0, LOUD), (1.0, 1, reward_scale * LOUD)):
        _, variances = predictions(model, side * queries, np.zeros((20, 1)), 2)
        found = float(np.median(variances[:, :, column]))
        if not deviation**2 / FACTOR <= found <= deviation**2 * FACTOR:
            raise Violation(
                f"Where the noise has variance {deviation**2:.3g}, the predicted variance of column {column} "
                f"is {found:.3g}."
            )


REWARD_SCALES = (0.2, 3.0)
FACTOR = 3.5


@train_ensemble.property(
    "Each member knows the rows that it drew and misses others: what one member has learnt, another has never seen.",
    cases=random_seeds,
    **hidden(weight=2, trials=1),
)
def members_draw_their_own_rows(f, random_seed):
    """Twenty rows without any pattern, each in a direction of its own, so that a row not drawn cannot be guessed.

    N draws with replacement miss 7.2 of 20 rows on average. Twelve members miss fewer than FEWEST or more than MOST of
    their 240 rows with a probability of 3.0e-10 and 1.8e-10 (the exact distribution, convolved), and agree about 16
    rows with less than 1e-20. Rows half learnt count in favour of the student on either side.
    """
    rng = np.random.default_rng([random_seed, 3])
    rows, members = 20, 12
    states, actions = np.eye(rows) + 0.05 * rng.normal(size=(rows, rows)), rng.normal(size=(rows, 1))
    targets = rng.choice([-1.0, 1.0], size=(rows, rows + 1))
    data = states, actions, states + targets[:, :rows], targets[:, rows]
    seed = random_seed % 2**31
    model = train(
        f, data, ensemble_size=members, hidden_dim=64, epochs=100, batch_size=10, learning_rate=1e-2, seed=seed
    )
    means, _ = predictions(model, states, actions, members)
    error = np.sqrt(((means - np.column_stack([data[2], data[3]])) ** 2).mean(axis=2))
    if ((error.min(axis=0) < KNOWN) & (error.max(axis=0) > UNKNOWN)).sum() < 5:
        raise Violation("Hardly a row is known to one member and unknown to another: did each draw rows of its own?")
    at_most, at_least = int((error > HALF_KNOWN).sum()), int((error > UNKNOWN).sum())
    if at_most < FEWEST or at_least > MOST:
        number = at_most if at_most < FEWEST else at_least
        raise Violation(
            f"Of the {rows} rows a member does not know {number / members:.1f} on average, "
            "but with N draws with replacement it should be about 7."
        )


FEWEST, MOST = 57, 116
KNOWN, HALF_KNOWN, UNKNOWN = 0.5, 0.7, 0.9


@train_ensemble.property(
    "It learns as well when a batch may hold more rows than there are, and more epochs, larger steps or more hidden "
    "units change more.",
    cases=random_seeds,
    **hidden(weight=1, trials=1),
)
def settings_matter(f, random_seed):
    rng = np.random.default_rng([random_seed, 4])
    states, actions = rng.uniform(-1.5, 1.5, size=(60, 2)), rng.uniform(-1.5, 1.5, size=(60, 1))
    next_states = states[:, ::-1] + 0.02 * rng.normal(size=states.shape)
    data = states, actions, next_states, actions[:, 0] + 0.02 * rng.normal(size=60)
    settings = {"ensemble_size": 2, "hidden_dim": 24, "batch_size": 1000, "seed": random_seed % 2**31}
    long, short, slow = (
        predictions(train(f, data, **settings, epochs=epochs, learning_rate=rate), *data[:2], 2)[0]
        for epochs, rate in ((200, 1e-2), (2, 1e-2), (2, 1e-4))
    )
    found = errors(long, *data[2:])
    if found.max() > UNITS_THRESHOLD:
        raise Violation(f"With a batch size beyond N the error is {found.max():.2f} times the spread of the targets.")
    if np.abs(long - short).max() < 1e-3:
        raise Violation("2 and 200 epochs give the same model.")
    if np.abs(short - slow).max() < 1e-7:
        raise Violation("Learning rates of 0.01 and 0.0001 give the same model.")
    _expect_one_unit_to_be_little(f, rng, random_seed % 2**31)


def _expect_one_unit_to_be_little(f, rng, seed):
    """With one unit in each hidden layer every answer depends on one weighted sum of the inputs.

    The best such guess of a product of two numbers leaves an error of about 0.7 of its spread; 24 units or more, a
    fixed number in place of ``hidden_dim``, reach 0.1 to 0.3 here.
    """
    states, actions = rng.uniform(-1.5, 1.5, size=(200, 1)), rng.uniform(-1.5, 1.5, size=(200, 2))
    product = actions[:, 0] * actions[:, 1]
    data = states, actions, states + product[:, None], product
    settings = {"ensemble_size": 1, "hidden_dim": 1, "epochs": 60, "batch_size": 20, "learning_rate": 1e-2}
    means, _ = predictions(train(f, data, **settings, seed=seed), *data[:2], 1)
    found = np.sqrt(((means[0] - np.column_stack(data[2:])) ** 2).mean(axis=0)) / product.std()
    if found.min() < 0.5:
        raise Violation(
            f"With hidden_dim = 1 the error is {found.min():.2f} times the spread, less than one unit can reach: "
            "is hidden_dim used?"
        )


@train_ensemble.property(
    "Every batch is a step of Adam: with small batches a few epochs are enough, and with many units small steps are.",
    cases=random_seeds,
    **hidden(weight=1, trials=1),
)
def small_batches(f, random_seed):
    """120 steps of Adam against 4 if the batch size were ignored: errors of 0.1 to 0.3 against 0.9 and more.

    Adam moves every weight by about the learning rate, however many share the work. 600 steps of 0.0001 in layers of
    256 units leave errors of 0.03 to 0.31 over 25 kinds of network, steps along the plain gradient 0.76 and more.
    """
    rng = np.random.default_rng([random_seed, 6])
    for rows, settings in (
        (300, {"hidden_dim": 24, "epochs": 4, "learning_rate": 1e-2, "ensemble_size": 2}),
        (200, {"hidden_dim": 256, "epochs": 30, "learning_rate": 1e-4, "ensemble_size": 1}),
    ):
        states, actions = rng.uniform(-1.5, 1.5, size=(rows, 2)), rng.uniform(-1.5, 1.5, size=(rows, 1))
        next_states = states[:, ::-1] + 0.02 * rng.normal(size=states.shape)
        data = states, actions, next_states, actions[:, 0] + 0.02 * rng.normal(size=rows)
        model = train(f, data, **settings, batch_size=10, seed=random_seed % 2**31)
        means, _ = predictions(model, *data[:2], settings["ensemble_size"])
        worst = errors(means, *data[2:]).max()
        if worst > UNITS_THRESHOLD:
            raise Violation(
                f"After {settings['epochs']} epochs of {rows // 10} batches an error is still {worst:.2f} times the "
                "spread of the targets."
            )


@train_ensemble.property(
    "Members start from different weights: without any learning to speak of they already differ.",
    cases=random_seeds,
    **hidden(weight=1, trials=2),
)
def different_starts(f, random_seed):
    """Members whose last layer starts at 0 all predict a constant reward; they are given the benefit of the doubt."""
    rng = np.random.default_rng([random_seed, 5])
    data = shifted_system(rng, 200)
    settings = {"ensemble_size": 4, "batch_size": 200, "seed": random_seed % 2**31}
    model = train(f, data, **settings, epochs=1, learning_rate=1e-7)
    means, _ = predictions(model, *data[:2], 4)
    members_differ = means[:, :, -1].std(axis=0).max()
    varies = means[:, :, -1].std(axis=1).max()
    if members_differ < 1e-4 and varies > 1e-3:
        raise Violation("After next to no training the members predict the same: they start from the same weights.")

"""Hidden properties of PUCT and of the search in a latent model."""

from __future__ import annotations

import functools
import math

import numpy as np
from hypothesis import strategies as st

from autograder.properties.modern_methods.common import NOTEBOOK, RELATIVE, drawn, scales
from autograder.properties.modern_methods.muzero_record import TooMany, added_nodes, first_fault, outcomes
from autograder.properties.shared import hidden
from labkit.exercises.modern_methods import random_seeds, read_scores, read_search, search
from labkit.latents import LatentModel
from labkit.properties import Exercise
from labkit.results import Violation, expect_close

puct = Exercise("puct", NOTEBOOK)
muzero_search = Exercise("muzero_search", NOTEBOOK)


# puct


@puct.property(
    "The score is the formula's for every number of actions, few visits or millions, and every c_init and c_base.",
    cases=drawn,
    **hidden(weight=3, trials=80),
)
def scores_of_the_formula(f, random_seed):
    rng = np.random.default_rng(random_seed)
    size = int(rng.integers(1, 8))
    visits = rng.integers(0, 9, size=size) if rng.random() < 0.6 else (10 ** rng.uniform(0, 6, size)).astype(np.int64)
    priors = rng.dirichlet(np.full(size, float(rng.choice([1.0, 0.2]))))
    q_values = rng.normal(size=size) * rng.choice([1.0, 0.01, 100.0])
    c_init, c_base = float(rng.choice([1.25, 0.0, 4.0])), float(rng.choice([19652, 1, 20, 500.5]))
    scores = read_scores(f(priors, q_values, visits, c_init, c_base), visits)
    total = int(visits.sum())
    growth = c_init + math.log((total + c_base + 1) / c_base)
    expected = [q + growth * p * math.sqrt(total) / (n + 1) for q, p, n in zip(q_values, priors, visits, strict=True)]
    expect_close(scores, np.array(expected), "score", RELATIVE * (np.abs(expected).max() + 1e-3))


# muzero_search


searches = st.fixed_dictionaries({"random_seed": random_seeds})


def _random_model(rng, num_situations, num_actions):
    shape = (num_situations, num_actions)
    scale = float(rng.choice(scales))
    rewards = rng.normal(size=shape) * scale * rng.choice([1.0, 0.0])
    priors = rng.dirichlet(np.full(num_actions, float(rng.choice([1.0, 5.0, 0.5]))), size=num_situations)
    values = (rng.normal(size=num_situations) + rng.choice([0.0, 3.0, -3.0])) * scale
    return LatentModel(rng.integers(num_situations, size=shape), rewards, priors, values)


def _settings(rng):
    """``c_init``, ``c_base`` and ``gamma`` of a search; a small ``c_base`` lets the logarithm count."""
    return float(rng.choice([1.25, 0.4, 3.0, 0.0])), float(rng.choice([19652.0, 1.0, 7.0])), float(
        rng.choice([0.9, 0.5, 0.99, 0.0])
    )  # fmt: skip


@muzero_search.property(
    "Every simulation walks down by the largest score that `puct` gives with the values of that moment, normalised "
    "over the visited actions of the whole tree, and adds one node.",
    cases=searches,
    **hidden(weight=4, trials=50),
)
def every_simulation(f, random_seed):
    """Where what the model was asked does not tell the nodes of the tree, the outcomes alone are judged."""
    rng = np.random.default_rng(random_seed)
    model = _random_model(rng, int(rng.integers(2, 9)), int(rng.integers(1, 6)))
    num_simulations = int(rng.choice([1, 2, 5, 10, 20, 35]))
    _follow(f, model, num_simulations, *_settings(rng))


def _follow(f, model, num_simulations, c_init, c_base, gamma):
    visits, root_value = search(f, model, num_simulations, c_init, c_base, gamma)
    if len(model.edges) < num_simulations:
        raise Violation(f"{num_simulations} simulations should add as many nodes, but {len(model.edges)} were added.")
    edges = added_nodes(model, num_simulations)
    if edges is None:
        return
    fault, tree = first_fault(model, edges, c_init, c_base, gamma)
    if fault >= 0:
        raise Violation(f"simulation {fault + 1} takes an action whose score is not the largest.")
    expect_close(visits.astype(float), tree.visits, "visits", 0.0)
    size = np.abs(model.rewards).max() + np.abs(model.values).max()
    expect_close(np.array(root_value), tree.root_value, "root_value", RELATIVE * size)


@muzero_search.property(
    "Searches of many simulations stay right, with priors that are sure of themselves and a bonus that has grown.",
    cases=searches,
    **hidden(weight=2, trials=6),
)
def many_simulations(f, random_seed):
    rng = np.random.default_rng(random_seed)
    model = _random_model(rng, 6, int(rng.integers(2, 4)))
    _follow(f, model, 50, 1.25, float(rng.choice([19652.0, 20.0])), 0.95)


@functools.cache
def _small_search(random_seed):
    """Draw a model, a search and everything it may return; draw again where that is too much."""
    rng = np.random.default_rng(random_seed)
    while True:
        model = _random_model(rng, int(rng.integers(2, 5)), int(rng.integers(2, 4)))
        settings, num_simulations = _settings(rng), int(rng.integers(2, 7))
        try:
            return model, num_simulations, settings, outcomes(model, num_simulations, *settings, 1500)
        except TooMany:
            continue


def _prepared(case):
    """Work the possible outcomes out when a case is drawn, once for all submissions."""
    _small_search(case["random_seed"])
    return case


@muzero_search.property(
    "After a few simulations, visits and root_value are what a correct search can return, however it breaks ties.",
    cases=searches.map(_prepared),
    **hidden(weight=2, trials=25),
)
def few_simulations(f, random_seed):
    model, num_simulations, settings, possible = _small_search(random_seed)
    visits, root_value = search(f, model.renewed(), num_simulations, *settings)
    size = np.abs(model.rewards).max() + np.abs(model.values).max()
    values = [value for counted, value in possible if counted == tuple(visits.tolist())]
    if not values:
        known = " or ".join(str(list(each)) for each in sorted({each for each, _ in possible})[:3])
        raise Violation(f"visits are {visits.tolist()}, but whatever the ties, a search here makes {known}.")
    nearest = min(values, key=lambda value: abs(value - root_value))
    expect_close(np.array(root_value), nearest, "root_value", RELATIVE * size + 1e-9)


@muzero_search.property(
    "The search begins at the latent state of the observation it is given.",
    cases=searches,
    **hidden(weight=1, trials=10),
)
def begins_where_asked(f, random_seed):
    rng = np.random.default_rng(random_seed)
    model = _random_model(rng, 5, 1)
    root, length, gamma = int(rng.integers(1, 5)), int(rng.integers(1, 7)), 0.9
    model.rewards += rng.normal(size=model.rewards.shape)
    asked = (model.represent, model.dynamics, model.predict, model.observation(root), 1, length)
    _, root_value = read_search(f(*asked, 1.25, 19652.0, gamma), 1, length)
    here, earned, seen = root, 0.0, []
    for k in range(length):
        earned += gamma**k * model.rewards[here, 0]
        here = model.next_situations[here, 0]
        seen.append(earned + gamma ** (k + 1) * model.values[here])
    expect_close(np.array(root_value), np.mean(seen), "root_value", RELATIVE * (10 + 10 * np.abs(seen).max()))

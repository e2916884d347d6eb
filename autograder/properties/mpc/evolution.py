"""Hidden properties of evolution strategies."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import strategies as st

from autograder.properties.mpc.common import FALSE_ALARM, NOTEBOOK, drawn, expect_independent, expect_uniform, seeds
from autograder.properties.shared import hidden
from labkit.batched import Objective
from labkit.properties import Exercise
from labkit.results import Violation, array, expect_close

evolution_strategy = Exercise("evolution_strategy", NOTEBOOK)


def _objective(rng, kind, size):
    """Objectives whose values spread widely, so that a tiny number added to the deviation does not show."""
    target, slope = rng.normal(size=size) * 3, rng.normal(size=size) + 2
    if kind == "quadratic":
        return lambda points: -1e4 * ((points - target) ** 2 * slope**2).sum(axis=1)
    if kind == "bent":
        return lambda points: 1e4 * (np.sin(points @ slope) + np.cos(points * 3 - target).sum(axis=1) - 7)
    return lambda points: 1e4 * (points @ slope) - 3e4


class _Generations:
    """One run of ``evolution_strategy``, told from the points that it asked about."""

    def __init__(self, f, function, x0, sigma, population, learning_rate, num_iterations, seed):
        objective = Objective(function, len(x0))
        result = f(objective.value, x0.copy(), sigma, population, learning_rate, num_iterations, seed)
        self.x = array(result, x0.shape, "x")
        self.noise, self.path = [], [x0.astype(np.float64)]
        points, position = objective.points(), 0
        scale = 1e-12 * (1 + np.abs(x0).max())
        for generation in range(num_iterations):
            x, batch = self.path[-1], []
            while len(batch) < population and position < len(points):
                if np.abs(points[position] - x).max() > scale:  # x itself may be looked at as well
                    batch.append(points[position])
                position += 1
            if len(batch) < population:
                raise Violation(
                    f"{population} points should be tried in generation {generation}, but there were fewer."
                )
            self._take(np.array(batch), x, function, sigma, learning_rate)
        rest = points[position:]
        if len(rest) and np.abs(rest - self.path[-1]).max() > 1e-6 * (1 + np.abs(self.path[-1]).max()):
            raise Violation(f"{num_iterations} generations should be tried, but there were more points.")

    def _take(self, batch, x, function, sigma, learning_rate):
        noise = (batch - x) / sigma
        order = np.argsort(noise[:, 0])
        odd = np.abs(noise[order] + noise[order[::-1]]).max()
        if odd > 1e-7 * (1 + np.abs(x).max() / sigma):
            raise Violation("the points of a generation should lie in pairs x + sigma eps and x - sigma eps.")
        values = function(batch)
        spread = values.std()
        z = (values - values.mean()) / spread if np.ptp(values) > 0 else np.zeros(len(values))
        self.noise.append(noise)
        self.path.append(x + learning_rate / (len(batch) * sigma) * (z[:, None] * noise).sum(axis=0))

    def expect_result(self):
        """The x that is returned is where the generations lead."""
        steps = np.abs(np.diff(self.path, axis=0)).sum()
        slack = 1e-7 * steps + 1e-12 * np.abs(self.path).max()
        expect_close(self.x, self.path[-1], "x", slack, "where the generations lead")


runs = st.fixed_dictionaries(
    {
        "random_seed": drawn,
        "kind": st.sampled_from(["quadratic", "bent", "linear"]),
        "sigma": st.sampled_from([0.3, 1.0, 0.05, 2.0]),
        "learning_rate": st.sampled_from([0.02, 0.3, 1.0, 1e-4]),
        "seed": seeds,
    }
)


@evolution_strategy.property(
    "Each generation moves x by learning_rate / (population sigma) times the sum of z eps, "
    "z the generation's standardised values.",
    cases=runs,
    **hidden(weight=4, trials=30),
)
def follows_its_generations(f, random_seed, kind, sigma, learning_rate, seed):
    rng = np.random.default_rng(random_seed)
    size, population, num_iterations = int(rng.integers(1, 6)), 2 * int(rng.integers(1, 9)), int(rng.integers(1, 7))
    function, x0 = _objective(rng, kind, size), rng.normal(size=size) * rng.choice([1.0, 10.0])
    run = _Generations(f, function, x0, sigma, population, learning_rate, num_iterations, seed)
    run.expect_result()


@evolution_strategy.property(
    "The noise is standard normal and new in every pair, dimension and generation, and the seed decides it.",
    cases=st.fixed_dictionaries({"seed": seeds}),
    **hidden(weight=2, trials=3),
)
def standard_normal_noise(f, seed):
    """|eps| has the distribution function erf(|eps| / sqrt 2); which of a pair comes first does not matter to it.

    Signs of products of two dimensions are fair coins: their sum of n leaves +-sqrt(2 n ln(2 / a)) with probability at
    most a (Hoeffding).
    """
    size, population, num_iterations = 3, 1600, 4
    x0 = np.array([0.3, -2.0, 5.0])

    def noise(number, population=population):
        return np.array(
            _Generations(f, lambda X: np.zeros(len(X)), x0, 0.5, population, 0.1, num_iterations, number).noise
        )

    drawn_noise = noise(seed)
    half = np.array([_one_of_each_pair(generation) for generation in drawn_noise])
    uniform = np.vectorize(math.erf)(np.abs(half) / math.sqrt(2))
    pairs = list(itertools.combinations(range(size), 2))
    tests = 4 + 2 * len(pairs)
    expect_uniform(uniform, tests, "the noise")
    expect_independent(uniform[:, ::2], uniform[:, 1::2], tests, "two pairs of a generation")
    expect_independent(uniform[::2], uniform[1::2], tests, "two generations")
    for first, second in pairs:
        expect_independent(uniform[:, :, first], uniform[:, :, second], tests, "two dimensions")
        signs = np.sign(half[:, :, first] * half[:, :, second])
        if abs(signs.sum()) > math.sqrt(2 * signs.size * math.log(2 * tests / FALSE_ALARM)):
            raise Violation("the signs of two dimensions should be independent.")
    one, other = (np.sort(noise(number, 40)[0, :, 0]) for number in (seed, seed ^ 1))
    if np.isclose(one, other, atol=1e-9).mean() > 0.5:
        raise Violation("another seed should lead to other noise.")


def _one_of_each_pair(noise):
    """Return one row of each antithetic pair, in the order in which the first of the two came."""
    order = np.argsort(noise[:, 0])
    partner = np.empty(len(noise), dtype=np.int64)
    partner[order] = order[::-1]
    return noise[np.arange(len(noise)) < partner]


@evolution_strategy.property(
    "On a hill it arrives at the top.",
    cases=st.fixed_dictionaries({"random_seed": drawn, "seed": seeds}),
    **hidden(weight=1, trials=4),
)
def arrives_at_the_top(f, random_seed, seed):
    """Far from the top a generation moves about learning_rate / sigma = 0.2 along the gradient, 24 in all, which is
    twice the largest distance; near it the pairs cancel, so that x stays within a few times 0.2 of the top."""
    rng = np.random.default_rng(random_seed)
    top, x0 = rng.normal(size=3), rng.normal(size=3) + 4.0
    objective = Objective(lambda X: -100 * ((X - top) ** 2).sum(axis=1), 3)
    x = array(f(objective.value, x0, 0.2, 30, 0.04, 120, seed), (3,), "x")
    if np.abs(x - top).max() > np.abs(x0 - top).max() / 3:
        raise Violation("x is still far from the top.")

"""Public properties of unit 5, model predictive control: what students see when they run ``check(f)``.

They are facts about plans and about what a planner asks its model, on cases that shrink to something one can do on
paper. Models come from ``labkit.batched``: the last entry of their states is a label by which sequences are followed.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from labkit.batched import BatchedSimulator, Objective, table_model
from labkit.problems import discounts, with_inputs
from labkit.properties import Exercise
from labkit.receding import WatchedEpisode
from labkit.results import Violation, actions, array, expect_close, parts, tensor

NOTEBOOK = "05_mpc"
ROUNDING = 1e-9

evaluate_sequences = Exercise("evaluate_sequences", NOTEBOOK)
random_shooting = Exercise("random_shooting", NOTEBOOK)
refit_gaussian = Exercise("refit_gaussian", NOTEBOOK)
refit_categorical = Exercise("refit_categorical", NOTEBOOK)
cem_plan = Exercise("cem_plan", NOTEBOOK)
cem_plan_discrete = Exercise("cem_plan_discrete", NOTEBOOK)
mpc_episode = Exercise("mpc_episode", NOTEBOOK)
cem_plan_torch = Exercise("cem_plan_torch", NOTEBOOK)
evolution_strategy = Exercise("evolution_strategy", NOTEBOOK)

seeds = st.integers(0, 999)


@st.composite
def whole_arrays(draw, *axes, low=-3, high=3):
    """Arrays of small whole numbers, each axis between 1 and its largest size."""
    shape = tuple(draw(st.integers(1, largest)) for largest in axes)
    size = int(np.prod(shape))
    return np.array(draw(st.lists(st.integers(low, high), min_size=size, max_size=size)), dtype=np.float64).reshape(
        shape
    )


# evaluate_sequences


def _adding(states, taken):
    """The state is a sum of actions, and each step earns the sum so far, before the action."""
    return states + taken.sum(axis=1, keepdims=True), states[:, 0]


def _paying(states, taken):
    """Each step earns its own action."""
    return states, taken.sum(axis=1)


sequences = st.fixed_dictionaries({"sequences": whole_arrays(4, 3, 2), "gamma": discounts})


@evaluate_sequences.property(
    "When a step earns the sum of its own action's numbers, the return is their sum, "
    "discounted once for every step that went before.",
    cases=sequences,
)
def immediate_rewards(f, sequences, gamma):
    simulator = BatchedSimulator(_paying, 1, sequences.shape[2])
    returns = array(f(simulator.step, simulator.start([0.0]), sequences, gamma), sequences.shape[:1], "the returns")
    expected = [sum(gamma**t * action.sum() for t, action in enumerate(sequence)) for sequence in sequences]
    expect_close(returns, np.array(expected), "returns", ROUNDING)


@evaluate_sequences.property(
    "When the state adds up the actions and a step earns the state it starts in, the return is the discounted sum "
    "of what had been added up before each step.",
    cases=with_inputs(sequences, start=st.integers(-2, 2)),
)
def states_are_carried_on(f, sequences, gamma, start):
    simulator = BatchedSimulator(_adding, 1, sequences.shape[2])
    state = simulator.start([float(start)])
    returns = array(f(simulator.step, state, sequences, gamma), sequences.shape[:1], "the returns")
    added = start + np.concatenate([np.zeros((len(sequences), 1)), sequences.sum(axis=2).cumsum(axis=1)], axis=1)
    expected = (added[:, :-1] * gamma ** np.arange(sequences.shape[1])).sum(axis=1)
    expect_close(returns, expected, "returns", ROUNDING)


@evaluate_sequences.property(
    "The model is asked once for each step of the plans, about all sequences together.",
    cases=sequences,
)
def one_call_for_each_step(f, sequences, gamma):
    simulator = BatchedSimulator(_adding, 1, sequences.shape[2])
    f(simulator.step, simulator.start([0.0]), sequences, gamma)
    count, horizon = sequences.shape[:2]
    if simulator.rows != [count] * horizon:
        raise Violation(
            f"step should be called {horizon} times with {count} rows, but the calls had {simulator.rows} rows."
        )
    tried = simulator.sequences(horizon)
    if tried.shape != sequences.shape:
        raise Violation("the states of one call of step should be those that the call before it returned.")
    expect_close(tried, sequences, "the actions given to step", ROUNDING, "row n at time t is actions[n, t]")


# random_shooting and cem_plan


@st.composite
def _boxes(draw, max_size=2):
    size = draw(st.integers(1, max_size))
    low = np.array(draw(st.lists(st.integers(-3, 2), min_size=size, max_size=size)), dtype=np.float64)
    width = np.array(draw(st.lists(st.sampled_from([1.0, 2.0, 0.5]), min_size=size, max_size=size)))
    return {"low": low, "high": low + width, "target": draw(st.integers(-3, 3)), "gamma": draw(discounts)}


def reaching(target):
    """The state is the sum of the actions so far; a step earns minus its squared distance from ``target``."""

    def model(states, taken):
        states = states + taken.sum(axis=1, keepdims=True)
        return states, -((states[:, 0] - target) ** 2)

    return model


def expect_within(values, low, high, name):
    outside = np.maximum(low - values, values - high)
    if outside.max(initial=0.0) > 1e-9:
        worst = np.unravel_index(outside.argmax(), outside.shape)
        k = worst[-1]
        raise Violation(f"{name} holds the action {values[worst]:.6g}, outside [{low[k]:.6g}, {high[k]:.6g}].")


def expect_same_again(first, second, name="the plan"):
    if not np.array_equal(first, second):
        raise Violation(f"{name} should be the same when the function is called again with the same seed.")


@random_shooting.property(
    "The plan has a row for each step, lies within the bounds, and the same seed gives the same plan.",
    cases=with_inputs(_boxes(), horizon=st.integers(1, 3), num_samples=st.integers(1, 6), seed=seeds),
)
def plan_within_bounds(f, low, high, target, gamma, horizon, num_samples, seed):
    def plan():
        simulator = BatchedSimulator(reaching(target), 1, len(low))
        state = simulator.start([0.0])
        return array(
            f(simulator.step, state, horizon, num_samples, low, high, gamma, seed), (horizon, len(low)), "the plan"
        )

    first = plan()
    expect_within(first, low, high, "the plan")
    expect_same_again(first, plan())


@random_shooting.property(
    "Exactly num_samples sequences are tried, and the plan is one of them, with the highest return.",
    cases=with_inputs(_boxes(), horizon=st.integers(1, 3), num_samples=st.integers(1, 6), seed=seeds),
)
def best_of_those_tried(f, low, high, target, gamma, horizon, num_samples, seed):
    simulator = BatchedSimulator(reaching(target), 1, len(low))
    plan = f(simulator.step, simulator.start([0.0]), horizon, num_samples, low, high, gamma, seed)
    expect_best_candidate(simulator, [0.0], array(plan, (horizon, len(low)), "the plan"), num_samples, gamma)


def expect_best_candidate(simulator, state, plan, num_samples, gamma):
    """The plan is the best of the ``num_samples`` different sequences that the simulator saw; they are returned."""
    tried = simulator.sequences(len(plan))
    candidates = np.unique(tried, axis=0)
    if len(candidates) != num_samples:
        raise Violation(f"{num_samples} sequences should be tried, but {len(candidates)} were.")
    distance = np.abs(candidates - plan).max(axis=(1, 2))
    if distance.min() > 1e-9:
        raise Violation("the plan is none of the sequences that were tried.")
    returns = simulator.returns(state, candidates, gamma)
    slack = 1e-9 * max(1.0, np.abs(returns).max())
    if returns[distance.argmin()] < returns.max() - slack:
        raise Violation(
            f"the plan returns {returns[distance.argmin()]:.6g}, but a sequence that was tried returns "
            f"{returns.max():.6g}."
        )
    return tried


# refit_gaussian


@st.composite
def _scored(draw, max_samples=5, min_elites=2, integers=False):
    samples = draw(whole_arrays(max_samples, 3, 2)) if not integers else draw(whole_arrays(max_samples, 3, low=0))
    while len(samples) < min_elites:
        samples = np.concatenate([samples, samples + 1.0])
    returns = np.array(draw(st.permutations(range(-2, len(samples) - 2))), dtype=np.float64)
    return {"samples": samples, "returns": returns, "num_elites": draw(st.integers(min_elites, len(samples)))}


def _gaussian(result, shape):
    mean, std = parts(result, ("mean", "std"))
    return array(mean, shape, "mean"), array(std, shape, "std")


def expect_deviation(std, elites):
    """``std`` is the population or the sample standard deviation of ``elites``, throughout."""
    population, slack = elites.std(axis=0), 1e-8 * max(1e-3, np.abs(elites).max())
    sample = elites.std(axis=0, ddof=1)
    if np.abs(std - sample).max() > slack:
        expect_close(std, population, "std", slack, "the standard deviation of the elites")


@refit_gaussian.property(
    "When every sample is an elite, mean and std are those of all samples, number by number.",
    cases=_scored(),
)
def everybody_is_elite(f, samples, returns, num_elites):
    mean, std = _gaussian(f(samples, returns, len(samples)), samples.shape[1:])
    expect_close(mean, samples.mean(axis=0), "mean", ROUNDING)
    expect_deviation(std, samples)


@refit_gaussian.property(
    "With two elites the mean lies halfway between the samples with the two highest returns.",
    cases=_scored(),
)
def two_elites(f, samples, returns, num_elites):
    mean, std = _gaussian(f(samples, returns, 2), samples.shape[1:])
    best, second = samples[list(returns).index(max(returns))], samples[list(returns).index(max(returns) - 1)]
    expect_close(mean, (best + second) / 2, "mean", ROUNDING)
    expect_deviation(std, np.stack([best, second]))


@refit_gaussian.property(
    "A sample that is no elite does not matter, wherever it lies.",
    cases=with_inputs(_scored(max_samples=6), shift=st.integers(1, 9)),
)
def others_do_not_matter(f, samples, returns, num_elites, shift):
    threshold = np.sort(returns)[-num_elites]
    moved = np.where((returns < threshold)[:, None, None], samples + shift, samples)
    before, after = (_gaussian(f(each, returns, num_elites), samples.shape[1:]) for each in (samples, moved))
    expect_close(after[0], before[0], "mean", ROUNDING, "the mean before samples with low returns were moved")
    expect_close(after[1], before[1], "std", 1e-8, "the deviation before samples with low returns were moved")


# refit_categorical

categorical_cases = with_inputs(_scored(min_elites=1, integers=True), num_actions=st.integers(4, 6))


def _distributions(result, samples, num_actions):
    return array(result, (samples.shape[1], num_actions), "the probabilities")


@refit_categorical.property(
    "With one elite and no smoothing, the actions of the best sample are certain.",
    cases=categorical_cases,
)
def best_sample_is_certain(f, samples, returns, num_elites, num_actions):
    samples = samples.astype(np.int64)
    p = _distributions(f(samples, returns, 1, num_actions, 0.0), samples, num_actions)
    expect_close(p, np.eye(num_actions)[samples[int(returns.argmax())]], "p", ROUNDING, "the best sample's actions")


@refit_categorical.property(
    "With smoothing 1 every action is equally likely, whatever the elites did.",
    cases=categorical_cases,
)
def all_smooth(f, samples, returns, num_elites, num_actions):
    p = _distributions(
        f(samples.astype(np.int64), returns, num_elites, num_actions, 1.0), samples.astype(int), num_actions
    )
    expect_close(p, np.full(p.shape, 1 / num_actions), "p", ROUNDING)


@refit_categorical.property(
    "The probabilities of every step sum to 1, and an action that no elite took has smoothing / num_actions.",
    cases=with_inputs(categorical_cases, smoothing=st.sampled_from([0.0, 0.5, 0.1, 0.25])),
)
def unused_actions_keep_their_share(f, samples, returns, num_elites, num_actions, smoothing):
    samples = samples.astype(np.int64)
    p = _distributions(f(samples, returns, num_elites, num_actions, smoothing), samples, num_actions)
    expect_close(p.sum(axis=1), np.ones(len(p)), "the sum of p over actions", ROUNDING)
    elites = samples[np.argsort(returns)[len(returns) - num_elites :]]
    for t in range(len(p)):
        unused = np.setdiff1d(np.arange(num_actions), elites[:, t])
        expect_close(p[t, unused], np.full(len(unused), smoothing / num_actions), f"p[{t}, unused]", ROUNDING)


# cem_plan


@cem_plan.property(
    "The plan and every sequence that is tried lie within the bounds, and the same seed gives the same plan.",
    cases=with_inputs(_boxes(), horizon=st.integers(1, 3), num_iterations=st.integers(1, 3), seed=seeds),
    trials=15,
)
def stays_within_bounds(f, low, high, target, gamma, horizon, num_iterations, seed):
    def plan():
        simulator = BatchedSimulator(reaching(target), 1, len(low))
        state = simulator.start([0.0])
        result = f(simulator.step, state, horizon, 9, 4, num_iterations, low, high, gamma, seed)
        result = array(result, (horizon, len(low)), "the plan")
        expect_within(result, low, high, "the plan")
        tried = simulator.sequences(horizon)
        if not len(tried):
            raise Violation("no sequence of that many steps was tried.")
        expect_within(tried, low, high, "a sequence that was tried")
        return result

    expect_same_again(plan(), plan())


@cem_plan.property(
    "When a step earns minus the squared distance of its action from a target, every action ends up near the target, "
    "or near the bound that is closest to it.",
    cases=st.fixed_dictionaries(
        {
            "low": st.sampled_from([-1.0, 0.0, -3.0]),
            "width": st.sampled_from([1.0, 2.0, 5.0]),
            "place": st.sampled_from([0.75, 0.1, 0.5, 1.25, -0.25]),
            "seed": seeds,
        }
    ),
    trials=8,
)
def near_the_target(f, low, width, place, seed):
    target = low + place * width
    simulator = BatchedSimulator(lambda states, taken: (states, -((taken[:, 0] - target) ** 2)), 1, 1)
    bounds = np.array([low]), np.array([low + width])
    plan = array(f(simulator.step, simulator.start([0.0]), 2, 100, 20, 10, *bounds, 0.9, seed), (2, 1), "the plan")
    goal = min(max(target, low), low + width)
    expect_close(plan, np.full((2, 1), goal), "plan", 0.1 * width, "the best action, to within a tenth of the bounds")


# cem_plan_discrete


@st.composite
def tables(draw, max_horizon=3, max_actions=3):
    horizon, num_actions = draw(st.integers(1, max_horizon)), draw(st.integers(2, max_actions))
    best = draw(st.lists(st.integers(0, num_actions - 1), min_size=horizon, max_size=horizon))
    return 3.0 * np.eye(num_actions)[best]


@cem_plan_discrete.property(
    "When one action at each step earns 3 and the others nothing, the plan is to take it at each step.",
    cases=st.fixed_dictionaries(
        {"table": tables(), "gamma": st.sampled_from([0.9, 0.75]), "seed": seeds, "num_iterations": st.just(6)}
    ),
    trials=10,
    always=({"table": 3.0 * np.eye(3)[[2]], "gamma": 0.9, "seed": 1, "num_iterations": 1},),
)
def takes_what_pays(f, table, gamma, seed, num_iterations):
    horizon, num_actions = table.shape
    simulator = BatchedSimulator(table_model(table), 1, 0)
    result = f(simulator.step, simulator.start([0.0]), horizon, num_actions, 200, 20, num_iterations, 0.1, gamma, seed)
    plan = actions(result, horizon, num_actions, "the plan")
    expect_close(plan.astype(float), table.argmax(axis=1), "plan", 0.0, "the action that earns 3")


@cem_plan_discrete.property(
    "The plan holds an action for each step, only actions that exist are tried, and the same seed gives the same plan.",
    cases=st.fixed_dictionaries({"table": tables(), "iterations": st.integers(1, 3), "seed": seeds}),
    trials=15,
)
def actions_that_exist(f, table, iterations, seed):
    def plan():
        horizon, num_actions = table.shape
        simulator = BatchedSimulator(table_model(table), 1, 0)
        result = f(simulator.step, simulator.start([0.0]), horizon, num_actions, 7, 3, iterations, 0.2, 0.9, seed)
        tried = simulator.sequences(horizon)
        if not len(tried):
            raise Violation("no sequence of that many steps was tried.")
        actions(tried.ravel(), tried.size, num_actions, "a sequence that was tried")
        return actions(result, horizon, num_actions, "the plan")

    expect_same_again(plan(), plan())


# mpc_episode

worlds = st.fixed_dictionaries(
    {
        "observation_size": st.sampled_from([2, 1, 3]),
        "action_size": st.sampled_from([1, 2, 0]),
        "ending": st.sampled_from(["never", "terminated", "truncated", "both"]),
        "length": st.integers(1, 5),
    }
)
episodes = st.fixed_dictionaries(
    {"world": worlds, "horizon": st.integers(1, 4), "max_steps": st.integers(1, 6), "seed": seeds}
)


@mpc_episode.property(
    "The episode ends at termination, truncation or max_steps; the observations, actions and total reward are its own.",
    cases=episodes,
)
def tells_what_happened(f, world, horizon, max_steps, seed):
    WatchedEpisode(f, world, horizon, max_steps, seed).expect_results()


@mpc_episode.property(
    "The planner is asked before every step about the newest observation, and the first action of its answer is taken.",
    cases=episodes,
)
def first_action_of_a_new_plan(f, world, horizon, max_steps, seed):
    WatchedEpisode(f, world, horizon, max_steps, seed).expect_planning()


@mpc_episode.property(
    "The planner is given None at first, and then its last answer, shifted by one step with the last action repeated.",
    cases=episodes,
)
def previous_plan_is_shifted(f, world, horizon, max_steps, seed):
    WatchedEpisode(f, world, horizon, max_steps, seed).expect_warm_start()


# cem_plan_torch


@st.composite
def planning_problems(draw, max_samples=5, kinds=("LinearQuadratic", "PointMass", "Pendulum")):
    """Noise of small size and a model, both drawn from a seed."""
    import torch

    from labkit import dynamics as models

    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from([torch.float64, torch.float32]))
    kind = draw(st.sampled_from(kinds))
    state_size, action_size = {"LinearQuadratic": (3, 2), "PointMass": (4, 2), "Pendulum": (2, 1)}[kind]

    def numbers(*shape):
        return torch.tensor(rng.normal(size=shape), dtype=dtype)

    if kind == "LinearQuadratic":
        dynamics = models.LinearQuadratic(
            numbers(3, 3) / 2, numbers(2, 3).T, numbers(3), numbers(3).abs() + 0.1, numbers(2).abs() + 0.1
        )
    else:
        dynamics = models.PointMass(numbers(2)) if kind == "PointMass" else models.Pendulum()
    low = -numbers(action_size).abs() - 0.5
    shape = [draw(st.integers(1, largest)) for largest in (3, max_samples, 4)]
    shape[1] += 2
    return {
        "dynamics": dynamics,
        "state": numbers(state_size),
        "noise": numbers(*shape, action_size),
        "num_elites": draw(st.integers(1, shape[1])),
        "low": low,
        "high": low + numbers(action_size).abs() + 0.7,
        "gamma": draw(discounts),
    }


def _plan_tensor(result, noise):
    return tensor(result, tuple(noise.shape[2:]), noise, "the plan").double().numpy()


@cem_plan_torch.property(
    "Without noise the plan is the middle of the bounds.",
    cases=planning_problems(),
    trials=10,
)
def no_noise(f, dynamics, state, noise, num_elites, low, high, gamma):
    plan = _plan_tensor(f(dynamics, state, noise * 0, noise.shape[1], low, high, gamma), noise)
    expect_close(plan, ((low + high) / 2).double().numpy(), "plan", 1e-5)


@cem_plan_torch.property(
    "With one iteration in which everyone is elite, the plan is the mean of all samples: "
    "the middle of the bounds plus a quarter of their width times the noise, clipped to the bounds.",
    cases=planning_problems(),
    trials=15,
)
def mean_of_all(f, dynamics, state, noise, num_elites, low, high, gamma):
    noise = noise[:1]
    plan = _plan_tensor(f(dynamics, state, noise, noise.shape[1], low, high, gamma), noise)
    lower, upper = low.double().numpy(), high.double().numpy()
    samples = np.clip((lower + upper) / 2 + (upper - lower) / 4 * noise[0].double().numpy(), lower, upper)
    expect_close(plan, samples.mean(axis=0), "plan", 1e-8 if noise.element_size() == 8 else 1e-5)


@cem_plan_torch.property(
    "Everything stays on the device of the inputs, and no value is read back to the host.",
    cases=planning_problems(),
    trials=4,
)
def stays_on_the_device(f, dynamics, state, noise, num_elites, low, high, gamma):
    seen = f.on_accelerator(dynamics, state, noise, noise.shape[1], low, high, gamma)
    if seen["fault"]:
        raise Violation(f"On an accelerator: {seen['fault']}.")
    if not seen["device"].startswith("simgpu"):
        raise Violation(f"The inputs were on an accelerator, but the result is on {seen['device']}.")
    on_host = _plan_tensor(f(dynamics, state, noise, noise.shape[1], low, high, gamma), noise)
    on_device = _plan_tensor(seen["result"], noise)
    slack = 1e-8 if noise.element_size() == 8 else 1e-4
    expect_close(on_device, on_host, "the plan on the accelerator", slack, "the plan on the host")


# evolution_strategy

climbs = st.fixed_dictionaries(
    {
        "x0": whole_arrays(3),
        "sigma": st.sampled_from([0.5, 1.0, 0.1]),
        "population": st.sampled_from([2, 4, 6]),
        "learning_rate": st.sampled_from([0.5, 1.0, 0.1]),
        "num_iterations": st.integers(1, 4),
        "seed": seeds,
    }
)


@evolution_strategy.property(
    "Where all points are equally good, x stays where it is.",
    cases=with_inputs(climbs, c=st.integers(-3, 3)),
)
def plateau(f, c, x0, **settings):
    objective = Objective(lambda points: np.full(len(points), float(c)), len(x0))
    x = array(f(objective.value, x0, **settings), x0.shape, "x")
    expect_close(x, x0, "x", 1e-12, "where it started")


@evolution_strategy.property(
    "On a slope every run ends higher than it started, and the same seed gives the same x.",
    cases=with_inputs(climbs, slope=st.sampled_from([1.0, -2.0, 3.0])),
)
def uphill(f, slope, x0, **settings):
    def run():
        objective = Objective(lambda points: slope * points.sum(axis=1), len(x0))
        return array(f(objective.value, x0, **settings), x0.shape, "x")

    x = run()
    if slope * (x - x0).sum() <= 0:
        raise Violation(f"x ends at a value of {slope * x.sum():.6g}, not above the {slope * x0.sum():.6g} of x0.")
    expect_same_again(x, run(), "x")


@evolution_strategy.property(
    "The points of a generation lie in pairs around x: their mean is x.",
    cases=climbs,
)
def pairs_around_x(f, x0, **settings):
    objective = Objective(lambda points: np.zeros(len(points)), len(x0))
    f(objective.value, x0, **settings)
    asked = objective.points()
    asked = asked[np.abs(asked - x0).max(axis=1) > 1e-12]  # x itself may be looked at as well
    wanted = settings["population"] * settings["num_iterations"]
    if len(asked) != wanted:
        raise Violation(f"{wanted} points around x should be tried, but {len(asked)} were.")
    for start in range(0, wanted, settings["population"]):
        centre = asked[start : start + settings["population"]].mean(axis=0)
        expect_close(centre, x0, "the mean of a generation's points", 1e-9, "x")

"""Public properties of unit 6, modern methods: facts about results, on cases that shrink to something done on paper.

Models come from ``labkit.latents`` and ``labkit.dynamics``; what a function may ask of them is in their docstrings.
"""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import strategies as st

from labkit.chance import expect_count
from labkit.latents import LatentModel, countdown_policy, countdown_step, random_world_model
from labkit.problems import discounts, small_rewards, with_inputs
from labkit.properties import Exercise
from labkit.results import (
    Violation,
    array,
    counts,
    expect_close,
    kind,
    number,
    pair,
    parts,
    seen_on_accelerator,
    tensor,
)

NOTEBOOK = "06_modern_methods"
ROUNDING = 1e-9
FALSE_ALARM = 1e-11  # of one count; no property makes more than 100 of them over its cases

mc_dropout_predict = Exercise("mc_dropout_predict", NOTEBOOK)
branched_rollouts = Exercise("branched_rollouts", NOTEBOOK)
lambda_returns = Exercise("lambda_returns", NOTEBOOK)
imagine = Exercise("imagine", NOTEBOOK)
puct = Exercise("puct", NOTEBOOK)
muzero_search = Exercise("muzero_search", NOTEBOOK)
maml_gradient = Exercise("maml_gradient", NOTEBOOK)
gradient_plan = Exercise("gradient_plan", NOTEBOOK)

seeds = st.integers(0, 2**31 - 1)
random_seeds = st.integers(0, 2**32 - 1)


def numbers_of(draw, *shape, low=-3, high=3):
    """Draw an array of small whole numbers."""
    size = int(np.prod(shape))
    drawn = draw(st.lists(st.integers(low, high), min_size=size, max_size=size))
    return np.array(drawn, dtype=np.float64).reshape(shape)


def double(values):
    """Return an array as a float64 tensor."""
    import torch

    return torch.tensor(np.asarray(values), dtype=torch.float64)


def rounding(like):
    """Return the relative tolerance that belongs to the dtype of a tensor."""
    return 1e-8 if like.element_size() == 8 else 1e-4


def expect_on_device(f, expected, like, tolerance, *inputs):
    """On an accelerator the function gives ``expected``, on the device of its inputs; see ``seen_on_accelerator``."""
    seen = seen_on_accelerator(f, *inputs)
    if seen is None:
        return
    found = tensor(seen["result"], expected.shape, like, "the result").double().numpy()
    expect_close(found, expected, "the result on the accelerator", tolerance)


# mc_dropout_predict


@st.composite
def small_networks(draw, min_layers=1):
    """Networks of one to three layers with small whole numbers, and their input."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=min_layers + 1, max_size=4))
    weights = [double(numbers_of(draw, after, before)) for before, after in itertools.pairwise(sizes)]
    biases = [double(numbers_of(draw, size)) for size in sizes[1:]]
    return {"weights": weights, "biases": biases, "x": double(numbers_of(draw, draw(st.integers(1, 3)), sizes[0]))}


def read_moments(result, x, size):
    """Return ``(mean, std)`` as float64 arrays; they must be tensors like ``x``."""
    mean, std = pair(result, "(mean, std)")
    shape = (x.shape[0], size)
    return tensor(mean, shape, x, "mean").double().numpy(), tensor(std, shape, x, "std").double().numpy()


def expect_no_spread(std, scale, like):
    """``std`` is 0, but for what rounding leaves of it under a root."""
    expect_close(std, 0.0 * std, "std", scale * (1e-6 if like.element_size() == 8 else 3e-3), "all samples are alike")


@mc_dropout_predict.property(
    "With dropout 0 every sample is the plain output of the network: std is 0, whatever the seed.",
    cases=with_inputs(small_networks(), num_samples=st.integers(1, 4), seed=seeds),
)
def nothing_drops_out(f, weights, biases, x, num_samples, seed):
    values = x.numpy()
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        values = np.maximum(values, 0.0) if layer else values
        values = np.einsum("oi,ni->no", weight.numpy(), values) + bias.numpy()
    mean, std = read_moments(f(weights, biases, x, 0.0, num_samples, seed), x, len(bias))
    scale = 1.0 + np.abs(values).max()
    expect_close(mean, values, "mean", 1e-8 * scale, "the network's output without dropout")
    expect_no_spread(std, scale, x)


@mc_dropout_predict.property(
    "In a network of one layer nothing drops out, neither the input nor the output, and outputs may be negative.",
    cases=with_inputs(small_networks(), dropout=st.sampled_from([0.5, 0.75]), seed=seeds),
)
def input_and_output_stay(f, weights, biases, x, dropout, seed):
    mean, std = read_moments(f(weights[:1], biases[:1], x, dropout, 3, seed), x, len(biases[0]))
    expected = np.einsum("oi,ni->no", weights[0].numpy(), x.numpy()) + biases[0].numpy()
    scale = 1.0 + np.abs(expected).max()
    expect_close(mean, expected, "mean", 1e-8 * scale, "the output of the linear layer")
    expect_no_spread(std, scale, x)


def reader_of(activations, num_rows):
    """A network whose outputs are its hidden activations, the same in each of ``num_rows`` rows."""
    size = len(activations)
    identity, zeros = double(np.eye(size)), double(np.zeros(size))
    return [double(np.diag(activations)), identity], [zeros, zeros], double(np.ones((num_rows, size)))


@mc_dropout_predict.property(
    "In one sample every hidden activation is either 0 or itself divided by 1 - dropout, and std is 0.",
    cases=st.fixed_dictionaries(
        {
            "activations": st.lists(st.integers(1, 5), min_size=1, max_size=3),
            "num_rows": st.integers(1, 3),
            "dropout": st.sampled_from([0.5, 0.75]),
            "seed": seeds,
        }
    ),
)
def dropped_or_scaled_up(f, activations, num_rows, dropout, seed):
    weights, biases, x = reader_of(activations, num_rows)
    mean, std = read_moments(f(weights, biases, x, dropout, 1, seed), x, len(activations))
    kept = np.array(activations) / (1 - dropout)
    expect_close(np.minimum(np.abs(mean), np.abs(mean - kept)), 0 * mean, "the distance to 0 or to what is kept", 1e-7)
    expect_no_spread(std, kept.max(), x)


@mc_dropout_predict.property(
    "About a share `dropout` of all activations is dropped; the same seed drops the same ones, other seeds others.",
    cases=st.fixed_dictionaries({"dropout": st.sampled_from([0.5, 0.2, 0.75]), "seed": seeds}),
    trials=5,
)
def share_that_drops(f, dropout, seed):
    """1200 activations; that two seeds drop the same ones by chance is as good as impossible."""
    weights, biases, x = reader_of([1.0, 2.0, 3.0], 400)

    def dropped(number):
        return read_moments(f(weights, biases, x, dropout, 1, number), x, 3)[0] < 0.5

    first = dropped(seed)
    expect_count(int(first.sum()), first.size, dropout, "an activation is dropped", FALSE_ALARM)
    if (dropped(seed) != first).any():
        raise Violation("the same seed should drop the same activations.")
    if (dropped(seed ^ 1) == first).all():
        raise Violation("another seed should drop other activations.")
    deep = ([*weights, weights[1]], [*biases, biases[1]], x, dropout, 2, seed)
    once, again = (np.concatenate(read_moments(f(*deep), x, 3)) for _ in range(2))
    if np.abs(once - again).max() > 1e-6:
        raise Violation("the same seed should drop the same activations in every layer and every sample.")


# branched_rollouts

ROLLOUT_PARTS = ("states", "actions", "rewards", "next_states", "alive")


@st.composite
def countdowns(draw):
    starts = numbers_of(draw, draw(st.integers(1, 3)), 2, low=1, high=4)
    return {"starts": starts, "horizon": draw(st.integers(1, 5))}


def read_rollouts(result, starts, horizon, action_size):
    """Return the parts of a rollout as arrays; ``alive`` as booleans, actions of the dead as 0."""
    if not isinstance(result, dict) or not set(ROLLOUT_PARTS) <= set(result):
        found = f"one with {', '.join(map(str, result))}" if isinstance(result, dict) else kind(result)
        raise Violation(f"the function should return a dict with {', '.join(ROLLOUT_PARTS)}, but it returned {found}.")
    count, size = starts.shape
    alive = array(result["alive"], (horizon, count), "alive")
    if not np.isin(alive, (0.0, 1.0)).all():
        raise Violation("alive should hold truth values, but it holds other numbers.")
    alive = alive.astype(bool)
    states, next_states = (array(result[name], (horizon, count, size), name) for name in ("states", "next_states"))
    rewards = array(result["rewards"], (horizon, count), "rewards")
    actions = _actions_of_the_living(result["actions"], alive, action_size)
    return states, actions, rewards, next_states, alive


def _actions_of_the_living(value, alive, action_size):
    try:
        given = np.array(value, dtype=np.float64)
        given = np.where(alive[:, :, None], given, 0.0) if given.shape == (*alive.shape, action_size) else value
    except (TypeError, ValueError):
        given = value
    return array(given, (*alive.shape, action_size), "actions")


@branched_rollouts.property(
    "Branches begin at `starts`, and each step begins where the one before it has led.",
    cases=countdowns(),
)
def one_step_after_another(f, starts, horizon):
    result = f(countdown_step, countdown_policy, starts, horizon)
    states, _, _, next_states, _ = read_rollouts(result, starts, horizon, 1)
    expect_close(states[0], starts, "states[0]", ROUNDING, "starts")
    expect_close(states[1:], next_states[:-1], "states[1:]", ROUNDING, "next_states[:-1]")


@branched_rollouts.property(
    "A branch is alive until the step after the one that terminates, and never again: here for as many steps as the "
    "first number of its start says.",
    cases=countdowns(),
)
def alive_until_it_ends(f, starts, horizon):
    alive = read_rollouts(f(countdown_step, countdown_policy, starts, horizon), starts, horizon, 1)[4]
    expected = np.arange(horizon)[:, None] < starts[:, 0]
    expect_close(alive.astype(float), expected, "alive", 0.0)


@branched_rollouts.property(
    "A living branch does what the policy says, and earns and reaches what the model says; a dead one earns nothing "
    "and stays.",
    cases=countdowns(),
)
def living_and_dead(f, starts, horizon):
    result = f(countdown_step, countdown_policy, starts, horizon)
    expect_model_obeyed(read_rollouts(result, starts, horizon, 1), countdown_step, countdown_policy, ROUNDING)


def expect_model_obeyed(rollouts, step, policy, tolerance):
    """Every living row agrees with the model and the policy; every dead one rests."""
    states, actions, rewards, next_states, alive = rollouts
    for t, living in enumerate(alive):
        expect_close(actions[t][living], policy(states[t][living]), f"living actions[{t}]", tolerance)
        reached, earned, _ = step(states[t][living], actions[t][living])
        expect_close(rewards[t][living], earned, f"living rewards[{t}]", tolerance)
        expect_close(next_states[t][living], reached, f"living next_states[{t}]", tolerance)
        dead = ~living
        expect_close(rewards[t][dead], 0.0, f"dead rewards[{t}]", 0.0)
        expect_close(next_states[t][dead], states[t][dead], f"dead next_states[{t}]", tolerance)


# lambda_returns


@st.composite
def trajectories(draw):
    steps, rows = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    continues = draw(
        st.lists(st.sampled_from([0.5, 0.0, 0.9, 1.0]), min_size=steps * rows, max_size=steps * rows)
    )  # fmt: skip
    return {
        "rewards": numbers_of(draw, steps, rows),
        "values": numbers_of(draw, steps + 1, rows),
        "continues": np.array(continues).reshape(steps, rows),
    }


any_lambda = st.sampled_from([0.5, 0.0, 1.0, 0.9, 0.25])


@lambda_returns.property(
    "With lam = 0 each return is the reward plus the next value, as far as it continues.",
    cases=trajectories(),
)
def one_step_ahead(f, rewards, values, continues):
    returns = array(f(rewards, values, continues, 0.0), rewards.shape, "the returns")
    expect_close(returns - rewards, np.multiply(values[1:], continues), "return minus reward", ROUNDING)


@lambda_returns.property(
    "With lam = 1 only the last value counts: the others can be anything.",
    cases=with_inputs(trajectories(), shift=st.integers(1, 9)),
)
def only_the_last_value(f, rewards, values, continues, shift):
    others = np.concatenate([values[:-1] + shift, values[-1:]])
    before, after = (
        array(f(rewards, each, continues, 1.0), rewards.shape, "the returns") for each in (values, others)
    )  # fmt: skip
    expect_close(after, before, "return", ROUNDING, "the return before the other values were changed")
    ends = rewards[-1] + values[-1] * continues[-1]
    expect_close(before[-1], ends, "the last return", ROUNDING, "the last reward plus the last value, if it continues")


@lambda_returns.property(
    "Where every value is exactly the reward plus what continues of the next value, the returns are the values, "
    "whatever lam is.",
    cases=with_inputs(trajectories(), lam=any_lambda),
)
def consistent_values(f, rewards, values, continues, lam):
    values = values.copy()
    for t in range(len(rewards) - 1, -1, -1):
        values[t] = values[t + 1] * continues[t] + rewards[t]
    returns = array(f(rewards, values, continues, lam), rewards.shape, "the returns")
    expect_close(returns, values[:-1], "return", ROUNDING, "the value")


# imagine


@st.composite
def small_dreams(draw):
    sizes = {name: draw(st.integers(1, 3)) for name in ("rows", "observation", "latent", "action")}
    return {
        "sizes": sizes,
        "random_seed": draw(random_seeds),
        "observations": numbers_of(draw, sizes["rows"], sizes["observation"]),
        "horizon": draw(st.integers(1, 4)),
    }


def dream(f, model, observations, horizon, latent_size, action_size):
    """Return ``(latents, actions, rewards)`` of a call, as arrays of the shapes asked for."""
    result = f(model.encode, model.transition, model.actor, model.reward, observations, horizon)
    latents, taken, rewards = parts(result, ("latents", "actions", "rewards"))
    count = len(observations)
    return (
        array(latents, (horizon + 1, count, latent_size), "latents"),
        array(taken, (horizon, count, action_size), "actions"),
        array(rewards, (horizon, count), "rewards"),
    )


def small_dream(f, sizes, random_seed, observations, horizon):
    model = random_world_model(
        np.random.default_rng(random_seed), sizes["observation"], sizes["latent"], sizes["action"], bend=False
    )
    return model, *dream(f, model, observations, horizon, sizes["latent"], sizes["action"])


def closeness(expected):
    """Return the tolerance for numbers of the size of ``expected``."""
    return 1e-8 * (1.0 + np.abs(expected).max())


@imagine.property(
    "The first latents are those of the observations, and each later one is where the transition leads from the one "
    "before with its action.",
    cases=small_dreams(),
)
def latents_follow(f, **case):
    model, latents, taken, _ = small_dream(f, **case)
    first = model.encode(case["observations"])
    expect_close(latents[0], first, "latents[0]", closeness(first), "the encoded observations")
    for t, (here, action) in enumerate(zip(latents[:-1], taken, strict=True)):
        led_to = model.transition(here, action)
        why = f"the transition from latents[{t}]"
        expect_close(latents[t + 1], led_to, f"latents[{t + 1}]", closeness(led_to), why)


@imagine.property("Every action is what the actor does in the latents of the same step.", cases=small_dreams())
def actions_of_the_actor(f, **case):
    model, latents, taken, _ = small_dream(f, **case)
    for t, action in enumerate(taken):
        wanted = model.actor(latents[t])
        expect_close(action, wanted, f"actions[{t}]", closeness(wanted), f"what the actor does in latents[{t}]")


@imagine.property(
    "Every reward is what the reward head says about the latents that the step has led to.", cases=small_dreams()
)
def rewards_of_what_follows(f, **case):
    model, latents, _, rewards = small_dream(f, **case)
    for t, earned in enumerate(rewards):
        wanted = model.reward(latents[t + 1])
        expect_close(earned, wanted, f"rewards[{t}]", closeness(wanted), f"the reward of latents[{t + 1}]")


# puct


@st.composite
def statistics(draw, least_visits=0):
    size = draw(st.integers(1, 4))
    weights = numbers_of(draw, size, low=1, high=4)
    return {
        "priors": weights / weights.sum(),
        "q_values": numbers_of(draw, size),
        "visits": numbers_of(draw, size, low=least_visits, high=5).astype(np.int64),
        "c_init": draw(st.sampled_from([1.25, 0.0, 2.0])),
        "c_base": draw(st.sampled_from([19652.0, 1.0, 10.0])),
    }


def read_scores(result, visits):
    return array(result, visits.shape, "the scores")


@puct.property("While no action has been visited, the scores are the values.", cases=statistics())
def values_at_first(f, priors, q_values, visits, c_init, c_base):
    scores = read_scores(f(priors, q_values, visits * 0, c_init, c_base), visits)
    expect_close(scores, q_values, "score", ROUNDING, "its value")


@puct.property(
    "Twice the prior is twice the bonus, and three visits more to an action never visited leave a quarter of it.",
    cases=st.fixed_dictionaries(
        {
            "visits": st.integers(3, 30),
            "c_init": st.sampled_from([1.25, 0.0, 2.0]),
            "c_base": st.sampled_from([19652.0, 1.0, 10.0]),
        }
    ),
)
def bonus_of_prior_and_visits(f, visits, c_init, c_base):
    counted = np.array([3, 3, 0, 3 * visits])
    priors = np.array([0.1, 0.2, 0.1, 0.6])
    scores = read_scores(f(priors, np.zeros(4), counted, c_init, c_base), counted)
    if not scores[0] > 0:
        raise Violation(f"the bonus should be positive, but it is {scores[0]:g}.")
    expect_close(scores[1:3], scores[0] * np.array([2.0, 4.0]), "score", ROUNDING * (1 + np.abs(scores).max()))


@puct.property(
    "A value that is higher by d raises its own score by d and no other.",
    cases=with_inputs(statistics(), shift=st.integers(1, 5)),
)
def values_are_added(f, priors, q_values, visits, c_init, c_base, shift):
    raised = np.append(q_values[:1] + shift, q_values[1:])
    before, after = (read_scores(f(priors, q, visits, c_init, c_base), visits) for q in (q_values, raised))
    expect_close(after - before, raised - q_values, "the change of the score", ROUNDING * (10 + np.abs(before).max()))


# muzero_search


def read_search(result, num_actions, num_simulations):
    """Return ``(visits, root_value)``."""
    visits, root_value = pair(result, "(visits, root_value)")
    visits, root_value = counts(visits, (num_actions,), "visits"), number(root_value, "root_value")
    if visits.sum() != num_simulations:
        raise Violation(f"visits should sum to {num_simulations}, but they are {visits.tolist()}.")
    return visits, root_value


def search(f, model, num_simulations, c_init=1.25, c_base=19652.0, gamma=0.9):
    """Search from situation 0 of ``model``."""
    asked = (model.represent, model.dynamics, model.predict, model.observation(), model.num_actions)
    return read_search(f(*asked, num_simulations, c_init, c_base, gamma), model.num_actions, num_simulations)


@st.composite
def corridors(draw):
    length = draw(st.integers(1, 5))
    return {
        "rewards": draw(st.lists(small_rewards, min_size=length, max_size=length)),
        "values": draw(st.lists(small_rewards, min_size=length, max_size=length)),
        "gamma": draw(discounts),
    }


@muzero_search.property(
    "Where there is one action only, simulation k earns the first k rewards and ends with the value of the state after "
    "them; root_value is the mean of these discounted returns.",
    cases=corridors(),
)
def one_action(f, rewards, values, gamma):
    """``values[k]`` is that of the state after k + 1 steps; the root's own value is 100 and must not show."""
    length = len(rewards)
    onward = np.minimum(np.arange(length + 1) + 1, length)[:, None]
    model = LatentModel(onward, [[r] for r in [*rewards, 0]], np.ones((length + 1, 1)), [100, *values])
    _, root_value = search(f, model, length, gamma=gamma)
    earned = np.cumsum(gamma ** np.arange(length) * rewards)
    seen = earned + gamma ** np.arange(1, length + 1) * np.array(values)
    expect_close(np.array(root_value), seen.mean(), "root_value", ROUNDING)


def fork(num_actions, values, rewards=None, priors=None):
    """A root whose actions lead to situations of their own, where all actions stay."""
    after = np.arange(1, num_actions + 1)
    following = np.concatenate([after[None], np.repeat(after[:, None], num_actions, axis=1)])
    earned = np.zeros((num_actions + 1, num_actions))
    earned[0] = 0.0 if rewards is None else rewards
    share = np.full(earned.shape, 1.0 / num_actions)
    share[0] = share[0] if priors is None else priors
    return LatentModel(following, earned, share, np.append(0.0, values))


@muzero_search.property(
    "With gamma = 0 root_value is the mean of the rewards of the root's actions, each counted as often as it was "
    "visited.",
    cases=st.fixed_dictionaries(
        {"rewards": st.lists(small_rewards, min_size=1, max_size=3), "num_simulations": st.integers(1, 12)}
    ),
)
def rewards_of_the_root(f, rewards, num_simulations):
    model = fork(len(rewards), np.full(len(rewards), 7.0), rewards)
    visits, root_value = search(f, model, num_simulations, gamma=0.0)
    expect_close(np.array(root_value), np.dot(visits, rewards) / num_simulations, "root_value", ROUNDING)


@muzero_search.property(
    "The action that pays is visited most, whether it earns a reward or leads to a state of value.",
    cases=st.fixed_dictionaries(
        {
            "num_actions": st.integers(2, 3),
            "best": st.integers(0, 2),
            "pays": st.sampled_from(["reward", "value"]),
            "prize": st.sampled_from([1.0, 50.0, 0.01]),
        }
    ),
    trials=15,
)
def finds_what_pays(f, num_actions, best, pays, prize):
    """The other actions lose a little, so that values differ after two simulations, whatever is tried first."""
    prizes = prize * np.eye(num_actions)[best % num_actions]
    losses = 0.1 * (prizes - prize)
    if pays == "reward":
        model = fork(num_actions, losses, prizes)
    else:
        model = fork(num_actions, prizes + losses)
        model.rewards[1:] = 0.1 * prizes[:, None]  # with gamma = 0.9, staying is worth what the value says
    visits, _ = search(f, model, 60)
    if visits.argmax() != best % num_actions:
        raise Violation(f"action {best % num_actions} pays, but visits are {visits.tolist()} after 60 simulations.")


@muzero_search.property(
    "When c_init is huge and the priors are equal, all actions are visited equally often, up to one visit.",
    cases=st.fixed_dictionaries(
        {
            "values": st.lists(small_rewards.filter(bool), min_size=1, max_size=4),
            "num_simulations": st.integers(5, 20),
        }
    ),
)
def equal_priors(f, values, num_simulations):
    """With values other than 0 an action differs from itself at its second visit; until then it may be taken again."""
    visits, _ = search(f, fork(len(values), values), num_simulations, c_init=1e6)
    if np.ptp(visits) > 1:
        raise Violation(f"visits should differ by 1 at most, but they are {visits.tolist()}.")


# maml_gradient


@st.composite
def small_tasks(draw, max_tasks=3):
    size = draw(st.integers(1, 3))

    def examples():
        count = draw(st.integers(1, 3))
        return double(numbers_of(draw, count, size)), double(numbers_of(draw, count))

    return {
        "weights": double(numbers_of(draw, size)),
        "tasks": [(*examples(), *examples()) for _ in range(draw(st.integers(1, max_tasks)))],
        "inner_lr": draw(st.sampled_from([0.1, 0.5, 0.01])),
    }


def read_gradient(result, weights, name="the gradient"):
    return tensor(result, tuple(weights.shape), weights, name).double().numpy()


@maml_gradient.property(
    "With one support example whose input is 1 and inner_lr = ½, the inner step lands on the target wherever it "
    "begins: the gradient is 0.",
    cases=st.fixed_dictionaries(
        {"w": small_rewards, "target": small_rewards, "query": st.tuples(*[small_rewards] * 2)}
    ),
)
def nowhere_to_go(f, w, target, query):
    task = (double([[1]]), double([target]), double([[query[0]]]), double([query[1]]))
    weights = double([w])
    expect_close(read_gradient(f(weights, [task], 0.5), weights), np.zeros(1), "the gradient", 1e-8)


@maml_gradient.property(
    "With inner_lr = 0 the support sets do not matter, and weights that fit the queries exactly have gradient 0.",
    cases=small_tasks(),
)
def without_adaptation(f, weights, tasks, inner_lr):
    fitting = [(Xs, ys, Xq, (Xq * weights).sum(dim=1)) for Xs, ys, Xq, _ in tasks]
    found = read_gradient(f(weights, fitting, 0.0), weights)
    expect_close(found, np.zeros(len(weights)), "the gradient", 1e-8)
    other = [(-Xs, ys + 1, Xq, yq) for Xs, ys, Xq, yq in tasks]
    first, second = (read_gradient(f(weights, each, 0.0), weights) for each in (tasks, other))
    expect_close(second, first, "the gradient", closeness(first), "the gradient with other support sets")


@maml_gradient.property(
    "The gradient for several tasks is the mean of the gradients for each of them alone.",
    cases=small_tasks(),
)
def mean_over_tasks(f, weights, tasks, inner_lr):
    alone = np.mean([read_gradient(f(weights, [task], inner_lr), weights) for task in tasks], axis=0)
    together = read_gradient(f(weights, tasks, inner_lr), weights)
    expect_close(together, alone, "the gradient", closeness(alone), "the mean of the tasks' gradients")


@maml_gradient.property(
    "Everything stays on the device of the inputs.",
    cases=small_tasks(max_tasks=2),
    trials=4,
)
def gradient_stays_on_the_device(f, weights, tasks, inner_lr):
    expected = read_gradient(f(weights, tasks, inner_lr), weights)
    expect_on_device(f, expected, weights, closeness(expected), weights, tasks, inner_lr)


# gradient_plan


@st.composite
def plans(draw, kinds=("LinearQuadratic", "PointMass", "Pendulum"), single=False, max_horizon=4):
    """A model and a plan, drawn from a seed."""
    import torch

    from labkit import dynamics as models

    rng = np.random.default_rng(draw(random_seeds))
    dtype = draw(st.sampled_from([torch.float64, torch.float32])) if single else torch.float64
    machine = draw(st.sampled_from(kinds))
    state_size, action_size = {"LinearQuadratic": (3, 2), "PointMass": (4, 2), "Pendulum": (2, 1)}[machine]

    def numbers(*shape):
        return torch.tensor(rng.normal(size=shape), dtype=dtype)

    if machine == "LinearQuadratic":
        model = models.LinearQuadratic(
            numbers(3, 3) / 2, numbers(2, 3).T, numbers(3), numbers(3).abs() + 0.1, numbers(2).abs() + 0.1
        )
    else:
        model = models.PointMass(numbers(2)) if machine == "PointMass" else models.Pendulum()
    return {
        "dynamics": model,
        "state": numbers(state_size),
        "actions": numbers(draw(st.integers(1, max_horizon)), action_size),
        "gamma": draw(discounts),
        "learning_rate": draw(st.sampled_from([0.01, 0.03, 0.001])),
    }


def read_plan(result, like):
    return tensor(result, tuple(like.shape), like, "the plan").double().numpy()


@gradient_plan.property("Without a step the plan is the one that was given.", cases=plans(), trials=10)
def no_steps_taken(f, dynamics, state, actions, gamma, learning_rate):
    found = read_plan(f(dynamics, state, actions, gamma, learning_rate, 0), actions)
    expect_close(found, actions.numpy(), "the plan", 1e-12, "the plan given")


@gradient_plan.property(
    "One step changes every action by learning_rate times the slope of the discounted return, as measured by trying "
    "slightly more and slightly less of it.",
    cases=plans(),
    trials=12,
)
def along_the_slope(f, dynamics, state, actions, gamma, learning_rate):
    """The slopes are central differences in float64, right to about 1e-7 of the largest."""
    moved = read_plan(f(dynamics, state, actions, gamma, learning_rate, 1), actions)
    h, slopes = 1e-5, np.zeros(actions.shape)
    for index in np.ndindex(*actions.shape):
        more, less = actions.clone(), actions.clone()
        more[index] += h
        less[index] -= h
        slopes[index] = (worth(dynamics, state, more, gamma) - worth(dynamics, state, less, gamma)) / (2 * h)
    tolerance = learning_rate * 1e-5 * (1 + np.abs(slopes).max())
    expect_close(moved - actions.numpy(), learning_rate * slopes, "the change of the plan", tolerance)


def worth(dynamics, state, plan, gamma):
    """Return the discounted return of a plan, a number."""
    here, earned = state.reshape(1, -1), []
    for action in plan:
        here, reward = dynamics(here, action.reshape(1, -1))
        earned.append(float(reward))
    return float(np.dot(earned, np.power(gamma, np.arange(len(earned)))))


@gradient_plan.property(
    "Several steps are one step after another: each begins where the one before it has led.",
    cases=with_inputs(plans(), first=st.integers(1, 2), second=st.integers(1, 3)),
    trials=12,
)
def step_after_step(f, dynamics, state, actions, gamma, learning_rate, first, second):
    at_once = read_plan(f(dynamics, state, actions, gamma, learning_rate, first + second), actions)
    half = double(read_plan(f(dynamics, state, actions, gamma, learning_rate, first), actions))
    in_turn = read_plan(f(dynamics, state, half, gamma, learning_rate, second), actions)
    expect_close(at_once, in_turn, "the plan", closeness(in_turn), f"{first} steps and then {second}")


@gradient_plan.property("Everything stays on the device of the inputs.", cases=plans(max_horizon=2), trials=4)
def plan_stays_on_the_device(f, dynamics, state, actions, gamma, learning_rate):
    expected = read_plan(f(dynamics, state, actions, gamma, learning_rate, 2), actions)
    inputs = (dynamics, state, actions, gamma, learning_rate, 2)
    expect_on_device(f, expected, actions, closeness(expected), *inputs)

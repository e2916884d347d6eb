"""Unit 6: what six modern methods deliver at the size of a notebook, and where they do not."""

from __future__ import annotations

import numpy as np
import torch

from autograder.claims.experiment import Claim, Experiment, Samples, factor, mean, mean_difference
from labkit import branching, doubt, dreaming, dynamics, family, maze_search
from labkit.pictures import PictureWorld
from solutions import modern_methods, mpc

DROPOUT, ASKED = 0.1, 50
GOOD_SWING, BRANCHES = -220.0, (1, 10)  # reward to reach; lengths of branches
MAZE = ("S...", "..#.", "H..G")
BUDGETS = (4, 32)  # simulations of a search
GAMMA, HORIZON, CLIMBING_STEPS, GRADIENT_COST = 0.99, 20, 30, 3  # a backward pass costs about two forward ones


def doubts(seed: int) -> dict[str, float]:
    """Return the mean standard deviation and error of an ensemble and of dropout, where data are and where not."""
    torch.set_num_threads(1)
    inputs, moves = doubt.bumpy_data(1, 150, seed)
    ensemble = doubt.fit_networks(inputs, moves, seed, copies=5)
    weights, biases = doubt.fit_networks(inputs, moves, seed, dropout=DROPOUT).of_run(0)
    rng, measured = np.random.default_rng([6, seed]), {}
    for place in doubt.PLACES:
        points = doubt.places(place, rng, (1, 200))
        truth = doubt.moved(points[0, :, 0], points[0, :, 1])
        members = doubt.member_predictions(ensemble, 1, points)[0]
        centre, std = modern_methods.mc_dropout_predict(
            weights, biases, torch.as_tensor(points[0]), DROPOUT, ASKED, seed
        )
        answers = {
            "ensemble": (members.mean(axis=0), members.std(axis=0)),
            "dropout": (centre[:, 0].numpy(), std[:, 0].numpy()),
        }
        for name, (middle, spread) in answers.items():
            measured[f"{name}, {place}"] = float(spread.mean())
            measured[f"{name}, error, {place}"] = float(np.abs(middle - truth).mean())
    return measured


def conclude_doubts(samples: Samples) -> list[Claim]:
    """Ask of each method and place whether doubt grows, and whether it grows as the error does."""
    claims, count = [], len(samples["ensemble, seen"])
    for name in ("ensemble", "dropout"):
        for place, words in {"gap": "in a gap between the data", "beyond": "beyond all data"}.items():
            more = factor(samples[f"{name}, {place}"], samples[f"{name}, seen"])
            worse = factor(samples[f"{name}, error, {place}"], samples[f"{name}, error, seen"])
            statement = f"The doubt of {'an ensemble' if name == 'ensemble' else 'MC dropout'} grows {words}."
            measured = f"Standard deviation {more} times that among the data; the error is {worse} times as large."
            claims.append(Claim("6", statement, measured, more.low > 1, count))
    grown = {name: samples[f"{name}, gap"] / samples[f"{name}, seen"] for name in ("ensemble", "dropout")}
    more = mean_difference(grown["ensemble"], grown["dropout"])
    measured = f"Growth of the doubt {mean(grown['ensemble'])} against {mean(grown['dropout'])}, {more} more."
    claims.append(Claim("6", "An ensemble notices a gap better than MC dropout.", measured, more.low > 0, count))
    return claims


def real_steps(seed: int) -> dict[str, float]:
    """Return the real decisions until a pendulum is swung up well, with branches of several lengths and without."""
    torch.set_num_threads(1)
    needed = {}
    for horizon in (0, *BRANCHES):
        decisions, rewards = branching.learn(modern_methods.branched_rollouts, horizon, num_runs=1, seed=seed)
        good = rewards[0] >= GOOD_SWING
        needed[str(horizon)] = float(decisions[good.argmax()] if good.any() else decisions[-1])
    return needed


def conclude_real_steps(samples: Samples) -> list[Claim]:
    """Compare each length of branches with real data only."""
    claims = []
    for horizon in BRANCHES:
        saved = factor(samples["0"], samples[str(horizon)])
        measured = (
            f"{mean(samples['0'])} real decisions without and {mean(samples[str(horizon)])} with branches, {saved} "
            "times as many; runs that never got there are counted with all their steps."
        )
        statement = f"Branched rollouts of {horizon} step{'s' * (horizon > 1)} save real steps."
        claims.append(Claim("6", statement, measured, saved.low > 1, len(samples["0"])))
    return claims


def dreams(seed: int) -> dict[str, float]:
    """Return what an actor earns in the true world before and after practice in imagination, and in the world."""
    torch.set_num_threads(1)
    world = PictureWorld(MAZE)
    asked = modern_methods.imagine, modern_methods.lambda_returns, world
    steps, rewards, promises, model = dreaming.dream(*asked, num_runs=1, seed=seed)
    true_steps, true_rewards = dreaming.wake(*asked, model, seed=seed)
    return {
        "before": float(rewards[0, 0]),
        "first": float(rewards[0, 1]),
        "after": float(rewards[0, -1]),
        "first promise": float(promises[0, 0]),
        "last promise": float(promises[0, -1]),
        "real steps": float(steps[-1]),
        "in the world": float(true_rewards[0, -1]),
        "real steps in the world": float(true_steps[-1]),
    }


def conclude_dreams(samples: Samples) -> list[Claim]:
    """Compare the actor after practice with itself before, and with one that practised in the world."""
    gain = mean_difference(samples["after"], samples["before"])
    short = mean_difference(samples["in the world"], samples["after"])
    saved = factor(samples["real steps in the world"], samples["real steps"])
    early, late = (
        mean_difference(samples[promise], samples[paid])
        for promise, paid in (("first promise", "first"), ("last promise", "after"))
    )
    count = len(samples["after"])
    return [
        Claim(
            "6",
            "An actor trained in imagination is better in the true world than before.",
            f"Reward of an episode {mean(samples['after'])} after and {mean(samples['before'])} before, {gain} more.",
            gain.low > 0,
            count,
        ),
        Claim(
            "6",
            "Imagination is as good a teacher as the world, for fewer real steps.",
            f"The world takes {saved} times as many real steps, and its pupil earns {short} more.",
            saved.low > 1 and short.low <= 0,
            count,
        ),
        Claim(
            "6",
            "An actor finds the mistakes of its dream, and playing them for real mends the dream.",
            f"The model promises {early} more than the world pays after one round, and {late} more after the last.",
            early.low > 0 and late.high < early.low,
            count,
        ),
    ]


def searches(seed: int) -> dict[str, float]:
    """Return what searches in a learned model and in the true simulator earn in a maze."""
    torch.set_num_threads(1)
    search = modern_methods.muzero_search
    models, _, played = maze_search.self_play(search, num_runs=1, seed=seed)
    earned = {"random": float(played[0, 0])}
    for budget in BUDGETS:
        true = maze_search.true_functions(np.random.default_rng([61, seed]))
        earned[f"learned, {budget}"] = maze_search.mean_reward(search, models.functions(0), budget)
        earned[f"true, {budget}"] = maze_search.mean_reward(search, true, budget)
    return earned


def conclude_searches(samples: Samples) -> list[Claim]:
    """Compare the learned model with random walks, and with the truth at each budget."""
    learned, count = samples[f"learned, {BUDGETS[-1]}"], len(samples["random"])
    gain = mean_difference(learned, samples["random"])
    claims = [
        Claim(
            "6",
            "Search in a model that self-play has learned beats random walks.",
            f"Share of goals {mean(learned)} against {mean(samples['random'])}, {gain} more.",
            gain.low > 0,
            count,
        )
    ]
    for budget, better, worse in ((BUDGETS[0], "learned", "true"), (BUDGETS[-1], "true", "learned")):
        first, second = samples[f"{better}, {budget}"], samples[f"{worse}, {budget}"]
        more = mean_difference(first, second)
        names = {"learned": "the learned model", "true": "the true simulator"}
        statement = f"With {budget} simulations, search in {names[better]} beats search in {names[worse]}."
        measured = f"Share of goals {mean(first)} against {mean(second)}, {more} more."
        claims.append(Claim("6", statement, measured, more.low > 0, count))
    return claims


def adaptations(seed: int) -> dict[str, float]:
    """Return the errors on new machines after 1 and 5 gradient steps, from three starting points."""
    torch.set_num_threads(1)
    beginnings = {
        "scratch": torch.zeros(len(family.FEATURES), dtype=torch.float64),
        "pre-trained": family.pretrain(seed),
        "MAML": family.meta_learn(modern_methods.maml_gradient, seed),
    }
    rng = np.random.default_rng([62, seed])
    machines = [family.draw_task(rng) for _ in range(60)]
    errors = {}
    for name, weights in beginnings.items():
        curve = np.mean([family.adaptation(weights, machine, 5) for machine in machines], axis=0)
        errors |= {f"{name}, {steps}": float(curve[steps]) for steps in (1, 5)}
    return errors


def conclude_adaptations(samples: Samples) -> list[Claim]:
    """Compare MAML with both rivals after one step and after five."""
    claims = []
    for rival, words in {"scratch": "learning from scratch", "pre-trained": "plain pre-training"}.items():
        for steps in (1, 5):
            ours, theirs = samples[f"MAML, {steps}"], samples[f"{rival}, {steps}"]
            less = mean_difference(theirs, ours)
            statement = f"After {steps} gradient step{'s' * (steps > 1)}, MAML is ahead of {words}."
            measured = f"Error {mean(ours)} against {mean(theirs)} rad/s², {less} less."
            claims.append(Claim("6", statement, measured, less.low > 0, len(ours)))
    return claims


def climbs(seed: int) -> dict[str, float]:
    """Return what plans found by gradient and by the cross-entropy method earn, at equal model calls and at many."""
    torch.set_num_threads(1)
    rng, earned = np.random.default_rng([63, seed]), {}
    for task, (model, start, bound, rate) in _tasks(rng).items():
        size, step = len(bound), dynamics.numpy_step(model)
        plan = torch.as_tensor(0.3 * rng.normal(size=(HORIZON, size)))
        squeezed = lambda states, actions, model=model, bound=bound: model(states, bound * torch.tanh(actions))  # noqa: E731
        plan = bound * torch.tanh(modern_methods.gradient_plan(squeezed, start, plan, GAMMA, rate, CLIMBING_STEPS))
        plans = {"gradient": plan.numpy()}
        limits = (-bound.numpy(), bound.numpy(), GAMMA, seed)
        for name, samples in {"equal": GRADIENT_COST * CLIMBING_STEPS // 5, "many": 400}.items():
            plans[name] = mpc.cem_plan(step, start.numpy(), HORIZON, samples, max(2, samples // 8), 5, *limits)
        for name, found in plans.items():
            value = mpc.evaluate_sequences(step, start.numpy(), found[None], GAMMA)[0]
            earned[f"{task}, {name}"] = float(value)
    return earned


def _tasks(rng: np.random.Generator) -> dict[str, tuple]:
    """Models, starts that vary with the seed, bounds and step sizes."""
    goal, place = rng.uniform(-1, 1, size=(2, 2))
    torque = torch.tensor([6.0], dtype=torch.float64)
    rest = np.zeros(2)
    states = {
        "puck": np.concatenate([place, rest]),
        "tilted pendulum": np.array([rng.uniform(0.3, 0.5), 0.0]),
        "hanging pendulum": np.array([np.pi + rng.uniform(-0.05, 0.05), 0.0]),
    }
    starts = {name: torch.as_tensor(state) for name, state in states.items()}
    push = torch.ones(2, dtype=torch.float64)
    return {
        "puck": (dynamics.PointMass(torch.as_tensor(goal)), starts["puck"], push, 1.0),
        "tilted pendulum": (dynamics.Pendulum(), starts["tilted pendulum"], torque, 0.3),
        "hanging pendulum": (dynamics.Pendulum(), starts["hanging pendulum"], torque, 0.3),
    }


def conclude_climbs(samples: Samples) -> list[Claim]:
    """Compare gradient and cross-entropy for each task, at equal model calls and with 2000 sequences."""
    claims = []
    for task in ("puck", "tilted pendulum", "hanging pendulum"):
        ours = samples[f"{task}, gradient"]
        for name, words in {"equal": "at equal model calls", "many": "which may try 2000 sequences"}.items():
            more = mean_difference(ours, samples[f"{task}, {name}"])
            statement = f"{task.capitalize()}: planning by gradient beats the cross-entropy method, {words}."
            measured = f"Return {mean(ours)} against {mean(samples[f'{task}, {name}'])}, {more} more."
            claims.append(Claim("6", statement, measured, more.low > 0, len(ours)))
    return claims


EXPERIMENTS = (
    Experiment("doubt of networks", doubts, conclude_doubts),
    Experiment("branched rollouts", real_steps, conclude_real_steps),
    Experiment("imagination", dreams, conclude_dreams),
    Experiment("search in a learned model", searches, conclude_searches),
    Experiment("adaptation", adaptations, conclude_adaptations),
    Experiment("gradient planning", climbs, conclude_climbs, seeds=40),
)

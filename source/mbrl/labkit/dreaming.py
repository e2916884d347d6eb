"""A small Dreamer: a latent world model learned from noisy pictures of a grid world, and an actor trained in it.

Imagination and returns are the student's: a `Dreamer` takes `imagine` and `lambda_returns`. What is here is the
networks with their losses, and the actor's gradient. All runs of an experiment learn side by side.

Sources: Hafner et al. 2020 (Dreamer), 2021 (DreamerV2: latents of several categories; for discrete actions, the actor's
gradient by REINFORCE with the critic as baseline).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

from labkit.networks import Networks, adam, as_tensor, descend
from labkit.pictures import ACTIONS, PictureWorld, Play, play

GROUPS, CLASSES, HIDDEN = 4, 8, 96
LATENT = GROUPS * CLASSES
UNROLL, BATCH, MODEL_RATE = 2, 32, 5e-3  # steps that the model is trained to see ahead; sequences in a batch
PICTURE_WEIGHT, REWARD_WEIGHT = 0.2, 5.0
GAMMA, ENTROPY, ACTOR_RATE, STARTS = 0.95, 0.05, 5e-3, 20
TESTED, TEST_STEPS = 40, 20


def in_groups(scores: torch.Tensor) -> torch.Tensor:
    """Return latents: the probabilities of each group of classes, side by side. Small errors fade in them."""
    return scores.unflatten(-1, (GROUPS, CLASSES)).softmax(dim=-1).flatten(-2)


class WorldModel:
    """Encoder, transition, decoder, and a head for reward and going on, for each of R runs.

    Args:
        pixels: of a picture.
        num_runs: R.
        seed: of the first weights.
    """

    def __init__(self, pixels: int, num_runs: int, seed: int) -> None:
        self.num_runs = num_runs
        shapes = ((pixels, HIDDEN, LATENT), (LATENT + ACTIONS, HIDDEN, LATENT), (LATENT, HIDDEN, pixels))
        self._parts = [Networks(num_runs, shape, 1000 * seed + k) for k, shape in enumerate(shapes)]
        self._parts.append(Networks(num_runs, (LATENT, HIDDEN, 2), 1000 * seed + 3, last_scale=0.1))
        self._optimizer = adam(self._parts, MODEL_RATE)
        self.functions = self._functions()

    def learn(
        self, data: Play, num_updates: int, rng: np.random.Generator, tell: Callable[[], object] = lambda: None
    ) -> None:
        """Train on short sequences of the data: each begins in a picture and goes on in latents."""
        encoder, mover, decoder, head = self._parts
        pictures, chosen = torch.as_tensor(data.pictures), as_tensor(np.eye(ACTIONS)[data.actions])
        rewards, going_on, lived = (as_tensor(each) for each in (data.rewards, data.going_on, data.lived))
        every = torch.arange(self.num_runs)[:, None]
        for _ in range(num_updates):
            episode, first = data.some_steps(rng, BATCH, UNROLL)
            shown = [pictures[every, episode, first + t] for t in range(UNROLL + 1)]
            latents = [in_groups(encoder(shown[0]))]
            for t in range(UNROLL):
                latents.append(in_groups(mover(torch.cat([latents[-1], chosen[every, episode, first + t]], dim=2))))
            wrong = PICTURE_WEIGHT * (decoder(torch.cat(latents, dim=1)) - torch.cat(shown, dim=1)).square().sum(dim=2)
            said, weight = head(torch.cat(latents[1:], dim=1)), torch.ones(wrong.shape)
            paid, on, weight[:, BATCH:] = (
                torch.cat([each[every, episode, first + t] for t in range(UNROLL)], dim=1)
                for each in (rewards, going_on, lived)
            )
            wrong[:, BATCH:] += REWARD_WEIGHT * (said[..., 0] - paid).square()
            wrong[:, BATCH:] += binary_cross_entropy_with_logits(said[..., 1], on, reduction="none")
            loss = (weight * wrong).sum(dim=1) / BATCH
            descend(self._optimizer, loss)
            tell()
        self.functions = self._functions()

    def _functions(self) -> dict[str, Callable]:
        """`encode`, `transition`, `reward`, `going_on`, `decode` of arrays; rows come in the order of the runs."""
        encoder, mover, decoder, head = (part.asked() for part in self._parts)

        def snapped(scores: np.ndarray) -> np.ndarray:
            return in_groups(torch.as_tensor(scores)).numpy()

        def rowwise(function: Callable) -> Callable:
            def answer(*inputs: np.ndarray) -> np.ndarray:
                joined = np.concatenate(inputs, axis=1).astype(np.float32)
                return function(joined.reshape(self.num_runs, -1, joined.shape[1])).reshape(len(joined), -1)

            return answer

        return {
            "encode": rowwise(lambda rows: snapped(encoder(rows))),
            "transition": rowwise(lambda rows: snapped(mover(rows))),
            "decode": rowwise(decoder),
            "reward": lambda latents: rowwise(head)(latents)[:, 0],
            "going_on": lambda latents: 1 / (1 + np.exp(-rowwise(head)(latents)[:, 1])),
        }


class Dreamer:
    """R actors and critics that practise in imagination.

    Args:
        imagine: the student's.
        lambda_returns: the student's.
        num_runs: R.
        seed: of the first weights and of everything random.
        lam: of the λ-returns.
        horizon: of imagination.
    """

    def __init__(
        self,
        imagine: Callable,
        lambda_returns: Callable,
        num_runs: int,
        seed: int,
        lam: float = 0.95,
        horizon: int = 10,
    ) -> None:
        self._imagine, self._lambda_returns, self._lam, self._horizon = imagine, lambda_returns, lam, horizon
        self._runs, self._rng = num_runs, np.random.default_rng([13, seed])
        self._actor = Networks(num_runs, (LATENT, HIDDEN, ACTIONS), 1000 * seed + 4, last_scale=0.1)
        self._critic = Networks(num_runs, (LATENT, HIDDEN, 1), 1000 * seed + 5, last_scale=0.1)
        self._climb, self._fit = adam([self._actor], ACTOR_RATE), adam([self._critic], ACTOR_RATE)

    def act(self) -> Callable[[np.ndarray], np.ndarray]:
        """Return the present actor: latents `(R · N, Z)` to actions drawn from its distribution, one-hot."""
        scores = self._actor.asked()

        def draw(latents: np.ndarray) -> np.ndarray:
            rows = np.asarray(latents)[:, :LATENT].astype(np.float32).reshape(self._runs, -1, LATENT)
            noisy = scores(rows).reshape(len(latents), ACTIONS) + self._rng.gumbel(size=(len(latents), ACTIONS))
            return np.eye(ACTIONS)[noisy.argmax(axis=1)]

        return draw

    def practise(self, model: dict[str, Callable], first: np.ndarray) -> None:
        """Imagine once from the observations `first`, `(R · N, …)`, and improve actor and critic.

        Args:
            model: `encode`, `transition`, `reward` and `going_on`.
            first: where imagination starts.
        """
        heads = model["encode"], model["transition"], self.act(), model["reward"]
        latents, actions, rewards = (np.asarray(part) for part in self._imagine(*heads, first, self._horizon))
        going_on = GAMMA * np.stack([model["going_on"](each) for each in latents[1:]])
        codes = self._by_run(latents[..., :LATENT])
        values = self._critic(codes.flatten(1, 2)).reshape(codes.shape[:3])  # (R, horizon + 1, N)
        in_time = values.detach().numpy().swapaxes(0, 1).reshape(len(latents), -1)
        goals = np.asarray(self._lambda_returns(rewards, in_time, going_on, self._lam))
        reached = np.cumprod(np.concatenate([np.ones((1, len(first))), going_on[:-1]]), axis=0)
        goals, reached = self._by_run(goals[..., None])[..., 0], self._by_run(reached[..., None])[..., 0]
        log_policy = log_softmax(self._actor(codes[:, :-1].flatten(1, 2)), dim=2).reshape(*goals.shape, ACTIONS)
        advantage = goals - values.detach()[:, :-1]
        advantage = advantage / advantage.square().mean(dim=(1, 2), keepdim=True).sqrt().clamp(min=0.05)
        gain = (log_policy * self._by_run(actions)).sum(dim=3) * advantage
        gain = gain - ENTROPY * (log_policy.exp() * log_policy).sum(dim=3)
        descend(self._climb, -(reached * gain).mean(dim=(1, 2)))
        descend(self._fit, (reached * (values[:, :-1] - goals).square()).mean(dim=(1, 2)))

    def tested(self, world: PictureWorld, encode: Callable) -> np.ndarray:
        """Return the mean reward `(R,)` of 40 episodes in the true world, of at most 20 steps."""
        rng, act = np.random.default_rng(14), self.act()
        cells, total = rng.choice(world.open_cells, size=self._runs * TESTED), np.zeros(self._runs * TESTED)
        for _ in range(TEST_STEPS):
            cells, rewards, _ = world.step(cells, act(encode(world.seen(cells, rng))).argmax(axis=1))
            total += rewards
        return total.reshape(self._runs, -1).mean(axis=1)

    def promised(self, model: dict[str, Callable], world: PictureWorld) -> np.ndarray:
        """Return what the model promises `(R,)` for the episodes of `tested`: the same starts, but imagined."""
        rng = np.random.default_rng(14)
        cells = rng.choice(world.open_cells, size=self._runs * TESTED)
        heads = model["encode"], model["transition"], self.act(), model["reward"]
        latents, _, rewards = (np.asarray(part) for part in self._imagine(*heads, world.seen(cells, rng), TEST_STEPS))
        going_on = np.stack([model["going_on"](each) for each in latents[1:]])
        alive = np.cumprod(np.concatenate([np.ones((1, len(cells))), going_on[:-1]]), axis=0)
        return (alive * np.asarray(rewards)).sum(axis=0).reshape(self._runs, -1).mean(axis=1)

    def _by_run(self, steps: np.ndarray) -> torch.Tensor:
        """`(T, R · N, K)` to a tensor `(R, T, N, K)`."""
        return as_tensor(steps.reshape(len(steps), self._runs, -1, steps.shape[-1]).swapaxes(0, 1))


def dream(
    imagine: Callable,
    lambda_returns: Callable,
    world: PictureWorld,
    *,
    num_runs: int = 8,
    rounds: int = 4,
    episodes: int = 15,
    model_updates: int = 100,
    actor_updates: int = 40,
    lam: float = 0.95,
    horizon: int = 10,
    seed: int = 0,
    tell: Callable[[], object] = lambda: None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, WorldModel]:
    """Play, learn the world model, practise in it, and again; the first round plays at random.

    Args:
        imagine: the student's.
        lambda_returns: the student's.
        world: the true one.
        num_runs: side by side, R.
        rounds: of play, model learning and practice.
        episodes: of each round, of at most 12 real steps.
        model_updates: of each round.
        actor_updates: of each round.
        lam: of the λ-returns.
        horizon: of imagination.
        seed: of everything.
        tell: called after each round.

    Returns:
        `(real_steps (rounds + 1,), rewards (R, rounds + 1), promises (R, rounds), model)`: real steps of a run, on
        average; the mean reward of the actor's episodes in the true world, before and after each round; and what the
        model promised for them after each round.
    """
    rng = np.random.default_rng([12, seed])
    model = WorldModel(world.frames.shape[1], num_runs, seed)
    dreamer = Dreamer(imagine, lambda_returns, num_runs, seed, lam, horizon)
    data, steps, promises = None, [0.0], []
    rewards = [dreamer.tested(world, model.functions["encode"])]
    for number in range(rounds):
        policy = None
        if number:
            encode, act = model.functions["encode"], dreamer.act()
            policy = lambda pictures, encode=encode, act=act: act(encode(pictures)).argmax(axis=1)  # noqa: E731
        played = play(world, num_runs, episodes, rng, policy)
        data = played if data is None else data.joined(played)
        model.learn(data, model_updates, rng)
        for _ in range(actor_updates):
            dreamer.practise(model.functions, data.some_pictures(rng, STARTS))
        steps.append(data.real_steps())
        rewards.append(dreamer.tested(world, model.functions["encode"]))
        promises.append(dreamer.promised(model.functions, world))
        tell()
    return np.array(steps), np.array(rewards).T, np.array(promises).T, model


def wake(
    imagine: Callable,
    lambda_returns: Callable,
    world: PictureWorld,
    model: WorldModel,
    *,
    rounds: int = 4,
    actor_updates: int = 40,
    lam: float = 0.95,
    horizon: int = 10,
    seed: int = 0,
    tell: Callable[[], object] = lambda: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Practise as in `dream`, but with the true world in the place of the model: each imagined step is a real one.

    The actor sees the world through the encoder of a trained `model`.

    Returns:
        `(real_steps (rounds + 1,), rewards (R, rounds + 1))`.
    """
    rng, encode = np.random.default_rng([15, seed]), model.functions["encode"]
    dreamer = Dreamer(imagine, lambda_returns, model.num_runs, seed, lam, horizon)
    lived = 0

    def see(cells: np.ndarray, earned: np.ndarray) -> np.ndarray:
        """A latent here is the code of what is seen, followed by the true cell and by what coming here has earned."""
        return np.concatenate([encode(world.seen(cells, rng)), cells[:, None], earned[:, None]], axis=1)

    def transition(latents: np.ndarray, actions: np.ndarray) -> np.ndarray:
        nonlocal lived
        cells = latents[:, LATENT].astype(int)
        lived += int((~world.grid.terminal[cells]).sum())
        moved, earned, _ = world.step(cells, np.asarray(actions).argmax(axis=1))
        return see(moved, earned)

    true = {
        "encode": lambda cells: see(np.asarray(cells)[:, 0].astype(int), np.zeros(len(cells))),
        "transition": transition,
        "reward": lambda latents: latents[:, LATENT + 1],
        "going_on": lambda latents: 1.0 - world.grid.terminal[latents[:, LATENT].astype(int)],
    }
    steps, rewards = [0.0], [dreamer.tested(world, encode)]
    for _ in range(rounds):
        for _ in range(actor_updates):
            dreamer.practise(true, rng.choice(world.open_cells, size=(model.num_runs * STARTS, 1)))
        steps.append(lived / model.num_runs)
        rewards.append(dreamer.tested(world, encode))
        tell()
    return np.array(steps), np.array(rewards).T

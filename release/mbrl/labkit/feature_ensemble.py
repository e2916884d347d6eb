"""An ensemble of small learned simulators that trains in a fraction of a second: random features, linear read-out.

Each member is a network of one hidden layer (ReLU) whose first weights are drawn at random and left alone; its last
layer is solved for by ridge regression on a bootstrap sample of the data. Unit 5 plans through it; unit 1's ensembles
of trained networks are the grown-up version.
"""

from __future__ import annotations

import numpy as np

from labkit.control import TORQUE_HIGH, TORQUE_LOW, pendulum_state, pendulum_step

HELD, EPISODE = 5, 50  # steps for which random play holds a torque, and after which it starts anew


def swing_data(num_transitions: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Let a pendulum swing under random torques, from random angles, and note what happened.

    Args:
        num_transitions: number of transitions, N.
        seed: of the random draws.

    Returns:
        `(states (N, 3), actions (N, 1), next_states (N, 3), rewards (N,))`.
    """
    rng = np.random.default_rng(seed)
    states, actions, next_states, rewards = [], [], [], []
    for t in range(num_transitions):
        if t % EPISODE == 0:
            state = pendulum_state(rng.uniform(-np.pi, np.pi), rng.uniform(-1.0, 1.0))
        if t % HELD == 0:
            torque = rng.uniform(TORQUE_LOW, TORQUE_HIGH)
        moved, earned = pendulum_step(state[None], torque[None])
        states.append(state)
        actions.append(torque)
        next_states.append(moved[0])
        rewards.append(earned[0])
        state = moved[0]
    return np.array(states), np.array(actions), np.array(next_states), np.array(rewards)


class FeatureEnsemble:
    """Members that each predict the change of the state and the reward.

    Args:
        states: of the observed transitions, shape `(N, D)`.
        actions: shape `(N, K)`.
        next_states: shape `(N, D)`.
        rewards: shape `(N,)`.
        num_members: number of members, M.
        num_features: number of random features of each.
        ridge: strength of the regularisation.
        seed: of the features and the bootstrap samples.

    Raises:
        ValueError: the arrays do not fit together.

    Source: Rahimi & Recht 2008 (random features); Breiman 1996 (bootstrap aggregation).
    """

    def __init__(
        self,
        states: np.ndarray,
        actions: np.ndarray,
        next_states: np.ndarray,
        rewards: np.ndarray,
        num_members: int = 5,
        num_features: int = 64,
        ridge: float = 1e-5,
        seed: int = 0,
    ) -> None:
        if states.shape != next_states.shape or not len(states) == len(actions) == len(rewards) > 1:
            raise ValueError("states, actions, next_states and rewards must hold the same number of transitions (> 1).")
        rng = np.random.default_rng(seed)
        inputs = np.concatenate([states, actions], axis=1)
        targets = np.concatenate([next_states - states, rewards[:, None]], axis=1)
        self.num_members, self._dim = num_members, states.shape[1]
        self._centre, self._scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
        shape = (num_members, inputs.shape[1], num_features)
        self._weights = rng.normal(size=shape) * 0.7
        self._biases = rng.uniform(-2.0, 2.0, size=(num_members, 1, num_features))
        middle, spread = targets.mean(axis=0), targets.std(axis=0) + 1e-6
        read_out = []
        for member in range(num_members):
            drawn = rng.integers(len(inputs), size=len(inputs))
            features = self._features(inputs[drawn], slice(member, member + 1))[0]
            gram = features.T @ features + ridge * len(inputs) * np.eye(features.shape[1])
            read_out.append(np.linalg.solve(gram, features.T @ ((targets[drawn] - middle) / spread)))
        self._read_out = np.stack(read_out) * spread
        self._middle = middle

    def predict(self, states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return every member's prediction: `(next_states (M, N, D), rewards (M, N))`."""
        features = self._features(np.concatenate([states, actions], axis=-1), slice(None))
        return self._finish(states, features @ self._read_out)

    def mean_step(self, states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Step with the mean of the members' predictions: states `(N, D)` to `(next_states (N, D), rewards (N,))`."""
        next_states, rewards = self.predict(states, actions)
        return next_states.mean(axis=0), rewards.mean(axis=0)

    def member_step(self, states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Step row n with member n mod M: each candidate stays with one member, as in PETS' TS∞ (Chua et al. 2018)."""
        members = self.num_members
        padding = -len(states) % members
        inputs = np.concatenate([states, actions], axis=1)
        inputs = np.concatenate([inputs, inputs[:1].repeat(padding, axis=0)])
        by_member = inputs.reshape(-1, members, inputs.shape[1]).swapaxes(0, 1)  # (M, N / M, D + K)
        outputs = self._features(by_member, slice(None)) @ self._read_out
        outputs = outputs.swapaxes(0, 1).reshape(len(inputs), -1)[: len(states)]
        return self._finish(states, outputs)

    def all_members_step(self, states: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Step every candidate with every member, each in a world of its own; the reward is the mean over members.

        States are M copies side by side, `(N, M · D)`; begin with `np.tile(state, M)`.
        """
        copies = states.reshape(len(states), self.num_members, self._dim).swapaxes(0, 1)  # (M, N, D)
        shared = np.broadcast_to(actions, (self.num_members, *actions.shape))
        next_copies, rewards = self.predict(copies, shared)
        return next_copies.swapaxes(0, 1).reshape(states.shape), rewards.mean(axis=0)

    def _features(self, inputs: np.ndarray, members: slice) -> np.ndarray:
        """Return features and a constant, `(M', N, F + 1)`, of inputs `(N, D + K)` or `(M', N, D + K)`."""
        scaled = (inputs - self._centre) / self._scale
        hidden = np.maximum(scaled @ self._weights[members] + self._biases[members], 0.0)
        return np.concatenate([hidden, np.ones((*hidden.shape[:-1], 1))], axis=-1)

    def _finish(self, states: np.ndarray, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        outputs = outputs + self._middle
        return states + outputs[..., :-1], outputs[..., -1]

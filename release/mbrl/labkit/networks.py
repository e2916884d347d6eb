"""Many small neural networks side by side: one for each run of an experiment, all trained in the same few operations.

The runs do not touch each other: each has its own weights, its own data and its own slice of every batch. Ten seeds so
cost little more than one, which is what makes intervals affordable in a notebook. Unit 6 builds its models, critics and
actors from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor


class Networks:
    """R networks of one shape, as one stack of weights.

    Args:
        num_runs: number of networks, R.
        sizes: number of inputs, of units in each hidden layer, of outputs.
        seed: of the first weights.
        dropout: share of hidden activations that training sets to 0; `asked` networks never do.
        last_scale: factor for the first weights of the last layer; small ones begin with outputs near 0.

    Attributes:
        weights: of each layer, shape `(R, out, in)`.
        biases: of each layer, shape `(R, 1, out)`.
    """

    def __init__(
        self, num_runs: int, sizes: Sequence[int], seed: int, dropout: float = 0.0, last_scale: float = 1.0
    ) -> None:
        drawn = torch.Generator().manual_seed(seed)
        self.weights, self.biases = [], []
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
            scale = (last_scale if layer == len(sizes) - 2 else 1.0) * (2.0 / fan_in) ** 0.5
            self.weights.append((scale * torch.randn(num_runs, fan_out, fan_in, generator=drawn)).requires_grad_())
            self.biases.append(torch.zeros(num_runs, 1, fan_out, requires_grad=True))
        self.dropout = dropout

    def __call__(self, inputs: Tensor) -> Tensor:
        """Return the outputs `(R, N, out)` for inputs `(R, N, in)`, differentiable."""
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            inputs = torch.baddbmm(bias, inputs, weight.transpose(1, 2))
            if layer < len(self.weights) - 1:
                inputs = inputs.relu()
                if self.dropout:
                    inputs = torch.nn.functional.dropout(inputs, self.dropout)
        return inputs

    def parameters(self) -> list[Tensor]:
        """Return all weights and biases."""
        return [*self.weights, *self.biases]

    def asked(self) -> Callable[[np.ndarray], np.ndarray]:
        """Return the networks as they are now, as a function of arrays: `(R, N, in)` to `(R, N, out)`."""
        layers = [
            (weight.detach().numpy().swapaxes(1, 2).copy(), bias.detach().numpy().copy())
            for weight, bias in zip(self.weights, self.biases, strict=True)
        ]

        def answer(inputs: np.ndarray) -> np.ndarray:
            for weight, bias in layers[:-1]:
                inputs = np.maximum(inputs @ weight + bias, 0.0)
            return inputs @ layers[-1][0] + layers[-1][1]

        return answer

    def of_run(self, run: int) -> tuple[list[Tensor], list[Tensor]]:
        """Return weights `(out, in)` and biases `(out,)` of one network, detached, in float64."""
        weights = [weight[run].detach().double() for weight in self.weights]
        return weights, [bias[run, 0].detach().double() for bias in self.biases]


def adam(networks: Iterable[Networks], learning_rate: float) -> torch.optim.Adam:
    """Return an optimiser of all the networks."""
    return torch.optim.Adam([each for part in networks for each in part.parameters()], lr=learning_rate, foreach=True)


def descend(optimizer: torch.optim.Optimizer, loss_of_runs: Tensor) -> None:
    """Take one step downhill for each run; `loss_of_runs` has shape `(R,)` or is their sum."""
    optimizer.zero_grad()
    loss_of_runs.sum().backward()
    optimizer.step()


def as_tensor(values: np.ndarray) -> Tensor:
    """Return an array as a float32 tensor."""
    return torch.as_tensor(np.asarray(values, dtype=np.float32))

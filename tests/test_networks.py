"""Networks side by side do not touch each other, and answer alike however they are asked."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from labkit.networks import Networks, adam, as_tensor, descend

SIZES = (3, 8, 8, 2)


def test_networks_answer_alike_as_tensors_as_arrays_and_one_by_one():
    networks = Networks(4, SIZES, seed=0)
    inputs = np.random.default_rng(0).normal(size=(4, 5, 3))
    together = networks(as_tensor(inputs)).detach().numpy()
    np.testing.assert_allclose(networks.asked()(inputs), together, rtol=1e-4, atol=1e-6)
    for run in range(4):
        weights, biases = networks.of_run(run)
        assert [tuple(weight.shape) for weight in weights] == [(8, 3), (8, 8), (2, 8)]
        hidden = torch.as_tensor(inputs[run])
        for weight, bias in zip(weights[:2], biases[:2], strict=True):
            hidden = (hidden @ weight.T + bias).clamp(min=0)
        np.testing.assert_allclose((hidden @ weights[2].T + biases[2]).numpy(), together[run], rtol=1e-4, atol=1e-6)


def test_what_one_run_learns_leaves_the_others_alone():
    inputs, wanted = torch.randn(3, 20, 3), torch.zeros(3, 20, 2)
    trained = []
    for first_target in (0.0, 5.0):
        wanted[0] = first_target
        networks = Networks(3, SIZES, seed=1)
        optimizer = adam([networks], 1e-2)
        for _ in range(30):
            descend(optimizer, (networks(inputs) - wanted).square().mean(dim=(1, 2)))
        trained.append(networks(inputs).detach())
    assert not torch.allclose(trained[0][0], trained[1][0], atol=0.1)
    torch.testing.assert_close(trained[0][1:], trained[1][1:])


def test_dropout_is_on_in_training_and_off_when_asked():
    networks = Networks(2, SIZES, seed=2, dropout=0.5)
    inputs = torch.ones(2, 4, 3)
    assert not torch.equal(networks(inputs), networks(inputs))
    np.testing.assert_array_equal(networks.asked()(inputs.numpy()), networks.asked()(inputs.numpy()))


@pytest.mark.parametrize("last_scale", [1.0, 0.01])
def test_small_last_weights_begin_with_small_outputs(last_scale):
    outputs = Networks(2, SIZES, seed=3, last_scale=last_scale)(torch.ones(2, 4, 3))
    assert (outputs.abs().max() < 0.1) == (last_scale < 1)

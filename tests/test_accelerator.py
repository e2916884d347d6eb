"""What runs on a GPU without a word runs on the simulated accelerator, and gives the same numbers."""

from __future__ import annotations

import pytest
import torch

from labkit.accelerator import observe

w = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
X = torch.tensor([[1.0, 2.0, 0.5], [0.0, 1.0, -1.0]], dtype=torch.float64)


def loss(weights, inputs):
    return 0.5 * ((inputs @ weights - 2 * weights.sum() / 7) ** 2).mean()


def in_place_shapes(weights, _):
    column = weights.detach().clone().unsqueeze_(0)
    column.t_()
    return (column @ column.mT).squeeze_()


def set_by_list(weights, _):
    changed = weights.clone()
    changed[[0, 2]] = 5.0
    return changed


WAYS = {
    "jacfwd": lambda w, X: torch.func.jacfwd(lambda v: (X @ v - 1) @ X)(w),
    "jvp": lambda w, X: torch.func.jvp(lambda v: loss(v, X), (w,), (torch.ones_like(w),))[1],
    "hessian": lambda w, X: torch.func.hessian(lambda v: loss(v, X))(w),
    "reverse over reverse": lambda w, X: torch.autograd.functional.hessian(lambda v: loss(v, X), w, vectorize=True),
    "vmap of gradients": lambda w, X: torch.func.vmap(lambda x: torch.func.grad(lambda v: loss(v, x[None]))(w))(X),
    "new_tensor": lambda w, X: w.new_tensor([0.9**t for t in range(3)]) * w,
    "a list as an index": lambda w, X: X[:, [2, 0]] @ w[[0, 1]],
    "an index from the host": lambda w, X: w[torch.tensor([2, 0])],
    "a list as an index of what is set": set_by_list,
    "shapes changed in place": in_place_shapes,
}


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # PyTorch meets its own at the first derivative
@pytest.mark.parametrize("way", WAYS)
def test_ways_that_work_on_a_gpu_work_on_the_simulated_accelerator(way):
    seen = observe(WAYS[way], w, X)
    assert (seen["fault"], seen["device"]) == ("", "simgpu:0")
    torch.testing.assert_close(seen["result"], WAYS[way](w, X))


@pytest.mark.parametrize("read", [lambda w, X: w[w > 1], lambda w, X: w * float(w[0]), lambda w, X: w.cpu() * 2])
def test_what_reads_values_back_still_does(read):
    assert observe(read, w, X)["fault"]

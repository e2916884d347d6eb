"""Differentiating a function's result with respect to its inputs, where the function runs.

A tensor that crosses from one process to another loses its history, so the gradient is taken before it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch


def value_and_gradients(wanted: Sequence[int], function: Callable[..., Any], args: tuple, kwargs: dict) -> dict:
    """Call ``function`` and return its value and the gradients of the value's sum.

    Args:
        wanted: positions in ``args`` of the tensors to differentiate with respect to.
        function: takes and returns tensors.
        args: positional arguments.
        kwargs: keyword arguments.

    Returns:
        dict of ``value``, detached, and ``gradients``, one for each position in ``wanted``, ``None`` where the value
        does not depend on that tensor.
    """
    args = tuple(each.detach().clone().requires_grad_() if i in wanted else each for i, each in enumerate(args))
    value = function(*args, **kwargs)
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"the result is a {type(value).__name__}, not a tensor")
    inputs = [args[position] for position in wanted]
    gradients: Sequence[torch.Tensor | None] = [None] * len(inputs)
    if value.requires_grad:
        gradients = torch.autograd.grad(value.sum(), inputs, allow_unused=True)
    return {"value": value.detach(), "gradients": [each if each is None else each.detach() for each in gradients]}

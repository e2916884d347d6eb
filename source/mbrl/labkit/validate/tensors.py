"""Tensors: shapes, dtypes and devices, without reading a value back from a device."""

from __future__ import annotations

from labkit.validate.worlds import elite_count


def batched_model(P, R) -> None:
    """Check the shapes of a torch batch ``P (B, S, A, S)``, ``R (B, S, A)`` without reading a value from its device."""
    for name, value in (("P", P), ("R", R)):
        if not hasattr(value, "is_floating_point"):
            raise ValueError(f"{name} must be a torch tensor, but it is of type {type(value).__name__}.")
    if P.ndim != 4 or P.shape[1] != P.shape[3] or 0 in P.shape:
        raise ValueError(f"P must have shape (B, S, A, S) with no empty axis, but its shape is {tuple(P.shape)}.")
    if R.shape != P.shape[:3]:
        raise ValueError(f"R must have shape (B, S, A) = {tuple(P.shape[:3])}, but its shape is {tuple(R.shape)}.")
    if P.device != R.device or P.dtype != R.dtype or not P.is_floating_point():
        raise ValueError(
            "P and R must share one device and one floating-point dtype, "
            f"but they are {P.dtype} on {P.device} and {R.dtype} on {R.device}."
        )


def like_tensors(ndim: int, **tensors) -> None:
    """Check that the named tensors share one shape of ``ndim`` axes, none empty, one dtype and one device."""
    first_name, first = next(iter(tensors.items()))
    for name, value in tensors.items():
        if not hasattr(value, "is_floating_point"):
            raise ValueError(f"{name} must be a torch tensor, but it is of type {type(value).__name__}.")
        if value.ndim != ndim or 0 in value.shape or value.shape != first.shape:
            raise ValueError(
                f"{', '.join(tensors)} must share one shape of {ndim} axes, none of them empty, "
                f"but {first_name} has {tuple(first.shape)} and {name} has {tuple(value.shape)}."
            )
        if not value.is_floating_point() or value.dtype != first.dtype or value.device != first.device:
            raise ValueError(
                f"{', '.join(tensors)} must share one floating-point dtype and one device, "
                f"but {first_name} is {first.dtype} on {first.device} and {name} is {value.dtype} on {value.device}."
            )


def planning_tensors(state, noise, low, high, num_elites) -> None:
    """Check the shapes of ``state (D,)``, ``noise (I, N, H, K)`` and the bounds ``(K,)`` without reading a value."""
    tensors = {"noise": (noise, 4), "state": (state, 1), "low": (low, 1), "high": (high, 1)}
    for name, (value, ndim) in tensors.items():
        if not hasattr(value, "is_floating_point"):
            raise ValueError(f"{name} must be a torch tensor, but it is of type {type(value).__name__}.")
        if value.ndim != ndim or 0 in value.shape:
            raise ValueError(f"{name} must have {ndim} axes, none empty, but its shape is {tuple(value.shape)}.")
        if value.device != noise.device or value.dtype != noise.dtype or not value.is_floating_point():
            raise ValueError(
                "state, noise, low and high must share one device and one floating-point dtype, "
                f"but noise is {noise.dtype} on {noise.device} and {name} is {value.dtype} on {value.device}."
            )
    if low.shape != noise.shape[3:] or high.shape != noise.shape[3:]:
        raise ValueError(
            f"low and high must have shape (K,) = {tuple(noise.shape[3:])}, "
            f"but their shapes are {tuple(low.shape)} and {tuple(high.shape)}."
        )
    elite_count(num_elites, noise.shape[1])


def _expect_tensors(ndim: int, like, **tensors) -> None:
    """Check that the named tensors have ``ndim`` axes, none empty, and the dtype and device of ``like``."""
    for name, value in tensors.items():
        if not hasattr(value, "is_floating_point"):
            raise ValueError(f"{name} must be a torch tensor, but it is of type {type(value).__name__}.")
        if value.ndim != ndim or 0 in value.shape:
            axes = "1 axis" if ndim == 1 else f"{ndim} axes"
            raise ValueError(f"{name} must have {axes}, not empty, but its shape is {tuple(value.shape)}.")
        if not value.is_floating_point():
            raise ValueError(f"{name} must hold floating-point numbers, but its dtype is {value.dtype}.")
        if value.device != like.device or value.dtype != like.dtype:
            raise ValueError(
                f"all tensors must share one dtype and one device, but {name} is "
                f"{value.dtype} on {value.device} and another one is {like.dtype} on {like.device}."
            )


def network(weights, biases, x) -> None:
    """Check the layers of a network, ``weights[l] (out, in)`` and ``biases[l] (out,)``, and its input ``x (N, D)``."""
    _expect_tensors(2, x, x=x)
    for name, layers in (("weights", weights), ("biases", biases)):
        if not isinstance(layers, (list, tuple)) or not layers:
            raise ValueError(
                f"{name} must be a list of at least one tensor, but it is of type {type(layers).__name__}."
            )
    if len(weights) != len(biases):
        raise ValueError(f"weights and biases must be as many, but they are {len(weights)} and {len(biases)}.")
    size = x.shape[1]
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        _expect_tensors(2, x, **{f"weights[{layer}]": weight})
        _expect_tensors(1, x, **{f"biases[{layer}]": bias})
        if weight.shape[1] != size or bias.shape != weight.shape[:1]:
            raise ValueError(
                f"layer {layer} must take {size} numbers and add one bias to each that it returns, "
                f"but weights[{layer}] has shape {tuple(weight.shape)} and biases[{layer}] {tuple(bias.shape)}."
            )
        size = weight.shape[0]


def regression_tasks(weights, tasks) -> None:
    """Check ``weights (D,)`` and tasks ``(X_support (n, D), y_support (n,), X_query (m, D), y_query (m,))``."""
    _expect_tensors(1, weights, weights=weights)
    if not isinstance(tasks, (list, tuple)) or not tasks:
        raise ValueError(f"tasks must be a list of at least one task, but it is of type {type(tasks).__name__}.")
    for number, task in enumerate(tasks):
        if not isinstance(task, (list, tuple)) or len(task) != 4:
            raise ValueError(f"tasks[{number}] must be (X_support, y_support, X_query, y_query), but it is not.")
        for half, X, y in (("support", *task[:2]), ("query", *task[2:])):
            _expect_tensors(2, weights, **{f"X_{half} of tasks[{number}]": X})
            _expect_tensors(1, weights, **{f"y_{half} of tasks[{number}]": y})
            if X.shape != (len(y), len(weights)):
                raise ValueError(
                    f"X_{half} of tasks[{number}] must have shape {(len(y), len(weights))}, as y_{half} and weights "
                    f"have it, but its shape is {tuple(X.shape)}."
                )


def plan_tensors(state, actions) -> None:
    """Check the tensors ``state (D,)`` and ``actions (H, K)``."""
    _expect_tensors(1, state, state=state)
    _expect_tensors(2, state, actions=actions)


def device(value):
    """Return ``value`` as a ``torch.device``."""
    import torch

    try:
        return torch.device(value)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"device must name a torch device such as 'cpu', but it is {value!r} ({error}).") from None

"""A simulated accelerator: tensors that live on a device of their own, on any machine.

``observe`` calls a function with its tensors on the device ``simgpu`` and reports what a real GPU would make slow or
impossible: values read back to the host, and operations that mix devices. The arithmetic is done on the CPU, so the
numbers are real. It needs no GPU and replaces none: where CUDA is present, parity is measured there as well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

aten = torch.ops.aten
CONSTRUCTORS = (torch.tensor, torch.as_tensor, torch.asarray, torch.scalar_tensor)
READS_BACK = (aten._local_scalar_dense.default, aten.equal.default, aten.is_nonzero.default)


class HostSync(RuntimeError):
    """A value was read back from the device, which makes the host wait for it."""


class MixedDevices(RuntimeError):
    """An operation was given tensors from the host and from the device."""


@cache
def device() -> torch.device:
    """Return the simulated device, set up on first use."""
    _setup_privateuseone_for_python_backend("simgpu")
    return torch.device("simgpu:0")


class DeviceTensor(torch.Tensor):
    """A tensor on the simulated device; ``host`` holds its numbers."""

    host: torch.Tensor

    @staticmethod
    def __new__(cls, host: torch.Tensor) -> DeviceTensor:
        self = torch.Tensor._make_wrapper_subclass(
            cls,
            host.size(),
            strides=host.stride(),
            storage_offset=host.storage_offset(),
            dtype=host.dtype,
            layout=host.layout,
            device=device(),
            requires_grad=False,
        )
        self.host = host
        return self

    def __repr__(self, **_: Any) -> str:
        return f"tensor(…, device='simgpu:0', size={tuple(self.shape)}, dtype={self.dtype})"

    def numpy(self, *_: Any, **__: Any) -> Any:
        raise HostSync(".numpy() reads the tensor back to the host")

    def tolist(self) -> Any:
        raise HostSync(".tolist() reads the tensor back to the host")

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        return _run(func, args, kwargs or {})


class _OnDevice(TorchDispatchMode):
    """Routes operations that create or touch device tensors to ``_run``."""

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if _is_device(kwargs.get("device")) or any(
            isinstance(x, DeviceTensor) for x in pytree.tree_leaves((args, kwargs))
        ):
            return _run(func, args, kwargs)
        return func(*args, **kwargs)


class _ConstantsOnDevice(TorchFunctionMode):
    """Makes ``torch.tensor(…, device=…)`` work: a host constant is built first and copied over, as on a GPU."""

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = dict(kwargs or {})
        if func in CONSTRUCTORS and _is_device(kwargs.get("device")):
            target = kwargs.pop("device")
            return func(*args, **kwargs).to(target)
        return func(*args, **kwargs)


def _is_device(where: Any) -> bool:
    return where is not None and torch.device(where).type == "simgpu"


def _run(func: Any, args: tuple, kwargs: dict) -> Any:
    """Carry out one operation with the device tensors' host numbers, and wrap what it returns."""
    leaves = pytree.tree_leaves((args, kwargs))
    on_device = [x for x in leaves if isinstance(x, DeviceTensor)]
    if func in READS_BACK and on_device:
        raise HostSync(f"{func.overloadpacket.__name__.strip('_')} reads a value back to the host")
    target = kwargs.get("device")
    if func is aten._to_copy.default:
        source = args[0]
        to_device = _is_device(target) if target is not None else isinstance(source, DeviceTensor)
        if isinstance(source, DeviceTensor) and not to_device:
            raise HostSync("the tensor is copied back to the host")
    elif func is aten.copy_.default:
        if isinstance(args[1], DeviceTensor) and not isinstance(args[0], DeviceTensor):
            raise HostSync("the tensor is copied back to the host")
        to_device = True
    else:
        for x in leaves:
            if isinstance(x, torch.Tensor) and not isinstance(x, DeviceTensor) and x.dim() > 0:
                raise MixedDevices("expected all tensors on one device, but found simgpu:0 and cpu")
        to_device = _is_device(target) if target is not None else bool(on_device)
    host_args, host_kwargs = pytree.tree_map(_to_host, (args, kwargs))
    out = func(*host_args, **host_kwargs)
    same = {id(x.host): x for x in on_device}
    return pytree.tree_map(lambda x: same[id(x)] if id(x) in same else _to_device(x, to_device), out)


def _to_host(value: Any) -> Any:
    if isinstance(value, DeviceTensor):
        return value.host
    return torch.device("cpu") if isinstance(value, torch.device) else value


def _to_device(value: Any, to_device: bool) -> Any:
    return DeviceTensor(value) if to_device and isinstance(value, torch.Tensor) else value


def observe(function: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Call ``function`` with its tensors on the simulated device.

    Returns:
        dict of ``fault`` (a sentence, or an empty string), ``device`` of the result and ``result``, a host copy of it
        (``None`` where there is a fault or the result is no tensor).
    """
    place = device()
    args, kwargs = pytree.tree_map(
        lambda x: DeviceTensor(x.detach().clone()) if isinstance(x, torch.Tensor) else x, (args, kwargs)
    )
    try:
        with _OnDevice(), _ConstantsOnDevice():
            result = function(*args, **kwargs)
    except (HostSync, MixedDevices) as fault:
        return {"fault": str(fault), "device": "", "result": None}
    if not isinstance(result, torch.Tensor):
        return {"fault": f"the result is a {type(result).__name__}, not a tensor", "device": "", "result": None}
    on_device = isinstance(result, DeviceTensor)
    host = result.host if on_device else result
    return {"fault": "", "device": str(place) if on_device else str(result.device), "result": host.detach().clone()}


def warm_up() -> None:
    """Set the device up and run one operation of each kind on it, so that the first exercise need not wait for it."""
    observe(lambda x: torch.einsum("ij,j->i", x, torch.zeros(2, device=x.device)).amax(dim=0), torch.ones(2, 2))

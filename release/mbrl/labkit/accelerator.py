"""A simulated accelerator: tensors that live on a device of their own, on any machine.

``observe`` calls a function with its tensors on the device ``simgpu`` and reports what a real GPU would make slow or
impossible: values read back to the host, and operations that mix devices. The numbers live in a ``Device``, which
computes them on the CPU; a ``DeviceTensor`` is only a reference to them. In grading the device is out of reach of the
function under test, so that a result on the device can only come from operations on the device.

It needs no GPU and replaces none: where CUDA is present, parity is measured there as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, Protocol

import torch
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

from labkit.properties import Sent

aten = torch.ops.aten
CONSTRUCTORS = (torch.tensor, torch.as_tensor, torch.asarray, torch.scalar_tensor)
INDEXING = (torch.Tensor.__getitem__, torch.Tensor.__setitem__)
INDEXES = (aten.index, aten.index_put, aten.index_put_)
ASKS_ABOUT_SHAPES = (aten.is_same_size.default, aten._has_same_storage_numel.default)
READS_BACK = (aten._local_scalar_dense.default, aten.equal.default, aten.is_nonzero.default)
NOT_ON_A_DEVICE = ("from_file",)
SHOWS_VALUES = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
NAMED_TYPES = (torch.dtype, torch.layout, torch.memory_format)

Description = tuple[str, int, list[int], list[int], int, str]


class HostSync(RuntimeError):
    """A value was read back from the device, which makes the host wait for it."""


class MixedDevices(RuntimeError):
    """An operation was given tensors from the host and from the device."""


class Operations(Protocol):
    """What a function under test can ask of a device: to take a tensor, and to carry out an operation."""

    def upload(self, tensor: torch.Tensor) -> Description: ...

    def run(self, name: str, args: Any, kwargs: Any) -> Any: ...


class Device:
    """The memory and the arithmetic of the simulated accelerator; tensors are known by number outside it.

    No operation tells a value: not as a number, not by the shape of its result, and not by failing. As on a GPU, the
    device is of no use after an operation failed, so that nothing more can be asked of one that knows.
    """

    def __init__(self) -> None:
        self._failed = False
        self._tensors: list[torch.Tensor] = []
        self._numbers: dict[int, int] = {}

    def reset(self) -> None:
        """Forget every tensor and every failure."""
        self._failed = False
        self._tensors.clear()
        self._numbers.clear()

    def upload(self, tensor: torch.Tensor) -> Description:
        """Take a copy of a host tensor and return its description."""
        return self._keep(tensor.detach().clone())

    def values(self, number: int) -> torch.Tensor:
        """Return a host copy of a tensor; no function under test is given this method."""
        self._expect_intact()
        return self._tensors[number].detach().clone()

    def run(self, name: str, args: Any, kwargs: Any) -> Any:
        """Carry out the operation ``aten::name`` and return descriptions in place of tensors."""
        self._expect_intact()
        operation, _, overload = name.partition(".")
        function = getattr(getattr(aten, operation), overload)
        args, kwargs = _decode(args, self._tensors), _decode(kwargs, self._tensors)
        if operation in NOT_ON_A_DEVICE:
            raise HostSync(f"{operation} is no operation of a device")
        try:
            with _KeepsValues():
                out = function(*args, **kwargs)
        except Exception:
            self._failed = True
            raise
        if not all(each is None or isinstance(each, torch.Tensor) for each in pytree.tree_leaves(out)):
            raise HostSync(f"{operation.strip('_')} reads a value back to the host")
        return pytree.tree_map(self._keep, out)

    def _expect_intact(self) -> None:
        if self._failed:
            raise RuntimeError("an earlier operation on the device failed")

    def _keep(self, value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        if id(value) not in self._numbers:  # kept tensors live on, so an id stands for one tensor
            self._numbers[id(value)] = len(self._tensors)
            self._tensors.append(value)
        return _describe(value, self._numbers[id(value)])


class _KeepsValues(TorchDispatchMode):
    """Refuses operations whose result, or the shape of it, gives values away, also as a step of another operation."""

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        shows_values = SHOWS_VALUES & set(func.tags)
        if func.overloadpacket is aten.index:  # only with a mask
            shows_values = {each.dtype for each in args[1] if each is not None} & {torch.bool, torch.uint8}
        if shows_values:
            raise HostSync(f"{func.overloadpacket.__name__.strip('_')} reads a value back to the host")
        return func(*args, **(kwargs or {}))


def _describe(tensor: torch.Tensor, number: int) -> Description:
    dtype = str(tensor.dtype).removeprefix("torch.")
    return "tensor", number, list(tensor.size()), list(tensor.stride()), tensor.storage_offset(), dtype


def _is_description(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 6 and value[0] == "tensor"


def _decode(value: Any, tensors: list[torch.Tensor]) -> Any:
    """Turn what ``_encode`` made into arguments of an operation on the device's own tensors."""
    if isinstance(value, dict):
        if "#tensor" in value:
            return tensors[value["#tensor"]]
        if "#named" in value:
            return getattr(torch, value["#named"])
        return {key: _decode(each, tensors) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_decode(each, tensors) for each in value)
    return value


def _encode(value: Any) -> Any:
    """Turn arguments of an operation into plain data: numbers for tensors, names for dtypes, no devices."""
    if isinstance(value, DeviceTensor):
        return {"#tensor": value.number}
    if isinstance(value, NAMED_TYPES):
        return {"#named": str(value).removeprefix("torch.")}
    if isinstance(value, torch.Tensor):
        return value.item()  # a host constant without axes
    if isinstance(value, torch.device):
        return "cpu"
    if isinstance(value, dict):
        return {key: _encode(each) for key, each in value.items()}
    return type(value)(_encode(each) for each in value) if isinstance(value, (list, tuple)) else value


class DeviceTensor(torch.Tensor):
    """A reference to tensor ``number`` of the device behind ``operations``."""

    number: int
    operations: Operations

    @staticmethod
    def __new__(cls, description: Description, operations: Operations) -> DeviceTensor:
        _, number, size, strides, offset, dtype = description
        self = torch.Tensor._make_wrapper_subclass(
            cls,
            size,
            strides=strides,
            storage_offset=offset,
            dtype=getattr(torch, dtype),
            device=place(),
            requires_grad=False,
        )
        self.number, self.operations = number, operations
        return self

    def __repr__(self, **_: Any) -> str:
        return f"tensor(…, device='simgpu:0', size={tuple(self.shape)}, dtype={self.dtype})"

    def numpy(self, *_: Any, **__: Any) -> Any:
        raise HostSync(".numpy() reads the tensor back to the host")

    def tolist(self) -> Any:
        raise HostSync(".tolist() reads the tensor back to the host")

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        leaves = pytree.tree_leaves((args, kwargs))
        return _run(func, args, kwargs or {}, next(x for x in leaves if isinstance(x, DeviceTensor)).operations)


@cache
def place() -> torch.device:
    """Return the simulated device as PyTorch names it, set up on first use.

    PyTorch starts a thread for each device at the first gradient of a process, and a fork of a process with such
    threads can compute no gradients. So the first gradient is one from before there is the device.
    """
    torch.ones(1, requires_grad=True).sum().backward()
    _setup_privateuseone_for_python_backend("simgpu")
    return torch.device("simgpu:0")


class _OnDevice(TorchDispatchMode):
    """Routes operations that create or touch device tensors to the device."""

    def __init__(self, operations: Operations) -> None:
        super().__init__()
        self._operations = operations

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if func is aten._efficientzerotensor.default:  # forward derivatives make zeros that nothing stores
            func = aten.zeros.default
        leaves = pytree.tree_leaves((args, kwargs))
        if _is_device(kwargs.get("device")) or any(isinstance(each, DeviceTensor) for each in leaves):
            return _run(func, args, kwargs, self._operations)
        return func(*args, **kwargs)


class _ConstantsOnDevice(TorchFunctionMode):
    """Makes ``torch.tensor(…, device=…)`` work: a host constant is built first and copied over, as on a GPU."""

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = dict(kwargs or {})
        if func in CONSTRUCTORS and _is_device(kwargs.get("device")):
            target = kwargs.pop("device")
            return func(*args, **kwargs).to(target)
        if func is torch.Tensor.new_tensor and _is_device(kwargs.get("device", args[0].device)):
            like = {"dtype": args[0].dtype, **kwargs, "device": "cpu"}
            return torch.tensor(*args[1:], **like).to(kwargs.get("device", args[0].device))
        if func in INDEXING and _is_device(args[0].device):
            args = (args[0], _with_tensors(args[1]), *args[2:])
        return func(*args, **kwargs)


@contextmanager
def _inference_without_gradients() -> Iterator[None]:
    """Lets ``torch.inference_mode`` only switch gradients off, as ``torch.no_grad`` does.

    What it does besides is invisible on a GPU, but on this device no reference to a tensor could be made within it.
    """
    kind = torch.inference_mode
    enter, leave = kind.__enter__, kind.__exit__

    def enter_without(self: Any) -> None:
        self.without = torch.no_grad() if self.mode else nullcontext()
        self.without.__enter__()

    kind.__enter__, kind.__exit__ = enter_without, lambda self, *error: self.without.__exit__(*error)
    try:
        yield
    finally:
        kind.__enter__, kind.__exit__ = enter, leave


def _with_tensors(index: Any) -> Any:
    """Return an index with host tensors in place of lists of whole numbers; PyTorch would build them on the device."""
    if isinstance(index, tuple):
        return tuple(_with_tensors(each) for each in index)
    leaves = pytree.tree_leaves(index) if isinstance(index, list) else []
    return torch.tensor(index) if leaves and all(isinstance(each, int) for each in leaves) else index


def _is_device(where: Any) -> bool:
    return where is not None and torch.device(where).type == "simgpu"


def _run(func: Any, args: tuple, kwargs: dict, operations: Operations) -> Any:
    """Carry out one operation on the device, or raise what a GPU would make slow or refuse."""
    on_device = [each for each in pytree.tree_leaves((args, kwargs)) if isinstance(each, DeviceTensor)]
    if func in READS_BACK:
        raise HostSync(f"{func.overloadpacket.__name__.strip('_')} reads a value back to the host")
    if func in ASKS_ABOUT_SHAPES:  # which the host knows, on a GPU, too
        return args[0].shape == args[1].shape
    if func.overloadpacket in INDEXES:  # on a GPU, too, an index may come from the host
        args = (args[0], [_uploaded_index(each, operations) for each in args[1]], *args[2:])
    if func in (aten._to_copy.default, aten.copy_.default):
        args = _moved(func, args, kwargs, operations)
    for each in pytree.tree_leaves((args, kwargs)):
        if isinstance(each, torch.Tensor) and not isinstance(each, DeviceTensor) and each.dim() > 0:
            raise MixedDevices("expected all tensors on one device, but found simgpu:0 and cpu")
    name = f"{func.overloadpacket.__name__}.{func._overloadname}"
    out = operations.run(name, _encode(list(args)), _encode(kwargs))
    if torch.Tag.inplace_view in func.tags:  # such as unsqueeze_, which gives the reference another shape, too
        with no_dispatch():
            func(*args, **kwargs)
    same = {each.number: each for each in on_device}
    return pytree.tree_map(
        lambda each: _adopt(each, same, operations) if _is_description(each) else each, out, is_leaf=_is_description
    )


def _uploaded_index(index: Any, operations: Operations) -> Any:
    on_host = isinstance(index, torch.Tensor) and not isinstance(index, DeviceTensor)
    return DeviceTensor(operations.upload(index), operations) if on_host else index


def _adopt(description: Description, same: dict[int, DeviceTensor], operations: Operations) -> DeviceTensor:
    return same[description[1]] if description[1] in same else DeviceTensor(description, operations)


def _moved(func: Any, args: tuple, kwargs: dict, operations: Operations) -> tuple:
    """Return a copy's arguments with its source on the device; refuse to copy from the device to the host."""
    position = 0 if func is aten._to_copy.default else 1
    source = args[position]
    if position:
        to_device = isinstance(args[0], DeviceTensor)
    else:
        target = kwargs.get("device")
        to_device = _is_device(target) if target is not None else isinstance(source, DeviceTensor)
    if isinstance(source, DeviceTensor):
        if not to_device:
            raise HostSync("the tensor is copied back to the host")
        return args
    moved = DeviceTensor(operations.upload(source), operations)
    return (*args[:position], moved, *args[position + 1 :])


def call_on(operations: Operations, function: Callable[..., Any], args: tuple, kwargs: dict) -> dict[str, Any]:
    """Call ``function`` with device tensors wherever ``args`` and ``kwargs`` hold their descriptions.

    Returns:
        dict of ``fault`` (a sentence, or an empty string), ``device`` of the result, and ``number``, the result's
        number on the device (-1 where there is none).
    """
    args, kwargs = _replaced((args, kwargs), _is_description, lambda each: DeviceTensor(each, operations))
    place()
    try:
        # Gradients in this very thread, for the device has none of its own; see ``place``.
        one_thread = torch.autograd.set_multithreading_enabled(False)
        with _inference_without_gradients(), _OnDevice(operations), _ConstantsOnDevice(), one_thread:
            result = function(*args, **kwargs)
    except (HostSync, MixedDevices) as fault:
        return {"fault": str(fault), "device": "", "number": -1}
    if isinstance(result, DeviceTensor):
        return {"fault": "", "device": "simgpu:0", "number": result.number}
    if isinstance(result, torch.Tensor):
        return {"fault": "", "device": str(result.device), "number": -1}
    return {"fault": f"the result is a {type(result).__name__}, not a tensor", "device": "", "number": -1}


def observe(function: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Call ``function`` with its tensors on a simulated accelerator in this interpreter.

    Returns:
        dict of ``fault`` (a sentence, or an empty string), ``device`` of the result and ``result``, a host copy of it
        (``None`` where there is none on the device).
    """
    device = Device()
    args, kwargs = uploaded(device, args), uploaded(device, kwargs)
    return collected(call_on(device, function, args, kwargs), device)


def uploaded(device: Any, inputs: Any) -> Any:
    """Return ``inputs`` with every tensor moved to ``device``, as its description, also in ``Sent`` objects."""
    return _replaced(inputs, lambda each: isinstance(each, torch.Tensor), device.upload)


def _replaced(inputs: Any, wanted: Callable[[Any], bool], replace: Callable[[Any], Any]) -> Any:
    """Return ``inputs`` with ``replace`` applied to what is ``wanted``, also inside ``Sent`` objects, built anew."""

    def visit(each: Any) -> Any:
        if wanted(each):
            return replace(each)
        if isinstance(each, Sent):
            return type(each)(**_replaced(each.parameters(), wanted, replace))
        return each

    return pytree.tree_map(visit, inputs, is_leaf=wanted)


def collected(seen: dict[str, Any], device: Any) -> dict[str, Any]:
    """Return what ``call_on`` saw, with the values of the result."""
    number = seen["number"]
    return {"fault": seen["fault"], "device": seen["device"], "result": device.values(number) if number >= 0 else None}


def warm_up() -> None:
    """Set the device up and run one operation of each kind on it, so that the first exercise need not wait for it."""
    observe(lambda x: torch.einsum("ij,j->i", x, torch.zeros(2, device=x.device)).amax(dim=0), torch.ones(2, 2))

"""Plain data between judge and worker: the only thing that crosses.

A frame is a header, a structure (MessagePack of tagged lists) and the buffers of its arrays. Decoding builds exact
built-in types, NumPy arrays and CPU tensors from checked dtypes and shapes, and nothing else: no class named by the
sender is ever looked up. Both sides use this module; the judge trusts nothing that it decodes beyond its type.
"""

from __future__ import annotations

import math
import numbers
import re
import struct
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

HEADER = struct.Struct("<II")
MAX_STRUCTURE_BYTES = 2**20
MAX_BUFFER_BYTES = 14 * 2**20
MAX_DEPTH = 60
MAX_AXES = 16
MAX_INTEGER_BITS = 4096
MAX_ENTRIES = 4096  # of a dict
MAX_PARTS = 100_000  # lists, tuples, arrays and the like in one message, large or small
MAX_OBJECTS = 1000  # objects that one message may name; each becomes a proxy in the judge
MAX_TENSORS = 10_000  # each takes some 2 kB, whatever it holds
MAX_EQUAL_HASHES = 50  # keys of one dict with one hash: thousands would make building it take minutes
NUMBER_DTYPES = frozenset(
    np.dtype(code).str for code in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")
)
REAL_TENSOR_DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")
TENSOR_DTYPES = frozenset((*REAL_TENSOR_DTYPES, "complex64", "complex128"))


class WireError(Exception):
    """The bytes are not a message, or a value cannot be one; the text says which."""


TOO_LARGE = "the value is larger than the 16 MiB that one message may hold"
Exporter = Callable[[Any], tuple[str, int, str, dict[str, Any]]]
Importer = Callable[[str, int, str, dict[str, Any]], Any]


def encode(message: Any, export: Exporter) -> bytes:
    """Return the frame of ``message``; ``export`` names objects that are not plain data."""
    buffers: list[bytes] = []
    structure = msgspec.msgpack.encode(_pack(message, export, buffers, 0))
    size = sum(map(len, buffers))
    if len(structure) > MAX_STRUCTURE_BYTES:
        raise WireError(TOO_LARGE)
    _refuse_large(size)
    return b"".join([HEADER.pack(len(structure), size), structure, *buffers])


def decode(structure: bytes, buffers: bytes, adopt: Importer) -> Any:
    """Return the value of a frame's two parts; ``adopt`` turns a named object into something usable."""
    _refuse_maps(structure)
    try:
        tree = msgspec.msgpack.decode(structure)
    except (msgspec.DecodeError, RecursionError, ValueError, OverflowError, UnicodeDecodeError) as error:
        raise WireError(f"the message is not well formed ({type(error).__name__})") from None
    reader = _Buffers(buffers)
    value = _unpack(tree, reader, adopt, 0)
    if reader.rest:
        raise WireError("the message has bytes that belong to no array")
    return value


# MessagePack without maps and extensions: everything that has a fixed length, and what starts a text or bytes.
_FIXED = re.compile(
    rb"(?:[\x00-\x7f\x90-\x9f\xc0\xc2\xc3\xe0-\xff]|\xcb.{8}|\xca.{4}|[\xcc\xd0].|[\xcd\xd1\xdc].{2}|[\xce\xd2\xdd].{4}"
    rb"|[\xcf\xd3].{8}|" + b"|".join(b"\\x%02x.{%d}" % (0xA0 + size, size) for size in range(32)) + rb")*+",
    re.DOTALL,
)
_SUSPECT = re.compile(rb"[\x80-\x8f\xc1\xc7-\xc9\xd4-\xd8\xde\xdf]")  # may start a map or an extension
_LENGTH_BYTES = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}


def _refuse_maps(structure: bytes) -> None:
    """Refuse what no frame holds before it is decoded: a map's keys can be chosen so that building it takes minutes."""
    position, size = 0, len(structure)
    if not _SUSPECT.search(structure):
        return
    while position < size:
        position = _FIXED.match(structure, position).end()  # type: ignore[union-attr]
        if position < size:
            width = _LENGTH_BYTES.get(structure[position])
            if width is None:
                raise WireError("the message is not well formed (it is cut off, or holds a map or an extension)")
            length = int.from_bytes(structure[position + 1 : position + 1 + width], "big")
            if structure[position] == 0xD9 and length < 32:
                raise WireError("the message is not well formed (a short text takes more room than it needs)")
            position += 1 + width + length


def _pack(value: Any, export: Exporter, buffers: list[bytes], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"the value is nested more than {MAX_DEPTH} levels deep")
    kind = type(value)
    if value is None or kind is bool or kind is float:
        return value
    if issubclass(kind, int):
        return _pack_integer(int(value))
    if issubclass(kind, np.ndarray):
        _refuse_large(value.nbytes)
        return _pack_array(np.array(value, subok=False), export, buffers, depth)
    if issubclass(kind, np.generic):
        return _pack_scalar(value, buffers)
    if issubclass(kind, float):
        return float(value)
    if issubclass(kind, str):
        return _encodable(str.__str__(value))
    if issubclass(kind, (bytes, bytearray)):
        _refuse_large(len(value))
        return ["b", bytes(value)]
    if issubclass(kind, tuple):
        return ["t", [_pack(item, export, buffers, depth + 1) for item in value]]
    if issubclass(kind, dict):
        if len(value) > MAX_ENTRIES:
            raise WireError(f"a dict has more than {MAX_ENTRIES} entries")
        pairs = [(_pack(k, export, buffers, depth + 1), _pack(v, export, buffers, depth + 1)) for k, v in value.items()]
        return ["d", pairs]
    if issubclass(kind, complex):
        return ["c", value.real, value.imag]
    torch = sys.modules.get("torch")
    if torch is not None and issubclass(kind, torch.Tensor):
        return _pack_tensor(value, buffers)
    if issubclass(kind, Sequence) or kind is range:
        return ["l", [_pack(item, export, buffers, depth + 1) for item in value]]
    if issubclass(kind, (numbers.Real, Decimal)):
        return float(value)
    if hasattr(kind, "__array__"):
        return _pack(np.array(value, subok=False), export, buffers, depth + 1)
    side, number, name, attributes = export(value)
    return ["o", side, number, name, _pack(attributes, export, buffers, depth + 1)]


def _refuse_large(size: int) -> None:
    """Refuse what cannot be sent before it is copied: the copy could be what exhausts the memory."""
    if size > MAX_BUFFER_BYTES:
        raise WireError(TOO_LARGE)


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise WireError("a text holds characters that are no Unicode text") from None
    return text


def _pack_integer(value: int) -> Any:
    if -(2**63) <= value < 2**63:
        return value
    if value.bit_length() > MAX_INTEGER_BITS:
        raise WireError(f"a whole number has more than {MAX_INTEGER_BITS} bits")
    return ["i", hex(value)]


def _pack_array(array: np.ndarray, export: Exporter, buffers: list[bytes], depth: int) -> Any:
    if array.dtype in (np.longdouble, np.clongdouble):
        array = array.astype(np.float64 if array.dtype == np.longdouble else np.complex128)
    if array.dtype == object:
        return _pack(array.tolist(), export, buffers, depth + 1)
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if array.dtype.str not in NUMBER_DTYPES:
        raise WireError(f"an array holds {array.dtype}, which are not numbers")
    _size(list(array.shape), array.dtype.itemsize)
    buffers.append(array.tobytes())
    return ["n", array.dtype.str, list(array.shape)]


def _pack_scalar(value: np.generic, buffers: list[bytes]) -> Any:
    value = np.float64(value) if isinstance(value, np.longdouble) else value
    if isinstance(value, np.str_):
        return str(value)
    if value.dtype.str not in NUMBER_DTYPES:
        raise WireError(f"a scalar is {value.dtype}, which is not a number")
    buffers.append(value.tobytes())
    return ["g", value.dtype.str]


def _pack_tensor(tensor: Any, buffers: list[bytes]) -> Any:
    import torch

    tensor = tensor.detach()
    _refuse_large(tensor.numel() * tensor.element_size())
    tensor = (tensor.to_dense() if tensor.layout != torch.strided else tensor).cpu()
    name = str(tensor.dtype).removeprefix("torch.")
    if name not in TENSOR_DTYPES:
        raise WireError(f"a tensor holds {name}, which cannot be sent")
    flat = tensor.resolve_conj().resolve_neg().reshape(-1).clone(memory_format=torch.contiguous_format)
    buffers.append(flat.view(torch.uint8).numpy().tobytes())
    return ["T", name, list(tensor.shape)]


class _Buffers:
    """Hands out the raw bytes of arrays in order, and counts what is dear to build."""

    def __init__(self, data: bytes) -> None:
        self._data, self._position = memoryview(data), 0
        self.parts = self.objects = self.tensors = 0

    @property
    def rest(self) -> int:
        return len(self._data) - self._position

    def take(self, size: int) -> memoryview:
        if size > self.rest:
            raise WireError("the message is shorter than its arrays")
        start, self._position = self._position, self._position + size
        return self._data[start : self._position]


def _unpack(tree: Any, buffers: _Buffers, adopt: Importer, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"the message is nested more than {MAX_DEPTH} levels deep")
    if not isinstance(tree, list):
        if tree is None or type(tree) in (bool, int, float, str):
            return tree
        raise WireError(f"the message holds a bare {type(tree).__name__}")
    buffers.parts += 1
    if buffers.parts > MAX_PARTS:
        raise WireError(f"the message holds more than {MAX_PARTS} parts")
    match tree:
        case ["l", list(items)]:
            return [_unpack(item, buffers, adopt, depth + 1) for item in items]
        case ["t", list(items)]:
            return tuple(_unpack(item, buffers, adopt, depth + 1) for item in items)
        case ["d", list(pairs)]:
            return _unpack_dict(pairs, buffers, adopt, depth)
        case ["n", str(dtype), list(shape)]:
            return _unpack_array(dtype, shape, buffers)
        case ["g", str(dtype)]:
            return _unpack_array(dtype, [], buffers)[()]
        case ["T", str(dtype), list(shape)]:
            return _unpack_tensor(dtype, shape, buffers)
        case ["b", bytes(data)]:
            return data
        case ["c", float(real), float(imag)]:
            return complex(real, imag)
        case ["i", str(digits)] if len(digits) <= MAX_INTEGER_BITS // 4 + 3:
            try:
                return int(digits, 16)
            except ValueError:
                raise WireError("the message holds a whole number without digits") from None
        case ["o", str(side), int(number), str(name), attributes]:
            described = _unpack(attributes, buffers, adopt, depth + 1)
            if not isinstance(described, dict):
                raise WireError("the message describes an object without attributes")
            buffers.objects += 1
            if buffers.objects > MAX_OBJECTS:
                raise WireError(f"the message names more than {MAX_OBJECTS} objects")
            return adopt(side, number, name[:80], described)
    raise WireError("the message holds an unknown kind of value")


def _unpack_dict(pairs: list, buffers: _Buffers, adopt: Importer, depth: int) -> dict:
    result: dict = {}
    hashes: Counter[int] = Counter()
    if len(pairs) > MAX_ENTRIES:
        raise WireError(f"the message holds a dict of more than {MAX_ENTRIES} entries")
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise WireError("the message holds a dict entry that is not a pair")
        key = _unpack(pair[0], buffers, adopt, depth + 1)
        try:
            hashed = hash(key)
        except TypeError:
            raise WireError("the message holds a dict key that cannot be one") from None
        if len(pairs) > MAX_EQUAL_HASHES:
            hashes[hashed] += 1
            if hashes[hashed] > MAX_EQUAL_HASHES:
                raise WireError("the message holds a dict whose keys cannot be told apart quickly")
        result[key] = _unpack(pair[1], buffers, adopt, depth + 1)
    return result


def _size(shape: list, itemsize: int) -> int:
    """Return the bytes of an array; the product of the lengths is bounded also where one of them is 0."""
    if len(shape) > MAX_AXES or not all(type(length) is int and 0 <= length <= MAX_BUFFER_BYTES for length in shape):
        raise WireError("the message holds an array of impossible shape")
    if math.prod(length or 1 for length in shape) * itemsize > MAX_BUFFER_BYTES:
        raise WireError("the message holds an array of impossible shape")
    return math.prod(shape) * itemsize


def _unpack_array(dtype: str, shape: list, buffers: _Buffers) -> np.ndarray:
    if dtype not in NUMBER_DTYPES:
        raise WireError("the message holds an array of something else than numbers")
    data = buffers.take(_size(shape, np.dtype(dtype).itemsize))
    if dtype == "|b1":  # a byte that is neither 0 nor 1 would make a truth value that is neither
        return (np.frombuffer(data, dtype=np.uint8) != 0).reshape(shape)
    return np.frombuffer(data, dtype=dtype).reshape(shape).copy()


def _unpack_tensor(dtype: str, shape: list, buffers: _Buffers) -> Any:
    import torch

    if dtype not in TENSOR_DTYPES:
        raise WireError("the message holds a tensor of a dtype that cannot be received")
    buffers.tensors += 1
    if buffers.tensors > MAX_TENSORS:
        raise WireError(f"the message holds more than {MAX_TENSORS} tensors")
    element = getattr(torch, dtype)
    data = buffers.take(_size(shape, element.itemsize))
    if not len(data):
        return torch.empty(shape, dtype=element)
    if dtype == "bool":
        return torch.frombuffer(bytearray(data), dtype=torch.uint8).reshape(shape) != 0
    return torch.frombuffer(bytearray(data), dtype=element).reshape(shape)

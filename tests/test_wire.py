"""Plain data crosses between judge and worker exactly, and bytes of any other kind are refused at once."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import time
from collections import OrderedDict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from autograder.sandbox import codec, wire
from autograder.sandbox.codec import HEADER, WireError, decode, encode
from autograder.sandbox.wire import Channel, Closed, TimeUp, within

packed = msgspec.msgpack.encode


def refuse(*_: object) -> tuple:
    raise WireError("this conversation exchanges plain data only")


def across(value):
    """Return what arrives when ``value`` is sent."""
    frame = encode(value, refuse)
    structure_size, buffer_size = HEADER.unpack(frame[: HEADER.size])
    structure, buffers = frame[HEADER.size :][:structure_size], frame[HEADER.size + structure_size :]
    assert len(buffers) == buffer_size
    return decode(structure, buffers, refuse)


def same(sent, came) -> bool:
    """Whether two values are of exactly the same types and contents, NaN included."""
    if type(sent) is not type(came):
        return False
    if isinstance(sent, (np.ndarray, np.generic)):
        plain = sent.dtype.newbyteorder("=") == came.dtype.newbyteorder("=") and sent.shape == came.shape
        return plain and np.array_equal(sent, came, equal_nan=sent.dtype.kind in "fc")
    if isinstance(sent, torch.Tensor):
        if sent.dtype != came.dtype or sent.shape != came.shape or came.device.type != "cpu":
            return False
        return torch.equal(torch.nan_to_num(sent, nan=7.0), torch.nan_to_num(came, nan=7.0))
    if isinstance(sent, dict):
        return list(map(repr, sent)) == list(map(repr, came)) and all(map(same, sent.values(), came.values()))
    if isinstance(sent, (list, tuple)):
        return len(sent) == len(came) and all(map(same, sent, came))
    if isinstance(sent, complex):
        return repr(sent) == repr(came)
    return sent == came or (sent != sent and came != came)


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**900), 2**900),
    st.floats(),
    st.text(),
    st.binary(),
    st.complex_numbers(),
)
keys = st.one_of(st.integers(), st.text(), st.booleans(), st.tuples(st.integers(), st.text()))
plain_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=20,
)
dtypes = st.one_of(
    numpy_strategies.boolean_dtypes(),
    numpy_strategies.integer_dtypes(endianness="?"),
    numpy_strategies.unsigned_integer_dtypes(endianness="?"),
    numpy_strategies.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    numpy_strategies.complex_number_dtypes(endianness="?", sizes=(64, 128)),
)
shapes = numpy_strategies.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
arrays = numpy_strategies.arrays(dtypes, shapes)


@given(plain_values)
def test_plain_values_arrive_as_they_were_with_their_exact_types(value):
    assert same(value, across(value))


@given(arrays, st.booleans())
def test_arrays_of_numbers_arrive_whatever_their_dtype_shape_and_order(array, fortran):
    sent = np.asfortranarray(array) if fortran and array.ndim else array
    came = across(sent)
    assert same(sent, came)
    assert type(came) is np.ndarray
    assert came.dtype.isnative
    assert came.flags.writeable


@given(arrays.filter(lambda array: array.ndim > 0 and array.size > 0))
def test_views_arrive_as_what_they_show(array):
    assert same(array[::-1], across(array[::-1]))
    assert same(array.T, across(array.T))
    shown = np.broadcast_to(array, (3, *array.shape))
    assert same(shown, across(shown))


@given(arrays.filter(lambda array: array.size > 0))
def test_numpy_scalars_stay_numpy_scalars(array):
    scalar = array.reshape(-1).astype(array.dtype.newbyteorder("="))[0]
    came = across(scalar)
    assert type(came) is type(scalar)
    assert same(scalar, came)


torch_dtypes = st.sampled_from(sorted(codec.TENSOR_DTYPES))


@given(torch_dtypes, shapes, st.integers(0, 2**32 - 1))
def test_tensors_arrive_whatever_their_dtype_and_shape(dtype, shape, random_seed):
    numbers = np.random.default_rng(random_seed).integers(0, 100, size=shape)
    tensor = torch.from_numpy(np.asarray(numbers)).to(getattr(torch, dtype))
    assert same(tensor, across(tensor))


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor(1.5),
        torch.tensor(1.5, dtype=torch.bfloat16),
        torch.arange(12.0).reshape(3, 4).T,
        torch.arange(12)[::3],
        torch.ones(1, 3).expand(4, 3),
        torch.empty(0, 5),
        torch.tensor([float("nan"), float("inf"), -float("inf")]),
        torch.tensor([1 + 2j]).conj(),
    ],
    ids=["scalar", "bfloat16", "transposed", "strided", "expanded", "empty", "not finite", "conjugated"],
)
def test_tensors_arrive_as_what_they_show(tensor):
    assert same(tensor.resolve_conj(), across(tensor))


def test_a_tensor_leaves_its_gradient_behind():
    came = across(torch.ones(2, requires_grad=True) * 3)
    assert same(came, torch.full((2,), 3.0))
    assert not came.requires_grad


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, 5e-324, 2**63, -(2**63), -(2**63) - 1, 2**64])
def test_numbers_at_the_edges_arrive(value):
    assert repr(across(value)) == repr(value)


class LyingInt(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class LyingArray(np.ndarray):
    def __eq__(self, other):
        return np.True_


class LyingStr(str):
    __slots__ = ()


class LyingTensor(torch.Tensor):
    pass


Pair = namedtuple("Pair", "first second")


@pytest.mark.parametrize(
    ("sent", "plain"),
    [
        (LyingInt(3), 3),
        (LyingStr("x"), "x"),
        (type("F", (float,), {})(0.5), 0.5),
        (np.arange(3.0).view(LyingArray), np.arange(3.0)),
        (np.array([[1, 2]]).view(np.matrix), np.array([[1, 2]])),
        (np.ma.array([1.0, 2.0], mask=[True, False]), np.array([1.0, 2.0])),
        (torch.ones(2).as_subclass(LyingTensor), torch.ones(2)),
        (torch.nn.Parameter(torch.ones(2)), torch.ones(2)),
        (Pair(1, [2]), (1, [2])),
        (OrderedDict(a=1), {"a": 1}),
        (deque([1, 2]), [1, 2]),
        (range(3), [0, 1, 2]),
        (bytearray(b"ab"), b"ab"),
        (Fraction(1, 4), 0.25),
        (Decimal("0.25"), 0.25),
        (np.str_("text"), "text"),
        (np.array([1, 2.5], dtype=object), [1, 2.5]),
        (np.array(None, dtype=object), None),
        (np.longdouble(1.5), np.float64(1.5)),
        (np.array([1.5], dtype=np.longdouble), np.array([1.5])),
    ],
    ids=repr,
)
def test_subclasses_and_relatives_arrive_as_plain_data(sent, plain):
    assert same(plain, across(sent))


@pytest.mark.parametrize(
    "value",
    [
        np.array(["text"]),
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        np.zeros(2, dtype=[("field", "f8")]),
        np.zeros((1,) * 20),
        np.zeros(2 * 2**20),
        np.broadcast_to(0.0, (10**6, 10**6)),
        torch.zeros(1).expand(10**9),
        torch.zeros(4 * 2**20),
        bytes(20 * 2**20),
        "x" * (3 * 2**20),
        [0.5] * 400_000,
        1 << 5000,
        "\ud800",
        object(),
        {1, 2},
        (number for number in [1, 2]),
        len,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_plain_data_or_too_large_is_refused_before_it_is_sent(value):
    began = time.perf_counter()
    with pytest.raises(WireError):
        encode(value, refuse)
    assert time.perf_counter() - began < 2


def test_a_value_of_more_than_16_mib_is_refused_with_that_number():
    with pytest.raises(WireError, match="16 MiB"):
        encode([np.zeros(2**20), np.zeros(2**20)], refuse)


def test_nesting_is_refused_when_it_is_too_deep_in_either_direction():
    nested: list = []
    for _ in range(100):
        nested = [nested]
    with pytest.raises(WireError, match="nested"):
        encode(nested, refuse)
    endless: list = []
    endless.append(endless)
    with pytest.raises(WireError, match="nested"):
        encode(endless, refuse)
    for levels in (codec.MAX_DEPTH + 1, 1000, 500_000):
        with pytest.raises(WireError):
            decode(b"\x92\xa1l\x91" * levels + b"\xc0", b"", refuse)


HUGE = 14_000_000
HOSTILE = {
    "a length below 0": (["n", "<f8", [-1]], bytes(8)),
    "a length that is no whole number": (["n", "<f8", [1.0]], bytes(8)),
    "a truth value for a length": (["n", "<f8", [True]], bytes(8)),
    "a length without end": (["n", "<f8", [2**63]], b""),
    "lengths whose product overflows": (["n", "<f8", [HUGE] * 4], b""),
    "an empty array of overflowing shape": (["n", "<f8", [0, HUGE, HUGE, HUGE]], b""),
    "an empty tensor of overflowing shape": (["T", "float32", [0, HUGE, HUGE, HUGE]], b""),
    "too many axes": (["n", "<f8", [1] * 40], bytes(8)),
    "fewer bytes than the shape needs": (["n", "<f8", [2]], bytes(15)),
    "no bytes at all": (["g", "<f8"], b""),
    "bytes that belong to nothing": (["n", "<f8", [1]], bytes(9)),
    "an array of objects": (["n", "|O", [1]], bytes(8)),
    "an array of records": (["n", "V8", [1]], bytes(8)),
    "a dtype of the other byte order": (["n", ">f8", [1]], bytes(8)),
    "a dtype that is an expression": (["n", "f8,f8", [1]], bytes(16)),
    "a tensor of a torch attribute": (["T", "load", [1]], bytes(8)),
    "a tensor of a dunder": (["T", "__class__", [1]], bytes(8)),
    "a key that cannot be one": (["d", [[["l", []], 1]]], b""),
    "a key that is an array": (["d", [[["n", "<f8", [1]], 1]]], bytes(8)),
    "an entry that is no pair": (["d", [[1]]], b""),
    "a mapping of the format's own": ({"a": 1}, b""),
    "bare bytes": (b"abc", b""),
    "bytes that are text": (["b", "abc"], b""),
    "a number of words": (["i", "one"], b""),
    "a number that is too long": (["i", "f" * 5000], b""),
    "a number without digits": (["i", "-0x"], b""),
    "half a complex number": (["c", 1.0], b""),
    "an unknown kind": (["pickle", "gASVAAAA"], b""),
    "an empty list": ([], b""),
    "an object without attributes": (["o", "worker", 0, "x", 1], b""),
    "an object numbered by text": (["o", "worker", "0", "x", ["d", []]], b""),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_message_with_a_lie_in_it_is_refused(case):
    tree, buffers = HOSTILE[case]
    with pytest.raises(WireError):
        decode(packed(tree), buffers, refuse)


@given(st.binary(max_size=200), st.binary(max_size=64))
@settings(max_examples=500)
def test_random_bytes_give_a_value_or_a_wire_error_and_nothing_else(structure, buffers):
    with contextlib.suppress(WireError):
        decode(structure, buffers, refuse)


trees = st.recursive(
    st.one_of(
        scalars.filter(lambda value: not isinstance(value, (complex, int))),
        st.integers(-(2**63), 2**64 - 1),
        st.sampled_from(["l", "t", "d", "n", "g", "T", "b", "c", "i", "o", "<f8", "float32", "worker", "judge"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.tuples(st.sampled_from(list("ltdngTbcio")), inner),
        st.tuples(st.sampled_from(["n", "T"]), st.sampled_from(["<f8", "float32", "|b1", "bool"]), st.lists(inner)),
    ),
    max_leaves=25,
)


@given(trees, st.binary(max_size=64))
@settings(max_examples=500)
def test_well_formed_nonsense_gives_a_value_or_a_wire_error_and_nothing_else(tree, buffers):
    with contextlib.suppress(WireError):
        decode(packed(tree), buffers, refuse)


@given(plain_values, arrays, st.data())
def test_a_frame_that_was_cut_or_changed_gives_a_value_or_a_wire_error(value, array, data):
    frame = encode((value, array), refuse)
    structure_size, _ = HEADER.unpack(frame[: HEADER.size])
    body = bytearray(frame[HEADER.size :])
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= data.draw(st.integers(1, 255))
    body = body[: data.draw(st.integers(0, len(body)))]
    with contextlib.suppress(WireError):
        decode(bytes(body[:structure_size]), bytes(body[structure_size:]), refuse)


@pytest.mark.parametrize(
    ("tree", "buffers"),
    [
        (["l", [None] * 1_000_000], b""),
        (["l", [["n", "|i1", [1]]] * 80_000], bytes(80_000)),
        (["l", [["T", "bool", [1]]] * 10_000], bytes(10_000)),
    ],
    ids=["nothings", "arrays", "tensors"],
)
def test_the_largest_message_of_the_smallest_parts_is_read_in_seconds(tree, buffers):
    structure = packed(tree)
    assert len(structure) <= codec.MAX_STRUCTURE_BYTES
    began = time.process_time()
    assert len(decode(structure, buffers, refuse)) == len(tree[1])
    assert time.process_time() - began < 15


@pytest.fixture
def pipe():
    """A channel that reads what is written to the returned descriptor's end, and its write end as a file."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", buffering=0) as file:
        yield Channel(reading, file.fileno(), refuse, refuse), file
    os.close(reading)


def test_a_message_crosses_a_pipe_whole(pipe):
    channel, _ = pipe
    channel.send("kind", {"a": np.arange(3)}, deadline=within(5))
    kind, body = channel.receive(within(5))
    assert kind == "kind"
    assert same(body, {"a": np.arange(3)})


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ((codec.MAX_STRUCTURE_BYTES + 1, 0), "16 MiB"),
        ((1, 2**32 - 1), "16 MiB"),
        ((1, codec.MAX_BUFFER_BYTES + 1), "16 MiB"),
    ],
)
def test_a_header_that_announces_too_much_is_refused_before_anything_is_read(pipe, sizes, sentence):
    channel, file = pipe
    file.write(HEADER.pack(*sizes))
    with pytest.raises(WireError, match=sentence):
        channel.receive(within(5))


def test_a_header_that_announces_more_than_comes_runs_into_the_deadline(pipe):
    channel, file = pipe
    file.write(HEADER.pack(100, 0) + b"abc")
    with pytest.raises(TimeUp):
        channel.receive(within(0.2))


def test_a_sender_that_trickles_cannot_stretch_the_deadline(pipe):
    channel, file = pipe
    file.write(HEADER.pack(100, 0))
    ticks = []

    def trickle():
        ticks.append(time.monotonic())
        file.write(b"x")

    began = time.monotonic()
    with pytest.raises(TimeUp):
        Channel(channel.incoming, channel.outgoing, refuse, refuse, tick=trickle).receive(within(1))
    assert time.monotonic() - began < 3
    assert ticks


def test_a_sender_that_hangs_up_is_noticed(pipe):
    channel, file = pipe
    file.write(HEADER.pack(100, 0) + b"abc")
    file.close()
    with pytest.raises(Closed):
        channel.receive(within(5))


@pytest.mark.parametrize("message", [["l", []], ["t", []], ["t", [1, 2]], "text", None])
def test_a_message_without_a_kind_is_refused(pipe, message):
    channel, file = pipe
    structure = packed(message)
    file.write(HEADER.pack(len(structure), 0) + structure)
    with pytest.raises(WireError, match="no kind"):
        channel.receive(within(5))


def test_objects_cross_as_names_that_the_other_side_may_know():
    class Model:
        pass

    model = Model()
    frame = encode(("m", model), lambda value: ("worker", 7, type(value).__name__, {"size": 3}))
    structure_size, _ = HEADER.unpack(frame[: HEADER.size])
    came = decode(frame[HEADER.size :][:structure_size], b"", lambda *parts: parts)
    assert came == ("m", ("worker", 7, "Model", {"size": 3}))


def colliding_keys(number):
    """Tuples that are all different and have one hash, because -1 and -2 have."""
    return itertools.islice(itertools.product((-1, -2), repeat=17), number)


@pytest.mark.parametrize("head", [b"\xdf\x00\x01\x5f\x90", b"\xde\xff\xff"])
def test_a_map_is_refused_before_it_is_built(head) -> None:
    keys = list(colliding_keys(90_000 if head[0] == 0xDF else 65_535))
    entries = b"".join(b"\xdc\x00\x11" + bytes(each & 0xFF for each in key) + b"\xc0" for key in keys)
    started = time.process_time()
    for front in (b"", b"\x92\xa1t\x92\xa5value", b"\x93\xcb\x80\x80\x80\x80\x80\x80\x80\x80\xc4\x02\xdf\xde"):
        with pytest.raises(WireError, match="a map"):
            decode(front + head + entries, b"", refuse)
    assert time.process_time() - started < 5


def test_a_dict_of_colliding_keys_is_refused() -> None:
    started = time.process_time()
    with pytest.raises(WireError, match="dict of more than"):
        decode(packed(["d", [[["t", list(key)], None] for key in colliding_keys(50_000)]]), b"", refuse)
    with pytest.raises(WireError, match="dict has more than"):
        encode(dict.fromkeys(range(codec.MAX_ENTRIES + 1)), refuse)
    assert len(across(dict.fromkeys(range(codec.MAX_ENTRIES)))) == codec.MAX_ENTRIES
    assert time.process_time() - started < 5


@given(st.lists(st.one_of(scalars, st.floats(), st.text(max_size=300), st.binary(max_size=300)), max_size=40))
def test_what_is_long_and_honest_is_no_map(items) -> None:
    long = [*items, "x" * 2**15, [1.5, -1, 2**40, -(2**40), "é" * 40]]
    assert same(long, across(long))


def test_who_always_has_something_to_say_is_watched_too(pipe, monkeypatch) -> None:
    monkeypatch.setattr(wire, "TICK_SECONDS", 0.05)
    looks = []
    ends = pipe[0]
    channel = Channel(ends.incoming, ends.outgoing, refuse, refuse, tick=lambda: looks.append(1))
    started = time.monotonic()
    while time.monotonic() - started < 0.5:
        channel.send("here", deadline=wire.within(60))
        assert channel.receive(wire.within(60)) == ("here",)
    assert 3 <= len(looks) <= 12

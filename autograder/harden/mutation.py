"""Inputs for fuzzing: messages and notebooks, well formed, spoilt, and made up.

Everything is drawn from one generator, so that a seed and a number name an input for good.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from autograder.sandbox.codec import HEADER, MAX_STRUCTURE_BYTES, NUMBER_DTYPES, TENSOR_DTYPES, encode

Frame = tuple[bytes, bytes]
"""The two parts of a message: structure and buffers."""

KINDS = ("value", "raised", "unusable", "ended", "callback", "answer", "refused", "forked", "kept", "bound", "ran", "")
TAGS = ("l", "t", "d", "n", "g", "T", "b", "c", "i", "o", "x", "")
TEXTS = ("", "a", "step", "__class__", "worker", "judge", "sent", "labkit.x:Y", "float64", "<f8", "|b1", "\0", "é" * 9,
         "0x" + "f" * 1027, "-0x1", "x" * 300, "NaN")  # fmt: skip
NUMBERS = (0, 1, -1, -2, 2, 7, 127, 128, 255, 256, 65_535, 2**31, 2**32 - 1, 2**53, 2**63 - 1, -(2**63), 2**61 - 1)
FLOATS = (0.0, -0.0, 1.5, 1e308, -1e308, 5e-324, float("inf"), float("-inf"), float("nan"))


def split(frame: bytes) -> Frame:
    """Return the two parts of an encoded message."""
    size = HEADER.unpack(frame[: HEADER.size])[0]
    return frame[HEADER.size :][:size], frame[HEADER.size + size :]


def value(draw: random.Random, depth: int = 3) -> Any:
    """Return something that can be sent."""
    makers: list[Callable[[], Any]] = [
        lambda: draw.choice(NUMBERS),
        lambda: draw.choice(FLOATS),
        lambda: draw.choice(TEXTS),
        lambda: draw.choice((None, True, False, b"bytes", 1 + 2j, 2**70, np.float32(0.5), np.bool_(True))),
        lambda: np.zeros([draw.randrange(4) for _ in range(draw.randrange(4))], draw.choice(sorted(NUMBER_DTYPES))),
    ]
    if depth:
        makers += [
            lambda: [value(draw, depth - 1) for _ in range(draw.randrange(4))],
            lambda: tuple(value(draw, depth - 1) for _ in range(draw.randrange(4))),
            lambda: {draw.choice(TEXTS): value(draw, depth - 1) for _ in range(draw.randrange(4))},
        ]
    return draw.choice(makers)()


def tree(draw: random.Random, depth: int = 4) -> Any:
    """Return a structure that looks like a message's and mostly is none."""
    if not depth or draw.random() < 0.4:
        return draw.choice((*NUMBERS, *FLOATS, *TEXTS, *TAGS, None, True, False, b"", b"\1\2"))
    if draw.random() < 0.3:
        return ["n", draw.choice(sorted(NUMBER_DTYPES)), [draw.choice((0, 1, 2, 3, -1, 2**40)) for _ in range(3)]]
    if draw.random() < 0.1:
        return ["T", draw.choice(sorted(TENSOR_DTYPES)), [draw.choice((0, 1, 2, 3)) for _ in range(2)]]
    parts = [tree(draw, depth - 1) for _ in range(draw.randrange(5))]
    return [draw.choice(TAGS), *parts] if draw.random() < 0.6 else [draw.choice(TAGS), parts]


def spoilt_tree(draw: random.Random, node: Any) -> Any:
    """Return ``node`` with one part of it replaced, doubled, dropped or put elsewhere."""
    if not isinstance(node, list) or not node or draw.random() < 0.2:
        return tree(draw, 2)
    place = draw.randrange(len(node))
    match draw.randrange(5):
        case 0:
            return node[:place] + node[place + 1 :]
        case 1:
            return node[:place] + [node[place]] * draw.choice((2, 3, 200)) + node[place + 1 :]
        case 2:
            return [*node, tree(draw, 1)]
        case _:
            return [*node[:place], spoilt_tree(draw, node[place]), *node[place + 1 :]]


def spoilt_bytes(draw: random.Random, data: bytes) -> bytes:
    """Return ``data`` with bytes changed, cut out, doubled or put in."""
    spoilt = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 4, 16))):
        place = draw.randrange(len(spoilt) + 1)
        match draw.randrange(5):
            case 0 if place < len(spoilt):
                spoilt[place] ^= 1 << draw.randrange(8)
            case 1:
                del spoilt[place : place + draw.choice((1, 2, 8, 64))]
            case 2:
                spoilt[place:place] = spoilt[place : place + draw.choice((1, 4, 32))]
            case 3:
                spoilt[place:place] = draw.randbytes(draw.choice((1, 2, 5)))
            case _:
                spoilt[place : place + 1] = bytes([draw.choice((0x81, 0x90, 0xC1, 0xC7, 0xDC, 0xDD, 0xDF, 0xDB, 0xFF))])
    return bytes(spoilt)


def message(draw: random.Random, recorded: list[Frame]) -> Frame:
    """Return the next message: valid, spoilt or random."""
    if draw.random() < 0.1:
        return split(encode((draw.choice(KINDS), value(draw)), _no_objects))
    if draw.random() < 0.1:
        return draw.randbytes(draw.randrange(60)), draw.randbytes(draw.randrange(9))
    structure, buffers = draw.choice(recorded)
    match draw.randrange(4):
        case 0:
            return msgspec.msgpack.encode(spoilt_tree(draw, msgspec.msgpack.decode(structure))), buffers
        case 1:
            return msgspec.msgpack.encode(["t", [draw.choice(KINDS), tree(draw)]]), draw.randbytes(draw.randrange(64))
        case 2:
            return spoilt_bytes(draw, structure), buffers
        case _:
            return structure, spoilt_bytes(draw, buffers)


def _no_objects(_: Any) -> tuple:
    raise TypeError("only plain values are drawn here")


def bombs() -> dict[str, Frame]:
    """Return the largest messages of each kind that could be dear to decode, under a name."""
    packed = msgspec.msgpack.encode

    def full(item: Any) -> Frame:
        one = packed(item)
        count = (MAX_STRUCTURE_BYTES - 20) // len(one)
        return b"\x92\xa1l\xdd" + count.to_bytes(4, "big") + one * count, b""

    def colliding(kind: Callable[[int], bytes], size: int) -> bytes:
        return b"".join(map(kind, range((MAX_STRUCTURE_BYTES - 20) // size)))

    def twins(number: int) -> bytes:
        return bytes(0xFF if each == "1" else 0xFE for each in f"{number:017b}")  # -1 and -2 have the same hash

    flat = colliding(lambda i: b"\xdc\x00\x11" + twins(i) + b"\x01", 21)
    pairs = colliding(lambda i: b"\x92\x92\xa1t\xdc\x00\x11" + twins(i) + b"\x01", 25)
    integers = [packed([["i", hex(i * (2**61 - 1))], 1]) for i in range(60_000)]
    return {
        "nothing, many times": full(None),
        "empty lists": full(["l", []]),
        "empty arrays": full(["n", "|b1", [0]]),
        "scalars of one byte": (full(["g", "|b1"])[0], bytes(full(["g", "|b1"])[0].count(b"g"))),
        "empty tensors": full(["T", "bool", [0]]),
        "objects": full(["o", "worker", 0, "A", ["d", []]]),
        "empty dicts": full(["d", []]),
        "empty bytes": full(["b", b""]),
        "long numbers": full(["i", "0x" + "f" * 1020]),
        "short texts": full("x"),
        "texts in too much room": (b"\xd9\x01x" * (MAX_STRUCTURE_BYTES // 3), b""),
        "a map of equal hashes": (b"\xdf" + (len(flat) // 21).to_bytes(4, "big") + flat, b""),
        "a dict of equal hashes": (b"\x92\xa1d\xdd" + (len(pairs) // 25).to_bytes(4, "big") + pairs, b""),
        "numbers of equal hashes": (b"\x92\xa1d\xdd" + len(integers).to_bytes(4, "big") + b"".join(integers), b""),
        "brackets": (b"\x91" * MAX_STRUCTURE_BYTES, b""),
        "lists in lists": (b"\x92\xa1l\x91" * 50_000 + b"\xc0", b""),
        "the largest array": (packed(["n", "<f8", [14 * 2**17]]), bytes(14 * 2**20)),
        "the largest truths": (packed(["n", "|b1", [14 * 2**20]]), b"\2" * (14 * 2**20)),
        "a shape of nothing": (packed(["n", "<f8", [0, *[14 * 2**20] * 2]]), b""),
        "a length without a text": (b"\xdb\xff\xff\xff\xff", b""),
        "a length without a list": (b"\xdd\xff\xff\xff\xff", b""),
    }


# Notebooks

ODD = (None, True, 0, -1, 1e308, float("nan"), 10**400, "", "\ud800", "\udfff\0", [], {}, [[]], {"": {}},
       ["a", 1, None], "x" * 3000, "\n" * 3000, [["x"] * 50] * 50)  # fmt: skip
KEYS = ("cells", "metadata", "nbformat", "nbformat_minor", "source", "cell_type", "id", "outputs", "nbgrader",
        "grade_id", "points", "solution", "grade", "locked", "worksheets", "input", "attachments", "tags")  # fmt: skip


def notebook(draw: random.Random, released: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Return a released notebook's name and a file that somebody could have made of it."""
    name, data = draw.choice(released)
    way = draw.randrange(10)
    if way == 0:
        return name, spoilt_bytes(draw, data)
    if way == 1:
        return name, data[: draw.randrange(len(data))]
    if way == 2:
        return name, _nested(draw, data)
    content = json.loads(data)
    if way == 3:
        content["nbformat"] = draw.choice((1, 2, 3, 4, 5, 0, -1, 3.0, "4", None, [4], 10**30))
        if draw.random() < 0.7:
            content["worksheets"] = [{"cells": content.get("cells", []), "metadata": {}}]
    for _ in range(draw.choice((1, 1, 2, 5))):
        _spoil(draw, content)
    text = json.dumps(content)
    if way == 4:  # keys that occur twice
        key = draw.choice(KEYS)
        text = text.replace(f'"{key}":', f'"{key}": {json.dumps(draw.choice(ODD[:9]))}, "{key}":', 3)
    if way == 5:
        text = text.replace('"nbformat"', "\ufeff" + '"nbformat"', 1)
    return name, text.encode("utf-8", "surrogatepass")


def _spoil(draw: random.Random, content: Any) -> None:
    """Change one place of a JSON value, deep or shallow."""
    node = content
    while True:
        places = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not places:
            return
        place = draw.choice(places)
        if isinstance(node[place], (dict, list)) and node[place] and draw.random() < 0.8:
            node = node[place]
            continue
        match draw.randrange(5):
            case 0:
                del node[place]
            case 1 if isinstance(node, dict):
                node[draw.choice(KEYS)] = copy.deepcopy(draw.choice(ODD))
            case 2 if isinstance(node, list):
                node[place:place] = [copy.deepcopy(node[place])] * draw.choice((1, 2, 50))
            case 3 if isinstance(node, dict):
                node[draw.choice(KEYS)] = node.pop(place)
            case _:
                node[place] = copy.deepcopy(draw.choice(ODD))
        return


def _nested(draw: random.Random, data: bytes) -> bytes:
    """Put a value nested as deep as the parser just allows, or deeper, into some place."""
    depth = draw.choice((50, 400, 800, 900, 930, 960, 980, 990, 2000, 100_000))
    opening, closing = draw.choice(((b"[", b"]"), (b'{"a":', b"}")))
    deep = opening * depth + b"0" + closing * depth
    key = draw.choice(KEYS).encode()
    return data.replace(b'"%s":' % key, b'"%s": %s, "was":' % (key, deep), draw.choice((1, 3)))

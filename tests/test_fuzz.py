"""What reads untrusted bytes neither hangs, nor grows, nor raises what nobody expects: a small round of the fuzzing.

``make harden`` runs the large one. What it once found stands below, each with the reason why it mattered.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from autograder.grading.assembly import assemble
from autograder.grading.intake import IntakeError, read_cells, take_in_notebook
from autograder.harden.fuzz import MAX_GROWTH, MAX_SECONDS, _Pipes, run_target
from autograder.harden.mutation import bombs
from autograder.judge.conversation import Conversation
from autograder.sandbox.codec import MAX_EQUAL_HASHES, WireError, decode, encode
from autograder.sandbox.limits import Limits, explain_death
from labkit.properties import Unanswered

packed = msgspec.msgpack.encode
ON_A_BUSY_MACHINE = 5  # two programs on one core's two threads slow each other down, also in processor time


@pytest.mark.parametrize(("target", "count"), [("messages", 8_000), ("notebooks", 200), ("conversations", 600)])
def test_a_small_round_of_fuzzing(target: str, count: int) -> None:
    outcome = run_target(target, count, seed=count)
    assert not outcome.escaped, str(outcome)
    assert outcome.growth <= MAX_GROWTH, str(outcome)
    assert outcome.slowest <= ON_A_BUSY_MACHINE * MAX_SECONDS, str(outcome)
    assert outcome.inputs >= count
    assert 0 < outcome.refused < outcome.inputs


def test_fuzzing_notices_what_escapes_hangs_or_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.harden import fuzz

    meter = fuzz.Meter((WireError,))
    meter.run("fine", lambda: None)
    meter.run("escapes", lambda: {}["a"])
    meter.run("grows", lambda: bytearray(300 * 2**20))
    monkeypatch.setattr(fuzz, "PATIENCE", 1)
    meter.run("hangs", lambda: [None for _ in iter(int, 1)])
    outcome = meter.finish()
    assert outcome.inputs == 4
    assert [name for name, _ in outcome.escaped] == ["escapes", "hangs"]
    assert not outcome.held
    assert outcome.growth > 256 * 2**20


# Messages


@pytest.mark.parametrize("name", bombs())
def test_the_largest_messages_are_decoded_or_refused_at_once(name: str) -> None:
    structure, buffers = bombs()[name]
    started = time.process_time()
    with contextlib.suppress(WireError):
        decode(structure, buffers, lambda *_: object())
    assert time.process_time() - started < ON_A_BUSY_MACHINE * MAX_SECONDS


@pytest.mark.parametrize("size", [MAX_EQUAL_HASHES, 2000])
def test_a_dict_with_ordinary_keys_arrives_whatever_its_size(size: int) -> None:
    sent = {(state, -state, str(state)): state for state in range(size)} | {-1: 0, -2: 0, 0.5: 1}
    frame = encode(sent, lambda _: ("", 0, "", {}))
    assert decode(*split(frame), lambda *_: None) == sent


def split(frame: bytes) -> tuple[bytes, bytes]:
    from autograder.harden.mutation import split as both

    return both(frame)


@pytest.mark.parametrize("size", [0, 1, 31, 32, 255, 256, 65_535, 65_536])
@pytest.mark.parametrize("make", [lambda size: "\x81" * size, lambda size: b"\x81\xdf" * size, lambda size: "é" * size])
def test_texts_and_bytes_that_look_like_maps_arrive(size: int, make) -> None:
    sent = [make(size), {"a": make(size)}, 2**63, -1.5e300, b"\xc7"]
    assert decode(*split(encode(sent, lambda _: ("", 0, "", {}))), lambda *_: None) == sent


def test_a_truth_value_is_true_or_false() -> None:
    came = decode(packed(["n", "|b1", [3]]), b"\0\1\2", lambda *_: None)
    assert came.view(np.uint8).tolist() == [0, 1, 1]
    tensor = decode(packed(["T", "bool", [3]]), b"\0\1\2", lambda *_: None)
    assert tensor.long().tolist() == [0, 1, 1]


# Conversations: a worker can say anything at any time


@pytest.mark.parametrize("reply", [
    ("ran",), ("ran", {}, {}), ("ran", 3), ("kept",), ("kept", "0"), ("kept", 0, 0), ("ended", 2**63),
    ("ended", -(2**63)), ("ended", -10_000), ("ended", True), ("ended",), ("callback", 0, "step", (), {}),
    ("value", 1, 2), ("raised", 1, 2),
])  # fmt: skip
@pytest.mark.parametrize("asked", [
    lambda conversation: conversation.run_cell("pass"), lambda conversation: conversation.keep(),
    lambda conversation: conversation.call("call", "f", "", args=(), kwargs={}),
], ids=["cell", "keep", "call"])  # fmt: skip
def test_a_reply_of_the_wrong_form_ends_the_conversation_and_nothing_else(reply: tuple, asked) -> None:
    incoming, worker_out = os.pipe()
    worker_in, outgoing = os.pipe()
    try:
        os.write(worker_out, encode(reply, lambda _: ("", 0, "", {})))
        os.close(worker_out)
        conversation = Conversation(_Pipes(incoming, outgoing), Limits(call_seconds=1, cell_seconds=1))
        with pytest.raises(Unanswered):
            asked(conversation)
        assert not conversation.alive
    finally:
        for descriptor in (incoming, worker_in, outgoing):
            os.close(descriptor)


@pytest.mark.parametrize("status", [-(2**63), -1000, -64, 2**63, 0, 3, -11])
def test_every_status_of_a_process_is_put_into_words(status: int) -> None:
    assert explain_death(status, Limits()).endswith(".")


# Notebooks


def notebook(**changes: object) -> dict:
    cell = {"cell_type": "code", "id": "a", "metadata": {"nbgrader": {"grade_id": "bellman_q"}}, "source": "x = 1"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell | changes]}


@pytest.mark.parametrize("depth", [300, 600, 900])
def test_deep_nesting_where_nobody_looks_is_harmless_and_elsewhere_a_sentence(
    tmp_path: Path, planning, depth: int
) -> None:
    path = tmp_path / "02_planning.ipynb"
    deep = "[" * depth + "]" * depth
    for text in (
        json.dumps(notebook(source="DEEP")),
        json.dumps(notebook(source=["DEEP"])),
        json.dumps(notebook(metadata={"nbgrader": {"grade_id": "bellman_q", "points": "DEEP"}})),
        json.dumps(notebook(metadata="DEEP")),
        json.dumps(notebook() | {"nbformat": "DEEP"}),
        json.dumps(notebook() | {"nbformat": 3, "worksheets": "DEEP"}),
    ):
        path.write_text(text.replace('"DEEP"', deep))
        assert all(len(each) < 300 for each in take_in_notebook(planning, path).problems)


def test_a_long_format_number_makes_no_long_sentence(tmp_path: Path) -> None:
    path = tmp_path / "02_planning.ipynb"
    path.write_text(json.dumps(notebook() | {"nbformat": "4" * 20_000_000}))
    started = time.process_time()
    with pytest.raises(IntakeError) as caught:
        read_cells(path)
    assert len(str(caught.value)) < 300
    assert time.process_time() - started < 2 * ON_A_BUSY_MACHINE


def test_a_million_empty_lines_are_searched_at_once(planning) -> None:
    """The search for a function defined elsewhere once took the square of the number of empty lines."""
    from autograder.grading.assembly import SubmittedCell

    started = time.process_time()
    assemble(planning, [SubmittedCell("\n" * 1_000_000 + "x = 1", "", "{}") for _ in range(3)])
    assert time.process_time() - started < ON_A_BUSY_MACHINE


def test_a_file_of_nothing_but_values_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "02_planning.ipynb"
    path.write_text('{"nbformat": 4, "cells": [' + "[]," * 3_000_000 + "[]]}")
    with pytest.raises(IntakeError, match="holds more than"):
        read_cells(path)
    path.write_text(json.dumps(notebook(outputs=[{"text": '[1, {"\\' * 2_000_000}])))
    assert len(read_cells(path)) == 1

"""The comparison of two devices finds what differs, counts what it compared, and says so where there is no GPU."""

from __future__ import annotations

import pytest
import torch
from typer.testing import CliRunner

from autograder.parity import __main__ as command
from autograder.parity.cases import FUNCTIONS, Function


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.name)
def test_a_device_agrees_with_itself(function, monkeypatch):
    monkeypatch.setattr(command, "NUM_CASES", 5)
    for dtype in function.dtypes:
        parity = command.compare(function, dtype, "cpu")
        assert parity.holds
        assert parity.worst == 0
        assert 1 <= parity.cases <= 5


def test_a_difference_is_found_and_measured(monkeypatch):
    monkeypatch.setattr(command, "NUM_CASES", 3)
    answers = iter([1.0, 1.0, 2.0, 2.0 + 1e-5, 4.0, 4.0])
    drifting = Function("drifting", lambda dtype, seed: lambda device: [torch.tensor([next(answers)], dtype=dtype)])
    parity = command.compare(drifting, torch.float64, "cpu")
    assert not parity.holds
    assert parity.worst == pytest.approx(5e-6)


def test_nothing_compared_is_no_parity(monkeypatch):
    monkeypatch.setattr(command, "NUM_CASES", 3)
    assert not command.compare(Function("skipped", lambda dtype, seed: None), torch.float32, "cpu").holds


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_it_says_that_nothing_was_compared(tmp_path, monkeypatch):
    import typer

    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(command.main)
    outcome = CliRunner().invoke(app, [])
    assert outcome.exit_code == 0
    assert "nothing was compared" in outcome.output
    assert list(tmp_path.iterdir()) == []

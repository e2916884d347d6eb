"""Claims are decided by intervals that cover what they should, and a finding against a claim is shown as one."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.claims import UNITS
from autograder.claims import __main__ as command
from autograder.claims.experiment import Claim, Experiment, factor, mean, mean_difference

EXPERIMENTS = [each for unit in UNITS for each in unit.EXPERIMENTS]


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        a, b = rng.normal(1.0, 1.0, size=40), rng.normal(0.0, 1.0, size=40)
        interval = mean_difference(a, b)
        covered += interval.low <= 1.0 <= interval.high
    assert 175 <= covered <= 199


def test_seeds_are_compared_in_pairs():
    """What all seeds share does not widen the interval of a difference."""
    noise = np.random.default_rng(1).normal(0, 100, size=30)
    gain = mean_difference(noise + 1, noise)
    assert gain.low == pytest.approx(1)
    assert gain.high == pytest.approx(1)


def test_factors_and_means():
    assert factor(np.full(10, 6.0), np.full(10, 2.0)).estimate == 3
    assert str(mean(np.array([1.0, 1.0]))) == "1 [1, 1]"


def test_experiments_have_names_of_their_own_and_enough_seeds():
    assert len({each.name for each in EXPERIMENTS}) == len(EXPERIMENTS)
    assert all(each.seeds >= 30 for each in EXPERIMENTS)


def measure_nothing(seed: int) -> dict[str, float]:
    return {"a": float(seed), "b": 3.0}


def conclude_nothing(samples) -> list[Claim]:
    gain = mean_difference(samples["a"], samples["b"])
    return [Claim("0", "It is <large>.", f"{gain} more", gain.low > 0, len(samples["a"]))]


def test_the_report_says_what_was_measured_and_what_was_not_borne_out(tmp_path, monkeypatch, capsys):
    class Unit:
        EXPERIMENTS = (Experiment("nothing", measure_nothing, conclude_nothing, seeds=5),)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "UNITS", (Unit,))
    command.main([])
    page = (tmp_path / "claims" / "index.html").read_text()
    assert "It is &lt;large&gt;." in page
    assert ">no<" in page
    assert "-1 [-2.2, 0.2] more" in page
    assert (tmp_path / "claims" / "claims.csv").read_text().count("\n") == 2
    assert "1 claims" in capsys.readouterr().out


def test_an_unknown_experiment_is_refused_with_the_names_of_those_there_are():
    with pytest.raises(SystemExit, match="pessimism with little data"):
        command.main(["no such thing"])

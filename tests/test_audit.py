"""The audit finds what is unfair, what slips through and what is slow, and says so; its own lists are kept in order."""

from __future__ import annotations

import tomllib
from collections import Counter
from math import comb

import pytest
from typer.testing import CliRunner

from autograder.audit import run
from autograder.audit.mutants import EQUIVALENT, covers, equivalence, mutants_of
from autograder.audit.page import render_audit
from autograder.audit.run import FunctionAudit, audit, upper_bound
from autograder.main import app
from autograder.properties import known_mistakes, reference
from autograder.properties.entries import Entry
from labkit.exercises import EXERCISES
from tests.bank import CORRECT

NAMES = tuple(EXERCISES)


@pytest.mark.parametrize("name", NAMES)
def test_the_bank_is_large_enough(name):
    assert sum(each.exercise == name for each in CORRECT) >= 6
    assert len(known_mistakes(name)) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_of_the_bank_has_a_name_and_a_note_of_its_own(name):
    mistakes, correct = known_mistakes(name), [each for each in CORRECT if each.exercise == name]
    names = Counter(each.name for each in (*mistakes, *correct))
    assert max(names.values()) == 1
    for each in mistakes:
        assert not each.note.endswith("."), each.name  # it ends the sentence "Your answers are what you get when …"
    assert all(f"def {name}(" in each.cell for each in (*mistakes, *correct))
    # Under the exercise's name nothing is called by the name it has in the bank.
    assert [each.name for each in (*mistakes, *correct) if each.name != name and f"{each.name}(" in each.cell] == []


@pytest.mark.parametrize("name", NAMES)
def test_mutants_differ_from_the_reference_and_from_each_other_and_compile(name):
    mutants = mutants_of(name)
    assert mutants or name == "random_shooting"  # two calls of NumPy, in which nothing can be mutated
    assert len({each.cell for each in mutants}) == len(mutants)
    for mutant in mutants:
        compile(mutant.cell, name, "exec")
        assert mutant.before != mutant.after
        assert "validate." not in mutant.before


def test_every_reason_why_a_mutant_is_no_mistake_belongs_to_a_mutant():
    known = {name: mutants_of(name) for name in NAMES}
    for entry in tomllib.loads(EQUIVALENT.read_text())["mutant"]:
        assert entry["reason"].endswith(".")
        mutants = [mutant for name in entry["exercises"] for mutant in known[name]]
        assert any(covers(entry, each) for each in mutants), entry
        assert set(entry.get("after", ())) <= {each.after for each in mutants}, entry


def test_a_mutant_without_a_reason_has_none():
    mutant = next(each for each in mutants_of("bellman_q") if "-" in each.after)
    assert equivalence(mutant) == ""


@pytest.mark.parametrize(("failures", "runs"), [(0, 1), (0, 228), (1, 50), (7, 100)])
def test_the_upper_bound_is_the_rate_at_which_so_few_failures_have_a_chance_of_five_in_a_hundred(failures, runs):
    rate = upper_bound(failures, runs)
    chance = sum(comb(runs, k) * rate**k * (1 - rate) ** (runs - k) for k in range(failures + 1))
    assert chance == pytest.approx(0.05, rel=1e-6)


def test_nothing_is_known_without_a_run():
    assert upper_bound(0, 0) == 1.0
    assert upper_bound(3, 3) == 1.0


def silent(title, done, total):
    """Show no progress."""


def refuse_large_discounts(P, R, V, gamma):
    if gamma > 0.99 and len(P) > 1:
        raise ValueError
    return R + gamma * P @ V


def bellman_q_again(P, R, V, gamma):
    return R + gamma * P @ V


def test_what_is_unfair_and_what_slips_through_is_found_and_reported(release, monkeypatch):
    """A wrong solution among the correct ones and a right one among the mistakes: both must be found out."""
    wrong = Entry("bellman_q", "a wrong one", known_mistakes("bellman_q")[0].function)
    right = Entry("bellman_q", "it is right", bellman_q_again)
    monkeypatch.setattr(run, "CORRECT", [wrong, Entry("bellman_q", "a right one", reference("bellman_q"))])
    monkeypatch.setattr(run, "known_mistakes", lambda name: [right])
    monkeypatch.setattr(run, "mutants_of", lambda name: mutants_of(name)[:2])
    (found,) = audit(release, ["bellman_q"], seeds=2, minutes=1, jobs=1, first_seed=0, tell=silent)
    assert (found.correct, found.runs, found.mistakes, found.mutants) == (2, 4, 1, 2)
    assert len(found.unfair) == 2
    assert found.accused == [wrong.name] * 2
    assert found.missed == ["bellman_q_again"]
    faults = found.faults()
    assert any("lost a point" in each for each in faults)
    assert any("kept full points" in each for each in faults)
    page = render_audit([found], faults, 1.0)
    assert "bellman_q_again kept full points" in page
    assert "2 times" in page


@pytest.mark.slow
def test_the_audit_of_a_function_is_clean_and_writes_a_page(tmp_path):
    outcome = CliRunner().invoke(app, ["audit", "bellman_q", "--seeds", "2", "--out", str(tmp_path)])
    assert outcome.exit_code == 0, outcome.output
    page = (tmp_path / "index.html").read_text()
    assert "No bars" in page
    for prop in EXERCISES["bellman_q"].properties:
        assert prop.name in page


def test_an_unknown_function_is_refused_with_a_sentence(tmp_path):
    outcome = CliRunner().invoke(app, ["audit", "belman_q", "--out", str(tmp_path)])
    assert outcome.exit_code == 2
    assert "no unit or function called 'belman_q'" in outcome.output


def test_a_limit_too_near_to_a_correct_solution_is_a_fault():
    found = FunctionAudit("bellman_q", slowest_call=2.5, slowest_name="a_slow_one")
    assert any("a_slow_one" in each and "5 times" in each for each in found.faults())
    found.slowest_call = 1.0
    assert found.faults() == []

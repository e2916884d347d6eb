"""The hostile corpus: every folder is sound, and a part of each family is judged; ``make harden`` judges them all."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from autograder.course.release import read_release
from autograder.grading.intake import take_in_folder
from autograder.harden.canaries import Canaries
from autograder.harden.corpus import hostile_scenarios, subset, try_all
from labkit.exercises import EXERCISES
from tests.demo_class.build import HERE, HOSTILE, Scenario, build_hand_in, find_scenario, read_cells, scenarios

CASES = hostile_scenarios()
FOLDERS = [each for each in scenarios(HOSTILE) if "family" in each.expected]
KNOWN_ENTRIES = {
    "student", "note", "family", "score", "honest", "problems", "quiet", "words", "nowhere", "seconds", "everywhere",
    "notebook", "slow", "limit", "about", "long",
}  # fmt: skip


def test_the_corpus_is_large_and_every_family_has_several_members() -> None:
    assert len(CASES) >= 80
    assert min(Counter(each.expected["family"] for each in CASES).values()) >= 2
    names = [each.student for each in [*scenarios(HERE), *scenarios(HOSTILE)]]
    assert len(set(names)) == len(names)
    folders = {path.name for path in HOSTILE.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert folders == {each.name for each in scenarios(HOSTILE)}


@pytest.mark.parametrize("scenario", CASES, ids=lambda each: each.name)
def test_a_folder_says_what_is_expected(scenario: Scenario) -> None:
    expected = scenario.expected
    assert set(expected) <= KNOWN_ENTRIES
    assert expected["note"].endswith(".")
    assert find_scenario(expected["honest"]).folder != scenario.folder
    assert scenario.notebook in read_release().notebooks
    if isinstance(expected["score"], dict):
        assert set(expected["score"]) <= {*EXERCISES, "*"}
    cells = read_cells(scenario.name)
    files = scenario.folder / "files"
    assert cells.solutions or cells.own or files.is_dir() or (scenario.folder / "edit.json").is_file()


@pytest.fixture(scope="module")
def canaries(tmp_path_factory: pytest.TempPathFactory):
    with Canaries(tmp_path_factory.mktemp("outside")) as laid_out:
        yield laid_out


@pytest.mark.parametrize("scenario", FOLDERS, ids=lambda each: each.name)
def test_intake_takes_in_whatever_it_is(scenario: Scenario, canaries: Canaries, tmp_path: Path) -> None:
    release = read_release()
    build_hand_in(scenario, tmp_path / scenario.student, canaries.words)
    started = time.process_time()
    submission = take_in_folder(release, tmp_path / scenario.student / "mbrl", scenario.student)
    assert time.process_time() - started < 10
    problems = [*submission.problems, *(each for taken in submission.notebooks for each in taken.problems)]
    assert [each.release.name for each in submission.notebooks] == list(release.notebooks)
    tests = [step for taken in submission.notebooks for step in taken.plan.steps if step.kind == "test"]
    released = [cell for each in release.notebooks.values() for cell in each.cells if cell.kind == "test"]
    assert [(step.cell_id, step.source, step.points) for step in tests] == [
        (cell.cell_id, cell.source, cell.points) for cell in released
    ]
    assert len(problems) < 100
    assert all(each.isprintable() and len(each) < 1000 for each in problems), problems
    assert canaries.secret not in json.dumps(
        [problems, [step.source for each in submission.notebooks for step in each.plan.steps]]
    )
    assert canaries.touched() == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_cheating_gains_nothing_touches_nothing_and_harms_nobody() -> None:
    chosen = [each for each in subset(CASES, per_family=1) if not each.expected.get("slow")]
    outcomes = try_all(chosen, "A", briefly=True)
    assert len(outcomes) >= 12
    assert {each.name: each.broken for each in outcomes if not each.held} == {}

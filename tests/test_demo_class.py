"""The demo class, graded once through the command line as an instructor would: does everybody get what they deserve?"""

from __future__ import annotations

import ast
import csv
import inspect
import json
import shutil
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder import KIT
from autograder.course.release import read_release
from autograder.properties import HIDDEN
from tests.demo_class.build import NOTEBOOK, Scenario, build_class, scenarios
from tests.demo_class.outcome import sentences_on, unmet

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

CASES = [each for each in scenarios() if not each.expected.get("long")]
BY_NAME = {each.name: each for each in CASES}
CLOSE = 1e-6


def grade(*arguments: Path | str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``autograder grade`` as a person would."""
    command = [sys.executable, "-m", "autograder.main", "grade", *map(str, arguments)]
    environment = {"PYTHONPATH": str(KIT), "PATH": "/usr/bin:/bin:/usr/sbin", "LANG": "C.UTF-8", "COLUMNS": "200"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


@dataclass(frozen=True)
class GradedClass:
    """The class after one run of the grader."""

    root: Path
    run: subprocess.CompletedProcess[str]

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def out(self) -> Path:
        return self.root / "results"

    def record(self, scenario: Scenario) -> dict[str, Any]:
        return json.loads((self.out / f"{scenario.student}.json").read_text("utf-8"))

    def rows(self) -> dict[str, dict[str, str]]:
        with open(self.out / "summary.csv", encoding="utf-8", newline="") as file:
            return {row["student"]: row for row in csv.DictReader(file)}

    def written(self) -> Iterator[tuple[Path, str]]:
        """Yield what grading wrote: every file outside the hand-ins, with its text."""
        for path in sorted(self.root.rglob("*")):
            if self.submitted not in path.parents and path.is_file() and not path.is_symlink():
                yield path, path.read_bytes().decode("utf-8", "replace")


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    """Build the class and grade it on two cores, in the real cage, with a gradebook."""
    root = tmp_path_factory.mktemp("demo class")
    build_class(root / "submitted", CASES)
    return GradedClass(root, grade(root / "submitted", "--out", root / "results", "--jobs", "2", cwd=root))


def test_grading_succeeds_whatever_was_handed_in(graded: GradedClass) -> None:
    assert graded.run.returncode == 0, graded.run.stdout + graded.run.stderr
    assert "Traceback" not in graded.run.stdout + graded.run.stderr


def test_every_student_has_a_record_and_a_row(graded: GradedClass) -> None:
    students = {each.student for each in CASES}
    assert {path.stem for path in graded.out.glob("*.json")} == students
    rows = graded.rows()
    assert set(rows) == students
    for scenario in CASES:
        record = graded.record(scenario)
        assert float(rows[scenario.student]["score"]) == pytest.approx(record["score"], abs=1e-3)
        for exercise in record["exercises"]:
            assert float(rows[scenario.student][exercise["name"]]) == pytest.approx(exercise["score"], abs=1e-3)


@pytest.mark.parametrize("scenario", CASES, ids=lambda each: each.name)
def test_outcome(graded: GradedClass, scenario: Scenario) -> None:
    record = graded.record(scenario)
    assert record["max_score"] == read_release().max_score
    assert record["tier"] == "A"
    assert record["score"] == pytest.approx(sum(each["score"] for each in record["exercises"]), abs=CLOSE)
    assert list(unmet(scenario, record["exercises"], record["problems"])) == []


@pytest.mark.parametrize("scenario", [each for each in CASES if "honest" in each.expected], ids=lambda each: each.name)
def test_cheating_earns_nothing(graded: GradedClass, scenario: Scenario) -> None:
    honest = graded.record(BY_NAME[scenario.expected["honest"]])
    earned = {each["name"]: each["score"] for each in honest["exercises"]}
    for exercise in graded.record(scenario)["exercises"]:
        assert exercise["score"] <= earned[exercise["name"]], exercise["name"]


@pytest.mark.parametrize("scenario", CASES, ids=lambda each: each.name)
def test_every_lost_point_has_a_reason_in_words(graded: GradedClass, scenario: Scenario) -> None:
    record = graded.record(scenario)
    for exercise in record["exercises"]:
        if exercise["score"] < exercise["max_score"]:
            reasons = sentences_on(exercise)
            assert reasons, exercise["name"]
            assert all(len(each.split()) > 3 for each in reasons), reasons
    assert all(each.endswith(".") or ": " in each for each in record["problems"]), record["problems"]


@pytest.mark.parametrize("scenario", CASES, ids=lambda each: each.name)
def test_a_record_shows_nothing_of_the_grader(graded: GradedClass, scenario: Scenario) -> None:
    text = (graded.out / f"{scenario.student}.json").read_text("utf-8")
    for forbidden in ("Traceback", str(KIT), 'File "', "autograder/", "/cage", "site-packages", "hypothesis"):
        assert forbidden not in text
    for line in hidden_lines():
        assert line not in text


def hidden_lines() -> set[str]:
    """Return the telling lines of the hidden predicates, docstrings and sentences left out."""
    lines: set[str] = set()
    for exercise in HIDDEN.values():
        for prop in exercise.properties:
            if not prop.public:
                function = ast.parse(textwrap.dedent(inspect.getsource(prop.holds))).body[0]
                assert isinstance(function, ast.FunctionDef)
                lines |= {line.strip() for line in "\n".join(map(ast.unparse, function.body)).splitlines()}
    return {line for line in lines if len(line) > 20}


def test_no_hidden_case_gets_out(graded: GradedClass) -> None:
    markers = {marker for each in CASES for marker in each.expected.get("nowhere", [])}
    assert markers
    for path, text in graded.written():
        assert not [each for each in markers if each in text], path


def test_nothing_survives_grading(graded: GradedClass) -> None:
    assert "survivor" not in {process.info["name"] for process in psutil.process_iter(["name"])}


def test_the_gradebook_agrees_with_the_records(graded: GradedClass) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{graded.root / 'gradebook.db'}") as gradebook:
            for scenario in CASES:
                submission = gradebook.find_submission("mbrl", scenario.student)
                record = graded.record(scenario)
                grades = {grade.name: grade for notebook in submission.notebooks for grade in notebook.grades}
                written = {grade for name, grade in grades.items() if not name.startswith("test_")}
                assert not any(grade.score or grade.needs_manual_grade for grade in written), scenario.name
                booked = {name: grade.score for name, grade in grades.items() if grade not in written}
                assert booked == pytest.approx(
                    {f"test_{each['name']}": each["score"] for each in record["exercises"]}, abs=CLOSE
                ), scenario.name
                assert submission.score == pytest.approx(record["score"], abs=CLOSE)
                by_hand = sum(grade.max_score for grade in written)
                assert submission.max_score == record["max_score"] + by_hand


def on_planning(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a record says of the exercises on planning, without the seconds that judging took."""
    return [{**each, "seconds": None} for each in record["exercises"] if each["notebook"] == NOTEBOOK]


def test_grading_again_elsewhere_in_another_order_and_by_one_job_gives_the_same(graded: GradedClass, tmp_path: Path):
    chosen = ["upside-down", "goes-through-numpy", "rewriting-hook", "half-done"]
    renamed = {}
    for number, name in enumerate(chosen):  # students are graded in the order of their names
        renamed[name] = f"another-{number}"
        hand_in = tmp_path / "submitted" / renamed[name] / "mbrl"
        hand_in.mkdir(parents=True)
        shutil.copy(graded.submitted / BY_NAME[name].student / "mbrl" / f"{NOTEBOOK}.ipynb", hand_in)
    run = grade(tmp_path / "submitted", "--out", tmp_path / "results", "--jobs", "1", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    for name, student in renamed.items():
        record = json.loads((tmp_path / "results" / f"{student}.json").read_text("utf-8"))
        assert on_planning(record) == on_planning(graded.record(BY_NAME[name]))


def test_one_folder_can_be_graded(graded: GradedClass, tmp_path: Path) -> None:
    scenario = BY_NAME["half-done"]
    folder = tmp_path / scenario.student / "mbrl"
    folder.mkdir(parents=True)
    shutil.copy(graded.submitted / scenario.student / "mbrl" / f"{NOTEBOOK}.ipynb", folder)
    run = grade(folder, "--out", tmp_path, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    record = json.loads((tmp_path / f"{scenario.student}.json").read_text("utf-8"))
    assert on_planning(record) == on_planning(graded.record(scenario))
    assert not (tmp_path / "gradebook.db").exists()


def test_one_notebook_can_be_graded(graded: GradedClass, tmp_path: Path) -> None:
    scenario = BY_NAME["perfect"]
    notebook = graded.submitted / scenario.student / "mbrl" / "07_comparison.ipynb"
    run = grade(notebook, "--out", tmp_path, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    record = json.loads((tmp_path / f"{scenario.student}.json").read_text("utf-8"))
    assert record["score"] == record["max_score"] == read_release().notebooks["07_comparison"].max_score


def test_a_notebook_of_another_course_gets_nothing_and_a_reason(tmp_path: Path) -> None:
    notebook = tmp_path / "cooking.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "utf-8")
    run = grade(notebook, "--out", tmp_path / "results", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    record = json.loads((tmp_path / "results" / "cooking.json").read_text("utf-8"))
    assert record["score"] == 0
    assert any("cooking.ipynb is not the name of a notebook of the assignment" in each for each in record["problems"])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere", "There is nothing at"),
        ("notes.txt", "is neither a folder nor a notebook"),
        ("empty", "holds no submissions"),
    ],
)
def test_a_path_that_holds_nothing_is_refused_with_a_sentence(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "notes.txt").write_text("no notebook", "utf-8")
    (tmp_path / "empty").mkdir()
    run = grade(tmp_path / name, "--out", tmp_path / "results", cwd=tmp_path)
    assert run.returncode == 2
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "results").exists()

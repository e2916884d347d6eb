"""Imports run one way, as DESIGN.md says, and no file grows beyond what one person reads at a sitting."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from autograder import KIT

PARTS = {
    "sandbox": KIT / "autograder" / "sandbox",
    "judge": KIT / "autograder" / "judge",
    "properties": KIT / "autograder" / "properties",
    "grading": KIT / "autograder" / "grading",
    "course": KIT / "autograder" / "course",
    "labkit": KIT / "source" / "mbrl" / "labkit",
    "solutions": KIT / "solutions",
}
LONGEST = 400
LISTS = re.compile("source/mbrl/labkit/exercises/|.*/mistakes")  # one entry after another


def imports_of(path):
    """Return the full names of everything a file imports, whether at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} uses a relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def offenders(part, *forbidden, allowed=()):
    return sorted(
        f"{path.relative_to(KIT)} imports {name}"
        for path in PARTS[part].rglob("*.py")
        for name in imports_of(path)
        if any(name == each or name.startswith(each + ".") for each in forbidden)
        and not any(name == each or name.startswith(each + ".") for each in allowed)
    )


def test_the_files_are_where_this_test_looks():
    assert all(list(folder.rglob("*.py")) for folder in PARTS.values())
    assert "autograder.sandbox.wire" in imports_of(PARTS["judge"] / "conversation.py")


def test_the_sandbox_knows_nothing_of_the_course():
    forbidden = ("autograder", "labkit", "solutions", "tests")
    assert offenders("sandbox", *forbidden, allowed=("autograder.sandbox",)) == []


def test_what_students_get_knows_nothing_of_the_grader():
    assert offenders("labkit", "autograder", "solutions", "tests") == []


def test_the_solutions_stand_alone():
    permitted = set(sys.stdlib_module_names) | {"numpy", "torch"}
    for path in PARTS["solutions"].rglob("*.py"):
        for name in imports_of(path):
            assert name.split(".")[0] in permitted or name in ("labkit", "labkit.validate"), (path, name)


def test_the_judge_knows_nothing_of_a_class_or_of_building_the_course():
    assert offenders("judge", "autograder.grading", "autograder.course", "autograder.main", "solutions", "tests") == []


def test_the_properties_know_nothing_of_who_asks_them():
    assert offenders("properties", "autograder", "tests", allowed=("autograder.properties",)) == []


def test_a_grade_never_depends_on_the_tests():
    for part in ("grading", "course"):
        assert offenders(part, "tests") == []


def test_the_judge_and_the_sandbox_never_unpickle():
    for part in ("judge", "sandbox", "grading"):
        assert offenders(part, "pickle", "dill", "cloudpickle", "marshal", "shelve") == []


@pytest.mark.parametrize("part", ["sandbox", "judge", "properties", "grading", "course", "labkit", "solutions"])
def test_no_file_is_longer_than_one_person_reads_at_a_sitting(part):
    files = {path.relative_to(KIT).with_suffix("").as_posix(): path for path in PARTS[part].rglob("*.py")}
    lengths = {name: len(path.read_text().splitlines()) for name, path in files.items() if not LISTS.match(name)}
    assert not {name: length for name, length in lengths.items() if length > LONGEST}


@pytest.mark.parametrize("part", PARTS)
def test_every_file_opens_by_saying_what_it_is(part):
    for path in PARTS[part].rglob("*.py"):
        documented = ast.get_docstring(ast.parse(path.read_text()))
        assert documented, path
        assert documented.splitlines()[0].endswith((".", ":", ",", ";")) or len(documented) > 60, path

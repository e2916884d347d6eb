"""What students are told and given beside the notebooks is true and enough."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement

from autograder import KIT
from autograder.course.release import read_release

RELEASE = read_release()
README = (RELEASE.folder / "README.md").read_text("utf-8")
NEEDED = [Requirement(line) for line in (RELEASE.folder / "requirements.txt").read_text().splitlines()[1:]]


def imported() -> Iterator[str]:
    """Yield the packages that notebooks and ``labkit`` import."""
    sources = [path.read_text("utf-8") for path in RELEASE.support.rglob("*.py")]
    sources += [
        cell.source for each in RELEASE.notebooks.values() for cell in each.cells if cell.node.cell_type == "code"
    ]
    for source in sources:
        for statement in ast.walk(ast.parse(source)):
            if isinstance(statement, ast.Import):
                yield from (alias.name.split(".")[0] for alias in statement.names)
            elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
                yield statement.module.split(".")[0]


@pytest.mark.parametrize("name", RELEASE.notebooks)
def test_the_table_gives_the_points_that_can_be_had(name: str) -> None:
    notebook = RELEASE.notebooks[name]
    parts = [notebook.max_score] + [sum(each.points for each in notebook.answers)] * bool(notebook.answers)
    (row,) = re.findall(rf"^\| `{name}\.ipynb` \|.*\| (.*) \|$", README, flags=re.MULTILINE)
    assert row == " + ".join(f"{points:g}" for points in parts)


def test_everything_that_is_imported_is_required_or_comes_with_python() -> None:
    given = {each.name for each in NEEDED} | set(sys.stdlib_module_names) | {RELEASE.support.name}
    with_ipykernel = {"IPython"}
    assert set(imported()) - given <= with_ipykernel


def test_students_get_the_versions_that_grading_uses() -> None:
    listed = tomllib.loads((KIT / "pyproject.toml").read_text())["project"]["dependencies"]
    graded = {each.name: each.specifier for each in map(Requirement, listed)}
    lock = dict(line.split("==") for line in (KIT / "requirements.lock").read_text().splitlines())
    for each in NEEDED:
        assert each.specifier == graded.get(each.name, each.specifier)
        assert each.specifier.contains(lock[each.name])


@pytest.mark.parametrize("promise", ["10 seconds", "30", "2 GB"])
def test_the_limits_that_students_read_are_those_of_grading(promise: str) -> None:
    from autograder.sandbox.limits import Limits
    from labkit.exercises import EXERCISES

    limits = Limits()
    true = {
        "10 seconds": limits.call_seconds == 10,
        "30": limits.cell_seconds == 30 == EXERCISES["train_ensemble"].call_seconds,
        "2 GB": limits.memory_bytes == 2 * 2**30,
    }
    assert true[promise]
    assert promise in README

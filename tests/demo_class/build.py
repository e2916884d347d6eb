"""Builds the demo class: one hand-in for each folder beside this file, made from the release as a student would.

The folders in ``tests/hostile/`` are of the same kind; ``autograder.harden.corpus`` judges them.

A folder holds only what the student did, so that a new case is a new folder and no new code:

- ``expected.json``: the student's name, a sentence about the case, and the outcome that it deserves (see ``Scenario``);
- ``cells.py``: sources of cells in percent format (see ``read_cells``);
- ``edit.json``: what was done to the notebook and the folder besides (see ``tests.demo_class.edits``);
- ``files/``: files handed in as they are, over the release's.

The code in these folders is never imported. Run as ``python -m tests.demo_class.build DEST``.
"""

from __future__ import annotations

import inspect
import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course.release import read_release
from autograder.course.solutions import reference_functions
from autograder.properties import MISTAKES
from labkit.exercises import find_exercise
from tests.bank import CORRECT
from tests.demo_class import edits

HERE = Path(__file__).resolve().parent
HOSTILE = HERE.parent / "hostile"
NOTEBOOK = "02_planning"  # the one that edits are about, if nothing else is said


@dataclass(frozen=True)
class Cells:
    """What a student wrote: sources of solution cells, and own cells with the name of the cell before."""

    solutions: dict[str, str] = field(default_factory=dict)
    own: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Scenario:
    """One case. ``expected`` has these entries, all but the first three optional.

    - ``student``: the name of the hand-in's folder;
    - ``note``: what happened, in a sentence;
    - ``score``: "full", "partial" or 0, for the whole notebook on planning or for each exercise ("*": all others);
    - ``everywhere``: true if ``score`` is about all notebooks of the hand-in;
    - ``problems``: what some sentence of ``problems`` has to contain;
    - ``quiet``: true if there may be no problems, or the only tier on which there may be none;
    - ``words``: what some message on an exercise has to contain;
    - ``honest``: the scenario that is the same work without the cheat; no exercise may earn more than there;
    - ``nowhere``: what no file that grading writes may contain;
    - ``seconds``: the most that judging what it wrote may take, for those that try to take long;
    - ``family``: the kind of attack, for the hostile ones; ``notebook``: the one that edits are about;
    - ``about``: the exercises that it is about, where its own cells do not say so;
    - ``slow``: true where limits have to be waited for;
    - ``long``: true where judging takes about a minute: ``make demo`` does, ``make test`` does not;
    - ``limit``: the points that this attack is known to gain, because only answers can be checked.
    """

    name: str
    home: Path = HERE

    @property
    def folder(self) -> Path:
        return self.home / self.name

    @cached_property
    def expected(self) -> dict[str, Any]:
        return json.loads((self.folder / "expected.json").read_text("utf-8"))

    @property
    def notebooks(self) -> tuple[str, ...]:
        """The notebooks that the expected outcome is about."""
        return tuple(read_release().notebooks) if self.expected.get("everywhere") else (self.notebook,)

    @property
    def notebook(self) -> str:
        """The notebook that edits and cells which could stand in several are about."""
        return self.expected.get("notebook", NOTEBOOK)

    @property
    def student(self) -> str:
        return self.expected["student"]


def scenarios(home: Path = HERE) -> list[Scenario]:
    """Return all cases of a folder in the order of the students' names."""
    found = [Scenario(path.parent.name, home) for path in home.glob("*/expected.json")]
    return sorted(found, key=lambda each: each.student)


def find_scenario(name: str) -> Scenario:
    """Return the case of that name, of the demo class or hostile."""
    for home in (HERE, HOSTILE):
        if (home / name).is_dir():
            return Scenario(name, home)
    raise ValueError(f"there is no scenario {name!r} in {HERE} or {HOSTILE}")


def read_cells(name: str) -> Cells:
    """Return the cells of a scenario.

    The first line of ``cells.py`` is ``# %% start from NAME``: the untouched "release", the "solutions", or another
    scenario. Each section replaces one cell (``# %% bellman_q``), takes a function of the bank or of the known mistakes
    for it (``# %% bellman_q is bellman_q_matmul``; "the solution" and "the stub" work as well), or adds a cell of the
    student's own (``# %% own after test_bellman_q``; "start" for the top).
    """
    if name == "release":
        return Cells()
    if name == "solutions":
        return Cells({each: inspect.getsource(function) for each, function in _reference().items()})
    path = find_scenario(name).folder / "cells.py"
    if not path.is_file():
        return Cells()
    head, *sections = re.split(r"^# %% ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]
    base = read_cells(head.removeprefix("start from ").strip())
    cells = Cells(dict(base.solutions), list(base.own))
    for section in sections:
        title, _, source = section.partition("\n")
        if title.startswith("own after "):
            cells.own.append((title.removeprefix("own after "), source.strip("\n")))
            continue
        exercise, _, chosen = title.partition(" is ")
        if exercise not in _reference():
            raise ValueError(f"{path}: {exercise!r} is not the name of a solution cell")
        cells.solutions[exercise] = _chosen(exercise, chosen) if chosen else source.strip("\n")
    return cells


def written_in(scenario: Scenario) -> set[str]:
    """Return the solution cells that a scenario's own folder is about, without those it starts from."""
    path = scenario.folder / "cells.py"
    text = path.read_text("utf-8") if path.is_file() else ""
    return {each for each in re.findall(r"^# %% (\w+)", text, flags=re.MULTILINE) if each in _reference()}


def _reference() -> dict[str, Any]:
    return reference_functions()


def _chosen(exercise: str, name: str) -> str:
    if name == "the solution":
        return inspect.getsource(_reference()[exercise])
    if name == "the stub":
        return read_release().notebooks[find_exercise(exercise).notebook].by_id[exercise].source
    return next(each.cell for each in [*CORRECT, *MISTAKES] if each.exercise == exercise and each.name == name)


def write_notebook(path: Path, cells: Cells) -> None:
    """Put the student's sources into the released notebook at ``path``."""
    notebook = json.loads(path.read_text("utf-8"))
    written: list[dict[str, Any]] = []

    def add_own(anchor: str) -> None:
        for number, (after, source) in enumerate(cells.own):
            if after == anchor:
                written.append(edits.new_code_cell(f"own-{number}", source))

    add_own("start")
    for cell in notebook["cells"]:
        name = edits.name_of(cell)
        if name in cells.solutions:
            cell["source"] = cells.solutions[name]
        written.append(cell)
        add_own(name)
    notebook["cells"] = written
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), "utf-8")


def build_hand_in(scenario: Scenario, folder: Path, words: Mapping[str, str] | None = None) -> None:
    """Write the hand-in of ``scenario`` into ``folder``, the student's; what was there is removed.

    Each of ``words`` (a path, a port) takes the place of its name in capitals in the student's own sources and steps.
    """
    shutil.rmtree(folder, ignore_errors=True)
    release = read_release()
    hand_in = folder / release.assignment
    shutil.copytree(release.folder, hand_in, ignore=shutil.ignore_patterns("__pycache__"))
    cells = read_cells(scenario.name)
    told = {name: _told(source, words) for name, source in cells.solutions.items()}
    taken = set(release.notebooks[scenario.notebook].by_id)
    for name in release.notebooks:
        # An own cell that could stand in several notebooks stands in the one that edits are about.
        chosen = [each for each in cells.own if name == scenario.notebook or each[0] not in {"start", *taken}]
        own = [(anchor, _told(source, words)) for anchor, source in chosen]
        write_notebook(hand_in / f"{name}.ipynb", Cells(told, own))
    if (scenario.folder / "files").is_dir():
        shutil.copytree(scenario.folder / "files", hand_in, dirs_exist_ok=True)
    if (scenario.folder / "edit.json").is_file():
        for step in json.loads(_told((scenario.folder / "edit.json").read_text("utf-8"), words)):
            edits.apply(hand_in, scenario.notebook, step)


def _told(text: str, words: Mapping[str, str] | None) -> str:
    for name, value in (words or {}).items():
        text = text.replace(name, value)
    return text


def build_class(destination: Path, cases: Sequence[Scenario] | None = None) -> dict[str, Scenario]:
    """Write hand-ins, all of the class if ``cases`` are not named, as ``destination/<student>/mbrl``.

    Returns the scenarios under their students' names.
    """
    built: dict[str, Scenario] = {}
    for scenario in scenarios() if cases is None else cases:
        if scenario.student in built:
            raise ValueError(f"{scenario.name} and {built[scenario.student].name} are both by {scenario.student}")
        build_hand_in(scenario, destination / scenario.student)
        built[scenario.student] = scenario
    return built


def main() -> None:
    """Build the class in the folder named on the command line and say who did what."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.demo_class.build DEST")
    for student, scenario in build_class(Path(sys.argv[1])).items():
        print(f"{student}: {scenario.name}. {scenario.expected['note']}")


if __name__ == "__main__":
    main()

"""A small course to crash: the real grader on a release of two short notebooks and a class of twenty.

The kit is copied and its notebooks are cut down to a few exercises, so that grading the class takes seconds. What runs
is ``autograder grade`` as its own process, and nbgrader's own commands.
"""

from __future__ import annotations

import csv
import inspect
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import KIT
from autograder.course.solutions import reference_functions
from autograder.grading.lock import KEPT, STAGING
from autograder.grading.store import UNFINISHED

EXERCISES = {"03_dyna": ("q_update", "exploration_bonus"), "05_mpc": ("evaluate_sequences", "refit_gaussian")}
PARTS = ("autograder", "solutions", "source", "release")
# Only a hidden check sees this one.
MISTAKES = {"exploration_bonus": ("np.sqrt(elapsed)", "np.sqrt(np.minimum(elapsed, 50))")}
CONFIG = """from pathlib import Path
from autograder.grading.course import configure
configure(get_config(), Path({root!r}))
"""
UNTIMED = re.compile(rb'"(seconds|slowest_call)":\s*[0-9.eE+-]+')

QUERIES = {
    "scores": """select a.name, s.id, n.name, c.name, c.type, g.auto_score, g.manual_score, g.extra_credit,
        g.needs_manual_grade, k.max_score from grade g join submitted_notebook sn on g.notebook_id = sn.id
        join submitted_assignment sa on sn.assignment_id = sa.id join student s on sa.student_id = s.id
        join notebook n on sn.notebook_id = n.id join assignment a on n.assignment_id = a.id
        join base_cell c on g.cell_id = c.id left join grade_cells k on k.id = c.id""",
    "comments": """select s.id, n.name, c.name, m.auto_comment, m.manual_comment from comment m
        join submitted_notebook sn on m.notebook_id = sn.id
        join submitted_assignment sa on sn.assignment_id = sa.id join student s on sa.student_id = s.id
        join notebook n on sn.notebook_id = n.id join base_cell c on m.cell_id = c.id""",
    "submissions": "select student_id, extension from submitted_assignment",
    "notebooks": """select s.student_id, n.name, sn.flagged, sn.late_submission_penalty from submitted_notebook sn
        join submitted_assignment s on sn.assignment_id = s.id join notebook n on sn.notebook_id = n.id""",
    "cells": """select n.name, c.name, c.cell_type, c.locked, c.source, c.checksum from source_cell c
        join notebook n on c.notebook_id = n.id""",
    "students": "select id from student",
    "courses": "select id from course",
}


@dataclass(frozen=True)
class Classroom:
    """A copy of the kit and the folder of a course; ``root/submitted`` is what was handed in."""

    kit: Path
    root: Path

    def command(self, *arguments: str, jobs: int = 2) -> list[str]:
        """Return the command that grades the class."""
        return [sys.executable, "-m", "autograder.main", "grade", str(self.root / "submitted"), "--jobs", str(jobs),
                *arguments]  # fmt: skip

    def nbgrader(self, *arguments: str) -> list[str]:
        """Return one of nbgrader's own commands."""
        return [sys.executable, "-m", "nbgrader", *arguments]

    def start(self, command: Sequence[str]) -> subprocess.Popen[str]:
        """Start a command in the course's folder, on the copy of the kit."""
        paths = os.pathsep.join(map(str, (self.kit, self.kit / "source" / "mbrl")))
        environment = {**os.environ, "PYTHONPATH": paths, "COLUMNS": "300"}
        return subprocess.Popen(
            command, cwd=self.root, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def run(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a command to its end; return its exit status and what it said."""
        process = self.start(command)
        said, _ = process.communicate()
        return process.returncode, said

    def stored(self) -> dict[str, tuple[int, int]]:
        """Return the stored results, each with what tells whether it was written again."""
        found = {}
        for path in (self.root / KEPT).glob("*.json"):
            status = path.stat()
            found[path.name] = (status.st_ino, status.st_mtime_ns)
        return found


def small_kit(folder: Path) -> Path:
    """Copy the kit to ``folder`` and cut its notebooks down; return the folder."""
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for part in PARTS:
        shutil.copytree(KIT / part, folder / part, ignore=ignored)
    for step in ("source", "release"):
        for path in (folder / step / "mbrl").glob("*.ipynb"):
            if path.stem in EXERCISES:
                path.write_text(_cut_down(path.read_text("utf-8"), EXERCISES[path.stem]), "utf-8")
            else:
                path.unlink()
    return folder


def _cut_down(notebook: str, names: Sequence[str]) -> str:
    node = json.loads(notebook)
    kept = {"setup", *names, *(f"test_{name}" for name in names)}
    node["cells"] = [cell for cell in node["cells"] if _name(cell) in kept]
    return json.dumps(node, ensure_ascii=False, indent=1)


def _name(cell: dict[str, Any]) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def hand_in(kit: Path, root: Path, students: int = 20) -> Classroom:
    """Write the hand-ins of a class: right, wrong, unfinished and unreadable ones, one or two notebooks each."""
    sources = {name: inspect.getsource(function) for name, function in reference_functions().items()}
    for number in range(1, students + 1):
        folder = root / "submitted" / f"student-{number:02d}" / "mbrl"
        folder.mkdir(parents=True)
        for notebook in list(EXERCISES)[: 1 + number % 2]:
            node = json.loads((kit / "release" / "mbrl" / f"{notebook}.ipynb").read_text("utf-8"))
            for cell in node["cells"]:
                cell["source"] = _written(_name(cell), "".join(cell["source"]), sources, number)
            (folder / f"{notebook}.ipynb").write_text(json.dumps(node), "utf-8")
    (root / "submitted" / "student-01" / "mbrl" / f"{next(iter(EXERCISES))}.ipynb").write_text("cut off")
    (root / "nbgrader_config.py").write_text(CONFIG.format(root=str(root)))
    return Classroom(kit, root)


def _written(name: str, stub: str, sources: dict[str, str], number: int) -> str:
    """Return what student ``number`` wrote into a cell: every fifth left it, every third made a mistake."""
    if name not in sources or number % 5 == 0:
        return stub
    source = sources[name]
    if number % 3 == 0 and name in MISTAKES:
        assert MISTAKES[name][0] in source
        source = source.replace(*MISTAKES[name])
    return f"{source}\n# {number}\n"


def outcome(root: Path) -> dict[str, Any]:
    """Return what grading left in a course, without times of day, timings and the database's own numbers."""
    found: dict[str, Any] = {"gradebook": gradebook(root / "gradebook.db")}
    for folder in ("results", "autograded", "release", "feedback"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found[str(path.relative_to(root))] = UNTIMED.sub(b"", path.read_bytes())
    for path in sorted((root / KEPT).glob("*.json")):
        found[str(path.relative_to(root))] = UNTIMED.sub(b"", path.read_bytes())
    return found


def gradebook(path: Path) -> dict[str, list]:
    """Return the content of a gradebook, by names instead of ids."""
    database = sqlite3.connect(path)
    try:
        return {name: sorted(map(repr, database.execute(query))) for name, query in QUERIES.items()}
    finally:
        database.close()


def faults_on_disk(root: Path, spare: Path) -> list[str]:
    """Return what is half-written right after a crash; the gradebook is examined on a copy in ``spare``."""
    faults = []
    records = [*(root / KEPT).glob("*.json"), *(root / "results").glob("*.json")]
    for path in records:
        try:
            json.loads(path.read_bytes())
        except ValueError:
            faults.append(f"{path.name} is half-written")
    summary = root / "results" / "summary.csv"
    if summary.exists():
        rows = list(csv.reader(summary.read_text("utf-8").splitlines()))
        if len({len(row) for row in rows}) != 1 or len(rows) != 1 + len(list((root / "submitted").iterdir())):
            faults.append("summary.csv is half-written")
    faults += _integrity(root, spare)
    return faults


def _integrity(root: Path, spare: Path) -> list[str]:
    shutil.rmtree(spare, ignore_errors=True)
    spare.mkdir()
    for path in root.glob("gradebook.db*"):
        shutil.copy(path, spare / path.name)
    if not (spare / "gradebook.db").exists():
        return []
    database = sqlite3.connect(spare / "gradebook.db")
    try:
        (answer,) = database.execute("pragma integrity_check").fetchone()
    finally:
        database.close()
    return [] if answer == "ok" else [f"the gradebook's integrity check says {answer}"]


def left_behind(root: Path) -> list[str]:
    """Return unfinished files and folders that nobody will finish."""
    unfinished = [
        path for path in root.rglob("*") if path.name.startswith(UNFINISHED) or path.name.endswith("-journal")
    ]
    return [str(path.relative_to(root)) for path in (*unfinished, *(root / KEPT).glob(f"{STAGING}*"))]


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return the names of what is not the same in two outcomes."""
    return sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))

"""What a person wrote in the gradebook survives every regrade, and a dry run says what a regrade would change."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook

from autograder.grading.difference import Held, find_changes, render_changes, summarise_changes
from autograder.grading.outputs import Graded
from autograder.harden.classroom import hand_in, outcome, small_kit
from autograder.judge.results import ExerciseResult, NotebookResult

NOTEBOOK = "03_dyna"
CELL = "test_exploration_bonus"
ONE = 1  # job: a second would need a cage of its own


# What would change, in words


def graded(student, failed="", **scores):
    exercises = [ExerciseResult(name, "n", score, 4.0, 0.0, []) for name, score in scores.items()]
    return Graded(student, "mbrl", [NotebookResult("n", "A", exercises, {}, [])], [], 8.0, "A", failed)


def changes_of(now, **held):
    return find_changes([now], {"ann": held} if held else {})


def test_who_keeps_every_score_is_not_listed():
    assert changes_of(graded("ann", f=3.0, g=1.0), f=Held(3.0, 4.0), g=Held(1.0, 4.0)) == []


def test_a_change_is_told_by_exercise_and_in_total():
    (change,) = changes_of(graded("ann", f=1.0, g=1.0), f=Held(3.0, 4.0), g=Held(1.0, 4.0))
    assert (change.before, change.after, change.exercises) == (4.0, 2.0, ["f 3 → 1"])


def test_a_manual_score_stays_and_the_list_says_so():
    (change,) = changes_of(graded("ann", f=1.0), f=Held(3.0, 4.0, manual=2.5, extra=1.0))
    assert (change.before, change.after, change.exercises) == (3.5, 3.5, ["f 3 → 1 (your 2.5 stays)"])


def test_changed_points_are_told_even_where_the_score_stays():
    (change,) = changes_of(graded("ann", f=3.0), f=Held(3.0, 5.0))
    assert change.exercises == ["f 3 of 5 → 3 of 4"]


def test_a_student_without_a_score_is_new():
    (change,) = changes_of(graded("ann", f=3.0))
    assert (change.before, change.after) == (None, 3.0)
    (change,) = changes_of(graded("ann", f=3.0), f=Held(None, 4.0))
    assert change.before is None


def test_who_could_not_be_judged_is_no_change():
    assert changes_of(graded("ann", failed="no cage", f=0.0), f=Held(3.0, 4.0)) == []


def test_the_table_is_plain_and_has_a_line_for_each_of_300():
    from io import StringIO

    from rich.console import Console

    class_graded = [graded(f"student-{number:03d} [x]", f=1.0) for number in range(300)]
    changes = find_changes(class_graded, {each.student: {"f": Held(3.0, 4.0)} for each in class_graded})
    console = Console(file=StringIO(), width=80)
    console.print(render_changes(changes))
    lines = [line for line in console.file.getvalue().splitlines() if "student-" in line]
    assert len(lines) == 300
    assert lines[0].split() == ["student-000", "[x]", "3", "1", "-2", "f", "3", "→", "1"]
    assert summarise_changes(changes, 310).startswith("Of 310 submissions, 300 would change, 0 would be new and 10")


# A course, graded by the real command on a copy of the kit


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """Four students, graded once."""
    folder = tmp_path_factory.mktemp("regrading")
    classroom = hand_in(small_kit(folder / "kit"), folder / "course", students=4)
    status, said = classroom.run(classroom.command(jobs=ONE))
    assert status == 0, said
    return classroom


@pytest.fixture
def state(room):
    """What the course holds, to be compared after what should not touch it."""
    return written(room)


def written(room):
    found = {name: content for name, content in outcome(room.root).items() if not name.startswith(".autograder")}
    return found | {"database": (room.root / "gradebook.db").read_bytes()}


@contextmanager
def edited(path, *replaced):
    """A file of the copied kit with texts replaced, for a while."""
    before = path.read_text("utf-8")
    after = before
    for old, new in replaced:
        assert old in after
        after = after.replace(old, new)
    path.write_text(after, "utf-8")
    try:
        yield
    finally:
        path.write_text(before, "utf-8")


def dry_run(room):
    status, said = room.run(room.command("--dry-run", jobs=ONE))
    assert status == 0, said
    return said


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_dry_run_of_what_was_graded_changes_nothing(room, state):
    assert "Of 4 submissions, 0 would change, 0 would be new and 4 would stay" in dry_run(room)
    assert written(room) == state


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_changed_check_shows_whose_scores_would_change_before_anything_is_written(room, state):
    check = room.kit / "autograder" / "properties" / "dyna" / "updates.py"
    with edited(check, ("rng.choice([4, 50, 3000])", "rng.choice([4, 50])")):
        said = dry_run(room)
    (line,) = [line for line in said.splitlines() if "→" in line]
    assert line.split()[0] == "student-03"
    assert "+2" in line.split()
    assert line.split()[-4:] == ["exploration_bonus", "2", "→", "4"], line
    assert "Of 4 submissions, 1 would change, 0 would be new and 3 would stay" in said
    assert written(room) == state


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_changed_and_a_new_submission_are_shown(room, state):
    submitted = room.root / "submitted"
    handed_in = submitted / "student-02" / "mbrl" / f"{NOTEBOOK}.ipynb"
    shutil.copytree(submitted / "student-04", submitted / "student-09")
    try:
        with edited(handed_in, ("np.sqrt(elapsed)", "np.sqrt(np.minimum(elapsed, 50))")):
            said = dry_run(room)
    finally:
        shutil.rmtree(submitted / "student-09")
    assert "1 would change, 1 would be new and 3 would stay" in said
    assert "student-09" in said
    assert "student-02" in said
    assert written(room) == state


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_one_notebook_is_compared_with_the_folder_of_results(room, tmp_path):
    notebook = room.root / "submitted" / "student-04" / "mbrl" / f"{NOTEBOOK}.ipynb"
    command = [*room.command()[:4], str(notebook), "--out", str(tmp_path)]
    status, said = room.run([*command, "--dry-run"])
    assert (status, "Of 1 submission, 0 would change, 1 would be new" in said) == (0, True), said
    assert [each.name for each in tmp_path.iterdir()] == [".autograder"]
    assert room.run(command)[0] == 0
    status, said = room.run([*command, "--dry-run"])
    assert (status, "0 would change, 0 would be new and 1 would stay" in said) == (0, True), said


@contextmanager
def formgrader(room):
    """A running jupyter server with formgrader; what is yielded sends a body to one of its addresses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=secret",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
        f"--ServerApp.root_dir={room.root}",
    ]
    home = room.root.parent / "home"
    home.mkdir(exist_ok=True)
    paths = os.pathsep.join(map(str, (room.kit, room.kit / "source" / "mbrl")))
    environment = {**os.environ, "PYTHONPATH": paths, "HOME": str(home), "JUPYTER_PLATFORM_DIRS": "1"}
    log = open(home / "server.log", "w")  # noqa: SIM115 - closed below, when the server has ended
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *options], cwd=room.root, env=environment, stdout=log, stderr=log
    )

    def send(address, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/formgrader/api/{address}",
            data=json.dumps(body).encode() if body is not None else None,
            method="PUT" if body is not None else "GET",
            headers={"Authorization": "token secret", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    try:
        end = time.monotonic() + 120
        while True:
            try:
                send("status")
                break
            except OSError:
                assert server.poll() is None, (home / "server.log").read_text()
                assert time.monotonic() < end, (home / "server.log").read_text()
                time.sleep(0.3)
        yield send
    finally:
        server.terminate()
        server.wait()
        log.close()


@contextmanager
def gradebook(room):
    with Gradebook(f"sqlite:///{room.root}/gradebook.db", "mbrl") as opened:
        yield opened


def by_hand(room, student):
    """Return what people and the judge said on one exercise of a student."""
    with gradebook(room) as opened:
        grade = opened.find_grade(CELL, NOTEBOOK, "mbrl", student)
        comment = opened.find_comment("exploration_bonus", NOTEBOOK, "mbrl", student).manual_comment
        return SimpleNamespace(
            manual=grade.manual_score, extra=grade.extra_credit, automatic=grade.auto_score,
            highest=grade.max_score, score=grade.score, comment=comment,
        )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_what_a_person_graded_survives_fresh_regrades_changed_points_and_new_hand_ins(room):
    with gradebook(room) as opened:
        grade = opened.find_grade(CELL, NOTEBOOK, "mbrl", "student-04")
        comment = opened.find_comment("exploration_bonus", NOTEBOOK, "mbrl", "student-04")
        addresses = f"grade/{grade.id}", f"comment/{comment.id}"
        grade = opened.find_grade(CELL, NOTEBOOK, "mbrl", "student-02")
        grade.manual_score, grade.extra_credit = 3.5, 0.25
        opened.find_comment("exploration_bonus", NOTEBOOK, "mbrl", "student-02").manual_comment = "See me on Monday."
        opened.db.commit()
    with formgrader(room) as send:
        send(addresses[0], {"manual_score": 1.5, "extra_credit": 0.5})
        send(addresses[1], {"manual_comment": "Well argued."})

    def expect(automatic, highest):
        for student, manual, extra, said in (
            ("student-02", 3.5, 0.25, "See me on Monday."),
            ("student-04", 1.5, 0.5, "Well argued."),
        ):
            found = by_hand(room, student)
            assert (found.manual, found.extra, found.score) == (manual, extra, manual + extra), student
            assert (found.automatic, found.highest) == (automatic[student], highest), student
            assert found.comment == said

    full = {"student-02": 4.0, "student-04": 4.0}
    expect(full, 4.0)
    for options in ((), ("--fresh",)):
        status, said = room.run(room.command(*options, jobs=ONE))
        assert status == 0, said
        expect(full, 4.0)
    handed_in = room.root / "submitted" / "student-02" / "mbrl" / f"{NOTEBOOK}.ipynb"
    with edited(handed_in, ("np.sqrt(elapsed)", "np.sqrt(np.minimum(elapsed, 50))")):
        assert room.run(room.command(jobs=ONE))[0] == 0
        worse = by_hand(room, "student-02").automatic
        assert worse == 2.0
        expect(full | {"student-02": worse}, 4.0)
    more_points(room)
    status, said = room.run(room.command(jobs=ONE))
    assert status == 0, said
    expect({"student-02": 6.0, "student-04": 6.0}, 6.0)
    with gradebook(room) as opened:
        assert opened.find_grade(CELL, NOTEBOOK, "mbrl", "student-01").max_score == 6.0


def more_points(room):
    """Make the exercise worth six points in the copy of the kit."""
    for step in ("source", "release"):
        path = room.kit / step / "mbrl" / f"{NOTEBOOK}.ipynb"
        node = json.loads(path.read_text("utf-8"))
        for cell in node["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == CELL:
                assert cell["metadata"]["nbgrader"]["points"] == 4
                cell["metadata"]["nbgrader"]["points"] = 6
        path.write_text(json.dumps(node, ensure_ascii=False, indent=1), "utf-8")

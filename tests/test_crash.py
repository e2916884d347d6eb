"""Killing the grader, its judges or its workers costs nobody a point, and neither does a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from autograder.grading import workers
from autograder.grading.lock import KEPT, STAGING, CourseBusy, course_lock
from autograder.grading.store import UNFINISHED, sweep, write_whole
from autograder.grading.workers import Settings, judge_all
from autograder.harden import crash
from autograder.judge.notebook import NotebookPlan, Step

HOLD = """
import sys, time, os
from pathlib import Path
from autograder.grading.lock import course_lock
with course_lock(Path(sys.argv[1])):
    if os.fork() == 0:
        time.sleep(60)  # a child outlives the grader
    print("held", flush=True)
    time.sleep(60)
"""


def plan(name, body="return 1"):
    cell = Step("cell", "f", f"import time\ndef f():\n    {body}")
    return NotebookPlan(name, [cell, Step("test", "test_f", "assert f() == 1", 1.0)], ["f"])


# Files


def test_a_new_file_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    write_whole(tmp_path / "grade.json", b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "grade.json", b"new")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"grade.json": b"old"}


def test_what_a_killed_writer_left_is_swept_away_and_what_is_being_written_is_not(tmp_path):
    write = "\n".join([
        "import os, sys, time",
        "from pathlib import Path",
        "from autograder.grading import store",
        "os.fsync = lambda _: (print('writing', flush=True), time.sleep(60))",
        "store.write_whole(Path(sys.argv[1]) / 'grade.json', b'new')",
    ])  # fmt: skip
    with subprocess.Popen([sys.executable, "-c", write, str(tmp_path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "writing\n"
        sweep(tmp_path)
        assert len(list(tmp_path.glob(f"{UNFINISHED}*"))) == 1
        writer.kill()
        writer.wait()
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


# The lock


def test_a_course_has_one_grader_at_a_time_and_a_killed_one_holds_nothing(tmp_path):
    (tmp_path / KEPT / STAGING).mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        children = psutil.Process(holder.pid).children()
        with pytest.raises(CourseBusy, match="Another grader is at work"), course_lock(tmp_path):
            pass
        holder.kill()
        holder.wait()
        assert children
        assert all(child.is_running() for child in children)
        with course_lock(tmp_path):
            assert not (tmp_path / KEPT / STAGING).exists()
        for child in children:
            child.kill()


# Judges and workers


def killed_while_judging(settings, plans, jobs, find, times=1):
    """Judge plans and kill what ``find`` returns, ``times`` times; return the outcomes and how many were killed."""
    killed = []

    def hunt():
        end = time.monotonic() + 120
        while len(killed) < times and time.monotonic() < end:
            victim = find(killed)
            if victim is not None:
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)
            time.sleep(0.02)

    hunter = threading.Thread(target=hunt)
    hunter.start()
    outcomes = dict(judge_all(settings, plans, jobs))
    hunter.join()
    return outcomes, killed


@pytest.mark.slow
def test_a_judging_process_that_is_killed_costs_nobody_a_result(release):
    plans = [plan(f"n{number}", "time.sleep(0.5); return 1") for number in range(6)]
    pools = {each.pid for each in psutil.Process().children()}

    def find(_):
        children = [
            each.pid for each in psutil.Process().children() if each.pid not in pools and each.name() != "bwrap"
        ]
        return children[0] if children and any(each.name() == "bwrap" for each in busy()) else None

    def busy():
        return psutil.Process().children(recursive=True)

    outcomes, killed = killed_while_judging(Settings(release), plans, 2, find)
    assert len(killed) == 1
    assert {index: outcome.score for index, outcome in outcomes.items()} == dict.fromkeys(range(6), 1.0)


@pytest.mark.slow
def test_a_notebook_that_always_ends_its_judge_holds_up_nobody_else(release, monkeypatch):
    real = workers.judge_notebook

    def deadly(cage, task, *rest):
        if task.name == "poison":
            os.kill(os.getpid(), signal.SIGKILL)
        return real(cage, task, *rest)

    monkeypatch.setattr(workers, "judge_notebook", deadly)  # the pool is forked, so it has it too
    plans = [plan("good one"), plan("poison"), plan("good two"), plan("good three")]
    outcomes = dict(judge_all(Settings(release), plans, 2))
    assert set(outcomes) == {0, 1, 2, 3}
    assert "ended 3 times" in outcomes[1]
    assert [outcomes[index].score for index in (0, 2, 3)] == [1.0, 1.0, 1.0]


SLOW_MINIMUM = "import time\ndef exploration_bonus(r, n, k):\n    time.sleep(0.02)\n    return r + k * n ** 0.5"


@pytest.mark.parametrize("slow", ["a cell", "a call"])
def test_a_box_killed_from_outside_costs_no_point(quick_cage, judge, slow):
    def kill_one():
        time.sleep(1.0)
        inside = [each for each in quick_cage.processes() if each.name() != "bwrap"]
        os.kill(inside[-1].pid, signal.SIGKILL)

    source = "import time; time.sleep(2)\n" + SLOW_MINIMUM.replace("0.02", "0") if slow == "a cell" else SLOW_MINIMUM
    killer = threading.Thread(target=kill_one)
    killer.start()
    result = judge(source, ("exploration_bonus", "check(exploration_bonus)"), functions=("exploration_bonus",))
    killer.join()
    assert [each.score for each in result.exercises] == [1.0], result


# The whole command


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_killing_the_grader_and_filling_its_disk_loses_nothing():
    kills, disks = {"the grader": 1}, 1 if os.geteuid() == 0 else 0  # make harden has the large numbers
    rows = list(crash.run(lambda *_: None, kills, disks, students=2, seed=7, together=False))
    assert len(rows) == sum(kills.values()) + disks
    for finding in rows:
        assert finding.held, finding

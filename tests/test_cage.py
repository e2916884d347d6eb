"""The cage holds: nothing gets out, every limit is kept and named, and nothing stays behind for the next submission."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import KIT
from autograder.judge.conversation import Conversation
from autograder.judge.notebook import NotebookPlan, Step, judge_notebook
from autograder.sandbox import doctor
from autograder.sandbox.cage import Cage, CageError
from autograder.sandbox.limits import MIB, Limits, explain_death
from labkit.properties import StudentError, Unanswered

ATTEMPTS = tuple(doctor.attempts(Path("/canary"), 9))


@pytest.fixture(scope="module")
def probed(release, tmp_path_factory):
    """A cage with the doctor's limits, a readable file outside it and a server on this machine."""
    os.environ["AUTOGRADER_CANARY"] = "1"
    canary = tmp_path_factory.mktemp("outside") / "canary"
    canary.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server, Cage(release.support, limits=doctor.PROBE_LIMITS) as cage:
        yield cage, doctor.attempts(canary, server.getsockname()[1])
    del os.environ["AUTOGRADER_CANARY"]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_every_attempt_of_the_doctor_to_break_out_is_contained(probed, attempt):
    cage, probes = probed
    finding = doctor._try(cage, attempt, probes[attempt])
    assert finding.contained, finding.outcome


def test_the_same_attempts_succeed_without_a_cage(release, tmp_path):
    """The doctor's probes would notice a cage that does not hold."""
    harmless = ("read a file outside", "find the grader's environment", "be root")
    canary = tmp_path / "canary"
    canary.write_text("secret")
    with Cage(release.support, limits=doctor.PROBE_LIMITS, tier="none") as open_cage:
        probes = doctor.attempts(canary, 9)
        found = {attempt: doctor._try(open_cage, attempt, probes[attempt]) for attempt in harmless}
    assert not found["read a file outside"].contained
    assert found["find the grader's environment"].contained  # the environment is emptied in every tier
    assert found["be root"].contained == (os.getuid() != 0)


MORE_ATTEMPTS = {
    "signal the zygote": "import os, signal\ndef probe():\n"
    "    os.kill(os.getppid() or 1, 0 * signal.SIGTERM + signal.SIGKILL) if os.getppid() else None\n"
    "    return 'contained' if os.getppid() in (0, 1) else f'got {os.getppid()}'",
    "see a process by number": "import os\ndef probe():\n    seen = []\n    for pid in range(1, 3000):\n"
    "        try: os.kill(pid, 0); seen.append(pid)\n        except ProcessLookupError: pass\n"
    "        except PermissionError: seen.append(pid)\n"
    "    return 'contained' if len(seen) <= 2 else f'got {seen}'",
    "read another process's memory": "def probe():\n    open('/proc/1/mem', 'rb').read(1); return 'got in'",
    "find the solutions": "import importlib.util as u\ndef probe():\n"
    "    names = ['solutions', 'solutions.planning', 'autograder.properties', 'autograder.judge', 'tests.bank']\n"
    "    found = []\n    for name in names:\n        try: found += [name] if u.find_spec(name) else []\n"
    "        except ModuleNotFoundError: pass\n    return f'got {found}' if found else 'contained'",
    "read the kit": f"import os\ndef probe(): return 'got ' + str(os.listdir({str(KIT / 'autograder')!r}))",
    "find text of a hidden check on disk": "import os\n"
    "def probe():\n    for base, folders, files in os.walk('/cage'):\n"
    "        for name in files:\n            if b'late_switches' in open(os.path.join(base, name), 'rb').read():\n"
    "                return 'got ' + name\n    return 'contained'",
    "open a device": "def probe():\n    open('/dev/sda', 'rb'); return 'got in'",
    "reach another machine by IPv6": "import socket\ndef probe():\n"
    "    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('::1', 9)); return 'got out'",
    "load code into the kernel's tracer": "import ctypes\ndef probe():\n"
    "    return 'got in' if ctypes.CDLL(None).syscall(321, 0, 0, 0) >= 0 else 'contained'",
    "gain rights by a set-uid program": "import os, subprocess\ndef probe():\n"
    "    out = subprocess.run(['/usr/bin/id', '-u'], capture_output=True, text=True).stdout.strip()\n"
    "    return 'got root' if out == '0' else 'contained'",
    "change the clock": "import time\ndef probe():\n    time.clock_settime(time.CLOCK_REALTIME, 0); return 'got in'",
    "write beside the cage's own code": "def probe():\n"
    "    open('/cage/autograder/sandbox/worker.py', 'a').write('#'); return 'got in'",
}


@pytest.mark.parametrize("attempt", MORE_ATTEMPTS)
def test_further_attempts_are_contained(probed, attempt):
    finding = doctor._try(probed[0], attempt, MORE_ATTEMPTS[attempt])
    assert finding.contained, finding.outcome


def test_the_doctor_reports_that_this_machine_can_grade(release):
    findings = doctor.examine_machine(release.support)
    assert [finding.attempt for finding in findings] == list(ATTEMPTS)
    assert all(finding.contained for finding in findings)


# Limits

SMALL = Limits(
    call_seconds=1.5,
    cell_seconds=1.5,
    notebook_seconds=60,
    cpu_seconds=60,
    memory_bytes=300 * MIB,
    processes=20,
    open_files=60,
    file_bytes=1 * MIB,
    scratch_bytes=8 * MIB,
    output_bytes=3000,
)
TRIES = {
    "call": ("def f():\n    while True: pass", "No answer within 1.5 seconds"),
    "sleeping call": ("import time\ndef f(): time.sleep(60)", "No answer within 1.5 seconds"),
    "memory": ("def f(): return len(bytearray(400 * 2**20))", "more memory than the limit of 300 MiB"),
    "memory of arrays": (
        "import numpy as np\ndef f(): return np.ones(400 * 2**17).sum()",
        "more memory than the limit of 300 MiB",
    ),
    "memory of many processes": (
        "import os, time\ndef f():\n    for _ in range(6):\n        if os.fork() == 0:\n"
        "            b = bytearray(b'x' * (200 * 2**20)); time.sleep(60)\n    time.sleep(60)",
        "together used more than 600 MiB",
    ),
    "processes": (
        "import os, time\ndef f():\n    for _ in range(50):\n        if os.fork() == 0: time.sleep(60); os._exit(0)",
        "more processes or threads than the limit of 20",
    ),
    "threads": (
        "import threading, time\ndef f():\n    for _ in range(50):\n"
        "        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "more processes or threads than the limit of 20",
    ),
    "open files": (
        "kept = []\ndef f():\n    for _ in range(500): kept.append(open('/dev/null'))",
        "more files than the limit of 60",
    ),
    "file size": ("def f(): open('large', 'wb').write(bytes(2 * 2**20))", "a file larger than the limit of 1 MiB"),
    "scratch": (
        "def f():\n    for i in range(20): open(str(i), 'wb').write(bytes(2**20))",
        "more than the limit of 8 MiB of files",
    ),
    "shared memory": (
        "def f():\n    for i in range(20): open(f'/dev/shm/{i}', 'wb').write(bytes(2**20))",
        "more than the limit of 8 MiB of files",
    ),
    "message": ("import numpy as np\ndef f(): return np.zeros(4 * 2**20)", "larger than the 16 MiB"),
    "message of small parts": ("def f(): return [0.5] * 10**6", "larger than the 16 MiB"),
}


@pytest.fixture(scope="module")
def small_cage(release):
    with Cage(release.support, limits=SMALL) as cage:
        yield cage


@pytest.mark.parametrize("limit", TRIES)
def test_a_limit_that_a_call_hits_is_named_in_a_sentence(small_cage, judge, limit):
    source, sentence = TRIES[limit]
    result = judge(source, ("f", "f()"), cage=small_cage)
    assert sentence in result.exercises[0].message
    assert result.exercises[0].score == 0
    assert result.judged


@pytest.mark.parametrize("limit", ["memory", "open files", "file size", "scratch", "processes"])
def test_a_limit_that_a_cell_hits_is_named_in_a_sentence(small_cage, judge, limit):
    source, sentence = TRIES[limit]
    result = judge(source + "\nf()", ("g", "pass"), cage=small_cage)
    assert sentence in result.cells["cell-0"].error


def test_a_cell_without_end_is_stopped_and_its_limit_is_named(small_cage, judge):
    result = judge("while True: pass", ("g", "pass"), cage=small_cage)
    assert "within 1.5 seconds" in result.cells["cell-0"].error
    assert result.exercises[0].score == 1


def test_processor_time_has_a_limit_of_its_own_that_is_named(release, judge):
    limits = replace(SMALL, cpu_seconds=1, call_seconds=60, cell_seconds=60)
    with Cage(release.support, limits=limits) as cage:
        result = judge("def f():\n    while True: pass", ("f", "f()"), cage=cage)
    assert "more than the limit of 1 seconds of processor time" in result.exercises[0].message


def test_ignoring_the_signal_of_the_processor_limit_gains_a_second_at_most(release, judge):
    limits = replace(SMALL, cpu_seconds=1, call_seconds=60, cell_seconds=60)
    ignore = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\ndef f():\n    while True: pass"
    with Cage(release.support, limits=limits) as cage:
        result = judge(ignore, ("f", "f()"), cage=cage)
    assert "killed" in result.exercises[0].message


def test_a_notebook_has_a_time_limit_as_a_whole(release, judge):
    limits = replace(SMALL, notebook_seconds=4)
    sleeps = ["import time\ntime.sleep(60)" for _ in range(12)]
    began = time.monotonic()
    with Cage(release.support, limits=limits) as cage:
        result = judge(*sleeps, "def f(): return 1", ("f", "assert f() == 1"), cage=cage)
    assert time.monotonic() - began < 15
    assert "used up its 4 seconds" in result.cells["cell-11"].error
    assert "used up its 4 seconds" in result.exercises[0].message
    assert result.exercises[0].score == 0


def test_a_slow_function_cannot_stretch_the_time_limit_of_the_notebook(release, judge):
    limits = replace(SMALL, notebook_seconds=4)
    slow = "import time\ndef bellman_q(P, R, V, gamma):\n    time.sleep(1.2)\n    return R + gamma * P @ V"
    began = time.monotonic()
    with Cage(release.support, limits=limits) as cage:
        result = judge(slow, ("bellman_q", "check(bellman_q)"), functions=("bellman_q",), cage=cage)
    assert time.monotonic() - began < 15
    assert result.exercises[0].score < 1
    assert any(
        "used up its 4 seconds" in each.message for each in [result.exercises[0], *result.exercises[0].properties]
    )


def test_output_beyond_its_limit_is_dropped_and_the_student_reads_so(small_cage, judge):
    result = judge("print('x' * 100_000)", "print('short')", ("g", "pass"), cage=small_cage)
    assert result.cells["cell-0"].output.count("x") == 3000
    assert "the limit of 3000 characters" in result.cells["cell-0"].output
    assert result.cells["cell-1"].output == "short\n"


@pytest.mark.parametrize(
    ("ending", "sentence"),
    [
        ("import os\ndef f(): os._exit(0)", "ended its own process (exit status 0)"),
        ("import os\ndef f(): os.kill(os.getpid(), 11)", "crashed its process (SIGSEGV)"),
        ("import os\ndef f(): os.abort()", "crashed its process (SIGABRT)"),
        ("import os\ndef f(): os.close(3), os.close(4)", "ended"),
        ("import os\ndef f(): os.write(4, b'nonsense' * 99)", "cannot be read"),
    ],
    ids=["exit", "segmentation fault", "abort", "closed pipes", "nonsense"],
)
def test_a_process_that_ends_itself_gives_a_sentence_and_no_points(judge, ending, sentence):
    result = judge(ending, ("f", "f()"))
    assert sentence in result.exercises[0].message
    assert result.exercises[0].score == 0


def test_every_way_to_die_has_a_sentence():
    for status in (0, 1, 255, *(-number for number in range(1, 32))):
        sentence = explain_death(status, Limits())
        assert sentence.endswith(".")
        assert "The code" in sentence
    assert "processor time" in explain_death(-signal.SIGXCPU, Limits())


# One submission and the next


def test_a_box_after_a_crash_is_fresh(talk):
    first = talk("import os, builtins\nbuiltins.abs = lambda *_: 42\ndef f(): os._exit(1)")
    with pytest.raises(Unanswered):
        first.call("call", "f", "", args=(), kwargs={})
    assert not first.alive
    second = talk("def f(): return abs(-1)")
    assert second.call("call", "f", "", args=(), kwargs={}) == 1


def test_nothing_that_one_submission_leaves_behind_is_there_for_the_next(talk):
    leave = """
import os, subprocess, time
for folder in ("/tmp", "/dev/shm", "/tmp/work"):
    with open(f"{folder}/left-behind", "w") as file:
        file.write("x")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            with open("/tmp/heartbeat", "a") as file:
                file.write("x")
            time.sleep(0.01)
    os._exit(0)
os.wait()
import numpy
numpy.forged = True
"""
    look = """
import os, time, numpy
def seen():
    time.sleep(0.1)
    walks = [*os.walk("/tmp"), *os.walk("/dev/shm")]
    found = [os.path.join(base, name) for base, _, names in walks for name in names]
    return found, hasattr(numpy, "forged")
"""
    first = talk(leave + look)
    found, forged = first.call("call", "seen", "", args=(), kwargs={})
    assert "/tmp/heartbeat" in found
    assert "/dev/shm/left-behind" in found
    assert forged
    second = talk(look)
    assert second.call("call", "seen", "", args=(), kwargs={}) == ([], False)


def test_a_daemon_dies_with_its_box(release):
    daemon = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(600)\n    os._exit(0)"
    )
    with Cage(release.support, limits=SMALL) as cage:
        with cage.box() as box:
            before = _processes(cage)
            conversation = Conversation(box, SMALL)
            conversation.fork()
            conversation.run_cell(daemon)
            assert len(_processes(cage)) > len(before)
        deadline = time.monotonic() + 5
        while len(_processes(cage)) >= len(before) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(_processes(cage)) < len(before)


def test_closing_a_cage_ends_every_process_in_it(release):
    with Cage(release.support, limits=SMALL) as cage:
        box = cage.box()
        inside = _processes(cage)
        assert len(inside) >= 2
        assert box.number
    deadline = time.monotonic() + 5
    while any(process.is_running() for process in inside) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(process.is_running() for process in inside)


def _processes(cage):
    import psutil

    return psutil.Process(cage._process.pid).children(recursive=True)


def test_ending_a_box_twice_does_nothing(quick_cage):
    box = quick_cage.box()
    box.kill()
    box.kill()
    with quick_cage.box() as other:
        assert other.number


# No cage


def test_without_bubblewrap_the_cage_is_refused_with_what_to_type(release, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CageError, match="apt-get install bubblewrap"):
        Cage(release.support).box()


def test_a_module_that_cannot_be_imported_is_named(release):
    with pytest.raises(CageError, match="no_such_module"):
        Cage(release.support, imports=["no_such_module"]).box()


def test_without_a_cage_the_command_line_grades_and_touches_no_gradebook(release, tmp_path):
    course = tmp_path / "course"
    work = course / "submitted" / "me" / "mbrl"
    work.mkdir(parents=True)
    notebook = release.folder / "02_planning.ipynb"
    (work / notebook.name).write_bytes(notebook.read_bytes())
    command = [sys.executable, "-m", "autograder.main", "grade", str(course / "submitted"), "--unsafe-no-sandbox"]
    done = subprocess.run([*command, "--out", str(tmp_path / "out")], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"tier": "none"' in (tmp_path / "out" / "me.json").read_text()
    assert not list(course.glob("gradebook*"))
    assert [path.name for path in course.iterdir()] == ["submitted"]


def test_the_command_line_refuses_to_grade_where_there_is_no_bubblewrap(release, tmp_path):
    notebook = release.folder / "02_planning.ipynb"
    command = [sys.executable, "-m", "autograder.main", "grade", str(notebook), "--out", str(tmp_path / "out")]
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 1
    assert "Grading is refused: bubblewrap is not installed" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_tier_none_records_itself_in_the_result(release):
    plan = NotebookPlan(
        "a", [Step("cell", "c", "def f(): return 1"), Step("test", "test_f", "assert f() == 1", 1.0)], ["f"]
    )
    with Cage(release.support, tier="none") as cage:
        result = judge_notebook(cage, plan)
    assert (result.tier, result.score) == ("none", 1.0)


def test_a_student_error_is_told_apart_from_a_broken_box(talk):
    conversation = talk("def f(): raise KeyError('x')")
    with pytest.raises(StudentError) as raised:
        conversation.call("call", "f", "", args=(), kwargs={})
    assert raised.value.kind == "KeyError"
    assert conversation.alive

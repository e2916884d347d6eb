"""The cage holds: nothing gets out, every limit is kept and named, and nothing stays behind for the next submission."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest

from autograder import KIT
from autograder.grading.intake import take_in_notebook
from autograder.grading.workers import Settings
from autograder.harden.limits import EXCESSES, SMALL, read_by_student
from autograder.judge.conversation import Conversation
from autograder.judge.notebook import NotebookPlan, Step, judge_notebook
from autograder.sandbox import cage as caging
from autograder.sandbox import doctor, landlock, scratch, uids
from autograder.sandbox.cage import Cage, CageError
from autograder.sandbox.limits import Limits, explain_death
from autograder.sandbox.lookup import is_closed
from autograder.sandbox.places import interpreter_folders
from labkit.properties import StudentError, Unanswered

ATTEMPTS = tuple(doctor.attempts(Path("/canary"), 9))
WITHOUT_NAMESPACES = (sys.executable, str(Path(__file__).with_name("without_namespaces.py")))


@pytest.fixture(scope="module")
def probed(release, tier, tmp_path_factory):
    """A cage with the doctor's limits, a readable file outside it and servers on this machine."""
    os.environ["AUTOGRADER_CANARY"] = "1"
    canary = tmp_path_factory.mktemp("outside") / "canary"
    canary.write_text("secret")
    local = f"autograder-test-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as service,
        Cage(release.support, limits=doctor.PROBE_LIMITS, tier=tier) as cage,
    ):
        service.bind("\0" + local)
        service.listen()
        yield cage, doctor.attempts(canary, server.getsockname()[1], local)
    del os.environ["AUTOGRADER_CANARY"]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_every_attempt_of_the_doctor_to_break_out_is_contained(probed, attempt):
    cage, probes = probed
    finding = doctor._try(cage, attempt, probes[attempt])
    assert finding.contained, finding.outcome


def test_the_same_attempts_succeed_without_a_cage(release, tmp_path):
    """The doctor's probes would notice a cage that does not hold."""
    harmless = (
        "read a file outside", "find the grader's environment", "be root", "reach a service of this machine",
        "reach the network", "signal a process of the grader", "see other processes", "outlive the box",
    )  # fmt: skip
    canary = tmp_path / "canary"
    canary.write_text("secret")
    local = f"autograder-open-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as service,
        Cage(release.support, limits=doctor.PROBE_LIMITS, tier="none") as open_cage,
    ):
        service.bind("\0" + local)
        service.listen()
        probes = doctor.attempts(canary, server.getsockname()[1], local)
        found = {attempt: doctor._try(open_cage, attempt, probes[attempt]).contained for attempt in harmless}
    assert found.pop("find the grader's environment")  # the environment is emptied in every tier
    assert found.pop("be root") == (os.getuid() != 0)
    assert not any(found.values()), found


MORE_ATTEMPTS = {
    "signal any process but its own": "import os\ndef probe():\n    own, seen = (os.getpid(), os.getppid()), []\n"
    "    for pid in range(2, 70_000):\n        try: os.kill(pid, 0); seen += [pid] if pid not in own else []\n"
    "        except OSError: pass\n    return f'got {seen}' if seen else 'contained'",
    "read another process's memory": "import os\ndef probe():\n"
    "    open(f'/proc/{os.getppid()}/mem', 'rb').read(1); return 'got in'",
    "read another process's environment": "def probe():\n    open('/proc/1/environ', 'rb').read(1); return 'got in'",
    "find the solutions": "import importlib\ndef probe():\n"
    "    names = ['solutions', 'solutions.planning', 'autograder.properties', 'autograder.judge', 'tests.bank']\n"
    "    found = []\n    for name in names:\n        try: importlib.import_module(name); found.append(name)\n"
    "        except ImportError: pass\n    return f'got {found}' if found else 'contained'",
    "read the kit": f"import os\ndef probe(): return 'got ' + str(os.listdir({str(KIT / 'autograder')!r}))",
    "read a hidden check": f"def probe(): return 'got ' + open({str(KIT / 'solutions/planning.py')!r}).read(20)",
    "find text of a hidden check on disk": "import os, sys\n"
    "def probe():\n    for base, folders, files in os.walk(sys.path[1]):\n"
    "        for name in files:\n            if b'late_switches' in open(os.path.join(base, name), 'rb').read():\n"
    "                return 'got ' + name\n    return 'contained'",
    "open a device": "def probe():\n    open('/dev/sda', 'rb'); return 'got in'",
    "open the terminal": "def probe():\n    open('/dev/tty'); return 'got in'",
    "reach another machine by IPv6": "import socket\ndef probe():\n"
    "    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('::1', 9)); return 'got out'",
    "send to a service by a pair of sockets": "import socket\ndef probe():\n"
    "    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
    "    try: a.sendto(b'x', '/dev/log')\n    except FileNotFoundError: return 'contained: not there'\n"
    "    return 'got out'",
    "load code into the kernel's tracer": "import ctypes\ndef probe():\n"
    "    return 'got in' if ctypes.CDLL(None).syscall(321, 0, 0, 0) >= 0 else 'contained'",
    "gain rights by a set-uid program": "import os, subprocess\ndef probe():\n"
    "    out = subprocess.run(['/usr/bin/id', '-u'], capture_output=True, text=True).stdout.strip()\n"
    "    return 'got root' if out == '0' else 'contained'",
    "change the clock": "import time\ndef probe():\n    time.clock_settime(time.CLOCK_REALTIME, 0); return 'got in'",
    "write beside the cage's own code": "import sys\ndef probe():\n"
    "    open(sys.path[1] + '/autograder/sandbox/worker.py', 'a').write('#'); return 'got in'",
    "hide memory in a nameless file": "import os\ndef probe():\n    os.memfd_create('x'); return 'got it'",
}


@pytest.mark.parametrize("attempt", MORE_ATTEMPTS)
def test_further_attempts_are_contained(probed, attempt):
    finding = doctor._try(probed[0], attempt, MORE_ATTEMPTS[attempt])
    assert finding.contained, finding.outcome


def test_the_doctor_reports_that_this_machine_can_grade(release, tier):
    findings = doctor.examine_machine(release.support, tier)
    assert [finding.attempt for finding in findings] == list(ATTEMPTS)
    assert all(finding.contained for finding in findings), findings


ONLY_WITHOUT_NAMESPACES = {
    "send a signal by way of a descriptor": "import fcntl, os\ndef probe():\n"
    "    fcntl.fcntl(3, fcntl.F_SETOWN, os.getppid()); return 'got in'",
    "leave the process group": "import os\ndef probe():\n    os.setpgid(0, 0); return 'got out'",
    "share System V memory": "import ctypes\ndef probe():\n"
    "    return 'got it' if ctypes.CDLL(None).shmget(1, 4096, 0o1666) >= 0 else 'contained'",
    "leave a message queue": "import ctypes\ndef probe():\n"
    "    return 'got it' if ctypes.CDLL(None).mq_open(b'/x', 66, 0o600, None) >= 0 else 'contained'",
    "leave a key": "import ctypes\ndef probe():\n"
    "    done = ctypes.CDLL(None).syscall(248, b'user', b'x', b'y', 1, -3)\n"
    "    return 'got it' if done >= 0 else 'contained'",
    "be first in line": "import os\ndef probe():\n    os.setpriority(os.PRIO_PROCESS, 0, -5); return 'got there'",
    "limit another process": "import os, resource\ndef probe():\n"
    "    resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1)); return 'got in'",
    "watch a folder": "import ctypes\ndef probe():\n    libc = ctypes.CDLL(None)\n"
    "    return 'got it' if libc.inotify_add_watch(libc.inotify_init(), b'/tmp', 0xfff) >= 0 else 'contained'",
    "leave a file for everybody": "def probe():\n    open('/dev/shm/left-behind', 'w'); return 'got it'",
    "write to the machine's temporary folder": "def probe():\n    open('/tmp/left-behind', 'w'); return 'got it'",
    "list the other boxes": "import os\ndef probe(): return 'got ' + str(os.listdir(os.environ['HOME'] + '/..'))",
    "hide its memory from the keeper": "import ctypes\ndef probe():\n"
    "    return 'got it' if ctypes.CDLL(None).prctl(4, 0, 0, 0, 0) == 0 else 'contained'",
    "run a program that it wrote": "import os, shutil, subprocess, tempfile\ndef probe():\n"
    "    mine = tempfile.gettempdir() + '/id'; shutil.copy('/usr/bin/id', mine)\n"
    "    subprocess.run([mine]); return 'got in'",
}


@pytest.mark.parametrize("attempt", ONLY_WITHOUT_NAMESPACES)
def test_what_namespaces_would_stop_is_stopped_without_them(probed, attempt):
    if probed[0].tier != "B":
        pytest.skip("namespaces give each box a world of its own in which this is harmless")
    finding = doctor._try(probed[0], attempt, ONLY_WITHOUT_NAMESPACES[attempt])
    assert finding.contained, finding.outcome


def test_two_boxes_at_once_have_nothing_in_common(release):
    secret = "import os, tempfile\nplace = tempfile.gettempdir() + '/secret'\nopen(place, 'w').write('s')\n"
    ask = "def f(): return os.getuid(), os.getpid(), place"
    look = "import os\ndef g(pid, place):\n    got = []\n    try: os.kill(pid, 0); got.append('a signal')\n"
    look += "    except OSError: pass\n    try: open(place); got.append('a file')\n    except OSError: pass\n"
    look += "    return os.getuid(), got"
    with Cage(release.support, limits=SMALL, tier="B") as cage, cage.box() as one, cage.box() as other:
        first, second = Conversation(one, SMALL), Conversation(other, SMALL)
        for conversation, cell in ((first, secret + ask), (second, look)):
            conversation.fork()
            assert not conversation.run_cell(cell)["error"]
        uid, pid, place = first.call("call", "f", "", args=(), kwargs={})
        other_uid, got = second.call("call", "g", "", args=(pid, place), kwargs={})
    assert got == []
    assert (uid != other_uid) == uids.can_be_had()
    assert not Path(place).exists()


def test_who_kills_everything_that_can_be_seen_kills_nothing_but_its_own_box(release, tier):
    with Cage(release.support, limits=SMALL, tier=tier) as cage, cage.box() as one, cage.box() as other:
        killer, bystander = Conversation(one, SMALL), Conversation(other, SMALL)
        for conversation in (killer, bystander):
            conversation.fork()
        bystander.run_cell("def g(): return 'alive'")
        with contextlib.suppress(Unanswered):
            killer.run_cell("import os\nif os.fork() == 0: os.kill(-1, 9)\nos.wait()")
        assert bystander.call("call", "g", "", args=(), kwargs={}) == "alive"
        with cage.box() as third:
            Conversation(third, SMALL).fork()


# Limits


@pytest.mark.parametrize("name", EXCESSES)
def test_every_limit_is_kept_and_named_to_the_student(release, tier, name):
    excess = EXCESSES[name]
    began = time.monotonic()
    with Cage(release.support, limits=excess.limits(), tier=tier) as cage:
        result = judge_notebook(cage, excess.plan())
    assert excess.expected(tier) in read_by_student(result)
    assert result.score == excess.earned
    assert result.judged
    assert time.monotonic() - began < 40


@pytest.fixture(scope="module")
def small_cage(release, tier):
    with Cage(release.support, limits=SMALL, tier=tier) as cage:
        yield cage


@pytest.mark.parametrize("limit", ["memory", "open files", "file size", "scratch space", "processes"])
def test_a_limit_that_a_cell_hits_is_named_in_a_sentence(small_cage, judge, limit):
    excess = EXCESSES[limit]
    result = judge(excess.cells[0] + "\nf()", ("g", "pass"), cage=small_cage)
    assert excess.sentence in result.cells["cell-0"].error


def test_a_slow_function_cannot_stretch_the_time_limit_of_the_notebook(release, judge, tier):
    limits = replace(SMALL, notebook_seconds=4)
    slow = "import time\ndef bellman_q(P, R, V, gamma):\n    time.sleep(1.2)\n    return R + gamma * P @ V"
    began = time.monotonic()
    with Cage(release.support, limits=limits, tier=tier) as cage:
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


def test_output_beyond_its_limit_takes_no_memory(judge):
    peak = "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss"
    cell = f"import resource\nbefore = {peak}\nfor number in range(150_000): print('beyond the limit', number)\n"
    result = judge(cell + f"grown = {peak} - before\ndef f(): return grown", ("f", "assert f() < 15_000"))  # KiB
    assert result.exercises[0].score == 1, result


def test_a_busy_worker_cannot_keep_the_judge_from_watching(release, tier, judge):
    """The watch on memory has its turn also when messages come all the time."""
    hog = (
        "import os, time\ndef f(sim):\n    for _ in range(8):\n        if os.fork() == 0:\n"
        "            b = bytearray(120 * 2**20)\n            b[::4096] = b'x' * len(b[::4096]); time.sleep(60)\n"
        "    while True: sim()"
    )
    with Cage(release.support, limits=replace(SMALL, call_seconds=20), tier=tier) as cage:
        result = judge(hog, ("f", "f(lambda: 0)"), cage=cage)
    assert "together used more than 600 MiB" in result.exercises[0].message


@pytest.mark.parametrize(
    ("ending", "sentence"),
    [
        ("import os\ndef f(): os._exit(0)", "ended its own process (exit status 0)"),
        ("import os\ndef f(): os.kill(os.getpid(), 11)", "crashed its process (SIGSEGV)"),
        ("import os\ndef f(): os.abort()", "crashed its process (SIGABRT)"),
        ("import os\ndef f(): os.close(3), os.close(4)", "(out of memory or disk space, or broken)"),
        ("import os\ndef f(): os.write(4, b'nonsense' * 99)", "cannot be read"),
    ],
    ids=["exit", "segmentation fault", "abort", "closed pipes", "nonsense"],
)
def test_a_process_that_ends_itself_gives_a_sentence_and_no_points(judge, ending, sentence):
    began = time.monotonic()
    result = judge(ending, ("f", "f()"))
    assert time.monotonic() - began < 60  # nobody waits for a reason that does not come
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
import tempfile
place = tempfile.gettempdir()
for folder in (place, "/dev/shm", "."):
    try:
        with open(f"{folder}/left-behind", "w") as file:
            file.write("x")
    except PermissionError:
        assert folder == "/dev/shm"
if os.fork() == 0:
    try:
        os.setsid()
    except PermissionError:
        pass
    if os.fork() == 0:
        while True:
            with open(f"{place}/heartbeat", "a") as file:
                file.write("x")
            time.sleep(0.01)
    os._exit(0)
os.wait()
import numpy
numpy.forged = True
"""
    look = """
import os, tempfile, time, numpy
def seen():
    time.sleep(0.1)
    walks = [*os.walk(tempfile.gettempdir()), *os.walk("/dev/shm"), *os.walk("/tmp")]
    found = [name for base, _, names in walks for name in names]
    return found, hasattr(numpy, "forged")
"""
    first = talk(leave + look)
    found, forged = first.call("call", "seen", "", args=(), kwargs={})
    assert "heartbeat" in found
    assert "left-behind" in found
    assert forged
    second = talk(look)
    assert second.call("call", "seen", "", args=(), kwargs={}) == ([], False)


def test_a_daemon_dies_with_its_box(release, tier):
    daemon = (
        "import os, time\nif os.fork() == 0:\n    try: os.setsid()\n    except PermissionError: pass\n"
        "    if os.fork() == 0: time.sleep(600)\n    os._exit(0)"
    )
    with Cage(release.support, limits=SMALL, tier=tier) as cage:
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


def test_closing_a_cage_ends_every_process_in_it(release, tier):
    with Cage(release.support, limits=SMALL, tier=tier) as cage:
        box = cage.box()
        inside = _processes(cage)
        assert len(inside) >= 2
        assert box.number
    deadline = time.monotonic() + 5
    while any(process.is_running() for process in inside) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(process.is_running() for process in inside)


def _processes(cage):
    return psutil.Process(cage._process.pid).children(recursive=True)


def test_ending_a_box_twice_does_nothing(quick_cage):
    box = quick_cage.box()
    box.kill()
    box.kill()
    with quick_cage.box() as other:
        assert other.number


# No cage


def test_without_bubblewrap_tier_a_is_refused_with_what_to_type(release, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CageError, match="apt-get install bubblewrap"):
        Cage(release.support).box()


def test_without_landlock_tier_b_is_refused_and_where_nothing_holds_both_reasons_are_given(
    release, monkeypatch, tmp_path
):
    monkeypatch.setattr(landlock, "version", lambda: 0)
    with pytest.raises(CageError, match="this kernel has no Landlock"):
        Cage(release.support, tier="B").box()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CageError, match=r"tier A: bubblewrap .* tier B: this kernel"):
        doctor.choose_tier(release.support)


def test_an_ordinary_user_needs_a_landlock_that_protects_files_from_being_cut_short(release, monkeypatch):
    monkeypatch.setattr(landlock, "version", lambda: 2)
    monkeypatch.setattr(uids, "can_be_had", lambda: False)
    monkeypatch.setattr(caging.os, "geteuid", lambda: 1000)
    with pytest.raises(CageError, match=r"Linux 6\.2"):
        Cage(release.support, tier="B").box()


def test_root_that_may_not_use_other_user_ids_is_refused_tier_b(release, monkeypatch):
    monkeypatch.setattr(uids, "can_be_had", lambda: False)
    monkeypatch.setattr(caging.os, "geteuid", lambda: 0)
    with pytest.raises(CageError, match="would be root as well"):
        Cage(release.support, tier="B").box()


@pytest.mark.parametrize("each", ["A", "B"])
def test_a_kit_where_every_cage_could_read_it_is_refused(release, monkeypatch, each):
    from autograder.sandbox import places

    monkeypatch.setattr(places, "PACKAGE", Path("/usr/src/kit/autograder"))
    with pytest.raises(CageError, match="the kit lies in /usr"):
        Cage(release.support, tier=each).box()


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


def test_the_command_line_refuses_to_grade_without_the_cage_that_is_demanded(release, tmp_path):
    notebook = release.folder / "02_planning.ipynb"
    command = [sys.executable, "-m", "autograder.main", "grade", str(notebook), "--tier", "A"]
    command += ["--out", str(tmp_path / "out")]
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 1
    assert "Grading is refused: no cage holds on this machine. tier A: bubblewrap is not installed" in done.stderr
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


# A machine that forbids namespaces


def _grade_without_namespaces(release, notebook, out, *options):
    command = [*WITHOUT_NAMESPACES, sys.executable, "-m", "autograder.main", "grade", str(notebook), "--out", str(out)]
    return subprocess.run([*command, *options], capture_output=True, text=True, cwd=out.parent)


def test_where_namespaces_are_forbidden_tier_b_is_chosen_and_grades_as_tier_a_does(release, tmp_path, solved_notebook):
    half = "\n    return Q / 2\n"
    for cell in solved_notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "bellman_q":
            cell.source = "def bellman_q(P, R, V, gamma):" + half.replace("Q / 2", "R * 0")
    notebook = tmp_path / "02_planning.ipynb"
    nbformat.write(solved_notebook, notebook)
    done = _grade_without_namespaces(release, notebook, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    (found,) = (tmp_path / "out").glob("*.json")
    record = json.loads(found.read_text())
    assert record["tier"] == "B"
    with Settings(release, tier=doctor.choose_tier(release.support)).cage() as cage:
        plan = take_in_notebook(release.notebooks["02_planning"], notebook).plan
        expected = judge_notebook(cage, plan)
    assert record["score"] == expected.score
    assert 0 < record["score"] < record["max_score"]


def test_where_namespaces_are_forbidden_tier_a_cannot_be_had(release, tmp_path):
    done = _grade_without_namespaces(release, release.folder / "02_planning.ipynb", tmp_path / "out", "--tier", "A")
    assert done.returncode == 1
    assert "Grading is refused" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("user", [(), ("--user", "62111")], ids=["root", "ordinary user"])
def test_where_namespaces_are_forbidden_every_way_out_of_tier_b_is_closed(tmp_path, user):
    if user and (os.getuid() != 0 or any(map(is_closed, interpreter_folders()))):
        pytest.skip("another user cannot be taken here, or cannot run this Python")
    command = [*WITHOUT_NAMESPACES, *user, sys.executable, "-m", "autograder.main", "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", env={**os.environ, "COLUMNS": "200"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tier B: submissions can be graded on this machine" in done.stdout
    rows = [line for line in done.stdout.splitlines() if line.startswith("│") and "start a cage" not in line]
    assert sum("contained" in row for row in rows) >= len(ATTEMPTS)
    assert done.stdout.count("NOT CONTAINED") == 1  # tier A, which could not be started


def _is_alive(process):
    try:
        return process.status() != "zombie"
    except psutil.NoSuchProcess:
        return False


def test_a_killed_grader_leaves_neither_processes_nor_files_behind(release, tmp_path):
    """The zygote ends its boxes when the judge is gone, and their keepers do when the zygote is gone."""
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom autograder.sandbox.cage import Cage\n"
        "cage = Cage(Path(sys.argv[1]), tier='B')\nbox = cage.box()\n"
        "print(cage._process.pid, cage._stage.folder, box.number, flush=True)\ntime.sleep(600)"
    )
    for victim in ("judge", "zygote"):
        command = [sys.executable, "-c", script, str(release.support)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as judge:
            try:
                zygote, stage, keeper = judge.stdout.readline().split()
                inside = psutil.Process(int(zygote)).children(recursive=True)
                assert next(each.pid for each in inside) == int(keeper)
                os.kill(judge.pid if victim == "judge" else int(zygote), signal.SIGKILL)
                deadline = time.monotonic() + 10
                while left := [*filter(_is_alive, inside), *Path(stage).glob("boxes/*")]:
                    assert time.monotonic() < deadline, (victim, left)
                    time.sleep(0.02)
            finally:
                judge.kill()
        scratch.remove(stage)


def test_a_box_whose_keeper_is_killed_ends_as_well(release):
    with Cage(release.support, limits=SMALL, tier="B") as cage:
        box = cage.box()
        conversation = Conversation(box, SMALL)
        conversation.fork()
        inside = psutil.Process(box.number).children(recursive=True)
        assert len(inside) == 2
        os.kill(box.number, signal.SIGKILL)
        box.kill()
        assert not any(each.is_running() for each in inside)
        with cage.box() as other:
            Conversation(other, SMALL).fork()


def test_no_name_of_a_process_or_a_file_confuses_the_keeper(release, judge):
    odd = (
        "import ctypes, mmap, os, time\ndef f():\n    ctypes.CDLL(None).prctl(15, b'\\xff:\\n\\x0c\\x85', 0, 0, 0)\n"
        "    kept = []\n    for name in (b'\\xff\\xfe', b'a\\nb', b'c (deleted)'):\n"
        "        with open(name, 'w+b') as file:\n            file.write(b'x' * 5000); file.flush()\n"
        "            kept.append(mmap.mmap(file.fileno(), 5000))\n        os.unlink(name)\n"
        "    time.sleep(1.2)\n    return 1"
    )
    with Cage(release.support, limits=SMALL, tier="B") as cage:
        result = judge(odd, ("f", "assert f() == 1"), cage=cage)
    assert result.score == 1, result.exercises[0].message


def test_a_folder_however_deep_or_odd_is_measured_and_removed(tmp_path):
    deep = tmp_path / "deep"
    deep.mkdir()
    here = os.getcwd()
    try:
        os.chdir(deep)
        for _ in range(1500):
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
    finally:
        os.chdir(here)
    assert scratch.is_too_full(str(deep), 2**40)
    (tmp_path / "closed").mkdir(0o000)
    (tmp_path / "link").symlink_to("/")
    assert not scratch.is_too_full(str(tmp_path / "link/../nowhere"), 0)
    for name in ("deep", "closed"):
        scratch.remove(str(tmp_path / name))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link"]
    scratch.remove(str(tmp_path / "nothing"))


def test_what_a_stopped_grader_left_is_removed_by_the_next_and_what_is_in_use_is_not(release, monkeypatch, tmp_path):
    from autograder.sandbox import places

    monkeypatch.setattr(places.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(places, "YOUNG_SECONDS", -1)
    (tmp_path / f"{places.PREFIX}abandoned").mkdir()
    first = places.Stage(release.support)
    second = places.Stage(release.support)
    assert set(tmp_path.iterdir()) == {first.folder, second.folder}
    first.remove()
    second.remove()
    assert not list(tmp_path.iterdir())

"""What hidden checks send and expect reaches nothing that a student gets, however hard a submission tries.

Every exercise of every unit is wrapped in code that keeps the inputs it sees and carries them out in one of several
ways. A tap in the judge writes down which numbers hidden checks really sent; every file that grading and feedback wrote
is then searched for the marks that the submissions put on what they carried, and for those numbers.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import KIT
from autograder.course.release import read_release
from autograder.course.solutions import reference_functions
from autograder.grading.grade import find_submissions, grade
from autograder.grading.workers import Settings
from autograder.judge import notebook as judging
from autograder.judge.conversation import Conversation
from autograder.properties import HIDDEN
from labkit.exercises import EXERCISES
from labkit.properties import Sent
from tests.demo_class.build import Cells, write_notebook

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

MARK = "CARRIED" + "-OUT"
DIGITS = 10  # a number written with as many digits is no coincidence
BEGIN = """
import base64, os, signal, sys
MARK = "CARRIED" + "-OUT"
PLACES = ("/tmp/carried", "/dev/shm/carried", "carried.txt", "/var/tmp/carried", os.path.expanduser("~/.carried"))

def kept():
    found = os.environ.get("CARRIED", "")
    for path in PLACES:
        try:
            with open(path) as file:
                found += file.read(4000)
        except OSError:
            pass
    return found

def keep(text):
    os.environ["CARRIED"] = os.environ.get("CARRIED", "")[-1000:] + text[:1000]
    for path in PLACES:
        try:
            with open(path, "a") as file:
                file.write(text[:4000])
        except OSError:
            pass

def turn_of(name):
    # Every check of an exercise begins in a fresh fork of the notebook; files outlive it. The first is the public one.
    path = "/tmp/turns-" + name
    with open(path, "a") as file:
        file.write(".")
    return os.path.getsize(path)

def send(*tree):
    import msgspec
    structure = msgspec.msgpack.encode(["t", list(tree)])
    for descriptor in range(3, 12):
        try:
            os.write(descriptor, len(structure).to_bytes(4, "little") + bytes(4) + structure)
        except OSError:
            pass

def told(args, kwargs):
    def words(each):
        try:
            return repr(each.tolist()) + base64.b64encode(bytes(each)).decode()
        except Exception:
            return repr(each)[:500]
    return MARK + " " + " ".join(map(words, [*args, *kwargs.values()]))

def first_number(args):
    for each in args:
        try:
            return float(each.ravel()[0])
        except Exception:
            pass
    return 0.0

inside = []  # one exercise that calls another is no check of the other

def carrying(right, WAY):
    turns = []
    def carrier(*args, **kwargs):
        if inside:
            return right(*args, **kwargs)
        inside.append(1)
        try:
            return carry_out(*args, **kwargs)
        finally:
            inside.clear()
    def carry_out(*args, **kwargs):
        if not turns:
            turns.append(turn_of(right.__name__))
        before = kept()
        if MARK in before:
            print(before)
            if turns[0] == 1:  # a public check: whatever is said here is shown
                raise RuntimeError(before)
        if turns[0] == 1:
            return right(*args, **kwargs)
        text = told(args, kwargs)
        keep(text)
        print(text)
        print(text, file=sys.stderr)
        if WAY == "raise":
            raise type(MARK + str(first_number(args)), (ValueError,), {"__module__": text[:80]})(text)
        if WAY == "limits":
            raise (MemoryError, OSError)[len(text) % 2](text + " Errno 28 start new thread")
        if WAY == "exit":
            os._exit(int(abs(first_number(args)) * 100) % 256)
        if WAY == "signal":
            os.kill(os.getpid(), (signal.SIGSEGV, signal.SIGUSR1, signal.SIGTERM)[len(text) % 3])
        if WAY == "forge":
            send("raised", text, text)
            send("unusable", text)
            send(text, 1)
        if WAY == "return":
            return type(MARK + text[-40:], (), {"__repr__": lambda self: text, "__len__": lambda self: 3})()
        return text if WAY == "text" else [text, {text: text}, np.full((3, 2), first_number(args))]
    carrier.__name__ = right.__name__
    return carrier

print("found at the start:", kept())
"""
WRONG = """
wrong_turns = []
def {name}(*args, **kwargs):
    if inside:
        return None
    if not wrong_turns:
        wrong_turns.append(turn_of({name!r}))
    if wrong_turns[0] > 1:
        keep(told(args, kwargs))
    return None
"""
# Two hand-ins: an exercise that ends its process would make the others forget what they kept.
WAYS = {"student-01": ("raise", "limits", "return", "text", "nested"), "student-02": ("exit", "signal", "forge")}
NOTEBOOKS = tuple(read_release().notebooks)
# How a process ends is the same in every unit: arrays, an environment and the accelerator are enough.
HANDED_IN = {"student-01": NOTEBOOKS, "student-02": ("02_planning", "03_dyna", "05_mpc")}


@dataclass
class Tap:
    """The numbers that checks sent, hidden and public ones apart."""

    hidden: set[str] = field(default_factory=set)
    public: set[str] = field(default_factory=set)
    messages: int = 0

    def note(self, message: Any, public: bool) -> None:
        self.messages += not public
        (self.public if public else self.hidden).update(_numbers_in(message))

    @property
    def only_hidden(self) -> set[str]:
        return self.hidden - self.public


def _numbers_in(value: Any) -> Iterator[str]:
    """Yield every telling number in a message as text of ``DIGITS`` significant digits."""
    if isinstance(value, Sent):
        yield from _numbers_in(value.parameters())
    elif isinstance(value, dict):
        yield from _numbers_in(list(value.items()))
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _numbers_in(each)
    elif type(value).__module__ == "torch":
        yield from _numbers_in(value.detach().cpu().double().numpy())
    elif isinstance(value, (float, np.ndarray, np.floating)):
        array = np.asarray(value)
        if array.dtype.kind == "f":
            yield from {key for each in array.ravel().tolist()[:20_000] if (key := telling(repr(each)))}


def telling(numeral: str) -> str:
    """Return a numeral as a number of ``DIGITS`` digits, or nothing if it has fewer and could stand anywhere."""
    mantissa = re.sub(r"[eE].*|[-+.]", "", numeral).strip("0")
    if len(mantissa) < DIGITS:
        return ""
    return f"{abs(float(numeral)):.{DIGITS - 1}e}"


def hand_in(folder: Path, ways: Sequence[str], notebooks: Sequence[str]) -> None:
    """Write a submission that carries inputs out, each exercise in another way; each unit's first one is wrong."""
    release, reference = read_release(), reference_functions()
    each_way = itertools.cycle(ways)
    for path in release.folder.rglob("*"):
        wanted = path.suffix != ".ipynb" or path.stem in notebooks
        if path.is_file() and wanted and "__pycache__" not in path.parts:
            target = folder / path.relative_to(release.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    for name in notebooks:
        released = release.notebooks[name]
        solutions = {each: textwrap.dedent(inspect.getsource(reference[each])) for each in released.functions}
        first = released.functions[0]
        others = ", ".join(released.functions)  # a name in the code: what depends on a wrong function is graded again
        own = [("start", "import numpy as np\n" + BEGIN)]
        own += [
            (each, f"{each} = carrying({each}, {next(each_way)!r})  # uses {others}") for each in released.functions
        ]
        own += [(first, WRONG.format(name=first))]
        own += [(f"test_{released.functions[-1]}", "print('found at the end:', kept())")]
        write_notebook(folder / f"{name}.ipynb", Cells(solutions, own))


@dataclass(frozen=True)
class Graded:
    """A class of carriers after grading and feedback, and what hidden checks sent meanwhile."""

    root: Path
    tap: Tap

    def written(self) -> Iterator[tuple[Path, str]]:
        """Yield every file that grading and feedback wrote, with its text."""
        for path in sorted(self.root.rglob("*")):
            if path.is_file() and self.root / "submitted" not in path.parents:
                yield path, path.read_bytes().decode("utf-8", "replace")

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in sorted((self.root / "results").glob("*.json"))]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    root, tap = tmp_path_factory.mktemp("carriers"), Tap()
    for student, ways in WAYS.items():
        hand_in(root / "submitted" / student / "mbrl", ways, HANDED_IN[student])
    (root / "nbgrader_config.py").write_text(
        "from pathlib import Path\nfrom autograder.grading.course import configure\n"
        f"configure(get_config(), root=Path({str(root)!r}))\n"
    )
    doing = {"public": True}
    exchange, run_test = Conversation._exchange, judging._NotebookJudge._run_test

    def tapped(self: Conversation, deadline: float, seconds: float, *message: Any) -> Any:
        tap.note(message[1:], doing["public"])
        return exchange(self, deadline, seconds, *message)

    def flagged(self: Any, verdict: Any, replaced: list[str], public: bool) -> None:
        doing["public"] = public
        try:
            run_test(self, verdict, replaced, public)
        finally:
            doing["public"] = True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Conversation, "_exchange", tapped)
        patch.setattr(judging._NotebookJudge, "_run_test", flagged)
        target = find_submissions(read_release(), root / "submitted")
        results = grade(target, Settings(read_release(), explain=False), root / "results", jobs=1)
    assert not [each.failed for each in results if each.failed]
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", "mbrl"]
    environment = {"HOME": str(root), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
                   "PYTHONPATH": f"{KIT}:{KIT / 'source' / 'mbrl'}"}  # fmt: skip
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return Graded(root, tap)


def test_hidden_checks_were_asked_and_their_numbers_known(graded: Graded) -> None:
    assert graded.tap.messages > 1000
    assert len(graded.tap.only_hidden) > 10_000
    for record in graded.records():
        asked = [each for each in record["exercises"] if each["notebook"] in HANDED_IN[record["student"]]]
        hidden = [each for exercise in asked for each in exercise["properties"] if not each["public"]]
        failed = sum(not each["passed"] for each in hidden)
        # One that ends its process begins in a fresh box, where the others take their first check for a public one.
        assert failed > (len(hidden) / 2 if record["student"] == "student-01" else 5)
        assert {exercise["notebook"] for exercise in asked} == set(HANDED_IN[record["student"]])
    assert {each.parts[-1].split(".")[-1] for each, _ in graded.written()} >= {"json", "csv", "ipynb", "html", "db"}


def test_nothing_that_was_carried_arrived(graded: Graded) -> None:
    leaks = {path.relative_to(graded.root): text[max(0, text.find(MARK) - 200) :][:500]
             for path, text in graded.written() if MARK in text}  # fmt: skip
    assert leaks == {}


def test_no_number_of_a_hidden_check_is_written_anywhere(graded: Graded) -> None:
    secret = graded.tap.only_hidden
    found = []
    for path, text in graded.written():
        numerals = re.findall(r"\d+\.?\d*(?:[eE][-+]?\d+)?", text)
        found += [(str(path.relative_to(graded.root)), each) for each in numerals if telling(each) in secret]
    assert found == []


def test_no_line_of_a_hidden_check_is_written_anywhere(graded: Graded) -> None:
    lines: set[str] = set()
    for exercise in HIDDEN.values():
        for prop in exercise.properties:
            if not prop.public:
                function = ast.parse(textwrap.dedent(inspect.getsource(prop.holds))).body[0]
                lines |= {line.strip() for line in "\n".join(map(ast.unparse, function.body)).splitlines()}
    lines = {line for line in lines if len(line) > 25}
    released = "".join(
        path.read_text() for path in read_release().folder.rglob("*") if path.suffix in (".py", ".ipynb")
    )
    lines = {line for line in lines if line not in released}
    assert len(lines) > 100
    for path, text in graded.written():
        assert not [line for line in lines if line in text], path


def test_how_a_process_ended_says_nothing_of_a_hidden_input(graded: Graded) -> None:
    for record in graded.records():
        for exercise in record["exercises"]:
            for each in exercise["properties"]:
                assert each["public"] or not re.search(r"exit status|SIG[A-Z]", each["message"])


def test_the_search_finds_what_it_is_meant_to_find() -> None:
    tap = Tap()
    tap.note(("f", "", (np.array([0.123456789012345, 2.0]), [1.5, -9.87654321098765e-7]), {}), public=False)
    assert {telling("0.1234567890123"), telling("-9.876543210987650e-07")} == tap.only_hidden
    assert telling("0.5") == telling("1234") == ""
    assert set(EXERCISES)

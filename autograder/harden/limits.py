"""Every limit, hit on purpose in every tier: how long until it held, and the sentence that the student reads.

Below them the doctor's attempts to break out of each cage, and what a fresh box costs.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.course.release import read_release
from autograder.harden.finding import Finding, Tell
from autograder.judge.notebook import NotebookPlan, Step, judge_notebook
from autograder.judge.results import NotebookResult
from autograder.sandbox.cage import TIERS, Cage, CageError
from autograder.sandbox.doctor import examine_machine
from autograder.sandbox.limits import MIB, Limits

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
SLACK_SECONDS = 8.0  # beside the limit itself: a box, a second one after the first was ended, a busy machine
BOXES = 20


@dataclass(frozen=True)
class Excess:
    """Cells that go beyond one limit, and part of what the student must read then.

    The cells may define ``f``, which is called without arguments; what must be read may differ in a tier. ``earned``
    says whether the call is still worth its point.
    """

    cells: tuple[str, ...]
    sentence: str
    other_sentences: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    earned: bool = False

    def expected(self, tier: str) -> str:
        """Return what must be read in a tier."""
        return self.other_sentences.get(tier, self.sentence)

    def plan(self) -> NotebookPlan:
        """Return a notebook with the cells and one call of ``f``."""
        steps = [Step("cell", f"cell-{number}", source) for number, source in enumerate(self.cells)]
        return NotebookPlan("limits", [*steps, Step("test", "test_f", "f()", 1.0)], ["f"])

    def limits(self) -> Limits:
        """Return the limits that are small enough to be hit quickly."""
        return replace(SMALL, **self.changes)


def _call(source: str, sentence: str, **more: Any) -> Excess:
    return Excess((source,), sentence, **more)


NO_LONGER = {"call_seconds": 60, "cell_seconds": 60}
EXCESSES = {
    "wall clock of a call": _call("def f():\n    while True: pass", "No answer within 1.5 seconds"),
    "wall clock of a sleeping call": _call("import time\ndef f(): time.sleep(60)", "No answer within 1.5 seconds"),
    "wall clock of a cell": Excess(
        ("while True: pass", "def f(): return 1"), "No answer within 1.5 seconds", earned=True
    ),
    "wall clock of a notebook": Excess(
        (*["import time\ntime.sleep(60)"] * 12, "def f(): return 1"),
        "used up its 4 seconds",
        changes={"notebook_seconds": 4},
    ),
    "processor time": _call(
        "def f():\n    while True: pass",
        "more than the limit of 1 seconds of processor time",
        changes={**NO_LONGER, "cpu_seconds": 1},
    ),
    "processor time, its signal ignored": _call(
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\ndef f():\n    while True: pass",
        "killed",
        changes={**NO_LONGER, "cpu_seconds": 1},
    ),
    "memory": _call("def f(): return len(bytearray(400 * 2**20))", "more memory than the limit of 300 MiB"),
    "memory of arrays": _call(
        "import numpy as np\ndef f(): return np.ones(400 * 2**17).sum()", "more memory than the limit of 300 MiB"
    ),
    "memory of many processes": _call(
        "import os, time\ndef f():\n    for _ in range(6):\n        if os.fork() == 0:\n"
        "            b = bytearray(b'x' * (120 * 2**20)); time.sleep(60)\n    time.sleep(60)",
        "together used more than 600 MiB",
        changes={"call_seconds": 8},
    ),
    "processes": _call(
        "import os, time\ndef f():\n    for _ in range(50):\n        if os.fork() == 0: time.sleep(60); os._exit(0)",
        "more processes or threads than the limit of 20",
    ),
    "threads": _call(
        "import threading, time\ndef f():\n    for _ in range(50):\n"
        "        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "more processes or threads than the limit of 20",
    ),
    "open files": _call(
        "kept = []\ndef f():\n    for _ in range(500): kept.append(open('/dev/null'))",
        "more files than the limit of 60",
    ),
    "file size": _call("def f(): open('large', 'wb').write(bytes(2 * 2**20))", "a file larger than the limit of 1 MiB"),
    "scratch space": _call(
        "def f():\n    for i in range(20): open(str(i), 'wb').write(bytes(2**20))",
        "more than the limit of 8 MiB of files",
    ),
    "scratch space of files without a name": _call(
        "import tempfile, time\nkept = []\ndef f():\n    for i in range(20):\n"
        "        kept.append(tempfile.TemporaryFile()); kept[-1].write(bytes(2**20))\n    time.sleep(60)",
        "more than the limit of 8 MiB of files",
    ),
    "scratch space of mapped files without a name": _call(
        "import mmap, tempfile, time\nkept = []\ndef f():\n    for i in range(20):\n"
        "        with tempfile.TemporaryFile() as file:\n"
        "            file.write(bytes(2**20)); file.flush(); kept.append(mmap.mmap(file.fileno(), 2**20))\n"
        "    time.sleep(60)",
        "more than the limit of 8 MiB of files",
    ),
    "number of files": _call(
        "import os\ndef f():\n    for i in range(30_000): os.mkdir(str(i))", "more than the limit of 8 MiB of files"
    ),
    "shared memory": _call(
        "def f():\n    for i in range(20): open(f'/dev/shm/{i}', 'wb').write(bytes(2**20))",
        "more than the limit of 8 MiB of files",
        other_sentences={"B": "It used a file outside its own folder"},
    ),
    "output": Excess(
        ("print('x' * 100_000)", "def f(): return 1"), "Output beyond the limit of 3000 characters", earned=True
    ),
    "message": _call("import numpy as np\ndef f(): return np.zeros(4 * 2**20)", "larger than the 16 MiB"),
    "message of small parts": _call("def f(): return [0.5] * 10**6", "larger than the 16 MiB"),
}


def read_by_student(result: NotebookResult) -> str:
    """Return everything of a result that its student reads."""
    cells = [text for run in result.cells.values() for text in (run.error, run.output)]
    exercises = [text for each in result.exercises for text in (each.message, *(p.message for p in each.properties))]
    return "\n".join(text for text in (*exercises, *cells) if text)


def measure(tell: Tell) -> Sequence[Finding]:
    """Hit every limit, try every way out and time a box, in every tier that this machine has."""
    support = read_release().support
    findings: list[Finding] = []
    missing: dict[str, str] = {}
    for tier in TIERS:
        try:
            findings += _costs_of_a_box(support, tier)
        except CageError as error:
            missing[tier] = str(error)
            continue
        for done, (name, excess) in enumerate(EXCESSES.items()):
            tell(f"tier {tier}, {name}", done, len(EXCESSES))
            findings.append(_exceed(support, tier, name, excess))
        tell(f"tier {tier}, ways out", 0, 1)
        findings += [
            Finding("limits", f"tier {tier}: {each.attempt}", "contained", each.outcome, each.contained)
            for each in examine_machine(support, tier)
        ]
    some = len(missing) < len(TIERS)
    findings += [
        Finding("limits", f"tier {tier}", "where the machine has it; one tier at least", f"not here: {reason}", some)
        for tier, reason in missing.items()
    ]
    return findings


def _exceed(support: Path, tier: str, name: str, excess: Excess) -> Finding:
    limits = excess.limits()
    with Cage(support, limits=limits, tier=tier) as cage:
        started = time.monotonic()
        result = judge_notebook(cage, excess.plan())
        seconds = time.monotonic() - started
    read = read_by_student(result)
    expected = excess.expected(tier)
    shown = next((line for line in read.splitlines() if expected in line), read or "nothing")
    allowed = min(limits.notebook_seconds, 2 * limits.call_seconds, 10) + SLACK_SECONDS
    held = expected in read and result.judged and bool(result.score) == excess.earned and seconds <= allowed
    required = f"named to the student within {allowed:g} s"
    return Finding("limits", f"tier {tier}: {name}", required, f"{seconds:.1f} s: {shown}", held)


def _costs_of_a_box(support: Path, tier: str) -> list[Finding]:
    starts, ends = [], []
    with Cage(support, limits=SMALL, tier=tier) as cage:
        for _ in range(BOXES):
            started = time.monotonic()
            box = cage.box()
            between = time.monotonic()
            box.kill()
            starts.append(between - started)
            ends.append(time.monotonic() - between)
    start, end = (1000 * statistics.median(times) for times in (starts, ends))
    measured = f"{start:.1f} ms to start, {end:.1f} ms to end (medians of {BOXES})"
    return [Finding("limits", f"tier {tier}: a fresh box", "no new interpreter: under 250 ms", measured, start < 250)]

"""What a crash costs: the grader, its judges and its workers are killed, and the disk is full, at random moments.

After every accident: nothing is half-written, no process is left, and a rerun ends with exactly what an undisturbed run
ends with, without judging again what was stored. The moments are uniform over the time that an undisturbed run takes;
judges, cages and boxes are there for the first part of it.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from autograder.grading.lock import KEPT
from autograder.harden.classroom import Classroom, differences, faults_on_disk, hand_in, left_behind, outcome, small_kit
from autograder.harden.finding import Finding, Tell
from autograder.harden.processes import descendants, orphans_come_here, strays

SEED = 20261123
KILLS = {"the grader": 100, "a judging process": 20, "a cage": 20, "a box": 20}
FULL_DISKS = 10
FEEDBACK_EVERY = 10
PHASES = ("starting", "judging", "results", "gradebook")
REFUSED = "Another grader is at work"
NO_ROOM = "There is no room left on the disk"


@dataclass
class Tally:
    """What happened over all accidents of one kind: where they fell, and every fault found after one."""

    phases: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    kept: int = 0  # stored results that a rerun took over

    @property
    def accidents(self) -> int:
        return sum(self.phases.values())


@dataclass(frozen=True)
class Undisturbed:
    """The course as handed in, what grading it leads to, and the seconds that it takes."""

    kit: Path
    handed_in: Path
    expected: dict[str, Any]
    seconds: float
    judging_seconds: float  # until the last judge has ended
    space: int

    def course(self, root: Path) -> Classroom:
        """Return a fresh course in ``root``, which may exist and be empty; the paths in it are its own."""
        shutil.rmtree(root / "submitted", ignore_errors=True)
        shutil.copytree(self.handed_in / "submitted", root / "submitted")
        text = (self.handed_in / "nbgrader_config.py").read_text("utf-8")
        (root / "nbgrader_config.py").write_text(text.replace(str(self.handed_in), str(root)))
        return Classroom(self.kit, root)


def measure(tell: Tell) -> Iterator[Finding]:
    """Measure every kind of accident as often as ``KILLS`` says."""
    return run(tell, KILLS, FULL_DISKS)


def run(
    tell: Tell, kills: dict[str, int], full_disks: int, students: int = 20, seed: int = SEED, together: bool = True
) -> Iterator[Finding]:
    """Crash a class of ``students`` and yield the row of its kind after each accident.

    ``together`` says whether two graders are started at once, too.
    """
    with tempfile.TemporaryDirectory(prefix="crash-") as name, orphans_come_here():
        folder = Path(name)
        undisturbed = grade_undisturbed(folder, students, max(kills.values()) >= FEEDBACK_EVERY)
        for victim, times in kills.items():
            moments = random.Random(f"{seed} {victim}")
            tally = Tally()
            while tally.accidents < times:
                tell(f"{victim} killed", tally.accidents, times)
                there = undisturbed.seconds if victim == "the grader" else undisturbed.judging_seconds
                moment = moments.uniform(0, there)
                with_feedback = tally.accidents % FEEDBACK_EVERY == FEEDBACK_EVERY - 1
                kill_once(undisturbed, folder, victim, moment, moments, tally, with_feedback)
                yield _row(f"{victim} killed with signal 9", tally, times, students, seed)
        if full_disks:
            yield from _fill_disks(undisturbed, folder, full_disks, seed, tell)
        if together:
            yield _two_graders(undisturbed, folder)
            yield _beside_nbgrader(undisturbed, folder)


def grade_undisturbed(folder: Path, students: int, with_feedback: bool) -> Undisturbed:
    """Grade a class twice without a disturbance: both have to lead to the same, or nothing can be compared."""
    kit = small_kit(folder / "kit")
    handed_in = folder / "handed in"
    hand_in(kit, handed_in, students)
    bare = Undisturbed(kit, handed_in, {}, 0.0, 0.0, 0)
    outcomes = []
    for _ in range(2):
        room = _fresh(bare, folder)
        started = time.monotonic()
        grader = room.start(room.command())
        judging_seconds = _judging_ends(grader) - started
        said, _ = grader.communicate()
        seconds = time.monotonic() - started
        if grader.returncode:
            raise RuntimeError(f"the undisturbed run failed: {said}")
        space = sum(path.stat().st_size for path in room.root.rglob("*") if path.is_file())
        if with_feedback:
            give_feedback(room)
        outcomes.append(outcome(room.root))
    unlike = differences(*outcomes)
    if unlike:
        raise RuntimeError(f"two undisturbed runs differ in {', '.join(unlike[:5])}")
    return Undisturbed(kit, handed_in, outcomes[0], seconds, judging_seconds, space)


def _judging_ends(grader: subprocess.Popen[str]) -> float:
    """Return when the last judge of a grader was seen."""
    seen = time.monotonic()
    while grader.poll() is None:
        with suppress(psutil.Error):
            main = psutil.Process(grader.pid)
            if any(_kind(each, main) == "a judging process" for each in main.children()):
                seen = time.monotonic()
        time.sleep(0.2)
    return seen


def give_feedback(room: Classroom) -> None:
    """Let nbgrader write the feedback."""
    status, said = room.run(room.nbgrader("generate_feedback", "mbrl", "--force", "--log-level=ERROR"))
    if status:
        raise RuntimeError(f"nbgrader's feedback failed: {said}")


def _fresh(undisturbed: Undisturbed, folder: Path) -> Classroom:
    """Return a course as it was handed in, always in the same place, so that outcomes can be compared."""
    root = folder / "course"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    return undisturbed.course(root)


def kill_once(
    undisturbed: Undisturbed, folder: Path, victim: str, moment: float, dice: random.Random, tally: Tally,
    with_feedback: bool = False,
) -> None:  # fmt: skip
    """Start the grader on a fresh course, kill ``victim`` after ``moment`` seconds, and look at what comes of it."""
    room = _fresh(undisturbed, folder)
    known = descendants()
    grader = room.start(room.command())
    with suppress(subprocess.TimeoutExpired):
        grader.wait(moment)
    target = _find(victim, grader, dice)
    if target is None:
        grader.communicate()
        return
    phase = _phase(room)
    target.send_signal(signal.SIGKILL)
    said, _ = grader.communicate()
    tally.phases[phase] += 1
    place = f"{victim} killed after {moment:.2f} s ({phase})"
    _look_around(room, folder, known, place, tally)
    if victim == "the grader":
        status, said = _rerun(room, place, tally)
    else:
        status = grader.returncode
    if status:
        tally.faults.append(f"{place}: exit status {status}: {said[-400:]}")
    tally.faults += [f"{place}: {fault}" for fault in _compare(undisturbed, room, with_feedback)]


def _look_around(room: Classroom, folder: Path, known: set[int], place: str, tally: Tally) -> None:
    """Note what an accident left running, besides the ``known`` processes, and what it left half-written."""
    tally.faults += [f"{place}: {name} lived on" for name in strays(known)]
    tally.faults += [f"{place}: {fault}" for fault in faults_on_disk(room.root, folder / "spare")]


def _rerun(room: Classroom, place: str, tally: Tally) -> tuple[int, str]:
    """Grade again after an accident; note which stored results were judged a second time."""
    stored = room.stored()
    status, said = room.run(room.command())
    again = [name for name, stamp in room.stored().items() if name in stored and stored[name] != stamp]
    tally.faults += [f"{place}: {name} was judged twice" for name in again]
    tally.kept += len(stored)
    return status, said


def _compare(undisturbed: Undisturbed, room: Classroom, with_feedback: bool) -> Iterator[str]:
    if with_feedback:
        give_feedback(room)
    expected = undisturbed.expected
    if not with_feedback:
        expected = {name: value for name, value in expected.items() if not name.startswith("feedback/")}
    unlike = differences(expected, outcome(room.root))
    if unlike:
        yield f"{len(unlike)} parts of the outcome differ, such as {unlike[0]}"
    for name in left_behind(room.root):
        yield f"{name} was left behind"


def _find(victim: str, grader: subprocess.Popen[str], dice: random.Random) -> psutil.Process | None:
    """Return a process of the kind wanted, waiting until there is one; None when the grader ended before."""
    while grader.poll() is None:
        with suppress(psutil.Error):
            main = psutil.Process(grader.pid)
            if victim == "the grader":
                return main
            found = [each for each in main.children(recursive=True) if _kind(each, main) == victim]
            if found:
                return dice.choice(found)
        time.sleep(0.01)
    return None


def _kind(process: psutil.Process, grader: psutil.Process) -> str:
    """Return what a descendant of the grader is: below a judge stand bwrap twice, the zygote, and boxes in pairs.

    The cage that the grader tries out before it starts is none of these: without that one, grading is refused.
    """
    generations = []
    for parent in process.parents():
        if parent == grader:
            break
        generations.append(parent)
    caged = sum(each.name() == "bwrap" for each in (process, *generations))
    if not caged:
        return "a judging process" if not generations and process.cmdline() == grader.cmdline() else ""
    if process.name() == "bwrap" or generations[-1].name() == "bwrap":
        return ""
    depth = next(index for index, each in enumerate(generations) if each.name() == "bwrap")
    return "a cage" if depth == 0 else "a box"


def _phase(room: Classroom) -> str:
    results = room.root / "results"
    if (results / "summary.csv").exists():
        return "gradebook"
    if results.exists():
        return "results"
    return "judging" if (room.root / KEPT / "lock").exists() else "starting"


def _row(what: str, tally: Tally, times: int, students: int, seed: int, required: str = "") -> Finding:
    fell = ", ".join(f"{tally.phases[phase]} while {phase}" for phase in PHASES if tally.phases[phase])
    measured = f"{tally.accidents} of {times} times ({fell}), {len(tally.faults)} faults; seed {seed}"
    if tally.kept:
        measured += f"; {tally.kept} stored results were taken over, none judged again"
    if tally.faults:
        measured += ". " + "; ".join(tally.faults[:5])
    required = required or "nothing half-written, no process left, and the same outcome as undisturbed"
    return Finding(
        "crash", f"{what}, class of {students}", required, measured, tally.accidents == times and not tally.faults
    )


@contextmanager
def small_disk(root: Path, size: int) -> Iterator[Callable[[int], None]]:
    """Mount a disk of ``size`` bytes on ``root``; what is yielded makes it larger."""
    root.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(root)], check=True, capture_output=True)
    try:
        yield lambda more: subprocess.run(["mount", "-o", f"remount,size={more}", str(root)], check=True) and None
    finally:
        subprocess.run(["umount", "--lazy", str(root)], check=True)


def _fill_disks(undisturbed: Undisturbed, folder: Path, times: int, seed: int, tell: Tell) -> Iterator[Finding]:
    sizes = random.Random(f"{seed} disk")
    what = "the disk is full"
    required = "a sentence and status 1, nothing lost, and a rerun with room ends as undisturbed"
    if os.geteuid() != 0:
        yield Finding("crash", what, required, "not measured: mounting a small disk needs root", False)
        return
    students = len(list((undisturbed.handed_in / "submitted").iterdir()))
    tally = Tally()
    handed_in = sum(path.stat().st_size for path in (undisturbed.handed_in / "submitted").rglob("*"))
    for done in range(times):
        tell(what, done, times)
        shutil.rmtree(folder / "course", ignore_errors=True)
        with small_disk(folder / "course", undisturbed.space * 4) as resize:
            room = undisturbed.course(folder / "course")
            used = psutil.disk_usage(str(room.root)).used
            size = used + int(sizes.uniform(0, 0.95) * (undisturbed.space - handed_in))
            resize(size)
            known = descendants()
            status, said = room.run(room.command())
            tally.phases[_phase(room)] += 1
            place = f"a disk with {(size - used) // 1024} KiB free"
            if status != 1 or NO_ROOM not in re.sub(r"\s+", " ", said) or "Traceback" in said:
                tally.faults.append(f"{place}: status {status}: {said[-400:]}")
            _look_around(room, folder, known, place, tally)
            resize(undisturbed.space * 4)
            status, said = _rerun(room, place, tally)
            if status:
                tally.faults.append(f"{place}: the rerun ended with {status}: {said[-400:]}")
            tally.faults += [f"{place}: {fault}" for fault in _compare(undisturbed, room, False)]
        yield _row(what, tally, times, students, seed, required)


def _two_graders(undisturbed: Undisturbed, folder: Path) -> Finding:
    room = _fresh(undisturbed, folder)
    graders = [room.start(room.command()) for _ in range(2)]
    ended = sorted((each.communicate()[0], each.returncode) for each in graders)
    faults = list(_compare(undisturbed, room, False))
    statuses = sorted(status for _, status in ended)
    refused = [said for said, status in ended if status == 1 and REFUSED in re.sub(r"\s+", " ", said)]
    if statuses not in ([0, 0], [0, 1]) or (1 in statuses and not refused):
        faults.append(f"they ended with {ended}")
    measured = f"exit statuses {statuses}" + (f", one said: {REFUSED} …" if refused else "")
    return _beside("two graders started at once", measured, faults)


def _beside_nbgrader(undisturbed: Undisturbed, folder: Path) -> Finding:
    room = _fresh(undisturbed, folder)
    room.run(room.nbgrader("generate_assignment", "mbrl", "--log-level=ERROR"))
    commands = (room.command(), room.nbgrader("autograde", "mbrl", "--force", "--log-level=ERROR"))
    both = [room.start(command) for command in commands]
    ended = [(each.communicate()[0], each.returncode) for each in both]
    faults = faults_on_disk(room.root, folder / "spare")
    unclear = [said for said, status in ended if status and (status != 1 or REFUSED not in re.sub(r"\s+", " ", said))]
    faults += [f"one ended unclearly: {said[-300:]}" for said in unclear]
    statuses = [status for _, status in ended]
    if all(statuses):
        faults.append("both refused")
    room.run(room.command())
    faults += _compare(undisturbed, room, False)
    return _beside("autograder grade beside nbgrader autograde", f"exit statuses {statuses}", faults)


def _beside(what: str, measured: str, faults: Sequence[str]) -> Finding:
    required = "one waits or refuses with a sentence; after a rerun the outcome is that of one undisturbed run"
    return Finding("crash", what, required, "; ".join([measured, *faults[:5]]), not faults)

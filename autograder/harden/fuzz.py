"""Fuzzing what reads untrusted bytes: the message codec, the intake of notebooks, and the judge's conversation.

Each target gets a process of its own, whose memory is measured and whose every input is timed (processor time, so that
a busy machine alarms nobody). What escapes, hangs or grows is kept with its seed and number, by which it can be made
again:

    python -m autograder.harden.fuzz messages|notebooks|conversations COUNT SEED [RECORDED]
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from autograder import KIT
from autograder.harden.finding import Finding, Tell

MEBIBYTE = 2**20
MESSAGES, NOTEBOOKS, CONVERSATIONS = 1_000_000, 10_000, 5_000
MAX_SECONDS = 1.0
MAX_GROWTH = 256 * MEBIBYTE
PATIENCE = 10  # seconds of processor time after which an input counts as one that hangs; of the clock, tenfold
SEED = 20_240_501


@dataclass
class Outcome:
    """What one target did with all its inputs; ``escaped`` holds the number of an input and what went wrong."""

    inputs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_input: str = ""
    growth: int = 0
    refused: int = 0
    escaped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def held(self) -> bool:
        return not self.escaped and self.slowest <= MAX_SECONDS and self.growth <= MAX_GROWTH

    def __str__(self) -> str:
        faults = "".join(f"; input {name}: {what}" for name, what in self.escaped[:3])
        return (
            f"{self.inputs} inputs, {self.refused} refused, {self.inputs / max(self.seconds, 1e-9):.0f}/s, slowest "
            f"{self.slowest * 1000:.0f} ms ({self.slowest_input}), memory +{self.growth / MEBIBYTE:.0f} MiB, "
            f"{len(self.escaped)} uncaught{faults}"
        )


class Hang(BaseException):
    """An input took longer than anybody waits; a ``BaseException`` so that nothing on the way catches it."""


class Meter:
    """Runs a target on inputs one by one and keeps count of time, memory and what escapes."""

    def __init__(self, expected: tuple[type[BaseException], ...]) -> None:
        self.outcome, self._expected = Outcome(), expected
        signal.signal(signal.SIGALRM, self._give_up)
        signal.signal(signal.SIGPROF, self._give_up)
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        self._before = _status("VmRSS")

    def run(self, name: str, target: Callable[[], Any]) -> None:
        """Run ``target`` and write down what it did under the input's name."""
        signal.setitimer(signal.ITIMER_PROF, PATIENCE)
        signal.alarm(10 * PATIENCE)
        started = time.process_time()
        try:
            target()
        except self._expected:
            self.outcome.refused += 1
        except (Exception, Hang) as error:
            self.outcome.escaped.append((name, f"{type(error).__name__}: {str(error)[:200]}"))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)
        seconds = time.process_time() - started
        self.outcome.inputs += 1
        self.outcome.seconds += seconds
        if seconds > self.outcome.slowest:
            self.outcome.slowest, self.outcome.slowest_input = seconds, name

    def finish(self) -> Outcome:
        """Return the outcome with the growth of memory at its highest."""
        self.outcome.growth = _status("VmHWM") - self._before
        return self.outcome

    @staticmethod
    def _give_up(_: int, __: FrameType | None) -> None:
        raise Hang(f"no end after {PATIENCE} seconds")


def _status(entry: str) -> int:
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith(f"{entry}:"))
    return int(line.split()[1]) * 1024


# The targets


def fuzz_messages(count: int, seed: int, recorded: Path | None) -> Outcome:
    """Decode messages as the judge does, and read what they hold as its properties and its naming of mistakes do."""
    import torch

    from autograder.harden.mutation import bombs, message
    from autograder.judge.answers import Answer
    from autograder.judge.conversation import Conversation
    from autograder.sandbox.codec import WireError, decode
    from autograder.sandbox.limits import Limits
    from labkit import results

    draw = random.Random(seed)
    frames = _read_frames(recorded) if recorded else example_frames()
    readers: list[Callable[[Any], Any]] = [
        lambda value: results.array(value, (3,), "it"),
        lambda value: results.tensor(value, (2, 3), torch.zeros(2, 3), "it"),
        lambda value: results.parts(value, ("a", "b")),
    ]
    judge = Conversation(_Pipes(-1, -1), Limits())  # type: ignore[arg-type]

    def read(structure: bytes, buffers: bytes) -> None:
        value = decode(structure, buffers, judge._adopt)
        Answer.of(value)
        for reader in readers:
            with contextlib.suppress(results.Violation):
                reader(value)

    meter = Meter((WireError,))
    for name, frame in bombs().items():
        meter.run(name, lambda frame=frame: read(*frame))
    for number in range(count):
        frame = message(draw, frames)
        meter.run(str(number), lambda frame=frame: read(*frame))
    return meter.finish()


def fuzz_notebooks(count: int, seed: int, _: Path | None) -> Outcome:
    """Take in notebook files and make of them what grading makes: a plan, a notebook, sentences."""
    import msgspec
    import nbformat

    from autograder.course.release import read_release
    from autograder.grading.intake import take_in_notebook
    from autograder.harden.mutation import notebook

    draw, release = random.Random(seed), read_release()
    released = [(name, (release.folder / f"{name}.ipynb").read_bytes()) for name in release.notebooks]
    older = [(name, nbformat.convert(nbformat.reads(data, 4), 3)) for name, data in released]
    released += [(name, nbformat.writes(node, 3).encode()) for name, node in older]

    def take_in(name: str, path: Path) -> None:
        assembled = take_in_notebook(release.notebooks[name], path)
        msgspec.json.encode(assembled.plan)
        nbformat.writes(assembled.to_notebook()).encode()
        long = [each for each in assembled.problems if len(each) > 500 or not each.isprintable()]
        if long:
            raise AssertionError(f"a problem is no sentence: {long[0][:100]!r}")
        if any("is not a notebook" in each or "is not a valid" in each for each in assembled.problems):
            meter.outcome.refused += 1

    with tempfile.TemporaryDirectory() as folder:
        meter = Meter(())
        for number in range(count):
            name, data = notebook(draw, released)
            path = Path(folder, f"{name}.ipynb")
            path.write_bytes(data)
            meter.run(str(number), lambda name=name, path=path: take_in(name, path))
        return meter.finish()


def fuzz_conversations(count: int, seed: int, _: Path | None) -> Outcome:
    """Let a worker answer one call with a sequence of well-formed messages that it made up."""
    from autograder.harden.mutation import KINDS, TEXTS, value
    from autograder.judge.conversation import Conversation
    from autograder.sandbox.codec import encode
    from autograder.sandbox.limits import Limits
    from labkit.properties import StudentError, Unanswered

    draw = random.Random(seed)
    limits = Limits(call_seconds=0.5, cell_seconds=0.5)

    def script() -> bytes:
        frames = []
        for _ in range(draw.choice((1, 1, 2, 5, 40))):
            body = [value(draw) for _ in range(draw.randrange(4))]
            if draw.random() < 0.5:  # a callback as the judge offered it, or nearly
                number, method = draw.choice((0, 0, 1, 2, -1, True, 10**6)), draw.choice(("step", "", *TEXTS))
                body = [number, method, tuple(body), {} if draw.random() < 0.8 else {draw.choice(TEXTS): value(draw)}]
                frames.append(encode(("callback", *body), _name))
            else:
                frames.append(encode((draw.choice(KINDS), *body), _name))
        return b"".join(frames)[:60_000]  # a pipe holds it, so one process can play both sides

    def play(replies: bytes) -> None:
        from_worker, worker_out = os.pipe()
        worker_in, to_worker = os.pipe()
        try:
            os.write(worker_out, replies)
            os.close(worker_out)
            conversation = Conversation(_Pipes(from_worker, to_worker), limits)  # type: ignore[arg-type]
            doing = draw.randrange(4)
            if doing == 0:
                conversation.run_cell("pass")
            elif doing == 1:
                conversation.resume(0, True)
            else:
                conversation.call("call", "f", "", args=(_stepper(), lambda x: x), kwargs={})
        finally:
            for descriptor in (from_worker, worker_in, to_worker):
                os.close(descriptor)

    meter = Meter((StudentError, Unanswered))
    for number in range(count):
        replies = script()
        meter.run(str(number), lambda replies=replies: play(replies))
    for name in ("step", "nothing", "", "step" * 200_000):
        meter.run(f"a flood of callbacks of {name[:20]!r}", lambda name=name: _flood(limits, name))
    return meter.finish()


def _flood(limits: Any, method: str) -> None:
    """Answer a call with the same callback for ever; the judge's clock has to end it."""
    from autograder.judge.conversation import Conversation
    from autograder.sandbox.codec import encode

    from_worker, worker_out = os.pipe()
    worker_in, to_worker = os.pipe()
    flood = encode(("callback", 0, method, (1,), {}), _name)
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.close(from_worker)
            os.set_blocking(worker_in, False)
            while True:
                os.write(worker_out, flood)
                with contextlib.suppress(BlockingIOError):
                    os.read(worker_in, MEBIBYTE)
        os._exit(0)
    os.close(worker_out)
    os.close(worker_in)
    started = time.monotonic()
    try:
        Conversation(_Pipes(from_worker, to_worker), limits).call(  # type: ignore[arg-type]
            "call", "f", "", args=(_stepper(),), kwargs={}
        )
    finally:
        took = time.monotonic() - started
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(from_worker)
        os.close(to_worker)
        if took > limits.call_seconds + 2:
            raise AssertionError(f"a call of at most {limits.call_seconds} s ended after {took:.1f} s")


@dataclass
class _Pipes:
    """What a conversation needs of a box: the judge's ends of two pipes, and that nothing was overrun."""

    incoming: int
    outgoing: int

    @property
    def cage(self) -> _Pipes:
        return self

    def processes(self) -> list[Any]:
        return []

    def wait_if_ending(self) -> None:
        """Nothing ends here but the pipes."""

    def watch(self) -> str:
        return ""

    overrun = reason = watch


def _stepper() -> Any:
    from labkit.properties import Simulator

    class Stepper(Simulator):
        methods = ("step",)
        attributes = ()

        def step(self, action: Any = 0) -> Any:
            return [action + 1, -1.0, action > 3]

    return Stepper()


def _name(_: Any) -> tuple[str, int, str, dict]:
    return "worker", 0, "Thing", {}


# Messages to start from


def example_frames() -> list[tuple[bytes, bytes]]:
    """Return messages like those of a grading run, for when none was recorded."""
    import numpy as np
    import torch

    from autograder.harden.mutation import split
    from autograder.sandbox.codec import encode

    numbers = np.arange(12.0).reshape(3, 4)
    messages = [
        ("value", numbers), ("value", (numbers, np.arange(4))), ("value", [[1, 2], [3.5, None]]),
        ("value", {"states": numbers, "alive": numbers > 3}), ("value", torch.ones(2, 3)), ("value", 2**80),
        ("raised", "ValueError", "no"), ("unusable", "it is large"), ("ended", -9), ("callback", 0, "step", (1,), {}),
        ("callback", 1, "", (numbers,), {"a": 1}), ("ran", {"error": "", "text": "", "output": "x\n"}), ("kept", 3),
        ("forked",), ("value", object()),
    ]  # fmt: skip
    return [split(encode(each, _name)) for each in messages]


def record_frames(folder: Path) -> Path:
    """Write down the messages that the judge got when the reference solutions were graded; return the file."""
    from autograder.course.build import SOURCE
    from autograder.course.release import read_notebook, read_release
    from autograder.grading.assembly import assemble, claimed
    from autograder.grading.workers import Settings
    from autograder.judge.notebook import judge_notebook
    from autograder.sandbox import wire

    release = read_release()
    kept: dict[bytes, bytes] = {}
    plain = wire.decode

    def decode(structure: bytes, buffers: bytes, adopt: wire.Importer) -> Any:
        if len(structure) + len(buffers) < 4096 and len(kept) < 4000:
            kept.setdefault(structure, buffers)
        return plain(structure, buffers, adopt)

    wire.decode = decode
    try:
        with Settings(release).cage() as cage:
            for name, released in release.notebooks.items():
                cells = read_notebook(SOURCE / f"{name}.ipynb").cells
                sources = [claimed(each.node) for each in cells if each.node.cell_type == "code"]
                judge_notebook(cage, assemble(released, sources).plan, thorough=False)
    finally:
        wire.decode = plain
    path = folder / "recorded.json"
    path.write_text(json.dumps([[structure.hex(), buffers.hex()] for structure, buffers in kept.items()]))
    return path


def _read_frames(path: Path) -> list[tuple[bytes, bytes]]:
    return [(bytes.fromhex(a), bytes.fromhex(b)) for a, b in json.loads(path.read_text())]


# The part


TARGETS = {"messages": fuzz_messages, "notebooks": fuzz_notebooks, "conversations": fuzz_conversations}


def run_target(name: str, count: int, seed: int = SEED, recorded: Path | None = None) -> Outcome:
    """Run one target in a process of its own and return its outcome."""
    command = [sys.executable, "-m", "autograder.harden.fuzz", name, str(count), str(seed)]
    command += [str(recorded)] if recorded else []
    environment = {**os.environ, "PYTHONPATH": f"{KIT}{os.pathsep}{KIT / 'source' / 'mbrl'}"}
    done = subprocess.run(command, cwd=KIT, env=environment, capture_output=True, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        return Outcome(escaped=[("the whole process", last[0])])
    return Outcome(**json.loads(done.stdout))


def measure(tell: Tell) -> Iterator[Finding]:
    """Fuzz all targets and yield a row for each."""
    required = "nothing uncaught, at most 1 s for one input, at most 256 MiB"
    with tempfile.TemporaryDirectory() as folder:
        tell("recording messages", 0, 4)
        recorded = record_frames(Path(folder))
        counts = {"messages": MESSAGES, "notebooks": NOTEBOOKS, "conversations": CONVERSATIONS}
        for done, (name, count) in enumerate(counts.items(), 1):
            tell(name, done, 4)
            outcome = run_target(name, count, recorded=recorded if name == "messages" else None)
            yield Finding("fuzz", name, required, str(outcome), outcome.held and outcome.inputs >= count)


def main() -> None:
    """Run the target named on the command line and print its outcome as JSON."""
    name, count, seed, *recorded = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.redirect_stdout(sys.stderr):
        outcome = TARGETS[name](int(count), int(seed), Path(recorded[0]) if recorded else None)
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()

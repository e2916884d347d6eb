"""What one submission may use, and the sentence a student reads when a limit is hit."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

MIB = 2**20
OUTSIDE = (
    "It used a file outside its own folder, or shared memory, which cannot be had when grading; a plain file name "
    "works, and so does the tempfile module."
)


@dataclass(frozen=True)
class Limits:
    """Limits for one submission. Times are wall-clock seconds on the judge's clock unless named otherwise."""

    call_seconds: float = 10.0
    cell_seconds: float = 30.0
    notebook_seconds: float = 600.0
    cpu_seconds: int = 600
    memory_bytes: int = 2048 * MIB
    processes: int = 64
    open_files: int = 256
    file_bytes: int = 64 * MIB
    scratch_bytes: int = 256 * MIB
    output_bytes: int = 1 * MIB


def too_much_memory(limits: Limits) -> str:
    """Return the sentence for processes that used too much memory together."""
    return f"The code's processes together used more than {2 * limits.memory_bytes // MIB} MiB of memory."


def too_many_files(limits: Limits) -> str:
    """Return the sentence for a full scratch folder."""
    return f"It wrote more than the limit of {limits.scratch_bytes // MIB} MiB of files."


def too_many_processes(limits: Limits) -> str:
    """Return the sentence for a box with too many processes and threads."""
    return f"It started more processes or threads than the limit of {limits.processes}."


def explain_error(kind: str, text: str, limits: Limits) -> str:
    """Return a sentence when an exception means that a limit was hit, else an empty string."""
    if kind == "MemoryError" or "DefaultCPUAllocator: can't allocate memory" in text:
        return f"It needed more memory than the limit of {limits.memory_bytes // MIB} MiB."
    if kind == "OSError" and "Errno 24" in text:
        return f"It opened more files than the limit of {limits.open_files}."
    if kind == "OSError" and "Errno 27" in text:
        return f"It wrote a file larger than the limit of {limits.file_bytes // MIB} MiB."
    if kind == "OSError" and "Errno 28" in text:
        return too_many_files(limits)
    if (kind == "BlockingIOError" and "Errno 11" in text) or (kind == "RuntimeError" and "start new thread" in text):
        return too_many_processes(limits)
    if kind == "PermissionError" and "Errno 13" in text:
        return OUTSIDE
    return ""


def explain_death(status: int, limits: Limits) -> str:
    """Return a sentence for how a worker process ended; ``status`` as ``os.waitstatus_to_exitcode`` gives it."""
    if status == -signal.SIGXCPU:
        return f"The code used more than the limit of {limits.cpu_seconds} seconds of processor time."
    if status == -signal.SIGKILL:
        return "The code's process was killed, most likely because it ran out of memory."
    if status == os.EX_SOFTWARE:  # so a worker ends that cannot go on
        return "The code's process ended before it gave an answer (out of memory or disk space, or broken)."
    if -status in iter(signal.Signals):
        return f"The code crashed its process ({signal.Signals(-status).name})."
    if not 0 <= status <= 255:  # no process ends like that
        return "The code's process ended before it gave an answer."
    return f"The code ended its own process (exit status {status}) before it gave an answer."

"""What one submission may use, and the sentence a student reads when a limit is hit."""

from __future__ import annotations

import signal
from dataclasses import dataclass

MIB = 2**20


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


def explain_error(kind: str, text: str, limits: Limits) -> str:
    """Return a sentence when an exception means that a limit was hit, else an empty string."""
    if kind == "MemoryError" or "DefaultCPUAllocator: can't allocate memory" in text:
        return f"It needed more memory than the limit of {limits.memory_bytes // MIB} MiB."
    if kind == "OSError" and "Errno 24" in text:
        return f"It opened more files than the limit of {limits.open_files}."
    if kind == "OSError" and "Errno 27" in text:
        return f"It wrote a file larger than the limit of {limits.file_bytes // MIB} MiB."
    if kind == "OSError" and "Errno 28" in text:
        return f"It wrote more than the limit of {limits.scratch_bytes // MIB} MiB of files."
    if (kind == "BlockingIOError" and "Errno 11" in text) or (kind == "RuntimeError" and "start new thread" in text):
        return f"It started more processes or threads than the limit of {limits.processes}."
    return ""


def explain_death(status: int, limits: Limits) -> str:
    """Return a sentence for how a worker process ended; ``status`` as ``os.waitstatus_to_exitcode`` gives it."""
    if status == -signal.SIGXCPU:
        return f"The code used more than the limit of {limits.cpu_seconds} seconds of processor time."
    if status == -signal.SIGKILL:
        return "The code's process was killed, most likely because it ran out of memory."
    if status < 0:
        return f"The code crashed its process ({signal.Signals(-status).name})."
    return f"The code ended its own process (exit status {status}) before it gave an answer."

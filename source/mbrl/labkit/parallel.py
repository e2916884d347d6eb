"""Many runs at once: a task of the notebook, handed to processes of their own.

The task may be any function, also one that a notebook cell defines: it travels by value (cloudpickle) to processes that
start fresh, so that it works alike on Linux, macOS and Windows. Results do not depend on how many there are.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import cloudpickle


def available_cores() -> int:
    """Return on how many cores this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    task: Callable[..., Any], arguments: Sequence[tuple], workers: int | None = None
) -> Iterator[tuple[int, Any]]:
    """Call ``task`` once for each tuple of arguments, several at a time.

    Args:
        task: the function to call; what it returns has to be plain data.
        arguments: one tuple for each call.
        workers: number of processes; as many as there are cores where left out, and with 1 everything stays here.

    Yields:
        `(index, result)` of each call, in the order in which they are done.

    Raises:
        Exception: whatever the task raised, first come.
        ValueError: ``workers`` is less than 1.
    """
    workers = available_cores() if workers is None else workers
    if workers < 1:
        raise ValueError(f"workers must be at least 1, but it is {workers!r}.")
    left = dict(enumerate(arguments))
    if workers > 1 and len(left) > 1:
        try:
            yield from _elsewhere(task, left, min(workers, len(left)))
        except (BrokenProcessPool, PermissionError) as error:
            print(f"No further processes can be used here ({type(error).__name__}); the rest runs in this one.")
    for index in list(left):
        yield index, task(*left.pop(index))


def _elsewhere(task: Callable[..., Any], left: dict[int, tuple], workers: int) -> Iterator[tuple[int, Any]]:
    """Yield results from other processes; take each call out of ``left`` when it is done."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting = {pool.submit(_call, cloudpickle.dumps((task, each))): index for index, each in left.items()}
        try:
            for done in as_completed(waiting):
                result = done.result()
                del left[waiting[done]]
                yield waiting[done], result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _call(payload: bytes) -> Any:
    task, arguments = cloudpickle.loads(payload)
    return task(*arguments)

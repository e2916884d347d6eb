"""A box's scratch folder where no file system of its own can be had: is it too full, and how it is removed.

What lies in it was written by a student's code: nothing is followed, opened or believed, only counted and deleted.
"""

from __future__ import annotations

import os
import shutil
import subprocess

MAX_ENTRIES = 2_000
MAX_DEPTH = 50
BLOCK = 512  # the unit of st_blocks, whatever the file system


def is_too_full(folder: str, most_bytes: int) -> bool:
    """Return whether the files below ``folder`` take more than ``most_bytes``, or are too many or too deep to count."""
    total = entries = 0
    waiting = [(folder, 0)]
    while waiting:
        path, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return True
        try:
            with os.scandir(path) as listing:
                for entry in listing:
                    entries += 1
                    total += _size(entry)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, depth + 1))
                    if total > most_bytes or entries > MAX_ENTRIES:
                        return True
        except FileNotFoundError:
            continue  # the folder was removed while it waited for its turn
        except OSError:
            return True  # a folder that hides its files, or a path too long to name
    return False


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_blocks * BLOCK
    except FileNotFoundError:
        return 0  # removed while it was counted


def remove(folder: str) -> None:
    """Remove ``folder`` and everything in it, however deep or odd; its processes must be gone."""
    try:
        shutil.rmtree(folder)
        return
    except FileNotFoundError:
        if not os.path.lexists(folder):
            return
    except (OSError, RecursionError):
        subprocess.run(["chmod", "-R", "u+rwX", folder], stderr=subprocess.DEVNULL, check=False)
    subprocess.run(["rm", "-rf", "--one-file-system", folder], stderr=subprocess.DEVNULL, check=False)
    if os.path.lexists(folder):
        raise OSError(f"the scratch folder {folder} cannot be removed")

"""Your own functions of an earlier unit, taken from its notebook beside this one, to be compared with new ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import labkit


def from_notebook(name: str, folder: Path | None = None) -> dict[str, Any]:
    """Run the set-up and solution cells of a notebook and return what the solution cells define.

    Args:
        name: of the notebook, for instance `"05_mpc"`.
        folder: where it lies; beside `labkit` where left out.

    Returns:
        Functions by name; empty where there is no such notebook. A cell that does not run is left out, with a line
        that says so. A stub is among the functions, and raises `NotImplementedError` when it is called.
    """
    import nbformat  # takes seconds to import, which only who calls this needs to wait for

    path = (folder or Path(labkit.__file__).parents[1]) / f"{name}.ipynb"
    if not path.is_file():
        return {}
    found: dict[str, Any] = {}
    brought: set[str] = set()
    for cell in nbformat.read(path, as_version=4).cells:
        marks = cell.metadata.get("nbgrader", {})
        if not (marks.get("solution") or marks.get("grade_id") == "setup") or cell.cell_type != "code":
            continue
        try:
            exec(compile(cell.source, path.name, "exec"), found)
        except Exception as error:
            print(f"The cell {marks.get('grade_id')} of {path.name} is left out: {type(error).__name__}: {error}")
        if not marks.get("solution"):
            brought = set(found)
    return {key: value for key, value in found.items() if key not in brought and callable(value)}


def working(name: str, function: Callable | None, *args: Any) -> Callable | None:
    """Return a function if a trial call of it succeeds; otherwise say that it is left out, and return `None`."""
    if function is None:
        print(f"There is no {name} of yours to be found yet, so it is left out.")
        return None
    try:
        function(*args)
    except Exception as error:
        print(f"Your {name} does not work yet ({type(error).__name__}), so it is left out.")
        return None
    return function

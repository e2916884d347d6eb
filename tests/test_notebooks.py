"""Every notebook teaches: with the solutions filled in it runs top to bottom, in time and without a warning."""

from __future__ import annotations

import re
import time

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.course.build import SOURCE

NOTEBOOKS = sorted(SOURCE.glob("*.ipynb"))
SECONDS = 60  # of processor time, because the machine may be busy with other tests, where the yardstick takes
YARDSTICK = 0.5  # seconds; a slower machine has more
STRICT = """
import time
import warnings

def _yardstick():
    started = time.process_time()
    sum(number * number for number in range(10_000_000))
    return time.process_time() - started

warnings.simplefilter("error")
_before, _started = _yardstick(), time.process_time()
"""
SPENT = """
warnings.simplefilter("default")
_spent = time.process_time() - _started
print(_spent, max(_before, _yardstick()))
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def executed(request):
    """A notebook after its run, with a last cell that says how much processor time it and the yardstick took."""
    notebook = nbformat.read(request.param, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    notebook.cells.append(nbformat.v4.new_code_cell(SPENT))
    started = time.monotonic()
    NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(request.param.parent)}}).execute()
    spent = notebook.cells[-1].outputs[-1].text.strip()
    print(f"{request.param.stem}: {time.monotonic() - started:.0f} s; processor time of notebook and yardstick {spent}")
    return notebook


def outputs(notebook):
    return [(cell, output) for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_it_runs_in_time_and_nothing_complains(executed):
    for cell, output in outputs(executed):
        if output.get("name") == "stderr":
            rest = re.sub(r"[^\n\r]*\d+%\|[^\n\r]*[\n\r]*", "", output.text)  # progress bars
            assert not rest.strip(), (cell.source[:200], rest)
    spent, yardstick = map(float, executed.cells[-1].outputs[-1].text.split())
    assert spent < SECONDS * max(1.0, yardstick / YARDSTICK)


def test_every_check_passes_and_every_experiment_shows_something(executed):
    for cell in executed.cells:
        text = str(cell.get("outputs", ""))
        if cell.source.startswith("check("):
            assert "✓" in text
            assert "✗" not in text
        if "experiment" in cell.metadata.get("tags", []):
            assert cell.outputs, cell.source[:200]


def test_there_are_pictures_and_numbers(executed):
    kinds = {kind for _, output in outputs(executed) for kind in output.get("data", {})}
    assert "image/png" in kinds
    printed = "".join(output.text for _, output in outputs(executed) if output.get("name") == "stdout")
    assert len(re.findall(r"\d\.\d", printed)) >= 20

"""``make gpu``: the torch functions on the GPU against the CPU, and the notebooks' torch parts on the GPU.

    python -m autograder.parity [--device cuda]

Prints and writes to ``parity/`` a table of the largest differences by function and dtype. Exit status: 0 all within
tolerance, or there is no such device and nothing was compared, which is said; 1 some are not.
"""

from __future__ import annotations

import csv
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import typer
from rich.console import Console
from rich.table import Table

from autograder import KIT
from autograder.parity.cases import FUNCTIONS, Function

OUT = Path("parity")
NUM_CASES = 100
TOLERANCE = {torch.float64: 1e-8, torch.float32: 1e-4}  # relative to the largest number of a result


@dataclass(frozen=True)
class Parity:
    """The comparison of one function in one dtype; ``worst`` is the largest difference, relative to a result's size."""

    function: str
    dtype: str
    cases: int
    worst: float
    tolerance: float
    cpu_seconds: float
    device_seconds: float

    @property
    def holds(self) -> bool:
        return self.cases > 0 and self.worst <= self.tolerance


def compare(function: Function, dtype: torch.dtype, device: str) -> Parity:
    """Carry out the calls of one function on the CPU and on ``device``."""
    worst, cases, seconds = 0.0, 0, [0.0, 0.0]
    for seed in range(NUM_CASES):
        compute = function.make(dtype, seed)
        if compute is None:
            continue
        results = []
        for side, place in enumerate(("cpu", device)):
            started = time.perf_counter()
            results.append(compute(place))
            seconds[side] += time.perf_counter() - started
        cases += 1
        for here, there in zip(*results, strict=True):
            scale = max(1.0, float(here.abs().max())) if here.numel() else 1.0
            worst = max(worst, float((here - there).abs().max()) / scale if here.numel() else 0.0)
    name = str(dtype).removeprefix("torch.")
    return Parity(function.name, name, cases, worst, TOLERANCE[dtype], *seconds)


def run_notebooks() -> list[str]:
    """Run the notebooks that use torch top to bottom, solutions filled in; return a sentence for each."""
    import nbformat
    from nbclient import NotebookClient

    sentences = []
    for path in sorted((KIT / "source" / "mbrl").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        if not any("import torch" in cell.source for cell in notebook.cells):
            continue
        started = time.monotonic()
        NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
        sentences.append(f"{path.stem} ran top to bottom in {time.monotonic() - started:.0f} seconds.")
    return sentences


def main(device: str = typer.Option("cuda", help="The device to compare with the CPU.")) -> None:
    """Compare the torch functions on DEVICE with the CPU."""
    if device.startswith("cuda") and not torch.cuda.is_available():
        print("There is no CUDA device on this machine: nothing was compared.")
        raise typer.Exit
    found = [compare(function, dtype, device) for function in FUNCTIONS for dtype in function.dtypes]
    OUT.mkdir(exist_ok=True)
    table = Table("function", "dtype", "calls", "largest difference", "tolerance", "CPU", device, "within")
    with open(OUT / "parity.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["function", "dtype", "calls", "largest difference", "tolerance", "cpu s", f"{device} s"])
        for each in found:
            row = [each.function, each.dtype, each.cases, f"{each.worst:.2g}", f"{each.tolerance:g}",
                   f"{each.cpu_seconds:.2f}", f"{each.device_seconds:.2f}"]  # fmt: skip
            writer.writerow(row)
            table.add_row(*map(str, row), "yes" if each.holds else "[red]NO[/]")
    Console().print(table)
    if device.startswith("cuda"):
        print(torch.cuda.get_device_name(device))
        for sentence in run_notebooks():
            print(sentence)
    sys.exit(0 if all(each.holds for each in found) else 1)


if __name__ == "__main__":
    typer.run(main)

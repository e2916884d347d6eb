"""What is measured: a handful of submissions as different as those of a class, all of the same notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course.release import ReleaseNotebook
from autograder.course.solutions import reference_cells
from autograder.grading.assembly import AssembledNotebook, SubmittedCell, assemble
from autograder.properties import known_mistakes
from tests.bank import CORRECT

WRONG = ("policy_iteration", "robust_value_iteration", "policy_gradient")  # no other reference calls them


@dataclass(frozen=True)
class Submission:
    """One submission of ``notebook``, as intake hands it to the judge."""

    name: str
    notebook: AssembledNotebook


def submissions(released: ReleaseNotebook) -> list[Submission]:
    """Return the reference solutions, mixtures of the bank, a half-done hand-in and two with mistakes."""
    names = released.functions
    reference = reference_cells(names)
    wrong = {name: _mistake(name, 0) for name in WRONG if name in names}
    return [
        _submission("reference solutions", released, reference),
        *(_submission(f"bank, mixture {k + 1}", released, _mixture(names, k)) for k in range(3)),
        _submission("half done", released, {name: reference[name] for name in names[: len(names) // 2]}),
        _submission(f"{len(wrong)} functions wrong", released, {**reference, **wrong}),
        _submission("every function wrong", released, {name: _mistake(name, 1) for name in names}),
    ]


def _submission(name: str, released: ReleaseNotebook, cells: Mapping[str, str]) -> Submission:
    handed_in = [SubmittedCell(cells.get(cell.cell_id, cell.source), cell.cell_id, "{}") for cell in released.cells]
    return Submission(name, assemble(released, handed_in))


def _mixture(names: list[str], number: int) -> dict[str, str]:
    """Return a correct solution from the bank for every function, another one for each ``number``."""
    choice = {name: [entry for entry in CORRECT if entry.exercise == name] for name in names}
    return {name: entries[number * len(entries) // 3].cell for name, entries in choice.items()}


def _mistake(name: str, number: int) -> str:
    return [entry for entry in known_mistakes(name) if entry.ends][number].cell

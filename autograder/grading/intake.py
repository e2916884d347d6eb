"""Intake: from files and folders that anybody could have written to notebooks that may be graded, and nothing else.

Nothing but ordinary files of notebooks is opened, and of them nothing but the cells is taken; the problems say what was
left out.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.course.release import Release, ReleaseNotebook
from autograder.grading.assembly import AssembledNotebook, SubmittedCell, assemble, claimed

MAX_FILE_BYTES = 100 * 2**20
MAX_SOURCE_BYTES = 2**20
MAX_CELLS = 2000
MAX_FILES = 2000
MAX_VALUES = 1_000_000  # in one file: each takes up to 150 bytes of memory, and some only two in the file
MAX_STRANGERS = 50  # notebooks under other names that are opened to see whether they are a missing one
MAX_NAMED = 8
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
KINDS = ("code", "markdown", "raw")
HARMLESS = re.compile(r"(^|/)(\.ipynb_checkpoints|__pycache__|\.git)(/|$)|(^|/)(timestamp\.txt|\.DS_Store|README\.md)$")


class IntakeError(Exception):
    """A file cannot be graded; the text is the sentence that the student reads."""


def read_cells(path: Path) -> list[SubmittedCell]:
    """Return the cells of a handed-in notebook file, or raise ``IntakeError``."""
    name = shown(path.name)
    notebook = _parse(_read_file(path), name)
    raw_cells = notebook.get("cells")
    if not isinstance(raw_cells, list):
        raise IntakeError(f"{name} is not a notebook: it has no list of cells.")
    if len(raw_cells) > MAX_CELLS:
        raise IntakeError(f"{name} has {len(raw_cells)} cells; at most {MAX_CELLS} are read.")
    cells = []
    for raw in raw_cells:
        if not isinstance(raw, dict) or raw.get("cell_type") not in KINDS:
            continue
        source = raw.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise IntakeError(f"{name} is not a valid notebook: a cell's source is no text.")
        if len(source) > MAX_SOURCE_BYTES:
            raise IntakeError(f"{name} has a cell of more than 1 MiB of source.")
        cells.append(claimed(raw, source.encode("utf-8", "replace").decode()))
    return cells


def _read_file(path: Path) -> str:
    name = shown(path.name)
    try:
        kind = os.lstat(path).st_mode
        if stat.S_ISLNK(kind):
            raise IntakeError(f"{name} is a symbolic link; the notebook itself has to be handed in.")
        if not stat.S_ISREG(kind):
            raise IntakeError(f"{name} is not an ordinary file.")
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            opened = os.fstat(descriptor)
            if not stat.S_ISREG(opened.st_mode):
                raise IntakeError(f"{name} is not an ordinary file.")
            if opened.st_size > MAX_FILE_BYTES:
                raise IntakeError(f"{name} is larger than {MAX_FILE_BYTES // 2**20} MiB; clear its outputs.")
            return file.read(MAX_FILE_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise IntakeError(f"{name} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise IntakeError(f"{name} is not a notebook: it is not UTF-8 text.") from None


def _parse(text: str, name: str) -> dict[str, Any]:
    if _count_values(text) > MAX_VALUES and _count_values(STRING.sub('""', text)) > MAX_VALUES:
        raise IntakeError(f"{name} holds more than {MAX_VALUES} values; clear its outputs.")
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else "it is not JSON"
        raise IntakeError(f"{name} is not a notebook: {reason}. Was the file cut off or edited by hand?") from None
    if not isinstance(notebook, dict):
        raise IntakeError(f"{name} is not a notebook: its JSON is no object.")
    version = notebook.get("nbformat")
    if type(version) is not int or not 1 <= version <= 4:
        given = shown(str(version)) if type(version) in (int, str, float) else "of no number"
        raise IntakeError(f"{name} is not a notebook of a known format (nbformat {given}).")
    if version < 4:
        try:
            return nbformat.convert(nbformat.from_dict(notebook), 4)
        except Exception as error:  # nbformat raises whatever the broken part happens to raise
            raise IntakeError(
                f"{name} is of an old format that cannot be converted ({type(error).__name__})."
            ) from None
    return notebook


def _count_values(text: str) -> int:
    """Return a bound on the number of JSON values; signs inside of strings count as well."""
    return sum(map(text.count, ",[{"))


@dataclass
class Submission:
    """One student's hand-in, ready to be judged."""

    student: str
    assignment: str
    notebooks: list[AssembledNotebook]
    problems: list[str]
    folder: Path | None = None


def take_in_folder(release: Release, folder: Path, student: str) -> Submission:
    """Take in a submission folder: every released notebook, found by name or, if renamed, by its cells."""
    problems: list[str] = []
    if not folder.is_dir() or folder.is_symlink():
        others = shown(", ".join(sorted(os.listdir(folder.parent)))) if folder.parent.is_dir() else ""
        hint = f" The folder holds: {others}." if others else ""
        problems.append(f"There is no folder {release.assignment!r} in this submission.{hint}")
        return Submission(student, release.assignment, [_empty(each) for each in release.notebooks.values()], problems)
    found = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    strangers = {name: path for name, path in found.items() if name not in release.notebooks}
    problems += _other_files(release, folder)
    notebooks = []
    for name, released in release.notebooks.items():
        path = found.get(name) or _renamed(released, strangers, problems)
        notebooks.append(take_in_notebook(released, path))
    for name in list(strangers)[:MAX_NAMED]:
        problems.append(f"{shown(name)}.ipynb is not part of the assignment and was not graded.")
    if len(strangers) > MAX_NAMED:
        problems.append(f"{len(strangers) - MAX_NAMED} more notebooks are not part of the assignment.")
    return Submission(student, release.assignment, notebooks, problems, folder)


def take_in_notebook(released: ReleaseNotebook, path: Path | None) -> AssembledNotebook:
    """Take in one notebook file; what cannot be read counts as an empty notebook, with the reason."""
    if path is None:
        assembled = _empty(released)
        assembled.problems = [f"{released.name}.ipynb is missing."]
        return assembled
    try:
        return assemble(released, read_cells(path))
    except IntakeError as error:
        assembled = _empty(released)
        assembled.problems = [str(error)]
        return assembled


def _empty(released: ReleaseNotebook) -> AssembledNotebook:
    return assemble(released, [])


def matching_release(release: Release, cells: Sequence[SubmittedCell]) -> ReleaseNotebook | None:
    """Return the released notebook to which most solution cells belong, or None."""
    claims = {cell.known_as for cell in cells}
    best = max(release.notebooks.values(), key=lambda each: len(claims & set(each.functions)))
    return best if len(claims & set(best.functions)) * 2 > len(best.functions) else None


def _renamed(released: ReleaseNotebook, strangers: dict[str, Path], problems: list[str]) -> Path | None:
    for name, path in list(strangers.items())[:MAX_STRANGERS]:
        with contextlib.suppress(IntakeError):
            claims = {cell.known_as for cell in read_cells(path)}
            if len(claims & set(released.functions)) * 2 > len(released.functions):
                problems.append(
                    f"{released.name}.ipynb is missing, but {shown(name)}.ipynb holds its cells: it was graded."
                )
                del strangers[name]
                return path
    return None


def _other_files(release: Release, folder: Path) -> list[str]:
    """Return sentences about files that are neither notebooks nor the release's own."""
    ignored = [name for name in _strange_files(release, folder) if not HARMLESS.search(name)]
    if not ignored:
        return []
    more = f" and {len(ignored) - MAX_NAMED} more" if len(ignored) > MAX_NAMED else ""
    listed = ", ".join(shown(name) for name in ignored[:MAX_NAMED])
    return [f"Only the notebooks' cells are graded; these files were not used: {listed}{more}."]


def _strange_files(release: Release, folder: Path) -> Iterator[str]:
    seen = 0
    for base, folders, files in os.walk(folder, followlinks=False):
        folders[:] = [name for name in sorted(folders) if not HARMLESS.search(name)]
        for name in sorted(files) + [each for each in folders if os.path.islink(os.path.join(base, each))]:
            seen += 1
            if seen > MAX_FILES:
                return
            path = Path(base, name)
            relative = path.relative_to(folder)
            if relative.suffix == ".ipynb" and relative.parent == Path("."):
                continue
            if not _same_file(path, release.folder / relative):
                yield str(relative)


def _same_file(path: Path, released: Path) -> bool:
    """Whether an ordinary file is byte for byte the release's; anything else is opened by nobody."""
    if path.is_symlink() or not path.is_file() or not released.is_file():
        return False
    return path.stat().st_size == released.stat().st_size and path.read_bytes() == released.read_bytes()


UNFIT_FOR_NAMES = '< > " \\ or what cannot be printed'


def fit_for_pages(name: str) -> bool:
    """Whether a student's name is safe in nbgrader's pages, which put it into their markup and scripts as it is."""
    return name.isprintable() and not set(name) & set('<>"\\')


def shown(text: str, limit: int = 80) -> str:
    """Return a name as it may stand in a sentence: printable and short."""
    text = text[: 4 * limit]
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"

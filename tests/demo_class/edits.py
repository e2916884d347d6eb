"""What students do to a notebook file and its folder besides writing cells, as steps in ``edit.json``.

Each step is an object whose ``do`` names a function below and whose other entries are its arguments.
"""

from __future__ import annotations

import copy
import io
import json
import os
import shutil
import tarfile
import zipfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import nbformat

MEBIBYTE = 2**20


def apply(folder: Path, notebook: str, step: dict[str, Any]) -> None:
    """Carry out one step on the hand-in in ``folder``."""
    arguments = {key: value for key, value in step.items() if key != "do"}
    name = step["do"].replace(" ", "_")
    if name in ON_NOTEBOOK:
        path = folder / f"{notebook}.ipynb"
        content = json.loads(path.read_text("utf-8"))
        content = ON_NOTEBOOK[name](content, **arguments) or content
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    else:
        ON_FOLDER[name](folder, **arguments)


def name_of(cell: dict[str, Any]) -> str:
    """Return a cell's nbgrader id, else its notebook id."""
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") or cell.get("id", "")


def new_code_cell(cell_id: str, source: str) -> dict[str, Any]:
    """Return a code cell without outputs."""
    return {
        "cell_type": "code", "id": cell_id, "metadata": {}, "execution_count": None, "outputs": [], "source": source
    }  # fmt: skip


def _matching(notebook: dict[str, Any], cells: str) -> list[dict[str, Any]]:
    return [each for each in notebook["cells"] if fnmatch(name_of(each), cells) and each["cell_type"] == "code"]


def drop(notebook: dict[str, Any], cells: str) -> None:
    """Delete the code cells whose names match."""
    dropped = _matching(notebook, cells)
    notebook["cells"] = [each for each in notebook["cells"] if each not in dropped]


def duplicate(notebook: dict[str, Any], cells: str, source: str | None = None) -> None:
    """Copy the matching cells to the end of the notebook, ids and all, perhaps with another source."""
    for cell in _matching(notebook, cells):
        twin = copy.deepcopy(cell)
        twin["source"] = cell["source"] if source is None else source
        notebook["cells"].append(twin)


def rewrite(notebook: dict[str, Any], cells: str, source: str) -> None:
    """Give the matching cells another source; ``{function}`` stands for the exercise's name."""
    for cell in _matching(notebook, cells):
        cell["source"] = source.replace("{function}", name_of(cell).removeprefix("test_"))


def mark(notebook: dict[str, Any], cells: str, marks: dict[str, Any] | None = None, **metadata: Any) -> None:
    """Change the nbgrader marks of the matching cells, and their other metadata."""
    for cell in _matching(notebook, cells):
        cell["metadata"].setdefault("nbgrader", {}).update(marks or {})
        cell["metadata"].update(metadata)


def strip_metadata(notebook: dict[str, Any], ids: bool = False) -> None:
    """Remove all metadata, and the cells' ids as well if so asked, as some editors and converters do."""
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        if ids:
            cell.pop("id", None)
    if ids:
        notebook["nbformat_minor"] = 4


def add_outputs(notebook: dict[str, Any], mebibytes: int) -> None:
    """Let the first code cell have printed that much."""
    cell = next(each for each in notebook["cells"] if each["cell_type"] == "code")
    text = ("x" * 63 + "\n") * (mebibytes * MEBIBYTE // 64)
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]


def convert(notebook: dict[str, Any], version: int) -> dict[str, Any]:
    """Save the notebook in an older format."""
    return nbformat.reads(json.dumps(notebook), version)


def show(notebook: dict[str, Any], cells: str, outputs: list[dict[str, Any]]) -> None:
    """Give the matching cells outputs of any kind."""
    for cell in _matching(notebook, cells):
        cell["outputs"] = outputs


def add_markdown(notebook: dict[str, Any], source: str, attachments: dict[str, Any] | None = None) -> None:
    """Put a text cell at the top."""
    cell = {"cell_type": "markdown", "id": "own-text", "metadata": {}, "source": source}
    notebook["cells"].insert(0, {**cell, "attachments": attachments} if attachments else cell)


def set_key(notebook: dict[str, Any], key: str, value: Any) -> None:
    """Change one entry of the notebook itself."""
    notebook[key] = value


def multiply(notebook: dict[str, Any], source: str, times: int) -> None:
    """Add so many code cells; ``{number}`` in their source counts them."""
    for number in range(times):
        source_of_one = source.replace("{number}", str(number))
        notebook["cells"].append(new_code_cell(f"many-{number}", source_of_one))


def cut(folder: Path, name: str, keep: float) -> None:
    """Keep only the first part of a file."""
    text = (folder / name).read_text("utf-8")
    (folder / name).write_text(text[: int(len(text) * keep)], "utf-8")


def remove(folder: Path, name: str) -> None:
    """Delete a file."""
    (folder / name).unlink()


def rename(folder: Path, name: str, to: str) -> None:
    """Rename a file or, with the name ".", the whole folder."""
    (folder / name).resolve().rename(folder.parent / to if name == "." else folder / to)


def write(folder: Path, name: str, text: str, times: int = 1) -> None:
    """Write a file."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text * times, "utf-8")


def write_bytes(folder: Path, name: str, data: str, times: int = 1, end: str = "") -> None:
    """Write a file of any bytes, given as hexadecimal digits."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(bytes.fromhex(data) * times + bytes.fromhex(end))


def replace(folder: Path, name: str, old: str, new: str, times: int = 1) -> None:
    """Replace the first occurrence of a text in a file by another text, so many times in a row."""
    text = (folder / name).read_text("utf-8")
    if old not in text:
        raise ValueError(f"{name} holds no {old!r}")
    (folder / name).write_text(text.replace(old, new * times, 1), "utf-8")


def litter(folder: Path, name: str, times: int, text: str = "") -> None:
    """Write so many files; ``{number}`` in the name counts them."""
    for number in range(times):
        write(folder, name.replace("{number}", str(number)), text)


def make_folder(folder: Path, name: str) -> None:
    """Put a folder in the place of ``name``."""
    _make_room(folder / name).mkdir(parents=True)


def hard_link(folder: Path, name: str, to: str) -> None:
    """Let ``name`` be another name of the file ``to``."""
    os.link(to, _make_room(folder / name))


def archive(folder: Path, name: str, members: dict[str, str], times: int = 1) -> None:
    """Write a .zip or .tar.gz whose members have any names and contents, repeated so many times."""
    data = {member: (text * times).encode() for member, text in members.items()}
    if name.endswith(".zip"):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as zipped:
            for member, content in data.items():
                zipped.writestr(member, content)
        return
    with tarfile.open(folder / name, "w:gz") as tarred:
        for member, content in data.items():
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            tarred.addfile(entry, io.BytesIO(content))


def symlink(folder: Path, name: str, to: str) -> None:
    """Put a symbolic link in the place of ``name``; with the name ".", of the whole folder."""
    path = _make_room(folder / name)
    path.symlink_to(to)


def fifo(folder: Path, name: str) -> None:
    """Put a named pipe in the place of ``name``: who opens it for reading waits for ever."""
    os.mkfifo(_make_room(folder / name))


def _make_room(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return path


ON_NOTEBOOK = {
    each.__name__: each
    for each in (drop, duplicate, rewrite, mark, strip_metadata, add_outputs, show, add_markdown, set_key, multiply,
                 convert)
}  # fmt: skip
ON_FOLDER = {
    each.__name__: each
    for each in (cut, remove, rename, write, write_bytes, replace, litter, make_folder, hard_link, archive, symlink,
                 fifo)
}  # fmt: skip

"""Reference solutions as notebook cells: signature and docstring kept, the body between nbgrader's markers."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterable
from types import FunctionType

import solutions

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def reference_functions() -> dict[str, FunctionType]:
    """Return every public reference function under its name."""
    found = {}
    for module_info in pkgutil.iter_modules(solutions.__path__):
        module = importlib.import_module(f"solutions.{module_info.name}")
        for name, value in vars(module).items():
            if isinstance(value, FunctionType) and value.__module__ == module.__name__ and not name.startswith("_"):
                found[name] = value
    return found


def reference_cells(names: Iterable[str]) -> dict[str, str]:
    """Return the source of each reference function as the source cell of the same name."""
    functions = reference_functions()
    return {name: as_cell(inspect.getsource(functions[name])) for name in names}


def as_cell(source: str) -> str:
    """Put nbgrader's markers around a function's body, below its docstring."""
    start = _first_body_line(source)
    lines = source.rstrip().splitlines()
    indent = " " * 4
    return "\n".join([*lines[: start - 1], indent + BEGIN, *lines[start - 1 :], indent + END])


def body_lines(source: str) -> list[str]:
    """Return the lines of a function's body, docstring left out, without indentation."""
    lines = textwrap.dedent(source).rstrip().splitlines()
    return [line.strip() for line in lines[_first_body_line(source) - 1 :] if line.strip()]


def _first_body_line(source: str) -> int:
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    documented = ast.get_docstring(function) is not None
    return (function.body[0].end_lineno or 0) + 1 if documented else function.body[0].lineno

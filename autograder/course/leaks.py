"""What must never be in a release: a telling line of a solution's body or of a hidden check."""

from __future__ import annotations

import ast
import inspect
import json
import re
from functools import cache
from pathlib import Path

from autograder.course.solutions import body_lines, reference_functions
from autograder.properties import HIDDEN, MODULES, shared

SHORTEST_SOLUTION_LINE = 20  # without spaces; shorter lines ("return V, policy") tell nothing
SHORTEST_CHECK_LINE = 30
# What says nothing about an algorithm or an expected value: validation, imports, the call under test itself, short
# heads of loops and branches, and what every program has.
COMMON = re.compile(
    r"^(.*=)?validate\.|^\W*$|^from|^import|^raise|^#"
    r"|^\w+=(array|tensor|f\.|np\.random\.default_rng)|^[\w,]+=[\w.]+\.shape$"
    r"|^(for|if|with|while).{,36}:$|^return[\w,]+$|^\w+\+=\w+$|^\w+\.append\(\w+\)$|^optimizer\."
    r"|^\w+=np\.(zeros|empty|arange|ones)\([\w(),]*\)$"
)
PUBLIC_CHECKS = "exercises"  # what stands in there is public on purpose, also where a hidden check says it again


def find_leaks(folder: Path) -> list[str]:
    """Return a sentence for each telling line found in the text files and notebooks under ``folder``."""
    telling = _telling_lines()
    leaks = []
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".ipynb", ".py", ".md", ".txt", ".csv", ".json"):
            text = _squeeze(_text(path))
            for line, owner in telling.items():
                if line in text and not (path.parent.name == PUBLIC_CHECKS and owner.startswith("the hidden check")):
                    leaks.append(f"{path.relative_to(folder)} gives away a line of {owner}.")
    return leaks


@cache
def _telling_lines() -> dict[str, str]:
    telling: dict[str, str] = {}
    for name, function in reference_functions().items():
        lines = [line for line in map(_squeeze, body_lines(inspect.getsource(function))) if not COMMON.match(line)]
        for line in lines:
            if len(line) >= SHORTEST_SOLUTION_LINE or line == max(lines, key=len):
                telling[line] = f"the solution of {name}"
    for exercise in HIDDEN.values():
        for prop in exercise.properties:
            telling[_squeeze(prop.sentence)] = f"the hidden property {prop.name}"
    for module in (shared, *(each for each in MODULES if not hasattr(each, "mistakes"))):
        for function in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(function, ast.FunctionDef):
                for line in map(_squeeze, body_lines(ast.unparse(function)) if function.body else []):
                    if len(line) >= SHORTEST_CHECK_LINE and not COMMON.match(line):
                        telling.setdefault(line, f"the hidden check {function.name}")
    return telling


def _text(path: Path) -> str:
    text = path.read_text(errors="replace")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n".join("".join(cell["source"]) + json.dumps(cell.get("outputs", [])) for cell in cells)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text).replace("'", '"')

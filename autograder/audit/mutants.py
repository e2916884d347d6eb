"""Automatic mutants of the reference solutions, made with cosmic-ray's operators.

Lines that validate input are left alone, for no check feeds invalid input; so are replacements by bit operators, which
raise on every float and would only flatter the score.
"""

from __future__ import annotations

import difflib
import inspect
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from autograder.properties import reference

BIT_OPERATOR = re.compile(r"_(BitOr|BitAnd|BitXor|RShift|LShift)$|Unary\w*Invert$")
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")


@dataclass(frozen=True)
class Mutant:
    """A changed reference solution: ``before`` and ``after`` are the line that differs."""

    exercise: str
    before: str
    after: str
    cell: str


@cache
def mutants_of(name: str) -> tuple[Mutant, ...]:
    """Return every different mutant of the reference solution of ``name``."""
    source = inspect.getsource(reference(name))
    found: dict[str, Mutant] = {}
    for operator_name in sorted(operator_names()):
        if BIT_OPERATOR.search(operator_name) or "Variable" in operator_name:
            continue
        operator, occurrence = get_operator(operator_name)(), 0
        while (mutated := mutate_code(source, operator, occurrence)) is not None:
            occurrence += 1
            changed = _changed_line(source, mutated)
            if changed and "validate." not in changed[0] and _compiles(mutated):
                found.setdefault(mutated, Mutant(name, *changed, mutated))
    return tuple(found.values())


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _changed_line(source: str, mutated: str) -> tuple[str, str] | None:
    lines = list(difflib.unified_diff(source.splitlines(), mutated.splitlines(), n=0, lineterm=""))[3:]
    before = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    after = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return (before, after) if before != after else None


def equivalence(mutant: Mutant) -> str:
    """Return the written reason why a mutant does what the reference does, or an empty string."""
    for entry in tomllib.loads(EQUIVALENT.read_text()).get("mutant", []):
        if mutant.exercise in entry["exercises"] and covers(entry, mutant):
            return entry["reason"]
    return ""


def covers(entry: dict, mutant: Mutant) -> bool:
    """Return whether an entry of the list of equivalent mutants is about this one."""
    return mutant.after in entry.get("after", ()) or bool(re.fullmatch(entry.get("pattern", "(?!)"), mutant.after))

"""Inputs in words and numbers: what a student reads as the smallest counterexample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

LARGEST_LISTING = 40  # state-action pairs of a model that are spelled out before the rest is summed up


def describe_case(case: Mapping[str, Any]) -> str:
    """Return the inputs of one trial, a line each; tabular models are told as transitions."""
    lines: list[str] = []
    for name, value in case.items():
        if name == "P" and np.ndim(value) == 3:
            lines += _describe_model(np.asarray(value), case.get("R"))
        elif name == "P" and np.ndim(value) == 4:
            rewards = case.get("R")
            for member, P in enumerate(np.asarray(value)):
                lines.append(f"model {member}:")
                lines += ["  " + line for line in _describe_model(P, None if rewards is None else rewards[member])]
        elif name == "R" and "P" in case:
            continue  # told together with the transitions
        else:
            lines.append(f"{name} = {describe_value(value)}")
    return "\n".join(lines)


def describe_value(value: Any) -> str:
    """Return a value as a person would write it down."""
    if isinstance(value, (bool, int, str)) or value is None:
        return repr(value)
    if isinstance(value, (float, np.generic)):
        return _number(value)
    try:
        array = np.asarray(value)
    except ValueError:  # parts of several shapes
        return f"[{', '.join(describe_value(each).replace(chr(10), ' ') for each in value)}]"
    if array.dtype == object:
        return repr(value)
    if array.size > 400:
        return f"an array of shape {array.shape}"
    return np.array2string(array, separator=", ", formatter={"float_kind": _number}, max_line_width=110)


def _describe_model(P: np.ndarray, R: Any) -> list[str]:
    num_states, num_actions = P.shape[:2]
    lines = [f"{_count(num_states, 'state')}, {_count(num_actions, 'action')}"]
    pairs = [(s, a) for s in range(num_states) for a in range(num_actions)]
    for s, a in pairs[:LARGEST_LISTING]:
        reward = f"reward {_number(np.asarray(R)[s, a])}, " if R is not None else ""
        targets = np.flatnonzero(P[s, a])
        if len(targets) == 1:
            goes = f"to state {targets[0]}"
        else:
            goes = ", ".join(f"to state {t} with probability {_number(P[s, a, t])}" for t in targets)
        lines.append(f"  state {s}, action {a}: {reward}{goes}")
    if len(pairs) > LARGEST_LISTING:
        lines.append(f"  … and {len(pairs) - LARGEST_LISTING} more state-action pairs")
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _number(value: Any) -> str:
    return f"{float(value):.6g}"

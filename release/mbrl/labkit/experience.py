"""Problem generators for models learnt from experience: transitions and tables of counts, of small whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st


@st.composite
def experience(
    draw: st.DrawFn,
    max_states: int = 4,
    max_actions: int = 3,
    lengths: st.SearchStrategy[int] = st.integers(0, 6),  # noqa: B008  a strategy is a value
) -> dict[str, Any]:
    """Experienced transitions: the arguments of ``count_transitions``, as a dict."""
    num_states, num_actions = draw(st.integers(1, max_states)), draw(st.integers(1, max_actions))
    length = draw(lengths)

    def numbers(low: int, high: int, dtype: type) -> np.ndarray:
        return np.array(draw(st.lists(st.integers(low, high), min_size=length, max_size=length)), dtype=dtype)

    return {
        "states": numbers(0, num_states - 1, np.int64),
        "actions": numbers(0, num_actions - 1, np.int64),
        "rewards": numbers(-3, 3, np.float64),
        "next_states": numbers(0, num_states - 1, np.int64),
        "num_states": num_states,
        "num_actions": num_actions,
    }


@st.composite
def tables(draw: st.DrawFn, max_states: int = 3, max_actions: int = 3) -> dict[str, np.ndarray]:
    """Tables of experience: dict of ``counts (S, A, S)`` and ``reward_sums (S, A)``; some pairs were never tried."""
    num_states, num_actions = draw(st.integers(1, max_states)), draw(st.integers(1, max_actions))
    size = num_states * num_actions
    counts = np.array(draw(st.lists(st.integers(0, 3), min_size=size * num_states, max_size=size * num_states)))
    counts = counts.reshape(num_states, num_actions, num_states).astype(np.float64)
    for s in range(num_states):
        for a in range(num_actions):
            if draw(st.integers(0, 3)) == 1:
                counts[s, a] = 0.0
    sums = np.array(draw(st.lists(st.integers(-4, 4), min_size=size, max_size=size)), dtype=np.float64)
    return {"counts": counts, "reward_sums": np.where(counts.sum(axis=2) > 0, sums.reshape(counts.shape[:2]), 0.0)}

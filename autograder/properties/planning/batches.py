"""Hidden properties of value iteration on batches, which runs on the device of its inputs."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from autograder.properties.planning.common import NOTEBOOK, RELATIVE, any_discount, any_ensemble, remember
from autograder.properties.shared import hidden
from labkit.problems import random_ensembles, with_inputs
from labkit.properties import Exercise
from labkit.results import expect_close, expect_on_accelerator, tensor

batched_value_iteration = Exercise("batched_value_iteration", NOTEBOOK)


def _batch(case, dtype):
    import torch

    return {
        "P": torch.tensor(case["P"], dtype=getattr(torch, dtype)),
        "R": torch.tensor(case["R"], dtype=getattr(torch, dtype)),
    }


def _expect_sweeps(V, P, R, gamma, num_iterations):
    P, R = P.double().numpy(), R.double().numpy()
    expected = _after_sweeps(P, R, gamma, num_iterations)
    relative = RELATIVE if str(V.dtype).endswith("float64") else 1e-4
    # Each problem of the batch by its own size: a small one must not hide behind a large one.
    for b in range(len(expected)):
        slack = relative * max(np.abs(expected[b]).max(), np.abs(R[b]).max()) + 1e-300
        expect_close(V[b].double().numpy(), expected[b], f"V[{b}]", slack, f"after {num_iterations} sweeps")


@remember
def _after_sweeps(P, R, gamma, num_iterations):
    expected = np.zeros(R.shape[:2])
    for _ in range(num_iterations):
        expected = np.stack(
            [(R_b + gamma * P_b @ V_b).max(axis=1) for P_b, R_b, V_b in zip(P, R, expected, strict=True)]
        )
    return expected


@batched_value_iteration.property(
    "V is the result of exactly num_iterations synchronous sweeps from 0, in double and single precision.",
    cases=with_inputs(
        st.builds(_batch, any_ensemble, st.sampled_from(["float64", "float32"])),
        gamma=any_discount,
        num_iterations=st.sampled_from([2, 1, 3, 0, 5, 8]),
    ),
    **hidden(weight=2, trials=120),
)
def exact_number_of_sweeps(f, P, R, gamma, num_iterations):
    V = tensor(f(P, R, gamma, num_iterations), tuple(R.shape[:2]), R, "V")
    _expect_sweeps(V, P, R, gamma, num_iterations)


@batched_value_iteration.property(
    "Many sweeps with gamma close to 1 are all carried out.",
    cases=with_inputs(
        st.builds(_batch, random_ensembles(max_members=3, max_states=4, max_actions=3), st.just("float64")),
        sweeps=st.sampled_from([(0.9, 40), (0.99, 1200), (0.95, 120), (0.99, 333)]),
    ),
    **hidden(weight=1, trials=15),
)
def many_sweeps(f, P, R, sweeps):
    gamma, num_iterations = sweeps
    V = tensor(f(P, R, gamma, num_iterations), tuple(R.shape[:2]), R, "V")
    _expect_sweeps(V, P, R, gamma, num_iterations)


@batched_value_iteration.property(
    "On an accelerator the sweeps give the same numbers, on the inputs' device and without reading a value back.",
    cases=with_inputs(
        st.builds(_batch, random_ensembles(max_members=4), st.sampled_from(["float64", "float32"])),
        gamma=any_discount,
        num_iterations=st.sampled_from([3, 1, 6, 0]),
    ),
    **hidden(weight=2, trials=12),
)
def same_on_the_device(f, P, R, gamma, num_iterations):
    seen = f.on_accelerator(P, R, gamma, num_iterations)
    expect_on_accelerator(seen)
    V = tensor(seen["result"], tuple(R.shape[:2]), R, "V on the accelerator")
    _expect_sweeps(V, P, R, gamma, num_iterations)

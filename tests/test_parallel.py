"""Work is spread over processes without changing what comes out of it."""

from __future__ import annotations

import os

import pytest

from labkit import parallel
from labkit.parallel import spread


@pytest.mark.parametrize("workers", [1, 2])
def test_every_call_is_done_once_and_knows_its_number(workers):
    offset = 10

    def task(a, b):  # not importable by name, as in a notebook
        return a * b + offset

    arguments = [(a, 2) for a in range(5)]
    assert sorted(spread(task, arguments, workers)) == [(a, 2 * a + 10) for a in range(5)]


def test_other_processes_do_the_work():
    assert os.getpid() not in dict(spread(os.getpid, [(), ()], 2)).values()
    assert set(dict(spread(os.getpid, [(), ()], 1)).values()) == {os.getpid()}


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_the_task_arrives(workers):
    with pytest.raises(ZeroDivisionError):
        list(spread(lambda x: 1 // x, [(1,), (0,), (2,)], workers))


def test_where_processes_die_the_rest_runs_here(capsys):
    here = os.getpid()

    def task(x):
        if os.getpid() != here:
            os._exit(1)
        return x

    assert sorted(spread(task, [(1,), (2,), (3,)], 2)) == [(0, 1), (1, 2), (2, 3)]
    assert "No further processes" in capsys.readouterr().out


def test_no_workers_are_a_mistake():
    with pytest.raises(ValueError, match="at least 1, but it is 0"):
        list(spread(abs, [(1,)], 0))
    assert parallel.available_cores() >= 1

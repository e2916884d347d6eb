"""A busy machine costs no points, and code that sleeps or competes with itself gains no time by it."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.harden import regrade
from autograder.judge import patience as patience_module
from autograder.judge.conversation import Conversation, StudentFunction
from autograder.judge.notebook import NotebookPlan
from autograder.judge.patience import LONGEST, Patience, Used, share_lost, usage
from autograder.sandbox.cage import Cage
from labkit.properties import Unanswered
from tests.conftest import QUICK
from tests.demo_class.build import Scenario, build_hand_in

LIMIT = 2.0
WORK = """
import time
def work(seconds):
    while time.process_time() < work.start + seconds: pass
    return 1
work.start = time.process_time()
def nap(seconds): time.sleep(seconds); return 1
def compete(seconds):
    import os
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            while True: pass
        children.append(child)
    time.sleep(seconds)
    return 1
"""


@pytest.mark.parametrize(
    ("spent", "passed", "lost"),
    [
        ([(10.0, 0.0)], 10.0, 0.0),  # alone on its core
        ([(0.0, 0.0)], 10.0, 0.0),  # asleep
        ([(3.0, 7.0)], 10.0, 7.0),  # one of three on its core
        ([(3.0, 5.0), (1.0, 1.0)], 10.0, 5.0),  # the judge answered a callback meanwhile
        ([(0.0, 9.0), (5.0, 5.0), (5.0, 5.0)], 10.0, 0.0),  # it waited for processes of its own
        ([], 10.0, 0.0),  # the kernel says nothing
    ],
)
def test_only_what_went_to_others_while_it_was_ready_is_lost(spent, passed, lost):
    before = {number: Used(1.0, 2.0, 5.0 + number) for number in range(len(spent))}  # reading takes its time
    now = {
        number: Used(1.0 + on_core, 2.0 + waiting, 5.0 + number + passed)
        for number, (on_core, waiting) in enumerate(spent)
    }
    assert passed * share_lost(before, now) == pytest.approx(lost)


def test_a_process_that_began_meanwhile_counts_from_its_beginning():
    before, now = {1: Used(0.0, 0.0, 10.0)}, {1: Used(0.0, 0.0, 18.0), 2: Used(1.0, 6.0, 18.0)}
    assert 8.0 * share_lost(before, now) == pytest.approx(6.0)


def test_a_reader_that_was_kept_waiting_itself_misjudges_nobody():
    """The first look came late for one process: what is compared is what it used between the two looks at it."""
    before, now = {1: Used(0.0, 0.0, 0.0), 2: Used(0.5, 1.5, 2.0)}, {1: Used(0.0, 0.0, 4.0), 2: Used(1.0, 3.0, 4.0)}
    assert share_lost(before, now) == pytest.approx(0.75)


def test_the_kernel_tells_what_a_process_used():
    if not Path("/proc/self/schedstat").exists():
        pytest.skip("this kernel does not say how long a process waited; the wall clock alone decides")
    before = usage([os.getpid()])[os.getpid()]
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    after = usage([os.getpid()])[os.getpid()]
    assert 0.2 < after.on_core - before.on_core < 1.0
    assert usage([2**22 + 1]) == {}


def test_without_news_of_the_kernel_the_limit_is_the_wall_clock():
    patience = Patience(0.5, lambda: [])
    while patience.left() > 0:
        time.sleep(0.01)
    assert 0.5 <= patience.passed < 1.5
    assert patience.lost == 0


def test_a_judge_that_was_kept_from_looking_at_all_gives_the_time_back():
    patience = Patience(1.0, lambda: [])
    time.sleep(1.5)
    assert patience.left() > 0
    while patience.left() > 0:
        time.sleep(0.01)
    assert 1.5 < patience.passed < 3.0


def test_the_last_moment_is_no_verdict_before_the_kernel_was_asked_again(monkeypatch):
    """Code that gets a third of its core is asked about at every moment, so also just before a limit is reached."""
    clock = [100.0]
    monkeypatch.setattr(patience_module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(patience_module, "usage", lambda _: {1: Used(clock[0] / 3, 2 * clock[0] / 3, clock[0])})
    patience = Patience(LIMIT, lambda: [1])
    while patience.left() > 0:
        clock[0] += 0.001
    assert patience.passed == pytest.approx(3 * LIMIT, rel=0.05)


@pytest.fixture(scope="module")
def slow_cage(release):
    with Cage(release.support, limits=replace(QUICK, call_seconds=LIMIT)) as cage:
        yield cage


@pytest.fixture
def on_one_core(slow_cage):
    """Pin the cage and this process to one core, as a judge and its cage are; give the conversation with a box."""
    before = os.sched_getaffinity(0)
    core = {min(before)}
    os.sched_setaffinity(0, core)
    for process in slow_cage.processes():
        os.sched_setaffinity(process.pid, core)
    with slow_cage.box() as box:
        conversation = Conversation(box, slow_cage.limits)
        conversation.fork()
        assert not conversation.run_cell(WORK)["error"]
        yield conversation
    os.sched_setaffinity(0, before)


def timed(conversation, name, seconds):
    """Call a function; return whether it was answered, and the seconds it took."""
    started, sentence = time.monotonic(), ""
    try:
        answered = StudentFunction(name, lambda: conversation)(seconds) == 1
    except Unanswered as silence:
        answered, sentence = False, silence.sentence
    assert answered or "within 2 seconds" in sentence
    return answered, time.monotonic() - started


@pytest.mark.slow
def test_correct_code_has_its_time_also_while_others_want_the_core(on_one_core):
    with regrade.busy_cores(2):
        answered, seconds = timed(on_one_core, "work", 0.8 * LIMIT)
    assert answered
    assert seconds > 1.1 * LIMIT, "the core was not busy, so this test showed nothing"
    assert on_one_core.lost > 0


@pytest.mark.slow
def test_an_endless_loop_ends_on_a_busy_machine_too(on_one_core):
    with regrade.busy_cores(2):
        answered, seconds = timed(on_one_core, "work", 1e9)
    assert not answered
    assert seconds < LONGEST * LIMIT + 2


@pytest.mark.slow
def test_code_that_sleeps_gains_nothing_by_a_busy_machine(on_one_core):
    with regrade.busy_cores(2):
        answered, seconds = timed(on_one_core, "nap", 60)
    assert not answered
    assert seconds < 3 * LIMIT


@pytest.mark.slow
def test_code_that_keeps_the_core_busy_itself_gains_nothing(on_one_core):
    answered, seconds = timed(on_one_core, "compete", 60)
    assert not answered
    assert seconds < LONGEST * LIMIT


# A small class, again and again


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_grades_stay_in_any_order_with_one_job_or_two_on_an_idle_or_a_busy_machine(release, tmp_path):
    names = ("syntax-error", "kills-its-process")
    for name in names:
        build_hand_in(Scenario(name), tmp_path / "submitted" / Scenario(name).student)
    plans = regrade.distinct_plans(release, tmp_path / "submitted")
    plans = {name: plan for name, plan in plans.items() if name.endswith("02_planning")}
    assert len(plans) == len(names)
    assert all(isinstance(plan, NotebookPlan) for plan in plans.values())
    *_, seen = regrade.regrade(release, plans, [(1, False), (2, True)], 2, lambda *_: None, seed=5)
    assert seen.rounds == 2
    assert seen.judged == 2 * len(plans)
    assert seen.changes == []

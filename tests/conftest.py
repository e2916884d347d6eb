"""What several test files share: the release, warm cages, and short ways to judge a few cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from hypothesis import settings

import autograder
from autograder.course.build import SOURCE
from autograder.course.release import Release, ReleaseNotebook, read_notebook, read_release
from autograder.course.solutions import reference_functions
from autograder.grading.assembly import assemble, claimed
from autograder.grading.workers import Settings
from autograder.judge.conversation import Conversation
from autograder.judge.notebook import NotebookPlan, Step, judge_notebook
from autograder.judge.results import NotebookResult
from autograder.sandbox.cage import TIERS, Box, Cage, CageError
from autograder.sandbox.doctor import choose_tier
from autograder.sandbox.limits import MIB, Limits

collect_ignore = ["hostile", "demo_class"]  # what students handed in is data

# The same examples in every run, and no stopwatch: a busy machine must not turn a test red.
settings.register_profile("kit", deadline=None, derandomize=True, database=None)
settings.load_profile("kit")

QUICK = Limits(
    call_seconds=3,
    cell_seconds=6,
    notebook_seconds=60,
    memory_bytes=512 * MIB,
    processes=24,
    open_files=64,
    file_bytes=1 * MIB,
    scratch_bytes=8 * MIB,
    output_bytes=5000,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that may take longest, so that none of them is left over for one process at the end."""
    seconds: dict[Path, float] = {}
    for item in items:
        limit, slow = item.get_closest_marker("timeout"), item.get_closest_marker("slow")
        seconds[item.path] = max(seconds.get(item.path, 0.0), limit.args[0] if limit else 1.0 if slow else 0.0)
    items.sort(key=lambda item: seconds[item.path], reverse=True)


@pytest.fixture(scope="session")
def release() -> Release:
    """The kit's committed release."""
    assert autograder.KIT.is_dir()
    return read_release()


@pytest.fixture(scope="session")
def planning(release: Release) -> ReleaseNotebook:
    """The released notebook of unit 2."""
    return release.notebooks["02_planning"]


@pytest.fixture(scope="session")
def solved_plan(planning: ReleaseNotebook) -> NotebookPlan:
    """The plan of a hand-in that holds the reference solutions."""
    source = read_notebook(SOURCE / "02_planning.ipynb")
    cells = [claimed(cell.node) for cell in source.cells if cell.node.cell_type == "code"]
    return assemble(planning, cells).plan


@pytest.fixture
def solved_notebook(planning: ReleaseNotebook) -> nbformat.NotebookNode:
    """The released notebook with the reference solutions written into its stubs; a fresh copy for each test."""
    node = nbformat.from_dict(planning.node)
    functions = {cell.cell_id for cell in planning.cells if cell.kind == "solution"}
    source = {cell.cell_id: cell.source for cell in read_notebook(SOURCE / "02_planning.ipynb").cells}
    for cell in node.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in functions:
            cell.source = source[name]
    assert functions <= set(reference_functions())
    return node


@pytest.fixture(scope="session")
def cage(release: Release) -> Iterator[Cage]:
    """A warm cage with everything that the released notebooks import and the limits that grading uses."""
    with Settings(release, tier=choose_tier(release.support)).cage() as warm:
        yield warm


@pytest.fixture(scope="session", params=TIERS)
def tier(request: pytest.FixtureRequest, release: Release) -> str:
    """Each tier in turn; one that this machine does not have is skipped, with its reason."""
    try:
        with Cage(release.support, limits=QUICK, tier=request.param) as probe:
            probe.box().kill()
    except CageError as error:
        pytest.skip(f"tier {request.param}: {error}")
    return request.param


@pytest.fixture(scope="session")
def quick_cage(release: Release, tier: str) -> Iterator[Cage]:
    """A cage of each tier that imports nothing beforehand and has small limits."""
    with Cage(release.support, limits=QUICK, tier=tier) as bare:
        yield bare


@pytest.fixture
def box(quick_cage: Cage) -> Iterator[Box]:
    """A fresh box of the quick cage."""
    with quick_cage.box() as fresh:
        yield fresh


@pytest.fixture
def talk(quick_cage: Cage) -> Iterator[Callable[[str], Conversation]]:
    """Call it with the source of a cell to get a conversation with a fresh worker that has run it."""
    boxes: list[Box] = []

    def begin(source: str) -> Conversation:
        boxes.append(quick_cage.box())
        conversation = Conversation(boxes[-1], quick_cage.limits)
        conversation.fork()
        ran = conversation.run_cell(source)
        assert not ran["error"], ran
        return conversation

    yield begin
    for each in boxes:
        each.kill()


@pytest.fixture
def judge(quick_cage: Cage) -> Callable[..., NotebookResult]:
    """Judge a notebook written as steps: a string is a cell, a pair is a test cell of one point, id and source."""

    def judge_steps(*written: str | tuple[str, str], functions: tuple[str, ...] = ("f", "g"), cage: Cage = quick_cage):
        steps = [
            Step("cell", f"cell-{index}", each)
            if isinstance(each, str)
            else Step("test", f"test_{each[0]}", each[1], 1.0)
            for index, each in enumerate(written)
        ]
        return judge_notebook(cage, NotebookPlan("a_notebook", steps, list(functions)))

    return judge_steps

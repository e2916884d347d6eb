"""Whatever is handed in is taken for what it may be taken for, or refused in a sentence; nothing else of it is used."""

from __future__ import annotations

import copy
import json
import os
import random
import re
import time

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.grading import intake
from autograder.grading.assembly import assemble, claimed
from autograder.grading.grade import UsageError, find_submissions
from autograder.grading.intake import IntakeError, read_cells, take_in_folder, take_in_notebook
from autograder.grading.outputs import Graded, write_student, write_summary
from autograder.grading.preprocessor import submitted_at

NAME = "02_planning"
OWN = "def bellman_q(P, R, V, gamma):\n    return 'mine'"


@pytest.fixture
def raw(release) -> dict:
    """The released notebook as JSON, to be changed."""
    return json.loads((release.folder / f"{NAME}.ipynb").read_text())


@pytest.fixture
def hand_in(planning, tmp_path):
    """Take in a notebook given as JSON or as bytes."""

    def take(content):
        path = tmp_path / f"{NAME}.ipynb"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return take_in_notebook(planning, path)

    return take


def cell(raw, name):
    return next(each for each in raw["cells"] if _name(each) == name)


def _name(each):
    return each["metadata"].get("nbgrader", {}).get("grade_id")


def code(source, **metadata):
    return {
        "cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None
    }  # fmt: skip


def planning_of(submission):
    return next(each for each in submission.notebooks if each.release.name == NAME)


def sources(assembled):
    return {step.cell_id: step.source for step in assembled.plan.steps}


def place(assembled, source):
    """The ids of the steps before and after the step with this source."""
    ids, found = [step.cell_id for step in assembled.plan.steps], [step.source for step in assembled.plan.steps]
    at = found.index(source)
    return (ids[at - 1] if at else "", ids[at + 1] if at + 1 < len(ids) else "")


# What is taken


def test_an_untouched_notebook_gives_the_releases_plan_and_no_problems(planning, raw, hand_in):
    assembled = hand_in(raw)
    assert assembled.problems == []
    assert assembled.plan == assemble(planning, [claimed(each.node) for each in planning.cells if each.source]).plan
    assert [step.cell_id for step in assembled.plan.steps if step.kind == "test"] == [
        f"test_{name}" for name in planning.functions
    ]
    assert sum(step.points for step in assembled.plan.steps) == planning.max_score


def test_the_source_of_a_solution_cell_is_taken_as_it_is(raw, hand_in):
    cell(raw, "bellman_q")["source"] = OWN.splitlines(keepends=True)
    assembled = hand_in(raw)
    assert sources(assembled)["bellman_q"] == OWN
    assert assembled.problems == []


def test_experiments_and_text_are_not_run(planning, raw, hand_in):
    steps = {step.cell_id for step in hand_in(raw).plan.steps}
    kinds = {each.cell_id: each.kind for each in planning.cells}
    assert {kinds[step] for step in steps} == {"solution", "test", "code"}
    assert "experiment" in kinds.values()


def test_locked_cells_and_experiments_without_ids_and_metadata_are_known_by_what_they_hold(planning, raw, hand_in):
    expected = [step.cell_id for step in hand_in(raw).plan.steps]
    cell(raw, "bellman_q")["source"] = OWN
    raw["cells"].insert(raw["cells"].index(cell(raw, "experiment_worlds")) + 1, code("own = 1"))
    for each in raw["cells"]:
        each.pop("id", None)
        each["metadata"] = {}
    assembled = hand_in(raw)
    ran = [step.source for step in assembled.plan.steps]
    assert len(ran) == len(set(ran))  # nothing is run as the released cell and as the student's own
    experiments = {each.source for each in planning.cells if each.kind == "experiment"}
    assert experiments
    assert not experiments & set(ran)
    assert [step.cell_id for step in assembled.plan.steps if step.cell_id in expected] == [
        each for each in expected if each != "bellman_q"
    ]
    assert place(assembled, "own = 1")[0] == "setup"
    assert ran.index(OWN) == ran.index("own = 1") + 1
    assert assembled.problems == ["The cell of bellman_q is missing."]


def test_ones_own_cells_stay_where_they_were(raw, hand_in):
    at = raw["cells"].index(cell(raw, "bellman_q"))
    raw["cells"].insert(at, code("before = 1"))
    raw["cells"].insert(at + 2, code("after = 1"))
    raw["cells"].insert(0, code("first = 1"))
    raw["cells"].append(code("last = 1"))
    assembled = hand_in(raw)
    assert place(assembled, "first = 1") == ("", "setup")
    assert place(assembled, "before = 1")[1] == "bellman_q"
    assert place(assembled, "after = 1") == ("bellman_q", "test_bellman_q")
    assert place(assembled, "last = 1")[1] == ""
    assert assembled.problems == []
    assert len(set(sources(assembled))) == len(assembled.plan.steps)


def test_an_own_cell_after_an_experiment_keeps_its_place(raw, hand_in):
    at = raw["cells"].index(cell(raw, "experiment_worlds"))
    raw["cells"].insert(at + 1, code("own = 1"))
    assert place(hand_in(raw), "own = 1") == ("setup", "bellman_q")


def test_a_function_written_in_an_own_cell_is_not_overwritten_by_its_stub(raw, hand_in):
    raw["cells"].insert(raw["cells"].index(cell(raw, "bellman_q")), code(OWN))
    ran = [step.source for step in hand_in(raw).plan.steps]
    assert OWN in ran
    assert cell(raw, "bellman_q")["source"] not in ran
    assert not any("raise NotImplementedError" in each and "def bellman_q" in each for each in ran)


def test_a_missing_solution_cell_is_said_and_its_stub_takes_the_place(raw, hand_in):
    raw["cells"].remove(cell(raw, "bellman_q"))
    assembled = hand_in(raw)
    assert assembled.problems == ["The cell of bellman_q is missing."]
    assert sources(assembled)["bellman_q"].endswith("raise NotImplementedError")


def test_only_a_stub_of_which_no_code_speaks_counts_as_unwritten(raw, hand_in):
    everything = hand_in(raw).plan
    assert everything.unwritten == everything.functions
    cell(raw, "value_iteration")["source"] = "def value_iteration(P, R, gamma, tol):\n    return bellman_q(P, R, 0, 1)"
    assert not {"value_iteration", "bellman_q"} & set(hand_in(raw).plan.unwritten)
    raw["cells"].append(code("policy_gradient = lambda *_: 0"))
    assert len(hand_in(raw).plan.unwritten) == len(everything.functions) - 3
    raw["cells"].remove(cell(raw, "robust_value_iteration"))
    assert "robust_value_iteration" in hand_in(raw).plan.unwritten


def test_of_two_cells_with_one_id_the_last_counts_and_the_other_runs_as_an_own_cell(raw, hand_in):
    first, second = cell(raw, "bellman_q"), copy.deepcopy(cell(raw, "bellman_q"))
    first["source"], second["source"] = "def bellman_q(): return 'first'", "def bellman_q(): return 'second'"
    raw["cells"].insert(raw["cells"].index(first) + 1, second)
    assembled = hand_in(raw)
    assert assembled.problems == ["The cell of bellman_q exists more than once; the last one was graded."]
    ran = [step.source for step in assembled.plan.steps if "def bellman_q" in step.source]
    assert ran == [first["source"], second["source"]]
    assert sources(assembled)["bellman_q"] == second["source"]


# What is not taken


@pytest.mark.parametrize("name", ["setup", "test_bellman_q"])
def test_a_changed_locked_cell_is_replaced_by_the_released_one(planning, raw, hand_in, name):
    cell(raw, name)["source"] = "forged = True"
    assembled = hand_in(raw)
    assert assembled.problems == [f"The locked cell {name} was changed; the released one was used."]
    assert sources(assembled)[name] == planning.by_id[name].source
    assert "forged = True" not in sources(assembled).values()


@pytest.mark.parametrize("name", ["setup", "test_bellman_q", "experiment_worlds"])
def test_a_deleted_locked_cell_is_put_back(planning, raw, hand_in, name):
    raw["cells"].remove(cell(raw, name))
    assembled = hand_in(raw)
    steps = [step.cell_id for step in assembled.plan.steps]
    assert (name in steps) == (planning.by_id[name].kind != "experiment")
    assert [each.cell_id for each in planning.cells] == [each[1] for each in assembled.cells]


def test_test_cells_handed_in_twice_are_judged_once(raw, hand_in):
    raw["cells"] += [copy.deepcopy(cell(raw, "test_bellman_q")) for _ in range(3)]
    steps = [step.cell_id for step in hand_in(raw).plan.steps]
    assert steps.count("test_bellman_q") == 1


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("test_bellman_q", {"points": 1000}),
        ("test_bellman_q", {"points": [[[]]]}),
        ("test_bellman_q", {"grade": False}),
        ("bellman_q", {"grade": True, "points": 66}),
        ("bellman_q", {"locked": True}),
        ("setup", {"solution": True, "locked": False}),
    ],
)
def test_edited_metadata_is_dropped_and_said(planning, raw, hand_in, name, changes):
    cell(raw, name)["metadata"]["nbgrader"].update(changes)
    assembled = hand_in(raw)
    assert assembled.problems == [f"The metadata of the cell {name} was changed; the released one was used."]
    assert sum(step.points for step in assembled.plan.steps) == planning.max_score
    nodes = {each.metadata.get("nbgrader", {}).get("grade_id"): each for each in assembled.to_notebook().cells}
    assert nodes[name].metadata == planning.by_id[name].node.metadata


def test_tags_outputs_and_notebook_metadata_are_not_taken(planning, raw, hand_in):
    raw["metadata"] = {"kernelspec": {"name": "evil", "display_name": "x"}, "celltoolbar": "x"}
    for each in raw["cells"]:
        each["metadata"]["tags"] = ["skip-execution", "raises-exception"]
        if each["cell_type"] == "code":
            each["outputs"] = [
                {"output_type": "execute_result", "data": {"text/plain": "66"}, "metadata": {}, "execution_count": 1}
            ]
            each["execution_count"] = 9
    node = hand_in(raw).to_notebook()
    assert node.metadata == planning.node.metadata
    assert all(each.outputs == [] and each.execution_count is None for each in node.cells if each.cell_type == "code")
    assert "skip-execution" not in json.dumps(node)
    nbformat.validate(node)


def test_a_locked_cell_cannot_be_claimed_by_a_notebook_id(planning, raw, hand_in):
    raw["cells"].append({**code("forged = True"), "id": "setup"})
    assert "forged = True" not in sources(hand_in(raw)).values()


# Files that are no notebook


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"this is no notebook", "not JSON"),
        (b'{"cells": [', "not JSON"),
        (b"\xff\xfe\x00binary", "not UTF-8"),
        (b"[]", "no object"),
        (b"null", "no object"),
        (b'"text"', "no object"),
        (b"{}", "known format"),
        (b'{"nbformat": 99, "cells": []}', "known format"),
        (b'{"nbformat": "4", "cells": []}', "known format"),
        (b'{"nbformat": true, "cells": []}', "known format"),
        (b'{"nbformat": -1}', "known format"),
        (b'{"nbformat": ' + b"9" * 4000 + b"}", "known format"),
        (b'{"nbformat": ' + b"9" * 9000 + b"}", "not JSON"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 4, "cells": [' + b"{}," * 3000 + b"{}]}", "3001 cells"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 5}]}', "source is no text"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": null}]}', "source is no text"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": {"a": 1}}]}', "source is no text"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "' + b"x" * 2**21 + b'"}]}', "more than 1 MiB"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"nbformat": 3, "worksheets": ' + b"[" * 800 + b"]" * 800 + b"}", "old format"),
        (b'{"nbformat": 3, "worksheets": 5}', "old format"),
        (b'{"nbformat": 2}', ""),
        (b"NaN", "no object"),
    ],
    ids=lambda part: part[:50].decode("latin-1") if isinstance(part, bytes) else "",
)  # fmt: skip
def test_what_is_no_notebook_is_refused_in_one_sentence_and_counts_as_empty(planning, hand_in, content, reason):
    assembled = hand_in(content)
    assert assembled.plan == take_in_notebook(planning, None).plan
    sentence = assembled.problems[0]
    assert reason in sentence
    assert sentence.startswith(NAME) or not reason
    assert sentence.endswith((".", "?"))
    assert "/" not in sentence.replace("I/O", "")
    assert len(sentence) < 300


@pytest.mark.parametrize("depth", range(900, 1010, 3))
def test_metadata_nested_to_the_edge_of_what_can_be_read_does_no_harm(raw, hand_in, depth):
    text = json.dumps(raw).replace('"points": 6', '"points": ' + "[" * depth + "]" * depth, 1)
    assert len(hand_in(text.encode()).problems) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"cells": [None, 1, "x", [], {}, {"cell_type": "code"}]},
        {"cells": [{"cell_type": ["code"], "source": "x"}]},
        {"cells": [{"cell_type": "code", "metadata": [], "source": "x = 1"}]},
        {"cells": [{"cell_type": "code", "metadata": {"nbgrader": 5}, "source": "x = 1"}]},
        {"cells": [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": ["bellman_q"]}}, "source": "x = 1"}]},
        {"cells": [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": {}}}, "source": ["x", 1, None]}]},
        {"cells": [{"cell_type": "code", "id": 7, "source": "x = 1"}]},
        {"cells": [{"cell_type": "code", "source": "x = '\ud800'"}]},
        {"cells": [{"cell_type": "code", "source": "x = '\u0000'"}]},
        {"cells": [], "metadata": 5},
    ],
)
def test_odd_cells_are_read_as_far_as_they_make_sense(hand_in, odd):
    assembled = hand_in({"nbformat": 4, "nbformat_minor": 5, **odd})
    nbformat.writes(assembled.to_notebook()).encode()
    assert all(isinstance(step.source, str) for step in assembled.plan.steps)


def test_a_byte_order_mark_is_no_obstacle(raw, hand_in):
    cell(raw, "bellman_q")["source"] = OWN
    assembled = hand_in(b"\xef\xbb\xbf" + json.dumps(raw).encode())
    assert sources(assembled)["bellman_q"] == OWN


def test_a_notebook_of_format_3_is_converted_and_its_definitions_count(hand_in):
    old = {
        "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""},
        "worksheets": [{"metadata": {}, "cells": [
            {"cell_type": "code", "input": [OWN], "outputs": [], "language": "python", "metadata": {}}
        ]}],
    }  # fmt: skip
    assembled = hand_in(old)
    assert OWN in sources(assembled).values()
    assert "The cell of bellman_q is missing." in assembled.problems
    assert not any(
        "NotImplementedError" in source and "def bellman_q" in source for source in sources(assembled).values()
    )


def test_fifty_megabytes_of_outputs_are_read_past_in_seconds(raw, hand_in):
    cell(raw, "bellman_q")["source"] = OWN
    cell(raw, "setup")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * (50 * 2**20)}]
    began = time.process_time()
    assembled = hand_in(raw)
    assert sources(assembled)["bellman_q"] == OWN
    assert time.process_time() - began < 10


def test_a_file_that_is_too_large_is_refused_unread(planning, tmp_path):
    path = tmp_path / f"{NAME}.ipynb"
    with open(path, "wb") as file:
        file.truncate(intake.MAX_FILE_BYTES + 1)
    assert "larger than 100 MiB" in take_in_notebook(planning, path).problems[0]


def _link(path):
    path.symlink_to("/etc/passwd")


def _dangling(path):
    path.symlink_to("nowhere")


def _device(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_link, "symbolic link"),
        (_dangling, "symbolic link"),
        (_device, "symbolic link"),
        (os.mkfifo, "not an ordinary file"),
        (os.mkdir, "not an ordinary file"),
        (lambda path: os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5)), "not an ordinary file"),
        (lambda path: None, "cannot be read"),
    ],
    ids=["link", "dangling link", "link to a device", "FIFO", "folder", "device", "nothing"],
)
def test_what_is_no_ordinary_file_is_never_opened(planning, tmp_path, make, reason):
    path = tmp_path / f"{NAME}.ipynb"
    try:
        make(path)
    except PermissionError:
        pytest.skip("only root makes device files")
    assert reason in take_in_notebook(planning, path).problems[0]


# Folders


@pytest.fixture
def folder(tmp_path, raw):
    """A submission folder that holds the released notebook."""
    work = tmp_path / "submitted" / "ada" / "mbrl"
    work.mkdir(parents=True)
    (work / f"{NAME}.ipynb").write_text(json.dumps(raw))
    return work


def test_a_folder_with_the_released_files_has_no_problems(release, folder):
    support = folder / "labkit"
    support.mkdir()
    (support / "__init__.py").write_bytes((release.support / "__init__.py").read_bytes())
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "x.ipynb").write_text("")
    (folder / "timestamp.txt").write_text("2026-01-01")
    submission = take_in_folder(release, folder, "ada")
    assert submission.problems == []
    assert planning_of(submission).problems == []


def test_other_files_are_named_and_not_used(release, folder):
    (folder / "numpy.py").write_text("raise SystemExit")
    (folder / "labkit").mkdir()
    (folder / "labkit" / "__init__.py").write_text("forged = True")
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to("/etc")
    (folder / "labkit" / "line\nbreak\x1b[31m.py").write_text("")
    (sentence,) = take_in_folder(release, folder, "ada").problems
    for name in ("numpy.py", "labkit/__init__.py", "pipe", "link", "line?break?[31m.py"):
        assert name in sentence
    assert sentence.isprintable()


def test_thousands_of_files_make_one_short_sentence(release, folder):
    for number in range(3000):
        (folder / f"{'long' * 30}-{number}.dat").touch()
    (sentence,) = take_in_folder(release, folder, "ada").problems
    assert sentence.endswith("more.")
    assert len(sentence) < 1000


def test_a_renamed_notebook_is_recognised_by_its_cells(release, folder, raw):
    cell(raw, "bellman_q")["source"] = OWN
    (folder / f"{NAME}.ipynb").unlink()
    (folder / "Kopie von\tplanning (1).ipynb").write_text(json.dumps(raw))
    (folder / "another.ipynb").write_text(json.dumps({"nbformat": 4, "cells": []}))
    submission = take_in_folder(release, folder, "ada")
    assert sources(planning_of(submission))["bellman_q"] == OWN
    assert "but Kopie von?planning (1).ipynb holds its cells: it was graded." in " ".join(submission.problems)
    assert "another.ipynb is not part of the assignment and was not graded." in submission.problems


@pytest.mark.parametrize("content", [b"no notebook", json.dumps({"nbformat": 4, "cells": []}).encode()])
def test_a_notebook_of_another_assignment_is_not_taken_for_a_renamed_one(release, folder, content):
    (folder / f"{NAME}.ipynb").unlink()
    (folder / "homework.ipynb").write_bytes(content)
    submission = take_in_folder(release, folder, "ada")
    assert planning_of(submission).problems == [f"{NAME}.ipynb is missing."]
    assert "homework.ipynb is not part of the assignment and was not graded." in submission.problems


def test_a_wrong_assignment_is_said_with_what_was_there(release, tmp_path):
    (tmp_path / "ada" / "chemistry").mkdir(parents=True)
    submission = take_in_folder(release, tmp_path / "ada" / "mbrl", "ada")
    assert "no folder 'mbrl'" in submission.problems[0]
    assert "chemistry" in submission.problems[0]
    assert len(submission.notebooks) == len(release.notebooks)


def test_a_linked_submission_folder_is_not_followed(release, folder):
    linked = folder.parent.parent / "eve"
    linked.mkdir()
    (linked / "mbrl").symlink_to(folder)
    assert "no folder 'mbrl'" in take_in_folder(release, linked / "mbrl", "eve").problems[0]


# Paths on the command line


def test_a_tree_a_folder_and_a_notebook_are_told_apart(release, folder):
    tree = find_submissions(release, folder.parent.parent)
    assert [each.student for each in tree.submissions] == ["ada"]
    assert tree.course == folder.parent.parent.parent
    single = find_submissions(release, folder)
    assert [each.student for each in single.submissions] == ["ada"]
    assert single.course is None
    notebook = find_submissions(release, folder / f"{NAME}.ipynb")
    assert [each.student for each in notebook.submissions] == ["ada"]
    assert notebook.course is None


@pytest.mark.parametrize("path", ["nothing", "text.txt", "empty"])
def test_a_path_without_submissions_is_a_mistake_of_usage(release, tmp_path, path):
    (tmp_path / "text.txt").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError):
        find_submissions(release, tmp_path / path)


@pytest.mark.parametrize(
    "name", ["with space", "Zoë Müller", "名前", "a+b", "-rf", "=1+1", "quote's", "%s{x}", "a" * 200]
)
def test_a_student_of_any_name_gets_a_result_file_of_that_name(release, tmp_path, name):
    work = tmp_path / "submitted" / name / "mbrl"
    work.mkdir(parents=True)
    (submission,) = find_submissions(release, tmp_path / "submitted").submissions
    graded = Graded(submission.student, "mbrl", [], submission.problems, 66, "A")
    record = json.loads(write_student(tmp_path / "out", graded).read_text())
    assert record["student"] == name
    assert (tmp_path / "out" / f"{name}.json").is_file()
    assert name in write_summary(tmp_path / "out", [graded]).read_text().replace('""', '"')


@pytest.mark.parametrize("text", ["=1+1", "a;=1+1", "a\t@SUM(A1)", "a\n=1+1", "＝1", '"=1', "a, -1+1", " =1", "x|+1"])
def test_no_spreadsheet_takes_a_sentence_for_a_formula(tmp_path, text):
    graded = Graded("ada", "mbrl", [], [f"It raised ValueError: {text}", text], 66, "A")
    written = write_summary(tmp_path, [graded]).read_text().splitlines()
    assert len(written) == 2
    assert not re.search(r"(^|[;\t,|\"])\s*[=+\-@＝＋－＠]", written[1])


@pytest.mark.parametrize("name", [b"caf\xe9", b"caf\n", b"caf\x1b[31m", b"caf<b>", b'caf"', b"caf\\"])
def test_a_student_name_that_is_no_text_is_written_with_marks_in_place(release, tmp_path, name):
    odd = os.fsdecode(name)
    (tmp_path / "submitted" / odd / "mbrl").mkdir(parents=True)
    (submission,) = find_submissions(release, tmp_path / "submitted").submissions
    graded = Graded(submission.student, "mbrl", [], submission.problems, 66, "A")
    write_student(tmp_path / "out", graded)
    write_summary(tmp_path / "out", [graded])
    assert submission.student.startswith("caf\ufffd")


# Everything at once


def test_what_was_assembled_gives_the_same_plan_when_it_is_read_again(planning, raw, hand_in, tmp_path):
    at = raw["cells"].index(cell(raw, "value_iteration"))
    twice = copy.deepcopy(cell(raw, "bellman_q"))
    cell(raw, "bellman_q")["source"], twice["source"] = "a = 1", "b = 2"
    raw["cells"][at:at] = [code(OWN), code("own = 1"), code("own = 2"), twice, code("   "), code("own = 2")]
    raw["cells"].insert(0, code("start = 1"))
    raw["cells"].remove(cell(raw, "policy_gradient"))
    _expect_same_plan_again(planning, hand_in(raw), tmp_path)


def _expect_same_plan_again(planning, assembled, tmp_path):
    node = assembled.to_notebook()
    nbformat.write(node, tmp_path / "again.ipynb")
    assert assemble(planning, read_cells(tmp_path / "again.ipynb")).plan == assembled.plan
    code_cells = [each for each in nbformat.read(tmp_path / "again.ipynb", 4).cells if each.cell_type == "code"]
    assert assemble(planning, [claimed(each) for each in code_cells]).plan == assembled.plan


def _mutate(raw, random_seed):
    """Change a notebook in a few ways that people, programs and cheats do."""
    rng = random.Random(random_seed)
    cells = raw["cells"]
    odd = [None, 5, -1.5, True, "", "text", [], {}, ["x"], {"a": None}, "\x00", "\ud800", 10**30]
    for _ in range(rng.randint(1, 6)):
        one = rng.randrange(len(cells)) if cells else 0
        change = rng.randrange(13)
        target = cells[one] if cells and isinstance(cells[one], dict) else {}
        marks = target.get("metadata", {}).get("nbgrader") if isinstance(target.get("metadata"), dict) else None
        if change == 0 and cells:
            del cells[one]
        elif change == 1:
            cells.insert(one, copy.deepcopy(rng.choice(cells)) if cells else code("x"))
        elif change == 2:
            rng.shuffle(cells)
        elif change == 3:
            target["source"] = rng.choice([*odd, "def bellman_q(): pass", "import os", ["a\n", "b"]])
        elif change == 4:
            target["metadata"] = rng.choice(odd)
        elif change == 5 and isinstance(marks, dict):
            marks[rng.choice(["grade_id", "points", "grade", "solution", "locked", "task"])] = rng.choice(odd)
        elif change == 6 and isinstance(marks, dict):
            marks["grade_id"] = rng.choice(
                ["bellman_q", "setup", "test_bellman_q", "own-setup-0", "own-start-0", "title"]
            )
        elif change == 7:
            target["id"] = rng.choice([*odd, "setup", "bellman_q", "own-bellman_q-0"])
        elif change == 8:
            target["cell_type"] = rng.choice(["code", "markdown", "raw", "heading", *odd])
        elif change == 9:
            cells.insert(one, rng.choice([code(f"own = {rng.random()}"), *odd]))
        elif change == 10:
            raw[rng.choice(["metadata", "nbformat_minor", "extra"])] = rng.choice(odd)
        elif change == 11:
            raw["nbformat"] = rng.choice([4, 4, 3, 2, 1, *odd])
        elif change == 12 and isinstance(target.get("metadata"), dict):
            target["metadata"].pop("nbgrader", None)
    return raw


@given(random_seed=st.integers(0, 2**32 - 1), cut=st.floats(0, 20))
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_mutation_of_a_notebook_is_graded_or_refused_in_a_sentence(planning, release, tmp_path, random_seed, cut):
    raw = json.loads((release.folder / f"{NAME}.ipynb").read_text())
    text = json.dumps(_mutate(raw, random_seed))
    path = tmp_path / f"{NAME}.ipynb"
    path.write_text(text[: int(len(text) * cut)] if cut < 1 else text)
    assembled = take_in_notebook(planning, path)
    steps = assembled.plan.steps
    assert [step.cell_id for step in steps if step.kind == "test"] == [f"test_{each}" for each in planning.functions]
    assert all(step.source == planning.by_id[step.cell_id].source for step in steps if step.kind == "test")
    assert sum(step.points for step in steps) == planning.max_score
    assert len({step.cell_id for step in steps}) == len(steps)
    assert all(problem.isprintable() and problem.endswith((".", "?")) for problem in assembled.problems)
    _expect_same_plan_again(planning, assembled, tmp_path)


def test_a_single_notebook_that_cannot_be_read_is_refused_by_its_name(release, tmp_path):
    path = tmp_path / "essay.ipynb"
    path.write_text("words")
    (submission,) = find_submissions(release, path).submissions
    assert submission.student == "essay"
    assert "essay.ipynb is not a notebook: it is not JSON" in " ".join(submission.problems)
    with pytest.raises(IntakeError, match="not JSON"):
        read_cells(path)


def test_names_are_shown_short_and_printable():
    assert intake.shown("a\x1b[31m\n\u202eb") == "a?[31m??b"
    assert len(intake.shown("x" * 500)) == 80
    assert claimed({"source": "x"}).known_as == ""


def test_json_that_would_fill_the_memory_is_refused_before_it_is_read(planning, raw, hand_in):
    text = json.dumps(raw).replace('"metadata"', '"x": [' + "[],{}," * 600_000 + '0], "metadata"', 1)
    started = time.process_time()
    assembled = hand_in(text.encode())
    assert time.process_time() - started < 2
    assert assembled.problems[0].startswith(f"{NAME}.ipynb holds more than 1000000 values")


def test_stray_notebooks_are_named_up_to_a_number_and_a_missing_one_is_still_found_among_few(release, raw, tmp_path):
    for number in range(300):
        (tmp_path / f"stray-{number:03}.ipynb").write_text('{"nbformat": 4, "cells": []}')
    submission = take_in_folder(release, tmp_path, "student-01")
    assert len(submission.problems) < 20
    assert submission.problems[-1] == "292 more notebooks are not part of the assignment."
    (tmp_path / "a-copy.ipynb").write_text(json.dumps(raw))
    assert any("a-copy.ipynb holds its cells" in each for each in take_in_folder(release, tmp_path, "x").problems)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"2026-02-02 15:58:23.9 UTC\n", "2026-02-02 15:58:23.900000"),
        (b"2026-02-02 15:58:23 Europe/Berlin", "2026-02-02 14:58:23"),
        (b"", None),
        (b"soon", None),
        (b"9" * 900, None),
        (b"\xff\xfe\x00", None),
        (b"2026-02-02 12:00 /etc/passwd", None),
        (b"2026-02-02 15:58:23.9 UTC" + b" " * 2000, None),
    ],
)
def test_a_time_that_nbgrader_would_give_up_on_is_left_out(tmp_path, written, read):
    (tmp_path / "timestamp.txt").write_bytes(written)
    time_read = submitted_at(tmp_path / "timestamp.txt")
    assert (time_read and time_read.isoformat(sep=" ")) == read

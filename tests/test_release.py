"""The release is what the build makes, twice the same, complete, and silent about what must stay hidden."""

from __future__ import annotations

import inspect
import json
import shutil

import nbformat
import pytest

from autograder.course import build
from autograder.course.leaks import find_leaks
from autograder.course.release import ReleaseError, read_release
from autograder.course.solutions import BEGIN, END, as_cell, body_lines, reference_cells, reference_functions
from autograder.properties import HIDDEN, points
from labkit.exercises import EXERCISES

NOTEBOOK = "02_planning.ipynb"


@pytest.fixture
def copied(release, tmp_path):
    """A copy of the release that may be spoilt."""
    return shutil.copytree(release.folder, tmp_path / "release" / "mbrl", ignore=shutil.ignore_patterns("__pycache__"))


@pytest.fixture
def edit(copied):
    """Change the copied notebook: call it with a function of its JSON."""

    def change(how):
        raw = json.loads((copied / NOTEBOOK).read_text())
        how({cell["metadata"].get("nbgrader", {}).get("grade_id") or cell["id"]: cell for cell in raw["cells"]})
        (copied / NOTEBOOK).write_text(json.dumps(raw))
        return copied

    return change


# Drift


def test_source_release_solutions_and_points_agree(built_before):
    assert build.find_drift() == []


@pytest.mark.slow
def test_a_build_gives_the_bytes_of_the_release(built, release):
    assert build._differences(built.folder, release.folder) == []
    assert (built.folder / NOTEBOOK).is_file()
    assert not any({"__pycache__", ".ipynb_checkpoints"} & set(path.parts) for path in built.folder.rglob("*"))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What nbgrader's generate_assignment makes of the source."""
    return build._generate(tmp_path_factory.mktemp("built"))


@pytest.fixture
def built_before(built, monkeypatch):
    """Let a search for drift take that one instead of another that is the same."""
    monkeypatch.setattr(build, "_generate", lambda folder: built)


def test_every_kind_of_drift_is_named(built_before, copied, edit, monkeypatch, release):
    monkeypatch.setattr(build, "RELEASE", copied)
    (copied / "labkit" / "extra.py").write_text("")
    (copied / "labkit" / "plots.py").unlink()
    edit(lambda cells: cells["bellman_q"].update(source="x = 1"))
    drift = " ".join(build.find_drift())
    assert "labkit/extra.py is in the release but not in the source" in drift
    assert "labkit/plots.py is missing from the release" in drift
    assert f"{NOTEBOOK} of the release is out of date" in drift
    assert "run: autograder release" in drift


def test_points_that_differ_from_the_weights_are_named(built_before, monkeypatch):
    monkeypatch.setattr(build, "points", lambda name: 7 if name == "bellman_q" else sum_of(name))
    drift = " ".join(build.find_drift())
    assert "does not hold the current solutions and points" in drift
    assert "test_bellman_q is worth 6, but its properties 7." in drift


def sum_of(name):
    return EXERCISES[name].max_score + HIDDEN[name].max_score


def test_a_changed_solution_is_named(built_before, monkeypatch):
    monkeypatch.setattr(
        build,
        "reference_cells",
        lambda names: {**reference_cells(names), "bellman_q": as_cell("def bellman_q():\n    pass")},
    )
    assert any("does not hold the current solutions" in sentence for sentence in build.find_drift())


# Leaks


def test_the_release_gives_nothing_away(release):
    assert find_leaks(release.folder) == []


@pytest.mark.parametrize("name", EXERCISES)
def test_the_body_of_a_solution_is_found_wherever_it_is(copied, edit, name):
    import inspect

    body = "\n".join(body_lines(inspect.getsource(reference_functions()[name])))
    (copied / "labkit" / "hints.py").write_text(f"# {body}")
    assert any("labkit/hints.py gives away a line of the solution of" in leak for leak in find_leaks(copied))
    (copied / "labkit" / "hints.py").unlink()
    edit(lambda cells: cells["title"].update(source=["Try this:\n", *body.splitlines(keepends=True)]))
    assert any(f"{NOTEBOOK} gives away" in leak for leak in find_leaks(copied))


def test_a_single_line_in_other_spacing_is_found_in_a_cell_and_in_an_output(copied, edit):
    line = "policy=(R+gamma*P  @  V).argmax( axis = 1 )"
    edit(lambda cells: cells["setup"].update(source=f"{cells['setup']['source']}\n{line}"))
    assert any("the solution of value_iteration" in leak for leak in find_leaks(copied))
    shown = {"output_type": "stream", "name": "stdout", "text": line}
    edit(lambda cells: cells["setup"].update(source="x = 1", outputs=[shown]))
    assert any("the solution of value_iteration" in leak for leak in find_leaks(copied))


@pytest.mark.parametrize("name", EXERCISES)
def test_the_sentence_of_a_hidden_property_is_found(copied, name):
    every = [each for exercise in HIDDEN.values() for each in exercise.properties]
    (copied / "notes.md").write_text("\n".join(f"Something about {each.sentence}" for each in HIDDEN[name].properties))
    leaks = " ".join(find_leaks(copied))
    for prop in HIDDEN[name].properties:
        same = [each.name for each in every if each.sentence == prop.sentence]
        assert any(f"the hidden property {each}." in leaks for each in same), prop.name


def test_a_line_of_a_hidden_check_is_found(copied):
    line = "threshold = gamma * (worth[0] + between * (worth[1] - worth[0]))"
    (copied / "labkit" / "problems.py").write_text(line)
    assert any("the hidden check late_switches" in leak for leak in find_leaks(copied))


def test_a_spoilt_release_is_refused(edit):
    def spoil(cells):
        cells["bellman_q"]["source"] = "def bellman_q(P, R, V, gamma):\n    return 0"
        cells["setup"]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "here"}]
        cells["test_value_iteration"]["metadata"]["nbgrader"]["points"] = 80

    with pytest.raises(build.BuildError) as raised:
        build._refuse_bad_release(read_release(edit(spoil)))
    for part in (
        "bellman_q does not end in",
        "setup has outputs",
        "test_value_iteration is worth 80, but its properties",
    ):
        assert part in str(raised.value)


# What students get


@pytest.mark.parametrize("name", EXERCISES)
def test_a_released_stub_keeps_signature_and_docstring_and_is_not_implemented(release, name):
    namespace: dict = {}
    exec(release.notebooks[EXERCISES[name].notebook].by_id[name].source, namespace)
    reference = reference_functions()[name]
    signature = inspect.signature(reference)
    assert inspect.signature(namespace[name]) == signature
    assert namespace[name].__doc__ == reference.__doc__
    named = {each.name: None for each in signature.parameters.values() if each.kind is each.KEYWORD_ONLY}
    with pytest.raises(NotImplementedError):
        namespace[name](*[None] * (len(signature.parameters) - len(named)), **named)


@pytest.mark.parametrize("name", sorted({each.notebook for each in EXERCISES.values()}))
def test_every_exercise_has_its_cells_in_order_and_test_cells_hold_one_check(release, name):
    notebook = release.notebooks[name]
    kinds = {cell.cell_id: cell.kind for cell in notebook.cells}
    order = list(kinds)
    functions = [each for each, exercise in EXERCISES.items() if exercise.notebook == name]
    assert sorted(notebook.functions) == sorted(functions)
    for function in functions:
        assert kinds[function] == "solution"
        assert kinds[f"test_{function}"] == "test"
        assert order.index(f"test_{function}") == order.index(function) + 1
        assert notebook.by_id[f"test_{function}"].source == f"check({function})"
    assert notebook.max_score == sum(points(each) for each in functions)


@pytest.mark.parametrize("name", sorted({each.notebook for each in EXERCISES.values()}))
def test_the_released_notebook_is_valid_and_carries_no_output(release, name):
    path = release.folder / f"{name}.ipynb"
    node = nbformat.read(path, as_version=4)
    nbformat.validate(node)
    assert all(not cell.outputs and cell.execution_count is None for cell in node.cells if cell.cell_type == "code")
    text = path.read_text()
    assert BEGIN not in text
    assert END not in text


def test_the_release_names_what_its_locked_cells_import(release):
    imports = release.imports()
    assert {"numpy", "torch", "matplotlib.pyplot", "labkit"} <= set(imports)
    assert not any(name.startswith(("autograder", "solutions")) for name in imports)


def test_a_folder_without_a_release_says_how_to_build_one(tmp_path):
    with pytest.raises(ReleaseError, match="autograder release"):
        read_release(tmp_path)


def test_the_solved_source_defines_each_function_as_the_reference_does():
    cells = reference_cells(EXERCISES)
    assert list(cells) == list(EXERCISES)
    for name, source in cells.items():
        lines = source.splitlines()
        assert lines[0].startswith(f"def {name}(")
        assert lines.count(f"    {BEGIN}") == lines.count(f"    {END}") == 1
        assert lines[-1] == f"    {END}"
        compile(source, name, "exec")

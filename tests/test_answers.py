"""Written answers: kept as text for a person to read, never run, never HTML; nbgrader asks for their points by hand."""

from __future__ import annotations

import copy
import json
import re

import nbformat
import pytest

from autograder.course.build import SOURCE
from autograder.course.release import read_notebook
from autograder.grading.assembly import MAX_ANSWER, assemble
from autograder.grading.intake import read_cells, take_in_notebook

NAME = "07_comparison"
ANSWERS = ["answer_ranking", "answer_model"]
STUB = "YOUR ANSWER HERE"
ESSAY = "On the ice, **value iteration** leads: $0.62$ [−0.09, 1.27].\n\n- ten runs\n- one map"


@pytest.fixture(scope="module")
def comparison(release):
    return release.notebooks[NAME]


@pytest.fixture
def raw(release) -> dict:
    """The released notebook as JSON, to be changed."""
    return json.loads((release.folder / f"{NAME}.ipynb").read_text())


@pytest.fixture
def hand_in(comparison, tmp_path):
    """Take in a notebook given as JSON."""

    def take(content):
        path = tmp_path / f"{NAME}.ipynb"
        path.write_text(json.dumps(content))
        return take_in_notebook(comparison, path)

    return take


def cell(raw, name):
    return next(each for each in raw["cells"] if each["metadata"].get("nbgrader", {}).get("grade_id") == name)


def text_of(assembled, name):
    node = assembled.to_notebook()
    nbformat.validate(node)
    found = [each for each in node.cells if each.metadata.get("nbgrader", {}).get("grade_id") == name]
    assert [each.cell_type for each in found] == ["markdown"]
    return found[0].source


# The release


def test_the_release_asks_two_questions_and_says_nothing_of_how_they_are_marked(comparison, release):
    source = read_notebook(SOURCE / f"{NAME}.ipynb")
    assert [each.cell_id for each in comparison.answers] == [each.cell_id for each in source.answers] == ANSWERS
    released = "".join(path.read_text() for path in release.folder.rglob("*.ipynb"))
    for answer in comparison.answers:
        assert answer.source == STUB
        assert answer.points == 10
        rubric = source.by_id[answer.cell_id].source
        assert "Rubric (10 points)" in rubric
        assert sum(int(each) for each in re.findall(r"^- \*[^*]+\* \((\d+)\)", rubric, re.MULTILINE)) == 10
        lines = [line.strip() for line in rubric.splitlines() if len(line.strip()) > 12]
        assert len(lines) > 8
        assert not [line for line in lines if json.dumps(line, ensure_ascii=False)[1:-1] in released]
    assert "ubric" not in released


def test_points_given_by_hand_are_no_business_of_the_judge(comparison):
    steps = {step.cell_id for step in assemble(comparison, []).plan.steps}
    assert not steps & set(ANSWERS)
    assert comparison.max_score == sum(each.points for each in comparison.cells if each.kind == "test")
    assert not set(comparison.functions) & set(ANSWERS)


# Intake


def test_an_untouched_notebook_has_untouched_answers(raw, hand_in):
    assembled = hand_in(raw)
    assert assembled.problems == []
    assert [text_of(assembled, name) for name in ANSWERS] == [STUB, STUB]


@pytest.mark.parametrize("kind", ["markdown", "raw", "code"])
def test_an_answer_is_kept_as_text_whatever_the_cell_became_and_never_run(raw, hand_in, kind):
    answer = cell(raw, "answer_model")
    answer["source"], answer["cell_type"] = ESSAY.splitlines(keepends=True), kind
    if kind == "code":
        answer |= {"outputs": [], "execution_count": 3}
    assembled = hand_in(raw)
    assert text_of(assembled, "answer_model") == ESSAY
    assert ESSAY not in [step.source for step in assembled.plan.steps]
    assert assembled.plan == hand_in(json.loads(json.dumps(raw).replace("ten runs", "no runs"))).plan
    assert assembled.problems == []


def test_an_answer_without_its_metadata_is_known_by_its_id(raw, hand_in):
    answer = cell(raw, "answer_ranking")
    answer["source"] = ESSAY
    del answer["metadata"]["nbgrader"]
    assert text_of(hand_in(raw), "answer_ranking") == ESSAY


def test_points_and_locks_of_an_answer_come_from_the_release(raw, hand_in):
    answer = cell(raw, "answer_ranking")
    answer["source"] = ESSAY
    answer["metadata"]["nbgrader"] |= {"points": 1000, "locked": True, "solution": False}
    assembled = hand_in(raw)
    (node,) = (each for each in assembled.to_notebook().cells if each.id == answer["id"])
    assert (node.metadata.nbgrader.points, node.metadata.nbgrader.solution) == (10, True)
    assert "The metadata of the cell answer_ranking was changed; the released one was used." in assembled.problems


def test_a_split_answer_is_put_together_again(raw, hand_in):
    first = cell(raw, "answer_model")
    second, third = copy.deepcopy(first), copy.deepcopy(first)
    first["source"], second["source"] = "One half.", "The other half."
    at = raw["cells"].index(first)
    raw["cells"][at + 1 : at + 1] = [second, third]  # the third one is the untouched stub
    assembled = hand_in(raw)
    assert text_of(assembled, "answer_model") == "One half.\n\nThe other half."
    assert assembled.problems == ["The answer answer_model is in several cells; they were put together."]


def test_a_missing_answer_is_said_and_left_to_the_stub(raw, hand_in):
    raw["cells"].remove(cell(raw, "answer_model"))
    assembled = hand_in(raw)
    assert assembled.problems == ["The answer answer_model is missing."]
    assert text_of(assembled, "answer_model") == STUB


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text <b onclick='x'>bold</b>",
    "<!-- hidden --> <?php ?> </div>",
    "<SCRIPT\nsrc=//evil>",
    "[click](javascript:alert(1)) <a href='javascript:alert(1)'>x</a>",
    "<https://example.org/<script>>",
    "[click](javascript:alert(1))",
    "[click](&#106;avascript:alert(1)) and [again][1]\n\n[1]: javascript:alert(1)",
    "![spy](https://example.org/pixel.png)",
    "&lt;script&gt; <svg/onload=alert(1)>",
    "$a<b$ and `<i>` and\n\n    <iframe src=x>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_answer_can_put_html_before_the_person_who_grades_it(raw, hand_in, text):
    from nbconvert.filters import markdown2html

    cell(raw, "answer_ranking")["source"] = text
    assembled = hand_in(raw)
    kept = text_of(assembled, "answer_ranking")
    assert kept.replace(" ", "") == text.replace(" ", "")
    assert "HTML and links in the answer answer_ranking are shown as text." in assembled.problems
    page = markdown2html(kept).lower()
    tags = set(re.findall(r"<\s*([a-z!?/][a-z0-9]*)", page))
    assert tags <= {"p", "/p", "a", "/a", "code", "/code", "pre", "/pre", "div", "/div", "span", "/span"}, page
    assert not re.search(r"<[^>]*\s(on\w+|src)\s*=", page)
    targets = re.findall(r"<a[^>]*href=([^>]*)>", page)  # a bare address is made a link by the page itself
    assert all(target.startswith('"https://example.org/') for target in targets), page


def test_mathematics_and_markdown_stay_as_they_were_written(raw, hand_in):
    text = "$x < 3$, $P(X > Y) \\ge 0.5$, **bold**, `a[i] <= b`\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    cell(raw, "answer_ranking")["source"] = text
    assembled = hand_in(raw)
    assert text_of(assembled, "answer_ranking") == text
    assert assembled.problems == []


def test_attachments_are_left_out_and_it_is_said(raw, hand_in):
    cell(raw, "answer_model")["source"] = "![figure](attachment:a.png)"
    cell(raw, "answer_model")["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}
    assembled = hand_in(raw)
    assert "attachments" not in json.dumps(assembled.to_notebook())
    assert "The files attached to the answer answer_model were not kept: an answer is text." in assembled.problems


def test_an_endless_answer_is_cut(raw, hand_in):
    cell(raw, "answer_model")["source"] = "word " * MAX_ANSWER
    assembled = hand_in(raw)
    assert len(text_of(assembled, "answer_model")) == MAX_ANSWER
    assert f"longer than {MAX_ANSWER} characters" in " ".join(assembled.problems)


def test_text_of_ones_own_is_not_taken_and_a_text_cell_is_never_code(raw, hand_in):
    raw["cells"].insert(3, {"cell_type": "markdown", "metadata": {}, "source": "my notes"})
    solution = cell(raw, "interquartile_mean")
    solution |= {"cell_type": "markdown", "source": "def interquartile_mean(scores):\n    return 0"}
    assembled = hand_in(raw)
    assert "my notes" not in json.dumps(assembled.to_notebook())
    assert "The cell of interquartile_mean is missing." in assembled.problems
    assert not any("return 0" in step.source for step in assembled.plan.steps)


def test_what_was_taken_in_is_the_same_when_it_is_read_again(raw, comparison, hand_in, tmp_path):
    cell(raw, "answer_model")["source"] = ESSAY + "\n<b>x</b>"
    first = hand_in(raw)
    nbformat.write(first.to_notebook(), tmp_path / "again.ipynb")
    second = assemble(comparison, read_cells(tmp_path / "again.ipynb"))
    assert second.plan == first.plan
    assert text_of(second, "answer_model") == text_of(first, "answer_model")
    assert second.problems == []

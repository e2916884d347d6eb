"""nbgrader stays nbgrader: its stock commands grade in the cage, and its gradebook holds what the judge says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course.build import SOURCE
from autograder.course.release import read_notebook
from autograder.grading.preprocessor import SaveNotebooksGrades
from autograder.properties import HIDDEN, find_graded, points
from labkit import exercises

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
NBGRADER = str(Path(sys.executable).parent / "nbgrader")
NOTEBOOK = "02_planning"
EXERCISES = [name for name, each in exercises.EXERCISES.items() if each.notebook == NOTEBOOK]
WRONG = "def bellman_q(P, R, V, gamma):\n    return R + gamma * P @ V if len(V) < 9 else R"  # fails one hidden property
NOTHING = "def bellman_q(P, R, V, gamma):\n    pass"
STUDENTS = ("perfect", "untouched", "not json", "partly", "wrong")
COMPARISON = "07_comparison"
ESSAY = "My ten runs do **not** decide: $P = 0.46$ < script>."  # as intake keeps it


def nbgrader(folder: Path, *arguments: str, succeed: bool = True) -> str:
    """Run one of nbgrader's own commands as a person would, without an activated environment."""
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    done = subprocess.run([NBGRADER, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert (done.returncode == 0) == succeed, done.stdout + done.stderr
    return done.stdout + done.stderr


def solve(node, names=tuple(EXERCISES)):
    """Write the reference solutions of ``names`` into a released notebook."""
    source = {cell.cell_id: cell.source for cell in read_notebook(SOURCE / f"{NOTEBOOK}.ipynb").cells}
    for cell in node.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in names:
            cell.source = source[name]
    return node


@pytest.fixture(scope="module")
def course(tmp_path_factory, release):
    """A course folder in which the three stock commands have been run on five submissions."""
    root = tmp_path_factory.mktemp("a course")
    (root / "nbgrader_config.py").write_text(
        "from pathlib import Path\n"
        "from autograder.grading.course import configure\n"
        f"configure(get_config(), root=Path({str(root)!r}))\n"
    )
    nbgrader(root, "generate_assignment", "mbrl")
    released = root / "release" / "mbrl" / f"{NOTEBOOK}.ipynb"
    for student in STUDENTS:
        work = root / "submitted" / student / "mbrl"
        work.mkdir(parents=True)
        node = nbformat.read(released, as_version=4)
        if student in ("perfect", "partly"):
            solve(node)
        if student in ("partly", "wrong"):
            next(
                cell for cell in node.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "bellman_q"
            ).source = WRONG if student == "partly" else NOTHING
        nbformat.write(node, work / f"{NOTEBOOK}.ipynb")
    (root / "submitted" / "not json" / "mbrl" / f"{NOTEBOOK}.ipynb").write_text("this is no notebook")
    _hand_in_an_essay(root)
    nbgrader(root, "autograde", "mbrl")
    nbgrader(root, "generate_feedback", "mbrl")
    return root


def _hand_in_an_essay(root):
    """One more student, who answers the first of the two written questions and writes no code."""
    work = root / "submitted" / "essayist" / "mbrl"
    work.mkdir(parents=True)
    node = nbformat.read(root / "release" / "mbrl" / f"{COMPARISON}.ipynb", as_version=4)
    answer = next(each for each in node.cells if each.metadata.get("nbgrader", {}).get("grade_id") == "answer_ranking")
    answer.source = ESSAY.replace("< script", "<script")
    nbformat.write(node, work / f"{COMPARISON}.ipynb")


@pytest.fixture
def gradebook(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as open_gradebook:
        yield open_gradebook


def results(course):
    """The judge's own results, as they were stored."""
    return [json.loads(path.read_text()) for path in (course / ".autograder").glob("*.json")]


def feedback(course, student):
    return (course / "feedback" / student / "mbrl" / f"{NOTEBOOK}.html").read_text()


def test_the_released_notebook_is_the_kits_own(course, release):
    for path in release.folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert (course / "release" / "mbrl" / path.relative_to(release.folder)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("student", "score"), [("perfect", 66), ("untouched", 0), ("not json", 0), ("partly", 65), ("wrong", 0)]
)
def test_the_gradebook_holds_the_score_that_was_earned(gradebook, release, student, score):
    submission = gradebook.find_submission("mbrl", student)
    assert submission.score == pytest.approx(score)
    by_hand = sum(cell.points for notebook in release.notebooks.values() for cell in notebook.answers)
    assert by_hand == 20
    assert submission.max_score == sum(points(name) for name in exercises.EXERCISES) + by_hand
    assert not submission.needs_manual_grade


def test_every_score_in_the_gradebook_equals_the_judges(course, gradebook):
    judged = {
        tuple((each["name"], each["score"], each["max_score"]) for each in result["exercises"])
        for result in results(course)
    }
    assert all(result["tier"] == "A" for result in results(course))
    for student in STUDENTS:
        grades = gradebook.find_submission_notebook(NOTEBOOK, "mbrl", student).grades
        scores = {grade.name.removeprefix("test_"): (grade.auto_score, grade.max_score) for grade in grades}
        assert tuple((name, *scores[name]) for name in EXERCISES) in judged
        assert len(scores) == len(EXERCISES)


def test_partial_credit_is_the_sum_of_the_weights_that_hold(course, gradebook):
    (result,) = [each for each in results(course) if each["exercises"][0]["score"] == 5]
    earned = sum(prop["weight"] for prop in result["exercises"][0]["properties"] if prop["passed"])
    grade = gradebook.find_grade("test_bellman_q", NOTEBOOK, "mbrl", "partly")
    assert grade.auto_score == earned == 5


def test_feedback_tells_every_property_as_a_sentence(course):
    import html

    for student in ("perfect", "untouched", "partly"):
        page = html.unescape(feedback(course, student))
        for name in EXERCISES:
            for prop in find_graded(name):
                assert prop.sentence in page, (student, prop.name)
    assert "6 of 6 points" in feedback(course, "perfect")
    assert "5 of 6 points" in feedback(course, "partly")
    assert "bellman_q is not written yet." in feedback(course, "untouched")


def test_feedback_shows_public_counterexamples_and_no_hidden_ones(course):
    for result in results(course):
        for exercise in result["exercises"]:
            for prop in exercise["properties"]:
                assert prop["public"] or not prop["counterexample"]
    page = feedback(course, "partly")
    assert "This does not hold for some valid input." in page
    assert "Smallest counterexample" not in page
    assert "Smallest counterexample" in feedback(course, "wrong")


def test_feedback_says_why_a_notebook_could_not_be_read(course):
    page = feedback(course, "not json")
    assert "What the grader noticed" in page
    assert "is not a notebook: it is not JSON" in page


def test_feedback_contains_no_path_of_the_grader_and_no_code_of_a_check(course):
    from autograder import KIT

    for student in STUDENTS:
        page = feedback(course, student)
        assert str(KIT) not in page
        assert "Traceback (most recent" not in page
        for exercise in HIDDEN.values():
            assert not any(f"def {prop.name}" in page for prop in exercise.properties)


def test_work_that_was_done_is_not_done_again(course):
    before = {path: path.stat().st_mtime_ns for path in (course / ".autograder").glob("*.json")}
    assert len(before) == 5  # nothing handed in and nothing written are the same plan
    nbgrader(course, "autograde", "mbrl", "--force")
    assert {path: path.stat().st_mtime_ns for path in (course / ".autograder").glob("*.json")} == before


def test_a_manual_score_and_a_comment_survive_a_regrade(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("test_policy_gradient", NOTEBOOK, "mbrl", "partly")
        automatic = grade.auto_score
        grade.manual_score, grade.extra_credit = 3.5, 1.0
        gradebook.find_comment("bellman_q", NOTEBOOK, "mbrl", "partly").manual_comment = "Nearly, think of many states."
        gradebook.db.commit()
    nbgrader(course, "autograde", "mbrl", "--student", "partly", "--force")
    nbgrader(course, "generate_feedback", "mbrl", "--student", "partly", "--force")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("test_policy_gradient", NOTEBOOK, "mbrl", "partly")
        assert (grade.manual_score, grade.extra_credit, grade.auto_score) == (3.5, 1.0, automatic)
        comment = gradebook.find_comment("bellman_q", NOTEBOOK, "mbrl", "partly").comment
        assert comment == "Nearly, think of many states."
        grade.manual_score, grade.extra_credit = None, None
        gradebook.db.commit()
    assert "Nearly, think of many states." in feedback(course, "partly")


def test_a_written_answer_waits_for_a_person_and_one_that_is_missing_does_not(gradebook):
    written, missing = (
        gradebook.find_grade(name, COMPARISON, "mbrl", "essayist") for name in ("answer_ranking", "answer_model")
    )
    assert (written.auto_score, written.needs_manual_grade, written.max_score) == (None, True, 10)
    assert (missing.auto_score, missing.needs_manual_grade, missing.max_score) == (0, False, 10)
    submission = gradebook.find_submission("mbrl", "essayist")
    assert submission.needs_manual_grade
    assert submission.score == 0
    assert gradebook.find_comment("answer_model", COMPARISON, "mbrl", "essayist").comment == "No response."


def test_formgrader_reads_the_answer_and_no_rubric(course):
    path = course / "autograded" / "essayist" / "mbrl" / f"{COMPARISON}.ipynb"
    (answer,) = (each for each in nbformat.read(path, 4).cells if "answer_ranking" in str(each.metadata))
    assert (answer.cell_type, answer.source) == ("markdown", ESSAY)
    assert "ubric" not in path.read_text()
    assert "HTML and links in the answer" in path.read_text()


def test_points_and_a_comment_given_by_hand_survive_a_regrade_and_reach_the_student(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("answer_ranking", COMPARISON, "mbrl", "essayist")
        grade.manual_score, grade.needs_manual_grade = 7.5, False
        comment = gradebook.find_comment("answer_ranking", COMPARISON, "mbrl", "essayist")
        comment.manual_comment = "Which runs would decide it?"
        gradebook.db.commit()
    nbgrader(course, "autograde", "mbrl", "--student", "essayist", "--force")
    nbgrader(course, "generate_feedback", "mbrl", "--student", "essayist", "--force")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        assert gradebook.find_grade("answer_ranking", COMPARISON, "mbrl", "essayist").manual_score == 7.5
        assert gradebook.find_submission("mbrl", "essayist").score == 7.5
    page = (course / "feedback" / "essayist" / "mbrl" / f"{COMPARISON}.html").read_text()
    assert "Which runs would decide it?" in page
    assert "My ten runs do <strong>not</strong> decide" in page
    assert "ubric" not in page


def test_without_a_cage_nbgrader_writes_no_grade(course, release):
    """The stock command refuses without the cage demanded, as ``autograder grade`` does; no points come of it."""
    work = course / "submitted" / "late" / "mbrl"
    work.mkdir(parents=True)
    node = nbformat.read(release.folder / f"{NOTEBOOK}.ipynb", as_version=4)
    node.cells.append(nbformat.v4.new_code_cell("not_seen_before = True"))
    nbformat.write(solve(node), work / f"{NOTEBOOK}.ipynb")
    environment = {"HOME": str(course), "PATH": "/nonexistent", "LANG": "C.UTF-8"}
    command = [NBGRADER, "autograde", "mbrl", "--student", "late", "--Judge.tier=A"]
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert "bubblewrap is not installed" in done.stderr
    assert not (course / "autograded" / "late" / "mbrl").exists()
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        assert [each.score for each in gradebook.student_submissions("late")] in ([], [0.0])


# The Validate button: a real kernel, the student's own


@pytest.fixture
def own_folder(tmp_path, release):
    """A student's folder, without the experiments, whose pictures take a while."""
    for part in release.support.rglob("*.py"):
        target = tmp_path / "labkit" / part.relative_to(release.support)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(part.read_bytes())
    node = nbformat.read(release.folder / f"{NOTEBOOK}.ipynb", as_version=4)
    node.cells = [cell for cell in node.cells if "experiment" not in cell.metadata.get("tags", [])]
    return tmp_path, node


def test_validate_passes_on_a_solved_notebook(own_folder):
    folder, node = own_folder
    nbformat.write(solve(node), folder / f"{NOTEBOOK}.ipynb")
    assert "Success! Your notebook passes all the tests." in nbgrader(folder, "validate", f"{NOTEBOOK}.ipynb")
    assert not (folder / ".hypothesis").exists()


def test_validate_says_what_failed_in_an_unsolved_notebook(own_folder):
    folder, node = own_folder
    solved = [name for name in EXERCISES if name != "batched_value_iteration"]
    nbformat.write(solve(node, solved), folder / f"{NOTEBOOK}.ipynb")
    told = nbgrader(folder, "validate", f"{NOTEBOOK}.ipynb")
    assert "VALIDATION FAILED ON 1 CELL" in told.upper()
    assert "check(batched_value_iteration)" in told
    assert "CheckFailed: batched_value_iteration: 3 of 3 public properties do not hold yet" in " ".join(told.split())


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # the order in which nbgrader adds objects
def test_the_scores_of_a_notebook_are_saved_together_or_not_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")  # nbgrader starts alembic
    database = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(database) as gradebook:
        gradebook.add_assignment("mbrl")
        gradebook.add_notebook("n", "mbrl")
        for name in ("test_f", "test_g"):
            gradebook.add_grade_cell(name, "n", "mbrl", max_score=2, cell_type="code")
        gradebook.add_student("student-01")
        gradebook.add_submission("mbrl", "student-01")

    def save(*points: str) -> None:
        node = nbformat.v4.new_notebook()
        for name, most in zip(("test_f", "test_g"), points, strict=True):
            cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("execute_result", {"text/plain": "1.5"})])
            cell.metadata.nbgrader = {"grade_id": name, "grade": True, "solution": False, "points": most}
            node.cells.append(cell)
        about = {"notebook": "n", "assignment": "mbrl", "student": "student-01", "db_url": database}
        SaveNotebooksGrades().preprocess(node, {"nbgrader": about})

    def saved() -> list[float | None]:
        with Gradebook(database) as gradebook:
            return [gradebook.find_grade(name, "n", "mbrl", "student-01").auto_score for name in ("test_f", "test_g")]

    with pytest.raises(ValueError, match="many"):
        save("2", "many")
    assert saved() == [None, None]
    save("2", "2")
    assert saved() == [1.5, 1.5]

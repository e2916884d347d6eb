"""Nothing that a student writes runs in a browser or fetches anything, whoever opens which page.

A submission full of markup goes through nbgrader's stock commands; its feedback and formgrader's view of it are opened
in a real browser, which can reach nothing but a counting proxy. The same pages without the kit's cleaning show that
the counting works.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from autograder import KIT
from autograder.course.release import read_release
from autograder.grading.safe_html import clean, formula
from tests import payloads
from tests.browser import ABSENT, CANARY, CHROMIUM, visit

NOTEBOOK = "02_planning"
MARKED_NAME = "<img src=x: onerror=document.title='script-ran'>"
SECRET = "the instructor's own file"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": f"{KIT}{os.pathsep}{KIT / 'source' / 'mbrl'}"}
pytestmark = pytest.mark.timeout(2400)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason=ABSENT)
slow = pytest.mark.slow

OWN_CELL = f"""
from IPython.display import HTML, SVG, Javascript, display
MARKUP = {payloads.ALL_MARKUP!r}
print(MARKUP)
print("\\x1b[31mred\\x1b[0m \\x1b[38;2;1;2;3" + MARKUP + "m \\x1b]8;;{CANARY}/terminal\\x07link")
display(HTML(MARKUP), SVG({payloads.SVG!r}), Javascript({payloads.run("display")!r}))
"""
FAILING_CELL = "raise type(MARKUP, (Exception,), {})(MARKUP)"
ANSWER = """
def bellman_q(P, R, V, gamma):
    raise type(MARKUP, (Exception,), {})(MARKUP)
"""
SYNTAX = f"x = = 1  # {payloads.MARKUP['script']}"


CONFIGURATION = """
from pathlib import Path
from autograder.grading.course import configure
configure(get_config(), root=Path("{root}"))
"""
WITHOUT_CLEANING = """
from nbconvert.exporters import HTMLExporter
c = get_config()
c.GenerateFeedback.exporter_class = HTMLExporter
c.HTMLExporter.preprocessors = []
c.HTMLExporter.filters = {}
"""


def nbgrader(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of nbgrader's own commands on this very checkout."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    environment = {**ENVIRONMENT, "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def hostile_hand_in(folder: Path, secret: Path) -> None:
    """Write a submission that tries everything: in cells, outputs, metadata, names and other files."""
    folder.mkdir(parents=True)
    node = nbformat.read(read_release().folder / f"{NOTEBOOK}.ipynb", as_version=4)
    for cell in node.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "bellman_q":
            cell.source = ANSWER
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "test_bellman_q":
            cell.source += "# changed"
        if cell.cell_type == "markdown":
            cell.source += payloads.ALL_MARKUP
    own = [new_code_cell(OWN_CELL), new_code_cell(FAILING_CELL), new_code_cell(SYNTAX), new_markdown_cell(OWN_CELL)]
    own[0].outputs = [new_output("display_data", dict(payloads.OUTPUTS))]
    own[0].metadata.tags = [payloads.MARKUP["closes"]]
    node.cells[0:0] = own
    node.metadata.title = payloads.MARKUP["closes"]
    node.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"x": payloads.MARKUP["closes"]}}
    (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(node))
    (folder / f"{payloads.MARKUP['onerror'].replace('/', '')}.ipynb").write_text("{}")
    (folder / f"{NOTEBOOK}.html").write_text(payloads.ALL_MARKUP)
    (folder / "derivation.html").write_text(payloads.ALL_MARKUP)
    (folder / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC")
    (folder / "picture.svg").write_text(payloads.SVG)
    (folder / "stolen.txt").symlink_to(secret)
    (folder / "endless").symlink_to("/dev/zero")
    os.mkfifo(folder / "waits")


STUDENTS = {"student-01": "as graded", "student-02": "all ways in", "student-03": "refresh"}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which hostile submissions went through nbgrader's own commands, and the same without cleaning.

    What grading leaves of one is put to worse for two of them, as written answers could: see ``hostile_cells``.
    """
    root = tmp_path_factory.mktemp("a course")
    secret = root / "secret.txt"
    secret.write_text(SECRET)
    (root / "nbgrader_config.py").write_text(CONFIGURATION.format(root=root))
    for name in (*STUDENTS, MARKED_NAME):
        hostile_hand_in(root / "submitted" / name / "mbrl", secret)
    done = nbgrader(root, "generate_assignment", "mbrl")
    assert done.returncode == 0, done.stderr
    done = nbgrader(root, "autograde", "mbrl")
    (root / "autograde.log").write_text(done.stdout + done.stderr)
    put_in(autograded(root, "student-02"), hostile_cells())
    put_in(autograded(root, "student-03"), [new_markdown_cell(payloads.REFRESH)])
    done = nbgrader(root, "generate_feedback", "mbrl")
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def unclean(course: Path) -> Path:
    """The same course with nbgrader's own rendering."""
    root = course / "unclean"
    root.mkdir()
    shutil.copy(course / "gradebook.db", root)
    shutil.copytree(course / "autograded", root / "autograded")
    (root / "nbgrader_config.py").write_text(CONFIGURATION.format(root=root) + WITHOUT_CLEANING)
    path = autograded(root, "student-02")
    put_in(path, [], without="absent.png")  # one missing attachment, and nbgrader writes no page at all
    done = nbgrader(root, "generate_feedback", "mbrl")
    assert done.returncode == 0, done.stderr
    return root


def autograded(root: Path, student: str) -> Path:
    return root / "autograded" / student / "mbrl" / f"{NOTEBOOK}.ipynb"


def feedback(root: Path, student: str) -> Path:
    return root / "feedback" / student / "mbrl" / f"{NOTEBOOK}.html"


def put_in(path: Path, cells: list[NotebookNode], without: str = "\0") -> None:
    """Put cells into an autograded notebook, and take out those that contain a text."""
    node = nbformat.read(path, as_version=4)
    node.cells[1:1] = cells
    node.cells = [cell for cell in node.cells if without not in cell.source]
    path.unlink()
    nbformat.write(node, path)


def hostile_cells() -> list[NotebookNode]:
    """Return one cell for each way in that nbconvert knows."""
    cells = [new_markdown_cell(f"before\n\n{each}\n\nafter") for each in payloads.MARKUP.values()]
    cells += [new_markdown_cell(f"before\n\n{each}\n\nafter") for each in payloads.MARKDOWN.values()]
    cells += [new_raw_cell(payloads.ALL_MARKUP, metadata={"raw_mimetype": "text/html"})]
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.attachments = json.loads(json.dumps(payloads.ATTACHMENTS))
    for kind, data in payloads.OUTPUTS.items():
        shown = {"isolated": True, "width": f'9 onerror="{payloads.run("width")}"', "alt": payloads.MARKUP["closes"]}
        cells.append(new_code_cell(f"# {kind}", outputs=[new_output("display_data", {kind: data}, metadata=shown)]))
    texts = payloads.ALL_MARKUP
    error = new_output("error", ename=texts, evalue=texts, traceback=[texts, f"\x1b[31;1m{texts}\x1b[0m"])
    cells.append(new_code_cell(texts, outputs=[new_output("stream", text=texts), error]))
    return cells


@pytest.fixture(scope="module")
def browsing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browsing")


# The feedback


@slow
@needs_browser
def test_without_cleaning_the_same_pages_run_scripts_and_fetch(unclean: Path, browsing: Path) -> None:
    seen = visit(feedback(unclean, "student-02"), browsing)
    reached = {each.removeprefix(f"GET {CANARY}/") for each in seen.requests if CANARY in each}
    assert seen.ran_a_script
    assert reached >= {"script", "script-src", "onerror", "image", "css-import", "iframe", "markdown-image", "object",
                       "output-html", "inline-style", "stylesheet", "mermaid"}  # fmt: skip
    assert f"GET {CANARY}/refresh" in visit(feedback(unclean, "student-03"), browsing).requests


@slow
@needs_browser
@pytest.mark.parametrize("student", STUDENTS, ids=STUDENTS.values())
def test_a_feedback_page_runs_nothing_and_fetches_nothing(course: Path, browsing: Path, student: str) -> None:
    seen = visit(feedback(course, student), browsing)
    assert seen.requests == []
    assert not seen.ran_a_script
    assert "Student's answer" in seen.document
    assert seen.document.count("before") >= (len(payloads.MARKUP) if student == "student-02" else 0)


@slow
def test_what_the_student_wrote_is_still_shown(course: Path) -> None:
    page = feedback(course, "student-01").read_text()
    for wanted in ("document.title='script-ran'", "&lt;script&gt;", "What the grader noticed", "of 6 points"):
        assert wanted in page
    assert "<math" in page
    assert "<script" not in page


@slow
def test_nothing_but_the_notebooks_of_a_submission_is_passed_on(course: Path) -> None:
    for kind in ("autograded", "feedback"):
        folder = course / kind / "student-01" / "mbrl"
        assert {each.suffix for each in folder.iterdir()} == {".ipynb" if kind == "autograded" else ".html", ".txt"}
        assert {each.name for each in folder.iterdir() if each.suffix == ".txt"} == {"timestamp.txt"}
        assert not [path for path in folder.rglob("*") if path.is_symlink() or SECRET in path.read_text()]


@slow
def test_a_name_that_is_markup_is_graded_by_nobody(course: Path) -> None:
    assert "no student's name may hold" in (course / "autograde.log").read_text()
    assert not (course / "autograded" / MARKED_NAME).exists()


# Formgrader


@pytest.fixture(scope="module")
def formgrader(course: Path):
    """A running Jupyter server with nbgrader's extensions; the address of formgrader's own pages."""
    port = 41_000 + os.getpid() % 20_000
    command = [sys.executable, "-m", "jupyter", "server", "--allow-root", "--no-browser", f"--port={port}",
               "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.jpserver_extensions="
               "{'nbgrader.server_extensions.formgrader': True}"]  # fmt: skip
    environment = {**ENVIRONMENT, "HOME": str(course), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    with open(course / "server.log", "w") as log:
        server = subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except urllib.error.URLError:
                assert server.poll() is None, (course / "server.log").read_text()
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait(30)


@slow
@needs_browser
@pytest.mark.parametrize("student", STUDENTS, ids=STUDENTS.values())
def test_formgraders_view_runs_nothing_of_the_students(course: Path, browsing: Path, formgrader: str, student: str):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        number = gradebook.find_submission_notebook(NOTEBOOK, "mbrl", student).id
    page = f"{formgrader}/formgrader/submissions/{number}/?index=0"
    seen = visit(page, browsing, direct=formgrader.removeprefix("http://"), milliseconds=8000)
    assert [each for each in seen.requests if "cdnjs.cloudflare.com" not in each] == []  # MathJax, as nbgrader has it
    assert "formgrader/static/js/formgrade.js" in seen.document
    assert "comment tabbable" in seen.document
    assert not seen.ran_a_script


@slow
@needs_browser
@pytest.mark.parametrize("page", ["manage_submissions/mbrl", "manage_students", "gradebook/mbrl/02_planning"])
def test_formgraders_lists_run_nothing_of_a_folders_name(browsing: Path, formgrader: str, page: str) -> None:
    direct = formgrader.removeprefix("http://")
    seen = visit(f"{formgrader}/formgrader/{page}", browsing, direct=direct, milliseconds=8000)
    assert seen.requests == []
    assert not seen.ran_a_script


# What may stay


@pytest.mark.parametrize("markup", payloads.MARKUP.values(), ids=payloads.MARKUP)
def test_cleaning_leaves_no_way_out(markup: str) -> None:
    cleaned = clean(markup + payloads.REFRESH)
    assert CANARY not in cleaned.replace("&lt;", "") or "<img" not in cleaned
    assert "<script" not in cleaned
    assert clean(cleaned) == cleaned


def test_the_judges_own_reports_pass_as_they_are() -> None:
    from autograder.judge.report import render_exercise
    from autograder.judge.results import ExerciseResult, PropertyOutcome

    outcomes = [
        PropertyOutcome("one", True, True, 1.0, "It holds."),
        PropertyOutcome("two", True, False, 1.0, "It is small.", "5 is not < 3 & so on", "x = [1, 2]\ny = 'a'"),
        PropertyOutcome("three", False, False, 1.0, "It is hidden.", "This does not hold for some valid input."),
    ]
    report = render_exercise(ExerciseResult("f", "n", 1.0, 3.0, 0.1, outcomes, "It was late."))
    cleaned = clean(report)
    for wanted in ("color:#d55e00", "font-weight:bold", "border-left:3px solid", "white-space:pre-wrap", "opacity:"):
        assert wanted in cleaned.replace(": ", ":"), wanted
    assert cleaned.count("<div") == report.count("<div")
    assert "5 is not &lt; 3 &amp; so on" in cleaned


def test_pictures_that_are_part_of_the_page_stay() -> None:
    picture = '<img src="data:image/png;base64,iVBORw0KGgo=" alt="what came">'
    assert clean(picture) == picture


def test_every_formula_of_the_notebooks_becomes_mathml() -> None:
    from autograder.course.build import SOURCE

    formulas: list[str] = []
    for path in sorted(SOURCE.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                formulas += cell.source.replace("$$", "$").split("$")[1::2]
    assert len(formulas) > 200
    assert [each for each in formulas if not formula(each).startswith("<math") or "\\" in formula(each)] == []


@pytest.mark.parametrize("latex", [
    r"\href{javascript:alert(1)}{x}", r"\style{background:url(http://a/)}{x}", r"\text{<script>alert(1)</script>}",
    r"\text{&lt;img src=x onerror=1&gt;}", r"\frac", r"\left(", r"\class{a}{b}", r"\color{red;x:url(a)}{x}", "{" * 3000,
])  # fmt: skip
def test_a_formula_carries_no_markup(latex: str) -> None:
    shown = formula(latex)
    assert shown.startswith(("<math", "<code>"))
    assert not any(each in shown for each in ("<script", "<img", "href=", "style=", "class="))

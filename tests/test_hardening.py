"""The table of ``make harden`` grows part by part, and what counts there as another grade."""

from __future__ import annotations

import msgspec
import pytest

from autograder.harden import __main__ as harden
from autograder.harden.__main__ import Measured, keep
from autograder.harden.finding import Finding
from autograder.harden.regrade import difference
from autograder.judge.results import CellRun, ExerciseResult, NotebookResult

ORDER = ["corpus", "limits", "fuzz"]


def measured(part: str, what: str, held: bool = True) -> Measured:
    return Measured("2026-01-01", 12.0, [Finding(part, what, "none", "none", held)])


def test_a_part_measured_again_replaces_itself_and_leaves_the_others(tmp_path):
    out = tmp_path / "harden"
    keep(out, "fuzz", measured("fuzz", "messages"), ORDER)
    keep(out, "corpus", measured("corpus", "lies & <forgeries>", held=False), ORDER)
    keep(out, "fuzz", measured("fuzz", "notebooks"), ORDER)
    kept = msgspec.json.decode((out / "findings.json").read_bytes())
    assert list(kept) == ["corpus", "fuzz"]
    assert [each["what"] for each in kept["fuzz"]["findings"]] == ["notebooks"]
    page = (out / "index.html").read_text("utf-8")
    assert "0 of 1 held" in page
    assert "1 of 1 held" in page
    assert "lies &amp; &lt;forgeries&gt;" in page


def test_an_interrupted_part_leaves_what_it_has_measured(tmp_path, monkeypatch):
    def part(tell):
        yield Finding("crash", "a box killed", "none", "1 of 2 times, 0 faults", False)
        yield Finding("crash", "a box killed", "none", "2 of 2 times, 0 faults", True)
        yield Finding("crash", "the disk is full", "none", "1 of 2 times, 0 faults", False)
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(harden, "parts", lambda: {"crash": part})
    with pytest.raises(KeyboardInterrupt):
        harden.main(["crash"])
    kept = msgspec.json.decode((tmp_path / "harden" / "findings.json").read_bytes())
    assert [(each["measured"][:6], each["held"]) for each in kept["crash"]["findings"]] == [
        ("2 of 2", True),
        ("1 of 2", False),
    ]


def judged(score: float = 1.0, message: str = "", output: str = "it took 3.5 ms", error: str = "") -> NotebookResult:
    exercises = [ExerciseResult("f", "a_notebook", score, 2.0, 0.1, [], message, 0.1)]
    return NotebookResult("a_notebook", "A", exercises, {"cell": CellRun(output, error)}, [], True)


@pytest.mark.parametrize(
    ("again", "said"),
    [
        (judged(), ""),
        (judged(output="it took 20 ms"), ""),  # a clock of the student's own
        (judged(output="it took 812 us"), ""),
        (judged(output="\r 10%|#  | 1/9\r 50%|#####\rit took 4.5 ms"), ""),  # a progress bar
        (judged(output="it took 1.3s/it"), ""),
        (judged(output="it took 1.3it/s"), ""),
        (judged(output="it failed"), "what the cell cell did"),
        (judged(output="it took 4.5 ms\rit failed"), "what the cell cell did"),
        (judged(error="It was not run."), "what the cell cell did"),
        (judged(score=0.5), "the score of f: 1 became 0.5"),
        (judged(message="No answer within 10 seconds."), "the message on f"),
    ],
)
def test_a_grade_is_another_one_when_a_score_an_outcome_or_a_message_is(again: NotebookResult, said: str):
    found = difference(judged(), again)
    assert found.startswith(said)
    assert bool(found) == bool(said)

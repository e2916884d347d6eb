"""Whether a hand-in got what its ``expected.json`` says, for whoever judged it.

Run as ``python -m tests.demo_class.outcome RESULTS`` for the folder of results of the whole class.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from labkit.exercises import EXERCISES
from tests.demo_class.build import Scenario, scenarios, written_in

Record = Mapping[str, Any]
"""One exercise of a student's record: name, score, max_score, seconds, message, properties."""


def deserved(scenario: Scenario, exercise: str) -> str | int | None:
    """Return what ``expected.json`` says of one exercise; None where it says nothing."""
    score = scenario.expected["score"]
    return score.get(exercise, score.get("*")) if isinstance(score, dict) else score


def sentences_on(exercise: Record) -> list[str]:
    """Return the reasons that a record gives for the points that one exercise lost."""
    failed = [each["message"] for each in exercise["properties"] if not each["passed"]]
    return [each for each in [exercise["message"], *failed] if each]


def unmet(scenario: Scenario, exercises: Sequence[Record], problems: Sequence[str], tier: str = "A") -> Iterator[str]:
    """Yield a sentence for each expectation that was not met when it was judged on that tier."""
    expected = scenario.expected
    looked_at = [each for each in exercises if EXERCISES[each["name"]].notebook in scenario.notebooks]
    if isinstance(expected["score"], dict):
        for each in looked_at:
            yield from _wrong_score(each["name"], deserved(scenario, each["name"]), each["score"], each["max_score"])
    else:
        earned, possible = (sum(each[key] for each in looked_at) for key in ("score", "max_score"))
        yield from _wrong_score("the whole", expected["score"], earned, possible)
    for wanted in expected.get("problems", []):
        if not any(wanted in each for each in problems):
            yield f"no problem says {wanted!r}: {list(problems)}"
    if expected.get("quiet") in (True, tier) and problems:
        yield f"there should be no problems: {list(problems)}"
    words = " ".join(sentence for each in exercises for sentence in sentences_on(each))
    for wanted in expected.get("words", []):
        if wanted not in words:
            yield f"no message says {wanted!r}"
    about = written_in(scenario)
    seconds = sum(each["seconds"] for each in looked_at if not about or each["name"] in about)
    if seconds > expected.get("seconds", seconds):
        yield f"judging took {seconds:.0f} s"


def _wrong_score(name: str, deserves: str | int | None, score: float, highest: float) -> Iterator[str]:
    right = {"full": score == highest, "partial": 0 < score < highest, 0: score == 0, None: True}[deserves]
    if not (right and 0 <= score <= highest):
        yield f"{name} earned {score:g} of {highest:g}, but deserves {deserves}"


def unmet_in(results: Path) -> Iterator[str]:
    """Yield a sentence for each expectation of the demo class that its results do not meet."""
    for scenario in scenarios():
        path = results / f"{scenario.student}.json"
        if not path.is_file():
            yield f"{scenario.student} ({scenario.name}): there is no {path}"
            continue
        record = json.loads(path.read_text("utf-8"))
        for sentence in unmet(scenario, record["exercises"], record["problems"]):
            yield f"{scenario.student} ({scenario.name}): {sentence}"


def main() -> None:
    """Compare the results in the folder named on the command line with what the class deserves."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.demo_class.outcome RESULTS")
    wrong = list(unmet_in(Path(sys.argv[1])))
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"All {len(scenarios())} hand-ins got what they deserve.")


if __name__ == "__main__":
    main()

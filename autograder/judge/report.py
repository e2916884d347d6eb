"""One exercise's outcome in words: the same lines as ``check`` shows, with the points and what was hidden."""

from __future__ import annotations

import html

from autograder.judge.results import ExerciseResult
from labkit.checking import render_html, render_text


def render_exercise(exercise: ExerciseResult) -> str:
    """Return the feedback on one exercise as HTML; everything that came from outside is escaped."""
    head = f"<div>{html.escape(_headline(exercise))}</div>"
    note = f"<div style='margin:.3em 0'>{html.escape(exercise.message)}</div>" if exercise.message else ""
    lines = render_html(exercise.name, exercise.properties) if exercise.properties else ""
    return f"<div class='tex2jax_ignore' style='unicode-bidi:plaintext'>{head}{note}{lines}</div>"


def render_exercise_text(exercise: ExerciseResult) -> str:
    """Return the feedback on one exercise as plain text."""
    lines = [_headline(exercise)] + ([exercise.message] if exercise.message else [])
    return "\n".join(lines + ([render_text(exercise.name, exercise.properties)] if exercise.properties else []))


def _headline(exercise: ExerciseResult) -> str:
    return f"{exercise.score:g} of {exercise.max_score:g} points"

"""nbgrader's configuration: the course in this folder, with the judge plugged in as autograder."""

from autograder.grading.course import configure

configure(get_config())  # noqa: F821 - nbgrader provides get_config

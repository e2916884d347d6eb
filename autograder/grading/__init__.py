"""A class: intake, stored results, parallel judging, nbgrader's gradebook and what is written out."""

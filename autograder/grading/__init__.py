"""A class: intake, stored results, parallel judging, nbgrader's gradebook and what is written out."""

from autograder import course as course  # before nbformat is imported here

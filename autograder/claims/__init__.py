"""The course's claims, measured: each is run over many seeds, and called borne out only where the interval says so."""

from autograder.claims import comparison, control, ensembles, little_data, mazes, modern, search

UNITS = (ensembles, little_data, mazes, search, control, modern, comparison)

"""The course's claims, measured: each is run over many seeds, and called borne out only where the interval says so."""

from autograder.claims import little_data

UNITS = (little_data,)

"""Hidden properties of unit 7: exact values for any numbers and sizes, and what a resampling must look like."""

from autograder.properties.comparison.statistics import (
    bootstrap_interval,
    compare,
    interquartile_mean,
    learning_curve_area,
    probability_of_improvement,
)
from solutions import comparison as reference

__all__ = [
    "bootstrap_interval",
    "compare",
    "interquartile_mean",
    "learning_curve_area",
    "probability_of_improvement",
    "reference",
]

"""What several of the hidden properties of unit 6 draw and expect."""

from __future__ import annotations

from hypothesis import strategies as st

from labkit.exercises.modern_methods import random_seeds

NOTEBOOK = "06_modern_methods"
RELATIVE = 1e-8
drawn = st.fixed_dictionaries({"random_seed": random_seeds})
scales = (1.0, 1e3, 1e-2)

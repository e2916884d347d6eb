"""What the hidden properties of several units need."""

from __future__ import annotations

import functools

import numpy as np

hidden = functools.partial(dict, public=False)


def draw_sizes(rng, count, largest):
    """Return ``count`` different sizes from 1 to ``largest``, in random order."""
    return [int(each) for each in rng.permutation(np.arange(1, largest + 1))[:count]]

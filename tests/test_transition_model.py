"""A learned model is read the same way whether it is plainly right or has to be looked at entry by entry."""

import numpy as np
import pytest

from labkit import validate

GOOD = {(0, 1): (1.0, 2, False), (2, 0): (0.0, 0, True)}


@pytest.mark.parametrize(
    "model",
    [{}, GOOD, {(np.int64(1), 0): (np.float64(2.0), np.int64(1), np.bool_(True))}, {(0, 0): (1, 1.0, 0)}],
)
def test_a_good_model_comes_back_as_a_copy(model):
    read = validate.transition_model(model, 3, 2)
    assert read == model
    assert read is not model


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({(3, 0): (0.0, 0, False)}, "every state in model must be between 0 and 2, but one is 3"),
        ({(0, 2): (0.0, 0, False)}, "every action in model must be between 0 and 1"),
        ({(0, 0): (0.0, 3, False)}, "every next state in model"),
        ({(0, 0): (0.0, 0.5, False)}, "every next state in model"),
        ({(0, 0): (float("nan"), 0, False)}, "finite"),
        ({(0, 0): (0.0, 0, float("nan"))}, "finite"),
        ({(0, 0): ("much", 0, False)}, "must map each"),
        ({(0, 0): (0.0, 0)}, "must map each"),
        ({0: (0.0, 0, False)}, "must map each"),
        ({(0, 0): ([1.0], 0, False)}, "must map each"),
        ({(0, 0): (0.0, [0], False)}, "must map each"),
    ],
)
def test_one_bad_entry_among_good_ones_is_refused_in_a_sentence(entry, sentence):
    with pytest.raises(ValueError, match=sentence):
        validate.transition_model(GOOD | entry, 3, 2)

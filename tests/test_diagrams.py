"""Diagrams name their parts."""

import matplotlib.pyplot as plt

from labkit.diagrams import PARTS, draw_loop


def test_the_loop_names_every_part():
    figure, ax = plt.subplots()
    written = {text.get_text() for text in draw_loop(ax).texts}
    assert {name for name, *_ in PARTS} <= written
    plt.close(figure)

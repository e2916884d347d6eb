"""Diagrams drawn with matplotlib: boxes and arrows where a sentence would be longer."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from labkit.plots import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION

BOX = (1.9, 0.86)  # width and height of a box
# name, what it is, middle of the box, colour
PARTS = (
    ("agent", "acts by its policy π", (1.2, 2.6), BLUE),
    ("world", "p(s′ | s, a), r(s, a)", (5.0, 2.6), GREY),
    ("data", "all steps so far", (8.8, 2.6), PURPLE),
    ("model", "p̂(s′ | s, a), r̂(s, a)", (8.8, 0.6), GREEN),
    ("planner", "looks for a better π", (3.1, 0.6), VERMILLION),
)
# from, to, what flows, where it is written, whether it goes round the model
FLOWS = (
    ((2.2, 2.75), (4.0, 2.75), "action a", (3.1, 2.93), False),
    ((4.0, 2.45), (2.2, 2.45), "state s′, reward r", (3.1, 2.24), False),
    ((6.0, 2.6), (7.8, 2.6), "s, a, r, s′", (6.9, 2.78), False),
    ((8.8, 2.12), (8.8, 1.08), "learn", (9.1, 1.6), False),
    ((7.8, 0.75), (4.1, 0.75), "what would happen", (5.95, 0.93), False),
    ((4.1, 0.45), (7.8, 0.45), "what if?", (5.95, 0.24), False),
    ((2.6, 1.08), (1.6, 2.12), "policy", (1.75, 1.55), False),
    ((8.5, 3.08), (1.5, 3.08), "model-free learning goes straight from data to policy", (5.0, 3.98), True),
)


def draw_loop(ax: Axes) -> Axes:
    """Draw how agent, world, data, model and planner work together, and the way round the model."""
    width, height = BOX
    for name, what, (x, y), colour in PARTS:
        box = FancyBboxPatch(
            (x - width / 2, y - height / 2), width, height, boxstyle="round,pad=0.03,rounding_size=0.12"
        )
        box.set(facecolor=(*_rgb(colour), 0.12), edgecolor=colour, linewidth=1.8)
        ax.add_patch(box)
        ax.text(x, y + 0.16, name, ha="center", va="center", fontsize=12, fontweight="bold", color=colour)
        ax.text(x, y - 0.18, what, ha="center", va="center", fontsize=9)
    for tail, tip, text, where, around in FLOWS:
        style = {"linestyle": (0, (4, 3)), "color": ORANGE} if around else {"color": "#404040"}
        bend = "arc3,rad=0.18" if around else "arc3"
        arrow = FancyArrowPatch(tail, tip, arrowstyle="-|>", mutation_scale=14, linewidth=1.5, connectionstyle=bend)
        arrow.set(**style)
        ax.add_patch(arrow)
        ax.text(*where, text, ha="center", va="center", fontsize=9.5, color="#8A5A00" if around else "#404040")
    ax.set(xlim=(0.1, 10.0), ylim=(0.0, 4.25), aspect="equal")
    ax.axis("off")
    return ax


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))

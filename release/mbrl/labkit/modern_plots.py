"""Pictures for unit 6: a timeline, and frames that are seen and imagined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from labkit.plots import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION

# year of the first version, name, what was new, colour, height of the text
TIMELINE = (
    (2018.22, "World Models", "a compact code of pictures,\na controller trained in the dream", GREY, 1),
    (2018.87, "PlaNet", "a latent state, part\nmemory, part chance;\nplans with CEM", GREY, -1),
    (2019.92, "Dreamer (V1)", "actor and critic trained by gradients\nthrough imagination; λ-returns", BLUE, 1),
    (2020.76, "DreamerV2", "latents of 32 × 32 categories,\nKL balancing; human level on Atari", GREEN, -1),
    (
        2023.03,
        "DreamerV3",
        "symlog, two-hot values, scaled returns:\none setting for 150 tasks, Minecraft",
        VERMILLION,
        1,
    ),
    (2019.88, "MuZero", "a model of rewards, values and policy only", PURPLE, -2.6),
    (2019.47, "MBPO", "short branches off real states", ORANGE, 2.4),
)


def draw_timeline(ax: Axes) -> None:
    """Draw when the methods of this unit appeared, by the month of the first preprint."""
    ax.axhline(0, color=BLACK, linewidth=1.2, zorder=1)
    for year in range(2018, 2025):
        ax.plot([year, year], [-0.08, 0.08], color=BLACK, linewidth=1)
        ax.text(year, -0.14, str(year), ha="center", va="top", fontsize=8, color=BLACK, zorder=5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # fmt: skip
    for year, name, what, colour, height in TIMELINE:
        ax.plot([year, year], [0, height], color=colour, linewidth=1.2, zorder=2)
        ax.plot(year, 0, "o", color=colour, markersize=7, zorder=4)
        upward = height > 0
        lines = what.count("\n") + 1
        near, far = (height + 0.12, height + 0.2 + 0.32 * lines) if upward else (height - 0.5, height - 0.12)
        ax.text(year + 0.04, far, name, color=colour, fontweight="bold", fontsize=10,
                va="bottom" if upward else "top")  # fmt: skip
        ax.text(year + 0.04, near, what, fontsize=8.5, va="bottom" if upward else "top")
    ax.set(xlim=(2017.9, 2024.8), ylim=(-3.7, 3.7))
    ax.axis("off")


def draw_frames(axes: Sequence[Sequence[Axes]], rows: dict[str, np.ndarray], shape: tuple[int, int]) -> None:
    """Draw one row of pictures for each name.

    Args:
        axes: of shape `(rows, K)`.
        rows: for each name pictures `(K, pixels)`.
        shape: rows and columns of a picture.
    """
    for row, (line, (name, pictures)) in enumerate(zip(axes, rows.items(), strict=True)):
        for k, (ax, picture) in enumerate(zip(line, pictures, strict=True)):
            ax.imshow(picture.reshape(shape), cmap="cividis", vmin=-0.5, vmax=1.0)
            ax.set(xticks=[], yticks=[])
            if row == 0:
                ax.set_title("now" if k == 0 else f"+{k}", fontsize=9)
        line[0].set_ylabel(name, fontsize=9)

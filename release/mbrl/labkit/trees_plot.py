"""Pictures of tree search: trees with numbers in their nodes, the four phases of a simulation, and walls of blocks.

Every function draws on the axes that it is given and returns them, or the positions of what it drew. Colours are
those of ``labkit.plots``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from labkit.cascade import EMPTY, Wall
from labkit.plots import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION

BLOCKS = {1: (BLUE, "●"), 2: (ORANGE, "▲"), 3: (GREEN, "■"), 4: (PURPLE, "◆"), 5: (SKY, "★")}
PAPER = "#F4F4F4"


def tree_layout(parents: Sequence[int]) -> np.ndarray:
    """Return a place for each node: leaves side by side, parents above the middle of their children.

    Args:
        parents: the parent of each node, before its children in the order of nodes; −1 for the root, shape `(N,)`.

    Returns:
        Places, shape `(N, 2)`: to the right in leaves, and upwards in levels, the root at height 0.

    Raises:
        ValueError: some node comes before its parent.
    """
    children: list[list[int]] = [[] for _ in parents]
    for node, parent in enumerate(parents):
        if not (parent < node and (parent >= 0 or node == 0)):
            raise ValueError(f"node 0 must be the root and parents must come first, but {node} has parent {parent}.")
        if parent >= 0:
            children[parent].append(node)
    places = np.zeros((len(parents), 2))
    for node, parent in enumerate(parents):
        places[node, 1] = 0 if parent < 0 else places[parent, 1] - 1
    leaves, stack = 0, [0]
    while stack:  # leaves from left to right
        node = stack.pop()
        stack += reversed(children[node])
        if not children[node]:
            places[node, 0] = leaves
            leaves += 1
    for node in reversed(range(len(parents))):
        if children[node]:
            places[node, 0] = (places[children[node][0], 0] + places[children[node][-1], 0]) / 2
    return places


def draw_tree(
    ax: Axes,
    parents: Sequence[int],
    labels: Sequence[str],
    fill: Sequence[Any] | None = None,
    sizes: Sequence[float] | float = 900.0,
    edge_labels: Sequence[str] | None = None,
    highlight: Sequence[int] = (),
    fontsize: float = 8,
    edge_label_place: float = 0.5,
) -> np.ndarray:
    """Draw a tree, the root on top.

    Args:
        ax: axes to draw on; they lose their frame.
        parents: the parent of each node, −1 for the root, shape `(N,)`.
        labels: the text in each node.
        fill: a colour for each node; light grey where left out.
        sizes: the area of each node in points², shape `(N,)`, or one for all.
        edge_labels: the text beside the edge that leads to each node.
        highlight: nodes to frame boldly, together with the edges that lead to them.
        fontsize: of all texts, in points.
        edge_label_place: where on the edge its text stands, from 0 (at the parent) to 1 (at the child).

    Returns:
        The places of the nodes, shape `(N, 2)`, as of `tree_layout`.
    """
    places = tree_layout(parents)
    sizes = np.broadcast_to(sizes, len(places))
    fill = [PAPER] * len(places) if fill is None else fill
    bold = set(highlight)
    for node, parent in enumerate(parents):
        if parent >= 0:
            colour, width = (VERMILLION, 2.6) if node in bold else ("#9A9A9A", 0.9)
            ax.plot(*places[[parent, node]].T, color=colour, linewidth=width, zorder=1)
            if edge_labels is not None and edge_labels[node]:
                x, y = (1 - edge_label_place) * places[parent] + edge_label_place * places[node]
                text = ax.text(x, y, edge_labels[node], fontsize=fontsize, ha="center", va="center", color=GREY)
                text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8})
    edges = [VERMILLION if node in bold else "#555555" for node in range(len(places))]
    widths = [2.2 if node in bold else 0.8 for node in range(len(places))]
    ax.scatter(*places.T, s=sizes, c=fill, edgecolors=edges, linewidths=widths, zorder=2)
    for (x, y), label in zip(places, labels, strict=True):
        ax.text(x, y, label, ha="center", va="center", fontsize=fontsize, zorder=3)
    ax.set_axis_off()
    ax.margins(0.09, 0.12)
    return places


def plot_four_phases(axes: Sequence[Axes]) -> None:
    """Draw one simulation of a tree search on four axes: selection, expansion, simulation, backpropagation.

    The numbers in the nodes are summed return / visits; every reward is 0, except that the rollout earns 1.
    """
    parents = [-1, 0, 0, 1, 1, 2, 4]
    before = ["3/5", "2/3", "1/2", "0/1", "1/1", "1/1"]
    after = ["4/6", "3/4", "1/2", "0/1", "2/2", "1/1", "1/1"]
    path, new = [0, 1, 4], 6
    titles = (
        "1 selection:\nfollow the largest UCB1 score",
        "2 expansion:\nadd a node for an untried action",
        "3 simulation:\nact at random from there",
        "4 backpropagation:\nupdate every node on the path",
    )
    for phase, (ax, title) in enumerate(zip(axes, titles, strict=True)):
        shown = parents[:new] if phase == 0 else parents
        labels = before if phase == 0 else [*before, "new" if phase < 3 else ""] if phase < 3 else after
        fill = [PAPER] * len(shown)
        if phase > 0:
            fill[new] = "#F6DDB0"
        highlight = {0: path, 1: [new], 2: [], 3: [*path, new]}[phase]
        places = draw_tree(ax, shown, labels, fill, 620, highlight=highlight)
        if phase == 2:
            _draw_rollout(ax, *places[new])
        if phase == 3:
            ax.annotate(
                "",
                xy=places[0] + (-0.62, 0.05),
                xytext=places[new] + (-0.42, 0.1),
                arrowprops={"arrowstyle": "-|>", "color": VERMILLION, "connectionstyle": "arc3,rad=-0.38"},
            )
        ax.set(xlim=(-0.9, 2.6), ylim=(-5.1, 0.5))
        ax.set_title(title, fontsize=9)


def _draw_rollout(ax: Axes, x: float, y: float) -> None:
    bottom = y - 1.55
    along = np.linspace(y - 0.28, bottom, 60)
    ax.plot(x + 0.09 * np.sin(np.linspace(0, 6 * np.pi, 60)), along, color=BLUE, linewidth=1.6)
    ax.text(x, bottom - 0.06, "return 1", ha="center", va="top", color=BLUE, fontsize=8)


def plot_wall(wall: Wall, ax: Axes, title: str = "", group: Sequence[tuple[int, int]] = ()) -> Axes:
    """Draw a wall of Cascade: each colour has a sign of its own as well.

    Args:
        wall: columns of blocks from bottom to top.
        ax: axes to draw on.
        title: of the picture.
        group: places `(column, row)` to frame, rows counted from the bottom.
    """
    for column, blocks in enumerate(wall):
        for row, block in enumerate(blocks):
            if block == EMPTY:
                continue
            colour, sign = BLOCKS[block]
            ax.add_patch(Rectangle((column - 0.47, row - 0.47), 0.94, 0.94, facecolor=colour, edgecolor="none"))
            ax.text(column, row, sign, ha="center", va="center", color="white", fontsize=9)
            if (column, row) in group:
                ax.add_patch(
                    Rectangle((column - 0.44, row - 0.44), 0.88, 0.88, fill=False, edgecolor=BLACK, linewidth=2)
                )
    width, height = len(wall), len(wall[0])
    ax.set(xlim=(-0.6, width - 0.4), ylim=(-0.6, height - 0.4), aspect="equal", xlabel="column (action)")
    ax.set_xticks(range(width))
    ax.set_yticks([])
    ax.tick_params(length=0, labelsize=8)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.set_title(title, fontsize=9)
    return ax

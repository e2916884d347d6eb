"""Pictures for the notebooks: grid worlds, convergence curves, and comparisons with their uncertainty.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; curves carry their names at their ends.
Every function draws on the axes that it is given, or on new ones, and returns them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from labkit.data import mean_interval
from labkit.environments import GOAL, HOLE, MOVES, WALL

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
VERMILLION, SKY, BLACK, GREY = "#D55E00", "#56B4E9", "#000000", "#6E6E6E"
PALETTE = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, BLACK)
NOISE_FLOOR = 1e-9  # a curve is drawn until it falls below; further down, errors are those of the reference values
FAINT = 0.08  # actions less probable than this get no arrow
LABEL_GAP = 11.0  # points between the names of two curves that end close together
NOT_WALKABLE = {WALL: ("#464646", ""), GOAL: (GREEN, "G"), HOLE: (VERMILLION, "H")}


def plot_grid(
    env: Any,
    values: np.ndarray | None = None,
    policy: np.ndarray | None = None,
    title: str = "",
    ax: Axes | None = None,
    limits: tuple[float, float] | None = None,
    decimals: int = 2,
) -> Axes:
    """Draw a grid world with a number and an arrow in every cell.

    Args:
        env: a `GridWorld`, wrapped or not.
        values: a number for each state, shape `(S,)`, drawn as colour and as text.
        policy: an action for each state, shape `(S,)`, or probabilities of shape `(S, A)`, whose arrows have a length
            in proportion.
        title: of the picture; name the quantity and its unit here.
        ax: axes to draw on; new ones where left out.
        limits: the values at both ends of the colour scale; those of the cells where left out.
        decimals: of the numbers.
    """
    env = env.unwrapped
    ax = ax or plt.subplots(figsize=(0.85 * env.map.shape[1], 0.85 * env.map.shape[0]))[1]
    colours = np.full(env.map.shape, np.nan)
    walkable = np.flatnonzero(~env.terminal & (env.map[tuple(env.cells.T)] != WALL))  # in a maze, walls may move
    if values is not None:
        colours[tuple(env.cells[walkable].T)] = np.asarray(values)[walkable]
    low, high = limits or (np.nanmin(colours, initial=np.inf), np.nanmax(colours, initial=-np.inf))
    ax.imshow(colours, cmap="cividis", vmin=low, vmax=high if high > low else low + 1.0)
    _draw_special_cells(env, ax)
    for state in walkable:
        row, column = env.cells[state]
        ink = BLACK
        if values is not None:
            ink = "white" if values[state] < (low + high) / 2 else BLACK
            height = row - 0.22 if policy is not None else row
            number = f"{round(float(values[state]), decimals) + 0.0:.{decimals}f}".replace("-", "−")
            ax.text(column, height, number, ha="center", va="center", color=ink, fontsize=8)
        if policy is not None:
            _draw_arrows(ax, row + 0.18 * (values is not None), column, policy[state], ink)
    ax.set_xticks(range(env.map.shape[1]), minor=False)
    ax.set_yticks(range(env.map.shape[0]), minor=False)
    ax.tick_params(length=0, labelsize=7)
    ax.set(xlabel="column", ylabel="row")
    ax.set_title(title, fontsize=10)
    return ax


def _draw_special_cells(env: Any, ax: Axes) -> None:
    for (row, column), kind in np.ndenumerate(env.map):
        box = {"xy": (column - 0.5, row - 0.5), "width": 1, "height": 1}
        if kind in NOT_WALKABLE:
            colour, letter = NOT_WALKABLE[kind]
            ax.add_patch(Rectangle(**box, facecolor=colour, edgecolor="white", linewidth=0.5))
            ax.text(column, row, letter, ha="center", va="center", color="white", fontsize=10, fontweight="bold")
        else:
            ax.add_patch(Rectangle(**box, fill=False, edgecolor="#B0B0B0", linewidth=0.5))
    for row, column in env.cells[env.start > 0]:
        ax.add_patch(Rectangle((column - 0.44, row - 0.44), 0.88, 0.88, fill=False, edgecolor=SKY, linewidth=2))


def _draw_arrows(ax: Axes, row: float, column: float, choice: Any, ink: str) -> None:
    """Draw one full arrow for an action, or one for each action of notable probability."""
    probabilities = np.eye(len(MOVES))[int(choice)] if np.ndim(choice) == 0 else np.asarray(choice)
    one = np.ndim(choice) == 0
    for (down, right), probability in zip(MOVES, probabilities, strict=True):
        if probability < FAINT:
            continue
        reach = 0.2 if one else 0.3 * probability
        tail = (column - reach * right, row - reach * down) if one else (column, row)
        tip = (column + reach * right, row + reach * down)
        style = {
            "arrowstyle": "-|>,head_width=0.18,head_length=0.3",
            "color": ink,
            "shrinkA": 0,
            "shrinkB": 0,
            "linewidth": 1.2,
            "mutation_scale": 4 + 8 * probability,
        }
        ax.annotate("", xy=tip, xytext=tail, arrowprops=style)


def plot_convergence(
    curves: dict[str, Sequence[float]], gamma: float, ax: Axes | None = None, colours: Sequence[str] = PALETTE
) -> Axes:
    """Draw measured errors on a logarithmic axis, with the bound $\\gamma^k$ times the first error as a dashed line.

    Args:
        curves: for each name the largest error over states after 0, 1, 2, … sweeps, in units of value.
        gamma: discount factor of the bound, which starts from the largest first error.
        ax: axes to draw on; new ones where left out.
        colours: one for each curve.
    """
    ax = ax or plt.subplots(figsize=(7, 4))[1]
    longest = max(len(errors) for errors in curves.values())
    first = max(errors[0] for errors in curves.values())
    sweeps = np.arange(longest)
    ax.semilogy(sweeps, first * gamma**sweeps, linestyle="--", color=BLACK, linewidth=1.4, zorder=3)
    ends = [(sweeps[-1], first * gamma ** sweeps[-1], f"bound $\\gamma^k$, γ = {gamma}", BLACK)]
    for (name, errors), colour in zip(curves.items(), colours, strict=False):
        below = np.flatnonzero(np.asarray(errors) <= NOISE_FLOOR)
        drawn = np.maximum(errors[: below[0] + 1] if len(below) else errors, NOISE_FLOOR)
        ax.plot(drawn, color=colour, linewidth=2)
        ends.append((len(drawn) - 1, drawn[-1], name, colour))
    ax.set(xlabel="sweeps k", ylabel="largest error of V (units of value)")
    label_ends(ax, ends)
    _tidy(ax)
    return ax


def plot_mean_curve(
    x: Sequence[float], samples: np.ndarray, ax: Axes, colour: str = BLUE, linestyle: str = "-"
) -> tuple[float, float]:
    """Draw the mean over runs with its 95 % interval.

    Args:
        x: positions, shape `(K,)`.
        samples: one row for each run, shape `(N, K)`.
        ax: axes to draw on.
        colour: of the curve and the band.
        linestyle: of the curve.

    Returns:
        The last point of the curve, for `label_ends`.
    """
    mean, half_width = mean_interval(samples)
    ax.plot(x, mean, color=colour, linewidth=2, linestyle=linestyle)
    ax.fill_between(x, mean - half_width, mean + half_width, color=colour, alpha=0.2, linewidth=0)
    _tidy(ax)
    return float(x[-1]), float(mean[-1])


def plot_comparison(
    samples: dict[str, np.ndarray],
    ax: Axes,
    xlabel: str,
    colours: Sequence[str] = PALETTE,
    title: str = "",
    decimals: int = 2,
) -> Axes:
    """Draw one line for each method: every run as a dot, the mean as a diamond with its 95 % interval and value.

    Args:
        samples: for each name one number per run, shape `(N,)`.
        ax: axes to draw on.
        xlabel: the quantity and its unit.
        colours: one for each method.
        title: of the picture.
        decimals: of the means.
    """
    rng = np.random.default_rng(0)
    for line, ((_, values), colour) in enumerate(zip(samples.items(), colours, strict=False)):
        jitter = rng.uniform(-0.22, 0.0, len(values))
        ax.scatter(values, line + jitter, s=9, color=colour, alpha=0.25, linewidths=0)
        mean, half_width = (float(part) for part in mean_interval(values))
        ax.errorbar(mean, line + 0.22, xerr=half_width, fmt="D", color=colour, markersize=5, capsize=3, linewidth=2)
        number = ax.text(mean, line + 0.34, f"{mean:.{decimals}f}".replace("-", "−"), ha="center", va="top", fontsize=8)
        number.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    ax.set_yticks(range(len(samples)), list(samples))
    ax.set_ylim(len(samples) - 0.3, -0.5)
    ax.set_xlabel(xlabel)
    ax.set_title(title, fontsize=10)
    _tidy(ax)
    return ax


def label_ends(ax: Axes, entries: Sequence[tuple[float, float, str, str]]) -> None:
    """Write the names of curves at their ends, pushed apart where they would overlap.

    Args:
        ax: axes whose limits and scales are final.
        entries: `(x, y, name, colour)` of each curve's last point.
    """
    ax.margins(x=0.02)
    ax.figure.get_figure(root=True).draw_without_rendering()  # settles the layout that heights are measured in
    points_per_pixel = 72.0 / ax.figure.dpi
    previous = -np.inf
    for x, y, name, colour in sorted(entries, key=lambda entry: entry[1]):
        height = ax.transData.transform((x, y))[1] * points_per_pixel
        target = max(height, previous + LABEL_GAP)
        previous = target
        ax.annotate(
            name,
            (x, y),
            xytext=(5, target - height),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=9,
            annotation_clip=False,
        )
    _tidy(ax)


def _tidy(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25, linewidth=0.6)

"""Pictures for continuous control: the receding horizon, the puck's table, clouds of samples, swings of a pendulum.

Every function draws on the axes that it is given; colours are those of ``labkit.plots``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Ellipse

from labkit.control import PuckModel
from labkit.plots import BLACK, BLUE, GREEN, GREY, SKY, VERMILLION

PALE = "#C9C9C9"
HORIZON, SHOWN = 6, 9  # steps of a plan in the schematic, and of its time axis


def draw_receding_horizon(axes: Sequence[Axes]) -> None:
    """Draw one more step of receding-horizon control on each axes: what was, what is planned, what is executed.

    The system is as simple as can be, `x' = x + a + noise`, and plans minimise the sum of `x² + a²` over six steps.
    """
    rng = np.random.default_rng(3)
    sums = np.tril(np.ones((HORIZON, HORIZON)))
    past, executed, planned_before = [4.0], [], None
    for now, ax in enumerate(axes):
        actions = np.linalg.solve(sums.T @ sums + np.eye(HORIZON), -sums.T @ np.full(HORIZON, past[-1]))
        ahead = np.arange(now, now + HORIZON + 1)
        ax.axvspan(now, now + HORIZON, color=BLUE, alpha=0.06, linewidth=0)
        for _ in range(12):
            tried = actions + 0.45 * rng.standard_normal(HORIZON)
            ax.plot(ahead, past[-1] + np.append(0.0, tried.cumsum()), color=PALE, linewidth=0.8, zorder=1)
        ax.plot(
            ahead, past[-1] + np.append(0.0, sums @ actions), "o--", color=BLUE, markersize=4, markerfacecolor="white"
        )
        ax.plot(range(now + 1), past, "o-", color=BLACK, markersize=5, linewidth=2)
        if planned_before is not None:
            ax.plot(ahead - 1, planned_before, "--", color=SKY, linewidth=1, zorder=1)
        ax.bar(np.arange(now) + 0.5, executed, width=0.9, bottom=-3.2, color=PALE)
        ax.bar(now + 0.5, actions[0], width=0.9, bottom=-3.2, color=VERMILLION)
        ax.bar(ahead[1:-1] + 0.5, actions[1:], width=0.9, bottom=-3.2, fill=False, edgecolor=VERMILLION, linewidth=1)
        ax.axhline(0, color=GREEN, linewidth=1)
        ax.axhline(-3.2, color=GREY, linewidth=0.6)
        ax.set(xlim=(-0.3, SHOWN), ylim=(-6.2, 6.2), xlabel="time t (steps)")
        ax.set_xticks(range(SHOWN + 1))
        ax.set_title(f"t = {now}", fontsize=10)
        ax.text(now + HORIZON / 2, 5.6, f"horizon H = {HORIZON}", ha="center", color=BLUE, fontsize=9)
        ax.spines[["top", "right"]].set_visible(False)
        executed.append(actions[0])
        planned_before = past[-1] + np.append(0.0, sums @ actions)
        past.append(past[-1] + actions[0] + [1.3, 0.9, -0.7][now % 3])
    first = axes[0]
    first.set_ylabel("state (top), actions (bottom)")
    first.set_yticks([0], ["goal"])
    first.text(4.0, 3.4, "futures tried", color=GREY, fontsize=9)
    first.annotate("best plan", (1.02, 2.1), (1.6, 2.45), color=BLUE, fontsize=9)
    first.text(1.1, -5.7, "executed", color=VERMILLION, fontsize=9)
    first.text(3.0, -4.6, "planned, never executed", color=VERMILLION, fontsize=9)
    axes[-1].text(0.5, 3.9, "what happened", color=BLACK, fontsize=9)
    axes[1].text(-0.2, 0.5, "old plan", color=SKY, fontsize=9)


def draw_table(ax: Axes, model: PuckModel, start: Sequence[float] | None = (-1.0, 0.0), title: str = "") -> None:
    """Draw the puck's table: the obstacle with its margin, the goal, and where the puck starts."""
    if model.radius:
        ax.add_patch(Circle(model.centre, model.radius, color="#4A4A4A", zorder=2))
    if model.radius and model.margin:
        ring = {"fill": False, "edgecolor": "#4A4A4A", "linestyle": ":", "zorder": 2}
        ax.add_patch(Circle(model.centre, model.radius + model.margin, **ring))
    ax.plot(*model.goal, "*", color=GREEN, markersize=14, zorder=4)
    if start is not None:
        ax.plot(*start[:2], "o", color=BLACK, markersize=7, zorder=4)
    ax.set_aspect("equal")
    ax.set(xlim=(-1.35, 1.35), ylim=(-1.1, 1.1), xlabel="x (m)", ylabel="y (m)")
    ax.set_title(title, fontsize=10)
    ax.spines[["top", "right"]].set_visible(False)


def draw_cloud(
    ax: Axes, samples: np.ndarray, elites: np.ndarray, before: tuple[np.ndarray, np.ndarray] | None = None
) -> None:
    """Draw samples `(N, 2)` and elites `(E, 2)`, with the elites' mean and an ellipse of two standard deviations.

    Args:
        ax: axes to draw on.
        samples: all points.
        elites: the best of them.
        before: mean and standard deviation `(2,)` that the samples were drawn with; a dashed ellipse.
    """
    ax.scatter(*samples.T, s=9, color="white", edgecolors=GREY, linewidths=0.5, zorder=3)
    ax.scatter(*elites.T, s=16, color=VERMILLION, edgecolors="white", linewidths=0.4, zorder=4)
    distributions = [(elites.mean(axis=0), elites.std(axis=0), "-")] + ([(*before, "--")] if before else [])
    for mean, std, style in distributions:
        ellipse = Ellipse(
            tuple(mean), *(4 * std), fill=False, edgecolor=BLACK, linestyle=style, linewidth=1.5, zorder=5
        )
        ax.add_patch(ellipse)
    ax.plot(*elites.mean(axis=0), "+", color=BLACK, markersize=10, markeredgewidth=2, zorder=6)


def draw_swing(ax: Axes, observations: np.ndarray, colour: str = BLUE, linewidth: float = 1.8) -> tuple[float, float]:
    """Draw a pendulum's angle from upright over time, folded to ±180°; observations have shape `(T + 1, 3)`.

    Returns:
        The last point, for `labkit.plots.label_ends`.
    """
    angles = np.rad2deg(np.arctan2(observations[:, 1], observations[:, 0]))
    drawn = angles.copy()
    drawn[1:][np.abs(np.diff(angles)) > 180] = np.nan  # passing the lowest point is no jump
    seconds = 0.05 * np.arange(len(angles))
    ax.plot(seconds, drawn, color=colour, linewidth=linewidth)
    ax.set(xlabel="time (s)", ylabel="angle from upright (°)", ylim=(-185, 185))
    ax.set_yticks([-180, -90, 0, 90, 180])
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    return float(seconds[-1]), float(angles[-1])

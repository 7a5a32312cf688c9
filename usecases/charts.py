"""One look for all pictures: a figure that belongs to no window, readable when projected and when printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from usecases.formatting import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, LINE = "#1c2430", "#5b6675", "#d9dee5"
ACCENT, WARN, GOOD = "#0b5c8a", "#c2571a", "#3b7d4f"
SERIES = ("#0b5c8a", "#c2571a", "#3b7d4f", "#7a4f9a", "#8a7a0b", "#5b6675", "#b0386f", "#2f8f8f")


def figure(
    width: float = 9.0, height: float = 4.0, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, Any]:
    """Make a figure and its axes in the house style.

    Parameters
    ----------
    width, height : float
        Inches.
    rows, columns : int
        Grid of axes.
    **options
        For ``Figure.subplots`` (``sharex``, ``sharey``, ``squeeze``).

    Returns
    -------
    figure : matplotlib.figure.Figure
        Not registered with pyplot: nothing to close, safe in threads.
    axes : Axes or ndarray of Axes
        As ``Figure.subplots`` gives them.
    """
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained")
    axes = made.subplots(rows, columns, **options)
    for axis in getattr(axes, "flat", [axes]):
        _dress(axis)
    return made, axes


def _dress(axis: Axes) -> None:
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color(SOFT)
    axis.tick_params(colors=SOFT, labelsize=10)
    axis.grid(axis="y", color=LINE, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.title.set_fontsize(11)
    axis.title.set_color(INK)
    axis.xaxis.label.set(fontsize=10.5, color=INK)
    axis.yaxis.label.set(fontsize=10.5, color=INK)


def localise(axis: Axes, lang: str) -> None:
    """Set the numbers of both axes as the language does (decimal comma in French), with equal decimals on an axis."""
    from matplotlib.ticker import FuncFormatter

    for side in (axis.xaxis, axis.yaxis):
        if side.get_scale() == "linear":
            side.set_major_formatter(
                FuncFormatter(lambda value, _position, side=side: tick(value, side.get_majorticklocs(), lang))
            )


def tick(value: float, all_ticks: Iterable[float], lang: str) -> str:
    """Set the number of a tick, with as many decimals as the finest of its axis needs.

    Examples
    --------
    >>> [tick(v, [0.5, 0.55, 0.6], "fr") for v in (0.5, 0.55, 0.6000000000000001)]
    ['0,50', '0,55', '0,60']
    >>> tick(-1e-17, [-1e-17, 1.0, 2.0000000000000004], "en")
    '0'
    """
    digits = next(
        (n for n in range(4) if all(abs(round(v, n) - v) < 1e-9 * max(1, abs(v)) for v in all_ticks)), 4
    )
    return number(round(float(value), digits) + 0.0, lang, digits)  # + 0.0 makes −0 a 0


def plain(name: str, most: int = 40) -> str:
    r"""Make a name that comes from data safe for a picture: short, and never read as a formula.

    Parameters
    ----------
    name : str
        Of a machine, a sensor, a file: anything a user typed.
    most : int
        Characters at most; what is cut is marked by ``…``.

    Returns
    -------
    str
        With ``\$`` for ``$``, which matplotlib shows as ``$``: between two bare ones it would read mathematics.

    Examples
    --------
    >>> plain("price in $")
    'price in \\$'
    >>> plain("pump number twelve", most=10)
    'pump numb…'
    """
    text = " ".join(name.split())
    short = text if len(text) <= most else f"{text[: most - 1]}…"
    return short.replace("$", r"\$")

"""Pictures of remaining-life predictions, in either language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np

from usecases.charts import ACCENT, INK, LINE, SERIES, SOFT, WARN, figure, localise, plain
from usecases.contract import Text
from usecases.formatting import unit_name

AGE = Text("Age", "Âge")
REMAINING = Text("Remaining life", "Durée de vie résiduelle")
PREDICTED = Text("Predicted", "Prédite")
TRUE = Text("True", "Réelle")
INTERVAL = Text("90 % interval", "Intervalle à 90\u202f%")
LATE = Text("more than 10 {unit} too late", "plus de 10 {unit} trop tard")
NOT_LATE = Text("early, or at most 10 {unit} late", "en avance, ou au plus 10 {unit} de retard")
EFFECT = Text("Effect on the predicted remaining life", "Effet sur la durée de vie résiduelle prédite")


@dataclass(frozen=True)
class Trajectory:
    """What was said of one unit as it aged.

    Parameters
    ----------
    name : str
        The unit.
    time, prediction, low, high : ndarray of shape (n_rows,)
        Age, and the prediction with its interval at that age.
    truth : ndarray of shape (n_rows,), optional
        True remaining life, capped.
    """

    name: str
    time: np.ndarray
    prediction: np.ndarray
    low: np.ndarray
    high: np.ndarray
    truth: np.ndarray | None


def trajectories(machines: Sequence[Trajectory], time_unit: str, lang: str) -> Any:
    """Draw predictions as units age: one small panel a unit."""
    columns = 2 if len(machines) > 1 else 1
    rows = -(-len(machines) // columns)
    made, axes = figure(9.5, 0.6 + 2.5 * rows, rows, columns, sharey=True, squeeze=False)
    for axis, machine in zip(axes.flat, machines, strict=False):
        axis.fill_between(
            machine.time, machine.low, machine.high, color=ACCENT, alpha=0.16, lw=0, label=INTERVAL[lang]
        )
        axis.plot(machine.time, machine.prediction, color=ACCENT, lw=1.8, label=PREDICTED[lang])
        if machine.truth is not None:
            axis.plot(machine.time, machine.truth, color=INK, lw=1.4, ls="--", label=TRUE[lang])
        axis.set_title(plain(machine.name), loc="left")
        axis.set_ylim(bottom=0)
        localise(axis, lang)
    for axis in axes.flat[len(machines) :]:
        axis.set_visible(False)
    for axis in axes[-1]:
        axis.set_xlabel(f"{AGE[lang]} ({unit_name(time_unit, lang)})")
    made.supylabel(f"{REMAINING[lang]} ({unit_name(time_unit, lang)})", fontsize=10.5, color=INK)
    handles, labels = axes.flat[0].get_legend_handles_labels()
    made.legend(handles, labels, loc="outside upper right", ncols=3, frameon=False, fontsize=10)
    return made


def predicted_against_true(
    rul: np.ndarray, prediction: np.ndarray, cap: float, late: float, time_unit: str, lang: str
) -> Any:
    """Draw every test unit; those predicted too late stand out."""
    unit = unit_name(time_unit, lang)
    made, axis = figure(6.4, 5.0)
    labels = np.minimum(rul, cap)
    too_late = prediction - labels > late
    axis.plot([0, cap], [0, cap], color=SOFT, lw=1, ls="--")
    for mask, color, marker, name in ((~too_late, ACCENT, "o", NOT_LATE), (too_late, WARN, "^", LATE)):
        axis.scatter(
            labels[mask], prediction[mask], s=34, color=color, marker=marker, alpha=0.75, lw=0,
            label=f"{name[lang].format(unit=unit)} ({int(mask.sum())})",
        )  # fmt: skip
    axis.set_xlabel(f"{TRUE[lang]} ({unit})")
    axis.set_ylabel(f"{PREDICTED[lang]} ({unit})")
    axis.grid(axis="both", color=LINE)
    axis.legend(frameon=False, fontsize=10, loc="upper left")
    localise(axis, lang)
    return made


def effects(time: np.ndarray, names: Sequence[Text], values: np.ndarray, time_unit: str, lang: str) -> Any:
    """Draw what the leading inputs add to or take off the prediction as one unit ages.

    Parameters
    ----------
    time : ndarray of shape (n_rows,)
        Age of the unit.
    names : sequence of Text
        Inputs, the strongest first.
    values : ndarray of shape (n_rows, n_names)
        Contributions, in the time unit.
    """
    made, axis = figure(9.0, 3.8)
    for name, column, color in zip(names, values.T, SERIES, strict=False):
        axis.plot(time, column, lw=1.8, color=color, label=_legend(name[lang]))
    axis.axhline(0, color=SOFT, lw=1)
    axis.set_xlabel(f"{AGE[lang]} ({unit_name(time_unit, lang)})")
    axis.set_ylabel(f"{EFFECT[lang]}\n({unit_name(time_unit, lang)})")
    axis.legend(frameon=False, fontsize=10, loc="center left", bbox_to_anchor=(1.0, 0.5))
    localise(axis, lang)
    return made


def _legend(name: str) -> str:
    """Set a name in a legend: two lines at most."""
    return "\n".join(wrap(plain(name), 30))

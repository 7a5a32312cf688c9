"""Why a remaining life was predicted: which sensors pull it down, since when, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from usecases.contract import Text


@dataclass(frozen=True)
class Contributions:
    """Exact additive contributions to predictions; base + sum of the values is the prediction before clipping.

    Parameters
    ----------
    names : tuple of str, length n_names
        Sensors, ``age`` and operating settings.
    values : ndarray of float, shape (n_rows, n_names)
        In time units; negative takes remaining life off.
    base : ndarray of float, shape (n_rows,)
        What is predicted on average over the training rows.

    Examples
    --------
    >>> c = Contributions(("vibration", "age"), np.array([[-30.0, 5.0]]), np.array([80.0]))
    >>> c.total().tolist()
    [55.0]
    """

    names: tuple[str, ...]
    values: np.ndarray
    base: np.ndarray

    def total(self) -> np.ndarray:
        """Prediction before clipping, shape (n_rows,)."""
        return self.base + self.values.sum(axis=1)


def group_by_source(
    values: np.ndarray, shares: np.ndarray, names: Sequence[str], base: np.ndarray
) -> Contributions:
    """Sum the contributions of the features that come from the same sensor.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_features)
        Contribution of each feature.
    shares : ndarray of float, shape (n_features, n_names)
        What part of a feature each sensor stands for; rows sum to one, so that no contribution is lost.
    names : sequence of str, length n_names
        Sensors, ``age`` and settings.
    base : ndarray of float, shape (n_rows,)
        Prediction without any feature.

    Returns
    -------
    Contributions
        One column for each name.

    Examples
    --------
    >>> group_by_source(np.array([[1.0, 4.0]]), np.array([[1, 0], [0.5, 0.5]]), ["a", "b"], np.zeros(1)).values.tolist()
    [[3.0, 2.0]]
    """
    return Contributions(tuple(names), values @ shares, base)


@dataclass(frozen=True)
class Pull:
    """One sensor that takes remaining life off.

    Parameters
    ----------
    name : str
        Sensor, setting or ``age``.
    amount : float
        Remaining life that it takes off at the last row, positive, in time units.
    since : float
        Age from which it has done so without a break.
    span : {"later", "always", "now"}
        Whether that is some later row, the first of all, or the last one only.
    """

    name: str
    amount: float
    since: float
    span: Literal["later", "always", "now"] = "later"


def since_when(
    contributions: Contributions, time: np.ndarray, *, share: float = 0.5, least: float = 1.0
) -> tuple[Pull, ...]:
    """Find which sensors pull one unit's remaining life down at its last row, and since when.

    Parameters
    ----------
    contributions : Contributions
        At all rows of one unit, in time order.
    time : ndarray of float, shape (n_rows,)
        Ages at these rows.
    share : float
        A sensor pulls without a break from the first row on after which its contribution stays beyond this share of its
        last value.
    least : float
        Pulls smaller than this are left out (time units).

    Returns
    -------
    tuple of Pull
        The strongest first; may be empty.

    Examples
    --------
    >>> c = Contributions(("vibration", "age"), np.array([[0.0, 1], [-20, 1], [-30, 2], [-34, 2]]), np.full(4, 80.0))
    >>> since_when(c, np.array([1.0, 2.0, 3.0, 4.0]))
    (Pull(name='vibration', amount=34.0, since=2.0, span='later'),)
    """
    last = contributions.values[-1]
    below = contributions.values <= share * last
    pulls = []
    for k in np.argsort(last, kind="stable"):
        if last[k] > -least:
            break
        outside = np.flatnonzero(~below[:, k])
        first = int(outside[-1]) + 1 if len(outside) else 0
        span = _span(first, len(time))
        pulls.append(Pull(contributions.names[k], float(-last[k]), float(time[first]), span))
    return tuple(pulls)


def _span(first: int, n_rows: int) -> Literal["later", "always", "now"]:
    if first == n_rows - 1:
        return "now"
    return "always" if first == 0 else "later"


AGE_LABEL = Text("its age", "âge")
WORDS = {  # one, several and "since" a moment, in English and French
    "cycles": (Text("cycle", "cycle"), Text("cycles", "cycles"), Text("since cycle", "depuis le cycle")),
    "days": (Text("day", "jour"), Text("days", "jours"), Text("since day", "depuis le jour")),
    "hours": (Text("hour", "heure"), Text("hours", "heures"), Text("since hour", "depuis l’heure")),
}


def phrase(
    pulls: Sequence[Pull],
    *,
    time_unit: str = "cycles",
    labels: Mapping[str, Text] | None = None,
    most: int = 3,
) -> Text:
    """Say in both languages what takes remaining life off one unit.

    Parameters
    ----------
    pulls : sequence of Pull
        From `since_when`, the strongest first.
    time_unit : str
        ``cycles``, ``days`` or ``hours``.
    labels : mapping of str to Text, optional
        What people call the sensors; otherwise the column names, underscores read as spaces.
    most : int
        How many sensors are told.

    Returns
    -------
    Text
        One sentence, which does not name the unit.

    Examples
    --------
    >>> print(phrase([Pull("discharge_temperature", 34.2, 112.0)]).en)
    Discharge temperature takes 34 cycles off the expected remaining life, without a break since cycle 112.
    """
    one, many, since = WORDS.get(time_unit, (Text(time_unit, time_unit),) * 2 + (Text("since", "depuis"),))
    labels = {"age": AGE_LABEL, **(labels or {})}
    if not pulls:
        return Text(
            "Nothing takes remaining life off yet.",
            "Rien n’enlève encore de durée de vie résiduelle.",
        )
    english, french = [], []
    for k, pull in enumerate(pulls[:most]):
        plain = pull.name.replace("_", " ")
        label, amount = labels.get(pull.name, Text(plain, plain)), round(pull.amount)
        count = many if amount > 1 else one
        takes = (
            f" takes {amount} {count.en} off the expected remaining life"
            if k == 0
            else f", {amount} {count.en}"
        )
        less = " sur la durée de vie résiduelle attendue" if k == 0 else ""
        moment = Text("", "") if pull.name == "age" else _moment(pull, since)
        english.append(f"{label.en}{takes}{moment.en}")
        french.append(f"{label.fr}\u202f: {amount} {count.fr} de moins{less}{moment.fr}")
    return Text(_sentence("; ".join(english)), _sentence("\u202f; ".join(french)))


def _moment(pull: Pull, since: Text) -> Text:
    """Say since when a sensor pulls."""
    if pull.span == "now":
        return Text(", at the last reading", ", au dernier relevé")
    if pull.span == "always":
        return Text(", from the first reading on", ", dès le premier relevé")
    when = f"{pull.since:.0f}"
    return Text(f", without a break {since.en} {when}", f", sans interruption {since.fr} {when}")


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."

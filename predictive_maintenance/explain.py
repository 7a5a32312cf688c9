"""Why a remaining life was predicted: which sensors pull it down, since when, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


def group_by_source(values: np.ndarray, sources: Sequence[str], base: np.ndarray) -> Contributions:
    """Sum the contributions of the features that come from the same sensor.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_features)
        Contribution of each feature.
    sources : sequence of str, length n_features
        Sensor, setting or ``age`` that each feature comes from.
    base : ndarray of float, shape (n_rows,)
        Prediction without any feature.

    Returns
    -------
    Contributions
        In the order in which the sources first appear.

    Examples
    --------
    >>> group_by_source(np.array([[1.0, 2.0, 4.0]]), ["a", "b", "a"], np.zeros(1)).values.tolist()
    [[5.0, 2.0]]
    """
    names = tuple(dict.fromkeys(sources))
    member = np.array([[s == n for n in names] for s in sources], dtype=float).reshape(len(sources), len(names))
    return Contributions(names, values @ member, base)


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
        Age from which it has done so steadily.
    """

    name: str
    amount: float
    since: float


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
        A sensor pulls steadily from the first row after which its contribution never leaves this share of its last value.
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
    (Pull(name='vibration', amount=34.0, since=2.0),)
    """
    last = contributions.values[-1]
    below = contributions.values <= share * last
    pulls = []
    for k in np.argsort(last, kind="stable"):
        if last[k] > -least:
            break
        outside = np.flatnonzero(~below[:, k])
        first = int(outside[-1]) + 1 if len(outside) else 0
        pulls.append(Pull(contributions.names[k], float(-last[k]), float(time[first])))
    return tuple(pulls)


AGE_LABEL = Text("age", "l’âge")
UNITS = {  # plural, singular of the unit in English and French, and "since" in French
    "cycles": Text("cycle", "cycle"),
    "days": Text("day", "jour"),
    "hours": Text("hour", "heure"),
}


def phrase(
    unit: str,
    pulls: Sequence[Pull],
    *,
    time_unit: str = "cycles",
    labels: Mapping[str, Text] | None = None,
    most: int = 3,
) -> Text:
    """Say in both languages what takes remaining life off a unit.

    Parameters
    ----------
    unit : str
        What people call the unit.
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
        One sentence.

    Examples
    --------
    >>> print(phrase("24", [Pull("discharge_temperature", 34.2, 112.0)]).en)
    24: discharge temperature takes 34 cycles off the expected remaining life, steadily since cycle 112.
    """
    word = UNITS.get(time_unit, Text(time_unit.removesuffix("s"), time_unit.removesuffix("s")))
    labels = {"age": AGE_LABEL, **(labels or {})}
    if not pulls:
        return Text(
            f"{unit}: nothing takes even one {word.en} off the expected remaining life.",
            f"{unit}\u202f: rien n’enlève ne serait-ce qu’{_one(word.fr)} à la durée de vie résiduelle attendue.",
        )
    english, french = [], []
    for k, pull in enumerate(pulls[:most]):
        label = labels.get(pull.name, Text(pull.name.replace("_", " "), pull.name.replace("_", " ")))
        amount, since = round(pull.amount), f"{pull.since:.0f}"
        off = " off the expected remaining life" if k == 0 else ""
        of = " à la durée de vie résiduelle attendue" if k == 0 else ""
        takes = "takes " if k == 0 else ""
        removes = "enlève " if k == 0 else ""
        english.append(
            f"{label.en} {takes}{amount} {word.en}{'s' * (amount > 1)}{off}, steadily since {word.en} {since}"
        )
        french.append(
            f"{label.fr} {removes}{amount} {word.fr}{'s' * (amount > 1)}{of}, de façon continue depuis "
            f"{'l’' if word.fr[0] in 'aeiouh' else 'le '}{word.fr} {since}"
        )
    return Text(f"{unit}: {'; '.join(english)}.", f"{unit}\u202f: {' ; '.join(french)}.")


def _one(noun: str) -> str:
    return f"une {noun}" if noun == "heure" else f"un {noun}"

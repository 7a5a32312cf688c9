"""Paired comparison of a method with the best baseline: the same seed, the same fold, the same test units."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from usecases import stats
from usecases.bench.lines import measured
from usecases.bench.suites import Row
from usecases.contract import Text

KIND = "95 % bootstrap over groups of test units, paired"

DRAWN = ("generated", "simulated")  # kinds of data that a seed may draw anew

REFUSALS = {
    "data": Text(
        "not compared: the two methods did not run on the same data (fingerprints differ)",
        "non comparé : les deux méthodes n'ont pas tourné sur les mêmes données (empreintes différentes)",
    ),
    "units": Text(
        "not compared: the two methods were not scored on the same test units",
        "non comparé : les deux méthodes n'ont pas été notées sur les mêmes unités de test",
    ),
    "losses": Text(
        "not compared: no loss per test unit was kept",
        "non comparé : aucune perte par unité de test n'a été gardée",
    ),
    "runs": Text(
        "not compared: no seed and fold in common with the best baseline",
        "non comparé : aucune graine ni aucun pli en commun avec la meilleure référence",
    ),
}


@dataclass(frozen=True)
class Losses:
    """The losses of one run.

    Parameters
    ----------
    groups : tuple of str
        Group of each test unit.
    values : tuple of float
        Loss of each test unit, lower is better; NaN where it was not measured.
    unit : str
        Their unit.
    """

    groups: tuple[str, ...]
    values: tuple[float, ...]
    unit: str


def losses_of(folder: Path) -> Losses | None:
    r"""Read ``losses.csv`` of a run folder; None when the run kept none.

    Parameters
    ----------
    folder : pathlib.Path
        A run folder.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "losses.csv").write_text("group,loss [days]\na,1.5\n", encoding="utf-8")
    >>> losses_of(folder)
    Losses(groups=('a',), values=(1.5,), unit='days')
    """
    try:
        with (folder / "losses.csv").open(encoding="utf-8", newline="") as stream:
            heading, *rows = list(csv.reader(stream))
        unit = heading[1].removeprefix("loss [").removesuffix("]")
        return Losses(tuple(row[0] for row in rows), tuple(float(row[1]) for row in rows), unit)
    except (OSError, ValueError, IndexError):
        return None


def best_baseline(
    lines: Sequence[Mapping[str, Any]], headline: str, higher: bool
) -> Mapping[str, Any] | None:
    """Choose the line that the others are compared with: the best mean headline among the baselines that ran.

    Parameters
    ----------
    lines : sequence of mapping
        Lines of one task and data.
    headline : str
        The card's headline metric.
    higher : bool
        Whether higher is better.

    Examples
    --------
    >>> lines = [{"method": "mean", "kind": "trivial", "figures": {"mae": {"value": 5.0}}},
    ...          {"method": "ridge", "kind": "baseline", "figures": {"mae": {"value": 3.0}}},
    ...          {"method": "mine", "kind": "method", "figures": {"mae": {"value": 2.0}}}]
    >>> best_baseline(lines, "mae", higher=False)["method"]
    'ridge'
    """
    ran = [
        line
        for line in lines
        if line["kind"] in ("trivial", "baseline") and line["figures"][headline]["value"] is not None
    ]
    sign = -1 if higher else 1
    return min(
        ran, key=lambda line: (sign * line["figures"][headline]["value"], line["method"]), default=None
    )


def difference(rows: Sequence[Row], reference: Sequence[Row], *, seed: int = 0) -> dict[str, Any]:
    """Compare a method with the reference, unit by unit, over the seeds and folds that both have.

    A group (an engine, a day) is resampled as a whole, with all the seeds it was scored under; where data are generated
    anew for each seed, the same name stands for another group under each.

    Parameters
    ----------
    rows, reference : sequence of Row
        Rows of the method and of the best baseline on one task and data.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``with`` (the reference's name), ``value`` (mean loss of the reference minus that of the method: positive means
        that the method is better, as in `usecases.record.difference`), ``interval``, ``interval_kind``, ``n`` pairs,
        ``unit``, ``verdict`` (as in `verdict`); or ``refused``, why nothing was compared.
    """
    named = {"with": reference[0].method, "refused": None}
    ours = {(row.seed, row.fold): row for row in rows if measured(row)}
    theirs = {(row.seed, row.fold): row for row in reference if measured(row)}
    common = sorted(ours.keys() & theirs.keys(), key=str)
    if not common:
        return named | {"refused": "runs"}
    mine: list[float] = []
    other: list[float] = []
    groups: list[str] = []
    unit = ""
    for run in common:
        if _fingerprint(ours[run]) != _fingerprint(theirs[run]):
            return named | {"refused": "data"}
        a, b = losses_of(ours[run].folder), losses_of(theirs[run].folder)
        if a is None or b is None:
            return named | {"refused": "losses"}
        if a.groups != b.groups:
            return named | {"refused": "units"}
        mine, other, unit = [*mine, *a.values], [*other, *b.values], a.unit
        groups += [f"{_world(ours[run])}{group}" for group in a.groups]
    if not groups:
        return named | {"refused": "losses"}
    paired = stats.paired_difference(other, mine, groups, seed=seed)
    if not paired.n:
        return named | {"refused": "losses"}
    return named | {
        "value": paired.mean,
        "interval": [paired.low, paired.high],
        "interval_kind": KIND,
        "n": paired.n,
        "unit": unit,
        "verdict": verdict(paired.low, paired.high),
    }


def verdict(low: float, high: float) -> str:
    """Say what an interval of a difference tells: ``better``, ``worse``, ``unclear``, or ``few`` groups, without an interval.

    Examples
    --------
    >>> verdict(0.5, 2.0), verdict(-2.0, -0.5), verdict(-1.0, 1.0), verdict(float("nan"), float("nan"))
    ('better', 'worse', 'unclear', 'few')
    """
    if low != low or high != high:  # fewer than `stats.FEWEST_GROUPS`
        return "few"
    return "better" if low > 0 else "worse" if high < 0 else "unclear"


def _world(row: Row) -> str:
    """What tells the groups of one seed from those of another: the data, where each seed has its own.

    Folds and splits of given data have fingerprints of their own too, but an engine stays the same engine in each.
    """
    data = (row.record or {}).get("data", {})
    return f"{data['fingerprint']} " if data.get("kind") in DRAWN and row.fold is None else ""


def _fingerprint(row: Row) -> Any:
    """What the row's data is known by; a row without a fingerprint is equal to none, not even another such row."""
    return (row.record or {}).get("data", {}).get("fingerprint") or row

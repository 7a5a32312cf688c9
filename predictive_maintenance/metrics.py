"""Figures of remaining-useful-life (RUL) predictions, under both label conventions.

Labels are either *raw* (the true remaining life) or *capped*: no method sees wear long before the end, so
most papers score against ``min(RUL, cap)``. The two give different figures for one prediction; both are
always given, with the floor that a method which never predicts more than the cap can reach on raw labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from usecases.contract import Metric, Text
from usecases.errors import UserError
from usecases.formatting import NARROW, number, unit_name
from usecases.stats import bootstrap_by_group

if TYPE_CHECKING:
    import pandas as pd

LOW_RUL_SHARE = 0.4  # of the cap: RUL up to 50 of 125 cycles, where maintenance is decided
LATE_BY = 10.0


def _labels(rul: Any, cap: float | None) -> np.ndarray:
    labels = np.asarray(rul, dtype=float)
    return labels if cap is None else np.minimum(labels, cap)


def rmse(rul: Any, predicted: Any, cap: float | None = None) -> float:
    """Root mean square error.

    Parameters
    ----------
    rul, predicted : array_like of shape (n_units,)
        True and predicted remaining life, in the same time unit.
    cap : float, optional
        Cap of the labels; predictions are taken as they are.

    Examples
    --------
    >>> rmse([130.0, 20.0], [125.0, 17.0]), rmse([130.0, 20.0], [125.0, 20.0], cap=125)
    (4.123105625617661, 0.0)
    """
    return float(np.sqrt(np.mean((np.asarray(predicted, dtype=float) - _labels(rul, cap)) ** 2)))


def capped_floor(rul: Any, cap: float) -> float:
    """RMSE against raw labels of a perfect predictor that never says more than the cap.

    Parameters
    ----------
    rul : array_like of shape (n_units,)
        True remaining life, uncapped.
    cap : float
        Largest prediction.

    Examples
    --------
    >>> capped_floor([135.0, 20.0, 30.0, 40.0], 125.0)
    5.0
    """
    return rmse(rul, _labels(rul, cap))


def nasa_score(rul: Any, predicted: Any, cap: float | None = None) -> float:
    """Score of the PHM08 challenge, summed over the units: late predictions cost more than early ones.

    With ``d = predicted - true``: ``exp(d / 10) - 1`` if late (``d > 0``), ``exp(-d / 13) - 1`` if early. It
    is exponential: one unit can be half of the sum.

    Parameters
    ----------
    rul, predicted : array_like of shape (n_units,)
        True and predicted remaining life, in cycles.
    cap : float, optional
        Cap of the labels.

    References
    ----------
    A. Saxena, K. Goebel, D. Simon, N. Eklund, *Damage propagation modeling for aircraft engine run-to-failure
    simulation*, International Conference on Prognostics and Health Management, 2008.

    Examples
    --------
    >>> round(nasa_score([20.0, 20.0], [30.0, 7.0]), 4) == round(2 * (np.e - 1), 4)
    True
    """
    return float(_nasa_terms(np.asarray(predicted, dtype=float) - _labels(rul, cap)).sum())


def _nasa_terms(d: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.expm1(np.where(d > 0, d / 10, -d / 13))


def late_share(rul: Any, predicted: Any, by: float = LATE_BY, cap: float | None = None) -> float:
    """Share of units whose failure comes more than `by` before it was predicted.

    Parameters
    ----------
    rul, predicted : array_like of shape (n_units,)
        True and predicted remaining life.
    by : float
        Tolerated lateness, in the same time unit.
    cap : float, optional
        Cap of the labels.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> late_share([20.0, 20.0, 20.0, 20.0], [31.0, 30.0, 20.0, 0.0])
    0.25
    """
    return float(np.mean(np.asarray(predicted, dtype=float) - _labels(rul, cap) > by))


def coverage(labels: Any, low: Any, high: Any) -> float:
    """Share of labels inside their intervals, bounds included.

    Parameters
    ----------
    labels, low, high : array_like of shape (n_units,)
        Labels (capped, if the intervals are) and bounds.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> coverage([1.0, 5.0], [0.0, 0.0], [1.0, 4.0])
    0.5
    """
    value = np.asarray(labels, dtype=float)
    return float(np.mean((np.asarray(low, dtype=float) <= value) & (value <= np.asarray(high, dtype=float))))


def mean_width(low: Any, high: Any) -> float:
    """Mean width of intervals, in the unit of their bounds.

    Parameters
    ----------
    low, high : array_like of shape (n_units,)
        Bounds.

    Examples
    --------
    >>> mean_width([0.0, 10.0], [10.0, 30.0])
    15.0
    """
    return float(np.mean(np.asarray(high, dtype=float) - np.asarray(low, dtype=float)))


def bands(rul: Any, cap: float) -> dict[str, np.ndarray]:
    """Bands of true remaining life: low (up to 0.4 of the cap), middle, and at the cap.

    Parameters
    ----------
    rul : array_like of shape (n_units,)
        True remaining life, raw or capped.
    cap : float
        Cap of the labels.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_units,)
        Every unit is in one band.

    Examples
    --------
    >>> {name: int(mask.sum()) for name, mask in bands([50.0, 124.0, 125.0, 140.0], 125.0).items()}
    {'RUL <= 50': 1, '50 < RUL < 125': 1, 'RUL >= 125': 2}
    """
    labels, low = np.asarray(rul, dtype=float), LOW_RUL_SHARE * cap
    return {
        f"RUL <= {low:g}": labels <= low,
        f"{low:g} < RUL < {cap:g}": (labels > low) & (labels < cap),
        f"RUL >= {cap:g}": labels >= cap,
    }


@dataclass(frozen=True)
class _Figure:
    """A metric as a mean over units of `column`, then brought to its final form."""

    column: np.ndarray
    form: Literal["mean", "root", "sum", "percent"]
    unit: str
    label: Text
    higher_is_better: bool | None = False


def evaluate_rul(
    rul: Any,
    table: pd.DataFrame,
    *,
    cap: float,
    groups: Any,
    time_unit: str,
    seed: int,
    over: str = "groups of test units",
) -> tuple[dict[str, Metric], dict[str, dict[str, Metric]], dict[str, dict[str, Metric]], np.ndarray | None]:
    """Score predictions of remaining life and their 90 % intervals.

    Parameters
    ----------
    rul : array_like of shape (n_units,), or None
        True remaining life, raw; None when nobody knows it: only the width of the intervals is measured.
    table : pandas.DataFrame
        One row a unit, in the order of `rul`: ``prediction`` and, if there are intervals, ``low``, ``high``.
    cap : float
        Cap of the labels, in `time_unit`.
    groups : array_like of shape (n_units,), or None
        What the bootstrap resamples as a whole; None means each unit.
    time_unit : str
        ``cycles``, ``days`` or ``hours``.
    seed : int
        Seed of the bootstrap.
    over : str
        What the groups are called, for `Metric.interval_kind`: ``engines``, ``machines``.

    Returns
    -------
    metrics : dict of str to Metric
        ``rmse_capped``, ``rmse_raw``, ``mae_capped``, ``nasa_score`` (capped labels), ``nasa_score_raw``,
        ``rmse_low_rul``, ``late_10_share`` (%), ``coverage_90`` (%, of the capped label), ``width_90``.
    by_group : dict of str to dict of str to Metric
        ``n``, ``rmse`` (capped labels) and ``coverage`` (%) of each band of `bands`.
    bounds : dict of str to dict of str to Metric
        What a perfect predictor that never says more than the cap reaches.
    losses : ndarray of shape (n_units,), or None
        Absolute error against the capped label, in `time_unit`.

    Raises
    ------
    UserError
        If a prediction is missing or not finite, an interval is missing or upside down, or the number of rows
        differs.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"prediction": [125.0, 40.0], "low": [90.0, 25.0], "high": [125.0, 60.0]})
    >>> metrics, by_group, bounds, losses = evaluate_rul(
    ...     [135.0, 30.0], table, cap=125.0, groups=["a", "b"], time_unit="cycles", seed=0)
    >>> round(metrics["rmse_capped"].value, 2), metrics["coverage_90"].value, losses.tolist()
    (7.07, 100.0, [0.0, 10.0])
    """
    predicted, low, high = _checked(table, None if rul is None else len(rul))
    figures = _figures(rul, predicted, low, high, cap, time_unit)
    band_figures = {} if rul is None else _band_figures(rul, predicted, low, high, cap, time_unit)
    flat = {(None, name): f for name, f in figures.items()}
    flat |= {(band, name): f for band, of_band in band_figures.items() for name, f in of_band.items()}
    measured = dict(zip(flat, _measure(list(flat.values()), groups, seed, over), strict=True))
    metrics = {name: measured[None, name] for name in figures}
    by_group = {}
    for band, mask in {} if rul is None else bands(rul, cap).items():
        count = Metric(int(mask.sum()), "", None, label=Text("Units", "Unités"))
        by_group[band] = {"n": count} | {name: measured[band, name] for name in band_figures[band]}
    losses = None if rul is None else np.abs(predicted - _labels(rul, cap))
    return metrics, by_group, {} if rul is None else _bounds(rul, cap, metrics), losses


def _checked(table: pd.DataFrame, n_units: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predictions and bounds as arrays; bounds are all NaN when the method gives none."""
    if "prediction" not in table:
        raise UserError(
            f"the predictions have the columns {', '.join(map(str, table.columns))}, but 'prediction' was "
            "expected: let the method return one prediction a unit"
        )
    if n_units is not None and len(table) != n_units:
        raise UserError(
            f"{len(table)} predictions were given for {n_units} units, but one a unit was expected: "
            "let the method answer for every unit, in order"
        )
    predicted = table["prediction"].to_numpy(dtype=float)
    low, high = (
        table[name].to_numpy(dtype=float) if name in table else np.full(len(table), np.nan)
        for name in ("low", "high")
    )
    _refuse(~np.isfinite(predicted), "prediction", "is not a finite number")
    given = ~(np.isnan(low) & np.isnan(high))
    if given.any():
        _refuse(~(np.isfinite(low) & np.isfinite(high)), "interval", "is missing or not finite")
        _refuse(low > high, "interval", "has its lower bound above the upper one")
    return predicted, low, high


def _refuse(wrong: np.ndarray, what: str, why: str) -> None:
    if wrong.any():
        raise UserError(
            f"the {what} of unit {int(np.argmax(wrong)) + 1} of {len(wrong)} {why}: "
            f"a finite {what} for every unit was expected ({int(wrong.sum())} wrong), check the method"
        )


def _figures(
    rul: Any, predicted: np.ndarray, low: np.ndarray, high: np.ndarray, cap: float, time_unit: str
) -> dict[str, _Figure]:
    """Per-unit columns of every metric; all NaN where there is nothing to measure."""
    raw = np.full(len(predicted), np.nan) if rul is None else np.asarray(rul, dtype=float)
    labels = np.minimum(raw, cap)
    error, raw_error = predicted - labels, predicted - raw
    at_most = _where(labels <= LOW_RUL_SHARE * cap, error**2)
    late = _where(~np.isnan(error), (error > LATE_BY).astype(float))
    text = _labels_of_metrics(cap, time_unit)
    return {
        "rmse_capped": _Figure(error**2, "root", time_unit, text["rmse_capped"]),
        "rmse_raw": _Figure(raw_error**2, "root", time_unit, text["rmse_raw"]),
        "mae_capped": _Figure(np.abs(error), "mean", time_unit, text["mae_capped"]),
        "nasa_score": _Figure(_nasa_terms(error), "sum", "", text["nasa_score"]),
        "nasa_score_raw": _Figure(_nasa_terms(raw_error), "sum", "", text["nasa_score_raw"]),
        "rmse_low_rul": _Figure(at_most, "root", time_unit, text["rmse_low_rul"]),
        "late_10_share": _Figure(late, "percent", "%", text["late_10_share"]),
        "coverage_90": _Figure(_covered(labels, low, high), "percent", "%", text["coverage_90"], None),
        "width_90": _Figure(high - low, "mean", time_unit, text["width_90"], None),
    }


def _band_figures(
    rul: Any, predicted: np.ndarray, low: np.ndarray, high: np.ndarray, cap: float, time_unit: str
) -> dict[str, dict[str, _Figure]]:
    labels = _labels(rul, cap)
    squared, covered = (predicted - labels) ** 2, _covered(labels, low, high)
    return {
        band: {
            "rmse": _Figure(_where(mask, squared), "root", time_unit, Text("RMSE", "RMSE")),
            "coverage": _Figure(
                _where(mask, covered), "percent", "%", Text("Coverage", "Taux de couverture"), None
            ),
        }
        for band, mask in bands(rul, cap).items()
    }


def _where(mask: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.where(mask, values, np.nan)


def _covered(labels: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """1 inside, 0 outside, NaN where label or interval is unknown."""
    inside = ((low <= labels) & (labels <= high)).astype(float)
    return _where(~np.isnan(labels + low + high), inside)


def _measure(figures: list[_Figure], groups: Any, seed: int, over: str) -> list[Metric]:
    """Values and bootstrap intervals of all figures on the same resamples."""
    columns = np.column_stack([f.column for f in figures])
    forms = np.array([f.form for f in figures])
    factors = np.select([forms == "percent", forms == "sum"], [100.0, len(columns)], 1.0)

    def statistic(rows: np.ndarray) -> np.ndarray:
        known = ~np.isnan(rows)
        with np.errstate(invalid="ignore"):
            means = np.where(known, rows, 0.0).sum(axis=0) / known.sum(axis=0) * factors
        return np.where(forms == "root", np.sqrt(means), means)

    values = statistic(columns)
    low, high = bootstrap_by_group(statistic, columns, groups, seed=seed)
    metrics = []
    for f, value, bottom, top in zip(figures, values.tolist(), low.tolist(), high.tolist(), strict=True):
        interval = (bottom, top) if np.isfinite([bottom, top]).all() else None
        metrics.append(
            Metric(
                None if np.isnan(value) else value,
                f.unit,
                f.higher_is_better,
                interval,
                None if interval is None else f"95 % bootstrap over {over}",
                f.label,
            )
        )
    return metrics


def _bounds(rul: Any, cap: float, metrics: dict[str, Metric]) -> dict[str, dict[str, Metric]]:
    perfect = {
        "rmse_capped": 0.0,
        "rmse_raw": capped_floor(rul, cap),
        "mae_capped": 0.0,
        "nasa_score": 0.0,
        "nasa_score_raw": nasa_score(rul, _labels(rul, cap)),
    }
    row = {name: Metric(v, metrics[name].unit, label=metrics[name].label) for name, v in perfect.items()}
    return {"perfect capped predictor": row}


def _labels_of_metrics(cap: float, time_unit: str) -> dict[str, Text]:
    """How people call the metrics."""

    def amount(value: float, lang: str) -> str:
        return f"{number(float(value), lang, 0 if value == round(value) else 1)} {unit_name(time_unit, lang)}"

    plain_en, plain_fr = (number(float(cap), lang, 0 if cap == round(cap) else 1) for lang in ("en", "fr"))
    low_en, low_fr = amount(LOW_RUL_SHARE * cap, "en"), amount(LOW_RUL_SHARE * cap, "fr")
    late_en, late_fr = amount(LATE_BY, "en"), amount(LATE_BY, "fr")
    ninety = f"90{NARROW}%"
    return {
        "rmse_capped": Text(f"RMSE, labels capped at {plain_en}", f"RMSE, étiquettes plafonnées à {plain_fr}"),
        "rmse_raw": Text("RMSE, raw labels", "RMSE, étiquettes brutes"),
        "mae_capped": Text(
            f"Mean absolute error, capped at {plain_en}",
            f"Erreur absolue moyenne, plafonnée à {plain_fr}",
        ),
        "nasa_score": Text(f"NASA score, capped at {plain_en}", f"Score NASA, plafonné à {plain_fr}"),
        "nasa_score_raw": Text("NASA score, raw labels", "Score NASA, étiquettes brutes"),
        "rmse_low_rul": Text(f"RMSE with at most {low_en} left", f"RMSE avec au plus {low_fr} restants"),
        "late_10_share": Text(
            f"Share of failures predicted more than {late_en} too late",
            f"Part des défaillances prédites plus de {late_fr} trop tard",
        ),
        "coverage_90": Text(
            "Coverage of the 90 % intervals", f"Taux de couverture des intervalles à {ninety}"
        ),
        "width_90": Text("Mean width of the 90 % intervals", f"Largeur moyenne des intervalles à {ninety}"),
    }

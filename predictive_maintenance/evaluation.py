"""The score of a RUL task: every figure with its unit, its label in both languages and its bootstrap interval.

The figures themselves, on plain arrays, are those of `predictive_maintenance.metrics`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from predictive_maintenance.metrics import (
    LATE_BY,
    LOW_RUL_SHARE,
    bands,
    capped_floor,
    labels_of,
    nasa_score,
    nasa_terms,
)
from usecases.contract import Metric, Text
from usecases.errors import UserError
from usecases.formatting import NARROW, number, unit_name
from usecases.stats import bootstrap_by_group

if TYPE_CHECKING:
    import pandas as pd


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
    losses = None if rul is None else np.abs(predicted - labels_of(rul, cap))
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
    text = _metric_names(cap, time_unit)
    return {
        "rmse_capped": _Figure(error**2, "root", time_unit, text["rmse_capped"]),
        "rmse_raw": _Figure(raw_error**2, "root", time_unit, text["rmse_raw"]),
        "mae_capped": _Figure(np.abs(error), "mean", time_unit, text["mae_capped"]),
        "nasa_score": _Figure(nasa_terms(error), "sum", "", text["nasa_score"]),
        "nasa_score_raw": _Figure(nasa_terms(raw_error), "sum", "", text["nasa_score_raw"]),
        "rmse_low_rul": _Figure(at_most, "root", time_unit, text["rmse_low_rul"]),
        "late_10_share": _Figure(late, "percent", "%", text["late_10_share"]),
        "coverage_90": _Figure(_covered(labels, low, high), "percent", "%", text["coverage_90"], None),
        "width_90": _Figure(high - low, "mean", time_unit, text["width_90"], None),
    }


def _band_figures(
    rul: Any, predicted: np.ndarray, low: np.ndarray, high: np.ndarray, cap: float, time_unit: str
) -> dict[str, dict[str, _Figure]]:
    labels = labels_of(rul, cap)
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
        "nasa_score_raw": nasa_score(rul, labels_of(rul, cap)),
    }
    row = {name: Metric(v, metrics[name].unit, label=metrics[name].label) for name, v in perfect.items()}
    return {"perfect capped predictor": row}


def _metric_names(cap: float, time_unit: str) -> dict[str, Text]:
    """How people call the metrics."""

    def amount(value: float, lang: str) -> str:
        return f"{number(float(value), lang, 0 if value == round(value) else 1)} {unit_name(time_unit, lang)}"

    plain_en, plain_fr = (number(float(cap), lang, 0 if cap == round(cap) else 1) for lang in ("en", "fr"))
    low_en, low_fr = amount(LOW_RUL_SHARE * cap, "en"), amount(LOW_RUL_SHARE * cap, "fr")
    late_en, late_fr = amount(LATE_BY, "en"), amount(LATE_BY, "fr")
    ninety = f"90{NARROW}%"
    return {
        "rmse_capped": Text(
            f"RMSE, labels capped at {plain_en}", f"RMSE, étiquettes plafonnées à {plain_fr}"
        ),
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


def held_out_figures(held_out: pd.DataFrame, unit: str, over: str, seed: int) -> dict[str, Metric]:
    """Estimate the error from training machines alone, each predicted by a model that never saw it.

    Parameters
    ----------
    held_out : pandas.DataFrame
        From `predictive_maintenance.validation.out_of_fold`: columns group, rul (capped label), prediction.
    unit : str
        Time unit.
    over : str
        What the groups are called.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict of str to Metric
        ``rmse_held_out`` and ``mae_held_out``; not measured when there is no row.

    Examples
    --------
    >>> import pandas as pd
    >>> held_out = pd.DataFrame({"group": ["a", "b", "c"], "rul": [5.0, 6.0, 7.0], "prediction": [6.0, 6.0, 5.0]})
    >>> held_out_figures(held_out, "days", "machines", seed=0)["mae_held_out"].value
    1.0
    """
    error = (held_out["prediction"] - held_out["rul"]).to_numpy(dtype=float)
    groups = held_out["group"].to_numpy()
    labels = {
        "rmse_held_out": Text(
            f"RMSE on training {over} set aside in turn",
            "RMSE sur les machines d'apprentissage mises de côté tour à tour",
        ),
        "mae_held_out": Text(
            f"Mean absolute error on training {over} set aside in turn",
            "Erreur absolue moyenne sur les machines d'apprentissage mises de côté tour à tour",
        ),
    }
    if not len(error):
        return {name: Metric(None, unit, label=label) for name, label in labels.items()}
    statistics = {
        "rmse_held_out": lambda e: float(np.sqrt(np.mean(e**2))),
        "mae_held_out": lambda e: float(np.mean(np.abs(e))),
    }
    kind = f"95 % bootstrap over {over}"
    return {
        name: Metric(
            statistic(error),
            unit,
            False,
            bootstrap_by_group(statistic, error, groups, n_resamples=500, seed=seed),
            kind,
            labels[name],
        )
        for name, statistic in statistics.items()
    }


def names(by_group: Mapping[str, Any], bounds: Mapping[str, Any], unit: str) -> dict[str, Text]:
    """Name the bands and the bound as people do.

    Parameters
    ----------
    by_group, bounds : mapping
        From `evaluate_rul`.
    unit : str
        Time unit.

    Examples
    --------
    >>> names({"RUL <= 50": {}}, {}, "days")["RUL <= 50"]
    Text(en='RUL ≤ 50 days', fr='Durée résiduelle ≤ 50 jours')
    """
    set_bands = {key: key.replace("<=", "≤").replace(">=", "≥") for key in by_group}
    called = {
        key: Text(f"{text} {unit}", f"{text.replace('RUL', 'Durée résiduelle')} {unit_name(unit, 'fr')}")
        for key, text in set_bands.items()
    }
    perfect = Text(
        "perfect predictor that never says more than the cap",
        "prédicteur parfait qui n'annonce jamais plus que le plafond",
    )
    return called | dict.fromkeys(bounds, perfect)

"""Remaining useful life (RUL): how long each machine still has, with an interval, and which sensor says so.

The native API in five lines::

    data = Cmapss(subset="FD001").read(seed=0)
    method = LightGbm().fit(data.inputs.train, data.inputs.lives, cap=data.inputs.cap, ...)
    prediction = method.predict(data.inputs.test)

This adapter adds what the contract asks: a fingerprint, out-of-fold predictions that calibrate the 90 % interval and
estimate the error from training machines alone, scores, and a report.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from predictive_maintenance import metrics, rul_report
from predictive_maintenance.calibration import fit_intervals
from predictive_maintenance.histories import RulData, RulInputs
from predictive_maintenance.validation import out_of_fold
from usecases import stats
from usecases.contract import Budget, Evaluation, Metric, Outcome, Problem, Progress, Section, Text
from usecases.formatting import unit_name
from usecases.runner import Clock

logger = logging.getLogger(__name__)

LEVEL = 0.9  # of the prediction intervals
CUTS = 5  # random cuts per training unit that calibrate them
FOLDS = 5  # unless the method says otherwise (attribute `calibration_folds`); 1 holds out one group of units


class Rul:
    """The task `predictive_maintenance/rul`."""

    def load(self, data: Any, *, seed: int) -> Problem:
        """Read a data source: anything with ``read(seed) -> RulData``."""
        read: RulData = data.read(seed)
        return Problem(
            inputs=read.inputs,
            truth=None if read.rul is None else {"rul": read.rul, "cap": read.inputs.cap},
            groups=np.asarray(read.inputs.test.groups),
            fingerprint=fingerprint(read),
            description=read.description,
        )

    def solve(
        self, method: Any, inputs: RulInputs, *, seed: int, budget: Budget, device: str, progress: Progress
    ) -> Outcome:
        """Fit on whole lives, predict every test unit at its last row, with a calibrated 90 % interval.

        Parameters
        ----------
        method : object
            With ``fit(train, lives, *, cap, seed, budget, device, progress)`` and ``predict(histories, rows=None)``.
        inputs : RulInputs
            Training lives and test histories.

        Returns
        -------
        Outcome
            Predictions of shape (n_test_units,) with the columns unit, group, time, prediction, low, high; out-of-fold
            predictions of the training units in ``details``.
        """
        shared = {"seed": seed, "budget": budget, "device": device, "progress": progress}
        clock = Clock()
        with clock.phase("fit"):
            fitted = method.fit(inputs.train, inputs.lives, cap=inputs.cap, **shared)
        folds = getattr(method, "calibration_folds", FOLDS)
        held_out = out_of_fold(
            method, inputs.train, inputs.lives, cap=inputs.cap, folds=folds, cuts_per_unit=CUTS, **shared
        )
        intervals = fit_intervals(held_out, cap=inputs.cap, level=LEVEL)
        prediction = np.clip(np.asarray(fitted.predict(inputs.test), dtype=float), 0, inputs.cap)
        if prediction.shape != (inputs.test.n_units,):
            raise ValueError(
                f"predict returned shape {prediction.shape}; one value for each of the {inputs.test.n_units} units expected"
            )
        low, high = intervals.interval(prediction)
        answer = pd.DataFrame(
            {
                "unit": inputs.test.unit_names,
                "group": inputs.test.groups,
                "time": inputs.test.time[inputs.test.last_rows()],
                "prediction": prediction,
                "low": low,
                "high": high,
            }
        )
        return Outcome(
            answer=answer,
            model=fitted,
            details={"held_out": held_out, "intervals": intervals, "cap": inputs.cap},
            complete=bool(np.isfinite(prediction).all()),
            device=getattr(fitted, "device", "cpu") or "cpu",
            timings=clock.timings,
            notes=tuple(getattr(fitted, "notes", ())) + intervals_note(intervals),
        )

    def evaluate(
        self,
        problem: Problem,
        outcome: Outcome,
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Evaluation:
        """Score the saved predictions against the truth, in both label conventions; "not measured" without truth."""
        inputs: RulInputs = problem.inputs
        unit = inputs.train.time_unit
        over = str(problem.description.get("group_name", "machines"))
        figures, by_group, bounds, losses = metrics.evaluate_rul(
            None if problem.truth is None else problem.truth["rul"],
            outcome.answer,
            cap=inputs.cap,
            groups=problem.groups,
            time_unit=unit,
            seed=seed,
            over=over,
        )
        figures |= held_out_figures(outcome.details["held_out"], unit, over, seed)
        return Evaluation(
            figures,
            by_group,
            bounds=bounds,
            losses=losses,
            loss_unit=unit,
            names=names(by_group, bounds, unit),
        )

    def report(self, problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
        """Tell it to people: takeaways, machines, errors, explanation."""
        return rul_report.sections(problem, outcome, evaluation)


def fingerprint(data: RulData) -> str:
    """Identify the data by a sha256 of everything numeric in it.

    Examples
    --------
    >>> one = np.array([0]); h = Histories(one, one + 1.0, np.ones((1, 1)), np.empty((1, 0)), ("A",), ("A",), ("s",))
    >>> from predictive_maintenance.histories import Lives
    >>> inputs = RulInputs(h, Lives(np.array([1.0]), np.array([True])), h, 125.0)
    >>> len(fingerprint(RulData(inputs, None, {})))
    64
    """
    digest = hashlib.sha256()
    inputs = data.inputs
    for histories in (inputs.train, inputs.test):
        for array in (histories.unit, histories.time, histories.sensors, histories.settings):
            digest.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
        digest.update(
            repr((histories.sensor_names, histories.setting_names, histories.groups)).encode("utf-8")
        )
    digest.update(np.asarray(inputs.lives.end, dtype=np.float64).tobytes())
    digest.update(np.asarray(inputs.lives.failed, dtype=np.uint8).tobytes())
    digest.update(repr(inputs.cap).encode("ascii"))
    if data.rul is not None:
        digest.update(np.asarray(data.rul, dtype=np.float64).tobytes())
    return digest.hexdigest()


def intervals_note(intervals: Any) -> tuple[Text, ...]:
    """Say when there are too few machines for a 90 % interval."""
    return () if intervals.enough else (intervals.note,)


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
            stats.bootstrap_by_group(statistic, error, groups, n_resamples=500, seed=seed),
            kind,
            labels[name],
        )
        for name, statistic in statistics.items()
    }


def names(by_group: Mapping[str, Any], bounds: Mapping[str, Any], unit: str) -> dict[str, Text]:
    """Name the bands and the bound as people do."""
    bands = {key: key.replace("<=", "≤").replace(">=", "≥") for key in by_group}
    called = {
        key: Text(f"{text} {unit}", f"{text.replace('RUL', 'Durée résiduelle')} {unit_name(unit, 'fr')}")
        for key, text in bands.items()
    }
    perfect = Text(
        "perfect predictor that never says more than the cap",
        "prédicteur parfait qui n'annonce jamais plus que le plafond",
    )
    return called | dict.fromkeys(bounds, perfect)

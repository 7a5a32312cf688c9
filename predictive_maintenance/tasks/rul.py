"""Remaining useful life (RUL): how long each machine still has, with an interval, and which sensor says so.

The native API in five lines::

    data = Cmapss(subset="FD001").read(seed=0)
    method = LightGbm().fit(data.inputs.train, data.inputs.lives, cap=data.inputs.cap, ...)
    prediction = method.predict(data.inputs.test)

This adapter adds what the contract asks: a fingerprint, out-of-fold predictions that calibrate the 90 % interval and
estimate the error from training machines alone, scores, and a report.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from predictive_maintenance import models, new_files, new_rows, rul_report
from predictive_maintenance.calibration import fit_intervals
from predictive_maintenance.data.fingerprint import fingerprint
from predictive_maintenance.evaluation import evaluate_rul, held_out_figures, names
from predictive_maintenance.histories import RulData, RulInputs
from predictive_maintenance.validation import out_of_fold
from usecases.contract import Budget, Evaluation, Outcome, Problem, Progress, Section, Text
from usecases.runner import Clock

LEVEL = 0.9  # of the prediction intervals
CUTS = 5  # random cuts per training unit that calibrate them
SMOKE_FOLDS = 3  # at most, at smoke budget
ERROR = Text("the absolute error, with lives capped", "l’erreur absolue, vies plafonnées")
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
            fitted = deepcopy(method).fit(  # `method` stays as it was given: folds and traps fit it again
                inputs.train, inputs.lives, cap=inputs.cap, **shared
            )
        folds = getattr(method, "calibration_folds", FOLDS)
        if budget.effort < 1:
            folds = min(folds, SMOKE_FOLDS)
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
            details={"held_out": held_out, "intervals": intervals, "cap": inputs.cap, "inputs": inputs},
            complete=bool(np.isfinite(prediction).all()),
            device=getattr(fitted, "device", "cpu") or "cpu",
            timings=clock.timings,
            notes=(
                *getattr(fitted, "notes", ()),
                *filter(None, [intervals.note, models.why_not_saved(fitted)]),
            ),
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
        figures, by_group, bounds, losses = evaluate_rul(
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
            loss_name=ERROR,
            names=names(by_group, bounds, unit),
        )

    def report(self, problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
        """Tell it to people: takeaways, machines, errors, explanation."""
        return rul_report.sections(problem, outcome, evaluation)

    def save(self, outcome: Outcome, folder: Path) -> None:
        """Write the model; see `predictive_maintenance.models`."""
        models.save_model(outcome, folder)

    def read(self, folder: Path, path: str | Path, *, anyway: bool = False) -> pd.DataFrame:
        """Read a person's new file: unit, time, settings and sensors; see `predictive_maintenance.new_files`."""
        return new_files.read_file(
            models.load_schema(folder),
            path,
            anyway=anyway,
            share=lambda name: models.load_model(folder).importance(name),
        )

    def apply(self, folder: Path, inputs: pd.DataFrame, *, anyway: bool = False) -> Outcome:
        """Predict every unit at its last row, with its interval and a status; see `predictive_maintenance.new_rows`."""
        return new_rows.answer(models.load_model(folder), inputs, anyway=anyway)

    def example(self, folder: Path) -> pd.DataFrame:
        """Invent two units of 30 rows inside the training ranges; nobody's rows."""
        return new_rows.invented(models.load_schema(folder))

"""Mistakes that people really make with remaining-life predictions, made on purpose after an honest run.

Each trap is a small dataclass with ``spring(...) -> Finding``, the node ``trap`` of ``experiment=trap_*``::

    usecases run predictive_maintenance/rul experiment=trap_random_rows

It gives two figures for the same work, the one that the mistake announces and the one that holds, and a sentence written
from what was measured (`predictive_maintenance.trap_words`): where a trap does not bite, the sentence says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from predictive_maintenance import trap_words
from predictive_maintenance.histories import Histories, Lives, RulInputs
from predictive_maintenance.metrics import capped_floor, rmse
from predictive_maintenance.validation import cut_rows, fold_of_units, out_of_fold
from usecases.contract import Budget, Evaluation, Finding, Metric, Outcome, Problem, Progress, Text
from usecases.errors import UserError
from usecases.simulation import stream
from usecases.stats import bootstrap_by_group

RMSE = Text("RMSE, capped labels", "RMSE, étiquettes plafonnées")


@dataclass(frozen=True)
class ChoiceOnTest:
    """The same method is trained several times, and the training that does best on the test set is announced.

    The honest figure is that of an average training: they differ by their seed only, so that is what one of them is worth.
    The sentence also names the error of the training that validation machines, taken from the training data, would choose.

    Parameters
    ----------
    candidates : int
        Trainings that differ by their random seed only, from 2 on.
    cuts_per_unit : int
        Random cuts of each validation life.

    Examples
    --------
    >>> ChoiceOnTest(candidates=4).candidates
    4
    """

    candidates: int = 12
    cuts_per_unit: int = 5

    def __post_init__(self) -> None:
        _at_least("candidates", self.candidates, 2)
        _at_least("cuts_per_unit", self.cuts_per_unit, 1)

    def spring(
        self,
        task: Any,
        method: Any,
        problem: Problem,
        outcome: Outcome,
        evaluation: Evaluation,
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Finding:
        """Train `candidates` times; announce the best on the test set, then the average."""
        labels, inputs = _labels(problem), problem.inputs
        train, lives, cap = inputs.train, inputs.lives, inputs.cap
        fold = fold_of_units(train.groups, lives.failed, folds=1, seed=seed)
        seen = np.flatnonzero(fold != 0)
        rows = cut_rows(train, lives, per_unit=self.cuts_per_unit, seed=seed)
        rows = rows[fold[train.unit[rows]] == 0]
        known = _labels_of_rows(inputs, rows)
        shared = {"cap": cap, "budget": budget, "device": device, "progress": _silent}
        validation, test = [], []
        for k in progress(range(self.candidates), description="trainings", total=self.candidates):
            drawn = int(stream(seed, "trap", k).integers(2**31))
            fitted = deepcopy(method).fit(train.select(seen), lives.select(seen), seed=drawn, **shared)
            validation.append(rmse(known, np.clip(fitted.predict(train, rows), 0, cap)))
            test.append(np.clip(fitted.predict(inputs.test), 0, cap) - labels)
        best = test[int(np.argmin([_root_mean_square(error) for error in test]))]
        average = np.sqrt(np.mean(np.square(test), axis=0))
        chosen = _root_mean_square(test[int(np.argmin(validation))])
        return trap_words.choice_on_test(
            _metric(best, problem, seed), _metric(average, problem, seed), chosen, self.candidates
        )


@dataclass(frozen=True)
class LabelConvention:
    """The error on capped labels is quoted as if it were the error on the remaining life itself.

    Both figures are right; putting one beside the other's convention is the mistake. The sentence also says what a
    perfect predictor that never says more than the cap gets on raw labels.

    Examples
    --------
    >>> LabelConvention()
    LabelConvention()
    """

    def spring(
        self,
        task: Any,
        method: Any,
        problem: Problem,
        outcome: Outcome,
        evaluation: Evaluation,
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Finding:
        """Read both scores of the same predictions."""
        _labels(problem)
        cap = float(problem.inputs.cap)
        capped, raw = evaluation.metrics["rmse_capped"], evaluation.metrics["rmse_raw"]
        return trap_words.label_convention(capped, raw, capped_floor(problem.truth["rul"], cap), cap)


@dataclass(frozen=True)
class DeadSensors:
    """The figure of a test with all sensors at work is announced for the plant, where a few are dead.

    Parameters
    ----------
    n_dead : int
        Sensors that are dead over the whole history of every test unit, from 1 on; all of them at most.
    draws : int
        Random choices of the dead sensors, whose squared errors are averaged.
    fault : {"missing", "zero"}
        What a dead sensor sends: nothing at all, or the constant 0.

    Examples
    --------
    >>> DeadSensors(n_dead=2).fault
    'missing'
    """

    n_dead: int = 3
    draws: int = 8
    fault: Literal["missing", "zero"] = "missing"

    def __post_init__(self) -> None:
        _at_least("n_dead", self.n_dead, 1)
        _at_least("draws", self.draws, 1)

    def spring(
        self,
        task: Any,
        method: Any,
        problem: Problem,
        outcome: Outcome,
        evaluation: Evaluation,
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Finding:
        """Predict the test units again with some of their sensors dead; the model is the one of the honest run."""
        labels, test, cap = _labels(problem), problem.inputs.test, problem.inputs.cap
        n_sensors = len(test.sensor_names)
        n_dead = min(self.n_dead, n_sensors)
        squared = np.empty((self.draws, len(labels)))
        for k in progress(range(self.draws), description="dead sensors", total=self.draws):
            dead = stream(seed, "dead sensors", k).permutation(n_sensors)[:n_dead]
            predicted = np.clip(outcome.model.predict(with_dead(test, dead, self.fault)), 0, cap)
            squared[k] = (predicted - labels) ** 2
        honest = _metric(np.sqrt(squared.mean(axis=0)), problem, seed)
        return trap_words.dead_sensors(evaluation.metrics["rmse_capped"], honest, n_dead, n_sensors)


@dataclass(frozen=True)
class RandomRows:
    """Cross-validation deals rows to the folds, not machines: yesterday's reading helps to guess today's.

    Both figures are of the same cuts of the same lives. For the wrong one, a fold's rows alone are taken out of the
    training data; for the honest one, everything of their machines is.

    Parameters
    ----------
    folds : int
        Number of folds, from 2 on.
    cuts_per_unit : int
        Random cuts of each life that ended by a failure.

    Examples
    --------
    >>> RandomRows(folds=3).folds
    3
    """

    folds: int = 5
    cuts_per_unit: int = 5

    def __post_init__(self) -> None:
        _at_least("folds", self.folds, 2)
        _at_least("cuts_per_unit", self.cuts_per_unit, 1)

    def spring(
        self,
        task: Any,
        method: Any,
        problem: Problem,
        outcome: Outcome,
        evaluation: Evaluation,
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Finding:
        """Cross-validate twice, once by rows and once by machines."""
        train, lives, cap = problem.inputs.train, problem.inputs.lives, problem.inputs.cap
        shared = {"cap": cap, "seed": seed, "budget": budget, "device": device, "progress": _silent}
        rows = cut_rows(train, lives, per_unit=self.cuts_per_unit, seed=seed)
        by_row = np.empty(len(rows))
        deal = stream(seed, "rows").permutation(len(rows)) % self.folds
        for k in progress(range(self.folds), description="folds of rows", total=self.folds):
            fitted = deepcopy(method).fit(without_rows(train, rows[deal == k]), lives, **shared)
            by_row[deal == k] = np.clip(fitted.predict(train, rows[deal == k]), 0, cap)
        error = by_row - _labels_of_rows(problem.inputs, rows)
        groups = np.asarray(train.groups, dtype=object)[train.unit[rows]]
        table = out_of_fold(
            method, train, lives, folds=self.folds, cuts_per_unit=self.cuts_per_unit, **shared
        )
        honest = (table["prediction"] - table["rul"]).to_numpy(dtype=float)
        return trap_words.random_rows(
            _metric(error, problem, seed, groups),
            _metric(honest, problem, seed, table["group"].to_numpy()),
            evaluation.metrics["rmse_capped"],
        )


def with_dead(histories: Histories, dead: np.ndarray, fault: Literal["missing", "zero"]) -> Histories:
    """Make some sensors dead over the whole history.

    Parameters
    ----------
    histories : Histories
        Of the test units.
    dead : ndarray of int
        Columns of the dead sensors.
    fault : {"missing", "zero"}
        What they send.

    Examples
    --------
    >>> h = Histories(np.array([0]), np.array([1.0]), np.array([[5.0, 6.0]]), np.empty((1, 0)), ("A",), ("A",), ("s", "t"))
    >>> with_dead(h, np.array([1]), "zero").sensors.tolist(), h.sensors.tolist()
    ([[5.0, 0.0]], [[5.0, 6.0]])
    """
    sensors = histories.sensors.copy()
    sensors[:, dead] = np.nan if fault == "missing" else 0.0
    return replace(histories, sensors=sensors)


def without_rows(histories: Histories, rows: np.ndarray) -> Histories:
    """Take single rows out of their histories, as random splits do.

    Parameters
    ----------
    histories : Histories
        Whole lives.
    rows : ndarray of int
        Rows to take out.

    Examples
    --------
    >>> h = Histories(np.array([0, 0]), np.array([1.0, 2.0]), np.array([[5.0], [6.0]]), np.empty((2, 0)), ("A",), ("A",), ("s",))
    >>> without_rows(h, np.array([0])).time.tolist()
    [2.0]
    """
    keep = np.ones(histories.n_rows, dtype=bool)
    keep[rows] = False
    columns = {name: getattr(histories, name)[keep] for name in ("unit", "time", "sensors", "settings")}
    return replace(histories, **columns)


def _labels(problem: Problem) -> np.ndarray:
    """Capped labels of the test units; a trap needs them."""
    if problem.truth is None:
        raise UserError(
            "this trap compares with the true remaining lives of test machines, which this data does not have: "
            "type data=fleet, or give data of machines that all failed"
        )
    return np.minimum(np.asarray(problem.truth["rul"], dtype=float), problem.inputs.cap)


def _labels_of_rows(inputs: RulInputs, rows: np.ndarray) -> np.ndarray:
    lives: Lives = inputs.lives
    return np.minimum(lives.end[inputs.train.unit[rows]] - inputs.train.time[rows], inputs.cap)


def _root_mean_square(error: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(error))))


def _metric(error: np.ndarray, problem: Problem, seed: int, groups: Any = None) -> Metric:
    """RMSE of some errors, with its bootstrap interval over machines (of the test units by default)."""
    over = str(problem.description.get("group_name", "machines"))
    groups = problem.groups if groups is None else groups
    interval = bootstrap_by_group(_root_mean_square, error, groups, n_resamples=1000, seed=seed)
    kind = f"95 % bootstrap over {over}" if np.isfinite(interval).all() else None
    return Metric(
        _root_mean_square(error),
        problem.inputs.train.time_unit,
        False,
        (float(interval[0]), float(interval[1])) if kind else None,
        kind,
        RMSE,
    )


def _at_least(key: str, value: int, least: int) -> None:
    if value < least:
        raise UserError(
            f"trap.{key}={value} was given, but a whole number from {least} on was expected: type trap.{key}={least}"
        )


def _silent(items: Any, **_: Any) -> Iterator[Any]:
    return items

"""Grouped cross-validation of RUL methods: no machine on both sides, few random cuts of each life."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from predictive_maintenance.histories import Histories, Lives
from usecases.contract import Budget, Progress
from usecases.errors import TooFewError, UserError
from usecases.simulation import stream

if TYPE_CHECKING:
    import pandas as pd

HELD_OUT = 0.2  # share of the groups that one single fold holds out


def cut_rows(histories: Histories, lives: Lives, *, per_unit: int, seed: int, least: int = 10) -> np.ndarray:
    """Draw a few random rows of each unit that failed, as if its record had been cut there.

    Rows of a life are highly dependent, and healthy rows are most of them: a few cuts of each life say more about the
    error on new machines than all rows do.

    Parameters
    ----------
    histories : Histories
        Whole lives.
    lives : Lives
        How they ended; censored units, whose remaining life nobody knows, are not cut.
    per_unit : int
        Cuts of each unit, fewer where it has fewer rows.
    seed : int
        Seed of the draw.
    least : int
        A cut leaves at least this many rows where the unit has them.

    Returns
    -------
    ndarray of int, shape (n_cuts,)
        Row indices, increasing.

    Examples
    --------
    >>> h = Histories(np.array([0, 0, 0, 1, 1]), np.array([1.0, 2, 3, 1, 2]), np.ones((5, 1)), np.empty((5, 0)),
    ...               ("A", "B"), ("A", "B"), ("s",))
    >>> rows = cut_rows(h, Lives(np.array([3.0, 2.0]), np.array([True, False])), per_unit=2, seed=0, least=1)
    >>> len(rows), bool((rows < 3).all())
    (2, True)
    """
    random = stream(seed, "cuts")
    chosen = []
    for unit, rows in enumerate(histories.slices()):
        first = min(rows.start + least - 1, rows.stop - 1)
        draw = first + random.permutation(rows.stop - first)[:per_unit]
        if lives.failed[unit]:
            chosen.append(np.sort(draw))
    return np.concatenate(chosen) if chosen else np.empty(0, dtype=np.int64)


def fold_of_units(groups: tuple[str, ...], failed: np.ndarray, *, folds: int, seed: int) -> np.ndarray:
    """Deal the groups to folds at random, those with a failure evenly.

    Parameters
    ----------
    groups : tuple of str, length n_units
        What must stay on one side.
    failed : ndarray of bool, shape (n_units,)
        Which units failed.
    folds : int
        Number of folds, from 2 on; 1 puts one group with a failure in five into fold 0, the others into none (-1).
    seed : int
        Seed of the draw.

    Returns
    -------
    ndarray of int, shape (n_units,)
        Fold that holds the unit out.

    Raises
    ------
    UserError
        When fewer than two groups have a failure.

    Examples
    --------
    >>> folds = fold_of_units(("A", "A", "B", "C"), np.ones(4, bool), folds=3, seed=0)
    >>> bool(folds[0] == folds[1]), sorted(set(folds.tolist()))
    (True, [0, 1, 2])
    """
    names, index = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    broken = np.zeros(len(names), dtype=bool)
    np.logical_or.at(broken, index, np.asarray(failed, dtype=bool))
    if broken.sum() < 2:
        raise TooFewError(
            f"{broken.sum()} training machine(s) with a failure were given and at least 2 are needed to check the method on a "
            "machine it has not seen: add machines that failed to the training data"
        )
    if folds < 1:
        raise UserError(f"folds={folds} was given, but a whole number from 1 on was expected: type folds=5")
    order = stream(seed, "folds").permutation(len(names))
    order = np.concatenate([order[broken[order]], order[~broken[order]]])  # those with a failure first
    fold = np.full(len(names), -1, dtype=np.int64)
    if folds == 1:
        fold[order[: max(1, round(HELD_OUT * int(broken.sum())))]] = 0
    else:
        fold[order] = np.arange(len(names)) % min(folds, int(broken.sum()))
    return fold[index]


def out_of_fold(
    method: Any,
    train: Histories,
    lives: Lives,
    *,
    cap: float,
    folds: int = 5,
    cuts_per_unit: int = 5,
    seed: int,
    budget: Budget,
    device: str,
    progress: Progress,
) -> pd.DataFrame:
    """Predict random cuts of every failed training unit by a model that saw nothing of its group.

    Parameters
    ----------
    method : object
        With ``fit(train, lives, *, cap, seed, budget, device, progress)`` that returns an object with
        ``predict(histories, rows)``.
    train, lives : Histories, Lives
        Whole lives and how they ended; censored units are learned from, not scored.
    cap : float
        Cap of the labels.
    folds : int
        Number of folds; 1 holds out one group in five, once, for slow methods.
    cuts_per_unit : int
        Random cuts of each failed unit.
    seed : int
        Seed of folds, cuts and fits.
    budget, device, progress
        Passed to `fit`. The folds run in the caller's joblib context, in threads by default.

    Returns
    -------
    pandas.DataFrame
        Columns unit, group, time, rul (capped), prediction, fold; one row for each cut.

    Raises
    ------
    UserError
        When fewer than two groups have a failure.

    Examples
    --------
    >>> from predictive_maintenance.methods.mean_life import MeanLife
    >>> h = Histories(np.repeat([0, 1, 2], 20), np.tile(np.arange(1.0, 21), 3), np.ones((60, 1)), np.empty((60, 0)),
    ...               ("A", "B", "C"), ("A", "B", "C"), ("s",))
    >>> table = out_of_fold(MeanLife(), h, Lives(np.full(3, 20.0), np.ones(3, bool)), cap=50.0, folds=3, cuts_per_unit=2,
    ...                     seed=0, budget=Budget(), device="cpu", progress=lambda items, **_: items)
    >>> len(table), bool((table["prediction"] == table["rul"]).all())
    (6, True)
    """
    import pandas as pd
    from joblib import Parallel, delayed

    fold = fold_of_units(train.groups, lives.failed, folds=folds, seed=seed)
    cuts = cut_rows(train, lives, per_unit=cuts_per_unit, seed=seed)

    def one(k: int) -> pd.DataFrame:
        seen = np.flatnonzero(fold != k)
        fitted = deepcopy(method).fit(  # a method whose fit returns itself learns anew in each fold
            train.select(seen),
            lives.select(seen),
            cap=cap,
            seed=seed,
            budget=budget,
            device=device,
            progress=_silent,
        )
        rows = cuts[fold[train.unit[cuts]] == k]
        unit = train.unit[rows]
        return pd.DataFrame(
            {
                "unit": np.asarray(train.unit_names, dtype=object)[unit],
                "group": np.asarray(train.groups, dtype=object)[unit],
                "time": train.time[rows],
                "rul": np.minimum(lives.end[unit] - train.time[rows], cap),
                "prediction": np.clip(fitted.predict(train, rows), 0.0, cap),
                "fold": k,
            }
        )

    numbers = np.unique(fold[fold >= 0]).tolist()
    parts = Parallel()(
        delayed(one)(k) for k in progress(numbers, description="cross-validation", total=len(numbers))
    )
    return pd.concat(parts, ignore_index=True)


def _silent(items: Any, **_: Any) -> Any:
    return items

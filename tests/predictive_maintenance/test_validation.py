"""Grouped cross-validation: no machine on both sides, only failed lives are scored."""

from __future__ import annotations

from dataclasses import dataclass

import joblib
import numpy as np
import pytest

from predictive_maintenance.histories import Histories, Lives
from predictive_maintenance.methods.mean_life import MeanLife
from predictive_maintenance.validation import cut_rows, fold_of_units, out_of_fold
from usecases.contract import Budget
from usecases.errors import UserError


def quiet(items, **_):
    return items


SHARED = {"cap": 30.0, "seed": 0, "budget": Budget(), "device": "cpu", "progress": quiet}


def twelve_lives() -> tuple[Histories, Lives]:
    """Twelve lives of six machines, two each; every third life is censored."""
    lengths = np.arange(40, 64, 2)
    names = tuple(f"life{k}" for k in range(12))
    groups = tuple(f"machine{k // 2}" for k in range(12))
    time = np.concatenate([np.arange(1.0, n + 1) for n in lengths])
    unit = np.repeat(np.arange(12), lengths)
    histories = Histories(unit, time, time[:, None], np.empty((len(unit), 0)), names, groups, ("s",))
    return histories, Lives(lengths.astype(float), np.arange(12) % 3 != 0)


@dataclass
class Spy:
    """Remembers which groups it was trained on, for all of its copies."""

    seen: list

    def __deepcopy__(self, memo):
        return Spy(self.seen)

    def fit(self, train, lives, **_):
        self.seen.append(set(train.groups))
        return self

    def predict(self, histories, rows=None):
        return np.full(len(rows), 1000.0)


@pytest.mark.parametrize("folds", [1, 3, 5])
def test_no_group_is_on_both_sides(folds):
    histories, lives = twelve_lives()
    spy = Spy([])
    with joblib.parallel_config(n_jobs=1):
        table = out_of_fold(spy, histories, lives, folds=folds, **SHARED)
    assert len(spy.seen) == folds
    for k, seen in enumerate(spy.seen):
        held = set(table.loc[table["fold"] == k, "group"])
        assert held
        assert not held & seen
        assert held | seen <= set(histories.groups)


def test_every_failed_life_is_scored_once_with_its_capped_label():
    histories, lives = twelve_lives()
    table = out_of_fold(MeanLife(), histories, lives, folds=3, cuts_per_unit=4, **SHARED)
    assert list(table.columns) == ["unit", "group", "time", "rul", "prediction", "fold"]
    assert sorted(set(table["unit"])) == sorted(
        n for n, f in zip(histories.unit_names, lives.failed, strict=True) if f
    )
    assert len(table) == 4 * lives.failed.sum()
    end = dict(zip(histories.unit_names, lives.end, strict=True))
    expected = [min(end[u] - t, 30.0) for u, t in zip(table["unit"], table["time"], strict=True)]
    assert table["rul"].tolist() == expected
    assert table["prediction"].between(0, 30).all()


def test_the_same_seed_gives_the_same_table():
    histories, lives = twelve_lives()
    one, two = (out_of_fold(MeanLife(), histories, lives, **SHARED) for _ in range(2))
    assert one.equals(two)
    other = out_of_fold(MeanLife(), histories, lives, **SHARED | {"seed": 1})
    assert not one["time"].equals(other["time"])


def test_cuts_leave_enough_rows_and_do_not_repeat():
    histories, lives = twelve_lives()
    rows = cut_rows(histories, lives, per_unit=6, seed=0, least=15)
    assert len(np.unique(rows)) == len(rows) == 6 * lives.failed.sum()
    assert (histories.time[rows] >= 15).all()


def test_cuts_of_a_life_shorter_than_asked_are_its_last_row():
    histories, lives = twelve_lives()
    short = histories.truncate(np.full(12, 5))
    rows = cut_rows(short, lives, per_unit=3, seed=0, least=15)
    assert rows.tolist() == short.last_rows()[lives.failed].tolist()


def test_a_single_fold_holds_out_one_failed_group_in_five():
    groups = tuple(f"m{k}" for k in range(30))
    fold = fold_of_units(groups, np.arange(30) < 20, folds=1, seed=0)
    assert (fold[:20] == 0).sum() == 4
    assert (fold[20:] == -1).all()


def test_more_folds_than_groups_become_one_group_a_fold():
    assert sorted(fold_of_units(("a", "b", "c"), np.ones(3, bool), folds=5, seed=0)) == [0, 1, 2]


@pytest.mark.parametrize("failed", [[False, False, False], [True, True, False]])
def test_one_group_with_a_failure_is_not_enough(failed):
    with pytest.raises(UserError, match="at least 2 are needed"):
        fold_of_units(("a", "a", "b"), np.array(failed), folds=5, seed=0)


def test_no_folds_is_told():
    with pytest.raises(UserError, match="folds=0"):
        fold_of_units(("a", "b"), np.ones(2, bool), folds=0, seed=0)

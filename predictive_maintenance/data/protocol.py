"""What every RUL data source understands: `fold`, `max_groups`, `shuffle_target`; one place, one meaning.

A source reads its data, then calls `apply_protocol`. Everything is by group (`Histories.groups`): the lives
of one machine never stand on both sides of a split.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from predictive_maintenance.histories import Histories, Lives, RulData, RulInputs
from usecases.errors import TooFewError, UserError

logger = logging.getLogger(__name__)

N_FOLDS = 5
LEAST_ROWS = 20  # of a held-out unit before its cut, unless half of its rows are fewer
SHUFFLED = {
    "en": "training rows of the sensors permuted: they say nothing any more",
    "fr": "lignes d’apprentissage des capteurs permutées : elles ne disent plus rien",
}
# First words of the random streams: one stream for each purpose, so that no choice disturbs another.
FOLD_STREAM, CUT_STREAM, LIMIT_STREAM, SHUFFLE_STREAM = 71, 72, 73, 74


def check_protocol(*, cap: float, max_groups: int | None, fold: int | None) -> None:
    """Refuse impossible values of the keys that all sources share; called from their ``__post_init__``.

    Parameters
    ----------
    cap : float
        Largest remaining life that a label may have.
    max_groups : int, optional
        Training groups (machines) to keep.
    fold : int, optional
        Fold to hold out, 0 to ``N_FOLDS - 1``.

    Raises
    ------
    UserError
        When a value is out of range.

    Examples
    --------
    >>> check_protocol(cap=125.0, max_groups=None, fold=4)
    """
    if not cap > 0 or cap == float("inf"):
        raise UserError(
            f"data.cap={cap} was given, a number above 0 was expected: type for example data.cap=125."
        )
    if max_groups is not None and max_groups < 2:
        raise UserError(
            f"data.max_groups={max_groups} was given, at least 2 machines are needed to learn from: "
            "type a larger number, or data.max_groups=null for all of them."
        )
    if fold is not None and not 0 <= fold < N_FOLDS:
        raise UserError(
            f"data.fold={fold} was given, a fold from 0 to {N_FOLDS - 1} was expected: type data.fold=0, or "
            "data.fold=null for the source's own test set."
        )


def apply_protocol(
    data: RulData,
    *,
    max_groups: int | None = None,
    fold: int | None = None,
    shuffle_target: bool = False,
    seed: int = 0,
) -> RulData:
    """Hold out a fold, limit the training groups, shuffle the sensors: in this order, each only if asked.

    The description always gains the counts ``n_train_groups``, ``n_train_units``, ``n_train_rows``, ``n_failures`` (training
    lives that ended by a failure), ``n_test_units``, ``n_test_rows``; and ``fold``, ``max_groups`` and
    ``shuffle_target`` where they are asked for.

    Parameters
    ----------
    data : RulData
        As the source read it.
    max_groups : int, optional
        Keep this many training groups; see `limit_groups`.
    fold : int, optional
        Replace the test set by this fold of the training groups; see `take_fold`.
    shuffle_target : bool
        Cut the link between sensors and remaining life; see `shuffle_sensors`.
    seed : int
        Draws the groups, the cuts and the permutation; not the folds.

    Raises
    ------
    UserError
        When a value is out of range, or there are too few groups for it.

    Examples
    --------
    >>> out = apply_protocol(toy_data(), fold=1, max_groups=3, seed=7)
    >>> out.description["n_train_units"], out.description["n_test_units"], out.description["fold"]
    (3, 2, 1)
    """
    check_protocol(cap=data.inputs.cap, max_groups=max_groups, fold=fold)
    asked: dict = {}
    if fold is not None:
        data, asked["fold"] = take_fold(data, fold, seed), fold
    if max_groups is not None:
        data, asked["max_groups"] = limit_groups(data, max_groups, seed), max_groups
    if shuffle_target:
        data, asked["shuffle_target"] = shuffle_sensors(data, seed), SHUFFLED
    inputs = data.inputs
    counts = {
        "n_train_groups": len(set(inputs.train.groups)),
        "n_train_units": inputs.train.n_units,
        "n_train_rows": inputs.train.n_rows,
        "n_failures": int(np.sum(inputs.lives.failed)),
        "n_test_units": inputs.test.n_units,
        "n_test_rows": inputs.test.n_rows,
    }
    return replace(data, description={**data.description, **counts, **asked})


def take_fold(data: RulData, k: int, seed: int, n_folds: int = N_FOLDS) -> RulData:
    """Make fold `k` of the training groups the test set; the source's own test set is not used at all.

    Folds come from a permutation of the groups that is always the same, so that every method and seed shares
    them; `seed` only says where each held-out history is cut (see `hold_out`).

    Parameters
    ----------
    data : RulData
        As the source read it.
    k : int
        Fold, 0 to ``n_folds - 1``.
    seed : int
        Of the cuts.
    n_folds : int
        Number of folds.

    Raises
    ------
    UserError
        When there are fewer groups than folds, or no unit of the fold failed (nothing could be scored).

    Examples
    --------
    >>> out = take_fold(toy_data(), 0, seed=1)
    >>> sorted(out.inputs.train.groups + out.inputs.test.groups) == sorted(toy_data().inputs.train.groups)
    True
    """
    train, lives = data.inputs.train, data.inputs.lives
    names = list(dict.fromkeys(train.groups))
    if len(names) < n_folds:
        raise TooFewError(
            f"data.fold={k} asks for one of {n_folds} folds by machine, and there are only {len(names)} "
            "training machines: give more data, or type data.fold=null."
        )
    order = np.random.default_rng(FOLD_STREAM).permutation(len(names))
    fold_of = {names[group]: int(place) % n_folds for place, group in enumerate(order)}
    held = [unit for unit, group in enumerate(train.groups) if fold_of[group] == k]
    if not np.any(lives.failed[held]):
        raise TooFewError(
            f"Fold {k} cannot be scored, since none of its {len(held)} units ended by a failure: "
            "type another data.fold, or give more failures."
        )
    inputs, rul = hold_out(train, lives, held, seed=seed, cap=data.inputs.cap)
    return replace(data, inputs=inputs, rul=rul)


def hold_out(
    train: Histories, lives: Lives, held: Iterable[int], *, seed: int, cap: float
) -> tuple[RulInputs, np.ndarray]:
    """Take units out of the training set and cut each at one random row: a test set with a known truth.

    A unit of n rows keeps between ``min(20, n // 2)`` and ``n - 1`` rows, uniformly (at least one). Where a
    unit is cut depends on the seed and on its place in `train`, not on the other units held. Held-out units
    that did not fail (right-censored) are in neither set: their remaining life is unknown.

    Parameters
    ----------
    train : Histories
        Whole recorded lives.
    lives : Lives
        How they ended.
    held : iterable of int
        Indices of the units to take out; whole groups, the caller sees to it.
    seed : int
        Of the cuts.
    cap : float
        Label cap of the inputs.

    Returns
    -------
    inputs : RulInputs
        The remaining units to learn from, the held-out units as the test set.
    rul : ndarray of float, shape (n_test_units,)
        True remaining life of the test units at their last row.

    Examples
    --------
    >>> source = toy_data().inputs
    >>> inputs, rul = hold_out(source.train, source.lives, [0, 1], seed=0, cap=125.0)
    >>> inputs.test.unit_names, bool((rul > 0).all())
    (('A', 'B'), True)
    """
    taken = np.zeros(train.n_units, dtype=bool)
    taken[np.fromiter(held, dtype=np.int64)] = True
    share = np.random.default_rng([CUT_STREAM, seed]).random(train.n_units)
    scored = np.flatnonzero(taken & np.asarray(lives.failed))
    if dropped := int(np.sum(taken)) - len(scored):
        logger.info(
            "%d held-out units without a failure are left out: their remaining life is unknown", dropped
        )
    lengths = np.diff(train.bounds())[scored]
    least = np.maximum(1, np.minimum(LEAST_ROWS, lengths // 2))
    most = np.maximum(least, lengths - 1)
    kept_rows = least + np.floor(share[scored] * (most - least + 1)).astype(np.int64)
    test = train.select(scored).truncate(kept_rows)
    rul = np.asarray(lives.end, dtype=float)[scored] - test.time[test.last_rows()]
    remaining = np.flatnonzero(~taken)
    return RulInputs(train.select(remaining), lives.select(remaining), test, cap), rul


def limit_groups(data: RulData, n: int, seed: int) -> RulData:
    """Keep `n` training groups, drawn with `seed`; the test set stays.

    The draws are nested: with the same seed, the groups of a smaller `n` are among those of a larger one, as
    a learning curve wants. Asking for more groups than there are keeps them all.

    Parameters
    ----------
    data : RulData
        As the source read it.
    n : int
        Groups to keep.
    seed : int
        Of the draw.

    Examples
    --------
    >>> limit_groups(toy_data(), 3, seed=0).inputs.train.n_units
    3
    """
    train, lives = data.inputs.train, data.inputs.lives
    names = list(dict.fromkeys(train.groups))
    if n >= len(names):
        logger.info("data.max_groups=%d: all %d training machines are kept", n, len(names))
        return data
    order = np.random.default_rng([LIMIT_STREAM, seed]).permutation(len(names))
    chosen = {names[group] for group in order[:n]}
    kept = [unit for unit, group in enumerate(train.groups) if group in chosen]
    return replace(data, inputs=replace(data.inputs, train=train.select(kept), lives=lives.select(kept)))


def shuffle_sensors(data: RulData, seed: int) -> RulData:
    """Permute the rows of sensors and settings among all training rows; times and lives stay.

    Afterwards the remaining life no longer depends on the sensors: a method that still beats a method without
    sensors on the test set has found a leak.

    Parameters
    ----------
    data : RulData
        As the source read it.
    seed : int
        Of the permutation.

    Examples
    --------
    >>> before, after = toy_data().inputs.train, shuffle_sensors(toy_data(), seed=0).inputs.train
    >>> bool(np.array_equal(np.sort(after.sensors, axis=0), before.sensors))
    True
    """
    train = data.inputs.train
    order = np.random.default_rng([SHUFFLE_STREAM, seed]).permutation(train.n_rows)
    shuffled = replace(train, sensors=train.sensors[order], settings=train.settings[order])
    return replace(data, inputs=replace(data.inputs, train=shuffled))


def toy_data(n_units: int = 10, n_rows: int = 40) -> RulData:
    """Make a tiny dataset for examples and tests: units fail at their last row, one sensor counts rows.

    Examples
    --------
    >>> toy_data().inputs.train.n_rows
    400
    """
    names = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:n_units])
    time = np.tile(np.arange(1.0, n_rows + 1), n_units)
    counter = np.arange(float(n_units * n_rows))[:, None]
    unit = np.repeat(np.arange(n_units), n_rows)
    train = Histories(unit, time, counter, np.empty((len(time), 0)), names, names, ("counter",))
    lives = Lives(np.full(n_units, float(n_rows)), np.ones(n_units, dtype=bool))
    test = train.truncate(np.full(n_units, n_rows // 2))
    rul = np.full(n_units, float(n_rows - n_rows // 2))
    return RulData(RulInputs(train, lives, test, 125.0), rul, {"name": "toy", "kind": "generated"})

"""Can these data answer at all? Asked before any project: enough groups, better than simple methods, would more help.

One quick method, named beforehand by the card, is tried fold by fold on groups it has never seen, beside the trivial
method, other simple references, and **itself on shuffled targets**: what it still knows then (the age, a calendar) is no
merit of the data. "Go" needs every comparison to hold at once, so that trying several does not make chance look like
success; too good to be true is never "go".
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from usecases import catalogue, config, runner
from usecases.contract import Budget, Problem
from usecases.errors import TooFewError, UserError
from usecases.feasibility_rule import (
    HALF,
    SHUFFLED,
    Comparison,
    Findings,
    compare,
    decide,
    groups_needed,
    learning_curve,
)

logger = logging.getLogger(__name__)

SUSPECT = 0.5  # share of the trivial error from which the task's own method looks for a leak
EFFORT = 0.1  # of the budget, for iterations
SECONDS = 40.0  # aimed at; the work is reduced to fit
FEWEST = 30  # training groups that are kept whatever the time
SIZES = (0.25, 0.5)  # of the training groups, for the learning curve
OPTIONS = ("fold", "max_groups", "shuffle_target")


@dataclass
class _Trial:
    """The folds of one dataset, and what each method makes of them."""

    task: Any
    run: config.RunConfig
    folds: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    limit: int | None = None
    unit: str = ""

    def load(self, fold: int, **options: Any) -> Problem:
        node = {**self.run.values["data"], "fold": fold, **options}
        problem: Problem = self.task.load(config.build(node), seed=self.run.settings.seed)
        return problem

    def read(self, n_folds: int) -> None:
        """Load every fold that can be scored; the last refusal when there is none."""
        refusal = None
        for fold in runner.progress_bar(range(n_folds), description="reading", total=n_folds):
            try:
                problem = self.load(fold)
            except TooFewError as error:
                refusal = error
                logger.info("fold %d left out: %s", fold, error)
                continue
            if problem.truth is None:
                raise UserError(
                    f"data={self.run.choices.get('data')} gives no truth with data.fold={fold}, so nothing can be compared: "
                    "choose data whose past answers are known"
                )
            if len(_groups_of(problem, fold)):
                self.folds.append(fold)
                self.problems.append(problem)
        if not self.folds:
            raise refusal or TooFewError("no fold of the data has a unit that can be scored: give more data")

    def groups(self) -> np.ndarray:
        """Group of every unit, in the order of `losses`; shape (n_units,)."""
        return np.concatenate([_groups_of(p, k) for k, p in zip(self.folds, self.problems, strict=True)])

    def losses(self, method: Any, **options: Any) -> np.ndarray:
        """Losses of all units, fold after fold, each by a model that never saw its group; shape (n_units,)."""
        from joblib import Parallel, delayed

        work = runner.progress_bar(
            zip(self.folds, self.problems, strict=True),
            description=str(type(method).__name__),
            total=len(self.folds),
        )
        parts = Parallel()(delayed(self._fold)(method, fold, problem, options) for fold, problem in work)
        return np.concatenate(parts)

    def _fold(self, method: Any, fold: int, problem: Problem, options: dict[str, Any]) -> np.ndarray:
        wanted = {"max_groups": self.limit} if self.limit else {}
        wanted |= options
        if wanted:
            problem = self.load(fold, **wanted)
        shared = runner.shared_arguments(self.run) | {"progress": _silent}
        try:
            outcome = self.task.solve(method, problem.inputs, **shared)
        except (UserError, OSError, MemoryError):
            raise
        except Exception as error:  # whatever a stranger's method raises
            told = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise UserError(
                f"the method {type(method).__name__} failed ({told}): choose another with method=NAME"
            ) from error
        evaluation = self.task.evaluate(problem, outcome, **shared)
        self.unit = evaluation.loss_unit
        if evaluation.losses is None:
            raise UserError(
                f"{self.run.package}/{self.run.task} gives no loss by unit, so nothing can be compared: "
                "let evaluate fill Evaluation.losses"
            )
        return np.asarray(evaluation.losses, dtype=float)


def examine(
    package: str, task: str, overrides: Sequence[str] = (), *, seconds: float = SECONDS
) -> tuple[Findings, config.RunConfig]:
    """Measure whether the data can answer, and say go, more data, or stop.

    Parameters
    ----------
    package, task : str
        A learning task whose data understand ``data.fold``, ``data.max_groups`` and ``data.shuffle_target``.
    overrides : sequence of str
        As for a run: ``data=own``, ``data.path=...``; ``method=`` chooses another quick method.
    seconds : float
        Wall-clock time aimed at (s): groups are left out to fit.

    Returns
    -------
    findings : Findings
        Without a row of the data.
    run : RunConfig
        What was composed.

    Raises
    ------
    UserError
        When the task does not learn, its data lack the three options, or the data are wrong; too few data are a finding.

    Examples
    --------
    >>> findings, _ = examine("predictive_maintenance", "rul", ["data.shuffle_target=true"])  # doctest: +SKIP
    >>> findings.verdict  # doctest: +SKIP
    'stop'
    """
    import joblib

    entry, card_task = catalogue.find_task(f"{package}/{task}")
    plan = card_task.get("feasibility", {})
    usual = _compose(package, task, overrides, card_task)
    chosen = any(text.partition("=")[0] in ("method", "method._target_") for text in overrides)
    run = usual
    if not chosen and plan.get("method"):
        run = _compose(package, task, [*overrides, f"method={plan['method']}"], card_task)
    findings = Findings(method=run.choices.get("method", "custom"))
    trial = _Trial(catalogue.load_task(entry, card_task), run)
    try:
        with joblib.parallel_config(
            backend=run.settings.executor.backend, n_jobs=run.settings.executor.n_jobs
        ):
            findings = _measure(trial, findings, card_task, usual, seconds)
    except TooFewError as error:
        findings = replace(findings, refusal=str(error))
    return decide(findings), run


def _compose(
    package: str, task: str, overrides: Sequence[str], card_task: Mapping[str, Any]
) -> config.RunConfig:
    """Compose a run at little effort; refuse what feasibility cannot use."""
    name = f"{package}/{task}"
    if card_task["kind"] != "learning":
        raise UserError(
            f"{name} learns nothing from data ({card_task['kind']}), so there is no feasibility to check: type `usecases run {name}`"
        )
    for text in overrides:
        if text.lstrip("+").startswith("data.fold="):
            raise UserError(
                f"{text} was given, but feasibility goes through all folds by itself: leave it out"
            )
    run = config.compose(package, task, overrides)
    missing = [option for option in OPTIONS if option not in run.values["data"]]
    if missing:
        raise UserError(
            f"data={run.choices.get('data')} of {name} has no data.{missing[0]}, which feasibility needs: give other data, or add "
            f"{', '.join(OPTIONS)} to its configuration"
        )
    budget = Budget("feasibility", min(EFFORT, run.settings.budget.effort))
    return replace(run, settings=replace(run.settings, budget=budget))


def _measure(
    trial: _Trial, findings: Findings, card_task: Mapping[str, Any], usual: config.RunConfig, seconds: float
) -> Findings:
    """Everything that takes time, within about `seconds`."""
    n_folds = int(card_task.get("feasibility", {}).get("folds", 5))
    trial.limit = trial.run.values["data"]["max_groups"]
    trial.read(n_folds)
    method = config.build(trial.run.values["method"])
    known = [int(p.description.get("n_train_groups", 0)) for p in trial.problems]
    n_train = round(float(np.mean(known))) if all(known) else _rest(trial.groups(), n_folds)
    reductions = _reduce(trial, method, n_train, groups_needed(n_folds), seconds)
    groups = trial.groups()
    mine = trial.losses(method)
    rows = {name: trial.losses(_method(trial.run, name)) for name in _references(card_task)}
    rows[SHUFFLED] = trial.losses(method, shuffle_target=True)
    sizes = _smaller_sizes(trial, method, trial.limit or n_train) | {trial.limit or n_train: mine}
    half = round(SIZES[-1] * (trial.limit or n_train))
    if half in sizes:
        rows[HALF] = sizes[half]
    compared = {c.name: c for c in compare(rows, mine, groups)}
    doubling = compared.pop(HALF, None)
    comparisons = tuple(compared.values())
    return replace(
        findings,
        loss_unit=trial.unit,
        groups=len(set(groups.tolist())),
        units=len(mine),
        needed=groups_needed(n_folds),
        error=float(mine.mean()),
        comparisons=comparisons,
        curve=learning_curve(sizes, groups),
        doubling=doubling,
        probe=_probe(trial, usual, rows[card_task["trivial"]], comparisons[0], groups),
        reductions=reductions,
    )


def _rest(groups: np.ndarray, n_folds: int) -> int:
    """Groups to learn from when one fold is set aside, as far as the scored ones tell."""
    return round(len(set(groups.tolist())) * (1 - 1 / n_folds))


def _references(card_task: Mapping[str, Any]) -> list[str]:
    """The trivial method first, then the card's other simple references."""
    return list(
        dict.fromkeys([card_task["trivial"], *card_task.get("feasibility", {}).get("references", ())])
    )


def _method(run: config.RunConfig, name: str) -> Any:
    return config.build(config.compose(run.package, run.task, [f"method={name}"]).values["method"])


def _groups_of(problem: Problem, fold: int) -> np.ndarray:
    """Groups of the test units as text; without groups each unit is its own."""
    if problem.groups is not None:
        return np.asarray(problem.groups).astype(str)
    return np.array([f"{fold}/{unit}" for unit in range(len(problem.truth))])


def _reduce(trial: _Trial, method: Any, n_train: int, needed: int, seconds: float) -> tuple[str, ...]:
    """Time one fold; keep fewer training groups, then fewer folds, when all of them would take too long."""
    rounds = 2.0 + sum(SIZES)  # the method, the shuffled targets, the smaller sizes
    start = time.perf_counter()
    trial._fold(method, trial.folds[0], trial.problems[0], {"shuffle_target": True})
    full = (time.perf_counter() - start) * rounds * len(trial.folds)
    if full <= seconds:
        return ()
    kept = max(FEWEST, int(n_train * seconds / full))
    reductions = []
    if kept < (trial.limit or n_train):
        trial.limit = kept
        reductions.append("groups")
    start = time.perf_counter()
    trial._fold(method, trial.folds[0], trial.problems[0], {"shuffle_target": True})
    full = (time.perf_counter() - start) * rounds * len(trial.folds)
    n_groups = len(set(trial.groups().tolist()))
    enough = math.ceil(2 * needed * len(trial.folds) / n_groups)  # folds that hold twice the groups needed
    n_kept = max(2, enough, int(len(trial.folds) * seconds / full))
    if full > 1.5 * seconds and n_kept < len(trial.folds):
        trial.folds, trial.problems = trial.folds[:n_kept], trial.problems[:n_kept]
        reductions.append("folds")
    return tuple(reductions)


def _smaller_sizes(trial: _Trial, method: Any, n_train: int) -> dict[int, np.ndarray]:
    """Losses of the method on the same units when it learns from fewer groups."""
    found = {}
    for size in (round(share * n_train) for share in SIZES):
        if size < 2:
            continue
        try:
            found[size] = trial.losses(method, max_groups=size)
        except UserError as error:  # a part of few groups may hold no failure
            logger.info("no point of the learning curve for %d groups: %s", size, error)
    return found


def _probe(
    trial: _Trial, usual: config.RunConfig, trivial: np.ndarray, against: Comparison, groups: np.ndarray
) -> Comparison | None:
    """Where much of the trivial error is gone, see on two folds whether the task's own method removes nearly all."""
    if against.share < SUSPECT or usual.choices.get("method") == trial.run.choices.get("method"):
        return None
    first = sum(len(_groups_of(p, k)) for k, p in zip(trial.folds[:2], trial.problems[:2], strict=True))
    short = replace(trial, folds=trial.folds[:2], problems=trial.problems[:2])
    losses = short.losses(config.build(usual.values["method"]))
    name = usual.choices.get("method", "custom")
    return compare({name: trivial[:first]}, losses, groups[:first])[0]


def _silent(items: Iterable[Any], **_: Any) -> Iterable[Any]:
    return items

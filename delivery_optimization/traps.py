"""Mistakes that people really make with delivery plans, made on purpose after an honest run.

Each trap is a small dataclass with ``spring(...) -> Finding``, the node ``trap`` of ``experiment=trap_*``::

    usecases run delivery_optimization/routing experiment=trap_first_solution

It gives two figures for the same work, the one that the mistake announces and the one that holds, and a sentence written
from what was measured (`delivery_optimization.trap_words`): where a trap does not bite, the sentence says so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from delivery_optimization import trap_words
from delivery_optimization.checker import check
from delivery_optimization.clock import in_minutes
from delivery_optimization.instance import DOUBLE, Instance, Table
from delivery_optimization.plan import Plan, plan_from_json
from delivery_optimization.robustness import scores
from delivery_optimization.robustness.monte_carlo import Simulation, simulate
from delivery_optimization.robustness.noise import Law
from usecases.contract import Budget, Evaluation, Finding, Metric, Outcome, Problem, Progress, Text
from usecases.errors import UserError, nearest
from usecases.stats import bootstrap_by_group

FAILURES = 10_000  # dead ends after which a rule has found nothing
LEVEL = 0.95  # of the days
COMPLETE = Text("plans that serve everybody", "plans qui servent tout le monde")
LATEST = Text(
    "lateness of the latest delivery, 95 % of days", "retard de la livraison la plus tardive, 95 % des jours"
)


@dataclass(frozen=True, eq=False)
class Run:
    """An honest run, as a trap finds it.

    Parameters
    ----------
    problem : Problem
        Instances or missions, and the truth.
    plans : tuple of Plan
        The saved plans, one for each.
    evaluation : Evaluation
        Their figures.
    seed : int
        Of the run.
    device : str
        ``cpu`` or ``cuda``.
    progress : Progress
        For long loops.
    """

    problem: Problem
    plans: tuple[Plan, ...]
    evaluation: Evaluation
    seed: int
    device: str
    progress: Progress

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The instances; those of the missions, where robustness is judged."""
        return tuple(getattr(one, "instance", one) for one in self.problem.inputs)


class _Trap(ABC):
    """What all traps do: read the saved plans, then look for the two figures."""

    @abstractmethod
    def find(self, run: Run) -> Finding:
        """Make the mistake after an honest run, and compare."""

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
        """Gather the honest run and look at it."""
        run = Run(problem, (), evaluation, seed, device if device == "cuda" else "cpu", progress)
        saved = zip(run.instances, outcome.answer["plans"], strict=True)
        return self.find(replace(run, plans=tuple(plan_from_json(i, plan) for i, plan in saved)))


@dataclass(frozen=True)
class FirstSolution(_Trap):
    """One rule for the first solution is tried, and where it finds no plan, "no plan exists" is announced.

    Parameters
    ----------
    rule : str
        OR-Tools' name of the rule.

    Raises
    ------
    UserError
        If OR-Tools has no such rule.

    Examples
    --------
    >>> FirstSolution().rule
    'PATH_CHEAPEST_ARC'
    """

    rule: str = "PATH_CHEAPEST_ARC"

    def __post_init__(self) -> None:
        from ortools.constraint_solver import routing_enums_pb2

        known = routing_enums_pb2.FirstSolutionStrategy.Value.keys()
        if self.rule not in known:
            raise UserError(
                f"trap.rule={self.rule} is not a rule of OR-Tools: {nearest(str(self.rule), known)}"
            )

    def find(self, run: Run) -> Finding:
        """Let one rule alone plan every instance of the run."""
        todo = run.progress(run.instances, description="one rule alone", total=len(run.instances))
        alone = np.array([found_by(instance, self.rule) for instance in todo])
        several = np.array([check(i, plan).valid for i, plan in zip(run.instances, run.plans, strict=True)])
        return trap_words.first_solution(
            _share(alone, run.seed),
            _share(several, run.seed),
            self.rule,
            int(alone.sum()),
            int(several.sum()),
            len(alone),
        )


@dataclass(frozen=True)
class Truncated(_Trap):
    """Plans made with distances truncated to one decimal are announced for a road that is not truncated.

    Solvers of benchmarks count in tenths; each leg of a plan then takes up to 0.1 longer than was planned, and a window
    that was just kept is missed.

    Examples
    --------
    >>> Truncated()
    Truncated()
    """

    def find(self, run: Run) -> Finding:
        """Check the same plans with truncated and with exact distances."""
        planned = [check(i, plan) for i, plan in zip(run.instances, run.plans, strict=True)]
        driven = [
            check(exact(i), replace(plan, stated_cost=None))
            for i, plan in zip(run.instances, run.plans, strict=True)
        ]
        kept = np.array([verdict.valid for verdict in planned])
        if not kept.any():
            raise UserError(
                "no plan of this run serves everybody, so nothing is announced: give more time, type method.iterations=2000"
            )
        valid = np.array([verdict.valid for verdict in driven])[kept]
        costs = np.array([[p.cost, d.cost] for p, d in zip(planned, driven, strict=True)])[kept].sum(axis=0)
        return trap_words.truncated(
            _share(kept[kept], run.seed),
            _share(valid, run.seed),
            len(valid),
            int((~valid).sum()),
            float(costs[0]),
            float(costs[1]),
        )


@dataclass(frozen=True)
class IndependentNoise(_Trap):
    """The days of a plan are simulated as if each leg had its own chance, though a slow courier is slow on all of them.

    Independent delays cancel out on the way; those that a whole route shares add up.

    References
    ----------
    M. Bomboi, C. Buchheim, J. Pruente, "On the stochastic vehicle routing problem with time windows, correlated travel times,
    and time dependency", *4OR* 20, 2022.

    Examples
    --------
    >>> IndependentNoise()
    IndependentNoise()
    """

    def find(self, run: Run) -> Finding:
        """Simulate the same plan twice; only what legs have in common differs."""
        truth = _days(run)
        alone = replace(
            truth, laws=tuple(replace(law, route_share=0.0, hour_share=0.0) for law in truth.laws)
        )
        wrong, honest = (
            scores.run_days(run.problem.inputs, run.plans, days, run.device) for days in (alone, truth)
        )
        unit = run.instances[0].time_unit
        return trap_words.independent_noise(
            _latest(wrong, unit), _latest(honest, unit), _late_share(wrong), _late_share(honest)
        )


@dataclass(frozen=True)
class NominalPlan(_Trap):
    """A plan that is on time everywhere, on paper, is announced as a day on which nobody is served late.

    Examples
    --------
    >>> NominalPlan()
    NominalPlan()
    """

    def find(self, run: Run) -> Finding:
        """Drive the plan once as its table says, and compare with its many days."""
        _days(run)
        promised = [
            simulate(
                replace(mission.instance, speeds=None),
                plan,
                Law(travel_cv=0.0),
                scenarios=1,
                seed=run.seed,
                departure=mission.departure,
            ).perfect_days
            for mission, plan in zip(run.problem.inputs, run.plans, strict=True)
        ]
        honest = run.evaluation.metrics["perfect_days"]
        wrong = Metric(100 * float(np.mean(promised)), "%", True, label=honest.label)
        return trap_words.nominal_plan(wrong, honest, run.evaluation.metrics["on_time_rate"])


def found_by(instance: Instance, rule: str) -> bool:
    """Whether one rule for the first solution finds a plan that serves everybody.

    Parameters
    ----------
    instance : Instance
        Without orders that may be left out.
    rule : str
        OR-Tools' name of the rule; it gives up after a fixed number of dead ends, so that the clock decides nothing.

    Returns
    -------
    bool

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> found_by(tiny(), "PARALLEL_CHEAPEST_INSERTION")
    True
    """
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    from delivery_optimization.methods.ortools_model import model

    made = model(instance)
    made.routing.AddSearchMonitor(made.routing.solver().FailuresLimit(FAILURES))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.Value.Value(rule)
    parameters.solution_limit = 1
    found = made.routing.SolveWithParameters(parameters)
    return found is not None and check(instance, replace(made.plan(found), stated_cost=None)).valid


def exact(instance: Instance) -> Instance:
    """The same instance with the distances of its coordinates, not rounded.

    Parameters
    ----------
    instance : Instance
        In the plane, with truncated distances that are also its durations.

    Returns
    -------
    Instance

    Raises
    ------
    UserError
        If the instance is of another kind.

    Examples
    --------
    >>> from delivery_optimization.data.plane import Plane
    >>> rounded = Plane(n_orders=5, instances=1, convention="dimacs").read(seed=0).instances[0]
    >>> bool((exact(rounded).travel[0].distances >= rounded.travel[0].distances).all())
    True
    """
    if instance.convention.name != "dimacs" or instance.places.geographic:
        raise UserError(
            f"{instance.name} has no truncated distances; an instance in the plane with them was expected: "
            "type data=plane data.convention=dimacs"
        )
    x, y = instance.places.x, instance.places.y
    distance = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    return replace(instance, travel=(Table(distance, distance),), convention=DOUBLE)


def _days(run: Run) -> Any:
    """The truth of a run of `robustness` whose plan serves everybody."""
    truth = (run.problem.truth or {}).get("days")
    if truth is None:
        raise UserError("this trap needs the law of the days, which this data does not have: type data=city")
    if any(plan.unserved for plan in run.plans):
        raise UserError(
            "the plan leaves out orders, which are late on every day, so its days cannot be compared: type data=city"
        )
    return truth


def _share(good: np.ndarray, seed: int) -> Metric:
    """Share of instances with a plan that holds, with its interval over instances."""
    values = 100.0 * np.asarray(good, dtype=float)
    interval = bootstrap_by_group(np.mean, values, np.arange(len(values)), n_resamples=1000, seed=seed)
    known = bool(np.isfinite(interval).all())
    return Metric(
        float(values.mean()),
        "%",
        True,
        (float(interval[0]), float(interval[1])) if known else None,
        "95 % bootstrap over instances" if known else None,
        COMPLETE,
    )


def _latest(simulations: Sequence[Simulation], unit: str) -> Metric:
    """Quantile over days of the lateness of the day's latest delivery; its interval from order statistics."""
    worst = np.sort(np.max([one.worst for one in simulations], axis=0))
    n = len(worst)
    half = 1.96 * (n * LEVEL * (1 - LEVEL)) ** 0.5
    places = [int(np.clip(np.ceil(n * LEVEL + shift) - 1, 0, n - 1)) for shift in (-half, 0, half)]
    low, value, high = (float(in_minutes(float(worst[place]), unit)[0]) for place in places)
    return Metric(value, in_minutes(0.0, unit)[1], False, (low, high), scores.OVER_DAYS, LATEST)


def _late_share(simulations: Sequence[Simulation]) -> float:
    """Orders late, over all orders and days (%)."""
    orders = sum(len(one.served) for one in simulations)
    return 100 * float(sum(one.late_orders.mean() for one in simulations)) / max(orders, 1)

"""Quote: what a new order costs in each of twelve slots, and what accepting it does to the plan.

The native API in three lines::

    live = LivePlan(instance, plan)
    quotes = live.quote(order, slots)
    live.accept(quotes.best())

This adapter lets a policy meet days of customers (`delivery_optimization.live.environment`), has every final plan checked
again, and compares its cost with planning the accepted orders anew at the end of the day, when they are all known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from delivery_optimization import quote_report
from delivery_optimization.checker import check
from delivery_optimization.data.quote_days import QuoteData
from delivery_optimization.instance import Instance
from delivery_optimization.live.environment import RETIMED, QuoteDay, QuoteEnvironment
from delivery_optimization.live.requests import orders_of
from delivery_optimization.methods.pyvrp_solver import PyVrp
from delivery_optimization.plan import plan_from_json
from delivery_optimization.solution import Stop
from usecases import simulation
from usecases.contract import Budget, Evaluation, Metric, Outcome, Problem, Progress, Section, Text
from usecases.errors import UserError

HINDSIGHT = {
    "smoke": 40,
    "laptop": 12_000,
}  # iterations of PyVRP for a day, from nothing; `full` takes ten times those of `laptop`
AFTER = 0.25  # of these iterations, more from the plan that was played
LABELS = {
    "cost_per_order": Text("cost of an order", "coût par commande"),
    "accepted_share": Text("orders accepted", "commandes acceptées"),
    "first_wish_share": Text("first wish granted", "premier vœu exaucé"),
    "promises_broken": Text("promises broken", "promesses non tenues"),
    "moved_share": Text("orders moved by an acceptance", "commandes déplacées par une acceptation"),
    "moved_in_day": Text(
        "orders that ever changed courier", "commandes ayant changé de livreur au moins une fois"
    ),
    "retimed": Text(
        f"orders whose planned time moved by more than {RETIMED:.0f} min after the acceptance",
        f"commandes dont l’heure prévue a bougé de plus de {RETIMED:.0f} min après l’acceptation",
    ),
    "gap_to_hindsight": Text("gap to planning anew in hindsight", "écart à une replanification a posteriori"),
}


class Quote:
    """The task `delivery_optimization/quote`."""

    def load(self, data: Any, *, seed: int) -> Problem:
        """Read a data source: anything with ``read(seed) -> QuoteData``; a method sees the fleets only."""
        read: QuoteData = data.read(seed)
        return Problem(
            inputs=tuple(day.fleet for day in read.days),
            truth=read.days,
            groups=np.array([f"{number}: {day.fleet.name}" for number, day in enumerate(read.days)]),
            fingerprint=read.fingerprint,
            description=read.description,
        )

    def solve(
        self,
        method: Any,
        inputs: tuple[Instance, ...],
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Outcome:
        """Make the policy.

        Parameters
        ----------
        method : object
            With ``policy(fleets, *, seed, budget) -> callable``; see `delivery_optimization.live.policies`.
        inputs : tuple of Instance
            Fleet and travel of each day, without orders.
        """
        variants = method.variants() if hasattr(method, "variants") else {}
        others = {price: one.policy(inputs, seed=seed, budget=budget) for price, one in variants.items()}
        return Outcome(
            {},
            name="decisions",
            policy=method.policy(inputs, seed=seed, budget=budget),
            reproducible=getattr(method, "reproducible", True),
            details={"variants": others},
        )

    def play(
        self,
        problem: Problem,
        outcome: Outcome,
        *,
        seed: int,
        budget: Budget,
        device: str,
        progress: Progress,
    ) -> Outcome:
        """Let the policy meet the customers of every day.

        Raises
        ------
        UserError
            If the policy stopped before the end.
        """
        environment = QuoteEnvironment(problem.truth)
        log = simulation.play(outcome.policy, environment, progress=progress, choice=_kind)
        if log.error:
            raise UserError(f"the policy stopped at {log.error}; an answer to each question was expected")
        kinds = np.array(log.actions)
        times = {
            kind: replace(log, actions=[], seconds=log.seconds[kinds == kind]).timings()
            for kind in ("quote", "confirm")
        }
        return replace(
            outcome,
            answer={"days": log.summary, "digest": log.digest},
            log=log,
            details={"times": times, "prices": _prices(problem.truth[:1], outcome.details["variants"])},
            timings={kind: _timing(log.seconds[kinds == kind], times[kind]) for kind in times},
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
        """Check the final plan of each day again, and plan its accepted orders anew as if all had been known."""
        iterations = HINDSIGHT.get(budget.name, 10 * HINDSIGHT["laptop"])
        days = outcome.answer["days"]
        instances = [promised(day, record) for day, record in zip(problem.truth, days, strict=True)]
        costs = np.array([_checked(i, record) for i, record in zip(instances, days, strict=True)])
        pairs = progress(list(zip(instances, days, strict=True)), description="hindsight")
        known = np.array([_anew(instance, record, iterations, seed) for instance, record in pairs])
        orders = np.array([len(record["accepted"]) for record in days])
        some = orders > 0
        per_order = costs[some] / orders[some]
        unit = problem.inputs[0].cost_unit
        accepted = 100 * orders.sum() / max(sum(record["requests"] for record in days), 1)
        moved = np.concatenate(
            [np.array(r["moved"]) / np.maximum(np.arange(len(r["moved"])), 1) for r in days] or [np.zeros(0)]
        )
        found = bool(np.isfinite(known[some]).all())

        def metric(name: str, value: Any, its_unit: str, better: bool | None) -> Metric:
            return Metric(
                value if isinstance(value, int) else float(value), its_unit, better, label=LABELS[name]
            )

        def of_orders(key: str) -> float:
            return float(100 * sum(len(record[key]) for record in days) / max(orders.sum(), 1))

        total = costs[some].sum() / max(orders.sum(), 1)
        gap = Metric(None, "%", False, label=LABELS["gap_to_hindsight"])
        bounds = {}
        if found:
            gap = replace(
                gap, value=float(100 * (costs[some] / known[some] - 1).mean()) if some.any() else 0.0
            )
            bound = known[some].sum() / max(orders.sum(), 1)
            bounds["hindsight"] = {"cost_per_order": metric("cost_per_order", bound, unit, False)}
        metrics = {
            "cost_per_order": metric("cost_per_order", total, unit, False),
            "accepted_share": metric("accepted_share", accepted, "%", True),
            "first_wish_share": metric(
                "first_wish_share",
                100 * np.average([r["first_wish"] for r in days], weights=np.maximum(orders, 1e-9)),
                "%",
                True,
            ),
            "promises_broken": metric("promises_broken", sum(len(r["broken"]) for r in days), "", False),
            "moved_share": metric("moved_share", 100 * moved.mean() if len(moved) else 0.0, "%", False),
            "moved_in_day": metric("moved_in_day", of_orders("ever_moved"), "%", False),
            "retimed": metric("retimed", of_orders("retimed"), "%", False),
            "gap_to_hindsight": gap,
        }
        losses = np.full(len(days), np.nan)
        losses[some] = per_order
        return Evaluation(
            metrics,
            bounds=bounds,
            losses=losses,
            loss_unit=unit,
            loss_name=LABELS["cost_per_order"],
            share="accepted_share",
            names={"hindsight": Text("same orders, all known", "mêmes commandes, toutes connues")},
        )

    def report(self, problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
        """Tell it to people: takeaways, slot prices, moves, times, days."""
        return quote_report.sections(problem, outcome, evaluation)


def promised(day: QuoteDay, record: dict[str, Any]) -> Instance:
    """Make the instance of the orders that were accepted on a day, each with its promised slot.

    Parameters
    ----------
    day : QuoteDay
        Its requests.
    record : dict
        Of the environment: ``accepted`` lists (name, opens, closes).

    Returns
    -------
    Instance

    Raises
    ------
    UserError
        If the record names an order that never came, or a slot that was never offered.

    Examples
    --------
    >>> from delivery_optimization.data.quote_days import quote_day
    >>> from delivery_optimization.examples import tiny
    >>> day = quote_day(tiny(), np.random.default_rng(0), n_orders=3)
    >>> promised(day, {"accepted": [["A", 0.0, 10.0]]}).orders.closes.tolist()
    [10.0]
    """
    requests = {request.name: request for request in day.requests}
    offered = {(float(opens), float(closes)) for opens, closes in day.slots}
    for name, opens, closes in record["accepted"]:
        if name not in requests or (float(opens), float(closes)) not in offered:
            raise UserError(
                f"the record names order {name} from {opens:g} to {closes:g}, which was never offered"
            )
    accepted = [(requests[name], float(opens), float(closes)) for name, opens, closes in record["accepted"]]
    return replace(day.fleet, orders=orders_of(accepted, len(day.fleet.vehicles[0].capacity)))


def _prices(first: tuple[QuoteDay, ...], variants: Mapping[float, Any]) -> list[tuple[float, float, float]]:
    """Play the first day at other prices of a move: price, cost of an order, share of moved orders (%)."""
    points = []
    for price, policy in variants.items():
        log = simulation.play(policy, QuoteEnvironment(first), choice=_kind)
        if log.error:
            raise UserError(
                f"the policy at price_of_move={price:g} stopped at {log.error}; answers were expected"
            )
        (record,) = log.summary
        if record["accepted"]:
            points.append((price, record["cost"] / len(record["accepted"]), 100 * record["moved_share"]))
    return points


def _kind(action: Any) -> str:
    """What a log keeps of an answer: which question it answered."""
    return "quote" if action and "costs" in action else "confirm" if action else "day"


def _timing(seconds: np.ndarray, percentiles: dict[str, Any]) -> dict[str, Any]:
    """Times of one kind of decision; they are taken in one thread, so that the sum stands for both clocks."""
    total = round(float(seconds.sum()), 4)
    return {"wall_s": total, "cpu_s": total, **percentiles}


def _checked(instance: Instance, record: dict[str, Any]) -> float:
    """Check the final plan; its cost is the driven one, which is at least what the checker finds."""
    if not record["accepted"]:
        return 0.0
    verdict = check(instance, replace(plan_from_json(instance, record["plan"]), stated_cost=None))
    broken = {instance.orders.names[v.order] for v in verdict.violations if v.order is not None}
    if not broken <= set(record["broken"]) or (verdict.violations and not record["broken"]):
        raise UserError(
            f"the final plan of {instance.name} was refused by the checker: {verdict.violations[0].detail}"
        )
    return max(float(record["cost"]), verdict.cost)


def _anew(instance: Instance, record: Mapping[str, Any], iterations: int, seed: int) -> float:
    """Plan all accepted orders, all known: from nothing, and from the played plan; NaN if no feasible plan was found.

    The played plan counts too where it keeps every promise, so that its cost is never below that of hindsight.
    """
    if not instance.n_orders:
        return 0.0
    played = plan_from_json(instance, record["plan"])
    plans, starts = [replace(played, stated_cost=None)], [(None, iterations)]
    if check(instance, plans[0]).valid:
        starts.append((played, max(1, round(AFTER * iterations))))
    for start, work in starts:
        plans.append(PyVrp().solve(instance, stop=Stop(iterations=work), seed=seed, start=start).plan)
    verdicts = [check(instance, plan) for plan in plans]
    return min((verdict.cost for verdict in verdicts if verdict.valid), default=float("nan"))

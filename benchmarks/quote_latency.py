"""How fast a quote is in a plan of 1,000 stops, and what accepting orders costs: time, money, stability.

    python benchmarks/quote_latency.py [--orders 100] [--plan-seconds 60] [--resolve-seconds 30] [--out FILE]

Two plans of the built-in city: ``parcels`` (1,000 deliveries loaded at the depot) and ``shops`` (500 orders, each with its pickup).
A plan is made with PyVRP (with ``--plan-seconds 0`` by insertion alone: latencies only); then orders come one by one, before the
shifts begin: each is quoted twelve slots, takes one at random among those that fit, is inserted, and the tours nearby are
improved. At the end the same orders are planned from scratch, and from the plan as it is. Times are processor time of the thread.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.data.city import City
from delivery_optimization.data.quote_days import slots_of
from delivery_optimization.instance import Instance
from delivery_optimization.live.live_plan import LivePlan
from delivery_optimization.live.reoptimise import improve_around
from delivery_optimization.live.requests import request_of
from delivery_optimization.methods.pyvrp_solver import PyVrp
from delivery_optimization.solution import Stop
from usecases.simulation import stream

logger = logging.getLogger("quote_latency")
SOURCES = {
    "parcels": (City(kind="parcels", n_orders=2000), 1000),
    "shops": (City(kind="shops", n_orders=700), 500),
}


def begin(instance: Instance, n_planned: int, seconds: float) -> tuple[LivePlan, list[int]]:
    """Plan some of the orders; the others will come."""
    live, later = LivePlan(instance.restricted([])), []
    for order in range(instance.n_orders):
        window = [(float(instance.orders.opens[order]), float(instance.orders.closes[order]))]
        best = live.quote(request_of(instance, order), window).best()
        if best.feasible and live.n_orders < n_planned:
            live.accept(best)
        else:
            later.append(order)
    start = replace(live.plan(), stated_cost=None)
    logger.info("%s: %d orders inserted, cost %.1f", instance.name, live.n_orders, live.cost)
    if not seconds:
        return live, later
    solution = PyVrp().solve(live.instance(), stop=Stop(seconds=seconds), seed=1, start=start)
    verdict = check(live.instance(), solution.plan)
    logger.info("PyVRP: cost %.1f, valid %s, %d tours", verdict.cost, verdict.valid, verdict.vehicles)
    return LivePlan(live.instance(), solution.plan if verdict.valid else start), later


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Milliseconds that were measured."""
    values = np.quantile(np.array(seconds) * 1e3, [0.5, 0.99, 1.0], method="inverted_cdf")
    return dict(zip(("p50_ms", "p99_ms", "max_ms"), values.round(3).tolist(), strict=True)) | {
        "n": len(seconds)
    }


def serve(
    live: LivePlan,
    instance: Instance,
    later: list[int],
    *,
    n_orders: int,
    price: float,
    neighbours: int,
    iterations: int,
) -> dict[str, Any]:
    """Let orders come: quote, accept, improve."""
    rng, slots = stream(0, "quote latency", instance.name), slots_of(instance)
    begun, quoted, accepted, moves, refused = live.cost, [], [], [], 0
    live.quote(request_of(instance, later[0]), slots)  # arrays are made once
    for order in later[:n_orders]:
        live.gaps(pairs=request_of(instance, order).has_pickup)
        request = request_of(instance, order)
        if request.has_pickup:
            request = replace(request, pickup_opens=0.0, pickup_closes=float("inf"))
        clock = time.thread_time()
        quotes = live.quote(request, slots)
        quoted.append(time.thread_time() - clock)
        fitting = np.flatnonzero(np.isfinite(quotes.costs))
        wish = rng.random()
        if not len(fitting):
            refused += 1
            continue
        quote = quotes[int(fitting[int(wish * len(fitting))])]
        clock = time.thread_time()
        live.accept(quote)
        new, n_moved = live.n_orders - 1, 0
        if neighbours:
            change = improve_around(
                live, new, neighbours=neighbours, iterations=iterations, price_of_move=price
            )
            n_moved = len(change.moved)
        live.gaps(pairs=request.has_pickup)  # ready for the next quote
        accepted.append(time.thread_time() - clock)
        moves.append(n_moved / (live.n_orders - 1))
    verdict = check(live.instance(), live.plan())
    return {
        "neighbours": neighbours,
        "iterations": iterations,
        "price_of_move": price,
        "quote_12_slots": percentiles(quoted),
        "accept": percentiles(accepted),
        "orders_moved_percent": 100 * float(np.mean(moves)),
        "promises_broken": len(verdict.violations),
        "refused": refused,
        "stops": sum(len(tour.stops) for tour in live.tours.values()),
        "cost_before": begun,
        "cost": verdict.cost,
    }


def anew(live: LivePlan, seconds: float) -> dict[str, float]:
    """Cost of planning the same orders again, from nothing and from the plan as it is."""
    instance, plan = live.instance(), replace(live.plan(), stated_cost=None)
    costs = {}
    for name, start in (("from_scratch", None), ("from_the_plan", plan)):
        solved = PyVrp().solve(instance, stop=Stop(seconds=seconds), seed=2, start=start).plan
        verdict = check(instance, solved)
        costs[name] = verdict.cost if verdict.valid else float("inf")
    return costs


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--plan-seconds", type=float, default=60.0)
    parser.add_argument("--resolve-seconds", type=float, default=30.0)
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    results: dict[str, Any] = {"load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None, "options": {
        "orders": options.orders, "plan_seconds": options.plan_seconds, "resolve_seconds": options.resolve_seconds}}  # fmt: skip
    for kind, (source, n_planned) in SOURCES.items():
        instance = source.day(0, 0).instance
        live, later = begin(instance, n_planned, options.plan_seconds)
        plan, known = replace(live.plan(), stated_cost=None), live.instance()
        rows = []
        for neighbours, price in ((0, 0.0), (6, 0.2)):
            live = LivePlan(known, plan)
            row = serve(
                live,
                instance,
                later,
                n_orders=options.orders,
                price=price,
                neighbours=neighbours,
                iterations=300,
            )
            if options.resolve_seconds:
                row |= {f"cost_{name}": cost for name, cost in anew(live, options.resolve_seconds).items()}
                row["gap_to_scratch_percent"] = 100 * (row["cost"] / row["cost_from_scratch"] - 1)
                row["gap_to_warm_percent"] = 100 * (row["cost"] / row["cost_from_the_plan"] - 1)
            rows.append(row)
            logger.info("%s", json.dumps(row))
        results[kind] = rows
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

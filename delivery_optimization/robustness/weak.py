"""Weak stops: which orders are most often late, and which part of the route before them makes them late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan, Route
from delivery_optimization.robustness.backend import backend
from delivery_optimization.robustness.monte_carlo import Simulation, blocks, drive, n_rows
from delivery_optimization.robustness.noise import Law, draw
from delivery_optimization.robustness.tours import Departure, from_first_day, tours


@dataclass(frozen=True)
class WeakStop:
    """One order that is often late.

    Parameters
    ----------
    order : int
        Number of the order.
    route : int
        Number of its route in the plan.
    position : int
        Which stop of the route it is, from 1 on.
    on_time : float
        Share of days on time.
    interval : tuple of float
        95 % interval of that share (Wilson).
    slack : float
        By plan, time between the begin of service and the end of the window.
    cause : int or None
        Stop whose leg or service takes most of the time too much on the days when the order is late; None when it never was.
    share : float
        Its share of that time.
    """

    order: int
    route: int
    position: int
    on_time: float
    interval: tuple[float, float]
    slack: float
    cause: int | None
    share: float


def wilson(happened: int, n: int) -> tuple[float, float]:
    """95 % interval of a probability.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", *Journal of the American
    Statistical Association* 22(158), 1927.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(0, 100)]
    [0.0, 0.037]
    """
    z, p = 1.959964, happened / n
    middle, scale = p + z**2 / (2 * n), 1 + z**2 / n
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return max(0.0, float((middle - half) / scale)), min(1.0, float((middle + half) / scale))


def weak_stops(
    instance: Instance,
    plan: Plan,
    law: Law,
    simulation: Simulation,
    *,
    seed: int,
    departure: Departure,
    most: int = 10,
) -> list[WeakStop]:
    """Find the orders that are most often late, and why.

    Parameters
    ----------
    instance, plan, law, simulation
        What was simulated, and what came out.
    seed : int
        Of the scenarios.
    departure : {"first_window", "shift"}
        When vehicles leave.
    most : int
        How many to name.

    Returns
    -------
    list of WeakStop
        The weakest first; orders that are always on time are not named.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.robustness.monte_carlo import simulate
    >>> plan, law = Plan((Route(0, (4, 5, 0, 1, 2, 3)),)), Law(travel_cv=3.0)
    >>> found = weak_stops(tiny(), plan, law, simulate(tiny(), plan, law), seed=0, departure="shift")
    >>> tiny().orders.names[found[0].order], tiny().orders.names[found[0].cause]
    ('D', 'D')
    """
    at = {stop: (r, k) for r, route in enumerate(plan.routes) for k, stop in enumerate(route.stops)}
    served = [order for order in np.argsort(simulation.on_time, kind="stable") if order in at]
    found = []
    for order in (int(order) for order in served[:most]):
        late = int(simulation.late_days[order])
        if late == 0:
            break
        route, position = at[order]
        slack, cause, share = _why(instance, plan.routes[route], position, law, seed, departure)
        n = simulation.n_scenarios
        found.append(
            WeakStop(order, route, position + 1, 1 - late / n, wilson(n - late, n), slack, cause, share)
        )
    return found


def _why(
    instance: Instance, route: Route, position: int, law: Law, seed: int, departure: Departure
) -> tuple[float, int | None, float]:
    """Planned slack of one stop; the stop before it, or itself, that costs most time on its late days."""
    instance = from_first_day(instance, law.hour)
    laid, xp = tours(instance, [route], departure), backend("cpu")
    _, size = next(blocks(instance, 2048))
    days = draw(law, n_rows(instance), size, seed=seed, key="evaluation", block=0)
    starts, waited, excess = [], [], []
    clock = float(laid.departure[0])
    slack = 0.0
    for leg in drive(instance, laid, law, days, xp):
        k = leg.position
        if k < 0 or k > position:
            break
        planned = max(clock + laid.leg[0, k], laid.opens[0, k])
        slack = float(laid.closes[0, k] - planned)
        clock = planned + laid.service[0, k]
        arrival = (leg.start - leg.waited)[0]
        before = float(laid.departure[0]) if k == 0 else starts[-1]
        served = 0.0 if k == 0 else excess[-1][1]
        on_the_way = arrival - before - served - laid.leg[0, k]
        at_the_door = np.broadcast_to(leg.service, leg.start.shape)[0]
        excess.append((on_the_way, at_the_door))
        starts.append(leg.start[0])
        waited.append(leg.waited[0] > 0)
    late = starts[-1] > laid.closes[0, position]
    if not late.any():
        return slack, None, 0.0
    cost = np.zeros(position + 1)
    after = np.ones(int(late.sum()), dtype=bool)  # nobody waited since: what was lost is still lost
    for k in range(position, -1, -1):
        if k < position:
            cost[k] += float(((excess[k][1][late] - laid.service[0, k]) * after).sum())
        after &= ~waited[k][late]
        cost[k] += float((excess[k][0][late] * after).sum())
    worst = int(np.argmax(cost))
    total = float(np.maximum(cost, 0).sum())
    return slack, int(route.stops[worst]), float(cost[worst] / total) if total > 0 else 0.0

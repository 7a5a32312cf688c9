"""Why orders cannot be served: what no plan could do, said with its figures; and the rest of the instance, to be solved.

Everything said here is proven: an order is called impossible only if no vehicle of the fleet could serve it even alone,
and the fleet too small only where a lower bound of the work exceeds it. What is not proven here may still be impossible.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from inspect import signature
from typing import Any

import numpy as np

from delivery_optimization.diagnosis_words import figure, length, say
from delivery_optimization.impossible import MOST_PLACES, TOLERANCE, Reason, impossible_orders
from delivery_optimization.instance import UNREACHABLE, Instance
from delivery_optimization.plan import Plan, Route
from delivery_optimization.repair import repaired, wrong
from delivery_optimization.schedule import plan_cost
from delivery_optimization.solution import Interrupted, Solution, Stop
from usecases.contract import Text

Array = np.ndarray

SHOWN = 5  # reasons of single orders in the notes
DEAR = 10  # penalty of an order over the cost of serving the dearest one alone

REPAIRED = Text(
    "The method found no valid plan: orders were taken out of its last one until it was, and put back where they fit.",
    "La méthode n’a pas trouvé de plan valable\u202f: des commandes ont été retirées du dernier jusqu’à ce qu’il le soit, puis "
    "remises là où elles tiennent.",
)


@dataclass(frozen=True, eq=False)
class Servable:
    """The part of an instance that may be served, and the way back.

    Parameters
    ----------
    original : Instance
        With all orders.
    instance : Instance
        Without the orders that are proven impossible.
    kept : ndarray of int, shape (n_kept,)
        Order k of `instance` is order ``kept[k]`` of `original`.
    reasons : tuple of Reason
        Why orders were taken out, then why the fleet is too small.
    """

    original: Instance
    instance: Instance
    kept: Array
    reasons: tuple[Reason, ...]

    @property
    def notes(self) -> tuple[Text, ...]:
        """What a reader must know: the first reasons, how many more there are, and what is missing as a whole."""
        single = [reason.text for reason in self.reasons if reason.order is not None]
        notes = [
            say("Cannot be served: {what}.", "Impossible à servir : {what}.", what=t) for t in single[:SHOWN]
        ]
        if len(single) > SHOWN:
            notes.append(say("Other orders that cannot be served: {n}.", "Autres commandes impossibles à servir : {n}.",
                              n=len(single) - SHOWN))  # fmt: skip
        notes += [say("{what}.", "{what}.", what=r.text) for r in self.reasons if r.order is None]
        return tuple(notes)

    def plan(self, plan: Plan) -> Plan:
        """Give a plan of `instance` the numbers of `original`; the orders taken out are unserved.

        Parameters
        ----------
        plan : Plan
            For `instance`.

        Returns
        -------
        Plan
            Its stated cost has no penalty for orders that must be served, as `delivery_optimization.checker` counts.
        """
        m, n = self.instance.n_orders, self.original.n_orders

        def stop(number: int) -> int:
            if number < 0:
                return number
            return int(self.kept[number]) if number < m else n + int(self.kept[number - m])

        routes = tuple(Route(route.vehicle, tuple(stop(s) for s in route.stops)) for route in plan.routes)
        served = np.zeros(n, dtype=bool)
        served[self.kept] = True
        served[self.kept[list(plan.unserved)]] = False
        unserved = tuple(int(i) for i in np.flatnonzero(~served))
        paid = tuple(i for i in unserved if np.isfinite(self.original.orders.penalty[i]))
        return Plan(routes, unserved, plan_cost(self.original, Plan(routes, paid)))


def serve_what_can_be(instance: Instance, *, may_leave: bool | None = None) -> Servable:
    """Take out what is proven impossible, so that every method can plan the rest.

    Parameters
    ----------
    instance : Instance
        Feasible or not.
    may_leave : bool, optional
        Whether a method may leave out the orders that remain although they must be served, at a penalty far above the
        cost of serving one. By default only where the fleet is proven too small; a caller whose method found no plan
        asks again with True.

    Returns
    -------
    Servable

    Examples
    --------
    >>> from dataclasses import replace
    >>> from delivery_optimization.examples import tiny
    >>> early = replace(tiny().orders, closes=np.array([60.0, 60.0, 5.0, 60.0]))
    >>> part = serve_what_can_be(replace(tiny(), orders=early))
    >>> part.kept.tolist(), part.reasons[0].text.en
    ([0, 1, 3], 'order C: to be delivered from 00:10 to 00:05, earliest possible arrival 00:08 (from depot with van, leaving at 00:00)')
    """
    reasons = impossible_orders(instance)
    gone = {reason.order for reason in reasons}
    kept = np.array([i for i in range(instance.n_orders) if i not in gone], dtype=int)
    rest = instance.restricted(kept) if gone else instance
    missing = shortages(rest)
    if may_leave or (may_leave is None and missing):
        penalty = np.where(np.isinf(rest.orders.penalty), _dear(rest), rest.orders.penalty)
        rest = replace(rest, orders=replace(rest.orders, penalty=penalty))
    return Servable(instance, rest, kept, (*reasons, *missing))


def solve_what_can_be(method: Any, instance: Instance, *, stop: Stop, seed: int) -> Solution:
    """Have a method plan what can be served; what cannot, and why, is told in the notes.

    Orders that are proven impossible never reach the method. If it then finds no valid plan, its last one is repaired; the
    method is asked once more, from there if it can, and may leave orders out at a penalty far above the cost of serving one.

    Parameters
    ----------
    method : object
        With ``solve(instance, *, stop, seed) -> Solution``; one with ``sees_all`` true is given the instance as it is.
    instance : Instance
        Feasible or not.
    stop : Stop
        Of each attempt.
    seed : int
        Of the search.

    Returns
    -------
    Solution
        Plan and notes of the whole instance; its trace is empty where the method did not see the whole.

    Raises
    ------
    Interrupted
        After Ctrl-C, with the best plan of the whole instance until then.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.methods.pyvrp_solver import PyVrp
    >>> small = replace(tiny(), vehicles=(replace(tiny().vehicles[0], capacity=(1.0,)),))
    >>> found = solve_what_can_be(PyVrp(), small, stop=Stop(iterations=50), seed=0)
    >>> found.plan.unserved, found.notes[0].en
    ((2,), 'Cannot be served: order C: its size is 2, the largest vehicle takes 1.')
    """
    if getattr(method, "sees_all", False):
        found = method.solve(instance, stop=stop, seed=seed)
        return replace(found, notes=(*instance.notes, *found.notes))
    part = serve_what_can_be(instance)
    if not len(part.kept):
        return Solution(part.plan(Plan(())), notes=(*instance.notes, *part.notes))
    found = _within(part, method, stop=stop, seed=seed)
    cpu, told = found.cpu_s, part.notes
    if wrong(part.instance, found.plan):
        part = serve_what_can_be(instance, may_leave=True)
        mended = _fallback(part.instance, found.plan)
        can_start = "start" in signature(method.solve).parameters and not _has_breaks(instance)
        found = _within(part, method, stop=stop, seed=seed, **({"start": mended} if can_start else {}))
        cpu += found.cpu_s
        if wrong(part.instance, found.plan):
            found, told = replace(found, plan=mended), (*told, REPAIRED)
    left = len(found.plan.unserved)
    if left and np.isinf(instance.orders.penalty[part.kept[list(found.plan.unserved)]]).any():
        told = (*told, say(
            "Orders left out, as no plan was found that serves them all: {n}.",
            "Commandes laissées de côté, faute d'un plan qui les serve toutes : {n}.", n=left,
        ))  # fmt: skip
    whole = part.instance.orders is instance.orders
    return replace(
        found,
        plan=part.plan(found.plan),
        trace=found.trace if whole else (),
        cpu_s=cpu,
        notes=(*instance.notes, *told, *found.notes),
    )


def _within(part: Servable, method: Any, **keys: Any) -> Solution:
    """Solve a part; the plan of an interruption is one of the whole."""
    try:
        return method.solve(part.instance, **keys)
    except Interrupted as interruption:
        until_then = interruption.solution
        raise Interrupted(replace(until_then, plan=part.plan(until_then.plan))) from None


def _fallback(instance: Instance, plan: Plan) -> Plan:
    """The plan repaired, or that of cheapest insertion where it is cheaper; every order may be left out at its penalty."""
    from delivery_optimization.methods.insertion import Insertion

    made = [repaired(instance, plan)]
    if not _has_breaks(instance):
        made.append(Insertion().solve(instance, stop=Stop(iterations=1)).plan)
    return min(made, key=lambda one: plan_cost(instance, one))


def _has_breaks(instance: Instance) -> bool:
    return any(vehicle.breaks for vehicle in instance.vehicles)


def shortages(instance: Instance) -> tuple[Reason, ...]:
    """Prove that the fleet is too small for all orders that must be served, where a simple bound can.

    Capacity: what is loaded at the depots against what all vehicles hold. Hours: services, and for each place the
    quickest way to it from any other, against the length of all shifts without breaks.

    Parameters
    ----------
    instance : Instance
        Without orders that are impossible on their own.

    Returns
    -------
    tuple of Reason
        Empty when nothing is proven.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from delivery_optimization.examples import tiny
    >>> one = tiny()
    >>> small = replace(one, vehicles=(replace(one.vehicles[0], capacity=(2.0,)),))
    >>> [reason.text.en for reason in shortages(small)]
    ['all orders together: a size of 3 to load at the depots, the vehicles take 2']
    """
    found = []
    must = np.isinf(instance.orders.penalty)
    loaded = instance.orders.size[must & ~instance.has_pickup]
    for dimension in range(instance.orders.size.shape[1]):
        need = float(loaded[:, dimension].sum())
        room = float(sum(v.number * v.capacity[dimension] for v in instance.vehicles if v.number > 0))
        if need > room * (1 + TOLERANCE):
            found.append(
                Reason("capacity", say(
                    "all orders together: a size of {need} to load at the depots, the vehicles take {room}",
                    "toutes les commandes ensemble : une taille de {need} à charger aux dépôts, les véhicules prennent {room}",
                    need=figure(need), room=figure(room),
                ))
            )  # fmt: skip
    work, shifts = _least_work(instance, must), _shift_hours(instance)
    if work > shifts * (1 + TOLERANCE):
        found.append(
            Reason("hours", say(
                "all orders together: at least {work} of service and driving, the vehicles' shifts last {shifts} in all",
                "toutes les commandes ensemble : au moins {work} de service et de conduite, les vacations durent {shifts} en tout",
                work=length(instance, work), shifts=length(instance, shifts),
            ))
        )  # fmt: skip
    return tuple(found)


def _least_work(instance: Instance, must: Array) -> float:
    """Service of the orders that must be served, and the quickest way to each of their places."""
    orders = instance.orders
    picked = must & instance.has_pickup
    work = float(orders.service[must].sum() + orders.pickup_service[picked].sum())
    depots = {place for vehicle in instance.vehicles for place in (vehicle.start, vehicle.end)}
    places = np.unique(np.concatenate([orders.place[must], orders.pickup_place[picked]]))
    everywhere = np.unique(
        np.concatenate([instance.stop_place[instance.stop_place >= 0], list(depots)])
    ).astype(int)
    if not len(places) or len(everywhere) > MOST_PLACES:
        return work
    quickest = np.full(len(everywhere), np.inf)
    for travel in instance.travel:
        table = np.array(travel.table(everywhere)[0], dtype=float)
        np.fill_diagonal(table, np.inf)
        quickest = np.minimum(quickest, table.min(axis=0))
    needed = np.isin(everywhere, places) & ~np.isin(everywhere, list(depots)) & np.isfinite(quickest)
    return work + float(quickest[needed].sum())


def _shift_hours(instance: Instance) -> float:
    """Length of all shifts, without breaks."""
    return float(
        sum(
            v.number * (v.closes - v.opens - sum(b.duration for b in v.breaks))
            for v in instance.vehicles
            if v.number > 0
        )
    )


def _dear(instance: Instance) -> float:
    """A penalty far above the cost of serving the dearest order alone."""
    orders, most, longest = instance.orders, 1.0, 1.0
    for vehicle in instance.vehicles:
        start = np.where(orders.pickup_place >= 0, orders.pickup_place, vehicle.start)
        travel = instance.travel[vehicle.travel]
        legs = [
            travel.pairs(np.full_like(start, vehicle.start), start),
            travel.pairs(start, orders.place),
            travel.pairs(orders.place, np.full_like(start, vehicle.end)),
        ]
        duration, distance = (
            np.where(sum(leg[i] for leg in legs) < UNREACHABLE, sum(leg[i] for leg in legs), 0)
            for i in (0, 1)
        )
        cost = vehicle.cost_per_distance * distance
        cost += vehicle.cost_per_duration * (duration + orders.service + orders.pickup_service)
        most = max(most, vehicle.fixed_cost + float(cost.max(initial=0)))
        longest = max(longest, float(distance.max(initial=0)))
    if instance.objective == "vehicles_then_distance":
        return DEAR * longest * (instance.n_stops + 2)
    return DEAR * most

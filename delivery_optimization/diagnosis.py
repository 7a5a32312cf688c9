"""Why orders cannot be served: what no plan could do, said with its figures; and the rest of the instance, to be solved.

Everything said here is proven: an order is called impossible only if no vehicle of the fleet could serve it even alone,
and the fleet too small only where a lower bound of the work exceeds it. What is not proven here may still be impossible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from delivery_optimization.clock import hours, lasting
from delivery_optimization.instance import UNREACHABLE, Instance, Table, VehicleType
from delivery_optimization.plan import Plan, Route
from delivery_optimization.schedule import plan_cost
from usecases.contract import Text
from usecases.formatting import number, typeset

Array = np.ndarray
Legs = Callable[[Array, Array], Array]  # durations of single legs
Kind = Literal["no vehicle", "size", "unreachable", "pickup window", "gap", "window", "shift", "capacity", "hours"]

TOLERANCE = 1e-6
SIZE, REACH, PICKUP, DELIVERY, SHIFT, POSSIBLE = range(6)  # how far an order comes alone on a vehicle
MOST_PLACES = 3000  # up to which whole tables are looked at
SHOWN = 5  # reasons of single orders in the notes
DEAR = 10  # penalty of an order over the cost of serving the dearest one alone


@dataclass(frozen=True)
class Reason:
    """Why something cannot be done.

    Parameters
    ----------
    kind : str
        See `Kind`; the last two are about all orders together.
    text : Text
        One phrase with the figures.
    order : int, optional
        Number of the order; None for all of them together.
    """

    kind: Kind
    text: Text
    order: int | None = None


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
        notes = [_say("Cannot be served: {what}.", "Impossible à servir : {what}.", what=t) for t in single[:SHOWN]]
        if len(single) > SHOWN:
            notes.append(_say("{n} more orders cannot be served.", "{n} autres commandes ne peuvent pas être servies.",
                              n=len(single) - SHOWN))  # fmt: skip
        notes += [_say("{what}.", "{what}.", what=r.text) for r in self.reasons if r.order is None]
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


def impossible_orders(instance: Instance) -> tuple[Reason, ...]:
    """Find the orders that no vehicle could serve even if it had nothing else to do.

    Breaks are left aside, which only makes more orders possible. A leg that is quicker over other places counts so.

    Parameters
    ----------
    instance : Instance
        Any.

    Returns
    -------
    tuple of Reason
        One for each impossible order, for the vehicle that comes nearest to it.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> impossible_orders(tiny())
    ()
    """
    fleet = [vehicle for vehicle in instance.vehicles if vehicle.number > 0]
    every = np.arange(instance.n_orders)
    if not fleet:
        nobody = _say("there is no vehicle", "il n'y a aucun véhicule")
        return tuple(Reason("no vehicle", nobody, int(i)) for i in every)
    trials = [_alone(instance, v, every, lambda a, b, v=v: instance.travel[v.travel].pairs(a, b)[0]) for v in fleet]
    suspects = np.flatnonzero(np.max([trial.stage for trial in trials], axis=0) < POSSIBLE)
    if not len(suspects):
        return ()
    trials = [_alone(instance, vehicle, suspects, _quickest(instance, vehicle, suspects)) for vehicle in fleet]
    return tuple(
        _reason(instance, fleet, trials, k, int(order))
        for k, order in enumerate(suspects)
        if max(trial.stage[k] for trial in trials) < POSSIBLE
    )


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
                Reason("capacity", _say(
                    "all orders together: a size of {need} to load at the depots, the vehicles take {room}",
                    "toutes les commandes ensemble : une taille de {need} à charger aux dépôts, les véhicules prennent {room}",
                    need=_figure(need), room=_figure(room),
                ))
            )  # fmt: skip
    work, shifts = _least_work(instance, must), _shift_hours(instance)
    if work > shifts * (1 + TOLERANCE):
        found.append(
            Reason("hours", _say(
                "all orders together: at least {work} of service and driving, the vehicles' shifts last {shifts} in all",
                "toutes les commandes ensemble : au moins {work} de service et de conduite, les vacations durent {shifts} en tout",
                work=_length(instance, work), shifts=_length(instance, shifts),
            ))
        )  # fmt: skip
    return tuple(found)


# One order alone ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Alone:
    """Orders, each alone on one vehicle: how far it comes, and when it is where at the earliest."""

    stage: Array
    pickup: Array
    delivery: Array
    back: Array


def _alone(instance: Instance, vehicle: VehicleType, chosen: Array, legs: Legs) -> _Alone:
    """Drive to each of the chosen orders as early as possible, and back."""
    orders = instance.orders.take(chosen)
    n, fits = len(chosen), (orders.size <= np.array(vehicle.capacity) + TOLERANCE).all(axis=1)
    paired = orders.pickup_place >= 0
    start, end = np.full(n, vehicle.start), np.full(n, vehicle.end)
    first = np.where(paired, orders.pickup_place, start)
    out, trip, home = legs(start, first), legs(first, orders.place), legs(orders.place, end)
    pickup = vehicle.opens + out
    loaded = np.where(paired, np.maximum(pickup, orders.pickup_opens) + orders.pickup_service, vehicle.opens)
    delivery = loaded + trip
    back = np.maximum(delivery, orders.opens) + orders.service + home
    far = np.maximum(np.maximum(out, trip), home)
    late = np.isfinite(orders.late_cost)
    stage = np.full(n, POSSIBLE)
    stage[back > vehicle.closes + TOLERANCE] = SHIFT
    stage[~late & (np.maximum(delivery, orders.opens) > orders.closes + TOLERANCE)] = DELIVERY
    stage[paired & (np.maximum(pickup, orders.pickup_opens) > orders.pickup_closes + TOLERANCE)] = PICKUP
    stage[~(far < UNREACHABLE)] = REACH
    stage[~fits] = SIZE
    return _Alone(stage, pickup, delivery, back)


def _quickest(instance: Instance, vehicle: VehicleType, chosen: Array) -> Legs:
    """Durations of legs over any other places: a table need not obey the triangle inequality."""
    travel = instance.travel[vehicle.travel]
    if not isinstance(travel, Table) or len(travel.durations) > MOST_PLACES:
        return lambda a, b: travel.pairs(a, b)[0]
    from scipy.sparse.csgraph import csgraph_from_dense, dijkstra

    there = np.where(travel.durations < UNREACHABLE, travel.durations, np.inf)
    pickups = instance.orders.pickup_place[chosen]
    sources = np.unique(np.concatenate([[vehicle.start], pickups[pickups >= 0], instance.orders.place[chosen]]))
    graph = csgraph_from_dense(there, null_value=np.inf)
    table = dijkstra(graph, indices=sources)
    row = {int(place): k for k, place in enumerate(sources)}
    return lambda a, b: table[[row[int(place)] for place in a], b]


def _reason(instance: Instance, fleet: list[VehicleType], trials: list[_Alone], k: int, order: int) -> Reason:
    """Say why, for the vehicle that comes farthest, and soonest."""
    best = max(range(len(fleet)), key=lambda t: (trials[t].stage[k], -trials[t].delivery[k]))
    vehicle, trial, orders = fleet[best], trials[best], instance.orders
    name, places = orders.names[order], instance.places.names
    stage = trial.stage[k]
    who: dict[str, Any] = {
        "name": name, "depot": places[vehicle.start], "vehicle": vehicle.name,
        "start": _moment(instance, vehicle.opens), "place": places[orders.place[order]],
    }  # fmt: skip
    if stage == SIZE:
        return Reason("size", _too_large(instance, fleet, order), order)
    if stage == REACH:
        en = "order {name}: no way from {depot} to {place} and back (with {vehicle})"
        fr = "commande {name} : aucun trajet de {depot} à {place} et retour (avec {vehicle})"
        return Reason("unreachable", _say(en, fr, **who), order)
    leaving = "(from {depot} with {vehicle}, leaving at {start})"
    partant = "(depuis {depot} avec {vehicle}, départ à {start})"
    if stage == PICKUP:
        en = "order {name}: to be picked up from {opens} to {closes}, earliest possible arrival {arrival} "
        fr = "commande {name} : à retirer de {opens} à {closes}, arrivée possible au plus tôt à {arrival} "
        who |= _window(instance, orders.pickup_opens[order], orders.pickup_closes[order], trial.pickup[k])
        return Reason("pickup window", _say(en + leaving, fr + partant, **who), order)
    if stage == SHIFT:
        en = "order {name}: back at {depot} at {back} at the earliest, the shift of {vehicle} ends at {end}"
        fr = "commande {name} : retour à {depot} à {back} au plus tôt, la vacation de {vehicle} finit à {end}"
        who |= {"back": _moment(instance, trial.back[k]), "end": _moment(instance, vehicle.closes)}
        return Reason("shift", _say(en, fr, **who), order)
    return _too_late(instance, vehicle, trial.delivery[k], order, who, leaving, partant)


def _too_late(
    instance: Instance, vehicle: VehicleType, arrival: float, order: int, who: dict[str, Any], leaving: str, partant: str
) -> Reason:
    """Say that a delivery window is missed: because of the pickup, or of the way from the depot."""
    orders = instance.orders
    who = who | _window(instance, orders.opens[order], orders.closes[order], arrival)
    ready = orders.pickup_opens[order] + orders.pickup_service[order]
    trip = 0.0
    if orders.pickup_place[order] >= 0:
        trip = float(instance.travel[vehicle.travel].pairs(orders.pickup_place[order], orders.place[order])[0])
    if orders.pickup_place[order] >= 0 and ready + trip > orders.closes[order] + TOLERANCE:
        en = "order {name}: picked up at {ready} at the earliest, the trip takes {trip}, its delivery window closes at {closes}"
        fr = "commande {name} : retirée à {ready} au plus tôt, le trajet prend {trip}, sa livraison doit commencer avant {closes}"
        who |= {"ready": _moment(instance, ready), "trip": _length(instance, trip)}
        return Reason("gap", _say(en, fr, **who), order)
    en = "order {name}: to be delivered from {opens} to {closes}, earliest possible arrival {arrival} "
    fr = "commande {name} : à livrer de {opens} à {closes}, arrivée possible au plus tôt à {arrival} "
    return Reason("window", _say(en + leaving, fr + partant, **who), order)


def _too_large(instance: Instance, fleet: list[VehicleType], order: int) -> Text:
    """Say what an order takes and what the largest vehicle holds."""
    size = instance.orders.size[order]
    room = np.max([vehicle.capacity for vehicle in fleet], axis=0)
    over = np.flatnonzero(size > room + TOLERANCE)
    shown = over if len(over) else np.arange(len(size))
    en, fr = "order {name}: its size is {size}, the largest vehicle takes {room}", (
        "commande {name} : sa taille est {size}, le plus grand véhicule prend {room}"
    )
    if not len(over):
        en, fr = "order {name}: no vehicle alone takes its sizes {size}", (
            "commande {name} : aucun véhicule ne prend à lui seul ses tailles {size}"
        )
    return _say(en, fr, name=instance.orders.names[order], size=_figures(size[shown]), room=_figures(room[shown]))


# All orders together -------------------------------------------------------------------------------------------------


def _least_work(instance: Instance, must: Array) -> float:
    """Service of the orders that must be served, and the quickest way to each of their places."""
    orders = instance.orders
    picked = must & instance.has_pickup
    work = float(orders.service[must].sum() + orders.pickup_service[picked].sum())
    depots = {place for vehicle in instance.vehicles for place in (vehicle.start, vehicle.end)}
    places = np.unique(np.concatenate([orders.place[must], orders.pickup_place[picked]]))
    everywhere = np.unique(np.concatenate([instance.stop_place[instance.stop_place >= 0], list(depots)])).astype(int)
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
        sum(v.number * (v.closes - v.opens - sum(b.duration for b in v.breaks)) for v in instance.vehicles if v.number > 0)
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
        duration, distance = (np.where(sum(leg[i] for leg in legs) < UNREACHABLE, sum(leg[i] for leg in legs), 0) for i in (0, 1))
        cost = vehicle.cost_per_distance * distance
        cost += vehicle.cost_per_duration * (duration + orders.service + orders.pickup_service)
        most = max(most, vehicle.fixed_cost + float(cost.max(initial=0)))
        longest = max(longest, float(distance.max(initial=0)))
    if instance.objective == "vehicles_then_distance":
        return DEAR * longest * (instance.n_stops + 2)
    return DEAR * most


# Words ---------------------------------------------------------------------------------------------------------------


def _say(en: str, fr: str, **values: Any) -> Text:
    """Fill in both languages; a value that is a Text is told in each."""

    def told(lang: str) -> dict[str, Any]:
        return {key: value[lang] if isinstance(value, Text) else value for key, value in values.items()}

    return Text(en.format(**told("en")), typeset(fr.format(**told("fr")), "fr"))


def _window(instance: Instance, opens: float, closes: float, arrival: float) -> dict[str, Text]:
    return {key: _moment(instance, v) for key, v in (("opens", opens), ("closes", closes), ("arrival", arrival))}


def _moment(instance: Instance, time: float) -> Text:
    return Text(*(hours(float(time), instance.time_unit, lang, instance.day) for lang in ("en", "fr")))


def _length(instance: Instance, time: float) -> Text:
    return Text(*(lasting(float(time), instance.time_unit, lang) for lang in ("en", "fr")))


def _figure(value: float) -> Text:
    digits = 0 if float(value).is_integer() else 2
    return Text(number(float(value), "en", digits), number(float(value), "fr", digits))


def _figures(values: Array) -> Text:
    shown = [_figure(float(value)) for value in values]
    return Text(*(" × ".join(text[lang] for text in shown) for lang in ("en", "fr")))

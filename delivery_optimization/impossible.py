"""Orders that no vehicle could serve even if it had nothing else to do, and why: proofs, with their figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from delivery_optimization.diagnosis_words import figures, length, moment, say
from delivery_optimization.instance import UNREACHABLE, Instance, Table, VehicleType
from delivery_optimization.vehicle_names import vehicle_text
from usecases.contract import Text

Array = np.ndarray
Legs = Callable[[Array, Array], Array]  # durations of single legs
Kind = Literal[
    "no vehicle", "size", "unreachable", "pickup window", "gap", "window", "shift", "capacity", "hours"
]

TOLERANCE = 1e-6
SIZE, REACH, PICKUP, DELIVERY, SHIFT, POSSIBLE = range(6)  # how far an order comes alone on a vehicle
MOST_PLACES = 3000  # up to which whole tables are looked at


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
        nobody = say("there is no vehicle", "il n'y a aucun véhicule")
        return tuple(Reason("no vehicle", nobody, int(i)) for i in every)
    trials = [
        _alone(instance, v, every, lambda a, b, v=v: instance.travel[v.travel].pairs(a, b)[0]) for v in fleet
    ]
    suspects = np.flatnonzero(np.max([trial.stage for trial in trials], axis=0) < POSSIBLE)
    if not len(suspects):
        return ()
    trials = [
        _alone(instance, vehicle, suspects, _quickest(instance, vehicle, suspects)) for vehicle in fleet
    ]
    return tuple(
        _reason(instance, fleet, trials, k, int(order))
        for k, order in enumerate(suspects)
        if max(trial.stage[k] for trial in trials) < POSSIBLE
    )


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
    sources = np.unique(
        np.concatenate([[vehicle.start], pickups[pickups >= 0], instance.orders.place[chosen]])
    )
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
        "name": name, "depot": places[vehicle.start], "vehicle": vehicle_text(vehicle.name),
        "start": moment(instance, vehicle.opens), "place": places[orders.place[order]],
    }  # fmt: skip
    if stage == SIZE:
        return Reason("size", _too_large(instance, fleet, order), order)
    if stage == REACH:
        en = "order {name}: no way from {depot} to {place} and back (with {vehicle})"
        fr = "commande {name} : aucun trajet de {depot} à {place} et retour (avec {vehicle})"
        return Reason("unreachable", say(en, fr, **who), order)
    leaving = "(from {depot} with {vehicle}, leaving at {start})"
    partant = "(depuis {depot} avec {vehicle}, départ à {start})"
    if stage == PICKUP:
        en = "order {name}: to be picked up from {opens} to {closes}, earliest possible arrival {arrival} "
        fr = "commande {name} : à retirer de {opens} à {closes}, arrivée possible au plus tôt à {arrival} "
        who |= _window(instance, orders.pickup_opens[order], orders.pickup_closes[order], trial.pickup[k])
        return Reason("pickup window", say(en + leaving, fr + partant, **who), order)
    if stage == SHIFT:
        en = "order {name}: back at {depot} at {back} at the earliest, the shift of {vehicle} ends at {end}"
        fr = "commande {name} : retour à {depot} à {back} au plus tôt, la vacation de {vehicle} finit à {end}"
        who |= {"back": moment(instance, trial.back[k]), "end": moment(instance, vehicle.closes)}
        return Reason("shift", say(en, fr, **who), order)
    return _too_late(instance, vehicle, trial.delivery[k], order, who, leaving, partant)


def _too_late(
    instance: Instance,
    vehicle: VehicleType,
    arrival: float,
    order: int,
    who: dict[str, Any],
    leaving: str,
    partant: str,
) -> Reason:
    """Say that a delivery window is missed: because of the pickup, or of the way from the depot."""
    orders = instance.orders
    who = who | _window(instance, orders.opens[order], orders.closes[order], arrival)
    ready = orders.pickup_opens[order] + orders.pickup_service[order]
    trip = 0.0
    if orders.pickup_place[order] >= 0:
        trip = float(
            instance.travel[vehicle.travel].pairs(orders.pickup_place[order], orders.place[order])[0]
        )
    if orders.pickup_place[order] >= 0 and ready + trip > orders.closes[order] + TOLERANCE:
        en = "order {name}: picked up at {ready} at the earliest, the trip takes {trip}, its delivery window closes at {closes}"
        fr = "commande {name} : retirée à {ready} au plus tôt, le trajet prend {trip}, sa livraison doit commencer avant {closes}"
        who |= {"ready": moment(instance, ready), "trip": length(instance, trip)}
        return Reason("gap", say(en, fr, **who), order)
    en = "order {name}: to be delivered from {opens} to {closes}, earliest possible arrival {arrival} "
    fr = "commande {name} : à livrer de {opens} à {closes}, arrivée possible au plus tôt à {arrival} "
    return Reason("window", say(en + leaving, fr + partant, **who), order)


def _too_large(instance: Instance, fleet: list[VehicleType], order: int) -> Text:
    """Say what an order takes and what the largest vehicle holds."""
    size = instance.orders.size[order]
    room = np.max([vehicle.capacity for vehicle in fleet], axis=0)
    over = np.flatnonzero(size > room + TOLERANCE)
    shown = over if len(over) else np.arange(len(size))
    en, fr = (
        "order {name}: its size is {size}, the largest vehicle takes {room}",
        ("commande {name} : sa taille est {size}, le plus grand véhicule prend {room}"),
    )
    if not len(over):
        en, fr = (
            "order {name}: no vehicle alone takes its sizes {size}",
            ("commande {name} : aucun véhicule ne prend à lui seul ses tailles {size}"),
        )
    return say(
        en, fr, name=instance.orders.names[order], size=figures(size[shown]), room=figures(room[shown])
    )


def _window(instance: Instance, opens: float, closes: float, arrival: float) -> dict[str, Text]:
    return {
        key: moment(instance, v) for key, v in (("opens", opens), ("closes", closes), ("arrival", arrival))
    }

"""Is an instance one at all? What no method can plan with is refused at the edge, in a sentence that names the order.

This is about numbers that mean nothing (a window that closes before it opens); whether a plan exists is another question.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from delivery_optimization.instance import ORDER_ARRAYS, Crow, Instance, Table, Travel, VehicleType
from usecases.errors import UserError

Array = np.ndarray


def validate(instance: Instance, *, source: str = "") -> None:
    """Refuse an instance whose numbers mean nothing.

    Parameters
    ----------
    instance : Instance
        As read from a file, or made by a generator.
    source : str
        Where it comes from, for the message; by default its name.

    Raises
    ------
    UserError
        With the first thing that is wrong: a NaN, negative or infinite duration, two orders of one name, a window that
        closes before it opens, a negative size, a shift that ends before it starts, a place that does not exist.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from delivery_optimization.examples import tiny
    >>> validate(tiny())
    >>> orders = replace(tiny().orders, closes=np.array([60.0, 60.0, 5.0, 60.0]))
    >>> validate(replace(tiny(), orders=orders))
    Traceback (most recent call last):
        ...
    usecases.errors.UserError: tiny: order C: its window closes at 5 before it opens at 10: correct the window.
    """
    where = source or instance.name or "the instance"
    for look in (_shape, _orders, _vehicles, _travel, _other):
        wrong = look(instance)
        if wrong:
            raise UserError(f"{where}: {wrong}.")


def _shape(instance: Instance) -> str:
    """Arrays of one length, names that are unique, places that exist."""
    orders, n = instance.orders, instance.n_orders
    n_places = len(instance.places.names)
    for name in ORDER_ARRAYS:
        if name != "size" and np.shape(getattr(orders, name)) != (n,):
            return f"orders.{name} has shape {np.shape(getattr(orders, name))}; ({n},) was expected, one value for each order"
    if orders.size.ndim != 2 or len(orders.size) != n:
        return f"orders.size has shape {orders.size.shape}; ({n}, number of dimensions) was expected"
    if orders.product and len(orders.product) != n:
        return f"{len(orders.product)} products were given for {n} orders; give one for each, or none"
    twice = [name for name, count in Counter(orders.names).items() if count > 1]
    if twice:
        return f"order {twice[0]}: the name is given to {orders.names.count(twice[0])} orders: give each order a name of its own"
    if len(instance.places.x) != n_places or len(instance.places.y) != n_places:
        return f"{n_places} places have {len(instance.places.x)} x and {len(instance.places.y)} y: give one of each for every place"
    outside = (orders.place < 0) | (orders.place >= n_places)
    lost = instance.has_pickup & ((orders.pickup_place < 0) | (orders.pickup_place >= n_places))
    for bad, array, what in ((outside, orders.place, "delivery"), (lost, orders.pickup_place, "pickup")):
        if bad.any():
            i = int(np.argmax(bad))
            return f"order {orders.names[i]}: its {what} is at place {array[i]}, but places are numbered 0 to {n_places - 1}"
    return ""


def _orders(instance: Instance) -> str:
    """Windows, services, sizes, penalties."""
    orders, paired = instance.orders, instance.has_pickup
    everywhere = np.ones(instance.n_orders, dtype=bool)
    for who, exists, opens, closes, service in (
        ("its window", everywhere, orders.opens, orders.closes, orders.service),
        (
            "the window of its pickup",
            paired,
            orders.pickup_opens,
            orders.pickup_closes,
            orders.pickup_service,
        ),
    ):
        for bad, sentence in (
            (np.isnan(opens) | np.isnan(closes), "{who} is from {opens:g} to {closes:g}: give two times"),
            (np.isinf(opens), "{who} opens at {opens:g}: give a finite time"),
            (closes < opens, "{who} closes at {closes:g} before it opens at {opens:g}: correct the window"),
            (
                ~np.isfinite(service) | (service < 0),
                "the service at {who} takes {service:g}: give a time from 0 on",
            ),
        ):
            if (bad & exists).any():
                i = int(np.argmax(bad & exists))
                values = {"who": who, "opens": opens[i], "closes": closes[i], "service": service[i]}
                return f"order {orders.names[i]}: {sentence.format(**values)}"
    wrong = ~np.isfinite(orders.size) | (orders.size < 0)
    if wrong.any():
        i, dimension = np.argwhere(wrong)[0]
        return f"order {orders.names[i]}: its size is {orders.size[i, dimension]:g}: give a number from 0 on"
    for array, what in (
        (orders.penalty, "penalty for leaving it out"),
        (orders.late_cost, "cost of lateness"),
    ):
        wrong = np.isnan(array) | (array < 0)
        if wrong.any():
            i = int(np.argmax(wrong))
            return (
                f"order {orders.names[i]}: its {what} is {array[i]:g}: give a number from 0 on, or infinity"
            )
    return ""


def _vehicles(instance: Instance) -> str:
    """Fleet, capacities, shifts, breaks, costs."""
    if not instance.vehicles:
        return "there is no vehicle: give at least one"
    twice = [name for name, count in Counter(v.name for v in instance.vehicles).items() if count > 1]
    if twice:
        return f"vehicle {twice[0]}: the name is given to several kinds of vehicle: give each a name (id) of its own"
    for vehicle in instance.vehicles:
        wrong = _vehicle(
            vehicle, len(instance.places.names), instance.orders.size.shape[1], len(instance.travel)
        )
        if wrong:
            return f"vehicle {vehicle.name}: {wrong}"
    return ""


def _vehicle(vehicle: VehicleType, n_places: int, n_dimensions: int, n_travel: int) -> str:
    if vehicle.number != int(vehicle.number) or vehicle.number < 0:
        return f"there are {vehicle.number} of it: give a whole number from 0 on"
    if len(vehicle.capacity) != n_dimensions:
        return f"its capacity has {len(vehicle.capacity)} dimension(s), the sizes of orders have {n_dimensions}: give as many"
    if any(np.isnan(room) or room < 0 for room in vehicle.capacity):
        return f"its capacity is {tuple(vehicle.capacity)}: give numbers from 0 on"
    for what, place in (("starts", vehicle.start), ("ends", vehicle.end)):
        if not 0 <= place < n_places:
            return f"its shift {what} at place {place}, but places are numbered 0 to {n_places - 1}"
    if not 0 <= vehicle.travel < n_travel:
        return f"it drives with travel {vehicle.travel}, but there are {n_travel} (numbered from 0)"
    if not np.isfinite(vehicle.opens) or np.isnan(vehicle.closes):
        return f"its shift is from {vehicle.opens:g} to {vehicle.closes:g}: give two times"
    if vehicle.closes < vehicle.opens:
        return (
            f"its shift ends at {vehicle.closes:g} before it starts at {vehicle.opens:g}: correct the shift"
        )
    for cost in (vehicle.fixed_cost, vehicle.cost_per_distance, vehicle.cost_per_duration):
        if not np.isfinite(cost) or cost < 0:
            return f"one of its costs is {cost:g}: give numbers from 0 on"
    for pause in vehicle.breaks:
        if not np.isfinite(pause.opens) or not pause.closes >= pause.opens:
            return (
                f"a break begins from {pause.opens:g} to {pause.closes:g}: give two times, the earlier first"
            )
        if not np.isfinite(pause.duration) or pause.duration < 0:
            return f"a break takes {pause.duration:g}: give a time from 0 on"
    return ""


def _travel(instance: Instance) -> str:
    """Durations and distances from 0 on, for all places."""
    names = instance.places.names
    for number, travel in enumerate(instance.travel):
        wrong = _one_travel(travel, names)
        if wrong:
            return f"travel {number}: {wrong}" if len(instance.travel) > 1 else wrong
    return ""


def _one_travel(travel: Travel, names: tuple[str, ...]) -> str:
    n = len(names)
    if isinstance(travel, Table):
        for what, table in (("duration", travel.durations), ("distance", travel.distances)):
            if np.shape(table) != (n, n):
                return f"the table of {what}s has shape {np.shape(table)}, but there are {n} places: ({n}, {n}) was expected"
            for row in range(n):  # row by row: no copy of a large table
                bad = ~np.isfinite(table[row]) | (table[row] < 0)
                if bad.any():
                    there = int(np.argmax(bad))
                    return (
                        f"the {what} from {names[row]} to {names[there]} is {table[row][there]:g}: give a finite number "
                        "from 0 on, or leave the place out if it cannot be reached"
                    )
            if table is travel.distances or travel.distances is travel.durations:
                break
    elif isinstance(travel, Crow):
        if not (
            travel.speed > 0
            and np.isfinite(travel.speed)
            and travel.detour > 0
            and np.isfinite(travel.detour)
        ):
            return (
                f"speed {travel.speed:g} m/s and detour {travel.detour:g} were given: give positive numbers"
            )
        if len(travel.latitude) != n or len(travel.longitude) != n:
            return f"{len(travel.latitude)} latitudes and {len(travel.longitude)} longitudes were given for {n} places"
        bad = ~(np.abs(travel.latitude) <= 90) | ~(np.abs(travel.longitude) <= 180)
        if bad.any():
            i = int(np.argmax(bad))
            return (
                f"place {names[i]} is at latitude {travel.latitude[i]:g}, longitude {travel.longitude[i]:g}: "
                "give degrees (latitude -90 to 90, longitude -180 to 180)"
            )
    return ""


def _other(instance: Instance) -> str:
    """Rush hours and the objective's name."""
    if instance.objective not in ("cost", "vehicles_then_distance"):
        return f"objective {instance.objective!r} was given; cost or vehicles_then_distance was expected"
    speeds = instance.speeds
    if speeds is None:
        return ""
    edges, factors = np.asarray(speeds.edges, dtype=float), np.asarray(speeds.factors, dtype=float)
    if (
        edges.ndim != 1
        or edges.shape != factors.shape
        or not len(edges)
        or edges[0] != 0
        or not (np.diff(edges) > 0).all()
    ):
        return "the periods of its rush hours must begin at 0 and increase, with one factor each"
    if any(not 0 <= kind < len(instance.travel) for kind in speeds.travel or ()):
        return f"its rush hours hold for travel {speeds.travel}, but there are {len(instance.travel)} (numbered from 0)"
    if not (np.isfinite(factors) & (factors > 0)).all():
        return "the factors of its rush hours must be positive numbers"
    return ""

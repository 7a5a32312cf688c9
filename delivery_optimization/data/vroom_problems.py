"""Instances as VROOM's JSON problems, so that VROOM and what a user built around it can solve them.

Source of the keys: docs/API.md of https://github.com/VROOM-Project/vroom (1.14), section Input. VROOM counts in whole seconds
and whole units of cost: durations are rounded up, windows inwards, so that a plan that is on time there is on time here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from delivery_optimization.data.vroom_plans import SECONDS, identifiers
from delivery_optimization.instance import Instance, VehicleType
from usecases.errors import UserError

FAR = 10**9  # end of a window that never closes


def vroom_problem(instance: Instance) -> dict[str, Any]:
    """Write an instance as a VROOM problem with matrices; solutions come back by `plan_from_vroom`.

    Parameters
    ----------
    instance : Instance
        Without soft windows, orders that may be left out at a price, and prices of time: VROOM has none of them.

    Returns
    -------
    dict
        Ready for `json.dumps`. Costs are in the instance's unit where all are whole numbers, else in hundredths of it.

    Raises
    ------
    UserError
        If VROOM cannot say it.

    Examples
    --------
    >>> from delivery_optimization.examples import small
    >>> made = vroom_problem(small())
    >>> made["jobs"]
    [{'id': 1, 'location_index': 1, 'service': 2, 'time_windows': [[0, 10]], 'delivery': [3]}]
    """
    _sayable(instance)
    ids = identifiers(instance)
    n, unit = instance.n_orders, SECONDS.get(instance.time_unit, 1)
    everywhere = np.arange(len(instance.places.names))
    kinds = list(dict.fromkeys((v.travel, float(v.cost_per_distance)) for v in instance.vehicles))
    tables = {travel: instance.travel[travel].table(everywhere) for travel, _ in kinds}
    paid = {kind: tables[kind[0]][1] * kind[1] for kind in kinds}
    fixed = np.array([v.fixed_cost for v in instance.vehicles])
    cents = 1 if all(np.array_equal(a, np.rint(a)) for a in (fixed, *paid.values())) else 100

    def task(stop: int) -> dict[str, Any]:
        pickup, delivery = ids.orders[stop % n]
        made: dict[str, Any] = {
            "id": pickup if stop >= n else delivery,
            "location_index": int(instance.stop_place[stop]),
            "service": _up(instance.stop_service[stop] * unit),
            "time_windows": [_window(instance.stop_opens[stop] * unit, instance.stop_closes[stop] * unit)],
        }
        return made | ({"description": instance.orders.names[stop % n]} if ids.orders_named else {})

    sizes = [[round(float(value)) for value in row] for row in instance.orders.size]
    paired = instance.has_pickup
    return {
        "vehicles": [
            _vehicle(
                v,
                ids.vehicles[k] + copy,
                f"travel-{kinds.index((v.travel, float(v.cost_per_distance)))}",
                unit,
                cents,
            )
            for k, v in enumerate(instance.vehicles)
            for copy in range(v.number)
        ],
        "jobs": [task(i) | {"delivery": sizes[i]} for i in range(n) if not paired[i]],
        "shipments": [
            {"amount": sizes[i], "pickup": task(n + i), "delivery": task(i)} for i in range(n) if paired[i]
        ],
        "matrices": {
            f"travel-{k}": {
                "durations": np.ceil(tables[kind[0]][0] * unit - 1e-9).astype(int).tolist(),
                "costs": np.rint(paid[kind] * cents).astype(int).tolist(),
            }
            for k, kind in enumerate(kinds)
        },
    }


def _vehicle(vehicle: VehicleType, number: int, profile: str, unit: int, cents: int) -> dict[str, Any]:
    return {
        "id": number,
        "description": vehicle.name,
        "profile": profile,
        "start_index": int(vehicle.start),
        "end_index": int(vehicle.end),
        "capacity": [int(min(np.floor(room + 1e-9), FAR)) for room in vehicle.capacity],
        "costs": {"fixed": round(vehicle.fixed_cost * cents)},
        "time_window": _window(vehicle.opens * unit, vehicle.closes * unit),
        "breaks": [
            {
                "id": k,
                "service": _up(b.duration * unit),
                "time_windows": [_window(b.opens * unit, b.closes * unit)],
            }
            for k, b in enumerate(vehicle.breaks, start=1)
        ],
    }


def _sayable(instance: Instance) -> None:
    """Refuse what VROOM has no word for."""
    orders = instance.orders
    for wrong, what in (
        (np.isfinite(orders.late_cost).any(), "soft windows"),
        (np.isfinite(orders.penalty).any(), "orders that may be left out at a price"),
        (any(vehicle.cost_per_duration for vehicle in instance.vehicles), "prices of working time"),
        (instance.objective != "cost", "vehicles first, then distance, as its objective"),
        (not np.array_equal(orders.size, np.rint(orders.size)), "sizes that are no whole numbers"),
    ):
        if wrong:
            raise UserError(
                f"{instance.name} has {what}, which VROOM cannot say: change it, or use another method."
            )


def _window(opens: float, closes: float) -> list[int]:
    return [_up(opens), FAR if not np.isfinite(closes) else int(np.floor(closes + 1e-9))]


def _up(value: float) -> int:
    return int(np.ceil(value - 1e-9))

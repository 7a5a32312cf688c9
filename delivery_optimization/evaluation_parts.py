"""The figures of parts of a run: each carrier, each vehicle type, each class of Solomon's instances."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from delivery_optimization.clock import readable
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from delivery_optimization.schedule import schedule_route
from delivery_optimization.vehicle_names import vehicle_text
from usecases.contract import Metric, Text

Array = np.ndarray
Parts = dict[str, dict[str, Metric]]
CLASS = re.compile(r"^(R|C|RC)([12])\d\d$")  # Solomon's names


def by_part(
    instances: Sequence[Instance], plans: Sequence[Plan], gaps: Array | None
) -> tuple[Parts, dict[str, Text]]:
    """Figures by carrier, vehicle type and class, where there are at least two.

    Parameters
    ----------
    instances : sequence of Instance
        Of the run.
    plans : sequence of Plan
        One for each.
    gaps : ndarray of shape (n_instances,) or None
        Gap of each instance to its best known plan (%), NaN where it has no complete plan.

    Returns
    -------
    parts : dict of str to dict of str to Metric
        By ``carrier NAME``, ``vehicle NAME``, ``class R1``.
    names : dict of str to Text
        How people call them.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.plan import Route
    >>> parts, _ = by_part([tiny()], [Plan((Route(0, (4, 5, 0, 1)), Route(1, (3,))), (2,))], None)
    >>> parts["carrier Vert"]["orders"].value, parts["vehicle van"]["distance"].value
    (1, 12.0)
    """
    names: dict[str, Text] = {}
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for instance, plan in zip(instances, plans, strict=True):
        for kind in instance.vehicles:
            for key in _keys(kind.name, kind.carrier, names):
                sums[key]["routes"] += 0
        for route in plan.routes:
            if not 0 <= route.vehicle < len(instance.vehicles):
                continue
            times = schedule_route(instance, route)
            kind = instance.vehicles[route.vehicle]
            for key in _keys(kind.name, kind.carrier, names):
                part = sums[key]
                part["routes"] += 1
                part["orders"] += sum(0 <= stop < instance.n_orders for stop in route.stops)
                part["distance"] += float(times.distance.sum())
                part["time"] += times.duration
    first = instances[0]
    units = {"routes": "", "orders": "", "distance": first.distance_unit, "time": first.time_unit}
    labels = {
        "routes": Text("routes", "tournées"),
        "orders": Text("orders", "commandes"),
        "distance": Text("distance", "distance"),
        "time": Text("time on the road", "temps de tournée"),
    }
    parts = {
        key: {
            name: Metric(
                *(readable(found[name], unit) if unit else (int(found[name]), "")), None, label=labels[name]
            )
            for name, unit in units.items()
        }
        for key, found in sums.items()
        if found["routes"] or key.startswith("carrier ")
    }
    for kind in ("carrier ", "vehicle "):
        alike = [key for key in parts if key.startswith(kind)]
        if len(alike) < 2:
            parts = {key: value for key, value in parts.items() if key not in alike}
    parts = dict(sorted(parts.items(), key=lambda item: item[0].startswith("vehicle ")))  # carriers first
    parts |= _by_class(instances, gaps, names)
    return parts, {key: names[key] for key in parts}


def _keys(vehicle: str, carrier: str, names: dict[str, Text]) -> list[str]:
    """Keys of the parts that a vehicle belongs to."""
    keys = [f"vehicle {vehicle}"] + ([f"carrier {carrier}"] if carrier else [])
    said = vehicle_text(vehicle)
    names[keys[0]] = Text(f"vehicle {said.en}", f"véhicule {said.fr}")
    if carrier:
        names[keys[1]] = Text(f"carrier {carrier}", f"transporteur {carrier}")
    return keys


def _by_class(instances: Sequence[Instance], gaps: Array | None, names: dict[str, Text]) -> Parts:
    """Mean gap by class of Solomon's instances."""
    members: Mapping[str, list[float]] = defaultdict(list)
    for k, instance in enumerate(instances):
        found = CLASS.match(instance.name.strip().upper())
        if found and gaps is not None and np.isfinite(gaps[k]):
            members[found[1] + found[2]].append(float(gaps[k]))
    if len(members) < 2:
        return {}
    names |= {f"class {name}": Text(f"class {name}", f"classe {name}") for name in members}
    label = Text("gap to the best known", "écart au meilleur connu")
    return {
        f"class {name}": {"gap": Metric(float(np.mean(values)), "%", False, label=label)}
        for name, values in sorted(members.items())
    }

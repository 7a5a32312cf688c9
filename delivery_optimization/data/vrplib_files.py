"""Files of the VRPLIB family, in and out: instances (CVRPLIB, ORTEC, X, with or without windows) and solutions (``.sol``).

The form is that of K. Helsgaun, "An Extension of the Lin-Kernighan-Helsgaun TSP Solver for Constrained Traveling Salesman
and Vehicle Routing Problems", Roskilde University, 2017; the package `vrplib` does the parsing. It knows one depot, one
type of vehicle, one dimension of size, deliveries from the depot: what else an instance has is refused, not dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from delivery_optimization.data.reading import read_text, refuse_a_table, rounded_as
from delivery_optimization.instance import Instance, Orders, Places, Table, VehicleType
from delivery_optimization.instance_checks import validate
from usecases.errors import UserError, nearest

logger = logging.getLogger(__name__)
Array = np.ndarray

# EUC_2D is the rounded distance in TSPLIB's definition; the exact one is asked for with rounding="double"
ROUNDINGS: dict[str, Callable[[Array], Array]] = {
    "integer": np.rint,
    "dimacs": lambda d: np.floor(10 * d + 1e-9) / 10,
    "double": lambda d: d,
}
TYPES = ("EUC_2D", "CEIL_2D", "FLOOR_2D", "EXPLICIT")
SPECIFICATIONS = {
    "name", "comment", "type", "dimension", "capacity", "vehicles", "distance", "service_time",
    "edge_weight_type", "edge_weight_format", "edge_weight_unit_of_measurement", "node_coord_type", "display_data_type",
}  # fmt: skip
SECTIONS = {"node_coord", "demand", "depot", "edge_weight", "time_window", "service_time", "display_data"}


def read_vrplib(path: Path, *, rounding: str = "integer") -> Instance:
    """Read an instance.

    Parameters
    ----------
    path : Path
        The file; ``VEHICLES`` is the number of vehicles (without it there is one for each order), ``DISTANCE`` the longest
        route in time, services included.
    rounding : {"integer", "dimacs", "double"}
        How plane distances (``EUC_2D``) are rounded: to the nearest integer as TSPLIB says, truncated to one decimal, or not.

    Returns
    -------
    Instance
        Durations are the distances; cost is the distance.

    Raises
    ------
    UserError
        If the file is cut off, holds impossible numbers, or a section that this reader does not know.

    Examples
    --------
    >>> import tempfile
    >>> from delivery_optimization.examples import small
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.vrp"
    ...     write_vrplib(path, small())
    ...     read_vrplib(path).travel[0].durations.tolist()
    [[0.0, 3.0], [4.0, 0.0]]
    """
    raw = _parse(Path(path))
    n = len(raw["demand"])
    refuse_a_table(n, path)
    table = _distances(path, raw, rounding)
    x, y = np.asarray(raw["node_coord"], dtype=float).T if "node_coord" in raw else (np.full(n, np.nan),) * 2
    depot = int(raw["depot"][0]) if "depot" in raw else 0
    customers = np.delete(np.arange(n), depot)
    window = raw.get("time_window")
    if window is None:
        window = np.column_stack([np.zeros(n), np.full(n, np.inf)])
    opens, closes = window[:, 0], window[:, 1].copy()
    if "distance" in raw:
        closes[depot] = min(closes[depot], opens[depot] + float(raw["distance"]))
    service = np.broadcast_to(np.asarray(raw.get("service_time", 0.0), dtype=float), (n,)).copy()
    names = [str(number) for number in range(1, n)]  # as .sol files count
    instance = Instance(
        name=str(raw.get("name", Path(path).stem)),
        places=Places((*names[:depot], "depot", *names[depot:]), x, y),
        travel=(Table(table, table),),
        orders=Orders.from_depot(
            names,
            customers,
            opens[customers],
            closes[customers],
            service[customers],
            np.asarray(raw["demand"], dtype=float)[customers, None],
        ),
        vehicles=(
            VehicleType(
                "vehicle",
                int(raw.get("vehicles", max(n - 1, 1))),
                (float(raw.get("capacity", np.inf)),),
                depot,
                depot,
                opens=float(opens[depot]),
                closes=float(closes[depot]),
            ),
        ),
        convention=rounded_as(table),
    )
    validate(instance, source=str(path))
    return instance


def write_vrplib(path: Path, instance: Instance) -> None:
    """Write an instance with its whole matrix; `read_vrplib` gives it back.

    Parameters
    ----------
    path : Path
        The file to write.
    instance : Instance
        One type of vehicle with one depot, one dimension of size, no pickups, hard windows, cost equal to distance equal
        to duration.

    Raises
    ------
    UserError
        If the instance has what the form cannot say.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> write_vrplib(Path("tiny.vrp"), tiny())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    usecases.errors.UserError: tiny has several types of vehicles, which VRPLIB cannot say; ...
    """
    import vrplib

    vehicle = sayable(instance)
    places = np.concatenate([[vehicle.start], instance.orders.place]).astype(int)
    table = instance.travel[vehicle.travel].table(places)[0]
    horizon = (
        float(np.max([0.0, *(t for t in instance.orders.closes if np.isfinite(t))]))
        + float(table.max(initial=0))
        + 1
    )
    horizon = np.ceil(horizon + float(instance.orders.service.max(initial=0)))
    end = vehicle.closes if np.isfinite(vehicle.closes) else horizon
    closes = np.where(np.isfinite(instance.orders.closes), instance.orders.closes, horizon)
    limited = (
        np.isfinite(instance.orders.closes).any()
        or np.isfinite(vehicle.closes)
        or vehicle.opens
        or instance.orders.opens.any()
    )
    data: dict[str, Any] = {
        "NAME": instance.name,
        "TYPE": "VRPTW" if limited else "CVRP",
        "DIMENSION": len(places),
        "VEHICLES": int(vehicle.number),
        "EDGE_WEIGHT_TYPE": "EXPLICIT",
        "EDGE_WEIGHT_FORMAT": "FULL_MATRIX",
    }
    if np.isfinite(vehicle.capacity[0]):
        data["CAPACITY"] = plain(vehicle.capacity[0])
    data["EDGE_WEIGHT_SECTION"] = [[plain(value) for value in row] for row in table]
    x, y = instance.places.x[places], instance.places.y[places]
    if np.isfinite(x).all() and np.isfinite(y).all():
        data["NODE_COORD_SECTION"] = [[plain(a), plain(b)] for a, b in zip(x, y, strict=True)]
    data["DEMAND_SECTION"] = [0, *(plain(value) for value in instance.orders.size[:, 0])]
    if limited:
        windows = zip([vehicle.opens, *instance.orders.opens], [end, *closes], strict=True)
        data["TIME_WINDOW_SECTION"] = [[plain(a), plain(b)] for a, b in windows]
    data["SERVICE_TIME_SECTION"] = [0, *(plain(value) for value in instance.orders.service)]
    data["DEPOT_SECTION"] = [1, -1]
    vrplib.write_instance(str(path), data)


def _parse(path: Path) -> dict[str, Any]:
    """Read specifications and sections, each with as many rows as the dimension says."""
    from vrplib.parse import parse_vrplib

    text = read_text(path, "a VRPLIB file")
    try:
        raw = parse_vrplib(text, compute_edge_weights=False)
    except (ValueError, RuntimeError, KeyError, IndexError, TypeError) as error:
        raise UserError(
            f"{path} is not a VRPLIB file that can be read ({error}): give a whole .vrp file."
        ) from error
    for key in raw:
        if key not in SPECIFICATIONS | SECTIONS:
            raise UserError(
                f"{path}: {key.upper()} is not known to this reader, so that the instance would not be the one you mean: "
                f"{nearest(key, SPECIFICATIONS | SECTIONS)}."
            )
    for key in ("dimension", "demand", "edge_weight_type"):
        if key not in raw:
            raise UserError(
                f"{path} has no {key.upper()}: it was expected in a VRPLIB file, which may be cut off."
            )
    n = raw["dimension"]
    widths = {
        "node_coord": (n, 2),
        "demand": (n,),
        "time_window": (n, 2),
        "edge_weight": (n, n),
        "service_time": (n,),
    }
    for key, shape in widths.items():
        value = raw.get(key)
        if value is None or (key == "service_time" and np.isscalar(value)):
            continue
        try:
            array = np.asarray(value, dtype=float)
        except (ValueError, TypeError) as error:
            raise UserError(
                f"{path}: {key.upper()} holds rows that are cut off or no numbers: correct that section."
            ) from error
        if array.size == 1 and len(shape) == 1:
            array = array.reshape(1)
        if array.shape != shape:
            raise UserError(
                f"{path}: {key.upper()} has shape {array.shape}, but DIMENSION {n} needs {shape}: the file may be cut off."
            )
        if np.isnan(array).any():
            raise UserError(f"{path}: {key.upper()} holds a value that is no number: correct that section.")
        raw[key] = array
    depots = np.atleast_1d(raw.get("depot", np.zeros(1, dtype=int)))
    if len(depots) != 1 or not 0 <= depots[0] < n:
        raise UserError(
            f"{path} has depots {[int(d) + 1 for d in depots]}: exactly one from 1 to {n} was expected."
        )
    for key in ("capacity", "vehicles", "distance", "service_time"):
        if isinstance(raw.get(key), str):
            raise UserError(f"{path}: {key.upper()} is {raw[key]!r}: give a number.")
    return dict(raw)


def _distances(path: Path, raw: dict[str, Any], rounding: str) -> Array:
    """The matrix, given or from coordinates."""
    kind = raw["edge_weight_type"]
    if kind not in TYPES:
        raise UserError(f"{path}: EDGE_WEIGHT_TYPE {kind} is not known: {nearest(str(kind), TYPES)}.")
    if rounding not in ROUNDINGS:
        raise UserError(f"rounding={rounding} was given: {nearest(rounding, ROUNDINGS)}.")
    section = "edge_weight" if kind == "EXPLICIT" else "node_coord"
    if section not in raw:
        raise UserError(
            f"{path} has no {section.upper()}_SECTION, which {kind} needs: the file may be cut off."
        )
    if kind == "EXPLICIT":
        given = np.asarray(raw["edge_weight"], dtype=float)
        if np.diagonal(given).any():
            logger.warning("%s: the way from a node to itself is not 0 in the file, and counts as 0", path)
            given = given - np.diag(np.diagonal(given))
        return given
    x, y = np.asarray(raw["node_coord"], dtype=float).T
    exact = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    if kind == "EUC_2D":
        return np.asarray(ROUNDINGS[rounding](exact))
    return np.ceil(exact) if kind == "CEIL_2D" else np.floor(exact)


def sayable(instance: Instance, *, costs: bool = True, form: str = "VRPLIB") -> VehicleType:
    """The only type of vehicle of an instance that the form can say.

    Parameters
    ----------
    instance : Instance
        To be written.
    costs : bool
        Whether costs and durations must be sayable too; a solution holds neither.
    form : str
        Its name, for the message.

    Returns
    -------
    VehicleType

    Raises
    ------
    UserError
        With what the form cannot say.

    Examples
    --------
    >>> from delivery_optimization.examples import small
    >>> sayable(small()).name
    'vehicle'
    """
    orders, vehicle = instance.orders, instance.vehicles[0]
    durations = distances = np.zeros(0)
    if costs and len(instance.vehicles) == 1:
        places = np.concatenate([[vehicle.start], orders.place]).astype(int)
        durations, distances = instance.travel[vehicle.travel].table(places)
    for wrong, what in (
        (len(instance.vehicles) > 1, "several types of vehicles"),
        (vehicle.start != vehicle.end, "shifts that end elsewhere than they start"),
        (bool(instance.has_pickup.any()), "pickups"),
        (orders.size.shape[1] > 1, "several dimensions of size"),
        (bool(vehicle.breaks), "breaks"),
        (bool(np.isfinite(orders.late_cost).any()), "soft windows"),
        (bool(np.isfinite(orders.penalty).any()), "orders that may be left out"),
        (costs and (vehicle.fixed_cost, vehicle.cost_per_distance, vehicle.cost_per_duration) != (0, 1, 0), "costs other than distance"),
        (costs and not np.array_equal(durations, distances), "durations that differ from distances"),
    ):  # fmt: skip
        if wrong:
            raise UserError(
                f"{instance.name} has {what}, which {form} cannot say; VROOM JSON can say more: delivery_optimization.data.vroom_problems."
            )
    return vehicle


def plain(value: float) -> int | float:
    """Give a number as a file says it: 3, not 3.0 nor np.float64(3.0).

    Examples
    --------
    >>> plain(3.0), plain(2.5)
    (3, 2.5)
    """
    return int(value) if float(value).is_integer() else float(value)

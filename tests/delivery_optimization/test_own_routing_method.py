"""The routing method that the documentation writes: it runs, and its plans pass the checker."""

import importlib.util
from pathlib import Path

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.instance import Instance, Orders, Places, Table, VehicleType
from delivery_optimization.solution import Stop

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "sweep_routing.py"


def sweep():
    spec = importlib.util.spec_from_file_location("sweep_routing", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Sweep()


def around(n, vehicles):
    """Orders on a circle around the depot, windows of an hour."""
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    x, y = np.append(0, 20 * np.cos(angle)), np.append(0, 20 * np.sin(angle))
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    opens = np.where(np.arange(n) % 2, 0.0, 60.0)
    orders = Orders.from_depot(
        [str(i) for i in range(n)], np.arange(1, n + 1), opens, opens + 60, np.ones(n), np.ones((n, 1))
    )
    fleet = (VehicleType("van", vehicles, (5.0,), closes=300.0),)
    return Instance(
        "around", Places(tuple(map(str, range(n + 1))), x, y), (Table(distance, distance),), orders, fleet
    )


def test_the_plan_is_valid():
    instance = around(20, 20)
    plan = sweep().solve(instance, stop=Stop(iterations=1), seed=0).plan
    assert check(instance, plan).valid
    assert len(plan.routes) < 10


def test_too_few_vehicles_leave_orders_unserved():
    instance = around(20, 2)
    plan = sweep().solve(instance, stop=Stop(iterations=1), seed=0).plan
    assert len(plan.unserved) == 10
    assert check(instance, plan).partial

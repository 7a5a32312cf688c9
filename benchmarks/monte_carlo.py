"""How long the simulation takes: ``python benchmarks/monte_carlo.py [--device cuda]``; one JSON line for each size.

Aims: 10,000 scenarios of 300 stops in 1 s, 1,000 scenarios of 10,000 stops in 5 s, on one thread. A GPU is measured where torch
sees one (or with ``--device``), after one run that warms it up.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from delivery_optimization.instance import Instance, Orders, Places, Table, VehicleType
from delivery_optimization.plan import Plan, Route
from delivery_optimization.robustness.monte_carlo import simulate
from delivery_optimization.robustness.noise import Law

SIZES = ((300, 10_000), (10_000, 1_000))
STOPS_OF_A_ROUTE = 20


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def made(n: int) -> tuple[Instance, Plan]:
    """Random legs and two-hour windows around the planned times, 20 stops a route."""
    rng = np.random.default_rng(0)
    side = (
        STOPS_OF_A_ROUTE + 1
    )  # legs depend on the position alone: a table of 10,000 places is not what is timed
    table = rng.uniform(300, 900, (side, side))
    place = 1 + np.arange(n) % STOPS_OF_A_ROUTE
    start = np.cumsum(np.concatenate([[table[0, 1]], np.diag(table, 1)[1:] + 300]))
    opens = start[place - 1] - 3600
    names = [str(k) for k in range(n)]
    orders = Orders.from_depot(names, place, opens, opens + 7200, np.full(n, 300.0), np.ones((n, 1)))
    places = Places(tuple(str(k) for k in range(side)), np.zeros(side), np.zeros(side))
    vehicle = VehicleType("van", n, (1e9,), closes=86_400.0)
    routes = tuple(
        Route(0, tuple(range(k, min(k + STOPS_OF_A_ROUTE, n)))) for k in range(0, n, STOPS_OF_A_ROUTE)
    )
    return Instance("timed", places, (Table(table, table),), orders, (vehicle,), time_unit="s"), Plan(routes)


def measure(device: str) -> None:
    """Print one line for each size, for travel noise alone and for all kinds of noise."""
    every = {"hour_share": 0.1, "service_cv": 0.3, "no_show": 0.02, "breakdown": 0.01, "late_order": 0.02}
    laws = {"travel": Law(), "all": Law(breakdown_time=3600.0, late_order_time=600.0, **every)}
    for n, scenarios in SIZES:
        instance, plan = made(n)
        for name, law in laws.items():
            if device != "cpu":
                simulate(instance, plan, law, scenarios=scenarios, device=device)
            wall, cpu = time.perf_counter(), time.process_time()
            days = simulate(instance, plan, law, scenarios=scenarios, device=device)
            say(
                json.dumps(
                    {
                        "device": device,
                        "stops": n,
                        "scenarios": scenarios,
                        "noise": name,
                        "wall_s": round(time.perf_counter() - wall, 3),
                        "cpu_s": round(time.process_time() - cpu, 3),
                        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                        "on_time": round(days.on_time_rate, 4),
                        "load": round(os.getloadavg()[0], 2),
                    }
                )
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", help="cpu, cuda; by default cpu, and cuda where torch sees a GPU")
    chosen = parser.parse_args().device
    devices = [chosen] if chosen else ["cpu"]
    if not chosen:
        import torch

        devices += ["cuda"] if torch.cuda.is_available() else []
    for one in devices:
        measure(one)

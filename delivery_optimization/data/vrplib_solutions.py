"""Solutions in the form of CVRPLIB (``.sol``), in and out: customers in the order of visit, and the cost."""

from __future__ import annotations

import re
from pathlib import Path

from delivery_optimization.data.reading import read_text
from delivery_optimization.data.vrplib_files import plain, sayable
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan, delivery_plan
from usecases.errors import UserError


def read_solution(path: Path, instance: Instance) -> Plan:
    """Read a ``.sol`` file: customers are numbered from 1 in the order of the instance's orders.

    Parameters
    ----------
    path : Path
        Lines such as ``Route #1: 5 3``, then ``Cost 731.3``.
    instance : Instance
        What it is a plan for.

    Returns
    -------
    Plan
        With the cost that the file states.

    Raises
    ------
    UserError
        If it is no such file or names a customer that the instance does not have.

    Examples
    --------
    >>> import tempfile
    >>> from delivery_optimization.examples import small
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.sol"
    ...     write_solution(path, small(), delivery_plan([[0]], small()))
    ...     read_solution(path, small()).stated_cost
    7.0
    """
    routes, cost = [], None
    for number, line in enumerate(read_text(path, "a .sol file").splitlines(), start=1):
        visits = re.fullmatch(r"\s*Route\s*#?\s*\d+\s*:\s*((?:\d+\s*)*)", line, flags=re.IGNORECASE)
        stated = re.fullmatch(r"\s*Cost\s*:?\s*(\S+)\s*", line, flags=re.IGNORECASE)
        if visits:
            routes.append([int(customer) - 1 for customer in visits[1].split()])
        elif stated:
            try:
                cost = float(stated[1])
            except ValueError:
                raise UserError(
                    f"{path}, line {number}: a cost of {stated[1]} was given: give a number."
                ) from None
        elif line.strip().lower().startswith("route"):
            raise UserError(
                f"{path}, line {number}: {line.strip()[:40]!r} is no route: 'Route #1: 5 3 8' was expected."
            )
    if not routes and instance.n_orders:
        raise UserError(f"{path} holds no route: lines such as 'Route #1: 5 3 8' were expected.")
    for route in routes:
        for order in route:
            if not 0 <= order < instance.n_orders:
                raise UserError(
                    f"{path} visits customer {order + 1}, but {instance.name} has customers 1 to {instance.n_orders}: "
                    "give the solution of this instance."
                )
    plan = delivery_plan(routes, instance)
    return Plan(plan.routes, plan.unserved, cost)


def write_solution(path: Path, instance: Instance, plan: Plan) -> None:
    """Write a plan as a ``.sol`` file.

    Parameters
    ----------
    path : Path
        The file to write.
    instance : Instance
        What it is a plan for: no pickups, one type of vehicle.
    plan : Plan
        Its cost is computed anew.

    Raises
    ------
    UserError
        If the form cannot say it, or the plan leaves orders out.

    Examples
    --------
    >>> from delivery_optimization.examples import small
    >>> write_solution(Path("a.sol"), small(), Plan((), (0,)))
    Traceback (most recent call last):
        ...
    usecases.errors.UserError: The plan leaves 1 order(s) out, which a .sol file cannot say: write it as VROOM JSON instead.
    """
    import vrplib

    from delivery_optimization.checker import check

    sayable(instance, costs=False)
    if plan.unserved:
        raise UserError(
            f"The plan leaves {len(plan.unserved)} order(s) out, which a .sol file cannot say: write it as VROOM JSON instead."
        )
    cost = check(instance, Plan(plan.routes)).cost
    routes = [[stop + 1 for stop in route.stops] for route in plan.routes]
    vrplib.write_solution(str(path), routes, {"Cost": plain(round(cost, 6))})

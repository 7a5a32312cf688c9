"""What a day would have cost if all its orders had been known in the morning, in planned times."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.instance import Instance
from delivery_optimization.methods.pyvrp_solver import PyVrp
from delivery_optimization.solution import Stop


@lru_cache(maxsize=64)  # all policies of a run are compared with the same plan; instances compare by identity
def all_known_cost(instance: Instance, lost_price: float, iterations: int) -> float | None:
    """Plan the day as a static pickup-and-delivery problem with PyVRP.

    No bound that is proven: the search is short, times are the planned ones, and every order is on time or lost, whereas a
    policy meets other travel times and may come late.

    Parameters
    ----------
    instance : Instance
        With all orders of the day; goods cannot be picked up before they are ready.
    lost_price : float
        What an order that is not served is charged.
    iterations : int
        Of the search.

    Returns
    -------
    float or None
        Cost with the charge; None if the checker refuses the plan.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> all_known_cost(tiny(), 100.0, 50)
    26.0
    """
    orders = replace(instance.orders, penalty=np.full(instance.n_orders, float(lost_price)))
    known = replace(instance, orders=orders, speeds=None)
    verdict = check(known, PyVrp().solve(known, stop=Stop(iterations=iterations), seed=0).plan)
    return float(verdict.cost) if verdict.valid else None

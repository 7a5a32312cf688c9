"""Planners: what to do, when planning, about days that go otherwise.

`Nominal` believes the table. `Inflated` multiplies all durations, `Shortened` closes all windows earlier: the two ways of
practice. `Priced` lets the days decide: a late order has a price, and a plan is worth its cost plus what its lateness costs
over simulated days. `Given` judges a plan made elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.methods.pyvrp_solver import PyVrp
from delivery_optimization.plan import Plan
from delivery_optimization.robustness.search import LateOrders, inflated, search
from delivery_optimization.robustness.source import Mission, make_law
from delivery_optimization.schedule import plan_cost
from delivery_optimization.solution import Solution, Stop
from usecases.errors import UserError


def _positive(**values: Any) -> None:
    """Refuse what is not a number above its bound (name=(value, bound))."""
    for name, (value, least) in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < np.inf:
            raise UserError(f"method.{name}={value!r} was given; a number of at least {least:g} is expected")


@dataclass(frozen=True)
class Nominal:
    """PyVRP with the durations of the table.

    Parameters
    ----------
    iterations : int
        Of the search, times ``budget.effort``.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> Nominal().plan(Mission(tiny()), stop=Stop(iterations=20), seed=0).plan.stated_cost
    13.0
    """

    iterations: int = 20_000

    def __post_init__(self) -> None:
        _positive(iterations=(self.iterations, 1))

    def seen(self, instance: Instance) -> Instance:
        """What the solver sees."""
        return instance

    def plan(self, mission: Mission, *, stop: Stop, seed: int) -> Solution:
        """Plan one day.

        Parameters
        ----------
        mission : Mission
            The instance and when vehicles leave.
        stop : Stop
            When to stop.
        seed : int
            Of the search.

        Returns
        -------
        Solution
            With the cost at the instance's own durations.
        """
        found = PyVrp().solve(self.seen(mission.instance), stop=stop, seed=seed)
        plan = replace(found.plan, stated_cost=None)
        return replace(found, plan=replace(plan, stated_cost=plan_cost(mission.instance, plan)), trace=())


@dataclass(frozen=True)
class Inflated(Nominal):
    """PyVRP with all durations multiplied by one factor; distances, and so the cost, stay.

    Parameters
    ----------
    factor : float
        At least 1.
    """

    factor: float = 1.15

    def __post_init__(self) -> None:
        _positive(iterations=(self.iterations, 1), factor=(self.factor, 1))

    def seen(self, instance: Instance) -> Instance:
        """All legs take longer."""
        return inflated(instance, self.factor)


@dataclass(frozen=True)
class Shortened(Nominal):
    """PyVRP with windows that close earlier, but never before they open.

    Parameters
    ----------
    margin : float
        By how much, in the instance's time unit (900 s are 15 minutes).
    """

    margin: float = 900.0

    def __post_init__(self) -> None:
        _positive(iterations=(self.iterations, 1), margin=(self.margin, 0))

    def seen(self, instance: Instance) -> Instance:
        """All windows close earlier."""
        orders = instance.orders
        closes = np.maximum(orders.opens, orders.closes - self.margin)
        return replace(instance, orders=replace(orders, closes=closes))


@dataclass(frozen=True)
class Priced(Nominal):
    """PyVRP's search, accepting plans by their cost plus a price for each order that is late on an average day.

    Parameters
    ----------
    price : float
        What a late order costs, in units of the mean cost of serving one.
    factor : float
        Of the durations that the local search sees; the price uses the true ones.
    scenarios : int
        The planner's own days.
    law : mapping
        What the planner believes of the days: keys of `Law`.
    """

    price: float = 3.0
    factor: float = 1.1
    scenarios: int = 256
    law: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _positive(
            iterations=(self.iterations, 1),
            factor=(self.factor, 1),
            price=(self.price, 0),
            scenarios=(self.scenarios, 16),
        )
        make_law(self.law)

    def plan(self, mission: Mission, *, stop: Stop, seed: int) -> Solution:
        """Plan one day; with plans that are feasible for the inflated durations if there are any, else for the table's."""
        begun = time.process_time()
        late = LateOrders(
            mission.instance,
            make_law(self.law),
            scenarios=self.scenarios,
            seed=seed,
            departure=mission.departure,
        )
        clock = stop.start()
        found, iterations = search(
            mission.instance, late, price=self.price, factor=self.factor, stop=clock, seed=seed
        )
        return Solution(found, (), time.process_time() - begun, iterations, stop.reproducible)


@dataclass(frozen=True)
class Given:
    """The plan that came with the data (``data=from_run``).

    Parameters
    ----------
    iterations : int
        Without effect: nothing is searched.
    """

    iterations: int = 1

    def plan(self, mission: Mission, *, stop: Stop, seed: int) -> Solution:
        """Return the given plan.

        Raises
        ------
        UserError
            If the data brought none.
        """
        if mission.given is None:
            raise UserError(
                "method=given needs a plan made before; give the run that made it: data=from_run data.from_run=RUN_DIR"
            )
        plan: Plan = replace(mission.given, stated_cost=plan_cost(mission.instance, mission.given))
        return Solution(plan)

"""Planners: what to do, when planning, about days that go otherwise.

All of them have the same iterations of PyVRP's local search. Those without a price for lateness spend them on `plain_search`, which
finds cheaper plans than half of it followed by a walk without a price (``benchmarks/notes_robustness.md``): they are no straw men.

`Nominal` believes the table. `Inflated` multiplies all durations, `Shortened` closes all windows earlier: the two ways of
practice. `Priced` lets the days decide: a late order has a price, and a plan is worth its cost plus what its lateness costs
over simulated days. `Given` judges a plan made elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.instance import Instance
from delivery_optimization.methods.insertion import with_cost
from delivery_optimization.plan import Plan
from delivery_optimization.robustness.recombination import plain_search
from delivery_optimization.robustness.search import LateOrders, inflated, priced_search
from delivery_optimization.robustness.source import Mission, make_law
from delivery_optimization.solution import Solution, Stop
from usecases.contract import Text
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
    beside : bool
        Whether a run also makes the plans that the report shows beside this one, see `others`; a suite does not need them.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> Nominal().plan(Mission(tiny()), stop=Stop(iterations=20), seed=0).plan.stated_cost
    26.0
    """

    iterations: int = 10_000
    beside: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        _positive(iterations=(self.iterations, 1))

    def seen(self, instance: Instance) -> Instance:
        """The day that is planned for: what must be possible."""
        return instance

    def others(self) -> dict[str, Any]:
        """Planners that the report shows beside this one, by name: none, since this one is what others are shown beside."""
        return {}

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
        begun, instance = time.process_time(), mission.instance
        refuse_breaks(instance)
        plan, iterations = plain_search(self.seen(instance), stop=stop, seed=seed)
        found = Solution(
            with_cost(instance, plan), (), time.process_time() - begun, iterations, stop.reproducible
        )
        if self.seen(instance) is instance or possible(instance, found.plan):
            return found
        return without_margin(instance, found, stop, seed)


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

    def others(self) -> dict[str, Any]:
        """The plan without margins."""
        return {"nominal": Nominal(self.iterations)}

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

    def others(self) -> dict[str, Any]:
        """The plan without margins."""
        return {"nominal": Nominal(self.iterations)}

    def seen(self, instance: Instance) -> Instance:
        """All windows close earlier."""
        orders = instance.orders
        closes = np.maximum(orders.opens, orders.closes - self.margin)
        return replace(instance, orders=replace(orders, closes=closes))


@dataclass(frozen=True)
class Priced(Nominal):
    """First a nominal plan; from there a walk that keeps plans by cost plus a price for each late order.

    Buffers appear where they pay: the second half of the iterations changes the nominal plan only where less lateness is worth
    more than what it costs. See `delivery_optimization.robustness.search` for the algorithm and its sources.

    Parameters
    ----------
    iterations : int
        Of both halves together, times ``budget.effort``: as many as the other planners have.
    price : float
        What a late order costs, in units of the mean cost of serving one.
    factor : float
        Of the durations that the local search sees; the price uses the true ones.
    scenarios : int
        The planner's own days.
    law : mapping
        What the planner believes of the days: keys of `Law`.
    """

    price: float = 2.0
    factor: float = 1.2
    scenarios: int = 512
    law: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _positive(
            iterations=(self.iterations, 1),
            factor=(self.factor, 1),
            price=(self.price, 0),
            scenarios=(self.scenarios, 16),
        )
        make_law(self.law)

    def others(self) -> dict[str, Any]:
        """The plan without margins, uniform factors and other prices, for a curve."""
        found: dict[str, Any] = {"nominal": Nominal(self.iterations)}
        found |= {f"inflated {factor:g}": Inflated(self.iterations, factor) for factor in (1.1, 1.2)}
        return found | {
            f"priced {k * self.price:g}": replace(self, price=k * self.price) for k in (1 / 2, 5 / 2)
        }

    def plan(self, mission: Mission, *, stop: Stop, seed: int) -> Solution:
        """Plan one day."""
        begun, instance, half = time.process_time(), mission.instance, stop.part(0.5)
        refuse_breaks(instance)
        plan, iterations = plain_search(instance, stop=half, seed=seed)
        if not check(instance, plan).valid:  # nothing to price yet: the rest of the work looks for a plan
            found = Solution(plan, cpu_s=time.process_time() - begun, iterations=iterations)
            return without_margin(instance, found, half, seed + 1000)
        law = make_law(self.law)
        late = LateOrders(instance, law, scenarios=self.scenarios, seed=seed, departure=mission.departure)
        longer = inflated(instance, self.factor)
        plan, more = priced_search(
            instance, start=plan, stop=half, seed=seed + 1000, seen=longer, late=late, price=self.price
        )
        return Solution(plan, (), time.process_time() - begun, iterations + more, stop.reproducible)


def refuse_breaks(instance: Instance) -> None:
    """Say that PyVRP knows neither breaks nor soft windows, and what to do instead.

    Raises
    ------
    UserError
        If the instance has any.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> refuse_breaks(tiny())
    """
    soft = np.isfinite(instance.orders.late_cost).any()
    if soft or any(vehicle.breaks for vehicle in instance.vehicles):
        raise UserError(
            f"{instance.name} has {'soft windows' if soft else 'breaks'}, which the planners of robustness do not know; plan it with "
            "'usecases run delivery_optimization/routing method=ortools', then judge that plan: "
            "data=from_run data.from_run=RUN_DIR method=given"
        )


def possible(instance: Instance, plan: Plan) -> bool:
    """Whether a plan is valid (or at most partial) at the instance's own durations and windows.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> possible(tiny(), Plan((), unserved=(0, 1, 2)))
    False
    """
    verdict = check(instance, plan)
    return verdict.valid or verdict.partial


def without_margin(instance: Instance, found: Solution, stop: Stop, seed: int) -> Solution:
    """Plan with the table's durations after a planner with margins found nothing possible, and say so."""
    begun = time.process_time()
    plan, iterations = plain_search(instance, stop=stop, seed=seed)
    cpu = found.cpu_s + time.process_time() - begun
    note = Text(
        f"{instance.name}: no plan was found with this planner’s margins; the plan shown has none.",
        f"{instance.name}\u202f: aucun plan n’a été trouvé avec les marges de ce planificateur\u202f; le plan montré n’en a pas.",
    )
    return Solution(plan, (), cpu, found.iterations + iterations, stop.reproducible, notes=(note,))


@dataclass(frozen=True)
class Given:
    """The plan that came with the data (``data=from_run``), as it is.

    Parameters
    ----------
    iterations : int
        Of the planners that the given plan is shown beside.
    beside : bool
        Whether they are made.
    """

    iterations: int = 10_000
    beside: bool = True
    sees_all: ClassVar[bool] = True

    def others(self) -> dict[str, Any]:
        """What a solver would plan for the same orders, without and with a price for lateness."""
        return {"nominal": Nominal(self.iterations), "priced 2": Priced(self.iterations)}

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
        return Solution(with_cost(mission.instance, mission.given))

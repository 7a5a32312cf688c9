"""The data source ``city`` of the task `dynamic`: the two-hour promise in the built-in city; no download needed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.clock import change_of_hour
from delivery_optimization.data.city import City
from delivery_optimization.data.city_day import CityDay
from delivery_optimization.data.city_parameters import load_parameters, parameter_hash
from delivery_optimization.data.describe import GENERATED, SERVICES, both
from delivery_optimization.dynamic.all_known import all_known_cost
from delivery_optimization.dynamic.city_environment import CityShifts, Tours
from delivery_optimization.dynamic.city_world import CityWorld, PastDay
from delivery_optimization.dynamic.days import ALL_KNOWN, DynamicData, Score, Wave
from delivery_optimization.dynamic.own_day import OwnDay
from delivery_optimization.plan import Plan, Route
from usecases.contract import Metric, Text
from usecases.errors import UserError
from usecases.formatting import with_unit

LATE = 1.0  # s of tolerance
LEAST = 50  # iterations of the plan with all orders known, at least; else a third of ORTEC's, whose plans have no pickups
ALONE = 1.0  # h that an external courier is paid who is called for one order alone
LABELS = {
    "on_time": Text("orders within the promise", "commandes à l’heure promise"),
    "idle": Text("idle share of the couriers' time", "part d’attente dans le temps des livreurs"),
    "couriers": Text("couriers used", "livreurs employés"),
    "external": Text("external couriers called", "livreurs externes appelés"),
}


def check_period(period: float) -> None:
    """Refuse minutes between two decisions that are out of range.

    Examples
    --------
    >>> check_period(15.0)
    """
    if isinstance(period, bool) or not isinstance(period, int | float) or not 1 <= period <= 60:
        raise UserError(
            f"data.period={period} was given, minutes from 1 to 60 were expected: type for example data.period=10."
        )


@dataclass(frozen=True)
class CityDays:
    """Days of the city, as they come.

    Parameters
    ----------
    n_orders : int
        Orders of a mean day.
    days : int
        Days to play.
    history : int
        Days before them that policies may learn from.
    period : float
        Minutes between two decisions, 1 to 60.
    parameters : str
        Family of parameters of the city: ``default``, ``varied``, ``held_out``.

    Raises
    ------
    UserError
        If a value is out of its range.
    """

    n_orders: int = 60
    days: int = 3
    history: int = 14
    period: float = 15.0
    parameters: str = "default"

    def __post_init__(self) -> None:
        check_period(self.period)
        if (
            isinstance(self.history, bool)
            or not isinstance(self.history, int)
            or not 1 <= self.history <= 400
        ):
            raise UserError(
                f"data.history={self.history} was given, a whole number from 1 to 400 was expected: "
                "type for example data.history=14."
            )
        self._city()

    def _city(self) -> City:
        return City(n_orders=self.n_orders, days=self.days, seasons=True, parameters=self.parameters)

    def read(self, seed: int) -> DynamicData:
        """Make the days; the seed is that of the city."""
        city = self._city()
        p = load_parameters(self.parameters, seed)
        days = tuple(PlayedCityDay(city.day(seed, k), seed, self.period * 60) for k in range(self.days))
        past = tuple(PastDay(day.demand, day.geography) for day in city.history(seed, self.history))
        digest = hashlib.sha256(f"{seed} {self} {p.version} {parameter_hash()}".encode())
        for day in days:
            digest.update(day.made.demand.purchase.tobytes() + day.made.demand.closes.tobytes())
        return DynamicData(
            CityWorld(past, SimpleNamespace(travel=p.travel, zones=p.zones)),
            days,
            {
                "name": "city dynamic",
                "kind": "generated",
                "licence": both(GENERATED),
                "service": both(SERVICES["shops"]),
                "n_days": self.days,
                "n_orders": sum(day.made.n_orders for day in days),
                "period_min": self.period,
                "generator_version": p.version,
                "parameters": self.parameters,
                "assumptions": [both(_charge(days[0].lost_price))],
            },
            digest.hexdigest(),
            "EUR",
            lost_price=days[0].lost_price,
            hindsight_name=ALL_KNOWN,
        )


@dataclass(frozen=True, eq=False)
class PlayedCityDay:
    """One day, for play and for evaluation.

    Parameters
    ----------
    made : CityDay or OwnDay
        With its order stream and its truth.
    seed : int
        Of the city.
    period : float
        Between two decisions (s).
    """

    made: CityDay | OwnDay
    seed: int
    period: float

    @property
    def name(self) -> str:
        """The date."""
        return self.made.instance.name.removeprefix("city ")

    def environment(self, number: int) -> CityShifts:
        """Make the environment."""
        return CityShifts(self.made, self.seed, number, self.period)

    @property
    def lost_price(self) -> float:
        """What an order that is never served is charged (EUR): an external courier for it alone, `ALONE` hours."""
        if isinstance(self.made, OwnDay):
            return self.made.lost_price
        costs = self.made.parameters.costs
        return float(costs.external_fixed + ALONE * costs.external_per_hour)

    def hindsight(self, actions: Sequence[Tours], iterations: int) -> float | None:
        """Cost if all orders had been known in the morning, in planned times; the actions change nothing."""
        return all_known_cost(self.made.instance, self.lost_price, max(LEAST, iterations // 3))

    def score(self, actions: Sequence[Tours]) -> Score:
        """Replay the log; every decision and the whole day pass the independent checker."""
        environment = self.environment(0)
        moment = environment.reset()
        waves: list[Wave] = []
        known = 0
        for tours in actions:
            assert moment is not None
            bought = int((self.made.demand.purchase <= moment.time).sum())
            gone = sum(len(stops) for _, stops in tours) // 2
            before = _cost(environment)
            must, waiting = int(moment.must_go.sum()), len(moment.order)
            moment = environment.step(tours)
            left = environment.now - self.period
            waves.append(
                Wave(
                    left + change_of_hour(left, self.made.instance.day),
                    bought - known,
                    waiting,
                    must,
                    gone,
                    len(tours),
                    _cost(environment) - before,
                )
            )
            known = bought
        _check_day(environment)
        served = environment.served
        lost = int((~served).sum())
        return Score(
            self.name,
            tuple(waves),
            _cost(environment, home=True),
            len(served),
            lost,
            lost * self.lost_price,
            _figures(environment),
        )


def _charge(price: float) -> Text:
    """Say what a lost order is charged."""
    amounts = {lang: with_unit(price, "EUR", lang, 0) for lang in ("en", "fr")}
    return Text(
        f"an order that is never served is charged {amounts['en']}, an external courier for it alone for an hour",
        f"une commande jamais servie est comptée {amounts['fr']}, un livreur externe pour elle seule pendant une heure",
    )


def _cost(environment: CityShifts, *, home: bool = False) -> float:
    """Cost of all couriers until now (EUR); at the end of the day with their way home."""
    total = 0.0
    for courier in environment.couriers:
        if courier.left_at is None:
            continue
        vehicle = environment.whole.vehicles[courier.vehicle]
        back_time = back_way = 0.0
        if home:
            pair = np.array([courier.place]), np.array([vehicle.end])
            back_time, back_way = (float(v[0]) for v in environment.whole.travel[vehicle.travel].pairs(*pair))
        total += vehicle.fixed_cost + vehicle.cost_per_distance * (courier.distance + back_way)
        total += vehicle.cost_per_duration * (courier.free_at + back_time - courier.left_at)
    return total


def _check_day(environment: CityShifts) -> None:
    """The day as one plan: every order once, pickups before deliveries, never too full."""
    whole = environment.whole
    free = replace(
        whole.orders,
        closes=np.full(whole.n_orders, np.inf),
        pickup_closes=np.full(whole.n_orders, np.inf),
    )
    vehicles = tuple(replace(v, closes=np.inf) for v in whole.vehicles)
    routes = tuple(Route(c.vehicle, tuple(c.stops)) for c in environment.couriers if c.stops)
    lost = tuple(int(i) for i in np.flatnonzero(~environment.served))
    verdict = check(replace(whole, orders=free, vehicles=vehicles, speeds=None), Plan(routes, lost))
    wrong = verdict.wrong
    if wrong:
        raise UserError(
            f"The log of {whole.name} was refused by the checker: {wrong[0].detail}; a valid log was expected"
        )


def _figures(environment: CityShifts) -> dict[str, Metric]:
    """Promises kept, idle time, couriers."""
    late = environment.delivered_at - environment.made.demand.closes
    on_time = environment.served & ~(late > LATE)
    used = [c for c in environment.couriers if c.left_at is not None]
    paid = sum(c.free_at - c.left_at for c in used if c.left_at is not None)
    busy = sum(c.busy for c in used)
    external = sum(environment._external(c) for c in used)
    values: dict[str, tuple[Any, str, bool | None]] = {
        "on_time": (100 * float(on_time.mean()) if len(on_time) else 100.0, "%", True),
        "idle": (100 * (1 - busy / paid) if paid else 0.0, "%", False),
        "couriers": (len(used), "", None),
        "external": (int(external), "", None),
    }
    return {name: Metric(v, unit, better, label=LABELS[name]) for name, (v, unit, better) in values.items()}

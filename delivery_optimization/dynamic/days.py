"""What a data source of the task `dynamic` hands over, and what is counted of a day that was played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from usecases.contract import Metric, Text

IMPROVED = Text(
    "this plan improved in hindsight (whole day known, short search, no proven bound)",
    "ce plan amélioré après coup (journée connue, recherche courte, sans preuve)",
)
ALL_KNOWN = Text(
    "all orders known in the morning (planned times, each on time or charged as lost, short search: no strict bound)",
    "toutes les commandes connues le matin (temps prévus, "
    "chacune à l’heure ou comptée comme perdue, recherche courte : pas une borne stricte)",
)


@dataclass(frozen=True)
class Wave:
    """One decision, as it was replayed and checked.

    Parameters
    ----------
    time : float
        When its routes leave (s from the start of the day, by the clock on the wall).
    arrived, waiting, must_go, dispatched : int
        New requests, all that waited for the decision, those that could not wait longer, those that left.
    routes : int
        Routes that left.
    cost : float
        Of these routes.
    """

    time: float
    arrived: int
    waiting: int
    must_go: int
    dispatched: int
    routes: int
    cost: float


@dataclass(frozen=True)
class Score:
    """One day, scored from its log.

    Parameters
    ----------
    name : str
        Of the day.
    waves : tuple of Wave
        Its decisions.
    cost : float
        Of the day, as it was driven.
    n_requests, lost : int
        How many came, and how many of them were never served.
    lost_cost : float
        What those that were never served are charged, so that serving nobody is not the cheapest day.
    figures : mapping of str to Metric
        More of this day, all of them means or shares that can be averaged over days.
    """

    name: str
    waves: tuple[Wave, ...]
    cost: float
    n_requests: int
    lost: int
    lost_cost: float = 0.0
    figures: Mapping[str, Metric] = field(default_factory=dict)

    @property
    def charged(self) -> float:
        """Cost that days are compared by: driven, and what the lost requests are charged.

        Examples
        --------
        >>> Score("a", (), cost=90.0, n_requests=5, lost=1, lost_cost=100.0).charged
        190.0
        """
        return self.cost + self.lost_cost


class Day(Protocol):
    """One day: an environment that can be made as often as wanted, and a judge of its log."""

    @property
    def name(self) -> str:
        """Name of the day."""
        ...

    def environment(self, number: int) -> Any:
        """Make the environment; its observations carry `number`."""
        ...

    def score(self, actions: Sequence[Any]) -> Score:
        """Replay a log without the policy, check every route, and count."""
        ...

    def hindsight(self, actions: Sequence[Any], iterations: int) -> float | None:
        """Cost of a plan by one who knew the whole day; None where none was found."""
        ...


@dataclass(frozen=True, eq=False)
class DynamicData:
    """Days of one source.

    Parameters
    ----------
    world : object
        All that a policy may know: ``route``, ``typical_cost``, ``sample``, ``leaving``.
    days : tuple of Day
        The truth.
    description : mapping
        ``name``, ``kind``, ``licence`` and what people want to know.
    fingerprint : str
        Sha256 of the days.
    cost_unit : str
        ``s`` of driving, or ``EUR``.
    published : tuple of mapping, optional
        What others got on each day: ``greedy``, the names of teams.
    lost_price : float, optional
        What a request that is never served is charged; None where the protocol lets none be lost.
    hindsight_name : Text
        What `Day.hindsight` is.
    left_out : tuple of Text
        Orders that no day could play; such a run is partial.
    """

    world: Any
    days: tuple[Day, ...]
    description: Mapping[str, Any]
    fingerprint: str
    cost_unit: str
    published: tuple[Mapping[str, float], ...] | None = None
    lost_price: float | None = None
    hindsight_name: Text = IMPROVED
    left_out: tuple[Text, ...] = ()


class Days:
    """Several days one after the other, so that one play and one log cover them all.

    Parameters
    ----------
    environments : sequence
        With ``reset`` and ``step``.

    Examples
    --------
    >>> class Countdown:
    ...     def reset(self): self.left = 2; return 2
    ...     def step(self, action): self.left -= 1; return self.left or None
    >>> days = Days([Countdown(), Countdown()])
    >>> days.reset(), days.step(None), days.step(None), days.step(None), days.step(None)
    (2, 1, 2, 1, None)
    """

    def __init__(self, environments: Sequence[Any]) -> None:
        self.environments = environments

    def reset(self) -> Any:
        """Begin the first day."""
        self.current = -1
        return self._next()

    def step(self, action: Any) -> Any:
        """Act on the day that runs; go over to the next one at its end."""
        observation = self.environments[self.current].step(action)
        return self._next() if observation is None else observation

    def _next(self) -> Any:
        """First observation of the next day that has one."""
        observation = None
        while observation is None and self.current + 1 < len(self.environments):
            self.current += 1
            observation = self.environments[self.current].reset()
        return observation


def mean_by_wave(scores: Sequence[Score], name: str) -> np.ndarray:
    """Mean of a figure of the k-th decision over the days that had one.

    Examples
    --------
    >>> day = Score("a", (Wave(0, 5, 5, 0, 2, 1, 9.0), Wave(1, 1, 4, 4, 4, 1, 3.0)), 12.0, 6, 0)
    >>> mean_by_wave([day, day], "dispatched").tolist()
    [2.0, 4.0]
    """
    longest = max((len(score.waves) for score in scores), default=0)
    return np.array(
        [
            np.mean([getattr(score.waves[k], name) for score in scores if k < len(score.waves)])
            for k in range(longest)
        ]
    )

"""Best known values of public benchmarks, as facts with their sources (`best_known.yaml`); only evaluation reads them.

Each value belongs to one convention and one objective; where there is none for a combination, the answer is `None`, never
the value of another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from usecases.errors import UserError, nearest


@dataclass(frozen=True)
class BestKnown:
    """The best plan that is known of one instance.

    Parameters
    ----------
    cost : float
        Total distance (Solomon) or driving time (ORTEC).
    vehicles : int, optional
        Its number of vehicles; part of the objective only where vehicles come first.
    proven : bool
        Whether it is a proven optimum.
    verified : bool
        Whether a plan of that cost passed this package's checker.
    """

    cost: float
    vehicles: int | None
    proven: bool
    verified: bool


@dataclass(frozen=True)
class DynamicDay:
    """What the competition published of one dynamic day.

    Parameters
    ----------
    seed : int
        Of its requests.
    requests : int
        How many there are in the whole day.
    costs : mapping of str to float
        Driving time (s) of ``greedy``, ``lazy``, ``random``, ``supervised``, ``dqn`` and of the ten final teams.
    """

    seed: int
    requests: int
    costs: Mapping[str, float]

    @property
    def best_team(self) -> str:
        """The team or baseline with the lowest cost on this day."""
        return min(self.costs, key=lambda name: self.costs[name])


@cache
def table() -> dict[str, Any]:
    """Read `best_known.yaml`, sources included.

    Examples
    --------
    >>> table()["solomon"]["double_hierarchical"]["verified"]
    False
    """
    import yaml

    text = (files("delivery_optimization.data") / "best_known.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def solomon(name: str, *, convention: str = "dimacs", objective: str = "distance") -> BestKnown | None:
    """Best known value of one of Solomon's instances.

    Parameters
    ----------
    name : str
        ``R101``.
    convention : {"dimacs", "double"}
        How distances are rounded.
    objective : {"distance", "vehicles_then_distance"}
        What is minimised.

    Returns
    -------
    BestKnown or None
        `None` where no value is known for this convention and objective.

    Raises
    ------
    UserError
        If there is no such instance.

    Examples
    --------
    >>> solomon("R204").cost, solomon("R204").vehicles
    (731.3, 5)
    >>> solomon("R204", convention="double", objective="vehicles_then_distance").cost
    825.52
    >>> solomon("R204", convention="double") is None
    True
    """
    for entry in table()["solomon"].values():
        if (entry.get("convention"), entry.get("objective")) == (convention, objective):
            cost, vehicles = _named(entry["values"], name)
            return BestKnown(float(cost), int(vehicles), entry["proven"], entry["verified"])
    return None


def ortec_static(name: str) -> BestKnown:
    """Best known static cost of one of the eight ORTEC instances.

    Parameters
    ----------
    name : str
        Whole name.

    Raises
    ------
    UserError
        If there is no such instance.

    Examples
    --------
    >>> ortec_static("ORTEC-VRPTW-ASYM-cc05bba4-d1-n200-k15").cost
    121959.0
    """
    entry = table()["ortec2022"]
    static = entry["static"]
    return BestKnown(
        float(_named(entry["values"], name)["static"]), None, static["proven"], static["verified"]
    )


def ortec_dynamic(name: str) -> DynamicDay:
    """Seed, number of requests and published costs of one of the eight ORTEC days.

    Parameters
    ----------
    name : str
        Whole name.

    Raises
    ------
    UserError
        If there is no such instance.

    Examples
    --------
    >>> day = ortec_dynamic("ORTEC-VRPTW-ASYM-cc05bba4-d1-n200-k15")
    >>> day.seed, day.requests, day.costs["greedy"], day.best_team
    (818, 517, 437154.0, 'Kleopatra')
    """
    row = _named(table()["ortec2022"]["values"], name)
    return DynamicDay(
        row["seed"], row["requests"], {who: float(cost) for who, cost in row["dynamic"].items()}
    )


def _named(values: Mapping[str, Any], name: str) -> Any:
    if name not in values:
        raise UserError(f"No best known value is stored for {name}: {nearest(name, values)}.")
    return values[name]

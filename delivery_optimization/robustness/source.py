"""What the days of `robustness` are: instances, the law of their days, and how a plan made elsewhere comes in."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from delivery_optimization.data.city_truth import CityTruth
from delivery_optimization.data.routing_data import RoutingData, fingerprint
from delivery_optimization.instance import Instance, SpeedProfile
from delivery_optimization.plan import Plan, plan_from_json
from delivery_optimization.robustness.noise import Law
from delivery_optimization.robustness.tours import Departure
from usecases.errors import UserError, nearest

DEPARTURES = ("first_window", "shift")


@dataclass(frozen=True, eq=False)
class Mission:
    """What a planner is given: one instance, when vehicles leave, and the plan to judge where there is one."""

    instance: Instance
    departure: Departure = "shift"
    given: Plan | None = None


@dataclass(frozen=True, eq=False)
class Truth:
    """What only the evaluation sees.

    Parameters
    ----------
    laws : tuple of Law
        One for each instance.
    speeds : tuple of SpeedProfile or None
        True rush hours, one for each instance; None where the instance's own hold.
    scenarios : int
        Number of days.
    seed : int
        Of the days.
    assumed : bool
        Whether the laws are an assumption and not those of a generator.
    """

    laws: tuple[Law, ...]
    speeds: tuple[SpeedProfile | None, ...]
    scenarios: int
    seed: int
    assumed: bool = True


class Days:
    """A data source of routing, and how its days differ from the plan.

    Parameters
    ----------
    reader : str
        Class that reads the instances (``delivery_optimization.data.ortec.Ortec``).
    law : mapping, optional
        Keys of `Law`; None takes the generator's own law, which only ``city`` has.
    scenarios : int
        Days that a plan is judged on, at least 100.
    departure : {"shift", "first_window"}
        When vehicles leave, see `delivery_optimization.robustness.tours.tours`.
    from_run : str, optional
        Folder of a run of `routing`: its data and its plans are taken, for ``method=given``.
    **keys : object
        For the reader.

    Raises
    ------
    UserError
        If a value is out of range.
    """

    def __init__(
        self,
        reader: str | None = None,
        law: Mapping[str, Any] | None = None,
        scenarios: int = 10_000,
        departure: Departure = "shift",
        from_run: str | None = None,
        **keys: Any,
    ) -> None:
        from usecases.config import build

        if departure not in DEPARTURES:
            raise UserError(f"data.departure={departure} was given: {nearest(str(departure), DEPARTURES)}.")
        if isinstance(scenarios, bool) or not isinstance(scenarios, int) or not 100 <= scenarios <= 1_000_000:
            raise UserError(
                f"data.scenarios={scenarios} was given; a whole number from 100 to 1,000,000 is expected"
            )
        self.law = None if law is None else make_law(law)
        self.scenarios, self.departure, self.from_run = scenarios, departure, from_run
        if reader is None:
            self.run = _Run(from_run)
            self.source = build(self.run.data)
        else:
            self.run = None
            self.source = build({"_target_": reader, **keys})

    def read(self, seed: int) -> tuple[RoutingData, tuple[Mission, ...], Truth]:
        """Read instances, missions and truth.

        Parameters
        ----------
        seed : int
            Of the instances, where they are generated, and of the scenarios.

        Returns
        -------
        data : RoutingData
        missions : tuple of Mission
            One for each instance.
        truth : Truth
        """
        made = seed if self.run is None else self.run.seed
        read: RoutingData = self.source.read(made)
        given = [None] * len(read.instances) if self.run is None else self.run.plans(read.instances)
        missions = tuple(
            Mission(i, self.departure, plan) for i, plan in zip(read.instances, given, strict=True)
        )
        laws, speeds = self._laws(made, read)
        return read, missions, Truth(laws, speeds, self.scenarios, seed, assumed=self.law is not None)

    def _laws(self, seed: int, read: RoutingData) -> tuple[tuple[Law, ...], tuple[SpeedProfile | None, ...]]:
        """The assumed law for all, or each day's own."""
        n = len(read.instances)
        if self.law is not None:
            return (self.law,) * n, (None,) * n
        if not hasattr(self.source, "day"):
            raise UserError(
                "data.law=null was given, but only data=city knows its own law; "
                "give an assumed one, for example data.law.travel_cv=0.2"
            )
        truths = [self.source.day(seed, number).truth for number in range(n)]
        both = [city_law(t, i) for t, i in zip(truths, read.instances, strict=True)]
        return tuple(law for law, _ in both), tuple(profile for _, profile in both)

    def fingerprint(self, read: RoutingData, missions: tuple[Mission, ...], truth: Truth) -> str:
        """Sha256 over instances, given plans and the law."""
        digest = hashlib.sha256(fingerprint(read.instances).encode())
        digest.update(repr((truth.laws, truth.scenarios, truth.seed, self.departure)).encode())
        for speeds in truth.speeds:
            digest.update(b"" if speeds is None else np.asarray(speeds.factors).tobytes())
        for mission in missions:
            digest.update(repr(mission.given).encode())
        return digest.hexdigest()


def make_law(values: Mapping[str, Any]) -> Law:
    """Make a law from a configuration.

    Raises
    ------
    UserError
        If a key is unknown or a value is out of range.

    Examples
    --------
    >>> make_law({"travel_cv": 0.3}).travel_cv
    0.3
    """
    known = [field.name for field in fields(Law)]
    for key in values:
        if key not in known:
            raise UserError(f"Unknown key of a law, law.{key}: {nearest(str(key), known)}.")
    return Law(**{str(key): tuple(v) if isinstance(v, list) else v for key, v in values.items()})


def city_law(truth: CityTruth, instance: Instance) -> tuple[Law, SpeedProfile]:
    """Write the truth of a day of the built-in city as a law of this task.

    Parameters
    ----------
    truth : CityTruth
        Of the day.
    instance : Instance
        For mean times.

    Returns
    -------
    law : Law
        What a route has in common lasts for the whole route (in the city it fades within hours), handling is log-normal (gamma
        there), and a vehicle breaks down at most once.
    speeds : SpeedProfile
        True rush hours times the day's factor.
    """
    hours = (
        np.mean([min(v.closes, 86_400.0) - v.opens for v in instance.vehicles]) / 3600
        if instance.vehicles
        else 8.0
    )
    service = float(np.mean(instance.orders.service)) if instance.n_orders else 1.0
    law = Law(
        travel_cv=tuple(float(cv) for cv in truth.travel.cv[: len(instance.travel)]),
        route_share=float(truth.travel.common_share),
        service_cv=float(truth.service.cv),
        no_show=float(truth.service.no_show),
        no_show_service=float(truth.service.no_show_wait) / max(service, 1.0),
        breakdown=1 - math.exp(-float(truth.breakdown.per_hour) * float(hours)),
        breakdown_time=float(truth.breakdown.lost),
    )
    known = instance.speeds
    travel = (0,) if known is None else known.travel
    profile = truth.travel.profile
    return law, SpeedProfile(profile.edges, profile.factors * truth.travel.day_factor, travel)


class _Run:
    """A finished run of `routing`."""

    def __init__(self, folder: str | None) -> None:
        import yaml

        if not folder:
            raise UserError(
                "No run was given; the folder of a finished run of delivery_optimization/routing is expected: "
                "data=from_run data.from_run=runs/delivery_optimization-routing/..."
            )
        self.folder = Path(str(folder)).expanduser()
        try:
            values = yaml.safe_load((self.folder / "config.yaml").read_text(encoding="utf-8"))
            self.saved = json.loads((self.folder / "plan.json").read_text(encoding="utf-8"))["plans"]
            self.data, self.seed = self._placed(dict(values["data"])), int(values["seed"])
            result = self.folder / "result.json"
            known = json.loads(result.read_text(encoding="utf-8"))["data"] if result.is_file() else {}
            self.fingerprint = known.get("fingerprint")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{folder} was given as data.from_run; the folder of a finished run of delivery_optimization/routing is expected, "
                "with config.yaml and plan.json ('usecases run delivery_optimization/routing' makes one)"
            ) from error

    def _placed(self, data: dict[str, Any]) -> dict[str, Any]:
        """Find files that were named from the folder where that run was typed, which holds ``runs/<task>/<run>``."""
        typed_in = self.folder.resolve().parents[2] if len(self.folder.resolve().parents) > 2 else Path()
        for key in ("path", "vehicles", "durations"):
            if isinstance(data.get(key), str) and (typed_in / data[key]).exists():
                data[key] = str(typed_in / data[key])
        return data

    def plans(self, instances: tuple[Instance, ...]) -> list[Plan]:
        """Read its plans; the data must be what they were made for."""
        if self.fingerprint is not None and self.fingerprint != fingerprint(instances):
            raise UserError(
                f"The data of the run {self.folder} have changed since its plans were made, which would be judged on other orders; "
                "type its command again (first line of its report's last section), then give the new folder as data.from_run"
            )
        if len(self.saved) != len(instances):
            raise UserError(
                f"{self.folder} holds {len(self.saved)} plans for {len(instances)} instances; as many are expected"
            )
        try:
            return [plan_from_json(i, value) for i, value in zip(instances, self.saved, strict=True)]
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"The plans of {self.folder} do not fit its data ({error}); make that run again"
            ) from error

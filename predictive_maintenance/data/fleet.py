"""The built-in data source ``fleet``: a generated fleet of pumps, read into histories; no download needed.

What is learned from and what is asked: `Fleet.read`. The simulator itself, with production, maintenance log
and truth, is `predictive_maintenance.data.simulator.simulate_fleet`.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from functools import lru_cache
from types import SimpleNamespace

import numpy as np

from predictive_maintenance.data.protocol import apply_protocol, check_protocol
from predictive_maintenance.data.simulator import FleetRecord, record_fleet
from predictive_maintenance.data.simulator_physics import MECHANISMS, load_parameters
from predictive_maintenance.data.simulator_plant import Plant, draw_plant
from predictive_maintenance.data.simulator_wear import run_wear
from predictive_maintenance.histories import Histories, Lives, RulData, RulInputs
from usecases.contract import Text
from usecases.errors import UserError

logger = logging.getLogger(__name__)

_SPLIT, _CENSOR, _CUT = (4, 0), (4, 1), (4, 2)  # spawn keys: machines of the test, lives that run on, cuts
_SEARCH_STEPS = 14


# What people call sensors and settings.
LABELS = {
    "vibration_low": Text("low-frequency vibration", "vibration à basse fréquence"),
    "vibration_bearing": Text("bearing vibration", "vibration du roulement"),
    "vibration_high": Text("high-frequency vibration", "vibration à haute fréquence"),
    "bearing_temperature": Text("bearing temperature", "température du roulement"),
    "winding_temperature": Text("winding temperature", "température du bobinage"),
    "current": Text("motor current", "courant du moteur"),
    "current_unbalance": Text("current unbalance", "déséquilibre des courants"),
    "power_factor": Text("power factor", "facteur de puissance"),
    "leakage_current": Text("leakage current", "courant de fuite"),
    "suction_pressure": Text("suction pressure", "pression d'aspiration"),
    "discharge_pressure": Text("discharge pressure", "pression de refoulement"),
    "flow": Text("flow", "débit"),
    "power": Text("electric power", "puissance électrique"),
    "scrap_share": Text("share of scrap", "taux de rebut"),
    "load": Text("load", "charge"),
    "speed": Text("speed", "vitesse"),
    "ambient_temperature": Text("ambient temperature", "température ambiante"),
    "running_hours": Text("running hours", "heures de marche"),
}


@dataclass(frozen=True)
class Fleet:
    """A generated fleet as RUL data: lives of the training machines, cut lives of the test machines.

    A unit is one life, from one maintenance to the next; its group is the machine. Time is the age in days
    of production. A share `test_share` of the machines is left out for the test: they run to failure, and
    each of their lives is cut at a day drawn evenly between its 20th and the one before its last; what
    comes after the cut is in no input.

    The training lives end by failure, by preventive replacement or by the end of the record. The share
    `censored` of the last two together is met exactly (to the nearest life), by two choices that do not
    look at the wear: the interval of the preventive replacement, one number for the fleet, is the longest
    found that gives at least this share; then as many machines as are too many, drawn at random, keep their
    record until the running life has failed.

    Parameters
    ----------
    n_machines : int
        Machines of the fleet, 8 to 5000.
    censored : float
        Share of the training lives that is right-censored, 0 to 0.9.
    n_sites : int
        Sites, 1 to 50, each with its own calendar and climate.
    test_share : float
        Share of the machines left out for the test, 0.1 to 0.5.
    days : int, optional
        Calendar days of the record, 300 to 3650; by default as in ``fleet.yaml`` (730).
    cap : float
        Labels are capped at this remaining life (days); the default is about 60 % of the median life.
    parameters : str
        Family of parameters: ``default``, ``varied``, or ``held_out``, which is never for development.
    max_groups, fold, shuffle_target
        See `predictive_maintenance.data.protocol.apply_protocol`.

    Examples
    --------
    >>> data = Fleet(n_machines=8, censored=0.5).read(seed=0)
    >>> lives = data.inputs.lives
    >>> round(float((~lives.failed).mean()), 1), data.inputs.test.n_units == len(data.rul)
    (0.5, True)
    """

    n_machines: int = 60
    censored: float = 0.3
    n_sites: int = 3
    test_share: float = 0.25
    days: int | None = None
    cap: float = 90.0
    parameters: str = "default"
    max_groups: int | None = None
    fold: int | None = None
    shuffle_target: bool = False

    def __post_init__(self) -> None:
        _check_range("n_machines", self.n_machines, 8, 5000, whole=True)
        _check_range("censored", self.censored, 0.0, 0.9)
        _check_range("n_sites", self.n_sites, 1, 50, whole=True)
        _check_range("test_share", self.test_share, 0.1, 0.5)
        if self.days is not None:
            _check_range("days", self.days, 300, 3650, whole=True)
        _check_range("cap", self.cap, 1.0, 1000.0)
        check_protocol(cap=self.cap, max_groups=self.max_groups, fold=self.fold)
        load_parameters(self.parameters)

    def read(self, seed: int) -> RulData:
        """Simulate the fleet and read it into histories.

        Parameters
        ----------
        seed : int
            The same seed gives the same bytes.

        Returns
        -------
        RulData
            Inputs, true remaining lives, description.
        """
        data = _simulated(replace(self, max_groups=None, fold=None, shuffle_target=False), seed)
        return apply_protocol(
            replace(data, description=dict(data.description)),
            max_groups=self.max_groups,
            fold=self.fold,
            shuffle_target=self.shuffle_target,
            seed=seed,
        )


@lru_cache(maxsize=2)
def _simulated(fleet: Fleet, seed: int) -> RulData:
    """Simulate a fleet once for all folds, group limits and shuffles that are asked of it one after the other."""
    p = load_parameters(fleet.parameters, seed)
    days = p.calendar.days if fleet.days is None else int(fleet.days)
    plant = draw_plant(fleet.n_machines, seed, p, n_sites=fleet.n_sites, days=days, mechanisms=MECHANISMS)
    order = _stream(seed, _SPLIT).permutation(fleet.n_machines)
    is_test = np.zeros(fleet.n_machines, dtype=bool)
    is_test[order[: max(2, round(fleet.test_share * fleet.n_machines))]] = True
    interval, run_on = plan_censoring(plant, is_test, fleet.censored, _stream(seed, _CENSOR), p)
    history = run_wear(plant, np.where(is_test, np.inf, interval), p)
    record = record_fleet(plant, history, seed, p, run_on=run_on)
    data = _to_rul_data(record, is_test, fleet.cap, _stream(seed, _CUT), p)
    data.description.update(seed=seed, days=days, preventive_interval=_plain(interval))
    logger.info("fleet: %d machines, %d rows", fleet.n_machines, len(record.machine))
    return data


def _stream(seed: int, key: tuple[int, int]) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def _plain(interval: float) -> float | None:
    return round(interval, 1) if math.isfinite(interval) else None


def _check_range(key: str, value: float, least: float, most: float, *, whole: bool = False) -> None:
    number = isinstance(value, int | np.integer) if whole else isinstance(value, int | float | np.number)
    if not number or isinstance(value, bool) or not least <= value <= most:
        kind = "a whole number" if whole else "a number"
        raise UserError(
            f"data.{key}={value} was given, {kind} from {least} to {most} was expected: type for example "
            f"data.{key}={getattr(Fleet, key) or 730}."
        )


def plan_censoring(
    plant: Plant, is_test: np.ndarray, censored: float, rng: np.random.Generator, p: SimpleNamespace
) -> tuple[float, np.ndarray]:
    """Choose the interval of preventive replacement and the machines whose record runs on.

    Parameters
    ----------
    plant : Plant
        From `draw_plant`.
    is_test : ndarray of bool, shape (n_machines,)
        Machines of the test: they run to failure.
    censored : float
        Share of the training lives that shall be right-censored.
    rng : numpy.random.Generator
        Draws which machines run on.
    p : SimpleNamespace
        See `load_parameters`.

    Returns
    -------
    interval : float
        In days of production; infinite when no preventive replacement is needed.
    run_on : ndarray of bool, shape (n_machines,)
        Machines whose record goes on until the running life has failed.

    Examples
    --------
    >>> p = load_parameters()
    >>> plant = draw_plant(8, 0, p, n_sites=2, days=400, mechanisms=MECHANISMS)
    >>> interval, run_on = plan_censoring(plant, np.arange(8) < 2, 0.0, np.random.default_rng(0), p)
    >>> interval, bool(run_on.all())
    (inf, True)
    """
    interval = math.inf
    surplus, running = _surplus(plant, is_test, interval, censored, p)
    if surplus < 0:
        least = float(p.maintenance.shortest_life)
        low, high = math.log(least), math.log(4 * p.bearing.life)
        interval = least
        for _ in range(_SEARCH_STEPS):
            middle = (low + high) / 2
            surplus, running = _surplus(plant, is_test, math.exp(middle), censored, p)
            if surplus < 0:
                high = middle
                continue
            low, interval = middle, math.exp(middle)
            if surplus <= len(running) // 10:
                break
        surplus, running = _surplus(plant, is_test, interval, censored, p)
    run_on = is_test.copy()
    run_on[rng.permutation(running)[: max(surplus, 0)]] = True
    return interval, run_on if censored else np.ones_like(run_on)


def _surplus(
    plant: Plant, is_test: np.ndarray, interval: float, censored: float, p: SimpleNamespace
) -> tuple[int, np.ndarray]:
    """Censored training lives beyond the share asked for; machines whose last life counts as running."""
    history = run_wear(plant, np.where(is_test, np.inf, interval), p, follow=False)
    last = len(history.age) - 1
    ended_now = np.zeros(plant.n_machines, dtype=bool)
    ended_now[[end.machine for end in history.ends if end.day == last]] = True
    old_enough = history.age[last] >= p.maintenance.shortest_life
    running = np.flatnonzero(old_enough & ~ended_now & ~is_test)
    preventive = sum(end.reason == "preventive" for end in history.ends)
    failures = sum(end.reason == "failure" and not is_test[end.machine] for end in history.ends)
    n_censored = preventive + len(running)
    return n_censored - round(censored * (n_censored + failures)), running


def _to_rul_data(
    record: FleetRecord, is_test: np.ndarray, cap: float, rng: np.random.Generator, p: SimpleNamespace
) -> RulData:
    least = p.maintenance.shortest_life
    reason = np.array(record.life_reason)
    failed, end = reason == "failure", record.life_end
    of_test = is_test[record.life_machine]
    train = np.flatnonzero(~of_test & (failed | (reason == "preventive") | (end >= least)))
    test = np.flatnonzero(of_test & failed & (end > least))
    cut = rng.integers(least, end[test])  # from the 20th day to the one before the failure
    histories = to_histories(record)
    inputs = RulInputs(
        histories.select(train),
        Lives(end[train].astype(float), failed[train]),
        histories.select(test).truncate(cut),
        cap=float(cap),
    )
    return RulData(inputs, (end[test] - cut).astype(float), _describe(record, inputs, reason[train], is_test))


def to_histories(record: FleetRecord) -> Histories:
    """All lives of a record as histories; no count of pieces, no maintenance, no truth.

    Parameters
    ----------
    record : FleetRecord
        From `simulate_fleet`.

    Returns
    -------
    Histories
        One unit for each life, in the order of the record's ``life_*`` fields; the group is the machine.

    Examples
    --------
    >>> from predictive_maintenance.data.simulator import simulate_fleet
    >>> to_histories(simulate_fleet(2, days=300)).groups[0]
    'P01'
    """
    machines = [f"P{m + 1:02d}" for m in record.life_machine]
    return Histories(
        unit=record.life,
        time=record.age.astype(float),
        sensors=record.sensors,
        settings=record.settings,
        unit_names=tuple(f"{name}-{n + 1}" for name, n in zip(machines, record.life_number, strict=True)),
        groups=tuple(machines),
        sensor_names=tuple(record.sensor_units),
        setting_names=tuple(record.setting_units),
        time_unit="days",
        sensor_units=record.sensor_units | record.setting_units,
        sensor_labels=LABELS,
    )


def _describe(record: FleetRecord, inputs: RulInputs, reasons: np.ndarray, is_test: np.ndarray) -> dict:
    n_rows = inputs.train.n_rows + inputs.test.n_rows
    n_missing = np.isnan(inputs.train.sensors).sum() + np.isnan(inputs.test.sensors).sum()
    return {
        "name": "fleet",
        "kind": "generated",
        "licence": "Apache-2.0 (generated by this library)",
        "n_machines": len(is_test),
        "n_test_machines": int(is_test.sum()),
        "n_sites": len(set(record.site.tolist())),
        "n_lives": inputs.train.n_units,
        "n_failed": int((reasons == "failure").sum()),
        "n_preventive": int((reasons == "preventive").sum()),
        "n_running": int((reasons == "running").sum()),
        "censored_share": round(float((reasons != "failure").mean()), 4),
        "n_rows": n_rows,
        "n_sensors": len(record.sensor_units),
        "missing_share": round(float(n_missing / (n_rows * len(record.sensor_units))), 5),
        "cap": inputs.cap,
        "generator_version": record.version,
        "parameters": record.parameters,
        "parameter_hash": record.parameter_hash,
    }

"""A seeded simulator of a fleet of pumps with electric motors: what a plant records, and the truth apart.

`simulate_fleet` draws sites, machines and weather (`simulator_plant`), lets the machines wear, fail and be
repaired (`simulator_wear`) by the equations of `simulator_physics`, and records them with the faults of
real sensors (`simulator_sensors`). One row is one machine on one day on which it produced; age counts these
days. Values and their sources: ``fleet.yaml``.

Share of scrap and electric power are among the sensors, since a plant measures them and they speak of wear.
Lives are several times shorter than in most plants, so that two years hold several lives of each machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from predictive_maintenance.data.simulator_physics import MECHANISMS, load_parameters, parameter_hash
from predictive_maintenance.data.simulator_plant import Plant, draw_plant
from predictive_maintenance.data.simulator_sensors import Conditions, Measured, measure
from predictive_maintenance.data.simulator_wear import LifeEnd, WearHistory, run_wear
from usecases.errors import UserError, nearest

_COLUMNS = ("sensors", "bias", "pieces", "scrap", "energy")
SETTINGS = {
    "load": "share of nominal flow",
    "speed": "rpm",
    "ambient_temperature": "degC",
    "running_hours": "h",
}


class MaintenanceAction(NamedTuple):
    """One line of the maintenance log.

    `action` is replace, clean or recalibrate; `component` a part or a sensor; `reason` failure, preventive
    or drift.
    """

    date: np.datetime64
    machine: int
    action: str
    component: str
    reason: str


@dataclass(frozen=True)
class FleetTruth:
    """What no plant knows; kept apart from the record.

    Parameters
    ----------
    wear : ndarray, shape (n_rows, 3)
        Wear of each mechanism at the end of the day, in the order of ``MECHANISMS``.
    bias : ndarray, shape (n_rows, n_sensors)
        Error of drifting calibrations, in the unit of the sensor or in its logarithm (see ``fleet.yaml``).
    mechanism : tuple of str, length n_lives
        Which mechanism ended the life, or would have ended a life that still ran; empty where nobody knows.
    failure_age : ndarray, shape (n_lives,)
        Age at the failure (days), also of a life that still ran; NaN after a preventive replacement.
    """

    wear: np.ndarray
    bias: np.ndarray
    mechanism: tuple[str, ...]
    failure_age: np.ndarray


@dataclass(frozen=True)
class FleetRecord:
    """The record of a fleet: rows sorted by machine and date, lives, maintenance, and the truth apart.

    Parameters
    ----------
    machine, life : ndarray of int, shape (n_rows,)
        Machine of the row, and its life as an index of the ``life_*`` fields.
    date : ndarray of datetime64[D], shape (n_rows,)
        The day.
    age : ndarray of int, shape (n_rows,)
        Days of production since the life began; the first is 1.
    sensors : ndarray, shape (n_rows, n_sensors)
        Means of the day, in `sensor_units`; NaN where nothing was recorded.
    settings : ndarray, shape (n_rows, 4)
        What is imposed from outside, in `setting_units`.
    pieces, scrap : ndarray of int, shape (n_rows,)
        Pieces of the day and those rejected.
    energy : ndarray, shape (n_rows,)
        Electric energy of the day (kWh).
    site : ndarray of int, shape (n_machines,)
        Site of each machine.
    life_machine, life_number, life_end : ndarray of int, shape (n_lives,)
        Machine of the life, its number on this machine, its age at the end of its record (days).
    life_reason : tuple of str, length n_lives
        Why its record ends: failure, preventive or running.
    maintenance : tuple of MaintenanceAction
        The log, sorted by machine and date.
    truth : FleetTruth
        Never an input of a method.
    sensor_units, setting_units : dict of str to str
        Names of the columns and their units.
    version, parameters, parameter_hash : str
        Of the generator, the family of the parameters, the content of ``fleet.yaml``.
    """

    machine: np.ndarray
    life: np.ndarray
    date: np.ndarray
    age: np.ndarray
    sensors: np.ndarray
    settings: np.ndarray
    pieces: np.ndarray
    scrap: np.ndarray
    energy: np.ndarray
    site: np.ndarray
    life_machine: np.ndarray
    life_number: np.ndarray
    life_end: np.ndarray
    life_reason: tuple[str, ...]
    maintenance: tuple[MaintenanceAction, ...]
    truth: FleetTruth
    sensor_units: dict[str, str]
    setting_units: dict[str, str]
    version: str
    parameters: str
    parameter_hash: str


def simulate_fleet(
    n_machines: int = 60,
    seed: int = 0,
    *,
    n_sites: int = 3,
    days: int | None = None,
    interval: float = math.inf,
    run_on: bool = False,
    parameters: str = "default",
    mechanisms: tuple[str, ...] = MECHANISMS,
) -> FleetRecord:
    """Simulate a fleet.

    Parameters
    ----------
    n_machines, seed : int
        With the same other arguments, machine ``m`` is the same in fleets of any size.
    n_sites : int
        Machine ``m`` stands on site ``m % n_sites``.
    days : int, optional
        Calendar days of the record; by default as in ``fleet.yaml``.
    interval : float
        Interval of preventive replacement (days of production); by default machines run to failure. The
        planned age scatters around it and does not look at the wear, so it tells nothing of it.
    run_on : bool
        Whether the record goes on until the lives that run on its last day have failed.
    parameters : str
        Family of parameters: see `simulator_physics.load_parameters`.
    mechanisms : tuple of str
        The mechanisms that are at work, of bearing, seal, winding.

    Returns
    -------
    FleetRecord
        Everything that was recorded, and the truth.

    Raises
    ------
    UserError
        If a family or a mechanism is unknown.

    Examples
    --------
    >>> record = simulate_fleet(3, seed=1, days=400)
    >>> record.sensors.shape[1], record.settings.shape[1], sorted(set(record.life_reason))
    (14, 4, ['failure', 'running'])
    """
    for name in mechanisms:
        if name not in MECHANISMS:
            raise UserError(f"{name!r} is not a mechanism of the fleet: {nearest(name, MECHANISMS)}.")
    p = load_parameters(parameters, seed)
    days = p.calendar.days if days is None else days
    plant = draw_plant(n_machines, seed, p, n_sites=n_sites, days=days, mechanisms=mechanisms)
    history = run_wear(plant, np.full(n_machines, float(interval)), p)
    return record_fleet(plant, history, seed, p, run_on=np.full(n_machines, run_on))


def record_fleet(
    plant: Plant, history: WearHistory, seed: int, p: SimpleNamespace, *, run_on: np.ndarray
) -> FleetRecord:
    """Measure what happened and write it down.

    Parameters
    ----------
    plant : Plant
        From `draw_plant`.
    history : WearHistory
        From `run_wear`, with the lives followed.
    seed : int
        Of the fleet.
    p : SimpleNamespace
        See `simulator_physics.load_parameters`.
    run_on : ndarray of bool, shape (n_machines,)
        Machines whose record goes on until the life that runs on its last day has failed.

    Returns
    -------
    FleetRecord
        Rows sorted by machine and date.

    Examples
    --------
    >>> p = load_parameters()
    >>> plant = draw_plant(2, 0, p, n_sites=1, days=300, mechanisms=MECHANISMS)
    >>> history = run_wear(plant, np.full(2, np.inf), p)
    >>> record_fleet(plant, history, 0, p, run_on=np.array([True, False])).life_reason[-1]
    'running'
    """
    inside = (np.arange(len(history.life)) < plant.horizon)[:, None] | run_on
    machine, day = np.nonzero(((history.life >= 0) & inside).T)
    at = Conditions(*(getattr(plant, name)[day, machine] for name in Conditions._fields))
    number, wear = history.life[day, machine], history.wear[day, machine]
    measured = []
    for m in range(plant.n_machines):
        rows = slice(*np.searchsorted(machine, [m, m + 1]))
        conditions = Conditions(*(column[rows] for column in at))
        measured.append(
            measure(m, seed, day[rows], number[rows], conditions, wear[rows], len(plant.dates), p)
        )
    starts = np.flatnonzero(
        np.diff(machine, prepend=-1).astype(bool) | np.diff(number, prepend=-1).astype(bool)
    )
    lasts = np.append(starts[1:], len(machine)) - 1
    life_machine, life_number = machine[starts], number[starts]
    age = history.age[day, machine]
    reason, truth_of_lives = _ends(history.ends, life_machine, life_number, day[lasts])
    column = {name: np.concatenate([getattr(x, name) for x in measured]) for name in _COLUMNS}
    bias = column.pop("bias")
    return FleetRecord(
        machine=machine,
        life=np.repeat(np.arange(len(starts)), lasts - starts + 1),
        date=plant.dates[day],
        age=age,
        settings=_rounded(at, p),
        site=plant.site,
        life_machine=life_machine,
        life_number=life_number,
        life_end=age[lasts],
        life_reason=reason,
        maintenance=_maintenance(history, measured, plant, inside),
        truth=FleetTruth(wear, bias, *truth_of_lives),
        sensor_units={name: sensor["unit"] for name, sensor in p.sensors.items()},
        setting_units=dict(SETTINGS),
        version=p.version,
        parameters=p.family,
        parameter_hash=parameter_hash(),
        **column,
    )


def _rounded(at: Conditions, p: SimpleNamespace) -> np.ndarray:
    """Return the settings with the resolution of a record: three digits, rpm, tenths of degree and hour."""
    return np.column_stack(
        [at.flow.round(3), (at.speed * p.hydraulics.speed).round(0), at.ambient.round(1), at.hours.round(1)]
    )


def _ends(
    ends: tuple[LifeEnd, ...], machine: np.ndarray, number: np.ndarray, last_day: np.ndarray
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], np.ndarray]]:
    """Say why the record of each life ends; and, for the truth, the mechanism and the age at failure."""
    known = {(end.machine, end.life): end for end in ends}
    reason, mechanism, failure_age = [], [], []
    for key, day in zip(zip(machine.tolist(), number.tolist(), strict=True), last_day, strict=True):
        end = known.get(key)
        failed = end is not None and end.reason == "failure"
        reason.append(end.reason if end is not None and end.day == day else "running")
        mechanism.append(MECHANISMS[end.mechanism] if failed else "")
        failure_age.append(float(end.age) if failed else np.nan)
    return tuple(reason), (tuple(mechanism), np.array(failure_age))


def _maintenance(
    history: WearHistory, measured: list[Measured], plant: Plant, inside: np.ndarray
) -> tuple[MaintenanceAction, ...]:
    """Write the maintenance log: repairs, preventive replacements, recalibrations."""
    log = []
    for end in history.ends:
        if not inside[end.day, end.machine]:
            continue
        replaced = (MECHANISMS[end.mechanism],) if end.reason == "failure" else ("bearing", "seal")
        for component in MECHANISMS:
            action = "replace" if component in replaced else "clean"
            log.append(MaintenanceAction(plant.dates[end.day], end.machine, action, component, end.reason))
    for m, machine in enumerate(measured):
        for drift in machine.drifts:
            if drift.end < len(inside) and inside[drift.end, m]:
                date = plant.dates[drift.end]
                log.append(MaintenanceAction(date, m, "recalibrate", drift.sensor, "drift"))
    return tuple(sorted(log, key=lambda action: (action.machine, action.date, action.component)))

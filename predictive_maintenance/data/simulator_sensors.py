"""What the plant records of its machines: sensors with their faults, pieces, scrap and energy.

`clean_values` says what perfect sensors would show for given conditions and wear; `measure` adds what real
ones do: the level of mounting and fitting, noise, slow wander, calibration that drifts until somebody
recalibrates, silence for a while, single values lost, and the resolution of the record.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from predictive_maintenance.data import simulator_physics as physics
from predictive_maintenance.data.simulator_plant import memory_noise

_OBSERVE = 2  # first part of the spawn keys of these streams
DAYS_OF_A_YEAR = 365.25


class Conditions(NamedTuple):
    """Conditions of rows, each of shape (n_rows,): see `simulator_plant.Plant`."""

    hours: np.ndarray
    flow: np.ndarray
    speed: np.ndarray
    ambient: np.ndarray
    tank: np.ndarray
    fluid: np.ndarray


class Drift(NamedTuple):
    """One sensor whose calibration drifts from day `first` until it is recalibrated on day `end`."""

    sensor: str
    first: int
    end: int
    size: float


class Measured(NamedTuple):
    """What is recorded of one machine, and the truth about its sensors."""

    sensors: np.ndarray
    bias: np.ndarray
    pieces: np.ndarray
    scrap: np.ndarray
    energy: np.ndarray
    drifts: tuple[Drift, ...]


def clean_values(at: Conditions, wear: np.ndarray, p: SimpleNamespace) -> dict[str, np.ndarray]:
    """What perfect sensors would show.

    Parameters
    ----------
    at : Conditions
        Imposed conditions, arrays of shape (n_rows,).
    wear : ndarray, shape (n_rows, 3)
        In the order of `simulator_physics.MECHANISMS`.
    p : SimpleNamespace
        See `simulator_physics.load_parameters`.

    Returns
    -------
    dict of str to ndarray
        By sensor, in the units of ``fleet.yaml``; without ``scrap_share``, which is counted.

    Examples
    --------
    >>> p = physics.load_parameters()
    >>> at = Conditions(*(np.array([x]) for x in (24.0, 0.9, 1.0, 20.0, 0.35, 42.0)))
    >>> new, worn = (clean_values(at, np.array([[0.03, w, 0.0]]), p) for w in (0.0, 1.0))
    >>> bool(worn["discharge_pressure"][0] < new["discharge_pressure"][0])
    True
    """
    crack, seal, winding = wear.T
    g, h = p.signature, p.hydraulics
    point = physics.pump(at.flow, at.speed, seal, p)
    shaft = point.shaft_power * (1 + p.bearing.friction * crack)
    electric = physics.motor(shaft, p)
    effect = physics.insulation_effect(winding, p)
    bubbles = physics.cavitation(physics.npsh_margin(at.flow, at.speed, at.tank, at.fluid, p), seal, p)
    rise = physics.winding_rise(electric.current, at.speed, p)
    rise = rise + p.motor.winding_heat * effect + p.motor.bearing_heat * crack
    friction = g.bearing_rise * at.speed * physics.bearing_load(point, at.speed, p)
    inlet = physics.suction(point.internal, at.tank, p)
    off_point = np.abs(point.internal / at.speed - 1)
    low = g.vibration_low * at.speed**2 * (1 + g.vibration_low_off_point * off_point)
    low = low + g.vibration_low_cavitation * bubbles + g.vibration_low_seal * seal
    envelope = 1 + g.vibration_bearing_crack * crack + g.vibration_bearing_cavitation * bubbles
    broad = 1 + g.vibration_high_cavitation * bubbles + g.vibration_high_crack * crack
    leakage = g.leakage_damage * winding + g.leakage_temperature * (at.ambient - 20.0)
    return {
        "vibration_low": low + g.vibration_low_crack * crack,
        "vibration_bearing": g.vibration_bearing * at.speed * envelope,
        "vibration_high": g.vibration_high * at.speed * broad,
        "bearing_temperature": at.ambient + friction + g.bearing_crack * crack + g.bearing_winding * rise,
        "winding_temperature": at.ambient + rise,
        "current": electric.current,
        "current_unbalance": g.unbalance + g.unbalance_winding * effect,
        "power_factor": electric.power_factor - g.power_factor_winding * effect,
        "leakage_current": g.leakage * np.exp(leakage),
        "suction_pressure": inlet,
        "discharge_pressure": inlet + h.density * h.gravity * h.head * point.head / 1e5,
        "flow": h.flow * point.delivered,
        "power": electric.power,
    }


def measure(
    number: int, seed: int, day: np.ndarray, life: np.ndarray, at: Conditions, wear: np.ndarray, n_days: int,
    p: SimpleNamespace,
) -> Measured:  # fmt: skip
    """Record one machine.

    Parameters
    ----------
    number, seed : int
        Of the machine, of the fleet: the two name the random stream.
    day, life : ndarray of int, shape (n_rows,)
        Calendar day and number of the life of each row.
    at, wear
        See `clean_values`.
    n_days : int
        Length of the calendar.
    p : SimpleNamespace
        See `simulator_physics.load_parameters`.

    Returns
    -------
    Measured
        Sensors of shape (n_rows, n_sensors), NaN where nothing was recorded.

    Examples
    --------
    >>> p, n = physics.load_parameters(), 50
    >>> at = Conditions(*(np.full(n, x) for x in (24.0, 0.9, 1.0, 20.0, 0.35, 42.0)))
    >>> seen = measure(0, 1, np.arange(n), np.zeros(n, int), at, np.tile([0.03, 0.0, 0.0], (n, 1)), 300, p)
    >>> seen.sensors.shape, bool((seen.scrap < seen.pieces).all())
    ((50, 14), True)
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_OBSERVE, number)))
    names, f = list(p.sensors), p.sensor_faults
    table = {key: np.array([s[key] for s in p.sensors.values()]) for key in next(iter(p.sensors.values()))}
    clean = clean_values(at, wear, p)
    machine_level = table["machine"] * rng.standard_normal(len(names))
    life_level = table["life"] * rng.standard_normal((n_days // 20, len(names)))
    white = rng.standard_normal((n_days, len(names)))
    wander = memory_noise(rng.standard_normal((n_days, len(names))), f.wander_memory)
    noise = f.noise * (table["noise"] * white[day] + table["wander"] * wander[day])
    bias, drifts = _drifts(rng, day, n_days, names, table["drift"], p)
    off = machine_level + life_level[life % len(life_level)] + noise + bias
    pieces, scrap, quality = _production(rng, clean["flow"], at, wear, day, n_days, p)
    values = np.column_stack([*clean.values(), quality])
    logarithmic = table["scale"] == "log"
    values[:, logarithmic] *= np.exp(off[:, logarithmic])
    values[:, ~logarithmic] += off[:, ~logarithmic]
    values = np.round(values / table["resolution"]) * table["resolution"]
    values[_lost(rng, day, n_days, len(names), p)] = np.nan
    return Measured(values, bias, pieces, scrap, clean["power"] * at.hours, drifts)


def _episodes(
    rng: np.random.Generator, per_year: float, n_days: int, shortest: int, longest: int
) -> tuple[np.ndarray, np.ndarray]:
    """First and end day of the episodes of one machine, their number a Poisson draw."""
    first = rng.integers(0, n_days, size=rng.poisson(per_year * n_days / DAYS_OF_A_YEAR))
    return first, first + rng.integers(shortest, longest + 1, size=len(first))


def _drifts(
    rng: np.random.Generator, day: np.ndarray, n_days: int, names: list[str], largest: np.ndarray,
    p: SimpleNamespace,
) -> tuple[np.ndarray, tuple[Drift, ...]]:  # fmt: skip
    f = p.sensor_faults
    bias, drifts = np.zeros((len(day), len(names))), []
    for first, end in zip(*_episodes(rng, f.drifts, n_days, f.drift_shortest, f.drift_longest), strict=True):
        column = int(rng.choice(np.flatnonzero(largest)))
        size = float(largest[column] * rng.uniform(0.3, 1.0) * rng.choice([-1.0, 1.0]))
        inside = (day >= first) & (day < end)
        bias[inside, column] += size * (day[inside] - first) / (end - first)
        drifts.append(Drift(names[column], int(first), int(end), size))
    return bias, tuple(drifts)


def _lost(
    rng: np.random.Generator, day: np.ndarray, n_days: int, n_sensors: int, p: SimpleNamespace
) -> np.ndarray:
    f = p.sensor_faults
    lost = rng.random((n_days, n_sensors))[day] < f.missing
    first, end = _episodes(rng, f.dropouts, n_days, f.dropout_shortest, f.dropout_longest)
    for start, stop, column in zip(first, end, rng.integers(0, n_sensors, size=len(first)), strict=True):
        lost[(day >= start) & (day < stop), column] = True
    return lost


def _production(
    rng: np.random.Generator, flow: np.ndarray, at: Conditions, wear: np.ndarray, day: np.ndarray,
    n_days: int, p: SimpleNamespace,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Pieces, rejected pieces and their share (%); the count of rejects is a binomial in its normal limit."""
    q = p.production
    crack, seal, winding = wear.T
    usual = np.log(q.scrap / (1 - q.scrap)) + q.scrap_sd * rng.standard_normal()
    material = q.scrap_noise * memory_noise(rng.standard_normal(n_days), q.scrap_memory)[day]
    odds = usual + material + q.scrap_seal * seal + q.scrap_crack * crack
    odds = odds + q.scrap_winding * physics.insulation_effect(winding, p)
    chance = 1 / (1 + np.exp(-odds))
    noise = rng.standard_normal((n_days, 2))[day]
    pieces = np.round(q.pieces * at.hours * flow / p.hydraulics.flow * (1 + q.noise * noise[:, 0]))
    spread = np.sqrt(pieces * chance * (1 - chance))
    scrap = np.clip(np.round(pieces * chance + spread * noise[:, 1]), 0, pieces)
    return pieces.astype(np.int64), scrap.astype(np.int64), 100 * scrap / np.maximum(pieces, 1)

"""How the machines of the fleet wear, fail and are repaired: one loop over the days, all machines together.

`simulator_physics` holds the equations, `simulator_plant` all that is imposed and every random draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from predictive_maintenance.data import simulator_physics as physics
from predictive_maintenance.data.simulator_physics import MECHANISMS
from predictive_maintenance.data.simulator_plant import Plant, speed_ratio


class LifeEnd(NamedTuple):
    """One end of a life; `reason` is failure or preventive, `mechanism` the index of what failed, or -1."""

    day: int
    machine: int
    life: int
    age: int
    reason: str
    mechanism: int


@dataclass(frozen=True)
class WearHistory:
    """What the loop over the days leaves. A machine that stands has life -1 on that day.

    Parameters
    ----------
    life, age : ndarray of int, shape (n_days, n_machines)
        Number of the life, and days of production since it began.
    wear : ndarray, shape (n_days, n_machines, 3)
        At the end of the day, in the order of `MECHANISMS`.
    ends : tuple of LifeEnd
        In the order of time.
    """

    life: np.ndarray
    age: np.ndarray
    wear: np.ndarray
    ends: tuple[LifeEnd, ...]


class Stress(NamedTuple):
    """Stress of each day and machine with new parts, shape (n_days, n_machines).

    `margin` NPSH; `bearing` load, with its value at the machine's duty in `duty_bearing`; `seal` pressure and
    speed over those at duty; `heat` of the winding above that at duty (K); `hours` over those of a usual day.
    """

    margin: np.ndarray
    bearing: np.ndarray
    duty_bearing: np.ndarray
    seal: np.ndarray
    heat: np.ndarray
    hours: np.ndarray


def stress_with_new_parts(plant: Plant, p: SimpleNamespace) -> Stress:
    """Stress of all days and machines before any wear; what wear adds comes in `wear_of_a_day`.

    Parameters
    ----------
    plant : Plant
        All that is imposed.
    p : SimpleNamespace
        See `simulator_physics.load_parameters`.

    Examples
    --------
    >>> from predictive_maintenance.data.simulator_plant import draw_plant
    >>> p = physics.load_parameters()
    >>> plant = draw_plant(2, 0, p, n_sites=1, days=300, mechanisms=MECHANISMS)
    >>> stress_with_new_parts(plant, p).margin.shape == plant.flow.shape
    True
    """
    point = physics.pump(plant.flow, plant.speed, 0.0, p)
    heat = plant.ambient + physics.winding_rise(physics.motor(point.shaft_power, p).current, plant.speed, p)
    duty_speed = speed_ratio(plant.duty, plant.variable_speed, p)
    duty = physics.pump(plant.duty, duty_speed, 0.0, p)
    duty_heat = plant.climate + physics.winding_rise(
        physics.motor(duty.shaft_power, p).current, duty_speed, p
    )
    return Stress(
        margin=physics.npsh_margin(plant.flow, plant.speed, plant.tank, plant.fluid, p),
        bearing=physics.bearing_load(point, plant.speed, p),
        duty_bearing=physics.bearing_load(duty, duty_speed, p),
        seal=point.head * plant.speed / (duty.head * duty_speed),
        heat=heat - duty_heat,
        hours=plant.hours / p.maintenance.hours,
    )


def wear_of_a_day(day: int, wear: np.ndarray, stress: Stress, plant: Plant, p: SimpleNamespace) -> np.ndarray:
    """Expected growth of the three wears in one day of production at nominal rates.

    Parameters
    ----------
    day : int
        Calendar day.
    wear : ndarray, shape (n_machines, 3)
        So far, in the order of `MECHANISMS`.
    stress : Stress
        From `stress_with_new_parts`.
    plant : Plant
        All that is imposed.
    p : SimpleNamespace
        See `simulator_physics.load_parameters`.

    Returns
    -------
    ndarray, shape (n_machines, 3)
        Growth of the wear.

    Examples
    --------
    >>> from predictive_maintenance.data.simulator_plant import draw_plant
    >>> p = physics.load_parameters()
    >>> plant = draw_plant(2, 0, p, n_sites=1, days=300, mechanisms=MECHANISMS)
    >>> growth = wear_of_a_day(0, np.full((2, 3), 0.5), stress_with_new_parts(plant, p), plant, p)
    >>> bool((growth > 0).all())
    True
    """
    crack, seal, winding = wear.T
    bubbles = physics.cavitation(stress.margin[day], seal, p)
    load = (stress.bearing[day] + p.bearing.load_cavitation * bubbles) / stress.duty_bearing
    revolutions = plant.speed[day] / speed_ratio(plant.duty, plant.variable_speed, p)
    paris = 2 * (p.bearing.first_crack ** (1 - p.bearing.crack_exponent) - 1) / p.bearing.life
    heat = stress.heat[day] + p.motor.winding_heat * physics.insulation_effect(winding, p)
    heat = heat + p.motor.bearing_heat * crack
    growth = np.empty_like(wear)
    growth[:, 0] = paris * revolutions * load**p.bearing.load_exponent * crack**p.bearing.crack_exponent
    growth[:, 1] = stress.seal[day] * (1 + p.seal.cavitation * bubbles) / p.seal.life
    growth[:, 2] = np.exp2(heat / p.winding.halving) / p.winding.life
    return growth * stress.hours[day][:, None]


def run_wear(plant: Plant, interval: np.ndarray, p: SimpleNamespace, *, follow: bool = True) -> WearHistory:
    """Let all machines run, fail and be repaired.

    Parameters
    ----------
    plant : Plant
        All that is imposed.
    interval : ndarray, shape (n_machines,)
        Interval of the preventive replacement (days of production); infinite where a machine runs to failure.
    p : SimpleNamespace
        See `simulator_physics.load_parameters`.
    follow : bool
        After the record, follow the lives that still run until they fail, without preventive replacement.

    Returns
    -------
    WearHistory
        Wear, lives and their ends.

    Examples
    --------
    >>> from predictive_maintenance.data.simulator_plant import draw_plant
    >>> p = physics.load_parameters()
    >>> plant = draw_plant(2, 0, p, n_sites=1, days=300, mechanisms=("seal",))
    >>> {MECHANISMS[end.mechanism] for end in run_wear(plant, np.full(2, np.inf), p).ends}
    {'seal'}
    """
    stress, every = stress_with_new_parts(plant, p), np.arange(plant.n_machines)
    fresh = np.array([p.bearing.first_crack, 0.0, 0.0])
    wear = np.tile(fresh, (plant.n_machines, 1))
    number, age, down = np.zeros((3, plant.n_machines), dtype=np.int64)
    rate, limit = plant.rate[:, 0].copy(), plant.threshold[:, 0].copy()
    planned = np.maximum(plant.schedule * interval[:, None], p.maintenance.shortest_life)
    due_age = planned[:, 0].copy()
    n_days = len(plant.dates) if follow else plant.horizon
    lives, ages = np.full((2, n_days, plant.n_machines), -1, dtype=np.int32)
    wears = np.zeros((n_days, plant.n_machines, 3))
    active, ends = np.ones(plant.n_machines, dtype=bool), []
    for day in range(n_days):
        if day == plant.horizon:
            active, due_age = age > 0, np.full(plant.n_machines, np.inf)
        if not active.any():
            break
        works = plant.produces[day] & (down <= 0) & active & (day >= plant.start)
        down -= 1
        wear = wear + wear_of_a_day(day, wear, stress, plant, p) * rate * plant.shock[day] * works[:, None]
        age += works
        lives[day], ages[day], wears[day] = np.where(works, number, -1), age, wear
        over = wear >= limit
        failed = works & over.any(axis=1)
        for m in every[failed | (works & (age >= due_age))]:
            first = int(np.argmax(wear[m] / limit[m])) if failed[m] else -1
            reason = "failure" if failed[m] else "preventive"
            ends.append(LifeEnd(day, int(m), int(number[m]), int(age[m]), reason, first))
            wear[m] = repaired(wear[m], first, p)
            number[m], age[m] = number[m] + 1, 0
            down[m] = p.maintenance.failure_days if failed[m] else p.maintenance.preventive_days
            active[m] = day < plant.horizon
            life = number[m] % plant.rate.shape[1]
            rate[m], limit[m], due_age[m] = plant.rate[m, life], plant.threshold[m, life], planned[m, life]
    return WearHistory(lives, ages, wears, tuple(ends))


def repaired(wear: np.ndarray, failed: int, p: SimpleNamespace) -> np.ndarray:
    """Wear after maintenance: what failed is replaced, the rest is cleaned.

    Parameters
    ----------
    wear : ndarray, shape (3,)
        Before, in the order of `MECHANISMS`.
    failed : int
        Index of the failed mechanism; -1 for a preventive replacement of bearing and seal.
    p : SimpleNamespace
        See `simulator_physics.load_parameters`.

    Examples
    --------
    >>> p = physics.load_parameters()
    >>> repaired(np.array([0.43, 1.0, 0.4]), 1, p).round(3).tolist()
    [0.11, 0.0, 0.08]
    >>> repaired(np.array([0.43, 0.5, 0.4]), -1, p).round(3).tolist()
    [0.03, 0.0, 0.08]
    """
    fresh = np.array([p.bearing.first_crack, 0.0, 0.0])
    left = fresh + p.maintenance.kept * (wear - fresh)
    replaced = [failed] if failed >= 0 else [MECHANISMS.index("bearing"), MECHANISMS.index("seal")]
    left[replaced] = fresh[replaced]
    return left

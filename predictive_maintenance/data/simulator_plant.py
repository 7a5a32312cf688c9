"""What is imposed on the machines of the fleet: calendar, demand, weather, and the quality of their parts.

Everything random is drawn before any machine runs, machine by machine, each from its own stream
(`numpy.random.SeedSequence` with the machine's number as spawn key): machine 7 is the same in a fleet of 10
and of 60.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from scipy.signal import lfilter

from predictive_maintenance.data.simulator_physics import MECHANISMS

_SITE, _MACHINE = 0, 1  # first part of the spawn keys


@dataclass(frozen=True)
class Plant:
    """What the sites and machines were given, before any of them runs. Axes: day (calendar), machine, life.

    Parameters
    ----------
    dates : ndarray of datetime64[D], shape (n_days,)
        The calendar, longer than the record so that running lives can be followed to their failure.
    horizon : int
        Days of the record.
    site, start : ndarray of int, shape (n_machines,)
        Site and first day of each machine.
    produces : ndarray of bool, shape (n_days, n_machines)
        Whether the site works on that day.
    hours, flow, speed, ambient : ndarray, shape (n_days, n_machines)
        Imposed: running hours (h), demanded flow and speed (shares of nominal), air (degC).
    tank, fluid : ndarray, shape (n_days, n_machines)
        Nobody measures them: suction pressure at no flow (bar gauge), temperature of the water (degC).
    variable_speed : ndarray of bool, shape (n_machines,)
        Machines with a frequency converter.
    rate : ndarray, shape (n_machines, n_lives, 3)
        Wear rate of each mechanism, 1 for the nominal life; 0 for a mechanism that is switched off.
    threshold : ndarray, shape (n_machines, n_lives, 3)
        Wear at which the life ends.
    schedule : ndarray, shape (n_machines, n_lives)
        Age of the preventive replacement as a share of the interval, drawn without any look at the wear.
    shock : ndarray, shape (n_days, n_machines, 3)
        Daily gamma increments with mean 1.
    duty : ndarray, shape (n_machines,)
        Mean demanded flow: parts are chosen for it.
    climate : ndarray, shape (n_machines,)
        Mean air temperature of the site (degC).
    """

    dates: np.ndarray
    horizon: int
    site: np.ndarray
    start: np.ndarray
    produces: np.ndarray
    hours: np.ndarray
    flow: np.ndarray
    speed: np.ndarray
    ambient: np.ndarray
    tank: np.ndarray
    fluid: np.ndarray
    variable_speed: np.ndarray
    rate: np.ndarray
    threshold: np.ndarray
    schedule: np.ndarray
    shock: np.ndarray
    duty: np.ndarray
    climate: np.ndarray

    @property
    def n_machines(self) -> int:
        """Number of machines."""
        return len(self.site)


def memory_noise(white: np.ndarray, memory: float) -> np.ndarray:
    """Autoregressive noise of order one and variance 1 from white noise, along the first axis.

    Examples
    --------
    >>> memory_noise(np.array([1.0, 0.0, 0.0]), 0.5).tolist()
    [1.0, 0.5, 0.25]
    """
    scaled = np.array(white, dtype=float)
    scaled[1:] *= np.sqrt(1 - memory**2)
    return lfilter([1.0], [1.0, -memory], scaled, axis=0)


def draw_plant(
    n_machines: int, seed: int, p: SimpleNamespace, *, n_sites: int, days: int, mechanisms: tuple[str, ...]
) -> Plant:
    """Draw sites, machines, demand and weather.

    Parameters
    ----------
    n_machines, seed : int
        Machine ``m`` stands on site ``m % n_sites``; its draws depend on `seed` and ``m`` alone.
    p : SimpleNamespace
        See `simulator_physics.load_parameters`.
    n_sites, days : int
        Number of sites; calendar days of the record.
    mechanisms : tuple of str
        The mechanisms that are at work, of `MECHANISMS`.

    Returns
    -------
    Plant
        All that is imposed.

    Examples
    --------
    >>> from predictive_maintenance.data.simulator_physics import load_parameters
    >>> plant = draw_plant(4, 0, load_parameters(), n_sites=2, days=300, mechanisms=MECHANISMS)
    >>> plant.site.tolist(), str(plant.dates[0])
    ([0, 1, 0, 1], '2024-01-01')
    """
    total = days + p.calendar.margin_days
    dates = np.datetime64(p.calendar.first_day, "D") + np.arange(total)
    sites = [_draw_site(dates, seed, number, p) for number in range(n_sites)]
    active = np.isin(MECHANISMS, mechanisms)
    machines = [_draw_machine(dates, days, seed, m, sites[m % n_sites], active, p) for m in range(n_machines)]
    daily = ("produces", "hours", "flow", "speed", "ambient", "tank", "fluid", "shock")
    columns = {
        name: np.stack([machine[name] for machine in machines], axis=1 if name in daily else 0)
        for name in machines[0]
    }
    return Plant(dates=dates, horizon=days, site=np.arange(n_machines) % n_sites, **columns)


def _draw_site(dates: np.ndarray, seed: int, number: int, p: SimpleNamespace) -> dict:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_SITE, number)))
    c, w = p.calendar, p.climate
    year_day = (dates - dates.astype("datetime64[Y]")).astype(int) + 1
    weekday = (dates.astype(int) + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    closure = c.summer_closure_days[number % len(c.summer_closure_days)]
    summer = (year_day >= c.summer_closure_day) & (year_day < c.summer_closure_day + closure)
    produces = (weekday < c.working_days[number % len(c.working_days)]) & ~summer
    produces &= year_day <= c.winter_closure_day
    season = np.cos(2 * np.pi * (year_day - 15) / 365.25)
    weather = w.weather_sd * memory_noise(rng.standard_normal(len(dates)), w.weather_memory)
    mean = float(w.mean[number % len(w.mean)])
    shifts = c.shifts[number % len(c.shifts)] - (weekday >= 5)
    return {
        "produces": produces,
        "climate": mean,
        "ambient": mean - w.season * season + weather,
        "hours": shifts * c.shift_hours,
        "demand": (1 + p.demand.season * np.cos(2 * np.pi * (year_day - 290) / 365.25))
        * np.where(weekday >= 5, p.demand.saturday, 1.0),
    }


def _draw_machine(
    dates: np.ndarray, days: int, seed: int, number: int, site: dict, active: np.ndarray, p: SimpleNamespace
) -> dict:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_MACHINE, number)))
    n, d, s, m = len(dates), p.demand, p.spread, p.maintenance
    n_lives = days // m.shortest_life + 3
    duty = rng.uniform(d.base_low, d.base_high)
    variable = bool(rng.random() < d.variable_speed_share)
    machine_rate = s.machine * rng.standard_normal(3)
    life_rate = s.life * np.clip(rng.standard_normal((n_lives, 3)), -s.clip, s.clip)
    threshold = np.exp(s.threshold * np.clip(rng.standard_normal((n_lives, 3)), -s.clip, s.clip))
    rate = np.exp(np.clip(machine_rate, -s.clip * s.machine, s.clip * s.machine) + life_rate) * active
    lengths = rng.integers(d.campaign_shortest, d.campaign_longest + 1, size=n // d.campaign_shortest + 1)
    campaign = np.repeat(d.campaign_sd * rng.standard_normal(len(lengths)), lengths)[:n]
    noise = rng.standard_normal((n, 4))
    daily = d.noise * memory_noise(noise[:, 0], d.memory)
    flow = np.clip(duty * site["demand"] * (1 + campaign + daily), d.lowest, d.highest)
    tank = p.hydraulics.suction_sd * memory_noise(noise[:, 1], p.hydraulics.suction_memory)
    fluid = p.climate.fluid_sd * memory_noise(noise[:, 2], p.climate.fluid_memory)
    return {
        "start": int(rng.integers(0, p.calendar.start_spread)),
        "produces": site["produces"],
        "hours": site["hours"] * (1 - p.calendar.stoppages * rng.random(n)),
        "flow": flow,
        "speed": speed_ratio(flow, variable, p) * (1 + d.speed_noise * noise[:, 3]),
        "ambient": site["ambient"],
        "tank": p.hydraulics.suction_pressure + tank,
        "fluid": p.climate.fluid_temperature + fluid,
        "variable_speed": variable,
        "rate": rate,
        "threshold": threshold,
        "schedule": rng.uniform(m.schedule_low, m.schedule_high, n_lives),
        "shock": rng.gamma(s.gamma_shape, 1 / s.gamma_shape, (n, 3)),
        "duty": duty,
        "climate": site["climate"],
    }


def speed_ratio(flow: np.ndarray, variable: np.ndarray | bool, p: SimpleNamespace) -> np.ndarray:
    """Speed as a share of nominal: follows the flow with a frequency converter, else nominal.

    Examples
    --------
    >>> from predictive_maintenance.data.simulator_physics import load_parameters
    >>> speed_ratio(np.array([0.8, 0.8]), np.array([True, False]), load_parameters()).tolist()
    [0.9, 1.0]
    """
    floor = p.demand.variable_speed_floor
    return np.where(variable, floor + (1 - floor) * flow, 1.0)

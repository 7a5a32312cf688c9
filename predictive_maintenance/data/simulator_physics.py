r"""Equations of a centrifugal pump with an induction motor, and how its three parts wear.

Hydraulics, with :math:`q` the flow and :math:`\nu` the speed, both as shares of their nominal values:

- head :math:`H = a\nu^2 - (a-1)q_i^2`, efficiency a parabola in :math:`q_i/\nu`, so the affinity laws hold:
  flow goes with the speed, head with its square, power with its cube (any pump textbook, e.g. Gülich,
  *Centrifugal Pumps*);
- NPSH available :math:`(p_s + p_{atm} - p_v(T))/(\rho g)` against NPSH required; what the margin lacks is
  called the intensity of cavitation (ANSI/HI 9.6.1 on margins; vapour pressure of water by Antoine's
  equation).

Motor: losses with the square of the load, current from power and power factor, temperature rise of the
winding with the square of the current (IEC 60034-1 for the limits of the rise).

Wear, each with its own signature, and coupled:

- bearing: crack growth :math:`da/dN \sim (P \sqrt{a})^3` (Paris and Erdogan 1963), load exponent 3 as in
  the basic rating life of ball bearings (ISO 281). Raises the bearing band of the vibration and the bearing
  temperature;
- seal and wear rings: wear with pressure times sliding distance (Archard 1953), faster under cavitation.
  Costs head and flow, needs more NPSH, so cavitates and shakes at low frequency; this in turn loads the
  bearing;
- winding insulation: each 10 K halve the life (Montsinger 1930). Raises leakage current, unbalance and the
  temperature of the winding itself, with the exponential shape of Saxena et al. 2008; a hot bearing heats
  the winding.

Values, units and their sources are in ``fleet.yaml``. All functions take scalars or arrays of one shape.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import yaml

from usecases.families import check_family, draw_sections

MECHANISMS = ("bearing", "seal", "winding")
PARAMETER_FILE = Path(__file__).with_name("fleet.yaml")
_NOT_VALUES = ("version", "families", "sensors")


@lru_cache(maxsize=1)
def _parameter_table() -> dict:
    return yaml.safe_load(PARAMETER_FILE.read_text(encoding="utf-8"))


def parameter_hash() -> str:
    """Sha256 of the parameter file's content, whatever its line ends or comments.

    Examples
    --------
    >>> len(parameter_hash())
    64
    """
    text = json.dumps(_parameter_table(), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def load_parameters(family: str = "default", seed: int = 0) -> SimpleNamespace:
    """Read the parameters, or draw a set of them around the default.

    Parameters
    ----------
    family : str
        ``default``; ``varied``, a log-normal draw around the default for each seed; ``held_out``, another
        and wider family that must never be used while a method is developed (DESIGN, section 5).
    seed : int
        Seed of the draw; without effect for ``default``.

    Returns
    -------
    SimpleNamespace
        ``parameters.section.name`` holds the value; ``sensors`` is the table of sensors; ``version``.

    Raises
    ------
    UserError
        If there is no such family.

    Examples
    --------
    >>> load_parameters().bearing.load_exponent
    3.0
    >>> load_parameters("varied", 1).seal.life == load_parameters("varied", 2).seal.life
    False
    """
    table = _parameter_table()
    check_family(table, family)
    number = list(table["families"]).index(family)
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(3, number)))
    sections = draw_sections(table, family, rng, leave_out=_NOT_VALUES)
    return SimpleNamespace(version=table["version"], family=family, sensors=table["sensors"], **sections)


class PumpPoint(NamedTuple):
    """Where the pump runs: delivered and internal flow and head as shares of nominal, shaft power (kW)."""

    delivered: np.ndarray
    internal: np.ndarray
    head: np.ndarray
    shaft_power: np.ndarray


class MotorPoint(NamedTuple):
    """Where the motor runs: electric power (kW), power factor, current (A)."""

    power: np.ndarray
    power_factor: np.ndarray
    current: np.ndarray


def pump(flow: np.ndarray, speed: np.ndarray, seal_wear: np.ndarray, p: SimpleNamespace) -> PumpPoint:
    """Head and shaft power of a pump at a demanded flow.

    Parameters
    ----------
    flow, speed : ndarray
        Demanded flow and speed, as shares of their nominal values.
    seal_wear : ndarray
        0 is new, about 1 the end of life.
    p : SimpleNamespace
        See `load_parameters`.

    Returns
    -------
    PumpPoint
        At the same shape.

    Examples
    --------
    >>> p = load_parameters()
    >>> slow, fast = pump(0.4, 0.5, 0.0, p), pump(0.8, 1.0, 0.0, p)
    >>> round(fast.shaft_power / slow.shaft_power, 6), round(fast.head / slow.head, 6)
    (8.0, 4.0)
    """
    h = p.hydraulics
    delivered = flow * (1 - h.flow_loss * seal_wear)
    internal = delivered + h.recirculation * seal_wear * speed
    head = (h.shutoff_head * speed**2 - (h.shutoff_head - 1) * internal**2) * (1 - h.head_loss * seal_wear)
    efficiency = h.efficiency * (1 - h.efficiency_curvature * (internal / speed - 1) ** 2)
    efficiency = efficiency * (1 - h.efficiency_loss * seal_wear)
    hydraulic = h.density * h.gravity * h.flow * h.head * delivered * head / 3.6e6
    return PumpPoint(delivered, internal, head, hydraulic / efficiency)


def suction(flow: np.ndarray, tank: np.ndarray, p: SimpleNamespace) -> np.ndarray:
    """Suction pressure behind strainer and pipe, from the pressure `tank` at no flow (both bar gauge).

    Examples
    --------
    >>> round(suction(1.0, 0.35, load_parameters()), 2)
    0.2
    """
    return tank - p.hydraulics.suction_loss * flow**2


def npsh_margin(
    flow: np.ndarray, speed: np.ndarray, tank: np.ndarray, fluid_temperature: np.ndarray, p: SimpleNamespace
) -> np.ndarray:
    """NPSH available over NPSH required of a pump with a new seal.

    Parameters
    ----------
    flow, speed : ndarray
        Shares of nominal.
    tank : ndarray
        Pressure of the tank (bar gauge).
    fluid_temperature : ndarray
        Temperature of the water (degC).
    p : SimpleNamespace
        See `load_parameters`.

    Examples
    --------
    >>> p = load_parameters()
    >>> bool(npsh_margin(0.8, 1.0, 0.35, 60.0, p) < npsh_margin(0.8, 1.0, 0.35, 30.0, p))
    True
    """
    h = p.hydraulics
    vapour = 10 ** (8.07131 - 1730.63 / (233.426 + fluid_temperature)) * 133.322e-5  # Antoine, mmHg to bar
    available = (suction(flow, tank, p) + h.atmosphere - vapour) * 1e5 / (h.density * h.gravity)
    required = h.npsh_required * (h.npsh_speed_part * speed**2 + (1 - h.npsh_speed_part) * flow**2)
    return available / required


def cavitation(margin: np.ndarray, seal_wear: np.ndarray, p: SimpleNamespace) -> np.ndarray:
    """Intensity of cavitation: 0 with margin enough, 1 when `npsh_range` of the margin is missing.

    Examples
    --------
    >>> p = load_parameters()
    >>> float(cavitation(2.0, 0.0, p)), bool(cavitation(2.0, 1.0, p) > 0.3)
    (0.0, True)
    """
    h = p.hydraulics
    return np.maximum(h.npsh_margin - margin / (1 + h.npsh_wear * seal_wear), 0.0) / h.npsh_range


def motor(shaft_power: np.ndarray, p: SimpleNamespace) -> MotorPoint:
    """Electric side of an induction motor.

    Parameters
    ----------
    shaft_power : ndarray
        Mechanical power asked (kW).
    p : SimpleNamespace
        See `load_parameters`.

    Examples
    --------
    >>> point = motor(30.0, load_parameters())
    >>> round(point.power, 1), float(round(point.power_factor, 2)), round(point.current)
    (32.4, 0.87, 54)
    """
    m = p.motor
    load = shaft_power / m.rated_power
    power = shaft_power + m.rated_power * (m.fixed_loss + m.copper_loss * load**2)
    power_factor = m.power_factor * load / np.sqrt(load**2 + m.magnetising**2)
    return MotorPoint(power, power_factor, power * 1e3 / (np.sqrt(3.0) * m.voltage * power_factor))


def winding_rise(current: np.ndarray, speed: np.ndarray, p: SimpleNamespace) -> np.ndarray:
    """Temperature rise of a healthy winding over the ambient air (K), with the square of the current.

    Examples
    --------
    >>> p = load_parameters()
    >>> winding_rise(p.motor.rated_current, 1.0, p)
    75.0
    """
    return p.motor.rise * (current / p.motor.rated_current) ** 2 / speed**p.motor.cooling


def insulation_effect(damage: np.ndarray, p: SimpleNamespace) -> np.ndarray:
    """What an aged insulation shows: 0 when new, 1 at full damage, exponential between.

    Examples
    --------
    >>> p = load_parameters()
    >>> float(insulation_effect(0.0, p)), float(insulation_effect(1.0, p))
    (0.0, 1.0)
    """
    return np.expm1(p.winding.effect_rate * damage) / np.expm1(p.winding.effect_rate)


def bearing_load(point: PumpPoint, speed: np.ndarray, p: SimpleNamespace) -> np.ndarray:
    """Load of the bearing without cavitation, in parts of a duty load: weight, torque, radial thrust.

    Examples
    --------
    >>> p = load_parameters()
    >>> at_best, off_best = pump(1.0, 1.0, 0.0, p), pump(0.5, 1.0, 0.0, p)
    >>> bool(bearing_load(off_best, 1.0, p) > bearing_load(at_best, 1.0, p))
    True
    """
    torque = point.shaft_power / p.motor.rated_power / speed
    off_point = np.abs(point.internal / speed - 1)
    return p.bearing.load_static + (1 - p.bearing.load_static) * torque + p.bearing.load_off_point * off_point

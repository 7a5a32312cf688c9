"""The generated fleet: its parameters, its equations, and the signature of each mechanism."""

import re

import numpy as np
import pytest
import yaml

from predictive_maintenance.data import simulator_physics as physics
from predictive_maintenance.data.simulator import MECHANISMS, simulate_fleet
from predictive_maintenance.data.simulator_plant import draw_plant
from predictive_maintenance.data.simulator_sensors import Conditions, clean_values
from predictive_maintenance.data.simulator_wear import repaired, stress_with_new_parts, wear_of_a_day

# A version of the generator is frozen: new values want a new version and a new line here.
FROZEN = {"1.0": "b3506211cf14b5898ffd75aec86a75ed4cd67dba53d2edfeffc6960c8b58d817"}


@pytest.fixture(scope="module")
def record():
    return simulate_fleet(24, seed=3, run_on=True)


# --- parameters -------------------------------------------------------------------------------------------


def test_every_value_has_unit_and_source():
    table = yaml.safe_load(physics.PARAMETER_FILE.read_text(encoding="utf-8"))
    for family in table["families"].values():
        assert family["source"]
    for name, sensor in table["sensors"].items():
        assert sensor["source"], name
        assert sensor["unit"], name
    sections = {k: v for k, v in table.items() if k not in ("version", "families", "sensors")}
    assert len(sections) > 10
    for section, entries in sections.items():
        for name, entry in entries.items():
            assert set(entry) <= {"value", "unit", "source", "vary"}, f"{section}.{name}"
            assert entry["unit"], f"{section}.{name}"
            assert len(entry["source"]) > 6, f"{section}.{name}"


def test_every_value_is_used():
    code = "".join(p.read_text(encoding="utf-8") for p in physics.PARAMETER_FILE.parent.glob("*.py"))
    table = yaml.safe_load(physics.PARAMETER_FILE.read_text(encoding="utf-8"))
    for section in set(table) - {"version", "families", "sensors"}:
        for name in table[section]:
            assert re.search(rf"\b\w+\.{name}\b", code), f"{section}.{name} changes nothing"


def test_generator_is_frozen():
    assert FROZEN[physics.load_parameters().version] == physics.parameter_hash()


def test_families_draw_around_the_default():
    default, one, two = (
        physics.load_parameters(family, seed)
        for family, seed in (("default", 1), ("varied", 1), ("varied", 2))
    )
    assert one.bearing.life not in (default.bearing.life, two.bearing.life)
    assert 0.7 < one.bearing.life / default.bearing.life < 1.4
    assert one.bearing.load_exponent == default.bearing.load_exponent
    assert physics.load_parameters("held_out", 1).bearing.life != one.bearing.life


# --- physics ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wear", [0.0, 0.7])
@pytest.mark.parametrize("ratio", [0.6, 0.9])
def test_affinity_laws(wear, ratio):
    p = physics.load_parameters()
    flow = np.linspace(0.4, 1.1, 8)
    full, slow = physics.pump(flow, 1.0, wear, p), physics.pump(flow * ratio, ratio, wear, p)
    np.testing.assert_allclose(slow.internal / full.internal, ratio, rtol=1e-12)
    np.testing.assert_allclose(slow.head / full.head, ratio**2, rtol=1e-12)
    np.testing.assert_allclose(slow.shaft_power / full.shaft_power, ratio**3, rtol=1e-12)


def test_montsinger_and_iso_281():
    p = physics.load_parameters()
    assert (p.winding.halving, p.bearing.load_exponent) == (10.0, 3.0)
    plant = draw_plant(6, 0, p, n_sites=1, days=300, mechanisms=MECHANISMS)
    stress, wear = stress_with_new_parts(plant, p), np.tile([0.1, 0.2, 0.0], (6, 1))
    # 10 K more age the winding twice as fast, and nothing else.
    cool = wear_of_a_day(50, wear, stress, plant, p)
    warm = wear_of_a_day(50, wear, stress._replace(heat=stress.heat + 10.0), plant, p)
    np.testing.assert_allclose(warm / cool, np.tile([1.0, 1.0, 2.0], (6, 1)))
    # Without cavitation the load of the bearing acts with its third power.
    calm = stress._replace(margin=stress.margin + 10)
    heavy = calm._replace(bearing=2 * calm.bearing)
    gain = wear_of_a_day(50, wear, heavy, plant, p) / wear_of_a_day(50, wear, calm, plant, p)
    np.testing.assert_allclose(gain[:, 0], 8.0)


def test_cavitation_couples_seal_and_bearing():
    p = physics.load_parameters()
    bubbles = physics.cavitation(2.2, np.array([0.0, 0.5, 1.0]), p)
    assert bubbles[0] == 0
    assert np.all(np.diff(bubbles) > 0)
    at = Conditions(*(np.full(2, x) for x in (24.0, 0.9, 1.0, 20.0, 0.35, 42.0)))
    new, worn = np.array([[0.03, 0, 0]]), np.array([[0.03, 1.0, 0]])
    shown = clean_values(at, np.vstack([new, worn]), p)
    assert np.all(np.diff([shown[n] for n in ("vibration_low", "vibration_high")], axis=1) > 0)
    assert np.all(np.diff([shown[n] for n in ("discharge_pressure", "flow")], axis=1) < 0)


OWN_SENSORS = {
    "bearing": {"vibration_bearing": 1, "bearing_temperature": 1, "vibration_high": 1},
    "seal": {"vibration_low": 1, "discharge_pressure": -1, "flow": -1},
    "winding": {"winding_temperature": 1, "current_unbalance": 1, "leakage_current": 1},
}
NOT_THEIRS = {
    "bearing": ("discharge_pressure", "flow", "current_unbalance", "leakage_current"),
    "seal": ("current_unbalance", "leakage_current"),
    "winding": ("vibration_low", "vibration_bearing", "vibration_high", "discharge_pressure", "flow"),
}


def noise_at_given_settings(record):
    """Standard deviation of each sensor of the first machine, beside what load, speed and weather explain."""
    mine = record.machine == 0
    explained = np.column_stack([record.settings[mine], np.ones(mine.sum())])
    noise = []
    for shown in record.sensors[mine].T:
        known = ~np.isnan(shown)
        weights = np.linalg.lstsq(explained[known], shown[known], rcond=None)[0]
        noise.append(np.std(shown[known] - explained[known] @ weights))
    return np.array(noise)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_each_mechanism_has_its_signature(mechanism):
    """Old against new on the same day, weather, noise and sensor: with the one mechanism and with none."""
    worn = simulate_fleet(12, seed=5, mechanisms=(mechanism,))
    idle = simulate_fleet(12, seed=5, mechanisms=())
    assert set(idle.life_reason) == {"running"}
    assert set(worn.truth.mechanism) == {mechanism}
    first_life = worn.life_number[worn.life] == 0
    old = first_life & (worn.truth.wear[:, MECHANISMS.index(mechanism)] > 0.8)
    assert old.sum() > 50
    key = {(m, d): row for row, (m, d) in enumerate(zip(idle.machine, idle.date, strict=True))}
    twin = np.array([key[pair] for pair in zip(worn.machine[old], worn.date[old], strict=True)])
    names = list(worn.sensor_units)
    change = np.nanmean(worn.sensors[old] - idle.sensors[twin], axis=0)
    moved = dict(zip(names, change / noise_at_given_settings(idle), strict=True))
    for sensor, sign in OWN_SENSORS[mechanism].items():
        assert sign * moved[sensor] > 1.0, (sensor, moved[sensor])
    for sensor in NOT_THEIRS[mechanism]:
        assert abs(moved[sensor]) < 0.1, (sensor, moved[sensor])


def test_wear_never_shrinks_and_maintenance_resets_it(record):
    inside = np.diff(record.life) == 0
    assert np.all(np.diff(record.truth.wear, axis=0)[inside] >= 0)
    next_life = ~inside & (np.diff(record.machine) == 0)
    before, after = record.truth.wear[:-1][next_life], record.truth.wear[1:][next_life]
    failed = np.array([MECHANISMS.index(record.truth.mechanism[i]) for i in record.life[:-1][next_life]])
    rows = np.arange(len(failed))
    assert len(failed) > 40
    assert np.all(before[rows, failed] > 0.8)
    assert np.all(after[rows, failed] < 0.15)
    assert np.all(after.sum(axis=1) < before.sum(axis=1))
    p = physics.load_parameters()
    assert repaired(np.array([0.5, 0.5, 0.5]), 2, p)[1] == pytest.approx(0.5 * p.maintenance.kept)


def test_all_mechanisms_fail_and_lives_are_as_said(record):
    counts = [record.truth.mechanism.count(name) for name in MECHANISMS]
    assert min(counts) > 0.15 * sum(counts)
    assert 80 < np.median(record.life_end) < 220
    assert record.life_end.max() < 500
    assert np.array_equal(record.life_end, record.truth.failure_age)


def test_scrap_grows_with_wear(record):
    worst = record.truth.wear.max(axis=1)
    share = [record.scrap[rows].sum() / record.pieces[rows].sum() for rows in (worst < 0.3, worst > 0.8)]
    assert share[1] > 1.3 * share[0]
    column = list(record.sensor_units).index("scrap_share")
    shown = record.sensors[:, column]
    known = ~np.isnan(shown)
    np.testing.assert_allclose(shown[known], (100 * record.scrap / record.pieces)[known], atol=6e-4)


def test_energy_is_power_times_hours(record):
    power = record.sensors[:, list(record.sensor_units).index("power")]
    hours = record.settings[:, list(record.setting_units).index("running_hours")]
    assert np.nanmedian(record.energy / (power * hours)) == pytest.approx(1.0, abs=0.02)

"""The generated fleet: its calendar, its log, its sensors, and what of it a method may see."""

import numpy as np
import pytest
from omegaconf import OmegaConf

from predictive_maintenance.data import simulator_physics as physics
from predictive_maintenance.data.fleet import Fleet, to_histories
from predictive_maintenance.data.simulator import MECHANISMS, simulate_fleet
from usecases.config import roots
from usecases.errors import UserError

CONFIGS = roots("predictive_maintenance", "rul")[0]
RECORD_ARRAYS = (
    "machine",
    "life",
    "date",
    "age",
    "sensors",
    "settings",
    "pieces",
    "scrap",
    "energy",
    "life_end",
)


@pytest.fixture(scope="module")
def record():
    return simulate_fleet(24, seed=3, run_on=True)


@pytest.fixture(scope="module")
def data():
    return Fleet().read(seed=0)


def same_bytes(one, other, names):
    return [getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in names]


# --- calendar, maintenance log, sensors ---------------------------------------------------------------------


def test_calendar(record):
    weekday = (record.date.astype(int) + 3) % 7
    week = {site: set(weekday[record.site[record.machine] == site]) for site in range(3)}
    assert [len(week[site]) for site in range(3)] == [6, 5, 7]
    august = (record.date >= np.datetime64("2024-08-05")) & (record.date <= np.datetime64("2024-08-07"))
    assert not august.any()


def test_age_counts_days_of_production(record):
    steps = np.diff(record.age)
    assert np.all(steps[np.diff(record.life) == 0] == 1)
    assert np.all(record.age[np.flatnonzero(np.diff(record.life, prepend=-1))] == 1)


def test_maintenance_log():
    record = simulate_fleet(12, seed=2, interval=120.0)
    assert set(record.life_reason) == {"failure", "preventive", "running"}
    replaced = [a for a in record.maintenance if a.action == "replace"]
    assert sum(a.reason == "failure" for a in replaced) == record.life_reason.count("failure")
    assert sum(a.reason == "preventive" for a in replaced) == 2 * record.life_reason.count("preventive")
    assert {a.component for a in record.maintenance if a.action == "recalibrate"} <= set(record.sensor_units)
    last = {(m, d) for m, d in zip(record.machine, record.date, strict=True)}
    assert all((a.machine, a.date) in last for a in replaced)


def test_preventive_age_does_not_look_at_the_wear():
    """The same interval planned on machines that cannot wear gives the same first replacement dates."""
    worn, idle = (simulate_fleet(12, seed=2, interval=90.0, mechanisms=m) for m in (MECHANISMS, ()))
    ends = [
        {m: end for m, n, end in zip(r.life_machine, r.life_number, r.life_end, strict=True) if n == 0}
        for r in (worn, idle)
    ]
    first = np.flatnonzero((worn.life_number == 0) & (np.array(worn.life_reason) == "preventive"))
    assert len(first) > 5
    assert all(ends[0][worn.life_machine[i]] == ends[1][worn.life_machine[i]] for i in first)


def test_missing_share_as_configured():
    record, f = simulate_fleet(60, seed=8), physics.load_parameters().sensor_faults
    length = (f.dropout_shortest + f.dropout_longest) / 2
    dropped = f.dropouts / 365.25 * length / record.sensors.shape[1]
    missing = np.isnan(record.sensors)
    assert missing.mean() == pytest.approx(f.missing + (1 - f.missing) * dropped, rel=0.1)
    runs = missing[1:] & missing[:-1] & (np.diff(record.machine) == 0)[:, None]
    assert runs.mean() > 10 * f.missing**2  # sensors stay silent: not only single values


def test_drifting_sensors_are_recorded_with_their_error(record):
    column = list(record.sensor_units).index("bearing_temperature")
    assert np.any(np.abs(record.truth.bias[:, column]) > 1)
    assert not record.truth.bias[:, list(record.sensor_units).index("power")].any()


def test_settings_are_complete(record):
    assert np.isfinite(record.settings).all()
    assert np.isfinite(to_histories(record).time).all()


# --- seeds --------------------------------------------------------------------------------------------------


def test_same_seed_same_bytes_other_seed_other_bytes():
    one, again, other = (simulate_fleet(8, seed=s, days=300) for s in (1, 1, 2))
    assert all(same_bytes(one, again, RECORD_ARRAYS))
    assert same_bytes(one.truth, again.truth, ["wear", "bias"]) == [True, True]
    assert not any(same_bytes(one, other, ["sensors", "settings", "pieces"]))
    a, b = Fleet(n_machines=8, days=300).read(4), Fleet(n_machines=8, days=300).read(4)
    assert all(same_bytes(a.inputs.test, b.inputs.test, ["unit", "time", "sensors", "settings"]))
    assert a.rul.tobytes() == b.rul.tobytes()


def test_a_machine_does_not_depend_on_the_size_of_the_fleet():
    small, large = simulate_fleet(8, seed=1, days=300), simulate_fleet(20, seed=1, days=300)
    mine, same = small.machine == 7, large.machine == 7
    for name in ("sensors", "settings", "date", "age", "scrap"):
        assert getattr(small, name)[mine].tobytes() == getattr(large, name)[same].tobytes()


# --- what a method sees -------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_machines", [8, 60])
@pytest.mark.parametrize("censored", [0.0, 0.1, 0.3, 0.7, 0.9])
def test_censored_share_is_met_to_the_nearest_life(n_machines, censored):
    data = Fleet(n_machines=n_machines, censored=censored).read(seed=1)
    failed = data.inputs.lives.failed
    assert np.sum(~failed) == round(censored * len(failed))
    assert data.description["n_failed"] == failed.sum()


def test_train_and_test_machines_are_apart(data):
    train, test = set(data.inputs.train.groups), set(data.inputs.test.groups)
    assert not train & test
    assert (len(train), len(test)) == (45, 15)


def test_truth_is_what_the_simulator_goes_on_to_do(data):
    """Test machines run to failure, so a fleet without preventive replacement holds the same lives whole."""
    whole = to_histories(simulate_fleet(60, seed=0, run_on=True))
    names = {name: unit for unit, name in enumerate(whole.unit_names)}
    test, edges = data.inputs.test, whole.bounds()
    assert len(data.rul) == test.n_units > 40
    for unit, rows in enumerate(test.slices()):
        first, end = edges[names[test.unit_names[unit]]], edges[names[test.unit_names[unit]] + 1]
        n = rows.stop - rows.start
        assert n >= 20
        assert data.rul[unit] == end - first - n > 0
        np.testing.assert_array_equal(test.sensors[rows], whole.sensors[first : first + n])


def test_lives_end_where_their_histories_end(data):
    train = data.inputs.train
    np.testing.assert_array_equal(train.time[train.last_rows()], data.inputs.lives.end)


def test_test_set_is_the_same_for_every_share_of_censored_lives(data):
    other = Fleet(censored=0.7).read(seed=0)
    assert same_bytes(other.inputs.test, data.inputs.test, ["unit", "sensors"]) == [True, True]
    np.testing.assert_array_equal(other.rul, data.rul)


def test_description(data):
    said = data.description
    assert (said["name"], said["kind"], said["cap"]) == ("fleet", "generated", 90.0)
    assert said["parameter_hash"] == physics.parameter_hash()
    assert said["n_lives"] == said["n_failed"] + said["n_preventive"] + said["n_running"]
    assert 0.01 < said["missing_share"] < 0.02


def test_protocol_is_applied():
    data = Fleet(n_machines=20, fold=1, max_groups=6).read(seed=0)
    assert len(set(data.inputs.train.groups)) == 6
    assert (data.description["fold"], data.description["max_groups"]) == (1, 6)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("n_machines", 7),
        ("n_machines", 20.5),
        ("censored", 0.95),
        ("censored", float("nan")),
        ("censored", "much"),
        ("n_sites", 0),
        ("test_share", 0.9),
        ("days", 10),
        ("cap", -1),
        ("max_groups", 1),
        ("fold", 9),
    ],
)
def test_wrong_value_gives_a_sentence(key, value):
    with pytest.raises(UserError) as error:
        Fleet(**{key: value})
    message = str(error.value)
    assert f"data.{key}={value}" in message
    assert "type" in message
    assert message.endswith(".")


def test_unknown_names_give_the_nearest():
    with pytest.raises(UserError, match="did you mean 'varied'"):
        Fleet(parameters="varyed")
    with pytest.raises(UserError, match="did you mean 'bearing'"):
        simulate_fleet(2, mechanisms=("bearings",))


def test_configuration_is_the_default():
    config = OmegaConf.to_container(OmegaConf.load(CONFIGS / "data" / "fleet.yaml"))
    assert config.pop("_target_") == f"{Fleet.__module__}.{Fleet.__name__}"
    assert Fleet(**config) == Fleet()
    for name, share in (("fleet_censored", 0.7), ("fleet_complete", 0.0)):
        text = (CONFIGS / "experiment" / f"{name}.yaml").read_text(encoding="utf-8")
        assert text.startswith("# @package _global_")
        assert f"experiment={name}" in text
        assert OmegaConf.create(text).data.censored == share

"""C-MAPSS: facts of the published files, the shared protocol (folds, groups, shuffle), malformed files."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from predictive_maintenance.data.cmapss import SENSOR_NAMES, SENSOR_UNITS, Cmapss, read_histories, read_rul
from predictive_maintenance.data.protocol import (
    apply_protocol,
    hold_out,
    limit_groups,
    shuffle_sensors,
    take_fold,
    toy_data,
)
from predictive_maintenance.histories import Histories, Lives, RulData, RulInputs
from usecases.errors import UserError

# train units, train rows, test units, test rows, least and largest RUL, RMSE of a perfect predictor capped at 125:
# shared/data/cmapss/SOURCE.md
FACTS = {
    "FD001": (100, 20631, 100, 13096, 7, 145, 3.74),
    "FD002": (260, 53759, 259, 33991, 6, 194, 18.32),
    "FD003": (100, 24720, 100, 16596, 6, 145, 4.71),
}


# The published files


@pytest.mark.parametrize("subset", FACTS)
def test_counts_and_the_floor_of_a_capped_predictor(mirror, subset):
    data = Cmapss(subset=subset).read(seed=0)
    train, test, rul = data.inputs.train, data.inputs.test, data.rul
    floor = np.sqrt(np.mean((np.minimum(rul, 125.0) - rul) ** 2))
    found = (train.n_units, train.n_rows, test.n_units, test.n_rows, rul.min(), rul.max(), round(floor, 2))
    assert found == FACTS[subset]


def test_official_protocol(mirror):
    data = Cmapss().read(seed=0)
    train, lives, test = data.inputs.train, data.inputs.lives, data.inputs.test
    assert lives.failed.all()
    np.testing.assert_array_equal(lives.end, train.time[train.last_rows()])
    np.testing.assert_array_equal(lives.end, np.bincount(train.unit))  # cycles count from 1, without a gap
    assert train.time_unit == "cycles"
    assert train.sensors.shape == (20631, 21)
    assert train.settings.shape == (20631, 3)
    assert np.isfinite(train.sensors).all()
    assert not set(train.groups) & set(test.groups)
    assert len(set(train.unit_names + test.unit_names)) == 200
    # first row of train_FD001.txt, and last of RUL_FD001.txt
    assert train.settings[0].tolist() == [-0.0007, -0.0004, 100.0]
    assert train.sensors[0, :4].tolist() == [518.67, 641.82, 1589.7, 1400.6]
    assert data.rul[-1] == 20


def test_official_data_do_not_depend_on_the_seed(mirror):
    one, two = Cmapss().read(seed=1), Cmapss().read(seed=2)
    np.testing.assert_array_equal(one.inputs.train.sensors, two.inputs.train.sensors)
    np.testing.assert_array_equal(one.rul, two.rul)


def test_description_says_that_it_is_a_simulation_with_licence_and_citation(mirror):
    said = Cmapss(subset="FD003").read(seed=0).description
    assert said["kind"] == "simulated"
    assert "simulation" in said["nature"]["en"]
    assert "simulation" in said["nature"]["fr"]
    assert "Saxena" in said["citation"]
    assert said["licence"]
    assert (said["n_train_units"], said["n_test_units"], said["n_failures"]) == (100, 100, 100)
    assert (said["operating_conditions"], said["fault_modes"]) == (1, 2)


def test_every_sensor_has_a_unit():
    assert len(SENSOR_NAMES) == 21
    assert list(SENSOR_UNITS) == list(SENSOR_NAMES)
    assert SENSOR_UNITS["s2 (T24)"] == "°R"
    assert SENSOR_UNITS["s11 (Ps30)"] == "psia"
    assert SENSOR_UNITS["s21 (W32)"] == "lbm/s"


def test_largest_subset_is_read_within_a_second(mirror):
    Cmapss(subset="FD002").read(seed=0)  # the files are then in memory
    start = time.process_time()
    Cmapss(subset="FD002").read(seed=0)
    assert time.process_time() - start < 1.0


def test_folds_share_out_the_training_engines_and_leave_the_official_test_set(mirror):
    whole = Cmapss().read(seed=0).inputs.train.unit_names
    held = []
    for fold in range(5):
        data = Cmapss(fold=fold).read(seed=3)
        assert set(data.inputs.train.groups) | set(data.inputs.test.groups) == set(whole)
        assert not set(data.inputs.train.groups) & set(data.inputs.test.groups)
        held += data.inputs.test.unit_names
    assert sorted(held) == sorted(whole)


def test_absent_subset_says_where_to_get_it(mirror):
    if (mirror / "cmapss" / "train_FD004.txt").exists():
        pytest.skip("FD004 is in this mirror")
    with pytest.raises(UserError, match=r"train_FD004\.txt.*usecases data fetch cmapss"):
        Cmapss(subset="FD004").read(seed=0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"subset": "fd001"}, "did you mean 'FD001'"),
        ({"subset": "FD005"}, "allowed: FD001, FD002, FD003, FD004"),
        ({"cap": 0}, "data.cap"),
        ({"cap": float("nan")}, "data.cap"),
        ({"max_groups": 1}, "data.max_groups"),
        ({"fold": 5}, "from 0 to 4"),
        ({"fold": -1}, "from 0 to 4"),
    ],
)
def test_wrong_choice_is_refused_before_anything_is_read(wrong, said):
    with pytest.raises(UserError, match=said):
        Cmapss(**wrong)


def test_configuration_makes_the_default_source():
    import yaml

    from usecases.config import roots

    file = roots("predictive_maintenance", "rul")[0] / "data" / "cmapss.yaml"
    keys = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert keys.pop("_target_") == f"{Cmapss.__module__}.{Cmapss.__name__}"
    assert Cmapss(**keys) == Cmapss()
    assert set(keys) == set(Cmapss.__dataclass_fields__)


# The protocol that all sources share


def censored_data(failed, lives_per_group=1):
    """A toy of which some lives are censored, several lives to a group."""
    data = toy_data(n_units=len(failed))
    inputs = data.inputs
    groups = tuple(f"g{unit // lives_per_group}" for unit in range(len(failed)))
    lives = Lives(inputs.lives.end, np.array(failed))
    return replace(data, inputs=replace(inputs, train=replace(inputs.train, groups=groups), lives=lives))


@given(k=st.integers(0, 4), seed=st.integers(0, 99), lives_per_group=st.integers(1, 3))
def test_fold_separates_groups_and_its_truth_is_right(k, seed, lives_per_group):
    data = censored_data([True] * 20, lives_per_group)
    out = take_fold(data, k, seed)
    train, test = out.inputs.train, out.inputs.test
    assert not set(train.groups) & set(test.groups)
    assert set(train.groups) | set(test.groups) == set(data.inputs.train.groups)
    np.testing.assert_array_equal(out.rul, 40.0 - test.time[test.last_rows()])
    assert len(out.inputs.lives.end) == train.n_units
    assert out.inputs.cap == data.inputs.cap


@given(lengths=st.lists(st.integers(1, 90), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_cut_keeps_at_least_20_rows_or_half_and_never_the_end(lengths, seed):
    unit = np.repeat(np.arange(len(lengths)), lengths)
    times = np.concatenate([np.arange(1.0, n + 1) for n in lengths])
    names = tuple(str(place) for place in range(len(lengths)))
    train = Histories(unit, times, times[:, None], np.empty((len(times), 0)), names, names, ("s",))
    lives = Lives(np.array(lengths, dtype=float), np.ones(len(lengths), dtype=bool))
    inputs, rul = hold_out(train, lives, range(len(lengths)), seed=seed, cap=1.0)
    for n, kept, left in zip(lengths, np.bincount(inputs.test.unit), rul, strict=True):
        assert kept >= max(1, min(20, n // 2))
        assert kept + left == n
        assert left >= 1 or n == 1


def test_cuts_reach_from_the_first_allowed_row_to_the_last():
    data = toy_data(n_units=26)
    kept = [
        np.bincount(
            hold_out(data.inputs.train, data.inputs.lives, range(26), seed=seed, cap=1.0)[0].test.unit
        )
        for seed in range(60)
    ]
    assert (np.min(kept), np.max(kept)) == (20, 39)
    assert abs(np.mean(kept) - 29.5) < 0.5  # uniform: standard error 0.15


def test_folds_are_the_same_for_all_seeds_and_cuts_are_not():
    one, two = (take_fold(toy_data(), 2, seed) for seed in (1, 2))
    assert one.inputs.test.unit_names == two.inputs.test.unit_names
    assert one.rul.tolist() != two.rul.tolist()
    assert take_fold(toy_data(), 2, 1).rul.tolist() == one.rul.tolist()


def test_cut_of_a_unit_does_not_depend_on_the_others():
    train, lives = toy_data().inputs.train, toy_data().inputs.lives
    alone = hold_out(train, lives, [4], seed=5, cap=1.0)[1]
    among = hold_out(train, lives, [1, 4, 7], seed=5, cap=1.0)[1]
    assert alone[0] == among[1]


def test_censored_units_of_a_fold_are_neither_learnt_nor_scored():
    failed = [unit % 2 == 0 for unit in range(20)]
    data = censored_data(failed, lives_per_group=2)
    out = take_fold(data, 0, seed=0)
    held = set(data.inputs.train.groups) - set(out.inputs.train.groups)
    expected = [
        name
        for name, group, ended in zip("ABCDEFGHIJKLMNOPQRST", data.inputs.train.groups, failed, strict=True)
        if group in held and ended
    ]
    assert list(out.inputs.test.unit_names) == expected
    assert len(held) == 2
    assert np.isfinite(out.rul).all()


def test_fold_without_a_failure_or_without_enough_groups_is_refused():
    with pytest.raises(UserError, match="none of its 2 units ended by a failure"):
        take_fold(censored_data([False] * 10), 0, seed=0)
    with pytest.raises(UserError, match="only 4 training machines"):
        take_fold(toy_data(n_units=4), 0, seed=0)


@given(n=st.integers(2, 12), seed=st.integers(0, 50))
def test_groups_are_nested_whole_and_in_order(n, seed):
    data = censored_data([True] * 20, lives_per_group=2)
    few, more = limit_groups(data, n, seed), limit_groups(data, n + 1, seed)
    assert len(set(few.inputs.train.groups)) == min(n, 10)
    assert set(few.inputs.train.groups) <= set(more.inputs.train.groups)
    assert few.inputs.train.n_units == 2 * min(n, 10)
    assert list(few.inputs.train.unit_names) == sorted(few.inputs.train.unit_names)
    assert few.inputs.test is data.inputs.test


def test_groups_drawn_depend_on_the_seed():
    assert len({limit_groups(toy_data(), 3, seed).inputs.train.unit_names for seed in range(10)}) > 3


def test_shuffle_cuts_the_link_and_keeps_the_rest():
    rng = np.random.default_rng(0)
    toy = toy_data(n_units=20, n_rows=100)
    train = toy.inputs.train
    remaining = 100.0 - train.time
    sensors = np.column_stack([remaining + rng.normal(size=train.n_rows), remaining])
    data = replace(
        toy, inputs=replace(toy.inputs, train=replace(train, sensors=sensors, settings=sensors * 2))
    )
    out = shuffle_sensors(data, seed=0).inputs.train
    assert abs(np.corrcoef(sensors[:, 0], remaining)[0, 1]) > 0.99
    assert abs(np.corrcoef(out.sensors[:, 0], remaining)[0, 1]) < 0.1  # standard error 0.022
    np.testing.assert_array_equal(out.settings, out.sensors * 2)  # rows stay together
    np.testing.assert_array_equal(np.sort(out.sensors, axis=0), np.sort(sensors, axis=0))
    np.testing.assert_array_equal(out.time, train.time)
    np.testing.assert_array_equal(out.unit, train.unit)


def test_protocol_holds_out_before_it_limits_so_that_test_sets_pair():
    few = apply_protocol(toy_data(), fold=1, max_groups=2, seed=4)
    all_of_them = apply_protocol(toy_data(), fold=1, seed=4)
    np.testing.assert_array_equal(few.rul, all_of_them.rul)
    assert few.inputs.test.unit_names == all_of_them.inputs.test.unit_names
    assert few.inputs.train.n_units == 2


def test_nothing_asked_changes_nothing_but_the_counts():
    data = toy_data()
    out = apply_protocol(data, seed=1)
    assert out.inputs is data.inputs
    assert out.rul is data.rul
    assert set(out.description) - set(data.description) == {
        "n_train_groups", "n_train_units", "n_train_rows", "n_failures", "n_test_units", "n_test_rows",
    }  # fmt: skip


def test_unknown_truth_stays_unknown_unless_a_fold_gives_one():
    data = replace(toy_data(), rul=None)
    assert apply_protocol(data, max_groups=3, shuffle_target=True).rul is None
    assert apply_protocol(data, fold=0).rul is not None


def test_a_source_without_test_units_can_still_be_folded():
    data = toy_data()
    empty = RulData(
        RulInputs(data.inputs.train, data.inputs.lives, data.inputs.train.select([]), 125.0), None, {}
    )
    assert apply_protocol(empty, fold=0).inputs.test.n_units == 2


# Malformed files


ROW = "{engine} {cycle} " + "0.5 " * 24 + " \n"


def rows(*places):
    return [ROW.format(engine=engine, cycle=cycle) for engine, cycle in places]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([*rows((1, 1)), "1 2 0.5\n"], r"row 2: 3 columns were read, 26 were expected"),
        (["1 1 0.5\n", *rows((1, 2))], r"row 1: 3 columns"),
        ([*rows((1, 1)), ROW.format(engine=1, cycle=2)[:-1] + "7\n"], r"row 2: 27 columns"),
        ([ROW.format(engine=1, cycle=1)[:-1] + "7\n"], r"row 1: 27 columns"),
        ([*rows((1, 1)), ROW.format(engine=1, cycle="NaN")], r"row 2, column 2: 'NaN' was read, a number"),
        ([*rows((1, 1), (1, 2)), ROW.format(engine=1, cycle="x")], r"row 3, column 2: 'x' was read"),
        ([*rows((1, 1)), ROW.format(engine=1, cycle="inf")], r"row 2, column 2: 'inf'"),
        (rows((1, 1), (1, 3), (1, 2)), r"row 3: cycle 2 follows cycle 3"),
        (rows((1, 1), (1, 1)), r"row 2: cycle 1 follows cycle 1"),
        (rows((1, 1), (3, 1)), r"row 2: engine 3 was read"),
        (rows((1, 1), (2, 1), (1, 2)), r"row 3: engine 1 was read"),
        (rows((2, 1)), r"row 1: engine 2 was read"),
        (rows((1.5, 1)), r"row 1: engine 1\.5 was read"),
        ([], r"has no row"),
        (["\n", "\n"], r"has no row"),
        (["\x00\x01ÿ\n"], r"row 1: 1 columns"),
    ],
)
def test_malformed_history_names_file_and_row(tmp_path, lines, said):
    file = tmp_path / "train_FD001.txt"
    file.write_text("".join(lines), encoding="latin-1")
    with pytest.raises(UserError, match=said) as caught:
        read_histories(file, "train")
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\n2\n", "has 2 rows, one for each of the 3 test engines"),
        ("1\n2\n3\n4\n", "has 4 rows"),
        ("1\nx\n3\n", "row 2, column 1: 'x'"),
        ("1\n2 2\n3\n", "row 2: 2 columns"),
        ("1\n-2\n3\n", "row 2: -2 was read"),
        ("", "has no row"),
    ],
)
def test_malformed_rul_names_file_and_row(tmp_path, text, said):
    file = tmp_path / "RUL_FD001.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=said) as caught:
        read_rul(file, 3)
    assert str(file) in str(caught.value)


def test_windows_line_ends_and_a_blank_last_line_are_harmless(tmp_path):
    file = tmp_path / "train_FD001.txt"
    file.write_bytes("".join(rows((1, 1), (1, 2), (2, 1))).replace("\n", "\r\n").encode() + b"\r\n")
    assert read_histories(file, "train").unit.tolist() == [0, 0, 1]

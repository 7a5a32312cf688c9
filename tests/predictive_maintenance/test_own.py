"""A person's own machines: what the rows mean, who is asked, and one sentence for every mistake."""

import json
import logging
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from predictive_maintenance.data.own import Own
from predictive_maintenance.data.own_template import TEMPLATE_HELP, write_template
from usecases.errors import UserError


def fleet(ends=("failure",) * 8, n_rows=12, **columns):
    """Units U0, U1, ... of growing length, an end on the last row, a sensor that wears and one that does not."""
    parts = []
    for number, end in enumerate(ends):
        time = np.arange(1, n_rows + number + 1)
        part = pd.DataFrame(
            {"unit": f"U{number}", "time": time, "end": "", "wear": time / len(time) + 0.25 * number}
        )
        part["hum"] = np.sin(time + number).round(3)
        part.loc[part.index[-1], "end"] = end
        parts.append(part)
    return pd.concat(parts, ignore_index=True).assign(**columns)


@pytest.fixture
def read(tmp_path):
    """Write a frame and read it as a data source."""

    def call(frame, seed=0, **options):
        path = tmp_path / "mes relevés" / "machines, été [1].csv"
        path.parent.mkdir(exist_ok=True)
        frame.to_csv(path, index=False, encoding="utf-8")
        return Own(path=str(path), **options).read(seed)

    return call


@pytest.fixture
def refused(read):
    def call(frame, **options):
        with pytest.raises(UserError) as caught:
            read(frame, **options)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return call


def at(frame, row, column, value):
    """Change the cell in a row of the spreadsheet (header = row 1)."""
    frame = frame.astype({column: object})
    frame.loc[row - 2, column] = value
    return frame


# Who is learned from, who is asked


def test_running_units_are_asked_and_learned_from_as_longer_lives(read):
    data = read(fleet(["failure"] * 6 + ["preventive", "running", "running"]))
    inputs = data.inputs
    assert data.rul is None
    assert inputs.test.unit_names == ("U7", "U8")
    assert inputs.train.unit_names == tuple(f"U{n}" for n in range(9))
    assert inputs.lives.failed.tolist() == [True] * 6 + [False] * 3
    assert inputs.lives.end.tolist() == [12.0 + n for n in range(9)]
    assert inputs.test.time[inputs.test.last_rows()].tolist() == [19.0, 20.0]
    assert {k: data.description[k] for k in ("n_failed", "n_preventive", "n_running", "name", "kind")} == {
        "n_failed": 6, "n_preventive": 1, "n_running": 2, "name": "own", "kind": "own",
    }  # fmt: skip


def test_without_running_units_some_machines_are_held_out_and_cut(read):
    frame = fleet(["failure"] * 8 + ["preventive"])
    data = read(frame, seed=1)
    inputs = data.inputs
    assert inputs.test.n_units == 2
    assert not set(inputs.test.unit_names) & set(inputs.train.unit_names)
    assert "U8" in inputs.train.unit_names
    lengths = {f"U{n}": 12 + n for n in range(9)}
    now = inputs.test.time[inputs.test.last_rows()]
    assert (now + data.rul).tolist() == [lengths[name] for name in inputs.test.unit_names]
    assert (data.rul > 0).all()
    assert {read(frame, seed=seed).inputs.test.unit_names for seed in range(8)} != {inputs.test.unit_names}
    assert read(frame, seed=1).rul.tolist() == data.rul.tolist()


def test_machines_with_several_lives_stay_together(read):
    frame = fleet(["failure"] * 9)
    frame["machine"] = "M" + (frame["unit"].str[1:].astype(int) // 3).astype(str)
    inputs = read(frame, group="machine").inputs
    assert set(inputs.test.groups) | set(inputs.train.groups) == {"M0", "M1", "M2"}
    assert not set(inputs.test.groups) & set(inputs.train.groups)
    assert "machine" not in inputs.train.sensor_names


def test_fold_and_max_groups(read):
    frame = fleet(["failure"] * 8 + ["running"] * 2)
    data = read(frame, fold=0, max_groups=4)
    assert data.rul is not None
    assert data.inputs.train.n_units == 4
    assert data.description["fold"] == 0


def test_without_end_column_every_unit_failed_and_this_is_said(read, caplog):
    with caplog.at_level(logging.INFO):
        data = read(fleet().drop(columns="end"))
    assert data.description["ends"]["en"] == "run to end"
    assert data.description["n_failed"] == 8
    assert "every unit is taken to have run to failure" in caplog.text
    assert read(fleet(["running"] * 8), end=None).description["n_failed"] == 8


@pytest.mark.parametrize("failure", ["failure", "FAILURE", "Défaillance", "defaillance", " panne "])
@pytest.mark.parametrize("preventive", ["preventive", "Préventif", "préventive"])
@pytest.mark.parametrize("running", ["running", "en service", "En  Marche"])
def test_words_in_both_languages(read, failure, preventive, running):
    counts = read(fleet([failure] * 6 + [preventive] + [running])).description
    assert (counts["n_failed"], counts["n_preventive"], counts["n_running"]) == (6, 1, 1)


def test_end_on_all_rows(read):
    frame = fleet(["failure"] * 6 + ["running"])
    last = frame.groupby("unit")["end"].transform("last")
    assert (
        read(frame.assign(end=last)).inputs.lives.failed.tolist() == read(frame).inputs.lives.failed.tolist()
    )


def test_unsorted_rows_are_sorted_and_this_is_said(read, caplog):
    frame = fleet(["failure"] * 6 + ["running"])
    expected = read(frame).inputs
    with caplog.at_level(logging.INFO):
        assert "sorted" not in caplog.text
        got = read(frame.sample(frac=1.0, random_state=0)).inputs
    assert "they are sorted" in caplog.text
    order = [got.train.unit_names.index(name) for name in expected.train.unit_names]
    np.testing.assert_array_equal(got.train.select(order).sensors, expected.train.sensors)
    np.testing.assert_array_equal(got.train.select(order).time, expected.train.time)
    np.testing.assert_array_equal(got.lives.end[order], expected.lives.end)


def test_units_without_one_sensor_value_are_answered_and_named(read, caplog):
    frame = fleet(["failure"] * 7 + ["running", "running"])
    frame.loc[frame["unit"].isin(["U2", "U8"]), ["wear", "hum"]] = np.nan
    data = read(frame)
    assert data.inputs.test.unit_names == ("U7", "U8")
    reasons = {entry["unit"]: entry["reason"] for entry in data.description["no_sensor_value"]}
    assert reasons.keys() == {"U2", "U8"}
    assert "estimated without knowing its state" in reasons["U8"]["en"]
    assert "nothing is known" in reasons["U2"]["en"]
    warned = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert [line.split(":")[0] for line in warned] == ["unit 'U2' (row 27)", "unit 'U8' (row 126)"]
    assert "no_sensor_value" not in read(fleet()).description


# Time


def test_dates_become_days_since_the_first_row_of_the_unit(read):
    frame = fleet(["failure"] * 6 + ["running"])
    start = pd.Timestamp("2024-01-20") + pd.to_timedelta(3 * frame["unit"].str[1:].astype(int), unit="D")
    frame["time"] = (start + pd.to_timedelta(12 * (frame["time"] - 1), unit="h")).dt.strftime(
        "%d/%m/%Y %H:%M"
    )
    data = read(frame)
    assert data.inputs.train.time_unit == "days"
    assert data.inputs.train.time[:4].tolist() == [0.0, 0.5, 1.0, 1.5]
    assert data.inputs.lives.end.tolist() == [(11 + n) / 2 for n in range(7)]
    hours = read(frame, time_unit="hours")
    assert hours.inputs.train.time_unit == "hours"
    assert hours.inputs.lives.end.tolist() == [12.0 * (11 + n) for n in range(7)]
    with pytest.raises(UserError, match=r"data\.time_unit=days"):
        read(frame, time_unit="cycles")


def test_numbers_are_ages_as_they_are(read):
    data = read(fleet(), time_unit="hours")
    assert data.inputs.train.time_unit == "hours"
    assert data.inputs.train.time.min() == 1.0
    assert read(fleet()).inputs.train.time_unit == "cycles"


def test_cap_is_60_percent_of_the_median_recorded_length(read, caplog):
    with caplog.at_level(logging.INFO):
        data = read(fleet(["failure"] * 7 + ["running"], n_rows=200))
    assert data.inputs.cap == 120.0  # 0.6 times 202 = 121.2, two digits
    assert data.description["cap"] == 120.0
    assert "capped at 120 cycles" in caplog.text
    assert read(fleet(), cap=7.5).inputs.cap == 7.5


# Columns


def test_settings_and_sensors(read):
    frame = fleet(load=3.0)
    frame["site"] = "Lille"
    data = read(frame, settings=["load"])
    assert data.inputs.train.setting_names == ("load",)
    assert data.inputs.train.sensor_names == ("wear", "hum")
    assert read(frame, sensors=("hum",)).inputs.train.sensor_names == ("hum",)
    frame["noisy"] = ["abc", *[1.0] * (len(frame) - 1)]
    assert read(frame, sensors=("hum",)).inputs.train.sensor_names == ("hum",)  # the text is not in the way


def test_own_titles(read):
    frame = fleet().rename(columns={"unit": "Machine N°", "time": "Heures", "end": "État"})
    data = read(frame, unit="machine n°", time="heures", end="état")
    assert data.description["n_failed"] == 8
    frame["unit"] = "mm"  # a column that happens to have the default title is not the unit
    assert read(frame, unit="Machine N°", time="Heures", end="État").description["n_units"] == 8


@pytest.mark.parametrize(
    "titles", [("unité", "date", "fin"), ("Unite", "TEMPS", "Fin"), ("unit", "Temps", "end")]
)
def test_french_titles_are_found(read, titles):
    frame = fleet(["failure"] * 6 + ["running"]).rename(
        columns=dict(zip(("unit", "time", "end"), titles, strict=True))
    )
    assert read(frame).description["n_running"] == 1


def test_sensor_without_value_and_constant_sensor_are_left_out_and_named(read, caplog):
    with caplog.at_level(logging.INFO):
        data = read(fleet(dead=np.nan, fixed=7.0))
    assert data.inputs.train.sensor_names == ("wear", "hum")
    reasons = {entry["column"]: entry["reason"]["en"] for entry in data.description["left_out_columns"]}
    assert reasons == {"dead": "it has no value", "fixed": "it is constant"}
    levels = {r.levelname for r in caplog.records if "'dead' is left out" in r.getMessage()}
    assert levels == {"WARNING"}
    assert {r.levelname for r in caplog.records if "'fixed' is left out" in r.getMessage()} == {"INFO"}


def test_remaining_life_among_the_columns_is_left_out(read, caplog):
    frame = fleet()
    frame["RUL"] = frame.groupby("unit")["time"].transform("max") - frame["time"]
    data = read(frame)
    assert "RUL" not in data.inputs.train.sensor_names
    assert "the remaining life itself" in caplog.text


def test_missing_values_stay_missing(read):
    frame = fleet(["failure"] * 6 + ["running"])
    frame.loc[3, "wear"] = np.nan
    assert np.isnan(read(frame).inputs.train.sensors[3, 0])


def test_unit_with_one_row(read, caplog):
    frame = fleet(["failure"] * 7 + ["running", "running"])
    cut = frame[~(frame["unit"].isin(["U6", "U8"]) & (frame["end"] == ""))]
    data = read(cut)
    assert {entry["unit"] for entry in data.description["left_out"]} == {"U6", "U8"}
    assert "U6" not in data.inputs.train.unit_names
    assert "U8" not in data.inputs.train.unit_names
    assert data.inputs.test.unit_names == ("U7", "U8")
    assert data.inputs.lives.failed.sum() == 6
    assert [r.levelname for r in caplog.records if "'U6'" in r.getMessage()] == ["WARNING"]


def test_description_is_plain_and_holds_no_row(read):
    frame = fleet(["failure"] * 6 + ["running"])
    frame["wear"] += 7654.3
    text = json.dumps(read(frame).description)
    assert "7654" not in text
    assert "mes relevés" not in text  # the file's name, not its folder


# Mistakes


def test_no_path():
    with pytest.raises(UserError, match=r"data=own needs data\.path=FILE"):
        Own()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"time_unit": "day"}, "did you mean 'days'"),
        ({"time_unit": "weeks"}, "allowed: cycles, days, hours"),
        ({"test_share": 0.9}, "data.test_share=0.25"),
        ({"test_share": 2}, "data.test_share=0.25"),
        ({"test_share": "half"}, "data.test_share=0.25"),
        ({"sep": "x"}, "data.sep=x was given"),
        ({"decimal": "dot"}, "data.decimal=dot was given"),
        ({"encoding": "foo"}, "data.encoding=foo is no encoding"),
        ({"dayfirst": "yes"}, "data.dayfirst=true"),
        ({"cap": -1.0}, "data.cap"),
        ({"fold": 9}, "data.fold"),
        ({"max_groups": 1}, "data.max_groups"),
        ({"sensors": ["time"]}, "'time' was given two parts"),
    ],
)
def test_impossible_options(options, word):
    with pytest.raises(UserError) as caught:
        Own(path="a.csv", **options)
    assert word in str(caught.value)


def test_missing_columns(refused):
    assert "no column 'unit', did you mean 'unt'?" in refused(fleet().rename(columns={"unit": "unt"}))
    assert "data.time" in refused(fleet().rename(columns={"time": "t"}))
    assert "no column 'état'" in refused(fleet(), end="état")
    assert "no column 'vibration'" in refused(fleet(), sensors=["vibration"])
    assert "data.group" in refused(fleet(), group="machine")


@pytest.mark.parametrize("ends", [["failure"] * 5, ["failure"] * 5 + ["preventive"] * 3 + ["running"] * 2])
def test_too_few_failures(refused, ends):
    message = refused(fleet(ends))
    assert "has 5 units to learn from that ended by a failure, 6 are needed" in message
    assert f"({ends.count('preventive')} preventive, {ends.count('running')} running" in message


def test_failures_with_one_row_do_not_count(refused):
    frame = fleet(["failure"] * 6)
    message = refused(frame[~((frame["unit"] == "U5") & (frame["end"] == ""))])
    assert "has 5 units" in message
    assert "1 with one row only" in message


def test_duplicate_times(refused):
    message = refused(at(fleet(), 5, "time", 2))
    assert "row 5, column 'time': unit 'U0' has the time 2 already in row 3" in message
    frame = fleet()
    frame["time"] = "2024-01-31"
    assert "'U0' has the time 2024-01-31 already in row 2 (100 such rows in the file)" in refused(
        frame.iloc[:108]
    )


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("unit", "", "row 9, column 'unit': the cell is empty"),
        ("time", "", "row 9, column 'time': the cell is empty"),
        ("time", -3, "row 9, column 'time': -3 is negative"),
        ("time", 2e12, "row 9, column 'time': 2e+12 is larger than 1e12"),
        ("time", "inf", "row 9, column 'time': inf is no finite number"),
        ("time", "hier", "row 9, column 'time': 'hier' is not a number"),
        ("wear", "inf", "row 9, column 'wear': inf is infinite (1 such cells)"),
        ("wear", -3e13, "row 9, column 'wear': -3e+13 is beyond 1e12"),
        ("wear", "HS", "row 9, column 'wear': 'HS' is not a number"),
        ("end", "broken", "row 9, column 'end': 'broken' is no end of a record"),
    ],
)
def test_wrong_cells(refused, column, value, message):
    assert message in refused(at(fleet(), 9, column, value))


def test_unknown_end_says_the_words(refused):
    message = refused(at(fleet(), 9, "end", "runing"))
    assert "did you mean 'running'?" in message
    assert all(word in message for word in ("failure", "preventive", "en service", "panne"))


def test_conflicting_ends(refused):
    message = refused(at(fleet(), 4, "end", "preventive"))
    assert "row 13, column 'end': unit 'U0' ends by 'failure' here and by 'preventive' in row 4" in message
    assert "data.group=" in message


def test_two_failures_of_one_unit_are_two_lives(refused):
    message = refused(at(fleet(), 6, "end", "failure"))
    assert "unit 'U0' fails in row 6 and again in row 13" in message
    assert "a unit of its own (column unit), with the machine's name in data.group=COLUMN" in message
    twice = fleet(["failure"] * 6 + ["preventive"]).rename(columns={"unit": "Unité"})
    several = at(at(at(twice, 6, "end", "failure"), 7, "end", "failure"), 18, "end", "failure")
    assert (
        "fails in row 6 and again in row 7 (2 such units): give each life a unit of its own (column Unité)"
        in refused(several)
    )
    assert "unit 'U6' is replaced in row 90" in refused(at(twice, 90, "end", "preventive"))
    moved = at(at(fleet(), 13, "end", ""), 6, "end", "failure")
    assert "fails in row 6 and again in row 9" in refused(at(moved, 9, "end", "failure"))


def test_end_on_all_rows_of_one_unit_only(read):
    frame = fleet(["failure"] * 6 + ["running"])
    frame.loc[frame["unit"] == "U2", "end"] = "failure"
    assert read(frame).description["n_failed"] == 6


def test_record_of_more_than_a_century_is_a_mistyped_date(refused, read):
    frame = fleet(["failure"] * 6 + ["running"])
    day = pd.Timestamp("2024-03-01") + pd.to_timedelta(frame["time"], unit="D")
    dates = frame.assign(time=day.dt.strftime("%Y-%m-%d"))
    message = refused(at(dates, 5, "time", "0201-03-05"))
    assert "row 5, column 'time': with 0201-03-05 the record of unit 'U0' lasts 1823 years" in message
    assert "row 5, column 'time'" in refused(at(dates, 5, "time", "2204-03-05"))
    assert "row 13" in refused(at(frame, 13, "time", 50_000), time_unit="days")
    serial = frame.assign(time=frame["time"] + 45_000)  # dates as a spreadsheet counts them
    assert read(serial, time_unit="days").inputs.train.n_units == 7
    assert read(at(frame, 13, "time", 50_000)).inputs.lives.end[0] == 50_000.0


def test_record_that_goes_on_after_its_end(refused):
    message = refused(at(at(fleet(), 13, "end", ""), 4, "end", "failure"))
    assert (
        "row 4, column 'end': unit 'U0' ends by 'failure' here, but its record goes on to row 13" in message
    )


def test_unit_without_end(refused):
    message = refused(at(fleet(), 13, "end", ""))
    assert "row 13, column 'end': nothing says how the record of unit 'U0' ended" in message


def test_unit_of_two_machines_or_none(refused):
    frame = fleet(machine="M1")
    assert "row 5, column 'machine': unit 'U0' belongs to 'M2' here and to 'M1' above" in refused(
        at(frame, 5, "machine", "M2"), group="machine"
    )
    frame.loc[frame["unit"] == "U0", "machine"] = ""
    assert "unit 'U0' has no machine" in refused(frame, group="machine")


def test_failures_of_two_machines_cannot_be_held_out(refused):
    assert "3 machines are needed" in refused(fleet(machine="M1"), group="machine")


def test_no_sensor_left(refused):
    assert "no sensor column left" in refused(
        fleet().drop(columns=["wear", "hum"]).assign(fixed=1, site="Lille")
    )


def test_no_sensor_left_names_the_columns_and_a_cell(refused):
    frame = fleet().drop(columns=["wear"]).assign(hum=7, vib=[f"{n} mm/s" for n in range(len(fleet()))])
    message = refused(frame)
    assert "'hum' (it is constant), 'vib' (text, such as '0 mm/s' in row 2) left out" in message
    assert "without unit or sign" in message


def test_the_person_s_own_titles_are_the_labels(read):
    frame = fleet().rename(columns={"wear": "vibration_mm_s", "hum": "Débit (m³/h)"}).assign(Charge_pc=3.0)
    train = read(frame, settings=["charge_pc"]).inputs.train
    assert train.setting_names == ("charge_pc",)
    assert {name: label.en for name, label in train.sensor_labels.items()} == {
        "vibration_mm_s": "vibration_mm_s", "Débit (m³/h)": "Débit (m³/h)", "charge_pc": "Charge_pc",
    }  # fmt: skip
    assert all(label.fr == label.en for label in train.sensor_labels.values())


def test_small_times_keep_two_digits(read, caplog):
    frame = fleet()
    with caplog.at_level(logging.INFO):
        data = read(frame.assign(time=frame["time"] * 1e-6))
    assert data.inputs.cap == 8.7e-06  # 0.6 times the median of 11 to 18 steps
    assert "capped at 8.7e-06 cycles" in caplog.text


# The template


def test_both_templates_run_as_they_are_and_say_the_same(tmp_path):
    files = {lang: tmp_path / f"modèle {lang}.csv" for lang in ("en", "fr")}
    data = {}
    for lang, path in files.items():
        write_template(path, lang)
        data[lang] = Own(path=str(path)).read(0)
        counts = data[lang].description
        assert (counts["n_units"], counts["n_failed"], counts["n_preventive"], counts["n_running"]) == (
            24,
            16,
            4,
            4,
        )
        assert path.stat().st_size < 150_000
    for name in ("unit", "time", "sensors"):
        np.testing.assert_array_equal(
            getattr(data["en"].inputs.train, name), getattr(data["fr"].inputs.train, name)
        )
    french = files["fr"].read_bytes()
    assert french.startswith(b"\xef\xbb\xbfunit\xc3\xa9;date;fin;")
    assert b"\n" in french
    assert (
        Own(path=str(files["fr"]))
        .read(0)
        .description["dialect"]["en"]
        .startswith("separator semicolon, decimal comma")
    )


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_help_explains_every_column(tmp_path, lang):
    write_template(tmp_path / "a.csv", lang)
    titles = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[0].replace(";", ",").split(",")
    assert [title for title in titles if title not in TEMPLATE_HELP[lang]] == []


def test_wear_shows_in_the_template(tmp_path):
    write_template(tmp_path / "a.csv")
    inputs = Own(path=str(tmp_path / "a.csv")).read(0).inputs
    train, failed = inputs.train, inputs.lives.failed
    vibration = train.sensors[:, train.sensor_names.index("vibration_mm_s")]
    ratio = [
        np.nanmean(vibration[s][-5:]) / np.nanmean(vibration[s][:10])
        for s, f in zip(train.slices(), failed, strict=True)
        if f
    ]
    assert min(ratio) > 1.5


def test_configuration_has_every_key():
    from dataclasses import fields

    from usecases import config

    run = config.compose("predictive_maintenance", "rul", ["data=own", "data.path=a.csv", "method=mean_life"])
    node = dict(run.values["data"])
    assert node.pop("_target_") == "predictive_maintenance.data.own.Own"
    assert set(node) == {field.name for field in fields(Own)}
    assert config.build(run.values["data"]) == Own(path="a.csv", settings=[])


# Property


@given(
    lengths=st.lists(st.integers(2, 30), min_size=6, max_size=12),
    sep=st.sampled_from([";", "\t", ","]),
    decimal=st.sampled_from([",", "."]),
    encoding=st.sampled_from(["utf-8-sig", "cp1252", "utf-16"]),
    style=st.sampled_from([None, "%d/%m/%Y", "%Y-%m-%d", "%d/%m/%Y %H:%M"]),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_lives_survive_every_way_of_writing_them(lengths, sep, decimal, encoding, style, seed):
    rng = np.random.default_rng(seed)
    parts = []
    for number, length in enumerate([*lengths, 20]):
        end = "en service" if number == len(lengths) else "défaillance"
        part = pd.DataFrame(
            {"unité": f"é{number}", "temps": np.arange(length), "fin": [""] * (length - 1) + [end]}
        )
        parts.append(part.assign(capteur=rng.normal(100, 30, length).round(3), autre=rng.normal(size=length)))
    frame = pd.concat(parts, ignore_index=True)
    expected = frame["capteur"].to_numpy(copy=True)
    if style:
        frame["temps"] = (pd.Timestamp("2023-12-25") + pd.to_timedelta(frame["temps"], unit="D")).dt.strftime(
            style
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "suivi été, n° 3.csv"
        frame.to_csv(path, index=False, sep=sep, decimal=decimal, encoding=encoding)
        inputs = Own(path=str(path)).read(seed).inputs
    assert inputs.lives.end.tolist() == [length - 1.0 for length in [*lengths, 20]]
    assert inputs.lives.failed.tolist() == [True] * len(lengths) + [False]
    np.testing.assert_array_equal(inputs.train.sensors[:, 0], expected)

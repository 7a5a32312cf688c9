"""A new file for a saved model: what is wrong with it is said in one sentence, what is wrong with a unit in its row."""

import logging

import numpy as np
import pandas as pd
import pytest

from predictive_maintenance.data.fleet import Fleet
from predictive_maintenance.data.own import Own
from predictive_maintenance.data.own_template import write_template
from predictive_maintenance.methods.lightgbm_rul import LightGbm
from predictive_maintenance.methods.mean_life import MeanLife
from predictive_maintenance.methods.ridge import RidgeRul
from predictive_maintenance.scales import columns_of, levels, other_scale, training_scales, unusual
from predictive_maintenance.tasks.rul import Rul
from usecases.contract import Budget
from usecases.errors import UserError

TASK = Rul()
TITLES = ["unité", "date", "fin", "charge_pourcent", "vibration_mm_s", "température_c", "courant_a"]
SENSORS = TITLES[4:]


def save(method, inputs, folder):
    outcome = TASK.solve(
        method,
        inputs,
        seed=0,
        budget=Budget("smoke", effort=0.1),
        device="cpu",
        progress=lambda items, **_: items,
    )
    TASK.save(outcome, folder)
    return outcome


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model of the French template, its run's predictions, and the file."""
    folder = tmp_path_factory.mktemp("modèle d'été")
    file = folder / "relevés.csv"
    write_template(file, lang="fr")
    (folder / "model").mkdir()
    data = Own(path=str(file), settings=["charge_pourcent"]).read(seed=0)
    return folder / "model", save(RidgeRul(), data.inputs, folder / "model").answer, file


@pytest.fixture(scope="module")
def week(trained):
    return pd.read_csv(trained[2], sep=";", decimal=",")


@pytest.fixture
def predict(trained, tmp_path):
    """Write a frame as a French file and predict from it."""

    def from_frame(frame, *, anyway=False, sep=";", decimal=",", encoding="utf-8"):
        file = tmp_path / "semaine n° 12.csv"
        frame.to_csv(file, index=False, sep=sep, decimal=decimal, encoding=encoding)
        return TASK.apply(trained[0], TASK.read(trained[0], file, anyway=anyway), anyway=anyway)

    return from_frame


def changed(week, column, rows, value):
    out = week.astype({column: object}) if isinstance(value, str) and column in SENSORS else week.copy()
    out.loc[rows, column] = value
    return out


# A good file -----------------------------------------------------------------------------------------------------


def test_french_file_gives_what_the_run_gave(trained):
    folder, of_run, file = trained
    outcome = TASK.apply(folder, TASK.read(folder, file))
    answer = outcome.answer.set_index("unit").loc[of_run["unit"]]
    for name in ("time", "prediction", "low", "high"):
        np.testing.assert_allclose(answer[name], of_run[name].to_numpy(), rtol=0, atol=1e-12)
    assert outcome.complete
    assert (answer["status"] == "ok").all()
    assert any(
        "whole histories" in note.en for note in outcome.notes
    )  # dates: the age is known from the file alone


@pytest.mark.parametrize(
    ("how", "change"),
    [
        ({"sep": ",", "decimal": "."}, lambda frame: frame),
        ({"encoding": "cp1252"}, lambda frame: frame),
        (
            {},
            lambda frame: frame.rename(
                columns={"unité": "Unit", "date": "Temps", "température_c": "TEMPERATURE_C"}
            ),
        ),
        ({}, lambda frame: frame[::-1]),
        ({}, lambda frame: frame.drop(columns="fin").assign(opérateur="Zoé", remarque="1,234")),
        (
            {},
            lambda frame: frame.sort_values(
                "date", key=lambda d: pd.to_datetime(d, dayfirst=True), kind="stable"
            ),
        ),
        ({}, lambda frame: frame.assign(date=frame.groupby("unité").cumcount())),
    ],
    ids=["english", "cp1252", "titles", "newest first", "other columns", "by day", "ages"],
)
def test_ways_of_writing_the_same_file(trained, predict, week, how, change):
    answer = predict(change(week), **how).answer.set_index("unit")["prediction"]
    expected = trained[1].set_index("unit")["prediction"]
    np.testing.assert_allclose(answer[expected.index], expected, atol=1e-9)


def test_days_that_nothing_decides_are_read_as_at_training(predict, week):
    """Three rows a day or a month apart: both orders of day and month would do, but the training file had said."""
    first = week[week["unité"] == "P01"].head(3).assign(date=["02/03/2024", "03/03/2024", "04/03/2024"])
    assert predict(first).answer["time"].tolist() == [2.0]


def test_cmapss_model_reads_nasas_text_file(tmp_path):
    from predictive_maintenance.data.cmapss import N_COLUMNS, READING, read_histories

    rng = np.random.default_rng(0)
    lines = [
        f"{unit} {cycle} "
        + " ".join(f"{value:.3f}" for value in 10 * np.arange(1, 25) + rng.normal(0, 1, 24) + cycle / 20)
        for unit in range(1, 13)
        for cycle in range(1, 31 + unit)
    ]
    file = tmp_path / "test_FD001.txt"
    file.write_text("\n".join(lines) + "\n", encoding="ascii")
    from predictive_maintenance.histories import Lives, RulInputs

    train = read_histories(file, "train")
    lives = Lives(train.time[train.last_rows()], np.ones(train.n_units, dtype=bool))
    (tmp_path / "model").mkdir()
    of_run = save(RidgeRul(), RulInputs(train, lives, train, 20.0), tmp_path / "model").answer
    frame = TASK.read(tmp_path / "model", file)
    answer = TASK.apply(tmp_path / "model", frame).answer
    assert answer["unit"].tolist() == [str(k) for k in range(1, 13)]
    np.testing.assert_array_equal(answer["prediction"], of_run["prediction"])
    plain = frame.rename(columns={name: titles[0] for name, titles in READING["aliases"].items()})
    plain.to_csv(tmp_path / "cycles.csv", index=False)  # engine, cycle, s1, s2 ...
    again = TASK.apply(tmp_path / "model", TASK.read(tmp_path / "model", tmp_path / "cycles.csv")).answer
    np.testing.assert_array_equal(again["prediction"], of_run["prediction"])
    file.write_text("\n".join([*lines[:5], lines[5].rsplit(" ", 1)[0], *lines[6:]]), encoding="ascii")
    with pytest.raises(UserError, match=rf"row 6: {N_COLUMNS - 1} columns"):
        TASK.read(tmp_path / "model", file)
    file.write_text(
        "\n".join([*lines[:5], lines[5].rsplit(" ", 1)[0] + " broken", *lines[6:]]), encoding="ascii"
    )
    bad = TASK.apply(tmp_path / "model", TASK.read(tmp_path / "model", file)).answer
    assert bad["status"].tolist() == ["not scored"] + ["ok"] * 11
    assert "'broken'" in bad["reason"][0]


# What concerns the whole file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "is empty"),
        (";".join(TITLES), "no row of data"),
        ("\0\1\2", "binary"),
        ("machin;date;x\nA;1;2\n", "no column 'unit'"),
        (
            "unité;date\nA;1\n",
            r"lacks the columns 'charge_pourcent', 'vibration_mm_s', 'température_c', 'courant_a'",
        ),
    ],
)
def test_a_file_that_is_none(trained, tmp_path, content, expected):
    file = tmp_path / "semaine.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=expected):
        TASK.apply(trained[0], TASK.read(trained[0], file))


@pytest.mark.parametrize("path", ["nowhere.csv", "."])
def test_a_path_that_is_none(trained, tmp_path, path):
    with pytest.raises(UserError, match=r"does not exist|is a folder"):
        TASK.read(trained[0], tmp_path / path)


def test_a_renamed_column_is_named_with_the_nearest_title(predict, week):
    with pytest.raises(
        UserError, match=r"lacks the column 'courant_a'.*did you mean 'courant_A_moy'\?.*--anyway"
    ):
        predict(week.rename(columns={"courant_a": "courant_A_moy"}))


@pytest.mark.parametrize("change", ["absent", "empty"])
def test_a_column_that_lacks_is_refused_or_warned_of(predict, week, change, caplog):
    """A title that is gone is a mistake; a column that is there and empty is a silent sensor."""
    absent = change == "absent"
    week = week.drop(columns="vibration_mm_s") if absent else week.assign(vibration_mm_s=np.nan)
    if absent:
        with pytest.raises(UserError, match="'vibration_mm_s'"):
            predict(week)
    else:
        assert predict(week[week["unité"] == "P05"]).answer["status"].tolist() == ["scored with a warning"]
    with caplog.at_level(logging.WARNING):
        outcome = predict(week, anyway=absent)
    assert (outcome.answer["status"] == "scored with a warning").all()
    assert outcome.complete
    assert outcome.answer["reason"].str.contains("no value of vibration_mm_s").all()
    assert np.isfinite(outcome.answer["prediction"]).all()


def test_the_share_of_a_column_is_told_where_the_method_knows_it(tmp_path):
    data = Fleet(n_machines=8, days=400).read(1)
    save(LightGbm(members=1, rounds=30), data.inputs, tmp_path)
    frame = TASK.example(tmp_path).drop(columns="vibration_bearing")
    with pytest.raises(UserError, match=r"'vibration_bearing' \(\d+ % of what the model learned from\)"):
        TASK.apply(tmp_path, frame)


@pytest.mark.parametrize(
    ("column", "factor", "shift", "expected"),
    [
        ("température_c", 1.8, 32, "°C to °F"),
        ("température_c", 1, 273.15, "°C to K"),
        ("vibration_mm_s", 10, 0, "a factor of 10"),
        ("vibration_mm_s", 0.1, 0, "a factor of 1/10"),
        ("vibration_mm_s", 0.001, 0, "thousand times smaller"),
        ("courant_a", 1000, 0, "thousand times larger"),
        ("courant_a", 100, 0, "bar to kPa"),
        ("courant_a", 1e5, 0, "bar to Pa"),
        ("courant_a", 14.5038, 0, "bar to psi"),
        ("courant_a", 1, 400, "stood at"),
        ("charge_pourcent", 0.01, 0, "% to a share"),
    ],
)
def test_another_scale_is_refused_with_the_likely_conversion(predict, week, column, factor, shift, expected):
    other = week.assign(**{column: week[column] * factor + shift})
    with pytest.raises(
        UserError, match=rf"column '{column}' is not on the scale of the training data.*{expected}.*--anyway"
    ):
        predict(other)
    with pytest.raises(UserError, match=f"column '{column}'"):
        predict(other[other["unité"] == "P05"])  # one machine alone is enough
    outcome = predict(other, anyway=True)
    assert (outcome.answer["status"] == "scored with a warning").all()
    assert outcome.answer["reason"].str.contains("on another scale").all()


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        (24, "days to hours"),
        (1 / 24, "hours to days"),
    ],
)
def test_another_unit_of_time_is_refused(predict, week, factor, expected):
    with pytest.raises(UserError, match=f"time between the rows of a unit, in days.*{expected}"):
        predict(week.assign(date=week.groupby("unité").cumcount() * factor))


def test_dates_for_a_model_of_cycles_are_refused(tmp_path):
    from predictive_maintenance.data.protocol import toy_data

    save(MeanLife(), toy_data().inputs, tmp_path)
    file = tmp_path / "dates.csv"
    file.write_text("unit;time;counter\nA;31/01/2024;1,5\nA;01/02/2024;2,5\n", encoding="utf-8")
    with pytest.raises(UserError, match="holds dates and the model was trained on cycles"):
        TASK.read(tmp_path, file)


# What concerns one unit ------------------------------------------------------------------------------------------


def _swap(week):
    out = week.copy()
    out.loc[[3, 4], "date"] = out.loc[[4, 3], "date"].to_numpy()
    return out


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda w: changed(w, "courant_a", 4, "panne"),
            "'panne' in column 'courant_a' is not a number, row 6",
        ),
        (lambda w: changed(w, "charge_pourcent", 4, 1e15), "no measurement, row 6"),
        (lambda w: changed(w, "courant_a", 4, np.inf), "no measurement, row 6"),
        (lambda w: changed(w, "date", 4, np.nan), "a time is missing or is no time, row 6"),
        (lambda w: changed(w, "date", 4, "hier"), "a time is missing or is no time, row 6"),
        (lambda w: changed(w, "date", 4, w.loc[3, "date"]), "two rows have the time 3, row 6"),
        (_swap, "not in the order of time: 3 follows 4, row 6"),
        (lambda w: changed(w, "date", w.index[w["unité"] == "P01"][-1], "01/01/2150"), "more than 100 years"),
        (lambda w: changed(w, SENSORS, w["unité"] == "P01", np.nan), "not one sensor value"),
    ],
    ids=["text", "huge", "infinite", "no time", "no date", "twice", "disorder", "century", "silent"],
)
def test_a_unit_that_cannot_be_scored_is_listed_and_the_others_are_scored(
    trained, predict, week, change, reason
):
    outcome = predict(change(week))
    answer = outcome.answer.set_index("unit")
    assert not outcome.complete
    assert answer.loc["P01", "status"] == "not scored"
    assert reason in answer.loc["P01", "reason"]
    assert answer.loc["P01", ["prediction", "low", "high"]].isna().all()
    assert outcome.details["reasons"]["P01"].fr != outcome.details["reasons"]["P01"].en
    others = answer.drop("P01")
    assert len(others) == 23
    assert (others["status"] == "ok").all()
    assert np.isfinite(others["prediction"]).all()
    expected = trained[1].set_index("unit")["prediction"].drop("P01", errors="ignore")
    np.testing.assert_allclose(others.loc[expected.index, "prediction"], expected, atol=1e-9)


def test_rows_without_a_unit_are_listed(predict, week):
    answer = predict(changed(week, "unité", [4, 900], np.nan)).answer
    assert len(answer) == 25
    assert answer.loc[answer["unit"] == "", "reason"].tolist() == ["these rows have no unit name"]


def test_negative_ages_are_listed(predict, week):
    outcome = predict(week.assign(date=week.groupby("unité").cumcount() - 1))
    assert (outcome.answer["status"] == "not scored").all()
    assert outcome.answer["prediction"].isna().all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda w: w.drop(w.index[w["unité"] == "P01"][2:]), "only 2 rows"),
        (lambda w: changed(w, "courant_a", w["unité"] == "P01", np.nan), "no value of courant_a"),
        (
            lambda w: changed(w, "température_c", w["unité"] == "P01", 140.0),
            "température_c stands at 140, far from all",
        ),
    ],
)
def test_a_doubtful_unit_is_scored_with_a_warning(predict, week, change, reason):
    answer = predict(change(week)).answer.set_index("unit")
    assert answer.loc["P01", "status"] == "scored with a warning"
    assert reason in answer.loc["P01", "reason"]
    assert np.isfinite(answer.loc["P01", "prediction"])
    assert (answer.drop("P01")["status"] == "ok").all()


@pytest.mark.parametrize(
    ("ages", "reason"),
    [
        (np.arange(100, 400), "older than any training unit"),
        (np.arange(100, 130), "its history begins at 100 days"),
    ],
)
def test_a_unit_beyond_training_is_scored_with_a_warning(trained, predict, week, ages, reason):
    rows = week.iloc[np.arange(len(ages)) % 60].assign(date=ages, unité="Z")
    assert reason in predict(rows).answer["reason"].item()


def test_the_last_weeks_alone_are_told_from_a_whole_life(trained, predict, week):
    """Dates count from a unit's first row: a worn machine whose beginning was cut off would pass for a new one."""
    last = week.groupby("unité").tail(30)
    outcome = predict(last)
    begun = outcome.answer["reason"].str.contains("in use for long")
    assert begun.sum() >= 5
    assert not predict(week).answer["reason"].str.contains("in use for long").any()
    assert any("whole histories" in note.en for note in outcome.notes)


def test_ages_that_the_file_gives_need_no_note(predict, week):
    assert predict(week.assign(date=week.groupby("unité").cumcount())).notes == ()


# Rows that come as JSON, not from a file -------------------------------------------------------------------------


def test_rows_of_objects_and_numbers_as_names(trained, week):
    rows = (
        week.head(20)
        .assign(unit=7.0, time=np.arange(20))
        .drop(columns=["unité", "date", "fin"])
        .astype(object)
    )
    answer = TASK.apply(trained[0], rows).answer
    assert answer["unit"].tolist() == ["7"]
    assert answer["status"].tolist() == ["ok"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rows: rows.iloc[:0], "no row"),
        (lambda rows: rows.drop(columns="unit"), "no column unit"),
        (lambda rows: rows.drop(columns=["unit", "time"]), "no column unit and no column time"),
        (lambda rows: pd.concat([rows, rows["time"]], axis=1), "two columns time"),
        (lambda rows: pd.DataFrame(), "no column unit"),
    ],
)
def test_rows_that_are_none(trained, change, expected):
    with pytest.raises(UserError, match=expected):
        TASK.apply(trained[0], change(TASK.example(trained[0])))


# No false alarm --------------------------------------------------------------------------------------------------


def alarms(train, test):
    """Columns for which the file is refused, units refused alone, units with a warning."""
    scales = training_scales(train)
    level, spread = levels(columns_of(test), test.unit)
    alone = [k for k in range(test.n_units) if other_scale(scales, level.iloc[[k]], spread.iloc[[k]])]
    return other_scale(scales, level, spread), alone, unusual(scales, level)


@pytest.mark.parametrize("seed", [0, 1, pytest.param(range(2, 20), marks=pytest.mark.slow)], ids=str)
def test_no_fleet_is_refused(seed):
    for each in [seed] if isinstance(seed, int) else seed:
        inputs = Fleet(n_machines=30 if each else 16).read(each).inputs
        assert alarms(inputs.train, inputs.test) == ({}, [], {})


@pytest.mark.parametrize(
    "subset", ["FD001", *(pytest.param(name, marks=pytest.mark.slow) for name in ("FD002", "FD003"))]
)
def test_no_cmapss_test_set_is_refused(mirror, monkeypatch, subset):
    from predictive_maintenance.data.cmapss import Cmapss

    monkeypatch.setenv("USECASES_MIRROR", str(mirror))
    inputs = Cmapss(subset=subset).read(0).inputs
    assert alarms(inputs.train, inputs.test) == ({}, [], {})


def test_single_rows_are_compared_with_rows():
    """One row of a machine with several regimes stands far from the median of a life, and is on the right scale."""
    from predictive_maintenance.histories import Histories

    rng = np.random.default_rng(0)
    regime = np.where(rng.random(2000) < 0.05, 20.0, 60.0) + rng.normal(0, 0.5, 2000)
    unit, time = np.repeat(np.arange(10), 200), np.tile(np.arange(200.0), 10)
    names = tuple(map(str, range(10)))
    scales = training_scales(
        Histories(unit, time, regime[:, None], np.empty((2000, 0)), names, names, ("s",))
    )
    one = pd.DataFrame({"s": [20.0]}), pd.DataFrame({"s": [0.0]})
    assert other_scale(scales, *one)
    assert not other_scale(scales, *one, few_rows=True)
    assert other_scale(scales, one[0] * 100, one[1], few_rows=True)


@pytest.mark.slow
def test_six_flight_conditions_are_not_one(mirror, monkeypatch):
    from predictive_maintenance.data.cmapss import Cmapss

    monkeypatch.setenv("USECASES_MIRROR", str(mirror))
    one, six = Cmapss(subset="FD001").read(0).inputs, Cmapss(subset="FD002").read(0).inputs
    refused, _, far = alarms(one.train, six.test)
    assert {"setting1", "setting2"} <= set(refused)
    assert far["setting1"].mean() > 0.9

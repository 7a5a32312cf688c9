"""Feasibility: the verdict is "go" for real signal, "stop" where the link is cut, "more data" where there is too little."""

import errno
import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from usecases import feasibility, feasibility_page, paths
from usecases.cli import main
from usecases.errors import UserError
from usecases.feasibility_rule import SHUFFLED, Comparison, Findings, Point, compare, decide
from usecases.feasibility_words import REASONS, REDUCED, VERDICTS, WORDS

SCHEMA = json.loads(
    (Path(feasibility.__file__).parent / "feasibility.schema.json").read_text(encoding="utf-8")
)
RUL = ("predictive_maintenance", "rul")


def write_machines(path, seed, *, n_units=24, link=True, countdown=False):
    """Histories of machines that fail between 30 and 90 rows; without `link` the sensors are somebody else's.

    The link is cut here, in the test, and not by the library's own shuffle: each machine is given the sensor rows
    of another one, from their beginning on, so that the sensors still know the age but not the end.
    """
    rng = np.random.default_rng(seed)
    length = rng.integers(30, 90, n_units)
    wear = [np.linspace(0, 1, n) ** 2 for n in length]
    sensors = [np.column_stack([w + rng.normal(0, 0.08, len(w)), rng.normal(size=len(w))]) for w in wear]
    if not link:
        other = rng.permutation(n_units)
        sensors = [np.resize(sensors[o], (n, 2)) for o, n in zip(other, length, strict=True)]
    frames = []
    for unit, n in enumerate(length):
        frame = pd.DataFrame({"unit": f"Machine{unit:03d}", "time": np.arange(1.0, n + 1), "end": "failure"})
        frame[["vibration", "noise"]] = sensors[unit]
        if countdown:
            frame["hours_left"] = n - frame["time"] + rng.normal(0, 0.1, n)
        frames.append(frame)
    pd.concat(frames).to_csv(path, index=False)
    return ["data=own", f"data.path={path}", f"seed={seed}"]


def write_fleet(path, seed, how):
    """The generated fleet in the own format, the link between sensors and lives broken here, in one of two ways."""
    from predictive_maintenance.data.fleet import Fleet

    inputs = Fleet(n_machines=40, parameters="varied").read(seed).inputs
    train, rng = inputs.train, np.random.default_rng(1000 + seed)
    rows = np.arange(train.n_rows)
    if how == "rows":
        rows = rng.permutation(train.n_rows)
    elif how == "histories":
        edges, other = train.bounds(), rng.permutation(train.n_units)
        lengths = np.diff(edges)
        rows = np.concatenate(
            [edges[o] + np.arange(n) % lengths[o] for o, n in zip(other, lengths, strict=True)]
        )
    frame = pd.DataFrame(
        {"unit": np.asarray(train.unit_names)[train.unit], "machine": np.asarray(train.groups)[train.unit]}
    )
    frame["time"], frame["end"] = (
        train.time,
        np.where(inputs.lives.failed, "failure", "preventive")[train.unit],
    )
    frame[list(train.sensor_names)] = train.sensors[rows]
    frame[list(train.setting_names)] = train.settings[rows]
    frame.to_csv(path, index=False)
    return ["data=own", f"data.path={path}", "data.group=machine", f"seed={seed}"]


def verdict_of(overrides, package="predictive_maintenance", task="rul"):
    return feasibility.examine(package, task, overrides)[0]


def toy(*overrides):
    return verdict_of(overrides, "toy_cases", "average")


# The verdicts


def test_toys_go_stop_and_more_data():
    assert toy("data.noise=1").verdict == "go"
    assert toy("data.noise=1", "data.shuffle_target=true").verdict == "stop"
    few = toy("data.noise=1", "data.n_groups=8")
    assert (few.verdict, few.reasons, few.groups) == ("more data", ("few_groups",), 8)


def test_too_good_to_be_true_is_not_go():
    found = toy("data.noise=0.01")
    assert (found.verdict, found.reasons) == ("stop", ("too_good",))


@pytest.mark.slow
def test_own_machines_go_and_stop_when_the_test_cuts_the_link(tmp_path):
    found = verdict_of(write_machines(tmp_path / "a.csv", 0))
    assert found.verdict == "go"
    assert (found.groups, found.units) == (24, 24)  # every machine is scored once
    assert [point.groups for point in found.curve] == [5, 10, 19]
    assert found.curve[-1].error == pytest.approx(found.error)
    found = verdict_of(write_machines(tmp_path / "b.csv", 0, link=False))
    assert found.verdict == "stop"
    assert "no_better" in found.reasons


def test_a_column_that_counts_down_is_suspected(tmp_path):
    found = verdict_of(write_machines(tmp_path / "leak.csv", 0, countdown=True))
    assert (found.verdict, found.reasons) == ("stop", ("too_good",))


@pytest.mark.parametrize(("n_units", "reason"), [(8, "few_groups"), (4, "refused")])
def test_too_few_failures_is_more_data_not_an_error(tmp_path, n_units, reason):
    found = verdict_of(write_machines(tmp_path / "few.csv", 1, n_units=n_units))
    assert (found.verdict, found.reasons) == ("more data", (reason,))


def test_the_work_is_reduced_when_time_is_short():
    found, _ = feasibility.examine(
        "toy_cases", "average", ["data.noise=1", "data.n_groups=200"], seconds=1e-6
    )
    assert found.reductions == ("groups", "folds")
    assert found.curve[-1].groups == feasibility.FEWEST


# Twenty shuffles: at most one may not be a stop


def count(verdict, overrides):
    return sum(verdict_of(given).verdict == verdict for given in overrides)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_toys_stop_on_twenty_shuffles():
    shuffled = [toy("data.noise=1", "data.shuffle_target=true", f"seed={seed}") for seed in range(20)]
    assert sum(found.verdict == "stop" for found in shuffled) >= 19


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_small_own_files_stop_on_nineteen_of_twenty_shuffles_made_here(tmp_path):
    assert (
        count("stop", (write_machines(tmp_path / "a.csv", s, n_units=30, link=False) for s in range(20)))
        >= 19
    )


# Twenty draws where chance could say go; fewer where what is asked cannot hang on one draw (twenty were measured by hand).


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("how", "draws", "least"), [("rows", 20, 19), ("histories", 10, 9)])
def test_fleet_stops_on_shuffles_made_here(tmp_path, how, draws, least):
    assert count("stop", (write_fleet(tmp_path / "fleet.csv", seed, how) for seed in range(draws))) >= least


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("shuffled", "verdict"), [("false", "go"), ("true", "stop")])
@pytest.mark.parametrize("data", [["data.parameters=varied"], ["data=cmapss"]], ids=["fleet", "cmapss"])
def test_data_go_and_stop_when_shuffled(request, data, shuffled, verdict):
    if "data=cmapss" in data:
        request.getfixturevalue("mirror")
    draws = ([*data, f"data.shuffle_target={shuffled}", f"seed={seed}"] for seed in range(5))
    assert count(verdict, draws) == 5


# The rule alone

BETTER = Comparison("trivial", 10.0, 0.4, 0.3, 0.5)
FLAT = Comparison("half", 6.1, 0.02, -0.05, 0.09)


@pytest.mark.parametrize(
    ("changes", "verdict", "reasons"),
    [
        ({}, "go", ("better", "flat")),
        ({"doubling": replace(FLAT, low=0.01)}, "go", ("better", "growing")),
        ({"comparisons": (BETTER, replace(BETTER, name=SHUFFLED, low=-0.01))}, "more data", ("unproven",)),
        ({"comparisons": (BETTER, replace(BETTER, name=SHUFFLED, share=0.02, low=-0.2))}, "stop", ("no_better", "like_shuffled")),
        ({"comparisons": (BETTER, replace(BETTER, name="age", error=7.0, share=0.02, low=-0.1))}, "stop", ("no_better",)),
        ({"comparisons": (replace(BETTER, share=0.05, low=0.01),)}, "stop", ("small", "flat")),
        ({"comparisons": (replace(BETTER, share=0.05, low=0.01),), "doubling": replace(FLAT, low=0.01)}, "more data", ("small", "growing")),
        ({"comparisons": (replace(BETTER, share=0.95, low=0.9),)}, "stop", ("too_good",)),
        ({"probe": replace(BETTER, name="trees", share=0.95)}, "stop", ("too_good",)),
        ({"comparisons": (replace(BETTER, share=0.04, low=-0.1, high=0.05),)}, "stop", ("no_better", "like_shuffled")),
        ({"comparisons": (replace(BETTER, share=0.04, low=-0.1, high=0.2),)}, "stop", ("no_better", "like_shuffled", "not_excluded")),
        ({"groups": 11}, "more data", ("few_groups",)),
        ({"comparisons": (replace(BETTER, share=np.nan, low=np.nan, high=np.nan),)}, "stop", ("no_better",)),
    ],
)  # fmt: skip
def test_rule(changes, verdict, reasons):
    base = Findings("ridge", "days", 40, 80, 12, 6.0, (BETTER,), doubling=FLAT)
    found = decide(replace(base, **changes))
    assert found.verdict == verdict
    assert found.reasons[: len(reasons)] == reasons


def test_a_go_by_chance_is_rare():
    """Losses without any difference, many comparisons: the conjunction keeps the rate of "go" under 2.5 %."""
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(60):
        mine, groups = rng.exponential(size=30), np.arange(30)
        others = compare({name: rng.exponential(size=30) for name in ("a", "b", SHUFFLED)}, mine, groups)
        wrong += decide(Findings("x", groups=30, needed=12, comparisons=others)).verdict == "go"
    assert wrong <= 3


# What people get


def test_command_writes_a_page_without_rows_and_a_file_as_documented(tmp_path, capsys):
    overrides = write_machines(tmp_path / "mes relevés [1].csv", 0, n_units=20)
    code = main(["feasibility", "predictive_maintenance/rul", *overrides, "--lang", "fr"])
    printed = capsys.readouterr().out
    [page] = (tmp_path / "runs" / "feasibility-predictive_maintenance-rul").glob("*/feasibility.html")
    text = page.read_text(encoding="utf-8")
    record = json.loads(page.with_name("feasibility.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(record)
    assert code == {"go": 0, "more data": 3, "stop": 1}[record["verdict"]] == 0
    assert "FEU VERT" in printed
    assert str(page) in printed
    assert '<html lang="fr">' in text
    assert "data:image/png;base64" in text
    assert not re.search(r'(src|href)="http|<script|url\(http|<link', text)
    assert "Machine0" not in text + json.dumps(record) + printed
    assert not list(page.parent.parent.glob(".*"))


@pytest.mark.parametrize(
    ("overrides", "code"), [(["data.n_groups=8"], 3), (["data.shuffle_target=true"], 1), ([], 0)]
)
def test_exit_codes(tmp_path, overrides, code):
    assert (
        main(["feasibility", "toy_cases/average", "data.noise=1", *overrides, "--out", str(tmp_path / "é")])
        == code
    )
    assert (tmp_path / "é" / "feasibility.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["toy_cases/knapsack"], "learns nothing from data"),
        (["toy_cases/average", "data.fold=1"], "goes through all folds"),
        (["toy_cases/average", "data.known=false"], "gives no truth"),
        (["toy_cases/average", "method=linear", "method.fail=true"], "told to fail"),
        (["toy_cases/average", "metod=linear"], "did you mean 'method'"),
        (["toy_cases/averag"], "did you mean 'average'"),
        (["greenhouse"], "documented"),
        (["predictive_maintenance/rul", "data=own", "data.path=nowhere.csv"], "does not exist"),
    ],
)
def test_mistakes_are_one_sentence_and_leave_nothing(arguments, told, tmp_path, capsys):
    assert main(["feasibility", *arguments]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert told in said[-1]
    assert not [file for file in (tmp_path / "runs").rglob("*") if file.is_file()]


def test_a_full_disk_leaves_no_working_folder_behind(tmp_path, capsys, monkeypatch):
    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(paths, "write_text", full)
    assert main(["feasibility", "toy_cases/average", "data.n_groups=8", "--out", str(tmp_path / "é")]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert not list(tmp_path.glob("*é*"))


def test_an_existing_folder_is_not_overwritten(tmp_path, capsys):
    assert main(["feasibility", "toy_cases/average", "--out", str(tmp_path)]) == 2
    assert "exists already" in capsys.readouterr().err


def test_empty_file_is_a_sentence(tmp_path):
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    with pytest.raises(UserError):
        verdict_of(["data=own", f"data.path={tmp_path / 'empty.csv'}"])


def test_every_sentence_can_be_said_in_both_languages():
    full = Findings(
        "ridge", "days", 40, 80, 12, 6.0, (BETTER, replace(BETTER, name=SHUFFLED)), (Point(10, 7.0, 6.0, 8.0), Point(40, 6.0, 5.0, 7.0)),
        FLAT, replace(BETTER, name="trees"), tuple(REDUCED), "few", "go", tuple(REASONS),
    )  # fmt: skip
    for lang in ("en", "fr"):
        said = feasibility_page.sentences(full, lang) + [
            cell for row in feasibility_page.table(full, lang) for cell in row
        ]
        assert not [sentence for sentence in said if "{" in sentence or "None" in sentence]
        assert feasibility_page.picture(full, lang).startswith("data:image/png")
    for text in [*VERDICTS.values(), *REASONS.values(), *REDUCED.values(), *WORDS.values()]:
        assert text.en.strip()
        assert text.fr.strip()

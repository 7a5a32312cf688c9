"""Every method of the RUL task outlives its run: same numbers in a fresh process, no pickle, nobody's rows."""

import json
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from predictive_maintenance.data.fleet import Fleet
from predictive_maintenance.feature_files import load_features, save_features
from predictive_maintenance.features import fit_features
from predictive_maintenance.histories import Histories, Lives
from predictive_maintenance.methods.lightgbm_rul import LightGbm
from predictive_maintenance.methods.mean_life import MeanLife
from predictive_maintenance.methods.ridge import RidgeRul
from predictive_maintenance.methods.tcn import Tcn
from predictive_maintenance.methods.weibull import WeibullLife
from predictive_maintenance.models import load_model, method_class, why_not_saved
from predictive_maintenance.signals import regime_tree
from predictive_maintenance.tasks.rul import Rul
from usecases.contract import Budget
from usecases.errors import UserError

METHODS = {
    "mean_life": MeanLife(),
    "weibull": WeibullLife(),
    "ridge": RidgeRul(),
    "lightgbm": LightGbm(members=2, rounds=30),
    "tcn": Tcn(blocks=2, channels=8, epochs=2),
}
READABLE = {".json", ".txt", ".safetensors"}
PICKLE = (
    b"\x80\x02",
    b"\x80\x03",
    b"\x80\x04",
    b"\x80\x05",
    b"PK\x03\x04",
)  # a pickle, or an archive that may hold one
AGAIN = """
import sys
import pandas as pd
from predictive_maintenance.tasks.rul import Rul
rows, *folders = sys.argv[1:]
for folder in folders:
    outcome = Rul().apply(folder, Rul().read(folder, rows))
    outcome.answer.to_csv(folder + ".csv", index=False)
assert "mlflow" not in sys.modules
"""


def as_file(histories, path):
    """Write histories as a person's CSV file, units in the order of the histories."""
    frame = pd.DataFrame(
        np.column_stack([histories.time, histories.settings, histories.sensors]),
        columns=["time", *histories.setting_names, *histories.sensor_names],
    )
    frame.insert(0, "unit", np.array(histories.unit_names)[histories.unit])
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def fleet():
    return Fleet(n_machines=16, days=400).read(0)


@pytest.fixture(scope="module")
def rows(fleet, tmp_path_factory):
    return as_file(fleet.inputs.test, tmp_path_factory.mktemp("rows") / "relevés de la semaine.csv")


def solve(method, inputs):
    return Rul().solve(
        method,
        inputs,
        seed=0,
        budget=Budget("smoke", effort=0.1),
        device="cpu",
        progress=lambda items, **_: items,
    )


@pytest.fixture(scope="module")
def all_saved(fleet, tmp_path_factory):
    """Outcome and model folder of every method."""
    root, found = tmp_path_factory.mktemp("été"), {}
    for name, method in METHODS.items():
        found[name] = solve(method, fleet.inputs), root / name
        found[name][1].mkdir()
        Rul().save(*found[name])
    return found


@pytest.fixture(params=METHODS)
def saved(request, all_saved):
    return all_saved[request.param]


def test_a_fresh_process_gives_the_same_numbers(all_saved, rows):
    folders = [folder for _, folder in all_saved.values()]
    subprocess.run([sys.executable, "-c", AGAIN, rows, *folders], check=True, timeout=200)
    for outcome, folder in all_saved.values():
        again = pd.read_csv(folder.with_suffix(".csv"))
        assert again["unit"].tolist() == outcome.answer["unit"].tolist()
        for name in ("time", "prediction", "low", "high"):
            np.testing.assert_allclose(
                again[name], outcome.answer[name], rtol=0, atol=1e-12, err_msg=folder.name
            )
        assert (again["status"] != "not scored").all()


def test_one_unit_alone_has_the_same_prediction(saved, rows):
    outcome, folder = saved
    frame = Rul().read(folder, rows)
    name = outcome.answer["unit"].iloc[-1]
    alone = Rul().apply(folder, frame[frame["unit"] == name]).answer
    assert alone["prediction"].item() == pytest.approx(outcome.answer["prediction"].iloc[-1], abs=1e-9)


def test_the_folder_holds_no_pickle_and_no_name_of_a_unit(saved, fleet):
    _, folder = saved
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} <= READABLE
    names = {*fleet.inputs.train.unit_names, *fleet.inputs.train.groups, *fleet.inputs.test.unit_names}
    for file in files:
        content = file.read_bytes()
        assert not content.startswith(PICKLE)
        assert not [
            name for name in names if f'"{name}"'.encode() in content or f"{name}\n".encode() in content
        ]


def test_the_folder_holds_no_row(saved, fleet):
    """The last sensor rows of the training units, as numbers: not two of a row stand in the schema."""
    _, folder = saved
    text = (folder / "schema.json").read_text(encoding="utf-8")
    numbers = {repr(value) for row in fleet.inputs.train.sensors[::50] for value in row if value == value}
    quoted = {f"{value!r}" for scale in json.loads(text)["scales"].values() for value in scale.values()}
    assert len(text) < 20_000
    assert len(quoted & numbers) < 0.5 * len(quoted)  # medians of some unit may be a value of some row


def test_the_example_is_answered_and_is_nobodys(saved):
    _, folder = saved
    example = Rul().example(folder)
    answer = Rul().apply(folder, example).answer
    assert len(answer) == 2
    assert np.isfinite(answer["prediction"]).all()
    assert set(answer["status"]) <= {"ok", "scored with a warning"}
    assert example.dtypes.drop("unit").eq(np.float64).all()
    pd.testing.assert_frame_equal(example, Rul().example(folder))


def test_answer_has_fixed_columns_and_types(saved, rows):
    _, folder = saved
    answer = Rul().apply(folder, Rul().read(folder, rows)).answer
    assert answer.columns.tolist() == ["unit", "time", "prediction", "low", "high", "status", "reason"]
    assert answer[["time", "prediction", "low", "high"]].dtypes.eq(np.float64).all()
    assert all(isinstance(cell, str) for name in ("unit", "status", "reason") for cell in answer[name])


class Foreign:
    """A person's own method that saves itself."""

    def __init__(self, value):
        self.value = value

    def fit(self, train, lives, **_):
        return self

    def predict(self, histories, rows=None):
        return np.full(histories.n_units if rows is None else len(rows), self.value)

    def save(self, folder):
        (folder / "value.txt").write_text(repr(self.value), encoding="utf-8")

    @classmethod
    def load(cls, folder):
        return cls(float((folder / "value.txt").read_text(encoding="utf-8")))


class Mute(Foreign):
    """One that does not."""

    save = None


def test_a_method_of_ones_own_is_saved(fleet, rows, tmp_path):
    Rul().save(solve(Foreign(33.0), fleet.inputs), tmp_path)
    assert Rul().apply(tmp_path, Rul().read(tmp_path, rows)).answer["prediction"].eq(33.0).all()


def test_a_model_is_read_once_until_its_files_change(fleet, tmp_path):
    Rul().save(solve(MeanLife(), fleet.inputs), tmp_path)
    first = load_model(tmp_path)
    assert load_model(tmp_path) is first
    file = tmp_path / "method" / "mean_life.json"
    saved = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(saved | {"cap": 12.25}), encoding="utf-8")
    assert load_model(tmp_path).method.cap == 12.25


def test_a_class_in_the_current_folder_is_found(tmp_path, monkeypatch):
    (tmp_path / "my_own_method.py").write_text(
        "class Fitted:\n    def save(self, folder): pass\n    load = classmethod(lambda cls, folder: cls())\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert method_class({"module": "my_own_method", "class": "Fitted"}).__name__ == "Fitted"


def test_a_method_that_cannot_be_saved_is_said(fleet, tmp_path):
    outcome = solve(Mute(33.0), fleet.inputs)
    assert ["save(folder)" in note.en and "Mute" in note.fr for note in outcome.notes] == [True]
    with pytest.raises(UserError, match=r"Mute needs save\(folder\) and a class method load"):
        Rul().save(outcome, tmp_path)
    assert not list(tmp_path.iterdir())
    assert why_not_saved(Foreign(1.0)) is None


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ({"module": "no_such_module", "class": "X"}, "cannot be imported here"),
        ({"module": "predictive_maintenance.methods.ridge", "class": "NoSuch"}, "cannot be imported here"),
        ({"module": "predictive_maintenance.methods.ridge", "class": "RidgeRul"}, "no class method load"),
        ({"module": "os", "class": "system"}, "no class method load"),
    ],
)
def test_a_class_that_is_not_there_is_said(method, expected):
    with pytest.raises(UserError, match=expected):
        method_class(method)


@pytest.mark.parametrize("file", ["schema.json", "intervals.json", "method.json", "method/mean_life.json"])
@pytest.mark.parametrize("harm", ["delete", "cut", "other"])
def test_a_damaged_model_is_one_sentence(fleet, tmp_path, file, harm):
    Rul().save(solve(MeanLife(), fleet.inputs), tmp_path)
    place = tmp_path / file
    place.unlink() if harm == "delete" else place.write_text("{" if harm == "cut" else "{}", encoding="utf-8")
    with pytest.raises(UserError, match="is not complete"):
        load_model(tmp_path)


def test_too_few_groups_stay_an_infinite_quantile(fleet, tmp_path):
    failed = np.flatnonzero(fleet.inputs.lives.failed)
    machines, first = np.unique(np.array(fleet.inputs.train.groups)[failed], return_index=True)
    few = failed[first[:4]].tolist()
    assert len(machines) >= 4
    inputs = type(fleet.inputs)(
        fleet.inputs.train.select(few), fleet.inputs.lives.select(few), fleet.inputs.test, fleet.inputs.cap
    )
    outcome = solve(MeanLife(), inputs)
    assert not outcome.details["intervals"].enough
    Rul().save(outcome, tmp_path)
    assert asdict(load_model(tmp_path).intervals)["quantile"] == np.inf


def test_features_with_regimes_and_gaps_come_back(tmp_path):
    rng = np.random.default_rng(0)
    n = 400
    speed = rng.integers(0, 3, n).astype(float)
    sensors = np.column_stack([5 * speed + rng.normal(0, 0.1, n), rng.normal(0, 1, n)])
    sensors[rng.random((n, 2)) < 0.1] = np.nan
    h = Histories(np.repeat([0, 1], n // 2), np.tile(np.arange(n // 2), 2).astype(float), sensors, speed[:, None], ("A", "B"),
                  ("A", "B"), ("s", "t"), ("speed",))  # fmt: skip
    features = fit_features(h)
    assert len(features.leaves) == 3
    save_features(features, tmp_path)
    again = load_features(tmp_path)
    assert again.names() == features.names()
    np.testing.assert_array_equal(again.transform(h), features.transform(h))


@pytest.mark.parametrize("missing", [False, True])
def test_the_tree_of_arrays_is_scikit_learns(missing):
    from sklearn.tree import DecisionTreeRegressor

    rng = np.random.default_rng(1)
    settings = rng.normal(size=(2000, 2))
    if missing:
        settings[rng.random(settings.shape) < 0.1] = np.nan
    sensors = np.column_stack(
        [np.nan_to_num(settings[:, 0], nan=3.0) > 0.5, np.nan_to_num(settings[:, 1]) > 0]
    ).astype(float)
    h = Histories(
        np.zeros(2000, int), np.arange(2000.0), sensors, settings, ("A",), ("A",), ("s", "t"), ("x", "y")
    )
    ours = regime_tree(h, max_regimes=6, min_gain=0.003)
    target = (sensors - sensors.mean(axis=0)) / sensors.std(axis=0)
    theirs = DecisionTreeRegressor(
        max_leaf_nodes=6, min_impurity_decrease=(0.003 + 20 / 2000) * target.var(axis=0).mean(), min_samples_leaf=20, random_state=0
    ).fit(settings.astype(np.float32), target)  # fmt: skip
    assert theirs.get_n_leaves() > 2
    fresh = rng.normal(size=(500, 2))
    fresh[::7, 0] = np.nan
    np.testing.assert_array_equal(ours.leaf(fresh), theirs.apply(fresh.astype(np.float32)))


def test_training_is_described_from_the_training_units_alone(fleet, tmp_path):
    outcome = solve(MeanLife(), fleet.inputs)
    Rul().save(outcome, tmp_path)
    training = json.loads((tmp_path / "schema.json").read_text(encoding="utf-8"))["training"]
    train, lives = fleet.inputs.train, fleet.inputs.lives
    assert isinstance(lives, Lives)
    assert training["units"] == train.n_units
    assert training["rows"] == train.n_rows
    assert training["failures"] == int(lives.failed.sum())
    assert training["oldest"] == train.time.max()

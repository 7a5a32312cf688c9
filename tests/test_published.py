"""Published values: checked ones are shown with their flags, recalled ones never; a wrong file is one sentence."""

import shutil

import pytest
import yaml

from usecases import catalogue
from usecases.bench import published
from usecases.errors import UserError

FD001 = {"name": "cmapss", "subset": "FD001", "cap": 125.0}
ENTRY = {
    "method": "Paper",
    "year": 2020,
    "source": "A journal",
    "checked": "read",
    "protocol": ["capped"],
    "note": {"en": "A note.", "fr": "Une note."},
    "values": [{"data": {"name": "cmapss"}, "metrics": {"rmse_capped": 12.0}}],
}


def write(folder, **changes):
    file = folder / "predictive_maintenance" / "rul.yaml"
    file.parent.mkdir(exist_ok=True)
    content = {"schema": 1, "use_case": "predictive_maintenance", "task": "rul", "entries": [ENTRY | changes]}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def shipped_files():
    return sorted(published.published_root().glob("*/*.yaml"))


@pytest.mark.parametrize("file", shipped_files(), ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_shipped_values_are_valid_and_name_metrics_and_tasks_that_exist(file):
    values = published.load(file.parent.name, file.stem)
    assert values
    assert file.stem in [task["name"] for task in catalogue.find(file.parent.name).card["tasks"]]
    for value in values:
        assert set(value.protocol) <= set(published.PROTOCOLS)
        assert value.note.en
        assert value.note.fr
    seen = [(value.method, tuple(sorted(value.data.items()))) for value in values]
    assert len(seen) == len(set(seen)), "one method twice on the same data"


def test_recalled_values_are_never_chosen():
    values = published.load("predictive_maintenance", "rul")
    recalled = {value.method for value in values if value.checked == "recalled"}
    shown = {value.method for value in published.beside(values, FD001, ["rmse_capped"])}
    assert recalled >= {"DCNN", "DAST", "FC-STGNN", "STAR"}
    assert not recalled & shown
    assert shown >= {"FFVE", "AMNL", "MTSTAN"}


def test_leaks_are_flagged():
    values = {value.method: value for value in published.load("predictive_maintenance", "rul")}
    assert values["AMNL"].leaks
    assert values["FC-STGNN"].leaks
    assert not values["FFVE"].leaks


def test_other_data_or_metrics_get_nothing():
    values = published.load("predictive_maintenance", "rul")
    assert not published.beside(values, {"name": "fleet"}, ["rmse_capped"])
    assert not published.beside(values, {"name": "cmapss"}, ["rmse_capped"]), "no subset, no match"
    assert not published.beside(values, FD001, ["auc"])


def test_words_exist_in_both_languages():
    for text in (*published.PROTOCOLS.values(), *published.CHECKED.values()):
        assert text.en
        assert text.fr


def test_nothing_published_is_nothing(tmp_path):
    assert published.load("toy_cases", "average", tmp_path) == ()


def test_a_package_brings_its_own(tmp_path, monkeypatch):
    folder = tmp_path / "package"
    (folder / "published").mkdir(parents=True)
    shutil.copy(write(tmp_path) / "predictive_maintenance" / "rul.yaml", folder / "published" / "rul.yaml")
    entry = catalogue.Entry("predictive_maintenance", folder, {}, "entry point")
    monkeypatch.setattr(catalogue, "find", lambda name: entry)
    assert [value.method for value in published.load("predictive_maintenance", "rul")] == ["Paper"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"checked": "believed"}, "believed"),
        ({"protocol": []}, "protocol"),
        ({"protocol": ["secret"]}, "secret"),
        ({"year": "long ago"}, "year"),
        ({"note": {"en": "English only"}}, "fr"),
        ({"values": [{"data": {"name": "x"}, "metrics": {"rmse": "12,5"}}]}, "12,5"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path, changes, told):
    with pytest.raises(UserError, match=told):
        published.load("predictive_maintenance", "rul", write(tmp_path, **changes))


@pytest.mark.parametrize("content", [b"", b"- [", b"\xff\xfe\x00x", b"entries: 3"])
def test_no_yaml_is_one_sentence(tmp_path, content):
    file = write(tmp_path) / "predictive_maintenance" / "rul.yaml"
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"rul\.yaml"):
        published.load("predictive_maintenance", "rul", tmp_path)


def test_a_file_of_another_task_is_refused(tmp_path):
    file = write(tmp_path) / "predictive_maintenance" / "rul.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("task: rul", "task: anomaly"), encoding="utf-8")
    with pytest.raises(UserError, match="anomaly"):
        published.load("predictive_maintenance", "rul", tmp_path)

"""Methods of strangers: files of another distribution join a task without a change to the core, and hide nothing."""

import json
import logging
import os
import subprocess
import sys

import pytest
import stranger_source

from usecases import additions, cards, catalogue, config, doctor, runner
from usecases.errors import UserError

RUL = ("predictive_maintenance", "rul")


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A folder on the path with a stranger's distribution; gives the folder of its configurations of the task."""
    folder = tmp_path / "site, été"
    package = stranger_source.write(folder)
    stranger_source.install(folder)
    monkeypatch.syspath_prepend(str(folder))
    additions._warn_once.cache_clear()
    yield package / stranger_source.RUL
    for name in [name for name in sys.modules if name.partition(".")[0] == "median_methods"]:
        del sys.modules[name]


def test_it_is_found_without_being_imported(stranger):
    (found,) = additions.additions()
    assert (found.distribution, found.names(*RUL)) == ("median-methods", ["median_life"])
    assert "median_methods" not in sys.modules


def test_its_files_join_the_groups_after_our_own(stranger):
    assert {"median_life", "lightgbm", "custom"} <= set(config.options(*RUL, "method"))
    assert "young" in config.options(*RUL, "experiment")
    assert config.roots(*RUL)[1][-1] == stranger
    run = config.compose(*RUL, ["experiment=young", "method.oldest=3"])
    assert run.values["method"] == {"_target_": "median_methods.median_life.MedianLife", "oldest": 3}
    assert run.choices["method"] == "median_life"
    assert run.values["data"]["cap"] == 30


def test_it_runs_and_stands_in_the_report(stranger):
    small = ["budget=smoke", "tracking=none", "data.n_machines=16", "baselines=[mean_life]"]
    result = runner.execute(config.compose(*RUL, ["method=median_life", *small]))
    assert result.record["status"] == "ok", result.record["error"]
    assert result.record["method"] == "median_life"
    assert "median_life" in (result.folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("lang", "said"), [("en", "methods of other"), ("fr", "méthodes d’autres")])
def test_list_and_show_name_the_method_and_who_brings_it(stranger, lang, said):
    entry = catalogue.find("predictive_maintenance")
    listed = cards.render_list([entry], lang, 100)
    assert said in listed
    assert "rul method=median_life (median-methods)" in listed
    shown = cards.render_card(entry.card, lang, 100, entry.added)
    assert "usecases run predictive_maintenance/rul method=median_life (median-methods)" in shown
    alone = cards.render_list([catalogue.find("configurator")], lang, 100)
    assert said not in alone


def test_help_of_a_run_lists_it(stranger, usecases):
    paths = os.pathsep.join([str(stranger.parents[3]), os.environ.get("PYTHONPATH", "")])
    assert (
        "median_life" in usecases("run", "predictive_maintenance", "--help", env={"PYTHONPATH": paths}).stdout
    )


def test_list_stays_quick_and_imports_nothing_of_it(stranger):
    (stranger.parents[2] / "__init__.py").write_text("raise RuntimeError('imported')\n", encoding="utf-8")
    code = (
        "import sys, time; start = time.process_time(); from usecases.cli import main; main(['list']); "
        "cost = time.process_time() - start; import json; print(json.dumps([cost, sorted(sys.modules)]), file=sys.stderr)"
    )
    env = os.environ | {"PYTHONPATH": str(stranger.parents[3])}
    runs = [
        subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        for _ in "123"
    ]
    assert "median_life (median-methods)" in runs[0].stdout
    figures = [json.loads(run.stderr) for run in runs]
    assert not {"torch", "mlflow", "sklearn", "pandas", "numpy", "hydra", "median_methods"} & set(
        figures[0][1]
    )
    assert min(cost for cost, _ in figures) < 0.5


def test_a_name_that_is_taken_hides_nothing_and_is_said_once(stranger, caplog):
    theirs = "_target_: median_methods.median_life.MedianLife\n"
    (stranger / "method" / "ridge.yaml").write_text(theirs, encoding="utf-8")
    (stranger / "method" / "custom.yaml").write_text(theirs, encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        run = config.compose(*RUL, ["method=ridge"])
        config.compose(*RUL, ["method=ridge"])
    assert run.values["method"]["_target_"] == "predictive_maintenance.methods.ridge.RidgeRul"
    said = [record.message for record in caplog.records if "is not used" in record.message]
    assert len(said) == 2
    assert said[1].startswith("method=ridge of median-methods is not used")
    assert [method.name for method in catalogue.find("predictive_maintenance").added] == ["median_life"]


def test_a_distribution_without_its_folder_is_said_once_and_breaks_nothing(tmp_path, monkeypatch, caplog):
    stranger_source.install(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    additions._warn_once.cache_clear()
    assert additions.additions() == additions.additions() == []
    assert len(caplog.records) == 1
    assert "median-methods" in caplog.records[0].message
    assert "predictive_maintenance" in catalogue.entries()


def test_a_file_that_cannot_be_read_stops_only_who_chooses_it(stranger):
    (stranger / "method" / "median_life.yaml").write_text("_target_: [\n", encoding="utf-8")
    config.compose(*RUL, ["method=ridge"])
    config.compose(*RUL, ["method=custom", "method._target_=predictive_maintenance.methods.ridge.RidgeRul"])
    with pytest.raises(UserError, match="median_life"):
        config.compose(*RUL, ["method=median_life"])


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("rul/method/median_life.yaml", "_target_: [\n", "cannot be read"),
        ("rul/method/median_life.yaml", "oldest: 1\n", "names no class"),
        ("rul/method/median_life.yaml", "_target_: median_methods.nothing.There\n", "median_methods.nothing"),
        ("rull/method/other.yaml", "_target_: x.Y\n", "no task 'rull'"),
        (
            "../predictive_maintenence/rul/method/x.yaml",
            "_target_: x.Y\n",
            "did you mean 'predictive_maintenance'?",
        ),
    ],
)
def test_doctor_names_what_a_stranger_brings_in_vain(stranger, name, text, said):
    file = stranger.parent / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    (check,) = doctor.strangers()
    assert check.state == "problem"
    assert check.subject == "configurations of median-methods"
    assert said in check.finding


def test_doctor_is_content_with_a_stranger_that_works(stranger):
    (check,) = doctor.strangers()
    assert (check.state, check.finding) == ("ok", "predictive_maintenance/rul: median_life")

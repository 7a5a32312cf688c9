"""Configurations: every YAML composes; what is wrong is refused before any work, naming what is allowed."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from usecases import catalogue, config, paths
from usecases.errors import UserError

RUL = ("predictive_maintenance", "rul")


def all_files():
    """Every YAML of every group of every task, found recursively."""
    for entry in catalogue.entries().values():
        for task in entry.card["tasks"]:
            root, search = config.roots(entry.name, task["name"])
            for place in [root, *search]:
                for file in sorted(place.rglob("*.yaml")):
                    if file.parent != root and file.parent.name != "suite":  # suites: tests/test_suites.py
                        yield entry.name, task["name"], file.relative_to(place)


FILES = list(all_files())


@pytest.mark.parametrize(
    ("package", "task", "file"), FILES, ids=[f"{p}/{t}:{f.as_posix()}" for p, t, f in FILES]
)
def test_every_yaml_composes(package, task, file):
    group = file.parent.as_posix()
    own = ["method._target_=" + config.compose(package, task).values["method"]["_target_"]]
    run = config.compose(package, task, [f"{group}={file.stem}", *(own if file.stem == "custom" else [])])
    assert run.choices[group] == file.stem


def test_every_yaml_is_reached():
    reached = {(p, f.as_posix()) for p, _, f in FILES}
    for file in paths.config_root().rglob("*.yaml"):
        relative = file.relative_to(paths.config_root())
        if file.name == "run.yaml" or "suite" in relative.parts:
            continue
        inside = Path(*relative.parts[1 if relative.parts[0] == "shared" else 2 :]).as_posix()
        assert any(f == inside for _, f in reached), f"no task composes {relative}"


def test_every_yaml_is_explained():
    for file in paths.config_root().rglob("*.yaml"):
        assert "#" in file.read_text(encoding="utf-8"), f"{file} has no comment: trainees read it"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["sead=3"], ["sead", "seed"]),
        (["seed=abc"], ["seed=abc", "a whole number"]),
        (["seed=-1"], ["from 0 on"]),
        (["lang=de"], ["lang=de", "en, fr"]),
        (["data=cmaps"], ["cmaps", "did you mean 'cmapss'", "fleet", "own"]),
        (["method=lightgmb"], ["did you mean 'lightgbm'", "ridge"]),
        (["budget=huge"], ["budget", "laptop", "smoke"]),
        (["device=tpu"], ["device", "cpu", "cuda"]),
        (["tracking=wandb"], ["mlflow", "none"]),
        (["data=cmapss", "data.subest=FD001"], ["subest", "did you mean 'subset'"]),
        (["data=cmapss", "+data.wrong=1"], ["wrong", "subset"]),
        (["data=cmapss", "data.cap=high"], ["data.cap=high", "a number"]),
        (["budget.effort=lots"], ["budget.effort", "a number"]),
        (["executor.n_jobs=two"], ["executor.n_jobs", "a whole number"]),
        (["seed=[1"], ["seed=[1", "KEY=VALUE"]),
        (["data"], ["data", "KEY=VALUE"]),
        (["data=null"], ["data"]),
        (["experiment=fleet_cens"], ["unknown experiment", "did you mean 'fleet_censored'"]),
        (["+metod=1"], ["metod", "did you mean 'method'"]),
        (["++foo=1"], ["unknown key foo"]),
        (["seed=1,2"], ["several runs", "-m"]),
        (["executor.n_jobs=0"], ["n_jobs=0", "-1"]),
        (["budget.time_limit_s=-1"], ["time_limit_s=-1", "above 0"]),
        (["baselines=[rigde]"], ["baselines", "did you mean 'ridge'"]),
    ],
)
def test_wrong_input_is_refused_in_one_sentence(overrides, said):
    with pytest.raises(UserError) as refused:
        config.compose(*RUL, overrides)
    message = str(refused.value)
    assert "\n" not in message
    for part in said:
        assert part in message


def test_wrong_value_names_the_nearest():
    with pytest.raises(UserError, match="FD001"):
        config.build(config.compose(*RUL, ["data=cmapss", "data.subset=FD01"]).values["data"])


@pytest.mark.parametrize(
    "name",
    [
        "simple.csv",
        "données été.csv",
        "a, b [1] (2) {3}.csv",
        r"C:\Users\Élodie\new data\file.csv",
        "it's ${here}=1.csv",
        "ends with backslash\\",
        "100%#&!.csv",
        "a=b:c.csv",
        "\\'tricky'.csv",
    ],
)
def test_paths_pass_unharmed(name):
    run = config.compose(*RUL, ["data=own", f"data.path={name}"])
    assert run.values["data"]["path"] == name


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("data.unit=unité", "unité"),
        ("data.time=Heures (h)", "Heures (h)"),
        ("data.unit=N° machine", "N° machine"),
        ("data.sensors=[température,vibration]", ["température", "vibration"]),
        ("data.sensors=[vitesse (tr/min), débit]", ["vitesse (tr/min)", "débit"]),
    ],
)
def test_column_titles_need_no_quotes(typed, expected):
    run = config.compose(*RUL, ["data=own", "data.path=x.csv", typed])
    assert run.values["data"][typed.partition("=")[0].removeprefix("data.")] == expected
    assert typed in run.overrides, "the command shown is the one that was typed"


@pytest.mark.parametrize("name", ["${HOME}.csv", "${now:}.csv", "a ${oc.env:X} b.csv"])
def test_no_interpolation_in_a_path(name):
    run = config.compose(*RUL, ["data=own", f"data.path={name}"])
    assert config.build(run.values["data"]).path == name


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_path_passes_the_lexer(name):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    if name[0] in "'\"" or name == "null" or name != name.strip() or "${" in name:
        return
    (quoted,) = config.quote_paths([f"data.path={name}"])
    assert OverridesParser.create().parse_override(quoted).value() == name


@pytest.mark.parametrize(
    "key", ["data.vehicles", "+data.vehicles", "data.durations", "data.from_run", "++data.from_run"]
)
@pytest.mark.parametrize("name", ["v, Lille [été].csv", "l'été (2).json", 'a "b" = c.csv', "null"])
def test_other_keys_of_files_pass_the_lexer_too(key, name):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    (quoted,) = config.quote_paths([f"{key}={name}"])
    assert OverridesParser.create().parse_override(quoted).value() == (None if name == "null" else name)


def test_command_reproduces_the_run():
    run = config.compose(*RUL, ["data=own", "data.path=my file.csv", "seed=3"])
    assert run.command == "usecases run predictive_maintenance/rul data=own 'data.path=my file.csv' seed=3"


def test_configuration_root_may_have_any_name(tmp_path, monkeypatch):
    """A checkout in a folder with accents, spaces, commas and brackets composes too."""
    import shutil

    odd = tmp_path / "dépôt, copie [1] (été)"
    shutil.copytree(paths.config_root(), odd / "configs")
    monkeypatch.setattr(paths, "HERE", odd / "usecases")
    assert config.compose(*RUL, ["budget=smoke"]).settings.budget.name == "smoke"


def test_defaults_are_what_the_documentation_says():
    run = config.compose(*RUL)
    assert (run.choices["data"], run.choices["method"], run.choices["budget"]) == (
        "fleet",
        "lightgbm",
        "laptop",
    )
    assert run.settings.seed == 0


def test_language_from_the_environment(monkeypatch):
    monkeypatch.setenv("USECASES_LANG", "fr")
    assert config.compose(*RUL).settings.lang == "fr"


def test_yaml_files_hold_plain_values():
    for file in paths.config_root().rglob("*.yaml"):
        assert isinstance(yaml.safe_load(file.read_text(encoding="utf-8")), dict), file


def test_nested_compose_gives_hydra_back():
    """Composing inside a launched job must not disturb the job's own Hydra."""
    from hydra.core.global_hydra import GlobalHydra

    marker = object()
    GlobalHydra.instance().hydra = marker
    try:
        config.compose(*RUL)
        assert GlobalHydra.instance().hydra is marker
    finally:
        GlobalHydra.instance().hydra = None

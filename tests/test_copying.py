"""`usecases copy`: the copy is the package under another name, runs with nothing edited, and touches nobody's files."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from usecases import catalogue, config, copying, paths, registry, runner
from usecases.cards import load_card, validate
from usecases.copied_project import requirements
from usecases.errors import UserError

OLD, NEW = "predictive_maintenance", "my_pumps"


def declare(site: Path, name: str, lines: str) -> None:
    """Put a distribution with entry points into a folder, as an installer would."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(lines, encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy, once for all tests."""
    folder = tmp_path_factory.mktemp("copy") / "mes pompes, été"
    copying.copy(OLD, folder, NEW)
    return folder


@pytest.fixture
def installed(project, tmp_path, monkeypatch):
    """The copy, as if it were installed in this process."""
    entry_points = f"[usecases.packages]\n{NEW} = {NEW}\n"
    declare(tmp_path / "site", "my-pumps", entry_points)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.syspath_prepend(str(project))
    yield {"PYTHONPATH": os.pathsep.join([str(project), str(tmp_path / "site")])}
    for name in [name for name in sys.modules if name.partition(".")[0] == NEW]:
        del sys.modules[name]


def texts(project: Path) -> dict[Path, str]:
    return {
        f: f.read_text(encoding="utf-8") for f in project.rglob("*") if f.is_file() and f.suffix != ".pyc"
    }


def test_everything_of_the_package_is_there_and_nothing_else(project):
    names = {file.relative_to(project).as_posix() for file in project.rglob("*") if file.is_file()}
    theirs = {
        file.relative_to(project / NEW).as_posix() for file in (project / NEW).rglob("*") if file.is_file()
    }

    def files(folder: Path) -> set[str]:
        return {
            f.relative_to(folder).as_posix()
            for f in folder.rglob("*")
            if f.is_file() and "__pycache__" not in f.parts
        }

    ours = files(catalogue.CHECKOUT / OLD)
    configs = {f"configs/{name}" for name in files(paths.package_configs(OLD, None))}
    values = {f"published/{name}" for name in files(catalogue.CHECKOUT / "benchmarks" / "published" / OLD)}
    assert {name for name in theirs if ".pyc" not in name} == ours | configs | values
    tests = {f"tests/{name}" for name in files(paths.own_tests(OLD))} | {"tests/test_conformance.py"}
    about = {"pyproject.toml", "README.md", "LICENSE", "NOTICE", ".gitignore", "conftest.py"}
    assert {name for name in names if not name.startswith(f"{NEW}/") and ".pyc" not in name} == tests | about


def test_the_old_name_is_left_only_where_it_is_said_where_the_code_comes_from(project):
    where = {file.name for file, text in texts(project).items() if OLD in text}
    assert where == {"README.md", "NOTICE"}
    assert not [file for file in project.rglob("*") if OLD in file.name]


def test_only_the_name_changed(project):
    for file in (catalogue.CHECKOUT / OLD).rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            twin = project / NEW / file.relative_to(catalogue.CHECKOUT / OLD)
            assert twin.read_bytes().replace(NEW.encode(), OLD.encode()) == file.read_bytes(), file.name


def test_all_code_and_all_configurations_are_well_formed(project):
    for file, text in texts(project).items():
        if file.suffix == ".py":
            ast.parse(text)
        elif file.suffix in (".yaml", ".yml"):
            yaml.safe_load(text)
    assert validate(load_card(project / NEW / "card.yaml")) == []


def test_the_project_asks_for_what_its_code_imports_and_no_more(project):
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    names = [re.match(r"[\w-]+", need)[0] for need in about["project"]["dependencies"]]
    assert names[0] == "usecases"
    assert {"numpy", "lightgbm", "scikit-learn"} <= set(names)
    assert not {"ortools", "mlflow", "hydra-core", "jinja2"} & set(names), "usecases brings them"
    assert about["project"]["entry-points"]["usecases.packages"] == {NEW: NEW}
    ignored = (project / ".gitignore").read_text(encoding="utf-8").split()
    assert not {"data/", "tests/", "configs/"} & set(ignored), "hatchling leaves out what git ignores"


def test_the_fixtures_are_those_of_our_own_tests(project):
    """A test that is copied finds every fixture that it may ask for."""

    def fixtures(file: Path) -> set[str]:
        functions = [
            n for n in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(n, ast.FunctionDef)
        ]
        return {f.name for f in functions if any("fixture" in ast.unparse(d) for d in f.decorator_list)}

    assert fixtures(project / "conftest.py") == fixtures(Path(__file__).parent / "conftest.py")


def test_readme_says_it_in_both_languages_and_names_files_that_exist(project):
    text = (project / "README.md").read_text(encoding="utf-8")
    assert "## Where to change what" in text
    assert "## Où changer quoi" in text
    named = re.findall(rf"`((?:{NEW}/|tests/|conftest|NOTICE|LICENSE)[^` ]*)`", text)
    assert len(named) > 10
    for name in set(named):
        assert (project / name).exists(), name
    assert "Apache License" in (project / "LICENSE").read_text(encoding="utf-8")
    assert "Changed" in (project / "NOTICE").read_text(encoding="utf-8")


def test_every_configuration_of_the_copy_composes_beside_the_original(installed):
    original = {
        group: config.options(OLD, "rul", group) for group in ("data", "method", "experiment", "suite")
    }
    for group, names in original.items():
        assert config.options(NEW, "rul", group) == names
    for group in ("data", "method", "experiment"):
        for name in original[group]:
            if name != "custom":
                run = config.compose(NEW, "rul", [f"{group}={name}"])
                assert OLD not in str(run.values)


def test_a_dataset_that_both_declare_is_described_once_without_a_word(installed, caplog):
    known = registry.datasets()
    assert "cmapss" in known
    assert not caplog.records


def test_the_copy_is_listed_and_runs_and_gives_the_figures_of_the_original(installed, usecases, tmp_path):
    assert f"{NEW} — " in usecases("list", env=installed).stdout
    small = ["budget=smoke", "tracking=none", "data.n_machines=16", "method=weibull", "baselines=[]"]
    done = usecases("run", f"{NEW}/rul", *small, env=installed | {"USECASES_RUNS": str(tmp_path / "theirs")})
    assert done.returncode == 0, done.stderr
    (file,) = tmp_path.glob(f"theirs/{NEW}-rul/*/result.json")
    theirs = json.loads(file.read_text(encoding="utf-8"))
    ours = runner.execute(config.compose(OLD, "rul", small)).record
    assert theirs["metrics"] == paths.plain(ours["metrics"])
    assert theirs["data"]["fingerprint"] == ours["data"]["fingerprint"]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("import ovens", "import kilns"),
        ("from ovens.heat import x", "from kilns.heat import x"),
        ("_target_: ovens.heat.Heat", "_target_: kilns.heat.Heat"),
        ("usecases run ovens/heat", "usecases run kilns/heat"),
        ("usecases show ovens", "usecases show kilns"),
        ("name: ovens", "name: kilns"),
        ('"ovens"', '"kilns"'),
        ("Two ovens. The ovens; ovens: hot", "Two ovens. The ovens; ovens: hot"),
        ("my_ovens/x, ovens2.x", "my_ovens/x, ovens2.x"),
    ],
)
def test_a_name_that_is_also_a_word_is_renamed_only_where_it_is_a_name(text, becomes):
    assert copying.renamed(text, "ovens", "kilns") == becomes


def test_a_longer_name_is_another_name():
    text = "my_steel_ovens steel_ovens2 steel_ovens-1 `steel_ovens`"
    assert copying.renamed(text, "steel_ovens", "kilns") == "my_steel_ovens steel_ovens2 kilns-1 `kilns`"


def test_a_stranger_s_package_can_be_copied_too(tmp_path):
    files = copying.copy("toy_cases", tmp_path / "mine", "my_toys")
    names = {file.relative_to(tmp_path / "mine").as_posix() for file in files}
    assert {"my_toys/configs/average/run.yaml", "tests/test_conformance.py", "NOTICE"} <= names
    assert "LICENSE" not in names, "none is stated"
    assert "toy-cases" in (tmp_path / "mine" / "NOTICE").read_text(encoding="utf-8")


def test_a_package_whose_import_name_is_another(tmp_path, monkeypatch):
    shutil.copytree(Path(__file__).parent / "toys" / "toy_cases", tmp_path / "site" / "acme" / "their_toys")
    for file in (tmp_path / "site" / "acme").rglob("*.*"):
        if file.suffix in (".py", ".yaml"):
            text = file.read_text(encoding="utf-8").replace("toy_cases", "acme.their_toys")
            file.write_text(text.replace("name: acme.their_toys", "name: toys"), encoding="utf-8")
    declare(tmp_path / "site", "acme-toys", "[usecases.packages]\ntoys = acme.their_toys\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    copying.copy("toys", tmp_path / "mine", "my_toys")
    assert load_card(tmp_path / "mine" / "my_toys" / "card.yaml")["name"] == "my_toys"
    assert not [
        f
        for f, text in texts(tmp_path / "mine" / "my_toys").items()
        if "acme" in text or "their_toys" in text
    ]


def refused(said: str, name: str = OLD, folder: Path | str = "new", new: str = NEW) -> None:
    with pytest.raises(UserError) as caught:
        copying.copy(name, Path(folder), new)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("predictive_maintenence", "did you mean 'predictive_maintenance'?"),
        ("greenhouse", "is documented, not implemented"),
        ("configurator", "has no task yet"),
        ("predictive_maintenance/rul", "names a task"),
        ("", "Unknown use case"),
    ],
)
def test_what_cannot_be_copied(name, said, tmp_path):
    refused(said, name, tmp_path / "new")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("my-pumps", "is no name of a package"),
        ("Pumps", "is no name of a package"),
        ("mes_pompes_été", "is no name of a package"),
        ("9pumps", "is no name of a package"),
        ("pumps_", "is no name of a package"),
        ("my pumps", "is no name of a package"),
        ("../pumps", "is no name of a package"),
        ("", "is no name of a package"),
        ("class", "is a reserved word"),
        ("tests", "is a reserved word"),
        ("usecases", "is a reserved word"),
        ("nul", "is a reserved word"),
        ("numpy", "already the name of a Python package"),
        ("json", "already the name of a Python package"),
        ("antigravity", "already the name of a Python package"),
        ("scikit_learn", "what pip calls the installed scikit-learn"),
        ("predictive_maintenance", "is a use case already"),
        ("greenhouse", "is a use case already"),
        ("x" * 300, "cannot be written"),
    ],
)
def test_names_that_cannot_be_used(new, said, tmp_path):
    refused(said, folder=tmp_path / "new", new=new)
    assert not list(tmp_path.iterdir())


def test_folders_that_cannot_be_used(tmp_path, monkeypatch):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "file").touch()
    refused("is not empty", folder=tmp_path / "full")
    refused("is a file", folder=tmp_path / "file")
    refused("cannot be written", folder=tmp_path / "file" / "below")
    refused("is being copied", folder=catalogue.CHECKOUT / OLD / "mine")
    refused("is being copied", folder=catalogue.CHECKOUT / "configs" / OLD / "rul" / "mine")
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["file", "full", "mine.txt"]
    assert (tmp_path / "full" / "mine.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("exists", [False, True])
def test_nothing_half_done_is_left(tmp_path, monkeypatch, exists):
    target = tmp_path / "some" / "where"
    if exists:
        target.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))

    def fail(*_, **__):
        raise OSError(28, "No space left on device", "some file")

    for step in ("copied_project.requirements", "shutil.copyfile"):
        with monkeypatch.context() as patched:
            patched.setattr(f"usecases.{step}" if step[0] == "c" else step, fail)
            refused("cannot be written (No space left on device)", folder=target)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_empty_folder_may_be_the_current_one(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    copying.copy("toy_cases", Path(), "my_toys")
    assert sorted(path.name for path in Path.cwd().iterdir()) == [
        ".gitignore", "NOTICE", "README.md", "conftest.py", "my_toys", "pyproject.toml", "tests",
    ]  # fmt: skip


def test_what_is_not_installed_here_is_still_asked_for(tmp_path, monkeypatch):
    """A plain installation lacks what only the tests need; the copy's tests need it all the same."""
    owners = {
        name: dists for name, dists in metadata.packages_distributions().items() if name != "hypothesis"
    }
    monkeypatch.setattr(metadata, "packages_distributions", lambda: owners)
    (tmp_path / "test_a.py").write_text("import hypothesis, numpy, nobody_knows", encoding="utf-8")
    names = [re.match(r"[\w-]+", need)[0] for need in requirements(tmp_path, catalogue.find(OLD))]
    assert names == ["hypothesis", "numpy"]


def test_peers_of_a_comparison_are_no_requirement(tmp_path):
    (tmp_path / "vroom.py").write_text("import numpy\nimport vroom\n", encoding="utf-8")
    names = [
        re.match(r"[\w-]+", need)[0]
        for need in requirements(tmp_path, catalogue.find("delivery_optimization"))
    ]
    assert names == ["numpy"]


def test_requirements_outlive_code_that_is_wrong(tmp_path):
    (tmp_path / "wrong.py").write_text("def (:\n", encoding="utf-8")
    (tmp_path / "right.py").write_text(
        "import numpy\nfrom sklearn import base\nfrom . import x\n", encoding="utf-8"
    )
    names = [re.match(r"[\w-]+", need)[0] for need in requirements(tmp_path, catalogue.find(OLD))]
    assert names == ["numpy", "scikit-learn"]


def test_the_command_says_what_to_type_next(usecases, tmp_path):
    done = usecases("copy", "toy_cases", tmp_path / "à moi", "--as", "my_toys", "--lang", "fr")
    assert done.returncode == 0, done.stderr
    assert "pip install -e" in done.stdout
    assert "copié de toy_cases" in done.stdout
    again = usecases("copy", "toy_cases", tmp_path / "à moi", "--as", "my_toys")
    assert again.returncode == 2
    assert "is not empty" in again.stderr
    assert usecases("copy", "toy_cases", "", "--as", "my_toys").returncode == 2

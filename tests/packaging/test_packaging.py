"""Wheel and sdist, installed in a fresh environment, run from another folder; and a bare checkout."""

import json
import shutil
import subprocess
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest
from installing import ROOT, Installed, build, clean

NAMES = {"usecases", "predictive_maintenance", "vision_inspection", "delivery_optimization", "configurator"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_wheel_holds_the_five_names_and_nothing_generic(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == NAMES
    for needed in (
        "usecases/_configs/shared/budget/smoke.yaml",
        "usecases/_configs/predictive_maintenance/rul/run.yaml",
        "usecases/templates/report.html",
        "usecases/card.schema.json",
        "usecases/result.schema.json",
        "usecases/documented/greenhouse.yaml",
        "predictive_maintenance/card.yaml",
        "predictive_maintenance/datasets.yaml",
        "predictive_maintenance/data/fleet.yaml",
        "configurator/card.yaml",
        "usecases/_configs/predictive_maintenance/rul/suite/cmapss.yaml",
        "usecases/_benchmarks/published/predictive_maintenance/rul.yaml",
        "usecases/_docs/examples/median_life.py",
        "usecases/_tests/conftest.py",
        "usecases/_tests/predictive_maintenance/test_methods.py",
        "usecases/templates/project/pyproject.toml.jinja",
    ):
        assert needed in names
    assert not [name for name in names if name.endswith((".pkl", ".pyc", ".db", ".csv"))]


def test_wheel_carries_every_file_that_stands_beside_the_packages(wheel):
    from hatch_build import CARRIED

    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *CARRIED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    carried = [name for name in tracked.stdout.splitlines() if (ROOT / name).is_file()]
    assert len(carried) > 50
    for name in carried:
        source = next(source for source in CARRIED if name == source or name.startswith(f"{source}/"))
        assert f"usecases/{CARRIED[source]}{name.removeprefix(source)}" in names


def test_the_tests_inside_a_wheel_are_not_collected(wheel, tmp_path):
    """They are for `usecases copy`; `pytest --pyargs usecases` must not run into them."""
    environment = Installed(tmp_path / "venv", wheel)
    where = environment.packages / "usecases" / "_tests"
    done = environment.python_run("-m", "pytest", "-q", "--collect-only", str(where), cwd=tmp_path)
    assert "no tests collected" in done.stdout


def test_sdist_builds_the_same_wheel(built, wheel, tmp_path):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    build(source, tmp_path / "out", "--wheel")
    (again,) = (tmp_path / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as two:
        assert {i.filename: i.CRC for i in one.infolist() if "RECORD" not in i.filename} == {
            i.filename: i.CRC for i in two.infolist() if "RECORD" not in i.filename
        }


def test_installed_wheel_runs_from_another_folder(wheel, tmp_path):
    environment = Installed(tmp_path / "venv", wheel)
    elsewhere = tmp_path / "un autre dossier, été"
    elsewhere.mkdir()
    where = subprocess.run(
        [str(environment.python), "-c", "import usecases; print(usecases.__file__)"],
        capture_output=True,
        text=True,
        cwd=elsewhere,
    )
    assert str(environment.packages) in where.stdout, "the wheel is used, not the checkout"
    assert "predictive_maintenance" in environment.run("list", cwd=elsewhere).stdout
    done = environment.run(
        "run",
        "predictive_maintenance/rul",
        "budget=smoke",
        "tracking=none",
        "data.n_machines=16",
        "lang=fr",
        cwd=elsewhere,
    )
    assert done.returncode == 0, done.stderr
    (folder,) = (elsewhere / "runs" / "predictive_maintenance-rul").iterdir()
    assert json.loads((folder / "result.json").read_text(encoding="utf-8"))["status"] == "ok"
    assert environment.run("doctor", cwd=elsewhere).returncode == 0


def test_bare_checkout_runs_without_being_installed(tmp_path):
    """`python -m usecases.cli` in a copy of the repository whose distribution is not installed."""
    copy = tmp_path / "dépôt [1]"
    for name in [*NAMES, "configs"]:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = Installed(tmp_path / "venv")
    site = environment.packages / "libraries.pth"
    libraries = [
        p
        for p in Path(sysconfig.get_path("purelib")).iterdir()
        if not p.name.startswith(("usecases-", "_editable_impl_usecases", "__editable__.usecases"))
    ]
    bare = tmp_path / "libraries"
    bare.mkdir()
    for path in libraries:
        (bare / path.name).symlink_to(path)
    site.write_text(str(bare), encoding="utf-8")
    done = subprocess.run(
        [str(environment.python), "-m", "usecases.cli", "list"],
        capture_output=True,
        text=True,
        cwd=copy,
        env=clean(),
    )
    assert done.returncode == 0, done.stderr
    assert "configurator" in done.stdout
    run = [
        "-m",
        "usecases.cli",
        "run",
        "predictive_maintenance",
        "budget=smoke",
        "tracking=none",
        "data.n_machines=16",
    ]
    done = subprocess.run(
        [str(environment.python), *run], capture_output=True, text=True, cwd=copy, env=clean()
    )
    assert done.returncode == 0, done.stderr

"""Wheel and sdist, installed in a fresh environment, run from another folder; and a stranger's package beside them."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"usecases", "predictive_maintenance", "vision_inspection", "delivery_optimization", "configurator"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STRANGER = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "toy-cases"
version = "0.1"
[project.entry-points."usecases.packages"]
toy_cases = "toy_cases"
[tool.hatch.build.targets.wheel]
packages = ["toy_cases"]
"""


def build(source, out, *kinds):
    """Build without isolation: nothing is fetched."""
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), *kinds, str(source)],
        check=True,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A clean copy of the tracked files, and what is built from it."""
    source = tmp_path_factory.mktemp("source") / "checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    out = tmp_path_factory.mktemp("dist")
    build(source, out, "--wheel", "--sdist")
    shutil.rmtree(source)
    return out


@pytest.fixture(scope="module")
def wheel(built):
    (found,) = built.glob("*.whl")
    return found


class Installed:
    """A fresh environment that sees the libraries of this one, but not its editable install."""

    def __init__(self, folder, *wheels):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = scripts / "python"
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(self.python),
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
        ]
        if wheels:
            subprocess.run([*pip, *map(str, wheels)], check=True)
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        done = subprocess.run([str(self.python), "-c", code], capture_output=True, text=True, check=True)
        self.packages = Path(done.stdout.strip())
        (self.packages / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
        self.command = scripts / "usecases"

    def run(self, *arguments, cwd, **env):
        clean = {
            key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "USECASES_RUNS")
        }
        return subprocess.run(
            [str(self.command), *arguments],
            capture_output=True,
            text=True,
            cwd=cwd,
            env=clean | env,
            timeout=300,
        )


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
    ):
        assert needed in names
    assert not [name for name in names if name.endswith((".pkl", ".pyc", ".db", ".csv"))]


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
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "USECASES_RUNS")}
    done = subprocess.run(
        [str(environment.python), "-m", "usecases.cli", "list"],
        capture_output=True,
        text=True,
        cwd=copy,
        env=clean,
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
        [str(environment.python), *run], capture_output=True, text=True, cwd=copy, env=clean
    )
    assert done.returncode == 0, done.stderr


def test_a_strangers_wheel_is_seen_without_a_change_to_the_core(wheel, tmp_path):
    source = tmp_path / "stranger"
    shutil.copytree(
        ROOT / "tests" / "toys" / "toy_cases",
        source / "toy_cases",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (source / "pyproject.toml").write_text(STRANGER, encoding="utf-8")
    build(source, tmp_path / "out", "--wheel")
    (theirs,) = (tmp_path / "out").glob("*.whl")
    environment = Installed(tmp_path / "venv", wheel, theirs)
    assert "toy_cases" in environment.run("list", cwd=tmp_path).stdout
    done = environment.run("run", "toy_cases/knapsack", "method=exact", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "runs" / "toy_cases-knapsack").iterdir()
    assert (folder / "report.html").is_file()

"""`usecases copy` from an installed wheel: the project installs beside it, runs and passes its tests, nothing edited."""

import re
import zipfile

import pytest
from installing import Installed, build

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NEW = "my_pumps"
SMALL = ["budget=smoke", "tracking=none", "data.n_machines=16"]


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    return Installed(tmp_path_factory.mktemp("copied") / "venv", wheel)


@pytest.fixture(scope="module")
def project(environment, tmp_path_factory):
    """The copy, installed as its README says."""
    folder = tmp_path_factory.mktemp("work") / "mes pompes"
    done = environment.run("copy", "predictive_maintenance", str(folder), "--as", NEW, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    environment.install("-e", folder)
    return folder


def test_list_run_and_bench_beside_the_original(environment, project, tmp_path):
    listed = environment.run("list", cwd=tmp_path).stdout
    assert f"{NEW} — " in listed
    assert "predictive_maintenance — " in listed
    done = environment.run("run", f"{NEW}/rul", *SMALL, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = environment.run("bench", f"{NEW}/rul", "suite=smoke", *SMALL, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "ridge" in done.stdout
    done = environment.run("doctor", cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_its_own_tests_pass(environment, project):
    done = environment.python_run("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project, timeout=800)
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 300
    assert "test_conformance" not in done.stdout, "a skipped or failed test would be named"


def test_its_wheel_holds_code_configurations_and_data(project, tmp_path):
    build(project, tmp_path, "--wheel")
    (found,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(found) as archive:
        names = set(archive.namelist())
    for needed in (
        "card.yaml",
        "datasets.yaml",
        "data/fleet.yaml",
        "configs/rul/run.yaml",
        "configs/rul/method/ridge.yaml",
    ):
        assert f"{NEW}/{needed}" in names
    licences = {name.rpartition("/")[2] for name in names if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}
    assert not [name for name in names if name.startswith("tests/")]

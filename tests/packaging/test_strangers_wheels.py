"""A stranger's package, a stranger's method and a class of one's own, each in a wheel of its own beside ours."""

import csv
import shutil

import pytest
import stranger_source
from installing import ROOT, Installed, build

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SMALL = ["budget=smoke", "tracking=none", "data.n_machines=16"]

TOYS = """\
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


OWN = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "my-method"
version = "0.1"
[tool.hatch.build.targets.wheel]
only-include = ["median_life.py"]
"""


def wheel_of(source, out):
    """Build the one wheel of a source."""
    build(source, out, "--wheel")
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """Our wheel and three of strangers: a package, a method with its configuration, a class alone."""
    folder = tmp_path_factory.mktemp("strangers")
    shutil.copytree(
        ROOT / "tests" / "toys" / "toy_cases",
        folder / "toys" / "toy_cases",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (folder / "toys" / "pyproject.toml").write_text(TOYS, encoding="utf-8")
    stranger_source.write(folder / "method")
    (folder / "class").mkdir()
    shutil.copy(stranger_source.EXAMPLE, folder / "class")
    (folder / "class" / "pyproject.toml").write_text(OWN, encoding="utf-8")
    theirs = [wheel_of(folder / name, folder / "dist" / name) for name in ("toys", "method", "class")]
    return Installed(folder / "venv", wheel, *theirs)


def report_and_table(environment, folder, spec, run, bench):
    """Run and bench; give the page of the run and the lines of the table."""
    done = environment.run("run", spec, *run, cwd=folder)
    assert done.returncode == 0, done.stderr
    done = environment.run("bench", spec, *bench, cwd=folder)
    assert done.returncode == 0, done.stderr
    (page,) = folder.glob(f"runs/{spec.replace('/', '-')}/*/report.html")
    (table,) = folder.glob("runs/bench-*/table.csv")
    with table.open(encoding="utf-8-sig", newline="") as stream:
        return page.read_text(encoding="utf-8"), list(csv.DictReader(stream))


def test_a_stranger_s_package_in_list_run_bench_report(environment, tmp_path):
    assert "toy_cases" in environment.run("list", cwd=tmp_path).stdout
    page, lines = report_and_table(
        environment,
        tmp_path,
        "toy_cases/knapsack",
        ["method=exact", "tracking=none"],
        ["budget=smoke", "tracking=none"],
    )
    assert "exact" in page
    assert {line["method"] for line in lines} >= {"exact", "greedy"}


def test_a_stranger_s_method_in_list_run_bench_report(environment, tmp_path):
    assert "rul method=median_life (median-methods)" in environment.run("list", cwd=tmp_path).stdout
    assert "method=median_life" in environment.run("show", "predictive_maintenance", cwd=tmp_path).stdout
    page, lines = report_and_table(
        environment, tmp_path, "predictive_maintenance/rul", ["method=median_life", "baselines=[mean_life]", *SMALL],
        ["suite=median", "budget=smoke", "tracking=none"],
    )  # fmt: skip
    assert "median_life" in page
    assert {"mean_life", "median_life"} <= {line["method"] for line in lines}
    assert environment.run("doctor", cwd=tmp_path).returncode == 0


def test_a_class_of_one_s_own_takes_part_without_touching_the_package(environment, tmp_path):
    """The example of the documentation, from an installed wheel: at most 20 lines of code."""
    own = ["method=custom", "method._target_=median_life.MedianLife"]
    page, lines = report_and_table(
        environment, tmp_path, "predictive_maintenance/rul", [*own, "baselines=[mean_life]", *SMALL], ["suite=smoke", *own, *SMALL]
    )  # fmt: skip
    assert "MedianLife" in page
    (line,) = [line for line in lines if line["method"] == "MedianLife"]
    assert {"mean_life", "ridge", "weibull"} <= {line["method"] for line in lines}
    assert any(value.replace(".", "").isdigit() for value in line.values()), line

"""The source of a stranger's distribution: one method, the example of the documentation, with its configuration files."""

import shutil
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "docs" / "examples" / "median_life.py"
RUL = Path("configs", "predictive_maintenance", "rul")

PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "median-methods"
version = "0.1"
[project.entry-points."usecases.configs"]
median_methods = "median_methods"
[tool.hatch.build.targets.wheel]
packages = ["median_methods"]
"""

FILES = {
    RUL / "method" / "median_life.yaml": "_target_: median_methods.median_life.MedianLife\noldest: 0.0\n",
    RUL
    / "experiment"
    / "young.yaml": "# @package _global_\ndefaults:\n  - override /method: median_life\ndata: {cap: 30}\n",
    RUL / "suite" / "median.yaml": (
        "title: {en: With the median, fr: Avec la médiane}\n"
        "rows:\n  - sweep: [data=fleet, data.n_machines=16, 'method=mean_life,median_life', seed=0]\n"
    ),
}


def write(folder):
    """Write the source; the package is `median_methods`."""
    package = folder / "median_methods"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('"""A stranger\'s methods."""\n', encoding="utf-8")
    shutil.copy(EXAMPLE, package)
    for name, text in FILES.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    return package


def install(folder):
    """Put beside the source what an installer would, so that the folder can stand on the path."""
    info = folder / "median_methods-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: median-methods\nVersion: 0.1\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(
        "[usecases.configs]\nmedian_methods = median_methods\n", encoding="utf-8"
    )

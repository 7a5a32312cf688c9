"""Dependencies point one way: package -> core; never core -> package, never package -> package."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["predictive_maintenance", "vision_inspection", "delivery_optimization", "configurator"]
HEAVY = {"torch", "mlflow", "lightgbm", "sklearn", "ortools", "pandas", "scipy", "matplotlib"}
CORE = sorted(f for f in (ROOT / "usecases").rglob("*.py") if "templates" not in f.parts)


def imported(tree):
    """Top-level names that a syntax tree imports anywhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


def parsed(file):
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", CORE, ids=lambda f: f.name)
def test_core_imports_no_package(file):
    assert not set(imported(parsed(file))) & set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_do_not_import_each_other(package):
    for file in (ROOT / package).rglob("*.py"):
        assert not set(imported(parsed(file))) & (set(PACKAGES) - {package}), file


@pytest.mark.parametrize("file", CORE, ids=lambda f: f.name)
def test_core_imports_nothing_heavy_at_module_level(file):
    top = [node for node in parsed(file).body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert not set(imported(ast.Module(top, []))) & HEAVY


def test_only_tracking_and_the_served_model_import_mlflow():
    for file in [*CORE, *(f for p in PACKAGES for f in (ROOT / p).rglob("*.py"))]:
        if file.name not in (
            "tracking.py",
            "mlflow_model.py",
            "served_model.py",
        ):  # MLflow executes the last one
            assert "mlflow" not in set(imported(parsed(file))), file


def test_only_the_command_line_prints():
    for file in [*CORE, *(f for p in PACKAGES for f in (ROOT / p).rglob("*.py"))]:
        if file.name == "cli.py":
            continue
        calls = [
            n for n in ast.walk(parsed(file)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        ]
        assert not [n for n in calls if n.func.id == "print"], file


def test_importing_the_core_loads_nothing_heavy():
    named = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in CORE]
    modules = [name for name in named if not name.endswith(("__init__", "cli"))]
    code = f"import sys, {', '.join(modules)}; print(sorted(set(sys.modules) & {HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_list_loads_nothing_heavy():
    heavy = HEAVY | {"hydra", "omegaconf", "jsonschema", "numpy", "jinja2"}
    code = f"import sys; from usecases.cli import main; main(['list']); print(sorted(set(sys.modules) & {heavy!r}), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "predictive_maintenance" in done.stdout

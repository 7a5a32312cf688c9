"""Fixtures of all tests: a runs folder of their own, no network, one migrated MLflow database, the toy package."""

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

ROOT = Path(__file__).resolve().parent.parent
TOYS = ROOT / "tests" / "toys"
sys.path.insert(0, str(TOYS))

import pytest  # noqa: E402


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    """Every test writes below its own temporary folder."""
    monkeypatch.setenv("USECASES_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("USECASES_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("USECASES_OFFLINE", "1")
    monkeypatch.delenv("USECASES_LANG", raising=False)
    handlers = list(logging.getLogger().handlers)
    yield
    logging.getLogger().handlers[:] = handlers


@pytest.fixture(scope="session")
def mirror():
    """Folder of public datasets, or a skip with its reason."""
    folder = os.environ.get("USECASES_MIRROR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("public data: set USECASES_MIRROR to a folder of datasets")
    return Path(folder)


@pytest.fixture(scope="session")
def migrated_store(tmp_path_factory):
    """An MLflow database with its tables: creating them takes seconds, copying the file does not."""
    folder = tmp_path_factory.mktemp("mlflow")
    from mlflow import MlflowClient

    MlflowClient(tracking_uri=f"sqlite:///{(folder / 'mlflow.db').as_posix()}").search_experiments()
    return folder / "mlflow.db"


@pytest.fixture
def tracked_runs(tmp_path, migrated_store):
    """A runs folder whose MLflow database is already migrated."""
    runs = tmp_path / "runs"
    runs.mkdir(exist_ok=True)
    shutil.copy(migrated_store, runs / "mlflow.db")
    return runs


@pytest.fixture
def usecases(tmp_path):
    """Run the command line in a process of its own, from another folder, with the toy package installed."""

    def run(*arguments, env=None, cwd=None, check=False):
        environment = os.environ | {"PYTHONPATH": str(TOYS), "PYTHONIOENCODING": "utf-8"} | (env or {})
        return subprocess.run(
            [sys.executable, "-m", "usecases.cli", *map(str, arguments)],
            capture_output=True, text=True, encoding="utf-8", env=environment, cwd=cwd or tmp_path, check=check, timeout=280,
        )  # fmt: skip

    return run

"""Served requests per second and their time: ``mlflow models serve`` on the model of a run, asked for one unit's history.

    python benchmarks/serving.py RUN_DIR [--rows 200] [--seconds 10] [--clients 1]

Every client posts the next request when the last one was answered. The requests are synthetic rows of the model
(`task.example`), repeated up to ``--rows`` with the time going on; the first second is not counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from usecases import mlflow_model, models, servers
from usecases.served_model import plain_rows

WARM_UP_S = 1.0


def history(example: pd.DataFrame, rows: int) -> pd.DataFrame:
    """One unit of so many rows, from an example of the model."""
    unit = example[example["unit"] == example["unit"].iloc[0]]
    repeated = pd.concat([unit] * -(-rows // len(unit)), ignore_index=True)[:rows]
    return repeated.assign(time=np.arange(1, rows + 1, dtype=float))


def ask(port: int, body: bytes, until: float) -> list[tuple[float, float]]:
    """Post until the time is over; start and duration of every request (s)."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    asked = []
    while (start := time.perf_counter()) < until:
        connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(content.decode())
        asked.append((start, time.perf_counter() - start))
    return asked


def measure(port: int, body: bytes, *, seconds: float, clients: int) -> dict[str, float]:
    """Requests per second and quantiles of their time (ms)."""
    begin = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        jobs = [pool.submit(ask, port, body, begin + WARM_UP_S + seconds) for _ in range(clients)]
        asked = [request for job in jobs for request in job.result()]
    counted = np.array([took for start, took in asked if start > begin + WARM_UP_S])
    p50, p99 = np.quantile(counted, [0.5, 0.99]) * 1000
    return {"requests": len(counted), "per_s": len(counted) / seconds, "p50_ms": p50, "p99_ms": p99}


def serve_and_measure(run: str, rows: int, seconds: float, clients: int) -> dict[str, Any]:
    """Start the server of a run, measure, stop it."""
    model = models.load(run)
    frame = history(model.example(), rows)
    port, measured = servers.free_port(), {}
    body = json.dumps({"dataframe_split": plain_rows(frame).to_dict(orient="split")}).encode()

    def ready() -> None:
        measured.update(measure(port, body, seconds=seconds, clients=clients))
        raise KeyboardInterrupt  # enough: the server stops

    with tempfile.TemporaryDirectory() as scratch:
        mlflow_model.export(model.folder, Path(scratch) / "model")
        command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(Path(scratch) / "model")]
        command += ["--env-manager", "local", "--port", str(port)]
        health = f"http://127.0.0.1:{port}/ping"
        servers.run_until_stopped(command, servers.mlflow_environment(), health=health, when_ready=ready)
    assert len(model.apply(frame).answer) == 1
    begin = time.perf_counter()
    for _ in range(20):
        model.apply(frame)
    bare = (time.perf_counter() - begin) / 20 * 1000
    return {"method": model.record["method"], "rows": rows, "clients": clients, "body_kb": len(body) / 1e3} | measured | {
        "apply_ms": bare
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", metavar="RUN_DIR")
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=1)
    chosen = parser.parse_args()
    found = serve_and_measure(chosen.run, chosen.rows, chosen.seconds, chosen.clients)
    told = [
        f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}" for key, value in found.items()
    ]
    sys.stdout.write("  ".join(told) + "\n")

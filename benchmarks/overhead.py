"""What a row of a suite costs over the bare call: processor seconds and peak memory, each in a process of its own.

    python benchmarks/overhead.py [repeats]

Bare: import the task, the data source and the method, then load, solve, evaluate. Row: the same through
``python -m usecases.bench.row``, which also checks, writes the run folder, its sums and the model. Needs Linux or macOS.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from usecases import config, environment
from usecases.bench import row

BARE = """\
import importlib, json, sys
what = json.loads(sys.stdin.readline())
def build(node):
    module, _, name = node.pop("_target_").rpartition(".")
    return getattr(importlib.import_module(module), name)(**node)
from predictive_maintenance.tasks.rul import Rul
from usecases.contract import Budget
task, values = Rul(), what["values"]
shared = dict(seed=values["seed"], budget=Budget(**values["budget"]), device="cpu", progress=lambda items, **_: items)
problem = task.load(build(values["data"]), seed=values["seed"])
outcome = task.solve(build(values["method"]), problem.inputs, **shared)
evaluation = task.evaluate(problem, outcome, **shared)
print(evaluation.metrics["rmse_capped"].value)
"""


def cost(command: list[str], line: str) -> tuple[float, float]:
    """Processor seconds and peak memory (MB) of one process."""
    quiet = os.environ | dict.fromkeys(environment.THREAD_VARIABLES, "1")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=quiet)
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()
    _, state, used = os.wait4(process.pid, 0)
    assert state == 0, "the process failed"
    per_mb = 1e6 if sys.platform == "darwin" else 1e3
    return used.ru_utime + used.ru_stime, used.ru_maxrss / per_mb


def main(repeats: int) -> None:
    """Measure by turns, so that a busy machine disturbs both alike."""
    what = row.order(config.compose("predictive_maintenance", "rul", ["method=ridge", "device=cpu"]))
    kinds = {"bare": [sys.executable, "-c", BARE], "row": [sys.executable, "-m", "usecases.bench.row"]}
    measured = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as place:
        for repeat in range(repeats):
            for kind, command in kinds.items():
                line = json.dumps(what | {"folder": str(Path(place) / f"{kind}{repeat}")})
                measured[kind].append(cost(command, line))
    for kind, values in measured.items():
        cpu, memory = (statistics.median(column) for column in zip(*values, strict=True))
        sys.stdout.write(f"{kind:>5}: {cpu:.2f} s CPU, {memory:.0f} MB (median of {repeats})\n")
    more = [r[i] - b[i] for i in (0, 1) for b, r in zip(measured["bare"], measured["row"], strict=True)]
    sys.stdout.write(
        f" more: {statistics.median(more[:repeats]):.2f} s CPU, {statistics.median(more[repeats:]):.0f} MB\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

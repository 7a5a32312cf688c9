"""Cost and reliability of planners: rows for ``benchmarks/notes_robustness.md``.

    python benchmarks/robust_planning.py run ROWS.jsonl --instances n200,n250,n281 --iterations 10000    # about 7 s CPU a row, 120 rows
    python benchmarks/robust_planning.py run ROWS.jsonl --instances city --iterations 1000               # about 5 s CPU a row, 40 rows
    python benchmarks/robust_planning.py table ROWS.jsonl

A row is one planner on one instance with one seed, all with the same iterations of the same solver; plans are scored on 10,000
scenarios of another stream than the planner's. Rows that the file has already are not run again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from delivery_optimization.robustness.planning import Inflated, Nominal, Priced
from delivery_optimization.robustness.scores import run_days
from delivery_optimization.robustness.source import Days
from delivery_optimization.solution import Stop
from usecases.stats import student_interval

LAW = {"travel_cv": 0.2, "route_share": 0.5}
UNIFORM = (1.05, 1.1, 1.15, 1.2)
PRICES = (1.0, 2.0, 4.0)


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def planners(iterations: int) -> dict[str, Any]:
    """Every planner with the same iterations of the same solver."""
    made: dict[str, Any] = {"nominal": Nominal(iterations)}
    made |= {f"inflated {f:g}": Inflated(iterations, f) for f in UNIFORM}
    made |= {f"priced {p:g}": Priced(iterations, price=p, law=LAW) for p in PRICES}
    return made


def source(instance: str) -> Days:
    """ORTEC with the assumed law; the city with its own."""
    if instance.startswith("city"):
        orders = int(instance[4:] or 60)
        return Days("delivery_optimization.data.city.City", n_orders=orders, departure="first_window")
    return Days("delivery_optimization.data.ortec.Ortec", law=LAW, instance=instance, departure="shift")


def run(file: Path, instances: list[str], seeds: list[int], iterations: int, only: list[str]) -> None:
    """Run what is missing; scenarios come from a stream of their own."""
    rows = (
        [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    )
    done = {(row["instance"], row["seed"], row["planner"], row["iterations"]) for row in rows}
    for seed in seeds:
        for instance in instances:
            _, missions, truth = source(instance).read(0)
            for name, planner in planners(iterations).items():
                if (instance, seed, name, iterations) in done or (only and name.split()[0] not in only):
                    continue
                begun = time.process_time()
                solution = planner.plan(missions[0], stop=Stop(iterations=iterations), seed=seed)
                cpu = time.process_time() - begun
                days = run_days(missions, [solution.plan], truth)[0]
                row = {
                    "instance": instance,
                    "seed": seed,
                    "planner": name,
                    "iterations": iterations,
                    "cost": solution.plan.stated_cost,
                    "on_time": 100 * days.on_time_rate,
                    "perfect_days": 100 * days.perfect_days,
                    "vehicles": len(solution.plan.routes),
                    "cpu_s": round(cpu, 2),
                    "notes": [note.en for note in solution.notes],
                }
                with file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(row) + "\n")


def table(file: Path) -> None:
    """Means over seeds, and the share of the uniform factors' extra cost at equal on-time rate."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    mean: dict[str, dict[str, tuple[float, float, float]]] = defaultdict(dict)
    for instance in sorted({row["instance"] for row in rows}):
        mine = [row for row in rows if row["instance"] == instance]
        base = np.mean([row["cost"] for row in mine if row["planner"] == "nominal"])
        for name in dict.fromkeys(row["planner"] for row in mine):
            those = [row for row in mine if row["planner"] == name]
            extra = 100 * (np.mean([row["cost"] for row in those]) / base - 1)
            on_time, perfect = (
                float(np.mean([row[key] for row in those])) for key in ("on_time", "perfect_days")
            )
            mean[instance][name] = (float(extra), on_time, perfect)
            say(
                f"{instance:6} {name:14} extra {extra:6.2f} %  on time {on_time:7.3f} %  nobody late {perfect:5.1f} %  n={len(those)}"
            )
    for factor in UNIFORM:
        pairs = [at_equal_rate(points, f"inflated {factor:g}") for points in mean.values()]
        pairs = [pair for pair in pairs if pair is not None]
        if len(pairs) > 1:
            uniform, priced = (np.array(side) for side in zip(*pairs, strict=True))
            gain = student_interval(0.5 * uniform - priced)
            say(
                f"at the on-time rate of x{factor:g}: uniform +{uniform.mean():.2f} %, priced +{priced.mean():.2f} %, ratio "
                f"{priced.mean() / uniform.mean():.2f} over {len(pairs)} instances (half of uniform less priced: "
                f"{np.mean(0.5 * uniform - priced):.2f}, 95 % over instances {gain[0]:.2f} to {gain[1]:.2f})"
            )


def front(points: dict[str, tuple[float, float, float]], kind: str) -> list[tuple[float, float]]:
    """On-time rate and extra cost of what no cheaper plan of the kind (or the nominal one) is as reliable as."""
    own = [(p[1], p[0]) for name, p in points.items() if name.split()[0] in (kind, "nominal")]
    return sorted(p for p in own if not any(q != p and q[0] >= p[0] and q[1] <= p[1] for q in own))


def at_equal_rate(points: dict[str, tuple[float, float, float]], uniform: str) -> tuple[float, float] | None:
    """Extra cost of uniform factors and of the priced planner at one factor's on-time rate, both interpolated on their fronts."""
    if uniform not in points:
        return None
    rate, found = points[uniform][1], []
    for kind in ("inflated", "priced"):
        rates, extra = zip(*front(points, kind), strict=True)
        if rate > rates[-1]:
            return None
        found.append(float(np.interp(rate, rates, extra)))
    return found[0], found[1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["run", "table"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--instances", default="n200,n250,n281")
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--iterations", type=int, default=10_000)
    parser.add_argument("--only", default="", help="kinds of planners, e.g. nominal,priced")
    given = parser.parse_args()
    if given.what == "run":
        seeds = [int(seed) for seed in given.seeds.split(",")]
        run(
            given.file,
            given.instances.split(","),
            seeds,
            given.iterations,
            [k for k in given.only.split(",") if k],
        )
    else:
        table(given.file)

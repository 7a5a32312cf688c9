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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from delivery_optimization.robustness.planning import Inflated, Nominal, Priced
from delivery_optimization.robustness.scores import run_days
from delivery_optimization.robustness.search import inflated
from delivery_optimization.robustness.source import Days, Mission
from delivery_optimization.schedule import plan_cost
from delivery_optimization.solution import Solution, Stop
from usecases.stats import student_interval

LAW = {"travel_cv": 0.2, "route_share": 0.5}
UNIFORM = (1.05, 1.1, 1.15, 1.2)
PRICES = (1.0, 2.0, 4.0)


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class OwnInflated(Priced):
    """The two halves of `Priced`, without a price, with all durations multiplied by one factor: uniform buffers by the same search."""

    uniform: float = 1.0

    def plan(self, mission: Mission, *, stop: Stop, seed: int) -> Solution:
        """Plan one day; the cost is that of the instance's own durations."""
        longer = replace(mission, instance=inflated(mission.instance, self.uniform))
        found = super().plan(longer, stop=stop, seed=seed)
        plan = replace(found.plan, stated_cost=None)
        return replace(found, plan=replace(plan, stated_cost=plan_cost(mission.instance, plan)))


def planners(iterations: int) -> dict[str, Any]:
    """Every planner with the same iterations; `own ...` has the two halves of `Priced`, without a price."""
    made: dict[str, Any] = {"nominal": Nominal(iterations)}
    made |= {f"inflated {f:g}": Inflated(iterations, f) for f in UNIFORM}
    made |= {f"priced {p:g}": Priced(iterations, price=p, law=LAW) for p in PRICES}
    made["own nominal"] = Priced(iterations, price=0.0, factor=1.0, law=LAW)
    made |= {
        f"own inflated {f:g}": OwnInflated(iterations, price=0.0, factor=1.0, law=LAW, uniform=f)
        for f in UNIFORM
    }
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
    """Means over the seeds that have all planners, and the share of the uniform factors' extra cost at equal on-time rate."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for search in ("", "own "):
        base = f"{search}nominal"
        names = [
            name
            for name in planners(1)
            if name.startswith(("priced", f"{search}nominal", f"{search}inflated"))
        ]
        say(f"extra cost over {base}")
        means = {}
        for instance in dict.fromkeys(row["instance"] for row in rows):
            found = {(row["seed"], row["planner"]): row for row in rows if row["instance"] == instance}
            seeds = [
                s for s in sorted({seed for seed, _ in found}) if all((s, name) in found for name in names)
            ]
            if seeds:
                means[instance] = points(found, seeds, names, base)
                for name, (extra, rate, perfect) in means[instance].items():
                    say(
                        f"{instance:6} {name:14} extra {extra:6.2f} %  on time {rate:7.3f} %  nobody late {perfect:5.1f} %  n={len(seeds)}"
                    )
        for factor in UNIFORM:
            compare(means, f"{search}inflated {factor:g}")


def points(
    found: dict[tuple[int, str], Any], seeds: list[int], names: list[str], base: str
) -> dict[str, tuple[float, float, float]]:
    """Extra cost, on-time rate and share of days with nobody late of every planner on one instance: means over seeds."""

    def mean(name: str, key: str) -> float:
        return float(np.mean([found[seed, name][key] for seed in seeds]))

    least = mean(base, "cost")
    return {
        name: (100 * (mean(name, "cost") / least - 1), mean(name, "on_time"), mean(name, "perfect_days"))
        for name in names
    }


def compare(means: dict[str, dict[str, tuple[float, float, float]]], uniform: str) -> None:
    """Priced against uniform at the on-time rate of one factor, mean over instances."""
    pairs = {instance: at_equal_rate(found, uniform) for instance, found in means.items()}
    both = np.array([pair for pair in pairs.values() if pair is not None])
    if len(both) < 2:
        return
    uniform_cost, priced_cost = both.T
    low, high = student_interval(0.5 * uniform_cost - priced_cost)
    each = ", ".join(f"{i} {p[1]:.2f} of {p[0]:.2f}" for i, p in pairs.items() if p is not None)
    say(
        f"at the on-time rate of {uniform}: priced {priced_cost.mean():.2f} % of uniform's {uniform_cost.mean():.2f} % ({each}); "
        f"half of uniform less priced {np.mean(0.5 * uniform_cost - priced_cost):.2f}, 95 % over instances {low:.2f} to {high:.2f}"
    )


def front(points: dict[str, tuple[float, float, float]], kind: str) -> list[tuple[float, float]]:
    """On-time rate and extra cost of what no cheaper plan of the kind (or a nominal one) is as reliable as."""
    own = [(p[1], p[0]) for name, p in points.items() if name.startswith(kind) or name.endswith("nominal")]
    return sorted(p for p in own if not any(q != p and q[0] >= p[0] and q[1] <= p[1] for q in own))


def at_equal_rate(points: dict[str, tuple[float, float, float]], uniform: str) -> tuple[float, float] | None:
    """Extra cost of uniform factors and of the priced planner at one factor's on-time rate, both interpolated on their fronts."""
    if uniform not in points:
        return None
    rate, found = points[uniform][1], []
    for kind in (uniform.rpartition(" ")[0], "priced"):
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

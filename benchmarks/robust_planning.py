"""What reliability costs, priced lateness against uniform factors: the deciding figure of ``notes_robustness.md``.

    USECASES_MIRROR=FOLDER usecases bench delivery_optimization/robustness suite=ortec --save
    usecases bench delivery_optimization/robustness suite=city --save
    python benchmarks/robust_planning.py [FOLDER_OF_A_SUITE ...]

It reads the saved rows of the two suites (by default) and runs nothing. Extra cost is over the nominal plans of the same solver. Costs
and on-time rates are means over seeds; both planners are interpolated on their fronts, at the on-time rate of each uniform factor.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from usecases.bench.table import load_saved
from usecases.errors import UserError
from usecases.stats import student_interval

SAVED = Path(__file__).resolve().parent / "results" / "delivery_optimization" / "robustness"
Point = tuple[float, float]  # on-time rate (%), cost
Points = dict[str, Point]


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(text + "\n")


def read(folders: Iterable[Path]) -> dict[str, Points]:
    """On-time rate and cost of every planner on every instance: means over the seeds that all of its planners have."""
    found: dict[str, dict[str, dict[int, Point]]] = defaultdict(lambda: defaultdict(dict))
    for folder in folders:
        load_saved(folder)  # refuses what was edited
        for file in sorted(folder.glob("robustness-*.json")):
            row = json.loads(file.read_text(encoding="utf-8"))
            if row["status"] != "ok":
                say(f"left out: {file.name} ({row['status']})")
                continue
            method, data = row["config"]["method"], row["config"]["data"]
            number = method.get("factor") if row["method"] == "inflated" else method.get("price")
            name = row["method"] if number is None else f"{row['method']} {number:g}"
            metrics = row["metrics"]
            point = (metrics["on_time_rate"]["value"], metrics["cost"]["value"])
            found[str(data.get("instance", row["data"]["name"]))][name][row["seed"]] = point
    means: dict[str, Points] = {}
    for instance, names in found.items():
        common = sorted(set.intersection(*map(set, names.values())))
        say(f"{instance}: seeds {common}")
        if common and "nominal" in names:
            means[instance] = {
                name: tuple(np.mean([points[seed] for seed in common], axis=0).tolist())
                for name, points in names.items()
            }
    return means


def front(points: Points, kind: str) -> list[Point]:
    """On-time rate and extra cost (%) of the nominal plan and of one kind, without those that another is better than in both.

    A price of 0 is a control, not a plan of the kind.
    """
    least = points["nominal"][1]
    own = [
        (rate, 100 * (cost / least - 1))
        for name, (rate, cost) in points.items()
        if name == "nominal" or (name.startswith(kind) and name != "priced 0")
    ]
    return sorted(p for p in own if not any(q != p and q[0] >= p[0] and q[1] <= p[1] for q in own))


def at_rate(points: Points, kind: str, rate: float) -> float | None:
    """Extra cost (%) of one kind at an on-time rate; None where no plan of the kind reaches it."""
    rates, extra = zip(*front(points, kind), strict=True)
    return float(np.interp(rate, rates, extra)) if rate <= rates[-1] else None


def compare(every: dict[str, Points], uniform: str) -> None:
    """Priced against uniform at the on-time rate of one factor, mean over instances."""
    pairs, missed = {}, []
    every = {instance: points for instance, points in every.items() if uniform in points}
    for instance, points in every.items():
        both = [at_rate(points, kind, points[uniform][0]) for kind in ("inflated", "priced")]
        if both[1] is None:
            missed.append(f"{instance} ({points[uniform][0]:.3f} %)")
        else:
            pairs[instance] = both
    if missed:
        say(f"at the on-time rate of {uniform}: not shown, priced does not reach that of {', '.join(missed)}")
        return
    values = np.array(list(pairs.values()), dtype=float)
    each = ", ".join(f"{i} {priced:.2f} of {cost:.2f}" for i, (cost, priced) in pairs.items())
    text = f"at the on-time rate of {uniform}: priced {values[:, 1].mean():.2f} % of uniform's {values[:, 0].mean():.2f} % ({each})"
    if len(values) > 1:
        rest = 0.5 * values[:, 0] - values[:, 1]
        low, high = student_interval(rest)
        text += (
            f"; half of uniform less priced {rest.mean():.2f}, 95 % over instances {low:.2f} to {high:.2f}"
        )
    say(text)


def main(folders: list[Path]) -> None:
    """Print all points, then the comparison at each factor."""
    every = read(folders or [SAVED / "ortec", SAVED / "city"])
    for instance, points in every.items():
        for name, (rate, cost) in points.items():
            say(
                f"{instance:6} {name:14} extra {100 * (cost / points['nominal'][1] - 1):6.2f} %  on time {rate:7.3f} %"
            )
    for uniform in sorted({n for points in every.values() for n in points if n.startswith("inflated")}):
        compare(every, uniform)


if __name__ == "__main__":
    try:
        main([Path(argument) for argument in sys.argv[1:]])
    except UserError as error:
        sys.exit(str(error))

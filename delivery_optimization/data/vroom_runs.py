"""From a run on a VROOM file back to VROOM's output form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from delivery_optimization.data.vroom import read_vroom
from delivery_optimization.data.vroom_plans import plan_to_vroom
from delivery_optimization.plan import plan_from_json
from usecases.errors import UserError


def run_to_vroom(run: Path | str, problem: Path | str) -> dict[str, Any]:
    """Give the plan of a run as VROOM would have answered.

    Parameters
    ----------
    run : Path or str
        Folder of a run of `delivery_optimization/routing`, with its ``plan.json``.
    problem : Path or str
        The VROOM problem that it planned (``data=own data.path=PROBLEM``).

    Returns
    -------
    dict
        Ready for `json.dumps`; identifiers are those of the problem.

    Raises
    ------
    UserError
        If the folder holds no plan, or that of another problem.

    Examples
    --------
    >>> import tempfile
    >>> raw = {"vehicles": [{"id": 1, "start_index": 0, "end_index": 0}], "jobs": [{"id": 7, "location_index": 1}],
    ...        "matrices": {"car": {"durations": [[0, 60], [70, 0]]}}}
    >>> route = {"vehicle": "1", "stops": [{"order": "7", "action": "delivery"}]}
    >>> plan = {"instance": "problem", "routes": [route], "unserved": [], "stated_cost": 130.0}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     problem = Path(folder) / "problem.json"
    ...     _ = problem.write_text(json.dumps(raw), encoding="utf-8")
    ...     _ = (Path(folder) / "plan.json").write_text(json.dumps({"plans": [plan]}), encoding="utf-8")
    ...     answer = run_to_vroom(folder, problem)
    >>> answer["routes"][0]["steps"][1]["id"], answer["summary"]["duration"]
    (7, 130)
    """
    file, instance = Path(run) / "plan.json", read_vroom(Path(problem))
    if not file.is_file():
        raise UserError(
            f"{run} holds no plan.json: give the folder of a run of delivery_optimization/routing"
        )
    plans = json.loads(file.read_text(encoding="utf-8"))["plans"]
    if len(plans) != 1 or plans[0]["instance"] != instance.name:
        planned = ", ".join(plan["instance"] for plan in plans[:3])
        raise UserError(
            f"{file} is a plan for {planned}, not for {instance.name}: give the file that the run read as data.path"
        )
    raw = json.loads(Path(problem).read_text(encoding="utf-8-sig"))
    return plan_to_vroom(instance, plan_from_json(instance, plans[0]), raw)

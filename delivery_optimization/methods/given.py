"""A plan that somebody has: checked and scored like any other, so that today's practice has a row of its own."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan, plan_from_json
from delivery_optimization.solution import Solution, Stop
from usecases.errors import UserError, nearest


@dataclass(frozen=True)
class Given:
    """``method=given method.path=plan.json``: the ``plan.json`` of another run, or one plan in the same form.

    Parameters
    ----------
    path : str
        The file.

    Raises
    ------
    UserError
        If it is no such file, or has no plan for an instance of the data.

    Examples
    --------
    >>> import tempfile
    >>> from delivery_optimization.examples import tiny
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "plan.json"
    ...     _ = path.write_text('{"routes": [], "unserved": ["A", "B", "C", "D"]}', encoding="utf-8")
    ...     Given(str(path)).solve(tiny(), stop=Stop(iterations=1)).plan.unserved
    (0, 1, 2, 3)
    """

    path: str | None = None
    sees_all: ClassVar[bool] = True  # what a plan leaves out is its own affair

    def solve(self, instance: Instance, *, stop: Stop, seed: int = 0) -> Solution:
        """Read the plan of one instance.

        Parameters
        ----------
        instance : Instance
            Found in the file by its name; a file with one plan and no name fits any instance.
        stop : Stop
            Not used.
        seed : int
            Not used.

        Returns
        -------
        Solution
            The plan as it is, with the cost that it states, if it states one; the checker judges both.
        """
        begun = time.process_time()
        value = self._plan_of(instance)
        try:
            plan = plan_from_json(instance, {"unserved": [], **value})
        except (ValueError, KeyError, TypeError, IndexError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise UserError(
                f"{self.path} does not hold a plan for {instance.name} ({reason}): give the plan.json of a run on the same data"
            ) from error
        listed = {stop % instance.n_orders for route in plan.routes for stop in route.stops if stop >= 0}
        listed |= set(plan.unserved)
        rest = tuple(i for i in range(instance.n_orders) if i not in listed)
        return Solution(
            Plan(plan.routes, plan.unserved + rest, plan.stated_cost), cpu_s=time.process_time() - begun
        )

    def _plan_of(self, instance: Instance) -> dict[str, Any]:
        """Find the plan of one instance in the file."""
        if not self.path:
            raise UserError("method=given needs a plan: type method.path=RUN_DIR/plan.json")
        path = Path(self.path)
        if path.is_dir():
            path = path / "plan.json"
        try:
            value = json.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise UserError(
                f"method.path={self.path} cannot be read ({error.strerror}): give the plan.json of a run, or its folder"
            ) from error
        except ValueError as error:
            raise UserError(
                f"method.path={self.path} is not JSON ({error}): give the plan.json of a run, or its folder"
            ) from error
        plans = value.get("plans") if isinstance(value, dict) and "plans" in value else [value]
        if not isinstance(plans, list) or not all(isinstance(p, dict) and "routes" in p for p in plans):
            raise UserError(
                f'method.path={self.path} holds no plan: {{"routes": [...], "unserved": [...]}} was expected, as in the '
                "plan.json of a run"
            )
        if len(plans) == 1 and "instance" not in plans[0]:
            return plans[0]
        named = {str(plan.get("instance")): plan for plan in plans}
        if instance.name not in named:
            raise UserError(
                f"method.path={self.path} has no plan for {instance.name}: {nearest(instance.name, tuple(named))}"
            )
        return named[instance.name]

"""One instance, one method, whatever happens: what cannot be served is told, a plan that is wrong is repaired, an error is kept.

A run has many instances; none of them may be lost because another one failed.
"""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, replace
from typing import Any

from delivery_optimization.diagnosis import solve_what_can_be
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from delivery_optimization.repair import repaired, wrong
from delivery_optimization.solution import Solution, Stop
from usecases.contract import Text
from usecases.errors import UserError


@dataclass(frozen=True)
class Attempt:
    """What came of one instance.

    Parameters
    ----------
    solution : Solution
        With a valid plan, except from a method that only reads one (``sees_all``); with all orders unserved after an error.
    error : str, optional
        What the method raised, in a sentence.
    trace : str
        Where, if it is an error of the method and not of the user.
    """

    solution: Solution
    error: str | None = None
    trace: str = ""

    def exception(self) -> Exception:
        """What to raise if nothing else was planned.

        Returns
        -------
        Exception
            `UserError` where the user can put it right.
        """
        return RuntimeError(self.trace) if self.trace else UserError(str(self.error))


def attempt(method: Any, instance: Instance, *, stop: Stop, seed: int) -> Attempt:
    """Solve one instance and see that the plan is one.

    Parameters
    ----------
    method : object
        With ``solve(instance, *, stop, seed) -> Solution``.
    instance : Instance
        Feasible or not.
    stop : Stop
        When to stop.
    seed : int
        Of the search.

    Returns
    -------
    Attempt

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.methods.nearest import Nearest
    >>> attempt(Nearest(), tiny(), stop=Stop(iterations=1), seed=0).solution.plan.stated_cost
    30.0
    """
    begun = time.process_time()
    try:
        solution = solve_what_can_be(method, instance, stop=stop, seed=seed)
    except Exception as error:
        trace = "" if isinstance(error, UserError) else traceback.format_exc()
        plan = Plan((), tuple(range(instance.n_orders)), None)
        told = " ".join(str(error).split()) or type(error).__name__
        note = Text(
            f"{instance.name} was not planned: {told}", f"{instance.name} n’a pas été planifiée : {told}"
        )
        return Attempt(Solution(plan, cpu_s=time.process_time() - begun, notes=(note,)), told, trace)
    found = wrong(instance, solution.plan)
    if not found or getattr(method, "sees_all", False):
        return Attempt(solution)
    mended = repaired(instance, solution.plan)
    note = Text(
        f"{instance.name}: the method's plan was not valid ({found[0].detail}); it was repaired, {len(mended.unserved)} "
        "order(s) are left out.",
        f"{instance.name} : le plan de la méthode n’était pas valide ({found[0].detail}) ; il a été réparé, "
        f"{len(mended.unserved)} commande(s) restent de côté.",
    )
    return Attempt(replace(solution, plan=mended, trace=(), notes=(*solution.notes, note)))

"""What a method had found by when: the anytime curve over all instances of a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from delivery_optimization.solution import Solution
from usecases.contract import Curve
from usecases.stats import bootstrap_by_group

Array = np.ndarray
SHARES = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0])  # of the processor time
ENOUGH = 5  # instances, for an interval


def anytime(
    solutions: Sequence[Solution], best: Array | None, *, unit: str = "", seed: int = 0
) -> dict[str, Curve]:
    """Mean gap to the best known costs, or total cost where none are known, against processor time.

    Parameters
    ----------
    solutions : sequence of Solution
        One for each instance; those without a trace (no complete plan) are left out.
    best : ndarray of shape (n_instances,) or None
        Best known costs.
    unit : str
        Of the cost, where no best known costs exist.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict of str to Curve
        ``gap_by_time`` with its 95 % interval over instances (from five on), or ``cost_by_time``; from the moment on at which
        every instance had a plan. Empty where no time is known.

    Examples
    --------
    >>> from delivery_optimization.plan import Plan
    >>> quick = Solution(Plan(()), trace=((0.0, 12.0), (4.0, 11.0)), cpu_s=8.0)
    >>> curve = anytime([quick], np.array([10.0]))["gap_by_time"]
    >>> [round(gap) for gap in curve.y]
    [20, 20, 20, 20, 20, 10, 10, 10]
    """
    shown = [k for k, solution in enumerate(solutions) if solution.trace]
    longest = max((solutions[k].cpu_s for k in shown), default=0.0)
    if not shown or longest <= 0:
        return {}
    times: list[float] = []
    losses: list[Array] = []
    for moment in SHARES * longest:
        last = moment >= longest  # clocks of two processes differ a little
        known = [[cost for at, cost in solutions[k].trace if at <= moment or last] for k in shown]
        if all(known):
            cost = np.array([min(costs) for costs in known])
            times.append(float(moment))
            losses.append(cost if best is None else 100 * (cost / np.asarray(best, dtype=float)[shown] - 1))
    if best is None:
        return {"cost_by_time": Curve(times, [float(v.sum()) for v in losses], x_unit="CPU s", y_unit=unit)}
    interval = None
    if len(shown) >= ENOUGH:
        interval = [bootstrap_by_group(np.mean, v, groups=None, seed=seed) for v in losses]
        interval = [(float(low), float(high)) for low, high in interval]
    return {
        "gap_by_time": Curve(times, [float(v.mean()) for v in losses], interval, x_unit="CPU s", y_unit="%")
    }

"""Set partitioning: the cheapest choice of routes from a pool so that every order is served exactly once.

Linear relaxation by column generation over the pool (HiGHS through SciPy), then only the columns whose reduced cost is
below the gap between the incumbent and that relaxation can be part of a better plan: these few go to CP-SAT (OR-Tools).

Source: M. L. Balinski, R. E. Quandt, "On an integer program for a delivery problem", *Operations Research* 12(2), 1964; reduced-cost
fixing as in R. Baldacci, N. Christofides, A. Mingozzi, *Mathematical Programming* 115(2), 2008.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray
MOST_COLUMNS = 4000  # of the integer program
ROUNDS, NEW_COLUMNS = 4, 500  # of the column generation


class _Unsolved(ArithmeticError):
    """A linear relaxation that was not solved."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Routes as columns, and what bounds their choice.

    Parameters
    ----------
    cost : ndarray of int, shape (n_columns,)
        Cost of each route.
    orders : scipy.sparse.csr_array of shape (n_columns, n_orders)
        1 where the route serves the order.
    vehicle : ndarray of int, shape (n_columns,)
        Type of vehicle of each route.
    numbers : ndarray of int, shape (n_types,)
        How many vehicles of each type there are.
    skip_cost : ndarray of shape (n_orders,)
        Cost of not serving an order; infinite where it must be served.
    """

    cost: Array
    orders: Any
    vehicle: Array
    numbers: Array
    skip_cost: Array


def set_partitioning(
    columns: Columns, start: Array, *, effort: float = 1.0, prices: Array | None = None
) -> tuple[Array, Array]:
    """Choose the cheapest routes that serve every order exactly once.

    Parameters
    ----------
    columns : Columns
        The pool.
    start : array_like of int
        Columns of a feasible choice, the incumbent.
    effort : float
        CP-SAT's deterministic time, about seconds: the same result at every run.
    prices : ndarray of shape (n_orders,), optional
        What the last call returned, to begin with.

    Returns
    -------
    chosen : ndarray of int
        Columns of the best choice found: `start` itself where nothing better was found.
    prices : ndarray of shape (n_orders,)
        Dual of each order in the linear relaxation.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> routes = csr_array(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1]]))
    >>> pool = Columns(np.array([4, 4, 4, 5, 7]), routes, np.zeros(5, int), np.array([3]), np.full(3, np.inf))
    >>> set_partitioning(pool, [0, 1, 2])[0].tolist()
    [2, 3]
    """
    start = np.asarray(start, dtype=int)
    incumbent = choice_cost(columns, start)
    try:
        bound, reduced, prices = _relaxation(columns, start, prices)
    except _Unsolved:  # numbers that HiGHS cannot handle: the incumbent stays
        return start, _shares(columns, start) if prices is None else prices
    useful = np.flatnonzero(reduced < incumbent - bound - 1e-6)
    if len(useful) > MOST_COLUMNS:
        useful = useful[np.argpartition(reduced[useful], MOST_COLUMNS)[:MOST_COLUMNS]]
    if not len(useful):
        return start, prices
    useful = np.union1d(useful, start)
    chosen = _integer(columns, useful, start, incumbent, effort)
    return (start if chosen is None else chosen), prices


def choice_cost(columns: Columns, chosen: Array) -> float:
    """Cost of a choice of columns, skipped orders included.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> pool = Columns(np.array([4]), csr_array(np.array([[1, 0]])), np.zeros(1, int), np.array([1]), np.array([9.0, 3.0]))
    >>> choice_cost(pool, np.array([0]))
    7.0
    """
    skipped = columns.orders[chosen].sum(axis=0) == 0
    return float(columns.cost[chosen].sum() + columns.skip_cost[skipped].sum())


def _relaxation(columns: Columns, start: Array, prices: Array | None) -> tuple[float, Array, Array]:
    """Cost of the linear relaxation over the pool, reduced cost of every column, dual of every order."""
    n_columns = len(columns.cost)
    prices = _shares(columns, start) if prices is None else prices
    reduced = columns.cost - columns.orders @ prices
    active = np.zeros(n_columns, dtype=bool)
    active[start] = True
    for k in range(ROUNDS):
        new = np.flatnonzero(~active if k == 0 else (reduced < -1e-6) & ~active)
        if len(new) > NEW_COLUMNS:
            new = new[np.argpartition(reduced[new], NEW_COLUMNS)[:NEW_COLUMNS]]
        if k > 0 and not len(new):
            break
        active[new] = True
        bound, prices, vehicle_prices = _linear(columns, np.flatnonzero(active))
        reduced = columns.cost - columns.orders @ prices - vehicle_prices[columns.vehicle]
    return bound, reduced, prices


def _shares(columns: Columns, start: Array) -> Array:
    """A first guess of the prices: every order carries its share of its route."""
    prices = np.where(np.isfinite(columns.skip_cost), columns.skip_cost, 0.0)
    for column in start:
        members = columns.orders[[column]].indices
        prices[members] = columns.cost[column] / len(members)
    return prices


def _linear(columns: Columns, active: Array) -> tuple[float, Array, Array]:
    """Solve the relaxation over some columns: cost, dual of each order, dual of each vehicle type."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    optional = np.flatnonzero(np.isfinite(columns.skip_cost))
    n_orders, n_types = columns.orders.shape[1], len(columns.numbers)
    n = len(active)
    serve = hstack([columns.orders[active].T, eye_array(n_orders, format="csc")[:, optional]], format="csc")
    fleet = csr_array(
        (np.ones(n), (columns.vehicle[active], np.arange(n))), shape=(n_types, n + len(optional))
    )
    cost = np.concatenate([columns.cost[active], columns.skip_cost[optional]])
    result = linprog(
        cost, A_ub=fleet, b_ub=columns.numbers, A_eq=serve, b_eq=np.ones(n_orders), method="highs-ds"
    )
    if result.status != 0:
        raise _Unsolved(result.message)
    return float(result.fun), result.eqlin.marginals, result.ineqlin.marginals


def _integer(columns: Columns, useful: Array, start: Array, incumbent: float, effort: float) -> Array | None:
    """Solve the integer program over the useful columns; None where nothing better than the incumbent was found."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    used = [model.new_bool_var("") for _ in useful]
    serving: list[list[Any]] = [[] for _ in range(columns.orders.shape[1])]
    rows = columns.orders[useful]
    for k, variable in enumerate(used):
        for order in rows.indices[rows.indptr[k] : rows.indptr[k + 1]]:
            serving[order].append(variable)
    skip_cost = []
    for order, variables in enumerate(serving):
        if np.isfinite(columns.skip_cost[order]):
            skipped = model.new_bool_var("")
            variables.append(skipped)
            skip_cost.append(round(float(columns.skip_cost[order])) * skipped)
        model.add_exactly_one(variables)
    for kind, number in enumerate(columns.numbers):
        alike = [used[k] for k in np.flatnonzero(columns.vehicle[useful] == kind)]
        if len(alike) > number:
            model.add(sum(alike) <= int(number))
    cost = cp_model.LinearExpr.weighted_sum(used, columns.cost[useful].tolist()) + sum(skip_cost)
    model.add(cost <= round(incumbent) - 1)
    model.minimize(cost)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = effort
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return useful[[k for k, variable in enumerate(used) if solver.boolean_value(variable)]]

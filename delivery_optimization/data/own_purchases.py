"""When a person's orders were bought: one column more in the files of `delivery_optimization.data.own`, read for `quote` and `dynamic`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from delivery_optimization.data.own import Own
from delivery_optimization.data.own_columns import file_titles
from delivery_optimization.data.own_files import find_files, is_known_form
from delivery_optimization.data.own_times import elapsed, read_times
from delivery_optimization.data.own_titles import ALIASES, PURCHASE
from delivery_optimization.data.routing_data import RoutingData
from delivery_optimization.instance import Instance
from usecases.errors import UserError, nearest
from usecases.tabular import Table, fold_title, read_table


def read_days(source: Own, seed: int, task: str) -> RoutingData:
    """Read a person's days for a plan that lives.

    Parameters
    ----------
    source : Own
        The files.
    seed : int
        Handed on.
    task : {"quote", "dynamic"}
        For messages.

    Raises
    ------
    UserError
        For whatever is wrong in the files; if a vehicle has a break, or an order a cost of lateness, which a live plan does not know.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from delivery_optimization.data.own_template import write_template
    >>> folder = Path(tempfile.mkdtemp()) / "my day"
    >>> write_template(folder)
    >>> source = Own(path=str(folder))
    >>> read = read_days(source, 0, "quote")
    >>> read.instances[0].n_orders, purchases(source, read.instances)
    (40, None)
    """
    read = source.read(seed)
    paused = [v.name for i in read.instances for v in i.vehicles if v.breaks]
    if paused:
        raise UserError(
            f"vehicle {paused[0]!r} has a break, which {task} does not know: empty its columns break_opens, break_closes, "
            "break_minutes, or end its shift before"
        )
    for instance in read.instances:
        soft = np.isfinite(instance.orders.late_cost)
        if soft.any():
            name = instance.orders.names[int(np.argmax(soft))]
            raise UserError(
                f"order {name!r} has a cost of lateness (late_cost), which {task} does not know: its windows are kept; empty that column"
            )
    return read


def purchases(source: Own, instances: Sequence[Instance]) -> list[np.ndarray] | None:
    """When the orders of each day were bought (s since its midnight); None where no column says it.

    Parameters
    ----------
    source : Own
        The files; its ``columns`` may name the column ``purchase``.
    instances : sequence of Instance
        Of `source`; minus infinity stands for an empty cell: bought before the day.

    Raises
    ------
    UserError
        For a time that cannot be read, or lies after the order's window; if the column that was named is not there.
    """
    table = _table(source)
    return None if table is None else [_moments(table, instance, source) for instance in instances]


def _table(source: Own) -> Table | None:
    """Read the names of the orders and the column of purchase times; None where the file has none."""
    file = find_files(str(source.path)).orders
    if is_known_form(file):
        return None
    named, order = source.columns.get("purchase"), source.columns.get("order")
    table = read_table(
        file,
        text=("order", "purchase"),
        aliases={
            "order": (str(order),) if order else ALIASES["order"],
            "purchase": (str(named),) if named else PURCHASE,
        },
        keep=("order", "purchase"),
        sep=source.sep,
        decimal=source.decimal,
        encoding=source.encoding,
        dayfirst=source.dayfirst,
    )
    found = "purchase" in table.frame.columns
    if not named:
        known = {*map(fold_title, PURCHASE)}
        also = [title for title in table.others if fold_title(title) in known]
        if found and also:
            first = table.titles.get("purchase", "purchase")
            raise UserError(
                f"{table.path}: both {first!r} and {also[0]!r} say when an order was bought: put day and time into one column "
                f"(16/03/2026 10:42), or name the right one: data.columns.purchase={also[0]}"
            )
        return table if found else None
    if not found or fold_title(table.titles.get("purchase", "purchase")) != fold_title(str(named)):
        raise UserError(
            f"{table.path}: data.columns.purchase={named} was given, and no column has this title: "
            f"{nearest(str(named), file_titles(table))}"
        )
    return table


def _moments(table: Table, instance: Instance, source: Own) -> np.ndarray:
    """When each order of a day was bought, in seconds since its midnight; minus infinity where the cell is empty."""
    frame = table.frame
    names = frame["order"] if "order" in frame.columns else frame.index.astype(str)
    row_of = {str(name): row for row, name in enumerate(names)}
    rows = np.array([row_of[name] for name in instance.orders.names], dtype=int)
    times = read_times(table, "purchase", source.timezone, source.dayfirst)
    assert times is not None
    day = np.datetime64(instance.day[:10], "D") if instance.day else np.datetime64("NaT")
    dated = ~np.isnat(times.day[rows])
    if dated.any() and np.isnat(day):
        raise UserError(
            f"{table.place(int(frame.index[rows[np.argmax(dated)]]), 'purchase')}: a date was given, and the orders have none: "
            "give them a column 'date', or type data.day=2026-03-16"
        )
    days = np.where(dated, (times.day[rows] - day) / np.timedelta64(1, "D"), 0.0)
    when = None if np.isnat(day) else date.fromisoformat(str(day))
    moments = elapsed(times.wall[rows] + 86_400.0 * days, when, source.timezone)
    late = moments > instance.orders.closes
    if late.any():
        first = int(np.argmax(late))
        raise UserError(
            f"{table.place(int(frame.index[rows[first]]), 'purchase')}: order {instance.orders.names[first]!r} was bought after its "
            "window had closed: correct the time, or the date of the order"
        )
    return np.where(np.isnan(moments), -np.inf, moments)

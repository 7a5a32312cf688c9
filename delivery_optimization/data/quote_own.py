"""The data source ``own`` of `quote`: a person's own orders come one by one and ask for slots.

The files are those of `delivery_optimization.data.own`; one column more may say when each order was bought.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from delivery_optimization.data import own
from delivery_optimization.data.describe import ARRIVALS, both
from delivery_optimization.data.own_columns import file_titles
from delivery_optimization.data.own_files import find_files, is_known_form
from delivery_optimization.data.own_orders import ALIASES, PURCHASE
from delivery_optimization.data.own_times import elapsed, read_times
from delivery_optimization.data.quote_days import N_SLOTS, QuoteData, make_data, quote_day, slots_of
from delivery_optimization.instance import Instance
from usecases.errors import UserError, nearest
from usecases.simulation import stream
from usecases.tabular import Table, fold_title, read_table


class Own:
    """A person's own orders as requests.

    An order asks for the slot in which the middle of its window lies, then for that slot's neighbours; one without a window asks
    for a slot drawn at random. Orders come when they were bought, or in random order before the first shift where no column
    says it. Slots cut the time from the first to the last moment of all shifts in equal parts.

    Parameters
    ----------
    n_slots : int
        Slots of a day.
    columns : mapping of str to str, optional
        As in `delivery_optimization.data.own.Own`, and ``purchase``: title of the column of purchase times.
    **keys : object
        Of `delivery_optimization.data.own.Own`: ``path``, ``vehicles``, ``durations``, ...

    Raises
    ------
    UserError
        If a value is out of range.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from delivery_optimization.data.own_template import write_template
    >>> folder = Path(tempfile.mkdtemp()) / "my day"
    >>> write_template(folder)
    >>> data = Own(n_slots=6, path=str(folder)).read(seed=0)
    >>> len(data.days[0].requests), len(data.days[0].slots)
    (40, 6)
    """

    def __init__(
        self, n_slots: int = N_SLOTS, columns: Mapping[str, str | None] | None = None, **keys: Any
    ) -> None:
        if isinstance(n_slots, bool) or not isinstance(n_slots, int) or not 1 <= n_slots <= 96:
            raise UserError(f"data.n_slots={n_slots} was given; a whole number from 1 to 96 was expected")
        named = dict(columns or {})
        self.n_slots, self.purchase = n_slots, named.pop("purchase", None)
        self.source = own.Own(columns=named, **keys)

    def read(self, seed: int) -> QuoteData:
        """Read the files; the seed draws what they do not say.

        Parameters
        ----------
        seed : int
            Of arrivals without a purchase time, of slots asked for without a window, and of neighbours.

        Returns
        -------
        QuoteData

        Raises
        ------
        UserError
            With file, row and column, for whatever is wrong in the files; if a vehicle has a break, or an order a cost of
            lateness, which a live plan does not know.
        """
        read = self.source.read(seed)
        paused = [v.name for i in read.instances for v in i.vehicles if v.breaks]
        if paused:
            raise UserError(
                f"vehicle {paused[0]!r} has a break, which quote does not know: empty its columns break_opens, break_closes, "
                "break_minutes, or end its shift before"
            )
        soft = [
            name
            for i in read.instances
            for name, cost in zip(i.orders.names, i.orders.late_cost, strict=True)
            if cost < np.inf
        ]
        if soft:
            raise UserError(
                f"order {soft[0]!r} has a cost of lateness (late_cost), which quote does not know: its slots are kept; empty that column"
            )
        bought = self._bought()
        days = []
        for number, instance in enumerate(read.instances):
            rng = stream(seed, "quote", number)
            moments = None if bought is None else _moments(bought, instance, self.source)
            wishing = _with_windows(instance, self.n_slots, moments, rng)
            days.append(
                quote_day(wishing, rng, n_orders=instance.n_orders, purchase=moments, n_slots=self.n_slots)
            )
        arrivals = both(ARRIVALS["drawn" if bought is None else "bought"])
        return make_data(days, read.instances, {**read.description, "arrivals": arrivals}, seed)

    def purchases(self, instances: Sequence[Instance]) -> list[np.ndarray] | None:
        """When the orders of each day were bought (s since its midnight); None where no column says it.

        Parameters
        ----------
        instances : sequence of Instance
            Of `source`; minus infinity stands for an empty cell: bought before the day.
        """
        bought = self._bought()
        if bought is None:
            return None
        return [_moments(bought, instance, self.source) for instance in instances]

    def _bought(self) -> Table | None:
        """Read the names of the orders and the column of purchase times; None where the file has none."""
        file = find_files(str(self.source.path)).orders
        if is_known_form(file):
            return None
        titles = (str(self.purchase),) if self.purchase else PURCHASE
        order = self.source.columns.get("order")
        table = read_table(
            file,
            text=("order", "purchase"),
            aliases={"order": (str(order),) if order else ALIASES["order"], "purchase": titles},
            keep=("order", "purchase"),
            sep=self.source.sep,
            decimal=self.source.decimal,
            encoding=self.source.encoding,
            dayfirst=self.source.dayfirst,
        )
        if "purchase" in table.frame.columns and (
            not self.purchase
            or fold_title(table.titles.get("purchase", "purchase")) == fold_title(self.purchase)
        ):
            return table
        if self.purchase:
            raise UserError(
                f"{table.path}: data.columns.purchase={self.purchase} was given, and no column has this title: "
                f"{nearest(str(self.purchase), file_titles(table))}"
            )
        return None


def _moments(table: Table, instance: Instance, source: own.Own) -> np.ndarray:
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


def _with_windows(
    instance: Instance, n_slots: int, bought: np.ndarray | None, rng: np.random.Generator
) -> Instance:
    """Give each order without a window a moment after its purchase at random: the slot that it will ask for."""
    slots = slots_of(instance, n_slots)
    free = (instance.orders.opens <= slots[0, 0]) & (instance.orders.closes >= slots[-1, 1])
    begin, end = slots[0, 0], slots[-1, 1]
    after = np.full(instance.n_orders, begin) if bought is None else np.clip(bought, begin, end)
    moment = after + rng.random(instance.n_orders) * (end - after)
    orders = replace(
        instance.orders,
        opens=np.where(free, moment, instance.orders.opens),
        closes=np.where(free, moment, instance.orders.closes),
    )
    return replace(instance, orders=orders)

"""The data source ``own`` of `quote`: a person's own orders come one by one and ask for slots.

The files are those of `delivery_optimization.data.own`; one column more may say when each order was bought.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from delivery_optimization.data import own
from delivery_optimization.data.describe import ARRIVALS, both
from delivery_optimization.data.own_purchases import purchases, read_days
from delivery_optimization.data.quote_days import N_SLOTS, QuoteData, make_data, quote_day, slots_of
from delivery_optimization.instance import Instance
from usecases.errors import UserError
from usecases.simulation import stream


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
        self.n_slots, self.source = n_slots, own.Own(columns=columns or {}, **keys)

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
        read = read_days(self.source, seed, "quote")
        bought = purchases(self.source, read.instances)
        days = []
        for number, instance in enumerate(read.instances):
            rng = stream(seed, "quote", number)
            moments = None if bought is None else bought[number]
            wishing = _with_windows(instance, self.n_slots, moments, rng)
            days.append(
                quote_day(wishing, rng, n_orders=instance.n_orders, purchase=moments, n_slots=self.n_slots)
            )
        arrivals = both(ARRIVALS["drawn" if bought is None else "bought"])
        return make_data(days, read.instances, {**read.description, "arrivals": arrivals}, seed)


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

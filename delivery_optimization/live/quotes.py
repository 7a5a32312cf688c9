"""What a live plan answers when an order asks for a slot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from delivery_optimization.live.insertion import Insertions
from delivery_optimization.live.requests import Request


@dataclass(frozen=True)
class Quote:
    """What it costs to serve an order in one slot.

    Parameters
    ----------
    request : Request
        The order.
    slot : int
        Number of the slot.
    opens, closes : float
        Its window.
    cost : float
        What the plan costs more; infinite where the order does not fit.
    courier : int
        Who would serve it, -1 where it does not fit.
    pickup_gap, gap : int
        Where in the courier's tour; `pickup_gap` is -1 for an order loaded at the depot.
    version : int
        Of the plan that the quote speaks of.
    """

    request: Request
    slot: int
    opens: float
    closes: float
    cost: float
    courier: int
    pickup_gap: int
    gap: int
    version: int

    @property
    def feasible(self) -> bool:
        """Whether the order fits."""
        return bool(np.isfinite(self.cost))


@dataclass(frozen=True, eq=False)
class Quotes:
    """Quotes of one order for several slots.

    Parameters
    ----------
    request : Request
        The order.
    slots : ndarray of float, shape (n_slots, 2)
        Windows.
    insertions : Insertions
        The cheapest one for each slot.
    version : int
        Of the plan.
    """

    request: Request
    slots: np.ndarray
    insertions: Insertions
    version: int

    @property
    def costs(self) -> np.ndarray:
        """Cost of each slot, infinite where the order does not fit: shape (n_slots,)."""
        return self.insertions.cost

    def __len__(self) -> int:
        return len(self.slots)

    def __getitem__(self, slot: int) -> Quote:
        if not 0 <= slot < len(self):
            raise IndexError(f"slot {slot} was asked for; 0 to {len(self) - 1} were quoted")
        found = self.insertions
        return Quote(
            self.request,
            slot,
            float(self.slots[slot, 0]),
            float(self.slots[slot, 1]),
            float(found.cost[slot]),
            int(found.courier[slot]),
            int(found.pickup_gap[slot]),
            int(found.gap[slot]),
            self.version,
        )

    def __iter__(self) -> Iterator[Quote]:
        return (self[slot] for slot in range(len(self)))

    def best(self) -> Quote:
        """Give the cheapest quote, which is not feasible if none is."""
        return self[int(np.argmin(self.costs))]

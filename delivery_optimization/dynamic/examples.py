"""A law of requests small enough for doctests and tests."""

from __future__ import annotations

import numpy as np

from delivery_optimization.dynamic.requests import CustomerLaw


def small_law(n_customers: int = 12, seed: int = 0) -> CustomerLaw:
    """Customers around a depot, windows of two hours in a day of five.

    Examples
    --------
    >>> small_law().durations.shape
    (13, 13)
    """
    rng = np.random.default_rng(seed)
    at = np.vstack([[0.0, 0.0], rng.uniform(-900, 900, size=(n_customers, 2))])
    durations = np.rint(np.hypot(*(at[:, None] - at[None, :]).transpose(2, 0, 1))).astype(np.int64)
    opens = np.concatenate([[0], 3600 * rng.integers(1, 4, n_customers)])
    closes = np.concatenate([[7 * 3600], opens[1:] + 7200])
    service = np.concatenate([[0], rng.integers(60, 240, n_customers)])
    size = np.concatenate([[0], rng.integers(1, 9, n_customers)])
    return CustomerLaw("small", durations, opens, closes, service, size, capacity=60)

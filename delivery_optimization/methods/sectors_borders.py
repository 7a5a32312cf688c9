"""Where the borders of sectors run: routes that lie close together come into one sector, all sectors about equally large.

Sources: A. Santini, M. Schneider, T. Vidal, D. Vigo, "Decomposition strategies for vehicle routing heuristics", *INFORMS Journal
on Computing* 35(3), 2023 (routes grouped by their barycentres); B. E. Gillett, L. R. Miller, "A heuristic algorithm for the
vehicle-dispatch problem", *Operations Research* 22(2), 1974 (sweep).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from delivery_optimization.instance import Instance
from delivery_optimization.plan import Route

Array = np.ndarray
FULL = 1.2  # no sector is larger than this times the mean, as far as routes can be divided


def order_points(instance: Instance) -> Array:
    """Where each order is, in a plane: the middle of its pickup and its delivery.

    Where coordinates are unknown, the travel times from two places that lie far apart stand for them.

    Parameters
    ----------
    instance : Instance
        With or without coordinates.

    Returns
    -------
    ndarray of shape (n_orders, 2)

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> order_points(tiny())[:, 0].tolist()
    [3.0, 4.0, 8.0, 2.0]
    """
    ends = instance.orders.place
    begins = np.where(instance.has_pickup, instance.orders.pickup_place, ends)
    plane = np.stack([instance.places.x, instance.places.y], axis=1).astype(float)
    if not np.isfinite(plane[np.concatenate([begins, ends])]).all():
        plane = _landmarks(instance, len(plane))
    elif instance.places.geographic:
        plane = plane * [np.cos(np.radians(np.nanmean(plane[:, 1]))), 1.0]
    return (plane[begins] + plane[ends]) / 2


def _landmarks(instance: Instance, n_places: int) -> Array:
    """Travel times from the first depot, and from the place that is farthest from it."""
    everywhere, travel = np.arange(n_places), instance.travel[0]
    first = travel.pairs(np.full(n_places, instance.vehicles[0].start), everywhere)[0]
    return np.stack([first, travel.pairs(np.full(n_places, int(np.argmax(first))), everywhere)[0]], axis=1)


def barycentres(routes: Sequence[Route], points: Array) -> Array:
    """Mean place of the orders of each route.

    Parameters
    ----------
    routes : sequence of Route
        None of them empty.
    points : ndarray of shape (n_orders, 2)
        See `order_points`.

    Returns
    -------
    ndarray of shape (n_routes, 2)

    Examples
    --------
    >>> barycentres([Route(0, (0, 1))], np.array([[0.0, 0.0], [2.0, 4.0]])).tolist()
    [[1.0, 2.0]]
    """
    n = len(points)
    return np.array([points[[stop % n for stop in route.stops]].mean(axis=0) for route in routes])


def clustered(points: Array, weights: Array, n_groups: int, seed: int) -> Array:
    """Group points by k-means, then fill no group beyond its share.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        In a plane.
    weights : ndarray of shape (n,)
        Orders of each point.
    n_groups : int
        How many groups.
    seed : int
        Another one gives other borders.

    Returns
    -------
    ndarray of int, shape (n,)
        Number of each point's group.

    Examples
    --------
    >>> points = np.array([[0, 0], [0, 1], [9, 9], [9, 8]], dtype=float)
    >>> group = clustered(points, np.ones(4), 2, seed=0)
    >>> bool(group[0] == group[1] != group[2] == group[3])
    True
    """
    from sklearn.cluster import KMeans

    n_groups = min(n_groups, len(np.unique(points, axis=0)))
    if n_groups <= 1:
        return np.zeros(len(points), dtype=int)
    found = KMeans(n_groups, n_init=1, random_state=seed).fit(points, sample_weight=weights)
    away = np.hypot(*(points[:, None] - found.cluster_centers_[None]).transpose(2, 0, 1))
    room = np.full(n_groups, FULL * weights.sum() / n_groups)
    two = np.sort(away, axis=1)[:, :2]
    group = np.empty(len(points), dtype=int)
    for k in np.argsort(two[:, 0] - two[:, 1], kind="stable"):  # who would lose most goes first
        fits = room >= weights[k]
        group[k] = np.argmin(np.where(fits, away[k], np.inf)) if fits.any() else np.argmax(room)
        room[group[k]] -= weights[k]
    return np.unique(group, return_inverse=True)[1]


def swept(points: Array, weights: Array, n_groups: int, seed: int) -> Array:
    """Group points by their angle around their common centre; the seed says where the sweep begins.

    Parameters
    ----------
    points, weights, n_groups, seed
        As for `clustered`.

    Returns
    -------
    ndarray of int, shape (n,)

    Examples
    --------
    >>> points = np.array([[1, 0.1], [-1, 0], [1, -0.1], [-1, 0.1]])
    >>> sorted(np.bincount(swept(points, np.ones(4), 2, seed=0)).tolist())
    [2, 2]
    """
    around = points - np.average(points, axis=0, weights=weights)
    begin = np.random.default_rng(seed).uniform(0, 2 * np.pi)
    order = np.argsort((np.arctan2(around[:, 1], around[:, 0]) - begin) % (2 * np.pi), kind="stable")
    middle = np.cumsum(weights[order]) - weights[order] / 2
    group = np.empty(len(points), dtype=int)
    group[order] = np.minimum(middle / weights.sum() * n_groups, n_groups - 1).astype(int)
    return np.unique(group, return_inverse=True)[1]


BORDERS = {"barycentre": clustered, "sweep": swept}

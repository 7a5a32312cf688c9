"""The few array operations of the simulation, with numpy (one thread) or torch (a GPU): one law, two engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from delivery_optimization.instance import SpeedProfile

FAR = 1e9  # behind the end of any day
Drive = Callable[[Any, Any], Any]


class Backend:
    """Operations in numpy; `Torch` has the same in torch.

    Examples
    --------
    >>> Backend().column(np.array([1, 2])).shape
    (2, 1)
    """

    exp, maximum = np.exp, np.maximum
    where, clip, amax = staticmethod(np.where), staticmethod(np.clip), staticmethod(np.max)

    def put(self, values: Any) -> Any:
        """Bring an array of numbers here, in single precision."""
        return np.asarray(values, dtype=np.float32)

    def back(self, values: Any) -> np.ndarray:
        """Bring an array to numpy, in double precision."""
        return np.asarray(values, dtype=float)

    def zeros(self, *shape: int) -> Any:
        """Make zeros in single precision."""
        return np.zeros(shape, dtype=np.float32)

    def column(self, values: np.ndarray) -> Any:
        """Make a column of one number for each route."""
        return self.put(values)[:, None]

    def take(self, rows: Any, number: np.ndarray) -> Any:
        """Copy some rows."""
        return rows[number]

    def whole(self, values: Any) -> Any:
        """Round down to integers."""
        return np.floor(values).astype(np.int64)

    def along(self, table: Any, row: Any) -> Any:
        """Pick ``table[row[i, j], j]``."""
        return np.take_along_axis(table, row, 0)

    def interpolate(self, x: Any, known: np.ndarray, values: np.ndarray) -> Any:
        """Interpolate linearly; in double precision, since clocks are summed."""
        return np.interp(x, known, values).astype(np.float32)

    def travel(self, speeds: SpeedProfile | None) -> Drive:
        """Make ``arrive(departure, duration)``; a duration is what the leg would take at factor 1."""
        if speeds is None:
            return lambda departure, duration: departure + duration
        edges = np.append(np.asarray(speeds.edges, dtype=float), FAR)
        done = np.concatenate([[0.0], np.cumsum(np.diff(edges) / np.asarray(speeds.factors, dtype=float))])

        def arrive(departure: Any, duration: Any) -> Any:
            return self.interpolate(self.interpolate(departure, edges, done) + duration, done, edges)

        return arrive


class Torch(Backend):
    """The same in torch, on a device."""

    def __init__(self, device: str) -> None:
        import torch

        self.torch, self.device = torch, device
        self.exp, self.amax = torch.exp, torch.amax  # type: ignore[method-assign]

    def put(self, values: Any) -> Any:
        """Bring an array of numbers to the device."""
        return self.torch.as_tensor(np.asarray(values, dtype=np.float32), device=self.device)

    def back(self, values: Any) -> np.ndarray:
        """Bring an array to numpy."""
        return np.asarray(values.cpu(), dtype=float)

    def zeros(self, *shape: int) -> Any:
        """Make zeros in single precision."""
        return self.torch.zeros(shape, device=self.device)

    def take(self, rows: Any, number: np.ndarray) -> Any:
        """Copy some rows."""
        return rows[self.torch.as_tensor(number, device=self.device)]

    def maximum(self, a: Any, b: Any) -> Any:  # type: ignore[override]
        """Return the larger of two."""
        return self.torch.maximum(a, b)

    def where(self, condition: Any, a: Any, b: Any) -> Any:  # type: ignore[override]
        """Choose elementwise."""
        return self.torch.where(condition, a, b)

    def clip(self, values: Any, low: float, high: float) -> Any:  # type: ignore[override]
        """Keep within bounds."""
        return self.torch.clamp(values, low, high)

    def whole(self, values: Any) -> Any:
        """Round down to integers."""
        return self.torch.floor(values).long()

    def along(self, table: Any, row: Any) -> Any:
        """Pick ``table[row[i, j], j]``."""
        return self.torch.gather(table, 0, row)

    def interpolate(self, x: Any, known: np.ndarray, values: np.ndarray) -> Any:
        """Interpolate linearly, in double precision."""
        torch = self.torch
        knots = torch.as_tensor(known, device=self.device, dtype=torch.float64)
        heights = torch.as_tensor(values, device=self.device, dtype=torch.float64)
        x = x.double()
        left = torch.clamp(torch.searchsorted(knots, x.contiguous(), right=True) - 1, 0, len(known) - 2)
        slope = (heights[left + 1] - heights[left]) / (knots[left + 1] - knots[left])
        return (heights[left] + slope * (x - knots[left])).float()


def backend(device: str) -> Backend:
    """Choose numpy for ``cpu``, torch for any other device (``torch`` is torch on the processor, for tests).

    Examples
    --------
    >>> type(backend("cpu")).__name__
    'Backend'
    """
    if device == "cpu":
        return Backend()
    return Torch("cpu" if device == "torch" else device)

"""What a solver is given besides the instance, and what it gives back.

>>> stop = Stop(iterations=3).start()
>>> [stop(), stop(), stop(), stop()]
[False, False, False, True]
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from delivery_optimization.plan import Plan
from usecases.contract import Text


@dataclass(frozen=True)
class Stop:
    """When to stop: processor seconds of this process, iterations, or whichever comes first.

    Parameters
    ----------
    seconds : float, optional
        Processor time (s). Not wall time: a loaded machine then gives the same search, only later.
    iterations : int, optional
        Iterations of the method; the result is then the same at every run.

    Raises
    ------
    ValueError
        If neither is given, or one is not positive.
    """

    seconds: float | None = None
    iterations: int | None = None

    def __post_init__(self) -> None:
        """Refuse what would never stop."""
        given = [value for value in (self.seconds, self.iterations) if value is not None]
        if not given or min(given) <= 0:
            raise ValueError(
                f"seconds={self.seconds}, iterations={self.iterations} were given; at least one positive number expected"
            )

    @property
    def reproducible(self) -> bool:
        """Whether the clock cannot change the result."""
        return self.seconds is None

    def start(self) -> Callable[..., bool]:
        """Start the clock: the function returned says True when it is time to stop, and counts its calls."""
        begun, calls = time.process_time(), 0

        def enough(*_: object) -> bool:
            nonlocal calls
            calls += 1
            if self.iterations is not None and calls > self.iterations:
                return True
            return self.seconds is not None and time.process_time() - begun >= self.seconds

        return enough

    def part(self, share: float) -> Stop:
        """Give a share of the work to one part of a method."""
        return Stop(
            None if self.seconds is None else self.seconds * share,
            None if self.iterations is None else max(1, round(self.iterations * share)),
        )


@dataclass(frozen=True)
class Solution:
    """A plan and how it came about.

    Parameters
    ----------
    plan : Plan
        With its stated cost.
    trace : tuple of (float, float)
        Anytime curve: processor seconds since the start, and the cost of the best complete plan from then on.
    cpu_s : float
        Processor seconds of the whole solve, other processes included.
    iterations : int
        Iterations of the method.
    reproducible : bool
        False when a clock stopped it.
    notes : tuple of Text
        What a reader must know.
    """

    plan: Plan
    trace: tuple[tuple[float, float], ...] = ()
    cpu_s: float = 0.0
    iterations: int = 0
    reproducible: bool = True
    notes: tuple[Text, ...] = field(default=())


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a search that had found a plan.

    Parameters
    ----------
    solution : Solution
        With the best plan until then.
    """

    def __init__(self, solution: Solution) -> None:
        super().__init__(solution)  # its argument, so that it can be pickled
        self.solution = solution

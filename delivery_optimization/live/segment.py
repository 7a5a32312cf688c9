"""Part of a route seen as one thing: three numbers say when it can begin and when it ends.

A segment that begins at time t, at the latest ``latest``, ends at ``max(t + duration, earliest)``. Two segments in a row are a
segment again, so that the times of a route with one more stop follow from three segments, without walking along it.

Source: T. Vidal, T. G. Crainic, M. Gendreau, C. Prins, "A hybrid genetic algorithm with adaptive diversity management for a
large class of vehicle routing problems with time-windows", *Computers & Operations Research* 40(1), 2013, section 4.5.1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Segment(NamedTuple):
    """A part of a route, or arrays of parts.

    Parameters
    ----------
    duration : float or ndarray
        Driving and service, without waiting.
    earliest : float or ndarray
        Earliest end, however early it begins.
    latest : float or ndarray
        Latest begin for which every stop of the part is on time.
    """

    duration: Any
    earliest: Any
    latest: Any

    def at(self, chosen: Any) -> Segment:
        """Take some of the parts, when the fields are arrays."""
        return Segment(self.duration[chosen], self.earliest[chosen], self.latest[chosen])

    @property
    def paid(self) -> Any:
        """Shortest time from begin to end, waiting that cannot be avoided included."""
        return np.maximum(self.duration, self.earliest - self.latest)


def stop_segment(opens: Any, closes: Any, service: Any) -> Segment:
    """Make the segment of one stop.

    Examples
    --------
    >>> stop_segment(10.0, 20.0, 2.0)
    Segment(duration=2.0, earliest=12.0, latest=20.0)
    """
    return Segment(service, opens + service, closes)


def join(first: Segment, leg: Any, second: Segment) -> Segment:
    """Put two segments in a row, with a leg between them.

    Parameters
    ----------
    first : Segment
        On time.
    leg : float or ndarray
        Duration of the way between the two.
    second : Segment
        On time; the two together are if ``first.earliest + leg <= second.latest``.

    Returns
    -------
    Segment

    Examples
    --------
    >>> both = join(stop_segment(10.0, 20.0, 2.0), 5.0, stop_segment(30.0, 40.0, 2.0))
    >>> float(both.duration), float(both.earliest), float(both.latest), float(both.paid)
    (9.0, 32.0, 20.0, 12.0)
    """
    return Segment(
        first.duration + leg + second.duration,
        np.maximum(first.earliest + leg + second.duration, second.earliest),
        np.minimum(first.latest, second.latest - leg - first.duration),
    )

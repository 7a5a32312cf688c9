"""A map of the routes of a plan: straight lines between stops, no map tiles, so that it opens without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from delivery_optimization.clock import hours
from delivery_optimization.diagnosis_words import counted, window
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from delivery_optimization.schedule import Schedule, schedule_plan
from delivery_optimization.vehicle_names import vehicle_text
from usecases import drawings
from usecases.charts import INK, LINE, SERIES, SOFT, WARN
from usecases.contract import Text
from usecases.formatting import number, with_unit

WIDTH, HEIGHT, MARGIN = 960.0, 620.0, 24.0
COLOURS = tuple(colour for colour in SERIES if colour != WARN)  # of routes; what is late or weak has its own
MOST_STOPS = 3000  # beyond, the map shows routes and depots only
DELIVERY, PICKUP = Text("delivery", "livraison"), Text("pickup", "enlèvement")
ROUTE = Text("Route {n}: {vehicle}", "Tournée {n}\u202f: {vehicle}")
COUNTED = Text("stop", "arrêt"), Text("stops", "arrêts")
LOAD = Text("{stops}, {distance}, from {leave} to {back}", "{stops}, {distance}, de {leave} à {back}")
ARRIVAL = Text("service at {start}, window: {window}", "service à {start}, fenêtre\u202f: {window}")
LATE = Text("late", "en retard")
NOT_SERVED = Text("not served", "non servie")
DEPOT = Text("depot", "dépôt")


@dataclass(frozen=True)
class _Frame:
    """Places a coordinate on the canvas; degrees are scaled by the latitude, so that a kilometre is one both ways."""

    left: float
    top: float
    scale: float
    squeeze: float

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        return (
            round(MARGIN + (x * self.squeeze - self.left) * self.scale, 2),
            round(MARGIN + (self.top - y) * self.scale, 2),
        )


def has_map(instance: Instance) -> bool:
    """Whether places have coordinates.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> has_map(tiny())
    True
    """
    return bool(np.isfinite(_used(instance)[1]).any())


def route_map(
    instance: Instance, plan: Plan, lang: str, *, weak: Sequence[int] = (), weak_text: Text | None = None
) -> str:
    """Draw the routes of a plan.

    Parameters
    ----------
    instance : Instance
        With coordinates; places without are left out.
    plan : Plan
        Its routes; orders that it does not serve are crosses.
    lang : {"en", "fr"}
        Language of the texts that show when one points at something.
    weak : sequence of int
        Stops to draw in the warning colour.
    weak_text : Text, optional
        What is said of them.

    Returns
    -------
    str
        An ``<svg>`` for `usecases.contract.Drawing`.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.plan import Route
    >>> route_map(tiny(), Plan((Route(0, (4, 5, 0, 1)),), (2, 3)), "en").count("<polyline")
    1
    """
    frame, height = _frame(instance)
    svg = drawings.canvas(WIDTH, height)
    schedules = schedule_plan(instance, plan)
    stops_too = sum(len(route.stops) for route in plan.routes) <= MOST_STOPS
    for number_, times in enumerate(schedules):
        _draw_route(svg, instance, times, number_, frame, lang, stops_too, frozenset(weak), weak_text)
    for order in plan.unserved[:MOST_STOPS]:
        _cross(svg, instance, order, frame, lang)
    for place in sorted({p for vehicle in instance.vehicles for p in (vehicle.start, vehicle.end)}):
        x, y = instance.places.x[place], instance.places.y[place]
        if np.isfinite([x, y]).all():
            left, top = frame(x, y)
            square = drawings.shape(
                svg,
                "rect",
                x=left - 6,
                y=top - 6,
                width=12,
                height=12,
                fill=INK,
                stroke="#fff",
                stroke_width=1.5,
                class_="mark",
            )
            drawings.tip(square, f"{DEPOT[lang]} {instance.places.names[place]}")
    _scale_bar(svg, instance, frame, height, lang)
    return drawings.text_of(svg)


def _used(instance: Instance) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of all places that stops and depots use: two arrays."""
    ends = [p for vehicle in instance.vehicles for p in (vehicle.start, vehicle.end)]
    places = np.unique(np.concatenate([instance.stop_place[instance.stop_place >= 0], ends]).astype(int))
    return instance.places.x[places], instance.places.y[places]


def _frame(instance: Instance) -> tuple[_Frame, float]:
    """Fit all places into the canvas; return the height that is needed too."""
    x, y = _used(instance)
    squeeze = float(np.cos(np.radians(np.nanmean(y)))) if instance.places.geographic else 1.0
    x = x * squeeze
    wide = max(float(np.nanmax(x) - np.nanmin(x)), 1e-9)
    high = max(float(np.nanmax(y) - np.nanmin(y)), 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    left = float(np.nanmin(x)) - ((WIDTH - 2 * MARGIN) / scale - wide) / 2
    height = max(round(high * scale + 2 * MARGIN), 160)
    return _Frame(
        left, float(np.nanmax(y)) + (height - 2 * MARGIN - high * scale) / 2 / scale, scale, squeeze
    ), height


def _draw_route(
    svg: Element,
    instance: Instance,
    times: Schedule,
    number_: int,
    frame: _Frame,
    lang: str,
    stops_too: bool,
    weak: frozenset[int],
    weak_text: Text | None,
) -> None:
    """One route: its line, its stops, what one reads when pointing at them."""
    colour = COLOURS[number_ % len(COLOURS)]
    vehicle = instance.vehicles[times.route.vehicle]
    x, y = instance.places.x[times.place], instance.places.y[times.place]
    known = np.isfinite(x) & np.isfinite(y)
    group = drawings.shape(svg, "g", class_="route")
    points = " ".join("{},{}".format(*frame(a, b)) for a, b in zip(x[known], y[known], strict=True))
    line = drawings.shape(
        group, "polyline", points=points, fill="none", stroke=colour, stroke_width=1.8, stroke_opacity=0.85
    )
    moment = [
        hours(t, instance.time_unit, lang, instance.day) for t in (times.departure[0], times.arrival[-1])
    ]
    distance = with_unit(float(times.distance.sum()), instance.distance_unit, lang, 0)
    if instance.distance_unit == "m":
        distance = with_unit(float(times.distance.sum()) / 1000, "km", lang, 1)
    n_stops = sum(stop >= 0 for stop in times.route.stops)
    drawings.tip(
        line,
        ROUTE[lang].format(n=number_ + 1, vehicle=vehicle_text(vehicle.name)[lang])
        + "\n"
        + LOAD[lang].format(
            stops=counted(n_stops, *COUNTED)[lang], distance=distance, leave=moment[0], back=moment[1]
        ),
    )
    if not stops_too:
        return
    for position, stop in enumerate(times.route.stops, start=1):
        if stop < 0 or not known[position]:
            continue
        left, top = frame(x[position], y[position])
        late = bool(times.late[position] > 1e-6)
        fill = WARN if late or stop in weak else colour
        if stop >= instance.n_orders:
            mark = drawings.shape(
                group,
                "rect",
                x=left - 3.5,
                y=top - 3.5,
                width=7,
                height=7,
                fill="#fff",
                stroke=fill,
                stroke_width=1.8,
            )
        else:
            mark = drawings.shape(
                group,
                "circle",
                cx=left,
                cy=top,
                r=7.0 if stop in weak else 4.2,
                fill=fill,
                stroke="#fff",
                stroke_width=1,
            )
        drawings.tip(
            mark, _stop_text(instance, times, position, stop, late, lang, weak_text if stop in weak else None)
        )


def _stop_text(
    instance: Instance,
    times: Schedule,
    position: int,
    stop: int,
    late: bool,
    lang: str,
    weak_text: Text | None,
) -> str:
    """Order, action, times."""
    name = instance.orders.names[stop % instance.n_orders]
    action = (PICKUP if stop >= instance.n_orders else DELIVERY)[lang]

    start = hours(float(times.start[position]), instance.time_unit, lang, instance.day)
    allowed = window(instance, float(instance.stop_opens[stop]), float(instance.stop_closes[stop]))
    text = (
        f"{name} ({action}, {number(position, lang, 0)}/{number(len(times.route.stops), lang, 0)})\n"
        + ARRIVAL[lang].format(start=start, window=allowed[lang])
    )
    if late:
        text += f"\n{LATE[lang]}"
    return text + (f"\n{weak_text[lang]}" if weak_text else "")


def _cross(svg: Element, instance: Instance, order: int, frame: _Frame, lang: str) -> None:
    """An order that nobody serves."""
    place = int(instance.orders.place[order])
    x, y = instance.places.x[place], instance.places.y[place]
    if not np.isfinite([x, y]).all():
        return
    left, top = frame(x, y)
    mark = drawings.shape(
        svg,
        "path",
        d=f"M{left - 4} {top - 4}L{left + 4} {top + 4}M{left - 4} {top + 4}L{left + 4} {top - 4}",
        stroke=WARN,
        stroke_width=2.5,
        fill="none",
    )
    drawings.tip(mark, f"{instance.orders.names[order]} ({NOT_SERVED[lang]})")


def _scale_bar(svg: Element, instance: Instance, frame: _Frame, height: float, lang: str) -> None:
    """A bar of a round number of kilometres, where coordinates are degrees."""
    if not instance.places.geographic:
        return
    per_km = (
        frame.scale / 111.195
    )  # pixels: a degree of latitude is 111.195 km on the sphere used for distances
    length = max(
        (k for k in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200) if k * per_km <= 200), default=0.1
    )
    drawings.shape(
        svg,
        "rect",
        x=MARGIN - 8,
        y=height - 34,
        width=length * per_km + 16,
        height=28,
        fill="#fff",
        fill_opacity=0.8,
        stroke=LINE,
    )
    drawings.shape(
        svg,
        "line",
        x1=MARGIN,
        y1=height - 14,
        x2=MARGIN + length * per_km,
        y2=height - 14,
        stroke=INK,
        stroke_width=2,
    )
    drawings.words(
        svg,
        MARGIN,
        height - 19,
        with_unit(length, "km", lang, 0 if length >= 1 else 1),
        fill=SOFT,
        font_size=11,
    )

"""The couriers' day: one line for each route, with driving, service, waiting and lateness."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

import numpy as np

from delivery_optimization.clock import SECONDS, hours, lasting
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from delivery_optimization.schedule import Schedule, schedule_plan
from delivery_optimization.vehicle_names import route_text, vehicle_text
from usecases import drawings
from usecases.charts import ACCENT, INK, LINE, SOFT, WARN
from usecases.contract import Text

MOST_ROUTES = 60
WIDTH, LEFT, RIGHT, ROW, TOP = 960.0, 240.0, 16.0, 22.0, 66.0
DRIVING, SERVICE, WAITING, LATE, BREAK = (
    Text("driving", "trajet"),
    Text("service", "service"),
    Text("waiting", "attente"),
    Text("begins late", "débute en retard"),
    Text("break", "pause"),
)
DRIVEN = Text(
    "{vehicle}: from {leave} to {back}, {time} of it driving",
    "{vehicle}\u202f: de {leave} à {back}, dont {time} de trajet",
)
WAIT_FILL, DRIVE, PAUSE = "#e8d9a8", "#9fb3c4", "#b9a3cc"


def timeline(instance: Instance, plan: Plan, lang: str) -> str:
    """Draw the day of every route, at most `MOST_ROUTES` of them (the longest).

    Parameters
    ----------
    instance : Instance
        What the plan is for.
    plan : Plan
        Its routes.
    lang : {"en", "fr"}
        Language of labels and of the texts that show when one points at something.

    Returns
    -------
    str
        An ``<svg>`` for `usecases.contract.Drawing`.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> from delivery_optimization.plan import Route
    >>> "van" in timeline(tiny(), Plan((Route(0, (4, 5, 0, 1)),), (2, 3)), "en")
    True
    """
    schedules = list(enumerate(schedule_plan(instance, plan)))
    schedules.sort(key=lambda item: -len(item[1].place))
    shown = sorted(schedules[:MOST_ROUTES], key=lambda item: (item[1].departure[0], item[0]))
    height = TOP + ROW * max(len(shown), 1) + 12
    svg = drawings.canvas(WIDTH, height)
    svg.attrib |= {"data-from": f"{LEFT:g}", "data-top": "40"}  # what lies beyond both moves when one zooms
    first = min((float(t.departure[0]) for _, t in shown), default=0.0)
    last = max((float(t.arrival[-1]) for _, t in shown), default=1.0)
    scale = (WIDTH - LEFT - RIGHT) / max(last - first, 1e-9)

    def at(moment: float) -> float:
        return LEFT + (float(moment) - first) * scale

    _legend(svg, lang)
    for tick in _ticks(first, last, instance.time_unit):
        drawings.shape(svg, "line", x1=at(tick), x2=at(tick), y1=TOP - 4, y2=height - 8, stroke=LINE)
        drawings.words(
            svg,
            at(tick),
            TOP - 8,
            hours(tick, instance.time_unit, lang, instance.day),
            fill=SOFT,
            font_size=10.5,
            text_anchor="middle",
        )
    for row, (number, times) in enumerate(shown):
        _draw_row(svg, instance, times, number, TOP + row * ROW, at, lang)
    return drawings.text_of(svg)


def _draw_row(
    svg: Element,
    instance: Instance,
    times: Schedule,
    number: int,
    top: float,
    at: Callable[[float], float],
    lang: str,
) -> None:
    """One route from departure to return."""
    vehicle = instance.vehicles[times.route.vehicle]
    name = route_text(number, vehicle.name)[lang]
    drawings.words(svg, 8, top + 14, name if len(name) <= 38 else name[:37] + "…", fill=INK, font_size=11.5)

    def moment(value: float) -> str:
        return hours(float(value), instance.time_unit, lang, instance.day)

    line = drawings.shape(
        svg,
        "line",
        x1=at(times.departure[0]),
        x2=at(times.arrival[-1]),
        y1=top + 9,
        y2=top + 9,
        stroke=DRIVE,
        stroke_width=2.5,
    )
    driven = lasting(float(times.travel.sum()), instance.time_unit, lang)
    drawings.tip(
        line,
        DRIVEN[lang].format(
            vehicle=vehicle_text(vehicle.name)[lang],
            time=driven,
            leave=moment(times.departure[0]),
            back=moment(times.arrival[-1]),
        ),
    )

    for position, stop in enumerate(times.route.stops, start=1):
        begin, end = float(times.start[position]), float(times.departure[position])
        waited = begin - float(times.arrival[position])
        if waited > 1e-6:
            bar = drawings.shape(
                svg,
                "rect",
                x=at(times.arrival[position]),
                y=top + 5,
                width=max(at(begin) - at(times.arrival[position]), 0.4),
                height=8,
                fill=WAIT_FILL,
            )
            drawings.tip(bar, f"{WAITING[lang]} {lasting(waited, instance.time_unit, lang)}")
        late = float(times.late[position])
        colour = PAUSE if stop < 0 else WARN if late > 1e-6 else ACCENT
        bar = drawings.shape(
            svg,
            "rect",
            x=at(begin),
            y=top + 3,
            width=max(at(end) - at(begin), 1.2),
            height=12,
            fill=colour,
            stroke="#fff",
            stroke_width=0.4,
        )
        what = BREAK[lang] if stop < 0 else instance.orders.names[stop % instance.n_orders]
        text = (
            f"{what}: {moment(begin)} – {moment(end)}"
            if lang == "en"
            else f"{what}\u202f: {moment(begin)} – {moment(end)}"
        )
        if late > 1e-6:
            text += f"\n{LATE[lang]} ({lasting(late, instance.time_unit, lang)})"
        drawings.tip(bar, text)


def _legend(svg: Element, lang: str) -> None:
    """What the colours mean."""
    left = LEFT
    for colour, text in (
        (DRIVE, DRIVING),
        (ACCENT, SERVICE),
        (WAIT_FILL, WAITING),
        (WARN, LATE),
        (PAUSE, BREAK),
    ):
        drawings.shape(svg, "rect", x=left, y=14, width=14, height=9, fill=colour)
        drawings.words(svg, left + 19, 23, text[lang], fill=SOFT, font_size=11.5)
        left += 34 + 7.2 * len(text[lang])


def _ticks(first: float, last: float, unit: str) -> list[float]:
    """Round moments, about ten of them."""
    span = max(last - first, 1e-9)
    if unit in SECONDS:
        steps = [value * 60 / SECONDS[unit] for value in (5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)]
    else:
        steps = [base * 10**power for power in range(-3, 7) for base in (1, 2, 5)]
    step = next((s for s in steps if span / s <= 12), steps[-1])
    begin = np.ceil(first / step - 1e-9) * step
    return [float(v) + 0.0 for v in np.arange(begin, last + 1e-9, step)][:40]  # + 0.0: no “-0”

"""Figures and times in the two languages, for what is said of infeasible orders."""

from __future__ import annotations

from typing import Any

import numpy as np

from delivery_optimization.clock import SECONDS, hours, lasting
from delivery_optimization.instance import Instance
from usecases.contract import Text
from usecases.formatting import number, typeset

Array = np.ndarray
NO_LIMIT = (
    47 * 3600.0
)  # s; own files without an end stay open for two days, 47 hours where summer time begins


def say(en: str, fr: str, **values: Any) -> Text:
    """Fill in both languages; a value that is a Text is told in each.

    Parameters
    ----------
    en, fr : str
        With names in braces; French is typed with plain spaces.
    **values : object
        What the names stand for.

    Examples
    --------
    >>> say("size {n}", "taille {n}", n=Text("2.5", "2,5")).fr
    'taille 2,5'
    """

    def told(lang: str) -> dict[str, Any]:
        return {key: value[lang] if isinstance(value, Text) else value for key, value in values.items()}

    return Text(en.format(**told("en")), typeset(fr.format(**told("fr")), "fr"))


def moment(instance: Instance, time: float) -> Text:
    """A time of the instance as a clock shows it.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> moment(tiny(), 70.0).en
    '01:10'
    """
    return Text(*(hours(float(time), instance.time_unit, lang, instance.day) for lang in ("en", "fr")))


def length(instance: Instance, time: float) -> Text:
    """A duration of the instance.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> length(tiny(), 25.0).en
    '25 min'
    """
    return Text(*(lasting(float(time), instance.time_unit, lang) for lang in ("en", "fr")))


def figure(value: float) -> Text:
    """A number, with decimals where it has some.

    Examples
    --------
    >>> figure(2.5).fr, figure(3.0).fr
    ('2,50', '3')
    """
    digits = 0 if float(value).is_integer() else 2
    return Text(number(float(value), "en", digits), number(float(value), "fr", digits))


def figures(values: Array) -> Text:
    """Numbers of several dimensions.

    Examples
    --------
    >>> figures(np.array([2.0, 3.0])).en
    '2 × 3'
    """
    shown = [figure(float(value)) for value in values]
    return Text(*(" × ".join(text[lang] for text in shown) for lang in ("en", "fr")))


def counted(n: int, one: Text, many: Text) -> Text:
    """Count things: French says one up to one and a half, English only of one.

    Examples
    --------
    >>> orders = Text("order", "commande"), Text("orders", "commandes")
    >>> counted(0, *orders).en, counted(0, *orders).fr, counted(2, *orders).fr
    ('0 orders', '0 commande', '2 commandes')
    """
    return Text(
        f"{number(int(n), 'en')} {(one if n == 1 else many).en}",
        f"{number(int(n), 'fr')} {(one if n < 2 else many).fr}",
    )


def capital(text: Text) -> Text:
    """Begin with a capital letter, as a sentence does.

    Examples
    --------
    >>> capital(Text("its size is 2", "sa taille est 2")).fr
    'Sa taille est 2'
    """
    return Text(text.en[:1].upper() + text.en[1:], text.fr[:1].upper() + text.fr[1:])


def window(instance: Instance, opens: float, closes: float) -> Text:
    """A window as people say it; one that stays open for two days, longer than anybody works, has no limit.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> window(tiny(), 0.0, 60.0).en, window(tiny(), 0.0, float("inf")).fr, window(tiny(), 9.0, float("inf")).en
    ('00:00 to 01:00', 'sans limite', 'from 00:09')
    """
    seconds = SECONDS.get(instance.time_unit)
    works = max((vehicle.closes for vehicle in instance.vehicles), default=np.inf)
    if np.isfinite(closes) and (seconds is None or closes * seconds < NO_LIMIT or works >= closes):
        return say(
            "{opens} to {closes}",
            "{opens} à {closes}",
            opens=moment(instance, opens),
            closes=moment(instance, closes),
        )
    if opens <= 0:
        return Text("no limit", "sans limite")
    return say("from {opens}", "à partir de {opens}", opens=moment(instance, opens))

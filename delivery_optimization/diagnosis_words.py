"""Figures and times in the two languages, for what is said of infeasible orders."""

from __future__ import annotations

from typing import Any

import numpy as np

from delivery_optimization.clock import hours, lasting
from delivery_optimization.instance import Instance
from usecases.contract import Text
from usecases.formatting import number, typeset

Array = np.ndarray


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

"""Numbers and sentences as each language sets them: 9.52 and 9,52; 12 % with a narrow space in French."""

from __future__ import annotations

import re

NARROW = "\u202f"


def number(value: float | int | None, lang: str, digits: int = 2) -> str:
    """Set a number for people.

    Parameters
    ----------
    value : float, int or None
        None and NaN are "not measured".
    lang : {"en", "fr"}
        French gets a decimal comma and narrow spaces between thousands.
    digits : int
        Decimals of a float; an int has none.

    Examples
    --------
    >>> number(9.523, "en"), number(9.523, "fr")
    ('9.52', '9,52')
    >>> number(20631, "en"), number(20631, "fr").replace(NARROW, "_")
    ('20,631', '20_631')
    >>> number(-0.001, "en"), number(-0.001, "en", 3)
    ('0.00', '−0.001')
    """
    if value is None or value != value:
        return "non mesuré" if lang == "fr" else "not measured"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    text = f"{value:,}" if isinstance(value, int) else f"{value:z,.{digits}f}"  # z: no minus before a zero
    if lang == "fr":
        text = text.replace(",", NARROW).replace(".", ",")
    return text.replace("-", "−")


def with_unit(value: float | int | None, unit: str, lang: str, digits: int = 2) -> str:
    """Set a number with its unit.

    Examples
    --------
    >>> with_unit(90.0, "%", "en", 1), with_unit(90.0, "%", "fr", 1) == "90,0" + NARROW + "%"
    ('90.0 %', True)
    >>> with_unit(1.0, "days", "en", 0), with_unit(1.2, "days", "fr", 1).replace(NARROW, " ")
    ('1 day', '1,2 jour')
    """
    text = number(value, lang, digits)
    if not unit or value is None or value != value:
        return text
    name = unit_name(unit, lang)
    if unit in UNITS_FR and (abs(round(value, digits)) < 2 if lang == "fr" else text == "1"):
        name = name.removesuffix("s")  # French counts one up to two, English only one
    return f"{text}{NARROW if lang == 'fr' else ' '}{name}"


def typeset(text: str, lang: str) -> str:
    """Set a sentence as the language's typography asks.

    French gets curly apostrophes, and narrow no-break spaces where a space stands before ``; : ! ? %`` or inside ``« »``.
    Nothing is added where there was no space, so that addresses and times of day stay as they are.

    Examples
    --------
    >>> typeset("l'usure : « 90 % »", "fr").replace(NARROW, "_")
    'l’usure_: «_90_%_»'
    >>> typeset("at 12:30", "en")
    'at 12:30'
    """
    if lang != "fr":
        return text
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r"[ \u00a0](?=[;:!?%»])", NARROW, text)
    return re.sub(r"«[ \u00a0]", f"«{NARROW}", text)


def dates(text: str, lang: str) -> str:
    """Set the dates of a text (2026-03-16) as the language writes them, so that no line breaks inside.

    Examples
    --------
    >>> dates("city 2026-03-16", "fr")
    'city 16/03/2026'
    >>> dates("2026-03-16", "en").replace(chr(0x2011), "~"), dates("order-2026-03-16", "en")
    ('2026~03~16', 'order-2026-03-16')
    """
    order = r"\3/\2/\1" if lang == "fr" else "\\1\u2011\\2\u2011\\3"
    return re.sub(r"(?<![\w-])(\d{4})-(\d\d)-(\d\d)(?![\w-])", order, text)


def decimals(value: float | int | None, unit: str = "") -> int:
    """Count the decimals that a number deserves: two below 100, one below 1000, none above; an int has none.

    A percentage has one, and two close to 0 or to 100, where a tenth is much.

    Examples
    --------
    >>> decimals(9.523), decimals(268.96), decimals(21032.45), decimals(12)
    (2, 1, 0, 0)
    >>> decimals(86.0, "%"), decimals(0.118, "%"), decimals(99.87, "%"), decimals(100.0, "%")
    (1, 2, 2, 1)
    """
    if value is None or value != value or isinstance(value, int):
        return 0
    if unit == "%":
        return 2 if 0 < abs(value) < 2 or 99 < abs(value) < 100 else 1
    return 2 if abs(value) < 100 else 1 if abs(value) < 1000 else 0


def between(low: float | None, high: float | None, value: float, lang: str, digits: int) -> str:
    """Set an interval in square brackets, with more decimals where fewer would widen it or leave out its value.

    Parameters
    ----------
    low, high : float or None
        Its bounds; None and NaN give an empty text.
    value : float
        What it is an interval of.
    lang : {"en", "fr"}
        Language.
    digits : int
        Least number of decimals.

    Examples
    --------
    >>> between(19.4, 46.4, 32.8, "en", 0), between(91.34, 91.59, 91.5, "en", 0)
    ('[19 ; 46]', '[91.3 ; 91.6]')
    >>> between(19.4, 46.4, 32.8, "fr", 1).replace(NARROW, "_").replace(chr(160), "~")
    '[19,4_;~46,4]'
    """
    if low is None or high is None or low != low or high != high:
        return ""
    low, high = float(low), float(high)
    while digits < 4 and low < high and not _shows(low, high, value, digits):
        digits += 1
    mark = f"{NARROW};\u00a0" if lang == "fr" else " ; "
    return f"[{number(low, lang, digits)}{mark}{number(high, lang, digits)}]"


def _shows(low: float, high: float, value: float, digits: int) -> bool:
    """Whether the rounded interval holds its value, ends at 0 only where it does, and no bound moves by over a quarter of its width."""
    if any(bound != 0 and round(bound, digits) == 0 for bound in (low, high)):
        return False
    holds = not low <= value <= high or round(low, digits) <= value <= round(high, digits)
    return holds and 2 * 10**-digits <= (high - low) * (1 + 1e-6)


UNITS_FR = {
    "vehicles": "véhicules",
    "days": "jours",
    "hours": "heures",
    "cycles": "cycles",
    "machines": "machines",
    "orders": "commandes",
}


def differ(a: float, b: float) -> bool:
    """Whether two shares of the work differ by more than a hundredth, so that costs must not be compared alone.

    Examples
    --------
    >>> differ(80.0, 80.4), differ(80.0, 50.0)
    (False, True)
    """
    return abs(a - b) > 0.01 * max(abs(a), abs(b))


def whole_or(value: float, digits: int) -> int:
    """Decimals of an amount that somebody chose: none for a whole one.

    Examples
    --------
    >>> whole_or(100.0, 2), whole_or(0.4, 2)
    (0, 2)
    """
    return 0 if float(value).is_integer() else digits


def unit_name(unit: str, lang: str) -> str:
    """Name a unit of measurement in the language; symbols (kg, EUR, %) stay as they are.

    Examples
    --------
    >>> unit_name("days", "fr"), unit_name("kg", "fr")
    ('jours', 'kg')
    """
    return UNITS_FR.get(unit, unit) if lang == "fr" else unit


GROUPS_FR = {
    "engines": "les moteurs",
    "machines": "les machines",
    "people": "les personnes",
    "days": "les journées",
    "instances": "les instances",
    "plans": "les plans",
    "requests": "les demandes",
    "groups of test units": "les groupes d'unités de test",
    "groups of test units, paired": "les groupes d'unités de test, par paires",
}


def interval_kind(kind: str | None, lang: str) -> str:
    """Say what an interval is over, in the language.

    Parameters
    ----------
    kind : str or None
        As in ``result.json``: ``"95 % bootstrap over engines"``.
    lang : {"en", "fr"}
        An unknown kind stays as it is.

    Examples
    --------
    >>> interval_kind("95 % bootstrap over machines", "fr").replace(NARROW, "_")
    'bootstrap à 95_% sur les machines'
    """
    if lang == "fr" and kind == "95 % over simulated days":
        return f"95{NARROW}% sur les journées simulées"
    level, marker, over = (kind or "").partition(" % bootstrap over ")
    if lang != "fr" or not marker:
        return kind or ""
    return f"bootstrap à {level.replace('.', ',')}{NARROW}% sur {GROUPS_FR.get(over, over)}"

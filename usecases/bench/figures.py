"""Single figures, headings and references of a table of results, set in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from usecases.bench.published import CHECKED, PROTOCOLS
from usecases.formatting import NARROW, between, decimals, number, unit_name, with_unit
from usecases.report_words import say

NOT_MEASURED = "–"


def heading(column: Mapping[str, Any], lang: str) -> str:
    """Name a column with its unit (units, where the data differ), unless its heading ends with one of its own.

    Examples
    --------
    >>> label = {"en": "Error", "fr": "Erreur"}
    >>> heading({"label": label, "heading": label, "units": ["days"]}, "fr")
    'Erreur (jours)'
    >>> heading({"label": label, "heading": {"en": "Error (CPU s)", "fr": "Erreur (s CPU)"}, "units": ["s"]}, "en")
    'Error (CPU s)'
    >>> heading({"label": label, "heading": {"en": "Error (median of machines)", "fr": ""}, "units": ["s"]}, "en")
    'Error (median of machines) (s)'
    """
    name = say(column["heading"], lang)
    units = [unit_name(unit, lang) for unit in column["units"]]
    own = name.endswith(")") and bool(set(name[:-1].rpartition("(")[2].split()) & set(units))
    return f"{name} ({' / '.join(units)})" if units and not own else name


def digits_of(value: float | None, unit: str) -> int:
    """Count the decimals that a figure of the table deserves.

    Examples
    --------
    >>> digits_of(9.59, "cycles"), digits_of(0.871, ""), digits_of(14.0, "%"), digits_of(21032.4, "")
    (2, 3, 1, 0)
    """
    if unit != "%" and value is not None and 0 < abs(value) < 1 and not isinstance(value, int):
        return 3
    return decimals(value, unit)


def interval_text(bounds: Iterable[float] | None, value: float, unit: str, lang: str) -> str:
    """Set an interval in square brackets, one decimal less than its value from 5 on; empty when there is none.

    Examples
    --------
    >>> interval_text([7.69, 11.54], 9.6, "cycles", "en"), interval_text([0.29, 6.98], 3.97, "%", "en")
    ('[7.7 ; 11.5]', '[0.3 ; 7.0]')
    """
    if bounds is None or any(bound is None or bound != bound for bound in bounds):
        return ""
    digits = digits_of(float(value), unit)
    digits -= digits > 0 and (digits == 1 if unit == "%" else abs(value) >= 5)
    low, high = bounds
    return between(low, high, float(value), lang, digits)


def figure_text(figure: Mapping[str, Any], column: Mapping[str, Any], lang: str) -> str:
    """Set the value of a figure, without its unit, which stands in the heading.

    Examples
    --------
    >>> figure_text({"value": 9.597}, {"units": ["cycles"]}, "fr")
    '9,60'
    """
    if figure["value"] is None:
        return NOT_MEASURED
    unit = column["units"][0] if column["units"] else ""
    return number(figure["value"], lang, digits_of(figure["value"], unit))


def paper_name(line: Mapping[str, Any]) -> str:
    """Name a paper with its year.

    Examples
    --------
    >>> paper_name({"method": "FFVE", "year": 2024}), paper_name({"method": "AMNL", "year": None})
    ('FFVE (2024)', 'AMNL')
    """
    return f"{line['method']} ({line['year']})" if line["year"] else str(line["method"])


def paper_note(line: Mapping[str, Any], place: int, lang: str) -> str:
    """Say where a published value comes from, by which protocol, and how far it was checked."""
    flags = ", ".join(say(PROTOCOLS[flag], lang) for flag in line["protocol"])
    mark = f"{NARROW};" if lang == "fr" else ";"
    checked = say(CHECKED[line["checked"]], lang)
    return f"[{place}] {paper_name(line)}{mark} {flags}{mark} {checked} ({line['source']})."


def with_gain(found: Mapping[str, Any], lang: str) -> str:
    """Set a difference for a sentence: its value with the unit, and its interval where there is one.

    Examples
    --------
    >>> with_gain({"value": 4.5, "unit": "days", "interval": [2.0, 7.0]}, "en")
    '4.50 days [2.00 ; 7.00]'
    >>> with_gain({"value": 150.0, "unit": "EUR", "interval": [None, None]}, "en")
    '150.0 EUR'
    """
    value = with_unit(found["value"], found["unit"], lang, digits_of(found["value"], found["unit"]))
    interval = interval_text(found["interval"], found["value"], found["unit"], lang)
    return f"{value} {interval}" if interval else value

"""A trap told to people: the figure of the mistake beside the honest one, as a section of a report and on the console."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from usecases.contract import Paragraph, Picture, Section, Table, Text
from usecases.formatting import interval_kind, number, typeset, unit_name, with_unit

LANGUAGES = ("en", "fr")


def section(trap: Mapping[str, Any]) -> Section:
    """Set a finding as a section: the sentence, the two figures side by side, a picture.

    Parameters
    ----------
    trap : mapping
        The ``trap`` of a ``result.json``: ``wrong``, ``honest``, ``wrong_name``, ``honest_name``, ``sentence``.

    Examples
    --------
    >>> figure = {"value": 3.0, "unit": "days", "interval": None, "interval_kind": None, "label": None}
    >>> name = {"en": "a name", "fr": "un nom"}
    >>> section({"wrong": figure, "honest": figure, "wrong_name": name, "honest_name": name, "sentence": name}).title.en
    'The trap: two figures for the same work'
    """
    unit = trap["honest"]["unit"]
    label = trap["honest"]["label"] or {"en": "Figure", "fr": "Mesure"}
    heading = Text(
        *(f"{label[lang]} ({unit_name(unit, lang)})" if unit else label[lang] for lang in LANGUAGES)
    )
    rows = [
        (
            Text(**trap[f"{side}_name"]),
            tag,
            trap[side]["value"],
            Text(*(_interval(trap[side], lang) for lang in LANGUAGES)),
        )
        for side, tag in (
            ("wrong", Text("trap", "piège")),
            ("honest", Text("honest", "honnête")),
        )
    ]
    columns = (
        Text("How it was obtained", "Comment il est obtenu"),
        Text("", ""),
        heading,
        Text("Interval", "Intervalle"),
    )
    return Section(
        Text("The trap: two figures for the same work", "Le piège : deux chiffres pour le même travail"),
        (
            Paragraph(Text(**trap["sentence"])),
            Table(columns, rows),
            Picture(
                lambda lang: picture(trap, lang),
                Text("The two figures with their intervals.", "Les deux chiffres et leurs intervalles."),
            ),
        ),
    )


def picture(trap: Mapping[str, Any], lang: str) -> Any:
    """Draw the two figures as points with their intervals, from zero on.

    Parameters
    ----------
    trap : mapping
        The ``trap`` of a ``result.json``.
    lang : {"en", "fr"}
        Language of the picture.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from usecases.charts import ACCENT, WARN, figure, localise, plain

    made, axis = figure(8.0, 1.9)
    for place, (side, colour) in enumerate((("wrong", WARN), ("honest", ACCENT))):
        metric = trap[side]
        axis.barh(place, metric["value"], color=colour, alpha=0.25, height=0.55)
        axis.plot([metric["value"]], [place], "o", color=colour, ms=8)
        if metric["interval"]:
            axis.plot(metric["interval"], [place, place], color=colour, lw=2)
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.set_xlim(left=0)
    axis.set_xlabel(unit_name(trap["honest"]["unit"], lang))
    localise(axis, lang)
    names = [plain(typeset(trap[f"{side}_name"][lang], lang), 46) for side in ("wrong", "honest")]
    axis.set_yticks([0, 1], names)  # after `localise`, which sets numbers on both axes
    return made


def lines(trap: Mapping[str, Any], lang: str, width: int = 100) -> list[str]:
    """Say a finding on the console: both figures, then the sentence, wrapped.

    Parameters
    ----------
    trap : mapping
        The ``trap`` of a ``result.json``.
    lang : {"en", "fr"}
        Language.
    width : int
        Columns.

    Examples
    --------
    >>> figure = {"value": 3.0, "unit": "days", "interval": [2.0, 4.0], "interval_kind": "95 % bootstrap over machines"}
    >>> name = {"en": "by rows", "fr": "par lignes"}
    >>> found = {"wrong": figure, "honest": figure, "wrong_name": name, "honest_name": name, "sentence": name}
    >>> lines(found, "en")[0]
    '  trap    by rows: 3.00 days  [2.00 ; 4.00]'
    """
    tags = {"wrong": ("trap", "piège"), "honest": ("honest", "honnête")}
    said = []
    for side, tag in tags.items():
        metric = trap[side]
        bounds = ""
        if metric["interval"]:
            low, high = (number(bound, lang) for bound in metric["interval"])
            bounds = f"  [{low} ; {high}]"
        text = typeset(f"{trap[f'{side}_name'][lang]}{' :' if lang == 'fr' else ':'}", lang)
        said.append(
            f"  {tag[lang == 'fr']:<8}{text} {with_unit(metric['value'], metric['unit'], lang)}{bounds}"
        )
    sentence = typeset(trap["sentence"][lang], lang)
    return said + wrap(sentence, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _interval(metric: Mapping[str, Any], lang: str) -> str:
    if not metric["interval"]:
        return ""
    low, high = (number(bound, lang) for bound in metric["interval"])
    return f"[{low} ; {high}] {interval_kind(metric['interval_kind'], lang)}"

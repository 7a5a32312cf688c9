"""What is said of the units of a new file, in English and French."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from predictive_maintenance.model_schema import Schema
from predictive_maintenance.scales import TIME_STEP, Scale
from usecases.contract import Text
from usecases.errors import UserError
from usecases.formatting import NARROW, unit_name

MOST_COLUMNS = 3  # told in one message
AGES_FROM_FIRST_ROW = Text(
    "Dates count from the first row of each unit: give whole histories, not the last weeks alone.",
    f"Les dates comptent depuis la première ligne de chaque unité{NARROW}: donnez les historiques entiers, et non les "
    "dernières semaines seules.",
)


def _plain(value: float, lang: str) -> str:
    """A number in up to five digits."""
    text = f"{value:.5g}"
    return text.replace(".", ",") if lang == "fr" else text


class Faults:
    """Why a unit is not scored.

    Examples
    --------
    >>> Faults.no_time(", row 7").en
    'a time is missing or is no time, row 7'
    """

    NO_NAME = Text("these rows have no unit name", "ces lignes n'ont pas de nom d'unité")
    NO_NUMBER = Text("the method gave no number", "la méthode n'a donné aucun nombre")
    SILENT = Text("not one sensor value in its rows", "aucune valeur de capteur dans ses lignes")
    CENTURY = Text(
        "its record lasts more than 100 years: is a date wrong, or the unit of time?",
        f"son relevé dure plus de 100 ans{NARROW}: une date est-elle fausse, ou l'unité de temps{NARROW}?",
    )

    @staticmethod
    def places(index: pd.Index) -> Callable[[int], Text]:
        """Say where a row stands in the file; nothing when the input is no file."""
        if index.name != "row":
            return lambda at: Text("", "")
        return lambda at: Text(f", row {index[at]}", f", ligne {index[at]}")

    @staticmethod
    def text(name: str, cell: Any, where: Text) -> Text:
        """A cell that is no number."""
        shown = str(cell)[:40]
        return Text(
            f"{shown!r} in column {name!r} is not a number{where.en}",
            f"«{NARROW}{shown}{NARROW}» dans la colonne «{NARROW}{name}{NARROW}» n'est pas un nombre{where.fr}",
        )

    @staticmethod
    def no_time(where: Text | str) -> Text:
        """A row without time."""
        where = Text(where, where) if isinstance(where, str) else where
        return Text(
            f"a time is missing or is no time{where.en}", f"un temps manque ou n'en est pas un{where.fr}"
        )

    @staticmethod
    def odd_time(time: float, where: Text) -> Text:
        """A time that is no age."""
        return Text(
            f"the time {time:g} is no age{where.en}",
            f"le temps {_plain(time, 'fr')} n'est pas un âge{where.fr}",
        )

    @staticmethod
    def same_time(time: float, where: Text) -> Text:
        """Two rows at one time."""
        return Text(
            f"two rows have the time {time:g}{where.en}",
            f"deux lignes ont le temps {_plain(time, 'fr')}{where.fr}",
        )

    @staticmethod
    def backwards(time: float, before: float, where: Text) -> Text:
        """A row before the one above."""
        return Text(
            f"its rows are not in the order of time: {time:g} follows {before:g}{where.en}",
            f"ses lignes ne sont pas dans l'ordre du temps{NARROW}: {_plain(time, 'fr')} suit {_plain(before, 'fr')}{where.fr}",
        )

    @staticmethod
    def huge(name: str, value: float, where: Text) -> Text:
        """A value that no quantity has."""
        return Text(
            f"{value:g} in column {name!r} is no measurement{where.en}",
            f"{_plain(value, 'fr')} dans la colonne «{NARROW}{name}{NARROW}» n'est pas une mesure{where.fr}",
        )


class Warnings:
    """Why a prediction deserves less trust.

    Examples
    --------
    >>> Warnings.short(2).en
    'only 2 rows: no trend can be seen'
    """

    @staticmethod
    def scale(label: Text | str) -> Text:
        """A column on another scale, accepted with --anyway."""
        label = Text("time between rows", "temps entre les lignes") if isinstance(label, str) else label
        return Text(
            f"{label.en} is on another scale than at training",
            f"{label.fr}{NARROW}: autre échelle qu'à l'apprentissage",
        )

    @staticmethod
    def lacks(label: Text, share: float | None) -> Text:
        """A column without any value, and its share in what the model learned from, where that is known."""
        en = "" if share is None else f" ({100 * share:.0f} % of what the model learned from)"
        fr = "" if share is None else f" ({100 * share:.0f}{NARROW}% de ce que le modèle a appris)"
        return Text(f"no value of {label.en}{en}", f"aucune valeur de {label.fr}{fr}")

    @staticmethod
    def far(label: Text, level: float, scale: Scale) -> Text:
        """A unit unlike all training units."""
        value, low, high = (
            {lang: _plain(x, lang) for lang in ("en", "fr")} for x in (level, scale.low, scale.high)
        )
        return Text(
            f"{label.en} stands at {value['en']}, far from all training units ({low['en']} to {high['en']})",
            f"{label.fr} vaut {value['fr']}, loin de toutes les unités d'apprentissage ({low['fr']} à {high['fr']})",
        )

    @staticmethod
    def old(age: float, oldest: float, unit: str) -> Text:
        """A unit older than any at training."""
        return Text(
            f"older than any training unit ({_plain(age, 'en')} {unit}, {_plain(oldest, 'en')} at most)",
            f"plus âgée que toute unité d'apprentissage ({_plain(age, 'fr')} {unit_name(unit, 'fr')}, {_plain(oldest, 'fr')} au plus)",
        )

    @staticmethod
    def late(age: float, latest: float, unit: str) -> Text:
        """A history whose beginning is not in the file."""
        return Text(
            f"its history begins at {_plain(age, 'en')} {unit}, later than any at training ({_plain(latest, 'en')}): "
            "give all its rows",
            f"son historique commence à {_plain(age, 'fr')} {unit_name(unit, 'fr')}, plus tard que tous ceux de "
            f"l'apprentissage ({_plain(latest, 'fr')}){NARROW}: donnez toutes ses lignes",
        )

    begins_worn = Text(
        "its first rows look like a machine in use for long: give all its rows since it was new or repaired",
        f"ses premières lignes ressemblent à une machine déjà usée{NARROW}: donnez toutes ses lignes depuis la mise en service ou la "
        "réparation",
    )

    @staticmethod
    def long(rows: int, longest: int) -> Text:
        """More rows than any training unit has."""
        return Text(
            f"more rows than any training unit ({rows}, {longest} at most)",
            f"plus de lignes que toute unité d'apprentissage ({rows}, {longest} au plus)",
        )

    @staticmethod
    def short(rows: int) -> Text:
        """Too few rows for a trend."""
        return Text(
            f"only {rows} row{'s' if rows > 1 else ''}: no trend can be seen",
            f"{rows} ligne{'s' if rows > 1 else ''} seulement{NARROW}: aucune tendance n'est visible",
        )

    @staticmethod
    def joined(texts: Sequence[Text]) -> Text:
        """Several warnings as one."""
        return Text("; ".join(text.en for text in texts), f"{NARROW}; ".join(text.fr for text in texts))


def on_another_scale(schema: Schema, elsewhere: Mapping[str, str]) -> UserError:
    """Refuse columns on another scale, in one sentence.

    Parameters
    ----------
    schema : Schema
        Of the model.
    elsewhere : mapping of str to str
        From `predictive_maintenance.scales.other_scale`.

    Returns
    -------
    UserError
        To raise.

    Examples
    --------
    >>> from predictive_maintenance.data.protocol import toy_data
    >>> from predictive_maintenance.model_schema import describe
    >>> str(on_another_scale(describe(toy_data().inputs, level=0.9), {"counter": "°C to °F?"}))
    "column 'counter' is not on the scale of the training data, °C to °F?: convert it, or type --anyway to predict all the same"
    """
    told = "; ".join(
        f"{_what(schema, name)}, {phrase}" for name, phrase in list(elsewhere.items())[:MOST_COLUMNS]
    )
    do = f"convert {'it' if len(elsewhere) == 1 else 'them'}"
    if len(elsewhere) > MOST_COLUMNS:
        told += f"; nor are {len(elsewhere) - MOST_COLUMNS} more columns"
        do = "give machines of the same kind under the same conditions"
    return UserError(f"{told}: {do}, or type --anyway to predict all the same")


def _what(schema: Schema, name: str) -> str:
    if name == TIME_STEP:
        return f"the time between the rows of a unit, in {schema.time_unit}, is not that of the training data"
    unit = schema.units.get(name)
    return f"column {name!r}{f' ({unit} at training)' if unit and unit != '1' else ''} is not on the scale of the training data"

"""Names of vehicles in both languages: files and plans keep one name, people read it in their language."""

from __future__ import annotations

import re

from usecases.contract import Text

FRENCH = (
    (re.compile(r", van from (\d\d:\d\d)$"), r", fourgon dès \1"),
    (re.compile(r", bike from (\d\d:\d\d)$"), r", vélo dès \1"),
    (re.compile(r"^depot (\d+)$"), r"dépôt \1"),
    (re.compile(r"^vehicle$"), "véhicule"),
    (re.compile(r"^vehicle (\d+)$"), r"véhicule \1"),
)


def vehicle_text(name: str) -> Text:
    """Say the name of a vehicle type of the built-in data in both languages; any other name stays as it is.

    Parameters
    ----------
    name : str
        `delivery_optimization.instance.VehicleType.name`.

    Examples
    --------
    >>> vehicle_text("Courses du Nord, van from 07:30").fr, vehicle_text("Van 3").fr
    ('Courses du Nord, fourgon dès 07:30', 'Van 3')
    """
    french = name
    for pattern, words in FRENCH:
        french = pattern.sub(words, french)
    return Text(name, french)


def route_text(number: int, name: str) -> Text:
    """Say which route it is and with which vehicle: “3  Nord, van”, “vehicle 3” where vehicles have no name.

    Parameters
    ----------
    number : int
        Of the route, from 0.
    name : str
        Of the vehicle type.

    Examples
    --------
    >>> route_text(2, "depot 1").fr, route_text(7, "vehicle").en
    ('3  dépôt 1', 'vehicle 8')
    """
    said = vehicle_text(name)
    if name == "vehicle":
        return Text(f"{said.en} {number + 1}", f"{said.fr} {number + 1}")
    return Text(f"{number + 1}  {said.en}", f"{number + 1}  {said.fr}")

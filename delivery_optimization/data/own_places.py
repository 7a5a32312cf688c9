"""Where a person's orders are: coordinates as a geocoder returns them, and the mistakes that they come with.

The free CSV geocoder of the French national address base (BAN; https://adresse.data.gouv.fr/outils/csv, service
https://data.geopf.fr/geocodage) adds ``latitude``, ``longitude``, ``result_score`` (0 to 1), ``result_label`` (the address that
it found), ``result_type`` (housenumber, street, locality, municipality) and ``result_status`` (ok, not-found, skipped, error).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

import numpy as np

from delivery_optimization.instance import Crow
from usecases.contract import Text
from usecases.errors import UserError
from usecases.formatting import NARROW
from usecases.tabular import Table

logger = logging.getLogger(__name__)
Array = np.ndarray

FRANCE = {"latitude": (41.0, 51.6), "longitude": (-5.6, 9.8)}  # degrees, Corsica included
NOT_AT_A_DOOR = ("municipality", "locality", "street")
GEOCODE = "geocode its address again (free of charge: https://adresse.data.gouv.fr/outils/csv)"
SHOWN = 5


def refuse(table: Table, bad: Array, column: str, names: Sequence[str], what: str, remedy: str) -> None:
    """Raise for the first bad row of a column: where it is, which order, what is wrong, what to do.

    Parameters
    ----------
    table : usecases.tabular.Table
        Where the rows come from.
    bad : ndarray of bool, shape (n_rows,)
        Nothing happens where none is.
    column : str
        For the message.
    names : sequence of str
        What each row is about: ``order 'A12'``.
    what, remedy : str
        The rest of the sentence; ``{value}`` stands for the cell.

    Raises
    ------
    UserError
        If a row is bad.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> table = Table(pd.DataFrame({"size": [1.0, -2.0]}, index=[2, 3]), None, Path("a.csv"))
    >>> refuse(table, np.array([False, True]), "size", ["order 'A'", "order 'B'"], "{value} is negative", "correct it")
    Traceback (most recent call last):
    usecases.errors.UserError: a.csv, row 3, column 'size': order 'B': -2 is negative: correct it
    """
    if not np.any(bad):
        return
    at, count = int(np.argmax(bad)), int(np.sum(bad))
    value = table.frame[column].iloc[at] if column in table.frame.columns else ""
    shown = f"{value:g}" if isinstance(value, float) else repr(value)
    more = f" ({count} such rows)" if count > 1 else ""
    raise UserError(
        f"{table.place(int(table.frame.index[at]), column)}: {names[at]}: {what.format(value=shown)}{more}: {remedy}"
    )


def check_coordinates(
    table: Table,
    latitude: Array,
    longitude: Array,
    names: Sequence[str],
    columns: tuple[str, str],
    farthest_km: float,
) -> None:
    """Refuse coordinates that are missing, exchanged, 0, or far from all others.

    Parameters
    ----------
    table : usecases.tabular.Table
        Where they come from.
    latitude, longitude : ndarray of shape (n_rows,)
        Degrees; both NaN where there is no place to check.
    names : sequence of str
        What each row is about.
    columns : tuple of str
        Their columns.
    farthest_km : float
        From the middle (median) of all places.

    Raises
    ------
    UserError
        With file, row, column and order.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> table = Table(pd.DataFrame({"lat": [3.06], "lon": [50.63]}, index=[2]), None, Path("a.csv"))
    >>> check_coordinates(table, table.frame["lat"].to_numpy(), table.frame["lon"].to_numpy(), ["order 'A'"], ("lat", "lon"), 300)
    Traceback (most recent call last):
    usecases.errors.UserError: a.csv, row 2, column 'lat': order 'A': latitude and longitude seem to be exchanged: exchange 'lat' and 'lon'
    """
    lat, lon = columns
    given = ~(np.isnan(latitude) & np.isnan(longitude))
    for column, values, other in ((lat, latitude, longitude), (lon, longitude, latitude)):
        refuse(
            table,
            np.isnan(values) & ~np.isnan(other),
            column,
            names,
            "one coordinate without the other",
            GEOCODE,
        )
    exchanged = given & _in_france(longitude, latitude) & ~_in_france(latitude, longitude)
    titles = [table.titles.get(column, column) for column in columns]
    refuse(
        table, exchanged, lat, names, "latitude and longitude seem to be exchanged",
        f"exchange {titles[0]!r} and {titles[1]!r}",
    )  # fmt: skip
    refuse(table, given & (np.abs(latitude) > 90), lat, names, "{value} is no latitude in degrees", GEOCODE)
    refuse(
        table, given & (np.abs(longitude) > 180), lon, names, "{value} is no longitude in degrees", GEOCODE
    )
    zero = given & (np.abs(latitude) < 1e-6) & (np.abs(longitude) < 1e-6)
    refuse(table, zero, lat, names, "latitude 0 and longitude 0, a place in the Atlantic", GEOCODE)
    far = np.zeros(len(given))
    if given.any():
        middle = Crow(
            np.append(latitude, np.median(latitude[given])),
            np.append(longitude, np.median(longitude[given])),
            1.0,
            1.0,
        )
        ends = np.flatnonzero(given)
        far[ends] = middle.pairs(np.full(len(ends), len(latitude)), ends)[1] / 1000
    stray = far > farthest_km
    if stray.any():
        refuse(
            table, stray, lat, names, f"this place is {far[np.argmax(stray)]:.0f} km from the middle of the others",
            f"{GEOCODE}, or allow it with data.farthest_km={far.max() + 1:.0f}",
        )  # fmt: skip


def check_depot(
    where: str, depot: tuple[float, float], latitude: Array, longitude: Array, farthest_km: float
) -> None:
    """Refuse a depot whose coordinates are exchanged, or that is far from the deliveries.

    Parameters
    ----------
    where : str
        For the message.
    depot : tuple of float
        Latitude and longitude.
    latitude, longitude : ndarray of shape (n_orders,)
        Of the deliveries.
    farthest_km : float
        From their middle (median).

    Raises
    ------
    UserError
        With the distance.

    Examples
    --------
    >>> check_depot("data.depot=[3.06, 50.63]", (3.06, 50.63), np.array([50.6]), np.array([3.0]), 300)
    Traceback (most recent call last):
    usecases.errors.UserError: data.depot=[3.06, 50.63]: latitude and longitude of the depot seem to be exchanged: exchange them
    """
    middle = float(np.median(latitude)), float(np.median(longitude))

    def away(lat: float, lon: float) -> float:
        return (
            float(
                Crow(np.array([lat, middle[0]]), np.array([lon, middle[1]]), 1.0, 1.0).table(np.arange(2))[1][
                    0, 1
                ]
            )
            / 1000
        )

    far = away(*depot)
    if far <= farthest_km:
        return
    if abs(depot[1]) <= 90 and away(depot[1], depot[0]) <= farthest_km:
        raise UserError(f"{where}: latitude and longitude of the depot seem to be exchanged: exchange them")
    raise UserError(
        f"{where}: the depot is {far:.0f} km from the middle of the deliveries: correct it, or allow it with "
        f"data.farthest_km={far + 1:.0f}"
    )


def _in_france(latitude: Array, longitude: Array) -> Array:
    (south, north), (west, east) = FRANCE["latitude"], FRANCE["longitude"]
    return (latitude >= south) & (latitude <= north) & (longitude >= west) & (longitude <= east)


def check_geocoding(
    table: Table, latitude: Array, names: Sequence[str], column: str, least_score: float
) -> tuple[Text, ...]:
    """Refuse what was not found, warn about what was found with little certainty or not to the house number.

    Parameters
    ----------
    table : usecases.tabular.Table
        With ``result_score``, ``result_status`` and ``result_type`` where the geocoder wrote them.
    latitude : ndarray of shape (n_rows,)
        NaN where no place was found.
    names : sequence of str
        What each row is about.
    column : str
        Of the latitude.
    least_score : float
        Below, a place is uncertain.

    Returns
    -------
    tuple of Text
        What a reader must know.

    Raises
    ------
    UserError
        For an order without coordinates.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> frame = pd.DataFrame({"latitude": [50.6], "result_score": [0.31]}, index=[2])
    >>> check_geocoding(Table(frame, None, Path("a.csv")), np.array([50.6]), ["order 'A'"], "latitude", 0.5)[0].en
    "1 address was found with a score below 0.5 and may be wrong: order 'A' (row 2, score 0.31)"
    """
    frame, rows = table.frame, table.frame.index
    missing = np.isnan(latitude)
    if missing.any():
        status = (
            frame["result_status"].iloc[int(np.argmax(missing))] if "result_status" in frame.columns else None
        )
        why = f" (the geocoder says {status!r})" if isinstance(status, str) else ""
        refuse(
            table,
            missing,
            column,
            names,
            f"no coordinates{why}",
            f"correct it and {GEOCODE}, or delete the row",
        )
    notes = []
    if "result_score" in frame.columns:
        score = frame["result_score"].to_numpy(dtype=float)
        low = np.flatnonzero(score < least_score)
        if len(low):
            listed = ", ".join(f"{names[k]} (row {rows[k]}, score {score[k]:.2f})" for k in low[:SHOWN])
            notes.append(_few(
                len(low), listed, f"found with a score below {least_score:g} and may be wrong",
                (f"a été trouvée avec un score inférieur à {least_score:g} et peut être fausse".replace(".", ","),
                 f"ont été trouvées avec un score inférieur à {least_score:g} et peuvent être fausses".replace(".", ",")),
            ))  # fmt: skip
    if "result_type" in frame.columns:
        vague = np.flatnonzero(frame["result_type"].isin(NOT_AT_A_DOOR).to_numpy())
        if len(vague):
            listed = ", ".join(f"{names[k]} ({frame['result_type'].iloc[k]})" for k in vague[:SHOWN])
            notes.append(_few(
                len(vague), listed, "located without its house number",
                ("a été située sans son numéro", "ont été situées sans leur numéro"),
            ))  # fmt: skip
    for note in notes:
        logger.warning("%s: %s", table.path.name, note.en)
    return tuple(notes)


def _few(count: int, listed: str, en: str, fr: tuple[str, str]) -> Text:
    """Say how many addresses, and name the first of them."""
    more_en, more_fr = (", ...", ", …") if count > SHOWN else ("", "")
    english = f"{count} address{'es were' if count > 1 else ' was'} {en}: {listed}{more_en}"
    listed_fr = re.sub(
        r"(score \d)\.", r"\1,", listed.replace("order '", "commande '").replace("row ", "ligne ")
    )
    return Text(
        english, f"{count} adresse{'s' if count > 1 else ''} {fr[count > 1]}{NARROW}: {listed_fr}{more_fr}"
    )

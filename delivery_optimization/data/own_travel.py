"""How long a person's vehicles drive: by a duration table where there is one, else as the crow flies at a mean speed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from delivery_optimization.data.osrm import DurationTable, check_matrix, read_osrm
from delivery_optimization.instance import UNREACHABLE, Crow, Table, Travel
from usecases.contract import Text
from usecases.errors import UserError
from usecases.formatting import number
from usecases.tabular import read_table
from usecases.textfile import existing_file

logger = logging.getLogger(__name__)
Array = np.ndarray

NEAR = 1000.0  # metres by which OSRM may move a coordinate to the next street, where its table does not say by how many
SLACK = 15.0  # metres between a place and the coordinate that OSRM was asked for (four decimals: up to 7), and 1 % for another measure
CANDIDATES = 8  # nearest spots that are looked at for each place
SECONDS = {"s": 1.0, "min": 60.0}


@dataclass(frozen=True, eq=False)
class Located:
    """All places of a day.

    Parameters
    ----------
    names : tuple of str
        One for each place.
    latitude, longitude : ndarray of shape (n_places,)
        Degrees; no two places are alike.
    listed : ndarray of int
        Places in the order of the files: depots, deliveries, pickups.
    called : mapping of str to int
        Places by what a table may call them: names of depots and of orders.
    """

    names: tuple[str, ...]
    latitude: Array
    longitude: Array
    listed: Array
    called: Mapping[str, int]


def read_durations(path: str, unit: str = "s", **dialect: Any) -> DurationTable:
    r"""Read a duration table: OSRM's JSON, or a CSV matrix whose titles and first column name depots and orders.

    Parameters
    ----------
    path : str
        The file.
    unit : {"s", "min"}
        Of a CSV matrix; OSRM's are seconds.
    **dialect : object
        Of `usecases.tabular.read_table`, for a CSV matrix.

    Returns
    -------
    DurationTable

    Raises
    ------
    UserError
        With the file and the place of what is wrong.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "durations.csv"
    >>> _ = file.write_text("from,depot,A\ndepot,0,12\nA,,0\n", encoding="utf-8")
    >>> read_durations(str(file), "min").durations.tolist()
    [[0.0, 720.0], [10000000.0, 0.0]]
    """
    file = existing_file(path)
    if file.suffix.lower() == ".json" or _begins_as_json(file):
        return read_osrm(file)
    titles_of_all = read_table(path, keep=(), **dialect).others
    table = read_table(path, text=titles_of_all[:1], **dialect)  # 007 is a name, no number
    frame = table.frame
    first, titles = frame.iloc[:, 0], [str(title) for title in frame.columns[1:]]
    names = tuple(str(cell) for cell in first)
    text = [
        title
        for title in frame.columns[1:]
        if frame[title].dtype == object or frame[title].dtype.kind not in "fi"
    ]
    if text:
        raise UserError(
            f"{table.place(None, text[0])} holds text, durations were expected (an empty cell where there is no way): correct it"
        )
    values = frame.iloc[:, 1:].to_numpy(dtype=float)
    given = ~np.isnan(values)
    check_matrix(table.path, values, given, "durations")
    return DurationTable(
        table.path,
        np.where(given, values * SECONDS[unit], UNREACHABLE),
        source_names=names,
        destination_names=tuple(titles),
    )


def travel(
    places: Located,
    speeds: Sequence[float | None],
    table: DurationTable | None,
    *,
    speed_km_h: float,
    detour: float,
    names: Sequence[str] = (),
) -> tuple[tuple[Travel, ...], tuple[int, ...], tuple[Text, ...]]:
    """Say how each kind of vehicle drives: with the table, unless it has a speed of its own.

    Parameters
    ----------
    places : Located
        The places.
    speeds : sequence of float or None
        Speed of each kind of vehicle (km/h); None: the table, or `speed_km_h` without one.
    table : DurationTable, optional
        Its durations are rounded up to whole seconds.
    speed_km_h, detour : float
        Of what has no table.
    names : sequence of str, optional
        Of the kinds of vehicle, told where they do not drive alike.

    Returns
    -------
    travels : tuple of Travel
        Different ones.
    chosen : tuple of int
        Which of them each kind of vehicle has.
    notes : tuple of Text
        Where durations come from.

    Examples
    --------
    >>> places = Located(("depot", "A"), np.array([50.6, 50.7]), np.array([3.0, 3.0]), np.array([0, 1]), {})
    >>> travels, chosen, notes = travel(places, [None, 15.0], None, speed_km_h=30.0, detour=1.3)
    >>> chosen, travels[0].pairs(np.array([0]), np.array([1]))[0].tolist()
    ((0, 1), [1735.0])
    """
    keys = list(dict.fromkeys(speeds))
    travels, notes = [], []
    for key in keys:
        if key is None and table is not None:
            made, said = _table(places, table, speed_km_h, detour)
            notes += said
        else:
            speed = speed_km_h if key is None else key
            made = Crow(places.latitude, places.longitude, speed / 3.6, detour)
            whose = [name for name, own in zip(names, speeds, strict=False) if own == key]
            notes.append(_estimated(speed, detour, whose if len(keys) > 1 else []))
        travels.append(made)
    return tuple(travels), tuple(keys.index(speed) for speed in speeds), tuple(notes)


def _estimated(speed_km_h: float, detour: float, whose: Sequence[str] = ()) -> Text:
    """Say that durations are no measured ones, and of which vehicles."""
    listed = ", ".join(dict.fromkeys(whose))
    en, fr = (f" of {listed}", f" de {listed}") if listed else ("", "")
    speed, times = (
        {lang: number(float(v), lang, d) for lang in ("en", "fr")} for v, d in ((speed_km_h, 1), (detour, 2))
    )
    return Text(
        f"Durations{en} are estimated as the crow flies times {times['en']}, at {speed['en']} km/h "
        "(data.durations=FILE gives real ones).",
        f"Les durées{fr} sont estimées à vol d’oiseau, fois {times['fr']}, à {speed['fr']} km/h "
        "(data.durations=FICHIER en donne de vraies).",
    )


def _table(
    places: Located, table: DurationTable, speed_km_h: float, detour: float
) -> tuple[Table, list[Text]]:
    """The part of a duration table that the places need, in whole seconds and metres."""
    n_rows, n_columns = table.durations.shape
    rows = _matched(places, table, table.sources, table.source_gaps, table.source_names, "row", n_rows)
    columns = _matched(
        places,
        table,
        table.destinations,
        table.destination_gaps,
        table.destination_names,
        "column",
        n_columns,
    )
    durations = np.ceil(table.durations[np.ix_(rows, columns)])
    notes = []
    if table.distances is None:
        crow = Crow(places.latitude, places.longitude, speed_km_h / 3.6, detour)
        distances = crow.table(np.arange(len(rows)))[1]
        notes.append(Text(
            f"{table.path.name} has no distances: they are estimated as the crow flies times {number(float(detour), 'en')}.",
            f"{table.path.name} n’a pas de distances : elles sont estimées à vol d’oiseau, fois {number(float(detour), 'fr')}.",
        ))  # fmt: skip
    else:
        distances = np.round(table.distances[np.ix_(rows, columns)])
    lost = durations >= UNREACHABLE
    distances = np.where(lost, UNREACHABLE, np.minimum(distances, UNREACHABLE))
    around = int((np.diagonal(durations) > 0).sum())
    if around:
        notes.append(Text(
            f"{table.path.name}: the way of {around} places to themselves is not 0, and counts as 0.",
            f"{table.path.name}\u202f: le trajet de {around} lieux vers eux-mêmes n’est pas nul, et compte pour 0.",
        ))  # fmt: skip
    np.fill_diagonal(durations, 0)
    np.fill_diagonal(distances, 0)
    np.fill_diagonal(lost, False)
    if lost.any():
        notes.append(Text(
            f"{int(lost.sum())} legs of {table.path.name} do not exist (null): no plan drives them.",
            f"{int(lost.sum())} trajets de {table.path.name} n’existent pas (null) : aucun plan ne les emprunte.",
        ))  # fmt: skip
    if table.estimated:
        notes.append(Text(
            f"{table.estimated} durations of {table.path.name} were estimated by OSRM as the crow flies.",
            f"{table.estimated} durées de {table.path.name} ont été estimées à vol d’oiseau par OSRM.",
        ))  # fmt: skip
    return Table(durations, distances), notes


def _matched(
    places: Located,
    table: DurationTable,
    locations: Array | None,
    gaps: Array | None,
    names: Sequence[str],
    what: str,
    size: int,
) -> Array:
    """Row or column of each place: by its name, by where it is, or by the order of the files where the table says neither."""
    if names:
        return _by_name(places, table, names, what)
    if locations is not None:
        return _by_location(places, table, locations, gaps, what)
    n = len(places.names)
    first = np.array([int(np.argmax(places.listed == k)) for k in range(n)])
    if size == len(places.listed):
        return first
    if size == n:
        return np.argsort(np.argsort(first))
    raise UserError(
        f"{table.path} has {size} {what}s and does not say where they are; {len(places.listed)} were expected, in the order of "
        "the files (depots, deliveries, pickups): ask OSRM again for all of them"
    )


def _by_location(
    places: Located, table: DurationTable, locations: Array, gaps: Array | None, what: str
) -> Array:
    """Row or column of each place: on the nearest spot that is as far away as OSRM says that it moved one of its rows.

    Rows on one spot (ten doors of one yard) are alike, so that any of them serves; but no more places than rows.
    """
    n = len(places.names)
    spots, spot = np.unique(np.round(locations, 6), axis=0, return_inverse=True)
    rows = _Rows(np.asarray(spot).reshape(-1), gaps)
    near = _nearest(places, spots)
    far = np.column_stack([_metres(places, np.arange(n), spots[column]) for column in near.T])
    fits = np.column_stack([rows.fit(column, gap) for column, gap in zip(near.T, far.T, strict=True)])
    if not fits.any(axis=1).all():
        lost = ~fits.any(axis=1)
        raise _lost(places, table, int(np.argmax(lost)), far[:, 0], what, int(lost.sum()))
    choice = np.argmax(fits, axis=1)
    chosen = near[np.arange(n), choice]
    more = np.bincount(chosen, minlength=len(spots)) - rows.counts
    if (more > 0).any():
        here = np.flatnonzero(chosen == np.argmax(more))
        gap = far[here, choice[here]]
        odd = int(here[np.lexsort((gap, rows.misfit(chosen[here], gap)))[-1]])  # the one that fits least
        raise _lost(places, table, odd, far[np.arange(n), choice], what, int(more.max()))
    return rows.one_each(chosen)


class _Rows:
    """Rows of a table by the spot that they were moved to.

    Parameters
    ----------
    spot : ndarray of int, shape (n_rows,)
        Number of the spot of each row.
    gaps : ndarray of shape (n_rows,), optional
        Metres by which OSRM moved each; NaN or None where it does not say.
    """

    def __init__(self, spot: Array, gaps: Array | None) -> None:
        self.order = np.argsort(spot, kind="stable")
        self.counts = np.bincount(spot)
        self.starts = np.cumsum(self.counts) - self.counts
        self.gaps = np.full(len(spot), np.nan) if gaps is None else np.asarray(gaps, dtype=float)

    def misfit(self, spot: Array, far: Array) -> Array:
        """Least difference (m) between a distance from a spot and what its rows were moved by; 0 where they do not say it."""
        counts = self.counts[spot]
        pair = np.repeat(np.arange(len(spot)), counts)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        gap = self.gaps[self.order[self.starts[spot][pair] + within]]
        known = np.abs(far[pair] - gap) - 0.01 * np.nan_to_num(gap)
        least = np.full(len(spot), np.inf)
        np.minimum.at(least, pair, np.where(np.isnan(gap), np.where(far[pair] <= NEAR, 0.0, np.inf), known))
        return least

    def one_each(self, spot: Array) -> Array:
        """A row of its own for each place, given their spots."""
        by_spot = np.argsort(spot, kind="stable")
        rank = np.empty(len(spot), dtype=int)
        rank[by_spot] = np.arange(len(spot)) - np.searchsorted(spot[by_spot], spot[by_spot])
        return np.asarray(self.order[self.starts[spot] + rank])

    def fit(self, spot: Array, far: Array) -> Array:
        """Whether a place may be a row of a spot."""
        return np.asarray(self.misfit(spot, far) <= SLACK)


def _lost(places: Located, table: DurationTable, at: int, gap: Array, what: str, count: int) -> UserError:
    """Say which place has no row or column."""
    more = f" ({count} such places)" if count > 1 else ""
    apart = f"{gap[at] / 1000:.1f} km" if gap[at] >= NEAR else f"{gap[at]:.0f} m"
    return UserError(
        f"{table.path} does not know the place of {places.names[at]!r} ({places.latitude[at]:.5f}, {places.longitude[at]:.5f}): "
        f"its nearest {what} is {apart} away and belongs to another place{more}: ask OSRM for a table of all depots and orders, "
        "coordinates with five decimals or more"
    )


def _by_name(places: Located, table: DurationTable, names: Sequence[str], what: str) -> Array:
    at = {name: k for k, name in enumerate(names)}
    found = np.full(len(places.names), -1)
    for name, place in places.called.items():
        if name in at and found[place] < 0:
            found[place] = at[name]
    missing = [name for name, place in places.called.items() if found[place] < 0]
    if missing:
        more = f" and {len(missing) - 1} others" if len(missing) > 1 else ""
        raise UserError(
            f"{table.path} has no {what} named {missing[0]!r}{more}: name rows and columns after the depots and the orders"
        )
    return found


def _metres(places: Located, which: Array, locations: Array) -> Array:
    """Distance of each place from its location in a table."""
    n = len(places.names)
    crow = Crow(
        np.append(places.latitude, locations[:, 0]), np.append(places.longitude, locations[:, 1]), 1.0, 1.0
    )
    return crow.pairs(which, n + np.arange(len(locations)))[1]


def _nearest(places: Located, locations: Array) -> Array:
    """Nearest spots of each place, nearest first: shape (n_places, at most `CANDIDATES`)."""
    from scipy.spatial import cKDTree

    def sphere(latitude: Array, longitude: Array) -> Array:
        lat, lon = np.radians(latitude), np.radians(longitude)
        return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])

    tree = cKDTree(sphere(locations[:, 0], locations[:, 1]))
    k = min(CANDIDATES, len(locations))
    found = tree.query(sphere(places.latitude, places.longitude), k=k)[1]
    return np.asarray(found, dtype=int).reshape(len(places.names), k)


def _begins_as_json(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(200).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    except OSError:
        return False  # read_table says what is wrong with the path

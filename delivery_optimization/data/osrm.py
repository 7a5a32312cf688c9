"""Duration tables as people have them: the answer of OSRM's service ``table`` as it is, or a CSV matrix.

OSRM (http://project-osrm.org, service ``table``, version 5): ``code``, ``durations`` (s) and ``distances`` (m) with one row for
each of ``sources`` and one column for each of ``destinations``, ``null`` where there is no way; each of these has the
``location`` [longitude, latitude] to which a coordinate was moved, and by how many metres (``distance``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from delivery_optimization.instance import UNREACHABLE
from usecases.errors import UserError

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class DurationTable:
    """A duration table that was read.

    Parameters
    ----------
    path : pathlib.Path
        The file, for messages.
    durations : ndarray of shape (n_sources, n_destinations)
        Seconds; `UNREACHABLE` where there is no way.
    distances : ndarray of shape (n_sources, n_destinations), optional
        Metres.
    sources, destinations : ndarray of shape (n, 2), optional
        Latitude and longitude of rows and columns; None where the file does not say.
    source_gaps, destination_gaps : ndarray of shape (n,), optional
        Metres by which OSRM moved each of them; NaN where the file does not say.
    source_names, destination_names : tuple of str
        Names of rows and columns, where the file has names instead.
    estimated : int
        Legs that OSRM estimated as the crow flies (``fallback_speed_cells``).
    """

    path: Path
    durations: Array
    distances: Array | None = None
    sources: Array | None = None
    destinations: Array | None = None
    source_gaps: Array | None = None
    destination_gaps: Array | None = None
    source_names: tuple[str, ...] = ()
    destination_names: tuple[str, ...] = ()
    estimated: int = 0


def read_osrm(path: str | Path) -> DurationTable:
    """Read the JSON answer of OSRM's service ``table``.

    Parameters
    ----------
    path : str or pathlib.Path
        The file, as the service returned it.

    Returns
    -------
    DurationTable

    Raises
    ------
    UserError
        If it is no such answer, an error of OSRM, or holds negative or missing numbers.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "table.json"
    >>> _ = file.write_text('{"code": "Ok", "durations": [[0, 61.5], [null, 0]]}', encoding="utf-8")
    >>> read_osrm(file).durations.tolist()
    [[0.0, 61.5], [10000000.0, 0.0]]
    """
    path = Path(path)
    try:
        answer = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}): give the file that OSRM's service table returned"
        ) from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise UserError(
            f"{path} is no JSON file ({error}): give the file that OSRM's service table returned"
        ) from error
    if not isinstance(answer, dict) or ("durations" not in answer and answer.get("code", "Ok") == "Ok"):
        raise UserError(
            f"{path} has no 'durations': give the answer of OSRM's service table (…/table/v1/driving/…?annotations=duration,distance)"
        )
    if answer.get("code", "Ok") != "Ok":
        raise UserError(
            f"{path} is an error of OSRM ({answer['code']}: {answer.get('message', '')}): ask it again for the table"
        )
    durations = _matrix(path, answer["durations"], "durations")
    distances = _matrix(path, answer["distances"], "distances") if answer.get("distances") else None
    if distances is not None and distances.shape != durations.shape:
        raise UserError(
            f"{path}: durations are {durations.shape}, distances are {distances.shape}: ask OSRM for the table again"
        )
    return DurationTable(
        path, durations, distances,
        _locations(path, answer, "sources", len(durations)), _locations(path, answer, "destinations", durations.shape[1]),
        _gaps(answer, "sources"), _gaps(answer, "destinations"),
        estimated=len(answer.get("fallback_speed_cells") or ()),
    )  # fmt: skip


def _matrix(path: Path, rows: Any, what: str) -> Array:
    """A matrix of numbers at least 0; null is `UNREACHABLE`."""
    try:
        values = np.array(rows, dtype=float)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.ndim != 2 or not values.size:
        raise UserError(
            f"{path}: {what} is no matrix of numbers with rows of one length: ask OSRM for the table again"
        )
    given = np.array([[cell is not None for cell in row] for row in rows])
    check_matrix(path, values, given, what)
    return np.where(given, values, UNREACHABLE)


def check_matrix(path: Path, values: Array, given: Array, what: str) -> None:
    """Refuse a negative number, one that is none, and an infinite one.

    Parameters
    ----------
    path : pathlib.Path
        For the message.
    values : ndarray of shape (n, m)
        The numbers.
    given : ndarray of bool, shape (n, m)
        Where the file has something.
    what : str
        ``durations`` or ``distances``.

    Raises
    ------
    UserError
        Naming the first bad leg.

    Examples
    --------
    >>> check_matrix(Path("t.json"), np.array([[0.0, -5.0]]), np.ones((1, 2), dtype=bool), "durations")
    Traceback (most recent call last):
    usecases.errors.UserError: t.json: durations: -5 from row 1 to column 2, a number of at least 0 or null was expected: correct it
    """
    bad = given & ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        row, column = (int(k) for k in np.argwhere(bad)[0])
        more = f" ({int(bad.sum())} such legs)" if bad.sum() > 1 else ""
        raise UserError(
            f"{path}: {what}: {values[row, column]:g} from row {row + 1} to column {column + 1}{more}, a number of at least 0 "
            "or null was expected: correct it"
        )


def _locations(path: Path, answer: dict[str, Any], key: str, expected: int) -> Array | None:
    """Latitude and longitude of sources or destinations; None where the file has none."""
    listed = answer.get(key)
    if not listed:
        return None
    try:
        places = np.array([[item["location"][1], item["location"][0]] for item in listed], dtype=float)
    except (TypeError, KeyError, IndexError, ValueError) as error:
        raise UserError(
            f"{path}: {key} have no location [longitude, latitude]: ask OSRM for the table again"
        ) from error
    if len(places) != expected:
        raise UserError(
            f"{path}: {len(places)} {key} for {expected} {'rows' if key == 'sources' else 'columns'}: ask OSRM for the table again"
        )
    return places


def _gaps(answer: dict[str, Any], key: str) -> Array | None:
    """Metres by which sources or destinations were moved; NaN where the file does not say."""
    given = [item.get("distance") for item in answer.get(key) or ()]
    numbers = [float(d) if isinstance(d, int | float) and not isinstance(d, bool) else np.nan for d in given]
    return np.array(numbers) if numbers else None

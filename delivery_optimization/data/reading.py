"""Text files as users have them: what is empty, binary or in another encoding is told in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from delivery_optimization.instance import DIMACS, DOUBLE, INTEGER, Convention
from usecases.errors import UserError

MOST_PLACES = 15_000  # in files whose distances become a table: 1.7 GB


def read_text(path: Path, what: str = "a file of deliveries") -> str:
    """Read a text file in UTF-8.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it should hold, for messages.

    Returns
    -------
    str

    Raises
    ------
    UserError
        If it is absent, empty, binary, or in another encoding.

    Examples
    --------
    >>> read_text(Path("nowhere.txt"), "a Solomon file")
    Traceback (most recent call last):
        ...
    usecases.errors.UserError: nowhere.txt cannot be read (No such file or directory): give the path of a Solomon file.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = "a folder" if path.is_dir() else error.strerror
        raise UserError(f"{path} cannot be read ({reason}): give the path of {what}.") from error
    if not raw.strip():
        raise UserError(f"{path} is empty: give {what}.")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UserError(f"{path} is written in UTF-16: save it again as UTF-8 text, then give it as {what}.")
    if b"\0" in raw:
        raise UserError(f"{path} is a binary file, not text: give {what}.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UserError(
            f"{path}, line {line}: byte {error.start} is not UTF-8: save the file again as UTF-8 text, then give it as {what}."
        ) from error


def numbers(cells: Sequence[str], where: str) -> list[float]:
    """Read one line of numbers.

    Parameters
    ----------
    cells : sequence of str
        The words of the line.
    where : str
        File and line, for messages.

    Returns
    -------
    list of float

    Raises
    ------
    UserError
        If a word is no finite number.

    Examples
    --------
    >>> numbers(["1", "2.5"], "a.txt, line 3")
    [1.0, 2.5]
    """
    values = []
    for cell in cells:
        try:
            value = float(cell)
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            raise UserError(
                f"{where}: {cell!r} stands where a finite number was expected: correct that line."
            )
        values.append(value)
    return values


def refuse_a_table(n_places: int, source: object) -> None:
    """Refuse a file whose table of distances would not fit into the memory of an ordinary machine.

    Parameters
    ----------
    n_places : int
        Places in the file.
    source : object
        The file, for the message.

    Raises
    ------
    UserError
        Above `MOST_PLACES`.

    Examples
    --------
    >>> refuse_a_table(1001, "a.txt")
    """
    if n_places > MOST_PLACES:
        size = 8 * n_places**2 / 2**30
        raise UserError(
            f"{source} has {n_places} places, whose table of distances takes {size:.0f} GB; files of this form are read up to "
            f"{MOST_PLACES}: give a CSV of orders with coordinates (data=own), which needs no table."
        )


def rounded_as(*values: np.ndarray) -> Convention:
    """Tell from the numbers how they were rounded: whole, one decimal, or not at all.

    Parameters
    ----------
    *values : ndarray
        Durations and distances.

    Returns
    -------
    Convention

    Examples
    --------
    >>> rounded_as(np.array([[0, 1.5], [2, 0]])).name
    'dimacs'
    """
    if all(np.array_equal(array, np.rint(array)) for array in values):
        return INTEGER
    if all(np.allclose(10 * array, np.rint(10 * array), rtol=0, atol=1e-9) for array in values):
        return DIMACS
    return DOUBLE

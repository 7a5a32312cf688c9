"""One file, whatever its form: Solomon's text, VRPLIB, VROOM's JSON, recognised by content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from delivery_optimization.data.reading import read_text
from delivery_optimization.data.solomon import read_solomon
from delivery_optimization.data.vroom import read_vroom
from delivery_optimization.data.vrplib_files import read_vrplib
from delivery_optimization.instance import Instance
from usecases.errors import UserError

Form = Literal["solomon", "vrplib", "vroom", "other"]
EXPECTED = "a Solomon, VRPLIB or VROOM file"


def recognise(path: Path) -> Form:
    """Tell the form of a file by its content, not by its name.

    Parameters
    ----------
    path : Path
        A text file.

    Returns
    -------
    {"solomon", "vrplib", "vroom", "other"}
        ``other`` for a table or anything else.

    Raises
    ------
    UserError
        If it cannot be read as text.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.txt"
    ...     _ = path.write_text('{"vehicles": [], "jobs": []}', encoding="utf-8")
    ...     recognise(path)
    'vroom'
    """
    text = read_text(path, EXPECTED)
    if text.lstrip()[:1] in ("{", "["):
        try:
            keys = json.loads(text)
        except (ValueError, RecursionError):
            return "vroom" if '"vehicles"' in text else "other"  # its reader says what is wrong
        return "vroom" if isinstance(keys, dict) and "vehicles" in keys else "other"
    words = {
        line.split(":")[0].split()[0].upper() for line in text.splitlines() if line.split(":")[0].split()
    }
    if "EDGE_WEIGHT_TYPE" in words or (
        "DIMENSION" in words and any(word.endswith("_SECTION") for word in words)
    ):
        return "vrplib"
    return "solomon" if {"VEHICLE", "CUSTOMER"} <= words else "other"


def read_any(path: Path, *, convention: str = "dimacs") -> Instance:
    """Read an instance from a file of any of the three forms.

    Parameters
    ----------
    path : Path
        The file.
    convention : {"dimacs", "double"}
        How the plane distances of a Solomon file are rounded; VRPLIB says it itself.

    Returns
    -------
    Instance

    Raises
    ------
    UserError
        If it is none of them, or something in it is wrong.

    Examples
    --------
    >>> import tempfile
    >>> from delivery_optimization.data.vrplib_files import write_vrplib
    >>> from delivery_optimization.examples import small
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_vrplib(Path(folder) / "a.vrp", small())
    ...     read_any(Path(folder) / "a.vrp").n_orders
    1
    """
    form = recognise(path)
    if form == "solomon":
        return read_solomon(path, convention=convention)
    if form == "vrplib":
        return read_vrplib(path)
    if form == "vroom":
        return read_vroom(path)
    raise UserError(f"{path} is in none of the known forms: give {EXPECTED}, or a CSV of orders.")

"""Families of parameters of a generator: the default values, draws around them, and a family kept for the end.

A generator states its values in a table of sections, ``section: {name: {value: ..., vary: true}}``, and its families as
``{spread: ..., factors: {section.name: ...}}``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from usecases.errors import UserError, nearest


def check_family(table: Mapping[str, Any], family: str) -> None:
    """Refuse a family that the table does not have.

    Raises
    ------
    UserError
        If there is none of that name.

    Examples
    --------
    >>> check_family({"families": {"default": {}}}, "default")
    """
    if family not in table["families"]:
        raise UserError(
            f"data.parameters={family} is not a family of parameters: {nearest(str(family), table['families'])}."
        )


def draw_sections(
    table: Mapping[str, Any], family: str, rng: np.random.Generator, *, leave_out: Collection[str]
) -> dict[str, SimpleNamespace]:
    """Draw the values of every section, in the order of the table.

    Parameters
    ----------
    table : mapping
        Sections of values, and ``families``.
    family : str
        One of them; a value marked ``vary`` is multiplied by a log-normal draw of its spread, cut at two standard
        deviations, and by its factor.
    rng : numpy.random.Generator
        One number is drawn for each value marked ``vary``.
    leave_out : collection of str
        Keys of the table that are no sections of values.

    Returns
    -------
    dict of str to SimpleNamespace
        Values by section; a list becomes an array.

    Examples
    --------
    >>> table = {"families": {"default": {"spread": 0.0, "factors": {}}}, "van": {"speed": {"value": 20.0, "vary": True}}}
    >>> draw_sections(table, "default", np.random.default_rng(0), leave_out=["families"])["van"].speed
    20.0
    """
    spread, factors = table["families"][family]["spread"], table["families"][family]["factors"]
    sections = {}
    for section, entries in table.items():
        if section in leave_out:
            continue
        values = {}
        for name, entry in entries.items():
            value = entry["value"]
            if entry.get("vary"):
                draw = float(np.exp(spread * np.clip(rng.standard_normal(), -2, 2)))
                value = value * draw * factors.get(f"{section}.{name}", 1.0)
            values[name] = np.array(value) if isinstance(value, list) else value
        sections[section] = SimpleNamespace(**values)
    return sections

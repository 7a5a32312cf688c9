"""Values of the built-in city: ``city.yaml``, its hash, and parameters drawn around it."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from usecases.families import check_family, draw_sections
from usecases.simulation import stream

PARAMETER_FILE = Path(__file__).with_name("city.yaml")
TABLES = ("zones", "carriers")  # sections that are tables of rows
_NOT_VALUES = ("version", "families", *TABLES)


@lru_cache(maxsize=1)
def _parameter_table() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    table: dict[str, Any] = yaml.load(PARAMETER_FILE.read_text(encoding="utf-8"), Loader=loader)
    return table


def parameter_hash() -> str:
    """Sha256 of the parameter file's content, whatever its line ends or comments.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> len(parameter_hash())
    64
    """
    text = json.dumps(_parameter_table(), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def load_parameters(family: str = "default", seed: int = 0) -> SimpleNamespace:
    """Read the parameters, or draw a set of them around the default.

    Parameters
    ----------
    family : str
        ``default``; ``varied``, a log-normal draw around the default for each seed; ``held_out``, another and wider family
        that must never be used while a method is developed (DESIGN, section 5).
    seed : int
        Seed of the draw; without effect for ``default``.

    Returns
    -------
    SimpleNamespace
        ``parameters.section.name`` holds a value; ``parameters.zones`` and ``.carriers`` are lists of rows; ``version``.

    Raises
    ------
    UserError
        If there is no such family.

    Examples
    --------
    >>> load_parameters().products.two_hour_promise
    7200
    >>> load_parameters("varied", 1).travel.bike_pace == load_parameters("varied", 2).travel.bike_pace
    False
    """
    table = _parameter_table()
    check_family(table, family)
    rng = stream(seed, "city parameters", family)
    sections: dict[str, Any] = dict(draw_sections(table, family, rng, leave_out=_NOT_VALUES))
    for section in TABLES:
        columns = table[section]["columns"]
        sections[section] = [
            SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in table[section]["rows"]
        ]
    return SimpleNamespace(
        version=table["version"], family=family, external=table["carriers"]["external"], **sections
    )

"""Columns of a person's spreadsheet: found by their titles or by those that were named, their numbers looked at."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from delivery_optimization.data.own_places import refuse
from usecases.contract import Text
from usecases.errors import UserError, nearest
from usecases.tabular import Table, fold_title, read_table

logger = logging.getLogger(__name__)
Array = np.ndarray
SHOWN = 12
ADDED = (  # by the French address geocoder
    "result_score_next", "result_id", "result_housenumber", "result_name", "result_street", "result_postcode", "result_city",
    "result_context", "result_citycode", "result_oldcitycode", "result_oldcity", "result_district",
)  # fmt: skip


def read_columns(
    path: str,
    columns: Mapping[str, str | None] | None,
    known: Sequence[str],
    numbers: Sequence[str],
    texts: Sequence[str],
    aliases: Mapping[str, Sequence[str]],
    **dialect: Any,
) -> Table:
    """Read the known columns of a file; the others are not read, which `unread` tells.

    Parameters
    ----------
    path : str
        The file.
    columns : mapping of str to str, optional
        Titles that a person has named.
    known, numbers, texts : sequence of str
        Columns, and what they hold.
    aliases : mapping of str to sequence of str
        Their other titles.
    **dialect : object
        Of `usecases.tabular.read_table`.

    Returns
    -------
    usecases.tabular.Table

    Raises
    ------
    UserError
        If a column that was named is not there.

    Examples
    --------
    >>> read_columns("nowhere/a.csv", None, ["size"], ["size"], [], {})
    Traceback (most recent call last):
    usecases.errors.UserError: nowhere/a.csv does not exist, nor does its folder nowhere: check the path
    """
    named = {key: str(title) for key, title in (columns or {}).items() if title}
    found = {key: (named[key],) if key in named else tuple(aliases.get(key, ())) for key in known}
    table = read_table(
        path,
        numeric=numbers,
        text=texts,
        aliases=found,
        keep=[*known, *(n for n in numbers if n not in known)],
        **dialect,
    )
    for key, title in named.items():
        if key not in table.frame.columns or fold_title(table.titles.get(key, key)) != fold_title(title):
            also = f", but one has the title {key!r}: rename it" if key in table.frame.columns else ""
            raise UserError(
                f"{table.path}: data.columns.{key}={title} was given, and no other column has this title{also}: "
                f"{nearest(title, file_titles(table))}"
            )
    return table


def unread(table: Table, elsewhere: Sequence[str] = ()) -> tuple[Text, ...]:
    """Say which columns were not read, so that a title with another spelling does not vanish without a word.

    Parameters
    ----------
    table : usecases.tabular.Table
        The file.
    elsewhere : sequence of str
        Titles that somebody else reads.

    Returns
    -------
    tuple of Text
        Empty, or one sentence.

    Examples
    --------
    >>> from pathlib import Path
    >>> unread(Table(None, None, Path("a.csv"), {}, ("Note", "achat")), ["achat"])[0].en
    'a.csv: columns not read: Note.'
    """
    known = {*map(fold_title, (*ADDED, *elsewhere))}
    titles = [title for title in table.others if fold_title(title) not in known]
    if not titles:
        return ()
    listed = ", ".join(titles[:SHOWN])
    more = len(titles) - SHOWN
    en, fr = (f" and {more} more", f" et {more} autres") if more > 0 else ("", "")
    note = Text(
        f"{table.path.name}: columns not read: {listed}{en}.",
        f"{table.path.name}\u202f: colonnes non lues\u202f: {listed}{fr}.",
    )
    logger.warning("%s", note.en)
    return (note,)


def file_titles(table: Table) -> list[str]:
    """Titles of all columns as the file has them, for proposals.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> file_titles(Table(pd.DataFrame({"size": [1]}), None, Path("a.csv"), {"size": "taille"}, ("note",)))
    ['taille', 'note']
    """
    return [*(table.titles.get(name, name) for name in table.frame.columns), *table.others]


def number_column(
    table: Table,
    name: str,
    *,
    least: float | None = None,
    speaking: Sequence[str] = (),
    default: float = np.nan,
) -> Array:
    """Numbers of a column, or the default in every row where there is no such column.

    Parameters
    ----------
    table : usecases.tabular.Table
        The file.
    name : str
        The column.
    least : float, optional
        A smaller number is refused.
    speaking : sequence of str
        What each row is about.
    default : float
        For a missing column and for empty cells.

    Returns
    -------
    ndarray of shape (n_rows,)

    Raises
    ------
    UserError
        For a number that is too small or infinite.

    Examples
    --------
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> number_column(Table(pd.DataFrame({"size": [1.0, None]}), None, Path("a.csv")), "size", default=5.0).tolist()
    [1.0, 5.0]
    """
    if name not in table.frame.columns:
        return np.full(len(table.frame), default)
    values = table.frame[name].to_numpy(dtype=float)
    named = speaking or [f"row {row}" for row in table.frame.index]
    refuse(table, np.isinf(values), name, named, "{value} is not a finite number", "correct it")
    if least is not None:
        refuse(
            table,
            values < least,
            name,
            named,
            f"{{value}} was given, at least {least:g} was expected",
            "correct it",
        )
    return np.where(np.isnan(values), default, values)

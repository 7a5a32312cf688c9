"""Results that are kept: the rows of a suite unchanged, the table made from them, and their sums."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from usecases import paths
from usecases.bench.suites import Row
from usecases.errors import UserError

TABLE = "table.json"


def results_folder(package: str, task: str | None, suite: str) -> Path:
    """Folder where the results of a suite are kept: the checkout's ``benchmarks/results``, else the current folder's.

    Parameters
    ----------
    package : str
        Its name.
    task : str, optional
        None for a suite of the whole package.
    suite : str
        Its name.

    Examples
    --------
    >>> results_folder("predictive_maintenance", "rul", "cmapss").parts[-4:]
    ('results', 'predictive_maintenance', 'rul', 'cmapss')
    """
    checkout = paths.HERE.parent
    in_checkout = (checkout / "benchmarks" / "results").is_dir() and not (paths.HERE / "_configs").is_dir()
    root = checkout if in_checkout else Path.cwd()
    return root.joinpath("benchmarks", "results", package, *filter(None, (task, suite)))


def save(table: Mapping[str, Any], rows: Sequence[Row], folder: Path | None = None) -> Path:
    """Keep a suite: ``<row>.json`` for each row (its ``result.json`` unchanged), ``table.json``, ``SHA256SUMS``.

    The folder is replaced as a whole, or stays as it was.

    Parameters
    ----------
    table : mapping
        From `usecases.bench.table.make`.
    rows : sequence of Row
        The rows it was made from.
    folder : pathlib.Path, optional
        By default `results_folder`.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    UserError
        When a row did not run or was edited since, or the folder cannot be written or holds something else.
    """
    final = folder or results_folder(table["package"], table["task"], table["suite"])
    _check_rows(rows)
    if final.exists() and not (final / TABLE).is_file() and (not final.is_dir() or any(final.iterdir())):
        raise UserError(
            f"{final} holds something else than saved results: empty it, or save from another folder"
        )
    _keep_others(final, table)
    working = final.with_name(f".{final.name}.{secrets.token_hex(3)}.tmp")
    try:
        working.mkdir(parents=True)
        for name, row in zip(file_names(rows), rows, strict=True):
            shutil.copyfile(row.folder / "result.json", working / name)
        paths.write_json(working / TABLE, table)
        paths.write_sums(working)
        _replace(final, working)
    except OSError as error:
        raise UserError(
            f"the results could not be saved in {final} ({error.strerror or error}): "
            "nothing there was changed; free some space or make the folder writable, then type the command again"
        ) from error
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return final


def _keep_others(final: Path, table: Mapping[str, Any]) -> None:
    """Refuse to put a suite of one task in the place of another task's of the same name."""
    try:
        there = json.loads((final / TABLE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if there.get("task") != table["task"]:
        raise UserError(
            f"{final} holds the suite {table['suite']} of {there.get('task') or 'the whole use case'}, "
            f"not of {table['task'] or 'the whole use case'}: give this suite a file with a name of its own"
        )


def _check_rows(rows: Sequence[Row]) -> None:
    """Refuse to keep what is not whole, or not what a run wrote."""
    absent = [row for row in rows if row.record is None or not (row.folder / "result.json").is_file()]
    if absent:
        raise UserError(
            f"{len(absent)} of {len(rows)} rows have not run (first: {_name(absent[0])}): "
            "type the bench command again, it goes on where it stopped, then save"
        )
    for row in rows:
        edited = paths.changed(row.folder)
        if edited:
            raise UserError(
                f"the row {_name(row)} is not what its run wrote ({', '.join(edited)} in {row.folder} changed): "
                "delete that folder and type the bench command again"
            )


def _replace(final: Path, working: Path) -> None:
    """Give the working folder its final name; what stood there comes back if that fails."""
    aside = working.with_name(f"{working.name}.old")
    if final.exists():
        final.rename(aside)
    try:
        working.rename(final)
    except OSError:
        if aside.exists():
            aside.rename(final)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def file_names(rows: Sequence[Row]) -> list[str]:
    """Name the file of each row: safe on every system, no two alike.

    Parameters
    ----------
    rows : sequence of Row
        The rows.

    Examples
    --------
    >>> row = Row("0123456789abcdef", "rul", "cmapss FD001", "ridge", 0, None, (), Path("row"))
    >>> file_names([row])
    ['rul-cmapss_FD001-ridge-seed0.json']
    """
    names: list[str] = []
    for row in rows:
        name = re.sub(r"[^A-Za-z0-9.=-]+", "_", _name(row))[:100]
        taken = {other.casefold() for other in names}
        names.append(f"{name}.json" if f"{name}.json".casefold() not in taken else f"{name}-{row.key}.json")
    return names


def _name(row: Row) -> str:
    fold = "" if row.fold is None else f"-fold{row.fold}"
    return f"{row.task}-{row.data_label}-{row.method}-seed{row.seed}{fold}"


def load_saved(folder: Path) -> dict[str, Any]:
    """Read the table of saved results, after checking that no file of theirs was edited.

    Parameters
    ----------
    folder : pathlib.Path
        From `save`.

    Returns
    -------
    dict
        As from `usecases.bench.table.make`.

    Raises
    ------
    UserError
        When the folder is not one of saved results, or a file in it was edited, added or removed.
    """
    if not folder.is_dir():
        raise UserError(f"there are no saved results in {folder}: type usecases bench ... --save")
    edited = paths.changed(folder)
    listed = {line[66:] for line in (folder / paths.SUMS).read_text(encoding="utf-8").splitlines()}
    edited += sorted(file.name for file in folder.glob("*.json") if file.name not in listed)
    if edited:
        raise UserError(
            f"{', '.join(edited)} in {folder} is not what was saved ({paths.SUMS} differs): "
            "restore the file, or run the suite again and save it"
        )
    if TABLE not in listed:
        raise UserError(f"{folder} holds no {TABLE}: type usecases bench ... --save to make it")
    table: dict[str, Any] = json.loads((folder / TABLE).read_text(encoding="utf-8"))
    if table.get("schema") != 1:
        raise UserError(
            f"{folder} was saved by another version (schema {table.get('schema')}, expected 1): run the suite again and save it"
        )
    return table

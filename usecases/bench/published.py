"""Values of papers, shown beside measured ones with their source, their protocol and how far they were checked.

``benchmarks/published/<package>/<task>.yaml`` holds those of this library; a package of someone else brings
``published/<task>.yaml`` beside its code. `published.schema.json`, beside this file, says exactly what stands there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from usecases import catalogue, paths
from usecases.contract import Text
from usecases.errors import UserError

SCHEMA_FILE = Path(__file__).with_name("published.schema.json")
DISPLAYED = ("read", "quoted")  # what was only recalled is a list of things to check, never shown

PROTOCOLS = {
    "clean": Text("clean protocol", "protocole sain"),
    "capped": Text("capped test labels", "étiquettes de test plafonnées"),
    "raw": Text("raw test labels", "étiquettes de test brutes"),
    "test-selected": Text("leaks: chosen on the test set", "fuite : choisi sur le jeu de test"),
    "units-dropped": Text("test units left out", "unités de test écartées"),
    "look-ahead": Text("looks ahead in time", "regarde l'avenir"),
    "look-ahead-unchecked": Text("may look ahead, not checked", "regarde peut-être l'avenir, non vérifié"),
    "other-budget": Text("another machine or computing time", "autre machine ou autre temps de calcul"),
    "unknown": Text("label convention not stated", "convention d'étiquettes non dite"),
}
LEAKS = ("test-selected", "look-ahead")
DOUBTFUL = (*LEAKS, "look-ahead-unchecked", "units-dropped")  # shown, but never named as the value to reach

CHECKED = {
    "read": Text("read in the work itself", "lu dans le travail lui-même"),
    "quoted": Text("quoted by another work", "cité par un autre travail"),
    "recalled": Text("recalled, not checked", "de mémoire, non vérifié"),
}


@dataclass(frozen=True)
class Published:
    """Figures of one paper on one dataset.

    Parameters
    ----------
    method : str
        As the paper names it.
    year : int or None
        None when it was not seen.
    data : mapping
        Facts that the measured data must share: ``{"name": "cmapss", "subset": "FD001"}``.
    metrics : mapping of str to float
        By the name of our metric, in its unit.
    source : str
        Where the figures were found.
    protocol : tuple of str
        Keys of `PROTOCOLS`.
    checked : {"read", "quoted", "recalled"}
        How far the figures were checked.
    note : Text
        What a reader must know.
    """

    method: str
    year: int | None
    data: Mapping[str, Any]
    metrics: Mapping[str, float]
    source: str
    protocol: tuple[str, ...]
    checked: str
    note: Text

    @property
    def leaks(self) -> bool:
        """Whether the protocol let the method see what it must not."""
        return any(flag in LEAKS for flag in self.protocol)


def published_root() -> Path:
    """Folder of this library's published values: inside an installed wheel, else in the checkout; it may be absent."""
    carried = paths.HERE / "_benchmarks" / "published"
    return carried if carried.is_dir() else paths.HERE.parent / "benchmarks" / "published"


def load(package: str, task: str, root: Path | None = None) -> tuple[Published, ...]:
    """Read the published values of a task.

    Parameters
    ----------
    package, task : str
        The use case and its task.
    root : pathlib.Path, optional
        Folder with ``<package>/<task>.yaml``; by default what the package brings beside its code, else the
        library's.

    Returns
    -------
    tuple of Published
        In the order of the file, recalled ones included; empty when nothing is published.

    Raises
    ------
    UserError
        When the file is not what the schema says.

    Examples
    --------
    >>> values = load("predictive_maintenance", "rul")
    >>> sorted({value.checked for value in values})
    ['quoted', 'read', 'recalled']
    """
    file = (root or published_root()) / package / f"{task}.yaml"
    if root is None:
        folder = catalogue.find(package).folder
        beside = folder / "published" / f"{task}.yaml" if folder else file
        file = beside if beside.is_file() else file
    return _read(file, package, task) if file.is_file() else ()


def _read(file: Path, package: str, task: str) -> tuple[Published, ...]:
    import yaml

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"the published values {file} cannot be read ({reason}): correct that file, YAML in UTF-8"
        ) from error
    problem = _problem(content, package, task)
    if problem:
        raise UserError(
            f"the published values {file} are refused ({problem}): compare with {SCHEMA_FILE.name}"
        )
    return tuple(
        Published(
            entry["method"],
            entry["year"],
            value["data"],
            {name: float(figure) for name, figure in value["metrics"].items()},
            entry["source"],
            tuple(entry["protocol"]),
            entry["checked"],
            Text(**entry["note"]),
        )
        for entry in content["entries"]
        for value in entry["values"]
    )


def _problem(content: Any, package: str, task: str) -> str:
    """Say what is wrong with the content of a file first; empty when nothing is."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    for error in validator.iter_errors(content):
        return f"{error.json_path}: {error.message[:200]}"
    if (content["use_case"], content["task"]) != (package, task):
        return f"it is for {content['use_case']}/{content['task']}, not for {package}/{task}"
    return ""


def beside(
    values: Iterable[Published], data: Mapping[str, Any], metrics: Iterable[str]
) -> tuple[Published, ...]:
    """Choose what may be shown beside results on some data: checked, on the same data, with a metric in common.

    Parameters
    ----------
    values : iterable of Published
        From `load`.
    data : mapping
        The description of the measured data, as in ``result.json``.
    metrics : iterable of str
        Metrics of the table.

    Returns
    -------
    tuple of Published
        Without the recalled ones.

    Examples
    --------
    >>> values = load("predictive_maintenance", "rul")
    >>> shown = beside(values, {"name": "cmapss", "subset": "FD001"}, ["rmse_capped"])
    >>> "FFVE" in [value.method for value in shown], "DCNN" in [value.method for value in shown]
    (True, False)
    """
    wanted = set(metrics)
    return tuple(
        value
        for value in values
        if value.checked in DISPLAYED
        and wanted & set(value.metrics)
        and all(key in data and data[key] == expected for key, expected in value.data.items())
    )

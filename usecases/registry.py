"""The registry of public datasets: one `datasets.yaml` beside the card of each package that uses some.

And the two folders where their files may lie: the cache and the mirror.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from .contract import Text
from .errors import UserError, nearest

logger = logging.getLogger(__name__)

SCHEMA_FILE = Path(__file__).with_name("datasets.schema.json")
TWO_GB = 2_000_000_000


@dataclass(frozen=True)
class Official:
    """Where the publisher has a dataset.

    Parameters
    ----------
    page : str
        Address for people.
    url : str
        Address of the archive; without archive, of the one file, or of a folder (ending in ``/``) of the
        files.
    archive : str or None
        File name of the archive.
    sha256 : str or None
        Of the archive; None when it could not be verified.
    """

    page: str
    url: str
    archive: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Dataset:
    """One entry of the registry.

    Parameters
    ----------
    name : str
        Its folder under a mirror and under the cache; may contain ``/``.
    title : Text
        For people.
    kind : {"generated", "simulated", "testbed", "field"}
        What stands behind the figures.
    licence : str
        As the publisher states it.
    commercial_use : {"yes", "no", "unclear"}
        Whether the licence allows it.
    citation : str
        What the publisher asks to cite.
    official : Official or None
        None when it has no public address in that form ("mirror only").
    files : mapping of str to (str or None)
        Path under the dataset's folder to sha256; None when it could not be verified.
    prepare : mapping of str to str
        Member of the archive (end of its path) to file, where they differ.
    package : str
        The package that uses it.
    max_bytes : int
        Limit of a download and of what it expands to (bytes).
    """

    name: str
    title: Text
    kind: str
    licence: str
    commercial_use: str
    citation: str
    official: Official | None
    files: Mapping[str, str | None]
    prepare: Mapping[str, str] = field(default_factory=dict)
    package: str = ""
    max_bytes: int = TWO_GB


def datasets(catalogue_entries: Mapping[str, Any] | None = None) -> dict[str, Dataset]:
    """Read the registry entries of all packages; a file that is wrong is logged and left out.

    Parameters
    ----------
    catalogue_entries : mapping of str to Entry, optional
        Packages with their ``folder``; by default those of `usecases.catalogue.entries`.

    Returns
    -------
    dict of str to Dataset
        By name; the first package that names a dataset describes it. Another package may describe it in the same
        words, as a copy of a package does; other words are logged and left out.

    Examples
    --------
    >>> datasets()["cmapss"].kind
    'simulated'
    """
    if catalogue_entries is None:
        from .catalogue import entries

        catalogue_entries = entries()
    found: dict[str, Dataset] = {}
    for package, entry in catalogue_entries.items():
        file = entry.folder / "datasets.yaml" if entry.folder else None
        if file is None or not file.is_file():
            continue
        try:
            read = read_datasets(file, package)
        except UserError as error:
            logger.warning("the datasets of %s are left out: %s", package, error)
            continue
        for name, dataset in read.items():
            first = found.setdefault(name, dataset)
            if replace(dataset, package=first.package) != first:
                logger.warning(
                    "dataset %s of %s is already described by %s, in other words",
                    name,
                    package,
                    first.package,
                )
    return found


def read_datasets(file: Path, package: str) -> dict[str, Dataset]:
    """Read and check one `datasets.yaml`.

    Parameters
    ----------
    file : pathlib.Path
        The file, in UTF-8.
    package : str
        Whose it is.

    Raises
    ------
    UserError
        When it cannot be read or does not follow `datasets.schema.json`.

    Examples
    --------
    >>> import tempfile
    >>> empty = Path(tempfile.mkdtemp()) / "datasets.yaml"
    >>> _ = empty.write_text("{}", encoding="utf-8")
    >>> read_datasets(empty, "mine")
    {}
    """
    from jsonschema import Draft202012Validator

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(
            f"{file} cannot be read ({' '.join(str(error).split())}): correct the file."
        ) from error
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    for problem in Draft202012Validator(schema).iter_errors(content):
        where = " / ".join(map(str, problem.absolute_path)) or "top"
        raise UserError(f"{file} is not a list of datasets ({where}: {problem.message}): correct that key.")
    return {name: _dataset(name, entry, package) for name, entry in content.items()}


def _dataset(name: str, entry: dict[str, Any], package: str) -> Dataset:
    official = entry["official"]
    return Dataset(
        **{
            **entry,
            "name": name,
            "title": Text(**entry["title"]),
            "official": None if official == "mirror only" else Official(**official),
            "package": package,
        }
    )


def find(name: str, registry: Mapping[str, Dataset] | None = None) -> Dataset:
    """Find one dataset.

    Raises
    ------
    UserError
        When there is none of that name; the message gives the nearest.

    Examples
    --------
    >>> find("cmapss").package
    'predictive_maintenance'
    """
    known = datasets() if registry is None else registry
    if name not in known:
        raise UserError(f"Unknown dataset {name!r}: {nearest(name, known)}; type 'usecases data list'.")
    return known[name]


def cache_folder() -> Path:
    """Folder of downloaded data: ``USECASES_DATA``, else the platform's cache folder; not created.

    Examples
    --------
    >>> cache_folder().is_absolute()
    True
    """
    if given := os.environ.get("USECASES_DATA"):
        return Path(given).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("usecases", appauthor=False) / "data"


def mirror_folder() -> Path | None:
    """Folder of data that somebody put there: ``USECASES_MIRROR``, else None.

    Examples
    --------
    >>> folder = mirror_folder()
    >>> folder is None or folder.is_absolute()
    True
    """
    given = os.environ.get("USECASES_MIRROR")
    return Path(given).expanduser().absolute() if given else None

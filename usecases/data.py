"""Public datasets: what they are, and where their files are on this machine.

A package says in `datasets.yaml`, beside its card, which public data it uses. `fetch` finds each file in the cache
(``USECASES_DATA``, by default the platform's cache folder), else in a mirror (``USECASES_MIRROR``, a folder
``<name>/<file>`` that is never written: how a classroom or a plant without internet works), else downloads it.
Every file is checked by sha256, wherever it was found.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from .contract import Text
from .errors import UserError, nearest

if TYPE_CHECKING:
    from .download import Patience

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
        Address of the archive; without archive, of the one file, or of a folder (ending in ``/``) of the files.
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
    licence, citation : str
        As the publisher states them.
    commercial_use : {"yes", "no", "unclear"}
        Whether the licence allows it.
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


@dataclass(frozen=True)
class Checked:
    """What `verify` found of one file in one place.

    Parameters
    ----------
    file : str
        Path under the dataset's folder.
    origin : {"cache", "mirror", ""}
        Where it is; empty when it is nowhere.
    state : {"ok", "wrong", "unverified", "absent"}
        Sum as registered, another sum, no registered sum, no file.
    """

    file: str
    origin: str
    state: str


@dataclass(frozen=True)
class Status:
    """One line of ``usecases data list``.

    Parameters
    ----------
    dataset : Dataset
        The entry.
    cached, mirrored : int
        Number of its files in the cache, and in the mirror but not in the cache; not checked.
    """

    dataset: Dataset
    cached: int
    mirrored: int


def cache_folder() -> Path:
    """Folder of downloaded data: ``USECASES_DATA``, else the platform's cache folder; not created."""
    if given := os.environ.get("USECASES_DATA"):
        return Path(given).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("usecases", appauthor=False) / "data"


def mirror_folder() -> Path | None:
    """Folder of data that somebody put there: ``USECASES_MIRROR``, else None."""
    given = os.environ.get("USECASES_MIRROR")
    return Path(given).expanduser().absolute() if given else None


def datasets(catalogue_entries: Mapping[str, Any] | None = None) -> dict[str, Dataset]:
    """Read the registry entries of all packages; a file that is wrong is logged and left out.

    Parameters
    ----------
    catalogue_entries : mapping of str to Entry, optional
        Packages with their ``folder``; by default those of `usecases.catalogue.entries`.

    Returns
    -------
    dict of str to Dataset
        By name; the first package that names a dataset describes it.

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
            if found.setdefault(name, dataset) is not dataset:
                logger.warning(
                    "dataset %s of %s is already described by %s", name, package, found[name].package
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
    for error in Draft202012Validator(schema).iter_errors(content):
        where = " / ".join(map(str, error.absolute_path)) or "top"
        raise UserError(f"{file} is not a list of datasets ({where}: {error.message}): correct that key.")
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


def fetch(
    name: str,
    files: Iterable[str] | None = None,
    *,
    offline: bool | None = None,
    again: bool = False,
    registry: Mapping[str, Dataset] | None = None,
    patience: Patience | None = None,
) -> dict[str, Path]:
    """Find the files of a dataset on this machine, or download them.

    Parameters
    ----------
    name : str
        A dataset of the registry.
    files : iterable of str, optional
        The files needed; by default all.
    offline : bool, optional
        Never download; by default what ``USECASES_OFFLINE`` says.
    again : bool
        Download even what is here.
    registry : mapping of str to Dataset, optional
        By default `datasets`.
    patience : Patience, optional
        Timeouts and attempts of a download.

    Returns
    -------
    dict of str to pathlib.Path
        Where each file is, in the order asked.

    Raises
    ------
    UserError
        When the name or a file is unknown, a file is wrong, absent and not to be had, or the cache cannot be written.

    Examples
    --------
    >>> paths = fetch("cmapss", ["RUL_FD001.txt"])  # doctest: +SKIP
    """
    from .download import obtain

    dataset = find(name, registry)
    wanted = _wanted(dataset, files)
    _warn_of_licence(dataset)
    found = {} if again else look_up(dataset, wanted)
    absent = [file for file in wanted if file not in found]
    if absent:
        if offline is None:
            offline = os.environ.get("USECASES_OFFLINE", "").lower() in ("1", "true", "yes", "on")
        if dataset.official is None:
            raise UserError(absent_message(dataset, absent, "has no public address in this form"))
        if offline:
            raise UserError(absent_message(dataset, absent, "may not be downloaded (offline)"))
        obtain(dataset, absent, again=again, patience=patience)
        found |= look_up(dataset, absent)
    return {file: found[file] for file in wanted}


def look_up(dataset: Dataset, files: Iterable[str]) -> dict[str, Path]:
    """Find files in the cache, else in the mirror, and check their sums; absent ones are left out.

    Parameters
    ----------
    dataset : Dataset
        The entry.
    files : iterable of str
        Names of its files.

    Raises
    ------
    UserError
        When a file has another sum than the registry's.
    """
    found = {}
    for file in files:
        place = next(iter(places(dataset, file)), None)
        if place is None:
            continue
        origin, path = place
        expected, given = dataset.files[file], sha256(path)
        if expected is None:
            logger.warning("%s: %s could not be verified, no sum of it is registered", dataset.name, path)
        elif given != expected:
            remedy = f"type 'usecases data fetch {dataset.name} --again'"
            if dataset.official is None or origin == "mirror":
                remedy = f"replace it, or {remedy}" if dataset.official else "replace it by the right file"
            raise UserError(
                f"The file {path} of the {origin} is not the registered one (sha256 {given}, expected {expected}): "
                f"{remedy}."
            )
        found[file] = path
    return found


def places(dataset: Dataset, file: str) -> Iterator[tuple[str, Path]]:
    """Yield where a file is: ``("cache", path)``, then ``("mirror", path)``."""
    for origin, folder in (("cache", cache_folder()), ("mirror", mirror_folder())):
        if folder is not None and (path := folder / dataset.name / file).is_file():
            yield origin, path


def sha256(path: Path) -> str:
    """Compute the sha256 of a file.

    Raises
    ------
    UserError
        When it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UserError(
            f"The file {path} cannot be read ({error.strerror}): check its permissions."
        ) from error


def verify(name: str, registry: Mapping[str, Dataset] | None = None) -> list[Checked]:
    """Check every file of a dataset wherever it is; one line for each place, or one saying that it is absent.

    Parameters
    ----------
    name : str
        A dataset of the registry.
    registry : mapping of str to Dataset, optional
        By default `datasets`.

    Examples
    --------
    >>> {line.state for line in verify("cmapss")} <= {"ok", "wrong", "unverified", "absent"}
    True
    """
    dataset = find(name, registry)
    lines = []
    for file, expected in dataset.files.items():
        here = list(places(dataset, file))
        for origin, path in here:
            state = "unverified" if expected is None else "ok" if sha256(path) == expected else "wrong"
            lines.append(Checked(file, origin, state))
        if not here:
            lines.append(Checked(file, "", "absent"))
    return lines


def status(registry: Mapping[str, Dataset] | None = None) -> list[Status]:
    """Say of every dataset how many of its files are here; nothing is read, so nothing is checked.

    Examples
    --------
    >>> [line.dataset.name for line in status() if line.dataset.package == "predictive_maintenance"]
    ['cmapss']
    """
    lines = []
    for dataset in (datasets() if registry is None else registry).values():
        first = [next(iter(places(dataset, file)), ("", None))[0] for file in dataset.files]
        lines.append(Status(dataset, first.count("cache"), first.count("mirror")))
    return lines


def absent_message(dataset: Dataset, absent: list[str], why: str) -> str:
    """Say what is missing, why it cannot be had, and what to type; one sentence."""
    shown = ", ".join(absent[:3]) + (f" and {len(absent) - 3} more files" if len(absent) > 3 else "")
    mirror = mirror_folder()
    if mirror is None:
        put = f"put it into a folder of yours as {dataset.name}/{absent[0]} and set USECASES_MIRROR to that folder"
    elif not mirror.is_dir():
        put = f"correct USECASES_MIRROR ({mirror} is not a folder)"
    else:
        put = f"put it there as {mirror / dataset.name / absent[0]}"
    if dataset.official is None:
        return f"The dataset {dataset.name} {why} and {shown} is neither in the cache nor in a mirror: {put}."
    return (
        f"The dataset {dataset.name} {why} and {shown} is neither in the cache nor in a mirror: get it from "
        f"{dataset.official.page} and {put}, or type 'usecases data fetch {dataset.name}' when online."
    )


def _wanted(dataset: Dataset, files: Iterable[str] | None) -> list[str]:
    wanted = list(dataset.files) if files is None else list(dict.fromkeys(files))
    for file in wanted:
        if file not in dataset.files:
            raise UserError(
                f"The dataset {dataset.name} has no file {file!r}: {nearest(file, dataset.files)}; "
                f"type 'usecases data verify {dataset.name}' to see its files."
            )
    return wanted


def _warn_of_licence(dataset: Dataset) -> None:
    if dataset.commercial_use != "yes":
        allowed = "not allowed" if dataset.commercial_use == "no" else "unclear"
        logger.warning("%s: commercial use is %s (licence: %s)", dataset.name, allowed, dataset.licence)

"""Public datasets: what they are, and where their files are on this machine.

A package says in `datasets.yaml`, beside its card, which public data it uses (`usecases.registry`). `fetch`
finds each file in the cache (``USECASES_DATA``, by default the platform's cache folder), else in a mirror
(``USECASES_MIRROR``, a folder ``<name>/<file>`` that is never written: how a classroom or a plant without
internet works), else downloads it. Every file is checked by sha256, wherever it was found.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import UserError, nearest
from .registry import Dataset, cache_folder, datasets, find, mirror_folder

if TYPE_CHECKING:
    from .download import Patience

logger = logging.getLogger(__name__)


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
        When the name or a file is unknown, a file is wrong, or absent and not to be had, or the cache cannot
        be written.

    Examples
    --------
    >>> fetch("cmapss", ["train.txt"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    usecases.errors.UserError: The dataset cmapss has no file 'train.txt': did you mean 'train_FD00...
    """
    from .obtain import obtain

    dataset = find(name, registry)
    wanted = _wanted(dataset, files)
    _warn_of_licence(dataset)
    found = {} if again else look_up(dataset, wanted)
    absent = [file for file in wanted if file not in found]
    if absent:
        if dataset.official is None:
            raise UserError(absent_message(dataset, absent, "has no public address in this form"))
        if _is_offline() if offline is None else offline:
            why = "may not be downloaded" + (" (USECASES_OFFLINE is set)" if _is_offline() else " (offline)")
            raise UserError(absent_message(dataset, absent, why))
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

    Examples
    --------
    >>> look_up(find("cmapss"), [])
    {}
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
                f"The file {path} of the {origin} is not the registered one (sha256 {given}, "
                f"expected {expected}): {remedy}."
            )
        found[file] = path
    return found


def places(dataset: Dataset, file: str) -> Iterator[tuple[str, Path]]:
    """Yield where a file is: ``("cache", path)``, then ``("mirror", path)``.

    Examples
    --------
    >>> list(places(find("cmapss"), "nothing.txt"))
    []
    """
    for origin, folder in (("cache", cache_folder()), ("mirror", mirror_folder())):
        if folder is not None and (path := folder / dataset.name / file).is_file():
            yield origin, path


def sha256(path: Path) -> str:
    """Compute the sha256 of a file.

    Raises
    ------
    UserError
        When it cannot be read.

    Examples
    --------
    >>> len(sha256(Path(__file__)))
    64
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


def absent_message(dataset: Dataset, files: list[str], why: str) -> str:
    """Say what is missing, why it cannot be had, and what to type; one sentence.

    Examples
    --------
    >>> absent_message(find("cmapss"), ["RUL_FD001.txt"], "is far away")[:31]
    'The dataset cmapss is far away '
    """
    absent = [file for file in files if not any(places(dataset, file))]
    online = f"type 'usecases data fetch {dataset.name} --again' when online"
    if not absent:  # it was asked for again
        what = "leave --again out" if dataset.official is None else online
        return f"The dataset {dataset.name} {why} and what is on this machine was left as it was: {what}."
    shown = ", ".join(absent[:3]) + (f" and {len(absent) - 3} more files" if len(absent) > 3 else "")
    them = "them" if len(absent) > 1 else "it"
    mirror = mirror_folder()
    if mirror is None:
        example = f"{dataset.name}/{absent[0]}"
        put = f"put {them} into a folder (USECASES_MIRROR=FOLDER) under the name FOLDER/{example}"
    elif not mirror.is_dir():
        put = f"correct USECASES_MIRROR ({mirror} is not a folder)"
    else:
        put = f"put {them} into the mirror under the name {mirror / dataset.name / absent[0]}"
    start = f"The dataset {dataset.name} {why} and neither the cache nor a mirror holds {shown}: "
    if dataset.official is None:
        return f"{start}{put}."
    online = online.replace(" --again", "")
    return f"{start}get {them} from {dataset.official.page} and {put}, or {online}."


def _wanted(dataset: Dataset, files: Iterable[str] | None) -> list[str]:
    wanted = list(dataset.files) if files is None else list(dict.fromkeys(files))
    for file in wanted:
        if file not in dataset.files:
            raise UserError(
                f"The dataset {dataset.name} has no file {file!r}: {nearest(file, dataset.files)}; "
                f"type 'usecases data verify {dataset.name}' to see its files."
            )
    return wanted


def _is_offline() -> bool:
    return os.environ.get("USECASES_OFFLINE", "").lower() in ("1", "true", "yes", "on")


def _warn_of_licence(dataset: Dataset) -> None:
    if dataset.commercial_use != "yes":
        allowed = "not allowed" if dataset.commercial_use == "no" else "unclear"
        logger.warning("%s: commercial use is %s (licence: %s)", dataset.name, allowed, dataset.licence)

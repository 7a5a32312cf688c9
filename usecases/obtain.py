"""Download files of a dataset into the cache: one process at a time, checked, whole or not at all."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from .archives import ArchiveError, unpack
from .data import absent_message, look_up, places, sha256
from .download import DownloadError, Patience, download
from .errors import UserError
from .registry import Dataset, Official, cache_folder

logger = logging.getLogger(__name__)

LONGEST_WAIT_S = 3600.0  # for another process that fetches the same dataset


def obtain(
    dataset: Dataset, files: list[str], *, again: bool = False, patience: Patience | None = None
) -> None:
    """Download what is needed of a dataset and put it into the cache.

    From an archive, the other files of the dataset that are nowhere on this machine are taken along.

    Parameters
    ----------
    dataset : Dataset
        With an official address.
    files : list of str
        The files needed.
    again : bool
        Download even if another process has just put them there.
    patience : Patience, optional
        Timeouts and attempts.

    Raises
    ------
    UserError
        When they cannot be had, are not the registered ones, or the cache cannot be written; nothing
        half-written is left.

    Examples
    --------
    >>> from usecases.registry import find
    >>> obtain(find("cmapss"), ["RUL_FD001.txt"])  # doctest: +SKIP
    """
    official = dataset.official
    if official is None:
        raise UserError(absent_message(dataset, files, "has no public address in this form"))
    with _writing(), _alone(dataset) as work:
        if not again:
            here = look_up(dataset, files)
            files = [file for file in files if file not in here]
        if not files:
            return
        logger.info("downloading %s from %s", dataset.name, official.url)
        try:
            came = _receive(dataset, official, files, work, patience)
        except (DownloadError, ArchiveError) as error:
            why = f"cannot be had from {official.url} ({error})"
            raise UserError(absent_message(dataset, files, why)) from error
        _check(dataset, official, files, came)
        for file, path in came.items():
            target = cache_folder() / dataset.name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        logger.info("%s: %d files are now in %s", dataset.name, len(came), cache_folder() / dataset.name)


def _receive(
    dataset: Dataset, official: Official, files: list[str], work: Path, patience: Patience | None
) -> dict[str, Path]:
    """Download, unpack if it is an archive; return where each file came to lie in the working folder."""
    targets = {file: work / "files" / file for file in dataset.files}
    if official.archive is None:
        for file in files:
            url = official.url + quote(file) if official.url.endswith("/") else official.url
            targets[file].parent.mkdir(parents=True, exist_ok=True)
            download(url, targets[file], max_bytes=dataset.max_bytes, patience=patience)
        return {file: targets[file] for file in files}
    archive = work / "archive"
    download(official.url, archive, max_bytes=dataset.max_bytes, patience=patience)
    if official.sha256 is None:
        logger.warning("%s: the archive could not be verified, no sum of it is registered", dataset.name)
    elif (given := sha256(archive)) != official.sha256:
        raise DownloadError(f"the archive has sha256 {given}, expected {official.sha256}")
    member_of = {file: member for member, file in dataset.prepare.items()}
    useful = [file for file in dataset.files if file in files or not any(places(dataset, file))]
    members = {member_of.get(file, file): targets[file] for file in useful}
    found = unpack(archive, members, work=work, max_bytes=dataset.max_bytes)
    archive.unlink()
    return {file: targets[file] for file in useful if member_of.get(file, file) in found}


def _check(dataset: Dataset, official: Official, files: list[str], came: dict[str, Path]) -> None:
    """Compare the sums; a needed file that is missing or wrong is an error, another is left out."""
    for file in dataset.files:
        expected = dataset.files[file]
        if file not in came:
            if file in files:
                raise UserError(
                    absent_message(dataset, [file], f"was downloaded from {official.url} without that file")
                )
        elif expected is not None and (given := sha256(came[file])) != expected:
            reason = (
                f"{file} from {official.url} is not the registered one (sha256 {given}, expected {expected})"
            )
            if file in files:
                raise UserError(
                    f"The dataset {dataset.name} was refused, since {reason}: try once more with "
                    f"'usecases data fetch {dataset.name} --again', or put the right file into a mirror "
                    f"(USECASES_MIRROR) as {dataset.name}/{file}."
                )
            logger.warning("%s: left out, %s", dataset.name, reason)
            del came[file]


@contextmanager
def _writing() -> Iterator[None]:
    """Turn a full disk or a folder that cannot be written into one sentence."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"The data folder {cache_folder()} cannot be written ({error.strerror or error}): make room, "
            "or set USECASES_DATA to a folder of yours."
        ) from error


@contextmanager
def _alone(dataset: Dataset) -> Iterator[Path]:
    """Wait until no other process fetches this dataset; yield a working folder that is removed afterwards."""
    from filelock import FileLock, Timeout

    parent = cache_folder() / ".work"
    parent.mkdir(parents=True, exist_ok=True)
    label = dataset.name.replace("/", "--")
    lock = FileLock(parent / f"{label}.lock")
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.info("another process is fetching %s: waiting for it", dataset.name)
            lock.acquire(timeout=LONGEST_WAIT_S)
    except Timeout as error:
        raise UserError(
            f"Another process has been fetching {dataset.name} for over {LONGEST_WAIT_S:.0f} s: end it, "
            f"then type 'usecases data fetch {dataset.name}'."
        ) from error
    try:
        for left in parent.glob(f"{label}.partial-*"):  # of a process that was killed: we hold its lock
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=f"{label}.partial-", dir=parent) as work:
            yield Path(work)
    finally:
        lock.release()

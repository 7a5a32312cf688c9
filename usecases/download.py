"""Bring one address into one file over HTTP(S): timeouts, stalls, retries, redirects, truncation, size.

Standing on `requests`. Whoever calls it checks the sum of what came and gives the file its final name.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    import requests

logger = logging.getLogger(__name__)

CHUNK = 1 << 18
MOST_REDIRECTS = 5
TRANSIENT_STATUS = (408, 425, 429, 500, 502, 503, 504)


class DownloadError(Exception):
    """A download that failed for good; the message is the reason, a part of a sentence."""


class _TransientError(Exception):
    """A failure that may pass: tried again."""


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for.

    Parameters
    ----------
    connect_s : float
        To answer a connection (s).
    read_s : float
        Between two pieces of the answer (s).
    stall_s : float
        Span over which at least `slowest` bytes a second must come on average (s).
    slowest : float
        Bytes per second below which a download counts as stalled.
    attempts : int
        Times in all that a failure which may pass is tried.
    pause_s : float
        Before the second attempt (s); doubled each time.
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    stall_s: float = 60.0
    slowest: float = 200.0
    attempts: int = 3
    pause_s: float = 1.0


def download(url: str, target: Path, *, max_bytes: int, patience: Patience | None = None) -> None:
    """Download an address into a file.

    Parameters
    ----------
    url : str
        ``http://`` or ``https://``; redirects are followed, at most five, never from https down to http.
    target : pathlib.Path
        Written over; incomplete if an exception is raised.
    max_bytes : int
        Refuse a larger answer.
    patience : Patience, optional
        Timeouts and attempts.

    Raises
    ------
    DownloadError
        When the address cannot be had; the message is the reason.
    OSError
        When `target` cannot be written.

    Examples
    --------
    >>> download("ftp://example.org/x", Path("x"), max_bytes=1)
    Traceback (most recent call last):
        ...
    usecases.download.DownloadError: the address ftp://example.org/x is not http or https
    """
    import requests

    patience = patience or Patience()
    reason = ""
    for attempt in range(patience.attempts):
        if attempt:
            logger.info("%s: %s; trying again", url, reason)
            time.sleep(patience.pause_s * 2 ** (attempt - 1))
        try:
            with requests.Session() as session:
                _attempt(session, url, target, max_bytes, patience)
            return
        except _TransientError as error:
            reason = str(error)
    raise DownloadError(f"{reason}, {patience.attempts} attempts")


def _attempt(session: requests.Session, url: str, target: Path, max_bytes: int, patience: Patience) -> None:
    from tqdm import tqdm

    response = _follow(session, url, patience)
    try:
        declared = response.headers.get("Content-Length", "")
        total = int(declared) if declared.isdigit() else None
        received = 0
        bar = tqdm(
            total=total,
            unit="B",
            unit_scale=True,
            desc=target.name,
            file=sys.stderr,
            disable=None,
            leave=False,
        )
        with target.open("wb") as out, bar:
            if total is not None:
                _check_size(total, max_bytes)
            for piece in _pieces(response, patience):
                received += len(piece)
                _check_size(received, max_bytes)
                out.write(piece)
                bar.update(len(piece))
    finally:
        response.close()


def _follow(session: requests.Session, url: str, patience: Patience) -> requests.Response:
    """Open the address, following redirects by hand so that each can be judged."""
    import requests

    for _ in range(MOST_REDIRECTS + 1):
        if urlsplit(url).scheme not in ("http", "https"):
            raise DownloadError(f"the address {url} is not http or https")
        try:
            response = session.get(
                url,
                stream=True,
                allow_redirects=False,
                timeout=(patience.connect_s, patience.read_s),
                headers={"Accept-Encoding": "identity"},
            )
        except (requests.RequestException, OSError) as error:
            raise _TransientError(_reason(error, url, patience)) from error
        target = session.get_redirect_target(response)
        if target is None:
            _check_status(response, url)
            return response
        response.close()
        onward = urljoin(url, target)
        if urlsplit(url).scheme == "https" and urlsplit(onward).scheme == "http":
            raise DownloadError(f"{url} redirects from https to http, which is refused")
        url = onward
    raise DownloadError(f"more than {MOST_REDIRECTS} redirects")


def _check_status(response: requests.Response, url: str) -> None:
    if response.status_code == 200:
        return
    response.close()
    reason = f"{urlsplit(url).netloc} answered {response.status_code} {response.reason}"
    raise (_TransientError if response.status_code in TRANSIENT_STATUS else DownloadError)(reason)


def _check_size(n_bytes: int, max_bytes: int) -> None:
    if n_bytes > max_bytes:
        raise DownloadError(f"the answer is larger than the {max_bytes} bytes allowed")


def _pieces(response: requests.Response, patience: Patience) -> Iterator[bytes]:
    """Yield the body as it comes; a body that is cut off, silent or dripping is a failure."""
    import requests
    from urllib3.exceptions import HTTPError

    since, arrived = time.monotonic(), 0
    while True:
        try:
            # read1 returns what is there; iter_content waits for a whole chunk, for ever if the server drips
            piece = response.raw.read1(CHUNK, decode_content=True)
        except (HTTPError, requests.RequestException, OSError) as error:
            raise _TransientError(_reason(error, response.url, patience)) from error
        if not piece:
            return
        arrived += len(piece)
        elapsed = time.monotonic() - since
        if elapsed >= patience.stall_s:
            if arrived < patience.slowest * elapsed:
                raise _TransientError(f"{urlsplit(response.url).netloc} sends almost nothing")
            since, arrived = time.monotonic(), 0
        yield piece


def _reason(error: Exception, url: str, patience: Patience) -> str:
    """Say in words what went wrong; the order follows the inheritance of the exceptions."""
    import requests
    from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError

    host = urlsplit(url).netloc
    if isinstance(error, requests.exceptions.SSLError):
        return f"the certificate of {host} was refused"
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy does not let through to {host}"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"{host} did not answer within {patience.connect_s:g} s"
    if isinstance(error, requests.exceptions.ReadTimeout | ReadTimeoutError):
        return f"{host} was silent for {patience.read_s:g} s"
    if isinstance(error, ProtocolError | requests.exceptions.ChunkedEncodingError):
        return f"{host} cut the answer off"
    if isinstance(error, DecodeError):
        return f"{host} sent an answer that cannot be decoded"
    return f"no connection to {host}"

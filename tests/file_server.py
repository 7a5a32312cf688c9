"""A local HTTP(S) server that misbehaves on request, and what the tests of the data registry share."""

import io
import tarfile
import threading
import zipfile
from collections import Counter
from contextlib import suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from usecases.contract import Text
from usecases.data import fetch
from usecases.download import Patience
from usecases.errors import UserError
from usecases.registry import Dataset, Official, cache_folder

HASTY = Patience(connect_s=1.0, read_s=0.2, stall_s=0.3, slowest=1000.0, attempts=2, pause_s=0.01)


class FileServer:
    """Serves ``answers[path](handler)`` on a free loopback port and counts the requests."""

    def __init__(self, tls=None):
        self.answers, self.counts, self.stopping = {}, Counter(), threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.counts[self.path] += 1
                with suppress(OSError):  # the client has given up
                    outer.answers.get(self.path, status(404))(self)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        self.scheme = "http" if tls is None else "https"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(5)

    def url(self, path):
        return f"{self.scheme}://127.0.0.1:{self.http.server_address[1]}{path}"

    def stalled(self, body):
        """Send half of the body, then nothing."""

        def answer(handler):
            head(handler, len(body))
            handler.wfile.write(body[: len(body) // 2])
            self.stopping.wait(5)

        return answer

    def dripping(self, body):
        """Send one byte at a time, often enough for every read timeout."""

        def answer(handler):
            head(handler, len(body))
            for place in range(len(body)):
                handler.wfile.write(body[place : place + 1])
                if self.stopping.wait(0.02):
                    return

        return answer

    def held_back(self, body, event):
        """Answer only once the event is set."""

        def answer(handler):
            head(handler, len(body))
            event.wait(30)
            handler.wfile.write(body)

        return answer


def head(handler, length, code=200, **headers):
    handler.send_response(code)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()


def whole(body):
    def answer(handler):
        head(handler, len(body))
        handler.wfile.write(body)

    return answer


def cut_off(body, promised):
    """Promise more bytes than are sent, and hang up."""

    def answer(handler):
        head(handler, promised)
        handler.wfile.write(body)

    return answer


def status(code):
    return lambda handler: head(handler, 0, code)


def redirect(target):
    return lambda handler: head(handler, 0, 302, Location=target)


def first_fails(count, failing, then):
    """Answer badly `count` times, then well."""
    left = [count]

    def answer(handler):
        left[0] -= 1
        (failing if left[0] >= 0 else then)(handler)

    return answer


def digest(body):
    return sha256(body).hexdigest()


def dataset(files, *, url=None, archive=None, archive_sum=None, name="toy", **more):
    """Build an entry from file contents; None instead of contents registers no sum."""
    official = None
    if url is not None:
        official = Official("https://example.org/toy", url, archive, archive_sum)
    sums = {file: None if body is None else digest(body) for file, body in files.items()}
    defaults = {"licence": "CC0", "commercial_use": "yes", "citation": "nobody", "kind": "generated"}
    return Dataset(name, Text("Toy", "Jouet"), official=official, files=sums, **{**defaults, **more})


def leftovers():
    """Everything in the cache that is not a lock file, relative to it."""
    cache = cache_folder()
    return sorted(
        str(path.relative_to(cache).as_posix())
        for path in cache.rglob("*")
        if (path.is_file() and path.suffix != ".lock") or ".partial" in path.name
    )


def take(entry, files=None, **options):
    return fetch(entry.name, files, registry={entry.name: entry}, patience=HASTY, **options)


def refused(entry, *said, **options):
    """Fetch, expect one sentence that holds all of `said`, and nothing left in the cache."""
    with pytest.raises(UserError) as caught:
        take(entry, **options)
    for part in said:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)
    assert leftovers() == []
    return str(caught.value)


def zipped(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return stream.getvalue()


def tarred(members, mode="w:gz"):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return stream.getvalue()


def go_online(monkeypatch):
    """Allow downloads from this machine, whatever proxy, mirror or certificate is set."""
    for name in ("USECASES_OFFLINE", "USECASES_MIRROR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

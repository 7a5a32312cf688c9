"""Downloads from a server that misbehaves, two processes at once, a full disk; on a loopback port only."""

import logging
import os
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from file_server import (
    FileServer,
    cut_off,
    dataset,
    digest,
    first_fails,
    go_online,
    leftovers,
    redirect,
    refused,
    status,
    take,
    tarred,
    whole,
    zipped,
)

from usecases.download import DownloadError, Patience, download
from usecases.errors import UserError

BODY = bytes(range(256)) * 400  # 100 kB


@pytest.fixture
def server(monkeypatch):
    go_online(monkeypatch)
    with FileServer() as running:
        yield running


# A server that answers well


def test_file_is_downloaded_once_then_found(server):
    server.answers["/a.txt"] = whole(BODY)
    entry = dataset({"a.txt": BODY}, url=server.url("/a.txt"))
    path = take(entry)["a.txt"]
    assert path.read_bytes() == BODY
    assert take(entry)["a.txt"] == path
    assert server.counts["/a.txt"] == 1
    assert leftovers() == ["toy/a.txt"]


def test_folder_address_gives_each_file_by_its_name(server):
    server.answers["/toy/sub/d%C3%A9j%C3%A0%20vu.txt"] = whole(BODY)
    entry = dataset({"sub/déjà vu.txt": BODY, "b.txt": b"b"}, url=server.url("/toy/"))
    assert take(entry, ["sub/déjà vu.txt"])["sub/déjà vu.txt"].read_bytes() == BODY
    assert server.counts["/toy/b.txt"] == 0


def test_again_replaces_a_wrong_file_of_the_cache(server):
    server.answers["/a.txt"] = whole(BODY)
    entry = dataset({"a.txt": BODY}, url=server.url("/a.txt"))
    path = take(entry)["a.txt"]
    path.write_bytes(b"spoilt")
    with pytest.raises(UserError, match="--again"):
        take(entry)
    assert take(entry, again=True)["a.txt"].read_bytes() == BODY
    assert server.counts["/a.txt"] == 2


def test_again_goes_before_a_wrong_file_of_the_mirror(server, tmp_path, monkeypatch):
    (tmp_path / "mirror" / "toy").mkdir(parents=True)
    spoilt = tmp_path / "mirror" / "toy" / "a.txt"
    spoilt.write_bytes(b"spoilt")
    monkeypatch.setenv("USECASES_MIRROR", str(tmp_path / "mirror"))
    server.answers["/a.txt"] = whole(BODY)
    entry = dataset({"a.txt": BODY}, url=server.url("/a.txt"))
    take(entry, again=True)
    assert take(entry)["a.txt"].read_bytes() == BODY
    assert spoilt.read_bytes() == b"spoilt"


@pytest.mark.parametrize("pack", [zipped, tarred, lambda members: tarred(members, "w:")])
def test_archive_is_prepared_by_the_end_of_the_path(server, pack):
    server.answers["/all"] = whole(pack({"some/folder/a.txt": b"a", "some/other.txt": b"b", "more": b"c"}))
    entry = dataset(
        {"a.txt": b"a", "b.txt": b"b"}, url=server.url("/all"), archive="all", prepare={"other.txt": "b.txt"}
    )
    paths = take(entry, ["a.txt"])
    assert paths["a.txt"].read_bytes() == b"a"
    assert leftovers() == ["toy/a.txt", "toy/b.txt"]  # what is nowhere yet is taken along
    take(entry)
    assert server.counts["/all"] == 1


def test_archive_inside_the_archive_as_nasa_packs_cmapss(server):
    inner = zipped({"train_FD001.txt": b"1 1\n", "test_FD001.txt": b"2 2\n"})
    outer = zipped({"6. Turbofan Engine/CMAPSSData.zip": inner, "__MACOSX/._train_FD001.txt": b"x"})
    server.answers["/6.zip"] = whole(outer)
    entry = dataset(
        {"train_FD001.txt": b"1 1\n", "test_FD001.txt": b"2 2\n"},
        url=server.url("/6.zip"),
        archive="6.zip",
        archive_sum=digest(outer),
    )
    assert take(entry)["train_FD001.txt"].read_bytes() == b"1 1\n"
    assert leftovers() == ["toy/test_FD001.txt", "toy/train_FD001.txt"]


def test_unknown_sums_are_warnings(server, caplog):
    server.answers["/all.zip"] = whole(zipped({"a.txt": b"a"}))
    take(dataset({"a.txt": None}, url=server.url("/all.zip"), archive="all.zip"))
    assert "the archive could not be verified" in caplog.text
    assert "a.txt could not be verified" in caplog.text


# A server that does not


def test_silent_server_is_given_up_in_time(server):
    server.answers["/a.txt"] = server.stalled(BODY)
    start = time.monotonic()
    refused(dataset({"a.txt": BODY}, url=server.url("/a.txt")), "was silent for 0.2 s", "2 attempts")
    assert time.monotonic() - start < 2
    assert server.counts["/a.txt"] == 2


def test_dripping_server_is_given_up_in_time(server):
    server.answers["/a.txt"] = server.dripping(BODY)
    start = time.monotonic()
    refused(dataset({"a.txt": BODY}, url=server.url("/a.txt")), "sends almost nothing")
    assert time.monotonic() - start < 2


def test_answer_that_is_cut_off(server):
    server.answers["/a.txt"] = cut_off(BODY[:5000], promised=len(BODY))
    refused(
        dataset({"a.txt": BODY}, url=server.url("/a.txt")), "cut the answer off", "'usecases data fetch toy'"
    )


def test_cut_off_once_is_tried_again(server):
    server.answers["/a.txt"] = first_fails(1, cut_off(BODY[:5000], promised=len(BODY)), whole(BODY))
    assert take(dataset({"a.txt": BODY}, url=server.url("/a.txt")))["a.txt"].read_bytes() == BODY


def test_cut_off_without_a_registered_sum_is_still_noticed(server):
    server.answers["/a.txt"] = cut_off(BODY[:5000], promised=len(BODY))
    refused(dataset({"a.txt": None}, url=server.url("/a.txt")), "cut the answer off")


def test_wrong_bytes_of_a_file(server):
    server.answers["/a.txt"] = whole(b"other")
    refused(
        dataset({"a.txt": BODY}, url=server.url("/a.txt")),
        digest(b"other"),
        digest(BODY),
        "--again",
        "toy/a.txt",
    )


def test_wrong_bytes_of_an_archive(server):
    body = zipped({"a.txt": b"a"})
    server.answers["/all.zip"] = whole(body)
    entry = dataset({"a.txt": b"a"}, url=server.url("/all.zip"), archive="all.zip", archive_sum=digest(b"x"))
    refused(entry, digest(body), digest(b"x"))


def test_wrong_bytes_inside_an_archive(server, caplog):
    server.answers["/all.zip"] = whole(zipped({"a.txt": b"a", "b.txt": b"other"}))
    entry = dataset({"a.txt": b"a", "b.txt": b"b"}, url=server.url("/all.zip"), archive="all.zip")
    refused(entry, "b.txt", digest(b"other"))
    take(entry, ["a.txt"])  # a file that was not asked for is left out with a warning
    assert leftovers() == ["toy/a.txt"]
    assert "b.txt" in caplog.text


def test_archive_without_the_file(server):
    server.answers["/all.zip"] = whole(zipped({"a.txt": b"a"}))
    refused(
        dataset({"b.txt": b"b"}, url=server.url("/all.zip"), archive="all.zip"), "without that file", "b.txt"
    )


@pytest.mark.parametrize(("code", "requests"), [(404, 1), (403, 1), (500, 2), (503, 2), (206, 1)])
def test_status_that_is_no_success(server, code, requests):
    server.answers["/a.txt"] = status(code)
    refused(dataset({"a.txt": BODY}, url=server.url("/a.txt")), f"answered {code}")
    assert server.counts["/a.txt"] == requests


def test_server_that_recovers(server):
    server.answers["/a.txt"] = first_fails(1, status(503), whole(BODY))
    assert take(dataset({"a.txt": BODY}, url=server.url("/a.txt")))["a.txt"].read_bytes() == BODY


def test_redirects_are_followed_and_loops_are_not(server):
    server.answers |= {"/0": redirect("/1"), "/1": redirect(server.url("/a.txt")), "/a.txt": whole(BODY)}
    server.answers["/loop"] = redirect("/loop")
    take(dataset({"a.txt": BODY}, url=server.url("/0")))
    entry = dataset({"b.txt": BODY}, url=server.url("/loop"), name="loop")
    with pytest.raises(UserError, match="more than 5 redirects"):
        take(entry)
    assert server.counts["/loop"] == 6
    assert leftovers() == ["toy/a.txt"]


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/a"])
def test_redirect_to_another_scheme_is_refused(server, target):
    server.answers["/a.txt"] = redirect(target)
    refused(dataset({"a.txt": BODY}, url=server.url("/a.txt")), "is not http or https")


def test_nobody_listens(monkeypatch):
    go_online(monkeypatch)
    with FileServer() as gone:
        address = gone.url("/a.txt")
    refused(dataset({"a.txt": BODY}, url=address), "no connection to 127.0.0.1", "https://example.org/toy")


def test_answer_larger_than_the_limit(server):
    server.answers["/a.txt"] = whole(BODY)
    server.answers["/chunks"] = lambda handler: (
        handler.send_response(200),
        handler.end_headers(),
        handler.wfile.write(BODY),
    )
    for path in ("/a.txt", "/chunks"):  # announced, and not announced
        refused(dataset({"a.txt": BODY}, url=server.url(path), max_bytes=1000), "larger than the 1000 bytes")


def test_login_page_instead_of_the_archive(server):
    server.answers["/all.zip"] = whole(b"<html>Please log in</html>")
    entry = dataset({"a.txt": b"a"}, url=server.url("/all.zip"), archive="all.zip")
    refused(entry, "neither a zip nor a tar", "proxy")


@pytest.fixture
def tls(tmp_path):
    """A certificate of 127.0.0.1 that nobody signed but itself, and the context of its server."""
    pytest.importorskip("cryptography", reason="makes the certificate")
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, file


def test_redirect_from_https_down_to_http_is_refused(server, tls, monkeypatch):
    context, certificate = tls
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    server.answers["/a.txt"] = whole(BODY)
    with FileServer(context) as secure:
        secure.answers |= {"/down": redirect(server.url("/a.txt")), "/a.txt": whole(BODY)}
        refused(dataset({"a.txt": BODY}, url=secure.url("/down")), "from https to http")
        assert server.counts["/a.txt"] == 0
        take(dataset({"a.txt": BODY}, url=secure.url("/a.txt")))


def test_certificate_that_nobody_knows_is_refused(tls, monkeypatch):
    go_online(monkeypatch)
    with FileServer(tls[0]) as secure:
        secure.answers["/a.txt"] = whole(BODY)
        refused(dataset({"a.txt": BODY}, url=secure.url("/a.txt")), "certificate")


# Two at once, and one that was killed

CHILD = textwrap.dedent("""
    import logging, sys
    logging.basicConfig(level=logging.INFO)
    sys.path.insert(0, sys.argv[1])
    from file_server import dataset
    from usecases.data import fetch
    entry = dataset({"a.txt": bytes(range(256)) * 400}, url=sys.argv[2])
    print(fetch("toy", registry={"toy": entry})["a.txt"].read_bytes() == bytes(range(256)) * 400)
""")


def child(server, log):
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parent), server.url("/a.txt")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log.open("wb"), env=os.environ.copy())


def wait_for(condition, seconds=30.0):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.02)


def test_two_processes_at_once_download_once(server, tmp_path):
    go = threading.Event()
    server.answers["/a.txt"] = server.held_back(BODY, go)
    logs = [tmp_path / "one.log", tmp_path / "two.log"]
    children = [child(server, log) for log in logs]
    try:
        wait_for(
            lambda: any("another process is fetching toy" in log.read_text(encoding="utf-8") for log in logs)
        )
        go.set()
        assert [process.communicate(timeout=30)[0].strip() for process in children] == [b"True", b"True"]
    finally:
        for process in children:
            process.kill()
            process.wait()
    assert server.counts["/a.txt"] == 1
    assert leftovers() == ["toy/a.txt"]


def test_process_killed_while_it_downloads_leaves_no_trap(server, tmp_path):
    server.answers["/a.txt"] = first_fails(1, server.stalled(BODY), whole(BODY))
    process = child(server, tmp_path / "log")
    try:
        wait_for(lambda: server.counts["/a.txt"] == 1 and any("/a.txt" in name for name in leftovers()))
    finally:
        process.kill()
        process.communicate()
    assert leftovers()  # the killed one could not tidy up
    entry = dataset({"a.txt": BODY}, url=server.url("/a.txt"))
    assert take(entry)["a.txt"].read_bytes() == BODY
    assert leftovers() == ["toy/a.txt"]


def test_interruption_tidies_up(server, monkeypatch):
    server.answers["/a.txt"] = whole(BODY)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("usecases.obtain._check", interrupt)
    with pytest.raises(KeyboardInterrupt):
        take(dataset({"a.txt": BODY}, url=server.url("/a.txt")))
    assert leftovers() == []


# A disk that cannot take it


def test_cache_that_cannot_be_made_is_one_sentence(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("USECASES_DATA", str(tmp_path / "file" / "data"))
    server.answers["/a.txt"] = whole(BODY)
    with pytest.raises(UserError, match=r"cannot be written .* USECASES_DATA") as caught:
        take(dataset({"a.txt": BODY}, url=server.url("/a.txt")))
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only for root or on Windows"
)
def test_read_only_cache_is_one_sentence(server, tmp_path, monkeypatch):
    cache = tmp_path / "read only"
    cache.mkdir(mode=0o555)
    monkeypatch.setenv("USECASES_DATA", str(cache))
    server.answers["/a.txt"] = whole(BODY)
    refused(dataset({"a.txt": BODY}, url=server.url("/a.txt")), "cannot be written", "USECASES_DATA")


@pytest.mark.parametrize("archive", [None, "all.zip"])
def test_full_disk_is_one_sentence_and_leaves_nothing(server, archive):
    """A limit on the size of a file stands for the full disk: the same failing write, in a process of its own."""
    pytest.importorskip("resource", reason="POSIX only")
    server.answers["/a"] = whole(zipped({"a.txt": BODY}) if archive else BODY)
    code = textwrap.dedent("""
        import resource, sys
        sys.path.insert(0, sys.argv[1])
        from file_server import dataset
        from usecases.data import fetch
        from usecases.errors import UserError
        body = bytes(range(256)) * 400
        entry = dataset({"a.txt": body}, url=sys.argv[2], archive=sys.argv[3] or None)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        try:
            fetch("toy", registry={"toy": entry})
        except UserError as error:
            print(error)
    """)
    command = [sys.executable, "-c", code, str(Path(__file__).parent), server.url("/a"), archive or ""]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "cannot be written" in done.stdout
    assert "USECASES_DATA" in done.stdout
    assert leftovers() == []


# Details


def test_download_says_why_without_a_dataset(server, tmp_path):
    with pytest.raises(DownloadError, match="answered 404"):
        download(server.url("/none"), tmp_path / "x", max_bytes=10, patience=Patience(pause_s=0))


def test_no_progress_bar_when_nobody_watches(server, capsys):
    server.answers["/a.txt"] = whole(BODY)
    take(dataset({"a.txt": BODY}, url=server.url("/a.txt")))
    assert capsys.readouterr() == ("", "")


def test_download_is_logged(server, caplog):
    caplog.set_level(logging.INFO)
    server.answers["/a.txt"] = whole(BODY)
    take(dataset({"a.txt": BODY}, url=server.url("/a.txt")))
    assert server.url("/a.txt") in caplog.text

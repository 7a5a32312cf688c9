"""`usecases data mirror`: what lands on the key, what is kept or replaced, and keys that refuse."""

import errno
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from file_server import FileServer, dataset, digest, go_online, whole

from usecases import data
from usecases.commands import data as command
from usecases.errors import UserError
from usecases.offline import mirror
from usecases.offline.mirror_words import source_text

FILES = {"a.txt": b"1 2 3\n" * 100, "sub/é.csv": b"x;y\n1,5;2\n"}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A cache that holds the toy dataset, an empty key, a registry of that dataset."""
    monkeypatch.setenv("USECASES_DATA", str(tmp_path / "cache"))
    monkeypatch.delenv("USECASES_MIRROR", raising=False)
    for name, body in FILES.items():
        path = tmp_path / "cache" / "toy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    entry = dataset(FILES, package="mine")
    monkeypatch.setattr(data, "datasets", lambda: {"toy": entry})
    return SimpleNamespace(key=tmp_path / "clé USB", cache=tmp_path / "cache", registry={"toy": entry})


def fill(place, registry=None, names=("toy",), **chosen):
    registry = registry or place.registry
    folder = mirror.prepare_folder(place.key)
    return mirror.fill(folder, mirror.choose(names, registry=registry, **chosen), registry=registry)[0]


def names_on(key):
    return sorted(path.relative_to(key).as_posix() for path in key.rglob("*") if path.is_file())


def test_key_has_the_layout_that_a_mirror_is_read_by(place, monkeypatch, tmp_path):
    done = fill(place)
    assert done.copied == list(FILES)
    assert done.size == sum(map(len, FILES.values()))
    assert names_on(place.key) == ["toy/LISEZMOI.md", "toy/SOURCE.md", "toy/a.txt", "toy/sub/é.csv"]
    monkeypatch.setenv("USECASES_DATA", str(tmp_path / "another machine"))
    monkeypatch.setenv("USECASES_MIRROR", str(place.key))
    found = data.fetch("toy", registry=place.registry, offline=True)
    assert {name: path.read_bytes() for name, path in found.items()} == FILES


def test_what_is_right_is_kept_and_what_is_wrong_or_half_is_replaced(place):
    fill(place)
    right, wrong = place.key / "toy" / "a.txt", place.key / "toy" / "sub" / "é.csv"
    before = right.stat().st_mtime_ns
    wrong.write_bytes(b"half")
    (place.key / "toy" / ".a.txt.partial").write_bytes(b"of a killed process")
    done = fill(place)
    assert (done.kept, done.copied) == (["a.txt"], ["sub/é.csv"])
    assert right.stat().st_mtime_ns == before
    assert wrong.read_bytes() == FILES["sub/é.csv"]


def test_a_stopped_copy_leaves_no_half_file_and_goes_on_later(place, monkeypatch):
    def stop(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", stop)
        with pytest.raises(KeyboardInterrupt):
            fill(place)
    assert names_on(place.key) == []
    assert fill(place).copied == list(FILES)


def test_what_is_read_back_from_the_key_is_what_counts(place, monkeypatch):
    def bad_key(descriptor):
        os.ftruncate(descriptor, 3)

    monkeypatch.setattr(os, "fsync", bad_key)
    with pytest.raises(UserError, match="another sha256 when read back"):
        fill(place)
    assert names_on(place.key) == []


def test_a_wrong_source_never_reaches_the_key(place):
    (place.cache / "toy" / "a.txt").write_bytes(b"edited")
    done = fill(place)
    assert done.copied == ["sub/é.csv"]
    assert "is not the registered one" in done.missing["a.txt"]
    assert not (place.key / "toy" / "a.txt").exists()


def test_a_right_file_of_a_mirror_is_taken_before_a_wrong_one_of_the_cache(place, monkeypatch, tmp_path):
    (place.cache / "toy" / "a.txt").write_bytes(b"edited")
    other = tmp_path / "mirror" / "toy" / "a.txt"
    other.parent.mkdir(parents=True)
    other.write_bytes(FILES["a.txt"])
    monkeypatch.setenv("USECASES_MIRROR", str(tmp_path / "mirror"))
    assert fill(place).copied == list(FILES)


def test_the_mirror_in_use_can_be_completed(place, monkeypatch):
    place.key.mkdir()
    monkeypatch.setenv("USECASES_MIRROR", str(place.key))
    assert fill(place, patterns=["a.txt"]).copied == ["a.txt"]
    assert fill(place).kept == ["a.txt"]


def test_absent_files_are_downloaded_into_the_cache_first(place, monkeypatch):
    go_online(monkeypatch)
    with FileServer() as server:
        server.answers["/b.txt"] = whole(b"online")
        entry = dataset({"b.txt": b"online"}, url=server.url("/"), name="far")
        assert fill(place, {"far": entry}, ["far"]).copied == ["b.txt"]
    assert (place.cache / "far" / "b.txt").read_bytes() == b"online"


def test_what_failed_to_download_is_tried_once_for_a_dataset(place, monkeypatch):
    go_online(monkeypatch)
    monkeypatch.setattr("usecases.download.time.sleep", lambda _: None)
    with FileServer() as server:  # 404 to everything
        entry = dataset({"b.txt": b"1", "c.txt": b"2"}, url=server.url("/"), name="far")
        done = fill(place, {"far": entry}, ["far"])
        assert sum(server.counts.values()) == 1
    assert set(done.missing) == {"b.txt", "c.txt"}
    assert not (place.key / "far").exists()


def test_mirror_only_and_absent_is_said_and_the_others_are_copied(place):
    registry = {"gone": dataset({"g.txt": b"1"}, name="gone"), **place.registry}
    folder = mirror.prepare_folder(place.key)
    gone, toy = mirror.fill(folder, mirror.choose([], everything=True, registry=registry), registry=registry)
    assert "has no public address" in gone.missing["g.txt"]
    assert toy.copied == list(FILES)


def test_unverified_files_are_copied_and_said(place):
    (place.cache / "loose").mkdir()
    (place.cache / "loose" / "l.txt").write_bytes(b"as it is")
    registry = {"loose": dataset({"l.txt": None}, name="loose")}
    assert fill(place, registry, ["loose"]).copied == ["l.txt"]
    assert fill(place, registry, ["loose"]).kept == ["l.txt"]
    told = (place.key / "loose" / "SOURCE.md").read_text(encoding="utf-8")
    assert "No sum is registered for these" in told
    assert digest(b"as it is") in told


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "Commercial use: unclear"), ("fr", "Usage commercial\u202f: pas clair")],
)
def test_explanation_has_address_licence_commercial_use_and_sums(lang, said):
    entry = dataset(FILES, url="https://example.org/x.zip", commercial_use="unclear", licence="ask")
    text = source_text(entry, {"a.txt": "0" * 64}, lang)
    assert said in text
    assert "https://example.org/toy" in text
    assert "0" * 64 + "  a.txt" in text


# Choosing


def test_patterns_choose_files_of_one_dataset(place):
    assert mirror.choose(["toy"], ["*.csv"], registry=place.registry) == {"toy": ["sub/é.csv"]}
    with pytest.raises(UserError, match=r"no file 'a\.tx': did you mean 'a\.txt'"):
        mirror.choose(["toy"], ["a.tx"], registry=place.registry)
    with pytest.raises(UserError, match="with 0 datasets"):
        mirror.choose([], ["a.txt"], registry=place.registry)


def test_unknown_dataset_names_the_nearest_before_anything_is_written(place):
    with pytest.raises(UserError, match="did you mean 'toy'"):
        fill(place, names=["toy", "toys"])
    assert not place.key.exists() or names_on(place.key) == []


# Folders and keys that refuse


def test_folders_that_are_not_taken(place, tmp_path):
    (tmp_path / "file").touch()
    for folder, said in (
        (tmp_path / "not plugged in" / "data", "is the key plugged in"),
        (tmp_path / "file", "is a file"),
        (place.cache / "toy", "is in the cache"),
    ):
        with pytest.raises(UserError, match=said):
            mirror.prepare_folder(folder)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, r"is full: 599 B more are needed \(610 B to write, 11 B free\)"),
        (errno.EFBIG, "FAT32: 4 GiB"),
        (errno.EROFS, "cannot be written"),
        (errno.EIO, "is the key still there"),
    ],
)
def test_a_key_that_refuses_is_one_sentence_and_keeps_what_is_complete(place, monkeypatch, code, said):
    def refuse(_):
        raise OSError(code, os.strerror(code))

    small = dataset({"small.txt": b"s"}, name="small")
    (place.cache / "small").mkdir()
    (place.cache / "small" / "small.txt").write_bytes(b"s")
    registry = {"small": small, **place.registry}
    fill(place, registry, ["small"])
    monkeypatch.setattr(os, "fsync", refuse)
    monkeypatch.setattr(mirror.shutil, "disk_usage", lambda _: SimpleNamespace(free=11))
    with pytest.raises(UserError, match=said) as caught:
        fill(place, registry, ["small", "toy"])
    assert "\n" not in str(caught.value)
    assert names_on(place.key) == ["small/LISEZMOI.md", "small/SOURCE.md", "small/small.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small file system")
def test_on_a_real_full_key_and_a_real_read_only_key(place, tmp_path):
    place.key.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place.key)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a file system is not allowed here")
    try:
        (place.cache / "toy" / "big.bin").write_bytes(bytes(200_000))
        registry = {"toy": dataset({**FILES, "big.bin": bytes(200_000)})}
        with pytest.raises(UserError, match=r"is full: \d+\.\d kB more are needed \(200"):
            fill(place, registry)
        assert names_on(place.key) == ["toy/LISEZMOI.md", "toy/SOURCE.md", "toy/a.txt", "toy/sub/é.csv"]
        subprocess.run(["mount", "-o", "remount,ro", str(place.key)], check=True)
        with pytest.raises(UserError, match="cannot be written"):
            fill(place)
    finally:
        subprocess.run(["umount", str(place.key)], check=True)


@pytest.mark.parametrize("name", ["con.txt", "trailing.", "sub/aux", "colon:.txt"])
def test_names_that_windows_or_fat_refuse_are_said(place, name):
    registry = {"toy": dataset({name: b"1", "a.txt": FILES["a.txt"]})}
    done = fill(place, registry)
    assert "cannot be a file name on Windows" in done.missing[name]
    assert done.copied == ["a.txt"]


# The command


def typed(*arguments, lang="en"):
    lines = []
    code = command.run(["mirror", *map(str, arguments)], lang, say=lines.append)
    return code, "\n".join(lines)


def test_command_without_names_writes_nothing_and_says_what_there_is(place):
    code, said = typed(place.key)
    assert code == 0
    assert "610 B on this machine, 0 file(s) to download" in said
    assert f'mirror "{place.key}" cmapss' in said, "what to type can be typed though the folder has a space"
    assert not place.key.exists()


def test_command_ends_with_the_line_to_type_on_the_other_machine(place):
    code, said = typed(place.key, "toy")
    assert code == 0
    assert "toy: files on the key: 2 of 2, 610 B. Commercial use: allowed by the licence (CC0)" in said
    assert said.splitlines()[-2].strip() == f'export USECASES_MIRROR="{place.key}"'
    assert re.fullmatch(r'  \$env:USECASES_MIRROR = "E:\\.*clé USB"', said.splitlines()[-1])


def test_command_in_french_with_a_missing_file_is_partial(place):
    (place.cache / "toy" / "a.txt").unlink()
    code, said = typed(place.key, "toy", lang="fr")
    assert code == 3
    assert "toy\u202f: fichiers sur la clé\u202f: 1 sur 2" in said
    assert "ABSENT  toy/a.txt" in said


def test_command_with_nothing_to_be_had_is_refused(place):
    (place.cache / "toy" / "a.txt").unlink()
    with pytest.raises(UserError, match="nothing could be put"):
        typed(place.key, "toy", "--subset", "a.txt")

"""The dataset registry: entries, where files are found, what is said when they are not."""

import json
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from file_server import dataset, digest

from usecases import data, registry
from usecases.data import fetch, status, verify
from usecases.errors import UserError
from usecases.registry import datasets, read_datasets

ROOT = Path(__file__).resolve().parent.parent
GOOD, OTHER = b"1 2 3\n", b"1 2 4\n"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """An empty cache and an empty mirror."""
    cache, mirror = tmp_path / "cache", tmp_path / "mirror"
    mirror.mkdir()
    monkeypatch.setenv("USECASES_DATA", str(cache))
    monkeypatch.setenv("USECASES_MIRROR", str(mirror))
    monkeypatch.setenv("USECASES_OFFLINE", "1")
    return SimpleNamespace(cache=cache, mirror=mirror)


def put(folder, name, body):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def listed(*entries):
    return {entry.name: entry for entry in entries}


# Entries


def test_registry_of_the_library_follows_the_schema_and_the_sums_of_the_mirror(mirror):
    entries = datasets()
    assert entries["cmapss"].package == "predictive_maintenance"
    assert {line.state for line in verify("cmapss") if line.origin == "mirror"} == {"ok"}
    assert [file for file, known in entries["cmapss"].files.items() if known is None] == [
        f"{part}_FD004.txt" for part in ("train", "test", "RUL")
    ]


def test_every_datasets_file_of_the_checkout_is_read_without_a_warning(caplog):
    files = list(ROOT.glob("*/datasets.yaml"))
    assert files
    for file in files:
        assert read_datasets(file, file.parent.name)
    assert not caplog.records


def test_schema_itself_is_valid():
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads(registry.SCHEMA_FILE.read_text(encoding="utf-8")))


ENTRY = {
    "title": {"en": "Toy", "fr": "Jouet"},
    "kind": "generated",
    "licence": "CC0",
    "commercial_use": "yes",
    "citation": "nobody",
    "official": "mirror only",
    "files": {"a.txt": digest(GOOD)},
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "real"}, "kind"),
        ({"commercial_use": True}, "commercial_use"),
        ({"files": {}}, "files"),
        ({"files": {"../a.txt": None}}, "files"),
        ({"files": {"/a.txt": None}}, "files"),
        ({"files": {"a/../../b": None}}, "files"),
        ({"files": {"C:a.txt": None}}, "files"),
        ({"files": {"a\\b.txt": None}}, "files"),
        ({"files": {"a.txt": "12"}}, "a.txt"),
        ({"official": {"url": "ftp://x", "page": "https://x", "archive": None, "sha256": None}}, "official"),
        ({"licens": "CC0"}, "licens"),
        ({"title": {"en": "Toy"}}, "title"),
    ],
)
def test_wrong_entry_is_refused_with_its_key(tmp_path, change, said):
    file = tmp_path / "datasets.yaml"
    file.write_text(yaml.safe_dump({"toy": {**ENTRY, **change}}), encoding="utf-8")
    with pytest.raises(UserError, match=said) as caught:
        read_datasets(file, "mine")
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe\x00", b"- 1\n", b"../evil: {}\n"])
def test_unreadable_registry_file_is_one_sentence(tmp_path, content):
    file = tmp_path / "datasets.yaml"
    file.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_datasets(file, "mine")
    assert "\n" not in str(caught.value)


def test_broken_package_is_logged_and_the_others_stay(tmp_path, caplog):
    packages = {}
    for name, text in (("bad", "toy: 1\n"), ("good", yaml.safe_dump({"toy": ENTRY})), ("none", None)):
        folder = tmp_path / name
        folder.mkdir()
        if text:
            (folder / "datasets.yaml").write_text(text, encoding="utf-8")
        packages[name] = SimpleNamespace(folder=folder)
    packages["documented"] = SimpleNamespace(folder=None)
    found = datasets(packages)
    assert {name: entry.package for name, entry in found.items()} == {"toy": "good"}
    assert "bad" in caplog.text


@pytest.mark.parametrize("licence", [ENTRY["licence"], "another licence"])
def test_first_package_describes_a_shared_dataset(tmp_path, caplog, licence):
    packages = {}
    for name, entry in (("one", ENTRY), ("two", {**ENTRY, "licence": licence})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "datasets.yaml").write_text(yaml.safe_dump({"toy": entry}), encoding="utf-8")
        packages[name] = SimpleNamespace(folder=tmp_path / name)
    assert datasets(packages)["toy"].package == "one"
    differs = licence != ENTRY["licence"]
    assert ("already described by one" in caplog.text) == differs, (
        "the same words twice, as in a copy, are fine"
    )


# Looking up


def test_mirror_is_used_in_place_and_not_written(folders):
    path = put(folders.mirror, "toy/sub/a.txt", GOOD)
    before = sorted(folders.mirror.rglob("*"))
    assert fetch("toy", registry=listed(dataset({"sub/a.txt": GOOD}))) == {"sub/a.txt": path}
    assert sorted(folders.mirror.rglob("*")) == before
    assert not folders.cache.exists()


def test_name_with_a_slash_is_a_folder_in_a_folder(folders):
    path = put(folders.mirror, "many/toy/a.txt", GOOD)
    entry = dataset({"a.txt": GOOD}, name="many/toy")
    assert fetch("many/toy", registry=listed(entry))["a.txt"] == path


def test_cache_comes_before_the_mirror(folders):
    put(folders.mirror, "toy/a.txt", OTHER)
    path = put(folders.cache, "toy/a.txt", GOOD)
    assert fetch("toy", registry=listed(dataset({"a.txt": GOOD}))) == {"a.txt": path}


@pytest.mark.parametrize("place", ["cache", "mirror"])
def test_wrong_file_names_itself_both_sums_and_the_remedy(folders, place):
    path = put(getattr(folders, place), "toy/a.txt", OTHER)
    entry = dataset({"a.txt": GOOD}, url="https://example.org/a.txt")
    with pytest.raises(UserError) as caught:
        fetch("toy", registry=listed(entry))
    for part in (str(path), digest(GOOD), digest(OTHER), "usecases data fetch toy --again", place):
        assert part in str(caught.value)
    assert path.read_bytes() == OTHER


def test_wrong_file_of_a_mirror_only_dataset_is_to_be_replaced(folders):
    put(folders.mirror, "toy/a.txt", OTHER)
    with pytest.raises(UserError, match="replace it by the right file") as caught:
        fetch("toy", registry=listed(dataset({"a.txt": GOOD})))
    assert "--again" not in str(caught.value)


def test_subset_needs_only_its_own_files(folders):
    put(folders.mirror, "toy/a.txt", GOOD)
    put(folders.mirror, "toy/b.txt", OTHER)  # wrong, but not asked for
    entry = dataset({"a.txt": GOOD, "b.txt": GOOD, "c.txt": GOOD})
    assert list(fetch("toy", ["a.txt"], registry=listed(entry))) == ["a.txt"]


def test_order_of_the_answer_is_that_of_the_question(folders):
    for name in "abc":
        put(folders.mirror, f"toy/{name}", GOOD)
    entry = dataset(dict.fromkeys("abc", GOOD))
    assert list(fetch("toy", ["c", "a", "c"], registry=listed(entry))) == ["c", "a"]


def test_file_without_a_registered_sum_is_a_warning(folders, caplog):
    put(folders.mirror, "toy/a.txt", GOOD)
    fetch("toy", registry=listed(dataset({"a.txt": None})))
    assert "could not be verified" in caplog.text


def test_empty_and_binary_files_have_sums_like_others(folders):
    put(folders.mirror, "toy/empty", b"")
    put(folders.mirror, "toy/binary", bytes(range(256)))
    entry = dataset({"empty": b"", "binary": bytes(range(256))})
    assert set(fetch("toy", registry=listed(entry))) == {"empty", "binary"}


@pytest.mark.parametrize(("use", "said"), [("no", "not allowed"), ("unclear", "unclear")])
def test_licence_that_is_not_commercial_is_said(folders, caplog, use, said):
    put(folders.mirror, "toy/a.txt", GOOD)
    fetch("toy", registry=listed(dataset({"a.txt": GOOD}, commercial_use=use, licence="CC BY-NC 4.0")))
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert said in warnings[0]
    assert "CC BY-NC 4.0" in warnings[0]


def test_free_licence_is_not_a_warning(folders, caplog):
    put(folders.mirror, "toy/a.txt", GOOD)
    fetch("toy", registry=listed(dataset({"a.txt": GOOD})))
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


# What is absent


def test_offline_sentence_says_where_it_is_where_to_put_it_and_what_to_type(folders):
    entry = dataset({"a.txt": GOOD}, url="https://example.org/a.txt")
    with pytest.raises(UserError) as caught:
        fetch("toy", registry=listed(entry))
    for part in (
        "https://example.org/toy",
        str(folders.mirror / "toy" / "a.txt"),
        "'usecases data fetch toy'",
    ):
        assert part in str(caught.value)
    assert "USECASES_OFFLINE is set" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not folders.cache.exists()


def test_offline_keyword_does_the_same_without_the_variable(folders, monkeypatch):
    monkeypatch.delenv("USECASES_OFFLINE")
    monkeypatch.delenv("USECASES_MIRROR")
    entry = dataset({f"{name}.txt": GOOD for name in "abcde"}, url="https://example.org/toy/")
    with pytest.raises(UserError, match="offline") as caught:
        fetch("toy", offline=True, registry=listed(entry))
    assert "USECASES_MIRROR=FOLDER" in str(caught.value)
    assert "FOLDER/toy/a.txt" in str(caught.value)
    assert "and 2 more files" in str(caught.value)


def test_mirror_that_is_no_folder_is_said(folders, monkeypatch):
    monkeypatch.setenv("USECASES_MIRROR", str(folders.mirror / "nowhere"))
    with pytest.raises(UserError, match="nowhere is not a folder"):
        fetch("toy", registry=listed(dataset({"a.txt": GOOD}, url="https://example.org/a.txt")))


@pytest.mark.parametrize("offline", [True, False])
def test_mirror_only_dataset_that_is_absent(folders, offline):
    with pytest.raises(UserError, match="no public address") as caught:
        fetch("toy", offline=offline, registry=listed(dataset({"a.txt": GOOD})))
    assert str(folders.mirror / "toy" / "a.txt") in str(caught.value)
    assert "data fetch" not in str(caught.value)


def test_asking_again_offline_leaves_what_is_here(folders):
    path = put(folders.cache, "toy/a.txt", GOOD)
    entry = dataset({"a.txt": GOOD}, url="https://example.org/a.txt")
    with pytest.raises(UserError, match="left as it was"):
        fetch("toy", again=True, registry=listed(entry))
    assert path.read_bytes() == GOOD


def test_unknown_names_give_the_nearest(folders):
    entries = listed(dataset({"train.txt": GOOD}))
    with pytest.raises(UserError, match="did you mean 'toy'"):
        fetch("toi", registry=entries)
    with pytest.raises(UserError, match=r"did you mean 'train\.txt'"):
        fetch("toy", ["trian.txt"], registry=entries)
    with pytest.raises(UserError, match="usecases data list"):
        verify("nothing", registry=entries)


# Saying what is here


def test_verify_and_status_tell_every_place(folders):
    put(folders.cache, "toy/a.txt", GOOD)
    put(folders.mirror, "toy/a.txt", OTHER)
    put(folders.mirror, "toy/b.txt", GOOD)
    entries = listed(dataset({"a.txt": GOOD, "b.txt": None, "c.txt": GOOD}))
    assert [(line.file, line.origin, line.state) for line in verify("toy", entries)] == [
        ("a.txt", "cache", "ok"),
        ("a.txt", "mirror", "wrong"),
        ("b.txt", "mirror", "unverified"),
        ("c.txt", "", "absent"),
    ]
    (line,) = status(entries)
    assert (line.dataset.name, line.cached, line.mirrored) == ("toy", 1, 1)


def test_default_cache_is_the_platforms(monkeypatch):
    monkeypatch.delenv("USECASES_DATA")
    assert data.cache_folder().name == "data"
    assert "usecases" in str(data.cache_folder())


def test_folder_of_the_user_is_understood_with_its_tilde(monkeypatch):
    monkeypatch.setenv("USECASES_DATA", "~/my data, été")
    assert data.cache_folder() == Path.home() / "my data, été"

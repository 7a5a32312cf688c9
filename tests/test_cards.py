"""Cards: the seven of this repository, the schema, and their rendering in both languages."""

from __future__ import annotations

import copy
import re
import unicodedata
from pathlib import Path

import pytest
import yaml

from usecases.card_text import is_text
from usecases.cards import SCHEMA_FILE, load_card, render_card, render_list, validate
from usecases.catalogue import CHECKOUT, DOCUMENTED, Entry, entries
from usecases.errors import UserError

PACKAGES = ("predictive_maintenance", "vision_inspection", "delivery_optimization", "configurator")
FILES = [CHECKOUT / name / "card.yaml" for name in PACKAGES] + sorted(DOCUMENTED.glob("*.yaml"))
NARROW = "\u202f"


def identity(path: Path) -> str:
    return path.parent.name if path.name == "card.yaml" else path.stem


each_card = pytest.mark.parametrize("path", FILES, ids=identity)


def texts(value, path=""):
    """Yield (path, text) for every {fr, en} of a card."""
    if is_text(value):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from texts(part, f"{path}.{key}".strip("."))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from texts(part, f"{path}[{number}]")


def places(value, path=()):
    """Yield the path of every heading (mapping key) of a card."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield (*path, key)
            yield from places(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from places(part, (*path, number))


def dotted(path) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).strip(".")


@pytest.fixture
def card() -> dict:
    return load_card(CHECKOUT / "predictive_maintenance" / "card.yaml")


def test_there_are_seven_documented_cases():
    assert {identity(path) for path in FILES} == {
        *PACKAGES,
        "greenhouse",
        "logistics_twin",
        "driver_vigilance",
    }


@each_card
def test_every_card_is_valid_and_bears_its_own_name(path):
    card = load_card(path)
    assert validate(card) == []
    assert card["name"] == identity(path)
    assert (card["status"] == "documented") == (path.parent == DOCUMENTED)


@each_card
def test_every_heading_is_required_and_named_when_it_is_missing(path):
    optional = {
        ("partners", "start_up"),
        *(("tasks", k, name) for k in range(9) for name in ("own", "template")),
    }
    whole = load_card(path)
    for place in places(whole):
        if place in optional or place[:2] == ("partners", "start_up") or "feasibility" in place:
            continue
        broken = copy.deepcopy(whole)
        inside = broken
        for key in place[:-1]:
            inside = inside[key]
        del inside[place[-1]]
        problems = validate(broken)
        assert any(problem.startswith(f"{dotted(place)}: missing") for problem in problems), (place, problems)


@pytest.mark.parametrize("empty", ["", "   ", "\n", None])
def test_an_empty_translation_is_named(card, empty):
    card["benefits"]["human"]["fr"] = empty
    (problem,) = validate(card)
    assert problem.startswith("benefits.human.fr: ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda card: card.update(colour="red"), "colour: unknown heading"),
        (
            lambda card: card.update(status="implemeted"),
            "status: got 'implemeted' (did you mean 'implemented'?",
        ),
        (lambda card: card.update(schema=2), "schema: got 2"),
        (lambda card: card.update(name="Predictive Maintenance"), "name: got 'Predictive Maintenance'"),
        (lambda card: card.update(status="planned"), "tasks: only a card with status implemented has tasks"),
        (lambda card: card.update(tasks=[]), "tasks: a card with status implemented needs at least one task"),
        (lambda card: card.update(limits=[]), "limits: empty list"),
        (lambda card: card.update(funding="none"), "funding: expected object, got str"),
        (lambda card: card["title"].update(de="Wartung"), "title.de: unknown heading"),
        (lambda card: card["data"].update(kinds=["real"]), "data.kinds[0]: got 'real'"),
        (lambda card: card["tasks"][0].update(adapter="no class"), "tasks[0].adapter: got 'no class'"),
    ],
)
def test_a_wrong_heading_is_named_with_what_was_expected(card, change, said):
    change(card)
    problems = validate(card)
    assert any(problem.startswith(said) for problem in problems), problems


def test_a_card_that_is_not_a_mapping_is_said_to_be_one():
    assert validate(["a", "b"]) == ["card: expected object, got list"]


@each_card
def test_french_and_english_are_translations_not_copies(path):
    for where, text in texts(load_card(path)):
        assert text["fr"] != text["en"] or len(text["en"]) <= 40, where
        ratio = len(text["fr"]) / len(text["en"])
        assert 0.5 < ratio < 2 or len(text["en"]) < 30, where


@each_card
def test_french_is_typed_as_french(path):
    for where, text in texts(load_card(path)):
        french = text["fr"]
        assert not re.search(rf"[^{NARROW}:][;:!?%»€](?!//)", french), (where, french)
        assert not re.search(rf"«(?!{NARROW})", french), (where, french)
        assert "'" not in french, (where, french)
        assert unicodedata.is_normalized("NFC", french), where


@each_card
def test_nothing_is_promised_that_replaces_people(path):
    source = path.read_text(encoding="utf-8").lower()
    assert not re.search(r"\breplac(e|es|ing) (people|workers|operators|jobs)|\bremplacer (les|l’)", source)
    assert "augment" in source


@each_card
def test_a_card_without_methods_says_so_in_its_limits(path):
    card = load_card(path)
    limits = " ".join(limit["en"] for limit in card["limits"])
    expected = {"implemented": "", "planned": "No method is shipped", "documented": "not implemented"}
    assert expected[card["status"]] in limits
    assert bool(card["tasks"]) == (card["status"] == "implemented")


def rules(page: str) -> int:
    return sum(bool(re.fullmatch(r"=+|-+", line)) for line in page.splitlines())


@each_card
@pytest.mark.parametrize("width", [60, 72, 100])
def test_both_renderings_have_the_same_headings_and_keep_to_the_width(path, width):
    card = load_card(path)
    french, english = render_card(card, "fr", width), render_card(card, "en", width)
    assert (
        rules(french)
        == rules(english)
        == 1 + len(set(card) - {"schema", "name", "status", "title", "summary", "sectors"})
    )
    for page in (french, english):
        assert "\x1b" not in page
        for line in page.splitlines():
            assert len(line) <= width or "://" in line, line
            assert line == line.rstrip()


@each_card
def test_every_text_of_the_card_is_shown(path):
    card = load_card(path)
    for lang in ("fr", "en"):
        shown = " ".join(render_card(card, lang, 80).split(" ")).replace("\n", " ")
        shown = re.sub(r" +", " ", shown)
        for where, text in texts(card):
            assert text[lang] in shown, where


def test_a_narrow_or_huge_terminal_is_set_between_60_and_100(card):
    assert render_card(card, "fr", 20) == render_card(card, "fr", 60)
    assert render_card(card, "fr", 400) == render_card(card, "fr", 100)


def test_items_hang_under_their_bullet(card):
    lines = render_card(card, "en", 60).splitlines()
    start = lines.index("Prerequisites") + 2
    items = lines[start : lines.index("", start)]
    assert {line[:2] for line in items} == {"- ", "  "}


def test_a_colon_is_never_parted_from_its_french_word(card):
    for width in range(60, 101):
        page = render_card(card, "fr", width)
        assert not re.search(r"^\s*[;:!?%»]", page, re.MULTILINE)
        assert not re.search(r"[« ]\n", page)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_list_shows_every_case_packages_first(lang, width):
    known = {name: entry for name, entry in entries().items() if name in map(identity, FILES)}
    page = render_list(known, lang, width)
    assert rules(page) == 2
    order = sorted(known, key=lambda name: page.index(f"{name} — "))
    implemented = [known[name].card["status"] == "implemented" for name in order]
    assert implemented == sorted(implemented, reverse=True)
    assert {known[name].origin for name in order[4:]} == {"documented"}
    assert "rul" in page
    assert ("documenté, non implémenté" if lang == "fr" else "documented, not implemented") in page
    assert all(len(line) <= width for line in page.splitlines())


def test_summaries_fit_on_one_line_of_an_ordinary_terminal():
    for lang in ("fr", "en"):
        assert "…" not in render_list(entries(), lang, 84)


def test_a_long_summary_is_cut_to_one_line(card):
    card["summary"]["fr"] = "mot " * 60
    page = render_list([Entry("long", None, card, "documented")], "fr", 60)
    assert page.splitlines()[-1].endswith("…")
    assert len(page.splitlines()[-1]) <= 60


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name: [", "is not valid YAML"),
        (b"name: caf\xe9", "is not UTF-8 (byte 9)"),
        (b"- a\n- b\n", "a mapping of headings was expected"),
        (b"", "a mapping of headings was expected"),
        (b"name: x\nstatus: planned\n", "title: missing heading; summary: missing heading; tasks: missing"),
        (
            b"name: x\nstatus: planned\ntitle: x\nsummary: {fr: a, en: b}\ntasks: []\n",
            "title: a text with fr and en",
        ),
        (
            b"name: 3\nstatus: planned\ntitle: {fr: a, en: b}\nsummary: {fr: a, en: b}\ntasks: []\n",
            "name: a name",
        ),
        (
            b"name: x\nstatus: y\ntitle: {fr: a, en: b}\nsummary: {fr: a, en: b}\ntasks: [rul]\n",
            "tasks: a list of",
        ),
        (
            b"name: x\nstatus: y\ntitle: {fr: a, en: b}\nsummary: {fr: a, en: b}\ntasks: 3\n",
            "tasks: a list of",
        ),
        (b"!!python/object/apply:os.getcwd []", "is not valid YAML"),
    ],
)
def test_a_card_that_cannot_be_read_gives_one_sentence(tmp_path, content, said):
    file = tmp_path / "card.yaml"
    file.write_bytes(content)
    with pytest.raises(UserError, match=re.escape(said)) as caught:
        load_card(file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_card_that_is_not_there_gives_one_sentence(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        load_card(tmp_path / "card.yaml")


def test_a_card_written_on_windows_is_read(tmp_path):
    source = FILES[0].read_text(encoding="utf-8")
    file = tmp_path / "card.yaml"
    file.write_bytes(source.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load_card(file) == load_card(FILES[0])


def test_the_slow_reader_reads_the_same_card(monkeypatch):
    monkeypatch.setattr("usecases.cards._LOADER", yaml.SafeLoader)
    slow = load_card(FILES[0])
    monkeypatch.undo()
    assert slow == load_card(FILES[0])


def test_the_schema_is_itself_valid():
    import json

    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))

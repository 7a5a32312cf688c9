"""Reports: both languages complete, French typography, nothing from outside, safe against hostile names."""

import re

import pytest

from usecases import config, formatting, report, runner
from usecases.contract import Paragraph, Section, Table, Text
from usecases.formatting import NARROW, number, with_unit


def page(*overrides):
    result = runner.execute(config.compose("toy_cases", "average", ["method=linear", *overrides]))
    return (result.folder / "report.html").read_text(encoding="utf-8")


def test_words_exist_in_both_languages():
    for key, text in report.WORDS.items():
        assert text.en.strip(), key
        assert text.fr.strip(), key
        assert re.findall(r"\{\w+\}", text.en) == re.findall(r"\{\w+\}", text.fr), (
            f"{key}: other placeholders"
        )


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_page_is_self_contained(lang):
    text = page(f"lang={lang}")
    assert f'<html lang="{lang}">' in text
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]+"', text)
    assert "<script" not in text
    assert "@import" not in text


def test_french_page_is_french():
    text = page("lang=fr")
    for word in ("Ce qu'il faut retenir", "Comparaison", "Limites", "Reproduire", "Toutes les mesures"):
        assert word.replace("'", "’") in text
    visible = re.sub(r"<style>.*?</style>|<pre>.*?</pre>|<details>.*?</details>", "", text, flags=re.S)
    assert not re.search(r"\d\.\d{2}\b", visible), "a decimal point in a French report"
    assert "bootstrap à 95" in text, "what an interval is over is said in French too"


def test_takeaways_come_first():
    text = page()
    assert (
        text.index("What to remember")
        < text.index("Comparison")
        < text.index("Limits")
        < text.index("Reproduce")
    )


def test_names_from_the_data_cannot_inject(monkeypatch):
    hostile = "<script>alert(1)</script>"
    section = Section(
        Text(hostile, hostile), (Paragraph(Text(hostile, hostile)), Table([Text("a", "a")], [[hostile]]))
    )
    from usecases import catalogue

    entry, card_task = catalogue.find_task("toy_cases/average")
    task = type(catalogue.load_task(entry, card_task))
    original = task.report
    monkeypatch.setattr(task, "report", lambda self, *a: [*original(self, *a), section])
    text = page()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("value", "digits", "en", "fr"),
    [
        (9.523, 2, "9.52", "9,52"),
        (-3.0, 1, "−3.0", "−3,0"),
        (1234567, 0, "1,234,567", f"1{NARROW}234{NARROW}567"),
        (1234.5, 1, "1,234.5", f"1{NARROW}234,5"),
        (None, 2, "not measured", "non mesuré"),
        (float("nan"), 2, "not measured", "non mesuré"),
        (float("inf"), 2, "∞", "∞"),
    ],
)
def test_numbers_in_both_languages(value, digits, en, fr):
    assert (number(value, "en", digits), number(value, "fr", digits)) == (en, fr)


def test_percent_has_a_narrow_space_in_french():
    assert with_unit(12.0, "%", "fr", 0) == f"12{NARROW}%"


def test_interval_kinds_are_translated():
    assert (
        formatting.interval_kind("95 % bootstrap over engines", "fr")
        == f"bootstrap à 95{NARROW}% sur les moteurs"
    )
    assert formatting.interval_kind("95 % bootstrap over engines", "en") == "95 % bootstrap over engines"

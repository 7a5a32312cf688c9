"""Reports: both languages complete, French typography, nothing from outside, safe against hostile names."""

import re

import pytest

from usecases import charts, config, formatting, report, runner
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


def compared(low, high, error=None):
    return {"error": error, "difference": None if error else {"interval": [low, high]}}


def test_verdict_is_honest_about_simpler_methods():
    rows = {
        "mean": compared(1.0, 2.0),
        "weibull": compared(0.5, 3.0),
        "ridge": compared(-1.0, 1.0),
        "oracle": compared(-2.0, -1.0),
        "broken": compared(0, 0, "no memory"),
    }
    english, french = (report.verdict(rows, lang) for lang in ("en", "fr"))
    assert "clearly beats mean and weibull" in english
    assert "nettement mieux que mean et weibull" in french
    assert "ridge does about as well, prefer the simpler of the two" in english
    assert "ridge fait à peu près aussi bien, préférez la plus simple" in french
    assert "oracle is better than this run." in english
    assert "oracle fait mieux que cette exécution." in french
    assert "broken" not in english + french


def test_verdict_of_nothing_is_nothing():
    assert report.verdict({}, "en") == ""
    assert report.verdict({"a": {"error": None, "difference": None}}, "en") == ""


def test_verdict_stands_under_the_comparison():
    text = page()
    assert text.index("<h2>Comparison") < text.index("This run clearly beats mean") < text.index("Gain: loss")


def test_unknown_truth_has_no_empty_gain():
    text = page("data.known=false")
    assert "Gain of this run" not in text
    assert "Gain: loss" not in text
    assert "This run clearly beats" not in text
    assert "not measured" in text[text.index("<h2>All figures") :]
    assert "not measured" not in text[text.index("<h2>Comparison") : text.index("<h2>All figures")]


def test_a_failed_baseline_says_why_where_nothing_is_measured():
    card_task = {"headline": "mae", "trivial": "mean"}
    mae = {"value": None, "unit": "", "higher_is_better": False}
    failed = {"error": "no memory", "metrics": {}, "difference": None}
    record = {
        "metrics": {"mae": mae},
        "baselines": {"mean": failed},
        "bounds": {},
        "method": "a",
        "names": {},
    }
    table = report.comparison(record, card_task, "en")
    assert (table["columns"], table["gains"], table["rows"][1]["error"]) == ([], False, "no memory")


def test_percentages_are_not_more_precise_than_they_are():
    share = {
        "value": 32.8125,
        "unit": "%",
        "higher_is_better": False,
        "interval": (19.4, 46.4),
        "label": None,
    }
    width = {"value": 62.894, "unit": "days", "higher_is_better": None, "interval": None, "label": None}
    first, second = report.figures({"share": share, "width": width}, "en")
    assert (first["value"], first["interval"].strip(), second["value"]) == ("32.8", "[19 ; 46]", "62.9")
    narrow = {"narrow": share | {"value": 97.9, "interval": (97.8, 98.0)}}
    assert report.figures(narrow, "en")[0]["interval"].strip() == "[97.8 ; 98.0]"


def test_a_gain_on_one_unit_has_no_interval():
    mae = {"value": 1.0, "unit": "days", "higher_is_better": False}
    gain = {"value": 2.0, "unit": "days", "interval": [None, None]}
    other = {"error": None, "metrics": {"mae": mae | {"value": 3.0}}, "difference": gain}
    record = {"metrics": {"mae": mae}, "baselines": {"mean": other}, "bounds": {}, "method": "a", "names": {}}
    rows = report.comparison(record, {"headline": "mae", "trivial": "mean"}, "en")["rows"]
    assert rows[1]["gain"] == "2.00 days"


def test_no_line_breaks_inside_a_date():
    table = Table((Text("day", "jour"),), (("city 2026-03-16",),))
    cells = [
        report.rendered_section(Section(Text("Days", "Jours"), (table,)), lang)["blocks"][0]["rows"][0][0][
            "text"
        ]
        for lang in ("en", "fr")
    ]
    assert cells == ["city 2026\u201103\u201116", "city 16/03/2026"]


def test_facts_are_set_once_and_in_the_language():
    data = {
        "n_lives": 7,
        "n_train_units": 7,
        "n_failed": 5,
        "n_failures": 4,
        "cap": 90.0,
        "parameters": "default",
    }
    assert [value for _, value in report.data_rows(data, "fr")] == ["7", "5", "4", "90", "par défaut"]
    assert report.data_rows({"licence": "free to use"}, "fr") == [
        ("licence", f"«{NARROW}free to use{NARROW}»")
    ]
    assert "vies d’apprentissage" in dict(report.data_rows({"n_train_units": 3}, "fr"))
    for key, text in report.KEYS.items():
        assert text.en.strip(), key
        assert "'" not in report.data_rows({key: 1}, "fr")[0][0], "a straight apostrophe"


def test_french_head_and_machine_are_french():
    text = page("lang=fr")
    assert re.search(r"<span>\d{2}/\d{2}/\d{4} à \d{2}:\d{2} UTC</span>", text)
    for english in ("load,", "solve,", "evaluate,", " cores<"):
        assert english not in text
    for french in ("chargement", "résolution", "évaluation", "cœurs"):
        assert french in text
    assert "graine" not in text[text.index("<h2>Les données") :], "the seed is in the head of the page"


def test_own_rows_are_said_to_be_kept_by_mlflow_too():
    record = {
        "data": {"kind": "own", "name": "own"},
        "method": "ridge",
        "seed": 3,
        "run_id": "R1",
        "config": {"data": {"path": "a.csv"}},
    }
    from usecases.report_facts import whereabouts

    for lang in ("en", "fr"):
        text = whereabouts(record, "runs/R1", lang)
        for part in ("a.csv", "runs/R1", "own ridge seed 3", "usecases.run_id", "R1", "mlflow gc"):
            assert part in text


def test_rows_of_an_earlier_run_are_where_that_run_read_them(tmp_path):
    from usecases.report_facts import whereabouts

    record = {"data": {"kind": "own", "name": "own"}, "method": "given", "seed": 0, "run_id": "R2"}
    record["config"] = {"data": {"from_run": str(tmp_path)}}
    assert f"read from {tmp_path};" in whereabouts(record, "runs/R2", "en")
    (tmp_path / "config.yaml").write_text("data: {path: orders.csv}", encoding="utf-8")
    assert "lues dans orders.csv" in whereabouts(record, "runs/R2", "fr")


def test_an_interval_holds_its_value_and_differs_from_it():
    share = {"value": 91.5, "unit": "%", "higher_is_better": True, "interval": (91.34, 91.59), "label": None}
    kind = {"interval_kind": "95 % bootstrap over instances"}
    found = report.figures({"on_time": share | kind}, "fr")[0]["interval"]
    assert found == f"[91,3{NARROW};\u00a091,6] bootstrap à 95{NARROW}% sur les instances"
    assert report.figures({"on_time": share | {"interval": (None, None)}}, "en")[0]["interval"] == ""
    gain = {"value": 2.0, "unit": "days", "interval": [1.0, 3.0]}
    assert report._gain(gain, "fr") == f"2,00{NARROW}jours [1,00{NARROW};\u00a03,00]"


def test_english_percentages_have_one_form_that_no_line_breaks():
    assert report.unbroken("it is 63% or 63 %") == "it is 63\u00a0% or 63\u00a0%"
    assert report.unbroken(f"63{NARROW}%") == f"63{NARROW}%"
    assert not re.search(r"\d ?%", re.sub(r"<style>.*?</style>|<pre>.*?</pre>", "", page(), flags=re.S))


def test_ticks_of_an_axis_have_equal_decimals_and_no_negative_zero():
    figure, axis = charts.figure(3, 2)
    axis.set(
        xlim=(-1, 1), ylim=(0.5, 0.8), xticks=[-1, -1e-17, 1], yticks=[0.5, 0.6000000000000001, 0.65, 0.8]
    )
    charts.localise(axis, "fr")
    figure.draw_without_rendering()
    assert [label.get_text() for label in axis.get_yticklabels()] == ["0,50", "0,60", "0,65", "0,80"]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["−1", "0", "1"]


def test_verdict_names_what_is_compared():
    row = compared(1.0, 2.0)
    row["difference"]["loss"] = {"en": "the share of late orders", "fr": "la part de commandes en retard"}
    assert report.verdict({"mean": row}, "en").startswith(
        "What is compared: the share of late orders. This run clearly beats"
    )


def test_few_groups_have_a_gain_without_verdict():
    few = {
        "error": None,
        "metrics": {},
        "difference": {"value": 1.0, "unit": "days", "interval": [None, None]},
    }
    assert report.verdict({"mean": few}, "en") == ""
    shown = report.comparison(
        {"method": "mine", "metrics": {}, "baselines": {"mean": few}, "bounds": {}, "names": {}},
        {"headline": "mae", "trivial": "mean"},
        "en",
    )
    assert "too few for an interval" in shown["gain_text"]
    assert "95 % interval" not in shown["gain_text"]


@pytest.mark.parametrize(("theirs", "said"), [(50.0, True), (80.4, False), (None, False)])
def test_a_cost_of_less_work_is_told(theirs, said):
    share = {"value": 80.0, "unit": "%", "label": {"en": "orders accepted", "fr": "commandes acceptées"}}
    other = {"error": None, "metrics": {"accepted": share | {"value": theirs}}}
    record = {"share": "accepted", "metrics": {"accepted": share}, "baselines": {"first_come": other}}
    assert bool(report.unequal(record, "fr")) is said
    assert report.unequal(record | {"share": ""}, "en") == []

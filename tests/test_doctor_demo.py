"""The doctor sees what is wrong; the demo runs every task and leads to its reports."""

import json
import re

import pytest

from usecases import catalogue, cli, demo, doctor


def states(checks):
    return {check.subject: check.state for check in checks}


def test_doctor_finds_this_installation_sound(capsys):
    checks = doctor.examine()
    assert not [check for check in checks if check.state == "problem"], checks
    assert cli.main(["doctor"]) == 0
    assert "python" in capsys.readouterr().out


def test_doctor_reports_the_clash_with_the_other_configurator(monkeypatch):
    monkeypatch.setattr(
        doctor.metadata, "packages_distributions", lambda: {"configurator": ["usecases", "configurator"]}
    )
    (check,) = [c for c in doctor.examine() if c.state == "problem"]
    assert "pip uninstall configurator" in check.finding


def test_doctor_reports_a_folder_that_cannot_be_written(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert states(doctor.examine())["results"] == "problem"
    assert cli.main(["doctor"]) == 1
    assert "USECASES_RUNS" in capsys.readouterr().out


def test_doctor_reports_a_wrong_mirror(monkeypatch, tmp_path):
    monkeypatch.setenv("USECASES_MIRROR", str(tmp_path / "nowhere"))
    assert states(doctor.examine())["data"] == "problem"


def test_doctor_reports_a_broken_card(monkeypatch):
    entry = catalogue.find("toy_cases")
    card = {key: value for key, value in entry.card.items() if key != "need"}
    monkeypatch.setattr(
        catalogue,
        "entries",
        lambda: {"toy_cases": catalogue.Entry("toy_cases", entry.folder, card, "entry point")},
    )
    assert any(c.state == "problem" and "need" in c.finding for c in doctor.examine())


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_demo_runs_every_task_and_links_reports_that_exist(tmp_path, lang):
    said = []
    assert demo.run(lang, say=lambda *words, **_: said.append(words)) == 0
    page = tmp_path / "runs" / "demo.html"
    text = page.read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in text
    links = re.findall(r'href="([^"]+)"', text)
    tasks = [(e.name, t["name"]) for e in catalogue.entries().values() for t in e.card["tasks"]]
    assert len(links) == len(tasks) >= 4
    for link in links:
        report = page.parent / link
        assert report.is_file(), "links are relative, so the folder can be copied to a key"
        record = json.loads(report.with_name("result.json").read_text(encoding="utf-8"))
        assert record["budget"] == "smoke"
        assert record["reproducible"] is True

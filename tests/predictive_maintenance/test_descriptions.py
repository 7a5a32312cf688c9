"""What the report says of the data: every fact of every source has a French name, and sentences choose the language."""

import logging
from pathlib import Path

import pytest

from predictive_maintenance.data.cmapss import Cmapss
from predictive_maintenance.data.fleet import Fleet
from predictive_maintenance.data.own import Own
from usecases.formatting import NARROW
from usecases.report import KEYS_FR, data_rows

HEADER = "unit,time,end,wear,dead,fixed,countdown\n"


@pytest.fixture
def own(tmp_path):
    """A file with a column without value, a constant one, the remaining life itself, and units with one row."""
    ends = ["failure"] * 7 + ["running", "running"]
    lines = []
    for number, end in enumerate(ends):
        length = 1 if number in (6, 8) else 12 + number
        for row in range(1, length + 1):
            said = end if row == length else ""
            lines.append(f"U{number},{row},{said},{row / length + number / 4},,7,{length - row}")
    path = tmp_path / "machines.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return Own(path=str(path))


def keys_of(description):
    """Keys at every depth, without those of a text in both languages."""
    if isinstance(description, dict) and not {"en", "fr"} <= description.keys():
        for key, value in description.items():
            yield key
            yield from keys_of(value)
    elif isinstance(description, list):
        for item in description:
            yield from keys_of(item)


def test_what_is_left_out_is_said_in_french(own):
    shown = dict(data_rows(own.read(0).description, "fr"))
    assert shown["unités laissées de côté"] == (
        f"unité U6, motif une seule ligne{NARROW}: non utilisée pour l’apprentissage{NARROW}; "
        f"unité U8, motif une seule ligne{NARROW}: non utilisée pour l’apprentissage, "
        "mais sa durée de vie résiduelle est estimée"
    )
    assert shown["colonnes laissées de côté"] == (
        f"colonne dead, motif elle n’a aucune valeur{NARROW}; colonne fixed, motif elle est constante{NARROW}; colonne countdown, "
        "motif elle baisse exactement du temps qui passe, c’est la durée de vie résiduelle elle-même"
    )


def test_what_is_left_out_is_said_in_english(own, caplog):
    with caplog.at_level(logging.INFO):
        shown = dict(data_rows(own.read(0).description, "en"))
    assert shown["left out"].startswith(
        "unit U6, reason one row only: not learned from; unit U8, reason one row only"
    )
    assert (
        "column dead, reason it has no value; column fixed, reason it is constant"
        in shown["left out columns"]
    )
    assert "it has no value" in caplog.text


def test_machine_without_sensor_value_is_said_in_both_languages(own):
    path = Path(own.path)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines += [f"U9,{row},{'running' if row == 5 else ''},,,7," for row in range(1, 6)]
    path.write_text("\n".join(lines), encoding="utf-8")
    description = own.read(0).description
    for lang, words in (("en", "without knowing its state"), ("fr", "sans connaître son état")):
        (shown,) = [value for _, value in data_rows(description, lang) if words in value]
        assert "U9" in shown
        assert "U8" not in shown


def test_sentences_of_own_data_are_french(own):
    shown = dict(data_rows(own.read(0).description, "fr"))
    assert shown["écriture du fichier"] == "séparateur virgule, point décimal, encodage utf-8"
    assert shown["fins de vie"] == "données par une colonne"
    assert shown["licence"] == "la vôtre"
    assert shown["choix du plafond"].startswith(f"60{NARROW}% de la durée médiane")
    english = {"column", "running units", "the file's own", "yours", "comma", "given"}
    assert not english & set(shown.values())


@pytest.mark.parametrize(
    "options",
    [
        {"max_groups": 6, "fold": 0, "shuffle_target": True},
        {},
    ],
)
def test_every_key_of_generated_and_own_data_has_a_french_name(own, options):
    from dataclasses import replace

    for source in (Fleet(n_machines=24, **options), replace(own, **(options | {"max_groups": None}))):
        missing = set(keys_of(source.read(0).description)) - KEYS_FR.keys()
        assert not missing


@pytest.mark.parametrize("options", [{"max_groups": 20}, {"fold": 1, "shuffle_target": True}])
def test_every_key_of_public_data_has_a_french_name(mirror, options):
    assert not set(keys_of(Cmapss(**options).read(0).description)) - KEYS_FR.keys()


def test_nothing_is_hidden_but_what_is_empty():
    description = {"a": True, "b": 0, "c": False, "d": None, "e": [], "f": "", "g": {"en": "x", "fr": "y"}}
    assert data_rows(description, "fr") == [("a", "oui"), ("b", "0"), ("c", "non"), ("g", "y")]

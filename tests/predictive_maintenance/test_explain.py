"""Explanations: what pulls, since when, in both languages."""

from __future__ import annotations

import numpy as np

from predictive_maintenance.explain import Contributions, Pull, group_by_source, phrase, since_when
from usecases.contract import Text


def contributions() -> Contributions:
    values = np.zeros((10, 3))
    values[:, 0] = [
        0,
        -2,
        -20,
        -3,
        -4,
        -20,
        -25,
        -30,
        -33,
        -34,
    ]  # one early spike, then without a break from row 5
    values[:, 1] = [5] * 10
    values[:, 2] = [-8] * 10
    return Contributions(("discharge_temperature", "age", "s11"), values, np.full(10, 90.0))


def test_strongest_pull_first_and_since_the_last_time_it_held_off():
    pulls = since_when(contributions(), np.arange(100.0, 110.0))
    assert [p.name for p in pulls] == ["discharge_temperature", "s11"]
    assert pulls[0] == Pull("discharge_temperature", 34.0, 105.0)
    assert pulls[1] == Pull("s11", 8.0, 100.0, "always")


def test_a_larger_share_is_reached_later():
    assert since_when(contributions(), np.arange(100.0, 110.0), share=0.95)[0].since == 108.0


def test_small_pulls_are_left_out():
    assert [p.name for p in since_when(contributions(), np.arange(10.0), least=10.0)] == [
        "discharge_temperature"
    ]


def test_phrase_in_both_languages():
    pulls = since_when(contributions(), np.arange(103.0, 113.0))
    text = phrase(
        pulls,
        labels={"discharge_temperature": Text("discharge temperature", "température de refoulement")},
    )
    assert text.en == (
        "Discharge temperature takes 34 cycles off the expected remaining life, without a break since cycle 108; "
        "s11, 8 cycles, from the first reading on."
    )
    assert text.fr == (
        "Température de refoulement\u202f: 34 cycles de moins sur la durée de vie résiduelle attendue, sans interruption "
        "depuis le cycle 108\u202f; s11\u202f: 8 cycles de moins, dès le premier relevé."
    )


def test_units_of_time_and_singular():
    text = phrase([Pull("flow", 1.2, 40.0)], time_unit="hours")
    assert "1 hour off" in text.en
    assert "1 heure de moins sur la durée" in text.fr
    assert "depuis l’heure 40" in text.fr
    other = phrase([Pull("flow", 12.0, 40.0)], time_unit="weeks")
    assert "12 weeks" in other.en


def test_a_pull_of_the_last_row_alone_has_no_beginning():
    sudden = Contributions(("flow",), np.array([[0.0], [-1.0], [-9.0]]), np.zeros(3))
    pulls = since_when(sudden, np.array([56.0, 57.0, 58.0]))
    assert pulls == (Pull("flow", 9.0, 58.0, "now"),)
    text = phrase(pulls, time_unit="days")
    assert text.en.endswith(", at the last reading.")
    assert text.fr.endswith(", au dernier relevé.")
    assert "58" not in text.en + text.fr


def test_a_single_row_is_the_last_reading():
    alone = Contributions(("flow",), np.array([[-9.0]]), np.zeros(1))
    assert since_when(alone, np.array([1.0]))[0].span == "now"


def test_age_has_no_beginning():
    assert "since" not in phrase([Pull("age", 9.0, 2.0)]).en


def test_nothing_pulls():
    nothing = Contributions(("a",), np.ones((3, 1)), np.zeros(3))
    assert since_when(nothing, np.arange(3.0)) == ()
    assert phrase(()).en == "Nothing takes remaining life off yet."
    assert phrase(()).fr.startswith("Rien")


def test_only_the_strongest_are_told():
    pulls = [Pull(f"s{k}", 20.0 - k, 1.0) for k in range(6)]
    assert phrase(pulls, most=2).en.count("without a break") == 2


def test_grouping_keeps_the_sum():
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(3), size=8)
    values = rng.normal(size=(5, 8))
    grouped = group_by_source(values, shares, ("a", "b", "c"), np.ones(5))
    np.testing.assert_allclose(grouped.total(), 1 + values.sum(axis=1))

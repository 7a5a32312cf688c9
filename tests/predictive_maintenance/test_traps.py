"""Traps: two figures for the same work, and a sentence that is true whatever the figures are."""

import json
import re

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from predictive_maintenance import trap_words
from predictive_maintenance.traps import ChoiceOnTest, DeadSensors, RandomRows
from usecases import config, launcher, runner, trap_report
from usecases.contract import Metric
from usecases.errors import UserError
from usecases.formatting import number, typeset
from usecases.paths import HERE

SMALL = ["budget=smoke", "tracking=none", "device=cpu", "data.n_machines=16", "executor.n_jobs=1"]
TRAPS = ["test_choice", "labels", "dead_sensors", "random_rows"]
LESS = {"test_choice": ["trap.candidates=3"], "dead_sensors": ["trap.draws=3"]}


def sprung(name, *overrides, report=True):
    run = config.compose("predictive_maintenance", "rul", [f"experiment=trap_{name}", *overrides])
    return runner.execute(run, with_report=report)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """One small run of each trap, with its report in French."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("USECASES_RUNS", str(tmp_path_factory.mktemp("runs")))
        patch.setenv("USECASES_OFFLINE", "1")
        yield {name: sprung(name, *SMALL, *LESS.get(name, []), "lang=fr") for name in TRAPS}


@pytest.mark.parametrize("name", TRAPS)
def test_every_trap_leaves_two_figures_and_a_sentence(small, name):
    record = small[name].record
    assert record["status"] == "ok", record["error"]
    schema = json.loads((HERE / "result.schema.json").read_text(encoding="utf-8"))
    assert not list(Draft202012Validator(schema).iter_errors(record))
    trap = record["trap"]
    for side in ("wrong", "honest"):
        metric = trap[side]
        assert np.isfinite(metric["value"])
        assert metric["unit"] == "days"
        low, high = metric["interval"]
        assert low <= metric["value"] <= high
        assert "machines" in metric["interval_kind"]
    for lang in ("en", "fr"):
        for text in (trap["sentence"], trap["wrong_name"], trap["honest_name"]):
            assert text[lang].strip()
            assert "nan" not in text[lang].lower()
    assert not re.search(r"\d\.\d", trap["sentence"]["fr"]), "a decimal point in French"
    assert trap["sentence"]["fr"] != trap["sentence"]["en"]


@pytest.mark.parametrize("name", TRAPS)
def test_report_tells_the_trap_right_after_the_takeaways(small, name):
    result = small[name]
    page = (result.folder / "report.html").read_text(encoding="utf-8")
    assert page.index("Ce qu’il faut retenir") < page.index("Le piège") < page.index("Comparaison")
    section = page[page.index('<section class="trap">') : page.index("Comparaison")]
    assert section.count("<img") == 1
    for side in ("wrong", "honest"):
        value = f"{result.record['trap'][side]['value']:.2f}".replace(".", ",")
        assert section.count(value) >= 2, "in the sentence and in the table"


@pytest.mark.parametrize("name", TRAPS)
def test_console_tells_both_figures_and_the_sentence(small, name):
    said = []
    launcher.summarise(small[name], {"headline": "rmse_capped"}, said.append)
    trap = small[name].record["trap"]
    assert [line.split()[0] for line in said[2:4]] == ["piège", "honnête"]
    assert number(trap["wrong"]["value"], "fr") in said[2]
    assert number(trap["honest"]["value"], "fr") in said[3]
    assert typeset(trap["sentence"]["fr"], "fr") in " ".join(" ".join(said).split(" ")).replace("   ", " ")


def test_run_without_trap_says_nothing_of_it():
    run = config.compose("predictive_maintenance", "rul", [*SMALL, "method=weibull", "baselines=[]"])
    result = runner.execute(run)
    assert result.record["trap"] is None
    assert "The trap" not in (result.folder / "report.html").read_text(encoding="utf-8")


def test_same_seed_same_finding(small):
    again = sprung("dead_sensors", *SMALL, *LESS["dead_sensors"], report=False).record["trap"]
    assert again == small["dead_sensors"].record["trap"]


def test_average_over_seeds_has_the_expected_direction(small):
    """At small size; the full size is a slow test. The best on the test is below the average by construction."""
    found = {name: [small[name].record["trap"]] for name in ("labels", "dead_sensors", "random_rows")}
    for name in ("labels", "dead_sensors"):
        found[name].append(sprung(name, *SMALL, *LESS.get(name, []), "seed=1", report=False).record["trap"])
    ratios = {
        name: np.mean([t["honest"]["value"] / t["wrong"]["value"] for t in traps])
        for name, traps in found.items()
    }
    assert ratios["labels"] > 1.1
    assert ratios["dead_sensors"] > 1.1
    assert ratios["random_rows"] > 1.3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "least"), [("test_choice", 1.03), ("labels", 1.3), ("dead_sensors", 1.25), ("random_rows", 2.0)]
)
def test_effect_at_full_size_over_five_seeds(name, least):
    ratios = []
    for seed in range(5):
        record = sprung(name, "tracking=none", "device=cpu", f"seed={seed}", report=False).record
        spent = sum(t["cpu_s"] for phase, t in record["timings"].items() if "/" not in phase)
        assert spent < 60
        ratios.append(record["trap"]["honest"]["value"] / record["trap"]["wrong"]["value"])
    assert min(ratios) > 1.02
    assert np.mean(ratios) > least


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAPS)
def test_traps_on_public_data(mirror, name):
    trap = sprung(name, "tracking=none", "device=cpu", "data=cmapss", report=False).record["trap"]
    assert trap["honest"]["value"] > trap["wrong"]["value"]
    assert trap["honest"]["unit"] == "cycles"


WORDINGS = {
    "test_choice": lambda wrong, honest: trap_words.choice_on_test(wrong, honest, honest.value, 12),
    "labels": lambda wrong, honest: trap_words.label_convention(wrong, honest, 18.0, 90.0),
    "dead_sensors": lambda wrong, honest: trap_words.dead_sensors(wrong, honest, 3, 14),
    "random_rows": lambda wrong, honest: trap_words.random_rows(wrong, honest, Metric(None, "days")),
}


@pytest.mark.parametrize("name", TRAPS)
def test_sentence_says_when_the_trap_does_not_bite(name):
    same = WORDINGS[name](Metric(20.0, "days"), Metric(20.1, "days")).sentence
    assert "the trap did not bite" in same.en
    assert "le piège n'a pas mordu" in same.fr
    bites = WORDINGS[name](Metric(20.0, "days"), Metric(30.0, "days")).sentence
    assert "did not bite" not in bites.en
    assert "pas mordu" not in bites.fr


def test_validation_that_chooses_as_well_needs_no_test_set():
    found = trap_words.choice_on_test(Metric(20.0, "days"), Metric(25.0, "days"), 20.0, 12).sentence
    assert "did not bite" in found.en
    assert "pas mordu" in found.fr


@pytest.mark.parametrize("name", ["dead_sensors", "random_rows"])
def test_sentence_of_a_trap_that_helps_claims_no_harm(name):
    helped = WORDINGS[name](Metric(30.0, "days"), Metric(20.0, "days")).sentence
    assert "did not bite" in helped.en
    assert "pas mordu" in helped.fr


def test_sentence_of_labels_names_the_side_that_is_lower():
    darker = WORDINGS["labels"](Metric(30.0, "days"), Metric(20.0, "days")).sentence
    assert "higher" in darker.en
    assert "dessert" in darker.fr


@pytest.mark.parametrize("name", TRAPS)
def test_sentences_hold_at_zero(name):
    found = WORDINGS[name](Metric(0.0, "days"), Metric(0.0, "days"))
    assert "nan" not in found.sentence.en
    found = WORDINGS[name](Metric(0.0, "days"), Metric(5.0, "days"))
    assert "nan" not in found.sentence.fr


def test_trap_without_true_lives_is_told_in_one_sentence(tmp_path):
    from predictive_maintenance.data.own_template import write_template

    write_template(tmp_path / "mes données, été.csv")
    own = ["data=own", f"data.path={tmp_path / 'mes données, été.csv'}"]
    record = sprung("labels", "budget=smoke", "tracking=none", *own, report=False).record
    assert record["status"] == "failed"
    assert "type data=fleet" in record["error"]
    assert record["metrics"]["rmse_held_out"]["value"] > 0, "what was computed is kept"
    assert sprung("random_rows", "budget=smoke", "tracking=none", *own, report=False).record["trap"][
        "sentence"
    ]["en"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: ChoiceOnTest(candidates=1),
        lambda: DeadSensors(n_dead=0),
        lambda: DeadSensors(draws=0),
        lambda: RandomRows(folds=1),
    ],
)
def test_values_out_of_range_are_refused_before_any_work(make):
    with pytest.raises(UserError, match=r"type trap\.\w+="):
        make()


def test_unknown_fault_and_key_are_refused():
    with pytest.raises(UserError, match="one of missing, zero"):
        config.compose("predictive_maintenance", "rul", ["experiment=trap_dead_sensors", "trap.fault=broken"])
    with pytest.raises(UserError, match="n_deads"):
        config.compose("predictive_maintenance", "rul", ["experiment=trap_dead_sensors", "+trap.n_deads=3"])


def test_more_dead_sensors_than_there_are_kills_them_all():
    trap = sprung("dead_sensors", *SMALL, "trap.n_dead=99", "trap.draws=1", "trap.fault=missing").record[
        "trap"
    ]
    assert "14 of 14" in trap["sentence"]["en"]
    assert np.isfinite(trap["honest"]["value"])


def test_picture_is_drawn_without_an_interval():
    metric = {"value": 3.0, "unit": "days", "interval": None, "interval_kind": None, "label": None}
    name = {"en": "by $rows$", "fr": "par $lignes$"}
    trap = {"wrong": metric, "honest": metric, "wrong_name": name, "honest_name": name, "sentence": name}
    figure = trap_report.picture(trap, "fr")
    figure.canvas.draw()
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [r"par \$lignes\$"] * 2


def test_fit_that_returns_itself_keeps_what_it_learned_on_all_units():
    """The folds that calibrate the intervals must not overwrite the model of the run."""
    from predictive_maintenance.data.fleet import Fleet
    from predictive_maintenance.tasks.rul import Rul
    from usecases.contract import Budget

    class CountUnits:
        """It learns into an object that it holds, as a wrapped estimator does."""

        def __init__(self):
            self.learned = {}

        @property
        def n_units(self):
            return self.learned["n_units"]

        def fit(self, train, lives, *, cap, **shared):
            self.learned["n_units"] = train.n_units
            return self

        def predict(self, histories, rows=None):
            return np.full(histories.n_units if rows is None else len(rows), float(self.n_units))

    inputs, method = Fleet(n_machines=8).read(seed=0).inputs, CountUnits()
    outcome = Rul().solve(
        method, inputs, seed=0, budget=Budget(), device="cpu", progress=lambda items, **_: items
    )
    assert outcome.model.n_units == inputs.train.n_units
    assert method.learned == {}, "a trap fits it again, and must not disturb the model of the run"
    assert set(outcome.answer["prediction"]) == {float(min(inputs.train.n_units, inputs.cap))}

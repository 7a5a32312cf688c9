"""The report of a RUL run: hostile names, too few failures, unknown truth, lives of machines, and an honest explanation."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from predictive_maintenance import plots
from predictive_maintenance.calibration import IntervalModel
from predictive_maintenance.evaluation import evaluate_rul, held_out_figures
from predictive_maintenance.explain import Contributions
from predictive_maintenance.histories import Histories, Lives, RulInputs
from predictive_maintenance.rul_report import sections
from usecases.contract import Evaluation, Outcome, Paragraph, Picture, Problem, Table, Text
from usecases.formatting import NARROW
from usecases.report import rendered_section

FORMULA = r"$\frac{a$"  # what a user may well type, and what matplotlib refuses as mathematics


@dataclass(frozen=True)
class Shrinking:
    """A model that says cap minus age, and that its only sensor said so at the end."""

    name: str = "flow"

    def predict(self, histories: Histories, rows: np.ndarray) -> np.ndarray:
        return 50.0 - histories.time[rows]

    def contributions(self, histories: Histories, rows: np.ndarray) -> Contributions:
        pull = np.where(rows == histories.n_rows - 1, -40.0, 0.0)
        return Contributions((self.name, "age"), np.column_stack([pull, pull]), np.full(len(rows), 100.5))


@dataclass(frozen=True)
class Case:
    """A problem solved by `Shrinking`."""

    unit_names: tuple[str, ...] = ("A", "B", "C")
    groups: tuple[str, ...] = ("A", "B", "C")
    sensor: str = "flow"
    known: bool = True
    quantile: float = 1.0
    rul: tuple[float, ...] = field(default=(10.0, 20.0, 60.0))

    def sections(self):
        n, rows = len(self.unit_names), 20
        histories = Histories(
            np.repeat(np.arange(n), rows), np.tile(np.arange(1.0, rows + 1), n), np.zeros((n * rows, 1)),
            np.zeros((n * rows, 0)), self.unit_names, self.groups, (self.sensor,), time_unit="days",
        )  # fmt: skip
        inputs = RulInputs(histories, Lives(np.full(n, 20.0), np.ones(n, bool)), histories, 50.0)
        truth = {"rul": np.array(self.rul), "cap": 50.0} if self.known else None
        intervals = IntervalModel(np.array([0.0, 50.0]), np.array([5.0, 5.0]), self.quantile, 50.0, 0.9, 7)
        prediction = np.linspace(15, 40, n)
        low, high = intervals.interval(prediction)
        answer = pd.DataFrame(
            {"unit": self.unit_names, "group": self.groups, "time": 20.0, "prediction": prediction, "low": low, "high": high}
        )  # fmt: skip
        held_out = pd.DataFrame({"group": ["x", "y", "z"], "rul": [1.0, 2, 3], "prediction": [2.0, 3, 4]})
        metrics, by_group, bounds, losses = evaluate_rul(
            truth and truth["rul"], answer, cap=50.0, groups=self.groups, time_unit="days", seed=0
        )
        metrics |= held_out_figures(held_out, "days", "machines", 0)
        outcome = Outcome(answer, model=Shrinking(self.sensor), details={"intervals": intervals})
        problem = Problem(inputs, truth, np.array(self.groups))
        return sections(problem, outcome, Evaluation(metrics, by_group, bounds=bounds, losses=losses))


def said(built, kind, lang):
    """Paragraphs of the sections of a kind."""
    return [
        block.text[lang]
        for section in built
        if section.kind == kind
        for block in section.blocks
        if isinstance(block, Paragraph)
    ]


def captions(built, lang):
    return " ".join(
        block.caption[lang]
        for section in built
        for block in section.blocks
        if isinstance(block, Picture | Table) and block.caption
    )


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", [FORMULA, "$a$", r"\$x", "a" * 400, "50 % $ €"])
def test_any_name_can_be_drawn(name, lang):
    case = Case((name, "B $1$", "C"), (name, "B $1$", "C"), sensor=name)
    blocks = [block for section in case.sections() for block in rendered_section(section, lang)["blocks"]]
    pictures = [block for block in blocks if block["type"] == "picture"]
    assert len(pictures) >= 2
    assert all(picture["source"].startswith("data:image/png;base64,") for picture in pictures)


def test_a_dollar_is_shown_as_a_dollar_and_a_long_name_is_cut():
    line = np.arange(3.0)
    for name, shown in ((FORMULA, FORMULA), ("a" * 400, "a" * 39 + "…")):
        machine = plots.Trajectory(name, line, line, line, line, None)
        title = plots.trajectories([machine], "days", "en").axes[0].get_title(loc="left")
        assert title.replace(r"\$", "$") == shown
        made = plots.effects(line, [Text(name, name)], line[:, None], "days", "en")
        legend = made.axes[0].get_legend().get_texts()[0].get_text()
        assert legend.replace("\n", "").replace(r"\$", "$") == shown
        made.savefig(io.BytesIO())


@pytest.mark.parametrize("known", [True, False])
def test_too_few_failures_are_said(known):
    built = Case(known=known, quantile=float("inf")).sections()
    english, french = (" ".join(said(built, "takeaways", lang)) for lang in ("en", "fr"))
    assert "too few known failures (7; at least 9 are needed) for a 90 % interval" in english
    assert "trop peu de défaillances connues (7 ; il en faut au moins 9)" in french
    assert "0 to the cap (50 days)" in english
    for misleading in ("lower bound", "contains the true value", "between 0 and 50"):
        assert misleading not in english
    assert "borne basse" not in french
    assert "interval" not in said(built, "limits", "en")[0]
    assert "Bounds of the 90 % interval" not in captions(built, "en")
    assert "too few known failures" in captions(built, "en")


def test_without_truth_nothing_refers_to_what_is_not_there():
    known, unknown = Case().sections(), Case(known=False).sections()
    for lang, table, life in (
        ("en", "table by part", "Nobody knows yet how long your 3 running machines will last"),
        ("fr", "tableau par partie", "La durée de vie résiduelle de vos 3 machines en service n'est pas encore connue"),
    ):  # fmt: skip
        assert table in said(known, "limits", lang)[0]
        assert table not in said(unknown, "limits", lang)[0]
        assert said(unknown, "takeaways", lang)[0].startswith(life)


def test_lives_are_not_called_machines():
    built = Case(("P1-1", "P1-2", "P2-1"), ("P1", "P1", "P2")).sections()
    english, french = (said(built, "takeaways", lang) for lang in ("en", "fr"))
    assert english[0].startswith("On 3 lives of 2 machines")
    assert french[0].startswith("Sur 3 vies de 2 machines")
    assert "machine P1 (life P1-1)" in english[2]
    assert "la machine P1 (vie P1-1)" in french[2]
    assert f"Dans 0{NARROW}% des cas" in french[1]


def test_a_machine_with_one_life_is_a_machine():
    assert (
        "machine A: about 15 days left (between 10 and 20)" in said(Case().sections(), "takeaways", "en")[2]
    )


def test_a_pull_of_the_last_reading_names_no_day():
    english, french = (said(Case().sections(), "takeaways", lang)[2] for lang in ("en", "fr"))
    assert english.endswith("at the last reading.")
    assert french.endswith("au dernier relevé.")


def test_the_sum_of_contributions_is_told_with_its_base():
    built = Case().sections()
    assert (
        "Base value (100.5 days) + all contributions (−80.0 days at the last reading) = the prediction (20.5 days)"
        in (captions(built, "en"))
    )
    assert f"Valeur de base (100,5{NARROW}jours)" in captions(built, "fr")
    assert "at least half of what it takes off at the last reading" in captions(built, "en")
    assert captions(built, "fr").count("« Sans interruption depuis »") == 1


def test_captions_count_what_is_drawn():
    assert "3 test cases" in captions(Case().sections(), "en")
    alone = replace(Case(), unit_names=("A",), groups=("A",), rul=(10.0,)).sections()
    assert "1 test case." in captions(alone, "en")

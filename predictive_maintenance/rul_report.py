"""The report of a RUL run: what to remember, machines over time, errors, and why the model says so."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from predictive_maintenance import explain, plots
from predictive_maintenance.histories import Histories
from predictive_maintenance.metrics import LATE_BY
from predictive_maintenance.rul_takeaways import Pulls, reasons, takeaways, too_few
from usecases.contract import Evaluation, Outcome, Paragraph, Picture, Problem, Section, Table, Text
from usecases.formatting import unit_name, with_unit

SHOWN = 4  # machines drawn over time
URGENT = 10  # machines in the table of what to look at first
EXPLAINED = URGENT  # machines explained in words
POINTS = 60  # moments drawn of each machine
STRONGEST = 6  # contributions in the picture


def sections(problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
    """Build the sections of the report, takeaways first."""
    pulls, effects = explanations(problem, outcome)
    built = [
        takeaways(problem, outcome, evaluation, pulls),
        urgent(problem, outcome, pulls),
        over_time(problem, outcome),
    ]
    if problem.truth is not None:
        built.append(errors(problem, outcome))
    built.append(why(effects, problem.inputs.test))
    return [*built, limits(problem, outcome)]


def urgent(problem: Problem, outcome: Outcome, pulls: Pulls) -> Section:
    """List the machines with the shortest predicted life."""
    unit = problem.inputs.train.time_unit
    rows = []
    for row in outcome.answer.sort_values("prediction", kind="stable").head(URGENT).itertuples():
        reason = reasons(problem, pulls, str(row.unit), most=2)
        rows.append(
            [str(row.unit), float(row.time), float(row.prediction), float(row.low), float(row.high), reason]
        )
    columns = [
        Text("Machine", "Machine"),
        Text(f"Age ({unit})", f"Âge ({unit_name(unit, 'fr')})"),
        Text(f"Remaining life ({unit})", f"Durée de vie résiduelle ({unit_name(unit, 'fr')})"),
        Text("At least", "Au moins"),
        Text("At most", "Au plus"),
        Text("Why", "Pourquoi"),
    ]
    few = too_few(problem, outcome) or Text(
        "Bounds of the 90 % interval.", "Bornes de l'intervalle à 90\u202f%."
    )
    caption = Text(
        f"Shortest predicted life first. {few.en}",
        f"La plus courte durée prédite d'abord. {few.fr}",
    )
    return Section(
        Text("What to look at first", "À regarder d'abord"), (Table(columns, rows, caption, digits=0),)
    )


def over_time(problem: Problem, outcome: Outcome) -> Section:
    """Draw a few machines as they aged: from the most urgent to the least."""
    machines = [
        trajectory(problem, outcome, unit) for unit in spread(outcome.answer["prediction"].to_numpy(), SHOWN)
    ]
    unit = problem.inputs.train.time_unit
    drawn = {"en": "1 test case", "fr": "1 cas de test"}
    if len(machines) > 1:
        drawn = {
            "en": f"{len(machines)} test cases, from the shortest to the longest predicted life",
            "fr": f"{len(machines)} cas de test, de la plus courte à la plus longue durée prédite",
        }
    caption = Text(
        f"What would have been announced at each age, from the records up to that age only: {drawn['en']}.",
        f"Ce qui aurait été annoncé à chaque âge, avec les seuls relevés jusqu'à cet âge : {drawn['fr']}.",
    )
    draw = partial(plots.trajectories, machines, unit)
    return Section(
        Text("A few machines over time", "Quelques machines au fil du temps"), (Picture(draw, caption),)
    )


def spread(prediction: np.ndarray, n: int) -> list[int]:
    """Choose units from the shortest to the longest prediction, evenly.

    Examples
    --------
    >>> spread(np.array([30.0, 10.0, 20.0]), 2)
    [1, 0]
    """
    order = np.argsort(prediction, kind="stable")
    places = np.unique(np.linspace(0, len(order) - 1, n).round().astype(int))
    return order[places].tolist()


def trajectory(problem: Problem, outcome: Outcome, unit: int) -> plots.Trajectory:
    """Predict one test unit at moments spread over its life."""
    alone = problem.inputs.test.select([unit])
    rows = moments(alone)
    cap = problem.inputs.cap
    prediction = np.clip(outcome.model.predict(alone, rows), 0, cap)
    low, high = outcome.details["intervals"].interval(prediction)
    time = alone.time[rows]
    truth = None
    if problem.truth is not None:
        truth = np.minimum(problem.truth["rul"][unit] + alone.time[-1] - time, cap)
    return plots.Trajectory(alone.unit_names[0], time, prediction, low, high, truth)


def moments(alone: Histories) -> np.ndarray:
    """Rows of one unit that are enough to draw it, the last one included."""
    return np.unique(np.linspace(0, alone.n_rows - 1, min(POINTS, alone.n_rows)).round().astype(int))


def errors(problem: Problem, outcome: Outcome) -> Section:
    """Show every test machine, and the late predictions by name."""
    rul, unit, cap = problem.truth["rul"], problem.inputs.train.time_unit, problem.inputs.cap
    table = pd.DataFrame(
        {
            "unit": outcome.answer["unit"],
            "rul": np.minimum(rul, cap),
            "prediction": outcome.answer["prediction"],
        }
    )
    table["late"] = table["prediction"] - table["rul"]
    worst = table[table["late"] > LATE_BY].sort_values("late", ascending=False).head(URGENT)
    draw = partial(plots.predicted_against_true, rul, table["prediction"].to_numpy(), cap, LATE_BY, unit)
    caption = Text(
        "One point for each test case. Below the line the machine lasts longer than said; triangles fail well before.",
        "Un point par cas de test. Sous la ligne, la machine tient plus longtemps qu'annoncé ; les triangles tombent "
        "en panne nettement avant.",
    )
    blocks: list[Any] = [Picture(draw, caption)]
    if len(worst):
        columns = [
            Text("Machine", "Machine"),
            Text(f"True ({unit})", f"Réelle ({unit_name(unit, 'fr')})"),
            Text(f"Predicted ({unit})", f"Prédite ({unit_name(unit, 'fr')})"),
            Text(f"Too late by ({unit})", f"Retard ({unit_name(unit, 'fr')})"),
        ]
        rows = [[str(r.unit), float(r.rul), float(r.prediction), float(r.late)] for r in worst.itertuples()]
        caption = Text(
            "The latest predictions, the costliest mistakes.",
            "Les prédictions les plus tardives : les erreurs qui coûtent le plus.",
        )
        blocks.append(Table(columns, rows, caption, digits=0))
    return Section(Text("Errors, machine by machine", "Les erreurs, machine par machine"), tuple(blocks))


def explanations(problem: Problem, outcome: Outcome) -> tuple[Pulls, Any]:
    """Explain the most urgent units in words, and keep the contributions of the first for a picture."""
    if not hasattr(outcome.model, "contributions"):
        return {}, None
    pulls: Pulls = {}
    picture = None
    for unit in np.argsort(outcome.answer["prediction"].to_numpy(), kind="stable")[:EXPLAINED].tolist():
        alone = problem.inputs.test.select([unit])
        rows = np.unique([*moments(alone), max(alone.n_rows - 2, 0)])  # the last two, to tell a sudden pull
        contributions = outcome.model.contributions(alone, rows)
        name = str(alone.unit_names[0])
        pulls[name] = explain.since_when(contributions, alone.time[rows])
        picture = picture or (name, alone.time[rows], contributions)
    return pulls, picture


def label_of(name: str, histories: Histories) -> Text:
    """Name a sensor, a setting or the age for people."""
    plain = name.replace("_", " ")
    return histories.sensor_labels.get(name) or (Text("age", "âge") if name == "age" else Text(plain, plain))


def why(effects: Any, test: Histories) -> Section:
    """Show which sensors speak, and since when."""
    title = Text("Why: which sensor, since when", "Pourquoi : quel capteur, depuis quand")
    if effects is None:
        text = Text(
            "This method gives no exact contributions: no explanation is shown rather than an approximate one. method=lightgbm and "
            "method=ridge explain themselves.",
            "Cette méthode ne donne pas de contributions exactes : plutôt que d'en montrer d'approchées, on n'explique pas. "
            "method=lightgbm et method=ridge s'expliquent.",
        )
        return Section(title, (Paragraph(text),))
    name, time, contributions = effects
    order = np.argsort(-np.abs(contributions.values[-1]), kind="stable")[:STRONGEST]
    names = [label_of(contributions.names[i], test) for i in order]
    draw = partial(plots.effects, time, names, contributions.values[:, order], test.time_unit)
    return Section(title, (Picture(draw, _why_caption(name, contributions, len(names), test.time_unit)),))


def _why_caption(name: str, contributions: explain.Contributions, n_shown: int, unit: str) -> Text:
    """Explain the sum at the last row, and what "since" means."""
    base, total = float(contributions.base[-1]), float(contributions.total()[-1])

    def amount(value: float, lang: str) -> str:
        return with_unit(value, unit, lang, 1)

    return Text(
        f"{name}: what each input adds to or takes off the prediction as the machine ages; the {n_shown} strongest at the last "
        f"reading are drawn. Base value ({amount(base, 'en')}) + all contributions ({amount(total - base, 'en')} at the last "
        f"reading) = the prediction ({amount(total, 'en')}), before it is limited to the range from 0 to "
        "the cap. “Without a break since” is "
        "the moment from which an input has kept taking off at least half of what it takes off at the last reading.",
        f"{name} : ce que chaque entrée ajoute à la prédiction ou en retire quand la machine vieillit ; les {n_shown} plus fortes "
        f"au dernier relevé sont tracées. Valeur de base ({amount(base, 'fr')}) + toutes les contributions "
        f"({amount(total - base, 'fr')} au dernier relevé) = la prédiction ({amount(total, 'fr')}), avant d'être ramenée entre 0 "
        "et le plafond. « Sans interruption depuis » désigne le moment à partir duquel une entrée retire toujours au moins la "
        "moitié de ce qu'elle retire au dernier relevé.",
    )


def limits(problem: Problem, outcome: Outcome) -> Section:
    """State what the figures do not promise."""
    unit, cap = problem.inputs.train.time_unit, problem.inputs.cap
    beyond = Text(
        f"Beyond {with_unit(float(cap), unit, 'en', 0)} the model only says “far from the end”: wear leaves no trace yet. ",
        f"Au-delà de {with_unit(float(cap), unit, 'fr', 0)}, le modèle dit seulement « loin de la fin » : l'usure n'a pas "
        "encore laissé de trace. ",
    )
    holds = _where_it_holds(problem) if outcome.details["intervals"].enough else Text("", "")
    other = Text(
        "A machine of another make, another use or with another fault is outside what was learned. What several sensors say "
        "together is shared out between them by a convention, and no contribution names a cause.",
        "Une machine d'une autre marque, d'un autre usage ou avec un autre défaut sort de ce qui a été appris. Ce que "
        "plusieurs capteurs disent ensemble est réparti entre eux selon une convention, et aucune contribution ne désigne une "
        "cause.",
    )
    text = Text(beyond.en + holds.en + other.en, beyond.fr + holds.fr + other.fr)
    return Section(Text("Limits", "Limites"), (Paragraph(text),), "limits")


def _where_it_holds(problem: Problem) -> Text:
    """State what the interval promises; the table of figures by part exists only where the truth is known."""
    see = Text("", "")
    if problem.truth is not None:
        see = Text(
            " (see the table by part of the test data)", " (voir le tableau par partie des données de test)"
        )
    return Text(
        "The interval is calibrated on training machines and holds on average over machines like them, not for each band of "
        f"remaining life{see.en}. ",
        "L'intervalle est calibré sur les machines d'apprentissage et vaut en moyenne pour des machines semblables, pas pour "
        f"chaque tranche de durée résiduelle{see.fr}. ",
    )

"""The report of a RUL run: what to remember, machines over time, errors, and why the model says so."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from predictive_maintenance import explain, plots
from predictive_maintenance.histories import Histories
from usecases.contract import Evaluation, Outcome, Paragraph, Picture, Problem, Section, Table, Text
from usecases.formatting import number, unit_name, with_unit

SHOWN = 4  # machines drawn over time
URGENT = 10  # machines in the table of what to look at first
EXPLAINED = URGENT  # machines explained in words
POINTS = 60  # moments drawn of each machine
LATE_BY = 10.0

Pulls = dict[str, tuple[explain.Pull, ...]]  # what takes life off a unit, by its name


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


def takeaways(problem: Problem, outcome: Outcome, evaluation: Evaluation, pulls: Pulls) -> Section:
    """Three sentences for a manager: how far off, how sure, which machine first and why."""
    unit = problem.inputs.train.time_unit
    table = outcome.answer
    first = table.sort_values("prediction", kind="stable").iloc[0]
    reason = reasons(problem, pulls, str(first["unit"]), most=1)

    def look(lang: str) -> str:
        life = with_unit(float(first["prediction"]), unit, lang, 0)
        low, high = (number(float(first[side]), lang, 0) for side in ("low", "high"))
        if lang == "fr":
            first_fr = f"À regarder d'abord : la machine {first['unit']}, à qui il resterait {life}"
            return f"{first_fr} (entre {low} et {high}). {reason.fr}".strip()
        return f"Look first at machine {first['unit']}: about {life} left (between {low} and {high}). {reason.en}".strip()

    return Section(
        Text("What to remember", "Ce qu'il faut retenir"),
        (
            Paragraph(_how_far_off(problem, evaluation, len(table))),
            Paragraph(_how_sure(problem, evaluation)),
            Paragraph(Text(look("en"), look("fr"))),
        ),
        "takeaways",
    )


def _how_far_off(problem: Problem, evaluation: Evaluation, n_units: int) -> Text:
    """State the typical error, on the test machines if their lives are known, else from training machines."""
    cap, unit = problem.inputs.cap, problem.inputs.train.time_unit
    n_machines = len(set(problem.inputs.test.groups))
    whose = Text(f"{n_machines} machines", f"{n_machines} machines")
    if n_units != n_machines:  # several lives of a machine
        whose = Text(f"{n_units} lives of {n_machines} machines", f"{n_units} vies de {n_machines} machines")
    measured = evaluation.metrics["mae_capped"].value
    held_out = evaluation.metrics["mae_held_out"].value

    def say(lang: str) -> str:
        capped = with_unit(float(cap), unit, lang, 0)
        if measured is not None:
            error = with_unit(measured, unit, lang, 1)
            if lang == "fr":
                return (
                    f"Sur {whose.fr} que le modèle n'avait jamais vues, la durée de vie résiduelle annoncée s'écarte de "
                    f"la vraie de {error} en moyenne (au-delà de {capped}, on dit seulement « {capped} ou plus »)."
                )
            return (
                f"On {whose.en} that the model had never seen, the predicted remaining life is off by {error} on "
                f"average (beyond {capped}, one only says “{capped} or more”)."
            )
        error = with_unit(held_out, unit, lang, 1)
        if lang == "fr":
            return (
                f"La vraie durée de vie de vos {n_units} machines en service n'est pas encore connue ; sur vos machines déjà "
                f"défaillantes, mises de côté tour à tour, l'écart moyen est de {error}."
            )
        return (
            f"Nobody knows yet how long your {n_units} running machines will last; on your machines that did fail, set aside "
            f"in turn, the prediction is off by {error} on average."
        )

    return Text(say("en"), say("fr"))


def _how_sure(problem: Problem, evaluation: Evaluation) -> Text:
    """State how often the interval held, and how often a failure came earlier than said."""
    unit = problem.inputs.train.time_unit
    metrics = evaluation.metrics
    covered, late, width = (metrics[name].value for name in ("coverage_90", "late_10_share", "width_90"))

    def say(lang: str) -> str:
        wide = with_unit(width, unit, lang, 0)
        if covered is None or late is None:
            if lang == "fr":
                return f"L'intervalle à 90\u202f% est large de {wide} en moyenne : planifiez avec sa borne basse, pas avec son milieu."
            return f"The 90 % interval is {wide} wide on average: plan with its lower bound, not with its middle."
        inside, after = with_unit(covered, "%", lang, 0), with_unit(late, "%", lang, 0)
        ten = with_unit(LATE_BY, unit, lang, 0)
        if lang == "fr":
            return (
                f"L'intervalle annoncé à 90\u202f% contient la vraie valeur {inside} du temps et mesure {wide} en moyenne ; "
                f"pour {after} des machines, la panne arrive plus de {ten} avant la date prédite."
            )
        return (
            f"The interval announced at 90 % holds the true value {inside} of the time and is {wide} wide on average; for "
            f"{after} of the machines the failure comes more than {ten} before the predicted date."
        )

    return Text(say("en"), say("fr"))


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
    caption = Text(
        "Shortest predicted life first; bounds of the 90 % interval.",
        "La plus courte durée prédite d'abord ; bornes de l'intervalle à 90\u202f%.",
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
    caption = Text(
        "What would have been announced at each age, from the records up to that age only. Four test machines, from the shortest "
        "to the longest predicted life.",
        "Ce qui aurait été annoncé à chaque âge, avec les seuls relevés jusqu'à cet âge. Quatre machines de test, de la plus "
        "courte à la plus longue durée prédite.",
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
        "One point for each test machine. Below the line the machine lasts longer than said; triangles fail well before.",
        "Un point par machine de test. Sous la ligne, la machine tient plus longtemps qu'annoncé ; les triangles tombent "
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
        rows = moments(alone)
        contributions = outcome.model.contributions(alone, rows)
        name = str(alone.unit_names[0])
        pulls[name] = explain.since_when(contributions, alone.time[rows])
        picture = picture or (name, alone.time[rows], contributions)
    return pulls, picture


def reasons(problem: Problem, pulls: Pulls, name: str, most: int) -> Text:
    """Say in words what takes life off a unit; nothing for a unit that was not explained."""
    if name not in pulls:
        return Text("", "")
    test = problem.inputs.test
    return explain.phrase(pulls[name], time_unit=test.time_unit, labels=test.sensor_labels, most=most)


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
    order = np.argsort(-np.abs(contributions.values[-1]), kind="stable")[:6]
    names = [label_of(contributions.names[i], test) for i in order]
    caption = Text(
        f"{name}: what each input adds to or takes off the prediction as the machine ages. "
        "The contributions add up exactly to the prediction.",
        f"{name} : ce que chaque entrée ajoute à la prédiction ou en retire quand la machine vieillit. "
        "La somme des contributions est exactement la prédiction.",
    )
    draw = partial(plots.effects, time, names, contributions.values[:, order], test.time_unit)
    return Section(title, (Picture(draw, caption),))


def limits(problem: Problem, outcome: Outcome) -> Section:
    """State what the figures do not promise."""
    unit, cap = problem.inputs.train.time_unit, problem.inputs.cap
    text = Text(
        f"Beyond {number(float(cap), 'en', 0)} {unit} the model only says “far from the end”: wear leaves no trace yet. The interval is "
        "calibrated on training machines and holds on average over machines like them, not for each band of remaining life: see the "
        "table by part of the test data. A machine of another make, another use or with another fault is outside what was learned. "
        "Contributions add up exactly to the prediction; what several sensors say together is shared out by a convention, and none "
        "of them names a cause.",
        f"Au-delà de {number(float(cap), 'fr', 0)} {unit_name(unit, 'fr')}, le modèle dit seulement « loin de la fin » : "
        "l'usure n'a pas encore "
        "laissé de trace. L'intervalle est calibré sur les machines d'apprentissage et vaut en moyenne pour des "
        "machines semblables, pas pour "
        "chaque tranche de durée résiduelle : voir le tableau par partie des données de test. Une machine d'une autre marque, d'un autre "
        "usage ou avec un autre défaut sort de ce qui a été appris. Les contributions s'additionnent exactement ; ce que "
        "plusieurs capteurs disent ensemble est réparti selon une convention, et aucune ne désigne une cause.",
    )
    return Section(Text("Limits", "Limites"), (Paragraph(text),), "limits")

"""The report of `routing`, in both languages: takeaways, map, couriers' day, figures by instance, anytime curve."""

from __future__ import annotations

from typing import Any

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan, plan_from_json
from delivery_optimization.route_map import MOST_STOPS, has_map, route_map
from delivery_optimization.routing_takeaways import takeaways
from delivery_optimization.timeline import MOST_ROUTES, timeline
from delivery_optimization.unserved import unserved_table
from usecases.charts import ACCENT, figure, localise
from usecases.contract import (
    Drawing,
    Evaluation,
    Outcome,
    Paragraph,
    Picture,
    Problem,
    Section,
    Table,
    Text,
)
from usecases.formatting import dates

MOST_ROWS = 60


def sections(problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
    """Write the chapters of the report.

    Parameters
    ----------
    problem : Problem
        Its inputs are the instances.
    outcome : Outcome
        Its answer holds one plan for each instance.
    evaluation : Evaluation
        Its losses choose the instance that is shown: the one furthest from its best known plan.

    Returns
    -------
    list of Section
    """
    instances: tuple[Instance, ...] = problem.inputs
    plans = [
        plan_from_json(instance, plan)
        for instance, plan in zip(instances, outcome.answer["plans"], strict=True)
    ]
    losses = np.asarray(evaluation.losses, dtype=float)
    furthest = problem.truth is not None and bool(np.isfinite(losses).any())
    shown = int(np.nanargmax(losses)) if furthest else 0
    chapters = [takeaways(problem, plans, evaluation)]
    chapters.append(_pictures(instances[shown], plans[shown], len(instances), furthest))
    if any(plan.unserved for plan in plans):
        chapters.append(unserved_table(instances, plans))
    if len(instances) > 1:
        chapters.append(_by_instance(problem, plans, evaluation))
    if evaluation.curves:
        chapters.append(_anytime(evaluation))
    chapters.append(_limits(instances[shown]))
    return chapters


def _pictures(instance: Instance, plan: Plan, n_instances: int, has_best: bool) -> Section:
    """Map and timeline of one instance."""
    which = Text("", "")
    if n_instances > 1:
        reason = (
            Text(
                ", the one furthest from its best known plan",
                ", celle qui est le plus loin de son meilleur plan connu",
            )
            if has_best
            else Text(", the first one", ", la première")
        )
        names = [dates(instance.name, lang) for lang in ("en", "fr")]
        which = Text(f"Shown: {names[0]}{reason.en}. ", f"Montrée : {names[1]}{reason.fr}. ")
    blocks: list[Any] = []
    if has_map(instance):
        few = sum(len(route.stops) for route in plan.routes) <= MOST_STOPS
        marks = (
            Text(
                "Circles are deliveries, hollow squares pickups, black squares depots. ",
                "Les ronds sont les livraisons, les carrés vides les enlèvements, les carrés noirs les dépôts. ",
            )
            if few
            else Text(
                "Stops are too many to be drawn. ", "Les arrêts sont trop nombreux pour être dessinés. "
            )
        )
        if plan.unserved:
            marks = Text(
                f"{marks.en}Crosses are orders not served. ",
                f"{marks.fr}Les croix sont les commandes non servies. ",
            )
        blocks.append(
            Drawing(
                lambda lang: route_map(instance, plan, lang),
                Text(
                    f"{which.en}Routes as straight lines between stops, not along streets. {marks.en}"
                    "Point at something to read it.",
                    f"{which.fr}Tournées en lignes droites entre arrêts, et non le long des rues. {marks.fr}"
                    "Pointez un élément pour le lire.",
                ),
            )
        )
    else:
        blocks.append(Paragraph(Text("No coordinates: no map.", "Pas de coordonnées : pas de carte.")))
    cut = Text("", "")
    if len(plan.routes) > MOST_ROUTES:
        cut = Text(
            f" The {MOST_ROUTES} longest of {len(plan.routes)} routes.",
            f" Les {MOST_ROUTES} plus longues de {len(plan.routes)} tournées.",
        )
    blocks.append(
        Drawing(
            lambda lang: timeline(instance, plan, lang),
            Text(
                f"{which.en}The day of each courier, from leaving the depot to coming back.{cut.en}",
                f"{which.fr}La journée de chaque livreur, du départ au retour au dépôt.{cut.fr}",
            ),
        )
    )
    return Section(Text("The routes", "Les tournées"), tuple(blocks))


def _by_instance(problem: Problem, plans: list[Plan], evaluation: Evaluation) -> Section:
    """One row for each instance, the furthest from its best known plan first."""
    instances: tuple[Instance, ...] = problem.inputs
    losses = np.asarray(evaluation.losses, dtype=float)
    gaps = problem.truth is not None and instances[0].objective == "cost"
    order = np.argsort(-losses, kind="stable") if gaps else np.arange(len(instances))
    rows: list[list[Any]] = []
    for k in order[:MOST_ROWS]:
        plan = plans[k]
        cost = check(instances[k], plan).cost
        row = [instances[k].name, instances[k].n_orders, len(plan.routes), len(plan.unserved)]
        row += [float(cost) if np.isfinite(cost) else None]
        rows.append([*row, float(losses[k]) if np.isfinite(losses[k]) else None] if gaps else row)
    columns = [
        Text("instance", "instance"),
        Text("orders", "commandes"),
        Text("vehicles", "véhicules"),
        Text("not served", "non servies"),
        Text("cost", "coût"),
    ]
    if gaps:
        columns.append(Text("gap (%)", "écart (%)"))
    return Section(Text("Instance by instance", "Instance par instance"), (Table(columns, rows, digits=2),))


def _anytime(evaluation: Evaluation) -> Section:
    """How the answer improves with processor time."""
    name, curve = next(iter(evaluation.curves.items()))
    label = (
        Text("mean gap (%)", "écart moyen (%)")
        if name == "gap_by_time"
        else Text(
            f"cost ({curve.y_unit})" if curve.y_unit else "cost",
            f"coût ({curve.y_unit})" if curve.y_unit else "coût",
        )
    )

    def draw(lang: str) -> Any:
        made, axis = figure(8.0, 3.4)
        x, y = np.asarray(curve.x, dtype=float), np.asarray(curve.y, dtype=float)
        if curve.interval is not None:
            band = np.asarray(curve.interval, dtype=float)
            axis.fill_between(x, band[:, 0], band[:, 1], color=ACCENT, alpha=0.16, lw=0)
        axis.plot(x, y, color=ACCENT, lw=2, marker="o", ms=4)
        axis.set_xlabel(
            "processor seconds per instance" if lang == "en" else "secondes de processeur par instance"
        )
        axis.set_ylabel(label[lang])
        localise(axis, lang)
        return made

    caption = Text(
        "What the method had found by then: worth knowing before giving it more time.",
        "Ce que la méthode avait trouvé à chaque instant : à regarder avant de lui donner plus de temps.",
    )
    return Section(Text("What time brings", "Ce que le temps apporte"), (Picture(draw, caption),))


ROUNDING = {
    "dimacs": Text(
        "Distances and times are truncated to one decimal (DIMACS convention): costs are not comparable with tables in double "
        "precision, where a plan may even be infeasible.",
        "Distances et durées sont tronquées à une décimale (convention DIMACS) : les coûts ne se comparent pas à ceux calculés "
        "en double précision, où un plan peut même être infaisable.",
    ),
    "double": Text(
        "Distances are not rounded: costs are not comparable with tables truncated to one decimal.",
        "Les distances ne sont pas arrondies : les coûts ne se comparent pas à ceux tronqués à une décimale.",
    ),
    "integer": Text(
        "Durations and distances are rounded to whole numbers; waiting and service cost what the vehicles’ rates say.",
        "Durées et distances sont arrondies à des nombres entiers ; attente et service coûtent ce que disent les tarifs des "
        "véhicules.",
    ),
}
OBJECTIVE = {
    "vehicles_then_distance": Text(
        "The objective is the number of vehicles first, then the distance; it is never compared with the distance alone.",
        "L’objectif est d’abord le nombre de véhicules, puis la distance ; il n’est jamais comparé à la distance seule.",
    ),
    "cost": Text(
        "The objective is the cost that the data states (for a benchmark, the distance or the driving time); the number of "
        "vehicles is free.",
        "L’objectif est le coût défini par les données (pour un banc d’essai, la distance ou le temps de trajet) ; le nombre de "
        "véhicules est libre.",
    ),
}


def _limits(instance: Instance) -> Section:
    """Conventions, in words."""
    return Section(
        Text("Limits", "Limites"),
        (Paragraph(ROUNDING[instance.convention.name]), Paragraph(OBJECTIVE[instance.objective])),
        kind="limits",
    )

"""The report of `routing`, in both languages: takeaways, map, couriers' day, figures by instance, anytime curve."""

from __future__ import annotations

from typing import Any

import numpy as np

from delivery_optimization.clock import lasting
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan, plan_from_json
from delivery_optimization.route_map import MOST_STOPS, has_map, route_map
from delivery_optimization.schedule import schedule_plan
from delivery_optimization.timeline import MOST_ROUTES, timeline
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
from usecases.formatting import decimals, number, with_unit

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
    shown = int(np.nanargmax(np.asarray(evaluation.losses, dtype=float))) if problem.truth is not None else 0
    chapters = [_takeaways(problem, plans, evaluation)]
    chapters.append(_pictures(instances[shown], plans[shown], len(instances), problem.truth is not None))
    if len(instances) > 1:
        chapters.append(_by_instance(problem, plans, evaluation))
    if evaluation.curves:
        chapters.append(_anytime(evaluation))
    chapters.append(_limits(instances[shown]))
    return chapters


def _takeaways(problem: Problem, plans: list[Plan], evaluation: Evaluation) -> Section:
    """Three sentences: what the plan is, where the day goes, what is at risk."""
    sentences = [
        _what(problem, plans, evaluation),
        _where_time_goes(problem, plans),
        _at_risk(problem, plans),
    ]
    return Section(
        Text("What to remember", "Ce qu’il faut retenir"),
        tuple(Paragraph(sentence) for sentence in sentences),
        kind="takeaways",
    )


def _what(problem: Problem, plans: list[Plan], evaluation: Evaluation) -> Text:
    """Orders, vehicles, cost; or the gap to the best known plans."""
    instances: tuple[Instance, ...] = problem.inputs
    orders = sum(instance.n_orders for instance in instances)
    served = orders - sum(len(plan.unserved) for plan in plans)
    gap = evaluation.metrics.get("gap")
    if gap is not None and gap.value is not None:
        proven = problem.truth is not None and problem.truth.get("proven")

        def say(lang: str) -> str:
            value = number(gap.value, lang, decimals(gap.value))
            n = number(len(instances), lang, 0)
            best = {
                "en": "the proven optimum" if proven else "the best plan known",
                "fr": "l’optimum prouvé" if proven else "le meilleur plan connu",
            }[lang]
            if lang == "fr":
                return f"Sur {n} instance(s), les plans coûtent en moyenne {value} % de plus que {best}."
            return f"On {n} instance(s), the plans cost on average {value}% more than {best}."

        return Text(say("en"), say("fr"))
    cost = evaluation.metrics["cost"]
    vehicles = sum(len(plan.routes) for plan in plans)

    def plain(lang: str) -> str:
        amount = with_unit(cost.value, cost.unit, lang, 0 if (cost.value or 0) >= 100 else 2)
        all_of = (
            number(served, lang, 0)
            if served == orders
            else f"{number(served, lang, 0)} / {number(orders, lang, 0)}"
        )
        used = number(vehicles, lang, 0)
        if lang == "fr":
            return f"Le plan sert {all_of} commandes avec {used} véhicules, pour {amount}."
        return f"The plan serves {all_of} orders with {used} vehicles, for {amount}."

    return Text(plain("en"), plain("fr"))


def _where_time_goes(problem: Problem, plans: list[Plan]) -> Text:
    """Shares of driving, service and waiting in the couriers' time."""
    driving = service = waiting = 0.0
    for instance, plan in zip(problem.inputs, plans, strict=True):
        for times in schedule_plan(instance, plan):
            driving += float(times.travel.sum())
            waiting += float(times.waiting[1:-1].sum())
            service += float((times.departure - times.start)[1:-1].sum())
    total = driving + service + waiting
    if total <= 0:
        return Text("No vehicle leaves.", "Aucun véhicule ne part.")
    shares = [100 * value / total for value in (driving, service, waiting)]

    def say(lang: str) -> str:
        a, b, c = (number(share, lang, 0) for share in shares)
        if lang == "fr":
            return f"Le temps des livreurs se partage en {a} % de trajet, {b} % de service aux arrêts et {c} % d’attente."
        return f"Couriers spend {a}% of their time driving, {b}% at stops and {c}% waiting."

    return Text(say("en"), say("fr"))


def _at_risk(problem: Problem, plans: list[Plan]) -> Text:
    """Orders left out, or how many stops have hardly any slack."""
    unserved = [
        instance.orders.names[order]
        for instance, plan in zip(problem.inputs, plans, strict=True)
        for order in plan.unserved
    ]
    if unserved:
        names = ", ".join(unserved[:5]) + (" …" if len(unserved) > 5 else "")
        n = len(unserved)
        return Text(
            f"{n} order(s) are not served: {names}; the limits below say why where it is known.",
            f"{n} commande(s) ne sont pas servies : {names} ; les limites, plus bas, disent pourquoi quand on le sait.",
        )
    tight, stops, slack = _tight(problem, plans)
    unit = problem.inputs[0].time_unit
    percent = 100 * tight / max(stops, 1)

    def say(lang: str) -> str:
        share, margin = number(percent, lang, 0), lasting(slack, unit, lang)
        if lang == "fr":
            return (
                f"Le plan est nominal : à {share} % des arrêts il reste moins de {margin} avant la fermeture de la fenêtre ; "
                "la tâche robustness dit ce qu’il vaut quand la journée se passe autrement."
            )
        return (
            f"The plan is nominal: at {share}% of the stops less than {margin} is left before the window closes; "
            "the task robustness tells what it is worth when the day goes otherwise."
        )

    return Text(say("en"), say("fr"))


def _tight(problem: Problem, plans: list[Plan]) -> tuple[int, int, float]:
    """Stops that begin within a small time of the end of their window, all stops, and that time."""
    unit = problem.inputs[0].time_unit
    horizon = max(
        (v.closes for i in problem.inputs for v in i.vehicles if np.isfinite(v.closes)), default=100.0
    )
    slack = {"s": 600.0, "min": 10.0, "h": 1 / 6}.get(unit, round(horizon / 50, 1))
    tight = stops = 0
    for instance, plan in zip(problem.inputs, plans, strict=True):
        for times in schedule_plan(instance, plan):
            for position, stop in enumerate(times.route.stops, start=1):
                if stop >= 0:
                    stops += 1
                    tight += bool(instance.stop_closes[stop] - times.start[position] < slack)
    return tight, stops, slack


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
        which = Text(f"Shown: {instance.name}{reason.en}. ", f"Montrée : {instance.name}{reason.fr}. ")
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
        blocks.append(
            Drawing(
                lambda lang: route_map(instance, plan, lang),
                Text(
                    f"{which.en}Routes as straight lines between stops, not along streets. {marks.en}Point at something to read it.",
                    f"{which.fr}Tournées en lignes droites entre arrêts, et non le long des rues. {marks.fr}Pointez un élément pour le lire.",
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
    """One row for each instance."""
    best = problem.truth["best_known"] if problem.truth is not None else None
    instances: tuple[Instance, ...] = problem.inputs
    losses = np.asarray(evaluation.losses, dtype=float)
    order = np.argsort(-losses, kind="stable") if best is not None else np.arange(len(instances))
    rows = []
    for k in order[:MOST_ROWS]:
        cost = float(best[k] * (1 + losses[k] / 100)) if best is not None else float(losses[k])
        row: list[Any] = [instances[k].name, float(instances[k].n_orders), float(len(plans[k].routes)), cost]
        rows.append([*row, float(losses[k])] if best is not None else row)
    columns = [
        Text("instance", "instance"),
        Text("orders", "commandes"),
        Text("vehicles", "véhicules"),
        Text("cost", "coût"),
    ]
    if best is not None:
        columns.append(Text("gap (%)", "écart (%)"))
    rows = [[row[0], int(row[1]), int(row[2]), *row[3:]] for row in rows]
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


def _limits(instance: Instance) -> Section:
    """Conventions, in words."""
    rounding = {
        "dimacs": Text(
            "Distances and times are truncated to one decimal (DIMACS convention): costs are not comparable with tables in double precision, and a plan may be infeasible there.",
            "Distances et durées sont tronquées à une décimale (convention DIMACS) : les coûts ne se comparent pas à ceux calculés en double précision, où un plan peut être infaisable.",
        ),
        "double": Text(
            "Distances are not rounded: costs are not comparable with tables truncated to one decimal.",
            "Les distances ne sont pas arrondies : les coûts ne se comparent pas à ceux tronqués à une décimale.",
        ),
        "integer": Text(
            "Durations and distances are those of the table given; waiting and service cost what the vehicles' rates say.",
            "Durées et distances sont celles de la table fournie ; attente et service coûtent ce que disent les tarifs des véhicules.",
        ),
    }[instance.convention.name]
    goal = (
        Text(
            "The objective is the number of vehicles first, then the distance; it is never compared with the distance alone.",
            "L’objectif est d’abord le nombre de véhicules, puis la distance ; il n’est jamais comparé à la distance seule.",
        )
        if instance.objective == "vehicles_then_distance"
        else Text(
            "The objective is the cost stated by the data (for a benchmark, the distance or the driving time); the number of vehicles is free.",
            "L’objectif est le coût défini par les données (pour un banc d’essai, la distance ou le temps de trajet) ; le nombre de véhicules est libre.",
        )
    )
    return Section(Text("Limits", "Limites"), (Paragraph(rounding), Paragraph(goal)), kind="limits")

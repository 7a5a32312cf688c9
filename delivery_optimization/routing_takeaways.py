"""What to remember of a routing run, in three sentences for a manager: the plan, where the day goes, what is at risk."""

from __future__ import annotations

import numpy as np

from delivery_optimization.clock import lasting
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from delivery_optimization.schedule import schedule_plan
from usecases.contract import Evaluation, Paragraph, Problem, Section, Text
from usecases.formatting import decimals, number, with_unit


def takeaways(problem: Problem, plans: list[Plan], evaluation: Evaluation) -> Section:
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
            value = number(gap.value, lang, decimals(gap.value, "%"))
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

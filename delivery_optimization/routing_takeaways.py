"""What to remember of a routing run, in three sentences for a manager: the plan, where the day goes, what is at risk."""

from __future__ import annotations

import numpy as np

from delivery_optimization.checker import check
from delivery_optimization.clock import lasting
from delivery_optimization.diagnosis_words import counted, say
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from delivery_optimization.schedule import schedule_plan
from delivery_optimization.violation_words import violation_text
from usecases.contract import Evaluation, Paragraph, Problem, Section, Text
from usecases.formatting import decimals, number, with_unit

ORDERS = Text("order", "commande"), Text("orders", "commandes")
VEHICLES = Text("vehicle", "véhicule"), Text("vehicles", "véhicules")
INSTANCES = Text("instance", "instance"), Text("instances", "instances")
DAYS = Text("day", "jour"), Text("days", "jours")
VIOLATIONS = Text("violation", "violation"), Text("violations", "violations")
REACHED = 0.005  # % above the best known that are shown as 0


def takeaways(problem: Problem, plans: list[Plan], evaluation: Evaluation) -> Section:
    """Three sentences: what the plan is, where the day goes, what is at risk."""
    sentences = [
        _not_valid(problem, plans, evaluation) or _what(problem, plans, evaluation),
        _where_time_goes(problem, plans),
        _at_risk(problem, plans, evaluation),
    ]
    return Section(
        Text("What to remember", "Ce qu’il faut retenir"),
        tuple(Paragraph(sentence) for sentence in sentences),
        kind="takeaways",
    )


def _not_valid(problem: Problem, plans: list[Plan], evaluation: Evaluation) -> Text | None:
    """How many things are wrong with a plan, and the first of them; None for plans that the checker accepts."""
    if "violations" not in evaluation.metrics:
        return None
    found = [(i, check(i, plan).wrong) for i, plan in zip(problem.inputs, plans, strict=True)]
    refused = [(instance, wrong) for instance, wrong in found if wrong]
    instance, first = refused[0][0], refused[0][1][0]
    said = {
        "what": violation_text(instance, first),
        "n": counted(sum(len(wrong) for _, wrong in refused), *VIOLATIONS),
    }
    if len(plans) == 1:
        return say(
            "The plan is not valid, so it has no cost: {n}, the first being that {what}.",
            "Le plan n'est pas valable et n'a donc pas de coût : {n} ; pour commencer, {what}.",
            **said,
        )
    return say(
        "Of {all} plans, {bad} {are} not valid and {have} no cost: {n}, the first being that on {name} {what}.",
        "Sur {all} plans, {bad} {sont} et n'{ont} pas de coût : {n} ; pour commencer, sur {name}, {what}.",
        bad=len(refused), all=len(plans), name=instance.name, **said,
        are="is" if len(refused) == 1 else "are", have="has" if len(refused) == 1 else "have",
        sont="n'est pas valable" if len(refused) == 1 else "ne sont pas valables", ont="a" if len(refused) == 1 else "ont",
    )  # fmt: skip


def _what(problem: Problem, plans: list[Plan], evaluation: Evaluation) -> Text:
    """Orders, vehicles, cost; or the gap to the best known plans."""
    gap = evaluation.metrics.get("gap")
    if gap is not None and gap.value is not None:
        proven = problem.truth is not None and bool(problem.truth.get("proven"))
        return _against_best(float(gap.value), len(plans), proven)
    instances: tuple[Instance, ...] = problem.inputs
    n = len(instances)
    orders = sum(instance.n_orders for instance in instances)
    served = orders - sum(len(plan.unserved) for plan in plans)
    vehicles = sum(len(plan.routes) for plan in plans)
    cost = evaluation.metrics["cost"]
    amount = _amount(instances[0], cost.value, n)
    if n == 1:
        return say(
            "The plan serves {orders} with {vehicles}, for {amount}.",
            "Le plan sert {orders} avec {vehicles}, pour {amount}.",
            orders=_of(served, orders), vehicles=counted(vehicles, *VEHICLES), amount=amount,
        )  # fmt: skip
    return say(
        "On average over {n}, a plan serves {orders} with {vehicles}, for {amount}.",
        "En moyenne sur {n}, un plan sert {orders} avec {vehicles}, pour {amount}.",
        n=counted(n, *(DAYS if problem.truth is None else INSTANCES)),
        orders=_of(served, orders, n), vehicles=_mean(vehicles, n, *VEHICLES), amount=amount,
    )  # fmt: skip


def _against_best(gap: float, n: int, proven: bool) -> Text:
    """How much more than the best known plans."""
    best = (
        Text("the proven optimum", "l’optimum prouvé")
        if proven
        else Text("the best plan known", "le meilleur plan connu")
    )
    if abs(gap) < REACHED:
        if n == 1:
            reached = ("The plan reaches {best}.", "Le plan atteint {best}.")
            if not proven:
                reached = ("The plan costs as much as {best}.", "Le plan coûte autant que {best}.")
            return say(*reached, best=best)
        return say(
            "On average over {n}, the plans cost as much as {best}.",
            "En moyenne sur {n}, les plans coûtent autant que {best}.",
            n=counted(n, *INSTANCES), best=best,
        )  # fmt: skip
    value = _percent(abs(gap), decimals(abs(gap), "%"))
    than = Text("less", "de moins") if gap < 0 else Text("more", "de plus")
    if n == 1:
        return say(
            "The plan costs {value} {than} than {best}.",
            "Le plan coûte {value} {than} que {best}.",
            value=value, than=than, best=best,
        )  # fmt: skip
    return say(
        "On average over {n}, the plans cost {value} {than} than {best}.",
        "En moyenne sur {n}, les plans coûtent {value} {than} que {best}.",
        n=counted(n, *INSTANCES), value=value, than=than, best=best,
    )  # fmt: skip


def _of(served: int, orders: int, n: int = 1) -> Text:
    """Orders served by a plan, of how many where some are not: on average over n plans."""
    all_of = _mean(orders, n, *ORDERS)
    if served == orders:
        return all_of
    few = _mean(served, n)
    return say("{few} of {all_of}", "{few} des {all_of}", few=few, all_of=all_of)


def _mean(total: int, n: int, one: Text | None = None, many: Text | None = None) -> Text:
    """A mean number (of things), whole where it is."""
    mean, digits = total / n, int(total % n > 0)
    shown = Text(*(number(mean, lang, digits) for lang in ("en", "fr")))
    if one is None or many is None:
        return shown
    return Text(
        f"{shown.en} {(one if mean == 1 else many).en}", f"{shown.fr} {(one if mean < 2 else many).fr}"
    )


def _amount(instance: Instance, cost: float | None, n: int) -> Text:
    """Cost of one plan, with its unit; benchmarks count in units of distance."""
    if cost is None:
        return Text("a cost that was not measured", "un coût non mesuré")
    mean = cost / n
    digits = 0 if mean >= 100 else 2
    if instance.cost_unit:
        return Text(*(with_unit(mean, instance.cost_unit, lang, digits) for lang in ("en", "fr")))
    return say(
        "a cost of {value} (in the data's own unit)",
        "un coût de {value} (dans l'unité des données)",
        value=Text(*(number(mean, lang, digits) for lang in ("en", "fr"))),
    )


def _percent(value: float, digits: int = 0) -> Text:
    return Text(f"{number(value, 'en', digits)}%", f"{number(value, 'fr', digits)}\u202f%")


def _where_time_goes(problem: Problem, plans: list[Plan]) -> Text:
    """Shares of driving, service and waiting in the couriers' time, breaks aside."""
    driving = service = waiting = 0.0
    for instance, plan in zip(problem.inputs, plans, strict=True):
        for times in schedule_plan(instance, plan):
            at_stop = np.array(times.route.stops, dtype=int) >= 0
            driving += float(times.travel.sum())
            waiting += float(times.waiting[1:-1][at_stop].sum())
            service += float((times.departure - times.start)[1:-1][at_stop].sum())
    total = driving + service + waiting
    if total <= 0:
        return Text("No vehicle leaves.", "Aucun véhicule ne part.")
    a, b, c = (_percent(100 * value / total) for value in (driving, service, waiting))
    return say(
        "Couriers spend {a} of their time driving, {b} at stops and {c} waiting.",
        "Le temps des livreurs se partage en {a} de trajet, {b} de service aux arrêts et {c} d'attente.",
        a=a, b=b, c=c,
    )  # fmt: skip


def _at_risk(problem: Problem, plans: list[Plan], evaluation: Evaluation) -> Text:
    """Orders left out, stops that are late, those with hardly any slack, and what rush hours do to the plan."""
    unserved = sum(len(plan.unserved) for plan in plans)
    said = []
    if unserved:
        said.append(
            say(
                "{n} {are} not served: the table of orders not served names them and says why where it is known; such a plan's "
                "cost does not compare with that of a plan that serves others.",
                "{n} {are} : le tableau des commandes non servies les nomme et dit pourquoi quand on le sait ; le coût d'un "
                "tel plan ne se compare pas à celui d'un plan qui en sert d'autres.",
                n=counted(unserved, *ORDERS),
                are=Text("is", "n’est pas servie")
                if unserved == 1
                else Text("are", "ne sont pas servies"),
            )
        )  # fmt: skip
    late, tight, stops, slack = _tight(problem, plans)
    if late:
        said.append(
            say(
                "At {late} of the stops service begins after the window has closed.",
                "À {late} des arrêts, le service commence après la fermeture de la fenêtre.",
                late=_percent(100 * late / max(stops, 1)),
            )
        )
    rush = evaluation.metrics.get("late_share_rush_hours")
    if rush is not None and rush.value:
        said.append(
            say(
                "At the speeds of the day, rush hours included, {share} of the orders would be late: the comparison below shows "
                "how the baselines fare.",
                "Aux vitesses de la journée, heures de pointe comprises, {share} des commandes seraient en retard : la comparaison, "
                "plus bas, montre ce qu'il en est des références.",
                share=_percent(float(rush.value), decimals(float(rush.value), "%")),
            )
        )
    if not unserved and "violations" not in evaluation.metrics:
        unit = problem.inputs[0].time_unit
        said.append(
            say(
                "The plan is nominal: at {share} of the stops less than {margin} is left before the window closes; "
                "the task robustness tells what it is worth when the day goes otherwise.",
                "Le plan est nominal : à {share} des arrêts il reste moins de {margin} avant la fermeture de la fenêtre ; "
                "la tâche robustness dit ce qu'il vaut quand la journée se passe autrement.",
                share=_percent(100 * tight / max(stops, 1)),
                margin=Text(*(lasting(slack, unit, lang) for lang in ("en", "fr"))),
            )
        )
    if not said:
        said.append(Text("No stop is late.", "Aucun arrêt n’est en retard."))
    return Text(" ".join(text.en for text in said), " ".join(text.fr for text in said))


def _tight(problem: Problem, plans: list[Plan]) -> tuple[int, int, int, float]:
    """Stops that begin late, those within a small time of the end of their window, all stops, and that time."""
    unit = problem.inputs[0].time_unit
    horizon = max(
        (v.closes for i in problem.inputs for v in i.vehicles if np.isfinite(v.closes)), default=100.0
    )
    slack = {"s": 600.0, "min": 10.0, "h": 1 / 6}.get(unit, round(horizon / 50, 1))
    late = tight = stops = 0
    for instance, plan in zip(problem.inputs, plans, strict=True):
        for times in schedule_plan(instance, plan):
            for position, stop in enumerate(times.route.stops, start=1):
                if stop < 0:
                    continue
                stops += 1
                if times.late[position] > 1e-6:
                    late += 1
                else:
                    tight += bool(instance.stop_closes[stop] - times.start[position] < slack)
    return late, tight, stops, slack

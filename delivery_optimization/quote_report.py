"""The report of `quote`, in both languages: takeaways, prices of the slots of one order, moves, times, days."""

from __future__ import annotations

from typing import Any

import numpy as np

from delivery_optimization.clock import hours
from delivery_optimization.live.environment import RETIMED, QuoteDay
from usecases.charts import ACCENT, GOOD, LINE, SOFT, figure, localise
from usecases.contract import Evaluation, Outcome, Paragraph, Picture, Problem, Section, Table, Text
from usecases.formatting import decimals, number, with_unit

MOST_DAYS = 60


def sections(problem: Problem, outcome: Outcome, evaluation: Evaluation) -> list[Section]:
    """Write the chapters of the report.

    Parameters
    ----------
    problem : Problem
        Its truth holds the days.
    outcome : Outcome
        Its answer holds the environment's record of each day.
    evaluation : Evaluation
        The figures.

    Returns
    -------
    list of Section
    """
    days = outcome.answer["days"]
    chapters = [_takeaways(outcome, evaluation)]
    shown = next(((day, r) for day, r in zip(problem.truth, days, strict=True) if r["example"]), None)
    if shown is not None:
        chapters.append(_prices(*shown))
    chapters.append(_moves(days))
    if outcome.details["prices"]:
        chapters.append(_stability(outcome.details["prices"], problem.inputs[0].cost_unit))
    chapters += [
        _times(outcome, len(problem.truth[0].slots)),
        _by_day(days, problem.inputs[0].cost_unit),
        _limits(),
    ]
    return chapters


def _takeaways(outcome: Outcome, evaluation: Evaluation) -> Section:
    """What it costs, what customers got, whom it upset."""
    figures = evaluation.metrics

    def say(name: str, lang: str) -> str:
        metric = figures[name]
        whole = metric.unit == "%" and metric.value in (0.0, 100.0)
        return with_unit(metric.value, metric.unit, lang, 0 if whole else decimals(metric.value, metric.unit))

    broken = int(figures["promises_broken"].value or 0)
    sentences = (
        Text(
            f"An order costs {say('cost_per_order', 'en')} to deliver; {_hindsight(figures['gap_to_hindsight'].value, 'en')}.",
            f"Livrer une commande coûte {say('cost_per_order', 'fr')} ; {_hindsight(figures['gap_to_hindsight'].value, 'fr')}.",
        ),
        Text(
            f"{say('accepted_share', 'en')} of the customers found a slot that suited them, {say('first_wish_share', 'en')} "
            f"of these the one they wished most, and {_broken(broken, 'en')}.",
            f"{say('accepted_share', 'fr')} des clients ont trouvé un créneau qui leur convenait, "
            f"{say('first_wish_share', 'fr')} d’entre eux celui qu’ils préféraient, et {_broken(broken, 'fr')}.",
        ),
        Text(
            f"Over the day, {say('moved_in_day', 'en')} of the orders changed courier at least once (an acceptance moves "
            f"{say('moved_share', 'en')} of the others on average), and the planned time of {say('retimed', 'en')} moved by "
            f"more than {RETIMED:.0f} minutes.",
            f"Sur la journée, {say('moved_in_day', 'fr')} des commandes ont changé au moins une fois de livreur (une "
            f"acceptation déplace en moyenne {say('moved_share', 'fr')} des autres), et l’heure prévue de "
            f"{say('retimed', 'fr')} a bougé de plus de {RETIMED:.0f} minutes.",
        ),
    )
    return Section(
        Text("What to remember", "Ce qu’il faut retenir"), tuple(map(Paragraph, sentences)), kind="takeaways"
    )


def _hindsight(gap: float | None, lang: str) -> str:
    """How much less the plan in hindsight costs, if one was found."""
    french = lang == "fr"
    if gap is None:
        return (
            "aucun plan a posteriori n’a été trouvé pour comparer"
            if french
            else "no plan in hindsight was found to compare with"
        )
    less = 100 * (1 - 1 / (1 + gap / 100))
    amount = with_unit(less, "%", lang, decimals(less, "%"))
    if french:
        return f"replanifier les mêmes commandes, toutes connues à l’avance, coûterait {amount} de moins"
    return f"planning the same orders anew, all known in advance, would cost {amount} less"


def _broken(broken: int, lang: str) -> str:
    if lang == "fr":
        return (
            "aucune promesse n’a été rompue"
            if not broken
            else f"{number(broken, lang)} {'promesse a été rompue' if broken == 1 else 'promesses ont été rompues'}"
        )
    said = "promise was broken" if broken == 1 else "promises were broken"
    return f"{number(broken, lang) if broken else 'no'} {said if broken else 'promise was broken'}"


def _prices(day: QuoteDay, record: dict[str, Any]) -> Section:
    """Twelve bars: what one order would have cost in each slot."""
    example, fleet = record["example"], day.fleet
    costs = np.array([np.nan if cost is None else cost for cost in example["costs"]], dtype=float)

    def draw(lang: str) -> Any:
        made, axis = figure(9.0, 3.6)
        x = np.arange(len(costs))
        top = float(np.nanmax(np.append(costs, 0.0))) or 1.0
        closed = np.isnan(costs)
        colours = [GOOD if slot == example["taken"] else ACCENT for slot in x]
        axis.bar(
            x[~closed], costs[~closed], color=[c for c, no in zip(colours, closed, strict=True) if not no]
        )
        axis.bar(x[closed], np.full(closed.sum(), top), color="none", edgecolor=LINE, hatch="//", linewidth=0)
        for slot in example["wishes"]:
            colour = SOFT if closed[slot] else "white"
            axis.annotate("★", (slot, 0), ha="center", va="bottom", color=colour, fontsize=11)
        axis.set_xticks(x, [hours(float(opens), fleet.time_unit, lang, fleet.day) for opens, _ in day.slots])
        unit = f" ({fleet.cost_unit})" if fleet.cost_unit else ""
        axis.set_ylabel(f"{'coût en plus' if lang == 'fr' else 'added cost'}{unit}")
        axis.set_xlabel("début du créneau" if lang == "fr" else "slot begins")
        axis.yaxis.set_major_formatter(lambda value, _: number(float(value), lang, 0 if top >= 10 else 2))
        return made

    caption = Text(
        f"Order {example['order']}: what the plan would cost more with it in each slot. Green: the slot taken; stars: the slots "
        "that the customer would take; hatched: no courier can be on time.",
        f"Commande {example['order']} : ce que le plan coûterait en plus, par créneau. En vert : le créneau pris ; étoiles : les "
        "créneaux que le client accepterait ; hachures : aucun livreur ne peut être à l’heure.",
    )
    return Section(Text("The slots of one order", "Les créneaux d’une commande"), (Picture(draw, caption),))


def _moves(days: list[dict[str, Any]]) -> Section:
    """How many other orders each acceptance moved."""
    moved = np.array([n for record in days for n in record["moved"]], dtype=int)

    def draw(lang: str) -> Any:
        from matplotlib.ticker import MaxNLocator

        made, axis = figure(8.0, 3.2)
        counts = np.bincount(moved) if len(moved) else np.zeros(1)
        axis.bar(np.arange(len(counts)), 100 * counts / max(len(moved), 1), color=ACCENT)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.set_xlabel("autres commandes déplacées" if lang == "fr" else "other orders moved")
        axis.set_ylabel("part des acceptations (%)" if lang == "fr" else "share of acceptances (%)")
        localise(axis, lang)
        return made

    caption = Text(
        "Orders that another courier delivers after an acceptance: each is a call, a parcel to find again, or a habit lost.",
        "Commandes qu’un autre livreur livre après une acceptation : autant d’appels, de colis à retrouver, d’habitudes perdues.",
    )
    return Section(Text("Who is moved", "Qui est déplacé"), (Picture(draw, caption),))


def _stability(points: list[tuple[float, float, float]], unit: str) -> Section:
    """Cost of an order against the orders moved, one point for each price of a move."""
    prices, costs, moved = np.array(sorted(points)).T

    def draw(lang: str) -> Any:
        made, axis = figure(8.0, 4.0)
        axis.scatter(moved, costs, color=ACCENT)
        for price, x, y in zip(prices, moved, costs, strict=True):
            shown = f"{price:g}".replace(".", "," if lang == "fr" else ".")
            axis.annotate(shown, (x, y), textcoords="offset points", xytext=(6, 6))
        axis.set_xlabel(
            "commandes déplacées par une acceptation (%)"
            if lang == "fr"
            else "orders moved by an acceptance (%)"
        )
        paid = f" ({unit})" if unit else ""
        axis.set_ylabel(f"{'coût par commande' if lang == 'fr' else 'cost of an order'}{paid}")
        axis.margins(0.12)
        localise(axis, lang)
        return made

    caption = Text(
        "The first day at other prices of a move (price_of_move, beside each point, in mean costs of an order): to the left, "
        "couriers keep their orders; below, the plan is cheaper. One day tells the shape, not the best price.",
        "Le premier jour à d’autres prix du déplacement (price_of_move, à côté de chaque point, en coûts moyens d’une commande) : "
        "à gauche, les livreurs gardent leurs commandes ; en bas, le plan coûte moins. Un seul jour montre la forme, pas le "
        "meilleur prix.",
    )
    return Section(Text("Cost against stability", "Coût contre stabilité"), (Picture(draw, caption),))


def _times(outcome: Outcome, n_slots: int) -> Section:
    """How fast a quote and an acceptance are."""
    names = {
        "quote": Text(f"quote of {n_slots} slots", f"devis de {n_slots} créneaux"),
        "confirm": Text(
            "acceptance, with re-optimisation if any", "acceptation, avec réoptimisation éventuelle"
        ),
    }
    rows = [
        [names[kind], times["n"], times["p50_ms"], times["p99_ms"], times["max_ms"]]
        for kind, times in outcome.details["times"].items()
    ]
    columns = [Text("decision", "décision"), Text("number", "nombre")]
    columns += [
        Text(f"{name} (ms)", f"{french} (ms)")
        for name, french in (("p50", "p50"), ("p99", "p99"), ("longest", "plus long"))
    ]
    caption = Text("Processor time of each decision.", "Temps de processeur de chaque décision.")
    return Section(Text("How fast", "À quelle vitesse"), (Table(columns, rows, caption),))


def _by_day(days: list[dict[str, Any]], unit: str) -> Section:
    """One row for each day."""
    rows = [
        [
            record["name"],
            record["requests"],
            len(record["accepted"]),
            record["cost"] / len(record["accepted"]) if record["accepted"] else None,
            100 * record["moved_share"],
            100 * len(record["ever_moved"]) / max(len(record["accepted"]), 1),
            100 * len(record["retimed"]) / max(len(record["accepted"]), 1),
            len(record["broken"]),
        ]
        for record in days[:MOST_DAYS]
    ]
    paid = f" ({unit})" if unit else ""
    columns = [
        Text("day", "jour"),
        Text("requests", "demandes"),
        Text("accepted", "acceptées"),
        Text(f"cost of an order{paid}", f"coût par commande{paid}"),
        Text("moved by an acceptance (%)", "déplacées par une acceptation (%)"),
        Text("changed courier in the day (%)", "ayant changé de livreur (%)"),
        Text(f"time moved by over {RETIMED:.0f} min (%)", f"heure déplacée de plus de {RETIMED:.0f} min (%)"),
        Text("promises broken", "promesses non tenues"),
    ]
    return Section(Text("Day by day", "Jour par jour"), (Table(columns, rows),))


def _limits() -> Section:
    """What the simulation assumes."""
    texts = (
        Text(
            "Customers take the first of up to three neighbouring slots that fits, whatever it costs: how people react to prices "
            "is not simulated here.",
            "Les clients prennent le premier de trois créneaux voisins au plus qui convient, quel qu’en soit le coût : la réaction "
            "aux prix n’est pas simulée ici.",
        ),
        Text(
            "A courier leaves as late as the plan allows and drives on at once after each stop; a stop that is under way is never "
            "changed. Times are nominal: the task robustness tells what they are worth.",
            "Un livreur part aussi tard que le plan le permet et repart aussitôt après chaque arrêt ; un arrêt vers lequel il roule "
            "n’est jamais changé. Les durées sont nominales : la tâche robustness dit ce qu’elles valent.",
        ),
        Text(
            "The travel table holds the addresses of the whole day, as an address book does; no method of this package looks at "
            "an address before its order comes. Policies that accept other orders have other costs: read both figures together.",
            "La table de trajets contient les adresses de toute la journée, comme un carnet d’adresses ; aucune méthode de ce "
            "paquet ne regarde une adresse avant sa commande. Des politiques qui acceptent d’autres commandes ont d’autres "
            "coûts : lisez les deux chiffres ensemble.",
        ),
    )
    return Section(Text("Limits", "Limites"), tuple(map(Paragraph, texts)), kind="limits")

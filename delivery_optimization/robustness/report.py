"""The report of `robustness`, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from delivery_optimization.clock import in_minutes
from delivery_optimization.plan import Plan
from delivery_optimization.robustness.monte_carlo import Simulation
from delivery_optimization.robustness.scores import PER_ORDER, run_days, true_instance
from delivery_optimization.robustness.source import Truth
from delivery_optimization.robustness.weak import WeakStop, weak_stops
from delivery_optimization.route_map import has_map, route_map
from usecases.contract import Drawing, Evaluation, Paragraph, Picture, Problem, Section, Table, Text
from usecases.formatting import dates, number, with_unit

NOISE = 1.0  # % of the cost by which two searches for the same plan differ
NO_PRICE = Text(
    "no more than about 1 % by which two searches differ, so no price of reliability can be told",
    "pas plus que le 1\u202f% environ dont deux recherches diffèrent, donc aucun prix de la fiabilité ne se voit",
)
PRICE = {
    True: Text(
        "that is the price of its reliability, give or take about 1 % by which two searches differ",
        "c’est le prix de sa fiabilité, à environ 1\u202f% près, dont deux recherches diffèrent",
    ),
    False: Text("and it is not on time more often", "et il n’est pas plus souvent à l’heure"),
}
LATENESS = "lateness_of_late_orders"


def sections(problem: Problem, plans: Sequence[Plan], evaluation: Evaluation) -> list[Section]:
    """Takeaways, cost against reliability, weak stops, lateness, limits.

    Parameters
    ----------
    problem : Problem
        Of the task.
    plans : sequence of Plan
        One for each mission.
    evaluation : Evaluation
        Its figures.

    Returns
    -------
    list of Section
    """
    truth: Truth | None = None if problem.truth is None else problem.truth["days"]
    if truth is None or evaluation.metrics["cost"].value is None:
        return [_takeaways(evaluation, None, ""), _limits(None)]
    days = run_days(problem.inputs, plans, truth)
    weakest = _weakest(problem, plans, truth, days)
    name = ""
    if weakest:
        number_, stop = weakest[0]
        name = problem.inputs[number_].instance.orders.names[stop.order]
    found = [_takeaways(evaluation, weakest[0][1] if weakest else None, name)]
    if _points(evaluation):
        found.append(_curve(evaluation))
    found.append(_weak_table(problem, plans, weakest))
    found.append(_lateness(problem, days, evaluation))
    return [*found, _limits(truth)]


def _takeaways(evaluation: Evaluation, weakest: WeakStop | None, name: str) -> Section:
    """Three sentences: how many of 100 days, which stop, what reliability costs."""
    metrics = evaluation.metrics
    rate, perfect, extra = (
        metrics["on_time_rate"].value,
        metrics["perfect_days"].value,
        metrics.get("extra_cost"),
    )

    def days(lang: str) -> str:
        if rate is None:
            return {
                "en": "How often this plan is on time was not measured: no law of the days was given.",
                "fr": "La ponctualité de ce plan n’est pas mesurée\u202f: aucune loi des journées n’a été donnée.",
            }[lang]
        share, count = with_unit(rate, "%", lang, 1), number(perfect, lang, 0)
        passes = "passe" if round(perfect or 0) < 2 else "passent"
        served = metrics.get("served_share")
        if served is not None and served.value is not None and served.value < 100:
            some = with_unit(served.value, "%", lang, 1)
            return {
                "en": f"The plan serves {some} of the orders only; the others count as late on every day. With them, {share} are on "
                "time.",
                "fr": f"Le plan ne sert que {some} des commandes ; les autres comptent en retard chaque jour. Avec elles, {share} sont "
                "à l’heure.",
            }[lang]
        return {
            "en": f"Of 100 days like this one, nobody is served late on {count}; {share} of orders are on time.",
            "fr": f"Sur 100 journées comme celle-ci, {count} se {passes} sans aucun retard\u202f; {share} des commandes sont à l’heure.",
        }[lang]

    def weak(lang: str) -> str:
        if weakest is None:
            return {"en": "No weak stop was found.", "fr": "Aucun arrêt fragile n’a été trouvé."}[lang]
        share = with_unit(100 * weakest.on_time, "%", lang, 1)
        return {
            "en": f"The weakest stop is order {name}, on time on {share} of days: begin there.",
            "fr": f"L’arrêt le plus fragile est la commande {name}, à l’heure {share} des jours\u202f: commencez par lui.",
        }[lang]

    def price(lang: str) -> str:
        if extra is None or extra.value is None:
            return {
                "en": "What more reliability would cost is not drawn in this run: plans with more margins were not made, and the "
                "comparison has the baselines alone.",
                "fr": "Ce que coûterait plus de fiabilité n’est pas tracé dans cette exécution\u202f: aucun plan avec plus de marges "
                "n’a été fait, et la comparaison ne montre que les références.",
            }[lang]
        value = with_unit(abs(extra.value), "%", lang, 1)
        if abs(extra.value) <= NOISE:
            return {
                "en": f"This plan costs {value} {'more' if extra.value > 0 else 'less'} than the nominal plan: {NO_PRICE.en}.",
                "fr": f"Ce plan coûte {value} de {'plus' if extra.value > 0 else 'moins'} que le plan nominal\u202f: {NO_PRICE.fr}.",
            }[lang]
        if extra.value < 0:
            return {
                "en": f"This plan costs {value} less than the nominal plan.",
                "fr": f"Ce plan coûte {value} de moins que le plan nominal.",
            }[lang]
        nominal = _points(evaluation).get("nominal")
        bought = nominal is None or rate is None or rate > nominal[0]
        return {
            "en": f"This plan costs {value} more than the nominal plan: {PRICE[bought].en}.",
            "fr": f"Ce plan coûte {value} de plus que le plan nominal\u202f: {PRICE[bought].fr}.",
        }[lang]

    said = tuple(Paragraph(Text(say("en"), say("fr"))) for say in (days, weak, price))
    return Section(Text("What to remember", "Ce qu’il faut retenir"), said, kind="takeaways")


def _points(evaluation: Evaluation) -> dict[str, tuple[float, float]]:
    """On-time rate and cost of this plan and of those it is shown beside."""
    return {
        name: (float(curve.x[0]), float(curve.y[0]))
        for name, curve in evaluation.curves.items()
        if name not in (LATENESS, PER_ORDER)
    }


def _curve(evaluation: Evaluation) -> Section:
    """Cost against the share of orders on time."""
    points = _points(evaluation)
    unit = evaluation.metrics["cost"].unit

    def draw(lang: str) -> Any:
        from usecases import charts

        figure, axis = charts.figure(8.0, 4.0)
        families = {"priced": charts.ACCENT, "inflated": charts.WARN}
        for family, color in families.items():
            own = sorted(
                xy for name, xy in points.items() if _named(name, points).split()[0] in (family, "nominal")
            )
            if len(own) > 1:
                axis.plot(*zip(*own, strict=True), color=color, linewidth=1.2)
        for name, (x, y) in points.items():
            family = _named(name, points).split()[0]
            color = families.get(family, charts.INK)
            axis.plot([x], [y], "o", color=charts.GOOD if name == "this plan" else color)
            below = (
                family == "priced"
            )  # its curve is the lower one where prices work: labels keep to the outside
            axis.annotate(
                point_label(name, points)[lang],
                (x, y),
                xytext=(7, -7) if below else (-7, 7),
                textcoords="offset points",
                ha="left" if below else "right",
                va="top" if below else "bottom",
                fontsize=9,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.8},
            )
        axis.margins(0.16)
        axis.set_xlabel({"en": "orders on time (%)", "fr": "commandes à l’heure (%)"}[lang])
        axis.set_ylabel({"en": f"planned cost ({unit})", "fr": f"coût prévu ({unit})"}[lang])
        charts.localise(axis, lang)
        return figure

    caption = Text(
        "Cost against reliability on the same days: to the right and below is better.",
        "Coût et fiabilité sur les mêmes journées\u202f: mieux à droite et en bas.",
    )
    return Section(Text("What reliability costs", "Ce que coûte la fiabilité"), (Picture(draw, caption),))


def _named(name: str, points: Mapping[str, tuple[float, float]]) -> str:
    """Name of a point; this plan is one of the family ``priced`` where it stands between half and 5/2 of its price."""
    prices = sorted(float(one.split()[1]) for one in points if one.startswith("priced "))
    if name == "this plan" and len(prices) == 2 and abs(prices[1] - 5 * prices[0]) < 1e-6 * prices[1]:
        return f"priced {2 * prices[0]:g}"
    return name


def point_label(name: str, points: Mapping[str, tuple[float, float]]) -> Text:
    """What is written beside a point of the curve.

    Parameters
    ----------
    name : str
        Of the point.
    points : mapping of str to (float, float)
        All of them.

    Examples
    --------
    >>> point_label("this plan", {"priced 1": (90.0, 10.0), "this plan": (92.0, 11.0), "priced 5": (95.0, 12.0)}).en
    'this plan (price 2)'
    """
    said, known = _point_name(name), _named(name, points)
    if known == name:
        return said
    price = _point_name(known)
    return Text(f"{said.en} ({price.en})", f"{said.fr} ({price.fr})")


def _point_name(name: str) -> Text:
    """How people call a point of the curve."""
    kind, _, value = name.partition(" ")
    french = value.replace(".", ",")
    if kind == "inflated":
        return Text(f"durations × {value}", f"durées × {french}")
    if kind == "priced":
        return Text(f"price {value}", f"prix {french}")
    return {
        "nominal": Text("nominal", "nominal"),
        "this plan": Text("this plan", "ce plan"),
    }.get(name, Text(name, name))


def _weakest(
    problem: Problem, plans: Sequence[Plan], truth: Truth, days: Sequence[Simulation], most: int = 10
) -> list[tuple[int, WeakStop]]:
    """The weakest stops over all instances."""
    found = [
        (k, stop)
        for k, (mission, plan, one) in enumerate(zip(problem.inputs, plans, days, strict=True))
        for stop in weak_stops(
            true_instance(mission.instance, truth, k),
            plan,
            truth.laws[k],
            one,
            seed=truth.seed,
            departure=mission.departure,
            most=most,
        )
    ]
    return sorted(found, key=lambda pair: pair[1].on_time)[:most]


def _weak_table(problem: Problem, plans: Sequence[Plan], weakest: Sequence[tuple[int, WeakStop]]) -> Section:
    """Orders that are most often late, on a table and on the map, and the stop that makes them late."""
    rows = []
    for k, stop in weakest:
        instance = problem.inputs[k].instance
        names, n = instance.orders.names, instance.n_orders
        cause: Any = None
        if stop.cause is not None:
            whose = names[stop.cause % n] if stop.cause >= 0 else "break"
            cause = Text(f"{whose} ({100 * stop.share:.0f} %)", f"{whose} ({100 * stop.share:.0f}\u202f%)")
        low, high = (100 * bound for bound in stop.interval)
        rows.append(
            (
                names[stop.order],
                f"{stop.route + 1}.{stop.position}",
                100 * stop.on_time,
                Text(f"{low:.1f} to {high:.1f}", f"{low:.1f} à {high:.1f}".replace(".", ",")),
                in_minutes(stop.slack, instance.time_unit)[0],
                cause,
            )
        )
    unit = in_minutes(0.0, problem.inputs[0].instance.time_unit)[1] or "-"
    columns = (
        Text("order", "commande"),
        Text("route.stop", "tournée.arrêt"),
        Text("on time (%)", "à l’heure (%)"),
        Text("95 % interval", "intervalle à 95 %"),
        Text(f"planned slack ({unit})", f"marge prévue ({unit})"),
        Text("what makes it late", "ce qui la retarde"),
    )
    caption = Text(
        "The last column names the order whose leg or door takes the largest part of the time too much on late days.",
        "La dernière colonne nomme la commande dont le trajet ou la remise prend la plus grande part du temps en trop, les jours de "
        "retard.",
    )
    title = Text("Weak stops", "Arrêts fragiles")
    if not rows:
        nothing = Text("Nobody was late on any day.", "Personne n’a été servi en retard.")
        return Section(title, (Paragraph(nothing),))
    return Section(title, (Table(columns, rows, caption, digits=1), *_weak_map(problem, plans, weakest)))


def _weak_map(
    problem: Problem, plans: Sequence[Plan], weakest: Sequence[tuple[int, WeakStop]]
) -> tuple[Drawing, ...]:
    """Where they are: the map of the instance with the weakest stop."""
    shown = weakest[0][0]
    instance, plan = problem.inputs[shown].instance, plans[shown]
    if not has_map(instance):
        return ()
    weak = [stop.order for k, stop in weakest if k == shown]
    caption = Text(
        f"{dates(instance.name, 'en')}: weak stops in orange, on the planned routes (straight lines). Point at something to read it.",
        f"{dates(instance.name, 'fr')}\u202f: arrêts fragiles en orange, sur les tournées prévues (lignes droites). "
        "Pointez un élément pour le lire.",
    )
    said = Text("weak stop", "arrêt fragile")
    return (Drawing(lambda lang: route_map(instance, plan, lang, weak=weak, weak_text=said), caption),)


def _lateness(problem: Problem, days: Sequence[Simulation], evaluation: Evaluation) -> Section:
    """Histogram of late orders a day."""
    import numpy as np

    late = np.sum([one.late_orders for one in days], axis=0)

    def draw(lang: str) -> Any:
        from usecases import charts

        figure, axis = charts.figure(8.0, 3.2)
        edges = np.arange(int(np.quantile(late, 0.999)) + 2) - 0.5
        counts, _ = np.histogram(np.minimum(late, edges[-1]), edges)
        axis.bar(edges[:-1] + 0.5, 100 * counts / len(late), color=charts.ACCENT)
        axis.set_xlabel({"en": "late orders on one day", "fr": "commandes en retard dans une journée"}[lang])
        axis.set_ylabel({"en": "share of days (%)", "fr": "part des jours (%)"}[lang])
        charts.localise(axis, lang)
        return figure

    title = Text("How late", "Les retards")
    blocks: list[Any] = [
        Picture(
            draw,
            Text("How many orders are late on a day.", "Nombre de commandes en retard dans une journée."),
        )
    ]
    curve = evaluation.curves.get(LATENESS)
    if curve is not None:
        columns = (
            Text("share of late orders (%)", "part des commandes en retard (%)"),
            Text(f"late by at most ({curve.y_unit or '-'})", f"retard d’au plus ({curve.y_unit or '-'})"),
        )
        blocks.append(Table(columns, [(x, y) for x, y in zip(curve.x, curve.y, strict=True)], digits=1))
    return Section(title, tuple(blocks))


def _limits(truth: Truth | None) -> Section:
    """What was assumed."""
    said = [
        Text(
            "On the simulated days couriers leave as planned, keep the sequence, wait for windows and serve late; nobody re-plans.",
            "Dans les journées simulées, les livreurs partent comme prévu, gardent la séquence, attendent l’ouverture des créneaux et "
            "servent en retard\u202f; personne ne replanifie.",
        )
    ]
    said.append(
        Text(
            "The search itself leaves about 1 % of the cost to chance: plans that are closer than that cost the same.",
            "La recherche elle-même laisse environ 1\u202f% du coût au hasard\u202f: deux plans plus proches coûtent autant.",
        )
    )
    if truth is not None and truth.assumed:
        law = truth.laws[0]
        cv, share = law.travel_cv, 100 * law.route_share
        cv_text = f"{cv:g}" if isinstance(cv, int | float) else "/".join(f"{value:g}" for value in cv)
        said.append(
            Text(
                "The law of the days is an assumption, not fitted to data: travel times are log-normal with a coefficient of "
                f"variation of {cv_text}, {share:.0f} % of the log-variance being common to a route.",
                "La loi des journées est une hypothèse, non ajustée à des données\u202f: temps de trajet log-normaux, coefficient de "
                f"variation {cv_text.replace('.', ',')}, {share:.0f}\u202f% de la variance du logarithme étant commune à une tournée.",
            )
        )
    elif truth is not None:
        said.append(
            Text(
                "The law is the generator’s own, slightly simplified: what a route has in common lasts for the whole route, and a vehicle "
                "breaks down at most once.",
                "La loi est celle du générateur, un peu simplifiée\u202f: ce qu’une tournée a en commun dure toute la tournée, et un "
                "véhicule tombe en panne une fois au plus.",
            )
        )
    return Section(Text("Limits", "Limites"), tuple(Paragraph(text) for text in said), kind="limits")

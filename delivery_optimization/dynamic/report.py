"""The report of a dynamic run: what it cost, what waited, hour by hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from delivery_optimization.dynamic.days import Score, mean_by_wave
from usecases.contract import Evaluation, Paragraph, Picture, Problem, Section, Table, Text
from usecases.formatting import decimals, number, with_unit


def sections(problem: Problem, scores: Sequence[Score], evaluation: Evaluation) -> list[Section]:
    """Put the report together.

    Parameters
    ----------
    problem : Problem
        What was played.
    scores : sequence of Score
        One for each day.
    evaluation : Evaluation
        Of these scores.

    Returns
    -------
    list of Section
    """
    return [
        _takeaways(scores, evaluation),
        Section(
            Text("The day, decision by decision", "La journée, décision par décision"),
            (
                Picture(
                    lambda lang: _picture(scores, problem.truth["cost_unit"], lang), _caption(len(scores))
                ),
            ),
        ),
        _by_day(scores, evaluation, problem.truth["cost_unit"]),
        Section(Text("Limits", "Limites"), LIMITS[problem.description["kind"]], kind="limits"),
    ]


def _takeaways(scores: Sequence[Score], evaluation: Evaluation) -> Section:
    """Three sentences: what it cost, what waited, what was kept."""
    sentences = (_cost(scores, evaluation), _waited(scores), _kept(evaluation))
    return Section(
        Text("What to remember", "Ce qu’il faut retenir"),
        tuple(Paragraph(s) for s in sentences),
        kind="takeaways",
    )


def _cost(scores: Sequence[Score], evaluation: Evaluation) -> Text:
    against = evaluation.metrics.get("against_greedy")
    cost = evaluation.metrics["cost_per_request"]

    def say(lang: str) -> str:
        days = _days(len(scores), lang)
        each = with_unit(cost.value, cost.unit, lang, decimals(cost.value))
        if against is None or against.value is None:
            if lang == "fr":
                return f"Sur {days}, une demande coûte en moyenne {each}."
            return f"Over {days}, a request costs {each} on average."
        change = number(abs(against.value), lang, 1)
        if lang == "fr":
            than = "de moins" if against.value < 0 else "de plus"
            return f"Sur {days}, la politique coûte en moyenne {change} % {than} que de tout expédier aussitôt (greedy, publié)."
        than = "less" if against.value < 0 else "more"
        return f"Over {days}, the policy costs on average {change}% {than} than dispatching all at once (greedy, as published)."

    return Text(say("en"), say("fr"))


def _days(n: int, lang: str) -> str:
    """Count days."""
    word = {"fr": "journée", "en": "day"}[lang]
    return f"{number(n, lang)} {word}{'' if n == 1 else 's'}"


def _waited(scores: Sequence[Score]) -> Text:
    """Share of the decisions about a request that were to wait, and of these how many were free."""
    waiting = sum(wave.waiting for score in scores for wave in score.waves)
    postponed = sum(wave.waiting - wave.dispatched for score in scores for wave in score.waves)
    routes = sum(wave.routes for score in scores for wave in score.waves)
    gone = sum(wave.dispatched for score in scores for wave in score.waves)
    share, load = 100 * postponed / max(waiting, 1), gone / max(routes, 1)
    return Text(
        f"It was decided to wait in {number(share, 'en', 0)}% of the cases, so that a route takes "
        f"{number(load, 'en', 1)} requests on average.",
        f"Il a été décidé d’attendre dans {number(share, 'fr', 0)} % des cas, si bien qu’une tournée emporte "
        f"{number(load, 'fr', 1)} demandes en moyenne.",
    )


def _kept(evaluation: Evaluation) -> Text:
    lost, requests = (int(evaluation.metrics[name].value or 0) for name in ("lost", "requests"))
    on_time = evaluation.metrics.get("on_time")

    def say(lang: str) -> str:
        n, all_of = number(lost, lang), number(requests, lang)
        if lang == "fr":
            missed = "n’a pas été servie" if lost == 1 else "n’ont pas été servies"
            kept = (
                f"Sur {all_of} demandes, {n} {missed}" if lost else f"Les {all_of} demandes ont été servies"
            )
            return kept + (
                f" ; {'toutes les autres l’ont été' if lost else 'toutes l’ont été'} dans leur fenêtre, chaque tournée étant revérifiée."
                if on_time is None or on_time.value is None
                else f", et {with_unit(on_time.value, '%', lang, 1)} l’ont été à l’heure promise."
            )
        missed = "was not served" if lost == 1 else "were not served"
        kept = f"Of {all_of} requests, {n} {missed}" if lost else f"All {all_of} requests were served"
        return kept + (
            f"; {'all others were served' if lost else 'all of them'} in their window, every route being checked again."
            if on_time is None or on_time.value is None
            else f", and {number(on_time.value, lang, 1)}% were served within the promise."
        )

    return Text(say("en"), say("fr"))


def _caption(n_days: int) -> Text:
    return Text(
        f"Mean of {_days(n_days, 'en')}. Above: requests that arrived, that could not wait any longer, that left. Below: cost "
        f"of the routes that left.",
        f"Moyenne de {_days(n_days, 'fr')}. En haut : les demandes arrivées, celles qui ne pouvaient plus attendre, "
        f"celles qui sont parties. En bas : le coût des tournées parties.",
    )


def _picture(scores: Sequence[Score], unit: str, lang: str) -> Any:
    """Requests and cost by decision."""
    from usecases import charts

    figure, (above, below) = charts.figure(9, 5, rows=2, sharex=True)
    labels = {
        "arrived": Text("arrived", "arrivées"),
        "must_go": Text("must go", "ne peuvent plus attendre"),
        "dispatched": Text("dispatched", "parties"),
    }
    hours = mean_by_wave(scores, "time") / 3600
    width = float(np.diff(hours).min()) / 4 if len(hours) > 1 else 0.2
    for k, (name, label) in enumerate(labels.items()):
        values = mean_by_wave(scores, name)
        above.bar(hours + (k - 1) * width, values, width, color=charts.SERIES[k], label=label[lang])
    above.legend(frameon=False, ncols=3)
    above.set_ylabel({"en": "requests", "fr": "demandes"}[lang])
    below.bar(hours, mean_by_wave(scores, "cost"), 2 * width, color=charts.ACCENT)
    below.set_ylabel({"en": "cost", "fr": "coût"}[lang] + f" ({unit})")
    below.set_xlabel({"en": "hour of departure", "fr": "heure de départ"}[lang])
    for axis in (above, below):
        charts.localise(axis, lang)
    return figure


def _by_day(scores: Sequence[Score], evaluation: Evaluation, unit: str) -> Section:
    """One row for each day."""
    relative = "against_greedy" in evaluation.metrics
    extra = list(scores[0].figures)
    columns = [
        Text("day", "journée"),
        Text("requests", "demandes"),
        Text("decisions", "décisions"),
        Text("routes", "tournées"),
        Text(f"cost ({unit})", f"coût ({unit})"),
    ]
    if relative:
        columns.append(Text("against greedy (%)", "par rapport à greedy (%)"))
    for name in extra:
        metric = scores[0].figures[name]
        label = metric.label or Text(name, name)
        unit_of = f" ({metric.unit})" if metric.unit else ""
        columns.append(Text(label.en + unit_of, label.fr + unit_of))
    rows = []
    for score, loss in zip(scores, np.asarray(evaluation.losses), strict=True):
        row: list[Any] = [
            score.name,
            score.n_requests,
            len(score.waves),
            sum(wave.routes for wave in score.waves),
            float(score.cost),
        ]
        row += [float(loss)] if relative else []
        row += [score.figures[name].value for name in extra]
        rows.append(row)
    return Section(Text("Day by day", "Jour par jour"), (Table(columns, rows, digits=1),))


ORTEC_LIMITS = (
    Paragraph(
        Text(
            "Field data of ORTEC under CC BY-NC 4.0: not for commercial use. Places, windows, sizes and service times of a "
            "request are drawn "
            "independently of each other from the list of customers, by the competition’s rule.",
            "Données de terrain d’ORTEC sous licence CC BY-NC 4.0 : pas d’usage commercial. Lieu, fenêtre, taille et durée "
            "de service d’une demande "
            "sont tirés indépendamment dans la liste des clients, selon la règle du concours.",
        )
    ),
    Paragraph(
        Text(
            "That law is known to every participant, and so to the policies here; in a firm it would have to be learned from the past. "
            "The published costs were computed with 120 s an epoch on the organisers’ machine.",
            "Cette loi est connue de tous les participants, donc aussi des politiques d’ici ; en entreprise, il faudrait "
            "l’apprendre du passé. "
            "Les coûts publiés ont été calculés avec 120 s par décision sur la machine des organisateurs.",
        )
    ),
)

CITY_LIMITS = (
    Paragraph(
        Text(
            "A generated city: orders, streets and couriers are assumed. Travel and handling times vary, but nobody is "
            "absent and nothing breaks "
            "down here; the task robustness plays those.",
            "Une ville générée : commandes, rues et livreurs sont supposés. Les temps de trajet et de manutention varient, "
            "mais personne n’est absent et "
            "rien ne tombe en panne ici ; la tâche robustness joue ces aléas.",
        )
    ),
    Paragraph(
        Text(
            "A courier gets a new tour only once the last one is done, and waits where it ended. A courier is paid from "
            "the first departure to "
            "the return of the day.",
            "Un livreur ne reçoit une nouvelle tournée qu’une fois la précédente finie, et attend où elle s’est terminée. "
            "Il est payé du premier départ "
            "au retour de la journée.",
        )
    ),
)

OWN_LIMITS = (
    Paragraph(
        Text(
            "Your orders, replayed: travel and handling times are drawn around the planned ones by a law that is assumed (see the "
            "data), nobody is absent and nothing breaks down.",
            "Vos commandes, rejouées : les temps de trajet et de manutention sont tirés autour des temps prévus selon une loi "
            "supposée (voir les données), personne n’est absent et rien ne tombe en panne.",
        )
    ),
    CITY_LIMITS[1],
)

LIMITS = {"field": ORTEC_LIMITS, "generated": CITY_LIMITS, "own": OWN_LIMITS}

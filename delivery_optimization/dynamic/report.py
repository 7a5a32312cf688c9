"""The report of a dynamic run: what it cost, what waited, hour by hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from delivery_optimization.dynamic.days import Score, mean_by_wave
from usecases.contract import Evaluation, Paragraph, Picture, Problem, Section, Text
from usecases.formatting import decimals, number, with_unit

MOST_BARS = 24  # decisions that have a bar of their own


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
            Text("The day, hour by hour", "La journée, heure par heure")
            if _hourly(scores)
            else Text("The day, decision by decision", "La journée, décision par décision"),
            (
                Picture(
                    lambda lang: _picture(scores, problem.truth["cost_unit"], lang),
                    _caption(len(scores), problem.truth["cost_unit"], _hourly(scores)),
                ),
            ),
        ),
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
    """What a request costs, and beside it how many were on time, where that is a promise and no rule."""
    against = evaluation.metrics.get("against_greedy")
    cost, on_time = evaluation.metrics["cost_per_request"], evaluation.metrics.get("on_time")

    def say(lang: str) -> str:
        days, n = _days(len(scores), lang), cost.value
        each = with_unit(n, cost.unit, lang, decimals(n))
        driving = cost.unit == "s"
        if against is None or against.value is None:
            if lang == "fr":
                said = f"Sur {days}, une demande coûte en moyenne {each}{' de trajet' if driving else ''}"
            else:
                said = f"Over {days}, a request {'takes' if driving else 'costs'} {each}{' of driving' if driving else ''} on average"
            if on_time is None or on_time.value is None:
                return f"{said}."
            share = with_unit(on_time.value, "%", lang, decimals(on_time.value, "%"))
            if lang == "fr":
                return f"{said}, et {share} des demandes sont servies à l’heure promise\u202f: lisez les deux chiffres ensemble."
            return f"{said}, and {share} of the requests are served within the promise: read both figures together."
        change = number(abs(against.value), lang, 1)
        if lang == "fr":
            than = "de moins" if against.value < 0 else "de plus"
            return (
                f"Sur {days}, la politique coûte en temps de trajet {change} % {than} en moyenne que le greedy publié, qui expédie "
                "tout aussitôt avec un autre calcul des tournées."
            )
        than = "less" if against.value < 0 else "more"
        return (
            f"Over {days}, the policy costs on average {change}% {than} driving time than the published greedy, which dispatches "
            "all at once with another search for routes."
        )

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
    en = f"{number(load, 'en', 1)} request{'' if round(load, 1) == 1 else 's'}"
    fr = f"{number(load, 'fr', 1)} demande{'' if load < 2 else 's'}"
    if not postponed:
        return Text(
            f"Nothing was made to wait; a route takes {en} on average.",
            f"Rien n’a été mis en attente ; une tournée emporte {fr} en moyenne.",
        )
    return Text(
        f"It was decided to wait in {number(share, 'en', 0)}% of the cases; a route takes {en} on average.",
        f"Il a été décidé d’attendre dans {number(share, 'fr', 0)} % des cas ; une tournée emporte {fr} en moyenne.",
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
                else "."
            )
        missed = "was not served" if lost == 1 else "were not served"
        kept = f"Of {all_of} requests, {n} {missed}" if lost else f"All {all_of} requests were served"
        return kept + (
            f"; {'all others were served' if lost else 'all of them'} in their window, every route being checked again."
            if on_time is None or on_time.value is None
            else "."
        )

    return Text(say("en"), say("fr"))


def _caption(n_days: int, unit: str, hourly: bool) -> Text:
    """What the picture shows."""
    cost = Text("driving time", "temps de trajet") if unit == "s" else Text("cost", "coût")
    by = Text(" Sums by hour.", " Sommes par heure.") if hourly else Text("", "")
    return Text(
        f"Mean of {_days(n_days, 'en')}.{by.en} Above: requests that arrived, that could not wait any longer, that left. "
        f"Below: {cost.en} of the routes that left.",
        f"Moyenne de {_days(n_days, 'fr')}.{by.fr} En haut : les demandes arrivées, celles qui ne pouvaient plus attendre, "
        f"celles qui sont parties. En bas : le {cost.fr} des tournées parties.",
    )


def _hourly(scores: Sequence[Score]) -> bool:
    """Whether decisions are too many for a bar each."""
    return max((len(score.waves) for score in scores), default=0) > MOST_BARS


def by_hour(scores: Sequence[Score], names: Sequence[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Place and height of the bars: one for each decision, or sums by hour where decisions are many.

    Parameters
    ----------
    scores : sequence of Score
        Of the days.
    names : sequence of str
        Figures of `Wave`.

    Returns
    -------
    at : ndarray of shape (n_bars,)
        Hours; the middle of the hour for sums.
    values : dict of str to ndarray of shape (n_bars,)
        Means over days.

    Examples
    --------
    >>> from delivery_optimization.dynamic.days import Wave
    >>> day = Score("a", tuple(Wave(600.0 * k, 1, 1, 0, 1, 1, 2.0) for k in range(30)), 60.0, 30, 0)
    >>> at, values = by_hour([day], ["arrived"])
    >>> at.tolist(), values["arrived"].tolist()
    ([0.5, 1.5, 2.5, 3.5, 4.5], [6.0, 6.0, 6.0, 6.0, 6.0])
    """
    at = mean_by_wave(scores, "time") / 3600
    values = {name: mean_by_wave(scores, name) for name in names}
    if not _hourly(scores):
        return at, values
    hour = np.floor(at + 1e-9).astype(int)
    bars = np.unique(hour)
    return bars + 0.5, {
        name: np.array([found[hour == bar].sum() for bar in bars]) for name, found in values.items()
    }


def _picture(scores: Sequence[Score], unit: str, lang: str) -> Any:
    """Requests and cost over the day; ORTEC counts epochs."""
    from usecases import charts

    figure, (above, below) = charts.figure(9, 5, rows=2, sharex=True)
    labels = {
        "arrived": Text("arrived", "arrivées"),
        "must_go": Text("must go", "ne peuvent plus attendre"),
        "dispatched": Text("dispatched", "parties"),
    }
    at, values = by_hour(scores, [*labels, "cost"])
    width = float(np.diff(at).min()) / 4 if len(at) > 1 else 0.2
    for k, (name, label) in enumerate(labels.items()):
        above.bar(at + (k - 1) * width, values[name], width, color=charts.SERIES[k], label=label[lang])
    above.legend(frameon=False, ncols=3)
    above.set_ylabel({"en": "requests", "fr": "demandes"}[lang])
    below.bar(at, values["cost"], 2 * width, color=charts.ACCENT)
    cost = Text("driving time", "temps de trajet") if unit == "s" else Text("cost", "coût")
    below.set_ylabel(f"{cost[lang]} ({unit})")
    hour = Text("hour of departure", "heure de départ")
    epoch = Text("number of the decision (epoch)", "numéro de la décision (époque)")
    below.set_xlabel((epoch if unit == "s" else hour)[lang])
    for axis in (above, below):
        charts.localise(axis, lang)
    return figure


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
            "Vos commandes, rejouées : les temps de trajet et de manutention sont tirés autour des temps prévus selon une loi "
            "supposée (voir les données), personne n’est absent et rien ne tombe en panne.",
        )
    ),
    CITY_LIMITS[1],
)

LIMITS = {"field": ORTEC_LIMITS, "generated": CITY_LIMITS, "own": OWN_LIMITS}

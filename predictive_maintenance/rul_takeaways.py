"""What to remember of a RUL run, in three sentences for a manager: how far off, how sure, which machine first."""

from __future__ import annotations

from predictive_maintenance import explain
from predictive_maintenance.metrics import LATE_BY
from usecases.contract import Evaluation, Outcome, Paragraph, Problem, Section, Text
from usecases.formatting import number, with_unit
from usecases.stats import groups_needed

Pulls = dict[str, tuple[explain.Pull, ...]]  # what takes life off a unit, by its name


def takeaways(problem: Problem, outcome: Outcome, evaluation: Evaluation, pulls: Pulls) -> Section:
    """Write the three sentences."""
    return Section(
        Text("What to remember", "Ce qu'il faut retenir"),
        (
            Paragraph(_how_far_off(problem, evaluation)),
            Paragraph(_how_sure(problem, outcome, evaluation)),
            Paragraph(_which_first(problem, outcome, pulls)),
        ),
        "takeaways",
    )


def reasons(problem: Problem, pulls: Pulls, name: str, most: int) -> Text:
    """Say in words what takes life off a unit; nothing for a unit that was not explained."""
    if name not in pulls:
        return Text("", "")
    test = problem.inputs.test
    return explain.phrase(pulls[name], time_unit=test.time_unit, labels=test.sensor_labels, most=most)


def too_few(problem: Problem, outcome: Outcome) -> Text | None:
    """Say that too few failures are known for an interval; None when there are enough."""
    intervals = outcome.details["intervals"]
    if intervals.enough:
        return None
    n, needed, percent = intervals.n_groups, groups_needed(intervals.level), 100 * intervals.level
    cap, unit = float(problem.inputs.cap), problem.inputs.train.time_unit
    return Text(
        f"There are too few known failures ({n}; at least {needed} are needed) for a {percent:.0f} % interval: the bounds shown "
        f"go from 0 to the cap ({with_unit(cap, unit, 'en', 0)}).",
        f"Il y a trop peu de défaillances connues ({n} ; il en faut au moins {needed}) pour un intervalle à {percent:.0f} % : "
        f"les bornes affichées vont de 0 au plafond ({with_unit(cap, unit, 'fr', 0)}).",
    )


def _which_first(problem: Problem, outcome: Outcome, pulls: Pulls) -> Text:
    """Name the machine with the shortest predicted life, and the strongest reason."""
    unit = problem.inputs.train.time_unit
    first = outcome.answer.sort_values("prediction", kind="stable").iloc[0]
    reason = reasons(problem, pulls, str(first["unit"]), most=1)
    name = machine(str(first["unit"]), str(first["group"]))

    def bounds(lang: str) -> str:
        if not outcome.details["intervals"].enough:
            return ""
        low, high = (number(float(first[side]), lang, 0) for side in ("low", "high"))
        return f" (entre {low} et {high})" if lang == "fr" else f" (between {low} and {high})"

    english, french = (with_unit(float(first["prediction"]), unit, lang, 0) for lang in ("en", "fr"))
    return Text(
        f"Look first at {name.en}: about {english} left{bounds('en')}. {reason.en}".strip(),
        f"À regarder d'abord : {name.fr}, à qui il resterait {french}{bounds('fr')}. {reason.fr}".strip(),
    )


def machine(unit: str, group: str) -> Text:
    """Name a machine, and which of its lives where it has several.

    Examples
    --------
    >>> machine("P36-4", "P36").en, machine("P7", "P7").fr
    ('machine P36 (life P36-4)', 'la machine P7')
    """
    if unit == group:
        return Text(f"machine {unit}", f"la machine {unit}")
    return Text(f"machine {group} (life {unit})", f"la machine {group} (vie {unit})")


def _plural(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _how_far_off(problem: Problem, evaluation: Evaluation) -> Text:
    """State the typical error, on the test machines if their lives are known, else from training machines."""
    cap, unit = problem.inputs.cap, problem.inputs.train.time_unit
    n_units, n_machines = problem.inputs.test.n_units, len(set(problem.inputs.test.groups))
    measured = evaluation.metrics["mae_capped"].value
    if measured is None:
        return _not_yet_known(n_machines, evaluation.metrics["mae_held_out"].value, unit)
    whose = Text(*(_plural(n_machines, "machine", "machines"),) * 2)
    if n_units != n_machines:  # several lives of a machine
        whose = Text(
            f"{_plural(n_units, 'life', 'lives')} of {whose.en}",
            f"{_plural(n_units, 'vie', 'vies')} de {whose.fr}",
        )
    (capped_en, error_en), (capped_fr, error_fr) = (
        (with_unit(float(cap), unit, lang, 0), with_unit(measured, unit, lang, 1)) for lang in ("en", "fr")
    )
    return Text(
        f"On {whose.en} that the model had never seen, the predicted remaining life is off by {error_en} on average (beyond "
        f"{capped_en}, the model only says “{capped_en} or more”).",
        f"Sur {whose.fr} que le modèle n'avait jamais vues, la durée de vie résiduelle annoncée s'écarte de la vraie de "
        f"{error_fr} en moyenne (au-delà de {capped_fr}, le modèle dit seulement « {capped_fr} ou plus »).",
    )


def _not_yet_known(n_machines: int, held_out: float | None, unit: str) -> Text:
    """Say that only time will tell, and what the training machines let one expect."""
    yours = Text(f"your {n_machines} running machines", f"vos {n_machines} machines en service")
    if n_machines == 1:
        yours = Text("your running machine", "votre machine en service")
    known = Text(
        f"Nobody knows yet how long {yours.en} will last",
        f"La durée de vie résiduelle de {yours.fr} n'est pas encore connue",
    )
    if held_out is None:
        return Text(f"{known.en}.", f"{known.fr}.")
    return Text(
        f"{known.en}; on your machines that did fail, set aside in turn, the prediction is off by "
        f"{with_unit(held_out, unit, 'en', 1)} on average.",
        f"{known.fr} ; sur vos machines déjà défaillantes, mises de côté tour à tour, l'écart moyen est de "
        f"{with_unit(held_out, unit, 'fr', 1)}.",
    )


def _how_sure(problem: Problem, outcome: Outcome, evaluation: Evaluation) -> Text:
    """State how often the interval held, and how often a failure came earlier than said."""
    few = too_few(problem, outcome)
    unit = problem.inputs.train.time_unit
    values = {name: evaluation.metrics[name].value for name in ("coverage_90", "late_10_share", "width_90")}
    late = _late(values["late_10_share"], unit)
    if few:
        return Text(f"{few.en} {late.en}".strip(), f"{few.fr} {late.fr}".strip())
    wide = Text(*(with_unit(values["width_90"], unit, lang, 0) for lang in ("en", "fr")))
    if values["coverage_90"] is None:
        return Text(
            f"The 90 % prediction interval is {wide.en} wide on average: plan with its lower bound, not with its middle.",
            f"L'intervalle de prédiction à 90 % mesure {wide.fr} en moyenne : planifiez avec sa borne basse, pas avec son milieu.",
        )
    inside = Text(*(with_unit(values["coverage_90"], "%", lang, 0) for lang in ("en", "fr")))
    return Text(
        f"The 90 % prediction interval contains the true value in {inside.en} of the cases and is {wide.en} wide on average. "
        f"{late.en}".strip(),
        f"L'intervalle de prédiction à 90 % contient la vraie valeur dans {inside.fr} des cas et mesure {wide.fr} en moyenne. "
        f"{late.fr}".strip(),
    )


def _late(share: float | None, unit: str) -> Text:
    """Say how often a failure comes well before the predicted date; nothing when nobody knows."""
    if share is None:
        return Text("", "")
    (part_en, ten_en), (part_fr, ten_fr) = (
        (with_unit(share, "%", lang, 0), with_unit(LATE_BY, unit, lang, 0)) for lang in ("en", "fr")
    )
    return Text(
        f"In {part_en} of the cases the failure comes more than {ten_en} before the predicted date.",
        f"Dans {part_fr} des cas, la panne arrive plus de {ten_fr} avant la date prédite.",
    )

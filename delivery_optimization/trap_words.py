"""What a trap found, said in both languages from the figures alone: a sentence must be true whatever they turn out to be."""

from __future__ import annotations

from usecases.contract import Finding, Metric, Text
from usecases.formatting import number, with_unit

VISIBLE = 0.02  # a gap below this share of the honest figure is no effect worth a sentence


def first_solution(wrong: Metric, honest: Metric, rule: str, alone: int, several: int, n: int) -> Finding:
    """Say for how many instances one rule found a plan, beside a method that tries several.

    Parameters
    ----------
    wrong, honest : Metric
        Share of instances with a plan that serves everybody: of the rule alone, and of the run.
    rule : str
        OR-Tools' name of the rule.
    alone, several, n : int
        The same as numbers of instances, of how many.

    Examples
    --------
    >>> found = first_solution(Metric(30.0, "%"), Metric(100.0, "%"), "SAVINGS", 3, 10, 10)
    >>> found.sentence.en.split(".")[0]
    'The rule SAVINGS alone found a plan that serves everybody for 3 of 10 instances, the method of the run for 10'
    """
    en = f"The rule {rule} alone found a plan that serves everybody for {alone} of {n} instances, the method of the run for {several}."
    fr = (
        f"La règle {rule} seule a trouvé un plan qui sert tout le monde pour {alone} instances sur {n}, la "
        f"méthode de l’essai pour {several}."
    )
    if several > alone:
        en += " Where the rule stopped, “no plan found” was said of the rule, not of the problem."
        fr += " Là où la règle s’arrête, « aucun plan trouvé » parle de la règle, pas du problème."
    else:
        en = f"Here the trap did not bite. {en} On tighter days one rule alone is not enough: try several."
        fr = f"Ici, le piège n’a pas mordu. {fr} Sur des journées plus serrées, une seule règle ne suffit pas : essayez-en plusieurs."
    names = (
        Text("one rule for the first solution", "une seule règle de première solution"),
        Text("the method of the run", "la méthode de l’essai"),
    )
    return Finding(wrong, honest, *names, Text(en, fr))


def truncated(wrong: Metric, honest: Metric, n: int, broken: int, planned: float, driven: float) -> Finding:
    """Say what plans made with truncated distances are worth with exact ones.

    Parameters
    ----------
    wrong, honest : Metric
        Share of plans that the checker accepts, with truncated and with exact distances.
    n, broken : int
        Plans that are valid with truncated distances, and how many of them are not with exact ones.
    planned, driven : float
        Their total cost with either.

    Examples
    --------
    >>> found = truncated(Metric(100.0, "%"), Metric(75.0, "%"), 8, 2, 1000.0, 1003.0)
    >>> found.sentence.en.split(":")[0]
    '2 of 8 plans that hold with truncated distances do not hold with exact ones'
    """
    change = 100 * (driven / planned - 1) if planned else 0.0
    more = {lang: with_unit(change, "%", lang) for lang in ("en", "fr")}
    if broken:
        en = f"{broken} of {n} plans that hold with truncated distances do not hold with exact ones: a window is missed."
        fr = (
            f"Sur {n} plans valables avec des distances tronquées, {broken} ne le sont pas avec les distances "
            "exactes : une fenêtre est manquée."
        )
    else:
        en = f"Here the trap did not bite: all {n} plans that hold with truncated distances do with exact ones."
        fr = f"Ici, le piège n’a pas mordu : les {n} plans valables avec des distances tronquées le sont avec les distances exactes."
    en += f" Together they cost {more['en']} more than announced. Two conventions are two problems: never compare their figures."
    fr += (
        f" Ensemble, ils coûtent {more['fr']} de plus qu’annoncé. Deux conventions font deux problèmes : ne "
        "comparez jamais leurs chiffres."
    )
    names = (
        Text("distances truncated to one decimal", "distances tronquées à une décimale"),
        Text("exact distances, same plans", "distances exactes, mêmes plans"),
    )
    return Finding(wrong, honest, *names, Text(en, fr))


def independent_noise(wrong: Metric, honest: Metric, late_wrong: float, late_honest: float) -> Finding:
    """Say what independent delays announce, beside delays that a route shares.

    Parameters
    ----------
    wrong, honest : Metric
        Lateness of the latest delivery that 95 % of days stay below, with either noise.
    late_wrong, late_honest : float
        Orders late (%), with either.

    Examples
    --------
    >>> found = independent_noise(Metric(20.0, "min"), Metric(40.0, "min"), 3.0, 5.0)
    >>> "2.0 times" in found.sentence.en
    True
    """

    def both(lang: str) -> tuple[str, str]:
        return (
            f"{with_unit(wrong.value, wrong.unit, lang)} / {with_unit(late_wrong, '%', lang)}",
            f"{with_unit(honest.value, honest.unit, lang)} / {with_unit(late_honest, '%', lang)}",
        )

    (en_wrong, en_honest), (fr_wrong, fr_honest) = both("en"), both("fr")
    en = (
        "lateness of the latest delivery that 95 % of days stay below / orders late: "
        f"{en_wrong} with independent delays, {en_honest} with delays that the legs of a route share"
    )
    fr = (
        "retard de la livraison la plus tardive, non dépassé 95 % des jours / commandes en retard : "
        f"{fr_wrong} avec des retards indépendants, {fr_honest} avec des retards communs aux trajets d’une tournée"
    )
    if honest.value <= wrong.value * (1 + VISIBLE):
        en = f"Here the trap did not bite: {en}."
        fr = f"Ici, le piège n’a pas mordu : {fr}."
    elif not wrong.value:
        en = f"Independent delays announce no bad day at all: {en}."
        fr = f"Des retards indépendants n’annoncent aucun mauvais jour : {fr}."
    else:
        times = honest.value / wrong.value
        en = (
            f"A bad day is {number(times, 'en', 1)} times as late as independent delays promise: {en}. "
            "Independent delays cancel out on the way, shared ones add up."
        )
        fr = (
            f"Un mauvais jour est {number(times, 'fr', 1)} fois plus en retard que ne le promettent des retards "
            f"indépendants : {fr}. Indépendants, les retards se compensent en route ; partagés, ils s’ajoutent."
        )
    names = (
        Text("independent delays on each leg", "retards indépendants à chaque trajet"),
        Text("delays shared by a route, same plan", "retards communs à une tournée, même plan"),
    )
    return Finding(wrong, honest, *names, Text(en, fr))


def nominal_plan(wrong: Metric, honest: Metric, on_time: Metric) -> Finding:
    """Say what the promise of a plan is worth over many days.

    Parameters
    ----------
    wrong, honest : Metric
        Share of days on which nobody is late: as planned, and simulated.
    on_time : Metric
        Share of orders on time in the simulation.

    Examples
    --------
    >>> found = nominal_plan(Metric(100.0, "%"), Metric(2.0, "%"), Metric(97.0, "%"))
    >>> found.sentence.en.split(";")[0]
    'On paper the plan is late for nobody on 100.00 % of days'
    """
    say = {lang: [with_unit(m.value, "%", lang) for m in (wrong, honest, on_time)] for lang in ("en", "fr")}
    en = (
        "On paper the plan is late for nobody on {} of days; over simulated days that happens on {} of them, "
        "with {} of the orders on time."
    )
    fr = (
        "Sur le papier, le plan n’est en retard pour personne {} des jours ; sur des jours simulés, cela "
        "arrive {} des jours, avec {} des commandes à l’heure."
    )
    en, fr = en.format(*say["en"]), fr.format(*say["fr"])
    if wrong.value - honest.value <= 100 * VISIBLE:
        en = f"Here the trap did not bite. {en}"
        fr = f"Ici, le piège n’a pas mordu. {fr}"
    else:
        en += " A plan without margins keeps its windows only where the day goes as the table says: announce the simulated figures."
        fr += " Un plan sans marge ne tient ses fenêtres que si la journée suit la table : annoncez les chiffres simulés."
    names = (
        Text("the day as planned", "la journée comme prévue"),
        Text("many simulated days", "de nombreux jours simulés"),
    )
    return Finding(wrong, honest, *names, Text(en, fr))

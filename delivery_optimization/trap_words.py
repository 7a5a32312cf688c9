"""What a trap found, said in both languages from the figures alone: a sentence must be true whatever they turn out to be."""

from __future__ import annotations

from usecases.contract import Finding, Metric, Text
from usecases.formatting import decimals, number, with_unit

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
    more = {lang: with_unit(abs(change), "%", lang) for lang in ("en", "fr")}
    than = ("less", "de moins") if change < 0 else ("more", "de plus")
    if broken:
        en = f"{broken} of {n} plans that hold with truncated distances do not hold with exact ones: a window is missed."
        fr = (
            f"Sur {n} plans valables avec des distances tronquées, {broken} ne le sont pas avec les distances "
            "exactes : une fenêtre est manquée."
        )
    else:
        en = f"Here the trap did not bite: all {n} plans that hold with truncated distances do with exact ones."
        fr = f"Ici, le piège n’a pas mordu : les {n} plans valables avec des distances tronquées le sont avec les distances exactes."
    en += f" On average over {n} plans they cost {more['en']} {than[0]} than announced. "
    en += "Two conventions are two problems: never compare their figures."
    fr += (
        f" En moyenne sur {n} plans, ils coûtent {more['fr']} {than[1]} qu’annoncé. Deux conventions font deux problèmes : ne "
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

    def told(lang: str) -> tuple[str, str, str, str]:
        late = [with_unit(m.value, m.unit, lang, decimals(m.value, m.unit)) for m in (wrong, honest)]
        share = [with_unit(value, "%", lang, decimals(value, "%")) for value in (late_wrong, late_honest)]
        return late[0], late[1], share[0], share[1]

    late, later, few, more = told("en")
    en = (
        f"with independent delays, the latest delivery of the day stays within {late} of its window on 95 % of days, "
        f"and {few} of the orders are late; with delays that the legs of a route share, the figures are {later} and {more}"
    )
    late, later, few, more = told("fr")
    fr = (
        f"avec des retards indépendants, la livraison la plus tardive de la journée ne dépasse pas {late} de retard "
        f"95 % des jours, et {few} des commandes sont en retard ; avec des retards communs aux trajets d’une tournée, "
        f"ces chiffres sont {later} et {more}"
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
            f"A bad day is {number(times, 'en', 1)} times as late as independent delays promise. {_sentence(en)} "
            "Independent delays cancel out on the way, shared ones add up."
        )
        fr = (
            f"Un mauvais jour est {number(times, 'fr', 1)} fois plus en retard que ne le promettent des retards "
            f"indépendants. {_sentence(fr)} Indépendants, les retards se compensent en route ; partagés, ils s’ajoutent."
        )
    names = (
        Text("independent delays on each leg", "retards indépendants à chaque trajet"),
        Text("delays shared by a route, same plan", "retards communs à une tournée, même plan"),
    )
    return Finding(wrong, honest, *names, Text(en, fr))


def _sentence(clause: str) -> str:
    """A clause as a sentence of its own."""
    return f"{clause[:1].upper()}{clause[1:]}."


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
        en += " Windows that are kept where the day goes as the table says are not kept on every day: announce the simulated figures."
        fr += " Des fenêtres tenues quand la journée suit la table ne le sont pas tous les jours : annoncez les chiffres simulés."
    names = (
        Text("the day as planned", "la journée comme prévue"),
        Text("many simulated days", "de nombreux jours simulés"),
    )
    return Finding(wrong, honest, *names, Text(en, fr))

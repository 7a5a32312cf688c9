"""What a trap found, said in both languages from the figures alone: a sentence must be true whatever they turn out to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from usecases.contract import Finding, Metric, Text
from usecases.formatting import NARROW, number, with_unit

VISIBLE = 0.02  # a gap below this share of the honest figure is no effect worth a sentence


def choice_on_test(wrong: Metric, honest: Metric, chosen: float, n: int) -> Finding:
    """Say what choosing a training on the test set announces.

    Parameters
    ----------
    wrong, honest : Metric
        Error on the test set of the best training there, and of an average training.
    chosen : float
        Error on the test set of the training that validation machines would have chosen.
    n : int
        Trainings.

    Examples
    --------
    >>> found = choice_on_test(Metric(20.0, "days"), Metric(22.0, "days"), 21.0, 12)
    >>> print(found.sentence.en[:88])
    The best of 12 trainings, chosen by looking at the test set, announces an error of 20.00
    """
    amount = _amounts(wrong, honest)
    as_good = chosen - wrong.value <= VISIBLE * abs(wrong.value)  # the answers were not needed for it

    def english(say: Callable[[float], str]) -> str:
        three = (
            f"the best of {n} trainings, chosen by looking at the test set, announces an error of {say(wrong.value)}; an average one "
            f"makes {say(honest.value)}, and the one that validation machines would have chosen {say(chosen)}"
        )
        if not _visible(wrong, honest):
            return f"Here the trap did not bite: {three}. These trainings differ too little for a choice to matter."
        if as_good:
            return f"Here the trap did not bite: {three}. Validation machines choose as well as the test set, which stays unseen."
        return (
            f"{three[0].upper()}{three[1:]}. The {amount('en')} between the best and the average were gained by looking at the answers: "
            "nothing promises them on the next machines."
        )

    def french(say: Callable[[float], str]) -> str:
        three = (
            f"le meilleur de {n} apprentissages, choisi en regardant les données de test, annonce une erreur de {say(wrong.value)} ; un "
            f"apprentissage moyen se trompe de {say(honest.value)}, et celui que des machines de validation auraient désigné de "
            f"{say(chosen)}"
        )
        if not _visible(wrong, honest):
            return f"Ici, le piège n'a pas mordu : {three}. Ces apprentissages diffèrent trop peu pour que le choix compte."
        if as_good:
            return (
                f"Ici, le piège n'a pas mordu : {three}. Des machines de validation choisissent aussi bien, sans toucher aux données de "
                "test."
            )
        return (
            f"{three[0].upper()}{three[1:]}. L'écart de {amount('fr')} entre le meilleur et la moyenne a été gagné en regardant les "
            "réponses : rien ne le promet sur les prochaines machines."
        )

    names = (
        Text(f"best of {n} trainings, chosen on the test", f"le meilleur de {n} apprentissages sur le test"),
        Text(f"average of the {n} trainings", f"moyenne des {n} apprentissages"),
    )
    return _finding(wrong, honest, names, english, french)


def label_convention(capped: Metric, raw: Metric, floor: float, cap: float) -> Finding:
    """Say what the same predictions get under the two label conventions.

    Parameters
    ----------
    capped, raw : Metric
        Error of the same predictions against capped and against raw labels.
    floor : float
        Error against raw labels of a perfect predictor that never says more than the cap.
    cap : float
        Cap of the labels.

    Examples
    --------
    >>> found = label_convention(Metric(20.0, "days"), Metric(50.0, "days"), 40.0, 90.0)
    >>> "even a perfect predictor" in found.sentence.en
    True
    """
    en, fr = (with_unit(cap, capped.unit, lang, 0 if cap == round(cap) else 1) for lang in ("en", "fr"))

    def english(say: Callable[[float], str]) -> str:
        if not _visible(capped, raw):
            return (
                f"Here the trap did not bite: {say(capped.value)} on capped labels and {say(raw.value)} on raw ones, because few of these "
                f"machines have much more than {en} left; on other data the gap can be large, so always name the convention."
            )
        which, side = ("lower", "flatters") if capped.value < raw.value else ("higher", "darkens")
        return (
            f"The same predictions score {say(capped.value)} on labels capped at {en} and {say(raw.value)} on raw ones; even a perfect "
            f"predictor that never says more than {en} gets {say(floor)} on raw labels. The capped figure is {which}: quoted beside "
            f"somebody else's raw figure, it {side} you, and compares nothing."
        )

    def french(say: Callable[[float], str]) -> str:
        if not _visible(capped, raw):
            return (
                f"Ici, le piège n'a pas mordu : {say(capped.value)} sur étiquettes plafonnées et {say(raw.value)} sur étiquettes brutes, "
                f"car peu de ces machines ont bien plus de {fr} devant elles. Ailleurs l'écart peut être grand : "
                "nommez toujours la convention."
            )
        which, side = ("bas", "flatte") if capped.value < raw.value else ("haut", "dessert")
        return (
            f"Les mêmes prédictions obtiennent {say(capped.value)} sur des étiquettes plafonnées à {fr} et {say(raw.value)} sur les "
            f"étiquettes brutes ; même un prédicteur parfait qui n'annonce jamais plus de {fr} obtient {say(floor)} sur les étiquettes "
            f"brutes. Le chiffre plafonné est plus {which} : cité à côté du chiffre brut d'un autre, il vous {side} et ne compare rien."
        )

    names = (
        Text(f"labels capped at {en}", f"étiquettes plafonnées à {fr}"),
        Text("raw labels: the remaining life itself", "étiquettes brutes : la durée résiduelle même"),
    )
    alike = Text("RMSE", "RMSE")  # the convention stands in the names
    return _finding(replace(capped, label=alike), replace(raw, label=alike), names, english, french)


def dead_sensors(wrong: Metric, honest: Metric, n_dead: int, n_sensors: int) -> Finding:
    """Say what dead sensors cost a model that was tested with all of them at work.

    Parameters
    ----------
    wrong, honest : Metric
        Error of the same model with all sensors, and with some of them dead.
    n_dead, n_sensors : int
        How many are dead, of how many.

    Examples
    --------
    >>> found = dead_sensors(Metric(20.0, "days"), Metric(30.0, "days"), 3, 14)
    >>> found.sentence.en.split(":")[0]
    'With 3 of 14 sensors dead, the error goes from 20.00 days to 30.00 days (+50 %)'
    """
    change = 100 * (honest.value / wrong.value - 1) if wrong.value else float("inf")
    no_effect, better = not _visible(wrong, honest), honest.value < wrong.value

    def english(say: Callable[[float], str]) -> str:
        first = (
            f"With {n_dead} of {n_sensors} sensors dead, the error goes from {say(wrong.value)} to {say(honest.value)} "
            f"({_percent(change, 'en')})"
        )
        if no_effect:
            return f"Here the trap did not bite. {first}: other sensors say the same thing, or the dead ones were of little use."
        if better:
            return f"Here the trap did not bite. {first}: on these machines the dead sensors did more harm than good."
        return (
            f"{first}: announce for the plant the figure of a plant, where sensors fail, and not that of a test where all of "
            "them work."
        )

    def french(say: Callable[[float], str]) -> str:
        first = (
            f"Avec {n_dead} capteur{'s' * (n_dead > 1)} en panne sur {n_sensors}, l'erreur passe de {say(wrong.value)} à "
            f"{say(honest.value)} ({_percent(change, 'fr')})"
        )
        if no_effect:
            return f"Ici, le piège n'a pas mordu. {first} : d'autres capteurs disent la même chose, ou ceux-là servaient peu."
        if better:
            return f"Ici, le piège n'a pas mordu. {first} : sur ces machines, les capteurs en panne nuisaient plus qu'ils n'aidaient."
        return (
            f"{first} : annoncez pour l'atelier le chiffre d'un atelier, où des capteurs tombent en panne, et non celui d'un "
            "essai où tous marchent."
        )

    names = (
        Text("all sensors work", "tous les capteurs marchent"),
        Text(
            f"{n_dead} sensor{'s' * (n_dead > 1)} dead",
            f"{n_dead} capteur{'s' * (n_dead > 1)} en panne",
        ),
    )
    return _finding(wrong, honest, names, english, french)


def random_rows(wrong: Metric, honest: Metric, test: Metric) -> Finding:
    """Say what cross-validation by rows announces, beside cross-validation by machines and the test.

    Parameters
    ----------
    wrong, honest : Metric
        Error of cross-validation by rows, and by machines.
    test : Metric
        Error on machines of the test; its value is None where nobody knows it.

    Examples
    --------
    >>> found = random_rows(Metric(5.0, "days"), Metric(20.0, "days"), Metric(21.0, "days"))
    >>> "4.0 times" in found.sentence.en
    True
    """

    def english(say: Callable[[float], str]) -> str:
        kept = "" if test.value is None else f"; on the test machines, never seen, it is {say(test.value)}"
        both = f"rows drawn at random announce {say(wrong.value)}, whole machines set aside {say(honest.value)}{kept}"
        if not _visible(wrong, honest) or honest.value < wrong.value:
            return f"Here the trap did not bite: {both}. A method that remembers single machines would have shown the difference."
        times = _times(wrong, honest, "en")
        return (
            f"The error on a new machine is {times} times what random rows promise: {both}. Rows of one machine resemble each other, "
            "so the model was asked about machines that it already knew."
        )

    def french(say: Callable[[float], str]) -> str:
        kept = (
            ""
            if test.value is None
            else f" ; sur les machines de test, jamais vues, elle est de {say(test.value)}"
        )
        both = (
            f"des lignes tirées au hasard annoncent une erreur de {say(wrong.value)}, des machines entières mises de côté "
            f"{say(honest.value)}{kept}"
        )
        if not _visible(wrong, honest) or honest.value < wrong.value:
            return f"Ici, le piège n'a pas mordu : {both}. Une méthode qui retient chaque machine aurait montré l'écart."
        times = _times(wrong, honest, "fr")
        return (
            f"L'erreur sur une machine nouvelle vaut {times} fois ce que promettent des lignes au hasard : {both}. Les lignes d'une même "
            "machine se ressemblent : le modèle a été interrogé sur des machines qu'il connaissait déjà."
        )

    names = (
        Text("cross-validation by random rows", "validation croisée par lignes au hasard"),
        Text("cross-validation by whole machines", "validation croisée par machines entières"),
    )
    return _finding(wrong, honest, names, english, french)


Wording = Callable[[Callable[[float], str]], str]


def _finding(
    wrong: Metric, honest: Metric, names: tuple[Text, Text], english: Wording, french: Wording
) -> Finding:
    """Put the figures into the sentences of both languages."""
    say = {lang: (lambda value, lang=lang: with_unit(value, honest.unit, lang)) for lang in ("en", "fr")}
    return Finding(wrong, honest, *names, Text(english(say["en"]), french(say["fr"])))


def _visible(wrong: Metric, honest: Metric) -> bool:
    return abs(honest.value - wrong.value) > VISIBLE * abs(honest.value)


def _times(wrong: Metric, honest: Metric, lang: str) -> str:
    """How many times the wrong figure the honest one is; two decimals where one would say 1.0."""
    if not wrong.value:
        return "∞"
    ratio = honest.value / wrong.value
    return number(ratio, lang, 1 if ratio >= 1.1 else 2)


def _amounts(wrong: Metric, honest: Metric) -> Callable[[str], str]:
    """The gap and its share of the honest figure."""
    gap = honest.value - wrong.value
    share = 100 * gap / honest.value if honest.value else 0.0
    return lambda lang: (
        f"{with_unit(gap, honest.unit, lang)} ({number(share, lang, 0)}{NARROW if lang == 'fr' else ' '}%)"
    )


def _percent(change: float, lang: str) -> str:
    return f"{'+' if change >= 0 else ''}{number(change, lang, 0)}{NARROW if lang == 'fr' else ' '}%"

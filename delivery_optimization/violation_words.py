"""What the checker found, in words of both languages; its own message has the figures."""

from __future__ import annotations

from collections.abc import Sequence

from delivery_optimization.checker import Violation
from delivery_optimization.diagnosis_words import say
from delivery_optimization.instance import Instance
from usecases.contract import Text

SHOWN = 3  # things that are wrong, in a note
WRONG = {
    "unknown": ("names what does not exist", "cite ce qui n'existe pas"),
    "empty": ("makes no stop", "ne fait aucun arrêt"),
    "twice": ("is served or listed twice", "est servie ou citée deux fois"),
    "cover": (
        "is neither served nor said not to be, or both",
        "n'est ni servie ni dite non servie, ou les deux",
    ),
    "pairing": (
        "is not picked up and delivered on one route",
        "n'est pas retirée et livrée par une même tournée",
    ),
    "fleet": ("uses more vehicles than there are", "emploie plus de véhicules qu'il n'y en a"),
    "precedence": ("is delivered before its pickup", "est livrée avant d'avoir été retirée"),
    "capacity": ("carries more than its vehicle takes", "emporte plus que son véhicule ne prend"),
    "window": (
        "is served after its window has closed",
        "est servie après la fermeture de sa fenêtre",
    ),
    "shift": ("leaves the hours of its vehicle", "sort des heures de son véhicule"),
    "break": ("does not take its break as it must", "ne prend pas sa pause comme il le faut"),
    "cost": ("states a cost that is not its own", "annonce un coût qui n'est pas le sien"),
    "required": ("must be served and is not", "doit être servie et ne l'est pas"),
}


def refusal(instance: Instance, wrong: Sequence[Violation]) -> Text:
    """Say that a plan is not scored, and the first things that are wrong with it.

    Parameters
    ----------
    instance : Instance
        What the plan is for.
    wrong : sequence of Violation
        Of the checker, orders merely left out not among them.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> refusal(tiny(), [Violation("precedence", "", route=0, order=0)]).en
    'tiny: the plan is not valid (1 violation(s)), so it is not scored: order A is delivered before its pickup.'
    """
    said = list(dict.fromkeys(violation_text(instance, violation) for violation in wrong))[:SHOWN]
    return say(
        "{name}: the plan is not valid ({n} violation(s)), so it is not scored: {what}.",
        "{name} : le plan n'est pas valide ({n} violation(s)), il n'est donc pas noté : {what}.",
        name=instance.name,
        n=len(wrong),
        what=Text("; ".join(text.en for text in said), " ; ".join(text.fr for text in said)),
    )


def violation_text(instance: Instance, violation: Violation) -> Text:
    """Say which order or route is wrong, and how; routes are numbered from 1, as on the map.

    Parameters
    ----------
    instance : Instance
        What the plan is for.
    violation : Violation
        Of the checker.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> print(violation_text(tiny(), Violation("precedence", "", route=0, order=0)).fr)
    la commande A est livrée avant d’avoir été retirée
    """
    en, fr = WRONG[violation.kind]
    order, route = violation.order, violation.route
    if order is not None and 0 <= order < instance.n_orders:
        name = instance.orders.names[order]
        return say("order {name} " + en, "la commande {name} " + fr, name=name)
    if route is not None:
        return say("route {n} " + en, "la tournée {n} " + fr, n=route + 1)
    return say("the plan " + en, "le plan " + fr)

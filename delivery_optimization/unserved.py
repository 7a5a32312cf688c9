"""The orders that a plan does not serve, each with its window and the reason where one is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from delivery_optimization.diagnosis import shortages
from delivery_optimization.diagnosis_words import capital, window
from delivery_optimization.impossible import impossible_orders
from delivery_optimization.instance import Instance
from delivery_optimization.plan import Plan
from usecases.contract import Section, Table, Text

MOST_ROWS = 200
MAY = Text(
    "May be left out at its penalty; no cheaper plan that serves it was found",
    "Peut être laissée de côté contre sa pénalité ; aucun plan moins cher qui la serve n’a été trouvé",
)
NO_PLAN = Text("No plan was found that serves it too", "Aucun plan trouvé ne la sert aussi")


def unserved_table(instances: Sequence[Instance], plans: Sequence[Plan]) -> Section:
    """Name every order that is not served.

    Parameters
    ----------
    instances : sequence of Instance
        Of the run.
    plans : sequence of Plan
        One for each.

    Returns
    -------
    Section
        One row for each order: its name, its window, why; the instance too where there are several.

    Examples
    --------
    >>> from delivery_optimization.examples import tiny
    >>> table = unserved_table([tiny()], [Plan((), unserved=(1,))]).blocks[0]
    >>> [cell.en if isinstance(cell, Text) else cell for cell in table.rows[0]]
    ['B', '00:00 to 01:00', 'No plan was found that serves it too']
    """
    several = len(instances) > 1
    rows = [
        [
            *([instance.name] if several else []),
            instance.orders.names[order],
            window(instance, float(instance.orders.opens[order]), float(instance.orders.closes[order])),
            reason,
        ]
        for instance, plan in zip(instances, plans, strict=True)
        for order, reason in _reasons(instance, plan)
    ]
    columns = [Text("order", "commande"), Text("window", "fenêtre"), Text("reason", "raison")]
    if several:
        columns = [Text("instance", "instance"), *columns]
    caption = None
    if len(rows) > MOST_ROWS:
        caption = Text(
            f"The first {MOST_ROWS} of {len(rows)}; plan.json has them all.",
            f"Les {MOST_ROWS} premières sur {len(rows)} ; plan.json les contient toutes.",
        )
    title = Text("Orders not served", "Commandes non servies")
    return Section(title, (Table(columns, rows[:MOST_ROWS], caption),))


def _reasons(instance: Instance, plan: Plan) -> list[tuple[int, Text]]:
    """Why each order of a plan is not served: what is proven, or what is known of the search."""
    if not plan.unserved:
        return []
    left = [int(order) for order in plan.unserved]
    proven = {
        left[int(reason.order)]: reason.text
        for reason in impossible_orders(instance.restricted(np.array(left)))
        if reason.order is not None
    }
    kept = np.array([k for k in range(instance.n_orders) if k not in proven], dtype=int)
    fleet = shortages(instance.restricted(kept)) if len(kept) else ()
    otherwise = fleet[0].text if fleet else NO_PLAN
    found = []
    for order in left:
        name = instance.orders.names[order]
        if order in proven:
            said = _without_name(proven[order], name)
        else:
            said = MAY if np.isfinite(instance.orders.penalty[order]) else otherwise
        found.append((order, capital(said)))
    return found


def _without_name(text: Text, name: str) -> Text:
    """A reason without the order that it begins with."""
    return Text(text.en.removeprefix(f"order {name}: "), text.fr.removeprefix(f"commande {name}\u202f: "))

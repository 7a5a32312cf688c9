"""The data source ``own`` of `dynamic`: a person's own days, each order known when it was bought.

The files are those of `delivery_optimization.data.own`; the column ``purchase`` is that of `delivery_optimization.data.own_purchases`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from delivery_optimization.data.describe import ARRIVALS, both
from delivery_optimization.data.own import Own
from delivery_optimization.data.own_files import find_files, is_known_form
from delivery_optimization.data.own_purchases import purchases, read_days
from delivery_optimization.data.routing_data import fingerprint
from delivery_optimization.dynamic.city_days import PlayedCityDay, check_period
from delivery_optimization.dynamic.city_world import CityWorld
from delivery_optimization.dynamic.days import ALL_KNOWN, DynamicData
from delivery_optimization.dynamic.own_day import COMMON_SHARE, own_day, playable
from delivery_optimization.instance import Instance
from usecases.contract import Text
from usecases.errors import UserError
from usecases.formatting import whole_or, with_unit

Array = np.ndarray
SHOWN = 8  # names of orders in a note


class OwnDays:
    """A person's own days, replayed order by order with the environment and the policies of the city.

    Where no column says when an order was bought, it is assumed to become known some hours before its window opens; one
    without a window is known from the start. What is loaded at a depot is picked up at the nearest one.

    Parameters
    ----------
    period : float
        Minutes between two decisions, 1 to 60.
    lead_hours : float
        How long before its window an order becomes known, where the file does not say it.
    travel_cv, handling_cv : float
        Coefficients of variation of travel and handling times: assumed; 0 for times as planned.
    lost_cost : float
        EUR that an order costs that is never served.
    columns : mapping of str to str, optional
        As in `delivery_optimization.data.own.Own`, and ``purchase``: title of the column of purchase times.
    **keys : object
        Of `delivery_optimization.data.own.Own`: ``path``, ``vehicles``, ``durations``, ...

    Raises
    ------
    UserError
        If a value is out of range.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from delivery_optimization.data.own_template import write_template
    >>> folder = Path(tempfile.mkdtemp()) / "my day"
    >>> write_template(folder)
    >>> data = OwnDays(path=str(folder)).read(seed=0)
    >>> data.days[0].name, data.days[0].made.n_orders
    ('2026-03-17', 40)
    """

    def __init__(
        self,
        period: float = 15.0,
        lead_hours: float = 2.0,
        travel_cv: float = 0.2,
        handling_cv: float = 0.35,
        lost_cost: float = 100.0,
        columns: Mapping[str, str | None] | None = None,
        **keys: Any,
    ) -> None:
        check_period(period)
        for name, value, most in (
            ("lead_hours", lead_hours, 48),
            ("travel_cv", travel_cv, 2),
            ("handling_cv", handling_cv, 2),
            ("lost_cost", lost_cost, 1e6),
        ):
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
                raise UserError(f"data.{name}={value} was given: a number from 0 to {most:g} was expected")
        self.period, self.lead = float(period), 3600 * float(lead_hours)
        self.travel_cv, self.handling_cv = float(travel_cv), float(handling_cv)
        self.lost_price = float(lost_cost)
        self.source = Own(columns=columns or {}, **keys)

    def read(self, seed: int) -> DynamicData:
        """Read the files; the seed draws travel and handling times.

        Parameters
        ----------
        seed : int
            Of the noise.

        Returns
        -------
        DynamicData

        Raises
        ------
        UserError
            With file, row and column, for whatever is wrong in the files; if a vehicle has a break or an order a cost of
            lateness, or the file is no spreadsheet.
        """
        source = self.source
        if is_known_form(find_files(str(source.path)).orders):
            raise UserError(
                f"{source.path}: a file of Solomon, VRPLIB or VROOM says not when an order becomes known; a CSV file was expected: "
                "usecases data template delivery_optimization/dynamic writes an example"
            )
        read = read_days(source, seed, "dynamic")
        bought = purchases(source, read.instances)
        known = bought or [self._assumed(instance) for instance in read.instances]
        instances, known, left_out = _kept(read.instances, known)
        cv = {"travel_cv": self.travel_cv, "handling_cv": self.handling_cv, "lost_price": self.lost_price}
        days = tuple(
            PlayedCityDay(own_day(i, when, **cv), seed, 60 * self.period)
            for i, when in zip(instances, known, strict=True)
        )
        digest = hashlib.sha256(fingerprint(instances).encode())
        for when in known:
            digest.update(when.tobytes())
        digest.update(repr((seed, self.period, *cv.values())).encode())
        said = [*read.description["assumptions"], *map(both, self._assumptions(bought is None))]
        description = {**read.description, "period_min": self.period, "assumptions": said}
        if bought is not None:
            description["arrivals"] = both(ARRIVALS["bought"])
        return DynamicData(
            CityWorld(()),
            days,
            description,
            digest.hexdigest(),
            "EUR",
            lost_price=self.lost_price,
            hindsight_name=ALL_KNOWN,
            left_out=tuple(left_out),
        )

    def _assumed(self, instance: Instance) -> Array:
        """When each order becomes known, where the file does not say it."""
        begin = min(vehicle.opens for vehicle in instance.vehicles)
        opens = instance.orders.opens
        return np.where(opens > begin, opens - self.lead, -np.inf)

    def _assumptions(self, drawn: bool) -> list[Text]:
        """What the files do not say, in words."""
        said = [_noise(self.travel_cv, self.handling_cv), _lost(self.lost_price), RULES]
        return [*said, _known_before(self.lead / 3600)] if drawn else said


RULES = Text(
    "What is loaded at a depot is picked up at the nearest one, for each tour anew; of the window of a pickup only the opening "
    "counts. Couriers of the last shift stay up to four hours longer, until all is delivered. There are no past days to learn "
    "from: consensus imagines no further order.",
    "Ce qui est chargé au dépôt est retiré au plus proche, à chaque tournée\u202f; de la fenêtre d’un enlèvement, seule l’ouverture "
    "compte. Les livreurs de la dernière vacation restent jusqu’à quatre heures de plus, le temps de tout livrer. Il n’y a pas de "
    "journées passées dont apprendre\u202f: consensus n’imagine aucune autre commande.",
)


def _kept(
    instances: Sequence[Instance], known: Sequence[Array]
) -> tuple[tuple[Instance, ...], list[Array], list[Text]]:
    """Leave out, and name, the orders that no shift can serve once they are known.

    Raises
    ------
    UserError
        If a day has no other order.
    """
    days, moments, notes = [], [], []
    for instance, when in zip(instances, known, strict=True):
        good = playable(instance, when)
        if not good.all():
            names = [instance.orders.names[int(k)] for k in np.flatnonzero(~good)]
            if not good.any():
                raise UserError(
                    f"{instance.name}: no order can be delivered between the first shift's begin and the last one's end, order "
                    f"{names[0]!r} for one: correct the windows or the shifts"
                )
            listed = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
            note = Text(
                f"{instance.name}: left out, as no shift can serve them once they are known: {len(names)} order(s) ({listed}).",
                f"{instance.name} : laissées de côté, car aucune vacation ne peut les servir une fois connues : {len(names)} "
                f"commande(s) ({listed}).",
            )
            notes.append(note)
        kept = np.flatnonzero(good)
        days.append(instance if good.all() else instance.restricted(kept))
        moments.append(when[kept])
    return tuple(days), moments, notes


def _noise(travel_cv: float, handling_cv: float) -> Text:
    """Say how travel and handling vary."""

    def share(value: float, lang: str) -> str:
        return with_unit(100 * value, "%", lang, whole_or(round(100 * value, 6), 1))

    return Text(
        f"Travel times vary by {share(travel_cv, 'en')} and handling times by {share(handling_cv, 'en')} (standard deviation, "
        f"assumed); {share(COMMON_SHARE, 'en')} of the variance of travel is common to the legs of a courier.",
        f"Les temps de trajet varient de {share(travel_cv, 'fr')} et ceux de manutention de {share(handling_cv, 'fr')} (écart type, "
        f"supposé) ; {share(COMMON_SHARE, 'fr')} de la variance des trajets est commune aux trajets d’un même livreur.",
    )


def _lost(price: float) -> Text:
    """Say what a lost order is charged."""
    return Text(
        f"An order that is never served is charged {with_unit(price, 'EUR', 'en', whole_or(price, 2))}.",
        f"Une commande jamais servie est comptée {with_unit(price, 'EUR', 'fr', whole_or(price, 2))}.",
    )


def _known_before(hours: float) -> Text:
    """Say when orders become known, where no column does."""
    digits = 0 if hours == round(hours) else 1
    before = {lang: with_unit(hours, "h", lang, digits) for lang in ("en", "fr")}
    return Text(
        f"No column says when an order was bought: it is known {before['en']} before its window opens, without a window from the "
        "start.",
        f"Aucune colonne ne dit quand une commande a été achetée : elle est connue {before['fr']} avant l’ouverture de sa fenêtre, "
        "sans fenêtre dès le début.",
    )

"""Words for the description of the data, in both languages; its keys are those of `usecases.report_words.KEYS`."""

from __future__ import annotations

from collections.abc import Mapping

from usecases.contract import Text
from usecases.formatting import number

CONVENTIONS = {
    "dimacs": Text("distances truncated to one decimal", "distances tronquées à une décimale"),
    "double": Text("exact distances", "distances exactes"),
    "integer": Text("whole numbers as they are given", "nombres entiers tels qu’ils sont donnés"),
}
OBJECTIVES = {
    "distance": Text("distance", "distance"),
    "vehicles_then_distance": Text("vehicles, then distance", "véhicules, puis distance"),
    "driving_time": Text("driving time", "temps de trajet"),
}
SERVICES = {
    "shops": Text(
        "pickups at shops, deliveries to customers", "retraits en magasin, livraisons chez les clients"
    ),
    "parcels": Text("parcels from depots to customers", "colis livrés de dépôts à des clients"),
}
KNOWN = {
    "all": Text("all orders of the day", "toutes les commandes du jour"),
    "start": Text("orders bought before the day begins", "commandes achetées avant la journée"),
}
ARRIVALS = {
    "bought": Text("when they were bought", "au moment de l’achat"),
    "drawn": Text("before the day, in random order", "avant la journée, dans un ordre tiré au sort"),
}
PRODUCTS = {
    "one-hour": Text("in one hour", "en une heure"),
    "two-hour": Text("within two hours", "sous deux heures"),
}


def both(text: Text) -> dict[str, str]:
    """Write a text as descriptions hold it.

    Examples
    --------
    >>> both(OBJECTIVES["distance"])
    {'en': 'distance', 'fr': 'distance'}
    """
    return {"en": text.en, "fr": text.fr}


def convention(name: str) -> dict[str, str]:
    """Say how distances and durations are rounded; an unknown name stays as it is.

    Examples
    --------
    >>> convention("double")["fr"]
    'distances exactes'
    """
    return both(CONVENTIONS.get(name, Text(name, name)))


def objective(name: str) -> dict[str, str]:
    """Say what is minimised; an unknown name stays as it is.

    Examples
    --------
    >>> objective("vehicles_then_distance")["en"]
    'vehicles, then distance'
    """
    return both(OBJECTIVES.get(name, Text(name, name)))


def day_line(summary: Mapping[str, object]) -> dict[str, str]:
    """Write the counts of a day of the city as one line.

    Parameters
    ----------
    summary : mapping
        `delivery_optimization.data.city_day.CityDay.summary`.

    Examples
    --------
    >>> day_line({"day": "2026-03-16", "orders": 2, "products": {"two-hour": 2}, "couriers": 3, "external_couriers": 0})["en"]
    '2026-03-16: 2 orders (2 within two hours), 3 couriers'
    """
    return {lang: _line(summary, lang) for lang in ("en", "fr")}


def _line(summary: Mapping[str, object], lang: str) -> str:
    def count(key: str, one: Text, many: Text) -> str:
        value = summary[key]
        assert isinstance(value, int)
        word = one if value < 2 and (lang == "fr" or value == 1) else many
        return f"{number(value, lang)} {word[lang]}"

    products = summary["products"]
    assert isinstance(products, Mapping)
    kinds = ", ".join(
        f"{number(value, lang)} {PRODUCTS[name][lang] if name in PRODUCTS else name}"
        for name, value in products.items()
    )
    said = [
        count("orders", Text("order", "commande"), Text("orders", "commandes"))
        + (f" ({kinds})" if kinds else ""),
        count("couriers", Text("courier", "livreur"), Text("couriers", "livreurs")),
    ]
    if summary["external_couriers"]:
        said.append(
            count(
                "external_couriers",
                Text("external courier", "livreur externe"),
                Text("external couriers", "livreurs externes"),
            )
        )
    day = str(summary["day"])
    when = "/".join(reversed(day.split("-"))) if lang == "fr" else day
    return f"{when}{' :' if lang == 'fr' else ':'} {', '.join(said)}"

"""The template of the data source ``own``: a folder with a day's orders and vehicles to fill in, in English or French.

It must stay what `delivery_optimization.data.own` reads: a test reads both folders back.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from usecases.contract import Text
from usecases.errors import UserError

TEMPLATE_NAME = "routing_template"
TEMPLATE_HELP = Text(
    en="""\
orders.csv: one row for each order
  order              its name, unique; a number of yours, not the name of a person
  address, latitude, longitude
                     the columns that the French address geocoder adds to your file (https://adresse.data.gouv.fr/outils/csv) are read
                     as they are, result_score, result_type and result_status too: a low score is told
  date, opens, closes
                     day, and window in which the delivery must begin: 09:00, 9h30; 22:00 to 02:00 goes past midnight; empty: no
                     limit. Orders of several days are planned day by day
  service_minutes    time at the door
  size               what it takes of a vehicle; several: data.sizes=[weight,volume], with columns of these titles in both files
  product, penalty   what was promised; what it costs not to serve the order (EUR; empty: it must be served)
  late_cost          EUR for each minute after the window, which may then be missed (method=ortools); empty: it must be kept
  pickup, pickup_latitude, pickup_longitude, pickup_opens, pickup_closes, pickup_service_minutes
                     where it is picked up on the way: coordinates, or the name of a depot; empty: on board from the start
  purchase           for quote and dynamic: when it was bought (10:42, or 2026-03-16 10:42); without it, quote takes a random order,
                     and dynamic two hours before the window (data.lead_hours)
vehicles.csv: one row for each kind of vehicle
  carrier, vehicle, number, capacity, opens, closes, depot, latitude, longitude
  cost_per_km, cost_per_hour, fixed_cost     EUR; fixed_cost for each vehicle used
  speed_km_h         empty: the duration table, or data.speed_km_h without one
  break_opens, break_closes, break_minutes   a break (then method=ortools)
durations.json, if you have it: the answer of OSRM's service table, as it is. Without it, durations are estimated.
Replace the rows by yours and keep the titles. The orders of the template are invented.""",
    fr="""\
commandes.csv : une ligne par commande
  commande           son nom, unique ; un numéro à vous, pas le nom d’une personne
  adresse, latitude, longitude
                     les colonnes que le géocodeur d’adresses français ajoute à votre fichier (https://adresse.data.gouv.fr/outils/csv)
                     sont lues telles quelles, result_score, result_type et result_status aussi : un score faible est signalé
  date, ouvre, ferme
                     jour, et fenêtre où la livraison doit commencer : 09:00, 9h30 ; de 22:00 à 02:00, elle passe minuit ;
                     vide : pas de limite. Les commandes de plusieurs jours sont planifiées jour par jour
  minutes_service    temps passé à la porte
  taille             ce qu’elle prend dans un véhicule ; plusieurs : data.sizes=[poids,volume],
                     et des colonnes de ces titres dans les deux fichiers
  produit, pénalité  ce qui a été promis ; ce que coûte de ne pas servir la commande (EUR ; vide : elle doit l’être)
  coût_retard        EUR par minute après la fenêtre, qui peut alors être manquée (method=ortools) ; vide : elle doit être tenue
  enlèvement, latitude_enlèvement, longitude_enlèvement, enlèvement_ouvre, enlèvement_ferme, enlèvement_minutes
                     où elle est retirée en route : coordonnées, ou nom d’un dépôt ; vide : à bord dès le départ
  achat              pour quote et dynamic : quand elle a été achetée (10:42, ou 16/03/2026 10:42) ; sans cette colonne,
                     quote tire l’ordre au sort, et dynamic prend deux heures avant la fenêtre (data.lead_hours)
véhicules.csv : une ligne par type de véhicule
  transporteur, véhicule, nombre, capacité, ouvre, ferme, dépôt, latitude, longitude
  coût_km, coût_heure, coût_fixe             EUR ; coût_fixe par véhicule utilisé
  vitesse_km_h       vide : la table de durées, ou data.speed_km_h sans table
  pause_début, pause_fin, pause_minutes      une pause (alors method=ortools)
durées.json, si vous l’avez : la réponse du service « table » d’OSRM, telle quelle. Sans elle, les durées sont estimées.
Remplacez les lignes par les vôtres et gardez les titres. Les commandes du modèle sont inventées.""",
)

_ORDERS = Text(
    en="order address latitude longitude result_score date opens closes service_minutes size product pickup",
    fr="commande adresse latitude longitude result_score date ouvre ferme minutes_service taille produit enlèvement",
)
_VEHICLES = Text(
    en="carrier vehicle number capacity opens closes depot latitude longitude cost_per_km cost_per_hour fixed_cost "
    "speed_km_h break_opens break_closes break_minutes",
    fr="transporteur véhicule nombre capacité ouvre ferme dépôt latitude longitude coût_km coût_heure coût_fixe "
    "vitesse_km_h pause_début pause_fin pause_minutes",
)
_FILES = {"orders": Text("orders.csv", "commandes.csv"), "vehicles": Text("vehicles.csv", "véhicules.csv"),
          "readme": Text("readme.txt", "lisez-moi.txt")}  # fmt: skip
_PRODUCTS = (Text("one-hour slot", "créneau d'une heure"), Text("two hours", "deux heures"))
_STREETS = (
    "rue Nationale",
    "rue de Paris",
    "rue Gambetta",
    "rue Solférino",
    "rue du Molinel",
    "rue d'Artois",
    "rue Colbert",
)
_DEPOT, _SHOP = (50.6100, 3.0450), (50.6372, 3.0633)


def write_template(path: Path, lang: str = "en") -> None:
    """Write a folder that runs as it is: 40 invented orders around Lille, two kinds of vehicles, and a readme.

    The French files are what a French spreadsheet saves (semicolons, decimal comma, dd/mm/yyyy, UTF-8 with a mark); both
    hold the same values.

    Parameters
    ----------
    path : pathlib.Path
        The folder to write; its files are overwritten.
    lang : {"en", "fr"}
        Language of titles and words.

    Raises
    ------
    UserError
        If the path ends like a file.
    OSError
        When a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "my day"
    >>> write_template(folder)
    >>> sorted(file.name for file in folder.iterdir())
    ['orders.csv', 'readme.txt', 'vehicles.csv']
    """
    path = Path(path)
    if path.suffix.lower() in (".csv", ".xlsx", ".txt"):
        raise UserError(
            f"{path} would be a folder with several files: give a name without an ending, for example --out my_day"
        )
    path.mkdir(parents=True, exist_ok=True)
    _write(_orders(lang), path / _FILES["orders"][lang], _ORDERS[lang], lang)
    _write(_vehicles(lang), path / _FILES["vehicles"][lang], _VEHICLES[lang], lang)
    (path / _FILES["readme"][lang]).write_text(
        TEMPLATE_HELP[lang] + "\n", encoding="utf-8-sig" if lang == "fr" else "utf-8"
    )


def _write(frame: pd.DataFrame, file: Path, titles: str, lang: str) -> None:
    french = lang == "fr"
    frame.to_csv(
        file,
        index=False,
        header=titles.split(),
        sep=";" if french else ",",
        decimal="," if french else ".",
        encoding="utf-8-sig" if french else "utf-8",
        date_format="%d/%m/%Y" if french else "%Y-%m-%d",
        lineterminator="\n",
    )


def _orders(lang: str) -> pd.DataFrame:
    """Invented orders of one day: a third is picked up at a shop, and comes within two hours."""
    rng = np.random.default_rng(2021)
    n = 40
    two_hours = rng.random(n) < 0.35
    opens = np.where(two_hours, rng.integers(18, 34, n) / 2, rng.integers(9, 18, n))
    closes = opens + np.where(two_hours, 2, 1)
    depot = Text("shop of the centre", "magasin du centre")[lang]
    return pd.DataFrame(
        {
            "order": [f"C{number:03d}" for number in range(1, n + 1)],
            "address": [
                f"{rng.integers(1, 120)} {_STREETS[rng.integers(len(_STREETS))]} 59000 Lille"
                for _ in range(n)
            ],
            "latitude": (50.63 + 0.018 * rng.standard_normal(n)).round(6),
            "longitude": (3.06 + 0.028 * rng.standard_normal(n)).round(6),
            "score": rng.uniform(0.72, 0.98, n).round(2),
            "date": pd.Timestamp("2026-03-17"),
            "opens": [_clock(hour) for hour in opens],
            "closes": [_clock(hour) for hour in closes],
            "service": rng.choice([4.0, 5.0, 7.5, 10.0], n),
            "size": rng.integers(1, 5, n),
            "product": [_PRODUCTS[int(quick)][lang] for quick in two_hours],
            "pickup": [depot if quick else "" for quick in two_hours],
        }
    )


def _vehicles(lang: str) -> pd.DataFrame:
    """Vans of one carrier from a depot, cargo bikes of another from the shop."""
    depots = (Text("warehouse", "entrepôt")[lang], Text("shop of the centre", "magasin du centre")[lang])
    carriers = (Text("North Vans", "Camionnettes du Nord")[lang], Text("Green Bikes", "Vélos verts")[lang])
    kinds = (Text("van", "camionnette")[lang], Text("cargo bike", "vélo cargo")[lang])
    rows = [
        (
            carriers[0],
            kinds[0],
            4,
            40,
            "08:00",
            "20:00",
            depots[0],
            *_DEPOT,
            0.30,
            24.0,
            18.0,
            np.nan,
            "",
            "",
            np.nan,
        ),
        (
            carriers[1],
            kinds[1],
            3,
            12,
            "09:00",
            "19:00",
            depots[1],
            *_SHOP,
            0.05,
            21.0,
            6.0,
            13.0,
            "",
            "",
            np.nan,
        ),
    ]
    return pd.DataFrame(rows)


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(60 * (hour % 1)):02d}"

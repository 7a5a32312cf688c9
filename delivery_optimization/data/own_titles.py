"""Titles of the columns of a person's file of orders, in English and French, and what each holds."""

from __future__ import annotations

# Other titles of a column; case and accents do not matter, and _, - and a space are alike.
ALIASES: dict[str, tuple[str, ...]] = {
    "order": (
        "commande",
        "order_id",
        "id",
        "reference",
        "numero de commande",
        "n° de commande",
        "n° commande",
        "numero",
    ),
    "address": ("adresse", "result_label"),
    "latitude": ("lat",),
    "longitude": ("lon", "lng", "long"),
    "date": ("jour", "day", "date de livraison"),
    "opens": (
        "ouvre",
        "debut",
        "from",
        "window_start",
        "slot_start",
        "creneau_debut",
        "debut_creneau",
        "heure_debut",
        "debut_fenetre",
        "fenetre_debut",
        "heure_min",
        "ouverture",
        "start",
    ),
    "closes": (
        "ferme",
        "fin",
        "to",
        "window_end",
        "slot_end",
        "creneau_fin",
        "fin_creneau",
        "heure_fin",
        "fin_fenetre",
        "fenetre_fin",
        "heure_max",
        "fermeture",
        "end",
    ),
    "service_minutes": (
        "minutes_service",
        "service",
        "minutes_sur_place",
        "temps_sur_place",
        "duree_service",
    ),
    "size": ("taille", "colis", "parcels", "nb_colis", "nombre_colis", "quantite", "quantity"),
    "product": ("produit",),
    "penalty": ("penalite",),
    "late_cost": ("cout_retard", "cout_du_retard", "cout_minute_retard", "retard_eur_minute"),
    "pickup": ("enlevement", "retrait"),
    "pickup_address": ("adresse_enlevement", "adresse_retrait"),
    "pickup_latitude": ("latitude_enlevement", "latitude_retrait"),
    "pickup_longitude": ("longitude_enlevement", "longitude_retrait"),
    "pickup_opens": ("enlevement_ouvre", "retrait_ouvre", "enlevement_debut"),
    "pickup_closes": ("enlevement_ferme", "retrait_ferme", "enlevement_fin"),
    "pickup_service_minutes": ("enlevement_minutes", "retrait_minutes", "minutes_enlevement"),
}
PURCHASE = (
    "purchase",
    "achat",
    "bought",
    "purchased",
    "ordered_at",
    "heure_achat",
    "date_achat",
    "commandee_le",
)  # of `quote` and `dynamic`
GEOCODER = ("result_label", "result_score", "result_status", "result_type")
TEXTS = (
    "order", "address", "date", "opens", "closes", "product", "pickup", "pickup_address", "pickup_opens", "pickup_closes",
    "result_label", "result_status", "result_type",
)  # fmt: skip
NUMBERS = (
    "latitude", "longitude", "service_minutes", "penalty", "late_cost", "pickup_latitude", "pickup_longitude",
    "pickup_service_minutes", "result_score",
)  # fmt: skip

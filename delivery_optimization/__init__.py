"""Urban delivery (Colisweb × Inria Inocs): the card; tasks come with a later version."""

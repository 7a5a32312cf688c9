"""Product configuration (BR4CP: CRIL, IRIT, LIRMM × Renault): the card; tasks come with a later version."""

"""Visual inspection (mushroom grower × CRIStAL, industrial defects): the card; tasks come with a later version."""

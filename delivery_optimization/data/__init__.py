"""Where instances come from: each source has ``read(seed) -> RoutingData``."""

"""Urban delivery (Colisweb × Inria Inocs): routes, dispatch of orders as they come, quotes of slots, and what a plan is worth."""

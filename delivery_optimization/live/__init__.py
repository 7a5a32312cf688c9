"""A plan that lives: orders arrive, slots are quoted, accepted, and the plan is improved without being upset."""

"""Thin adapters of the tasks to the contract of the core."""

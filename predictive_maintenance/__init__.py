"""Predictive maintenance (DiagRAMS × Inria Modal): remaining useful life of machines from multi-sensor histories."""

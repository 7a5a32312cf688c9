"""Hydra configurations; carried into the wheel as `usecases/_configs`."""

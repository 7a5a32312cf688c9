"""The adapters between this package and the core."""

"""The shared core of the library: cards, contract, runs, reports. Importing it loads nothing heavy."""

__version__ = "0.1.0"

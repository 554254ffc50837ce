"""Validate the data, compare the candidate model with the baseline, say whether to deploy."""

__version__ = "0.1.0"

"""Predictions to numbers: targets, metrics, paired intervals, slices, and the rules over them."""

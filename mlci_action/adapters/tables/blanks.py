"""Which cells of a text are missing? Those that pandas takes for it, whoever reads them."""

from __future__ import annotations

# pandas.read_csv's own: its documentation lists them under na_values, and a test holds them equal.
MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip

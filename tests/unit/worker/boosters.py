"""Small boosters, fitted once, and the rows they are asked of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

N_ROWS = 80
_RANDOM = np.random.default_rng(0)
NUMBERS = pd.DataFrame(
    {"age x": _RANDOM.normal(size=N_ROWS), "income": _RANDOM.normal(size=N_ROWS)}
)
CITIES = _RANDOM.choice(["Bonn", "Rome", "Oslo"], N_ROWS)
AS_TEXT = NUMBERS.assign(city=CITIES)
AS_CATEGORIES = NUMBERS.assign(city=pd.Categorical(CITIES))
TWO = (NUMBERS["income"] + (CITIES == "Bonn") > 0).astype(int).to_numpy()
THREE = (TWO + (NUMBERS["age x"] > 0)).to_numpy()
AMOUNT = (3 * NUMBERS["income"] + NUMBERS["age x"]).to_numpy()


def close(said: Any, expected: Any) -> bool:  # noqa: ANN401
    """Whether both are the same but for rounding."""
    return np.shape(said) == np.shape(expected) and bool(np.allclose(said, expected, atol=1e-6))

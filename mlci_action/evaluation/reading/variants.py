"""What is a model asked beside the rows as they are? The same rows with some columns changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlci_action.evaluation.reading.predictions import ModelOutput


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Variant:
    """Rows of the evaluation data, changed: all columns but those of `changed` are as they were.

    rows: (m,) positions in the evaluation data. changed: m rows in the same order, any index, and
    only columns that the evaluation data has; without a column the rows are asked as they are.
    """

    name: str
    rows: NDArray[np.int64]
    changed: pd.DataFrame


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Answers:
    """What a model said of the N rows, and of each variant in the order they were asked.

    variants: its outputs for the m rows, or a sentence why there are none ("fails in predict
    (ValueError: Input contains NaN)"). unexpected: sentences that name columns whose values lie far
    from what the model was fitted on. facts: JSON values for the report.
    """

    output: ModelOutput
    variants: tuple[ModelOutput | str, ...] = ()
    unexpected: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def varied(frame: pd.DataFrame, variant: Variant) -> pd.DataFrame:
    """The rows of the variant as a table of their own, numbered from 0."""
    rows = frame.iloc[variant.rows].reset_index(drop=True)
    new = {name: variant.changed[name].reset_index(drop=True) for name in variant.changed.columns}
    return rows.assign(**new)

"""Do targets near zero make a mean percentage error of a few rows?

A share of a target near zero has no bound, and where such targets occur the mean has none either:
a few rows then decide it, and the next sample holds others. Said where no more than one row of
twenty makes more than half of the value, but less than half of the absolute errors, so that it is
the targets that are small, not the errors that are large. Simulated with 20 to 1,000 rows: never
where errors are a share of the target, or targets keep four standard deviations off zero; in a
third of the samples and more where targets are as often near zero as anywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlci_action.evaluation.metrics.losses import absolute_errors, percentage_errors

_Float = NDArray[np.float64]
_ROWS_PER_ROW = 20


def small_targets_note(truth: _Float, values: _Float, weight: _Float | None) -> str:
    """What to say of (n,) truth and values, or an empty text."""
    most = len(truth) // _ROWS_PER_ROW
    if not most:
        return ""
    shares = _weighted(percentage_errors(truth, values), weight)
    largest = np.argpartition(shares, -most)[-most:]
    largest = largest[np.argsort(-shares[largest], kind="stable")]
    half = float(shares.sum()) / 2
    deciding = largest[: int(np.searchsorted(np.cumsum(shares[largest]), half, side="right")) + 1]
    absolute = _weighted(absolute_errors(truth, values), weight)
    few_decide = float(shares[deciding].sum()) > half
    small_targets = float(absolute[deciding].sum()) < float(absolute.sum()) / 2
    if not (few_decide and small_targets):
        return ""
    if len(deciding) == 1:
        return "1 row makes more than half of it: its target is near zero"
    return f"{len(deciding)} rows make more than half of it: their targets are near zero"


def _weighted(per_row: _Float, weight: _Float | None) -> _Float:
    return per_row if weight is None else per_row * weight

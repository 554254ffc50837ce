"""Did the values of a column move? How large a share of its rows, and is that more than chance?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from scipy.stats import kstwobign

from mlci_action.checks.drift_figures import figures
from mlci_action.checks.drift_measure import (
    ALPHA,
    ENOUGH,
    Drift,
    cells_compared,
    column_drift,
    effective_rows,
)
from mlci_action.checks.findings import ColumnPair, Compared, Finding, Kind
from mlci_action.checks.row_order import free_pairs, in_row_order, is_numbering
from mlci_action.domain.data_limits import MAX_DRIFT

__all__ = [
    "HELD",
    "ID",
    "NAME",
    "Drift",
    "all_drifts",
    "column_drift",
    "drift_columns",
    "drift_skipped",
    "find_drift",
    "smallest_visible",
]

NAME = "drift"
ID = f"data.{NAME}"
HELD = "no column's values moved farther than allowed"


def find_drift(data: Compared) -> Iterator[Finding]:
    """Columns that moved; the target's drift is label shift, and the check `labels` tells it."""
    columns = {pair.name: pair for pair in drift_columns(data)}
    for name, drift in all_drifts(data):
        if drift.drifted and name != data.target:
            yield _finding(data, columns[name], drift)


def all_drifts(data: Compared) -> tuple[tuple[str, Drift], ...]:
    """What every column that is looked at measures, the target's among them."""
    pairs = drift_columns(data)
    return tuple(
        (pair.name, column_drift(pair, columns=len(pairs), limit=_limit(data, pair.name)))
        for pair in pairs
    )


def drift_columns(data: Compared) -> tuple[ColumnPair, ...]:
    """The columns that are looked at: their number is `columns` of `column_drift`."""
    return tuple(pair for pair in free_pairs(data) if _reason(data, pair) is None)


def drift_skipped(data: Compared) -> tuple[tuple[str, str], ...]:
    """The columns that are not looked at, and why."""
    reasons = ((pair.name, _reason(data, pair)) for pair in free_pairs(data))
    return tuple((name, reason) for name, reason in reasons if reason is not None)


def smallest_visible(n_before: int, n_now: int, columns: int) -> float:
    """The smallest D of a column of numbers whose p reaches the level; 1.0 with too few values.

    A true shift of that size is found about every second time. For categories it is a guide only:
    few of them need less, many need more. The limit on D comes on top.
    """
    if min(n_before, n_now) < ENOUGH:
        return 1.0
    p = ALPHA / max(columns, 1)
    return min(float(kstwobign.isf(p)) / math.sqrt(effective_rows(n_before, n_now)), 1.0)


def _limit(data: Compared, column: str) -> float:
    limits = data.limits.drift
    return MAX_DRIFT if limits is None else limits.for_column(column)


def _reason(data: Compared, pair: ColumnPair) -> str | None:
    """Why a column is not looked at, None if it is."""
    if in_row_order(pair.reference):
        return "goes along with the row number"
    # A target that never repeats is still what the model is to tell.
    if is_numbering(pair.reference) and pair.name != data.target:
        return "whole numbers that never repeat"
    if min(cells_compared(pair)) < ENOUGH:
        return f"fewer than {ENOUGH} values"
    return None


def _finding(data: Compared, pair: ColumnPair, drift: Drift) -> Finding:
    limit = _limit(data, pair.name)
    return Finding(
        column=pair.name,
        message=f"column {pair.name!r} moved: {drift.d:.3f} of its values lie otherwise, "
        f"above the limit of {limit:.4g} ({drift.n_now:,} values, {drift.n_before:,} before)",
        kind=Kind.COUNT,
        observed=drift.d,
        limit=limit,
        settled=data.limits.drift is not None,
        evidence={
            "interval": [drift.low, drift.high],
            "p": drift.p,
            "n_before": drift.n_before,
            "n_now": drift.n_now,
            **figures(pair),
        },
    )

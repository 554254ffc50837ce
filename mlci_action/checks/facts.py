"""What do the data checks measure beside their answers? Every column's drift, gated or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.checks.context import DataToCheck
from mlci_action.checks.drift import all_drifts, drift_columns, drift_skipped, smallest_visible
from mlci_action.checks.drift_figures import figures
from mlci_action.domain.profile import ColumnProfile

_MOST, _MOST_MOVED = 200, 10
_SHORT = {"jensen_shannon": "js", "wasserstein_per_sd": "w1"}


def drift_facts(
    data: DataToCheck, importance: Mapping[str, float | None] | None = None
) -> dict[str, Any]:
    """The drift of each column as JSON values, the farthest moved first; empty without a reference.

    `importance` is how much the baseline's answers move when a column is moved back; those that
    have one are ranked by it.
    """
    compared = data.compared
    if compared is None:
        return {}
    known = importance or {}
    pairs = {pair.name: pair for pair in drift_columns(compared)}
    measured = all_drifts(compared)
    ranked = sorted(measured, key=lambda one: (-(known.get(one[0]) or 0.0), -one[1].d, one[0]))
    rows = [
        {
            "column": name,
            "d": drift.d,
            "low": drift.low,
            "high": drift.high,
            "p": drift.p,
            "drifted": drift.drifted,
            "importance": known.get(name),
            **_reported(figures(pairs[name])),
        }
        for name, drift in ranked[:_MOST]
    ]
    sizes = [(drift.n_before, drift.n_now) for _, drift in measured]
    smallest = [smallest_visible(before, now, len(sizes)) for before, now in sizes]
    return {
        "drift": rows,
        "drift_not_measured": [
            {"column": name, "why": why} for name, why in drift_skipped(compared)[:_MOST]
        ],
        **({"smallest_drift": max(smallest)} if smallest else {}),
    }


def _reported(measures: Mapping[str, Any]) -> dict[str, Any]:
    """The measures that are shown and not judged, by their short names."""
    return {_SHORT.get(name, name): value for name, value in measures.items()}


def moved_columns(data: DataToCheck) -> tuple[ColumnProfile, ...]:
    """The reference's side of the columns that moved, the farthest first, at most ten features."""
    compared = data.compared
    if compared is None:
        return ()
    moved = [(name, drift) for name, drift in all_drifts(compared) if drift.drifted]
    features = [one for one in moved if one[0] != data.target]
    ranked = sorted(features, key=lambda one: (-one[1].d, one[0]))[:_MOST_MOVED]
    return tuple(compared.reference.by_name[name] for name, _ in ranked)

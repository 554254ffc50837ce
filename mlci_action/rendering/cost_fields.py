"""Which field of report.json is which field of what the models cost? Both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.domain.costs import CostRow
from mlci_action.rendering.value_fields import maybe_fields, maybe_of


def cost_fields(row: CostRow) -> dict[str, Any]:
    """One measure of both models, its numbers in `unit`."""
    return {
        "measure": row.measure,
        "unit": row.unit,
        "baseline": row.baseline,
        "candidate": row.candidate,
        "baseline_p95": row.baseline_p95,
        "candidate_p95": row.candidate_p95,
        "ratio": maybe_fields(row.ratio),
        "n": row.n,
        "note": row.note,
    }


def cost_row_of(fields: Mapping[str, Any]) -> CostRow:
    """The row in fields that fit the schema."""
    return CostRow(
        measure=fields["measure"],
        unit=fields["unit"],
        n=fields["n"],
        candidate=fields["candidate"],
        baseline=fields["baseline"],
        candidate_p95=fields["candidate_p95"],
        baseline_p95=fields["baseline_p95"],
        ratio=maybe_of(fields["ratio"]),
        note=fields["note"],
    )

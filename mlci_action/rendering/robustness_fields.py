"""Which field of report.json is which field of a row on changed data? Both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlci_action.domain.robustness import RobustnessRow
from mlci_action.rendering.value_fields import maybe_fields, maybe_of, value_fields, value_of


def robustness_fields(row: RobustnessRow) -> dict[str, Any]:
    """What one change of the rows did to one measure."""
    return {
        "what": row.what,
        "detail": row.detail,
        "measure": row.measure,
        "baseline": maybe_fields(row.baseline),
        "candidate": value_fields(row.candidate),
        "rise": maybe_fields(row.rise),
        "n": row.n,
    }


def robustness_row_of(fields: Mapping[str, Any]) -> RobustnessRow:
    """The row in fields that fit the schema."""
    return RobustnessRow(
        what=fields["what"],
        detail=fields["detail"],
        measure=fields["measure"],
        n=fields["n"],
        candidate=value_of(fields["candidate"]),
        baseline=maybe_of(fields["baseline"]),
        rise=maybe_of(fields["rise"]),
    )

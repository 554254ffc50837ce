"""What did a check answer? One value per configured check, shown and decided on as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlci_action.domain.cells import CellTest
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.slices import Slice

_SPACE = re.compile(r"\s")


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """The answer to one configured check.

    `id` is `<area>.<what>[.<rule>][.<slice>]`, lower case and stable: users mute and link it.
    `observed` and `limit` are numbers in the check's own unit (None where there is none), `rows` is
    how many rows it concerns. `sensitive` names the columns whose groups a fairness check compares.
    `cells` says which cells of the data it means, so that they can be looked up; it is not stored.
    `evidence` holds JSON values only. An unsettled comparison whose
    difference lies inside its margin carries `evidence["point_inside_margin"] = True`.
    """

    id: str
    area: Area
    outcome: Outcome
    message: str
    severity: Severity = Severity.FAIL
    slice: Slice | None = None
    column: str | None = None
    sensitive: str | None = None
    rows: int | None = None
    observed: float | None = None
    limit: float | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    cells: CellTest | None = None

    def __post_init__(self) -> None:
        if not self.id.startswith(f"{self.area}.") or _SPACE.search(self.id):
            raise ValueError(f"a check id is <area>.<what>, without spaces: {self.id!r}")
        if self.severity is Severity.WARN and self.outcome is Outcome.FAILED:
            raise ValueError(f"{self.id}: a check that only warns cannot fail")

    @property
    def required(self) -> bool:
        """Whether the verdict depends on it."""
        return self.severity is Severity.FAIL


def broken(severity: Severity) -> Outcome:
    """The outcome of a check that ran and did not hold."""
    return Outcome.FAILED if severity is Severity.FAIL else Outcome.WARNED

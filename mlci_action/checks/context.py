"""What does a data check see? The table, the rules for it, and what the schema said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mlci_action.domain.data_limits import DataChecks


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaFailure:
    """One broken rule of the schema: its column (None for the table) and how many rows it breaks.

    `warns` is set for a rule that the schema itself declares as a warning (`raise_warning`).
    """

    column: str | None
    rule: str
    rows: int | None
    warns: bool = False


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DataToCheck:
    """One table with everything that is asked of it.

    `id` names the column that must hold one distinct value per row. With a schema configured,
    either `schema_failures` holds what it said, or `schema_problem` why it could not be applied.
    """

    frame: pd.DataFrame
    limits: DataChecks = DataChecks()
    id: str | None = None
    schema_failures: Sequence[SchemaFailure] | None = None
    schema_problem: str | None = None

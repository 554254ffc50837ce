"""What does a data check see? The table summed up, what it is compared with, and the limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mlci_action.checks.findings import Compared
from mlci_action.domain.data_limits import DataChecks
from mlci_action.domain.outcomes import Outcome
from mlci_action.domain.profile import TableProfile
from mlci_action.profiles.integrity import BrokenRule
from mlci_action.profiles.table import Summed


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaFailure:
    """One broken rule of the schema: its column (None for the table) and how many rows it breaks.

    `warns` is set for a rule that the schema itself declares as a warning (`raise_warning`).
    """

    column: str | None
    rule: str
    rows: int | None
    warns: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """What a batch is compared with: a profile, and where it comes from in words.

    `is_train` says that it is the training data, for want of anything better.
    """

    profile: TableProfile
    origin: str
    is_train: bool = False


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DataToCheck:
    """One table with everything that is asked of it.

    `batch` is the table summed up. Without a `reference`, `no_reference` says why there is none;
    what was asked by name and needs one is `unanswered` then. `reference_problem` says why one that
    is there cannot be read. `train` are the training data.
    `id` names the column that must hold one distinct value per row. With a schema configured,
    either `schema_failures` holds what it said, or `schema_problem` why it could not be applied.
    `integrity` has one answer per rule of `data.integrity`.
    """

    batch: Summed
    reference: Reference | None = None
    no_reference: str = ""
    reference_problem: str = ""
    unanswered: Outcome = Outcome.NOT_RUN
    train: Summed | None = None
    limits: DataChecks = field(default_factory=DataChecks)
    target: str | None = None
    id: str | None = None
    time: str | None = None
    show_values: bool = False
    schema_failures: Sequence[SchemaFailure] | None = None
    schema_problem: str | None = None
    integrity: tuple[BrokenRule, ...] = ()

    @property
    def compared(self) -> Compared | None:
        """The batch beside its reference; None without one."""
        if self.reference is None:
            return None
        return Compared(
            batch=self.batch.profile,
            reference=self.reference.profile,
            limits=self.limits,
            target=self.target,
            id=self.id,
            time=self.time,
            show_values=self.show_values,
        )

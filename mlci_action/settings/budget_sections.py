"""What may it cost to ask the model? The budgets of mlci.yml."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from mlci_action.domain.costs import BATCH_ROWS, Measure
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.scalars import Count, Maybe, Positive, complaint
from mlci_action.settings.section import SEVERITY, Section, at_least_one_of

_OWN_LIMITS = frozenset(measure.max_rule for measure in Measure)


class BudgetSection(Section):
    """What one measure may be at most; each kind has a word with its unit beside `max_ratio`."""

    max_ratio: Maybe[Positive] = Field(
        default=None,
        description="At most this many times the baseline's, measured in the same run.",
        examples=[1.5],
    )
    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)

    @classmethod
    def own_word(cls) -> str:
        """The word for the limit in the measure's unit, such as `max_ms`."""
        (word,) = cls.model_fields.keys() & _OWN_LIMITS
        return word

    @property
    def own_limit(self) -> float | None:
        """The limit in the measure's unit."""
        limit: float | None = getattr(self, self.own_word())
        return limit

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.own_limit is None and self.max_ratio is None:
            raise complaint(f"limits nothing; give {self.own_word()}, max_ratio or both")
        return self


class LatencySection(BudgetSection):
    """How long one row takes, from the raw row to the answer."""

    model_config = at_least_one_of("max_ms", "max_ratio")

    max_ms: Maybe[Positive] = Field(
        default=None,
        description="Milliseconds that 95 of 100 calls take at most, on the machine at hand.",
        examples=[20],
    )


class BatchLatencySection(BudgetSection):
    """How long a batch of rows takes, from the raw rows to the answers."""

    model_config = at_least_one_of("max_ms", "max_ratio")

    max_ms: Maybe[Positive] = Field(
        default=None,
        description="Milliseconds that 95 of 100 batches take at most, on the machine at hand.",
        examples=[200],
    )
    rows: Count = Field(default=BATCH_ROWS, description="How many rows a batch has.")


class ModelSizeSection(BudgetSection):
    """How large the model's file is; of a folder, all that is in it."""

    model_config = at_least_one_of("max_mb", "max_ratio")

    max_mb: Maybe[Positive] = Field(
        default=None, description="Megabytes, of a million bytes each.", examples=[50]
    )


class MemorySection(BudgetSection):
    """The most memory that the model's process has, its libraries and the rows included."""

    model_config = at_least_one_of("max_mb", "max_ratio")

    max_mb: Maybe[Positive] = Field(
        default=None, description="Megabytes, of a million bytes each.", examples=[2000]
    )


class LoadTimeSection(BudgetSection):
    """How long it takes to load the model, the import of its libraries included."""

    model_config = at_least_one_of("max_seconds", "max_ratio")

    max_seconds: Maybe[Positive] = Field(
        default=None, description="Seconds, on the machine at hand.", examples=[5]
    )


class BudgetsSection(Section):
    """What it may cost to ask the candidate."""

    model_config = at_least_one_of(*Measure)

    latency: Maybe[LatencySection] = Field(
        default=None, description="Time for one row at a time.", examples=[{"max_ratio": 1.5}]
    )
    batch_latency: Maybe[BatchLatencySection] = Field(
        default=None, description="Time for many rows at once.", examples=[{"max_ms": 200}]
    )
    model_size: Maybe[ModelSizeSection] = Field(
        default=None, description="Size of the model.", examples=[{"max_mb": 50}]
    )
    memory: Maybe[MemorySection] = Field(
        default=None, description="Peak of the model's process.", examples=[{"max_mb": 2000}]
    )
    load_time: Maybe[LoadTimeSection] = Field(
        default=None, description="Time to load the model.", examples=[{"max_seconds": 5}]
    )

    @property
    def given(self) -> dict[Measure, BudgetSection]:
        """Those that are given, in the order of the measures."""
        sections = {measure: getattr(self, measure) for measure in Measure}
        return {measure: section for measure, section in sections.items() if section is not None}

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if not self.given:
            raise complaint(f"limits nothing; give at least one of {', '.join(Measure)}")
        return self

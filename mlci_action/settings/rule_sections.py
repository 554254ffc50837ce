"""What does mlci.yml say of the limits, of how they are judged, and of what then happens?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from mlci_action.domain.decision import Policy
from mlci_action.domain.limits import DecideBy
from mlci_action.domain.metrics import FAIRNESS_METRICS
from mlci_action.domain.outcomes import Severity
from mlci_action.settings.metric_sections import LimitsSection, MarginSection
from mlci_action.settings.scalars import (
    Columns,
    Confidence,
    Count,
    Few,
    Maybe,
    Seed,
    Share,
    Where,
    Word,
    complaint,
)
from mlci_action.settings.section import SEVERITY, Section, at_least_one_of


class SlicesSection(Section):
    """Parts of the rows that are looked at one by one."""

    model_config = at_least_one_of("by", "where", "find")

    by: list[Columns] = Field(
        default=[],
        min_length=1,
        description="Columns with one slice per value; a list of columns is crossed.",
        examples=[["sex", ["sex", "region"]]],
    )
    where: list[Where] = Field(
        default=[],
        min_length=1,
        description="Conditions, each a slice: comparisons, in, is null, and, or, not;"
        " other column names in backticks.",
        examples=[["age >= 60", "region in ['north', 'south'] and `net income` < 1000"]],
    )
    min_rows: Count = Field(default=50, description="Smaller slices are shown, never judged.")
    max_regression: Maybe[MarginSection] = Field(
        default=None, description="How much every metric may lose in each slice.", examples=[0.03]
    )
    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)
    find: Few = Field(
        default=3,
        description="How many of the regions where the candidate is worst beside the baseline are"
        " looked for; shown, never judged. 0: none.",
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if not self.by and not self.where:
            if "find" not in self.model_fields_set:
                raise complaint("names no slice; give by, where or both")
            if self.max_regression is not None:
                text = "max_regression judges nothing: found slices are only shown"
                raise complaint(f"{text}; give by, where or both")
        if ["where"] in [list(columns) for columns in self.by]:
            raise complaint("by names a column 'where', which reports keep for conditions")
        for columns in _named_twice(self.by):
            raise complaint(f"by names {columns} twice")
        for where in self.where:
            if self.where.count(where) > 1:
                raise complaint(f"where has {where!r} twice")
        return self


_LIMITS = Field(
    default_factory=LimitsSection, description="Limits of this value, for each sensitive entry."
)


class FairnessSection(Section):
    """What must hold between the groups of a sensitive column, by fairlearn's names."""

    sensitive: list[Columns] = Field(
        min_length=1,
        description="Columns with one group per value; a list of columns is crossed.",
        examples=[["sex", ["sex", "region"]]],
    )
    min_rows: Count = Field(
        default=50, description="Smaller groups are shown, and count for no value."
    )
    demographic_parity_difference: LimitsSection = _LIMITS
    demographic_parity_ratio: LimitsSection = _LIMITS
    equalized_odds_difference: LimitsSection = _LIMITS
    equalized_odds_ratio: LimitsSection = _LIMITS
    equal_opportunity_difference: LimitsSection = _LIMITS
    equal_opportunity_ratio: LimitsSection = _LIMITS

    @property
    def limits(self) -> dict[str, LimitsSection]:
        """Those that are given, by the metric's name."""
        given = self.model_fields_set
        return {name: getattr(self, name) for name in FAIRNESS_METRICS if name in given}

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for columns in _named_twice(self.sensitive):
            raise complaint(f"sensitive names {columns} twice")
        return self


class FlipsSection(Section):
    """Rows on which the baseline is right and the candidate wrong."""

    max_negative_rate: Share = Field(
        description="Largest share of such rows among all, 0 to 1.", examples=[0.01]
    )
    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)


class EvidenceSection(Section):
    """How a difference between the two models is judged."""

    model_config = ConfigDict(json_schema_extra={"not": {"required": ["unit", "time"]}})

    confidence: Confidence = Field(default=0.95, description="Of the two-sided interval.")
    seed: Seed = Field(default=0, description="Of every random draw.")
    unit: Maybe[Word] = Field(
        default=None,
        description="The column that names what rows belong to, when rows of one unit depend on"
        " each other.",
        examples=["customer_id"],
    )
    time: Maybe[Word] = Field(
        default=None,
        description="The column with the row's time, when neighbouring rows depend on each other.",
        examples=["issued_at"],
    )
    decide_by: DecideBy = Field(
        default=DecideBy.INTERVAL,
        description="`interval`: the whole interval lies inside the margin. `point`: the bare"
        " difference does, which unchanged code often misses.",
    )

    @model_validator(mode="after")
    def _one_dependence(self) -> Self:
        if self.unit is not None and self.time is not None:
            raise complaint("unit and time cannot both be given; keep the stronger dependence")
        return self


class DeploySection(Section):
    """What happens in the cases that the rules leave open."""

    first_model: Policy = Field(
        default=Policy.HOLD, description="There is no baseline in any source."
    )
    when_unchanged: Policy = Field(
        default=Policy.HOLD, description="The candidate's bytes equal the baseline's."
    )
    when_inconclusive: Policy = Field(
        default=Policy.HOLD,
        description="Nothing failed, and every unsettled difference lies inside its margin.",
    )


def _named_twice(entries: list[list[str]]) -> Iterator[str]:
    """The entries that hold a column twice, or the same columns as another."""
    crosses = [frozenset(columns) for columns in entries]
    for columns, cross in zip(entries, crosses, strict=True):
        if len(cross) != len(columns) or crosses.count(cross) > 1:
            yield " and ".join(map(repr, columns))

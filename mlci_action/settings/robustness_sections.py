"""What does mlci.yml say of rows that are a little different, and of how far answers may move?"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mlci_action.domain.outcomes import Severity
from mlci_action.domain.robustness import Monotonicity, Perturbation
from mlci_action.settings.metric_sections import MarginSection
from mlci_action.settings.scalars import (
    AboveZero,
    Count,
    Maybe,
    NotNegative,
    Positive,
    Share,
    Word,
    as_written,
    complaint,
)
from mlci_action.settings.section import SEVERITY, Section, also_as, at_least_one_of

_COLUMNS = "The columns that are changed"
_CELLS = "Share of the cells of each column that are changed."


class _MayBeBare(Section):
    """What may also be written without a mapping: as nothing at all, or as the word of one key."""

    short_for: ClassVar[str | None] = None

    @model_validator(mode="before")
    @classmethod
    def _from_bare(cls, value: object) -> object:
        if value is None and cls.short_for is None:
            return {}
        if cls.short_for is not None and not isinstance(value, dict | None):
            return {cls.short_for: value}
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        body = handler.resolve_ref_schema(handler(core_schema))
        if cls.short_for is None:
            # What must be said cannot be left out.
            return body if "required" in body else also_as(body, {"type": "null"})
        short = dict(body["properties"][cls.short_for])
        short.pop("description", None)
        return also_as(body, short)


class ChangeSection(_MayBeBare):
    """What the changed rows may do; without a limit it is only shown."""

    columns: Maybe[list[Word]] = Field(
        default=None, min_length=1, description=f"{_COLUMNS}; all that can be when not given."
    )
    max_drop: Maybe[MarginSection] = Field(
        default=None,
        description="How much every metric with an interval may lose. `relative`: of its value on"
        " the rows as they are.",
        examples=[0.02, {"relative": 0.05}],
    )
    max_drop_regression: Maybe[NotNegative] = Field(
        default=None,
        description="How much more every metric may lose than the baseline's does.",
        examples=[0.01],
    )
    max_flips: Maybe[Share] = Field(
        default=None,
        description="Largest share of rows whose label changes, 0 to 1.",
        examples=[0.02],
    )
    max_flips_regression: Maybe[Share] = Field(
        default=None,
        description="How much larger than the baseline's that share may be, 0 to 1.",
        examples=[0.01],
    )
    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name in self.columns or ():
            if (self.columns or []).count(name) > 1:
                raise complaint(f"columns names {name!r} twice")
        return self


class NoiseSection(ChangeSection):
    """Normal noise on numbers, within the range of each column; whole ones stay whole."""

    scale: Positive = Field(default=0.1, description="Standard deviations of each column.")


class MissingCellsSection(ChangeSection):
    """Cells that are empty."""

    share: AboveZero = Field(default=0.1, description=_CELLS)


class UnseenSection(ChangeSection):
    """A text that is in no row, in place of categories."""

    share: AboveZero = Field(default=0.1, description=_CELLS)


class SwappedSection(ChangeSection):
    """Another category of the same column, as frequent as it is; flags are swapped as well."""

    share: AboveZero = Field(default=0.1, description=_CELLS)


class TyposSection(ChangeSection):
    """One slip in a text: letters swapped, one lost, one doubled, or one of the other case."""

    share: AboveZero = Field(default=0.1, description=_CELLS)


class UnitsSection(ChangeSection):
    """A column in another unit, each of them in turn; nobody but you knows which have one."""

    columns: list[Word] = Field(
        min_length=1, description=f"{_COLUMNS}, one at a time.", examples=[["income"]]
    )
    factor: Positive = Field(description="What the numbers are multiplied with.", examples=[1000])
    share: AboveZero = Field(default=1.0, description=_CELLS)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.factor == 1:
            raise complaint("factor 1 changes nothing")
        return self


class HoldsSection(Section):
    """How often a property may be broken; judged exactly, on the rows that are asked."""

    max_share: Share = Field(default=0.0, description="Largest share of those rows, 0 to 1.")
    severity: Severity = Field(default=Severity.FAIL, description=SEVERITY)


class InvariantSection(_MayBeBare, HoldsSection):
    """How often another value may change the answer."""


class MonotonicSection(_MayBeBare, HoldsSection):
    """Which way the answer goes as the number rises, and how often it may not."""

    short_for: ClassVar[str | None] = "direction"

    direction: Monotonicity = Field(
        description="`increasing`: the score never falls as the number rises."
    )


class _OrNames:
    """Tells the JSON Schema that a list of names, or one of them, stands for a mapping."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        name: dict[str, Any] = {"type": ["string", "number", "boolean"], "pattern": r"\S"}
        names = {"type": "array", "items": name, "minItems": 1}
        return {"anyOf": [handler(core_schema), names, name]}


def _as_mapping(value: object) -> object:
    if isinstance(value, str | float):
        value = [value]
    if not isinstance(value, list):
        return value
    names = [as_written(name) for name in value]
    for name in names:
        if not name.strip():
            raise complaint("is empty")
        if names.count(name) > 1:
            raise complaint(f"names {name!r} twice")
    return {name: {} for name in names}


InvariantTo = Annotated[
    dict[str, InvariantSection],
    Field(min_length=1),
    _OrNames(),
    BeforeValidator(_as_mapping),
]


class RobustnessSection(Section):
    """What is tried on changed rows, and how far the answers may move."""

    model_config = at_least_one_of(*Perturbation, "invariant_to", "monotonic")

    noise: NoiseSection = Field(
        default_factory=NoiseSection, description="Numbers that were measured a little otherwise."
    )
    missing: MissingCellsSection = Field(
        default_factory=MissingCellsSection, description="Cells that are empty."
    )
    unseen_categories: UnseenSection = Field(
        default_factory=UnseenSection, description="Categories that nobody has seen."
    )
    swapped_categories: SwappedSection = Field(
        default_factory=SwappedSection, description="Another category of the same column."
    )
    typos: TyposSection = Field(default_factory=TyposSection, description="Text with a slip.")
    units: Maybe[UnitsSection] = Field(
        default=None, description="Columns that come in another unit."
    )
    invariant_to: Maybe[InvariantTo] = Field(
        default=None,
        description="Columns of which no other value may change a row's label (a number: by more"
        " than a millionth of the answers' spread); the ten most frequent ones are tried.",
        examples=[["sex"], {"sex": {"max_share": 0.01}}],
    )
    monotonic: Maybe[dict[str, MonotonicSection]] = Field(
        default=None,
        min_length=1,
        description="Columns along which the score of the positive class, or the number, goes one"
        " way only, over seven values from the smallest to the largest.",
        examples=[{"income": "increasing"}],
    )
    rows: Count = Field(
        default=2_000, description="At most so many rows are asked, drawn by `evidence.seed`."
    )

    @property
    def perturbations(self) -> dict[Perturbation, ChangeSection]:
        """Those that are given."""
        given = self.model_fields_set
        return {kind: getattr(self, kind) for kind in Perturbation if kind.value in given}

    @model_validator(mode="after")
    def _tries_something(self) -> Self:
        if not self.model_fields_set - {"rows"}:
            raise complaint("tries nothing; give noise, missing, invariant_to, monotonic, ...")
        return self

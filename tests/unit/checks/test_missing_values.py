"""More missing values than before, or than the owner allows."""

from __future__ import annotations

import pytest

from mlci_action.checks.findings import Finding, Kind
from mlci_action.checks.missing_values import find_missing, limits_on_missing, unknown_columns
from mlci_action.domain.cells import CellTest
from mlci_action.domain.data_limits import DataChecks, MissingLimits
from tests.unit.checks.profiles import Cell, compared, numbers, table

AGE = numbers([1.0, None, 3.0, 4.0], "age")
SEX = numbers(["a", "b", None, None], "sex")
BATCH = table(AGE, SEX)


def holes(missing: int, rows: int = 1_000) -> list[Cell]:
    return [*[None] * missing, *[1.0] * (rows - missing)]


def found(
    before: list[Cell], now: list[Cell], limits: MissingLimits | None = None
) -> list[Finding]:
    return list(
        find_missing(compared([numbers(before)], [numbers(now)], limits=DataChecks(missing=limits)))
    )


def broken(limits: MissingLimits) -> list[str | None]:
    return [finding.column for finding in limits_on_missing(BATCH, limits)]


def test_a_column_above_its_limit_is_settled_whatever_the_reference_says() -> None:
    assert list(limits_on_missing(BATCH, MissingLimits(max_share=0.3))) == [
        Finding(
            column="sex",
            message="column 'sex' lacks 2 of 4 values, above the limit of 0.3",
            kind=Kind.COUNT,
            rows=2,
            observed=0.5,
            limit=0.3,
            cells=CellTest(column="sex", missing=True),
            settled=True,
        )
    ]


def test_a_share_at_the_limit_holds() -> None:
    assert broken(MissingLimits(max_share=0.5)) == []


def test_a_columns_own_limit_comes_before_the_general_one() -> None:
    """In both directions: stricter fails what the general one allows, looser holds."""
    assert broken(MissingLimits(max_share=0.5, columns=(("age", 0.0),))) == ["age"]
    assert broken(MissingLimits(max_share=0.3, columns=(("sex", 0.5),))) == []


def test_only_named_columns_are_judged_without_a_general_limit() -> None:
    assert broken(MissingLimits(columns=(("age", 0.1),))) == ["age"]


def test_a_limit_that_is_no_number_never_holds() -> None:
    assert broken(MissingLimits(max_share=float("nan"))) == ["age", "sex"]


def test_a_table_without_rows_lacks_nothing() -> None:
    assert list(limits_on_missing(table(numbers([])), MissingLimits(max_share=0.0))) == []


def test_a_limit_on_a_column_that_is_not_there_is_told() -> None:
    limits = MissingLimits(columns=(("agee", 0.1), ("age", 0.1)))
    assert unknown_columns(BATCH, limits) == ["agee"]


def test_a_share_that_rose_beyond_chance_is_found() -> None:
    [finding] = found(holes(5), holes(40))

    assert finding.message == (
        "column 'x' lacks 40 of 1,000 values, and 5 of 1,000 in the reference"
    )
    assert (finding.kind, finding.rows, finding.settled) == (Kind.COUNT, 40, False)
    assert finding.observed == pytest.approx(0.035)
    assert finding.cells == CellTest(column="x", missing=True)


@pytest.mark.parametrize(
    ("before", "now"),
    [(holes(5), holes(12)), (holes(40), holes(5)), (holes(0), holes(0)), (holes(0), []), ([], [])],
)
def test_what_chance_explains_is_silent(before: list[Cell], now: list[Cell]) -> None:
    assert found(before, now) == []


def test_a_significant_but_tiny_rise_is_silent() -> None:
    assert found(holes(0, 20_000), holes(60, 20_000)) == []
    assert found(holes(0, 20_000), holes(100, 20_000)) != []


def test_the_largest_rise_that_the_owner_allows_replaces_the_test() -> None:
    limits = MissingLimits(max_rise=0.05)

    assert found(holes(5), holes(50), limits) == []
    [finding] = found(holes(5), holes(60), limits)
    assert (finding.settled, finding.limit) == (True, 0.05)
    assert finding.observed == pytest.approx(0.055)
    assert finding.message.endswith("the share rose by 0.055, above the limit of 0.05")


def test_a_column_with_its_own_limit_is_not_judged_by_chance_as_well() -> None:
    assert found(holes(5), holes(60), MissingLimits(columns=(("x", 0.1),))) == []
    assert found(holes(5), holes(60), MissingLimits(max_share=0.1)) != []

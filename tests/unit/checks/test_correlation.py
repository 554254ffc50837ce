"""Pairs of columns that went together and do not any more."""

from __future__ import annotations

import math

import pytest
from scipy.stats import norm

from mlci_action.checks.correlation import find_correlation
from mlci_action.checks.findings import Finding, Kind
from mlci_action.domain.profile import ColumnProfile, Correlation
from tests.unit.checks.profiles import compared, numbers, table
from tests.unit.checks.samples import normal

COLUMNS = tuple(numbers(normal(300, seed=place), name) for place, name in enumerate("abcd"))

Rs = dict[str, float]


def found(
    before: Rs,
    now: Rs,
    *,
    n: tuple[int, int] = (1_000, 1_000),
    columns: tuple[ColumnProfile, ...] = COLUMNS,
    id_column: str | None = None,
) -> list[Finding]:
    """`{"ab": 0.9}`: the correlation of a and b."""
    sides = [
        table(
            *columns,
            correlations=tuple(
                Correlation(columns=(k[0], k[1]), r=r, n=rows) for k, r in rs.items()
            ),
        )
        for rs, rows in zip((before, now), n, strict=True)
    ]
    return list(find_correlation(compared(sides[0], sides[1], id=id_column)))


def test_a_correlation_that_went_is_found_with_fisher_s_p() -> None:
    [finding] = found({"ab": 0.7}, {"ba": 0.1})

    z = (math.atanh(0.7) - math.atanh(0.1)) / math.sqrt(2 * 2 / 997)
    assert finding.kind is Kind.COUNT
    assert finding.column in {"a", "b"}
    assert finding.observed == pytest.approx(0.6)
    assert finding.limit == 0.2
    assert finding.evidence["pairs"][0]["p"] == pytest.approx(2 * norm.sf(z))
    assert finding.message.endswith("the correlation is 0.10, 0.70 in the reference")


def test_a_shuffled_column_is_named_once_with_all_that_it_left() -> None:
    before = {"ab": 0.6, "ac": 0.2, "bc": 0.7, "bd": 0.8}
    [finding] = found(before, {"ab": 0.0, "ac": 0.2, "bc": 0.0, "bd": 0.0})

    assert finding.column == "b"
    assert [one["with"] for one in finding.evidence["pairs"]] == ["d", "c", "a"]
    assert "goes otherwise with 'd' and 2 more columns" in finding.message


def test_two_columns_that_changed_apart_are_two_findings() -> None:
    changed = found({"ab": 0.9, "cd": 0.8}, {"ab": 0.1, "cd": 0.1})

    assert len(changed) == 2


def test_a_small_move_is_silent_however_sure() -> None:
    assert found({"ab": 0.5}, {"ab": 0.31}, n=(10**6, 10**6)) == []


def test_a_move_that_chance_explains_is_silent() -> None:
    assert found({"ab": 0.3}, {"ab": 0.05}, n=(200, 200)) == []
    assert found({"ab": 0.9}, {"ab": 0.1}, n=(200, 199)) == []


def test_perfect_correlations_are_judged_too() -> None:
    assert len(found({"ab": 1.0}, {"ab": 0.3})) == 1
    assert found({"ab": 1.0}, {"ab": 1.0}) == []
    assert found({"ab": float("nan")}, {"ab": 0.3}) == []


@pytest.mark.parametrize(
    "column",
    [
        numbers([float(i % 10) for i in range(300)], "a"),
        numbers([*normal(140), *[0.0] * 160], "a"),
        numbers([None] * 300, "a"),
    ],
    ids=["few values", "mostly one value", "empty"],
)
def test_columns_that_do_not_fit_are_left_out(column: ColumnProfile) -> None:
    assert found({"ab": 0.9}, {"ab": 0.1}, columns=(column, *COLUMNS[1:])) == []


def test_columns_in_row_order_may_be_shuffled_too() -> None:
    ordered = numbers(sorted(normal(300)), "a")

    assert len(found({"ab": 0.9}, {"ab": 0.1}, columns=(ordered, *COLUMNS[1:]))) == 1


def test_declared_ids_are_left_out() -> None:
    assert found({"ab": 0.9}, {"ab": 0.1}, id_column="a") == []


def test_pairs_of_one_side_alone_say_nothing() -> None:
    assert found({"ab": 0.9}, {"ac": 0.1}) == []
    assert found({}, {}) == []

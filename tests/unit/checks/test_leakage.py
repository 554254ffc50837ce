"""data.leakage: columns that give the target away, and rows that stand in the training data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlci_action.checks.findings import Finding, Kind
from mlci_action.checks.leakage import find_leakage, find_shared_rows
from mlci_action.domain.profile import Leak, TableProfile
from mlci_action.profiles.row_hashes import RowHashes
from tests.unit.checks.profiles import numbers, table
from tests.unit.profiles.tables import hashed, people


def _leak(*columns: str, kind: str = "single", skill: float = 0.995) -> Leak:
    return Leak(columns=columns, kind=kind, skill=skill)


KNOWN = tuple(numbers([1], name) for name in ("x", "a", "b"))


def _table(*leaks: Leak, rows: int = 1_000, target: str = "y") -> TableProfile:
    return table(*KNOWN, rows=rows, leaks=leaks, target=target)


def test_a_leak_that_the_reference_lacks_fails() -> None:
    assert list(find_leakage(_table(_leak("x")), _table())) == [
        Finding(
            column="x",
            message="column 'x' alone explains 99.5 % of the target 'y': is it known before the "
            "target is?; not so in the reference",
            kind=Kind.FORM,
            observed=0.995,
            limit=0.99,
            evidence={"leak": "single", "columns": ["x"]},
        )
    ]


@pytest.mark.parametrize(
    ("leak", "said"),
    [
        (_leak("x", kind="copy"), "column 'x' is the target 'y' under other values"),
        (_leak("a", "b", kind="sum", skill=1.0), "columns 'a', 'b' add up to the target 'y'"),
    ],
)
def test_a_leak_is_told_in_its_own_words_at_each_of_its_columns(leak: Leak, said: str) -> None:
    findings = list(find_leakage(_table(leak), _table()))
    assert tuple(finding.column for finding in findings) == leak.columns
    for finding in findings:
        assert finding.message.startswith(said)
        assert not finding.warns


def test_a_column_that_nobody_had_before_needs_to_give_less_away() -> None:
    (finding,) = find_leakage(_table(_leak("new", skill=0.96)), _table())
    assert (finding.warns, finding.limit) == (False, 0.95)
    # Without a reference it is not known to be new.
    assert list(find_leakage(_table(_leak("new", skill=0.96)), None)) == []


@pytest.mark.parametrize(
    "reference",
    [
        None,
        _table(rows=199),
        _table(target="z"),
        _table(_leak("x", kind="copy", skill=1.0)),
        # Just below the bar: by chance it is above it now.
        _table(_leak("x", skill=0.96)),
    ],
)
def test_a_leak_that_may_always_have_been_there_warns(reference: TableProfile | None) -> None:
    (finding,) = find_leakage(_table(_leak("x")), reference)
    assert finding.warns


def test_what_is_nearly_a_leak_is_silent() -> None:
    assert list(find_leakage(_table(_leak("x", skill=0.98)), _table())) == []
    assert list(find_leakage(_table(_leak("x", skill=float("nan"))), _table())) == []
    assert list(find_leakage(_table(), _table(_leak("x")))) == []


def test_a_sum_of_a_new_column_is_another_leak() -> None:
    before = table(
        *(numbers([1], name) for name in "abc"),
        rows=1_000,
        leaks=(_leak("a", "b", kind="sum", skill=0.9995),),
        target="y",
    )
    findings = list(find_leakage(_table(_leak("a", "d", kind="sum", skill=1.0)), before))
    assert [(finding.column, finding.warns) for finding in findings] == [("a", False), ("d", False)]
    # Of columns that say the same, any may be named.
    findings = list(find_leakage(_table(_leak("a", "c", kind="sum", skill=1.0)), before))
    assert [finding.warns for finding in findings] == [True, True]
    assert list(find_leakage(_table(_leak("a", "d", kind="sum", skill=0.9995)), before)) == []


def test_rows_in_the_order_of_the_target_only_warn() -> None:
    (finding,) = find_leakage(_table(_leak(kind="order", skill=0.96)), _table())
    assert finding.message == (
        "the rows stand in the order of the target 'y': it explains 96 %; not so in the reference"
    )
    assert (finding.warns, finding.column) == (True, None)


# Rows of the training data


def _rows(frame: pd.DataFrame, cap: int = 1_000_000) -> RowHashes:
    return hashed(frame, rows=5_000, target="y", id="id", cap=cap)


def _with_rows_of(
    train: pd.DataFrame, count: int, *, rows: int = 500, factor: float = 1.0
) -> RowHashes:
    data = people(rows, seed=1)
    data.loc[: count - 1, ["x", "city"]] = train.loc[: count - 1, ["x", "city"]].to_numpy()
    data["x"] = data["x"].astype(float) * factor
    return _rows(data)


def test_rows_that_the_training_data_hold_fail() -> None:
    train = people(2_000)
    (finding,) = find_shared_rows(_with_rows_of(train, 25), _rows(train))
    assert finding.message == (
        "25 of 500 rows, 5 %, have the same features as a row of the training data: they do not "
        "show what the model has learnt"
    )
    assert (finding.kind, finding.rows, finding.observed) == (Kind.FORM, 25, 0.05)
    assert not finding.warns
    assert finding.evidence["rows"] == list(range(25))


def test_rows_that_the_training_data_hold_nearly_fail() -> None:
    train = people(2_000)
    (finding,) = find_shared_rows(_with_rows_of(train, 60, factor=1 + 1e-9), _rows(train))
    assert "have nearly (to four digits) the same features as a row" in finding.message
    assert not finding.warns
    assert finding.evidence["near"]


def test_tables_without_a_common_row_are_silent() -> None:
    assert list(find_shared_rows(_with_rows_of(people(2_000), 0), _rows(people(2_000)))) == []


def test_few_common_rows_warn() -> None:
    train = people(2_000)
    # More than 1 %, and yet no more than chance may bring.
    (finding,) = find_shared_rows(_with_rows_of(train, 2, rows=100), _rows(train))
    assert finding.warns
    # More than chance brings, and yet no more than 1 %.
    (finding,) = find_shared_rows(_with_rows_of(train, 20, rows=4_000), _rows(train))
    assert finding.warns


def test_rows_of_few_values_are_equal_by_nature() -> None:
    drawn = np.random.default_rng(0)
    tables = [
        pd.DataFrame({"a": drawn.integers(0, 9, 800), "b": drawn.integers(0, 9, 800)})
        for _ in range(2)
    ]
    assert list(find_shared_rows(hashed(tables[0]), hashed(tables[1]))) == []


def test_more_common_rows_than_by_nature_warn_where_rows_are_often_equal() -> None:
    train = pd.concat([people(1_000)] + [people(300, seed=5)] * 2, ignore_index=True)
    data = pd.concat([train.iloc[:500], people(200, seed=7)], ignore_index=True)
    (finding,) = find_shared_rows(_rows(data), _rows(train))
    assert finding.warns


def test_as_many_common_rows_as_before_warn() -> None:
    train = people(2_000)
    (finding,) = find_shared_rows(_with_rows_of(train, 25), _rows(train), before=0.045)
    assert finding.warns
    assert finding.message.endswith("; it was so before")
    (finding,) = find_shared_rows(_with_rows_of(train, 25), _rows(train), before=0.01)
    assert not finding.warns


def test_a_sample_is_reckoned_up_and_says_so() -> None:
    train = people(40_000)
    data = pd.concat([train.iloc[:2_000], people(8_000, seed=1)], ignore_index=True)
    (finding,) = find_shared_rows(_rows(data), _rows(train, cap=10_000))
    assert finding.rows == pytest.approx(2_000, rel=0.2)
    assert finding.message.startswith(f"about {finding.rows:,} of 10,000 rows, reckoned from a ")
    assert finding.evidence["sampled_share"] < 0.5


def test_rows_with_other_columns_cannot_be_compared() -> None:
    train = people(100)
    (finding,) = find_shared_rows(_rows(train), _rows(train.drop(columns="city")))
    assert finding.message == (
        "rows cannot be compared with the training data: only one of both has 'city'"
    )
    assert finding.warns
    only_target = hashed(train[["y"]], target="y")
    (finding,) = find_shared_rows(only_target, only_target)
    assert finding.warns


def test_no_rows_share_nothing() -> None:
    assert list(find_shared_rows(_rows(people(0)), _rows(people(100)))) == []
    assert list(find_shared_rows(_rows(people(100)), _rows(people(0)))) == []

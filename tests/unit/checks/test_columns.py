"""Columns that are gone, new, renamed or in another order."""

from __future__ import annotations

from mlci_action.checks.columns import find_columns
from mlci_action.checks.findings import Finding
from mlci_action.domain.profile import ColumnProfile
from tests.unit.checks.profiles import compared, numbers, text
from tests.unit.checks.samples import uniform

AGE = numbers(uniform(200, low=20, high=90), "age")
SEX = text(["male", "female"] * 100, "sex")


def found(before: list[ColumnProfile], now: list[ColumnProfile]) -> list[Finding]:
    return list(find_columns(compared(before, now)))


def test_the_same_columns_are_silent() -> None:
    assert found([AGE, SEX], [AGE, SEX]) == []


def test_a_missing_column_fails() -> None:
    assert found([AGE, SEX], [AGE]) == [
        Finding(column="sex", message="column 'sex' of the reference is missing")
    ]


def test_a_new_column_only_warns() -> None:
    assert found([AGE], [AGE, SEX]) == [
        Finding(
            column="sex",
            message="column 'sex' is new: the reference has no such column",
            warns=True,
        )
    ]


def test_a_name_that_differs_in_case_and_punctuation_is_a_renamed_column() -> None:
    now = numbers(["a", "b"], "AGE (years)")
    before = numbers([1, 2], "age_years")

    assert found([before], [now]) == [
        Finding(
            column="age_years",
            message="column 'age_years' of the reference seems to be called 'AGE (years)' now",
            evidence={"new_name": "AGE (years)"},
        )
    ]


def test_a_new_column_that_holds_the_same_is_a_renamed_one() -> None:
    now = numbers(uniform(150, low=20, high=90, seed=5), "years")

    [finding] = found([AGE, SEX], [now, SEX])

    assert (finding.column, finding.evidence) == ("age", {"new_name": "years"})


def test_a_new_column_that_holds_something_else_is_another_one() -> None:
    now = numbers(uniform(150, low=0, high=1), "score")

    assert [(f.column, f.warns) for f in found([AGE], [now])] == [("age", False), ("score", True)]


def test_of_two_candidates_neither_is_called_the_renamed_one() -> None:
    likely = [numbers(uniform(150, low=20, high=90, seed=seed), f"n{seed}") for seed in (1, 2)]

    messages = [finding.message for finding in found([AGE], likely)]

    assert messages[0] == "column 'age' of the reference is missing"
    assert len(messages) == 3


def test_names_of_punctuation_alone_are_not_the_same_name() -> None:
    before, now = numbers([1, 2], "?"), numbers([1, 2], "!")

    assert [finding.column for finding in found([before], [now])] == ["?", "!"]


def test_another_order_warns_once_for_the_table() -> None:
    other = numbers([1.0], "x")

    assert found([AGE, SEX, other], [SEX, AGE, other]) == [
        Finding(
            column=None,
            message="columns stand in another order than in the reference: 2 places differ, first "
            "'sex' where 'age' stood",
            warns=True,
        )
    ]


def test_a_missing_column_is_no_other_order() -> None:
    other = numbers([1.0], "x")

    assert [finding.column for finding in found([AGE, SEX, other], [SEX, other])] == ["age"]

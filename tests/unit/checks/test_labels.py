"""data.labels: classes, their shares, and rows that contradict each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlci_action.checks.findings import Compared, Finding, Kind
from mlci_action.checks.labels import find_labels, find_labels_alone, limits_on_labels
from mlci_action.domain.cells import CellTest
from mlci_action.domain.data_limits import DataChecks, DriftLimits, LabelLimits
from mlci_action.domain.profile import LabelConflicts, TableProfile
from mlci_action.errors import DatasetError
from tests.unit.checks.profiles import Cell, compared, numbers, table


def _mixed(**counts: int) -> list[Cell]:
    """So many rows of each class, in turn."""
    most = max(counts.values())
    return [name for turn in range(most) for name, count in counts.items() if turn < count]


def _labelled(labels: list[Cell], conflicts: LabelConflicts | None = None) -> TableProfile:
    return replace(table(numbers(labels, "y")), conflicts=conflicts)


def _data(before: TableProfile, now: TableProfile, limits: DataChecks | None = None) -> Compared:
    return compared(before, now, target="y", limits=limits or DataChecks())


def _found(before: list[Cell], now: list[Cell]) -> list[Finding]:
    return list(find_labels(_data(_labelled(before), _labelled(now))))


def _conflicts(rows: int, conflicting: int, groups: int | None = None) -> LabelConflicts:
    return LabelConflicts(
        rows=rows, conflicting=conflicting, groups=rows if groups is None else groups
    )


# With a reference


def test_the_same_labels_are_silent() -> None:
    labels = _mixed(no=400, yes=100)
    assert _found(labels, labels) == []
    assert _found(labels, _mixed(no=90, yes=20)) == []


def test_an_unseen_class_is_found_by_its_form() -> None:
    (finding,) = _found(_mixed(no=400, yes=100), _mixed(no=40, yes=10, maybe=1))
    assert finding.message == (
        "1 class of 'y', of the form 'aaaaa', in 1 of 51 rows, and in none of 500 in the "
        "reference: no model has learnt it"
    )
    assert (finding.kind, finding.rows, finding.warns) == (Kind.FORM, 1, False)
    assert finding.cells == CellTest(column="y", texts=frozenset({"maybe"}), exact=True)


def test_an_unseen_class_is_quoted_where_values_may_be_shown() -> None:
    data = compared(
        _labelled(_mixed(no=40, yes=10)),
        _labelled(_mixed(no=40, yes=10, maybe=1)),
        target="y",
        show_values=True,
    )
    assert [finding.message.split(", ")[1] for finding in find_labels(data)] == ["'maybe'"]


def test_a_third_number_beside_two_is_an_unseen_class() -> None:
    (finding,) = _found([0, 1] * 100, [*[0, 1] * 100, 2])
    assert (finding.kind, finding.rows) == (Kind.FORM, 1)
    assert finding.cells == CellTest(column="y", numbers=frozenset({2.0}), exact=True)


def test_a_new_number_among_several_counts_when_chance_does_not_bring_it() -> None:
    before: list[Cell] = [0, 1, 2, 3, 4] * 200
    assert _found(before, [*before, 5]) == []
    (finding,) = _found(before, [*before, *[5] * 30])
    assert (finding.kind, finding.rows) == (Kind.COUNT, 30)


def test_a_class_that_is_missed_only_warns() -> None:
    (finding,) = _found(_mixed(no=900, yes=50, maybe=50), _mixed(no=950, yes=50))
    assert finding.message == (
        "1 class of 'y', of the form 'aaaaa', with no more than one of 1,000 rows: the model is "
        "not judged on what the reference has"
    )
    assert finding.warns
    (finding,) = _found(_mixed(no=900, yes=50, maybe=50), _mixed(no=950, yes=50, maybe=1))
    assert finding.warns


@pytest.mark.parametrize(
    ("before", "now"),
    [
        # Rarer than one in a hundred.
        (_mixed(no=995, yes=5), _mixed(no=10_000)),
        # Too few rows for it to be missed.
        (_mixed(no=980, yes=20), _mixed(no=100)),
        (_mixed(no=980, yes=20), []),
    ],
)
def test_a_class_that_chance_leaves_out_is_not_missed(before: list[Cell], now: list[Cell]) -> None:
    assert _found(before, now) == []


def test_labels_that_shift_are_a_count() -> None:
    (finding,) = _found(_mixed(no=900, yes=100), _mixed(no=600, yes=400))
    assert finding.kind is Kind.COUNT
    assert finding.message.startswith("the labels 'y' moved: 0.28")
    assert not finding.settled
    assert finding.limit == 0.1


def test_a_number_to_predict_shifts_too() -> None:
    before: list[Cell] = [place * 7919 % 1_000 / 10 for place in range(1_000)]
    now: list[Cell] = [cell + 30 for cell in before if isinstance(cell, float)]
    (finding,) = _found(before, now)
    assert finding.message.startswith("the labels 'y' moved: 0.3")
    assert _found(before, before) == []


def test_the_owners_limit_on_drift_is_that_of_labels() -> None:
    limits = DataChecks(drift=DriftLimits(max=0.1, columns=(("y", 0.5),)))
    before, now = _labelled(_mixed(no=900, yes=100)), _labelled(_mixed(no=600, yes=400))
    assert list(find_labels(_data(before, now, limits))) == []


def test_more_conflicts_than_before_are_a_count() -> None:
    labels = _mixed(no=500, yes=500)
    before = _labelled(labels, _conflicts(1_000, 5))
    now = _labelled(labels, _conflicts(1_000, 60))
    (finding,) = find_labels(_data(before, now))
    assert finding.message == (
        "60 of 1,000 rows have another label in 'y' than most with equal features, and 5 of 1,000 "
        "in the reference: are labels wrong?"
    )
    assert (finding.kind, finding.rows, finding.warns) == (Kind.COUNT, 60, False)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (_conflicts(1_000, 5), _conflicts(1_000, 12)),
        (_conflicts(1_000, 300), _conflicts(1_000, 500)),
        (_conflicts(1_000, 5), None),
        # Nobody counted before, and rows are equal by nature.
        (None, _conflicts(1_000, 60, groups=500)),
    ],
)
def test_conflicts_that_chance_explains_are_silent(
    before: LabelConflicts | None, now: LabelConflicts | None
) -> None:
    labels = _mixed(no=500, yes=500)
    assert list(find_labels(_data(_labelled(labels, before), _labelled(labels, now)))) == []


def test_conflicts_that_nobody_counted_before_warn_where_rows_seldom_are_equal() -> None:
    labels = _mixed(no=500, yes=500)
    now = _labelled(labels, _conflicts(1_000, 6, groups=990))
    (finding,) = find_labels(_data(_labelled(labels), now))
    assert finding.warns
    limits = DataChecks(labels=LabelLimits(max_conflicts=0.5))
    assert list(find_labels(_data(_labelled(labels), now, limits))) == []


def test_a_number_to_predict_has_no_conflicts() -> None:
    labels: list[Cell] = [place * 7919 % 1_000 / 10 for place in range(1_000)]
    before, now = _labelled(labels, _conflicts(1_000, 0)), _labelled(labels, _conflicts(1_000, 99))
    assert list(find_labels(_data(before, now))) == []


def test_without_a_target_nothing_is_asked() -> None:
    before, now = _labelled(_mixed(no=9)), _labelled(_mixed(yes=9))
    assert list(find_labels(compared(before, now))) == []
    assert list(find_labels(compared(before, table(numbers([1], "x")), target="y"))) == []


# Without a reference


def test_a_class_with_a_single_row_warns() -> None:
    (finding,) = find_labels_alone(_labelled(_mixed(no=90, yes=1)), "y")
    assert finding.message == ("1 class of 'y' with a single row: no model can be judged on it")
    assert finding.warns


def test_a_long_stretch_of_one_class_warns() -> None:
    labels = [*_mixed(no=200, yes=200), *["no"] * 60, *_mixed(no=100, yes=100)]
    (finding,) = find_labels_alone(_labelled(labels), "y")
    assert finding.message == (
        "61 rows from row 401 on all have the same class of 'y': is the file put together from "
        "parts, or cut by time?"
    )
    assert (finding.cells, finding.warns) == (CellTest(column="y", rows=(400, 461)), True)


@pytest.mark.parametrize(
    "labels",
    [
        _mixed(no=200, yes=200),
        # Sorted by class: each is all in one run.
        [*["no"] * 200, *["yes"] * 150],
        # So frequent that it follows itself.
        [*["no"] * 60, "yes"] * 20,
        [*_mixed(no=200, yes=200), *["no"] * 40, *_mixed(no=100, yes=100)],
        ["no"] * 500,
        [place / 7 for place in range(300)],
    ],
)
def test_labels_without_a_long_stretch_are_silent(labels: list[Cell]) -> None:
    assert list(find_labels_alone(_labelled(labels), "y")) == []


def test_conflicts_alone_warn_where_rows_seldom_are_equal() -> None:
    labels = _mixed(no=50, yes=50)
    (finding,) = find_labels_alone(_labelled(labels, _conflicts(100, 2, groups=95)), "y")
    assert "2 of 100 rows have another label in 'y'" in finding.message
    assert finding.warns
    assert list(find_labels_alone(_labelled(labels, _conflicts(100, 2, groups=80)), "y")) == []
    assert list(find_labels_alone(_labelled(labels, _conflicts(100, 0)), "y")) == []


def test_a_target_that_is_not_there_is_for_another_check() -> None:
    assert list(find_labels_alone(table(numbers([1], "x")), "y")) == []


# Limits


def _limited(
    now: TableProfile, before: TableProfile | None = None, **limits: float
) -> list[Finding]:
    asked = LabelLimits(**limits)  # type: ignore[arg-type]
    return list(limits_on_labels(now, before, asked, "y"))


def test_a_class_with_too_few_rows_is_settled() -> None:
    (finding,) = _limited(_labelled(_mixed(no=90, yes=9, maybe=5)), min_rows=10)
    assert finding.message == (
        "2 classes of 'y' with fewer rows than the limit of 10: the smallest has 5"
    )
    assert (finding.rows, finding.observed, finding.limit) == (14, 5.0, 10.0)
    assert finding.settled
    assert _limited(_labelled(_mixed(no=90, yes=10)), min_rows=10) == []


def test_a_class_of_the_reference_counts_even_without_a_row() -> None:
    (finding,) = _limited(_labelled(_mixed(no=90)), _labelled(_mixed(no=90, yes=20)), min_rows=1)
    assert "1 class of 'y' with fewer rows than the limit of 1: the smallest has 0" in (
        finding.message
    )


@pytest.mark.parametrize("labels", [[None, None], [place / 7 for place in range(6_000)]])
def test_rows_of_classes_that_are_not_there_cannot_be_asked(labels: list[Cell]) -> None:
    with pytest.raises(DatasetError, match="'y' has no classes"):
        _limited(_labelled(labels), min_rows=1)
    with pytest.raises(DatasetError, match="'y' has no classes"):
        _limited(table(numbers([1], "x")), min_rows=1)


def test_more_conflicts_than_allowed_are_settled() -> None:
    now = _labelled(_mixed(no=500, yes=500), _conflicts(1_000, 11))
    (finding,) = _limited(now, max_conflicts=0.01)
    assert finding.settled
    assert "above the limit of 0.01" in finding.message
    assert _limited(now, max_conflicts=0.011) == []
    assert _limited(now, max_conflicts=float("nan")) != []


def test_conflicts_that_cannot_be_counted_are_an_error() -> None:
    with pytest.raises(DatasetError, match="no column but 'y' to tell rows by"):
        _limited(_labelled(_mixed(no=5)), max_conflicts=0.1)

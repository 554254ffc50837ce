"""Words under `data` that fit their shape and still cannot be meant."""

from __future__ import annotations

import pytest

from mlci_action.settings.parse import parse_settings
from tests.unit.settings.documents import document, problems

_NEVER_ABOVE = "always holds: a share is never above 1"
_NEVER_RISES = "always holds: a share never rises by more than 1"


def _data(more: str, *, baseline: str = "baseline: {from: old.joblib}") -> str:
    return document(
        data=f"data: {{evaluation: data/test.csv, target: y, {more}}}", baseline=baseline
    )


def _said(more: str, *, baseline: str = "baseline: {from: old.joblib}") -> tuple[str, ...]:
    return tuple(said.removeprefix("1: data.") for said in problems(_data(more, baseline=baseline)))


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ("missing: {max_share: 1}", f"missing.max_share: {_NEVER_ABOVE}"),
        ("missing: {columns: {a: 1}, max_rise: 0.1}", f"missing.columns.a: {_NEVER_ABOVE}"),
        ("missing: {max_rise: 1}", f"missing.max_rise: {_NEVER_RISES}"),
        ("duplicates: {max_share: 1}", f"duplicates.max_share: {_NEVER_ABOVE}"),
        ("duplicates: {max_rise: 1}", f"duplicates.max_rise: {_NEVER_RISES}"),
        ("labels: {max_conflicts: 1}", f"labels.max_conflicts: {_NEVER_ABOVE}"),
        ("drift: {max: 1}", f"drift.max: {_NEVER_ABOVE}"),
        ("drift: {max: 1, columns: {a: 1}}", f"drift.max: {_NEVER_ABOVE}"),
    ],
)
def test_a_share_that_nothing_exceeds_is_no_limit(checks: str, said: str) -> None:
    assert _said(f"checks: {{{checks}}}") == (f"checks.{said}",)


@pytest.mark.parametrize(
    "checks",
    [
        "missing: {max_share: 0.1, columns: {notes: 1}}",
        "missing: {columns: {notes: 1}}",
        "drift: {columns: {notes: 1}}",
        "drift: {max: 1, columns: {age: 0.2}}",
    ],
)
def test_a_share_of_one_exempts_a_column_where_others_are_limited(checks: str) -> None:
    parse_settings(_data(f"checks: {{{checks}}}"), path="x")


@pytest.mark.parametrize(
    ("checks", "key"),
    [
        ("missing: {max_share: 0.1, max_rise: 0.1}", "missing"),
        ("missing: {max_share: 0.1, columns: {a: 0.2}, max_rise: 0.3}", "missing"),
        ("duplicates: {max_share: 0, max_rise: 0.5}", "duplicates"),
    ],
)
def test_a_rise_that_a_share_never_leaves_room_for_is_no_limit(checks: str, key: str) -> None:
    said = "can never decide: a share that rises by more than that is above max_share"
    assert _said(f"checks: {{{checks}}}") == (f"checks.{key}.max_rise: {said}",)


@pytest.mark.parametrize(
    "checks",
    [
        "missing: {max_share: 0.1, max_rise: 0.05}",
        "missing: {max_share: 0.1, columns: {a: 1}, max_rise: 0.3}",
        "missing: {columns: {a: 0.1}, max_rise: 0.3}",
    ],
)
def test_a_rise_that_some_column_has_room_for_is_a_limit(checks: str) -> None:
    parse_settings(_data(f"checks: {{{checks}}}"), path="x")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("train: data/test.csv", "train: is the same file as data.evaluation"),
        ("train: ./data//test.csv", "train: is the same file as data.evaluation"),
        ("reference: data/test.csv", "reference: is the same file as data.evaluation"),
        ("labels: data/test.csv", "labels: is the same file as data.evaluation"),
        ("labels: a.csv, train: a.csv", "train: is the same file as data.labels"),
        ("labels: a.csv, reference: a.csv", "reference: is the same file as data.labels"),
    ],
)
def test_one_file_cannot_be_two_tables(more: str, said: str) -> None:
    assert _said(more) == (said,)


@pytest.mark.parametrize(
    "more",
    [
        "train: a.csv, reference: a.csv",
        "train: data/Test.csv",
        "reference: git:base:data/test.csv",
        "labels: data/y_test.csv",
    ],
)
def test_tables_may_lie_side_by_side(more: str) -> None:
    parse_settings(_data(more), path="x")


@pytest.mark.parametrize("key", ["separator: ;", "encoding: latin-1"])
def test_a_sheet_is_not_read_as_text(key: str) -> None:
    said = f"{key.split(':', maxsplit=1)[0]}: is for text files, and data.sheet for Excel; keep one"
    assert _said(f"sheet: a, {key}") == (said,)
    # The training data may be text beside it.
    parse_settings(_data(f"sheet: a, {key}, train: train.csv"), path="x")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("columns: [y, a, y]", "columns[2]: 'y' is named twice"),
        ("columns: [a, b]", "target: 'y' is not among data.columns"),
        ("columns: [y, loan_id], id: loan", "id: 'loan' is not among data.columns; did you mean"),
        ("columns: [y], time: 2020", "time: '2020' is not among data.columns"),
        ("columns: [y], sample_weight: w", "sample_weight: 'w' is not among data.columns"),
        (
            "columns: [y], checks: {missing: {columns: {a: 0.1}}}",
            "checks.missing.columns.a: 'a' is not among data.columns",
        ),
        (
            "columns: [y], checks: {drift: {columns: {a: 0.1}}}",
            "checks.drift.columns.a: 'a' is not among data.columns",
        ),
        ("columns: [y, a], integrity: [a <= b]", "integrity[0]: 'b' is not among data.columns"),
        (
            "columns: [y, age], checks: {categories: {closed: [age, agee]}}",
            "checks.categories.closed[1]: 'agee' is not among data.columns; did you mean 'age'?",
        ),
    ],
)
def test_whoever_names_all_columns_names_those_that_are_asked_for(more: str, said: str) -> None:
    (found,) = _said(more)
    assert found.startswith(said)


def test_the_units_column_is_among_those_that_are_named() -> None:
    data = "data: {evaluation: t, target: y, columns: [y, a]}"
    said = "5: evidence.unit: 'customer' is not among data.columns"
    assert problems(document("evidence: {unit: customer}", data=data)) == (said,)


@pytest.mark.parametrize("more", ["columns: [y, 7], id: 7", "columns: [a], labels: y.csv"])
def test_named_columns_are_compared_as_they_are_written(more: str) -> None:
    """With labels in a file of their own, the target stands there."""
    parse_settings(_data(more), path="x")


def test_a_rule_that_every_row_may_break_is_none() -> None:
    said = f"integrity[1].max_share: {_NEVER_ABOVE}"
    assert _said("integrity: [a <= b, {never: a > c, max_share: 1}]") == (said,)


def test_two_rules_of_one_name_are_told_apart_by_another() -> None:
    rules = "integrity: [a <= b, {never: b > c, name: c}, {rule: b < a, name: C}, a  <=  b]"
    text = "results would call it {!r}, as the rule in line 1; give one another name"
    assert _said(rules) == (
        f"integrity[2]: {text.format('c')}",
        f"integrity[3]: {text.format('a_<=_b')}",
    )


def test_a_rule_that_cannot_be_read_is_said_once() -> None:
    assert len(_said("integrity: [a = b, {never: }, a <= b]")) == 2


_COMPARING = [
    ("drift: {max: 0.2}", "drift.max"),
    ("drift: {columns: {a: 0.2}}", "drift.columns"),
    ("missing: {max_rise: 0.1}", "missing.max_rise"),
    ("duplicates: {max_rise: 0.1, severity: warn}", "duplicates.max_rise"),
    ("categories: {closed: true}", "categories.closed"),
    ("range: {closed: true}", "range.closed"),
    ("range: {max_z: 4}", "range.max_z"),
]


@pytest.mark.parametrize(("check", "key"), _COMPARING)
def test_a_limit_against_earlier_data_needs_some(check: str, key: str) -> None:
    text = "compares with earlier data; give data.reference, data.train or baseline.from"
    assert _said(f"checks: {{{check}}}", baseline="") == (f"checks.{key}: {text}",)


@pytest.mark.parametrize(("check", "key"), _COMPARING)
@pytest.mark.parametrize("more", ["train: train.csv", "reference: last.csv"])
def test_any_earlier_data_will_do(check: str, key: str, more: str) -> None:
    parse_settings(_data(f"{more}, checks: {{{check}}}", baseline=""), path="x")


def test_a_baseline_given_outside_the_file_may_bring_the_reference() -> None:
    text = _data("checks: {drift: {max: 0.2}}", baseline="")
    assert parse_settings(text, path="x", baseline="old.joblib").data.checks.declared("drift")


@pytest.mark.parametrize(
    "checks",
    ["missing: {max_share: 0.1}", "drift: off", "drift: {severity: warn}", "labels: {min_rows: 2}"],
)
def test_what_needs_no_earlier_data_can_be_asked_without(checks: str) -> None:
    parse_settings(_data(f"checks: {{{checks}}}", baseline=""), path="x")


def test_the_fewest_rows_of_a_class_are_for_classes() -> None:
    text = document(
        data="data: {evaluation: t, target: y, checks: {labels: {min_rows: 20}}}",
        metrics="metrics: {rmse: {max: 3}}",
    )
    (said,) = problems(text)
    assert said.startswith("1: data.checks.labels.min_rows: is for a binary or multiclass target")

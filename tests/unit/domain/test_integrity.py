"""Rules across columns, as an owner writes them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.arithmetic import Linear
from mlci_action.domain.expressions import (
    MAX_LENGTH,
    Column,
    Comparison,
    Literal,
    parse_where,
)
from mlci_action.domain.integrity import (
    Dependency,
    IntegrityRule,
    RowRule,
    parse_rule,
    parse_rules,
)
from mlci_action.domain.outcomes import Severity
from mlci_action.domain.row_pairs import PairColumn, PairComparison, PairRule


def test_a_condition_holds_in_every_row() -> None:
    assert parse_rule(" start <= end ") == IntegrityRule(
        name="start_<=_end",
        text="start <= end",
        asks=RowRule(condition=parse_where("start <= end")),
    )


@pytest.mark.parametrize(
    "entry",
    [
        "never: age < 18 and status == 'married'",
        "never :age < 18 and status == 'married'",
        {"never": "age < 18 and status == 'married'"},
        {"rule": "never: age < 18 and status == 'married'"},
    ],
)
def test_a_condition_that_never_holds(entry: object) -> None:
    condition = parse_where("age < 18 and status == 'married'")
    rule = parse_rule(entry)
    assert rule.asks == RowRule(condition=condition, never=True)
    assert rule.text == "never: age < 18 and status == 'married'"


def test_what_else_a_rule_says_is_kept() -> None:
    entry = {"rule": "a > 1", "max_share": 0.01, "severity": "warn", "name": "A above 1"}
    assert parse_rule(entry) == IntegrityRule(
        name="a_above_1",
        text="a > 1",
        asks=RowRule(condition=parse_where("a > 1")),
        max_share=0.01,
        severity=Severity.WARN,
    )


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("zip -> state", ("zip",), ("state",)),
        ("zip,city->state", ("zip", "city"), ("state",)),
        ("`zip code` , city -> state, country", ("zip code", "city"), ("state", "country")),
        ("`a -> b` -> `c, d`", ("a -> b",), ("c, d",)),
        ("straße -> stadt", ("straße",), ("stadt",)),
    ],
)
def test_equal_left_sides_have_equal_right_sides(
    text: str, left: tuple[str, ...], right: tuple[str, ...]
) -> None:
    asked = Dependency(left=left, right=right)
    assert parse_rule(text).asks == asked
    assert asked.columns == left + right


def test_an_arrow_in_a_text_is_no_dependency() -> None:
    assert isinstance(parse_rule("kind == 'a -> b'").asks, RowRule)


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        (
            "casual + registered == count",
            Linear(terms=(("casual", 1.0), ("registered", 1.0))),
            Column(name="count"),
        ),
        (
            "2 * (a - `b c`) - 1 == -d * 3 + a",
            Linear(terms=(("a", 2.0), ("b c", -2.0)), constant=-1.0),
            Linear(terms=(("d", -3.0), ("a", 1.0))),
        ),
        ("a + b - b == 1.5", Linear(terms=(("a", 1.0),)), Literal(value=1.5)),
        ("-a == -1", Linear(terms=(("a", -1.0),)), Literal(value=-1)),
    ],
)
def test_sums_of_columns_are_compared(text: str, left: object, right: object) -> None:
    asked = parse_rule(text).asks
    assert isinstance(asked, RowRule)
    assert asked.condition.condition == Comparison(left=left, operator="==", right=right)  # type: ignore[arg-type]


def test_pairs_of_rows_are_compared_within_equal_ones() -> None:
    entry = {"never": "a.state == b.state and a.salary > b.salary and 5 < b.`tax rate`"}
    rule = PairRule(
        same=("state",),
        others=(
            PairComparison(
                left=PairColumn(row="a", name="salary"),
                operator=">",
                right=PairColumn(row="b", name="salary"),
            ),
            PairComparison(
                left=Literal(value=5), operator="<", right=PairColumn(row="b", name="tax rate")
            ),
        ),
    )
    assert parse_rule(entry).asks == rule
    assert rule.columns == ("state", "salary", "tax rate")


def test_a_chain_of_two_rows_is_each_of_its_links() -> None:
    asked = parse_rule("never: b.x == a.x and a.y < b.y < 3").asks
    assert isinstance(asked, PairRule)
    assert asked.same == ("x",)
    assert [other.operator for other in asked.others] == ["<", "<"]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("", "the expression is empty"),
        ("never:", "the expression is empty"),
        ("age", "'age' alone is no condition"),
        ("age >", "not a condition"),
        ("x > " + "1" * MAX_LENGTH, "longer than 1,000 characters"),
        ({"never": "a.x == b.x and a.y > " + "1" * MAX_LENGTH}, "longer than 1,000 characters"),
        (3, "a rule is a text or a mapping"),
        (None, "a rule is a text or a mapping"),
        ([], "a rule is a text or a mapping"),
        ({}, "a rule has either rule: or never:"),
        ({"rule": 1}, "a rule has either rule: or never:"),
        ({"rule": "a > 1", "never": "b > 1"}, "a rule has either rule: or never:"),
        ({"rul": "a > 1"}, "unknown key 'rul'; did you mean 'rule'?"),
        ({"rule": "a > 1", "max_share": 1.5}, "max_share is a share of the rows"),
        ({"rule": "a > 1", "max_share": float("nan")}, "max_share is a share of the rows"),
        ({"rule": "a > 1", "max_share": True}, "max_share is a share of the rows"),
        ({"rule": "a > 1", "max_share": "1 %"}, "max_share is a share of the rows"),
        ({"rule": "a > 1", "severity": "fial"}, "severity: did you mean 'fail'?"),
        ({"rule": "a > 1", "name": " "}, "the name of a rule is a text"),
        ({"rule": "a > 1", "name": 3}, "the name of a rule is a text"),
        ("zip ->", "write columns on both sides of ->"),
        ("zip + 1 -> state", "write columns on both sides of ->"),
        ("zip, state -> state", "a column stands on both sides of ->"),
        ({"never": "zip -> state"}, "stands for itself"),
        ("a * b > 1", "a column times a column is not supported"),
        ("a / 2 > 1", "in a sum only +, - and * by a number are supported"),
        ("a ** 2 > 1", "in a sum only +, - and * by a number are supported"),
        ("a + 'x' > 1", "in a sum only +, - and * by a number are supported"),
        ("a + True > 1", "in a sum only +, - and * by a number are supported"),
        ("a + len(b) > 1", "in a sum only +, - and * by a number are supported"),
        ("a - a > 1", "a sum without a column"),
        ("1 + 1 < 3", "a sum without a column"),
        ("a * 1e999 > 1", "too large to be finite"),
        ("a * 1e999 * 0 > 1", "too large to be finite"),
        (f"a * {'9' * 400} > 1", "too large to be finite"),
        ("a + (b is null) > 1", "in a sum only +, - and * by a number are supported"),
        ("a.x == b.x", "stands under never"),
        ("never: a.x > b.x", "in which column they are equal"),
        ("never: a.x == b.y", "in which column they are equal"),
        ("never: a.x == a.x", "in which column they are equal"),
        ("never: a.x == b.x or a.y > 1", "comparisons joined by and"),
        ("never: a.x == b.x and not a.y > 1", "comparisons joined by and"),
        ("never: a.x == b.x and a.y in [1]", "write == != < <= > or >="),
        ("never: a.x == b.x and y > 1", "of which row is 'y'? write a.y or b.y"),
        ("never: a.x == b.x and `y z` > 1", "of which row is 'y z'?"),
        ("never: a.x == b.x and c.y > 1", "the two rows are called a and b"),
        ("never: a.x == b.x and 1 < 2", "names no column"),
        ("never: a.x == b.x and a.y + 1 > b.y", "arithmetic is not supported"),
        ("never: a.ﬁ == b.ﬁ", "put the column 'fi' in backticks"),
    ],
)
def test_what_is_not_supported_is_named(entry: object, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_rule(entry)


def test_every_rule_has_a_name_of_its_own() -> None:
    assert [rule.name for rule in parse_rules(["a > 1", "b > 1"])] == ["a_>_1", "b_>_1"]
    with pytest.raises(ValueError, match="two rules are called 'a_>_1'"):
        parse_rules(["a > 1", {"rule": "b > 1", "name": "a > 1"}])


_WRITTEN = st.text(alphabet="ab.`'\" ,()+-*><=!1andnever:", max_size=60)


@given(st.text(max_size=60) | _WRITTEN)
def test_any_text_is_a_rule_or_a_value_error(text: str) -> None:
    try:
        columns = parse_rule(text).asks
    except ValueError:
        return
    named = columns.condition.columns if isinstance(columns, RowRule) else columns.columns
    assert named


def test_a_sum_of_too_many_parts_is_refused() -> None:
    parse_rule("+".join(["a"] * 400) + " > 1")
    with pytest.raises(ValueError, match="so many parts"):
        parse_rule("-" * 990 + "a > 1")

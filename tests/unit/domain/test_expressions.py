"""The small language of `where`."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.expressions import (
    MAX_DEPTH,
    MAX_LENGTH,
    AllOf,
    AnyOf,
    Column,
    Comparison,
    Condition,
    IsNull,
    Literal,
    Membership,
    Not,
    Value,
    parse_where,
)

_AGE = Column(name="age")
_SEX = Column(name="sex")


def _compare(column: Column, operator: str, value: Value) -> Comparison:
    return Comparison(left=column, operator=operator, right=Literal(value=value))


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
def test_a_comparison_of_a_column_with_a_value(operator: str) -> None:
    expression = parse_where(f"age {operator} 60")
    assert expression.condition == _compare(_AGE, operator, 60)
    assert expression.text == f"age {operator} 60"
    assert expression.columns == ("age",)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("60", 60),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("'north'", "north"),
        ('"a b"', "a b"),
        ("'it''s'", "its"),
        ("'\\''", "'"),
        ("'a`b`c'", "a`b`c"),
        ("True", True),
        ("False", False),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_a_value_is_a_number_a_text_or_a_truth(written: str, value: Value) -> None:
    condition = parse_where(f"age == {written}").condition
    assert condition == _compare(_AGE, "==", value)
    assert isinstance(condition, Comparison)
    assert isinstance(condition.right, Literal)
    assert type(condition.right.value) is type(value)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        (
            "18 <= age < 30",
            AllOf(
                parts=(
                    Comparison(left=Literal(value=18), operator="<=", right=_AGE),
                    _compare(_AGE, "<", 30),
                )
            ),
        ),
        ("sex in ['f', 'm']", Membership(column=_SEX, values=("f", "m"))),
        ("sex in ('f',)", Membership(column=_SEX, values=("f",))),
        ("sex in {'f'}", Membership(column=_SEX, values=("f",))),
        ("age not in [1, -2]", Not(part=Membership(column=_AGE, values=(1, -2)))),
        ("age is null", IsNull(column=_AGE)),
        ("age is not null", Not(part=IsNull(column=_AGE))),
        ("not age > 1", Not(part=_compare(_AGE, ">", 1))),
        (
            "age > 1 and sex == 'f' and age < 9",
            AllOf(
                parts=(_compare(_AGE, ">", 1), _compare(_SEX, "==", "f"), _compare(_AGE, "<", 9))
            ),
        ),
        (
            "age > 1 and (sex == 'f' or age < 9)",
            AllOf(
                parts=(
                    _compare(_AGE, ">", 1),
                    AnyOf(parts=(_compare(_SEX, "==", "f"), _compare(_AGE, "<", 9))),
                )
            ),
        ),
        ("age > sex", Comparison(left=_AGE, operator=">", right=_SEX)),
        ("  age > 1\n", _compare(_AGE, ">", 1)),
    ],
)
def test_conditions_are_built_from_few_parts(text: str, condition: Condition) -> None:
    assert parse_where(text).condition == condition


@pytest.mark.parametrize(
    "name", ["net income", "a.b", "class", "null", "column_0", "1st", "f(x)", "é", "a'b", "x # y"]
)
def test_any_text_in_backticks_is_a_column(name: str) -> None:
    expression = parse_where(f"`{name}` == 1 or column_0 == 2 or `{name}`==3")
    assert expression.columns == tuple(dict.fromkeys((name, "column_0")))


def test_columns_are_listed_once_in_their_order() -> None:
    assert parse_where("b > 1 and a > 1 and b < 9 and c is null").columns == ("b", "a", "c")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the expression is empty"),
        (" \n", "the expression is empty"),
        ("age = 60", "write == to compare"),
        ("age > 1 && sex == 'f'", "write and, or"),
        ("(age > 1) & (age < 3)", "& and | are not supported; write and, or"),
        ("(age > 1) | (age < 3)", "& and | are not supported; write and, or"),
        ("age > 1 AND sex == 'f'", "in lower case"),
        ("age <> 1", "write !="),
        ("net income > 1", "put column names with other characters in `backticks`"),
        ("class == 1", "put column names with other characters in `backticks`"),
        ("age ==", "not a condition"),
        ("age > 1; sex > 1", "not a condition"),
        ("x == '\\d'", "not a condition"),
        ("age > 1\x00", "not a condition"),
        ("`age > 1", "a backtick is not closed"),
        ("`` > 1", "the name between backticks is empty"),
        ("age", "'age' alone is no condition; compare it, for example == True"),
        ("not `is\nmember`", "'is\\nmember' alone is no condition"),
        ("60", "a value alone is not supported"),
        ("True", "a value alone is not supported"),
        ("1 < 2", "names no column"),
        ("1 < 2 < age", "names no column"),
        ("age in region", "after `in` stands a list of values"),
        ("age in []", "after `in` stands a list of values"),
        ("age in [sex]", "a column is not supported as a value"),
        ("1 in [1]", "before `in` and `is` stands a column, not a value alone"),
        ("age is 3", "after `is` only null and not null are supported"),
        ("age == None", "None is not supported; write `is null`"),
        ("age is None", "after `is` only null and not null are supported"),
        ("age == null", "write `is null`"),
        ("null is null", "write `is null`"),
        ("age == 9223372036854775808", "beyond 64 bits"),
        ("age == 1e999", "too large to be finite"),
        ("age == -1e999", "too large to be finite"),
        ("age == -True", "a sign or ~ is not supported as a value"),
        ("age == ~1", "a sign or ~ is not supported as a value"),
        ("age == +1", "a sign or ~ is not supported as a value"),
        ("age == 1j", "a value is a text, a number, True or False"),
        ("age == b'x'", "a value is a text, a number, True or False"),
        ("age == ...", "a value is a text, a number, True or False"),
        ("age == f'{sex}'", "an f-string is not supported as a value"),
        ("age + 1 > 2", "arithmetic is not supported as a value"),
        ("2 ** 99 > age", "arithmetic is not supported as a value"),
        ("len(age) > 2", "a function call is not supported as a value"),
        ("__import__('os').system('ls')", "a function call is not supported"),
        ("age.__class__ == 1", "a dot in a name"),
        ("age[0] == 1", "a subscript is not supported as a value"),
        ("(age > 1) == True", "a comparison as a value is not supported"),
        ("(age := 1) == 1", ":= is not supported as a value"),
        ("1 if age > 1 else 2", "if ... else is not supported"),
        ("lambda: age > 1", "lambda is not supported"),
        ("[age > 1]", "this kind of expression is not supported"),
        ("age > 1,", "this kind of expression is not supported"),
        ("[x for x in [1]] == age", "this kind of expression is not supported as a value"),
        ("\ufb01eld == 1", "put the column 'field' in backticks"),
        ("x" * (MAX_LENGTH + 1), "longer than 1,000 characters"),
        ("not " * (MAX_DEPTH + 1) + "a > 1", "nested more than 20 levels deep"),
        ("(" * 300 + "a > 1" + ")" * 300, "not a condition"),
    ],
)
def test_what_is_not_supported_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_where(text)


def test_nesting_up_to_the_bound_is_taken() -> None:
    parse_where("not " * MAX_DEPTH + "a > 1")


@given(st.text(max_size=60) | st.text(alphabet="ab`'\"\\ ()[]=<>!1.,andornotinis", max_size=60))
def test_any_text_is_an_expression_or_a_value_error(text: str) -> None:
    try:
        columns = parse_where(text).columns
    except ValueError:
        return
    assert columns

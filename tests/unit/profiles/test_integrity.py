"""Rows that break the rules that the owner states."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlci_action.domain.integrity import parse_rule, parse_rules
from mlci_action.domain.row_pairs import PairRule
from mlci_action.profiles.broken_pairs import PairCounter
from mlci_action.profiles.integrity import BrokenRule, IntegrityCounter


def _asked(frame: pd.DataFrame, *entries: object, rows: int = 1_000) -> tuple[BrokenRule, ...]:
    counter = IntegrityCounter(parse_rules(entries))
    for start in range(0, len(frame), rows):
        counter.add(frame.iloc[start : start + rows], start)
    return counter.result()


def _broken(frame: pd.DataFrame, entry: object, rows: int = 1_000) -> Sequence[int]:
    (answer,) = _asked(frame, entry, rows=rows)
    assert answer.problem == ""
    assert answer.rows == len(answer.at)
    return answer.at


_FRAME = pd.DataFrame(
    {
        "start": [1.0, 2.0, np.nan, 4.0, 5.0],
        "end": [1.0, 1.0, 1.0, np.nan, 6.0],
        "age": [17.0, 17.0, 30.0, 12.0, 40.0],
        "status": ["single", "married", "married", None, "married"],
        "casual": [0.1, 1.0, 2.0, 3.0, np.nan],
        "registered": [0.2, 1.0, 2.0, 3.0, 1.0],
        "count": [0.3, 2.0, 5.0, 6.0, 1.0],
    }
).astype({"status": object})


@pytest.mark.parametrize("rows", [1, 2, 1_000])
@pytest.mark.parametrize(
    ("entry", "broken"),
    [
        ("start <= end", (1,)),
        ("start < end", (0, 1)),
        ({"never": "age < 18 and status == 'married'"}, (1,)),
        ({"never": "age < 18 and status is null"}, (3,)),
        ("casual + registered == count", (2,)),
        ("casual + registered >= count", (2,)),
        ("casual + registered < count", (0, 1, 3)),
        ("casual + registered != count", (0, 1, 3)),
        ("2 * casual - count < 0.5", ()),
        ("count - casual - registered == 0", (2,)),
        ("age > 0", ()),
    ],
)
def test_a_row_breaks_a_rule_that_is_false_for_it(
    entry: object, broken: tuple[int, ...], rows: int
) -> None:
    assert _broken(_FRAME, entry, rows) == broken


def test_what_a_missing_value_leaves_open_is_not_broken() -> None:
    (answer,) = _asked(_FRAME, "start <= end")
    assert (answer.rows, answer.asked, answer.of) == (1, 3, 5)


def test_a_sum_that_is_no_number_is_broken() -> None:
    frame = pd.DataFrame({"a": [np.inf, np.inf, 1.0], "b": [-np.inf, 1.0, 1.0]})
    assert _broken(frame, "a + b >= 0") == (0,)
    assert _broken(frame, "a + b != 5") == (0,)
    assert _broken(frame, "a + b == 2") == (0, 1)


def test_text_has_no_sum() -> None:
    (answer,) = _asked(_FRAME, "status + age > 1")
    assert "column 'status' holds text (only numbers can be added up)" in answer.problem


# Dependencies


def _towns(rows: int = 3_000, seed: int = 0) -> pd.DataFrame:
    drawn = np.random.default_rng(seed)
    codes = drawn.integers(0, 50, rows)
    return pd.DataFrame(
        {"zip": codes.astype(float), "state": np.array([f"s{code % 7}" for code in codes], object)}
    )


def test_a_dependency_that_holds_is_not_broken() -> None:
    assert _broken(_towns(), "zip -> state") == ()


@pytest.mark.parametrize("rows", [7, 1_000, 5_000])
def test_rows_that_differ_from_most_of_their_equals_are_wrong(rows: int) -> None:
    frame = _towns()
    frame.loc[[5, 1_500, 2_999], "state"] = ["x", "y", "z"]
    assert _broken(frame, "zip -> state", rows) == (5, 1_500, 2_999)


def test_of_a_tie_the_first_is_right() -> None:
    frame = pd.DataFrame({"zip": ["b", "a", "a", "b"], "state": ["p", "q", "r", "s"]})
    assert _broken(frame.astype(object), "zip -> state", 2) == (2, 3)


def test_several_columns_are_one_side() -> None:
    frame = pd.DataFrame(
        {"a": [1.0, 1.0, 2.0, 2.0], "b": [1.0, 2.0, 1.0, 1.0], "c": list("pqrr"), "d": list("uvwx")}
    )
    assert _broken(frame, "a, b -> c") == ()
    assert _broken(frame, "a, b -> c, d") == (3,)
    assert _broken(frame, "a -> b") == (1,)


def test_rows_that_lack_a_side_are_left_out() -> None:
    frame = pd.DataFrame({"zip": [1.0, 1.0, np.nan, np.nan], "state": ["p", None, "q", "r"]})
    (answer,) = _asked(frame.astype({"state": object}), "zip -> state")
    assert (answer.rows, answer.asked, answer.of) == (0, 1, 4)


def test_many_left_sides_are_told_once_and_again() -> None:
    rows = 200_000
    frame = pd.DataFrame({"key": np.arange(rows) % 150_000, "value": np.arange(rows) % 150_000})
    frame.loc[[160_000, 199_999], "value"] = -1
    assert _broken(frame.astype(float), "key -> value", 20_000) == (160_000, 199_999)


# Pairs of rows


_Row = tuple[str | None, float, float]


def _by_hand(rows: Sequence[_Row]) -> set[int]:
    """Rows are a state, a salary and a rate; a missing one is not equal, more, or less."""
    pairs = [
        (i, j)
        for i, (state, salary, rate) in enumerate(rows)
        for j, other in enumerate(rows)
        if state is not None and state == other[0] and salary > other[1] and rate < other[2]
    ]
    return {row for pair in pairs for row in pair}


_CELLS = st.tuples(
    st.sampled_from(["n", "s", None]),
    st.sampled_from([1.0, 2.0, 3.0, math.nan]),
    st.sampled_from([1.0, 2.0, math.nan]),
)


@given(st.lists(_CELLS, min_size=1, max_size=30), st.integers(1, 40))
def test_pairs_are_those_that_every_two_rows_make(cells: list[_Row], rows: int) -> None:
    frame = pd.DataFrame(cells, columns=["state", "salary", "rate"]).astype({"state": object})
    rule = {"never": "a.state == b.state and a.salary > b.salary and a.rate < b.rate"}
    assert set(_broken(frame, rule, rows)) == _by_hand(cells)


def test_two_rows_with_the_same_key_are_a_pair() -> None:
    frame = pd.DataFrame({"day": [1.0, 1.0, 2.0, 2.0], "hour": ["7", "8", "9", "9"]})
    assert _broken(
        frame.astype({"hour": object}), "never: a.day == b.day and a.hour == b.hour"
    ) == (
        2,
        3,
    )


def test_texts_and_values_are_compared_in_pairs() -> None:
    frame = pd.DataFrame({"g": 1.0, "name": ["b", "a", "c"], "kind": ["x", "y", "x"], "n": 1.0})
    assert _broken(frame, "never: a.g == b.g and a.name > b.kind") == ()
    assert _broken(frame, "never: a.g == b.g and a.name < b.name and b.kind == 'y'") == ()
    assert _broken(frame, "never: a.g == b.g and a.name > b.name and b.kind == 'y'") == (0, 1, 2)
    assert _broken(frame, "never: a.g == b.g and a.n < 1") == ()
    assert _broken(frame, "never: a.g == b.g and 'a' == a.name") == (0, 1, 2)


def test_more_pairs_than_allowed_are_not_looked_at_and_it_is_said() -> None:
    frame = pd.DataFrame({"g": np.repeat([1.0, 2.0], [10, 90]), "x": np.arange(100.0)})
    asked = parse_rule("never: a.g == b.g and a.x < b.x").asks
    assert isinstance(asked, PairRule)
    counter = PairCounter(asked, text="it", most_pairs=500)
    counter.add(frame, 0)
    found = counter.count()
    # 10 * 10 + 20 * 20 pairs.
    assert (found.rows, found.asked) == (30, 100)
    assert found.note == (
        "only the first 20 rows with equal 'g' were compared with each other, to stay within "
        "500 pairs"
    )


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("sttart <= end", "data.integrity 'sttart <= end': the data has no column 'sttart' (did"),
        ("start -> statu", "the data has no column 'statu' (did you mean 'status'?)"),
        ("never: a.age == b.age and a.en > 1", "the data has no column 'en' (did you mean 'end'?)"),
        ("status > 3", "column 'status' holds text and is compared with 3"),
        ("never: a.age == b.age and a.status > b.age", "which cannot be compared"),
        ("never: a.age == b.age and a.status > 3", "column 'status' holds text, which cannot"),
    ],
)
def test_a_rule_that_cannot_be_asked_says_why_and_stops_no_other(entry: str, said: str) -> None:
    first, second = _asked(_FRAME, entry, "age > 20")
    assert said in first.problem
    assert (first.rows, first.at) == (0, ())
    assert (second.rows, second.problem) == (3, "")


def test_lists_in_a_column_are_no_problem() -> None:
    frame = pd.DataFrame({"tags": [["a"], ["a"], ["b"]], "x": [1.0, 2.0, 3.0]})
    assert _broken(frame, "tags -> x") == (1,)
    assert _broken(frame, "never: a.tags == b.tags") == (0, 1)


def test_the_first_thousand_rows_are_named() -> None:
    (answer,) = _asked(pd.DataFrame({"x": np.zeros(3_000)}), "x > 0")
    assert (answer.rows, answer.share, answer.at) == (3_000, 1.0, tuple(range(1_000)))


def test_no_rows_break_nothing_and_have_no_share() -> None:
    for answer in _asked(_FRAME.iloc[:0], "age > 1", "age -> end", "never: a.age == b.age"):
        assert (answer.rows, answer.asked, answer.problem) == (0, 0, "")
        assert math.isnan(answer.share)

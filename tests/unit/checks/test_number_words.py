"""Numbers in messages: counts always, values only where they may be."""

from __future__ import annotations

import json
import math

from mlci_action.checks.number_words import finite, quoted, rows, times, values_of
from tests.unit.checks.profiles import compared

QUIET = compared([], [])
LOUD = compared([], [], show_values=True)


def test_rows_are_counted_in_words() -> None:
    assert [rows(n) for n in (0, 1, 2_000)] == ["0 rows", "1 row", "2,000 rows"]


def test_multiples_have_the_digits_one_reads() -> None:
    assert [times(x) for x in (1.26, 39.6, 2_000.0, 6.2e13)] == ["1.3", "40", "2,000", "6e+13"]


def test_values_are_quoted_once_each_and_five_at_most() -> None:
    values: list[float | str] = [1.0, 1.0, 2.5, "a", 3.0, 4.0, 5.0]

    assert quoted(LOUD, values) == ": 1, 2.5, 'a', 3, 4"
    assert values_of(LOUD, values) == {"values": [1.0, 2.5, "a", 3.0, 4.0]}
    assert quoted(LOUD, []) == ""


def test_nothing_is_quoted_where_values_stay_hidden() -> None:
    assert quoted(QUIET, [1.0]) == ""
    assert values_of(QUIET, [1.0]) == {}


def test_numbers_too_large_for_json_are_cut() -> None:
    assert json.loads(json.dumps([finite(math.inf), finite(-math.inf), finite(2.0)]))[2] == 2.0

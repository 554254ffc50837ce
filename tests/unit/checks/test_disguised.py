"""Placeholders that stand for missing values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mlci_action.checks.disguised import find_disguised, find_disguised_texts
from mlci_action.checks.findings import Finding, Kind
from mlci_action.domain.cells import CellTest
from mlci_action.domain.profile import ColumnProfile
from tests.unit.checks.profiles import Cell, edited, numbers

CITIES: list[Cell] = ["Bern", "Basel", "Zug", "Uri"] * 100
AGES: list[Cell] = [20 + i % 50 for i in range(200)]
NAMES: list[Cell] = [f"{'abcdefgh'[i % 8]}{'xyz'[i % 3]} person-{i}" for i in range(300)]


def found(before: Sequence[Cell], now: Sequence[Cell]) -> list[Finding]:
    return list(find_disguised_texts(edited([numbers(before)], [numbers(now)])))


def without_rare_values(column: ColumnProfile, kept: int) -> ColumnProfile:
    """As the profile of a column with too many different texts for all of them to be kept."""
    assert column.text is not None
    values = column.text.values[:kept]
    return replace(column, text=replace(column.text, values=values, complete=False))


def test_one_placeholder_is_enough_where_there_was_none() -> None:
    assert found(CITIES, [*CITIES, "?", " N/A "]) == [
        Finding(
            column="x",
            message="column 'x' holds 2 cells that may stand for a missing value ('?', 'n/a'), and "
            "none in the reference",
            rows=2,
            observed=2 / 402,
            cells=CellTest(column="x", texts=frozenset({"?", "N/A"})),
            evidence={"placeholders": ["?", "n/a"]},
        )
    ]


@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_one_blank_text_is_enough_too(blank: str) -> None:
    [finding] = found(CITIES, [*CITIES, blank])

    assert finding.message == (
        "column 'x' holds 1 cell that may stand for a missing value (blank text), and none in the "
        "reference"
    )
    assert finding.cells == CellTest(column="x", texts=frozenset({""}))


def test_known_placeholders_and_blanks_must_become_more() -> None:
    before: list[Cell] = [*CITIES, "?", " "]

    assert found(before, [*CITIES, "?", "?", "", "  "]) == []
    assert found(before, [*CITIES, "n/a"]) == []
    [finding] = found(before, [*CITIES, *[""] * 20, *[" "] * 20])
    assert (finding.kind, finding.rows) == (Kind.COUNT, 40)
    assert "and 1 of 402 in the reference" in finding.message


def test_words_count_since_a_column_may_mean_them() -> None:
    assert found(CITIES, [*CITIES, *["unknown"] * 5]) == []
    [finding] = found(CITIES, [*CITIES, *["Unknown"] * 30, *["not_available"] * 30])
    assert (finding.kind, finding.rows) == (Kind.COUNT, 60)
    assert found([*CITIES, *["none"] * 40], [*CITIES, *["none"] * 50]) == []


@pytest.mark.parametrize(
    "before", [AGES, [f"2020-01-{1 + i % 30:02}" for i in range(100)]], ids=["numbers", "dates"]
)
def test_among_numbers_or_dates_one_word_is_enough(before: list[Cell]) -> None:
    assert [f.kind for f in found(before, [*before, "unknown"])] == [Kind.FORM]
    assert found([*before, "unknown"], [*before, "unknown", "missing"]) == []


def test_one_person_may_be_called_null() -> None:
    assert found(NAMES, [*NAMES, "Null"]) == []
    assert [f.rows for f in found(NAMES, [*NAMES, "Null", "Null"])] == [2]
    assert [f.rows for f in found(CITIES, [*CITIES, "Null"])] == [1]


def test_a_short_reference_does_not_tell_what_is_usual() -> None:
    assert found(CITIES[:49], [*CITIES, "?"]) == []


def test_where_not_all_texts_are_known_shapes_tell_of_signs_and_blanks() -> None:
    before, now = numbers(NAMES), numbers([*NAMES, "?", " "])
    cut = without_rare_values(now, 5)

    [finding] = find_disguised_texts(edited([without_rare_values(before, 5)], [cut]))

    assert (finding.kind, finding.rows) == (Kind.FORM, 2)


def test_a_text_that_may_be_hidden_in_the_reference_must_become_more() -> None:
    """Nobody knows whether one of the words that are not listed was `na`."""
    words: list[Cell] = [*CITIES, *["ab"] * 3, *["cd"] * 3]
    hidden = without_rare_values(numbers(words), 5)

    def texts(cells: list[Cell]) -> list[Finding]:
        return list(find_disguised_texts(edited([hidden], [numbers(cells)])))

    assert texts([*CITIES, *["na"] * 4]) == []
    assert [f.kind for f in texts([*CITIES, *["na"] * 60])] == [Kind.COUNT]
    assert [f.kind for f in texts([*CITIES, "?"])] == [Kind.FORM]


def test_a_reference_whose_shapes_are_cut_off_tells_even_less() -> None:
    cut = without_rare_values(numbers(NAMES), 5)
    assert cut.text is not None
    cut = replace(cut, text=replace(cut.text, shapes_complete=False))

    assert list(find_disguised_texts(edited([cut], [numbers([*NAMES, "?"])]))) == []
    assert list(find_disguised_texts(edited([cut], [numbers([*NAMES, *["?"] * 60])]))) != []


def test_columns_without_text_are_silent() -> None:
    assert found(AGES, AGES) == []
    assert found(CITIES, []) == []
    assert found([None] * 60, ["?"]) == []


def test_magic_numbers_are_found_as_well() -> None:
    now = [*AGES, *[-999] * 20]
    reference = numbers(AGES)

    findings = find_disguised(edited([reference], [numbers(now, reference=reference)]))

    assert [finding.rows for finding in findings] == [20]

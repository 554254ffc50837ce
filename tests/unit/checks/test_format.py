"""Texts of another form than before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mlci_action.checks.findings import Finding, Kind
from mlci_action.checks.format import find_format
from mlci_action.domain.cells import CellTest
from mlci_action.domain.data_limits import DataChecks
from tests.unit.checks.profiles import Cell, edited, numbers

DAYS: list[Cell] = [f"{2000 + i // 12}-{1 + i % 12:02}-{10 + i % 19}" for i in range(300)]
SLASHED: list[Cell] = [f"{1 + i % 12}/{1 + i % 28}/2020" for i in range(300)]
PHONES: list[Cell] = [f"{200 + i}-{300 + i}-{1000 + i}" for i in range(300)]
TIMES: list[Cell] = [f"{1 + i % 12}:{i % 60:02} {'ap'[i % 2]}.m." for i in range(300)]
STATES: list[Cell] = ["CA", "OR", "WA", "TX", "NY"] * 60


def names(begin: int, end: int) -> list[Cell]:
    """Names of many shapes, hardly any twice."""
    parts = ["Ann", "Bo", "Charles", "Dee", "Eleonora", "Fitz", "Guy", "Hermine", "Ivo", "Jacob"]
    return [
        f"{parts[i % 10]} {parts[i // 10 % 10]} {parts[i // 100 % 10].upper()}{'son' * (i // 1000)}"
        for i in range(begin, end)
    ]


def found(
    before: Sequence[Cell],
    now: Sequence[Cell],
    off: Sequence[str] = (),
    *,
    show_values: bool = False,
) -> list[Finding]:
    limits = DataChecks(off=frozenset(off))
    data = edited([numbers(before)], [numbers(now)], limits=limits, show_values=show_values)
    return list(find_format(data))


def test_one_date_of_another_family_is_enough() -> None:
    assert found(DAYS, [*DAYS, "5/1/2003"]) == [
        Finding(
            column="x",
            message="column 'x' holds 1 cell of the form '9/9/9999', a form that none of 300 in "
            "the reference has: dates there have the form '9999-99-99'",
            rows=1,
            observed=1 / 301,
            cells=CellTest(column="x", shapes=frozenset({"9/9/9999"})),
        )
    ]


def test_values_are_quoted_where_they_may_be_shown() -> None:
    [finding] = found(DAYS, [*DAYS, "5/1/2003"], show_values=True)

    assert "holds 1 cell '5/1/2003', a form" in finding.message
    assert finding.evidence == {"values": ["5/1/2003"]}


def test_dates_with_and_without_a_time_are_of_one_family_where_both_are_known() -> None:
    before: list[Cell] = [*DAYS, *(f"{day} 10:00:00" for day in DAYS)]

    assert found(before, before[::-1]) == []
    assert found(before[:60] + before[-60:], ["05.01.2003"]) != []
    assert found(DAYS[:49], ["05.01.2003"]) == []


@pytest.mark.parametrize(
    ("before", "cell"),
    [
        (DAYS, "2003-1-5"),
        (DAYS, "2003/10/15"),
        (DAYS, "May 2003"),
        (PHONES, "200/300-1000"),
        (PHONES, "(200) 300-1000"),
        (TIMES, "7:10 AM"),
        (TIMES, "07:10"),
        (TIMES, "12/02/2011 7:10 a.m."),
        (STATES, "California"),
        (STATES, "C"),
    ],
)
def test_one_cell_is_enough_where_all_have_one_form(before: list[Cell], cell: str) -> None:
    assert [f.kind for f in found(before, [*before, cell])] == [Kind.FORM]
    assert found(before[:100], [*before[:100], cell]) == [] or before is DAYS


@pytest.mark.parametrize(
    ("before", "cell"), [(SLASHED, "12/31/2020"), (TIMES, "10:59 p.m."), (STATES, "NV")]
)
def test_lengths_that_vary_are_no_form(before: list[Cell], cell: str) -> None:
    assert found(before, [*before, cell]) == []


def test_numbering_may_go_on() -> None:
    orders: list[Cell] = [f"ORD-{i}" for i in range(100, 1_000)]

    assert found(orders, [*orders, "ORD-1000"]) == []
    assert found(orders, [*orders, "ORD-99"]) != []


def test_categories_have_names_and_no_common_length() -> None:
    groups: list[Cell] = ["18-24", "25-34", "35-44", "45-64"] * 100

    assert found(groups, [*groups, "100-110"]) == []
    assert found(groups, [*groups, "65+"]) != []


def test_blanks_and_placeholders_of_the_reference_are_no_form() -> None:
    assert [f.kind for f in found([*PHONES, "?", " ", "n/a"], [*PHONES, "200 300 1000"])] == [
        Kind.FORM
    ]


def test_placeholders_are_no_form() -> None:
    known: list[Cell] = [*PHONES, "?", " ", "unknown"]

    assert found(known, [*known, "-"]) == []
    assert found(PHONES, [*PHONES, "?"], off=["disguised"]) == []
    assert found(PHONES, [*PHONES, "unknown"]) != []


def test_what_sharper_checks_name_is_not_named_again() -> None:
    assert found(PHONES, [*PHONES, *["missing"] * 30]) == []
    assert found(PHONES, [*PHONES, *["missing"] * 30], off=["disguised"]) != []
    assert found(PHONES, [*PHONES, "ZÃ¼rich"]) == []
    assert found(PHONES, [*PHONES, "ZÃ¼rich"], off=["encoding"]) != []
    assert found(STATES, [*STATES, "ca"]) == []
    assert found(STATES, [*STATES, "ca"], off=["spelling"]) != []


def test_where_forms_vary_a_new_one_must_come_often() -> None:
    before: list[Cell] = [f"{'ab' * (1 + i % 3)} {i}" if i % 2 else f"{i}!" for i in range(300)]

    assert found(before, [*before, *["x; y"] * 5]) == []
    [finding] = found(before, [*before, *["x; y"] * 40])
    assert (finding.kind, finding.rows) == (Kind.COUNT, 40)
    assert finding.cells == CellTest(column="x", shapes=frozenset({"a; a"}))


def test_forms_that_come_once_each_count_together() -> None:
    before: list[Cell] = [f"{'ab' * (1 + i % 3)} {i}" if i % 2 else f"{i}!" for i in range(300)]
    once: list[Cell] = [f"{'a' * (1 + i)};" for i in range(30)]

    assert [f.rows for f in found(before, [*before, *once])] == [30]


def test_traits_that_names_never_had_must_come_often() -> None:
    before, now = names(0, 600), names(600, 1_000)
    underscored: list[Cell] = [str(name).replace(" ", "_") for name in now[:40]]

    assert found(before, [*now, *underscored[:3]]) == []
    [finding] = found(before, [*now, *underscored], show_values=True)
    assert finding.message == (
        "column 'x': 40 of 440 texts come with the character '_', and 0 of 600 in the reference"
    )
    assert (finding.kind, finding.rows) == (Kind.COUNT, 40)
    assert finding.cells == CellTest(column="x", texts=frozenset(map(str, underscored)), exact=True)
    assert len(finding.evidence["values"]) == 5


def test_names_in_another_half_of_the_table_are_silent() -> None:
    assert found(names(0, 1_500)[::2], names(0, 1_500)[1::2]) == []


def test_one_invisible_character_is_enough_and_a_few_outer_spaces() -> None:
    before, now = names(0, 600), names(600, 1_000)

    [finding] = found(before, [*now, "Ann\u200b Bo GUY"])
    assert (finding.kind, finding.rows) == (Kind.FORM, 1)
    assert "texts come with invisible characters" in finding.message
    assert found(before, [*now, *(f"{name} " for name in now[:4])]) == []
    [finding] = found(before, [*now, *(f"{name} " for name in now[:5])])
    assert (finding.kind, finding.rows) == (Kind.FORM, 5)
    known: list[Cell] = [*before, "Ann\u200b Bo GUY"]
    assert found(known, [*now, "Ann\u200b Bo GUY"]) == []


def test_of_too_many_texts_shapes_still_tell_the_form() -> None:
    cut = {}
    for when, cells in {"before": PHONES, "now": [*PHONES, "?", "200.300.1000"]}.items():
        column = numbers(cells)
        assert column.text is not None
        cut[when] = replace(column, text=replace(column.text, values=(), complete=False))

    [finding] = find_format(edited([cut["before"]], [cut["now"]]))

    assert finding.rows == 1
    assert finding.cells == CellTest(column="x", shapes=frozenset({"999.999.9999"}))


def test_where_not_all_shapes_are_known_there_is_no_new_one() -> None:
    column = numbers(PHONES)
    assert column.text is not None
    cut = replace(column, text=replace(column.text, shapes_complete=False))

    assert list(find_format(edited([cut], [numbers([*PHONES, "200.300.1000"])]))) == []


def test_a_batch_of_many_shapes_is_told_from_its_values() -> None:
    column = numbers([*PHONES, "200.300.1000"])
    assert column.text is not None
    cut = replace(column, text=replace(column.text, shapes=(), shapes_complete=False))

    assert [f.rows for f in find_format(edited([numbers(PHONES)], [cut]))] == [1]


@pytest.mark.parametrize("now", [[], [None], [1.0, 2.0]])
def test_a_column_without_text_is_silent(now: list[Cell]) -> None:
    assert found(PHONES, now) == []
    assert found(now, PHONES) == []

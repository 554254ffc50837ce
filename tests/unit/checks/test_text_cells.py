"""Which texts are new, and which of them are named already?"""

from __future__ import annotations

from collections.abc import Iterator

from mlci_action.checks.findings import Compared, Finding
from mlci_action.checks.text_cells import (
    cells,
    holds_dates,
    is_category,
    named_by,
    shown,
    text_of,
    unseen,
)
from mlci_action.domain.cells import CellTest
from mlci_action.domain.data_limits import DataChecks
from tests.unit.checks.profiles import compared, pair, text


def naming(test: CellTest | None) -> Iterator[Finding]:
    yield Finding(column="x", message="", cells=test)


def test_texts_are_categories_while_they_repeat() -> None:
    assert is_category(text_of(text([str(i) + "a" for i in range(20)]).text))
    assert not is_category(text_of(text([str(i) + "a" for i in range(21)]).text))
    assert is_category(text_of(text([str(i) + "a" for i in range(21)] * 5).text))
    assert not is_category(text_of(None))


def test_a_column_holds_dates_when_nearly_all_its_texts_are() -> None:
    assert holds_dates(text_of(text(["2020-01-01"] * 19 + ["soon"]).text))
    assert not holds_dates(text_of(text(["2020-01-01"] * 9 + ["soon"]).text))
    assert not holds_dates(text_of(None))


def test_new_texts_are_those_that_the_reference_lacks_and_nothing_names() -> None:
    column = pair(["a", "b"], ["a", "c", "c", " d ", "e!"])
    data = compared([column.reference], [column.batch])
    named = named_by(
        data,
        ("spelling", lambda _: naming(CellTest(column="x", texts=frozenset({"d"})))),
        ("format", lambda _: naming(CellTest(column="x", shapes=frozenset({"a!"})))),
        ("encoding", lambda _: naming(None)),
    )

    assert unseen(column) == {"c": 2, " d ": 1, "e!": 1}
    assert unseen(column, named["x"]) == {"c": 2}


def test_texts_named_exactly_are_meant_with_their_spaces() -> None:
    column = pair(["a"], [" d ", "d"])
    data = compared([column.reference], [column.batch])
    exact = CellTest(column="x", texts=frozenset({" d "}), exact=True)

    named = named_by(data, ("spelling", lambda _: naming(exact)))

    assert unseen(column, named["x"]) == {"d": 1}


def test_a_check_that_is_off_names_nothing() -> None:
    test = CellTest(column="x", texts=frozenset({"d"}))
    data = compared([text(["a"])], [text(["d"])], limits=DataChecks(off=frozenset({"spelling"})))

    assert named_by(data, ("spelling", lambda _: naming(test))) == {}


def test_where_the_reference_does_not_tell_all_nothing_is_new() -> None:
    assert unseen(pair([f"{i}a" for i in range(5_001)], ["new"])) == {}


def test_five_cells_are_quoted_and_only_where_they_may_be() -> None:
    hidden: Compared = compared([], [])
    open_ = compared([], [], show_values=True)

    assert shown(hidden, ["a"]) == {}
    assert shown(open_, "abcdefg") == {"values": ["a", "b", "c", "d", "e"]}
    assert shown(open_, []) == {}


def test_one_cell_is_no_plural() -> None:
    assert (cells(1), cells(2_000)) == ("1 cell", "2,000 cells")

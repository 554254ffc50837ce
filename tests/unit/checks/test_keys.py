"""data.ids: the declared id, and columns that told rows apart before."""

from __future__ import annotations

import pytest

from mlci_action.checks.findings import Compared, Finding
from mlci_action.checks.keys import declared_id, find_keys
from mlci_action.domain.cells import CellTest
from mlci_action.domain.profile import ColumnProfile
from mlci_action.errors import DatasetError
from mlci_action.profiles.id_counts import IdCounts
from tests.unit.checks.profiles import Cell, compared, numbers, table


def test_a_declared_id_that_names_every_row_once_is_silent() -> None:
    batch = table(numbers([1, 2], "id"))
    assert list(declared_id(batch, "id", IdCounts(rows=2, missing=0, repeated=0))) == []


def test_a_declared_id_is_strict() -> None:
    batch = table(numbers([1, 1, None], "id"))
    assert list(declared_id(batch, "id", IdCounts(rows=3, missing=1, repeated=1))) == [
        Finding(
            column="id",
            message="column 'id' is declared as the id, but 1 of 3 rows repeat an earlier id and "
            "1 have none",
            rows=2,
            cells=CellTest(column="id", missing=True),
            settled=True,
            evidence={"repeated": 1, "missing": 1},
        )
    ]


def test_a_declared_id_that_is_not_there_cannot_be_asked() -> None:
    with pytest.raises(DatasetError, match="no column 'idd'") as caught:
        list(declared_id(table(numbers([1], "id")), "idd", IdCounts(rows=0, missing=0, repeated=0)))
    assert caught.value.hint == "did you mean 'id'?"


def _data(before: list[Cell], now: list[Cell], **named: str) -> Compared:
    return compared([numbers(before, "key")], [numbers(now, "key")], **named)  # type: ignore[arg-type]


def _keys(count: int, start: int = 0) -> list[Cell]:
    return [f"k{place}" for place in range(start, start + count)]


@pytest.mark.parametrize("repeated", [11, 500])
def test_a_key_that_repeats_more_than_chance_explains_is_found(repeated: int) -> None:
    now = _keys(1_000 - repeated) + _keys(repeated)
    (finding,) = find_keys(_data(_keys(1_000), now))
    assert finding.column == "key"
    assert finding.rows == repeated
    assert finding.message.startswith(
        f"column 'key' repeats an earlier value in at least {repeated:,} of 1,000 rows, "
        "and in none of 1,000 in the reference"
    )


def test_numbers_and_text_are_one_key() -> None:
    before: list[Cell] = [*range(300), *_keys(300)]
    now: list[Cell] = [*range(100), *range(100), *_keys(400)]
    (finding,) = find_keys(_data(before, now))
    assert finding.rows == 100


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (_keys(1_000), _keys(1_000)),
        (_keys(1_000), _keys(995) + _keys(5)),
        # Too few rows to be a key.
        (_keys(150), _keys(50) * 3),
        # No key before.
        (_keys(999) + _keys(1), _keys(500) * 2),
        # Measures meet the more often, the more there are.
        (_keys(200), _keys(1_980) + _keys(20)),
        (_keys(1_000), []),
    ],
)
def test_what_chance_explains_is_silent(before: list[Cell], now: list[Cell]) -> None:
    assert list(find_keys(_data(before, now))) == []


def test_most_of_a_larger_batch_repeating_is_found_all_the_same() -> None:
    (finding,) = find_keys(_data(_keys(1_000), _keys(500) * 4))
    assert finding.rows == 1_500


def test_the_id_and_the_target_are_for_others() -> None:
    for named in ({"id": "key"}, {"target": "key"}):
        assert list(find_keys(_data(_keys(1_000), _keys(500) * 2, **named))) == []


def _long(repeated: int) -> ColumnProfile:
    """More values than a profile keeps, some of them twice."""
    return numbers([*_keys(8_000), *_keys(repeated)], "key")


def test_repeats_among_the_listed_values_are_counted_where_not_all_are_kept() -> None:
    (finding,) = find_keys(compared([_long(0)], [_long(150)]))
    assert finding.rows == 150
    assert list(find_keys(compared([_long(0)], [_long(0)]))) == []

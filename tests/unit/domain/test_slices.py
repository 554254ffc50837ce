"""A slice's label, its key, and how the report holds it."""

from __future__ import annotations

import pytest

from mlci_action.domain.slices import Slice

_CROSS = Slice(by=(("Sex", "Female"), ("region", "New York")))
_WHERE = Slice(where="age >= 60")


def test_a_cross_reads_column_by_column() -> None:
    assert _CROSS.label == "Sex=Female, region=New York"
    assert _CROSS.key == "sex=female&region=new_york"
    assert _CROSS.as_mapping() == {"Sex": "Female", "region": "New York"}


def test_a_condition_reads_as_written() -> None:
    assert _WHERE.label == "age >= 60"
    assert _WHERE.key == "age_>=_60"
    assert _WHERE.as_mapping() == {"where": "age >= 60"}


@pytest.mark.parametrize(
    ("by", "where"), [((), None), ((("a", "b"),), "a > 1")], ids=["neither", "both"]
)
def test_a_slice_is_columns_or_a_condition(
    by: tuple[tuple[str, str], ...], where: str | None
) -> None:
    with pytest.raises(ValueError, match="either `by` columns or a `where` expression"):
        Slice(by=by, where=where)

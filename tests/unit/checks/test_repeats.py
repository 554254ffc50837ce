"""data.duplicates: rows that repeat an earlier one."""

from __future__ import annotations

import pytest

from mlci_action.checks.findings import Compared, Finding, Kind
from mlci_action.checks.repeats import find_repeats, limit_on_repeats
from mlci_action.domain.data_limits import DataChecks, DuplicateLimits
from mlci_action.domain.profile import RowRepeats
from mlci_action.errors import DatasetError
from tests.unit.checks.profiles import compared, table


def _repeats(rows: int, repeated: int, *, exact: bool = True, ignoring: str = "") -> RowRepeats:
    named = (ignoring,) if ignoring else ()
    return RowRepeats(rows=rows, repeated=repeated, exact=exact, ignoring=named)


def _data(
    before: RowRepeats | None, now: RowRepeats | None, limits: DuplicateLimits | None = None
) -> Compared:
    return compared(
        table(rows=1_000 if before is None else before.rows, repeats=before),
        table(rows=1_000 if now is None else now.rows, repeats=now),
        limits=DataChecks(duplicates=limits),
    )


def test_more_repeats_than_chance_explains_are_found() -> None:
    (finding,) = find_repeats(_data(_repeats(1_000, 2), _repeats(1_000, 50, ignoring="")))
    assert finding.message == (
        "50 of 1,000 rows repeat an earlier one, and 2 of 1,000 in the reference: "
        "were files joined twice?"
    )
    assert (finding.kind, finding.rows, finding.column) == (Kind.COUNT, 50, None)
    assert finding.observed == pytest.approx(0.048)
    assert not finding.settled


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (_repeats(1_000, 0), _repeats(1_000, 0)),
        (_repeats(1_000, 30), _repeats(1_000, 40)),
        # No more than 1 % of the rows.
        (_repeats(100_000, 0), _repeats(100_000, 900)),
        # What repeats by nature.
        (_repeats(1_000, 250), _repeats(1_000, 600)),
        # The more rows there are, the more of them are equal.
        (_repeats(1_000, 0), _repeats(1_300, 60)),
        # One leaves out an id.
        (_repeats(1_000, 0), _repeats(1_000, 60, ignoring="id")),
        (None, _repeats(1_000, 60)),
        (_repeats(1_000, 0), None),
        (_repeats(0, 0), _repeats(1_000, 60)),
        (_repeats(1_000, 0), _repeats(0, 0)),
    ],
)
def test_no_more_repeats_than_chance_explains_are_silent(
    before: RowRepeats | None, now: RowRepeats | None
) -> None:
    assert list(find_repeats(_data(before, now))) == []


def test_the_owners_limit_takes_the_place_of_chance() -> None:
    for limits in (DuplicateLimits(max_share=0.5), DuplicateLimits(max_rise=0.5)):
        data = _data(_repeats(1_000, 0), _repeats(1_000, 100), limits)
        assert list(find_repeats(data)) == []


def test_a_rise_above_the_limit_is_settled() -> None:
    limits = DuplicateLimits(max_rise=0.002)
    (finding,) = find_repeats(_data(_repeats(1_000, 300), _repeats(1_000, 303), limits))
    assert finding.settled
    assert finding.limit == 0.002
    assert "the share rose by 0.003, above the limit of 0.002" in finding.message
    assert list(find_repeats(_data(_repeats(1_000, 300), _repeats(1_000, 302), limits))) == []


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (None, _repeats(9, 1)),
        (_repeats(9, 1), None),
        (_repeats(9, 1, ignoring="id"), _repeats(9, 1)),
    ],
)
def test_a_limit_that_cannot_be_asked_is_an_error(
    before: RowRepeats | None, now: RowRepeats | None
) -> None:
    with pytest.raises(DatasetError, match=r"data\.checks\.duplicates\.max_rise"):
        list(find_repeats(_data(before, now, DuplicateLimits(max_rise=0.1))))


def test_a_share_above_the_limit_needs_no_reference() -> None:
    batch = table(rows=200, repeats=_repeats(200, 3, ignoring="id"))
    assert list(limit_on_repeats(batch, DuplicateLimits(max_share=0.01))) == [
        Finding(
            column=None,
            message="3 of 200 rows repeat an earlier one in every column but 'id', "
            "above the limit of 0.01",
            kind=Kind.COUNT,
            rows=3,
            observed=0.015,
            limit=0.01,
            settled=True,
            evidence={"sampled": False},
        )
    ]


def test_a_share_within_the_limit_is_silent() -> None:
    batch = table(rows=200, repeats=_repeats(200, 2))
    assert list(limit_on_repeats(batch, DuplicateLimits(max_share=0.01))) == []
    assert list(limit_on_repeats(batch, DuplicateLimits())) == []
    assert list(limit_on_repeats(batch, DuplicateLimits(max_share=float("nan")))) != []


def test_a_share_that_nobody_counted_is_an_error() -> None:
    with pytest.raises(DatasetError, match=r"data\.checks\.duplicates\.max_share"):
        list(limit_on_repeats(table(rows=3), DuplicateLimits(max_share=0.1)))


def test_a_sample_says_so() -> None:
    batch = table(rows=10_000, repeats=_repeats(1_000, 30, exact=False))
    (finding,) = limit_on_repeats(batch, DuplicateLimits(max_share=0.0))
    assert finding.message.startswith("30 of 1,000 rows (a sample of 10,000) repeat")
    assert finding.rows == 300
    assert finding.evidence == {"sampled": True}

"""A baseline's age, and how far an evaluation set is worn."""

from __future__ import annotations

from datetime import date

import pytest

from mlci_action.parts.remarks import age_in_days, lucky_pass, stale, worn

_TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("modified", "days"),
    [
        ("2026-11-28T10:00:00+00:00", 0),
        ("2026-11-18", 10),
        ("2026-12-24T10:00:00+00:00", 0),
        ("yesterday", None),
        (None, None),
    ],
)
def test_an_age_is_whole_days_and_never_negative(modified: str | None, days: int | None) -> None:
    assert age_in_days(modified, _TODAY) == days


def test_a_baseline_is_stale_beyond_its_limit_alone() -> None:
    assert stale(90, "release:", 90) == ()
    assert stale(None, "release:", 90) == ()
    assert stale(365, "release:", None) == ()
    (warned,) = stale(91, "release:", 90)
    assert (warned.id, warned.observed, warned.limit) == ("provenance.baseline_age", 91, 90)
    assert not warned.required
    assert len(stale(366, "release:", None)) == 1


def test_the_chance_of_luck_grows_with_every_candidate() -> None:
    assert lucky_pass(0, 0.95) == 0
    assert lucky_pass(1, 0.95) == pytest.approx(0.025)
    assert lucky_pass(27, 0.95) < 0.5 < lucky_pass(28, 0.95)


def test_a_set_is_worn_when_luck_is_as_likely_as_not() -> None:
    assert worn(27, 0.95) == ()
    (warned,) = worn(28, 0.95)
    assert warned.id == "provenance.test_set"
    assert "28 different models" in warned.message
    assert not warned.required
    assert worn(28, 0.99) == ()

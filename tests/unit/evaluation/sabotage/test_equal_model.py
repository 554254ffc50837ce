"""A comparison as it would be of two models of equal worth that disagree as much."""

from __future__ import annotations

import pytest

from mlci_action.evaluation.sabotage.equal_model import as_good
from tests.builders import by, comparison, row


def test_only_the_middle_of_an_interval_moves() -> None:
    found = as_good(comparison(row(interval=(0.01, 0.03)), row(slice_=by(sex="f"))))
    (only,) = found.rows
    assert (only.diff, only.candidate) == (0.0, only.baseline)
    assert only.interval is not None
    assert only.interval.low == pytest.approx(-0.01)
    assert only.interval.high == pytest.approx(0.01)


def test_what_has_no_interval_stays_as_it_is() -> None:
    before = comparison(row(interval=None), row(baseline=None))
    assert as_good(before).rows == before.rows

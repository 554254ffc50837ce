"""Each look at an evaluation set is counted once, and the last ones are kept."""

from __future__ import annotations

from mlci_action.domain.ledger import Ledger


def test_a_model_that_was_judged_before_is_no_new_look() -> None:
    ledger = Ledger().with_judged("data", "a").with_judged("data", "b").with_judged("data", "a")
    assert ledger.models("data") == ("a", "b")
    assert ledger.models("other") == ()


def test_two_ledgers_know_what_either_knows() -> None:
    one = Ledger(judged={"x": ("a",), "y": ("b",)})
    two = Ledger(judged={"x": ("c", "a")})
    assert one.merged(two) == Ledger(judged={"x": ("a", "c"), "y": ("b",)})


def test_what_judged_last_outlives_the_bounds() -> None:
    ledger = Ledger(judged={"old": ("a",), "older": ("b",)}).with_judged("old", "c")
    assert ledger.bounded(1, 1) == Ledger(judged={"old": ("c",)})
    assert ledger.bounded(9, 9) == ledger

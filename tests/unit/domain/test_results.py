"""A result that contradicts itself cannot be made."""

from __future__ import annotations

import pytest

from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult, broken


def test_a_check_that_only_warns_cannot_fail() -> None:
    """Else it would count for the reader and not for the verdict."""
    with pytest.raises(ValueError, match="only warns cannot fail"):
        CheckResult(
            id="data.missing",
            area=Area.DATA,
            outcome=Outcome.FAILED,
            severity=Severity.WARN,
            message="",
        )


@pytest.mark.parametrize("check_id", ["missing", "metric.f1", "data.a b", "data.a\n::error::"])
def test_an_id_starts_with_its_area_and_has_no_space(check_id: str) -> None:
    """Ids are public: users mute and link them."""
    with pytest.raises(ValueError, match="check id"):
        CheckResult(id=check_id, area=Area.DATA, outcome=Outcome.PASSED, message="")


def test_what_did_not_hold_fails_or_warns_by_severity() -> None:
    assert broken(Severity.FAIL) is Outcome.FAILED
    assert broken(Severity.WARN) is Outcome.WARNED

"""Every configured check answers exactly once, whatever happens."""

from __future__ import annotations

import pandas as pd
import pytest

from mlci_action import checks
from mlci_action.checks import run_checks, unchecked
from mlci_action.checks.context import DataToCheck
from mlci_action.domain.data_limits import DataChecks, DuplicateLimits, MissingLimits
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult

LIMITS = DataChecks(
    missing=MissingLimits(max_share=0.1, severity=Severity.WARN),
    duplicates=DuplicateLimits(max_share=0.1),
)


def test_every_configured_check_answers_once() -> None:
    data = DataToCheck(frame=pd.DataFrame({"a": [1]}), limits=LIMITS, id="a", schema_failures=())
    ids = [result.id for result in run_checks(data)]
    assert ids == ["data.schema", "data.missing", "data.duplicates", "data.ids"]


def test_a_check_that_crashes_is_errored_and_the_others_still_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One bug of ours must not hide what the other checks found, and never passes."""

    def crash(_: DataToCheck) -> CheckResult:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(checks, "CHECKS", (("data.odd", crash), *checks.CHECKS))
    first, *others = run_checks(DataToCheck(frame=pd.DataFrame({"a": [1]})))
    assert first == CheckResult(
        id="data.odd",
        area=Area.DATA,
        outcome=Outcome.ERRORED,
        message="data.odd crashed: ZeroDivisionError: oh",
    )
    assert [other.outcome for other in others] == [Outcome.PASSED, Outcome.PASSED]


def test_without_a_table_every_configured_check_is_errored() -> None:
    results = unchecked(LIMITS, id_column="a", has_schema=True, message="no data")
    assert [(r.id, r.outcome, r.severity) for r in results] == [
        ("data.schema", Outcome.ERRORED, Severity.FAIL),
        ("data.missing", Outcome.ERRORED, Severity.WARN),
        ("data.duplicates", Outcome.ERRORED, Severity.FAIL),
        ("data.ids", Outcome.ERRORED, Severity.FAIL),
    ]


def test_without_a_table_what_was_not_configured_is_not_answered() -> None:
    assert unchecked(DataChecks(), id_column=None, has_schema=False, message="no data") == ()

"""Do more rows repeat an earlier row than allowed?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlci_action.checks.context import DataToCheck
from mlci_action.checks.duplicates import check_duplicates
from mlci_action.domain.data_limits import DataChecks, DuplicateLimits
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult

FRAME = pd.DataFrame({"id": [1, 2, 3, 4], "a": [1, 1, 1, 2], "b": ["x", "x", "y", "x"]})


def asked(
    max_share: float | None, frame: pd.DataFrame = FRAME, column: str | None = "id"
) -> CheckResult:
    limits = None if max_share is None else DuplicateLimits(max_share=max_share)
    return check_duplicates(
        DataToCheck(frame=frame, limits=DataChecks(duplicates=limits), id=column)
    )


def test_rows_equal_but_for_their_id_are_repeats() -> None:
    assert asked(0.2) == CheckResult(
        id="data.duplicates",
        area=Area.DATA,
        outcome=Outcome.FAILED,
        rows=1,
        observed=0.25,
        limit=0.2,
        message="1 of 4 rows repeat an earlier row: above the limit of 0.2",
    )


def test_without_a_declared_id_every_column_counts() -> None:
    result = asked(0.0, column=None)
    assert (result.outcome, result.rows) == (Outcome.PASSED, 0)


def test_a_share_at_the_limit_holds() -> None:
    assert asked(0.25).outcome is Outcome.PASSED


def test_a_nan_limit_would_fail_not_pass() -> None:
    """The good case is the condition."""
    assert asked(float("nan")).outcome is Outcome.FAILED


def test_without_a_limit_repeats_are_counted_and_decide_nothing() -> None:
    result = asked(None)
    assert (result.outcome, result.severity) == (Outcome.PASSED, Severity.WARN)
    assert result.message == "1 of 4 rows repeat an earlier row, no limit set"


def test_cells_without_a_hash_are_compared_by_their_text() -> None:
    """Parquet columns may hold arrays."""
    frame = pd.DataFrame({"a": [np.array([1, 2]), np.array([1, 2]), np.array([3])]})
    assert asked(0.0, frame).rows == 1


def test_a_table_of_nothing_but_ids_has_no_repeats() -> None:
    assert asked(0.0, FRAME[["id"]]).rows == 0

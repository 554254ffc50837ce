"""Does the declared id name every row once?"""

from __future__ import annotations

import pandas as pd

from mlci_action.checks.context import DataToCheck
from mlci_action.checks.ids import check_ids
from mlci_action.domain.outcomes import Area, Outcome
from mlci_action.domain.results import CheckResult


def asked(ids: list[object], column: str | None = "loan_id") -> CheckResult | None:
    return check_ids(DataToCheck(frame=pd.DataFrame({"loan_id": ids}), id=column))


def test_distinct_ids_hold() -> None:
    assert asked([1, 2, 3]) == CheckResult(
        id="data.ids",
        area=Area.DATA,
        outcome=Outcome.PASSED,
        column="loan_id",
        rows=0,
        message="'loan_id' names every row once",
    )


def test_repeated_and_missing_ids_fail_with_their_counts() -> None:
    result = asked(["a", "a", None, "b"])
    assert result is not None
    assert (result.outcome, result.rows) == (Outcome.FAILED, 2)
    assert "1 rows repeat an earlier id and 1 have none" in result.message


def test_an_id_column_that_is_not_there_could_not_be_judged() -> None:
    result = asked([1], column="loan")
    assert result is not None
    assert result.outcome is Outcome.ERRORED


def test_without_a_declared_id_nothing_is_asked() -> None:
    assert asked([1, 1], column=None) is None

"""Are more values missing than allowed?"""

from __future__ import annotations

import pandas as pd
import pytest

from mlci_action.checks.context import DataToCheck
from mlci_action.checks.missing import check_missing
from mlci_action.domain.data_limits import DataChecks, MissingLimits
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult

FRAME = pd.DataFrame({"age": [1.0, None, 3.0, 4.0], "sex": ["a", "b", None, None]})


def asked(limits: MissingLimits | None, frame: pd.DataFrame = FRAME) -> CheckResult:
    return check_missing(DataToCheck(frame=frame, limits=DataChecks(missing=limits)))


def test_a_column_above_the_limit_fails_and_is_named_with_its_counts() -> None:
    assert asked(MissingLimits(max_share=0.3)) == CheckResult(
        id="data.missing",
        area=Area.DATA,
        outcome=Outcome.FAILED,
        column="sex",
        rows=2,
        observed=0.5,
        limit=0.3,
        message="missing values above the limit: 'sex' 2 of 4",
        evidence={"columns": {"sex": 2}},
    )


def test_a_share_at_the_limit_holds() -> None:
    result = asked(MissingLimits(max_share=0.5))
    assert (result.outcome, result.observed, result.limit) == (Outcome.PASSED, 0.5, 0.5)


def test_a_columns_own_limit_comes_before_the_general_one() -> None:
    """In both directions: stricter fails what the general one allows, looser holds."""
    stricter = MissingLimits(max_share=0.5, columns=(("age", 0.0),))
    assert (asked(stricter).outcome, asked(stricter).column) == (Outcome.FAILED, "age")
    looser = MissingLimits(max_share=0.3, columns=(("sex", 0.5),))
    assert asked(looser).outcome is Outcome.PASSED


def test_only_named_columns_are_judged_without_a_general_limit() -> None:
    result = asked(MissingLimits(columns=(("age", 0.25),)))
    assert result.outcome is Outcome.PASSED
    assert result.message == "missing values stay within the limit in all 1 columns judged"


def test_a_limit_on_a_column_that_is_not_there_could_not_be_judged() -> None:
    """A missing column never passes silently."""
    result = asked(MissingLimits(columns=(("agee", 0.1),)))
    assert result.outcome is Outcome.ERRORED
    assert "did you mean 'age'?" in result.message


def test_severity_warn_warns() -> None:
    result = asked(MissingLimits(max_share=0.0, severity=Severity.WARN))
    assert (result.outcome, result.severity) == (Outcome.WARNED, Severity.WARN)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (FRAME, "missing values, no limit set: 'sex' 2 of 4, 'age' 1 of 4"),
        (FRAME.dropna(), "no missing values"),
    ],
)
def test_without_a_limit_values_are_counted_and_decide_nothing(
    frame: pd.DataFrame, message: str
) -> None:
    result = asked(None, frame)
    assert (result.outcome, result.required, result.message) == (Outcome.PASSED, False, message)


def test_many_broken_columns_are_counted_not_listed() -> None:
    frame = pd.DataFrame({f"c{i}": [None] for i in range(8)})
    assert asked(MissingLimits(max_share=0), frame).message.endswith("and 3 more columns")

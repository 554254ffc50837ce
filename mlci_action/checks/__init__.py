"""Is the data fit to judge a model on? One file per question.

To add a check that compares with the reference: one file here with NAME, ID, HELD and a function
from `Compared` to findings, its name in `domain.data_limits.DEFAULT_CHECKS`, one line in
`CHECKS`, one test file in `tests/unit/checks/`, one row in the README's table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mlci_action.checks import (
    alone,
    categories,
    columns,
    constant,
    correlation,
    dates,
    disguised,
    drift,
    dtype,
    encoding,
    format,  # noqa: A004 - the word of mlci.yml
    keys,
    labels,
    leakage,
    missing_values,
    outliers,
    range,  # noqa: A004 - the word of mlci.yml
    repeats,
    sign,
    spelling,
    spike,
)
from mlci_action.checks.context import DataToCheck
from mlci_action.checks.findings import Compared, Finding
from mlci_action.checks.integrity import check_integrity
from mlci_action.checks.judging import Judge
from mlci_action.checks.schema import check_schema
from mlci_action.checks.time_order import follow_time
from mlci_action.domain.data_limits import DataChecks
from mlci_action.domain.integrity import IntegrityRule
from mlci_action.domain.names import did_you_mean
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult

REFERENCE = "data.reference"
TABLE = "data.table"
SCHEMA = "data.schema"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One question: what is asked beside a reference, and what of the batch by itself.

    `held` answers when nothing was found. `alone` gives None where there is nothing to ask; what it
    answers when nothing was found is `held_alone`.
    """

    name: str
    held: str
    compared: Callable[[Compared], Iterable[Finding]]
    alone: Callable[[DataToCheck], Iterable[Finding] | None] = alone.nothing
    held_alone: str = ""


CHECKS: tuple[Check, ...] = (
    Check(name=columns.NAME, held=columns.HELD, compared=columns.find_columns),
    Check(name=dtype.NAME, held=dtype.HELD, compared=dtype.find_dtype),
    Check(
        name=missing_values.NAME,
        held=missing_values.HELD,
        compared=missing_values.find_missing,
        alone=alone.missing,
        held_alone="missing values stay within their limits",
    ),
    Check(name=disguised.NAME, held=disguised.HELD, compared=disguised.find_disguised),
    Check(name=outliers.NAME, held=outliers.HELD, compared=outliers.find_outliers),
    Check(name=range.NAME, held=range.HELD, compared=range.find_range),
    Check(name=sign.NAME, held=sign.HELD, compared=sign.find_sign),
    Check(name=categories.NAME, held=categories.HELD, compared=categories.find_categories),
    Check(name=spelling.NAME, held=spelling.HELD, compared=spelling.find_spelling),
    Check(name=encoding.NAME, held=encoding.HELD, compared=encoding.find_encoding),
    Check(name=format.NAME, held=format.HELD, compared=format.find_format),
    Check(name=dates.NAME, held=dates.HELD, compared=dates.find_dates),
    Check(name=spike.NAME, held=spike.HELD, compared=spike.find_spike),
    Check(name=constant.NAME, held=constant.HELD, compared=constant.find_constant),
    Check(name=correlation.NAME, held=correlation.HELD, compared=correlation.find_correlation),
    Check(name=drift.NAME, held=drift.HELD, compared=drift.find_drift),
    Check(
        name=repeats.NAME,
        held=repeats.HELD,
        compared=repeats.find_repeats,
        alone=alone.repeats,
        held_alone="no more rows repeat an earlier one than allowed",
    ),
    Check(
        name=keys.NAME,
        held=keys.HELD,
        compared=keys.find_keys,
        alone=alone.ids,
        held_alone="the declared id names every row once",
    ),
    Check(
        name=labels.NAME,
        held=labels.HELD,
        compared=labels.find_labels,
        alone=alone.labels,
        held_alone="no class and no stretch of labels stands out",
    ),
    Check(
        name=leakage.NAME,
        held=leakage.HELD,
        compared=alone.nothing_more,
        alone=alone.leakage,
        held_alone="no column gives the target away",
    ),
)


def run_checks(data: DataToCheck) -> tuple[CheckResult, ...]:
    """One result per column that a check finds wrong, one for a check that finds nothing.

    A check that crashes is `errored`, and the others run.
    """
    compared = data.compared
    judge = Judge(
        limits=data.limits, follows_time="" if compared is None else follow_time(compared)
    )
    return (
        *_unknown_columns(data),
        *_schema(data),
        *_reference(data),
        *(answer for check in CHECKS for answer in _answers(check, data, compared, judge)),
        *check_integrity(data.integrity),
    )


def unchecked(
    limits: DataChecks,
    *,
    id_column: str | None,
    has_schema: bool,
    message: str,
    rules: Sequence[IntegrityRule] = (),
) -> tuple[CheckResult, ...]:
    """Every configured check as `errored`: there was no table to ask."""
    configured = {TABLE: Severity.FAIL}
    if has_schema:
        configured[SCHEMA] = Severity.FAIL
    for check in CHECKS:
        if limits.declared(check.name) and limits.runs(check.name):
            configured[f"data.{check.name}"] = limits.severity(check.name)
    if id_column is not None:
        configured[f"data.{keys.NAME}"] = limits.severity(keys.NAME)
    configured.update({f"data.integrity.{rule.name}": rule.severity for rule in rules})
    return tuple(
        _result(check_id, Outcome.ERRORED, severity, message)
        for check_id, severity in configured.items()
    )


def _answers(
    check: Check, data: DataToCheck, compared: Compared | None, judge: Judge
) -> Iterator[CheckResult]:
    name, limits = check.name, data.limits
    if not limits.runs(name):
        return
    if compared is not None:
        yield from judge.answers(name, check.held, lambda: _findings(check, data, compared))
        return
    if check.alone is not alone.nothing and (by_itself := check.alone(data)) is not None:
        yield from judge.answers(name, check.held_alone, lambda: by_itself)
    elif limits.declared(name):
        why = data.no_reference or "there is no data to compare with"
        yield _result(f"data.{name}", data.unanswered, limits.severity(name), why)


def _findings(check: Check, data: DataToCheck, compared: Compared) -> Iterator[Finding]:
    yield from check.alone(data) or ()
    yield from check.compared(compared)


def _unknown_columns(data: DataToCheck) -> Iterator[CheckResult]:
    """A column that was named and is not there: what rests on it must not pass in silence."""
    known = data.batch.profile.by_name
    for word, column in (("target", data.target), ("time", data.time)):
        if column is not None and column not in known:
            message = f"data.{word}: no column {column!r}; {did_you_mean(column, known)}"
            yield _result(TABLE, Outcome.ERRORED, Severity.FAIL, message)


def _schema(data: DataToCheck) -> Iterator[CheckResult]:
    answer = check_schema(data)
    if answer is not None:
        yield answer


def _reference(data: DataToCheck) -> Iterator[CheckResult]:
    """That there was nothing to compare with is said once, not once per check."""
    if data.reference_problem:
        yield _result(REFERENCE, Outcome.ERRORED, Severity.FAIL, data.reference_problem)
    elif data.reference is None and data.no_reference:
        left_out = sum(
            check.alone is alone.nothing and data.limits.runs(check.name) for check in CHECKS
        )
        message = (
            f"{left_out} checks compare with earlier data and were not run: {data.no_reference}"
        )
        yield _result(REFERENCE, Outcome.NOT_RUN, Severity.WARN, message)


def _result(check_id: str, outcome: Outcome, severity: Severity, message: str) -> CheckResult:
    return CheckResult(
        id=check_id, area=Area.DATA, outcome=outcome, severity=severity, message=message
    )

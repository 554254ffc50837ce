"""Every configured check answers, whatever happens; what was found is taken as it should be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlci_action import checks
from mlci_action.checks import CHECKS, run_checks, unchecked
from mlci_action.checks.findings import Compared, Finding, Kind
from mlci_action.checks.judging import Judge
from mlci_action.domain.data_limits import (
    DEFAULT_CHECKS,
    DataChecks,
    DriftLimits,
    DuplicateLimits,
    MissingLimits,
)
from mlci_action.domain.integrity import parse_rules
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.errors import DatasetError
from tests.unit.checks.asked import asked

LIMITS = DataChecks(
    missing=MissingLimits(max_share=0.1, severity=Severity.WARN),
    duplicates=DuplicateLimits(max_share=0.1),
)
_RANDOM = np.random.default_rng(0)
BEFORE = pd.DataFrame({"x": _RANDOM.normal(size=500), "y": _RANDOM.choice(["a", "b"], 500)})


def outcomes(results: tuple[CheckResult, ...]) -> dict[str, Outcome]:
    return {result.id: result.outcome for result in results}


def test_there_is_one_check_for_each_word_of_the_settings() -> None:
    assert tuple(check.name for check in CHECKS) == DEFAULT_CHECKS


def test_every_configured_check_answers_once() -> None:
    data = asked(limits=LIMITS, id="a", schema_failures=(), no_reference="first run")
    assert outcomes(run_checks(data)) == {
        "data.schema": Outcome.PASSED,
        "data.reference": Outcome.NOT_RUN,
        "data.missing": Outcome.PASSED,
        "data.duplicates": Outcome.PASSED,
        "data.ids": Outcome.PASSED,
    }


def test_beside_a_reference_every_check_answers_and_each_can_be_turned_off() -> None:
    everything = outcomes(run_checks(asked(BEFORE, reference=BEFORE, target="y")))
    assert list(everything) == [f"data.{name}" for name in DEFAULT_CHECKS]
    assert set(everything.values()) == {Outcome.PASSED}
    for name in DEFAULT_CHECKS:
        off = asked(BEFORE, reference=BEFORE, limits=DataChecks(off=frozenset({name})))
        assert f"data.{name}" not in outcomes(run_checks(off))


def test_a_check_that_crashes_is_errored_and_the_others_still_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One bug of ours must not hide what the other checks found, and never passes."""

    def crash(_: Compared) -> list[Finding]:
        raise ZeroDivisionError("oh")

    first, *others = CHECKS
    monkeypatch.setattr(checks, "CHECKS", (replace(first, compared=crash), *others))
    broken, *fine = run_checks(asked(BEFORE, reference=BEFORE))
    assert broken == CheckResult(
        id="data.columns",
        area=Area.DATA,
        outcome=Outcome.ERRORED,
        message="data.columns crashed: ZeroDivisionError: oh",
    )
    assert {result.outcome for result in fine} == {Outcome.PASSED}


def test_a_limit_that_cannot_be_asked_is_errored_with_its_remedy() -> None:
    limits = DataChecks(missing=MissingLimits(columns=(("ag", 0.1),)))
    frame = pd.DataFrame({"age": [1, 2]})
    (result,) = (r for r in run_checks(asked(frame, limits=limits)) if r.id == "data.missing")
    assert result.outcome is Outcome.ERRORED
    assert "'ag' has a limit but is not in the data (did you mean 'age'?)" in result.message


def test_a_reference_that_cannot_be_read_is_no_missing_one() -> None:
    results = run_checks(asked(reference_problem="'old.csv' is empty"))
    assert [(r.id, r.outcome, r.severity) for r in results] == [
        ("data.reference", Outcome.ERRORED, Severity.FAIL)
    ]


def test_what_was_asked_by_name_and_has_no_reference_is_not_run() -> None:
    data = asked(limits=DataChecks(drift=DriftLimits()), no_reference="there is no baseline")
    results = {result.id: result for result in run_checks(data)}
    assert results["data.drift"].outcome is Outcome.NOT_RUN
    assert results["data.drift"].severity is Severity.FAIL
    accepted = replace(data, unanswered=Outcome.WAIVED)
    assert outcomes(run_checks(accepted))["data.drift"] is Outcome.WAIVED


def test_one_wrong_column_is_one_result_with_the_cells_it_means() -> None:
    spoilt = BEFORE.copy()
    spoilt.loc[[3, 9], "x"] = [1e12, 2e12]
    failed = [r for r in run_checks(asked(spoilt, reference=BEFORE)) if r.outcome is Outcome.FAILED]
    assert [(r.id, r.column, r.rows) for r in failed] == [("data.outliers", "x", 2)]
    assert failed[0].cells is not None
    assert failed[0].cells.column == "x"


def judged(kind: Kind, *, settled: bool = False, limits: DataChecks | None = None) -> Outcome:
    finding = Finding(column="x", message="x moved", kind=kind, settled=settled)
    judge = Judge(limits=limits or DataChecks(), follows_time="data.time is 't'")
    (result,) = judge.answers("drift", "held", lambda: [finding])
    return result.outcome


def test_in_time_a_count_only_warns_until_the_owner_declares_a_limit() -> None:
    assert judged(Kind.COUNT) is Outcome.WARNED
    assert judged(Kind.FORM) is Outcome.FAILED
    assert judged(Kind.COUNT, settled=True) is Outcome.FAILED
    assert judged(Kind.COUNT, limits=DataChecks(drift=DriftLimits())) is Outcome.FAILED


def test_a_check_that_the_owner_made_a_warning_never_fails() -> None:
    judge = Judge(limits=DataChecks(severities={"sign": Severity.WARN}))
    (result,) = judge.answers("sign", "held", lambda: [Finding(column="x", message="x")])
    assert (result.outcome, result.severity) == (Outcome.WARNED, Severity.WARN)


def test_a_set_up_that_a_check_refuses_is_no_crash() -> None:
    def refuse() -> list[Finding]:
        raise DatasetError("no column 'x'", hint="name another")

    (result,) = Judge(limits=DataChecks()).answers("ids", "held", refuse)
    assert (result.outcome, result.message) == (Outcome.ERRORED, "no column 'x' (name another)")


def test_without_a_table_every_configured_check_is_errored() -> None:
    results = unchecked(
        LIMITS,
        id_column="a",
        has_schema=True,
        message="no data",
        rules=parse_rules([{"rule": "a <= b", "name": "order", "severity": "warn"}]),
    )
    assert [(r.id, r.outcome, r.severity) for r in results] == [
        ("data.table", Outcome.ERRORED, Severity.FAIL),
        ("data.schema", Outcome.ERRORED, Severity.FAIL),
        ("data.missing", Outcome.ERRORED, Severity.WARN),
        ("data.duplicates", Outcome.ERRORED, Severity.FAIL),
        ("data.ids", Outcome.ERRORED, Severity.FAIL),
        ("data.integrity.order", Outcome.ERRORED, Severity.WARN),
    ]


def test_a_table_that_cannot_be_read_is_an_error_without_any_configured_check() -> None:
    (result,) = unchecked(DataChecks(), id_column=None, has_schema=False, message="no data")
    assert (result.id, result.outcome, result.required) == ("data.table", Outcome.ERRORED, True)


@pytest.mark.parametrize("word", ["target", "time"])
def test_a_named_column_that_is_not_there_never_passes_in_silence(word: str) -> None:
    named: dict[str, Any] = {word: "zz"}
    results = run_checks(asked(BEFORE, reference=BEFORE, **named))
    assert results[0].id == "data.table"
    assert results[0].outcome is Outcome.ERRORED
    assert results[0].message.startswith(f"data.{word}: no column 'zz'")


def test_a_column_of_lists_where_numbers_were_is_of_another_type() -> None:
    lists = BEFORE.assign(x=pd.Series([[1, 2]] * len(BEFORE), dtype=object))
    failed = [r for r in run_checks(asked(lists, reference=BEFORE)) if r.outcome is Outcome.FAILED]
    assert (failed[0].id, failed[0].column, failed[0].rows) == ("data.dtype", "x", 500)
    assert run_checks(asked(lists, reference=lists))[1].outcome is Outcome.PASSED

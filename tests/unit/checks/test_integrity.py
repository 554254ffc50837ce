"""data.integrity.<name>: one answer for each rule."""

from __future__ import annotations

import pytest

from mlci_action.checks.integrity import check_integrity
from mlci_action.domain.integrity import parse_rule
from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult
from mlci_action.profiles.integrity import BrokenRule


def _answer(
    entry: object, *, rows: int = 0, asked: int = 200, note: str = "", problem: str = ""
) -> CheckResult:
    at = tuple(range(rows))
    found = BrokenRule(
        rule=parse_rule(entry), rows=rows, of=200, asked=asked, at=at, note=note, problem=problem
    )
    (result,) = check_integrity([found])
    return result


def test_a_rule_that_holds_has_passed() -> None:
    assert _answer("start <= end") == CheckResult(
        id="data.integrity.start_<=_end",
        area=Area.DATA,
        outcome=Outcome.PASSED,
        message="'start <= end' holds in 200 rows",
        rows=0,
        observed=0.0,
        limit=0.0,
        evidence={"rows": [], "asked": 200},
    )


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("start <= end", "break it"),
        ({"never": "x > 1"}, "break it"),
        ("zip, city -> state", "have another 'state' than most with the same 'zip' and 'city'"),
        (
            {"never": "a.x == b.x and a.y > b.y"},
            "are one of two with the same 'x' that must not be together",
        ),
    ],
)
def test_a_broken_rule_fails_and_says_how(entry: object, said: str) -> None:
    result = _answer(entry, rows=2)
    assert result.outcome is Outcome.FAILED
    assert result.message == f"{parse_rule(entry).text!r}: 2 of 200 rows {said}"
    assert (result.rows, result.observed, result.limit) == (2, 0.01, 0.0)
    assert result.evidence == {"rows": [0, 1], "asked": 200}


def test_a_rule_may_be_broken_up_to_its_share() -> None:
    entry = {"rule": "x > 1", "max_share": 0.01}
    within, above = _answer(entry, rows=2), _answer(entry, rows=3)
    assert within.outcome is Outcome.PASSED
    assert within.message == "'x > 1': 2 of 200 rows break it, within the limit of 0.01"
    assert above.outcome is Outcome.FAILED
    assert above.message == "'x > 1': 3 of 200 rows break it, above the limit of 0.01"


def test_a_rule_that_only_warns_cannot_fail() -> None:
    result = _answer({"rule": "x > 1", "severity": "warn", "name": "x is large"}, rows=1)
    assert (result.id, result.outcome) == ("data.integrity.x_is_large", Outcome.WARNED)
    assert result.severity is Severity.WARN


def test_what_was_not_looked_at_is_said() -> None:
    assert _answer("x > 1", note="only some").message.endswith("; only some")


@pytest.mark.parametrize("problem", ["", "no column 'x'"])
def test_a_rule_that_cannot_be_asked_is_an_error(problem: str) -> None:
    result = _answer("x > 1", asked=0, problem=problem)
    assert result.outcome is Outcome.ERRORED
    assert result.message == (
        problem or "data.integrity 'x > 1': no row has all the values that it needs"
    )
    assert (result.rows, result.observed, result.evidence) == (None, None, {})


def test_each_rule_has_an_answer() -> None:
    rules = [BrokenRule(rule=parse_rule(text), of=1, asked=1) for text in ("x > 1", "y > 1")]
    assert [result.id for result in check_integrity(rules)] == [
        "data.integrity.x_>_1",
        "data.integrity.y_>_1",
    ]

"""What turns the step red, case by case."""

from __future__ import annotations

import pytest

from mlci_action.domain.fail_on import FailOn, turns_red
from mlci_action.domain.outcomes import Verdict

# Rows: verdict and exit code; columns: fail-on fail, inconclusive, error, never.
_TABLE = """
pass         0    green green green green
inconclusive 1    green red   green green
fail         1    red   red   green green
error        2    red   red   red   green
error        3    red   red   red   red
error        130  red   red   red   red
error        143  red   red   red   red
"""
_COLUMNS = (FailOn.FAIL, FailOn.INCONCLUSIVE, FailOn.ERROR, FailOn.NEVER)
_CASES = [
    (fail_on, Verdict(verdict), int(code), colour)
    for verdict, code, *colours in map(str.split, _TABLE.strip().splitlines())
    for fail_on, colour in zip(_COLUMNS, colours, strict=True)
]


@pytest.mark.parametrize(("fail_on", "verdict", "exit_code", "colour"), _CASES)
def test_the_step_has_the_colour_of_the_table(
    fail_on: FailOn, verdict: Verdict, exit_code: int, colour: str
) -> None:
    assert turns_red(fail_on, verdict, exit_code) is (colour == "red")


def test_the_table_names_every_verdict_and_every_fail_on() -> None:
    assert {(fail_on, verdict) for fail_on, verdict, _, _ in _CASES} == {
        (fail_on, verdict) for fail_on in FailOn for verdict in Verdict
    }


@pytest.mark.parametrize("fail_on", FailOn)
@pytest.mark.parametrize(
    ("verdict", "exit_code"),
    [(Verdict.PASS, 1), (Verdict.PASS, 2), (Verdict.FAIL, 0), (Verdict.INCONCLUSIVE, 0),
     (Verdict.ERROR, 0), (Verdict.ERROR, 1), (Verdict.PASS, 3), (Verdict.PASS, -9)],
)  # fmt: skip
def test_an_exit_code_that_is_not_the_verdicts_own_is_red(
    fail_on: FailOn, verdict: Verdict, exit_code: int
) -> None:
    assert turns_red(fail_on, verdict, exit_code) is True

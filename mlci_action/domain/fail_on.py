"""Does this answer turn the step red? The owner's `fail-on`, apart from the verdict itself."""

from __future__ import annotations

from enum import StrEnum

from mlci_action.domain.outcomes import Verdict


class FailOn(StrEnum):
    """The mildest verdict that turns the step red: `fail` leaves `inconclusive` green."""

    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    NEVER = "never"


# What the command line exits with; 3 is a bug of ours.
EXIT_CODES = {Verdict.PASS: 0, Verdict.INCONCLUSIVE: 1, Verdict.FAIL: 1, Verdict.ERROR: 2}
BUG_EXIT_CODE = 3
_RED = {
    FailOn.FAIL: {Verdict.FAIL, Verdict.ERROR},
    FailOn.INCONCLUSIVE: {Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR},
    FailOn.ERROR: {Verdict.ERROR},
    FailOn.NEVER: set[Verdict](),
}


def turns_red(fail_on: FailOn, verdict: Verdict, exit_code: int) -> bool:
    """Whether the step fails. An exit code that is not the verdict's own is always red.

    That is a bug of ours (3), a failed install, a signal, or a verdict that something else wrote.
    """
    return exit_code != EXIT_CODES[verdict] or verdict in _RED[fail_on]

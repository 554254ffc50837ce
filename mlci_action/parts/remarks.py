"""What must a reader know of the baseline and of the evaluation set? Their age and their wear."""

from __future__ import annotations

from datetime import date, datetime

from mlci_action.domain.outcomes import Area, Outcome, Severity
from mlci_action.domain.results import CheckResult

DEFAULT_MAX_AGE_DAYS = 365.0
_EVEN = 0.5


def age_in_days(modified: str | None, today: date) -> int | None:
    """How old something is that was made at an ISO 8601 time; None where nobody can tell."""
    if modified is None:
        return None
    try:
        made = datetime.fromisoformat(modified).date()
    except ValueError:
        return None
    return max((today - made).days, 0)


def stale(age_days: int | None, source: str, max_age_days: float | None) -> tuple[CheckResult, ...]:
    """A warning where the baseline is older than it may be."""
    most = DEFAULT_MAX_AGE_DAYS if max_age_days is None else max_age_days
    if age_days is None or age_days <= most:
        return ()
    return (
        CheckResult(
            id="provenance.baseline_age",
            area=Area.PROVENANCE,
            outcome=Outcome.WARNED,
            severity=Severity.WARN,
            observed=float(age_days),
            limit=most,
            message=f"the baseline {source} is {age_days:,} days old, more than {most:g}:"
            " promote a model that passes, or say baseline.max_age_days",
        ),
    )


def lucky_pass(judged: int, confidence: float) -> float:
    """The chance that of so many candidates, each exactly as bad as its margin forbids, one passed.

    Each passes with (1 - confidence) / 2, the chance of one side of its interval. The candidates
    are taken as independent; where each learns from the answers to those before, it is higher
    (Dwork et al., The reusable holdout, Science 2015).
    """
    return 1 - (1 - (1 - confidence) / 2) ** judged


def worn(judged: int, confidence: float) -> tuple[CheckResult, ...]:
    """A warning where an evaluation set has judged so many candidates that luck is as likely."""
    chance = lucky_pass(judged, confidence)
    if not chance >= _EVEN:
        return ()
    return (
        CheckResult(
            id="provenance.test_set",
            area=Area.PROVENANCE,
            outcome=Outcome.WARNED,
            severity=Severity.WARN,
            observed=float(judged),
            message=f"this evaluation set has judged {judged:,} different models: had each been"
            f" just too bad to pass, one would have passed by luck with a chance of {chance:.0%};"
            " judge on fresh rows",
        ),
    )

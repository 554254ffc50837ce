"""What does the run's page say beside the code? One verdict and the few worst warnings."""

from __future__ import annotations

from dataclasses import dataclass

from mlci_action.domain.outcomes import AnnotationLevel, Outcome, Verdict
from mlci_action.domain.report import Report
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.wording import by_severity, deploy_words, outcome_words

# The runner keeps ten of a level per step and says nothing about the rest.
MAX_WARNINGS = 9
_MAX_TITLE, _MAX_MESSAGE = 120, 1_000
_LOUD = (Outcome.ERRORED, Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.NOT_RUN, Outcome.WARNED)


_VERDICT_LEVELS = {
    Verdict.PASS: AnnotationLevel.NOTICE,
    Verdict.INCONCLUSIVE: AnnotationLevel.WARNING,
    Verdict.FAIL: AnnotationLevel.ERROR,
    Verdict.ERROR: AnnotationLevel.ERROR,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotation:
    """One annotation; both texts are one line without control characters, not yet escaped."""

    level: AnnotationLevel
    title: str
    message: str


def render_annotations(report: Report) -> tuple[Annotation, ...]:
    """The verdict first, then the most severe of what did not hold: ten in all at most."""
    decision = report.decision
    verdict = Annotation(
        level=_VERDICT_LEVELS[decision.verdict],
        title=f"mlci: {decision.verdict.value}",
        message=_message(f"{deploy_words(report)}: {'; '.join(decision.reasons[:1])}"),
    )
    room = MAX_WARNINGS - (verdict.level is AnnotationLevel.WARNING)
    told = set(decision.reasons[:1])
    checks = []
    for check in by_severity(report.checks):
        worth_it = check.outcome in _LOUD and (check.required or check.outcome is Outcome.WARNED)
        if worth_it and check.message not in told:
            told.add(check.message)
            checks.append(check)
    warnings = [
        Annotation(
            level=AnnotationLevel.WARNING,
            title=one_line(f"mlci: {outcome_words(check.outcome)}: {check.id}", _MAX_TITLE),
            message=_message(check.message),
        )
        for check in checks
    ]
    if len(warnings) > room:
        more = Annotation(
            level=AnnotationLevel.WARNING,
            title="mlci: more",
            message=f"+{len(warnings) - room + 1:,} more in the summary",
        )
        warnings = [*warnings[: room - 1], more]
    return (verdict, *warnings)


def _message(text: str) -> str:
    return one_line(text, _MAX_MESSAGE)

"""What does the run's page say beside the code? One verdict and the few worst warnings.

And, on lines that the change touches, what is wrong with the data there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mlci_action.domain.outcomes import WORST_FIRST, AnnotationLevel, Outcome, Verdict
from mlci_action.domain.places import Located
from mlci_action.domain.report import Report
from mlci_action.domain.results import CheckResult
from mlci_action.rendering.check_words import what_is_wrong
from mlci_action.rendering.findings import places_of
from mlci_action.rendering.plain import one_line
from mlci_action.rendering.wording import by_severity, deploy_words, outcome_words, with_its_kind

# By file, relative to the repository, the lines that a change adds or edits, in ascending order.
ChangedLines: TypeAlias = Mapping[str, Sequence[range]]

# The runner keeps ten of a level per step and says nothing about the rest.
MAX_WARNINGS = 9
# So lines of data are errors and notices: the warnings are taken. Of the ten errors one is the
# verdict and one may be the runner's own, for a step that crashed; of the notices one is a verdict
# that passed. Together they are ten at most, and the last one counts what is left out.
MAX_LINES, _MAX_LINE_ERRORS, _MAX_LINE_NOTICES = 10, 8, 9
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
    """One annotation; both texts are one line without control characters, not yet escaped.

    `file` and `line` say where it stands; None: on the run's page alone.
    """

    level: AnnotationLevel
    title: str
    message: str
    file: str | None = None
    line: int | None = None


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
    groups = with_its_kind(checks)
    warnings = [
        Annotation(
            level=AnnotationLevel.WARNING,
            title=one_line(f"mlci: {outcome_words(first.outcome)}: {first.id}", _MAX_TITLE),
            message=_message(first.message, more=len(others)),
        )
        for first, *others in groups
    ]
    if len(warnings) > room:
        left_out = sum(map(len, groups[room - 1 :]))
        more = Annotation(
            level=AnnotationLevel.WARNING,
            title="mlci: more",
            message=f"+{left_out:,} more in the summary",
        )
        warnings = [*warnings[: room - 1], more]
    return (verdict, *warnings)


def render_row_annotations(
    located: Iterable[Located], changed: ChangedLines, checks: Iterable[CheckResult]
) -> tuple[Annotation, ...]:
    """What is wrong with the data on lines that the change touches: ten lines at most.

    The worst checks come first, and the first line of each before the second of any. Nothing that
    stands in a cell is told, only the column and what the check asks.
    """
    lines: dict[tuple[str, int], list[CheckResult]] = {}
    for _, line, check in sorted(_meant(located, changed, checks), key=lambda found: found[0]):
        lines.setdefault(line, []).append(check)
    failing = sum(found[0].outcome is Outcome.FAILED for found in lines.values())
    errors = min(failing, _MAX_LINE_ERRORS)
    shown = list(lines.items())[: min(MAX_LINES, errors + _MAX_LINE_NOTICES)]
    left_out = len(lines) - len(shown)
    return tuple(
        Annotation(
            level=AnnotationLevel.ERROR if place < errors else AnnotationLevel.NOTICE,
            title=one_line(f"mlci: {', '.join(check.id for check in found)}", _MAX_TITLE),
            message=_row_message(found, left_out if place == len(shown) - 1 else 0),
            file=file,
            line=line,
        )
        for place, ((file, line), found) in enumerate(shown)
    )


def _meant(
    located: Iterable[Located], changed: ChangedLines, checks: Iterable[CheckResult]
) -> Iterator[tuple[tuple[int, int, int], tuple[str, int], CheckResult]]:
    """Each changed line that a check means, with the order in which it is to be told."""
    places = places_of(located)
    wrong = [check for check in checks if check.outcome in (Outcome.FAILED, Outcome.WARNED)]
    for order, check in enumerate(by_severity(wrong)):
        lines: dict[tuple[str, int], None] = {}
        for place in places.get((check.id, check.column), ()):
            if place.line is not None and _holds(changed.get(place.file, ()), place.line):
                lines[place.file, place.line] = None
        for turn, line in enumerate(lines):
            yield (WORST_FIRST.index(check.outcome), turn, order), line, check


def _holds(ranges: Sequence[range], line: int) -> bool:
    before = bisect_right(ranges, line, key=lambda lines: lines.start)
    return before > 0 and line in ranges[before - 1]


def _row_message(checks: Sequence[CheckResult], left_out: int) -> str:
    said = [
        f"{'' if check.column is None else f'column {one_line(check.column, 80)!r}: '}"
        f"{what_is_wrong(check)}"
        for check in checks
    ]
    more = f" ({left_out:,} more of the changed lines are in report.sarif)" if left_out else ""
    return one_line("; ".join(said), _MAX_MESSAGE - len(more)) + more


def _message(text: str, more: int = 0) -> str:
    end = "" if not more else f" (and {more:,} more like it)"
    return one_line(text, _MAX_MESSAGE - len(end)) + end
